// What is shown in the window drawn once more as a picture: the same views in the same places,
// without widgets, and none of them drawn anew.
#include <stdlib.h>
#include <string.h>

#include "views/layout.h"

enum { WIDTH = 640, HEIGHT = 480, BYTES = WIDTH * HEIGHT * 4 };

#include "view_runs.h"
#include "view_stage.h"

static struct {
    Ui *ui;
    Run run;
    Layout *layout;
    LayoutFrame frame;
    ViewActions actions;
    uint8_t window_rgba[BYTES], plain[BYTES];
} stage;

static int set_up(void **state) {
    (void)state;
    if (open_stage(false) != 0) return -1;
    Error error;
    stage.ui = ui_create();
    stage.run = run_create("xor-shallow", 0);
    const Experiment *experiment = stage.run.snapshot.experiment;
    stage.layout = layout_create(experiment, &error);
    if (!stage.layout) fail_msg("%s", error.text);
    stage.frame = (LayoutFrame){.gfx = gfx,
                                .theme = &themes[0],
                                .scale = 1,
                                .area = {12, 56, WIDTH - 24, HEIGHT - 100},
                                .run = &stage.run.snapshot,
                                .ui = stage.ui,
                                .resting = true};
    if (!layout_survey_now(stage.layout, &stage.frame, 1, &error)) fail_msg("%s", error.text);
    return 0;
}

static int tear_down(void **state) {
    const int errors = gfx_errors(gfx, NULL);
    layout_destroy(stage.layout);
    run_destroy(&stage.run);
    ui_destroy(stage.ui);
    close_stage(state);
    return errors;
}

/// A frame of the window, with the pointer in the middle of the last view.
static void draw_window(void) {
    UiInput input = {.mouse_inside = true, .mouse_x = WIDTH - 60, .mouse_y = HEIGHT - 90};
    ui_begin(stage.ui, gfx, stage.frame.theme, 1, WIDTH, HEIGHT, &input);
    layout_input(stage.layout, &stage.frame, &input, &stage.actions);
    layout_prepare(stage.layout, &stage.frame);
    gfx_begin(gfx, canvas, WIDTH, HEIGHT, stage.frame.theme->background);
    layout_draw(stage.layout, &stage.frame, &stage.actions);
    ui_end(stage.ui);
    gfx_end(gfx);
    gfx_read(gfx, canvas, WIDTH, HEIGHT, stage.window_rgba);
}

static void draw_plain(int view) {
    const int64_t before = layout_pictures(stage.layout);
    gfx_begin(gfx, canvas, WIDTH, HEIGHT, color_hex(0x123456));
    layout_draw_plain(stage.layout, &stage.frame, view);
    gfx_end(gfx);
    gfx_read(gfx, canvas, WIDTH, HEIGHT, stage.plain);
    assert_int_equal(layout_pictures(stage.layout), before);
}

static const uint8_t *at(const uint8_t *rgba, float x, float y) {
    return rgba + 4 * ((size_t)y * WIDTH + (size_t)x);
}

static void test_views_lie_where_they_are_drawn(void **state) {
    (void)state;
    draw_window();
    for (int i = 0; i < layout_count(stage.layout); i++) {
        Rect place;
        assert_true(layout_view_place(stage.layout, i, &place));
        assert_int_equal(layout_view_at(stage.layout, place.x + place.w / 2, place.y + 2), i);
    }
    assert_int_equal(layout_view_at(stage.layout, 2, 2), -1);
    layout_enlarge(stage.layout, 1);
    draw_window();
    Rect place;
    assert_true(layout_view_place(stage.layout, 1, &place));
    assert_false(layout_view_place(stage.layout, 0, &place));
    assert_int_equal(layout_view_at(stage.layout, WIDTH / 2, HEIGHT / 2), 1);
    layout_enlarge(stage.layout, -1);
}

static void test_all_as_they_are_without_widgets(void **state) {
    (void)state;
    draw_window();
    draw_plain(-1);
    int buttons = 0;
    for (int i = 0; i < layout_count(stage.layout); i++) {
        Rect place;
        layout_view_place(stage.layout, i, &place);
        // Below its title each is the same, but for what is read out under the pointer.
        for (float y = place.y + 40; y < place.y + place.h; y++) {
            if (i + 1 == layout_count(stage.layout)) break;
            assert_memory_equal(at(stage.plain, place.x + 6, y),
                                at(stage.window_rgba, place.x + 6, y), 4 * ((size_t)place.w - 12));
        }
        // Where the button to make it large was there is ground.
        const float x = place.x + place.w - 24, y = place.y + 20;
        buttons += memcmp(at(stage.plain, x, y), at(stage.window_rgba, x, y), 20) != 0;
    }
    assert_true(buttons > 0);
    assert_memory_equal(at(stage.plain, 2, 2), ((uint8_t[]){0x12, 0x34, 0x56}), 3);
}

static void test_one_alone_fills_its_place(void **state) {
    (void)state;
    draw_window();
    draw_plain(2);
    Rect place;
    layout_view_place(stage.layout, 2, &place);
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
            const bool ground =
                memcmp(at(stage.plain, (float)x, (float)y), (uint8_t[]){0x12, 0x34, 0x56}, 3) == 0;
            assert_int_equal(ground, !rect_contains(place, (float)x + 0.5f, (float)y + 0.5f));
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_views_lie_where_they_are_drawn),
        cmocka_unit_test(test_all_as_they_are_without_widgets),
        cmocka_unit_test(test_one_alone_fills_its_place),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
