/// What the fused training loops for narrow networks share: samples in, and a step as soon as a
/// gradient is known. Each loop is compiled four times, for batches of one sample or more and with
/// or without momentum, so that the hot one holds no branch about either.
#ifndef NN_FUSED_H
#define NN_FUSED_H

#include <math.h>

#include "base/clones.h"
#include "nn/lanes.h"
#include "nn/network.h"
#include "nn/optimizer.h"

/// What to train on, as in train_batches.
typedef struct FusedSamples {
    const float *x, *t;
    const uint32_t *order; // NULL: as they lie
    size_t n;
} FusedSamples;

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

/// Defines NAME_train(state, samples, batch, loss, by, done), which runs
/// NAME_batch(state, samples, first, last, loss, by, mode), an inline function that returns the
/// batch's loss, over all batches.
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
    FUSED_CLONE(NAME, State, _single_plain, true, false)                                           \
    FUSED_CLONE(NAME, State, _single_momentum, true, true)                                         \
    FUSED_CLONE(NAME, State, _batch_plain, false, false)                                           \
    FUSED_CLONE(NAME, State, _batch_momentum, false, true)                                         \
    static double NAME##_train(State *state, const FusedSamples *samples, size_t batch, Loss loss, \
                               FusedStep by, size_t *done) {                                       \
        bool momentum = by.momentum != 0.0f;                                                       \
        if (batch == 1) {                                                                          \
            return (momentum ? NAME##_single_momentum                                              \
                             : NAME##_single_plain)(state, samples, batch, loss, by, done);        \
        }                                                                                          \
        return (momentum ? NAME##_batch_momentum : NAME##_batch_plain)(state, samples, batch,      \
                                                                       loss, by, done);            \
    }

#define FUSED_CLONE(NAME, State, suffix, single, momentum)                                         \
    CLONES static double NAME##suffix(State *state, const FusedSamples *samples, size_t batch,     \
                                      Loss loss, FusedStep by, size_t *done) {                     \
        return NAME##_run(state, samples, batch, loss, by, done, (FusedMode){single, momentum});   \
    }

#endif
