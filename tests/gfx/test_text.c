// Text: measurements, alignment, fallbacks, and bytes that are no text.
#include <string.h>

#include "base/rng.h"
#include "canvas.h"
#include "gfx/text.h"

static const Color black = {0, 0, 0, 1}, white = {1, 1, 1, 1};
static Canvas canvas;

static int setup(void **state) {
    (void)state;
    canvas_open(&canvas, 400, 120, 0, false);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    canvas_close(&canvas);
    return 0;
}

typedef struct Ink {
    int left, top, right, bottom; // right and bottom are one beyond
    double sum;
} Ink;

static Ink ink(void) {
    Ink box = {canvas.width, canvas.height, 0, 0, 0};
    for (int y = 0; y < canvas.height; y++) {
        for (int x = 0; x < canvas.width; x++) {
            int value = canvas_at(&canvas, x, y)[0];
            box.sum += value / 255.0;
            if (value < 40) continue;
            if (x < box.left) box.left = x;
            if (x >= box.right) box.right = x + 1;
            if (y < box.top) box.top = y;
            if (y >= box.bottom) box.bottom = y + 1;
        }
    }
    return box;
}

static Ink draw(const TextStyle *style, float x, float y, const char *text) {
    canvas_begin(&canvas, black);
    draw_text(canvas.gfx, style, x, y, text);
    canvas_end(&canvas);
    return ink();
}

static const TextStyle plain = {.size = 16, .color = {1, 1, 1, 1}};

static void a_line_is_where_it_should_be(void **state) {
    (void)state;
    TextStyle style = plain;
    float width = text_width(canvas.gfx, &style, "Hello HE");
    Ink left = draw(&style, 100, 50, "Hello HE");
    assert_true(left.left >= 100 && left.left <= 102);
    assert_true(left.right <= 100 + (int)width + 1 && left.right >= 100 + (int)width - 3);
    // Capitals are centred on y, within the rounding to whole pixels.
    assert_true(abs((left.top + left.bottom) - 2 * 50) <= 1);
    style.align = TEXT_RIGHT;
    Ink right = draw(&style, 300, 50, "Hello HE");
    assert_int_equal(right.left - left.left, 200 - (int)width);
    style.align = TEXT_CENTER;
    Ink center = draw(&style, 200, 50, "Hello HE");
    assert_int_equal(center.left - left.left, 100 - (int)width / 2);
    assert_close(center.sum, left.sum, 1e-6);
}

static void sizes_and_weights(void **state) {
    (void)state;
    TextStyle small = plain, large = plain, bold = plain;
    large.size = 32;
    bold.weight = TEXT_BOLD;
    float w = text_width(canvas.gfx, &small, "epoch");
    assert_close(text_width(canvas.gfx, &large, "epoch"), 2 * (double)w, 0.08);
    assert_true(text_width(canvas.gfx, &bold, "epoch") > w);
    assert_true(draw(&bold, 10, 50, "epoch").sum > 1.15 * draw(&small, 10, 50, "epoch").sum);
    assert_true(text_line_height(canvas.gfx, 16) >= 17 && text_line_height(canvas.gfx, 16) <= 26);
    assert_close(text_width(canvas.gfx, &small, ""), 0, 0);
}

static void digits_are_tabular_where_asked(void **state) {
    (void)state;
    TextStyle style = plain;
    style.tabular = true;
    assert_close(text_width(canvas.gfx, &style, "111111"), text_width(canvas.gfx, &style, "480297"),
                 0);
}

/// Each of them leaves ink of its own, not the sign for what is missing.
static void signs_are_there(void **state) {
    (void)state;
    static const char *const signs[] = {"₁", "₂", "−", "⁻", "⁷", "×",  "→",  "▾",
                                        "·", "∞", "η", "…", "²", "训", "练", "损"};
    Ink missing = draw(&plain, 50, 50, "\xff");
    assert_true(missing.sum > 5);
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        Ink sign = draw(&plain, 50, 50, signs[i]);
        if (!(sign.sum > 0.5)) fail_msg("%s has no ink", signs[i]);
        if (fabs(sign.sum - missing.sum) < 1e-9) fail_msg("%s is missing", signs[i]);
    }
    float thin = text_width(canvas.gfx, &plain, "\u2009");
    assert_true(thin >= 2 && thin <= 5);
    assert_close(draw(&plain, 50, 50, "\u2009").sum, 0, 0);
}

static void what_is_not_text_shows_as_such(void **state) {
    (void)state;
    // Stray and missing continuation bytes, overlong forms, a surrogate, beyond the last plane.
    static const char *const bad[] = {"\x80", "\xc3", "\xe4\xb8", "\xf0\x9f\x98", "\xc0", "\xf8"};
    float sign = text_width(canvas.gfx, &plain, "\ufffd");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        float wanted = sign * (float)strlen(bad[i]);
        assert_close(text_width(canvas.gfx, &plain, bad[i]), wanted, 0);
    }
    assert_close(text_width(canvas.gfx, &plain, "\xed\xa0\x80"), 3 * sign, 0);
    assert_close(text_width(canvas.gfx, &plain, "\xf4\x90\x80\x80"), 4 * sign, 0);
    assert_close(text_width(canvas.gfx, &plain, "a\tb"), text_width(canvas.gfx, &plain, "a b"), 0);
}

