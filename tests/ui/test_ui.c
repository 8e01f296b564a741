// Widgets, driven by made-up input: whose the mouse and the keys are, what is returned when, and
// that an open menu takes everything.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/window.h"
#include "support.h"
#include "ui/ui.h"

enum { WIDTH = 640, HEIGHT = 480 };

typedef struct Bench {
    Window *window;
    Gfx *gfx;
    Ui *ui;
    UiInput input;
} Bench;

static Bench bench;

static int set_up(void **state) {
    (void)state;
    Error error;
    WindowDesc window = {.width = WIDTH, .height = HEIGHT, .headless = true, .debug = true};
    bench.window = window_create(&window, &error);
    if (!bench.window) {
        print_error("%s\n", error.text);
        return -1;
    }
    GfxDesc gfx = {.debug = true, .fonts = "DejaVu Sans"};
    bench.gfx = gfx_create(&gfx, &error);
    if (!bench.gfx) print_error("%s\n", error.text);
    return bench.gfx ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    const char *message = "";
    int errors = gfx_errors(bench.gfx, &message);
    if (errors) print_error("OpenGL: %s\n", message);
    gfx_destroy(bench.gfx);
    window_destroy(bench.window);
    return errors;
}

static int fresh(void **state) {
    (void)state;
    bench.ui = ui_create();
    bench.input = (UiInput){.mouse_inside = true, .mouse_x = -1, .mouse_y = -1};
    return bench.ui ? 0 : -1;
}

static int drop(void **state) {
    (void)state;
    ui_destroy(bench.ui);
    return 0;
}

static void begin(void) {
    bench.input.time += 1.0 / 60;
    ui_begin(bench.ui, bench.gfx, theme_find("dark"), 1, WIDTH, HEIGHT, &bench.input);
    gfx_begin(bench.gfx, NULL, WIDTH, HEIGHT, theme_find("dark")->background);
}

static void end(void) {
    ui_end(bench.ui);
    gfx_end(bench.gfx);
    UiInput *input = &bench.input;
    memset(input->pressed, 0, sizeof input->pressed);
    memset(input->released, 0, sizeof input->released);
    input->wheel = 0;
    input->n_keys = 0;
    input->text[0] = '\0';
}

static void point(float x, float y) {
    bench.input.mouse_x = x;
    bench.input.mouse_y = y;
}

static void press(void) {
    bench.input.down[0] = bench.input.pressed[0] = true;
    bench.input.clicks = 1;
}

static void release(void) {
    bench.input.down[0] = false;
    bench.input.released[0] = true;
}

static void key(UiKey k) {
    bench.input.keys[bench.input.n_keys++] = k;
}

// ---- buttons

static const Rect first = {10, 10, 80, 28}, second = {10, 50, 80, 28};

/// Two buttons.  @return 1, 2: which was activated; 0: none
static int two_buttons(bool enabled) {
    begin();
    int which = ui_button(bench.ui, "first", first, "First", enabled) ? 1 : 0;
    if (ui_button(bench.ui, "second", second, "Second", true)) which = 2;
    end();
    return which;
}

static void a_click_activates_on_release(void **state) {
    (void)state;
    two_buttons(true);
    point(20, 20);
    assert_int_equal(two_buttons(true), 0);
    assert_true(ui_wants_mouse(bench.ui));
    press();
    assert_int_equal(two_buttons(true), 0);
    assert_true(ui_held(bench.ui, "first"));
    release();
    assert_int_equal(two_buttons(true), 1);
    assert_true(ui_committed(bench.ui, "first"));
    assert_int_equal(two_buttons(true), 0);
    assert_false(ui_committed(bench.ui, "first"));
}

static void a_press_let_go_elsewhere_does_nothing(void **state) {
    (void)state;
    two_buttons(true);
    point(20, 20);
    press();
    two_buttons(true);
    point(20, 60);
    assert_int_equal(two_buttons(true), 0);
    release();
    assert_int_equal(two_buttons(true), 0);
}

