/// Seven labelled points that one straight line separates: what a perceptron can learn. More
/// samples are the same points again; noise shifts them.
#include "nn/datasets/kinds.h"

enum { POINTS = 7 };

static bool generate(const DatasetDesc *desc, uint64_t seed, Dataset *data, Error *error) {
    static const struct {
        double x1, x2, t;
    } points[POINTS] = {
        {0.0, 0.0, 0}, {0.0, 1.0, 1}, {1.0, 0.0, 0}, {1.0, 1.0, 1},
        {0.5, 0.5, 0}, {1.5, 0.5, 0}, {0.5, 1.5, 1},
    };
    size_t n = (size_t)desc->samples;
    if (!dataset_alloc(data, n, 2, 1, error)) return false;
    Rng rng = rng_create(seed, RNG_DATA);
    for (size_t i = 0; i < n; i++) {
        dataset_place(data, i, points[i % POINTS].x1, points[i % POINTS].x2, points[i % POINTS].t,
                      (double)desc->noise, &rng);
    }
    return true;
}

const DatasetKind dataset_perceptron = {
    .name = "perceptron",
    .description = "seven points in two classes that one straight line separates",
    .default_samples = POINTS,
    .min_samples = POINTS,
    .n_inputs = 2,
    .n_outputs = 1,
    .generate = generate,
};
