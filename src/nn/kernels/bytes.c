#include "nn/kernels/bytes.h"

#include "base/clones.h"
#include "nn/kernels/lanes.h"

/// k/255, rounded once, without a division: 1/255 in two parts, of which the first has so few bits
/// that its product is exact.
NN_INLINE float part_of_255(uint8_t k) {
    const float high = 0x1.01p-8f, low = 0x1.010102p-24f;
    return (float)k * high + (float)k * low;
}

CLONES static bool bytes_pack_clone(const float *restrict x, size_t n, uint8_t *restrict bytes) {
    enum { PART = 1024 };
    bool same = true;
    for (size_t at = 0; at < n && same; at += PART) {
        const size_t end = at + PART < n ? at + PART : n;
        for (size_t i = at; i < end; i++) {
            const float k = x[i] * 255.0f + 0.5f;
            bytes[i] = k >= 0.0f && k < 256.0f ? (uint8_t)(int)k : 0;
            same &= part_of_255(bytes[i]) == x[i];
        }
    }
    return same;
}

CLONES static void bytes_unpack_clone(const uint8_t *restrict bytes, size_t n, float *restrict x) {
    for (size_t i = 0; i < n; i++) x[i] = part_of_255(bytes[i]);
}

bool bytes_pack(const float *x, size_t n, uint8_t *bytes) {
    return bytes_pack_clone(x, n, bytes);
}

void bytes_unpack(const uint8_t *bytes, size_t n, float *x) {
    bytes_unpack_clone(bytes, n, x);
}
