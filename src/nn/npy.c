#include "nn/npy.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { MAGIC_SIZE = 6, ALIGNMENT = 64, DIMENSIONS_MAX = 8 };

static const unsigned char magic[MAGIC_SIZE] = {0x93, 'N', 'U', 'M', 'P', 'Y'};

size_t npy_count(NpyShape shape) {
    return (size_t)shape.rows * (size_t)(shape.cols ? shape.cols : 1);
}

// --- Writing ---

/// The header's text without padding.
static size_t print_header(NpyShape shape, char *out, size_t room) {
    char dimensions[32];
    if (shape.cols) {
        snprintf(dimensions, sizeof dimensions, "%d, %d", shape.rows, shape.cols);
    } else {
        snprintf(dimensions, sizeof dimensions, "%d,", shape.rows);
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

size_t npy_size(NpyShape shape) {
    char text[128];
    return header_size(print_header(shape, text, sizeof text)) + npy_count(shape) * 4;
}

void npy_write(NpyShape shape, const float *values, unsigned char *out) {
    char text[128];
    size_t length = print_header(shape, text, sizeof text), size = header_size(length);
    size_t told = size - MAGIC_SIZE - 4;
    memset(out, ' ', size);
    memcpy(out, magic, MAGIC_SIZE);
    out[6] = 1;
    out[7] = 0;
    out[8] = (unsigned char)(told & 0xff);
    out[9] = (unsigned char)(told >> 8);
    memcpy(out + 10, text, length);
    out[size - 1] = '\n';
    out += size;
    for (size_t i = 0; i < npy_count(shape); i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        for (int byte = 0; byte < 4; byte++) *out++ = (unsigned char)(bits >> (8 * byte));
    }
}

// --- Reading the header, a Python dictionary ---

typedef struct Scanner {
    const char *at, *end;
} Scanner;

typedef struct Header {
    char descr[16];
    bool fortran_order;
    int n_dimensions;
    uint64_t dimensions[DIMENSIONS_MAX];
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
        if (header->n_dimensions == DIMENSIONS_MAX) return false;
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

static bool same_shape(const Header *header, NpyShape shape) {
    if (header->n_dimensions != (shape.cols ? 2 : 1)) return false;
    if (header->dimensions[0] != (uint64_t)shape.rows) return false;
    return !shape.cols || header->dimensions[1] == (uint64_t)shape.cols;
}

static bool wrong_shape(const Header *header, NpyShape shape, Error *error) {
    char found[DIMENSIONS_MAX * 24] = "";
    for (int i = 0; i < header->n_dimensions; i++) {
        size_t used = strlen(found);
        snprintf(found + used, sizeof found - used, "%s%llu", i ? ", " : "",
                 (unsigned long long)header->dimensions[i]);
    }
    char expected[32];
    snprintf(expected, sizeof expected, shape.cols ? "%d, %d" : "%d", shape.rows, shape.cols);
    return error_set(error, "shape (%s), but the network needs (%s)", found, expected);
}

static uint64_t little_endian(const unsigned char *data, int bytes) {
    uint64_t value = 0;
    for (int i = 0; i < bytes; i++) value |= (uint64_t)data[i] << (8 * i);
    return value;
}

static double decode(const unsigned char *data, int bytes) {
    uint64_t wide = little_endian(data, bytes);
    if (bytes == 4) {
        uint32_t narrow = (uint32_t)wide;
        float value;
        memcpy(&value, &narrow, sizeof value);
        return (double)value;
    }
    double value;
    memcpy(&value, &wide, sizeof value);
    return value;
}

bool npy_read(const unsigned char *data, size_t size, NpyShape shape, float *values, Error *error) {
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
    if (header.has_descr && strcmp(header.descr, "<f4") != 0 && strcmp(header.descr, "<f8") != 0) {
        return error_set(error, "type \"%s\" is neither float32 (<f4) nor float64 (<f8)",
                         header.descr[0] ? header.descr : "record");
    }
    if (!scanned) return error_set(error, "its header is not one that NumPy writes");
    if (header.fortran_order) {
        return error_set(error, "is in Fortran order; save numpy.ascontiguousarray(...) of it");
    }
    if (!same_shape(&header, shape)) return wrong_shape(&header, shape, error);
    int bytes = header.descr[2] - '0';
    size_t n = npy_count(shape), held = size - start - (size_t)length;
    if (held != n * (size_t)bytes) {
        return error_set(error, "holds %zu bytes of values, but its shape needs %zu", held,
                         n * (size_t)bytes);
    }
    const unsigned char *at = data + start + length;
    for (size_t i = 0; i < n; i++, at += bytes) {
        values[i] = (float)decode(at, bytes);
        if (isfinite(values[i])) continue;
        return error_set(error, "value %zu (%g) is not a finite 32-bit number", i,
                         decode(at, bytes));
    }
    return true;
}
