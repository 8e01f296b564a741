// The two parameters are called outer and inner: the inner one lies in the same layer as the outer
// one or in a later one. In the model of the network both are zero, so that every sum over a layer
// leaves their share out, and a point (u, v) of the surface costs only what depends on it.
//
// A Stage is a layer with everything known but the value of one parameter: the sum of the neuron
// that it belongs to without it, the other units' outputs, and the next layer's sums without what
// comes from the neuron. The outer parameter's stage is made once, for all samples; where the
// inner one belongs to the same neuron the two share it, and a new u changes nothing but the
// neuron's sum. Otherwise a u makes, for each block of samples, the inner parameter's stage; and
// each v then costs a neuron and the layers after it.
//
// A stage is `whole`, and keeps all of the layer's sums instead, where one neuron moves the
// others' outputs (layer norm), and for an inner parameter beside the outer one.
//
// Where the inner neuron is a linear output and the loss a mean of squares, the last step is a
// quadratic in v: three sums over the samples, in 64 bits, give it for all v.
//
// Samples lie in blocks that stay in the cache, the fast axis of (units, width) arrays. Each
// sample's operations, and the order of the sums over samples, are the same whatever the rows
// asked for and the processor's vectors.
#include "nn/landscape.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "nn/kernels/landscape_kernels.h"
#include "nn/landscape_model.h"
#include "nn/landscape_plane.h"

/// For each block of samples an array (rows, width); none where rows is 0.
typedef struct Blocks {
    float *values;
    int rows;
} Blocks;

typedef struct Stage {
    int layer, row;
    bool whole;
    Blocks sums;    // the neuron's alone; whole: the layer's
    Blocks skip;    // residual: what is added to the outputs, that is, the layer's inputs
    Blocks outputs; // the layer's outputs with 0 for the neuron, where something needs them
    Blocks next;    // the next layer's sums without the neuron's share
} Stage;

struct Landscape {
    PlaneSurface *on_plane; // all the rest is then not used
    Model model;            // with zeros at both parameters
    Axis outer, inner;
    bool outer_is_a;         // else the outer parameter is b
    bool same_parameter;     // u counts for nothing
    bool same_neuron;        // the two share a stage
    bool quadratic;          // the loss is one of v
    size_t n, width, blocks; // samples; a block's; blocks
    Stage stage;             // the outer parameter's
    Blocks outer_in;         // what u multiplies
    Blocks inner_in;         // what v multiplies, where that is the same for every u
    Blocks targets;
    float *memory;
};

static float *block_of(const Landscape *land, const Blocks *blocks, size_t block) {
    return blocks->values + block * (size_t)blocks->rows * land->width;
}

static int block_count(const Landscape *land, size_t block) {
    size_t left = land->n - block * land->width;
    return (int)(left < land->width ? left : land->width);
}

static void copy_rows(const Landscape *land, const float *from, int rows, float *to) {
    memcpy(to, from, (size_t)rows * land->width * sizeof *to);
}

/// The neuron's row among the stage's sums or inputs of a block.
static float *neuron_of(const Landscape *land, const Stage *stage, const Blocks *blocks,
                        size_t block) {
    return block_of(land, blocks, block) + (stage->whole ? (size_t)stage->row * land->width : 0);
}

// --- Stages ---

/// @param outputs_needed  of the layer, by something else than the next one's residual connection
static Stage stage_describe(const Model *model, const Axis *axis, bool whole, bool outputs_needed) {
    const ModelLayer *layer = &model->layers[axis->layer];
    const bool last = model_is_last(model, axis->layer);
    int rows = whole ? layer->units : 1;
    Stage stage = {.layer = axis->layer, .row = axis->row, .whole = whole};
    stage.sums.rows = rows;
    stage.skip.rows = layer->residual ? rows : 0;
    if (whole) return stage;
    if (last || outputs_needed || layer[1].residual) stage.outputs.rows = layer->units;
    if (!last) stage.next.rows = layer[1].units;
    return stage;
}

