// Palettes: flat colours stay what they are, others come near, and a pattern's mean is the colour.
#include "capture/palette.h"

#include <stdlib.h>
#include <string.h>

#include "support.h"

enum { W = 256, H = 128 };

static uint8_t pixels[W * H * 4];

static void put(int x, int y, int r, int g, int b) {
    uint8_t *rgba = pixels + 4 * (y * W + x);
    rgba[0] = (uint8_t)r, rgba[1] = (uint8_t)g, rgba[2] = (uint8_t)b, rgba[3] = 255;
}

/// A flat ground, and on it a patch of smooth colours.
static void draw_picture(void) {
    for (int y = 0; y < H; y++) {
        for (int x = 0; x < W; x++) {
            if (x >= 64)
                put(x, y, x, 2 * y, 255 - (x + y) / 2);
            else
                put(x, y, 23, 27, 37);
        }
    }
}

static void count_picture(Histogram *histogram, Palette *palette) {
    draw_picture();
    histogram_clear(histogram);
    histogram_add(histogram, pixels, NULL, W * H);
    palette_make(histogram, palette);
}

static Histogram *new_histogram(void) {
    Histogram *histogram = histogram_create();
    assert_non_null(histogram);
    return histogram;
}

static void test_flat_colours_stay_and_others_are_near(void **state) {
    (void)state;
    Histogram *histogram = new_histogram();
    Palette palette;
    count_picture(histogram, &palette);
    assert_true(palette.count > 200 && palette.count <= PALETTE_MAX);
    bool there = false;
    for (int i = 0; i < palette.count; i++) {
        there = there || memcmp(palette.rgb[i], (uint8_t[]){23, 27, 37}, 3) == 0;
    }
    assert_true(there);
    assert_true(palette_error(histogram, &palette) < 5);
    histogram_destroy(histogram);
}

static void test_few_colours_are_kept_exactly(void **state) {
    (void)state;
    Histogram *histogram = new_histogram();
    for (int y = 0; y < H; y++) {
        for (int x = 0; x < W; x++) put(x, y, x / 32 * 30, y / 32 * 60, 7);
    }
    histogram_add(histogram, pixels, NULL, W * H);
    Palette palette;
    palette_make(histogram, &palette);
    Ditherer *ditherer = ditherer_create();
    assert_non_null(ditherer);
    ditherer_use(ditherer, &palette);
    for (int y = 0; y < H; y++) {
        uint8_t indices[W];
        ditherer_row(ditherer, pixels + 4 * y * W, W, 0, y, indices);
        for (int x = 0; x < W; x++) {
            assert_memory_equal(palette.rgb[indices[x]], pixels + 4 * (y * W + x), 3);
        }
    }
    ditherer_destroy(ditherer);
    histogram_destroy(histogram);
}

static void test_what_is_marked_is_not_counted(void **state) {
    (void)state;
    Histogram *histogram = new_histogram();
    draw_picture();
    static bool same[W * H];
    for (int i = 0; i < W * H; i++) same[i] = i % W >= 64;
    histogram_add(histogram, pixels, same, W * H);
    Palette palette;
    palette_make(histogram, &palette);
    assert_int_equal(palette.count, 1);
    assert_memory_equal(palette.rgb[0], ((uint8_t[]){23, 27, 37}), 3);
    histogram_destroy(histogram);
}

static void test_nothing_counted_is_black(void **state) {
    (void)state;
    Histogram *histogram = new_histogram();
    Palette palette;
    palette_make(histogram, &palette);
    assert_int_equal(palette.count, 1);
    assert_close(palette_error(histogram, &palette), 0, 0);
    histogram_destroy(histogram);
}

/// Greys between two that are near: the pattern holds as much of each as the grey says.
static void test_patterns_mean_their_colour(void **state) {
    (void)state;
    Ditherer *ditherer = ditherer_create();
    assert_non_null(ditherer);
    const Palette palette = {.count = 2, .rgb = {{100, 100, 100}, {110, 110, 110}}};
    ditherer_use(ditherer, &palette);
    for (int grey = 100; grey <= 110; grey++) {
        for (int i = 0; i < W * H; i++) put(i % W, i / W, grey, grey, grey);
        double sum = 0;
        for (int y = 0; y < 64; y++) {
            uint8_t indices[64];
            ditherer_row(ditherer, pixels, 64, 0, y, indices);
            for (int x = 0; x < 64; x++) sum += palette.rgb[indices[x]][0];
        }
        assert_true(fabs(sum / (64 * 64) - grey) <= 1);
    }
    ditherer_destroy(ditherer);
}

/// What stands still has the same pattern, wherever the row that is asked for begins.
static void test_patterns_hang_on_the_place(void **state) {
    (void)state;
    Histogram *histogram = new_histogram();
    Ditherer *ditherer = ditherer_create();
    assert_non_null(ditherer);
    Palette palette;
    count_picture(histogram, &palette);
    ditherer_use(ditherer, &palette);
    uint8_t whole[W], part[W];
    ditherer_row(ditherer, pixels + 4 * 50 * W, W, 0, 50, whole);
    ditherer_row(ditherer, pixels + 4 * (50 * W + 77), W - 77, 77, 50, part);
    assert_memory_equal(part, whole + 77, W - 77);
    ditherer_destroy(ditherer);
    histogram_destroy(histogram);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flat_colours_stay_and_others_are_near),
        cmocka_unit_test(test_few_colours_are_kept_exactly),
        cmocka_unit_test(test_what_is_marked_is_not_counted),
        cmocka_unit_test(test_nothing_counted_is_black),
        cmocka_unit_test(test_patterns_mean_their_colour),
        cmocka_unit_test(test_patterns_hang_on_the_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
