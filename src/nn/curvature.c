// Pearlmutter's method: with R{q} the derivative of q along v, R applied to every line of a forward
// and a backward pass gives R{gradient} = H v. What the lines are multiplied by (outputs, slopes,
// gradients of sums) depends on the weights alone: it is recorded once, a tape for each block of
// samples, and each product only runs the R-lines; where all tapes would take too much memory there
// is one, recorded anew each time.
//
// Shapes: B = WIDE_BLOCK samples, one a lane; I inputs and O units of a layer; (U) units are
// (U, B) numbers. A layer is  z = W x + b,  u = gamma n + beta with n the normalised z (or u = z),
// y = f(u) (+ x).  dq is dL/dq; in names r is R, so that rdz is R{dL/dz}.
#include "nn/curvature.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clones.h"
#include "base/memory.h"
#include "nn/kernels/wide.h"
#include "nn/kernels/wide_blocks.h"
#include "nn/lanczos.h"

enum {
    B = WIDE_BLOCK,
    TAPES_MAX = 64 << 20, // bytes of all tapes that are kept
};

/// What a tape holds of a layer.
typedef struct Record {
    double *y;     // (O)
    double *slope; // (O) f'(u)
    double *bend;  // (O) dL/dy f''(u)
    double *dz;    // (O)
    double *du;    // (O); dz itself where there is no norm
    double *n;     // (O), of norms
    double *scale; // (1) one over the deviation, of layer norm
    double *lean;  // (1) the mean over units of gamma du n, of layer norm
} Record;

typedef struct Tape {
    double *x;     // (I) the first layer's
    double *share; // (1) of a sample in the mean loss, times 2 for mse; 0 where there is no sample
    double *curve; // (K) what R{scores} is multiplied by; cross_entropy: the softmax
    Record layers[NETWORK_LAYERS_MAX];
} Tape;

/// What a product keeps of a layer between its passes.
typedef struct Change {
    double *ry, *ru; // (O)
    double *rn;      // (O), of norms
    double *shrink;  // (1) -R{scale} / scale, of layer norm
} Change;

struct Curvature {
    CurvatureDesc desc;
    int n_layers, n_outputs;
    Layer layers[NETWORK_LAYERS_MAX];    // the last one linear where the loss takes logits
    double *params;                      // (n_values)
    double *mean_target;                 // (K), where the loss couples samples
    double *inverse[NETWORK_LAYERS_MAX]; // (O) one over the deviation, of batch norm
    size_t n_blocks, made;               // tapes recorded
    size_t tape_size;
    bool keeps;             // as many as there are blocks; else one
    bool cancelled;         // the last gradient or product
    double *memory, *tapes; // owned: all but the tapes, and these
    Change changes[NETWORK_LAYERS_MAX];
    double *back[3]; // (widest) gradients on their way
};

// --- Memory ---

/// Room for n numbers.  @param memory  NULL: only counts them
static double *take(double *memory, size_t *used, size_t n) {
    double *taken = memory ? memory + *used : NULL;
    *used += n;
    return taken;
}

/// @return how many numbers a tape has
static size_t lay_tape(const Curvature *c, double *memory, Tape *tape) {
    size_t used = 0;
    tape->x = take(memory, &used, (size_t)c->layers[0].inputs * B);
    tape->share = take(memory, &used, B);
    tape->curve = take(memory, &used, (size_t)c->n_outputs * B);
    for (int l = 0; l < c->n_layers; l++) {
        const Layer *layer = &c->layers[l];
        const size_t size = (size_t)layer->units * B;
        Record *record = &tape->layers[l];
        *record = (Record){.y = take(memory, &used, size),
                           .slope = take(memory, &used, size),
                           .bend = take(memory, &used, size),
                           .dz = take(memory, &used, size)};
        record->du = record->dz;
        if (layer->norm == NORM_NONE) continue;
        record->du = take(memory, &used, size);
        record->n = take(memory, &used, size);
        if (layer->norm != NORM_LAYER) continue;
        record->scale = take(memory, &used, B);
        record->lean = take(memory, &used, B);
    }
    return used;
}

