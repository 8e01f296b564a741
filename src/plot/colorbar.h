/// A bar that says which colour is which value.
#ifndef PLOT_COLORBAR_H
#define PLOT_COLORBAR_H

#include "gfx/gfx.h"
#include "gfx/theme.h"

#define COLORBAR_WIDTH 12.0f // of the colours, in units

typedef struct ColorbarDesc {
    const Color *colors; // (256), from lo to hi; borrowed
    double lo, hi;       // lo < hi
    bool log;            // both are positive
    const char *label;   // above; in two lines where it is wide; NULL: none
    const Color *beyond; // the colour of what lies above hi, drawn over the bar's end; NULL: none
} ColorbarDesc;

/// How wide a bar is, its ticks and their labels beside it.
float colorbar_width(Gfx *gfx, float scale, const ColorbarDesc *desc, float height);
/// How much above the bar its label takes, where that has so much room across.
float colorbar_above(Gfx *gfx, float scale, const ColorbarDesc *desc, float room);
/// Draws it upright, with ticks at its right.
/// @param bar    the colours themselves, in whole pixels
/// @param right  the label goes no farther
void colorbar_draw(Gfx *gfx, const Theme *theme, float scale, Rect bar, float right,
                   const ColorbarDesc *desc);

/// The colours alone, lying: lo at the left.
void colorbar_strip(Gfx *gfx, Rect bar, const Color *colors);

#endif
