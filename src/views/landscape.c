/// The loss landscape over two weights: what is surveyed, what of it is kept, and the loss axis.
///
/// A survey comes coarse first and fine later. While training runs, the last complete one stays in
/// sight until the next is complete, so that the picture does not flip between coarse and fine;
/// only where complete ones fail to arrive are coarse ones shown.
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "views/landscape_state.h"

enum { COARSE_PATIENCE = 3 };

/// The loss axis spans at least this share of its level: below lies rounding noise.
#define LEAST_SPAN 1e-3
/// Room that a newly fitted loss axis leaves, and the share of it in use below which it is fitted
/// again.
#define AXIS_SLACK 0.04
#define AXIS_USED  0.6
/// A path's losses stretch the axis by so many times the surface's level at most: before a run
/// diverges they leave all measure.
#define PATH_RISE 10

static float aspect(const Experiment *experiment) {
    (void)experiment;
    return 1.38f;
}

static ParamRef resolved(ParamRef ref, int n_layers) {
    if (ref.layer < 0) ref.layer += n_layers;
    return ref;
}

static void init(void *state_, const Experiment *experiment) {
    LandscapeState *state = state_;
    for (int i = 0; i < 2; i++) {
        state->range[i][0] = experiment->landscape.range[i][0];
        state->range[i][1] = experiment->landscape.range[i][1];
        int grid = experiment->landscape.grid[i];
        state->grid[i] = grid < 2 ? 2 : grid > SURFACE_GRID_MAX ? SURFACE_GRID_MAX : grid;
    }
    state->relative = experiment->landscape.relative;
    state->log = experiment->landscape.log_loss;
    state->clip = experiment->landscape.clip;
    state->test_split = experiment->landscape.test_split;
    landscape_plane_choose(state, experiment->landscape.plane);
    state->stems = experiment->landscape.stems;
    state->arrows = experiment->landscape.arrows;
    landscape_look(state, experiment->landscape.camera);
    state->open = true;
}

static void deinit(void *state_) {
    LandscapeState *state = state_;
    if (state->mesh) surface_mesh_destroy(state->mesh);
    landscape_plane_deinit(&state->plane);
    probe_deinit(&state->probe);
    landscape_menus_destroy(state->menus);
    free(state->survey.loss);
    free(state->moved);
}

static void weights(const Experiment *experiment, float *width, float *height) {
    (void)experiment;
    *width = 0.63f;
    *height = 0.71f;
}

/// The experiment's axes may depend on the data's width, which only the run knows.
static void choose_axes(LandscapeState *state, const Snapshot *run) {
    experiment_axes(run->experiment, &run->net, state->axes);
    for (int i = 0; i < 2; i++) state->axes[i] = resolved(state->axes[i], run->net.n_layers);
    state->has_axes = true;
}

/// Says in a request which plane is measured.
static void ask_for_plane(const LandscapeState *state, ObservationRequest *request) {
    request->surface.plane = state->plane.plane;
    request->surface.plane_serial = state->plane.plane ? state->plane.serial : 0;
    if (state->plane.plane) return;
    for (int i = 0; i < 2; i++) request->surface.axes[i] = state->axes[i];
}

static int request(void *state_, const ViewContext *context, ObservationRequest *requests) {
    LandscapeState *state = state_;
    const Snapshot *run = context->run;
    if (!state->has_axes) choose_axes(state, run);
    landscape_plane_follow(state, context);
    const bool weights = state->plane.kind == PLANE_WEIGHTS;
    const int count = weights ? 0 : 1; // a second one, for the plane
    if (!weights) landscape_plane_request(state, &requests[1]);
    if (!weights && !state->plane.plane) return 1 + count;
    ObservationRequest *r = &requests[0];
    double now[2];
    ask_for_plane(state, r);
    if (!landscape_place(r, &run->net, run->net.params, now)) return 0;
    r->kind = OBSERVE_SURFACE;
    r->priority = 1;
    const int *grid = context->numbers ? run->experiment->landscape.grid : state->grid;
    for (int i = 0; i < 2; i++) {
        double from = state->relative ? now[i] : 0;
        r->surface.range[i][0] = state->range[i][0] + from;
        r->surface.range[i][1] = state->range[i][1] + from;
        r->surface.grid[i] = grid[i];
    }
    r->surface.test_split = state->test_split && run->data->n > run->data->n_train;
    r->surface.refine = run->state != RUN_RUNNING && !context->numbers;
    r->surface.past = state->past && run->path_count > 1;
    if (r->surface.past) r->surface.epoch = state->past_epoch;
    return 1 + count;
}

// ---- taking a survey over -----------------------------------------------------------------------

static bool same_ref(ParamRef a, ParamRef b) {
    return a.layer == b.layer && a.row == b.row && a.col == b.col;
}

