/// What is measured beside the loss.
#ifndef NN_METRICS_H
#define NN_METRICS_H

#include <stddef.h>

#include "nn/loss.h"
#include "nn/network.h"
#include "nn/pass.h"

/// The share of samples put into the right class: outputs (linear ones too) against 0.5 for one
/// output, argmax for several. NaN where n is 0.
double metrics_accuracy(const float *y, const float *t, size_t n, int outputs);

/// The mean loss and, where wanted, the accuracy over n samples, in one pass, in blocks through ws.
/// Sums in 64 bits.
/// @param accuracy  may be NULL
double metrics_measure(const Network *net, Workspace *ws, Loss loss, const float *x, const float *t,
                       size_t n, double *accuracy);

/// The same over samples first…first + count - 1 of n, as a part of what is measured over all n: a
/// loss that couples samples couples all n.
double metrics_measure_part(const Network *net, Workspace *ws, Loss loss, const float *x,
                            const float *t, size_t n, size_t first, size_t count, double *accuracy);

/// The L2 norms of the full-batch gradient's parts: weight[l] of layer l's matrix, bias[l] of its
/// bias (NaN where it has none). Sums over blocks of samples in 64 bits.
/// @param grad  n_params, scratch
/// @param sums  n_params: written, the gradient itself
void metrics_grad_norms(const Network *net, Workspace *ws, Loss loss, const float *x,
                        const float *t, size_t n, float *grad, double *sums, double *weight,
                        double *bias);

#endif
