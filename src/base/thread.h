/// Threads: what POSIX lacks or what differs between systems. Locks and conditions are pthread's
/// own.
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <stdbool.h>

#include <pthread.h>

typedef enum ThreadPriority { THREAD_NORMAL, THREAD_BACKGROUND } ThreadPriority;

/// Starts run(arg) on a new thread that computes (denormals are flushed to zero, see below).
/// THREAD_BACKGROUND yields to the window's thread where the system allows it. No signal that ends
/// the program comes to it (base/pending.h), unless it asks for them by sigwait.
/// @param name  at most 15 characters; shown by debuggers
/// @return false where the system refuses
bool thread_start(pthread_t *thread, void *(*run)(void *), void *arg, const char *name,
                  ThreadPriority priority);

/// Makes this thread's floating-point unit treat denormals as zero. Every computing thread calls
/// it, the main one too: a vanishing gradient's denormals cost a deep net a third of its speed, and
/// results must not depend on which thread computed them. Does nothing on processors that it does
/// not know.
void thread_flush_denormals(void);

/// Makes a condition whose timed waits do not depend on the wall clock.
void condition_init(pthread_cond_t *condition);
/// Waits on such a condition for at most that long.  @param lock  held by the caller, as ever
void condition_wait(pthread_cond_t *condition, pthread_mutex_t *lock, double seconds);

/// How many processors this program may run on, at least 1.
int thread_count(void);

#endif
