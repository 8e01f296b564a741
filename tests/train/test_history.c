#include "train/history.h"

#include <stdlib.h>

#include "runs.h"

// ---- the curve --------------------------------------------------------------------------------

static void add(Curve *curve, int64_t epoch, float train, float test) {
    curve_add(curve, epoch, (const float[CURVE_SERIES]){train, test, NAN});
}

/// Bins in order, together holding every epoch from 0 to last once.
static void check_covers(const Curve *curve, int64_t last) {
    assert_in_range(curve->count, 1, CURVE_BINS);
    int64_t next = 0;
    for (int i = 0; i < curve->count; i++) {
        assert_int_equal(curve->bins[i].first, next);
        assert_true(curve->bins[i].last >= curve->bins[i].first);
        next = curve->bins[i].last + 1;
    }
    assert_int_equal(next, last + 1);
}

static const CurveBin *bin_of(const Curve *curve, int64_t epoch) {
    for (int i = 0; i < curve->count; i++) {
        if (epoch <= curve->bins[i].last) return &curve->bins[i];
    }
    return NULL;
}

static void test_short_curve_is_exact(void **state) {
    (void)state;
    Curve *curve = calloc(1, sizeof *curve); // a zeroed one is valid
    for (int64_t e = 0; e < CURVE_BINS; e++) add(curve, e, (float)e * 0.5f, NAN);
    assert_int_equal(curve->count, CURVE_BINS);
    for (int i = 0; i < CURVE_BINS; i++) {
        const CurveBin *bin = &curve->bins[i];
        assert_int_equal(bin->first, i);
        assert_int_equal(bin->last, i);
        assert_true(bin->min[CURVE_TRAIN] == (float)i * 0.5f);
        assert_true(bin->max[CURVE_TRAIN] == bin->min[CURVE_TRAIN]);
        assert_true(bin->end[CURVE_TRAIN] == bin->min[CURVE_TRAIN]);
        assert_true(isnan(bin->min[CURVE_TEST]) && isnan(bin->max[CURVE_TEST]));
    }
    free(curve);
}

static void test_million_epochs_lose_no_peak(void **state) {
    (void)state;
    enum { EPOCHS = 1000000 };
    const int64_t peaks[] = {0, 1, 777, 2047, 2048, 65537, 314159, 500000, 999998, 999999};
    const int64_t dips[] = {3, 4095, 123456, 999997};
    Curve *curve = malloc(sizeof *curve);
    curve_clear(curve);
    for (int64_t e = 0; e < EPOCHS; e++) {
        float value = 1;
        for (size_t i = 0; i < sizeof peaks / sizeof *peaks; i++) {
            if (e == peaks[i]) value = 100 + (float)i;
        }
        for (size_t i = 0; i < sizeof dips / sizeof *dips; i++) {
            if (e == dips[i]) value = -1 - (float)i;
        }
        add(curve, e, value, e % 10 == 0 ? (float)e : NAN);
        assert_true(curve->count <= CURVE_BINS);
    }
    check_covers(curve, EPOCHS - 1);
    assert_true(curve->count >= CURVE_BINS / 4); // not coarser than need be
    for (size_t i = 0; i < sizeof peaks / sizeof *peaks; i++) {
        assert_true(bin_of(curve, peaks[i])->max[CURVE_TRAIN] >= 100 + (float)i);
    }
    for (size_t i = 0; i < sizeof dips / sizeof *dips; i++) {
        assert_true(bin_of(curve, dips[i])->min[CURVE_TRAIN] <= -1 - (float)i);
    }
    // No peak where there was none, and gaps in a series do not hide its values.
    int high = 0;
    for (int i = 0; i < curve->count; i++) {
        const CurveBin *bin = &curve->bins[i];
        if (bin->max[CURVE_TRAIN] > 1) high++;
        assert_true(bin->end[CURVE_TEST] == (float)(bin->last / 10 * 10));
        assert_true(bin->min[CURVE_TEST] == (float)((bin->first + 9) / 10 * 10));
    }
    assert_in_range(high, 6, 10);
    free(curve);
}

