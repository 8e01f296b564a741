/// From where the landscape is looked at: places to choose from, the short way that the camera
/// takes between them, and its slow turn.
#include <math.h>

#include "views/landscape_state.h"
#include "views/orbit.h"

// Of the camera that turns by itself: radians a second, and at most so many seconds at once.
#define TURN_SPEED   0.25f
#define TURN_LONGEST 0.1
#define FULL_TURN    6.28318531f
#define EASE_SECONDS 0.25

Camera landscape_camera(const LandscapeState *state) {
    if (!state->eases) return state->camera;
    return camera_between(&state->left, &state->camera, state->way);
}

bool landscape_is_map(const LandscapeState *state) {
    return !state->eases && orbit_is_map(&state->camera);
}

void landscape_look(LandscapeState *state, LandscapeCamera from) {
    static const OrbitPreset presets[LANDSCAPE_CAMERAS] = {ORBIT_BOX, ORBIT_MAP, ORBIT_A, ORBIT_B};
    state->camera = orbit_preset(presets[from]);
    state->choose_side = from == LANDSCAPE_3D;
    state->eases = false;
}

LandscapeCamera landscape_looks_from(const LandscapeState *state) {
    if (state->camera.flat < 1) return LANDSCAPE_3D;
    if (orbit_is_map(&state->camera)) return LANDSCAPE_TOP;
    return state->camera.yaw == orbit_preset(ORBIT_A).yaw ? LANDSCAPE_SIDE_A : LANDSCAPE_SIDE_B;
}

/// Goes from a camera to the present one.
static void ease_from(LandscapeState *state, const Camera *left, const ViewContext *context) {
    state->eases = !context->reduced_motion;
    state->left = *left;
    state->left_at = 0;
    state->way = 0;
}

void landscape_go(LandscapeState *state, const ViewContext *context, LandscapeCamera to) {
    Camera left = landscape_camera(state);
    landscape_look(state, to);
    ease_from(state, &left, context);
}

bool landscape_orbit(LandscapeState *state, const ViewContext *context, const ViewEvent *event) {
    Camera left = landscape_camera(state);
    if (event->kind == VIEW_DOUBLE_CLICK) {
        state->choose_side = state->choose_side || state->camera.flat < 1;
        if (!orbit_event(&state->camera, event)) return false;
        ease_from(state, &left, context);
        return true;
    }
    Camera moved = left;
    if (!orbit_event(&moved, event)) return false;
    state->camera = moved; // on the way to another place the hand takes over
    if (state->eases && moved.flat < 1) state->camera.flat = 0;
    state->eases = false;
    return true;
}

static bool turns(const LandscapeState *state, const ViewContext *context) {
    return state->turning && state->camera.flat < 1 && !state->eases && !context->reduced_motion &&
           state->holds == HOLDS_NOTHING;
}

bool landscape_camera_animates(const LandscapeState *state, const ViewContext *context) {
    return turns(state, context) || state->eases;
}

/// Turns the camera on by the time since the frame before.
static bool turn(LandscapeState *state, const ViewContext *context) {
    if (!turns(state, context)) {
        state->turned_at = 0;
        return false;
    }
    double since = state->turned_at > 0 ? context->time - state->turned_at : 0;
    state->turned_at = context->time;
    state->camera.yaw =
        remainderf(state->camera.yaw + TURN_SPEED * (float)fmin(since, TURN_LONGEST), FULL_TURN);
    return true;
}

/// Goes on to where a person has chosen to look from.
static bool ease(LandscapeState *state, const ViewContext *context) {
    if (!state->eases) return false;
    if (state->left_at <= 0) state->left_at = context->time;
    float t = (float)((context->time - state->left_at) / EASE_SECONDS);
    state->way = t * t * (3 - 2 * t);
    state->eases = t < 1 && !context->reduced_motion;
    return true;
}

bool landscape_move_camera(LandscapeState *state, const ViewContext *context) {
    bool eased = ease(state, context);
    return turn(state, context) || eased;
}

void landscape_turn(void *state, float radians) {
    orbit_turn(&((LandscapeState *)state)->camera, radians);
}
