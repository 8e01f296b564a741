/// A person's own data: CSV with a header. Columns x1, x2, … are inputs; y, or y1, y2, …, targets;
/// or label, a class number, becomes one target a class; split says train or test. In any order.
/// Errors say line (the header is line 1) and column. Byte order marks, CRLF, blank lines and
/// quoted cells are taken; line breaks inside quotes are not.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "nn/datasets/csv.h"
#include "nn/datasets/kinds.h"

enum {
    FILE_BYTES_MAX = 1 << 30,
    COLUMNS_MAX = DATASET_INPUTS_MAX + DATASET_OUTPUTS_MAX + 1,
    CELL_TEXT_MAX = 64, // of a cell that means something to us
};

typedef enum Role { ROLE_INPUT, ROLE_TARGET, ROLE_LABEL, ROLE_SPLIT } Role;

typedef struct Column {
    Role role;
    int index; // among its role's columns
    char name[16];
} Column;

typedef struct Reader {
    const char *path; // for messages
    const char *at, *end;
    long line;
    int n_columns, n_inputs, n_targets;
    bool has_label, has_split;
    bool inputs_only; // targets and split may be there, but need not
    Column *columns;  // (COLUMNS_MAX)
    size_t n, room;
    float *values; // (n, n_columns): numbers, labels as numbers, split 1 for test
    int max_label;
    size_t n_test;
    Error *error;
} Reader;

/// One cell's text, unquoted, without surrounding blanks and cut to what can matter.
typedef struct Cell {
    char text[CELL_TEXT_MAX];
    size_t length; // without the cut
} Cell;

static bool at_line_end(const Reader *r) {
    return r->at == r->end || *r->at == '\n' ||
           (*r->at == '\r' && r->at + 1 < r->end && r->at[1] == '\n');
}

static bool next_line(Reader *r) {
    while (r->at < r->end && *r->at != '\n') r->at++;
    if (r->at < r->end) r->at++;
    r->line++;
    return r->at < r->end;
}

