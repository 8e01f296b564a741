/// What each command does to a run.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "train/run_parts.h"

#define DRAG_SECONDS 1.0 // between two changes of a setting that are undone as one

enum {
    MOVE_PARTS = 8,     // of measuring, at once
    PATIENT_PARTS = 32, // for which a drag waits, so that its losses can be followed
};

/// @return NULL where the command sets no such thing
static float *setting(OptimizerDesc *desc, CommandKind kind) {
    switch (kind) {
    case COMMAND_SET_LEARNING_RATE: return &desc->learning_rate;
    case COMMAND_SET_MOMENTUM: return &desc->momentum;
    case COMMAND_SET_BETA: return &desc->beta;
    case COMMAND_SET_ALPHA: return &desc->alpha;
    case COMMAND_SET_BETA1: return &desc->beta1;
    case COMMAND_SET_BETA2: return &desc->beta2;
    case COMMAND_SET_WEIGHT_DECAY: return &desc->weight_decay;
    default: return NULL;
    }
}

bool command_sets(CommandKind kind) {
    return setting(&(OptimizerDesc){0}, kind) != NULL;
}

/// Whether the weights that were put here take so long to measure that a drag should not wait.
static bool measures_long(const Run *run) {
    const Session *session = run->session;
    return session->data->n > PATIENT_PARTS * session_measure_samples(session);
}

bool run_defers(const Run *run, CommandKind kind) {
    if (!run_occupied(run)) return false;
    bool dragged = run->moving && !run->stepping && run->seeking < 0;
    if (kind == COMMAND_MOVE) return !dragged || !measures_long(run);
    return kind == COMMAND_PLAY || kind == COMMAND_STEP || kind == COMMAND_UNDO ||
           kind == COMMAND_REDO || command_sets(kind);
}

bool command_interrupts(CommandKind kind) {
    return kind == COMMAND_SEEK || kind == COMMAND_RESTART || kind == COMMAND_LOAD;
}

static bool at_epochs_end(const Session *session, int64_t epoch) {
    return session->epoch == epoch && session->cursor == 0 && session->pending == 0;
}

/// Says where training has ended: at its target, or early.
static void show_end(Run *run) {
    if (run_show_stop(run)) return;
    const Session *session = run->session;
    bool ended = session->epoch > 0 && session->epoch >= run->past.target;
    // Weights put there by hand are to be played on from.
    if (ended && at_epochs_end(session, session->epoch) && !run_present_move(run)) {
        run->state = RUN_DONE;
    }
}

static void go_on(Run *run) {
    run->session->diverged = false;
    run_say_nothing(run);
}

static void play(Run *run) {
    if (run->state == RUN_RUNNING || run_show_stop(run)) return;
    go_on(run);
    int64_t epochs = run->session->experiment->epochs, more = epochs > 0 ? epochs : 1;
    int64_t beyond = run->session->epoch - run->past.target;
    if (beyond >= 0) run->past.target += (beyond / more + 1) * more;
    run->state = RUN_RUNNING;
    run->credit = 1;
}

static void seek(Run *run, int64_t epoch) {
    Session *session = run->session;
    // Nothing goes on from an epoch that early stopping has not seen.
    if (run_begins(run) || session_watches(session) || run->moving) run_finish_measuring(run);
    int64_t last = history_last(run->history), floor = run->past.floor;
    epoch = epoch > last ? last : epoch < floor ? floor : epoch;
    go_on(run);
    run->state = RUN_PAUSED;
    run->stepping = run->measuring = false;
    run->seeking = -1;
    run->drag = COMMAND_NONE;
    if (epoch > last) return; // the first epoch since changes were forgotten is not complete yet
    bool measured = run->past.measured == session->epoch;
    if (at_epochs_end(session, epoch) && measured && !run->past.changed) {
        show_end(run);
        return;
    }

    // Replay from the nearest moment: the present one, or a checkpoint.
    Metrics metrics;
    int64_t checkpoint = history_checkpoint(run->history, epoch, &metrics);
    bool past = session->epoch >= epoch || run->past.changed;
    if (past || checkpoint > session->epoch) {
        if (checkpoint < 0) return;
        history_restore(run->history, session, epoch);
        changelog_go_before(&run->past.log, checkpoint);
        run->past.changed = false;
        run->past.metrics = metrics;
        run->past.measured = checkpoint;
        session_judge(session, &metrics);
        run_follow_log(run);
        show_end(run);
    }
    if (!at_epochs_end(session, epoch)) run->seeking = epoch;
}

/// Ends whatever the run is in the middle of, at a moment that can be shown.
static void settle(Run *run) {
    run->stepping = false;
    if (run->seeking >= 0) seek(run, history_checkpoint(run->history, run->session->epoch, NULL));
    run_finish_measuring(run);
}

/// Puts the present moment where an undo finds it, before the command changes something.
static void keep_moment(Run *run, CommandKind kind, bool wanted) {
    if (!run->along) run->kept = wanted;
    if (!run->kept) return;
    settle(run);
    int64_t common = kind == COMMAND_RESTART ? -1 : run->session->epoch;
    moments_clear(&run->redos);
    moments_push(&run->undos, kind, run->order, common, run->session, run->history, &run->past);
}

static bool are_finite(const ParamVector *params) {
    for (size_t i = 0; i < params->n; i++) {
        if (!isfinite(params->values[i])) return false;
    }
    return true;
}

