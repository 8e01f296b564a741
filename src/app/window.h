/// An OpenGL 3.3 context, with a window or without: the only place that knows SDL's video.
#ifndef APP_WINDOW_H
#define APP_WINDOW_H

#include <stdbool.h>

#include "base/error.h"

typedef struct Window Window;
struct SDL_Window;

enum { WINDOW_WIDTH_MIN = 640, WINDOW_HEIGHT_MIN = 480 };

typedef struct WindowDesc {
    const char *title;
    int width, height; // units (points) for a window
    bool headless;     // no window and no display needed: an offscreen context
    bool debug;        // a debug context
} WindowDesc;

/// Makes its context current on the calling thread. One window at a time.
/// @return NULL with error set: no display, or no OpenGL 3.3 (exit code 3)
Window *window_create(const WindowDesc *desc, Error *error);
void window_destroy(Window *window);

/// For the events, title, cursor and full screen, which the app asks of SDL itself.
struct SDL_Window *window_sdl(Window *window);
/// The size in pixels, which differs from units where the display is dense.
void window_pixels(const Window *window, int *width, int *height);
/// Pixels a unit.
float window_density(const Window *window);
/// Shows what was drawn into the NULL target.
void window_swap(Window *window);
/// Whether window_swap waits for the display.  @return false where it cannot
bool window_vsync(Window *window, bool wait);

#endif
