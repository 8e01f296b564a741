/// The two parameters are called outer and inner: the inner one lies in the same layer as the outer
/// one or in a later one. In a copy of the network both are zero, so that every sum over a layer
/// leaves their share out, and a point (u, v) of the surface costs only what depends on it:
///
///   created once   the outer neuron's sum without u, its input, and the following layer's sums
///                  without what comes from the outer neuron (and from the inner one, if beside it)
///   once a u       layers up to the inner neuron's sum without v, its input, and the following
///                  layer's sums without what comes from the inner neuron
///   for each v     the inner neuron, and the layers after it
///
/// Where the inner neuron is a linear output and the loss a mean of squares, the last step is a
/// quadratic in v: three sums over the samples, in 64 bits, give it for all v.
///
/// Samples are the fast axis: (units, samples) arrays, in blocks that stay in the cache. Each
/// sample's operations, and the order of the sums over samples, are the same whatever the rows
/// asked for and the processor's vectors.
#include "nn/landscape.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/clones.h"

enum { BLOCK = 512, LANES = 8 };

/// A parameter found in the network.
typedef struct Param {
    int layer, row, col; // col PARAM_BIAS: the bias
    size_t at;
} Param;

struct Landscape {
    Network net; // with zeros at both parameters
    Param outer, inner;
    bool outer_is_a; // else the outer parameter is b
    bool same;       // both are one parameter: u counts for nothing
    Loss loss;
    const float *x, *t; // borrowed
    size_t n, stride;   // samples, and that rounded up to whole blocks
    // All (samples), with zeros beyond n.
    float *outer_z, *outer_in; // the outer neuron's sum without u, and what u multiplies
    float *inner_z;            // in the same layer, another neuron: its sum without v
    float *inner_in;           // what v multiplies, where that is the same for every u
    float *next; // (units, samples) of the layer after outer's; or of outer's, if the last: outputs
    float *memory;
};

// --- Kernels over a block of samples ---

/// out = base + w * in
CLONES static void add_scaled(const float *restrict base, float w, const float *restrict in,
                              float *restrict out) {
    for (int s = 0; s < BLOCK; s++) out[s] = base[s] + w * in[s];
}

/// One neuron's sum over its inputs. @param in  (inputs, BLOCK)
CLONES static void neuron_sum(const float *restrict weight, float bias, const float *restrict in,
                              int inputs, float *restrict out) {
    int k = 0;
    for (int s = 0; s < BLOCK; s++) out[s] = bias;
    for (; k + 4 <= inputs; k += 4, in += 4 * (size_t)BLOCK) {
        float w0 = weight[k], w1 = weight[k + 1], w2 = weight[k + 2], w3 = weight[k + 3];
        for (int s = 0; s < BLOCK; s++) {
            out[s] = (((out[s] + w0 * in[s]) + w1 * in[s + BLOCK]) + w2 * in[s + 2 * BLOCK]) +
                     w3 * in[s + 3 * BLOCK];
        }
    }
    for (; k < inputs; k++, in += BLOCK) {
        float w = weight[k];
        for (int s = 0; s < BLOCK; s++) out[s] += w * in[s];
    }
}

/// What a quadratic loss needs of a block: the sums of (z - t)^2, (z - t) in and in^2.
typedef struct Moments {
    double rest, cross, square;
} Moments;

static double lanes_sum(const double lane[LANES]) {
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) +
           ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

/// @param t  target of sample s at t[s * step]
CLONES static void sum_moments(const float *restrict z, const float *restrict in,
                               const float *restrict t, int count, int step, Moments *sums) {
    double rest[LANES] = {0}, cross[LANES] = {0}, square[LANES] = {0};
    for (int s = 0; s < count; s += LANES) {
        int lanes = count - s < LANES ? count - s : LANES;
        for (int lane = 0; lane < lanes; lane++) {
            double d = (double)z[s + lane] - (double)t[(size_t)(s + lane) * (size_t)step];
            double i = (double)in[s + lane];
            rest[lane] += d * d;
            cross[lane] += d * i;
            square[lane] += i * i;
        }
    }
    sums->rest += lanes_sum(rest);
    sums->cross += lanes_sum(cross);
    sums->square += lanes_sum(square);
}

// --- Passes over a block ---

/// The sums of a whole layer.  @param in  (inputs, BLOCK)  @param z  (units, BLOCK)
static void layer_sums(const Network *net, int l, const float *in, float *z) {
    const Layer *layer = &net->layers[l];
    for (int j = 0; j < layer->units; j++) {
        const float *weight = net->params + layer->weight_at + (size_t)j * (size_t)layer->inputs;
        float bias = layer->has_bias ? net->params[layer->bias_at + (size_t)j] : 0.0f;
        neuron_sum(weight, bias, in, layer->inputs, z + (size_t)j * BLOCK);
    }
}

