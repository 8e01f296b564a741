// Backpropagated gradients of passes against central differences of the 64-bit reference: as the
// network is used, which is what surfaces and gradient norms show, and as it is trained. (What the
// training loops make of it is held against the reference by the gradient check's tests.)
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nn/metrics.h"
#include "nn/reference.h"

#include "nets.h"

enum { SAMPLES = 5 };

typedef struct Problem {
    Network net;
    Loss loss;
    int n;
    float *x, *t;
    double *x64, *t64, *params;
    ReferenceMode mode;
    double *differences; // dL/dparams by the reference; NaN: not asked for, or at a kink
} Problem;

static void problem_free(Problem *p) {
    free(p->x), free(p->t), free(p->x64), free(p->t64), free(p->params), free(p->differences);
    network_deinit(&p->net);
}

static double loss_beside(Problem *p, size_t param, double step, bool *sides) {
    double kept = p->params[param];
    p->params[param] = kept + step;
    double loss = (double)reference_mode_loss(&p->net, p->params, &p->mode, p->loss, p->x64, p->t64,
                                              (size_t)p->n, sides);
    p->params[param] = kept;
    return loss;
}

/// Differences every `stride`-th parameter.
static void difference(Problem *p, size_t stride) {
    const double step = 1e-6;
    size_t kinks = reference_kinks(&p->net) * (size_t)p->n;
    bool *above = malloc(kinks + 1), *below = malloc(kinks + 1);
    for (size_t i = 0; i < p->net.n_params; i++) {
        p->differences[i] = (double)NAN;
        if (i % stride) continue;
        double change = loss_beside(p, i, step, above) - loss_beside(p, i, -step, below);
        if (memcmp(above, below, kinks) == 0) p->differences[i] = change / (2 * step);
    }
    free(above), free(below);
}

static Problem problem_create(int inputs, const LayerDesc *layers, int n_layers, Loss loss, int n) {
    Problem p = {.loss = loss, .n = n, .net = random_layers(inputs, layers, n_layers, 7)};
    p.params = wide_params(&p.net);
    random_values((size_t)n * (size_t)p.net.n_inputs, -1.5, 1.5, 3, &p.x, &p.x64);
    random_values((size_t)n * (size_t)p.net.n_outputs, 0, 1, 4, &p.t, &p.t64);
    size_t outputs = (size_t)p.net.n_outputs;
    for (size_t i = 0; loss == LOSS_CROSS_ENTROPY && i < (size_t)n * outputs; i++) {
        p.t64[i] = i % outputs == i / outputs % outputs;
        p.t[i] = (float)p.t64[i];
    }
    p.differences = malloc(p.net.n_params * sizeof *p.differences);
    return p;
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
    // Differences of doubles with that step are good to about 1e-10.
    if (size_a < 1e-16 && size_d < 1e-16) return 0;
    return sqrt(apart) / (sqrt(size_a) + sqrt(size_d));
}

static void check_arrays(const Problem *p, const float *grad, const char *what) {
    NetworkArray array;
    for (int i = 0; network_array(&p->net, i, &array) && array.trained; i++) {
        const Layer *layer = &p->net.layers[array.layer];
        size_t size = (size_t)array.rows * (size_t)(array.cols ? array.cols : 1);
        double error = relative_error(grad + array.at, p->differences + array.at, size);
        if (!(error < 1e-4)) {
            fail_msg("%s, %s, %s (%d-%d %s, norm %s): %g off", what, loss_name(p->loss), array.name,
                     layer->inputs, layer->units, activation_name(layer->activation),
                     norm_name(layer->norm), error);
        }
    }
}

/// Whether any layer drops units or normalises over the batch: training then passes otherwise than
/// use does.
static bool trains_otherwise(const Network *net) {
    for (int l = 0; l < net->n_layers; l++) {
        if (net->layers[l].norm == NORM_BATCH || net->layers[l].dropout > 0.0f) return true;
    }
    return false;
}

/// Both kinds of passes, with all of grad overwritten.
static void check(Problem *p, size_t stride) {
    Network *net = &p->net;
    Workspace ws;
    float *grad = malloc(net->n_params * sizeof *grad);
    float *d = malloc((size_t)p->n * (size_t)net->n_outputs * sizeof *d);
    assert_true(workspace_init(&ws, net, p->n));
    for (size_t i = 0; i < net->n_params; i++) grad[i] = NAN;
    p->mode = (ReferenceMode){0};
    difference(p, stride);
    network_gradient(net, &ws, p->loss, p->x, p->t, p->n, grad);
    check_arrays(p, grad, "in use");

    if (trains_otherwise(net)) {
        Rng rng = rng_create(1, RNG_DROPOUT);
        for (size_t i = 0; i < net->n_params; i++) grad[i] = NAN;
        const float *scores = network_forward_training(net, &ws, p->loss, p->x, p->n, &rng);
        p->mode.training = true;
        for (int l = 0; l < net->n_layers; l++) p->mode.masks[l] = ws.records[l].mask;
        difference(p, stride);
        loss_gradient(p->loss, scores, p->t, p->n, net->n_outputs, d);
        network_backward(net, &ws, p->x, d, loss_takes_logits(p->loss), p->n, grad);
        check_arrays(p, grad, "in training");
    }
    workspace_deinit(&ws);
    free(grad), free(d);
}

static void check_layers(int inputs, const LayerDesc *layers, int n_layers, Loss loss, int n,
                         size_t stride) {
    Problem p = problem_create(inputs, layers, n_layers, loss, n);
    check(&p, stride);
    problem_free(&p);
}

