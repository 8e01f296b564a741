// Twenty steps against PyTorch's, every parameter: tests/fixtures/record_steps.py. Through
// train_batches, so that each case is trained by the loop that its network and settings choose.
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"
#include "nn/schedule.h"
#include "nn/trainstep.h"

#include "fixtures/steps.h"
#include "support.h"

enum { N_CASES = sizeof cases / sizeof *cases, PARAMS_MAX = 1024 };

#define TOLERANCE 1e-5

static float binary(int16_t count) {
    return (float)count * 0x1p-12f;
}

/// What trains: the case's network from its start.
typedef struct Runner {
    const Case *is;
    Network net;
    Optimizer optimizer;
    TrainBuffers buffers;
    float x[SAMPLES * 20], t[SAMPLES * 20];
} Runner;

static void runner_init(Runner *run, const Case *is) {
    Error error;
    thread_flush_denormals();
    *run = (Runner){.is = is};
    if (!network_init(&run->net, is->n_inputs, is->layers, is->n_layers, &error)) {
        fail_msg("%s", error.text);
    }
    assert_true(run->net.n_values <= PARAMS_MAX);
    assert_true(optimizer_init(&run->optimizer, &is->optimizer, run->net.n_params));
    assert_true(train_buffers_init(&run->buffers, &run->net, is->train.batch));
    for (int i = 0; i < SAMPLES * is->n_inputs; i++) run->x[i] = binary(is->x[i]);
    for (int i = 0; i < SAMPLES * run->net.n_outputs; i++) run->t[i] = binary(is->t[i]);
    for (size_t i = 0; i < run->net.n_values; i++) run->net.params[i] = binary(is->start[i]);
}

static void runner_deinit(Runner *run) {
    train_buffers_deinit(&run->buffers);
    optimizer_deinit(&run->optimizer);
    network_deinit(&run->net);
}

/// Puts the recorded masks of one batch into the workspace.  @return past them
static const uint8_t *install_masks(Runner *run, const uint8_t *kept, int size) {
    for (int l = 0; l < run->net.n_layers; l++) {
        const Layer *layer = &run->net.layers[l];
        float *mask = run->buffers.ws.records[l].mask;
        for (int i = 0; mask && i < size * layer->units; i++) {
            mask[i] = *kept++ ? 1 / (1 - layer->dropout) : 0;
        }
    }
    return kept;
}

/// One batch with recorded masks, by the parts that train_batches is made of. Running statistics
/// stay: they move only where masks are drawn.
static double masked_step(Runner *run, const float *x, const float *t, int size) {
    Network *net = &run->net;
    Workspace *ws = &run->buffers.ws;
    Loss loss = run->is->train.loss;
    const float *scores = network_forward_training(net, ws, loss, x, size, NULL);
    double sum = loss_sum(loss, scores, t, size, net->n_outputs);
    loss_gradient(loss, scores, t, size, net->n_outputs, ws->delta[0]);
    network_backward(net, ws, x, ws->delta[0], loss_takes_logits(loss), size, run->buffers.grad);
    optimizer_step(&run->optimizer, net->params, run->buffers.grad);
    return sum;
}

/// Trains from step `from` up to step `to`, an epoch's part at a time; with masks, step by step.
/// @return the sum of the samples' losses
static double train_steps(Runner *run, int from, int to, const uint8_t **kept) {
    const Case *is = run->is;
    const int batch = is->train.batch, per_epoch = (SAMPLES + batch - 1) / batch;
    double sum = 0;
    for (int end; from < to; from = end) {
        const int epoch = from / per_epoch, epoch_end = (epoch + 1) * per_epoch;
        end = *kept ? from + 1 : to < epoch_end ? to : epoch_end;
        const int first = from % per_epoch * batch, whole = (end - from) * batch;
        const int size = first + whole < SAMPLES ? whole : SAMPLES - first;
        const float *x = &run->x[first * is->n_inputs];
        const float *t = &run->t[first * run->net.n_outputs];
        run->optimizer.learning_rate =
            schedule_rate(&is->schedule, is->optimizer.learning_rate, epoch);
        if (*kept) {
            *kept = install_masks(run, *kept, size);
            sum += masked_step(run, x, t, size);
        } else {
            size_t done;
            sum += train_batches(&run->net, &run->optimizer, &run->buffers, &is->train, x, t, NULL,
                                 (size_t)size, &done);
            assert_int_equal(done, size);
        }
    }
    return sum;
}

typedef struct Worst {
    double wide, single; // from PyTorch's in 64 bits, in 32 bits
    const char *where;   // of the former
} Worst;

static double off_by(double actual, double expected) {
    double off = fabs(actual - expected) / fmax(1, fabs(expected));
    return off <= 1 ? off : 1; // NaN counts as 1
}

