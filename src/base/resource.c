#include "base/resource.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_override(const char *name) {
    const char *folder = getenv("SADDLE_DATA");
    if (!folder || !*folder) return NULL;
    char path[4096];
    int length = snprintf(path, sizeof path, "%s/%s", folder, name);
    if (length < 0 || (size_t)length >= sizeof path) return NULL;
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    size_t size = 0, room = 1 << 12;
    char *text = malloc(room);
    while (text) {
        size += fread(text + size, 1, room - 1 - size, file);
        if (size < room - 1) break;
        char *grown = realloc(text, room *= 2);
        if (!grown) free(text);
        text = grown;
    }
    fclose(file);
    if (text) text[size] = '\0';
    return text;
}

char *resource_text(const char *name) {
    char *text = read_override(name);
    if (text) return text;
    for (const Resource *r = resource_table; r->name; r++) {
        if (strcmp(r->name, name) != 0) continue;
        text = malloc(r->size + 1);
        if (text) memcpy(text, r->data, r->size + 1);
        return text;
    }
    return NULL;
}
