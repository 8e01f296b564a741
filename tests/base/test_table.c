// Tables: cells that need quotes, numbers that read back, what has no meaning.
#include "base/table.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "support.h"

static char *written;
static size_t size;

static Table begin(const char *names) {
    Table table = {.stream = open_memstream(&written, &size)};
    assert_non_null(table.stream);
    table_header(&table, names);
    return table;
}

static void expect(Table *table, const char *text) {
    assert_false(table_failed(table));
    fclose(table->stream);
    assert_string_equal(written, text);
    free(written);
}

static void test_cells(void **state) {
    (void)state;
    Table table = begin("text,whole,float,double");
    table_text(&table, "plain");
    table_integer(&table, INT64_MIN);
    table_float(&table, 0.1f);
    table_double(&table, 0.1);
    table_end_row(&table);
    table_text(&table, "a, \"b\"\nc");
    table_empty(&table);
    table_float(&table, NAN);
    table_double(&table, (double)-INFINITY);
    table_end_row(&table);
    table_text(&table, NULL);
    table_integer(&table, 0);
    table_float(&table, -0.0f);
    table_double(&table, 1e300);
    table_end_row(&table);
    assert_int_equal(table.rows, 3);
    expect(&table, "text,whole,float,double\n"
                   "plain,-9223372036854775808,0.1,0.1\n"
                   "\"a, \"\"b\"\"\nc\",,,-inf\n"
                   ",0,-0,1e+300\n");
}

static void test_columns_one_by_one(void **state) {
    (void)state;
    Table table = {.stream = open_memstream(&written, &size)};
    assert_non_null(table.stream);
    table_columns(&table, "x", 2, 1);
    table_column(&table, "y");
    table_columns(&table, "g_", 1, 0);
    table_columns(&table, "none", 0, 0);
    table_end_header(&table);
    for (int i = 0; i < 2; i++) table_integer(&table, i);
    table_part(&table, "ab\"c", 2);
    table_part(&table, "ab\"c", 4);
    table_end_row(&table);
    expect(&table, "x1,x2,y,g_0\n0,1,ab,\"ab\"\"c\"\n");
}

static void test_numbers_read_back(void **state) {
    (void)state;
    Rng rng = rng_create(5, RNG_TEST);
    for (int i = 0; i < 20000; i++) {
        char text[NUMBER_TEXT_MAX];
        const double scale = pow(10, rng_uniform(&rng, -30, 30));
        const double value = rng_uniform(&rng, -1, 1) * scale;
        assert_true(strtod(double_text(value, text), NULL) == value);
        assert_true(strtof(float_text((float)value, text), NULL) == (float)value);
    }
}

/// One digit fewer must not do.
static void test_shortest(void **state) {
    (void)state;
    const float values[] = {0.005f, 1.0f / 3, FLT_MAX, FLT_MIN, 16777216, 0.12345678f, 3e-45f};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        char text[NUMBER_TEXT_MAX], fewer[400];
        float_text(values[i], text);
        int digits = 0;
        for (const char *c = text; *c && *c != 'e'; c++) digits += *c >= '0' && *c <= '9';
        const char *c = text;
        for (; *c == '0' || *c == '.'; c++) digits -= *c == '0';
        if (digits <= 6) continue; // "%g" has fewer where they do
        snprintf(fewer, sizeof fewer, "%.*g", digits - 1, (double)values[i]);
        assert_true(strtof(fewer, NULL) != values[i]);
    }
    char text[NUMBER_TEXT_MAX];
    assert_string_equal(float_text(0.005f, text), "0.005");
    assert_string_equal(float_text(0.7364171f, text), "0.7364171"); // seven digits
    assert_string_equal(double_text(0.005, text), "0.005");
    assert_string_equal(double_text(1.0 / 3, text), "0.3333333333333333"); // sixteen
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells),
        cmocka_unit_test(test_columns_one_by_one),
        cmocka_unit_test(test_numbers_read_back),
        cmocka_unit_test(test_shortest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
