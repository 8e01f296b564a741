/// Data of images, as a byte a value: a quarter of the memory to fetch.
#ifndef NN_KERNELS_BYTES_H
#define NN_KERNELS_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Takes values that are k/255, k in 0...255, for their k.
/// @param x  (n)  @param bytes  (n), written
/// @return whether all were such; if not, some of bytes may have been written
bool bytes_pack(const float *x, size_t n, uint8_t *bytes);
/// The same values again, to the bit but for the sign of a zero.  @param x  (n), written
void bytes_unpack(const uint8_t *bytes, size_t n, float *x);

#endif
