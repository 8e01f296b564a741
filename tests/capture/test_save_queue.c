// The queue of files to save: all are written, in order, under new names, and none waits for its
// owner; what cannot be written says so.
#include "capture/save_queue.h"

#include <fcntl.h>
#include <png.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "capture/png_file.h"
#include "support.h"

enum { W = 64, H = 48, MANY = 12 };
#define LONG 100.0 // seconds that nothing here takes

static char folder[64];
static atomic_int woken, alive; // alive: pictures

static int setup(void **state) {
    (void)state;
    strcpy(folder, "/tmp/saddle-queue-XXXXXX");
    return mkdtemp(folder) && setenv("XDG_PICTURES_DIR", folder, 1) == 0 ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    return atomic_load(&alive) == 0 ? rmdir(folder)
                                    : -1; // nothing else lies there, nothing hidden either
}

static void wake(void *context) {
    atomic_fetch_add((atomic_int *)context, 1);
}

static SaveQueue *start(void) {
    atomic_store(&woken, 0);
    Error error = {""};
    SaveQueue *queue = save_queue_create(THREAD_NORMAL, wake, &woken, &error);
    if (!queue) fail_msg("%s", error.text);
    return queue;
}

typedef struct Picture {
    uint8_t rgba[W * H * 4];
} Picture;

static bool write_picture(void *picture, const char *draft, atomic_llong *progress, Error *error) {
    (void)progress;
    return png_save(draft, ((Picture *)picture)->rgba, W, H, error);
}

static void release_picture(void *picture) {
    atomic_fetch_sub(&alive, 1);
    free(picture);
}

