// Images are half zeros. Both products go through the set bits of masks: which samples of a block
// are not zero at a pair of inputs. The weights of two pairs, or the sums of one pair's gradient,
// stay in registers meanwhile, with vectors along the units; so the weights and their gradient lie
// transposed. Zero terms are left out, all others added in a fixed order.
#include "nn/kernels/sparse.h"

#include <stdlib.h>
#include <string.h>

#include "base/clones.h"
#include "nn/kernels/lanes.h"

typedef float Wide __attribute__((vector_size(64), aligned(4), may_alias));

enum {
    WIDE = 16,
    GROUP = 4 * WIDE, // units at a time
    BLOCK = 64,       // samples whose z or dz stay in the first-level cache
    LINE = 16,        // floats
    INPUTS_MIN = 128,
    BATCH_MIN = 16,
};

struct Sparse {
    int inputs, units;
    int batch;         // of the batch that is marked
    const float **row; // (B): where its samples lie
    const float *next; // the data that the next batch is from
    const uint32_t *next_order;
    int next_n, next_row, next_at; // rows to ask for, and how far that has come
    uint64_t *samples; // (B / 64, I / 2): bit i: in sample 64 block + i the pair is not zero
    float *transposed; // (I, O): the weights, or their gradient
};

bool sparse_suits(int inputs, int units, int max_batch) {
    return inputs >= INPUTS_MIN && inputs % 4 == 0 && units % WIDE == 0 && max_batch >= BATCH_MIN;
}

static size_t rounded(size_t bytes) {
    return (bytes + 63) / 64 * 64;
}

Sparse *sparse_create(int inputs, int units, int max_batch) {
    const size_t blocks = ((size_t)max_batch + BLOCK - 1) / BLOCK;
    const size_t samples = rounded(blocks * (size_t)inputs / 2 * sizeof(uint64_t));
    const size_t own = rounded(sizeof(Sparse));
    const size_t pointers = rounded((size_t)max_batch * sizeof(float *));
    const size_t transposed = rounded((size_t)inputs * (size_t)units * sizeof(float));
    const size_t size = own + pointers + transposed + samples;
    char *memory = aligned_alloc(64, size);
    if (!memory) return NULL;
    memset(memory, 0, size);
    Sparse *sparse = (Sparse *)(void *)memory;
    *sparse = (Sparse){.inputs = inputs, .units = units};
    memory += own;
    sparse->row = (const float **)(void *)memory;
    sparse->transposed = (float *)(void *)(memory + pointers);
    sparse->samples = (uint64_t *)(void *)(memory + pointers + transposed);
    return sparse;
}

void sparse_destroy(Sparse *sparse) {
    free(sparse);
}

/// Sets a sample's bit of every pair that is not zero.  NaN is not zero.
NN_INLINE void mark_pairs(const float *restrict x, size_t pairs, uint64_t bit,
                          uint64_t *restrict samples) {
    for (size_t p = 0; p < pairs; p++) {
        bool zero = (x[2 * p] == 0.0f) & (x[2 * p + 1] == 0.0f);
        samples[p] |= zero ? 0 : bit;
    }
}

/// @return how many pairs of how many samples are not zero
CLONES static size_t sparse_mark_clone(Sparse *sparse) {
    const size_t pairs = (size_t)sparse->inputs / 2;
    size_t marked = 0;
    for (int b = 0; b < sparse->batch; b++) {
        uint64_t *samples = sparse->samples + (size_t)(b / BLOCK) * pairs;
        if (b % BLOCK == 0) memset(samples, 0, pairs * sizeof *samples);
        mark_pairs(sparse->row[b], pairs, (uint64_t)1 << b % BLOCK, samples);
    }
    const size_t blocks = ((size_t)sparse->batch + BLOCK - 1) / BLOCK;
    for (size_t i = 0; i < blocks * pairs; i++) {
        marked += (size_t)__builtin_popcountll(sparse->samples[i]);
    }
    return marked;
}

bool sparse_mark(Sparse *sparse, const float *x, const uint32_t *order, int batch) {
    const size_t inputs = (size_t)sparse->inputs;
    sparse->batch = batch;
    for (int b = 0; b < batch; b++) {
        sparse->row[b] = x + (order ? (size_t)order[b] : (size_t)b) * inputs;
    }
    size_t marked = sparse_mark_clone(sparse);
    return marked * 4 < 3 * (size_t)batch * (inputs / 2);
}

