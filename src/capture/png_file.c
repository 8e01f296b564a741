// PNG through libpng: RGB, 8 bits, nothing in the file but the pixels.
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
/// @param row  room for 3 * width bytes
static bool encode(png_structp png, png_infop info, FILE *stream, const uint8_t *rgba, int width,
                   int height, uint8_t *row) {
    if (setjmp(png_jmpbuf(png))) return false;
    png_init_io(png, stream);
    png_set_IHDR(png, info, (png_uint_32)width, (png_uint_32)height, 8, PNG_COLOR_TYPE_RGB,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_compression_level(png, 6);
    png_write_info(png, info);
    for (int y = 0; y < height; y++) {
        const uint8_t *from = rgba + (size_t)y * (size_t)width * 4;
        for (size_t x = 0; x < (size_t)width; x++) {
            row[3 * x] = from[4 * x];
            row[3 * x + 1] = from[4 * x + 1];
            row[3 * x + 2] = from[4 * x + 2];
        }
        png_write_row(png, row);
    }
    png_write_end(png, info);
    return true;
}

bool png_write(FILE *stream, const uint8_t *rgba, int width, int height, Error *error) {
    assert(width > 0 && height > 0);
    Error why = {"out of memory"};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &why, on_error, on_warning);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    uint8_t *row = malloc((size_t)width * 3);
    const bool good = info && row && encode(png, info, stream, rgba, width, height, row);
    png_destroy_write_struct(&png, &info);
    free(row);
    return good || error_set(error, "%s", why.text);
}

bool png_save(const char *path, const uint8_t *rgba, int width, int height, Error *error) {
    FileWriter writer;
    if (!file_open(&writer, path, error)) return false;
    Error why;
    if (png_write(writer.stream, rgba, width, height, &why)) return file_commit(&writer, error);
    bool disk = ferror(writer.stream) != 0;
    if (disk) return file_commit(&writer, error); // it knows the reason, and cleans up
    file_discard(&writer);
    return error_set(error, "%s: cannot write: %s", path, why.text);
}
