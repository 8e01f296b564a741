/// Ctrl+C and its kin (SIGINT, SIGTERM, SIGHUP). To a subcommand the first one asks long work to
/// stop, and ends the program where it has not within a tenth of a second. The window is asked to
/// close, as by its button: a film under way is finished. A second one ends either at once. In any
/// case no half-written file stays behind, and one line on stderr says that it was interrupted.
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include <stdbool.h>

/// Catches them from now on, for work that looks at interrupted().
void interrupt_install(void);
/// The same for a window. No thread that is started from now on takes them either.
/// @param close  asks it to close; false: there is none yet, or no more, and the program ends at
///               once. Called on a thread of its own.
void interrupt_install_window(bool (*close)(void));
/// Says so, once, where work has stopped by itself. What ends at once has said it.
void interrupt_say(void);
/// Whether one came.  Thread: any.
bool interrupted(void);
/// The same, in the shape of nn's cancel callbacks.
bool interrupted_cancel(void *context);

#endif
