#include "train/session.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nn/reference.h"

#include "runs.h"

// ---- the same bits, however the steps are cut -------------------------------------------------

typedef enum Cut { BY_EPOCHS, BY_BATCHES, BY_SAMPLES, BY_ODD_SLICES, BY_MIXED_STEPS, CUTS } Cut;

/// Trains one epoch in that way.  @return its running loss
static double train_epoch(Session *session, Cut cut, Rng *rng) {
    double running_loss = -1;
    for (bool ended = false; !ended;) {
        switch (cut) {
        case BY_EPOCHS: ended = session_step(session, STEP_EPOCH, &running_loss); break;
        case BY_BATCHES: ended = session_step(session, STEP_BATCH, &running_loss); break;
        case BY_SAMPLES: ended = session_step(session, STEP_SAMPLE, &running_loss); break;
        case BY_ODD_SLICES:
            ended = session_train(session, 1 + rng_below(rng, 700), &running_loss);
            break;
        case BY_MIXED_STEPS:
        case CUTS:
            ended = rng_below(rng, 20) == 0
                        ? session_train(session, 1 + rng_below(rng, 400), &running_loss)
                        : session_step(session, (StepUnit)rng_below(rng, 2), &running_loss);
            break;
        }
        assert_false(session->diverged);
    }
    return running_loss;
}

static void check_cuts(const char *name, const char *const *settings) {
    enum { EPOCHS = 4 };
    Session *whole = make_session(name, settings);
    for (Cut cut = BY_EPOCHS; cut < CUTS; cut++) {
        Rng rng = rng_create((uint64_t)cut, RNG_TEST);
        Session *session = make_session(name, settings);
        session_reset(whole);
        for (int epoch = 0; epoch < EPOCHS; epoch++) {
            double expected = train_epoch(whole, BY_EPOCHS, &rng);
            double loss = train_epoch(session, cut, &rng);
            assert_memory_equal(&loss, &expected, sizeof loss);
            assert_same_state(session, whole);
        }
        session_destroy(session);
    }
    session_destroy(whole);
}

static void test_cuts_change_no_bit(void **state) {
    (void)state;
    check_cuts("xor-shallow", NULL);
    check_cuts("xor-deep-xavier", (const char *[]){"training.shuffle=true", NULL});
    check_cuts("xor-shallow", (const char *[]){"training.batch_size=7", NULL});
    check_cuts("xor-shallow", (const char *[]){"training.batch_size=300", NULL});
    check_cuts("xor-shallow", (const char *[]){"training.batch_size=0", NULL});
    check_cuts("error-surface", NULL);
    check_cuts("paraboloid", NULL);
    check_cuts(SMALL, NULL);
    check_cuts(RICH, NULL);
    check_cuts(RICH, (const char *[]){"training.batch_size=0", NULL});
    check_cuts(RICH, (const char *[]){"data.samples=1000", "training.batch_size=33", NULL});
    for (int kind = 0; kind < OPTIMIZER_PERCEPTRON; kind++) {
        char setting[64];
        snprintf(setting, sizeof setting, "training.optimizer.kind=%s",
                 optimizer_name((OptimizerKind)kind));
        check_cuts(SMALL, (const char *[]){setting, NULL});
    }
    check_cuts("{\"saddle\": 1, \"data\": {\"kind\": \"perceptron\"}, \"network\": {\"layers\": "
               "[{\"units\": 1, \"activation\": \"step\"}]}, \"training\": {\"optimizer\": "
               "{\"kind\": \"perceptron\"}}}",
               NULL);
}

static void test_sample_steps_complete_a_batch(void **state) {
    (void)state;
    Session *session = make_session(SMALL, NULL); // 40 samples in batches of 7
    float first = session->net.params[0];
    for (int i = 0; i < 6; i++) {
        assert_false(session_step(session, STEP_SAMPLE, NULL));
        assert_int_equal(session->pending, i + 1);
        assert_true(session->net.params[0] == first);
    }
    session_step(session, STEP_SAMPLE, NULL);
    assert_int_equal(session->pending, 0);
    assert_int_equal(session->cursor, 7);
    assert_int_equal(session->step, 1);
    assert_true(session->net.params[0] != first);

    session_step(session, STEP_SAMPLE, NULL);
    session_step(session, STEP_BATCH, NULL); // completes the batch that the sample began
    assert_int_equal(session->cursor, 14);

    while (session->cursor < 35) session_step(session, STEP_BATCH, NULL);
    for (int i = 0; i < 4; i++) assert_false(session_step(session, STEP_SAMPLE, NULL));
    assert_true(session_step(session, STEP_SAMPLE, NULL)); // the last, smaller batch counts
    assert_int_equal(session->epoch, 1);
    assert_int_equal(session->step, 6);
    session_destroy(session);
}

