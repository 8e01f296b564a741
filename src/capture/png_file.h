/// Pictures into PNG files.
#ifndef CAPTURE_PNG_FILE_H
#define CAPTURE_PNG_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

/// Writes RGBA pixels (rows from the top) as an opaque 8-bit RGB PNG, atomically, with no
/// timestamp: the same pixels give the same bytes.
bool png_save(const char *path, const uint8_t *rgba, int width, int height, Error *error);

/// The same into an open stream.  @return false with the reason alone in error
bool png_write(FILE *stream, const uint8_t *rgba, int width, int height, Error *error);

#endif
