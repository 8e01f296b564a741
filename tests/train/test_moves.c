/// Weights put elsewhere by hand, undo and redo, and the next step foreseen: all to the bit,
/// against bare sessions and against what was there before. A run is driven without its thread,
/// under a clock that stands still.
#include "train/run.h"

#include <stdlib.h>
#include <string.h>

#include "driven.h"

// ---- moves against bare sessions --------------------------------------------------------------

/// A run in which weights are put elsewhere at these moments: batches beyond an epoch's end.
typedef struct Moving {
    int64_t epoch;
    int batches;
} Moving;

static const Moving movings[] = {{0, 0}, {4, 0}, {4, 2}, {7, 3}, {7, 3}, {11, 1}, {12, 0}};
enum { MOVINGS = sizeof movings / sizeof *movings };

/// A bare session as it is shown at an epoch: after moves that are made right there.
static void bare_advance(Session *session, int64_t epoch) {
    for (;;) {
        int batches =
            (int)((session->cursor + (size_t)session->batch - 1) / (size_t)session->batch);
        for (int i = 0; i < MOVINGS; i++) {
            if (movings[i].epoch != session->epoch || movings[i].batches != batches) continue;
            if (!session->judged && session->cursor == 0) {
                Metrics metrics;
                session_measure(session, &metrics);
                session_judge(session, &metrics);
            }
            move_session(session, (uint64_t)i);
        }
        if (session->epoch >= epoch) return;
        session_step(session, STEP_BATCH, NULL);
        if (session->stopped) return;
    }
}

static void assert_bare(const Run *run, const char *text, const char *const *settings) {
    Session *session = make_session(text, settings);
    bare_advance(session, run->session->epoch);
    Metrics metrics = {.running_loss = session->running_loss};
    session_measure(session, &metrics);
    session_judge(session, &metrics);
    assert_same_state(run->session, session);
    if (!session->stopped) assert_same_metrics(&run->past.metrics, &metrics);
    assert_int_equal(run->past.measured, session->epoch);
    session_destroy(session);
}

static void perform(Run *run, int64_t last) {
    for (int i = 0; i < MOVINGS; i++) {
        step_until(run, movings[i].epoch);
        int batches = (int)(run->session->cursor / (size_t)run->session->batch);
        for (; batches < movings[i].batches; batches++) ask(run, COMMAND_STEP, STEP_BATCH);
        move(run, (uint64_t)i, false);
        assert_int_equal(run->state, RUN_PAUSED);
    }
    step_until(run, last);
}

static void check_moves(const char *text, const char *const *settings) {
    Run *run = start(text, settings);
    perform(run, EPOCHS);
    assert_bare(run, text, settings);
    // Looks back, near and far, and forward.
    static const int64_t there[] = {19, 4, 5, 8, 7, 20, 11, 12, 13, 0, 1, 3, 20};
    for (size_t i = 0; i < sizeof there / sizeof *there; i++) {
        ask(run, COMMAND_SEEK, (double)there[i]);
        assert_int_equal(run->session->epoch, there[i]);
        assert_bare(run, text, settings);
    }
    // Checkpoints aside: from the start through all moves.
    ask(run, COMMAND_SEEK, 0);
    for (int64_t epoch = 1; epoch <= EPOCHS + 1; epoch++) {
        ask(run, COMMAND_STEP, STEP_EPOCH);
        assert_bare(run, text, settings);
    }
    assert_int_equal(history_last(run->history), EPOCHS + 1);
    ask(run, COMMAND_SEEK, 2);
    ask(run, COMMAND_PLAY, 0);
    assert_int_equal(run->session->epoch, EPOCHS);
    assert_bare(run, text, settings);
    // Batch by batch it is shown where it was put, as soon as it gets there.
    ask(run, COMMAND_SEEK, 7);
    for (int i = 0; i < 3; i++) ask(run, COMMAND_STEP, STEP_BATCH);
    float *put = malloc(run->session->net.n_params * sizeof *put);
    make_params(put, run->session->net.n_params, 4);
    assert_same_floats(run->session->net.params, put, run->session->net.n_params);
    free(put);
    stop(run);
}

