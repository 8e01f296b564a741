#include "nn/files/npz.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <zip.h>

#include "nn/files/npy.h"

enum { NAME_SIZE = 64 };
static const char suffix[] = ".npy";

// --- Writing ---

static bool add_array(zip_t *zip, const char *name, unsigned char *bytes, size_t size) {
    zip_source_t *source = zip_source_buffer(zip, bytes, size, 0);
    if (!source) return false;
    char entry[NAME_SIZE];
    snprintf(entry, sizeof entry, "%s%s", name, suffix);
    zip_int64_t index = zip_file_add(zip, entry, source, ZIP_FL_ENC_UTF_8);
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
static bool write_out(zip_source_t *memory, FILE *stream) {
    if (zip_source_open(memory) != 0) return false;
    static const size_t room = 1 << 16;
    char *block = malloc(room);
    zip_int64_t got = block ? 0 : -1;
    while (block && (got = zip_source_read(memory, block, room)) > 0) {
        if (fwrite(block, 1, (size_t)got, stream) != (size_t)got) break;
    }
    free(block);
    zip_source_close(memory);
    return got >= 0;
}

bool npz_write(const WeightsArrays *arrays, FILE *stream, Error *error) {
    size_t total = 0;
    for (int i = 0; i < arrays->n; i++) total += npy_size(&arrays->list[i]);
    unsigned char *bytes = malloc(total ? total : 1), *at = bytes;
    zip_source_t *memory = zip_source_buffer_create(NULL, 0, 0, NULL);
    if (memory) zip_source_keep(memory); // the archive gives one reference back
    zip_t *zip = memory ? zip_open_from_source(memory, ZIP_CREATE | ZIP_TRUNCATE, NULL) : NULL;
    bool good = bytes && zip;
    for (int i = 0; good && i < arrays->n; i++) {
        size_t size = npy_size(&arrays->list[i]);
        npy_write(&arrays->list[i], arrays->params + arrays->list[i].at, at);
        good = add_array(zip, arrays->list[i].name, at, size);
        at += size;
    }
    if (zip && !(good && zip_close(zip) == 0)) {
        zip_discard(zip);
        good = false;
    }
    if (memory && !zip) zip_source_free(memory);
    good = good && write_out(memory, stream);
    if (memory) zip_source_free(memory);
    free(bytes);
    return good || error_set(error, "out of memory");
}

// --- Reading ---

/// The array's name: the entry's without ".npy".  @return false where it is not of that form
static bool array_name(const char *entry, char name[NAME_SIZE]) {
    size_t length = strlen(entry), end = sizeof suffix - 1;
    if (length < end || strcmp(entry + length - end, suffix) != 0) return false;
    if (length - end >= NAME_SIZE) return false;
    memcpy(name, entry, length - end);
    name[length - end] = '\0';
    return true;
}

/// Finds every array of the network in the archive, each once, and nothing else.
static bool match_entries(zip_t *zip, WeightsArrays *arrays, zip_uint64_t *index, Error *error) {
    zip_int64_t entries = zip_get_num_entries(zip, 0);
    for (zip_int64_t e = 0; e < entries; e++) {
        const char *entry = zip_get_name(zip, (zip_uint64_t)e, 0);
        if (!entry) return error_set(error, "damaged: %s", zip_strerror(zip));
        char name[NAME_SIZE];
        int i;
        if (!array_name(entry, name)) {
            return error_set(error, "\"%.64s\" in it is none of the network's arrays", entry);
        }
        if (!weights_arrays_meet(arrays, name, &i, error)) return false;
        if (i != WEIGHTS_PASSED_OVER) index[i] = (zip_uint64_t)e;
    }
    return weights_arrays_complete(arrays, error);
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

static bool read_array(zip_t *zip, zip_uint64_t index, const NetworkArray *array, float *values,
                       Error *error) {
    zip_stat_t status;
    if (zip_stat_index(zip, index, 0, &status) != 0 || !(status.valid & ZIP_STAT_SIZE)) {
        return error_set(error, "damaged: %s", zip_strerror(zip));
    }
    if ((status.valid & ZIP_STAT_ENCRYPTION_METHOD) && status.encryption_method != ZIP_EM_NONE) {
        return error_set(error, "is encrypted");
    }
    size_t count = weights_array_count(array), limit = count * sizeof(double) + NPY_HEADER_MAX;
    if (status.size > limit) {
        return error_set(error, "%llu bytes, more than the network's %zu values can need",
                         (unsigned long long)status.size, count);
    }
    size_t size = (size_t)status.size;
    unsigned char *bytes = malloc(size ? size : 1);
    if (!bytes) return error_set(error, "out of memory");
    bool good =
        read_entry(zip, index, bytes, size, error) && npy_read(bytes, size, array, values, error);
    free(bytes);
    return good;
}

static bool read_all(zip_t *zip, WeightsArrays *arrays, Error *error) {
    zip_uint64_t index[WEIGHTS_ARRAYS_MAX] = {0};
    if (!match_entries(zip, arrays, index, error)) return false;
    for (int i = 0; i < arrays->n; i++) {
        const NetworkArray *array = &arrays->list[i];
        if (!read_array(zip, index[i], array, arrays->params + array->at, error))
            return error_prefix(error, array->name);
    }
    return true;
}

bool npz_read(const void *data, size_t size, WeightsArrays *arrays, Error *error) {
    zip_error_t why;
    zip_error_init(&why);
    zip_source_t *source = zip_source_buffer_create(data, size, 0, &why);
    zip_t *zip = source ? zip_open_from_source(source, ZIP_RDONLY, &why) : NULL;
    bool good = false;
    if (zip) {
        good = read_all(zip, arrays, error);
        zip_discard(zip);
    } else {
        error_set(error, "not a .npz file, or damaged: %s", zip_error_strerror(&why));
        zip_source_free(source);
    }
    zip_error_fini(&why);
    return good;
}

size_t npz_size_limit(const WeightsArrays *arrays) {
    size_t limit = 1 << 16;
    for (int i = 0; i < arrays->n; i++) {
        // In 64 bits, with a full header and directory entries.
        limit += weights_array_count(&arrays->list[i]) * sizeof(double) + NPY_HEADER_MAX + 4096;
    }
    return limit;
}
