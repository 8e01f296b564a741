// Gradients and products in 64 bits against PyTorch's (tests/fixtures/record_planes.py), and by
// what holds for any Hessian.
#include <stdlib.h>
#include <string.h>

#include "nn/curvature.h"
#include "nn/pass.h"

#include "fixtures/curvature.h"
#include "nn/nets.h"
#include "support.h"

enum { N_CASES = sizeof curvature_cases / sizeof *curvature_cases };

static double dot(size_t n, const double *a, const double *b) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

/// |a - b| / |b|.
static double apart(size_t n, const double *a, const double *b) {
    double off = 0;
    for (size_t i = 0; i < n; i++) off += (a[i] - b[i]) * (a[i] - b[i]);
    return sqrt(off / dot(n, b, b));
}

static double *doubles(size_t n) {
    return calloc(n, sizeof(double));
}

/// Entry (i, j) of a matrix of which the upper triangle is kept.
static double entry(const double *triangle, size_t n, size_t i, size_t j) {
    size_t row = i < j ? i : j, col = i < j ? j : i;
    return triangle[row * n - row * (row + 1) / 2 + col];
}

static void test_gradient_and_products(void **state) {
    (void)state;
    double worst_gradient = 0, worst_product = 0, worst_entry = 0;
    for (int k = 0; k < N_CASES; k++) {
        const CurvatureCase *is = &curvature_cases[k];
        float *x, *t;
        Network net = plane_net_init(&is->net, &x, &t);
        const size_t n = net.n_params;
        Curvature *curvature = curvature_create(&(CurvatureDesc){
            .net = &net, .loss = is->net.loss, .x = x, .t = t, .n = (size_t)is->net.n_samples});
        double *v = plane_doubles(is->v, (int)n), *found = doubles(n), *column = doubles(n);
        assert_non_null(curvature);
        assert_true(curvature_gradient(curvature, found));
        double off = apart(n, found, is->gradient);
        worst_gradient = fmax(worst_gradient, off);
        if (!(off < 1e-12)) fail_msg("%s: gradient off by %g", is->net.name, off);
        assert_true(curvature_product(curvature, v, found));
        off = apart(n, found, is->product);
        worst_product = fmax(worst_product, off);
        if (!(off < 1e-12)) fail_msg("%s: product off by %g", is->net.name, off);
        // Column after column, the whole matrix.
        for (size_t i = 0; i < n; i++) {
            memset(v, 0, n * sizeof *v);
            v[i] = 1;
            for (size_t j = 0; j < n; j++) column[j] = entry(is->hessian, n, i, j);
            assert_true(curvature_product(curvature, v, found));
            for (size_t j = 0; j < n; j++) {
                off = fabs(found[j] - column[j]) / is->values[0];
                worst_entry = fmax(worst_entry, off);
                if (!(off < 1e-9)) fail_msg("%s: H[%zu, %zu] off by %g", is->net.name, j, i, off);
            }
        }
        curvature_destroy(curvature);
        network_deinit(&net);
        free(x);
        free(t);
        free(v);
        free(found);
        free(column);
    }
    print_message("gradients within %.1e, products %.1e, entries %.1e\n", worst_gradient,
                  worst_product, worst_entry);
}

static void test_planes(void **state) {
    (void)state;
    double worst = 0;
    for (int k = 0; k < N_CASES; k++) {
        const CurvatureCase *is = &curvature_cases[k];
        float *x, *t;
        Error error;
        Network net = plane_net_init(&is->net, &x, &t);
        const size_t n = net.n_params;
        const CurvatureDesc desc = {
            .net = &net, .loss = is->net.loss, .x = x, .t = t, .n = (size_t)is->net.n_samples};
        const Plane *plane = curvature_plane(&desc, 0, &error);
        assert_non_null(plane);
        assert_int_equal(plane->kind, PLANE_HESSIAN);
        assert_memory_equal(plane->origin, net.params, n * sizeof(float));
        assert_close(plane->gram[0], 1, 1e-6);
        assert_close(plane->gram[1], 0, 1e-6);
        assert_close(plane->gram[2], 1, 1e-6);
        for (int e = 0; e < 2; e++) {
            const float *direction = e == 0 ? plane->a : plane->b;
            double along = 0, residual = 0, most = 0;
            assert_true(fabs(plane->eigenvalues[e] / is->values[e] - 1) < 1e-7);
            for (size_t i = 0; i < n; i++) {
                double sum = 0;
                for (size_t j = 0; j < n; j++) {
                    sum += entry(is->hessian, n, i, j) * (double)direction[j];
                }
                residual = hypot(residual, sum - is->values[e] * (double)direction[i]);
                along += (double)direction[i] * is->vectors[(size_t)e * n + i];
                if (fabs((double)direction[i]) > fabs(most)) most = (double)direction[i];
            }
            worst = fmax(worst, residual / fabs(is->values[e]));
            assert_true(residual < 1e-3 * fabs(is->values[e]));
            assert_true(plane->residuals[e] <= 1e-4);
            assert_close(fabs(along), 1, 1e-4);
            assert_true(most > 0);
        }
        plane_release(plane);
        network_deinit(&net);
        free(x);
        free(t);
    }
    print_message("residuals within %.1e\n", worst);
}