static bool same_ranges(const ObservationRequest *a, const ObservationRequest *b) {
    for (int i = 0; i < 4; i++) {
        if (a->surface.range[i / 2][i % 2] != b->surface.range[i / 2][i % 2]) return false;
    }
    return true;
}

/// Whether two requests measure the same thing, but for a range that follows the weights.
static bool same_subject(const LandscapeState *state, const ObservationRequest *a,
                         const ObservationRequest *b) {
    return a->surface.plane_serial == b->surface.plane_serial &&
           a->surface.past == b->surface.past && a->surface.epoch == b->surface.epoch &&
           same_ref(a->surface.axes[0], b->surface.axes[0]) &&
           same_ref(a->surface.axes[1], b->surface.axes[1]) &&
           a->surface.test_split == b->surface.test_split && (state->relative || same_ranges(a, b));
}

static bool reserve(Survey *survey, size_t n) {
    if (n <= survey->capacity) return true;
    float *memory = malloc(3 * n * sizeof *memory);
    if (!memory) return false;
    free(survey->loss);
    survey->loss = memory;
    survey->heights = memory + n;
    survey->levels = memory + 2 * n;
    survey->capacity = n;
    return true;
}

static bool take(Survey *survey, const Observation *o) {
    size_t n = (size_t)o->grid[0] * (size_t)o->grid[1];
    if (!reserve(survey, n)) return false;
    memcpy(survey->loss, o->values, n * sizeof *o->values);
    survey->valid = true;
    survey->request = o->request;
    survey->generation = o->generation;
    survey->snapshot = o->snapshot;
    survey->epoch = o->epoch;
    survey->samples = o->samples;
    survey->n_a = o->grid[0];
    survey->n_b = o->grid[1];
    survey->a[0] = o->values_a[0];
    survey->a[1] = o->values_a[o->grid[0] - 1];
    survey->b[0] = o->values_b[0];
    survey->b[1] = o->values_b[o->grid[1] - 1];
    for (int i = 0; i < 2; i++) survey->here[i] = o->here[i];
    survey->here_loss = o->here_loss;
    survey->min = o->min;
    survey->max = o->max;
    return true;
}

// ---- the loss axis ------------------------------------------------------------------------------

/// Widens [lo, hi] to hold the losses that a run's path had within the plot, up to some.
static void hold_path(const Survey *survey, const Snapshot *run, int64_t epoch, double most,
                      double *lo, double *hi) {
    const Path *path = run->path;
    if (!path) return;
    const double *loss = survey->request.surface.test_split ? path->test_loss : path->loss;
    for (int i = 0; i < run->path_count && path->epoch[i] <= epoch; i++) {
        const float *params = path->weights + (size_t)i * path->n_params;
        double at[2], z = loss[i];
        if (!landscape_place(&survey->request, &run->net, params, at)) return;
        if (!isfinite(z) || !landscape_inside(survey, at)) continue;
        *lo = fmin(*lo, z);
        *hi = fmax(*hi, fmin(z, most));
    }
}

/// The distance of two values on the axis, in its own measure.
static double axis_span(bool log, double lo, double hi) {
    return log ? log10(hi / lo) : hi - lo;
}

/// Fits the axis to the data where it must: where the data leave it, or use too little of it.
static void fit_axis(LandscapeState *state, const ViewContext *context) {
    const Survey *survey = &state->survey;
    LossAxis *z = &state->z;
    double lo = survey->min, hi = survey->max, level = fmax(fabs(lo), fabs(hi));
    const double most = hi + PATH_RISE * level;
    hold_path(survey, context->run, survey->epoch, most, &lo, &hi);
    for (int i = 0; i < context->n_rivals; i++) {
        hold_path(survey, context->rivals[i], INT64_MAX, most, &lo, &hi);
    }
    if (isfinite(survey->here_loss)) {
        lo = fmin(lo, survey->here_loss);
        hi = fmax(hi, survey->here_loss);
    }
    if (!isfinite(lo) || !isfinite(hi)) {
        *z = (LossAxis){.lo = 0, .hi = 1};
        return;
    }
    z->flat = survey->max - survey->min < LEAST_SPAN * fmax(fabs(survey->min), fabs(survey->max));
    z->clipped = state->clip > 0 && hi > state->clip && lo < state->clip;
    if (z->clipped) hi = state->clip;
    if (state->log) {
        if (!(hi > 0)) hi = 1e-12;
        if (!(lo > 0)) lo = hi * 1e-6;
    }
    double least = LEAST_SPAN * fmax(fabs(lo), fabs(hi));
    if (least <= 0) least = LEAST_SPAN;
    if (hi - lo < least) {
        double middle = (lo + hi) / 2;
        lo = middle - least / 2;
        hi = middle + least / 2;
    }
    bool within = z->set && lo >= z->lo && hi <= z->hi &&
                  axis_span(state->log, lo, hi) >= AXIS_USED * axis_span(state->log, z->lo, z->hi);
    if (within) return;
    z->set = true;
    if (state->log) {
        double room = pow(hi / lo, AXIS_SLACK / 2);
        z->lo = lo / room;
        z->hi = z->clipped ? hi : hi * room;
    } else {
        double room = AXIS_SLACK * (hi - lo);
        z->lo = lo >= 0 ? fmax(0, lo - room) : lo - room;
        z->hi = z->clipped ? hi : hi + room;
    }
}

