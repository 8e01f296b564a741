// Each picture is complete in its file when the next one comes. Where the film is given up, those
// that it wrote are taken away again.
#include "capture/frames.h"

#include <ctype.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "capture/png_file.h"

enum { DIGITS_MAX = 9 };

typedef struct Frames {
    Film film;                   // first
    char before[PATH_MAX], *end; // the name around its number
    int digits;
    atomic_int count;
    bool finished;
} Frames;

// The one under way, for frames_discard_all in a signal handler.
static Frames *_Atomic running;

/// The name of a picture, made by hand: in a signal handler nothing else is allowed.
/// @return false where it is too long
static bool name_of(const Frames *frames, int number, char *path, size_t size) {
    char digits[16];
    int n = 0;
    for (int rest = number; rest > 0 || n < frames->digits || n == 0; rest /= 10)
        digits[n++] = (char)('0' + rest % 10);
    const size_t before = strlen(frames->before), end = strlen(frames->end);
    if (before + (size_t)n + end >= size) return false;
    memcpy(path, frames->before, before);
    for (int i = 0; i < n; i++) path[before + (size_t)i] = digits[n - 1 - i];
    memcpy(path + before + n, frames->end, end + 1);
    return true;
}

static void discard(const Frames *frames) {
    char path[PATH_MAX];
    for (int i = 0; i < frames->count; i++) {
        if (name_of(frames, i, path, sizeof path)) unlink(path);
    }
}

void frames_discard_all(void) {
    const Frames *frames = atomic_load(&running);
    if (frames) discard(frames);
}

/// Splits "a%04d.png" around its one number.
static bool read_pattern(Frames *frames, const char *pattern, Error *error) {
    const size_t length = strlen(pattern);
    if (length >= sizeof frames->before)
        return error_set(error, "%.100s…: the name is too long", pattern);
    memcpy(frames->before, pattern, length + 1);
    char *slash = strrchr(frames->before, '/'), *at = strchr(frames->before, '%');
    char *number = at && at > slash ? at + 1 : NULL; // a folder is not numbered
    long digits = number && isdigit((unsigned char)*number) ? strtol(number, &number, 10) : 0;
    const bool fine = number && *number == 'd' && digits <= DIGITS_MAX && !strchr(number, '%');
    if (!fine) {
        return error_set(
            error, "%.300s: pictures are numbered, so the name (not a folder's) needs a %%04d",
            pattern);
    }
    frames->digits = (int)digits;
    frames->end = number + 1;
    *at = '\0';
    return true;
}

bool frames_named(const char *pattern, Error *error) {
    Frames parts = {0};
    return read_pattern(&parts, pattern, error);
}

static void frames_destroy(Film *film) {
    Frames *frames = (Frames *)film;
    atomic_store(&running, NULL);
    if (!frames->finished) discard(frames);
    free(frames);
}

static Film *frames_create(const FilmDesc *desc, Error *error) {
    Frames *frames = calloc(1, sizeof *frames);
    if (!frames) {
        error_set(error, "%s: out of memory", desc->path);
        return NULL;
    }
    if (!read_pattern(frames, desc->path, error)) {
        free(frames);
        return NULL;
    }
    atomic_store(&running, frames);
    return &frames->film;
}

static bool frames_add(Film *film, const uint8_t *rgba, Error *error) {
    Frames *frames = (Frames *)film;
    char path[PATH_MAX];
    if (!name_of(frames, frames->count, path, sizeof path))
        return error_set(error, "%s: the name is too long", film->desc.path);
    if (!png_save(path, rgba, film->desc.width, film->desc.height, error)) return false;
    frames->count++;
    return true;
}

/// Copies of the last file: packing the picture again would take much longer.
static bool frames_repeat(Film *film, int n, Error *error) {
    Frames *frames = (Frames *)film;
    char path[PATH_MAX];
    size_t size;
    char *bytes = name_of(frames, frames->count - 1, path, sizeof path)
                      ? file_read(path, SIZE_MAX - 1, &size, error)
                      : NULL;
    bool good = bytes != NULL;
    for (; n > 0 && good; n--) {
        FileWriter writer;
        good = name_of(frames, frames->count, path, sizeof path) && file_open(&writer, path, error);
        if (!good) break;
        fwrite(bytes, 1, size, writer.stream);
        good = file_commit(&writer, error);
        if (good) frames->count++;
    }
    free(bytes);
    return good;
}

static bool frames_finish(Film *film, double hold, Error *error) {
    (void)hold, (void)error; // pictures alone have no time
    atomic_store(&running, NULL);
    ((Frames *)film)->finished = true;
    return true;
}

const FilmType frames_film = {
    .suffix = ".png",
    .description = "numbered PNG pictures, as frames/%04d.png",
    .fps_max = 1e9,
    .create = frames_create,
    .add = frames_add,
    .repeat = frames_repeat,
    .finish = frames_finish,
    .destroy = frames_destroy,
};
