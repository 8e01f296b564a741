// Backpropagated gradients against central differences of the 64-bit reference.
#include <stdlib.h>

#include "nn/metrics.h"
#include "nn/reference.h"
#include "nn/trainstep.h"

#include "nets.h"

enum { SAMPLES = 5 };

typedef struct Problem {
    Network net;
    Loss loss;
    int n;
    float *x, *t;
    double *x64, *t64, *params;
    double *differences; // dL/dparams by the reference
} Problem;

/// The smallest |z| that any relu sees: a difference must not step over its kink.
static double nearest_kink(const Problem *p) {
    double nearest = (double)INFINITY;
    for (int l = 0; l < p->net.n_layers; l++) {
        if (p->net.layers[l].activation != ACTIVATION_RELU) continue;
        Network start = p->net;
        start.n_layers = l + 1;
        start.n_outputs = start.layers[l].units;
        start.layers[l].activation = ACTIVATION_LINEAR;
        size_t n = (size_t)p->n * (size_t)start.n_outputs;
        double *z = malloc(n * sizeof *z);
        reference_forward(&start, p->params, p->x64, (size_t)p->n, z);
        for (size_t i = 0; i < n; i++) nearest = fmin(nearest, fabs(z[i]));
        free(z);
    }
    return nearest;
}

static void problem_free(Problem *p) {
    free(p->x), free(p->t), free(p->x64), free(p->t64), free(p->params), free(p->differences);
    network_deinit(&p->net);
}

/// Every `stride`-th parameter is differenced; the others are NaN.
static Problem problem_create(const int *widths, Activation hidden, Activation last, bool bias,
                              Loss loss, int n, size_t stride) {
    const double step = 1e-6;
    for (uint64_t seed = 1; seed < 200; seed++) {
        Problem p = {.loss = loss, .n = n};
        p.net = random_network(widths, hidden, last, bias, seed);
        // bce needs outputs in (0, 1): where the last activation does not see to that, the bias
        // does.
        const Layer *end = &p.net.layers[p.net.n_layers - 1];
        if (loss == LOSS_BCE && last != ACTIVATION_SIGMOID) {
            for (size_t i = 0; i < (size_t)end->inputs * (size_t)end->units; i++) {
                p.net.params[end->weight_at + i] *= 0.1f;
            }
            for (int o = 0; end->has_bias && o < end->units; o++) {
                p.net.params[end->bias_at + (size_t)o] = 0.5f;
            }
        }
        p.params = wide_params(&p.net);
        random_values((size_t)n * (size_t)p.net.n_inputs, -1.5, 1.5, seed, &p.x, &p.x64);
        random_values((size_t)n * (size_t)p.net.n_outputs, 0, 1, seed + 1, &p.t, &p.t64);
        p.differences = malloc(p.net.n_params * sizeof *p.differences);
        if (nearest_kink(&p) < 1e-4) {
            problem_free(&p);
            continue;
        }
        for (size_t i = 0; i < p.net.n_params; i++) {
            p.differences[i] = i % stride == 0 ? reference_difference(&p.net, p.params, loss, p.x64,
                                                                      p.t64, (size_t)n, i, step)
                                               : (double)NAN;
        }
        return p;
    }
    fail_msg("no seed keeps away from kinks");
    abort();
}

/// ||a - d|| / (||a|| + ||d||) over what was differenced of one parameter array.
static double relative_error(const float *a, const double *d, size_t n) {
    double apart = 0, size_a = 0, size_d = 0;
    for (size_t i = 0; i < n; i++) {
        if (isnan(d[i])) continue;
        apart += ((double)a[i] - d[i]) * ((double)a[i] - d[i]);
        size_a += (double)a[i] * (double)a[i];
        size_d += d[i] * d[i];
    }
    return size_a + size_d > 0 ? sqrt(apart) / (sqrt(size_a) + sqrt(size_d)) : 0;
}

