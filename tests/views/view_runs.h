/// Runs some epochs on, with their history, as snapshots: for tests of views. Without threads.
#ifndef TESTS_VIEWS_VIEW_RUNS_H
#define TESTS_VIEWS_VIEW_RUNS_H

#include <math.h>

#include "train/history.h"
#include "train/snapshot.h"

#include "support.h"

typedef struct Run {
    Session *session;
    History *history;
    Snapshot snapshot;
} Run;

static inline void run_record(Run *run, double running_loss) {
    Metrics metrics = {0};
    session_measure(run->session, &metrics);
    metrics.running_loss = running_loss;
    history_record(run->history, run->session, &metrics);
}

/// Goes on by so many epochs, unless it diverges; the snapshot is of its end.
static inline void run_train(Run *run, int epochs) {
    for (int i = 0; i < epochs && !run->session->diverged; i++) {
        double running_loss;
        session_step(run->session, STEP_EPOCH, &running_loss);
        if (!run->session->diverged) run_record(run, running_loss);
    }
    assert_true(snapshot_fill(&run->snapshot, run->session, run->history));
    run->snapshot.serial++;
    run->snapshot.generation = 1;
}

static inline Run run_of(const Experiment *experiment, int epochs) {
    Error error;
    Run run = {.session = session_create(experiment, &error)};
    if (!run.session) fail_msg("%s", error.text);
    run.history = history_create(run.session);
    assert_non_null(run.history);
    run_record(&run, (double)NAN);
    run_train(&run, epochs);
    return run;
}

static inline Run run_create(const char *name, int epochs) {
    Error error;
    Experiment *experiment = experiment_load(name, &error);
    if (!experiment) fail_msg("%s", error.text);
    const Run run = run_of(experiment, epochs);
    experiment_release(experiment);
    return run;
}

static inline void run_destroy(Run *run) {
    snapshot_deinit(&run->snapshot);
    history_destroy(run->history);
    session_destroy(run->session);
}

#endif
