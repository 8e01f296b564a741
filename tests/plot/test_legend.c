/// A legend stands where nothing is drawn, near a corner, and where all is covered at the least.
#include <math.h>

#include "plot/legend.h"
#include "support.h"

static const Rect area = {100, 50, 320, 240};

enum { W = 100, H = 60 };

static Rect place(const LegendInk *ink, int n, float *cost) {
    Rect r = legend_place(area, W, H, ink, n, cost);
    assert_true(r.x >= area.x && r.x + r.w <= area.x + area.w + 1e-3f);
    assert_true(r.y >= area.y && r.y + r.h <= area.y + area.h + 1e-3f);
    return r;
}

static void test_upper_right_corner_where_all_is_free(void **state) {
    (void)state;
    float cost;
    Rect r = place(NULL, 0, &cost);
    assert_true(fabsf(r.x + r.w - (area.x + area.w)) < 1e-3f && fabsf(r.y - area.y) < 1e-3f);
    assert_true(cost == 0);
}

static void test_a_line_counts_between_its_points(void **state) {
    (void)state;
    float cost;
    // Its two points lie outside of the upper right corner; the line crosses it.
    const float falling[] = {280, 40, 430, 150};
    Rect r = place(&(LegendInk){falling, 2, true}, 1, &cost);
    assert_true(r.x > area.x + area.w / 2 && r.y > area.y + area.h / 2);
    r = place(&(LegendInk){falling, 2, false}, 1, &cost);
    assert_true(r.x > area.x + area.w / 2 && r.y < area.y + 1);
}

static void test_away_from_four_curves_that_fan_out(void **state) {
    (void)state;
    enum { CURVES = 4, POINTS = 20 };
    float xy[CURVES][POINTS][2], cost;
    LegendInk ink[CURVES];
    for (int k = 0; k < CURVES; k++) {
        for (int i = 0; i < POINTS; i++) {
            float t = (float)i / (POINTS - 1);
            xy[k][i][0] = area.x + t * area.w;
            xy[k][i][1] = area.y + 10 + t * (0.3f + 0.2f * (float)k) * area.h;
        }
        ink[k] = (LegendInk){xy[k][0], POINTS, true};
    }
    Rect r = place(ink, CURVES, &cost);
    for (int k = 0; k < CURVES; k++) {
        for (int i = 0; i < POINTS; i++) assert_false(rect_contains(r, xy[k][i][0], xy[k][i][1]));
    }
    assert_true(r.x < area.x + 1 && r.y > area.y + area.h / 2); // below them
}

static void test_where_the_least_lies(void **state) {
    (void)state;
    enum { SIDE = 40 };
    static float xy[SIDE * SIDE][2];
    int n = 0;
    // All is covered, but for a hole that is too small.
    for (int i = 0; i < SIDE; i++) {
        for (int k = 0; k < SIDE; k++) {
            float x = area.x + area.w * ((float)i + 0.5f) / SIDE;
            float y = area.y + area.h * ((float)k + 0.5f) / SIDE;
            bool hole = fabsf(x - 200) < 40 && fabsf(y - 200) < 25;
            if (hole) continue;
            xy[n][0] = x;
            xy[n++][1] = y;
        }
    }
    float cost;
    Rect r = place(&(LegendInk){xy[0], n, false}, 1, &cost);
    assert_true(r.x <= 165 && r.x + r.w >= 235 && r.y <= 180 && r.y + r.h >= 220);
    assert_true(cost > 0);
}

static void test_what_is_not_finite_or_too_large(void **state) {
    (void)state;
    float cost;
    const float broken[] = {NAN, 0, 150, NAN, INFINITY, -INFINITY, 1e30f, 1e30f, -1e30f, 100};
    place(&(LegendInk){broken, 5, true}, 1, &cost);
    Rect r = legend_place(area, area.w + 1, H, NULL, 0, &cost);
    assert_true(r.w == 0 && isinf(cost));
    r = legend_place(area, area.w, area.h, NULL, 0, &cost);
    assert_true(r.w == area.w && r.h == area.h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_upper_right_corner_where_all_is_free),
        cmocka_unit_test(test_a_line_counts_between_its_points),
        cmocka_unit_test(test_away_from_four_curves_that_fan_out),
        cmocka_unit_test(test_where_the_least_lies),
        cmocka_unit_test(test_what_is_not_finite_or_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
