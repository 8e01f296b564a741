// Images are half zeros, and so are gradients behind relu. The forward product goes through the set
// bits of masks, which samples of a block are not zero at two pairs of inputs, with vectors along
// the units; so the weights lie transposed. The gradient goes through those samples of a block in
// which a unit's delta and some of a run of inputs are not zero, with vectors along the inputs. The
// weights, or the sums, stay in registers meanwhile. Zero terms are left out, all others added in
// the order of the inputs, or of the samples.
#include "nn/kernels/sparse.h"

#include <stdlib.h>
#include <string.h>

#include "base/clones.h"
#include "nn/kernels/zeros.h"

enum {
    GROUP = 4 * WIDE,      // units at a time
    RUN = ZEROS_VECTORS,   // vectors of inputs at a time
    BLOCK = 64,            // samples whose z, or inputs of a run, stay in the first-level cache
    WORDS = 8,             // of a line of marks
    CHUNK = WORDS * BLOCK, // pairs that it marks
    INPUTS_MIN = 128,
    BATCH_MIN = 16,
};

// A sample's marks are lines of words: bit i of word w of line c is set where its pair CHUNK c +
// WORDS i + w is not zero. Turned, those of a block of samples are one word for each pair, in
// order.

struct SparseMap {
    size_t lines; // of a sample
    bool worth;
    uint64_t *marks; // (N, lines, WORDS)
};

struct Sparse {
    int inputs, units;
    size_t lines;      // of a sample's marks
    int batch;         // of the batch that is marked
    uint64_t *samples; // (B / 64, CHUNK lines): bit i: in sample 64 block + i the pair is not zero
    uint64_t *live;    // (O): bit i: in sample i of a block the unit's delta is not zero
    float *transposed; // (I, O): the weights
    float *delta;      // (O, 64): dz of a block
    char *memory;
};

bool sparse_suits(int inputs, int units, int max_batch) {
    return inputs >= INPUTS_MIN && inputs % WIDE == 0 && units % WIDE == 0 &&
           max_batch >= BATCH_MIN;
}

static size_t lines_of(int inputs) {
    return ((size_t)inputs / 2 + CHUNK - 1) / CHUNK;
}

/// Hands out `bytes` of sparse->memory from *at on; where that is not yet made, only counts.
static void *take(const Sparse *sparse, size_t *at, size_t bytes) {
    void *taken = sparse->memory ? sparse->memory + *at : NULL;
    *at += (bytes + 63) / 64 * 64;
    return taken;
}

/// @return how many bytes all need
static size_t lay_out(Sparse *sparse, size_t max_batch) {
    const size_t inputs = (size_t)sparse->inputs, units = (size_t)sparse->units;
    const size_t blocks = (max_batch + BLOCK - 1) / BLOCK;
    size_t at = 0;
    sparse->samples = take(sparse, &at, blocks * sparse->lines * CHUNK * sizeof(uint64_t));
    sparse->live = take(sparse, &at, units * sizeof(uint64_t));
    sparse->transposed = take(sparse, &at, inputs * units * sizeof(float));
    sparse->delta = take(sparse, &at, units * BLOCK * sizeof(float));
    return at;
}

Sparse *sparse_create(int inputs, int units, int max_batch) {
    Sparse *sparse = malloc(sizeof *sparse);
    if (!sparse) return NULL;
    *sparse = (Sparse){.inputs = inputs, .units = units, .lines = lines_of(inputs)};
    sparse->memory = aligned_alloc(64, lay_out(sparse, (size_t)max_batch));
    if (!sparse->memory) {
        free(sparse);
        return NULL;
    }
    lay_out(sparse, (size_t)max_batch);
    return sparse;
}

void sparse_destroy(Sparse *sparse) {
    if (!sparse) return;
    free(sparse->memory);
    free(sparse);
}

// --- Marks ---

/// Marks a sample's pairs that are not zero.  NaN is not zero.
/// @param marks  its lines, `stride` words apart
NN_INLINE void mark_sample(const float *restrict x, size_t pairs, uint64_t *restrict marks,
                           size_t stride) {
    for (; pairs > 0; marks += stride) {
        const size_t n = pairs < CHUNK ? pairs : CHUNK;
        uint64_t line[WORDS] = {0};
        for (size_t p = 0; p < n / WORDS * WORDS; p += WORDS) {
            for (size_t w = 0; w < WORDS; w++) {
                bool zero = (x[2 * (p + w)] == 0.0f) & (x[2 * (p + w) + 1] == 0.0f);
                line[w] |= (uint64_t)!zero << p / WORDS;
            }
        }
        memcpy(marks, line, sizeof line);
        x += 2 * n;
        pairs -= n;
    }
}

