// gif_quality FILM.gif PICTURES.png FPS: holds a GIF against the pictures that it was made of, for
// scripts that ask how good it is. PICTURES is a pattern as frames/%d.png, from 0 on. Prints
//
//   pictures N   how many there are, each held against what the GIF shows at its time
//   seconds S    how long the GIF lasts
//   psnr X       the least of a picture, over RGB, in dB
//   bands X      the most of a picture, in levels
//   compared N   how many pictures that the GIF draws whole are held against others, too: of these
//   dither X     bands as a share of what they were, were each pixel the nearest colour of the same
//                palette; and
//   plain X      the least of a picture by giflib's own quantiser, which does not dither
//
// Without such pictures, or bands to compare, it fails.
//
// Bands are errors of one sign over more than a few pixels of a smooth area; grain is none, as the
// eye averages it. So errors are averaged over squares as large as the pattern of dither; bands are
// the root of these means' mean square where the picture is smooth, and not just flat.
#include <gif_lib.h>
#include <limits.h>
#include <math.h>
#include <png.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SIDE = 8,    // of the squares, in pixels
    STEP = 4,    // from one to the next
    SMOOTH = 10, // by at most so many levels each channel differs within a smooth one
    EVERY = 25,  // so many pictures the nearest colours are sought, which takes long
};

typedef struct Picture {
    int w, h;
    uint8_t *rgb; // (h, w, 3)
} Picture;

static _Noreturn void die(const char *what, const char *why) {
    fprintf(stderr, "gif_quality: %s: %s\n", what, why);
    exit(1);
}

static void *allocate(size_t bytes) {
    void *memory = calloc(bytes, 1);
    if (!memory) die("memory", "there is too little");
    return memory;
}

static size_t bytes_of(int w, int h) {
    return (size_t)w * (size_t)h * 3;
}

/// @param picture  of the size that it is to have  @return false: there is no such file
static bool read_picture(const char *path, Picture *picture) {
    png_image image = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_file(&image, path)) return false;
    image.format = PNG_FORMAT_RGB;
    if ((int)image.width != picture->w || (int)image.height != picture->h)
        die(path, "is of another size");
    if (!png_image_finish_read(&image, NULL, picture->rgb, 0, NULL)) die(path, image.message);
    return true;
}

// ---- what is shown

typedef struct Player {
    GifFileType *gif;
    int frame;  // the one that is shown; -1: none
    long until; // in hundredths of a second
    const ColorMapObject *map;
    bool whole; // it draws most of the picture anew
    Picture shown;
} Player;

/// @return false: the film is over
static bool show_next(Player *player) {
    const GifFileType *gif = player->gif;
    if (player->frame + 1 == gif->ImageCount) return false;
    const SavedImage *image = &gif->SavedImages[++player->frame];
    const GifImageDesc *desc = &image->ImageDesc;
    GraphicsControlBlock control = {.TransparentColor = NO_TRANSPARENT_COLOR};
    DGifSavedExtensionToGCB(player->gif, player->frame, &control);
    player->until += control.DelayTime;
    player->map = desc->ColorMap ? desc->ColorMap : gif->SColorMap;
    if (!player->map) die("the film", "has no colours");
    int drawn = 0;
    for (int y = 0; y < desc->Height; y++) {
        for (int x = 0; x < desc->Width; x++) {
            const int index = image->RasterBits[y * desc->Width + x];
            if (index == control.TransparentColor) continue;
            const GifColorType *colour = &player->map->Colors[index];
            uint8_t *rgb = player->shown.rgb + 3 * ((desc->Top + y) * gif->SWidth + desc->Left + x);
            rgb[0] = colour->Red, rgb[1] = colour->Green, rgb[2] = colour->Blue;
            drawn++;
        }
    }
    player->whole = 10 * drawn > gif->SWidth * gif->SHeight;
    return true;
}

// ---- what else could be

static void show_nearest(const ColorMapObject *map, const Picture *picture, uint8_t *rgb) {
    for (const uint8_t *c = picture->rgb; c < picture->rgb + bytes_of(picture->w, picture->h);
         c += 3, rgb += 3) {
        int best = INT_MAX;
        for (int k = 0; k < map->ColorCount - 1; k++) { // the last one is transparent
            const GifColorType *colour = &map->Colors[k];
            const int r = colour->Red - c[0], g = colour->Green - c[1], b = colour->Blue - c[2];
            const int distance = r * r + g * g + b * b;
            if (distance >= best) continue;
            best = distance;
            rgb[0] = colour->Red, rgb[1] = colour->Green, rgb[2] = colour->Blue;
        }
    }
}

