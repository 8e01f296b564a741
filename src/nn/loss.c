// Losses: value and gradient side by side. Sums run in 64 bits over a fixed number of lanes, so
// that they are the same on every processor.
#include "nn/loss.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "base/clones.h"
#include "nn/math32.h"

#define X(constant, name, description, label) name,
static const char *const names[] = {LOSS_LIST(X)};
#undef X
#define X(constant, name, description, label) description,
static const char *const descriptions[] = {LOSS_LIST(X)};
#undef X
#define X(constant, name, description, label) label,
static const char *const labels[] = {LOSS_LIST(X)};
#undef X

const char *loss_name(Loss loss) {
    assert(loss < LOSS_COUNT);
    return names[loss];
}

const char *loss_description(Loss loss) {
    assert(loss < LOSS_COUNT);
    return descriptions[loss];
}

const char *loss_label(Loss loss) {
    assert(loss < LOSS_COUNT);
    return labels[loss];
}

Loss loss_find(const char *name) {
    int i = 0;
    while (i < LOSS_COUNT && strcmp(names[i], name) != 0) i++;
    return (Loss)i;
}

enum { LANES = 8 };

NN_INLINE double square(float y, float t) {
    double d = (double)y - (double)t;
    return d * d;
}

NN_INLINE double cross_entropy(float y, float t) {
    float log_y = log32(y), log_rest = log32(1.0f - y);
    log_y = log_y < -100.0f ? -100.0f : log_y;
    log_rest = log_rest < -100.0f ? -100.0f : log_rest;
    return -(double)(t * log_y + (1.0f - t) * log_rest);
}

/// Sums term(y, t) in LANES interleaved partial sums, then those pairwise.
#define SUM_TERMS(term)                                                                            \
    do {                                                                                           \
        double lane[LANES] = {0};                                                                  \
        size_t i = 0;                                                                              \
        for (; i + LANES <= n; i += LANES) {                                                       \
            for (size_t j = 0; j < LANES; j++) lane[j] += term(y[i + j], t[i + j]);                \
        }                                                                                          \
        for (size_t j = 0; i < n; i++, j++) lane[j] += term(y[i], t[i]);                           \
        return ((lane[0] + lane[4]) + (lane[2] + lane[6])) +                                       \
               ((lane[1] + lane[5]) + (lane[3] + lane[7]));                                        \
    } while (0)

CLONES static double loss_sum_squares(const float *restrict y, const float *restrict t, size_t n) {
    SUM_TERMS(square);
}

CLONES static double loss_sum_cross_entropy(const float *restrict y, const float *restrict t,
                                            size_t n) {
    SUM_TERMS(cross_entropy);
}

double loss_sum(Loss loss, const float *y, const float *t, int batch, int outputs) {
    size_t n = (size_t)batch * (size_t)outputs;
    switch (loss) {
    case LOSS_MSE: return loss_sum_squares(y, t, n) / outputs;
    case LOSS_HALF_MSE: return 0.5 * loss_sum_squares(y, t, n) / outputs;
    case LOSS_BCE: return loss_sum_cross_entropy(y, t, n) / outputs;
    case LOSS_COUNT: break;
    }
    assert(false && "a loss");
    return 0;
}

CLONES static void loss_difference(const float *restrict y, const float *restrict t, size_t n,
                                   float scale, float *restrict dy) {
    for (size_t i = 0; i < n; i++) dy[i] = scale * (y[i] - t[i]);
}

CLONES static void loss_cross_entropy_gradient(const float *restrict y, const float *restrict t,
                                               size_t n, float scale, float *restrict dy) {
    for (size_t i = 0; i < n; i++) {
        float slope = y[i] * (1.0f - y[i]);
        dy[i] = scale * (y[i] - t[i]) / (slope < 1e-12f ? 1e-12f : slope);
    }
}

float loss_scale(Loss loss, int batch, int outputs) {
    return (loss == LOSS_MSE ? 2.0f : 1.0f) / ((float)batch * (float)outputs);
}

void loss_gradient(Loss loss, const float *y, const float *t, int batch, int outputs, float *dy) {
    size_t n = (size_t)batch * (size_t)outputs;
    float scale = loss_scale(loss, batch, outputs);
    if (loss == LOSS_BCE) {
        loss_cross_entropy_gradient(y, t, n, scale, dy);
    } else {
        loss_difference(y, t, n, scale, dy);
    }
}

bool loss_pairs_with(Loss loss, Activation activation) {
    return loss == LOSS_BCE && activation == ACTIVATION_SIGMOID;
}

void loss_paired_gradient(Loss loss, const float *y, const float *t, int batch, int outputs,
                          float *dz) {
    loss_difference(y, t, (size_t)batch * (size_t)outputs, loss_scale(loss, batch, outputs), dz);
}
