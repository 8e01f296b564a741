#include "app/screenshot.h"

#include <stdlib.h>

#include "base/paths.h"
#include "capture/png_file.h"

bool screenshot_save(Gfx *gfx, int width, int height, const char *name, char *path, size_t size,
                     Error *error) {
    char folder[4096];
    if (!paths_pictures(folder, sizeof folder, error)) return false;
    if (!png_unused_name(folder, name, path, size))
        return error_set(error, "%.200s: the name is too long", folder);
    uint8_t *rgba = malloc((size_t)width * (size_t)height * 4);
    if (!rgba) return error_set(error, "screenshot: out of memory");
    gfx_read(gfx, NULL, width, height, rgba);
    bool saved = png_save(path, rgba, width, height, error);
    free(rgba);
    return saved;
}
