/// Undo and redo: a run becomes what it was, to the bit, and goes on as it would have.
#include "train/undo.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

#include "driven.h"

static void test_undo_and_redo_are_exact(void **state) {
    (void)state;
    Run *run = start(RICH, NULL);
    step_until(run, 5);
    ask(run, COMMAND_STEP, STEP_BATCH);
    Shown before = keep(run);
    move(run, 1, false);
    step_until(run, 9);
    Shown after = keep(run);
    for (int i = 0; i < 3; i++) {
        ask(run, COMMAND_UNDO, 0);
        assert_same_shown(run, &before);
        assert_int_equal(run->undos.count, 0);
        assert_int_equal(run->redos.count, 1);
        ask(run, COMMAND_REDO, 0);
        assert_same_shown(run, &after);
        assert_int_equal(run->undos.count, 1);
        assert_int_equal(run->redos.count, 0);
    }
    // What is looked back to is what was, on both sides.
    ask(run, COMMAND_SEEK, 7);
    Shown seven = keep(run);
    ask(run, COMMAND_SEEK, 9);
    ask(run, COMMAND_UNDO, 0);
    ask(run, COMMAND_SEEK, 2);
    ask(run, COMMAND_REDO, 0);
    assert_same_shown(run, &after);
    ask(run, COMMAND_SEEK, 7);
    assert_same_shown(run, &seven);
    // Training on forgets what could be redone, and is the same as if nothing had been.
    ask(run, COMMAND_SEEK, 9);
    ask(run, COMMAND_UNDO, 0);
    ask(run, COMMAND_UNDO, 0); // where it was before the redo: at epoch 2
    assert_int_equal(run->undos.count, 0);
    ask(run, COMMAND_SEEK, 5);
    ask(run, COMMAND_STEP, STEP_EPOCH);
    assert_int_equal(run->redos.count, 0);
    step_until(run, 8);
    Session *session = make_session(RICH, NULL);
    while (session->epoch < 8) session_step(session, STEP_EPOCH, NULL);
    assert_same_floats(run->session->net.params, session->net.params, session->net.n_values);
    assert_same_floats(run->session->optimizer.state, session->optimizer.state,
                       session->optimizer.n_state);
    session_destroy(session);
    drop(&before);
    drop(&after);
    drop(&seven);
    stop(run);
}

static void test_drag_is_one_step(void **state) {
    (void)state;
    Run *run = start(SMALL, NULL);
    step_until(run, 3);
    Shown before = keep(run);
    for (int i = 0; i < 50; i++) move(run, (uint64_t)i, i > 0);
    assert_int_equal(run->undos.count, 1);
    assert_int_equal(run->past.log.count, 1);
    Shown dragged = keep(run);
    move(run, 77, false); // a click is another one
    assert_int_equal(run->undos.count, 2);
    ask(run, COMMAND_UNDO, 0);
    assert_same_shown(run, &dragged);
    ask(run, COMMAND_UNDO, 0);
    assert_same_shown(run, &before);
    move(run, 5, true); // nothing that it could go on with
    assert_int_equal(run->undos.count, 1);
    assert_int_equal(run->redos.count, 0);
    ask(run, COMMAND_UNDO, 0);
    assert_same_shown(run, &before);
    drop(&before);
    drop(&dragged);
    stop(run);
}

static void set_at(Run *run, double value, double now) {
    Command command = {.kind = COMMAND_SET_LEARNING_RATE, .value = value};
    run_obey(run, &command, now);
    work(run);
}

