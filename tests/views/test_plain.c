// What is shown in the window drawn once more as a picture: the same views in the same places,
// without widgets, and none of them drawn anew.
#include <stdlib.h>
#include <string.h>

#include "app/window.h"
#include "support.h"
#include "train/history.h"
#include "views/layout.h"

enum { W = 640, H = 480, BYTES = W * H * 4 };

static struct {
    Window *window;
    Gfx *gfx;
    Ui *ui;
    Target *target;
    Session *session;
    History *history;
    Snapshot run;
    Layout *layout;
    LayoutFrame frame;
    ViewActions actions;
    uint8_t window_rgba[BYTES], plain[BYTES];
} stage;

static int open_stage(void **state) {
    (void)state;
    Error error;
    stage.window = window_create(&(WindowDesc){.headless = true, .debug = true}, &error);
    if (!stage.window) fail_msg("%s", error.text);
    stage.gfx = gfx_create(&(GfxDesc){.debug = true, .fonts = "DejaVu Sans"}, &error);
    if (!stage.gfx) fail_msg("%s", error.text);
    stage.ui = ui_create();
    stage.target = target_create(stage.gfx, W, H, 0, false);
    Experiment *experiment = experiment_load("xor-shallow", &error);
    if (!experiment) fail_msg("%s", error.text);
    stage.session = session_create(experiment, &error);
    stage.history = history_create(stage.session);
    Metrics metrics;
    session_measure(stage.session, &metrics);
    history_record(stage.history, stage.session, &metrics);
    assert_true(snapshot_fill(&stage.run, stage.session, stage.history));
    stage.layout = layout_create(experiment, &error);
    if (!stage.layout) fail_msg("%s", error.text);
    experiment_release(experiment);
    stage.frame = (LayoutFrame){.gfx = stage.gfx,
                                .theme = &themes[0],
                                .scale = 1,
                                .area = {12, 56, W - 24, H - 100},
                                .run = &stage.run,
                                .ui = stage.ui,
                                .resting = true};
    if (!layout_survey_now(stage.layout, &stage.frame, 1, &error)) fail_msg("%s", error.text);
    return 0;
}

static int close_stage(void **state) {
    (void)state;
    const int errors = gfx_errors(stage.gfx, NULL);
    layout_destroy(stage.layout);
    snapshot_deinit(&stage.run);
    history_destroy(stage.history);
    session_destroy(stage.session);
    ui_destroy(stage.ui);
    target_destroy(stage.target);
    gfx_destroy(stage.gfx);
    window_destroy(stage.window);
    return errors;
}

/// A frame of the window, with the pointer in the middle of the last view.
static void draw_window(void) {
    UiInput input = {.mouse_inside = true, .mouse_x = W - 60, .mouse_y = H - 90};
    ui_begin(stage.ui, stage.gfx, stage.frame.theme, 1, W, H, &input);
    layout_input(stage.layout, &stage.frame, &input, &stage.actions);
    layout_prepare(stage.layout, &stage.frame);
    gfx_begin(stage.gfx, stage.target, W, H, stage.frame.theme->background);
    layout_draw(stage.layout, &stage.frame, &stage.actions);
    ui_end(stage.ui);
    gfx_end(stage.gfx);
    gfx_read(stage.gfx, stage.target, W, H, stage.window_rgba);
}

static void draw_plain(int view) {
    const int64_t before = layout_pictures(stage.layout);
    gfx_begin(stage.gfx, stage.target, W, H, color_hex(0x123456));
    layout_draw_plain(stage.layout, &stage.frame, view);
    gfx_end(stage.gfx);
    gfx_read(stage.gfx, stage.target, W, H, stage.plain);
    assert_int_equal(layout_pictures(stage.layout), before);
}

static const uint8_t *at(const uint8_t *rgba, float x, float y) {
    return rgba + 4 * ((size_t)y * W + (size_t)x);
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
    assert_int_equal(layout_view_at(stage.layout, W / 2, H / 2), 1);
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
    for (int y = 0; y < H; y++) {
        for (int x = 0; x < W; x++) {
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
    return cmocka_run_group_tests(tests, open_stage, close_stage);
}
