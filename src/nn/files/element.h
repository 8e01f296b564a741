/// Numbers as weight files hold them: little-endian floats of 16, 32 and 64 bits, in memory that
/// need not be aligned. Nothing but finite numbers is taken.
#ifndef NN_FILES_ELEMENT_H
#define NN_FILES_ELEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef enum ElementType { ELEMENT_F16, ELEMENT_BF16, ELEMENT_F32, ELEMENT_F64 } ElementType;

/// In bytes.
size_t element_size(ElementType type);

/// Reads n numbers, rounded to 32 bits.
/// @param data    n * element_size(type) bytes
/// @param values  n; partly written on failure
/// @return false where one is not finite in 32 bits
bool elements_read(ElementType type, const unsigned char *data, size_t n, float *values,
                   Error *error);

/// Writes n numbers as ELEMENT_F32.  @param out  4 n bytes
void elements_write(const float *values, size_t n, unsigned char *out);

/// An unsigned number of up to eight bytes.
uint64_t little_endian(const unsigned char *data, int bytes);

#endif