/// Everything but the tapes.  @return how many numbers that is
static size_t lay_rest(Curvature *c, double *memory) {
    const Network *net = c->desc.net;
    size_t used = 0;
    c->params = take(memory, &used, net->n_values);
    c->mean_target = take(memory, &used, (size_t)c->n_outputs);
    for (int i = 0; i < 3; i++) c->back[i] = take(memory, &used, (size_t)network_widest(net) * B);
    for (int l = 0; l < c->n_layers; l++) {
        const Layer *layer = &c->layers[l];
        const size_t units = (size_t)layer->units, size = units * B;
        c->inverse[l] = take(memory, &used, units);
        c->changes[l] = (Change){.ry = take(memory, &used, size), .ru = take(memory, &used, size)};
        if (layer->norm == NORM_NONE) continue;
        c->changes[l].rn = take(memory, &used, size);
        c->changes[l].shrink = take(memory, &used, B);
    }
    return used;
}

static void find_constants(Curvature *c) {
    const CurvatureDesc *desc = &c->desc;
    const size_t outputs = (size_t)c->n_outputs;
    for (size_t i = 0; i < desc->net->n_values; i++) c->params[i] = (double)desc->net->params[i];
    for (size_t i = 0; i < desc->n * outputs; i++) {
        c->mean_target[i % outputs] += (double)desc->t[i] / (double)desc->n;
    }
    for (int l = 0; l < c->n_layers; l++) {
        const Layer *layer = &c->layers[l];
        for (size_t o = 0; layer->norm == NORM_BATCH && o < (size_t)layer->units; o++) {
            c->inverse[l][o] = 1 / sqrt(c->params[layer->variance_at + o] + NETWORK_NORM_EPS);
        }
    }
}

Curvature *curvature_create(const CurvatureDesc *desc) {
    const Network *net = desc->net;
    const int last = net->n_layers - 1;
    assert(loss_suits(desc->loss, net->layers[last].activation));
    Curvature *c = calloc(1, sizeof *c);
    if (!c) return NULL;
    c->desc = *desc;
    c->n_layers = net->n_layers;
    c->n_outputs = net->n_outputs;
    memcpy(c->layers, net->layers, (size_t)net->n_layers * sizeof *c->layers);
    if (loss_takes_logits(desc->loss)) c->layers[last].activation = ACTIVATION_LINEAR;
    c->n_blocks = (desc->n + B - 1) / B;
    Tape tape;
    c->tape_size = lay_tape(c, NULL, &tape);
    c->keeps = c->n_blocks <= TAPES_MAX / sizeof(double) / c->tape_size;
    c->memory = memory_calloc(lay_rest(c, NULL), sizeof(double));
    c->tapes = memory_calloc((c->keeps ? c->n_blocks : 1) * c->tape_size, sizeof(double));
    if (!c->memory || !c->tapes) {
        curvature_destroy(c);
        return NULL;
    }
    lay_rest(c, c->memory);
    find_constants(c);
    return c;
}

void curvature_destroy(Curvature *curvature) {
    if (!curvature) return;
    free(curvature->memory);
    free(curvature->tapes);
    free(curvature);
}

// --- Recording: forward ---

/// Lanes of a block's samples; those beyond the last sample are zero.
static void load(const float *from, size_t width, size_t count, double *to) {
    for (size_t k = 0; k < width; k++, to += B) {
        for (size_t s = 0; s < B; s++) to[s] = s < count ? (double)from[s * width + k] : 0;
    }
}

static void fill_rows(int units, const double *values, double *rows) {
    for (size_t o = 0; o < (size_t)units; o++, rows += B) {
        for (size_t s = 0; s < B; s++) rows[s] = values ? values[o] : 0;
    }
}

