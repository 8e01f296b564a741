/// Draws the landscape: the floor's copy of the colours, the lit surface with its contour lines,
/// and on it training's path and the ball (landscape_path.c). What lies behind the surface shines
/// through faintly.
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "views/landscape_state.h"
#include "views/orbit.h"
#include "views/race.h"

enum { CONTOURS = 24 };

// What is clipped keeps its level a little beyond the axis, so that the top's edge is smooth.
#define LEVEL_MOST 1.25
#define FLOOR_GAP  0.30 // of the drawn heights: the room between floor and surface
// How strongly what the surface hides shines through.
#define GHOST_PATH 0.35f
#define GHOST_BALL 0.60f
// A line in every twentieth of the space between lines is near; so is a tenth of an even slope.
#define LINE_NEAR         0.05f
#define PLATEAU_SHARE     0.3f
#define LINE_ABOVE_GROUND 0.25 // of the space between lines
#define QUARTER_TURN      1.57079633f

static double log_or_not(bool log, double v) {
    return log ? log10(v) : v;
}

Plot3d landscape_plot(const LandscapeState *state, const ViewContext *context, Rect view,
                      char labels[2][32]) {
    const Survey *survey = &state->survey;
    Camera camera = landscape_camera(state);
    double lo = state->z.lo, hi = state->z.hi;
    for (int i = 0; i < 2; i++) {
        landscape_axis_label(&survey->request, i, labels[i], 32);
    }
    bool test = survey->request.surface.test_split;
    float beside = camera.flat > 0 ? race_legend_box(context, view, test).w : 0;
    double below = FLOOR_GAP * (log_or_not(state->log, hi) - log_or_not(state->log, lo));
    double bottom = state->log ? lo / pow(10, below) : lo - below;
    return (Plot3d){.view = view,
                    .scale = context->scale,
                    .camera = orbit_camera_beside(&camera, view, context->scale, beside),
                    .a = {.lo = survey->a[0], .hi = survey->a[1], .label = labels[0]},
                    .b = {.lo = survey->b[0], .hi = survey->b[1], .label = labels[1]},
                    .z = {.lo = bottom,
                          .hi = hi,
                          .log = state->log,
                          .positive = true,
                          .label = view_loss(context)}};
}

// ---- the surface --------------------------------------------------------------------------------

static void update_mesh(LandscapeState *state, Gfx *gfx, const Plot3d *plot) {
    Survey *survey = &state->survey;
    if (!state->mesh) state->mesh = surface_mesh_create(gfx);
    if (!state->mesh || state->mesh_revision == state->revision) return;
    double lo = log_or_not(state->log, state->z.lo), hi = log_or_not(state->log, state->z.hi);
    size_t n = (size_t)survey->n_a * (size_t)survey->n_b;
    state->holes = false;
    for (size_t i = 0; i < n; i++) {
        double loss = (double)survey->loss[i];
        if (isinf(loss) && loss > 0 && state->z.clipped) loss = 2 * state->z.hi;
        if (!isfinite(loss)) {
            survey->heights[i] = survey->levels[i] = NAN;
            state->holes = true;
            continue;
        }
        if (state->log) loss = fmax(loss, state->z.lo);
        double t = (log_or_not(state->log, loss) - lo) / (hi - lo);
        survey->heights[i] = plot3d_height(plot, loss);
        survey->levels[i] = (float)fmin(LEVEL_MOST, fmax(0, t));
    }
    surface_mesh_update(state->mesh, survey->heights, survey->levels, survey->n_a, survey->n_b);
    state->mesh_revision = state->revision;
}

/// Between contour lines. None where the surface is all but flat: its
/// lines would trace rounding noise.
static float contour_step(const LandscapeState *state) {
    const LossAxis *z = &state->z;
    double span = state->survey.max - state->survey.min;
    if (z->flat || span < 0.01 * (z->hi - z->lo)) return 0;
    if (state->log) return 1.0f / (float)CONTOURS;
    // The nearest of 1, 2, 2.5, 5 times a power of ten.
    static const double round_steps[] = {1, 2, 2.5, 5, 10};
    double wanted = (z->hi - z->lo) / CONTOURS, power = pow(10, floor(log10(wanted)));
    double step = power;
    for (int i = 1; i < 5; i++) {
        if (fabs(round_steps[i] * power - wanted) < fabs(step - wanted)) {
            step = round_steps[i] * power;
        }
    }
    return (float)(step / (z->hi - z->lo));
}

/// Whether lines would trace noise: where much of the surface lies at their levels, or its lowest
/// ground, which is all but level, little below one.
static bool lines_meet_plateau(const LandscapeState *state, LandscapeContours lines) {
    const Survey *survey = &state->survey;
    double lo = log_or_not(state->log, state->z.lo), hi = log_or_not(state->log, state->z.hi);
    double lowest = log_or_not(state->log, fmax(survey->min, state->z.lo));
    double ground = ((lowest - lo) / (hi - lo) - (double)lines.offset) / (double)lines.step;
    if (ceil(ground) - ground < LINE_ABOVE_GROUND) return true;
    const size_t n = (size_t)survey->n_a * (size_t)survey->n_b;
    size_t near = 0;
    for (size_t i = 0; i < n; i++) {
        float at = (survey->levels[i] - lines.offset) / lines.step;
        near += fabsf(at - roundf(at)) < LINE_NEAR ? 1 : 0;
    }
    return (float)near > PLATEAU_SHARE * (float)n;
}

