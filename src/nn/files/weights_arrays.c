#include "nn/files/weights_arrays.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

void weights_arrays_init(WeightsArrays *arrays, const Network *net) {
    memset(arrays->found, 0, sizeof arrays->found);
    arrays->params = net->params;
    arrays->n = 0;
    while (arrays->n < WEIGHTS_ARRAYS_MAX &&
           network_array(net, arrays->n, &arrays->list[arrays->n])) {
        arrays->n++;
    }
}

size_t weights_array_count(const NetworkArray *array) {
    return (size_t)array->rows * (size_t)(array->cols ? array->cols : 1);
}

static int find(const WeightsArrays *arrays, const char *name) {
    int i = 0;
    while (i < arrays->n && strcmp(arrays->list[i].name, name) != 0) i++;
    return i;
}

/// Whether the name is "norms.L.num_batches_tracked" of a norm that keeps running statistics.
static bool counts_batches(const WeightsArrays *arrays, const char *name) {
    static const char counter[] = "num_batches_tracked", statistic[] = "running_mean";
    size_t length = strlen(name), stem = length - (sizeof counter - 1);
    char mean[64];
    if (length < sizeof counter || length >= sizeof mean || strcmp(name + stem, counter) != 0) {
        return false;
    }
    snprintf(mean, sizeof mean, "%.*s%s", (int)stem, name, statistic);
    return find(arrays, mean) < arrays->n;
}

bool weights_arrays_meet(WeightsArrays *arrays, const char *name, int *index, Error *error) {
    int i = find(arrays, name);
    *index = i < arrays->n ? i : WEIGHTS_PASSED_OVER;
    if (i == arrays->n && counts_batches(arrays, name)) return true;
    if (i == arrays->n) {
        return error_set(error, "the array \"%.64s\" is none of the network's", name);
    }
    if (arrays->found[i]) return error_set(error, "the array %s is there twice", name);
    arrays->found[i] = true;
    return true;
}

bool weights_arrays_complete(const WeightsArrays *arrays, Error *error) {
    for (int i = 0; i < arrays->n; i++) {
        if (!arrays->found[i]) {
            return error_set(error, "the array %s is missing", arrays->list[i].name);
        }
    }
    return true;
}

bool weights_array_fits(const NetworkArray *array, const uint64_t *dimensions, int n,
                        Error *error) {
    assert(n <= WEIGHTS_DIMENSIONS_MAX);
    bool same = n == (array->cols ? 2 : 1) && dimensions[0] == (uint64_t)array->rows &&
                (!array->cols || dimensions[1] == (uint64_t)array->cols);
    if (same) return true;
    char found[WEIGHTS_DIMENSIONS_MAX * 24] = "", expected[32];
    for (int i = 0; i < n; i++) {
        size_t used = strlen(found);
        snprintf(found + used, sizeof found - used, "%s%llu", i ? ", " : "",
                 (unsigned long long)dimensions[i]);
    }
    snprintf(expected, sizeof expected, array->cols ? "%d, %d" : "%d", array->rows, array->cols);
    return error_set(error, "shape (%s), but the network needs (%s)", found, expected);
}
