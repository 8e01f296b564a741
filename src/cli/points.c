// Reads the points of `predict`. Only the columns x1, x2, … count; what `saddle data` writes beside
// them is passed over, so that a data file serves as points.
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cli/job.h"

enum { POINTS_BYTES_MAX = 1 << 30, POINTS_COLUMNS_MAX = 2 * DATASET_INPUTS_MAX + 2 };

typedef struct PointsReader {
    const char *path; // for messages
    char *at;         // the rest of the text; cut into lines and cells in place
    long line;
    int n_inputs;
    int n_columns;
    int column[POINTS_COLUMNS_MAX]; // which input each column is, -1: passed over
    Error *error;
} PointsReader;

/// Cuts the next line off.  @return NULL at the end
static char *next_line(PointsReader *reader) {
    if (!*reader->at) return NULL;
    char *line = reader->at;
    size_t length = strcspn(line, "\n");
    reader->at += length + (line[length] == '\n');
    line[length] = '\0';
    reader->line++;
    return line;
}

/// Cuts the next cell off the line, without blanks and quotes around it. *line becomes NULL after
/// the last.
static char *next_cell(char **line) {
    char *cell = *line + strspn(*line, " \t\"");
    char *comma = strchr(*line, ',');
    char *end = comma ? comma : *line + strlen(*line);
    *line = comma ? comma + 1 : NULL;
    if (cell > end) cell = end;
    while (end > cell && strchr(" \t\"\r", end[-1])) end--;
    *end = '\0';
    return cell;
}

static bool is_blank(const char *line) {
    return line[strspn(line, " \t\r")] == '\0';
}

/// The number in "x12" for its letter, else 0.
static int numbered(const char *name, char letter) {
    size_t digits = name[0] == letter ? strspn(name + 1, "0123456789") : 0;
    if (digits < 1 || digits > 5 || name[1 + digits] || name[1] == '0') return 0;
    return (int)strtol(name + 1, NULL, 10);
}

static bool is_passed_over(const char *name) {
    return strcmp(name, "y") == 0 || strcmp(name, "label") == 0 || strcmp(name, "split") == 0 ||
           numbered(name, 'y') > 0;
}

static bool read_header(PointsReader *reader) {
    char *line = next_line(reader);
    int found = 0;
    while (line) {
        char *name = next_cell(&line);
        int column = reader->n_columns++, number = numbered(name, 'x');
        if (reader->n_columns > POINTS_COLUMNS_MAX) {
            return error_set(reader->error, "%s: line 1: too many columns", reader->path);
        }
        reader->column[column] = number - 1;
        if (number > reader->n_inputs) {
            return error_set(reader->error, "%s: line 1: column %s: the network has %d inputs",
                             reader->path, name, reader->n_inputs);
        }
        if (number == 0 && !is_passed_over(name)) {
            return error_set(reader->error,
                             "%s: line 1: column %d: \"%.40s\" is no known column (x1, x2, …)",
                             reader->path, column + 1, name);
        }
        for (int before = 0; number > 0 && before < column; before++) {
            if (reader->column[before] == number - 1) {
                return error_set(reader->error, "%s: line 1: column %s is there twice",
                                 reader->path, name);
            }
        }
        found += number > 0;
    }
    if (found == reader->n_inputs) return true;
    return error_set(reader->error, "%s: line 1: %d of the network's %d inputs (x1, x2, …)",
                     reader->path, found, reader->n_inputs);
}

static bool read_row(PointsReader *reader, char *line, float *x) {
    int column = 0;
    for (; line; column++) {
        char *cell = next_cell(&line);
        int input = column < reader->n_columns ? reader->column[column] : -1;
        if (input < 0) continue;
        char *end;
        double value = strtod(cell, &end);
        if (end == cell || *end || !isfinite(value) || fabs(value) > (double)FLT_MAX) {
            return error_set(reader->error, "%s: line %ld: column x%d: \"%.40s\" is no number",
                             reader->path, reader->line, input + 1, cell);
        }
        x[input] = (float)value;
    }
    if (column == reader->n_columns) return true;
    return error_set(reader->error, "%s: line %ld: %s cells than the header's %d columns",
                     reader->path, reader->line, column > reader->n_columns ? "more" : "fewer",
                     reader->n_columns);
}

static size_t count_lines(const char *text) {
    size_t n = 1;
    for (const char *c = text; (c = strchr(c, '\n')); c++) n++;
    return n;
}

bool job_read_points(const char *path, int n_inputs, float **x, size_t *n, Error *error) {
    size_t size;
    char *text = file_read(path, POINTS_BYTES_MAX, &size, error);
    if (!text) return false;
    PointsReader reader = {.path = path, .at = text, .n_inputs = n_inputs, .error = error};
    if (strncmp(text, "\xef\xbb\xbf", 3) == 0) reader.at += 3; // a byte order mark
    *n = 0;
    *x = malloc(count_lines(text) * (size_t)n_inputs * sizeof **x);
    bool good = *x ? strlen(text) == size || error_set(error, "%s: is not a text file", path)
                   : error_set(error, "%s: out of memory", path);
    good = good && read_header(&reader);
    for (char *line; good && (line = next_line(&reader));) {
        if (is_blank(line)) continue;
        good = read_row(&reader, line, *x + *n * (size_t)n_inputs);
        (*n)++;
    }
    if (good && *n == 0) good = error_set(error, "%s: has no points", path);
    free(text);
    if (good) return true;
    free(*x);
    *x = NULL;
    return false;
}
