/// Copies of a run. What is shared (experiment, data, path) is counted; the rest is the snapshot's.
#include "train/snapshot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *run_state_name(RunState state) {
    static const char *const names[] = {[RUN_PAUSED] = "paused",
                                        [RUN_RUNNING] = "running",
                                        [RUN_DONE] = "done",
                                        [RUN_DIVERGED] = "diverged"};
    return names[state];
}

static bool copy_network(Network *copy, const Network *net) {
    if (copy->params && network_same_shape(copy, net)) {
        memcpy(copy->params, net->params, net->n_values * sizeof *net->params);
        return true;
    }
    Network fresh;
    if (!network_copy(&fresh, net)) return false;
    network_deinit(copy);
    *copy = fresh;
    return true;
}

static void copy_curve(Curve *copy, const Curve *curve) {
    copy->count = curve->count;
    copy->stride = curve->stride;
    memcpy(copy->bins, curve->bins, (size_t)curve->count * sizeof *curve->bins);
}

static void unknown(Metrics *metrics) {
    metrics->running_loss = metrics->train_loss = metrics->train_accuracy = (double)NAN;
    metrics->test_loss = metrics->test_accuracy = (double)NAN;
}

bool snapshot_fill(Snapshot *out, const Session *session, const History *history) {
    if (!copy_network(&out->net, &session->net)) return false;
    const Experiment *experiment = session->experiment;
    if (out->experiment != experiment) {
        experiment_release(out->experiment);
        out->experiment = experiment_retain(experiment);
    }
    if (out->data != session->data) {
        dataset_release(out->data);
        out->data = dataset_retain(session->data);
    }
    const Path *path = history_path(history, &out->path_count);
    if (out->path != path) {
        path_release(out->path);
        out->path = path_retain(path);
    }
    out->next_step = NULL; // an older moment's
    copy_curve(&out->curve, history_curve(history));
    out->optimizer = session->optimizer.desc;
    out->learning_rate = session_learning_rate(session, session->epoch);
    out->best_epoch = session->best.epoch;
    out->epoch = session->epoch;
    out->step = session->step;
    out->cursor = session->cursor + session->pending;
    out->last_epoch = history_last(history);
    out->target = experiment->epochs;
    out->metrics = *history_metrics(history);
    if (out->last_epoch != session->epoch) unknown(&out->metrics);
    if (session->stopped && session->best.epoch > 0) out->metrics = session->best.metrics;
    bool done = session->stopped || session->epoch >= experiment->epochs;
    out->state = session->diverged ? RUN_DIVERGED : done ? RUN_DONE : RUN_PAUSED;
    out->diverged_epoch = session->diverged ? session->epoch + 1 : -1;
    out->unit = STEP_EPOCH;
    out->pace = 0;
    out->samples_per_second = 0;
    out->message[0] = '\0';
    out->warns = false;
    out->loaded = 0;
    out->race = 0;
    if (session->stopped) session_describe_stop(session, out->message, sizeof out->message);
    return true;
}

bool snapshot_add_next_step(Snapshot *out, Session *session) {
    size_t n = session->net.n_params;
    out->next_step = NULL;
    if (!session_foresees(session)) return false;
    if (out->next_step_capacity < n) {
        float *memory = realloc(out->next_step_memory, n * sizeof *memory);
        if (!memory) return false;
        out->next_step_memory = memory;
        out->next_step_capacity = n;
    }
    if (!session_foresee(session, out->next_step_memory)) return false;
    out->next_step = out->next_step_memory;
    return true;
}

bool snapshot_copy(Snapshot *out, const Snapshot *snapshot) {
    Network net;
    if (!network_copy(&net, &snapshot->net)) return false;
    *out = *snapshot;
    out->net = net;
    experiment_retain(out->experiment);
    dataset_retain(out->data);
    path_retain(out->path);
    out->next_step = NULL;
    out->next_step_memory = NULL;
    out->next_step_capacity = 0;
    return true;
}

void snapshot_deinit(Snapshot *snapshot) {
    free(snapshot->next_step_memory);
    network_deinit(&snapshot->net);
    experiment_release(snapshot->experiment);
    dataset_release(snapshot->data);
    path_release(snapshot->path);
    memset(snapshot, 0, sizeof *snapshot);
}
