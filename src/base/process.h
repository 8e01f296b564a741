/// Other programs: fed through a pipe, run to their end, or started and left alone. Thread: any, a
/// Process with one at a time.
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/error.h"

/// Whether a program of that name can be started: it is on the PATH.
bool process_exists(const char *name);

/// A program that runs. Zeroed is none.
typedef struct Process {
    pid_t pid;
    int input;        // where it reads from
    FILE *complaints; // what it writes to its standard error
    const char *name; // borrowed
} Process;

/// Starts a program; what it prints is thrown away, what it complains of kept. Ctrl+C on a terminal
/// does not reach it.
/// @param arguments  its name first, ended by NULL; borrowed while it runs
/// @return false with "NAME: WHY" in error
bool process_start(Process *process, const char *const *arguments, Error *error);
/// Feeds it, waiting while it is behind. SIGPIPE must be ignored.
/// @return false where it takes no more: process_end says why
bool process_write(Process *process, const void *bytes, size_t size);
/// Ends its input and waits for it.
/// @return false with "NAME: WHY", in its own last words, where it has failed
bool process_end(Process *process, Error *error);
/// Stops it at once. Does nothing where none runs.
void process_kill(Process *process);
/// Runs a program to its end, and stops it where that has not come in time.
/// @param arguments  as above  @param input  what it reads, an open file; borrowed
/// @param seconds    what it is given, at least
/// @param cancel     true stops it, too; may be NULL
/// @return false with "NAME: WHY" in error
bool process_run(const char *const *arguments, FILE *input, double seconds,
                 const atomic_bool *cancel, Error *error);
/// Starts a program and leaves it alone: it reads nothing, what it prints is thrown away, and it
/// goes on when this one has ended.
/// @return false with "NAME: WHY" in error: it could not be started
bool process_launch(const char *const *arguments, Error *error);

/// The processor's time that all that run have used so far: it changes as long as one of them
/// works. Thread: any.
/// @return seconds; 0 where the system does not tell
double process_seconds_used(void);

/// Stops all that run, and waits until they have. Safe in a signal handler that ends the program.
void process_kill_all(void);

#endif