static void follow(const Case *is, Worst *worst) {
    Runner run;
    runner_init(&run, is);
    const size_t n = run.net.n_values;
    // Masked steps leave the running statistics alone.
    const size_t compared = is->kept ? run.net.n_params : n;
    const uint8_t *kept = is->kept;
    double sum = 0, moved = 0;
    for (int c = 0; c < CHECKPOINTS; c++) {
        sum += train_steps(&run, c > 0 ? checkpoints[c - 1] : 0, checkpoints[c], &kept);
        for (size_t i = 0; i < compared; i++) {
            double wide = is->after[(size_t)c * n + i] * 1e-7;
            double single = wide + is->off[(size_t)c * n + i] * 1e-8;
            double off = off_by((double)run.net.params[i], wide);
            double off_single = off_by((double)run.net.params[i], single);
            moved = fmax(moved, fabs(wide - (double)binary(is->start[i])));
            if (off > worst->wide) *worst = (Worst){off, worst->single, is->name};
            if (off_single > worst->single) worst->single = off_single;
            if (!(off <= TOLERANCE && off_single <= TOLERANCE)) {
                fail_msg("%s, %s: after %d steps parameter %zu is %.8g, not %.8g (32 bits: %.8g)",
                         is->group, is->name, checkpoints[c], i, (double)run.net.params[i], wide,
                         single);
            }
        }
        assert_close(sum, is->losses[c], TOLERANCE);
    }
    // The comparison means something only if training went somewhere.
    if (moved < 1e-2) fail_msg("%s, %s: nothing moved", is->group, is->name);
    if (!is->kept) {
        Workspace ws;
        assert_true(workspace_init(&ws, &run.net, SAMPLES));
        const float *y = network_forward(&run.net, &ws, run.x, SAMPLES);
        for (int i = 0; i < SAMPLES * run.net.n_outputs; i++) {
            assert_close(y[i], is->outputs[i] * 1e-7, TOLERANCE);
        }
        workspace_deinit(&ws);
    }
    runner_deinit(&run);
}

static void follow_group(const char *group) {
    Worst worst = {0};
    int n = 0;
    for (int c = 0; c < N_CASES; c++) {
        if (strcmp(cases[c].group, group) != 0) continue;
        follow(&cases[c], &worst);
        n++;
    }
    assert_true(n > 0);
    print_message("%s, %d cases: %.1e from 64 bits (%s), %.1e from 32 bits\n", group, n, worst.wide,
                  worst.where, worst.single);
}

static void test_optimizers(void **state) {
    (void)state;
    follow_group("optimizers");
}

static void test_losses_and_activations(void **state) {
    (void)state;
    follow_group("losses");
}

static void test_norms(void **state) {
    (void)state;
    follow_group("norms");
}

static void test_residual_layers(void **state) {
    (void)state;
    follow_group("residual");
}

static void test_penalties(void **state) {
    (void)state;
    follow_group("penalties");
}

static void test_schedules(void **state) {
    (void)state;
    follow_group("schedules");
}

static void test_dropout_with_recorded_masks(void **state) {
    (void)state;
    follow_group("dropout");
}

/// What the former leaves open: train_batches draws masks of the right kind, and then takes that
/// very step.
static void test_dropout_with_drawn_masks(void **state) {
    (void)state;
    int n = 0, kept = 0, all = 0;
    for (int c = 0; c < N_CASES; c++) {
        const Case *is = &cases[c];
        if (!is->kept) continue;
        Runner drawn, given;
        runner_init(&drawn, is);
        runner_init(&given, is);
        drawn.buffers.dropout = rng_create(3, RNG_DROPOUT);
        for (int step = 0; step < 20; step++, n++) {
            size_t done, size = (size_t)is->train.batch;
            train_batches(&drawn.net, &drawn.optimizer, &drawn.buffers, &is->train, drawn.x,
                          drawn.t, NULL, size, &done);
            for (int l = 0; l < is->n_layers; l++) {
                const float *mask = drawn.buffers.ws.records[l].mask;
                float scale = 1 / (1 - is->layers[l].dropout);
                for (size_t i = 0; mask && i < size * (size_t)is->layers[l].units; i++) {
                    assert_true(mask[i] == 0 || mask[i] == scale);
                    kept += mask[i] > 0 && is->layers[l].dropout == 0.5f;
                    all += is->layers[l].dropout == 0.5f;
                    given.buffers.ws.records[l].mask[i] = mask[i];
                }
            }
            masked_step(&given, given.x, given.t, is->train.batch);
            assert_memory_equal(drawn.net.params, given.net.params,
                                drawn.net.n_params * sizeof(float));
        }
        runner_deinit(&drawn);
        runner_deinit(&given);
    }
    assert_true(n > 0);
    assert_close((double)kept / all, 0.5, 4 * 0.5 / sqrt(all));
}

/// All kinds are among the cases, so that what is added has to be recorded.
static void test_cases_are_complete(void **state) {
    (void)state;
    bool optimizers[OPTIMIZER_COUNT] = {0}, losses[LOSS_COUNT] = {0}, norms[NORM_COUNT] = {0};
    bool activations[ACTIVATION_COUNT] = {0}, schedules[SCHEDULE_COUNT] = {0};
    // Their rule is not a gradient's: tests/nn/test_tutorials.c.
    optimizers[OPTIMIZER_PERCEPTRON] = activations[ACTIVATION_STEP] = true;
    for (int c = 0; c < N_CASES; c++) {
        optimizers[cases[c].optimizer.kind] = losses[cases[c].train.loss] = true;
        schedules[cases[c].schedule.kind] = true;
        for (int l = 0; l < cases[c].n_layers; l++) {
            activations[cases[c].layers[l].activation] = norms[cases[c].layers[l].norm] = true;
        }
    }
    for (int i = 0; i < OPTIMIZER_COUNT; i++) assert_true(optimizers[i]);
    for (int i = 0; i < LOSS_COUNT; i++) assert_true(losses[i]);
    for (int i = 0; i < NORM_COUNT; i++) assert_true(norms[i]);
    for (int i = 0; i < ACTIVATION_COUNT; i++) assert_true(activations[i]);
    for (int i = 0; i < SCHEDULE_COUNT; i++) assert_true(schedules[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_optimizers),
        cmocka_unit_test(test_losses_and_activations),
        cmocka_unit_test(test_norms),
        cmocka_unit_test(test_residual_layers),
        cmocka_unit_test(test_penalties),
        cmocka_unit_test(test_schedules),
        cmocka_unit_test(test_dropout_with_recorded_masks),
        cmocka_unit_test(test_dropout_with_drawn_masks),
        cmocka_unit_test(test_cases_are_complete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
