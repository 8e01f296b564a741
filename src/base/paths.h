/// Where this person's files belong (XDG base directories).
#ifndef BASE_PATHS_H
#define BASE_PATHS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/// The folder for screenshots: $XDG_PICTURES_DIR, else the entry of user-dirs.dirs, else
/// ~/Pictures. Created where missing.
bool paths_pictures(char *out, size_t size, Error *error);

/// $XDG_CONFIG_HOME/saddle or ~/.config/saddle. Created where missing.
bool paths_config(char *out, size_t size, Error *error);

#endif
