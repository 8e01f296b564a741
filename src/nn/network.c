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

#include "nn/blocks.h"
#include "nn/dense.h"

enum { ALIGNMENT = 64 };

/// n floats on a cache line's border, zeroed.
static float *floats_create(size_t n) {
    size_t bytes = (n * sizeof(float) + ALIGNMENT) / ALIGNMENT * ALIGNMENT;
    float *floats = aligned_alloc(ALIGNMENT, bytes);
    if (floats) memset(floats, 0, bytes);
    return floats;
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
        int units = layers[l].units;
        if (units < 1 || units > NETWORK_UNITS_MAX) {
            return error_set(error, "layer %d: a layer has 1 to %d units, not %d", l,
                             NETWORK_UNITS_MAX, units);
        }
        assert(layers[l].activation < ACTIVATION_COUNT);
        Layer *layer = &made.layers[l];
        *layer = (Layer){.inputs = inputs,
                         .units = units,
                         .activation = layers[l].activation,
                         .has_bias = !layers[l].no_bias,
                         .weight_at = made.n_params};
        made.n_params += (size_t)inputs * (size_t)units;
        layer->bias_at = made.n_params;
        if (layer->has_bias) made.n_params += (size_t)units;
        inputs = units;
    }
    made.n_outputs = inputs;
    if (made.n_params > NETWORK_PARAMS_MAX) {
        return error_set(error, "a network has at most %d parameters, not %zu", NETWORK_PARAMS_MAX,
                         made.n_params);
    }
    made.params = floats_create(made.n_params);
    if (!made.params) return error_set(error, "no memory for %zu parameters", made.n_params);
    *net = made;
    return true;
}

void network_deinit(Network *net) {
    free(net->params);
    *net = (Network){0};
}

bool network_copy(Network *copy, const Network *net) {
    Network made = *net;
    made.params = floats_create(net->n_params);
    if (made.params) memcpy(made.params, net->params, net->n_params * sizeof *net->params);
    *copy = made.params ? made : (Network){0};
    return made.params != NULL;
}

bool network_same_shape(const Network *a, const Network *b) {
    if (a->n_layers != b->n_layers || a->n_inputs != b->n_inputs) return false;
    for (int l = 0; l < a->n_layers; l++) {
        const Layer *p = &a->layers[l], *q = &b->layers[l];
        if (p->units != q->units || p->activation != q->activation || p->has_bias != q->has_bias) {
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

bool workspace_init(Workspace *ws, const Network *net, int max_batch) {
    assert(max_batch >= 1);
    *ws = (Workspace){.max_batch = max_batch};
    size_t batch = (size_t)max_batch, total = 0;
    size_t delta = whole_lines(batch * (size_t)network_widest(net));
    for (int l = 0; l < net->n_layers; l++) {
        total += whole_lines(batch * (size_t)net->layers[l].units);
    }
    size_t packed = whole_lines(dense_scratch_size(net, max_batch));
    ws->memory = floats_create(total + 2 * delta + packed);
    if (!ws->memory) {
        *ws = (Workspace){0};
        return false;
    }
    float *at = ws->memory;
    for (int l = 0; l < net->n_layers; l++) {
        ws->outputs[l] = at;
        at += whole_lines(batch * (size_t)net->layers[l].units);
    }
    for (int i = 0; i < 2; i++, at += delta) ws->delta[i] = at;
    ws->scratch = at;
    return true;
}

void workspace_deinit(Workspace *ws) {
    free(ws->memory);
    *ws = (Workspace){0};
}

const float *network_forward(const Network *net, Workspace *ws, const float *x, int batch) {
    assert(batch >= 1 && batch <= ws->max_batch);
    float *last = ws->outputs[net->n_layers - 1];
    if (blocks_suit(net, batch)) {
        blocks_forward(net, x, batch, ws->outputs);
        return last;
    }
    for (int l = 0; l < net->n_layers; l++) {
        const Layer *layer = &net->layers[l];
        const float *bias = layer->has_bias ? net->params + layer->bias_at : NULL;
        dense_forward(x, net->params + layer->weight_at, bias, batch, layer->inputs, layer->units,
                      ws->outputs[l]);
        activation_forward(layer->activation, ws->outputs[l], (size_t)batch * (size_t)layer->units);
        x = ws->outputs[l];
    }
    return last;
}

const float *network_outputs(const Network *net, Workspace *ws, const float *x, int batch) {
    assert(batch >= 1 && batch <= ws->max_batch);
    if (!blocks_suit(net, batch)) return network_forward(net, ws, x, batch);
    float *wanted[NETWORK_LAYERS_MAX] = {0};
    float *last = ws->outputs[net->n_layers - 1];
    wanted[net->n_layers - 1] = last;
    blocks_forward(net, x, batch, wanted);
    return last;
}

/// Backpropagates from dL/dz of the last layer, which lies in ws->delta[0].
static void backward_from_z(const Network *net, Workspace *ws, const float *x, int batch,
                            float *grad) {
    float *dz = ws->delta[0], *dx = ws->delta[1];
    for (int l = net->n_layers - 1; l >= 0; l--) {
        const Layer *layer = &net->layers[l];
        const float *input = l > 0 ? ws->outputs[l - 1] : x;
        dense_backward_weight(dz, input, batch, layer->inputs, layer->units,
                              grad + layer->weight_at, ws->scratch);
        if (layer->has_bias) {
            dense_backward_bias(dz, batch, layer->units, grad + layer->bias_at);
        }
        if (l == 0) break;
        dense_backward_input(dz, net->params + layer->weight_at, batch, layer->inputs, layer->units,
                             dx);
        activation_backward(net->layers[l - 1].activation, input, dx,
                            (size_t)batch * (size_t)layer->inputs);
        float *swapped = dz;
        dz = dx;
        dx = swapped;
    }
}

void network_backward(const Network *net, Workspace *ws, const float *x, const float *dy, int batch,
                      float *grad) {
    assert(batch >= 1 && batch <= ws->max_batch);
    int last = net->n_layers - 1;
    size_t n = (size_t)batch * (size_t)net->n_outputs;
    if (dy != ws->delta[0]) memcpy(ws->delta[0], dy, n * sizeof *dy);
    activation_backward(net->layers[last].activation, ws->outputs[last], ws->delta[0], n);
    backward_from_z(net, ws, x, batch, grad);
}

void network_gradient(const Network *net, Workspace *ws, Loss loss, const float *x, const float *t,
                      int batch, float *grad) {
    int last = net->n_layers - 1;
    const float *y = ws->outputs[last];
    if (loss_pairs_with(loss, net->layers[last].activation)) {
        loss_paired_gradient(loss, y, t, batch, net->n_outputs, ws->delta[0]);
        backward_from_z(net, ws, x, batch, grad);
    } else {
        loss_gradient(loss, y, t, batch, net->n_outputs, ws->delta[0]);
        network_backward(net, ws, x, ws->delta[0], batch, grad);
    }
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

double network_loss(const Network *net, Workspace *ws, Loss loss, const float *x, const float *t,
                    size_t n) {
    size_t inputs = (size_t)net->n_inputs, outputs = (size_t)net->n_outputs;
    double sum = 0;
    for (size_t at = 0; at < n;) {
        int block = block_size(ws, n - at);
        const float *y = network_outputs(net, ws, x + at * inputs, block);
        sum += loss_sum(loss, y, t + at * outputs, block, net->n_outputs);
        at += (size_t)block;
    }
    return sum / (double)n;
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
