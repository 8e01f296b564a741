/// Few colours for many: the 255 that stand for a picture's with the least squared error, and
/// patterns of two of them for those between (ordered dither), as GIF needs it.
///
/// What it does not do: files, transparency, choosing which pixels matter.
#ifndef CAPTURE_PALETTE_H
#define CAPTURE_PALETTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PALETTE_MAX = 255 }; // and one is left for what is transparent

typedef struct Palette {
    int count;
    uint8_t rgb[PALETTE_MAX][3];
} Palette;

/// How often colours occur. Owns nothing that is not in it.
typedef struct Histogram Histogram;

/// @return empty, or NULL where memory is short
Histogram *histogram_create(void);
void histogram_destroy(Histogram *histogram);
void histogram_clear(Histogram *histogram);
/// Counts pixels.  @param rgba  (n)  @param same  (n) pixels that are not to be counted; NULL: none
void histogram_add(Histogram *histogram, const uint8_t *rgba, const bool *same, size_t n);

/// The colours that suit what was counted. Large areas of one colour keep exactly that.
/// @param palette  written; at least one colour
void palette_make(const Histogram *histogram, Palette *palette);
/// The root of the mean squared distance of a channel from the nearest colour of the palette.
double palette_error(const Histogram *histogram, const Palette *palette);

/// Turns colours into numbers of a palette.
typedef struct Ditherer Ditherer;

/// @return NULL where memory is short
Ditherer *ditherer_create(void);
void ditherer_destroy(Ditherer *ditherer);
/// @param palette  copied
void ditherer_use(Ditherer *ditherer, const Palette *palette);
const Palette *ditherer_palette(const Ditherer *ditherer);
/// A row of pixels. The pattern hangs on the place in the picture alone, so that what stands still
/// does not flicker.
/// @param rgba  (n)  @param x, y  of the first  @param indices  (n), written
void ditherer_row(Ditherer *ditherer, const uint8_t *rgba, size_t n, int x, int y,
                  uint8_t *indices);

#endif
