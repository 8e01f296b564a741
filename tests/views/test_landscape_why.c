// Whatever keeps a landscape's plane from being found is told in both languages.
#include <string.h>

#include "nn/plane_fault.h"
#include "support.h"
#include "views/landscape_state.h"

static void every_fault_has_both_texts(void **state) {
    (void)state;
    const ViewContext english = {0}, chinese = {.chinese = true};
    for (int fault = PLANE_FAULT_OTHER + 1; fault < PLANE_FAULTS; fault++) {
        Error error;
        plane_fault_set(&error, (PlaneFault)fault);
        const char *en = landscape_why(&english, &error), *zh = landscape_why(&chinese, &error);
        assert_string_equal(en, plane_fault_text((PlaneFault)fault));
        if (!zh) fail_msg("there is no Chinese for “%s”", en);
        assert_true((unsigned char)zh[0] > 0x7f);
        const size_t room = sizeof((LandscapePlane *)NULL)->why;
        assert_true(strlen(en) < room);
        assert_true(strlen(zh) < room);
    }
}

static void other_errors_are_told_as_they_are(void **state) {
    (void)state;
    const ViewContext chinese = {.chinese = true};
    Error error;
    error_set(&error, "something else");
    assert_string_equal(landscape_why(&chinese, &error), "something else");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fault_has_both_texts),
        cmocka_unit_test(other_errors_are_told_as_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
