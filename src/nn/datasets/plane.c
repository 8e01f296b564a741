/// A regression that a straight line solves: points uniform on [-6, 6]^2, y = (x1 + x2) / 10. Noise
/// is added to the targets. (TensorFlow Playground's plane.)
#include "nn/datasets/kinds.h"

static bool generate(const DatasetDesc *desc, uint64_t seed, Dataset *data, Error *error) {
    size_t n = (size_t)desc->samples;
    if (!dataset_alloc(data, n, 2, 1, error)) return false;
    Rng rng = rng_create(seed, RNG_DATA);
    for (size_t i = 0; i < n; i++) {
        double x1 = rng_uniform(&rng, -6.0, 6.0), x2 = rng_uniform(&rng, -6.0, 6.0);
        data->x[2 * i] = (float)x1;
        data->x[2 * i + 1] = (float)x2;
        data->t[i] = (float)((x1 + x2) / 10.0 + (double)desc->noise * rng_normal(&rng));
    }
    return true;
}

const DatasetKind dataset_plane = {
    .name = "plane",
    .description = "points on [-6, 6]^2, y = (x1 + x2) / 10, which is linear",
    .default_samples = 1200,
    .min_samples = 1,
    .n_inputs = 2,
    .n_outputs = 1,
    .generate = generate,
};