/// u becomes y = f(u); with f'(u) and f''(u).
static void activate(Activation activation, size_t size, double *u, double *slope, double *bend) {
    for (size_t i = 0; i < size; i++) {
        const double z = u[i];
        double y = z, first = 1, second = 0;
        switch (activation) {
        case ACTIVATION_LINEAR: break;
        case ACTIVATION_TANH:
            y = tanh(z);
            first = 1 - y * y;
            second = -2 * y * first;
            break;
        case ACTIVATION_SIGMOID: {
            const double e = exp(-fabs(z)), share = 1 / (1 + e);
            y = z < 0 ? e * share : share;
            first = e * share * share;
            second = first * (1 - 2 * y);
            break;
        }
        // As in PyTorch, the slope at a kink is the left one.
        case ACTIVATION_RELU:
            y = z < 0 ? 0 : z;
            first = z > 0 ? 1 : 0;
            break;
        case ACTIVATION_LEAKY_RELU:
            y = z < 0 ? 0.01 * z : z;
            first = z > 0 ? 1 : 0.01;
            break;
        case ACTIVATION_STEP:
            y = z > 0 ? 1 : 0;
            first = 0;
            break;
        case ACTIVATION_SOFTMAX:
        case ACTIVATION_COUNT: assert(false && "an activation of a single unit"); break;
        }
        u[i] = y;
        slope[i] = first;
        bend[i] = second;
    }
}

/// z becomes n.
CLONES static void normalise_by_statistics(size_t units, const double *restrict mean,
                                           const double *restrict inverse, double *restrict z) {
    for (size_t o = 0; o < units; o++, z += B) {
        for (size_t s = 0; s < B; s++) z[s] = (z[s] - mean[o]) * inverse[o];
    }
}

/// The same over the units of each sample.  @param scale  (1), written
CLONES static void normalise_over_units(size_t units, double *restrict z, double *restrict scale) {
    double mean[B] = {0}, squares[B] = {0};
    const double part = 1 / (double)units;
    for (size_t o = 0; o < units; o++) {
        for (size_t s = 0; s < B; s++) mean[s] += part * z[o * B + s];
    }
    for (size_t o = 0; o < units; o++) {
        for (size_t s = 0; s < B; s++) {
            z[o * B + s] -= mean[s];
            squares[s] += part * z[o * B + s] * z[o * B + s];
        }
    }
    for (size_t s = 0; s < B; s++) scale[s] = 1 / sqrt(squares[s] + NETWORK_NORM_EPS);
    for (size_t o = 0; o < units; o++) {
        for (size_t s = 0; s < B; s++) z[o * B + s] *= scale[s];
    }
}

/// u = gamma n + beta.
CLONES static void scale_and_shift(size_t units, const double *restrict gamma,
                                   const double *restrict beta, const double *restrict n,
                                   double *restrict u) {
    for (size_t o = 0; o < units; o++) {
        for (size_t s = 0; s < B; s++) u[o * B + s] = gamma[o] * n[o * B + s] + beta[o];
    }
}

static void record_layer(const Curvature *c, int l, const double *x, const Record *record) {
    const Layer *layer = &c->layers[l];
    const double *params = c->params;
    const size_t units = (size_t)layer->units, size = units * B;
    double *z = layer->norm == NORM_NONE ? record->y : record->n;
    fill_rows(layer->units, layer->has_bias ? params + layer->bias_at : NULL, z);
    wide_block_forward(layer->inputs, layer->units, params + layer->weight_at, x, z);
    if (layer->norm == NORM_BATCH) {
        normalise_by_statistics(units, params + layer->mean_at, c->inverse[l], z);
    } else if (layer->norm == NORM_LAYER) {
        normalise_over_units(units, z, record->scale);
    }
    if (layer->norm != NORM_NONE) {
        scale_and_shift(units, params + layer->gamma_at, params + layer->beta_at, z, record->y);
    }
    activate(layer->activation, size, record->y, record->slope, record->bend);
    if (layer->residual) wide_add(size, 1, x, record->y);
}

