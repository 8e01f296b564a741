// Films of every kind: what is finished is there, what is given up leaves nothing behind. GIFs are
// read back with giflib and held against the pictures that went in.
#include "capture/film.h"

#include <dirent.h>
#include <gif_lib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/process.h"
#include "support.h"

enum { W = 160, H = 90, FRAMES = 12 };

static char folder[64];
static uint8_t pixels[W * H * 4];

static int setup(void **state) {
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    strcpy(folder, "/tmp/saddle-film-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return 0;
}

static int teardown(void **state) {
    (void)state;
    return rmdir(folder);
}

/// A ball on a ground of smooth colours, with a flat border; it stands still in the last frames.
static void draw(int frame) {
    const int ball = 30 + 8 * (frame < FRAMES - 3 ? frame : FRAMES - 3);
    for (int y = 0; y < H; y++) {
        for (int x = 0; x < W; x++) {
            uint8_t *rgba = pixels + 4 * (y * W + x);
            const bool border = x < 10 || y < 10 || x >= W - 10 || y >= H - 10;
            const int dx = x - ball, dy = y - 45;
            if (border)
                memcpy(rgba, (uint8_t[]){20, 24, 33, 255}, 4);
            else if (dx * dx + dy * dy < 150)
                memcpy(rgba, (uint8_t[]){250, (uint8_t)(220 + dx), (uint8_t)(40 + dy), 255}, 4);
            else
                memcpy(rgba, (uint8_t[]){(uint8_t)(60 + y), (uint8_t)x, (uint8_t)(200 - y), 255},
                       4);
        }
    }
}

static void path_to(char path[128], const char *name) {
    snprintf(path, 128, "%s/%s", folder, name);
}

/// How many files there are; removes them.
static int sweep_folder(void) {
    DIR *listing = opendir(folder);
    assert_non_null(listing);
    int n = 0;
    for (struct dirent *entry; (entry = readdir(listing));) {
        if (entry->d_name[0] == '.') continue;
        char path[512];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        unlink(path);
        n++;
    }
    closedir(listing);
    return n;
}

static Film *start(const char *name, Error *error) {
    static char path[128];
    path_to(path, name);
    return film_create(&(FilmDesc){.path = path, .width = W, .height = H, .fps = 20}, error);
}

static void add_all(Film *film) {
    Error error;
    for (int i = 0; i < FRAMES; i++) {
        draw(i);
        if (!film_add(film, pixels, &error)) fail_msg("%s", error.text);
    }
}

static void make(const char *name) {
    Error error = {""};
    Film *film = start(name, &error);
    if (!film) fail_msg("%s", error.text);
    add_all(film);
    if (!film_finish(film, 1, &error)) fail_msg("%s", error.text);
    film_destroy(film);
}

static char *slurp(const char *name, size_t *size) {
    char path[128];
    path_to(path, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *bytes = malloc(1 << 22);
    assert_non_null(bytes);
    *size = fread(bytes, 1, 1 << 22, file);
    fclose(file);
    return bytes;
}

static bool is_frames(const FilmType *type) {
    return strcmp(type->suffix, ".png") == 0;
}

/// GIF and PNG always; videos where there is ffmpeg.
static bool can_make(const FilmType *type) {
    return is_frames(type) || strcmp(type->suffix, ".gif") == 0 || process_exists("ffmpeg");
}

static void test_every_kind_is_made_and_repeats(void **state) {
    (void)state;
    for (const FilmType *const *type = film_types; *type; type++) {
        if (!can_make(*type)) continue;
        char names[2][32];
        for (int i = 0; i < 2; i++) {
            snprintf(names[i], sizeof names[i], "%c%s%s", 'a' + i, is_frames(*type) ? "-%03d" : "",
                     (*type)->suffix);
            make(names[i]);
        }
        size_t sizes[2];
        char *bytes[2];
        for (int i = 0; i < 2; i++) {
            char first[32];
            snprintf(first, sizeof first, is_frames(*type) ? "%c-000.png" : "%c%s", 'a' + i,
                     (*type)->suffix);
            bytes[i] = slurp(first, &sizes[i]);
        }
        assert_true(sizes[0] > 100);
        assert_int_equal(sizes[0], sizes[1]);
        assert_memory_equal(bytes[0], bytes[1], sizes[0]);
        free(bytes[0]);
        free(bytes[1]);
        assert_int_equal(sweep_folder(), is_frames(*type) ? 2 * FRAMES : 2);
    }
}

/// Repeating a picture is adding it again, in every kind.
static void test_a_picture_repeats(void **state) {
    (void)state;
    for (const FilmType *const *type = film_types; *type; type++) {
        if (!can_make(*type)) continue;
        char name[32], shown[32];
        snprintf(name, sizeof name, "a%s%s", is_frames(*type) ? "-%d" : "", (*type)->suffix);
        snprintf(shown, sizeof shown, "a%s%s", is_frames(*type) ? "-4" : "", (*type)->suffix);
        size_t sizes[2];
        char *bytes[2];
        for (int i = 0; i < 2; i++) {
            Error error = {""};
            Film *film = start(name, &error);
            if (!film) fail_msg("%s", error.text);
            draw(0);
            assert_true(film_add(film, pixels, &error));
            draw(4);
            assert_true(film_add(film, pixels, &error));
            for (int k = 0; k < 3 && i == 0; k++) assert_true(film_add(film, pixels, &error));
            if (i == 1) assert_true(film_repeat(film, 3, &error));
            assert_true(film_repeat(film, 0, &error));
            if (!film_finish(film, 1, &error)) fail_msg("%s", error.text);
            film_destroy(film);
            bytes[i] = slurp(shown, &sizes[i]);
            assert_int_equal(sweep_folder(), is_frames(*type) ? 5 : 1);
        }
        assert_int_equal(sizes[0], sizes[1]);
        assert_memory_equal(bytes[0], bytes[1], sizes[0]);
        free(bytes[0]);
        free(bytes[1]);
    }
}

static void test_what_is_given_up_leaves_nothing(void **state) {
    (void)state;
    for (const FilmType *const *type = film_types; *type; type++) {
        if (!can_make(*type)) continue;
        for (int frames = 0; frames < 3; frames++) {
            Error error = {""};
            char name[32];
            snprintf(name, sizeof name, "a%s%s", is_frames(*type) ? "%d" : "", (*type)->suffix);
            Film *film = start(name, &error);
            if (!film) fail_msg("%s", error.text);
            for (int i = 0; i < frames; i++) {
                draw(i);
                assert_true(film_add(film, pixels, &error));
            }
            film_destroy(film);
            assert_int_equal(sweep_folder(), 0);
        }
    }
}

static void test_names_that_are_no_film(void **state) {
    (void)state;
    const char *const names[] = {"a.avi",   "a",          "gif",       "a.png",
                                 "a%s.png", "a%dx%d.png", "a%99d.png", "nowhere/a.gif"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        Error error = {""};
        assert_null(start(names[i], &error));
        assert_non_null(strstr(error.text, names[i]));
    }
    assert_int_equal(sweep_folder(), 0);
}

static void test_without_ffmpeg(void **state) {
    (void)state;
    char kept[4096];
    snprintf(kept, sizeof kept, "%s", getenv("PATH") ? getenv("PATH") : "");
    setenv("PATH", folder, 1);
    Error error = {""};
    assert_null(start("a.mp4", &error));
    setenv("PATH", kept, 1);
    assert_non_null(strstr(error.text, "apt install ffmpeg"));
    assert_int_equal(sweep_folder(), 0);
}

/// An ffmpeg that fails at once, later, or at the end.
static void test_an_ffmpeg_that_fails(void **state) {
    (void)state;
    const char *const scripts[] = {
        "echo no such codec >&2; exit 1", "head -c 100000 > /dev/null; echo disk full >&2; exit 1",
        "cat > /dev/null; echo disk full >&2; exit 1", "cat > /dev/null; kill -9 $$",
        "for name; do :; done; cat > /dev/null; echo \"$name: no room for $name\" >&2; exit 1"};
    char named[300];
    snprintf(named, sizeof named, "failed: %s/a.mp4: no room for %s/a.mp4", folder, folder);
    const char *const why[] = {"no such codec", "disk full", "disk full", "signal 9", named};
    char kept[4096], path[4200], program[128];
    snprintf(kept, sizeof kept, "%s", getenv("PATH") ? getenv("PATH") : "");
    snprintf(path, sizeof path, "%s:%s", folder, kept);
    path_to(program, "ffmpeg");
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        FILE *file = fopen(program, "w");
        assert_non_null(file);
        fprintf(file, "#!/bin/sh\n%s\n", scripts[i]);
        fclose(file);
        chmod(program, 0755);
        setenv("PATH", path, 1);
        Error error = {""};
        Film *film = start("a.mp4", &error);
        assert_non_null(film);
        bool good = true;
        for (int k = 0; k < FRAMES && good; k++) good = film_add(film, pixels, &error);
        good = good && film_finish(film, 1, &error);
        assert_false(good);
        assert_non_null(strstr(error.text, why[i]));
        assert_null(strstr(error.text, ".tmp.")); // it speaks of the name that was asked for
        film_destroy(film);
        setenv("PATH", kept, 1);
        unlink(program);
        assert_int_equal(sweep_folder(), 0);
    }
}

// --- Reading GIFs back ---

/// Draws a frame over what was there.
static void compose(const GifFileType *gif, int frame, uint8_t *rgb) {
    const SavedImage *image = &gif->SavedImages[frame];
    const GifImageDesc *desc = &image->ImageDesc;
    const ColorMapObject *map = desc->ColorMap ? desc->ColorMap : gif->SColorMap;
    for (int y = 0; y < desc->Height; y++) {
        for (int x = 0; x < desc->Width; x++) {
            const int index = image->RasterBits[y * desc->Width + x];
            if (index == 255) continue;
            memcpy(rgb + 3 * ((desc->Top + y) * W + desc->Left + x), &map->Colors[index], 3);
        }
    }
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

static void test_a_gif_shows_what_went_in(void **state) {
    (void)state;
    make("a.gif");
    char path[128];
    path_to(path, "a.gif");
    GifFileType *gif = DGifOpenFileName(path, NULL);
    assert_non_null(gif);
    assert_int_equal(DGifSlurp(gif), GIF_OK);
    assert_int_equal(gif->SWidth, W);
    assert_int_equal(gif->SHeight, H);
    // The ball stands still in the last three: they are one, which stays.
    assert_int_equal(gif->ImageCount, FRAMES - 2);
    static uint8_t rgb[W * H * 3];
    int time = 0;
    for (int i = 0; i < gif->ImageCount; i++) {
        compose(gif, i, rgb);
        draw(i);
        double squares = 0;
        for (int k = 0; k < W * H; k++) {
            for (int c = 0; c < 3; c++) {
                const double off = (double)rgb[3 * k + c] - (double)pixels[4 * k + c];
                squares += off * off;
            }
        }
        const double psnr = 10 * log10(255.0 * 255.0 * W * H * 3 / squares);
        if (psnr < 38) fail_msg("frame %d: %.1f dB", i, psnr);
        assert_memory_equal(rgb, ((uint8_t[]){20, 24, 33}), 3); // the flat border
        const int delay = delay_of(gif, i);
        if (i + 1 < gif->ImageCount) assert_int_equal(delay, 5);
        time += delay;
        // Later ones are only what the ball covers and leaves.
        if (i > 0) assert_true(gif->SavedImages[i].ImageDesc.Width < 50);
    }
    assert_int_equal(time, FRAMES * 5 + 100);
    DGifCloseFile(gif, NULL);
    assert_int_equal(sweep_folder(), 1);
}

/// 30 pictures a second are no whole number of hundredths: the sum is right.
static void test_a_gif_keeps_time(void **state) {
    (void)state;
    char path[128];
    path_to(path, "a.gif");
    Error error = {""};
    Film *film = film_create(&(FilmDesc){.path = path, .width = W, .height = H, .fps = 30}, &error);
    assert_non_null(film);
    for (int i = 0; i < 60; i++) {
        memset(pixels, i, sizeof pixels);
        assert_true(film_add(film, pixels, &error));
    }
    assert_true(film_finish(film, 0.5, &error));
    film_destroy(film);
    GifFileType *gif = DGifOpenFileName(path, NULL);
    assert_non_null(gif);
    assert_int_equal(DGifSlurp(gif), GIF_OK);
    int time = 0;
    for (int i = 0; i < gif->ImageCount; i++) {
        const int delay = delay_of(gif, i);
        if (i + 1 < gif->ImageCount) assert_in_range(delay, 3, 4);
        time += delay;
    }
    assert_int_equal(time, 250);
    DGifCloseFile(gif, NULL);
    assert_int_equal(sweep_folder(), 1);
}

/// A frame's delay ends at 655.35 s: longer ones are several, which change nothing.
static void test_a_gif_holds_as_long_as_said(void **state) {
    (void)state;
    static const struct {
        int repeats; // at ten a second
        double hold;
        int frames, hundredths;
    } cases[] = {{6000, 0, 2, 60020},    {6551, 0.15, 2, 65545}, {6551, 0.16, 3, 65546},
                 {6554, 0, 3, 65560},    {0, 655.25, 2, 65545},  {0, 655.26, 3, 65546},
                 {20000, 100, 5, 210020}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[128];
        path_to(path, "a.gif");
        Error error = {""};
        Film *film =
            film_create(&(FilmDesc){.path = path, .width = W, .height = H, .fps = 10}, &error);
        assert_non_null(film);
        draw(0);
        assert_true(film_add(film, pixels, &error));
        draw(1);
        assert_true(film_add(film, pixels, &error));
        assert_true(film_repeat(film, cases[i].repeats, &error));
        assert_true(film_finish(film, cases[i].hold, &error));
        film_destroy(film);
        GifFileType *gif = DGifOpenFileName(path, NULL);
        assert_non_null(gif);
        assert_int_equal(DGifSlurp(gif), GIF_OK);
        assert_int_equal(gif->ImageCount, cases[i].frames);
        static uint8_t shown[W * H * 3], held[W * H * 3];
        int64_t time = 0;
        for (int k = 0; k < gif->ImageCount; k++) {
            compose(gif, k, k < 2 ? shown : held);
            if (k == 1) memcpy(held, shown, sizeof held);
            time += delay_of(gif, k);
        }
        assert_int_equal(time, cases[i].hundredths);
        assert_memory_equal(held, shown, sizeof held);
        DGifCloseFile(gif, NULL);
    }
    assert_int_equal(sweep_folder(), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind_is_made_and_repeats),
        cmocka_unit_test(test_a_picture_repeats),
        cmocka_unit_test(test_what_is_given_up_leaves_nothing),
        cmocka_unit_test(test_names_that_are_no_film),
        cmocka_unit_test(test_without_ffmpeg),
        cmocka_unit_test(test_an_ffmpeg_that_fails),
        cmocka_unit_test(test_a_gif_shows_what_went_in),
        cmocka_unit_test(test_a_gif_keeps_time),
        cmocka_unit_test(test_a_gif_holds_as_long_as_said),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
