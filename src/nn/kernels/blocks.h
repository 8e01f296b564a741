/// Forward passes of narrow networks over many samples: blocks of samples, transposed so that
/// vectors run along the samples and even one unit fills them.
#ifndef NN_KERNELS_BLOCKS_H
#define NN_KERNELS_BLOCKS_H

#include "nn/network.h"

/// Whether a batch of this size is best done here.
bool blocks_suit(const Network *net, int batch);

/// @param x        (B, n_inputs)
/// @param logits   whether the last layer's activation is left out
/// @param outputs  where each layer's (B, O) go; a NULL entry: not wanted
/// @param activated  likewise what its activation made, before the input is added
void blocks_forward(const Network *net, const float *x, int batch, bool logits,
                    float *const *outputs, float *const *activated);

#endif
