#include "app/desktop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"

enum { FILE_BYTES_MAX = 1 << 20 };

/// The value of `key` in the section of a file of "key=value" lines.
/// @return false where there is none
static bool value_in(const char *name, const char *section, const char *key, char *value,
                     size_t size) {
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    char path[4096];
    const bool given = config && *config;
    snprintf(path, sizeof path, "%s%s/%s",
             given  ? config
             : home ? home
                    : ".",
             given ? "" : "/.config", name);
    size_t length;
    char *text = file_read(path, FILE_BYTES_MAX, &length, NULL);
    if (!text) return false;
    bool inside = false, found = false;
    for (char *line = text, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next) *next++ = '\0';
        char name_of[64], said[64];
        if (sscanf(line, " [%63[^]]]", name_of) == 1) {
            inside = strcmp(name_of, section) == 0;
        } else if (inside && sscanf(line, " %63[^= \t] = %63s", name_of, said) == 2 &&
                   strcmp(name_of, key) == 0) {
            found = true;
            snprintf(value, size, "%s", said);
        }
    }
    free(text);
    return found;
}

bool desktop_reduces_motion(void) {
    const char *asked = getenv("SADDLE_REDUCED_MOTION");
    if (asked && *asked) return strcmp(asked, "0") != 0;
    static const char *const gtk[] = {"gtk-4.0/settings.ini", "gtk-3.0/settings.ini"};
    char value[64];
    for (int i = 0; i < 2; i++) {
        if (value_in(gtk[i], "Settings", "gtk-enable-animations", value, sizeof value)) {
            return strcasecmp(value, "false") == 0 || strcmp(value, "0") == 0;
        }
    }
    return value_in("kdeglobals", "KDE", "AnimationDurationFactor", value, sizeof value) &&
           strtod(value, NULL) == 0;
}
