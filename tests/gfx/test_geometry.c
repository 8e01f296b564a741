// Rectangles and colours.
#include "gfx/geometry.h"
#include "gfx/theme.h"
#include "support.h"

static void assert_rect(Rect r, float x, float y, float w, float h) {
    assert_close(r.x, x, 1e-6);
    assert_close(r.y, y, 1e-6);
    assert_close(r.w, w, 1e-6);
    assert_close(r.h, h, 1e-6);
}

static void strips_add_up(void **state) {
    (void)state;
    Rect r = {10, 20, 100, 80};
    assert_rect(rect_cut_top(&r, 10), 10, 20, 100, 10);
    assert_rect(rect_cut_bottom(&r, 20), 10, 80, 100, 20);
    assert_rect(rect_cut_left(&r, 30), 10, 30, 30, 50);
    assert_rect(rect_cut_right(&r, 5), 105, 30, 5, 50);
    assert_rect(r, 40, 30, 65, 50);
    assert_rect(rect_cut_left(&r, 1000), 40, 30, 65, 50);
    assert_rect(r, 105, 30, 0, 50);
    assert_rect(rect_cut_top(&r, -3), 105, 30, 0, 0);
}

static void rectangles_meet(void **state) {
    (void)state;
    Rect r = {0, 0, 10, 10};
    assert_rect(rect_intersect(r, (Rect){5, -5, 10, 10}), 5, 0, 5, 5);
    assert_rect(rect_intersect(r, (Rect){20, 20, 1, 1}), 20, 20, 0, 0);
    assert_true(rect_contains(r, 0, 0) && !rect_contains(r, 10, 5));
    assert_rect(rect_inset(r, 2), 2, 2, 6, 6);
    assert_rect(rect_inset(r, 20), 5, 5, 0, 0);
    assert_rect(rect_round((Rect){0.4f, 0.6f, 10.2f, 9.9f}), 0, 1, 11, 10);
}

static void colours(void **state) {
    (void)state;
    Color c = color_hex(0x1080ff);
    assert_close(c.r, 16.0 / 255, 1e-6);
    assert_close(c.g, 128.0 / 255, 1e-6);
    assert_close(c.b, 1, 1e-6);
    Color half = color_mix(c, color_alpha(c, 0), 0.5f);
    assert_close(half.a, 0.5, 1e-6);
    assert_close(half.g, c.g, 1e-6);
}

static double luminance(Color c) {
    const double part[3] = {(double)c.r, (double)c.g, (double)c.b},
                 weight[3] = {.2126, .7152, .0722};
    double sum = 0;
    for (int i = 0; i < 3; i++) {
        sum +=
            weight[i] * (part[i] <= .04045 ? part[i] / 12.92 : pow((part[i] + .055) / 1.055, 2.4));
    }
    return sum;
}

static double contrast(Color a, Color b) {
    double la = luminance(a), lb = luminance(b);
    return (fmax(la, lb) + .05) / (fmin(la, lb) + .05);
}

static void both_themes_can_be_read(void **state) {
    (void)state;
    assert_ptr_equal(theme_find("dark"), &themes[0]);
    assert_ptr_equal(theme_find("light"), &themes[1]);
    assert_null(theme_find("pink"));
    for (const Theme *t = themes; t->name; t++) {
        const Color grounds[] = {t->background, t->panel, t->raised};
        for (int i = 0; i < 3; i++) {
            assert_true(contrast(t->text, grounds[i]) > 7);
            assert_true(contrast(t->muted, grounds[i]) > 4.5);
            assert_true(contrast(t->warning, grounds[i]) > 4.5);
        }
        assert_true(contrast(t->on_accent, t->accent) > 4.5);
    }
}

/// What is told apart by colour in print is so by lightness too, and stands out from the paper.
static void print_needs_no_colour(void **state) {
    (void)state;
    const Theme *t = &theme_print;
    const Color pairs[][2] = {{t->train, t->test},          {t->class0, t->class1},
                              {t->truth, t->prediction},    {t->ball, t->rivals[0]},
                              {t->ball, t->rivals[2]},      {t->rivals[0], t->rivals[1]},
                              {t->rivals[0], t->rivals[2]}, {t->rivals[1], t->rivals[2]}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        assert_true(contrast(pairs[i][0], pairs[i][1]) > 1.5);
    const Color lines[] = {t->train, t->test, t->truth, t->prediction, t->ball};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        assert_true(contrast(lines[i], t->panel) > 2);
    assert_true(contrast(t->text, t->panel) > 20);
    assert_true(contrast(t->muted, t->panel) > 12);
    assert_true(contrast(t->warning, t->panel) > 4.5);
    assert_null(theme_find(t->name)); // no choice for a window
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strips_add_up),
        cmocka_unit_test(rectangles_meet),
        cmocka_unit_test(colours),
        cmocka_unit_test(both_themes_can_be_read),
        cmocka_unit_test(print_needs_no_colour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
