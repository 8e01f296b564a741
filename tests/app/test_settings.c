// Settings come back as they were saved, broken lines are named and skipped, and the keys and paces
// are those of the contract.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/chrome.h"
#include "app/desktop.h"
#include "app/settings.h"
#include "app/shortcuts.h"
#include "support.h"

static char folder[] = "/tmp/saddle-test-settings-XXXXXX";
static char path[128];

static int set_up(void **state) {
    (void)state;
    if (!mkdtemp(folder)) return -1;
    snprintf(path, sizeof path, "%s/saddle/settings.ini", folder);
    return setenv("XDG_CONFIG_HOME", folder, 1);
}

static int tear_down(void **state) {
    (void)state;
    unlink(path);
    *strrchr(path, '/') = '\0';
    rmdir(path);
    return rmdir(folder);
}

static void write_file(const char *text) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void settings_come_back(void **state) {
    (void)state;
    Error error = {""};
    Settings first = settings_default();
    assert_true(settings_load(&first, &error)); // none yet
    assert_int_equal(first.width, 1440);
    assert_string_equal(first.film, "gif");
    Settings saved = {.theme = "light",
                      .text_size = 1.21,
                      .width = 800,
                      .height = 601,
                      .panel_folded = true,
                      .film = "webm",
                      .reduced_motion = true,
                      .motion_chosen = true};
    assert_true(settings_save(&saved, &error));
    Settings read = settings_default();
    assert_true(settings_load(&read, &error));
    assert_string_equal(read.theme, "light");
    assert_close(read.text_size, 1.21, 0);
    assert_int_equal(read.width, 800);
    assert_int_equal(read.height, 601);
    assert_true(read.panel_folded);
    assert_string_equal(read.film, "webm");
    assert_true(read.reduced_motion);
}

static void write_config(const char *name, const char *text) {
    char file[200];
    snprintf(file, sizeof file, "%s/%s", folder, name);
    *strrchr(file, '/') = '\0';
    mkdir(file, 0777);
    snprintf(file, sizeof file, "%s/%s", folder, name);
    FILE *stream = fopen(file, "w");
    assert_non_null(stream);
    fputs(text, stream);
    fclose(stream);
}

static void remove_config(const char *name) {
    char file[200];
    snprintf(file, sizeof file, "%s/%s", folder, name);
    unlink(file);
    *strrchr(file, '/') = '\0';
    if (strcmp(file, folder) != 0) rmdir(file);
}

static void motion_is_as_the_desktop_has_it(void **state) {
    (void)state;
    static const struct {
        const char *file, *text;
        bool reduced;
    } wishes[] = {
        {"gtk-3.0/settings.ini", "[Settings]\ngtk-enable-animations=false\n", true},
        {"gtk-3.0/settings.ini", "[Settings]\n gtk-enable-animations = 0", true},
        {"gtk-3.0/settings.ini", "[Settings]\ngtk-enable-animations=true\n", false},
        {"gtk-3.0/settings.ini", "[Other]\ngtk-enable-animations=false\n", false},
        {"gtk-4.0/settings.ini", "[Settings]\r\ngtk-enable-animations=False\r\n", true},
        {"gtk-4.0/settings.ini", "[Settings\n=\ngtk-enable-animations\n\x01[]\n", false},
        {"kdeglobals", "[General]\nx=1\n[KDE]\nAnimationDurationFactor=0\n", true},
        {"kdeglobals", "[KDE]\nAnimationDurationFactor=0.5\n", false},
    };
    unsetenv("SADDLE_REDUCED_MOTION");
    assert_false(desktop_reduces_motion());
    for (size_t i = 0; i < sizeof wishes / sizeof *wishes; i++) {
        write_config(wishes[i].file, wishes[i].text);
        if (desktop_reduces_motion() != wishes[i].reduced) fail_msg("wish %zu", i);
        setenv("SADDLE_REDUCED_MOTION", wishes[i].reduced ? "0" : "1", 1); // stands above it
        assert_int_equal(desktop_reduces_motion(), !wishes[i].reduced);
        unsetenv("SADDLE_REDUCED_MOTION");
        remove_config(wishes[i].file);
    }
}

static void a_desktops_wish_is_not_taken_for_the_persons(void **state) {
    (void)state;
    Error error = {""};
    unlink(path);
    setenv("SADDLE_REDUCED_MOTION", "1", 1);
    Settings settings = settings_default();
    assert_true(settings.reduced_motion);
    assert_true(settings_save(&settings, &error));
    unsetenv("SADDLE_REDUCED_MOTION");
    settings = settings_default();
    assert_true(settings_load(&settings, &error));
    assert_false(settings.reduced_motion);

    settings.motion_chosen = true; // now it is chosen, against the desktop
    assert_true(settings_save(&settings, &error));
    setenv("SADDLE_REDUCED_MOTION", "1", 1);
    settings = settings_default();
    assert_true(settings_load(&settings, &error));
    assert_false(settings.reduced_motion);
    unsetenv("SADDLE_REDUCED_MOTION");
}

static void broken_lines_are_named_and_skipped(void **state) {
    (void)state;
    static const char *const broken[] = {
        "theme = pink", "theme",         "text_size = 1e9", "text_size = nan", "width = wide",
        "width = 12",   "height = -600", "height = 600x",   "panel_folded = ", "reduced_motion = 2",
        "\x01\x02\xff", "colour = red",  "film = avi",      "film = .mp4"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        char text[256];
        snprintf(text, sizeof text, "# a comment\n\n%s\n  theme=light \r\n", broken[i]);
        write_file(text);
        Error error = {""};
        Settings settings = settings_default();
        assert_false(settings_load(&settings, &error));
        assert_non_null(strstr(error.text, "settings.ini: line 3 "));
        assert_string_equal(settings.theme, "light");
        assert_close(settings.text_size, 1, 0);
        assert_int_equal(settings.width, 1440);
        assert_int_equal(settings.height, 900);
        assert_string_equal(settings.film, "gif");
    }
}

