/// Two normal clusters, class 1 around (2, 2) and class 0 around (-2, -2). The noise is the
/// clusters' deviation; the default is about that of TensorFlow Playground, a variance of 1/2.
/// Shuffled.
#include "nn/datasets/kinds.h"

static bool generate(const DatasetDesc *desc, uint64_t seed, Dataset *data, Error *error) {
    size_t n = (size_t)desc->samples;
    if (!dataset_alloc(data, n, 2, 1, error)) return false;
    Rng rng = rng_create(seed, RNG_DATA);
    for (size_t i = 0; i < n; i++) {
        bool positive = i < n / 2;
        double center = positive ? 2.0 : -2.0;
        dataset_place(data, i, center, center, positive, (double)desc->noise, &rng);
    }
    dataset_shuffle(data, &rng);
    return true;
}

const DatasetKind dataset_gaussians = {
    .name = "gaussians",
    .description = "two clusters around (2, 2) and (-2, -2); noise is their deviation",
    .default_samples = 500,
    .min_samples = 2,
    .default_noise = 0.7f,
    .n_inputs = 2,
    .n_outputs = 1,
    .generate = generate,
};
