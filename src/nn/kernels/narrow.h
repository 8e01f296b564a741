/// Training of networks with at most 16 inputs and 16 units a layer, one sample at a time.
#ifndef NN_KERNELS_NARROW_H
#define NN_KERNELS_NARROW_H

#include "nn/trainstep.h"

/// Whether the network is that narrow, and neither normalises nor drops nor ends in softmax.
bool narrow_fits(const Network *net);

/// A network's parameters, velocities and activations arranged for the loop.
typedef struct Narrow Narrow;
/// @return NULL where memory is short
Narrow *narrow_create(const Network *net);
void narrow_destroy(Narrow *narrow);

/// train_batches for such a network, and a loss that does not couple samples.
double narrow_train_batches(Narrow *narrow, Network *net, Optimizer *optimizer,
                            const TrainDesc *desc, const float *x, const float *t,
                            const uint32_t *order, size_t n, size_t *done);

#endif