static void test_settings_and_restart_are_undone(void **state) {
    (void)state;
    Run *run = start(SMALL, NULL);
    step_until(run, 4);
    Shown four = keep(run);
    for (int i = 0; i < 30; i++) set_at(run, 0.01 + 0.001 * i, 1000 + 0.02 * i); // a slider
    assert_int_equal(run->undos.count, 1);
    set_at(run, 0.2, 1005); // later: another change
    assert_int_equal(run->undos.count, 2);
    step_until(run, 6);
    move(run, 8, false);
    step_until(run, 10);
    Shown ten = keep(run);
    ask(run, COMMAND_RESTART, 0);
    assert_int_equal(run->undos.count, 4);
    ask(run, COMMAND_RESTART, 0); // of what has not begun: nothing
    assert_int_equal(run->undos.count, 4);
    step_until(run, 2);
    Shown again = keep(run);
    uint64_t generation = run->generation;
    ask(run, COMMAND_UNDO, 0);
    assert_true(run->generation != generation);
    assert_same_shown(run, &ten);
    // Replayed from the start, with the settings and weights of then.
    ask(run, COMMAND_SEEK, 4);
    assert_same_floats(run->session->net.params, four.snapshot->net.params, 13);
    ask(run, COMMAND_SEEK, 10);
    assert_same_floats(run->session->net.params, ten.snapshot->net.params, 13);
    ask(run, COMMAND_SEEK, 0);
    assert_true(run->session->optimizer.desc.learning_rate == 0.1f);
    ask(run, COMMAND_REDO, 0);
    assert_same_shown(run, &again);
    ask(run, COMMAND_SEEK, 0);
    assert_true(run->session->optimizer.desc.learning_rate == 0.2f);
    for (int i = 0; i < 4; i++) ask(run, COMMAND_UNDO, 0);
    assert_same_shown(run, &four);
    for (int i = 0; i < 4; i++) ask(run, COMMAND_REDO, 0);
    assert_int_equal(run->redos.count, 0);
    // A load forgets all.
    Experiment *experiment = make_experiment(SMALL, NULL);
    ask_command(run, (Command){.kind = COMMAND_LOAD, .experiment = experiment});
    assert_int_equal(run->undos.count + run->redos.count, 0);
    drop(&four);
    drop(&ten);
    drop(&again);
    stop(run);
}

static void restart_from(Run *run, uint64_t seed, bool again) {
    ask_command(
        run, (Command){.kind = COMMAND_RESTART, .params = some_params(run, seed), .again = again});
}

static void test_finished_runs_are_finished_again(void **state) {
    (void)state;
    Run *run = start(SMALL, NULL); // to its end, EPOCHS
    ask(run, COMMAND_PLAY, 0);
    assert_int_equal(run->state, RUN_DONE);
    const int64_t end = run->session->epoch;

    // Looked back and forward to its end, by checkpoint or by replay.
    ask(run, COMMAND_SEEK, (double)(end - 1));
    assert_int_equal(run->state, RUN_PAUSED);
    ask(run, COMMAND_SEEK, (double)end);
    assert_int_equal(run->state, RUN_DONE);
    ask(run, COMMAND_SEEK, (double)end); // it is there
    assert_int_equal(run->state, RUN_DONE);
    ask(run, COMMAND_SEEK, 0);
    assert_int_equal(run->state, RUN_PAUSED);
    ask(run, COMMAND_SEEK, (double)end);
    assert_int_equal(run->state, RUN_DONE);

    // Undone to its end, and redone to it.
    move(run, 1, false);
    assert_int_equal(run->state, RUN_PAUSED); // to be played on from there
    ask(run, COMMAND_UNDO, 0);
    assert_int_equal(run->state, RUN_DONE);
    ask(run, COMMAND_REDO, 0);
    assert_int_equal(run->session->epoch, end);
    assert_int_equal(run->state, RUN_PAUSED);
    ask(run, COMMAND_SEEK, 0);
    ask(run, COMMAND_SEEK, (double)end);
    assert_int_equal(run->state, RUN_PAUSED); // the weights are again where they were put
    ask(run, COMMAND_UNDO, 0);
    ask(run, COMMAND_RESTART, 0);
    assert_int_equal(run->state, RUN_PAUSED);
    ask(run, COMMAND_UNDO, 0);
    assert_int_equal(run->state, RUN_DONE);

    ask(run, COMMAND_SEEK, 5);
    ask(run, COMMAND_SET_LEARNING_RATE, 0.003);
    ask(run, COMMAND_PLAY, 0);
    assert_int_equal(run->state, RUN_DONE);
    ask(run, COMMAND_UNDO, 0);
    assert_int_equal(run->session->epoch, 5);
    assert_int_equal(run->state, RUN_PAUSED);
    ask(run, COMMAND_REDO, 0);
    assert_int_equal(run->session->epoch, end);
    assert_int_equal(run->state, RUN_DONE);

    // What is done plays as many epochs again, from wherever it was come back to.
    ask(run, COMMAND_PLAY, 0);
    assert_int_equal(run->session->epoch, 2 * end);
    assert_int_equal(run->state, RUN_DONE);
    stop(run);
}