static void a_press_begun_elsewhere_does_nothing(void **state) {
    (void)state;
    two_buttons(true);
    point(300, 300);
    press();
    two_buttons(true);
    assert_false(ui_wants_mouse(bench.ui)); // the views'
    point(20, 20);
    two_buttons(true);
    assert_false(ui_wants_mouse(bench.ui)); // though it passes over a button
    release();
    assert_int_equal(two_buttons(true), 0);
}

static void press_and_release_in_one_frame_click(void **state) {
    (void)state;
    two_buttons(true);
    point(20, 60);
    press();
    release();
    assert_int_equal(two_buttons(true), 2);
}

static void disabled_buttons_are_dead(void **state) {
    (void)state;
    two_buttons(false);
    point(20, 20);
    press();
    two_buttons(false);
    release();
    assert_int_equal(two_buttons(false), 0);
    key(UI_KEY_TAB);
    two_buttons(false);
    key(UI_KEY_ENTER);
    assert_int_equal(two_buttons(false), 2); // Tab passed over the first
}

static void tab_goes_round_and_enter_activates(void **state) {
    (void)state;
    two_buttons(true);
    assert_false(ui_uses_key(bench.ui, UI_KEY_SPACE));
    key(UI_KEY_TAB);
    two_buttons(true);
    assert_true(ui_uses_key(bench.ui, UI_KEY_SPACE));
    assert_false(ui_uses_key(bench.ui, UI_KEY_LEFT));
    key(UI_KEY_ENTER);
    assert_int_equal(two_buttons(true), 1);
    key(UI_KEY_TAB);
    two_buttons(true);
    key(UI_KEY_SPACE);
    assert_int_equal(two_buttons(true), 2);
    key(UI_KEY_TAB);
    two_buttons(true);
    key(UI_KEY_SPACE);
    assert_int_equal(two_buttons(true), 1);
    key(UI_KEY_BACKTAB);
    two_buttons(true);
    key(UI_KEY_SPACE);
    assert_int_equal(two_buttons(true), 2);
    ui_clear_focus(bench.ui);
    key(UI_KEY_SPACE);
    assert_int_equal(two_buttons(true), 0);
}

static void a_click_leaves_no_focus_on_a_button(void **state) {
    (void)state;
    two_buttons(true);
    point(20, 20);
    press();
    two_buttons(true);
    release();
    two_buttons(true);
    assert_false(ui_uses_key(bench.ui, UI_KEY_SPACE)); // it stays the shortcut for play
}

static void the_topmost_of_overlapping_ones_gets_the_click(void **state) {
    (void)state;
    int which = 0;
    for (int i = 0; i < 3; i++) {
        if (i == 1) point(20, 20), press();
        if (i == 2) release();
        begin();
        if (ui_button(bench.ui, "below", first, "Below", true)) which = 1;
        if (ui_button(bench.ui, "above", first, "Above", true)) which = 2;
        end();
    }
    assert_int_equal(which, 2);
}

static void clipped_widgets_are_not_hit(void **state) {
    (void)state;
    bool hit = false;
    for (int i = 0; i < 4; i++) {
        if (i == 1) point(20, 30); // in the button, outside the clip
        if (i == 1) press();
        if (i == 2) release();
        begin();
        ui_clip_push(bench.ui, (Rect){0, 0, 200, 20});
        hit = ui_button(bench.ui, "clipped", first, "Clipped", true) || hit;
        ui_clip_pop(bench.ui);
        end();
    }
    assert_false(hit);
}

// ---- sliders

static const Rect track = {100, 100, 200, 32};

static bool slide(UiSlider desc, double *value) {
    begin();
    bool changed = ui_slider(bench.ui, "slider", track, &desc, value);
    end();
    return changed;
}

static void a_slider_follows_a_drag_beyond_its_ends(void **state) {
    (void)state;
    UiSlider desc = {.lo = 0, .hi = 10, .step = 1};
    double value = 2;
    slide(desc, &value);
    point(200, 116); // the middle
    press();
    assert_true(slide(desc, &value));
    assert_close(value, 5, 0);
    assert_true(ui_held(bench.ui, "slider"));
    assert_false(ui_committed(bench.ui, "slider"));
    assert_false(slide(desc, &value)); // at rest nothing changes
    point(290, 300);
    assert_true(slide(desc, &value));
    assert_true(value >= 9);
    point(600, 300);
    slide(desc, &value);
    assert_close(value, 10, 0);
    release();
    slide(desc, &value);
    assert_true(ui_committed(bench.ui, "slider"));
    assert_false(ui_held(bench.ui, "slider"));
    point(110, 116);
    assert_false(slide(desc, &value));
    assert_close(value, 10, 0);
}

