// Folding batch norm: gamma (z - mean) / sqrt(variance + eps) + beta is again a weighted sum of the
// layer's inputs, with every weight times a factor of its unit.
#include "nn/landscape_model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nn/kernels/landscape_kernels.h"

/// What batch norm multiplies a unit's sum by; 1 without.
static double fold_factor(const Network *net, const Layer *layer, int unit) {
    if (layer->norm != NORM_BATCH) return 1.0;
    double variance = (double)net->params[layer->variance_at + (size_t)unit];
    return (double)net->params[layer->gamma_at + (size_t)unit] / sqrt(variance + NETWORK_NORM_EPS);
}

bool axis_find(const Network *net, ParamRef ref, Axis *axis, Error *error) {
    if (!network_locate(net, ref, &axis->at, error)) return false;
    axis->layer = ref.layer < 0 ? ref.layer + net->n_layers : ref.layer;
    axis->row = ref.row;
    axis->col = ref.col;
    axis->factor = fold_factor(net, &net->layers[axis->layer], axis->row);
    return true;
}

float axis_value(const Axis *axis, double value) {
    return (float)(axis->factor * (double)(float)value);
}

static void fold_layer(const Network *net, const Layer *from, ModelLayer *to) {
    for (int j = 0; j < to->units; j++) {
        size_t unit = (size_t)j, inputs = (size_t)to->inputs;
        double factor = fold_factor(net, from, j);
        const float *weight = net->params + from->weight_at + unit * inputs;
        double bias = from->has_bias ? (double)net->params[from->bias_at + unit] : 0.0;
        if (from->norm == NORM_BATCH) {
            bias -= (double)net->params[from->mean_at + unit];
            bias = factor * bias + (double)net->params[from->beta_at + unit];
        }
        to->bias[unit] = (float)bias;
        for (size_t k = 0; k < inputs; k++) {
            to->weight[unit * inputs + k] = (float)(factor * (double)weight[k]);
        }
    }
    if (to->layer_norm) {
        size_t size = (size_t)to->units * sizeof(float);
        memcpy(to->gamma, net->params + from->gamma_at, size);
        memcpy(to->beta, net->params + from->beta_at, size);
    }
}

/// Describes the layers and hands out their arrays. @return how many floats they take
static size_t lay_out(Model *model, const Network *net) {
    size_t at = 0;
    for (int l = 0; l < net->n_layers; l++) {
        const Layer *from = &net->layers[l];
        ModelLayer *to = &model->layers[l];
        *to = (ModelLayer){.inputs = from->inputs,
                           .units = from->units,
                           .activation = from->activation,
                           .residual = from->residual,
                           .layer_norm = from->norm == NORM_LAYER};
        size_t units = (size_t)to->units, weights = units * (size_t)to->inputs;
        if (model->memory) {
            to->weight = model->memory + at;
            to->bias = to->weight + weights;
            to->gamma = to->bias + units;
            to->beta = to->gamma + units;
        }
        at += weights + (to->layer_norm ? 3 : 1) * units;
    }
    if (model->memory) model->mean = model->memory + at;
    return at + (size_t)net->n_outputs;
}

void model_load(Model *model, const Network *net) {
    for (int l = 0; l < net->n_layers; l++) fold_layer(net, &net->layers[l], &model->layers[l]);
}

bool model_copy(Model *copy, const Model *model, const Network *net) {
    *copy = *model;
    copy->memory = NULL;
    const size_t size = lay_out(copy, net);
    copy->memory = malloc(size * sizeof *copy->memory);
    if (!copy->memory) return false;
    lay_out(copy, net);
    if (model->mean) {
        memcpy(copy->mean, model->mean, (size_t)model->n_outputs * sizeof *copy->mean);
    } else {
        copy->mean = NULL;
    }
    // Where the loss takes logits the last layer ends in them.
    const int last = model->n_layers - 1;
    copy->layers[last].activation = model->layers[last].activation;
    model_load(copy, net);
    return true;
}

bool model_init(Model *model, const Network *net, Loss loss, const Axis *a, const Axis *b,
                const float *t, size_t n) {
    *model = (Model){.n_layers = net->n_layers,
                     .n_inputs = net->n_inputs,
                     .n_outputs = net->n_outputs,
                     .widest = network_widest(net),
                     .loss = loss_uncoupled(loss)};
    model->memory = malloc(lay_out(model, net) * sizeof *model->memory);
    Network open;
    if (!model->memory || !network_copy(&open, net)) return false;
    if (a) open.params[a->at] = 0.0f;
    if (b) open.params[b->at] = 0.0f;
    lay_out(model, net);
    model_load(model, &open);
    network_deinit(&open);
    if (loss_takes_logits(loss)) model->layers[net->n_layers - 1].activation = ACTIVATION_LINEAR;
    if (loss_couples(loss)) {
        model->constant = loss_mean_target(t, n, net->n_outputs, model->mean);
    } else {
        model->mean = NULL;
    }
    return true;
}

void model_deinit(Model *model) {
    free(model->memory);
}

size_t landscape_blocks(size_t n, size_t *width) {
    const size_t blocks = (n + BLOCK_MAX - 1) / BLOCK_MAX;
    *width = (n + blocks * BLOCK_CHUNK - 1) / (blocks * BLOCK_CHUNK) * BLOCK_CHUNK;
    return (n + *width - 1) / *width;
}

void model_sums(const Model *model, int layer, size_t n, const float *x, float *z) {
    const ModelLayer *of = &model->layers[layer];
    block_sums(n, of->weight, of->bias, of->inputs, of->units, x, z);
}

void model_finish(const Model *model, int layer, size_t n, const float *x, float *z,
                  float *scratch) {
    const ModelLayer *of = &model->layers[layer];
    if (of->layer_norm) block_layer_norm(n, of->units, of->gamma, of->beta, z, scratch);
    activation_forward(of->activation, z, (size_t)of->units * n);
    if (of->residual) block_add((size_t)of->units * n, x, z);
}

double model_loss(const Model *model, size_t n, int count, const float *scores, const float *t,
                  float *scratch) {
    int outputs = model->n_outputs;
    if (model->loss == LOSS_CROSS_ENTROPY) {
        return block_cross_entropy(n, count, outputs, scores, t, scratch);
    }
    double sum = 0;
    for (int k = 0; k < outputs; k++, scores += n, t += n) {
        sum += model->loss == LOSS_BCE ? block_binary(count, scores, t)
                                       : block_squares(count, scores, t);
    }
    return (model->loss == LOSS_HALF_MSE ? 0.5 : 1.0) * sum / outputs;
}
