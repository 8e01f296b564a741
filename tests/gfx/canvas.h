/// A headless context with a target, for tests that look at pixels. Every test that draws ends with
/// canvas_close, which fails where OpenGL reported an error.
#ifndef TESTS_GFX_CANVAS_H
#define TESTS_GFX_CANVAS_H

#include <stdlib.h>

#include "app/window.h"
#include "gfx/gfx.h"
#include "support.h"

typedef struct Canvas {
    Window *window;
    Gfx *gfx;
    Target *target;
    int width, height;
    uint8_t *pixels;
} Canvas;

static inline void canvas_open_as(Canvas *canvas, int width, int height, int samples, bool depth,
                                  const GfxDesc *desc) {
    Error error = {""};
    canvas->window = window_create(&(WindowDesc){.headless = true, .debug = true}, &error);
    if (!canvas->window) fail_msg("%s", error.text);
    canvas->gfx = gfx_create(desc, &error);
    if (!canvas->gfx) fail_msg("%s", error.text);
    canvas->target = target_create(canvas->gfx, width, height, samples, depth);
    assert_non_null(canvas->target);
    canvas->width = width;
    canvas->height = height;
    canvas->pixels = malloc((size_t)width * (size_t)height * 4);
    assert_non_null(canvas->pixels);
}

static inline void canvas_open(Canvas *canvas, int width, int height, int samples, bool depth) {
    const GfxDesc desc = {.debug = true, .fonts = "DejaVu Sans"};
    canvas_open_as(canvas, width, height, samples, depth, &desc);
}

static inline void canvas_begin(Canvas *canvas, Color clear) {
    gfx_begin(canvas->gfx, canvas->target, 0, 0, clear);
}

static inline void canvas_end(Canvas *canvas) {
    gfx_end(canvas->gfx);
    gfx_read(canvas->gfx, canvas->target, canvas->width, canvas->height, canvas->pixels);
}

static inline const uint8_t *canvas_at(const Canvas *canvas, int x, int y) {
    return canvas->pixels + 4 * ((size_t)y * (size_t)canvas->width + (size_t)x);
}

static inline void canvas_close(Canvas *canvas) {
    const char *message;
    int errors = gfx_errors(canvas->gfx, &message);
    if (errors) fail_msg("%d OpenGL errors, the first: %s", errors, message);
    free(canvas->pixels);
    target_destroy(canvas->target);
    gfx_destroy(canvas->gfx);
    window_destroy(canvas->window);
}

/// The pixel's colour, each channel within 2 of what is expected.
#define assert_pixel(canvas, x, y, hex)                                                            \
    assert_pixel_at((canvas), (x), (y), (hex), __FILE__, __LINE__)

static inline void assert_pixel_at(const Canvas *canvas, int x, int y, uint32_t hex,
                                   const char *file, int line) {
    const uint8_t *p = canvas_at(canvas, x, y);
    for (int i = 0; i < 3; i++) {
        int wanted = (int)(hex >> (16 - 8 * i) & 0xff);
        if (abs(p[i] - wanted) <= 2) continue;
        print_error("%s:%d: pixel (%d, %d) is %02x%02x%02x, not %06x\n", file, line, x, y, p[0],
                    p[1], p[2], hex);
        _fail(file, line);
    }
}

#endif
