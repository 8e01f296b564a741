/// The kinds of data sets, one file each beside this one, and what only they may call.
#ifndef NN_DATASETS_KINDS_H
#define NN_DATASETS_KINDS_H

#include "nn/dataset.h"

extern const DatasetKind dataset_xor, dataset_paraboloid, dataset_error_surface, dataset_csv;

/// For a generator whose source says itself which samples are for testing: moves those to the end
/// and sets n_train. At least one sample must be for training.
/// @param is_test  (n)
bool dataset_split_marked(Dataset *data, const bool *is_test, Error *error);

#endif
