// Networks whose shape is a constant: no loop over layers, rows or vectors is left, and parameters
// and activations live in registers instead of going through memory from layer to layer. That
// nearly doubles the speed of narrow.c's general loop, whose layout this is: a layer's vectors run
// along its longer side. A shape is three layers' numbers of vectors, so each kernel does for a
// family of widths.
//
// Plain steps without momentum, batches of one, losses that are squares: the rest is narrow.c's.
#include "nn/kernels/fixed.h"

#include <math.h>

#include "nn/kernels/lanes.h"
#include "nn/kernels/narrow.h"

enum { ROWS_MAX = 2, CHUNKS_MAX = 4 };

/// A layer's shape, a constant in each kernel. Vectors run along the units where there are more of
/// them than inputs (by_unit: a row an input), else along the inputs (a row a unit).
typedef struct Shape {
    bool by_unit;
    int rows, chunks;
} Shape;

typedef struct FixedLayer {
    Lanes weight[ROWS_MAX * CHUNKS_MAX];
    Lanes bias[CHUNKS_MAX];
} FixedLayer;

#if defined(__GNUC__) && !defined(__clang__)
#define UNROLLED _Pragma("GCC unroll 8")
#else
#define UNROLLED
#endif

/// Copies a layer's parameters into vectors, or back.
NN_INLINE void copy(const Layer *layer, float *params, FixedLayer *fixed, const Shape shape,
                    bool back) {
    UNROLLED for (int r = 0; r < shape.rows; r++) {
        UNROLLED for (int c = 0; c < shape.chunks; c++) {
            float lane[4] = {0};
            if (back) lanes_store(lane, fixed->weight[r * shape.chunks + c]);
            for (int k = 0; k < 4; k++) {
                int along = 4 * c + k;
                int unit = shape.by_unit ? along : r, input = shape.by_unit ? r : along;
                if (unit >= layer->units || input >= layer->inputs) continue;
                float *param = params + layer->weight_at + (size_t)(unit * layer->inputs + input);
                if (back)
                    *param = lane[k];
                else
                    lane[k] = *param;
            }
            if (!back) fixed->weight[r * shape.chunks + c] = lanes_load(lane);
        }
    }
    const int chunks = shape.by_unit ? shape.chunks : 1;
    UNROLLED for (int c = 0; c < chunks; c++) {
        float lane[4] = {0};
        if (back) lanes_store(lane, fixed->bias[c]);
        for (int k = 0; k < 4 && layer->has_bias; k++) {
            if (4 * c + k >= layer->units) continue;
            float *param = params + layer->bias_at + (size_t)(4 * c + k);
            if (back)
                *param = lane[k];
            else
                lane[k] = *param;
        }
        if (!back) fixed->bias[c] = lanes_load(lane);
    }
}

/// What a layer passes on for one sample.
typedef struct Pass {
    Lanes activated[CHUNKS_MAX];
    Lanes delta[CHUNKS_MAX]; // dL/dz
} Pass;

/// How many vectors hold a layer's units.
NN_INLINE int unit_chunks(const Shape shape) {
    return shape.by_unit ? shape.chunks : 1;
}

NN_INLINE void forward_layer(const FixedLayer *layer, const Lanes *input, Activation activation,
                             LaneBits last_units, Pass *pass, const Shape shape) {
    Lanes z[CHUNKS_MAX];
    if (shape.by_unit) {
        UNROLLED for (int c = 0; c < shape.chunks; c++) {
            z[c] = layer->weight[c] * input[0][0];
            UNROLLED for (int r = 1; r < shape.rows; r++) {
                z[c] += layer->weight[r * shape.chunks + c] * input[0][r];
            }
        }
    } else {
        Lanes sums[4];
        UNROLLED for (int r = 0; r < 4; r++) {
            sums[r] = lanes_splat(0);
            if (r >= shape.rows) continue;
            sums[r] = layer->weight[(size_t)(r * shape.chunks)] * input[0];
            UNROLLED for (int c = 1; c < shape.chunks; c++) {
                sums[r] += layer->weight[r * shape.chunks + c] * input[c];
            }
        }
        z[0] = lanes_sums(sums[0], sums[1], sums[2], sums[3]);
    }
    const int n = unit_chunks(shape);
    UNROLLED for (int c = 0; c < n; c++) {
        pass->activated[c] = lanes_activate(activation, z[c] + layer->bias[c]);
    }
    pass->activated[n - 1] = lanes_where(last_units, pass->activated[n - 1]);
}

/// Steps by pass->delta, and hands dL/dinput on.
/// @param dinput  NULL: not wanted
NN_INLINE void backward_layer(FixedLayer *layer, const Lanes *input, const Pass *pass,
                              Lanes *dinput, float learning_rate, bool has_bias,
                              const Shape shape) {
    const Lanes *delta = pass->delta;
    if (dinput && !shape.by_unit) {
        UNROLLED for (int c = 0; c < shape.chunks; c++) {
            dinput[c] = layer->weight[c] * delta[0][0];
            UNROLLED for (int r = 1; r < shape.rows; r++) {
                dinput[c] += layer->weight[r * shape.chunks + c] * delta[0][r];
            }
        }
    }
    UNROLLED for (int r = 0; r < shape.rows; r++) {
        Lanes scale = lanes_splat(shape.by_unit ? input[0][r] : delta[0][r]);
        UNROLLED for (int c = 0; c < shape.chunks; c++) {
            Lanes along = shape.by_unit ? delta[c] : input[c];
            layer->weight[r * shape.chunks + c] -= learning_rate * (along * scale);
        }
    }
    if (!has_bias) return;
    UNROLLED for (int c = 0; c < unit_chunks(shape); c++) {
        layer->bias[c] -= learning_rate * delta[c];
    }
}

