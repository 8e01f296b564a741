// Runs of batches: order, splits, momentum, divergence, and the same bits every time.
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"
#include "nn/trainstep.h"

#include "nets.h"

typedef struct Run {
    Network net;
    Optimizer optimizer;
    TrainBuffers buffers;
    Loss loss;
    int batch;
    size_t n;
    float *x, *t;
    uint32_t *order; // NULL: as they lie
} Run;

static Run run_create(const int *widths, Activation hidden, Activation last, Loss loss,
                      float momentum, int batch, size_t n, bool shuffled) {
    Run run = {.loss = loss, .batch = batch, .n = n};
    double *unused;
    thread_flush_denormals();
    run.net = random_network(widths, hidden, last, true, 3);
    OptimizerDesc desc = {OPTIMIZER_SGD, .learning_rate = 0.05f, .momentum = momentum};
    assert_true(optimizer_init(&run.optimizer, &desc, run.net.n_params));
    assert_true(train_buffers_init(&run.buffers, &run.net, batch));
    random_values(n * (size_t)run.net.n_inputs, -1, 1, 5, &run.x, &unused);
    free(unused);
    random_values(n * (size_t)run.net.n_outputs, 0, 1, 6, &run.t, &unused);
    free(unused);
    if (shuffled) {
        Rng rng = rng_create(8, RNG_SHUFFLE);
        run.order = malloc(n * sizeof *run.order);
        rng_permutation(&rng, run.order, (uint32_t)n);
    }
    return run;
}

static void run_free(Run *run) {
    free(run->x), free(run->t), free(run->order);
    train_buffers_deinit(&run->buffers);
    optimizer_deinit(&run->optimizer);
    network_deinit(&run->net);
}

/// Trains on places first…last-1 of the order.
static double train(Run *run, size_t first, size_t last) {
    size_t done;
    const float *x = run->x, *t = run->t;
    if (!run->order) {
        x += first * (size_t)run->net.n_inputs;
        t += first * (size_t)run->net.n_outputs;
    }
    double sum = train_batches(&run->net, &run->optimizer, &run->buffers,
                               &(TrainDesc){.loss = run->loss, .batch = run->batch}, x, t,
                               run->order ? run->order + first : NULL, last - first, &done);
    assert_int_equal(done, last - first);
    return sum;
}

static void assert_same_state(const Run *a, const Run *b) {
    size_t bytes = a->net.n_params * sizeof(float);
    assert_memory_equal(a->net.params, b->net.params, bytes);
    assert_memory_equal(a->optimizer.velocity, b->optimizer.velocity, bytes);
}

/// The shapes that go through each of the loops.
static const int shapes[][6] = {{2, 2, 2, 1, 0}, {2, 12, 2, 1, 0}, {5, 20, 3, 0}};
enum { SHAPES = sizeof shapes / sizeof *shapes };

static void test_splits_change_nothing(void **state) {
    (void)state;
    for (int s = 0; s < SHAPES; s++) {
        for (int batch = 1; batch <= 8; batch += 7) {
            for (int shuffled = 0; shuffled < 2; shuffled++) {
                Run whole = run_create(shapes[s], ACTIVATION_TANH, ACTIVATION_LINEAR, LOSS_MSE,
                                       0.5f, batch, 100, shuffled != 0);
                Run split = run_create(shapes[s], ACTIVATION_TANH, ACTIVATION_LINEAR, LOSS_MSE,
                                       0.5f, batch, 100, shuffled != 0);
                double sum = train(&whole, 0, 100);
                double parts = train(&split, 0, 8);
                parts += train(&split, 8, 56);
                parts += train(&split, 56, 100);
                assert_same_state(&whole, &split);
                assert_close(parts, sum, 1e-14);
                run_free(&whole);
                run_free(&split);
            }
        }
    }
}

/// An order is the same as data that lie so.
static void test_order(void **state) {
    (void)state;
    for (int s = 0; s < SHAPES; s++) {
        for (int batch = 1; batch <= 16; batch += 15) {
            Run ordered = run_create(shapes[s], ACTIVATION_TANH, ACTIVATION_LINEAR, LOSS_MSE, 0,
                                     batch, 50, true);
            Run lying = run_create(shapes[s], ACTIVATION_TANH, ACTIVATION_LINEAR, LOSS_MSE, 0,
                                   batch, 50, false);
            size_t inputs = (size_t)lying.net.n_inputs, outputs = (size_t)lying.net.n_outputs;
            for (size_t i = 0; i < 50; i++) {
                size_t from = ordered.order[i];
                memcpy(lying.x + i * inputs, ordered.x + from * inputs, inputs * sizeof(float));
                memcpy(lying.t + i * outputs, ordered.t + from * outputs, outputs * sizeof(float));
            }
            assert_true(train(&ordered, 0, 50) == train(&lying, 0, 50));
            assert_same_state(&ordered, &lying);
            run_free(&ordered);
            run_free(&lying);
        }
    }
}