static void test_every_epoch_has_its_own_order(void **state) {
    (void)state;
    Session *session = make_session(SMALL, NULL);
    size_t n = session->data->n_train;
    uint32_t before[64];
    for (int epoch = 0; epoch < 3; epoch++) {
        int seen[64] = {0};
        for (size_t i = 0; i < n; i++) seen[session->order[i]]++;
        for (size_t i = 0; i < n; i++) assert_int_equal(seen[i], 1);
        if (epoch > 0) assert_memory_not_equal(session->order, before, n * sizeof *before);
        memcpy(before, session->order, n * sizeof *before);
        session_step(session, STEP_EPOCH, NULL);
    }
    session_destroy(session);

    Session *ordered = make_session(SMALL, (const char *[]){"training.shuffle=false", NULL});
    assert_null(ordered->order);
    session_destroy(ordered);
}

// ---- states -----------------------------------------------------------------------------------

static void test_saved_state_goes_on_the_same(void **state) {
    (void)state;
    Session *straight = make_session(SMALL, NULL), *other = make_session(SMALL, NULL);
    for (int i = 0; i < 3; i++) session_step(straight, STEP_EPOCH, NULL);
    session_train(straight, 10, NULL);
    for (int i = 0; i < 2; i++) session_step(straight, STEP_SAMPLE, NULL);
    straight->optimizer.desc.learning_rate = 0.05f;
    void *saved = malloc(session_state_size(straight));
    session_save_state(straight, saved);
    double expected = 0, loss = 0;
    for (int i = 0; i < 2; i++) session_step(straight, STEP_EPOCH, &expected);

    session_step(other, STEP_EPOCH, NULL);
    session_load_state(other, saved);
    assert_int_equal(other->pending, 2);
    assert_true(other->optimizer.desc.learning_rate == 0.05f);
    for (int i = 0; i < 2; i++) session_step(other, STEP_EPOCH, &loss);
    assert_memory_equal(&loss, &expected, sizeof loss);
    assert_same_state(other, straight);
    free(saved);
    session_destroy(straight);
    session_destroy(other);
}

static void test_reset_starts_anew(void **state) {
    (void)state;
    Session *fresh = make_session(SMALL, NULL), *used = make_session(SMALL, NULL);
    for (int i = 0; i < 5; i++) session_step(used, STEP_EPOCH, NULL);
    session_train(used, 9, NULL);
    session_reset(used);
    assert_same_state(used, fresh);
    session_step(used, STEP_EPOCH, NULL);
    session_step(fresh, STEP_EPOCH, NULL);
    assert_same_state(used, fresh);
    session_destroy(used);
    session_destroy(fresh);
}

// ---- schedules and penalties ------------------------------------------------------------------

static void test_schedule_sets_the_rate(void **state) {
    (void)state;
    const char *const settings[] = {"training.schedule.kind=exponential",
                                    "training.schedule.gamma=0.5", NULL};
    Session *scheduled = make_session(SMALL, settings), *by_hand = make_session(SMALL, NULL);
    for (int epoch = 0; epoch < 6; epoch++) {
        // A live change of the rate is scaled too.
        scheduled->optimizer.desc.learning_rate = epoch < 3 ? 0.1f : 0.4f;
        float rate = (epoch < 3 ? 0.1f : 0.4f) / (float)(1 << epoch);
        assert_close((double)session_learning_rate(scheduled, epoch), (double)rate, 1e-7);
        by_hand->optimizer.desc.learning_rate = session_learning_rate(scheduled, epoch);
        session_step(scheduled, STEP_EPOCH, NULL);
        session_step(by_hand, STEP_EPOCH, NULL);
        assert_same_state(scheduled, by_hand);
    }
    session_destroy(scheduled);
    session_destroy(by_hand);
}

