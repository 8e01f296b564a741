/// What can be asked of a run. Widgets and views emit commands; there is no other way to change a
/// run.
#ifndef TRAIN_COMMAND_H
#define TRAIN_COMMAND_H

#include <stdint.h>

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
    COMMAND_RESTART,  // to the initial weights, paused or running as it was; settings stay
    /// epoch: show the run as it was then, paused. Going on from there repeats what was, unless a
    /// setting is changed first: then what lay beyond is forgotten. An epoch beyond the last one
    /// known means that one.
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
} Command;

#endif
