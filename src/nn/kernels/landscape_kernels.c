// Loops whose innermost count is known to the compiler (BLOCK_CHUNK) become vectors with no
// remainders. Sums in 64 bits run in SUM_LANES interleaved parts, enough to hide an addition's
// latency behind the others; the parts are then added in pairs.
#include "nn/kernels/landscape_kernels.h"

#include <string.h>

#include "base/clones.h"
#include "nn/kernels/math32.h"
#include "nn/network.h"

enum { SUM_LANES = 32 };

/// For each sample s below n.
#define FOR_SAMPLES(n)                                                                             \
    for (size_t chunk = 0; chunk < (n); chunk += BLOCK_CHUNK)                                      \
        for (size_t s = chunk; s < chunk + BLOCK_CHUNK; s++)

CLONES static void block_add_clone(size_t n, const float *restrict in, float *restrict out) {
    FOR_SAMPLES(n) out[s] += in[s];
}

CLONES static void block_add_scaled_clone(size_t n, const float *restrict base, float w,
                                          const float *restrict in, float *restrict out) {
    FOR_SAMPLES(n) out[s] = base[s] + w * in[s];
}

CLONES static void block_add_two_clone(size_t n, const float *restrict base, float u,
                                       const float *restrict in_u, float v,
                                       const float *restrict in_v, float *restrict out) {
    FOR_SAMPLES(n) out[s] = (base[s] + u * in_u[s]) + v * in_v[s];
}

/// One unit's sum over up to four inputs.
/// @param base  what they are added to, a value a sample; NULL: bias
NN_INLINE void sum_few(size_t n, const int inputs, const float *restrict w, float bias,
                       const float *base, const float *restrict in, float *z) {
    const float w0 = w[0], w1 = inputs > 1 ? w[1] : 0, w2 = inputs > 2 ? w[2] : 0,
                w3 = inputs > 3 ? w[3] : 0;
    for (size_t chunk = 0; chunk < n; chunk += BLOCK_CHUNK) {
        const float *restrict x = in + chunk;
        for (size_t s = 0; s < BLOCK_CHUNK; s++) {
            float sum = (base ? base[chunk + s] : bias) + w0 * x[s];
            if (inputs > 1) sum += w1 * x[n + s];
            if (inputs > 2) sum += w2 * x[2 * n + s];
            if (inputs > 3) sum += w3 * x[3 * n + s];
            z[chunk + s] = sum;
        }
    }
}

NN_INLINE void sum_inputs(size_t n, const float *weight, float bias, int inputs, const float *in,
                          float *z) {
    switch (inputs) {
    case 1: sum_few(n, 1, weight, bias, NULL, in, z); return;
    case 2: sum_few(n, 2, weight, bias, NULL, in, z); return;
    case 3: sum_few(n, 3, weight, bias, NULL, in, z); return;
    default: sum_few(n, 4, weight, bias, NULL, in, z); break;
    }
    int k = 4;
    for (; k + 4 <= inputs; k += 4) sum_few(n, 4, weight + k, 0, z, in + (size_t)k * n, z);
    for (; k < inputs; k++) sum_few(n, 1, weight + k, 0, z, in + (size_t)k * n, z);
}

CLONES static void block_sums_clone(size_t n, const float *weight, const float *bias, int inputs,
                                    int units, const float *in, float *z) {
    for (int j = 0; j < units; j++, weight += inputs, z += n) {
        sum_inputs(n, weight, bias[j], inputs, in, z);
    }
}

CLONES static void block_layer_norm_clone(size_t n, int units, const float *gamma,
                                          const float *beta, float *z, float *scratch) {
    float *restrict mean = scratch, *restrict scale = scratch + n;
    const float share = 1.0f / (float)units;
    memset(scratch, 0, 2 * n * sizeof *scratch);
    for (int j = 0; j < units; j++) {
        const float *restrict row = z + (size_t)j * n;
        FOR_SAMPLES(n) mean[s] += row[s];
    }
    FOR_SAMPLES(n) mean[s] *= share;
    for (int j = 0; j < units; j++) {
        const float *restrict row = z + (size_t)j * n;
        FOR_SAMPLES(n) scale[s] += (row[s] - mean[s]) * (row[s] - mean[s]);
    }
    FOR_SAMPLES(n) scale[s] = 1.0f / __builtin_sqrtf(scale[s] * share + (float)NETWORK_NORM_EPS);
    for (int j = 0; j < units; j++) {
        float *restrict row = z + (size_t)j * n;
        const float g = gamma[j], b = beta[j];
        FOR_SAMPLES(n) row[s] = (row[s] - mean[s]) * scale[s] * g + b;
    }
}

NN_INLINE double lanes_sum(double lane[SUM_LANES]) {
    for (int half = SUM_LANES / 2; half > 0; half /= 2) {
        for (int i = 0; i < half; i++) lane[i] += lane[i + half];
    }
    return lane[0];
}

