/// What plots put on the screen, read back: nothing beyond their rectangle, every peak, no line
/// across a gap, the classes in their shapes.
#include <stdlib.h>
#include <string.h>

#include "app/window.h"
#include "base/rng.h"
#include "plot/colorbar.h"
#include "plot/marks.h"
#include "plot/plot3d.h"

#include "support.h"

enum { WIDTH = 640, HEIGHT = 480 };

static Window *window;
static Gfx *gfx;
static Target *target;
static const Theme *theme;
static uint8_t pixels[WIDTH * HEIGHT * 4];

static const Color black = {0.0f, 0.0f, 0.0f, 1.0f};
static const Color white = {1.0f, 1.0f, 1.0f, 1.0f};

static int open_device(void **state) {
    (void)state;
    Error error = {""};
    window = window_create(
        &(WindowDesc){.width = 64, .height = 64, .headless = true, .debug = true}, &error);
    if (window == NULL) fail_msg("%s", error.text);
    gfx = gfx_create(&(GfxDesc){.debug = true, .fonts = "DejaVu Sans"}, &error);
    if (gfx == NULL) fail_msg("%s", error.text);
    target = target_create(gfx, WIDTH, HEIGHT, 0, true);
    theme = theme_find("dark");
    return 0;
}

static int close_device(void **state) {
    (void)state;
    const char *message = "";
    int errors = gfx_errors(gfx, &message);
    if (errors > 0) print_error("%s\n", message);
    target_destroy(target);
    gfx_destroy(gfx);
    window_destroy(window);
    return errors;
}

static void begin(void) {
    gfx_begin(gfx, target, WIDTH, HEIGHT, black);
}

static void end(void) {
    gfx_end(gfx);
    gfx_read(gfx, target, WIDTH, HEIGHT, pixels);
}

static const uint8_t *pixel(int x, int y) {
    return pixels + 4 * (y * WIDTH + x);
}

static bool is_drawn(int x, int y) {
    const uint8_t *p = pixel(x, y);
    return p[0] + p[1] + p[2] > 6;
}

static int drawn_within(Rect r) {
    int n = 0;
    for (int y = (int)r.y; y < (int)(r.y + r.h); y++)
        for (int x = (int)r.x; x < (int)(r.x + r.w); x++) n += is_drawn(x, y);
    return n;
}

static void assert_nothing_outside(Rect r) {
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
            if (rect_contains(r, (float)x + 0.5f, (float)y + 0.5f)) continue;
            if (is_drawn(x, y)) fail_msg("drawn at %d, %d", x, y);
        }
    }
}

static Rect random_rect(Rng *rng, float least_w, float least_h) {
    Rect r = {.w = (float)(int)rng_uniform(rng, (double)least_w, 500.0),
              .h = (float)(int)rng_uniform(rng, (double)least_h, 400.0)};
    r.x = (float)(int)rng_uniform(rng, 20.0, WIDTH - 20.0 - (double)r.w);
    r.y = (float)(int)rng_uniform(rng, 20.0, HEIGHT - 20.0 - (double)r.h);
    return r;
}

static AxisDesc random_axis(Rng *rng, const char *label) {
    AxisDesc axis = {.label = rng_below(rng, 3) != 0 ? label : NULL,
                     .log = rng_below(rng, 3) == 0,
                     .whole = rng_below(rng, 3) == 0,
                     .hidden = rng_below(rng, 6) == 0};
    double size = pow(10.0, rng_uniform(rng, -9, 9));
    axis.lo = axis.log ? size : size * rng_uniform(rng, -1, 1);
    axis.hi = axis.log ? size * pow(10.0, rng_uniform(rng, 0, 8))
                       : axis.lo + size * pow(10.0, rng_uniform(rng, -6, 2));
    return axis;
}

