/// Each generator against its definition: without noise against NumPy's points or the formula, and
/// what the noise then does.
#include <stdio.h>

#include "datasets.h"
#include "fixtures/datasets.h"

static void test_xor(void **state) {
    (void)state;
    const Dataset *data = make(&(DatasetDesc){.kind = "xor"}, 1);
    size_t ones = 0;
    double sum[2] = {0, 0};
    for (size_t i = 0; i < data->n; i++) {
        float x1 = data->x[2 * i], x2 = data->x[2 * i + 1];
        assert_true(x1 >= 0 && x1 < 1 && x2 >= 0 && x2 < 1);
        assert_true(data->t[i] == ((x1 > 0.5f) != (x2 > 0.5f) ? 1.0f : 0.0f));
        ones += data->t[i] == 1.0f;
        sum[0] += (double)x1;
        sum[1] += (double)x2;
    }
    assert_true(data->classes);
    assert_int_equal(data->n_train, 500);
    assert_true(ones > 200 && ones < 300);
    assert_close(sum[0] / 500, 0.5, 0.05);
    assert_close(sum[1] / 500, 0.5, 0.05);
    dataset_release(data);
}

static void test_xor_noise_moves_points_but_not_their_class(void **state) {
    (void)state;
    DatasetDesc noisy = {.kind = "xor", .has_noise = true, .noise = 0.1f};
    noisy.has_samples = true;
    noisy.samples = 4000;
    const Dataset *data = make(&noisy, 1);
    int wrong = 0, outside = 0;
    for (size_t i = 0; i < data->n; i++) {
        float x1 = data->x[2 * i], x2 = data->x[2 * i + 1];
        wrong += data->t[i] != ((x1 > 0.5f) != (x2 > 0.5f) ? 1.0f : 0.0f);
        outside += x1 < 0 || x1 > 1 || x2 < 0 || x2 > 1;
    }
    // A normal shift by 0.1 crosses a border with 2 x 0.0399 a coordinate, or leaves with as much.
    assert_close(wrong / 4000.0, 0.147, 0.03);
    assert_close(outside / 4000.0, 0.153, 0.03);
    assert_true(data->classes);
    dataset_release(data);
}

static void test_paraboloid(void **state) {
    (void)state;
    const Dataset *data = make(&(DatasetDesc){.kind = "paraboloid"}, 9);
    assert_int_equal(data->grid[0], 12);
    assert_int_equal(data->grid[1], 12);
    for (int row = 0; row < 12; row++) {
        for (int column = 0; column < 12; column++) {
            const float *x = data->x + 2 * (size_t)(12 * row + column);
            assert_close((double)x[0], -1.0 + column / 5.5, 1e-7);
            assert_close((double)x[1], -1.0 + row / 5.5, 1e-7);
            double z = (double)x[1] * (double)x[1] - (double)x[0] * (double)x[0];
            assert_close((double)data->t[12 * row + column], z, 1e-6);
        }
    }
    assert_false(data->classes);
    dataset_release(data);
    DatasetDesc odd = {.kind = "paraboloid", .has_samples = true, .samples = 150};
    assert_refused(&odd, "data.samples: 150 is not a square number");
    odd.samples = 1;
    assert_refused(&odd, "data.samples: 1 is out of range [4, ");
    odd.samples = 25;
    data = make(&odd, 1);
    assert_int_equal(data->grid[0], 5);
    dataset_release(data);
}

static double error_surface_curve(double x) {
    return x < -2 ? 2 * x + 5 : x < 2 ? 7.3 * sin(x) : -0.03 * pow(x, 3) + 2;
}

static void test_error_surface(void **state) {
    (void)state;
    const Dataset *data = make(&(DatasetDesc){.kind = "error-surface"}, 1);
    assert_int_equal(data->n, 10000);
    assert_int_equal(data->n_train, 7000);
    double sum = 0, squares = 0, noise = 0, noise_squares = 0;
    for (size_t i = 0; i < data->n; i++) {
        double x = (double)data->x[i], rest = (double)data->t[i] - error_surface_curve(x);
        sum += x;
        squares += x * x;
        noise += rest;
        noise_squares += rest * rest;
    }
    double mean = sum / 1e4;
    assert_close(mean, 1.0, 0.15);
    assert_close(sqrt(squares / 1e4 - mean * mean), 4.5, 0.05);
    assert_close(noise / 1e4, 0.0, 0.04);
    assert_close(sqrt(noise_squares / 1e4), 1.0, 0.03);
    dataset_release(data);
}

