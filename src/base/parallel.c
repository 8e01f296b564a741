#include "base/parallel.h"

#include <stdatomic.h>

#include "base/thread.h"

enum { THREADS_MAX = 64 };

typedef struct Loop {
    int n, chunk;
    void (*body)(void *, int, int);
    void *context;
    atomic_int next;
} Loop;

static void *work(void *arg) {
    Loop *loop = arg;
    for (;;) {
        int first = atomic_fetch_add_explicit(&loop->next, loop->chunk, memory_order_relaxed);
        if (first >= loop->n) return NULL;
        int last = loop->n - first < loop->chunk ? loop->n : first + loop->chunk;
        loop->body(loop->context, first, last);
    }
}

void parallel_for(int n, int chunk, int threads, void (*body)(void *context, int first, int last),
                  void *context) {
    Loop loop = {.n = n, .chunk = chunk, .body = body, .context = context};
    atomic_init(&loop.next, 0);
    int wanted = threads > 0 ? threads : thread_count();
    int chunks = n / chunk + (n % chunk != 0);
    if (wanted > chunks) wanted = chunks;
    if (wanted > THREADS_MAX) wanted = THREADS_MAX;
    pthread_t helpers[THREADS_MAX];
    int started = 0;
    for (int i = 1; i < wanted; i++) {
        if (thread_start(&helpers[started], work, &loop, "parallel", THREAD_NORMAL)) started++;
    }
    work(&loop);
    for (int i = 0; i < started; i++) pthread_join(helpers[i], NULL);
}