static void a_grabbed_knob_does_not_jump(void **state) {
    (void)state;
    UiSlider desc = {.lo = 0, .hi = 1};
    double value = 0.5;
    slide(desc, &value);
    point(203, 116); // beside the knob's middle
    press();
    assert_false(slide(desc, &value));
    assert_close(value, 0.5, 0);
}

static void logarithmic_sliders_give_round_numbers(void **state) {
    (void)state;
    UiSlider desc = {.lo = 1e-4, .hi = 1, .log = true};
    double value = 1e-4;
    slide(desc, &value);
    point(200, 116);
    press();
    assert_true(slide(desc, &value));
    assert_close(value, 0.01, 1e-12);
    point(230, 116);
    slide(desc, &value);
    double digits = value / pow(10, floor(log10(value)) - 1);
    assert_close(digits, round(digits), 1e-9);
}

static void keys_move_a_slider(void **state) {
    (void)state;
    UiSlider desc = {.lo = 0, .hi = 100, .step = 1};
    double value = 50;
    slide(desc, &value);
    key(UI_KEY_TAB);
    slide(desc, &value);
    assert_true(ui_uses_key(bench.ui, UI_KEY_LEFT));
    key(UI_KEY_RIGHT);
    key(UI_KEY_RIGHT);
    assert_true(slide(desc, &value));
    assert_true(ui_committed(bench.ui, "slider"));
    assert_close(value, 52, 0);
    bench.input.shift = true;
    key(UI_KEY_LEFT);
    slide(desc, &value);
    bench.input.shift = false;
    assert_close(value, 42, 0);
    key(UI_KEY_END);
    slide(desc, &value);
    assert_close(value, 100, 0);
    key(UI_KEY_HOME);
    slide(desc, &value);
    assert_close(value, 0, 0);
    key(UI_KEY_LEFT);
    assert_false(slide(desc, &value));
}

static void every_key_moves_a_logarithmic_slider(void **state) {
    (void)state;
    UiSlider desc = {.lo = 20, .hi = 2000, .step = 10, .log = true};
    double value = 20;
    slide(desc, &value);
    key(UI_KEY_TAB);
    slide(desc, &value);
    for (int i = 0; i < 300 && value < 2000; i++) {
        double before = value;
        key(UI_KEY_RIGHT);
        slide(desc, &value);
        assert_true(value > before);
    }
    assert_close(value, 2000, 0);
}

static void a_slider_with_nowhere_to_go_is_dead(void **state) {
    (void)state;
    UiSlider desc = {.lo = 0, .hi = 0};
    double value = 0;
    slide(desc, &value);
    point(250, 116);
    press();
    assert_false(slide(desc, &value));
    assert_close(value, 0, 0);
}

// ---- menus

static const Rect button = {100, 100, 120, 28};
static const char *const letters[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i",
                                      "j", "k", "l", "m", "n", "o", "p", "q", "r",
                                      "s", "t", "u", "v", "w", "x", "y", "z"};

/// A menu of n letters and a button that its open list covers.
static bool choose(int n, int *index, bool *covered) {
    begin();
    bool beneath = ui_button(bench.ui, "covered", (Rect){100, 134, 120, 100}, "Covered", true);
    bool changed = ui_menu(bench.ui, "menu", button, letters, n, index);
    if (covered) *covered = beneath;
    end();
    return changed;
}

static void click_at(float x, float y, int n, int *index, bool *changed, bool *covered) {
    point(x, y);
    press();
    *changed = choose(n, index, covered);
    bool beneath = covered && *covered;
    release();
    *changed = choose(n, index, covered) || *changed;
    if (covered) *covered = *covered || beneath;
}

