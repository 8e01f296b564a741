// The recorder: the film keeps the time that its pictures came with, whoever is slow; nobody waits;
// and what fails or is given up leaves nothing behind. Time is what the test says it is.
#include "capture/recorder.h"

#include <dirent.h>
#include <gif_lib.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/pending.h"
#include "base/process.h"
#include "capture/frames.h"
#include "capture/gif.h"
#include "capture/video.h"
#include "support.h"

enum { W = 160, H = 120, BYTES = W * H * 4, FPS = 25 };
#define LONG 100.0 // seconds that nothing here takes

static char folder[64], kept[4096];
static atomic_int woken;

static int setup(void **state) {
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    snprintf(kept, sizeof kept, "%s", getenv("PATH") ? getenv("PATH") : "");
    strcpy(folder, "/tmp/saddle-recorder-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    return rmdir(folder);
}

static void wake(void *context) {
    atomic_fetch_add((atomic_int *)context, 1);
}

static Recorder *start(const FilmType *type, Error *error) {
    const RecorderDesc desc = {.type = type,
                               .folder = folder,
                               .name = "xor",
                               .width = W,
                               .height = H,
                               .fps = FPS,
                               .wake = wake,
                               .context = &woken};
    atomic_store(&woken, 0);
    return recorder_create(&desc, error);
}

/// Hands a picture of one grey over, waiting for room.
static void add(Recorder *recorder, double time, int grey) {
    uint8_t *rgba;
    while (!(rgba = recorder_room(recorder))) {
        if (recorder_state(recorder) != RECORDER_RECORDS) fail_msg("%s", "it ended");
        sched_yield();
    }
    memset(rgba, grey, BYTES);
    recorder_add(recorder, time);
}

static void finish(Recorder *recorder, double time) {
    recorder_stop(recorder, time);
    assert_true(recorder_wait(recorder, LONG));
    if (recorder_state(recorder) != RECORDER_DONE) fail_msg("%s", recorder_error(recorder)->text);
}

/// How many there are, the hidden ones too; removes them.
static int sweep(const char *path) {
    DIR *listing = opendir(path);
    assert_non_null(listing);
    int n = 0;
    for (struct dirent *entry; (entry = readdir(listing));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        char inside[512];
        snprintf(inside, sizeof inside, "%s/%s", path, entry->d_name);
        assert_int_equal(unlink(inside), 0);
        n++;
    }
    closedir(listing);
    return n;
}

static int delay_of(const GifFileType *gif, int frame) {
    GraphicsControlBlock control = {0};
    const SavedImage *image = &gif->SavedImages[frame];
    for (int i = 0; i < image->ExtensionBlockCount; i++) {
        const ExtensionBlock *block = &image->ExtensionBlocks[i];
        if (block->Function == GRAPHICS_EXT_FUNC_CODE)
            DGifExtensionToGCB((size_t)block->ByteCount, block->Bytes, &control);
    }
    return control.DelayTime;
}

static void test_the_film_keeps_time(void **state) {
    (void)state;
    Error error = {""};
    Recorder *recorder = start(&gif_film, &error);
    if (!recorder) fail_msg("%s", error.text);
    assert_int_equal(recorder_state(recorder), RECORDER_RECORDS);
    // Seen at odd moments, from any moment on; each stays up to the next.
    static const double times[] = {7.003, 7.05, 7.5, 9.004};
    static const int delays[] = {4, 44, 152, 100};
    for (int i = 0; i < 4; i++) {
        assert_true(recorder_wants(recorder, times[i]));
        add(recorder, times[i], 40 * (i + 1));
        assert_false(recorder_wants(recorder, times[i] + 0.01)); // it would be the same picture
    }
    finish(recorder, 10.01);
    char path[128];
    snprintf(path, sizeof path, "%s/saddle-xor-1.gif", folder);
    assert_string_equal(recorder_path(recorder), path);
    recorder_destroy(recorder);
    assert_int_equal(atomic_load(&woken), 1);
    GifFileType *gif = DGifOpenFileName(path, NULL);
    assert_non_null(gif);
    assert_int_equal(DGifSlurp(gif), GIF_OK);
    assert_int_equal(gif->SWidth, W);
    assert_int_equal(gif->SHeight, H);
    assert_int_equal(gif->ImageCount, 4);
    for (int i = 0; i < 4; i++) assert_int_equal(delay_of(gif, i), delays[i]);
    DGifCloseFile(gif, NULL);
    assert_int_equal(sweep(folder), 1);
}

static void test_pictures_come_in_a_folder(void **state) {
    (void)state;
    Error error = {""};
    Recorder *recorder = start(&frames_film, &error);
    if (!recorder) fail_msg("%s", error.text);
    add(recorder, 0, 1);
    add(recorder, 0.08, 2); // two pictures later
    finish(recorder, 0.24);
    char path[128];
    snprintf(path, sizeof path, "%s/saddle-xor-1", folder);
    assert_string_equal(recorder_path(recorder), path);
    recorder_destroy(recorder);
    assert_int_equal(sweep(path), 6);
    assert_int_equal(rmdir(path), 0);
}

static void test_what_is_there_stays(void **state) {
    (void)state;
    char path[128];
    for (int i = 1; i <= 2; i++) {
        Recorder *recorder = start(&gif_film, NULL);
        assert_non_null(recorder);
        add(recorder, 0, i);
        finish(recorder, 1);
        snprintf(path, sizeof path, "%s/saddle-xor-%d.gif", folder, i);
        assert_string_equal(recorder_path(recorder), path);
        recorder_destroy(recorder);
    }
    assert_int_equal(sweep(folder), 2);
}

static void test_given_up_at_any_moment(void **state) {
    (void)state;
    static const FilmType *const types[] = {&gif_film, &frames_film};
    for (int t = 0; t < 2; t++) {
        for (int n = 0; n < 3; n++) {
            Recorder *recorder = start(types[t], NULL);
            assert_non_null(recorder);
            for (int i = 0; i < n; i++) add(recorder, i, i);
            recorder_destroy(recorder);
            assert_int_equal(sweep(folder), 0);
        }
    }
}

/// The program ends while it records, at once: so it is with every kind.
static void test_ended_at_once(void **state) {
    (void)state;
    for (const FilmType *const *type = film_types; *type; type++) {
        const bool png = *type == &frames_film;
        if (!png && *type != &gif_film && !process_exists("ffmpeg")) continue;
        for (int n = 0; n < 3; n++) {
            Recorder *recorder = start(*type, NULL);
            assert_non_null(recorder);
            for (int i = 0; i < n; i++) add(recorder, i, i);
            process_kill_all(); // what a signal handler does
            pending_discard_all(false);
            DIR *listing = opendir(folder);
            assert_non_null(listing);
            // The recorder's thread, which the program's end would stop, may have gone on.
            if (n == 0) {
                for (struct dirent *entry; (entry = readdir(listing));)
                    assert_true(strcmp(entry->d_name, ".") == 0 ||
                                strcmp(entry->d_name, "..") == 0);
            }
            closedir(listing);
            recorder_destroy(recorder);
            assert_int_equal(sweep(folder), 0);
        }
    }
}

static void test_a_film_of_nothing(void **state) {
    (void)state;
    Recorder *recorder = start(&gif_film, NULL);
    assert_non_null(recorder);
    recorder_stop(recorder, 1);
    assert_true(recorder_wait(recorder, LONG));
    assert_int_equal(recorder_state(recorder), RECORDER_FAILED);
    assert_string_equal(recorder_error(recorder)->text, "nothing was recorded");
    recorder_destroy(recorder);
    assert_int_equal(sweep(folder), 0);
}

/// Puts a program of that name before the others.
static void pretend(const char *name, const char *script) {
    char path[4200], program[128];
    snprintf(program, sizeof program, "%s/%s", folder, name);
    FILE *file = fopen(program, "w");
    assert_non_null(file);
    fprintf(file, "#!/bin/sh\n%s\n", script);
    fclose(file);
    chmod(program, 0755);
    snprintf(path, sizeof path, "%s:%s", folder, kept);
    setenv("PATH", path, 1);
}

/// @return how many other files there are
static int stop_pretending(void) {
    setenv("PATH", kept, 1);
    return sweep(folder) - 1;
}

/// One that takes nothing: pictures are left out, drawing does not wait, and giving up ends.
static void test_one_that_hangs(void **state) {
    (void)state;
    pretend("ffmpeg", "exec sleep 1000");
    Error error = {""};
    Recorder *recorder = start(&mp4_film, &error);
    if (!recorder) fail_msg("%s", error.text);
    for (int i = 0; i < 20; i++) {
        uint8_t *rgba = recorder_room(recorder);
        assert_int_equal(rgba != NULL, i < RECORDER_PICTURES);
        if (!rgba) continue;
        memset(rgba, i, BYTES);
        recorder_add(recorder, i);
    }
    int taken, left_out;
    recorder_count(recorder, &taken, &left_out);
    assert_int_equal(taken, RECORDER_PICTURES);
    assert_int_equal(left_out, 20 - RECORDER_PICTURES);
    recorder_stop(recorder, 20);
    assert_int_equal(recorder_state(recorder), RECORDER_FINISHES);
    assert_false(recorder_wait(recorder, 0.05));
    assert_null(recorder_room(recorder));
    recorder_destroy(recorder);
    assert_int_equal(stop_pretending(), 0);
}

/// One that has much to do when the last picture has come: that is no hanging.
static void test_one_that_works_on(void **state) {
    (void)state;
    // It works until it has used a second of processor time, however fast the machine is.
    pretend("ffmpeg", "for name; do :; done\ncat > /dev/null\nused=0m0\n"
                      "while case $used in 0m0*) ;; *) false ;; esac do\n"
                      "i=0\nwhile [ $i -lt 10000 ]; do i=$((i + 1)); done\n"
                      "times > \"$0.times\"\nread -r used rest < \"$0.times\"\n"
                      "done\nrm \"$0.times\"\necho film > \"$name\"");
    Error error = {""};
    Recorder *recorder = start(&mp4_film, &error);
    if (!recorder) fail_msg("%s", error.text);
    add(recorder, 0, 77);
    recorder_stop(recorder, 1);
    assert_true(recorder_wait(recorder, 0.5)); // less than that takes
    assert_int_equal(recorder_state(recorder), RECORDER_DONE);
    recorder_destroy(recorder);
    assert_int_equal(stop_pretending(), 1);
}

static atomic_bool reached, open_gate, gone;

static Film *gated_create(const FilmDesc *desc, Error *error) {
    (void)desc;
    atomic_store(&reached, false);
    atomic_store(&open_gate, false);
    atomic_store(&gone, false);
    Film *film = calloc(1, sizeof *film);
    if (!film) error_set(error, "out of memory");
    return film;
}

/// Hangs until the gate opens, as a disk may.
static bool gated_add(Film *film, const uint8_t *rgba, Error *error) {
    (void)error;
    atomic_store(&reached, true);
    while (!atomic_load(&open_gate)) sched_yield();
    // The pictures are still there, whoever has gone.
    return rgba[0] == 77 && rgba[BYTES - 1] == 77 && film->desc.width == W;
}

static bool gated_repeat(Film *film, int n, Error *error) {
    (void)film, (void)n, (void)error;
    return true;
}

static bool gated_finish(Film *film, double hold, Error *error) {
    (void)film, (void)hold;
    return error_set(error, "it has no file");
}

static void gated_destroy(Film *film) {
    free(film);
    atomic_store(&gone, true);
}

static const FilmType gated_film = {.suffix = ".gated",
                                    .description = "one that hangs",
                                    .fps_max = FPS,
                                    .create = gated_create,
                                    .add = gated_add,
                                    .repeat = gated_repeat,
                                    .finish = gated_finish,
                                    .destroy = gated_destroy};

/// One that no killing of programs helps: it is abandoned, and wakes nobody when it goes on.
static void test_one_that_hangs_for_ever(void **state) {
    (void)state;
    Error error = {""};
    Recorder *recorder = start(&gated_film, &error);
    if (!recorder) fail_msg("%s", error.text);
    add(recorder, 0, 77);
    while (!atomic_load(&reached)) sched_yield();
    recorder_stop(recorder, 1);
    assert_false(recorder_wait(recorder, 0.05));
    assert_false(recorder_give_up(recorder));
    assert_int_equal(recorder_state(recorder), RECORDER_FINISHES);
    recorder_destroy(recorder);
    atomic_store(&open_gate, true);
    while (!atomic_load(&gone)) sched_yield();
    for (int i = 0; i < 1000; i++) sched_yield(); // room for a thread that would wake somebody
    assert_int_equal(atomic_load(&woken), 0);
    assert_int_equal(sweep(folder), 0);
}

/// Given up, but it came to its end before that was noticed: it counts as what it has become.
static void test_given_up_when_done(void **state) {
    (void)state;
    Recorder *recorder = start(&gif_film, NULL);
    assert_non_null(recorder);
    add(recorder, 0, 1);
    finish(recorder, 1);
    assert_true(recorder_give_up(recorder));
    assert_int_equal(recorder_state(recorder), RECORDER_DONE);
    recorder_destroy(recorder);
    assert_int_equal(sweep(folder), 1);
}

static void test_one_that_fails(void **state) {
    (void)state;
    static const char *const scripts[] = {
        "echo no such codec >&2; exit 1", "head -c 100000 > /dev/null; echo disk full >&2; exit 1",
        "cat > /dev/null; echo disk full >&2; exit 1", "head -c 100000 > /dev/null; kill -9 $$",
        "for name; do :; done; cat > /dev/null; echo \"no room for $name\" >&2; exit 1"};
    char named[128];
    snprintf(named, sizeof named, "no room for %s/saddle-xor.mp4", folder);
    const char *const why[] = {"no such codec", "disk full", "disk full", "signal 9", named};
    for (int i = 0; i < 5; i++) {
        pretend("ffmpeg", scripts[i]);
        Error error = {""};
        Recorder *recorder = start(&mp4_film, &error);
        if (!recorder) fail_msg("%s", error.text);
        for (int k = 0; k < 3; k++) {
            uint8_t *rgba = recorder_room(recorder);
            if (!rgba) break; // it has failed already
            memset(rgba, k, BYTES);
            recorder_add(recorder, k);
        }
        recorder_stop(recorder, 3);
        assert_true(recorder_wait(recorder, LONG));
        assert_int_equal(recorder_state(recorder), RECORDER_FAILED);
        const char *text = recorder_error(recorder)->text;
        char wanted[128];
        snprintf(wanted, sizeof wanted, "%s/saddle-xor.mp4: ffmpeg: failed: ", folder);
        if (strncmp(text, wanted, strlen(wanted)) != 0 || !strstr(text, why[i]))
            fail_msg("%s", text);
        recorder_destroy(recorder);
        assert_int_equal(atomic_load(&woken), 1);
        assert_int_equal(stop_pretending(), 0);
    }
}

static void test_what_cannot_begin_says_so_at_once(void **state) {
    (void)state;
    Error error = {""};
    setenv("PATH", folder, 1);
    assert_null(start(&mp4_film, &error));
    setenv("PATH", kept, 1);
    assert_non_null(strstr(error.text, "apt install ffmpeg"));
    assert_int_equal(sweep(folder), 0);
    static const FilmType *const types[] = {&gif_film, &frames_film};
    for (int i = 0; i < 2; i++) {
        const RecorderDesc desc = {
            .type = types[i], .folder = "/nowhere", .name = "a", .width = W, .height = H, .fps = 1};
        assert_null(recorder_create(&desc, &error));
        const char *wanted = i ? "/nowhere/saddle-a: cannot write: No such"
                               : "/nowhere/saddle-a.gif: cannot write: No such";
        if (!strstr(error.text, wanted)) fail_msg("%s", error.text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_film_keeps_time),
        cmocka_unit_test(test_pictures_come_in_a_folder),
        cmocka_unit_test(test_what_is_there_stays),
        cmocka_unit_test(test_given_up_at_any_moment),
        cmocka_unit_test(test_ended_at_once),
        cmocka_unit_test(test_a_film_of_nothing),
        cmocka_unit_test(test_one_that_hangs),
        cmocka_unit_test(test_one_that_works_on),
        cmocka_unit_test(test_one_that_hangs_for_ever),
        cmocka_unit_test(test_given_up_when_done),
        cmocka_unit_test(test_one_that_fails),
        cmocka_unit_test(test_what_cannot_begin_says_so_at_once),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
