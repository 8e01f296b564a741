// Networks up to 16 units wide, sample by sample. As in pairs.c latency limits the speed, so a
// layer's vectors run along its longer side: along the units where there are more units than inputs
// (z is then a sum of columns scaled by the inputs), else along the inputs (z is then a few dot
// products). Either way at most one of the two passes has to add up lanes. A layer's shape in
// vectors is a constant inside its kernel, so that its sums stay in registers; everything beyond
// its units and inputs stays zero, until a run diverges: a NaN times zero is one, so each call
// begins with clean vectors.
#include "nn/kernels/narrow.h"

#include <stdlib.h>
#include <string.h>

#include "nn/kernels/fused.h"

enum {
    WIDEST = 16,
    CHUNKS = WIDEST / 4, // vectors that hold a layer's units
};

typedef struct NarrowLayer {
    int rows;     // the shorter side, along which weight's rows lie
    int chunks;   // vectors a row
    bool by_unit; // rows run along the units, one an input; else along the inputs, one a unit
    bool has_bias, residual;
    int unit_chunks, input_chunks;
    Activation activation;
    LaneBits last_units; // the lanes that exist in the last vector of units
    Lanes weight[WIDEST * CHUNKS], weight_velocity[WIDEST * CHUNKS], weight_grad[WIDEST * CHUNKS];
    Lanes bias[CHUNKS], bias_velocity[CHUNKS], bias_grad[CHUNKS];
    Lanes activated[CHUNKS]; // f(z)
    Lanes output[CHUNKS];    // that, or with the input added
    Lanes doutput[CHUNKS];   // dL/doutput, where the layer is residual
    Lanes delta[CHUNKS];     // dL/dz
    Lanes weight_square[WIDEST * CHUNKS], bias_square[CHUNKS];
} NarrowLayer;

struct Narrow {
    int n_layers, n_inputs, n_outputs;
    double loss_weight;   // of a squared error in its sample's loss
    Optimizer *optimizer; // NULL: steps are plain, and there are no penalties
    float l1, l2;
    Lanes input[CHUNKS], target[CHUNKS];
    NarrowLayer layers[];
};

bool narrow_fits(const Network *net) {
    if (network_widest(net) > WIDEST) return false;
    for (int l = 0; l < net->n_layers; l++) {
        const Layer *layer = &net->layers[l];
        if (layer->norm != NORM_NONE || layer->dropout > 0.0f ||
            layer->activation == ACTIVATION_SOFTMAX) {
            return false;
        }
    }
    return true;
}

Narrow *narrow_create(const Network *net) {
    size_t size = sizeof(Narrow) + (size_t)net->n_layers * sizeof(NarrowLayer);
    Narrow *narrow = aligned_alloc(16, (size + 15) / 16 * 16);
    if (!narrow) return NULL;
    memset(narrow, 0, size);
    narrow->n_layers = net->n_layers;
    narrow->n_inputs = net->n_inputs;
    narrow->n_outputs = net->n_outputs;
    for (int l = 0; l < net->n_layers; l++) {
        const Layer *from = &net->layers[l];
        NarrowLayer *layer = &narrow->layers[l];
        layer->unit_chunks = (from->units + 3) / 4;
        layer->input_chunks = (from->inputs + 3) / 4;
        layer->by_unit = from->units > from->inputs;
        layer->rows = layer->by_unit ? from->inputs : from->units;
        layer->chunks = layer->by_unit ? layer->unit_chunks : layer->input_chunks;
        layer->has_bias = from->has_bias;
        layer->residual = from->residual;
        layer->last_units = lanes_first(from->units - 4 * (layer->unit_chunks - 1));
    }
    return narrow;
}

void narrow_destroy(Narrow *narrow) {
    free(narrow);
}

