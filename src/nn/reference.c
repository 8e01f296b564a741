// The oracle: loops as the formulas are written, in 64 bits, with the C library's functions.
#include "nn/reference.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static double activate(Activation activation, double z) {
    switch (activation) {
    case ACTIVATION_LINEAR: return z;
    case ACTIVATION_TANH: return tanh(z);
    case ACTIVATION_SIGMOID: return 1 / (1 + exp(-z));
    case ACTIVATION_RELU: return z < 0 ? 0 : z;
    case ACTIVATION_LEAKY_RELU: return z < 0 ? 0.01 * z : z;
    case ACTIVATION_STEP: return z > 0 ? 1 : 0;
    case ACTIVATION_SOFTMAX:
    case ACTIVATION_COUNT: break;
    }
    assert(false && "an activation");
    return (double)NAN;
}

static void sample_forward(const Network *net, const double *params, const double *x, double *y) {
    double here[NETWORK_UNITS_MAX], next[NETWORK_UNITS_MAX];
    memcpy(here, x, (size_t)net->n_inputs * sizeof *x);
    for (int l = 0; l < net->n_layers; l++) {
        const Layer *layer = &net->layers[l];
        for (int o = 0; o < layer->units; o++) {
            double z = layer->has_bias ? params[layer->bias_at + (size_t)o] : 0;
            for (int i = 0; i < layer->inputs; i++) {
                size_t at = layer->weight_at + (size_t)o * (size_t)layer->inputs + (size_t)i;
                z += params[at] * here[i];
            }
            next[o] = activate(layer->activation, z);
        }
        memcpy(here, next, (size_t)layer->units * sizeof *next);
    }
    memcpy(y, here, (size_t)net->n_outputs * sizeof *y);
}

void reference_forward(const Network *net, const double *params, const double *x, size_t n,
                       double *y) {
    for (size_t s = 0; s < n; s++) {
        sample_forward(net, params, x + s * (size_t)net->n_inputs, y + s * (size_t)net->n_outputs);
    }
}

static double output_loss(Loss loss, double y, double t) {
    switch (loss) {
    case LOSS_MSE: return (y - t) * (y - t);
    case LOSS_HALF_MSE: return (y - t) * (y - t) / 2;
    case LOSS_BCE: return -(t * log(y) + (1 - t) * log(1 - y));
    case LOSS_CROSS_ENTROPY:
    case LOSS_MSE_BROADCAST:
    case LOSS_COUNT: break;
    }
    assert(false && "a loss");
    return (double)NAN;
}

double reference_loss(const Network *net, const double *params, Loss loss, const double *x,
                      const double *t, size_t n) {
    double y[NETWORK_UNITS_MAX];
    double sum = 0;
    for (size_t s = 0; s < n; s++) {
        sample_forward(net, params, x + s * (size_t)net->n_inputs, y);
        for (int k = 0; k < net->n_outputs; k++) {
            sum += output_loss(loss, y[k], t[s * (size_t)net->n_outputs + (size_t)k]);
        }
    }
    return sum / ((double)n * net->n_outputs);
}

double reference_difference(const Network *net, double *params, Loss loss, const double *x,
                            const double *t, size_t n, size_t param, double step) {
    double kept = params[param];
    params[param] = kept + step;
    double above = reference_loss(net, params, loss, x, t, n);
    params[param] = kept - step;
    double below = reference_loss(net, params, loss, x, t, n);
    params[param] = kept;
    return (above - below) / (2 * step);
}
