/// The trainer against bare sessions: whatever is asked of it, and whenever, the bits are the same.
/// No test depends on time: the trainer's clock is the test's, and waiting is for wakes.
#include "train/trainer.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

#include "stage.h"

// ---- what a bare session does -----------------------------------------------------------------

enum { EPOCHS = 20 };

/// A run without a trainer: the weights and metrics of every epoch, as they are shown.
typedef struct Truth {
    size_t n_params;
    int64_t last; // told up to here
    float params[3 * EPOCHS + 1][64];
    Metrics metrics[3 * EPOCHS + 1];
} Truth;

static void note(Truth *truth, Session *session, double running_loss) {
    Metrics *metrics = &truth->metrics[session->epoch];
    truth->n_params = session->net.n_params;
    truth->last = session->epoch;
    metrics->running_loss = running_loss;
    session_measure(session, metrics);
    if (session_judge(session, metrics)) *metrics = session->best.metrics;
    memcpy(truth->params[session->epoch], session->net.params,
           session->net.n_params * sizeof(float));
}

static Truth *tell_truth_of(const char *text, const char *const *settings) {
    Truth *truth = calloc(1, sizeof *truth);
    Session *session = make_session(text, settings);
    assert_true(session->net.n_params <= 64);
    double running_loss = (double)NAN;
    note(truth, session, running_loss);
    while (session->epoch < 3 * EPOCHS && !session->stopped) {
        session_step(session, STEP_EPOCH, &running_loss);
        note(truth, session, running_loss);
    }
    session_destroy(session);
    return truth;
}

static Truth *tell_truth(const char *const *settings) {
    return tell_truth_of(SMALL, settings);
}

static void assert_same_number(double a, double b) {
    if (isnan(a) && isnan(b)) return;
    assert_memory_equal(&a, &b, sizeof a);
}

/// The snapshot is that epoch's, to the bit.
static void assert_truth(const Snapshot *snapshot, const Truth *truth) {
    const Metrics *m = &snapshot->metrics, *t = &truth->metrics[snapshot->epoch];
    assert_int_equal(snapshot->cursor, 0);
    assert_same_floats(snapshot->net.params, truth->params[snapshot->epoch], truth->n_params);
    assert_same_number(m->running_loss, t->running_loss);
    assert_same_number(m->train_loss, t->train_loss);
    assert_same_number(m->train_accuracy, t->train_accuracy);
    assert_same_number(m->test_loss, t->test_loss);
    assert_same_number(m->test_accuracy, t->test_accuracy);
}

/// Curve and path hold every epoch up to last, as they were.
static void assert_history(const Snapshot *snapshot, const Truth *truth, int64_t last) {
    assert_int_equal(snapshot->last_epoch, last);
    assert_int_equal(snapshot->curve.count, last + 1);
    assert_int_equal(snapshot->path_count, last + 1);
    for (int64_t e = 0; e <= last; e++) {
        const CurveBin *bin = &snapshot->curve.bins[e];
        assert_int_equal(bin->first, e);
        assert_true(bin->end[CURVE_TRAIN] == (float)truth->metrics[e].train_loss);
        assert_true(bin->end[CURVE_TEST] == (float)truth->metrics[e].test_loss);
        assert_same_floats(snapshot->path->weights + (size_t)e * truth->n_params, truth->params[e],
                           truth->n_params);
    }
}

// ---- tests ------------------------------------------------------------------------------------

static void test_added_run_is_complete(void **state) {
    (void)state;
    Truth *truth = tell_truth(NULL);
    Stage *stage = stage_create();
    int run = add_run(stage, SMALL, NULL);
    const Snapshot *snapshot = trainer_snapshot(stage->trainer, run);
    assert_int_equal(snapshot->state, RUN_PAUSED);
    assert_int_equal(snapshot->epoch, 0);
    assert_int_equal(snapshot->target, EPOCHS);
    assert_int_equal(snapshot->diverged_epoch, -1);
    assert_string_equal(snapshot->message, "");
    assert_string_equal(snapshot->experiment->name, "small");
    assert_true(snapshot->pace == PACE_DEFAULT);
    assert_int_equal(snapshot->unit, STEP_EPOCH);
    assert_truth(snapshot, truth);
    assert_history(snapshot, truth, 0);
    stage_destroy(stage);
    free(truth);
}

static void test_plays_to_its_target_and_beyond(void **state) {
    (void)state;
    Truth *truth = tell_truth(NULL);
    Stage *stage = stage_create();
    int run = add_run(stage, SMALL, NULL);
    const Snapshot *snapshot = play_to_the_end(stage, run);
    assert_int_equal(snapshot->epoch, EPOCHS);
    assert_truth(snapshot, truth);
    assert_history(snapshot, truth, EPOCHS);

    snapshot = step(stage, run, STEP_EPOCH); // a step goes on from there
    assert_int_equal(snapshot->epoch, EPOCHS + 1);
    snapshot = play_to_the_end(stage, run); // and playing as far again
    assert_int_equal(snapshot->epoch, 2 * EPOCHS);
    assert_int_equal(snapshot->target, 2 * EPOCHS);
    assert_history(snapshot, truth, 2 * EPOCHS);
    stage_destroy(stage);
    free(truth);
}

