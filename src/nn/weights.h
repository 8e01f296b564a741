/// Weights in and out of .npz files (a zip of NumPy arrays): layers.0.weight (units x inputs),
/// layers.0.bias, … in float32, so that NumPy loads them and PyTorch's ModuleList takes them as
/// they are. Files are checked as hostile input.
#ifndef NN_WEIGHTS_H
#define NN_WEIGHTS_H

#include <stdbool.h>

#include "base/error.h"
#include "nn/network.h"

/// Writes every parameter array, atomically.  @return false with "FILE: WHY"
bool weights_save(const Network *net, const char *path, Error *error);

/// Reads every parameter array into net. Wrong shapes, missing or extra arrays, non-finite values,
/// other types than float32 or float64 (little-endian, C order) are errors.
/// @return false with "FILE: WHY"; net is then unchanged
bool weights_load(Network *net, const char *path, Error *error);

#endif
