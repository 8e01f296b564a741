/// Landscapes against the 64-bit reference: every way in which two parameters can lie to each
/// other, planes in which all move, every activation and loss, several outputs; and the same bits
/// however the rows are cut.
#include "nn/landscape.h"

#include <stdlib.h>
#include <string.h>

#include "base/parallel.h"
#include "base/rng.h"
#include "nn/reference.h"

#include "support.h"

enum { GRID_A = 4, GRID_B = 3, SAMPLES = 520 }; // more than a block, and not whole blocks

typedef struct Problem {
    Network net;
    Loss loss;
    size_t n;
    float *x, *t;
    double *x64, *t64, *params64;
} Problem;

/// Parameters of any value, but for norms': those stay near their start, and variances positive.
static void draw_params(Network *net, Rng *rng) {
    for (size_t i = 0; i < net->n_values; i++) net->params[i] = (float)rng_normal(rng);
    for (int l = 0; l < net->n_layers; l++) {
        const Layer *layer = &net->layers[l];
        for (size_t o = 0; o < (size_t)layer->units; o++) {
            if (layer->norm != NORM_NONE) {
                net->params[layer->gamma_at + o] = (float)rng_uniform(rng, 0.5, 1.5);
            }
            if (layer->norm == NORM_BATCH) {
                net->params[layer->variance_at + o] = (float)rng_uniform(rng, 0.2, 3);
            }
        }
    }
}

/// Shares of classes that add up to 1, most of them a single class.
static void draw_classes(float *t, size_t n, int classes, Rng *rng) {
    for (size_t i = 0; i < n; i++, t += classes) {
        for (int k = 0; k < classes; k++) t[k] = 0.0f;
        float share = i % 5 == 0 ? 0.25f : 0.0f;
        t[rng_below(rng, (uint32_t)classes)] += share;
        t[rng_below(rng, (uint32_t)classes)] += 1.0f - share;
    }
}

static Problem problem_create(int n_inputs, const LayerDesc *layers, int n_layers, Loss loss,
                              size_t n) {
    Problem p = {.loss = loss, .n = n};
    assert_true(network_init(&p.net, n_inputs, layers, n_layers, NULL));
    Rng rng = rng_create(7, RNG_TEST);
    draw_params(&p.net, &rng);
    size_t inputs = n * (size_t)n_inputs, targets = n * (size_t)p.net.n_outputs;
    p.x = malloc(inputs * sizeof *p.x);
    p.x64 = malloc(inputs * sizeof *p.x64);
    p.t = malloc(targets * sizeof *p.t);
    p.t64 = malloc(targets * sizeof *p.t64);
    p.params64 = malloc(p.net.n_values * sizeof *p.params64);
    for (size_t i = 0; i < inputs; i++) p.x[i] = (float)rng_normal(&rng);
    for (size_t i = 0; i < targets; i++) p.t[i] = (float)rng_double(&rng);
    if (loss == LOSS_CROSS_ENTROPY) draw_classes(p.t, n, p.net.n_outputs, &rng);
    for (size_t i = 0; i < inputs; i++) p.x64[i] = (double)p.x[i];
    for (size_t i = 0; i < targets; i++) p.t64[i] = (double)p.t[i];
    return p;
}

static void problem_destroy(Problem *p) {
    network_deinit(&p->net);
    free(p->x);
    free(p->t);
    free(p->x64);
    free(p->t64);
    free(p->params64);
}

static Landscape *landscape_of(const Problem *p, ParamRef a, ParamRef b) {
    LandscapeDesc desc = {
        .net = &p->net, .a = a, .b = b, .loss = p->loss, .x = p->x, .t = p->t, .n = p->n};
    Error error;
    Landscape *land = landscape_create(&desc, &error);
    if (!land) fail_msg("%s", error.text);
    return land;
}

