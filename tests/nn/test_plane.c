// Planes by what they promise: lengths, angles, and where weights lie.
#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "nn/plane.h"
#include "nn/reference.h"

#include "fixtures/curvature.h"
#include "fixtures/surfaces.h"
#include "nn/nets.h"
#include "support.h"

static double dot(size_t n, const float *a, const float *b) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)a[i] * (double)b[i];
    return sum;
}

static Network sample_network(void) {
    const LayerDesc layers[] = {{.units = 5, .activation = ACTIVATION_TANH},
                                {.units = 5, .norm = NORM_LAYER, .residual = true},
                                {.units = 1, .norm = NORM_BATCH, .no_bias = true},
                                {.units = 3}};
    return random_layers(3, layers, 4, 11);
}

static void test_names(void **state) {
    (void)state;
    for (int i = 0; i < PLANE_COUNT; i++) {
        assert_int_equal(plane_find(plane_name((PlaneKind)i)), i);
        assert_true(strlen(plane_description((PlaneKind)i)) > 0);
    }
    assert_int_equal(plane_find("flat"), PLANE_COUNT);
}

static void test_random_directions_are_as_long_as_the_filters(void **state) {
    (void)state;
    Error error;
    Network net = sample_network();
    // A filter of zeros has a direction of zeros.
    for (int i = 0; i < 5; i++) net.params[net.layers[1].weight_at + 5 + (size_t)i] = 0;
    const Plane *plane = plane_random(&net, 3, &error);
    assert_non_null(plane);
    assert_int_equal(plane->n_params, net.n_params);
    assert_memory_equal(plane->origin, net.params, net.n_params * sizeof(float));
    bool *of_weights = calloc(net.n_params, sizeof *of_weights);
    for (int l = 0; l < net.n_layers; l++) {
        const Layer *layer = &net.layers[l];
        const size_t inputs = (size_t)layer->inputs;
        for (size_t o = 0; o < (size_t)layer->units; o++) {
            const size_t at = layer->weight_at + o * inputs;
            const float *w = net.params + at, *a = plane->a + at, *b = plane->b + at;
            double squares = dot(inputs, w, w);
            assert_close(dot(inputs, a, a) / fmax(squares, 1e-30), squares > 0, 1e-6);
            assert_close(dot(inputs, b, b) / fmax(squares, 1e-30), squares > 0, 1e-6);
            if (inputs > 1) assert_true(fabs(dot(inputs, a, b)) <= 1e-6 * squares);
            memset(of_weights + at, true, inputs);
        }
    }
    for (size_t i = 0; i < net.n_params; i++) {
        if (!of_weights[i]) assert_true(plane->a[i] == 0 && plane->b[i] == 0);
    }
    assert_close(plane->gram[0], dot(net.n_params, plane->a, plane->a), 1e-12);
    assert_close(plane->gram[1], dot(net.n_params, plane->a, plane->b), 1e-12);
    assert_close(plane->gram[2], dot(net.n_params, plane->b, plane->b), 1e-12);
    assert_true(isnan(plane->explained[0]) && isnan(plane->eigenvalues[0]));
    plane_release(plane);
    free(of_weights);
    network_deinit(&net);
}

static void test_random_directions_are_seeded(void **state) {
    (void)state;
    Error error;
    Network net = sample_network();
    const Plane *plane = plane_random(&net, 3, &error), *same = plane_random(&net, 3, &error);
    const Plane *other = plane_random(&net, 4, &error);
    const size_t size = net.n_params * sizeof(float);
    assert_memory_equal(plane->a, same->a, size);
    assert_memory_equal(plane->b, same->b, size);
    assert_memory_not_equal(plane->a, other->a, size);
    // Not the same numbers in every row, nor of one sign.
    int positive = 0, weights = 0;
    for (size_t i = 0; i < net.n_params; i++) {
        weights += plane->a[i] != 0;
        positive += plane->a[i] > 0;
    }
    assert_in_range(positive, weights / 4, 3 * weights / 4);
    plane_release(plane);
    plane_release(same);
    plane_release(other);
    network_deinit(&net);
}

