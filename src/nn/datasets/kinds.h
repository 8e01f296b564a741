/// The kinds of data sets, one file each beside this one, and what only they may call.
#ifndef NN_DATASETS_KINDS_H
#define NN_DATASETS_KINDS_H

#include "base/rng.h"
#include "nn/dataset.h"

extern const DatasetKind dataset_xor, dataset_xor_corners, dataset_circles, dataset_moons,
    dataset_spiral, dataset_gaussians, dataset_perceptron, dataset_paraboloid, dataset_plane,
    dataset_error_surface, dataset_digits, dataset_csv;

#define DATASET_PI 3.141592653589793

/// Sets sample i of a data set with two inputs and one target: (x1, x2), shifted by normal noise of
/// that deviation, with target t. It draws even where the deviation is 0, so that the noise changes
/// neither what is drawn after it nor the direction in which a point is shifted.
void dataset_place(Dataset *data, size_t i, double x1, double x2, double t, double deviation,
                   Rng *rng);
/// Puts the samples in random order (Fisher-Yates).
void dataset_shuffle(Dataset *data, Rng *rng);

/// Moves the fraction of the samples that a seeded permutation chooses to the end, for testing, and
/// sets n_train. At least one sample is left on each side, unless there is only one.
bool dataset_split(Dataset *data, float fraction, uint64_t seed, Error *error);
/// For a generator whose source says itself which samples are for testing: moves those to the end
/// and sets n_train. At least one sample must be for training.
/// @param is_test  (n)
bool dataset_split_marked(Dataset *data, const bool *is_test, Error *error);

/// What tells one state of a file from another (its time, size, place on the disk), as one number.
/// A file that is not there has one, too.
uint64_t dataset_file_version(const char *path);

#endif