static double reference_at(const Problem *p, ParamRef a, double va, ParamRef b, double vb) {
    size_t at_a, at_b;
    assert_true(network_locate(&p->net, a, &at_a, NULL));
    assert_true(network_locate(&p->net, b, &at_b, NULL));
    for (size_t i = 0; i < p->net.n_values; i++) p->params64[i] = (double)p->net.params[i];
    p->params64[at_a] = (double)(float)va;
    p->params64[at_b] = (double)(float)vb;
    return reference_loss(&p->net, p->params64, p->loss, p->x64, p->t64, p->n);
}

static void check_pair(const Problem *p, ParamRef a, ParamRef b) {
    double va[GRID_A], vb[GRID_B];
    float out[GRID_A * GRID_B];
    landscape_axis(-5.0, 4.0, GRID_A, va);
    landscape_axis(-3.0, 5.0, GRID_B, vb);
    Landscape *land = landscape_of(p, a, b);
    assert_true(landscape_rows(land, va, vb, 0, GRID_A, GRID_B, out, NULL, NULL));
    for (int i = 0; i < GRID_A; i++) {
        for (int j = 0; j < GRID_B; j++) {
            double expected = reference_at(p, a, va[i], b, vb[j]);
            // Relative: losses here are well above zero.
            assert_close((double)out[i * GRID_B + j] / expected, 1.0, 1e-5);
        }
    }
    // Cut into rows, the same bits.
    for (int i = 0; i < GRID_A; i++) {
        float row[GRID_B];
        assert_true(landscape_rows(land, va, vb, i, i + 1, GRID_B, row, NULL, NULL));
        assert_memory_equal(row, out + (size_t)i * GRID_B, sizeof row);
    }
    landscape_destroy(land);
}

/// A plane in which every parameter moves, counted from somewhere else than the network is.
static const Plane *any_plane(const Network *net) {
    Rng rng = rng_create(11, RNG_TEST);
    double *a = malloc(2 * net->n_params * sizeof *a), *b = a + net->n_params;
    float *origin = malloc(net->n_params * sizeof *origin);
    for (size_t i = 0; i < net->n_params; i++) {
        a[i] = rng_normal(&rng);
        b[i] = rng_normal(&rng);
        origin[i] = net->params[i] + (float)rng_normal(&rng);
    }
    const Plane *plane = plane_of(PLANE_RANDOM, origin, a, b, net->n_params, NULL);
    free(a), free(origin);
    return plane;
}

static void check_plane(const Problem *p) {
    const Plane *plane = any_plane(&p->net);
    if (!plane) return; // a single parameter has none
    double here[2], va[GRID_A], vb[GRID_B];
    float out[GRID_A * GRID_B];
    plane_project(plane, p->net.params, here);
    landscape_axis(here[0] - 0.5, here[0] + 1.0, GRID_A, va);
    landscape_axis(here[1] - 0.75, here[1] + 0.75, GRID_B, vb); // its middle is here
    va[1] = here[0];
    LandscapeDesc desc = {
        .net = &p->net, .plane = plane, .loss = p->loss, .x = p->x, .t = p->t, .n = p->n};
    Error error;
    Landscape *land = landscape_create(&desc, &error);
    if (!land) fail_msg("%s", error.text);
    plane_release(plane); // the landscape keeps it
    assert_true(landscape_rows(land, va, vb, 0, GRID_A, GRID_B, out, NULL, NULL));
    for (int i = 0; i < GRID_A; i++) {
        for (int j = 0; j < GRID_B; j++) {
            for (size_t k = 0; k < p->net.n_values; k++) p->params64[k] = (double)p->net.params[k];
            for (size_t k = 0; k < p->net.n_params; k++) {
                p->params64[k] += (va[i] - here[0]) * (double)plane->a[k] +
                                  (vb[j] - here[1]) * (double)plane->b[k];
            }
            double expected = reference_loss(&p->net, p->params64, p->loss, p->x64, p->t64, p->n);
            assert_close((double)out[i * GRID_B + j] / expected, 1.0, 1e-5);
        }
        float row[GRID_B];
        assert_true(landscape_rows(land, va, vb, i, i + 1, GRID_B, row, NULL, NULL));
        assert_memory_equal(row, out + (size_t)i * GRID_B, sizeof row);
    }
    landscape_destroy(land);
}

