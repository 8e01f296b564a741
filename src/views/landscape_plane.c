/// Which plane the landscape is measured on: two weights, or directions in which all weights move.
/// Quick ones are made here; those that take long are asked of the surveyor, and the picture stays
/// as it was until they are there. Directions are those of the moment in which they were made; a
/// path's main ones are made anew when the path has grown by half.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nn/loss.h"
#include "plot/ticks.h"
#include "views/landscape_state.h"

#define PATH_GROWTH 1.5

enum { TO_START, TO_FILE = -1 };
enum { PCA_POINTS_LEAST = 3, GRADIENT_WORK_MAX = 50000000, BLOCK = 256 };

void landscape_plane_deinit(LandscapePlane *plane) {
    plane_release(plane->plane);
    plane_release(plane->shown);
    plane->plane = plane->shown = NULL;
    param_vector_release(plane->file);
    plane->file = NULL;
}

/// Whether finding that plane takes long.
static bool is_surveyed(PlaneKind kind) {
    return kind == PLANE_PCA || kind == PLANE_HESSIAN;
}

/// Has it made anew, at the weights as they will be then.
static void renew(LandscapePlane *plane) {
    plane->asked++;
    plane->waiting = true;
    plane->why[0] = '\0';
}

void landscape_plane_choose(LandscapeState *state, PlaneKind kind) {
    LandscapePlane *plane = &state->plane;
    if (kind == plane->kind) return;
    if (plane->kind == PLANE_WEIGHTS) { // to come back to
        memcpy(plane->kept_range, state->range, sizeof state->range);
        plane->kept_relative = state->relative;
    }
    plane_release(plane->plane);
    plane->plane = NULL;
    plane->kind = kind;
    if (kind == PLANE_WEIGHTS) {
        memcpy(state->range, plane->kept_range, sizeof state->range);
        state->relative = plane->kept_relative;
        return;
    }
    state->relative = false;
    renew(plane);
}

void landscape_plane_offer(void *state_, const ParamVector *params, const char *name) {
    LandscapeState *state = state_;
    LandscapePlane *plane = &state->plane;
    param_vector_release(plane->file);
    plane->file = param_vector_retain(params);
    snprintf(plane->file_name, sizeof plane->file_name, "%.47s", name);
    plane->to = TO_FILE;
    if (plane->kind == PLANE_BETWEEN) {
        renew(plane);
    } else {
        landscape_plane_choose(state, PLANE_BETWEEN);
    }
}

/// Widens ranges on a plane to hold a rival's path.
static void hold_rival(const Plane *plane, const Snapshot *rival, double range[2][2]) {
    if (!rival->path || rival->net.n_params != plane->n_params) return;
    for (int i = 0; i < rival->path_count; i++) {
        double at[2];
        plane_project(plane, rival->path->weights + (size_t)i * plane->n_params, at);
        for (int axis = 0; axis < 2; axis++) {
            if (!isfinite(at[axis])) continue;
            range[axis][0] = fmin(range[axis][0], at[axis]);
            range[axis][1] = fmax(range[axis][1], at[axis]);
        }
    }
}

/// Takes a new plane over, and ranges that fit the path on it.
/// @param made  counted: the reference is taken over
static void adopt(LandscapeState *state, const ViewContext *context, const Plane *made,
                  size_t samples) {
    const Snapshot *run = context->run;
    LandscapePlane *plane = &state->plane;
    plane_release(plane->plane);
    plane->plane = made;
    plane->serial++;
    plane->samples = samples;
    plane->generation = run->generation;
    plane->path_count = run->path_count;
    plane->waiting = false;
    const size_t n = run->path ? (size_t)run->path_count : 0;
    plane_fit(made, run->net.params, n ? run->path->weights : NULL, n, state->range);
    for (int i = 0; i < context->n_rivals; i++) {
        hold_rival(made, context->rivals[i], state->range);
    }
    for (int axis = 0; axis < 2; axis++) {
        view_round_range(&state->range[axis][0], &state->range[axis][1]);
    }
}

