#include "capture/frames.h"

#include <limits.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/series.h"
#include "capture/png_file.h"

typedef struct Frames {
    Film film; // first
    Series series;
} Frames;

static void frames_destroy(Film *film) {
    Frames *frames = (Frames *)film;
    series_close(&frames->series, film->finished);
    free(frames);
}

static Film *frames_create(const FilmDesc *desc, Error *error) {
    Frames *frames = calloc(1, sizeof *frames);
    if (!frames) {
        error_set(error, "%s: out of memory", desc->path);
        return NULL;
    }
    if (series_open(&frames->series, desc->path, desc->folder != NULL, error)) return &frames->film;
    free(frames);
    return NULL;
}

static bool frames_add(Film *film, const uint8_t *rgba, Error *error) {
    Frames *frames = (Frames *)film;
    FILE *stream = series_begin(&frames->series, error);
    if (!stream) return false;
    const PngDesc desc = {
        .width = film->desc.width, .height = film->desc.height, .quick = film->desc.live};
    Error why;
    // A full disk: ending the file knows the reason.
    if (png_write_to(stream, rgba, &desc, &why) || ferror(stream))
        return series_end(&frames->series, stream, error);
    fclose(stream);
    return error_set(error, "%s: cannot write: %s", film->desc.path, why.text);
}

/// Copies of the last file: packing the picture again would take much longer.
static bool frames_repeat(Film *film, int n, Error *error) {
    Frames *frames = (Frames *)film;
    char path[PATH_MAX];
    size_t size;
    char *bytes =
        series_draft(&frames->series, atomic_load(&frames->series.count) - 1, path, sizeof path)
            ? file_read(path, SIZE_MAX - 1, &size, error)
            : NULL;
    bool good = bytes != NULL;
    for (; n > 0 && good; n--) {
        FILE *stream = series_begin(&frames->series, error);
        if (stream) fwrite(bytes, 1, size, stream);
        good = stream && series_end(&frames->series, stream, error);
    }
    free(bytes);
    return good;
}

static bool frames_finish(Film *film, double hold, Error *error) {
    (void)hold; // pictures alone have no time
    return series_commit(&((Frames *)film)->series, error);
}

static int frames_beyond(const Film *film, char *names, size_t size) {
    const Series *series = &((const Frames *)film)->series;
    const int beyond = series_beyond(series), first = atomic_load(&series->count);
    char from[PATH_MAX], to[PATH_MAX];
    if (beyond == 0 || !series_path(series, first, from, sizeof from) ||
        !series_path(series, first + beyond - 1, to, sizeof to))
        return 0;
    if (beyond > 1)
        snprintf(names, size, "%s to %s", from, to);
    else
        snprintf(names, size, "%s", from);
    return beyond;
}

const FilmType frames_film = {
    .suffix = ".png",
    .description = "numbered PNG pictures, as frames/%04d.png",
    .fps_max = 1e9,
    .create = frames_create,
    .add = frames_add,
    .repeat = frames_repeat,
    .finish = frames_finish,
    .beyond = frames_beyond,
    .destroy = frames_destroy,
};