static void test_steps_by_each_unit(void **state) {
    (void)state;
    Stage *stage = stage_create();
    int run = add_run(stage, SMALL, NULL); // 40 samples in batches of 7: six steps an epoch
    const Snapshot *snapshot = step(stage, run, STEP_SAMPLE);
    assert_int_equal(snapshot->cursor, 1);
    assert_int_equal(snapshot->step, 0);
    snapshot = step(stage, run, STEP_BATCH);
    assert_int_equal(snapshot->cursor, 7);
    assert_int_equal(snapshot->step, 1);
    snapshot = step(stage, run, STEP_EPOCH);
    assert_int_equal(snapshot->epoch, 1);
    assert_int_equal(snapshot->cursor, 0);
    assert_int_equal(snapshot->state, RUN_PAUSED);

    for (int i = 0; i < 10; i++) post(stage, run, COMMAND_STEP, STEP_BATCH);
    for (int i = 0; i < 3; i++) post(stage, run, COMMAND_STEP, STEP_SAMPLE);
    snapshot = wait_for(stage, run, 0, has_samples, 4 * 7 + 3); // none is lost
    assert_int_equal(snapshot->step, 6 + 10);
    assert_int_equal(snapshot->epoch, 2);
    stage_destroy(stage);
}

static void test_look_back_is_exact(void **state) {
    (void)state;
    Truth *truth = tell_truth(NULL);
    Stage *stage = stage_create();
    int run = add_run(stage, SMALL, NULL);
    play_to_the_end(stage, run);
    const int64_t wanted[] = {7, 0, 19, 1, 20, 20, 6, 8, 7};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        const Snapshot *snapshot = seek(stage, run, wanted[i]);
        const RunState expected = wanted[i] == EPOCHS ? RUN_DONE : RUN_PAUSED;
        assert_int_equal(snapshot->state, expected);
        assert_truth(snapshot, truth);
        assert_history(snapshot, truth, EPOCHS);
    }
    post(stage, run, COMMAND_SEEK, 1e6); // beyond what is known: to its end
    wait_for(stage, run, 0, at_epoch, EPOCHS);
    post(stage, run, COMMAND_SEEK, -5);
    wait_for(stage, run, 0, at_epoch, 0);

    // Going on from there repeats what was; nothing is recorded twice.
    const Snapshot *snapshot = step(stage, run, STEP_EPOCH);
    assert_truth(snapshot, truth);
    snapshot = play_to_the_end(stage, run);
    assert_truth(snapshot, truth);
    assert_history(snapshot, truth, EPOCHS);
    stage_destroy(stage);
    free(truth);
}

static void test_far_look_back_replays(void **state) {
    (void)state;
    // More epochs than there are checkpoints.
    const char *const settings[] = {"training.epochs=3000", NULL};
    Stage *stage = stage_create();
    int run = add_run(stage, SMALL, settings);
    play_to_the_end(stage, run);
    Session *session = make_session(SMALL, settings);
    for (int64_t epoch = 137; epoch < 3000; epoch += 700) {
        while (session->epoch < epoch) session_step(session, STEP_EPOCH, NULL);
        Metrics metrics;
        session_measure(session, &metrics);
        const Snapshot *snapshot = seek(stage, run, epoch);
        assert_same_floats(snapshot->net.params, session->net.params, session->net.n_params);
        assert_same_number(snapshot->metrics.train_loss, metrics.train_loss);
        assert_int_equal(snapshot->last_epoch, 3000);
    }
    // The newest wish wins, and what is asked after it waits for it.
    for (int64_t epoch = 2900; epoch > 100; epoch -= 13) {
        post(stage, run, COMMAND_SEEK, (double)epoch);
    }
    post(stage, run, COMMAND_SEEK, 50);
    post(stage, run, COMMAND_STEP, STEP_EPOCH);
    session_reset(session);
    while (session->epoch < 51) session_step(session, STEP_EPOCH, NULL);
    const Snapshot *snapshot = wait_for(stage, run, 0, at_epoch, 51);
    assert_same_floats(snapshot->net.params, session->net.params, session->net.n_params);
    session_destroy(session);
    stage_destroy(stage);
}

