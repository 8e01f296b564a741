/// The window's regions: only what has changed is drawn, and the picture is always the one that
/// drawing all of it would give.
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "canvas.h"
#include "gfx/text.h"

enum { WIDTH = 200, HEIGHT = 120, PARTS = 4, ROUNDS = 300, MANY = 300 };

static Canvas bench;
static Color back;

static int open_with(bool canvas) {
    const GfxDesc desc = {.debug = true, .fonts = "DejaVu Sans", .canvas = canvas};
    canvas_open_as(&bench, WIDTH, HEIGHT, 0, false, &desc);
    back = color_hex(0x102030);
    return 0;
}

static int open_bench(void **state) {
    (void)state;
    return open_with(false);
}

static int open_with_canvas(void **state) {
    (void)state;
    return open_with(true);
}

static int close_bench(void **state) {
    (void)state;
    canvas_close(&bench);
    return 0;
}

static void read_window(void) {
    gfx_end(bench.gfx);
    gfx_read(bench.gfx, NULL, WIDTH, HEIGHT, bench.pixels);
}

/// Two regions with a square each, and perhaps a menu over both.
static void draw_frame(float left_width, uint32_t left, uint32_t right, bool menu) {
    gfx_begin_window(bench.gfx, WIDTH, HEIGHT, back);
    gfx_region(bench.gfx, (Rect){0, 0, left_width, HEIGHT});
    draw_rect(bench.gfx, (Rect){20, 20, 60, 60}, 0, color_hex(left));
    gfx_region(bench.gfx, (Rect){100, 0, 99, HEIGHT});
    draw_rect(bench.gfx, (Rect){120, 20, 60, 60}, 0, color_hex(right));
    gfx_over(bench.gfx);
    if (menu) draw_rect(bench.gfx, (Rect){60, 40, 80, 20}, 0, color_hex(0xffffff));
    read_window();
}

static void test_only_changes_are_drawn(void **state) {
    (void)state;
    draw_frame(100, 0xff0000, 0x00ff00, false);
    assert_int_equal(gfx_regions_drawn(bench.gfx), 2);
    assert_pixel(&bench, 50, 50, 0xff0000);
    assert_pixel(&bench, 150, 50, 0x00ff00);
    assert_pixel(&bench, 5, 100, 0x102030);
    draw_frame(100, 0xff0000, 0x00ff00, false);
    assert_int_equal(gfx_regions_drawn(bench.gfx), 0);
    assert_pixel(&bench, 150, 50, 0x00ff00);
    draw_frame(100, 0xff0000, 0x0000ff, false);
    assert_int_equal(gfx_regions_drawn(bench.gfx), 1);
    assert_pixel(&bench, 50, 50, 0xff0000);
    assert_pixel(&bench, 150, 50, 0x0000ff);
}

static void test_menus_come_and_go(void **state) {
    (void)state;
    draw_frame(100, 0xff0000, 0x00ff00, false);
    draw_frame(100, 0xff0000, 0x00ff00, true);
    assert_pixel(&bench, 70, 50, 0xffffff);
    assert_pixel(&bench, 50, 50, 0xff0000);
    draw_frame(100, 0xff0000, 0x00ff00, false);
    assert_pixel(&bench, 70, 50, 0xff0000);
    assert_pixel(&bench, 130, 50, 0x00ff00);
    assert_pixel(&bench, 90, 50, 0x102030);
}

static void test_moved_regions_and_colours(void **state) {
    (void)state;
    draw_frame(100, 0xff0000, 0x00ff00, false);
    draw_frame(50, 0xff0000, 0x00ff00, false); // smaller: what it leaves is cleared
    assert_int_equal(gfx_regions_drawn(bench.gfx), 2);
    assert_pixel(&bench, 40, 50, 0xff0000);
    assert_pixel(&bench, 70, 50, 0x102030);
    back = color_hex(0xeeddcc);
    draw_frame(50, 0xff0000, 0x00ff00, false);
    assert_int_equal(gfx_regions_drawn(bench.gfx), 2);
    assert_pixel(&bench, 70, 50, 0xeeddcc);
    back = color_hex(0x102030);
}