static void random_bytes_do_no_harm(void **state) {
    (void)state;
    Rng rng = rng_create(7, RNG_TEST);
    canvas_begin(&canvas, black);
    for (int k = 0; k < 300; k++) {
        char text[64];
        int n = (int)rng_below(&rng, sizeof text);
        for (int i = 0; i < n; i++) text[i] = (char)rng_u32(&rng);
        text[n] = '\0';
        TextStyle style = plain;
        style.size = (float)rng_below(&rng, 40) - 2;
        style.tabular = k % 2;
        draw_text(canvas.gfx, &style, 10, 50, text);
        draw_text_fit(canvas.gfx, &style, 10, 50, 60, text);
        draw_text_turned(canvas.gfx, &style, 100, 50, (float)k, text);
    }
    draw_text(canvas.gfx, &plain, NAN, 5, "nowhere");
    canvas_end(&canvas);
}

static void long_lines_are_cut(void **state) {
    (void)state;
    const char *line = "a line that is much too long for its place";
    float whole = text_width(canvas.gfx, &plain, line);
    canvas_begin(&canvas, black);
    float full = draw_text_fit(canvas.gfx, &plain, 5, 20, whole, line);
    float cut = draw_text_fit(canvas.gfx, &plain, 5, 60, 120, line);
    float none = draw_text_fit(canvas.gfx, &plain, 5, 100, 3, line);
    canvas_end(&canvas);
    assert_close(full, whole, 0);
    assert_true(cut <= 120 && cut > 90);
    assert_close(none, 0, 0);
    char *huge = malloc(5000);
    memset(huge, 'i', 4999);
    huge[4999] = '\0';
    canvas_begin(&canvas, black);
    assert_true(draw_text_fit(canvas.gfx, &plain, 5, 20, 1e5f, huge) > 1000);
    assert_true(draw_text_fit(canvas.gfx, &plain, 5, 20, 3000, huge) <= 3000);
    canvas_end(&canvas);
    free(huge);
}

static void turned_text_has_the_same_ink(void **state) {
    (void)state;
    Ink level = draw(&plain, 200, 60, "MSE 0.1");
    const float angles[] = {-1.5707963f, -0.6f, 3.14159265f};
    for (int i = 0; i < 3; i++) {
        canvas_begin(&canvas, black);
        draw_text_turned(canvas.gfx, &plain, 200, 100, angles[i], "MSE 0.1");
        canvas_end(&canvas);
        Ink turned = ink();
        assert_close(turned.sum, level.sum, i == 1 ? 0.03 : 1e-6);
        if (i == 0) { // upward: as high as it was wide
            assert_int_equal(turned.bottom - turned.top, level.right - level.left);
            assert_int_equal(turned.right - turned.left, level.bottom - level.top);
            assert_true(turned.bottom <= 100 && turned.bottom > 95);
        }
    }
}

/// More glyphs than the atlas holds: what was drawn before it is emptied stays right.
static void the_atlas_is_emptied_when_full(void **state) {
    (void)state;
    Ink before = draw(&plain, 10, 20, "Hello");
    canvas_begin(&canvas, black);
    draw_text(canvas.gfx, &plain, 10, 20, "Hello");
    gfx_clip_push(canvas.gfx, (Rect){0, 0, 0, 0});
    char text[5] = "";
    for (int size = 100; size < 400; size += 40) {
        TextStyle style = plain;
        style.size = (float)size;
        for (unsigned code = 0x4e00; code < 0x4e00 + 90; code++) {
            text[0] = (char)(0xe0 | code >> 12);
            text[1] = (char)(0x80 | (code >> 6 & 0x3f));
            text[2] = (char)(0x80 | (code & 0x3f));
            draw_text(canvas.gfx, &style, 0, 0, text);
        }
    }
    gfx_clip_pop(canvas.gfx);
    canvas_end(&canvas);
    assert_close(ink().sum, before.sum, 1e-6);
    assert_close(draw(&plain, 10, 20, "Hello").sum, before.sum, 1e-6);
}

static void colour_and_alpha(void **state) {
    (void)state;
    TextStyle style = plain;
    style.size = 80;
    style.color = color_alpha(color_hex(0xff0000), 0.5f);
    canvas_begin(&canvas, white);
    draw_text(canvas.gfx, &style, 20, 60, "\u2588"); // a full block
    canvas_end(&canvas);
    assert_pixel(&canvas, 40, 60, 0xff8080);
}

static void families(void **state) {
    (void)state;
    Error error = {""};
    assert_null(gfx_create(&(GfxDesc){.fonts = "No Such Family"}, &error));
    assert_non_null(strstr(error.text, "No Such Family"));
    Gfx *other = gfx_create(&(GfxDesc){.fonts = NULL}, &error);
    assert_non_null(other);
    assert_true(text_width(other, &plain, "Hello") > 20);
    gfx_destroy(other);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_where_it_should_be),
        cmocka_unit_test(sizes_and_weights),
        cmocka_unit_test(digits_are_tabular_where_asked),
        cmocka_unit_test(signs_are_there),
        cmocka_unit_test(what_is_not_text_shows_as_such),
        cmocka_unit_test(random_bytes_do_no_harm),
        cmocka_unit_test(long_lines_are_cut),
        cmocka_unit_test(turned_text_has_the_same_ink),
        cmocka_unit_test(the_atlas_is_emptied_when_full),
        cmocka_unit_test(colour_and_alpha),
        cmocka_unit_test(families),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
