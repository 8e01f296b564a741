/// What can be asked of a run. Widgets and views emit commands; there is no other way to change a
/// run.
#ifndef TRAIN_COMMAND_H
#define TRAIN_COMMAND_H

#include <stdint.h>

#include "train/param_vector.h"
#include "train/session.h"

typedef enum CommandKind {
    COMMAND_NONE, // answered with a snapshot
    /// To the target; where that is reached, as many epochs again as the experiment's. Where
    /// training has stopped early it goes no further, and the message says so.
    COMMAND_PLAY,
    COMMAND_PAUSE,
    COMMAND_STEP,     // unit: one of them, then pause
    COMMAND_SET_UNIT, // unit
    COMMAND_SET_PACE, // value: units a second, PACE_MIN…; PACE_MAX: as fast as it goes
    /// To the initial weights, paused or running as it was; settings stay. params, where not NULL
    /// (a reference is given away): the initial weights from now on, for a race from another start;
    /// again as in COMMAND_MOVE.
    COMMAND_RESTART,
    /// epoch: show the run as it was then, paused, or done where training had ended. Going on from
    /// there repeats what was, unless a setting is changed first: then what lay beyond is
    /// forgotten. An epoch beyond the last one known means that one.
    COMMAND_SEEK,
    COMMAND_SET_LEARNING_RATE, // value: from now on; a schedule scales it
    COMMAND_SET_MOMENTUM,      // value: from now on, and so the next ones
    COMMAND_SET_BETA,
    COMMAND_SET_ALPHA,
    COMMAND_SET_BETA1,
    COMMAND_SET_BETA2,
    COMMAND_SET_WEIGHT_DECAY,
    /// experiment (a reference is given away): start anew with it, paused. Where that fails the run
    /// stays as it is and its message says why. It may take a while: ticket tells the snapshots
    /// that come after it.
    COMMAND_LOAD,
    /// params (a reference is given away), again: the trained parameters become these, where the
    /// run is (in the middle of an epoch too), running or paused as it was; done or diverged, it is
    /// paused there, to be played on. Velocities and means of the optimizer start from zero; batch
    /// norm's running statistics stay. What lay beyond, after a look back, is forgotten. Early
    /// stopping watches anew from there: the moved weights are its first candidate, and patience
    /// counts from this epoch. Another network's parameters, and values that are not finite, are
    /// passed over.
    COMMAND_MOVE,
    /// Back to the moment before the last move, change of a setting or restart, paused (done where
    /// training had ended), and forward again to where it was when that was undone. All is then as
    /// it was: weights, optimizer, generators, curve and path. What trains on after an undo, or
    /// changes something, forgets what could be redone; a load forgets all. A bounded number of
    /// moments is kept.
    COMMAND_UNDO,
    COMMAND_REDO,
} CommandKind;

#define PACE_MIN     0.5
#define PACE_DEFAULT 20.0
#define PACE_MAX     1e9

typedef struct Command {
    CommandKind kind;
    StepUnit unit;
    int64_t epoch;
    double value;
    const Experiment *experiment;
    uint64_t ticket; // any number; snapshots say the last one
    const ParamVector *params;
    /// Numbers changes for snapshots, which say the ones that would be undone and redone next: 0,
    /// no matter. Of an undo or a redo: the change that is meant, any other stays; 0: the next.
    uint64_t order;
    bool again; // COMMAND_MOVE goes on with the move before it (a drag): one step of undo for both
} Command;

/// Releases what a command carries, for one that nobody obeys.
void command_release(const Command *command);

#endif