static void test_axes_stay_within(void **state) {
    (void)state;
    Rng rng = rng_create(1, RNG_TEST);
    for (int trial = 0; trial < 400; trial++) {
        float scale = trial % 3 == 0 ? 1.6f : 1.0f;
        Rect r = random_rect(&rng, 90.0f * scale, 70.0f * scale);
        AxesDesc desc = {.x = random_axis(&rng, "epoch"),
                         .y = random_axis(&rng, "MSE"),
                         .square = rng_below(&rng, 4) == 0,
                         .grid = rng_below(&rng, 2),
                         .frame = rng_below(&rng, 2)};
        begin();
        Axes axes = axes_draw(gfx, theme, scale, r, &desc);
        end();
        // Tick marks at an end may stand half a line's width over the border.
        assert_nothing_outside((Rect){r.x - 1.0f, r.y - 1.0f, r.w + 2.0f, r.h + 2.0f});
        assert_true(axes.area.w >= 1.0f && axes.area.h >= 1.0f);
        if (!desc.square) assert_true(axes.area.w * axes.area.h > 0.2f * r.w * r.h);
    }
}

static void test_no_room_is_no_error(void **state) {
    (void)state;
    const float sizes[] = {0.0f, 1.0f, 5.0f, 20.0f, 45.0f};
    for (int i = 0; i < 5; i++) {
        for (int j = 0; j < 5; j++) {
            Rect r = {200.0f, 200.0f, sizes[i], sizes[j]};
            Plot3d plot = {.view = r,
                           .scale = 1.0f,
                           .camera = camera_default(),
                           .a = {.hi = 1, .label = "a"},
                           .b = {.hi = 1, .label = "b"},
                           .z = {.hi = 1, .label = "z"}};
            begin();
            axes_draw(gfx, theme, 1.0f, r,
                      &(AxesDesc){.x = {.hi = 100000, .label = "a long label of an axis"},
                                  .y = {.hi = 1, .label = "another long label"}});
            plot3d_box(gfx, theme, &plot);
            end();
            // What still stands out is ticks and half a line of a label.
            assert_nothing_outside((Rect){r.x - 12.0f, r.y - 12.0f, r.w + 24.0f, r.h + 40.0f});
        }
    }
}

static void test_axes_map_both_ways(void **state) {
    (void)state;
    Rng rng = rng_create(2, RNG_TEST);
    begin();
    for (int trial = 0; trial < 100; trial++) {
        Rect r = random_rect(&rng, 100.0f, 100.0f);
        AxesDesc desc = {.x = random_axis(&rng, NULL), .y = random_axis(&rng, NULL)};
        Axes axes = axes_draw(gfx, theme, 1.0f, r, &desc);
        assert_close((double)axes_x(&axes, axes.x.lo), (double)axes.area.x, 1e-3);
        assert_close((double)axes_x(&axes, axes.x.hi), (double)(axes.area.x + axes.area.w), 1e-3);
        assert_close((double)axes_y(&axes, axes.y.lo), (double)(axes.area.y + axes.area.h), 1e-3);
        assert_close((double)axes_y(&axes, axes.y.hi), (double)axes.area.y, 1e-3);
        float px = axes.area.x + 0.3f * axes.area.w, py = axes.area.y + 0.7f * axes.area.h;
        assert_close((double)axes_x(&axes, axes_x_at(&axes, px)), (double)px, 1e-3);
        assert_close((double)axes_y(&axes, axes_y_at(&axes, py)), (double)py, 1e-3);
    }
    end();
}

static void test_useless_ranges_are_widened(void **state) {
    (void)state;
    const double ranges[][2] = {{3, 3}, {0, 0}, {(double)NAN, 1}, {0, HUGE_VAL}, {2, -2}, {-1, -1}};
    begin();
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        for (int log = 0; log < 2; log++) {
            AxisDesc axis = {.lo = ranges[i][0], .hi = ranges[i][1], .log = log != 0};
            Axes axes = axes_draw(gfx, theme, 1.0f, (Rect){20, 20, 300, 200},
                                  &(AxesDesc){.x = axis, .y = axis});
            assert_true(axes.x.hi > axes.x.lo);
            assert_true(isfinite(axes_x(&axes, axes.x.lo)) && isfinite(axes_y(&axes, axes.y.hi)));
        }
    }
    Axes axes = axes_draw(gfx, theme, 1.0f, (Rect){20, 20, 300, 200},
                          &(AxesDesc){.x = {.lo = 1, .hi = 10, .log = true}, .y = {.hi = 1}});
    assert_true(isnan(axes_x(&axes, 0.0)) && isnan(axes_x(&axes, -1.0)));
    end();
}

