// Pearlmutter's method: with R{q} the derivative of q along v, R applied to every line of a forward
// and a backward pass gives R{gradient} = H v. What the lines are multiplied by depends on the
// weights alone: it is recorded once, a tape for each block of samples, and each product only runs
// the R-lines; where all tapes would take too much memory there is one, recorded anew each time.
//
// Shapes and names are tape.h's; r before a name is R, so that rdz is R{dL/dz}.
#include "nn/curvature.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clones.h"
#include "base/memory.h"
#include "nn/kernels/wide.h"
#include "nn/lanczos.h"
#include "nn/plane_fault.h"
#include "nn/tape.h"

enum {
    B = WIDE_BLOCK,
    TAPES_MAX = 32 << 20, // bytes of all tapes that are kept
};

/// What a product keeps of a layer between its passes.
typedef struct Change {
    double *ry, *ru; // (O)
    double *rn;      // (O), of norms
    double *shrink;  // (1) -R{scale} / scale, of layer norm
} Change;

struct Curvature {
    CurvatureDesc desc;
    Recorder of;
    Change changes[NETWORK_LAYERS_MAX];
    double *back[3];        // (widest) R of gradients on their way
    size_t tape_size, made; // tapes recorded so far
    bool keeps;             // as many tapes as there are blocks; else one
    bool cancelled;         // the last gradient or product
    bool finite;            // the last product for a plane
    double *memory, *tapes; // owned: what changes and back point to, and the tapes
};

static size_t lay_out(Curvature *c, double *memory) {
    size_t used = 0;
    for (int i = 0; i < 3; i++) c->back[i] = tape_take(memory, &used, (size_t)c->of.widest * B);
    for (int l = 0; l < c->of.n_layers; l++) {
        const Layer *layer = &c->of.layers[l];
        const size_t size = (size_t)layer->units * B;
        c->changes[l].ry = tape_take(memory, &used, size);
        c->changes[l].ru = tape_take(memory, &used, size);
        if (layer->norm == NORM_NONE) continue;
        c->changes[l].rn = tape_take(memory, &used, size);
        c->changes[l].shrink = tape_take(memory, &used, B);
    }
    return used;
}

static bool make(Curvature *c) {
    const CurvatureDesc *desc = &c->desc;
    Tape tape;
    if (!recorder_init(&c->of, desc->net, desc->loss, desc->x, desc->t, desc->n)) return false;
    c->tape_size = tape_lay_out(&c->of, NULL, &tape);
    c->keeps = c->of.n_blocks <= TAPES_MAX / sizeof *c->tapes / c->tape_size;
    // Whose pages come as they are written: all at once would take tens of milliseconds.
    c->tapes = calloc((c->keeps ? c->of.n_blocks : 1) * c->tape_size, sizeof *c->tapes);
    c->memory = memory_calloc(lay_out(c, NULL), sizeof *c->memory);
    if (!c->tapes || !c->memory) return false;
    lay_out(c, c->memory);
    return true;
}

Curvature *curvature_create(const CurvatureDesc *desc) {
    Curvature *c = calloc(1, sizeof *c);
    if (!c) return NULL;
    c->desc = *desc;
    if (make(c)) return c;
    curvature_destroy(c);
    return NULL;
}

void curvature_destroy(Curvature *curvature) {
    if (!curvature) return;
    recorder_deinit(&curvature->of);
    free(curvature->memory);
    free(curvature->tapes);
    free(curvature);
}

/// The tape of a block; recorded where it is not.
static void play(Curvature *c, size_t block, Tape *tape) {
    tape_lay_out(&c->of, c->tapes + (c->keeps ? block * c->tape_size : 0), tape);
    if (c->keeps && block < c->made) return;
    tape_record(&c->of, block, tape);
    c->made = block + 1;
}

static bool is_cancelled(void *context) {
    Curvature *c = context;
    c->cancelled = c->desc.cancel && c->desc.cancel(c->desc.context);
    return c->cancelled;
}