/// @param widths  inputs, then each layer's units, ended by 0
static void check_widths(const int *widths, Activation hidden, Activation last, bool bias,
                         Loss loss, int n, size_t stride) {
    LayerDesc layers[NETWORK_LAYERS_MAX] = {0};
    int n_layers = 0;
    for (; widths[n_layers + 1] > 0; n_layers++) {
        layers[n_layers] = (LayerDesc){.units = widths[n_layers + 1],
                                       .activation = widths[n_layers + 2] > 0 ? hidden : last,
                                       .no_bias = !bias};
    }
    check_layers(widths[0], layers, n_layers, loss, n, stride);
}

/// Every activation in hidden and last layers, every loss, with and without bias, in networks that
/// go through each of the kernels.
static void test_every_combination(void **state) {
    (void)state;
    static const int shapes[][6] = {
        {2, 2, 2, 1, 0}, {1, 1, 2, 0}, {2, 7, 3, 1, 0}, {9, 16, 4, 5, 0}, {3, 20, 6, 2, 0},
    };
    unsigned number = 0;
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        for (int hidden = 0; hidden < ACTIVATION_SOFTMAX; hidden++) {
            for (int last = 0; last < ACTIVATION_COUNT; last++) {
                for (int loss = 0; loss < LOSS_COUNT; loss++, number++) {
                    if (!loss_suits((Loss)loss, (Activation)last)) continue;
                    for (int n = 1; n <= SAMPLES; n += SAMPLES - 1) {
                        check_widths(shapes[s], (Activation)hidden, (Activation)last,
                                     number % 3 != 0, (Loss)loss, n, s < 3 ? 1 : 7);
                    }
                }
            }
        }
    }
}

static void test_norms_dropout_and_residuals(void **state) {
    (void)state;
    for (int norm = 0; norm < NORM_COUNT; norm++) {
        for (int form = 0; form < 4; form++) {
            const bool residual = form % 2 != 0;
            const float dropout = form / 2 ? 0.3f : 0;
            const LayerDesc layers[] = {
                {6, ACTIVATION_TANH, false, (Norm)norm, dropout, residual},
                {5, ACTIVATION_SIGMOID, true, (Norm)norm, dropout, false},
                {5, ACTIVATION_LEAKY_RELU, false, NORM_NONE, dropout, residual},
                {5, ACTIVATION_TANH, false, (Norm)norm, dropout, residual}};
            for (int n = 5; n <= 40; n += 35) {
                check_layers(6, layers, 4, LOSS_MSE, n, 1);
                check_layers(6, layers, 4, LOSS_MSE_BROADCAST, n, 1);
            }
        }
    }
}

static void test_batches_of_any_size(void **state) {
    (void)state;
    for (int n = 1; n <= 40; n += 3) {
        check_widths((int[]){2, 5, 3, 1, 0}, ACTIVATION_TANH, ACTIVATION_LINEAR, true, LOSS_MSE, n,
                     1);
        check_widths((int[]){4, 18, 3, 0}, ACTIVATION_TANH, ACTIVATION_SIGMOID, true, LOSS_BCE, n,
                     3);
        check_widths((int[]){4, 18, 3, 0}, ACTIVATION_TANH, ACTIVATION_SOFTMAX, true,
                     LOSS_CROSS_ENTROPY, n, 3);
    }
}

static void test_wide_and_deep(void **state) {
    (void)state;
    const int digits[] = {784, 64, 64, 10, 0};
    check_widths(digits, ACTIVATION_TANH, ACTIVATION_SIGMOID, true, LOSS_BCE, 3, 997);
    check_widths(digits, ACTIVATION_TANH, ACTIVATION_SOFTMAX, true, LOSS_CROSS_ENTROPY, 8, 997);
    check_widths((int[]){3, 600, 2, 0}, ACTIVATION_TANH, ACTIVATION_LINEAR, true, LOSS_MSE, 4, 41);
    check_widths((int[]){2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 1, 0}, ACTIVATION_TANH,
                 ACTIVATION_LINEAR, true, LOSS_MSE, 5, 1);
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
    network_gradient(&net, &ws, LOSS_BCE, &x, &t, 1, grad);
    assert_close(grad[0], 1, 0);
    assert_close(grad[1], 1, 0);
    workspace_deinit(&ws);
    network_deinit(&net);
}

/// Norms of the whole data's gradient, whatever the blocks it is summed over: also for a loss that
/// couples samples.
static void test_norms(void **state) {
    (void)state;
    for (int loss = 0; loss < LOSS_COUNT; loss++) {
        if (!loss_suits((Loss)loss, ACTIVATION_SIGMOID)) continue;
        const LayerDesc layers[] = {{.units = 5, .activation = ACTIVATION_TANH},
                                    {.units = 3, .activation = ACTIVATION_TANH, .no_bias = true},
                                    {.units = 2, .activation = ACTIVATION_SIGMOID}};
        Problem p = problem_create(2, layers, 3, (Loss)loss, 23);
        difference(&p, 1);
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
                for (size_t i = 0; layer->has_bias && i < (size_t)layer->units; i++) {
                    biases += pow(p.differences[layer->bias_at + i], 2);
                }
                assert_close(weight[l] / sqrt(weights), 1, 1e-5);
                assert_close(bias[l] / sqrt(biases), layer->has_bias ? 1 : (double)NAN, 1e-5);
            }
            workspace_deinit(&ws);
            free(grad), free(sums);
        }
        problem_free(&p);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_combination),
        cmocka_unit_test(test_norms_dropout_and_residuals),
        cmocka_unit_test(test_batches_of_any_size),
        cmocka_unit_test(test_wide_and_deep),
        cmocka_unit_test(test_norms),
        cmocka_unit_test(test_saturated_sigmoid_learns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