static void move_numbered(Run *run, uint64_t order) {
    ask_command(run,
                (Command){.kind = COMMAND_MOVE, .params = some_params(run, order), .order = order});
}

static void assert_orders(Run *run, uint64_t undo, uint64_t redo) {
    Snapshot *snapshot = look(run);
    assert_true(snapshot->undo_order == undo && snapshot->redo_order == redo);
    forget(snapshot);
}

static void test_undo_of_the_change_that_is_meant(void **state) {
    (void)state;
    Run *run = start(SMALL, NULL);
    assert_orders(run, 0, 0);
    move_numbered(run, 3);
    move_numbered(run, 7);
    assert_orders(run, 7, 0);
    assert_false(ask_command(run, (Command){.kind = COMMAND_UNDO, .order = 3}));
    assert_false(ask_command(run, (Command){.kind = COMMAND_REDO, .order = 7}));
    assert_orders(run, 7, 0);
    assert_true(ask_command(run, (Command){.kind = COMMAND_UNDO, .order = 7}));
    assert_orders(run, 3, 7);
    ask(run, COMMAND_UNDO, 0); // whichever it is
    assert_orders(run, 0, 3);
    assert_true(ask_command(run, (Command){.kind = COMMAND_REDO, .order = 3}));
    assert_orders(run, 3, 7);
    stop(run);
}

static void test_other_starts_are_undone(void **state) {
    (void)state;
    Run *run = start(SMALL, NULL);
    step_until(run, 6);
    Shown six = keep(run);
    for (int i = 0; i < 10; i++) restart_from(run, (uint64_t)i, i > 0); // the start is dragged
    assert_int_equal(run->undos.count, 1);
    step_until(run, 3);
    Shown three = keep(run);
    ask(run, COMMAND_UNDO, 0);
    assert_same_shown(run, &six);
    ask(run, COMMAND_SEEK, 5); // replayed from the first start
    ask(run, COMMAND_SEEK, 6);
    assert_same_floats(run->session->net.params, six.snapshot->net.params, 13);
    ask(run, COMMAND_RESTART, 0); // which is the one to go back to again
    assert_same_floats(run->session->net.params, six.snapshot->path->weights, 13);
    ask(run, COMMAND_UNDO, 0);
    restart_from(run, 9, false);
    step_until(run, 3);
    assert_same_floats(run->session->net.params, three.snapshot->net.params, 13);
    ask(run, COMMAND_UNDO, 0);
    ask(run, COMMAND_REDO, 0);
    assert_same_shown(run, &three);
    ask(run, COMMAND_SEEK, 0);
    ask(run, COMMAND_SEEK, 3);
    assert_same_shown(run, &three);
    drop(&six);
    drop(&three);
    stop(run);
}

static void test_move_in_the_past_forgets_the_future(void **state) {
    (void)state;
    Run *run = start(SMALL, NULL);
    ask(run, COMMAND_PLAY, 0);
    ask(run, COMMAND_SEEK, 6);
    Shown six = keep(run);
    move(run, 4, false);
    assert_int_equal(history_last(run->history), 6);
    Snapshot *moved = look(run);
    assert_int_equal(moved->curve.count, 7);
    assert_int_equal(moved->path_count, 7);
    forget(moved);
    step_until(run, 8);
    ask(run, COMMAND_UNDO, 0); // and with the move that is undone
    assert_same_shown(run, &six);
    ask(run, COMMAND_SEEK, EPOCHS);
    Session *session = make_session(SMALL, NULL);
    while (session->epoch < EPOCHS) session_step(session, STEP_EPOCH, NULL);
    assert_same_floats(run->session->net.params, session->net.params, session->net.n_params);
    session_destroy(session);
    drop(&six);
    stop(run);
}