static void fail(LandscapePlane *plane, const Snapshot *run, const char *why) {
    snprintf(plane->why, sizeof plane->why, "%.95s", why);
    plane->waiting = false;
    plane->generation = run->generation;
    plane->path_count = run->path_count;
}

/// Where the way from the run's weights leads.  @return NULL with *why set
static const float *target_of(const LandscapePlane *plane, const ViewContext *context,
                              const char **why) {
    const Snapshot *run = context->run;
    if (plane->to == TO_FILE && plane->file) {
        if (plane->file->n == run->net.n_params) return plane->file->values;
        *why = view_text(context, "the file's weights are another network's",
                         "文件中的权重属于另一个网络");
    } else if (plane->to > 0 && plane->to <= context->n_rivals) {
        return context->rivals[plane->to - 1]->net.params;
    } else if (run->path && run->path_count > 0) {
        return run->path->weights;
    } else {
        *why = view_text(context, "there is no path yet", "尚无路径");
    }
    return NULL;
}

/// Makes what is made at once.
static void make(LandscapeState *state, const ViewContext *context) {
    const Snapshot *run = context->run;
    LandscapePlane *plane = &state->plane;
    Error error = {0};
    const char *why = NULL;
    const Plane *made = NULL;
    if (plane->kind == PLANE_RANDOM) {
        made = plane_random(&run->net, run->experiment->seed + plane->draw, &error);
    } else {
        const float *target = target_of(plane, context, &why);
        if (target) made = plane_between(&run->net, target, run->experiment->seed, &error);
    }
    if (made) {
        adopt(state, context, made, 0);
    } else {
        fail(plane, run, why ? why : landscape_why(context, &error));
    }
}

/// Whether the plane, or the lack of one, is no longer of this run or of its path.
static bool is_outdated(const LandscapePlane *plane, const Snapshot *run) {
    if (plane->generation != run->generation) return true;
    if (plane->plane && plane->plane->n_params != run->net.n_params) return true;
    const bool grown = (double)run->path_count >= PATH_GROWTH * (double)plane->path_count + 2;
    if (plane->kind == PLANE_PCA) return grown;
    return !plane->plane && plane->kind == PLANE_BETWEEN && run->path_count > plane->path_count;
}

void landscape_plane_follow(LandscapeState *state, const ViewContext *context) {
    const Snapshot *run = context->run;
    LandscapePlane *plane = &state->plane;
    if (plane->kind == PLANE_WEIGHTS) return;
    if (!plane->waiting && is_outdated(plane, run)) {
        if (plane->generation != run->generation) {
            plane_release(plane->plane);
            plane->plane = NULL;
        }
        renew(plane);
    }
    if (plane->waiting && !is_surveyed(plane->kind)) make(state, context);
    if (plane->waiting && plane->kind == PLANE_PCA && run->path_count < PCA_POINTS_LEAST) {
        fail(plane, run,
             view_text(context, "there is no path yet: train for two epochs",
                       "尚无路径：请先训练两轮"));
    }
}

bool landscape_plane_request(const LandscapeState *state, ObservationRequest *request) {
    const LandscapePlane *plane = &state->plane;
    if (!is_surveyed(plane->kind) || !plane->waiting) return false;
    request->kind = OBSERVE_PLANE;
    request->plane.kind = plane->kind;
    request->plane.serial = plane->asked;
    return true;
}

void landscape_plane_take(LandscapeState *state, const ViewContext *context, const Observation *o) {
    LandscapePlane *plane = &state->plane;
    if (!o || !plane->waiting || o->request.plane.serial != plane->asked ||
        o->request.plane.kind != plane->kind) {
        return;
    }
    if (o->plane) {
        adopt(state, context, plane_retain(o->plane), o->samples);
    } else {
        fail(plane, context->run, landscape_why(context, &o->why));
    }
}

bool landscape_plane_shows(LandscapeState *state, const Observation *o) {
    LandscapePlane *plane = &state->plane;
    const Plane *measured = o->request.surface.plane;
    const bool weights = plane->kind == PLANE_WEIGHTS;
    if (weights ? measured != NULL
                : !measured || o->request.surface.plane_serial != plane->serial) {
        return false; // of a plane that may be gone
    }
    if (measured != plane->shown) {
        plane_release(plane->shown);
        plane->shown = plane_retain(measured);
    }
    return true;
}

