/// Passes through a network, a batch at a time: forward, as it is used or as it is trained, and
/// back.
///
/// What it does not do: change parameters (running statistics apart), choose batches, take steps.
///
/// Legend of shapes: B samples in a batch, I inputs and O units of a layer; all arrays row-major.
#ifndef NN_PASS_H
#define NN_PASS_H

#include <stdbool.h>
#include <stddef.h>

#include "nn/loss.h"
#include "nn/network.h"

/// What network_forward_training keeps of a layer for the way back; NULL where the layer has no
/// such thing.
typedef struct LayerRecord {
    float *activated; // (B, O) f(z); outputs itself where nothing follows f
    float *normal;    // (B, O) normalised sums, before gamma and beta
    float *inverse;   // (O) batch, (B) layer: one over the deviation that divided them
    float *mask;      // (B, O) 0 or 1/(1 - p)
} LayerRecord;

/// Buffers for passes over at most max_batch samples: one allocation, reused by every pass.
typedef struct Workspace {
    int max_batch;
    float *outputs[NETWORK_LAYERS_MAX]; // (B, O) of each layer
    LayerRecord records[NETWORK_LAYERS_MAX];
    float *delta[3]; // (B, most units), gradients on their way back; the third past residual layers
    float *scratch;  // matrices rearranged for the kernels
    float *memory;
    struct Sparse *sparse; // for inputs with many zeros; NULL where the first layer is narrow
    bool looked;           // the next pass's batch has been looked at for zeros
    bool zeros;            // the batch goes by sparse, where it is marked
    bool trained;          // the last forward pass was network_forward_training
} Workspace;

bool workspace_init(Workspace *ws, const Network *net, int max_batch);
void workspace_deinit(Workspace *ws);

/// Forward pass, as a trained network is used: running statistics, nothing dropped.
/// @param x  (B, n_inputs), borrowed; B <= ws->max_batch
/// @return   (B, n_outputs) inside ws, valid until its next use
/// Allocates: never.  Thread: the owner of ws; net is only read.
const float *network_forward(const Network *net, Workspace *ws, const float *x, int batch);

/// As network_forward, but the hidden layers' outputs in ws may be left as they are, which is
/// faster: no backward pass may follow.
const float *network_outputs(const Network *net, Workspace *ws, const float *x, int batch);

/// As network_outputs, but up to what that loss takes: logits, where it takes those.
const float *network_scores(const Network *net, Workspace *ws, Loss loss, const float *x,
                            int batch);

struct Rng;
/// Forward pass of a training step up to what that loss takes: norms take the batch's own
/// statistics and move the running ones; units are dropped.
/// @param dropout  draws the masks; NULL: those of the pass before, and no statistics are moved
/// @return scores, (B, n_outputs) inside ws
const float *network_forward_training(Network *net, Workspace *ws, Loss loss, const float *x,
                                      int batch, struct Rng *dropout);

/// Backpropagates the batch of the forward pass just made with ws.
/// @param d     (B, n_outputs), borrowed: dL/dy; after a pass that ended in logits, dL/dlogits
/// @param logits  whether it did
/// @param grad  n_params, laid out as params: overwritten with dL/dparams
/// Allocates: never.
void network_backward(const Network *net, Workspace *ws, const float *x, const float *d,
                      bool logits, int batch, float *grad);

/// A forward pass of the network as it is used (not training), and the gradient of the batch's mean
/// loss.
/// @param t     (B, n_outputs)
/// @param grad  n_params: overwritten
/// @return the scores, as network_scores
/// Allocates: never.
const float *network_gradient(const Network *net, Workspace *ws, Loss loss, const float *x,
                              const float *t, int batch, float *grad);

/// Outputs for any number of samples, in blocks through ws.
/// @param y  (n, n_outputs), written
void network_predict(const Network *net, Workspace *ws, const float *x, size_t n, float *y);

#endif
