/// What the predictions view says under the mouse: what the network makes of an image or of a
/// place.
#include <stdio.h>
#include <stdlib.h>

#include "plot/marks.h"
#include "views/classes.h"
#include "views/predictions_state.h"

enum { LIKELY = 3 }; // classes that a read-out names

/// The likeliest classes of an image, what it is, and a mark at its tile.
static void read_image(PredictionsState *state, const ViewContext *context) {
    const Snapshot *run = context->run;
    const Observation *o = view_observation(context, 0, OBSERVE_CLASSES);
    Rect tile;
    int point = state->images && o ? images_hit(state->images, context, &tile) : -1;
    if (point < 0 || point >= o->n_points) return;
    if (!state->probe) state->probe = calloc(1, sizeof *state->probe);
    if (!state->probe) return;
    size_t sample = verdict_sample(o, run->data, point);
    const float *y =
        probe_outputs(state->probe, run, run->data->x + sample * (size_t)run->data->n_inputs);
    if (!y) return;
    const char *labels[LIKELY + 1], *values[LIKELY + 1];
    char names[LIKELY][32], text[LIKELY][16], class[32];
    Color swatch[LIKELY + 1];
    int order[LIKELY], n = 0, classes = run->data->n_outputs;
    for (; n < LIKELY && n < classes && classes > 1; n++) {
        int best = -1;
        for (int k = 0; k < classes; k++) {
            bool taken = false;
            for (int i = 0; i < n; i++) taken = taken || order[i] == k;
            if (!taken && (best < 0 || y[k] > y[best])) best = k;
        }
        order[n] = best;
        classes_name(context, best, names[n], sizeof names[n]);
        snprintf(text[n], sizeof text[n], "%.1f %%", 100 * (double)y[best]);
        labels[n] = names[n];
        values[n] = text[n];
        swatch[n] = classes_color(context->theme, best, classes);
    }
    int truth = classes_of(run->data, sample);
    classes_name(context, truth, class, sizeof class);
    labels[n] = view_text(context, "truth", "真值");
    values[n] = class;
    swatch[n++] = color_alpha(context->theme->muted, 0);
    draw_rect_outline(context->gfx, rect_inset(tile, -2 * context->scale), 0, 2 * context->scale,
                      context->theme->text);
    marks_readout(context->gfx, context->theme, context->scale, context->area, tile.x + tile.w,
                  tile.y, labels, values, swatch, n);
}

void predictions_overlay(void *state_, const ViewContext *context) {
    PredictionsState *state = state_;
    if (context->hover && predictions_kind(context->run->data) == KIND_IMAGES)
        read_image(state, context);
    if (!context->hover || !state->has_axes || context->run->data->n_inputs > 2) return;
    Axes axes = state->axes;
    axes.area.x += context->area.x;
    axes.area.y += context->area.y;
    if (!rect_contains(axes.area, context->x, context->y)) return;
    if (!state->probe) state->probe = calloc(1, sizeof *state->probe);
    if (!state->probe) return;
    float x[2] = {(float)axes_x_at(&axes, context->x), (float)axes_y_at(&axes, context->y)};
    const float *y = probe_outputs(state->probe, context->run, x);
    if (!y) return;
    bool plane = context->run->data->n_inputs == 2;
    const char *labels[4], *values[4];
    char text[4][32];
    int n = 0, classes = context->run->data->classes ? context->run->data->n_outputs : 0;
    labels[n] = plane ? "x₁" : "x";
    number_print((double)x[0], 3, text[n], sizeof text[n]);
    n++;
    if (plane) {
        labels[n] = "x₂";
        number_print((double)x[1], 3, text[n], sizeof text[n]);
        n++;
    }
    int best = 0;
    for (int k = 1; k < classes; k++) best = y[k] > y[best] ? k : best;
    if (classes > 1) {
        labels[n] = view_text(context, "class", "类别");
        classes_name(context, best, text[n], sizeof text[n]);
        n++;
    }
    labels[n] = view_text(context, "output", "输出");
    number_print((double)y[best], 4, text[n], sizeof text[n]);
    n++;
    for (int i = 0; i < n; i++) values[i] = text[i];
    float at = context->y;
    if (!plane) {
        float curve = axes_y(&axes, (double)y[0]);
        if (curve >= axes.area.y && curve <= axes.area.y + axes.area.h) {
            at = curve;
            draw_circle(context->gfx, context->x, at, 5 * context->scale, context->theme->panel);
            draw_circle(context->gfx, context->x, at, 3.5f * context->scale,
                        context->theme->prediction);
        }
    }
    marks_readout(context->gfx, context->theme, context->scale, context->area, context->x, at,
                  labels, values, NULL, n);
}
