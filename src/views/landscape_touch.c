/// Touching the landscape: a click on the surface puts the run's weights there, a drag of the ball
/// takes them along. In a race a click is a new start for all.
///
/// Two clicks are for the camera; what the first of them moved is taken back.
#include <math.h>
#include <string.h>

#include "views/landscape_state.h"
#include "views/orbit.h"

#define BALL_REACH 11.0f // units from its middle

/// Whether what is shown is the run's own, so that places on it mean something. A ball that is held
/// in a race makes the run start anew again and again, and over the same weights.
static bool is_current(const LandscapeState *state, const ViewContext *context) {
    const Survey *survey = &state->survey;
    return survey->valid && state->mesh && state->mesh_revision == state->revision &&
           isfinite(survey->min) &&
           (survey->generation == context->run->generation || state->holds == HOLDS_BALL);
}

static bool pick(const LandscapeState *state, const ViewContext *context, const ViewEvent *event,
                 double at[2]) {
    char labels[2][32];
    Plot3d plot = landscape_plot(state, context, event->area, labels);
    return plot3d_pick(&plot, state->survey.heights, state->survey.n_a, state->survey.n_b, event->x,
                       event->y, &at[0], &at[1]);
}

static bool on_ball(const LandscapeState *state, const ViewContext *context, const ViewEvent *event,
                    float x, float y) {
    const Survey *survey = &state->survey;
    if (!isfinite(survey->here_loss)) return false;
    char labels[2][32];
    Plot3d plot = landscape_plot(state, context, event->area, labels);
    float world[3], at[2];
    plot3d_world(&plot, survey->here[0], survey->here[1], survey->here_loss, world);
    camera_project(&plot.camera, event->area, world, at, NULL);
    return hypotf(at[0] - x, at[1] - y) <= BALL_REACH * context->scale;
}

static bool move(LandscapeState *state, const ViewContext *context, const double to[2], bool again,
                 ViewActions *actions) {
    const Snapshot *run = context->run;
    const float *weights = landscape_weights_at(state, run, to);
    ParamVector *params = weights ? param_vector_create(run->net.n_params) : NULL;
    if (!params) return false;
    memcpy(params->values, weights, params->n * sizeof *params->values);
    state->past = false; // all weights are as they were: from now on it is the present surface
    view_emit(actions, (Command){.kind = COMMAND_MOVE, .params = params, .again = again});
    return true;
}

static bool click(LandscapeState *state, const ViewContext *context, const ViewEvent *event,
                  ViewActions *actions) {
    bool second = state->second_click;
    state->second_click = false;
    double to[2];
    if (event->button != 0 || event->shift || second || !pick(state, context, event, to)) {
        return false;
    }
    state->click_resumes = context->run->state == RUN_RUNNING;
    state->clicked = move(state, context, to, false, actions);
    return state->clicked;
}

static void take_click_back(LandscapeState *state, ViewActions *actions) {
    if (state->clicked) {
        view_emit(actions, (Command){.kind = COMMAND_UNDO});
        if (state->click_resumes) view_emit(actions, (Command){.kind = COMMAND_PLAY});
    }
    state->clicked = false;
    state->second_click = true; // its own click comes when the button goes up
}

static bool drag(LandscapeState *state, const ViewContext *context, const ViewEvent *event,
                 ViewActions *actions) {
    if (event->begins) {
        state->clicked = state->second_click = false;
        bool ball = event->button == 0 && !event->shift &&
                    on_ball(state, context, event, event->x - event->dx, event->y - event->dy);
        state->holds = ball ? HOLDS_BALL : HOLDS_CAMERA;
        state->ball_moved = false;
    }
    bool ball = state->holds == HOLDS_BALL;
    double to[2];
    if (ball && !event->ends && pick(state, context, event, to)) {
        state->ball_moved = move(state, context, to, state->ball_moved, actions);
    }
    if (event->ends) state->holds = HOLDS_NOTHING;
    return ball;
}

bool landscape_touch(LandscapeState *state, const ViewContext *context, const ViewEvent *event,
                     ViewActions *actions) {
    if (!is_current(state, context)) {
        state->holds = HOLDS_NOTHING;
        return false;
    }
    switch (event->kind) {
    case VIEW_CLICK: return click(state, context, event, actions);
    case VIEW_DRAG: return drag(state, context, event, actions);
    case VIEW_DOUBLE_CLICK: take_click_back(state, actions); return false;
    case VIEW_WHEEL: return false;
    }
    return false;
}
