/// An array by moment, and how far the run has come in it.
#include "train/changelog.h"

#include <stdlib.h>
#include <string.h>

static size_t params_bytes(const ParamVector *params) {
    return params ? sizeof *params + params->n * sizeof *params->values : 0;
}

static size_t bytes_of(const Change *change) {
    return sizeof *change + params_bytes(change->params);
}

static void cut(ChangeLog *log, int count) {
    while (log->count > count) {
        Change *last = &log->changes[--log->count];
        log->bytes -= bytes_of(last);
        param_vector_release(last->params);
    }
}

void changelog_clear(ChangeLog *log) {
    cut(log, 0);
    log->next = 0;
}

void changelog_deinit(ChangeLog *log) {
    changelog_clear(log);
    free(log->changes);
    *log = (ChangeLog){0};
}

bool changelog_copy(ChangeLog *copy, const ChangeLog *log) {
    *copy = (ChangeLog){0};
    if (log->count == 0) return true;
    copy->changes = malloc((size_t)log->count * sizeof *copy->changes);
    if (!copy->changes) return false;
    memcpy(copy->changes, log->changes, (size_t)log->count * sizeof *copy->changes);
    for (int i = 0; i < log->count; i++) param_vector_retain(log->changes[i].params);
    copy->count = copy->capacity = log->count;
    copy->next = log->next;
    copy->bytes = log->bytes;
    return true;
}

Change *changelog_enter(ChangeLog *log, int64_t epoch, size_t cursor) {
    cut(log, log->next);
    if (log->count > 0) {
        Change *last = &log->changes[log->count - 1];
        if (last->epoch == epoch && last->cursor == cursor) return last;
    }
    if (log->count == log->capacity) {
        int capacity = log->capacity ? log->capacity * 2 : 16;
        Change *changes = realloc(log->changes, (size_t)capacity * sizeof *changes);
        if (!changes) return NULL;
        log->changes = changes;
        log->capacity = capacity;
    }
    Change *change = &log->changes[log->count++];
    *change = (Change){.epoch = epoch, .cursor = cursor};
    log->bytes += bytes_of(change);
    log->next = log->count;
    return change;
}

void changelog_put(ChangeLog *log, Change *change, const ParamVector *params) {
    param_vector_retain(params);
    log->bytes += params_bytes(params) - params_bytes(change->params);
    param_vector_release(change->params);
    change->params = params;
}

void changelog_go_before(ChangeLog *log, int64_t epoch) {
    log->next = log->count;
    while (log->next > 0 && log->changes[log->next - 1].epoch >= epoch) log->next--;
}

void changelog_go_beyond(ChangeLog *log, int64_t epoch, size_t cursor) {
    changelog_go_before(log, epoch);
    for (; log->next < log->count; log->next++) {
        const Change *change = &log->changes[log->next];
        if (change->epoch > epoch || change->cursor > cursor) break;
    }
}

Change *changelog_move_in(const ChangeLog *log, int64_t epoch) {
    for (int i = log->next - 1; i >= 0 && log->changes[i].epoch >= epoch; i--) {
        if (log->changes[i].epoch == epoch && log->changes[i].params) return &log->changes[i];
    }
    return NULL;
}

void changelog_drop(ChangeLog *log, int count) {
    for (int i = 0; i < count; i++) {
        log->bytes -= bytes_of(&log->changes[i]);
        param_vector_release(log->changes[i].params);
    }
    log->count -= count;
    log->next = log->next > count ? log->next - count : 0;
    memmove(log->changes, log->changes + count, (size_t)log->count * sizeof *log->changes);
}