// --- Recording: the loss and back ---

/// d becomes s (y - t), and what a change of y is multiplied by is s.
static void mean_squares(const double *share, size_t outputs, const double *y, double *d,
                         double *curve) {
    for (size_t i = 0; i < outputs * B; i++) {
        curve[i] = share[i % B];
        d[i] = curve[i] * (y[i] - d[i]);
    }
}

static void binary_cross_entropy(const double *share, size_t outputs, const double *z, double *d,
                                 double *curve) {
    for (size_t i = 0; i < outputs * B; i++) {
        const double e = exp(-fabs(z[i])), part = 1 / (1 + e);
        curve[i] = share[i % B] * e * part * part;
        d[i] = share[i % B] * ((z[i] < 0 ? e * part : part) - d[i]);
    }
}

/// curve becomes the softmax p; the loss is that of targets which may not add up to 1.
static void cross_entropy(double *share, size_t outputs, const double *z, double *d,
                          double *curve) {
    for (size_t s = 0; s < B; s++) {
        double most = z[s], sum = 0, targets = 0;
        for (size_t i = s; i < outputs * B; i += B) most = fmax(most, z[i]);
        for (size_t i = s; i < outputs * B; i += B) {
            curve[i] = exp(z[i] - most);
            sum += curve[i];
            targets += d[i];
        }
        for (size_t i = s; i < outputs * B; i += B) {
            curve[i] /= sum;
            d[i] = share[s] * (targets * curve[i] - d[i]);
        }
        share[s] *= targets;
    }
}

/// The gradient of the loss to the scores, from the targets.
/// @param d  (K) targets; becomes dL/dscores
static void record_loss(const Curvature *c, size_t count, const double *scores, const Tape *tape,
                        double *d) {
    const CurvatureDesc *desc = &c->desc;
    const size_t outputs = (size_t)c->n_outputs;
    const double samples = (double)desc->n, parts = samples * (double)outputs;
    double share = 1 / parts;
    if (desc->loss == LOSS_CROSS_ENTROPY) share = 1 / samples;
    if (desc->loss == LOSS_MSE || desc->loss == LOSS_MSE_BROADCAST) share = 2 / parts;
    for (size_t s = 0; s < B; s++) tape->share[s] = s < count ? share : 0;
    if (desc->loss == LOSS_CROSS_ENTROPY) {
        cross_entropy(tape->share, outputs, scores, d, tape->curve);
    } else if (desc->loss == LOSS_BCE) {
        binary_cross_entropy(tape->share, outputs, scores, d, tape->curve);
    } else {
        mean_squares(tape->share, outputs, scores, d, tape->curve);
    }
}

/// From dL/dy: du, and f''(u) becomes bend.
CLONES static void through_activation(size_t size, const double *restrict dy,
                                      const double *restrict slope, double *restrict bend,
                                      double *restrict du) {
    for (size_t i = 0; i < size; i++) {
        du[i] = dy[i] * slope[i];
        bend[i] *= dy[i];
    }
}

CLONES static void back_through_statistics(size_t units, const double *restrict gamma,
                                           const double *restrict inverse,
                                           const double *restrict du, double *restrict dz) {
    for (size_t o = 0; o < units; o++) {
        for (size_t s = 0; s < B; s++) dz[o * B + s] = du[o * B + s] * (gamma[o] * inverse[o]);
    }
}

