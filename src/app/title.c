/// SDL hands a title to X through the locale's characters: in the locales "C" and "C.UTF-8" the
/// dashes, or the whole title, get lost. The properties that others read may be UTF-8 whatever the
/// locale; they are written here.
#include "app/title.h"

#include <SDL.h>
#include <SDL_syswm.h>
#include <stdbool.h>
#include <string.h>

#if defined(SDL_VIDEO_DRIVER_X11)

typedef Atom (*InternAtom)(Display *, const char *, Bool);
typedef int (*ChangeProperty)(Display *, Window, Atom, Atom, int, int, const unsigned char *, int);

/// Xlib as SDL has it loaded: the program itself is not linked to it.
static bool load(InternAtom *intern, ChangeProperty *change) {
    static void *library;
    if (!library) library = SDL_LoadObject("libX11.so.6");
    if (!library) return false;
    void *a = SDL_LoadFunction(library, "XInternAtom");
    void *b = SDL_LoadFunction(library, "XChangeProperty");
    if (!a || !b) return false;
    memcpy(intern, &a, sizeof a); // ISO C has no cast from a pointer to data
    memcpy(change, &b, sizeof b);
    return true;
}

static void set_property(SDL_Window *window, const char *title) {
    SDL_SysWMinfo info;
    SDL_VERSION(&info.version);
    InternAtom intern;
    ChangeProperty change;
    if (!SDL_GetWindowWMInfo(window, &info) || info.subsystem != SDL_SYSWM_X11) return;
    if (!load(&intern, &change)) return;
    static const char *const names[] = {"_NET_WM_NAME", "WM_NAME"};
    Display *display = info.info.x11.display;
    Atom utf8 = intern(display, "UTF8_STRING", False);
    for (int i = 0; i < 2; i++) {
        change(display, info.info.x11.window, intern(display, names[i], False), utf8, 8,
               PropModeReplace, (const unsigned char *)title, (int)strlen(title));
    }
}

#else

static void set_property(SDL_Window *window, const char *title) {
    (void)window;
    (void)title;
}

#endif

void title_set(SDL_Window *window, const char *title) {
    SDL_SetWindowTitle(window, title);
    set_property(window, title);
}
