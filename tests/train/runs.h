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

/// All at once of what makes a step depend on more than weights: adam, a schedule, penalties,
/// dropout, both norms, a residual layer, early stopping (that never comes to it).
#define RICH                                                                                       \
    "{\"saddle\": 1, \"name\": \"rich\", \"seed\": 5,"                                             \
    " \"data\": {\"kind\": \"moons\", \"samples\": 50, \"noise\": 0.4, \"test_fraction\": 0.3},"   \
    " \"network\": {\"init\": \"he_normal\", \"layers\": ["                                        \
    "  {\"units\": 4, \"activation\": \"relu\", \"norm\": \"batch\"},"                             \
    "  {\"units\": 4, \"activation\": \"tanh\", \"norm\": \"layer\", \"dropout\": 0.25,"           \
    "   \"residual\": true}, {\"units\": 1, \"activation\": \"sigmoid\"}]},"                       \
    " \"training\": {\"loss\": \"bce\", \"batch_size\": 4, \"shuffle\": true, \"epochs\": 20,"     \
    "  \"l1\": 1e-4, \"l2\": 1e-3, \"early_stopping\": {\"patience\": 1000},"                      \
    "  \"schedule\": {\"kind\": \"warmup_cosine\", \"warmup\": 3, \"epochs\": 70},"                \
    "  \"optimizer\": {\"kind\": \"adam\", \"learning_rate\": 0.05}}}"

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
    assert_same_floats(a->net.params, b->net.params, a->net.n_values);
    assert_same_floats(a->optimizer.state, b->optimizer.state, a->optimizer.n_state);
    assert_int_equal(a->optimizer.steps, b->optimizer.steps);
    assert_memory_equal(&a->buffers.dropout, &b->buffers.dropout, sizeof a->buffers.dropout);
    assert_int_equal(a->epoch, b->epoch);
    assert_int_equal(a->step, b->step);
    assert_int_equal(a->cursor, b->cursor);
    if (a->order) assert_memory_equal(a->order, b->order, a->data->n_train * sizeof *a->order);
    assert_int_equal(a->stopped, b->stopped);
    assert_int_equal(a->best.epoch, b->best.epoch);
    if (a->best_values) assert_same_floats(a->best_values, b->best_values, a->net.n_values);
}

#endif
