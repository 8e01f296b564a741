// Planes. What is made in 64 bits is kept in 32, like the weights that move along it; lengths and
// angles are those of what is kept.
#include "nn/plane.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clones.h"
#include "base/memory.h"
#include "base/rng.h"
#include "nn/kernels/wide.h"
#include "nn/lanczos.h"
#include "nn/plane_fault.h"

#define X(constant, name, description) name,
static const char *const names[] = {PLANE_LIST(X)};
#undef X
#define X(constant, name, description) description,
static const char *const descriptions[] = {PLANE_LIST(X)};
#undef X

const char *plane_name(PlaneKind kind) {
    assert(kind < PLANE_COUNT);
    return names[kind];
}

const char *plane_description(PlaneKind kind) {
    assert(kind < PLANE_COUNT);
    return descriptions[kind];
}

PlaneKind plane_find(const char *name) {
    int i = 0;
    while (i < PLANE_COUNT && strcmp(names[i], name) != 0) i++;
    return (PlaneKind)i;
}

// --- Making and sharing ---

#define STEPS_LEAST 128   // of rounding that half an axis is long at least
#define PARALLEL    1e-10 // squared sine of an angle below which two directions are one

/// A plane with its count and its arrays; callers see only the plane.
typedef struct Shared {
    Plane plane; // first, so that a pointer to it is one to this
    atomic_int references;
    float values[]; // (3, n_params): origin, a, b
} Shared;

/// The count is not part of what const promises.
static Shared *shared(const Plane *plane) {
    return memory_unconst(plane);
}

const Plane *plane_retain(const Plane *plane) {
    if (plane) atomic_fetch_add_explicit(&shared(plane)->references, 1, memory_order_relaxed);
    return plane;
}

void plane_release(const Plane *plane) {
    if (!plane) return;
    Shared *entry = shared(plane);
    if (atomic_fetch_sub_explicit(&entry->references, 1, memory_order_acq_rel) == 1) free(entry);
}

static Plane *out_of_memory(Error *error) {
    plane_fault_set(error, PLANE_FAULT_MEMORY);
    return NULL;
}

Plane *plane_of(PlaneKind kind, const float *origin, const double *a, const double *b,
                size_t n_params, Error *error) {
    Shared *entry = malloc(sizeof *entry + 3 * n_params * sizeof *entry->values);
    if (!entry) return out_of_memory(error);
    const double nan = (double)NAN;
    float *values = entry->values;
    Plane *plane = &entry->plane;
    atomic_init(&entry->references, 1);
    *plane = (Plane){.kind = kind,
                     .n_params = n_params,
                     .origin = values,
                     .a = values + n_params,
                     .b = values + 2 * n_params,
                     .explained = {nan, nan},
                     .eigenvalues = {nan, nan},
                     .residuals = {nan, nan}};
    for (size_t i = 0; i < n_params; i++) {
        values[i] = origin[i];
        values[n_params + i] = (float)a[i];
        values[2 * n_params + i] = (float)b[i];
    }
    plane->gram[0] = wide_dot_floats(n_params, plane->a, plane->a);
    plane->gram[1] = wide_dot_floats(n_params, plane->a, plane->b);
    plane->gram[2] = wide_dot_floats(n_params, plane->b, plane->b);
    const double squares = plane->gram[0] * plane->gram[2];
    const double area = squares - plane->gram[1] * plane->gram[1];
    if (isfinite(squares) && squares > 0 && area > PARALLEL * squares) return plane;
    plane_fault_set(error, isfinite(squares) ? PLANE_FAULT_PARALLEL : PLANE_FAULT_DIRECTION);
    free(entry);
    return NULL;
}

// --- Where weights lie ---

void plane_project(const Plane *plane, const float *params, double at[2]) {
    double along[2] = {0};
    for (size_t i = 0; i < plane->n_params; i++) {
        double off = (double)params[i] - (double)plane->origin[i];
        along[0] += off * (double)plane->a[i];
        along[1] += off * (double)plane->b[i];
    }
    const double *gram = plane->gram, area = gram[0] * gram[2] - gram[1] * gram[1];
    at[0] = (gram[2] * along[0] - gram[1] * along[1]) / area;
    at[1] = (gram[0] * along[1] - gram[1] * along[0]) / area;
}

