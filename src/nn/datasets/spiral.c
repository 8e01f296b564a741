/// Two arms that wind one and three quarter times around the origin, out to a radius of 5; the arm
/// that starts upwards is class 1. As in TensorFlow Playground, but for the noise, which is normal
/// here. Shuffled.
#include <math.h>

#include "nn/datasets/kinds.h"

static bool generate(const DatasetDesc *desc, uint64_t seed, Dataset *data, Error *error) {
    size_t n = (size_t)desc->samples, first = n / 2;
    if (!dataset_alloc(data, n, 2, 1, error)) return false;
    Rng rng = rng_create(seed, RNG_DATA);
    for (size_t i = 0; i < n; i++) {
        bool second = i >= first;
        double along =
            second ? (double)(i - first) / (double)(n - first) : (double)i / (double)first;
        double radius = 5.0 * along;
        double angle = 1.75 * 2.0 * DATASET_PI * along + (second ? DATASET_PI : 0.0);
        dataset_place(data, i, radius * sin(angle), radius * cos(angle), !second,
                      (double)desc->noise, &rng);
    }
    dataset_shuffle(data, &rng);
    return true;
}

const DatasetKind dataset_spiral = {
    .name = "spiral",
    .description = "two arms that wind around each other, out to a radius of 5",
    .default_samples = 500,
    .min_samples = 2,
    .n_inputs = 2,
    .n_outputs = 1,
    .generate = generate,
};