static void test_square_units_are_equal(void **state) {
    (void)state;
    begin();
    Axes axes =
        axes_draw(gfx, theme, 1.0f, (Rect){20, 20, 500, 200},
                  &(AxesDesc){.x = {.lo = 0, .hi = 2}, .y = {.lo = -1, .hi = 2}, .square = true});
    end();
    assert_close((double)(axes.area.w / 2.0f), (double)(axes.area.h / 3.0f), 0.02);
}

/// Axes with no decoration: the area is the rectangle.
static Axes bare_axes(void) {
    return axes_draw(gfx, theme, 1.0f, (Rect){100, 100, 400, 200},
                     &(AxesDesc){.x = {.lo = 0, .hi = 400, .hidden = true},
                                 .y = {.lo = 0, .hi = 200, .hidden = true}});
}

static void test_peaks_of_long_curves_show(void **state) {
    (void)state;
    enum { N = 100000 };
    static double x[N];
    static float low[N], high[N], last[N];
    for (int i = 0; i < N; i++) {
        x[i] = 400.0 * i / (N - 1);
        low[i] = high[i] = last[i] = 20.0f;
    }
    high[50000] = 180.0f; // met within that range, left at its end
    begin();
    Axes axes = bare_axes();
    marks_band_line(gfx, &axes, x, low, high, last, N, 2.0f, white);
    end();
    assert_true(drawn_within((Rect){298, 122, 4, 100}) >= 95);
    assert_int_equal(drawn_within((Rect){110, 122, 180, 100}), 0);
    assert_true(drawn_within((Rect){100, 278, 400, 4}) >= 800);
    assert_nothing_outside((Rect){98, 98, 404, 204});
}

/// Points are left out of long curves where nobody can tell.
static void test_thinned_curves_look_the_same(void **state) {
    (void)state;
    enum { N = 3000 };
    static double x[N];
    static float y[N], xy[2 * N];
    static uint8_t thinned[sizeof pixels];
    Rng rng = rng_create(6, RNG_TEST);
    for (int kind = 0; kind < 4; kind++) {
        for (int i = 0; i < N; i++) {
            double t = (double)i / (N - 1);
            x[i] = 400.0 * t;
            double smooth = 100.0 + 80.0 * sin(9.0 * t) * exp(-2.0 * t);
            double noise = kind == 1 ? 3.0 * rng_normal(&rng) : 0.0;
            double step = kind == 2 && (i / 300) % 2 ? 40.0 : 0.0;
            y[i] = kind == 3 ? 50.0f : (float)(smooth + noise + step);
        }
        begin();
        Axes axes = bare_axes();
        marks_band_line(gfx, &axes, x, y, y, y, N, 2.0f, white);
        end();
        memcpy(thinned, pixels, sizeof pixels);
        for (int i = 0; i < N; i++) {
            xy[2 * i] = axes_x(&axes, x[i]);
            xy[2 * i + 1] = axes_y(&axes, (double)y[i]);
        }
        begin();
        draw_polyline(gfx, xy, N, 2.0f, white);
        end();
        long long sum = 0;
        for (size_t i = 0; i < sizeof pixels; i++) {
            int difference = abs(pixels[i] - thinned[i]);
            assert_true(difference < 90);
            sum += difference;
        }
        assert_true(sum < 400 * 4 * 60);
    }
}

static void test_gaps_stay_gaps(void **state) {
    (void)state;
    double x[9];
    float y[9], top[9];
    for (int i = 0; i < 9; i++) {
        x[i] = 50.0 * i;
        y[i] = 50.0f;
        top[i] = 90.0f;
    }
    y[3] = y[5] = NAN; // leaves point 4 alone
    begin();
    Axes axes = bare_axes();
    marks_band_line(gfx, &axes, x, y, top, y, 9, 2.0f, white);
    end();
    assert_int_equal(drawn_within((Rect){204, 101, 90, 198}), 0);
    assert_int_equal(drawn_within((Rect){306, 101, 90, 198}), 0);
    assert_true(drawn_within((Rect){297, 247, 6, 6}) >= 8);         // the dot
    assert_true(drawn_within((Rect){110, 215, 80, 30}) == 80 * 30); // the band
}

