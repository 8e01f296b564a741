/// Pictures of the window as files.
#ifndef APP_SCREENSHOT_H
#define APP_SCREENSHOT_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/// Saves a picture into the folder for pictures under a new name.
/// @param rgba  (height, width), rows from the top
/// @param name  of the experiment
/// @param path  written: where it lies
bool screenshot_save(const uint8_t *rgba, int width, int height, const char *name, char *path,
                     size_t size, Error *error);

#endif
