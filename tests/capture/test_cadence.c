// Which epochs a film shows: as many as a walk over all of them finds.
#include "capture/cadence.h"

#include "support.h"

static int64_t walk(Cadence cadence, int64_t epochs) {
    int64_t count = 0;
    for (int64_t epoch = 1; epoch <= epochs; epoch++)
        count += epoch == epochs || cadence_shows(cadence, epoch);
    return count;
}

static void test_as_many_as_a_walk_finds(void **state) {
    (void)state;
    static const int64_t every[] = {0, 1, 2, 3, 7, 10, 250, 3000};
    for (size_t i = 0; i < sizeof every / sizeof *every; i++) {
        const Cadence cadence = {every[i]};
        for (int64_t epochs = 0; epochs <= 2600; epochs++)
            assert_int_equal(cadence_count(cadence, epochs), walk(cadence, epochs));
    }
}

static void test_far_away_is_no_further(void **state) {
    (void)state;
    const int64_t far = INT64_C(1000000000000000);
    assert_int_equal(cadence_count((Cadence){1}, far), far);
    assert_int_equal(cadence_count((Cadence){7}, far), far / 7 + 1);
    // 24, then 25, 30, …, 75, …, 100: ten; 16; 10; and the multiples of 250.
    assert_int_equal(cadence_count((Cadence){0}, far), 24 + 10 + 16 + 10 + far / 250 - 4);
}

/// show_epoch of the tutorial.
static void test_the_tutorial(void **state) {
    (void)state;
    for (int64_t epoch = 0; epoch <= 3000; epoch++) {
        const bool shown = epoch < 25 || (epoch <= 100 && epoch % 10 == 0) ||
                           (epoch <= 500 && epoch % 25 == 0) ||
                           (epoch <= 1000 && epoch % 50 == 0) || epoch % 250 == 0;
        assert_int_equal(cadence_shows((Cadence){0}, epoch), shown);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_many_as_a_walk_finds),
        cmocka_unit_test(test_far_away_is_no_further),
        cmocka_unit_test(test_the_tutorial),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