static const Dataset *make_quiet(const char *kind, int samples) {
    DatasetDesc desc = described(kind);
    desc.has_samples = desc.has_noise = true;
    desc.samples = samples;
    return make(&desc, 5);
}

/// Every point is there once, in whatever order.
static void assert_points(const Dataset *data, const Point *points, size_t n) {
    assert_int_equal(data->n, n);
    bool used[32] = {false};
    for (size_t i = 0; i < n; i++) {
        size_t j = 0;
        while (j < n && (used[j] || fabs((double)data->x[2 * j] - points[i].x1) > 1e-6 ||
                         fabs((double)data->x[2 * j + 1] - points[i].x2) > 1e-6 ||
                         (double)data->t[j] != points[i].t)) {
            j++;
        }
        if (j == n) fail_msg("no (%g, %g) of class %g", points[i].x1, points[i].x2, points[i].t);
        used[j] = true;
    }
}

static void test_shapes_without_noise(void **state) {
    (void)state;
    static const struct {
        const char *kind;
        const Point *points;
        int n;
    } cases[] = {
        {"circles", circles_14, 14}, {"circles", circles_9, 9}, {"moons", moons_14, 14},
        {"moons", moons_9, 9},       {"spiral", spiral_14, 14}, {"spiral", spiral_9, 9},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const Dataset *data = make_quiet(cases[i].kind, cases[i].n);
        assert_points(data, cases[i].points, (size_t)cases[i].n);
        dataset_release(data);
    }
}

static void test_tables(void **state) {
    (void)state;
    const float corners[] = {0, 0, 0, 1, 1, 0, 1, 1}, xor[] = {
                                                          0, 1, 1, 0};
    const Dataset *data = make(&(DatasetDesc){.kind = "xor-corners"}, 1);
    assert_int_equal(data->n, 4);
    assert_memory_equal(data->x, corners, sizeof corners);
    assert_memory_equal(data->t, xor, sizeof xor);
    dataset_release(data);
    data = make_quiet("xor-corners", 10); // and again from the first
    assert_memory_equal(data->x + 8, corners, sizeof corners);
    assert_memory_equal(data->x + 16, corners, 4 * sizeof *corners);
    assert_memory_equal(data->t + 4, xor, sizeof xor);
    dataset_release(data);

    const float points[] = {0, 0, 0, 1, 1, 0, 1, 1, 0.5f, 0.5f, 1.5f, 0.5f, 0.5f, 1.5f};
    const float labels[] = {0, 1, 0, 1, 0, 0, 1};
    data = make(&(DatasetDesc){.kind = "perceptron"}, 1);
    assert_int_equal(data->n, 7);
    assert_memory_equal(data->x, points, sizeof points);
    assert_memory_equal(data->t, labels, sizeof labels);
    dataset_release(data);
    data = make_quiet("perceptron", 9);
    assert_memory_equal(data->x + 14, points, 4 * sizeof *points);
    dataset_release(data);
}

static void test_gaussians_without_noise_are_two_points(void **state) {
    (void)state;
    const Dataset *data = make_quiet("gaussians", 51);
    int positive = 0;
    for (size_t i = 0; i < data->n; i++) {
        float center = data->t[i] == 1 ? 2 : -2;
        assert_true(data->x[2 * i] == center && data->x[2 * i + 1] == center);
        positive += data->t[i] == 1;
    }
    assert_int_equal(positive, 25);
    dataset_release(data);
}

static void test_plane(void **state) {
    (void)state;
    DatasetDesc desc = described("plane");
    desc.has_samples = true;
    desc.samples = 20000;
    const Dataset *data = make(&desc, 1);
    double sums[2] = {0}, squares[2] = {0}, product = 0;
    for (size_t i = 0; i < data->n; i++) {
        double x1 = (double)data->x[2 * i], x2 = (double)data->x[2 * i + 1];
        assert_close(data->t[i], (x1 + x2) / 10, 2e-7);
        assert_true(fabs(x1) <= 6 && fabs(x2) <= 6);
        sums[0] += x1;
        sums[1] += x2;
        squares[0] += x1 * x1;
        squares[1] += x2 * x2;
        product += x1 * x2;
    }
    for (int k = 0; k < 2; k++) {
        assert_close(sums[k] / 20000, 0, 0.1);
        assert_close(squares[k] / 20000, 12, 0.02); // of the uniform distribution, 12^2 / 12
        assert_true(data->x_min[k] < -5.99f && data->x_max[k] > 5.99f);
    }
    assert_close(product / 20000, 0, 0.3);
    assert_false(data->classes);
    desc.has_noise = true;
    desc.noise = 0.25f;
    const Dataset *noisy = make(&desc, 1);
    double noise = 0, noise_squares = 0;
    for (size_t i = 0; i < data->n; i++) {
        double shift = (double)noisy->t[i] - (double)data->t[i];
        noise += shift;
        noise_squares += shift * shift;
    }
    assert_memory_equal(noisy->x, data->x, input_count(data) * sizeof *data->x);
    assert_close(noise / 20000, 0, 0.01);
    assert_close(sqrt(noise_squares / 20000), 0.25, 0.005);
    dataset_release(noisy);
    dataset_release(data);
}

