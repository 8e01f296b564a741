/// What was changed in a run by hand, and when: the settings, and where its weights were put. A
/// replay makes the same changes at the same moments.
#ifndef TRAIN_CHANGELOG_H
#define TRAIN_CHANGELOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "train/param_vector.h"
#include "train/session.h"

/// How things were from some moment on.
typedef struct Change {
    int64_t epoch;
    size_t cursor;
    OptimizerDesc settings;
    const ParamVector *params; // counted; NULL: the weights stayed
    Metrics metrics;           // of params, once they are measured
} Change;

/// Zeroed: empty.
typedef struct ChangeLog {
    Change *changes; // by moment, at most one a moment
    int count, capacity;
    int next;     // the first one that lies ahead
    size_t bytes; // what the changes take, with their weights
} ChangeLog;

void changelog_deinit(ChangeLog *log);
/// Forgets all, keeping the memory of the array.
void changelog_clear(ChangeLog *log);
/// @param copy  overwritten  @return false where memory is short; copy is then empty
bool changelog_copy(ChangeLog *copy, const ChangeLog *log);

/// The change at the present moment, to be filled in; what lies ahead is forgotten. A new one is
/// zero but for its moment.
/// @return NULL where memory is short: nothing but what lies ahead is forgotten then
Change *changelog_enter(ChangeLog *log, int64_t epoch, size_t cursor);
/// Puts weights into a change of the log, in place of others.
void changelog_put(ChangeLog *log, Change *change, const ParamVector *params);
/// Goes to the start of an epoch, before a change made at the same moment: there are checkpoints.
void changelog_go_before(ChangeLog *log, int64_t epoch);
/// Goes to a moment, after a change made at the same one.
void changelog_go_beyond(ChangeLog *log, int64_t epoch, size_t cursor);
/// The newest change of the weights that was made before now, in that epoch (samples into it aside)
/// or at its start; NULL: none.
Change *changelog_move_in(const ChangeLog *log, int64_t epoch);
/// Forgets the oldest changes, as many.
void changelog_drop(ChangeLog *log, int count);

#endif
