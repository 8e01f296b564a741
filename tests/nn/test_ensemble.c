/// Networks trained in the lanes of an ensemble come out as the same networks trained alone: over
/// activations, losses, shapes, optimizers, batches and orders, with every width of vectors.
#include "nn/ensemble.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/thread.h"
#include "nn/init.h"

#include "support.h"

enum { SAMPLES = 37, EPOCHS = 3, LANES = ENSEMBLE_LANES };

/// How networks are trained.
typedef struct Case {
    const char *name;
    int n_inputs, n_layers;
    LayerDesc layers[5];
    TrainDesc train;
    OptimizerDesc optimizer;
    bool shuffled;
    bool rounding; // alone it goes through other sums: the same to rounding, not to the bit
} Case;

/// One lane's own.
typedef struct Lane {
    Network net;
    OptimizerDesc optimizer;
    float *x, *t;
    uint32_t order[EPOCHS][SAMPLES];
} Lane;

static Network make_network(int n_inputs, const LayerDesc *layers, int n, uint64_t seed) {
    Network net;
    Error error;
    if (!network_init(&net, n_inputs, layers, n, &error)) fail_msg("%s", error.text);
    Rng rng = rng_create(seed, RNG_TEST);
    init_network(INIT_TORCH_LINEAR, &net, &rng);
    return net;
}

static float target(const Case *c, Rng *rng, int k, int class) {
    if (c->train.loss == LOSS_CROSS_ENTROPY) return k == class ? 1.0f : 0.0f;
    if (c->train.loss == LOSS_BCE) return rng_double(rng) < 0.5 ? 0.0f : 1.0f;
    return (float)rng_uniform(rng, -1, 1);
}

static Lane make_lane(const Case *c, int number) {
    Lane lane = {.net = make_network(c->n_inputs, c->layers, c->n_layers, 100 + (uint64_t)number),
                 .optimizer = c->optimizer};
    if (optimizer_is_plain(&c->optimizer) && c->train.l1 == 0.0f && c->train.l2 == 0.0f) {
        lane.optimizer.learning_rate *= 1 + 0.1f * (float)number;
        if (number % 3 == 0) lane.optimizer.momentum *= 0.5f;
    }
    int inputs = lane.net.n_inputs, outputs = lane.net.n_outputs;
    lane.x = malloc((size_t)(SAMPLES * inputs) * sizeof *lane.x);
    lane.t = malloc((size_t)(SAMPLES * outputs) * sizeof *lane.t);
    Rng rng = rng_create((uint64_t)number, RNG_DATA);
    for (int i = 0; i < SAMPLES * inputs; i++) lane.x[i] = (float)rng_uniform(&rng, -1, 1);
    for (int i = 0; i < SAMPLES; i++) {
        int class = (int)rng_below(&rng, (uint32_t)outputs);
        for (int k = 0; k < outputs; k++) lane.t[i * outputs + k] = target(c, &rng, k, class);
    }
    for (int e = 0; e < EPOCHS; e++) rng_permutation(&rng, lane.order[e], SAMPLES);
    return lane;
}

static void free_lane(Lane *lane) {
    network_deinit(&lane->net);
    free(lane->x);
    free(lane->t);
}

static void train_alone(const Case *c, Lane *lane) {
    Optimizer optimizer;
    TrainBuffers buffers;
    assert_true(optimizer_init(&optimizer, &lane->optimizer, lane->net.n_params));
    assert_true(train_buffers_init(&buffers, &lane->net, c->train.batch));
    for (int e = 0; e < EPOCHS; e++) {
        size_t done;
        train_batches(&lane->net, &optimizer, &buffers, &c->train, lane->x, lane->t,
                      c->shuffled ? lane->order[e] : NULL, SAMPLES, &done);
    }
    optimizer_deinit(&optimizer);
    train_buffers_deinit(&buffers);
}

static EnsembleDesc describe(const Case *c, const Lane *lanes, EnsembleVectors vectors) {
    return (EnsembleDesc){.shape = &lanes[0].net,
                          .train = c->train,
                          .optimizer = c->optimizer,
                          .n_samples = SAMPLES,
                          .vectors = vectors};
}

static void set_epoch(Ensemble *ensemble, const Case *c, const Lane *lanes, int epoch) {
    for (int k = 0; k < LANES; k++) {
        ensemble_set_samples(ensemble, k, lanes[k].x, lanes[k].t,
                             c->shuffled ? lanes[k].order[epoch] : NULL);
    }
}

