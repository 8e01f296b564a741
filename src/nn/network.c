// Networks as data, and passes through them a batch at a time.
//
// All parameters lie in one array (layer after layer, matrix then bias), so that optimizers, files
// and snapshots need not know layers; a layer is two offsets into it.
#include "nn/network.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "nn/kernels/blocks.h"
#include "nn/kernels/dense.h"
#include "nn/kernels/norm.h"
#include "nn/kernels/sparse.h"

enum { ALIGNMENT = 64 };

#define X(constant, name, description) name,
static const char *const norm_names[] = {NORM_LIST(X)};
#undef X
#define X(constant, name, description) description,
static const char *const norm_descriptions[] = {NORM_LIST(X)};
#undef X

const char *norm_name(Norm norm) {
    assert(norm < NORM_COUNT);
    return norm_names[norm];
}

const char *norm_description(Norm norm) {
    assert(norm < NORM_COUNT);
    return norm_descriptions[norm];
}

Norm norm_find(const char *name) {
    int i = 0;
    while (i < NORM_COUNT && strcmp(norm_names[i], name) != 0) i++;
    return (Norm)i;
}

/// n floats on a cache line's border, zeroed.
static float *floats_create(size_t n) {
    size_t bytes = (n * sizeof(float) + ALIGNMENT) / ALIGNMENT * ALIGNMENT;
    float *floats = aligned_alloc(ALIGNMENT, bytes);
    if (floats) memset(floats, 0, bytes);
    return floats;
}

/// Gives a layer its places behind those of the layers before.
static void place_params(Network *net, Layer *layer) {
    size_t units = (size_t)layer->units;
    layer->weight_at = net->n_params;
    net->n_params += (size_t)layer->inputs * units;
    layer->bias_at = net->n_params;
    if (layer->has_bias) net->n_params += units;
    layer->gamma_at = net->n_params;
    if (layer->norm != NORM_NONE) net->n_params += units;
    layer->beta_at = net->n_params;
    if (layer->norm != NORM_NONE) net->n_params += units;
}

static void place_statistics(Network *net, Layer *layer) {
    size_t units = layer->norm == NORM_BATCH ? (size_t)layer->units : 0;
    layer->mean_at = net->n_values;
    layer->variance_at = net->n_values + units;
    net->n_values += 2 * units;
}

static void fill(float *values, int n, float value) {
    for (int i = 0; i < n; i++) values[i] = value;
}

bool network_init(Network *net, int n_inputs, const LayerDesc *layers, int n_layers, Error *error) {
    *net = (Network){0};
    if (n_layers < 1 || n_layers > NETWORK_LAYERS_MAX) {
        return error_set(error, "a network has 1 to %d layers, not %d", NETWORK_LAYERS_MAX,
                         n_layers);
    }
    if (n_inputs < 1 || n_inputs > NETWORK_UNITS_MAX) {
        return error_set(error, "a network has 1 to %d inputs, not %d", NETWORK_UNITS_MAX,
                         n_inputs);
    }
    Network made = {.n_layers = n_layers, .n_inputs = n_inputs};
    int inputs = n_inputs;
    for (int l = 0; l < n_layers; l++) {
        const LayerDesc *desc = &layers[l];
        if (desc->units < 1 || desc->units > NETWORK_UNITS_MAX) {
            return error_set(error, "layer %d: a layer has 1 to %d units, not %d", l,
                             NETWORK_UNITS_MAX, desc->units);
        }
        if (desc->residual && desc->units != inputs) {
            return error_set(error,
                             "layer %d: a residual layer has as many units as inputs, but it has "
                             "%d and %d",
                             l, desc->units, inputs);
        }
        if (desc->activation == ACTIVATION_SOFTMAX && l < n_layers - 1) {
            return error_set(error, "layer %d: softmax is for the last layer only", l);
        }
        assert(desc->activation < ACTIVATION_COUNT && desc->norm < NORM_COUNT);
        assert(desc->dropout >= 0.0f && desc->dropout < 1.0f);
        made.layers[l] = (Layer){.inputs = inputs,
                                 .units = desc->units,
                                 .activation = desc->activation,
                                 .has_bias = !desc->no_bias,
                                 .norm = desc->norm,
                                 .dropout = desc->dropout,
                                 .residual = desc->residual};
        place_params(&made, &made.layers[l]);
        inputs = desc->units;
    }
    made.n_outputs = inputs;
    if (made.n_params > NETWORK_PARAMS_MAX) {
        return error_set(error, "a network has at most %d parameters, not %zu", NETWORK_PARAMS_MAX,
                         made.n_params);
    }
    made.n_values = made.n_params;
    for (int l = 0; l < n_layers; l++) place_statistics(&made, &made.layers[l]);
    made.params = floats_create(made.n_values);
    if (!made.params) return error_set(error, "no memory for %zu parameters", made.n_params);
    for (int l = 0; l < n_layers; l++) {
        const Layer *layer = &made.layers[l];
        if (layer->norm != NORM_NONE) fill(made.params + layer->gamma_at, layer->units, 1);
        if (layer->norm == NORM_BATCH) fill(made.params + layer->variance_at, layer->units, 1);
    }
    *net = made;
    return true;
}