static void test_moves_are_replayed(void **state) {
    (void)state;
    check_moves(SMALL, NULL);
    check_moves(RICH, NULL);
    check_moves(RICH, (const char *[]){"network.layers.0.norm=batch", NULL});
    check_moves(RICH, (const char *[]){"training.optimizer.kind=rmsprop",
                                       "training.optimizer.momentum=0.5", NULL});
}

static void test_far_replay_makes_the_moves(void **state) {
    (void)state;
    // So many epochs that checkpoints in between are thinned.
    Run *run = start(SMALL, (const char *[]){"training.epochs=4000", NULL});
    perform(run, 13);
    ask(run, COMMAND_PLAY, 0);
    assert_int_equal(run->session->epoch, 4000);
    for (int64_t epoch = 31; epoch < 4000; epoch += 600) {
        ask(run, COMMAND_SEEK, (double)epoch);
        assert_bare(run, SMALL, NULL);
    }
    for (int64_t epoch = 13; epoch >= 0; epoch--) {
        ask(run, COMMAND_SEEK, (double)epoch);
        assert_bare(run, SMALL, NULL);
    }
    stop(run);
}

static void test_move_clears_the_optimizer(void **state) {
    (void)state;
    Session *session = make_session(RICH, NULL);
    session_train(session, 16, NULL);
    float statistic = session->net.params[session->net.n_params];
    assert_true(session->optimizer.steps > 0);
    move_session(session, 3);
    assert_int_equal(session->optimizer.steps, 0);
    for (size_t i = 0; i < session->optimizer.n_state; i++) {
        assert_true(session->optimizer.state[i] == 0);
    }
    if (session->net.n_values > session->net.n_params) {
        assert_true(session->net.params[session->net.n_params] == statistic);
    }
    assert_int_equal(session->cursor, 16);
    session_destroy(session);
}

static void test_early_stopping_watches_anew(void **state) {
    (void)state;
    static const char *const settings[] = {"training.early_stopping.patience=3",
                                           "training.epochs=1000", NULL};
    Run *run = start(RICH, settings);
    ask(run, COMMAND_PLAY, 0);
    int64_t stopped = run->session->epoch;
    assert_true(run->session->stopped && run->state == RUN_DONE && stopped < 200);

    // The moved weights are the first candidate, from there patience counts.
    move(run, 5, false);
    assert_int_equal(run->state, RUN_PAUSED);
    assert_string_equal(run->message, "");
    assert_int_equal(run->session->best.epoch, stopped);
    assert_true(run->session->best.loss == run->past.metrics.test_loss);
    ask(run, COMMAND_PLAY, 0);
    int64_t again = run->session->epoch;
    assert_true(run->session->stopped && again >= stopped + 3);
    assert_true(run->session->best.epoch >= stopped);
    assert_int_equal(again, run->session->best.epoch + 3);
    float *values = malloc(run->session->net.n_values * sizeof *values);
    memcpy(values, run->session->net.params, run->session->net.n_values * sizeof *values);

    // Through the stop that the move has gone on from.
    ask(run, COMMAND_SEEK, (double)(stopped - 1));
    ask(run, COMMAND_PLAY, 0);
    assert_int_equal(run->session->epoch, again);
    assert_same_floats(run->session->net.params, values, run->session->net.n_values);
    ask(run, COMMAND_SEEK, 0);
    ask(run, COMMAND_SEEK, (double)again);
    assert_same_floats(run->session->net.params, values, run->session->net.n_values);
    ask(run, COMMAND_SEEK, (double)stopped);
    assert_false(run->session->stopped);
    assert_int_equal(run->state, RUN_PAUSED);
    free(values);

    // Before an undo it had stopped there.
    ask(run, COMMAND_UNDO, 0);
    assert_int_equal(run->session->epoch, stopped);
    assert_true(run->session->stopped && run->state == RUN_DONE);
    assert_non_null(strstr(run->message, "Stopped early"));
    stop(run);
}

static void test_moves_with_early_stopping_are_replayed(void **state) {
    (void)state;
    check_moves(RICH, (const char *[]){"training.early_stopping.patience=9", NULL});
}

// ---- what it looks like -----------------------------------------------------------------------

