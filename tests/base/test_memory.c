#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>

#include "support.h"

static void test_zeroed_whatever_the_size(void **state) {
    (void)state;
    const size_t sizes[] = {1, 4096, (8 << 20) - 1, 8 << 20, (8 << 20) + 5, 17 << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        unsigned char *memory = memory_calloc(sizes[i], 1);
        assert_non_null(memory);
        for (size_t k = 0; k < sizes[i]; k += k + 512 < sizes[i] ? 511 : 1) {
            assert_int_equal(memory[k], 0);
            memory[k] = 1;
        }
        free(memory);
    }
}

static void test_too_much_is_refused(void **state) {
    (void)state;
    volatile size_t most = SIZE_MAX; // a constant would be refused by the compiler
    assert_null(memory_calloc(most, 2));
    assert_null(memory_calloc(most / 2, 3));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zeroed_whatever_the_size),
        cmocka_unit_test(test_too_much_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
