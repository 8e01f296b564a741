/// A dense feed-forward network as plain data: y = f(W x + b), layer after layer. All parameters
/// lie in one array, so that an optimizer, a snapshot or a file handles a network as one vector.
///
/// What it does not do: hold activations or gradients (see Workspace), know data, losses or time.
///
/// Legend of shapes: B samples in a batch, I inputs and O units of a layer; all arrays row-major.
#ifndef NN_NETWORK_H
#define NN_NETWORK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "nn/activation.h"
#include "nn/loss.h"

enum {
    NETWORK_LAYERS_MAX = 64,
    NETWORK_UNITS_MAX = 4096,
    NETWORK_PARAMS_MAX = 1 << 26,
};

/// What a layer is to be.
typedef struct LayerDesc {
    int units;             // 1…NETWORK_UNITS_MAX
    Activation activation; // zero: linear
    bool no_bias;
} LayerDesc;

/// A weight layer as it lies in the parameter array.
typedef struct Layer {
    int inputs, units; // I, O
    Activation activation;
    bool has_bias;
    size_t weight_at; // (O, I) at params[weight_at]
    size_t bias_at;   // (O) at params[bias_at]
} Layer;

/// A network without its parameters' values: a value type.
typedef struct Network {
    int n_layers, n_inputs, n_outputs;
    Layer layers[NETWORK_LAYERS_MAX];
    size_t n_params;
    float *params; // n_params, 64-byte aligned; owned
} Network;

/// Makes a network with zero parameters.
/// @param net  overwritten; on failure empty
/// @return false where a size is out of range or memory is short
bool network_init(Network *net, int n_inputs, const LayerDesc *layers, int n_layers, Error *error);
/// Frees it. A zeroed network is fine.
void network_deinit(Network *net);
/// Makes *copy a network of the same shape and values. @return false where memory is short
bool network_copy(Network *copy, const Network *net);
/// Whether both have the same layers.
bool network_same_shape(const Network *a, const Network *b);
/// The widest of inputs and layers.
int network_widest(const Network *net);

/// Buffers for passes over at most max_batch samples: one allocation, reused by every pass.
typedef struct Workspace {
    int max_batch;
    float *outputs[NETWORK_LAYERS_MAX]; // (B, O) of each layer
    float *delta[2];                    // (B, widest), gradients on their way back
    float *scratch;                     // matrices rearranged for the kernels
    float *memory;
} Workspace;

bool workspace_init(Workspace *ws, const Network *net, int max_batch);
void workspace_deinit(Workspace *ws);

/// Forward pass.
/// @param x  (B, n_inputs), borrowed; B <= ws->max_batch
/// @return   (B, n_outputs) inside ws, valid until its next use
/// Allocates: never.  Thread: the owner of ws; net is only read.
const float *network_forward(const Network *net, Workspace *ws, const float *x, int batch);

/// As network_forward, but the hidden layers' outputs in ws may be left as they are, which is
/// faster: no backward pass may follow.
const float *network_outputs(const Network *net, Workspace *ws, const float *x, int batch);

/// Backpropagates the batch of the forward pass just made with ws.
/// @param dy    (B, n_outputs), dL/dy, borrowed
/// @param grad  n_params, laid out as params: overwritten with dL/dparams
/// Allocates: never.
void network_backward(const Network *net, Workspace *ws, const float *x, const float *dy, int batch,
                      float *grad);

/// dL/dparams of the mean loss of the batch of the forward pass just made with ws: the loss's
/// gradient backpropagated, or, where the loss pairs with the last activation, the pair's.
/// @param t     (B, n_outputs)
/// @param grad  n_params: overwritten
/// Allocates: never.
void network_gradient(const Network *net, Workspace *ws, Loss loss, const float *x, const float *t,
                      int batch, float *grad);

/// Outputs for any number of samples, in blocks through ws.
/// @param y  (n, n_outputs), written
void network_predict(const Network *net, Workspace *ws, const float *x, size_t n, float *y);

/// The mean loss over n samples, in blocks through ws. Sums in 64 bits.
double network_loss(const Network *net, Workspace *ws, Loss loss, const float *x, const float *t,
                    size_t n);

/// One parameter of a network, as `--axes` names it.
typedef struct ParamRef {
    int layer; // 0 at the input; negative ones count from the end, as in Python
    int row;   // the neuron (output unit)
    int col;   // the input that the weight comes from; PARAM_BIAS: the neuron's bias
} ParamRef;

enum { PARAM_BIAS = -1 };

/// Where a parameter lies in net->params.
/// @return false where the network has no such parameter; error says what it has
bool network_locate(const Network *net, ParamRef ref, size_t *at, Error *error);

/// Reads "LAYER:ROW:COL" or "LAYER:ROW:b".  @return false where the text is not of that form
bool param_ref_parse(const char *text, ParamRef *ref);
/// Writes it in the same form, with the layer as given.
void param_ref_print(ParamRef ref, char *text, size_t size);

#endif
