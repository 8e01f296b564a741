// Every function here goes over the lanes of one block; sums over samples are made in
// kernels/wide_blocks.c.
#include "nn/tape.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clones.h"
#include "base/memory.h"
#include "nn/kernels/wide.h"

enum { B = WIDE_BLOCK };

// --- Memory ---

static size_t lay_out_recorder(Recorder *recorder, size_t n_values, double *memory) {
    size_t used = 0;
    recorder->params = tape_take(memory, &used, n_values);
    recorder->mean_target = tape_take(memory, &used, (size_t)recorder->n_outputs);
    const size_t widest = (size_t)recorder->widest * B;
    for (int i = 0; i < 2; i++) recorder->back[i] = tape_take(memory, &used, widest);
    for (int l = 0; l < recorder->n_layers; l++) {
        recorder->inverse[l] = tape_take(memory, &used, (size_t)recorder->layers[l].units);
    }
    return used;
}

bool recorder_init(Recorder *recorder, const Network *net, Loss loss, const float *x,
                   const float *t, size_t n) {
    const int last = net->n_layers - 1;
    const size_t outputs = (size_t)net->n_outputs;
    assert(n > 0 && loss_suits(loss, net->layers[last].activation));
    *recorder = (Recorder){.loss = loss,
                           .x = x,
                           .t = t,
                           .n = n,
                           .n_blocks = (n + B - 1) / B,
                           .n_params = net->n_params,
                           .n_inputs = net->n_inputs,
                           .n_layers = net->n_layers,
                           .n_outputs = net->n_outputs,
                           .widest = network_widest(net)};
    memcpy(recorder->layers, net->layers, (size_t)net->n_layers * sizeof *recorder->layers);
    if (loss_takes_logits(loss)) recorder->layers[last].activation = ACTIVATION_LINEAR;
    recorder->memory =
        memory_calloc(lay_out_recorder(recorder, net->n_values, NULL), sizeof *recorder->memory);
    if (!recorder->memory) return false;
    lay_out_recorder(recorder, net->n_values, recorder->memory);
    for (size_t i = 0; i < net->n_values; i++) recorder->params[i] = (double)net->params[i];
    for (size_t i = 0; loss_couples(loss) && i < n * outputs; i++) {
        recorder->mean_target[i % outputs] += (double)t[i] / (double)n;
    }
    for (int l = 0; l < recorder->n_layers; l++) {
        const Layer *layer = &recorder->layers[l];
        for (size_t o = 0; layer->norm == NORM_BATCH && o < (size_t)layer->units; o++) {
            recorder->inverse[l][o] =
                1 / sqrt(recorder->params[layer->variance_at + o] + NETWORK_NORM_EPS);
        }
    }
    return true;
}

void recorder_deinit(Recorder *recorder) {
    free(recorder->memory);
}

size_t tape_lay_out(const Recorder *recorder, double *memory, Tape *tape) {
    size_t used = 0;
    tape->x = tape_take(memory, &used, (size_t)recorder->layers[0].inputs * B);
    tape->share = tape_take(memory, &used, B);
    tape->curve = tape_take(memory, &used, (size_t)recorder->n_outputs * B);
    for (int l = 0; l < recorder->n_layers; l++) {
        const Layer *layer = &recorder->layers[l];
        const size_t size = (size_t)layer->units * B;
        Record *record = &tape->layers[l];
        *record = (Record){.y = tape_take(memory, &used, size)};
        record->slope = tape_take(memory, &used, size);
        record->bend = tape_take(memory, &used, size);
        record->dz = tape_take(memory, &used, size);
        record->du = record->dz;
        if (layer->norm == NORM_NONE) continue;
        record->du = tape_take(memory, &used, size);
        record->n = tape_take(memory, &used, size);
        if (layer->norm != NORM_LAYER) continue;
        record->scale = tape_take(memory, &used, B);
        record->lean = tape_take(memory, &used, B);
    }
    return used;
}

// --- Forward ---

/// Lanes of a block's samples; those beyond the last sample are zero.
static void load(const float *from, size_t width, size_t count, double *to) {
    for (size_t k = 0; k < width; k++, to += B) {
        for (size_t s = 0; s < B; s++) to[s] = s < count ? (double)from[s * width + k] : 0;
    }
}

/// u becomes y = f(u); with f'(u) and f''(u).
static void activate(Activation activation, size_t size, double *u, double *slope, double *bend) {
    for (size_t i = 0; i < size; i++) {
        const double z = u[i];
        double y = z, first = 1, second = 0;
        switch (activation) {
        case ACTIVATION_LINEAR: break;
        case ACTIVATION_TANH:
            y = tanh(z);
            first = 1 - y * y;
            second = -2 * y * first;
            break;
        case ACTIVATION_SIGMOID: {
            const double e = exp(-fabs(z)), share = 1 / (1 + e);
            y = z < 0 ? e * share : share;
            first = e * share * share;
            second = first * (1 - 2 * y);
            break;
        }
        // As in PyTorch, the slope at a kink is the left one.
        case ACTIVATION_RELU:
            y = z < 0 ? 0 : z;
            first = z > 0 ? 1 : 0;
            break;
        case ACTIVATION_LEAKY_RELU:
            y = z < 0 ? 0.01 * z : z;
            first = z > 0 ? 1 : 0.01;
            break;
        case ACTIVATION_STEP:
            y = z > 0 ? 1 : 0;
            first = 0;
            break;
        case ACTIVATION_SOFTMAX:
        case ACTIVATION_COUNT: assert(false && "an activation of a single unit"); break;
        }
        u[i] = y;
        slope[i] = first;
        bend[i] = second;
    }
}

