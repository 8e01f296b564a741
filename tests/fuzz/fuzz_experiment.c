/// Experiment files. An input is a file's text; after a zero byte there may be settings as --set
/// takes them, each ended by a zero byte. An empty text stands for a built-in experiment.
///
/// What parses is printed, and must be read back to the same text; each setting is made, or refused
/// with the experiment unchanged; and where the network is small it is built and trained a little.
#include <math.h>

#include "train/session.h"

#include "fuzz.h"

enum {
    SMALL_UNITS = 32,
    SMALL_LAYERS = 8,
    SMALL_SAMPLES = 12,
    SETTINGS_MAX = 8,
    TEXT_MAX = 1 << 16
};

static Experiment *parse(const char *text, size_t length) {
    Error error = {""};
    Experiment *experiment = experiment_parse(text, length, "fuzz.json", &error);
    if (!experiment) fuzz_check_error(&error);
    return experiment;
}

/// @return what the experiment prints as, which must be read back to the same; the caller frees it
static char *check_print(const Experiment *experiment) {
    char *text = experiment_print(experiment);
    fuzz_check(text);
    Error error = {""};
    Experiment *read = experiment_parse(text, strlen(text), "fuzz.json", &error);
    if (!read) fprintf(stderr, "%s\n%s\n", error.text, text);
    fuzz_check(read);
    char *again = experiment_print(read);
    fuzz_check(again);
    if (strcmp(text, again) != 0) fprintf(stderr, "%s\n%s\n", text, again);
    fuzz_check(strcmp(text, again) == 0);
    free(again);
    experiment_release(read);
    return text;
}

/// Makes the settings of [at, end), one after the other.
/// @param text  what the experiment prints as
static void check_settings(Experiment *experiment, char *text, const char *at, const char *end) {
    for (int i = 0; i < SETTINGS_MAX && at < end; i++) {
        const char *stop = memchr(at, '\0', (size_t)(end - at));
        size_t length = (size_t)((stop ? stop : end) - at);
        char *setting = strndup(at, length);
        fuzz_check(setting);
        Error error = {""};
        if (experiment_set(experiment, setting, &error)) {
            free(text);
            text = check_print(experiment);
        } else {
            fuzz_check_error(&error);
            char *after = experiment_print(experiment);
            fuzz_check(after && strcmp(after, text) == 0);
            free(after);
        }
        free(setting);
        at += length + 1;
    }
    free(text);
}

/// Whether it can be built and trained in no time, without a look at any file.
static bool is_small(const Experiment *experiment) {
    const char *kind = experiment->data.kind;
    if (strcmp(kind, "csv") == 0 || strcmp(kind, "digits") == 0) return false;
    if (experiment->n_layers > SMALL_LAYERS) return false;
    for (int l = 0; l < experiment->n_layers; l++) {
        if (experiment->layers[l].desc.units > SMALL_UNITS) return false;
    }
    return true;
}

static void check_training(const Experiment *experiment) {
    Experiment *small = experiment_copy(experiment);
    fuzz_check(small);
    small->data.samples = SMALL_SAMPLES;
    small->data.has_samples = true;
    Error error = {""};
    Session *session = session_create(small, &error);
    experiment_release(small);
    if (!session) {
        fuzz_check_error(&error);
        return;
    }
    Metrics metrics = {0};
    session_step(session, STEP_BATCH, &metrics.running_loss);
    for (int i = 0; i < 2; i++) session_step(session, STEP_EPOCH, &metrics.running_loss);
    session_measure(session, &metrics);
    // At an epoch's end, whatever the settings; a divergence goes back to one.
    for (size_t i = 0; i < session->net.n_values; i++) fuzz_check(isfinite(session->net.params[i]));
    session_destroy(session);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > TEXT_MAX) return 0;
    const char *text = (const char *)data;
    const char *zero = memchr(text, '\0', size);
    size_t length = zero ? (size_t)(zero - text) : size;
    Experiment *experiment =
        length == 0 && zero ? experiment_load("xor-shallow", NULL) : parse(text, length);
    if (!experiment) return 0;
    const char *settings = zero ? zero + 1 : text + size;
    check_settings(experiment, check_print(experiment), settings, text + size);
    if (is_small(experiment)) check_training(experiment);
    experiment_release(experiment);
    return 0;
}