/// Whatever is asked, and when.
static void check_any_order(const char *text, const char *const *settings, uint64_t seeds) {
    Truth *truth = tell_truth_of(text, settings);
    int64_t last = truth->last < EPOCHS ? truth->last : EPOCHS;
    for (uint64_t seed = 0; seed < seeds; seed++) {
        Rng rng = rng_create(seed, RNG_TEST);
        Stage *stage = stage_create();
        int run = add_run(stage, text, settings);
        post(stage, run, COMMAND_SET_PACE, PACE_MAX);
        for (int i = 0; i < 60; i++) {
            switch (rng_below(&rng, 6)) {
            case 0: post(stage, run, COMMAND_PLAY, 0); break;
            case 1: post(stage, run, COMMAND_PAUSE, 0); break;
            case 2: post(stage, run, COMMAND_STEP, rng_below(&rng, 3)); break;
            case 3: post(stage, run, COMMAND_SEEK, rng_below(&rng, EPOCHS)); break;
            case 4: post(stage, run, COMMAND_SET_PACE, rng_below(&rng, 2) ? 20 : PACE_MAX); break;
            case 5: pass_time(0.01 * rng_below(&rng, 20)); break;
            }
            // Wait now and then, so that commands meet the run in all its moods.
            if (rng_below(&rng, 4) == 0) ask(stage, run, COMMAND_NONE, 0);
        }
        seek(stage, run, 0);
        const Snapshot *snapshot = play_to_the_end(stage, run);
        // It may have been played beyond its first target.
        if (snapshot->epoch <= 3 * EPOCHS) assert_truth(snapshot, truth);
        snapshot = seek(stage, run, last);
        assert_truth(snapshot, truth);
        for (int i = 0; i < 5; i++) {
            int64_t epoch = rng_below(&rng, (uint32_t)last);
            assert_truth(seek(stage, run, epoch), truth);
        }
        stage_destroy(stage);
    }
    free(truth);
}

static void test_any_order_gives_the_same_bits(void **state) {
    (void)state;
    check_any_order(SMALL, NULL, 8);
    check_any_order(RICH, NULL, 8);
    check_any_order(RICH, (const char *[]){"training.early_stopping.patience=3", NULL}, 8);
}

static void test_early_stop_is_done_and_says_so(void **state) {
    (void)state;
    const char *const settings[] = {"training.early_stopping.patience=3", "training.epochs=1000",
                                    NULL};
    Truth *truth = tell_truth_of(RICH, settings);
    Stage *stage = stage_create();
    int run = add_run(stage, RICH, settings);
    const Snapshot *snapshot = play_to_the_end(stage, run);
    int64_t stop = truth->last;
    assert_true(stop < 3 * EPOCHS);
    assert_int_equal(snapshot->epoch, stop);
    assert_int_equal(snapshot->last_epoch, stop);
    assert_int_equal(snapshot->best_epoch, stop - 3);
    assert_truth(snapshot, truth);
    char words[96];
    snprintf(words, sizeof words, "Stopped early at epoch %d: no better test loss than epoch %d's",
             (int)stop, (int)stop - 3);
    assert_non_null(strstr(snapshot->message, words));
    // The path has the weights of every epoch as they were.
    const float *point = snapshot->path->weights + (size_t)stop * truth->n_params;
    assert_memory_not_equal(point, truth->params[stop], truth->n_params * sizeof *point);

    // It says why nothing moves.
    for (int i = 0; i < 2; i++) {
        snapshot = ask(stage, run, i ? COMMAND_STEP : COMMAND_PLAY, 0);
        assert_int_equal(snapshot->state, RUN_DONE);
        assert_non_null(strstr(snapshot->message, words));
        assert_truth(snapshot, truth);
    }
    // Looking back and coming again ends in the same; so does going on from there.
    snapshot = seek(stage, run, stop - 2);
    assert_string_equal(snapshot->message, "");
    assert_truth(snapshot, truth);
    snapshot = seek(stage, run, stop);
    assert_int_equal(snapshot->state, RUN_DONE);
    assert_non_null(strstr(snapshot->message, words));
    assert_truth(snapshot, truth);
    seek(stage, run, 2);
    snapshot = play_to_the_end(stage, run);
    assert_int_equal(snapshot->epoch, stop);
    assert_truth(snapshot, truth);
    // Another rate in the past: another future.
    seek(stage, run, 2);
    ask(stage, run, COMMAND_SET_LEARNING_RATE, 1e-4);
    snapshot = step(stage, run, STEP_EPOCH);
    assert_int_equal(snapshot->last_epoch, 3);
    assert_string_equal(snapshot->message, "");
    snapshot = ask(stage, run, COMMAND_RESTART, 0);
    assert_int_equal(snapshot->epoch, 0);
    assert_string_equal(snapshot->message, "");
    stage_destroy(stage);
    free(truth);
}

