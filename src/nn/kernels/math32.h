/// tanh, sigmoid, exp and log in 32 bits, written so that compilers vectorise loops over them: no
/// branches, no tables, no calls. Every operation is exactly rounded and in a fixed order, so that
/// scalar code and vectors of any width give the same bits.
///
/// Errors, held by tests over dense ranges: 3e-7, absolute for tanh32 and sigmoid32, relative for
/// exp32 and log32. NaN stays NaN; infinities give the functions' limits.
#ifndef NN_KERNELS_MATH32_H
#define NN_KERNELS_MATH32_H

#include <stdint.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define NN_CHECKED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define NN_CHECKED
#endif
#endif

// Functions compiled for several processors inline these, so that they are compiled for each; but
// with checks at every access in them that takes compilers minutes a file.
#if defined(__GNUC__) && !defined(NN_CHECKED)
#define NN_INLINE static inline __attribute__((always_inline))
#else
#define NN_INLINE static inline
#endif

NN_INLINE float math32_from_bits(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

NN_INLINE uint32_t math32_bits(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

NN_INLINE float math32_abs(float x) {
    return math32_from_bits(math32_bits(x) & 0x7fffffffu);
}

/// x limited to [lo, hi]; a NaN fails both comparisons and passes.
NN_INLINE float math32_clamp(float x, float lo, float hi) {
    x = x < lo ? lo : x;
    return x > hi ? hi : x;
}

/// Minimax rational x P(x²) / Q(x²); beyond 8.8 tanh is ±1 to within the error. All coefficients
/// are positive, so nothing cancels and small x keep their relative accuracy; the factor common to
/// P and Q was searched for, to make the worst rounding small. The sums are grouped in pairs
/// because a single sample's pass waits for every operation's latency.
NN_INLINE float tanh32(float x) {
    float t = x * x, t2 = t * t;
    float p = x * (1.3231715f + 0.177893937f * t) +
              x * t2 * ((4.72585764e-3f + 2.89707423e-5f * t) + t2 * 2.01529584e-8f);
    float q = (1.3231715f + 0.618951023f * t) +
              t2 * ((3.46201248e-2f + 4.51375818e-4f * t) + t2 * 1.12768646e-6f);
    float y = p / q;
    uint32_t sign = math32_bits(x) & 0x80000000u;
    float one = math32_from_bits(sign | 0x3f800000u);
    // Both comparisons are false for NaN.
    return math32_abs(x) > 8.8f || math32_abs(y) > 1.0f ? one : y;
}

/// e^x = 2^n e^r with n = round(x / ln 2) and |r| <= ln 2 / 2. Adding and taking away 1.5·2^23
/// rounds to an integer, which then lies in the sum's low bits. 2^n is applied in two halves
/// because n alone may exceed the exponent's range.
NN_INLINE float exp32(float x) {
    const float magic = 12582912.0f;
    x = math32_clamp(x, -104.0f, 89.0f);
    float shifted = x * 1.44269504f + magic;
    float k = shifted - magic;
    float r = (x - k * 0.693359375f) + k * 2.12194440e-4f;
    float r2 = r * r;
    float p = (1.0f + r) + r2 * ((0.5f + 0.16666667f * r) +
                                 r2 * ((4.1666687e-2f + 8.3333805e-3f * r) + r2 * 1.3888889e-3f));
    int32_t n = (int32_t)(math32_bits(shifted) - math32_bits(magic));
    int32_t half = n >> 1, rest = n - half;
    float scale1 = math32_from_bits((uint32_t)(half + 127) << 23);
    float scale2 = math32_from_bits((uint32_t)(rest + 127) << 23);
    return p * scale1 * scale2;
}

/// Through exp, not tanh, so that small outputs keep their relative accuracy.
NN_INLINE float sigmoid32(float x) {
    return 1.0f / (1.0f + exp32(-x));
}

/// ln x = e ln 2 + ln m with m in [sqrt(1/2), sqrt(2)); ln m by a polynomial in m - 1.
NN_INLINE float log32(float x) {
    float lifted = x < 0x1p-126f ? x * 0x1p23f : x;
    float lift = x < 0x1p-126f ? -23.0f : 0.0f;
    // Subtracting sqrt(1/2)'s bits makes the exponent field change at sqrt(1/2), not at 1.
    uint32_t bits = math32_bits(lifted) - 0x3f3504f3u;
    float e = (float)((int32_t)bits >> 23) + lift;
    float m = math32_from_bits((bits & 0x7fffffu) + 0x3f3504f3u) - 1.0f;
    float m2 = m * m;
    float p = 7.0376836292e-2f * m - 1.1514610310e-1f;
    p = p * m + 1.1676998740e-1f;
    p = p * m - 1.2420140846e-1f;
    p = p * m + 1.4249322787e-1f;
    p = p * m - 1.6668057665e-1f;
    p = p * m + 2.0000714765e-1f;
    p = p * m - 2.4999993993e-1f;
    p = p * m + 3.3333331174e-1f;
    float y = m * m2 * p + e * -2.12194440e-4f - 0.5f * m2 + m + e * 0.693359375f;
    y = x == 0.0f ? -__builtin_inff() : y;
    y = x < 0.0f ? __builtin_nanf("") : y;
    // Infinity and NaN go through as they are; the sum keeps a NaN's sign out of the comparison.
    return x < __builtin_inff() ? y : x + x;
}

/// x below 0 becomes 0; NaN stays NaN.
NN_INLINE float relu32(float x) {
    return x < 0.0f ? 0.0f : x;
}

/// PyTorch's default slope.
NN_INLINE float leaky_relu32(float x) {
    return x < 0.0f ? 0.01f * x : x;
}

/// NaN stays NaN.
NN_INLINE float step32(float x) {
    float y = x > 0.0f ? 1.0f : 0.0f;
    return x == x ? y : x;
}

/// ln(1 + x) for x >= 0, to 3e-7 relative: log32 of the rounded sum, mended by how far the sum was
/// rounded (Kahan).
NN_INLINE float log1p32(float x) {
    float sum = 1.0f + x, added = sum - 1.0f;
    return added == 0.0f ? x : log32(sum) * (x / added);
}

/// The derivatives, in terms of the output y. As in PyTorch relu's at 0 is 0.
NN_INLINE float tanh32_slope(float y) {
    return 1.0f - y * y;
}

NN_INLINE float sigmoid32_slope(float y) {
    return y * (1.0f - y);
}

NN_INLINE float relu32_slope(float y) {
    return y > 0.0f ? 1.0f : 0.0f;
}

NN_INLINE float leaky_relu32_slope(float y) {
    return y > 0.0f ? 1.0f : 0.01f;
}

NN_INLINE float step32_slope(float y) {
    return 0.0f * y;
}

/// X(constant, function, slope): the elementwise activations, for switches over them.
#define MATH32_ELEMENTWISE(X)                                                                      \
    X(ACTIVATION_TANH, tanh32, tanh32_slope)                                                       \
    X(ACTIVATION_SIGMOID, sigmoid32, sigmoid32_slope)                                              \
    X(ACTIVATION_RELU, relu32, relu32_slope)                                                       \
    X(ACTIVATION_LEAKY_RELU, leaky_relu32, leaky_relu32_slope)                                     \
    X(ACTIVATION_STEP, step32, step32_slope)

#endif