void network_deinit(Network *net) {
    free(net->params);
    *net = (Network){0};
}

bool network_copy(Network *copy, const Network *net) {
    Network made = *net;
    made.params = floats_create(net->n_values);
    if (made.params) memcpy(made.params, net->params, net->n_values * sizeof *net->params);
    *copy = made.params ? made : (Network){0};
    return made.params != NULL;
}

bool network_trains_otherwise(const Network *net) {
    for (int l = 0; l < net->n_layers; l++) {
        if (net->layers[l].norm == NORM_BATCH || net->layers[l].dropout > 0.0f) return true;
    }
    return false;
}

bool network_same_shape(const Network *a, const Network *b) {
    if (a->n_layers != b->n_layers || a->n_inputs != b->n_inputs) return false;
    for (int l = 0; l < a->n_layers; l++) {
        const Layer *p = &a->layers[l], *q = &b->layers[l];
        if (p->units != q->units || p->activation != q->activation || p->has_bias != q->has_bias ||
            p->norm != q->norm || p->residual != q->residual || p->dropout != q->dropout) {
            return false;
        }
    }
    return true;
}

int network_widest(const Network *net) {
    int widest = net->n_inputs;
    for (int l = 0; l < net->n_layers; l++) {
        if (net->layers[l].units > widest) widest = net->layers[l].units;
    }
    return widest;
}

/// Rounds a number of floats up to whole cache lines.
static size_t whole_lines(size_t n) {
    const size_t line = ALIGNMENT / sizeof(float);
    return (n + line - 1) / line * line;
}

static bool network_has_residuals(const Network *net) {
    for (int l = 0; l < net->n_layers; l++) {
        if (net->layers[l].residual) return true;
    }
    return false;
}

/// Hands out `n` floats of ws->memory from *at on; where that is not yet made, only counts.
static float *take(Workspace *ws, size_t *at, size_t n) {
    float *taken = ws->memory ? ws->memory + *at : NULL;
    *at += whole_lines(n);
    return taken;
}

/// Lays out the workspace.  @return how many floats it needs
static size_t lay_out(Workspace *ws, const Network *net) {
    size_t batch = (size_t)ws->max_batch, at = 0;
    for (int l = 0; l < net->n_layers; l++) {
        const Layer *layer = &net->layers[l];
        size_t size = batch * (size_t)layer->units;
        LayerRecord *record = &ws->records[l];
        ws->outputs[l] = record->activated = take(ws, &at, size);
        if (layer->dropout > 0.0f || layer->residual) record->activated = take(ws, &at, size);
        if (layer->dropout > 0.0f) record->mask = take(ws, &at, size);
        if (layer->norm == NORM_NONE) continue;
        record->normal = take(ws, &at, size);
        record->inverse = take(ws, &at, layer->norm == NORM_BATCH ? (size_t)layer->units : batch);
    }
    size_t delta = batch * (size_t)network_widest(net);
    ws->delta[0] = take(ws, &at, delta);
    ws->delta[1] = take(ws, &at, delta);
    if (network_has_residuals(net)) ws->delta[2] = take(ws, &at, delta);
    ws->scratch = take(ws, &at, dense_scratch_size(net, ws->max_batch));
    return at;
}

bool workspace_init(Workspace *ws, const Network *net, int max_batch) {
    assert(max_batch >= 1);
    *ws = (Workspace){.max_batch = max_batch};
    ws->memory = floats_create(lay_out(ws, net));
    bool made = ws->memory;
    const Layer *first = &net->layers[0];
    if (sparse_suits(first->inputs, first->units, max_batch)) {
        ws->sparse = sparse_create(first->inputs, first->units, max_batch);
        made = made && ws->sparse;
    }
    if (!made) {
        workspace_deinit(ws);
        return false;
    }
    lay_out(ws, net);
    return true;
}

void workspace_deinit(Workspace *ws) {
    sparse_destroy(ws->sparse);
    free(ws->memory);
    *ws = (Workspace){0};
}