/// Whatever is changed, and when: undone step by step it is what it was, and redone too.
static void check_any_changes(const char *text, const char *const *settings, uint64_t seed) {
    enum { CHANGES = 12 };
    Shown shown[CHANGES + 1];
    Rng rng = rng_create(seed, RNG_TEST);
    Run *run = start(text, settings);
    for (int i = 0; i < CHANGES; i++) {
        for (uint32_t k = rng_below(&rng, 5); k > 0; k--) {
            switch (rng_below(&rng, 4)) {
            case 0: ask(run, COMMAND_STEP, STEP_EPOCH); break;
            case 1: ask(run, COMMAND_STEP, STEP_BATCH); break;
            case 2: ask(run, COMMAND_STEP, STEP_SAMPLE); break;
            case 3: ask(run, COMMAND_SEEK, rng_below(&rng, 12)); break;
            }
        }
        shown[i] = keep(run);
        int kept = run->undos.count;
        while (run->undos.count == kept) {
            uint32_t kind = rng_below(&rng, 6);
            run->drag = COMMAND_NONE;
            if (kind < 3) {
                move(run, seed * 100 + (uint64_t)i, false);
            } else if (kind == 3) {
                ask(run, COMMAND_SET_LEARNING_RATE, 0.01 + 0.01 * rng_below(&rng, 9));
            } else if (kind == 4) {
                ask(run, COMMAND_RESTART, 0);
            } else {
                restart_from(run, seed, false);
            }
        }
    }
    ask(run, COMMAND_STEP, STEP_EPOCH);
    shown[CHANGES] = keep(run);
    for (int round = 0; round < 2; round++) {
        for (int i = CHANGES - 1; i >= 0; i--) {
            ask(run, COMMAND_UNDO, 0);
            assert_same_shown(run, &shown[i]);
        }
        for (int i = 1; i <= CHANGES; i++) {
            ask(run, COMMAND_REDO, 0);
            assert_same_shown(run, &shown[i]);
        }
    }
    // From wherever it is undone to, the same future.
    for (int i = CHANGES - 1; i >= 0; i -= 3) {
        while (run->undos.count > i) ask(run, COMMAND_UNDO, 0);
        int64_t last = history_last(run->history);
        ask(run, COMMAND_SEEK, (double)last);
        Shown straight = keep(run);
        ask(run, COMMAND_SEEK, 0);
        ask(run, COMMAND_SEEK, (double)last);
        assert_same_floats(run->session->net.params, straight.snapshot->net.params,
                           run->session->net.n_values);
        drop(&straight);
    }
    for (int i = 0; i <= CHANGES; i++) drop(&shown[i]);
    stop(run);
}

static void test_any_changes_are_undone(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 12; seed++) {
        check_any_changes(SMALL, NULL, seed);
        check_any_changes(RICH, NULL, seed);
        check_any_changes(RICH, (const char *[]){"training.early_stopping.patience=2", NULL}, seed);
    }
}

