/// Ctrl+C: the first one asks long work to stop, a second one ends the program at once. Either way
/// no half-written file stays behind.
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include <stdbool.h>

/// Catches SIGINT, SIGTERM and SIGHUP from now on.
void interrupt_install(void);
/// Whether one came.  Thread: any.
bool interrupted(void);
/// The same, in the shape of nn's cancel callbacks.
bool interrupted_cancel(void *context);

#endif
