/// A forward and a backward pass in 64 bits, recorded: what the derivatives of a network's gradient
/// are multiplied by (outputs, slopes, gradients of sums). Samples lie in lanes, a block at a time.
/// The network computes as it does when it is used: batch norms by their running statistics,
/// nothing dropped.
///
/// Shapes: B = WIDE_BLOCK samples, one a lane; I inputs and O units of a layer; (U) units are (U,
/// B) numbers. A layer is  z = W x + b,  u = gamma n + beta with n the normalised z (or u = z), y =
/// f(u) (+ x).  dq is dL/dq.
#ifndef NN_TAPE_H
#define NN_TAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "nn/kernels/wide_blocks.h"
#include "nn/loss.h"
#include "nn/network.h"

/// What a tape holds of a layer.
typedef struct Record {
    double *y;     // (O)
    double *slope; // (O) f'(u)
    double *bend;  // (O) dL/dy f''(u)
    double *dz;    // (O)
    double *du;    // (O); dz itself where there is no norm
    double *n;     // (O), of norms
    double *scale; // (1) one over the deviation, of layer norm
    double *lean;  // (1) the mean over units of gamma du n, of layer norm
} Record;

typedef struct Tape {
    double *x;     // (I) the first layer's
    double *share; // (1) dL/dloss of a sample, times 2 for mse; 0 where there is no sample
    double *curve; // (K) what changes of scores are multiplied by; cross_entropy: the softmax
    Record layers[NETWORK_LAYERS_MAX];
} Tape;

/// A network with its data, for recording.
typedef struct Recorder {
    Loss loss;
    const float *x, *t; // (n, n_inputs), (n, n_outputs); borrowed
    size_t n, n_blocks, n_params;
    int n_inputs, n_layers, n_outputs, widest;
    Layer layers[NETWORK_LAYERS_MAX];    // the last one linear where the loss takes logits
    double *params;                      // (n_values)
    double *inverse[NETWORK_LAYERS_MAX]; // (O) one over the deviation, of batch norm
    double *mean_target;                 // (K), where the loss couples samples
    double *back[2];                     // (widest) gradients on their way
    double *memory;                      // owned
} Recorder;

/// @param net  read now, and not later
/// @return false where memory is short
bool recorder_init(Recorder *recorder, const Network *net, Loss loss, const float *x,
                   const float *t, size_t n);
void recorder_deinit(Recorder *recorder);

/// Lays out a tape.  @param memory  for as many numbers as this returns; NULL: only counts
size_t tape_lay_out(const Recorder *recorder, double *memory, Tape *tape);
/// Records a block of samples.  @param tape  as laid out; its memory is written
void tape_record(const Recorder *recorder, size_t block, const Tape *tape);
/// Adds the block's gradient of the mean loss of all n samples.  @param gradient  (n_params)
void tape_add_gradient(const Recorder *recorder, const Tape *tape, double *gradient);

/// A layer's x.
static inline const double *tape_input(const Tape *tape, int layer) {
    return layer > 0 ? tape->layers[layer - 1].y : tape->x;
}

/// Room for n numbers, of which `used` are given away.  @param memory  NULL: only counts them
static inline double *tape_take(double *memory, size_t *used, size_t n) {
    double *taken = memory ? memory + *used : NULL;
    *used += n;
    return taken;
}

#endif
