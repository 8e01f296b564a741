#include "nn/weights.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "nn/files/npz.h"
#include "nn/files/safetensors.h"
#include "nn/files/weights_arrays.h"

/// What a format can do; in the order of WeightsFormat.
static const struct {
    const char *suffix;
    bool (*read)(const void *data, size_t size, WeightsArrays *arrays, Error *error);
    bool (*write)(const WeightsArrays *arrays, FILE *stream, Error *error);
    size_t (*size_limit)(const WeightsArrays *arrays);
} formats[] = {
    {".npz", npz_read, npz_write, npz_size_limit},
    {".safetensors", safetensors_read, safetensors_write, safetensors_size_limit},
};

static bool ends_with(const char *text, const char *end) {
    size_t length = strlen(text), n = strlen(end);
    return length >= n && strcmp(text + length - n, end) == 0;
}

bool weights_format(const char *path, WeightsFormat *format, Error *error) {
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (!ends_with(path, formats[i].suffix)) continue;
        *format = (WeightsFormat)i;
        return true;
    }
    return error_set(error, "%s: weights are .npz or .safetensors files; give such a name", path);
}

bool weights_write(const Network *net, WeightsFormat format, FILE *stream, Error *error) {
    WeightsArrays arrays;
    weights_arrays_init(&arrays, net);
    return formats[format].write(&arrays, stream, error);
}

bool weights_save(const Network *net, const char *path, Error *error) {
    WeightsFormat format = WEIGHTS_NPZ;
    FileWriter writer;
    if (!weights_format(path, &format, error) || !file_open(&writer, path, error)) return false;
    if (!weights_write(net, format, writer.stream, error)) {
        file_discard(&writer);
        return error_prefix(error, path);
    }
    return file_commit(&writer, error);
}

/// A running variance is none below zero.
static bool check_variances(const WeightsArrays *arrays, Error *error) {
    for (int i = 0; i < arrays->n; i++) {
        const NetworkArray *array = &arrays->list[i];
        if (array->trained || !ends_with(array->name, ".running_var")) continue;
        for (int k = 0; k < array->rows; k++) {
            double value = (double)arrays->params[array->at + (size_t)k];
            if (value >= 0.0) continue;
            return error_set(error, "%s: value %d (%g) is negative", array->name, k, value);
        }
    }
    return true;
}

bool weights_read(Network *net, WeightsFormat format, const void *data, size_t size, Error *error) {
    // Into a copy, whose values are taken when all of them are good.
    Network copy;
    if (!network_copy(&copy, net)) return error_set(error, "out of memory");
    WeightsArrays arrays;
    weights_arrays_init(&arrays, &copy);
    bool good = formats[format].read(data, size, &arrays, error) && check_variances(&arrays, error);
    if (good) memcpy(net->params, copy.params, net->n_values * sizeof *net->params);
    network_deinit(&copy);
    return good;
}

bool weights_load(Network *net, const char *path, Error *error) {
    WeightsFormat format = WEIGHTS_NPZ;
    if (!weights_format(path, &format, error)) return false;
    WeightsArrays arrays;
    weights_arrays_init(&arrays, net);
    size_t size = 0;
    char *data = file_read(path, formats[format].size_limit(&arrays), &size, error);
    if (!data) return false;
    bool good = weights_read(net, format, data, size, error);
    free(data);
    return good || error_prefix(error, path);
}
