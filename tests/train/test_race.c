/// Races: every rival trains as it would alone, to the bit; all obey the same commands and keep in
/// step; another experiment brings its own rivals, or none.
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "train/trainer.h"

#include "runs.h"

// ---- a trainer whose clock moves with each look at it -----------------------------------------

static _Atomic double clock_now;

static double fake_clock(void) {
    double now = atomic_load(&clock_now);
    while (!atomic_compare_exchange_weak(&clock_now, &now, now + 1e-5)) continue;
    return now;
}

typedef struct Stage {
    Trainer *trainer;
    pthread_mutex_t lock;
    pthread_cond_t woken;
    int wakes, run;
    const Snapshot *first, *rivals[RIVALS_MAX];
    int n;
} Stage;

static void wake(void *context) {
    Stage *stage = context;
    pthread_mutex_lock(&stage->lock);
    stage->wakes++;
    pthread_cond_signal(&stage->woken);
    pthread_mutex_unlock(&stage->lock);
}

static const char *const settings[] = {"data.samples=60", "training.epochs=30", NULL};

/// The shipped experiment with that many rivals.
static Experiment *race_of(int n) {
    static const OptimizerKind kinds[] = {OPTIMIZER_ADAM, OPTIMIZER_RMSPROP, OPTIMIZER_SGD,
                                          OPTIMIZER_EMA_MOMENTUM};
    Experiment *experiment = make_experiment("xor-shallow", settings);
    for (int i = 0; i < n; i++) {
        experiment->race[i].optimizer = optimizer_desc_default(kinds[i % 4]);
    }
    experiment->n_race = n;
    return experiment;
}

static Stage *stage_create(int rivals) {
    Stage *stage = calloc(1, sizeof *stage);
    Error error;
    pthread_mutex_init(&stage->lock, NULL);
    pthread_cond_init(&stage->woken, NULL);
    atomic_store(&clock_now, 1000.0);
    TrainerDesc desc = {.now = fake_clock, .wake = wake, .context = stage};
    stage->trainer = trainer_create(&desc, &error);
    if (!stage->trainer) fail_msg("%s", error.text);
    Experiment *experiment = race_of(rivals);
    stage->run = trainer_add(stage->trainer, experiment, &error);
    experiment_release(experiment);
    if (stage->run < 0) fail_msg("%s", error.text);
    return stage;
}

static void stage_destroy(Stage *stage) {
    trainer_destroy(stage->trainer);
    pthread_cond_destroy(&stage->woken);
    pthread_mutex_destroy(&stage->lock);
    free(stage);
}

typedef bool Condition(const Stage *stage, int64_t value);

static void wait_for(Stage *stage, Condition *condition, int64_t value) {
    for (;;) {
        pthread_mutex_lock(&stage->lock);
        int wakes = stage->wakes;
        pthread_mutex_unlock(&stage->lock);
        stage->first = trainer_race(stage->trainer, stage->run, stage->rivals, &stage->n);
        if (condition(stage, value)) return;
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += 120; // only so that a failure ends
        int late = 0;
        pthread_mutex_lock(&stage->lock);
        while (stage->wakes == wakes && late == 0) {
            late = pthread_cond_timedwait(&stage->woken, &stage->lock, &until);
        }
        pthread_mutex_unlock(&stage->lock);
        if (late != 0) fail_msg("nothing was published: %d rivals", stage->n);
    }
}

static bool has_rivals(const Stage *stage, int64_t n) {
    return stage->n == n && stage->first->experiment->n_race == n;
}
static bool all_at(const Stage *stage, int64_t epoch) {
    bool there = stage->first->epoch == epoch && stage->n == stage->first->experiment->n_race;
    for (int i = 0; i < stage->n; i++) there = there && stage->rivals[i]->epoch == epoch;
    return there && stage->first->cursor == 0;
}
static bool all_done(const Stage *stage, int64_t epoch) {
    bool done = all_at(stage, epoch) && stage->first->state == RUN_DONE;
    for (int i = 0; i < stage->n; i++) done = done && stage->rivals[i]->state == RUN_DONE;
    return done;
}
static bool all_anew(const Stage *stage, int64_t generation) {
    return stage->first->generation != (uint64_t)generation && all_at(stage, 0);
}

static void post(Stage *stage, Command command) {
    trainer_post(stage->trainer, stage->run, command);
}

/// Against sessions of their own, trained alone.
static void assert_all_as_alone(const Stage *stage, int64_t epochs) {
    for (int i = -1; i < stage->n; i++) {
        const Experiment *race = stage->first->experiment;
        Experiment *own = i < 0 ? experiment_copy(race) : experiment_rival(race, i);
        Error error;
        Session *session = session_create(own, &error);
        if (!session) fail_msg("%s", error.text);
        for (int64_t e = 0; e < epochs; e++) assert_true(session_step(session, STEP_EPOCH, NULL));
        const Network *net = i < 0 ? &stage->first->net : &stage->rivals[i]->net;
        assert_memory_equal(net->params, session->net.params, net->n_values * sizeof *net->params);
        session_destroy(session);
        experiment_release(own);
    }
}