static void test_each_setting_changes_live(void **state) {
    (void)state;
    static const struct {
        CommandKind kind;
        size_t at;
    } settings[] = {
        {COMMAND_SET_LEARNING_RATE, offsetof(OptimizerDesc, learning_rate)},
        {COMMAND_SET_MOMENTUM, offsetof(OptimizerDesc, momentum)},
        {COMMAND_SET_BETA, offsetof(OptimizerDesc, beta)},
        {COMMAND_SET_ALPHA, offsetof(OptimizerDesc, alpha)},
        {COMMAND_SET_BETA1, offsetof(OptimizerDesc, beta1)},
        {COMMAND_SET_BETA2, offsetof(OptimizerDesc, beta2)},
        {COMMAND_SET_WEIGHT_DECAY, offsetof(OptimizerDesc, weight_decay)},
    };
    Stage *stage = stage_create();
    int run = add_run(stage, RICH, NULL);
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        const Snapshot *snapshot = ask(stage, run, settings[i].kind, 0.625);
        OptimizerDesc desc = snapshot->optimizer;
        assert_true(*(const float *)(const void *)((const char *)&desc + settings[i].at) == 0.625f);
        // What makes no sense is not taken; of a share, one neither.
        bool share = settings[i].kind != COMMAND_SET_LEARNING_RATE &&
                     settings[i].kind != COMMAND_SET_WEIGHT_DECAY;
        const double wrong[] = {-0.5, (double)NAN, (double)INFINITY, share ? 1 : -1};
        for (int k = 0; k < 4; k++) {
            snapshot = ask(stage, run, settings[i].kind, wrong[k]);
            assert_memory_equal(&snapshot->optimizer, &desc, sizeof desc);
        }
    }
    // The schedule makes of the rate what is shown as the present one: a quarter in the first
    // epoch.
    const Snapshot *snapshot = ask(stage, run, COMMAND_NONE, 0);
    assert_close((double)snapshot->learning_rate, 0.625 / 4, 1e-6);
    snapshot = step(stage, run, STEP_EPOCH);
    assert_close((double)snapshot->learning_rate, 0.625 / 2, 1e-6);
    stage_destroy(stage);
}

static void test_live_settings_are_replayed(void **state) {
    (void)state;
    // A bare session whose settings change at an epoch's end and between batches.
    Session *session = make_session(SMALL, NULL);
    float after[12][64];
    for (int e = 0; e < 12; e++) {
        if (e == 3) session->optimizer.desc.learning_rate = 0.02f;
        if (e == 7) {
            for (int i = 0; i < 3; i++) session_step(session, STEP_BATCH, NULL);
            session->optimizer.desc.momentum = 0.9f;
            session_step(session, STEP_BATCH, NULL);
            session->optimizer.desc.learning_rate = 0.3f;
        }
        session_step(session, STEP_EPOCH, NULL);
        memcpy(after[e], session->net.params, session->net.n_params * sizeof(float));
    }
    size_t n = session->net.n_params;
    session_destroy(session);

    Stage *stage = stage_create();
    int run = add_run(stage, SMALL, NULL);
    const Snapshot *snapshot = NULL;
    for (int e = 0; e < 12; e++) {
        if (e == 3) ask(stage, run, COMMAND_SET_LEARNING_RATE, 0.02);
        if (e == 7) {
            for (int i = 0; i < 3; i++) step(stage, run, STEP_BATCH);
            ask(stage, run, COMMAND_SET_MOMENTUM, 0.9);
            step(stage, run, STEP_BATCH);
            snapshot = ask(stage, run, COMMAND_SET_LEARNING_RATE, 0.3);
            assert_true(snapshot->optimizer.learning_rate == 0.3f);
        }
        snapshot = step(stage, run, STEP_EPOCH);
        assert_same_floats(snapshot->net.params, after[e], n);
    }
    snapshot = seek(stage, run, 2);
    assert_true(snapshot->optimizer.learning_rate == 0.1f); // as it was then
    for (int e = 2; e < 12; e++) {
        snapshot = step(stage, run, STEP_EPOCH);
        assert_same_floats(snapshot->net.params, after[e], n);
        assert_int_equal(snapshot->last_epoch, 12);
    }
    assert_true(snapshot->optimizer.learning_rate == 0.3f);
    const int there[] = {9, 4, 8, 7};
    for (int i = 0; i < 4; i++) {
        snapshot = seek(stage, run, there[i]);
        assert_same_floats(snapshot->net.params, after[there[i] - 1], n);
    }
    // Across the moment of the change by batches.
    for (int i = 0; i < 6; i++) snapshot = step(stage, run, STEP_BATCH);
    assert_same_floats(snapshot->net.params, after[7], n);
    stage_destroy(stage);
}

