/// Ctrl+C: the first one asks long work to stop, and ends the program where it has not within a
/// tenth of a second; a second one ends it at once. Either way no half-written file stays behind,
/// and one line on stderr says that it was interrupted.
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include <stdbool.h>

/// Catches SIGINT, SIGTERM and SIGHUP from now on.
/// @param at_once  the first one ends the program already (the window, which has no long work)
void interrupt_install(bool at_once);
/// Says so, once, where work has stopped by itself. What ends at once has said it.
void interrupt_say(void);
/// Whether one came.  Thread: any.
bool interrupted(void);
/// The same, in the shape of nn's cancel callbacks.
bool interrupted_cancel(void *context);

#endif
