#include "app/screenshot.h"

#include <unistd.h>

#include "base/paths.h"
#include "capture/new_name.h"
#include "capture/png_file.h"

bool screenshot_save(const uint8_t *rgba, int width, int height, const char *name, char *path,
                     size_t size, Error *error) {
    char folder[4096], draft[4096];
    if (!paths_pictures(folder, sizeof folder, error) ||
        !new_name_draft(folder, name, ".png", draft, sizeof draft, error))
        return false;
    if (png_save(draft, rgba, width, height, error)) {
        if (new_name_take(draft, folder, name, ".png", path, size, error)) return true;
        unlink(draft);
    }
    new_name_blame(draft, folder, name, ".png", error);
    return false;
}