/// A larger network of everything at once, whose Hessian nobody has seen.
typedef struct Sample {
    Network net;
    float *x, *t;
    double *wide_x, *wide_t;
    CurvatureDesc desc;
} Sample;

static Sample sample(Activation hidden, Activation last, Loss loss, size_t n) {
    const LayerDesc layers[] = {
        {.units = 6, .activation = hidden, .norm = NORM_LAYER},
        {.units = 6, .activation = hidden, .norm = NORM_BATCH, .residual = true, .dropout = 0.5f},
        {.units = 5, .activation = hidden, .no_bias = true},
        {.units = 3, .activation = last}};
    Sample made = {.net = random_layers(4, layers, 4, 7)};
    random_values(n * 4, -2, 2, 1, &made.x, &made.wide_x);
    random_values(n * 3, 0, 1, 2, &made.t, &made.wide_t);
    for (size_t i = 0; loss == LOSS_CROSS_ENTROPY && i < n; i++) {
        float *t = made.t + i * 3, sum = t[0] + t[1] + t[2];
        for (int k = 0; k < 3; k++) t[k] /= sum;
    }
    return made;
}

static CurvatureDesc describe(const Sample *of, Loss loss, size_t n) {
    return (CurvatureDesc){.net = &of->net, .loss = loss, .x = of->x, .t = of->t, .n = n};
}

static void sample_deinit(Sample *of) {
    network_deinit(&of->net);
    free(of->x);
    free(of->t);
    free(of->wide_x);
    free(of->wide_t);
}

static const struct {
    Activation hidden, last;
    Loss loss;
} mixes[] = {
    {ACTIVATION_TANH, ACTIVATION_LINEAR, LOSS_MSE},
    {ACTIVATION_SIGMOID, ACTIVATION_TANH, LOSS_HALF_MSE},
    {ACTIVATION_TANH, ACTIVATION_SIGMOID, LOSS_BCE},
    {ACTIVATION_SIGMOID, ACTIVATION_SOFTMAX, LOSS_CROSS_ENTROPY},
    {ACTIVATION_TANH, ACTIVATION_SIGMOID, LOSS_MSE_BROADCAST},
    {ACTIVATION_RELU, ACTIVATION_LINEAR, LOSS_MSE},
    {ACTIVATION_LEAKY_RELU, ACTIVATION_SOFTMAX, LOSS_CROSS_ENTROPY},
    {ACTIVATION_STEP, ACTIVATION_LEAKY_RELU, LOSS_MSE},
};

static void test_gradient_is_that_of_the_kernels(void **state) {
    (void)state;
    enum { N = 100 };
    for (size_t k = 0; k < sizeof mixes / sizeof *mixes; k++) {
        const Loss loss = mixes[k].loss;
        Sample of = sample(mixes[k].hidden, mixes[k].last, loss, N);
        const size_t n = of.net.n_params;
        const CurvatureDesc desc = describe(&of, loss, N);
        Curvature *curvature = curvature_create(&desc);
        Workspace ws;
        float *gradient = calloc(n, sizeof *gradient);
        double *wide = doubles(n), *narrow = doubles(n);
        assert_true(workspace_init(&ws, &of.net, N));
        network_gradient(&of.net, &ws, loss, of.x, of.t, N, gradient);
        assert_true(curvature_gradient(curvature, wide));
        for (size_t i = 0; i < n; i++) narrow[i] = (double)gradient[i];
        if (!(apart(n, narrow, wide) < 1e-5)) {
            fail_msg("mix %zu: off by %g", k, apart(n, narrow, wide));
        }
        workspace_deinit(&ws);
        curvature_destroy(curvature);
        free(gradient);
        free(wide);
        free(narrow);
        sample_deinit(&of);
    }
}

