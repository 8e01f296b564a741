/// A 3-D plot: a box with labelled axes, surfaces above a floor, a path and a ball; hover by ray
/// casting. World coordinates: a (x) and b (y) in [-1, 1], z in [0, PLOT3D_HEIGHT].
#ifndef PLOT_PLOT3D_H
#define PLOT_PLOT3D_H

#include "gfx/camera.h"
#include "gfx/scene.h"
#include "gfx/text.h"
#include "gfx/theme.h"
#include "plot/colormap.h"
#include "plot/ticks.h"

#define PLOT3D_HEIGHT 1.15f

typedef struct Axis3d {
    double lo, hi;
    bool log;          // z only
    bool positive;     // z only: below zero there is nothing, so no ticks either
    bool plain;        // grid lines alone: no ticks, labels or name
    const char *label; // e.g. "w₁[0,0]"
} Axis3d;

typedef struct Plot3d {
    Rect view;
    float scale;
    Camera camera;
    Axis3d a, b, z;
} Plot3d;

/// Data to world. Values beyond the z axis are clamped to the box (clipped tops).
void plot3d_world(const Plot3d *plot, double a, double b, double z, float world[3]);
float plot3d_height(const Plot3d *plot, double z);

/// Walls, floor, ticks and labels: behind everything, in the right order for the camera.
void plot3d_box(Gfx *gfx, const Theme *theme, const Plot3d *plot);

/// Which grid point of a surface is under a pixel.
/// @param heights  (n_a, n_b), b fastest, as world heights
/// @param a, b  written: data coordinates of the hit
/// @return false where the pixel shows no surface
bool plot3d_pick(const Plot3d *plot, const float *heights, int n_a, int n_b, float x, float y,
                 double *a, double *b);

#endif