static void test_changed_past_replaces_what_followed(void **state) {
    (void)state;
    Truth *truth = tell_truth(NULL);
    Stage *stage = stage_create();
    int run = add_run(stage, SMALL, NULL);
    play_to_the_end(stage, run);
    seek(stage, run, 5);
    const Snapshot *snapshot = ask(stage, run, COMMAND_SET_LEARNING_RATE, 0.01);
    assert_history(snapshot, truth, EPOCHS); // still there to be seen
    snapshot = ask(stage, run, COMMAND_SET_LEARNING_RATE, 0.02);
    snapshot = step(stage, run, STEP_EPOCH);
    assert_int_equal(snapshot->last_epoch, 6);
    assert_int_equal(snapshot->curve.count, 7);
    assert_int_equal(snapshot->path_count, 7);

    Session *session = make_session(SMALL, NULL);
    while (session->epoch < 5) session_step(session, STEP_EPOCH, NULL);
    session->optimizer.desc.learning_rate = 0.02f;
    while (session->epoch < EPOCHS) session_step(session, STEP_EPOCH, NULL);
    snapshot = play_to_the_end(stage, run);
    assert_same_floats(snapshot->net.params, session->net.params, session->net.n_params);

    // A change that is taken back by another look back leaves no trace.
    seek(stage, run, 3);
    ask(stage, run, COMMAND_SET_MOMENTUM, 0.0);
    snapshot = seek(stage, run, 4);
    assert_true(snapshot->optimizer.momentum == 0.5f);
    assert_truth(snapshot, truth);
    snapshot = play_to_the_end(stage, run);
    assert_same_floats(snapshot->net.params, session->net.params, session->net.n_params);
    session_destroy(session);
    stage_destroy(stage);
    free(truth);
}

static void test_restart(void **state) {
    (void)state;
    Truth *truth = tell_truth(NULL);
    Stage *stage = stage_create();
    int run = add_run(stage, SMALL, NULL);
    uint64_t generation = trainer_snapshot(stage->trainer, run)->generation;
    play_to_the_end(stage, run);
    const Snapshot *snapshot = ask(stage, run, COMMAND_RESTART, 0);
    assert_int_equal(snapshot->state, RUN_PAUSED);
    assert_true(snapshot->generation != generation);
    assert_truth(snapshot, truth);
    assert_history(snapshot, truth, 0);
    snapshot = play_to_the_end(stage, run);
    assert_truth(snapshot, truth);
    assert_history(snapshot, truth, EPOCHS);

    // Settings stay, and a look back to the start keeps them.
    ask(stage, run, COMMAND_SET_LEARNING_RATE, 0.25);
    snapshot = ask(stage, run, COMMAND_RESTART, 0);
    assert_true(snapshot->optimizer.learning_rate == 0.25f);
    step(stage, run, STEP_EPOCH);
    snapshot = seek(stage, run, 0);
    assert_true(snapshot->optimizer.learning_rate == 0.25f);

    // Running, it goes on running.
    post(stage, run, COMMAND_SET_PACE, 1);
    ask(stage, run, COMMAND_PLAY, 0);
    wait_for(stage, run, 0, at_epoch, 1);
    snapshot = ask(stage, run, COMMAND_RESTART, 0);
    assert_int_equal(snapshot->state, RUN_RUNNING);
    stage_destroy(stage);
    free(truth);
}

static void load(Stage *stage, int run, const char *name, const char *const *settings) {
    static uint64_t ticket = 0;
    Command command = {
        .kind = COMMAND_LOAD, .experiment = make_experiment(name, settings), .ticket = ++ticket};
    trainer_post(stage->trainer, run, command);
}

static void test_load(void **state) {
    (void)state;
    Stage *stage = stage_create();
    int run = add_run(stage, SMALL, NULL);
    step(stage, run, STEP_EPOCH);
    uint64_t generation = trainer_snapshot(stage->trainer, run)->generation;

    uint64_t serial = serial_of(stage, run);
    load(stage, run, SMALL, (const char *[]){"data.kind=csv", "data.file=/no/such.csv", NULL});
    const Snapshot *snapshot = wait_for(stage, run, serial, any, 0);
    assert_non_null(strstr(snapshot->message, "such.csv"));
    assert_true(snapshot->warns);
    uint64_t loaded = snapshot->loaded;
    assert_true(loaded > 0);
    assert_int_equal(snapshot->epoch, 1); // the run is as it was
    assert_true(snapshot->generation == generation);

    serial = serial_of(stage, run);
    load(stage, run, "paraboloid", NULL);
    snapshot = wait_for(stage, run, serial, at_epoch, 0);
    assert_string_equal(snapshot->experiment->name, "paraboloid");
    assert_string_equal(snapshot->message, "");
    assert_false(snapshot->warns);
    assert_true(snapshot->loaded == loaded + 1);
    assert_int_equal(snapshot->state, RUN_PAUSED);
    assert_true(snapshot->generation != generation);
    snapshot = step(stage, run, STEP_EPOCH);
    Session *session = make_session("paraboloid", NULL);
    session_step(session, STEP_EPOCH, NULL);
    assert_same_floats(snapshot->net.params, session->net.params, session->net.n_params);
    session_destroy(session);

    load(stage, run, "xor-deep", NULL); // given back where it is never taken
    stage_destroy(stage);
}

