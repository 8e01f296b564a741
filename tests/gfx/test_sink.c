// Sinks: primitives arrive in order, in their clip; scenes as images at their place; nothing of
// the former is drawn by OpenGL.
#include "gfx/sink.h"

#include <stdio.h>
#include <string.h>

#include <cglm/cglm.h>

#include "canvas.h"
#include "gfx/scene.h"
#include "gfx/text.h"

enum { W = 200, H = 120, LOG = 4096 };

static const Color red = {1, 0, 0, 1}, blue = {0, 0, 1, 1};

/// What a sink was told, a line each.
typedef struct Heard {
    char text[LOG];
    uint8_t image[W * H * 4]; // the last one
    int n, m;
    Rect at;
    float x[64]; // of the last text's glyphs
    SinkText last;
} Heard;

static Heard heard;

static void say(const char *format, ...) {
    const size_t used = strlen(heard.text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(heard.text + used, LOG - used, format, arguments);
    va_end(arguments);
}

static void on_clip(void *context, Rect r) {
    assert_ptr_equal(context, &heard);
    say("clip %g %g %g %g\n", (double)r.x, (double)r.y, (double)r.w, (double)r.h);
}

static void on_fill_box(void *context, Rect r, float radius, Color c) {
    (void)context;
    say("box %g %g %g %g r%g %g%g%g\n", (double)r.x, (double)r.y, (double)r.w, (double)r.h,
        (double)radius, (double)c.r, (double)c.g, (double)c.b);
}

static void on_stroke_box(void *context, Rect r, float radius, float width, Color c) {
    (void)context, (void)c;
    say("edge %g %g %g %g r%g w%g\n", (double)r.x, (double)r.y, (double)r.w, (double)r.h,
        (double)radius, (double)width);
}

static void on_triangle(void *context, const float xy[6], Color c) {
    (void)context, (void)c;
    say("triangle %g %g\n", (double)xy[0], (double)xy[5]);
}

static void on_line(void *context, const float *xy, int stride, const Color *colors, int color_step,
                    int n, float width) {
    (void)context;
    const float *last = xy + (size_t)(n - 1) * (size_t)stride;
    say("line %d: %g %g to %g %g w%g %g\n", n, (double)xy[0], (double)xy[1], (double)last[0],
        (double)last[1], (double)width, (double)colors[(n - 1) * color_step].b);
}

static void on_image(void *context, const uint8_t *rgba, int n, int m, Rect r, bool smooth) {
    (void)context;
    assert_true(n <= W && m <= H);
    memcpy(heard.image, rgba, (size_t)n * (size_t)m * 4);
    heard.n = n;
    heard.m = m;
    heard.at = r;
    say("image %s\n", smooth ? "smooth" : "blocks");
}

static void on_text(void *context, const SinkText *text) {
    (void)context;
    say("text");
    for (int i = 0; i < text->n; i++) {
        say(" %x/%d", text->glyphs[i].code, text->glyphs[i].face);
        heard.x[i] = text->glyphs[i].along;
    }
    say("\n");
    heard.last = *text;
}

static const GfxSink sink = {.context = &heard,
                             .clip = on_clip,
                             .fill_box = on_fill_box,
                             .stroke_box = on_stroke_box,
                             .fill_triangle = on_triangle,
                             .line = on_line,
                             .image = on_image,
                             .text = on_text};

static void begin(Canvas *canvas) {
    memset(&heard, 0, sizeof heard);
    canvas_open(canvas, W, H, 0, true);
    gfx_begin_sink(canvas->gfx, &sink, canvas->target);
}

static void assert_heard(const char *wanted) {
    assert_string_equal(heard.text, wanted);
}

/// Nothing was left in the target.
static void assert_blank(const Canvas *canvas) {
    for (size_t i = 0; i < (size_t)W * H * 4; i++) assert_int_equal(canvas->pixels[i], 0);
}

static void primitives_arrive_in_order(void **state) {
    (void)state;
    Canvas canvas;
    begin(&canvas);
    Gfx *gfx = canvas.gfx;
    draw_rect(gfx, (Rect){10, 20, 30, 8}, 99, red); // the radius is at most half the height
    gfx_clip_push(gfx, (Rect){0, 0, 50, 60});
    draw_rect_outline(gfx, (Rect){10, 20, 30, 40}, 6, 2, red);
    draw_circle(gfx, 50, 60, 4, blue);
    gfx_clip_push(gfx, (Rect){40, 0, 100, 60});
    draw_ring(gfx, 50, 60, 4, 2, blue);
    gfx_clip_pop(gfx);
    gfx_clip_pop(gfx);
    draw_triangle(gfx, (float[]){1, 2, 3, 4, 5, 6}, red);
    draw_line(gfx, 1, 2, 3, 4, 1.5f, blue);
    const float xy[] = {0, 0, 1, 1, NAN, 2, 3, 3, 4, 4, 5, 5};
    draw_polyline(gfx, xy, 6, 2, red);
    const Color colors[] = {red, red, red, red, red, blue};
    draw_polyline_colors(gfx, xy, colors, 6, 2);
    canvas_end(&canvas);
    assert_heard("box 10 20 30 8 r4 100\n"
                 "clip 0 0 50 60\n"
                 "edge 11 21 28 38 r5 w2\n"
                 "box 46 56 8 8 r4 001\n"
                 "clip 40 0 10 60\n"
                 "edge 46 56 8 8 r4 w2\n"
                 "clip 0 0 200 120\n"
                 "triangle 1 6\n"
                 "line 2: 1 2 to 3 4 w1.5 1\n"
                 "line 2: 0 0 to 1 1 w2 0\n"
                 "line 3: 3 3 to 5 5 w2 0\n"
                 "line 2: 0 0 to 1 1 w2 0\n"
                 "line 3: 3 3 to 5 5 w2 1\n");
    assert_blank(&canvas);
    canvas_close(&canvas);
}

static void what_cannot_be_seen_does_not_arrive(void **state) {
    (void)state;
    Canvas canvas;
    begin(&canvas);
    Gfx *gfx = canvas.gfx;
    draw_rect(gfx, (Rect){10, 20, 0, 8}, 0, red);
    draw_rect(gfx, (Rect){NAN, 20, 5, 8}, 0, red);
    draw_rect(gfx, (Rect){1, 1, 5, 8}, 0, color_alpha(red, 0));
    draw_circle(gfx, INFINITY, 0, 3, red);
    draw_triangle(gfx, (float[]){1, 2, NAN, 4, 5, 6}, red);
    draw_line(gfx, 0, 0, NAN, 1, 1, red);
    draw_line(gfx, 0, 0, 1, 1, 0, red);
    draw_text(gfx, &(TextStyle){.size = 12, .color = red}, 5, 5, "");
    canvas_end(&canvas);
    // The part of the broken line that there is.
    assert_heard("line 1: 0 0 to 0 0 w1 0\n");
    canvas_close(&canvas);
}

static void images_arrive_premultiplied(void **state) {
    (void)state;
    Canvas canvas;
    begin(&canvas);
    const uint8_t pixels[8] = {255, 100, 0, 128, 1, 2, 3, 255};
    draw_image(canvas.gfx, 0, 1, pixels, 2, 1, (Rect){5, 6, 40, 20}, false);
    canvas_end(&canvas);
    assert_heard("image blocks\n");
    const uint8_t wanted[8] = {128, 50, 0, 128, 1, 2, 3, 255};
    assert_memory_equal(heard.image, wanted, sizeof wanted);
    assert_int_equal(heard.n * 10 + heard.m, 21);
    assert_true(heard.at.x == 5 && heard.at.y == 6 && heard.at.w == 40 && heard.at.h == 20);
    assert_blank(&canvas);
    canvas_close(&canvas);
}

static void text_comes_with_its_characters(void **state) {
    (void)state;
    Canvas canvas;
    begin(&canvas);
    const TextStyle style = {
        .size = 20, .align = TEXT_RIGHT, .color = red, .tabular = true, .weight = TEXT_BOLD};
    const float width = draw_text(canvas.gfx, &style, 150, 50, "1é−\xff");
    assert_string_equal(heard.text, "text 31/0 e9/0 2212/0 fffd/0\n");
    assert_true(width == text_width(canvas.gfx, &style, "1é−\xff"));
    assert_true(heard.last.width == width && heard.last.x == 150 - width);
    assert_true(heard.last.y > 50 && heard.last.y < 60); // capitals are centred on y
    assert_true(heard.last.ux == 1 && heard.last.uy == 0 && heard.last.size == 20);
    assert_true(heard.x[0] >= 0 && heard.x[1] > heard.x[0] && heard.x[2] > heard.x[1]);
    assert_non_null(strstr(heard.last.fonts->faces[0].path, "Bold"));
    assert_string_equal(heard.last.fonts->faces[0].family, "DejaVu Sans");
    draw_text_turned(canvas.gfx, &style, 150, 50, 0.5f, "a");
    assert_close(heard.last.ux, cos(0.5), 1e-6);
    assert_close(heard.last.uy, sin(0.5), 1e-6);
    heard.text[0] = '\0';
    draw_text(canvas.gfx, &style, 150, 50, "a漢"); // in another font
    if (heard.last.fonts->count > 1)
        assert_string_equal(heard.text, heard.last.fonts->count == 2 ? "text 61/0 6f22/1\n"
                                                                     : "text 61/0 6f22/2\n");
    canvas_end(&canvas);
    assert_blank(&canvas);
    canvas_close(&canvas);
}

/// A line across the middle of a scene whose world is the clip space.
static void scene_with_line(Gfx *gfx, bool depth, Color color, float y) {
    mat4 identity = GLM_MAT4_IDENTITY_INIT;
    scene_begin(gfx, (Rect){0, 0, W, H}, identity, depth);
    const float xyz[] = {-0.5f, y, 0, 0.5f, y, 0};
    const Color colors[] = {color, color};
    scene_line(gfx, xyz, colors, 2, 6, color, 0, 0);
    scene_end(gfx);
}

static void scenes_are_images_at_their_place(void **state) {
    (void)state;
    Canvas canvas;
    begin(&canvas);
    Gfx *gfx = canvas.gfx;
    draw_rect(gfx, (Rect){1, 1, 5, 5}, 0, blue);
    scene_with_line(gfx, true, red, 0);
    scene_with_line(gfx, true, red, 0.5f); // both in one
    draw_rect(gfx, (Rect){2, 2, 5, 5}, 0, blue);
    assert_heard("box 1 1 5 5 r0 001\nimage smooth\nbox 2 2 5 5 r0 001\n");
    // Around the two lines, no more: from y -0.5 to 0 of 120 pixels, and 6 wide.
    assert_true(heard.at.x >= 45 && heard.at.x <= 48 && heard.at.w >= 104 && heard.at.w <= 110);
    assert_true(heard.at.y >= 25 && heard.at.y <= 28 && heard.at.h >= 35 && heard.at.h <= 40);
    assert_int_equal(heard.n, (int)heard.at.w);
    assert_int_equal(heard.m, (int)heard.at.h);
    const uint8_t *middle = heard.image + 4 * ((size_t)2 * (size_t)heard.n + 50);
    assert_int_equal(middle[0], 255);
    assert_int_equal(middle[3], 255);
    const uint8_t *between = heard.image + 4 * ((size_t)15 * (size_t)heard.n + 50);
    assert_int_equal(between[3], 0);
    // What was handed over is not so again.
    scene_with_line(gfx, true, blue, -0.5f);
    heard.text[0] = '\0';
    canvas_end(&canvas);
    assert_heard("image smooth\n");
    assert_true(heard.at.y > 80 && heard.at.h < 10);
    assert_int_equal(heard.image[4 * (3 * (size_t)heard.n + 50) + 2], 255);
    assert_blank(&canvas);
    canvas_close(&canvas);
}

static void lines_that_nothing_hides_stay_lines(void **state) {
    (void)state;
    Canvas canvas;
    begin(&canvas);
    scene_with_line(canvas.gfx, false, blue, 0);
    scene_with_line(canvas.gfx, false, color_alpha(blue, 0.5f), 0); // joints would show
    canvas_end(&canvas);
    assert_heard("line 2: 50 60 to 150 60 w6 1\nimage smooth\n");
    canvas_close(&canvas);
}

static void afterwards_opengl_draws_again(void **state) {
    (void)state;
    Canvas canvas;
    begin(&canvas);
    canvas_end(&canvas);
    canvas_begin(&canvas, blue);
    draw_rect(canvas.gfx, (Rect){0, 0, 10, 10}, 0, red);
    canvas_end(&canvas);
    assert_heard("");
    assert_pixel(&canvas, 5, 5, 0xff0000);
    assert_pixel(&canvas, 50, 50, 0x0000ff);
    canvas_close(&canvas);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(primitives_arrive_in_order),
        cmocka_unit_test(what_cannot_be_seen_does_not_arrive),
        cmocka_unit_test(images_arrive_premultiplied),
        cmocka_unit_test(text_comes_with_its_characters),
        cmocka_unit_test(scenes_are_images_at_their_place),
        cmocka_unit_test(lines_that_nothing_hides_stay_lines),
        cmocka_unit_test(afterwards_opengl_draws_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