/// Pairs of some parameters that lie in all ways to each other: of all of them every `stride`-th.
static void check_pairs(const Problem *p, const ParamRef *refs, int n, int first, int stride) {
    for (int i = first % stride; i < n * n; i += stride) check_pair(p, refs[i / n], refs[i % n]);
}

static void test_pairs_of_a_deep_network(void **state) {
    (void)state;
    const LayerDesc layers[] = {{.units = 3, .activation = ACTIVATION_TANH},
                                {.units = 2, .activation = ACTIVATION_SIGMOID},
                                {.units = 6, .activation = ACTIVATION_RELU},
                                {.units = 1, .activation = ACTIVATION_LINEAR}};
    const ParamRef refs[] = {{0, 0, 0},           {0, 0, 1}, {0, 2, PARAM_BIAS}, {1, 0, 0},
                             {1, 1, 2},           {1, 0, 2}, {2, 4, 1},          {2, 5, PARAM_BIAS},
                             {-1, 0, PARAM_BIAS}, {-1, 0, 4}};
    for (int loss = LOSS_MSE; loss <= LOSS_HALF_MSE; loss++) {
        Problem p = problem_create(2, layers, 4, (Loss)loss, SAMPLES);
        check_pairs(&p, refs, (int)(sizeof refs / sizeof *refs), loss, loss == LOSS_MSE ? 1 : 7);
        problem_destroy(&p);
    }
}

static void test_pairs_with_several_outputs(void **state) {
    (void)state;
    const LayerDesc linear[] = {{.units = 4, .activation = ACTIVATION_TANH},
                                {.units = 3, .activation = ACTIVATION_LINEAR}};
    const LayerDesc sigmoid[] = {{.units = 4, .activation = ACTIVATION_TANH},
                                 {.units = 3, .activation = ACTIVATION_SIGMOID}};
    const LayerDesc softmax[] = {{.units = 4, .activation = ACTIVATION_TANH},
                                 {.units = 3, .activation = ACTIVATION_SOFTMAX}};
    const ParamRef refs[] = {{0, 1, 0}, {0, 3, PARAM_BIAS}, {1, 0, 1},
                             {1, 0, 2}, {1, 2, 3},          {1, 1, PARAM_BIAS}};
    for (int loss = 0; loss < LOSS_COUNT; loss++) {
        const LayerDesc *layers = loss == LOSS_BCE             ? sigmoid
                                  : loss == LOSS_CROSS_ENTROPY ? softmax
                                                               : linear;
        for (int blocks = 1; blocks <= 2; blocks++) {
            Problem p = problem_create(3, layers, 2, (Loss)loss, blocks == 1 ? 70 : SAMPLES);
            check_pairs(&p, refs, (int)(sizeof refs / sizeof *refs), loss, blocks == 1 ? 1 : 7);
            problem_destroy(&p);
        }
    }
}

/// Of every layer: two weights of one neuron, one of another, and a bias.
static int some_refs(const Network *net, ParamRef *refs) {
    int n = 0;
    for (int l = 0; l < net->n_layers; l++) {
        const Layer *layer = &net->layers[l];
        refs[n++] = (ParamRef){l, 0, 0};
        if (layer->inputs > 1) refs[n++] = (ParamRef){l, 0, layer->inputs - 1};
        if (layer->units > 1) refs[n++] = (ParamRef){l, layer->units - 1, 0};
        if (layer->has_bias) refs[n++] = (ParamRef){l, layer->units / 2, PARAM_BIAS};
    }
    return n;
}

static void check_some_pairs(int n_inputs, const LayerDesc *layers, int n_layers, size_t n,
                             Loss loss, int first, int stride) {
    ParamRef refs[4 * NETWORK_LAYERS_MAX];
    Problem p = problem_create(n_inputs, layers, n_layers, loss, n);
    check_pairs(&p, refs, some_refs(&p.net, refs), first, stride);
    check_plane(&p);
    problem_destroy(&p);
}

