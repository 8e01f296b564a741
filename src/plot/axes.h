/// A 2-D plot's frame: the area inside, its data range, ticks, grid lines, labels, and the mapping.
#ifndef PLOT_AXES_H
#define PLOT_AXES_H

#include "gfx/text.h"
#include "gfx/theme.h"
#include "plot/ticks.h"

typedef struct AxisDesc {
    double lo, hi;
    bool log;
    const char *label; // NULL: none
    bool hidden;       // no ticks, no labels
} AxisDesc;

typedef struct AxesDesc {
    AxisDesc x, y;
    bool square; // one unit is equally long in x and y
    bool grid;   // hairlines at the ticks
    bool frame;  // a hairline all around
} AxesDesc;

typedef struct Axes {
    Rect area; // the inside, in pixels
    AxisDesc x, y;
} Axes;

/// Lays the plot out within r, draws frame, grid, ticks and labels, and returns the mapping.
/// @param scale  pixels a unit (text is 12 units)
Axes axes_draw(Gfx *gfx, const Theme *theme, float scale, Rect r, const AxesDesc *desc);

/// Data to pixels (log axes: values <= 0 give NaN) and back.
float axes_x(const Axes *axes, double x);
float axes_y(const Axes *axes, double y);
double axes_x_at(const Axes *axes, float px);
double axes_y_at(const Axes *axes, float py);

#endif
