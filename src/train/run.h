/// A run as the trainer keeps it, without the thread: a session, its history, the log of changes
/// by hand, and what it is about to do. It obeys commands and works in slices.
///
/// Rewind and replay are one thing: restore a checkpoint and train on, changing the settings and
/// putting the weights where the log says that it was done. In the past (before the last epoch
/// known) training repeats what was, to the bit, and is not recorded twice; where settings are
/// changed there and training goes on, or weights are put elsewhere, what lay beyond is forgotten.
///
/// An epoch's curve, checkpoint and point of the path are of what training had come to; a run that
/// looks back to an epoch at whose end the weights were put elsewhere shows them there. The log is
/// bounded: where it forgets the oldest changes, what lies before them can no longer be looked at.
///
/// What it does not do: threads, locks, publishing, reading a clock (it is handed one).
#ifndef TRAIN_RUN_H
#define TRAIN_RUN_H

#include "train/command.h"
#include "train/history.h"
#include "train/session.h"
#include "train/snapshot.h"
#include "train/undo.h"

enum { CHANGELOG_BYTES = 32 << 20 };

typedef struct Run {
    Session *session;
    History *history;
    RunPast past;
    Moments undos, redos;
    bool kept;        // what was before the command is where an undo finds it
    bool along;       // it obeys as a rival: kept says whether to put it there
    uint64_t order;   // of the command
    CommandKind drag; // a change that another one of its kind may go on with; COMMAND_NONE: none
    double dragged_at;
    uint64_t generation; // counts up where everything before is void
    RunState state;
    StepUnit unit;
    double pace;
    int64_t leash; // playing, it begins no epoch after this one: others are to catch up
    char message[256];
    bool warns;      // it is of something that went wrong
    uint64_t loaded; // the ticket of the last load

    bool measuring; // an epoch has ended and is being measured,
    bool moving;    // or weights that were put here are
    Measuring part;

    bool stepping; // a COMMAND_STEP is under way
    StepUnit step_unit;
    int64_t seeking;   // the epoch to replay up to, -1: none
    double credit;     // units that the pace allows by now
    double accrued_at; // when that was reckoned
    size_t span;       // samples a call: grows and shrinks so that calls take a part of a slice

    double samples_per_second, speed_at;
    size_t samples; // trained on since speed_at
} Run;

/// At epoch 0, paused.  @param run  overwritten  @return false with error set; run is then empty
bool run_init(Run *run, const Experiment *experiment, Error *error);
/// A rival of another run, at epoch 0, paused, which slices measure: it shares the other's data and
/// has its unit and pace.  @return false with error set; run is then empty
bool run_init_rival(Run *run, const Run *other, const Experiment *experiment, Error *error);
void run_deinit(Run *run);

/// Whether it is in the middle of something: a step, a look back, measuring an epoch. Commands that
/// go on from where that ends should wait; command_interrupts() ones need not.
bool run_occupied(const Run *run);
/// Whether it has begun anew and its epoch 0 is not measured yet: there is nothing to publish.
bool run_begins(const Run *run);
/// Whether the command changes one of the optimizer's settings.
bool command_sets(CommandKind kind);
/// Whether the command has to wait for what the run is in the middle of.
bool run_defers(const Run *run, CommandKind kind);
bool command_interrupts(CommandKind kind);
/// Does what was asked, or starts it. What the command carries is borrowed.
/// @return whether it can be undone, or is an undo or redo that had something to do
bool run_obey(Run *run, const Command *command, double now);
/// The same for a rival of a run that has obeyed it, so that what is undone is undone for all.
/// @param command  NULL: the rival does nothing
/// @param keeps    what the run returned
void run_obey_along(Run *rival, const Command *command, double now, bool keeps);

/// Lets the pace's allowance grow with time, and reckons the speed.
void run_tick(Run *run, double now);
/// Whether a slice would do anything.
bool run_ready(const Run *run);
/// Seconds until it would, INFINITY: only after a command.
double run_wait(const Run *run);
/// Trains for at most about 2 ms.
void run_slice(Run *run, double (*now)(void));

/// Where the run is at rest, it may take a step and take it back: see Snapshot.next_step.
/// @return false where memory is short; out is then unchanged
bool run_snapshot(const Run *run, Snapshot *out);

#endif