static void paces_step_up_and_down(void **state) {
    (void)state;
    assert_close(pace_step(20, 1), 50, 0);
    assert_close(pace_step(20, -1), 10, 0);
    assert_close(pace_step(33, 1), 50, 0);
    assert_close(pace_step(33, -1), 20, 0);
    assert_close(pace_step(PACE_MIN, -1), PACE_MIN, 0);
    assert_close(pace_step(PACE_MAX, 1), PACE_MAX, 0);
    assert_close(pace_step(1000, 1), PACE_MAX, 0);
    assert_close(pace_step(PACE_MAX, -1), 1000, 0);
}

static void numbers_are_as_a_person_writes_them(void **state) {
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0, "0"},   {0.005, "0.005"}, {0.1, "0.1"}, {1, "1"},
                 {20, "20"}, {0.25, "0.25"},   {100, "100"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[64];
        chrome_number(cases[i].value, text, sizeof text);
        assert_string_equal(text, cases[i].text);
    }
    char text[64];
    chrome_number(1e-5, text, sizeof text);
    assert_null(strstr(text, ".0"));
    chrome_name("torch_linear", text, sizeof text);
    assert_string_equal(text, "torch linear");
    chrome_name("sgd", text, sizeof text);
    assert_string_equal(text, "SGD");
}

static void menus_and_messages_speak_the_windows_language(void **state) {
    (void)state;
    Snapshot run = {.state = RUN_DONE, .epoch = 40, .best_epoch = 30};
    Dataset data = {.n = 10, .n_train = 10};
    run.data = &data;
    snprintf(run.message, sizeof run.message, "Stopped early");
    Chrome chrome = {.run = &run};
    char text[320];
    status_message(&chrome, text, sizeof text);
    assert_string_equal(text, "Stopped early");
    chrome_item(&chrome, "none", text, sizeof text);
    assert_string_equal(text, "none");
    chrome.chinese = true;
    chrome_item(&chrome, "none", text, sizeof text);
    assert_string_equal(text, "无");
    chrome_item(&chrome, "sgd", text, sizeof text); // a proper name
    assert_string_equal(text, "SGD");
    status_message(&chrome, text, sizeof text);
    assert_non_null(strstr(text, "第 40 轮提前停止：训练损失自第 30 轮起"));
    data.n_train = 7;
    status_message(&chrome, text, sizeof text);
    assert_non_null(strstr(text, "测试损失"));
    run = (Snapshot){.state = RUN_DIVERGED, .diverged_epoch = 3, .warns = true, .data = &data};
    run.optimizer.learning_rate = 0.5f;
    status_message(&chrome, text, sizeof text);
    assert_non_null(strstr(text, "第 3 轮变为无穷大"));
    assert_non_null(strstr(text, "0.5"));
    run.state = RUN_PAUSED; // what a file has wrong is told as it comes
    snprintf(run.message, sizeof run.message, "x.csv: line 3: no number");
    status_message(&chrome, text, sizeof text);
    assert_string_equal(text, run.message);
}

static void keys_mean_what_the_contract_says(void **state) {
    (void)state;
    assert_int_equal(shortcut_of_key(' ', false, false).kind, SHORTCUT_PLAY);
    assert_int_equal(shortcut_of_key('q', true, false).kind, SHORTCUT_QUIT);
    assert_int_equal(shortcut_of_key('q', false, false).kind, SHORTCUT_NONE);
    assert_int_equal(shortcut_of_key('0', true, false).kind, SHORTCUT_TEXT_SIZE);
    assert_int_equal(shortcut_of_key('0', false, false).kind, SHORTCUT_NONE);
    assert_int_equal(shortcut_of_key('z', true, false).kind, SHORTCUT_UNDO);
    assert_int_equal(shortcut_of_key('z', true, true).kind, SHORTCUT_REDO);
    assert_int_equal(shortcut_of_key('y', true, false).kind, SHORTCUT_REDO);
    assert_int_equal(shortcut_of_key('z', false, false).kind, SHORTCUT_NONE);
    assert_int_equal(shortcut_of_text(".").kind, SHORTCUT_STEP);
    assert_int_equal(shortcut_of_text("[").by, -1);
    assert_int_equal(shortcut_of_text("]").by, 1);
    assert_int_equal(shortcut_of_text("?").kind, SHORTCUT_HELP);
    assert_int_equal(shortcut_of_text("1").by, 0);
    assert_int_equal(shortcut_of_text("9").by, 8);
    assert_int_equal(shortcut_of_text("0").kind, SHORTCUT_NONE);
    assert_int_equal(shortcut_of_text("q").kind, SHORTCUT_NONE);
    assert_int_equal(shortcut_of_text("").kind, SHORTCUT_NONE);
    assert_int_equal(shortcut_of_text("汉").kind, SHORTCUT_NONE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_come_back),
        cmocka_unit_test(motion_is_as_the_desktop_has_it),
        cmocka_unit_test(a_desktops_wish_is_not_taken_for_the_persons),
        cmocka_unit_test(broken_lines_are_named_and_skipped),
        cmocka_unit_test(paces_step_up_and_down),
        cmocka_unit_test(numbers_are_as_a_person_writes_them),
        cmocka_unit_test(menus_and_messages_speak_the_windows_language),
        cmocka_unit_test(keys_mean_what_the_contract_says),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
