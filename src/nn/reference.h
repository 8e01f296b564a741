/// The oracle: a second, independent, plain 64-bit forward pass and loss, written for clarity.
/// Tests hold every kernel against it, and the gradient check differences it. Never fast, never
/// changed for speed.
#ifndef NN_REFERENCE_H
#define NN_REFERENCE_H

#include <stddef.h>

#include "nn/loss.h"
#include "nn/network.h"

/// Outputs for n samples.
/// @param params  n_params in 64 bits, laid out as net->params, which is not used
/// @param x       (n, n_inputs)
/// @param y       (n, n_outputs), written
void reference_forward(const Network *net, const double *params, const double *x, size_t n,
                       double *y);

/// The mean loss of n samples at these parameters.
double reference_loss(const Network *net, const double *params, Loss loss, const double *x,
                      const double *t, size_t n);

/// dL/dparam by central differences of reference_loss with the given step.
double reference_difference(const Network *net, double *params, Loss loss, const double *x,
                            const double *t, size_t n, size_t param, double step);

#endif