static void test_momentum_step(void **state) {
    (void)state;
    Optimizer optimizer;
    OptimizerDesc desc = {OPTIMIZER_SGD, .learning_rate = 0.5f, .momentum = 0.25f};
    float params[2] = {1, 2};
    assert_true(optimizer_init(&optimizer, &desc, 2));
    optimizer_step(&optimizer, params, (float[]){4, -8});
    assert_true(params[0] == -1 && params[1] == 6); // v = g
    optimizer_step(&optimizer, params, (float[]){0, 2});
    assert_true(params[0] == -1.5f && params[1] == 6); // v = 1, 0
    optimizer.desc.momentum = 0;
    optimizer_step(&optimizer, params, (float[]){1, 1});
    assert_true(params[0] == -2 && params[1] == 5.5f);
    optimizer_deinit(&optimizer);
}

/// Training stops after the batch whose loss is not finite, and says how far it came.
static void test_divergence_stops(void **state) {
    (void)state;
    for (int s = 0; s < SHAPES; s++) {
        for (int batch = 1; batch <= 4; batch += 3) {
            Run run = run_create(shapes[s], ACTIVATION_TANH, ACTIVATION_LINEAR, LOSS_MSE, 0, batch,
                                 40, false);
            size_t done;
            run.t[21 * (size_t)run.net.n_outputs] = NAN;
            double sum = train_batches(&run.net, &run.optimizer, &run.buffers,
                                       &(TrainDesc){.loss = run.loss, .batch = batch}, run.x, run.t,
                                       NULL, 40, &done);
            assert_true(isnan(sum));
            assert_int_equal(done, batch == 1 ? 22 : 24);
            run_free(&run);

            run = run_create(shapes[s], ACTIVATION_RELU, ACTIVATION_LINEAR, LOSS_MSE, 0, batch, 40,
                             false);
            run.optimizer.learning_rate = 1e20f;
            sum = train_batches(&run.net, &run.optimizer, &run.buffers,
                                &(TrainDesc){.loss = run.loss, .batch = batch}, run.x, run.t, NULL,
                                40, &done);
            assert_true(!isfinite(sum));
            assert_in_range(done, 1, 39);
            run_free(&run);
        }
    }
}

/// A run that went wrong leaves nothing behind in the buffers: started anew it is a fresh one.
static void test_starts_anew_after_divergence(void **state) {
    (void)state;
    static const int wrong_shapes[][6] = {
        {2, 2, 2, 1, 0}, {2, 12, 2, 1, 0}, {5, 7, 3, 1, 0}, {3, 5, 6, 6, 0}, {5, 20, 3, 0}};
    for (size_t s = 0; s < sizeof wrong_shapes / sizeof *wrong_shapes; s++) {
        for (int batch = 1; batch <= 4; batch += 3) {
            Run wrong = run_create(wrong_shapes[s], ACTIVATION_TANH, ACTIVATION_LINEAR, LOSS_MSE,
                                   0.5f, batch, 40, true);
            Run fresh = run_create(wrong_shapes[s], ACTIVATION_TANH, ACTIVATION_LINEAR, LOSS_MSE,
                                   0.5f, batch, 40, true);
            float *t = wrong.t;
            size_t done, targets = 40 * (size_t)wrong.net.n_outputs;
            wrong.t = malloc(targets * sizeof *t);
            for (size_t i = 0; i < targets; i++) wrong.t[i] = NAN;
            double sum = train_batches(&wrong.net, &wrong.optimizer, &wrong.buffers,
                                       &(TrainDesc){.loss = wrong.loss, .batch = batch}, wrong.x,
                                       wrong.t, wrong.order, 40, &done);
            assert_true(isnan(sum));
            free(wrong.t);
            wrong.t = t;
            memcpy(wrong.net.params, fresh.net.params, fresh.net.n_values * sizeof(float));
            optimizer_reset(&wrong.optimizer);
            assert_true(train(&wrong, 0, 40) == train(&fresh, 0, 40));
            assert_same_state(&wrong, &fresh);
            run_free(&wrong);
            run_free(&fresh);
        }
    }
}

/// Each batch is a step, whichever loop takes it.
static void test_steps_are_counted(void **state) {
    (void)state;
    for (int s = 0; s < SHAPES; s++) {
        for (int kind = 0; kind < OPTIMIZER_PERCEPTRON; kind++) {
            for (int batch = 1; batch <= 8; batch += 7) {
                Run run = run_create(shapes[s], ACTIVATION_TANH, ACTIVATION_LINEAR, LOSS_MSE, 0,
                                     batch, 44, true);
                OptimizerDesc desc = optimizer_desc_default((OptimizerKind)kind);
                optimizer_deinit(&run.optimizer);
                assert_true(optimizer_init(&run.optimizer, &desc, run.net.n_params));
                train(&run, 0, 40);
                train(&run, 40, 44);
                assert_int_equal(run.optimizer.steps, batch == 1 ? 44 : 6);
                run_free(&run);
            }
        }
    }
}

