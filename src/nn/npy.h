/// NumPy's array format (.npy, versions 1 to 3) for float arrays of one or two dimensions, in
/// memory. Reading takes every byte for hostile.
#ifndef NN_NPY_H
#define NN_NPY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum {
    NPY_HEADER_MAX = 1 << 16, // longer ones are refused; float arrays need 128 bytes
};

/// The form of an array: (rows) where cols is 0, else (rows, cols).
typedef struct NpyShape {
    int rows, cols;
} NpyShape;

size_t npy_count(NpyShape shape);

/// The bytes that npy_write writes.
size_t npy_size(NpyShape shape);
/// Writes the values as '<f4' in C order, version 1.0.  @param out  npy_size(shape) bytes
void npy_write(NpyShape shape, const float *values, unsigned char *out);

/// Reads an array of exactly that shape, of '<f4' or '<f8' in C order, all values finite.
/// @param values  npy_count(shape); partly written on failure
/// @return false with WHY in error
bool npy_read(const unsigned char *data, size_t size, NpyShape shape, float *values, Error *error);

#endif
