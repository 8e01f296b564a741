// Networks two units wide, such as those that learn XOR. A layer's matrix fits one vector of four
// lanes, and a sample's way through the network stays in registers. What limits the speed is
// latency: each layer waits for the one before, and each sample for the step before. So the layout
// makes every layer a multiplication, a shuffle and an addition each way:
//
//     weight  w00 w10 w01 w11      (unit 0, unit 1) for input 0, then for input 1
//     input   x0  x0  x1  x1       z: halves added      z0 z1 z0 z1
//     delta   d0  d1  d0  d1       dx: neighbours added  dx0 dx0 dx1 dx1
//
// Lanes of a unit or an input that a layer lacks stay zero throughout.
#include "nn/kernels/pairs.h"

#include "nn/kernels/fused.h"
#include "nn/kernels/narrow.h"

typedef struct PairLayer {
    Lanes weight, bias;                   // bias: b0 b1 b0 b1
    Lanes weight_velocity, bias_velocity; // as they
    Lanes weight_grad, bias_grad;         // summed over a batch
    Lanes input;                          // x0 x0 x1 x1 of the sample under way
    Lanes activated;                      // f(z): y0 y1 y0 y1
    LaneBits units, biases;               // the lanes that exist
    Activation activation;
    bool residual;
} PairLayer;

typedef struct Pairs {
    int n_layers, n_inputs, n_outputs;
    double loss_weight; // of a squared error in its sample's loss
    PairLayer layers[NETWORK_LAYERS_MAX];
} Pairs;

bool pairs_fit(const Network *net) {
    return network_widest(net) <= 2 && narrow_fits(net);
}

/// Copies a layer's parameters (or their velocities) into lanes.
static void load(const Layer *layer, const float *params, Lanes *weight, Lanes *bias) {
    *weight = *bias = lanes_splat(0);
    for (int o = 0; o < layer->units; o++) {
        for (int i = 0; i < layer->inputs; i++) {
            (*weight)[2 * i + o] = params[layer->weight_at + (size_t)(o * layer->inputs + i)];
        }
        if (layer->has_bias) (*bias)[o] = (*bias)[o + 2] = params[layer->bias_at + (size_t)o];
    }
}

static void store(const Layer *layer, Lanes weight, Lanes bias, float *params) {
    for (int o = 0; o < layer->units; o++) {
        for (int i = 0; i < layer->inputs; i++) {
            params[layer->weight_at + (size_t)(o * layer->inputs + i)] = weight[2 * i + o];
        }
        if (layer->has_bias) params[layer->bias_at + (size_t)o] = bias[o];
    }
}

static void pairs_load(Pairs *pairs, const Network *net, const Optimizer *optimizer, Loss loss) {
    pairs->n_layers = net->n_layers;
    pairs->n_inputs = net->n_inputs;
    pairs->n_outputs = net->n_outputs;
    for (int l = 0; l < net->n_layers; l++) {
        const Layer *from = &net->layers[l];
        PairLayer *layer = &pairs->layers[l];
        load(from, net->params, &layer->weight, &layer->bias);
        load(from, optimizer->velocity, &layer->weight_velocity, &layer->bias_velocity);
        layer->weight_grad = layer->bias_grad = lanes_splat(0);
        LaneBits units = lanes_first(from->units);
        layer->units = __builtin_shufflevector(units, units, 0, 1, 0, 1);
        layer->biases = from->has_bias ? layer->units : lanes_first(0);
        layer->activation = from->activation;
        layer->residual = from->residual;
    }
    if (loss_takes_logits(loss)) pairs->layers[net->n_layers - 1].activation = ACTIVATION_LINEAR;
}

static void pairs_store(const Pairs *pairs, Network *net, Optimizer *optimizer) {
    for (int l = 0; l < net->n_layers; l++) {
        const PairLayer *layer = &pairs->layers[l];
        store(&net->layers[l], layer->weight, layer->bias, net->params);
        store(&net->layers[l], layer->weight_velocity, layer->bias_velocity, optimizer->velocity);
    }
}

/// @param x  as a b a b  @return the last layer's output, in the same form
NN_INLINE Lanes forward(Pairs *pairs, Lanes x) {
    for (int l = 0; l < pairs->n_layers; l++) {
        PairLayer *layer = &pairs->layers[l];
        layer->input = __builtin_shufflevector(x, x, 0, 0, 1, 1);
        Lanes products = layer->weight * layer->input;
        Lanes z = products + __builtin_shufflevector(products, products, 2, 3, 0, 1) + layer->bias;
        layer->activated = lanes_where(layer->units, lanes_activate(layer->activation, z));
        if (layer->residual) {
            x += layer->activated;
        } else {
            x = layer->activated;
        }
    }
    return x;
}