CLONES static void move_by(size_t n, const float *from, double by_a, const float *restrict a,
                           double by_b, const float *restrict b, float *moved) {
    for (size_t i = 0; i < n; i++) {
        moved[i] = (float)((double)from[i] + (by_a * (double)a[i] + by_b * (double)b[i]));
    }
}

void plane_move(const Plane *plane, const float *params, const double to[2], float *moved) {
    double at[2];
    plane_project(plane, params, at);
    move_by(plane->n_params, params, to[0] - at[0], plane->a, to[1] - at[1], plane->b, moved);
}

static void widen_to(double range[2], double value) {
    if (!isfinite(value)) return;
    // The first makes a range of what is none.
    range[0] = value < range[0] ? value : range[0];
    range[1] = value > range[1] ? value : range[1];
}

void plane_fit(const Plane *plane, const float *params, const float *weights, size_t n,
               double range[2][2]) {
    for (int k = 0; k < 2; k++) {
        range[k][0] = (double)INFINITY;
        range[k][1] = -(double)INFINITY;
    }
    double at[2] = {0, 0}; // at last the network's own place
    for (size_t i = 0; i <= n; i++) {
        plane_project(plane, i < n ? weights + i * plane->n_params : params, at);
        for (int k = 0; k < 2; k++) widen_to(range[k], at[k]);
    }
    double length[2] = {sqrt(plane->gram[0]), sqrt(plane->gram[2])}, spans[2];
    for (int k = 0; k < 2; k++) {
        if (range[k][0] > range[k][1]) range[k][0] = range[k][1] = 0;
        spans[k] = (range[k][1] - range[k][0]) * length[k];
    }
    const double still = sqrt(wide_dot_floats(plane->n_params, plane->origin, plane->origin)) *
                         (double)FLT_EPSILON * 8;
    for (int k = 0; k < 2; k++) {
        double middle = 0.5 * (range[k][0] + range[k][1]);
        // A path that is all but straight still is to be seen from some way off.
        double half = 1.5 * fmax(spans[k], 0.02 * spans[1 - k]) / length[k];
        if (!(fmax(spans[0], spans[1]) > still)) {
            half = fmax(1, STEPS_LEAST * still / length[k]);
            if (isfinite(at[k])) middle = at[k];
        }
        range[k][0] = middle - half;
        range[k][1] = middle + half;
        // What a plane is about is to be seen of it: both ends, or as far as the weights are long.
        if (plane->kind == PLANE_BETWEEN || plane->kind == PLANE_RANDOM) {
            const bool way = plane->kind == PLANE_BETWEEN && k == 0;
            widen_to(range[k], way ? -0.5 : -1);
            widen_to(range[k], way ? 1.5 : 1);
        }
    }
}

// --- Random directions ---

static void draw(size_t n, Rng *rng, double *v) {
    for (size_t i = 0; i < n; i++) v[i] = rng_normal(rng);
}

/// Takes from v its share in u; twice, as rounding leaves some of it.
static void make_orthogonal(size_t n, const double *u, double *v) {
    for (int pass = 0; pass < 2; pass++) wide_add(n, -wide_dot(n, u, v) / wide_dot(n, u, u), u, v);
}

/// A random row of a matrix, as long as the filter, which is that row of the network.
/// @param first  the first direction's row, to which it is orthogonal; NULL: none
static void draw_row(size_t n, double length, Rng *rng, const double *first, double *row) {
    double size = 0;
    // Normal numbers are zero or parallel as good as never: but then it would be an endless row.
    while (!(size > 1e-6)) {
        draw(n, rng, row);
        if (first && n > 1 && length > 0) make_orthogonal(n, first, row);
        size = wide_norm(n, row);
    }
    wide_scale(n, length / size, row);
}

static void draw_direction(const Network *net, Rng *rng, const double *first, double *direction) {
    memset(direction, 0, net->n_params * sizeof *direction);
    for (int l = 0; l < net->n_layers; l++) {
        const Layer *layer = &net->layers[l];
        const size_t inputs = (size_t)layer->inputs;
        for (size_t o = 0; o < (size_t)layer->units; o++) {
            const size_t at = layer->weight_at + o * inputs;
            const float *filter = net->params + at;
            const double length = sqrt(wide_dot_floats(inputs, filter, filter));
            draw_row(inputs, length, rng, first ? first + at : NULL, direction + at);
        }
    }
}