static void a_menu_opens_chooses_and_captures_the_mouse(void **state) {
    (void)state;
    int index = 0;
    bool changed, covered;
    choose(4, &index, NULL);
    click_at(150, 110, 4, &index, &changed, &covered);
    assert_false(changed);
    assert_true(ui_wants_mouse(bench.ui));
    // Items of 28 below the button: the third one.
    click_at(150, 100 + 28 + 4 + 4 + 2.5f * 28, 4, &index, &changed, &covered);
    assert_true(changed);
    assert_false(covered);
    assert_int_equal(index, 2);
    click_at(150, 150, 4, &index, &changed, &covered); // closed: the button is hit again
    assert_true(covered);
}

static void pressing_dragging_and_letting_go_chooses(void **state) {
    (void)state;
    int index = 0;
    choose(4, &index, NULL);
    point(150, 110);
    press();
    choose(4, &index, NULL);
    point(150, 100 + 28 + 4 + 4 + 1.5f * 28);
    choose(4, &index, NULL);
    release();
    assert_true(choose(4, &index, NULL));
    assert_int_equal(index, 1);
}

static void a_click_outside_only_closes(void **state) {
    (void)state;
    int index = 1;
    bool changed, covered;
    choose(2, &index, NULL);
    click_at(150, 110, 2, &index, &changed, NULL);
    click_at(150, 215, 2, &index, &changed, &covered); // over the covered button, below the list
    assert_false(changed);
    assert_false(covered);
    assert_int_equal(index, 1);
    click_at(150, 215, 2, &index, &changed, &covered);
    assert_true(covered);
}

static void keys_work_a_menu(void **state) {
    (void)state;
    int index = 0;
    choose(5, &index, NULL);
    key(UI_KEY_TAB);
    choose(5, &index, NULL);
    key(UI_KEY_TAB);
    choose(5, &index, NULL);
    key(UI_KEY_DOWN); // closed: changes at once
    assert_true(choose(5, &index, NULL));
    assert_int_equal(index, 1);
    key(UI_KEY_ENTER);
    assert_false(choose(5, &index, NULL));
    assert_true(ui_uses_key(bench.ui, UI_KEY_ESCAPE));
    key(UI_KEY_DOWN);
    key(UI_KEY_DOWN);
    assert_false(choose(5, &index, NULL));
    key(UI_KEY_ESCAPE);
    assert_false(choose(5, &index, NULL));
    assert_int_equal(index, 1);
    assert_false(ui_uses_key(bench.ui, UI_KEY_ESCAPE));
    key(UI_KEY_SPACE);
    choose(5, &index, NULL);
    key(UI_KEY_END);
    choose(5, &index, NULL);
    key(UI_KEY_ENTER);
    assert_true(choose(5, &index, NULL));
    assert_int_equal(index, 4);
}

static void a_title_menu_opens_by_keys_and_shows_two_columns(void **state) {
    (void)state;
    static const char *const items[] = {"first\twhat it is", "second\tand what that is", "third"};
    const Rect triangle = {100, 100, 20, 20};
    int index = 1;
    const struct {
        UiKey key;
        bool changes;
    } steps[] = {{UI_KEY_NONE, false},
                 {UI_KEY_TAB, false},
                 {UI_KEY_DOWN, false},
                 {UI_KEY_DOWN, false},
                 {UI_KEY_ENTER, true}};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (steps[i].key != UI_KEY_NONE) key(steps[i].key);
        begin();
        bool changed = ui_title_menu(bench.ui, "title", triangle, items, 3, &index, "a tip");
        end();
        assert_int_equal(changed, steps[i].changes);
        assert_int_equal(ui_wants_mouse(bench.ui), i == 2 || i == 3); // the open list does
    }
    assert_int_equal(index, 2);
}

static void the_wheel_scrolls_a_long_list(void **state) {
    (void)state;
    int index = 0;
    bool changed;
    choose(26, &index, NULL);
    click_at(150, 110, 26, &index, &changed, NULL);
    point(150, 140);
    bench.input.wheel = -100;
    choose(26, &index, NULL);
    assert_true(ui_wants_mouse(bench.ui));
    // The list fills what is below the button; its last item now ends at its lower edge.
    click_at(150, HEIGHT - 4 - 4 - 10, 26, &index, &changed, NULL);
    assert_true(changed);
    assert_int_equal(index, 25);
}