static void check_arrays(const Problem *p, const float *grad, const char *what) {
    for (int l = 0; l < p->net.n_layers; l++) {
        const Layer *layer = &p->net.layers[l];
        double weight = relative_error(grad + layer->weight_at, p->differences + layer->weight_at,
                                       (size_t)layer->inputs * (size_t)layer->units);
        double bias = layer->has_bias
                          ? relative_error(grad + layer->bias_at, p->differences + layer->bias_at,
                                           (size_t)layer->units)
                          : 0;
        if (!(weight < 1e-4 && bias < 1e-4)) {
            fail_msg("%s, %s, layer %d (%d-%d %s): weights %g, bias %g off", what,
                     loss_name(p->loss), l, layer->inputs, layer->units,
                     activation_name(layer->activation), weight, bias);
        }
    }
}

/// The gradient as network_gradient computes it for a batch.
static void check_batch(const Problem *p) {
    Workspace ws;
    float *grad = malloc(p->net.n_params * sizeof *grad);
    for (size_t i = 0; i < p->net.n_params; i++) grad[i] = NAN; // all must be overwritten
    assert_true(workspace_init(&ws, &p->net, p->n));
    network_forward(&p->net, &ws, p->x, p->n);
    network_gradient(&p->net, &ws, p->loss, p->x, p->t, p->n, grad);
    check_arrays(p, grad, "network_gradient");
    workspace_deinit(&ws);
    free(grad);
}

/// The gradient that one step of train_batches took: (w - w') / learning rate.
static void check_step(const Problem *p) {
    Network net;
    Optimizer optimizer;
    TrainBuffers buffers;
    assert_true(network_copy(&net, &p->net));
    assert_true(optimizer_init(&optimizer, &(OptimizerDesc){.learning_rate = 65536}, net.n_params));
    assert_true(train_buffers_init(&buffers, &net, p->n));
    float *grad = malloc(net.n_params * sizeof *grad);
    size_t done;
    double sum = train_batches(&net, &optimizer, &buffers, &(TrainDesc){p->loss, p->n, 0, 0}, p->x,
                               p->t, NULL, (size_t)p->n, &done);
    assert_int_equal(done, p->n);
    assert_close(sum / p->n, reference_loss(&net, p->params, p->loss, p->x64, p->t64, (size_t)p->n),
                 1e-5);
    for (size_t i = 0; i < net.n_params; i++) {
        // A large rate keeps the difference from drowning in the rounding of the weight.
        grad[i] = (p->net.params[i] - net.params[i]) / 65536;
    }
    check_arrays(p, grad, "train_batches");
    free(grad);
    train_buffers_deinit(&buffers);
    optimizer_deinit(&optimizer);
    network_deinit(&net);
}

static void check(const int *widths, Activation hidden, Activation last, bool bias, Loss loss,
                  int n, size_t stride) {
    if (loss == LOSS_BCE && !bias && last != ACTIVATION_SIGMOID) return; // outputs around 0
    Problem p = problem_create(widths, hidden, last, bias, loss, n, stride);
    check_batch(&p);
    check_step(&p);
    problem_free(&p);
}

/// Every activation in hidden and last layers, every loss, with and without bias, in networks that
/// go through each of the kernels.
static void test_every_combination(void **state) {
    (void)state;
    static const int shapes[][6] = {
        {2, 2, 2, 1, 0}, {1, 1, 2, 0}, {2, 7, 3, 1, 0}, {9, 16, 4, 5, 0}, {3, 20, 6, 2, 0},
    };
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        for (int hidden = 0; hidden < ACTIVATION_COUNT; hidden++) {
            for (int last = 0; last < ACTIVATION_COUNT; last++) {
                for (int loss = 0; loss < LOSS_COUNT; loss++) {
                    for (int bias = 0; bias < 2; bias++) {
                        for (int n = 1; n <= SAMPLES; n += SAMPLES - 1) {
                            check(shapes[s], (Activation)hidden, (Activation)last, bias != 0,
                                  (Loss)loss, n, 1);
                        }
                    }
                }
            }
        }
    }
}