static void test_a_lost_picture_is_drawn_anew(void **state) {
    (void)state;
    draw_frame(100, 0xff0000, 0x00ff00, false);
    gfx_begin(bench.gfx, NULL, WIDTH, HEIGHT, color_hex(0x777777));
    gfx_end(bench.gfx);
    draw_frame(100, 0xff0000, 0x00ff00, false);
    assert_int_equal(gfx_regions_drawn(bench.gfx), 2);
    assert_pixel(&bench, 5, 100, 0x102030);
    assert_pixel(&bench, 150, 50, 0x00ff00);
}

static void test_a_flush_before_the_end(void **state) {
    (void)state;
    for (int round = 0; round < 2; round++) {
        gfx_begin_window(bench.gfx, WIDTH, HEIGHT, back);
        gfx_region(bench.gfx, (Rect){0, 0, 100, HEIGHT});
        draw_rect(bench.gfx, (Rect){20, 20, 200, 60}, 0, color_hex(0xff0000));
        gfx_flush(bench.gfx);
        draw_rect(bench.gfx, (Rect){20, 90, 200, 20}, 0, color_hex(0x0000ff));
        gfx_region(bench.gfx, (Rect){100, 0, 99, HEIGHT});
        draw_rect(bench.gfx, (Rect){60, 20, 100, 60}, 0, color_hex(0x00ff00));
        read_window();
        assert_int_equal(gfx_regions_drawn(bench.gfx), 2);
        assert_pixel(&bench, 50, 50, 0xff0000);
        assert_pixel(&bench, 50, 100, 0x0000ff);
        assert_pixel(&bench, 99, 50, 0xff0000);
        assert_pixel(&bench, 101, 50, 0x00ff00);
        assert_pixel(&bench, 101, 100, 0x102030);
    }
}

/// More regions than are kept: all is drawn, and right.
static void test_many_regions(void **state) {
    (void)state;
    for (int round = 0; round < 2; round++) {
        gfx_begin_window(bench.gfx, WIDTH, HEIGHT, back);
        for (int i = 0; i < MANY; i++) {
            gfx_region(bench.gfx, (Rect){(float)(i % 150), (float)(i / 150 * 10), 1, 10});
            draw_rect(bench.gfx, (Rect){0, 0, WIDTH, HEIGHT}, 0, color_hex(0xff0000));
        }
        read_window();
        assert_int_equal(gfx_regions_drawn(bench.gfx), MANY);
        assert_pixel(&bench, 100, 5, 0xff0000);
        assert_pixel(&bench, 100, 15, 0xff0000);
        assert_pixel(&bench, 199, 5, 0x102030);
        assert_pixel(&bench, 100, 25, 0x102030);
    }
}

static void test_pictures(void **state) {
    (void)state;
    Target *target = target_create(bench.gfx, 60, 60, 0, false);
    assert_non_null(target);
    uint8_t image[4] = {0, 0, 0, 255};
    int drawn[] = {2, 0, 1, 1, 0};
    uint32_t shown[] = {0xff0000, 0xff0000, 0x00ff00, 0x00ff00, 0x00ff00};
    for (int round = 0; round < 5; round++) {
        if (round == 0 || round == 2) { // another picture in the same target
            gfx_begin(bench.gfx, target, 0, 0, color_hex(shown[round]));
            gfx_end(bench.gfx);
        }
        image[0] = round < 3 ? 10 : 200;
        gfx_begin_window(bench.gfx, WIDTH, HEIGHT, back);
        gfx_region(bench.gfx, (Rect){20, 20, 60, 60});
        gfx_blit(bench.gfx, target, (Rect){20, 20, 60, 60});
        gfx_region(bench.gfx, (Rect){100, 0, 99, HEIGHT});
        draw_image(bench.gfx, 3, (uint64_t)(round < 3 ? 1 : 2), image, 1, 1,
                   (Rect){120, 20, 60, 60}, false);
        read_window();
        assert_int_equal(gfx_regions_drawn(bench.gfx), drawn[round]);
        assert_pixel(&bench, 50, 50, shown[round]);
        assert_pixel(&bench, 150, 50, round < 3 ? 0x0a0000 : 0xc80000);
    }
    target_destroy(target);
}

