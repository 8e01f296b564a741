#include "nn/files/safetensors.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "nn/files/element.h"

enum { LENGTH_SIZE = 8, ALIGNMENT = 8, ENTRY_TEXT_MAX = 160, BLOCK = 1024 };
static const char metadata_name[] = "__metadata__";

// --- Writing ---

static int by_name(const void *a, const void *b) {
    const NetworkArray *left = a, *right = b;
    return strcmp(left->name, right->name);
}

/// Prints the header, padded with spaces so that the values lie aligned.
/// @param text  room for ENTRY_TEXT_MAX bytes an array and one entry more
/// @return its length
static size_t print_header(const NetworkArray *sorted, int n, char *text) {
    size_t length = 0, at = 0;
    text[length++] = '{';
    for (int i = 0; i < n; i++) {
        const NetworkArray *array = &sorted[i];
        size_t end = at + 4 * weights_array_count(array);
        char shape[32];
        snprintf(shape, sizeof shape, array->cols ? "%d,%d" : "%d", array->rows, array->cols);
        int printed =
            snprintf(text + length, ENTRY_TEXT_MAX,
                     "%s\"%s\":{\"dtype\":\"F32\",\"shape\":[%s],\"data_offsets\":[%zu,%zu]}",
                     i ? "," : "", array->name, shape, at, end);
        assert(printed > 0 && printed < ENTRY_TEXT_MAX);
        length += (size_t)printed;
        at = end;
    }
    text[length++] = '}';
    while (length % ALIGNMENT != 0) text[length++] = ' ';
    return length;
}

static void write_values(const NetworkArray *array, const float *values, FILE *stream) {
    unsigned char bytes[4 * BLOCK];
    size_t n = weights_array_count(array);
    for (size_t at = 0; at < n; at += BLOCK) {
        size_t some = n - at < BLOCK ? n - at : BLOCK;
        elements_write(values + at, some, bytes);
        if (fwrite(bytes, 4, some, stream) != some) return;
    }
}

bool safetensors_write(const WeightsArrays *arrays, FILE *stream, Error *error) {
    NetworkArray sorted[WEIGHTS_ARRAYS_MAX];
    memcpy(sorted, arrays->list, (size_t)arrays->n * sizeof *sorted);
    qsort(sorted, (size_t)arrays->n, sizeof *sorted, by_name);
    char *text = malloc((size_t)(arrays->n + 1) * ENTRY_TEXT_MAX);
    if (!text) return error_set(error, "out of memory");
    size_t length = print_header(sorted, arrays->n, text);
    for (int i = 0; i < LENGTH_SIZE; i++) fputc((int)((uint64_t)length >> (8 * i) & 0xff), stream);
    fwrite(text, 1, length, stream);
    free(text);
    for (int i = 0; i < arrays->n; i++)
        write_values(&sorted[i], arrays->params + sorted[i].at, stream);
    return true;
}

// --- Reading ---

/// Where an array lies behind the header.
typedef struct Span {
    uint64_t begin, end;
} Span;

typedef struct Reader {
    WeightsArrays *arrays;
    const unsigned char *values; // behind the header
    uint64_t size;               // of them
    int n;
    Span spans[WEIGHTS_ARRAYS_MAX + NETWORK_LAYERS_MAX]; // of all arrays in the file
    Error *error;
} Reader;

static bool read_number(const json_t *json, uint64_t *value) {
    if (!json_is_integer(json) || json_integer_value(json) < 0) return false;
    *value = (uint64_t)json_integer_value(json);
    return true;
}

/// @return how many dimensions, or -1 where the shape is not a list of numbers that can be
static int read_shape(const json_t *json, uint64_t dimensions[WEIGHTS_DIMENSIONS_MAX]) {
    size_t n = json_array_size(json); // of what is no list: 0
    if (!json_is_array(json) || n > WEIGHTS_DIMENSIONS_MAX) return -1;
    for (size_t i = 0; i < n; i++) {
        if (!read_number(json_array_get(json, i), &dimensions[i])) return -1;
    }
    return (int)n;
}

static bool read_offsets(const Reader *r, const json_t *json, Span *span) {
    if (json_array_size(json) != 2 || !read_number(json_array_get(json, 0), &span->begin) ||
        !read_number(json_array_get(json, 1), &span->end) || span->begin > span->end) {
        return error_set(r->error, "data_offsets must be two numbers, first and end");
    }
    if (span->end <= r->size) return true;
    return error_set(r->error, "claims bytes %llu to %llu, but the file has only %llu",
                     (unsigned long long)span->begin, (unsigned long long)span->end,
                     (unsigned long long)r->size);
}

static bool element_type(const char *dtype, ElementType *type) {
    static const struct {
        const char *dtype;
        ElementType type;
    } known[] = {
        {"F32", ELEMENT_F32}, {"F64", ELEMENT_F64}, {"F16", ELEMENT_F16}, {"BF16", ELEMENT_BF16}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(dtype, known[i].dtype) != 0) continue;
        *type = known[i].type;
        return true;
    }
    return false;
}

static bool wrong_size(const Reader *r, const Span *span, size_t needed) {
    return error_set(r->error, "holds %llu bytes of values, but its shape needs %zu",
                     (unsigned long long)(span->end - span->begin), needed);
}