static void test_truncated_curve_is_fine_again(void **state) {
    (void)state;
    Curve *curve = malloc(sizeof *curve);
    curve_clear(curve);
    for (int64_t e = 0; e < 300000; e++) add(curve, e, 2, NAN);
    curve_truncate(curve, 150001);
    check_covers(curve, 150001);
    curve_truncate(curve, 10);
    check_covers(curve, 10);
    for (int64_t e = 11; e < 1000; e++) add(curve, e, 3, NAN);
    check_covers(curve, 999);
    assert_true(curve->count > 900); // not in bins as wide as 300,000 epochs need
    for (int64_t e = 1000; e < 500000; e++) add(curve, e, e == 400000 ? 50.0f : 3.0f, NAN);
    check_covers(curve, 499999);
    assert_true(bin_of(curve, 400000)->max[CURVE_TRAIN] == 50);
    curve_truncate(curve, -1);
    assert_int_equal(curve->count, 0);
    free(curve);
}

// ---- the path ---------------------------------------------------------------------------------

/// A history whose epochs cost nothing: only the cursor moves, and the first weight tells it.
typedef struct Fixture {
    Session *session;
    History *history;
} Fixture;

static Fixture start(const char *name, const char *const *settings) {
    Fixture fixture = {.session = make_session(name, settings)};
    fixture.history = history_create(fixture.session);
    assert_non_null(fixture.history);
    return fixture;
}

static void stop(Fixture *fixture) {
    history_destroy(fixture->history);
    session_destroy(fixture->session);
}

static void record_until(Fixture *fixture, int64_t epoch) {
    for (; fixture->session->epoch <= epoch; fixture->session->epoch++) {
        fixture->session->net.params[0] = (float)fixture->session->epoch;
        Metrics metrics = {.train_loss = (double)fixture->session->epoch, .test_loss = 2};
        history_record(fixture->history, fixture->session, &metrics);
    }
}

static void check_path(const Path *path, int count, int64_t last) {
    assert_in_range(count, path->capacity / 2, path->capacity);
    assert_int_equal(path->epoch[0], 0);
    for (int i = 0; i < count; i++) {
        if (i > 0) assert_int_equal(path->epoch[i], path->epoch[i - 1] + path->stride);
        assert_true(path->weights[(size_t)i * path->n_params] == (float)path->epoch[i]);
        assert_true(path->loss[i] == (double)path->epoch[i]);
        assert_true(path->test_loss[i] == 2);
    }
    assert_true(path->epoch[count - 1] > last - path->stride);
}

static void test_path_is_thinned_evenly(void **state) {
    (void)state;
    Fixture fixture = start(SMALL, NULL);
    int count, early_count;
    record_until(&fixture, 100);
    const Path *early = path_retain(history_path(fixture.history, &early_count));
    assert_int_equal(early_count, 101);
    record_until(&fixture, 50000);
    const Path *path = history_path(fixture.history, &count);
    assert_int_equal(path->capacity, PATH_POINTS_MAX);
    check_path(path, count, 50000);

    // A reader's path is as it was, and then some.
    assert_ptr_not_equal(early, path);
    for (int i = 0; i < early_count; i++) assert_int_equal(early->epoch[i], i);
    path_release(early);
    stop(&fixture);
}

static void test_path_of_a_wide_net_is_bounded(void **state) {
    (void)state;
    const char *wide[] = {"network.layers.0.units=4000", NULL}; // 16,001 parameters
    Fixture fixture = start(SMALL, wide);
    record_until(&fixture, 1500);
    int count;
    const Path *path = history_path(fixture.history, &count);
    assert_true((size_t)path->capacity * path->n_params * sizeof(float) <= 32u << 20);
    assert_true(path->capacity >= 64);
    check_path(path, count, 1500);
    stop(&fixture);
}

