// The matrix products are all C = A B with A (M, K) row-major. B is taken 16 columns and up to
// DEPTH rows at a time into a panel that stays in the first-level cache; tiles of 6 x 16 sums then
// stay in registers while they run down a panel: with 8-lane vectors that is 12 sums for 2 loads of
// B, which keeps multipliers and adders busy without fused operations. Few samples are not worth
// the panels: they go row by row.
//
// Every sum runs over k in order, within blocks of DEPTH, whatever the vectors' width.
#include "nn/kernels/dense.h"

#include <string.h>

#include "base/clones.h"
#include "nn/kernels/zeros.h"

enum {
    ROWS = 6,
    COLUMNS = 16,
    HALF = COLUMNS / 2,
    DEPTH = 256,
    FEW = 4, // fewer samples than this go row by row
};

typedef struct Panel {
    _Alignas(64) float values[DEPTH * COLUMNS]; // (k, column), zero beyond the last column
} Panel;

size_t dense_scratch_size(int max_batch, int units) {
    // backward_weight transposes dz.
    return (size_t)max_batch * (size_t)units;
}

/// sums[r * COLUMNS + j] = the sum over k of a[r * stride + k] panel[k][j]. The inner loop is a
/// do-while because gcc then vectorises the outer one, and all sums stay in registers.
NN_INLINE void tile_sums(const float *restrict a0, const float *restrict a1,
                         const float *restrict a2, const float *restrict a3,
                         const float *restrict a4, const float *restrict a5,
                         const float *restrict panel, int depth, float *restrict sums) {
    for (int j = 0; j < HALF; j++) {
        float s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0; // column j
        float u0 = 0, u1 = 0, u2 = 0, u3 = 0, u4 = 0, u5 = 0; // column HALF + j
        int k = 0;
        do {
            float b = panel[k * COLUMNS + j], c = panel[k * COLUMNS + HALF + j];
            s0 += a0[k] * b, u0 += a0[k] * c;
            s1 += a1[k] * b, u1 += a1[k] * c;
            s2 += a2[k] * b, u2 += a2[k] * c;
            s3 += a3[k] * b, u3 += a3[k] * c;
            s4 += a4[k] * b, u4 += a4[k] * c;
            s5 += a5[k] * b, u5 += a5[k] * c;
        } while (++k < depth);
        sums[0 * COLUMNS + j] = s0, sums[0 * COLUMNS + HALF + j] = u0;
        sums[1 * COLUMNS + j] = s1, sums[1 * COLUMNS + HALF + j] = u1;
        sums[2 * COLUMNS + j] = s2, sums[2 * COLUMNS + HALF + j] = u2;
        sums[3 * COLUMNS + j] = s3, sums[3 * COLUMNS + HALF + j] = u3;
        sums[4 * COLUMNS + j] = s4, sums[4 * COLUMNS + HALF + j] = u4;
        sums[5 * COLUMNS + j] = s5, sums[5 * COLUMNS + HALF + j] = u5;
    }
}

/// Takes rows k…k+depth-1 and columns n…n+columns-1 of B (K, N), row-major with this stride.
NN_INLINE void pack_rows(Panel *panel, const float *b, size_t stride, int depth, int columns) {
    float *to = panel->values;
    for (int k = 0; k < depth; k++, to += COLUMNS, b += stride) {
        if (columns == COLUMNS) {
            memcpy(to, b, COLUMNS * sizeof *to);
        } else {
            for (int j = 0; j < COLUMNS; j++) to[j] = j < columns ? b[j] : 0.0f;
        }
    }
}

/// The same of a B that lies transposed, (N, K).
NN_INLINE void pack_columns(Panel *panel, const float *b, size_t stride, int depth, int columns) {
    int j = 0;
    for (; j + 4 <= columns; j += 4) {
        const float *from = b + (size_t)j * stride;
        float *to = panel->values + j;
        int k = 0;
        for (; k + 4 <= depth; k += 4, from += 4) {
            Lanes rows[4];
            for (size_t i = 0; i < 4; i++) rows[i] = lanes_load(from + i * stride);
            lanes_transpose(&rows[0], &rows[1], &rows[2], &rows[3]);
            for (int i = 0; i < 4; i++, to += COLUMNS) lanes_store(to, rows[i]);
        }
        for (; k < depth; k++, from++, to += COLUMNS) {
            for (size_t i = 0; i < 4; i++) to[i] = from[i * stride];
        }
    }
    for (; j < COLUMNS; j++) {
        const float *from = b + (size_t)j * stride;
        float *to = panel->values + j;
        for (int k = 0; k < depth; k++, to += COLUMNS) *to = j < columns ? from[k] : 0.0f;
    }
}

