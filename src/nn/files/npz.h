/// NumPy's archives (.npz): a zip file with one nn/npy.h array an entry. libzip does the zip. Every
/// length that a file claims is compared with what the network needs before anything of that size
/// is allocated or read.
#ifndef NN_FILES_NPZ_H
#define NN_FILES_NPZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"
#include "nn/files/weights_arrays.h"

/// Reads an archive that holds exactly these arrays.
/// @param data    size bytes, borrowed
/// @param arrays  just listed; their values may be partly written on failure
/// @return false with WHY in error
bool npz_read(const void *data, size_t size, WeightsArrays *arrays, Error *error);

/// Writes the arrays in the list's order, uncompressed. Same values, same bytes.
/// @return false where memory is short; what cannot be written, the stream remembers
bool npz_write(const WeightsArrays *arrays, FILE *stream, Error *error);

/// No honest archive of these arrays is larger.
size_t npz_size_limit(const WeightsArrays *arrays);

#endif
