/// The window's picture as a file.
#ifndef APP_SCREENSHOT_H
#define APP_SCREENSHOT_H

#include <stddef.h>

#include "base/error.h"
#include "gfx/gfx.h"

/// Saves what was drawn last, before the swap, into the folder for pictures under a new name.
/// @param name  of the experiment
/// @param path  written: where it lies
bool screenshot_save(Gfx *gfx, int width, int height, const char *name, char *path, size_t size,
                     Error *error);

#endif
