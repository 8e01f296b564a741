// Names of what is saved: new ones, whatever is there, and nothing is replaced.
#include "capture/new_name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support.h"

static char folder[64];

static int setup(void **state) {
    (void)state;
    strcpy(folder, "/tmp/saddle-name-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    return rmdir(folder);
}

static const char *in_folder(const char *name) {
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void put(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void assert_holds(const char *path, const char *text) {
    char read[64] = "";
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_true(fread(read, 1, sizeof read - 1, file) > 0);
    fclose(file);
    assert_string_equal(read, text);
}

static void begin(NewName *self, const char *suffix) {
    Error error = {""};
    if (!new_name_begin(self, folder, "xor", suffix, &error)) fail_msg("%s", error.text);
}

static void take(NewName *self) {
    Error error = {""};
    if (!new_name_take(self, &error)) fail_msg("%s", error.text);
    new_name_end(self);
}

static void test_files_get_the_next_number(void **state) {
    (void)state;
    put(in_folder("saddle-xor-2.gif"), "mine");
    for (int i = 0; i < 2; i++) {
        NewName name;
        begin(&name, ".gif");
        put(name.draft, i ? "second" : "first");
        take(&name);
        assert_string_equal(name.path, in_folder(i ? "saddle-xor-3.gif" : "saddle-xor-1.gif"));
        assert_holds(name.path, i ? "second" : "first");
        assert_int_not_equal(access(name.draft, F_OK), 0);
    }
    assert_holds(in_folder("saddle-xor-2.gif"), "mine");
    for (int i = 1; i <= 3; i++) {
        char name[32];
        snprintf(name, sizeof name, "saddle-xor-%d.gif", i);
        assert_int_equal(unlink(in_folder(name)), 0);
    }
}

static void test_folders_too(void **state) {
    (void)state;
    put(in_folder("saddle-xor-1"), "a file of that name");
    assert_int_equal(mkdir(in_folder("saddle-xor-2"), 0777), 0); // an empty folder
    NewName name;
    char inside[NEW_NAME_MAX + 16];
    begin(&name, "");
    assert_int_equal(mkdir(name.draft, 0777), 0);
    snprintf(inside, sizeof inside, "%s/0000.png", name.draft);
    put(inside, "picture");
    take(&name);
    assert_string_equal(name.path, in_folder("saddle-xor-3"));
    assert_holds(in_folder("saddle-xor-3/0000.png"), "picture");
    assert_int_equal(unlink(in_folder("saddle-xor-3/0000.png")), 0);
    assert_int_equal(rmdir(in_folder("saddle-xor-3")), 0);
    assert_int_equal(rmdir(in_folder("saddle-xor-2")), 0);
    assert_int_equal(unlink(in_folder("saddle-xor-1")), 0);
}

static void test_drafts_are_hidden_and_differ(void **state) {
    (void)state;
    NewName a, b;
    begin(&a, ".gif");
    begin(&b, ".gif");
    assert_string_not_equal(a.draft, b.draft);
    assert_int_equal(strrchr(a.draft, '/')[1], '.');
    new_name_end(&b);
    assert_true(new_name_begin(&b, folder, "a/b%d", ".gif", NULL));
    assert_non_null(strstr(b.draft, "/.saddle-a-b-d-"));
    new_name_end(&a);
    new_name_end(&b);
    Error error = {""};
    static char far[NEW_NAME_MAX + 1];
    memset(far, 'a', sizeof far - 1);
    assert_false(new_name_begin(&a, far, "xor", ".gif", &error));
    assert_non_null(strstr(error.text, "too long"));
}

/// A program with the same number, on another machine, may save to the same folder at that time.
static void test_drafts_of_programs_of_one_number_differ(void **state) {
    (void)state;
    int ends[2];
    char drafts[2][NEW_NAME_MAX];
    NewName name;
    begin(&name, ".gif");
    new_name_end(&name);
    // Copies of this program have the same count; the number is cut away.
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pipe(ends), 0);
        const pid_t pid = fork();
        if (pid == 0) {
            const bool good = new_name_begin(&name, folder, "xor", ".gif", NULL);
            const ssize_t written = good ? write(ends[1], name.draft, sizeof name.draft) : 0;
            _exit(written != (ssize_t)sizeof name.draft);
        }
        close(ends[1]);
        assert_int_equal(read(ends[0], drafts[i], sizeof drafts[i]), sizeof drafts[i]);
        close(ends[0]);
        int status;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
        char number[32];
        snprintf(number, sizeof number, "-%ld-", (long)pid);
        char *at = strstr(drafts[i], number);
        assert_non_null(at);
        memmove(at, at + strlen(number), strlen(at + strlen(number)) + 1);
    }
    assert_string_not_equal(drafts[0], drafts[1]);
}

/// A draft goes when it is given up, and when the program ends at once.
static void test_drafts_do_not_stay(void **state) {
    (void)state;
    for (int at_once = 0; at_once < 2; at_once++) {
        NewName name;
        begin(&name, ".gif");
        put(name.draft, "half");
        if (at_once)
            pending_discard_all(false);
        else
            new_name_end(&name);
        assert_int_not_equal(access(name.draft, F_OK), 0);
        new_name_end(&name);
    }
}

static void test_what_fails_is_said(void **state) {
    (void)state;
    NewName name;
    Error error = {""};
    assert_true(new_name_begin(&name, "/nowhere", "xor", ".gif", &error));
    assert_false(new_name_take(&name, &error));
    assert_string_equal(error.text,
                        "/nowhere/saddle-xor-1.gif: cannot write: No such file or directory");
    error_set(&error, "%s: disk full (%s)", name.draft, name.draft);
    new_name_blame(&name, &error);
    assert_string_equal(error.text, "/nowhere/saddle-xor.gif: disk full (/nowhere/saddle-xor.gif)");
    error_set(&error, "something else");
    new_name_blame(&name, &error);
    assert_string_equal(error.text, "something else");
    new_name_end(&name);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files_get_the_next_number),
        cmocka_unit_test(test_folders_too),
        cmocka_unit_test(test_drafts_are_hidden_and_differ),
        cmocka_unit_test(test_drafts_of_programs_of_one_number_differ),
        cmocka_unit_test(test_drafts_do_not_stay),
        cmocka_unit_test(test_what_fails_is_said),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
