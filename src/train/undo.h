/// Undo: moments of a run put aside whole, to come back to. A moment is the session's state, the
/// log of changes, the curve and the path; checkpoints are not part of it: what was common with the
/// present is kept, the rest is replayed when it is looked back to.
///
/// Bounded: at most UNDO_MOMENTS each way, within UNDO_BYTES; but for one, however large its state:
/// that loses its part of the path where it does not fit.
#ifndef TRAIN_UNDO_H
#define TRAIN_UNDO_H

#include "train/changelog.h"
#include "train/command.h"
#include "train/history.h"
#include "train/session.h"

enum { UNDO_MOMENTS = 32, UNDO_BYTES = 64 << 20 };

/// What a run is at a moment, beside its session. Zeroed: empty.
typedef struct RunPast {
    const ParamVector *start; // what it began with; counted
    ChangeLog log;
    OptimizerDesc first; // the settings that its epoch 0 was recorded with
    Metrics initial;     // of epoch 0
    int64_t floor;       // the first epoch that can be looked back to
    bool changed;        // the settings differ from the log's: enter them when training goes on
    int64_t target;
    int64_t diverged_epoch; // -1: none
    Metrics metrics;        // of the epoch last completed
    int64_t measured;       // the epoch that they belong to: an older one during a look back
} RunPast;

/// Releases what it owns.
void run_past_deinit(RunPast *past);

typedef struct Moment {
    CommandKind kind; // what was asked then
    uint64_t order;   // of that command
    /// The last epoch up to which checkpoints hold for what went before and what came after, -1:
    /// none.
    int64_t common;
    void *state, *good; // of the session; good: the start of the epoch, where it is in one
    RunPast past;       // owned
    HistoryLine line;
    size_t bytes; // of state, good, the log's array and the curve
} Moment;

/// Oldest first. Zeroed: empty.
typedef struct Moments {
    int count;
    Moment moments[UNDO_MOMENTS];
} Moments;

void moments_clear(Moments *moments);
/// Puts the present moment on top. What does not fit is forgotten, the oldest first.
/// @return false where memory is short: nothing is put there then
bool moments_push(Moments *moments, CommandKind kind, uint64_t order, int64_t common,
                  const Session *session, const History *history, const RunPast *past);
/// Forgets what does not fit any more: what a moment had in common with the present counts for it
/// once the present has changed.
void moments_bound(Moments *moments, const History *history, const RunPast *past);
/// Forgets the oldest beyond n.
void moments_keep(Moments *moments, int n);
/// Takes the topmost one: session, history and past (what it owned is released) become as they
/// were.
/// @param moments  not empty
void moments_pop(Moments *moments, Session *session, History *history, RunPast *past);

#endif
