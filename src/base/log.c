#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

void log_error(const char *format, ...) {
    va_list args;
    va_start(args, format);
    // One write, so that lines of several threads do not mix.
    char line[1024];
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    fprintf(stderr, "saddle: %s\n", line);
}
