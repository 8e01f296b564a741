// Forward passes of every kernel against the 64-bit reference.
#include <stdlib.h>
#include <string.h>

#include "nn/metrics.h"
#include "nn/reference.h"

#include "nets.h"

/// Compares passes in batches of the given size with the reference. The largest output is of the
/// order of 1; 32-bit sums of up to 4096 terms in blocks are good to 1e-5.
static void compare_layers(int inputs, const LayerDesc *layers, int n_layers, int batch) {
    Network net = random_layers(inputs, layers, n_layers, 7);
    size_t n = (size_t)batch, outputs = (size_t)net.n_outputs;
    float *x, *y = malloc(n * outputs * sizeof *y);
    double *x64, *y64 = malloc(n * outputs * sizeof *y64), *params = wide_params(&net);
    random_values(n * (size_t)net.n_inputs, -1.5, 1.5, 11, &x, &x64);
    reference_forward(&net, params, x64, n, y64);
    Workspace ws;
    assert_true(workspace_init(&ws, &net, batch));
    const float *passed = network_forward(&net, &ws, x, batch);
    assert_ptr_equal(passed, ws.outputs[net.n_layers - 1]);
    for (size_t i = 0; i < n * outputs; i++) assert_close(passed[i], y64[i], 1e-5);
    memcpy(y, passed, n * outputs * sizeof *y);
    passed = network_outputs(&net, &ws, x, batch);
    assert_memory_equal(passed, y, n * outputs * sizeof *y);
    // Scores are the outputs, but for losses that take logits.
    passed = network_scores(&net, &ws, LOSS_MSE, x, batch);
    assert_memory_equal(passed, y, n * outputs * sizeof *y);
    passed = network_scores(&net, &ws, LOSS_BCE, x, batch);
    reference_scores(&net, params, &(ReferenceMode){0}, LOSS_BCE, x64, n, y64);
    for (size_t i = 0; i < n * outputs; i++) assert_close(passed[i], y64[i], 1e-5);
    workspace_deinit(&ws);
    // In blocks of another size, the last one smaller.
    assert_true(workspace_init(&ws, &net, batch > 3 ? batch / 2 - 1 : 1));
    network_predict(&net, &ws, x, n, y);
    reference_forward(&net, params, x64, n, y64);
    for (size_t i = 0; i < n * outputs; i++) assert_close(y[i], y64[i], 1e-5);
    workspace_deinit(&ws);
    free(x), free(x64), free(y), free(y64), free(params);
    network_deinit(&net);
}

/// @param widths  inputs, then each layer's units, ended by 0
static void compare(const int *widths, Activation hidden, Activation last, bool bias, int batch) {
    LayerDesc layers[NETWORK_LAYERS_MAX] = {0};
    int n = 0;
    for (; widths[n + 1] > 0; n++) {
        layers[n] = (LayerDesc){.units = widths[n + 1],
                                .activation = widths[n + 2] > 0 ? hidden : last,
                                .no_bias = !bias};
    }
    compare_layers(widths[0], layers, n, batch);
}

static void test_every_width(void **state) {
    (void)state;
    for (int width = 1; width <= 40; width++) {
        int widths[] = {width % 7 + 1, width, (width * 3) % 40 + 1, 0};
        for (int batch = 1; batch <= 300; batch = batch * 3 + width % 3) {
            compare(widths, (Activation)(width % ACTIVATION_STEP), ACTIVATION_LINEAR,
                    width % 2 == 0, batch);
        }
    }
}

static void test_every_batch_size(void **state) {
    (void)state;
    for (int batch = 1; batch <= 140; batch++) {
        compare((int[]){2, 3, 2, 1, 0}, ACTIVATION_TANH, ACTIVATION_SIGMOID, true, batch);
        compare((int[]){5, 19, 3, 0}, ACTIVATION_RELU, ACTIVATION_TANH, true, batch);
    }
}

/// step aside: a sum that 32 bits round to the other side of 0 would change it by 1.
static void test_every_activation(void **state) {
    (void)state;
    for (int a = 0; a < ACTIVATION_SOFTMAX; a++) {
        for (int b = 0; b < ACTIVATION_COUNT; b++) {
            compare((int[]){2, 2, 2, 0}, (Activation)a, (Activation)b, true, 77);
            compare((int[]){9, 23, 17, 5, 0}, (Activation)a, (Activation)b, false, 33);
        }
    }
}