/// With h = gamma du: dz = scale (h - mean(h) - n mean(h n)).
CLONES static void back_through_units(size_t units, const double *restrict gamma,
                                      const double *restrict n, const double *restrict scale,
                                      const double *restrict du, double *restrict dz,
                                      double *restrict lean) {
    double mean[B] = {0};
    const double part = 1 / (double)units;
    for (size_t s = 0; s < B; s++) lean[s] = 0;
    for (size_t o = 0; o < units; o++) {
        for (size_t s = 0; s < B; s++) {
            double h = gamma[o] * du[o * B + s];
            mean[s] += part * h;
            lean[s] += part * h * n[o * B + s];
        }
    }
    for (size_t o = 0; o < units; o++) {
        for (size_t s = 0; s < B; s++) {
            double h = gamma[o] * du[o * B + s];
            dz[o * B + s] = scale[s] * (h - mean[s] - n[o * B + s] * lean[s]);
        }
    }
}

static void record_back(const Curvature *c, int l, const double *dy, const Record *record) {
    const Layer *layer = &c->layers[l];
    const size_t units = (size_t)layer->units;
    const double *gamma = c->params + layer->gamma_at;
    through_activation(units * B, dy, record->slope, record->bend, record->du);
    if (layer->norm == NORM_BATCH) {
        back_through_statistics(units, gamma, c->inverse[l], record->du, record->dz);
    } else if (layer->norm == NORM_LAYER) {
        back_through_units(units, gamma, record->n, record->scale, record->du, record->dz,
                           record->lean);
    }
}

static const double *input_of(const Tape *tape, int l) {
    return l > 0 ? tape->layers[l - 1].y : tape->x;
}

/// @param first, count  samples of the block
static void record(const Curvature *c, size_t first, size_t count, const Tape *tape) {
    const CurvatureDesc *desc = &c->desc;
    const size_t inputs = (size_t)desc->net->n_inputs, outputs = (size_t)c->n_outputs;
    load(desc->x + first * inputs, inputs, count, tape->x);
    for (int l = 0; l < c->n_layers; l++) record_layer(c, l, input_of(tape, l), &tape->layers[l]);
    double *dy = c->back[0], *dx = c->back[1];
    if (loss_couples(desc->loss)) {
        fill_rows(c->n_outputs, c->mean_target, dy);
    } else {
        load(desc->t + first * outputs, outputs, count, dy);
    }
    record_loss(c, count, tape->layers[c->n_layers - 1].y, tape, dy);
    for (int l = c->n_layers - 1; l >= 0; l--) {
        const Layer *layer = &c->layers[l];
        record_back(c, l, dy, &tape->layers[l]);
        if (l == 0) break;
        if (layer->residual) {
            memcpy(dx, dy, (size_t)layer->inputs * B * sizeof *dx);
        } else {
            fill_rows(layer->inputs, NULL, dx);
        }
        wide_block_backward(layer->inputs, layer->units, c->params + layer->weight_at,
                            tape->layers[l].dz, dx);
        double *swapped = dx;
        dx = dy;
        dy = swapped;
    }
}

/// The tape of a block; recorded where it is not.
static void play(Curvature *c, size_t block, Tape *tape) {
    lay_tape(c, c->tapes + (c->keeps ? block * c->tape_size : 0), tape);
    if (c->keeps && block < c->made) return;
    const size_t first = block * B, left = c->desc.n - first;
    record(c, first, left < B ? left : B, tape);
    c->made = block + 1;
}

static bool is_cancelled(Curvature *c) {
    c->cancelled = c->desc.cancel && c->desc.cancel(c->desc.context);
    return c->cancelled;
}

// --- The gradient ---

static void add_gradient(const Curvature *c, const Tape *tape, double *gradient) {
    for (int l = 0; l < c->n_layers; l++) {
        const Layer *layer = &c->layers[l];
        const Record *record = &tape->layers[l];
        const int units = layer->units;
        wide_block_outer(layer->inputs, units, record->dz, input_of(tape, l),
                         gradient + layer->weight_at);
        if (layer->has_bias) {
            wide_block_products(units, record->dz, NULL, gradient + layer->bias_at);
        }
        if (layer->norm == NORM_NONE) continue;
        wide_block_products(units, record->du, record->n, gradient + layer->gamma_at);
        wide_block_products(units, record->du, NULL, gradient + layer->beta_at);
    }
}

