/// The reader of CSV data, on text in memory. Files go through nn/dataset.h.
#ifndef NN_DATASETS_CSV_H
#define NN_DATASETS_CSV_H

#include "nn/dataset.h"

/// Reads samples with targets. A split column, where there is one, is obeyed.
/// @param source  what to call the text in messages (a file's name)
/// @param data    zeroed; its x and t are then the caller's to free, on failure too
/// @return false with error set, naming source, line and column
bool csv_read(const char *text, size_t size, const char *source, Dataset *data, Error *error);

/// Reads the inputs alone, as dataset_read_inputs does of a file.
bool csv_read_inputs(const char *text, size_t size, const char *source, int n_inputs, float **x,
                     size_t *n, Error *error);

#endif
