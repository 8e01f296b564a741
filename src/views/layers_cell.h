/// One square of the layers view: where its samples lie, and how they, the input's grid, a star of
/// classes or curves over a single input are drawn in it. Cell 0 is the input, cell l the output of
/// layer l - 1. All on the drawing thread; everything is borrowed.
#ifndef VIEWS_LAYERS_CELL_H
#define VIEWS_LAYERS_CELL_H

#include "plot/axes.h"
#include "views/view.h"

/// A sample of a one-dimensional input, with two units' outputs.
typedef struct CurvePoint {
    float x, y[2];
} CurvePoint;

bool layers_is_output(const Observation *o, int cell);
/// How many units the cell's layer has, or inputs.
int layers_units(const Snapshot *run, int cell);
/// Whether the only output says one of two classes.
bool layers_one_class(const Snapshot *run);

/// Where a cell has a sample, in data coordinates.
void layers_sample_at(const Snapshot *run, const Observation *o, int cell, int sample,
                      double at[2]);
/// The colour of a sample with this target, or class number where there are several.
Color layers_target_color(const Snapshot *run, const Theme *theme, float t);

void layers_draw_points(const ViewContext *context, const Observation *o, int cell,
                        const Axes *axes);
/// Spokes to the corners, and there the classes' names in their colours, or where these find no
/// room their numbers.
void layers_draw_star(const ViewContext *context, const Axes *axes);
/// The input's grid as this layer leaves it.
void layers_draw_grid(const ViewContext *context, const Observation *o, int cell, const Axes *axes);
/// The cell's first two units over the only input, as curves.
/// @param sorted  (CLOUD_POINTS_MAX), scratch
void layers_draw_curves(const ViewContext *context, const Observation *o, int cell,
                        const Axes *axes, CurvePoint *sorted);

#endif
