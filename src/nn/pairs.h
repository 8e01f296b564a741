/// Training of networks with at most two inputs and two units a layer, one sample at a time.
#ifndef NN_PAIRS_H
#define NN_PAIRS_H

#include "nn/trainstep.h"

/// Whether the network is that narrow.
bool pairs_fit(const Network *net);
/// train_batches for such a network.
double pairs_train_batches(Network *net, Optimizer *optimizer, Loss loss, const float *x,
                           const float *t, const uint32_t *order, size_t n, int batch,
                           size_t *done);

#endif
