/// Training of networks with at most two inputs and two units a layer, one sample at a time.
#ifndef NN_KERNELS_PAIRS_H
#define NN_KERNELS_PAIRS_H

#include "nn/trainstep.h"

/// Whether the network is that narrow, and narrow_fits().
bool pairs_fit(const Network *net);
/// train_batches for such a network, a plain optimizer (optimizer_is_plain), no penalties, and a
/// loss that does not couple samples.
double pairs_train_batches(Network *net, Optimizer *optimizer, const TrainDesc *desc,
                           const float *x, const float *t, const uint32_t *order, size_t n,
                           size_t *done);

#endif
