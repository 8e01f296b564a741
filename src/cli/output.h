/// Text output of the subcommands: an atomic file or standard output behind one interface; tables,
/// and numbers that read back to the same value, for what is none.
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"
#include "base/file.h"
#include "base/table.h"

typedef struct Output {
    FILE *stream; // write here
    FileWriter writer;
} Output;

/// @param path  NULL or "-": standard output
bool output_open(Output *output, const char *path, Error *error);
/// Completes it.  @return false with "NAME: WHY", a file then being as it was before
bool output_commit(Output *output, Error *error);
/// Writes what is buffered, before several are completed.  @return as output_commit; a file is then
/// to be discarded
bool output_flush(const Output *output, Error *error);
/// Whether both are one file; not where either is closed or standard output.
bool output_same(const Output *a, const Output *b);
/// Gives it up; a file is then as it was before. Does nothing to a closed one.
void output_discard(Output *output);
/// A table that goes there.
Table output_table(const Output *output);
/// The columns of samples: x1,x2,… and y1,y2,… or, of one output, y.
void output_sample_columns(Table *table, int n_inputs, int n_outputs);

/// Tries whether a file could be written there, and leaves it as it is: before long work.
bool output_probe(const char *path, Error *error);

/// A number that reads back to the same value; nothing for NaN.
void output_float(FILE *stream, float value);
void output_double(FILE *stream, double value);

#endif
