/// The mapping between data, the world's box and the screen. The box itself is drawn by
/// plot3d_box.c.
#include "plot/plot3d.h"

#include <math.h>

#include "plot/heightfield.h"

/// 0…1 along an axis; NaN stays NaN. An axis without length has everything in its middle.
static double fraction(const Axis3d *axis, double v) {
    if (isnan(v)) return (double)NAN;
    double lo = axis->lo, hi = axis->hi;
    if (axis->log) {
        if (!(v > 0.0)) return 0.0;
        lo = log10(lo);
        hi = log10(hi);
        v = log10(v);
    }
    if (!(hi > lo)) return 0.5;
    double t = (v * 0.5 - lo * 0.5) / (hi * 0.5 - lo * 0.5);
    return t < 0.0 ? 0.0 : t > 1.0 ? 1.0 : t;
}

float plot3d_height(const Plot3d *plot, double z) {
    return (float)fraction(&plot->z, z) * PLOT3D_HEIGHT;
}

void plot3d_world(const Plot3d *plot, double a, double b, double z, float world[3]) {
    world[0] = (float)fraction(&plot->a, a) * 2.0f - 1.0f;
    world[1] = (float)fraction(&plot->b, b) * 2.0f - 1.0f;
    world[2] = plot3d_height(plot, z);
}

bool plot3d_pick(const Plot3d *plot, const float *heights, int n_a, int n_b, float x, float y,
                 double *a, double *b) {
    if (!rect_contains(plot->view, x, y)) return false;
    float origin[3], direction[3], point[3];
    camera_ray(&plot->camera, plot->view, x, y, origin, direction);
    if (!heightfield_hit(heights, n_a, n_b, origin, direction, point)) return false;
    double s = ((double)point[0] + 1.0) / 2.0, t = ((double)point[1] + 1.0) / 2.0;
    *a = plot->a.lo * (1.0 - s) + plot->a.hi * s;
    *b = plot->b.lo * (1.0 - t) + plot->b.hi * t;
    return true;
}