static void test_long_beginning_is_shown_when_complete(void **state) {
    (void)state;
    // Epoch 0 takes many parts to measure: nothing of it is published before.
    const char *const settings[] = {"network.layers.0.units=1500", "data.samples=6000",
                                    "training.optimizer.learning_rate=1e-4", NULL};
    Session *session = make_session(SMALL, settings);
    Metrics metrics = {.running_loss = (double)NAN};
    session_measure(session, &metrics);
    Stage *stage = stage_create();
    atomic_store(&clock_step, 1e-3); // a slice ends after each call
    int run = add_run(stage, SMALL, NULL);
    for (int i = 0; i < 6; i++) {
        uint64_t serial = serial_of(stage, run);
        load(stage, run, SMALL, settings);
        // In the midst of it.
        if (i == 1) post(stage, run, COMMAND_SEEK, 7);
        if (i == 2) post(stage, run, COMMAND_RESTART, 0);
        if (i == 3) post(stage, run, COMMAND_SET_PACE, 30);
        if (i == 4) load(stage, run, SMALL, settings);
        if (i == 5) post(stage, run, COMMAND_STEP, STEP_EPOCH);
        const Snapshot *snapshot = wait_for(stage, run, serial, at_epoch, i == 5);
        if (i == 5) break;
        assert_int_equal(snapshot->net.n_params, session->net.n_params);
        assert_true(snapshot->metrics.train_loss == metrics.train_loss);
        assert_true(snapshot->metrics.test_loss == metrics.test_loss);
        assert_int_equal(snapshot->curve.count, 1);
        assert_int_equal(snapshot->path_count, 1);
        assert_int_equal(snapshot->last_epoch, 0);
    }
    session_destroy(session);
    stage_destroy(stage);
}

/// A linear 1-D net that lives for some epochs before its loss grows without bound.
static const char *const wild[] = {"network.layers.0.activation=linear", "training.batch_size=0",
                                   "training.optimizer.momentum=0.9",
                                   "training.optimizer.learning_rate=0.5", NULL};

static void test_divergence_pauses_and_says_what_to_try(void **state) {
    (void)state;
    Stage *stage = stage_create();
    int run = add_run(stage, "error-surface", wild);
    post(stage, run, COMMAND_SET_PACE, PACE_MAX);
    post(stage, run, COMMAND_PLAY, 0);
    const Snapshot *snapshot = wait_for(stage, run, 0, in_state, RUN_DIVERGED);
    int64_t good = snapshot->epoch;
    assert_in_range(good, 1, 1000);
    assert_int_equal(snapshot->diverged_epoch, good + 1);
    assert_true(snapshot->warns);
    assert_int_equal(snapshot->last_epoch, good);
    assert_non_null(strstr(snapshot->message, "smaller learning rate (now 0.5)"));
    char where[64];
    snprintf(where, sizeof where, "epoch %d", (int)good + 1);
    assert_non_null(strstr(snapshot->message, where));
    assert_true(isfinite(snapshot->metrics.train_loss));
    for (size_t i = 0; i < snapshot->net.n_params; i++) {
        assert_true(isfinite(snapshot->net.params[i]));
    }
    float kept[2] = {snapshot->net.params[0], snapshot->net.params[1]};

    // Playing on does the same again; the mark stays while one looks back.
    uint64_t serial = serial_of(stage, run);
    post(stage, run, COMMAND_PLAY, 0);
    snapshot = wait_for(stage, run, serial, in_state, RUN_DIVERGED);
    assert_same_floats(snapshot->net.params, kept, 2);
    snapshot = seek(stage, run, good / 2);
    assert_int_equal(snapshot->state, RUN_PAUSED);
    assert_int_equal(snapshot->diverged_epoch, good + 1);
    assert_string_equal(snapshot->message, "");

    // With a smaller rate from there it lives.
    post(stage, run, COMMAND_SET_MOMENTUM, 0);
    post(stage, run, COMMAND_SET_LEARNING_RATE, 1e-9);
    post(stage, run, COMMAND_STEP, STEP_EPOCH);
    snapshot = wait_for(stage, run, 0, at_epoch, good / 2 + 1);
    assert_int_equal(snapshot->last_epoch, good / 2 + 1);
    assert_int_equal(snapshot->diverged_epoch, -1);
    stage_destroy(stage);
}