/// Trains untrained lanes together.  @return NULL where the processor lacks such vectors
static Ensemble *train_together(const Case *c, const Lane *lanes, EnsembleVectors vectors) {
    EnsembleDesc desc = describe(c, lanes, vectors);
    if (!ensemble_suits(&desc)) fail_msg("%s: does not suit", c->name);
    Ensemble *ensemble = ensemble_create(&desc);
    if (!ensemble) return NULL;
    for (int k = 0; k < LANES; k++) {
        ensemble_set_network(ensemble, k, lanes[k].net.params, &lanes[k].optimizer);
    }
    for (int e = 0; e < EPOCHS; e++) {
        set_epoch(ensemble, c, lanes, e);
        // Cut anywhere between batches.
        size_t cut = (size_t)(e + 1) * (size_t)c->train.batch;
        if (cut > SAMPLES) cut = 0;
        ensemble_train(ensemble, 0, cut);
        ensemble_train(ensemble, cut, SAMPLES);
    }
    return ensemble;
}

static void assert_alike(const Case *c, const Lane *lane, const float *params, int number) {
    const size_t n = lane->net.n_params;
    if (!c->rounding && memcmp(params, lane->net.params, n * sizeof *params) != 0) {
        fail_msg("%s: lane %d has other bits", c->name, number);
    }
    for (size_t i = 0; i < n; i++) assert_close(params[i], lane->net.params[i], 1e-5);
}

static void check(const Case *c) {
    Lane lanes[LANES], trained[LANES];
    for (int k = 0; k < LANES; k++) {
        lanes[k] = make_lane(c, k);
        trained[k] = make_lane(c, k);
        train_alone(c, &trained[k]);
    }
    size_t n = lanes[0].net.n_params;
    float *params = malloc(n * sizeof *params), *first = malloc(LANES * n * sizeof *first);
    assert_memory_not_equal(trained[0].net.params, lanes[0].net.params, n * sizeof(float));
    static const EnsembleVectors widths[] = {ENSEMBLE_VECTORS_128, ENSEMBLE_VECTORS_256,
                                             ENSEMBLE_VECTORS_512, ENSEMBLE_VECTORS_WIDEST};
    for (int w = 0; w < 4; w++) {
        Ensemble *ensemble = train_together(c, lanes, widths[w]);
        if (!ensemble) continue;
        for (int k = 0; k < LANES; k++) {
            ensemble_get_params(ensemble, k, params);
            assert_true(ensemble_is_finite(ensemble, k));
            assert_alike(c, &trained[k], params, k);
            float *same = first + (size_t)k * n;
            if (w == 0) memcpy(same, params, n * sizeof *params);
            if (memcmp(params, same, n * sizeof *params) != 0) {
                fail_msg("%s: vectors %d give other bits", c->name, w);
            }
        }
        ensemble_destroy(ensemble);
    }
    free(params);
    free(first);
    for (int k = 0; k < LANES; k++) {
        free_lane(&lanes[k]);
        free_lane(&trained[k]);
    }
}

static const OptimizerDesc momentum = {
    .kind = OPTIMIZER_SGD, .learning_rate = 0.05f, .momentum = 0.5f};

static void test_activations_and_losses(void **state) {
    (void)state;
    for (int activation = 0; activation < ACTIVATION_COUNT; activation++) {
        if (activation == ACTIVATION_SOFTMAX || activation == ACTIVATION_STEP) continue;
        for (int loss = 0; loss < LOSS_COUNT; loss++) {
            Activation last = loss == LOSS_BCE             ? ACTIVATION_SIGMOID
                              : loss == LOSS_CROSS_ENTROPY ? ACTIVATION_SOFTMAX
                                                           : (Activation)activation;
            char name[80];
            snprintf(name, sizeof name, "%s, %s", activation_name((Activation)activation),
                     loss_name((Loss)loss));
            Case c = {.name = name,
                      .n_inputs = 2,
                      .n_layers = 3,
                      .layers = {{.units = 5, .activation = (Activation)activation},
                                 {.units = 4, .activation = (Activation)activation},
                                 {.units = 3, .activation = last}},
                      .train = {.loss = (Loss)loss, .batch = 5},
                      .optimizer = momentum,
                      .rounding = loss == LOSS_CROSS_ENTROPY || loss == LOSS_MSE_BROADCAST};
            check(&c);
            c.train.batch = 1;
            check(&c);
        }
    }
}

