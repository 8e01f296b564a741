// `saddle landscape`: the loss over two parameters or a plane, as a table; and the path that
// training took there.
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/parallel.h"
#include "cli/interrupt.h"
#include "cli/job.h"
#include "cli/landscape_path.h"
#include "cli/landscape_plane.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/subcommands.h"
#include "nn/landscape.h"
#include "nn/weights.h"

enum { BAND_POINTS = 1 << 18 }; // measured and written at a time: memory stays small

/// What is asked for, resolved from options and experiment, and what it takes.
typedef struct Lab {
    const Options *options;
    Session *session;
    ParamRef axes[2];        // without a plane
    Coordinates coordinates; // the plane is NULL until training is done
    double range[2][2];      // a plane's default is known when the plane is
    bool relative, test_split;
    int grid[2];
    Network to;       // of --to; else empty
    History *history; // of training, where something is made of it
    double loss;      // of the present weights, where something says it
    Output table, path;
} Lab;

// ---- before training ------------------------------------------------------------------------

static bool is_standard(const char *path) {
    return !path || strcmp(path, "-") == 0;
}

static int check_options(const Options *options) {
    if (options->path && is_standard(options->path) && is_standard(options->output)) {
        return cli_fail(EXIT_USAGE,
                        "--path -: the landscape goes to standard output: give it a file with -o");
    }
    return landscape_check_plane(options);
}

static int resolve(Lab *lab) {
    const Options *options = lab->options;
    const Session *session = lab->session;
    const Experiment *experiment = session->experiment;
    lab->relative = options_has(options, OPTION_RELATIVE) ||
                    (experiment->landscape.relative && !options_has(options, OPTION_RANGE));
    lab->test_split =
        options_has(options, OPTION_SPLIT) ? options->test_split : experiment->landscape.test_split;
    experiment_axes(experiment, &session->net, lab->axes);
    for (int k = 0; k < 2; k++) {
        if (options_has(options, OPTION_AXES)) lab->axes[k] = options->axes[k];
        lab->grid[k] =
            options_has(options, OPTION_GRID) ? options->grid[k] : experiment->landscape.grid[k];
        for (int end = 0; end < 2; end++) {
            lab->range[k][end] = options_has(options, OPTION_RANGE)
                                     ? options->range[k][end]
                                     : experiment->landscape.range[k][end];
        }
        Error error;
        if (options->plane == PLANE_WEIGHTS &&
            !network_locate(&session->net, lab->axes[k], &lab->coordinates.at[k], &error)) {
            return cli_fail(EXIT_USAGE, "--axes %s", error.text);
        }
    }
    if (job_split(session->data, lab->test_split).n == 0) {
        return cli_fail(options_has(options, OPTION_SPLIT) ? EXIT_USAGE : EXIT_FAILED,
                        "%s: has no test samples: try --set data.test_fraction=0.3",
                        experiment->name);
    }
    return EXIT_DONE;
}

/// Whether something is made of the path: measuring every epoch slows training down.
static bool needs_path(const Options *options) {
    if (options->path || options->plane == PLANE_PCA) return true;
    return options->plane != PLANE_WEIGHTS && !options_has(options, OPTION_RANGE);
}

static int open_files(Lab *lab) {
    const Options *options = lab->options;
    Error error;
    if (options->to) {
        if (!network_copy(&lab->to, &lab->session->net))
            return cli_fail(EXIT_FAILED, "%.200s: out of memory", options->to);
        if (!weights_load(&lab->to, options->to, &error))
            return cli_fail(EXIT_FAILED, "%s", error.text);
    }
    if (!output_open(&lab->table, options->output, &error) ||
        (options->path && !output_open(&lab->path, options->path, &error))) {
        return cli_fail(EXIT_FAILED, "%s", error.text);
    }
    if (output_same(&lab->table, &lab->path)) {
        return cli_fail(EXIT_USAGE, "--path %.200s: the landscape goes there already: give another",
                        options->path);
    }
    return EXIT_DONE;
}

// ---- training -------------------------------------------------------------------------------

static int train(Lab *lab) {
    Session *session = lab->session;
    if (!needs_path(lab->options)) return job_train(session, lab->options, NULL, NULL, NULL);
    lab->history = history_create(session);
    if (!lab->history) {
        return cli_fail(EXIT_FAILED, "%s: not enough memory for the path",
                        session->experiment->name);
    }
    int code = job_train(session, lab->options, landscape_record, lab->history, NULL);
    history_truncate(lab->history, session->epoch); // where it has diverged
    return code;
}

static int make_plane(Lab *lab) {
    const Options *options = lab->options;
    if (options->plane == PLANE_WEIGHTS) return EXIT_DONE;
    int code;
    lab->coordinates.plane = landscape_plane(options, lab->session, lab->history, &lab->to, &code);
    if (code != EXIT_DONE || options_has(options, OPTION_RANGE)) return code;
    int count;
    const Path *path = history_path(lab->history, &count);
    plane_fit(lab->coordinates.plane, lab->session->net.params, path ? path->weights : NULL,
              (size_t)count, lab->range);
    return EXIT_DONE;
}

// ---- measuring ------------------------------------------------------------------------------

/// A band of rows in the making, for parallel_for.
typedef struct Band {
    const Landscape *landscape;
    const double *a, *b; // the axes' values, absolute; coordinates on the plane
    int first;           // the band's first row
    int columns;
    float *loss; // (rows of the band, columns)
    atomic_bool failed;
} Band;

static void measure_rows(void *context, int first, int last) {
    Band *band = context;
    if (!landscape_rows(band->landscape, band->a, band->b, band->first + first, band->first + last,
                        band->columns, band->loss + (size_t)first * (size_t)band->columns,
                        interrupted_cancel, NULL)) {
        atomic_store(&band->failed, true);
    }
}

