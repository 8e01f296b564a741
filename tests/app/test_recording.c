// Recording the window: what passes while it cannot be seen is not in the film. Time is what the
// test says it is.
#include "app/recording.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/window.h"
#include "capture/frames.h"
#include "support.h"

enum { W = 96, H = 64, FPS = 25 };
#define LONG 100.0 // seconds that nothing here takes

static char folder[64];
static Window *window;
static Gfx *gfx;
static Target *target;

static int setup(void **state) {
    (void)state;
    Error error;
    window = window_create(&(WindowDesc){.headless = true}, &error);
    gfx = window ? gfx_create(&(GfxDesc){0}, &error) : NULL;
    target = gfx ? target_create(gfx, W, H, 0, false) : NULL;
    strcpy(folder, "/tmp/saddle-recording-XXXXXX");
    return target && mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    target_destroy(target);
    gfx_destroy(gfx);
    window_destroy(window);
    return rmdir(folder);
}

static void shoot(Recording *recording, double now) {
    const Color black = {0, 0, 0, 1};
    gfx_begin(gfx, target, W, H, black);
    gfx_end(gfx);
    recording_shoot(recording, target, H, (Rect){0, 0, W, H}, black, now);
}

/// Removes the folder of pictures.  @return how many there were
static int sweep(const char *path) {
    DIR *listing = opendir(path);
    assert_non_null(listing);
    int n = 0;
    for (struct dirent *entry; (entry = readdir(listing));) {
        if (entry->d_name[0] == '.') continue;
        char inside[512];
        snprintf(inside, sizeof inside, "%s/%s", path, entry->d_name);
        assert_int_equal(unlink(inside), 0);
        n++;
    }
    closedir(listing);
    assert_int_equal(rmdir(path), 0);
    return n;
}

static Recording *start(double now) {
    const RecorderDesc desc = {
        .type = &frames_film, .folder = folder, .name = "xor", .width = W, .height = H, .fps = FPS};
    Error error = {""};
    Recording *recording = recording_start(gfx, &desc, now, &error);
    if (!recording) fail_msg("%s", error.text);
    return recording;
}

/// Stops it.  @return how many pictures its film has
static int finish(Recording *recording, double now) {
    recording_stop(recording, now);
    Recorder *recorder = recording_recorder(recording);
    assert_true(recorder_wait(recorder, LONG));
    if (recorder_state(recorder) != RECORDER_DONE) fail_msg("%s", recorder_error(recorder)->text);
    const int pictures = sweep(recorder_path(recorder));
    recording_destroy(recording);
    return pictures;
}

static void test_unseen_time_is_left_out(void **state) {
    (void)state;
    Recording *recording = start(10);
    shoot(recording, 10);
    recording_see(recording, true, 10.5); // it was seen before
    recording_see(recording, false, 11);
    assert_false(recording_pending(recording)); // what was on its way is handed over
    recording_see(recording, false, 12);
    assert_close(recording_seconds(recording, 900), 1, 1e-9);
    recording_see(recording, true, 1011);
    assert_true(recording_wants(recording, 1011));
    assert_close(recording_seconds(recording, 1011.5), 1.5, 1e-9);
    shoot(recording, 1011.5);
    recording_collect(recording);
    recording_see(recording, false, 1012);
    recording_see(recording, true, 5012); // a second time
    assert_close(recording_seconds(recording, 5012), 2, 1e-9);
    assert_int_equal(finish(recording, 5012), 2 * FPS);
}

static void test_stopped_out_of_sight(void **state) {
    (void)state;
    Recording *recording = start(3);
    shoot(recording, 3);
    recording_see(recording, false, 4);
    assert_int_equal(finish(recording, 4000), FPS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unseen_time_is_left_out),
        cmocka_unit_test(test_stopped_out_of_sight),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