static void test_shapes(void **state) {
    (void)state;
    static const int shapes[][5] = {
        {2, 2, 2, 1}, {1, 1, 1},    {2, 12, 2, 1}, {3, 4, 8, 16, 2},  {16, 16, 16, 1},
        {2, 3, 3, 3}, {5, 7, 6, 1}, {2, 16, 8, 1}, {2, 4, 11, 13, 1}, {9, 2}};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        char name[40];
        snprintf(name, sizeof name, "shape %zu", s);
        Case c = {.name = name,
                  .n_inputs = shapes[s][0],
                  .train = {.loss = LOSS_MSE, .batch = 1},
                  .optimizer = momentum,
                  .shuffled = true};
        for (; c.n_layers < 4 && shapes[s][c.n_layers + 1] > 0; c.n_layers++) {
            c.layers[c.n_layers] = (LayerDesc){.units = shapes[s][c.n_layers + 1],
                                               .activation = ACTIVATION_TANH,
                                               .no_bias = s % 2 == 1 && c.n_layers == 1};
        }
        check(&c);
        c.train.batch = SAMPLES;
        c.optimizer.momentum = 0;
        check(&c);
        c.train.batch = 1;
        check(&c);
    }
}

static void test_residual_layers(void **state) {
    (void)state;
    for (int width = 2; width <= 6; width += 2) {
        for (int batch = 1; batch <= 8; batch += 7) {
            Case c = {
                .name = "residual",
                .n_inputs = width,
                .n_layers = 4,
                .layers = {{.units = width, .activation = ACTIVATION_TANH, .residual = true},
                           {.units = width, .activation = ACTIVATION_RELU, .residual = true},
                           {.units = width, .activation = ACTIVATION_LINEAR},
                           {.units = width, .activation = ACTIVATION_SIGMOID, .residual = true}},
                .train = {.loss = LOSS_BCE, .batch = batch},
                .optimizer = momentum};
            check(&c);
            c.train.loss = LOSS_HALF_MSE;
            check(&c);
        }
    }
}

static void test_optimizers_and_penalties(void **state) {
    (void)state;
    for (int kind = 0; kind < OPTIMIZER_COUNT; kind++) {
        if (kind == OPTIMIZER_PERCEPTRON) continue;
        for (int variant = 0; variant < 4; variant++) {
            Case c = {.name = optimizer_name((OptimizerKind)kind),
                      .n_inputs = 2,
                      .n_layers = 2,
                      .layers = {{.units = 6, .activation = ACTIVATION_TANH}, {.units = 1}},
                      .train = {.loss = LOSS_MSE, .batch = variant % 2 ? 10 : 1},
                      .optimizer = optimizer_desc_default((OptimizerKind)kind),
                      .shuffled = true};
            if (variant >= 2) {
                c.optimizer.weight_decay = 0.01f;
                c.optimizer.momentum = 0.9f;
                c.optimizer.nesterov = kind == OPTIMIZER_SGD;
                c.train.l1 = 1e-3f;
                c.train.l2 = 1e-2f;
            }
            check(&c);
        }
    }
}

static const Case plain = {.name = "plain",
                           .n_inputs = 2,
                           .n_layers = 3,
                           .layers = {{.units = 2, .activation = ACTIVATION_TANH},
                                      {.units = 2, .activation = ACTIVATION_TANH},
                                      {.units = 1}},
                           .train = {.loss = LOSS_MSE, .batch = 1},
                           .optimizer = {.kind = OPTIMIZER_SGD, .learning_rate = 0.05f}};

static void test_a_lane_that_goes_wrong_keeps_to_itself(void **state) {
    (void)state;
    Lane lanes[LANES];
    for (int k = 0; k < LANES; k++) lanes[k] = make_lane(&plain, k);
    size_t n = lanes[0].net.n_params;
    float good[32], params[32];
    assert_true(n <= 32);
    Ensemble *right = train_together(&plain, lanes, ENSEMBLE_VECTORS_WIDEST);
    lanes[3].optimizer.learning_rate = 1e6f; // infinities, then NaN
    lanes[8].net.params[0] = (float)NAN;     // from the start
    lanes[9].x[0] = (float)INFINITY;         // in between
    Ensemble *wrong = train_together(&plain, lanes, ENSEMBLE_VECTORS_WIDEST);
    for (int k = 0; k < LANES; k++) {
        bool finite = k != 3 && k != 8 && k != 9;
        assert_int_equal(ensemble_is_finite(wrong, k), finite);
        if (!finite) continue;
        ensemble_get_params(right, k, good);
        ensemble_get_params(wrong, k, params);
        assert_memory_equal(params, good, n * sizeof *params);
    }
    ensemble_destroy(right);
    ensemble_destroy(wrong);
    for (int k = 0; k < LANES; k++) free_lane(&lanes[k]);
}

