/// The three matrix products of a dense layer, blocked for the processor's registers and caches.
///
/// B samples, I inputs, O units, all row-major.
#ifndef NN_KERNELS_DENSE_H
#define NN_KERNELS_DENSE_H

#include <stddef.h>

/// How many floats of scratch the products of layers of at most so many units need.
size_t dense_scratch_size(int max_batch, int units);

/// z = x W^T + b.  @param bias  (O) or NULL  @param z  (B, O), written
void dense_forward(const float *x, const float *weight, const float *bias, int batch, int inputs,
                   int units, float *z);
/// dx = dz W.  @param dx  (B, I), written
void dense_backward_input(const float *dz, const float *weight, int batch, int inputs, int units,
                          float *dx);
/// dW = dz^T x.  @param dweight  (O, I), written  @param scratch  dense_scratch_size floats
void dense_backward_weight(const float *dz, const float *x, int batch, int inputs, int units,
                           float *dweight, float *scratch);
/// db = the sum of dz over the batch.  @param dbias  (O), written
void dense_backward_bias(const float *dz, int batch, int units, float *dbias);

#endif