/// Whether a good part of A is zero, as behind relu.
NN_INLINE bool has_zeros(const float *a, size_t n) {
    size_t zeros = 0;
    for (size_t i = 0; i < n; i++) zeros += a[i] == 0.0f;
    return zeros * 3 > n;
}

/// Adds to rows of C what rows at…at+depth-1 of B give, for `vectors` vectors of columns.
/// @param b     those rows, from the first of the columns on  @param stride  between them
/// @param bias  of the columns, after the last rows; or NULL
NN_INLINE void rows_of_zeros(const float *a, const float *b, size_t stride, const float *bias,
                             size_t m, size_t n, size_t k, size_t at, float *c,
                             const size_t vectors) {
    const size_t depth = k - at < ZEROS_BLOCK ? k - at : ZEROS_BLOCK;
    for (size_t row = 0; row < m; row++, a += k, c += n) {
        const uint64_t word = zeros_left_out(a + at, depth);
        zeros_add_rows(b, stride, word, a + at, at == 0, c, vectors);
        if (at + depth < k || !bias) continue;
        for (size_t j = 0; j < vectors * WIDE; j++) c[j] = bias[j] + c[j];
    }
}

/// C (M, N) = bias + A (M, K) B, passing over zeros of A: the same sums.
/// @param n  a multiple of WIDE  @param k  at most DEPTH; where B lies transposed, a multiple of
/// WIDE
NN_INLINE void product_of_zeros(const float *a, const float *b, const float *bias, size_t m,
                                size_t n, size_t k, float *c, const bool transposed) {
    enum { GROUP = 4 * WIDE };
    _Alignas(64) float turned[ZEROS_BLOCK * GROUP];
    for (size_t column = 0; column < n; column += GROUP) {
        const size_t columns = n - column < GROUP ? n - column : GROUP;
        const float *added = bias ? bias + column : NULL;
        for (size_t at = 0; at < k; at += ZEROS_BLOCK) {
            const size_t depth = k - at < ZEROS_BLOCK ? k - at : ZEROS_BLOCK;
            const float *rows = b + at * n + column;
            size_t stride = n;
            if (transposed) {
                zeros_transpose(b + column * k + at, columns, depth, k, turned, GROUP);
                rows = turned;
                stride = GROUP;
            }
            if (columns == GROUP) {
                rows_of_zeros(a, rows, stride, added, m, n, k, at, c + column, GROUP / WIDE);
                continue;
            }
            for (size_t j = 0; j < columns; j += WIDE) {
                rows_of_zeros(a, rows + j, stride, added ? added + j : NULL, m, n, k, at,
                              c + column + j, 1);
            }
        }
    }
}

/// C (M, N) = bias + A (M, K) B.  @param transposed  B lies as (N, K)  @param bias  (N) or NULL
NN_INLINE void product(const float *a, const float *b, const float *bias, int m, int n, int k,
                       float *c, const bool transposed) {
    if (n % WIDE == 0 && k <= DEPTH && (!transposed || k % WIDE == 0) &&
        has_zeros(a, (size_t)m * (size_t)k) && zeros_all_finite(b, (size_t)k * (size_t)n)) {
        product_of_zeros(a, b, bias, (size_t)m, (size_t)n, (size_t)k, c, transposed);
        return;
    }
    Panel panel;
    float sums[ROWS * COLUMNS];
    const size_t width = (size_t)n, depth_all = (size_t)k;
    for (int column = 0; column < n; column += COLUMNS) {
        int columns = n - column < COLUMNS ? n - column : COLUMNS;
        for (int at = 0; at < k; at += DEPTH) {
            int depth = k - at < DEPTH ? k - at : DEPTH;
            if (transposed) {
                pack_columns(&panel, b + (size_t)column * depth_all + (size_t)at, depth_all, depth,
                             columns);
            } else {
                pack_rows(&panel, b + (size_t)at * width + (size_t)column, width, depth, columns);
            }
            for (int row = 0; row < m; row += ROWS) {
                int rows = m - row < ROWS ? m - row : ROWS;
                const float *from[ROWS]; // rows beyond the last repeat it, and are dropped
                for (int r = 0; r < ROWS; r++) {
                    int real = r < rows ? r : rows - 1;
                    from[r] = a + (size_t)(row + real) * depth_all + (size_t)at;
                }
                tile_sums(from[0], from[1], from[2], from[3], from[4], from[5], panel.values, depth,
                          sums);
                for (int r = 0; r < rows; r++) {
                    float *to = c + (size_t)(row + r) * width + (size_t)column;
                    for (int j = 0; j < columns; j++) {
                        float before = at > 0 ? to[j] : bias ? bias[column + j] : 0.0f;
                        to[j] = before + sums[r * COLUMNS + j];
                    }
                }
            }
        }
    }
}

