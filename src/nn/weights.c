/// A .npz file is a zip of .npy arrays: libzip does the zip, nn/npy.h the arrays. Every length that
/// a file claims is compared with what the network needs before anything of that size is read.
#include "nn/weights.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zip.h>

#include "base/file.h"
#include "nn/npy.h"

enum { ARRAYS_MAX = 2 * NETWORK_LAYERS_MAX, NAME_SIZE = 32 };

/// One parameter array of a network and what it is called in a file.
typedef struct Array {
    char name[NAME_SIZE]; // with ".npy"
    NpyShape shape;
    size_t at; // in params
} Array;

/// @return how many
static int list_arrays(const Network *net, Array arrays[ARRAYS_MAX]) {
    int n = 0;
    for (int l = 0; l < net->n_layers; l++) {
        const Layer *layer = &net->layers[l];
        Array *weight = &arrays[n++];
        *weight = (Array){.shape = {layer->units, layer->inputs}, .at = layer->weight_at};
        snprintf(weight->name, NAME_SIZE, "layers.%d.weight.npy", l);
        if (!layer->has_bias) continue;
        Array *bias = &arrays[n++];
        *bias = (Array){.shape = {layer->units, 0}, .at = layer->bias_at};
        snprintf(bias->name, NAME_SIZE, "layers.%d.bias.npy", l);
    }
    return n;
}

/// The name as a person knows it.
static int stem(const char *name) {
    size_t length = strlen(name);
    bool suffix = length > 4 && strcmp(name + length - 4, ".npy") == 0;
    return (int)(suffix ? length - 4 : length);
}

// --- Writing ---

static bool add_array(zip_t *zip, const char *name, unsigned char *bytes, size_t size) {
    zip_source_t *source = zip_source_buffer(zip, bytes, size, 0);
    if (!source) return false;
    zip_int64_t index = zip_file_add(zip, name, source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
        zip_source_free(source);
        return false;
    }
    // Stored, and always of the same moment (1980-01-01, the format's zero): same weights, same
    // bytes.
    return zip_set_file_compression(zip, (zip_uint64_t)index, ZIP_CM_STORE, 0) == 0 &&
           zip_file_set_dostime(zip, (zip_uint64_t)index, 0, (1 << 5) | 1, 0) == 0;
}

/// Writes a finished archive from the memory it was built in.
static bool write_out(zip_source_t *memory, const char *path, Error *error) {
    FileWriter writer;
    if (!file_open(&writer, path, error)) return false;
    if (zip_source_open(memory) != 0) {
        file_discard(&writer);
        return error_set(error, "%s: cannot write: %s", path,
                         zip_error_strerror(zip_source_error(memory)));
    }
    static const size_t room = 1 << 16;
    char *block = malloc(room);
    zip_int64_t got = block ? 0 : -1;
    while (block && (got = zip_source_read(memory, block, room)) > 0) {
        if (fwrite(block, 1, (size_t)got, writer.stream) != (size_t)got) break;
    }
    free(block);
    zip_source_close(memory);
    if (got < 0) {
        file_discard(&writer);
        return error_set(error, "%s: out of memory", path);
    }
    return file_commit(&writer, error); // it reports what fwrite could not do
}

static bool ends_with(const char *text, const char *suffix) {
    size_t length = strlen(text), n = strlen(suffix);
    return length >= n && strcmp(text + length - n, suffix) == 0;
}

bool weights_save(const Network *net, const char *path, Error *error) {
    if (ends_with(path, ".safetensors")) {
        return error_set(error, "%s: weights are written as .npz; give such a name", path);
    }
    Array arrays[ARRAYS_MAX];
    int n = list_arrays(net, arrays);
    size_t total = 0;
    for (int i = 0; i < n; i++) total += npy_size(arrays[i].shape);
    unsigned char *bytes = malloc(total ? total : 1), *at = bytes;
    zip_source_t *memory = zip_source_buffer_create(NULL, 0, 0, NULL);
    if (memory) zip_source_keep(memory); // the archive gives one reference back
    zip_t *zip = memory ? zip_open_from_source(memory, ZIP_CREATE | ZIP_TRUNCATE, NULL) : NULL;
    bool good = bytes && zip;
    for (int i = 0; good && i < n; i++) {
        size_t size = npy_size(arrays[i].shape);
        npy_write(arrays[i].shape, net->params + arrays[i].at, at);
        good = add_array(zip, arrays[i].name, at, size);
        at += size;
    }
    if (zip && !(good && zip_close(zip) == 0)) {
        zip_discard(zip);
        good = false;
    }
    if (memory && !zip) zip_source_free(memory);
    good = good ? write_out(memory, path, error) : error_set(error, "%s: out of memory", path);
    if (memory) zip_source_free(memory);
    free(bytes);
    return good;
}

// --- Reading ---

