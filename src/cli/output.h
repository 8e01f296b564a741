/// Text output of the subcommands: an atomic file or standard output behind one interface, and
/// numbers that read back to the same value.
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"
#include "base/file.h"

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
/// Whether writing failed already: long loops stop then.
bool output_failed(const Output *output);

/// Tries whether a file could be written there, and leaves it as it is: before long work.
bool output_probe(const char *path, Error *error);

/// A number that reads back to the same value; nothing for NaN, which has no meaning.
void output_float(FILE *stream, float value);
void output_double(FILE *stream, double value);
/// "x1,x2,…" or, for a single y, "y".
void output_names(FILE *stream, const char *letter, int n, bool number_one);

#endif