/// How a forward pass is made.
typedef struct Pass {
    bool logits;   // the last layer's activation is left out
    bool training; // the batch's own statistics, and masks
    Rng *dropout;  // draws the masks; NULL: they stay, and so do the running statistics
} Pass;

static NormParams norm_params(const Network *net, const Layer *layer) {
    return (NormParams){net->params + layer->gamma_at, net->params + layer->beta_at,
                        net->params + layer->mean_at, net->params + layer->variance_at};
}

static void normalise(const Network *net, const Layer *layer, const LayerRecord *record, float *z,
                      int batch, const Pass *pass) {
    NormParams params = norm_params(net, layer);
    if (layer->norm == NORM_LAYER) {
        norm_layer(z, batch, layer->units, &params, record->normal, record->inverse);
    } else if (pass->training) {
        norm_batch_training(z, batch, layer->units, &params, pass->dropout, record->normal,
                            record->inverse);
    } else {
        norm_batch(z, batch, layer->units, &params, record->normal, record->inverse);
    }
}

static void draw_mask(const Layer *layer, float *mask, size_t n, Rng *rng) {
    float kept = 1.0f / (1.0f - layer->dropout);
    for (size_t i = 0; i < n; i++) {
        mask[i] = rng_uniform(rng, 0, 1) < (double)layer->dropout ? 0.0f : kept;
    }
}

/// What follows the activation: out = x + mask * activated.
static void finish_layer(const Layer *layer, const LayerRecord *record, const float *x, float *out,
                         size_t n, const Pass *pass) {
    if (record->activated == out) return;
    if (pass->training && record->mask) {
        if (pass->dropout) draw_mask(layer, record->mask, n, pass->dropout);
        for (size_t i = 0; i < n; i++) out[i] = record->mask[i] * record->activated[i];
    } else {
        memcpy(out, record->activated, n * sizeof *out);
    }
    if (!layer->residual) return;
    for (size_t i = 0; i < n; i++) out[i] = x[i] + out[i];
}

/// A forward pass that leaves every layer's record.
static void pass_layers(const Network *net, Workspace *ws, const float *x, int batch,
                        const Pass *pass) {
    for (int l = 0; l < net->n_layers; l++) {
        const Layer *layer = &net->layers[l];
        const LayerRecord *record = &ws->records[l];
        const float *bias = layer->has_bias ? net->params + layer->bias_at : NULL;
        const size_t n = (size_t)batch * (size_t)layer->units;
        float *z = record->activated;
        const float *weight = net->params + layer->weight_at;
        if (l == 0 && ws->sparse) {
            ws->zeros = ws->marked || sparse_mark(ws->sparse, x, NULL, batch);
            ws->marked = false;
        }
        if (l == 0 && ws->zeros) {
            sparse_forward(ws->sparse, weight, bias, z);
        } else {
            dense_forward(x, weight, bias, batch, layer->inputs, layer->units, z);
        }
        if (layer->norm != NORM_NONE) normalise(net, layer, record, z, batch, pass);
        bool logits = pass->logits && l == net->n_layers - 1;
        if (!logits && layer->activation == ACTIVATION_SOFTMAX) {
            activation_softmax(z, (size_t)batch, layer->units);
        } else if (!logits) {
            activation_forward(layer->activation, z, n);
        }
        finish_layer(layer, record, x, ws->outputs[l], n, pass);
        x = ws->outputs[l];
    }
    ws->trained = pass->training;
}

/// @param all  whether the hidden layers' outputs are wanted
static const float *forward(const Network *net, Workspace *ws, const float *x, int batch,
                            bool logits, bool all) {
    assert(batch >= 1 && batch <= ws->max_batch);
    float *last = ws->outputs[net->n_layers - 1];
    if (blocks_suit(net, batch)) {
        float *outputs[NETWORK_LAYERS_MAX] = {0}, *activated[NETWORK_LAYERS_MAX] = {0};
        outputs[net->n_layers - 1] = last;
        for (int l = 0; all && l < net->n_layers; l++) {
            outputs[l] = ws->outputs[l];
            if (ws->records[l].activated != outputs[l]) activated[l] = ws->records[l].activated;
        }
        blocks_forward(net, x, batch, logits, outputs, activated);
        ws->trained = ws->zeros = false;
    } else {
        pass_layers(net, ws, x, batch, &(Pass){.logits = logits});
    }
    return last;
}

const float *network_forward(const Network *net, Workspace *ws, const float *x, int batch) {
    return forward(net, ws, x, batch, false, true);
}

