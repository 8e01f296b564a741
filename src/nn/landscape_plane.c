// On a plane every weight differs from point to point, so a point costs whole forward passes; but
// the first layer's sums are linear in both coordinates: of the present weights, and along each
// direction, they are known for all samples beforehand. In nets on images that is nearly all of the
// work. (Not behind batch norm, whose scale moves too.)
//
// Samples lie in blocks that stay in the cache, the fast axis of (units, width) arrays. Each
// sample's operations, and the order of the sums over samples, are the same whatever the rows asked
// for and the processor's vectors.
#include "nn/landscape_plane.h"

#include <stdlib.h>
#include <string.h>

#include "nn/floats.h"
#include "nn/kernels/landscape_kernels.h"
#include "nn/landscape_model.h"

struct PlaneSurface {
    const Plane *plane; // counted
    Network net;        // a copy
    Model model;        // at the present weights; its memory is copied by every call
    double here[2];     // the present weights' coordinates
    size_t n, width, blocks;
    bool linear;    // the first layer's sums are known
    float *inputs;  // (blocks, n_inputs, width); where sums are not known, or skipped over
    float *targets; // (blocks, n_outputs, width)
    float *sums,
        *along_a; // (blocks, units, width) of the present weights; and along the directions
    float *along_b;
    float *memory;
};

static int block_count(const PlaneSurface *surface, size_t block) {
    size_t left = surface->n - block * surface->width;
    return (int)(left < surface->width ? left : surface->width);
}

enum { LOOK_EACH = 128 }; // samples, while they are loaded

/// Copies samples (n, rows) into blocks (rows, width), zeros after the last one; until cancelled.
static void load(const PlaneSurface *surface, const LandscapeDesc *desc, const float *from,
                 int rows, float *to) {
    const size_t width = surface->width, per_block = (size_t)rows * width;
    for (size_t i = 0; i < surface->n; i++) {
        if (i % LOOK_EACH == 0 && desc->cancel && desc->cancel(desc->context)) return;
        float *at = to + i / width * per_block + i % width;
        for (int k = 0; k < rows; k++) at[(size_t)k * width] = from[i * (size_t)rows + (size_t)k];
    }
}

/// What weights and biases of the first layer, laid out as in params, make of all samples; until
/// cancelled.  @return false where memory is short
static bool first_sums(const PlaneSurface *surface, const LandscapeDesc *desc, const float *params,
                       float *sums) {
    const Layer *layer = &surface->net.layers[0];
    const size_t width = surface->width, units = (size_t)layer->units;
    float *none = floats_create(units);
    if (!none) return false;
    const float *bias = layer->has_bias ? params + layer->bias_at : none;
    for (size_t block = 0; block < surface->blocks; block++) {
        if (desc->cancel && desc->cancel(desc->context)) break;
        block_sums(width, params + layer->weight_at, bias, layer->inputs, layer->units,
                   surface->inputs + block * (size_t)layer->inputs * width,
                   sums + block * units * width);
    }
    free(none);
    return true;
}

static bool allocate(PlaneSurface *surface) {
    const size_t samples = surface->blocks * surface->width;
    const size_t units = surface->linear ? (size_t)surface->net.layers[0].units : 0;
    const size_t inputs = (size_t)surface->net.n_inputs, outputs = (size_t)surface->net.n_outputs;
    surface->memory = floats_create(samples * (inputs + outputs + 3 * units));
    if (!surface->memory) return false;
    surface->inputs = surface->memory;
    surface->targets = surface->inputs + samples * inputs;
    surface->sums = surface->targets + samples * outputs;
    surface->along_a = surface->sums + samples * units;
    surface->along_b = surface->along_a + samples * units;
    return true;
}

static void load_targets(PlaneSurface *surface, const LandscapeDesc *desc) {
    const int outputs = surface->net.n_outputs;
    load(surface, desc, desc->t, outputs, surface->targets);
    const float *mean = surface->model.mean;
    const size_t rows = surface->blocks * (size_t)outputs;
    for (size_t row = 0; mean && row < rows; row++) {
        float *to = surface->targets + row * surface->width;
        for (size_t s = 0; s < surface->width; s++) to[s] = mean[row % (size_t)outputs];
    }
}

