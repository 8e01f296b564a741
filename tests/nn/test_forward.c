// Forward passes of every kernel against the 64-bit reference.
#include <stdlib.h>
#include <string.h>

#include "nn/metrics.h"
#include "nn/reference.h"

#include "nets.h"

/// Compares passes in batches of the given size with the reference. The largest output is of the
/// order of 1; 32-bit sums of up to 4096 terms in blocks are good to 1e-5.
static void compare(const int *widths, Activation hidden, Activation last, bool bias, int batch) {
    Network net = random_network(widths, hidden, last, bias, 7);
    size_t n = (size_t)batch, outputs = (size_t)net.n_outputs;
    float *x, *y = malloc(n * outputs * sizeof *y);
    double *x64, *y64 = malloc(n * outputs * sizeof *y64), *params = wide_params(&net);
    random_values(n * (size_t)net.n_inputs, -1.5, 1.5, 11, &x, &x64);
    reference_forward(&net, params, x64, n, y64);
    Workspace ws;
    assert_true(workspace_init(&ws, &net, batch));
    const float *passed = network_forward(&net, &ws, x, batch);
    assert_ptr_equal(passed, ws.outputs[net.n_layers - 1]);
    for (size_t i = 0; i < n * outputs; i++) assert_close((double)passed[i], y64[i], 1e-5);
    memcpy(y, passed, n * outputs * sizeof *y);
    passed = network_outputs(&net, &ws, x, batch);
    assert_memory_equal(passed, y, n * outputs * sizeof *y);
    workspace_deinit(&ws);
    // In blocks of another size, the last one smaller.
    assert_true(workspace_init(&ws, &net, batch > 3 ? batch / 2 - 1 : 1));
    network_predict(&net, &ws, x, n, y);
    for (size_t i = 0; i < n * outputs; i++) assert_close((double)y[i], y64[i], 1e-5);
    workspace_deinit(&ws);
    free(x), free(x64), free(y), free(y64), free(params);
    network_deinit(&net);
}

static void test_every_width(void **state) {
    (void)state;
    for (int width = 1; width <= 40; width++) {
        int widths[] = {width % 7 + 1, width, (width * 3) % 40 + 1, 0};
        for (int batch = 1; batch <= 300; batch = batch * 3 + width % 3) {
            compare(widths, (Activation)(width % ACTIVATION_COUNT), ACTIVATION_LINEAR,
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

static void test_every_activation(void **state) {
    (void)state;
    for (int a = 0; a < ACTIVATION_COUNT; a++) {
        for (int b = 0; b < ACTIVATION_COUNT; b++) {
            compare((int[]){2, 2, 2, 0}, (Activation)a, (Activation)b, true, 77);
            compare((int[]){9, 23, 17, 5, 0}, (Activation)a, (Activation)b, false, 33);
        }
    }
}

static void test_digits_network(void **state) {
    (void)state;
    int widths[] = {784, 64, 64, 10, 0};
    compare(widths, ACTIVATION_RELU, ACTIVATION_SIGMOID, true, 1);
    compare(widths, ACTIVATION_RELU, ACTIVATION_SIGMOID, true, 128);
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

static void test_loss_in_blocks(void **state) {
    (void)state;
    for (int loss = 0; loss < LOSS_COUNT; loss++) {
        Network net =
            random_network((int[]){2, 9, 3, 0}, ACTIVATION_TANH, ACTIVATION_SIGMOID, true, 4);
        double *params = wide_params(&net), *x64, *t64;
        float *x, *t;
        random_values(2 * 333, -1, 1, 5, &x, &x64);
        random_values(3 * 333, 0, 1, 6, &t, &t64);
        Workspace ws;
        assert_true(workspace_init(&ws, &net, 100));
        assert_close(metrics_measure(&net, &ws, (Loss)loss, x, t, 333, NULL),
                     reference_loss(&net, params, (Loss)loss, x64, t64, 333), 1e-7);
        workspace_deinit(&ws);
        free(params), free(x), free(x64), free(t), free(t64);
        network_deinit(&net);
    }
}

static void test_nan_reaches_the_output(void **state) {
    (void)state;
    for (int a = 0; a < ACTIVATION_COUNT; a++) {
        for (int width = 2; width <= 32; width *= 4) {
            Network net =
                random_network((int[]){2, width, 1, 0}, (Activation)a, (Activation)a, true, 1);
            net.params[0] = NAN;
            float x[2 * 20];
            for (int i = 0; i < 40; i++) x[i] = 0.5f;
            Workspace ws;
            assert_true(workspace_init(&ws, &net, 20));
            assert_true(isnan(network_forward(&net, &ws, x, 1)[0]));
            assert_true(isnan(network_forward(&net, &ws, x, 20)[19]));
            workspace_deinit(&ws);
            network_deinit(&net);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_width),
        cmocka_unit_test(test_every_batch_size),
        cmocka_unit_test(test_every_activation),
        cmocka_unit_test(test_digits_network),
        cmocka_unit_test(test_deep_networks),
        cmocka_unit_test(test_widest_layers),
        cmocka_unit_test(test_hidden_outputs_are_kept),
        cmocka_unit_test(test_loss_in_blocks),
        cmocka_unit_test(test_nan_reaches_the_output),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
