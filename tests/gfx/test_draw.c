// 2-D primitives, targets and clips, by their pixels.
#include <string.h>

#include "canvas.h"

static const Color black = {0, 0, 0, 1}, white = {1, 1, 1, 1}, red = {1, 0, 0, 1};

/// The sum of a channel over a rectangle, in units of full pixels.
static double coverage(const Canvas *canvas, int x0, int y0, int x1, int y1) {
    double sum = 0;
    for (int y = y0; y < y1; y++) {
        for (int x = x0; x < x1; x++) sum += canvas_at(canvas, x, y)[0] / 255.0;
    }
    return sum;
}

static void rectangles_fall_on_their_pixels(void **state) {
    (void)state;
    Canvas canvas;
    canvas_open(&canvas, 64, 48, 0, false);
    canvas_begin(&canvas, color_hex(0x102030));
    draw_rect(canvas.gfx, (Rect){10, 5, 20, 10}, 0, color_hex(0xff8040));
    draw_rect(canvas.gfx, (Rect){40, 20.5f, 10, 1}, 0, white);
    draw_rect_outline(canvas.gfx, (Rect){10, 30, 20, 10}, 0, 1, white);
    canvas_end(&canvas);
    assert_pixel(&canvas, 0, 0, 0x102030);
    assert_pixel(&canvas, 10, 5, 0xff8040);
    assert_pixel(&canvas, 29, 14, 0xff8040);
    assert_pixel(&canvas, 9, 5, 0x102030);
    assert_pixel(&canvas, 30, 14, 0x102030);
    assert_pixel(&canvas, 10, 15, 0x102030);
    assert_pixel(&canvas, 45, 20, 0x889098); // half of a white row each
    assert_pixel(&canvas, 45, 21, 0x889098);
    assert_pixel(&canvas, 10, 30, 0xffffff);
    assert_pixel(&canvas, 29, 39, 0xffffff);
    assert_pixel(&canvas, 11, 31, 0x102030);
    canvas_close(&canvas);
}

static void colours_blend_as_they_are(void **state) {
    (void)state;
    Canvas canvas;
    canvas_open(&canvas, 16, 16, 0, false);
    canvas_begin(&canvas, color_hex(0x204060));
    draw_rect(canvas.gfx, (Rect){0, 0, 16, 16}, 0, color_alpha(color_hex(0xe0c0a0), 0.5f));
    canvas_end(&canvas);
    assert_pixel(&canvas, 8, 8, 0x808080);
    canvas_close(&canvas);
}

static void round_shapes_have_their_area(void **state) {
    (void)state;
    const double pi = 3.14159265358979;
    Canvas canvas;
    canvas_open(&canvas, 200, 60, 0, false);
    canvas_begin(&canvas, black);
    draw_circle(canvas.gfx, 20.3f, 20.7f, 8, white);
    draw_ring(canvas.gfx, 60, 30, 10, 2, white);
    draw_rect(canvas.gfx, (Rect){90, 10, 40, 30}, 6, white);
    draw_circle(canvas.gfx, 160.5f, 30.5f, 2, white);
    canvas_end(&canvas);
    assert_close(coverage(&canvas, 0, 0, 40, 60), pi * 64, 0.01);
    assert_close(coverage(&canvas, 40, 0, 80, 60), pi * (121 - 81), 0.01);
    assert_close(coverage(&canvas, 80, 0, 140, 60), 40 * 30 - (4 - pi) * 36, 0.01);
    assert_close(coverage(&canvas, 140, 0, 200, 60), pi * 4, 0.05);
    assert_pixel(&canvas, 90, 10, 0); // the corner is cut
    assert_pixel(&canvas, 96, 10, 0xffffff);
    assert_pixel(&canvas, 60, 30, 0); // the ring's middle is empty
    assert_true(canvas_at(&canvas, 70, 30)[0] > 250);
    canvas_close(&canvas);
}

static void lines_have_their_width(void **state) {
    (void)state;
    Canvas canvas;
    canvas_open(&canvas, 120, 120, 0, false);
    for (int k = 0; k < 16; k++) {
        for (float width = 0.5f; width < 4; width += 0.5f) {
            float dx = 40 * cosf((float)k * 0.41f), dy = 40 * sinf((float)k * 0.41f);
            float ends[4] = {60 - dx, 60 - dy, 60 + dx, 60 + dy};
            canvas_begin(&canvas, black);
            draw_polyline(canvas.gfx, ends, 2, width, white);
            canvas_end(&canvas);
            double polyline = coverage(&canvas, 0, 0, 120, 120);
            canvas_begin(&canvas, black);
            draw_line(canvas.gfx, ends[0], ends[1], ends[2], ends[3], width, white);
            canvas_end(&canvas);
            assert_close(coverage(&canvas, 0, 0, 120, 120), 80 * (double)width, 0.06);
            assert_close(polyline, 80 * (double)width, 0.06);
        }
    }
    canvas_close(&canvas);
}