/// Whether so many pairs are zero that it is worth passing over them.
NN_INLINE bool are_worth(const uint64_t *marks, size_t n_words, size_t n_pairs) {
    size_t marked = 0;
    for (size_t i = 0; i < n_words; i++) marked += (size_t)__builtin_popcountll(marks[i]);
    return marked * 4 < 3 * n_pairs;
}

CLONES static void sparse_map_fill_clone(SparseMap *map, const float *x, size_t n, size_t inputs) {
    const size_t words = map->lines * WORDS;
    for (size_t i = 0; i < n; i++) {
        mark_sample(x + i * inputs, inputs / 2, map->marks + i * words, WORDS);
    }
    map->worth = are_worth(map->marks, n * words, n * inputs / 2);
}

SparseMap *sparse_map_create(const float *x, size_t n, int inputs) {
    SparseMap *map = malloc(sizeof *map);
    if (!map) return NULL;
    *map = (SparseMap){.lines = lines_of(inputs)};
    map->marks = aligned_alloc(64, n * map->lines * WORDS * sizeof(uint64_t));
    if (!map->marks) {
        free(map);
        return NULL;
    }
    sparse_map_fill_clone(map, x, n, (size_t)inputs);
    return map;
}

void sparse_map_destroy(SparseMap *map) {
    if (!map) return;
    free(map->marks);
    free(map);
}

/// Turns WORDS squares of 64 x 64 bits, of which each line holds a row of each.
NN_INLINE void turn_bits(uint64_t *lines) {
    static const uint64_t low[] = {0x00000000ffffffff, 0x0000ffff0000ffff, 0x00ff00ff00ff00ff,
                                   0x0f0f0f0f0f0f0f0f, 0x3333333333333333, 0x5555555555555555};
    for (size_t step = 0; step < 6; step++) {
        const size_t half = (size_t)32 >> step;
        for (size_t i = 0; i < BLOCK; i++) {
            if (i & half) continue;
            uint64_t *upper = lines + i * WORDS, *lower = upper + half * WORDS;
            for (size_t w = 0; w < WORDS; w++) {
                const uint64_t differ = (upper[w] >> half ^ lower[w]) & low[step];
                lower[w] ^= differ;
                upper[w] ^= differ << half;
            }
        }
    }
}

/// @return whether that is worth passing over zeros
CLONES static bool sparse_mark_clone(Sparse *sparse, const float *x, const SparseMap *map,
                                     const uint32_t *order) {
    const size_t inputs = (size_t)sparse->inputs, lines = sparse->lines;
    const size_t batch = (size_t)sparse->batch, blocks = (batch + BLOCK - 1) / BLOCK;
    const size_t words = blocks * lines * CHUNK;
    for (size_t b = 0; b < blocks * BLOCK; b++) {
        uint64_t *marks = sparse->samples + b / BLOCK * lines * CHUNK + b % BLOCK * WORDS;
        if (b < batch && !map) {
            mark_sample(x + b * inputs, inputs / 2, marks, CHUNK);
            continue;
        }
        for (size_t c = 0; c < lines; c++, marks += CHUNK) {
            if (b < batch) {
                const uint64_t *line = map->marks + (order[b] * lines + c) * WORDS;
                memcpy(marks, line, WORDS * sizeof *marks);
            } else {
                memset(marks, 0, WORDS * sizeof *marks);
            }
        }
    }
    for (size_t i = 0; i < words; i += CHUNK) turn_bits(sparse->samples + i);
    return map || are_worth(sparse->samples, words, batch * inputs / 2);
}

bool sparse_mark(Sparse *sparse, const float *x, int batch) {
    sparse->batch = batch;
    return sparse_mark_clone(sparse, x, NULL, NULL);
}

bool sparse_mark_known(Sparse *sparse, const SparseMap *map, const uint32_t *order, int batch) {
    if (!map->worth) return false;
    sparse->batch = batch;
    return sparse_mark_clone(sparse, NULL, map, order);
}

/// The samples, of the 64 from `first_sample` on, in which a pair is not zero.
NN_INLINE uint64_t samples_of(const Sparse *sparse, size_t pair, int first_sample) {
    return sparse->samples[(size_t)(first_sample / BLOCK) * sparse->lines * CHUNK + pair];
}

// --- Products ---

