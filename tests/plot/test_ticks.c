/// Ticks are round, few, within their range and apart, whatever the range; numbers read as a person
/// would write them.
#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "plot/ticks.h"

#include "support.h"

#define MINUS "\u2212"
#define THIN  "\u2009"

/// All labels of an axis, joined by spaces.
static const char *labels(const Ticks *ticks) {
    static char text[TICKS_MAX * (TICK_LABEL_MAX + 1)];
    text[0] = '\0';
    for (int i = 0; i < ticks->count; i++) {
        if (ticks->at[i].label[0] == '\0') continue;
        if (text[0] != '\0') strcat(text, " ");
        strcat(text, ticks->at[i].label);
    }
    return text;
}

static void assert_linear(double lo, double hi, int wanted, const char *expected) {
    Ticks ticks = ticks_linear(lo, hi, wanted);
    assert_string_equal(labels(&ticks), expected);
}

static void assert_log(double lo, double hi, int wanted, const char *expected) {
    Ticks ticks = ticks_log(lo, hi, wanted);
    assert_string_equal(labels(&ticks), expected);
}

static void test_linear_labels(void **state) {
    (void)state;
    assert_linear(0, 1, 5, "0.0 0.2 0.4 0.6 0.8 1.0");
    assert_linear(0, 1, 2, "0.0 0.5 1.0");
    assert_linear(0.0, 0.32, 3, "0.0 0.1 0.2 0.3");
    assert_linear(-5, 5, 3, MINUS "5 0 5");
    assert_linear(5, -5, 3, MINUS "5 0 5");
    assert_linear(0, 600, 4, "0 200 400 600");
    assert_linear(0, 10000, 5,
                  "0 2" THIN "000 4" THIN "000 6" THIN "000 8" THIN "000 10" THIN "000");
    assert_linear(0, 2000, 4, "0 500 1000 1500 2000");
    assert_linear(0, 2e7, 4, "0 0.5·10⁷ 1.0·10⁷ 1.5·10⁷ 2.0·10⁷");
    assert_linear(0, 1.1e-7, 2, "0 5·10⁻⁸ 10·10⁻⁸");
    assert_linear(-2e-9, 2e-9, 4, MINUS "2·10⁻⁹ " MINUS "1·10⁻⁹ 0 1·10⁻⁹ 2·10⁻⁹");
    assert_linear(0.0002, 0.0008, 3, "0.0002 0.0004 0.0006 0.0008");
    assert_linear(1.000001, 1.000003, 2, "1.000001 1.000002 1.000003");
}

static void test_ends_belong(void **state) {
    (void)state;
    Ticks ticks = ticks_linear(0.1 + 0.2, 0.9, 6); // 0.30000000000000004
    assert_string_equal(ticks.at[0].label, "0.3");
    assert_true(ticks.at[0].value == 0.3);
    assert_string_equal(ticks.at[ticks.count - 1].label, "0.9");
}

static void test_degenerate_ranges(void **state) {
    (void)state;
    assert_linear(0, 0, 5, "0");
    assert_linear(0.25, 0.25, 5, "0.25");
    assert_linear(1.0, 1.0 + DBL_EPSILON, 5, "1");
    assert_linear(0, 5e-324, 5, "0");
    assert_int_equal(ticks_linear((double)NAN, 1, 5).count, 0);
    assert_int_equal(ticks_linear(0, HUGE_VAL, 5).count, 0);
    assert_int_equal(ticks_log(0, 1, 5).count, 0);
    assert_int_equal(ticks_log(-1, 1, 5).count, 0);
    assert_int_equal(ticks_log((double)NAN, 1, 5).count, 0);
    assert_int_equal(ticks_log(1, HUGE_VAL, 5).count, 0);
    assert_true(ticks_linear(-DBL_MAX, DBL_MAX, 4).count >= 1);
    assert_true(ticks_linear(0, 1, 1000000).count <= TICKS_MAX);
    assert_true(ticks_linear(0, 1, -3).count <= 3);
}

static void test_log_labels(void **state) {
    (void)state;
    assert_log(0.001, 1, 5, "0.001 0.01 0.1 1");
    assert_log(0.012, 0.3, 6, "0.02 0.05 0.1 0.2");
    assert_log(1e-8, 1, 5, "10⁻⁸ 10⁻⁶ 10⁻⁴ 10⁻² 10⁰");
    assert_log(1e-5, 2e-4, 6, "10⁻⁵ 2·10⁻⁵ 5·10⁻⁵ 10⁻⁴ 2·10⁻⁴");
    assert_log(0.12, 0.19, 4, "0.12 0.14 0.16 0.18");
    assert_log(1, 10000, 8, "1 10 100 1000 10" THIN "000");
}