static void test_path_has_both_ends_of_a_jump(void **state) {
    (void)state;
    Run *run = start(SMALL, NULL);
    step_until(run, 3);
    Snapshot *before = look(run);
    assert_false(before->jumped);
    move(run, 1, false);
    move(run, 2, false);
    ask(run, COMMAND_STEP, STEP_BATCH);
    move(run, 3, false);
    Snapshot *moved = look(run);
    assert_true(moved->jumped);
    Metrics metrics = {0};
    session_measure(run->session, &metrics);
    assert_true(moved->metrics.train_loss == metrics.train_loss);
    assert_true(moved->metrics.test_loss == metrics.test_loss);
    float *put = malloc(run->session->net.n_params * sizeof *put);
    make_params(put, run->session->net.n_params, 3);
    assert_same_floats(moved->net.params, put, moved->net.n_params);
    // The curve at that epoch is training's.
    assert_int_equal(moved->curve.count, 4);
    assert_true(moved->curve.bins[3].end[CURVE_TRAIN] == (float)before->metrics.train_loss);

    step_until(run, 5);
    Snapshot *after = look(run);
    assert_false(after->jumped);
    assert_int_equal(after->path_count, 7); // 0 1 2 3, 3 again, 4 5
    static const int64_t epochs[] = {0, 1, 2, 3, 3, 4, 5};
    for (int i = 0; i < 7; i++) {
        assert_int_equal(after->path->epoch[i], epochs[i]);
        assert_int_equal(after->path->jumped[i], i == 4);
    }
    size_t n = after->path->n_params;
    assert_same_floats(after->path->weights + 3 * n, before->net.params, n);
    assert_same_floats(after->path->weights + 4 * n, put, n);
    assert_true(after->path->loss[4] == metrics.train_loss);
    assert_true(after->path->test_loss[4] == metrics.test_loss);

    // A look back changes nothing of it; another future from before the jump forgets it.
    ask(run, COMMAND_SEEK, 3);
    ask(run, COMMAND_SET_LEARNING_RATE, 0.01);
    ask(run, COMMAND_STEP, STEP_EPOCH);
    Snapshot *other = look(run);
    assert_int_equal(other->path_count, 6); // the first jump is at the epoch's end, and stays
    assert_true(other->path->jumped[4]);
    make_params(put, n, 2);
    assert_same_floats(other->path->weights + 4 * n, put, n);
    forget(before);
    forget(moved);
    forget(after);
    forget(other);
    free(put);
    stop(run);
}

static void test_long_jumpy_path_stays_bounded(void **state) {
    (void)state;
    Session *session = make_session(SMALL, NULL);
    History *history = history_create(session);
    float *put = calloc(session->net.n_params, sizeof *put);
    for (; session->epoch < 30000; session->epoch++) {
        Metrics metrics = {.train_loss = (double)session->epoch};
        bool jumps = session->epoch % 3 == 0 && session->epoch > 0;
        put[0] = -(float)session->epoch;
        session->net.params[0] = (float)session->epoch;
        if (jumps) history_record_jump(history, 7, &metrics, put);
        history_record(history, session, &metrics);
    }
    int count, jumps = 0;
    const Path *path = history_path(history, &count);
    assert_in_range(count, PATH_POINTS_MAX / 4, PATH_POINTS_MAX);
    for (int i = 0; i < count; i++) {
        assert_true(path->jumped[i] || path->epoch[i] % path->stride == 0);
        if (i > 0) assert_true(path->epoch[i] >= path->epoch[i - 1]);
        if (path->jumped[i]) assert_true(path->weights[(size_t)i * path->n_params] < 0);
        jumps += path->jumped[i];
        // No line that never was: between two points of training without a jump there was none.
        bool joined = i > 0 && !path->jumped[i] && !path->jumped[i - 1];
        if (joined) assert_true(path->epoch[i] - path->epoch[i - 1] < 4);
    }
    assert_true(jumps > 100);
    free(put);
    history_destroy(history);
    session_destroy(session);
}

