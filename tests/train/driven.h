/// A run driven without its thread, under a clock that stands still, for tests of what is done to
/// it by hand; and what it shows, to be compared.
#ifndef TESTS_TRAIN_DRIVEN_H
#define TESTS_TRAIN_DRIVEN_H

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "train/run.h"

#include "runs.h"

enum { EPOCHS = 20 };

static inline double standing_clock(void) {
    return 1000;
}

static inline void work(Run *run) {
    while (run_ready(run)) run_slice(run, standing_clock);
}

static inline Run *start(const char *text, const char *const *settings) {
    Run *run = malloc(sizeof *run);
    Experiment *experiment = make_experiment(text, settings);
    Error error;
    if (!run_init(run, experiment, &error)) fail_msg("%s", error.text);
    experiment_release(experiment);
    run->pace = PACE_MAX;
    return run;
}

static inline void stop(Run *run) {
    run_deinit(run);
    free(run);
}

static inline bool ask_command(Run *run, Command command) {
    bool kept = run_obey(run, &command, standing_clock());
    command_release(&command);
    work(run);
    return kept;
}

static inline void ask(Run *run, CommandKind kind, double value) {
    Command command = {.kind = kind, .value = value};
    if (kind == COMMAND_SEEK) command.epoch = (int64_t)value;
    if (kind == COMMAND_STEP || kind == COMMAND_SET_UNIT) command.unit = (StepUnit)(int)value;
    ask_command(run, command);
}

static inline void step_until(Run *run, int64_t epoch) {
    while (run->session->epoch < epoch) ask(run, COMMAND_STEP, STEP_EPOCH);
}

/// Weights that differ by seed.
static inline void make_params(float *params, size_t n, uint64_t seed) {
    Rng rng = rng_create(seed, RNG_TEST);
    for (size_t i = 0; i < n; i++) params[i] = (float)rng_below(&rng, 2000) / 1000.0f - 1.0f;
}

static inline ParamVector *some_params(const Run *run, uint64_t seed) {
    ParamVector *params = param_vector_create(run->session->net.n_params);
    make_params(params->values, params->n, seed);
    return params;
}

static inline void move(Run *run, uint64_t seed, bool again) {
    ask_command(run,
                (Command){.kind = COMMAND_MOVE, .params = some_params(run, seed), .again = again});
}

static inline void move_session(Session *session, uint64_t seed) {
    float *params = malloc(session->net.n_params * sizeof *params);
    make_params(params, session->net.n_params, seed);
    session_move(session, params);
    free(params);
}

static inline void assert_same_metrics(const Metrics *a, const Metrics *b) {
    assert_memory_equal(&(float){(float)a->running_loss}, &(float){(float)b->running_loss}, 4);
    assert_memory_equal(&a->train_loss, &b->train_loss, sizeof(double));
    assert_memory_equal(&a->train_accuracy, &b->train_accuracy, sizeof(double));
    assert_memory_equal(&a->test_loss, &b->test_loss, sizeof(double));
    assert_memory_equal(&a->test_accuracy, &b->test_accuracy, sizeof(double));
}

static inline Snapshot *look(const Run *run) {
    Snapshot *snapshot = calloc(1, sizeof *snapshot);
    assert_true(run_snapshot(run, snapshot));
    return snapshot;
}

static inline void forget(Snapshot *snapshot) {
    snapshot_deinit(snapshot);
    free(snapshot);
}

/// All of a run that an undo brings back.
typedef struct Shown {
    void *state;
    size_t size;
    Snapshot *snapshot;
    int64_t measured;
} Shown;

static inline Shown keep(const Run *run) {
    Shown shown = {.size = session_state_size(run->session),
                   .snapshot = look(run),
                   .measured = run->past.measured};
    shown.state = malloc(shown.size);
    session_save_state(run->session, shown.state);
    return shown;
}

static inline void drop(Shown *shown) {
    free(shown->state);
    forget(shown->snapshot);
}

static inline void assert_same_shown(const Run *run, const Shown *was) {
    Shown is = keep(run);
    const Snapshot *a = is.snapshot, *b = was->snapshot;
    assert_memory_equal(is.state, was->state, is.size);
    assert_int_equal(a->curve.count, b->curve.count);
    assert_int_equal(a->curve.stride, b->curve.stride);
    assert_memory_equal(a->curve.bins, b->curve.bins, (size_t)a->curve.count * sizeof(CurveBin));
    assert_int_equal(a->path_count, b->path_count);
    size_t n = (size_t)a->path_count;
    assert_memory_equal(a->path->epoch, b->path->epoch, n * sizeof *a->path->epoch);
    assert_memory_equal(a->path->jumped, b->path->jumped, n * sizeof *a->path->jumped);
    assert_memory_equal(a->path->loss, b->path->loss, n * sizeof *a->path->loss);
    assert_same_floats(a->path->weights, b->path->weights, n * a->path->n_params);
    assert_int_equal(a->last_epoch, b->last_epoch);
    assert_int_equal(a->target, b->target);
    assert_int_equal(a->jumped, b->jumped);
    assert_int_equal(is.measured, was->measured);
    assert_same_metrics(&a->metrics, &b->metrics);
    assert_int_equal(a->state == RUN_RUNNING, 0);
    drop(&is);
}

#endif
