#include "train/run.h"

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLICE_SECONDS   2e-3
#define SPAN_SECONDS    0.5e-3 // of one call of session_train, so that a slice ends in time
#define BACKLOG_SECONDS 0.1
#define SPEED_SECONDS   0.5  // over which the speed is smoothed
#define SPEED_INTERVAL  0.05 // between two readings of it
#define DRAG_SECONDS    1.0  // between two changes of a setting that are undone as one

enum {
    SLICE_CALLS_MAX = 1024,
    SPAN_MAX = 1 << 20,
    BEGIN_PARTS = 8,    // of measuring, at once
    PATIENT_PARTS = 32, // for which a drag waits, so that its losses can be followed
};

#define NONE ((double)NAN)

static const Metrics unmeasured = {NONE, NONE, NONE, NONE, NONE};

// ---- beginnings and ends --------------------------------------------------------------------

static void say_nothing(Run *run) {
    run->message[0] = '\0';
    run->warns = false;
}

static void start_measuring(Run *run) {
    run->measuring = true;
    run->moving = false;
    run->part = (Measuring){0};
}

static bool measure(Run *run);

/// Epoch 0: everything that is remembered is void. What takes long to measure is left to slices.
static void begin(Run *run) {
    history_clear(run->history);
    changelog_clear(&run->past.log);
    run->past.changed = false;
    run->past.floor = 0;
    run->generation++;
    run->past.target = run->session->experiment->epochs;
    run->past.diverged_epoch = -1;
    say_nothing(run);
    run->stepping = false;
    run->seeking = -1;
    run->credit = 1;
    start_measuring(run);
    for (int i = 0; i < BEGIN_PARTS && !measure(run); i++) continue;
}

bool run_begins(const Run *run) {
    return history_last(run->history) < 0;
}

static void finish_measuring(Run *run) {
    while (run->measuring) measure(run);
}

static void forget_moments(Run *run) {
    moments_clear(&run->undos);
    moments_clear(&run->redos);
    run->drag = COMMAND_NONE;
}

/// Puts a new session in place of the present one, if any. Takes it; NULL: error says why.
static bool take_up(Run *run, Session *session, Error *error) {
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
    begin(run);
    return true;
}

bool run_init(Run *run, const Experiment *experiment, Error *error) {
    *run = (Run){.unit = STEP_EPOCH, .pace = PACE_DEFAULT, .seeking = -1, .leash = INT64_MAX};
    if (!take_up(run, session_create(experiment, error), error)) return false;
    finish_measuring(run);
    return true;
}

bool run_init_rival(Run *run, const Run *other, const Experiment *experiment, Error *error) {
    *run = (Run){.unit = other->unit, .pace = other->pace, .seeking = -1, .leash = INT64_MAX};
    run->accrued_at = run->speed_at = other->accrued_at;
    return take_up(run, session_create_beside(other->session, experiment, error), error);
}

void run_deinit(Run *run) {
    history_destroy(run->history);
    session_destroy(run->session);
    forget_moments(run);
    run_past_deinit(&run->past);
    memset(run, 0, sizeof *run);
}

// ---- the log --------------------------------------------------------------------------------

/// Forgets the oldest changes where they take too much memory, never the newest; then there is no
/// replaying from before them.
static void bound_log(Run *run) {
    ChangeLog *log = &run->past.log;
    size_t bytes = log->bytes;
    int drop = 0;
    for (; bytes > CHANGELOG_BYTES && drop < log->count - 1; drop++) {
        const ParamVector *params = log->changes[drop].params;
        bytes -= sizeof *log->changes;
        if (params) bytes -= sizeof *params + params->n * sizeof *params->values;
    }
    if (drop == 0) return;
    int64_t after = log->changes[drop - 1].epoch + 1;
    changelog_drop(log, drop);
    int64_t first = history_forget_before(run->history, after);
    run->past.floor = first >= 0 ? first : after;
}

