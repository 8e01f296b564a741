/// Memory of a run that stays bounded: what is old is thinned, never the newest and never epoch 0.
#include "train/history.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum {
    PATH_BYTES = 32 << 20,
    PATH_POINTS_MIN = 64,
    PATH_BYTES_MAX = 1 << 30, // of those at least: only a huge network's path is shorter
    CHECKPOINTS_MAX = 512,
    CHECKPOINTS_MIN = 2,
};

// ---- the curve ------------------------------------------------------------------------------

void curve_clear(Curve *curve) {
    curve->count = 0;
    curve->stride = 1;
}

/// Puts the later bin b into a. fminf and fmaxf pass over NaN.
static void merge(CurveBin *a, const CurveBin *b) {
    a->last = b->last;
    for (int s = 0; s < CURVE_SERIES; s++) {
        a->min[s] = fminf(a->min[s], b->min[s]);
        a->max[s] = fmaxf(a->max[s], b->max[s]);
        if (!isnan(b->end[s])) a->end[s] = b->end[s];
    }
}

/// Doubles the stride until there is room. Bins lie on multiples of the stride, so that the same
/// epochs end up in the same bins however they came.
static void merge_neighbours(Curve *curve) {
    while (curve->count == CURVE_BINS) {
        curve->stride *= 2;
        int kept = 0;
        for (int i = 1; i < curve->count; i++) {
            CurveBin *into = &curve->bins[kept];
            if (curve->bins[i].last / curve->stride == into->first / curve->stride) {
                merge(into, &curve->bins[i]);
            } else {
                curve->bins[++kept] = curve->bins[i];
            }
        }
        curve->count = kept + 1;
    }
}

void curve_add(Curve *curve, int64_t epoch, const float value[CURVE_SERIES]) {
    CurveBin bin = {.first = epoch, .last = epoch};
    for (int s = 0; s < CURVE_SERIES; s++) bin.min[s] = bin.max[s] = bin.end[s] = value[s];
    if (curve->stride < 1) curve->stride = 1; // a zeroed curve is valid
    if (curve->count > 0) {
        CurveBin *last = &curve->bins[curve->count - 1];
        if (epoch / curve->stride == last->first / curve->stride) {
            merge(last, &bin);
            return;
        }
    }
    if (curve->count == CURVE_BINS) {
        merge_neighbours(curve);
        curve_add(curve, epoch, value);
        return;
    }
    curve->bins[curve->count++] = bin;
}

void curve_truncate(Curve *curve, int64_t epoch) {
    while (curve->count > 0 && curve->bins[curve->count - 1].first > epoch) curve->count--;
    if (curve->count > 0) {
        CurveBin *last = &curve->bins[curve->count - 1];
        if (last->last > epoch) last->last = epoch;
    }
    // What comes next is kept finely again, as long as half of the bins are free then.
    while (curve->stride > 1 && curve->count < CURVE_BINS / 2 &&
           (epoch + 1) / (curve->stride / 2) <= CURVE_BINS / 2) {
        curve->stride /= 2;
    }
}

// ---- the path -------------------------------------------------------------------------------

static Path *path_create(size_t n_params, int capacity, int64_t stride) {
    Path *path = calloc(1, sizeof *path);
    if (!path) return NULL;
    size_t n = (size_t)capacity;
    atomic_init(&path->references, 1);
    path->n_params = n_params;
    path->capacity = capacity;
    path->stride = stride;
    path->epoch = malloc(n * sizeof *path->epoch);
    path->loss = malloc(n * sizeof *path->loss);
    path->test_loss = malloc(n * sizeof *path->test_loss);
    path->weights = malloc(n * n_params * sizeof *path->weights);
    path->jumped = malloc(n * sizeof *path->jumped);
    path->cursor = malloc(n * sizeof *path->cursor);
    if (path->epoch && path->loss && path->test_loss && path->weights && path->jumped &&
        path->cursor) {
        return path;
    }
    path_release(path);
    return NULL;
}

/// The count is not part of what const promises.
static Path *counted(const Path *path) {
    return memory_unconst(path);
}

const Path *path_retain(const Path *path) {
    if (path) atomic_fetch_add_explicit(&counted(path)->references, 1, memory_order_relaxed);
    return path;
}

void path_release(const Path *path) {
    if (!path) return;
    Path *shared = counted(path);
    if (atomic_fetch_sub_explicit(&shared->references, 1, memory_order_acq_rel) > 1) return;
    free(shared->epoch);
    free(shared->loss);
    free(shared->test_loss);
    free(shared->weights);
    free(shared->jumped);
    free(shared->cursor);
    free(shared);
}

