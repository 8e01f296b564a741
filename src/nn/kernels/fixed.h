/// Training of networks of a few shapes, one sample at a time, whole networks in registers.
#ifndef NN_KERNELS_FIXED_H
#define NN_KERNELS_FIXED_H

#include "nn/trainstep.h"

/// Whether the network, trained like this, has a kernel of its own.
bool fixed_fits(const Network *net, const Optimizer *optimizer, const TrainDesc *desc);
/// train_batches for such a network.
double fixed_train_batches(Network *net, const Optimizer *optimizer, const TrainDesc *desc,
                           const float *x, const float *t, const uint32_t *order, size_t n,
                           size_t *done);

#endif
