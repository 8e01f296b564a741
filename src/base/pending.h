/// What must not stay behind should the program end at once: files under way, hidden folders. Each
/// says how it is removed; a signal handler has all of them removed. It never meets one half
/// changed: whoever makes, renames or removes several things does so between pending_enter and
/// pending_leave, and the handler waits for that. Thread: any.
#ifndef BASE_PENDING_H
#define BASE_PENDING_H

#include <signal.h>
#include <stdbool.h>

/// The first member of what is under way.
typedef struct Pending Pending;
struct Pending {
    void (*discard)(const Pending *pending); // removes it; safe in a signal handler
};

/// From now on it goes with the program. It may be left out where very many are under way.
void pending_add(Pending *pending);
/// It no longer does: it may be freed. Does nothing to one that was not added.
void pending_remove(Pending *pending);

/// Begins a change that is complete or was not begun, whenever the program ends: no signal that
/// ends the program comes to this thread meanwhile, and none that comes to another one removes
/// anything. Short, not nested, and without allocating.
/// @param before  written, for pending_leave
void pending_enter(sigset_t *before);
void pending_leave(const sigset_t *before);

/// Keeps the signals that end the program from this thread, and from those that it starts.
/// @param before  written: the mask so far
void pending_block(sigset_t *before);

/// Removes all that is under way. Safe in a signal handler.
/// @param for_good  the program ends now: whoever would begin another change waits for that
void pending_discard_all(bool for_good);

#endif
