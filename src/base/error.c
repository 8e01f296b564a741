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

void error_replace(Error *error, const char *from, const char *to) {
    if (!error) return;
    const Error before = *error;
    const char *rest = before.text;
    size_t length = 0;
    for (const char *at; length < sizeof error->text - 1 && (at = strstr(rest, from));) {
        const int n = snprintf(error->text + length, sizeof error->text - length, "%.*s%s",
                               (int)(at - rest), rest, to);
        length += n > 0 ? (size_t)n : 0;
        rest = at + strlen(from);
    }
    if (length < sizeof error->text - 1)
        snprintf(error->text + length, sizeof error->text - length, "%s", rest);
}