const float *network_outputs(const Network *net, Workspace *ws, const float *x, int batch) {
    return forward(net, ws, x, batch, false, false);
}

const float *network_scores(const Network *net, Workspace *ws, Loss loss, const float *x,
                            int batch) {
    return forward(net, ws, x, batch, loss_takes_logits(loss), false);
}

const float *network_forward_training(Network *net, Workspace *ws, Loss loss, const float *x,
                                      int batch, Rng *dropout) {
    assert(batch >= 1 && batch <= ws->max_batch);
    pass_layers(net, ws, x, batch,
                &(Pass){.logits = loss_takes_logits(loss), .training = true, .dropout = dropout});
    return ws->outputs[net->n_layers - 1];
}

/// dL/doutput of a layer to dL/dz, in d; the norm's gradients are written.
static void backward_to_sums(const Network *net, const Workspace *ws, int l, int batch, bool logits,
                             float *d, float *grad) {
    const Layer *layer = &net->layers[l];
    const LayerRecord *record = &ws->records[l];
    const size_t n = (size_t)batch * (size_t)layer->units;
    if (ws->trained && record->mask) {
        for (size_t i = 0; i < n; i++) d[i] *= record->mask[i];
    }
    if (!logits) activation_backward(layer->activation, record->activated, d, n);
    if (layer->norm == NORM_NONE) return;
    const float *gamma = net->params + layer->gamma_at;
    float *dgamma = grad + layer->gamma_at, *dbeta = grad + layer->beta_at;
    if (layer->norm == NORM_LAYER) {
        norm_layer_backward(d, record->normal, record->inverse, gamma, batch, layer->units, dgamma,
                            dbeta);
    } else if (ws->trained) {
        norm_batch_training_backward(d, record->normal, record->inverse, gamma, batch, layer->units,
                                     dgamma, dbeta);
    } else {
        norm_batch_backward(d, record->normal, record->inverse, gamma, batch, layer->units, dgamma,
                            dbeta);
    }
}

/// Backpropagates from what lies in ws->delta[0].
static void backward(const Network *net, Workspace *ws, const float *x, bool logits, int batch,
                     float *grad) {
    float *dz = ws->delta[0], *dx = ws->delta[1];
    for (int l = net->n_layers - 1; l >= 0; l--) {
        const Layer *layer = &net->layers[l];
        const float *input = l > 0 ? ws->outputs[l - 1] : x;
        const size_t n = (size_t)batch * (size_t)layer->inputs;
        if (layer->residual) memcpy(ws->delta[2], dz, n * sizeof *dz);
        backward_to_sums(net, ws, l, batch, logits && l == net->n_layers - 1, dz, grad);
        if (l == 0 && ws->zeros) {
            sparse_backward_weight(ws->sparse, dz, grad + layer->weight_at);
        } else {
            dense_backward_weight(dz, input, batch, layer->inputs, layer->units,
                                  grad + layer->weight_at, ws->scratch);
        }
        if (layer->has_bias && layer->norm == NORM_BATCH && ws->trained) {
            // The norm takes a bias away again: what would be left is rounding.
            fill(grad + layer->bias_at, layer->units, 0);
        } else if (layer->has_bias) {
            dense_backward_bias(dz, batch, layer->units, grad + layer->bias_at);
        }
        if (l == 0) break;
        dense_backward_input(dz, net->params + layer->weight_at, batch, layer->inputs, layer->units,
                             dx);
        for (size_t i = 0; layer->residual && i < n; i++) dx[i] += ws->delta[2][i];
        float *swapped = dz;
        dz = dx;
        dx = swapped;
    }
}

void network_backward(const Network *net, Workspace *ws, const float *x, const float *d,
                      bool logits, int batch, float *grad) {
    assert(batch >= 1 && batch <= ws->max_batch);
    size_t n = (size_t)batch * (size_t)net->n_outputs;
    if (d != ws->delta[0]) memcpy(ws->delta[0], d, n * sizeof *d);
    backward(net, ws, x, logits, batch, grad);
}

const float *network_gradient(const Network *net, Workspace *ws, Loss loss, const float *x,
                              const float *t, int batch, float *grad) {
    bool logits = loss_takes_logits(loss);
    const float *scores = forward(net, ws, x, batch, logits, true);
    loss_gradient(loss, scores, t, batch, net->n_outputs, ws->delta[0]);
    backward(net, ws, x, logits, batch, grad);
    return scores;
}

