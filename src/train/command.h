/// What can be asked of a run. Widgets and views emit commands; there is no other way to change a
/// run.
#ifndef TRAIN_COMMAND_H
#define TRAIN_COMMAND_H

#include <stdint.h>

#include "train/session.h"

typedef enum CommandKind {
    COMMAND_NONE,
    COMMAND_PLAY,
    COMMAND_PAUSE,
    COMMAND_STEP,              // unit: one of them, then pause
    COMMAND_SET_UNIT,          // unit
    COMMAND_SET_PACE,          // value: units a second, PACE_MIN…; PACE_MAX: as fast as it goes
    COMMAND_RESTART,           // to the initial weights, paused or running as it was
    COMMAND_SEEK,              // epoch: show the run as it was then, paused
    COMMAND_SET_LEARNING_RATE, // value
    COMMAND_SET_MOMENTUM,      // value
    COMMAND_LOAD,              // experiment (a reference is given away): start anew with it
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
} Command;

#endif
