// Giflib packs the pixels; what to draw is decided here. A pixel whose colour has not changed since
// it was last drawn is transparent, so it keeps its pattern of dither, and runs of such pixels take
// no room. A palette is kept as long as it serves: to make one takes as long as to draw a frame.
#include "capture/gif.h"

#include <gif_lib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "capture/palette.h"

enum { SECOND = 100, COLOURS = 256, DELAY_MAX = 65535 };

// How much of an error asks for another palette: so many times that of the palette when it was new,
// and so many levels more. While time goes by, drawing has more need of the processor.
#define WORSE       1.1
#define WORSE_LIVE  1.25
#define LEVELS      0.1
#define LEVELS_LIVE 0.25

typedef struct Area {
    int left, top, w, h;
} Area;

typedef struct Gif {
    Film film; // first
    FileWriter writer;
    GifFileType *file;
    ColorMapObject *colours; // for giflib
    Histogram *histogram;
    Ditherer *ditherer;
    double palette_error; // when it was made
    uint8_t *shown;       // (height, width) RGBA, what was last drawn of each pixel
    bool *same;           // (width)
    bool first;           // nothing was added yet
    Palette palette;
    bool local; // it is another one than the file begins with
    // The frame that is not written yet, since how long it stays is not known.
    Area pending;          // what it draws
    uint8_t *indices;      // (pending.h, pending.w)
    double seconds;        // when it ends
    int64_t written_until; // when it begins, in hundredths
} Gif;

static Gif *gif_of(Film *film) {
    return (Gif *)film;
}

static int put_bytes(GifFileType *file, const GifByteType *bytes, int n) {
    const Gif *gif = file->UserData;
    // Giflib writes its last byte even into a file that was given up.
    return gif->writer.stream ? (int)fwrite(bytes, 1, (size_t)n, gif->writer.stream) : n;
}

static bool fail(Gif *gif, Error *error) {
    if (ferror(gif->writer.stream)) return file_commit(&gif->writer, error); // knows the reason
    const char *why = gif->file ? GifErrorString(gif->file->Error) : NULL;
    return error_set(error, "%s: cannot write: %s", gif->film.desc.path,
                     why ? why : "out of memory");
}

static void set_colours(Gif *gif, const Palette *palette) {
    memset(gif->colours->Colors, 0, COLOURS * sizeof *gif->colours->Colors);
    for (int i = 0; i < palette->count; i++) {
        const uint8_t *rgb = palette->rgb[i];
        gif->colours->Colors[i] = (GifColorType){rgb[0], rgb[1], rgb[2]};
    }
}

/// The header, and that it is shown again and again.
static bool begin(Gif *gif) {
    GifFileType *file = gif->file;
    EGifSetGifVersion(file, true);
    const GifByteType forever[3] = {1, 0, 0};
    return EGifPutScreenDesc(file, gif->film.desc.width, gif->film.desc.height, 8, 0,
                             gif->colours) == GIF_OK &&
           EGifPutExtensionLeader(file, APPLICATION_EXT_FUNC_CODE) == GIF_OK &&
           EGifPutExtensionBlock(file, 11, "NETSCAPE2.0") == GIF_OK &&
           EGifPutExtensionBlock(file, sizeof forever, forever) == GIF_OK &&
           EGifPutExtensionTrailer(file) == GIF_OK;
}

/// Begins a frame: how long it stays, in hundredths, and which rectangle it draws.
static bool put_head(Gif *gif, int64_t delay, Area area) {
    const GraphicsControlBlock control = {
        .DisposalMode = DISPOSE_DO_NOT, .DelayTime = (int)delay, .TransparentColor = PALETTE_MAX};
    GifByteType bytes[4];
    const size_t size = EGifGCBToExtension(&control, bytes);
    return EGifPutExtension(gif->file, GRAPHICS_EXT_FUNC_CODE, (int)size, bytes) == GIF_OK &&
           EGifPutImageDesc(gif->file, area.left, area.top, area.w, area.h, false,
                            gif->local ? gif->colours : NULL) == GIF_OK;
}

