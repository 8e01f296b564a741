// PNG through libpng: 8 bits, nothing in the file but the pixels and, where it is said, their size.
#include "capture/png_file.h"

#include <assert.h>
#include <png.h>
#include <setjmp.h>
#include <stdlib.h>

#include "base/file.h"

static void on_error(png_structp png, png_const_charp why) {
    error_set(png_get_error_ptr(png), "%s", why);
    longjmp(png_jmpbuf(png), 1);
}

static void on_warning(png_structp png, png_const_charp why) {
    (void)png, (void)why;
}

/// Encodes into an open stream. Alone, so that no variable lives across the jump.
/// @param row  room for 3 * width bytes; NULL: with alpha
static bool encode(png_structp png, png_infop info, FILE *stream, const uint8_t *rgba,
                   const PngDesc *desc, uint8_t *row) {
    if (setjmp(png_jmpbuf(png))) return false;
    png_init_io(png, stream);
    png_set_IHDR(png, info, (png_uint_32)desc->width, (png_uint_32)desc->height, 8,
                 row ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_RGBA, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_compression_level(png, desc->quick ? 1 : 6);
    if (desc->quick) png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
    if (desc->dpi > 0) {
        const png_uint_32 per_metre = (png_uint_32)(desc->dpi / 0.0254 + 0.5);
        png_set_pHYs(png, info, per_metre, per_metre, PNG_RESOLUTION_METER);
    }
    png_write_info(png, info);
    for (int y = 0; y < desc->height; y++) {
        const uint8_t *from = rgba + (size_t)y * (size_t)desc->width * 4;
        for (size_t x = 0; row && x < (size_t)desc->width; x++) {
            row[3 * x] = from[4 * x];
            row[3 * x + 1] = from[4 * x + 1];
            row[3 * x + 2] = from[4 * x + 2];
        }
        png_write_row(png, row ? row : from);
        if (desc->progress) atomic_fetch_add_explicit(desc->progress, 1, memory_order_relaxed);
    }
    png_write_end(png, info);
    return true;
}

bool png_write_to(FILE *stream, const uint8_t *rgba, const PngDesc *desc, Error *error) {
    assert(desc->width > 0 && desc->height > 0);
    Error why = {"out of memory"};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &why, on_error, on_warning);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    uint8_t *row = desc->alpha ? NULL : malloc((size_t)desc->width * 3);
    const bool good = info && (row || desc->alpha) && encode(png, info, stream, rgba, desc, row);
    png_destroy_write_struct(&png, &info);
    free(row);
    return good || error_set(error, "%s", why.text);
}

bool png_save_as(const char *path, const uint8_t *rgba, const PngDesc *desc, Error *error) {
    FileWriter writer;
    if (!file_open(&writer, path, error)) return false;
    Error why;
    // A full disk: committing knows the reason, and cleans up.
    if (png_write_to(writer.stream, rgba, desc, &why) || ferror(writer.stream))
        return file_commit(&writer, error);
    file_discard(&writer);
    return error_set(error, "%s: cannot write: %s", path, why.text);
}

bool png_save(const char *path, const uint8_t *rgba, int width, int height, Error *error) {
    return png_save_as(path, rgba, &(PngDesc){.width = width, .height = height}, error);
}
