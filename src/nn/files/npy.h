/// NumPy's array format (.npy, versions 1 to 3) for float arrays of one or two dimensions, in
/// memory. Reading takes every byte for hostile.
#ifndef NN_FILES_NPY_H
#define NN_FILES_NPY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "nn/files/weights_arrays.h"

enum {
    NPY_HEADER_MAX = 1 << 16, // longer ones are refused; float arrays need 128 bytes
};

/// The bytes that npy_write writes.
size_t npy_size(const NetworkArray *array);
/// Writes the values as '<f4' in C order, version 1.0.  @param out  npy_size(array) bytes
void npy_write(const NetworkArray *array, const float *values, unsigned char *out);

/// Reads an array of exactly that shape, of '<f2', '<f4' or '<f8' in C order, all values finite.
/// @param values  weights_array_count(array); partly written on failure
/// @return false with WHY in error
bool npy_read(const unsigned char *data, size_t size, const NetworkArray *array, float *values,
              Error *error);

#endif
