// Losses: value and gradient side by side. Sums run in 64 bits over a fixed number of lanes, so
// that they are the same on every processor.
#include "nn/loss.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/clones.h"
#include "nn/kernels/math32.h"

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

/// -t ln s(z) - (1 - t) ln(1 - s(z)) with s the sigmoid, without computing s(z).
NN_INLINE double binary_cross_entropy(float z, float t) {
    float most = z < 0.0f ? 0.0f : z;
    return (double)most - (double)z * (double)t + (double)log1p32(exp32(-math32_abs(z)));
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

CLONES static double loss_sum_binary(const float *restrict z, const float *restrict t, size_t n) {
    const float *y = z;
    SUM_TERMS(binary_cross_entropy);
}

enum { SAMPLES = 16 }; // at a time, one a lane

/// The cross entropies' sum of SAMPLES samples, of which those from n on are left out. Differences
/// of logits are taken first: beside a large logit a small loss would lose its digits.
NN_INLINE double cross_entropy_lanes(const float *z, const float *t, size_t n, size_t outputs) {
    float logit[SAMPLES], most[SAMPLES], rest[SAMPLES] = {0};
    uint32_t top[SAMPLES] = {0};
    double target[SAMPLES], lane[SAMPLES] = {0}, sum = 0;
    size_t at[SAMPLES];
    for (size_t j = 0; j < SAMPLES; j++) at[j] = j < n ? j * outputs : 0;
    for (size_t j = 0; j < SAMPLES; j++) most[j] = z[at[j]];
    for (size_t k = 1; k < outputs; k++) {
        for (size_t j = 0; j < SAMPLES; j++) logit[j] = z[at[j] + k];
        for (size_t j = 0; j < SAMPLES; j++) {
            top[j] = logit[j] <= most[j] ? top[j] : (uint32_t)k;
            most[j] = logit[j] <= most[j] ? most[j] : logit[j];
        }
    }
    for (size_t k = 0; k < outputs; k++) {
        for (size_t j = 0; j < SAMPLES; j++) logit[j] = z[at[j] + k];
        for (size_t j = 0; j < SAMPLES; j++) {
            float other = exp32(logit[j] - most[j]);
            rest[j] += top[j] == (uint32_t)k ? 0.0f : other;
        }
    }
    // How far ln of the sum of exp(z) lies above the largest of z.
    for (size_t j = 0; j < SAMPLES; j++) rest[j] = log1p32(rest[j]);
    for (size_t k = 0; k < outputs; k++) {
        for (size_t j = 0; j < SAMPLES; j++) logit[j] = z[at[j] + k];
        for (size_t j = 0; j < SAMPLES; j++) target[j] = (double)t[at[j] + k];
        for (size_t j = 0; j < SAMPLES; j++) {
            double loss = (double)rest[j] + ((double)most[j] - (double)logit[j]);
            // A target of 0 counts for nothing, even for a logit of -infinity.
            lane[j] += target[j] == 0.0 ? 0.0 : target[j] * loss;
        }
    }
    for (size_t j = 0; j < n; j++) sum += lane[j];
    return sum;
}

CLONES static double cross_entropy_sum(const float *z, const float *t, int batch, int outputs) {
    const size_t width = (size_t)outputs;
    double sum = 0;
    for (size_t left = (size_t)batch; left > 0;) {
        const size_t n = left < SAMPLES ? left : SAMPLES;
        sum += cross_entropy_lanes(z, t, n, width);
        z += n * width;
        t += n * width;
        left -= n;
    }
    return sum;
}

double loss_mean_target(const float *t, size_t n, int outputs, float *mean) {
    double variance = 0;
    for (int k = 0; k < outputs; k++) {
        double sum = 0, squares = 0;
        for (size_t i = 0; i < n; i++) sum += (double)t[i * (size_t)outputs + (size_t)k];
        double center = sum / (double)n;
        for (size_t i = 0; i < n; i++) {
            double d = (double)t[i * (size_t)outputs + (size_t)k] - center;
            squares += d * d;
        }
        mean[k] = (float)center;
        variance += squares / (double)n;
    }
    return variance / outputs;
}

/// The sum over one batch of (y - mean)^2, and the constant for each sample.
static double broadcast_sum(const float *y, const float *t, int batch, int outputs) {
    const size_t width = (size_t)outputs, n = (size_t)batch * width;
    double sum = 0;
    for (size_t k = 0; k < width; k++) {
        double center = 0;
        for (size_t i = k; i < n; i += width) center += (double)t[i];
        center /= batch;
        for (size_t i = k; i < n; i += width) {
            double d = (double)y[i] - center, e = (double)t[i] - center;
            sum += d * d + e * e;
        }
    }
    return sum / outputs;
}

double loss_sum(Loss loss, const float *scores, const float *t, int batch, int outputs) {
    size_t n = (size_t)batch * (size_t)outputs;
    switch (loss) {
    case LOSS_MSE: return loss_sum_squares(scores, t, n) / outputs;
    case LOSS_HALF_MSE: return 0.5 * loss_sum_squares(scores, t, n) / outputs;
    case LOSS_BCE: return loss_sum_binary(scores, t, n) / outputs;
    case LOSS_CROSS_ENTROPY: return cross_entropy_sum(scores, t, batch, outputs);
    case LOSS_MSE_BROADCAST: return broadcast_sum(scores, t, batch, outputs);
    case LOSS_COUNT: break;
    }
    assert(false && "a loss");
    return 0;
}

float loss_scale(Loss loss, int batch, int outputs) {
    if (loss == LOSS_CROSS_ENTROPY) return 1.0f / (float)batch;
    float twice = loss == LOSS_MSE || loss == LOSS_MSE_BROADCAST ? 2.0f : 1.0f;
    return twice / ((float)batch * (float)outputs);
}

CLONES static void loss_difference(const float *restrict y, const float *restrict t, size_t n,
                                   float scale, float *restrict d) {
    for (size_t i = 0; i < n; i++) d[i] = scale * (y[i] - t[i]);
}

CLONES static void loss_binary_gradient(const float *restrict z, const float *restrict t, size_t n,
                                        float scale, float *restrict d) {
    for (size_t i = 0; i < n; i++) d[i] = scale * (sigmoid32(z[i]) - t[i]);
}

static void broadcast_gradient(const float *y, const float *t, int batch, int outputs, float scale,
                               float *d) {
    const size_t width = (size_t)outputs, n = (size_t)batch * width;
    for (size_t k = 0; k < width; k++) {
        double sum = 0;
        for (size_t i = k; i < n; i += width) sum += (double)t[i];
        float center = (float)(sum / batch);
        for (size_t i = k; i < n; i += width) d[i] = scale * (y[i] - center);
    }
}

void loss_gradient(Loss loss, const float *scores, const float *t, int batch, int outputs,
                   float *d) {
    size_t n = (size_t)batch * (size_t)outputs;
    float scale = loss_scale(loss, batch, outputs);
    switch (loss) {
    case LOSS_MSE:
    case LOSS_HALF_MSE: loss_difference(scores, t, n, scale, d); break;
    case LOSS_BCE: loss_binary_gradient(scores, t, n, scale, d); break;
    case LOSS_CROSS_ENTROPY:
        // Targets are shares of classes, so that they add up to 1.
        memmove(d, scores, n * sizeof *d);
        activation_softmax(d, (size_t)batch, outputs);
        for (size_t i = 0; i < n; i++) d[i] = scale * (d[i] - t[i]);
        break;
    case LOSS_MSE_BROADCAST: broadcast_gradient(scores, t, batch, outputs, scale, d); break;
    case LOSS_COUNT: assert(false && "a loss"); break;
    }
}

bool loss_takes_logits(Loss loss) {
    return loss == LOSS_BCE || loss == LOSS_CROSS_ENTROPY;
}

bool loss_suits(Loss loss, Activation activation) {
    if (loss == LOSS_BCE) return activation == ACTIVATION_SIGMOID;
    return (loss == LOSS_CROSS_ENTROPY) == (activation == ACTIVATION_SOFTMAX);
}

float loss_threshold(Loss loss) {
    if (loss == LOSS_CROSS_ENTROPY) return -INFINITY;
    return loss_takes_logits(loss) ? 0.0f : 0.5f;
}

bool loss_couples(Loss loss) {
    return loss == LOSS_MSE_BROADCAST;
}

Loss loss_uncoupled(Loss loss) {
    return loss_couples(loss) ? LOSS_MSE : loss;
}