/// Hands out the arrays of `blocks` blocks. @return what comes after them
static float *stage_place(const Landscape *land, Stage *stage, size_t blocks, float *memory) {
    Blocks *const all[] = {&stage->sums, &stage->skip, &stage->outputs, &stage->next};
    for (int i = 0; i < 4; i++) {
        all[i]->values = memory;
        memory += blocks * (size_t)all[i]->rows * land->width;
    }
    return memory;
}

static size_t stage_rows(const Stage *stage) {
    return (size_t)stage->sums.rows + (size_t)stage->skip.rows + (size_t)stage->outputs.rows +
           (size_t)stage->next.rows;
}

/// @param x  the layer's inputs  @param z  its sums without the parameter; spoiled
static void stage_fill(const Landscape *land, const Stage *stage, size_t block, const float *x,
                       float *z, float *scratch) {
    const Model *model = &land->model;
    const int l = stage->layer;
    const size_t width = land->width, row = stage->whole ? 0 : (size_t)stage->row * width;
    copy_rows(land, z + row, stage->sums.rows, block_of(land, &stage->sums, block));
    if (stage->skip.rows) {
        copy_rows(land, x + row, stage->skip.rows, block_of(land, &stage->skip, block));
    }
    if (stage->whole) return;
    model_finish(model, l, width, x, z, scratch);
    memset(z + row, 0, width * sizeof *z);
    if (stage->outputs.rows) {
        copy_rows(land, z, stage->outputs.rows, block_of(land, &stage->outputs, block));
    }
    if (stage->next.rows) {
        model_sums(model, l + 1, width, z, block_of(land, &stage->next, block));
    }
}

/// The neuron's output for a value of its parameter. The stage is not whole.
/// @param sum  the neuron's without the parameter  @param in  what the value multiplies
static void stage_neuron(const Landscape *land, const Stage *stage, size_t block, const float *sum,
                         float value, const float *in, float *out) {
    block_add_scaled(land->width, sum, value, in, out);
    activation_forward(land->model.layers[stage->layer].activation, out, land->width);
    if (stage->skip.rows) block_add(land->width, block_of(land, &stage->skip, block), out);
}

/// The next layer's sums.  @param neuron  the neuron's output
static void stage_next(const Landscape *land, const Stage *stage, size_t block, const float *neuron,
                       float *z) {
    const ModelLayer *next = &land->model.layers[stage->layer + 1];
    const float *base = block_of(land, &stage->next, block), *weight = next->weight + stage->row;
    const size_t width = land->width;
    for (int j = 0; j < next->units; j++, weight += next->inputs, base += width, z += width) {
        block_add_scaled(width, base, *weight, neuron, z);
    }
}

/// All outputs of the layer of a whole stage.
static void stage_whole(const Landscape *land, const Stage *stage, size_t block, const float *sum,
                        float value, const float *in, float *out, float *scratch) {
    const float *skip = stage->skip.rows ? block_of(land, &stage->skip, block) : NULL;
    copy_rows(land, block_of(land, &stage->sums, block), stage->sums.rows, out);
    block_add_scaled(land->width, sum, value, in, out + (size_t)stage->row * land->width);
    model_finish(&land->model, stage->layer, land->width, skip, out, scratch);
}

// --- Creation ---

/// What the parameter multiplies.  @param x  its layer's inputs
static void take_input(const Landscape *land, const Axis *axis, const float *x, float *in) {
    if (axis->col == PARAM_BIAS) {
        for (size_t s = 0; s < land->width; s++) in[s] = 1.0f;
    } else {
        copy_rows(land, x + (size_t)axis->col * land->width, 1, in);
    }
}

/// Copies a block of samples (n, rows) into (rows, width), zeros after the last one.
static void load_rows(const Landscape *land, const float *from, int rows, size_t block, float *to) {
    int count = block_count(land, block);
    const float *sample = from + block * land->width * (size_t)rows;
    memset(to, 0, (size_t)rows * land->width * sizeof *to);
    for (int s = 0; s < count; s++, sample += rows) {
        for (int k = 0; k < rows; k++) to[(size_t)k * land->width + (size_t)s] = sample[k];
    }
}

