// `saddle train`: trains with no window; writes metrics and weights where asked for.
#include "cli/subcommands.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "cli/interrupt.h"
#include "cli/job.h"
#include "cli/output.h"
#include "nn/metrics.h"
#include "nn/weights.h"

/// The metrics file under way, and what measuring needs.
typedef struct MetricsLog {
    Output output;
    Table table;
    float *grad;  // n_params
    double *sums; // n_params
} MetricsLog;

static void write_header(const Session *session, Table *table) {
    static const char *const names[] = {"epoch",         "step",           "running_loss",
                                        "train_loss",    "train_accuracy", "test_loss",
                                        "test_accuracy", "learning_rate"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) table_column(table, names[i]);
    table_columns(table, "grad_norm_", session->net.n_layers, 0);
    table_columns(table, "bias_grad_norm_", session->net.n_layers, 0);
    table_end_header(table);
}

static bool write_row(void *context, Session *session, double running_loss) {
    MetricsLog *log = context;
    Table *table = &log->table;
    Metrics metrics;
    session_measure(session, &metrics);
    if (session->epoch > 0 && !isfinite(metrics.train_loss)) {
        session_diverge(session); // the epoch is not one of the run
        return true;
    }
    double weight[NETWORK_LAYERS_MAX], bias[NETWORK_LAYERS_MAX];
    JobSplit train = job_split(session->data, false);
    metrics_grad_norms(&session->net, &session->measure, session->experiment->loss, train.x,
                       train.t, train.n, log->grad, log->sums, weight, bias);

    table_integer(table, session->epoch);
    table_integer(table, session->step);
    const double values[] = {running_loss, metrics.train_loss, metrics.train_accuracy,
                             metrics.test_loss, metrics.test_accuracy};
    for (int i = 0; i < 5; i++) table_double(table, values[i]);
    // The rate that the epoch was trained with; in the first row, the first epoch's.
    int64_t last = session->epoch > 0 ? session->epoch - 1 : 0;
    table_float(table, session_learning_rate(session, last));
    for (int l = 0; l < session->net.n_layers; l++) table_double(table, weight[l]);
    for (int l = 0; l < session->net.n_layers; l++) table_double(table, bias[l]);
    table_end_row(table);
    session_judge(session, &metrics);
    return !table_failed(table);
}

static void print_part(const char *name, double loss, double accuracy) {
    if (!isnan(loss)) printf(", %s loss %.6g", name, loss);
    if (!isnan(accuracy)) printf(", %s accuracy %.4g %%", name, 100 * accuracy);
}

/// One line for a person, where standard output is not the log.
static int print_summary(Session *session) {
    Metrics metrics;
    session_measure(session, &metrics);
    printf("%s: epoch %" PRId64, session->experiment->name, session->epoch);
    print_part("train", metrics.train_loss, metrics.train_accuracy);
    print_part("test", metrics.test_loss, metrics.test_accuracy);
    putchar('\n');
    Output standard = {.stream = stdout};
    Error error;
    return output_commit(&standard, &error) ? EXIT_DONE : cli_fail(EXIT_FAILED, "%s", error.text);
}

static int finish(Session *session, const Options *options, MetricsLog *log) {
    Error error;
    bool log_on_stdout = options->log && log->output.stream == stdout;
    // The log first: where it could not be written, training stopped early.
    if (options->log && !output_commit(&log->output, &error))
        return cli_fail(EXIT_FAILED, "%s", error.text);
    if (options->weights && !weights_save(&session->net, options->weights, &error))
        return cli_fail(EXIT_FAILED, "%s", error.text);
    if (options_has(options, OPTION_QUIET) || log_on_stdout) return EXIT_DONE;
    return print_summary(session);
}

static int train(Session *session, const Options *options) {
    Error error;
    MetricsLog log = {0};
    if (options->weights && !output_probe(options->weights, &error))
        return cli_fail(EXIT_FAILED, "%s", error.text);
    if (options->log) {
        log.grad = malloc(session->net.n_params * sizeof *log.grad);
        log.sums = malloc(session->net.n_params * sizeof *log.sums);
    }
    int code = EXIT_DONE;
    if (options->log && (!log.grad || !log.sums)) {
        code = cli_fail(EXIT_FAILED, "%s: out of memory", options->arguments[0]);
    } else if (options->log && !output_open(&log.output, options->log, &error)) {
        code = cli_fail(EXIT_FAILED, "%s", error.text);
    } else {
        if (options->log) {
            log.table = output_table(&log.output);
            write_header(session, &log.table);
        }
        code = job_train(session, options, options->log ? write_row : NULL, &log, NULL);
    }
    if (code == EXIT_DONE) code = finish(session, options, &log);
    output_discard(&log.output);
    free(log.sums);
    free(log.grad);
    return code;
}

int cli_train(const Options *options) {
    int code;
    Session *session = job_session(options, &code);
    if (!session) return code;
    code = train(session, options);
    session_destroy(session);
    return code;
}