// ---- the tests ----------------------------------------------------------------------------------

static void test_rivals_start_from_the_same_point_on_the_same_data(void **state) {
    (void)state;
    Stage *stage = stage_create(4);
    wait_for(stage, has_rivals, 4);
    for (int i = 0; i < 4; i++) {
        assert_ptr_equal(stage->rivals[i]->data, stage->first->data);
        assert_int_equal(stage->rivals[i]->epoch, 0);
        assert_true(stage->rivals[i]->metrics.train_loss == stage->first->metrics.train_loss);
        assert_int_equal(stage->rivals[i]->optimizer.kind,
                         stage->first->experiment->race[i].optimizer.kind);
    }
    assert_all_as_alone(stage, 0);
    stage_destroy(stage);
}

static void test_rivals_train_as_they_would_alone(void **state) {
    (void)state;
    Stage *stage = stage_create(RIVALS_MAX);
    post(stage, (Command){.kind = COMMAND_SET_PACE, .value = PACE_MAX});
    post(stage, (Command){.kind = COMMAND_PLAY});
    wait_for(stage, all_done, 30);
    assert_all_as_alone(stage, 30);
    post(stage, (Command){.kind = COMMAND_SEEK, .epoch = 17});
    wait_for(stage, all_at, 17);
    assert_all_as_alone(stage, 17);
    post(stage, (Command){.kind = COMMAND_STEP, .unit = STEP_EPOCH});
    wait_for(stage, all_at, 18);
    assert_all_as_alone(stage, 18);
    stage_destroy(stage);
}

static bool further_than(const Stage *stage, int64_t epoch) {
    return stage->n == 2 && stage->first->epoch > epoch;
}

static void test_nobody_runs_away(void **state) {
    (void)state;
    Stage *stage = stage_create(2);
    post(stage, (Command){.kind = COMMAND_SET_PACE, .value = PACE_MAX});
    post(stage, (Command){.kind = COMMAND_PLAY});
    for (int64_t seen = 0; seen < 29; seen = stage->first->epoch) {
        wait_for(stage, further_than, seen);
        for (int i = 0; i < 2; i++) {
            // The first one's snapshot is taken before those of the rivals, which may be newer.
            if (stage->rivals[i]->serial < stage->first->serial)
                assert_in_range(stage->rivals[i]->epoch + 1 - stage->first->epoch, 0, 2);
        }
    }
    stage_destroy(stage);
}

static void test_settings_are_the_runs_own(void **state) {
    (void)state;
    Stage *stage = stage_create(2);
    wait_for(stage, has_rivals, 2);
    float rate = stage->rivals[0]->optimizer.learning_rate;
    post(stage, (Command){.kind = COMMAND_SET_LEARNING_RATE, .value = 0.5});
    post(stage, (Command){.kind = COMMAND_STEP, .unit = STEP_EPOCH});
    wait_for(stage, all_at, 1);
    assert_true(stage->first->optimizer.learning_rate == 0.5f);
    assert_true(stage->rivals[0]->optimizer.learning_rate == rate);
    stage_destroy(stage);
}

static void test_a_restart_starts_all(void **state) {
    (void)state;
    Stage *stage = stage_create(3);
    post(stage, (Command){.kind = COMMAND_STEP, .unit = STEP_EPOCH});
    wait_for(stage, all_at, 1);
    int64_t generation = (int64_t)stage->first->generation;
    post(stage, (Command){.kind = COMMAND_RESTART});
    wait_for(stage, all_anew, generation);
    assert_all_as_alone(stage, 0);
    stage_destroy(stage);
}

/// Whether all stand at epoch 0 with every parameter that value.
static bool all_stand_at(const Stage *stage, int64_t value) {
    bool there = all_at(stage, 0);
    for (int i = -1; i < stage->n && there; i++) {
        const Network *net = i < 0 ? &stage->first->net : &stage->rivals[i]->net;
        for (size_t k = 0; k < net->n_params; k++) there = there && net->params[k] == (float)value;
    }
    return there;
}

/// A restart from parameters of that value.
static Command from_value(const Stage *stage, float value) {
    ParamVector *params = param_vector_create(stage->first->net.n_params);
    assert_non_null(params);
    for (size_t k = 0; k < params->n; k++) params->values[k] = value;
    return (Command){.kind = COMMAND_RESTART, .params = params};
}

