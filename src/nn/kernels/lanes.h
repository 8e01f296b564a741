/// Four 32-bit lanes: what every supported processor has. The kernels for narrow networks are
/// written in them, so that their results are the same everywhere.
#ifndef NN_KERNELS_LANES_H
#define NN_KERNELS_LANES_H

#include "nn/activation.h"
#include "nn/kernels/math32.h"

typedef float Lanes __attribute__((vector_size(16), may_alias));
typedef uint32_t LaneBits __attribute__((vector_size(16)));

NN_INLINE Lanes lanes_load(const float *from) {
    Lanes lanes;
    memcpy(&lanes, from, sizeof lanes);
    return lanes;
}

NN_INLINE void lanes_store(float *to, Lanes lanes) {
    memcpy(to, &lanes, sizeof lanes);
}

NN_INLINE Lanes lanes_splat(float x) {
    return (Lanes){x, x, x, x};
}

/// The lanes whose bits in mask are all set; zero elsewhere, even for NaN.
NN_INLINE Lanes lanes_where(LaneBits mask, Lanes lanes) {
    return (Lanes)((LaneBits)lanes & mask);
}

/// The first n lanes.
NN_INLINE LaneBits lanes_first(int n) {
    LaneBits mask;
    for (int i = 0; i < 4; i++) mask[i] = i < n ? UINT32_MAX : 0;
    return mask;
}

/// Makes rows of what are columns.
NN_INLINE void lanes_transpose(Lanes *a, Lanes *b, Lanes *c, Lanes *d) {
    Lanes ab_low = __builtin_shufflevector(*a, *b, 0, 4, 1, 5);
    Lanes ab_high = __builtin_shufflevector(*a, *b, 2, 6, 3, 7);
    Lanes cd_low = __builtin_shufflevector(*c, *d, 0, 4, 1, 5);
    Lanes cd_high = __builtin_shufflevector(*c, *d, 2, 6, 3, 7);
    *a = __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5);
    *b = __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7);
    *c = __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5);
    *d = __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7);
}

/// Each vector's sum: (a0+a2)+(a1+a3), and so on.
NN_INLINE Lanes lanes_sums(Lanes a, Lanes b, Lanes c, Lanes d) {
    Lanes ab =
        __builtin_shufflevector(a, b, 0, 4, 1, 5) + __builtin_shufflevector(a, b, 2, 6, 3, 7);
    Lanes cd =
        __builtin_shufflevector(c, d, 0, 4, 1, 5) + __builtin_shufflevector(c, d, 2, 6, 3, 7);
    return __builtin_shufflevector(ab, cd, 0, 1, 4, 5) +
           __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
}

#if defined(__GNUC__) && !defined(__clang__)
#define LANES_LOOP _Pragma("GCC unroll 1")
#else
#define LANES_LOOP
#endif

/// Applies a scalar function to each lane. Compilers make vector code of the loop; gcc must be kept
/// from unrolling it first, which would leave four scalar computations.
#define LANES_MAP(function, lanes)                                                                 \
    do {                                                                                           \
        float each_[4];                                                                            \
        lanes_store(each_, *(lanes));                                                              \
        LANES_LOOP for (int i_ = 0; i_ < 4; i_++) each_[i_] = function(each_[i_]);                 \
        *(lanes) = lanes_load(each_);                                                              \
    } while (0)

NN_INLINE Lanes lanes_activate(Activation activation, Lanes z) {
#define ACTIVATE(constant, function, slope)                                                        \
    case constant: LANES_MAP(function, &z); break;
    switch (activation) {
        MATH32_ELEMENTWISE(ACTIVATE)
    case ACTIVATION_LINEAR:
    case ACTIVATION_SOFTMAX:
    case ACTIVATION_COUNT: break;
    }
#undef ACTIVATE
    return z;
}

/// d f'(z), given y = f(z).
NN_INLINE Lanes lanes_slope(Activation activation, Lanes y, Lanes d) {
#define SLOPE(constant, function, slope)                                                           \
    case constant: LANES_MAP(slope, &y); return d * y;
    switch (activation) {
        MATH32_ELEMENTWISE(SLOPE)
    case ACTIVATION_LINEAR:
    case ACTIVATION_SOFTMAX:
    case ACTIVATION_COUNT: break;
    }
#undef SLOPE
    return d;
}

#endif
