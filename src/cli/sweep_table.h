/// The table that `saddle sweep` prints: a line for each setting, on what its runs came to.
#ifndef CLI_SWEEP_TABLE_H
#define CLI_SWEEP_TABLE_H

#include <stdio.h>

#include "train/sweep.h"

typedef struct SweepTable {
    int n_keys; // varied ones
    int n_settings, n_seeds;
    const char *const *keys; // (n_keys)
    /// The text of a setting's value of a key; its length is in *length.
    const char *(*value)(const void *context, int setting, int key, int *length);
    const void *context;
    const SweepRow *rows; // (n_settings, n_seeds)
} SweepTable;

/// The sample's quantile by linear interpolation, as NumPy's.
/// @param sorted  ascending, n >= 1  @param q  0…1
double sweep_quantile(const double *sorted, int n, double q);

/// @return false where memory is short
bool sweep_table_print(const SweepTable *table, FILE *stream);

#endif
