/// The predictions' numbers: the field or the curve with the points that lie on it, or what the
/// network says of each sample.
#include <math.h>

#include "views/classes.h"
#include "views/predictions_state.h"

/// The field or curve of outputs, then the points that lie on it: those that are drawn.
static void write_plane(const ViewContext *context, const Observation *field, Table *out) {
    const Dataset *data = context->run->data;
    const bool plane = data->n_inputs == 2;
    table_header(out, plane ? "part,x1,x2,output,class,target" : "part,x1,output,class,target");
    for (int j = 0; j < field->grid[1]; j++) {
        for (int i = 0; i < field->grid[0]; i++) {
            const int at = j * field->grid[0] + i;
            table_text(out, "field");
            table_float(out, (float)field->values_a[i]);
            if (plane) table_float(out, (float)field->values_b[j]);
            table_float(out, field->values[at]);
            table_float(out, field->winner ? field->winner[at] : NAN);
            table_empty(out);
            table_end_row(out);
        }
    }
    for (size_t i = 0, stride = predictions_stride(data); i < data->n && !table_failed(out);
         i += stride) {
        const float *x = data->x + i * (size_t)data->n_inputs;
        table_text(out, i < data->n_train ? "train" : "test");
        for (int k = 0; k < data->n_inputs; k++) table_float(out, x[k]);
        table_empty(out);
        table_empty(out);
        if (data->classes)
            table_integer(out, classes_of(data, i));
        else
            table_float(out, data->t[i * (size_t)data->n_outputs]);
        table_end_row(out);
    }
}

/// Samples with what the network takes them for; where only wrong ones are shown, these.
static void write_verdicts(const PredictionsState *state, const ViewContext *context,
                           const Observation *o, Table *out) {
    const bool wrong_only =
        state->wrong_only && predictions_kind(context->run->data) == KIND_IMAGES;
    table_header(out, "sample,target,class,output");
    for (int i = 0; i < o->n_points; i++) {
        if (wrong_only && o->winner[i] == o->target[i]) continue;
        table_integer(out, (int64_t)verdict_sample(o, context->run->data, i));
        table_float(out, o->target[i]);
        table_float(out, o->winner[i]);
        table_float(out, o->values[i]);
        table_end_row(out);
    }
}

static void write_values(const ViewContext *context, const Observation *o, Table *out) {
    const float *outputs = o->points + (size_t)(o->n_layers - 1) * (size_t)o->n_points * 2;
    table_header(out, "sample,target,output");
    for (int i = 0; i < o->n_points; i++) {
        table_integer(out, (int64_t)cloud_sample(o, context->run->data, i));
        table_float(out, o->target[i]);
        table_float(out, outputs[2 * (size_t)i]);
        table_end_row(out);
    }
}

bool predictions_table(const void *state, const ViewContext *context, Table *out, Error *error) {
    static const ObservationKind kinds[] = {[KIND_CURVE] = OBSERVE_FIELD,
                                            [KIND_FIELD] = OBSERVE_FIELD,
                                            [KIND_IMAGES] = OBSERVE_CLASSES,
                                            [KIND_CLASSES] = OBSERVE_CLASSES,
                                            [KIND_VALUES] = OBSERVE_LAYERS};
    const PredictionsKind kind = predictions_kind(context->run->data);
    if (kind == KIND_VALUES && context->run->data->n_outputs > 2) {
        return error_set(
            error, "%s",
            view_text(context, "needs data with one or two targets", "需要一个或两个目标的数据"));
    }
    const Observation *o = view_observation(context, 0, kinds[kind]);
    const bool there = o && (kinds[kind] == OBSERVE_FIELD ? o->values != NULL : o->n_points > 0);
    if (!there) return error_set(error, "%s", view_text(context, "measuring…", "正在测量…"));
    if (kind == KIND_VALUES)
        write_values(context, o, out);
    else if (kind == KIND_CURVE || kind == KIND_FIELD)
        write_plane(context, o, out);
    else
        write_verdicts(state, context, o, out);
    return true;
}
