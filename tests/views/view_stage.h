/// A hidden window, and a canvas of WIDTH by HEIGHT to draw views on: for tests of what they draw.
/// Define these two before.
#ifndef TESTS_VIEWS_VIEW_STAGE_H
#define TESTS_VIEWS_VIEW_STAGE_H

#include "app/window.h"
#include "gfx/gfx.h"

#include "support.h"

static Window *window;
static Gfx *gfx;
static Target *canvas;

/// @param depth  for drawing in three dimensions on the canvas itself
static inline int open_stage(bool depth) {
    Error error;
    window = window_create(&(WindowDesc){.headless = true, .debug = true}, &error);
    if (!window) fail_msg("%s", error.text);
    gfx = gfx_create(&(GfxDesc){.debug = true, .fonts = "DejaVu Sans"}, &error);
    if (!gfx) fail_msg("%s", error.text);
    canvas = target_create(gfx, WIDTH, HEIGHT, 0, depth);
    return canvas ? 0 : -1;
}

static inline int close_stage(void **state) {
    (void)state;
    target_destroy(canvas);
    gfx_destroy(gfx);
    window_destroy(window);
    return 0;
}

static inline void assert_no_gl_errors(void) {
    const char *message = "";
    if (gfx_errors(gfx, &message) != 0) fail_msg("OpenGL: %s", message);
}

#endif