/// In 16 interleaved partial sums, which are then added in pairs.
NN_INLINE float dot(const float *restrict a, const float *restrict b, int n) {
    float lane[COLUMNS] = {0};
    int i = 0;
    for (; i + COLUMNS <= n; i += COLUMNS) {
        for (int j = 0; j < COLUMNS; j++) lane[j] += a[i + j] * b[i + j];
    }
    for (int j = 0; i < n; i++, j++) lane[j] += a[i] * b[i];
    for (int half = COLUMNS / 2; half > 0; half /= 2) {
        for (int j = 0; j < half; j++) lane[j] += lane[j + half];
    }
    return lane[0];
}

/// y = scale x, or y += scale x.
NN_INLINE void scaled(float *restrict y, const float *restrict x, float scale, int n, bool add) {
    if (add) {
        for (int i = 0; i < n; i++) y[i] += scale * x[i];
    } else {
        for (int i = 0; i < n; i++) y[i] = scale * x[i];
    }
}

CLONES static void dense_forward_clone(const float *x, const float *weight, const float *bias,
                                       int batch, int inputs, int units, float *z) {
    if (batch >= FEW) {
        product(x, weight, bias, batch, units, inputs, z, true);
        return;
    }
    for (int b = 0; b < batch; b++) {
        for (int o = 0; o < units; o++) {
            float sum =
                dot(x + (size_t)b * (size_t)inputs, weight + (size_t)o * (size_t)inputs, inputs);
            z[(size_t)b * (size_t)units + (size_t)o] = bias ? sum + bias[o] : sum;
        }
    }
}

CLONES static void dense_backward_input_clone(const float *dz, const float *weight, int batch,
                                              int inputs, int units, float *dx) {
    if (batch >= FEW) {
        product(dz, weight, NULL, batch, inputs, units, dx, false);
        return;
    }
    for (int b = 0; b < batch; b++) {
        for (int o = 0; o < units; o++) {
            scaled(dx + (size_t)b * (size_t)inputs, weight + (size_t)o * (size_t)inputs,
                   dz[(size_t)b * (size_t)units + (size_t)o], inputs, o > 0);
        }
    }
}

CLONES static void dense_backward_weight_clone(const float *dz, const float *x, int batch,
                                               int inputs, int units, float *dweight,
                                               float *scratch) {
    if (batch >= FEW) {
        const size_t rows = (size_t)batch, columns = (size_t)units;
        const size_t whole = columns / ZEROS_TILE * ZEROS_TILE;
        zeros_transpose(dz, rows, whole, columns, scratch, rows);
        for (size_t o = whole; o < columns; o++) {
            for (size_t b = 0; b < rows; b++) scratch[o * rows + b] = dz[b * columns + o];
        }
        product(scratch, x, NULL, units, inputs, batch, dweight, false);
        return;
    }
    for (int b = 0; b < batch; b++) {
        for (int o = 0; o < units; o++) {
            scaled(dweight + (size_t)o * (size_t)inputs, x + (size_t)b * (size_t)inputs,
                   dz[(size_t)b * (size_t)units + (size_t)o], inputs, b > 0);
        }
    }
}

CLONES static void dense_backward_bias_clone(const float *dz, int batch, int units, float *dbias) {
    for (int b = 0; b < batch; b++) scaled(dbias, dz + (size_t)b * (size_t)units, 1, units, b > 0);
}

// Clones are static, and their names differ from all others, because clang 14 renames a cloned
// function outside its file, and shares its resolver by name.

void dense_forward(const float *x, const float *weight, const float *bias, int batch, int inputs,
                   int units, float *z) {
    dense_forward_clone(x, weight, bias, batch, inputs, units, z);
}

void dense_backward_input(const float *dz, const float *weight, int batch, int inputs, int units,
                          float *dx) {
    dense_backward_input_clone(dz, weight, batch, inputs, units, dx);
}

void dense_backward_weight(const float *dz, const float *x, int batch, int inputs, int units,
                           float *dweight, float *scratch) {
    dense_backward_weight_clone(dz, x, batch, inputs, units, dweight, scratch);
}

void dense_backward_bias(const float *dz, int batch, int units, float *dbias) {
    dense_backward_bias_clone(dz, batch, units, dbias);
}