bool curvature_gradient(Curvature *curvature, double *gradient) {
    Tape tape;
    memset(gradient, 0, curvature->desc.net->n_params * sizeof *gradient);
    for (size_t block = 0; block < curvature->n_blocks; block++) {
        if (is_cancelled(curvature)) return false;
        play(curvature, block, &tape);
        add_gradient(curvature, &tape, gradient);
    }
    return true;
}

// --- The product ---

/// R{n} = scale R{z}; rn holds R{z}.
CLONES static void change_by_statistics(size_t units, const double *restrict inverse,
                                        double *restrict rn) {
    for (size_t o = 0; o < units; o++) {
        for (size_t s = 0; s < B; s++) rn[o * B + s] *= inverse[o];
    }
}

/// R{n} = scale (R{z} - mean(R{z}) - n mean(n R{z})), and R{scale} = -scale² mean(n R{z}).
CLONES static void change_over_units(size_t units, const double *restrict n,
                                     const double *restrict scale, double *restrict rn,
                                     double *restrict shrink) {
    double mean[B] = {0}, lean[B] = {0};
    const double part = 1 / (double)units;
    for (size_t o = 0; o < units; o++) {
        for (size_t s = 0; s < B; s++) {
            mean[s] += part * rn[o * B + s];
            lean[s] += part * rn[o * B + s] * n[o * B + s];
        }
    }
    for (size_t o = 0; o < units; o++) {
        for (size_t s = 0; s < B; s++) {
            rn[o * B + s] = scale[s] * (rn[o * B + s] - mean[s] - n[o * B + s] * lean[s]);
        }
    }
    for (size_t s = 0; s < B; s++) shrink[s] = scale[s] * lean[s];
}

/// R{u} = R{gamma} n + gamma R{n} + R{beta}.
CLONES static void change_scaled(size_t units, const double *restrict gamma,
                                 const double *restrict rgamma, const double *restrict rbeta,
                                 const double *restrict n, const double *restrict rn,
                                 double *restrict ru) {
    for (size_t o = 0; o < units; o++) {
        for (size_t s = 0; s < B; s++) {
            ru[o * B + s] = rgamma[o] * n[o * B + s] + gamma[o] * rn[o * B + s] + rbeta[o];
        }
    }
}

CLONES static void multiply(size_t size, const double *restrict a, const double *restrict b,
                            double *restrict product) {
    for (size_t i = 0; i < size; i++) product[i] = a[i] * b[i];
}

/// @param rx  (I) NULL: the input does not change
static void change_forward(const Curvature *c, int l, const Tape *tape, const double *v,
                           const double *rx) {
    const Layer *layer = &c->layers[l];
    const Record *record = &tape->layers[l];
    const Change *change = &c->changes[l];
    const size_t units = (size_t)layer->units, size = units * B;
    double *rz = layer->norm == NORM_NONE ? change->ru : change->rn;
    fill_rows(layer->units, layer->has_bias ? v + layer->bias_at : NULL, rz);
    wide_block_forward(layer->inputs, layer->units, v + layer->weight_at, input_of(tape, l), rz);
    if (rx) {
        wide_block_forward(layer->inputs, layer->units, c->params + layer->weight_at, rx, rz);
    }
    if (layer->norm == NORM_BATCH) {
        change_by_statistics(units, c->inverse[l], rz);
    } else if (layer->norm == NORM_LAYER) {
        change_over_units(units, record->n, record->scale, rz, change->shrink);
    }
    if (layer->norm != NORM_NONE) {
        change_scaled(units, c->params + layer->gamma_at, v + layer->gamma_at, v + layer->beta_at,
                      record->n, rz, change->ru);
    }
    multiply(size, record->slope, change->ru, change->ry);
    if (rx && layer->residual) wide_add(size, 1, rx, change->ry);
}

