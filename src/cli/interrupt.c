#include "cli/interrupt.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/pending.h"
#include "base/process.h"
#include "cli/cli.h"

// Lock-free, and so allowed in a signal handler.
static atomic_bool flag, said;
static atomic_bool on_terminal; // where ^C and how far work is stand in the line already

static void leave_nothing(void) {
    process_kill_all(); // before they write again what is removed here
    pending_discard_all(true);
}

/// @param new_line  whether a line may stand there
static void say(bool new_line) {
    static const char text[] = "\nsaddle: interrupted\n";
    if (atomic_exchange(&said, true)) return;
    const size_t skip = new_line ? 0 : 1;
    const ssize_t written = write(STDERR_FILENO, text + skip, sizeof text - 1 - skip);
    (void)written; // to whom could it be said?
}

void interrupt_say(void) {
    say(false);
}

static void handle(int signal) {
    if (atomic_exchange(&flag, true) || signal == SIGALRM) {
        leave_nothing();
        say(on_terminal);
        _exit(EXIT_INTERRUPTED);
    }
    // What does not look at the flag (a file being read, a pipe that nobody fills) ends then.
    const struct itimerval patience = {.it_value = {.tv_usec = 100000}};
    setitimer(ITIMER_REAL, &patience, NULL);
}

void interrupt_install(bool at_once) {
    flag = at_once;
    on_terminal = isatty(STDERR_FILENO) == 1;
    atexit(leave_nothing); // a display that goes away ends the program from within a library
    // A call that waits goes on waiting, rather than fail: the alarm ends it.
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGALRM, &action, NULL);
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    for (int i = 0; i < 3; i++) {
        struct sigaction old;
        // What the shell ignores for us (a background job, nohup) stays ignored.
        if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler == SIG_IGN) continue;
        sigaction(signals[i], &action, NULL);
    }
}

bool interrupted(void) {
    return atomic_load_explicit(&flag, memory_order_relaxed);
}

bool interrupted_cancel(void *context) {
    (void)context;
    return interrupted();
}
