/// Draws the landscape: the floor's copy of the colours, the lit surface with its contour lines,
/// training's path at the losses that the network really had, and the ball at the present weights.
/// What lies behind the surface shines through faintly. Read-outs are computed, never interpolated.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "plot/marks.h"
#include "views/landscape_state.h"
#include "views/orbit.h"

enum { PATH_DRAWN = 1024, PIECE_MAX = 256, CONTOURS = 24 };

// What is clipped keeps its level a little beyond the axis, so that the top's edge is smooth.
#define LEVEL_MOST 1.25
#define FLOOR_GAP  0.30 // of the drawn heights: the room between floor and surface
#define BALL       7.0f
#define PATH_WIDTH 3.2f
#define PATH_HALO  1.6f
// How strongly what the surface hides shines through.
#define GHOST_PATH    0.35f
#define GHOST_BALL    0.60f
#define QUARTER_TURN  1.57079633f
#define NEAR_UNITS    11.0f // how near to the path or the ball the pointer must be
#define BIAS_PATH     3e-3f
#define AGE_BY_EPOCHS 0.25f
#define CLIPPED_TOP   0x8E97A4 // outside of the map, the same in both themes
#define BIAS_BALL     1.2e-2f

static double log_or_not(bool log, double v) {
    return log ? log10(v) : v;
}

