/// Losses of B samples with K outputs each.
#ifndef NN_LOSS_H
#define NN_LOSS_H

#include <stdbool.h>

#include "nn/activation.h"

/// X(constant, name, description, label). label is what an axis says. To add one: a line here and
/// its table entry in loss.c.
#define LOSS_LIST(X)                                                                               \
    X(LOSS_MSE, "mse", "mean over samples and outputs of (y - t)^2", "MSE")                        \
    X(LOSS_HALF_MSE, "half_mse", "half the mean of (y - t)^2", "MSE / 2")                          \
    X(LOSS_BCE, "bce", "binary cross-entropy of outputs in (0, 1)", "BCE")

#define X(constant, name, description, label) constant,
typedef enum Loss { LOSS_LIST(X) LOSS_COUNT } Loss;
#undef X

const char *loss_name(Loss loss);
const char *loss_description(Loss loss);
const char *loss_label(Loss loss);
/// @return LOSS_COUNT where no loss has that name
Loss loss_find(const char *name);

/// The sum over the batch of each sample's loss (its mean over the outputs), in 64 bits: divided by
/// B it is the batch's loss.
/// @param y  (B, K) row-major, the network's outputs.  bce clamps log() at -100 as PyTorch does.
/// @param t  (B, K) row-major, the targets
double loss_sum(Loss loss, const float *y, const float *t, int batch, int outputs);

/// dL/dy of the batch's mean loss, as PyTorch defines it (1/(B K) inside).
/// @param dy  (B, K), written
void loss_gradient(Loss loss, const float *y, const float *t, int batch, int outputs, float *dy);

/// The factor of (y - t) in these gradients: 2/(B K) for mse, else 1/(B K).
float loss_scale(Loss loss, int batch, int outputs);

/// Whether the loss and a last layer's activation belong together, so that dL/dz has an exact short
/// form. For bce after sigmoid it is (y - t)/(B K): the division by y (1 - y) and the
/// multiplication by it cancel, and a unit that is saturated on the wrong side still learns.
/// (PyTorch's BCELoss after a sigmoid does not cancel them; the results differ only where y rounds
/// to 0 or 1.)
bool loss_pairs_with(Loss loss, Activation activation);

/// dL/dz of the batch's mean loss, for a loss that pairs with its activation.
/// @param dz  (B, K), written
void loss_paired_gradient(Loss loss, const float *y, const float *t, int batch, int outputs,
                          float *dz);

#endif