/// A point of the path as it is handed over.
typedef struct PathPoint {
    int64_t epoch;
    double loss, test_loss;
    const float *weights; // (n_params)
    bool jumped;
    size_t cursor;
} PathPoint;

static PathPoint path_point(const Path *path, int at) {
    return (PathPoint){.epoch = path->epoch[at],
                       .loss = path->loss[at],
                       .test_loss = path->test_loss[at],
                       .weights = path->weights + (size_t)at * path->n_params,
                       .jumped = path->jumped[at],
                       .cursor = path->cursor[at]};
}

static void path_put(Path *path, int at, PathPoint point) {
    path->epoch[at] = point.epoch;
    path->loss[at] = point.loss;
    path->test_loss[at] = point.test_loss;
    path->jumped[at] = point.jumped;
    path->cursor[at] = point.cursor;
    memcpy(path->weights + (size_t)at * path->n_params, point.weights,
           path->n_params * sizeof *path->weights);
}

/// A new path of the first `count` points. With a larger stride than before, of those that training
/// came to whose epoch is a multiple of it, and before each the last one that it jumped to.
static Path *path_thinned(const Path *path, int count, int64_t stride, int *new_count) {
    Path *thinned = path_create(path->n_params, path->capacity, stride);
    if (!thinned) return NULL;
    bool all = stride <= path->stride;
    int kept = 0, jump = -1;
    for (int i = 0; i < count; i++) {
        if (path->jumped[i] && !all) {
            jump = i;
        } else if (all || path->epoch[i] % stride == 0) {
            if (jump >= 0) path_put(thinned, kept++, path_point(path, jump));
            path_put(thinned, kept++, path_point(path, i));
            jump = -1;
        }
    }
    if (jump >= 0) path_put(thinned, kept++, path_point(path, jump));
    *new_count = kept;
    return thinned;
}

static int path_capacity(size_t n_params) {
    size_t bytes = n_params * sizeof(float) + sizeof(int64_t) + 2 * sizeof(double) + sizeof(bool) +
                   sizeof(size_t);
    size_t points = PATH_BYTES / bytes;
    if (points > PATH_POINTS_MAX) return PATH_POINTS_MAX;
    if (points >= PATH_POINTS_MIN) return (int)points;
    points = PATH_BYTES_MAX / bytes;
    return points > PATH_POINTS_MIN ? PATH_POINTS_MIN : points < 2 ? 2 : (int)points;
}

// ---- history --------------------------------------------------------------------------------

typedef struct Checkpoint {
    int64_t epoch;
    Metrics metrics;
    int slot; // its bytes lie at states + slot * state_size
} Checkpoint;

struct History {
    Curve curve;
    int64_t last;    // epoch, -1: none
    Metrics metrics; // of that epoch
    Path *path;
    int path_count;
    size_t state_size;
    int n_checkpoints, max_checkpoints;
    Checkpoint *checkpoints; // oldest first
    int *free_slots;         // the first (max_checkpoints - n_checkpoints) are unused slots
    char *states;
};

#define NONE ((double)NAN)

static const Metrics no_metrics = {NONE, NONE, NONE, NONE, NONE};

History *history_create(const Session *session) {
    History *history = calloc(1, sizeof *history);
    if (!history) return NULL;
    history->state_size = session_state_size(session);
    size_t fit = CHECKPOINT_BYTES / history->state_size;
    history->max_checkpoints = fit > CHECKPOINTS_MAX   ? CHECKPOINTS_MAX
                               : fit < CHECKPOINTS_MIN ? CHECKPOINTS_MIN
                                                       : (int)fit;
    size_t n = (size_t)history->max_checkpoints, n_params = session->net.n_params;
    history->checkpoints = malloc(n * sizeof *history->checkpoints);
    history->free_slots = malloc(n * sizeof *history->free_slots);
    history->states = malloc(n * history->state_size);
    history->path = path_create(n_params, path_capacity(n_params), 1);
    if (!history->checkpoints || !history->free_slots || !history->states || !history->path) {
        history_destroy(history);
        return NULL;
    }
    history_clear(history);
    return history;
}

void history_destroy(History *history) {
    if (!history) return;
    path_release(history->path);
    free(history->checkpoints);
    free(history->free_slots);
    free(history->states);
    free(history);
}

