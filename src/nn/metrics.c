// What is measured beside the loss, in one pass over the samples.
#include "nn/metrics.h"

#include <math.h>
#include <string.h>

/// The first of the largest, or the first NaN.
static int argmax(const float *values, int n) {
    int best = 0;
    for (int i = 1; i < n && !isnan(values[best]); i++) {
        if (!(values[i] <= values[best])) best = i;
    }
    return best;
}

/// @param threshold  between two classes in y
static size_t count_right(const float *y, float threshold, const float *t, size_t n, int outputs) {
    size_t right = 0;
    // A sample with a NaN output is in no class.
    if (outputs == 1) {
        for (size_t i = 0; i < n; i++) {
            right += t[i] > 0.5f ? y[i] > threshold : y[i] <= threshold;
        }
    } else {
        for (size_t i = 0; i < n; i++) {
            const float *sample = y + i * (size_t)outputs;
            int best = argmax(sample, outputs);
            right += best == argmax(t + i * (size_t)outputs, outputs) && !isnan(sample[best]);
        }
    }
    return right;
}

double metrics_accuracy(const float *y, const float *t, size_t n, int outputs) {
    return n > 0 ? (double)count_right(y, 0.5f, t, n, outputs) / (double)n : (double)NAN;
}

/// What a block of samples is measured against: their targets, or, for a loss that couples samples,
/// all samples' mean target.
typedef struct Targets {
    Loss loss;
    int outputs;
    const float *t; // of all samples
    bool coupled;
    double constant; // for every sample
    float mean[NETWORK_UNITS_MAX];
} Targets;

static void targets_init(Targets *targets, Loss loss, const float *t, size_t n, int outputs) {
    targets->loss = loss_uncoupled(loss);
    targets->outputs = outputs;
    targets->t = t;
    targets->coupled = loss_couples(loss);
    targets->constant = targets->coupled ? loss_mean_target(t, n, outputs, targets->mean) : 0;
}

/// The targets of `count` samples from `at` on.  @param room  (count, outputs)
static const float *targets_of(const Targets *targets, size_t at, size_t count, float *room) {
    size_t outputs = (size_t)targets->outputs;
    if (!targets->coupled) return targets->t + at * outputs;
    for (size_t i = 0; i < count; i++) {
        memcpy(room + i * outputs, targets->mean, outputs * sizeof *room);
    }
    return room;
}

double metrics_measure_part(const Network *net, Workspace *ws, Loss loss, const float *x,
                            const float *t, size_t n, size_t first, size_t count,
                            double *accuracy) {
    size_t inputs = (size_t)net->n_inputs, outputs = (size_t)net->n_outputs, right = 0;
    const float threshold = loss_threshold(loss);
    Targets targets;
    targets_init(&targets, loss, t, n, net->n_outputs);
    double sum = 0;
    for (size_t at = first, block; at < first + count; at += block) {
        size_t left = first + count - at;
        block = left < (size_t)ws->max_batch ? left : (size_t)ws->max_batch;
        const float *scores = network_scores(net, ws, loss, x + at * inputs, (int)block);
        // A forward pass leaves the deltas free.
        const float *towards = targets_of(&targets, at, block, ws->delta[1]);
        sum += loss_sum(targets.loss, scores, towards, (int)block, net->n_outputs);
        if (accuracy)
            right += count_right(scores, threshold, t + at * outputs, block, net->n_outputs);
    }
    if (accuracy) *accuracy = count > 0 ? (double)right / (double)count : (double)NAN;
    return sum / (double)count + targets.constant;
}

double metrics_measure(const Network *net, Workspace *ws, Loss loss, const float *x, const float *t,
                       size_t n, double *accuracy) {
    return metrics_measure_part(net, ws, loss, x, t, n, 0, n, accuracy);
}

static double norm(const double *values, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += values[i] * values[i];
    return sqrt(sum);
}

void metrics_grad_norms(const Network *net, Workspace *ws, Loss loss, const float *x,
                        const float *t, size_t n, float *grad, double *sums, double *weight,
                        double *bias) {
    size_t inputs = (size_t)net->n_inputs;
    Targets targets;
    targets_init(&targets, loss, t, n, net->n_outputs);
    memset(sums, 0, net->n_params * sizeof *sums);
    for (size_t at = 0, block; at < n; at += block) {
        block = n - at < (size_t)ws->max_batch ? n - at : (size_t)ws->max_batch;
        // The targets are read before the way back writes that delta.
        const float *towards = targets_of(&targets, at, block, ws->delta[1]);
        network_gradient(net, ws, targets.loss, x + at * inputs, towards, (int)block, grad);
        double share = (double)block / (double)n;
        for (size_t i = 0; i < net->n_params; i++) sums[i] += share * (double)grad[i];
    }
    for (int l = 0; l < net->n_layers; l++) {
        const Layer *layer = &net->layers[l];
        weight[l] = norm(sums + layer->weight_at, (size_t)layer->inputs * (size_t)layer->units);
        bias[l] = layer->has_bias ? norm(sums + layer->bias_at, (size_t)layer->units) : (double)NAN;
    }
}