/// Adopts the newest survey where it is better than the one kept.
static bool take_newest(LandscapeState *state, const ViewContext *context) {
    const Observation *o = view_observation(context, 0, OBSERVE_SURFACE);
    if (!o || !o->values || o->grid[0] < 2 || o->grid[1] < 2) return false;
    if (!landscape_plane_shows(state, o)) return false;
    Survey *survey = &state->survey;
    bool subject = survey->valid && survey->generation == o->generation &&
                   same_subject(state, &survey->request, &o->request);
    bool complete =
        o->grid[0] >= o->request.surface.grid[0] && o->grid[1] >= o->request.surface.grid[1];
    bool known = subject && survey->snapshot == o->snapshot && survey->n_a >= o->grid[0] &&
                 survey->n_b >= o->grid[1];
    if (known) return false;
    if (!complete && subject) {
        bool kept_is_fine = survey->n_a > o->grid[0];
        if (kept_is_fine && ++state->coarse_in_a_row < COARSE_PATIENCE) return false;
    }
    if (complete) state->coarse_in_a_row = 0;
    // At rest the axis is fitted to the finest survey alone, whatever it was while things moved.
    bool finest = o->grid[0] >= SURFACE_GRID_MAX && o->grid[1] >= SURFACE_GRID_MAX;
    if (!subject || finest) state->z.set = false;
    if (!take(survey, o)) return false;
    fit_axis(state, context);
    state->revision++;
    return true;
}

// ---- a frame ------------------------------------------------------------------------------------

/// The next step is known some time after the weights that it starts from are shown.
static bool follow_step(LandscapeState *state, const Snapshot *run) {
    uint64_t serial = state->arrows && run->next_step ? run->serial : 0;
    if (serial == state->step_serial) return false;
    state->step_serial = serial;
    return true;
}

/// Where the ball is that a hand holds: no survey need be waited for to say that.
static bool follow_ball(LandscapeState *state, const Snapshot *run) {
    const Survey *survey = &state->survey;
    const bool was = state->held.valid;
    const bool holds = state->holds == HOLDS_BALL && state->ball_moved;
    if (!holds || !survey->valid) {
        state->held.valid =
            was && survey->generation == run->generation && survey->snapshot < state->held.snapshot;
        return was != state->held.valid;
    }
    if (was && state->held.snapshot == run->serial) return false;
    state->held.valid =
        landscape_place(&survey->request, &run->net, run->net.params, state->held.at);
    state->held.snapshot = run->serial;
    if (state->held.valid) state->held.loss = landscape_read(state, run, state->held.at)->loss;
    return true;
}

static bool digest(void *state_, const ViewContext *context) {
    LandscapeState *state = state_;
    landscape_plane_take(state, context, view_observation(context, 1, OBSERVE_PLANE));
    if (state->refit && state->survey.valid) {
        fit_axis(state, context);
        state->revision++;
    }
    bool refitted = state->refit;
    state->refit = false;
    bool changed = landscape_move_camera(state, context);
    changed = follow_step(state, context->run) || changed;
    changed = take_newest(state, context) || changed;
    return follow_ball(state, context->run) || refitted || changed;
}

// ---- the rest of a view -------------------------------------------------------------------------

/// Widens [lo, hi] of both axes to hold a run's path.  @return false where it has no place there
static bool span_path(const ObservationRequest *request, const Snapshot *run, double lo[2],
                      double hi[2]) {
    for (int i = 0; i < run->path_count; i++) {
        const float *params = run->path->weights + (size_t)i * run->path->n_params;
        double at[2];
        if (!landscape_place(request, &run->net, params, at)) return false;
        for (int axis = 0; axis < 2; axis++) {
            if (!isfinite(at[axis])) continue;
            lo[axis] = fmin(lo[axis], at[axis]);
            hi[axis] = fmax(hi[axis], at[axis]);
        }
    }
    return true;
}