/// @param params  the initial weights from now on, if not NULL
static void restart(Run *run, const ParamVector *params, bool again) {
    Session *session = run->session;
    if (params && (params->n != session->net.n_params || !are_finite(params))) return;
    bool fresh = history_last(run->history) <= 0 && at_epochs_end(session, 0) &&
                 run->past.log.count == 0 && !run->past.changed;
    bool dragged = again && run->drag == COMMAND_RESTART;
    keep_moment(run, COMMAND_RESTART, (params || !fresh) && !dragged);
    run->drag = params ? COMMAND_RESTART : COMMAND_NONE;
    if (run->state != RUN_RUNNING) run->state = RUN_PAUSED;
    if (params) {
        memcpy(session->initial, params->values, params->n * sizeof *params->values);
        param_vector_retain(params);
        param_vector_release(run->past.start);
        run->past.start = params;
    }
    session_reset(session);
    run_begin(run);
}

static void load(Run *run, const Experiment *experiment, uint64_t ticket) {
    Error error;
    if (!run_take_up(run, session_create(experiment, &error), &error)) {
        snprintf(run->message, sizeof run->message, "%.255s", error.text);
        run->warns = true;
    }
    run->loaded = ticket;
}

static void set(Run *run, CommandKind kind, double value, double now) {
    bool share = kind != COMMAND_SET_LEARNING_RATE && kind != COMMAND_SET_WEIGHT_DECAY;
    float wanted = (float)value, *at = setting(&run->session->optimizer.desc, kind);
    if (!isfinite(wanted) || wanted < 0 || (share && wanted >= 1) || wanted == *at) return;
    bool dragged = run->drag == kind && now - run->dragged_at < DRAG_SECONDS;
    keep_moment(run, kind, !dragged);
    run->drag = kind;
    run->dragged_at = now;
    *at = wanted;
    run->past.changed = true;
}

static void move(Run *run, const ParamVector *params, bool again) {
    Session *session = run->session;
    if (!params || params->n != session->net.n_params || !are_finite(params)) return;
    if (!run->moving) settle(run);
    keep_moment(run, COMMAND_MOVE, !again || run->drag != COMMAND_MOVE);
    run->drag = COMMAND_MOVE;
    moments_clear(&run->redos);
    if (!run_enter_change(run, params)) return;
    session_move(session, params->values);
    run_say_nothing(run);
    if (run->state != RUN_RUNNING) run->state = RUN_PAUSED;
    run_start_measuring(run);
    run->moving = true;
    for (int i = 0; i < MOVE_PARTS && run->measuring; i++) run_measure(run);
}

/// Whether the topmost of these moments is the one asked for; 0: any.
static bool is_meant(const Moments *moments, uint64_t order) {
    if (moments->count == 0) return false;
    return order == 0 || moments->moments[moments->count - 1].order == order;
}

/// Goes to the topmost of these moments, and puts the present one with those.
static void go_to(Run *run, Moments *from, Moments *to) {
    if (!run->along) run->kept = is_meant(from, run->order);
    if (!run->kept || from->count == 0) return;
    settle(run);
    const Moment *top = &from->moments[from->count - 1];
    CommandKind kind = top->kind;
    int64_t common = top->common;
    moments_push(to, kind, top->order, common, run->session, run->history, &run->past);
    moments_pop(from, run->session, run->history, &run->past);
    moments_bound(to, run->history, &run->past);
    if (common < 0) run->generation++; // another beginning
    run->state = RUN_PAUSED;
    run->drag = COMMAND_NONE;
    go_on(run);
    show_end(run);
}

static void undo(Run *run) {
    go_to(run, &run->undos, &run->redos);
}

static void redo(Run *run) {
    go_to(run, &run->redos, &run->undos);
}

static void step(Run *run, StepUnit unit) {
    if (run_show_stop(run)) return;
    go_on(run);
    run->state = RUN_PAUSED;
    run->stepping = true;
    run->step_unit = unit;
}

static void obey(Run *run, const Command *command, double now) {
    run_tick(run, now); // what the old pace allowed until now
    switch (command->kind) {
    case COMMAND_NONE: break;
    case COMMAND_PLAY: play(run); break;
    case COMMAND_PAUSE:
        if (run->state == RUN_RUNNING) run->state = RUN_PAUSED;
        break;
    case COMMAND_STEP: step(run, command->unit); break;
    case COMMAND_SET_UNIT: run->unit = command->unit; break;
    case COMMAND_SET_PACE:
        if (isnan(command->value)) break;
        run->pace = fmin(fmax(command->value, PACE_MIN), PACE_MAX);
        run_tick(run, now); // no more backlog than the new one allows
        break;
    case COMMAND_RESTART: restart(run, command->params, command->again); break;
    case COMMAND_SEEK: seek(run, command->epoch); break;
    case COMMAND_SET_LEARNING_RATE:
    case COMMAND_SET_MOMENTUM:
    case COMMAND_SET_BETA:
    case COMMAND_SET_ALPHA:
    case COMMAND_SET_BETA1:
    case COMMAND_SET_BETA2:
    case COMMAND_SET_WEIGHT_DECAY: set(run, command->kind, command->value, now); break;
    case COMMAND_LOAD: load(run, command->experiment, command->ticket); break;
    case COMMAND_MOVE: move(run, command->params, command->again); break;
    case COMMAND_UNDO: undo(run); break;
    case COMMAND_REDO: redo(run); break;
    }
}

bool run_obey(Run *run, const Command *command, double now) {
    run->kept = false;
    run->order = command->order;
    obey(run, command, now);
    return run->kept;
}

void run_obey_along(Run *rival, const Command *command, double now, bool keeps) {
    rival->along = true;
    rival->kept = keeps;
    if (command) {
        obey(rival, command, now);
    } else {
        keep_moment(rival, COMMAND_NONE, keeps);
    }
    rival->along = false;
}