static void load_targets(const Landscape *land, const float *t, size_t block) {
    const Model *model = &land->model;
    float *to = block_of(land, &land->targets, block);
    load_rows(land, t, model->n_outputs, block, to);
    for (int k = 0; model->mean && k < model->n_outputs; k++, to += land->width) {
        for (size_t s = 0; s < land->width; s++) to[s] = model->mean[k];
    }
}

static bool is_cancelled(const LandscapeDesc *desc) {
    return desc->cancel && desc->cancel(desc->context);
}

/// Fills the caches for one block, unless it is cancelled.  @param x, z  (widest, width), scratch
static void cache_block(const Landscape *land, const LandscapeDesc *desc, size_t block, float *x,
                        float *z, float *scratch) {
    const Model *model = &land->model;
    const size_t width = land->width;
    load_targets(land, desc->t, block);
    load_rows(land, desc->x, model->n_inputs, block, x);
    for (int l = 0; l < land->outer.layer; l++) {
        if (is_cancelled(desc)) return;
        model_sums(model, l, width, x, z);
        model_finish(model, l, width, x, z, scratch);
        float *swapped = x;
        x = z;
        z = swapped;
    }
    if (is_cancelled(desc)) return;
    take_input(land, &land->outer, x, block_of(land, &land->outer_in, block));
    if (land->inner.layer == land->outer.layer) {
        take_input(land, &land->inner, x, block_of(land, &land->inner_in, block));
    }
    model_sums(model, land->outer.layer, width, x, z);
    stage_fill(land, &land->stage, block, x, z, scratch);
}

static bool fill_caches(Landscape *land, const LandscapeDesc *desc) {
    const Model *model = &land->model;
    const bool beside = land->inner.layer == land->outer.layer && !land->same_neuron;
    land->stage =
        stage_describe(model, &land->outer, beside || model->layers[land->outer.layer].layer_norm,
                       land->inner.layer == land->outer.layer + 1);
    land->outer_in.rows = land->inner_in.rows = 1;
    land->targets.rows = model->n_outputs;
    size_t rows = 2 + (size_t)model->n_outputs + stage_rows(&land->stage);
    land->memory = malloc(rows * land->blocks * land->width * sizeof *land->memory);
    float *scratch = malloc((2 * (size_t)model->widest + 2) * land->width * sizeof *scratch);
    if (land->memory && scratch) {
        const size_t row = land->blocks * land->width, all = (size_t)model->widest * land->width;
        land->outer_in.values = land->memory;
        land->inner_in.values = land->memory + row;
        land->targets.values = land->memory + 2 * row;
        stage_place(land, &land->stage, land->blocks,
                    land->targets.values + (size_t)model->n_outputs * row);
        for (size_t block = 0; block < land->blocks && !is_cancelled(desc); block++) {
            cache_block(land, desc, block, scratch, scratch + all, scratch + 2 * all);
        }
    }
    free(scratch);
    return land->memory && scratch && !is_cancelled(desc);
}

/// Whether the loss is a quadratic of the inner parameter.
static bool is_quadratic(const Model *model, const Axis *inner) {
    const ModelLayer *layer = &model->layers[inner->layer];
    return model_is_last(model, inner->layer) && layer->activation == ACTIVATION_LINEAR &&
           !layer->layer_norm && (model->loss == LOSS_MSE || model->loss == LOSS_HALF_MSE);
}

/// @return NULL
static Landscape *give_up(const LandscapeDesc *desc, Error *error) {
    if (is_cancelled(desc)) {
        error_set(error, "landscape: cancelled");
    } else {
        error_set(error, "landscape: out of memory for %zu samples", desc->n);
    }
    return NULL;
}

