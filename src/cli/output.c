#include "cli/output.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

static bool is_standard(const Output *output) {
    return output->stream == stdout;
}

bool output_open(Output *output, const char *path, Error *error) {
    *output = (Output){0};
    if (!path || strcmp(path, "-") == 0) {
        output->stream = stdout;
        return true;
    }
    if (!file_open(&output->writer, path, error)) return false;
    output->stream = output->writer.stream;
    return true;
}

bool output_flush(const Output *output, Error *error) {
    if (!ferror(output->stream) && fflush(output->stream) == 0) return true;
    return error_set(error, "%s: cannot write: %s",
                     is_standard(output) ? "standard output" : output->writer.name,
                     strerror(errno));
}

bool output_commit(Output *output, Error *error) {
    if (!is_standard(output)) {
        output->stream = NULL;
        return file_commit(&output->writer, error);
    }
    const bool good = output_flush(output, error);
    output->stream = NULL;
    return good;
}

bool output_same(const Output *a, const Output *b) {
    const char *first = a->writer.target, *second = b->writer.target;
    return first && second && strcmp(first, second) == 0;
}

void output_discard(Output *output) {
    if (output->stream && !is_standard(output)) file_discard(&output->writer);
    output->stream = NULL;
}

Table output_table(const Output *output) {
    return (Table){.stream = output->stream};
}

void output_sample_columns(Table *table, int n_inputs, int n_outputs) {
    table_columns(table, "x", n_inputs, 1);
    if (n_outputs == 1)
        table_column(table, "y");
    else
        table_columns(table, "y", n_outputs, 1);
}

bool output_probe(const char *path, Error *error) {
    struct stat status;
    // Opening a pipe or a device would already mean something to its other side.
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) {
        return true;
    }
    FileWriter writer;
    if (!file_open(&writer, path, error)) return false;
    file_discard(&writer);
    return true;
}

void output_float(FILE *stream, float value) {
    char text[NUMBER_TEXT_MAX];
    if (!isnan(value)) fputs(float_text(value, text), stream);
}

void output_double(FILE *stream, double value) {
    char text[NUMBER_TEXT_MAX];
    if (!isnan(value)) fputs(double_text(value, text), stream);
}