static void test_a_race_begins_from_another_start(void **state) {
    (void)state;
    Stage *stage = stage_create(3);
    post(stage, (Command){.kind = COMMAND_STEP, .unit = STEP_EPOCH});
    wait_for(stage, all_at, 1);
    float before = stage->rivals[2]->net.params[0];
    post(stage, from_value(stage, 2));
    wait_for(stage, all_stand_at, 2);
    for (int i = 0; i < 3; i++)
        assert_true(stage->rivals[i]->metrics.train_loss == stage->first->metrics.train_loss);
    post(stage, (Command){.kind = COMMAND_STEP, .unit = STEP_EPOCH});
    wait_for(stage, all_at, 1);
    post(stage, (Command){.kind = COMMAND_RESTART}); // the start is the new one
    wait_for(stage, all_stand_at, 2);
    post(stage, (Command){.kind = COMMAND_UNDO});
    wait_for(stage, all_at, 1);
    post(stage, (Command){.kind = COMMAND_UNDO});
    wait_for(stage, all_at, 1);
    while (stage->rivals[2]->net.params[0] != before) wait_for(stage, all_at, 1);
    // What does not fit, or is no number, is passed over.
    post(stage, from_value(stage, NAN));
    ParamVector *few = param_vector_create(1);
    post(stage, (Command){.kind = COMMAND_RESTART, .params = few});
    post(stage, (Command){.kind = COMMAND_STEP, .unit = STEP_EPOCH});
    wait_for(stage, all_at, 2);
    assert_all_as_alone(stage, 2);
    stage_destroy(stage);
}

static void load(Stage *stage, int rivals) {
    Experiment *experiment = race_of(rivals);
    post(stage, (Command){.kind = COMMAND_LOAD, .experiment = experiment});
}

static void test_another_experiment_has_its_own_rivals(void **state) {
    (void)state;
    Stage *stage = stage_create(0);
    static const int counts[] = {3, 1, 0, 7, 2, 0, 1};
    uint64_t seen[64];
    int n_seen = 0;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        load(stage, counts[i]);
        wait_for(stage, has_rivals, counts[i]);
        for (int k = -1; k < stage->n; k++) { // no two have had the same generation
            uint64_t own = k < 0 ? stage->first->generation : stage->rivals[k]->generation;
            for (int j = 0; j < n_seen; j++) assert_true(seen[j] != own);
            seen[n_seen++] = own;
        }
        post(stage, (Command){.kind = COMMAND_STEP, .unit = STEP_EPOCH});
        wait_for(stage, all_at, 1);
        assert_all_as_alone(stage, 1);
    }
    stage_destroy(stage);
}

static bool has_undone(const Stage *stage, int64_t undos) {
    return stage->first->undos == undos && all_at(stage, stage->first->epoch);
}

/// Where adam's state has more bytes than fit, the run forgets as much as its rival.
static void test_large_rivals_undo_together(void **state) {
    (void)state;
    Stage *stage = stage_create(0);
    Experiment *experiment = make_experiment(
        "xor-shallow",
        (const char *[]){"data.samples=40", "training.epochs=1000", "training.batch_size=0",
                         "network.layers.0.units=300", "network.layers.1.units=600",
                         "network.layers.2.units=300", NULL});
    experiment->race[0].optimizer = optimizer_desc_default(OPTIMIZER_ADAM);
    experiment->n_race = 1;
    post(stage, (Command){.kind = COMMAND_LOAD, .experiment = experiment});
    wait_for(stage, has_rivals, 1);
    enum { STEPS = 30 };
    for (int i = 1; i <= STEPS; i++) {
        post(stage, (Command){.kind = COMMAND_STEP, .unit = STEP_EPOCH});
        wait_for(stage, all_at, i);
        double now = atomic_load(&clock_now); // a while later: not one drag of a slider
        while (!atomic_compare_exchange_weak(&clock_now, &now, now + 60)) continue;
        post(stage, (Command){.kind = COMMAND_SET_LEARNING_RATE, .value = 0.001 / i});
    }
    post(stage, (Command){.kind = COMMAND_STEP, .unit = STEP_EPOCH});
    wait_for(stage, all_at, STEPS + 1);
    const int undos = stage->first->undos;
    assert_true(undos > 0 && undos < STEPS); // not all fit
    for (int left = undos - 1; left >= 0; left--) {
        post(stage, (Command){.kind = COMMAND_UNDO});
        wait_for(stage, has_undone, left);
    }
    for (int done = 1; stage->first->redos > 0; done++) {
        post(stage, (Command){.kind = COMMAND_REDO});
        wait_for(stage, has_undone, done);
    }
    stage_destroy(stage);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rivals_start_from_the_same_point_on_the_same_data),
        cmocka_unit_test(test_rivals_train_as_they_would_alone),
        cmocka_unit_test(test_nobody_runs_away),
        cmocka_unit_test(test_settings_are_the_runs_own),
        cmocka_unit_test(test_a_restart_starts_all),
        cmocka_unit_test(test_a_race_begins_from_another_start),
        cmocka_unit_test(test_another_experiment_has_its_own_rivals),
        cmocka_unit_test(test_large_rivals_undo_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