static void test_every_activation(void **state) {
    (void)state;
    for (int activation = 0; activation < ACTIVATION_COUNT; activation++) {
        // A sum next to a step's jump may fall on its other side in 32 bits.
        if (activation == ACTIVATION_SOFTMAX || activation == ACTIVATION_STEP) continue;
        const LayerDesc layers[] = {{.units = 3, .activation = (Activation)activation},
                                    {.units = 2, .activation = (Activation)activation}};
        check_some_pairs(2, layers, 2, 70, LOSS_MSE, 0, 1);
    }
}

static void test_every_norm_with_residuals_or_without(void **state) {
    (void)state;
    for (int norm = 0; norm < NORM_COUNT; norm++) {
        for (int residual = 0; residual < 2; residual++) {
            const LayerDesc hidden = {.units = 3,
                                      .activation = ACTIVATION_TANH,
                                      .norm = (Norm)norm,
                                      .dropout = 0.5f,
                                      .residual = residual};
            const LayerDesc layers[] = {
                hidden, hidden, hidden, {.units = 1, .activation = ACTIVATION_LINEAR}};
            check_some_pairs(3, layers, 4, 70, LOSS_MSE, norm + residual, 3);
        }
    }
}

/// What the layer before or after has changes what a stage must keep. Each mixture has another
/// fifth of the pairs, so that every pair meets every mixture of two neighbours.
static void test_every_mixture_of_three_layers(void **state) {
    (void)state;
    const LayerDesc kinds[] = {
        {.units = 3, .activation = ACTIVATION_TANH},
        {.units = 3, .activation = ACTIVATION_TANH, .residual = true, .no_bias = true},
        {.units = 3, .activation = ACTIVATION_TANH, .norm = NORM_LAYER},
        {.units = 3, .activation = ACTIVATION_SIGMOID, .norm = NORM_LAYER, .residual = true},
        {.units = 3, .activation = ACTIVATION_LEAKY_RELU, .norm = NORM_BATCH, .no_bias = true},
    };
    enum { KINDS = sizeof kinds / sizeof *kinds };
    for (int i = 0; i < KINDS * KINDS * KINDS; i++) {
        const LayerDesc layers[] = {kinds[i % KINDS], kinds[i / KINDS % KINDS],
                                    kinds[i / (KINDS * KINDS)]};
        const int part = i + i / KINDS + i / (KINDS * KINDS);
        check_some_pairs(3, layers, 3, 8, i % 2 ? LOSS_MSE : LOSS_MSE_BROADCAST, part, KINDS);
    }
}

/// The last layer with norms and a residual connection: quadratics, and logits.
static void test_last_layers(void **state) {
    (void)state;
    const Activation last[] = {[LOSS_MSE] = ACTIVATION_LINEAR,
                               [LOSS_HALF_MSE] = ACTIVATION_LINEAR,
                               [LOSS_BCE] = ACTIVATION_SIGMOID,
                               [LOSS_CROSS_ENTROPY] = ACTIVATION_SOFTMAX,
                               [LOSS_MSE_BROADCAST] = ACTIVATION_LINEAR};
    for (int loss = 0; loss < LOSS_COUNT; loss++) {
        for (int norm = 0; norm < NORM_COUNT; norm++) {
            for (int residual = 0; residual < 2; residual++) {
                const LayerDesc layers[] = {{.units = 3, .activation = ACTIVATION_TANH},
                                            {.units = 3,
                                             .activation = last[loss],
                                             .norm = (Norm)norm,
                                             .residual = residual}};
                check_some_pairs(2, layers, 2, 20, (Loss)loss, loss + norm + residual, 2);
            }
        }
    }
}

/// Far out, where probabilities round to 0 and 1, a loss is still its logits'.
static void test_saturated_logits(void **state) {
    (void)state;
    const LayerDesc sigmoid = {.units = 1, .activation = ACTIVATION_SIGMOID};
    const LayerDesc softmax = {.units = 3, .activation = ACTIVATION_SOFTMAX};
    for (int several = 0; several < 2; several++) {
        Problem p = problem_create(2, several ? &softmax : &sigmoid, 1,
                                   several ? LOSS_CROSS_ENTROPY : LOSS_BCE, 50);
        const ParamRef a = {0, 0, 0}, b = {0, 0, 1};
        const double far[] = {-300, -20, 20, 300};
        float out[16];
        Landscape *land = landscape_of(&p, a, b);
        assert_true(landscape_rows(land, far, far, 0, 4, 4, out, NULL, NULL));
        for (int i = 0; i < 16; i++) {
            double expected = reference_at(&p, a, far[i / 4], b, far[i % 4]);
            assert_close((double)out[i] / expected, 1.0, 1e-5);
        }
        landscape_destroy(land);
        problem_destroy(&p);
    }
}

