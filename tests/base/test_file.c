// Output files: whole or not there at all.
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/pending.h"
#include "support.h"

static char folder[64];

static char *in_folder(const char *name) {
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static int make_folder(void **state) {
    (void)state;
    strcpy(folder, "/tmp/saddle-file-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state) {
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static int count_files(void) {
    char command[128], line[16] = "";
    snprintf(command, sizeof command, "ls -A '%s' | wc -l", folder);
    FILE *list = popen(command, "r");
    assert_non_null(list);
    assert_non_null(fgets(line, sizeof line, list));
    pclose(list);
    return (int)strtol(line, NULL, 10);
}

static void write_text(const char *path, const char *text) {
    FileWriter writer;
    Error error;
    assert_true(file_open(&writer, path, &error));
    fputs(text, writer.stream);
    assert_true(file_commit(&writer, &error));
}

static void assert_content(const char *path, const char *expected) {
    size_t size;
    Error error;
    char *text = file_read(path, 1 << 20, &size, &error);
    assert_non_null(text);
    assert_string_equal(text, expected);
    assert_int_equal(size, strlen(expected));
    free(text);
}

static void test_commit_replaces_whole(void **state) {
    (void)state;
    char *path = in_folder("a.txt");
    write_text(path, "first");
    write_text(path, "second");
    assert_content(path, "second");
    assert_int_equal(count_files(), 1);
}

static void test_discard_leaves_the_old(void **state) {
    (void)state;
    char *path = in_folder("b.txt");
    write_text(path, "old");
    FileWriter writer;
    Error error;
    assert_true(file_open(&writer, path, &error));
    fputs("half", writer.stream);
    fflush(writer.stream);
    file_discard(&writer);
    assert_content(path, "old");
    int before = count_files();
    assert_true(file_open(&writer, path, &error));
    assert_int_equal(count_files(), before + 1);
    pending_discard_all(false); // what a signal handler does
    assert_int_equal(count_files(), before);
    file_discard(&writer);
}

static void test_symlinks_are_followed(void **state) {
    (void)state;
    char target[256], link[256];
    strcpy(target, in_folder("target.txt"));
    strcpy(link, in_folder("link.txt"));
    assert_int_equal(symlink("target.txt", link), 0); // dangling at first
    write_text(link, "through");
    assert_content(target, "through");
    write_text(link, "again");
    struct stat status;
    assert_int_equal(lstat(link, &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_content(target, "again");
    // From link to link, to where nothing is yet.
    assert_int_equal(unlink(target), 0);
    char first[256];
    strcpy(first, in_folder("first.txt"));
    assert_int_equal(symlink(link, first), 0);
    write_text(first, "farther");
    assert_content(target, "farther");
    assert_int_equal(lstat(link, &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    // In a circle: neither link is replaced.
    assert_int_equal(unlink(link), 0);
    assert_int_equal(symlink("first.txt", link), 0);
    FileWriter writer;
    Error error;
    assert_false(file_open(&writer, first, &error));
    assert_non_null(strstr(error.text, "first.txt: cannot write: "));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(lstat(i ? first : link, &status), 0);
        assert_true(S_ISLNK(status.st_mode));
    }
}

static void test_keeps_rights(void **state) {
    (void)state;
    char *path = in_folder("rights.txt");
    write_text(path, "x");
    assert_int_equal(chmod(path, 0600), 0);
    write_text(path, "y");
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

static void test_errors_name_the_file(void **state) {
    (void)state;
    FileWriter writer;
    Error error;
    assert_false(file_open(&writer, "/nowhere/x.txt", &error));
    assert_non_null(strstr(error.text, "/nowhere/x.txt"));
    assert_false(file_open(&writer, folder, &error));
    assert_non_null(strstr(error.text, "is a folder"));
    size_t size;
    assert_null(file_read("/nowhere/x.txt", 10, &size, &error));
    assert_non_null(strstr(error.text, "/nowhere/x.txt"));
    char *path = in_folder("large.txt");
    write_text(path, "0123456789");
    assert_null(file_read(path, 9, &size, &error));
    assert_non_null(strstr(error.text, "larger than"));
}

static void test_full_disk_is_an_error(void **state) {
    (void)state;
    if (access("/dev/full", W_OK) != 0) skip();
    FileWriter writer;
    Error error;
    assert_true(file_open(&writer, "/dev/full", &error)); // a device: written directly
    for (int i = 0; i < 100000; i++) fputs("0123456789", writer.stream);
    assert_false(file_commit(&writer, &error));
    assert_non_null(strstr(error.text, "/dev/full"));
}

enum { WRITERS = 4, ROUNDS = 200 };

static void *write_many(void *arg) {
    const char *path = arg;
    for (int i = 0; i < ROUNDS; i++) {
        FileWriter writer;
        if (!file_open(&writer, path, NULL)) return arg;
        fprintf(writer.stream, "%d", i);
        if (i % 2)
            file_discard(&writer);
        else if (!file_commit(&writer, NULL))
            return arg;
    }
    return NULL;
}

static void test_threads_write_at_the_same_time(void **state) {
    (void)state;
    pthread_t threads[WRITERS];
    char paths[WRITERS][256];
    int before = count_files();
    for (int i = 0; i < WRITERS; i++) {
        char name[32];
        snprintf(name, sizeof name, "thread-%d.txt", i);
        strcpy(paths[i], in_folder(name));
        assert_int_equal(pthread_create(&threads[i], NULL, write_many, paths[i]), 0);
    }
    for (int i = 0; i < WRITERS; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        assert_null(failed);
        assert_content(paths[i], "198");
    }
    assert_int_equal(count_files(), before + WRITERS);
}

static void test_all_under_way_are_discarded(void **state) {
    (void)state;
    enum { MANY = 24 };
    FileWriter writers[MANY];
    int before = count_files();
    for (int i = 0; i < MANY; i++) assert_true(file_open(&writers[i], in_folder("many.txt"), NULL));
    assert_int_equal(count_files(), before + MANY);
    pending_discard_all(false);
    assert_int_equal(count_files(), before);
    for (int i = 0; i < MANY; i++) file_discard(&writers[i]);
}

/// What is under way first of all: while it is removed, another thread completes its file.
typedef struct Meanwhile {
    Pending pending; // first
    FileWriter *writer;
    pthread_t *thread;
    bool *committed;
} Meanwhile;

static void *commit(void *arg) {
    const Meanwhile *meanwhile = arg;
    *meanwhile->committed = file_commit(meanwhile->writer, NULL);
    return NULL;
}

static void commit_meanwhile(const Pending *pending) {
    Meanwhile copy = *(const Meanwhile *)pending;
    static Meanwhile given;
    given = copy;
    if (pthread_create(copy.thread, NULL, commit, &given) != 0) abort();
    poll(NULL, 0, 100); // long enough for a rename that does not wait
}

static void test_no_name_is_given_while_all_is_discarded(void **state) {
    (void)state;
    write_text(in_folder("ended.txt"), "old");
    FileWriter writer;
    pthread_t thread;
    bool committed = true;
    Meanwhile meanwhile = {{commit_meanwhile}, &writer, &thread, &committed};
    pending_add(&meanwhile.pending);
    assert_true(file_open(&writer, in_folder("ended.txt"), NULL));
    fputs("new", writer.stream);
    pending_discard_all(false);
    pthread_join(thread, NULL);
    pending_remove(&meanwhile.pending);
    assert_false(committed);
    assert_content(in_folder("ended.txt"), "old");
}

#if defined(__linux__) // whose linkers put __wrap_fdopen in the place of fdopen
static bool no_stream;

// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the linker's names
FILE *__real_fdopen(int fd, const char *mode);
FILE *__wrap_fdopen(int fd, const char *mode);
FILE *__wrap_fdopen(int fd, const char *mode) {
    if (!no_stream) return __real_fdopen(fd, mode);
    errno = ENOMEM;
    return NULL;
}
// NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)

static int next_descriptor(void) {
    const int fd = open("/dev/null", O_RDONLY);
    close(fd);
    return fd;
}

static void test_no_memory_for_a_stream_leaves_nothing(void **state) {
    (void)state;
    const int files = count_files(), fd = next_descriptor();
    FileWriter writer;
    Error error = {""};
    no_stream = true;
    const bool opened = file_open(&writer, in_folder("stream.txt"), &error);
    no_stream = false;
    assert_false(opened);
    assert_non_null(strstr(error.text, "/stream.txt: cannot write: Cannot allocate memory"));
    assert_int_equal(count_files(), files);
    assert_int_equal(next_descriptor(), fd);
}
#endif

static void test_how_names_end(void **state) {
    (void)state;
    assert_true(file_ends_in("a/b.png", ".png"));
    assert_true(file_ends_in("a/b.PNG", ".png"));
    assert_false(file_ends_in("a.png/b", ".png"));
    assert_false(file_ends_in("png", ".png"));
    assert_false(file_ends_in("", ".png"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_how_names_end),
        cmocka_unit_test(test_commit_replaces_whole),
        cmocka_unit_test(test_discard_leaves_the_old),
        cmocka_unit_test(test_symlinks_are_followed),
        cmocka_unit_test(test_keeps_rights),
        cmocka_unit_test(test_errors_name_the_file),
        cmocka_unit_test(test_full_disk_is_an_error),
        cmocka_unit_test(test_threads_write_at_the_same_time),
        cmocka_unit_test(test_all_under_way_are_discarded),
        cmocka_unit_test(test_no_name_is_given_while_all_is_discarded),
#if defined(__linux__)
        cmocka_unit_test(test_no_memory_for_a_stream_leaves_nothing),
#endif
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
