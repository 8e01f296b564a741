// The oracle: loops as the formulas are written, with the C library's functions.
#include "nn/reference.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef long double Real;

static Real activate(Activation activation, Real z) {
    switch (activation) {
    case ACTIVATION_LINEAR: return z;
    case ACTIVATION_TANH: return tanhl(z);
    case ACTIVATION_SIGMOID: return 1 / (1 + expl(-z));
    case ACTIVATION_RELU: return z < 0 ? 0 : z;
    case ACTIVATION_LEAKY_RELU: return z < 0 ? z / 100 : z;
    case ACTIVATION_STEP: return isnan(z) ? z : z > 0 ? 1 : 0;
    case ACTIVATION_SOFTMAX:
    case ACTIVATION_COUNT: break;
    }
    assert(false && "an activation of a single unit");
    return (Real)NAN;
}

/// ln of the sum of exp(z), by the largest of them.
static Real log_sum_exp(const Real *z, int n) {
    Real most = z[0], sum = 0;
    for (int k = 1; k < n; k++) most = fmaxl(most, z[k]);
    for (int k = 0; k < n; k++) sum += expl(z[k] - most);
    return most + logl(sum);
}

static void softmax(Real *z, int n) {
    Real level = log_sum_exp(z, n);
    for (int k = 0; k < n; k++) z[k] = expl(z[k] - level);
}

/// z = W x + b.
static void affine(const Layer *layer, const double *params, const Real *x, size_t n, Real *z) {
    const double *weight = params + layer->weight_at;
    const size_t inputs = (size_t)layer->inputs, units = (size_t)layer->units;
    for (size_t s = 0; s < n; s++) {
        for (size_t o = 0; o < units; o++) {
            Real sum = layer->has_bias ? (Real)params[layer->bias_at + o] : 0;
            for (size_t i = 0; i < inputs; i++)
                sum += (Real)weight[o * inputs + i] * x[s * inputs + i];
            z[s * units + o] = sum;
        }
    }
}

static Real mean_of(const Real *z, size_t n, size_t apart) {
    Real sum = 0;
    for (size_t i = 0; i < n; i++) sum += z[i * apart];
    return sum / (Real)n;
}

static Real variance_of(const Real *z, size_t n, size_t apart, Real mean) {
    Real sum = 0;
    for (size_t i = 0; i < n; i++) sum += (z[i * apart] - mean) * (z[i * apart] - mean);
    return sum / (Real)n;
}

/// gamma (z - mean) / sqrt(variance + eps) + beta.
static Real normal(const Layer *layer, const double *params, size_t unit, Real z, Real mean,
                   Real variance) {
    Real gamma = (Real)params[layer->gamma_at + unit], beta = (Real)params[layer->beta_at + unit];
    return gamma * (z - mean) / sqrtl(variance + 1e-5L) + beta;
}

/// Each unit over the samples.
static void batch_norm(const Layer *layer, const double *params, bool training, Real *z, size_t n) {
    const size_t units = (size_t)layer->units;
    for (size_t o = 0; o < units; o++) {
        Real mean = training ? mean_of(z + o, n, units) : (Real)params[layer->mean_at + o];
        Real variance =
            training ? variance_of(z + o, n, units, mean) : (Real)params[layer->variance_at + o];
        for (size_t s = 0; s < n; s++) {
            z[s * units + o] = normal(layer, params, o, z[s * units + o], mean, variance);
        }
    }
}

/// Each sample over the units.
static void layer_norm(const Layer *layer, const double *params, Real *z, size_t n) {
    const size_t units = (size_t)layer->units;
    for (size_t s = 0; s < n; s++, z += units) {
        Real mean = mean_of(z, units, 1), variance = variance_of(z, units, 1, mean);
        for (size_t o = 0; o < units; o++) z[o] = normal(layer, params, o, z[o], mean, variance);
    }
}

/// What becomes of a layer's sums; x is its input.
static void finish(const Layer *layer, const float *mask, bool logits, const Real *x, Real *z,
                   size_t n) {
    const size_t units = (size_t)layer->units;
    if (!logits && layer->activation == ACTIVATION_SOFTMAX) {
        for (size_t s = 0; s < n; s++) softmax(z + s * units, layer->units);
    } else if (!logits) {
        for (size_t i = 0; i < n * units; i++) z[i] = activate(layer->activation, z[i]);
    }
    for (size_t i = 0; mask && i < n * units; i++) z[i] *= (Real)mask[i];
    for (size_t i = 0; layer->residual && i < n * units; i++) z[i] += x[i];
}

/// Passes n samples that lie in `here` (where the outputs will lie, too) through all layers.
/// @param room  as large as here: n of the widest layer
static void pass_layers(const Network *net, const double *params, const ReferenceMode *mode,
                        bool logits, size_t n, Real *here, Real *room, bool *sides) {
    for (int l = 0; l < net->n_layers; l++) {
        const Layer *layer = &net->layers[l];
        const size_t size = n * (size_t)layer->units;
        affine(layer, params, here, n, room);
        if (layer->norm == NORM_BATCH) batch_norm(layer, params, mode->training, room, n);
        if (layer->norm == NORM_LAYER) layer_norm(layer, params, room, n);
        if (sides && activation_has_kink(layer->activation)) {
            for (size_t i = 0; i < size; i++) *sides++ = room[i] > 0;
        }
        finish(layer, mode->training ? mode->masks[l] : NULL, logits && l == net->n_layers - 1,
               here, room, n);
        memcpy(here, room, size * sizeof *here);
    }
}

