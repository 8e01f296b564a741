/// Computes what a read-out says, exactly, from a snapshot's network.
#include "views/probe.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nn/metrics.h"

enum {
    BLOCK = 256,
    // Multiplications that a frame can afford, about 20 ms of one core.
    WORK_MAX = 100000000,
};

void probe_deinit(Probe *probe) {
    network_deinit(&probe->net);
    workspace_deinit(&probe->ws);
    *probe = (Probe){0};
}

/// Brings the scratch network up to the snapshot.
static bool follow(Probe *probe, const Snapshot *run) {
    if (probe->snapshot == run->serial && probe->net.params) return true;
    if (!probe->net.params || !network_same_shape(&probe->net, &run->net)) {
        probe_deinit(probe);
        if (!network_copy(&probe->net, &run->net)) return false;
        if (!workspace_init(&probe->ws, &probe->net, BLOCK)) {
            probe_deinit(probe);
            return false;
        }
    }
    memcpy(probe->net.params, run->net.params, sizeof(float) * run->net.n_values);
    probe->snapshot = run->serial;
    return true;
}

const float *probe_outputs(Probe *probe, const Snapshot *run, const float *x) {
    if (!follow(probe, run)) return NULL;
    return network_forward(&probe->net, &probe->ws, x, 1);
}

/// How many samples a part has.
static size_t samples_of(const Dataset *data, bool test_split) {
    return test_split ? data->n - data->n_train : data->n_train;
}

bool probe_affords(const Snapshot *run, bool test_split, int losses) {
    size_t n = samples_of(run->data, test_split);
    return (double)n * (double)run->net.n_params * (double)losses <= WORK_MAX;
}

double probe_loss(Probe *probe, const Snapshot *run, const float *params, bool test_split) {
    const Dataset *data = run->data;
    size_t first = test_split ? data->n_train : 0, n = samples_of(data, test_split);
    if (n == 0 || !probe_affords(run, test_split, 1) || !follow(probe, run)) return (double)NAN;
    memcpy(probe->net.params, params, run->net.n_params * sizeof *params);
    probe->snapshot = 0; // its weights are no longer the snapshot's
    return metrics_measure(&probe->net, &probe->ws, run->experiment->loss,
                           data->x + first * (size_t)data->n_inputs,
                           data->t + first * (size_t)data->n_outputs, n, NULL);
}

double probe_loss_picked(Probe *probe, const Snapshot *run, const float *params, size_t samples) {
    const Dataset *data = run->data;
    if (samples >= data->n_train) return probe_loss(probe, run, params, false);
    if (samples == 0 || (double)samples * (double)run->net.n_params > WORK_MAX) return (double)NAN;
    const size_t inputs = (size_t)data->n_inputs, outputs = (size_t)data->n_outputs;
    float *x = malloc(samples * (inputs + outputs) * sizeof *x);
    double loss = (double)NAN;
    if (x && follow(probe, run)) {
        float *t = x + samples * inputs;
        for (size_t i = 0; i < samples; i++) {
            size_t at = i * data->n_train / samples;
            memcpy(x + i * inputs, data->x + at * inputs, inputs * sizeof *x);
            memcpy(t + i * outputs, data->t + at * outputs, outputs * sizeof *t);
        }
        memcpy(probe->net.params, params, run->net.n_params * sizeof *params);
        probe->snapshot = 0; // its weights are no longer the snapshot's
        loss = metrics_measure(&probe->net, &probe->ws, run->experiment->loss, x, t, samples, NULL);
    }
    free(x);
    return loss;
}
