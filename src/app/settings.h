/// What the window remembers from one start to the next: a few lines "key = value" in
/// XDG_CONFIG_HOME/saddle/settings.ini.
#ifndef APP_SETTINGS_H
#define APP_SETTINGS_H

#include <stdbool.h>

#include "base/error.h"

#define TEXT_SIZE_MIN 0.7
#define TEXT_SIZE_MAX 3.0

typedef struct Settings {
    char theme[16];
    double text_size; // 1: 14 units
    int width, height;
    bool panel_folded;
    char film[8];        // the kind of films, as their files' names end: "gif"
    bool reduced_motion; // nothing moves by itself
    bool motion_chosen;  // by the person: else it is as the desktop has it, now and later
} Settings;

/// What holds where there is no file.
Settings settings_default(void);
/// Reads them; what is missing keeps its default.
/// @return false with error set where the file is there but cannot be read or understood; the lines
///         that are right still count
bool settings_load(Settings *settings, Error *error);
/// Writes them, whole or not at all.
bool settings_save(const Settings *settings, Error *error);

#endif