/// A statement for each sample s below count, which adds to lane i.
#define FOR_LANES(count, ...)                                                                      \
    do {                                                                                           \
        int first = 0;                                                                             \
        for (; first + SUM_LANES <= (count); first += SUM_LANES) {                                 \
            for (int i = 0; i < SUM_LANES; i++) {                                                  \
                const int s = first + i;                                                           \
                __VA_ARGS__;                                                                       \
            }                                                                                      \
        }                                                                                          \
        for (int i = 0; first + i < (count); i++) {                                                \
            const int s = first + i;                                                               \
            __VA_ARGS__;                                                                           \
        }                                                                                          \
    } while (0)

CLONES static void block_moments_clone(int count, const float *restrict z, const float *restrict in,
                                       const float *restrict t, Moments *sums) {
    double rest[SUM_LANES] = {0}, cross[SUM_LANES] = {0}, square[SUM_LANES] = {0};
    FOR_LANES(count, {
        double d = (double)z[s] - (double)t[s], x = (double)in[s];
        rest[i] += d * d;
        cross[i] += d * x;
        square[i] += x * x;
    });
    sums->rest += lanes_sum(rest);
    sums->cross += lanes_sum(cross);
    sums->square += lanes_sum(square);
}

CLONES static double block_squares_clone(int count, const float *restrict y,
                                         const float *restrict t) {
    double lane[SUM_LANES] = {0};
    FOR_LANES(count, {
        float d = y[s] - t[s];
        lane[i] += (double)(d * d);
    });
    return lanes_sum(lane);
}

/// -t ln s(z) - (1 - t) ln(1 - s(z)), s the sigmoid.
NN_INLINE float binary(float z, float t) {
    return (relu32(z) - z * t) + log1p32(exp32(-math32_abs(z)));
}

CLONES static double block_binary_clone(int count, const float *restrict z,
                                        const float *restrict t) {
    double lane[SUM_LANES] = {0};
    FOR_LANES(count, lane[i] += (double)binary(z[s], t[s]));
    return lanes_sum(lane);
}

/// The logarithm of the sum of exp(z) is the largest z, plus log1p of what the others' shares add
/// up to: so that a loss near zero keeps its relative accuracy. Comparisons are such that a NaN is
/// kept.
CLONES static double block_cross_entropy_clone(size_t n, int count, int outputs,
                                               const float *logits, const float *t,
                                               float *scratch) {
    float *restrict most = scratch, *restrict rest = scratch + n;
    memcpy(most, logits, n * sizeof *most);
    for (int k = 1; k < outputs; k++) {
        const float *restrict z = logits + (size_t)k * n;
        FOR_SAMPLES(n) most[s] = z[s] > most[s] ? z[s] : most[s];
    }
    FOR_SAMPLES(n) rest[s] = -1.0f; // the largest one's own share
    for (int k = 0; k < outputs; k++) {
        const float *restrict z = logits + (size_t)k * n;
        FOR_SAMPLES(n) rest[s] += z[s] == most[s] ? 1.0f : 0.0f;
    }
    for (int k = 0; k < outputs; k++) {
        const float *restrict z = logits + (size_t)k * n;
        FOR_SAMPLES(n) rest[s] += z[s] == most[s] ? 0.0f : exp32(z[s] - most[s]);
    }
    FOR_SAMPLES(n) rest[s] = log1p32(rest[s]);
    double lane[SUM_LANES] = {0};
    for (int k = 0; k < outputs; k++) {
        const float *restrict z = logits + (size_t)k * n, *restrict share = t + (size_t)k * n;
        // A target of 0 counts for nothing, even for a logit of -infinity.
        FOR_LANES(count, {
            float loss = share[s] * ((most[s] - z[s]) + rest[s]);
            lane[i] += share[s] == 0.0f ? 0.0 : (double)loss;
        });
    }
    return lanes_sum(lane);
}

// Clones are static, and their names differ from all others, because clang 14 renames a cloned
// function outside its file, and shares its resolver by name.

void block_add(size_t n, const float *in, float *out) {
    block_add_clone(n, in, out);
}

void block_add_scaled(size_t n, const float *base, float w, const float *in, float *out) {
    block_add_scaled_clone(n, base, w, in, out);
}

void block_add_two(size_t n, const float *base, float u, const float *in_u, float v,
                   const float *in_v, float *out) {
    block_add_two_clone(n, base, u, in_u, v, in_v, out);
}

void block_sums(size_t n, const float *weight, const float *bias, int inputs, int units,
                const float *in, float *z) {
    block_sums_clone(n, weight, bias, inputs, units, in, z);
}

void block_layer_norm(size_t n, int units, const float *gamma, const float *beta, float *z,
                      float *scratch) {
    block_layer_norm_clone(n, units, gamma, beta, z, scratch);
}

void block_moments(int count, const float *z, const float *in, const float *t, Moments *sums) {
    block_moments_clone(count, z, in, t, sums);
}

double block_squares(int count, const float *y, const float *t) {
    return block_squares_clone(count, y, t);
}

double block_binary(int count, const float *logit, const float *t) {
    return block_binary_clone(count, logit, t);
}

double block_cross_entropy(size_t n, int count, int outputs, const float *logits, const float *t,
                           float *scratch) {
    return block_cross_entropy_clone(n, count, outputs, logits, t, scratch);
}
