/// A run at one moment, complete and immutable: what the window shows.
#ifndef TRAIN_SNAPSHOT_H
#define TRAIN_SNAPSHOT_H

#include <stdbool.h>
#include <stdint.h>

#include "train/history.h"
#include "train/session.h"

typedef enum RunState { RUN_PAUSED, RUN_RUNNING, RUN_DONE, RUN_DIVERGED } RunState;

/// "paused", "running", "done", "diverged", as the window's title says.
const char *run_state_name(RunState state);

typedef struct Snapshot {
    uint64_t serial; // grows with every publication of any run
    uint64_t
        generation; // changes when another experiment (shape, data) was loaded or it was restarted
    uint64_t race;  // the generation of the run whose race it is in: its own's, too
    const Experiment *experiment; // counted
    const Dataset *data;          // counted
    Network net;                  // with its own parameters
    OptimizerDesc optimizer;      // as it is now (the learning rate may have been changed live)
    float learning_rate;          // that the schedule makes of it in this epoch
    int64_t best_epoch;           // whose loss is the lowest that early stopping saw; 0: none
    RunState state;
    int64_t epoch, step;
    size_t cursor;      // samples into the epoch (pending ones too)
    int64_t last_epoch; // the furthest epoch known: beyond epoch after a look back
    int64_t target;     // where training stops by itself
    Metrics metrics; // of the epoch last completed; where jumped, of the weights put there, unknown
                     // until they are measured
    StepUnit unit;
    double pace;               // units a second; PACE_MAX: as fast as it goes
    double samples_per_second; // while running, else 0
    int64_t diverged_epoch;    // -1: it has not
    char message[256];         // what to say about the state, in words; may be empty
    bool warns;                // the message is of something that went wrong
    uint64_t loaded;           // the ticket of the COMMAND_LOAD done last, well or not
    Curve curve;
    const Path *path; // counted
    int path_count;
    bool jumped; // by hand since the last completed epoch's end: not to be joined to that point
    int undos, redos;                // how many COMMAND_UNDO and COMMAND_REDO have something to do
    uint64_t undo_order, redo_order; // of the commands that they would undo and redo next; 0: none
    /// (n_params) what the very next step of the optimizer will change the parameters by, to the
    /// bit; NULL where it is not known: while the run is not at rest, has diverged or stopped
    /// early, or one batch takes too long.
    const float *next_step;
    float *next_step_memory; // (next_step_capacity) the snapshot's own
    size_t next_step_capacity;
} Snapshot;

/// Copies a session and its history into out (retaining what is counted). For runs without a
/// trainer (`shot`) and by the trainer, which then says more: serial, generation, pace, message….
/// @param out  zeroed or an older snapshot, whose memory is reused
/// @return false where memory is short; out is then unchanged
bool snapshot_fill(Snapshot *out, const Session *session, const History *history);
/// Adds next_step to a filled snapshot: the session makes the step and takes it back.
/// @return false where it is not known, or memory is short: it is NULL then
bool snapshot_add_next_step(Snapshot *out, Session *session);
/// A copy that stays as it is while the original becomes another moment. It has no next_step.
/// @param out  zeroed
/// @return false where memory is short; out is then zeroed
bool snapshot_copy(Snapshot *out, const Snapshot *snapshot);
void snapshot_deinit(Snapshot *snapshot);

#endif
