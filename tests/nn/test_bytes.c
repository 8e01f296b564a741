// Images as bytes: the same floats again, and nothing taken for bytes that is not.
#include "nn/kernels/bytes.h"

#include <math.h>
#include <string.h>

#include "support.h"

static void test_every_byte(void **state) {
    (void)state;
    float x[256], again[256];
    uint8_t bytes[256];
    for (int k = 0; k < 256; k++) x[k] = (float)k / 255.0f;
    for (size_t n = 0; n <= 256; n++) {
        memset(bytes, 7, sizeof bytes);
        assert_true(bytes_pack(x, n, bytes));
        for (size_t k = 0; k < n; k++) assert_int_equal(bytes[k], k);
        bytes_unpack(bytes, n, again);
        assert_memory_equal(again, x, n * sizeof *x);
    }
}

static void test_others_are_refused(void **state) {
    (void)state;
    enum { N = 3000 };
    static float x[N];
    static uint8_t bytes[N];
    assert_true(bytes_pack(x, N, bytes));
    const float others[] = {0.5f,           nextafterf(1.0f / 255.0f, 1.0f),
                            -1.0f / 255.0f, 256.0f / 255.0f,
                            1e30f,          -INFINITY,
                            INFINITY,       NAN};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        for (size_t at = i; at < N; at += 1493) {
            x[at] = others[i];
            assert_false(bytes_pack(x, N, bytes));
            x[at] = 0;
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_byte),
        cmocka_unit_test(test_others_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