static void test_nonsense_is_passed_over(void **state) {
    (void)state;
    Run *run = start(SMALL, NULL);
    step_until(run, 2);
    Snapshot *before = look(run);
    const float wrong[] = {NAN, INFINITY, -INFINITY};
    for (int i = 0; i < 5; i++) {
        ParamVector *params = param_vector_create(before->net.n_params + (i == 3 ? 1 : 0));
        if (i < 3) params->values[1] = wrong[i];
        param_vector_retain(params);
        Command command = {.kind = COMMAND_MOVE, .params = i < 4 ? params : NULL};
        if (i == 4) param_vector_release(params);
        assert_false(ask_command(run, command));
        assert_int_equal(atomic_load(&params->references), 1); // what was given away is released
        param_vector_release(params);
    }
    Snapshot *after = look(run);
    assert_int_equal(after->undos, 0);
    assert_false(after->jumped);
    assert_same_floats(after->net.params, before->net.params, before->net.n_params);
    // Nothing to undo or redo: nothing happens.
    ask(run, COMMAND_UNDO, 0);
    ask(run, COMMAND_REDO, 0);
    assert_same_floats(run->session->net.params, before->net.params, before->net.n_params);
    forget(before);
    forget(after);
    stop(run);
}

static void test_running_run_runs_on(void **state) {
    (void)state;
    Run *run = start(SMALL, (const char *[]){"training.epochs=100000000", NULL});
    Command play = {.kind = COMMAND_PLAY};
    run_obey(run, &play, 0);
    for (int i = 0; i < 20; i++) {
        run_slice(run, standing_clock);
        Command drag = {
            .kind = COMMAND_MOVE, .params = some_params(run, (uint64_t)i), .again = i > 0};
        run_obey(run, &drag, 0);
        command_release(&drag);
        assert_int_equal(run->state, RUN_RUNNING);
        assert_int_equal(run->undos.count, 1); // one drag, though it was trained meanwhile
    }
    stop(run);
}

static void test_done_run_goes_on_from_there(void **state) {
    (void)state;
    Run *run = start(SMALL, NULL);
    ask(run, COMMAND_PLAY, 0);
    assert_int_equal(run->state, RUN_DONE);
    move(run, 9, false);
    assert_int_equal(run->state, RUN_PAUSED);
    Session *session = make_session(SMALL, NULL);
    while (session->epoch < EPOCHS) session_step(session, STEP_EPOCH, NULL);
    move_session(session, 9);
    assert_same_state(run->session, session);
    ask(run, COMMAND_PLAY, 0);
    assert_int_equal(run->session->epoch, 2 * EPOCHS);
    while (session->epoch < 2 * EPOCHS) session_step(session, STEP_EPOCH, NULL);
    assert_same_state(run->session, session);
    session_destroy(session);
    stop(run);
}

static const char *const wild[] = {"network.layers.0.activation=linear", "training.batch_size=0",
                                   "training.optimizer.momentum=0.9",
                                   "training.optimizer.learning_rate=0.5", NULL};

static void test_diverged_run_goes_on_from_there(void **state) {
    (void)state;
    Run *run = start("error-surface", wild);
    ask(run, COMMAND_PLAY, 0);
    assert_int_equal(run->state, RUN_DIVERGED);
    int64_t good = run->session->epoch, marked = run->past.diverged_epoch;
    move(run, 1, false);
    assert_int_equal(run->state, RUN_PAUSED);
    assert_false(run->session->diverged);
    assert_int_equal(run->past.diverged_epoch, -1);
    assert_string_equal(run->message, "");
    ask(run, COMMAND_SET_MOMENTUM, 0);
    ask(run, COMMAND_SET_LEARNING_RATE, 1e-6);
    step_until(run, good + 3);
    float kept[2] = {run->session->net.params[0], run->session->net.params[1]};
    ask(run, COMMAND_SEEK, 0);
    ask(run, COMMAND_SEEK, (double)(good + 3));
    assert_same_floats(run->session->net.params, kept, 2);
    for (int i = 0; i < 3; i++) ask(run, COMMAND_UNDO, 0);
    assert_int_equal(run->session->epoch, good);
    assert_int_equal(run->past.diverged_epoch, marked);
    ask(run, COMMAND_PLAY, 0); // it does the same again
    assert_int_equal(run->state, RUN_DIVERGED);
    assert_int_equal(run->past.diverged_epoch, marked);
    stop(run);
}

