/// Runs some epochs on, with their history, as snapshots: for tests of views.
#ifndef TESTS_VIEWS_VIEW_RUNS_H
#define TESTS_VIEWS_VIEW_RUNS_H

#include "train/snapshot.h"

#include "support.h"

typedef struct Run {
    Session *session;
    History *history;
    Snapshot snapshot;
} Run;

/// @param experiment  taken over
static inline Run run_of(Experiment *experiment, int epochs) {
    Error error;
    Run run = {.session = session_create(experiment, &error)};
    if (!run.session) fail_msg("%s", error.text);
    experiment_release(experiment);
    run.history = history_create(run.session);
    for (int i = 0; i <= epochs; i++) {
        Metrics metrics = {0};
        if (i > 0) session_step(run.session, STEP_EPOCH, &metrics.running_loss);
        session_measure(run.session, &metrics);
        history_record(run.history, run.session, &metrics);
    }
    assert_true(snapshot_fill(&run.snapshot, run.session, run.history));
    run.snapshot.serial = 1;
    return run;
}

static inline Run run_create(const char *name, int epochs) {
    Error error;
    Experiment *experiment = experiment_load(name, &error);
    if (!experiment) fail_msg("%s", error.text);
    return run_of(experiment, epochs);
}

static inline void run_destroy(Run *run) {
    snapshot_deinit(&run->snapshot);
    history_destroy(run->history);
    session_destroy(run->session);
}

#endif
