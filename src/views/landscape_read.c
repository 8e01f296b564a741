/// What the landscape says about the point under the mouse: a place of the surface, a point of the
/// path, or the ball. Losses are computed there, never interpolated.
#include <math.h>
#include <stdio.h>

#include "plot/marks.h"
#include "views/landscape_state.h"

#define NEAR_UNITS 11.0f // how near to the path or the ball the pointer must be

typedef struct Reading {
    double at[2], loss;
    int64_t epoch; // -1: none
    float screen[2];
} Reading;

static void project(const Plot3d *plot, double a, double b, double z, float screen[2]) {
    float world[3];
    plot3d_world(plot, a, b, z, world);
    camera_project(&plot->camera, plot->view, world, screen, NULL);
}

/// Takes p for the reading where it is nearer to the pointer than the best so far.
static void consider(const Survey *survey, const ViewContext *context, const Plot3d *plot,
                     LandscapePoint p, int64_t epoch, float *best, Reading *reading) {
    double at[2] = {p.a, p.b};
    if (!isfinite(p.z) || !landscape_inside(survey, at)) return;
    float screen[2];
    project(plot, p.a, p.b, p.z, screen);
    float distance = hypotf(screen[0] - context->x, screen[1] - context->y);
    if (distance > *best) return;
    *best = distance;
    *reading = (Reading){{p.a, p.b}, p.z, epoch, {screen[0], screen[1]}};
}

/// The ball under the pointer, which covers the path, or else the path's nearest point.
static bool read_path(const LandscapeState *state, const ViewContext *context, const Plot3d *plot,
                      Reading *reading) {
    const Survey *survey = &state->survey;
    float near = NEAR_UNITS * context->scale, best = near;
    LandscapeTrack track;
    if (!landscape_track(state, context, context->run, &track)) return false;
    consider(survey, context, plot, landscape_track_point(&track, track.count), survey->epoch,
             &best, reading);
    if (best < near) return true;
    for (int i = 0; i < track.count; i += track.stride) {
        consider(survey, context, plot, landscape_track_point(&track, i),
                 context->run->path->epoch[i], &best, reading);
    }
    return best < near;
}

static bool same_camera(const Camera *a, const Camera *b) {
    return a->yaw == b->yaw && a->pitch == b->pitch && a->zoom == b->zoom &&
           a->pan[0] == b->pan[0] && a->pan[1] == b->pan[1];
}

/// The point of the surface under the pointer, and the loss computed there; remembered while
/// nothing moves.
static bool read_surface(LandscapeState *state, const ViewContext *context, const Plot3d *plot,
                         Reading *reading) {
    const Survey *survey = &state->survey;
    bool known = state->read.valid && state->read.x == context->x && state->read.y == context->y &&
                 state->read.snapshot == context->run->serial &&
                 state->read.revision == state->revision &&
                 same_camera(&state->read.camera, &state->camera);
    if (!known) {
        state->read.valid = true;
        state->read.x = context->x;
        state->read.y = context->y;
        state->read.snapshot = context->run->serial;
        state->read.revision = state->revision;
        state->read.camera = state->camera;
        double *at = state->read.at;
        state->read.hit = plot3d_pick(plot, survey->heights, survey->n_a, survey->n_b, context->x,
                                      context->y, &at[0], &at[1]);
        if (state->read.hit) {
            state->read.loss = probe_loss(&state->probe, context->run, survey->request.surface.axes,
                                          at, survey->request.surface.test_split);
        }
    }
    if (!state->read.hit) return false;
    *reading = (Reading){{state->read.at[0], state->read.at[1]}, state->read.loss, -1, {0, 0}};
    if (isfinite(reading->loss)) {
        project(plot, reading->at[0], reading->at[1], reading->loss, reading->screen);
    } else {
        reading->screen[0] = context->x;
        reading->screen[1] = context->y;
    }
    return true;
}

void landscape_overlay(void *state_, const ViewContext *context) {
    LandscapeState *state = state_;
    const Survey *survey = &state->survey;
    if (!context->hover || !survey->valid || !state->mesh ||
        state->mesh_revision != state->revision || survey->generation != context->run->generation ||
        !isfinite(survey->min)) {
        return;
    }
    char names[2][32];
    Plot3d plot = landscape_plot(state, context, context->area, names);
    plot.view = context->area;
    Reading reading = {.epoch = -1};
    bool on_path = read_path(state, context, &plot, &reading);
    if (!on_path && !read_surface(state, context, &plot, &reading)) return;

    const char *labels[4], *values[4];
    char text[4][48];
    int n = 0;
    if (on_path) {
        labels[n] = view_text(context, "epoch", "轮次");
        count_print(reading.epoch, text[n], sizeof text[n]);
        n++;
    }
    for (int i = 0; i < 2; i++) {
        labels[n] = names[i];
        number_print(reading.at[i], 4, text[n], sizeof text[n]);
        n++;
    }
    labels[n] = plot.z.label;
    number_print(reading.loss, 4, text[n], sizeof text[n]);
    n++;
    for (int i = 0; i < n; i++) values[i] = text[i];
    float scale = context->scale;
    draw_circle(context->gfx, reading.screen[0], reading.screen[1], 5 * scale,
                context->theme->halo);
    draw_circle(context->gfx, reading.screen[0], reading.screen[1], 3.5f * scale,
                context->theme->text);
    marks_readout(context->gfx, context->theme, scale, context->area, reading.screen[0],
                  reading.screen[1], labels, values, NULL, n);
}