size_t reference_kinks(const Network *net) {
    size_t units = 0;
    for (int l = 0; l < net->n_layers; l++) {
        const Layer *layer = &net->layers[l];
        if (activation_has_kink(layer->activation)) units += (size_t)layer->units;
    }
    return units;
}

/// @param scores  (n, n_outputs), written
static void pass(const Network *net, const double *params, const ReferenceMode *mode, bool logits,
                 const double *x, size_t n, Real *scores, bool *sides) {
    const size_t inputs = (size_t)net->n_inputs, outputs = (size_t)net->n_outputs;
    // Samples are on their own but where they share statistics.
    const size_t block = mode->training ? n : 1, size = block * (size_t)network_widest(net);
    Real *here = calloc(2 * size, sizeof *here);
    for (size_t i = 0; !here && i < n * outputs; i++) scores[i] = (Real)NAN;
    for (size_t s = 0; here && s < n; s += block) {
        for (size_t i = 0; i < block * inputs; i++) here[i] = (Real)x[s * inputs + i];
        pass_layers(net, params, mode, logits, block, here, here + size, sides);
        memcpy(scores + s * outputs, here, block * outputs * sizeof *scores);
        if (sides) sides += block * reference_kinks(net);
    }
    free(here);
}

static void pass_to(const Network *net, const double *params, const ReferenceMode *mode,
                    bool logits, const double *x, size_t n, double *y) {
    const size_t size = n * (size_t)net->n_outputs;
    Real *scores = malloc((size > 0 ? size : 1) * sizeof *scores);
    if (scores) pass(net, params, mode, logits, x, n, scores, NULL);
    for (size_t i = 0; i < size; i++) y[i] = scores ? (double)scores[i] : (double)NAN;
    free(scores);
}

void reference_forward(const Network *net, const double *params, const double *x, size_t n,
                       double *y) {
    pass_to(net, params, &(ReferenceMode){0}, false, x, n, y);
}

void reference_scores(const Network *net, const double *params, const ReferenceMode *mode,
                      Loss loss, const double *x, size_t n, double *scores) {
    pass_to(net, params, mode, loss == LOSS_BCE || loss == LOSS_CROSS_ENTROPY, x, n, scores);
}

/// ln(1 + e^z).
static Real softplus(Real z) {
    return z > 0 ? z + log1pl(expl(-z)) : log1pl(expl(z));
}

/// The loss of one sample's K scores.
static Real sample_loss(Loss loss, const Real *scores, const double *t, int outputs) {
    Real sum = 0, level = loss == LOSS_CROSS_ENTROPY ? log_sum_exp(scores, outputs) : 0;
    for (int k = 0; k < outputs; k++) {
        Real y = scores[k], target = (Real)t[k];
        switch (loss) {
        case LOSS_MSE: sum += (y - target) * (y - target) / outputs; break;
        case LOSS_HALF_MSE: sum += (y - target) * (y - target) / 2 / outputs; break;
        // -ln s(z) is softplus(-z), and -ln(1 - s(z)) is softplus(z).
        case LOSS_BCE: sum += (target * softplus(-y) + (1 - target) * softplus(y)) / outputs; break;
        // 0 ln 0 is 0.
        case LOSS_CROSS_ENTROPY: sum += target == 0 ? 0 * level : target * (level - y); break;
        case LOSS_MSE_BROADCAST:
        case LOSS_COUNT: assert(false && "a loss of single samples"); break;
        }
    }
    return sum;
}

/// The mean over all pairs (i, j) of samples, and over the outputs, of (y_i - t_j)^2.
static Real pairwise_loss(const Real *y, const double *t, size_t n, size_t outputs) {
    Real sum = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            for (size_t k = 0; k < outputs; k++) {
                Real d = y[i * outputs + k] - (Real)t[j * outputs + k];
                sum += d * d;
            }
        }
    }
    return sum / ((Real)n * (Real)n * (Real)outputs);
}

long double reference_mode_loss(const Network *net, const double *params, const ReferenceMode *mode,
                                Loss loss, const double *x, const double *t, size_t n,
                                bool *sides) {
    const size_t outputs = (size_t)net->n_outputs;
    Real *scores = malloc((n > 0 ? n : 1) * outputs * sizeof *scores), sum = 0;
    if (!scores) return (Real)NAN;
    pass(net, params, mode, loss == LOSS_BCE || loss == LOSS_CROSS_ENTROPY, x, n, scores, sides);
    if (loss == LOSS_MSE_BROADCAST) {
        sum = pairwise_loss(scores, t, n, outputs);
    } else {
        for (size_t s = 0; s < n; s++) {
            sum += sample_loss(loss, scores + s * outputs, t + s * outputs, net->n_outputs);
        }
        sum /= (Real)n;
    }
    free(scores);
    return sum;
}

double reference_loss(const Network *net, const double *params, Loss loss, const double *x,
                      const double *t, size_t n) {
    return (double)reference_mode_loss(net, params, &(ReferenceMode){0}, loss, x, t, n, NULL);
}

long double reference_penalty(const Network *net, const double *params, double l1, double l2) {
    Real sum = 0;
    for (int l = 0; l < net->n_layers; l++) {
        const Layer *layer = &net->layers[l];
        for (size_t i = 0; i < (size_t)layer->inputs * (size_t)layer->units; i++) {
            Real w = (Real)params[layer->weight_at + i];
            sum += (Real)l1 * fabsl(w) + (Real)l2 / 2 * w * w;
        }
    }
    return sum;
}