/// R{dL/dscores} from R{scores}.
static void change_loss(const Curvature *c, const Tape *tape, const double *rscores, double *rd) {
    const size_t outputs = (size_t)c->n_outputs, size = outputs * B;
    multiply(size, tape->curve, rscores, rd);
    if (c->desc.loss != LOSS_CROSS_ENTROPY) return;
    double mean[B] = {0};
    for (size_t i = 0; i < size; i++) mean[i % B] += rd[i];
    for (size_t i = 0; i < size; i++) {
        rd[i] = tape->share[i % B] * (rd[i] - tape->curve[i] * mean[i % B]);
    }
}

/// R{du} = R{dy} f' + dy f'' R{u}.
CLONES static void change_through_activation(size_t size, const double *restrict slope,
                                             const double *restrict bend, const double *restrict ru,
                                             const double *restrict rdy, double *restrict rdu) {
    for (size_t i = 0; i < size; i++) rdu[i] = rdy[i] * slope[i] + bend[i] * ru[i];
}

/// R{h} of h = gamma du, in place of R{du}.
CLONES static void change_unscaled(size_t units, const double *restrict gamma,
                                   const double *restrict rgamma, const double *restrict du,
                                   double *restrict rdu) {
    for (size_t o = 0; o < units; o++) {
        for (size_t s = 0; s < B; s++) {
            rdu[o * B + s] = rdu[o * B + s] * gamma[o] + du[o * B + s] * rgamma[o];
        }
    }
}

/// R of dz = scale (h - mean(h) - n mean(h n)), in place of R{h}.
CLONES static void change_back_over_units(size_t units, const double *restrict gamma,
                                          const Record *record, const Change *change,
                                          double *restrict rh) {
    double mean[B] = {0}, lean[B] = {0};
    const double *restrict n = record->n, *restrict rn = change->rn, *restrict du = record->du;
    const double part = 1 / (double)units;
    for (size_t o = 0; o < units; o++) {
        for (size_t s = 0; s < B; s++) {
            const size_t at = o * B + s;
            mean[s] += part * rh[at];
            lean[s] += part * (rh[at] * n[at] + gamma[o] * du[at] * rn[at]);
        }
    }
    for (size_t o = 0; o < units; o++) {
        for (size_t s = 0; s < B; s++) {
            const size_t at = o * B + s;
            double inner = rh[at] - mean[s] - rn[at] * record->lean[s] - n[at] * lean[s];
            rh[at] = record->scale[s] * inner - change->shrink[s] * record->dz[at];
        }
    }
}

/// From R{dL/dy} to R{dL/dz}, and what the norm's parameters get.
static void change_back(const Curvature *c, int l, const Tape *tape, const double *v,
                        const double *rdy, double *rdz, double *product) {
    const Layer *layer = &c->layers[l];
    const Record *record = &tape->layers[l];
    const Change *change = &c->changes[l];
    const size_t units = (size_t)layer->units;
    const double *gamma = c->params + layer->gamma_at;
    change_through_activation(units * B, record->slope, record->bend, change->ru, rdy, rdz);
    if (layer->norm == NORM_NONE) return;
    wide_block_products(layer->units, rdz, record->n, product + layer->gamma_at);
    wide_block_products(layer->units, record->du, change->rn, product + layer->gamma_at);
    wide_block_products(layer->units, rdz, NULL, product + layer->beta_at);
    change_unscaled(units, gamma, v + layer->gamma_at, record->du, rdz);
    if (layer->norm == NORM_BATCH) {
        change_by_statistics(units, c->inverse[l], rdz);
    } else {
        change_back_over_units(units, gamma, record, change, rdz);
    }
}