/// The same glyph places mean other glyphs once the atlas was emptied.
static void test_text_after_the_atlas_was_emptied(void **state) {
    (void)state;
    uint8_t first[WIDTH * HEIGHT * 4];
    for (int round = 0; round < 2; round++) {
        gfx_begin_window(bench.gfx, WIDTH, HEIGHT, back);
        gfx_region(bench.gfx, (Rect){0, 0, WIDTH - 1, HEIGHT});
        TextStyle style = {.size = 24, .color = {1, 1, 1, 1}};
        draw_text(bench.gfx, &style, 10, 60, "saddle");
        read_window();
        if (round == 0) memcpy(first, bench.pixels, sizeof first);
        if (round == 1) assert_int_equal(gfx_regions_drawn(bench.gfx), 1);
        gfx_begin(bench.gfx, bench.target, 0, 0, back);
        for (int size = 8; round == 0 && size < 110; size++) {
            TextStyle other = {.size = (float)size, .color = {1, 1, 1, 1}};
            draw_text(bench.gfx, &other, 0, 60,
                      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-*/=()[]{}");
        }
        gfx_end(bench.gfx);
    }
    for (size_t i = 0; i < sizeof first; i++) assert_in_range(first[i] + 1 - bench.pixels[i], 0, 2);
}

typedef struct Part {
    Rect spot;
    uint32_t color;
    int number;
} Part;

static void draw_part(int i, const Part *part) {
    gfx_region(bench.gfx, (Rect){50.0f * (float)i, 0, 49, HEIGHT});
    gfx_clip_push(bench.gfx, (Rect){50.0f * (float)i, 0, 49, HEIGHT});
    draw_rect(bench.gfx, part->spot, 4, color_hex(part->color));
    char text[16];
    snprintf(text, sizeof text, "%d", part->number);
    TextStyle style = {.size = 14, .color = {1, 1, 1, 1}};
    draw_text(bench.gfx, &style, 50.0f * (float)i + 4, 100, text);
    draw_line(bench.gfx, part->spot.x, 0, part->spot.y, HEIGHT, 1.5f, color_hex(0x8899aa));
    gfx_clip_pop(bench.gfx);
}

static void test_as_if_all_were_drawn(void **state) {
    (void)state;
    Rng rng = rng_create(5, RNG_TEST);
    Part parts[PARTS] = {0};
    uint8_t whole[WIDTH * HEIGHT * 4];
    int drawn = 0;
    for (int round = 0; round < ROUNDS; round++) {
        Part *part = &parts[rng_below(&rng, PARTS)];
        if (rng_below(&rng, 3) > 0) {
            part->spot = (Rect){(float)rng_below(&rng, WIDTH), (float)rng_below(&rng, HEIGHT),
                                (float)rng_below(&rng, 90), (float)rng_below(&rng, 90)};
            part->color = (uint32_t)rng_below(&rng, 0xffffff);
            part->number = (int)rng_below(&rng, 1000);
        }
        gfx_begin(bench.gfx, bench.target, 0, 0, back);
        for (int i = 0; i < PARTS; i++) draw_part(i, &parts[i]);
        gfx_end(bench.gfx);
        gfx_read(bench.gfx, bench.target, WIDTH, HEIGHT, whole);
        gfx_begin_window(bench.gfx, WIDTH, HEIGHT, back);
        for (int i = 0; i < PARTS; i++) draw_part(i, &parts[i]);
        read_window();
        drawn += gfx_regions_drawn(bench.gfx);
        for (size_t k = 0; k < sizeof whole; k++) {
            if (k % 4 == 3 || abs(whole[k] - bench.pixels[k]) <= 2) continue;
            fail_msg("round %d: pixel (%zu, %zu) differs", round, k / 4 % WIDTH, k / 4 / WIDTH);
        }
    }
    assert_in_range(drawn, ROUNDS / 3, ROUNDS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_changes_are_drawn),
        cmocka_unit_test(test_menus_come_and_go),
        cmocka_unit_test(test_moved_regions_and_colours),
        cmocka_unit_test(test_a_lost_picture_is_drawn_anew),
        cmocka_unit_test(test_a_flush_before_the_end),
        cmocka_unit_test(test_many_regions),
        cmocka_unit_test(test_pictures),
        cmocka_unit_test(test_text_after_the_atlas_was_emptied),
        cmocka_unit_test(test_as_if_all_were_drawn),
    };
    return cmocka_run_group_tests_name("in the window", tests, open_bench, close_bench) +
           cmocka_run_group_tests_name("in a canvas", tests, open_with_canvas, close_bench);
}
