/// What the landscape says about the point under the mouse: a place of the surface, a point of the
/// path, or the ball. Losses and slopes are computed there, never interpolated.
#include <math.h>
#include <stdlib.h>

#include "plot/marks.h"
#include "views/landscape_state.h"
#include "views/race.h"

#define NEAR_UNITS 11.0f // how near to the path or the ball the pointer must be
#define SLOPE_STEP 1e-3  // of an axis

// ---- measuring ----------------------------------------------------------------------------------

float *landscape_scratch(LandscapeState *state, size_t n) {
    if (state->n_moved != n) {
        free(state->moved);
        state->moved = malloc(n * sizeof *state->moved);
        state->n_moved = state->moved ? n : 0;
    }
    return state->moved;
}

/// The weights of which the kept surface shows a part: the run's, or those of an earlier epoch.
static const float *base_of(const Survey *survey, const Snapshot *run) {
    const Path *path = run->path;
    if (!survey->request.surface.past || !path || run->path_count < 1) return run->net.params;
    int i = run->path_count - 1;
    while (i > 0 && path->epoch[i] > survey->epoch) i--;
    return path->weights + (size_t)i * path->n_params;
}

const float *landscape_weights_at(LandscapeState *state, const Snapshot *run, const double at[2]) {
    const Survey *survey = &state->survey;
    float *weights = landscape_scratch(state, run->net.n_params);
    bool moved =
        weights && landscape_move(&survey->request, &run->net, base_of(survey, run), at, weights);
    return moved ? weights : NULL;
}

static double loss_at(LandscapeState *state, const Snapshot *run, const double at[2]) {
    const float *weights = landscape_weights_at(state, run, at);
    bool test_split = state->survey.request.surface.test_split;
    return weights ? probe_loss(&state->probe, run, weights, test_split) : (double)NAN;
}

/// The length of a gradient along the axes: of two weights, or of a plane's directions, which need
/// be neither of unit length nor at right angles.
static double gradient_length(const Plane *plane, const double g[2]) {
    if (!plane) return hypot(g[0], g[1]);
    const double *m = plane->gram;
    double squared = (m[2] * g[0] * g[0] - 2 * m[1] * g[0] * g[1] + m[0] * g[1] * g[1]) /
                     (m[0] * m[2] - m[1] * m[1]);
    return sqrt(fmax(squared, 0));
}

/// By central differences.
static double slope_at(LandscapeState *state, const Snapshot *run, const double at[2]) {
    const double *ranges[2] = {state->survey.a, state->survey.b};
    double gradient[2];
    for (int i = 0; i < 2; i++) {
        double to[2] = {at[0], at[1]}, step = SLOPE_STEP * (ranges[i][1] - ranges[i][0]);
        to[i] = at[i] + step;
        double above = loss_at(state, run, to);
        to[i] = at[i] - step;
        gradient[i] = (above - loss_at(state, run, to)) / (2 * step);
    }
    return gradient_length(state->survey.request.surface.plane, gradient);
}

const LandscapeReading *landscape_read(LandscapeState *state, const Snapshot *run,
                                       const double at[2]) {
    LandscapeReading *read = &state->read;
    bool known = read->valid && read->snapshot == run->serial &&
                 read->revision == state->revision && read->at[0] == at[0] && read->at[1] == at[1];
    if (known) return read;
    *read = (LandscapeReading){.valid = true,
                               .snapshot = run->serial,
                               .revision = state->revision,
                               .at = {at[0], at[1]},
                               .loss = loss_at(state, run, at),
                               .slope = (double)NAN};
    bool test_split = state->survey.request.surface.test_split;
    if (probe_affords(run, test_split, 5)) read->slope = slope_at(state, run, at);
    return read;
}

// ---- what is under the mouse --------------------------------------------------------------------

/// What is pointed at.
typedef struct Target {
    double at[2], loss;
    int64_t epoch; // -1: a place of the surface; else of the path or the ball
    bool past;     // a point of the path
    int racer;     // whose; 0: the run's own
    float screen[2];
} Target;

static void project(const Plot3d *plot, double a, double b, double z, float screen[2]) {
    float world[3];
    plot3d_world(plot, a, b, z, world);
    camera_project(&plot->camera, plot->view, world, screen, NULL);
}

