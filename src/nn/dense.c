// The three matrix products of a dense layer.
#include "nn/dense.h"

#include <string.h>

#include "base/clones.h"
#include "nn/math32.h"

size_t dense_scratch_size(const Network *net, int max_batch) {
    (void)net, (void)max_batch;
    return 0;
}

enum { LANES = 16 };

NN_INLINE float dot(const float *restrict a, const float *restrict b, int n) {
    float lane[LANES] = {0};
    int i = 0;
    for (; i + LANES <= n; i += LANES) {
        for (int j = 0; j < LANES; j++) lane[j] += a[i + j] * b[i + j];
    }
    for (int j = 0; i < n; i++, j++) lane[j] += a[i] * b[i];
    for (int half = LANES / 2; half > 0; half /= 2) {
        for (int j = 0; j < half; j++) lane[j] += lane[j + half];
    }
    return lane[0];
}

CLONES void dense_forward(const float *x, const float *weight, const float *bias, int batch,
                          int inputs, int units, float *z, float *scratch) {
    (void)scratch;
    for (int b = 0; b < batch; b++) {
        for (int o = 0; o < units; o++) {
            float sum =
                dot(x + (size_t)b * (size_t)inputs, weight + (size_t)o * (size_t)inputs, inputs);
            z[(size_t)b * (size_t)units + (size_t)o] = bias ? sum + bias[o] : sum;
        }
    }
}

NN_INLINE void add_scaled(float *restrict y, const float *restrict x, float scale, int n) {
    for (int i = 0; i < n; i++) y[i] += scale * x[i];
}

CLONES void dense_backward_input(const float *dz, const float *weight, int batch, int inputs,
                                 int units, float *dx, float *scratch) {
    (void)scratch;
    memset(dx, 0, (size_t)batch * (size_t)inputs * sizeof *dx);
    for (int b = 0; b < batch; b++) {
        for (int o = 0; o < units; o++) {
            add_scaled(dx + (size_t)b * (size_t)inputs, weight + (size_t)o * (size_t)inputs,
                       dz[(size_t)b * (size_t)units + (size_t)o], inputs);
        }
    }
}

CLONES void dense_backward_weight(const float *dz, const float *x, int batch, int inputs, int units,
                                  float *dweight, float *scratch) {
    (void)scratch;
    memset(dweight, 0, (size_t)inputs * (size_t)units * sizeof *dweight);
    for (int b = 0; b < batch; b++) {
        for (int o = 0; o < units; o++) {
            add_scaled(dweight + (size_t)o * (size_t)inputs, x + (size_t)b * (size_t)inputs,
                       dz[(size_t)b * (size_t)units + (size_t)o], inputs);
        }
    }
}

CLONES void dense_backward_bias(const float *dz, int batch, int units, float *dbias) {
    memset(dbias, 0, (size_t)units * sizeof *dbias);
    for (int b = 0; b < batch; b++) add_scaled(dbias, dz + (size_t)b * (size_t)units, 1.0f, units);
}
