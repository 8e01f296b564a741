#include "cli/job.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/interrupt.h"
#include "cli/progress.h"
#include "nn/weights.h"

static bool replace_data(Experiment *experiment, const char *path, Error *error) {
    DatasetDesc *data = &experiment->data;
    // A file without a split column is split as the data in whose place it stands.
    const DatasetKind *kind = dataset_kind_find(data->kind);
    float test_fraction = data->test_fraction;
    if (!data->has_test_fraction && kind) test_fraction = kind->default_test_fraction;
    DatasetDesc own = {.kind = "csv", .test_fraction = test_fraction, .has_test_fraction = true};
    if (strlen(path) >= sizeof own.file) {
        return error_set(error, "%.200s…: the name is too long", path);
    }
    memcpy(own.file, path, strlen(path) + 1);
    *data = own;
    return true;
}

Experiment *job_experiment(const Options *options, const char *fallback, int *code) {
    Error error;
    const char *name = options->n_arguments ? options->arguments[0] : fallback;
    Experiment *experiment = experiment_load(name, &error);
    if (!experiment) {
        *code = cli_fail(EXIT_FAILED, "%s", error.text);
        return NULL;
    }
    *code = EXIT_DONE;
    for (int i = 0; i < options->n_sets && *code == EXIT_DONE; i++) {
        if (!experiment_set(experiment, options->sets[i], &error))
            *code = cli_fail(EXIT_USAGE, "--set %s", error.text);
    }
    if (options_has(options, OPTION_SEED)) experiment->seed = options->seed;
    if (options_has(options, OPTION_EPOCHS)) experiment->epochs = options->epochs;
    if (*code == EXIT_DONE && options->data && !replace_data(experiment, options->data, &error))
        *code = cli_fail(EXIT_FAILED, "%s", error.text);
    if (*code == EXIT_DONE) return experiment;
    experiment_release(experiment);
    return NULL;
}

/// Whether the experiment comes from a person's file.
static bool from_file(const Options *options) {
    for (const char *const *name = experiment_names(); *name && options->n_arguments; name++) {
        if (strcmp(*name, options->arguments[0]) == 0) return false;
    }
    return options->n_arguments > 0;
}

/// Whether a message begins with that key; a * in it stands for any number.
static bool names_key(const char *message, const char *key, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if (key[i] == '*') {
            message += strspn(message, "0123456789");
        } else if (*message++ != key[i]) {
            return false;
        }
    }
    return *message == ':';
}

/// Whether --set asked for what a message says cannot be, rather than the experiment.
static bool is_set(const Options *options, const char *message) {
    for (int i = 0; i < options->n_sets; i++) {
        const char *key = options->sets[i];
        if (names_key(message, key, strcspn(key, "="))) return true;
    }
    // A built-in experiment fits as it is: what does not, one of the settings has brought.
    static const char *const parts[] = {"network.", "training.", "landscape.", "race."};
    if (options->n_sets == 0 || options->data || from_file(options)) return false;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (strncmp(message, parts[i], strlen(parts[i])) == 0) return true;
    }
    return false;
}

int job_fail(const Options *options, const char *message) {
    if (is_set(options, message)) return cli_fail(EXIT_USAGE, "--set %s", message);
    if (!from_file(options)) return cli_fail(EXIT_FAILED, "%s", message);
    return cli_fail(EXIT_FAILED, "%.300s: %s", options->arguments[0], message);
}

Session *job_session(const Options *options, int *code) {
    Experiment *experiment = job_experiment(options, NULL, code);
    if (!experiment) return NULL;
    Error error;
    Session *session = session_create(experiment, &error);
    experiment_release(experiment);
    if (!session) {
        *code = job_fail(options, error.text);
        return NULL;
    }
    const char *weights =
        options_has(options, OPTION_WEIGHTS_USE) ? options->weights : options->init;
    if (!weights || weights_load(&session->net, weights, &error)) return session;
    *code = cli_fail(EXIT_FAILED, "%s", error.text);
    session_destroy(session);
    return NULL;
}

int job_rivals(const Session *first, const Options *options) {
    return options_has(options, OPTION_WEIGHTS_USE) ? 0 : first->experiment->n_race;
}

Session *job_rival(const Session *first, int rival, int *code) {
    Error error = {"out of memory"};
    Experiment *experiment = experiment_rival(first->experiment, rival);
    Session *session = experiment ? session_create_beside(first, experiment, &error) : NULL;
    experiment_release(experiment);
    if (!session) {
        *code = cli_fail(EXIT_FAILED, "race.%d: %s", rival, error.text);
        return NULL;
    }
    memcpy(session->net.params, first->net.params, first->net.n_values * sizeof(float));
    return session;
}