static void activate(const Network *net, int l, float *z, int units) {
    activation_forward(net->layers[l].activation, z, (size_t)units * BLOCK);
}

/// The layer after a neuron whose output alone is new: its sums are base's and that one's share.
/// @param base  (units, samples) with rows stride apart
static void add_neuron(const Network *net, int l, const float *base, size_t stride, int from,
                       const float *output, float *z) {
    const Layer *layer = &net->layers[l];
    for (int j = 0; j < layer->units; j++) {
        float w = net->params[layer->weight_at + (size_t)j * (size_t)layer->inputs + (size_t)from];
        add_scaled(base + (size_t)j * stride, w, output, z + (size_t)j * BLOCK);
    }
}

/// Copies samples [at, at + count) of x into (inputs, BLOCK), zeros after them.
static void load_inputs(const float *x, int inputs, size_t at, int count, float *out) {
    memset(out, 0, (size_t)inputs * BLOCK * sizeof *out);
    for (int s = 0; s < count; s++) {
        const float *sample = x + (at + (size_t)s) * (size_t)inputs;
        for (int k = 0; k < inputs; k++) out[(size_t)k * BLOCK + (size_t)s] = sample[k];
    }
}

static int block_count(const Landscape *land, size_t at) {
    return land->n - at < BLOCK ? (int)(land->n - at) : BLOCK;
}

// --- Creation ---

static bool find_param(const Network *net, ParamRef ref, Param *param, Error *error) {
    if (!network_locate(net, ref, &param->at, error)) return false;
    param->layer = ref.layer < 0 ? ref.layer + net->n_layers : ref.layer;
    param->row = ref.row;
    param->col = ref.col;
    return true;
}

static bool is_last(const Landscape *land, int layer) {
    return layer == land->net.n_layers - 1;
}

/// What the parameter multiplies, in a block of its layer's inputs.
static void take_input(const Param *param, const float *in, float *out) {
    if (param->col == PARAM_BIAS) {
        for (int s = 0; s < BLOCK; s++) out[s] = 1.0f;
    } else {
        memcpy(out, in + (size_t)param->col * BLOCK, BLOCK * sizeof *out);
    }
}

/// Fills the caches for one block. @param in, z  (widest, BLOCK), scratch
static void cache_block(Landscape *land, size_t at, float *in, float *z) {
    const Network *net = &land->net;
    const Param *outer = &land->outer, *inner = &land->inner;
    load_inputs(land->x, net->n_inputs, at, block_count(land, at), in);
    for (int l = 0; l < outer->layer; l++) {
        layer_sums(net, l, in, z);
        activate(net, l, z, net->layers[l].units);
        float *swapped = in;
        in = z;
        z = swapped;
    }
    layer_sums(net, outer->layer, in, z);
    float *outer_z = z + (size_t)outer->row * BLOCK;
    memcpy(land->outer_z + at, outer_z, BLOCK * sizeof *z);
    take_input(outer, in, land->outer_in + at);
    bool beside = inner->layer == outer->layer;
    if (beside) {
        memcpy(land->inner_z + at, z + (size_t)inner->row * BLOCK, BLOCK * sizeof *z);
        take_input(inner, in, land->inner_in + at);
    }
    int units = net->layers[outer->layer].units;
    activate(net, outer->layer, z, units);
    memset(outer_z, 0, BLOCK * sizeof *z);
    if (beside) memset(z + (size_t)inner->row * BLOCK, 0, BLOCK * sizeof *z);
    const float *next = z;
    if (!is_last(land, outer->layer)) {
        if (inner->layer == outer->layer + 1) take_input(inner, z, land->inner_in + at);
        units = net->layers[outer->layer + 1].units;
        layer_sums(net, outer->layer + 1, z, in);
        next = in;
    }
    for (int j = 0; j < units; j++) {
        memcpy(land->next + (size_t)j * land->stride + at, next + (size_t)j * BLOCK,
               BLOCK * sizeof *z);
    }
}