void landscape_plane_label(const Plane *plane, int axis, char *text, size_t size) {
    char number[32];
    switch (plane->kind) {
    case PLANE_PCA:
        number_print_short(100 * plane->explained[axis], 3, number, sizeof number);
        snprintf(text, size, "PC %d (%s %%)", axis + 1, number);
        break;
    case PLANE_HESSIAN:
        number_print_short(plane->eigenvalues[axis], 3, number, sizeof number);
        snprintf(text, size, "v%s (λ = %s)", axis ? "₂" : "₁", number);
        break;
    case PLANE_BETWEEN: snprintf(text, size, "%s", axis ? "δ" : "θ → θ′"); break;
    default: snprintf(text, size, "%s", axis ? "η" : "δ"); break;
    }
}

// ---- weights that stand out ---------------------------------------------------------------------

/// The parameter at a place of net->params.  @return false where it is a norm's
static bool ref_of(const Network *net, size_t at, ParamRef *ref) {
    for (int l = 0; l < net->n_layers; l++) {
        const Layer *layer = &net->layers[l];
        const size_t inputs = (size_t)layer->inputs, weights = inputs * (size_t)layer->units;
        if (at >= layer->weight_at && at < layer->weight_at + weights) {
            const size_t i = at - layer->weight_at;
            *ref = (ParamRef){l, (int)(i / inputs), (int)(i % inputs)};
            return true;
        }
        if (layer->has_bias && at >= layer->bias_at && at < layer->bias_at + (size_t)layer->units) {
            *ref = (ParamRef){l, (int)(at - layer->bias_at), PARAM_BIAS};
            return true;
        }
    }
    return false;
}

/// Shows the two weights or biases of the largest magnitude in `values`.
static void show_largest(LandscapeState *state, const Network *net, const float *values) {
    float largest[2] = {-1, -1};
    ParamRef refs[2];
    for (size_t i = 0; i < net->n_params; i++) {
        const float value = fabsf(values[i]);
        ParamRef ref;
        if (!(value > largest[1]) || !ref_of(net, i, &ref)) continue;
        const int place = value > largest[0] ? 0 : 1;
        if (place == 0) {
            largest[1] = largest[0];
            refs[1] = refs[0];
        }
        largest[place] = value;
        refs[place] = ref;
    }
    if (largest[1] < 0) return;
    memcpy(state->axes, refs, sizeof refs);
    state->has_axes = true;
}

static void show_moved_most(LandscapeState *state, const ViewContext *context) {
    const Snapshot *run = context->run;
    const size_t n = run->net.n_params;
    float *moved = malloc(n * sizeof *moved);
    if (!moved) return;
    for (size_t i = 0; i < n; i++) moved[i] = run->net.params[i] - run->path->weights[i];
    show_largest(state, &run->net, moved);
    free(moved);
    landscape_fit_path(state, context);
}

/// By the gradient of evenly picked train samples where there are very many.
static void show_steepest(LandscapeState *state, const Snapshot *run) {
    const Network *net = &run->net;
    const Dataset *data = run->data;
    const size_t inputs = (size_t)net->n_inputs, outputs = (size_t)net->n_outputs;
    size_t step = data->n_train * net->n_params / GRADIENT_WORK_MAX + 1;
    const size_t samples = (data->n_train + step - 1) / step;
    float *x = malloc(samples * (inputs + outputs) * sizeof *x);
    float *gradient = malloc(net->n_params * sizeof *gradient);
    Workspace ws;
    const bool made = x && gradient && workspace_init(&ws, net, (int)samples);
    if (made) {
        float *t = x + samples * inputs;
        for (size_t i = 0; i < samples; i++) {
            memcpy(x + i * inputs, data->x + i * step * inputs, inputs * sizeof *x);
            memcpy(t + i * outputs, data->t + i * step * outputs, outputs * sizeof *t);
        }
        network_gradient(net, &ws, run->experiment->loss, x, t, (int)samples, gradient);
        show_largest(state, net, gradient);
        workspace_deinit(&ws);
    }
    free(gradient);
    free(x);
}

