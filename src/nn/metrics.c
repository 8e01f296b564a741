// What is measured beside the loss, in one pass over the samples.
#include "nn/metrics.h"

#include <math.h>
#include <string.h>

static int argmax(const float *values, int n) {
    int best = 0;
    for (int i = 1; i < n; i++) {
        if (values[i] > values[best]) best = i;
    }
    return best;
}

static size_t count_right(const float *y, const float *t, size_t n, int outputs) {
    size_t right = 0;
    if (outputs == 1) {
        // A NaN output is in no class.
        for (size_t i = 0; i < n; i++) right += t[i] > 0.5f ? y[i] > 0.5f : y[i] <= 0.5f;
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
    return n > 0 ? (double)count_right(y, t, n, outputs) / (double)n : (double)NAN;
}

double metrics_measure(const Network *net, Workspace *ws, Loss loss, const float *x, const float *t,
                       size_t n, double *accuracy) {
    size_t inputs = (size_t)net->n_inputs, outputs = (size_t)net->n_outputs, right = 0;
    double sum = 0;
    for (size_t at = 0, block; at < n; at += block) {
        block = n - at < (size_t)ws->max_batch ? n - at : (size_t)ws->max_batch;
        const float *y = network_outputs(net, ws, x + at * inputs, (int)block);
        sum += loss_sum(loss, y, t + at * outputs, (int)block, net->n_outputs);
        if (accuracy) right += count_right(y, t + at * outputs, block, net->n_outputs);
    }
    if (accuracy) *accuracy = n > 0 ? (double)right / (double)n : (double)NAN;
    return sum / (double)n;
}

static double norm(const double *values, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += values[i] * values[i];
    return sqrt(sum);
}

void metrics_grad_norms(const Network *net, Workspace *ws, Loss loss, const float *x,
                        const float *t, size_t n, float *grad, double *sums, double *weight,
                        double *bias) {
    size_t inputs = (size_t)net->n_inputs, outputs = (size_t)net->n_outputs;
    memset(sums, 0, net->n_params * sizeof *sums);
    for (size_t at = 0, block; at < n; at += block) {
        block = n - at < (size_t)ws->max_batch ? n - at : (size_t)ws->max_batch;
        network_forward(net, ws, x + at * inputs, (int)block);
        network_gradient(net, ws, loss, x + at * inputs, t + at * outputs, (int)block, grad);
        double share = (double)block / (double)n;
        for (size_t i = 0; i < net->n_params; i++) sums[i] += share * (double)grad[i];
    }
    for (int l = 0; l < net->n_layers; l++) {
        const Layer *layer = &net->layers[l];
        weight[l] = norm(sums + layer->weight_at, (size_t)layer->inputs * (size_t)layer->units);
        bias[l] = layer->has_bias ? norm(sums + layer->bias_at, (size_t)layer->units) : (double)NAN;
    }
}
