/// The ray is walked from cell to cell of the grid below it (Amanatides and Woo 1987), and over
/// each triangle its height above the surface is linear: it hits where that changes sign. The sign
/// is carried on from triangle to triangle, so no ray slips through between two.
#include "plot/heightfield.h"

#include <math.h>
#include <stddef.h>

typedef struct Walk {
    const float *heights;
    int n_x, n_y;
    double u, v, z;    // origin: grid coordinates and height
    double du, dv, dz; // direction
    double above;      // the height over the surface at the end of the last triangle; NaN: none
    double hit;        // along the ray
} Walk;

static double corner(const Walk *w, int i, int j) {
    return (double)w->heights[(size_t)i * (size_t)w->n_y + (size_t)j];
}

/// A cell split along one of its diagonals: 0 from (i, j) to (i + 1, j + 1), 1 the other.
static int diagonal_of(const Walk *w, int i, int j) {
    double first = fabs(corner(w, i, j) - corner(w, i + 1, j + 1));
    return first <= fabs(corner(w, i + 1, j) - corner(w, i, j + 1)) ? 0 : 1;
}

/// Where along the ray's way over a cell the diagonal is: 0 on it, > 0 to the right of it.
static double beside_diagonal(const Walk *w, int i, int j, int diagonal, double k) {
    double s = w->u + w->du * k - i, t = w->v + w->dv * k - j;
    return diagonal == 0 ? s - t : s + t - 1.0;
}

/// The ray's height above one of a cell's two triangles, or above the plane that it lies in.
static double height_above(const Walk *w, int i, int j, int diagonal, bool right, double k) {
    double s = w->u + w->du * k - i, t = w->v + w->dv * k - j, z;
    double z00 = corner(w, i, j), z10 = corner(w, i + 1, j);
    double z01 = corner(w, i, j + 1), z11 = corner(w, i + 1, j + 1);
    if (diagonal == 0)
        z = right ? z00 + s * (z10 - z00) + t * (z11 - z10)
                  : z00 + t * (z01 - z00) + s * (z11 - z01);
    else
        z = right ? z11 + (1.0 - s) * (z01 - z11) + (1.0 - t) * (z10 - z11)
                  : z00 + s * (z10 - z00) + t * (z01 - z00);
    return w->z + w->dz * k - z;
}

static bool opposite(double a, double b) {
    return (a <= 0.0 && b >= 0.0) || (a >= 0.0 && b <= 0.0);
}

/// The part of the ray from k0 to k1 lies over one triangle of the cell.
static bool hits_triangle(Walk *w, int i, int j, int diagonal, double k0, double k1) {
    bool right = beside_diagonal(w, i, j, diagonal, (k0 + k1) / 2.0) >= 0.0;
    double a = height_above(w, i, j, diagonal, right, k0);
    double b = height_above(w, i, j, diagonal, right, k1);
    bool between_triangles = !isnan(w->above) && opposite(w->above, a);
    w->above = b;
    if (between_triangles) {
        w->hit = k0;
        return true;
    }
    if (!opposite(a, b)) return false;
    w->hit = a == b ? k0 : k0 + (k1 - k0) * (a / (a - b));
    return true;
}

static bool is_whole(const Walk *w, int i, int j) {
    return isfinite(corner(w, i, j)) && isfinite(corner(w, i + 1, j)) &&
           isfinite(corner(w, i, j + 1)) && isfinite(corner(w, i + 1, j + 1));
}

static bool hits_cell(Walk *w, int i, int j, double k0, double k1) {
    if (!is_whole(w, i, j)) {
        w->above = (double)NAN;
        return false;
    }
    int diagonal = diagonal_of(w, i, j);
    double slope = diagonal == 0 ? w->du - w->dv : w->du + w->dv;
    double k = slope != 0.0 ? -beside_diagonal(w, i, j, diagonal, 0.0) / slope : k0;
    if (!(k > k0 && k < k1)) return hits_triangle(w, i, j, diagonal, k0, k1);
    return hits_triangle(w, i, j, diagonal, k0, k) || hits_triangle(w, i, j, diagonal, k, k1);
}

/// Cuts [k0, k1] down to where at + slope * k lies within 0…last.
static void clip(double at, double slope, double last, double *k0, double *k1) {
    if (slope == 0.0) {
        if (at < 0.0 || at > last) *k1 = -1.0;
        return;
    }
    double a = -at / slope, b = (last - at) / slope;
    *k0 = fmax(*k0, fmin(a, b));
    *k1 = fmin(*k1, fmax(a, b));
}

static int cell_at(double at, int n) {
    int i = (int)floor(at);
    return i < 0 ? 0 : i > n - 2 ? n - 2 : i;
}

/// Along the ray, where it leaves cell i in one direction.
static double leaves_at(double at, double slope, int i) {
    if (slope == 0.0) return HUGE_VAL;
    return (i + (slope > 0.0 ? 1 : 0) - at) / slope;
}

/// Straight down or up: it stays over one point.
static bool hits_straight(Walk *w) {
    int i = cell_at(w->u, w->n_x), j = cell_at(w->v, w->n_y);
    if (!is_whole(w, i, j)) return false;
    int diagonal = diagonal_of(w, i, j);
    bool right = beside_diagonal(w, i, j, diagonal, 0.0) >= 0.0;
    w->hit = -height_above(w, i, j, diagonal, right, 0.0) / w->dz;
    return isfinite(w->hit) && w->hit >= 0.0;
}

static bool walk(Walk *w) {
    double k0 = 0.0, k1 = HUGE_VAL;
    clip(w->u, w->du, w->n_x - 1, &k0, &k1);
    clip(w->v, w->dv, w->n_y - 1, &k0, &k1);
    if (!(k0 <= k1)) return false;
    if (w->du == 0.0 && w->dv == 0.0) return w->dz != 0.0 && hits_straight(w);
    int i = cell_at(w->u + w->du * k0, w->n_x), j = cell_at(w->v + w->dv * k0, w->n_y);
    while (i >= 0 && j >= 0 && i < w->n_x - 1 && j < w->n_y - 1) {
        double ku = leaves_at(w->u, w->du, i), kv = leaves_at(w->v, w->dv, j);
        double k = fmax(fmin(fmin(ku, kv), k1), k0);
        if (hits_cell(w, i, j, k0, k)) return true;
        if (k >= k1) return false;
        k0 = k;
        if (ku <= kv)
            i += w->du > 0.0 ? 1 : -1;
        else
            j += w->dv > 0.0 ? 1 : -1;
    }
    return false;
}

bool heightfield_hit(const float *heights, int n_x, int n_y, const float origin[3],
                     const float direction[3], float point[3]) {
    if (n_x < 2 || n_y < 2) return false;
    for (int k = 0; k < 3; k++)
        if (!isfinite(origin[k]) || !isfinite(direction[k])) return false;
    double half_x = (n_x - 1) / 2.0, half_y = (n_y - 1) / 2.0;
    Walk w = {
        .heights = heights,
        .n_x = n_x,
        .n_y = n_y,
        .u = ((double)origin[0] + 1.0) * half_x,
        .v = ((double)origin[1] + 1.0) * half_y,
        .z = (double)origin[2],
        .du = (double)direction[0] * half_x,
        .dv = (double)direction[1] * half_y,
        .dz = (double)direction[2],
        .above = (double)NAN,
    };
    if (!walk(&w)) return false;
    for (int k = 0; k < 3; k++)
        point[k] = (float)((double)origin[k] + (double)direction[k] * w.hit);
    return true;
}
