/// The data over what the network says about every point of the plane: its output as a field of
/// colour, and the line where it is 0.5; of several classes, the winner's colour. For one input,
/// the curve of the output over the data. Images are shown with what they are taken for; for any
/// other data, outputs are drawn against targets.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "views/predictions_state.h"

enum { CURVE_CELLS = 256 };

static float aspect(const Experiment *experiment) {
    (void)experiment;
    return 1.25f;
}

PredictionsKind predictions_kind(const Dataset *data) {
    int side;
    if (data->n_inputs <= 2) return data->n_inputs == 1 ? KIND_CURVE : KIND_FIELD;
    if (!data->classes) return KIND_VALUES;
    return images_square(data, &side) ? KIND_IMAGES : KIND_CLASSES;
}

static void deinit(void *state_) {
    PredictionsState *state = state_;
    if (state->probe) probe_deinit(state->probe);
    free(state->probe);
    free(state->image);
    free(state->images);
}

bool predictions_classed(const Snapshot *run) {
    return run->data->classes && run->data->n_outputs == 1;
}

size_t predictions_stride(const Dataset *data) {
    return data->n > 0 ? (data->n + PREDICTIONS_SHOWN - 1) / PREDICTIONS_SHOWN : 1;
}

void predictions_input_range(const Dataset *data, int axis, double *lo, double *hi) {
    *lo = (double)data->x_min[axis];
    *hi = (double)data->x_max[axis];
    if (data->n_inputs == 1) {
        *lo = HUGE_VAL;
        *hi = -HUGE_VAL;
        for (size_t i = 0, stride = predictions_stride(data); i < data->n; i += stride) {
            *lo = fmin(*lo, (double)data->x[i]);
            *hi = fmax(*hi, (double)data->x[i]);
        }
    } else if (data->n <= PREDICTIONS_FEW) {
        double room = 0.25 * (*hi - *lo);
        *lo -= room;
        *hi += room;
    }
    view_round_range(lo, hi);
}

static int request(void *state, const ViewContext *context, ObservationRequest *requests) {
    (void)state;
    const Dataset *data = context->run->data;
    ObservationRequest *r = &requests[0];
    PredictionsKind kind = predictions_kind(data);
    if (kind != KIND_CURVE && kind != KIND_FIELD) {
        r->kind = kind == KIND_VALUES ? OBSERVE_LAYERS : OBSERVE_CLASSES;
        r->priority = 3;
        return 1;
    }
    r->kind = OBSERVE_FIELD;
    r->priority = 3;
    for (int i = 0; i < data->n_inputs; i++) {
        double lo, hi;
        predictions_input_range(data, i, &lo, &hi);
        r->field.lo[i] = (float)lo;
        r->field.hi[i] = (float)hi;
    }
    r->field.grid[0] = data->n_inputs == 1 ? CURVE_CELLS : PREDICTIONS_CELLS;
    r->field.grid[1] = data->n_inputs == 1 ? 1 : PREDICTIONS_CELLS;
    return 1;
}

static void draw(void *state_, const ViewContext *context) {
    PredictionsState *state = state_;
    state->has_axes = false;
    PredictionsKind kind = predictions_kind(context->run->data);
    if (kind == KIND_CURVE) {
        predictions_draw_curve(state, context);
    } else if (kind == KIND_FIELD) {
        predictions_draw_field(state, context);
    } else {
        predictions_draw_samples(state, context);
        return;
    }
    state->axes.area.x -= context->area.x;
    state->axes.area.y -= context->area.y;
}

/// Whether the data is drawn over a step's line, and the field over the sigmoid of its sum.
static bool shows_sigmoid(const Snapshot *run) {
    return run->net.layers[run->net.n_layers - 1].activation == ACTIVATION_STEP;
}

static void print_verdicts(const ViewContext *context, char *text, size_t size) {
    const Observation *o = view_observation(context, 0, OBSERVE_CLASSES);
    if (!o || o->n_points < 1) return;
    int wrong = 0;
    for (int i = 0; i < o->n_points; i++) wrong += o->winner[i] != o->target[i];
    char part[32], all[32];
    count_print(wrong, part, sizeof part);
    count_print(o->n_points, all, sizeof all);
    bool test = context->run->data->n > context->run->data->n_train;
    snprintf(
        text, size,
        test ? view_text(context, "%s wrong   of %s test samples", "%s 个判错   共 %s 个测试样本")
             : view_text(context, "%s wrong   of %s samples", "%s 个判错   共 %s 个样本"),
        part, all);
}

static void subtitle(const void *state, const ViewContext *context, char *text, size_t size) {
    (void)state;
    const Dataset *data = context->run->data;
    PredictionsKind kind = predictions_kind(data);
    if (kind == KIND_IMAGES || kind == KIND_CLASSES) print_verdicts(context, text, size);
    if (data->n_inputs > 2) return;
    size_t stride = predictions_stride(data);
    if (stride > 1) {
        char part[32], all[32];
        count_print((int64_t)((data->n + stride - 1) / stride), part, sizeof part);
        count_print((int64_t)data->n, all, sizeof all);
        snprintf(text, size, view_text(context, "%s of %s points", "%s / %s 个点"), part, all);
    } else if (data->n_inputs == 2 && data->n_outputs == 1) {
        const char *words = shows_sigmoid(context->run)
                                ? view_text(context, "shown with sigmoid", "以 sigmoid 显示")
                            : predictions_classed(context->run)
                                ? view_text(context, "0.5 line", "0.5 等值线")
                                : view_text(context, "zero line", "零等值线");
        snprintf(text, size, "%s", words);
    }
}

static void header(void *state_, Ui *ui, const ViewContext *context, Rect *r,
                   ViewActions *actions) {
    (void)actions;
    PredictionsState *state = state_;
    if (predictions_kind(context->run->data) != KIND_IMAGES) return;
    const char *name = view_text(context, "only wrong ones", "仅判错");
    float width = view_toggle_width(ui, name);
    if (r->w < width) return;
    ui_toggle(ui, "predictions.wrong", rect_cut_right(r, width), name, &state->wrong_only);
}

const ViewType view_type_predictions = {
    .id = "predictions",
    .title = "Predictions",
    .title_zh = "预测",
    .description = "the data over the network's output",
    .description_zh = "网络输出之上的数据",
    .aspect = aspect,
    .state_size = sizeof(PredictionsState),
    .deinit = deinit,
    .subtitle = subtitle,
    .header = header,
    .observe = request,
    .draw = draw,
    .table = predictions_table,
    .overlay = predictions_overlay,
};