/// Norms by their running statistics, nothing dropped, inputs added.
static void test_norms_and_residuals(void **state) {
    (void)state;
    for (int width = 1; width <= 40; width += 13) {
        for (int norm = 0; norm < NORM_COUNT; norm++) {
            for (int residual = 0; residual < 2; residual++) {
                const LayerDesc layers[] = {
                    {width, ACTIVATION_TANH, false, (Norm)norm, 0.5f, residual != 0},
                    {width, ACTIVATION_RELU, true, NORM_NONE, 0.25f, residual != 0},
                    {width, ACTIVATION_SIGMOID, false, (Norm)norm, 0, residual != 0},
                    {3, ACTIVATION_SOFTMAX, false, (Norm)norm, 0, false}};
                for (int batch = 1; batch <= 125; batch *= 5) {
                    compare_layers(width, layers, 4, batch);
                    compare_layers(width, layers, 3, batch);
                }
            }
        }
    }
}

/// Each row is positive and adds up to 1, whatever the size of its numbers.
static void test_softmax(void **state) {
    (void)state;
    float z[3][4] = {{0, 0, 0, 0}, {1e4f, -1e4f, 1e4f, 0}, {-200, -201, -202, -1e30f}};
    const double e = exp(-1), sum = 1 + e + e * e;
    const double expected[3][4] = {
        {0.25, 0.25, 0.25, 0.25}, {0.5, 0, 0.5, 0}, {1 / sum, e / sum, e * e / sum, 0}};
    activation_softmax(&z[0][0], 3, 4);
    for (int r = 0; r < 3; r++) {
        for (int k = 0; k < 4; k++) assert_close(z[r][k], expected[r][k], 1e-7);
    }
    // A NaN spoils its row, and no other.
    for (int at = 0; at < 4; at++) {
        float rows[8] = {0};
        rows[at] = NAN;
        activation_softmax(rows, 2, 4);
        for (int k = 0; k < 4; k++) assert_true(isnan(rows[k]) && rows[4 + k] == 0.25f);
    }
    float one = 1e30f;
    activation_softmax(&one, 1, 1);
    assert_true(one == 1);
}

static void test_digits_network(void **state) {
    (void)state;
    int widths[] = {784, 64, 64, 10, 0};
    compare(widths, ACTIVATION_RELU, ACTIVATION_SOFTMAX, true, 1);
    compare(widths, ACTIVATION_RELU, ACTIVATION_SOFTMAX, true, 128);
}

static void test_deep_networks(void **state) {
    (void)state;
    int twelve[14] = {2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 0};
    int most[NETWORK_LAYERS_MAX + 2] = {3};
    for (int l = 1; l <= NETWORK_LAYERS_MAX; l++) most[l] = l % 5 + 1;
    compare(twelve, ACTIVATION_TANH, ACTIVATION_LINEAR, true, 500);
    compare(most, ACTIVATION_TANH, ACTIVATION_LINEAR, true, 50);
    for (int l = 1; l <= NETWORK_LAYERS_MAX; l++) most[l] = 20 + l % 5;
    compare(most, ACTIVATION_TANH, ACTIVATION_LINEAR, true, 5);
}

static void test_widest_layers(void **state) {
    (void)state;
    compare((int[]){3, NETWORK_UNITS_MAX, 2, 0}, ACTIVATION_TANH, ACTIVATION_LINEAR, true, 9);
    compare((int[]){NETWORK_UNITS_MAX, 5, 0}, ACTIVATION_TANH, ACTIVATION_LINEAR, true, 2);
    compare((int[]){NETWORK_UNITS_MAX, 17, 0}, ACTIVATION_TANH, ACTIVATION_LINEAR, true, 6);
}

static void test_hidden_outputs_are_kept(void **state) {
    (void)state;
    Network net = random_network((int[]){2, 3, 2, 1, 0}, ACTIVATION_TANH, ACTIVATION_TANH, true, 1);
    Network start = net;
    start.n_layers = 1;
    start.n_outputs = 3;
    double *params = wide_params(&net), *x64, hidden[70 * 3];
    float *x;
    random_values(140, -1, 1, 2, &x, &x64);
    reference_forward(&start, params, x64, 70, hidden);
    Workspace ws;
    assert_true(workspace_init(&ws, &net, 70));
    network_forward(&net, &ws, x, 70);
    for (int i = 0; i < 70 * 3; i++) assert_close((double)ws.outputs[0][i], hidden[i], 1e-6);
    workspace_deinit(&ws);
    free(params), free(x), free(x64);
    network_deinit(&net);
}

