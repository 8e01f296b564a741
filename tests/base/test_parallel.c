#include "base/parallel.h"

#include "base/thread.h"
#include "support.h"

enum { ROWS = 1003 };

typedef struct Seen {
    int count[ROWS];
    int longest;
} Seen;

static void mark(void *context, int first, int last) {
    Seen *seen = context;
    for (int i = first; i < last; i++) seen->count[i]++;
    assert_true(last - first <= 7);
}

static void check(int n, int threads) {
    static Seen seen;
    seen = (Seen){0};
    parallel_for(n, 7, threads, mark, &seen);
    for (int i = 0; i < ROWS; i++) assert_int_equal(seen.count[i], i < n);
}

static void test_each_row_once(void **state) {
    (void)state;
    for (int threads = 0; threads <= 4; threads++) {
        check(ROWS, threads);
        check(7, threads);
        check(1, threads);
        check(0, threads);
    }
}

static void flushes(void *context, int first, int last) {
    float *products = context;
    for (int i = first; i < last; i++) products[i] *= 1e-20f;
}

static void test_threads_flush_denormals(void **state) {
    (void)state;
    thread_flush_denormals();
    float products[64];
    for (int i = 0; i < 64; i++) products[i] = 1e-20f; // times 1e-20 is denormal
    parallel_for(64, 1, 4, flushes, products);
#if defined(__SSE__) || defined(__aarch64__)
    for (int i = 0; i < 64; i++) assert_true(products[i] == 0.0f);
#endif
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_row_once),
        cmocka_unit_test(test_threads_flush_denormals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
