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

enum { SLICE_CALLS_MAX = 1024, SPAN_MAX = 1 << 20, BEGIN_PARTS = 8 };

// ---- beginnings and ends --------------------------------------------------------------------

static void say_nothing(Run *run) {
    run->message[0] = '\0';
    run->warns = false;
}

static void start_measuring(Run *run) {
    run->measuring = true;
    run->part = (Measuring){0};
}

static bool measure(Run *run);

/// Epoch 0: everything that is remembered is void. What takes long to measure is left to slices.
static void begin(Run *run) {
    history_clear(run->history);
    run->n_log = run->next_log = 0;
    run->changed = false;
    run->generation++;
    run->target = run->session->experiment->epochs;
    run->diverged_epoch = -1;
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

/// Puts a new session in place of the present one, if any. Takes it; NULL: error says why.
static bool take_up(Run *run, Session *session, Error *error) {
    if (!session) return false;
    History *history = history_create(session);
    if (!history) {
        session_destroy(session);
        return error_set(error, "not enough memory for the run's history");
    }
    history_destroy(run->history);
    session_destroy(run->session);
    run->session = session;
    run->history = history;
    run->state = RUN_PAUSED;
    run->span = (size_t)session->batch;
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
    free(run->log);
    memset(run, 0, sizeof *run);
}

// ---- the log --------------------------------------------------------------------------------

/// The first entry at or after the start of an epoch. A checkpoint holds the settings as they were
/// before a change made at the same moment.
static int log_from(const Run *run, int64_t epoch) {
    int i = run->n_log;
    while (i > 0 && run->log[i - 1].epoch >= epoch) i--;
    return i;
}

/// Enters the settings as they are now; what was to come after this moment will not.
static void enter_change(Run *run) {
    run->changed = false;
    if (run->session->epoch < history_last(run->history)) run->diverged_epoch = -1;
    history_truncate(run->history, run->session->epoch);
    run->n_log = run->next_log;
    if (run->n_log == run->log_capacity) {
        int capacity = run->log_capacity ? run->log_capacity * 2 : 16;
        LogEntry *log = realloc(run->log, (size_t)capacity * sizeof *log);
        if (!log) return; // a later look back will miss this change
        run->log = log;
        run->log_capacity = capacity;
    }
    run->log[run->n_log++] =
        (LogEntry){run->session->epoch, run->session->cursor, run->session->optimizer.desc};
    run->next_log = run->n_log;
}

/// Changes the settings where the log says so.
/// @return how many samples may be trained on until its next entry
static size_t follow_log(Run *run) {
    Session *session = run->session;
    if (run->changed) enter_change(run);
    for (; run->next_log < run->n_log; run->next_log++) {
        const LogEntry *entry = &run->log[run->next_log];
        if (entry->epoch > session->epoch) break;
        if (entry->epoch == session->epoch && entry->cursor > session->cursor) {
            return entry->cursor - session->cursor;
        }
        session->optimizer.desc = entry->settings;
    }
    return SIZE_MAX;
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

bool command_waits(CommandKind kind) {
    return kind == COMMAND_PLAY || kind == COMMAND_STEP || command_sets(kind);
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
    if (session->best.epoch > 0) run->metrics = session->best.metrics;
    return true;
}

static void play(Run *run) {
    if (run->state == RUN_RUNNING || show_stop(run)) return;
    go_on(run);
    int64_t epochs = run->session->experiment->epochs, more = epochs > 0 ? epochs : 1;
    int64_t beyond = run->session->epoch - run->target;
    if (beyond >= 0) run->target += (beyond / more + 1) * more;
    run->state = RUN_RUNNING;
    run->credit = 1;
}

static void seek(Run *run, int64_t epoch) {
    Session *session = run->session;
    // Nothing goes on from an epoch that early stopping has not seen.
    if (run_begins(run) || session_watches(session)) finish_measuring(run);
    int64_t last = history_last(run->history);
    epoch = epoch < 0 ? 0 : epoch > last ? last : epoch;
    go_on(run);
    run->state = RUN_PAUSED;
    run->stepping = run->measuring = false;
    run->seeking = -1;
    bool measured = run->measured == session->epoch;
    if (at_epochs_end(session, epoch) && measured && !run->changed) {
        show_stop(run);
        return;
    }

    // Replay from the nearest moment: the present one, or a checkpoint.
    Metrics metrics;
    int64_t checkpoint = history_checkpoint(run->history, epoch, &metrics);
    bool past = session->epoch >= epoch || run->changed;
    if (past || checkpoint > session->epoch) {
        if (checkpoint < 0) return;
        history_restore(run->history, session, epoch);
        run->next_log = log_from(run, checkpoint);
        run->changed = false;
        run->metrics = metrics;
        run->measured = checkpoint;
        session_judge(session, &metrics);
        show_stop(run);
    }
    if (!at_epochs_end(session, epoch)) run->seeking = epoch;
}

static void restart(Run *run) {
    if (run->state != RUN_RUNNING) run->state = RUN_PAUSED;
    session_reset(run->session);
    begin(run);
}

static void load(Run *run, const Experiment *experiment, uint64_t ticket) {
    Error error;
    if (!take_up(run, session_create(experiment, &error), &error)) {
        snprintf(run->message, sizeof run->message, "%.255s", error.text);
        run->warns = true;
    }
    run->loaded = ticket;
    experiment_release(experiment);
}

static void set(Run *run, CommandKind kind, double value) {
    bool share = kind != COMMAND_SET_LEARNING_RATE && kind != COMMAND_SET_WEIGHT_DECAY;
    float wanted = (float)value, *at = setting(&run->session->optimizer.desc, kind);
    if (!isfinite(wanted) || wanted < 0 || (share && wanted >= 1) || wanted == *at) return;
    *at = wanted;
    run->changed = true;
}

static void step(Run *run, StepUnit unit) {
    if (show_stop(run)) return;
    go_on(run);
    run->state = RUN_PAUSED;
    run->stepping = true;
    run->step_unit = unit;
}

void run_obey(Run *run, const Command *command, double now) {
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
    case COMMAND_RESTART: restart(run); break;
    case COMMAND_SEEK: seek(run, command->epoch); break;
    case COMMAND_SET_LEARNING_RATE:
    case COMMAND_SET_MOMENTUM:
    case COMMAND_SET_BETA:
    case COMMAND_SET_ALPHA:
    case COMMAND_SET_BETA1:
    case COMMAND_SET_BETA2:
    case COMMAND_SET_WEIGHT_DECAY: set(run, command->kind, command->value); break;
    case COMMAND_LOAD: load(run, command->experiment, command->ticket); break;
    }
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

/// The session went wrong and is back at the last good state.
static void diverge(Run *run) {
    const Session *session = run->session;
    run->state = RUN_DIVERGED;
    run->stepping = false;
    run->seeking = -1;
    run->diverged_epoch = session->epoch + 1;
    run->next_log = log_from(run, session->epoch);
    run->changed = run->next_log < run->n_log; // settings stay: enter them anew, from here on
    snprintf(run->message, sizeof run->message,
             "The loss became infinite in epoch %lld: try a smaller learning rate (now %g), or "
             "restart",
             (long long)run->diverged_epoch, (double)session->optimizer.desc.learning_rate);
    run->warns = true;
}

/// Goes on measuring the epoch that has ended; then it is complete.  @return whether it is
static bool measure(Run *run) {
    Session *session = run->session;
    Metrics metrics = {.running_loss = session->running_loss};
    if (!session_measure_part(session, &run->part, &metrics)) return false;
    run->measuring = false;
    if (!isfinite(metrics.train_loss) && session->epoch > 0) {
        session_diverge(session);
        diverge(run);
        return true;
    }
    run->metrics = metrics;
    run->measured = session->epoch;
    if (session->epoch > history_last(run->history)) {
        history_record(run->history, session, &metrics);
    }
    if (session->epoch >= run->diverged_epoch) run->diverged_epoch = -1;
    session_judge(session, &metrics);
    bool arrived = run->seeking >= 0 && session->epoch >= run->seeking;
    if (arrived || session->stopped) run->seeking = -1;
    if (show_stop(run)) return true;
    if (run->seeking < 0 && !arrived && session->epoch > 0 && session->epoch >= run->target) {
        run->state = RUN_DONE;
    }
    return true;
}

/// Trains on up to run->span samples, or one sample or batch where that is the unit.
/// @return samples trained on
static size_t train(Run *run, StepUnit unit) {
    Session *session = run->session;
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
    out->state = run->state;
    out->target = run->target;
    out->metrics = run->metrics;
    out->unit = run->unit;
    out->pace = run->pace;
    out->samples_per_second = run->samples_per_second;
    out->diverged_epoch = run->diverged_epoch;
    memcpy(out->message, run->message, sizeof out->message);
    out->warns = run->warns;
    out->loaded = run->loaded;
    return true;
}
