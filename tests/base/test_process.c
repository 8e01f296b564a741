// Other programs: what they say comes back, and those that hang are not waited for.
#include "base/process.h"

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support.h"

static FILE *input_of(const char *text) {
    FILE *file = tmpfile();
    assert_non_null(file);
    fputs(text, file);
    return file;
}

static bool run(const char *script, FILE *input, double seconds, const atomic_bool *cancel,
                Error *error) {
    return process_run((const char *[]){"sh", "-c", script, NULL}, input, seconds, cancel, error);
}

static void test_it_reads_the_whole_input(void **state) {
    (void)state;
    FILE *input = input_of("some words\n");
    Error error = {""};
    assert_true(run("test \"$(cat)\" = 'some words'", input, 60, NULL, &error));
    assert_false(run("echo oh no >&2; exit 3", input, 60, NULL, &error));
    assert_string_equal(error.text, "sh: failed: oh no");
    fclose(input);
}

static void test_what_is_missing_is_said(void **state) {
    (void)state;
    FILE *input = input_of("");
    Error error = {""};
    const char *const nothing[] = {"no-such-program-anywhere", NULL};
    assert_false(process_run(nothing, input, 60, NULL, &error));
    assert_non_null(strstr(error.text, "no-such-program-anywhere: cannot start"));
    assert_false(process_launch(nothing, &error));
    assert_non_null(strstr(error.text, "no-such-program-anywhere: cannot start"));
    fclose(input);
}

/// Neither one that never ends, nor one that is given up.
static void test_it_does_not_hang(void **state) {
    (void)state;
    FILE *input = input_of("");
    Error error = {""};
    assert_false(run("exec sleep 1000", input, 0.05, NULL, &error));
    assert_string_equal(error.text, "sh: gave no answer within 0.05 s");
    const atomic_bool cancel = true;
    assert_false(run("exec sleep 1000", input, 1000, &cancel, &error));
    fclose(input);
}

/// A program may leave another one behind that goes on: so the clipboards do.
static void test_it_may_leave_one_behind(void **state) {
    (void)state;
    FILE *input = input_of("");
    Error error = {""};
    assert_true(run("sleep 5 & exit 0", input, 60, NULL, &error));
    fclose(input);
}

static void test_one_that_is_left_alone(void **state) {
    (void)state;
    char path[] = "/tmp/saddle-process-XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    Error error = {""};
    assert_true(
        process_launch((const char *[]){"sh", "-c", "echo here > \"$0\"", path, NULL}, &error));
    char text[8] = "";
    while (read(fd, text, sizeof text - 1) < 5) sched_yield();
    assert_string_equal(text, "here\n");
    close(fd);
    unlink(path);
}

int main(void) {
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_reads_the_whole_input),
        cmocka_unit_test(test_what_is_missing_is_said),
        cmocka_unit_test(test_it_does_not_hang),
        cmocka_unit_test(test_it_may_leave_one_behind),
        cmocka_unit_test(test_one_that_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
