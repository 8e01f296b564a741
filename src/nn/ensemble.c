// An ensemble as one block of memory, in which sixteen numbers, one of each network, lie where a
// network's own arrays have one; and the choice of its kernel. ensemble_kernel.h holds the
// arithmetic; it is compiled here once for every width of vectors that processors have. Operations
// are those of single lanes whatever the width, so all kernels give the same bits.
#include "nn/ensemble.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "nn/kernels/math32.h"

enum {
    LANES = ENSEMBLE_LANES,
    LANES_BYTES = 4 * LANES,
    WIDEST = 16, // wider networks fill vectors by themselves
    DELTAS = 3 * WIDEST,
    BYTES_MAX = 256 << 20, // of samples, which lie here once a lane
};

typedef struct WideLayer {
    int inputs, units;
    Activation activation; // linear where the loss takes the logits
    bool has_bias;
    size_t weight_at, bias_at;      // in params
    size_t activated_at, output_at; // in outputs: f(z), and with the input added where residual
} WideLayer;

/// Every number of an array is LANES floats.
struct Ensemble {
    int n_layers, n_inputs, n_outputs;
    Loss loss;
    size_t n_params, n_samples, batch;
    bool plain;     // the kernel makes the steps itself
    bool momentous; // any lane has momentum
    float learning_rate[LANES], momentum[LANES];
    float wrong[LANES];  // 0 in each lane whose scores have always been finite
    float l1, l2;        // where steps are not plain, as what follows
    Optimizer optimizer; // settings; its arrays are those below
    int64_t steps;
    float *params, *velocity, *grad; // (n_params)
    float *square;                   // (n_params), or NULL
    float *outputs;                  // (units of all layers, twice where residual)
    float *delta;                    // (DELTAS)
    float *samples;                  // (n_samples, n_inputs + n_outputs)
    void (*train)(Ensemble *ensemble, size_t first, size_t last);
    WideLayer layers[];
};

/// A step of an optimizer that is not plain, by its own functions: lanes are elements to them.
static void step_otherwise(Ensemble *e) {
    e->steps++;
    for (int l = 0; (e->l1 != 0.0f || e->l2 != 0.0f) && l < e->n_layers; l++) {
        const WideLayer *layer = &e->layers[l];
        size_t at = layer->weight_at * LANES;
        penalties_add(e->params + at, (size_t)layer->inputs * (size_t)layer->units * LANES, e->l1,
                      e->l2, e->grad + at);
    }
    optimizer_apply(&e->optimizer, e->steps, e->params, e->grad, e->velocity, e->square,
                    e->n_params * LANES);
    memset(e->grad, 0, e->n_params * LANES * sizeof *e->grad);
}

// --- The kernels ---

// Before loops over floats: clang is to make vector code of them before it unrolls them.
#if defined(__clang__)
#define VECTOR_LOOP _Pragma("clang loop unroll(disable)")
#else
#define VECTOR_LOOP
#endif

#define VECTOR_BYTES 16
#define KERNEL(name) name##_portable
#include "nn/kernels/ensemble_kernel.h"
#undef KERNEL
#undef VECTOR_BYTES

// Not through CLONES: which vectors a processor has must be known when the kernel's types are made.
#if defined(__x86_64__) && defined(__GNUC__)
#define X86_KERNELS

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2")
#endif
#define VECTOR_BYTES 32
#define KERNEL(name) name##_avx2
#include "nn/kernels/ensemble_kernel.h"
#undef KERNEL
#undef VECTOR_BYTES
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw"))),        \
                             apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512vl,avx512dq,avx512bw,prefer-vector-width=512")
#endif
#define VECTOR_BYTES 64
#define KERNEL(name) name##_avx512
#include "nn/kernels/ensemble_kernel.h"
#undef KERNEL
#undef VECTOR_BYTES
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif

typedef void (*Train)(Ensemble *ensemble, size_t first, size_t last);

