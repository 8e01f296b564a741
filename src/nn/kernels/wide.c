// Loops over 64-bit numbers.
#include "nn/kernels/wide.h"

#include <math.h>

#include "base/clones.h"

enum { PARTS = 16 }; // enough to hide an addition's latency behind the others

/// The sum of products in PARTS interleaved sums, then of those in pairs.
#define SUM_PRODUCTS                                                                               \
    do {                                                                                           \
        double part[PARTS] = {0};                                                                  \
        size_t i = 0;                                                                              \
        for (; i + PARTS <= n; i += PARTS) {                                                       \
            for (size_t j = 0; j < PARTS; j++) part[j] += (double)a[i + j] * (double)b[i + j];     \
        }                                                                                          \
        for (size_t j = 0; i < n; i++, j++) part[j] += (double)a[i] * (double)b[i];                \
        for (size_t half = PARTS / 2; half > 0; half /= 2) {                                       \
            for (size_t j = 0; j < half; j++) part[j] += part[j + half];                           \
        }                                                                                          \
        return part[0];                                                                            \
    } while (0)

CLONES static double dot(size_t n, const double *restrict a, const double *restrict b) {
    SUM_PRODUCTS;
}

CLONES static double dot_floats(size_t n, const float *restrict a, const float *restrict b) {
    SUM_PRODUCTS;
}

CLONES static double dot_mixed(size_t n, const float *restrict a, const double *restrict b) {
    SUM_PRODUCTS;
}

CLONES static void add(size_t n, double s, const double *restrict x, double *restrict y) {
    for (size_t i = 0; i < n; i++) y[i] += s * x[i];
}

CLONES static void add_floats(size_t n, double s, const float *restrict x, double *restrict y) {
    for (size_t i = 0; i < n; i++) y[i] += s * (double)x[i];
}

// Clones are static, so that no other file calls through the loader's choice of this one's.
double wide_dot(size_t n, const double *a, const double *b) {
    return dot(n, a, b);
}

double wide_dot_floats(size_t n, const float *a, const float *b) {
    return dot_floats(n, a, b);
}

double wide_dot_mixed(size_t n, const float *a, const double *b) {
    return dot_mixed(n, a, b);
}

void wide_add(size_t n, double s, const double *x, double *y) {
    add(n, s, x, y);
}

void wide_add_floats(size_t n, double s, const float *x, double *y) {
    add_floats(n, s, x, y);
}

void wide_scale(size_t n, double s, double *x) {
    for (size_t i = 0; i < n; i++) x[i] *= s;
}

double wide_norm(size_t n, const double *x) {
    return sqrt(dot(n, x, x));
}
