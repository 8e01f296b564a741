// Columns as wide as their widest cell, two blanks between them: the varied values to the left, the
// numbers to the right.
#include "cli/sweep_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CELL_SIZE = 24, NUMBERS = 6 };

static const char *const headers[NUMBERS] = {"runs",   "solved",     "quartile 1",
                                             "median", "quartile 3", "diverged"};

/// What a setting's runs came to, as cells of text.
typedef struct Line {
    char cells[NUMBERS][CELL_SIZE];
} Line;

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double sweep_quantile(const double *sorted, int n, double q) {
    double at = q * (n - 1);
    int below = (int)at;
    if (below >= n - 1) return sorted[n - 1];
    double share = at - below;
    return sorted[below] + share * (sorted[below + 1] - sorted[below]);
}

/// @param losses  (n), scratch
static void summarise(const SweepRow *rows, int n, double *losses, Line *line) {
    int solved = 0, diverged = 0, n_losses = 0;
    bool classes = true;
    for (int i = 0; i < n; i++) {
        classes = classes && !isnan(rows[i].train_accuracy);
        solved += rows[i].train_accuracy > 0.95;
        diverged += rows[i].diverged;
        if (!rows[i].diverged && isfinite(rows[i].train_loss)) {
            losses[n_losses++] = rows[i].train_loss;
        }
    }
    qsort(losses, (size_t)n_losses, sizeof *losses, compare);
    for (int i = 0; i < NUMBERS; i++) snprintf(line->cells[i], CELL_SIZE, "-");
    snprintf(line->cells[0], CELL_SIZE, "%d", n);
    if (classes) snprintf(line->cells[1], CELL_SIZE, "%.1f %%", 100.0 * solved / n);
    for (int i = 0; i < 3 && n_losses > 0; i++) {
        double quantile = sweep_quantile(losses, n_losses, 0.25 * (i + 1));
        snprintf(line->cells[2 + i], CELL_SIZE, "%.4g", quantile);
    }
    snprintf(line->cells[5], CELL_SIZE, "%d", diverged);
}

static void widen(int *width, int length) {
    if (length > *width) *width = length;
}

static void print_number(FILE *stream, const char *text, int width, bool first) {
    fprintf(stream, "%s%*s", first ? "" : "  ", width, text);
}

static void print(const SweepTable *table, const Line *lines, int *key_widths, FILE *stream) {
    int widths[NUMBERS];
    for (int i = 0; i < NUMBERS; i++) {
        widths[i] = (int)strlen(headers[i]);
        for (int s = 0; s < table->n_settings; s++) {
            widen(&widths[i], (int)strlen(lines[s].cells[i]));
        }
    }
    for (int key = 0; key < table->n_keys; key++) {
        key_widths[key] = (int)strlen(table->keys[key]);
        for (int s = 0; s < table->n_settings; s++) {
            int length;
            table->value(table->context, s, key, &length);
            widen(&key_widths[key], length);
        }
        fprintf(stream, "%s%-*s", key ? "  " : "", key_widths[key], table->keys[key]);
    }
    for (int i = 0; i < NUMBERS; i++) {
        print_number(stream, headers[i], widths[i], i == 0 && table->n_keys == 0);
    }
    fputc('\n', stream);
    for (int s = 0; s < table->n_settings; s++) {
        for (int key = 0; key < table->n_keys; key++) {
            int length;
            const char *value = table->value(table->context, s, key, &length);
            fprintf(stream, "%s%.*s%*s", key ? "  " : "", length, value, key_widths[key] - length,
                    "");
        }
        for (int i = 0; i < NUMBERS; i++) {
            print_number(stream, lines[s].cells[i], widths[i], i == 0 && table->n_keys == 0);
        }
        fputc('\n', stream);
    }
}

bool sweep_table_print(const SweepTable *table, FILE *stream) {
    Line *lines = malloc((size_t)table->n_settings * sizeof *lines);
    double *losses = malloc((size_t)table->n_seeds * sizeof *losses);
    int *key_widths = malloc(((size_t)table->n_keys + 1) * sizeof *key_widths);
    bool good = lines && losses && key_widths;
    for (int s = 0; good && s < table->n_settings; s++) {
        const SweepRow *rows = table->rows + (int64_t)s * table->n_seeds;
        summarise(rows, table->n_seeds, losses, &lines[s]);
    }
    if (good) print(table, lines, key_widths, stream);
    free(lines);
    free(losses);
    free(key_widths);
    return good;
}