/// Backpropagates dL/dy of the last layer, learning on the way.
NN_INLINE void backward(Pairs *pairs, Lanes d, FusedStep by, const FusedMode mode) {
    for (int l = pairs->n_layers - 1; l >= 0; l--) {
        PairLayer *layer = &pairs->layers[l];
        Lanes delta = lanes_slope(layer->activation, layer->activated, d);
        Lanes products = layer->weight * delta;
        fused_learn(&layer->weight, &layer->weight_velocity, &layer->weight_grad,
                    delta * layer->input, by, mode);
        fused_learn(&layer->bias, &layer->bias_velocity, &layer->bias_grad,
                    lanes_where(layer->biases, delta), by, mode);
        if (l == 0) break;
        Lanes sums = products + __builtin_shufflevector(products, products, 1, 0, 3, 2);
        Lanes dx = __builtin_shufflevector(sums, sums, 0, 2, 0, 2);
        if (layer->residual) {
            d += dx;
        } else {
            d = dx;
        }
    }
}

NN_INLINE void step_all(Pairs *pairs, FusedStep by, const FusedMode mode) {
    for (int l = 0; l < pairs->n_layers; l++) {
        PairLayer *layer = &pairs->layers[l];
        fused_step(&layer->weight, &layer->weight_velocity, layer->weight_grad, by, mode);
        fused_step(&layer->bias, &layer->bias_velocity, layer->bias_grad, by, mode);
        layer->weight_grad = layer->bias_grad = lanes_splat(0);
    }
}

/// Number `at` of an array of one or two values a sample, as a b a b.
NN_INLINE Lanes sample_pair(const float *values, int width, size_t at) {
    if (width == 1) return (Lanes){values[at], 0, values[at], 0};
    float a = values[2 * at], b = values[2 * at + 1];
    return (Lanes){a, b, a, b};
}

/// Trains on samples first…last-1 as one batch.  @return the sum of their losses
NN_INLINE double pairs_batch(Pairs *pairs, const FusedSamples *samples, size_t first, size_t last,
                             Loss loss, FusedStep by, const FusedMode mode) {
    const int outputs = pairs->n_outputs, size = mode.single ? 1 : (int)(last - first);
    const float scale = loss_scale(loss, size, outputs);
    const LaneBits exists = pairs->layers[pairs->n_layers - 1].units;
    double sum = 0;
    for (size_t i = first; i < last; i++) {
        size_t at = samples->order ? samples->order[i] : i;
        Lanes t = sample_pair(samples->t, outputs, at);
        Lanes y = forward(pairs, sample_pair(samples->x, pairs->n_inputs, at));
        if (loss == LOSS_BCE) {
            float ys[2] = {y[0], y[1]}, ts[2] = {t[0], t[1]};
            sum += loss_sum(loss, ys, ts, 1, outputs);
            LANES_MAP(sigmoid32, &y);
            y = lanes_where(exists, y);
        } else {
            // Where there is one output the second difference is 0.
            double d0 = (double)y[0] - (double)t[0], d1 = (double)y[1] - (double)t[1];
            sum += (d0 * d0 + d1 * d1) * pairs->loss_weight;
        }
        backward(pairs, scale * (y - t), by, mode);
    }
    if (!mode.single) step_all(pairs, by, mode);
    return sum;
}

FUSED_TRAIN(pairs, Pairs)

double pairs_train_batches(Network *net, Optimizer *optimizer, const TrainDesc *desc,
                           const float *x, const float *t, const uint32_t *order, size_t n,
                           size_t *done) {
    Pairs pairs;
    pairs_load(&pairs, net, optimizer, desc->loss);
    pairs.loss_weight = (desc->loss == LOSS_HALF_MSE ? 0.5 : 1.0) / net->n_outputs;
    FusedSamples samples = {x, t, order, n};
    FusedStep by = {optimizer->learning_rate, optimizer->desc.momentum};
    double sum = pairs_train(&pairs, &samples, (size_t)desc->batch, true, desc->loss, by, done);
    pairs_store(&pairs, net, optimizer);
    return sum;
}