bool curvature_gradient(Curvature *curvature, double *gradient) {
    const Recorder *of = &curvature->of;
    Tape tape;
    memset(gradient, 0, of->n_params * sizeof *gradient);
    for (size_t block = 0; block < of->n_blocks; block++) {
        if (is_cancelled(curvature)) return false;
        play(curvature, block, &tape);
        tape_add_gradient(of, &tape, gradient);
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
    const Layer *layer = &c->of.layers[l];
    const Record *record = &tape->layers[l];
    const Change *change = &c->changes[l];
    const size_t units = (size_t)layer->units, size = units * B;
    double *rz = layer->norm == NORM_NONE ? change->ru : change->rn;
    wide_block_fill(layer->units, layer->has_bias ? v + layer->bias_at : NULL, rz);
    wide_block_forward(layer->inputs, layer->units, v + layer->weight_at, tape_input(tape, l), rz);
    if (rx) {
        wide_block_forward(layer->inputs, layer->units, c->of.params + layer->weight_at, rx, rz);
    }
    if (layer->norm == NORM_BATCH) {
        change_by_statistics(units, c->of.inverse[l], rz);
    } else if (layer->norm == NORM_LAYER) {
        change_over_units(units, record->n, record->scale, rz, change->shrink);
    }
    if (layer->norm != NORM_NONE) {
        change_scaled(units, c->of.params + layer->gamma_at, v + layer->gamma_at,
                      v + layer->beta_at, record->n, rz, change->ru);
    }
    multiply(size, record->slope, change->ru, change->ry);
    if (rx && layer->residual) wide_add(size, 1, rx, change->ry);
}

/// R{dL/dscores} from R{scores}.
static void change_loss(const Curvature *c, const Tape *tape, const double *rscores, double *rd) {
    const size_t outputs = (size_t)c->of.n_outputs, size = outputs * B;
    multiply(size, tape->curve, rscores, rd);
    if (c->of.loss != LOSS_CROSS_ENTROPY) return;
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
    const Layer *layer = &c->of.layers[l];
    const Record *record = &tape->layers[l];
    const Change *change = &c->changes[l];
    const size_t units = (size_t)layer->units;
    const double *gamma = c->of.params + layer->gamma_at;
    change_through_activation(units * B, record->slope, record->bend, change->ru, rdy, rdz);
    if (layer->norm == NORM_NONE) return;
    wide_block_products(layer->units, rdz, record->n, product + layer->gamma_at);
    wide_block_products(layer->units, record->du, change->rn, product + layer->gamma_at);
    wide_block_products(layer->units, rdz, NULL, product + layer->beta_at);
    change_unscaled(units, gamma, v + layer->gamma_at, record->du, rdz);
    if (layer->norm == NORM_BATCH) {
        change_by_statistics(units, c->of.inverse[l], rdz);
    } else {
        change_back_over_units(units, gamma, record, change, rdz);
    }
}

static void add_product(const Curvature *c, const Tape *tape, const double *v, double *product) {
    const int last = c->of.n_layers - 1;
    for (int l = 0; l <= last; l++) {
        change_forward(c, l, tape, v, l > 0 ? c->changes[l - 1].ry : NULL);
    }
    double *rdy = c->back[0], *rdx = c->back[1], *rdz = c->back[2];
    change_loss(c, tape, c->changes[last].ry, rdy);
    for (int l = last; l >= 0; l--) {
        const Layer *layer = &c->of.layers[l];
        const double *dz = tape->layers[l].dz;
        const int inputs = layer->inputs, units = layer->units;
        double *weights = product + layer->weight_at;
        change_back(c, l, tape, v, rdy, rdz, product);
        wide_block_outer(inputs, units, rdz, tape_input(tape, l), weights);
        if (layer->has_bias) wide_block_products(units, rdz, NULL, product + layer->bias_at);
        if (l == 0) break;
        wide_block_outer(inputs, units, dz, c->changes[l - 1].ry, weights);
        if (layer->residual) {
            memcpy(rdx, rdy, (size_t)inputs * B * sizeof *rdx);
        } else {
            wide_block_fill(inputs, NULL, rdx);
        }
        wide_block_backward(inputs, units, c->of.params + layer->weight_at, rdz, rdx);
        wide_block_backward(inputs, units, v + layer->weight_at, dz, rdx);
        double *swapped = rdx;
        rdx = rdy;
        rdy = swapped;
    }
}

bool curvature_product(Curvature *curvature, const double *v, double *product) {
    Tape tape;
    memset(product, 0, curvature->of.n_params * sizeof *product);
    for (size_t block = 0; block < curvature->of.n_blocks; block++) {
        if (is_cancelled(curvature)) return false;
        play(curvature, block, &tape);
        add_product(curvature, &tape, v, product);
    }
    return true;
}

// --- The plane ---

static bool finite_product(void *context, const double *v, double *product) {
    Curvature *c = context;
    if (!curvature_product(c, v, product)) return false;
    c->finite = isfinite(wide_norm(c->of.n_params, product));
    return c->finite;
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

static const Plane *fail(Error *error, PlaneFault fault) {
    plane_fault_set(error, fault);
    return NULL;
}

/// @param vectors  (2, n_params), room
static const Plane *make_plane(Curvature *c, double tolerance, double *vectors, Error *error) {
    const Network *net = c->desc.net;
    const size_t n = net->n_params;
    const LanczosDesc desc = {.n = n,
                              .product = finite_product,
                              .cancel = is_cancelled,
                              .context = c,
                              .tolerance = tolerance > 0 ? tolerance : 1e-4};
    double values[2], residuals[2];
    c->finite = true;
    if (!lanczos(&desc, 2, values, vectors, residuals)) {
        if (c->cancelled) return fail(error, PLANE_FAULT_CANCELLED);
        return fail(error, c->finite ? PLANE_FAULT_MEMORY : PLANE_FAULT_LOSS);
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
    if (n < 2) return fail(error, PLANE_FAULT_ONE_WEIGHT);
    if (desc->n == 0) return fail(error, PLANE_FAULT_SAMPLES);
    if (!is_finite(desc->net)) return fail(error, PLANE_FAULT_WEIGHTS);
    Curvature *c = curvature_create(desc);
    double *vectors = c ? malloc(2 * n * sizeof *vectors) : NULL;
    const Plane *plane =
        vectors ? make_plane(c, tolerance, vectors, error) : fail(error, PLANE_FAULT_MEMORY);
    free(vectors);
    curvature_destroy(c);
    return plane;
}
