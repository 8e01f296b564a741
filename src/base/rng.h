/// PCG32 (O'Neill 2014, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms
/// for Random Number Generation", variant XSH-RR 64/32): small, well known, with independent
/// streams.
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stdint.h>

typedef struct Rng {
    uint64_t state, increment;
} Rng;

/// What draws from the one seed of a run. Each has its own stream, so that, say, more samples in
/// the data do not change the initial weights.
typedef enum RngStream {
    RNG_DATA,
    RNG_SPLIT,
    RNG_INIT,
    RNG_SHUFFLE,
    RNG_DROPOUT,
    RNG_PLANE,
    RNG_TEST,
} RngStream;

Rng rng_create(uint64_t seed, RngStream stream);

/// Uniform over all 32-bit numbers.
uint32_t rng_u32(Rng *rng);
/// Uniform in [0, n), without bias.  @param n  at least 1
uint32_t rng_below(Rng *rng, uint32_t n);
/// Uniform in [0, 1), 53 random bits.
double rng_double(Rng *rng);
/// Uniform in [lo, hi).
double rng_uniform(Rng *rng, double lo, double hi);
/// Normal with mean 0 and variance 1 (Box-Muller, one value a call).
double rng_normal(Rng *rng);
/// Fills order with a uniform permutation of 0…n-1 (Fisher-Yates).
void rng_permutation(Rng *rng, uint32_t *order, uint32_t n);

#endif