/// Copies a layer's parameters (or their velocities) into vectors, or back.
static void copy(const Layer *shape, const NarrowLayer *layer, float *params, Lanes *weight,
                 Lanes *bias, bool back) {
    float *weights = (float *)weight, *biases = (float *)bias;
    if (!back) {
        memset(weight, 0, (size_t)(layer->rows * layer->chunks) * sizeof *weight);
        memset(bias, 0, (size_t)layer->unit_chunks * sizeof *bias);
    }
    for (int o = 0; o < shape->units; o++) {
        for (int i = 0; i < shape->inputs; i++) {
            int row = layer->by_unit ? i : o, lane = layer->by_unit ? o : i;
            float *lying = &weights[row * layer->chunks * 4 + lane];
            float *param = &params[shape->weight_at + (size_t)(o * shape->inputs + i)];
            if (back)
                *param = *lying;
            else
                *lying = *param;
        }
        if (!shape->has_bias) continue;
        if (back)
            params[shape->bias_at + (size_t)o] = biases[o];
        else
            biases[o] = params[shape->bias_at + (size_t)o];
    }
}

static void copy_all(Narrow *narrow, Network *net, Optimizer *optimizer, bool back) {
    for (int l = 0; l < net->n_layers; l++) {
        const Layer *shape = &net->layers[l];
        NarrowLayer *layer = &narrow->layers[l];
        copy(shape, layer, net->params, layer->weight, layer->bias, back);
        copy(shape, layer, optimizer->velocity, layer->weight_velocity, layer->bias_velocity, back);
        if (!optimizer->square) continue;
        copy(shape, layer, optimizer->square, layer->weight_square, layer->bias_square, back);
    }
}

/// The sums of four consecutive rows' products with `by`.  @param rows  how many of them exist
NN_INLINE Lanes four_dots(const Lanes *row, const Lanes *by, const int chunks, const int rows) {
    Lanes products[4];
    for (int k = 0; k < 4; k++, row += chunks) {
        products[k] = lanes_splat(0);
        if (k >= rows) continue;
        products[k] = row[0] * by[0];
        for (int c = 1; c < chunks; c++) products[k] += row[c] * by[c];
    }
    return lanes_sums(products[0], products[1], products[2], products[3]);
}

NN_INLINE void dots(const Lanes *row, int n, const Lanes *by, Lanes *sums, const int chunks) {
    const int four_rows = 4 * chunks;
    if (n == 1) {
        *sums = four_dots(row, by, chunks, 1);
    } else if (n == 2) {
        *sums = four_dots(row, by, chunks, 2);
    } else {
        for (int r = 0; r < n; r += 4, row += four_rows) *sums++ = four_dots(row, by, chunks, 4);
    }
}

/// The sum of rows scaled by scales.
NN_INLINE void combination(const Lanes *rows, int n, const float *scales, Lanes *sum,
                           const int chunks) {
    Lanes total[CHUNKS];
    for (int c = 0; c < chunks; c++) total[c] = rows[c] * scales[0];
    for (int r = 1; r < n; r++) {
        Lanes scale = lanes_splat(scales[r]);
        for (int c = 0; c < chunks; c++) total[c] += rows[r * chunks + c] * scale;
    }
    for (int c = 0; c < chunks; c++) sum[c] = total[c];
}

/// Each row learns from by scaled by its number in scales.
NN_INLINE void learn_rows(NarrowLayer *layer, const float *scales, const Lanes *by, FusedStep step,
                          const int chunks, const FusedMode mode) {
    for (int r = 0; r < layer->rows; r++) {
        Lanes scale = lanes_splat(scales[r]);
        for (int c = 0; c < chunks; c++) {
            int at = r * chunks + c;
            fused_learn(&layer->weight[at], &layer->weight_velocity[at], &layer->weight_grad[at],
                        by[c] * scale, step, mode);
        }
    }
}

/// @param chunks  layer->chunks, as a constant
NN_INLINE void forward_layer(NarrowLayer *layer, const Lanes *input, const int chunks) {
    Lanes z[CHUNKS];
    if (layer->by_unit) {
        combination(layer->weight, layer->rows, (const float *)input, z, chunks);
    } else {
        dots(layer->weight, layer->rows, input, z, chunks);
    }
    int n = layer->by_unit ? chunks : layer->unit_chunks;
    for (int c = 0; c < n; c++) {
        layer->activated[c] = lanes_activate(layer->activation, z[c] + layer->bias[c]);
    }
    layer->activated[n - 1] = lanes_where(layer->last_units, layer->activated[n - 1]);
    for (int c = 0; layer->residual && c < n; c++) {
        layer->output[c] = input[c] + layer->activated[c];
    }
}

NN_INLINE const Lanes *output_of(const NarrowLayer *layer) {
    return layer->residual ? layer->output : layer->activated;
}

