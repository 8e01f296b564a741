// The kernels of constant shape against passes and steps spelt out, over the shapes that they take.
#include <stdlib.h>

#include "base/thread.h"
#include "nn/kernels/fixed.h"

#include "nets.h"

enum { SAMPLES = 30 };

static void compare(int units, Activation hidden, Activation last, bool bias, Loss loss) {
    thread_flush_denormals();
    Network net =
        random_network((int[]){2, units, 2, 1, 0}, hidden, last, bias, (uint64_t)units + 1);
    Network spelt;
    assert_true(network_copy(&spelt, &net));
    float *x, *t, *grad = malloc(net.n_params * sizeof *grad);
    double *unused;
    random_values(2 * SAMPLES, -1, 1, 5, &x, &unused);
    free(unused);
    random_values(SAMPLES, 0, 1, 6, &t, &unused);
    free(unused);
    uint32_t order[SAMPLES];
    Rng rng = rng_create(8, RNG_SHUFFLE);
    rng_permutation(&rng, order, SAMPLES);
    Optimizer optimizer;
    OptimizerDesc desc = {.learning_rate = 0.05f};
    TrainDesc train = {.loss = loss, .batch = 1};
    Workspace ws;
    assert_true(optimizer_init(&optimizer, &desc, net.n_params));
    assert_true(workspace_init(&ws, &net, 1));
    assert_true(fixed_fits(&net, &optimizer, &train));

    size_t done;
    double sum = fixed_train_batches(&net, &optimizer, &train, x, t, order, SAMPLES, &done);
    assert_int_equal(done, SAMPLES);
    double expected = 0;
    for (int i = 0; i < SAMPLES; i++) {
        const float *score =
            network_gradient(&spelt, &ws, loss, x + 2 * order[i], t + order[i], 1, grad);
        expected += loss_sum(loss, score, t + order[i], 1, 1);
        optimizer_step(&optimizer, spelt.params, grad);
    }
    assert_close(sum, expected, 1e-5);
    for (size_t i = 0; i < net.n_params; i++) {
        assert_close((double)net.params[i], (double)spelt.params[i], 2e-6);
    }
    free(x), free(t), free(grad);
    workspace_deinit(&ws);
    optimizer_deinit(&optimizer);
    network_deinit(&spelt);
    network_deinit(&net);
}

static void test_every_shape(void **state) {
    (void)state;
    for (int units = 3; units <= 16; units++) {
        for (int a = 0; a < ACTIVATION_SOFTMAX; a++) {
            for (int b = 0; b < ACTIVATION_SOFTMAX; b++) {
                compare(units, (Activation)a, (Activation)b, b % 2 == 0, LOSS_MSE);
                compare(units, (Activation)a, (Activation)b, true, LOSS_HALF_MSE);
            }
        }
    }
}

static void test_what_does_not_fit(void **state) {
    (void)state;
    const int fits[] = {2, 12, 2, 1, 0}, others[][5] = {
                                             {2, 2, 2, 1, 0},  {2, 17, 2, 1, 0}, {3, 12, 2, 1, 0},
                                             {2, 12, 3, 1, 0}, {2, 12, 2, 2, 0},
                                         };
    Optimizer plain = {.desc = {.learning_rate = 1}}, momentum = plain;
    momentum.desc.momentum = 0.5f;
    TrainDesc one = {.batch = 1}, two = {.batch = 2}, l2 = {.batch = 1, .l2 = 1};
    Network net = random_network(fits, ACTIVATION_TANH, ACTIVATION_TANH, true, 1);
    assert_true(fixed_fits(&net, &plain, &one));
    assert_false(fixed_fits(&net, &momentum, &one));
    assert_false(fixed_fits(&net, &plain, &two));
    assert_false(fixed_fits(&net, &plain, &l2));
    network_deinit(&net);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        net = random_network(others[i], ACTIVATION_TANH, ACTIVATION_TANH, true, 1);
        assert_false(fixed_fits(&net, &plain, &one));
        network_deinit(&net);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_shape),
        cmocka_unit_test(test_what_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