static void test_penalties_reach_the_steps(void **state) {
    (void)state;
    // Without biases, l2 is what weight decay is; l1 draws towards zero.
    const char *const plain[] = {"network.layers.*.bias=false", "network.layers.1.bias=false",
                                 NULL};
    const char *const l2[] = {plain[0], plain[1], "training.l2=0.1", NULL};
    const char *const decay[] = {plain[0], plain[1], "training.optimizer.weight_decay=0.1", NULL};
    const char *const l1[] = {plain[0], plain[1], "training.l1=0.05", NULL};
    Session *without = make_session(SMALL, plain), *with_l2 = make_session(SMALL, l2);
    Session *with_decay = make_session(SMALL, decay), *with_l1 = make_session(SMALL, l1);
    Session *const all[] = {without, with_l2, with_decay, with_l1};
    double weight[4] = {0};
    for (int i = 0; i < 4; i++) {
        for (int epoch = 0; epoch < 30; epoch++) session_step(all[i], STEP_EPOCH, NULL);
        for (size_t p = 0; p < without->net.n_params; p++) {
            weight[i] += fabs((double)all[i]->net.params[p]);
        }
    }
    for (size_t p = 0; p < without->net.n_params; p++) {
        assert_close((double)with_l2->net.params[p], (double)with_decay->net.params[p], 1e-4);
    }
    assert_true(weight[1] < 0.9 * weight[0] && weight[3] < 0.9 * weight[0]);
    for (int i = 0; i < 4; i++) session_destroy(all[i]);
}

// ---- early stopping ---------------------------------------------------------------------------

static const char *const watched[] = {"training.early_stopping.patience=4", NULL};

static void test_stops_early_with_the_best_weights(void **state) {
    (void)state;
    enum { LAST = 200, PATIENCE = 4 };
    // By hand: a run that never stops, its losses looked through.
    Session *straight = make_session(RICH, NULL);
    static float values[LAST + 1][128];
    assert_true(straight->net.n_values <= 128);
    Metrics metrics[LAST + 1];
    int best = 0, stop = 0;
    for (int e = 1; e <= LAST && stop == 0; e++) {
        session_step(straight, STEP_EPOCH, &metrics[e].running_loss);
        session_measure(straight, &metrics[e]);
        memcpy(values[e], straight->net.params, straight->net.n_values * sizeof(float));
        if (best == 0 || metrics[e].test_loss < metrics[best].test_loss) best = e;
        if (e - best >= PATIENCE) stop = e;
    }
    assert_true(best > 1 && stop == best + PATIENCE);

    // Judged by itself, and told by a caller who measures; in any cuts.
    for (int told = 0; told < 2; told++) {
        Session *session = make_session(RICH, watched);
        Rng rng = rng_create(1, RNG_TEST);
        while (!session->stopped) {
            bool ended = session_train(session, 1 + rng_below(&rng, 30), NULL);
            if (!ended || !told) continue;
            Metrics now = {0};
            session_measure(session, &now);
            assert_int_equal(session_judge(session, &now), session->epoch == stop);
            assert_false(session_judge(session, &now)); // once is enough
        }
        assert_int_equal(session->epoch, stop);
        assert_int_equal(session->best.epoch, best);
        assert_same_floats(session->net.params, values[best], session->net.n_values);
        assert_memory_equal(&session->best.metrics, &metrics[best], sizeof metrics[best]);
        Metrics now = metrics[best];
        session_measure(session, &now);
        assert_memory_equal(&now, &metrics[best], sizeof now);
        // It stays as it is until it is reset.
        assert_false(session_step(session, STEP_SAMPLE, NULL));
        assert_false(session_step(session, STEP_EPOCH, NULL));
        assert_same_floats(session->net.params, values[best], session->net.n_values);
        char text[160], expected[160];
        session_describe_stop(session, text, sizeof text);
        snprintf(expected, sizeof expected,
                 "stopped early at epoch %d: no better test loss than epoch %d's, whose weights "
                 "were taken",
                 stop, best);
        assert_string_equal(text, expected);
        session_reset(session);
        session_step(session, STEP_EPOCH, NULL);
        assert_same_floats(session->net.params, values[1], session->net.n_values);
        session_destroy(session);
    }
    session_destroy(straight);
}

static void test_only_so_much_lower_is_better(void **state) {
    (void)state;
    // Nothing after the first epoch is lower by a million. Without test samples the train loss
    // counts.
    Session *session = make_session(
        SMALL, (const char *[]){"training.early_stopping.patience=3", "data.test_fraction=0",
                                "training.early_stopping.min_delta=1e6", NULL});
    Session *once = make_session(SMALL, (const char *[]){"data.test_fraction=0", NULL});
    session_step(once, STEP_EPOCH, NULL);
    for (int i = 0; i < 100 && !session->stopped; i++) session_step(session, STEP_EPOCH, NULL);
    assert_int_equal(session->epoch, 4);
    assert_int_equal(session->best.epoch, 1);
    assert_same_floats(session->net.params, once->net.params, once->net.n_values);
    Metrics metrics;
    session_measure(once, &metrics);
    assert_true(session->best.loss == metrics.train_loss);
    session_destroy(session);
    session_destroy(once);
}

