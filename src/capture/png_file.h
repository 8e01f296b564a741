/// Pictures into PNG files.
#ifndef CAPTURE_PNG_FILE_H
#define CAPTURE_PNG_FILE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

/// Writes RGBA pixels (rows from the top) as an opaque 8-bit RGB PNG, atomically, with no
/// timestamp: the same pixels give the same bytes.
bool png_save(const char *path, const uint8_t *rgba, int width, int height, Error *error);

/// What a PNG is to hold beside its pixels.
typedef struct PngDesc {
    int width, height;
    bool alpha;             // the pixels' alpha (straight); else they are opaque
    double dpi;             // on paper; 0: not said
    bool quick;             // packed in a quarter of the time, some tenths larger
    atomic_llong *progress; // counts rows, for another thread to look at; NULL: none does
} PngDesc;

/// The same with alpha and resolution.
bool png_save_as(const char *path, const uint8_t *rgba, const PngDesc *desc, Error *error);
/// The same into an open stream, whose own errors are left to the caller.
/// @return false with error set, without a file's name
bool png_write_to(FILE *stream, const uint8_t *rgba, const PngDesc *desc, Error *error);

#endif
