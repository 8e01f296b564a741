/// Ticks are whole multiples of a step of 1, 2 or 5 times a power of ten, so their decimals are
/// known from the step and never measured from a rounded value. All printing goes through decimal
/// digits made by snprintf: rounding happens once, and in decimal.
#include "plot/ticks.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MINUS      "\u2212"
#define THIN_SPACE "\u2009"
#define INFINITE   "\u221E"

enum {
    DIGITS_MAX = 17,     // what a double holds
    PLAIN_BELOW_POW = 7, // 10^7 and more are written with a power
    PLAIN_FROM_POW = -4, // and so is what is smaller than 10^-4
    GROUP_FROM = 5,      // digits of a whole part that is split into groups
    SCRATCH = 400,       // any double in plain notation
};

/// Copies as much of from as fits, never half a character.
static void copy_cut(char *text, size_t size, const char *from) {
    if (size == 0) return;
    size_t length = strlen(from);
    if (length >= size) {
        length = size - 1;
        while (length > 0 && ((unsigned char)from[length] & 0xC0) == 0x80) length--;
    }
    memcpy(text, from, length);
    text[length] = '\0';
}

/// "-12345.6" as "−12 345.6".
static void beautify(const char *plain, bool group, char *out, size_t size) {
    char text[2 * SCRATCH] = "";
    size_t n = 0;
    if (*plain == '-') {
        plain++;
        if (strspn(plain, "0.") != strlen(plain)) { // no minus before nothing but zeros
            memcpy(text, MINUS, sizeof MINUS - 1);
            n = sizeof MINUS - 1;
        }
    }
    size_t whole = strcspn(plain, ".");
    for (size_t i = 0; plain[i] != '\0'; i++) {
        if (group && i > 0 && i < whole && (whole - i) % 3 == 0) {
            memcpy(text + n, THIN_SPACE, sizeof THIN_SPACE - 1);
            n += sizeof THIN_SPACE - 1;
        }
        text[n++] = plain[i];
    }
    text[n] = '\0';
    copy_cut(out, size, text);
}

static bool long_enough_to_group(const char *plain) {
    return strcspn(plain, ".") - (*plain == '-') >= GROUP_FROM;
}

