// The training loops, fused and not, against the step that they stand for, spelt out: a forward
// pass, the loss's gradient, a backward pass, the penalties, the optimizer.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"
#include "nn/trainstep.h"

#include "nets.h"

enum { SAMPLES = 11 };

/// Shapes that go through pairs.c, narrow.c (by unit, by input, several vectors) and whole batches.
static const int shapes[][6] = {
    {2, 2, 2, 1, 0}, {1, 2, 2, 2, 0}, {2, 12, 3, 3, 1, 0}, {5, 4, 16, 16, 7, 0}, {3, 20, 20, 2, 0},
};
enum { SHAPES = sizeof shapes / sizeof *shapes };

typedef struct Setting {
    const char *name;
    OptimizerDesc optimizer;
} Setting;

enum { SETTINGS = 11 };

/// Every optimizer, as it comes and with what it can have.
static void make_settings(Setting settings[SETTINGS]) {
    int n = 0;
    for (int kind = 0; kind < OPTIMIZER_PERCEPTRON; kind++) {
        OptimizerDesc desc = optimizer_desc_default((OptimizerKind)kind);
        // Steps of a gradient over its own size make much of rounding: small ones.
        if (kind >= OPTIMIZER_RMSPROP) desc.learning_rate = 2e-4f;
        settings[n++] = (Setting){optimizer_name(desc.kind), desc};
        desc.weight_decay = 0.1f;
        if (kind == OPTIMIZER_SGD) {
            desc.learning_rate = 0.05f;
            settings[n] = (Setting){"sgd with decay", desc};
            desc.weight_decay = 0;
            desc.learning_rate = 0.01f;
            desc.momentum = 0.9f;
            settings[n + 1] = (Setting){"sgd with momentum", desc};
            desc.nesterov = true;
            settings[n + 2] = (Setting){"sgd with nesterov", desc};
            n += 3;
        }
        if (kind == OPTIMIZER_ADAM || kind == OPTIMIZER_EMA_MOMENTUM) {
            settings[n++] = (Setting){"adam or ema_momentum with decay", desc};
        }
        if (kind == OPTIMIZER_RMSPROP) {
            desc.momentum = 0.5f;
            desc.alpha = 0.9f;
            settings[n++] = (Setting){"rmsprop with momentum", desc};
        }
    }
    assert_int_equal(n, SETTINGS);
}

/// A network in training.
typedef struct Learner {
    Network net;
    Optimizer optimizer;
    TrainBuffers buffers;
} Learner;

static Learner learner_create(const Network *net, const OptimizerDesc *optimizer, int batch) {
    Learner learner;
    assert_true(network_copy(&learner.net, net));
    assert_true(optimizer_init(&learner.optimizer, optimizer, net->n_params));
    assert_true(train_buffers_init(&learner.buffers, net, batch));
    learner.buffers.dropout = rng_create(3, RNG_DROPOUT);
    return learner;
}

static void learner_free(Learner *learner) {
    train_buffers_deinit(&learner->buffers);
    optimizer_deinit(&learner->optimizer);
    network_deinit(&learner->net);
}

/// One step, spelt out.  @return the batch's sum of losses
static double spelt_step(Learner *learner, const TrainDesc *desc, const float *x, const float *t,
                         int size) {
    Network *net = &learner->net;
    Workspace *ws = &learner->buffers.ws;
    float *grad = learner->buffers.grad, d[8 * 8];
    const float *scores =
        network_forward_training(net, ws, desc->loss, x, size, &learner->buffers.dropout);
    double sum = loss_sum(desc->loss, scores, t, size, net->n_outputs);
    loss_gradient(desc->loss, scores, t, size, net->n_outputs, d);
    network_backward(net, ws, x, d, loss_takes_logits(desc->loss), size, grad);
    for (int l = 0; l < net->n_layers; l++) {
        const Layer *layer = &net->layers[l];
        for (size_t i = 0; i < (size_t)layer->inputs * (size_t)layer->units; i++) {
            float w = net->params[layer->weight_at + i];
            grad[layer->weight_at + i] += desc->l1 * (w > 0   ? 1.0f
                                                      : w < 0 ? -1.0f
                                                              : 0.0f) +
                                          desc->l2 * w;
        }
    }
    optimizer_step(&learner->optimizer, net->params, grad);
    return sum;
}

/// The largest difference, relative to numbers above 1.
static double apart(const float *a, const float *b, size_t n) {
    double worst = 0;
    for (size_t i = 0; i < n; i++) {
        double d = fabs((double)a[i] - (double)b[i]) / fmax(1, fabs((double)b[i]));
        if (!(d <= worst)) worst = d;
    }
    return worst;
}

