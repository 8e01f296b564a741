// Resampling: means are exact, larger pictures are what OpenGL's textures would be.
#include "capture/resample.h"

#include <string.h>

#include "support.h"

static void the_same_size_is_the_same(void **state) {
    (void)state;
    const uint8_t from[] = {1, 2, 3, 4, 5, 6, 7, 8};
    uint8_t to[8] = {0};
    assert_true(resample(from, 2, 1, to, 2, 1, true));
    assert_memory_equal(from, to, 8);
}

static void smaller_is_the_mean(void **state) {
    (void)state;
    // Two by two pixels each of 4 x 2.
    uint8_t from[4 * 2 * 4], to[2 * 4];
    for (int i = 0; i < 8; i++) {
        for (int c = 0; c < 4; c++) from[4 * i + c] = (uint8_t)(10 * i + 3 * c);
    }
    assert_true(resample(from, 4, 2, to, 2, 1, true));
    for (int c = 0; c < 4; c++) {
        assert_int_equal(to[c], (0 + 10 + 40 + 50) / 4 + 3 * c);
        assert_int_equal(to[4 + c], (20 + 30 + 60 + 70) / 4 + 3 * c);
    }
}

static void parts_of_pixels_count_as_such(void **state) {
    (void)state;
    // Three pixels become two: the middle one belongs half to each.
    const uint8_t from[] = {0, 0, 0, 255, 90, 0, 0, 255, 240, 0, 0, 255};
    uint8_t to[8];
    assert_true(resample(from, 3, 1, to, 2, 1, false));
    assert_int_equal(to[0], 30);  // (0 + 90 / 2) / 1.5
    assert_int_equal(to[4], 190); // (90 / 2 + 240) / 1.5
    assert_int_equal(to[3], 255);
}

static void one_colour_stays(void **state) {
    (void)state;
    static uint8_t from[37 * 23 * 4], to[91 * 50 * 4];
    const int sizes[][2] = {{1, 1}, {5, 7}, {36, 22}, {91, 50}, {20, 50}};
    memset(from, 201, sizeof from);
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        const int w = sizes[k][0], h = sizes[k][1];
        memset(to, 0, sizeof to);
        assert_true(resample(from, 37, 23, to, w, h, true));
        for (int i = 0; i < w * h * 4; i++) assert_int_equal(to[i], 201);
    }
}

static void larger_is_between_pixels_or_blocks(void **state) {
    (void)state;
    const uint8_t from[] = {0, 0, 0, 255, 100, 0, 0, 255};
    uint8_t to[4 * 4];
    assert_true(resample(from, 2, 1, to, 4, 1, true));
    const int smooth[] = {0, 25, 75, 100}; // the ends keep their colour
    for (int i = 0; i < 4; i++) assert_int_equal(to[4 * i], smooth[i]);
    assert_true(resample(from, 2, 1, to, 4, 1, false));
    const int blocks[] = {0, 0, 100, 100};
    for (int i = 0; i < 4; i++) assert_int_equal(to[4 * i], blocks[i]);
}

static void alpha_can_be_taken_out(void **state) {
    (void)state;
    uint8_t pixels[] = {64, 32, 0, 128, 7, 8, 9, 255, 0, 0, 0, 0, 3, 2, 1, 1};
    unpremultiply(pixels, 4);
    const uint8_t wanted[] = {128, 64, 0, 128, 7, 8, 9, 255, 0, 0, 0, 0, 255, 255, 255, 1};
    assert_memory_equal(pixels, wanted, sizeof wanted);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_size_is_the_same),
        cmocka_unit_test(smaller_is_the_mean),
        cmocka_unit_test(parts_of_pixels_count_as_such),
        cmocka_unit_test(one_colour_stays),
        cmocka_unit_test(larger_is_between_pixels_or_blocks),
        cmocka_unit_test(alpha_can_be_taken_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