PlaneSurface *plane_surface_create(const LandscapeDesc *desc) {
    PlaneSurface *surface = calloc(1, sizeof *surface);
    if (!surface) return NULL;
    surface->plane = plane_retain(desc->plane);
    surface->n = desc->n;
    surface->blocks = landscape_blocks(desc->n, &surface->width);
    if (!network_copy(&surface->net, desc->net) ||
        !model_init(&surface->model, desc->net, desc->loss, NULL, NULL, desc->t, desc->n)) {
        plane_surface_destroy(surface);
        return NULL;
    }
    surface->linear = surface->net.layers[0].norm != NORM_BATCH;
    if (!allocate(surface)) {
        plane_surface_destroy(surface);
        return NULL;
    }
    load(surface, desc, desc->x, desc->net->n_inputs, surface->inputs);
    load_targets(surface, desc);
    const bool good =
        !surface->linear || (first_sums(surface, desc, desc->net->params, surface->sums) &&
                             first_sums(surface, desc, desc->plane->a, surface->along_a) &&
                             first_sums(surface, desc, desc->plane->b, surface->along_b));
    if (!good || (desc->cancel && desc->cancel(desc->context))) {
        plane_surface_destroy(surface);
        return NULL;
    }
    plane_project(desc->plane, desc->net->params, surface->here);
    return surface;
}

void plane_surface_destroy(PlaneSurface *surface) {
    if (!surface) return;
    plane_release(surface->plane);
    model_deinit(&surface->model);
    network_deinit(&surface->net);
    free(surface->memory);
    free(surface);
}

/// What a call works with.
typedef struct Scratch {
    Network net; // its parameters are at the point
    Model model; // likewise
    float *x, *z, *more;
    float *memory;
} Scratch;

static bool scratch_init(Scratch *scratch, const PlaneSurface *surface) {
    *scratch = (Scratch){.net = surface->net};
    const size_t widest = (size_t)surface->model.widest * surface->width;
    scratch->net.params = NULL;
    scratch->memory = floats_create(2 * widest + 2 * surface->width);
    if (!scratch->memory || !network_copy(&scratch->net, &surface->net) ||
        !model_copy(&scratch->model, &surface->model, &scratch->net)) {
        return false;
    }
    scratch->x = scratch->memory;
    scratch->z = scratch->x + widest;
    scratch->more = scratch->z + widest;
    return true;
}

static void scratch_deinit(Scratch *scratch) {
    network_deinit(&scratch->net);
    model_deinit(&scratch->model);
    free(scratch->memory);
}

/// The first layer's sums in a block.
static void first_layer(const PlaneSurface *surface, const Scratch *scratch, size_t block,
                        const double moved[2], const float *x, float *z) {
    if (!surface->linear) {
        model_sums(&scratch->model, 0, surface->width, x, z);
        return;
    }
    const size_t size = (size_t)surface->net.layers[0].units * surface->width, at = block * size;
    block_add_two(size, surface->sums + at, (float)moved[0], surface->along_a + at, (float)moved[1],
                  surface->along_b + at, z);
}

/// The sum of a block's losses.
static double block_loss(const PlaneSurface *surface, const Scratch *scratch, size_t block,
                         const double moved[2]) {
    const Model *model = &scratch->model;
    const size_t width = surface->width;
    const float *in = surface->inputs + block * (size_t)model->n_inputs * width;
    float *x = scratch->x, *z = scratch->z;
    first_layer(surface, scratch, block, moved, in, z);
    model_finish(model, 0, width, in, z, scratch->more);
    for (int l = 1; l < model->n_layers; l++) {
        float *swapped = x;
        x = z;
        z = swapped;
        model_sums(model, l, width, x, z);
        model_finish(model, l, width, x, z, scratch->more);
    }
    const float *t = surface->targets + block * (size_t)model->n_outputs * width;
    return model_loss(model, width, block_count(surface, block), z, t, scratch->more);
}

bool plane_surface_rows(const PlaneSurface *surface, const double *a, const double *b, int first,
                        int last, int n_b, float *out, bool (*cancel)(void *), void *context) {
    Scratch scratch;
    bool good = scratch_init(&scratch, surface);
    for (int i = first; good && i < last; i++) {
        for (int j = 0; good && j < n_b; j++) {
            const double to[2] = {a[i], b[j]};
            const double moved[2] = {to[0] - surface->here[0], to[1] - surface->here[1]};
            plane_move(surface->plane, surface->net.params, to, scratch.net.params);
            model_load(&scratch.model, &scratch.net);
            double sum = 0;
            for (size_t block = 0; good && block < surface->blocks; block++) {
                good = !cancel || !cancel(context);
                sum += block_loss(surface, &scratch, block, moved);
            }
            *out++ = (float)(sum / (double)surface->n + surface->model.constant);
        }
    }
    scratch_deinit(&scratch);
    return good;
}
