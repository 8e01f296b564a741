/// Round tick values for axes, and numbers as a person would write them.
///
/// Text is UTF-8: a true minus sign (U+2212), thin spaces (U+2009) between groups of three digits
/// from 10 000 on, powers as "1.2·10⁻⁷". It is cut, at a character's end, where it does not fit.
#ifndef PLOT_TICKS_H
#define PLOT_TICKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TICKS_MAX = 64, TICK_LABEL_MAX = 48 };

typedef struct Tick {
    double value;
    char label[TICK_LABEL_MAX]; // empty: a minor tick
} Tick;

/// In rising order.
typedef struct Ticks {
    int count;
    Tick at[TICKS_MAX];
} Ticks;

/// Multiples of 1, 2 or 5 times a power of ten within [lo, hi], about `wanted` of them, never more
/// than wanted + 2. All labels of one axis share their decimals ("0.0 0.5 1.0") and their power.
/// A range too narrow for round values (lo == hi) has its one value as its tick; NaN and infinite
/// ends have none.
Ticks ticks_linear(double lo, double hi, int wanted);
/// Powers of ten within [lo, hi] (every 2nd, 3rd… where there are many; 2 and 5 between where there
/// are few), at most wanted + 2 with labels, and minor ticks between. A range within one decade and
/// without two such values has linear ticks.  @param lo, hi  positive, else there are none
Ticks ticks_log(double lo, double hi, int wanted);

/// A number with `digits` significant digits, zeros at the end included so that a changing number
/// keeps its width: "0.0188", "98.0", "12 345" (whole parts are never rounded), "1.2·10⁻⁷", "0",
/// "NaN", "∞".
void number_print(double value, int digits, char *text, size_t size);
/// The same without zeros at the end: "0.005", "0.3", "5": for settings.
void number_print_short(double value, int digits, char *text, size_t size);
/// A count: "1 234 567", and from ten million on short: "10.9 M".
void count_print(int64_t n, char *text, size_t size);
/// "10.9 M samples/s", "20 epochs/s", "0.5 epochs/s".
void rate_print(double per_second, const char *unit, char *text, size_t size);

#endif
