/// What is remembered of a run, bounded however long it is: the curve of losses, training's path
/// through weight space, and checkpoints to go back to.
#ifndef TRAIN_HISTORY_H
#define TRAIN_HISTORY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "train/session.h"

enum { CURVE_BINS = 2048, PATH_POINTS_MAX = 4096, CHECKPOINT_BYTES = 64 << 20 };

typedef enum CurveSeries { CURVE_TRAIN, CURVE_TEST, CURVE_RUNNING, CURVE_SERIES } CurveSeries;

/// Some consecutive epochs as one: no peak is lost. Where only one epoch lies in it, min = max =
/// end.
typedef struct CurveBin {
    int64_t first, last;                                           // epochs, inclusive
    float min[CURVE_SERIES], max[CURVE_SERIES], end[CURVE_SERIES]; // NaN: no value
} CurveBin;

/// Every epoch's losses in at most CURVE_BINS bins: when full, neighbours are merged. A value type.
typedef struct Curve {
    int count;
    int64_t stride; // epochs a full bin
    CurveBin bins[CURVE_BINS];
} Curve;

void curve_clear(Curve *curve);
/// Adds an epoch later than all before.
void curve_add(Curve *curve, int64_t epoch, const float value[CURVE_SERIES]);
/// Forgets all after that epoch (a rewind). A bin that it cuts keeps its extremes.
void curve_truncate(Curve *curve, int64_t epoch);

/// The path: the weights at every epoch's end, every 2nd, 4th… when long: at most PATH_POINTS_MAX
/// points within 32 MiB, but at least 64 (a huge network's: within 1 GiB). It only grows, so that a
/// reader who knows a count may read that many points while the trainer appends; thinning makes a
/// new one, and so does forgetting. Counted.
///
/// Where a person put the weights elsewhere there are two points of one epoch: where training had
/// come to and, jumped, where it went on from (of several moves between two epochs' ends the last).
/// A line from the point before to a jumped one would show what never was.
typedef struct Path {
    atomic_int references;
    size_t n_params;
    int capacity;
    int64_t stride;
    int64_t *epoch;    // (capacity)
    double *loss;      // (capacity) train loss as measured then
    double *test_loss; // (capacity)
    float *weights;    // (capacity, n_params)
    bool *jumped;      // (capacity) come to by hand, not to be joined to the point before
    size_t *cursor;    // (capacity) where it jumped: samples into the next epoch; else 0
} Path;

/// NULL is fine for both.
const Path *path_retain(const Path *path);
void path_release(const Path *path);

typedef struct History History;
/// @return empty, or NULL where memory is short
History *history_create(const Session *session);
void history_destroy(History *history);
void history_clear(History *history);
/// Records the state at an epoch's end (epoch 0: before training), later than all before. Its
/// checkpoint and path are left out where memory is short.
void history_record(History *history, const Session *session, const Metrics *metrics);
/// Adds to the path where the weights were put by hand after the last epoch recorded, before the
/// next one is.  @param cursor  samples into the next epoch  @param weights  (n_params)
void history_record_jump(History *history, size_t cursor, const Metrics *metrics,
                         const float *weights);
/// Forgets what lies after an epoch's end, or after so many samples beyond it.
void history_truncate(History *history, int64_t epoch);
void history_truncate_at(History *history, int64_t epoch, size_t cursor);
/// Forgets the checkpoints before an epoch.  @return the first one's that is left, -1: none is
int64_t history_forget_before(History *history, int64_t epoch);
/// Puts the first checkpoint where there is none: of the session as it is, at an epoch's end.
void history_start_from(History *history, const Session *session, const Metrics *metrics);
/// The epoch of the newest checkpoint at or before that epoch, -1: none.
/// @param metrics  its metrics as recorded; may be NULL
int64_t history_checkpoint(const History *history, int64_t epoch, Metrics *metrics);
/// Loads that checkpoint into session; training on from it gives the same bits as before.
/// @return its epoch, or -1: none, and the session is unchanged
int64_t history_restore(const History *history, Session *session, int64_t epoch);

/// The curve and the path as they are at a moment, put aside. Zeroed: nothing.
typedef struct HistoryLine {
    int64_t last;
    Metrics metrics;
    int64_t stride; // the curve's
    int n_bins;
    CurveBin *bins;
    const Path *path; // counted; NULL: it is the present one's, as far as they have it in common
    int path_count;
} HistoryLine;

/// @param line  overwritten  @return false where memory is short; line is then empty
bool history_put_aside(const History *history, HistoryLine *line);
void history_line_deinit(HistoryLine *line);
/// Saves the memory of the path, which is then taken back only as far as it is common.
void history_line_forget_path(HistoryLine *line);
/// Shows that line again.
/// @param common  the last epoch up to which the line and the present one are the same: checkpoints
/// beyond are forgotten
void history_take_back(History *history, const HistoryLine *line, int64_t common);

/// The last epoch recorded, -1: none.
int64_t history_last(const History *history);
/// The metrics of the last epoch recorded; NaNs where there is none or it was forgotten.
const Metrics *history_metrics(const History *history);
const Curve *history_curve(const History *history);
/// The path and how many points of it are valid; NULL and 0 where memory ran out. Borrowed: retain
/// to keep.
const Path *history_path(const History *history, int *count);

#endif
