/// Sweeps: each run comes out as the session of that setting and seed alone, however it is trained
/// and by how many threads; one that diverges, too; and what the experiments are known for.
#include "train/sweep.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/thread.h"

#include "runs.h"

enum { RUNS_MAX = 2048, SETTINGS_MAX = 16 };

static SweepRow rows[RUNS_MAX], others[RUNS_MAX];

static void sweep(const Experiment *const *settings, int n, uint64_t seed, int seeds, int threads,
                  SweepRow *out) {
    SweepDesc desc = {.settings = settings,
                      .n_settings = n,
                      .first_seed = seed,
                      .n_seeds = seeds,
                      .threads = threads};
    int setting = -1;
    Error error = {""};
    assert_true(n * seeds <= RUNS_MAX);
    memset(out, 0, sizeof rows);
    if (sweep_run(&desc, out, &setting, &error) != SWEEP_DONE) {
        fail_msg("setting %d: %s", setting, error.text);
    }
}

/// The run by itself.
static SweepRow alone(const Experiment *setting, uint64_t seed) {
    Error error = {""};
    Experiment *experiment = experiment_copy(setting);
    experiment->seed = seed;
    Session *session = session_create(experiment, &error);
    experiment_release(experiment);
    if (!session) fail_msg("%s", error.text);
    while (session->epoch < setting->epochs && !session->diverged && !session->stopped) {
        session_step(session, STEP_EPOCH, NULL);
    }
    Metrics metrics;
    session_measure(session, &metrics);
    if (session_judge(session, &metrics)) session_measure(session, &metrics);
    SweepRow row = {metrics.train_loss, metrics.train_accuracy, metrics.test_loss,
                    metrics.test_accuracy, session->diverged};
    session_destroy(session);
    return row;
}

/// NaN equals NaN.  @param tolerance  relative; 0: the same bits
static void assert_number(double actual, double expected, double tolerance) {
    assert_close(actual, expected, tolerance * fmin(1, fabs(expected)));
}

static void assert_rows(const SweepRow *row, const SweepRow *expected, double tolerance) {
    // A rounding may put a sample on the other side of 1/2.
    double samples = tolerance > 0 ? 0.01 : 0;
    assert_int_equal(row->diverged, expected->diverged);
    assert_number(row->train_loss, expected->train_loss, tolerance);
    assert_number(row->test_loss, expected->test_loss, tolerance);
    assert_number(row->train_accuracy, expected->train_accuracy, samples);
    assert_number(row->test_accuracy, expected->test_accuracy, samples);
}

/// Every run of a sweep over these settings is that run alone.
static void check(const Experiment *const *settings, int n, int seeds, double tolerance) {
    sweep(settings, n, 11, seeds, 2, rows);
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < seeds; k++) {
            SweepRow expected = alone(settings[i], 11 + (uint64_t)k);
            assert_rows(&rows[i * seeds + k], &expected, tolerance);
        }
    }
}

/// One experiment, with settings of its own.
static void check_one(const char *name, const char *const *set, int seeds, double tolerance) {
    const Experiment *experiment = make_experiment(name, set);
    check(&experiment, 1, seeds, tolerance);
    experiment_release(experiment);
}

static void test_every_shipped_experiment(void **state) {
    (void)state;
    for (const char *const *name = experiment_names(); *name; name++) {
        if (strcmp(*name, "digits") == 0) continue; // its images may not be installed
        print_message("%s\n", *name);
        const char *const short_run[] = {"training.epochs=12", NULL};
        check_one(*name, short_run, 5, 1e-5);
    }
}

static void test_narrow_ones_come_out_to_the_bit(void **state) {
    (void)state;
    static const char *const narrow[] = {"xor-shallow", "paraboloid", "error-surface",
                                         "xor-deep-xavier"};
    const char *const set[] = {"training.epochs=60", NULL};
    for (int i = 0; i < 4; i++) check_one(narrow[i], set, 3, 0);
}

