#include "base/paths.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/resource.h"
#include "support.h"

static char home[64];

static int make_home(void **state) {
    (void)state;
    strcpy(home, "/tmp/saddle-home-XXXXXX");
    if (!mkdtemp(home)) return -1;
    unsetenv("XDG_PICTURES_DIR");
    unsetenv("XDG_CONFIG_HOME");
    return setenv("HOME", home, 1);
}

static int remove_home(void **state) {
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", home);
    return system(command);
}

static void assert_pictures(const char *below_home) {
    char path[256], expected[256];
    Error error;
    assert_true(paths_pictures(path, sizeof path, &error));
    snprintf(expected, sizeof expected, "%s%s", home, below_home);
    assert_string_equal(path, expected);
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_true(S_ISDIR(status.st_mode));
}

static void test_pictures(void **state) {
    (void)state;
    assert_pictures("/Pictures");

    char config[256], file[300];
    Error error;
    assert_true(paths_config(config, sizeof config, &error));
    snprintf(file, sizeof file, "%s/.config/user-dirs.dirs", home);
    FILE *dirs = fopen(file, "w");
    assert_non_null(dirs);
    fputs("# XDG_PICTURES_DIR=\"$HOME/no\"\nXDG_PICTURES_DIR=\"$HOME/Bilder/neu\"\n", dirs);
    fclose(dirs);
    assert_pictures("/Bilder/neu");

    char given[256];
    snprintf(given, sizeof given, "%s/given", home);
    setenv("XDG_PICTURES_DIR", given, 1);
    assert_pictures("/given");
    unsetenv("XDG_PICTURES_DIR");
}

static void test_too_long_is_an_error(void **state) {
    (void)state;
    char path[8];
    Error error;
    assert_false(paths_config(path, sizeof path, &error));
}

static void test_resources(void **state) {
    (void)state;
    assert_null(resource_text("assets/no-such-file"));
    char folder[256], file[300];
    snprintf(folder, sizeof folder, "%s/data", home);
    assert_int_equal(mkdir(folder, 0777), 0);
    snprintf(file, sizeof file, "%s/note", folder);
    FILE *note = fopen(file, "w");
    assert_non_null(note);
    fputs("overridden", note);
    fclose(note);
    setenv("SADDLE_DATA", folder, 1);
    char *text = resource_text("note");
    unsetenv("SADDLE_DATA");
    assert_non_null(text);
    assert_string_equal(text, "overridden");
    free(text);
    for (const Resource *r = resource_table; r->name; r++) assert_int_equal(r->data[r->size], 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pictures),
        cmocka_unit_test(test_too_long_is_an_error),
        cmocka_unit_test(test_resources),
    };
    return cmocka_run_group_tests(tests, make_home, remove_home);
}