/// Hands a picture of one grey over.
static void add(SaveQueue *queue, int grey) {
    Picture *picture = malloc(sizeof *picture);
    assert_non_null(picture);
    atomic_fetch_add(&alive, 1);
    memset(picture->rgba, grey, sizeof picture->rgba);
    char name[] = "xor";
    const SaveJob job = {.write = write_picture,
                         .release = release_picture,
                         .context = picture,
                         .name = name,
                         .suffix = ".png"};
    Error error = {""};
    if (!save_queue_add(queue, &job, &error)) fail_msg("%s", error.text);
    name[0] = '?';
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

static void expect(SaveQueue *queue, int number, int grey) {
    SaveNews news;
    assert_true(save_queue_take(queue, &news));
    if (!news.saved) fail_msg("%s", news.error.text);
    char path[128];
    snprintf(path, sizeof path, "%s/saddle-xor-%d.png", folder, number);
    assert_string_equal(news.path, path);
    assert_int_equal(look(path), grey);
    assert_int_equal(unlink(path), 0);
}

static void test_all_are_written_in_order(void **state) {
    (void)state;
    SaveQueue *queue = start();
    SaveNews news;
    assert_false(save_queue_take(queue, &news));
    assert_int_equal(save_queue_wait(queue, LONG), 0);
    char mine[128];
    snprintf(mine, sizeof mine, "%s/saddle-xor-3.png", folder);
    FILE *file = fopen(mine, "w"); // is not overwritten
    assert_non_null(file);
    fclose(file);
    for (int i = 0; i < MANY; i++) add(queue, 10 * i);
    assert_int_equal(save_queue_wait(queue, LONG), 0);
    for (int i = 0; i < MANY; i++) expect(queue, i < 2 ? i + 1 : i + 2, 10 * i);
    assert_false(save_queue_take(queue, &news));
    add(queue, 7); // one more, when the queue was empty
    assert_int_equal(save_queue_wait(queue, LONG), 0);
    expect(queue, 1, 7);
    save_queue_destroy(queue);
    assert_int_equal(atomic_load(&woken), MANY + 1);
    struct stat status;
    assert_int_equal(stat(mine, &status), 0);
    assert_int_equal(status.st_size, 0);
    assert_int_equal(unlink(mine), 0);
}

/// News come while others are handed over.
static void test_news_come_meanwhile(void **state) {
    (void)state;
    SaveQueue *queue = start();
    SaveNews news;
    int taken = 0;
    for (int i = 0; i < MANY || taken < MANY;) {
        if (i < MANY) add(queue, i++);
        while (save_queue_take(queue, &news)) {
            assert_true(news.saved);
            assert_int_equal(look(news.path), taken++);
            assert_int_equal(unlink(news.path), 0);
        }
    }
    save_queue_destroy(queue);
}

static void test_what_cannot_be_written_says_so(void **state) {
    (void)state;
    SaveQueue *queue = start();
    setenv("XDG_PICTURES_DIR", "/dev/null/pictures", 1);
    add(queue, 1);
    assert_int_equal(save_queue_wait(queue, LONG), 0);
    setenv("XDG_PICTURES_DIR", folder, 1);
    add(queue, 2); // the next one is none the worse
    assert_int_equal(save_queue_wait(queue, LONG), 0);
    SaveNews news;
    assert_true(save_queue_take(queue, &news));
    assert_false(news.saved);
    if (!strstr(news.error.text, "/dev/null")) fail_msg("%s", news.error.text);
    expect(queue, 1, 2);
    save_queue_destroy(queue);
}

static atomic_bool begun, may_go_on;

/// Computes for long.
static bool prepare_picture(void *picture, Error *error) {
    atomic_store(&begun, true);
    while (!atomic_load(&may_go_on)) sched_yield();
    memset(((Picture *)picture)->rgba, 77, sizeof((Picture *)picture)->rgba);
    return atomic_load(&may_go_on) || error_set(error, "never");
}

static bool refuse(void *picture, Error *error) {
    (void)picture;
    return error_set(error, "nothing to show");
}

static void *let_it_go_on(void *arg) {
    nanosleep(&(struct timespec){.tv_sec = 2}, NULL);
    atomic_store(&may_go_on, true);
    return arg;
}

/// What is prepared is waited for, however long that takes; what cannot be is not written.
static void test_preparing(void **state) {
    (void)state;
    SaveQueue *queue = start();
    Error error = {""};
    bool (*const prepare[])(void *, Error *) = {refuse, prepare_picture};
    for (int i = 0; i < 2; i++) {
        Picture *picture = malloc(sizeof *picture);
        assert_non_null(picture);
        atomic_fetch_add(&alive, 1);
        const SaveJob job = {.prepare = prepare[i],
                             .write = write_picture,
                             .release = release_picture,
                             .context = picture,
                             .name = "xor",
                             .suffix = ".png"};
        assert_true(save_queue_add(queue, &job, &error));
    }
    pthread_t thread;
    assert_true(thread_start(&thread, let_it_go_on, NULL, "waits", THREAD_NORMAL));
    SaveNews news;
    while (!save_queue_take(queue, &news)) sched_yield();
    assert_false(news.saved);
    assert_string_equal(news.error.text, "nothing to show");
    while (!atomic_load(&begun)) sched_yield();
    assert_int_equal(save_queue_wait(queue, 1), 0); // less than that takes
    assert_true(atomic_load(&may_go_on));
    pthread_join(thread, NULL);
    expect(queue, 1, 77);
    save_queue_destroy(queue);
}

/// Slowly, but it comes on.
static bool write_slowly(void *picture, const char *draft, atomic_llong *progress, Error *error) {
    for (int i = 0; i < 100; i++) {
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
        atomic_fetch_add(progress, 1);
    }
    return write_picture(picture, draft, progress, error);
}

static void test_what_comes_on_is_waited_for(void **state) {
    (void)state;
    SaveQueue *queue = start();
    Picture *picture = calloc(1, sizeof *picture);
    assert_non_null(picture);
    atomic_fetch_add(&alive, 1);
    const SaveJob job = {.write = write_slowly,
                         .release = release_picture,
                         .context = picture,
                         .name = "xor",
                         .suffix = ".png"};
    Error error = {""};
    assert_true(save_queue_add(queue, &job, &error));
    assert_int_equal(save_queue_wait(queue, 1), 0); // half the time that it takes
    expect(queue, 1, 0);
    save_queue_destroy(queue);
}

/// What was begun is whole, and what waits leaves nothing behind.
static void test_destroyed_at_once(void **state) {
    (void)state;
    for (int n = 0; n < 3; n++) {
        SaveQueue *queue = start();
        for (int i = 0; i < n; i++) add(queue, i);
        save_queue_destroy(queue);
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
    SaveQueue *queue = start();
    add(queue, 1);
    add(queue, 2);
    assert_int_equal(write(end, "#\n", 2), 2);
    for (int unread = 1; unread > 0; sched_yield())
        assert_int_equal(ioctl(end, FIONREAD, &unread), 0);
    assert_int_equal(save_queue_wait(queue, 0.05), 2);
    save_queue_abandon(queue);
    unsetenv("XDG_CONFIG_HOME");
    setenv("XDG_PICTURES_DIR", folder, 1);
    dprintf(end, "XDG_PICTURES_DIR=\"%s\"\n", folder); // it goes on after all
    while (access(saved, F_OK) != 0) sched_yield();
    SaveQueue *other = start(); // by the time this has saved one the first would have had its turn
    assert_int_equal(unlink(saved), 0);
    add(other, 3);
    assert_int_equal(save_queue_wait(other, LONG), 0);
    expect(other, 1, 3);
    save_queue_destroy(other);
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
        cmocka_unit_test(test_preparing),
        cmocka_unit_test(test_what_comes_on_is_waited_for),
        cmocka_unit_test(test_destroyed_at_once),
        cmocka_unit_test(test_abandoned_while_one_hangs),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