/// Reads one array's entry and values.
/// @param index  which of the network's; WEIGHTS_PASSED_OVER: a counter
static bool read_array(Reader *r, const json_t *entry, int index) {
    const char *dtype = json_string_value(json_object_get(entry, "dtype"));
    if (!dtype) return error_set(r->error, "dtype is missing, or no text");
    uint64_t dimensions[WEIGHTS_DIMENSIONS_MAX] = {0};
    int n = read_shape(json_object_get(entry, "shape"), dimensions);
    if (n < 0) {
        return error_set(r->error, "shape must be a list of at most %d sizes",
                         WEIGHTS_DIMENSIONS_MAX);
    }
    Span *span = &r->spans[r->n++];
    if (!read_offsets(r, json_object_get(entry, "data_offsets"), span)) return false;
    if (index == WEIGHTS_PASSED_OVER) {
        if (strcmp(dtype, "I64") != 0 || n != 0) {
            return error_set(r->error, "must be one number of type I64");
        }
        return span->end - span->begin == 8 || wrong_size(r, span, 8);
    }
    const NetworkArray *array = &r->arrays->list[index];
    ElementType type;
    if (!element_type(dtype, &type)) {
        return error_set(r->error, "type \"%.16s\" is none of F16, BF16, F32, F64", dtype);
    }
    if (!weights_array_fits(array, dimensions, n, r->error)) return false;
    size_t count = weights_array_count(array), needed = count * element_size(type);
    if (span->end - span->begin != needed) return wrong_size(r, span, needed);
    return elements_read(type, r->values + span->begin, count, r->arrays->params + array->at,
                         r->error);
}

static bool check_metadata(json_t *entry, Error *error) {
    bool good = json_is_object(entry);
    const char *name;
    json_t *value;
    json_object_foreach(entry, name, value) {
        good = good && json_is_string(value);
    }
    return good || error_set(error, "%s must be an object of texts", metadata_name);
}

static int by_place(const void *a, const void *b) {
    const Span *left = a, *right = b;
    if (left->begin != right->begin) return left->begin < right->begin ? -1 : 1;
    return (left->end > right->end) - (left->end < right->end);
}

/// The arrays must cover all bytes behind the header, each once.
static bool check_spans(Reader *r) {
    qsort(r->spans, (size_t)r->n, sizeof *r->spans, by_place);
    uint64_t at = 0;
    for (int i = 0; i <= r->n; i++) {
        uint64_t next = i < r->n ? r->spans[i].begin : r->size;
        if (next < at) {
            return error_set(r->error, "two arrays share byte %llu", (unsigned long long)next);
        }
        if (next > at) {
            return error_set(r->error, "bytes %llu to %llu belong to no array",
                             (unsigned long long)at, (unsigned long long)next);
        }
        if (i < r->n) at = r->spans[i].end;
    }
    return true;
}

static bool read_header(Reader *r, json_t *header) {
    const char *name;
    json_t *entry;
    json_object_foreach(header, name, entry) {
        int index;
        if (strcmp(name, metadata_name) == 0) {
            if (!check_metadata(entry, r->error)) return false;
            continue;
        }
        if (!weights_arrays_meet(r->arrays, name, &index, r->error)) return false;
        if (!read_array(r, entry, index)) return error_prefix(r->error, name);
    }
    return weights_arrays_complete(r->arrays, r->error) && check_spans(r);
}

bool safetensors_read(const void *data, size_t size, WeightsArrays *arrays, Error *error) {
    const unsigned char *bytes = data;
    uint64_t length = size < LENGTH_SIZE ? 0 : little_endian(bytes, LENGTH_SIZE);
    if (length == 0) return error_set(error, "not a .safetensors file: it has no header");
    if (length > SAFETENSORS_HEADER_MAX) {
        return error_set(error,
                         "not a .safetensors file, or damaged: its header claims %llu bytes, more "
                         "than the %d that are allowed",
                         (unsigned long long)length, SAFETENSORS_HEADER_MAX);
    }
    size_t rest = size - LENGTH_SIZE;
    if (length > rest) {
        return error_set(error, "its header claims %llu bytes, but the file ends after %zu",
                         (unsigned long long)length, rest);
    }
    const char *text = (const char *)bytes + LENGTH_SIZE;
    if (text[0] != '{') return error_set(error, "its header does not start with {");
    json_error_t syntax;
    json_t *header = json_loadb(text, (size_t)length, JSON_REJECT_DUPLICATES, &syntax);
    if (!header) {
        return error_set(error, "its header, byte %d: %s", syntax.position, syntax.text);
    }
    Reader reader = {.arrays = arrays,
                     .values = bytes + LENGTH_SIZE + length,
                     .size = rest - length,
                     .error = error};
    bool good = read_header(&reader, header);
    json_decref(header);
    return good;
}

size_t safetensors_size_limit(const WeightsArrays *arrays) {
    size_t limit = LENGTH_SIZE + SAFETENSORS_HEADER_MAX;
    for (int i = 0; i < arrays->n; i++) {
        limit += weights_array_count(&arrays->list[i]) * sizeof(double);
    }
    return limit + NETWORK_LAYERS_MAX * sizeof(uint64_t); // counters
}
