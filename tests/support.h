/// What all tests share. cmocka's assert_float_equal compares as floats; this one in doubles, and
/// prints.
#ifndef TESTS_SUPPORT_H
#define TESTS_SUPPORT_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/// |actual - expected| <= tolerance * max(1, |expected|); NaN equals only NaN.
#define assert_close(actual, expected, tolerance)                                                  \
    assert_close_at((double)(actual), (double)(expected), (tolerance), __FILE__, __LINE__)

static inline void assert_close_at(double actual, double expected, double tolerance,
                                   const char *file, int line) {
    double size = fabs(expected) > 1.0 ? fabs(expected) : 1.0;
    bool same = isnan(expected) ? isnan(actual) : fabs(actual - expected) <= tolerance * size;
    if (!same) {
        print_error("%s:%d: %.17g is not %.17g within %g\n", file, line, actual, expected,
                    tolerance);
        _fail(file, line);
    }
}

#endif
