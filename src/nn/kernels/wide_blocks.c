// Loops of a known count over the samples of a block, which become vectors. Four terms at a time
// are added to what lies in memory, so that the loads and stores of the sum count for little.
#include "nn/kernels/wide_blocks.h"

#include "base/clones.h"
#include "nn/kernels/math32.h"

enum { PARTS = 16 };

/// sum += w[0] x[0] + w[apart] x[1] + …, of n <= 4 terms.
NN_INLINE void add_terms(const size_t n, const double *w, size_t apart, const double *restrict x,
                         double *restrict sum) {
    const double w0 = w[0], w1 = n > 1 ? w[apart] : 0, w2 = n > 2 ? w[2 * apart] : 0,
                 w3 = n > 3 ? w[3 * apart] : 0;
    for (size_t s = 0; s < WIDE_BLOCK; s++) {
        double term = w0 * x[s];
        if (n > 1) term += w1 * x[WIDE_BLOCK + s];
        if (n > 2) term += w2 * x[2 * WIDE_BLOCK + s];
        if (n > 3) term += w3 * x[3 * WIDE_BLOCK + s];
        sum[s] += term;
    }
}

NN_INLINE void add_all(size_t n, const double *w, size_t apart, const double *x, double *sum) {
    for (; n >= 4; n -= 4, w += 4 * apart, x += 4 * WIDE_BLOCK) add_terms(4, w, apart, x, sum);
    if (n == 3) add_terms(3, w, apart, x, sum);
    if (n == 2) add_terms(2, w, apart, x, sum);
    if (n == 1) add_terms(1, w, apart, x, sum);
}

CLONES static void forward(size_t inputs, size_t units, const double *w, const double *x,
                           double *z) {
    for (size_t o = 0; o < units; o++) add_all(inputs, w + o * inputs, 1, x, z + o * WIDE_BLOCK);
}

CLONES static void backward(size_t inputs, size_t units, const double *w, const double *dz,
                            double *dx) {
    for (size_t i = 0; i < inputs; i++) add_all(units, w + i, inputs, dz, dx + i * WIDE_BLOCK);
}

NN_INLINE double add_up(double *part) {
    for (size_t half = PARTS / 2; half > 0; half /= 2) {
        for (size_t j = 0; j < half; j++) part[j] += part[j + half];
    }
    return part[0];
}

NN_INLINE double dot(const double *restrict a, const double *restrict b) {
    double part[PARTS] = {0};
    for (size_t s = 0; s < WIDE_BLOCK; s += PARTS) {
        for (size_t j = 0; j < PARTS; j++) part[j] += a[s + j] * b[s + j];
    }
    return add_up(part);
}

NN_INLINE double total(const double *restrict a) {
    double part[PARTS] = {0};
    for (size_t s = 0; s < WIDE_BLOCK; s += PARTS) {
        for (size_t j = 0; j < PARTS; j++) part[j] += a[s + j];
    }
    return add_up(part);
}

CLONES static void outer(size_t inputs, size_t units, const double *dz, const double *x,
                         double *dw) {
    for (size_t o = 0; o < units; o++, dz += WIDE_BLOCK) {
        for (size_t i = 0; i < inputs; i++) *dw++ += dot(dz, x + i * WIDE_BLOCK);
    }
}

CLONES static void products(size_t units, const double *a, const double *b, double *sums) {
    for (size_t o = 0; o < units; o++, a += WIDE_BLOCK) {
        sums[o] += b ? dot(a, b + o * WIDE_BLOCK) : total(a);
    }
}

void wide_block_forward(int inputs, int units, const double *w, const double *x, double *z) {
    forward((size_t)inputs, (size_t)units, w, x, z);
}

void wide_block_backward(int inputs, int units, const double *w, const double *dz, double *dx) {
    backward((size_t)inputs, (size_t)units, w, dz, dx);
}

void wide_block_outer(int inputs, int units, const double *dz, const double *x, double *dw) {
    outer((size_t)inputs, (size_t)units, dz, x, dw);
}

void wide_block_products(int units, const double *a, const double *b, double *sums) {
    products((size_t)units, a, b, sums);
}