/// Losses over all samples, in blocks, by outputs or logits; some couple the samples.
static void test_loss_in_blocks(void **state) {
    (void)state;
    for (int loss = 0; loss < LOSS_COUNT; loss++) {
        for (int last = 0; last < ACTIVATION_COUNT; last++) {
            if (!loss_suits((Loss)loss, (Activation)last)) continue;
            Network net =
                random_network((int[]){2, 9, 3, 0}, ACTIVATION_TANH, (Activation)last, true, 4);
            double *params = wide_params(&net), *x64, *t64, parts = 0;
            float *x, *t;
            random_values(2 * 333, -1, 1, 5, &x, &x64);
            random_values(3 * 333, 0, 1, 6, &t, &t64);
            Workspace ws;
            assert_true(workspace_init(&ws, &net, 100));
            double expected = reference_loss(&net, params, (Loss)loss, x64, t64, 333);
            assert_close(metrics_measure(&net, &ws, (Loss)loss, x, t, 333, NULL), expected, 1e-6);
            for (size_t at = 0; at < 333; at += 111) {
                parts += metrics_measure_part(&net, &ws, (Loss)loss, x, t, 333, at, 111, NULL);
            }
            assert_close(parts / 3, expected, 1e-6);
            workspace_deinit(&ws);
            free(params), free(x), free(x64), free(t), free(t64);
            network_deinit(&net);
        }
    }
}

static void test_nan_reaches_the_output(void **state) {
    (void)state;
    for (int a = 0; a < ACTIVATION_COUNT; a++) {
        for (int norm = 0; norm < NORM_COUNT; norm++) {
            for (int width = 2; width <= 32; width *= 4) {
                Activation hidden = a == ACTIVATION_SOFTMAX ? ACTIVATION_TANH : (Activation)a;
                const LayerDesc layers[] = {
                    {.units = width, .activation = hidden, .norm = (Norm)norm},
                    {.units = 1, .activation = (Activation)a}};
                Network net = random_layers(2, layers, 2, 1);
                net.params[0] = NAN;
                float x[2 * 20];
                for (int i = 0; i < 40; i++) x[i] = 0.5f;
                Workspace ws;
                Rng rng = rng_create(1, RNG_DROPOUT);
                assert_true(workspace_init(&ws, &net, 20));
                assert_true(isnan(network_forward(&net, &ws, x, 1)[0]));
                assert_true(isnan(network_forward(&net, &ws, x, 20)[19]));
                assert_true(isnan(network_forward_training(&net, &ws, LOSS_MSE, x, 20, &rng)[19]));
                workspace_deinit(&ws);
                network_deinit(&net);
            }
        }
    }
}

/// A training pass is the reference's with the batch's statistics and the masks that were drawn;
/// without a generator it repeats itself.
static void test_training_passes(void **state) {
    (void)state;
    for (int norm = 0; norm < NORM_COUNT; norm++) {
        for (int batch = 2; batch <= 80; batch *= 6) {
            const LayerDesc layers[] = {{5, ACTIVATION_TANH, false, (Norm)norm, 0.4f, true},
                                        {20, ACTIVATION_RELU, false, (Norm)norm, 0.2f, false},
                                        {20, ACTIVATION_LEAKY_RELU, true, NORM_NONE, 0.7f, true},
                                        {20, ACTIVATION_SIGMOID, true, (Norm)norm, 0, true},
                                        {4, ACTIVATION_SOFTMAX, false, NORM_NONE, 0, false}};
            Network net = random_layers(5, layers, 5, 7);
            size_t n = (size_t)batch;
            float *x, *kept = malloc(net.n_values * sizeof *kept), *y = malloc(4 * n * sizeof *y);
            double *x64, *y64 = malloc(4 * n * sizeof *y64), *params = wide_params(&net);
            random_values(5 * n, -1.5, 1.5, 11, &x, &x64);
            Workspace ws;
            Rng rng = rng_create(1, RNG_DROPOUT);
            assert_true(workspace_init(&ws, &net, batch));
            for (int repeat = 0; repeat < 3; repeat++) {
                const float *scores =
                    network_forward_training(&net, &ws, LOSS_CROSS_ENTROPY, x, batch, &rng);
                memcpy(y, scores, 4 * n * sizeof *y);
                ReferenceMode mode = {.training = true};
                for (int l = 0; l < 5; l++) mode.masks[l] = ws.records[l].mask;
                assert_null(mode.masks[4]);
                reference_scores(&net, params, &mode, LOSS_CROSS_ENTROPY, x64, n, y64);
                for (size_t i = 0; i < 4 * n; i++) assert_close(y[i], y64[i], 2e-5);
                memcpy(kept, net.params, net.n_values * sizeof *kept);
                scores = network_forward_training(&net, &ws, LOSS_CROSS_ENTROPY, x, batch, NULL);
                assert_memory_equal(scores, y, 4 * n * sizeof *y);
                assert_memory_equal(kept, net.params, net.n_values * sizeof *kept);
            }
            workspace_deinit(&ws);
            free(x), free(x64), free(y), free(y64), free(params), free(kept);
            network_deinit(&net);
        }
    }
}

