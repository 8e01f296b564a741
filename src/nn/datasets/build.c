/// What generators share: room for the samples, noise, order, the split into a train and a test
/// part.
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "nn/datasets/kinds.h"

bool dataset_alloc(Dataset *data, size_t n, int n_inputs, int n_outputs, Error *error) {
    assert(n_inputs >= 1 && n_outputs >= 1);
    if (n < 1) return error_set(error, "data: no samples");
    data->x = memory_calloc(n, (size_t)n_inputs * sizeof *data->x);
    data->t = memory_calloc(n, (size_t)n_outputs * sizeof *data->t);
    if (!data->x || !data->t) {
        return error_set(error, "data: out of memory for %zu samples of %d inputs and %d targets",
                         n, n_inputs, n_outputs);
    }
    data->n = n;
    data->n_inputs = n_inputs;
    data->n_outputs = n_outputs;
    return true;
}

void dataset_place(Dataset *data, size_t i, double x1, double x2, double t, double deviation,
                   Rng *rng) {
    double shift1 = deviation * rng_normal(rng), shift2 = deviation * rng_normal(rng);
    data->x[2 * i] = (float)(x1 + shift1);
    data->x[2 * i + 1] = (float)(x2 + shift2);
    data->t[i] = (float)t;
}

static void swap(float *a, float *b, int n) {
    for (int k = 0; k < n; k++) {
        float kept = a[k];
        a[k] = b[k];
        b[k] = kept;
    }
}

void dataset_shuffle(Dataset *data, Rng *rng) {
    size_t inputs = (size_t)data->n_inputs, outputs = (size_t)data->n_outputs;
    for (size_t i = data->n; i > 1; i--) {
        size_t j = rng_below(rng, (uint32_t)i);
        swap(data->x + (i - 1) * inputs, data->x + j * inputs, data->n_inputs);
        swap(data->t + (i - 1) * outputs, data->t + j * outputs, data->n_outputs);
    }
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

bool dataset_split(Dataset *data, float fraction, uint64_t seed, Error *error) {
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

static uint64_t mix(uint64_t hash, uint64_t value) {
    for (int byte = 0; byte < 8; byte++) { // FNV-1a
        hash = (hash ^ (value >> (8 * byte) & 0xFF)) * 0x100000001B3u;
    }
    return hash;
}

uint64_t dataset_file_version(const char *path) {
    uint64_t hash = 0xCBF29CE484222325u;
    struct stat status;
    if (stat(path, &status) != 0) return hash;
    hash = mix(hash, (uint64_t)status.st_dev);
    hash = mix(hash, (uint64_t)status.st_ino);
    hash = mix(hash, (uint64_t)status.st_size);
    hash = mix(hash, (uint64_t)status.st_mtim.tv_sec);
    hash = mix(hash, (uint64_t)status.st_mtim.tv_nsec);
    hash = mix(hash, (uint64_t)status.st_ctim.tv_sec);
    return mix(hash, (uint64_t)status.st_ctim.tv_nsec);
}