NN_INLINE void backward_layer(NarrowLayer *layer, const Lanes *input, Lanes *dx, FusedStep by,
                              const int chunks, const FusedMode mode) {
    const Lanes *delta = layer->delta;
    if (layer->by_unit) {
        if (dx) dots(layer->weight, layer->rows, delta, dx, chunks);
        learn_rows(layer, (const float *)input, delta, by, chunks, mode);
    } else {
        if (dx) combination(layer->weight, layer->rows, (const float *)delta, dx, chunks);
        learn_rows(layer, (const float *)delta, input, by, chunks, mode);
    }
    if (!layer->has_bias) return;
    for (int c = 0; c < layer->unit_chunks; c++) {
        fused_learn(&layer->bias[c], &layer->bias_velocity[c], &layer->bias_grad[c], delta[c], by,
                    mode);
    }
}

NN_INLINE void forward(Narrow *narrow) {
    const Lanes *input = narrow->input;
    for (int l = 0; l < narrow->n_layers; l++) {
        NarrowLayer *layer = &narrow->layers[l];
        switch (layer->chunks) {
        case 1: forward_layer(layer, input, 1); break;
        case 2: forward_layer(layer, input, 2); break;
        case 3: forward_layer(layer, input, 3); break;
        default: forward_layer(layer, input, 4); break;
        }
        input = output_of(layer);
    }
}

/// Makes dL/dz of a layer of dL/doutput, which lies in delta.
NN_INLINE void descend(NarrowLayer *layer) {
    for (int c = 0; c < layer->unit_chunks; c++) {
        if (layer->residual) layer->doutput[c] = layer->delta[c];
        layer->delta[c] = lanes_slope(layer->activation, layer->activated[c], layer->delta[c]);
    }
}

/// Backpropagates the last layer's delta, learning from it on the way.
NN_INLINE void backward(Narrow *narrow, FusedStep by, const FusedMode mode) {
    for (int l = narrow->n_layers - 1; l >= 0; l--) {
        NarrowLayer *layer = &narrow->layers[l], *before = layer - 1;
        const Lanes *input = l > 0 ? output_of(before) : narrow->input;
        Lanes *dx = l > 0 ? before->delta : NULL;
        switch (layer->chunks) {
        case 1: backward_layer(layer, input, dx, by, 1, mode); break;
        case 2: backward_layer(layer, input, dx, by, 2, mode); break;
        case 3: backward_layer(layer, input, dx, by, 3, mode); break;
        default: backward_layer(layer, input, dx, by, 4, mode); break;
        }
        if (l == 0) break;
        for (int c = 0; layer->residual && c < layer->input_chunks; c++) {
            dx[c] += layer->doutput[c];
        }
        descend(before);
    }
}

/// Takes a step by the optimizer's own functions, which know nothing of the layout: what a layer
/// lacks has no gradient, and stays zero.
static void apply(const Narrow *narrow, Lanes *params, Lanes *grad, Lanes *velocity, Lanes *square,
                  int n, bool penalised) {
    const Optimizer *optimizer = narrow->optimizer;
    float *p = (float *)params, *g = (float *)grad;
    const size_t floats = 4 * (size_t)n;
    if (penalised) penalties_add(p, floats, narrow->l1, narrow->l2, g);
    optimizer_apply(optimizer, optimizer->steps, p, g, (float *)velocity,
                    optimizer->square ? (float *)square : NULL, floats);
    memset(grad, 0, floats * sizeof *g);
}

static void apply_all(Narrow *narrow) {
    narrow->optimizer->steps++;
    for (int l = 0; l < narrow->n_layers; l++) {
        NarrowLayer *layer = &narrow->layers[l];
        apply(narrow, layer->weight, layer->weight_grad, layer->weight_velocity,
              layer->weight_square, layer->rows * layer->chunks, true);
        if (!layer->has_bias) continue;
        apply(narrow, layer->bias, layer->bias_grad, layer->bias_velocity, layer->bias_square,
              layer->unit_chunks, false);
    }
}

