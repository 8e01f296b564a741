/// What every harness here has: an entry point that takes any bytes and must come back, with every
/// sanitizer content and every fuzz_check true. libFuzzer calls it (`./dev fuzz`), and replay.c
/// with the committed corpus, as a plain test.
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/// Aborts where it does not hold; unlike assert(), in every build.
#define fuzz_check(condition) ((condition) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #condition))

static inline void fuzz_fail(const char *file, int line, const char *condition) {
    fprintf(stderr, "%s:%d: not so: %s\n", file, line, condition);
    abort();
}

/// A message for a person: something, on one line.
static inline void fuzz_check_error(const Error *error) {
    size_t length = strnlen(error->text, sizeof error->text);
    fuzz_check(length > 0 && length < sizeof error->text);
    for (size_t i = 0; i < length; i++) fuzz_check((unsigned char)error->text[i] >= 0x20);
}

#endif