/// Adds to z what two pairs of inputs give up to 64 samples, for `vectors` vectors of units.
NN_INLINE void pairs_forward(const Sparse *sparse, const float *x, size_t pair, int first_sample,
                             float *z, size_t first, const size_t vectors) {
    const size_t inputs = (size_t)sparse->inputs, units = (size_t)sparse->units;
    x += (size_t)first_sample * inputs + 2 * pair;
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
        const float *at = x + b * inputs;
        for (size_t v = 0; v < vectors; v++) {
            float *here = z + b * units + v * WIDE;
            Wide sum = LOAD(here);
            for (size_t k = 0; k < 4; k++) sum += w[k][v] * at[k];
            STORE(here, sum);
        }
    }
}

CLONES static void sparse_forward_clone(Sparse *sparse, const float *x, const float *weight,
                                        const float *bias, float *z) {
    const size_t inputs = (size_t)sparse->inputs, units = (size_t)sparse->units;
    const size_t pairs = inputs / 2;
    const bool finite =
        zeros_transpose(weight, units, inputs, inputs, sparse->transposed, units) == 0.0f;
    for (size_t b = 0; b < (size_t)sparse->batch; b++) {
        for (size_t o = 0; o < units; o++) z[b * units + o] = bias ? bias[o] : 0.0f;
    }
    for (int b = 0; b < sparse->batch; b += BLOCK) {
        size_t first = 0;
        for (; first + GROUP <= units; first += GROUP) {
            for (size_t p = 0; p < pairs; p += 2) pairs_forward(sparse, x, p, b, z, first, 4);
        }
        for (; first < units; first += WIDE) {
            for (size_t p = 0; p < pairs; p += 2) pairs_forward(sparse, x, p, b, z, first, 1);
        }
    }
    if (finite) return;
    // Times a zero that was passed over, such a weight is NaN.
    for (size_t o = 0; o < units; o++) {
        if (zeros_all_finite(weight + o * inputs, inputs)) continue;
        for (size_t b = 0; b < (size_t)sparse->batch; b++) {
            z[b * units + o] = __builtin_nanf("");
        }
    }
}

/// The samples of a block in which any of some inputs is not zero.
NN_INLINE uint64_t samples_of_any(const Sparse *sparse, size_t first, size_t inputs,
                                  int first_sample) {
    uint64_t any = 0;
    for (size_t p = first / 2; p < (first + inputs) / 2; p++) {
        any |= samples_of(sparse, p, first_sample);
    }
    return any;
}

/// Adds what a block of samples gives all units' gradients of `vectors` vectors of inputs.
NN_INLINE void run_gradient(Sparse *sparse, const float *x, int first_sample, size_t first,
                            float *dweight, const size_t vectors) {
    const size_t inputs = (size_t)sparse->inputs, units = (size_t)sparse->units;
    const uint64_t any = samples_of_any(sparse, first, vectors * WIDE, first_sample);
    x += (size_t)first_sample * inputs + first;
    for (size_t o = 0; o < units; o++) {
        zeros_add_rows(x, inputs, any & sparse->live[o], sparse->delta + o * BLOCK,
                       first_sample == 0, dweight + o * inputs + first, vectors);
    }
}

/// Turns a block of dz, and marks where it is not zero.
NN_INLINE void mark_deltas(Sparse *sparse, const float *dz, size_t samples) {
    const size_t units = (size_t)sparse->units;
    zeros_transpose(dz, samples, units, units, sparse->delta, BLOCK);
    for (size_t o = 0; o < units; o++) {
        sparse->live[o] = zeros_left_out(sparse->delta + o * BLOCK, samples);
    }
}

CLONES static void sparse_backward_weight_clone(Sparse *sparse, const float *x, const float *dz,
                                                float *dweight) {
    const size_t inputs = (size_t)sparse->inputs, units = (size_t)sparse->units;
    for (int b = 0; b < sparse->batch; b += BLOCK) {
        const int left = sparse->batch - b;
        mark_deltas(sparse, dz + (size_t)b * units, (size_t)(left < BLOCK ? left : BLOCK));
        size_t first = 0;
        const size_t run = (size_t)RUN * WIDE;
        for (; first + run <= inputs; first += run) {
            run_gradient(sparse, x, b, first, dweight, RUN);
        }
        for (; first < inputs; first += WIDE) run_gradient(sparse, x, b, first, dweight, 1);
    }
}

// Clones are static, and their names differ from all others, because clang 14 renames a cloned
// function outside its file, and shares its resolver by name.

void sparse_forward(Sparse *sparse, const float *x, const float *weight, const float *bias,
                    float *z) {
    sparse_forward_clone(sparse, x, weight, bias, z);
}

void sparse_backward_weight(Sparse *sparse, const float *x, const float *dz, float *dweight) {
    sparse_backward_weight_clone(sparse, x, dz, dweight);
}
