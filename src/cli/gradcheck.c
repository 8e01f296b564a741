// `saddle gradcheck`: analytic against numerical gradients, a row a parameter array.
#include "nn/gradcheck.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/interrupt.h"
#include "cli/job.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/subcommands.h"

enum {
    MOST = 256, // parameters checked of an array, a few seconds allowing
    LEAST = 8,  // parameters and samples, however large the network
};
/// What a check may take, in multiplications of the reference: some seconds.
#define WORK 2e9

/// Samples to check on, and how many parameters of an array.
typedef struct Extent {
    int samples, most;
} Extent;

static Extent choose_extent(const Session *session) {
    const Network *net = &session->net;
    Extent extent = {.most = MOST};
    double sample;
    for (;; extent.most /= 2) {
        sample = (double)gradcheck_losses(net, extent.most) * (double)net->n_params;
        if (extent.most <= LEAST || sample * LEAST <= WORK) break;
    }
    double affordable = fmax(LEAST, floor(WORK / sample));
    extent.samples = affordable < (double)session->batch ? (int)affordable : session->batch;
    return extent;
}

/// Copies the first samples that training would meet now.
static void gather(const Session *session, int n, float *x, float *t) {
    const Dataset *data = session->data;
    const size_t inputs = (size_t)data->n_inputs, outputs = (size_t)data->n_outputs;
    for (size_t i = 0; i < (size_t)n; i++) {
        const size_t at = session->order ? session->order[i] : i;
        memcpy(x + i * inputs, data->x + at * inputs, inputs * sizeof *x);
        memcpy(t + i * outputs, data->t + at * outputs, outputs * sizeof *t);
    }
}

static void print_row(const GradcheckRow *row) {
    char shape[32], checked[64];
    if (row->array.cols > 0)
        snprintf(shape, sizeof shape, "%dx%d", row->array.rows, row->array.cols);
    else
        snprintf(shape, sizeof shape, "%d", row->array.rows);
    if (row->checked == row->size)
        snprintf(checked, sizeof checked, "%zu", row->checked);
    else
        snprintf(checked, sizeof checked, "%zu of %zu", row->checked, row->size);
    printf("%-18s  %-9s  %-15s  %8zu  %14.2e  %s\n", row->array.name, shape, checked, row->left_out,
           row->error,
           !row->good         ? "FAIL"
           : row->checked > 0 ? "ok"
                              : "-");
}

/// What all rows came to.
typedef struct Verdict {
    int arrays, failed, unchecked;
    GradcheckRow worst;
} Verdict;

static void add_row(Verdict *verdict, const GradcheckRow *row) {
    // NaN is worse than anything.
    if (verdict->arrays == 0 || !(row->error <= verdict->worst.error)) verdict->worst = *row;
    verdict->arrays++;
    verdict->failed += !row->good;
    verdict->unchecked += row->checked == 0;
}

static int print_verdict(const Verdict *verdict, const char *name, bool quiet) {
    const double limit = GRADCHECK_LIMIT;
    if (quiet) {
        // The table says it.
    } else if (verdict->failed > 0) {
        printf("FAIL: %d of %d arrays are more than %g off\n", verdict->failed, verdict->arrays,
               limit);
    } else {
        printf("ok: all %d arrays are at most %g off; the worst is %s, %.2e\n", verdict->arrays,
               limit, verdict->worst.array.name, verdict->worst.error);
        if (verdict->unchecked > 0)
            printf("    (%d of them lie at kinks as wholes)\n", verdict->unchecked);
    }
    Output standard = {.stream = stdout};
    Error error;
    if (!output_commit(&standard, &error)) return cli_fail(EXIT_FAILED, "%s", error.text);
    if (verdict->failed == 0) return EXIT_DONE;
    return cli_fail(EXIT_FAILED, "%s: gradients differ: %s is %.2e off, more than %g", name,
                    verdict->worst.array.name, verdict->worst.error, limit);
}

static int check_arrays(Gradcheck *check, const Session *session, const Options *options,
                        Extent extent) {
    const char *name = session->experiment->name;
    const bool quiet = options_has(options, OPTION_QUIET);
    if (!quiet) {
        printf("%s at epoch %" PRId64
               ", the next batch: %d of %d samples, differences of step %g\n",
               name, session->epoch, extent.samples, session->batch, GRADCHECK_STEP);
    }
    printf("%-18s  %-9s  %-15s  %8s  %14s\n", "array", "shape", "checked", "left out",
           "relative error");
    NetworkArray array;
    int n = 0;
    while (network_array(&session->net, n, &array) && array.trained) n++;
    Progress progress;
    Verdict verdict = {0};
    GradcheckRow row;
    progress_begin(&progress, "array", quiet);
    for (int i = 0; !interrupted() && gradcheck_row(check, i, &row); i++) {
        progress_end(&progress);
        print_row(&row);
        add_row(&verdict, &row);
        progress_update(&progress, i + 1, n, (double)NAN);
    }
    progress_end(&progress);
    if (interrupted()) return EXIT_INTERRUPTED;
    return print_verdict(&verdict, name, quiet);
}

static int gradcheck(const Session *session, const Options *options) {
    const Experiment *experiment = session->experiment;
    const Network *net = &session->net;
    const Extent extent = choose_extent(session);
    const size_t n = (size_t)extent.samples;
    float *x = malloc(n * (size_t)net->n_inputs * sizeof *x);
    float *t = malloc(n * (size_t)net->n_outputs * sizeof *t);
    Gradcheck *check = NULL;
    if (x && t) {
        gather(session, extent.samples, x, t);
        check = gradcheck_create(&(GradcheckDesc){.net = net,
                                                  .loss = experiment->loss,
                                                  .l1 = experiment->l1,
                                                  .l2 = experiment->l2,
                                                  .x = x,
                                                  .t = t,
                                                  .n = extent.samples,
                                                  .most = extent.most,
                                                  .seed = experiment->seed});
    }
    int code = check ? check_arrays(check, session, options, extent)
                     : cli_fail(EXIT_FAILED, "%s: out of memory", experiment->name);
    gradcheck_destroy(check);
    free(t);
    free(x);
    return code;
}

int cli_gradcheck(const Options *options) {
    int code;
    Session *session = job_session(options, &code);
    if (!session) return code;
    if (session->experiment->optimizer.kind == OPTIMIZER_PERCEPTRON) {
        printf("%s: the perceptron rule follows no gradient: there is nothing to check\n",
               session->experiment->name);
    } else {
        // As it starts, unless it is said how far to train.
        if (options_has(options, OPTION_EPOCHS))
            code = job_train(session, options, NULL, NULL, NULL);
        if (code == EXIT_DONE) code = gradcheck(session, options);
    }
    session_destroy(session);
    return code;
}
