/// The ways down: on the floor arrows against the gradient, whose lengths are squeezed so that
/// plateaus and cliffs can be seen at once, and from the ball the step that the optimizer takes
/// next, which momentum and other samples lead elsewhere.
#include <math.h>
#include <string.h>

#include "views/landscape_state.h"
#include "views/orbit.h"

enum { SIDE = 12, CORNERS = 7, STEP_POINTS = 17 };

#define LONGEST  0.84f // of a cell
#define SHORTEST 0.16f
#define HEAD     0.34f // of an arrow
#define SQUEEZE  30.0  // how much shorter slopes than the steepest are lengthened
#define BIAS     4e-3f
#define FLOOR    2e-3f // arrows lie so high above it
// Units, of the step's arrow.
#define STEP_WIDTH 2.6f
#define STEP_HEAD  9.0f
#define STEP_LEAST 26.0f // shorter ones are lengthened by powers of ten
#define STEP_COLOR 0xFF6A3D

/// The gradient at a grid point along the axes, by central differences of the survey.
static bool gradient_at(const Survey *survey, int i, int j, double gradient[2]) {
    int n_a = survey->n_a, n_b = survey->n_b;
    int i0 = i > 0 ? i - 1 : i, i1 = i < n_a - 1 ? i + 1 : i;
    int j0 = j > 0 ? j - 1 : j, j1 = j < n_b - 1 ? j + 1 : j;
    const float *loss = survey->loss;
    double da = (survey->a[1] - survey->a[0]) / (n_a - 1) * (i1 - i0);
    double db = (survey->b[1] - survey->b[0]) / (n_b - 1) * (j1 - j0);
    gradient[0] = ((double)loss[i1 * n_b + j] - (double)loss[i0 * n_b + j]) / da;
    gradient[1] = ((double)loss[i * n_b + j1] - (double)loss[i * n_b + j0]) / db;
    return isfinite(gradient[0]) && isfinite(gradient[1]);
}

/// Puts shaft and head of an arrow at 7 corners, with breaks.
static void put_arrow(float (*xyz)[3], const float from[3], const float to[3]) {
    float d[3] = {to[0] - from[0], to[1] - from[1], 0};
    memcpy(xyz[0], from, sizeof d);
    memcpy(xyz[1], to, sizeof d);
    for (int side = 0; side < 2; side++) {
        float across = side ? 0.6f : -0.6f;
        float *wing = xyz[3 + 2 * side];
        wing[0] = to[0] - HEAD * (d[0] - across * d[1]);
        wing[1] = to[1] - HEAD * (d[1] + across * d[0]);
        wing[2] = to[2];
    }
    memcpy(xyz[4], to, sizeof d);
    for (int k = 0; k < 3; k++) xyz[2][k] = xyz[6][k] = NAN;
}

void landscape_draw_gradient(const LandscapeState *state, const ViewContext *context, float alpha) {
    const Survey *survey = &state->survey;
    float xyz[SIDE * SIDE * CORNERS][3];
    Color colors[SIDE * SIDE * CORNERS];
    double steepest = 0, all[SIDE * SIDE][2];
    bool there[SIDE * SIDE];
    for (int k = 0; k < SIDE * SIDE; k++) {
        int i = (2 * (k / SIDE) + 1) * (survey->n_a - 1) / (2 * SIDE);
        int j = (2 * (k % SIDE) + 1) * (survey->n_b - 1) / (2 * SIDE);
        there[k] = gradient_at(survey, i, j, all[k]) &&
                   (!state->z.clipped || (double)survey->loss[i * survey->n_b + j] < state->z.hi);
        if (there[k]) steepest = fmax(steepest, hypot(all[k][0], all[k][1]));
    }
    if (!(steepest > 0) || state->z.flat) return;
    float cell = 2.0f / SIDE;
    int n = 0;
    for (int k = 0; k < SIDE * SIDE; k++) {
        // The way down in weights, as the picture shows it where its axes differ in scale.
        double down[2] = {-all[k][0] / (survey->a[1] - survey->a[0]),
                          -all[k][1] / (survey->b[1] - survey->b[0])};
        double length = hypot(down[0], down[1]);
        if (!there[k] || !(length > 0)) continue;
        double slope = hypot(all[k][0], all[k][1]) / steepest;
        float shown = (float)(log1p(SQUEEZE * slope) / log1p(SQUEEZE)) * LONGEST;
        if (shown < SHORTEST) continue; // all but level
        float middle[2] = {((float)(k / SIDE) + 0.5f) * cell - 1,
                           ((float)(k % SIDE) + 0.5f) * cell - 1};
        float from[3] = {0, 0, FLOOR}, to[3] = {0, 0, FLOOR};
        for (int axis = 0; axis < 2; axis++) {
            float half = 0.5f * shown * cell * (float)(down[axis] / length);
            from[axis] = middle[axis] - half;
            to[axis] = middle[axis] + half;
        }
        put_arrow(&xyz[n * CORNERS], from, to);
        n++;
    }
    // A map has its colours in full; under a surface they are mixed with the ground.
    const bool ink = !context->theme->dark && !landscape_is_map(state);
    const Color dark = {0.04f, 0.06f, 0.10f, 0.55f * alpha}, bright = {1, 1, 1, 0.9f * alpha};
    const Color color = ink ? color_alpha(dark, 0.8f * alpha) : bright;
    for (int i = 0; i < n * CORNERS; i++) colors[i] = color;
    if (n == 0) return;
    scene_line(context->gfx, xyz[0], colors, n * CORNERS, 1.4f * context->scale,
               color_alpha(dark, ink ? 0 : dark.a), ink ? 0 : context->scale, BIAS);
}

