// Loops of a known count over the samples of a block, which become vectors. Four terms at a time
// are added to what lies in memory, so that the loads and stores of the sum count for little.
#include "nn/kernels/wide_blocks.h"

#include <string.h>

#include "base/clones.h"
#include "nn/kernels/math32.h"

enum {
    PARTS = 8, // of a sum over the samples, added in pairs at the end
    TILE = 4,  // rows of the result at a time, so that what they have in common is loaded once
};

#define ROW ((size_t)WIDE_BLOCK) // numbers of a unit

/// rows[r] += w[r down] x[0] + w[r down + right] x[1] + …, of n <= 4 terms, for r < count <= TILE.
NN_INLINE void add_terms(const size_t count, const size_t n, const double *w, size_t down,
                         size_t right, const double *restrict x, double *restrict rows) {
    double weight[TILE][4] = {0};
    for (size_t r = 0; r < count; r++) {
        for (size_t k = 0; k < n; k++) weight[r][k] = w[r * down + k * right];
    }
    for (size_t s = 0; s < ROW; s++) {
        const double x0 = x[s], x1 = n > 1 ? x[ROW + s] : 0, x2 = n > 2 ? x[2 * ROW + s] : 0,
                     x3 = n > 3 ? x[3 * ROW + s] : 0;
        for (size_t r = 0; r < count; r++) {
            double term = weight[r][0] * x0;
            if (n > 1) term += weight[r][1] * x1;
            if (n > 2) term += weight[r][2] * x2;
            if (n > 3) term += weight[r][3] * x3;
            rows[r * ROW + s] += term;
        }
    }
}

NN_INLINE void add_all(const size_t count, size_t n, const double *w, size_t down, size_t right,
                       const double *x, double *rows) {
    for (; n >= 4; n -= 4, w += 4 * right, x += 4 * ROW) {
        add_terms(count, 4, w, down, right, x, rows);
    }
    if (n == 3) add_terms(count, 3, w, down, right, x, rows);
    if (n == 2) add_terms(count, 2, w, down, right, x, rows);
    if (n == 1) add_terms(count, 1, w, down, right, x, rows);
}

/// rows += w x.  @param w  n_rows times n numbers, `down` and `right` apart
CLONES static void add_products(size_t n_rows, size_t n, const double *w, size_t down, size_t right,
                                const double *x, double *rows) {
    for (; n_rows >= TILE; n_rows -= TILE, w += TILE * down, rows += TILE * ROW) {
        add_all(TILE, n, w, down, right, x, rows);
    }
    if (n_rows == 3) add_all(3, n, w, down, right, x, rows);
    if (n_rows == 2) add_all(2, n, w, down, right, x, rows);
    if (n_rows == 1) add_all(1, n, w, down, right, x, rows);
}

/// PARTS lanes; as a type, because compilers do not keep four such sums in registers by themselves.
/// Never passed or returned, as how that is done depends on the processor; and aligned as a double,
/// as stacks under AddressSanitizer are less than such a vector is.
typedef double Parts __attribute__((vector_size(PARTS * sizeof(double)), aligned(sizeof(double))));

#define LOAD(parts, from) memcpy(&(parts), (from), sizeof(Parts))

NN_INLINE double add_up(const Parts *parts) {
    const Parts p = *parts;
    return ((p[0] + p[4]) + (p[2] + p[6])) + ((p[1] + p[5]) + (p[3] + p[7]));
}

NN_INLINE double dot(const double *a, const double *b) {
    Parts sum = {0}, x, y;
    for (size_t s = 0; s < ROW; s += PARTS) {
        LOAD(x, a + s);
        LOAD(y, b + s);
        sum += x * y;
    }
    return add_up(&sum);
}

/// The same of TILE rows with b, added to sums that lie `apart`.
NN_INLINE void add_dots(const double *rows, const double *b, double *sums, size_t apart) {
    Parts sum0 = {0}, sum1 = {0}, sum2 = {0}, sum3 = {0}, x, y;
    for (size_t s = 0; s < ROW; s += PARTS) {
        LOAD(y, b + s);
        LOAD(x, rows + s);
        sum0 += x * y;
        LOAD(x, rows + ROW + s);
        sum1 += x * y;
        LOAD(x, rows + 2 * ROW + s);
        sum2 += x * y;
        LOAD(x, rows + 3 * ROW + s);
        sum3 += x * y;
    }
    sums[0] += add_up(&sum0);
    sums[apart] += add_up(&sum1);
    sums[2 * apart] += add_up(&sum2);
    sums[3 * apart] += add_up(&sum3);
}

CLONES static void outer(size_t inputs, size_t units, const double *dz, const double *x,
                         double *dw) {
    for (; units >= TILE; units -= TILE, dz += TILE * ROW, dw += TILE * inputs) {
        for (size_t i = 0; i < inputs; i++) add_dots(dz, x + i * ROW, dw + i, inputs);
    }
    for (; units > 0; units--, dz += ROW) {
        for (size_t i = 0; i < inputs; i++) *dw++ += dot(dz, x + i * ROW);
    }
}

NN_INLINE double total(const double *a) {
    Parts sum = {0}, x;
    for (size_t s = 0; s < ROW; s += PARTS) {
        LOAD(x, a + s);
        sum += x;
    }
    return add_up(&sum);
}

CLONES static void products(size_t units, const double *a, const double *b, double *sums) {
    for (size_t o = 0; o < units; o++, a += ROW) {
        sums[o] += b ? dot(a, b + o * ROW) : total(a);
    }
}

void wide_block_fill(int units, const double *values, double *z) {
    for (size_t o = 0; o < (size_t)units; o++, z += ROW) {
        const double value = values ? values[o] : 0;
        for (size_t s = 0; s < ROW; s++) z[s] = value;
    }
}

void wide_block_forward(int inputs, int units, const double *w, const double *x, double *z) {
    add_products((size_t)units, (size_t)inputs, w, (size_t)inputs, 1, x, z);
}

void wide_block_backward(int inputs, int units, const double *w, const double *dz, double *dx) {
    add_products((size_t)inputs, (size_t)units, w, 1, (size_t)inputs, dz, dx);
}

void wide_block_outer(int inputs, int units, const double *dz, const double *x, double *dw) {
    outer((size_t)inputs, (size_t)units, dz, x, dw);
}

void wide_block_products(int units, const double *a, const double *b, double *sums) {
    products((size_t)units, a, b, sums);
}