static bool fill_caches(Landscape *land) {
    const Network *net = &land->net;
    int following = is_last(land, land->outer.layer) ? land->outer.layer : land->outer.layer + 1;
    size_t rows = 4 + (size_t)net->layers[following].units;
    size_t widest = (size_t)network_widest(net);
    float *scratch = malloc(2 * widest * BLOCK * sizeof *scratch);
    land->memory = calloc(rows, land->stride * sizeof *land->memory);
    if (scratch && land->memory) {
        land->outer_z = land->memory;
        land->outer_in = land->outer_z + land->stride;
        land->inner_z = land->outer_in + land->stride;
        land->inner_in = land->inner_z + land->stride;
        land->next = land->inner_in + land->stride;
        for (size_t at = 0; at < land->n; at += BLOCK) {
            cache_block(land, at, scratch, scratch + widest * BLOCK);
        }
    }
    free(scratch);
    return scratch && land->memory;
}

Landscape *landscape_create(const LandscapeDesc *desc, Error *error) {
    assert(desc->n > 0);
    Param a, b;
    if (!find_param(desc->net, desc->a, &a, error) || !find_param(desc->net, desc->b, &b, error)) {
        return NULL;
    }
    Landscape *land = calloc(1, sizeof *land);
    if (land) {
        land->outer_is_a = a.layer <= b.layer;
        land->outer = land->outer_is_a ? a : b;
        land->inner = land->outer_is_a ? b : a;
        land->same = a.at == b.at;
        land->loss = desc->loss;
        land->x = desc->x;
        land->t = desc->t;
        land->n = desc->n;
        land->stride = (desc->n + BLOCK - 1) / BLOCK * BLOCK;
    }
    if (land && network_copy(&land->net, desc->net)) {
        // Its losses take logits, then.
        if (loss_takes_logits(desc->loss)) {
            land->net.layers[land->net.n_layers - 1].activation = ACTIVATION_LINEAR;
        }
        land->net.params[a.at] = land->net.params[b.at] = 0.0f;
        if (fill_caches(land)) return land;
    }
    landscape_destroy(land);
    error_set(error, "landscape: out of memory for %zu samples", desc->n);
    return NULL;
}

void landscape_destroy(Landscape *land) {
    if (!land) return;
    network_deinit(&land->net);
    free(land->memory);
    free(land);
}

// --- Rows ---

/// What a call of landscape_rows works with, and what is known of the present block and u.
typedef struct Scratch {
    float *z, *in;         // (widest, BLOCK) each, for whole layers
    float *outer_out;      // (BLOCK) the outer neuron's output
    float *inner_z;        // (BLOCK) the inner neuron's sum without v
    const float *inner_in; // (BLOCK) what v multiplies
    float *inner_in_own;   // (BLOCK) for it, where it depends on u
    float *inner_out;      // (BLOCK)
    float *after_own;      // (units after inner, BLOCK)
    const float *after;    // the sums after inner without its share; if inner is last: outputs
    size_t after_stride;   // between its rows
    float *y;              // (BLOCK, n_outputs), as losses want them
    double *sums;          // for each inner value
    Moments moments;       // of all blocks, for one u
    double fixed;          // the other outputs' share of a quadratic loss
    float *memory;
} Scratch;

static bool scratch_init(Scratch *scratch, const Landscape *land, int n_inner) {
    size_t widest = (size_t)network_widest(&land->net), outputs = (size_t)land->net.n_outputs;
    size_t rows = 3 * widest + 4 + outputs;
    *scratch = (Scratch){.memory = calloc(rows, BLOCK * sizeof(float)),
                         .sums = malloc((size_t)n_inner * sizeof *scratch->sums)};
    if (!scratch->memory || !scratch->sums) return false;
    float *at = scratch->memory;
    scratch->z = at;
    scratch->in = at += widest * BLOCK;
    scratch->after_own = at += widest * BLOCK;
    scratch->outer_out = at += widest * BLOCK;
    scratch->inner_z = at += BLOCK;
    scratch->inner_in_own = at += BLOCK;
    scratch->inner_out = at += BLOCK;
    scratch->y = at + BLOCK;
    return true;
}

static void scratch_deinit(Scratch *scratch) {
    free(scratch->memory);
    free(scratch->sums);
}

/// Full layers from `first` up to but not including `end`, whose inputs lie in scratch->z (already
/// activated); they are left there.
static void run_layers(const Landscape *land, Scratch *scratch, int first, int end) {
    for (int l = first; l < end; l++) {
        float *swapped = scratch->in;
        scratch->in = scratch->z;
        scratch->z = swapped;
        layer_sums(&land->net, l, scratch->in, scratch->z);
        activate(&land->net, l, scratch->z, land->net.layers[l].units);
    }
}