/// Trains the same network both ways over SAMPLES samples, the last batch being smaller.
/// @return whether training went somewhere: only then the comparison means something
static bool compare(const Network *net, const Setting *setting, const TrainDesc *desc,
                    const float *x, const float *t, const char *what) {
    const size_t inputs = (size_t)net->n_inputs, outputs = (size_t)net->n_outputs;
    Learner fused = learner_create(net, &setting->optimizer, desc->batch);
    Learner spelt = learner_create(net, &setting->optimizer, desc->batch);
    size_t done;
    double expected = 0, sum = train_batches(&fused.net, &fused.optimizer, &fused.buffers, desc, x,
                                             t, NULL, SAMPLES, &done);
    for (size_t at = 0; at < SAMPLES; at += (size_t)desc->batch) {
        int size = SAMPLES - (int)at < desc->batch ? SAMPLES - (int)at : desc->batch;
        expected += spelt_step(&spelt, desc, x + at * inputs, t + at * outputs, size);
    }
    double worst = apart(fused.net.params, spelt.net.params, net->n_values);
    double state = apart(fused.optimizer.state, spelt.optimizer.state, fused.optimizer.n_state);
    // rmsprop divides gradients by themselves, also those that all but cancel.
    const bool divides = setting->optimizer.kind == OPTIMIZER_RMSPROP;
    const double limit = divides ? 1e-5 : 2e-6, state_limit = divides ? 1e-3 : 2e-6;
    if (done != SAMPLES || !(fabs(sum - expected) <= 1e-5 * fmax(1, expected)) ||
        !(worst <= limit && state <= state_limit)) {
        fail_msg("%s, %s, %s, l1 %g, l2 %g, batch %d: %g off, state %g; loss %g, not %g", what,
                 setting->name, loss_name(desc->loss), (double)desc->l1, (double)desc->l2,
                 desc->batch, worst, state, sum, expected);
    }
    const bool moved = apart(spelt.net.params, net->params, net->n_params) > 1e-5;
    learner_free(&fused);
    learner_free(&spelt);
    return moved;
}

static void make_targets(Loss loss, int outputs, uint64_t seed, float *t) {
    Rng rng = rng_create(seed, RNG_TEST);
    for (int i = 0; i < SAMPLES * outputs; i++) {
        t[i] = loss == LOSS_CROSS_ENTROPY ? (float)(i % outputs == i / outputs % outputs)
                                          : (float)rng_uniform(&rng, 0, 1);
    }
}

static int layers_of(const int *widths, Activation hidden, Activation last, bool residual,
                     LayerDesc *layers) {
    int n = 0;
    for (; widths[n + 1] > 0; n++) {
        const bool ends = widths[n + 2] == 0;
        layers[n] = (LayerDesc){.units = widths[n + 1],
                                .activation = ends ? last : hidden,
                                .no_bias = n == 1,
                                .residual = residual && !ends && widths[n] == widths[n + 1]};
    }
    return n;
}

/// Every optimizer, activation, loss, with and without residual connections and penalties: of all
/// combinations the third part in which any three of these still meet.
static void test_every_combination(void **state) {
    (void)state;
    thread_flush_denormals();
    static const float penalties[][2] = {{0, 0}, {0.01f, 0}, {0, 0.02f}};
    Setting settings[SETTINGS];
    make_settings(settings);
    int runs = 0, moved = 0;
    for (int s = 0; s < SHAPES; s++) {
        float *x, t[SAMPLES * 8];
        double *unused;
        random_values((size_t)(SAMPLES * shapes[s][0]), -1, 1, 5, &x, &unused);
        for (int hidden = 0; hidden < ACTIVATION_STEP; hidden++) {
            for (int last = 0; last < ACTIVATION_COUNT; last++) {
                for (int residual = 0; residual < 2; residual++) {
                    LayerDesc layers[NETWORK_LAYERS_MAX] = {0};
                    int n = layers_of(shapes[s], (Activation)hidden, (Activation)last,
                                      residual != 0, layers);
                    Network net = random_layers(shapes[s][0], layers, n, 4);
                    char what[80];
                    snprintf(what, sizeof what, "shape %d, %s, %s%s", s,
                             activation_name((Activation)hidden), activation_name((Activation)last),
                             residual ? ", residual" : "");
                    for (int loss = 0; loss < LOSS_COUNT; loss++) {
                        if (last == ACTIVATION_STEP || !loss_suits((Loss)loss, (Activation)last))
                            continue;
                        make_targets((Loss)loss, net.n_outputs, 6, t);
                        for (int k = 0; k < SETTINGS * 3 * 2; k++) {
                            const int setting = k / 6, penalised = k / 2 % 3;
                            const int sum = setting + penalised + k % 2 + residual + hidden + last;
                            if ((sum + loss + s) % 3 != 0) continue;
                            const float *penalty = penalties[penalised];
                            const TrainDesc desc = {.loss = (Loss)loss,
                                                    .batch = k % 2 ? 8 : 1,
                                                    .l1 = penalty[0],
                                                    .l2 = penalty[1]};
                            moved += compare(&net, &settings[setting], &desc, x, t, what);
                            runs++;
                        }
                    }
                    network_deinit(&net);
                }
            }
        }
        free(x), free(unused);
    }
    print_message("%d runs, %d of which learnt\n", runs, moved);
    assert_true(moved > runs * 9 / 10);
}

