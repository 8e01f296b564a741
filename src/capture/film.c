#include "capture/film.h"

#include <assert.h>
#include <string.h>

#include "base/file.h"
#include "capture/frames.h"
#include "capture/gif.h"
#include "capture/video.h"

const FilmType *const film_types[] = {&gif_film,  &mp4_film,    &webm_film,
                                      &webp_film, &frames_film, NULL};

const FilmType *film_type_of(const char *path, Error *error) {
    char suffixes[128] = "";
    for (const FilmType *const *type = film_types; *type; type++) {
        if (file_ends_in(path, (*type)->suffix)) {
            if (*type == &frames_film && !frames_named(path, error)) return NULL;
            return *type;
        }
        strncat(suffixes, type == film_types ? "" : ", ", sizeof suffixes - strlen(suffixes) - 1);
        strncat(suffixes, (*type)->suffix, sizeof suffixes - strlen(suffixes) - 1);
    }
    error_set(error, "%.300s: the name must end in one of %s", path, suffixes);
    return NULL;
}

Film *film_create(const FilmDesc *desc, Error *error) {
    assert(desc->width > 0 && desc->height > 0 && desc->fps > 0);
    const FilmType *type = film_type_of(desc->path, error);
    Film *film = type ? type->create(desc, error) : NULL;
    if (!film) return NULL;
    film->type = type;
    film->desc = *desc;
    return film;
}

bool film_add(Film *film, const uint8_t *rgba, Error *error) {
    return film->type->add(film, rgba, error);
}

bool film_repeat(Film *film, int n, Error *error) {
    return n <= 0 || film->type->repeat(film, n, error);
}

bool film_finish(Film *film, double hold, Error *error) {
    return film->type->finish(film, hold, error);
}

void film_destroy(Film *film) {
    if (film) film->type->destroy(film);
}
