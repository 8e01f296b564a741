/// One input from a wide normal distribution, one target from three curves that do not join, with
/// noise: what two weights alone cannot fit, so that their error surface is worth looking at.
#include <math.h>

#include "base/rng.h"
#include "nn/datasets/kinds.h"

static double curve(double x) {
    if (x < -2.0) return 2.0 * x + 5.0;
    if (x < 2.0) return 7.3 * sin(x);
    return -0.03 * x * x * x + 2.0;
}

static bool generate(const DatasetDesc *desc, uint64_t seed, Dataset *data, Error *error) {
    size_t n = (size_t)desc->samples;
    if (!dataset_alloc(data, n, 1, 1, error)) return false;
    Rng rng = rng_create(seed, RNG_DATA);
    for (size_t i = 0; i < n; i++) {
        double x = 1.0 + 4.5 * rng_normal(&rng);
        data->x[i] = (float)x;
        data->t[i] = (float)(curve(x) + (double)desc->noise * rng_normal(&rng));
    }
    return true;
}

const DatasetKind dataset_error_surface = {
    .name = "error-surface",
    .description = "x normal around 1, y of three curves: a line, a sine, a cubic",
    .default_samples = 10000,
    .min_samples = 1,
    .default_noise = 1.0f,
    .default_test_fraction = 0.3f,
    .n_inputs = 1,
    .n_outputs = 1,
    .generate = generate,
};
