// The jobs of `saddle bench` that train: on one core, so that numbers compare between machines.
#include "cli/bench.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "cli/interrupt.h"
#include "nn/init.h"
#include "nn/trainstep.h"
#include "train/session.h"
#include "train/sweep.h"

enum { REPEATS = 7 };

/// Per-sample training from the initial weights, for about a tenth of a second a repetition.
static bool training(const char *name, BenchResult *result, Error *error) {
    Session *session = bench_session(name, NULL, error);
    if (!session) return false;
    double best = HUGE_VAL, samples = 0;
    for (int repeat = 0; repeat < REPEATS && !interrupted(); repeat++) {
        session_reset(session);
        double start = bench_seconds(), took = 0;
        int64_t epochs = 0;
        while (took < 0.1 && !session->diverged) {
            for (int i = 0; i < 10; i++) session_step(session, STEP_EPOCH, NULL);
            epochs += 10;
            took = bench_seconds() - start;
        }
        double n = (double)epochs * (double)session->data->n_train;
        if (took / n < best / (samples > 0 ? samples : 1)) best = took, samples = n;
    }
    *result = (BenchResult){best, samples / best, "samples/s", "best of 7", 0};
    session_destroy(session);
    return true;
}

bool bench_train_paraboloid(BenchResult *result, Error *error) {
    return training("paraboloid", result, error);
}

bool bench_train_xor_shallow(BenchResult *result, Error *error) {
    return training("xor-shallow", result, error);
}

bool bench_train_xor_deep(BenchResult *result, Error *error) {
    return training("xor-deep", result, error);
}

/// The whole run of 256 seeds, data and measuring included.
bool bench_sweep_xor_shallow(BenchResult *result, Error *error) {
    enum { SEEDS = 256, SWEEPS = 3 };
    Experiment *experiment = experiment_load("xor-shallow", error);
    if (!experiment) return false;
    const Experiment *const settings[] = {experiment};
    const SweepDesc desc = {
        .settings = settings, .n_settings = 1, .first_seed = 1, .n_seeds = SEEDS, .threads = 1};
    static SweepRow rows[SEEDS];
    bool good = true;
    double best = HUGE_VAL;
    for (int repeat = 0; good && repeat < SWEEPS && !interrupted(); repeat++) {
        int failed;
        double start = bench_seconds();
        good = sweep_run(&desc, rows, &failed, error) == SWEEP_DONE;
        best = fmin(best, bench_seconds() - start);
    }
    double samples = (double)SEEDS * (double)experiment->epochs * experiment->data.samples;
    *result = (BenchResult){best, samples / best, "samples/s", "best of 3", 0};
    experiment_release(experiment);
    return good;
}

// --- Digits ---

enum { IMAGES = 60000, PIXELS = 784, CLASSES = 10, BATCH = 128 };

/// Epochs of the experiment `digits`, each in another order.
static void train_images(Session *session, BenchResult *result) {
    double best = HUGE_VAL;
    for (int repeat = 0; repeat < REPEATS && !interrupted(); repeat++) {
        double start = bench_seconds();
        session_step(session, STEP_EPOCH, NULL);
        best = fmin(best, bench_seconds() - start);
    }
    *result =
        (BenchResult){best, (double)session->data->n_train / best, "samples/s", "best of 7", 0};
}

/// Fills arrays of the images' shape, half of them zero as images are.
static void draw_noise(float *x, float *t) {
    Rng rng = rng_create(1, RNG_DATA);
    for (size_t i = 0; i < (size_t)IMAGES * PIXELS; i++) {
        x[i] = (float)fmax(0.0, rng_uniform(&rng, -1, 1));
    }
    for (size_t i = 0; i < IMAGES; i++) t[i * CLASSES + rng_below(&rng, CLASSES)] = 1.0f;
}

/// The same where there are no images.
static bool train_noise(BenchResult *result, Error *error) {
    const LayerDesc layers[] = {{.units = 64, .activation = ACTIVATION_RELU},
                                {.units = 64, .activation = ACTIVATION_RELU},
                                {.units = CLASSES, .activation = ACTIVATION_SOFTMAX}};
    const TrainDesc desc = {.loss = LOSS_CROSS_ENTROPY, .batch = BATCH};
    const OptimizerDesc sgd = {.kind = OPTIMIZER_SGD, .learning_rate = 0.1f};
    float *x = memory_calloc((size_t)IMAGES * PIXELS, sizeof *x);
    float *t = memory_calloc((size_t)IMAGES * CLASSES, sizeof *t);
    uint32_t *order = malloc(IMAGES * sizeof *order);
    Network net = {0};
    Optimizer optimizer = {0};
    TrainBuffers buffers = {0};
    bool good = x && t && order && network_init(&net, PIXELS, layers, 3, error) &&
                optimizer_init(&optimizer, &sgd, net.n_params) &&
                train_buffers_init(&buffers, &net, BATCH);
    double best = HUGE_VAL;
    Rng init = rng_create(1, RNG_INIT), shuffle = rng_create(1, RNG_SHUFFLE);
    if (good) {
        draw_noise(x, t);
        init_network(INIT_HE_NORMAL, &net, &init);
        good = train_buffers_know(&buffers, &net, x, IMAGES);
    }
    if (!good) {
        error_set(error, "bench: out of memory");
    }
    for (int repeat = 0; good && repeat < REPEATS && !interrupted(); repeat++) {
        size_t done;
        double start = bench_seconds();
        rng_permutation(&shuffle, order, IMAGES);
        train_batches(&net, &optimizer, &buffers, &desc, x, t, order, IMAGES, &done);
        best = fmin(best, bench_seconds() - start);
    }
    *result = (BenchResult){best, IMAGES / best, "samples/s", "best of 7, on noise", 0};
    train_buffers_deinit(&buffers);
    optimizer_deinit(&optimizer);
    network_deinit(&net);
    free(order);
    free(t);
    free(x);
    return good;
}

bool bench_train_digits(BenchResult *result, Error *error) {
    Error missing;
    Session *session = bench_session("digits", NULL, &missing);
    if (!session) return train_noise(result, error);
    train_images(session, result);
    session_destroy(session);
    return true;
}