static void test_path_holds_huge_losses(void **state) {
    (void)state;
    Fixture fixture = start(SMALL, NULL);
    const double huge = 1e200, fine = 0.1; // neither is a float
    Metrics metrics = {.train_loss = huge, .test_loss = fine};
    history_record(fixture.history, fixture.session, &metrics);
    metrics = (Metrics){.train_loss = fine, .test_loss = huge};
    history_record_jump(fixture.history, 1, &metrics, fixture.session->net.params);
    int count;
    const Path *path = history_path(fixture.history, &count);
    assert_int_equal(count, 2);
    assert_true(path->loss[0] == huge && path->test_loss[0] == fine);
    assert_true(path->loss[1] == fine && path->test_loss[1] == huge);
    stop(&fixture);
}

static void test_truncation_spares_readers(void **state) {
    (void)state;
    Fixture fixture = start(SMALL, NULL);
    record_until(&fixture, 20000);
    int count, kept;
    const Path *read = path_retain(history_path(fixture.history, &kept));
    history_truncate(fixture.history, 50);
    assert_int_equal(history_last(fixture.history), 50);
    assert_true(isnan(history_metrics(fixture.history)->train_loss));
    const Path *path = history_path(fixture.history, &count);
    assert_ptr_not_equal(path, read);
    assert_true(path->epoch[count - 1] <= 50);
    check_path(read, kept, 20000);

    fixture.session->epoch = 51;
    record_until(&fixture, 500);
    path = history_path(fixture.history, &count);
    assert_int_equal(path->epoch[count - 1], 500);
    assert_true(count > 440); // fine again
    path_release(read);
    stop(&fixture);
}

// ---- checkpoints ------------------------------------------------------------------------------

static void test_checkpoints_are_dense_at_the_end(void **state) {
    (void)state;
    Fixture fixture = start(SMALL, NULL);
    record_until(&fixture, 200000);
    Metrics metrics;
    assert_int_equal(history_checkpoint(fixture.history, -1, NULL), -1);
    assert_int_equal(history_checkpoint(fixture.history, 0, NULL), 0);
    assert_int_equal(history_checkpoint(fixture.history, 200000, &metrics), 200000);
    assert_true(metrics.train_loss == 200000);
    for (int64_t age = 1; age < 200000; age = age * 3 / 2 + 1) {
        int64_t wanted = 200000 - age;
        int64_t found = history_checkpoint(fixture.history, wanted, &metrics);
        assert_in_range(found, 0, wanted);
        assert_true(metrics.train_loss == (double)found);
        // What must be replayed is a small part of what was trained since.
        assert_in_range(wanted - found, 0, 2 + age / 16);
    }
    stop(&fixture);
}

static void test_huge_states_keep_the_first(void **state) {
    (void)state;
    // 2 × 11 million parameters: one state is larger than all checkpoints may be.
    const char *huge[] = {"network.layers.0.units=4096", "network.layers.1.units=2600",
                          "data.samples=4", NULL};
    static const char text[] =
        "{\"saddle\": 1, \"name\": \"huge\", \"data\": {\"kind\": \"xor\", \"samples\": 50},"
        " \"network\": {\"layers\": [{\"units\": 2}, {\"units\": 2}, {\"units\": 1}]}}";
    Fixture fixture = start(text, huge);
    record_until(&fixture, 3);
    assert_int_equal(history_checkpoint(fixture.history, 2, NULL), 0);
    assert_int_equal(history_checkpoint(fixture.history, 3, NULL), 3);
    stop(&fixture);
}

static void train_and_record(Fixture *fixture, int64_t epoch) {
    Metrics metrics;
    while (fixture->session->epoch < epoch) {
        session_step(fixture->session, STEP_EPOCH, &metrics.running_loss);
        session_measure(fixture->session, &metrics);
        history_record(fixture->history, fixture->session, &metrics);
    }
}

