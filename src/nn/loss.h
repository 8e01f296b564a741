/// Losses of B samples with K outputs each.
#ifndef NN_LOSS_H
#define NN_LOSS_H

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

#endif