static void test_hessians_are_symmetric(void **state) {
    (void)state;
    enum { N = 150 };
    for (size_t k = 0; k < sizeof mixes / sizeof *mixes; k++) {
        Sample of = sample(mixes[k].hidden, mixes[k].last, mixes[k].loss, N);
        const size_t n = of.net.n_params;
        const CurvatureDesc desc = describe(&of, mixes[k].loss, N);
        Curvature *curvature = curvature_create(&desc);
        float *unused_u, *unused_v;
        double *u, *v, *hu = doubles(n), *hv = doubles(n);
        random_values(n, -1, 1, 3, &unused_u, &u);
        random_values(n, -1, 1, 4, &unused_v, &v);
        assert_true(curvature_product(curvature, u, hu));
        assert_true(curvature_product(curvature, v, hv));
        const double size = sqrt(dot(n, hu, hu) * dot(n, v, v));
        assert_true(size > 0);
        assert_true(fabs(dot(n, u, hv) - dot(n, v, hu)) < 1e-12 * size);
        curvature_destroy(curvature);
        free(unused_u);
        free(unused_v);
        free(u);
        free(v);
        free(hu);
        free(hv);
        sample_deinit(&of);
    }
}

/// The gradient at the weights moved along v. Steps of a power of two, so that weights in 32 bits
/// take them exactly.
static void gradient_at(Sample *of, const CurvatureDesc *desc, const int *v, float step,
                        double *gradient) {
    const size_t n = of->net.n_params;
    for (size_t i = 0; i < n; i++) of->net.params[i] += step * (float)v[i];
    Curvature *curvature = curvature_create(desc);
    assert_true(curvature_gradient(curvature, gradient));
    curvature_destroy(curvature);
    for (size_t i = 0; i < n; i++) of->net.params[i] -= step * (float)v[i];
}

static void test_products_are_differences_of_gradients(void **state) {
    (void)state;
    enum { N = 100 };
    for (size_t k = 0; k < sizeof mixes / sizeof *mixes; k++) {
        Sample of = sample(mixes[k].hidden, mixes[k].last, mixes[k].loss, N);
        const size_t n = of.net.n_params;
        const CurvatureDesc desc = describe(&of, mixes[k].loss, N);
        // Targets of a cross-entropy need not add up to 1.
        for (size_t i = 0; mixes[k].loss == LOSS_CROSS_ENTROPY && i < N; i++) of.t[3 * i] += 1;
        int *v = calloc(n, sizeof *v);
        double *wide = doubles(n), *above = doubles(n), *below = doubles(n), *hv = doubles(n);
        Rng rng = rng_create(k, RNG_TEST);
        for (size_t i = 0; i < n; i++) {
            v[i] = (int)rng_below(&rng, 3) - 1;
            wide[i] = v[i];
            of.net.params[i] = rintf(of.net.params[i] * 0x1p18f) * 0x1p-18f;
        }
        gradient_at(&of, &desc, v, 0x1p-18f, above);
        gradient_at(&of, &desc, v, -0x1p-18f, below);
        for (size_t i = 0; i < n; i++) above[i] = (above[i] - below[i]) * 0x1p17;
        Curvature *curvature = curvature_create(&desc);
        assert_true(curvature_product(curvature, wide, hv));
        double off = apart(n, above, hv);
        if (!(off < 1e-7)) fail_msg("mix %zu: off by %g", k, off);
        curvature_destroy(curvature);
        free(v);
        free(wide);
        free(above);
        free(below);
        free(hv);
        sample_deinit(&of);
    }
}

/// Cancels after some looks.
static bool cancel_at_zero(void *context) {
    int *looks = context;
    return (*looks)-- <= 0;
}

static void test_cancelling(void **state) {
    (void)state;
    enum { N = 300 }; // five blocks
    Sample of = sample(ACTIVATION_TANH, ACTIVATION_LINEAR, LOSS_MSE, N);
    const size_t n = of.net.n_params;
    CurvatureDesc desc = describe(&of, LOSS_MSE, N);
    double *v = doubles(n), *expected = doubles(n), *found = doubles(n);
    for (size_t i = 0; i < n; i++) v[i] = 1.0 / (double)(i + 1);
    Curvature *whole = curvature_create(&desc);
    assert_true(curvature_product(whole, v, expected));
    int looks = 0;
    desc.cancel = cancel_at_zero;
    desc.context = &looks;
    for (int stop = 0; stop < 5; stop++) {
        Curvature *curvature = curvature_create(&desc);
        looks = stop;
        assert_false(curvature_product(curvature, v, found));
        // What was done up to then does no harm.
        looks = 5;
        assert_true(curvature_product(curvature, v, found));
        assert_memory_equal(found, expected, n * sizeof *found);
        looks = stop;
        assert_false(curvature_gradient(curvature, found));
        curvature_destroy(curvature);
    }
    Error error;
    for (looks = 0; looks < 100; looks += 7) {
        const int kept = looks;
        assert_null(curvature_plane(&desc, 0, &error));
        assert_non_null(strstr(error.text, "cancelled"));
        looks = kept;
    }
    curvature_destroy(whole);
    free(v);
    free(expected);
    free(found);
    sample_deinit(&of);
}