/// Whether one is a multiple of the other, zero included.
static bool are_parallel(size_t n, const double *a, const double *b) {
    double ab = wide_dot(n, a, b), squares = wide_dot(n, a, a) * wide_dot(n, b, b);
    return !(squares - ab * ab > PARALLEL * squares);
}

static bool all_finite(size_t n, const float *values) {
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(values[i])) return false;
    }
    return true;
}

static bool check_finite(size_t n, const float *values, PlaneFault fault, Error *error) {
    return all_finite(n, values) || plane_fault_set(error, fault);
}

/// How many weights (not biases or norms) are not zero, up to two.
static int count_weights(const Network *net) {
    int n = 0;
    for (int l = 0; l < net->n_layers; l++) {
        const Layer *layer = &net->layers[l];
        const size_t size = (size_t)layer->inputs * (size_t)layer->units;
        for (size_t i = 0; n < 2 && i < size; i++) n += net->params[layer->weight_at + i] != 0.0f;
    }
    return n;
}

const Plane *plane_random(const Network *net, uint64_t seed, Error *error) {
    const size_t n = net->n_params;
    if (!check_finite(n, net->params, PLANE_FAULT_WEIGHTS, error)) return NULL;
    double *a = malloc(2 * n * sizeof *a), *b = a ? a + n : NULL;
    if (!a) return out_of_memory(error);
    Rng rng = rng_create(seed, RNG_PLANE);
    draw_direction(net, &rng, NULL, a);
    draw_direction(net, &rng, a, b);
    // Rows of a single weight leave but its sign to chance: of few of them all may come out alike.
    for (int again = 0; again < 64 && are_parallel(n, a, b); again++) {
        draw_direction(net, &rng, a, b);
    }
    const Plane *plane = NULL;
    if (are_parallel(n, a, b)) {
        plane_fault_set(error, count_weights(net) > 0 ? PLANE_FAULT_ONE_ROW : PLANE_FAULT_ZERO);
    } else {
        plane = plane_of(PLANE_RANDOM, net->params, a, b, n, error);
    }
    free(a);
    return plane;
}

const Plane *plane_between(const Network *net, const float *other, uint64_t seed, Error *error) {
    const size_t n = net->n_params;
    if (!check_finite(n, net->params, PLANE_FAULT_WEIGHTS, error)) return NULL;
    if (!check_finite(n, other, PLANE_FAULT_OTHER_WEIGHTS, error)) return NULL;
    if (n < 2) {
        plane_fault_set(error, PLANE_FAULT_ONE_WEIGHT);
        return NULL;
    }
    double *a = malloc(2 * n * sizeof *a), *b = a ? a + n : NULL;
    if (!a) return out_of_memory(error);
    for (size_t i = 0; i < n; i++) a[i] = (double)other[i] - (double)net->params[i];
    const double length = wide_norm(n, a);
    Rng rng = rng_create(seed, RNG_PLANE);
    const Plane *plane = NULL;
    if (length > 0) {
        draw_row(n, length, &rng, a, b);
        plane = plane_of(PLANE_BETWEEN, net->params, a, b, n, error);
    } else {
        plane_fault_set(error, PLANE_FAULT_SAME);
    }
    free(a);
    return plane;
}

// --- Principal components ---

#define STRAIGHT 1e-12 // a second variance's share of the first, below which it is rounding

enum { LOOK_EACH = 1 << 16 }; // weights

/// A path about its mean.
typedef struct Path {
    const PathDesc *desc;
    double *mean;   // (n_params)
    bool cancelled; // it was; then what was computed is of no use
} Path;

static const float *point_of(const Path *path, size_t i) {
    return path->desc->weights + i * path->desc->n_params;
}

static bool is_cancelled(void *context) {
    Path *path = context;
    const PathDesc *desc = path->desc;
    if (!path->cancelled) path->cancelled = desc->cancel && desc->cancel(desc->context);
    return path->cancelled;
}

/// Whether to stop at point i, asked at some points only.
static bool stops_at(Path *path, size_t i) {
    const size_t n = path->desc->n_params, each = n < LOOK_EACH ? LOOK_EACH / n : 1;
    return i % each == 0 && is_cancelled(path);
}

