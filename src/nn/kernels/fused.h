/// What the fused training loops for narrow networks share: samples in, and a step as soon as a
/// gradient is known. Each loop is compiled for single samples without and with momentum, so that
/// the hot ones hold no branch about either, and for batches. There are no clones for wider
/// vectors: these loops use four lanes, and clones of them gain a few percent only.
#ifndef NN_KERNELS_FUSED_H
#define NN_KERNELS_FUSED_H

#include <math.h>

#include "nn/kernels/lanes.h"
#include "nn/network.h"
#include "nn/optimizer.h"

/// What to train on, as in train_batches.
typedef struct FusedSamples {
    const float *x, *t;
    const uint32_t *order; // NULL: as they lie
    size_t n;
} FusedSamples;

/// A plain step (optimizer_is_plain), which the loops do themselves.
typedef struct FusedStep {
    float learning_rate, momentum;
} FusedStep;

/// How one batch is trained on.
typedef struct FusedMode {
    bool single;   // the batch is one sample: step while going backward
    bool momentum; // else the velocities are left alone
} FusedMode;

NN_INLINE void fused_step(Lanes *params, Lanes *velocity, Lanes grad, FusedStep by,
                          const FusedMode mode) {
    if (mode.momentum) *velocity = grad = by.momentum * *velocity + grad;
    *params -= by.learning_rate * grad;
}

/// Steps at once or adds to the batch's gradient.
NN_INLINE void fused_learn(Lanes *params, Lanes *velocity, Lanes *sum, Lanes grad, FusedStep by,
                           const FusedMode mode) {
    if (mode.single) {
        fused_step(params, velocity, grad, by, mode);
    } else {
        *sum += grad;
    }
}

/// Defines NAME_train(state, samples, batch, plain, loss, by, done), which runs
/// NAME_batch(state, samples, first, last, loss, by, mode), an inline function that returns the
/// batch's loss, over all batches. Where steps are not plain, or not a sample's alone, the gradient
/// is summed first.
#define FUSED_TRAIN(NAME, State)                                                                   \
    NN_INLINE double NAME##_run(State *state, const FusedSamples *samples, size_t batch,           \
                                Loss loss, FusedStep by, size_t *done, const FusedMode mode) {     \
        double sum = 0;                                                                            \
        size_t at = 0;                                                                             \
        while (at < samples->n && isfinite(sum)) {                                                 \
            size_t size = samples->n - at < batch ? samples->n - at : batch;                       \
            sum += NAME##_batch(state, samples, at, at + size, loss, by, mode);                    \
            at += size;                                                                            \
        }                                                                                          \
        *done = at;                                                                                \
        return sum;                                                                                \
    }                                                                                              \
    FUSED_LOOP(NAME, State, _singles, true, false)                                                 \
    FUSED_LOOP(NAME, State, _singles_momentum, true, true)                                         \
    FUSED_LOOP(NAME, State, _batches, false, by.momentum != 0.0f)                                  \
    static double NAME##_train(State *state, const FusedSamples *samples, size_t batch,            \
                               bool plain, Loss loss, FusedStep by, size_t *done) {                \
        if (batch > 1 || !plain) return NAME##_batches(state, samples, batch, loss, by, done);     \
        if (by.momentum == 0.0f) return NAME##_singles(state, samples, batch, loss, by, done);     \
        return NAME##_singles_momentum(state, samples, batch, loss, by, done);                     \
    }

#define FUSED_LOOP(NAME, State, suffix, single, momentum)                                          \
    static double NAME##suffix(State *state, const FusedSamples *samples, size_t batch, Loss loss, \
                               FusedStep by, size_t *done) {                                       \
        return NAME##_run(state, samples, batch, loss, by, done, (FusedMode){single, momentum});   \
    }

#endif
