/// Data sets: samples with inputs and targets, split into a train and a test part. A data set is
/// immutable once made, counted, and shared between threads.
#ifndef NN_DATASET_H
#define NN_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { DATASET_INPUTS_MAX = 4096, DATASET_OUTPUTS_MAX = 4096, DATASET_SAMPLES_MAX = 1 << 24 };

/// What to make.  Zero means the kind's default where the kind has one.
typedef struct DatasetDesc {
    char kind[32];       // a name in the list
    int samples;         // 0: the kind's default; digits: the first ones for training, and a
                         // sixth as many for testing (default: all)
    float noise;         // added normal noise's deviation: to the inputs of classes, to the targets
                         // of regressions; csv and digits have none
    float test_fraction; // [0, 1): the last part after a seeded permutation; a csv file's own
                         // split column goes before it; digits takes 0 only, as its files say
    char file[1024];     // csv: where it lies; digits: the folder of its four files
    bool has_samples, has_noise, has_test_fraction; // false: the kind's default is taken
} DatasetDesc;

/// A data set. Train samples lie first, then the test samples; within a part, in the generator's
/// order.
typedef struct Dataset {
    int n_inputs, n_outputs;
    size_t n, n_train;        // all samples; the first n_train are for training
    float *x;                 // (n, n_inputs)
    float *t;                 // (n, n_outputs)
    bool classes;             // every target is a class: 0 or 1 (one output), or one-hot
    float x_min[2], x_max[2]; // over all samples, of the first two inputs: for plots' axes
    float t_min, t_max;
    int grid[2]; // paraboloid: samples lie on a grid of (rows, columns); else 0, 0
} Dataset;

/// One kind of data set.
typedef struct DatasetKind {
    const char *name, *description;
    int default_samples; // 0: all that its files have
    int min_samples;
    float default_noise, default_test_fraction;
    int n_inputs, n_outputs; // 0: told by the file
    bool seedless;           // the seed decides nothing but the split
    /// Changes when the files that desc names do. NULL: the kind reads none.
    uint64_t (*version)(const DatasetDesc *desc);
    /// Fills x (n, n_inputs) and t (n, n_outputs) in the generator's order.
    bool (*generate)(const DatasetDesc *desc, uint64_t seed, Dataset *data, Error *error);
} DatasetKind;

/// Every kind, ended by one with a NULL name. To add one: a file in nn/datasets and a line in
/// dataset.c.
extern const DatasetKind *const dataset_kinds[];
const DatasetKind *dataset_kind_find(const char *name);

/// Makes the data that desc describes from the seed (its own streams: data, split). Where somebody
/// holds the same data already, those are returned.
/// @return with one reference, or NULL with error set (naming the file, row and column for csv)
/// Thread: any; one that asks for what another is making waits for it.
const Dataset *dataset_create(const DatasetDesc *desc, uint64_t seed, Error *error);
/// Thread: any.  @return data
const Dataset *dataset_retain(const Dataset *data);
/// Gives a reference back; the last one frees it.  NULL is fine.  Thread: any.
void dataset_release(const Dataset *data);

/// Reads the inputs alone of a CSV file; what else a data file holds (targets, split) is checked
/// and passed over.
/// @param x  set to (n, n_inputs) values that the caller frees
/// @return false with error set, naming file, line and column
bool dataset_read_inputs(const char *path, int n_inputs, float **x, size_t *n, Error *error);

/// For generators: allocates x and t for n samples. On failure error is set.
bool dataset_alloc(Dataset *data, size_t n, int n_inputs, int n_outputs, Error *error);

#endif