/// Lines lie at round values on a map, which has them labelled; on a body between them, since
/// plateaus at round losses are common; and elsewhere, where they would meet a plateau there.
static float contour_offset(const LandscapeState *state, float step) {
    static const float shifts[] = {0, 0.5f, 0.25f, 0.75f};
    if (step <= 0) return 0;
    float round_one = 0;
    if (!state->log) {
        double span = state->z.hi - state->z.lo, data_step = (double)step * span;
        round_one = (float)((floor(state->z.lo / data_step) * data_step - state->z.lo) / span);
    }
    const int first = landscape_is_map(state) && !state->log ? 0 : 1;
    for (int i = first; i < 4; i++) {
        float offset = round_one + shifts[i] * step;
        if (!lines_meet_plateau(state, (LandscapeContours){step, offset})) return offset;
    }
    return round_one + shifts[first] * step;
}

LandscapeContours landscape_contours(const LandscapeState *state) {
    float step = contour_step(state);
    return (LandscapeContours){step, contour_offset(state, step)};
}

static void draw_surface(LandscapeState *state, const ViewContext *context, Rect view,
                         mat4 matrix) {
    const Theme *theme = context->theme;
    const Color *map = colormap_table(COLORMAP_VIRIDIS);
    if (state->z.clipped) {
        memcpy(state->clipped_map, map, sizeof state->clipped_map);
        state->clipped_map[255] = color_hex(LANDSCAPE_CLIPPED);
        map = state->clipped_map;
    }
    LandscapeContours contours = landscape_contours(state);
    SurfaceStyle floor_style = {.map = map,
                                .alpha = theme->dark ? 0.32f : 0.40f,
                                .is_flat = true,
                                .flat_z = 0,
                                .contour_step = contours.step,
                                .contour_offset = contours.offset,
                                .contour_alpha = theme->dark ? 0.35f : 0.30f,
                                .contour_width = 1.0f * context->scale,
                                .contour_color = theme->text};
    SurfaceStyle style = floor_style;
    style.alpha = 1;
    style.contour_alpha = 0.42f;
    style.contour_color = (Color){1, 1, 1, 1};
    scene_begin(context->gfx, view, matrix, true);
    if (landscape_is_map(state)) {
        scene_surface(context->gfx, state->mesh, &style);
    } else {
        scene_surface(context->gfx, state->mesh, &floor_style);
        style.is_flat = false;
        style.lit = true;
        scene_surface(context->gfx, state->mesh, &style);
    }
    scene_end(context->gfx);
}

// ---- from which side ----------------------------------------------------------------------------

/// The surface's height under a world position; -1 outside.
static float height_at(const Survey *survey, float x, float y) {
    if (!(x >= -1 && x <= 1 && y >= -1 && y <= 1)) return -1;
    int i = (int)lrintf((x + 1) / 2 * (float)(survey->n_a - 1));
    int j = (int)lrintf((y + 1) / 2 * (float)(survey->n_b - 1));
    return survey->heights[i * survey->n_b + j];
}

/// Whether nothing of the surface stands between a world point and the eye.
static bool is_seen(const Survey *survey, const float at[3], const Camera *camera) {
    float direction[3] = {cosf(camera->pitch) * cosf(camera->yaw),
                          cosf(camera->pitch) * sinf(camera->yaw), sinf(camera->pitch)};
    for (int step = 2; step < 100; step++) {
        float p[3], t = 0.03f * (float)step;
        for (int i = 0; i < 3; i++) p[i] = at[i] + t * direction[i];
        if (p[2] > PLOT3D_HEIGHT || fabsf(p[0]) > 1 || fabsf(p[1]) > 1) return true;
        if (height_at(survey, p[0], p[1]) > p[2]) return false;
    }
    return true;
}

/// Turns a camera that nobody has turned yet by quarters, to the side from which the ball and most
/// of the path are seen.
static void choose_side(LandscapeState *state, const ViewContext *context, const Plot3d *plot) {
    const Survey *survey = &state->survey;
    LandscapeTrack track;
    if (!landscape_track(state, context, context->run, &track)) track = (LandscapeTrack){0};
    Camera best = state->camera;
    float best_score = -1;
    for (int quarter = 0; quarter < 4; quarter++) {
        Camera camera = state->camera;
        camera.yaw += (float)quarter * QUARTER_TURN;
        float world[3], seen = 0, points = 0;
        for (int i = 0; i < track.count; i += 1 + track.count / 64) {
            LandscapePoint p = landscape_track_point(&track, i);
            plot3d_world(plot, p.a, p.b, p.z, world);
            points++;
            seen += is_seen(survey, world, &camera) ? 1 : 0;
        }
        plot3d_world(plot, survey->here[0], survey->here[1], survey->here_loss, world);
        float score = (is_seen(survey, world, &camera) ? 1 : 0) + (points > 0 ? seen / points : 0);
        if (score > best_score + 0.2f) { // not for a trifle
            best_score = score;
            best = camera;
        }
    }
    state->camera = best;
    state->choose_side = false;
}

