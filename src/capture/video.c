// Ffmpeg writes into the temporary file, which gets its name when ffmpeg has ended well.
#include "capture/video.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/process.h"

enum { ARGUMENTS_MAX = 64 };

typedef struct Video {
    Film film; // first
    FileWriter writer;
    char *output; // the temporary file, as ffmpeg is told of it
    Process process;
    uint8_t *last; // (height, width) RGBA, to hold it
    const char *arguments[ARGUMENTS_MAX + 1];
    int n_arguments;
    char size[32], rate[32];
} Video;

static void say(Video *video, const char *const *arguments) {
    for (; *arguments; arguments++) {
        assert(video->n_arguments < ARGUMENTS_MAX);
        video->arguments[video->n_arguments++] = *arguments;
    }
}

static void video_destroy(Film *film) {
    Video *video = (Video *)film;
    process_kill(&video->process);
    file_discard(&video->writer);
    free(video->output);
    free(video->last);
    free(video);
}

/// A file's name that ffmpeg takes for neither an option ("-x.mp4") nor a protocol ("12:30.mp4").
/// @return freed by the caller; NULL: memory is short
static char *plain_name(const char *path) {
    static const char here[] = "./";
    const size_t length = path[0] == '/' ? 0 : sizeof here - 1, rest = strlen(path) + 1;
    char *name = malloc(length + rest);
    if (!name) return NULL;
    memcpy(name, here, length);
    memcpy(name + length, path, rest);
    return name;
}

/// @param format  of the file, and how its pictures are packed
/// @param live    what is added where there is little time for it
static Film *create(const FilmDesc *desc, const char *const *format, const char *const *live,
                    Error *error) {
    if (!process_exists("ffmpeg")) {
        error_set(error,
                  "%s: needs the program ffmpeg, which is not installed (apt install ffmpeg); "
                  ".gif needs none",
                  desc->path);
        return NULL;
    }
    Video *video = calloc(1, sizeof *video);
    const size_t bytes = (size_t)desc->width * (size_t)desc->height * 4;
    if (video) video->last = malloc(bytes);
    if (!video || !video->last) {
        free(video);
        error_set(error, "%s: out of memory", desc->path);
        return NULL;
    }
    if (!file_open(&video->writer, desc->path, error)) {
        video_destroy(&video->film);
        return NULL;
    }
    if (!video->writer.temporary) { // what was written at first is to be completed at the end
        error_set(error, "%s: a video needs a regular file", desc->path);
        video_destroy(&video->film);
        return NULL;
    }
    snprintf(video->size, sizeof video->size, "%dx%d", desc->width, desc->height);
    snprintf(video->rate, sizeof video->rate, "%.9g", desc->fps);
    // -xerror: else a full disk passes for success. The same pictures give the same bytes.
    say(video,
        (const char *[]){"ffmpeg",  "-hide_banner", "-nostats",  "-loglevel",     "error",
                         "-xerror", "-y",           "-f",        "rawvideo",      "-pix_fmt",
                         "rgba",    "-s",           video->size, "-framerate",    video->rate,
                         "-i",      "pipe:0",       "-an",       "-map_metadata", "-1",
                         "-fflags", "+bitexact",    "-flags:v",  "+bitexact",     NULL});
    say(video, format);
    if (desc->live) say(video, live); // what is said last holds
    video->output = plain_name(video->writer.temporary);
    if (!video->output) {
        error_set(error, "%s: out of memory", desc->path);
        video_destroy(&video->film);
        return NULL;
    }
    say(video, (const char *[]){video->output, NULL});
    if (process_start(&video->process, video->arguments, error)) return &video->film;
    video_destroy(&video->film);
    return NULL;
}

/// Waits for ffmpeg's end.  @return false with its own words why, about the name that was asked for
static bool end(Video *video, Error *error) {
    Error why;
    if (process_end(&video->process, &why)) return true;
    error_replace(&why, video->output, video->film.desc.path);
    return error_set(error, "%s: %s", video->film.desc.path, why.text);
}

/// Ffmpeg takes no more pictures.
static bool fail(Video *video, Error *error) {
    return end(video, error) &&
           error_set(error, "%s: ffmpeg ended before the film did", video->film.desc.path);
}

static bool video_add(Film *film, const uint8_t *rgba, Error *error) {
    Video *video = (Video *)film;
    const size_t bytes = (size_t)film->desc.width * (size_t)film->desc.height * 4;
    memcpy(video->last, rgba, bytes);
    return process_write(&video->process, rgba, bytes) || fail(video, error);
}

static bool video_repeat(Film *film, int n, Error *error) {
    Video *video = (Video *)film;
    const size_t bytes = (size_t)film->desc.width * (size_t)film->desc.height * 4;
    for (; n > 0; n--) {
        if (!process_write(&video->process, video->last, bytes)) return fail(video, error);
    }
    return true;
}

static bool video_finish(Film *film, double hold, Error *error) {
    Video *video = (Video *)film;
    if (!video_repeat(film, (int)lround(hold * film->desc.fps), error)) return false;
    return end(video, error) && file_commit(&video->writer, error);
}

// Browsers play half-resolution colours alone; these need even sides, and say which RGB was meant.
#define EVEN                                                                                       \
    "pad=ceil(iw/2)*2:ceil(ih/2)*2,scale=out_color_matrix=bt709:out_range=tv,format=yuv420p"
#define BT709 "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"

static Film *mp4_create(const FilmDesc *desc, Error *error) {
    return create(desc,
                  (const char *[]){"-vf", EVEN, BT709, "-c:v", "libx264", "-preset", "medium",
                                   "-crf", "16", "-movflags", "+faststart", "-f", "mp4", NULL},
                  (const char *[]){"-preset", "veryfast", NULL}, error);
}

static Film *webm_create(const FilmDesc *desc, Error *error) {
    return create(desc,
                  (const char *[]){"-vf", EVEN, BT709, "-c:v", "libvpx-vp9", "-crf", "24", "-b:v",
                                   "0", "-row-mt", "1", "-cpu-used", "3", "-f", "webm", NULL},
                  (const char *[]){"-deadline", "realtime", "-cpu-used", "7", NULL}, error);
}

static Film *webp_create(const FilmDesc *desc, Error *error) {
    return create(desc,
                  (const char *[]){"-c:v", "libwebp_anim", "-quality", "90", "-loop", "0", "-f",
                                   "webp", NULL},
                  (const char *[]){"-compression_level", "1", NULL}, error);
}

const FilmType mp4_film = {
    .suffix = ".mp4",
    .description = "video (H.264), by ffmpeg",
    .fps_max = 120,
    .create = mp4_create,
    .add = video_add,
    .repeat = video_repeat,
    .finish = video_finish,
    .destroy = video_destroy,
};

const FilmType webm_film = {
    .suffix = ".webm",
    .description = "video (VP9), by ffmpeg",
    .fps_max = 120,
    .create = webm_create,
    .add = video_add,
    .repeat = video_repeat,
    .finish = video_finish,
    .destroy = video_destroy,
};

const FilmType webp_film = {
    .suffix = ".webp",
    .description = "animated WebP, by ffmpeg",
    .fps_max = 120,
    .create = webp_create,
    .add = video_add,
    .repeat = video_repeat,
    .finish = video_finish,
    .destroy = video_destroy,
};