static void a_menu_that_vanishes_closes(void **state) {
    (void)state;
    int index = 0;
    bool changed;
    choose(3, &index, NULL);
    click_at(150, 110, 3, &index, &changed, NULL);
    assert_true(ui_wants_mouse(bench.ui));
    two_buttons(true);
    two_buttons(true);
    point(400, 400);
    two_buttons(true);
    assert_false(ui_wants_mouse(bench.ui));
}

// ---- switches, sections, numbers

static void switches_and_sections_flip(void **state) {
    (void)state;
    bool on = false, open = true;
    for (int i = 0; i < 5; i++) {
        if (i == 1 || i == 3) press();
        if (i == 1) point(60, 20);
        if (i == 3) point(60, 60);
        if (i == 2 || i == 4) release();
        begin();
        bool flipped = ui_toggle(bench.ui, "on", first, "on", &on);
        assert_int_equal(flipped, i == 2);
        assert_int_equal(ui_section(bench.ui, "open", second, "Open", &open), i != 4);
        end();
    }
    assert_true(on);
    assert_false(open);
}

static bool number(int64_t *value) {
    begin();
    bool changed = ui_number(bench.ui, "number", first, 1, 256, value);
    ui_button(bench.ui, "other", second, "Other", true);
    end();
    return changed;
}

static void type(const char *text) {
    snprintf(bench.input.text, sizeof bench.input.text, "%s", text);
}

static void numbers_are_typed_and_taken_by_enter(void **state) {
    (void)state;
    int64_t value = 2;
    number(&value);
    assert_false(ui_text_focus(bench.ui));
    point(20, 20);
    press();
    number(&value);
    release();
    number(&value);
    assert_true(ui_text_focus(bench.ui));
    assert_true(ui_uses_key(bench.ui, UI_KEY_SPACE));
    type("1x6");
    assert_false(number(&value));
    assert_int_equal(value, 2);
    key(UI_KEY_ENTER);
    assert_true(number(&value));
    assert_int_equal(value, 16);
    assert_true(ui_committed(bench.ui, "number"));
}

static void numbers_stay_within_their_ends(void **state) {
    (void)state;
    int64_t value = 2;
    number(&value);
    key(UI_KEY_TAB);
    number(&value);
    type("99999");
    number(&value);
    key(UI_KEY_ENTER);
    assert_true(number(&value));
    assert_int_equal(value, 256);
    key(UI_KEY_BACKSPACE);
    number(&value);
    key(UI_KEY_ENTER); // nothing typed is no number
    assert_false(number(&value));
    key(UI_KEY_DOWN);
    assert_true(number(&value));
    assert_int_equal(value, 255);
    bench.input.shift = true;
    key(UI_KEY_UP);
    number(&value);
    bench.input.shift = false;
    assert_int_equal(value, 256);
}

static void leaving_a_number_takes_it_and_escape_drops_it(void **state) {
    (void)state;
    int64_t value = 2;
    number(&value);
    key(UI_KEY_TAB);
    number(&value);
    type("7");
    number(&value);
    key(UI_KEY_TAB);
    assert_true(number(&value));
    assert_int_equal(value, 7);
    assert_false(ui_text_focus(bench.ui));
    key(UI_KEY_BACKTAB);
    number(&value);
    type("9");
    number(&value);
    key(UI_KEY_ESCAPE);
    assert_false(number(&value));
    assert_false(number(&value));
    assert_int_equal(value, 7);
    assert_false(ui_text_focus(bench.ui));
}

// ---- frames

static void nothing_moves_once_easing_has_ended(void **state) {
    (void)state;
    two_buttons(true);
    point(20, 20);
    two_buttons(true);
    assert_true(ui_animating(bench.ui));
    assert_close(ui_wake_after(bench.ui), 0, 0);
    for (int i = 0; i < 15; i++) two_buttons(true);
    assert_false(ui_animating(bench.ui));
    assert_true(isinf(ui_wake_after(bench.ui)));
}

