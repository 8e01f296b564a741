/// Many networks of one shape, trained at once: network k lies in lane k of every vector. What a
/// single narrow network wastes, waiting for each operation's result before the next, sixteen
/// share: an ensemble trains several times as many samples a second as one network does.
///
/// Each lane has data, an order of samples and initial weights of its own, and computes what
/// train_batches does with them, operation by operation in the same order: the same bits where that
/// goes sample by sample (narrow networks), else the same to rounding. Lanes never touch each
/// other, so what becomes of a network does not depend on its neighbours; one that goes wrong fills
/// its lane with NaN, and the rest go on.
///
/// What it does not do: norms, dropout, the perceptron rule, measuring.
#ifndef NN_ENSEMBLE_H
#define NN_ENSEMBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nn/network.h"
#include "nn/optimizer.h"
#include "nn/trainstep.h"

enum { ENSEMBLE_LANES = 16 };

/// The vectors to compute with: the processor's widest, unless a test wants others.
typedef enum EnsembleVectors {
    ENSEMBLE_VECTORS_WIDEST,
    ENSEMBLE_VECTORS_128,
    ENSEMBLE_VECTORS_256,
    ENSEMBLE_VECTORS_512,
} EnsembleVectors;

/// What the networks of an ensemble have in common.
typedef struct EnsembleDesc {
    const Network *shape;    // its layers; its parameters don't matter; borrowed during creation
    TrainDesc train;         // batch in 1…n_samples
    OptimizerDesc optimizer; // plain ones may have lanes with other rates and momenta
    size_t n_samples;        // to train on, in an epoch
    EnsembleVectors vectors;
} EnsembleDesc;

typedef struct Ensemble Ensemble;

/// Whether an ensemble can train such networks and gains from it.
bool ensemble_suits(const EnsembleDesc *desc);
/// Whether lanes of one may have learning rates and momenta of their own, and not only the desc's.
bool ensemble_mixes(const EnsembleDesc *desc);

/// @return with all parameters and samples zero, or NULL where memory is short or the processor
/// lacks such vectors
Ensemble *ensemble_create(const EnsembleDesc *desc);
void ensemble_destroy(Ensemble *ensemble);

/// Puts a network into a lane, before training.
/// @param params    laid out as the shape's
/// @param settings  its rate and momentum, where the ensemble mixes them
void ensemble_set_network(Ensemble *ensemble, int lane, const float *params,
                          const OptimizerDesc *settings);
/// The learning rate of a lane from now on. Where the ensemble does not mix: of all lanes.
void ensemble_set_learning_rate(Ensemble *ensemble, int lane, float learning_rate);
/// The samples of a lane, in the order in which an epoch is to meet them.
/// @param x, t   whole data arrays, (N, n_inputs) and (N, n_outputs)
/// @param order  (n_samples) numbers of samples; NULL: 0…n_samples-1 as they lie
void ensemble_set_samples(Ensemble *ensemble, int lane, const float *x, const float *t,
                          const uint32_t *order);

/// Trains every lane on the samples first…last-1 of its epoch. first is a multiple of the batch,
/// and last is, too, or n_samples. Allocates: never.
void ensemble_train(Ensemble *ensemble, size_t first, size_t last);

/// Whether all was finite that a lane has computed: its scores so far, its parameters now.
bool ensemble_is_finite(const Ensemble *ensemble, int lane);
/// Writes a lane's parameters.
void ensemble_get_params(const Ensemble *ensemble, int lane, float *params);

#endif
