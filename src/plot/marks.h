/// Marks inside 2-D axes: points by class, curves with their peaks, fields, contour lines,
/// read-outs.
#ifndef PLOT_MARKS_H
#define PLOT_MARKS_H

#include "plot/axes.h"
#include "plot/colormap.h"

/// Points: class 0 round and class 1 square, so that they differ in shape as well as colour.
/// @param xy  (n, 2) data coordinates
/// Points outside the axes' ranges are left out.
/// @param target  (n): >= 0.5 is class 1; NULL: all class 0
/// @param size  diameter in pixels
void marks_points(Gfx *gfx, const Theme *theme, const Axes *axes, const float *xy,
                  const float *target, int n, float size);

/// A curve whose points stand for ranges: a band from min to max where they differ, a line through
/// end. NaN (and on a log axis what is not positive) breaks it; a point between two breaks is a
/// dot.
/// @param x  (n) rising
/// @param min, max, end  (n)
void marks_band_line(Gfx *gfx, const Axes *axes, const double *x, const float *min,
                     const float *max, const float *end, int n, float width, Color color);

/// Iso-lines of a grid at one level, by marching squares with linear interpolation.
/// @param values  (rows, columns), rows upward; not finite: holes
/// @param lo, hi  data coordinates of the grid's corners
void marks_contour(Gfx *gfx, const Axes *axes, const float *values, int columns, int rows,
                   const float lo[2], const float hi[2], float level, float width, Color color);

/// A small box with lines of text beside a point, kept inside `bounds`; a value each line, label
/// left.
/// @param labels  (n); NULL or an empty one: only the value
/// @param swatch  (n) colours of a mark before each line; NULL: none
void marks_readout(Gfx *gfx, const Theme *theme, float scale, Rect bounds, float x, float y,
                   const char *const *labels, const char *const *values, const Color *swatch,
                   int n);

#endif