bool network_array(const Network *net, int index, NetworkArray *array) {
    int at = 0;
    for (int l = 0; l < net->n_layers; l++) {
        const Layer *layer = &net->layers[l];
        const bool norm = layer->norm != NORM_NONE;
        const struct {
            const char *form;
            bool exists;
            size_t at;
            int cols;
        } arrays[] = {
            {"layers.%d.weight", true, layer->weight_at, layer->inputs},
            {"layers.%d.bias", layer->has_bias, layer->bias_at, 0},
            {"norms.%d.weight", norm, layer->gamma_at, 0},
            {"norms.%d.bias", norm, layer->beta_at, 0},
        };
        for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
            if (!arrays[i].exists || at++ != index) continue;
            *array = (NetworkArray){.layer = l,
                                    .at = arrays[i].at,
                                    .rows = layer->units,
                                    .cols = arrays[i].cols,
                                    .trained = true};
            snprintf(array->name, sizeof array->name, arrays[i].form, l);
            return true;
        }
    }
    for (int l = 0; l < net->n_layers; l++) {
        const Layer *layer = &net->layers[l];
        for (int i = 0; layer->norm == NORM_BATCH && i < 2; i++) {
            if (at++ != index) continue;
            *array = (NetworkArray){.layer = l,
                                    .at = i == 0 ? layer->mean_at : layer->variance_at,
                                    .rows = layer->units};
            snprintf(array->name, sizeof array->name, "norms.%d.%s", l,
                     i == 0 ? "running_mean" : "running_var");
            return true;
        }
    }
    return false;
}

/// The size of the next block when `left` samples are left.
static int block_size(const Workspace *ws, size_t left) {
    return left < (size_t)ws->max_batch ? (int)left : ws->max_batch;
}

void network_predict(const Network *net, Workspace *ws, const float *x, size_t n, float *y) {
    size_t inputs = (size_t)net->n_inputs, outputs = (size_t)net->n_outputs;
    for (size_t at = 0; at < n;) {
        int block = block_size(ws, n - at);
        const float *out = network_outputs(net, ws, x + at * inputs, block);
        memcpy(y + at * outputs, out, (size_t)block * outputs * sizeof *y);
        at += (size_t)block;
    }
}

bool network_locate(const Network *net, ParamRef ref, size_t *at, Error *error) {
    int l = ref.layer < 0 ? ref.layer + net->n_layers : ref.layer;
    if (l < 0 || l >= net->n_layers) {
        return error_set(error, "layer %d: the network has layers 0 to %d", ref.layer,
                         net->n_layers - 1);
    }
    const Layer *layer = &net->layers[l];
    if (ref.row < 0 || ref.row >= layer->units) {
        return error_set(error, "neuron %d: layer %d has neurons 0 to %d", ref.row, ref.layer,
                         layer->units - 1);
    }
    if (ref.col == PARAM_BIAS) {
        if (!layer->has_bias) return error_set(error, "layer %d has no bias", ref.layer);
        *at = layer->bias_at + (size_t)ref.row;
        return true;
    }
    if (ref.col < 0 || ref.col >= layer->inputs) {
        return error_set(error, "weight %d: the neurons of layer %d have weights 0 to %d", ref.col,
                         ref.layer, layer->inputs - 1);
    }
    *at = layer->weight_at + (size_t)ref.row * (size_t)layer->inputs + (size_t)ref.col;
    return true;
}

/// Reads a decimal number of at most six digits.  @return after it, or NULL
static const char *parse_number(const char *text, bool negative_allowed, int *number) {
    bool negative = negative_allowed && *text == '-';
    if (negative) text++;
    int value = 0, digits = 0;
    for (; *text >= '0' && *text <= '9'; text++) {
        if (++digits > 6) return NULL;
        value = 10 * value + (*text - '0');
    }
    *number = negative ? -value : value;
    return digits > 0 ? text : NULL;
}

bool param_ref_parse(const char *text, ParamRef *ref) {
    ParamRef read;
    text = parse_number(text, true, &read.layer);
    if (!text || *text++ != ':') return false;
    text = parse_number(text, false, &read.row);
    if (!text || *text++ != ':') return false;
    if (*text == 'b') {
        read.col = PARAM_BIAS;
        text++;
    } else {
        text = parse_number(text, false, &read.col);
    }
    if (!text || *text) return false;
    *ref = read;
    return true;
}

void param_ref_print(ParamRef ref, char *text, size_t size) {
    if (ref.col == PARAM_BIAS) {
        snprintf(text, size, "%d:%d:b", ref.layer, ref.row);
    } else {
        snprintf(text, size, "%d:%d:%d", ref.layer, ref.row, ref.col);
    }
}
