/// The list of data sets, and what is the same for all of them: defaults, the split, extents, the
/// count of references.
#include "nn/dataset.h"

#include <assert.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "nn/datasets/kinds.h"

static const DatasetKind list_end = {.name = NULL};

const DatasetKind *const dataset_kinds[] = {
    &dataset_xor, &dataset_paraboloid, &dataset_error_surface, &dataset_csv, &list_end,
};

/// A data set with its count; callers see only the data.
typedef struct Counted {
    Dataset data; // first, so that a pointer to it is one to this
    atomic_int references;
} Counted;

/// The count is not part of what const promises.
static Counted *counted(const Dataset *data) {
    union {
        const Dataset *data;
        Counted *counted;
    } pointer = {.data = data};
    return pointer.counted;
}

const DatasetKind *dataset_kind_find(const char *name) {
    for (const DatasetKind *const *kind = dataset_kinds; (*kind)->name; kind++) {
        if (strcmp((*kind)->name, name) == 0) return *kind;
    }
    return NULL;
}

bool dataset_alloc(Dataset *data, size_t n, int n_inputs, int n_outputs, Error *error) {
    assert(n_inputs >= 1 && n_outputs >= 1);
    data->x = calloc(n, (size_t)n_inputs * sizeof *data->x);
    data->t = calloc(n, (size_t)n_outputs * sizeof *data->t);
    if (!data->x || !data->t) {
        return error_set(error, "data: out of memory for %zu samples of %d inputs and %d targets",
                         n, n_inputs, n_outputs);
    }
    data->n = n;
    data->n_inputs = n_inputs;
    data->n_outputs = n_outputs;
    return true;
}

/// Fills in the kind's defaults and checks what the kind itself need not know.
static bool resolve(const DatasetKind *kind, const DatasetDesc *desc, DatasetDesc *resolved,
                    Error *error) {
    *resolved = *desc;
    if (!desc->has_samples) resolved->samples = kind->default_samples;
    if (!desc->has_noise) resolved->noise = kind->default_noise;
    if (!desc->has_test_fraction) resolved->test_fraction = kind->default_test_fraction;
    if (kind->default_samples > 0 &&
        (resolved->samples < kind->min_samples || resolved->samples > DATASET_SAMPLES_MAX)) {
        return error_set(error, "data.samples: %d is out of range [%d, %d]", resolved->samples,
                         kind->min_samples, DATASET_SAMPLES_MAX);
    }
    if (!(resolved->noise >= 0.0f) || isinf(resolved->noise)) {
        return error_set(error, "data.noise: must be a number from 0 on");
    }
    if (!(resolved->test_fraction >= 0.0f && resolved->test_fraction < 1.0f)) {
        return error_set(error, "data.test_fraction: must be in [0, 1)");
    }
    return true;
}

static void copy_sample(const Dataset *from, size_t i, Dataset *to, size_t j) {
    size_t inputs = (size_t)from->n_inputs, outputs = (size_t)from->n_outputs;
    memcpy(to->x + j * inputs, from->x + i * inputs, inputs * sizeof *from->x);
    memcpy(to->t + j * outputs, from->t + i * outputs, outputs * sizeof *from->t);
}

/// Moves the test samples behind the others. Which ones they are, a permutation draws; within both
/// parts the generator's order stays.
static bool move_tests(Dataset *data, const bool *is_test, size_t n_test, Error *error) {
    Dataset sorted = *data;
    sorted.x = sorted.t = NULL;
    if (!dataset_alloc(&sorted, data->n, data->n_inputs, data->n_outputs, error)) {
        free(sorted.x);
        free(sorted.t);
        return false;
    }
    sorted.n_train = data->n - n_test;
    size_t train = 0, test = sorted.n_train;
    for (size_t i = 0; i < data->n; i++)
        copy_sample(data, i, &sorted, is_test[i] ? test++ : train++);
    free(data->x);
    free(data->t);
    *data = sorted;
    return true;
}

