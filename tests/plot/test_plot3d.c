/// Picking against brute force over all triangles, and the mapping between data, box and screen.
#include <stdlib.h>

#include "base/rng.h"
#include "plot/heightfield.h"
#include "plot/plot3d.h"

#include "support.h"

typedef struct Ray {
    double from[3], along[3];
} Ray;

static void cross(const double a[3], const double b[3], double out[3]) {
    out[0] = a[1] * b[2] - a[2] * b[1];
    out[1] = a[2] * b[0] - a[0] * b[2];
    out[2] = a[0] * b[1] - a[1] * b[0];
}

static double dot(const double a[3], const double b[3]) {
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/// Moeller and Trumbore's test.  @return the distance along the ray, HUGE_VAL: misses.
/// @param margin  written: the least barycentric coordinate, how far from an edge
static double triangle_hit(const Ray *ray, double corners[3][3], double *margin) {
    double e1[3], e2[3], s[3], p[3], q[3];
    for (int k = 0; k < 3; k++) {
        e1[k] = corners[1][k] - corners[0][k];
        e2[k] = corners[2][k] - corners[0][k];
        s[k] = ray->from[k] - corners[0][k];
    }
    cross(ray->along, e2, p);
    double det = dot(e1, p);
    if (fabs(det) < 1e-14) return HUGE_VAL;
    cross(s, e1, q);
    double u = dot(s, p) / det, v = dot(ray->along, q) / det, t = dot(e2, q) / det;
    *margin = fmin(fmin(u, v), 1.0 - u - v);
    return t >= 0.0 && isfinite(t) && *margin >= -1e-9 ? t : HUGE_VAL;
}

static void grid_point(const float *heights, int n_x, int n_y, int i, int j, double out[3]) {
    out[0] = 2.0 * i / (n_x - 1) - 1.0;
    out[1] = 2.0 * j / (n_y - 1) - 1.0;
    out[2] = (double)heights[i * n_y + j];
}

/// One of a cell's triangles, split along the flatter diagonal.  @return false in a hole
static bool cell_triangle(const float *heights, int n_x, int n_y, int i, int j, int half,
                          double corners[3][3]) {
    double c[4][3]; // around the cell
    grid_point(heights, n_x, n_y, i, j, c[0]);
    grid_point(heights, n_x, n_y, i + 1, j, c[1]);
    grid_point(heights, n_x, n_y, i + 1, j + 1, c[2]);
    grid_point(heights, n_x, n_y, i, j + 1, c[3]);
    int first = fabs(c[0][2] - c[2][2]) <= fabs(c[1][2] - c[3][2]) ? 0 : 1;
    for (int k = 0; k < 3; k++) {
        corners[0][k] = c[first][k];
        corners[1][k] = c[first + 2][k];
        corners[2][k] = c[(first + 1 + 2 * half) % 4][k];
    }
    return isfinite(c[0][2] + c[1][2] + c[2][2] + c[3][2]);
}

/// The nearest hit over all triangles; in *edge how close it is to the border of one.
static double brute_force(const float *heights, int n_x, int n_y, const Ray *ray, double *edge) {
    double nearest = HUGE_VAL;
    *edge = 1.0;
    for (int i = 0; i + 1 < n_x; i++) {
        for (int j = 0; j + 1 < n_y; j++) {
            for (int half = 0; half < 2; half++) {
                double corners[3][3], margin = -1.0;
                if (!cell_triangle(heights, n_x, n_y, i, j, half, corners)) continue;
                double t = triangle_hit(ray, corners, &margin);
                if (isfinite(t)) *edge = fmin(*edge, fabs(margin));
                nearest = fmin(nearest, t);
            }
        }
    }
    return nearest;
}

static Ray random_ray(Rng *rng) {
    Ray ray;
    for (int k = 0; k < 3; k++) ray.from[k] = (double)(float)rng_uniform(rng, -4.0, 4.0);
    double target[3] = {rng_uniform(rng, -1.2, 1.2), rng_uniform(rng, -1.2, 1.2),
                        rng_uniform(rng, 0.0, 1.2)};
    for (int k = 0; k < 3; k++) ray.along[k] = (double)(float)(target[k] - ray.from[k]);
    if (rng_below(rng, 8) == 0) ray.along[rng_below(rng, 2)] = 0.0;
    if (rng_below(rng, 16) == 0) ray.along[0] = ray.along[1] = 0.0;
    return ray;
}

static void fill_random(Rng *rng, float *heights, int n, bool holes) {
    for (int i = 0; i < n; i++) {
        heights[i] = (float)rng_uniform(rng, 0.0, 1.15);
        if (holes && rng_below(rng, 6) == 0) heights[i] = NAN;
    }
}

static void test_hits_as_brute_force(void **state) {
    (void)state;
    Rng rng = rng_create(5, RNG_TEST);
    int hits = 0, misses = 0;
    for (int trial = 0; trial < 6000; trial++) {
        float heights[11 * 7];
        int n_x = 2 + (int)rng_below(&rng, 10), n_y = 2 + (int)rng_below(&rng, 6);
        fill_random(&rng, heights, n_x * n_y, trial % 3 == 0);
        Ray ray = random_ray(&rng);
        float from[3], along[3], point[3];
        for (int k = 0; k < 3; k++) {
            from[k] = (float)ray.from[k];
            along[k] = (float)ray.along[k];
        }
        double edge, nearest = brute_force(heights, n_x, n_y, &ray, &edge);
        bool hit = heightfield_hit(heights, n_x, n_y, from, along, point);
        if (hit != isfinite(nearest) && edge < 1e-6) continue; // grazes a border
        assert_int_equal(hit, isfinite(nearest));
        hits += hit;
        misses += !hit;
        for (int k = 0; k < 3 && hit; k++)
            assert_close((double)point[k], ray.from[k] + ray.along[k] * nearest, 2e-5);
    }
    assert_true(hits > 1500 && misses > 500);
}

/// Rays through a closed surface never slip between its triangles, not even along its edges.
static void test_nothing_slips_through(void **state) {
    (void)state;
    enum { N = 33 };
    static float heights[N * N];
    Rng rng = rng_create(6, RNG_TEST);
    fill_random(&rng, heights, N * N, false);
    for (int trial = 0; trial < 5000; trial++) {
        int i = (int)rng_below(&rng, N - 2) + 1, j = (int)rng_below(&rng, N - 2) + 1;
        float x = 2.0f * (float)i / (N - 1) - 1.0f, y = 2.0f * (float)j / (N - 1) - 1.0f;
        float from[3] = {x, y, 3.0f}, along[3] = {0.0f, 0.0f, -1.0f}, point[3];
        if (trial % 2) along[rng_below(&rng, 2)] = 1e-3f * (float)rng_uniform(&rng, -1, 1);
        assert_true(heightfield_hit(heights, N, N, from, along, point));
    }
}

static void test_holes_are_passed(void **state) {
    (void)state;
    enum { N = 9 };
    float heights[N * N];
    for (int i = 0; i < N * N; i++) heights[i] = 0.5f;
    heights[4 * N + 4] = NAN;
    float above_hole[3] = {0.05f, 0.02f, 2.0f}, down[3] = {0.0f, 0.0f, -1.0f}, point[3];
    assert_false(heightfield_hit(heights, N, N, above_hole, down, point));
    // Slantwise through the hole from above, under the sheet and never up again.
    float slant[3] = {0.3f, 0.01f, -1.0f};
    assert_false(heightfield_hit(heights, N, N, above_hole, (float[3]){0.02f, 0.0f, -1.0f}, point));
    float from_left[3] = {-1.0f, 0.3f, 2.0f};
    assert_true(heightfield_hit(heights, N, N, from_left, slant, point));
    assert_close((double)point[2], 0.5, 1e-6);
    for (int i = 0; i < N * N; i++) heights[i] = NAN;
    assert_false(heightfield_hit(heights, N, N, from_left, slant, point));
}

static void test_no_ray_no_hit(void **state) {
    (void)state;
    float heights[4] = {0.5f, 0.5f, 0.5f, 0.5f}, point[3], from[3] = {0.0f, 0.0f, 2.0f};
    assert_false(heightfield_hit(heights, 2, 2, from, (float[3]){0, 0, 1}, point)); // behind
    assert_false(heightfield_hit(heights, 2, 2, from, (float[3]){0, 0, 0}, point));
    assert_false(heightfield_hit(heights, 2, 2, from, (float[3]){NAN, 0, -1}, point));
    assert_false(heightfield_hit(heights, 2, 2, from, (float[3]){1, 0, 0}, point));
    assert_false(heightfield_hit(heights, 1, 2, from, (float[3]){0, 0, -1}, point));
}

static Plot3d sample_plot(void) {
    return (Plot3d){
        .view = {40.0f, 30.0f, 500.0f, 400.0f},
        .scale = 1.0f,
        .camera = camera_default(),
        .a = {.lo = -5.0, .hi = 5.0},
        .b = {.lo = 0.0, .hi = 2.0},
        .z = {.lo = 0.01, .hi = 1.0, .log = true},
    };
}

static void test_world(void **state) {
    (void)state;
    Plot3d plot = sample_plot();
    float world[3];
    plot3d_world(&plot, 0.0, 2.0, 0.1, world);
    assert_close((double)world[0], 0.0, 1e-6);
    assert_close((double)world[1], 1.0, 1e-6);
    assert_close((double)world[2], (double)PLOT3D_HEIGHT / 2.0, 1e-6);
    plot3d_world(&plot, -7.0, 3.0, 1e9, world);
    assert_close((double)world[0], -1.0, 0.0);
    assert_close((double)world[1], 1.0, 0.0);
    assert_close((double)world[2], (double)PLOT3D_HEIGHT, 0.0);
    assert_close((double)plot3d_height(&plot, 0.0), 0.0, 0.0); // not on a log axis
    assert_close((double)plot3d_height(&plot, -1.0), 0.0, 0.0);
    assert_close((double)plot3d_height(&plot, HUGE_VAL), (double)PLOT3D_HEIGHT, 0.0);
    assert_true(isnan(plot3d_height(&plot, (double)NAN)));
    plot.z = (Axis3d){.lo = 2.0, .hi = 2.0};
    assert_close((double)plot3d_height(&plot, 2.0), (double)PLOT3D_HEIGHT / 2.0, 0.0);
}

/// What is drawn at a pixel is what a pick at that pixel finds, from any side.
static void test_pick_is_the_inverse_of_projection(void **state) {
    (void)state;
    enum { N = 41 };
    static float heights[N * N];
    Plot3d plot = sample_plot();
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            heights[i * N + j] = 0.1f * sinf((float)i * 0.2f) * cosf((float)j * 0.15f) + 0.3f;
    Rng rng = rng_create(9, RNG_TEST);
    for (int trial = 0; trial < 500; trial++) {
        plot.camera = camera_default();
        plot.camera.yaw = (float)rng_uniform(&rng, -3.1, 3.1);
        plot.camera.pitch = (float)rng_uniform(&rng, 0.7, 1.57); // steep: nothing hides a point
        int i = (int)rng_below(&rng, N), j = (int)rng_below(&rng, N);
        float world[3], screen[2];
        double a0 = -5.0 + 10.0 * i / (N - 1), b0 = 2.0 * j / (N - 1), a, b;
        plot3d_world(&plot, a0, b0, 1.0, world);
        world[2] = heights[i * N + j];
        world[0] *= 0.999f; // the outermost points may be missed by rounding
        world[1] *= 0.999f;
        camera_project(&plot.camera, plot.view, world, screen, NULL);
        assert_true(plot3d_pick(&plot, heights, N, N, screen[0], screen[1], &a, &b));
        assert_close(a, a0, 0.02);
        assert_close(b, b0, 0.02);
    }
    double a, b;
    assert_false(plot3d_pick(&plot, heights, N, N, 41.0f, 31.0f, &a, &b));
    assert_false(plot3d_pick(&plot, heights, N, N, 5.0f, 200.0f, &a, &b)); // outside the view
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hits_as_brute_force),
        cmocka_unit_test(test_nothing_slips_through),
        cmocka_unit_test(test_holes_are_passed),
        cmocka_unit_test(test_no_ray_no_hit),
        cmocka_unit_test(test_world),
        cmocka_unit_test(test_pick_is_the_inverse_of_projection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