static const char *const steep[] = {"data.samples=500", "training.batch_size=50",
                                    "network.layers.0.activation=linear", NULL};

static void move_to_a_cliff(Run *run) {
    ParamVector *params = param_vector_create(run->session->net.n_params);
    for (size_t i = 0; i < params->n; i++) params->values[i] = 3e38f;
    ask_command(run, (Command){.kind = COMMAND_MOVE, .params = params});
}

static void test_diverging_after_a_move_keeps_it(void **state) {
    (void)state;
    Run *run = start("error-surface", steep);
    step_until(run, 2);
    move(run, 3, false);
    ask(run, COMMAND_SET_LEARNING_RATE, 0.9);
    ask(run, COMMAND_STEP, STEP_EPOCH);
    assert_int_equal(run->state, RUN_DIVERGED);
    assert_int_equal(run->session->epoch, 2); // where the epoch started: at the moved weights
    float put[2];
    make_params(put, 2, 3);
    assert_same_floats(run->session->net.params, put, 2);
    ask(run, COMMAND_SET_LEARNING_RATE, 1e-4);
    step_until(run, 4);
    float kept[2] = {run->session->net.params[0], run->session->net.params[1]};
    ask(run, COMMAND_SEEK, 1);
    ask(run, COMMAND_SEEK, 2);
    assert_same_floats(run->session->net.params, put, 2);
    ask(run, COMMAND_SEEK, 3);
    ask(run, COMMAND_STEP, STEP_EPOCH);
    assert_same_floats(run->session->net.params, kept, 2);
    stop(run);
}

static void test_diverging_after_an_undo_stays_in_its_past(void **state) {
    (void)state;
    Run *run = start("error-surface", steep);
    step_until(run, 2);
    float two[2] = {run->session->net.params[0], run->session->net.params[1]};
    for (int i = 0; i < 3; i++) ask(run, COMMAND_STEP, STEP_BATCH);
    move(run, 1, false);
    step_until(run, 6);
    ask(run, COMMAND_UNDO, 0);
    assert_int_equal(run->session->epoch, 2);
    move_to_a_cliff(run);
    ask(run, COMMAND_STEP, STEP_EPOCH);
    assert_int_equal(run->state, RUN_DIVERGED);
    assert_int_equal(run->session->epoch, 2);
    assert_int_equal(run->session->cursor, 0);
    assert_same_floats(run->session->net.params, two, 2);
    stop(run);
}

static void test_cliff_is_no_candidate(void **state) {
    (void)state;
    const char *const settings[] = {steep[0], steep[1], steep[2],
                                    "training.early_stopping.patience=2", NULL};
    Run *run = start("error-surface", settings);
    step_until(run, 5);
    assert_false(run->session->stopped);
    move_to_a_cliff(run);
    assert_false(run->session->stopped);
    assert_int_equal(run->state, RUN_PAUSED);
    assert_int_equal(run->session->best.epoch, 0);
    assert_int_equal(run->session->best.since, 5);
    stop(run);
}

static void test_move_to_a_cliff_diverges_when_it_trains(void **state) {
    (void)state;
    Run *run = start("error-surface", steep);
    step_until(run, 3);
    ask(run, COMMAND_STEP, STEP_BATCH);
    move_to_a_cliff(run);
    assert_int_equal(run->state, RUN_PAUSED);
    assert_true(!isfinite(run->past.metrics.train_loss));
    Snapshot *there = look(run);
    assert_true(there->net.params[0] == 3e38f);
    assert_null(there->next_step);
    forget(there);
    ask(run, COMMAND_STEP, STEP_EPOCH);
    assert_int_equal(run->state, RUN_DIVERGED);
    assert_true(isfinite(run->session->net.params[0]));
    assert_true(isfinite(run->past.metrics.train_loss));
    ask(run, COMMAND_STEP, STEP_EPOCH); // from the last good state, without the move
    assert_int_equal(run->state, RUN_PAUSED);
    ask(run, COMMAND_UNDO, 0);
    assert_int_equal(run->session->epoch, 3);
    assert_true(run->session->cursor > 0);
    stop(run);
}

// ---- the next step ----------------------------------------------------------------------------