/// The inner neuron lies in a later layer: everything up to its layer, for this u.
static void prepare_later(const Landscape *land, Scratch *scratch, size_t at) {
    const Network *net = &land->net;
    const Param *outer = &land->outer, *inner = &land->inner;
    int l = outer->layer + 1;
    add_neuron(net, l, land->next + at, land->stride, outer->row, scratch->outer_out, scratch->z);
    if (l == inner->layer) {
        scratch->inner_in = inner->col == outer->row ? scratch->outer_out : land->inner_in + at;
    } else {
        activate(net, l, scratch->z, net->layers[l].units);
        run_layers(land, scratch, l + 1, inner->layer);
        take_input(inner, scratch->z, scratch->inner_in_own);
        scratch->inner_in = scratch->inner_in_own;
        float *swapped = scratch->in;
        scratch->in = scratch->z;
        scratch->z = swapped;
        layer_sums(net, inner->layer, scratch->in, scratch->z);
    }
    float *inner_z = scratch->z + (size_t)inner->row * BLOCK;
    memcpy(scratch->inner_z, inner_z, BLOCK * sizeof *inner_z);
    int units = net->layers[inner->layer].units;
    activate(net, inner->layer, scratch->z, units);
    memset(inner_z, 0, BLOCK * sizeof *inner_z);
    if (is_last(land, inner->layer)) {
        memcpy(scratch->after_own, scratch->z, (size_t)units * BLOCK * sizeof *inner_z);
    } else {
        layer_sums(net, inner->layer + 1, scratch->z, scratch->after_own);
    }
    scratch->after = scratch->after_own;
    scratch->after_stride = BLOCK;
}

/// Both neurons lie in one layer and differ: the outer one's share joins what comes after.
static void prepare_beside(const Landscape *land, Scratch *scratch, size_t at) {
    const Network *net = &land->net;
    const Param *outer = &land->outer;
    memcpy(scratch->inner_z, land->inner_z + at, BLOCK * sizeof *scratch->inner_z);
    scratch->inner_in = land->inner_in + at;
    scratch->after = scratch->after_own;
    scratch->after_stride = BLOCK;
    if (!is_last(land, outer->layer)) {
        add_neuron(net, outer->layer + 1, land->next + at, land->stride, outer->row,
                   scratch->outer_out, scratch->after_own);
        return;
    }
    for (int j = 0; j < net->n_outputs; j++) {
        const float *output =
            j == outer->row ? scratch->outer_out : land->next + (size_t)j * land->stride + at;
        memcpy(scratch->after_own + (size_t)j * BLOCK, output, BLOCK * sizeof *output);
    }
}

/// Everything that depends on u but not on v.
static void prepare(const Landscape *land, Scratch *scratch, size_t at, float u) {
    const Param *outer = &land->outer, *inner = &land->inner;
    if (inner->layer == outer->layer && inner->row == outer->row) {
        add_scaled(land->outer_z + at, u, land->outer_in + at, scratch->inner_z);
        scratch->inner_in = land->inner_in + at;
        scratch->after = land->next + at;
        scratch->after_stride = land->stride;
        return;
    }
    add_scaled(land->outer_z + at, u, land->outer_in + at, scratch->outer_out);
    activate(&land->net, outer->layer, scratch->outer_out, 1);
    if (inner->layer == outer->layer) {
        prepare_beside(land, scratch, at);
    } else {
        prepare_later(land, scratch, at);
    }
}

/// Puts outputs (n_outputs, samples) into scratch->y as losses want them.
static void transpose_outputs(const Landscape *land, const float *outputs, size_t stride, int count,
                              float *y) {
    int n = land->net.n_outputs;
    for (int k = 0; k < n; k++) {
        const float *output = outputs + (size_t)k * stride;
        for (int s = 0; s < count; s++) y[s * n + k] = output[s];
    }
}

/// The sum of the block's sample losses at v.
static double inner_loss(const Landscape *land, Scratch *scratch, size_t at, float v) {
    const Network *net = &land->net;
    const Param *inner = &land->inner;
    int count = block_count(land, at), next = inner->layer + 1;
    const float *t = land->t + at * (size_t)net->n_outputs;
    add_scaled(scratch->inner_z, v, scratch->inner_in, scratch->inner_out);
    activate(net, inner->layer, scratch->inner_out, 1);
    if (is_last(land, inner->layer)) {
        const float *y = scratch->inner_out;
        if (net->n_outputs > 1) {
            for (int s = 0; s < count; s++) {
                scratch->y[s * net->n_outputs + inner->row] = scratch->inner_out[s];
            }
            y = scratch->y;
        }
        return loss_sum(land->loss, y, t, count, net->n_outputs);
    }
    add_neuron(net, next, scratch->after, scratch->after_stride, inner->row, scratch->inner_out,
               scratch->z);
    activate(net, next, scratch->z, net->layers[next].units);
    run_layers(land, scratch, next + 1, net->n_layers);
    const float *y = scratch->z;
    if (net->n_outputs > 1) {
        transpose_outputs(land, scratch->z, BLOCK, count, scratch->y);
        y = scratch->y;
    }
    return loss_sum(land->loss, y, t, count, net->n_outputs);
}