static Landscape *create_on_plane(const LandscapeDesc *desc, Error *error) {
    assert(desc->plane->n_params == desc->net->n_params);
    Landscape *land = calloc(1, sizeof *land);
    if (land && (land->on_plane = plane_surface_create(desc))) return land;
    free(land);
    return give_up(desc, error);
}

Landscape *landscape_create(const LandscapeDesc *desc, Error *error) {
    assert(desc->n > 0);
    if (desc->plane) return create_on_plane(desc, error);
    Axis a, b;
    if (!axis_find(desc->net, desc->a, &a, error) || !axis_find(desc->net, desc->b, &b, error)) {
        return NULL;
    }
    Landscape *land = calloc(1, sizeof *land);
    if (land && model_init(&land->model, desc->net, desc->loss, &a, &b, desc->t, desc->n)) {
        land->outer_is_a = a.layer <= b.layer;
        land->outer = land->outer_is_a ? a : b;
        land->inner = land->outer_is_a ? b : a;
        land->same_parameter = a.at == b.at;
        land->same_neuron = a.layer == b.layer && a.row == b.row;
        land->quadratic = is_quadratic(&land->model, &land->inner);
        land->n = desc->n;
        land->blocks = landscape_blocks(desc->n, &land->width);
        if (fill_caches(land, desc)) return land;
    }
    landscape_destroy(land);
    return give_up(desc, error);
}

void landscape_destroy(Landscape *land) {
    if (!land) return;
    plane_surface_destroy(land->on_plane);
    model_deinit(&land->model);
    free(land->memory);
    free(land);
}

// --- Rows ---

/// What a call of landscape_rows works with.
typedef struct Scratch {
    float *x, *z;  // (widest, width) each: a layer's inputs and sums, in turns
    float *more;   // (2, width), for norms and losses
    float *neuron; // (width) its output
    float *scores; // (K, width), where the inner parameter's layer is the last: the other units'
    float *sum;    // (width) the neuron's sum with u, where the two share it
    float *in;     // (width) what v multiplies, where that depends on u
    Stage own;     // the inner parameter's, of one block and u
    float *memory;

    // What is known of the present block and u.
    const Stage *stage;
    size_t block; // of the stage
    const float *inner_sum, *inner_in;

    double *sums; // for each inner value
    Moments moments;
    double fixed; // the other outputs' share of a quadratic loss
} Scratch;

static bool scratch_init(Scratch *scratch, const Landscape *land, int n_inner) {
    const Model *model = &land->model;
    const size_t width = land->width, widest = (size_t)model->widest;
    *scratch = (Scratch){0};
    if (!land->same_neuron) {
        scratch->own =
            stage_describe(model, &land->inner, model->layers[land->inner.layer].layer_norm, false);
    }
    size_t rows = 2 * widest + 5 + (size_t)model->n_outputs + stage_rows(&scratch->own);
    scratch->memory = malloc(rows * width * sizeof *scratch->memory);
    scratch->sums = malloc((size_t)n_inner * sizeof *scratch->sums);
    if (!scratch->memory || !scratch->sums) return false;
    scratch->x = scratch->memory;
    scratch->z = scratch->x + widest * width;
    scratch->more = scratch->z + widest * width;
    scratch->neuron = scratch->more + 2 * width;
    scratch->sum = scratch->neuron + width;
    scratch->in = scratch->sum + width;
    scratch->scores = scratch->in + width;
    stage_place(land, &scratch->own, 1, scratch->scores + (size_t)model->n_outputs * width);
    return true;
}

static void scratch_deinit(Scratch *scratch) {
    free(scratch->memory);
    free(scratch->sums);
}

static void swap(Scratch *scratch) {
    float *swapped = scratch->x;
    scratch->x = scratch->z;
    scratch->z = swapped;
}

