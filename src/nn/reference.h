/// The oracle: a second, independent, plain forward pass and loss in at least 64 bits, written for
/// clarity. Tests hold every kernel against it, and the gradient check differences it. Never fast,
/// never changed for speed.
///
/// Sums are long doubles, so that differences of losses with small steps resolve even gradients
/// that have all but vanished.
///
/// params are n_values numbers in 64 bits, laid out as net->params, which is not used. Where memory
/// is short all results are NaN.
#ifndef NN_REFERENCE_H
#define NN_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>

#include "nn/loss.h"
#include "nn/network.h"

/// How a pass is made. Zeroed: as a network is used, by running statistics and nothing dropped.
typedef struct ReferenceMode {
    bool training; // batch norms take the statistics of the n samples, and masks apply
    const float *masks[NETWORK_LAYERS_MAX]; // (n, O): multiplies a layer's activations; NULL: none
} ReferenceMode;

/// Outputs for n samples, as a network is used.
/// @param x  (n, n_inputs)
/// @param y  (n, n_outputs), written
void reference_forward(const Network *net, const double *params, const double *x, size_t n,
                       double *y);
/// What that loss takes (outputs or logits), of a pass made in that mode.
/// @param scores  (n, n_outputs), written
void reference_scores(const Network *net, const double *params, const ReferenceMode *mode,
                      Loss loss, const double *x, size_t n, double *scores);

/// The mean loss of n samples at these parameters, as a network is used.
double reference_loss(const Network *net, const double *params, Loss loss, const double *x,
                      const double *t, size_t n);

/// The mean loss of n samples, of a pass made in that mode.
/// @param sides  reference_kinks(net) * n, written: whether the sum before each activation that has
///               a kink is above 0, where the kink lies; NULL: not wanted
long double reference_mode_loss(const Network *net, const double *params, const ReferenceMode *mode,
                                Loss loss, const double *x, const double *t, size_t n, bool *sides);
/// How many units have activations with a kink.
size_t reference_kinks(const Network *net);

/// l1 |W| + l2/2 W^2 of all weight matrices.
long double reference_penalty(const Network *net, const double *params, double l1, double l2);

#endif