void sparse_announce(Sparse *sparse, const float *x, const uint32_t *order, int n) {
    sparse->next = x;
    sparse->next_order = order;
    sparse->next_n = n;
    sparse->next_row = sparse->next_at = 0;
}

/// Asks for some more lines of the next batch.
NN_INLINE void ask_ahead(Sparse *sparse, int lines) {
    for (int i = 0; i < lines && sparse->next_row < sparse->next_n; i++) {
        size_t row = sparse->next_order[sparse->next_row];
        __builtin_prefetch(sparse->next + row * (size_t)sparse->inputs + (size_t)sparse->next_at, 0,
                           2);
        sparse->next_at += LINE;
        if (sparse->next_at < sparse->inputs) continue;
        sparse->next_at = 0;
        sparse->next_row++;
    }
}

/// Rows r…row_end - 1 and columns c…column_end - 1 of (rows, columns).
NN_INLINE void transpose_tile(const float *restrict from, size_t rows, size_t columns, size_t r,
                              size_t row_end, size_t c, size_t column_end, float *restrict to) {
    const size_t first = c;
    for (; r + 4 <= row_end; r += 4) {
        for (c = first; c + 4 <= column_end; c += 4) {
            Lanes block[4];
            for (size_t i = 0; i < 4; i++) block[i] = lanes_load(from + (r + i) * columns + c);
            lanes_transpose(&block[0], &block[1], &block[2], &block[3]);
            for (size_t i = 0; i < 4; i++) lanes_store(to + (c + i) * rows + r, block[i]);
        }
        for (; c < column_end; c++) {
            for (size_t i = 0; i < 4; i++) to[c * rows + r + i] = from[(r + i) * columns + c];
        }
    }
    for (; r < row_end; r++) {
        for (c = first; c < column_end; c++) to[c * rows + r] = from[r * columns + c];
    }
}

/// (rows, columns) to (columns, rows), tile after tile, so that cache lines are read and written
/// whole.
NN_INLINE void transpose(const float *restrict from, size_t rows, size_t columns,
                         float *restrict to) {
    for (size_t r = 0; r < rows; r += LINE) {
        const size_t row_end = r + LINE < rows ? r + LINE : rows;
        for (size_t c = 0; c < columns; c += LINE) {
            const size_t column_end = c + LINE < columns ? c + LINE : columns;
            transpose_tile(from, rows, columns, r, row_end, c, column_end, to);
        }
    }
}

/// A sum of zeros is zero only where all are finite.
NN_INLINE bool all_finite(const float *values, size_t n) {
    float lane[WIDE] = {0}, sum = 0;
    for (size_t i = 0; i + WIDE <= n; i += WIDE) {
        for (size_t j = 0; j < WIDE; j++) lane[j] += values[i + j] * 0.0f;
    }
    for (size_t i = n / WIDE * WIDE; i < n; i++) sum += values[i] * 0.0f;
    for (int j = 0; j < WIDE; j++) sum += lane[j];
    return sum == 0.0f;
}

// In place, as functions that take or return vectors need a processor that has them.
#define LOAD(from)        (*(const Wide *)(const void *)(from))
#define STORE(to, values) (*(Wide *)(void *)(to) = (values))

/// The samples, of the 64 from `first_sample` on, in which a pair is not zero.
NN_INLINE uint64_t samples_of(const Sparse *sparse, size_t pair, int first_sample) {
    size_t block = (size_t)(first_sample / BLOCK);
    return sparse->samples[block * ((size_t)sparse->inputs / 2) + pair];
}

/// Adds to z what two pairs of inputs give up to 64 samples, for `vectors` vectors of units.
NN_INLINE void pairs_forward(const Sparse *sparse, size_t pair, int first_sample, float *z,
                             size_t first, const size_t vectors) {
    const size_t units = (size_t)sparse->units;
    const float *const *rows = sparse->row + first_sample;
    const float *weight = sparse->transposed + 2 * pair * units + first;
    z += (size_t)first_sample * units + first;
    Wide w[4][4];
    for (size_t k = 0; k < 4; k++) {
        for (size_t v = 0; v < vectors; v++) w[k][v] = LOAD(weight + k * units + v * WIDE);
    }
    // The next ones, which may lie in the second-level cache.
    for (size_t k = 4; k < 8; k++) {
        for (size_t v = 0; v < vectors; v++)
            __builtin_prefetch(weight + k * units + v * WIDE, 0, 3);
    }
    uint64_t word =
        samples_of(sparse, pair, first_sample) | samples_of(sparse, pair + 1, first_sample);
    while (word) {
        size_t b = (size_t)__builtin_ctzll(word);
        word &= word - 1;
        const float *at = rows[b] + 2 * pair;
        for (size_t v = 0; v < vectors; v++) {
            float *here = z + b * units + v * WIDE;
            Wide sum = LOAD(here);
            for (size_t k = 0; k < 4; k++) sum += w[k][v] * at[k];
            STORE(here, sum);
        }
    }
}