/// Units that a layer lacks, in the vectors that hold it, stay out of it: sigmoid of nothing is
/// 1/2.
static void test_layers_without_bias_and_odd_widths(void **state) {
    (void)state;
    LayerDesc layers[] = {{.units = 3, .activation = ACTIVATION_SIGMOID, .no_bias = true},
                          {.units = 13, .activation = ACTIVATION_SIGMOID},
                          {.units = 5, .activation = ACTIVATION_SIGMOID, .no_bias = true},
                          {.units = 1, .activation = ACTIVATION_SIGMOID, .no_bias = true}};
    for (int narrow = 0; narrow < 2; narrow++) {
        for (int l = 0; l < 4; l++) layers[l].units = narrow ? 2 - l % 2 : layers[l].units;
        Network net, copy;
        Optimizer optimizer;
        TrainBuffers buffers;
        assert_true(network_init(&net, 2, layers, 4, NULL));
        Rng rng = rng_create(1, RNG_TEST);
        init_network(INIT_XAVIER_UNIFORM, &net, &rng);
        assert_true(network_copy(&copy, &net));
        float x[10] = {0.5f, 1, -1, 2, 0.25f, 0, 1, 1, 0.5f, -1}, t[10] = {1, 0, 1, 0, 1};
        OptimizerDesc desc = {OPTIMIZER_SGD, .learning_rate = 0.5f, .momentum = 0.9f};
        assert_true(optimizer_init(&optimizer, &desc, net.n_params));
        assert_true(train_buffers_init(&buffers, &net, 1));
        size_t done;
        for (int epoch = 0; epoch < 20; epoch++) {
            train_batches(&net, &optimizer, &buffers, &(TrainDesc){.loss = LOSS_BCE, .batch = 1}, x,
                          t, NULL, 5, &done);
        }
        memset(optimizer.velocity, 0, net.n_params * sizeof(float));
        for (int i = 0; i < 100; i++) {
            size_t at = (size_t)(i % 5);
            network_gradient(&copy, &buffers.ws, LOSS_BCE, x + 2 * at, t + at, 1, buffers.grad);
            optimizer_step(&optimizer, copy.params, buffers.grad);
        }
        for (size_t i = 0; i < net.n_params; i++) {
            assert_close((double)net.params[i], (double)copy.params[i], 1e-4);
        }
        train_buffers_deinit(&buffers);
        optimizer_deinit(&optimizer);
        network_deinit(&net);
        network_deinit(&copy);
    }
}

#if defined(__x86_64__)
/// FNV-1a over the bits of the weights.
static uint64_t weights_hash(const Network *net) {
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < net->n_params; i++) {
        uint32_t bits;
        memcpy(&bits, &net->params[i], sizeof bits);
        for (int byte = 0; byte < 4; byte++) {
            hash = (hash ^ (bits >> (8 * byte) & 0xff)) * UINT64_C(1099511628211);
        }
    }
    return hash;
}

/// The same seed gives the same bits, on every x86-64 processor and with every compiler. A change
/// of these numbers is a change of everyone's runs: it must be meant.
static void test_golden_hashes(void **state) {
    (void)state;
    static const struct {
        Activation hidden, last;
        Loss loss;
        int batch;
        uint64_t hashes[SHAPES];
    } golden[] = {
        {ACTIVATION_TANH,
         ACTIVATION_LINEAR,
         LOSS_MSE,
         1,
         {0x8fb8ecc0755428a7, 0xc0742b405e5c84bc, 0x88c7d978dcc04a99}},
        {ACTIVATION_TANH,
         ACTIVATION_SIGMOID,
         LOSS_BCE,
         1,
         {0xfcf497b0e02f26f2, 0xa8759165f73ee608, 0xf7d1519f8cfd0862}},
        {ACTIVATION_RELU,
         ACTIVATION_TANH,
         LOSS_HALF_MSE,
         7,
         {0x1c15b0d68827bbb7, 0x51fa34a6fd55db14, 0x6f3c068224ff2563}},
    };
    for (int s = 0; s < SHAPES; s++) {
        for (size_t g = 0; g < sizeof golden / sizeof *golden; g++) {
            Run run = run_create(shapes[s], golden[g].hidden, golden[g].last, golden[g].loss, 0.3f,
                                 golden[g].batch, 100, true);
            for (int epoch = 0; epoch < 20; epoch++) train(&run, 0, 100);
            uint64_t hash = weights_hash(&run.net);
            if (hash != golden[g].hashes[s]) {
                fail_msg("shape %d, case %zu: 0x%016llx", s, g, (unsigned long long)hash);
            }
            run_free(&run);
        }
    }
}
#endif

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_splits_change_nothing),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_momentum_step),
        cmocka_unit_test(test_divergence_stops),
        cmocka_unit_test(test_starts_anew_after_divergence),
        cmocka_unit_test(test_steps_are_counted),
        cmocka_unit_test(test_layers_without_bias_and_odd_widths),
#if defined(__x86_64__)
        cmocka_unit_test(test_golden_hashes),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
