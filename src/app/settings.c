#include "app/settings.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/desktop.h"
#include "base/file.h"
#include "base/paths.h"
#include "capture/film.h"
#include "gfx/theme.h"

enum { SETTINGS_BYTES_MAX = 1 << 16 };

Settings settings_default(void) {
    return (Settings){.theme = "dark",
                      .text_size = 1,
                      .width = 1440,
                      .height = 900,
                      .film = "gif",
                      .reduced_motion = desktop_reduces_motion()};
}

static bool settings_path(char *path, size_t size, Error *error) {
    char folder[4096];
    if (!paths_config(folder, sizeof folder, error)) return false;
    int length = snprintf(path, size, "%s/settings.ini", folder);
    if (length >= 0 && (size_t)length < size) return true;
    return error_set(error, "%.200s: the name is too long", folder);
}

static bool read_number(const char *text, double lo, double hi, double *value) {
    char *end;
    double number = strtod(text, &end);
    if (end == text || *end != '\0' || !(number >= lo && number <= hi)) return false;
    *value = number;
    return true;
}

static bool read_size(const char *text, int lo, int *value) {
    double number;
    if (!read_number(text, lo, 16384, &number)) return false;
    *value = (int)number;
    return true;
}

static bool is_film(const char *kind) {
    for (const FilmType *const *type = film_types; *type; type++) {
        if (strcmp((*type)->suffix + 1, kind) == 0) return true;
    }
    return false;
}

static bool set(Settings *settings, const char *key, const char *value) {
    double number;
    if (strcmp(key, "theme") == 0) {
        if (!theme_find(value) || strlen(value) >= sizeof settings->theme) return false;
        snprintf(settings->theme, sizeof settings->theme, "%s", value);
        return true;
    }
    if (strcmp(key, "film") == 0) {
        if (!is_film(value) || strlen(value) >= sizeof settings->film) return false;
        snprintf(settings->film, sizeof settings->film, "%s", value);
        return true;
    }
    if (strcmp(key, "text_size") == 0)
        return read_number(value, TEXT_SIZE_MIN, TEXT_SIZE_MAX, &settings->text_size);
    if (strcmp(key, "width") == 0) return read_size(value, 640, &settings->width);
    if (strcmp(key, "height") == 0) return read_size(value, 480, &settings->height);
    bool *flag = strcmp(key, "panel_folded") == 0     ? &settings->panel_folded
                 : strcmp(key, "reduced_motion") == 0 ? &settings->reduced_motion
                                                      : NULL;
    if (!flag || !read_number(value, 0, 1, &number)) return false;
    *flag = number != 0;
    if (flag == &settings->reduced_motion) settings->motion_chosen = true;
    return true;
}

/// The text without blanks at its ends, in place.
static char *trimmed(char *text) {
    text += strspn(text, " \t\r");
    size_t length = strlen(text);
    while (length > 0 && strchr(" \t\r", text[length - 1])) text[--length] = '\0';
    return text;
}

bool settings_load(Settings *settings, Error *error) {
    char path[4200];
    if (!settings_path(path, sizeof path, error)) return false;
    if (access(path, F_OK) != 0) return true;
    size_t size;
    char *text = file_read(path, SETTINGS_BYTES_MAX, &size, error);
    if (!text) return false;
    bool good = true;
    int number = 0;
    for (char *line = text, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next) *next++ = '\0';
        number++;
        char *key = trimmed(line);
        if (*key == '\0' || *key == '#') continue;
        char *equals = strchr(key, '=');
        if (equals) *equals = '\0';
        if (equals && set(settings, trimmed(key), trimmed(equals + 1))) continue;
        if (good) error_set(error, "%s: line %d is not understood and ignored", path, number);
        good = false;
    }
    free(text);
    return good;
}

bool settings_save(const Settings *settings, Error *error) {
    char path[4200];
    FileWriter writer;
    if (!settings_path(path, sizeof path, error) || !file_open(&writer, path, error)) return false;
    fprintf(writer.stream,
            "# saddle's window\ntheme = %s\ntext_size = %.9g\nwidth = %d\nheight = %d\n"
            "panel_folded = %d\nfilm = %s\n",
            settings->theme, settings->text_size, settings->width, settings->height,
            settings->panel_folded ? 1 : 0, settings->film);
    if (settings->motion_chosen)
        fprintf(writer.stream, "reduced_motion = %d\n", settings->reduced_motion ? 1 : 0);
    return file_commit(&writer, error);
}
