// Networks as data. All parameters lie in one array (layer after layer, matrix then bias), so that
// optimizers, files and snapshots need not know layers; a layer is a few offsets into it.
#include "nn/network.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nn/floats.h"

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

bool network_array(const Network *net, int index, NetworkArray *array) {
    int at = 0;
    for (int l = 0; l < net->n_layers; l++) {
        const Layer *layer = &net->layers[l];
        const bool norm = layer->norm != NORM_NONE;
        const struct {
            const char *form;
            size_t at;
            int cols;
            bool exists;
        } arrays[] = {
            {"layers.%d.weight", layer->weight_at, layer->inputs, true},
            {"layers.%d.bias", layer->bias_at, 0, layer->has_bias},
            {"norms.%d.weight", layer->gamma_at, 0, norm},
            {"norms.%d.bias", layer->beta_at, 0, norm},
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