static void test_rows_of_single_weights(void **state) {
    (void)state;
    Error error;
    Network net = random_network((int[]){1, 1, 1, 0}, ACTIVATION_TANH, ACTIVATION_LINEAR, true, 3);
    for (uint64_t seed = 0; seed < 20; seed++) {
        const Plane *plane = plane_random(&net, seed, &error);
        assert_non_null(plane);
        for (size_t i = 0; i < net.n_params; i++) {
            bool is_weight = i == net.layers[0].weight_at || i == net.layers[1].weight_at;
            assert_close(fabsf(plane->b[i]), is_weight ? fabsf(net.params[i]) : 0, 1e-6);
        }
        plane_release(plane);
    }
    net.params[net.layers[1].weight_at] = 0;
    assert_null(plane_random(&net, 1, &error));
    assert_non_null(strstr(error.text, "one weight"));
    net.params[net.layers[0].weight_at] = 0;
    assert_null(plane_random(&net, 1, &error));
    assert_non_null(strstr(error.text, "zero"));
    net.params[net.layers[0].weight_at] = NAN;
    assert_null(plane_random(&net, 1, &error));
    assert_non_null(strstr(error.text, "finite"));
    network_deinit(&net);
}

static void test_between(void **state) {
    (void)state;
    Error error;
    Network net = sample_network();
    const size_t n = net.n_params;
    float *other, *moved = malloc(n * sizeof *moved);
    double *wide, at[2];
    random_values(n, -2, 2, 5, &other, &wide);
    const Plane *plane = plane_between(&net, other, 3, &error);
    assert_non_null(plane);
    assert_int_equal(plane->kind, PLANE_BETWEEN);
    plane_project(plane, net.params, at);
    assert_true(at[0] == 0 && at[1] == 0);
    plane_project(plane, other, at);
    assert_close(at[0], 1, 1e-6);
    assert_close(at[1], 0, 1e-6);
    plane_move(plane, net.params, (double[]){1, 0}, moved);
    for (size_t i = 0; i < n; i++) assert_close(moved[i], other[i], 1e-6);
    assert_true(fabs(plane->gram[1]) <= 1e-6 * plane->gram[0]);
    assert_close(plane->gram[2] / plane->gram[0], 1, 1e-6);

    assert_null(plane_between(&net, net.params, 3, &error));
    assert_non_null(strstr(error.text, "same"));
    other[2] = INFINITY;
    assert_null(plane_between(&net, other, 3, &error));
    plane_release(plane);
    free(other);
    free(wide);
    free(moved);
    network_deinit(&net);
}

/// Directions at an angle, and a point beside the plane.
static void test_coordinates(void **state) {
    (void)state;
    Error error;
    const float origin[4] = {1, 2, 3, 4};
    const double a[4] = {1, 1, 0, 0}, b[4] = {0, 2, 1, 0};
    Plane *plane = plane_of(PLANE_PCA, origin, a, b, 4, &error);
    assert_non_null(plane);
    // Orthogonal to both: (1, -1, 2, 0), and the last.
    const float params[4] = {1 + 0.5f + 0.25f, 2 + 0.5f - 3 - 0.25f, 3 - 1.5f + 0.5f, 9};
    double at[2];
    plane_project(plane, params, at);
    assert_close(at[0], 0.5, 1e-12);
    assert_close(at[1], -1.5, 1e-12);
    // Nowhere: the same bits.
    float moved[4];
    plane_move(plane, params, at, moved);
    assert_memory_equal(moved, params, sizeof params);
    // Elsewhere, in place: the same distance beside it.
    memcpy(moved, params, sizeof params);
    plane_move(plane, moved, (double[]){2, 1}, moved);
    for (int i = 0; i < 4; i++) {
        assert_close(moved[i], (double)params[i] + 1.5 * a[i] + 2.5 * b[i], 1e-6);
    }
    plane_project(plane, moved, at);
    assert_close(at[0], 2, 1e-6);
    assert_close(at[1], 1, 1e-6);
    plane_release(plane);

    assert_null(plane_of(PLANE_PCA, origin, a, (double[]){-2, -2, 0, 0}, 4, &error));
    assert_null(plane_of(PLANE_PCA, origin, a, (double[]){0, 0, 0, 0}, 4, &error));
    assert_null(plane_of(PLANE_PCA, origin, a, (double[]){0, (double)NAN, 0, 0}, 4, &error));
    assert_non_null(strstr(error.text, "finite"));
    assert_null(plane_of(PLANE_PCA, origin, a, b, 1, &error));
}