/// Enters the settings as they are now and, unless NULL, where the weights are put; what was to
/// come after this moment will not.
/// @return false where memory is short: a later look back will miss the change
static bool enter_change(Run *run, const ParamVector *params) {
    Session *session = run->session;
    run->past.changed = false;
    if (session->epoch < history_last(run->history) || params) run->past.diverged_epoch = -1;
    history_truncate_at(run->history, session->epoch, session->cursor);
    Change *change = changelog_enter(&run->past.log, session->epoch, session->cursor);
    if (!change) return false;
    change->settings = session->optimizer.desc;
    if (params) {
        changelog_put(&run->past.log, change, params);
        change->metrics = unmeasured;
    }
    bound_log(run);
    moments_bound(&run->undos, run->history, &run->past);
    return true;
}

/// Makes a change of the log again.
static void make_change(Run *run, const Change *change) {
    Session *session = run->session;
    session->optimizer.desc = change->settings;
    if (!change->params) return;
    session_move(session, change->params->values);
    session_judge(session, &change->metrics);
    run->past.metrics = change->metrics;
    run->past.measured = change->epoch;
}

/// Makes the changes that the log has at this moment.
/// @return how many samples may be trained on until its next one
static size_t follow_log(Run *run) {
    Session *session = run->session;
    ChangeLog *log = &run->past.log;
    for (; log->next < log->count; log->next++) {
        const Change *change = &log->changes[log->next];
        if (change->epoch > session->epoch) break;
        if (change->epoch == session->epoch && change->cursor > session->cursor) {
            return change->cursor - session->cursor;
        }
        make_change(run, change);
    }
    return SIZE_MAX;
}

/// The change of the weights that was made since this epoch's start, if any.
static const Change *present_move(const Run *run) {
    return changelog_move_in(&run->past.log, run->session->epoch);
}

// ---- commands -------------------------------------------------------------------------------

bool run_occupied(const Run *run) {
    return run->stepping || run->seeking >= 0 || run->measuring;
}

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

static void go_on(Run *run) {
    run->session->diverged = false;
    say_nothing(run);
}

/// Where training has stopped early, says so, with the metrics of the weights that were taken.
/// @return whether it has
static bool show_stop(Run *run) {
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

static void play(Run *run) {
    if (run->state == RUN_RUNNING || show_stop(run)) return;
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
    if (run_begins(run) || session_watches(session) || run->moving) finish_measuring(run);
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
        show_stop(run);
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
        follow_log(run);
        show_stop(run);
    }
    if (!at_epochs_end(session, epoch)) run->seeking = epoch;
}

/// Ends whatever the run is in the middle of, at a moment that can be shown.
static void settle(Run *run) {
    run->stepping = false;
    if (run->seeking >= 0) seek(run, history_checkpoint(run->history, run->session->epoch, NULL));
    finish_measuring(run);
}

/// Puts the present moment where an undo finds it, before the command changes something.
static void keep_moment(Run *run, CommandKind kind, bool wanted) {
    if (!run->along) run->kept = wanted;
    if (!run->kept) return;
    settle(run);
    int64_t common = kind == COMMAND_RESTART ? -1 : run->session->epoch;
    moments_clear(&run->redos);
    moments_push(&run->undos, kind, common, run->session, run->history, &run->past);
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
    begin(run);
}

