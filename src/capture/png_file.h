/// Pictures into PNG files.
#ifndef CAPTURE_PNG_FILE_H
#define CAPTURE_PNG_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/// Writes RGBA pixels (rows from the top) as an opaque 8-bit RGB PNG, atomically, with no
/// timestamp: the same pixels give the same bytes.
bool png_save(const char *path, const uint8_t *rgba, int width, int height, Error *error);

/// A name in folder that no file has yet: "saddle-NAME-N.png", N from 1.
/// @return false where the text does not fit
bool png_unused_name(const char *folder, const char *name, char *path, size_t size);

#endif
