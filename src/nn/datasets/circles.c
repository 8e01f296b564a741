/// Two circles around the origin, the outer of radius 1 and class 0, the inner of half the radius
/// and class 1; points evenly spaced on each, shifted by noise, shuffled. (scikit-learn's
/// make_circles with factor 0.5.)
#include <math.h>

#include "nn/datasets/kinds.h"

static bool generate(const DatasetDesc *desc, uint64_t seed, Dataset *data, Error *error) {
    size_t n = (size_t)desc->samples, outer = n / 2, inner = n - outer;
    if (!dataset_alloc(data, n, 2, 1, error)) return false;
    Rng rng = rng_create(seed, RNG_DATA);
    for (size_t i = 0; i < n; i++) {
        bool inside = i >= outer;
        double turn = inside ? (double)(i - outer) / (double)inner : (double)i / (double)outer;
        double angle = 2.0 * DATASET_PI * turn, radius = inside ? 0.5 : 1.0;
        dataset_place(data, i, radius * cos(angle), radius * sin(angle), inside,
                      (double)desc->noise, &rng);
    }
    dataset_shuffle(data, &rng);
    return true;
}

const DatasetKind dataset_circles = {
    .name = "circles",
    .description = "a circle of radius 1/2 (class 1) inside one of radius 1 (class 0)",
    .default_samples = 500,
    .min_samples = 2,
    .default_noise = 0.1f,
    .n_inputs = 2,
    .n_outputs = 1,
    .generate = generate,
};