static void test_planes_are_counted(void **state) {
    (void)state;
    Error error;
    const float origin[2] = {0, 0};
    Plane *plane = plane_of(PLANE_PCA, origin, (double[]){1, 0}, (double[]){0, 1}, 2, &error);
    const Plane *held = plane_retain(plane);
    assert_ptr_equal(held, plane);
    plane_release(plane);
    assert_true(held->a[0] == 1 && held->b[1] == 1); // ASan sees if it is gone
    plane_release(held);
    assert_null(plane_retain(NULL));
    plane_release(NULL);
}

static const Plane *find_pca(const float *weights, size_t n, size_t n_params, const float *origin,
                             Error *error) {
    const PathDesc desc = {.weights = weights, .n = n, .n_params = n_params, .origin = origin};
    return plane_pca(&desc, error);
}

static void test_paths_without_a_plane(void **state) {
    (void)state;
    Error error;
    float path[15] = {1, 2, 3, 2, 4, 6, 3, 6, 9, 4, 8, 12, 5, 10, 15};
    assert_null(find_pca(path, 5, 3, path, &error));
    assert_non_null(strstr(error.text, "line"));
    assert_null(find_pca(path, 2, 3, path, &error));
    assert_null(find_pca(path, 15, 1, path, &error));
    memset(path, 0, sizeof path);
    assert_null(find_pca(path, 5, 3, path, &error));
    assert_non_null(strstr(error.text, "line"));
    path[4] = NAN;
    assert_null(find_pca(path, 5, 3, path, &error));
    assert_non_null(strstr(error.text, "finite"));
    const float bent[6] = {0, 0, 1, 0, 1, 1}, lost[2] = {0, INFINITY};
    assert_null(find_pca(bent, 3, 2, lost, &error));
    assert_non_null(strstr(error.text, "finite"));
}

/// Says to stop after some looks, and from then on.
static bool cancel_at_zero(void *context) {
    int *looks = context;
    return (*looks)-- <= 0;
}

static void test_components_given_up(void **state) {
    (void)state;
    enum { N = 40, DIMENSIONS = 5000, MANY = 1 << 20 };
    float *path;
    double *unused;
    random_values(N * DIMENSIONS, -1, 1, 9, &path, &unused);
    Error error;
    int looks = MANY;
    PathDesc desc = {.weights = path, .n = N, .n_params = DIMENSIONS, .origin = path};
    const Plane *expected = plane_pca(&desc, &error);
    desc.cancel = cancel_at_zero;
    desc.context = &looks;
    const Plane *plane = plane_pca(&desc, &error);
    assert_memory_equal(plane->a, expected->a, DIMENSIONS * sizeof(float));
    assert_memory_equal(plane->b, expected->b, DIMENSIONS * sizeof(float));
    const int all = MANY - looks;
    assert_true(all > 100);
    for (int stop = 0; stop < all; stop += stop < 10 ? 1 : all / 20) {
        looks = stop;
        assert_null(plane_pca(&desc, &error));
        assert_non_null(strstr(error.text, "cancelled"));
        assert_true(looks >= -2); // at once
    }
    plane_release(plane);
    plane_release(expected);
    free(path);
    free(unused);
}

/// A path whose components are known: an ellipse, in a plane of many dimensions far from zero.
static void test_components_of_an_ellipse(void **state) {
    (void)state;
    enum { N = 64, DIMENSIONS = 30 };
    static float path[N][DIMENSIONS];
    float *values;
    double *u, *v, squares = 0, both = 0, others = 0, at[2];
    random_values(2 * DIMENSIONS, -1, 1, 9, &values, &u);
    v = u + DIMENSIONS;
    for (int i = 0; i < DIMENSIONS; i++) squares += u[i] * u[i];
    for (int i = 0; i < DIMENSIONS; i++) both += u[i] * v[i];
    for (int i = 0; i < DIMENSIONS; i++) v[i] -= both / squares * u[i];
    for (int i = 0; i < DIMENSIONS; i++) others += v[i] * v[i];
    for (int k = 0; k < N; k++) {
        double angle = 6.283185307179586 * (k + 0.5) / N;
        for (int i = 0; i < DIMENSIONS; i++) {
            path[k][i] = (float)(10 + 0.3 * sin(angle) * u[i] / sqrt(squares) +
                                 0.1 * cos(angle) * v[i] / sqrt(others));
        }
    }
    Error error;
    const Plane *plane = find_pca(path[0], N, DIMENSIONS, path[0], &error);
    assert_non_null(plane);
    assert_close(plane->explained[0], 0.9, 1e-5);
    assert_close(plane->explained[1], 0.1, 1e-5);
    for (int i = 0; i < DIMENSIONS; i++) {
        // The path ends below where it began, along u; along v it ends where it began.
        assert_close(plane->a[i], -u[i] / sqrt(squares), 1e-5);
        assert_close(fabsf(plane->b[i]), fabs(v[i] / sqrt(others)), 1e-5);
    }
    plane_project(plane, path[0], at);
    assert_true(at[0] == 0 && at[1] == 0);
    assert_close(plane->gram[0], 1, 1e-6);
    assert_close(plane->gram[1], 0, 1e-6);
    assert_close(plane->gram[2], 1, 1e-6);
    plane_release(plane);
    free(values);
    free(u);
}

