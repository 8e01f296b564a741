/// Moments put aside and taken back.
#include "train/undo.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void run_past_deinit(RunPast *past) {
    changelog_deinit(&past->log);
    param_vector_release(past->start);
    *past = (RunPast){0};
}

static void moment_deinit(Moment *moment) {
    free(moment->state);
    free(moment->good);
    run_past_deinit(&moment->past);
    history_line_deinit(&moment->line);
    *moment = (Moment){0};
}

void moments_clear(Moments *moments) {
    while (moments->count > 0) moment_deinit(&moments->moments[--moments->count]);
}

static void forget_oldest(Moments *moments) {
    moment_deinit(&moments->moments[0]);
    moments->count--;
    memmove(moments->moments, moments->moments + 1,
            (size_t)moments->count * sizeof *moments->moments);
    moments->moments[moments->count] = (Moment){0}; // its content has moved
}

static bool moment_init(Moment *moment, const Session *session, const History *history,
                        const RunPast *past) {
    size_t size = session_state_size(session);
    bool within = session->cursor > 0;
    *moment = (Moment){.state = malloc(size), .good = within ? malloc(size) : NULL, .past = *past};
    param_vector_retain(past->start);
    bool copied = changelog_copy(&moment->past.log, &past->log);
    bool aside = history_put_aside(history, &moment->line);
    if (!copied || !aside || !moment->state || (within && !moment->good)) {
        moment_deinit(moment);
        return false;
    }
    session_save_state(session, moment->state);
    if (within) memcpy(moment->good, session->good, size);
    moment->bytes = (within ? 2 : 1) * size + (size_t)past->log.count * sizeof(Change) +
                    (size_t)moment->line.n_bins * sizeof(CurveBin);
    return true;
}

/// What a moment alone keeps in memory of its path and of weights: not what the next one, or the
/// present, has as well.
static size_t bytes_alone(const Moment *moment, const Path *next_path, const RunPast *next) {
    size_t bytes = 0;
    const ChangeLog *log = &moment->past.log;
    for (int i = 0; i < log->count; i++) {
        const ParamVector *params = log->changes[i].params;
        bool shared = i < next->log.count && next->log.changes[i].params == params;
        if (params && !shared) bytes += params->n * sizeof *params->values;
    }
    const ParamVector *start = moment->past.start;
    if (start != next->start) bytes += start->n * sizeof *start->values;
    const Path *path = moment->line.path;
    if (path && path != next_path) {
        bytes += (size_t)moment->line.path_count * path->n_params * sizeof *path->weights;
    }
    return bytes;
}

void moments_bound(Moments *moments, const History *history, const RunPast *past) {
    int count;
    const Path *path = history_path(history, &count);
    const RunPast *next = past;
    size_t bytes = 0;
    int fit = 0;
    while (fit < moments->count) {
        Moment *moment = &moments->moments[moments->count - 1 - fit];
        bytes += moment->bytes + bytes_alone(moment, path, next);
        if (bytes > UNDO_BYTES && fit > 0) break;
        if (bytes > UNDO_BYTES && moment->line.path != path)
            history_line_forget_path(&moment->line);
        path = moment->line.path;
        next = &moment->past;
        fit++;
    }
    moments_keep(moments, fit);
}

void moments_keep(Moments *moments, int n) {
    while (moments->count > n) forget_oldest(moments);
}

bool moments_push(Moments *moments, CommandKind kind, uint64_t order, int64_t common,
                  const Session *session, const History *history, const RunPast *past) {
    Moment moment;
    if (!moment_init(&moment, session, history, past)) return false;
    moment.kind = kind;
    moment.order = order;
    moment.common = common;
    if (moments->count == UNDO_MOMENTS) forget_oldest(moments);
    moments->moments[moments->count++] = moment;
    moments_bound(moments, history, past);
    return true;
}

void moments_pop(Moments *moments, Session *session, History *history, RunPast *past) {
    assert(moments->count > 0);
    Moment moment = moments->moments[--moments->count];
    moments->moments[moments->count] = (Moment){0};

    history_take_back(history, &moment.line, moment.common);
    run_past_deinit(past);
    *past = moment.past;
    moment.past = (RunPast){0};
    memcpy(session->initial, past->start->values, past->start->n * sizeof *past->start->values);
    bool known = history_forget_before(history, past->floor) >= 0;
    if (!known && past->floor == 0) { // from its beginning
        session_reset(session);
        session->optimizer.desc = past->first;
        history_start_from(history, session, &past->initial);
        known = true;
    }
    session_load_state(session, moment.state);
    // What had been kept in case of a divergence may be of what is undone.
    const void *good = moment.good ? moment.good : moment.state;
    memcpy(session->good, good, session_state_size(session));
    memcpy(session->older, good, session_state_size(session));
    if (!known) past->floor = session->epoch + 1;
    moment_deinit(&moment);
}
