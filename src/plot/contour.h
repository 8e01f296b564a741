/// Contour lines of a grid by marching squares, joined into polylines. No drawing.
#ifndef PLOT_CONTOUR_H
#define PLOT_CONTOUR_H

#include <stdbool.h>

/// A piece of a contour line: n points in grid coordinates (column, row), valid during the call.
/// Long lines come in several pieces, each starting where the last one ended.
typedef void ContourSink(void *context, const float *points, int n);

/// Traces where the bilinear grid passes the level: each line once, open ones from border to
/// border, closed ones back to their start. A cell in which two opposite corners are above is
/// decided by the mean of the four; cells with a corner that is not finite are holes.
/// @param values  (rows, columns)
/// @return false where memory is short
bool contour_trace(const float *values, int columns, int rows, float level, ContourSink *sink,
                   void *context);

#endif
