#include "cli/interrupt.h"

#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/cli.h"

static atomic_bool flag; // lock-free, and so allowed in a signal handler

static void handle(int signal) {
    (void)signal;
    if (atomic_exchange(&flag, true)) {
        file_discard_all();
        _exit(EXIT_INTERRUPTED);
    }
}

void interrupt_install(bool at_once) {
    flag = at_once;
    // No SA_RESTART: a write that waits on a pipe must return, too.
    struct sigaction action = {.sa_handler = handle};
    sigemptyset(&action.sa_mask);
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