static bool split(Dataset *data, float fraction, uint64_t seed, Error *error) {
    data->n_train = data->n;
    if (fraction <= 0.0f || data->n < 2) return true;
    size_t n_test = (size_t)((double)fraction * (double)data->n + 0.5);
    if (n_test < 1) n_test = 1;
    if (n_test > data->n - 1) n_test = data->n - 1;
    uint32_t *order = malloc(data->n * sizeof *order);
    bool *is_test = calloc(data->n, sizeof *is_test);
    bool good = order && is_test;
    if (good) {
        Rng rng = rng_create(seed, RNG_SPLIT);
        rng_permutation(&rng, order, (uint32_t)data->n);
        for (size_t i = data->n - n_test; i < data->n; i++) is_test[order[i]] = true;
        good = move_tests(data, is_test, n_test, error);
    } else {
        error_set(error, "data: out of memory");
    }
    free(order);
    free(is_test);
    return good;
}

bool dataset_split_marked(Dataset *data, const bool *is_test, Error *error) {
    size_t n_test = 0;
    for (size_t i = 0; i < data->n; i++) n_test += is_test[i];
    assert(n_test < data->n);
    return move_tests(data, is_test, n_test, error);
}

static void extents(const float *values, size_t n, size_t stride, float *min, float *max) {
    *min = *max = values[0];
    for (size_t i = 1; i < n; i++) {
        float value = values[i * stride];
        if (value < *min) *min = value;
        if (value > *max) *max = value;
    }
}

static bool all_classes(const Dataset *data) {
    for (size_t i = 0; i < data->n; i++) {
        const float *t = data->t + i * (size_t)data->n_outputs;
        int ones = 0;
        for (int k = 0; k < data->n_outputs; k++) {
            if (t[k] != 0.0f && t[k] != 1.0f) return false;
            ones += t[k] == 1.0f;
        }
        if (data->n_outputs > 1 && ones != 1) return false;
    }
    return true;
}

static void describe(Dataset *data) {
    size_t inputs = (size_t)data->n_inputs;
    for (size_t k = 0; k < 2 && k < inputs; k++) {
        extents(data->x + k, data->n, inputs, &data->x_min[k], &data->x_max[k]);
    }
    extents(data->t, data->n * (size_t)data->n_outputs, 1, &data->t_min, &data->t_max);
    data->classes = all_classes(data);
    if (data->n_train < data->n) data->grid[0] = data->grid[1] = 0;
}

const Dataset *dataset_create(const DatasetDesc *desc, uint64_t seed, Error *error) {
    const DatasetKind *kind = dataset_kind_find(desc->kind);
    if (!kind) {
        error_set(error, "data.kind: no data set is called \"%s\"", desc->kind);
        return NULL;
    }
    DatasetDesc resolved;
    if (!resolve(kind, desc, &resolved, error)) return NULL;
    Counted *made = calloc(1, sizeof *made);
    if (!made) {
        error_set(error, "data: out of memory");
        return NULL;
    }
    atomic_init(&made->references, 1);
    Dataset *data = &made->data;
    // A generator that split the samples itself (a file's split column) has set n_train.
    if (!kind->generate(&resolved, seed, data, error) ||
        (data->n_train == 0 && !split(data, resolved.test_fraction, seed, error))) {
        dataset_release(data);
        return NULL;
    }
    describe(data);
    return data;
}

const Dataset *dataset_retain(const Dataset *data) {
    atomic_fetch_add_explicit(&counted(data)->references, 1, memory_order_relaxed);
    return data;
}

void dataset_release(const Dataset *data) {
    if (!data) return;
    Counted *shared = counted(data);
    if (atomic_fetch_sub_explicit(&shared->references, 1, memory_order_acq_rel) > 1) return;
    free(shared->data.x);
    free(shared->data.t);
    free(shared);
}
