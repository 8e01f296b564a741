#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool error_set(Error *error, const char *format, ...) {
    if (!error) return false;
    va_list args;
    va_start(args, format);
    vsnprintf(error->text, sizeof error->text, format, args);
    va_end(args);
    for (char *c = error->text; *c; c++) {
        if ((unsigned char)*c < 0x20) *c = ' ';
    }
    return false;
}

bool error_prefix(Error *error, const char *prefix) {
    if (!error) return false;
    Error inner = *error;
    return error_set(error, "%s: %s", prefix, inner.text);
}
