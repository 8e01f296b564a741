// Forward passes over blocks of samples. Within a block arrays are (unit, sample), so that each
// weight meets whole vectors of samples; rows are transposed on their way in and out.
#include "nn/kernels/blocks.h"

#include "base/clones.h"
#include "nn/kernels/math32.h"

enum {
    WIDEST = 16, // beyond it the matrix products of dense.c are as good
    LARGE = 64,  // samples a block, but for the last ones
    SMALL = 16,
};

bool blocks_suit(const Network *net, int batch) {
    if (batch < SMALL / 2 || network_widest(net) > WIDEST) return false;
    for (int l = 0; l < net->n_layers; l++) {
        if (net->layers[l].norm != NORM_NONE) return false;
    }
    return true;
}

/// (n, width) to (width, size); what lies beyond n is zero.
NN_INLINE void transpose_in(const float *restrict rows, size_t width, size_t n,
                            float *restrict columns, const size_t size) {
    for (size_t k = 0; k < width; k++, rows++, columns += size) {
        for (size_t s = 0; s < n; s++) columns[s] = rows[s * width];
        for (size_t s = n; s < size; s++) columns[s] = 0;
    }
}

NN_INLINE void transpose_out(const float *restrict columns, size_t width, size_t n,
                             float *restrict rows, const size_t size) {
    for (size_t k = 0; k < width; k++, rows++, columns += size) {
        for (size_t s = 0; s < n; s++) rows[s * width] = columns[s];
    }
}

// The analyser does not see that each layer has a unit and each unit an input.
// NOLINTBEGIN(clang-analyzer-core.*)

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
#define ACTIVATE(constant, function, slope)                                                        \
    case constant:                                                                                 \
        for (int i = 0; i < n; i++) z[i] = function(z[i]);                                         \
        break;
    switch (activation) {
        MATH32_ELEMENTWISE(ACTIVATE)
    case ACTIVATION_LINEAR:
    case ACTIVATION_SOFTMAX:
    case ACTIVATION_COUNT: break;
    }
#undef ACTIVATE
}

/// z += x
NN_INLINE void add(const float *restrict x, float *restrict z, int n) {
    for (int i = 0; i < n; i++) z[i] = x[i] + z[i];
}

// NOLINTEND(clang-analyzer-core.*)

/// A layer's columns to its rows for samples from `first` on.  @param to  NULL: not wanted
NN_INLINE void write_rows(const float *columns, size_t units, size_t first, size_t n, float *to,
                          const size_t size) {
    if (!to) return;
    to += first * units;
    if (units == 1)
        transpose_out(columns, 1, n, to, size);
    else if (units == 2)
        transpose_out(columns, 2, n, to, size);
    else
        transpose_out(columns, units, n, to, size);
}

/// One block: samples first…first+n-1, n <= size.
NN_INLINE void block_forward(const Network *net, const float *x, size_t first, size_t n,
                             bool logits, float *const *outputs, float *const *activated,
                             const int size) {
    float buffers[2][WIDEST * LARGE];
    float *in = buffers[0], *out = buffers[1];
    const size_t inputs = (size_t)net->n_inputs, lanes = (size_t)size;
    // The usual widths as constants: strided copies of them are vectorised.
    if (inputs == 2)
        transpose_in(x + first * 2, 2, n, in, lanes);
    else
        transpose_in(x + first * inputs, inputs, n, in, lanes);
    for (int l = 0; l < net->n_layers; l++) {
        const Layer *layer = &net->layers[l];
        const size_t units = (size_t)layer->units;
        const float *weight = net->params + layer->weight_at;
        const float *bias = net->params + layer->bias_at;
        float *z = out;
        for (int o = 0; o < layer->units; o++, weight += layer->inputs, z += size) {
            unit_forward(weight, layer->has_bias ? bias[o] : 0.0f, layer->inputs, in, z, size);
        }
        if (!logits || l < net->n_layers - 1) activate(layer->activation, out, layer->units * size);
        write_rows(out, units, first, n, activated[l], lanes);
        if (layer->residual) add(in, out, layer->units * size);
        write_rows(out, units, first, n, outputs[l], lanes);
        float *swapped = in;
        in = out;
        out = swapped;
    }
}

CLONES static void blocks_forward_clone(const Network *net, const float *x, int batch, bool logits,
                                        float *const *outputs, float *const *activated) {
    size_t n = (size_t)batch, first = 0;
    for (; n - first >= LARGE; first += LARGE) {
        block_forward(net, x, first, LARGE, logits, outputs, activated, LARGE);
    }
    for (; first < n; first += SMALL) {
        size_t rest = n - first < SMALL ? n - first : SMALL;
        block_forward(net, x, first, rest, logits, outputs, activated, SMALL);
    }
}

// Clones are static, and their names differ from all others, because clang 14 renames a cloned
// function outside its file, and shares its resolver by name.
void blocks_forward(const Network *net, const float *x, int batch, bool logits,
                    float *const *outputs, float *const *activated) {
    blocks_forward_clone(net, x, batch, logits, outputs, activated);
    const Layer *last = &net->layers[net->n_layers - 1];
    if (!logits && last->activation == ACTIVATION_SOFTMAX) {
        activation_softmax(outputs[net->n_layers - 1], (size_t)batch, last->units);
    }
}