CLONES static void sparse_forward_clone(Sparse *sparse, const float *weight, const float *bias,
                                        float *z) {
    const size_t inputs = (size_t)sparse->inputs, units = (size_t)sparse->units;
    const size_t pairs = inputs / 2;
    transpose(weight, units, inputs, sparse->transposed);
    for (size_t b = 0; b < (size_t)sparse->batch; b++) {
        for (size_t o = 0; o < units; o++) z[b * units + o] = bias ? bias[o] : 0.0f;
    }
    for (int b = 0; b < sparse->batch; b += BLOCK) {
        size_t first = 0;
        for (; first + GROUP <= units; first += GROUP) {
            for (size_t p = 0; p < pairs; p += 2) pairs_forward(sparse, p, b, z, first, 4);
        }
        for (; first < units; first += WIDE) {
            for (size_t p = 0; p < pairs; p += 2) pairs_forward(sparse, p, b, z, first, 1);
        }
    }
    if (all_finite(weight, inputs * units)) return;
    // Times a zero that was passed over, such a weight is NaN.
    for (size_t o = 0; o < units; o++) {
        if (all_finite(weight + o * inputs, inputs)) continue;
        for (size_t b = 0; b < (size_t)sparse->batch; b++) {
            z[b * units + o] = __builtin_nanf("");
        }
    }
}

/// Adds what up to 64 samples give a pair's gradient, for `vectors` vectors of units.
NN_INLINE void pair_gradient(const Sparse *sparse, size_t pair, int first_sample, const float *dz,
                             size_t first, const size_t vectors) {
    const size_t units = (size_t)sparse->units;
    const float *const *rows = sparse->row + first_sample;
    float *to = sparse->transposed + 2 * pair * units + first;
    dz += (size_t)first_sample * units + first;
    Wide even[4], odd[4];
    for (size_t v = 0; v < vectors; v++) {
        even[v] = first_sample > 0 ? LOAD(to + v * WIDE) : (Wide){0};
        odd[v] = first_sample > 0 ? LOAD(to + units + v * WIDE) : (Wide){0};
    }
    uint64_t word = samples_of(sparse, pair, first_sample);
    while (word) {
        size_t b = (size_t)__builtin_ctzll(word);
        word &= word - 1;
        const float *from = dz + b * units, *at = rows[b] + 2 * pair;
        for (size_t v = 0; v < vectors; v++) {
            Wide d = LOAD(from + v * WIDE);
            even[v] += d * at[0];
            odd[v] += d * at[1];
        }
    }
    for (size_t v = 0; v < vectors; v++) STORE(to + v * WIDE, even[v]);
    for (size_t v = 0; v < vectors; v++) STORE(to + units + v * WIDE, odd[v]);
}

CLONES static void sparse_backward_weight_clone(Sparse *sparse, const float *dz, float *dweight) {
    const size_t units = (size_t)sparse->units, pairs = (size_t)sparse->inputs / 2;
    const int lines = 2 + sparse->next_n * ((sparse->inputs + LINE - 1) / LINE) / (int)pairs;
    for (int b = 0; b < sparse->batch; b += BLOCK) {
        size_t first = 0;
        for (; first + GROUP <= units; first += GROUP) {
            for (size_t p = 0; p < pairs; p++) {
                pair_gradient(sparse, p, b, dz, first, 4);
                ask_ahead(sparse, lines);
            }
        }
        for (; first < units; first += WIDE) {
            for (size_t p = 0; p < pairs; p++) pair_gradient(sparse, p, b, dz, first, 1);
        }
    }
    transpose(sparse->transposed, (size_t)sparse->inputs, units, dweight);
    sparse->next_n = 0;
}

// Clones are static, and their names differ from all others, because clang 14 renames a cloned
// function outside its file, and shares its resolver by name.

void sparse_forward(Sparse *sparse, const float *weight, const float *bias, float *z) {
    sparse_forward_clone(sparse, weight, bias, z);
}

void sparse_backward_weight(Sparse *sparse, const float *dz, float *dweight) {
    sparse_backward_weight_clone(sparse, dz, dweight);
}