NN_INLINE void step_all(Narrow *narrow, FusedStep by, const FusedMode mode) {
    for (int l = 0; l < narrow->n_layers; l++) {
        NarrowLayer *layer = &narrow->layers[l];
        for (int i = 0; i < layer->rows * layer->chunks; i++) {
            fused_step(&layer->weight[i], &layer->weight_velocity[i], layer->weight_grad[i], by,
                       mode);
            layer->weight_grad[i] = lanes_splat(0);
        }
        for (int c = 0; layer->has_bias && c < layer->unit_chunks; c++) {
            fused_step(&layer->bias[c], &layer->bias_velocity[c], layer->bias_grad[c], by, mode);
            layer->bias_grad[c] = lanes_splat(0);
        }
    }
}

/// The last layer's delta for a batch of `size`.  @return the sample's loss
NN_INLINE double output_delta(Narrow *narrow, Loss loss, int size) {
    NarrowLayer *last = &narrow->layers[narrow->n_layers - 1];
    const Lanes *output = output_of(last);
    const float *scores = (const float *)output, *t = (const float *)narrow->target;
    float scale = loss_scale(loss, size, narrow->n_outputs);
    double sum = 0;
    if (loss == LOSS_BCE) {
        sum = loss_sum(loss, scores, t, 1, narrow->n_outputs);
        for (int c = 0; c < last->unit_chunks; c++) {
            Lanes y = output[c];
            LANES_MAP(sigmoid32, &y);
            last->delta[c] = scale * (y - narrow->target[c]);
        }
        Lanes *end = &last->delta[last->unit_chunks - 1];
        *end = lanes_where(last->last_units, *end);
    } else {
        for (int k = 0; k < narrow->n_outputs; k++) {
            double d = (double)scores[k] - (double)t[k];
            sum += d * d;
        }
        sum *= narrow->loss_weight;
        for (int c = 0; c < last->unit_chunks; c++) {
            last->delta[c] = scale * (output[c] - narrow->target[c]);
        }
    }
    descend(last);
    return sum;
}

/// Trains on samples first…last-1 as one batch.  @return the sum of their losses
NN_INLINE double narrow_batch(Narrow *narrow, const FusedSamples *samples, size_t first,
                              size_t last, Loss loss, FusedStep by, const FusedMode mode) {
    const size_t inputs = (size_t)narrow->n_inputs, outputs = (size_t)narrow->n_outputs;
    const int size = mode.single ? 1 : (int)(last - first);
    double sum = 0;
    for (size_t i = first; i < last; i++) {
        size_t at = samples->order ? samples->order[i] : i;
        for (size_t k = 0; k < inputs; k++) {
            ((float *)narrow->input)[k] = samples->x[at * inputs + k];
        }
        for (size_t k = 0; k < outputs; k++) {
            ((float *)narrow->target)[k] = samples->t[at * outputs + k];
        }
        forward(narrow);
        sum += output_delta(narrow, loss, size);
        backward(narrow, by, mode);
    }
    if (mode.single) return sum;
    if (narrow->optimizer) {
        apply_all(narrow);
    } else {
        step_all(narrow, by, mode);
    }
    return sum;
}

FUSED_TRAIN(narrow, Narrow)

double narrow_train_batches(Narrow *narrow, Network *net, Optimizer *optimizer,
                            const TrainDesc *desc, const float *x, const float *t,
                            const uint32_t *order, size_t n, size_t *done) {
    const bool plain = optimizer_is_plain(&optimizer->desc) && desc->l1 == 0.0f && desc->l2 == 0.0f;
    const int last = net->n_layers - 1;
    for (int l = 0; l <= last; l++) narrow->layers[l].activation = net->layers[l].activation;
    if (loss_takes_logits(desc->loss)) narrow->layers[last].activation = ACTIVATION_LINEAR;
    narrow->loss_weight = (desc->loss == LOSS_HALF_MSE ? 0.5 : 1.0) / net->n_outputs;
    narrow->optimizer = plain ? NULL : optimizer;
    narrow->l1 = desc->l1;
    narrow->l2 = desc->l2;
    copy_all(narrow, net, optimizer, false);
    FusedSamples samples = {x, t, order, n};
    FusedStep by = {optimizer->learning_rate, optimizer->desc.momentum};
    double sum = narrow_train(narrow, &samples, (size_t)desc->batch, plain, desc->loss, by, done);
    copy_all(narrow, net, optimizer, true);
    return sum;
}
