/// A network as landscapes compute it, after training: batch norm, whose statistics then stand
/// still, is folded into weights and biases; dropout is gone; where the loss takes logits the last
/// layer ends in them; a loss that couples samples is the one that does not, towards their mean.
#ifndef NN_LANDSCAPE_MODEL_H
#define NN_LANDSCAPE_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#include "nn/loss.h"
#include "nn/network.h"

typedef struct ModelLayer {
    int inputs, units; // I, O
    Activation activation;
    bool residual, layer_norm;
    float *weight, *bias; // (O, I), (O)
    float *gamma, *beta;  // (O) each, of layer norm
} ModelLayer;

typedef struct Model {
    int n_layers, n_inputs, n_outputs, widest;
    ModelLayer layers[NETWORK_LAYERS_MAX];
    Loss loss;       // uncoupled
    double constant; // added to every sample's loss
    float *mean;     // (K) what all targets are, where the loss was coupled; else NULL
    float *memory;   // owned
} Model;

/// One parameter of the network that varies; in the model it is 0.
typedef struct Axis {
    int layer, row, col; // col PARAM_BIAS: the bias
    size_t at;           // in the network's parameters
    double factor;       // what the fold multiplies it by
} Axis;

/// @return false with error set where the network has no such parameter
bool axis_find(const Network *net, ParamRef ref, Axis *axis, Error *error);
/// The value that the model takes for the parameter's.
float axis_value(const Axis *axis, double value);

/// @param a, b  parameters that are 0 in the model; NULL: none
/// @param t     (n, K), the targets; may be dropped afterwards
/// @return false where memory is short; *model can then be deinitialised
bool model_init(Model *model, const Network *net, Loss loss, const Axis *a, const Axis *b,
                const float *t, size_t n);
void model_deinit(Model *model);
/// Makes *copy a model of its own, of a network with other parameters.
/// @return false where memory is short; *copy can then be deinitialised
bool model_copy(Model *copy, const Model *model, const Network *net);
/// Takes the network's parameters as they are now.  Allocates: never.
void model_load(Model *model, const Network *net);

static inline bool model_is_last(const Model *model, int layer) {
    return layer == model->n_layers - 1;
}

/// How samples are parted in blocks of nearly the same size, so that few are computed in vain.
/// @param width  of a block, written  @return how many blocks
size_t landscape_blocks(size_t n, size_t *width);

/// The sums z of a layer to its outputs, in place, for a block of samples.
/// @param x  (I, n) the layer's inputs, used where it is residual  @param z  (O, n)
/// @param scratch  (2, n)
void model_finish(const Model *model, int layer, size_t n, const float *x, float *z,
                  float *scratch);
/// The layer's sums.  @param x  (I, n)  @param z  (O, n), written
void model_sums(const Model *model, int layer, size_t n, const float *x, float *z);
/// The sum of the first `count` samples' losses.
/// @param scores, t  (K, n)  @param scratch  (2, n)
double model_loss(const Model *model, size_t n, int count, const float *scores, const float *t,
                  float *scratch);

#endif