NN_INLINE void slope(Activation activation, const Lanes *d, Pass *pass, const Shape shape) {
    UNROLLED for (int c = 0; c < unit_chunks(shape); c++) {
        pass->delta[c] = lanes_slope(activation, pass->activated[c], d[c]);
    }
}

/// The first lanes of a layer's last vector of units that exist.
static LaneBits last_units(const Layer *layer, const Shape shape) {
    return lanes_first(layer->units - 4 * (unit_chunks(shape) - 1));
}

/// Trains a network of three layers of these shapes.
NN_INLINE double train(Network *net, float learning_rate, Loss loss, const float *x, const float *t,
                       const uint32_t *order, size_t n, size_t *done, const Shape first,
                       const Shape second, const Shape third) {
    const Layer *const layers = net->layers;
    FixedLayer one, two, three;
    copy(&layers[0], net->params, &one, first, false);
    copy(&layers[1], net->params, &two, second, false);
    copy(&layers[2], net->params, &three, third, false);
    const LaneBits units[] = {last_units(&layers[0], first), last_units(&layers[1], second),
                              last_units(&layers[2], third)};
    const Activation activations[] = {layers[0].activation, layers[1].activation,
                                      layers[2].activation};
    const bool biased[] = {layers[0].has_bias, layers[1].has_bias, layers[2].has_bias};
    const float scale = loss_scale(loss, 1, 1);
    const double weight = loss == LOSS_HALF_MSE ? 0.5 : 1.0;
    double sum = 0;
    size_t i = 0;
    for (; i < n && isfinite(sum); i++) {
        const size_t at = order ? order[i] : i;
        const Lanes input = {x[2 * at], x[2 * at + 1], 0, 0};
        const Lanes target = {t[at], 0, 0, 0};
        Pass a, b, c;
        forward_layer(&one, &input, activations[0], units[0], &a, first);
        forward_layer(&two, a.activated, activations[1], units[1], &b, second);
        forward_layer(&three, b.activated, activations[2], units[2], &c, third);
        double difference = (double)c.activated[0][0] - (double)target[0];
        sum += weight * (difference * difference);

        Lanes d[CHUNKS_MAX];
        d[0] = scale * (c.activated[0] - target);
        slope(activations[2], d, &c, third);
        backward_layer(&three, b.activated, &c, d, learning_rate, biased[2], third);
        slope(activations[1], d, &b, second);
        backward_layer(&two, a.activated, &b, d, learning_rate, biased[1], second);
        slope(activations[0], d, &a, first);
        backward_layer(&one, &input, &a, NULL, learning_rate, biased[0], first);
    }
    copy(&layers[0], net->params, &one, first, true);
    copy(&layers[1], net->params, &two, second, true);
    copy(&layers[2], net->params, &three, third, true);
    *done = i;
    return sum;
}

/// X(suffix, vectors that hold the first layer's units): two inputs, up to 4 X units, two units,
/// one output.
#define KERNELS(X) X(_4, 1) X(_8, 2) X(_12, 3) X(_16, 4)

#define KERNEL(suffix, chunks)                                                                     \
    static double train##suffix(Network *net, float learning_rate, Loss loss, const float *x,      \
                                const float *t, const uint32_t *order, size_t n, size_t *done) {   \
        const Shape first = {true, 2, chunks}, second = {false, 2, chunks}, third = {false, 1, 1}; \
        return train(net, learning_rate, loss, x, t, order, n, done, first, second, third);        \
    }
KERNELS(KERNEL)

bool fixed_fits(const Network *net, const Optimizer *optimizer, const TrainDesc *desc) {
    const Layer *const layers = net->layers;
    if (net->n_layers != 3 || net->n_inputs != 2 || layers[0].units < 3 || layers[0].units > 16 ||
        layers[1].units != 2 || layers[2].units != 1 || !narrow_fits(net)) {
        return false;
    }
    return !layers[1].residual && !layers[2].residual && desc->batch == 1 &&
           (desc->loss == LOSS_MSE || desc->loss == LOSS_HALF_MSE) && desc->l1 == 0.0f &&
           desc->l2 == 0.0f && optimizer_is_plain(&optimizer->desc) &&
           optimizer->desc.momentum == 0.0f;
}

double fixed_train_batches(Network *net, const Optimizer *optimizer, const TrainDesc *desc,
                           const float *x, const float *t, const uint32_t *order, size_t n,
                           size_t *done) {
#define TRAIN(suffix, chunks)                                                                      \
    if (net->layers[0].units <= 4 * (chunks)) {                                                    \
        return train##suffix(net, optimizer->learning_rate, desc->loss, x, t, order, n, done);     \
    }
    KERNELS(TRAIN)
    *done = 0;
    return 0;
}