/// z becomes n.
CLONES static void normalise_by_statistics(size_t units, const double *restrict mean,
                                           const double *restrict inverse, double *restrict z) {
    for (size_t o = 0; o < units; o++, z += B) {
        for (size_t s = 0; s < B; s++) z[s] = (z[s] - mean[o]) * inverse[o];
    }
}

/// The same over the units of each sample.  @param scale  (1), written
CLONES static void normalise_over_units(size_t units, double *restrict z, double *restrict scale) {
    double mean[B] = {0}, squares[B] = {0};
    const double part = 1 / (double)units;
    for (size_t o = 0; o < units; o++) {
        for (size_t s = 0; s < B; s++) mean[s] += part * z[o * B + s];
    }
    for (size_t o = 0; o < units; o++) {
        for (size_t s = 0; s < B; s++) {
            z[o * B + s] -= mean[s];
            squares[s] += part * z[o * B + s] * z[o * B + s];
        }
    }
    for (size_t s = 0; s < B; s++) scale[s] = 1 / sqrt(squares[s] + NETWORK_NORM_EPS);
    for (size_t o = 0; o < units; o++) {
        for (size_t s = 0; s < B; s++) z[o * B + s] *= scale[s];
    }
}

/// u = gamma n + beta.
CLONES static void scale_and_shift(size_t units, const double *restrict gamma,
                                   const double *restrict beta, const double *restrict n,
                                   double *restrict u) {
    for (size_t o = 0; o < units; o++) {
        for (size_t s = 0; s < B; s++) u[o * B + s] = gamma[o] * n[o * B + s] + beta[o];
    }
}

static void record_layer(const Recorder *recorder, int l, const double *x, const Record *record) {
    const Layer *layer = &recorder->layers[l];
    const double *params = recorder->params;
    const size_t units = (size_t)layer->units, size = units * B;
    double *z = layer->norm == NORM_NONE ? record->y : record->n;
    wide_block_fill(layer->units, layer->has_bias ? params + layer->bias_at : NULL, z);
    wide_block_forward(layer->inputs, layer->units, params + layer->weight_at, x, z);
    if (layer->norm == NORM_BATCH) {
        normalise_by_statistics(units, params + layer->mean_at, recorder->inverse[l], z);
    } else if (layer->norm == NORM_LAYER) {
        normalise_over_units(units, z, record->scale);
    }
    if (layer->norm != NORM_NONE) {
        scale_and_shift(units, params + layer->gamma_at, params + layer->beta_at, z, record->y);
    }
    activate(layer->activation, size, record->y, record->slope, record->bend);
    if (layer->residual) wide_add(size, 1, x, record->y);
}

// --- The loss and back ---

/// d becomes s (y - t), and what a change of y is multiplied by is s.
static void mean_squares(const double *share, size_t outputs, const double *y, double *d,
                         double *curve) {
    for (size_t i = 0; i < outputs * B; i++) {
        curve[i] = share[i % B];
        d[i] = curve[i] * (y[i] - d[i]);
    }
}

static void binary_cross_entropy(const double *share, size_t outputs, const double *z, double *d,
                                 double *curve) {
    for (size_t i = 0; i < outputs * B; i++) {
        const double e = exp(-fabs(z[i])), part = 1 / (1 + e);
        curve[i] = share[i % B] * e * part * part;
        d[i] = share[i % B] * ((z[i] < 0 ? e * part : part) - d[i]);
    }
}

/// curve becomes the softmax p; the loss is that of targets which may not add up to 1.
static void cross_entropy(double *share, size_t outputs, const double *z, double *d,
                          double *curve) {
    for (size_t s = 0; s < B; s++) {
        double most = z[s], sum = 0, targets = 0;
        for (size_t i = s; i < outputs * B; i += B) most = fmax(most, z[i]);
        for (size_t i = s; i < outputs * B; i += B) {
            curve[i] = exp(z[i] - most);
            sum += curve[i];
            targets += d[i];
        }
        for (size_t i = s; i < outputs * B; i += B) {
            curve[i] /= sum;
            d[i] = share[s] * (targets * curve[i] - d[i]);
        }
        share[s] *= targets;
    }
}

