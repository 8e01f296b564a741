#include "nn/metrics.h"

#include <stdlib.h>

#include "nets.h"

static void test_accuracy_of_one_output(void **state) {
    (void)state;
    // Against 0.5 also where the output is linear; 0.5 itself is class 0.
    const float y[] = {0.4f, 0.6f, 2, -3, 0.5f, 0.5f, NAN, NAN};
    const float t[] = {0, 1, 1, 1, 0, 1, 0, 1};
    assert_close(metrics_accuracy(y, t, 4, 1), 0.75, 0);
    assert_close(metrics_accuracy(y + 4, t + 4, 2, 1), 0.5, 0);
    assert_close(metrics_accuracy(y + 6, t + 6, 2, 1), 0, 0);
    assert_true(isnan(metrics_accuracy(y, t, 0, 1)));
}

static void test_accuracy_of_several_outputs(void **state) {
    (void)state;
    const float y[] = {0.1f,   0.7f, 0.2f, /**/ 5,   4, 3, /**/ 0, 0, 1, /**/ NAN, NAN, NAN,
                       /**/ 1, NAN,  0,    /**/ NAN, 1, 0};
    const float t[] = {0,      1, 0, /**/ 0, 1, 0, /**/ 0, 0, 1, /**/ 1, 0, 0,
                       /**/ 1, 0, 0, /**/ 0, 1, 0};
    assert_close(metrics_accuracy(y, t, 4, 3), 0.5, 0);
    assert_close(metrics_accuracy(y + 12, t + 12, 2, 3), 0, 0);
}

static void test_measure_in_blocks(void **state) {
    (void)state;
    for (int outputs = 1; outputs <= 3; outputs += 2) {
        Network net =
            random_network((int[]){2, 4, outputs, 0}, ACTIVATION_TANH, ACTIVATION_SIGMOID, true, 2);
        const size_t n = 333;
        float *x, *t, *y = malloc(n * (size_t)outputs * sizeof *y);
        double *unused, accuracy;
        random_values(2 * n, -3, 3, 1, &x, &unused);
        free(unused);
        random_values((size_t)outputs * n, 0, 1, 2, &t, &unused);
        free(unused);
        for (int block = 1; block <= 512; block *= 8) {
            Workspace ws;
            assert_true(workspace_init(&ws, &net, block));
            double loss = metrics_measure(&net, &ws, LOSS_MSE, x, t, n, &accuracy);
            assert_close(loss, metrics_measure(&net, &ws, LOSS_MSE, x, t, n, NULL), 1e-15);
            assert_close(metrics_measure(&net, &ws, LOSS_MSE, x, t, n, NULL), loss, 0);
            network_predict(&net, &ws, x, n, y);
            assert_close(accuracy, metrics_accuracy(y, t, n, outputs), 1e-15);
            workspace_deinit(&ws);
        }
        free(x), free(t), free(y);
        network_deinit(&net);
    }
}

/// Measured by logits, an accuracy is that of the outputs.
static void test_accuracy_by_logits(void **state) {
    (void)state;
    static const struct {
        Loss loss;
        Activation last;
        int outputs;
    } cases[] = {{LOSS_BCE, ACTIVATION_SIGMOID, 1},
                 {LOSS_BCE, ACTIVATION_SIGMOID, 4},
                 {LOSS_CROSS_ENTROPY, ACTIVATION_SOFTMAX, 1},
                 {LOSS_CROSS_ENTROPY, ACTIVATION_SOFTMAX, 4},
                 {LOSS_MSE_BROADCAST, ACTIVATION_LINEAR, 1}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const size_t n = 200, outputs = (size_t)cases[c].outputs;
        Network net = random_network((int[]){2, 6, cases[c].outputs, 0}, ACTIVATION_TANH,
                                     cases[c].last, true, 3);
        float *x, *t, *y = malloc(n * outputs * sizeof *y);
        double *unused, accuracy;
        random_values(2 * n, -3, 3, 1, &x, &unused);
        free(unused);
        random_values(n * outputs, 0, 1, 2, &t, &unused);
        free(unused);
        Workspace ws;
        assert_true(workspace_init(&ws, &net, 64));
        metrics_measure(&net, &ws, cases[c].loss, x, t, n, &accuracy);
        network_predict(&net, &ws, x, n, y);
        assert_close(accuracy, metrics_accuracy(y, t, n, cases[c].outputs), 0);
        assert_true(accuracy > 0.05 && accuracy < 0.95); // a question at all
        workspace_deinit(&ws);
        free(x), free(t), free(y);
        network_deinit(&net);
    }
}

static void test_norms_without_bias(void **state) {
    (void)state;
    const LayerDesc layers[] = {{.units = 1, .activation = ACTIVATION_LINEAR, .no_bias = true},
                                {.units = 1, .activation = ACTIVATION_LINEAR}};
    Network net;
    Workspace ws;
    assert_true(network_init(&net, 1, layers, 2, NULL));
    assert_true(workspace_init(&ws, &net, 2));
    net.params[0] = 2;
    net.params[1] = 3;
    net.params[2] = 1; // y = 6 x + 1
    const float x[] = {1, -1, 2}, t[] = {6, -6, 12};
    float grad[3];
    double sums[3], weight[2], bias[2];
    // dL/dy = 2/3 for each sample
    metrics_grad_norms(&net, &ws, LOSS_MSE, x, t, 3, grad, sums, weight, bias);
    assert_close(weight[0], 2.0 / 3 * 3 * 2, 1e-6);
    assert_close(weight[1], 2.0 / 3 * 2 * 2, 1e-6);
    assert_true(isnan(bias[0]));
    assert_close(bias[1], 2, 1e-6);
    assert_close(sums[2], 2, 1e-6);
    workspace_deinit(&ws);
    network_deinit(&net);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accuracy_of_one_output),
        cmocka_unit_test(test_accuracy_of_several_outputs),
        cmocka_unit_test(test_measure_in_blocks),
        cmocka_unit_test(test_accuracy_by_logits),
        cmocka_unit_test(test_norms_without_bias),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