/// What trains otherwise than it is used: norms, whose statistics move, and dropout.
static void test_norms_and_dropout(void **state) {
    (void)state;
    Setting settings[SETTINGS];
    make_settings(settings);
    for (int norm = 0; norm < NORM_COUNT; norm++) {
        for (int width = 4; width <= 20; width += 16) {
            const LayerDesc layers[] = {{width, ACTIVATION_TANH, false, (Norm)norm, 0.3f, false},
                                        {width, ACTIVATION_RELU, false, (Norm)norm, 0, true},
                                        {2, ACTIVATION_SIGMOID, false, NORM_NONE, 0, false}};
            Network net = random_layers(3, layers, 3, 2);
            float *x, t[SAMPLES * 2];
            double *unused;
            random_values(SAMPLES * 3, -1, 1, 5, &x, &unused);
            make_targets(LOSS_BCE, 2, 6, t);
            const TrainDesc desc = {.loss = LOSS_BCE, .batch = 7, .l2 = 0.1f};
            for (int k = 0; k < SETTINGS; k++) {
                assert_true(compare(&net, &settings[k], &desc, x, t, norm_name((Norm)norm)));
            }
            free(x), free(unused);
            network_deinit(&net);
        }
    }
}

/// The perceptron rule: w += (t - y) x, summed over the batch.
static void test_perceptron(void **state) {
    (void)state;
    const LayerDesc layer = {.units = 2, .activation = ACTIVATION_STEP};
    Network net = random_layers(3, &layer, 1, 5);
    float *x, t[SAMPLES * 2], expected[8];
    double *unused;
    random_values(SAMPLES * 3, -1, 1, 5, &x, &unused);
    for (int i = 0; i < SAMPLES * 2; i++) t[i] = (float)(i % 3 == 0);
    OptimizerDesc rule = optimizer_desc_default(OPTIMIZER_PERCEPTRON);
    rule.learning_rate = 0.5f;
    for (int batch = 1; batch <= SAMPLES; batch += 5) {
        Learner learner = learner_create(&net, &rule, batch);
        size_t done;
        memcpy(expected, net.params, sizeof expected);
        for (int at = 0, size; at < SAMPLES; at += size) {
            float moves[8] = {0};
            size = SAMPLES - at < batch ? SAMPLES - at : batch;
            for (int s = at; s < at + size; s++) {
                for (int o = 0; o < 2; o++) {
                    float z = expected[6 + o];
                    for (int i = 0; i < 3; i++) z += expected[3 * o + i] * x[3 * s + i];
                    float error = t[2 * s + o] - (z > 0 ? 1.0f : 0.0f);
                    for (int i = 0; i < 3; i++) moves[3 * o + i] += error * x[3 * s + i];
                    moves[6 + o] += error;
                }
            }
            for (int i = 0; i < 8; i++) expected[i] += 0.5f * moves[i];
        }
        train_batches(&learner.net, &learner.optimizer, &learner.buffers,
                      &(TrainDesc){.loss = LOSS_MSE, .batch = batch}, x, t, NULL, SAMPLES, &done);
        assert_true(apart(learner.net.params, expected, 8) < 2e-6);
        assert_true(apart(net.params, expected, 8) > 0.1);
        learner_free(&learner);
    }
    free(x), free(unused);
    network_deinit(&net);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_combination),
        cmocka_unit_test(test_norms_and_dropout),
        cmocka_unit_test(test_perceptron),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
