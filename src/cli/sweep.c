// `saddle sweep`: the grid of settings that --vary asks for, run from many seeds; a table of what
// came out, or a row a run.
#include "cli/subcommands.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/interrupt.h"
#include "cli/job.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/sweep_table.h"
#include "train/sweep.h"

enum { KEY_SIZE = 128, SETTINGS_MAX = 10000, RUNS_MAX = 1000000 };

/// One --vary: a key and its values. Texts are argv's own.
typedef struct Variation {
    char key[KEY_SIZE];
    const char *values; // V1,V2,…
    int n;
} Variation;

typedef struct Grid {
    Variation variations[OPTIONS_VARIES_MAX];
    const char *keys[OPTIONS_VARIES_MAX];
    int n;                       // variations
    int n_settings;              // their combinations; the last key varies fastest
    const Experiment **settings; // (n_settings)
    SweepRow *rows;              // (n_settings, seeds)
} Grid;

/// Value number `index` of a variation.
static const char *nth_value(const Variation *variation, int index, int *length) {
    const char *value = variation->values;
    for (; index > 0; index--) value = strchr(value, ',') + 1;
    *length = (int)strcspn(value, ",");
    return value;
}

/// A setting's value of a key.
static const char *value_of(const void *context, int setting, int key, int *length) {
    const Grid *grid = context;
    for (int k = grid->n - 1; k > key; k--) setting /= grid->variations[k].n;
    return nth_value(&grid->variations[key], setting % grid->variations[key].n, length);
}

static bool read_variation(const char *text, Variation *variation, Error *error) {
    size_t length = strcspn(text, "=");
    if (length >= sizeof variation->key) return error_set(error, "%.60s…: no such key", text);
    memcpy(variation->key, text, length);
    variation->key[length] = '\0';
    if (strcmp(variation->key, "seed") == 0) {
        return error_set(error, "seed: is varied by --seeds N, from --seed on");
    }
    variation->values = text + length + 1;
    variation->n = 1;
    for (const char *at = variation->values;; at++) {
        if (*at == ',' || *at == '\0') {
            if (at == variation->values || at[-1] == ',')
                return error_set(error, "%s: a value is empty", variation->key);
            if (*at == '\0') break;
            variation->n++;
        }
    }
    return true;
}

static bool read_grid(const Options *options, Grid *grid, Error *error) {
    int64_t settings = 1;
    for (int i = 0; i < options->n_varies; i++) {
        Variation *variation = &grid->variations[i];
        if (!read_variation(options->varies[i], variation, error)) return false;
        for (int j = 0; j < i; j++) {
            if (strcmp(grid->keys[j], variation->key) == 0)
                return error_set(error, "%s: is varied twice", variation->key);
        }
        grid->keys[i] = variation->key;
        grid->n++;
        settings *= variation->n;
        if (settings > SETTINGS_MAX)
            return error_set(error, "%s: makes more than %d settings", variation->key,
                             SETTINGS_MAX);
    }
    grid->n_settings = (int)settings;
    return true;
}

/// "KEY=VALUE" of a setting and a key.  @return text that the caller frees, or NULL
static char *assignment(const Grid *grid, int setting, int key) {
    int length;
    const char *value = value_of(grid, setting, key, &length);
    size_t size = strlen(grid->keys[key]) + (size_t)length + 2;
    char *text = malloc(size);
    if (text) snprintf(text, size, "%s=%.*s", grid->keys[key], length, value);
    return text;
}

static bool make_setting(const Experiment *base, Grid *grid, int setting, Error *error) {
    Experiment *experiment = experiment_copy(base);
    if (!experiment) return error_set(error, "out of memory");
    grid->settings[setting] = experiment;
    for (int key = 0; key < grid->n; key++) {
        char *text = assignment(grid, setting, key);
        bool good = text ? experiment_set(experiment, text, error)
                         : error_set(error, "%s: out of memory", grid->keys[key]);
        free(text);
        if (!good) return false;
    }
    return true;
}

// --- Output ---

static void write_rows(const Grid *grid, uint64_t first_seed, int seeds, Table *table) {
    static const char *const names[] = {"seed",      "train_loss",    "train_accuracy",
                                        "test_loss", "test_accuracy", "diverged"};
    for (int key = 0; key < grid->n; key++) table_column(table, grid->keys[key]);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) table_column(table, names[i]);
    table_end_header(table);
    for (int setting = 0; setting < grid->n_settings; setting++) {
        for (int i = 0; i < seeds && !table_failed(table); i++) {
            const SweepRow *row = &grid->rows[(int64_t)setting * seeds + i];
            for (int key = 0; key < grid->n; key++) {
                int length;
                const char *value = value_of(grid, setting, key, &length);
                table_part(table, value, (size_t)length);
            }
            table_integer(table, (int64_t)(first_seed + (uint64_t)i));
            const double values[] = {row->train_loss, row->train_accuracy, row->test_loss,
                                     row->test_accuracy};
            for (int k = 0; k < 4; k++) table_double(table, values[k]);
            table_integer(table, row->diverged);
            table_end_row(table);
        }
    }
}

