/// Arrays of floats that begin at a cache line.
#ifndef NN_FLOATS_H
#define NN_FLOATS_H

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { FLOATS_LINE = 16 }; // floats in a cache line

/// Rounds a number of floats up to whole cache lines.
static inline size_t floats_whole_lines(size_t n) {
    return (n + FLOATS_LINE - 1) / FLOATS_LINE * FLOATS_LINE;
}

/// @return n floats, zeroed, to be freed with free(); NULL where memory is short
static inline float *floats_create(size_t n) {
    const size_t line = FLOATS_LINE * sizeof(float);
    const size_t bytes = (n > 0 ? floats_whole_lines(n) : FLOATS_LINE) * sizeof(float);
    float *floats = aligned_alloc(line, bytes);
    if (floats) memset(floats, 0, bytes);
    return floats;
}

#endif