static void test_whatever_is_set(void **state) {
    (void)state;
    static const char *const sets[][8] = {
        {"training.shuffle=true", NULL},
        {"training.shuffle=true", "training.batch_size=7", "data.test_fraction=0.2", NULL},
        {"training.batch_size=0", "training.optimizer.learning_rate=0.5", NULL},
        {"training.optimizer.kind=adam", "training.batch_size=10", NULL},
        {"training.optimizer.kind=adamw", "training.schedule.kind=cosine", NULL},
        {"training.optimizer.kind=rmsprop", "training.optimizer.learning_rate=0.001", NULL},
        {"training.schedule.kind=warmup_cosine", "training.schedule.warmup=3", NULL},
        {"training.schedule.kind=step", "training.schedule.step_size=4", "training.l1=0.001", NULL},
        {"training.optimizer.nesterov=true", "training.l2=0.01", "network.layers.*.units=5", NULL},
        {"training.early_stopping.patience=2", "data.test_fraction=0.3", NULL},
        {"training.early_stopping.patience=1", "training.optimizer.learning_rate=0.5", NULL},
        {"network.layers.*.units=20", "training.batch_size=16", NULL},
        {"network.layers.1.norm=batch", "training.batch_size=16", "training.shuffle=true", NULL},
        {"network.layers.1.dropout=0.2", "training.shuffle=true", NULL},
        {"network.layers.1.residual=true", "network.layers.2.residual=true", NULL},
        {"training.epochs=0", NULL},
    };
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        Experiment *experiment = make_experiment("xor-shallow", NULL);
        Error error = {""};
        experiment->epochs = 15;
        for (int k = 0; sets[i][k]; k++) {
            if (!experiment_set(experiment, sets[i][k], &error)) fail_msg("%s", error.text);
        }
        const Experiment *const settings[] = {experiment};
        check(settings, 1, 3, 0);
        experiment_release(experiment);
    }
}

static void test_a_grid(void **state) {
    (void)state;
    // Rates and momenta share vectors, widths and lengths don't, and wide nets are trained alone.
    static const char *const sets[][3] = {
        {"training.optimizer.learning_rate=0.001", NULL},
        {"network.layers.*.units=4", NULL},
        {"training.optimizer.momentum=0", "training.optimizer.learning_rate=0.1", NULL},
        {"network.layers.*.units=30", NULL},
        {"training.epochs=3", NULL},
        {"training.optimizer.kind=adam", NULL},
        {"training.optimizer.kind=adam", "training.optimizer.learning_rate=0.1", NULL},
        {"data.samples=77", NULL},
        {"network.init=xavier_uniform", NULL},
        {"training.schedule.kind=exponential", NULL},
        {"training.l1=0.01", NULL},
        {"training.l1=0.02", NULL},
        {"training.l1=0.02", "training.schedule.kind=exponential", NULL},
        {"training.optimizer.weight_decay=0.1", NULL},
        {"training.loss=half_mse", NULL},
        {"training.batch_size=3", NULL},
    };
    enum { N = sizeof sets / sizeof *sets };
    const Experiment *settings[N];
    for (int i = 0; i < N; i++) {
        Experiment *experiment = make_experiment("xor-shallow", NULL);
        Error error = {""};
        experiment->epochs = 5;
        for (int k = 0; sets[i][k]; k++) {
            if (!experiment_set(experiment, sets[i][k], &error)) fail_msg("%s", error.text);
        }
        settings[i] = experiment;
    }
    check(settings, N, 7, 0);
    for (int threads = 1; threads <= 5; threads += 2) {
        sweep(settings, N, 11, 7, threads, others);
        assert_memory_equal(others, rows, sizeof rows);
    }
    for (int i = 0; i < N; i++) experiment_release(settings[i]);
}

static void test_seeds_are_independent_of_what_is_beside_them(void **state) {
    (void)state;
    const char *const set[] = {"training.epochs=20", NULL};
    const Experiment *experiment = make_experiment("xor-shallow", set);
    sweep(&experiment, 1, 100, 40, 1, rows);
    sweep(&experiment, 1, 117, 3, 1, others);
    for (int i = 0; i < 3; i++) assert_rows(&others[i], &rows[17 + i], 0);
    assert_true(rows[0].train_loss != rows[1].train_loss);
    experiment_release(experiment);
}

