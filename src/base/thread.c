#if defined(__linux__)
// For pthread_setname_np, gettid's syscall number, sched_getaffinity.
#define _GNU_SOURCE // NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)
#endif
#include "base/thread.h"

#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/pending.h"

#if defined(__linux__)
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#endif
#if defined(__SSE__)
#include <xmmintrin.h>
#endif

typedef struct Start {
    void *(*run)(void *);
    void *arg;
    char name[16];
    ThreadPriority priority;
} Start;

static void *started(void *arg) {
    Start start = *(Start *)arg;
    free(arg);
    thread_flush_denormals();
#if defined(__linux__)
    pthread_setname_np(pthread_self(), start.name);
    if (start.priority == THREAD_BACKGROUND) {
        // Linux gives each thread its own nice value, against POSIX, which has one a process.
        setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), 10);
    }
#elif defined(__APPLE__)
    pthread_setname_np(start.name);
    if (start.priority == THREAD_BACKGROUND) pthread_set_qos_class_self_np(QOS_CLASS_UTILITY, 0);
#endif
    return start.run(start.arg);
}

bool thread_start(pthread_t *thread, void *(*run)(void *), void *arg, const char *name,
                  ThreadPriority priority) {
    Start *start = calloc(1, sizeof *start);
    if (!start) return false;
    *start = (Start){.run = run, .arg = arg, .priority = priority};
    strncpy(start->name, name, sizeof start->name - 1);
    // A handler of what ends the program must not run here: it has only so much patience with a
    // change that the main thread is in the middle of.
    sigset_t before;
    pending_block(&before);
    const bool good = pthread_create(thread, NULL, started, start) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!good) free(start);
    return good;
}

void thread_flush_denormals(void) {
#if defined(__SSE__)
    _mm_setcsr(_mm_getcsr() | 0x8040); // FTZ and DAZ
#elif defined(__aarch64__)
    uint64_t fpcr;
    __asm__ volatile("mrs %0, fpcr" : "=r"(fpcr));
    __asm__ volatile("msr fpcr, %0" : : "r"(fpcr | (UINT64_C(1) << 24))); // FZ
#endif
}

#if defined(__APPLE__)
void condition_init(pthread_cond_t *condition) {
    pthread_cond_init(condition, NULL);
}

void condition_wait(pthread_cond_t *condition, pthread_mutex_t *lock, double seconds) {
    struct timespec span = {.tv_sec = (time_t)seconds};
    span.tv_nsec = (long)((seconds - (double)span.tv_sec) * 1e9);
    pthread_cond_timedwait_relative_np(condition, lock, &span);
}
#else
void condition_init(pthread_cond_t *condition) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

void condition_wait(pthread_cond_t *condition, pthread_mutex_t *lock, double seconds) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    double fraction = seconds - (double)(time_t)seconds;
    until.tv_sec += (time_t)seconds;
    until.tv_nsec += (long)(fraction * 1e9);
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    pthread_cond_timedwait(condition, lock, &until);
}
#endif

int thread_count(void) {
#if defined(__linux__)
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 1 ? (int)n : 1;
}
