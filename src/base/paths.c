#include "base/paths.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool join(char *out, size_t size, const char *a, const char *b, Error *error) {
    int length = snprintf(out, size, "%s%s", a, b);
    if (length >= 0 && (size_t)length < size) return true;
    return error_set(error, "%.200s%.200s: the name is too long", a, b);
}

static bool make_folders(char *path, Error *error) {
    for (char *c = path + 1;; c++) {
        if (*c && *c != '/') continue;
        char kept = *c;
        *c = '\0';
        int made = mkdir(path, 0777);
        *c = kept;
        if (made != 0 && errno != EEXIST) {
            return error_set(error, "%s: cannot create: %s", path, strerror(errno));
        }
        if (!kept) return true;
    }
}

static const char *home(void) {
    const char *folder = getenv("HOME");
    return folder && *folder ? folder : ".";
}

/// The value of XDG_PICTURES_DIR in user-dirs.dirs: a line XDG_PICTURES_DIR="$HOME/…" or ="/…".
static bool from_user_dirs(char *out, size_t size) {
    const char *config = getenv("XDG_CONFIG_HOME");
    char path[4096];
    bool fits = config && *config
                    ? join(path, sizeof path, config, "/user-dirs.dirs", NULL)
                    : join(path, sizeof path, home(), "/.config/user-dirs.dirs", NULL);
    FILE *file = fits ? fopen(path, "r") : NULL;
    if (!file) return false;
    bool found = false;
    char line[4096];
    while (!found && fgets(line, sizeof line, file)) {
        static const char key[] = "XDG_PICTURES_DIR=\"";
        char *start = line + strspn(line, " \t");
        if (strncmp(start, key, sizeof key - 1) != 0) continue;
        start += sizeof key - 1;
        char *end = strchr(start, '"');
        if (!end) continue;
        *end = '\0';
        if (strncmp(start, "$HOME", 5) == 0)
            found = join(out, size, home(), start + 5, NULL);
        else if (start[0] == '/')
            found = join(out, size, start, "", NULL);
    }
    fclose(file);
    return found;
}

bool paths_pictures(char *out, size_t size, Error *error) {
    const char *given = getenv("XDG_PICTURES_DIR");
    if (given && *given) {
        if (!join(out, size, given, "", error)) return false;
    } else if (!from_user_dirs(out, size)) {
        if (!join(out, size, home(), "/Pictures", error)) return false;
    }
    return make_folders(out, error);
}

bool paths_config(char *out, size_t size, Error *error) {
    const char *config = getenv("XDG_CONFIG_HOME");
    bool fits = config && *config ? join(out, size, config, "/saddle", error)
                                  : join(out, size, home(), "/.config/saddle", error);
    return fits && make_folders(out, error);
}
