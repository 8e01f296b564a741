/// A legend inside a plot, where it covers the least of what is drawn there.
#ifndef PLOT_LEGEND_H
#define PLOT_LEGEND_H

#include "gfx/gfx.h"
#include "gfx/theme.h"

/// What is drawn in the plot: points, or a line through them.
typedef struct LegendInk {
    const float *xy; // (n, 2) pixels; what is not finite breaks a line
    int n;
    bool joined;
} LegendInk;

/// Where a box of that size covers the least ink. Of places alike it takes the one nearest to a
/// corner, the upper right one first.
/// @param cost  set to how much it covers there, in shares of the area
/// @return its place; of no size where the area is too small
Rect legend_place(Rect area, float w, float h, const LegendInk *ink, int n_ink, float *cost);

/// A line sample and a name each, on a ground of the panel's colour. Nothing where there is no
/// room.
void legend_draw(Gfx *gfx, const Theme *theme, float scale, Rect area, const char *const *names,
                 const Color *colors, int n, const LegendInk *ink, int n_ink);

#endif
