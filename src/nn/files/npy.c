#include "nn/files/npy.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "nn/files/element.h"

enum { MAGIC_SIZE = 6, ALIGNMENT = 64 };

static const unsigned char magic[MAGIC_SIZE] = {0x93, 'N', 'U', 'M', 'P', 'Y'};

// --- Writing ---

/// The header's text without padding.
static size_t print_header(const NetworkArray *array, char *out, size_t room) {
    char dimensions[32];
    if (array->cols) {
        snprintf(dimensions, sizeof dimensions, "%d, %d", array->rows, array->cols);
    } else {
        snprintf(dimensions, sizeof dimensions, "%d,", array->rows);
    }
    int length = snprintf(out, room, "{'descr': '<f4', 'fortran_order': False, 'shape': (%s), }",
                          dimensions);
    return (size_t)length;
}

/// Magic, version, length, text, and a line break, padded to whole lines of 64 bytes.
static size_t header_size(size_t text) {
    size_t size = MAGIC_SIZE + 2 + 2 + text + 1;
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

size_t npy_size(const NetworkArray *array) {
    char text[128];
    return header_size(print_header(array, text, sizeof text)) + weights_array_count(array) * 4;
}

void npy_write(const NetworkArray *array, const float *values, unsigned char *out) {
    char text[128];
    size_t length = print_header(array, text, sizeof text), size = header_size(length);
    size_t told = size - MAGIC_SIZE - 4;
    memset(out, ' ', size);
    memcpy(out, magic, MAGIC_SIZE);
    out[6] = 1;
    out[7] = 0;
    out[8] = (unsigned char)(told & 0xff);
    out[9] = (unsigned char)(told >> 8);
    memcpy(out + 10, text, length);
    out[size - 1] = '\n';
    elements_write(values, weights_array_count(array), out + size);
}

// --- Reading the header, a Python dictionary ---

typedef struct Scanner {
    const char *at, *end;
} Scanner;

typedef struct Header {
    char descr[16];
    bool fortran_order;
    int n_dimensions;
    uint64_t dimensions[WEIGHTS_DIMENSIONS_MAX];
    bool has_descr, has_order, has_shape;
} Header;

static void skip_blanks(Scanner *s) {
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\n' || *s->at == '\t')) s->at++;
}

static bool take(Scanner *s, const char *token) {
    skip_blanks(s);
    size_t length = strlen(token);
    if ((size_t)(s->end - s->at) < length || memcmp(s->at, token, length) != 0) return false;
    s->at += length;
    return true;
}

static bool take_string(Scanner *s, char *out, size_t room) {
    skip_blanks(s);
    if (s->at == s->end || (*s->at != '\'' && *s->at != '"')) return false;
    char quote = *s->at++;
    size_t length = 0;
    for (; s->at < s->end && *s->at != quote; s->at++) {
        if (*s->at == '\\' || length + 1 >= room) return false;
        out[length++] = *s->at;
    }
    out[length] = '\0';
    return take(s, quote == '"' ? "\"" : "'");
}

static bool take_shape(Scanner *s, Header *header) {
    if (!take(s, "(")) return false;
    while (!take(s, ")")) {
        if (header->n_dimensions == WEIGHTS_DIMENSIONS_MAX) return false;
        if (s->at == s->end || !isdigit((unsigned char)*s->at)) return false;
        uint64_t value = 0;
        for (; s->at < s->end && isdigit((unsigned char)*s->at); s->at++) {
            if (value > UINT64_MAX / 100) return false;
            value = 10 * value + (uint64_t)(*s->at - '0');
        }
        header->dimensions[header->n_dimensions++] = value;
        if (take(s, "L")) continue; // Python 2 wrote long numbers so
        if (!take(s, ",") && (s->at == s->end || *s->at != ')')) return false;
    }
    return true;
}

static bool scan_header(Scanner *s, Header *header) {
    if (!take(s, "{")) return false;
    while (!take(s, "}")) {
        char key[16];
        if (!take_string(s, key, sizeof key) || !take(s, ":")) return false;
        if (strcmp(key, "descr") == 0 && !header->has_descr) {
            header->has_descr = true;
            // A list is a record type: not ours, and told as what it is.
            if (!take_string(s, header->descr, sizeof header->descr)) return false;
        } else if (strcmp(key, "fortran_order") == 0 && !header->has_order) {
            header->has_order = true;
            header->fortran_order = take(s, "True");
            if (!header->fortran_order && !take(s, "False")) return false;
        } else if (strcmp(key, "shape") == 0 && !header->has_shape) {
            header->has_shape = true;
            if (!take_shape(s, header)) return false;
        } else {
            return false;
        }
        skip_blanks(s);
        if (!take(s, ",") && (s->at == s->end || *s->at != '}')) return false;
    }
    skip_blanks(s);
    return s->at == s->end && header->has_descr && header->has_order && header->has_shape;
}

// --- Reading ---

/// @return false where it is none that is read
static bool element_type(const char *descr, ElementType *type) {
    static const struct {
        const char *descr;
        ElementType type;
    } known[] = {{"<f2", ELEMENT_F16}, {"<f4", ELEMENT_F32}, {"<f8", ELEMENT_F64}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(descr, known[i].descr) != 0) continue;
        *type = known[i].type;
        return true;
    }
    return false;
}

bool npy_read(const unsigned char *data, size_t size, const NetworkArray *array, float *values,
              Error *error) {
    if (size < MAGIC_SIZE + 4 || memcmp(data, magic, MAGIC_SIZE) != 0) {
        return error_set(error, "is not a NumPy array");
    }
    int version = data[6], length_bytes = version == 1 ? 2 : 4;
    if (version < 1 || version > 3 || data[7] != 0) {
        return error_set(error, "NumPy format %d.%d is not known (known: 1.0 to 3.0)", version,
                         data[7]);
    }
    size_t start = MAGIC_SIZE + 2 + (size_t)length_bytes;
    if (size < start) return error_set(error, "ends inside its header");
    uint64_t length = little_endian(data + MAGIC_SIZE + 2, length_bytes);
    if (length > NPY_HEADER_MAX) {
        return error_set(error, "its header claims %llu bytes, more than the %d that are allowed",
                         (unsigned long long)length, NPY_HEADER_MAX);
    }
    if (length > size - start) return error_set(error, "ends inside its header");
    const char *text = (const char *)data + start;
    Scanner scanner = {text, text + length};
    Header header = {.has_descr = false};
    bool scanned = scan_header(&scanner, &header);
    ElementType type = ELEMENT_F32;
    if (header.has_descr && !element_type(header.descr, &type)) {
        return error_set(error, "type \"%s\" is none of float16, float32, float64 (<f2, <f4, <f8)",
                         header.descr[0] ? header.descr : "record");
    }
    if (!scanned) return error_set(error, "its header is not one that NumPy writes");
    if (header.fortran_order) {
        return error_set(error, "is in Fortran order; save numpy.ascontiguousarray(...) of it");
    }
    if (!weights_array_fits(array, header.dimensions, header.n_dimensions, error)) return false;
    size_t n = weights_array_count(array), held = size - start - (size_t)length;
    if (held != n * element_size(type)) {
        return error_set(error, "holds %zu bytes of values, but its shape needs %zu", held,
                         n * element_size(type));
    }
    return elements_read(type, data + start + length, n, values, error);
}