static void test_saved_state_knows_the_best(void **state) {
    (void)state;
    Session *straight = make_session(RICH, watched), *other = make_session(RICH, watched);
    for (int i = 0; i < 3; i++) session_step(straight, STEP_EPOCH, NULL);
    session_train(straight, 9, NULL);
    void *saved = malloc(session_state_size(straight));
    session_save_state(straight, saved);
    while (!straight->stopped) session_step(straight, STEP_EPOCH, NULL);
    while (!other->stopped) session_step(other, STEP_EPOCH, NULL);
    session_load_state(other, saved);
    assert_false(other->stopped);
    while (!other->stopped) session_step(other, STEP_EPOCH, NULL);
    assert_same_state(other, straight);
    session_save_state(straight, saved);
    session_reset(other);
    session_load_state(other, saved);
    assert_same_state(other, straight);
    assert_false(session_step(other, STEP_EPOCH, NULL));
    free(saved);
    session_destroy(straight);
    session_destroy(other);
}

// ---- divergence -------------------------------------------------------------------------------

/// The 1-D net with a learning rate that lets it live for some epochs, then grow without bound.
static const char *const slow_wreck[] = {"network.layers.0.activation=linear",
                                         "training.batch_size=0", "training.optimizer.momentum=0.9",
                                         "training.optimizer.learning_rate=0.5", NULL};

static void test_divergence_does_not_depend_on_cuts(void **state) {
    (void)state;
    Session *by_epochs = make_session("error-surface", slow_wreck);
    while (!by_epochs->diverged) {
        session_step(by_epochs, STEP_EPOCH, NULL);
        assert_in_range(by_epochs->epoch, 0, 1000);
    }
    assert_true(by_epochs->epoch > 0);
    for (size_t i = 0; i < by_epochs->net.n_params; i++) {
        assert_true(isfinite(by_epochs->net.params[i]));
        assert_true(isfinite(by_epochs->optimizer.velocity[i]));
    }
    Metrics metrics;
    session_measure(by_epochs, &metrics); // good means that it can be shown
    assert_true(isfinite(metrics.train_loss));
    float kept = by_epochs->net.params[0];
    assert_false(session_step(by_epochs, STEP_EPOCH, NULL)); // it stays as it is
    assert_true(by_epochs->net.params[0] == kept);

    Session *by_samples = make_session("error-surface", slow_wreck);
    while (!by_samples->diverged) session_train(by_samples, 1, NULL);
    assert_same_state(by_samples, by_epochs);

    Session *straight = make_session("error-surface", slow_wreck);
    while (straight->epoch < by_epochs->epoch) session_step(straight, STEP_EPOCH, NULL);
    assert_same_state(by_epochs, straight);

    // With a smaller rate it goes on from there.
    by_epochs->diverged = false;
    by_epochs->optimizer.desc.learning_rate = 0;
    by_epochs->optimizer.desc.momentum = 0;
    assert_true(session_step(by_epochs, STEP_EPOCH, NULL));
    session_destroy(by_epochs);
    session_destroy(by_samples);
    session_destroy(straight);
}

static void test_divergence_keeps_settings(void **state) {
    (void)state;
    Session *session = make_session(SMALL, NULL);
    session_step(session, STEP_EPOCH, NULL);
    session_train(session, 14, NULL);
    session->optimizer.desc.learning_rate = 7;
    session->net.params[0] = NAN;
    session_step(session, STEP_EPOCH, NULL);
    assert_true(session->diverged);
    assert_int_equal(session->epoch, 1);
    assert_int_equal(session->cursor, 0);
    assert_true(session->optimizer.desc.learning_rate == 7);
    Session *straight = make_session(SMALL, NULL);
    session_step(straight, STEP_EPOCH, NULL);
    assert_same_state(session, straight);
    session_destroy(straight);
    session_destroy(session);
}

// ---- measuring --------------------------------------------------------------------------------