static void load(Run *run, const Experiment *experiment, uint64_t ticket) {
    Error error;
    if (!take_up(run, session_create(experiment, &error), &error)) {
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
    if (!enter_change(run, params)) return;
    session_move(session, params->values);
    say_nothing(run);
    if (run->state != RUN_RUNNING) run->state = RUN_PAUSED;
    start_measuring(run);
    run->moving = true;
    for (int i = 0; i < BEGIN_PARTS && run->measuring; i++) measure(run);
}

/// Goes to the topmost of these moments, and puts the present one with those.
static void go_to(Run *run, Moments *from, Moments *to) {
    if (!run->along) run->kept = from->count > 0;
    if (!run->kept || from->count == 0) return;
    settle(run);
    const Moment *top = &from->moments[from->count - 1];
    CommandKind kind = top->kind;
    int64_t common = top->common;
    moments_push(to, kind, common, run->session, run->history, &run->past);
    moments_pop(from, run->session, run->history, &run->past);
    moments_bound(to, run->history, &run->past);
    if (common < 0) run->generation++; // another beginning
    run->state = RUN_PAUSED;
    run->drag = COMMAND_NONE;
    go_on(run);
    show_stop(run);
}

static void undo(Run *run) {
    go_to(run, &run->undos, &run->redos);
}

static void redo(Run *run) {
    go_to(run, &run->redos, &run->undos);
}

static void step(Run *run, StepUnit unit) {
    if (show_stop(run)) return;
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

// ---- time -----------------------------------------------------------------------------------

void run_tick(Run *run, double now) {
    double elapsed = fmax(now - run->accrued_at, 0);
    run->accrued_at = now;
    run->credit = fmin(run->credit + elapsed * run->pace, fmax(1, BACKLOG_SECONDS * run->pace));

    double since = now - run->speed_at;
    if (run->state != RUN_RUNNING) {
        run->samples_per_second = 0;
    } else if (since >= SPEED_INTERVAL) {
        double speed = (double)run->samples / since;
        double weight = run->samples_per_second > 0 ? 1 - exp(-since / SPEED_SECONDS) : 1;
        run->samples_per_second += weight * (speed - run->samples_per_second);
    } else {
        return;
    }
    run->speed_at = now;
    run->samples = 0;
}

bool run_ready(const Run *run) {
    if (run_occupied(run)) return true;
    if (run->state != RUN_RUNNING || run->session->epoch > run->leash) return false;
    return run->pace >= PACE_MAX || run->credit >= 1;
}

double run_wait(const Run *run) {
    if (run_ready(run)) return 0;
    bool leashed = run->session->epoch > run->leash;
    return run->state == RUN_RUNNING && !leashed ? (1 - run->credit) / run->pace : (double)INFINITY;
}

// ---- slices ---------------------------------------------------------------------------------

/// The metrics of the epoch where the run is now, as they are known.
static void show_metrics_here(Run *run) {
    Metrics metrics;
    const Change *move = present_move(run);
    int64_t epoch = run->session->epoch;
    if (move) {
        run->past.metrics = move->metrics;
    } else if (history_checkpoint(run->history, epoch, &metrics) == epoch) {
        run->past.metrics = metrics;
    } else {
        return;
    }
    run->past.measured = epoch;
}

/// The session went wrong and is back at the last good state.
static void diverge(Run *run) {
    const Session *session = run->session;
    run->state = RUN_DIVERGED;
    run->stepping = false;
    run->seeking = -1;
    run->past.diverged_epoch = session->epoch + 1;
    ChangeLog *log = &run->past.log;
    changelog_go_beyond(log, session->epoch, session->cursor); // made before the state was kept
    run->past.changed = log->next < log->count; // settings stay: enter them anew, from here on
    show_metrics_here(run);
    snprintf(run->message, sizeof run->message,
             "The loss became infinite in epoch %lld: try a smaller learning rate (now %g), or "
             "restart",
             (long long)run->past.diverged_epoch, (double)session->optimizer.desc.learning_rate);
    run->warns = true;
}

/// Enters a completed epoch into the history, and where its path had been put by hand.
static void record(Run *run, const Metrics *metrics) {
    Session *session = run->session;
    if (session->epoch == 0) {
        run->past.first = session->optimizer.desc;
        run->past.initial = *metrics;
    }
    const Change *move = changelog_move_in(&run->past.log, session->epoch - 1);
    if (move) {
        const float *weights = move->params->values;
        history_record_jump(run->history, move->cursor, &move->metrics, weights);
    }
    history_record(run->history, session, metrics);
}

/// Goes on measuring the epoch that has ended; then it is complete.  @return whether it is
static bool measure(Run *run) {
    Session *session = run->session;
    Metrics metrics = {.running_loss = session->running_loss};
    if (!session_measure_part(session, &run->part, &metrics)) return false;
    run->measuring = false;
    if (run->moving) {
        run->moving = false;
        Change *move = changelog_move_in(&run->past.log, session->epoch);
        if (move) move->metrics = metrics;
        run->past.metrics = metrics;
        run->past.measured = session->epoch;
        session_judge(session, &metrics);
        return true;
    }
    if (!isfinite(metrics.train_loss) && session->epoch > 0) {
        session_diverge(session);
        diverge(run);
        return true;
    }
    run->past.metrics = metrics;
    run->past.measured = session->epoch;
    if (session->epoch > history_last(run->history)) record(run, &metrics);
    if (session->epoch >= run->past.diverged_epoch) run->past.diverged_epoch = -1;
    session_judge(session, &metrics);
    if (!run->past.changed) follow_log(run);
    bool arrived = run->seeking >= 0 && session->epoch >= run->seeking;
    if (arrived || session->stopped) run->seeking = -1;
    if (show_stop(run)) return true;
    if (run->seeking < 0 && !arrived && session->epoch > 0 && session->epoch >= run->past.target) {
        run->state = RUN_DONE;
    }
    return true;
}

/// Trains on up to run->span samples, or one sample or batch where that is the unit.
/// @return samples trained on
static size_t train(Run *run, StepUnit unit) {
    Session *session = run->session;
    if (run->past.changed) enter_change(run, NULL);
    size_t until_change = follow_log(run);
    int64_t epoch = session->epoch;
    size_t before = session->cursor;
    bool ended;
    if (unit == STEP_EPOCH) {
        size_t n = until_change < run->span ? until_change : run->span;
        ended = session_train(session, n, NULL);
    } else {
        ended = session_step(session, unit, NULL);
    }
    if (session->diverged) {
        diverge(run);
        return 0;
    }
    if (run->seeking < 0) moments_clear(&run->redos);
    if (!ended) follow_log(run);
    size_t samples = ended ? session->data->n_train - before : session->cursor - before;
    // Only where it decides on stopping need an epoch be measured that a look back passes.
    bool passing = run->seeking >= 0 && session->epoch < run->seeking;
    if (ended && (!passing || session_watches(session))) start_measuring(run);
    bool unit_done = unit != STEP_EPOCH || session->epoch != epoch;
    if (unit_done) {
        run->stepping = false;
        run->credit -= 1;
    }
    return samples;
}

static void adapt_span(Run *run, double seconds) {
    if (seconds > SPAN_SECONDS) {
        if (run->span > (size_t)run->session->batch) run->span /= 2;
    } else if (seconds < SPAN_SECONDS / 4 && run->span < SPAN_MAX) {
        run->span *= 2;
    }
}

void run_slice(Run *run, double (*now)(void)) {
    double start = now(), before = start;
    for (int calls = 0; calls < SLICE_CALLS_MAX && run_ready(run); calls++) {
        if (run->measuring) {
            measure(run);
        } else {
            bool whole = run->seeking >= 0 || (!run->stepping && run->pace >= PACE_MAX);
            StepUnit unit = whole ? STEP_EPOCH : run->stepping ? run->step_unit : run->unit;
            run->samples += train(run, unit);
            adapt_span(run, now() - before);
        }
        before = now();
        bool ended = run->measuring && run->part.at == 0; // begin to measure in this slice
        if (before - start > SLICE_SECONDS / 2 && !ended) break;
    }
}

bool run_snapshot(const Run *run, Snapshot *out) {
    if (!snapshot_fill(out, run->session, run->history)) return false;
    bool rests = (run->state == RUN_PAUSED || run->state == RUN_DONE) && !run_occupied(run);
    if (rests) snapshot_add_next_step(out, run->session);
    out->jumped = present_move(run) != NULL;
    out->undos = run->undos.count;
    out->redos = run->redos.count;
    out->state = run->state;
    out->target = run->past.target;
    out->metrics = run->moving ? unmeasured : run->past.metrics;
    out->unit = run->unit;
    out->pace = run->pace;
    out->samples_per_second = run->samples_per_second;
    out->diverged_epoch = run->past.diverged_epoch;
    memcpy(out->message, run->message, sizeof out->message);
    out->warns = run->warns;
    out->loaded = run->loaded;
    return true;
}