static void test_log_minor_ticks(void **state) {
    (void)state;
    Ticks ticks = ticks_log(0.1, 10, 3);
    assert_string_equal(labels(&ticks), "0.1 1 10");
    assert_int_equal(ticks.count, 19);
    assert_close(ticks.at[1].value, 0.2, 1e-15);
    assert_string_equal(ticks.at[1].label, "");
}

/// A step of 1, 2 or 5 times a power of ten.
static bool is_round(double step) {
    double m = step / pow(10.0, floor(log10(step) + 1e-9));
    return fabs(m - 1) < 1e-6 || fabs(m - 2) < 1e-6 || fabs(m - 5) < 1e-6;
}

static double random_size(Rng *rng) {
    switch (rng_below(rng, 8)) {
    case 0: return 0.0;
    case 1: return 5e-324 * rng_below(rng, 100);
    case 2: return 1e300 * rng_double(rng);
    default: return pow(10.0, rng_uniform(rng, -307, 307)) * rng_double(rng);
    }
}

static void check_order_and_labels(const Ticks *ticks) {
    const char *before = "";
    for (int i = 0; i < ticks->count; i++) {
        const Tick *tick = &ticks->at[i];
        assert_true(isfinite(tick->value));
        assert_non_null(memchr(tick->label, '\0', TICK_LABEL_MAX));
        if (i > 0) assert_true(tick->value > ticks->at[i - 1].value);
        if (tick->label[0] == '\0') continue;
        assert_string_not_equal(tick->label, before);
        before = tick->label;
    }
}

static void test_random_linear_ranges(void **state) {
    (void)state;
    Rng rng = rng_create(7, RNG_TEST);
    for (int trial = 0; trial < 20000; trial++) {
        double lo = random_size(&rng), hi = random_size(&rng);
        if (rng_below(&rng, 2)) lo = -lo;
        if (rng_below(&rng, 4) == 0) hi = lo + fabs(lo) * pow(10.0, rng_uniform(&rng, -17, 1));
        int wanted = 1 + (int)rng_below(&rng, 12);
        Ticks ticks = ticks_linear(lo, hi, wanted);
        if (lo > hi) {
            double swap = lo;
            lo = hi;
            hi = swap;
        }
        assert_true(ticks.count <= wanted + 2);
        check_order_and_labels(&ticks);
        for (int i = 0; i < ticks.count; i++) {
            double slack = hi * 1e-6 - lo * 1e-6 + fmax(fabs(lo), fabs(hi)) * 1e-15;
            assert_true(ticks.at[i].value >= lo - slack && ticks.at[i].value <= hi + slack);
        }
        if (ticks.count > 2 && hi - lo > 1e-6 * fmax(fabs(lo), fabs(hi))) {
            double last = ticks.at[ticks.count - 1].value, first = ticks.at[0].value;
            assert_true(is_round(last / (ticks.count - 1) - first / (ticks.count - 1)));
        }
        if (wanted > 3 && hi - lo > 1e-9 * fmax(fabs(lo), fabs(hi)) && hi - lo > 1e-280)
            assert_true(ticks.count >= 2);
    }
}

static void test_random_log_ranges(void **state) {
    (void)state;
    Rng rng = rng_create(8, RNG_TEST);
    for (int trial = 0; trial < 5000; trial++) {
        double lo = pow(10.0, rng_uniform(&rng, -320, 307));
        double hi = lo * pow(10.0, rng_below(&rng, 2) ? rng_uniform(&rng, 0, 3)
                                                      : rng_uniform(&rng, 0, 300));
        if (!isfinite(hi)) continue;
        int wanted = 1 + (int)rng_below(&rng, 10);
        Ticks ticks = ticks_log(lo, hi, wanted);
        check_order_and_labels(&ticks);
        int labelled = 0;
        for (int i = 0; i < ticks.count; i++) labelled += ticks.at[i].label[0] != '\0';
        assert_true(labelled <= wanted + 2);
        for (int i = 0; i < ticks.count && lo > 1e-300; i++)
            assert_true(ticks.at[i].value >= lo * (1 - 1e-6) &&
                        ticks.at[i].value <= hi * (1 + 1e-6));
        if (wanted > 2 && hi > lo * 1.001 && lo > 1e-280) assert_true(labelled >= 1);
    }
}