// ---- all of it ----------------------------------------------------------------------------------

/// Adds a part to a note, set apart from the one before.
static void add_note(char *note, size_t size, const char *part) {
    size_t used = strlen(note);
    snprintf(note + used, size - used, "%s%s", used ? " · " : "", part);
}

static void draw_note(const LandscapeState *state, const ViewContext *context,
                      const LandscapeStep *step) {
    char note[256] = "", part[96], number[32];
    const Survey *survey = &state->survey;
    if (survey->request.surface.past) {
        snprintf(part, sizeof part,
                 view_text(context, "as it was at epoch %" PRId64, "第 %" PRId64 " 轮时的曲面"),
                 survey->epoch);
        add_note(note, sizeof note, part);
    }
    if (state->z.flat) {
        add_note(note, sizeof note,
                 view_text(context, "flat: the loss changes by less than 0.1 % here",
                           "平坦：此处损失变化小于 0.1 %"));
    } else if (state->z.clipped) {
        number_print_short(state->z.hi, 3, number, sizeof number);
        snprintf(part, sizeof part, view_text(context, "clipped at %s", "截断于 %s"), number);
        add_note(note, sizeof note, part);
    }
    if (state->holes) {
        add_note(note, sizeof note,
                 view_text(context, "holes: the loss is not a finite number there",
                           "空洞：该处损失不是有限数"));
    }
    if (!landscape_inside(survey, survey->here)) {
        add_note(note, sizeof note,
                 view_text(context, "the present weights lie outside", "当前权重在范围之外"));
    }
    if (step && step->times > 1) {
        number_print_short(step->times, 1, number, sizeof number);
        snprintf(part, sizeof part, view_text(context, "next step ×%s", "下一步 ×%s"), number);
        add_note(note, sizeof note, part);
    }
    TextStyle style = {
        .size = 12 * context->scale, .align = TEXT_LEFT, .color = context->theme->muted};
    Rect r = context->area;
    if (note[0] && r.h > 60 * context->scale) {
        draw_text_fit(context->gfx, &style, r.x + 4 * context->scale,
                      r.y + r.h - 8 * context->scale, r.w - 8 * context->scale, note);
    }
}

/// Paths, balls and arrows.  @param step  NULL: none
static void draw_runs(const LandscapeState *state, const ViewContext *context, const Plot3d *plot,
                      const LandscapeStep *step, bool front, float path_alpha, float ball_alpha) {
    const Theme *theme = context->theme;
    mat4 matrix;
    camera_matrix(&plot->camera, plot->view, matrix);
    scene_begin(context->gfx, plot->view, matrix, front);
    if (state->arrows) landscape_draw_gradient(state, context, path_alpha * path_alpha);
    landscape_draw_rivals(state, context, plot, path_alpha, ball_alpha);
    if (state->stems) landscape_draw_stems(state, context, plot, context->run, path_alpha);
    landscape_draw_path(state, context, plot, context->run, theme->path_old, theme->path_new,
                        path_alpha);
    if (step) landscape_draw_step(state, context, plot, step, path_alpha);
    landscape_draw_ball(state, context, plot, context->run, theme->ball, ball_alpha);
    scene_end(context->gfx);
}

void landscape_draw(void *state_, const ViewContext *context) {
    LandscapeState *state = state_;
    Error error;
    const char *why = landscape_lacks(state, context, &error);
    if (why) {
        view_say(context, why);
        return;
    }
    Rect view = context->area;
    if (view.w < 16 || view.h < 16) return;
    const bool map = landscape_is_map(state);
    const bool apart = context->figure && !map && context->n_rivals > 0;
    if (apart) race_cut_legend(context, &view); // above: it would lie on the picture
    char labels[2][32];
    Plot3d plot = landscape_plot(state, context, view, labels);
    update_mesh(state, context->gfx, &plot);
    if (!state->mesh) return;
    if (state->choose_side) {
        choose_side(state, context, &plot);
        plot = landscape_plot(state, context, view, labels);
    }
    plot3d_box(context->gfx, context->theme, &plot);
    mat4 matrix;
    camera_matrix(&plot.camera, view, matrix);
    draw_surface(state, context, view, matrix);
    if (map) landscape_draw_map(state, context, &plot);
    LandscapeStep found, *step = NULL;
    if (state->arrows && landscape_find_step(state, context, &plot, &found)) step = &found;
    draw_runs(state, context, &plot, step, false, map ? 1 : GHOST_PATH, map ? 1 : GHOST_BALL);
    if (!map) draw_runs(state, context, &plot, step, true, 1, 1);
    draw_note(state, context, step);
    if (!apart) landscape_draw_legend(state, context, &plot);
}
