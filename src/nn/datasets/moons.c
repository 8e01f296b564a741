/// Two half circles that interlock: the upper moon (cos t, sin t) is class 0, the lower one
/// (1 - cos t, 1/2 - sin t) class 1, t evenly spaced from 0 to pi; shifted by noise, shuffled.
#include <math.h>

#include "nn/datasets/kinds.h"

static bool generate(const DatasetDesc *desc, uint64_t seed, Dataset *data, Error *error) {
    size_t n = (size_t)desc->samples, upper = n / 2;
    if (!dataset_alloc(data, n, 2, 1, error)) return false;
    Rng rng = rng_create(seed, RNG_DATA);
    for (size_t i = 0; i < n; i++) {
        bool lower = i >= upper;
        size_t along = lower ? i - upper : i, last = (lower ? n - upper : upper) - 1;
        double t = last > 0 ? DATASET_PI * (double)along / (double)last : 0.0;
        double x1 = lower ? 1.0 - cos(t) : cos(t), x2 = lower ? 0.5 - sin(t) : sin(t);
        dataset_place(data, i, x1, x2, lower, (double)desc->noise, &rng);
    }
    dataset_shuffle(data, &rng);
    return true;
}

const DatasetKind dataset_moons = {
    .name = "moons",
    .description = "two interlocking half circles, the upper class 0, the lower class 1",
    .default_samples = 300,
    .min_samples = 2,
    .default_noise = 0.15f,
    .n_inputs = 2,
    .n_outputs = 1,
    .generate = generate,
};
