/// A 2-D plot's frame: the area inside, its data range, ticks, grid lines, labels, and the mapping.
#ifndef PLOT_AXES_H
#define PLOT_AXES_H

#include "gfx/text.h"
#include "gfx/theme.h"
#include "plot/ticks.h"

typedef struct AxisDesc {
    double lo, hi;
    bool log;          // lo and hi are positive
    const char *label; // NULL: none
    bool hidden;       // no ticks, no labels, no grid lines
    bool whole;        // ticks at whole values only: counts
} AxisDesc;

typedef struct AxesDesc {
    AxisDesc x, y;
    bool square; // one unit is equally long in x and y
    bool grid;   // hairlines at the ticks
    bool frame;  // a hairline all around, the background's colour inside; else only axis lines
} AxesDesc;

typedef struct Axes {
    Rect area; // the inside, in whole pixels
    AxisDesc x, y;
} Axes;

/// Lays the plot out within r, draws frame, grid, ticks and labels, and returns the mapping. Labels
/// are measured: none is cut and none meets another; those that find no room are left out. The
/// label of x stands centred below, that of y above its axis. A range that is empty or not a number
/// is widened, so the mapping is always one.
/// @param scale  pixels a unit (text is 12 units)
Axes axes_draw(Gfx *gfx, const Theme *theme, float scale, Rect r, const AxesDesc *desc);

/// Data to pixels (log axes: values <= 0 give NaN) and back.
float axes_x(const Axes *axes, double x);
float axes_y(const Axes *axes, double y);
double axes_x_at(const Axes *axes, float px);
double axes_y_at(const Axes *axes, float py);

#endif
