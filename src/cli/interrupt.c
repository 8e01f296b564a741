#include "cli/interrupt.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/pending.h"
#include "base/process.h"
#include "cli/cli.h"

static atomic_bool flag; // lock-free, and so allowed in a signal handler

static void leave_nothing(void) {
    process_kill_all(); // before they write again what is removed here
    pending_discard_all(true);
}

static void handle(int signal) {
    if (atomic_exchange(&flag, true) || signal == SIGALRM) {
        leave_nothing();
        _exit(EXIT_INTERRUPTED);
    }
    // What does not look at the flag (a file being read, a pipe that nobody fills) ends then.
    const struct itimerval patience = {.it_value = {.tv_usec = 100000}};
    setitimer(ITIMER_REAL, &patience, NULL);
}

void interrupt_install(bool at_once) {
    flag = at_once;
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
