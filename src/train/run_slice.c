/// A run's time: what its pace allows, its speed, and slices of training and measuring.
#include <math.h>
#include <stdio.h>

#include "train/run_parts.h"

#define SLICE_SECONDS   2e-3
#define SPAN_SECONDS    0.5e-3 // of one call of session_train, so that a slice ends in time
#define BACKLOG_SECONDS 0.1
#define SPEED_SECONDS   0.5  // over which the speed is smoothed
#define SPEED_INTERVAL  0.05 // between two readings of it

enum {
    SLICE_CALLS_MAX = 1024,
    SPAN_MAX = 1 << 20,
};

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
    const Change *move = run_present_move(run);
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

bool run_measure(Run *run) {
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
    if (!run->past.changed) run_follow_log(run);
    bool arrived = run->seeking >= 0 && session->epoch >= run->seeking;
    if (arrived || session->stopped) run->seeking = -1;
    if (run_show_stop(run)) return true;
    bool ended = run->seeking < 0 && session->epoch > 0 && session->epoch >= run->past.target;
    bool put = arrived && run_present_move(run); // by hand: to be played on from there
    if (ended && !put) run->state = RUN_DONE;
    return true;
}

/// Trains on up to run->span samples, or one sample or batch where that is the unit.
/// @return samples trained on
static size_t train(Run *run, StepUnit unit) {
    Session *session = run->session;
    if (run->past.changed) run_enter_change(run, NULL);
    size_t until_change = run_follow_log(run);
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
    if (!ended) run_follow_log(run);
    size_t samples = ended ? session->data->n_train - before : session->cursor - before;
    // Only where it decides on stopping need an epoch be measured that a look back passes.
    bool passing = run->seeking >= 0 && session->epoch < run->seeking;
    if (ended && (!passing || session_watches(session))) run_start_measuring(run);
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
            run_measure(run);
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