static void test_one_layer_without_bias(void **state) {
    (void)state;
    const LayerDesc layer = {.units = 1, .activation = ACTIVATION_TANH, .no_bias = true};
    Problem p = problem_create(1, &layer, 1, LOSS_MSE, 3);
    check_pair(&p, (ParamRef){0, 0, 0}, (ParamRef){0, 0, 0});
    problem_destroy(&p);
}

static void test_wide_layers(void **state) {
    (void)state;
    const LayerDesc layers[] = {{.units = 37, .activation = ACTIVATION_TANH},
                                {.units = 22, .activation = ACTIVATION_RELU, .no_bias = true},
                                {.units = 5, .activation = ACTIVATION_SIGMOID}};
    const ParamRef refs[] = {{0, 36, 12}, {1, 21, 36}, {1, 20, 3}, {2, 4, 21}};
    Problem p = problem_create(13, layers, 3, LOSS_MSE, 90);
    check_pairs(&p, refs, 4, 0, 1);
    problem_destroy(&p);
}

typedef struct Job {
    const Landscape *land;
    const double *a, *b;
    int n_b;
    float *out;
} Job;

static void run_rows(void *context, int first, int last) {
    const Job *job = context;
    landscape_rows(job->land, job->a, job->b, first, last, job->n_b,
                   job->out + (size_t)first * (size_t)job->n_b, NULL, NULL);
}

static void test_threads_give_the_same_bits(void **state) {
    (void)state;
    enum { N = 33 };
    const LayerDesc layers[] = {{.units = 2, .activation = ACTIVATION_TANH},
                                {.units = 2, .activation = ACTIVATION_TANH},
                                {.units = 1, .activation = ACTIVATION_LINEAR}};
    Problem p = problem_create(2, layers, 3, LOSS_MSE, SAMPLES);
    double axis[N];
    landscape_axis(-5, 5, N, axis);
    for (int order = 0; order < 2; order++) {
        ParamRef hidden = {1, 0, 0}, input = {0, 1, 1};
        Landscape *land = landscape_of(&p, order ? hidden : input, order ? input : hidden);
        static float one[N * N], four[N * N];
        Job job = {land, axis, axis, N, one};
        parallel_for(N, N, 1, run_rows, &job);
        job.out = four;
        parallel_for(N, 2, 4, run_rows, &job);
        assert_memory_equal(one, four, sizeof one);
        landscape_destroy(land);
    }
    problem_destroy(&p);
}

static void test_not_finite_stays(void **state) {
    (void)state;
    const LayerDesc layers[] = {{.units = 2, .activation = ACTIVATION_RELU},
                                {.units = 1, .activation = ACTIVATION_LINEAR}};
    Problem p = problem_create(2, layers, 2, LOSS_MSE, 40);
    double a[2] = {1.0, 1e30}, b[2] = {1.0, 1e30};
    float out[4];
    Landscape *land = landscape_of(&p, (ParamRef){0, 0, 0}, (ParamRef){1, 0, 0});
    assert_true(landscape_rows(land, a, b, 0, 2, 2, out, NULL, NULL));
    assert_true(isfinite(out[0]));
    assert_true(!isfinite(out[3]));
    landscape_destroy(land);
    p.net.params[p.net.layers[1].bias_at] = NAN;
    land = landscape_of(&p, (ParamRef){0, 0, 0}, (ParamRef){1, 0, 0});
    assert_true(landscape_rows(land, a, b, 0, 2, 2, out, NULL, NULL));
    for (int i = 0; i < 4; i++) assert_true(isnan(out[i]));
    landscape_destroy(land);
    problem_destroy(&p);
}