static void test_noise_shifts_points_normally(void **state) {
    (void)state;
    static const char *const kinds[] = {"xor-corners", "circles",   "moons",
                                        "spiral",      "gaussians", "perceptron"};
    enum { N = 20000 };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        DatasetDesc desc = described(kinds[i]);
        desc.has_samples = desc.has_noise = true;
        desc.samples = N;
        const Dataset *quiet = make(&desc, 7);
        desc.noise = 0.3f;
        const Dataset *noisy = make(&desc, 7);
        // The same samples in the same order: noise moves points and nothing else.
        assert_memory_equal(noisy->t, quiet->t, N * sizeof *noisy->t);
        double sum[2] = {0}, squares[2] = {0}, product = 0;
        int near = 0;
        for (size_t s = 0; s < N; s++) {
            double shift[2];
            for (size_t k = 0; k < 2; k++) {
                shift[k] = (double)noisy->x[2 * s + k] - (double)quiet->x[2 * s + k];
                sum[k] += shift[k];
                squares[k] += shift[k] * shift[k];
                near += fabs(shift[k]) < 0.3;
            }
            product += shift[0] * shift[1];
        }
        for (int k = 0; k < 2; k++) {
            assert_close(sum[k] / N, 0, 0.01);
            assert_close(sqrt(squares[k] / N), 0.3, 0.006);
        }
        assert_close(product / N, 0, 0.004);
        assert_close(near / (2.0 * N), 0.6827, 0.01);
        dataset_release(noisy);
        dataset_release(quiet);
    }
}

static void test_classes_are_balanced_and_mixed(void **state) {
    (void)state;
    static const struct {
        const char *kind;
        int ones; // by default
    } cases[] = {{"circles", 250}, {"moons", 150}, {"spiral", 250}, {"gaussians", 250}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        DatasetDesc desc = described(cases[i].kind);
        const Dataset *data = make(&desc, 1);
        int ones = 0, changes = 0;
        for (size_t s = 0; s < data->n; s++) {
            ones += data->t[s] == 1;
            changes += s > 0 && data->t[s] != data->t[s - 1];
        }
        assert_true(data->classes);
        assert_int_equal(ones, cases[i].ones);
        // In random order every other sample differs from the one before.
        assert_close(changes / (double)data->n, 0.5, 0.1);
        dataset_release(data);
    }
}

static void test_spread_of_the_defaults(void **state) {
    (void)state;
    DatasetDesc desc = described("circles");
    desc.has_samples = true;
    desc.samples = 20000;
    const Dataset *data = make(&desc, 2);
    double radius[2] = {0};
    for (size_t i = 0; i < data->n; i++) {
        radius[data->t[i] == 1] += hypot((double)data->x[2 * i], (double)data->x[2 * i + 1]);
    }
    // Noise moves a point outwards on the average, by about its variance over twice the radius.
    assert_close(radius[0] / 10000, 1.0 + 0.01 / 2, 0.003);
    assert_close(radius[1] / 10000, 0.5 + 0.01, 0.003);
    dataset_release(data);

    desc = described("gaussians");
    desc.has_samples = true;
    desc.samples = 20000;
    data = make(&desc, 2);
    double sum = 0, squares = 0;
    for (size_t i = 0; i < input_count(data); i++) {
        double shift = (double)data->x[i] - (data->t[i / 2] == 1 ? 2 : -2);
        sum += shift;
        squares += shift * shift;
    }
    assert_close(sum / 40000, 0, 0.015);
    assert_close(squares / 40000, 0.49, 0.015);
    dataset_release(data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_xor),
        cmocka_unit_test(test_xor_noise_moves_points_but_not_their_class),
        cmocka_unit_test(test_paraboloid),
        cmocka_unit_test(test_error_surface),
        cmocka_unit_test(test_shapes_without_noise),
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_gaussians_without_noise_are_two_points),
        cmocka_unit_test(test_plane),
        cmocka_unit_test(test_noise_shifts_points_normally),
        cmocka_unit_test(test_classes_are_balanced_and_mixed),
        cmocka_unit_test(test_spread_of_the_defaults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