/// The gradient of the loss to the scores, from the targets.
/// @param d  (K) targets; becomes dL/dscores
static void record_loss(const Recorder *recorder, size_t count, const double *scores,
                        const Tape *tape, double *d) {
    const size_t outputs = (size_t)recorder->n_outputs;
    const double samples = (double)recorder->n, parts = samples * (double)outputs;
    double share = 1 / parts;
    if (recorder->loss == LOSS_CROSS_ENTROPY) share = 1 / samples;
    if (recorder->loss == LOSS_MSE || recorder->loss == LOSS_MSE_BROADCAST) share = 2 / parts;
    for (size_t s = 0; s < B; s++) tape->share[s] = s < count ? share : 0;
    if (recorder->loss == LOSS_CROSS_ENTROPY) {
        cross_entropy(tape->share, outputs, scores, d, tape->curve);
    } else if (recorder->loss == LOSS_BCE) {
        binary_cross_entropy(tape->share, outputs, scores, d, tape->curve);
    } else {
        mean_squares(tape->share, outputs, scores, d, tape->curve);
    }
}

/// From dL/dy: du, and f''(u) becomes bend.
CLONES static void through_activation(size_t size, const double *restrict dy,
                                      const double *restrict slope, double *restrict bend,
                                      double *restrict du) {
    for (size_t i = 0; i < size; i++) {
        du[i] = dy[i] * slope[i];
        bend[i] *= dy[i];
    }
}

CLONES static void back_through_statistics(size_t units, const double *restrict gamma,
                                           const double *restrict inverse,
                                           const double *restrict du, double *restrict dz) {
    for (size_t o = 0; o < units; o++) {
        for (size_t s = 0; s < B; s++) dz[o * B + s] = du[o * B + s] * (gamma[o] * inverse[o]);
    }
}

/// With h = gamma du: dz = scale (h - mean(h) - n mean(h n)).
CLONES static void back_through_units(size_t units, const double *restrict gamma,
                                      const double *restrict n, const double *restrict scale,
                                      const double *restrict du, double *restrict dz,
                                      double *restrict lean) {
    double mean[B] = {0};
    const double part = 1 / (double)units;
    for (size_t s = 0; s < B; s++) lean[s] = 0;
    for (size_t o = 0; o < units; o++) {
        for (size_t s = 0; s < B; s++) {
            double h = gamma[o] * du[o * B + s];
            mean[s] += part * h;
            lean[s] += part * h * n[o * B + s];
        }
    }
    for (size_t o = 0; o < units; o++) {
        for (size_t s = 0; s < B; s++) {
            double h = gamma[o] * du[o * B + s];
            dz[o * B + s] = scale[s] * (h - mean[s] - n[o * B + s] * lean[s]);
        }
    }
}

static void record_back(const Recorder *recorder, int l, const double *dy, const Record *record) {
    const Layer *layer = &recorder->layers[l];
    const size_t units = (size_t)layer->units;
    const double *gamma = recorder->params + layer->gamma_at;
    through_activation(units * B, dy, record->slope, record->bend, record->du);
    if (layer->norm == NORM_BATCH) {
        back_through_statistics(units, gamma, recorder->inverse[l], record->du, record->dz);
    } else if (layer->norm == NORM_LAYER) {
        back_through_units(units, gamma, record->n, record->scale, record->du, record->dz,
                           record->lean);
    }
}

void tape_record(const Recorder *recorder, size_t block, const Tape *tape) {
    const size_t first = block * B, left = recorder->n - first, count = left < B ? left : B;
    const size_t inputs = (size_t)recorder->n_inputs, outputs = (size_t)recorder->n_outputs;
    load(recorder->x + first * inputs, inputs, count, tape->x);
    for (int l = 0; l < recorder->n_layers; l++) {
        record_layer(recorder, l, tape_input(tape, l), &tape->layers[l]);
    }
    double *dy = recorder->back[0], *dx = recorder->back[1];
    if (loss_couples(recorder->loss)) {
        wide_block_fill(recorder->n_outputs, recorder->mean_target, dy);
    } else {
        load(recorder->t + first * outputs, outputs, count, dy);
    }
    record_loss(recorder, count, tape->layers[recorder->n_layers - 1].y, tape, dy);
    for (int l = recorder->n_layers - 1; l >= 0; l--) {
        const Layer *layer = &recorder->layers[l];
        record_back(recorder, l, dy, &tape->layers[l]);
        if (l == 0) break;
        if (layer->residual) {
            memcpy(dx, dy, (size_t)layer->inputs * B * sizeof *dx);
        } else {
            wide_block_fill(layer->inputs, NULL, dx);
        }
        wide_block_backward(layer->inputs, layer->units, recorder->params + layer->weight_at,
                            tape->layers[l].dz, dx);
        double *swapped = dx;
        dx = dy;
        dy = swapped;
    }
}

void tape_add_gradient(const Recorder *recorder, const Tape *tape, double *gradient) {
    for (int l = 0; l < recorder->n_layers; l++) {
        const Layer *layer = &recorder->layers[l];
        const Record *record = &tape->layers[l];
        const int units = layer->units;
        wide_block_outer(layer->inputs, units, record->dz, tape_input(tape, l),
                         gradient + layer->weight_at);
        if (layer->has_bias) {
            wide_block_products(units, record->dz, NULL, gradient + layer->bias_at);
        }
        if (layer->norm == NORM_NONE) continue;
        wide_block_products(units, record->du, record->n, gradient + layer->gamma_at);
        wide_block_products(units, record->du, NULL, gradient + layer->beta_at);
    }
}