/// Finds every array of the network in the archive, each once, and nothing else.
static bool match_entries(zip_t *zip, const Array *arrays, int n, zip_uint64_t *index,
                          Error *error) {
    bool found[ARRAYS_MAX] = {false};
    zip_int64_t entries = zip_get_num_entries(zip, 0);
    for (zip_int64_t e = 0; e < entries; e++) {
        const char *name = zip_get_name(zip, (zip_uint64_t)e, 0);
        if (!name) return error_set(error, "damaged: %s", zip_strerror(zip));
        int i = 0;
        while (i < n && strcmp(arrays[i].name, name) != 0) i++;
        if (i == n) {
            return error_set(error, "the array \"%.*s\" is none of the network's",
                             stem(name) < 64 ? stem(name) : 64, name);
        }
        if (found[i]) return error_set(error, "the array %.*s is there twice", stem(name), name);
        found[i] = true;
        index[i] = (zip_uint64_t)e;
    }
    for (int i = 0; i < n; i++) {
        const char *name = arrays[i].name;
        if (!found[i]) return error_set(error, "the array %.*s is missing", stem(name), name);
    }
    return true;
}

/// Reads a whole entry, whose size was checked, and makes sure that it ends there (which also
/// checks its sum).
static bool read_entry(zip_t *zip, zip_uint64_t index, unsigned char *bytes, size_t size,
                       Error *error) {
    zip_file_t *file = zip_fopen_index(zip, index, 0);
    if (!file) return error_set(error, "cannot read: %s", zip_strerror(zip));
    size_t used = 0;
    zip_int64_t got = 1;
    while (used < size && got > 0) {
        got = zip_fread(file, bytes + used, size - used);
        if (got > 0) used += (size_t)got;
    }
    char beyond;
    if (got >= 0 && used == size) got = zip_fread(file, &beyond, 1);
    bool good = got == 0 && used == size;
    if (got < 0) {
        error_set(error, "damaged: %s", zip_file_strerror(file));
    } else if (!good) {
        error_set(error, "damaged: its size is not the one that the archive claims");
    }
    zip_fclose(file);
    return good;
}

static bool load_array(zip_t *zip, zip_uint64_t index, const Array *array, float *values,
                       Error *error) {
    zip_stat_t status;
    if (zip_stat_index(zip, index, 0, &status) != 0 || !(status.valid & ZIP_STAT_SIZE)) {
        return error_set(error, "damaged: %s", zip_strerror(zip));
    }
    if ((status.valid & ZIP_STAT_ENCRYPTION_METHOD) && status.encryption_method != ZIP_EM_NONE) {
        return error_set(error, "is encrypted");
    }
    size_t limit = npy_count(array->shape) * sizeof(double) + NPY_HEADER_MAX;
    if (status.size > limit) {
        return error_set(error, "%llu bytes, more than the network's %zu values can need",
                         (unsigned long long)status.size, npy_count(array->shape));
    }
    size_t size = (size_t)status.size;
    unsigned char *bytes = malloc(size ? size : 1);
    if (!bytes) return error_set(error, "out of memory");
    bool good = read_entry(zip, index, bytes, size, error) &&
                npy_read(bytes, size, array->shape, values, error);
    free(bytes);
    return good;
}

static bool load_all(zip_t *zip, const Network *net, float *params, Error *error) {
    Array arrays[ARRAYS_MAX];
    zip_uint64_t index[ARRAYS_MAX] = {0};
    int n = list_arrays(net, arrays);
    if (!match_entries(zip, arrays, n, index, error)) return false;
    for (int i = 0; i < n; i++) {
        if (load_array(zip, index[i], &arrays[i], params + arrays[i].at, error)) continue;
        char name[NAME_SIZE];
        snprintf(name, sizeof name, "%.*s", stem(arrays[i].name), arrays[i].name);
        return error_prefix(error, name);
    }
    return true;
}

bool weights_load(Network *net, const char *path, Error *error) {
    // No honest file is larger: float64 throughout, a full header and directory entries each.
    size_t limit = net->n_params * sizeof(double) + ARRAYS_MAX * ((size_t)NPY_HEADER_MAX + 1024);
    size_t size = 0;
    char *data = file_read(path, limit, &size, error);
    if (!data) return false;
    zip_error_t why;
    zip_error_init(&why);
    zip_source_t *source = zip_source_buffer_create(data, size, 0, &why);
    zip_t *zip = source ? zip_open_from_source(source, ZIP_RDONLY, &why) : NULL;
    float *params = malloc(net->n_params * sizeof *params);
    bool good = false;
    if (!zip) {
        error_set(error, "%s: not a .npz file, or damaged: %s", path, zip_error_strerror(&why));
        zip_source_free(source);
    } else if (!params) {
        error_set(error, "%s: out of memory", path);
    } else {
        good = load_all(zip, net, params, error);
        if (!good) error_prefix(error, path);
    }
    if (zip) zip_discard(zip);
    zip_error_fini(&why);
    if (good) memcpy(net->params, params, net->n_params * sizeof *params);
    free(params);
    free(data);
    return good;
}
