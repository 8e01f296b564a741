/// The safetensors format: eight bytes with the header's length, a JSON header that gives each
/// array's type, shape and place, then the values. What is written is what the reference
/// implementation writes for the same arrays, byte for byte; what it refuses is refused (headers
/// beyond its limit, names twice, arrays that overlap or leave holes), with the same care for every
/// length that a file claims.
#ifndef NN_FILES_SAFETENSORS_H
#define NN_FILES_SAFETENSORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"
#include "nn/files/weights_arrays.h"

enum {
    /// Longer headers are refused. (The reference implementation allows 100,000,000 bytes; the
    /// largest network here needs 50,000, the rest is for a writer's remarks.)
    SAFETENSORS_HEADER_MAX = 1 << 20,
};

/// Reads a file that holds exactly these arrays, of type F16, BF16, F32 or F64, all values finite.
/// @param data    size bytes, borrowed
/// @param arrays  just listed; their values may be partly written on failure
/// @return false with WHY in error
bool safetensors_read(const void *data, size_t size, WeightsArrays *arrays, Error *error);

/// Writes the arrays as F32, sorted by name.
/// @return false where memory is short; what cannot be written, the stream remembers
bool safetensors_write(const WeightsArrays *arrays, FILE *stream, Error *error);

/// No honest file of these arrays is larger.
size_t safetensors_size_limit(const WeightsArrays *arrays);

#endif
