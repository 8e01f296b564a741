/// Losses of B samples with K outputs each.
///
/// bce and cross_entropy are functions of the logits, the last layer's sums before its sigmoid or
/// softmax: so they are exact however far a unit is saturated, and their gradient is simply that of
/// the sums. The other losses are functions of the outputs. What a loss takes is called scores
/// here.
///
/// mse_broadcast is the mean over all pairs (i, j) of samples of (y_i - t_j)^2, what comes of
/// subtracting a (B) array from a (B, 1) one by mistake. It equals the mean of (y_i - mean(t))^2
/// plus the variance of t; so it couples a sample's loss to the other targets of its batch.
#ifndef NN_LOSS_H
#define NN_LOSS_H

#include <stdbool.h>
#include <stddef.h>

#include "nn/activation.h"

/// X(constant, name, description, label). label is what an axis says. To add one: a line here and
/// its cases in loss.c.
#define LOSS_LIST(X)                                                                               \
    X(LOSS_MSE, "mse", "mean over samples and outputs of (y - t)^2", "MSE")                        \
    X(LOSS_HALF_MSE, "half_mse", "half the mean of (y - t)^2", "MSE / 2")                          \
    X(LOSS_BCE, "bce", "binary cross-entropy of sigmoid outputs", "BCE")                           \
    X(LOSS_CROSS_ENTROPY, "cross_entropy", "cross-entropy of softmax outputs", "Cross-entropy")    \
    X(LOSS_MSE_BROADCAST, "mse_broadcast",                                                         \
      "mean over all pairs of samples of (y_i - t_j)^2: a well-known mistake", "Pairwise MSE")

#define X(constant, name, description, label) constant,
typedef enum Loss { LOSS_LIST(X) LOSS_COUNT } Loss;
#undef X

const char *loss_name(Loss loss);
const char *loss_description(Loss loss);
const char *loss_label(Loss loss);
/// @return LOSS_COUNT where no loss has that name
Loss loss_find(const char *name);

/// Whether the scores are logits.
bool loss_takes_logits(Loss loss);
/// Whether a last layer with that activation can have that loss: bce belongs to sigmoid,
/// cross_entropy and softmax to each other.
bool loss_suits(Loss loss, Activation activation);
/// What separates two classes in a single score: 0 in the logit of a sigmoid, nothing in that of a
/// softmax (alone it is 1, whatever the logit), else 1/2.
float loss_threshold(Loss loss);

/// The sum over the batch of each sample's loss (its mean over the outputs; cross_entropy: the
/// sum), in 64 bits: divided by B it is the batch's loss.
/// @param scores  (B, K) row-major
/// @param t       (B, K) row-major, the targets
double loss_sum(Loss loss, const float *scores, const float *t, int batch, int outputs);

/// dL/dscores of the batch's mean loss, as PyTorch defines it (1/(B K) inside; cross_entropy: 1/B).
/// @param d  (B, K), written
void loss_gradient(Loss loss, const float *scores, const float *t, int batch, int outputs,
                   float *d);

/// The factor of (y - t) in these gradients, y the outputs: 2/(B K) for mse, 1/B for cross_entropy,
/// else 1/(B K).
float loss_scale(Loss loss, int batch, int outputs);

/// Whether a sample's loss depends on the other targets of its batch. For sums over parts of a
/// batch, such a loss is that of loss_uncoupled towards the mean target, plus a constant a sample.
bool loss_couples(Loss loss);
/// @return LOSS_MSE for mse_broadcast, else the loss itself
Loss loss_uncoupled(Loss loss);
/// The mean target of n samples.
/// @param mean  (K), written
/// @return the constant: the variance of t (mean over outputs)
double loss_mean_target(const float *t, size_t n, int outputs, float *mean);

#endif