static void test_restored_run_goes_on_the_same(void **state) {
    (void)state;
    Fixture fixture = start(SMALL, NULL);
    history_record(fixture.history, fixture.session, &(Metrics){0});
    train_and_record(&fixture, 700); // more than there are checkpoints

    for (int64_t wanted = 650; wanted > 0; wanted /= 3) {
        Session *back = make_session(SMALL, NULL), *straight = make_session(SMALL, NULL);
        session_train(back, 9, NULL); // whatever it did before
        int64_t from = history_restore(fixture.history, back, wanted);
        assert_in_range(from, 0, wanted);
        assert_int_equal(back->epoch, from);
        double expected = 0, loss = 0;
        while (straight->epoch <= wanted) session_step(straight, STEP_EPOCH, &expected);
        while (back->epoch <= wanted) session_step(back, STEP_EPOCH, &loss);
        assert_same_state(back, straight);
        assert_memory_equal(&loss, &expected, sizeof loss);
        session_destroy(back);
        session_destroy(straight);
    }
    stop(&fixture);
}

static void test_cleared_history_is_empty(void **state) {
    (void)state;
    Fixture fixture = start(SMALL, NULL);
    assert_int_equal(history_last(fixture.history), -1);
    record_until(&fixture, 9000);
    history_clear(fixture.history);
    int count;
    history_path(fixture.history, &count);
    assert_int_equal(count, 0);
    assert_int_equal(history_last(fixture.history), -1);
    assert_int_equal(history_curve(fixture.history)->count, 0);
    assert_int_equal(history_restore(fixture.history, fixture.session, 9000), -1);
    fixture.session->epoch = 0;
    record_until(&fixture, 600);
    assert_int_equal(history_path(fixture.history, &count)->stride, 1);
    assert_int_equal(count, 601);
    stop(&fixture);
}

static void test_line_is_put_aside_and_taken_back(void **state) {
    (void)state;
    for (int forgets = 0; forgets < 2; forgets++) {
        Fixture fixture = start(SMALL, NULL);
        record_until(&fixture, 100);
        HistoryLine line;
        assert_true(history_put_aside(fixture.history, &line));
        history_truncate(fixture.history, 40);
        fixture.session->epoch = 41;
        history_record_jump(fixture.history, 0, &(Metrics){0}, fixture.session->net.params);
        record_until(&fixture, 70);
        int count;
        const Path *other = path_retain(history_path(fixture.history, &count));
        assert_int_equal(count, 72);

        if (forgets) history_line_forget_path(&line);
        history_take_back(fixture.history, &line, 40);
        history_line_deinit(&line);
        assert_int_equal(history_last(fixture.history), 100);
        assert_true(history_metrics(fixture.history)->train_loss == 100);
        check_covers(history_curve(fixture.history), 100);
        assert_int_equal(history_checkpoint(fixture.history, 100, NULL), 40);
        const Path *path = history_path(fixture.history, &count);
        assert_int_equal(count, forgets ? 41 : 101); // what is common, or all
        for (int i = 0; i < count; i++) {
            assert_int_equal(path->epoch[i], i);
            assert_false(path->jumped[i]);
        }
        assert_true(other->jumped[41] && other->epoch[71] == 70); // readers keep theirs
        path_release(other);
        fixture.session->epoch = 101;
        record_until(&fixture, 103);
        history_path(fixture.history, &count);
        assert_int_equal(count, forgets ? 44 : 104);
        stop(&fixture);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_short_curve_is_exact),
        cmocka_unit_test(test_million_epochs_lose_no_peak),
        cmocka_unit_test(test_truncated_curve_is_fine_again),
        cmocka_unit_test(test_path_is_thinned_evenly),
        cmocka_unit_test(test_path_of_a_wide_net_is_bounded),
        cmocka_unit_test(test_path_holds_huge_losses),
        cmocka_unit_test(test_truncation_spares_readers),
        cmocka_unit_test(test_checkpoints_are_dense_at_the_end),
        cmocka_unit_test(test_huge_states_keep_the_first),
        cmocka_unit_test(test_restored_run_goes_on_the_same),
        cmocka_unit_test(test_cleared_history_is_empty),
        cmocka_unit_test(test_line_is_put_aside_and_taken_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