static void check_next_step(Run *run) {
    size_t n = run->session->net.n_params;
    Shown before = keep(run); // foresees, too
    Snapshot *snapshot = look(run);
    assert_non_null(snapshot->next_step);
    size_t size = session_state_size(run->session);
    void *after = malloc(size);
    session_save_state(run->session, after);
    assert_memory_equal(after, before.state, size); // nothing has moved
    free(after);
    bool moves = false;
    ask(run, COMMAND_STEP, STEP_BATCH);
    for (size_t i = 0; i < n; i++) {
        float change = run->session->net.params[i] - snapshot->net.params[i];
        assert_memory_equal(&change, &snapshot->next_step[i], sizeof change);
        moves = moves || change != 0;
    }
    assert_true(moves);
    drop(&before);
    forget(snapshot);
}

static void test_next_step_is_foreseen(void **state) {
    (void)state;
    const char *names[] = {SMALL, RICH, "xor-shallow", "error-surface", "moons"};
    for (int i = 0; i < 5; i++) {
        Run *run = start(names[i], NULL);
        for (int k = 0; k < 8; k++) check_next_step(run);
        ask(run, COMMAND_STEP, STEP_SAMPLE);
        move(run, 2, false);
        check_next_step(run);
        ask(run, COMMAND_STEP, STEP_EPOCH);
        ask(run, COMMAND_SET_LEARNING_RATE, 0.02);
        check_next_step(run);
        ask(run, COMMAND_SEEK, 0);
        check_next_step(run);
        stop(run);
    }
    // Done, it may yet be played on.
    Run *run = start(SMALL, NULL);
    ask(run, COMMAND_PLAY, 0);
    assert_int_equal(run->state, RUN_DONE);
    check_next_step(run);
    stop(run);
}

static void assert_unknown(const Run *run) {
    Snapshot *snapshot = look(run);
    assert_null(snapshot->next_step);
    forget(snapshot);
}

static void test_next_step_is_not_always_known(void **state) {
    (void)state;
    Run *run = start(SMALL, NULL);
    Command play = {.kind = COMMAND_PLAY};
    run_obey(run, &play, 0);
    assert_unknown(run); // under way
    stop(run);
    // Nor in a snapshot that has been one of a run at rest.
    run = start(SMALL, NULL);
    Snapshot *reused = look(run);
    assert_non_null(reused->next_step);
    run_obey(run, &play, 0);
    assert_true(run_snapshot(run, reused));
    assert_null(reused->next_step);
    forget(reused);
    stop(run);
    run = start(SMALL, (const char *[]){"network.layers.0.units=4000", "data.samples=2000",
                                        "training.batch_size=0", NULL});
    assert_unknown(run); // slow
    stop(run);
    run = start("error-surface", wild);
    ask(run, COMMAND_PLAY, 0);
    assert_unknown(run); // diverged
    stop(run);
    run = start(RICH, (const char *[]){"training.early_stopping.patience=2", NULL});
    ask(run, COMMAND_PLAY, 0);
    if (run->session->stopped) assert_unknown(run);
    stop(run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_moves_are_replayed),
        cmocka_unit_test(test_far_replay_makes_the_moves),
        cmocka_unit_test(test_move_clears_the_optimizer),
        cmocka_unit_test(test_early_stopping_watches_anew),
        cmocka_unit_test(test_moves_with_early_stopping_are_replayed),
        cmocka_unit_test(test_path_has_both_ends_of_a_jump),
        cmocka_unit_test(test_long_jumpy_path_stays_bounded),
        cmocka_unit_test(test_nonsense_is_passed_over),
        cmocka_unit_test(test_running_run_runs_on),
        cmocka_unit_test(test_done_run_goes_on_from_there),
        cmocka_unit_test(test_diverged_run_goes_on_from_there),
        cmocka_unit_test(test_diverging_after_a_move_keeps_it),
        cmocka_unit_test(test_diverging_after_an_undo_stays_in_its_past),
        cmocka_unit_test(test_cliff_is_no_candidate),
        cmocka_unit_test(test_move_to_a_cliff_diverges_when_it_trains),
        cmocka_unit_test(test_next_step_is_foreseen),
        cmocka_unit_test(test_next_step_is_not_always_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