static void add_product(const Curvature *c, const Tape *tape, const double *v, double *product) {
    const int last = c->n_layers - 1;
    for (int l = 0; l <= last; l++) {
        change_forward(c, l, tape, v, l > 0 ? c->changes[l - 1].ry : NULL);
    }
    double *rdy = c->back[0], *rdx = c->back[1], *rdz = c->back[2];
    change_loss(c, tape, c->changes[last].ry, rdy);
    for (int l = last; l >= 0; l--) {
        const Layer *layer = &c->layers[l];
        const double *dz = tape->layers[l].dz;
        const int inputs = layer->inputs, units = layer->units;
        double *weights = product + layer->weight_at;
        change_back(c, l, tape, v, rdy, rdz, product);
        wide_block_outer(inputs, units, rdz, input_of(tape, l), weights);
        if (layer->has_bias) wide_block_products(units, rdz, NULL, product + layer->bias_at);
        if (l == 0) break;
        wide_block_outer(inputs, units, dz, c->changes[l - 1].ry, weights);
        if (layer->residual) {
            memcpy(rdx, rdy, (size_t)inputs * B * sizeof *rdx);
        } else {
            fill_rows(inputs, NULL, rdx);
        }
        wide_block_backward(inputs, units, c->params + layer->weight_at, rdz, rdx);
        wide_block_backward(inputs, units, v + layer->weight_at, dz, rdx);
        double *swapped = rdx;
        rdx = rdy;
        rdy = swapped;
    }
}

bool curvature_product(Curvature *curvature, const double *v, double *product) {
    Tape tape;
    memset(product, 0, curvature->desc.net->n_params * sizeof *product);
    for (size_t block = 0; block < curvature->n_blocks; block++) {
        if (is_cancelled(curvature)) return false;
        play(curvature, block, &tape);
        add_product(curvature, &tape, v, product);
    }
    return true;
}

// --- The plane ---

static bool product_for_lanczos(void *context, const double *v, double *product) {
    return curvature_product(context, v, product);
}

/// Turns a direction so that its component of the largest magnitude is positive.
static void make_positive(size_t n, double *direction) {
    size_t most = 0;
    for (size_t i = 1; i < n; i++) {
        if (fabs(direction[i]) > fabs(direction[most])) most = i;
    }
    if (direction[most] < 0) wide_scale(n, -1, direction);
}

static bool is_finite(const Network *net) {
    for (size_t i = 0; i < net->n_values; i++) {
        if (!isfinite(net->params[i])) return false;
    }
    return true;
}

static const Plane *fail(Error *error, const char *why) {
    error_set(error, "plane: %s", why);
    return NULL;
}

/// @param vectors  (2, n_params), room
static const Plane *make_plane(Curvature *c, double tolerance, double *vectors, Error *error) {
    const Network *net = c->desc.net;
    const size_t n = net->n_params;
    const LanczosDesc desc = {.n = n,
                              .product = product_for_lanczos,
                              .context = c,
                              .tolerance = tolerance > 0 ? tolerance : 1e-4};
    double values[2], residuals[2];
    if (!lanczos(&desc, 2, values, vectors, residuals)) {
        if (c->cancelled) return fail(error, "cancelled");
        return fail(error, "no memory, or the loss is not finite here");
    }
    make_positive(n, vectors);
    make_positive(n, vectors + n);
    Plane *plane = plane_of(PLANE_HESSIAN, net->params, vectors, vectors + n, n, error);
    for (int i = 0; plane && i < 2; i++) {
        plane->eigenvalues[i] = values[i];
        plane->residuals[i] = residuals[i] > 0 ? residuals[i] / fabs(values[i]) : 0;
    }
    return plane;
}

const Plane *curvature_plane(const CurvatureDesc *desc, double tolerance, Error *error) {
    const size_t n = desc->net->n_params;
    if (n < 2) return fail(error, "there is one weight only");
    if (!is_finite(desc->net)) return fail(error, "the weights are not all finite");
    Curvature *c = curvature_create(desc);
    double *vectors = c ? malloc(2 * n * sizeof *vectors) : NULL;
    const Plane *plane =
        vectors ? make_plane(c, tolerance, vectors, error) : fail(error, "out of memory");
    free(vectors);
    curvature_destroy(c);
    return plane;
}