static void test_batches_of_any_size(void **state) {
    (void)state;
    for (int n = 1; n <= 40; n += 3) {
        check((int[]){2, 5, 3, 1, 0}, ACTIVATION_TANH, ACTIVATION_LINEAR, true, LOSS_MSE, n, 1);
        check((int[]){4, 18, 3, 0}, ACTIVATION_TANH, ACTIVATION_SIGMOID, true, LOSS_BCE, n, 1);
    }
}

static void test_wide_and_deep(void **state) {
    (void)state;
    check((int[]){784, 64, 64, 10, 0}, ACTIVATION_TANH, ACTIVATION_SIGMOID, true, LOSS_BCE, 3, 997);
    check((int[]){784, 64, 64, 10, 0}, ACTIVATION_TANH, ACTIVATION_SIGMOID, true, LOSS_BCE, 8, 997);
    check((int[]){3, 600, 2, 0}, ACTIVATION_TANH, ACTIVATION_LINEAR, true, LOSS_MSE, 4, 41);
    check((int[]){2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 1, 0}, ACTIVATION_TANH, ACTIVATION_LINEAR,
          true, LOSS_MSE, 5, 1);
    check((int[]){2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 0}, ACTIVATION_TANH, ACTIVATION_LINEAR,
          true, LOSS_MSE, 5, 1);
}

/// A sigmoid that is saturated on the wrong side still gets the gradient y - t from bce.
static void test_saturated_sigmoid_learns(void **state) {
    (void)state;
    Network net = random_network((int[]){1, 1, 0}, ACTIVATION_LINEAR, ACTIVATION_SIGMOID, true, 1);
    net.params[0] = 0;
    net.params[1] = 200; // its sigmoid is 1 in 32 bits
    float x = 1, t = 0, grad[2];
    Workspace ws;
    assert_true(workspace_init(&ws, &net, 1));
    network_forward(&net, &ws, &x, 1);
    network_gradient(&net, &ws, LOSS_BCE, &x, &t, 1, grad);
    assert_close((double)grad[0], 1, 0);
    assert_close((double)grad[1], 1, 0);
    workspace_deinit(&ws);
    network_deinit(&net);
}

/// Norms of the whole data's gradient, whatever the blocks it is summed over.
static void test_norms(void **state) {
    (void)state;
    Problem p = problem_create((int[]){2, 5, 3, 1, 0}, ACTIVATION_TANH, ACTIVATION_LINEAR, true,
                               LOSS_MSE, 23, 1);
    for (int block = 1; block <= 32; block *= 2) {
        Workspace ws;
        float *grad = malloc(p.net.n_params * sizeof *grad);
        double *sums = malloc(p.net.n_params * sizeof *sums), weight[3], bias[3];
        assert_true(workspace_init(&ws, &p.net, block));
        metrics_grad_norms(&p.net, &ws, p.loss, p.x, p.t, 23, grad, sums, weight, bias);
        for (int l = 0; l < 3; l++) {
            const Layer *layer = &p.net.layers[l];
            double weights = 0, biases = 0;
            for (size_t i = 0; i < (size_t)layer->inputs * (size_t)layer->units; i++) {
                weights += pow(p.differences[layer->weight_at + i], 2);
            }
            for (size_t i = 0; i < (size_t)layer->units; i++) {
                biases += pow(p.differences[layer->bias_at + i], 2);
            }
            assert_close(weight[l] / sqrt(weights), 1, 1e-5);
            assert_close(bias[l] / sqrt(biases), 1, 1e-5);
        }
        workspace_deinit(&ws);
        free(grad), free(sums);
    }
    problem_free(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_combination),
        cmocka_unit_test(test_batches_of_any_size),
        cmocka_unit_test(test_wide_and_deep),
        cmocka_unit_test(test_norms),
        cmocka_unit_test(test_saturated_sigmoid_learns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