/// No pixel inside a translucent line is darker (a gap) or brighter (drawn twice) than the rest.
static void joins_have_neither_gaps_nor_blobs(void **state) {
    (void)state;
    Canvas canvas;
    canvas_open(&canvas, 220, 220, 0, false);
    for (int turn = -170; turn <= 170; turn += 5) {
        float angle = (float)turn * 0.0174533f, tilt = 0.3f;
        float xy[6] = {110 - 100 * cosf(tilt),         110 - 100 * sinf(tilt),        110, 110,
                       110 + 100 * cosf(tilt + angle), 110 + 100 * sinf(tilt + angle)};
        canvas_begin(&canvas, black);
        draw_polyline(canvas.gfx, xy, 3, 9, color_alpha(white, 0.5f));
        canvas_end(&canvas);
        for (int i = 0; i < 220 * 220; i++) assert_true(canvas.pixels[4 * i] <= 130);
        for (int leg = 0; leg < 2; leg++) {
            for (int k = 0; k <= 180; k++) {
                float t = (float)k / 180 * 0.99f;
                const float *end = xy + (leg ? 4 : 0);
                int x = (int)(110 + t * (end[0] - 110)), y = (int)(110 + t * (end[1] - 110));
                assert_true(canvas_at(&canvas, x, y)[0] >= 126);
            }
        }
    }
    canvas_close(&canvas);
}

static void a_smooth_curve_is_even(void **state) {
    (void)state;
    Canvas canvas;
    canvas_open(&canvas, 200, 200, 0, false);
    enum { N = 2000 };
    static float xy[2 * N];
    for (int i = 0; i < N; i++) {
        float t = (float)i / (N - 1) * 6.2831853f;
        xy[2 * i] = 100 + 80 * cosf(t);
        xy[2 * i + 1] = 100 + 80 * sinf(t);
    }
    canvas_begin(&canvas, black);
    draw_polyline(canvas.gfx, xy, N, 2, color_alpha(white, 0.6f));
    canvas_end(&canvas);
    assert_close(coverage(&canvas, 0, 0, 200, 200), 2 * 3.14159265 * 80 * 2 * 0.6, 0.01);
    for (int i = 0; i < 200 * 200; i++) assert_true(canvas.pixels[4 * i] <= 155);
    canvas_close(&canvas);
}

static void closed_lines_have_no_seam(void **state) {
    (void)state;
    Canvas canvas;
    canvas_open(&canvas, 100, 100, 0, false);
    float square[] = {20, 20, 80, 20, 80, 80, 20, 80, 20, 20};
    canvas_begin(&canvas, black);
    draw_polyline(canvas.gfx, square, 5, 10, color_alpha(white, 0.5f));
    canvas_end(&canvas);
    int twice = 0; // softpipe hits a pixel or two on shared edges twice
    for (int i = 0; i < 100 * 100; i++) twice += canvas.pixels[4 * i] > 130;
    assert_true(twice <= 3);
    for (int i = 18; i <= 82; i++) {
        assert_true(canvas_at(&canvas, i, 20)[0] >= 126 && canvas_at(&canvas, 20, i)[0] >= 126);
        assert_true(canvas_at(&canvas, i, 80)[0] >= 126 && canvas_at(&canvas, 80, i)[0] >= 126);
    }
    assert_pixel(&canvas, 50, 50, 0);
    canvas_close(&canvas);
}

