/// Computes what a read-out says, exactly, from a snapshot's network.
#include "views/probe.h"

#include <math.h>
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

double probe_loss(Probe *probe, const Snapshot *run, const ParamRef axes[2], const double at[2],
                  bool test_split) {
    const Dataset *data = run->data;
    size_t first = test_split ? data->n_train : 0;
    size_t n = test_split ? data->n - data->n_train : data->n_train;
    if (n == 0 || (double)n * (double)run->net.n_params > WORK_MAX || !follow(probe, run)) {
        return (double)NAN;
    }
    float *params = probe->net.params;
    float kept[2];
    size_t index[2];
    for (int i = 0; i < 2; i++) {
        if (!network_locate(&probe->net, axes[i], &index[i], NULL)) return (double)NAN;
    }
    for (int i = 0; i < 2; i++) {
        kept[i] = params[index[i]];
        params[index[i]] = (float)at[i];
    }
    double loss = metrics_measure(&probe->net, &probe->ws, run->experiment->loss,
                                  data->x + first * (size_t)data->n_inputs,
                                  data->t + first * (size_t)data->n_outputs, n, NULL);
    for (int i = 1; i >= 0; i--) params[index[i]] = kept[i];
    return loss;
}
