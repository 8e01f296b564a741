// Schedules against PyTorch's rates: tests/fixtures/record_definitions.py.
#include <string.h>

#include "fixtures/definitions.h"
#include "support.h"

enum { N_SCHEDULES = sizeof recorded_schedules / sizeof *recorded_schedules };

static void test_rates_are_pytorchs(void **state) {
    (void)state;
    bool recorded[SCHEDULE_COUNT] = {[SCHEDULE_CONSTANT] = true};
    for (int i = 0; i < N_SCHEDULES; i++) {
        const RecordedSchedule *is = &recorded_schedules[i];
        recorded[is->schedule.kind] = true;
        for (int epoch = 0; epoch < is->epochs; epoch++) {
            // Relative: a rate of 1e-7 matters as much as one of 0.1. The last of a cosine is 0.
            double rate = (double)schedule_rate(&is->schedule, 0.1f, epoch);
            assert_close(rate, is->rates[epoch], 1e-8);
            if (is->rates[epoch] > 0) assert_close(rate / is->rates[epoch], 1, 5e-6);
        }
    }
    for (int kind = 0; kind < SCHEDULE_COUNT; kind++) assert_true(recorded[kind]);
}

/// PyTorch's cosine would go up again; ours ends.
static void test_cosines_stay_at_their_minimum(void **state) {
    (void)state;
    for (int i = 0; i < N_SCHEDULES; i++) {
        const ScheduleDesc *schedule = &recorded_schedules[i].schedule;
        if (schedule->epochs == 0) continue;
        const int64_t beyond[] = {schedule->epochs, schedule->epochs + 1, 3 * schedule->epochs,
                                  INT64_MAX};
        for (int k = 0; k < 4; k++) {
            assert_true(schedule_rate(schedule, 0.1f, beyond[k]) ==
                        schedule->minimum_learning_rate);
        }
    }
}

/// All of the epochs may be on the way up; then there is no cosine.
static void test_warmup_as_long_as_the_run(void **state) {
    (void)state;
    const ScheduleDesc schedule = {SCHEDULE_WARMUP_COSINE, .epochs = 4, .warmup = 4,
                                   .minimum_learning_rate = 0.125f};
    assert_close(schedule_rate(&schedule, 1, 0), 0.2, 1e-7);
    assert_close(schedule_rate(&schedule, 1, 3), 0.8, 1e-7);
    assert_true(schedule_rate(&schedule, 1, 4) == 0.125f);
    const ScheduleDesc longer = {SCHEDULE_WARMUP_COSINE, .epochs = 4, .warmup = 9};
    assert_close(schedule_rate(&longer, 1, 8), 0.9, 1e-7);
    assert_true(schedule_rate(&longer, 1, 9) == 0);
}

/// A run of a billion epochs ends in a rate, not in an error.
static void test_far_epochs(void **state) {
    (void)state;
    const int64_t far = 1000000000;
    const ScheduleDesc step = {SCHEDULE_STEP, .step_size = 1, .gamma = 0.5f};
    const ScheduleDesc constant = {.kind = SCHEDULE_CONSTANT};
    const ScheduleDesc slow = {SCHEDULE_COSINE, .epochs = 2 * far};
    assert_true(schedule_rate(&step, 0.1f, far) == 0);
    assert_true(schedule_rate(&constant, 0.1f, far) == 0.1f);
    assert_close(schedule_rate(&slow, 0.1f, far), 0.05, 1e-8);
}

static void test_names(void **state) {
    (void)state;
    for (int i = 0; i < SCHEDULE_COUNT; i++) {
        assert_int_equal(schedule_find(schedule_name((ScheduleKind)i)), i);
        assert_true(strlen(schedule_description((ScheduleKind)i)) > 0);
    }
    assert_int_equal(schedule_find("linear"), SCHEDULE_COUNT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rates_are_pytorchs),
        cmocka_unit_test(test_cosines_stay_at_their_minimum),
        cmocka_unit_test(test_warmup_as_long_as_the_run),
        cmocka_unit_test(test_far_epochs),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
