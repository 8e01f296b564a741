/// Tables as CSV: a header, then rows of as many cells. Texts are quoted where RFC 4180 wants it;
/// lines end in a line feed alone, as all files of the program. Numbers are the shortest decimals
/// that read back to the same value; infinities are "inf" and "-inf", and a NaN, which has no
/// meaning, is an empty cell.
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/// A table under way. Set the stream (borrowed), the rest to zero.
typedef struct Table {
    FILE *stream;
    int columns; // of the header
    int cells;   // written in this row
    int64_t rows;
    atomic_llong *progress; // follows rows, for another thread to look at; NULL: none does
} Table;

/// The first line.  @param names  separated by commas, none that needs quotes
void table_header(Table *table, const char *names);
/// The first line piece by piece: columns, then its end.
void table_column(Table *table, const char *name);
/// Columns STEM<first>, …, n of them.
void table_columns(Table *table, const char *stem, int n, int first);
void table_end_header(Table *table);
/// The row's next cell; NULL and NaN are empty ones.
void table_text(Table *table, const char *text);
void table_part(Table *table, const char *text, size_t length); // of a text
void table_integer(Table *table, int64_t value);
void table_float(Table *table, float value);
void table_double(Table *table, double value);
void table_empty(Table *table);
/// Ends the row, which must have as many cells as the header.
void table_end_row(Table *table);
/// Whether writing failed already: long loops stop then.
bool table_failed(const Table *table);

enum { NUMBER_TEXT_MAX = 40 };
/// The shortest decimal that reads back to the same value, "nan", "inf" or "-inf".
/// @return text, of NUMBER_TEXT_MAX bytes
const char *float_text(float value, char *text);
const char *double_text(double value, char *text);

#endif