// ---- controls -----------------------------------------------------------------------------------

static Rect next_row(Ui *ui, Rect *r) {
    Rect row = rect_cut_top(r, UI_ROW * ui_scale(ui));
    rect_cut_top(r, UI_GAP * ui_scale(ui));
    return row;
}

/// Two buttons side by side.
static void split_row(Ui *ui, Rect row, Rect *left, Rect *right) {
    *left = rect_cut_left(&row, (row.w - UI_GAP * ui_scale(ui)) / 2);
    rect_cut_left(&row, UI_GAP * ui_scale(ui));
    *right = row;
}

static void weights_controls(LandscapeState *state, Ui *ui, const ViewContext *context, Rect *r) {
    const Snapshot *run = context->run;
    Rect left, right;
    split_row(ui, next_row(ui, r), &left, &right);
    if (ui_button(ui, "landscape.moved", left, view_text(context, "moved most", "移动最大"),
                  run->path_count > 1)) {
        show_moved_most(state, context);
    }
    ui_tip(ui, view_text(context, "the two weights that training has moved most",
                         "训练中移动最大的两个权重"));
    if (ui_button(ui, "landscape.steepest", right, view_text(context, "steepest", "梯度最大"),
                  true)) {
        show_steepest(state, run);
    }
    ui_tip(ui, view_text(context, "the two weights with the largest gradient now",
                         "当前梯度最大的两个权重"));
}

static bool has_batch_norm(const Snapshot *run) {
    for (int i = 0; i < run->net.n_layers; i++) {
        if (run->net.layers[i].norm == NORM_BATCH) return true;
    }
    return false;
}

/// What is known of the plane, in up to three lines.
static int facts(const LandscapePlane *plane, const ViewContext *context, char text[3][96]) {
    if (plane->waiting) {
        snprintf(text[0], 96, "%s", view_text(context, "finding it…", "计算中…"));
        return 1;
    }
    if (!plane->plane) {
        snprintf(text[0], 96, "%.95s", plane->why);
        return 1;
    }
    char number[4][32];
    const Plane *of = plane->plane;
    if (of->kind == PLANE_PCA) {
        for (int i = 0; i < 2; i++) {
            number_print_short(100 * of->explained[i], 3, number[i], sizeof number[i]);
        }
        snprintf(text[0], 96, view_text(context, "explains %s %% + %s %%", "解释 %s %% + %s %%"),
                 number[0], number[1]);
        return 1;
    }
    if (of->kind == PLANE_BETWEEN && has_batch_norm(context->run)) {
        snprintf(text[0], 96, "%s",
                 view_text(context, "batch norm's running averages", "批归一化的滑动统计量"));
        snprintf(text[1], 96, "%s", view_text(context, "stay the present ones", "保持当前值不变"));
        return 2;
    }
    if (of->kind != PLANE_HESSIAN) return 0;
    for (int i = 0; i < 2; i++) {
        number_print_short(of->eigenvalues[i], 3, number[i], sizeof number[i]);
    }
    snprintf(text[0], 96, "λ₁ %s   λ₂ %s", number[0], number[1]);
    if (!(of->eigenvalues[0] > 0)) return 1;
    number_print_short(2 / of->eigenvalues[0], 3, number[2], sizeof number[2]);
    number_print_short((double)context->run->learning_rate, 3, number[3], sizeof number[3]);
    snprintf(text[1], 96, view_text(context, "2/λ₁ %s   rate now %s", "2/λ₁ %s   当前学习率 %s"),
             number[2], number[3]);
    // 2 / lambda is plain gradient descent's.
    const OptimizerDesc *optimizer = &context->run->optimizer;
    const double stable =
        optimizer_stable_rate(optimizer, of->eigenvalues[0] + (double)context->run->experiment->l2);
    if (isfinite(stable) && fabs(stable * of->eigenvalues[0] - 2) < 1e-6) return 2;
    number_print_short(stable, 3, number[2], sizeof number[2]);
    if (isfinite(stable))
        snprintf(text[2], 96, view_text(context, "stable up to %s (%s)", "稳定上限 %s（%s）"),
                 number[2], optimizer_name(optimizer->kind));
    else
        snprintf(text[2], 96, view_text(context, "%s: no such bound", "%s：无此上限"),
                 optimizer_name(optimizer->kind));
    return 3;
}

