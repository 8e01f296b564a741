/// The keys of the window: which key means what, and the page that shows them all.
#ifndef APP_SHORTCUTS_H
#define APP_SHORTCUTS_H

#include <stdbool.h>
#include <stdint.h>

#include "app/chrome.h"

typedef enum ShortcutKind {
    SHORTCUT_NONE,
    SHORTCUT_PLAY,
    SHORTCUT_STEP,
    SHORTCUT_PACE, // by: -1 slower, 1 faster
    SHORTCUT_RESTART,
    SHORTCUT_SEEK, // by: epochs
    SHORTCUT_UNDO,
    SHORTCUT_REDO,
    SHORTCUT_VIEW, // by: its number from 0
    SHORTCUT_BACK,
    SHORTCUT_FULL_SCREEN,
    SHORTCUT_PRESENT,
    SHORTCUT_SCREENSHOT, // by: 0 the window, 1 the view under the pointer
    SHORTCUT_COPY,       // the same as a picture for the clipboard, whichever there is
    SHORTCUT_RECORD,
    SHORTCUT_TEXT_SIZE, // by: -1 smaller, 1 larger, 0 as designed
    SHORTCUT_HELP,
    SHORTCUT_QUIT,
} ShortcutKind;

typedef struct Shortcut {
    ShortcutKind kind;
    int by;
} Shortcut;

/// @param key  an SDL_Keycode
Shortcut shortcut_of_key(int32_t key, bool ctrl, bool shift);
/// Signs are matched as typed, since they lie elsewhere on every keyboard.  @param text  UTF-8
Shortcut shortcut_of_text(const char *text);
/// What a widget with the focus would call the key.  @param key  an SDL_Keycode
UiKey shortcut_ui_key(int32_t key, bool shift);

/// The page of all keys, over everything.
void shortcuts_draw(Chrome *chrome, Rect window);

#endif
