/// Experiments for tests of runs: small ones, written as their files are.
#ifndef TESTS_TRAIN_RUNS_H
#define TESTS_TRAIN_RUNS_H

#include <string.h>

#include "train/experiment.h"
#include "train/session.h"

#include "support.h"

/// xor, 2-3-1 tanh, in batches that do not divide the samples, shuffled.
#define SMALL                                                                                      \
    "{\"saddle\": 1, \"name\": \"small\", \"seed\": 3,"                                            \
    " \"data\": {\"kind\": \"xor\", \"samples\": 50, \"test_fraction\": 0.2},"                     \
    " \"network\": {\"init\": \"torch_linear\", \"layers\": ["                                     \
    "  {\"units\": 3, \"activation\": \"tanh\"}, {\"units\": 1}]},"                                \
    " \"training\": {\"loss\": \"mse\", \"batch_size\": 7, \"shuffle\": true, \"epochs\": 20,"     \
    "  \"optimizer\": {\"kind\": \"sgd\", \"learning_rate\": 0.1, \"momentum\": 0.5}}}"

/// A built-in experiment by name, or one from its text, with settings changed.
/// @param settings  "KEY=VALUE" strings, ended by NULL; may be NULL
static inline Experiment *make_experiment(const char *name_or_text, const char *const *settings) {
    Error error = {""};
    Experiment *experiment =
        name_or_text[0] == '{'
            ? experiment_parse(name_or_text, strlen(name_or_text), "test", &error)
            : experiment_load(name_or_text, &error);
    if (!experiment) fail_msg("%s", error.text);
    for (; settings && *settings; settings++) {
        if (!experiment_set(experiment, *settings, &error)) fail_msg("%s", error.text);
    }
    return experiment;
}

static inline Session *make_session(const char *name_or_text, const char *const *settings) {
    Error error = {""};
    Experiment *experiment = make_experiment(name_or_text, settings);
    Session *session = session_create(experiment, &error);
    experiment_release(experiment);
    if (!session) fail_msg("%s", error.text);
    return session;
}

static inline void assert_same_floats(const float *a, const float *b, size_t n) {
    assert_memory_equal(a, b, n * sizeof *a);
}

/// The whole training state, to the bit.
static inline void assert_same_state(const Session *a, const Session *b) {
    assert_same_floats(a->net.params, b->net.params, a->net.n_params);
    assert_same_floats(a->optimizer.velocity, b->optimizer.velocity, a->net.n_params);
    assert_int_equal(a->epoch, b->epoch);
    assert_int_equal(a->step, b->step);
    assert_int_equal(a->cursor, b->cursor);
    if (a->order) assert_memory_equal(a->order, b->order, a->data->n_train * sizeof *a->order);
}

#endif