/// Whether the loss is a quadratic of the inner parameter.
static bool is_quadratic(const Landscape *land) {
    int layer = land->inner.layer;
    return is_last(land, layer) && land->net.layers[layer].activation == ACTIVATION_LINEAR &&
           (land->loss == LOSS_MSE || land->loss == LOSS_HALF_MSE);
}

static void add_moments(const Landscape *land, Scratch *scratch, size_t at) {
    int count = block_count(land, at), outputs = land->net.n_outputs;
    const float *t = land->t + at * (size_t)outputs;
    sum_moments(scratch->inner_z, scratch->inner_in, t + land->inner.row, count, outputs,
                &scratch->moments);
    for (int k = 0; k < outputs; k++) {
        if (k == land->inner.row) continue;
        Moments other = {0};
        const float *y = scratch->after + (size_t)k * scratch->after_stride;
        sum_moments(y, y, t + k, count, outputs, &other);
        scratch->fixed += other.rest;
    }
}

static double quadratic(const Landscape *land, const Scratch *scratch, double v) {
    const Moments *m = &scratch->moments;
    double sum = (m->rest + 2.0 * v * m->cross) + v * v * m->square;
    if (sum < 0.0) sum = 0.0; // rounding; NaN stays
    double half = land->loss == LOSS_HALF_MSE ? 0.5 : 1.0;
    return half * (scratch->fixed + sum) / land->net.n_outputs;
}

/// The sums over all samples at u and every inner value.
/// @return false where it was cancelled
static bool measure(const Landscape *land, Scratch *scratch, float u, const double *inner,
                    int n_inner, bool (*cancel)(void *), void *context) {
    bool quadratic_loss = is_quadratic(land);
    memset(scratch->sums, 0, (size_t)n_inner * sizeof *scratch->sums);
    scratch->moments = (Moments){0};
    scratch->fixed = 0.0;
    for (size_t at = 0; at < land->n; at += BLOCK) {
        if (cancel && cancel(context)) return false;
        prepare(land, scratch, at, u);
        if (quadratic_loss) {
            add_moments(land, scratch, at);
            continue;
        }
        if (is_last(land, land->inner.layer) && land->net.n_outputs > 1) {
            transpose_outputs(land, scratch->after, scratch->after_stride, block_count(land, at),
                              scratch->y);
        }
        for (int i = 0; i < n_inner; i++) {
            if (i > 0 && cancel && cancel(context)) return false;
            scratch->sums[i] += inner_loss(land, scratch, at, (float)inner[i]);
        }
    }
    for (int i = 0; quadratic_loss && i < n_inner; i++) {
        scratch->sums[i] = quadratic(land, scratch, (double)(float)inner[i]);
    }
    return true;
}

bool landscape_rows(const Landscape *land, const double *a, const double *b, int first, int last,
                    int n_b, float *out, bool (*cancel)(void *context), void *context) {
    assert(first <= last && n_b >= 0);
    int rows = last - first;
    int n_outer = land->outer_is_a ? rows : n_b, n_inner = land->outer_is_a ? n_b : rows;
    if (rows == 0 || n_b == 0) return true;
    const double *outer = land->outer_is_a ? a + first : b;
    const double *inner = land->outer_is_a ? b : a + first;
    Scratch scratch;
    bool good = scratch_init(&scratch, land, n_inner);
    for (int i = 0; good && i < n_outer; i++) {
        float u = land->same ? 0.0f : (float)outer[i];
        good = measure(land, &scratch, u, inner, n_inner, cancel, context);
        for (int j = 0; good && j < n_inner; j++) {
            size_t at = land->outer_is_a ? (size_t)i * (size_t)n_b + (size_t)j
                                         : (size_t)j * (size_t)n_b + (size_t)i;
            out[at] = (float)(scratch.sums[j] / (double)land->n);
        }
    }
    scratch_deinit(&scratch);
    return good;
}

void landscape_axis(double lo, double hi, int n, double *values) {
    if (n == 1) values[0] = 0.5 * (lo + hi);
    for (int i = 0; n > 1 && i < n; i++) {
        double part = (double)i / (n - 1);
        values[i] = i == n - 1 ? hi : lo + (hi - lo) * part;
    }
}
