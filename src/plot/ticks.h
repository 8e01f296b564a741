/// Round tick values for axes, and numbers as a person would write them.
#ifndef PLOT_TICKS_H
#define PLOT_TICKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TICKS_MAX = 24, TICK_LABEL_MAX = 24 };

typedef struct Tick {
    double value;
    char label[TICK_LABEL_MAX]; // empty: a minor tick
} Tick;

typedef struct Ticks {
    int count;
    Tick at[TICKS_MAX];
} Ticks;

/// Multiples of 1, 2 or 5 times a power of ten within [lo, hi], about `wanted` of them, never more
/// than wanted + 2. All labels of one axis share their decimals ("0.0 0.5 1.0").
Ticks ticks_linear(double lo, double hi, int wanted);
/// Powers of ten within [lo, hi] (every 2nd, 3rd… where there are many; 2 and 5 between where there
/// are few).  @param lo, hi  positive
Ticks ticks_log(double lo, double hi, int wanted);

/// A number with about `digits` significant digits: "0.0188", "12.4", "1.2e-7" as "1.2·10⁻⁷", a
/// true minus sign (U+2212), no trailing zeros beyond the digits, "NaN", "∞".
void number_print(double value, int digits, char *text, size_t size);
/// A count with thin spaces: "12 345", or short: "10.9 M".
void count_print(int64_t n, char *text, size_t size);
void rate_print(double per_second, const char *unit, char *text, size_t size);

#endif
