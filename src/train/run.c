/// A run's beginnings and ends, and what others see of it.
#include "train/run.h"

#include <ctype.h>
#include <string.h>

#include "train/run_parts.h"

enum { BEGIN_PARTS = 8 }; // of measuring, at once

void run_say_nothing(Run *run) {
    run->message[0] = '\0';
    run->warns = false;
}

void run_start_measuring(Run *run) {
    run->measuring = true;
    run->moving = false;
    run->part = (Measuring){0};
}

void run_begin(Run *run) {
    history_clear(run->history);
    changelog_clear(&run->past.log);
    run->past.changed = false;
    run->past.floor = 0;
    run->generation++;
    run->past.target = run->session->experiment->epochs;
    run->past.diverged_epoch = -1;
    run_say_nothing(run);
    run->stepping = false;
    run->seeking = -1;
    run->credit = 1;
    run_start_measuring(run);
    for (int i = 0; i < BEGIN_PARTS && !run_measure(run); i++) continue;
}

bool run_begins(const Run *run) {
    return history_last(run->history) < 0;
}

void run_finish_measuring(Run *run) {
    while (run->measuring) run_measure(run);
}

static void forget_moments(Run *run) {
    moments_clear(&run->undos);
    moments_clear(&run->redos);
    run->drag = COMMAND_NONE;
}

bool run_take_up(Run *run, Session *session, Error *error) {
    if (!session) return false;
    History *history = history_create(session);
    ParamVector *initial = param_vector_create(session->net.n_params);
    if (!history || !initial) {
        history_destroy(history);
        param_vector_release(initial);
        session_destroy(session);
        return error_set(error, "not enough memory for the run's history");
    }
    memcpy(initial->values, session->initial, initial->n * sizeof *initial->values);
    param_vector_release(run->past.start);
    run->past.start = initial;
    history_destroy(run->history);
    session_destroy(run->session);
    run->session = session;
    run->history = history;
    run->state = RUN_PAUSED;
    run->span = (size_t)session->batch;
    forget_moments(run);
    run_begin(run);
    return true;
}

bool run_init(Run *run, const Experiment *experiment, Error *error) {
    *run = (Run){.unit = STEP_EPOCH, .pace = PACE_DEFAULT, .seeking = -1, .leash = INT64_MAX};
    if (!run_take_up(run, session_create(experiment, error), error)) return false;
    run_finish_measuring(run);
    return true;
}

bool run_init_rival(Run *run, const Run *other, const Experiment *experiment, Error *error) {
    *run = (Run){.unit = other->unit, .pace = other->pace, .seeking = -1, .leash = INT64_MAX};
    run->accrued_at = run->speed_at = other->accrued_at;
    return run_take_up(run, session_create_beside(other->session, experiment, error), error);
}

void run_deinit(Run *run) {
    history_destroy(run->history);
    session_destroy(run->session);
    forget_moments(run);
    run_past_deinit(&run->past);
    memset(run, 0, sizeof *run);
}

bool run_occupied(const Run *run) {
    return run->stepping || run->seeking >= 0 || run->measuring;
}

bool run_show_stop(Run *run) {
    const Session *session = run->session;
    if (!session->stopped) return false;
    run->state = RUN_DONE;
    run->stepping = false;
    session_describe_stop(session, run->message, sizeof run->message);
    run->warns = false;
    run->message[0] = (char)toupper((unsigned char)run->message[0]);
    if (session->best.epoch > 0) run->past.metrics = session->best.metrics;
    return true;
}

static uint64_t top_order(const Moments *moments) {
    return moments->count > 0 ? moments->moments[moments->count - 1].order : 0;
}

bool run_snapshot(const Run *run, Snapshot *out) {
    if (!snapshot_fill(out, run->session, run->history)) return false;
    bool rests = (run->state == RUN_PAUSED || run->state == RUN_DONE) && !run_occupied(run);
    if (rests) snapshot_add_next_step(out, run->session);
    out->jumped = run_present_move(run) != NULL;
    out->undos = run->undos.count;
    out->redos = run->redos.count;
    out->undo_order = top_order(&run->undos);
    out->redo_order = top_order(&run->redos);
    out->state = run->state;
    out->target = run->past.target;
    out->metrics = run->moving ? run_unmeasured : run->past.metrics;
    out->unit = run->unit;
    out->pace = run->pace;
    out->samples_per_second = run->samples_per_second;
    out->diverged_epoch = run->past.diverged_epoch;
    memcpy(out->message, run->message, sizeof out->message);
    out->warns = run->warns;
    out->loaded = run->loaded;
    return true;
}