/// Shortens the path in a new one: readers of the present one may be reading what is forgotten.
/// What comes after that epoch is kept finely again, as long as half of the points are free then.
static void path_cut(History *history, int count, int64_t epoch) {
    Path *path = history->path;
    if (!path || count == history->path_count) return;
    int64_t stride = path->stride;
    while (stride > 1 && (epoch + 1) / (stride / 2) <= path->capacity / 2) stride /= 2;
    history->path_count = 0;
    history->path = path_thinned(path, count, stride, &history->path_count);
    path_release(path);
}

/// @return its index, or -1: none
static int newest_checkpoint(const History *history, int64_t epoch) {
    int i = history->n_checkpoints - 1;
    while (i >= 0 && history->checkpoints[i].epoch > epoch) i--;
    return i;
}

static void forget_checkpoints(History *history, int count) {
    while (history->n_checkpoints > count) {
        int unused = history->max_checkpoints - history->n_checkpoints;
        history->free_slots[unused] = history->checkpoints[--history->n_checkpoints].slot;
    }
}

void history_clear(History *history) {
    curve_clear(&history->curve);
    history->last = -1;
    history->metrics = no_metrics;
    history->n_checkpoints = 0;
    for (int i = 0; i < history->max_checkpoints; i++) history->free_slots[i] = i;
    path_cut(history, 0, 0);
}

static void append_to_path(History *history, PathPoint point) {
    if (!history->path) return;
    bool wanted = point.jumped || point.epoch % history->path->stride == 0;
    if (!wanted) return;
    if (history->path_count == history->path->capacity) {
        int kept;
        Path *thinned =
            path_thinned(history->path, history->path_count, history->path->stride * 2, &kept);
        if (!thinned) return;
        path_release(history->path);
        history->path = thinned;
        history->path_count = kept;
        wanted = point.jumped || point.epoch % thinned->stride == 0;
        if (!wanted || kept == thinned->capacity) return;
    }
    path_put(history->path, history->path_count++, point);
}

/// Drops at least a quarter: those whose neighbours, once it is gone, lie no further apart than a
/// fixed part of their age. What stays is dense near the end and ever sparser towards the start, so
/// that replaying from the nearest one takes a bounded share of the time that the run took since.
static void thin_checkpoints(History *history) {
    int64_t latest = history->checkpoints[history->n_checkpoints - 1].epoch;
    int enough = history->max_checkpoints - (history->max_checkpoints + 3) / 4;
    for (int64_t part = history->max_checkpoints; history->n_checkpoints > enough;
         part = part > 1 ? part / 2 : 0) {
        int kept = 1; // the first one, epoch 0, always
        int n = history->n_checkpoints;
        for (int i = 1; i < n; i++) {
            Checkpoint *checkpoints = history->checkpoints, here = checkpoints[i];
            int64_t age = latest - here.epoch;
            bool drop = i + 1 < n
                            ? (checkpoints[i + 1].epoch - checkpoints[kept - 1].epoch) * part <= age
                            : part == 0;
            if (drop) {
                history->free_slots[history->max_checkpoints - history->n_checkpoints--] =
                    here.slot;
            } else {
                checkpoints[kept++] = here;
            }
        }
    }
}

static void record_checkpoint(History *history, const Session *session, const Metrics *metrics) {
    if (history->n_checkpoints == history->max_checkpoints) thin_checkpoints(history);
    int unused = history->max_checkpoints - history->n_checkpoints;
    int slot = history->free_slots[unused - 1];
    history->checkpoints[history->n_checkpoints++] = (Checkpoint){session->epoch, *metrics, slot};
    session_save_state(session, history->states + (size_t)slot * history->state_size);
}

void history_record(History *history, const Session *session, const Metrics *metrics) {
    assert(session->epoch > history->last && session->cursor == 0);
    history->last = session->epoch;
    history->metrics = *metrics;
    const float value[CURVE_SERIES] = {[CURVE_TRAIN] = (float)metrics->train_loss,
                                       [CURVE_TEST] = (float)metrics->test_loss,
                                       [CURVE_RUNNING] = (float)metrics->running_loss};
    curve_add(&history->curve, session->epoch, value);
    append_to_path(history, (PathPoint){.epoch = session->epoch,
                                        .loss = metrics->train_loss,
                                        .test_loss = metrics->test_loss,
                                        .weights = session->net.params});
    record_checkpoint(history, session, metrics);
}

void history_record_jump(History *history, size_t cursor, const Metrics *metrics,
                         const float *weights) {
    append_to_path(history, (PathPoint){.epoch = history->last,
                                        .loss = metrics->train_loss,
                                        .test_loss = metrics->test_loss,
                                        .weights = weights,
                                        .jumped = true,
                                        .cursor = cursor});
}