static void test_keeps_pace(void **state) {
    (void)state;
    Stage *stage = stage_create();
    int run = add_run(stage, SMALL, NULL);
    ask(stage, run, COMMAND_SET_PACE, 20);
    post(stage, run, COMMAND_PLAY, 0);
    wait_for(stage, run, 0, at_epoch, 1); // the first at once
    assert_int_equal(settle(stage, run)->epoch, 1);
    pass_time(0.049);
    assert_int_equal(settle(stage, run)->epoch, 1);
    pass_time(0.011);
    wait_for(stage, run, 0, at_epoch, 2);
    assert_int_equal(settle(stage, run)->epoch, 2);
    pass_time(100); // after a long silence it does not rush
    wait_for(stage, run, 0, at_epoch, 4);
    assert_int_equal(settle(stage, run)->epoch, 4);

    ask(stage, run, COMMAND_SET_PACE, 0.001); // too slow: the slowest there is
    assert_true(trainer_snapshot(stage->trainer, run)->pace == PACE_MIN);
    pass_time(3);
    wait_for(stage, run, 0, at_epoch, 5);
    assert_int_equal(settle(stage, run)->epoch, 5);

    ask(stage, run, COMMAND_PAUSE, 0);
    pass_time(50);
    const Snapshot *snapshot = settle(stage, run);
    assert_int_equal(snapshot->state, RUN_PAUSED);
    assert_int_equal(snapshot->epoch, 5);
    assert_true(snapshot->samples_per_second == 0);

    // By batches.
    post(stage, run, COMMAND_SET_UNIT, STEP_BATCH);
    post(stage, run, COMMAND_SET_PACE, 10);
    int64_t steps = snapshot->step;
    post(stage, run, COMMAND_PLAY, 0);
    wait_for(stage, run, 0, at_step, steps + 1);
    pass_time(0.11);
    wait_for(stage, run, 0, at_step, steps + 2);
    stage_destroy(stage);
}

static void test_tells_its_speed(void **state) {
    (void)state;
    Stage *stage = stage_create();
    int run = add_run(stage, SMALL, NULL); // 40 samples an epoch
    post(stage, run, COMMAND_SET_PACE, 10);
    post(stage, run, COMMAND_PLAY, 0);
    const Snapshot *snapshot = wait_for(stage, run, 0, at_epoch, 1);
    for (int i = 2; i <= 15; i++) {
        pass_time(0.1);
        snapshot = wait_for(stage, run, 0, at_epoch, i);
    }
    assert_close(snapshot->samples_per_second, 400, 0.15);
    stage_destroy(stage);
}

static void test_publishes_seldom_enough(void **state) {
    (void)state;
    Stage *stage = stage_create();
    int run = add_run(stage, SMALL, (const char *[]){"training.epochs=20000", NULL});
    atomic_store(&clock_step, 1e-5); // each look at the clock takes 10 microseconds
    double start = atomic_load(&clock_now);
    const Snapshot *snapshot = play_to_the_end(stage, run);
    double elapsed = atomic_load(&clock_now) - start;
    assert_int_equal(snapshot->epoch, 20000);
    pthread_mutex_lock(&stage->lock);
    int wakes = stage->wakes;
    pthread_mutex_unlock(&stage->lock);
    assert_true(elapsed > 0.2);
    assert_true(wakes <= 120 * elapsed + 4);
    assert_true(wakes >= 60 * elapsed);
    stage_destroy(stage);
}

static void test_long_measuring_is_cut(void **state) {
    (void)state;
    // One epoch takes several parts to measure; commands get in between and nothing is lost.
    const char *const settings[] = {"network.layers.0.units=1500", "data.samples=3000",
                                    "training.optimizer.learning_rate=1e-4",
                                    "training.batch_size=0", NULL};
    Session *session = make_session(SMALL, settings);
    Metrics metrics[4];
    for (int e = 1; e < 4; e++) {
        assert_true(session_step(session, STEP_EPOCH, &metrics[e].running_loss));
        session_measure(session, &metrics[e]);
    }
    Stage *stage = stage_create();
    atomic_store(&clock_step, 1e-3); // a slice ends after each call
    int run = add_run(stage, SMALL, settings);
    for (int i = 0; i < 3; i++) {
        post(stage, run, COMMAND_STEP, STEP_EPOCH);
        post(stage, run, COMMAND_PAUSE, 0);
    }
    post(stage, run, COMMAND_SET_LEARNING_RATE, 0.5); // waits for the steps
    const Snapshot *snapshot = wait_for(stage, run, 0, has_rate_of_a_half, 0);
    assert_int_equal(snapshot->epoch, 3);
    assert_memory_equal(&snapshot->metrics, &metrics[3], sizeof metrics[3]);
    for (int e = 1; e < 4; e++) {
        assert_true(snapshot->curve.bins[e].end[CURVE_TRAIN] == (float)metrics[e].train_loss);
    }
    snapshot = seek(stage, run, 2);
    assert_memory_equal(&snapshot->metrics, &metrics[2], sizeof metrics[2]);
    session_destroy(session);

    // A look back in the midst of it: the epoch that was not measured to its end never was.
    post(stage, run, COMMAND_SEEK, 3);
    for (int i = 0; i < 10; i++) {
        uint64_t serial = serial_of(stage, run);
        post(stage, run, COMMAND_STEP, STEP_EPOCH);
        for (int k = 0; k < i; k++) { // until it measures
            pass_time(0.01);
            serial = ask(stage, run, COMMAND_NONE, 0)->serial;
        }
        post(stage, run, COMMAND_SEEK, 1);
        snapshot = wait_for(stage, run, serial, at_epoch, 1);
        assert_memory_equal(&snapshot->metrics, &metrics[1], sizeof metrics[1]);
    }
    stage_destroy(stage);
}