// ---- the next step ------------------------------------------------------------------------------

/// Where the next step leads on the axes.
static bool step_on_axes(LandscapeState *state, const Snapshot *run, double step[2]) {
    const ObservationRequest *request = &state->survey.request;
    double from[2], to[2];
    float *params = landscape_scratch(state, run->net.n_params);
    if (!run->next_step || !params) return false;
    for (size_t i = 0; i < run->net.n_params; i++) {
        params[i] = run->net.params[i] + run->next_step[i];
    }
    if (!landscape_place(request, &run->net, run->net.params, from) ||
        !landscape_place(request, &run->net, params, to)) {
        return false;
    }
    for (int axis = 0; axis < 2; axis++) step[axis] = to[axis] - from[axis];
    return isfinite(step[0]) && isfinite(step[1]) && (step[0] != 0 || step[1] != 0);
}

static void on_surface(const LandscapeState *state, const Plot3d *plot, const double at[2],
                       float world[3]) {
    plot3d_world(plot, at[0], at[1], plot->z.lo, world);
    world[2] = landscape_height(&state->survey, at);
}

bool landscape_find_step(LandscapeState *state, const ViewContext *context, const Plot3d *plot,
                         LandscapeStep *out) {
    const Survey *survey = &state->survey;
    if (!landscape_inside(survey, survey->here) || !isfinite(survey->here_loss) ||
        !step_on_axes(state, context->run, out->step)) {
        return false;
    }
    double share = hypot(out->step[0] / (survey->a[1] - survey->a[0]),
                         out->step[1] / (survey->b[1] - survey->b[0]));
    double side = 0.7 * (double)fminf(plot->view.w, plot->view.h);
    out->times = 1;
    while (share * side * out->times < (double)(STEP_LEAST * context->scale) && out->times < 1e9) {
        out->times *= 10;
    }
    return out->times < 1e9;
}

void landscape_draw_step(const LandscapeState *state, const ViewContext *context,
                         const Plot3d *plot, const LandscapeStep *step, float alpha) {
    const Survey *survey = &state->survey;
    float xyz[STEP_POINTS][3];
    Color colors[STEP_POINTS];
    int n = 0;
    for (int i = 0; i < STEP_POINTS; i++) {
        double t = step->times * (double)i / (STEP_POINTS - 1);
        double at[2] = {survey->here[0] + t * step->step[0], survey->here[1] + t * step->step[1]};
        on_surface(state, plot, at, xyz[n]);
        if (!isfinite(xyz[n][2])) break; // it leaves the plot
        colors[n++] = color_alpha(color_hex(STEP_COLOR), alpha);
    }
    if (n < 2) return;
    float scale = context->scale;
    Color halo = color_alpha(context->theme->halo, 0.8f * alpha);
    scene_line(context->gfx, xyz[0], colors, n, STEP_WIDTH * scale, halo, 1.4f * scale, BIAS);
    // The head is as large at every length: its wings go back along the way in pixels.
    float tip[2], before[2];
    camera_project(&plot->camera, plot->view, xyz[n - 1], tip, NULL);
    camera_project(&plot->camera, plot->view, xyz[0], before, NULL);
    float shown = hypotf(tip[0] - before[0], tip[1] - before[1]);
    if (!(shown > 4 * scale)) return;
    float share = fminf(STEP_HEAD * scale / shown, 0.6f);
    float d[3], wings[3][3];
    for (int k = 0; k < 3; k++) d[k] = share * (xyz[n - 1][k] - xyz[0][k]);
    for (int side = 0; side < 2; side++) {
        float across = side ? 0.55f : -0.55f, *wing = wings[2 * side];
        wing[0] = xyz[n - 1][0] - d[0] + across * d[1];
        wing[1] = xyz[n - 1][1] - d[1] - across * d[0];
        wing[2] = xyz[n - 1][2] - d[2];
    }
    memcpy(wings[1], xyz[n - 1], sizeof wings[1]);
    scene_line(context->gfx, wings[0], colors, 3, STEP_WIDTH * scale, halo, 1.4f * scale, BIAS);
}