static void print_power(const char *mantissa, int exponent, char *out, size_t size) {
    static const char *const superscripts[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    char power[64] = "", digits[16];
    size_t n = 0;
    snprintf(digits, sizeof digits, "%d", exponent);
    for (const char *d = digits; *d != '\0'; d++) {
        const char *mark = *d == '-' ? "⁻" : superscripts[*d - '0'];
        memcpy(power + n, mark, strlen(mark) + 1);
        n += strlen(mark);
    }
    char text[160];
    snprintf(text, sizeof text, "%.64s%s10%s", mantissa, *mantissa != '\0' ? "·" : "", power);
    copy_cut(out, size, text);
}

/// value = mantissa · 10^exponent with 1 <= |mantissa| < 10 after rounding to that many digits.
static int exponent_after_rounding(double value, int digits, char mantissa[32]) {
    char text[40];
    snprintf(text, sizeof text, "%.*e", digits - 1, value);
    char *e = strchr(text, 'e');
    int exponent = 0;
    if (e != NULL) {
        exponent = (int)strtol(e + 1, NULL, 10);
        *e = '\0';
    }
    snprintf(mantissa, 32, "%.31s", text);
    return exponent;
}

static void trim_zeros(char *plain) {
    if (strchr(plain, '.') == NULL) return;
    size_t n = strlen(plain);
    while (plain[n - 1] == '0') n--;
    if (plain[n - 1] == '.') n--;
    plain[n] = '\0';
}

static void print_number(double value, int digits, bool trim, char *text, size_t size) {
    if (isnan(value)) {
        copy_cut(text, size, "NaN");
        return;
    }
    if (isinf(value)) {
        copy_cut(text, size, value < 0.0 ? MINUS INFINITE : INFINITE);
        return;
    }
    if (value == 0.0) {
        copy_cut(text, size, "0");
        return;
    }
    digits = digits < 1 ? 1 : digits > DIGITS_MAX ? DIGITS_MAX : digits;
    char mantissa[32], plain[SCRATCH];
    int exponent = exponent_after_rounding(value, digits, mantissa);
    if (exponent >= PLAIN_BELOW_POW || exponent < PLAIN_FROM_POW) {
        if (trim) trim_zeros(mantissa);
        beautify(mantissa, false, plain, sizeof plain);
        print_power(plain, exponent, text, size);
        return;
    }
    int decimals = digits - 1 - exponent;
    snprintf(plain, sizeof plain, "%.*f", decimals > 0 ? decimals : 0, value);
    if (trim) trim_zeros(plain);
    beautify(plain, long_enough_to_group(plain), text, size);
}

void number_print(double value, int digits, char *text, size_t size) {
    print_number(value, digits, false, text, size);
}

void number_print_short(double value, int digits, char *text, size_t size) {
    print_number(value, digits, true, text, size);
}

/// Three digits and the letter of a thousand's power: "10.9 M". From 1000 on.
static void print_letter(double value, char *text, size_t size) {
    static const char letters[] = "kMGTPE";
    char mantissa[32] = "", number[64] = "", both[80];
    int exponent = exponent_after_rounding(value, 3, mantissa);
    int power = exponent / 3;
    if (power < 1 || power > (int)sizeof letters - 1) {
        print_number(value, 3, false, text, size);
        return;
    }
    for (int i = 0; i < power; i++) value /= 1000.0;
    snprintf(number, sizeof number, "%.*f", 2 - exponent % 3, value);
    char pretty[80];
    beautify(number, false, pretty, sizeof pretty);
    snprintf(both, sizeof both, "%.60s %c", pretty, letters[power - 1]);
    copy_cut(text, size, both);
}

void count_print(int64_t n, char *text, size_t size) {
    if (n >= 10000000 || n <= -10000000) {
        print_letter((double)n, text, size);
        return;
    }
    char plain[32];
    snprintf(plain, sizeof plain, "%lld", (long long)n);
    beautify(plain, long_enough_to_group(plain), text, size);
}

void rate_print(double per_second, const char *unit, char *text, size_t size) {
    char number[96], both[256];
    if (!isfinite(per_second))
        snprintf(number, sizeof number, "–");
    else if (fabs(per_second) >= 9999.5)
        print_letter(per_second, number, sizeof number);
    else if (fabs(per_second) >= 99.95)
        print_number(per_second, 3, false, number, sizeof number);
    else
        print_number(per_second, 3, true, number, sizeof number);
    snprintf(both, sizeof both, "%s %.120s", number, unit);
    copy_cut(text, size, both);
}

// ---- linear ticks ------------------------------------------------------------------------------

/// A step of mantissa · 10^exponent.
typedef struct Step {
    int mantissa, exponent;
} Step;

static double power_of_ten(int exponent) {
    return pow(10.0, exponent);
}

/// i · step, rounded once where that is possible.
static double multiple(Step step, double i) {
    double m = i * step.mantissa;
    if (m == 0.0) return 0.0;
    if (step.exponent >= 0) return m * power_of_ten(step.exponent);
    return step.exponent < -300 ? m * power_of_ten(step.exponent)
                                : m / power_of_ten(-step.exponent);
}

static Step next_step(Step step) {
    if (step.mantissa == 1) return (Step){2, step.exponent};
    if (step.mantissa == 2) return (Step){5, step.exponent};
    return (Step){1, step.exponent + 1};
}

/// The step nearest to size, in ratio.
static Step nearest_step(double size) {
    int exponent = (int)floor(log10(size));
    double m = size / power_of_ten(exponent);
    if (m < 1.4142) return (Step){1, exponent};
    if (m < 3.1623) return (Step){2, exponent};
    if (m < 7.0711) return (Step){5, exponent};
    return (Step){1, exponent + 1};
}

/// First and last multiple within the ends; an end that rounding has pushed past one still has it.
static double multiples_within(double lo, double hi, Step step, double *first) {
    double size = multiple(step, 1.0), slack = 1e-6;
    *first = ceil(lo / size - slack);
    return floor(hi / size + slack) - *first + 1.0;
}

/// One form for all labels of an axis: plain with the step's decimals, or with one shared power.
static void label_linear(Ticks *ticks, Step step) {
    double largest = 0.0;
    for (int i = 0; i < ticks->count; i++) largest = fmax(largest, fabs(ticks->at[i].value));
    char mantissa[32], plain[SCRATCH];
    int power = largest > 0.0 ? exponent_after_rounding(largest, DIGITS_MAX, mantissa) : 0;
    int digits = power - step.exponent; // after the point of a mantissa
    bool powers = (power >= PLAIN_BELOW_POW && (digits < 4 || power > 14)) || power < -4;
    int decimals = powers ? digits : -step.exponent;
    if (decimals < 0) decimals = 0;
    if (decimals > DIGITS_MAX) decimals = DIGITS_MAX;
    bool group = false;
    for (int i = 0; i < ticks->count && !powers; i++) {
        snprintf(plain, sizeof plain, "%.*f", decimals, ticks->at[i].value);
        group = group || long_enough_to_group(plain);
    }
    for (int i = 0; i < ticks->count; i++) {
        Tick *tick = &ticks->at[i];
        if (powers && tick->value == 0.0) {
            copy_cut(tick->label, sizeof tick->label, "0");
            continue;
        }
        double shown = powers ? tick->value / power_of_ten(power) : tick->value;
        snprintf(plain, sizeof plain, "%.*f", decimals, shown);
        char pretty[TICK_LABEL_MAX];
        beautify(plain, group, pretty, sizeof pretty);
        if (powers)
            print_power(pretty, power, tick->label, sizeof tick->label);
        else
            copy_cut(tick->label, sizeof tick->label, pretty);
    }
}

static Ticks one_tick(double value) {
    Ticks ticks = {.count = 1};
    ticks.at[0].value = value;
    print_number(value, 6, true, ticks.at[0].label, sizeof ticks.at[0].label);
    return ticks;
}

Ticks ticks_linear(double lo, double hi, int wanted) {
    Ticks ticks = {0};
    if (!isfinite(lo) || !isfinite(hi)) return ticks;
    if (lo > hi) {
        double swap = lo;
        lo = hi;
        hi = swap;
    }
    wanted = wanted < 1 ? 1 : wanted > TICKS_MAX - 2 ? TICKS_MAX - 2 : wanted;
    double magnitude = fmax(fabs(lo), fabs(hi));
    double size = hi / wanted - lo / wanted; // in this order the widest range does not overflow
    // Below this the ends differ by rounding noise, or by less than a step can be.
    if (!(size * wanted > magnitude * 1e-12) || size < 1e-290)
        return one_tick(lo + (hi / 2.0 - lo / 2.0));
    Step step = nearest_step(fmin(size, 1e307));
    double first, n = multiples_within(lo, hi, step, &first);
    while (n > wanted + 2) {
        step = next_step(step);
        n = multiples_within(lo, hi, step, &first);
    }
    for (int i = 0; i < (int)n; i++) ticks.at[ticks.count++].value = multiple(step, first + i);
    label_linear(&ticks, step);
    return ticks;
}

// ---- logarithmic ticks -------------------------------------------------------------------------

typedef struct LogTick {
    int mantissa, exponent;
} LogTick;

static double log_value(LogTick t) {
    return multiple((Step){t.mantissa, t.exponent}, 1.0);
}

static bool log_within(LogTick t, double lo, double hi) {
    double v = log_value(t);
    return v >= lo * (1.0 - 1e-9) && v <= hi * (1.0 + 1e-9);
}

static void add_log_tick(Ticks *ticks, LogTick t, bool labelled, bool powers) {
    if (ticks->count == TICKS_MAX) return;
    Tick *tick = &ticks->at[ticks->count++];
    *tick = (Tick){.value = log_value(t)};
    if (!labelled) return;
    if (powers) {
        char mantissa[8] = "";
        if (t.mantissa != 1) snprintf(mantissa, sizeof mantissa, "%d", t.mantissa % 10);
        print_power(mantissa, t.exponent, tick->label, sizeof tick->label);
    } else {
        char plain[SCRATCH];
        snprintf(plain, sizeof plain, "%.*f", t.exponent < 0 ? -t.exponent : 0, tick->value);
        beautify(plain, long_enough_to_group(plain), tick->label, sizeof tick->label);
    }
}

/// How many of the decade's values 1, 2 and 5 are labelled: 1, 2 (1 and 3 would not be round: 1, 2,
/// 5 or 1 alone).
static bool is_labelled(LogTick t, int every, bool with_2_and_5) {
    if (t.mantissa == 1) return (t.exponent % every + every) % every == 0;
    return with_2_and_5 && (t.mantissa == 2 || t.mantissa == 5);
}

static int count_labelled(double lo, double hi, int from, int to, int every, bool with_2_and_5) {
    int n = 0;
    for (int e = from; e <= to; e++) {
        for (int m = 1; m <= 9; m++) {
            LogTick t = {m, e};
            if (is_labelled(t, every, with_2_and_5) && log_within(t, lo, hi)) n++;
        }
    }
    return n;
}

Ticks ticks_log(double lo, double hi, int wanted) {
    Ticks ticks = {0};
    if (lo > hi) {
        double swap = lo;
        lo = hi;
        hi = swap;
    }
    if (!(lo > 0.0) || !isfinite(hi)) return ticks;
    wanted = wanted < 1 ? 1 : wanted > TICKS_MAX - 2 ? TICKS_MAX - 2 : wanted;
    int from = (int)floor(log10(lo) - 1e-9), to = (int)floor(log10(hi) + 1e-9);
    if (from < -300) from = -300; // denormals cannot be told apart here
    bool with_2_and_5 = count_labelled(lo, hi, from, to, 1, true) <= wanted + 2;
    int every = 1;
    while (!with_2_and_5 && count_labelled(lo, hi, from, to, every, false) > wanted + 1) every++;
    if (count_labelled(lo, hi, from, to, every, with_2_and_5) < 2 && hi / lo < 10.0)
        return ticks_linear(lo, hi, wanted);
    bool powers = ceil(log10(lo) - 1e-9) < -3.0 || to > 4;
    bool minor_multiples = every == 1 && to - from < 6;
    bool minor_decades = (to - from) < TICKS_MAX;
    for (int e = from; e <= to; e++) {
        for (int m = 1; m <= 9; m++) {
            LogTick t = {m, e};
            bool labelled = is_labelled(t, every, with_2_and_5);
            bool minor = m == 1 ? minor_decades : minor_multiples;
            if ((labelled || minor) && log_within(t, lo, hi))
                add_log_tick(&ticks, t, labelled, powers);
        }
    }
    return ticks;
}