static void test_scores_that_were_infinite_are_remembered(void **state) {
    (void)state;
    // A sigmoid hides an infinite score, and its slope is zero: the parameters stay finite.
    Case c = {.name = "hidden",
              .n_inputs = 1,
              .n_layers = 1,
              .layers = {{.units = 1, .activation = ACTIVATION_SIGMOID}},
              .train = {.loss = LOSS_BCE, .batch = 1},
              .optimizer = {.kind = OPTIMIZER_SGD, .learning_rate = 0.05f}};
    Lane lanes[LANES];
    for (int k = 0; k < LANES; k++) lanes[k] = make_lane(&c, k);
    lanes[2].net.params[1] = 3e38f;
    lanes[2].net.params[0] = 3e38f;
    for (int i = 0; i < SAMPLES; i++) lanes[2].x[i] = i == 4 ? 1.0f : 0.0f, lanes[2].t[i] = 1;
    Ensemble *ensemble = train_together(&c, lanes, ENSEMBLE_VECTORS_WIDEST);
    float params[2];
    ensemble_get_params(ensemble, 2, params);
    assert_true(isfinite(params[0]) && isfinite(params[1]));
    assert_false(ensemble_is_finite(ensemble, 2));
    assert_true(ensemble_is_finite(ensemble, 1));
    ensemble_destroy(ensemble);
    for (int k = 0; k < LANES; k++) free_lane(&lanes[k]);
}

static void test_learning_rates_change(void **state) {
    (void)state;
    Lane lanes[LANES];
    for (int k = 0; k < LANES; k++) lanes[k] = make_lane(&plain, k);
    for (int kind = OPTIMIZER_SGD; kind <= OPTIMIZER_ADAM; kind += OPTIMIZER_ADAM) {
        Case c = plain;
        c.optimizer = optimizer_desc_default((OptimizerKind)kind);
        EnsembleDesc desc = describe(&c, lanes, ENSEMBLE_VECTORS_WIDEST);
        Ensemble *ensemble = ensemble_create(&desc);
        float before[32], after[32];
        for (int k = 0; k < LANES; k++) {
            ensemble_set_network(ensemble, k, lanes[k].net.params, &c.optimizer);
        }
        set_epoch(ensemble, &c, lanes, 0);
        for (int k = 0; k < LANES; k++) ensemble_set_learning_rate(ensemble, k, 0);
        ensemble_train(ensemble, 0, SAMPLES);
        ensemble_get_params(ensemble, 5, after);
        assert_memory_equal(after, lanes[5].net.params, lanes[5].net.n_params * sizeof *after);
        if (ensemble_mixes(&desc)) {
            ensemble_set_learning_rate(ensemble, 5, 0.1f);
            ensemble_get_params(ensemble, 6, before);
            ensemble_train(ensemble, 0, SAMPLES);
            ensemble_get_params(ensemble, 6, after);
            assert_memory_equal(after, before, lanes[6].net.n_params * sizeof *after);
            ensemble_get_params(ensemble, 5, after);
            assert_memory_not_equal(after, lanes[5].net.params,
                                    lanes[5].net.n_params * sizeof *after);
        }
        ensemble_destroy(ensemble);
    }
    for (int k = 0; k < LANES; k++) free_lane(&lanes[k]);
}

static bool suits(const LayerDesc *layers, int n, OptimizerKind optimizer, size_t n_samples) {
    Network net = make_network(2, layers, n, 1);
    EnsembleDesc desc = {.shape = &net,
                         .train = {.loss = LOSS_MSE, .batch = 1},
                         .optimizer = {.kind = optimizer},
                         .n_samples = n_samples};
    bool good = ensemble_suits(&desc);
    network_deinit(&net);
    return good;
}

static void test_what_suits(void **state) {
    (void)state;
    const LayerDesc narrow[] = {{.units = 16}, {.units = 1}},
                    wide[] = {{.units = 17}, {.units = 1}};
    const LayerDesc norm[] = {{.units = 4, .norm = NORM_LAYER}, {.units = 1}};
    const LayerDesc dropout[] = {{.units = 4, .dropout = 0.1f}, {.units = 1}};
    assert_true(suits(narrow, 2, OPTIMIZER_ADAM, 500));
    assert_false(suits(wide, 2, OPTIMIZER_SGD, 500));
    assert_false(suits(norm, 2, OPTIMIZER_SGD, 500));
    assert_false(suits(dropout, 2, OPTIMIZER_SGD, 500));
    assert_false(suits(narrow, 2, OPTIMIZER_PERCEPTRON, 500));
    assert_false(suits(narrow, 2, OPTIMIZER_SGD, (size_t)1 << 24)); // their samples would fill 3 GB
}

int main(void) {
    thread_flush_denormals();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_activations_and_losses),
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_residual_layers),
        cmocka_unit_test(test_optimizers_and_penalties),
        cmocka_unit_test(test_a_lane_that_goes_wrong_keeps_to_itself),
        cmocka_unit_test(test_scores_that_were_infinite_are_remembered),
        cmocka_unit_test(test_learning_rates_change),
        cmocka_unit_test(test_what_suits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
