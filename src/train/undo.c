/// Moments put aside and taken back.
#include "train/undo.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void moment_deinit(Moment *moment) {
    free(moment->state);
    free(moment->good);
    changelog_deinit(&moment->past.log);
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
static size_t bytes_alone(const Moment *moment, const Path *next_path, const ChangeLog *next_log) {
    size_t bytes = 0;
    const ChangeLog *log = &moment->past.log;
    for (int i = 0; i < log->count; i++) {
        const ParamVector *params = log->changes[i].params;
        bool shared = i < next_log->count && next_log->changes[i].params == params;
        if (params && !shared) bytes += params->n * sizeof *params->values;
    }
    const Path *path = moment->line.path;
    if (path && path != next_path) {
        bytes += (size_t)moment->line.path_count * path->n_params * sizeof *path->weights;
    }
    return bytes;
}

static void forget_what_does_not_fit(Moments *moments, const History *history,
                                     const ChangeLog *present) {
    int count;
    const Path *path = history_path(history, &count);
    const ChangeLog *log = present;
    size_t bytes = 0;
    int fit = 0;
    while (fit < moments->count) {
        const Moment *moment = &moments->moments[moments->count - 1 - fit];
        bytes += moment->bytes + bytes_alone(moment, path, log);
        if (bytes > UNDO_BYTES && fit > 0) break;
        path = moment->line.path;
        log = &moment->past.log;
        fit++;
    }
    while (moments->count > fit) forget_oldest(moments);
}

bool moments_push(Moments *moments, CommandKind kind, int64_t common, const Session *session,
                  const History *history, const RunPast *past) {
    Moment moment;
    if (!moment_init(&moment, session, history, past)) return false;
    moment.kind = kind;
    moment.common = common;
    if (moments->count == UNDO_MOMENTS) forget_oldest(moments);
    moments->moments[moments->count++] = moment;
    forget_what_does_not_fit(moments, history, &past->log);
    return true;
}

void moments_pop(Moments *moments, Session *session, History *history, RunPast *past) {
    assert(moments->count > 0);
    Moment moment = moments->moments[--moments->count];
    moments->moments[moments->count] = (Moment){0};

    history_take_back(history, &moment.line, moment.common);
    changelog_deinit(&past->log);
    *past = moment.past;
    moment.past.log = (ChangeLog){0};
    bool known = history_forget_before(history, past->floor) >= 0;
    if (!known && past->floor == 0) { // every run of an experiment begins with the same weights
        session_reset(session);
        session->optimizer.desc = past->first;
        history_start_from(history, session, &past->initial);
        known = true;
    }
    session_load_state(session, moment.state);
    if (moment.good) memcpy(session->good, moment.good, session_state_size(session));
    if (!known) past->floor = session->epoch + 1;
    moment_deinit(&moment);
}
