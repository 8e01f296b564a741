/// A saddle, y = x2^2 - x1^2, on a square grid over [-1, 1]^2, row after row. Noise is added to the
/// targets.
#include <math.h>

#include "base/rng.h"
#include "nn/datasets/kinds.h"

static bool generate(const DatasetDesc *desc, uint64_t seed, Dataset *data, Error *error) {
    int side = (int)lround(sqrt((double)desc->samples));
    if (side * side != desc->samples) {
        int below = (int)sqrt((double)desc->samples);
        return error_set(error,
                         "data.samples: %d is not a square number, which a square grid needs (near "
                         "it: %d, %d)",
                         desc->samples, below * below, (below + 1) * (below + 1));
    }
    if (!dataset_alloc(data, (size_t)desc->samples, 2, 1, error)) return false;
    Rng rng = rng_create(seed, RNG_DATA);
    float *x = data->x, *t = data->t;
    for (int row = 0; row < side; row++) {
        double x2 = -1.0 + 2.0 * row / (side - 1);
        for (int column = 0; column < side; column++) {
            double x1 = -1.0 + 2.0 * column / (side - 1);
            double noise = desc->noise > 0.0f ? (double)desc->noise * rng_normal(&rng) : 0.0;
            *x++ = (float)x1;
            *x++ = (float)x2;
            *t++ = (float)(x2 * x2 - x1 * x1 + noise);
        }
    }
    data->grid[0] = data->grid[1] = side;
    return true;
}

const DatasetKind dataset_paraboloid = {
    .name = "paraboloid",
    .description = "a grid over [-1, 1]^2, y = x2^2 - x1^2 (a hyperbolic paraboloid)",
    .default_samples = 144,
    .min_samples = 4,
    .n_inputs = 2,
    .n_outputs = 1,
    .generate = generate,
};