/// Which weights the way leads to: where training began, a rival's, or a file's.
static void target_row(LandscapePlane *plane, Ui *ui, const ViewContext *context, Rect *r) {
    const char *items[RIVALS_MAX + 2] = {view_text(context, "the start", "起点")};
    int n = 1;
    for (int i = 0; i < context->n_rivals; i++) {
        const Rival *rival = &context->run->experiment->race[i];
        items[n++] = rival->name[0] ? rival->name : optimizer_name(rival->optimizer.kind);
    }
    if (plane->file) items[n++] = plane->file_name;
    int to = plane->to == TO_FILE ? n - 1 : plane->to;
    Rect row = next_row(ui, r), menu = rect_cut_right(&row, 0.72f * row.w);
    ui_label(ui, row, TEXT_LEFT, true, view_text(context, "to", "终点"));
    if (ui_menu(ui, "landscape.to", menu, items, n, &to)) {
        plane->to = plane->file && to == n - 1 ? TO_FILE : to;
        renew(plane);
    }
    ui_tip(ui, view_text(context, "or drop a file of weights on the window",
                         "也可以把权重文件拖到窗口上"));
}

static void plane_controls(LandscapeState *state, Ui *ui, const ViewContext *context, Rect *r) {
    LandscapePlane *plane = &state->plane;
    if (plane->kind == PLANE_BETWEEN) target_row(plane, ui, context, r);
    char text[3][96];
    const int n = facts(plane, context, text);
    for (int i = 0; i < n; i++) ui_label(ui, next_row(ui, r), TEXT_LEFT, true, text[i]);
    if (plane->samples > 0 && plane->samples < context->run->data->n_train) {
        char samples[96];
        snprintf(samples, sizeof samples, view_text(context, "of %zu samples", "取 %zu 个样本"),
                 plane->samples);
        ui_label(ui, next_row(ui, r), TEXT_LEFT, true, samples);
    }
    const bool random = plane->kind == PLANE_RANDOM;
    const char *again =
        random ? view_text(context, "others", "换一组") : view_text(context, "renew", "更新");
    if (ui_button(ui, "landscape.renew", next_row(ui, r), again, !plane->waiting)) {
        if (random) plane->draw++;
        renew(plane);
    }
    ui_tip(ui, random ? view_text(context, "two other random directions", "另外两个随机方向")
                      : view_text(context, "find the directions anew, from the weights as they are",
                                  "从当前权重重新计算方向"));
}

bool landscape_plane_panel(LandscapeState *state, Ui *ui, const ViewContext *context, Rect *r) {
    const char *const kinds[PLANE_COUNT] = {
        [PLANE_WEIGHTS] = view_text(context, "two weights", "两个权重"),
        [PLANE_RANDOM] = view_text(context, "random", "随机方向"),
        [PLANE_PCA] = view_text(context, "the path's main ones", "路径主方向"),
        [PLANE_HESSIAN] = view_text(context, "most curved", "曲率最大"),
        [PLANE_BETWEEN] = view_text(context, "between two", "两点之间")};
    Rect row = next_row(ui, r), menu = rect_cut_right(&row, 0.72f * row.w);
    ui_label(ui, row, TEXT_LEFT, true, view_text(context, "axes", "坐标轴"));
    int kind = (int)state->plane.kind;
    if (ui_menu(ui, "landscape.plane", menu, kinds, PLANE_COUNT, &kind)) {
        landscape_plane_choose(state, (PlaneKind)kind);
    }
    if (state->plane.kind == PLANE_WEIGHTS) {
        weights_controls(state, ui, context, r);
        return false;
    }
    plane_controls(state, ui, context, r);
    return true;
}
