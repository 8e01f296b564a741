// `saddle bench`: the table of jobs, and those that need no window. Training and landscapes run on
// one core, so that numbers compare between machines.
#include "cli/bench.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/interrupt.h"
#include "cli/job.h"
#include "cli/output.h"
#include "cli/subcommands.h"
#include "nn/landscape.h"

enum { REPEATS = 7 };

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double bench_median(double *values, int n) {
    qsort(values, (size_t)n, sizeof *values, compare);
    return values[n / 2];
}

static Session *open_session(const char *name, Error *error) {
    Experiment *experiment = experiment_load(name, error);
    if (!experiment) return NULL;
    Session *session = session_create(experiment, error);
    experiment_release(experiment);
    return session;
}

/// Per-sample training from the initial weights, for about a tenth of a second a repetition.
static bool training(const char *name, BenchResult *result, Error *error) {
    Session *session = open_session(name, error);
    if (!session) return false;
    double best = HUGE_VAL, samples = 0;
    for (int repeat = 0; repeat < REPEATS && !interrupted(); repeat++) {
        session_reset(session);
        double start = clock_seconds(), took = 0;
        int64_t epochs = 0;
        while (took < 0.1 && !session->diverged) {
            for (int i = 0; i < 10; i++) session_step(session, STEP_EPOCH, NULL);
            epochs += 10;
            took = clock_seconds() - start;
        }
        double n = (double)epochs * (double)session->data->n_train;
        if (took / n < best / (samples > 0 ? samples : 1)) best = took, samples = n;
    }
    *result = (BenchResult){best, samples / best, "samples/s", "best of 7"};
    session_destroy(session);
    return true;
}

static bool train_paraboloid(BenchResult *result, Error *error) {
    return training("paraboloid", result, error);
}

static bool train_xor_shallow(BenchResult *result, Error *error) {
    return training("xor-shallow", result, error);
}

static bool train_xor_deep(BenchResult *result, Error *error) {
    return training("xor-deep", result, error);
}

/// A surface over the first two weights of a neuron, preparation included, all samples.
static bool surface(const char *name, int layer, int second_layer, int grid, BenchResult *result,
                    Error *error) {
    Session *session = open_session(name, error);
    if (!session) return false;
    size_t points = (size_t)grid * (size_t)grid;
    float *loss = malloc(points * sizeof *loss);
    double *axis = malloc((size_t)grid * sizeof *axis);
    bool good = loss && axis ? true : error_set(error, "bench: out of memory");
    double best = HUGE_VAL;
    if (good) landscape_axis(-5, 5, grid, axis);
    for (int repeat = 0; good && repeat < REPEATS && !interrupted(); repeat++) {
        LandscapeDesc desc = {.net = &session->net,
                              .a = {layer, 0, 0},
                              .b = {second_layer, 0, layer == second_layer ? 1 : 0},
                              .loss = session->experiment->loss,
                              .x = session->data->x,
                              .t = session->data->t,
                              .n = session->data->n};
        double start = clock_seconds();
        Landscape *landscape = landscape_create(&desc, error);
        good = landscape && landscape_rows(landscape, axis, axis, 0, grid, grid, loss, NULL, NULL);
        double took = clock_seconds() - start;
        if (took < best) best = took;
        landscape_destroy(landscape);
    }
    *result = (BenchResult){best, (double)points / best, "points/s", "best of 7"};
    free(axis);
    free(loss);
    session_destroy(session);
    return good;
}

static bool landscape_output(BenchResult *result, Error *error) {
    return surface("xor-shallow", -1, -1, 256, result, error);
}

static bool landscape_first(BenchResult *result, Error *error) {
    return surface("xor-shallow", 0, 0, 256, result, error);
}

static bool landscape_error_surface(BenchResult *result, Error *error) {
    return surface("error-surface", 0, 1, 80, result, error);
}

typedef struct BenchEntry {
    const char *name, *description;
    BenchJob job;
} BenchEntry;

static const BenchEntry jobs[] = {
    {"train-paraboloid", "per-sample training", train_paraboloid},
    {"train-xor-shallow", "per-sample training, four weight layers", train_xor_shallow},
    {"train-xor-deep", "per-sample training, twelve weight layers", train_xor_deep},
    {"landscape-output", "256x256 over two weights of the output layer, xor-shallow",
     landscape_output},
    {"landscape-first", "256x256 over two weights of the first layer, xor-shallow",
     landscape_first},
    {"landscape-error-surface", "80x80 with 10,000 points", landscape_error_surface},
    {"frame-training", "a frame of xor-shallow at 1280x720 while it trains", bench_frame_training},
    {"frame-turning", "the same while the landscape is turned", bench_frame_turning},
    {"start-to-first-frame", "context, shaders, fonts, data, threads and one frame",
     bench_first_frame},
};
enum { JOBS = sizeof jobs / sizeof jobs[0] };

static const BenchEntry *find(const char *name) {
    for (int i = 0; i < JOBS; i++) {
        if (strcmp(jobs[i].name, name) == 0) return &jobs[i];
    }
    return NULL;
}

void bench_print_jobs(void) {
    fputs("\nJobs:\n", stdout);
    for (int i = 0; i < JOBS; i++) printf("  %-24s%s\n", jobs[i].name, jobs[i].description);
}

static int run(const BenchEntry *entry) {
    BenchResult result;
    Error error = {0};
    if (!entry->job(&result, &error))
        return cli_fail(EXIT_FAILED, "bench %s: %s", entry->name, error.text);
    if (interrupted()) return EXIT_INTERRUPTED;
    printf("{\"job\": \"%s\", \"seconds\": %.6g, \"rate\": %.6g, \"unit\": \"%s\", "
           "\"statistic\": \"%s\"}\n",
           entry->name, result.seconds, result.rate, result.unit, result.statistic);
    Output standard = {.stream = stdout};
    return output_commit(&standard, &error) ? EXIT_DONE : cli_fail(EXIT_FAILED, "%s", error.text);
}

int cli_bench(const Options *options) {
    for (int i = 0; i < options->n_arguments; i++) {
        if (find(options->arguments[i])) continue;
        char names[400] = "";
        for (int j = 0; j < JOBS; j++) {
            strncat(names, j ? ", " : "", sizeof names - strlen(names) - 1);
            strncat(names, jobs[j].name, sizeof names - strlen(names) - 1);
        }
        return cli_fail(EXIT_USAGE, "bench %.60s: no such job; there are %s", options->arguments[i],
                        names);
    }
    int n = options->n_arguments ? options->n_arguments : JOBS;
    int worst = EXIT_DONE;
    for (int i = 0; i < n && worst != EXIT_INTERRUPTED; i++) {
        int code = run(options->n_arguments ? find(options->arguments[i]) : &jobs[i]);
        if (code != EXIT_DONE) worst = code;
    }
    return worst;
}