/// Leaves the inputs of the inner parameter's layer, and its sums without v, in scratch->x and z.
static void run_to_inner(const Landscape *land, Scratch *scratch, size_t block, float u) {
    const Model *model = &land->model;
    const Stage *stage = &land->stage;
    const size_t width = land->width;
    const float *sum = neuron_of(land, stage, &stage->sums, block);
    const float *in = block_of(land, &land->outer_in, block);
    if (stage->whole) {
        stage_whole(land, stage, block, sum, u, in, scratch->x, scratch->more);
        model_sums(model, stage->layer + 1, width, scratch->x, scratch->z);
    } else {
        stage_neuron(land, stage, block, sum, u, in, scratch->neuron);
        stage_next(land, stage, block, scratch->neuron, scratch->z);
        if (stage->outputs.rows) {
            copy_rows(land, block_of(land, &stage->outputs, block), stage->outputs.rows,
                      scratch->x);
            copy_rows(land, scratch->neuron, 1, scratch->x + (size_t)stage->row * width);
        }
    }
    for (int l = stage->layer + 1; l < land->inner.layer; l++) {
        model_finish(model, l, width, scratch->x, scratch->z, scratch->more);
        swap(scratch);
        model_sums(model, l + 1, width, scratch->x, scratch->z);
    }
}

/// Everything that depends on u but not on v.
static void prepare(const Landscape *land, Scratch *scratch, size_t block, float u) {
    const Stage *stage = &land->stage;
    const float *outer_in = block_of(land, &land->outer_in, block);
    scratch->inner_in = block_of(land, &land->inner_in, block);
    if (land->same_neuron) {
        const float *sum = neuron_of(land, stage, &stage->sums, block);
        block_add_scaled(land->width, sum, u, outer_in, scratch->sum);
        scratch->stage = stage;
        scratch->block = block;
        scratch->inner_sum = scratch->sum;
    } else {
        const float *x;
        if (land->inner.layer == land->outer.layer) {
            float *neuron = scratch->z + (size_t)stage->row * land->width;
            const float *sums = block_of(land, &stage->sums, block);
            copy_rows(land, sums, stage->sums.rows, scratch->z);
            block_add_scaled(land->width, neuron_of(land, stage, &stage->sums, block), u, outer_in,
                             neuron);
            x = block_of(land, &stage->skip, block);
        } else {
            run_to_inner(land, scratch, block, u);
            take_input(land, &land->inner, scratch->x, scratch->in);
            scratch->inner_in = scratch->in;
            x = scratch->x;
        }
        stage_fill(land, &scratch->own, 0, x, scratch->z, scratch->more);
        scratch->stage = &scratch->own;
        scratch->block = 0;
        scratch->inner_sum = neuron_of(land, scratch->stage, &scratch->own.sums, 0);
    }
    if (model_is_last(&land->model, land->inner.layer) && !scratch->stage->whole) {
        copy_rows(land, block_of(land, &scratch->stage->outputs, scratch->block),
                  land->model.n_outputs, scratch->scores);
    }
}

/// The scores of a block at v.
static const float *inner_scores(const Landscape *land, Scratch *scratch, float v) {
    const Model *model = &land->model;
    const Stage *stage = scratch->stage;
    const size_t width = land->width;
    const float *sum = scratch->inner_sum, *in = scratch->inner_in;
    int l = stage->layer;
    if (stage->whole) {
        stage_whole(land, stage, scratch->block, sum, v, in, scratch->z, scratch->more);
    } else if (model_is_last(model, l)) {
        stage_neuron(land, stage, scratch->block, sum, v, in,
                     scratch->scores + (size_t)stage->row * width);
        return scratch->scores;
    } else {
        stage_neuron(land, stage, scratch->block, sum, v, in, scratch->neuron);
        stage_next(land, stage, scratch->block, scratch->neuron, scratch->z);
        l++;
        const bool residual = model->layers[l].residual;
        const float *others = block_of(land, &stage->outputs, scratch->block);
        model_finish(model, l, width, others, scratch->z, scratch->more);
        if (residual) {
            block_add(width, scratch->neuron, scratch->z + (size_t)stage->row * width);
        }
    }
    while (++l < model->n_layers) {
        swap(scratch);
        model_sums(model, l, width, scratch->x, scratch->z);
        model_finish(model, l, width, scratch->x, scratch->z, scratch->more);
    }
    return scratch->z;
}