static void test_log_curves_break_at_zero(void **state) {
    (void)state;
    double x[] = {0, 100, 200, 300, 400};
    float y[] = {1, 1, 0, 1, 1};
    begin();
    Axes axes = axes_draw(gfx, theme, 1.0f, (Rect){100, 100, 400, 200},
                          &(AxesDesc){.x = {.lo = 0, .hi = 400, .hidden = true},
                                      .y = {.lo = 0.1, .hi = 10, .log = true, .hidden = true}});
    marks_band_line(gfx, &axes, x, y, y, y, 5, 2.0f, white);
    end();
    assert_true(drawn_within((Rect){110, 198, 80, 4}) >= 160);
    assert_int_equal(drawn_within((Rect){205, 101, 190, 198}), 0);
}

static void test_classes_differ_in_shape(void **state) {
    (void)state;
    float xy[] = {100, 100, 200, 100, 300, 350};
    float classes[] = {0, 1, 1};
    begin();
    Axes axes = bare_axes();
    marks_points(gfx, theme, &axes, xy, classes, 3, 40.0f);
    end();
    int round = drawn_within((Rect){160, 160, 80, 80});
    int square = drawn_within((Rect){260, 160, 80, 80});
    assert_true(abs(round - square) < round / 5);
    assert_true(pixel(200, 200)[0] > pixel(200, 200)[2]); // orange
    assert_true(pixel(300, 200)[2] > pixel(300, 200)[0]); // blue
    assert_true(pixel(285, 185)[2] > 150);                // a square's corner
    assert_true(!is_drawn(182, 182) || pixel(182, 182)[0] < 100);
    assert_int_equal(drawn_within((Rect){350, 20, 150, 100}), 0); // beyond the axes: left out
}

static void test_contour_is_where_the_level_is(void **state) {
    (void)state;
    float values[3 * 5];
    for (int j = 0; j < 3; j++)
        for (int i = 0; i < 5; i++) values[j * 5 + i] = (float)i;
    begin();
    Axes axes = bare_axes();
    marks_contour(gfx, &axes, values, 5, 3, (float[]){0, 0}, (float[]){400, 200}, 1.5f, 3.0f,
                  white);
    end();
    assert_true(drawn_within((Rect){248, 100, 4, 200}) > 600);
    assert_int_equal(drawn_within((Rect){100, 100, 145, 200}), 0);
    assert_int_equal(drawn_within((Rect){255, 100, 245, 200}), 0);
}

static void test_read_outs_stay_within(void **state) {
    (void)state;
    Rng rng = rng_create(4, RNG_TEST);
    Rect bounds = {100, 80, 300, 200};
    const char *labels[] = {"epoch", "train", "test"};
    const char *values[] = {"600", "0.0188", "0.0231"};
    Color swatch[] = {black, white, white};
    for (int trial = 0; trial < 30; trial++) {
        float x = (float)rng_uniform(&rng, 60, 440), y = (float)rng_uniform(&rng, 40, 320);
        begin();
        marks_readout(gfx, theme, 1.0f, bounds, x, y, labels, values, swatch, 3);
        end();
        assert_nothing_outside(bounds);
        assert_true(drawn_within(bounds) > 2000);
        int px = (int)x, py = (int)y;
        if (trial < 20 && rect_contains(rect_inset(bounds, 80.0f), x, y))
            assert_false(is_drawn(px, py)); // beside what it tells of
    }
}

static void test_box_stays_within(void **state) {
    (void)state;
    Rng rng = rng_create(5, RNG_TEST);
    for (int trial = 0; trial < 60; trial++) {
        Plot3d plot = {.view = random_rect(&rng, 120.0f, 100.0f),
                       .scale = trial % 3 == 0 ? 1.6f : 1.0f,
                       .camera = camera_default(),
                       .a = {.lo = -5, .hi = 5, .label = "w₁[0,0]"},
                       .b = {.lo = -1e-7, .hi = 3e-7, .label = "w₁[0,1]"},
                       .z = {.lo = 1e-3, .hi = 1, .log = trial % 2 == 0, .label = "MSE"}};
        plot.camera.yaw = (float)rng_uniform(&rng, -3.2, 3.2);
        plot.camera.pitch = (float)rng_uniform(&rng, 0.05, 1.5708);
        plot.camera.zoom = trial % 4 == 0 ? (float)rng_uniform(&rng, 0.3, 8.0) : 1.0f;
        begin();
        plot3d_box(gfx, theme, &plot);
        end();
        assert_nothing_outside(plot.view);
        if (plot.camera.zoom == 1.0f) assert_true(drawn_within(plot.view) > 200);
    }
}