static void write_band(const Band *band, int rows, Table *table) {
    for (int i = 0; i < rows; i++) {
        for (int j = 0; j < band->columns; j++) {
            table_double(table, band->a[band->first + i]);
            table_double(table, band->b[j]);
            table_float(table, band->loss[(size_t)i * (size_t)band->columns + (size_t)j]);
            table_end_row(table);
        }
    }
}

static void measure_bands(Band *band, int n, const Output *output, bool quiet) {
    Progress progress;
    progress_begin(&progress, "row", quiet);
    Table table = output_table(output);
    table_header(&table, "a,b,loss");
    int height = BAND_POINTS / band->columns;
    if (height < 1) height = 1;
    for (; band->first < n && !table_failed(&table); band->first += height) {
        int rows = n - band->first < height ? n - band->first : height;
        parallel_for(rows, 1, 0, measure_rows, band);
        if (interrupted() || atomic_load(&band->failed)) break;
        write_band(band, rows, &table);
        progress_update(&progress, band->first + rows, n, (double)NAN);
    }
    progress_end(&progress);
}

static void set_axis(const Lab *lab, int k, double *values) {
    double from = 0;
    if (lab->relative && !lab->coordinates.plane)
        from = (double)lab->session->net.params[lab->coordinates.at[k]];
    landscape_axis(from + lab->range[k][0], from + lab->range[k][1], lab->grid[k], values);
}

static int measure(Lab *lab) {
    const Session *session = lab->session;
    JobSplit split = job_split(session->data, lab->test_split);
    LandscapeDesc desc = {.net = &session->net,
                          .a = lab->axes[0],
                          .b = lab->axes[1],
                          .plane = lab->coordinates.plane,
                          .loss = session->experiment->loss,
                          .x = split.x,
                          .t = split.t,
                          .n = split.n};
    Error error;
    Landscape *made = landscape_create(&desc, &error);
    if (!made) return cli_fail(EXIT_FAILED, "%s", error.text);

    size_t n = (size_t)lab->grid[0], m = (size_t)lab->grid[1];
    double *values = malloc((n + m) * sizeof *values);
    size_t points = n * m < (size_t)BAND_POINTS ? n * m : (size_t)BAND_POINTS;
    float *loss = malloc((points > m ? points : m) * sizeof *loss);
    int code = EXIT_DONE;
    if (!values || !loss) {
        code = cli_fail(EXIT_FAILED, "%s: out of memory", session->experiment->name);
    } else {
        set_axis(lab, 0, values);
        set_axis(lab, 1, values + n);
        Band band = {
            .landscape = made, .a = values, .b = values + n, .columns = (int)m, .loss = loss};
        measure_bands(&band, (int)n, &lab->table, options_has(lab->options, OPTION_QUIET));
        if (interrupted())
            code = EXIT_INTERRUPTED;
        else if (atomic_load(&band.failed))
            code = cli_fail(EXIT_FAILED, "%s: out of memory", session->experiment->name);
    }
    free(loss);
    free(values);
    landscape_destroy(made);
    return code;
}

// ---- the end --------------------------------------------------------------------------------

static void write_facts(const Lab *lab, FILE *stream) {
    PlaneFacts facts = {.plane = lab->coordinates.plane,
                        .session = lab->session,
                        .to = lab->options->to,
                        .test_split = lab->test_split,
                        .loss = lab->loss};
    memcpy(facts.range, lab->range, sizeof facts.range);
    landscape_write_facts(&facts, stream);
}

/// Writes the path, completes the files and says what there is to say of the plane.
static int finish(Lab *lab) {
    bool has_path = lab->options->path != NULL, has_plane = lab->coordinates.plane != NULL;
    if (has_path || has_plane) {
        Metrics metrics;
        session_measure(lab->session, &metrics);
        lab->loss = lab->test_split ? metrics.test_loss : metrics.train_loss;
    }
    if (has_path) {
        Table table = output_table(&lab->path);
        landscape_write_path(lab->history, lab->session, &lab->coordinates, lab->test_split,
                             lab->loss, &table);
    }
    const bool taken = lab->table.stream == stdout || lab->path.stream == stdout;
    const Output standard = {.stream = stdout};
    Error error;
    if (has_plane && !taken) write_facts(lab, stdout);
    // Nothing gets its name before all is written.
    if ((has_path && !output_flush(&lab->path, &error)) || !output_flush(&lab->table, &error) ||
        !output_flush(&standard, &error) || (has_path && !output_commit(&lab->path, &error)) ||
        !output_commit(&lab->table, &error)) {
        return cli_fail(EXIT_FAILED, "%s", error.text);
    }
    if (has_plane && taken) write_facts(lab, stderr);
    return EXIT_DONE;
}

int cli_landscape(const Options *options) {
    int code = check_options(options);
    if (code != EXIT_DONE) return code;
    Lab lab = {.options = options, .session = job_session(options, &code)};
    if (!lab.session) return code;
    code = resolve(&lab);
    if (code == EXIT_DONE) code = open_files(&lab);
    if (code == EXIT_DONE) code = train(&lab);
    if (code == EXIT_DONE) code = make_plane(&lab);
    if (code == EXIT_DONE) code = measure(&lab);
    if (code == EXIT_DONE) code = finish(&lab);
    output_discard(&lab.table);
    output_discard(&lab.path);
    plane_release(lab.coordinates.plane);
    network_deinit(&lab.to);
    history_destroy(lab.history);
    session_destroy(lab.session);
    return code;
}
