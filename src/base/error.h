/// One message for a person: "WHAT: WHY", on one line. The world's errors (files, input, displays)
/// are reported through it; programmer errors assert. Libraries fill it in, only fronts print it.
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdbool.h>

typedef struct Error {
    char text[512];
} Error;

/// Formats the message, cutting it at the buffer's end and turning control characters into spaces.
/// @param error  may be NULL: the caller does not want the message
/// @return false, always, so that a function can end with `return error_set(…)`
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
bool error_set(Error *error, const char *format, ...);

/// Puts "PREFIX: " before the message, for a caller that knows more (a file's name).  @return false
bool error_prefix(Error *error, const char *prefix);
/// Puts another name wherever the message has that one (a temporary file's).  @param from  not
/// empty
void error_replace(Error *error, const char *from, const char *to);

#endif