static void test_runs_take_turns(void **state) {
    (void)state;
    Stage *stage = stage_create();
    Truth *truth = tell_truth(NULL);
    int endless = add_run(stage, "xor-deep", (const char *[]){"training.epochs=1000000000", NULL});
    post(stage, endless, COMMAND_SET_PACE, PACE_MAX);
    ask(stage, endless, COMMAND_PLAY, 0);
    int runs[3];
    for (int i = 0; i < 3; i++) runs[i] = add_run(stage, SMALL, NULL);
    for (int i = 0; i < 3; i++) assert_truth(play_to_the_end(stage, runs[i]), truth);
    const Snapshot *snapshot = ask(stage, endless, COMMAND_PAUSE, 0);
    assert_true(snapshot->epoch + snapshot->step > 0);
    for (int i = 4; i < TRAINER_RUNS_MAX; i++) add_run(stage, SMALL, NULL);
    Error error;
    Experiment *one_more = make_experiment(SMALL, NULL);
    assert_int_equal(trainer_add(stage->trainer, one_more, &error), -1);
    experiment_release(one_more);
    stage_destroy(stage);
    free(truth);
}

static void test_stops_in_the_middle(void **state) {
    (void)state;
    for (int i = 0; i < 10; i++) {
        Stage *stage = stage_create();
        int run = add_run(stage, "xor-deep", (const char *[]){"training.epochs=1000000000", NULL});
        post(stage, run, COMMAND_SET_PACE, PACE_MAX);
        post(stage, run, COMMAND_PLAY, 0);
        for (int k = 0; k < 200; k++) { // more than the queue holds
            post(stage, run, COMMAND_STEP, STEP_EPOCH);
            if (k % 50 == 0) load(stage, run, "paraboloid", NULL);
        }
        stage_destroy(stage);
    }
}

static double no_time(void) {
    return 0;
}

static void nobody(void *context) {
    (void)context;
}

static void test_it_can_be_left_while_it_loads(void **state) {
    (void)state;
    Error error;
    Experiment *small = experiment_load("xor-shallow", &error);
    Experiment *large = experiment_load("xor-shallow", &error);
    assert_true(small && large);
    assert_true(experiment_set(large, "data.samples=1000000", &error));
    TrainerDesc desc = {.now = no_time, .wake = nobody};
    Trainer *trainer = trainer_create(&desc, &error);
    assert_int_equal(trainer_add(trainer, small, &error), 0);
    for (int i = 0; i < 50; i++) { // of these at most the one under way is waited for
        experiment_retain(large);
        trainer_post(trainer, 0, (Command){.kind = COMMAND_LOAD, .experiment = large});
    }
    int tries = 0;
    while (!trainer_destroy_within(trainer, 1e-3)) tries++;
    assert_true(tries < 30000);
    assert_true(trainer_destroy_within(NULL, 0));
    experiment_release(small);
    experiment_release(large);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_added_run_is_complete),
        cmocka_unit_test(test_plays_to_its_target_and_beyond),
        cmocka_unit_test(test_steps_by_each_unit),
        cmocka_unit_test(test_look_back_is_exact),
        cmocka_unit_test(test_far_look_back_replays),
        cmocka_unit_test(test_any_order_gives_the_same_bits),
        cmocka_unit_test(test_early_stop_is_done_and_says_so),
        cmocka_unit_test(test_each_setting_changes_live),
        cmocka_unit_test(test_live_settings_are_replayed),
        cmocka_unit_test(test_changed_past_replaces_what_followed),
        cmocka_unit_test(test_restart),
        cmocka_unit_test(test_load),
        cmocka_unit_test(test_long_beginning_is_shown_when_complete),
        cmocka_unit_test(test_divergence_pauses_and_says_what_to_try),
        cmocka_unit_test(test_keeps_pace),
        cmocka_unit_test(test_tells_its_speed),
        cmocka_unit_test(test_publishes_seldom_enough),
        cmocka_unit_test(test_long_measuring_is_cut),
        cmocka_unit_test(test_runs_take_turns),
        cmocka_unit_test(test_stops_in_the_middle),
        cmocka_unit_test(test_it_can_be_left_while_it_loads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
