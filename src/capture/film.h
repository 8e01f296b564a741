/// Films: pictures in, one file out (or a numbered one a picture). What they have in common; each
/// kind of file is a FilmType in a source of its own.
///
/// A film under way is in no file that the user named: it gets that name when it is complete.
#ifndef CAPTURE_FILM_H
#define CAPTURE_FILM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct FilmType FilmType;

/// What a film is to be, and where.
typedef struct FilmDesc {
    const char *path; // its name, whose end says its kind; borrowed
    // In place of path: it gets a name that nothing has, "FOLDER/saddle-NAME-N" (see new_name.h);
    // numbered pictures get a folder of that name. Borrowed.
    const char *folder, *name;
    const FilmType *type;
    int width, height; // of every picture, at least 1
    double fps;        // pictures a second, more than 0
    bool live;         // pictures come as time goes by: larger files, sooner
} FilmDesc;

typedef struct Film Film;

struct FilmType {
    const char *suffix, *description;
    double fps_max; // what the format can say
    Film *(*create)(const FilmDesc *desc, Error *error);
    bool (*add)(Film *film, const uint8_t *rgba, Error *error);
    bool (*repeat)(Film *film, int n, Error *error);
    bool (*finish)(Film *film, double hold, Error *error);
    int (*beyond)(const Film *film, char *names, size_t size); // NULL: 0
    void (*destroy)(Film *film);
};

/// What every kind's own struct begins with.
struct Film {
    const FilmType *type;
    FilmDesc desc; // path: where it is written to
    bool finished;
    struct FilmDraft *draft; // NULL where the path was given
};

/// All kinds, ended by NULL.
extern const FilmType *const film_types[];

/// The kind that a file's name asks for by its end, or NULL with error set, naming those there are.
const FilmType *film_type_of(const char *path, Error *error);

/// @return NULL with "NAME: WHY" in error: nothing was left behind
Film *film_create(const FilmDesc *desc, Error *error);
/// Adds a picture.  @param rgba  (height, width), rows from the top; copied
/// @return false with "NAME: WHY" in error: the film can only be destroyed
bool film_add(Film *film, const uint8_t *rgba, Error *error);
/// Adds the last picture n times more, at less cost than film_add has.  @param n  0 or more
bool film_repeat(Film *film, int n, Error *error);
/// Completes it, the last picture staying for `hold` seconds more. Then it can only be destroyed.
bool film_finish(Film *film, double hold, Error *error);
/// How many numbered pictures lie beyond the last one of a finished film: those were there before,
/// and stay.  @param names  written where it is not 0: "a7.png", or "a7.png to a9.png"
int film_beyond(const Film *film, char *names, size_t size);
/// Where a finished one lies, as long as it was not destroyed.
const char *film_path(const Film *film);
/// Gives up what is not finished, leaving nothing behind. NULL is fine.
void film_destroy(Film *film);

#endif