/// Writes the pending frame, with how long it stays. A frame cannot say more than DELAY_MAX: others
/// that change nothing, one transparent pixel each, stay for the rest.
static bool put_pending(Gif *gif) {
    if (!gif->file->SColorMap && !begin(gif)) return false;
    const Area area = gif->pending;
    const int64_t until = llround(gif->seconds * SECOND);
    int64_t rest = until - gif->written_until;
    gif->written_until = until;
    int64_t delay = rest < DELAY_MAX ? rest : DELAY_MAX;
    bool good = put_head(gif, delay, area);
    for (int y = 0; y < area.h && good; y++) {
        good = EGifPutLine(gif->file, gif->indices + (size_t)y * (size_t)area.w, area.w) == GIF_OK;
    }
    while (good && (rest -= delay) > 0) {
        GifByteType nothing = PALETTE_MAX;
        delay = rest < DELAY_MAX ? rest : DELAY_MAX;
        good = put_head(gif, delay, (Area){.w = 1, .h = 1}) &&
               EGifPutLine(gif->file, &nothing, 1) == GIF_OK;
    }
    return good;
}

// --- What has changed ---

static size_t row_bytes(const Gif *gif) {
    return (size_t)gif->film.desc.width * 4;
}

static bool row_changed(const Gif *gif, const uint8_t *rgba, int y) {
    const size_t at = (size_t)y * row_bytes(gif);
    return memcmp(rgba + at, gif->shown + at, row_bytes(gif)) != 0;
}

/// The rectangle around all that has changed; empty where nothing has.
static Area find_changes(const Gif *gif, const uint8_t *rgba) {
    const int width = gif->film.desc.width;
    int top = 0, bottom = gif->film.desc.height, left = width, right = 0;
    while (top < bottom && !row_changed(gif, rgba, top)) top++;
    while (bottom > top && !row_changed(gif, rgba, bottom - 1)) bottom--;
    if (top == bottom) return (Area){0};
    for (int y = top; y < bottom; y++) {
        const uint8_t *a = rgba + (size_t)y * row_bytes(gif);
        const uint8_t *b = gif->shown + (size_t)y * row_bytes(gif);
        ptrdiff_t x = 0, end = width;
        while (x < left && memcmp(a + 4 * x, b + 4 * x, 4) == 0) x++;
        while (end > right && memcmp(a + 4 * end - 4, b + 4 * end - 4, 4) == 0) end--;
        left = x < left ? (int)x : left;
        right = end > right ? (int)end : right;
    }
    return (Area){.left = left, .top = top, .w = right - left, .h = bottom - top};
}

/// Where row y of an area begins in a picture.
static size_t place(const Gif *gif, Area area, int y) {
    return (size_t)(area.top + y) * row_bytes(gif) + (size_t)area.left * 4;
}

/// Which of a row's pixels are shown already; none where nothing is.
static void find_same(const Gif *gif, const uint8_t *rgba, Area area, int y, bool *same) {
    const uint8_t *a = rgba + place(gif, area, y), *b = gif->shown + place(gif, area, y);
    for (size_t x = 0; x < (size_t)area.w; x++) {
        same[x] = !gif->first && memcmp(a + 4 * x, b + 4 * x, 4) == 0;
    }
}

/// Keeps the palette, or makes another.
static void choose_palette(Gif *gif, const uint8_t *rgba, Area area) {
    histogram_clear(gif->histogram);
    for (int y = 0; y < area.h; y++) {
        find_same(gif, rgba, area, y, gif->same);
        histogram_add(gif->histogram, rgba + place(gif, area, y), gif->same, (size_t)area.w);
    }
    if (!gif->first) {
        const double now = palette_error(gif->histogram, &gif->palette);
        const bool live = gif->film.desc.live;
        const double most =
            gif->palette_error * (live ? WORSE_LIVE : WORSE) + (live ? LEVELS_LIVE : LEVELS);
        if (now <= most) return;
        gif->local = true;
    }
    palette_make(gif->histogram, &gif->palette);
    gif->palette_error = palette_error(gif->histogram, &gif->palette);
    ditherer_use(gif->ditherer, &gif->palette);
    set_colours(gif, &gif->palette);
}

