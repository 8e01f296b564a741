// A fixed table of pointers that are only ever stored and cleared whole, and two counters: of those
// who change something, and of those who look.
#include "base/pending.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

enum {
    PENDING_MAX = 32,
    PATIENCE_MS = 2000, // for a change: one that waits for the thread that was interrupted hangs
};

static _Atomic(Pending *) table[PENDING_MAX];
static atomic_int changing, discarding;

/// About a millisecond; allowed in a signal handler, as nanosleep is not.
static void wait_a_moment(void) {
    poll(NULL, 0, 1);
}

void pending_add(Pending *pending) {
    for (int i = 0; i < PENDING_MAX; i++) {
        Pending *none = NULL;
        if (atomic_compare_exchange_strong(&table[i], &none, pending)) return;
    }
}

void pending_remove(Pending *pending) {
    for (int i = 0; i < PENDING_MAX; i++) {
        Pending *expected = pending;
        if (atomic_compare_exchange_strong(&table[i], &expected, NULL)) break;
    }
    while (atomic_load(&discarding) > 0) wait_a_moment(); // nobody may look at it any more
}

void pending_block(sigset_t *before) {
    sigset_t ending;
    sigemptyset(&ending);
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGALRM};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) sigaddset(&ending, signals[i]);
    pthread_sigmask(SIG_BLOCK, &ending, before);
}

void pending_enter(sigset_t *before) {
    pending_block(before);
    for (;;) {
        atomic_fetch_add(&changing, 1);
        if (atomic_load(&discarding) == 0) return;
        atomic_fetch_sub(&changing, 1);
        wait_a_moment();
    }
}

void pending_leave(const sigset_t *before) {
    atomic_fetch_sub(&changing, 1);
    pthread_sigmask(SIG_SETMASK, before, NULL);
}

void pending_discard_all(bool for_good) {
    atomic_fetch_add(&discarding, 1);
    for (int i = 0; i < PATIENCE_MS && atomic_load(&changing) > 0; i++) wait_a_moment();
    for (int i = 0; i < PENDING_MAX; i++) {
        const Pending *pending = atomic_load(&table[i]);
        if (pending) pending->discard(pending);
    }
    if (!for_good) atomic_fetch_sub(&discarding, 1);
}