/// How many samples to train on between two looks at the interrupt flag: some milliseconds' worth.
static size_t slice_samples(const Session *session) {
    size_t n = (size_t)50 * 1000 * 1000 / (session->net.n_params + 100);
    return n > 0 ? n : 1;
}

static int report_divergence(const Session *session, const Options *options, int64_t epoch) {
    bool fails = options_has(options, OPTION_FAIL_ON_DIVERGENCE);
    if (!fails && options_has(options, OPTION_QUIET)) return EXIT_DONE;
    return cli_fail(fails ? EXIT_FAILED : EXIT_DONE,
                    "%s: training diverged in epoch %" PRId64
                    " (the loss is no longer finite); %s: try a smaller "
                    "--set training.optimizer.learning_rate=… than %.9g",
                    session->experiment->name, epoch,
                    fails ? "nothing was written" : "going on with the epoch before",
                    (double)session->optimizer.desc.learning_rate);
}

/// Looks at an epoch's end, unless its callback has: early stopping may end the run, and weights
/// may have grown so large that the loss is not finite though every step's was. The last epoch is
/// looked at in any case.  @return whether training ends
static bool ends_here(Session *session, bool last) {
    if (!session->diverged && (last || (session_watches(session) && !session->judged))) {
        Metrics metrics;
        session_measure(session, &metrics);
        if (isfinite(metrics.train_loss))
            session_judge(session, &metrics);
        else
            session_diverge(session);
    }
    return session->diverged || session->stopped;
}

static void report_stop(const Session *session, const Options *options) {
    if (options_has(options, OPTION_QUIET)) return;
    char text[160];
    session_describe_stop(session, text, sizeof text);
    cli_fail(EXIT_DONE, "%s: %s", session->experiment->name, text);
}

int job_train(Session *session, const Options *options, JobEpoch epoch, void *context,
              JobTraining *result) {
    return job_train_with(session, options, epoch, NULL, context, result);
}

/// Trains to the end, with a line of progress.
/// @param what  that line's first words
/// @return false where it was interrupted
static bool train(Session *session, const Options *options, const char *what, JobEpoch epoch,
                  double (*share)(const void *context), void *context, JobTraining *result) {
    *result = (JobTraining){.diverged_epoch = -1};
    int64_t target = session->experiment->epochs;
    if (options_has(options, OPTION_WEIGHTS_USE)) target = session->epoch;

    Progress progress;
    progress_begin(&progress, what, options_has(options, OPTION_QUIET));
    size_t slice = slice_samples(session);
    bool going = !epoch || epoch(context, session, (double)NAN);
    while (going && session->epoch < target && !interrupted()) {
        double running_loss = (double)NAN;
        bool ended = false;
        while (!ended && !session->diverged && !interrupted()) {
            ended = session_train(session, slice, &running_loss);
        }
        if (session->diverged || !ended) break;
        if (epoch) going = epoch(context, session, running_loss);
        if (ends_here(session, session->epoch >= target)) break;
        const double done = share ? share(context) : (double)session->epoch / (double)target;
        progress_update_share(&progress, session->epoch, target, running_loss, done);
    }
    progress_end(&progress);
    if (session->diverged) // and is back at the epoch before
        *result = (JobTraining){.diverged = true, .diverged_epoch = session->epoch + 1};
    result->stopped = session->stopped;
    return !interrupted();
}

int job_train_with(Session *session, const Options *options, JobEpoch epoch,
                   double (*share)(const void *context), void *context, JobTraining *result) {
    JobTraining none;
    if (!result) result = &none;
    if (!train(session, options, "epoch", epoch, share, context, result)) return EXIT_INTERRUPTED;
    if (result->stopped) report_stop(session, options);
    if (result->diverged) return report_divergence(session, options, result->diverged_epoch);
    return EXIT_DONE;
}

int job_rehearse(Session *session, const Options *options, JobEpoch epoch, void *context,
                 int64_t *last, JobTraining *result) {
    void *start = malloc(session_state_size(session));
    if (!start) return cli_fail(EXIT_FAILED, "%s: out of memory", session->experiment->name);
    session_save_state(session, start);
    const bool good = train(session, options, "rehearsal: epoch", epoch, NULL, context, result);
    *last = session->epoch;
    session_load_state(session, start);
    free(start);
    return good ? EXIT_DONE : EXIT_INTERRUPTED;
}

JobSplit job_split(const Dataset *data, bool test) {
    if (!test) return (JobSplit){.x = data->x, .t = data->t, .n = data->n_train};
    return (JobSplit){.x = data->x + data->n_train * (size_t)data->n_inputs,
                      .t = data->t + data->n_train * (size_t)data->n_outputs,
                      .n = data->n - data->n_train};
}