static void show_plain(const Picture *picture, uint8_t *rgb) {
    const size_t n = bytes_of(picture->w, picture->h) / 3;
    GifByteType *channels = allocate(4 * n), *indices = channels + 3 * n;
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < 3; k++) channels[k * n + i] = picture->rgb[3 * i + k];
    }
    int count = 256;
    GifColorType colours[256];
    if (GifQuantizeBuffer((unsigned)picture->w, (unsigned)picture->h, &count, channels,
                          channels + n, channels + 2 * n, indices, colours) != GIF_OK)
        die("giflib", "cannot quantise");
    for (size_t i = 0; i < n; i++, rgb += 3) {
        const GifColorType *colour = &colours[indices[i]];
        rgb[0] = colour->Red, rgb[1] = colour->Green, rgb[2] = colour->Blue;
    }
    free(channels);
}

// ---- how good it is

static double psnr(const Picture *picture, const uint8_t *rgb) {
    const size_t n = bytes_of(picture->w, picture->h);
    double squares = 0;
    for (size_t i = 0; i < n; i++) {
        const double off = (double)rgb[i] - (double)picture->rgb[i];
        squares += off * off;
    }
    return squares > 0 ? 10 * log10(255.0 * 255.0 * (double)n / squares) : (double)INFINITY;
}

/// @param at     the first number of the square's channel
/// @param error  written: the mean error in it  @return whether it is smooth, and not flat
static bool square_error(const Picture *picture, const uint8_t *rgb, size_t at, double *error) {
    int least = 255, most = 0, sum = 0;
    for (size_t y = 0; y < SIDE; y++) {
        for (size_t x = 0; x < SIDE; x++) {
            const size_t i = at + 3 * (y * (size_t)picture->w + x);
            const int value = picture->rgb[i];
            least = value < least ? value : least;
            most = value > most ? value : most;
            sum += rgb[i] - value;
        }
    }
    *error = (double)sum / (SIDE * SIDE);
    return most > least && most - least <= SMOOTH;
}

static double bands(const Picture *picture, const uint8_t *rgb) {
    double squares = 0;
    int n = 0;
    for (int y = 0; y + SIDE <= picture->h; y += STEP) {
        for (int x = 0; x + SIDE <= picture->w; x += STEP) {
            for (size_t channel = 0; channel < 3; channel++) {
                double error;
                const size_t at = bytes_of(picture->w, y) + 3 * (size_t)x + channel;
                if (!square_error(picture, rgb, at, &error)) continue;
                squares += error * error;
                n++;
            }
        }
    }
    return n > 0 ? sqrt(squares / n) : 0;
}

int main(int argc, char **argv) {
    if (argc != 4) die("arguments", "FILM.gif PICTURES.png FPS");
    Player player = {.gif = DGifOpenFileName(argv[1], NULL), .frame = -1};
    if (!player.gif || DGifSlurp(player.gif) != GIF_OK) die(argv[1], "is no GIF");
    const int w = player.gif->SWidth, h = player.gif->SHeight;
    Picture picture = {w, h, allocate(bytes_of(w, h))};
    uint8_t *other = allocate(bytes_of(w, h));
    player.shown = (Picture){w, h, allocate(bytes_of(w, h))};
    const double fps = strtod(argv[3], NULL);
    double least = (double)INFINITY, most = 0, dithered = 0, undithered = 0;
    double plain = (double)INFINITY;
    int n = 0, compared = 0;
    for (;; n++) {
        char path[4096];
        const char *number = strstr(argv[2], "%d");
        if (!number) die(argv[2], "lacks a %d");
        snprintf(path, sizeof path, "%.*s%d%s", (int)(number - argv[2]), argv[2], n, number + 2);
        if (!read_picture(path, &picture)) break;
        while (player.until <= lround(100 * n / fps)) {
            if (!show_next(&player)) die(argv[1], "is over too soon");
        }
        const double now = bands(&picture, player.shown.rgb);
        least = fmin(least, psnr(&picture, player.shown.rgb));
        most = fmax(most, now);
        if (n % EVERY != 0 || !player.whole) continue;
        compared++;
        dithered += now;
        show_nearest(player.map, &picture, other);
        undithered += bands(&picture, other);
        show_plain(&picture, other);
        plain = fmin(plain, bands(&picture, other));
    }
    while (show_next(&player)) continue;
    if (undithered <= 0) die(argv[1], "has no bands to compare");
    printf("pictures %d\nseconds %.2f\npsnr %.2f\nbands %.2f\n", n, (double)player.until / 100,
           least, most);
    printf("compared %d\ndither %.2f\nplain %.2f\n", compared, dithered / undithered, plain);
    DGifCloseFile(player.gif, NULL);
    free(picture.rgb);
    free(player.shown.rgb);
    free(other);
    return 0;
}
