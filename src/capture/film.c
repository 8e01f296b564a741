#include "capture/film.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/series.h"
#include "capture/frames.h"
#include "capture/gif.h"
#include "capture/new_name.h"
#include "capture/video.h"

const FilmType *const film_types[] = {&gif_film,  &mp4_film,    &webm_film,
                                      &webp_film, &frames_film, NULL};

const FilmType *film_type_of(const char *path, Error *error) {
    char suffixes[128] = "";
    for (const FilmType *const *type = film_types; *type; type++) {
        if (file_ends_in(path, (*type)->suffix)) {
            SeriesName name;
            if (*type == &frames_film && !series_name(&name, path, error)) return NULL;
            return *type;
        }
        strncat(suffixes, type == film_types ? "" : ", ", sizeof suffixes - strlen(suffixes) - 1);
        strncat(suffixes, (*type)->suffix, sizeof suffixes - strlen(suffixes) - 1);
    }
    error_set(error, "%.300s: the name must end in one of %s", path, suffixes);
    return NULL;
}

/// Of a film that has no name yet.
typedef struct FilmDraft {
    NewName name;
    char path[NEW_NAME_MAX + 16]; // where it is written to
} FilmDraft;

static bool begin_draft(FilmDraft *draft, const FilmDesc *desc, Error *error) {
    const bool is_folder = desc->type == &frames_film;
    if (!new_name_begin(&draft->name, desc->folder, desc->name, is_folder ? "" : desc->type->suffix,
                        error))
        return false;
    strcpy(draft->path, draft->name.draft);
    if (is_folder) strcat(draft->path, "/%04d.png");
    return true;
}

static void end_draft(FilmDraft *draft) {
    if (draft) new_name_end(&draft->name);
    free(draft);
}

/// Messages are to speak of the name that it is to get.
static bool passed(const Film *film, bool good, Error *error) {
    if (!good && film->draft) new_name_blame(&film->draft->name, error);
    return good;
}

static Film *create(const FilmType *type, const FilmDesc *desc, Error *error) {
    Film *film = type ? type->create(desc, error) : NULL;
    if (!film) return NULL;
    film->type = type;
    film->desc = *desc;
    return film;
}

static Film *create_new(const FilmDesc *desc, Error *error) {
    FilmDraft *draft = calloc(1, sizeof *draft);
    if (!draft) {
        error_set(error, "%s: out of memory", desc->folder);
        return NULL;
    }
    Film *film = NULL;
    if (begin_draft(draft, desc, error)) {
        FilmDesc hidden = *desc;
        hidden.path = draft->path;
        film = create(desc->type, &hidden, error);
        if (!film) new_name_blame(&draft->name, error);
    }
    if (film)
        film->draft = draft;
    else
        end_draft(draft);
    return film;
}

Film *film_create(const FilmDesc *desc, Error *error) {
    assert(desc->width > 0 && desc->height > 0 && desc->fps > 0);
    return desc->path ? create(film_type_of(desc->path, error), desc, error)
                      : create_new(desc, error);
}

bool film_add(Film *film, const uint8_t *rgba, Error *error) {
    return passed(film, film->type->add(film, rgba, error), error);
}

bool film_repeat(Film *film, int n, Error *error) {
    return passed(film, n <= 0 || film->type->repeat(film, n, error), error);
}

bool film_finish(Film *film, double hold, Error *error) {
    film->finished = passed(film, film->type->finish(film, hold, error), error) &&
                     (!film->draft || new_name_take(&film->draft->name, error));
    return film->finished;
}

int film_beyond(const Film *film, char *names, size_t size) {
    return film->type->beyond ? film->type->beyond(film, names, size) : 0;
}

const char *film_path(const Film *film) {
    return film->draft ? film->draft->name.path : film->desc.path;
}

void film_destroy(Film *film) {
    if (!film) return;
    FilmDraft *draft = film->draft;
    film->type->destroy(film);
    end_draft(draft);
}
