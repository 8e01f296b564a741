/// A run as the trainer keeps it, without the thread: a session, its history, the log of changed
/// settings, and what it is about to do. It obeys commands and works in slices.
///
/// Rewind and replay are one thing: restore a checkpoint and train on, changing the settings where
/// the log says that they were changed. In the past (before the last epoch known) training repeats
/// what was, to the bit, and is not recorded twice; where settings are changed there and training
/// goes on, what lay beyond is forgotten.
///
/// What it does not do: threads, locks, publishing, reading a clock (it is handed one).
#ifndef TRAIN_RUN_H
#define TRAIN_RUN_H

#include "train/command.h"
#include "train/history.h"
#include "train/session.h"
#include "train/snapshot.h"

/// The settings as they were from some moment on.
typedef struct LogEntry {
    int64_t epoch;
    size_t cursor;
    OptimizerDesc settings;
} LogEntry;

typedef struct Run {
    Session *session;
    History *history;
    LogEntry *log; // by moment
    int n_log, log_capacity;
    int next_log;        // the first entry that lies ahead
    bool changed;        // the settings differ from the log's: enter them when training goes on
    uint64_t generation; // counts up where everything before is void
    RunState state;
    StepUnit unit;
    double pace;
    int64_t target;
    int64_t leash;          // playing, it begins no epoch after this one: others are to catch up
    int64_t diverged_epoch; // -1: none
    Metrics metrics;        // of the epoch last completed
    int64_t measured;       // the epoch that they belong to: an older one during a look back
    char message[256];
    bool warns;      // it is of something that went wrong
    uint64_t loaded; // the ticket of the last load

    bool measuring; // an epoch has ended and is being measured
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
bool command_waits(CommandKind kind);
bool command_interrupts(CommandKind kind);
/// Does what was asked, or starts it. Takes over the reference of COMMAND_LOAD.
void run_obey(Run *run, const Command *command, double now);

/// Lets the pace's allowance grow with time, and reckons the speed.
void run_tick(Run *run, double now);
/// Whether a slice would do anything.
bool run_ready(const Run *run);
/// Seconds until it would, INFINITY: only after a command.
double run_wait(const Run *run);
/// Trains for at most about 2 ms.
void run_slice(Run *run, double (*now)(void));

/// @return false where memory is short; out is then unchanged
bool run_snapshot(const Run *run, Snapshot *out);

#endif