static void cell_add(Cell *cell, char c) {
    if (cell->length < CELL_TEXT_MAX - 1) cell->text[cell->length] = c;
    cell->length++;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

/// Reads the cell at r->at and stops at the comma or the line's end after it.
static bool read_cell(Reader *r, int column, Cell *cell) {
    cell->length = 0;
    while (!at_line_end(r) && is_blank(*r->at)) r->at++;
    if (!at_line_end(r) && *r->at == '"') {
        r->at++;
        for (;; r->at++) {
            if (at_line_end(r)) {
                return error_set(r->error, "%s: line %ld, column %d: a quote is not closed",
                                 r->path, r->line, column + 1);
            }
            if (*r->at == '"') {
                if (r->at + 1 == r->end || r->at[1] != '"') break;
                r->at++;
            }
            cell_add(cell, *r->at);
        }
        r->at++;
        while (!at_line_end(r) && is_blank(*r->at)) r->at++;
        if (!at_line_end(r) && *r->at != ',') {
            return error_set(r->error, "%s: line %ld, column %d: text after a closing quote",
                             r->path, r->line, column + 1);
        }
    } else {
        while (!at_line_end(r) && *r->at != ',') cell_add(cell, *r->at++);
        while (cell->length > 0 && cell->length < CELL_TEXT_MAX &&
               is_blank(cell->text[cell->length - 1])) {
            cell->length--;
        }
    }
    size_t kept = cell->length < CELL_TEXT_MAX ? cell->length : CELL_TEXT_MAX - 1;
    if (kept < cell->length) { // the last character may be half
        while (kept > 0 && (cell->text[kept - 1] & 0xC0) == 0x80) kept--;
        if (kept > 0 && (cell->text[kept - 1] & 0x80)) kept--;
    }
    cell->text[kept] = '\0';
    return true;
}

static bool fail(const Reader *r, const Column *column, const Cell *cell, const char *why) {
    return error_set(r->error, "%s: line %ld, column %s: \"%s\" %s", r->path, r->line, column->name,
                     cell->text, why);
}

/// The number in "x12": 12, or 0 where the text is not a letter and a number from 1 on.
static int numbered(const char *text, char letter) {
    if (text[0] != letter || text[1] < '1' || text[1] > '9') return 0;
    int number = 0;
    for (const char *c = text + 1; *c; c++) {
        if (*c < '0' || *c > '9' || number > 100000) return 0;
        number = 10 * number + (*c - '0');
    }
    return number;
}

static bool bad_header(const Reader *r, int column, const Cell *cell, const char *why) {
    return error_set(r->error, "%s: line 1, column %d: \"%s\" %s", r->path, column + 1, cell->text,
                     why);
}

static bool blank_line(const Reader *r) {
    const char *c = r->at;
    while (c < r->end && is_blank(*c)) c++;
    return c == r->end || *c == '\n';
}

static bool read_header(Reader *r) {
    bool plain_y = false;
    if (blank_line(r)) {
        return error_set(r->error, "%s: line 1: no header (x1, x2, …, y)", r->path);
    }
    for (;;) {
        int i = r->n_columns;
        Cell cell = {.length = 0};
        if (!read_cell(r, i, &cell)) return false;
        if (i == COLUMNS_MAX) {
            return error_set(r->error, "%s: line 1: more than %d columns", r->path, COLUMNS_MAX);
        }
        Column *column = &r->columns[r->n_columns++];
        int input = numbered(cell.text, 'x'), target = numbered(cell.text, 'y');
        if (input > 0 && input <= DATASET_INPUTS_MAX) {
            *column = (Column){.role = ROLE_INPUT, .index = input - 1};
            r->n_inputs++;
        } else if (target > 0 && target <= DATASET_OUTPUTS_MAX) {
            *column = (Column){.role = ROLE_TARGET, .index = target - 1};
            r->n_targets++;
        } else if (strcmp(cell.text, "y") == 0) {
            *column = (Column){.role = ROLE_TARGET, .index = 0};
            plain_y = true;
            r->n_targets++;
        } else if (strcmp(cell.text, "label") == 0) {
            *column = (Column){.role = ROLE_LABEL};
            r->has_label = true;
        } else if (strcmp(cell.text, "split") == 0) {
            *column = (Column){.role = ROLE_SPLIT};
            r->has_split = true;
        } else {
            return bad_header(
                r, i, &cell,
                "is no column that is known (x1, x2, …; y or y1, y2, … or label; split)");
        }
        memcpy(column->name, cell.text, strlen(cell.text) + 1);
        if (at_line_end(r)) break;
        r->at++;
    }
    // Every column once, and no number left out.
    static const char *const group[] = {"x", "y", "label", "split"};
    bool *seen = calloc(4 * (size_t)COLUMNS_MAX, sizeof *seen);
    if (!seen) return error_set(r->error, "%s: out of memory", r->path);
    bool good = true;
    for (int i = 0; good && i < r->n_columns; i++) {
        const Column *column = &r->columns[i];
        int count = column->role == ROLE_INPUT ? r->n_inputs : r->n_targets;
        bool *mark = &seen[(int)column->role * COLUMNS_MAX + column->index];
        if (*mark || (column->role == ROLE_TARGET && plain_y && r->n_targets > 1)) {
            good = error_set(r->error,
                             "%s: line 1, column %s: there are two %s columns of that number",
                             r->path, column->name, group[column->role]);
        } else if (column->role <= ROLE_TARGET && column->index >= count) {
            good = error_set(
                r->error, "%s: line 1, column %s: columns before it are missing (%s1 to %s%d)",
                r->path, column->name, group[column->role], group[column->role], column->index + 1);
        }
        *mark = true;
    }
    free(seen);
    if (!good) return false;
    if (r->n_inputs == 0)
        return error_set(r->error, "%s: line 1: no input column (x1, x2, …)", r->path);
    if (r->n_targets == 0 && !r->has_label && !r->inputs_only) {
        return error_set(r->error, "%s: line 1: no target column (y, or y1, y2, …, or label)",
                         r->path);
    }
    if (r->n_targets > 0 && r->has_label) {
        return error_set(r->error,
                         "%s: line 1: both y and label columns; only one kind can be the target",
                         r->path);
    }
    return true;
}

static bool read_number(const Reader *r, const Column *column, const Cell *cell, float *value) {
    char *end = NULL;
    double number = strtod(cell->text, &end);
    if (cell->length == 0 || cell->length >= CELL_TEXT_MAX || end != cell->text + cell->length) {
        return fail(r, column, cell, "is not a number");
    }
    if (!isfinite(number)) return fail(r, column, cell, "is not a finite number");
    *value = (float)number;
    if (!isfinite(*value)) return fail(r, column, cell, "is too large for 32 bits");
    return true;
}

static bool read_label(Reader *r, const Column *column, const Cell *cell, float *value) {
    char *end = NULL;
    long number = strtol(cell->text, &end, 10);
    if (cell->length == 0 || cell->length >= CELL_TEXT_MAX || end != cell->text + cell->length) {
        return fail(r, column, cell, "is not a class number (0, 1, …)");
    }
    if (number < 0 || number >= DATASET_OUTPUTS_MAX) {
        return fail(r, column, cell, "is out of range for a class number [0, 4095]");
    }
    if (number > r->max_label) r->max_label = (int)number;
    *value = (float)number;
    return true;
}

static bool read_split(Reader *r, const Column *column, const Cell *cell, float *value) {
    bool is_test = strcmp(cell->text, "test") == 0;
    r->n_test += is_test;
    *value = is_test ? 1.0f : 0.0f;
    if (is_test || strcmp(cell->text, "train") == 0) return true;
    return fail(r, column, cell, "is neither train nor test");
}

/// Room for one more row, zeroed.  @return NULL with the error set
static float *new_row(Reader *r) {
    size_t columns = (size_t)r->n_columns;
    if (r->n == DATASET_SAMPLES_MAX) {
        error_set(r->error, "%s: line %ld: more than %d samples", r->path, r->line,
                  DATASET_SAMPLES_MAX);
        return NULL;
    }
    if (r->n == r->room) {
        size_t room = r->room ? 2 * r->room : 256;
        float *values = realloc(r->values, (room * columns + 1) * sizeof *values);
        if (!values) {
            error_set(r->error, "%s: out of memory", r->path);
            return NULL;
        }
        r->values = values;
        r->room = room;
    }
    return memset(r->values + r->n * columns, 0, columns * sizeof *r->values);
}

static bool read_row(Reader *r) {
    float *row = new_row(r);
    if (!row) return false;
    for (int i = 0; i < r->n_columns; i++) {
        const Column *column = &r->columns[i];
        Cell cell;
        if (!read_cell(r, i, &cell)) return false;
        bool good = column->role == ROLE_LABEL   ? read_label(r, column, &cell, &row[i])
                    : column->role == ROLE_SPLIT ? read_split(r, column, &cell, &row[i])
                                                 : read_number(r, column, &cell, &row[i]);
        if (!good) return false;
        bool ended = at_line_end(r);
        if (ended && i + 1 < r->n_columns) {
            return error_set(r->error,
                             "%s: line %ld, column %s: missing (the line has %d of %d cells)",
                             r->path, r->line, r->columns[i + 1].name, i + 1, r->n_columns);
        }
        if (!ended && i + 1 == r->n_columns) {
            return error_set(r->error, "%s: line %ld: more than the header's %d cells", r->path,
                             r->line, r->n_columns);
        }
        if (!ended) r->at++;
    }
    r->n++;
    return true;
}

static bool read_rows(Reader *r) {
    while (next_line(r)) {
        if (!blank_line(r) && !read_row(r)) return false;
    }
    if (r->n == 0) return error_set(r->error, "%s: no samples after the header", r->path);
    if (r->inputs_only) return true;
    if (r->n_test == r->n) {
        return error_set(r->error, "%s: column split: no sample is for training", r->path);
    }
    if (r->has_label && r->max_label == 0) {
        return error_set(r->error, "%s: column label: all samples are of class 0", r->path);
    }
    return true;
}

/// Distributes the rows' values over inputs and targets, and splits the samples as the file says.
static bool hand_over(const Reader *r, Dataset *data) {
    int outputs = r->has_label ? r->max_label + 1 : r->n_targets;
    if (!dataset_alloc(data, r->n, r->n_inputs, outputs, r->error)) {
        return error_prefix(r->error, r->path);
    }
    bool *is_test = calloc(r->n + 1, sizeof *is_test);
    if (!is_test) return error_set(r->error, "%s: out of memory", r->path);
    const float *row = r->values;
    for (size_t i = 0; row && i < r->n; i++, row += r->n_columns) {
        float *x = data->x + i * (size_t)r->n_inputs, *t = data->t + i * (size_t)outputs;
        for (int k = 0; k < r->n_columns; k++) {
            const Column *column = &r->columns[k];
            switch (column->role) {
            case ROLE_INPUT: x[column->index] = row[k]; break;
            case ROLE_TARGET: t[column->index] = row[k]; break;
            case ROLE_LABEL: t[(int)row[k]] = 1.0f; break;
            case ROLE_SPLIT: is_test[i] = row[k] == 1.0f; break;
            }
        }
    }
    bool good = !r->has_split || dataset_split_marked(data, is_test, r->error);
    free(is_test);
    return good;
}

/// Reads the whole text into r->values.  @param r  zeroed but for inputs_only; reader_deinit frees
/// it
static bool read_text(Reader *r, const char *text, size_t size, const char *source, Error *error) {
    r->path = source;
    r->at = text;
    r->end = text + size;
    r->line = 1;
    r->error = error;
    if (size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) r->at += 3;
    r->columns = calloc(COLUMNS_MAX, sizeof *r->columns);
    if (!r->columns) return error_set(error, "%s: out of memory", source);
    if (memchr(text, '\0', size)) {
        return error_set(error, "%s: is not plain text (it holds zero bytes): save it in UTF-8",
                         source);
    }
    return read_header(r) && read_rows(r);
}

static void reader_deinit(Reader *r) {
    free(r->columns);
    free(r->values);
}

bool csv_read(const char *text, size_t size, const char *source, Dataset *data, Error *error) {
    Reader r = {.inputs_only = false};
    bool good = read_text(&r, text, size, source, error) && hand_over(&r, data);
    reader_deinit(&r);
    return good;
}

static bool generate(const DatasetDesc *desc, uint64_t seed, Dataset *data, Error *error) {
    (void)seed;
    if (!desc->file[0]) return error_set(error, "data.file: csv data needs a file");
    size_t size = 0;
    char *text = file_read(desc->file, FILE_BYTES_MAX, &size, error);
    bool good = text && csv_read(text, size, desc->file, data, error);
    free(text);
    return good;
}

static bool hand_over_inputs(const Reader *r, int n_inputs, float **x) {
    if (r->n_inputs != n_inputs || n_inputs < 1) {
        return error_set(r->error, "%s: line 1: %d input columns (x1, x2, …), and not %d", r->path,
                         r->n_inputs, n_inputs);
    }
    *x = calloc(r->n, (size_t)n_inputs * sizeof **x);
    if (!*x) return error_set(r->error, "%s: out of memory", r->path);
    const float *row = r->values;
    for (size_t i = 0; i < r->n; i++, row += r->n_columns) {
        for (int k = 0; k < r->n_columns; k++) {
            const Column *column = &r->columns[k];
            if (column->role == ROLE_INPUT)
                (*x)[i * (size_t)n_inputs + (size_t)column->index] = row[k];
        }
    }
    return true;
}

bool csv_read_inputs(const char *text, size_t size, const char *source, int n_inputs, float **x,
                     size_t *n, Error *error) {
    Reader r = {.inputs_only = true};
    bool good = read_text(&r, text, size, source, error) && hand_over_inputs(&r, n_inputs, x);
    *n = good ? r.n : 0;
    reader_deinit(&r);
    return good;
}

bool dataset_read_inputs(const char *path, int n_inputs, float **x, size_t *n, Error *error) {
    size_t size = 0;
    char *text = file_read(path, FILE_BYTES_MAX, &size, error);
    bool good = text && csv_read_inputs(text, size, path, n_inputs, x, n, error);
    free(text);
    if (!good) *n = 0;
    return good;
}

static uint64_t version(const DatasetDesc *desc) {
    return dataset_file_version(desc->file);
}

const DatasetKind dataset_csv = {
    .name = "csv",
    .description = "your own: columns x1, x2, …; y or y1, y2, … or label; perhaps split",
    .seedless = true,
    .version = version,
    .generate = generate,
};