/// @return NULL where the processor cannot
static Train find_kernel(EnsembleVectors vectors) {
    switch (vectors) {
    case ENSEMBLE_VECTORS_128: return train_portable;
#if defined(X86_KERNELS)
    case ENSEMBLE_VECTORS_256: return __builtin_cpu_supports("avx2") ? train_avx2 : NULL;
    case ENSEMBLE_VECTORS_512:
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                       __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw")
                   ? train_avx512
                   : NULL;
#else
    case ENSEMBLE_VECTORS_256:
    case ENSEMBLE_VECTORS_512: return NULL;
#endif
    case ENSEMBLE_VECTORS_WIDEST: break;
    }
    Train train = find_kernel(ENSEMBLE_VECTORS_512);
    if (!train) train = find_kernel(ENSEMBLE_VECTORS_256);
    return train ? train : train_portable;
}

// --- Making one ---

bool ensemble_mixes(const EnsembleDesc *desc) {
    return optimizer_is_plain(&desc->optimizer) && desc->train.l1 == 0.0f && desc->train.l2 == 0.0f;
}

/// How many outputs of layers there are.
static size_t count_outputs(const Network *shape) {
    size_t n = 0;
    for (int l = 0; l < shape->n_layers; l++) {
        n += (size_t)shape->layers[l].units * (shape->layers[l].residual ? 2 : 1);
    }
    return n;
}

static size_t header_size(const Network *shape) {
    size_t size = sizeof(Ensemble) + (size_t)shape->n_layers * sizeof(WideLayer);
    return (size + LANES_BYTES - 1) / LANES_BYTES * LANES_BYTES;
}

/// Bytes of all.
static size_t size_of(const EnsembleDesc *desc) {
    const Network *shape = desc->shape;
    size_t n = (optimizer_has_square(desc->optimizer.kind) ? 4 : 3) * shape->n_params +
               count_outputs(shape) + DELTAS +
               desc->n_samples * (size_t)(shape->n_inputs + shape->n_outputs);
    return header_size(shape) + n * LANES_BYTES;
}

bool ensemble_suits(const EnsembleDesc *desc) {
    const Network *shape = desc->shape;
    if (network_widest(shape) > WIDEST || desc->optimizer.kind == OPTIMIZER_PERCEPTRON) {
        return false;
    }
    for (int l = 0; l < shape->n_layers; l++) {
        const Layer *layer = &shape->layers[l];
        if (layer->norm != NORM_NONE || layer->dropout > 0.0f) return false;
    }
    return size_of(desc) <= BYTES_MAX;
}

/// Cuts n numbers of each network off the memory at *at.
static float *take(float **at, size_t n) {
    float *taken = *at;
    *at += n * LANES;
    return taken;
}

static void make_layers(Ensemble *e, const Network *shape) {
    size_t at = 0;
    for (int l = 0; l < shape->n_layers; l++) {
        const Layer *from = &shape->layers[l];
        WideLayer *layer = &e->layers[l];
        *layer = (WideLayer){.inputs = from->inputs,
                             .units = from->units,
                             .activation = from->activation,
                             .has_bias = from->has_bias,
                             .weight_at = from->weight_at,
                             .bias_at = from->bias_at,
                             .activated_at = at,
                             .output_at = at};
        at += (size_t)from->units;
        if (!from->residual) continue;
        layer->output_at = at;
        at += (size_t)from->units;
    }
    if (loss_takes_logits(e->loss)) e->layers[shape->n_layers - 1].activation = ACTIVATION_LINEAR;
}