static void add_moments(const Landscape *land, Scratch *scratch, size_t block) {
    const Stage *stage = scratch->stage;
    const int count = block_count(land, block), row = stage->row;
    const float *t = block_of(land, &land->targets, block), *z = scratch->inner_sum;
    if (stage->skip.rows) {
        copy_rows(land, z, 1, scratch->neuron);
        block_add(land->width, block_of(land, &stage->skip, scratch->block), scratch->neuron);
        z = scratch->neuron;
    }
    block_moments(count, z, scratch->inner_in, t + (size_t)row * land->width, &scratch->moments);
    for (int k = 0; k < land->model.n_outputs; k++) {
        const size_t at = (size_t)k * land->width;
        if (k != row) scratch->fixed += block_squares(count, scratch->scores + at, t + at);
    }
}

static double quadratic(const Landscape *land, const Scratch *scratch, double v) {
    const Moments *m = &scratch->moments;
    double sum = (m->rest + 2.0 * v * m->cross) + v * v * m->square;
    if (sum < 0.0) sum = 0.0; // rounding; NaN stays
    double half = land->model.loss == LOSS_HALF_MSE ? 0.5 : 1.0;
    return half * (scratch->fixed + sum) / land->model.n_outputs;
}

/// The sums over all samples at u and every inner value.
/// @return false where it was cancelled
static bool measure(const Landscape *land, Scratch *scratch, float u, const double *inner,
                    int n_inner, bool (*cancel)(void *), void *context) {
    memset(scratch->sums, 0, (size_t)n_inner * sizeof *scratch->sums);
    scratch->moments = (Moments){0};
    scratch->fixed = 0.0;
    for (size_t block = 0; block < land->blocks; block++) {
        if (cancel && cancel(context)) return false;
        prepare(land, scratch, block, u);
        if (land->quadratic) {
            add_moments(land, scratch, block);
            continue;
        }
        const float *t = block_of(land, &land->targets, block);
        const int count = block_count(land, block);
        for (int i = 0; i < n_inner; i++) {
            if (i > 0 && cancel && cancel(context)) return false;
            const float *scores = inner_scores(land, scratch, axis_value(&land->inner, inner[i]));
            scratch->sums[i] +=
                model_loss(&land->model, land->width, count, scores, t, scratch->more);
        }
    }
    for (int i = 0; land->quadratic && i < n_inner; i++) {
        scratch->sums[i] = quadratic(land, scratch, (double)axis_value(&land->inner, inner[i]));
    }
    return true;
}

bool landscape_rows(const Landscape *land, const double *a, const double *b, int first, int last,
                    int n_b, float *out, bool (*cancel)(void *context), void *context) {
    assert(first <= last && n_b >= 0);
    int rows = last - first;
    int n_outer = land->outer_is_a ? rows : n_b, n_inner = land->outer_is_a ? n_b : rows;
    if (rows == 0 || n_b == 0) return true;
    if (land->on_plane) {
        return plane_surface_rows(land->on_plane, a, b, first, last, n_b, out, cancel, context);
    }
    const double *outer = land->outer_is_a ? a + first : b;
    const double *inner = land->outer_is_a ? b : a + first;
    Scratch scratch;
    bool good = scratch_init(&scratch, land, n_inner);
    for (int i = 0; good && i < n_outer; i++) {
        float u = land->same_parameter ? 0.0f : axis_value(&land->outer, outer[i]);
        good = measure(land, &scratch, u, inner, n_inner, cancel, context);
        for (int j = 0; good && j < n_inner; j++) {
            size_t at = land->outer_is_a ? (size_t)i * (size_t)n_b + (size_t)j
                                         : (size_t)j * (size_t)n_b + (size_t)i;
            out[at] = (float)(scratch.sums[j] / (double)land->n + land->model.constant);
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