/// Takes p for the target where it is nearer to the pointer than the best so far.
static bool consider(const Survey *survey, const ViewContext *context, const Plot3d *plot,
                     LandscapePoint p, int64_t epoch, float *best, Target *target) {
    double at[2] = {p.a, p.b};
    if (!isfinite(p.z) || !landscape_inside(survey, at)) return false;
    float screen[2];
    project(plot, p.a, p.b, p.z, screen);
    float distance = hypotf(screen[0] - context->x, screen[1] - context->y);
    if (distance > *best) return false;
    *best = distance;
    *target = (Target){{p.a, p.b}, p.z, epoch, true, 0, {screen[0], screen[1]}};
    return true;
}

/// How many runs are shown: the run itself and its rivals.
static int runs_shown(const ViewContext *context) {
    return 1 + context->n_rivals;
}

/// The ball under the pointer, of several the nearest: balls cover the paths.
static bool find_ball(const LandscapeState *state, const ViewContext *context, const Plot3d *plot,
                      Target *target) {
    const Survey *survey = &state->survey;
    float best = NEAR_UNITS * context->scale;
    bool found = false;
    for (int i = 0; i < runs_shown(context); i++) {
        const Snapshot *run = race_run(context, i);
        LandscapeTrack track;
        if (!landscape_track(state, context, run, &track)) continue;
        LandscapePoint ball = landscape_track_point(&track, track.count);
        int64_t epoch = i == 0 ? survey->epoch : run->epoch;
        if (!consider(survey, context, plot, ball, epoch, &best, target)) continue;
        target->past = false;
        target->racer = i;
        found = true;
    }
    return found;
}

/// The nearest point of the paths.
static bool find_path(const LandscapeState *state, const ViewContext *context, const Plot3d *plot,
                      Target *target) {
    float best = NEAR_UNITS * context->scale;
    bool found = false;
    for (int i = 0; i < runs_shown(context); i++) {
        const Snapshot *run = race_run(context, i);
        LandscapeTrack track;
        if (!landscape_track(state, context, run, &track)) continue;
        for (int k = 0; k < track.count; k += track.stride) {
            if (!consider(&state->survey, context, plot, landscape_track_point(&track, k),
                          run->path->epoch[k], &best, target)) {
                continue;
            }
            target->racer = i;
            found = true;
        }
    }
    return found;
}

/// The point of the surface under the pointer.
static bool find_surface(LandscapeState *state, const ViewContext *context, const Plot3d *plot,
                         Target *target) {
    const Survey *survey = &state->survey;
    *target = (Target){.epoch = -1};
    if (!plot3d_pick(plot, survey->heights, survey->n_a, survey->n_b, context->x, context->y,
                     &target->at[0], &target->at[1])) {
        return false;
    }
    target->loss = landscape_read(state, context->run, target->at)->loss;
    if (isfinite(target->loss)) {
        project(plot, target->at[0], target->at[1], target->loss, target->screen);
    } else {
        target->screen[0] = context->x;
        target->screen[1] = context->y;
    }
    return true;
}

// ---- saying it ----------------------------------------------------------------------------------

enum { LINES_MAX = 8 };

typedef struct Lines {
    const char *labels[LINES_MAX], *values[LINES_MAX];
    char text[LINES_MAX][48];
    int n;
} Lines;

static void add_number(Lines *lines, const char *label, double value, int digits) {
    number_print(value, digits, lines->text[lines->n], sizeof lines->text[0]);
    lines->labels[lines->n] = label;
    lines->values[lines->n] = lines->text[lines->n];
    lines->n++;
}

/// What the mouse can do here.
static void add_hint(Lines *lines, const ViewContext *context, bool ball) {
    const char *race = view_text(context, "click: a new start", "点击：新的起点");
    const char *go = view_text(context, "click: go there", "点击：移到此处");
    const char *take = view_text(context, "drag: take it along", "拖动：移动权重");
    lines->labels[lines->n] = NULL;
    lines->values[lines->n] = ball ? take : context->n_rivals > 0 ? race : go;
    lines->n++;
}

/// The lines, beside a point.
/// @param swatch  of the first line; NULL: none has one
static void show(const ViewContext *context, const float at[2], const Lines *lines,
                 const Color *swatch) {
    Color swatches[LINES_MAX] = {0};
    if (swatch) swatches[0] = *swatch;
    marks_readout(context->gfx, context->theme, context->scale, context->area, at[0], at[1],
                  lines->labels, lines->values, swatch ? swatches : NULL, lines->n);
}

