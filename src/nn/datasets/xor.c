/// Points uniform on the unit square, in two classes as a chessboard of four fields. Noise shifts
/// the points after they have got their class, so that the classes overlap.
#include "base/rng.h"
#include "nn/datasets/kinds.h"

static bool generate(const DatasetDesc *desc, uint64_t seed, Dataset *data, Error *error) {
    size_t n = (size_t)desc->samples;
    if (!dataset_alloc(data, n, 2, 1, error)) return false;
    Rng rng = rng_create(seed, RNG_DATA);
    for (size_t i = 0; i < n; i++) {
        double x1 = rng_double(&rng), x2 = rng_double(&rng);
        data->t[i] = (x1 > 0.5) != (x2 > 0.5) ? 1.0f : 0.0f;
        if (desc->noise > 0.0f) {
            x1 += (double)desc->noise * rng_normal(&rng);
            x2 += (double)desc->noise * rng_normal(&rng);
        }
        data->x[2 * i] = (float)x1;
        data->x[2 * i + 1] = (float)x2;
    }
    return true;
}

const DatasetKind dataset_xor = {
    .name = "xor",
    .description = "points on the unit square, y = (x1 > 0.5) != (x2 > 0.5)",
    .default_samples = 500,
    .min_samples = 1,
    .n_inputs = 2,
    .n_outputs = 1,
    .generate = generate,
};
