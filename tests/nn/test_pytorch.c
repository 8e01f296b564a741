// Training against recorded runs of PyTorch: tests/fixtures/record.py.
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"
#include "nn/trainstep.h"

#include "fixtures/training.h"
#include "support.h"

static double worst_difference(const float *a, const float *b, size_t n) {
    double worst = 0;
    for (size_t i = 0; i < n; i++) {
        double d = fabs((double)a[i] - (double)b[i]);
        if (!(d <= worst)) worst = d;
    }
    return worst;
}

static void follow(const Recording *run) {
    thread_flush_denormals();
    Network net;
    Error error;
    Optimizer optimizer;
    OptimizerDesc desc = {OPTIMIZER_SGD, .learning_rate = run->learning_rate,
                          .momentum = run->momentum};
    TrainDesc train = {.loss = run->loss, .batch = run->batch};
    TrainBuffers buffers;
    assert_true(network_init(&net, run->n_inputs, run->layers, run->n_layers, &error));
    memcpy(net.params, run->start, net.n_params * sizeof *net.params);
    assert_true(optimizer_init(&optimizer, &desc, net.n_params));
    assert_true(train_buffers_init(&buffers, &net, run->batch));
    for (int epoch = 1; epoch <= 10; epoch++) {
        const uint32_t *order = run->order ? run->order + (size_t)(epoch - 1) * run->n : NULL;
        size_t done;
        double sum =
            train_batches(&net, &optimizer, &buffers, &train, run->x, run->t, order, run->n, &done);
        assert_int_equal(done, run->n);
        if (epoch == 1) {
            assert_close(sum / (double)run->n, run->running_1, 1e-6);
            double worst = worst_difference(net.params, run->after_1, net.n_params);
            if (!(worst <= 1e-5)) fail_msg("%s: %g off after an epoch", run->name, worst);
            print_message("%s: %.1e off after an epoch, ", run->name, worst);
        }
        if (epoch == 10) assert_close(sum / (double)run->n, run->running_10, 1e-5);
    }
    double worst = worst_difference(net.params, run->after_10, net.n_params);
    if (!(worst <= 1e-5)) fail_msg("%s: %g off after ten epochs", run->name, worst);
    print_message("%.1e after ten\n", worst);
    // The comparison means something only if training went somewhere.
    assert_true(worst_difference(run->start, run->after_10, net.n_params) > 1e-2);
    train_buffers_deinit(&buffers);
    optimizer_deinit(&optimizer);
    network_deinit(&net);
}

static void test_xor_shallow(void **state) {
    (void)state;
    follow(&recordings[0]);
}

static void test_paraboloid(void **state) {
    (void)state;
    follow(&recordings[1]);
}

static void test_shuffled_batches(void **state) {
    (void)state;
    follow(&recordings[2]);
}

static void test_wide_batches_with_momentum(void **state) {
    (void)state;
    follow(&recordings[3]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_xor_shallow),
        cmocka_unit_test(test_paraboloid),
        cmocka_unit_test(test_shuffled_batches),
        cmocka_unit_test(test_wide_batches_with_momentum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
