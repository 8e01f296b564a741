/// The truth table of XOR: the four corners of the unit square, in counting order. More samples are
/// the same corners again; noise shifts them, so that each corner becomes a cloud.
#include "nn/datasets/kinds.h"

static bool generate(const DatasetDesc *desc, uint64_t seed, Dataset *data, Error *error) {
    size_t n = (size_t)desc->samples;
    if (!dataset_alloc(data, n, 2, 1, error)) return false;
    Rng rng = rng_create(seed, RNG_DATA);
    for (size_t i = 0; i < n; i++) {
        int x1 = i % 4 / 2, x2 = i % 2;
        dataset_place(data, i, x1, x2, x1 != x2, (double)desc->noise, &rng);
    }
    return true;
}

const DatasetKind dataset_xor_corners = {
    .name = "xor-corners",
    .description = "the four corners of the unit square, y = x1 != x2",
    .default_samples = 4,
    .min_samples = 4,
    .n_inputs = 2,
    .n_outputs = 1,
    .generate = generate,
};
