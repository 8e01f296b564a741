/// The same run from many seeds and settings: what luck and what a setting decides. Runs whose
/// networks have one shape are trained together, sixteen in the lanes of an ensemble; the others
/// one by one. Threads on top.
///
/// A run's result depends on nothing but its setting and seed: neither on what else is in the sweep
/// nor on the number of threads.
#ifndef TRAIN_SWEEP_H
#define TRAIN_SWEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "train/experiment.h"

/// What a run came to, as a session measures it after the last epoch. NaN where it has no meaning.
typedef struct SweepRow {
    double train_loss, train_accuracy, test_loss, test_accuracy;
    bool diverged; // the loss stopped being finite: measured with the last good weights
} SweepRow;

typedef struct SweepDesc {
    const Experiment *const *settings; // (n_settings), borrowed; their own seeds are left out
    int n_settings;
    uint64_t first_seed; // each is run from first_seed, first_seed + 1, …
    int n_seeds;
    const char *init; // weights to start from; NULL: drawn from each seed
    int threads;      // 0: one a processor
    /// Called some times a second, from any of the threads but one at a time, with the share of the
    /// work that is done.  @return false: stop.  NULL: nobody wants to know
    bool (*progress)(void *context, double share);
    void *context;
} SweepDesc;

typedef enum SweepEnd { SWEEP_DONE, SWEEP_STOPPED, SWEEP_FAILED } SweepEnd;

/// Trains them all to their experiments' last epochs. For a benchmark: one setting, 256 seeds, one
/// thread.
/// @param rows     (n_settings, n_seeds), written
/// @param setting  where it failed: the number of the setting that cannot be run, or -1
/// @return SWEEP_FAILED with error set. All settings are tried before the first is trained.
/// Thread: one that flushes denormals (base/thread.h), as those do that it starts.
SweepEnd sweep_run(const SweepDesc *desc, SweepRow *rows, int *setting, Error *error);

#endif
