/// The arrays that a file of a network's weights holds: what the formats (nn/npz.h,
/// nn/safetensors.h) have in common.
#ifndef NN_FILES_WEIGHTS_ARRAYS_H
#define NN_FILES_WEIGHTS_ARRAYS_H

#include <stdint.h>

#include "nn/network.h"

enum {
    WEIGHTS_ARRAYS_MAX = 6 * NETWORK_LAYERS_MAX,
    WEIGHTS_DIMENSIONS_MAX = 8, // of an array in a file; ours have one or two
    WEIGHTS_PASSED_OVER = -1,
};

typedef struct WeightsArrays {
    float *params; // the network's, borrowed: array i lies at params + list[i].at
    int n;
    NetworkArray list[WEIGHTS_ARRAYS_MAX];
    bool found[WEIGHTS_ARRAYS_MAX]; // met in the file that is being read
} WeightsArrays;

/// Lists a network's arrays, none of them found.
void weights_arrays_init(WeightsArrays *arrays, const Network *net);

/// How many values it has.
size_t weights_array_count(const NetworkArray *array);

/// Notes that a file holds an array of that name.
/// @param index  set to its place in the list, or to WEIGHTS_PASSED_OVER: PyTorch's count of the
///               batches that a norm has seen, which means nothing here
/// @return false where the network has no such array, or the file has it twice
bool weights_arrays_meet(WeightsArrays *arrays, const char *name, int *index, Error *error);

/// Whether every array was met; the error names one that is missing.
bool weights_arrays_complete(const WeightsArrays *arrays, Error *error);

/// Whether an array's shape in a file is the network's.
/// @param n  of dimensions, at most WEIGHTS_DIMENSIONS_MAX
bool weights_array_fits(const NetworkArray *array, const uint64_t *dimensions, int n, Error *error);

#endif
