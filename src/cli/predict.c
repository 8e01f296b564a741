// `saddle predict`: the network's outputs at a file's points.
#include <stdlib.h>

#include "cli/interrupt.h"
#include "cli/job.h"
#include "cli/output.h"
#include "cli/subcommands.h"

enum { BLOCK = 4096 }; // points between two looks at the interrupt flag

typedef struct Points {
    float *x; // (n, n_inputs)
    size_t n;
} Points;

static void write_rows(const Network *net, const float *x, const float *y, size_t n, FILE *stream) {
    for (size_t i = 0; i < n; i++) {
        for (int j = 0; j < net->n_inputs; j++) {
            if (j) fputc(',', stream);
            output_float(stream, x[i * (size_t)net->n_inputs + (size_t)j]);
        }
        for (int k = 0; k < net->n_outputs; k++) {
            fputc(',', stream);
            output_float(stream, y[i * (size_t)net->n_outputs + (size_t)k]);
        }
        fputc('\n', stream);
    }
}

static int predict(Session *session, const Points *points, Output *output) {
    const Network *net = &session->net;
    float *y = malloc(BLOCK * (size_t)net->n_outputs * sizeof *y);
    if (!y) return cli_fail(EXIT_FAILED, "%s: out of memory", session->experiment->name);
    output_names(output->stream, "x", net->n_inputs, true);
    fputc(',', output->stream);
    output_names(output->stream, "y", net->n_outputs, false);
    fputc('\n', output->stream);
    for (size_t at = 0; at < points->n && !interrupted() && !output_failed(output); at += BLOCK) {
        size_t n = points->n - at < BLOCK ? points->n - at : BLOCK;
        const float *x = points->x + at * (size_t)net->n_inputs;
        network_predict(net, &session->measure, x, n, y);
        write_rows(net, x, y, n, output->stream);
    }
    free(y);
    if (interrupted()) return EXIT_INTERRUPTED;
    Error error;
    if (output_commit(output, &error)) return EXIT_DONE;
    return cli_fail(EXIT_FAILED, "%s", error.text);
}

int cli_predict(const Options *options) {
    if (!options->points) {
        return cli_fail(EXIT_USAGE, "predict: needs --points FILE.csv (see saddle predict --help)");
    }
    int code;
    Session *session = job_session(options, &code);
    if (!session) return code;
    Error error;
    Points points = {0};
    Output output = {0};
    if (!dataset_read_inputs(options->points, session->net.n_inputs, &points.x, &points.n,
                             &error) ||
        !output_open(&output, options->output, &error)) {
        code = cli_fail(EXIT_FAILED, "%s", error.text);
    } else {
        code = job_train(session, options, NULL, NULL, NULL);
        if (code == EXIT_DONE) code = predict(session, &points, &output);
    }
    output_discard(&output);
    free(points.x);
    session_destroy(session);
    return code;
}
