/// Weights in and out of files: .npz (NumPy's, nn/npz.h) or .safetensors (nn/safetensors.h), as the
/// file's name says. Arrays are called layers.0.weight (units x inputs), layers.0.bias, …, and,
/// where layer 0 has a norm, norms.0.weight, norms.0.bias, norms.0.running_mean,
/// norms.0.running_var, so that PyTorch's load_state_dict takes them for a ModuleList `layers` and
/// a ModuleDict `norms`. Files are checked as hostile input: wrong shapes, missing or extra arrays,
/// values that are not finite, types that are not floats, and lengths that lie are errors.
#ifndef NN_WEIGHTS_H
#define NN_WEIGHTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"
#include "nn/network.h"

typedef enum WeightsFormat { WEIGHTS_NPZ, WEIGHTS_SAFETENSORS } WeightsFormat;

/// Which format a file's name stands for.  @return false with "FILE: WHY" where it is none
bool weights_format(const char *path, WeightsFormat *format, Error *error);

/// Writes every array in float32, atomically. Same values, same bytes.
/// @return false with "FILE: WHY"
bool weights_save(const Network *net, const char *path, Error *error);
/// Reads every array into net.  @return false with "FILE: WHY"; net is then unchanged
bool weights_load(Network *net, const char *path, Error *error);

/// As weights_save, to a stream; what cannot be written, the stream remembers.
/// @return false with WHY
bool weights_write(const Network *net, WeightsFormat format, FILE *stream, Error *error);
/// As weights_load, from a file's bytes (borrowed).  @return false with WHY; net is then unchanged
bool weights_read(Network *net, WeightsFormat format, const void *data, size_t size, Error *error);

#endif