void landscape_fit_path(LandscapeState *state, const ViewContext *context) {
    ObservationRequest request = {0};
    ask_for_plane(state, &request);
    double lo[2] = {HUGE_VAL, HUGE_VAL}, hi[2] = {-HUGE_VAL, -HUGE_VAL};
    if (!span_path(&request, context->run, lo, hi)) return;
    for (int i = 0; i < context->n_rivals; i++) span_path(&request, context->rivals[i], lo, hi);
    if (!(hi[0] >= lo[0] && hi[1] >= lo[1])) return;
    for (int axis = 0; axis < 2; axis++) {
        double middle = (lo[axis] + hi[axis]) / 2;
        double half = fmax(1.5 * (hi[axis] - lo[axis]), 0.05 * fmax(1, fabs(middle)));
        double *range = state->range[axis];
        range[0] = middle - half;
        range[1] = middle + half;
        view_round_range(&range[0], &range[1]);
    }
    state->relative = false;
}

void landscape_set_half(LandscapeState *state, int axis, double half) {
    double *range = state->range[axis];
    half = fmin(fmax(half, LANDSCAPE_HALF_LEAST), LANDSCAPE_HALF_MOST);
    double unit = pow(10, floor(log10(half)) - 1);
    half = round(half / unit) * unit; // "± 5.3", not "± 5.2871"
    double middle = (range[0] + range[1]) / 2;
    // Far from zero there are no shorter ranges.
    half = fmax(half, 1e-5 * fabs(middle));
    range[0] = middle - half;
    range[1] = middle + half;
}

/// The short decimal that a value is but for rounding errors; else the value.
static double without_rounding_error(double value, double half) {
    const double parts = pow(10, 9 - floor(log10(half)));
    const double shorter = round(value * parts) / parts;
    return fabs(shorter - value) <= 16 * DBL_EPSILON * (fabs(value) + half) ? shorter : value;
}

void landscape_grow(LandscapeState *state, double times) {
    for (int axis = 0; axis < 2; axis++) {
        double *range = state->range[axis];
        const double middle = (range[0] + range[1]) / 2;
        double half = times * (range[1] - range[0]) / 2;
        half = fmin(fmax(half, LANDSCAPE_HALF_LEAST), LANDSCAPE_HALF_MOST);
        half = fmax(half, 1e-5 * fabs(middle));
        range[0] = without_rounding_error(middle - half, half);
        range[1] = without_rounding_error(middle + half, half);
    }
}

static void subtitle(const void *state_, const ViewContext *context, char *text, size_t size) {
    const LandscapeState *state = state_;
    char a[32], b[32], samples[96] = "";
    ObservationRequest asked = {0};
    ask_for_plane(state, &asked);
    landscape_axis_label(&asked, 0, a, sizeof a);
    landscape_axis_label(&asked, 1, b, sizeof b);
    const Survey *survey = &state->survey;
    if (!survey->valid) {
        snprintf(text, size, "%s × %s", a, b);
        return;
    }
    const char *split =
        survey->request.surface.test_split ? view_text(context, "test loss · ", "测试损失 · ") : "";
    const Dataset *data = context->run->data;
    view_samples(context, survey->samples,
                 survey->request.surface.test_split ? data->n - data->n_train : data->n_train,
                 samples, sizeof samples);
    snprintf(text, size, "%s × %s%s   %s%s %d×%d", a, b, samples, split,
             view_text(context, "surveyed", "测量"), survey->n_a, survey->n_b);
}

/// The weight becomes an axis: the first and the second in turns.
static void pick(void *state_, const ViewContext *context, ParamRef ref) {
    (void)context;
    LandscapeState *state = state_;
    landscape_plane_choose(state, PLANE_WEIGHTS);
    state->axes[state->next_pick] = ref;
    state->next_pick = 1 - state->next_pick;
    state->has_axes = true;
}

static bool event(void *state_, const ViewContext *context, const ViewEvent *e,
                  ViewActions *actions) {
    LandscapeState *state = state_;
    if (landscape_touch(state, context, e, actions)) return true;
    return landscape_orbit(state, context, e);
}

static bool animates(const void *state, const ViewContext *context) {
    return landscape_camera_animates(state, context);
}

const ViewType view_type_landscape = {
    .id = "landscape",
    .title = "Loss landscape",
    .title_zh = "损失地形",
    .description = "the loss over two weights, with the path of training",
    .description_zh = "两个权重上的损失，以及训练走过的路径",
    .aspect = aspect,
    .state_size = sizeof(LandscapeState),
    .depth = true,
    .least_aspect = 1.15f,
    .shows_rivals = true,
    .weights = weights,
    .init = init,
    .deinit = deinit,
    .subtitle = subtitle,
    .header = landscape_header,
    .panel = landscape_panel,
    .observe = request,
    .digest = digest,
    .draw = landscape_draw,
    .table = landscape_table,
    .overlay = landscape_overlay,
    .pick = pick,
    .offer = landscape_plane_offer,
    .animates = animates,
    .turn = landscape_turn,
    .event = event,
};