static bool cancel_at_fourth(void *context) {
    int *count = context;
    return ++*count == 4;
}

static void test_cancel_stops(void **state) {
    (void)state;
    const LayerDesc layers[] = {{.units = 2, .activation = ACTIVATION_TANH},
                                {.units = 1, .activation = ACTIVATION_TANH}};
    Problem p = problem_create(2, layers, 2, LOSS_MSE, 40);
    double axis[9];
    landscape_axis(-1, 1, 9, axis);
    float out[81];
    int count = 0;
    Landscape *land = landscape_of(&p, (ParamRef){0, 0, 0}, (ParamRef){1, 0, 0});
    assert_false(landscape_rows(land, axis, axis, 0, 9, 9, out, cancel_at_fourth, &count));
    assert_int_equal(count, 4);
    landscape_destroy(land);
    problem_destroy(&p);
}

static bool cancel_always(void *context) {
    (void)context;
    return true;
}

static void test_cancel_stops_the_making(void **state) {
    (void)state;
    const LayerDesc layers[] = {{.units = 4, .activation = ACTIVATION_TANH}, {.units = 1}};
    Problem p = problem_create(3, layers, 2, LOSS_MSE, SAMPLES);
    const Plane *plane = any_plane(&p.net);
    for (int on_plane = 0; on_plane < 2; on_plane++) {
        LandscapeDesc desc = {.net = &p.net,
                              .b = {0, 1, 0},
                              .plane = on_plane ? plane : NULL,
                              .loss = p.loss,
                              .x = p.x,
                              .t = p.t,
                              .n = p.n,
                              .cancel = cancel_always};
        Error error;
        assert_null(landscape_create(&desc, &error));
        assert_non_null(strstr(error.text, "cancelled"));
    }
    plane_release(plane);
    problem_destroy(&p);
}

static void test_missing_parameters_are_errors(void **state) {
    (void)state;
    const LayerDesc layers[] = {{.units = 2, .activation = ACTIVATION_TANH, .no_bias = true},
                                {.units = 1, .activation = ACTIVATION_TANH}};
    Problem p = problem_create(2, layers, 2, LOSS_MSE, 4);
    const ParamRef good = {0, 0, 0};
    const ParamRef bad[] = {{2, 0, 0},  {-3, 0, 0}, {0, 2, 0},
                            {0, -1, 0}, {0, 0, 2},  {0, 0, PARAM_BIAS}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        LandscapeDesc desc = {
            .net = &p.net, .a = good, .b = bad[i], .loss = p.loss, .x = p.x, .t = p.t, .n = p.n};
        Error error = {""};
        assert_null(landscape_create(&desc, &error));
        assert_true(error.text[0] != '\0');
    }
    problem_destroy(&p);
}

static void test_axis_has_both_ends(void **state) {
    (void)state;
    double values[4];
    landscape_axis(-0.1, 0.2, 4, values);
    assert_true(values[0] == -0.1 && values[3] == 0.2);
    assert_close(values[1], 0.0, 1e-15);
    landscape_axis(-1, 3, 1, values);
    assert_close(values[0], 1.0, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs_of_a_deep_network),
        cmocka_unit_test(test_pairs_with_several_outputs),
        cmocka_unit_test(test_every_activation),
        cmocka_unit_test(test_every_norm_with_residuals_or_without),
        cmocka_unit_test(test_every_mixture_of_three_layers),
        cmocka_unit_test(test_last_layers),
        cmocka_unit_test(test_saturated_logits),
        cmocka_unit_test(test_one_layer_without_bias),
        cmocka_unit_test(test_wide_layers),
        cmocka_unit_test(test_threads_give_the_same_bits),
        cmocka_unit_test(test_not_finite_stays),
        cmocka_unit_test(test_cancel_stops),
        cmocka_unit_test(test_cancel_stops_the_making),
        cmocka_unit_test(test_missing_parameters_are_errors),
        cmocka_unit_test(test_axis_has_both_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