/// Recorded from NumPy: tests/fixtures/record_planes.py.
static void test_components_of_paths(void **state) {
    (void)state;
    double worst = 0;
    for (size_t k = 0; k < sizeof path_cases / sizeof *path_cases; k++) {
        const PathCase *is = &path_cases[k];
        const size_t n = (size_t)is->n_params;
        float *path = plane_floats(is->points, is->n * is->n_params);
        Error error;
        const Plane *plane = find_pca(path, (size_t)is->n, n, path + n, &error);
        assert_non_null(plane);
        assert_memory_equal(plane->origin, path + n, n * sizeof *path);
        for (size_t i = 0; i < n; i++) {
            worst = fmax(worst, fabs((double)plane->a[i] - is->directions[i]));
            worst = fmax(worst, fabs((double)plane->b[i] - is->directions[n + i]));
        }
        for (int i = 0; i < 2; i++) assert_close(plane->explained[i], is->explained[i], 1e-12);
        plane_release(plane);
        // The other way round it points the other way.
        float *back = malloc((size_t)is->n * n * sizeof *back);
        for (int i = 0; i < is->n; i++) {
            memcpy(back + (size_t)i * n, path + (size_t)(is->n - 1 - i) * n, n * sizeof *back);
        }
        plane = find_pca(back, (size_t)is->n, n, path, &error);
        for (size_t i = 0; i < n; i++) {
            assert_close(plane->a[i], -is->directions[i], 1e-7);
            assert_close(plane->b[i], -is->directions[n + i], 1e-7);
        }
        plane_release(plane);
        free(back);
        free(path);
    }
    print_message("directions within %.1e\n", worst);
    assert_true(worst < 1e-7); // what 32 bits leave
}

/// Where weights lie and what they become, by the losses there that PyTorch and NumPy find.
static void test_moves_over_recorded_planes(void **state) {
    (void)state;
    double worst = 0;
    for (size_t k = 0; k < sizeof surface_cases / sizeof *surface_cases; k++) {
        const SurfaceCase *is = &surface_cases[k];
        const int n = is->net.n_params, samples = is->net.n_samples;
        float *x, *t, *origin = plane_floats(is->origin, n);
        double *a = plane_doubles(is->a, n), *b = plane_doubles(is->b, n), at[2];
        Network net = plane_net_init(&is->net, &x, &t), moved;
        double *wide_x = plane_doubles(is->net.x, samples * net.n_inputs);
        double *wide_t = plane_doubles(is->net.t, samples * net.n_outputs);
        Error error;
        Plane *plane = plane_of(PLANE_HESSIAN, origin, a, b, (size_t)n, &error);
        assert_non_null(plane);
        plane_project(plane, net.params, at);
        for (int i = 0; i < 2; i++) assert_close(at[i], is->at[i], 1e-13);
        assert_true(network_copy(&moved, &net));
        for (int i = 0; i < SURFACE_A * SURFACE_B; i++) {
            const double to[2] = {is->along_a[i / SURFACE_B], is->along_b[i % SURFACE_B]};
            plane_move(plane, net.params, to, moved.params);
            double *params = wide_params(&moved);
            double loss =
                reference_loss(&moved, params, is->net.loss, wide_x, wide_t, (size_t)samples);
            worst = fmax(worst, fabs(loss / is->losses[i] - 1));
            free(params);
        }
        plane_release(plane);
        network_deinit(&net);
        network_deinit(&moved);
        free(x);
        free(t);
        free(origin);
        free(a);
        free(b);
        free(wide_x);
        free(wide_t);
    }
    print_message("losses within %.1e\n", worst);
    assert_true(worst < 1e-6); // moved weights are of 32 bits
}

