#include "app/display_loss.h"

#include <SDL.h>
#include <SDL_syswm.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "base/log.h"

#if defined(SDL_VIDEO_DRIVER_X11)

typedef XIOErrorHandler (*SetHandler)(XIOErrorHandler);

static int say(Display *display) {
    static atomic_bool said; // what ends then asks the display for more
    if (!atomic_exchange(&said, true))
        log_error("the display %s went away", DisplayString(display));
    return 0; // Xlib ends the program
}

void display_loss_expect(void) {
    const char *driver = SDL_GetCurrentVideoDriver();
    if (!driver || strcmp(driver, "x11") != 0) return;
    // As SDL has it loaded: the program itself is not linked to it.
    void *library = SDL_LoadObject("libX11.so.6");
    void *function = library ? SDL_LoadFunction(library, "XSetIOErrorHandler") : NULL;
    if (!function) return;
    SetHandler set;
    memcpy(&set, &function, sizeof set); // ISO C has no cast from a pointer to data
    set(say);
}

#else

void display_loss_expect(void) {
}

#endif