static void test_divergence(void **state) {
    (void)state;
    const char *const wild[] = {"training.epochs=50", "training.optimizer.learning_rate=0.42",
                                "network.layers.*.activation=linear", NULL};
    const char *const wilder[] = {"training.epochs=50", "training.optimizer.learning_rate=1000",
                                  "network.layers.*.activation=linear", NULL};
    const Experiment *settings[] = {make_experiment("xor-shallow", wild),
                                    make_experiment("xor-shallow", wilder)};
    for (int i = 0; i < 2; i++) {
        check(&settings[i], 1, 12, 0);
        int diverged = 0;
        for (int k = 0; k < 12; k++) {
            diverged += rows[k].diverged;
            assert_true(isfinite(rows[k].train_loss));
        }
        if (i == 0) assert_in_range(diverged, 1, 11);
        if (i == 1) assert_int_equal(diverged, 12);
        experiment_release(settings[i]);
    }
}

static bool stop_at_a_third(void *context, double share) {
    double *last = context;
    assert_true(share >= 0 && share <= 1);
    *last = share;
    return share < 0.33;
}

static bool only_watch(void *context, double share) {
    double *last = context;
    if (share > *last) *last = share;
    return share <= 1;
}

static void test_progress_and_stopping(void **state) {
    (void)state;
    static const char *const widths[] = {"network.layers.*.units=2", "network.layers.*.units=18"};
    for (int i = 0; i < 2; i++) {
        const char *const set[] = {widths[i], "training.epochs=40", NULL};
        const Experiment *experiment = make_experiment("xor-shallow", set);
        double share = -1;
        SweepDesc desc = {.settings = &experiment,
                          .n_settings = 1,
                          .first_seed = 1,
                          .n_seeds = i == 0 ? 64 : 2,
                          .threads = 1,
                          .progress = stop_at_a_third,
                          .context = &share};
        int setting;
        Error error;
        assert_int_equal(sweep_run(&desc, rows, &setting, &error), SWEEP_STOPPED);
        assert_true(share >= 0.33 && share < 0.6);
        share = -1;
        desc.progress = only_watch;
        assert_int_equal(sweep_run(&desc, rows, &setting, &error), SWEEP_DONE);
        assert_close(share, 1, 1e-3);
        experiment_release(experiment);
    }
}

static void test_settings_that_cannot_be_run(void **state) {
    (void)state;
    const char *const set[] = {"network.layers.3.units=2", NULL};
    const Experiment *settings[] = {make_experiment("xor-shallow", NULL),
                                    make_experiment("xor-shallow", set)};
    SweepDesc desc = {.settings = settings, .n_settings = 2, .first_seed = 1, .n_seeds = 1000000};
    int setting = -1;
    Error error = {""};
    assert_int_equal(sweep_run(&desc, rows, &setting, &error), SWEEP_FAILED);
    assert_int_equal(setting, 1);
    assert_non_null(strstr(error.text, "network.layers.3.units"));
    desc.n_settings = 1;
    desc.init = "absent.npz";
    assert_int_equal(sweep_run(&desc, rows, &setting, &error), SWEEP_FAILED);
    assert_int_equal(setting, 0);
    assert_non_null(strstr(error.text, "absent.npz"));
    for (int i = 0; i < 2; i++) experiment_release(settings[i]);
}

/// How many of n runs solve their task.
static int solved(const char *name, const char *setting, int n) {
    const char *const set[] = {setting, NULL};
    const Experiment *experiment = make_experiment(name, set);
    sweep(&experiment, 1, 1, n, 0, rows);
    int count = 0;
    for (int i = 0; i < n; i++) count += rows[i].train_accuracy > 0.95;
    experiment_release(experiment);
    return count;
}

static void test_how_often_xor_is_learnt(void **state) {
    (void)state;
    assert_in_range(solved("xor-shallow", NULL, 48), 18, 30);                       // a half
    assert_in_range(solved("xor-shallow", "network.layers.*.units=4", 16), 15, 16); // nearly all
    assert_int_equal(solved("xor-deep", "training.epochs=120", 16), 0);             // none
}

int main(void) {
    thread_flush_denormals();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_shipped_experiment),
        cmocka_unit_test(test_narrow_ones_come_out_to_the_bit),
        cmocka_unit_test(test_whatever_is_set),
        cmocka_unit_test(test_a_grid),
        cmocka_unit_test(test_seeds_are_independent_of_what_is_beside_them),
        cmocka_unit_test(test_divergence),
        cmocka_unit_test(test_progress_and_stopping),
        cmocka_unit_test(test_settings_that_cannot_be_run),
        cmocka_unit_test(test_how_often_xor_is_learnt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