/// Masks hold 0 and 1/(1 - p), with the right share, from the given generator; the mean of what is
/// left is what would be without.
static void test_dropout_statistics(void **state) {
    (void)state;
    enum { BATCH = 100, UNITS = 50, N = BATCH * UNITS };
    const float shares[] = {0.1f, 0.5f, 0.8f};
    for (int i = 0; i < 3; i++) {
        const LayerDesc layers[] = {{.units = UNITS, .dropout = shares[i]}, {.units = 1}};
        Network net = random_layers(1, layers, 2, 1);
        Workspace ws;
        float x[BATCH] = {0}, first[N];
        assert_true(workspace_init(&ws, &net, BATCH));
        Rng rng = rng_create(1, RNG_DROPOUT);
        const float kept = 1 / (1 - shares[i]);
        double dropped = 0;
        for (int repeat = 0; repeat < 20; repeat++) {
            network_forward_training(&net, &ws, LOSS_MSE, x, BATCH, &rng);
            const float *mask = ws.records[0].mask;
            for (int k = 0; k < N; k++) {
                assert_true(mask[k] == 0 || mask[k] == kept);
                dropped += mask[k] == 0;
            }
            if (repeat == 0) memcpy(first, mask, sizeof first);
            assert_int_equal(memcmp(first, mask, sizeof first) == 0, repeat == 0);
        }
        // Five deviations of a binomial with 100,000 draws.
        double p = (double)shares[i], deviation = sqrt(p * (1 - p) / (20.0 * N));
        assert_close(dropped / (20.0 * N), p, 5 * deviation);
        // The same seed gives the same masks.
        rng = rng_create(1, RNG_DROPOUT);
        network_forward_training(&net, &ws, LOSS_MSE, x, BATCH, &rng);
        assert_memory_equal(ws.records[0].mask, first, sizeof first);
        workspace_deinit(&ws);
        network_deinit(&net);
    }
}

/// What training drops leaves use alone: the same bits as a network without dropout.
static void test_use_drops_nothing(void **state) {
    (void)state;
    LayerDesc layers[] = {{20, ACTIVATION_TANH, false, NORM_LAYER, 0.5f, false},
                          {20, ACTIVATION_RELU, false, NORM_NONE, 0.5f, true},
                          {2, ACTIVATION_LINEAR, false, NORM_NONE, 0.5f, false}};
    Network with = random_layers(3, layers, 3, 1);
    for (int l = 0; l < 3; l++) layers[l].dropout = 0;
    Network without = random_layers(3, layers, 3, 1);
    Workspace ws, plain;
    float *x;
    double *unused;
    random_values(3 * 30, -1, 1, 2, &x, &unused);
    Rng rng = rng_create(1, RNG_DROPOUT);
    assert_true(workspace_init(&ws, &with, 30) && workspace_init(&plain, &without, 30));
    network_forward_training(&with, &ws, LOSS_MSE, x, 30, &rng);
    assert_memory_not_equal(ws.outputs[2], network_forward(&without, &plain, x, 30),
                            60 * sizeof(float));
    assert_memory_equal(network_forward(&with, &ws, x, 30),
                        network_forward(&without, &plain, x, 30), 60 * sizeof(float));
    workspace_deinit(&ws);
    workspace_deinit(&plain);
    free(x), free(unused);
    network_deinit(&with);
    network_deinit(&without);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_width),
        cmocka_unit_test(test_every_batch_size),
        cmocka_unit_test(test_every_activation),
        cmocka_unit_test(test_norms_and_residuals),
        cmocka_unit_test(test_softmax),
        cmocka_unit_test(test_digits_network),
        cmocka_unit_test(test_deep_networks),
        cmocka_unit_test(test_widest_layers),
        cmocka_unit_test(test_hidden_outputs_are_kept),
        cmocka_unit_test(test_loss_in_blocks),
        cmocka_unit_test(test_nan_reaches_the_output),
        cmocka_unit_test(test_training_passes),
        cmocka_unit_test(test_dropout_statistics),
        cmocka_unit_test(test_use_drops_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
