// `saddle landscape`: the loss over two parameters, as a table.
#include <math.h>
#include <stdlib.h>

#include "base/parallel.h"
#include "cli/interrupt.h"
#include "cli/job.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/subcommands.h"
#include "nn/landscape.h"

enum { BAND_POINTS = 1 << 18 }; // measured and written at a time: memory stays small

/// A surface to measure: resolved from options and experiment.
typedef struct Surface {
    ParamRef axes[2];
    size_t at[2]; // in the parameters
    double range[2][2];
    bool relative, test_split;
    int grid[2];
} Surface;

static int resolve(Surface *surface, const Session *session, const Options *options) {
    const Experiment *experiment = session->experiment;
    *surface = (Surface){
        .relative = options_has(options, OPTION_RELATIVE) ||
                    (experiment->landscape.relative && !options_has(options, OPTION_RANGE)),
        .test_split = options_has(options, OPTION_SPLIT) ? options->test_split
                                                         : experiment->landscape.test_split};
    experiment_axes(experiment, &session->net, surface->axes);
    for (int k = 0; k < 2; k++) {
        if (options_has(options, OPTION_AXES)) surface->axes[k] = options->axes[k];
        surface->grid[k] =
            options_has(options, OPTION_GRID) ? options->grid[k] : experiment->landscape.grid[k];
        for (int end = 0; end < 2; end++) {
            surface->range[k][end] = options_has(options, OPTION_RANGE)
                                         ? options->range[k][end]
                                         : experiment->landscape.range[k][end];
        }
        Error error;
        if (!network_locate(&session->net, surface->axes[k], &surface->at[k], &error)) {
            return cli_fail(EXIT_USAGE, "--axes %s", error.text);
        }
    }
    if (job_split(session->data, surface->test_split).n == 0) {
        return cli_fail(options_has(options, OPTION_SPLIT) ? EXIT_USAGE : EXIT_FAILED,
                        "%s: has no test samples: try --set data.test_fraction=0.3",
                        experiment->name);
    }
    return EXIT_DONE;
}

/// A band of rows in the making, for parallel_for.
typedef struct Band {
    const Landscape *landscape;
    const double *a, *b; // the axes' values, absolute
    int first;           // the band's first row
    int columns;
    float *loss; // (rows of the band, columns)
} Band;

static void measure_rows(void *context, int first, int last) {
    const Band *band = context;
    landscape_rows(band->landscape, band->a, band->b, band->first + first, band->first + last,
                   band->columns, band->loss + (size_t)first * (size_t)band->columns,
                   interrupted_cancel, NULL);
}

static void write_band(const Band *band, int rows, FILE *stream) {
    for (int i = 0; i < rows; i++) {
        for (int j = 0; j < band->columns; j++) {
            output_double(stream, band->a[band->first + i]);
            fputc(',', stream);
            output_double(stream, band->b[j]);
            fputc(',', stream);
            output_float(stream, band->loss[(size_t)i * (size_t)band->columns + (size_t)j]);
            fputc('\n', stream);
        }
    }
}

static void measure(const Surface *surface, Band *band, Output *output, bool quiet) {
    Progress progress;
    progress_begin(&progress, "row", quiet);
    fputs("a,b,loss\n", output->stream);
    int n = surface->grid[0];
    int height = BAND_POINTS / band->columns;
    if (height < 1) height = 1;
    for (; band->first < n && !output_failed(output); band->first += height) {
        int rows = n - band->first < height ? n - band->first : height;
        parallel_for(rows, 1, 0, measure_rows, band);
        if (interrupted()) break;
        write_band(band, rows, output->stream);
        progress_update(&progress, band->first + rows, n, (double)NAN);
    }
    progress_end(&progress);
}

static int landscape(const Surface *surface, const Session *session, const Options *options,
                     Output *output) {
    JobSplit split = job_split(session->data, surface->test_split);
    LandscapeDesc desc = {.net = &session->net,
                          .a = surface->axes[0],
                          .b = surface->axes[1],
                          .loss = session->experiment->loss,
                          .x = split.x,
                          .t = split.t,
                          .n = split.n};
    Error error;
    Landscape *made = landscape_create(&desc, &error);
    if (!made) return cli_fail(EXIT_FAILED, "%s", error.text);

    size_t n = (size_t)surface->grid[0], m = (size_t)surface->grid[1];
    double *values = malloc((n + m) * sizeof *values);
    size_t points = n * m < (size_t)BAND_POINTS ? n * m : (size_t)BAND_POINTS;
    float *loss = malloc((points > m ? points : m) * sizeof *loss);
    int code = EXIT_DONE;
    if (!values || !loss) {
        code = cli_fail(EXIT_FAILED, "%s: out of memory", session->experiment->name);
    } else {
        double *axis[2] = {values, values + n};
        for (int k = 0; k < 2; k++) {
            double from = surface->relative ? (double)session->net.params[surface->at[k]] : 0;
            landscape_axis(from + surface->range[k][0], from + surface->range[k][1],
                           surface->grid[k], axis[k]);
        }
        Band band = {
            .landscape = made, .a = axis[0], .b = axis[1], .columns = (int)m, .loss = loss};
        measure(surface, &band, output, options_has(options, OPTION_QUIET));
        if (interrupted())
            code = EXIT_INTERRUPTED;
        else if (!output_commit(output, &error))
            code = cli_fail(EXIT_FAILED, "%s", error.text);
    }
    free(loss);
    free(values);
    landscape_destroy(made);
    return code;
}

int cli_landscape(const Options *options) {
    int code;
    Session *session = job_session(options, &code);
    if (!session) return code;
    Surface surface;
    Error error;
    Output output = {0};
    code = resolve(&surface, session, options);
    if (code == EXIT_DONE && !output_open(&output, options->output, &error))
        code = cli_fail(EXIT_FAILED, "%s", error.text);
    if (code == EXIT_DONE) code = job_train(session, options, NULL, NULL, NULL);
    if (code == EXIT_DONE) code = landscape(&surface, session, options, &output);
    output_discard(&output);
    session_destroy(session);
    return code;
}
