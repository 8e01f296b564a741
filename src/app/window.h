/// An OpenGL 3.3 context, with a window or without: the only place that knows SDL's video.
#ifndef APP_WINDOW_H
#define APP_WINDOW_H

#include <stdbool.h>

#include "base/error.h"

typedef struct Window Window;

typedef struct WindowDesc {
    const char *title;
    int width, height; // units (points) for a window
    bool headless;     // no window and no display needed: an offscreen context
    bool debug;        // a debug context
} WindowDesc;

/// @return NULL with error set: no display, or no OpenGL 3.3 (exit code 3)
Window *window_create(const WindowDesc *desc, Error *error);
void window_destroy(Window *window);

#endif
