// All triangles are right and isosceles: two make the square, and each may be halved from its right
// angle to the middle of its longest side. A middle's error is the largest of its own and of those
// of the middles below it, so that whoever shares a side halves it, too.
#include "gfx/rtin.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

typedef struct Corner {
    int i, j;
} Corner;

typedef struct Walk {
    const Rtin *rtin;
    const float *z;
    float tolerance;
    uint16_t *end; // behind the indices so far
} Walk;

static int vertex(const Rtin *rtin, int i, int j) {
    return i * (rtin->cells + 1) + j;
}

static float largest(float a, float b) {
    return a > b ? a : b;
}

/// How far a height lies off the middle between two others; beside a hole: infinitely.
static float deviation(const Rtin *rtin, const float *z, Corner middle, Corner from, Corner to) {
    float between = (z[vertex(rtin, from.i, from.j)] + z[vertex(rtin, to.i, to.j)]) / 2;
    float off = fabsf(z[vertex(rtin, middle.i, middle.j)] - between);
    return off <= INFINITY ? off : INFINITY;
}

/// The largest error of the four vertices around one, a step away along the sides or aslant.
static float error_around(const Rtin *rtin, Corner at, int step, bool aslant) {
    static const int sides[4][2] = {{-1, 0}, {1, 0}, {0, -1}, {0, 1}};
    static const int corners[4][2] = {{-1, -1}, {-1, 1}, {1, -1}, {1, 1}};
    float error = 0;
    for (int k = 0; k < 4; k++) {
        const int *way = aslant ? corners[k] : sides[k];
        int i = at.i + way[0] * step, j = at.j + way[1] * step;
        if (i < 0 || j < 0 || i > rtin->cells || j > rtin->cells) continue;
        error = largest(error, rtin->errors[vertex(rtin, i, j)]);
    }
    return error;
}

/// The middles of sides along x or y that are two steps long.
static void measure_sides(const Rtin *rtin, const float *z, int step) {
    for (int i = 0; i <= rtin->cells; i += step) {
        bool across = i / step % 2 == 1; // the side lies along x, else along y
        for (int j = across ? 0 : step; j <= rtin->cells; j += 2 * step) {
            Corner at = {i, j};
            Corner from = across ? (Corner){i - step, j} : (Corner){i, j - step};
            Corner to = across ? (Corner){i + step, j} : (Corner){i, j + step};
            float error = step > 1 ? error_around(rtin, at, step / 2, true) : 0;
            rtin->errors[vertex(rtin, i, j)] = largest(error, deviation(rtin, z, at, from, to));
        }
    }
}

/// The middles of slanting sides, across squares that are two steps wide: each ends in the middle
/// of the four squares of which its own is one.
static void measure_slants(const Rtin *rtin, const float *z, int step) {
    for (int i = step; i < rtin->cells; i += 2 * step) {
        for (int j = step; j < rtin->cells; j += 2 * step) {
            bool rises = (i / (2 * step) + j / (2 * step)) % 2 == 0;
            int up = rises ? step : -step;
            Corner at = {i, j}, from = {i - step, j - up}, to = {i + step, j + up};
            float error = error_around(rtin, at, step, false);
            rtin->errors[vertex(rtin, i, j)] = largest(error, deviation(rtin, z, at, from, to));
        }
    }
}

static bool is_there(const Walk *walk, int v) {
    return isfinite(walk->z[v]);
}

static void put(Walk *walk, int a, int b, int c) {
    if (!is_there(walk, a) || !is_there(walk, b) || !is_there(walk, c)) return;
    *walk->end++ = (uint16_t)a;
    *walk->end++ = (uint16_t)b;
    *walk->end++ = (uint16_t)c;
}

/// Halves a triangle as often as it must be.  @param a, b  the ends of its longest side
static void halve(Walk *walk, Corner a, Corner b, Corner c) {
    const Rtin *rtin = walk->rtin;
    if (abs(a.i - c.i) + abs(a.j - c.j) == 1) { // half a cell: noted, and drawn with the other half
        int i = a.i < b.i ? a.i : b.i, j = a.j < b.j ? a.j : b.j;
        rtin->leaf[i * rtin->cells + j] |= c.i == i ? 1 : 2;
        return;
    }
    Corner middle = {(a.i + b.i) / 2, (a.j + b.j) / 2};
    if (rtin->errors[vertex(rtin, middle.i, middle.j)] > walk->tolerance) {
        halve(walk, c, a, middle);
        halve(walk, b, c, middle);
        return;
    }
    put(walk, vertex(rtin, a.i, a.j), vertex(rtin, b.i, b.j), vertex(rtin, c.i, c.j));
}

/// A cell of which both halves are drawn is cut along its flatter diagonal, so that ridges stay
/// sharp.
static void put_cell(Walk *walk, int i, int j) {
    const Rtin *rtin = walk->rtin;
    int halves = rtin->leaf[i * rtin->cells + j];
    if (halves == 0) return;
    int low = vertex(rtin, i, j), y = low + 1, x = low + rtin->cells + 1, high = x + 1;
    bool rises = (i + j) % 2 == 0; // the diagonal goes from low to high
    if (halves == 3) {
        const float *z = walk->z;
        float rising = fabsf(z[low] - z[high]), falling = fabsf(z[x] - z[y]);
        if (isfinite(rising) != isfinite(falling)) {
            rises = isfinite(rising); // as much as there is beside a hole
        } else if (rising != falling) {
            rises = rising < falling;
        }
    }
    if (halves & 1) rises ? put(walk, low, high, y) : put(walk, x, y, low);
    if (halves & 2) rises ? put(walk, low, x, high) : put(walk, x, high, y);
}

size_t rtin_triangulate(const Rtin *rtin, const float *z, float tolerance, uint16_t *indices) {
    const int n = rtin->cells;
    for (int step = 1; step < n; step *= 2) {
        measure_sides(rtin, z, step);
        measure_slants(rtin, z, step);
    }
    for (int i = 0; i < n * n; i++) rtin->leaf[i] = 0;
    Walk walk = {rtin, z, tolerance, indices};
    halve(&walk, (Corner){n, n}, (Corner){0, 0}, (Corner){n, 0});
    halve(&walk, (Corner){0, 0}, (Corner){n, n}, (Corner){0, n});
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) put_cell(&walk, i, j);
    }
    return (size_t)(walk.end - indices);
}
