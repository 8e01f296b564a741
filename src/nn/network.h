/// A dense feed-forward network as plain data: y = f(W x + b), layer after layer. All parameters
/// lie in one array, so that an optimizer, a snapshot or a file handles a network as one vector.
///
/// A layer may normalise its sums before f, drop units after it while training, and add its input
/// to what comes out:  y = x + dropout(f(norm(W x + b))).
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

/// X(constant, name, description): how a layer's sums are normalised before the activation. Both
/// scale what they have normalised by gamma and add beta, which are trained. eps is 1e-5 for both.
#define NORM_LIST(X)                                                                               \
    X(NORM_NONE, "none", "sums go as they are into the activation")                                \
    X(NORM_BATCH, "batch", "each unit over the batch; running statistics when not training")       \
    X(NORM_LAYER, "layer", "each sample over the layer's units")

#define X(constant, name, description) constant,
typedef enum Norm { NORM_LIST(X) NORM_COUNT } Norm;
#undef X

const char *norm_name(Norm norm);
const char *norm_description(Norm norm);
/// @return NORM_COUNT where no norm has that name
Norm norm_find(const char *name);

/// What a layer is to be.
typedef struct LayerDesc {
    int units;             // 1…NETWORK_UNITS_MAX
    Activation activation; // zero: linear
    bool no_bias;
    Norm norm;
    float dropout; // [0, 1): the share of outputs that training zeroes
    bool residual; // only where inputs and units are as many
} LayerDesc;

/// A weight layer as it lies in the parameter array.
typedef struct Layer {
    int inputs, units; // I, O
    Activation activation;
    bool has_bias;
    Norm norm;
    float dropout;
    bool residual;
    size_t weight_at;   // (O, I) at params[weight_at]
    size_t bias_at;     // (O) at params[bias_at]
    size_t gamma_at;    // (O) at params[gamma_at], where there is a norm
    size_t beta_at;     // (O) at params[beta_at], likewise
    size_t mean_at;     // (O) at params[mean_at], beyond n_params: NORM_BATCH's running mean
    size_t variance_at; // (O) likewise, its running variance
} Layer;

/// A network. Its layers are a value; its parameters are owned.
typedef struct Network {
    int n_layers, n_inputs, n_outputs;
    Layer layers[NETWORK_LAYERS_MAX];
    size_t n_params; // trained
    size_t n_values; // these and, after them, the running statistics: what a copy copies
    float *params;   // n_values, 64-byte aligned; owned
} Network;

/// Makes a network with zero parameters (norms: gamma and running variance one).
/// @param net  overwritten; on failure empty
/// @return false where a size is out of range or memory is short
bool network_init(Network *net, int n_inputs, const LayerDesc *layers, int n_layers, Error *error);
/// Frees it. A zeroed network is fine.
void network_deinit(Network *net);
/// Makes *copy a network of the same shape and values. @return false where memory is short
bool network_copy(Network *copy, const Network *net);
/// Whether any layer drops units or normalises over the batch: training then passes otherwise than
/// use does.
bool network_trains_otherwise(const Network *net);
/// Whether both have the same layers.
bool network_same_shape(const Network *a, const Network *b);
/// The widest of inputs and layers.
int network_widest(const Network *net);

/// One of the arrays that a network's parameters consist of, as weight files name it.
typedef struct NetworkArray {
    char name[32]; // "layers.0.weight", "norms.0.running_mean": L counts from the input
    int layer;
    size_t at;      // in params
    int rows, cols; // (rows, cols), or a vector of rows where cols is 0
    bool trained;   // else a running statistic
} NetworkArray;

/// Array number `index` in the order in which they lie: every layer's weight and bias, its norm's
/// gamma ("norms.L.weight") and beta ("norms.L.bias"), then all running statistics.
/// @return false where there are no so many
bool network_array(const Network *net, int index, NetworkArray *array);

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
    float *delta[3]; // (B, widest), gradients on their way back; the third past residual layers
    float *scratch;  // matrices rearranged for the kernels
    float *memory;
    struct Sparse *sparse; // for inputs with many zeros; NULL where the first layer is narrow
    bool marked;           // it has marked the batch of the next pass, whose x is then not read
    bool zeros;            // the last forward pass went by it
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