static void breaks_and_odd_lines_do_no_harm(void **state) {
    (void)state;
    Canvas canvas;
    canvas_open(&canvas, 100, 40, 0, false);
    canvas_begin(&canvas, black);
    float broken[] = {10, 20, 30, 20, NAN, 20, 70, 20, 90, 20};
    draw_polyline(canvas.gfx, broken, 5, 2, white);
    float dot[] = {50, 30, 50, 30, 50, 30};
    draw_polyline(canvas.gfx, dot, 3, 4, white);
    float wild[] = {0, INFINITY, NAN, NAN};
    draw_polyline(canvas.gfx, wild, 2, 2, red);
    float reversal[] = {10, 35, 20, 35, 10, 35, 20, 35.0001f};
    draw_polyline(canvas.gfx, reversal, 4, 1.5f, white);
    draw_polyline(canvas.gfx, broken, 0, 2, red);
    draw_polyline(canvas.gfx, broken, 5, 0, red);
    draw_circle(canvas.gfx, NAN, 5, 3, red);
    draw_rect(canvas.gfx, (Rect){5, 5, -3, 8}, 2, red);
    draw_line(canvas.gfx, 5, 5, NAN, 5, 2, red);
    canvas_end(&canvas);
    assert_pixel(&canvas, 20, 19, 0xffffff);
    assert_pixel(&canvas, 20, 20, 0xffffff);
    assert_pixel(&canvas, 50, 20, 0);
    assert_pixel(&canvas, 80, 20, 0xffffff);
    assert_pixel(&canvas, 50, 30, 0xffffff);
    for (int i = 0; i < 100 * 40; i++) {
        assert_true(canvas.pixels[4 * i] == canvas.pixels[4 * i + 1]); // nothing red
    }
    canvas_close(&canvas);
}

static void order_holds_within_a_batch_and_beyond_it(void **state) {
    (void)state;
    Canvas canvas;
    canvas_open(&canvas, 32, 32, 0, false);
    canvas_begin(&canvas, black);
    for (int i = 0; i < 40000; i++) { // several batches
        draw_rect(canvas.gfx, (Rect){0, 0, 4, 4}, 0, i % 2 ? white : red);
    }
    draw_rect(canvas.gfx, (Rect){2, 0, 4, 4}, 0, color_hex(0x00ff00));
    canvas_end(&canvas);
    assert_pixel(&canvas, 1, 1, 0xffffff);
    assert_pixel(&canvas, 3, 1, 0x00ff00);
    canvas_close(&canvas);
}

static void clips_nest(void **state) {
    (void)state;
    Canvas canvas;
    canvas_open(&canvas, 40, 40, 0, false);
    canvas_begin(&canvas, black);
    gfx_clip_push(canvas.gfx, (Rect){5, 10, 20, 20});
    draw_rect(canvas.gfx, (Rect){0, 0, 40, 40}, 0, red);
    gfx_clip_push(canvas.gfx, (Rect){15, 0, 100, 20});
    draw_rect(canvas.gfx, (Rect){0, 0, 40, 40}, 0, white);
    gfx_clip_pop(canvas.gfx);
    gfx_clip_push(canvas.gfx, (Rect){30, 30, 10, 10}); // nothing is left
    draw_rect(canvas.gfx, (Rect){0, 0, 40, 40}, 0, white);
    gfx_clip_pop(canvas.gfx);
    gfx_clip_pop(canvas.gfx);
    draw_rect(canvas.gfx, (Rect){39, 39, 1, 1}, 0, white);
    canvas_end(&canvas);
    assert_pixel(&canvas, 4, 10, 0);
    assert_pixel(&canvas, 5, 9, 0);
    assert_pixel(&canvas, 5, 10, 0xff0000);
    assert_pixel(&canvas, 15, 10, 0xffffff);
    assert_pixel(&canvas, 24, 19, 0xffffff);
    assert_pixel(&canvas, 24, 20, 0xff0000);
    assert_pixel(&canvas, 25, 10, 0);
    assert_pixel(&canvas, 39, 39, 0xffffff);
    canvas_close(&canvas);
}

static void pictures_stand_upright(void **state) {
    (void)state;
    Canvas canvas;
    canvas_open(&canvas, 40, 40, 0, false);
    uint8_t rgba[2 * 2 * 4] = {255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 255, 255, 255, 0};
    canvas_begin(&canvas, color_hex(0x404040));
    draw_image(canvas.gfx, 3, 1, rgba, 2, 2, (Rect){0, 0, 20, 20}, false);
    rgba[0] = 0;                                                            // the same version:
    draw_image(canvas.gfx, 3, 1, rgba, 2, 2, (Rect){20, 0, 20, 20}, false); // not looked at
    draw_image(canvas.gfx, 3, 2, rgba, 2, 2, (Rect){0, 20, 20, 20}, false);
    canvas_end(&canvas);
    assert_pixel(&canvas, 2, 2, 0xff0000);
    assert_pixel(&canvas, 17, 2, 0x00ff00);
    assert_pixel(&canvas, 2, 17, 0x0000ff);
    assert_pixel(&canvas, 17, 17, 0x404040);
    assert_pixel(&canvas, 22, 2, 0xff0000);
    assert_pixel(&canvas, 2, 22, 0x000000);
    canvas_close(&canvas);
}