Ensemble *ensemble_create(const EnsembleDesc *desc) {
    assert(ensemble_suits(desc));
    assert(desc->train.batch >= 1 && (size_t)desc->train.batch <= desc->n_samples);
    const Network *shape = desc->shape;
    Train train = find_kernel(desc->vectors);
    size_t size = size_of(desc);
    Ensemble *e = train ? aligned_alloc(LANES_BYTES, size) : NULL;
    if (!e) return NULL;
    memset(e, 0, size);
    e->n_layers = shape->n_layers;
    e->n_inputs = shape->n_inputs;
    e->n_outputs = shape->n_outputs;
    e->loss = desc->train.loss;
    e->n_params = shape->n_params;
    e->n_samples = desc->n_samples;
    e->batch = (size_t)desc->train.batch;
    e->plain = ensemble_mixes(desc);
    e->l1 = desc->train.l1;
    e->l2 = desc->train.l2;
    e->optimizer.desc = desc->optimizer;
    e->optimizer.learning_rate = desc->optimizer.learning_rate;
    e->train = train;
    make_layers(e, shape);

    float *at = (float *)(void *)((char *)e + header_size(shape));
    e->params = take(&at, e->n_params);
    e->velocity = take(&at, e->n_params);
    e->grad = take(&at, e->n_params);
    if (optimizer_has_square(desc->optimizer.kind)) e->square = take(&at, e->n_params);
    e->outputs = take(&at, count_outputs(shape));
    e->delta = take(&at, DELTAS);
    e->samples = at;
    return e;
}

void ensemble_destroy(Ensemble *ensemble) {
    free(ensemble);
}

// --- Lanes ---

void ensemble_set_network(Ensemble *ensemble, int lane, const float *params,
                          const OptimizerDesc *settings) {
    assert(lane >= 0 && lane < LANES);
    float *to = ensemble->params + lane;
    for (size_t i = 0; i < ensemble->n_params; i++) to[i * LANES] = params[i];
    ensemble->learning_rate[lane] = settings->learning_rate;
    ensemble->momentum[lane] = settings->momentum;
    if (settings->momentum != 0.0f) ensemble->momentous = true;
}

void ensemble_set_learning_rate(Ensemble *ensemble, int lane, float learning_rate) {
    ensemble->learning_rate[lane] = learning_rate;
    ensemble->optimizer.learning_rate = learning_rate;
}

/// Gives each batch its mean target: towards it mse_broadcast is mse.
static void couple_targets(Ensemble *e, int lane) {
    const size_t inputs = (size_t)e->n_inputs, outputs = (size_t)e->n_outputs;
    const size_t stride = (inputs + outputs) * LANES;
    for (size_t first = 0; first < e->n_samples; first += e->batch) {
        size_t n = e->n_samples - first < e->batch ? e->n_samples - first : e->batch;
        for (size_t k = 0; k < outputs; k++) {
            float *t = e->samples + first * stride + (inputs + k) * LANES + lane;
            double sum = 0;
            for (size_t i = 0; i < n; i++) sum += (double)t[i * stride];
            for (size_t i = 0; i < n; i++) t[i * stride] = (float)(sum / (double)n);
        }
    }
}

void ensemble_set_samples(Ensemble *ensemble, int lane, const float *x, const float *t,
                          const uint32_t *order) {
    const size_t inputs = (size_t)ensemble->n_inputs, outputs = (size_t)ensemble->n_outputs;
    float *to = ensemble->samples + lane;
    for (size_t i = 0; i < ensemble->n_samples; i++) {
        size_t at = order ? order[i] : i;
        for (size_t k = 0; k < inputs; k++, to += LANES) *to = x[at * inputs + k];
        for (size_t k = 0; k < outputs; k++, to += LANES) *to = t[at * outputs + k];
    }
    if (loss_couples(ensemble->loss)) couple_targets(ensemble, lane);
}

void ensemble_train(Ensemble *ensemble, size_t first, size_t last) {
    assert(first % ensemble->batch == 0 && last <= ensemble->n_samples);
    assert(last % ensemble->batch == 0 || last == ensemble->n_samples);
    ensemble->train(ensemble, first, last);
}

bool ensemble_is_finite(const Ensemble *ensemble, int lane) {
    float sum = ensemble->wrong[lane];
    const float *params = ensemble->params + lane;
    for (size_t i = 0; i < ensemble->n_params; i++) sum += params[i * LANES] * 0.0f;
    return sum == 0.0f;
}

void ensemble_get_params(const Ensemble *ensemble, int lane, float *params) {
    const float *from = ensemble->params + lane;
    for (size_t i = 0; i < ensemble->n_params; i++) params[i] = from[i * LANES];
}