static void test_memory_is_bounded(void **state) {
    (void)state;
    // 16,001 parameters: the log holds the weights of some 500 moves.
    Run *run = start(SMALL, (const char *[]){"network.layers.0.units=4000", "data.samples=4",
                                             "training.epochs=100000",
                                             "training.optimizer.learning_rate=1e-5", NULL});
    float *sixhundred = NULL;
    size_t bytes = run->session->net.n_params * sizeof(float);
    for (int i = 0; i < 700; i++) {
        move(run, (uint64_t)i, false);
        ask(run, COMMAND_STEP, STEP_EPOCH);
        assert_true(run->past.log.bytes <= CHANGELOG_BYTES);
        assert_in_range(run->undos.count, 1, UNDO_MOMENTS);
        if (run->session->epoch == 600) {
            sixhundred = malloc(bytes);
            memcpy(sixhundred, run->session->net.params, bytes);
            // That epoch's end is where the next move will be: shown with it in a look back.
        }
    }
    assert_true(run->past.floor > 100 && run->past.floor < 300);
    ask(run, COMMAND_SEEK, 0); // as far as can be
    assert_int_equal(run->session->epoch, run->past.floor);
    ask(run, COMMAND_SEEK, 599);
    ask(run, COMMAND_STEP, STEP_BATCH);
    while (run->session->cursor > 0) ask(run, COMMAND_STEP, STEP_BATCH);
    assert_int_equal(run->session->epoch, 600);
    float *put = malloc(bytes);
    make_params(put, run->session->net.n_params, 600);
    assert_same_floats(run->session->net.params, put, run->session->net.n_params);
    Snapshot *snapshot =
        look(run); // training's own end of that epoch is on the path, if it is kept
    for (int i = 0; i < snapshot->path_count; i++) {
        if (snapshot->path->epoch[i] != 600 || snapshot->path->jumped[i]) continue;
        assert_memory_equal(snapshot->path->weights + (size_t)i * snapshot->path->n_params,
                            sixhundred, bytes);
    }
    forget(snapshot);
    // Undone to the first moment that is still kept, it can train on.
    while (run->undos.count > 0) ask(run, COMMAND_UNDO, 0);
    ask(run, COMMAND_STEP, STEP_EPOCH);
    assert_int_equal(run->state, RUN_PAUSED);
    free(put);
    free(sixhundred);
    stop(run);
}

static void test_long_drag_is_undone(void **state) {
    (void)state;
    // One drag, while it trains, of more weights than the log holds: where it began is still known,
    // the way from there no longer.
    Run *run = start(SMALL, (const char *[]){"network.layers.0.units=4000", "data.samples=4",
                                             "training.epochs=100000",
                                             "training.optimizer.learning_rate=1e-5", NULL});
    step_until(run, 1);
    Shown one = keep(run);
    step_until(run, 3);
    Shown three = keep(run);
    for (int i = 0; i < 700; i++) {
        move(run, (uint64_t)i, i > 0);
        ask(run, COMMAND_STEP, STEP_EPOCH);
    }
    assert_true(run->past.floor > 3);
    assert_int_equal(run->undos.count, 1);
    Shown dragged = keep(run);
    ask(run, COMMAND_UNDO, 0);
    assert_same_shown(run, &three);
    ask(run, COMMAND_SEEK, 1); // from the beginning, which is the same for all
    assert_same_floats(run->session->net.params, one.snapshot->net.params,
                       run->session->net.n_params);
    ask(run, COMMAND_REDO, 0);
    assert_same_shown(run, &dragged);
    ask(run, COMMAND_SEEK, 0); // it cannot be replayed, so it stays
    assert_same_shown(run, &dragged);
    ask(run, COMMAND_STEP, STEP_EPOCH);
    ask(run, COMMAND_STEP, STEP_EPOCH);
    Shown later = keep(run);
    ask(run, COMMAND_SEEK, 0);
    assert_int_equal(run->session->epoch, dragged.snapshot->epoch + 1);
    ask(run, COMMAND_SEEK, 1e9);
    assert_same_shown(run, &later);
    drop(&one);
    drop(&three);
    drop(&dragged);
    drop(&later);
    stop(run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_undo_and_redo_are_exact),
        cmocka_unit_test(test_drag_is_one_step),
        cmocka_unit_test(test_settings_and_restart_are_undone),
        cmocka_unit_test(test_undo_of_the_change_that_is_meant),
        cmocka_unit_test(test_finished_runs_are_finished_again),
        cmocka_unit_test(test_other_starts_are_undone),
        cmocka_unit_test(test_move_in_the_past_forgets_the_future),
        cmocka_unit_test(test_any_changes_are_undone),
        cmocka_unit_test(test_memory_is_bounded),
        cmocka_unit_test(test_long_drag_is_undone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