static void draw_changes(Gif *gif, const uint8_t *rgba, Area area) {
    for (int y = 0; y < area.h; y++) {
        const uint8_t *row = rgba + place(gif, area, y);
        uint8_t *indices = gif->indices + (size_t)y * (size_t)area.w;
        find_same(gif, rgba, area, y, gif->same);
        ditherer_row(gif->ditherer, row, (size_t)area.w, area.left, area.top + y, indices);
        for (int x = 0; x < area.w; x++) indices[x] = gif->same[x] ? PALETTE_MAX : indices[x];
        memcpy(gif->shown + place(gif, area, y), row, (size_t)area.w * 4);
    }
}

// --- The film ---

static void gif_destroy(Film *film) {
    Gif *gif = gif_of(film);
    if (gif->file) EGifCloseFile(gif->file, NULL);
    GifFreeMapObject(gif->colours);
    histogram_destroy(gif->histogram);
    ditherer_destroy(gif->ditherer);
    file_discard(&gif->writer);
    free(gif->shown);
    free(gif->same);
    free(gif->indices);
    free(gif);
}

static Film *gif_create(const FilmDesc *desc, Error *error) {
    const size_t pixels = (size_t)desc->width * (size_t)desc->height;
    Gif *gif = calloc(1, sizeof *gif);
    if (!gif) {
        error_set(error, "%s: out of memory", desc->path);
        return NULL;
    }
    if (!file_open(&gif->writer, desc->path, error)) {
        free(gif);
        return NULL;
    }
    gif->first = true;
    gif->colours = GifMakeMapObject(COLOURS, NULL);
    gif->histogram = histogram_create();
    gif->ditherer = ditherer_create();
    gif->shown = malloc(pixels * 4);
    gif->same = malloc((size_t)desc->width * sizeof *gif->same);
    gif->indices = malloc(pixels);
    gif->file = EGifOpen(gif, put_bytes, NULL);
    if (gif->colours && gif->histogram && gif->ditherer && gif->shown && gif->same &&
        gif->indices && gif->file) {
        return &gif->film;
    }
    gif_destroy(&gif->film);
    error_set(error, "%s: out of memory", desc->path);
    return NULL;
}

static bool gif_add(Film *film, const uint8_t *rgba, Error *error) {
    Gif *gif = gif_of(film);
    const Area area = gif->first ? (Area){.w = film->desc.width, .h = film->desc.height}
                                 : find_changes(gif, rgba);
    if (area.h > 0) {
        if (!gif->first && !put_pending(gif)) return fail(gif, error);
        choose_palette(gif, rgba, area);
        draw_changes(gif, rgba, area);
        gif->pending = area;
        gif->first = false;
    }
    gif->seconds += 1 / film->desc.fps;
    return true;
}

static bool gif_repeat(Film *film, int n, Error *error) {
    (void)error;
    gif_of(film)->seconds += n / film->desc.fps;
    return true;
}

static bool gif_finish(Film *film, double hold, Error *error) {
    Gif *gif = gif_of(film);
    gif->seconds += hold;
    if (!put_pending(gif)) return fail(gif, error);
    const int closed = EGifCloseFile(gif->file, NULL);
    gif->file = NULL;
    return closed == GIF_OK ? file_commit(&gif->writer, error) : fail(gif, error);
}

const FilmType gif_film = {
    .suffix = ".gif",
    .description = "animated GIF",
    .fps_max = 50,
    .create = gif_create,
    .add = gif_add,
    .repeat = gif_repeat,
    .finish = gif_finish,
    .destroy = gif_destroy,
};