/// product = C v, with C the points' covariance, which is never made: a row after another.
static bool covariance_product(void *context, const double *v, double *product) {
    Path *path = context;
    const size_t n = path->desc->n_params;
    const double middle = wide_dot(n, path->mean, v);
    double sum = 0;
    memset(product, 0, n * sizeof *product);
    for (size_t i = 0; i < path->desc->n; i++) {
        if (stops_at(path, i)) return false;
        const float *point = point_of(path, i);
        double along = wide_dot_mixed(n, point, v) - middle;
        wide_add_floats(n, along, point, product);
        sum += along;
    }
    wide_add(n, -sum, path->mean, product);
    wide_scale(n, 1 / (double)path->desc->n, product);
    return true;
}

static bool path_is_finite(Path *path) {
    for (size_t i = 0; i < path->desc->n; i++) {
        if (stops_at(path, i) || !all_finite(path->desc->n_params, point_of(path, i))) return false;
    }
    return true;
}

static void find_mean(Path *path) {
    const size_t n = path->desc->n_params;
    memset(path->mean, 0, n * sizeof *path->mean);
    for (size_t i = 0; i < path->desc->n && !stops_at(path, i); i++) {
        wide_add_floats(n, 1, point_of(path, i), path->mean);
    }
    wide_scale(n, 1 / (double)path->desc->n, path->mean);
}

/// The mean squared distance from the mean.
static double total_variance(Path *path) {
    double sum = 0;
    for (size_t i = 0; i < path->desc->n && !stops_at(path, i); i++) {
        const float *point = point_of(path, i);
        for (size_t j = 0; j < path->desc->n_params; j++) {
            double off = (double)point[j] - path->mean[j];
            sum += off * off;
        }
    }
    return sum / (double)path->desc->n;
}

/// Turns a direction so that it leads from the path's first point to its last.
static void point_forward(const Path *path, double *direction) {
    const size_t n = path->desc->n_params;
    const double first = wide_dot_mixed(n, point_of(path, 0), direction);
    const double last = wide_dot_mixed(n, point_of(path, path->desc->n - 1), direction);
    if (last < first) wide_scale(n, -1, direction);
}

static Plane *fail(const Path *path, PlaneFault fault, Error *error) {
    plane_fault_set(error, path->cancelled ? PLANE_FAULT_CANCELLED : fault);
    return NULL;
}

/// @param vectors  (2, n_params), room
static Plane *make_pca(Path *path, double *vectors, Error *error) {
    const size_t n = path->desc->n_params;
    if (!path_is_finite(path)) return fail(path, PLANE_FAULT_PATH, error);
    find_mean(path);
    const double total = total_variance(path);
    const LanczosDesc desc = {
        .n = n,
        .product = covariance_product,
        .cancel = is_cancelled,
        .context = path,
        .tolerance = 1e-10,
    };
    double values[2], residuals[2];
    // But for being cancelled another reason than memory there is not: all is finite.
    if (is_cancelled(path) || !lanczos(&desc, 2, values, vectors, residuals)) {
        return fail(path, PLANE_FAULT_MEMORY, error);
    }
    if (!(values[1] > STRAIGHT * values[0])) {
        return fail(path, PLANE_FAULT_LINE, error);
    }
    point_forward(path, vectors);
    point_forward(path, vectors + n);
    Plane *plane = plane_of(PLANE_PCA, path->desc->origin, vectors, vectors + n, n, error);
    for (int i = 0; plane && i < 2; i++) plane->explained[i] = values[i] / total;
    return plane;
}

const Plane *plane_pca(const PathDesc *desc, Error *error) {
    const size_t n_params = desc->n_params;
    if (!check_finite(n_params, desc->origin, PLANE_FAULT_WEIGHTS, error)) return NULL;
    if (desc->n < 3 || n_params < 2) {
        plane_fault_set(error, n_params < 2 ? PLANE_FAULT_ONE_WEIGHT : PLANE_FAULT_SHORT);
        return NULL;
    }
    double *memory = malloc(3 * n_params * sizeof *memory);
    if (!memory) return out_of_memory(error);
    Path path = {.desc = desc, .mean = memory};
    const Plane *plane = make_pca(&path, memory + n_params, error);
    free(memory);
    return plane;
}
