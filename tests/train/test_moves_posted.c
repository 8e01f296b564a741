/// Moves, undo and redo through the trainer: posted from one thread, done on another, by one run or
/// by a race. What exactly they do is for test_moves.
#include "train/trainer.h"

#include "base/rng.h"

#include "stage.h"

static ParamVector *params_of(const Snapshot *snapshot, float value) {
    ParamVector *params = param_vector_create(snapshot->net.n_params);
    for (size_t i = 0; i < params->n; i++) params->values[i] = value;
    return params;
}

static void post_move(Stage *stage, int run, float value, bool again) {
    const Snapshot *snapshot = trainer_snapshot(stage->trainer, run);
    Command command = {.kind = COMMAND_MOVE, .params = params_of(snapshot, value), .again = again};
    trainer_post(stage->trainer, run, command);
}

static bool lies_at_hundredths(const Snapshot *snapshot, int64_t value) {
    return snapshot->net.params[0] == (float)value / 100;
}

static bool has_undos(const Snapshot *snapshot, int64_t undos) {
    return snapshot->undos == undos;
}

static bool has_redos(const Snapshot *snapshot, int64_t redos) {
    return snapshot->redos == redos;
}

static void test_posted_drag_is_one_move(void **state) {
    (void)state;
    Stage *stage = stage_create();
    int run = add_run(stage, SMALL, NULL);
    step(stage, run, STEP_EPOCH);
    const Snapshot *snapshot = step(stage, run, STEP_BATCH);
    float before[64];
    size_t n = snapshot->net.n_params;
    int64_t cursor = (int64_t)snapshot->cursor;
    memcpy(before, snapshot->net.params, n * sizeof *before);
    // More than the queue holds, and the last one counts.
    for (int i = 0; i <= 500; i++) post_move(stage, run, (float)i / 100, i > 0);
    snapshot = wait_for(stage, run, 0, lies_at_hundredths, 500);
    assert_int_equal(snapshot->undos, 1);
    assert_int_equal(snapshot->state, RUN_PAUSED);
    assert_true(snapshot->jumped);
    assert_true(isfinite(snapshot->metrics.train_loss));
    assert_int_equal(snapshot->cursor, cursor);
    // Two clicks are two, however fast.
    post_move(stage, run, 0.1f, false);
    post_move(stage, run, 0.2f, false);
    snapshot = wait_for(stage, run, 0, has_undos, 3);
    snapshot = ask(stage, run, COMMAND_UNDO, 0);
    assert_true(snapshot->net.params[1] == 0.1f);
    ask(stage, run, COMMAND_UNDO, 0);
    snapshot = ask(stage, run, COMMAND_UNDO, 0);
    assert_same_floats(snapshot->net.params, before, n);
    assert_int_equal(snapshot->undos, 0);
    assert_int_equal(snapshot->redos, 3);
    assert_false(snapshot->jumped);
    for (int i = 0; i < 3; i++) post(stage, run, COMMAND_REDO, 0);
    snapshot = wait_for(stage, run, 0, has_redos, 0);
    assert_true(snapshot->net.params[0] == 0.2f);
    stage_destroy(stage);
}

static void test_drags_do_not_run_into_each_other(void **state) {
    (void)state;
    Stage *stage = stage_create();
    int run = add_run(stage, SMALL, NULL);
    for (int i = 0; i < 10; i++) {
        post_move(stage, run, 0.1f, false);
        for (int k = 0; k < 4; k++) post_move(stage, run, 0.01f * (float)k, true);
    }
    post(stage, run, COMMAND_SET_UNIT, STEP_BATCH);
    assert_int_equal(wait_for(stage, run, 0, has_unit, STEP_BATCH)->undos, 10);
    stage_destroy(stage);
}

static void test_running_run_is_dragged(void **state) {
    (void)state;
    Stage *stage = stage_create();
    int run = add_run(stage, SMALL, (const char *[]){"training.epochs=1000000000", NULL});
    post(stage, run, COMMAND_SET_PACE, PACE_MAX);
    post(stage, run, COMMAND_PLAY, 0);
    for (int i = 0; i < 100; i++) {
        post_move(stage, run, (float)i / 100, i > 0);
        const Snapshot *snapshot = ask(stage, run, COMMAND_NONE, 0);
        assert_int_equal(snapshot->state, RUN_RUNNING);
    }
    const Snapshot *snapshot = ask(stage, run, COMMAND_PAUSE, 0);
    assert_int_equal(snapshot->undos, 1);
    post(stage, run, COMMAND_UNDO, 0);
    snapshot = wait_for(stage, run, 0, has_redos, 1);
    assert_int_equal(snapshot->undos, 0);
    stage_destroy(stage);
}

