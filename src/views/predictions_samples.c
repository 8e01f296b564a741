/// Predictions for data of three inputs or more: images with what they are taken for, samples by
/// class and confidence, outputs against targets.
#include <math.h>
#include <stdlib.h>

#include "views/classes.h"
#include "views/key.h"
#include "views/predictions_state.h"

/// A column for each class, its samples as high as the network is sure of what it takes them for,
/// in that class's colour.
static void draw_verdicts(PredictionsState *state, const ViewContext *context,
                          const Observation *o) {
    int classes = classes_count(context->run->data);
    AxesDesc desc = {.x = {.lo = -0.5, .hi = classes - 0.5, .whole = true},
                     .y = {.lo = 0, .hi = 1.02},
                     .grid = false};
    desc.x.label = view_text(context, "true class", "真实类别");
    desc.y.label = view_text(context, "confidence in what it says", "对判断的把握");
    Key key = {0};
    key_add(&key, KEY_WORDS, context->theme->text, view_text(context, "it says:", "判断为："));
    key_add_classes(&key, context, KEY_CLASS);
    if (key.n == 1) key.n = 0; // too many classes to tell apart: they have no entries
    Axes axes =
        axes_draw(context->gfx, context->theme, context->scale, key_at_foot(context, &key), &desc);
    if (axes.area.w < 4 || axes.area.h < 4) return;
    const int many = (o->n_points + PREDICTIONS_SHOWN - 1) / PREDICTIONS_SHOWN,
              stride = many > 0 ? many : 1;
    gfx_clip_push(context->gfx, axes.area);
    for (int k = 1; k < classes; k++) {
        float x = axes_x(&axes, k - 0.5);
        draw_line(context->gfx, x, axes.area.y, x, axes.area.y + axes.area.h, context->scale,
                  context->theme->hairline);
    }
    for (int i = 0; i < o->n_points; i += stride) {
        float x = axes_x(&axes, (double)(o->target[i] + 0.38f * view_jitter(i)));
        classes_mark(context->gfx, context->theme, (int)o->winner[i], classes, x,
                     axes_y(&axes, (double)o->values[i]), 4.4f * context->scale);
    }
    gfx_clip_pop(context->gfx);
    state->axes = axes;
}

/// Outputs over targets, and the line where they are equal. Of several targets the first.
static void draw_values(PredictionsState *state, const ViewContext *context, const Observation *o) {
    const Theme *theme = context->theme;
    const float *outputs = o->points + (size_t)(o->n_layers - 1) * (size_t)o->n_points * 2;
    bool plane = context->run->data->n_outputs <= 2;
    if (!plane) {
        view_say(context, view_text(context, "needs data with one or two targets",
                                    "需要一个或两个目标的数据"));
        return;
    }
    double lo = HUGE_VAL, hi = -HUGE_VAL;
    for (int i = 0; i < o->n_points; i++) {
        lo = fmin(lo, (double)o->target[i]);
        hi = fmax(hi, (double)o->target[i]);
    }
    view_round_range(&lo, &hi);
    AxesDesc desc = {.x = {.lo = lo, .hi = hi}, .y = {.lo = lo, .hi = hi}, .grid = true};
    const bool several = context->run->data->n_outputs > 1;
    desc.x.label = several ? view_text(context, "first target", "第一个目标")
                           : view_text(context, "target", "目标");
    desc.y.label = several ? view_text(context, "first output", "第一个输出")
                           : view_text(context, "output", "输出");
    const Color equal = color_alpha(theme->truth, 0.8f), dot = color_alpha(theme->prediction, 0.8f);
    Key key = {0};
    key_add(&key, KEY_DOT, dot, view_text(context, "samples", "样本"));
    key_add(&key, KEY_LINE, equal, view_text(context, "output = target", "输出 = 目标"));
    Axes axes = axes_draw(context->gfx, theme, context->scale, key_at_foot(context, &key), &desc);
    if (axes.area.w < 4 || axes.area.h < 4) return;
    gfx_clip_push(context->gfx, axes.area);
    draw_line(context->gfx, axes_x(&axes, lo), axes_y(&axes, lo), axes_x(&axes, hi),
              axes_y(&axes, hi), 1.5f * context->scale, equal);
    for (int i = 0; i < o->n_points; i++) {
        draw_circle(context->gfx, axes_x(&axes, (double)o->target[i]),
                    axes_y(&axes, (double)outputs[2 * (size_t)i]), 1.8f * context->scale, dot);
    }
    gfx_clip_pop(context->gfx);
    state->axes = axes;
}

void predictions_draw_samples(PredictionsState *state, const ViewContext *context) {
    PredictionsKind kind = predictions_kind(context->run->data);
    const Observation *o =
        view_observation(context, 0, kind == KIND_VALUES ? OBSERVE_LAYERS : OBSERVE_CLASSES);
    if (!o || o->n_points < 1) {
        view_say(context, view_text(context, "measuring…", "正在测量…"));
        return;
    }
    if (kind == KIND_VALUES) {
        draw_values(state, context, o);
        return;
    }
    if (kind == KIND_CLASSES) {
        draw_verdicts(state, context, o);
        return;
    }
    if (!state->images) state->images = calloc(1, sizeof *state->images);
    if (!state->images) return;
    Key key = {0};
    key_add(&key, KEY_BAR, context->theme->accent, view_text(context, "right", "判对"));
    key_add(&key, KEY_BAR, context->theme->warning, view_text(context, "wrong", "判错"));
    key_add(&key, KEY_WORDS, context->theme->text,
            view_text(context, "length of the bar: confidence", "横条长度：把握"));
    ViewContext above = *context;
    above.area = key_at_foot(context, &key);
    images_draw(state->images, &above, o, state->wrong_only);
}
