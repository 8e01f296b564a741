/// Changes by hand: how they are entered into the log, and made again when training comes by.
#include "train/run_parts.h"

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

bool run_enter_change(Run *run, const ParamVector *params) {
    Session *session = run->session;
    run->past.changed = false;
    if (session->epoch < history_last(run->history) || params) run->past.diverged_epoch = -1;
    history_truncate_at(run->history, session->epoch, session->cursor);
    Change *change = changelog_enter(&run->past.log, session->epoch, session->cursor);
    if (!change) return false;
    change->settings = session->optimizer.desc;
    if (params) {
        changelog_put(&run->past.log, change, params);
        change->metrics = run_unmeasured;
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

size_t run_follow_log(Run *run) {
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

const Change *run_present_move(const Run *run) {
    return changelog_move_in(&run->past.log, run->session->epoch);
}