Plot3d landscape_plot(const LandscapeState *state, const ViewContext *context, Rect view,
                      char labels[2][32]) {
    const Survey *survey = &state->survey;
    double lo = state->z.lo, hi = state->z.hi;
    for (int i = 0; i < 2; i++) {
        view_param_label(survey->request.surface.axes[i], labels[i], 32);
    }
    double below = FLOOR_GAP * (log_or_not(state->log, hi) - log_or_not(state->log, lo));
    double bottom = state->log ? lo / pow(10, below) : lo - below;
    return (Plot3d){.view = view,
                    .scale = context->scale,
                    .camera = orbit_camera(&state->camera, view, context->scale),
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
    for (size_t i = 0; i < n; i++) {
        double loss = (double)survey->loss[i];
        if (isinf(loss) && loss > 0 && state->z.clipped) loss = 2 * state->z.hi;
        if (!isfinite(loss)) {
            survey->heights[i] = survey->levels[i] = NAN;
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

/// Between contour lines, in shares of the loss axis. None where the surface is all but flat: its
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

/// Lines lie between round values: on a plateau at a round loss they would trace its noise.
static float contour_offset(const LandscapeState *state, float step) {
    if (state->log || step <= 0) return 0.5f * step;
    double data_step = (double)step * (state->z.hi - state->z.lo);
    double first = (floor(state->z.lo / data_step) + 0.5) * data_step;
    return (float)((first - state->z.lo) / (state->z.hi - state->z.lo));
}

static void draw_surface(LandscapeState *state, const ViewContext *context, mat4 matrix) {
    const Theme *theme = context->theme;
    const Color *map = colormap_table(COLORMAP_VIRIDIS);
    if (state->z.clipped) {
        memcpy(state->clipped_map, map, sizeof state->clipped_map);
        state->clipped_map[255] = color_hex(CLIPPED_TOP);
        map = state->clipped_map;
    }
    float step = contour_step(state);
    SurfaceStyle floor_style = {.map = map,
                                .alpha = theme->dark ? 0.32f : 0.40f,
                                .is_flat = true,
                                .flat_z = 0,
                                .contour_step = step,
                                .contour_offset = contour_offset(state, step),
                                .contour_alpha = theme->dark ? 0.35f : 0.30f,
                                .contour_width = 1.0f * context->scale,
                                .contour_color = theme->text};
    SurfaceStyle style = floor_style;
    style.alpha = 1;
    style.is_flat = false;
    style.lit = true;
    style.contour_alpha = 0.42f;
    style.contour_color = (Color){1, 1, 1, 1};
    scene_begin(context->gfx, context->area, matrix, true);
    scene_surface(context->gfx, state->mesh, &floor_style);
    scene_surface(context->gfx, state->mesh, &style);
    scene_end(context->gfx);
}

// ---- the path -----------------------------------------------------------------------------------

/// A point of the path: both weights, the loss, and where on the way it lies, 0…1.
typedef struct PathPoint {
    double a, b, z;
    float t;
} PathPoint;

/// Which of a path's points are shown: up to the survey's epoch, every stride-th and the last.
typedef struct PathView {
    const Path *path;
    const float *loss;
    size_t at[2];
    int count, stride; // count: points up to the survey's epoch
} PathView;

static bool path_view(const LandscapeState *state, const Snapshot *run, PathView *view) {
    const Survey *survey = &state->survey;
    *view = (PathView){.path = run->path};
    if (!run->path || run->generation != survey->generation ||
        !network_locate(&run->net, survey->request.surface.axes[0], &view->at[0], NULL) ||
        !network_locate(&run->net, survey->request.surface.axes[1], &view->at[1], NULL)) {
        return false;
    }
    view->loss = survey->request.surface.test_split ? run->path->test_loss : run->path->loss;
    int lo = 0, hi = run->path_count;
    while (lo < hi) { // the first point after the survey's epoch
        int middle = (lo + hi) / 2;
        if (run->path->epoch[middle] <= survey->epoch) {
            lo = middle + 1;
        } else {
            hi = middle;
        }
    }
    view->count = lo;
    view->stride = (lo + PATH_DRAWN - 1) / PATH_DRAWN;
    if (view->stride < 1) view->stride = 1;
    return view->count > 0;
}

/// Point k of the path, in drawing order; the one after the last is the present.
static PathPoint path_point(const LandscapeState *state, const PathView *view, int i) {
    const Survey *survey = &state->survey;
    if (i >= view->count) {
        return (PathPoint){.a = survey->here[0], .b = survey->here[1], .z = survey->here_loss};
    }
    const float *w = view->path->weights + (size_t)i * view->path->n_params;
    return (PathPoint){
        .a = (double)w[view->at[0]], .b = (double)w[view->at[1]], .z = (double)view->loss[i]};
}

/// The point drawn after point i.
static int next_index(const PathView *view, int i) {
    return i + view->stride < view->count ? i + view->stride : view->count;
}

/// Cuts the part of a segment that lies within the plotted ranges (Liang and Barsky 1984).
/// @return false where none does
static bool cut_segment(const Survey *survey, PathPoint *from, PathPoint *to) {
    double d[2] = {to->a - from->a, to->b - from->b};
    double p[4] = {-d[0], d[0], -d[1], d[1]};
    double q[4] = {from->a - survey->a[0], survey->a[1] - from->a, from->b - survey->b[0],
                   survey->b[1] - from->b};
    double first = 0, last = 1;
    for (int i = 0; i < 4; i++) {
        if (p[i] == 0) {
            if (q[i] < 0) return false;
        } else if (p[i] < 0) {
            first = fmax(first, q[i] / p[i]);
        } else {
            last = fmin(last, q[i] / p[i]);
        }
    }
    if (!(first <= last)) return false;
    PathPoint a = *from, b = *to;
    double dz = b.z - a.z;
    float dt = b.t - a.t;
    *from = (PathPoint){a.a + first * d[0], a.b + first * d[1], a.z + first * dz,
                        a.t + (float)first * dt};
    *to =
        (PathPoint){a.a + last * d[0], a.b + last * d[1], a.z + last * dz, a.t + (float)last * dt};
    return true;
}

/// Connected points of the path, handed to the scene when full or when the path leaves the plot.
typedef struct Piece {
    float xyz[PIECE_MAX][3];
    Color colors[PIECE_MAX];
    int n;
    PathPoint end;
} Piece;

static void put_point(Piece *piece, const ViewContext *context, const Plot3d *plot, PathPoint p,
                      float alpha) {
    plot3d_world(plot, p.a, p.b, p.z, piece->xyz[piece->n]);
    piece->colors[piece->n++] =
        color_alpha(color_mix(context->theme->path_old, context->theme->path_new, p.t), alpha);
    piece->end = p;
}

static void flush_piece(Piece *piece, const ViewContext *context, float alpha) {
    if (piece->n > 1) {
        bool ghost = alpha < 1;
        scene_line(context->gfx, piece->xyz[0], piece->colors, piece->n,
                   PATH_WIDTH * context->scale,
                   color_alpha(context->theme->halo, ghost ? 0 : 0.75f),
                   ghost ? 0 : PATH_HALO * context->scale, BIAS_PATH);
    }
    piece->n = 0;
}

/// The distance between two of its points as drawn.
static float drawn_distance(const Plot3d *plot, const PathPoint *from, const PathPoint *to) {
    float a[3], b[3];
    plot3d_world(plot, from->a, from->b, from->z, a);
    plot3d_world(plot, to->a, to->b, to->z, b);
    float d = hypotf(hypotf(b[0] - a[0], b[1] - a[1]), b[2] - a[2]);
    return isfinite(d) ? d : 0;
}

/// How far the path gets from its start, as drawn.
static float path_reach(const LandscapeState *state, const PathView *view, const Plot3d *plot) {
    PathPoint start = path_point(state, view, 0);
    float reach = 0;
    for (int i = 0; i < view->count; i = next_index(view, i)) {
        PathPoint p = path_point(state, view, next_index(view, i));
        reach = fmaxf(reach, drawn_distance(plot, &start, &p));
    }
    return reach;
}

/// Where on the way from old to new a point lies: by how far the path had got from its start, since
/// most epochs pass near the end, and a little by epochs, so that it never stands still.
static float age(float gone, float reach, int i, int count) {
    float by_epochs = (float)i / (float)count;
    return reach > 0 ? (1 - AGE_BY_EPOCHS) * gone / reach + AGE_BY_EPOCHS * by_epochs : by_epochs;
}

static void draw_path(const LandscapeState *state, const ViewContext *context, const Plot3d *plot,
                      float alpha) {
    PathView view;
    if (!path_view(state, context->run, &view)) return;
    PathPoint start = path_point(state, &view, 0);
    float reach = path_reach(state, &view, plot), gone = 0;
    Piece piece;
    piece.n = 0;
    for (int i = 0; i < view.count; i += view.stride) {
        int next = next_index(&view, i);
        PathPoint from = path_point(state, &view, i), to = path_point(state, &view, next);
        from.t = age(gone, reach, i, view.count);
        gone = fmaxf(gone, drawn_distance(plot, &start, &to));
        to.t = age(gone, reach, next, view.count);
        bool fine = isfinite(from.z) && isfinite(to.z) && cut_segment(&state->survey, &from, &to);
        bool joins = fine && piece.n > 0 && piece.end.a == from.a && piece.end.b == from.b;
        if (!joins || piece.n == PIECE_MAX) {
            PathPoint end = piece.end;
            flush_piece(&piece, context, alpha);
            if (!fine) continue;
            put_point(&piece, context, plot, joins ? end : from, alpha);
        }
        put_point(&piece, context, plot, to, alpha);
    }
    flush_piece(&piece, context, alpha);
}

// ---- the ball -----------------------------------------------------------------------------------

static bool here_inside(const Survey *survey) {
    return survey->here[0] >= survey->a[0] && survey->here[0] <= survey->a[1] &&
           survey->here[1] >= survey->b[0] && survey->here[1] <= survey->b[1];
}

static void draw_ball(const LandscapeState *state, const ViewContext *context, const Plot3d *plot,
                      float alpha) {
    const Survey *survey = &state->survey;
    if (!isfinite(survey->here_loss)) return;
    float at[3], radius = BALL * context->scale;
    bool inside = here_inside(survey); // else it waits, small, at the border
    plot3d_world(plot, survey->here[0], survey->here[1], survey->here_loss, at);
    scene_ball(context->gfx, at, inside ? radius : 0.6f * radius,
               color_alpha(context->theme->ball, alpha), color_alpha(context->theme->halo, alpha),
               1.6f * context->scale, BIAS_BALL);
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
    PathView view;
    bool has_path = path_view(state, context->run, &view);
    Camera best = state->camera;
    float best_score = -1;
    for (int quarter = 0; quarter < 4; quarter++) {
        Camera camera = state->camera;
        camera.yaw += (float)quarter * QUARTER_TURN;
        PathPoint here = {survey->here[0], survey->here[1], survey->here_loss, 1};
        float world[3], seen = 0, points = 0;
        for (int i = 0; has_path && i < view.count; i += 1 + view.count / 64) {
            PathPoint p = path_point(state, &view, i);
            plot3d_world(plot, p.a, p.b, p.z, world);
            points++;
            seen += is_seen(survey, world, &camera) ? 1 : 0;
        }
        plot3d_world(plot, here.a, here.b, here.z, world);
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

static void draw_note(const LandscapeState *state, const ViewContext *context) {
    char text[160] = "", number[32];
    const Survey *survey = &state->survey;
    if (state->z.flat) {
        snprintf(text, sizeof text, "%s",
                 view_text(context, "flat: the loss changes by less than 0.1 % here",
                           "平坦：此处损失变化小于 0.1 %"));
    } else if (state->z.clipped) {
        number_print_short(state->z.hi, 3, number, sizeof number);
        snprintf(text, sizeof text, view_text(context, "clipped at %s", "截断于 %s"), number);
    }
    if (!here_inside(survey)) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "%s%s", used ? " · " : "",
                 view_text(context, "the present weights lie outside", "当前权重在范围之外"));
    }
    TextStyle style = {
        .size = 12 * context->scale, .align = TEXT_LEFT, .color = context->theme->muted};
    Rect r = context->area;
    if (text[0] && r.h > 60 * context->scale) {
        draw_text_fit(context->gfx, &style, r.x + 4 * context->scale,
                      r.y + r.h - 8 * context->scale, r.w - 8 * context->scale, text);
    }
}

void landscape_draw(void *state_, const ViewContext *context) {
    LandscapeState *state = state_;
    size_t at;
    for (int i = 0; i < 2; i++) {
        Error error;
        if (network_locate(&context->run->net, state->axes[i], &at, &error)) continue;
        view_say(context, error.text);
        return;
    }
    const Survey *survey = &state->survey;
    if (!survey->valid || survey->generation != context->run->generation) {
        view_say(context, view_text(context, "surveying…", "正在测量…"));
        return;
    }
    if (!isfinite(survey->min) || !isfinite(survey->max)) {
        view_say(context, view_text(context, "the loss is not a finite number anywhere here",
                                    "此处的损失都不是有限数"));
        return;
    }
    Rect view = context->area;
    if (view.w < 16 || view.h < 16) return;
    char labels[2][32];
    Plot3d plot = landscape_plot(state, context, view, labels);
    update_mesh(state, context->gfx, &plot);
    if (!state->mesh) return;
    if (state->choose_side) {
        choose_side(state, context, &plot);
        plot = landscape_plot(state, context, view, labels);
    }
    plot3d_box(context->gfx, context->theme, &plot);
    gfx_flush(context->gfx);
    mat4 matrix;
    camera_matrix(&plot.camera, view, matrix);
    draw_surface(state, context, matrix);
    scene_begin(context->gfx, view, matrix, false);
    draw_path(state, context, &plot, GHOST_PATH);
    draw_ball(state, context, &plot, GHOST_BALL);
    scene_end(context->gfx);
    scene_begin(context->gfx, view, matrix, true);
    draw_path(state, context, &plot, 1);
    draw_ball(state, context, &plot, 1);
    scene_end(context->gfx);
    draw_note(state, context);
}

// ---- read-outs ----------------------------------------------------------------------------------

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
                     PathPoint p, int64_t epoch, float *best, Reading *reading) {
    if (!isfinite(p.z) || p.a < survey->a[0] || p.a > survey->a[1] || p.b < survey->b[0] ||
        p.b > survey->b[1]) {
        return;
    }
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
    PathPoint here = {survey->here[0], survey->here[1], survey->here_loss, 1};
    consider(survey, context, plot, here, survey->epoch, &best, reading);
    if (best < near) return true;
    PathView view;
    if (!path_view(state, context->run, &view)) return false;
    for (int i = 0; i < view.count; i += view.stride) {
        consider(survey, context, plot, path_point(state, &view, i), view.path->epoch[i], &best,
                 reading);
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