/// What holds a path and the present weights, and is about three times as wide.
static void test_fit(void **state) {
    (void)state;
    Error error;
    const float origin[3] = {0};
    const float path[][3] = {{1, 0, 5}, {2, 0.5f, 0}, {4, 1, -5}};
    double range[2][2];
    Plane *plane = plane_of(PLANE_PCA, origin, (double[]){2, 0, 0}, (double[]){0, 1, 0}, 3, &error);
    plane_fit(plane, path[2], path[0], 3, range);
    assert_close(range[0][0], 1.25 - 1.5 * 1.5, 1e-12);
    assert_close(range[0][1], 1.25 + 1.5 * 1.5, 1e-12);
    assert_close(range[1][0], 0.5 - 1.5, 1e-12);
    assert_close(range[1][1], 0.5 + 1.5, 1e-12);
    // The present weights are off the path.
    const float present[3] = {-8, 0, 0};
    plane_fit(plane, present, path[0], 3, range);
    assert_close(range[0][0], -1 - 1.5 * 6, 1e-12);
    assert_close(range[0][1], -1 + 1.5 * 6, 1e-12);
    // Nothing has moved, or there is no path, or its points are not finite.
    const float lost[3] = {NAN, 1, 1};
    for (size_t n = 0; n < 3; n++) {
        plane_fit(plane, path[0], n < 2 ? path[0] : lost, n < 2 ? n : 1, range);
        assert_close(range[0][0], 0.5 - 1, 1e-12);
        assert_close(range[0][1], 0.5 + 1, 1e-12);
        assert_close(range[1][0], -1, 1e-12);
        assert_close(range[1][1], 1, 1e-12);
    }
    plane_fit(plane, lost, NULL, 0, range);
    assert_true(range[0][0] == -1 && range[0][1] == 1);
    // Straight along the first: seen from some way off.
    plane_fit(plane, path[0], (float[]){1, 0, 0, 3, 0, 0}, 2, range);
    assert_close(range[0][1] - range[0][0], 3, 1e-12);
    assert_true(range[1][1] - range[1][0] > 0.05);
    plane->kind = PLANE_BETWEEN;
    plane_fit(plane, origin, NULL, 0, range);
    assert_true(range[0][0] <= -0.5 && range[0][1] >= 1.5);
    // Random directions: as far as the weights are long, and farther where the path went.
    plane->kind = PLANE_RANDOM;
    plane_fit(plane, origin, (float[]){0.1f, 0, 0, 0.1f, 8, 0}, 2, range);
    assert_true(range[0][0] == -1 && range[0][1] == 1);
    assert_close(range[1][1], 4 + 1.5 * 8, 1e-12);
    plane_release(plane);
    // Diverged: beside such weights the whole path is less than rounding, but they are in sight,
    // and the axes are long enough for steps along them to count.
    const float far[3] = {1e13f, 0, 0}, beside[3] = {1e13f, 3e6f, 0};
    plane = plane_of(PLANE_HESSIAN, far, (double[]){1, 0, 0}, (double[]){0, 1, 0}, 3, &error);
    plane_fit(plane, far, beside, 1, range);
    for (int k = 0; k < 2; k++) {
        assert_close(range[k][0], -range[k][1], 1e-6);
        assert_true(range[k][1] >= 100 * 1e13 * (double)FLT_EPSILON);
    }
    plane_release(plane);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_random_directions_are_as_long_as_the_filters),
        cmocka_unit_test(test_random_directions_are_seeded),
        cmocka_unit_test(test_rows_of_single_weights),
        cmocka_unit_test(test_between),
        cmocka_unit_test(test_coordinates),
        cmocka_unit_test(test_planes_are_counted),
        cmocka_unit_test(test_paths_without_a_plane),
        cmocka_unit_test(test_components_given_up),
        cmocka_unit_test(test_components_of_an_ellipse),
        cmocka_unit_test(test_components_of_paths),
        cmocka_unit_test(test_moves_over_recorded_planes),
        cmocka_unit_test(test_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
