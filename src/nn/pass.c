// Passes layer by layer, and where each finds and leaves its numbers. A forward pass leaves what
// the way back needs in the workspace's records; the way back goes through two buffers of gradients
// in turns. The first layer's products pass over the zeros of images (sparse.c), and forward passes
// of narrow networks go block by block through all layers at once (blocks.c).
#include "nn/pass.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "nn/floats.h"
#include "nn/kernels/blocks.h"
#include "nn/kernels/dense.h"
#include "nn/kernels/norm.h"
#include "nn/kernels/sparse.h"

/// The most units of any layer: nothing goes back to the network's inputs.
static int most_units(const Network *net) {
    int most = 0;
    for (int l = 0; l < net->n_layers; l++) {
        if (net->layers[l].units > most) most = net->layers[l].units;
    }
    return most;
}

static bool has_residuals(const Network *net) {
    for (int l = 0; l < net->n_layers; l++) {
        if (net->layers[l].residual) return true;
    }
    return false;
}

/// Hands out `n` floats of ws->memory from *at on; where that is not yet made, only counts.
static float *take(Workspace *ws, size_t *at, size_t n) {
    float *taken = ws->memory ? ws->memory + *at : NULL;
    *at += floats_whole_lines(n);
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
    const int units = most_units(net);
    const size_t delta = batch * (size_t)units;
    ws->delta[0] = take(ws, &at, delta);
    ws->delta[1] = take(ws, &at, delta);
    if (has_residuals(net)) ws->delta[2] = take(ws, &at, delta);
    ws->scratch = take(ws, &at, dense_scratch_size(ws->max_batch, units));
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
            if (!ws->looked) ws->zeros = sparse_mark(ws->sparse, x, batch);
            ws->looked = false;
        }
        if (l == 0 && ws->zeros) {
            sparse_forward(ws->sparse, x, weight, bias, z);
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
            sparse_backward_weight(ws->sparse, x, dz, grad + layer->weight_at);
        } else {
            dense_backward_weight(dz, input, batch, layer->inputs, layer->units,
                                  grad + layer->weight_at, ws->scratch);
        }
        if (layer->has_bias && layer->norm == NORM_BATCH && ws->trained) {
            // The norm takes a bias away again: what would be left is rounding.
            memset(grad + layer->bias_at, 0, (size_t)layer->units * sizeof *grad);
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
