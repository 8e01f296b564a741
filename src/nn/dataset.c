/// The list of data sets, what is the same for all of them (defaults, extents), and how they are
/// shared: whoever asks for a data set that somebody still holds gets that one, so that a new run
/// on the same data costs nothing, and a large file is in memory once.
#include "nn/dataset.h"

#include <assert.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <pthread.h>

#include "base/memory.h"
#include "nn/datasets/kinds.h"

static const DatasetKind list_end = {.name = NULL};

const DatasetKind *const dataset_kinds[] = {
    &dataset_xor,    &dataset_xor_corners,   &dataset_circles,    &dataset_moons,
    &dataset_spiral, &dataset_gaussians,     &dataset_perceptron, &dataset_paraboloid,
    &dataset_plane,  &dataset_error_surface, &dataset_digits,     &dataset_csv,
    &list_end,
};

/// What data are made of: the same source, the same bits.
typedef struct Source {
    const DatasetKind *kind;
    DatasetDesc desc; // with the kind's defaults filled in
    uint64_t seed;    // 0 where nothing is drawn
    uint64_t version; // of the kind's files
} Source;

/// A data set with its count; callers see only the data.
typedef struct Shared {
    Dataset data;          // first, so that a pointer to it is one to this
    atomic_int references; // at 0 it is going, and must not be taken any more
    Source source;
    // Under the table's lock:
    enum { BEING_MADE, MADE, FAILED } state;
    struct Shared *next, **link; // in the table; link is what points here, NULL: not in it
} Shared;

/// All data sets that somebody holds, or is making.
static struct {
    pthread_mutex_t lock;
    pthread_cond_t made; // some data set is made, or has failed
    Shared *first;
} table = {.lock = PTHREAD_MUTEX_INITIALIZER, .made = PTHREAD_COND_INITIALIZER};

/// The count is not part of what const promises.
static Shared *shared(const Dataset *data) {
    return memory_unconst(data);
}

const DatasetKind *dataset_kind_find(const char *name) {
    for (const DatasetKind *const *kind = dataset_kinds; (*kind)->name; kind++) {
        if (strcmp((*kind)->name, name) == 0) return *kind;
    }
    return NULL;
}

/// Fills in the kind's defaults, so that equal data have equal descriptions, and checks what the
/// kind itself need not know.
static bool resolve(const DatasetKind *kind, const DatasetDesc *desc, DatasetDesc *resolved,
                    Error *error) {
    *resolved = *desc;
    if (!desc->has_samples) resolved->samples = kind->default_samples;
    if (kind->default_samples > 0) resolved->has_samples = true;
    if (!desc->has_noise) resolved->noise = kind->default_noise;
    if (!desc->has_test_fraction) resolved->test_fraction = kind->default_test_fraction;
    if (resolved->has_samples &&
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

static bool same_source(const Source *a, const Source *b) {
    return a->kind == b->kind && a->seed == b->seed && a->version == b->version &&
           a->desc.has_samples == b->desc.has_samples && a->desc.samples == b->desc.samples &&
           a->desc.noise == b->desc.noise && a->desc.test_fraction == b->desc.test_fraction &&
           (!a->kind->version || strcmp(a->desc.file, b->desc.file) == 0);
}

/// Takes a reference, unless the last one is already gone.
static bool try_retain(Shared *entry) {
    int references = atomic_load(&entry->references);
    while (references > 0) {
        if (atomic_compare_exchange_weak(&entry->references, &references, references + 1))
            return true;
    }
    return false;
}

// The following three are called with the table's lock held.

static Shared *find_retained(const Source *source) {
    for (Shared *entry = table.first; entry; entry = entry->next) {
        if (same_source(&entry->source, source) && try_retain(entry)) return entry;
    }
    return NULL;
}

static void link_first(Shared *entry) {
    entry->next = table.first;
    entry->link = &table.first;
    if (entry->next) entry->next->link = &entry->next;
    table.first = entry;
}

static void unlink_entry(Shared *entry) {
    if (!entry->link) return;
    *entry->link = entry->next;
    if (entry->next) entry->next->link = entry->link;
    entry->link = NULL;
}

/// A data set of that source which somebody holds, with a reference more, once whoever may be
/// making it has done so; or NULL, and then fresh is in the table for the caller to make.
static Shared *find_or_claim(const Source *source, Shared *fresh) {
    Shared *entry;
    pthread_mutex_lock(&table.lock);
    while ((entry = find_retained(source))) {
        while (entry->state == BEING_MADE) pthread_cond_wait(&table.made, &table.lock);
        if (entry->state == MADE) break;
        pthread_mutex_unlock(&table.lock);
        dataset_release(&entry->data);
        pthread_mutex_lock(&table.lock);
    }
    if (!entry) link_first(fresh);
    pthread_mutex_unlock(&table.lock);
    return entry;
}

static bool make(const Source *source, Dataset *data, Error *error) {
    if (!source->kind->generate(&source->desc, source->seed, data, error)) return false;
    // A generator that split the samples itself (a file's split column) has set n_train.
    if (data->n_train == 0 &&
        !dataset_split(data, source->desc.test_fraction, source->seed, error)) {
        return false;
    }
    describe(data);
    return true;
}

static void set_state(Shared *entry, bool good) {
    pthread_mutex_lock(&table.lock);
    entry->state = good ? MADE : FAILED;
    if (!good) unlink_entry(entry);
    pthread_cond_broadcast(&table.made);
    pthread_mutex_unlock(&table.lock);
}

const Dataset *dataset_create(const DatasetDesc *desc, uint64_t seed, Error *error) {
    Source source = {.kind = dataset_kind_find(desc->kind)};
    if (!source.kind) {
        error_set(error, "data.kind: no data set is called \"%s\"", desc->kind);
        return NULL;
    }
    if (!resolve(source.kind, desc, &source.desc, error)) return NULL;
    bool drawn = !source.kind->seedless || source.desc.test_fraction > 0.0f;
    source.seed = drawn ? seed : 0;
    if (source.kind->version) source.version = source.kind->version(&source.desc);
    Shared *fresh = calloc(1, sizeof *fresh);
    if (!fresh) {
        error_set(error, "data: out of memory");
        return NULL;
    }
    atomic_init(&fresh->references, 1);
    fresh->source = source;
    Shared *found = find_or_claim(&source, fresh);
    if (found) {
        free(fresh);
        return &found->data;
    }
    bool good = make(&source, &fresh->data, error);
    set_state(fresh, good);
    if (good) return &fresh->data;
    dataset_release(&fresh->data);
    return NULL;
}

const Dataset *dataset_retain(const Dataset *data) {
    atomic_fetch_add_explicit(&shared(data)->references, 1, memory_order_relaxed);
    return data;
}

void dataset_release(const Dataset *data) {
    if (!data) return;
    Shared *entry = shared(data);
    if (atomic_fetch_sub_explicit(&entry->references, 1, memory_order_acq_rel) > 1) return;
    pthread_mutex_lock(&table.lock);
    unlink_entry(entry);
    pthread_mutex_unlock(&table.lock);
    free(entry->data.x);
    free(entry->data.t);
    free(entry);
}