/// Whether a point of the path lies beyond a moment.
static bool beyond(const Path *path, int at, int64_t epoch, size_t cursor) {
    if (path->epoch[at] != epoch) return path->epoch[at] > epoch;
    return path->jumped[at] && path->cursor[at] > cursor;
}

void history_truncate(History *history, int64_t epoch) {
    history_truncate_at(history, epoch, 0);
}

void history_truncate_at(History *history, int64_t epoch, size_t cursor) {
    if (epoch >= history->last) return;
    history->last = epoch;
    history->metrics = no_metrics;
    curve_truncate(&history->curve, epoch);
    int count = history->path_count;
    while (count > 0 && beyond(history->path, count - 1, epoch, cursor)) count--;
    path_cut(history, count, epoch);
    forget_checkpoints(history, newest_checkpoint(history, epoch) + 1);
}

int64_t history_forget_before(History *history, int64_t epoch) {
    int unused = history->max_checkpoints - history->n_checkpoints, old = 0;
    while (old < history->n_checkpoints && history->checkpoints[old].epoch < epoch) {
        history->free_slots[unused++] = history->checkpoints[old++].slot;
    }
    history->n_checkpoints -= old;
    memmove(history->checkpoints, history->checkpoints + old,
            (size_t)history->n_checkpoints * sizeof *history->checkpoints);
    return history->n_checkpoints > 0 ? history->checkpoints[0].epoch : -1;
}

void history_start_from(History *history, const Session *session, const Metrics *metrics) {
    assert(history->n_checkpoints == 0 && session->cursor == 0);
    record_checkpoint(history, session, metrics);
}

bool history_put_aside(const History *history, HistoryLine *line) {
    const Curve *curve = &history->curve;
    *line = (HistoryLine){0};
    CurveBin *bins = malloc(((size_t)curve->count + 1) * sizeof *bins); // none is no failure
    if (!bins) return false;
    memcpy(bins, curve->bins, (size_t)curve->count * sizeof *bins);
    *line = (HistoryLine){.last = history->last,
                          .metrics = history->metrics,
                          .stride = curve->stride,
                          .n_bins = curve->count,
                          .bins = bins,
                          .path = path_retain(history->path),
                          .path_count = history->path_count};
    return true;
}

void history_line_deinit(HistoryLine *line) {
    free(line->bins);
    path_release(line->path);
    *line = (HistoryLine){0};
}

void history_line_forget_path(HistoryLine *line) {
    path_release(line->path);
    line->path = NULL;
    line->path_count = 0;
}

void history_take_back(History *history, const HistoryLine *line, int64_t common) {
    history->last = line->last;
    history->metrics = line->metrics;
    history->curve.stride = line->stride;
    history->curve.count = line->n_bins;
    memcpy(history->curve.bins, line->bins, (size_t)line->n_bins * sizeof *line->bins);
    if (!line->path) {
        int count = history->path_count;
        while (count > 0 &&
               (history->path->epoch[count - 1] > common ||
                (history->path->epoch[count - 1] == common && history->path->jumped[count - 1]))) {
            count--;
        }
        path_cut(history, count, common);
    } else if (history->path != line->path || history->path_count != line->path_count) {
        // A copy: readers may hold more points of that path than are to be gone on from.
        path_release(history->path);
        history->path_count = 0;
        history->path =
            path_thinned(line->path, line->path_count, line->path->stride, &history->path_count);
    }
    forget_checkpoints(history, newest_checkpoint(history, common) + 1);
}

int64_t history_checkpoint(const History *history, int64_t epoch, Metrics *metrics) {
    int i = newest_checkpoint(history, epoch);
    if (i < 0) return -1;
    if (metrics) *metrics = history->checkpoints[i].metrics;
    return history->checkpoints[i].epoch;
}

int64_t history_restore(const History *history, Session *session, int64_t epoch) {
    int i = newest_checkpoint(history, epoch);
    if (i < 0) return -1;
    size_t at = (size_t)history->checkpoints[i].slot * history->state_size;
    session_load_state(session, history->states + at);
    return history->checkpoints[i].epoch;
}

int64_t history_last(const History *history) {
    return history->last;
}

const Metrics *history_metrics(const History *history) {
    return &history->metrics;
}

const Curve *history_curve(const History *history) {
    return &history->curve;
}

const Path *history_path(const History *history, int *count) {
    *count = history->path_count;
    return history->path;
}