static void assert_number(double value, int digits, const char *expected) {
    char text[64];
    number_print(value, digits, text, sizeof text);
    assert_string_equal(text, expected);
}

static void assert_short(double value, int digits, const char *expected) {
    char text[64];
    number_print_short(value, digits, text, sizeof text);
    assert_string_equal(text, expected);
}

static void test_numbers(void **state) {
    (void)state;
    assert_number(0.0188, 3, "0.0188");
    assert_number(98.0, 3, "98.0");
    assert_number(12.4, 3, "12.4");
    assert_number(0.09996, 3, "0.100");
    assert_number(9.996, 3, "10.0");
    assert_number(999.9, 3, "1000");
    assert_number(1234567, 3, "1" THIN "234" THIN "567");
    assert_number(12345.6, 3, "12" THIN "346");
    assert_number(-0.5, 2, MINUS "0.50");
    assert_number(-12345, 3, MINUS "12" THIN "345");
    assert_number(1.2e-7, 2, "1.2·10⁻⁷");
    assert_number(-1.2e-7, 2, MINUS "1.2·10⁻⁷");
    assert_number(1.25e10, 3, "1.25·10¹⁰");
    assert_number(0.00012, 2, "0.00012");
    assert_number(0, 3, "0");
    assert_number(-0.0, 3, "0");
    assert_number((double)NAN, 3, "NaN");
    assert_number(HUGE_VAL, 3, "∞");
    assert_number(-HUGE_VAL, 3, MINUS "∞");
    assert_number(5e-324, 1, "5·10⁻³²⁴");
    assert_number(DBL_MAX, 3, "1.80·10³⁰⁸");
    assert_short(0.005, 3, "0.005");
    assert_short(5, 3, "5");
    assert_short(0.30, 3, "0.3");
    assert_short(100, 3, "100");
    assert_short(1e-7, 3, "1·10⁻⁷");
}

static void assert_count(int64_t n, const char *expected) {
    char text[64];
    count_print(n, text, sizeof text);
    assert_string_equal(text, expected);
}

static void assert_rate(double rate, const char *unit, const char *expected) {
    char text[64];
    rate_print(rate, unit, text, sizeof text);
    assert_string_equal(text, expected);
}

static void test_counts_and_rates(void **state) {
    (void)state;
    assert_count(0, "0");
    assert_count(600, "600");
    assert_count(1234, "1234");
    assert_count(12345, "12" THIN "345");
    assert_count(1234567, "1" THIN "234" THIN "567");
    assert_count(10900000, "10.9 M");
    assert_count(999999999, "1.00 G");
    assert_count(-12345, MINUS "12" THIN "345");
    assert_count(INT64_MIN, MINUS "9.22 E");
    assert_rate(10.9e6, "samples/s", "10.9 M samples/s");
    assert_rate(20, "epochs/s", "20 epochs/s");
    assert_rate(0.5, "epochs/s", "0.5 epochs/s");
    assert_rate(1234, "samples/s", "1234 samples/s");
    assert_rate(12345, "samples/s", "12.3 k samples/s");
    assert_rate(999999, "samples/s", "1.00 M samples/s");
    assert_rate((double)NAN, "samples/s", "– samples/s");
}

static void test_text_is_cut_between_characters(void **state) {
    (void)state;
    for (size_t size = 1; size < 24; size++) {
        char text[24];
        memset(text, 'x', sizeof text);
        number_print(-1234567, 3, text, size);
        assert_true(strlen(text) < size);
        size_t n = strlen(text); // "−1 234 567": what is there is a whole prefix
        char whole[32];
        number_print(-1234567, 3, whole, sizeof whole);
        assert_memory_equal(text, whole, n);
        assert_true(((unsigned char)whole[n] & 0xC0) != 0x80);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_linear_labels),
        cmocka_unit_test(test_ends_belong),
        cmocka_unit_test(test_degenerate_ranges),
        cmocka_unit_test(test_log_labels),
        cmocka_unit_test(test_log_minor_ticks),
        cmocka_unit_test(test_random_linear_ranges),
        cmocka_unit_test(test_random_log_ranges),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_counts_and_rates),
        cmocka_unit_test(test_text_is_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