/// What a ball says that is being dragged.
static void say_held(LandscapeState *state, const ViewContext *context, const Plot3d *plot,
                     char names[2][32]) {
    const double *at = state->held.at, loss = state->held.loss;
    float world[3], screen[2];
    plot3d_world(plot, at[0], at[1], loss, world);
    if (!isfinite(loss)) world[2] = landscape_height(&state->survey, at);
    if (!isfinite(world[2])) return;
    camera_project(&plot->camera, plot->view, world, screen, NULL);
    Lines lines = {.n = 0};
    for (int i = 0; i < 2; i++) add_number(&lines, names[i], at[i], 4);
    if (isfinite(loss)) {
        add_number(&lines, plot->z.label, loss, 4);
        const LandscapeReading *read = landscape_read(state, context->run, at);
        if (isfinite(read->slope)) {
            add_number(&lines, view_text(context, "slope", "坡度"), read->slope, 3);
        }
    }
    show(context, screen, &lines, NULL);
}

/// What the ball, the path or the surface says that is pointed at.
static void say_target(LandscapeState *state, const ViewContext *context, const Plot3d *plot,
                       char names[2][32], const Target *target) {
    char name[48];
    Lines lines = {.n = 0};
    const bool race = target->epoch >= 0 && race_count(context) > 0;
    if (race) {
        race_name(context, target->racer, name, sizeof name);
        lines.labels[0] = name;
        lines.values[0] = "";
        lines.n = 1;
    }
    if (target->epoch >= 0) {
        count_print(target->epoch, lines.text[lines.n], sizeof lines.text[0]);
        lines.labels[lines.n] = view_text(context, "epoch", "轮次");
        lines.values[lines.n] = lines.text[lines.n];
        lines.n++;
    }
    for (int i = 0; i < 2; i++) add_number(&lines, names[i], target->at[i], 4);
    double loss = target->loss;
    if (target->racer > 0 && !target->past) { // its ball is drawn at the loss measured last
        const Snapshot *run = race_run(context, target->racer);
        bool test_split = state->survey.request.surface.test_split;
        double now = probe_loss(&state->probe, run, run->net.params, test_split);
        if (isfinite(now)) loss = now;
    }
    add_number(&lines, plot->z.label, loss, 4);
    const LandscapeReading *read = landscape_read(state, context->run, target->at);
    // What the path's points say was true then; where the rest has moved, it is different now.
    if (target->past && context->run->net.n_params > 2 && isfinite(read->loss)) {
        const bool then = state->survey.request.surface.past;
        add_number(&lines,
                   then ? view_text(context, "surface here", "此处曲面")
                        : view_text(context, "here now", "此处现在"),
                   read->loss, 4);
    }
    const bool own = target->racer == 0 && !target->past;
    if (own && isfinite(read->slope)) {
        add_number(&lines, view_text(context, "slope", "坡度"), read->slope, 3);
    }
    if (own) add_hint(&lines, context, target->epoch >= 0);
    Color color = race ? race_color(context, target->racer) : (Color){0};
    const float *at = target->screen;
    draw_circle(context->gfx, at[0], at[1], 5 * context->scale, context->theme->halo);
    draw_circle(context->gfx, at[0], at[1], 3.5f * context->scale, context->theme->text);
    show(context, at, &lines, race ? &color : NULL);
}

void landscape_overlay(void *state_, const ViewContext *context) {
    LandscapeState *state = state_;
    const Survey *survey = &state->survey;
    const bool held = state->holds == HOLDS_BALL && state->held.valid;
    const bool current = held || survey->generation == context->run->generation;
    if ((!context->hover && !held) || !survey->valid || !state->mesh || !current ||
        state->mesh_revision != state->revision || !isfinite(survey->min)) {
        return;
    }
    char names[2][32];
    Plot3d plot = landscape_plot(state, context, context->area, names);
    Target target = {.epoch = -1};
    if (held) {
        say_held(state, context, &plot, names);
    } else if (find_ball(state, context, &plot, &target) ||
               find_path(state, context, &plot, &target) ||
               find_surface(state, context, &plot, &target)) {
        say_target(state, context, &plot, names, &target);
    }
}
