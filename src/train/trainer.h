/// The training thread. It steps every run in slices of at most 2 ms, obeys posted commands between
/// slices, and publishes snapshots, at most 120 a second a run. Neither side ever waits for the
/// other.
///
/// An experiment with a race is a run with rivals, one an optimizer. They obey what the run obeys,
/// but for its optimizer's settings, and keep step with it: while they play, none is more than an
/// epoch ahead of the slowest.
#ifndef TRAIN_TRAINER_H
#define TRAIN_TRAINER_H

#include <stdbool.h>

#include "base/error.h"
#include "train/command.h"
#include "train/snapshot.h"

enum { TRAINER_RUNS_MAX = 8 };

typedef struct TrainerDesc {
    double (*now)(void); // seconds; the trainer's only clock
    /// Called on the trainer's thread after a publication; must not block.
    void (*wake)(void *context);
    void *context;
} TrainerDesc;

typedef struct Trainer Trainer;

/// Starts the thread.  @return NULL with error set
Trainer *trainer_create(const TrainerDesc *desc, Error *error);
/// Stops and joins it: within a slice, but data that it is loading it loads to the end.
void trainer_destroy(Trainer *trainer);
/// The same for who cannot wait longer than that.
/// @return false where the thread is still busy: nothing was freed then, the run gets no further
///         commands, and this may be called again
bool trainer_destroy_within(Trainer *trainer, double seconds);

/// Adds a run, paused at epoch 0.  @return its number, or -1 with error set.  Thread: the window's.
int trainer_add(Trainer *trainer, const Experiment *experiment, Error *error);
/// Asks something of a run; done between two slices, in the order of posting. What goes on from
/// where the run is (playing, stepping, settings, moves, undo) waits until a step or a look back
/// under way is done; another look back, a restart or a load end those. Of the same setting, look
/// back or drag (COMMAND_MOVE again) posted several times in a row the last one counts. References
/// that the command carries are given away.  Thread: the window's.  Never waits for training.
void trainer_post(Trainer *trainer, int run, Command command);
/// The newest snapshot; valid until the next call for that run. Never NULL after trainer_add
/// returned. Thread: the window's, only.
const Snapshot *trainer_snapshot(Trainer *trainer, int run);
/// The same with its rivals' newest snapshots, in the experiment's order.
/// @param rivals  (RIVALS_MAX); valid as long as what is returned
/// @param n       how many: the experiment's n_race, or 0 while they are being made
const Snapshot *trainer_race(Trainer *trainer, int run, const Snapshot **rivals, int *n);

#endif
