#include "base/rng.h"

#include <math.h>

Rng rng_create(uint64_t seed, RngStream stream) {
    Rng rng = {0, ((uint64_t)stream << 1) | 1};
    rng_u32(&rng);
    rng.state += seed;
    rng_u32(&rng);
    return rng;
}

uint32_t rng_u32(Rng *rng) {
    uint64_t old = rng->state;
    rng->state = old * 6364136223846793005u + rng->increment;
    uint32_t xorshifted = (uint32_t)(((old >> 18) ^ old) >> 27);
    uint32_t turn = (uint32_t)(old >> 59);
    return (xorshifted >> turn) | (xorshifted << ((32 - turn) & 31));
}

uint32_t rng_below(Rng *rng, uint32_t n) {
    uint32_t threshold = (0u - n) % n; // values below it would favour small results
    uint32_t r;
    do r = rng_u32(rng);
    while (r < threshold);
    return r % n;
}

double rng_double(Rng *rng) {
    uint64_t high = rng_u32(rng) >> 5, low = rng_u32(rng) >> 6;
    return (double)((high << 26) | low) * 0x1p-53;
}

double rng_uniform(Rng *rng, double lo, double hi) {
    return lo + (hi - lo) * rng_double(rng);
}

double rng_normal(Rng *rng) {
    const double two_pi = 6.283185307179586;
    double u = 1.0 - rng_double(rng); // (0, 1]: its logarithm is finite
    return sqrt(-2.0 * log(u)) * cos(two_pi * rng_double(rng));
}

void rng_permutation(Rng *rng, uint32_t *order, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) order[i] = i;
    for (uint32_t i = n; i > 1; i--) {
        uint32_t j = rng_below(rng, i);
        uint32_t kept = order[i - 1];
        order[i - 1] = order[j];
        order[j] = kept;
    }
}