static void a_target_is_copied_as_it_is(void **state) {
    (void)state;
    for (int samples = 1; samples <= 4; samples += 3) {
        Canvas canvas;
        canvas_open(&canvas, 40, 30, 0, false);
        Target *small = target_create(canvas.gfx, 10, 8, samples, true);
        assert_non_null(small);
        assert_true(target_samples(small) == samples || target_samples(small) == 1);
        assert_int_equal(target_width(small), 10);
        assert_int_equal(target_height(small), 8);
        gfx_begin(canvas.gfx, small, 0, 0, color_hex(0x123456));
        draw_rect(canvas.gfx, (Rect){0, 0, 5, 2}, 0, red);
        gfx_end(canvas.gfx);
        canvas_begin(&canvas, black);
        gfx_blit(canvas.gfx, small, (Rect){20, 10, 10, 8});
        canvas_end(&canvas);
        assert_pixel(&canvas, 20, 10, 0xff0000);
        assert_pixel(&canvas, 24, 11, 0xff0000);
        assert_pixel(&canvas, 25, 10, 0x123456);
        assert_pixel(&canvas, 20, 12, 0x123456);
        assert_pixel(&canvas, 29, 17, 0x123456);
        assert_pixel(&canvas, 30, 17, 0);
        assert_pixel(&canvas, 20, 9, 0);
        target_destroy(small);
        canvas_close(&canvas);
    }
}

static void the_window_is_a_target_too(void **state) {
    (void)state;
    Canvas canvas;
    canvas_open(&canvas, 8, 8, 0, false);
    int width, height;
    window_pixels(canvas.window, &width, &height);
    assert_true(width > 20 && height > 20);
    gfx_begin(canvas.gfx, NULL, width, height, color_hex(0x336699));
    draw_rect(canvas.gfx, (Rect){0, 0, 3, 3}, 0, white);
    gfx_end(canvas.gfx);
    uint8_t *pixels = malloc((size_t)width * (size_t)height * 4);
    assert_non_null(pixels);
    gfx_read(canvas.gfx, NULL, width, height, pixels);
    assert_int_equal(pixels[0], 0xff);
    assert_int_equal(pixels[4 * 5], 0x33);
    free(pixels);
    canvas_close(&canvas);
}

static void errors_are_counted(void **state) {
    (void)state;
    Canvas canvas;
    canvas_open(&canvas, 8, 8, 0, false);
    const char *message;
    assert_int_equal(gfx_errors(canvas.gfx, &message), 0);
    assert_null(target_create(canvas.gfx, 1 << 28, 16, 0, false)); // beyond any limit
    assert_int_equal(gfx_errors(canvas.gfx, &message), 0);
    enum { TOO_WIDE = 1 << 20 };
    uint8_t *wide = calloc(TOO_WIDE, 4);
    assert_non_null(wide);
    canvas_begin(&canvas, black);
    draw_image(canvas.gfx, 0, 1, wide, TOO_WIDE, 1, (Rect){0, 0, 8, 8}, false);
    canvas_end(&canvas);
    free(wide);
    assert_true(gfx_errors(canvas.gfx, &message) > 0);
    assert_true(strlen(message) > 0);
    assert_true(strlen(gfx_renderer(canvas.gfx)) > 3);
    free(canvas.pixels);
    target_destroy(canvas.target);
    gfx_destroy(canvas.gfx);
    window_destroy(canvas.window);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rectangles_fall_on_their_pixels),
        cmocka_unit_test(colours_blend_as_they_are),
        cmocka_unit_test(round_shapes_have_their_area),
        cmocka_unit_test(lines_have_their_width),
        cmocka_unit_test(joins_have_neither_gaps_nor_blobs),
        cmocka_unit_test(a_smooth_curve_is_even),
        cmocka_unit_test(closed_lines_have_no_seam),
        cmocka_unit_test(breaks_and_odd_lines_do_no_harm),
        cmocka_unit_test(order_holds_within_a_batch_and_beyond_it),
        cmocka_unit_test(clips_nest),
        cmocka_unit_test(pictures_stand_upright),
        cmocka_unit_test(a_target_is_copied_as_it_is),
        cmocka_unit_test(the_window_is_a_target_too),
        cmocka_unit_test(errors_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
