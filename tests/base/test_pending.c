// What is under way when the program ends: it goes, but never in the middle of a change.
#include "base/pending.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/thread.h"
#include "support.h"

typedef struct Thing {
    Pending pending; // first
    atomic_int *discarded;
} Thing;

static void discard(const Pending *pending) {
    atomic_fetch_add(((const Thing *)pending)->discarded, 1);
}

static void test_what_was_added_goes(void **state) {
    (void)state;
    atomic_int count = 0;
    Thing things[3];
    for (int i = 0; i < 3; i++) {
        things[i] = (Thing){{discard}, &count};
        pending_add(&things[i].pending);
    }
    pending_remove(&things[1].pending);
    pending_remove(&things[1].pending); // it is none any more
    pending_discard_all(false);
    assert_int_equal(count, 2);
    pending_remove(&things[0].pending);
    pending_remove(&things[2].pending);
    pending_discard_all(false);
    assert_int_equal(count, 2);
}

static volatile sig_atomic_t arrived;

static void arrive(int signal) {
    (void)signal;
    arrived = 1;
}

static void test_no_signal_comes_during_a_change(void **state) {
    (void)state;
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGALRM};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        struct sigaction action = {.sa_handler = arrive}, old;
        sigemptyset(&action.sa_mask);
        sigaction(signals[i], &action, &old);
        arrived = 0;
        sigset_t before;
        pending_enter(&before);
        raise(signals[i]);
        assert_int_equal(arrived, 0);
        pending_leave(&before);
        assert_int_equal(arrived, 1);
        sigaction(signals[i], &old, NULL);
    }
}

static void *discard_all(void *arg) {
    pending_discard_all(false);
    return arg;
}

/// A signal that another thread gets waits for the change.
static void test_discarding_waits_for_a_change(void **state) {
    (void)state;
    for (int round = 0; round < 100; round++) {
        atomic_int count = 0;
        Thing early = {{discard}, &count}, late = early;
        pthread_t thread;
        pending_add(&early.pending);
        sigset_t before;
        pending_enter(&before);
        assert_int_equal(pthread_create(&thread, NULL, discard_all, NULL), 0);
        for (int i = 0; i < 10000; i++) assert_int_equal(count, 0);
        pending_add(&late.pending);
        pending_leave(&before);
        pthread_join(thread, NULL);
        assert_int_equal(count, 2);
        pending_remove(&early.pending);
        pending_remove(&late.pending);
    }
}

static void *read_mask(void *arg) {
    pthread_sigmask(SIG_SETMASK, NULL, arg);
    return NULL;
}

static void test_only_the_main_thread_takes_what_ends_the_program(void **state) {
    (void)state;
    sigset_t there, here;
    pthread_t thread;
    assert_true(thread_start(&thread, read_mask, &there, "mask", THREAD_NORMAL));
    pthread_join(thread, NULL);
    read_mask(&here);
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGALRM};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        assert_true(sigismember(&there, signals[i]));
        assert_false(sigismember(&here, signals[i]));
    }
    assert_false(sigismember(&there, SIGSEGV));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_added_goes),
        cmocka_unit_test(test_no_signal_comes_during_a_change),
        cmocka_unit_test(test_discarding_waits_for_a_change),
        cmocka_unit_test(test_only_the_main_thread_takes_what_ends_the_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
