// The network of triangles: no crack, no overlap, as true as asked, and no finer than that.
#include "gfx/rtin.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

enum { N = 32, SIDE = N + 1 };

static float errors[SIDE * SIDE], z[SIDE * SIDE];
static uint8_t leaf[N * N];
static uint16_t indices[6 * N * N];
static const Rtin rtin = {.cells = N, .errors = errors, .leaf = leaf};

typedef float (*Field)(float x, float y);

static size_t triangulate(Field field, float tolerance) {
    for (int i = 0; i < SIDE; i++) {
        for (int j = 0; j < SIDE; j++) z[i * SIDE + j] = field((float)i / N, (float)j / N);
    }
    return rtin_triangulate(&rtin, z, tolerance, indices);
}

static float level(float x, float y) {
    return 0.3f + 0.5f * x - 0.25f * y;
}

static float hill(float x, float y) {
    return expf(-40 * ((x - 0.3f) * (x - 0.3f) + (y - 0.6f) * (y - 0.6f)));
}

static float rough(float x, float y) {
    return sinf(91 * x + 1) * cosf(77 * y + x);
}

static float ridge(float x, float y) {
    float off = x + y - 1 + 1.0f / N;
    return off > 0 ? off : -2 * off;
}

static float pierced(float x, float y) {
    return hypotf(x - 0.5f, y - 0.5f) < 0.15f ? NAN : hill(x, y);
}

/// Twice the area of a triangle, in cells; positive where it is seen from above as the others are.
static int area(const uint16_t *t) {
    int i[3], j[3];
    for (int k = 0; k < 3; k++) {
        i[k] = t[k] / SIDE;
        j[k] = t[k] % SIDE;
    }
    return (i[1] - i[0]) * (j[2] - j[0]) - (i[2] - i[0]) * (j[1] - j[0]);
}

static bool on_border(int v, int w) {
    int i = v / SIDE, j = v % SIDE, k = w / SIDE, l = w % SIDE;
    return (i == k && (i == 0 || i == N)) || (j == l && (j == 0 || j == N));
}

/// All edges meet another, run the other way, or lie on the border or beside a hole.
static void assert_no_cracks(size_t n) {
    static uint8_t edges[SIDE * SIDE][SIDE * SIDE];
    memset(edges, 0, sizeof edges);
    for (size_t t = 0; t < n; t += 3) {
        for (size_t k = 0; k < 3; k++) {
            uint8_t *edge = &edges[indices[t + k]][indices[t + (k + 1) % 3]];
            assert_int_equal(*edge, 0);
            *edge = 1;
        }
    }
    for (int v = 0; v < SIDE * SIDE; v++) {
        for (int w = 0; w < SIDE * SIDE; w++) {
            if (!edges[v][w] || edges[w][v] || on_border(v, w)) continue;
            bool beside_hole = false;
            for (int i = -1; i <= 1; i++) {
                for (int j = -1; j <= 1; j++) {
                    int at = v + i * SIDE + j;
                    beside_hole = beside_hole || (at >= 0 && at < SIDE * SIDE && !isfinite(z[at]));
                }
            }
            assert_true(beside_hole);
        }
    }
}

/// The network's height at a grid point.  @return NAN where no triangle covers it
static float height_at(size_t n, int i, int j) {
    for (size_t t = 0; t < n; t += 3) {
        uint16_t part[3];
        float sum = 0;
        bool inside = true;
        for (size_t k = 0; k < 3; k++) {
            memcpy(part, indices + t, sizeof part);
            part[k] = (uint16_t)(i * SIDE + j);
            inside = inside && area(part) >= 0;
            sum += (float)area(part) * z[indices[t + k]];
        }
        if (inside) return sum / (float)area(indices + t);
    }
    return NAN;
}

static void covers_the_square_without_cracks(void **state) {
    (void)state;
    const Field fields[] = {level, hill, rough, ridge};
    const float tolerances[] = {0, 1e-3f, 0.1f};
    for (size_t f = 0; f < 4; f++) {
        for (size_t k = 0; k < 3; k++) {
            size_t n = triangulate(fields[f], tolerances[k]);
            int sum = 0;
            for (size_t t = 0; t < n; t += 3) {
                assert_true(area(indices + t) > 0);
                sum += area(indices + t);
            }
            assert_int_equal(sum, 2 * N * N);
            assert_no_cracks(n);
        }
    }
}

static void is_as_true_as_asked(void **state) {
    (void)state;
    for (float tolerance = 1e-4f; tolerance < 0.05f; tolerance *= 3) {
        size_t n = triangulate(hill, tolerance);
        float worst = 0;
        for (int i = 0; i < SIDE; i++) {
            for (int j = 0; j < SIDE; j++) {
                worst = fmaxf(worst, fabsf(height_at(n, i, j) - z[i * SIDE + j]));
            }
        }
        assert_true(worst < 3 * tolerance); // what each halving leaves out adds up
    }
}

static void is_no_finer_than_that(void **state) {
    (void)state;
    assert_int_equal(triangulate(level, 1e-5f), 6);
    size_t fine = triangulate(hill, 1e-3f), coarse = triangulate(hill, 1e-2f);
    assert_true(coarse < fine && fine < sizeof indices / sizeof *indices / 2);
    assert_int_equal(triangulate(rough, 0), 6 * N * N);
}

/// A crease along the diagonals that the halving does not follow stays a line.
static void ridges_stay_sharp(void **state) {
    (void)state;
    size_t n = triangulate(ridge, 1e-3f);
    bool kept = true;
    for (size_t t = 0; t < n; t += 3) {
        int above = 0, below = 0;
        for (size_t k = 0; k < 3; k++) {
            int side = indices[t + k] / SIDE + indices[t + k] % SIDE - (N - 1);
            above += side > 0 ? 1 : 0;
            below += side < 0 ? 1 : 0;
        }
        kept = kept && (above == 0 || below == 0);
    }
    assert_true(kept);
}

static void holes_are_left_out(void **state) {
    (void)state;
    size_t n = triangulate(pierced, 0.05f);
    assert_true(n > 0);
    for (size_t k = 0; k < n; k++) assert_true(isfinite(z[indices[k]]));
    assert_no_cracks(n);
    for (int i = 0; i < SIDE; i++) {
        for (int j = 0; j < SIDE; j++) {
            float away = hypotf((float)i / N - 0.5f, (float)j / N - 0.5f);
            if (away > 0.15f + 2.0f / N) assert_true(isfinite(height_at(n, i, j)));
            if (away < 0.15f) assert_true(!isfinite(height_at(n, i, j)));
        }
    }
    for (int i = 0; i < SIDE * SIDE; i++) z[i] = NAN;
    assert_int_equal(rtin_triangulate(&rtin, z, 0.1f, indices), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(covers_the_square_without_cracks),
        cmocka_unit_test(is_as_true_as_asked),
        cmocka_unit_test(is_no_finer_than_that),
        cmocka_unit_test(ridges_stay_sharp),
        cmocka_unit_test(holes_are_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