static double oracle(const Session *session, size_t first, size_t n) {
    const Dataset *data = session->data;
    size_t inputs = (size_t)data->n_inputs, outputs = (size_t)data->n_outputs;
    double *params = malloc(session->net.n_params * sizeof *params);
    double *x = malloc(n * inputs * sizeof *x), *t = malloc(n * outputs * sizeof *t);
    for (size_t i = 0; i < session->net.n_params; i++) params[i] = (double)session->net.params[i];
    for (size_t i = 0; i < n * inputs; i++) x[i] = (double)data->x[first * inputs + i];
    for (size_t i = 0; i < n * outputs; i++) t[i] = (double)data->t[first * outputs + i];
    double loss = reference_loss(&session->net, params, session->experiment->loss, x, t, n);
    free(params);
    free(x);
    free(t);
    return loss;
}

static void test_measures_both_parts(void **state) {
    (void)state;
    Session *session = make_session("error-surface", NULL);
    session_step(session, STEP_EPOCH, NULL);
    Metrics metrics = {.running_loss = 42};
    session_measure(session, &metrics);
    size_t n_train = session->data->n_train, n_test = session->data->n - n_train;
    assert_close(metrics.train_loss, oracle(session, 0, n_train), 1e-5);
    assert_close(metrics.test_loss, oracle(session, n_train, n_test), 1e-5);
    assert_true(isnan(metrics.train_accuracy) && isnan(metrics.test_accuracy)); // no classes
    assert_true(metrics.running_loss == 42);
    session_destroy(session);

    session = make_session("xor-shallow", NULL);
    session_measure(session, &metrics);
    assert_true(isnan(metrics.test_loss) && isnan(metrics.test_accuracy)); // no test part
    assert_true(metrics.train_accuracy > 0.2 && metrics.train_accuracy < 0.8);
    session_destroy(session);
}

static void test_measuring_in_parts_is_the_same(void **state) {
    (void)state;
    // Wide enough that a part is a block, and a test part that starts within one.
    Session *session = make_session(
        SMALL, (const char *[]){"network.layers.0.units=3000", "data.samples=1999", NULL});
    Metrics whole, parts = {.train_loss = -1};
    session_measure(session, &whole);
    Measuring measuring = {0};
    int calls = 1;
    for (; !session_measure_part(session, &measuring, &parts); calls++) {
        assert_true(parts.train_loss == -1);
    }
    assert_true(calls > 3);
    parts.running_loss = whole.running_loss = 0;
    assert_memory_equal(&parts, &whole, sizeof whole);
    size_t n_train = session->data->n_train, n_test = session->data->n - n_train;
    assert_close(whole.train_loss, oracle(session, 0, n_train), 1e-5);
    assert_close(whole.test_loss, oracle(session, n_train, n_test), 1e-5);
    assert_true(whole.test_accuracy >= 0 && whole.test_accuracy <= 1);
    session_destroy(session);
}

static void test_running_loss_is_the_mean_as_met(void **state) {
    (void)state;
    // With a learning rate of zero, what is met is what is measured.
    Session *session =
        make_session("xor-shallow", (const char *[]){"training.optimizer.learning_rate=0", NULL});
    double running_loss;
    Metrics metrics;
    assert_true(session_step(session, STEP_EPOCH, &running_loss));
    session_measure(session, &metrics);
    assert_close(running_loss, metrics.train_loss, 1e-6);
    session_destroy(session);
}

static void test_missing_data_is_an_error(void **state) {
    (void)state;
    Experiment *experiment = make_experiment(
        SMALL, (const char *[]){"data.kind=csv", "data.file=/nowhere/at-all.csv", NULL});
    Error error = {""};
    assert_null(session_create(experiment, &error));
    assert_non_null(strstr(error.text, "at-all.csv"));
    assert_int_equal(experiment->references, 1);
    experiment_release(experiment);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cuts_change_no_bit),
        cmocka_unit_test(test_sample_steps_complete_a_batch),
        cmocka_unit_test(test_every_epoch_has_its_own_order),
        cmocka_unit_test(test_saved_state_goes_on_the_same),
        cmocka_unit_test(test_reset_starts_anew),
        cmocka_unit_test(test_schedule_sets_the_rate),
        cmocka_unit_test(test_penalties_reach_the_steps),
        cmocka_unit_test(test_stops_early_with_the_best_weights),
        cmocka_unit_test(test_only_so_much_lower_is_better),
        cmocka_unit_test(test_saved_state_knows_the_best),
        cmocka_unit_test(test_divergence_does_not_depend_on_cuts),
        cmocka_unit_test(test_divergence_keeps_settings),
        cmocka_unit_test(test_measures_both_parts),
        cmocka_unit_test(test_measuring_in_parts_is_the_same),
        cmocka_unit_test(test_running_loss_is_the_mean_as_met),
        cmocka_unit_test(test_missing_data_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
