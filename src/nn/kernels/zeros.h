/// What passes over zeros is made of: sums of those rows of a block of 64 whose factors are not
/// zero. Zero terms change no sum, but for a factor's zero times infinity or NaN.
#ifndef NN_KERNELS_ZEROS_H
#define NN_KERNELS_ZEROS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nn/kernels/lanes.h"

typedef float Wide __attribute__((vector_size(64), aligned(4), may_alias));

enum {
    WIDE = 16,
    ZEROS_BLOCK = 64,  // factors, a bit each in a word
    ZEROS_VECTORS = 7, // of sums that stay in registers
    ZEROS_TILE = 16,   // rows and columns that are transposed together
};

// In place, as functions that take or return vectors need a processor that has them.
#define LOAD(from)        (*(const Wide *)(const void *)(from))
#define STORE(to, values) (*(Wide *)(void *)(to) = (values))

/// Whether zeros may be passed over that meet these: a sum of zeros is zero only where all are
/// finite.
NN_INLINE bool zeros_all_finite(const float *values, size_t n) {
    float lane[WIDE] = {0}, sum = 0;
    for (size_t i = 0; i + WIDE <= n; i += WIDE) {
        for (size_t j = 0; j < WIDE; j++) lane[j] += values[i + j] * 0.0f;
    }
    for (size_t i = n / WIDE * WIDE; i < n; i++) sum += values[i] * 0.0f;
    for (int j = 0; j < WIDE; j++) sum += lane[j];
    return sum == 0.0f;
}

/// Bit i: factors[i] is not zero.  @param n  at most ZEROS_BLOCK
NN_INLINE uint64_t zeros_left_out(const float *factors, size_t n) {
    uint64_t word = 0;
    for (size_t i = 0; i < n; i++) word |= (uint64_t)(factors[i] != 0.0f) << i;
    return word;
}

/// to (16 vectors) = or += the sum over the set bits i of factors[i] times row i.
/// @param rows     (64, stride) from the first column that counts
/// @param begin    whether sums begin at zero
/// @param vectors  a constant, at most ZEROS_VECTORS
NN_INLINE void zeros_add_rows(const float *rows, size_t stride, uint64_t word, const float *factors,
                              bool begin, float *to, const size_t vectors) {
    Wide sum[ZEROS_VECTORS];
    for (size_t v = 0; v < vectors; v++) sum[v] = begin ? (Wide){0} : LOAD(to + v * WIDE);
    while (word) {
        const size_t i = (size_t)__builtin_ctzll(word);
        word &= word - 1;
        const float *row = rows + i * stride;
        for (size_t v = 0; v < vectors; v++) sum[v] += LOAD(row + v * WIDE) * factors[i];
    }
    for (size_t v = 0; v < vectors; v++) STORE(to + v * WIDE, sum[v]);
}

/// (rows, columns) to (columns, rows), tile after tile, so that cache lines are read and written
/// whole.
/// @param columns  a multiple of ZEROS_TILE  @param stride, to_stride  between rows
/// @return a sum of zeros, which is zero only where all of whole fours of rows are finite
NN_INLINE float zeros_transpose(const float *restrict from, size_t rows, size_t columns,
                                size_t stride, float *restrict to, size_t to_stride) {
    Lanes zeros = {0};
    for (size_t tile = 0; tile < rows; tile += ZEROS_TILE) {
        const size_t end = tile + ZEROS_TILE < rows ? tile + ZEROS_TILE : rows;
        for (size_t c = 0; c < columns; c += ZEROS_TILE) {
            size_t r = tile;
            for (; r + 4 <= end; r += 4) {
                for (size_t k = c; k < c + ZEROS_TILE; k += 4) {
                    Lanes block[4];
                    for (size_t i = 0; i < 4; i++) {
                        block[i] = lanes_load(from + (r + i) * stride + k);
                        zeros += block[i] * 0.0f;
                    }
                    lanes_transpose(&block[0], &block[1], &block[2], &block[3]);
                    for (size_t i = 0; i < 4; i++) {
                        lanes_store(to + (k + i) * to_stride + r, block[i]);
                    }
                }
            }
            for (; r < end; r++) {
                for (size_t k = c; k < c + ZEROS_TILE; k++) {
                    to[k * to_stride + r] = from[r * stride + k];
                }
            }
        }
    }
    return zeros[0] + zeros[1] + zeros[2] + zeros[3];
}

#endif