static bool write_table(const Grid *grid, const Experiment *base, int seeds, FILE *stream) {
    bool one_loss = true, one_length = true;
    const Experiment *first = grid->settings[0];
    for (int i = 1; i < grid->n_settings; i++) {
        one_loss = one_loss && grid->settings[i]->loss == first->loss;
        one_length = one_length && grid->settings[i]->epochs == first->epochs;
    }
    fprintf(stream, "%s", base->name);
    if (one_length)
        fprintf(stream, ", %" PRId64 " epoch%s", first->epochs, first->epochs == 1 ? "" : "s");
    if (seeds == 1)
        fprintf(stream, ", seed %" PRIu64, base->seed);
    else
        fprintf(stream, ", seeds %" PRIu64 " to %" PRIu64, base->seed,
                base->seed + (uint64_t)seeds - 1);
    fprintf(stream, "\nsolved: train accuracy over 95 %%; quartiles: of the train loss");
    if (one_loss) fprintf(stream, " (%s)", loss_name(first->loss));
    fprintf(stream, " of the runs that did not diverge\n\n");
    SweepTable table = {.n_keys = grid->n,
                        .n_settings = grid->n_settings,
                        .n_seeds = seeds,
                        .keys = grid->keys,
                        .value = value_of,
                        .context = grid,
                        .rows = grid->rows};
    return sweep_table_print(&table, stream);
}

static int write_all(const Grid *grid, const Experiment *base, const Options *options,
                     Output *output) {
    Error error;
    bool good = true;
    if (options->output) {
        Table table = output_table(output);
        write_rows(grid, base->seed, options->seeds, &table);
    } else {
        good = write_table(grid, base, options->seeds, output->stream);
    }
    if (!good) error_set(&error, "out of memory");
    if (good && output_commit(output, &error)) return EXIT_DONE;
    return cli_fail(EXIT_FAILED, "%s", error.text);
}

// --- Running ---

typedef struct Watch {
    Progress progress;
    int64_t runs;
} Watch;

static bool watch(void *context, double share) {
    Watch *watching = context;
    progress_share(&watching->progress, share, watching->runs);
    return !interrupted();
}

/// Whether a message is about what the experiment asks for, not about a file.
static bool names_group(const char *message) {
    static const char *const groups[] = {"data.", "network.", "training.", "landscape.", "race."};
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        if (strncmp(message, groups[i], strlen(groups[i])) == 0) return true;
    }
    return false;
}

/// Reports what a setting cannot have. Where --vary chose the setting, the command line is wrong.
static int fail_setting(const Options *options, const Grid *grid, int setting, const char *why) {
    if (setting < 0 || grid->n == 0 || !names_group(why)) return job_fail(options, why);
    char texts[300] = "";
    for (int key = 0; key < grid->n; key++) {
        char *text = assignment(grid, setting, key);
        if (key > 0) strncat(texts, " --vary ", sizeof texts - strlen(texts) - 1);
        strncat(texts, text ? text : grid->keys[key], sizeof texts - strlen(texts) - 1);
        free(text);
    }
    return cli_fail(EXIT_USAGE, "--vary %s: %s", texts, why);
}

static int run(Grid *grid, const Experiment *base, const Options *options) {
    Watch watching = {.runs = (int64_t)grid->n_settings * options->seeds};
    progress_begin(&watching.progress, "run", options_has(options, OPTION_QUIET));
    SweepDesc desc = {.settings = grid->settings,
                      .n_settings = grid->n_settings,
                      .first_seed = base->seed,
                      .n_seeds = options->seeds,
                      .init = options->init,
                      .progress = watch,
                      .context = &watching};
    int setting = -1;
    Error error;
    SweepEnd end = sweep_run(&desc, grid->rows, &setting, &error);
    progress_end(&watching.progress);
    if (end == SWEEP_STOPPED) return EXIT_INTERRUPTED;
    return end == SWEEP_DONE ? EXIT_DONE : fail_setting(options, grid, setting, error.text);
}

static int sweep(Grid *grid, const Experiment *base, const Options *options) {
    Error error;
    if (!read_grid(options, grid, &error)) return cli_fail(EXIT_USAGE, "--vary %s", error.text);
    int64_t runs = (int64_t)grid->n_settings * options->seeds;
    if (runs > RUNS_MAX) {
        return cli_fail(EXIT_USAGE, "--seeds %d: makes %" PRId64 " runs, more than %d",
                        options->seeds, runs, RUNS_MAX);
    }
    if (base->seed > (uint64_t)(INT64_MAX - options->seeds)) {
        return cli_fail(EXIT_USAGE, "--seeds %d: there are not so many from --seed %" PRIu64 " on",
                        options->seeds, base->seed);
    }
    // One more than there are: the analyzer cannot see that there are any.
    grid->settings = calloc((size_t)grid->n_settings + 1, sizeof(void *));
    grid->rows = malloc(((size_t)runs + 1) * sizeof *grid->rows);
    if (!grid->settings || !grid->rows) return cli_fail(EXIT_FAILED, "sweep: out of memory");
    for (int i = 0; i < grid->n_settings; i++) {
        if (!make_setting(base, grid, i, &error))
            return cli_fail(EXIT_USAGE, "--vary %s", error.text);
    }
    Output output;
    if (!output_open(&output, options->output, &error))
        return cli_fail(EXIT_FAILED, "%s", error.text);
    int code = run(grid, base, options);
    if (code == EXIT_DONE) code = write_all(grid, base, options, &output);
    output_discard(&output);
    return code;
}

int cli_sweep(const Options *options) {
    int code;
    Experiment *base = job_experiment(options, NULL, &code);
    if (!base) return code;
    Grid grid = {0};
    code = sweep(&grid, base, options);
    for (int i = 0; grid.settings && i < grid.n_settings; i++) {
        experiment_release(grid.settings[i]);
    }
    free(grid.settings);
    free(grid.rows);
    experiment_release(base);
    return code;
}
