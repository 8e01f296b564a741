// `saddle bench`: the table of jobs, and what prints their results.
#include "cli/bench.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/subcommands.h"
#include "train/session.h"

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double bench_median(double *values, int n) {
    qsort(values, (size_t)n, sizeof *values, compare);
    return values[n / 2];
}

double bench_seconds(void) {
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec + 1e-9 * (double)used.tv_nsec;
}

Session *bench_session(const char *name, const char *const *changes, Error *error) {
    Experiment *experiment = experiment_load(name, error);
    if (!experiment) return NULL;
    bool good = true;
    for (; good && changes && *changes; changes++) {
        good = experiment_set(experiment, *changes, error);
    }
    Session *session = good ? session_create(experiment, error) : NULL;
    experiment_release(experiment);
    return session;
}

typedef struct BenchEntry {
    const char *name, *description;
    BenchJob job;
} BenchEntry;

static const BenchEntry jobs[] = {
    {"train-paraboloid", "per-sample training", bench_train_paraboloid},
    {"train-xor-shallow", "per-sample training, four weight layers", bench_train_xor_shallow},
    {"train-xor-deep", "per-sample training, twelve weight layers", bench_train_xor_deep},
    {"sweep-xor-shallow", "256 seeds of xor-shallow, a network in each vector lane",
     bench_sweep_xor_shallow},
    {"train-digits", "an epoch of 60,000 images, 784-64-64-10, batch 128", bench_train_digits},
    {"landscape-output", "256x256 over two weights of the output layer, xor-shallow",
     bench_landscape_output},
    {"landscape-first", "256x256 over two weights of the first layer, xor-shallow",
     bench_landscape_first},
    {"landscape-residual", "64x64 over two weights of the second of twelve layers",
     bench_landscape_residual},
    {"landscape-error-surface", "80x80 with 10,000 points", bench_landscape_error_surface},
    {"landscape-layers", "32x32 over two weights of two neurons of each of twelve layers",
     bench_landscape_layers},
    {"frame-training", "a frame of xor-shallow at 1280x720 while it trains", bench_frame_training},
    {"frame-turning", "the same while the landscape is turned", bench_frame_turning},
    {"start-to-first-frame", "context, shaders, fonts, data, threads and one frame",
     bench_first_frame},
    {"live-landscape", "64x64 surveys of xor-shallow at full speed, all drawn beside it",
     bench_live_landscape},
    {"live-landscapes", "surveys of all 12 layers' 32x32 landscapes, of xor-deep",
     bench_live_landscapes},
    {"live-refine", "from a pause to the 256x256 surface on the display", bench_live_refine},
    {"live-training", "the share of training's speed that surveys and drawing leave",
     bench_live_training},
    {"live-stale",
     "from another wish to its result, a 256x256 surface of xor-shallow in the making",
     bench_stale_surface},
    {"live-stale-layers", "the same in the midst of all 12 layers' landscapes, of xor-deep",
     bench_stale_layers},
    {"live-stale-digits", "over two weights of the first layer, 60,000 images", bench_stale_digits},
    {"live-stale-clouds", "in the midst of what those layers make of the images",
     bench_stale_clouds},
    {"live-stale-pca", "in the search for the main directions of that network's path",
     bench_stale_pca},
    {"live-stale-hessian", "for those in which its loss bends most", bench_stale_hessian},
    {"encode-gif", "a GIF of 300 pictures of a landscape, 640x360", bench_encode_gif},
    {"encode-gif-turning", "the same while it is turned once around", bench_encode_gif_turning},
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
    BenchResult result = {0};
    Error error = {0};
    if (!entry->job(&result, &error))
        return cli_fail(EXIT_FAILED, "bench %s: %s", entry->name, error.text);
    if (interrupted()) return EXIT_INTERRUPTED;
    printf("{\"job\": \"%s\", \"seconds\": %.6g, \"rate\": %.6g, \"unit\": \"%s\", "
           "\"statistic\": \"%s\"",
           entry->name, result.seconds, result.rate, result.unit, result.statistic);
    if (result.worst > 0) printf(", \"worst\": %.6g", result.worst);
    puts("}");
    Output standard = {.stream = stdout};
    return output_commit(&standard, &error) ? EXIT_DONE : cli_fail(EXIT_FAILED, "%s", error.text);
}

int cli_bench(const Options *options) {
    for (int i = 0; i < options->n_arguments; i++) {
        if (find(options->arguments[i])) continue;
        char names[1000] = "";
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
