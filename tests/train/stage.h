/// A trainer on a stage: its clock is the test's, and waiting is for wakes, so that no test depends
/// on time.
#ifndef TESTS_TRAIN_STAGE_H
#define TESTS_TRAIN_STAGE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "train/trainer.h"

#include "runs.h"

static _Atomic double clock_now;
static _Atomic double clock_step; // by how much each look at it moves it

static inline double fake_clock(void) {
    double step = atomic_load(&clock_step), now = atomic_load(&clock_now);
    while (step > 0 && !atomic_compare_exchange_weak(&clock_now, &now, now + step)) continue;
    return now;
}

static inline void pass_time(double seconds) {
    atomic_store(&clock_now, atomic_load(&clock_now) + seconds);
}

typedef struct Stage {
    Trainer *trainer;
    pthread_mutex_t lock;
    pthread_cond_t woken;
    int wakes;
} Stage;

static inline void wake(void *context) {
    Stage *stage = context;
    pthread_mutex_lock(&stage->lock);
    stage->wakes++;
    pthread_cond_signal(&stage->woken);
    pthread_mutex_unlock(&stage->lock);
}

static inline Stage *stage_create(void) {
    Stage *stage = calloc(1, sizeof *stage);
    Error error;
    pthread_mutex_init(&stage->lock, NULL);
    pthread_cond_init(&stage->woken, NULL);
    atomic_store(&clock_now, 1000.0);
    atomic_store(&clock_step, 0.0);
    TrainerDesc desc = {.now = fake_clock, .wake = wake, .context = stage};
    stage->trainer = trainer_create(&desc, &error);
    if (!stage->trainer) fail_msg("%s", error.text);
    return stage;
}

static inline void stage_destroy(Stage *stage) {
    trainer_destroy(stage->trainer);
    pthread_cond_destroy(&stage->woken);
    pthread_mutex_destroy(&stage->lock);
    free(stage);
}

static inline int add_run(Stage *stage, const char *name, const char *const *settings) {
    Error error = {""};
    Experiment *experiment = make_experiment(name, settings);
    int run = trainer_add(stage->trainer, experiment, &error);
    experiment_release(experiment);
    if (run < 0) fail_msg("%s", error.text);
    return run;
}

static inline void post(Stage *stage, int run, CommandKind kind, double value) {
    Command command = {.kind = kind, .value = value};
    if (kind == COMMAND_SEEK) command.epoch = (int64_t)value;
    if (kind == COMMAND_STEP || kind == COMMAND_SET_UNIT) command.unit = (StepUnit)(int)value;
    trainer_post(stage->trainer, run, command);
}

typedef bool Condition(const Snapshot *snapshot, int64_t value);

/// The first snapshot after `serial` that meets the condition.
static inline const Snapshot *wait_for(Stage *stage, int run, uint64_t serial, Condition *condition,
                                       int64_t value) {
    for (;;) {
        pthread_mutex_lock(&stage->lock);
        int wakes = stage->wakes;
        pthread_mutex_unlock(&stage->lock);
        const Snapshot *snapshot = trainer_snapshot(stage->trainer, run);
        if (snapshot->serial > serial && condition(snapshot, value)) return snapshot;

        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += 120; // only so that a failure ends
        int late = 0;
        pthread_mutex_lock(&stage->lock);
        while (stage->wakes == wakes && late == 0) {
            late = pthread_cond_timedwait(&stage->woken, &stage->lock, &until);
        }
        pthread_mutex_unlock(&stage->lock);
        if (late != 0) fail_msg("nothing was published: epoch %d", (int)snapshot->epoch);
    }
}

static inline bool any(const Snapshot *snapshot, int64_t value) {
    (void)snapshot, (void)value;
    return true;
}
static inline bool at_epoch(const Snapshot *snapshot, int64_t epoch) {
    return snapshot->epoch == epoch;
}
static inline bool at_step(const Snapshot *snapshot, int64_t step) {
    return snapshot->step == step;
}
static inline bool in_state(const Snapshot *snapshot, int64_t state) {
    return (int64_t)snapshot->state == state;
}
static inline bool has_unit(const Snapshot *snapshot, int64_t unit) {
    return (int64_t)snapshot->unit == unit;
}
static inline bool has_samples(const Snapshot *snapshot, int64_t samples) {
    return (int64_t)snapshot->cursor == samples;
}

static inline bool has_rate_of_a_half(const Snapshot *snapshot, int64_t value) {
    (void)value;
    return snapshot->optimizer.learning_rate == 0.5f;
}

static inline uint64_t serial_of(Stage *stage, int run) {
    return trainer_snapshot(stage->trainer, run)->serial;
}

/// Posts a command and returns the snapshot that shows its effect; for those done at once.
static inline const Snapshot *ask(Stage *stage, int run, CommandKind kind, double value) {
    uint64_t serial = serial_of(stage, run);
    post(stage, run, kind, value);
    return wait_for(stage, run, serial, any, 0);
}

/// Lets all that may happen at this time happen: the answer to one more command comes after it.
static inline const Snapshot *settle(Stage *stage, int run) {
    const Snapshot *snapshot = NULL;
    for (int i = 0; i < 4; i++) {
        StepUnit unit = trainer_snapshot(stage->trainer, run)->unit;
        StepUnit other = unit == STEP_EPOCH ? STEP_BATCH : STEP_EPOCH;
        post(stage, run, COMMAND_SET_UNIT, other);
        snapshot = wait_for(stage, run, 0, has_unit, (int64_t)other);
    }
    return snapshot;
}

static inline const Snapshot *step(Stage *stage, int run, StepUnit unit) {
    return ask(stage, run, COMMAND_STEP, unit);
}

static inline const Snapshot *seek(Stage *stage, int run, int64_t epoch) {
    uint64_t serial = serial_of(stage, run);
    post(stage, run, COMMAND_SEEK, (double)epoch);
    return wait_for(stage, run, serial, at_epoch, epoch);
}

static inline const Snapshot *play_to_the_end(Stage *stage, int run) {
    post(stage, run, COMMAND_SET_PACE, PACE_MAX);
    uint64_t serial = serial_of(stage, run);
    post(stage, run, COMMAND_PLAY, 0);
    return wait_for(stage, run, serial, in_state, RUN_DONE);
}

#endif
