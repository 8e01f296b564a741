#include "nn/files/element.h"

#include <math.h>
#include <string.h>

size_t element_size(ElementType type) {
    return type == ELEMENT_F64 ? 8 : type == ELEMENT_F32 ? 4 : 2;
}

uint64_t little_endian(const unsigned char *data, int bytes) {
    uint64_t value = 0;
    for (int i = 0; i < bytes; i++) value |= (uint64_t)data[i] << (8 * i);
    return value;
}

static float float_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/// IEEE 754 binary16: 1 bit of sign, 5 of exponent (biased by 15), 10 of fraction.
static double half_of(uint32_t bits) {
    int exponent = bits >> 10 & 31, fraction = bits & 1023;
    double size = exponent == 31  ? (fraction ? (double)NAN : (double)INFINITY)
                  : exponent == 0 ? ldexp(fraction, -24)
                                  : ldexp(1024 + fraction, exponent - 25);
    return bits & 0x8000 ? -size : size;
}

static double decode(ElementType type, const unsigned char *data) {
    uint64_t bits = little_endian(data, (int)element_size(type));
    double value = 0.0;
    switch (type) {
    case ELEMENT_F16: return half_of((uint32_t)bits);
    case ELEMENT_BF16: return (double)float_of((uint32_t)bits << 16);
    case ELEMENT_F32: return (double)float_of((uint32_t)bits);
    case ELEMENT_F64: memcpy(&value, &bits, sizeof value); break;
    }
    return value;
}

bool elements_read(ElementType type, const unsigned char *data, size_t n, float *values,
                   Error *error) {
    size_t size = element_size(type);
    for (size_t i = 0; i < n; i++, data += size) {
        double value = decode(type, data);
        values[i] = (float)value;
        if (isfinite(values[i])) continue;
        return error_set(error, "value %zu (%g) is not a finite 32-bit number", i, value);
    }
    return true;
}

void elements_write(const float *values, size_t n, unsigned char *out) {
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        for (int byte = 0; byte < 4; byte++) *out++ = (unsigned char)(bits >> (8 * byte));
    }
}
