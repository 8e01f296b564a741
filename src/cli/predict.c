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

static void write_rows(const Network *net, const float *x, const float *y, size_t n, Table *table) {
    for (size_t i = 0; i < n; i++) {
        for (int j = 0; j < net->n_inputs; j++) table_float(table, *x++);
        for (int k = 0; k < net->n_outputs; k++) table_float(table, *y++);
        table_end_row(table);
    }
}

static int predict(Session *session, const Points *points, Output *output) {
    const Network *net = &session->net;
    float *y = malloc(BLOCK * (size_t)net->n_outputs * sizeof *y);
    if (!y) return cli_fail(EXIT_FAILED, "%s: out of memory", session->experiment->name);
    Table table = output_table(output);
    output_sample_columns(&table, net->n_inputs, net->n_outputs);
    table_end_header(&table);
    for (size_t at = 0; at < points->n && !interrupted() && !table_failed(&table); at += BLOCK) {
        size_t n = points->n - at < BLOCK ? points->n - at : BLOCK;
        const float *x = points->x + at * (size_t)net->n_inputs;
        network_predict(net, &session->measure, x, n, y);
        write_rows(net, x, y, n, &table);
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
