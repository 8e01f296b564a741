#include "cli/interrupt.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/pending.h"
#include "base/process.h"
#include "base/thread.h"
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

static void end_at_once(void) {
    leave_nothing();
    say(on_terminal);
    _exit(EXIT_INTERRUPTED);
}

static void handle(int signal) {
    if (atomic_exchange(&flag, true) || signal == SIGALRM) end_at_once();
    // What does not look at the flag (a file being read, a pipe that nobody fills) ends then.
    const struct itimerval patience = {.it_value = {.tv_usec = 100000}};
    setitimer(ITIMER_REAL, &patience, NULL);
}

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
enum { SIGNALS = sizeof signals / sizeof *signals };

/// What the shell ignores for us (a background job, nohup) stays ignored.
static bool is_ignored(int signal) {
    struct sigaction now;
    return sigaction(signal, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

static void prepare(void) {
    on_terminal = isatty(STDERR_FILENO) == 1;
    atexit(leave_nothing); // a display that goes away ends the program from within a library
}

void interrupt_install(void) {
    prepare();
    // A call that waits goes on waiting, rather than fail: the alarm ends it.
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGALRM, &action, NULL);
    for (int i = 0; i < SIGNALS; i++) {
        if (!is_ignored(signals[i])) sigaction(signals[i], &action, NULL);
    }
}

static bool (*ask_window)(void);

static void *wait_for_signals(void *arg) {
    (void)arg;
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < SIGNALS; i++) {
        if (!is_ignored(signals[i])) sigaddset(&set, signals[i]);
    }
    int signal;
    while (sigwait(&set, &signal) == 0) {
        if (atomic_exchange(&flag, true) || !ask_window()) end_at_once();
    }
    return NULL;
}

void interrupt_install_window(bool (*close)(void)) {
    prepare();
    ask_window = close;
    sigset_t before;
    pending_block(&before);
    pthread_t thread;
    if (thread_start(&thread, wait_for_signals, NULL, "signals", THREAD_NORMAL))
        pthread_detach(thread);
    else // they end it as they end any program
        pthread_sigmask(SIG_SETMASK, &before, NULL);
}

bool interrupted(void) {
    return atomic_load_explicit(&flag, memory_order_relaxed);
}

bool interrupted_cancel(void *context) {
    (void)context;
    return interrupted();
}