/// A pixel within rounding of a colour.
static bool shows(int x, int y, Color c) {
    const float want[3] = {c.r, c.g, c.b};
    for (int k = 0; k < 3; k++) {
        if (abs((int)pixel(x, y)[k] - (int)(want[k] * 255 + 0.5f)) > 1) return false;
    }
    return true;
}

/// Whether a pixel shows an entry of a map, or one of the two beside it on either side.
static bool shows_about(int x, int y, const Color *colors, int at) {
    for (int i = at - 2; i <= at + 2; i++) {
        if (i >= 0 && i < 256 && shows(x, y, colors[i])) return true;
    }
    return false;
}

static void test_bars_rise_and_strips_go_right(void **state) {
    (void)state;
    const Color *colors = colormap_table(COLORMAP_VIRIDIS), beyond = {1, 0, 0, 1};
    const Rect bar = {100, 50, 12, 256}, strip = {200, 100, 256, 9};
    begin();
    colorbar_draw(gfx, theme, 1, bar, 400,
                  &(ColorbarDesc){.colors = colors, .lo = 1, .hi = 3, .beyond = &beyond});
    colorbar_strip(gfx, strip, colors);
    end();
    for (int i = 0; i < 256; i += 15) {
        assert_true(shows_about(106, 50 + i, colors, 255 - i));
        assert_true(shows_about(200 + i, 104, colors, i));
    }
    assert_true(shows(106, 48, beyond));
    assert_true(shows(106, 307, black) && shows(457, 104, black)); // no farther
}

static bool any_ink(Rect r) {
    for (int y = (int)r.y; y < (int)(r.y + r.h); y++) {
        for (int x = (int)r.x; x < (int)(r.x + r.w); x++) {
            if (!shows(x, y, black)) return true;
        }
    }
    return false;
}

static void test_names_of_bars_keep_within_their_room(void **state) {
    (void)state;
    const ColorbarDesc desc = {
        .colors = colormap_table(COLORMAP_VIRIDIS), .lo = 0, .hi = 1, .label = "Cross-entropy"};
    assert_true(colorbar_above(gfx, 1, &desc, 200) < colorbar_above(gfx, 1, &desc, 60));
    begin();
    colorbar_draw(gfx, theme, 1, (Rect){100, 80, 12, 200}, 160, &desc);
    end();
    assert_true(any_ink((Rect){100, 50, 60, 10})); // in two lines
    assert_true(any_ink((Rect){100, 64, 60, 10}));
    assert_false(any_ink((Rect){160, 0, 200, 74}));
}

/// One value alone tells no scale.
static void test_low_bars_have_two_values(void **state) {
    (void)state;
    const ColorbarDesc desc = {.colors = colormap_table(COLORMAP_DIVERGING), .lo = -0.9, .hi = 0.9};
    begin();
    colorbar_draw(gfx, theme, 1, (Rect){100, 100, 12, 90}, 300, &desc);
    end();
    int lines = 0;
    for (int y = 92, before = 0; y < 200; y++) { // rows of text, right of the ticks
        const int ink = any_ink((Rect){118, (float)y, 40, 1});
        lines += ink && !before;
        before = ink;
    }
    assert_true(lines >= 2);
    assert_true(colorbar_width(gfx, 1, &desc, 90) > 30);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_axes_stay_within),
        cmocka_unit_test(test_no_room_is_no_error),
        cmocka_unit_test(test_axes_map_both_ways),
        cmocka_unit_test(test_useless_ranges_are_widened),
        cmocka_unit_test(test_square_units_are_equal),
        cmocka_unit_test(test_peaks_of_long_curves_show),
        cmocka_unit_test(test_thinned_curves_look_the_same),
        cmocka_unit_test(test_gaps_stay_gaps),
        cmocka_unit_test(test_log_curves_break_at_zero),
        cmocka_unit_test(test_classes_differ_in_shape),
        cmocka_unit_test(test_contour_is_where_the_level_is),
        cmocka_unit_test(test_read_outs_stay_within),
        cmocka_unit_test(test_box_stays_within),
        cmocka_unit_test(test_bars_rise_and_strips_go_right),
        cmocka_unit_test(test_names_of_bars_keep_within_their_room),
        cmocka_unit_test(test_low_bars_have_two_values),
    };
    return cmocka_run_group_tests(tests, open_device, close_device);
}
