// Forward passes over blocks of samples. Within a block arrays are (unit, sample), so that each
// weight meets whole vectors of samples; rows are transposed on their way in and out.
#include "nn/blocks.h"

#include "base/clones.h"
#include "nn/math32.h"

enum {
    WIDEST = 16, // beyond it the matrix products of dense.c are as good
    LARGE = 64,  // samples a block, but for the last ones
    SMALL = 16,
};

bool blocks_suit(const Network *net, int batch) {
    return batch >= SMALL / 2 && network_widest(net) <= WIDEST;
}

/// (n, width) to (width, size); what lies beyond n is zero.
NN_INLINE void transpose_in(const float *restrict rows, int width, int n, float *restrict columns,
                            const int size) {
    for (int k = 0; k < width; k++) {
        for (int s = 0; s < n; s++) columns[k * size + s] = rows[s * width + k];
        for (int s = n; s < size; s++) columns[k * size + s] = 0;
    }
}

NN_INLINE void transpose_out(const float *restrict columns, int width, int n, float *restrict rows,
                             const int size) {
    for (int k = 0; k < width; k++) {
        for (int s = 0; s < n; s++) rows[s * width + k] = columns[k * size + s];
    }
}

/// z = bias + the inputs weighted, for every sample of a block. The inner loop is a do-while
/// because gcc then vectorises the outer one, and sums stay in registers.
NN_INLINE void unit_forward(const float *restrict weight, float bias, int inputs,
                            const float *restrict x, float *restrict z, const int size) {
    for (int s = 0; s < size; s++) {
        float sum = bias;
        int i = 0;
        do sum += weight[i] * x[i * size + s];
        while (++i < inputs);
        z[s] = sum;
    }
}

NN_INLINE void activate(Activation activation, float *z, int n) {
    switch (activation) {
    case ACTIVATION_TANH:
        for (int i = 0; i < n; i++) z[i] = tanh32(z[i]);
        break;
    case ACTIVATION_SIGMOID:
        for (int i = 0; i < n; i++) z[i] = sigmoid32(z[i]);
        break;
    case ACTIVATION_RELU:
        for (int i = 0; i < n; i++) z[i] = relu32(z[i]);
        break;
    case ACTIVATION_LINEAR:
    case ACTIVATION_COUNT: break;
    }
}

/// One block: samples first…first+n-1, n <= size.
NN_INLINE void block_forward(const Network *net, const float *x, int first, int n,
                             float *const *outputs, const int size) {
    float buffers[2][WIDEST * LARGE];
    float *in = buffers[0], *out = buffers[1];
    if (net->n_inputs == 2) {
        transpose_in(x + (size_t)first * 2, 2, n, in, size);
    } else {
        transpose_in(x + (size_t)first * (size_t)net->n_inputs, net->n_inputs, n, in, size);
    }
    for (int l = 0; l < net->n_layers; l++) {
        const Layer *layer = &net->layers[l];
        const float *weight = net->params + layer->weight_at;
        const float *bias = net->params + layer->bias_at;
        for (int o = 0; o < layer->units; o++) {
            unit_forward(weight + o * layer->inputs, layer->has_bias ? bias[o] : 0.0f,
                         layer->inputs, in, out + o * size, size);
        }
        activate(layer->activation, out, layer->units * size);
        if (outputs[l]) {
            float *rows = outputs[l] + (size_t)first * (size_t)layer->units;
            if (layer->units == 1)
                transpose_out(out, 1, n, rows, size);
            else if (layer->units == 2)
                transpose_out(out, 2, n, rows, size);
            else
                transpose_out(out, layer->units, n, rows, size);
        }
        float *swapped = in;
        in = out;
        out = swapped;
    }
}

CLONES static void blocks_forward_clone(const Network *net, const float *x, int batch,
                                        float *const *outputs) {
    int first = 0;
    for (; batch - first >= LARGE; first += LARGE) {
        block_forward(net, x, first, LARGE, outputs, LARGE);
    }
    for (; first < batch; first += SMALL) {
        block_forward(net, x, first, batch - first < SMALL ? batch - first : SMALL, outputs, SMALL);
    }
}

// Clones are static, and their names differ from all others, because clang 14 renames a cloned
// function outside its file, and shares its resolver by name.
void blocks_forward(const Network *net, const float *x, int batch, float *const *outputs) {
    blocks_forward_clone(net, x, batch, outputs);
}
