#include "base/table.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

// Nine digits are enough for any float and seventeen for any double. Few are tried first: what a
// person wrote as 0.005 is printed like that.
const char *float_text(float value, char *text) {
    for (int digits = 6; digits <= 9; digits++) {
        snprintf(text, NUMBER_TEXT_MAX, "%.*g", digits, (double)value);
        if (!isfinite(value) || strtof(text, NULL) == value) break;
    }
    return text;
}

const char *double_text(double value, char *text) {
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, NUMBER_TEXT_MAX, "%.*g", digits, value);
        if (!isfinite(value) || strtod(text, NULL) == value) break;
    }
    return text;
}

void table_header(Table *table, const char *names) {
    assert(table->columns == 0 && names[0]);
    table->columns = 1;
    for (const char *c = names; *c; c++) table->columns += *c == ',';
    fprintf(table->stream, "%s\n", names);
}

void table_column(Table *table, const char *name) {
    assert(table->rows == 0 && table->cells == 0);
    fprintf(table->stream, "%s%s", table->columns++ > 0 ? "," : "", name);
}

void table_columns(Table *table, const char *stem, int n, int first) {
    for (int i = 0; i < n; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s%d", stem, first + i);
        table_column(table, name);
    }
}

void table_end_header(Table *table) {
    assert(table->columns > 0);
    fputc('\n', table->stream);
}

static void begin_cell(Table *table) {
    assert(table->cells < table->columns);
    if (table->cells++ > 0) fputc(',', table->stream);
}

void table_text(Table *table, const char *text) {
    table_part(table, text, text ? strlen(text) : 0);
}

void table_part(Table *table, const char *text, size_t length) {
    begin_cell(table);
    bool quoted = false;
    for (size_t i = 0; i < length; i++) quoted = quoted || strchr(",\"\r\n", text[i]);
    if (quoted) fputc('"', table->stream);
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '"') fputc('"', table->stream);
        fputc(text[i], table->stream);
    }
    if (quoted) fputc('"', table->stream);
}

void table_integer(Table *table, int64_t value) {
    begin_cell(table);
    fprintf(table->stream, "%" PRId64, value);
}

void table_float(Table *table, float value) {
    char text[NUMBER_TEXT_MAX];
    begin_cell(table);
    if (!isnan(value)) fputs(float_text(value, text), table->stream);
}

void table_double(Table *table, double value) {
    char text[NUMBER_TEXT_MAX];
    begin_cell(table);
    if (!isnan(value)) fputs(double_text(value, text), table->stream);
}

void table_empty(Table *table) {
    begin_cell(table);
}

void table_end_row(Table *table) {
    assert(table->cells == table->columns);
    fputc('\n', table->stream);
    table->cells = 0;
    table->rows++;
    if (table->progress) atomic_store_explicit(table->progress, table->rows, memory_order_relaxed);
}

bool table_failed(const Table *table) {
    return ferror(table->stream) != 0;
}
