// The queue of pictures: all are written, in order, under new names, and none waits for its owner;
// what cannot be written says so.
#include "capture/picture_queue.h"

#include <fcntl.h>
#include <png.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"

enum { W = 64, H = 48, MANY = 12 };
#define LONG 100.0 // seconds that nothing here takes

static char folder[64];
static atomic_int woken;

static int setup(void **state) {
    (void)state;
    strcpy(folder, "/tmp/saddle-queue-XXXXXX");
    return mkdtemp(folder) && setenv("XDG_PICTURES_DIR", folder, 1) == 0 ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    return rmdir(folder); // nothing else lies there, nothing hidden either
}

static void wake(void *context) {
    atomic_fetch_add((atomic_int *)context, 1);
}

static PictureQueue *start(void) {
    atomic_store(&woken, 0);
    Error error = {""};
    PictureQueue *queue = picture_queue_create(wake, &woken, &error);
    if (!queue) fail_msg("%s", error.text);
    return queue;
}

/// Hands a picture of one grey over.
static void add(PictureQueue *queue, int grey) {
    uint8_t *rgba = malloc((size_t)W * H * 4);
    assert_non_null(rgba);
    memset(rgba, grey, (size_t)W * H * 4);
    Error error = {""};
    if (!picture_queue_add(queue, rgba, W, H, "xor", &error)) fail_msg("%s", error.text);
}

/// @return its grey
static int look(const char *path) {
    png_image image = {.version = PNG_IMAGE_VERSION};
    assert_true(png_image_begin_read_from_file(&image, path));
    assert_int_equal(image.width, W);
    assert_int_equal(image.height, H);
    image.format = PNG_FORMAT_GRAY;
    uint8_t gray[W * H];
    assert_true(png_image_finish_read(&image, NULL, gray, 0, NULL));
    return gray[W * H - 1];
}

static void expect(PictureQueue *queue, int number, int grey) {
    PictureNews news;
    assert_true(picture_queue_take(queue, &news));
    if (!news.saved) fail_msg("%s", news.error.text);
    char path[128];
    snprintf(path, sizeof path, "%s/saddle-xor-%d.png", folder, number);
    assert_string_equal(news.path, path);
    assert_int_equal(look(path), grey);
    assert_int_equal(unlink(path), 0);
}

static void test_all_are_written_in_order(void **state) {
    (void)state;
    PictureQueue *queue = start();
    PictureNews news;
    assert_false(picture_queue_take(queue, &news));
    assert_int_equal(picture_queue_wait(queue, LONG), 0);
    char mine[128];
    snprintf(mine, sizeof mine, "%s/saddle-xor-3.png", folder);
    FILE *file = fopen(mine, "w"); // is not overwritten
    assert_non_null(file);
    fclose(file);
    for (int i = 0; i < MANY; i++) add(queue, 10 * i);
    assert_int_equal(picture_queue_wait(queue, LONG), 0);
    for (int i = 0; i < MANY; i++) expect(queue, i < 2 ? i + 1 : i + 2, 10 * i);
    assert_false(picture_queue_take(queue, &news));
    add(queue, 7); // one more, when the queue was empty
    assert_int_equal(picture_queue_wait(queue, LONG), 0);
    expect(queue, 1, 7);
    picture_queue_destroy(queue);
    assert_int_equal(atomic_load(&woken), MANY + 1);
    struct stat status;
    assert_int_equal(stat(mine, &status), 0);
    assert_int_equal(status.st_size, 0);
    assert_int_equal(unlink(mine), 0);
}

/// News come while others are handed over.
static void test_news_come_meanwhile(void **state) {
    (void)state;
    PictureQueue *queue = start();
    PictureNews news;
    int taken = 0;
    for (int i = 0; i < MANY || taken < MANY;) {
        if (i < MANY) add(queue, i++);
        while (picture_queue_take(queue, &news)) {
            assert_true(news.saved);
            assert_int_equal(look(news.path), taken++);
            assert_int_equal(unlink(news.path), 0);
        }
    }
    picture_queue_destroy(queue);
}

static void test_what_cannot_be_written_says_so(void **state) {
    (void)state;
    PictureQueue *queue = start();
    setenv("XDG_PICTURES_DIR", "/dev/null/pictures", 1);
    add(queue, 1);
    assert_int_equal(picture_queue_wait(queue, LONG), 0);
    setenv("XDG_PICTURES_DIR", folder, 1);
    add(queue, 2); // the next one is none the worse
    assert_int_equal(picture_queue_wait(queue, LONG), 0);
    PictureNews news;
    assert_true(picture_queue_take(queue, &news));
    assert_false(news.saved);
    if (!strstr(news.error.text, "/dev/null")) fail_msg("%s", news.error.text);
    expect(queue, 1, 2);
    picture_queue_destroy(queue);
}

/// What was begun is whole, and what waits leaves nothing behind.
static void test_destroyed_at_once(void **state) {
    (void)state;
    for (int n = 0; n < 3; n++) {
        PictureQueue *queue = start();
        for (int i = 0; i < n; i++) add(queue, i);
        picture_queue_destroy(queue);
        for (int i = 1; i <= n; i++) {
            char path[128];
            snprintf(path, sizeof path, "%s/saddle-xor-%d.png", folder, i);
            if (access(path, F_OK) != 0) continue;
            assert_int_equal(look(path), i - 1);
            assert_int_equal(unlink(path), 0);
        }
    }
}

/// A picture hangs: where it belongs is read from a pipe. Nobody waits for it, what waits behind it
/// is not begun, and who was to be woken may be gone.
static void test_abandoned_while_one_hangs(void **state) {
    (void)state;
    char pipe_path[128], saved[128], second[128];
    snprintf(pipe_path, sizeof pipe_path, "%s/user-dirs.dirs", folder);
    snprintf(saved, sizeof saved, "%s/saddle-xor-1.png", folder);
    snprintf(second, sizeof second, "%s/saddle-xor-2.png", folder);
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    const int end = open(pipe_path, O_RDWR);
    assert_true(end >= 0);
    unsetenv("XDG_PICTURES_DIR");
    setenv("XDG_CONFIG_HOME", folder, 1);
    PictureQueue *queue = start();
    add(queue, 1);
    add(queue, 2);
    assert_int_equal(write(end, "#\n", 2), 2);
    for (int unread = 1; unread > 0; sched_yield())
        assert_int_equal(ioctl(end, FIONREAD, &unread), 0);
    assert_int_equal(picture_queue_wait(queue, 0.05), 2);
    picture_queue_abandon(queue);
    unsetenv("XDG_CONFIG_HOME");
    setenv("XDG_PICTURES_DIR", folder, 1);
    dprintf(end, "XDG_PICTURES_DIR=\"%s\"\n", folder); // it goes on after all
    while (access(saved, F_OK) != 0) sched_yield();
    PictureQueue *other =
        start(); // by the time this has saved one the first would have had its turn
    assert_int_equal(unlink(saved), 0);
    add(other, 3);
    assert_int_equal(picture_queue_wait(other, LONG), 0);
    expect(other, 1, 3);
    picture_queue_destroy(other);
    assert_int_equal(atomic_load(&woken), 1);
    assert_int_not_equal(access(second, F_OK), 0);
    close(end);
    assert_int_equal(unlink(pipe_path), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_are_written_in_order),
        cmocka_unit_test(test_news_come_meanwhile),
        cmocka_unit_test(test_what_cannot_be_written_says_so),
        cmocka_unit_test(test_destroyed_at_once),
        cmocka_unit_test(test_abandoned_while_one_hangs),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
