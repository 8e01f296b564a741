#include "app/screenshot.h"

#include "base/paths.h"
#include "capture/new_name.h"
#include "capture/png_file.h"

typedef struct Pixels {
    const uint8_t *rgba;
    int width, height;
} Pixels;

static bool write_png(void *context, const char *draft, Error *error) {
    const Pixels *pixels = context;
    return png_save(draft, pixels->rgba, pixels->width, pixels->height, error);
}

bool screenshot_save(const uint8_t *rgba, int width, int height, const char *name, char *path,
                     size_t size, Error *error) {
    char folder[4096];
    Pixels pixels = {rgba, width, height};
    return paths_pictures(folder, sizeof folder, error) &&
           new_name_save(folder, name, ".png", write_png, &pixels, path, size, error);
}
