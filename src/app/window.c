// One SDL window with an OpenGL 3.3 core context; headless, a hidden one of SDL's offscreen driver,
// which needs no display.
#include "app/window.h"

#include <SDL.h>
#include <stdlib.h>
#include <string.h>

struct Window {
    SDL_Window *sdl;
    SDL_GLContext context;
};

#if defined(__unix__) && !defined(__APPLE__)
static bool is_set(const char *variable) {
    const char *value = getenv(variable);
    return value && *value;
}
#endif

static bool start_video(const WindowDesc *desc, Error *error) {
    static const char advice[] = "set DISPLAY or WAYLAND_DISPLAY, or use `saddle shot` to make a "
                                 "picture";
    SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1"); // Ctrl+C belongs to the program
    if (desc->headless) {
        if (SDL_VideoInit("offscreen") == 0) return true;
        return error_set(error, "no offscreen graphics: %s", SDL_GetError());
    }
#if defined(__unix__) && !defined(__APPLE__)
    bool x11 = is_set("DISPLAY"), wayland = is_set("WAYLAND_DISPLAY");
    // Asked here, because Wayland's library prints lines of its own where there is no display.
    if (!x11 && !wayland && !is_set("SDL_VIDEODRIVER")) {
        return error_set(error, "no display: %s", advice);
    }
    if (x11 && !wayland) SDL_SetHint(SDL_HINT_VIDEODRIVER, "x11");
#endif
    if (SDL_InitSubSystem(SDL_INIT_VIDEO) != 0) {
        return error_set(error, "no display: %s; %s", SDL_GetError(), advice);
    }
    // With no display SDL falls back on these by itself, and the person would see nothing.
    const char *driver = SDL_GetCurrentVideoDriver();
    if (driver && strcmp(driver, "offscreen") != 0 && strcmp(driver, "dummy") != 0) return true;
    SDL_QuitSubSystem(SDL_INIT_VIDEO);
    return error_set(error, "no display: %s", advice);
}

static void stop_video(const WindowDesc *desc) {
    if (desc->headless)
        SDL_VideoQuit();
    else
        SDL_QuitSubSystem(SDL_INIT_VIDEO);
}

static bool open_window(Window *window, const WindowDesc *desc, Error *error) {
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_MAJOR_VERSION, 3);
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_MINOR_VERSION, 3);
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_PROFILE_MASK, SDL_GL_CONTEXT_PROFILE_CORE);
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_FLAGS, desc->debug ? SDL_GL_CONTEXT_DEBUG_FLAG : 0);
    SDL_GL_SetAttribute(SDL_GL_DOUBLEBUFFER, 1);
    SDL_GL_SetAttribute(SDL_GL_DEPTH_SIZE, 0);
    SDL_GL_SetAttribute(SDL_GL_MULTISAMPLEBUFFERS, 0);
    Uint32 flags = SDL_WINDOW_OPENGL;
    flags |= desc->headless ? SDL_WINDOW_HIDDEN : SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI;
    window->sdl = SDL_CreateWindow(desc->title ? desc->title : "saddle", SDL_WINDOWPOS_UNDEFINED,
                                   SDL_WINDOWPOS_UNDEFINED, desc->width > 0 ? desc->width : 1280,
                                   desc->height > 0 ? desc->height : 720, flags);
    if (!window->sdl) return error_set(error, "no window with OpenGL: %s", SDL_GetError());
    if (!desc->headless) {
        SDL_SetWindowMinimumSize(window->sdl, WINDOW_WIDTH_MIN, WINDOW_HEIGHT_MIN);
    }
    window->context = SDL_GL_CreateContext(window->sdl);
    if (!window->context) {
        return error_set(error, "OpenGL: 3.3 is needed and cannot be had: %s", SDL_GetError());
    }
    return true;
}

Window *window_create(const WindowDesc *desc, Error *error) {
    Window *window = calloc(1, sizeof *window);
    if (!window) {
        error_set(error, "window: out of memory");
        return NULL;
    }
    if (!start_video(desc, error)) {
        free(window);
        return NULL;
    }
    if (open_window(window, desc, error)) return window;
    if (window->sdl) SDL_DestroyWindow(window->sdl);
    stop_video(desc);
    free(window);
    return NULL;
}

void window_destroy(Window *window) {
    if (!window) return;
    SDL_GL_DeleteContext(window->context);
    SDL_DestroyWindow(window->sdl);
    SDL_VideoQuit();
    free(window);
}

struct SDL_Window *window_sdl(Window *window) {
    return window->sdl;
}

void window_pixels(const Window *window, int *width, int *height) {
    SDL_GL_GetDrawableSize(window->sdl, width, height);
}

float window_density(const Window *window) {
    int pixels, units;
    SDL_GL_GetDrawableSize(window->sdl, &pixels, NULL);
    SDL_GetWindowSize(window->sdl, &units, NULL);
    return units > 0 ? (float)pixels / (float)units : 1.0f;
}

void window_swap(Window *window) {
    SDL_GL_SwapWindow(window->sdl);
}

bool window_vsync(Window *window, bool wait) {
    (void)window;
    return SDL_GL_SetSwapInterval(wait ? 1 : 0) == 0;
}
