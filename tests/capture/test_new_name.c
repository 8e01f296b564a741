// Names of what is saved: new ones, whatever is there, and nothing is replaced.
#include "capture/new_name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

static void test_files_get_the_next_number(void **state) {
    (void)state;
    put(in_folder("saddle-xor-2.gif"), "mine");
    Error error = {""};
    for (int i = 0; i < 2; i++) {
        char draft[128], path[128];
        assert_true(new_name_draft(folder, "xor", ".gif", draft, sizeof draft, &error));
        put(draft, i ? "second" : "first");
        assert_true(new_name_take(draft, folder, "xor", ".gif", path, sizeof path, &error));
        assert_string_equal(path, in_folder(i ? "saddle-xor-3.gif" : "saddle-xor-1.gif"));
        assert_holds(path, i ? "second" : "first");
        assert_int_not_equal(access(draft, F_OK), 0);
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
    Error error = {""};
    put(in_folder("saddle-xor-1"), "a file of that name");
    assert_int_equal(mkdir(in_folder("saddle-xor-2"), 0777), 0); // an empty folder
    char draft[128], inside[160], path[128];
    assert_true(new_name_draft(folder, "xor", "", draft, sizeof draft, &error));
    assert_int_equal(mkdir(draft, 0777), 0);
    snprintf(inside, sizeof inside, "%s/0000.png", draft);
    put(inside, "picture");
    assert_true(new_name_take(draft, folder, "xor", "", path, sizeof path, &error));
    assert_string_equal(path, in_folder("saddle-xor-3"));
    assert_holds(in_folder("saddle-xor-3/0000.png"), "picture");
    assert_int_equal(unlink(in_folder("saddle-xor-3/0000.png")), 0);
    assert_int_equal(rmdir(in_folder("saddle-xor-3")), 0);
    assert_int_equal(rmdir(in_folder("saddle-xor-2")), 0);
    assert_int_equal(unlink(in_folder("saddle-xor-1")), 0);
}

static void test_drafts_are_hidden_and_differ(void **state) {
    (void)state;
    char a[128], b[128], tiny[10];
    assert_true(new_name_draft(folder, "xor", ".gif", a, sizeof a, NULL));
    assert_true(new_name_draft(folder, "xor", ".gif", b, sizeof b, NULL));
    assert_string_not_equal(a, b);
    assert_int_equal(strrchr(a, '/')[1], '.');
    assert_true(new_name_draft(folder, "a/b%d", ".gif", b, sizeof b, NULL));
    assert_non_null(strstr(b, "/.saddle-a-b-d-"));
    Error error = {""};
    assert_false(new_name_draft(folder, "xor", ".gif", tiny, sizeof tiny, &error));
    assert_non_null(strstr(error.text, "too long"));
}

static void test_what_fails_is_said(void **state) {
    (void)state;
    char path[128];
    Error error = {""};
    assert_false(
        new_name_take("/nowhere/.a", "/nowhere", "xor", ".gif", path, sizeof path, &error));
    assert_string_equal(error.text,
                        "/nowhere/saddle-xor-1.gif: cannot write: No such file or directory");
    error_set(&error, "/p/.saddle-xor-17-3.gif: disk full");
    new_name_blame("/p/.saddle-xor-17-3.gif", "/p", "xor", ".gif", &error);
    assert_string_equal(error.text, "/p/saddle-xor.gif: disk full");
    error_set(&error, "something else");
    new_name_blame("/p/.saddle-xor-17-3.gif", "/p", "xor", ".gif", &error);
    assert_string_equal(error.text, "something else");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files_get_the_next_number),
        cmocka_unit_test(test_folders_too),
        cmocka_unit_test(test_drafts_are_hidden_and_differ),
        cmocka_unit_test(test_what_fails_is_said),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