static void nothing_eases_with_reduced_motion(void **state) {
    (void)state;
    bench.input.reduced_motion = true;
    two_buttons(true);
    point(20, 20);
    two_buttons(true);
    assert_false(ui_animating(bench.ui));
    point(400, 400);
    two_buttons(true);
    assert_false(ui_animating(bench.ui));
}

static void a_tip_is_awaited_then_shown(void **state) {
    (void)state;
    double wait = 0;
    for (int i = 0; i < 60; i++) {
        point(20, 20);
        begin();
        ui_icon_button(bench.ui, "icon", first, UI_ICON_PLAY, true, true, "a tip");
        end();
        if (i == 20) wait = ui_wake_after(bench.ui);
    }
    assert_true(wait > 0 && wait < 0.5);
    assert_true(isinf(ui_wake_after(bench.ui)));
}

static void the_map_names_what_is_visible(void **state) {
    (void)state;
    char path[] = "/tmp/saddle-test-ui-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    int index = 0;
    bool changed;
    choose(3, &index, NULL);
    uint32_t version = ui_map_version(bench.ui);
    choose(3, &index, NULL);
    assert_int_equal(ui_map_version(bench.ui), version);
    click_at(150, 110, 3, &index, &changed, NULL);
    assert_int_not_equal(ui_map_version(bench.ui), version);
    assert_true(ui_write_map(bench.ui, path));
    char text[1024] = "";
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    unlink(path);
    assert_true(length > 0);
    assert_non_null(strstr(text, "menu 100 100 120 28\n"));
    assert_non_null(strstr(text, "menu/0 104 136 112 28\n"));
    assert_non_null(strstr(text, "menu/2 "));
    assert_null(strstr(text, "menu/3 "));
}

static void every_icon_draws_something(void **state) {
    (void)state;
    static uint8_t rgba[WIDTH * HEIGHT * 4];
    for (int icon = UI_ICON_RESTART; icon <= UI_ICON_FASTER; icon++) {
        begin();
        ui_icon_button(bench.ui, "icon", (Rect){100, 100, 40, 40}, (UiIcon)icon, false, true, NULL);
        end();
        gfx_read(bench.gfx, NULL, WIDTH, HEIGHT, rgba);
        int bright = 0;
        for (int y = 105; y < 135; y++) {
            for (int x = 105; x < 135; x++) bright += rgba[4 * (y * WIDTH + x)] > 150;
        }
        assert_in_range(bright, 20, 500);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fresh, drop)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_click_activates_on_release),
        TEST(a_press_let_go_elsewhere_does_nothing),
        TEST(a_press_begun_elsewhere_does_nothing),
        TEST(press_and_release_in_one_frame_click),
        TEST(disabled_buttons_are_dead),
        TEST(tab_goes_round_and_enter_activates),
        TEST(a_click_leaves_no_focus_on_a_button),
        TEST(the_topmost_of_overlapping_ones_gets_the_click),
        TEST(clipped_widgets_are_not_hit),
        TEST(a_slider_follows_a_drag_beyond_its_ends),
        TEST(a_grabbed_knob_does_not_jump),
        TEST(logarithmic_sliders_give_round_numbers),
        TEST(keys_move_a_slider),
        TEST(every_key_moves_a_logarithmic_slider),
        TEST(a_slider_with_nowhere_to_go_is_dead),
        TEST(a_menu_opens_chooses_and_captures_the_mouse),
        TEST(pressing_dragging_and_letting_go_chooses),
        TEST(a_click_outside_only_closes),
        TEST(keys_work_a_menu),
        TEST(a_title_menu_opens_by_keys_and_shows_two_columns),
        TEST(the_wheel_scrolls_a_long_list),
        TEST(a_menu_that_vanishes_closes),
        TEST(switches_and_sections_flip),
        TEST(numbers_are_typed_and_taken_by_enter),
        TEST(numbers_stay_within_their_ends),
        TEST(leaving_a_number_takes_it_and_escape_drops_it),
        TEST(nothing_moves_once_easing_has_ended),
        TEST(nothing_eases_with_reduced_motion),
        TEST(a_tip_is_awaited_then_shown),
        TEST(the_map_names_what_is_visible),
        TEST(every_icon_draws_something),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
