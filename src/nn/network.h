/// A dense feed-forward network as plain data: y = f(W x + b), layer after layer. All parameters
/// lie in one array, so that an optimizer, a snapshot or a file handles a network as one vector.
///
/// A layer may normalise its sums before f, drop units after it while training, and add its input
/// to what comes out:  y = x + dropout(f(norm(W x + b))).
///
/// What it does not do: compute (see pass.h), hold activations or gradients, know data or losses.
///
/// Legend of shapes: I inputs and O units of a layer; all arrays row-major.
#ifndef NN_NETWORK_H
#define NN_NETWORK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "nn/activation.h"

#define NETWORK_NORM_EPS 1e-5

enum {
    NETWORK_LAYERS_MAX = 64,
    NETWORK_UNITS_MAX = 4096,
    NETWORK_PARAMS_MAX = 1 << 26,
};

/// X(constant, name, description): how a layer's sums are normalised before the activation. Both
/// scale what they have normalised by gamma and add beta, which are trained. NETWORK_NORM_EPS
/// is added to the variances that divide.
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
