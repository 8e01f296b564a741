/// Files made and saved while drawing goes on: a thread of the queue's own makes them, in the order
/// in which they came. None is left out, however many wait.
///
/// Thread: all functions, the one that created it.
#ifndef CAPTURE_SAVE_QUEUE_H
#define CAPTURE_SAVE_QUEUE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/thread.h"

enum { SAVE_PATH_MAX = 4096 };

/// What is to be saved, into the folder for pictures (paths_pictures) as "saddle-NAME-N.SUFFIX".
typedef struct SaveJob {
    /// Computes what is to be written, touching no file, so that it always ends; may be NULL.
    /// @return false with why in error.  On the queue's thread.
    bool (*prepare)(void *context, Error *error);
    /// Makes the file at `draft`; false with "DRAFT: WHY" in error. On the queue's thread.
    /// @param progress  what takes long changes it as it comes on, to be waited for
    bool (*write)(void *context, const char *draft, atomic_llong *progress, Error *error);
    /// Frees the context, when it is written or never will be. On any thread.
    void (*release)(void *context);
    void *context;
    const char *name;   // copied
    const char *suffix; // with its point; a constant
} SaveJob;

/// What became of one.
typedef struct SaveNews {
    bool saved;
    char path[SAVE_PATH_MAX]; // where it lies, if saved
    Error error;              // else why not: nothing was left behind
} SaveNews;

typedef struct SaveQueue SaveQueue;

/// @param wake  called when a job has ended, by the queue's thread, under the queue's lock: it must
///              call none of these functions; may be NULL
/// @param priority  of its thread
/// @return NULL with error set
SaveQueue *save_queue_create(ThreadPriority priority, void (*wake)(void *context), void *context,
                             Error *error);
/// Hands a job over. Its context is taken over in any case.
/// @return false with error set where memory is short
bool save_queue_add(SaveQueue *queue, const SaveJob *job, Error *error);
/// Takes the news of the next job that has ended.  @return false: there is none
bool save_queue_take(SaveQueue *queue, SaveNews *news);
/// Waits until all are saved.
/// @param seconds  how long writing one of them may come no further, about
/// @return how many are not, because one takes longer
int save_queue_wait(SaveQueue *queue, double seconds);
/// Ends the job that is being saved, drops what waits, and frees all. NULL is fine.
void save_queue_destroy(SaveQueue *queue);
/// In its place where a job hangs (a disk): waits for nothing. No other one is begun, and wake is
/// not called again; the thread frees all if ever it goes on.
void save_queue_abandon(SaveQueue *queue);

#endif
