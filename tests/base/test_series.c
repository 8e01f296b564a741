// Numbered files: all of them or none, and what was there before stays until then.
#include "base/series.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"

static char folder[64], pattern[96];

static int setup(void **state) {
    (void)state;
    strcpy(folder, "/tmp/saddle-series-XXXXXX");
    if (!mkdtemp(folder)) return -1;
    snprintf(pattern, sizeof pattern, "%s/a%%02d.txt", folder);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    return rmdir(folder); // all is gone, the hidden too
}

static const char *in_folder(const char *name) {
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void put(const char *name, const char *text) {
    FILE *file = fopen(in_folder(name), "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/// "a00.txt:old a01.txt:new ", all that is not hidden, by name; a folder's text is "/".
static void list(char *text, size_t size) {
    struct dirent **entries;
    const int n = scandir(folder, &entries, NULL, alphasort);
    assert_true(n >= 0);
    text[0] = '\0';
    for (int i = 0; i < n; i++) {
        if (entries[i]->d_name[0] != '.') {
            char content[32] = "/";
            FILE *file = fopen(in_folder(entries[i]->d_name), "r");
            assert_non_null(file);
            const size_t read = fread(content, 1, sizeof content - 1, file);
            if (read > 0) content[read] = '\0';
            fclose(file);
            const size_t used = strlen(text);
            snprintf(text + used, size - used, "%s:%s ", entries[i]->d_name, content);
        }
        free(entries[i]);
    }
    free(entries);
}

static void assert_lies_there(const char *expected) {
    char text[512];
    list(text, sizeof text);
    assert_string_equal(text, expected);
}

static void sweep(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'/*", folder);
    assert_int_equal(system(command), 0);
}

static void begin(Series *series) {
    Error error = {""};
    if (!series_open(series, pattern, false, &error)) fail_msg("%s", error.text);
}

static void add(Series *series, int n) {
    Error error = {""};
    for (int i = 0; i < n; i++) {
        FILE *file = series_begin(series, &error);
        if (!file) fail_msg("%s", error.text);
        fputs("new", file);
        if (!series_end(series, file, &error)) fail_msg("%s", error.text);
    }
}

static void make(int n) {
    Series series;
    Error error = {""};
    begin(&series);
    add(&series, n);
    if (!series_commit(&series, &error)) fail_msg("%s", error.text);
    series_close(&series, true);
}

static void put_old(int n) {
    for (int i = 0; i < n; i++) {
        char name[16];
        snprintf(name, sizeof name, "a%02d.txt", i);
        put(name, "old");
    }
}

static void test_they_appear_together(void **state) {
    (void)state;
    Series series;
    begin(&series);
    add(&series, 3);
    assert_lies_there("");
    assert_true(series_commit(&series, NULL));
    assert_lies_there("a00.txt:new a01.txt:new a02.txt:new ");
    series_close(&series, true);
    assert_lies_there("a00.txt:new a01.txt:new a02.txt:new ");
    sweep();
}

static void test_they_replace_an_older_series(void **state) {
    (void)state;
    put_old(2);
    make(3);
    assert_lies_there("a00.txt:new a01.txt:new a02.txt:new ");
    sweep();
}

/// A longer one's end may be a person's own: it stays, and is told.
static void test_what_lies_beyond_stays(void **state) {
    (void)state;
    static const struct { int n, beyond; } cases[] = {{2, 3}, {4, 1}, {5, 0}, {6, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put_old(5);
        put("a06.txt", "other");
        put("a2.txt", "other");
        put("b03.txt", "other");
        Series series;
        begin(&series);
        add(&series, cases[i].n);
        assert_true(series_commit(&series, NULL));
        assert_int_equal(series_beyond(&series), cases[i].beyond);
        char path[PATH_MAX];
        assert_true(series_path(&series, cases[i].n, path, sizeof path));
        assert_int_equal(access(path, F_OK) == 0, cases[i].beyond > 0);
        series_close(&series, true);
        if (i == 0)
            assert_lies_there("a00.txt:new a01.txt:new a02.txt:old a03.txt:old a04.txt:old "
                              "a06.txt:other a2.txt:other b03.txt:other ");
        sweep();
    }
}

/// A link that cannot be followed to the end is refused before any work.
static void assert_link_refused(const char *name, const char *to, const char *why) {
    Series series;
    Error error = {""};
    char wanted[512];
    assert_int_equal(symlink(to, in_folder(name)), 0);
    assert_false(series_open(&series, pattern, false, &error));
    snprintf(wanted, sizeof wanted, "%s/%s: %s", folder, name, why);
    if (strncmp(error.text, wanted, strlen(wanted)) != 0) fail_msg("%s", error.text);
    assert_int_equal(unlink(in_folder(name)), 0);
}

static void test_links_that_lose_a_file_are_refused(void **state) {
    (void)state;
    char same[256], absolute[2][96];
    snprintf(absolute[0], sizeof absolute[0], "%s/a00.txt", folder);
    snprintf(absolute[1], sizeof absolute[1], "%s/elsewhere", folder);
    snprintf(same, sizeof same, "is the same file as %s/a00.txt: remove that link", folder);
    assert_link_refused("a01.txt", "a00.txt", same); // which does not exist yet
    put_old(1);
    assert_link_refused("a01.txt", "a00.txt", same);
    assert_link_refused("a01.txt", absolute[0], same);
    assert_link_refused("a07.txt", "a00.txt", same); // though there is a gap
    // Another file system, whether the file is there or not.
    assert_link_refused("a01.txt", "/dev/saddle.txt",
                        "leads to another disk, to /dev/saddle.txt: remove that link");
    assert_link_refused("a01.txt", "nowhere/a.txt", "cannot write: No such file or directory");
    // Two to one, in whatever order the folder has them.
    assert_int_equal(unlink(in_folder("a00.txt")), 0);
    put("elsewhere", "old");
    assert_int_equal(symlink("elsewhere", in_folder("a00.txt")), 0);
    assert_int_equal(symlink(absolute[1], in_folder("a01.txt")), 0);
    Series series;
    Error error = {""};
    assert_false(series_open(&series, pattern, false, &error));
    assert_non_null(strstr(error.text, ": is the same file as "));
    assert_lies_there("a00.txt:old a01.txt:old elsewhere:old ");
    // What has another name is none of the series.
    assert_int_equal(unlink(in_folder("a01.txt")), 0);
    assert_int_equal(symlink(absolute[1], in_folder("a1.txt")), 0);
    make(2);
    assert_lies_there("a00.txt:new a01.txt:new a1.txt:new elsewhere:new ");
    sweep();
}

static void test_rights_and_links_stay(void **state) {
    (void)state;
    put_old(1);
    put("elsewhere", "old");
    assert_int_equal(chmod(in_folder("a00.txt"), 0600), 0);
    assert_int_equal(symlink("elsewhere", in_folder("a01.txt")), 0);
    make(2);
    assert_lies_there("a00.txt:new a01.txt:new elsewhere:new ");
    struct stat status;
    assert_int_equal(stat(in_folder("a00.txt"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(lstat(in_folder("a01.txt"), &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    sweep();
}

/// Given up, or ended at once, at any moment: with a file half written, or between two.
static void test_what_is_given_up_leaves_the_old(void **state) {
    (void)state;
    put_old(3);
    for (int n = 0; n < 5; n++) {
        for (int way = 0; way < 4; way++) {
            const bool half = way & 1, at_once = way & 2;
            Series series;
            begin(&series);
            add(&series, n);
            FILE *file = half ? series_begin(&series, NULL) : NULL;
            if (file) fputs("half", file);
            if (at_once) {
                pending_discard_all(false);
                char draft[PATH_MAX];
                snprintf(draft, sizeof draft, "%s", series.draft);
                assert_int_not_equal(access(draft, F_OK), 0);
            }
            if (file) fclose(file);
            series_close(&series, false);
            assert_lies_there("a00.txt:old a01.txt:old a02.txt:old ");
        }
    }
    sweep();
}

/// One that cannot get its name: the others go back.
static void test_all_or_none(void **state) {
    (void)state;
    for (int lost = 0; lost < 4; lost++) {
        put_old(6);
        Series series;
        Error error = {""};
        begin(&series);
        add(&series, 4);
        char path[PATH_MAX], wanted[128];
        assert_true(series_draft(&series, lost, path, sizeof path));
        assert_int_equal(unlink(path), 0);
        assert_false(series_commit(&series, &error));
        snprintf(wanted, sizeof wanted, "%s/a%02d.txt: cannot write: No such file", folder, lost);
        if (strncmp(error.text, wanted, strlen(wanted)) != 0) fail_msg("%s", error.text);
        series_close(&series, false);
        assert_lies_there(
            "a00.txt:old a01.txt:old a02.txt:old a03.txt:old a04.txt:old a05.txt:old ");
        sweep();
    }
}

static void test_what_may_not_be_replaced_is_said_at_once(void **state) {
    (void)state;
    put_old(2);
    assert_int_equal(mkdir(in_folder("a02.txt"), 0777), 0);
    Series series;
    Error error = {""};
    char wanted[128];
    assert_false(series_open(&series, pattern, false, &error));
    snprintf(wanted, sizeof wanted, "%s/a02.txt: cannot write: Is a directory", folder);
    assert_string_equal(error.text, wanted);
    assert_int_equal(rmdir(in_folder("a02.txt")), 0);
    // It comes later: before its turn, or before the end.
    for (int n = 2; n < 4; n++) {
        begin(&series);
        add(&series, n);
        assert_int_equal(mkdir(in_folder("a02.txt"), 0777), 0);
        if (n == 2)
            assert_null(series_begin(&series, &error));
        else
            assert_false(series_commit(&series, &error));
        assert_string_equal(error.text, wanted);
        series_close(&series, false);
        assert_lies_there("a00.txt:old a01.txt:old a02.txt:/ ");
        assert_int_equal(rmdir(in_folder("a02.txt")), 0);
    }
    sweep();
}

static void test_a_folder_of_their_own(void **state) {
    (void)state;
    for (int keep = 0; keep < 2; keep++) {
        Series series;
        Error error = {""};
        char own[128];
        snprintf(own, sizeof own, "%s/.own/%%d.txt", folder);
        assert_true(series_open(&series, own, true, &error));
        add(&series, 2);
        Series other;
        assert_false(series_open(&other, own, true, &error)); // it is there
        assert_non_null(strstr(error.text, "/.own: cannot write: File exists"));
        assert_true(series_commit(&series, &error));
        assert_int_equal(access(in_folder(".own/1.txt"), F_OK), 0);
        char named[128];
        snprintf(named, sizeof named, "%s/named", folder);
        if (keep) assert_int_equal(rename(in_folder(".own"), named), 0);
        series_close(&series, keep);
        assert_int_not_equal(access(in_folder(".own"), F_OK), 0);
    }
    assert_int_equal(access(in_folder("named/0.txt"), F_OK), 0);
    assert_int_equal(access(in_folder("named/1.txt"), F_OK), 0);
    sweep();
}

static void test_names(void **state) {
    (void)state;
    SeriesName name;
    Error error;
    assert_true(series_name(&name, "%d.png", &error));
    assert_string_equal(name.folder, "");
    assert_true(series_name(&name, "a/b-%05dc.png", &error));
    assert_string_equal(name.folder, "a/");
    assert_string_equal(name.before, "b-");
    assert_string_equal(name.after, "c.png");
    assert_int_equal(name.digits, 5);
    static const char *const wrong[] = {"a.png",     "a%s.png",   "a%dx%d.png", "a%99d.png",
                                        "a%d/b.png", "a%-3d.png", "a%",         "%99999999999d"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(series_name(&name, wrong[i], &error));
        assert_non_null(strstr(error.text, wrong[i]));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_they_appear_together),
        cmocka_unit_test(test_they_replace_an_older_series),
        cmocka_unit_test(test_what_lies_beyond_stays),
        cmocka_unit_test(test_rights_and_links_stay),
        cmocka_unit_test(test_links_that_lose_a_file_are_refused),
        cmocka_unit_test(test_what_is_given_up_leaves_the_old),
        cmocka_unit_test(test_all_or_none),
        cmocka_unit_test(test_what_may_not_be_replaced_is_said_at_once),
        cmocka_unit_test(test_a_folder_of_their_own),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
