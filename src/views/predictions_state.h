/// The predictions view's state, shared by its files: what it asks and says (predictions.c), how it
/// draws one or two inputs (predictions_plane.c) and any other data (predictions_samples.c), what
/// it says under the mouse (predictions_read.c), and its numbers (predictions_table.c).
#ifndef VIEWS_PREDICTIONS_STATE_H
#define VIEWS_PREDICTIONS_STATE_H

#include "plot/axes.h"
#include "views/images.h"
#include "views/probe.h"
#include "views/view.h"

enum {
    PREDICTIONS_CELLS = 96,   // a side of the field
    PREDICTIONS_SHOWN = 2000, // points at most
    PREDICTIONS_FEW = 40      // that large marks suit, with room around them
};

typedef struct PredictionsState {
    Axes axes; // as drawn, relative to the view's area
    bool has_axes;
    uint8_t *image; // (PREDICTIONS_CELLS * PREDICTIONS_CELLS) RGBA
    Probe *probe;
    ImageGrid *images;
    bool wrong_only; // images: those that the network gets wrong
} PredictionsState;

/// What of a run there is to draw.
typedef enum PredictionsKind {
    KIND_CURVE,
    KIND_FIELD,
    KIND_IMAGES,
    KIND_CLASSES,
    KIND_VALUES
} PredictionsKind;

PredictionsKind predictions_kind(const Dataset *data);
/// Whether there are two classes and one output.
bool predictions_classed(const Snapshot *run);
/// The stride from one sample that is drawn to the next, so that a frame never draws more than
/// PREDICTIONS_SHOWN.
size_t predictions_stride(const Dataset *data);
/// The inputs that the plot spans: those of all samples, or for curves of the drawn ones, among
/// which no lone extreme squeezes the rest.
void predictions_input_range(const Dataset *data, int axis, double *lo, double *hi);

/// @param state  its axes, where it sets them, relative to the target
void predictions_draw_field(PredictionsState *state, const ViewContext *context);
void predictions_draw_curve(PredictionsState *state, const ViewContext *context);
/// Data of three inputs or more.
void predictions_draw_samples(PredictionsState *state, const ViewContext *context);
/// See ViewType.
void predictions_overlay(void *state, const ViewContext *context);
bool predictions_table(const void *state, const ViewContext *context, Table *out, Error *error);

#endif
