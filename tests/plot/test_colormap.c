/// The colour maps' published ends and middles, and what lies beyond.
#include "plot/colormap.h"

#include "support.h"

static void assert_hex(Color c, uint32_t rgb) {
    assert_close((double)c.r * 255.0, rgb >> 16 & 255, 0.01);
    assert_close((double)c.g * 255.0, rgb >> 8 & 255, 0.01);
    assert_close((double)c.b * 255.0, rgb & 255, 0.01);
    assert_close((double)c.a, 1.0, 0.0);
}

static void test_published_values(void **state) {
    (void)state;
    assert_hex(colormap_at(COLORMAP_VIRIDIS, 0.0f), 0x440154);
    assert_hex(colormap_table(COLORMAP_VIRIDIS)[128], 0x21918C);
    assert_hex(colormap_at(COLORMAP_VIRIDIS, 1.0f), 0xFDE725);
    assert_hex(colormap_at(COLORMAP_CIVIDIS, 0.0f), 0x00224E);
    assert_hex(colormap_at(COLORMAP_CIVIDIS, 1.0f), 0xFEE838);
}

static void test_beyond_the_ends(void **state) {
    (void)state;
    assert_hex(colormap_at(COLORMAP_VIRIDIS, -3.0f), 0x440154);
    assert_hex(colormap_at(COLORMAP_VIRIDIS, INFINITY), 0xFDE725);
    assert_close((double)colormap_at(COLORMAP_VIRIDIS, NAN).a, 0.0, 0.0);
}

static double luminance(Color c) {
    return 0.2126 * pow((double)c.r, 2.2) + 0.7152 * pow((double)c.g, 2.2) +
           0.0722 * pow((double)c.b, 2.2);
}

static void test_luminance_orders_magnitudes(void **state) {
    (void)state;
    for (int map = 0; map < COLORMAP_DIVERGING; map++) {
        for (int i = 8; i < 256; i++) {
            const Color *table = colormap_table((Colormap)map);
            assert_true(luminance(table[i]) > luminance(table[i - 8]));
        }
    }
}

static void test_diverging_is_even(void **state) {
    (void)state;
    const Color *table = colormap_table(COLORMAP_DIVERGING);
    assert_true(table[0].b > table[0].r && table[255].r > table[255].b);
    for (int i = 0; i < 128; i++) {
        double blue = luminance(table[i]), red = luminance(table[255 - i]);
        assert_close(red, blue, 0.06);
        if (i > 0) assert_true(blue > luminance(table[i - 1]));
    }
    assert_true(luminance(table[127]) > 0.88);
}

static void test_names(void **state) {
    (void)state;
    assert_string_equal(colormap_name(COLORMAP_VIRIDIS), "viridis");
    assert_string_equal(colormap_name(COLORMAP_DIVERGING), "diverging");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_values),
        cmocka_unit_test(test_beyond_the_ends),
        cmocka_unit_test(test_luminance_orders_magnitudes),
        cmocka_unit_test(test_diverging_is_even),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