static void test_where_there_is_no_plane(void **state) {
    (void)state;
    Error error;
    Sample of = sample(ACTIVATION_TANH, ACTIVATION_LINEAR, LOSS_MSE, 10);
    const CurvatureDesc desc = describe(&of, LOSS_MSE, 10);
    const float kept = of.net.params[3];
    const float wrong[] = {NAN, INFINITY, -INFINITY};
    for (int i = 0; i < 3; i++) {
        of.net.params[3] = wrong[i];
        assert_null(curvature_plane(&desc, 0, &error));
        assert_non_null(strstr(error.text, "finite"));
    }
    // Finite weights, but not the loss.
    of.net.params[3] = kept;
    of.t[0] = NAN;
    assert_null(curvature_plane(&desc, 0, &error));
    assert_non_null(strstr(error.text, "loss is not finite"));
    const CurvatureDesc of_none = describe(&of, LOSS_MSE, 0);
    assert_null(curvature_plane(&of_none, 0, &error));
    assert_non_null(strstr(error.text, "samples"));
    sample_deinit(&of);

    const LayerDesc single = {.units = 1, .no_bias = true};
    Network net = random_layers(1, &single, 1, 1);
    const float one = 1;
    const CurvatureDesc of_one = {.net = &net, .loss = LOSS_MSE, .x = &one, .t = &one, .n = 1};
    assert_null(curvature_plane(&of_one, 0, &error));
    assert_non_null(strstr(error.text, "one weight"));
    network_deinit(&net);
}

/// A loss that nothing changes: any directions do, and there are two.
static void test_flat_loss(void **state) {
    (void)state;
    Error error;
    Network net = random_network((int[]){2, 3, 1, 0}, ACTIVATION_STEP, ACTIVATION_STEP, true, 3);
    const float x[4] = {1, 2, 3, 4}, t[2] = {0, 1};
    const CurvatureDesc desc = {.net = &net, .loss = LOSS_MSE, .x = x, .t = t, .n = 2};
    const Plane *plane = curvature_plane(&desc, 0, &error);
    assert_non_null(plane);
    for (int i = 0; i < 2; i++) {
        assert_true(plane->eigenvalues[i] == 0 && plane->residuals[i] == 0);
    }
    assert_close(plane->gram[1], 0, 1e-6);
    plane_release(plane);
    network_deinit(&net);
}

/// Where tapes are not kept, products are the same to the bit.
static void test_many_samples(void **state) {
    (void)state;
    enum { N = 6000, PARTS = 50 };
    Network net =
        random_network((int[]){8, 250, 1, 0}, ACTIVATION_TANH, ACTIVATION_LINEAR, true, 3);
    const size_t n = net.n_params;
    float *x, *t;
    double *wide_x, *wide_t, *v = doubles(n), *sum = doubles(n), *part = doubles(n);
    random_values((size_t)N * 8, -1, 1, 1, &x, &wide_x);
    random_values(N, -1, 1, 2, &t, &wide_t);
    for (size_t i = 0; i < n; i++) v[i] = cos((double)i);
    // All samples at once, and in parts that fit.
    CurvatureDesc desc = {.net = &net, .loss = LOSS_MSE, .x = x, .t = t, .n = N};
    Curvature *curvature = curvature_create(&desc);
    double *whole = doubles(n), *again = doubles(n);
    assert_true(curvature_product(curvature, v, whole));
    assert_true(curvature_product(curvature, v, again));
    assert_memory_equal(whole, again, n * sizeof *whole);
    curvature_destroy(curvature);
    desc.n = N / PARTS;
    for (int i = 0; i < PARTS; i++, desc.x += desc.n * 8, desc.t += desc.n) {
        curvature = curvature_create(&desc);
        assert_true(curvature_product(curvature, v, part));
        for (size_t k = 0; k < n; k++) sum[k] += part[k] / PARTS;
        curvature_destroy(curvature);
    }
    assert_true(apart(n, whole, sum) < 1e-13);
    network_deinit(&net);
    free(x);
    free(t);
    free(wide_x);
    free(wide_t);
    free(v);
    free(sum);
    free(part);
    free(whole);
    free(again);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gradient_and_products),
        cmocka_unit_test(test_planes),
        cmocka_unit_test(test_gradient_is_that_of_the_kernels),
        cmocka_unit_test(test_hessians_are_symmetric),
        cmocka_unit_test(test_products_are_differences_of_gradients),
        cmocka_unit_test(test_cancelling),
        cmocka_unit_test(test_where_there_is_no_plane),
        cmocka_unit_test(test_flat_loss),
        cmocka_unit_test(test_many_samples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