static void test_ends_with_moves_in_the_queue(void **state) {
    (void)state;
    for (int i = 0; i < 20; i++) {
        Stage *stage = stage_create();
        int run = add_run(stage, "xor-deep", NULL);
        post(stage, run, COMMAND_SET_PACE, PACE_MAX);
        post(stage, run, COMMAND_PLAY, 0);
        for (int k = 0; k < 100; k++) {
            post_move(stage, run, 0.01f * (float)k, false); // more than the queue holds
            if (k % 7 == 0) post(stage, run, COMMAND_UNDO, 0);
        }
        stage_destroy(stage); // nothing leaks
    }
}

static void test_any_order(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 6; seed++) {
        Rng rng = rng_create(seed, RNG_TEST);
        Stage *stage = stage_create();
        int run = add_run(stage, RICH, (const char *[]){"training.epochs=60", NULL});
        post(stage, run, COMMAND_SET_PACE, PACE_MAX);
        for (int i = 0; i < 80; i++) {
            switch (rng_below(&rng, 9)) {
            case 0: post(stage, run, COMMAND_PLAY, 0); break;
            case 1: post(stage, run, COMMAND_PAUSE, 0); break;
            case 2: post(stage, run, COMMAND_STEP, rng_below(&rng, 3)); break;
            case 3: post(stage, run, COMMAND_SEEK, rng_below(&rng, 30)); break;
            case 4: post(stage, run, COMMAND_UNDO, 0); break;
            case 5: post(stage, run, COMMAND_REDO, 0); break;
            case 6: post(stage, run, COMMAND_SET_LEARNING_RATE, 0.01 + 0.001 * i); break;
            case 7: post_move(stage, run, 0.02f * (float)i, rng_below(&rng, 2) == 0); break;
            case 8: post(stage, run, rng_below(&rng, 9) ? COMMAND_NONE : COMMAND_RESTART, 0); break;
            }
            if (rng_below(&rng, 4) == 0) ask(stage, run, COMMAND_NONE, 0);
        }
        // However it came there: what is known of it is the same each time one looks.
        post(stage, run, COMMAND_PAUSE, 0);
        int64_t last = settle(stage, run)->last_epoch;
        const Snapshot *snapshot = seek(stage, run, last);
        float there[256];
        size_t n = snapshot->net.n_params;
        assert_true(n <= 256);
        memcpy(there, snapshot->net.params, n * sizeof *there);
        Metrics metrics = snapshot->metrics;
        seek(stage, run, 0);
        snapshot = seek(stage, run, last);
        assert_same_floats(snapshot->net.params, there, n);
        assert_memory_equal(&snapshot->metrics.test_loss, &metrics.test_loss, sizeof(double));
        stage_destroy(stage);
    }
}

/// A snapshot of the run whose rivals are where it is.
static bool together(Stage *stage, int run, int64_t epoch, float value) {
    const Snapshot *rivals[RIVALS_MAX];
    int n;
    const Snapshot *first = trainer_race(stage->trainer, run, rivals, &n);
    bool there = n > 0 && first->epoch == epoch && first->net.params[0] == value;
    for (int i = 0; i < n; i++) {
        there = there && rivals[i]->epoch == epoch && rivals[i]->net.params[0] == value;
    }
    return there;
}

static void wait_together(Stage *stage, int run, int64_t epoch, float value) {
    for (int i = 0; !together(stage, run, epoch, value); i++) {
        if (i == 1000) fail_msg("never all at epoch %d and %g", (int)epoch, (double)value);
        ask(stage, run, COMMAND_NONE, 0);
    }
}

static void test_race_is_undone_together(void **state) {
    (void)state;
    Stage *stage = stage_create();
    int run = add_run(stage, "race", NULL);
    const Snapshot *snapshot = trainer_snapshot(stage->trainer, run);
    float start = snapshot->net.params[0];
    post_move(stage, run, 0.5f, false);
    wait_together(stage, run, 0, 0.5f);
    ask(stage, run, COMMAND_SET_LEARNING_RATE, 0.002); // the first one's alone
    for (int i = 0; i < 3; i++) step(stage, run, STEP_EPOCH);
    post_move(stage, run, 0.25f, false);
    wait_together(stage, run, 3, 0.25f);
    assert_int_equal(trainer_snapshot(stage->trainer, run)->undos, 3);
    ask(stage, run, COMMAND_UNDO, 0);
    ask(stage, run, COMMAND_UNDO, 0); // the rate: all go back to when it was changed
    wait_together(stage, run, 0, 0.5f);
    ask(stage, run, COMMAND_UNDO, 0);
    wait_together(stage, run, 0, start);
    for (int i = 0; i < 3; i++) ask(stage, run, COMMAND_REDO, 0);
    wait_together(stage, run, 3, 0.25f);
    assert_true(trainer_snapshot(stage->trainer, run)->optimizer.learning_rate == 0.002f);
    stage_destroy(stage);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_posted_drag_is_one_move),
        cmocka_unit_test(test_drags_do_not_run_into_each_other),
        cmocka_unit_test(test_running_run_is_dragged),
        cmocka_unit_test(test_ends_with_moves_in_the_queue),
        cmocka_unit_test(test_any_order),
        cmocka_unit_test(test_race_is_undone_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
