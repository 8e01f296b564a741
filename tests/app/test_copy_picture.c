// Copies for the clipboard: the program gets the picture as PNG; where there is none, or it fails,
// that is said.
#include "app/copy_picture.h"

#include <png.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"

enum { W = 31, H = 17, BYTES = W * H * 4 };

static char folder[64], kept[4096];
static atomic_int woken;

static int setup(void **state) {
    (void)state;
    snprintf(kept, sizeof kept, "%s", getenv("PATH") ? getenv("PATH") : "");
    strcpy(folder, "/tmp/saddle-copy-XXXXXX");
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

static void wake(void *context) {
    atomic_fetch_add((atomic_int *)context, 1);
}

static void pretend(const char *name, const char *script) {
    char path[4200];
    FILE *file = fopen(in_folder(name), "w");
    assert_non_null(file);
    fprintf(file, "#!/bin/sh\n%s\n", script);
    fclose(file);
    chmod(in_folder(name), 0755);
    snprintf(path, sizeof path, "%s:%s", folder, kept);
    setenv("PATH", path, 1);
}

static CopyPicture *start(Error *error) {
    uint8_t *rgba = malloc(BYTES);
    assert_non_null(rgba);
    for (int i = 0; i < BYTES; i++) rgba[i] = (uint8_t)(i % 4 == 3 ? 255 : i * 7);
    return copy_picture_start(rgba, W, H, wake, &woken, error);
}

/// @return whether it went well
static bool run(Error *error) {
    CopyPicture *copy = start(error);
    if (!copy) fail_msg("%s", error->text);
    bool good;
    while (!copy_picture_ended(copy, &good, error)) sched_yield();
    copy_picture_destroy(copy);
    return good;
}

static void test_the_program_gets_the_picture(void **state) {
    (void)state;
    static const char *const displays[] = {"DISPLAY", "WAYLAND_DISPLAY"};
    static const char *const programs[] = {"xclip", "wl-copy"};
    setenv("SADDLE_TEST_COPY", in_folder("copy.png"), 1);
    for (int i = 0; i < 2; i++) {
        unsetenv("DISPLAY");
        unsetenv("WAYLAND_DISPLAY");
        setenv(displays[i], ":9", 1);
        pretend(programs[i], "cat > \"$SADDLE_TEST_COPY\"");
        Error error = {""};
        if (!run(&error)) fail_msg("%s", error.text);
        png_image image = {.version = PNG_IMAGE_VERSION};
        assert_true(png_image_begin_read_from_file(&image, in_folder("copy.png")));
        assert_int_equal(image.width, W);
        assert_int_equal(image.height, H);
        image.format = PNG_FORMAT_RGB;
        uint8_t read[W * H * 3];
        assert_true(png_image_finish_read(&image, NULL, read, 0, NULL));
        assert_int_equal(read[3], (uint8_t)(4 * 7));
        unlink(in_folder("copy.png"));
        unlink(in_folder(programs[i]));
    }
    assert_true(atomic_load(&woken) == 2);
}

static void test_one_that_fails(void **state) {
    (void)state;
    unsetenv("WAYLAND_DISPLAY");
    setenv("DISPLAY", ":9", 1);
    pretend("xclip", "echo no display >&2; exit 1");
    Error error = {""};
    assert_false(run(&error));
    assert_string_equal(error.text, "xclip: failed: no display");
    unlink(in_folder("xclip"));
}

/// A full disk, by a limit on the size of files; a picture that libpng does not take.
static void test_what_is_wrong_is_said(void **state) {
    (void)state;
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit before, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    pretend("xclip", "cat > /dev/null");
    Error error = {""};
    small.rlim_cur = 100; // bytes, of what the stream holds back to its end
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    const bool good = run(&error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_false(good);
    assert_string_equal(error.text,
                        "copying the picture: cannot write a temporary file: File too large");
    uint8_t *rgba = calloc(4, 2000000);
    assert_non_null(rgba);
    CopyPicture *copy = copy_picture_start(rgba, 2000000, 1, wake, &woken, &error);
    assert_non_null(copy);
    bool copied;
    while (!copy_picture_ended(copy, &copied, &error)) sched_yield();
    copy_picture_destroy(copy);
    assert_false(copied);
    if (strncmp(error.text, "copying the picture: Invalid", 28) != 0) fail_msg("%s", error.text);
    unlink(in_folder("xclip"));
}

/// The window may be closed meanwhile.
static void test_one_that_hangs(void **state) {
    (void)state;
    pretend("xclip", "exec sleep 1000");
    Error error = {""};
    CopyPicture *copy = start(&error);
    if (!copy) fail_msg("%s", error.text);
    copy_picture_destroy(copy);
    unlink(in_folder("xclip"));
}

static void test_none_is_installed(void **state) {
    (void)state;
    setenv("PATH", folder, 1);
    Error error = {""};
    assert_null(start(&error));
    assert_non_null(strstr(error.text, "apt install xclip"));
    setenv("WAYLAND_DISPLAY", "wayland-9", 1);
    assert_null(start(&error));
    assert_non_null(strstr(error.text, "apt install wl-clipboard"));
    setenv("PATH", kept, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_program_gets_the_picture),
        cmocka_unit_test(test_one_that_fails),
        cmocka_unit_test(test_what_is_wrong_is_said),
        cmocka_unit_test(test_one_that_hangs),
        cmocka_unit_test(test_none_is_installed),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
