// Parts of what was drawn, read back later: the right pixels, the right way up.
#include "gfx/readback.h"

#include <string.h>

#include "canvas.h"

enum { W = 60, H = 40 };

static const Color ground = {0, 0, 1, 1};

/// Red with a green part at 10, 5 of 20 by 12, the upper row of which is white.
static void open_picture(Canvas *canvas) {
    canvas_open(canvas, W, H, 0, false);
    canvas_begin(canvas, color_hex(0xff0000));
    draw_rect(canvas->gfx, (Rect){10, 5, 20, 12}, 0, color_hex(0x00ff00));
    draw_rect(canvas->gfx, (Rect){10, 5, 20, 1}, 0, color_hex(0xffffff));
    gfx_end(canvas->gfx);
}

/// Reads a part and puts it where canvas_at looks.
static void read_part(Canvas *canvas, Readback *readback, Rect part, int width, int height) {
    readback_begin(readback, canvas->target, H, part, ground);
    assert_true(readback_pending(readback));
    canvas->width = width;
    canvas->height = height;
    canvas->pixels = realloc(canvas->pixels, (size_t)width * (size_t)height * 4);
    assert_true(readback_end(readback, canvas->pixels));
    assert_false(readback_pending(readback));
}

static void a_part_is_read_as_it_is(void **state) {
    (void)state;
    Canvas canvas;
    open_picture(&canvas);
    Readback *readback = readback_create(canvas.gfx, 20, 12);
    assert_non_null(readback);
    assert_false(readback_end(readback, canvas.pixels)); // none was begun
    read_part(&canvas, readback, (Rect){10, 5, 20, 12}, 20, 12);
    for (int x = 0; x < 20; x++) {
        assert_pixel(&canvas, x, 0, 0xffffff);
        assert_pixel(&canvas, x, 1, 0x00ff00);
        assert_pixel(&canvas, x, 11, 0x00ff00);
    }
    read_part(&canvas, readback, (Rect){9, 6, 20, 12}, 20, 12);
    assert_pixel(&canvas, 0, 0, 0xff0000);
    assert_pixel(&canvas, 1, 0, 0x00ff00);
    assert_pixel(&canvas, 1, 11, 0xff0000);
    readback_destroy(readback);
    canvas_close(&canvas);
}

/// What is drawn after it was begun does not show.
static void it_is_of_the_moment_when_it_was_begun(void **state) {
    (void)state;
    Canvas canvas;
    open_picture(&canvas);
    Readback *readback = readback_create(canvas.gfx, W, H);
    readback_begin(readback, canvas.target, H, (Rect){0, 0, W, H}, ground);
    canvas_begin(&canvas, color_hex(0x123456));
    gfx_end(canvas.gfx);
    assert_true(readback_end(readback, canvas.pixels));
    assert_pixel(&canvas, 0, 0, 0xff0000);
    assert_pixel(&canvas, 12, 5, 0xffffff);
    readback_begin(readback, canvas.target, H, (Rect){0, 0, W, H}, ground);
    assert_true(readback_end(readback, NULL)); // thrown away
    assert_false(readback_pending(readback));
    readback_destroy(readback);
    canvas_close(&canvas);
}

/// Of another size: all of it, in its proportions, in the middle.
static void another_size_is_fitted(void **state) {
    (void)state;
    Canvas canvas;
    open_picture(&canvas);
    Readback *readback = readback_create(canvas.gfx, 60, 24);
    read_part(&canvas, readback, (Rect){10, 5, 20, 12}, 60, 24);
    assert_pixel(&canvas, 9, 12, 0x0000ff);
    assert_pixel(&canvas, 50, 12, 0x0000ff);
    for (int x = 11; x < 49; x++) { // at the edges it is mixed with what lay beside it
        assert_true(canvas_at(&canvas, x, 0)[0] > 200);
        assert_pixel(&canvas, x, 4, 0x00ff00);
        assert_pixel(&canvas, x, 22, 0x00ff00);
    }
    readback_destroy(readback);
    canvas_close(&canvas);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_part_is_read_as_it_is),
        cmocka_unit_test(it_is_of_the_moment_when_it_was_begun),
        cmocka_unit_test(another_size_is_fitted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
