/// Draws the cells of all layers' landscapes: two surfaces that cross at the present weights, lit
/// and in the shades of their colours. What one surface hides of the other shines through it, and
/// so do the ways that training took and the ball.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "gfx/text.h"
#include "views/landscapes_state.h"
#include "views/orbit.h"

enum {
    PATH_DRAWN = 200,
    PATH_OF_MANY = 80, // where there are more surfaces than MANY
    MANY = 8,
    CONTOURS = 16
};

#define RED_DARK   0xF24A38
#define RED_LIGHT  0xC92A1C
#define FLOOR_GAP  0.06f // of the axis: the room between the floor and the lowest losses
#define LEVEL_MOST 4.0 // losses beyond the axis go on so far, for a smooth edge where they are cut
#define APART      0.016f // in the world, where both surfaces are one: the lower is to be seen
#define TOUCHING   0.01f  // of the axis: surfaces nowhere farther apart than that are one
#define HIDDEN     0.13f
#define GHOST      0.35f
#define PATH_WIDTH 2.0f
#define PATH_HALO  1.0f
#define BALL       5.5f
#define BIAS_PATH  3e-3f
#define BIAS_BALL  1.2e-2f
#define CAPTION    18.0f
#define SMALL_CELL 110.0f // wide: its caption is smaller
// Room around a box, in units, and from which width on a cell's axes are labelled.
#define MARGIN    6.0f
#define TICK_ROOM 36.0f
#define NAME_ROOM 30.0f
#define SHOW_LOSS 190.0f
#define SHOW_ALL  300.0f

// ---- what a cell is -----------------------------------------------------------------------------

Color landscapes_color(const Theme *theme, int neuron) {
    return neuron == 0 ? theme->train : color_hex(theme->dark ? RED_DARK : RED_LIGHT);
}

void landscapes_layer_name(const ViewContext *context, int layer, char *text, size_t size) {
    if (layer == context->run->net.n_layers - 1) {
        snprintf(text, size, "%s", view_text(context, "output", "输出"));
        return;
    }
    char index[16];
    view_subscript(layer + 1, index, sizeof index);
    snprintf(text, size, "h%s", index);
}

static double log_or_not(bool log, double v) {
    return log ? log10(v) : v;
}

static Axis3d loss_axis(const LandscapesState *state) {
    double lo = state->z.lo, hi = state->z.hi;
    double below =
        (double)FLOOR_GAP * (log_or_not(state->drawn_log, hi) - log_or_not(state->drawn_log, lo));
    return (Axis3d){.lo = state->drawn_log ? lo / pow(10, below) : lo - below,
                    .hi = hi,
                    .log = state->drawn_log,
                    .positive = true};
}

Plot3d landscapes_plot(const LandscapesState *state, const ViewContext *context, int layer) {
    float scale = context->scale;
    Rect view = landscapes_cell(state, context->area, context->scale, layer), room = view;
    bool all = view.w >= SHOW_ALL * scale && view.h >= 0.7f * SHOW_ALL * scale;
    bool loss = all || view.w >= SHOW_LOSS * scale;
    rect_cut_top(&room, fminf(CAPTION * scale, 0.2f * view.h));
    rect_cut_bottom(&room, all ? NAME_ROOM * scale : MARGIN * scale);
    rect_cut_left(&room, all ? NAME_ROOM * scale : MARGIN * scale);
    rect_cut_right(&room, loss ? TICK_ROOM * scale : MARGIN * scale);
    Plot3d plot = {.view = view,
                   .scale = scale,
                   .camera = orbit_camera_within(&state->camera, view, room),
                   .a = {.lo = -state->reach, .hi = state->reach, .plain = !all},
                   .b = {.lo = -state->reach, .hi = state->reach, .plain = !all},
                   .z = loss_axis(state)};
    plot.z.plain = !loss;
    return plot;
}

// ---- surfaces -----------------------------------------------------------------------------------

/// Where a surface's losses lie along the axis: 0…1, beyond it LEVEL_MOST at most; NaN for holes.
static void find_levels(const LandscapesState *state, const float *values, size_t n,
                        float *levels) {
    bool log = state->drawn_log;
    double lo = log_or_not(log, state->z.lo), hi = log_or_not(log, state->z.hi);
    for (size_t i = 0; i < n; i++) {
        double loss = (double)values[i];
        double t = (log_or_not(log, fmax(loss, state->z.lo)) - lo) / (hi - lo);
        levels[i] = isfinite(loss) ? (float)fmin(LEVEL_MOST, fmax(0, t)) : NAN;
    }
}

/// Whether both surfaces of a layer are all but the same.
static bool are_one(const float *levels, const float *others, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (!(fabsf(levels[i] - others[i]) < TOUCHING)) return false;
    }
    return true;
}

void landscapes_update(LandscapesState *state, const Observation *o) {
    size_t points = (size_t)o->grid[0] * (size_t)o->grid[1];
    float *heights = state->scratch, *levels = heights + points, *others = levels + points;
    state->holes = false;
    for (int s = 0; s < o->n_layers * NEURONS_SEEN; s++) {
        NeuronSurface *surface = &state->surfaces[s];
        if (!surface->there) continue;
        bool second = s % NEURONS_SEEN > 0;
        if (second) memcpy(others, levels, points * sizeof *levels);
        find_levels(state, o->values + (size_t)s * points, points, levels);
        float lower = second && are_one(levels, others, points) ? APART : 0;
        for (size_t i = 0; i < points; i++) {
            heights[i] = (levels[i] + FLOOR_GAP) / (1 + FLOOR_GAP) * PLOT3D_HEIGHT - lower;
            surface->heights[i] = levels[i] <= 1 ? heights[i] : NAN; // what is cut cannot be hit
            state->holes = state->holes || isnan(levels[i]);
        }
        surface_mesh_update(surface->mesh, heights, levels, o->grid[0], o->grid[1]);
    }
}

/// Each neuron's shades: its colour deepens downward.
static void make_maps(LandscapesState *state, const Theme *theme) {
    if (state->maps_theme == theme) return;
    state->maps_theme = theme;
    for (int k = 0; k < NEURONS_SEEN; k++) {
        Color color = landscapes_color(theme, k);
        Color low = color_mix(color, (Color){0, 0, 0, 1}, 0.30f);
        Color high = color_mix(color, (Color){1, 1, 1, 1}, 0.25f);
        for (int i = 0; i < 256; i++) {
            float t = (float)i / 255;
            state->maps[k][i] =
                t < 0.5f ? color_mix(low, color, 2 * t) : color_mix(color, high, 2 * t - 1);
        }
    }
}

static void draw_surfaces(const LandscapesState *state, const ViewContext *context, int layer,
                          bool hidden) {
    for (int k = 0; k < NEURONS_SEEN; k++) {
        const NeuronSurface *surface = &state->surfaces[(size_t)layer * NEURONS_SEEN + (size_t)k];
        if (!surface->there) continue;
        SurfaceStyle style = {.map = state->maps[k],
                              .alpha = hidden ? HIDDEN : 1,
                              .lit = true,
                              .cut = true,
                              .hidden = hidden,
                              .contour_step = hidden ? 0 : 1.0f / CONTOURS,
                              .contour_offset = 0.5f / CONTOURS,
                              .contour_alpha = 0.30f,
                              .contour_width = context->scale,
                              .contour_color = {1, 1, 1, 1}};
        scene_surface(context->gfx, surface->mesh, &style);
    }
}

// ---- the way here -------------------------------------------------------------------------------

static void draw_path(const LandscapesState *state, const ViewContext *context, const Plot3d *plot,
                      const Observation *o, int s, float alpha) {
    const Snapshot *run = context->run;
    const Path *path = run->path;
    const NeuronSurface *surface = &state->surfaces[s];
    size_t at[2];
    if (!path || !surface->there || !network_locate(&run->net, surface->axes[0], &at[0], NULL) ||
        !network_locate(&run->net, surface->axes[1], &at[1], NULL)) {
        return;
    }
    int count = 0;
    for (int lo = 0, hi = run->path_count; lo < hi;) { // up to the survey's epoch
        int middle = (lo + hi) / 2;
        if (path->epoch[middle] <= o->epoch) {
            lo = count = middle + 1;
        } else {
            hi = middle;
        }
    }
    float xyz[PATH_DRAWN + 2][3];
    Color colors[PATH_DRAWN + 2];
    Color color =
        color_mix(landscapes_color(context->theme, s % NEURONS_SEEN),
                  context->theme->dark ? (Color){1, 1, 1, 1} : (Color){0, 0, 0, 1}, 0.35f);
    int most = state->n_layers * NEURONS_SEEN > MANY ? PATH_OF_MANY : PATH_DRAWN;
    int stride = count / most + 1, n = 0;
    for (int i = 0; i < count + stride; i += stride) {
        double p[2] = {0, 0}, z = o->here_loss; // the last is the present
        if (i < count) {
            const float *w = path->weights + (size_t)i * path->n_params;
            for (int k = 0; k < 2; k++) p[k] = (double)w[at[k]] - (double)o->centres[2 * s + k];
            z = path->loss[i];
        }
        bool inside = fabs(p[0]) <= state->reach && fabs(p[1]) <= state->reach && z <= state->z.hi;
        if (inside) {
            plot3d_world(plot, p[0], p[1], z, xyz[n]);
            float age = count > 0 ? (float)i / (float)count : 1;
            colors[n++] =
                color_alpha(color_mix(context->theme->path_old, color, fminf(age, 1)), alpha);
        }
        if (inside && i < count) continue;
        if (n > 1) {
            float halo = alpha < 1 ? 0 : PATH_HALO * context->scale;
            scene_line(context->gfx, xyz[0], colors, n, PATH_WIDTH * context->scale,
                       color_alpha(context->theme->halo, halo > 0 ? 0.6f : 0), halo, BIAS_PATH);
        }
        n = 0;
    }
}

static void draw_way(const LandscapesState *state, const ViewContext *context, const Plot3d *plot,
                     const Observation *o, int layer, float alpha) {
    // What is hidden shines through where there is time: it costs half a frame more.
    bool paths = alpha == 1 || view_has_time(context);
    for (int k = 0; paths && k < NEURONS_SEEN; k++) {
        draw_path(state, context, plot, o, layer * NEURONS_SEEN + k, alpha);
    }
    if (!isfinite(o->here_loss)) return;
    float at[3], side = fminf(plot->view.w, plot->view.h) / context->scale;
    float radius = fminf(BALL, 0.03f * side) * context->scale;
    plot3d_world(plot, 0, 0, o->here_loss, at);
    scene_ball(context->gfx, at, radius, color_alpha(context->theme->ball, alpha),
               color_alpha(context->theme->halo, alpha), 1.3f * context->scale, BIAS_BALL);
}

// ---- cells --------------------------------------------------------------------------------------

/// "w₂[·,0] × w₂[·,1]": which weights each neuron is seen over.
static void weights_name(const ParamRef axes[2], char *text, size_t size) {
    char index[16];
    size_t used = 0;
    view_subscript(axes[0].layer, index, sizeof index);
    for (int i = 0; i < 2 && used < size; i++) {
        const char *times = i > 0 ? " × " : "";
        if (axes[i].col == PARAM_BIAS) {
            used += (size_t)snprintf(text + used, size - used, "%sb%s", times, index);
        } else {
            used += (size_t)snprintf(text + used, size - used, "%sw%s[·,%d]", times, index,
                                     axes[i].col);
        }
    }
}

/// A cell's caption.
/// @param detailed  with the weights' names  @param drawn  else only the room is told
/// @return whether there is room for the weights' names
static bool draw_caption(const LandscapesState *state, const ViewContext *context, int layer,
                         bool detailed, bool drawn) {
    const Theme *theme = context->theme;
    float scale = context->scale;
    Rect r = landscapes_cell(state, context->area, scale, layer);
    bool small = r.w < SMALL_CELL * scale;
    TextStyle name = {.size = (small ? 11 : 13) * scale, .weight = TEXT_BOLD, .color = theme->text};
    TextStyle detail = {.size = 12 * scale, .color = theme->muted};
    char text[32], weights[64] = "";
    landscapes_layer_name(context, layer, text, sizeof text);
    const NeuronSurface *surface = &state->surfaces[(size_t)layer * NEURONS_SEEN];
    if (surface->there) weights_name(surface->axes, weights, sizeof weights);
    float x = r.x + (small ? 0 : 4) * scale, y = r.y + 0.5f * CAPTION * scale;
    float after = x + text_width(context->gfx, &name, text) + 8 * scale;
    if (drawn) draw_text_fit(context->gfx, &name, x, y, r.x + r.w - x, text);
    if (drawn && detailed) draw_text(context->gfx, &detail, after, y, weights);
    return after + text_width(context->gfx, &detail, weights) + 6 * scale <= r.x + r.w;
}

static void draw_cell(const LandscapesState *state, const ViewContext *context,
                      const Observation *o, int layer, bool detailed) {
    Plot3d plot = landscapes_plot(state, context, layer);
    plot3d_box(context->gfx, context->theme, &plot);
    draw_caption(state, context, layer, detailed, true);
    if (!state->surfaces[(size_t)layer * NEURONS_SEEN].there) return;
    mat4 matrix;
    camera_matrix(&plot.camera, plot.view, matrix);
    scene_begin(context->gfx, plot.view, matrix, true);
    draw_surfaces(state, context, layer, false);
    if (view_has_time(context)) draw_surfaces(state, context, layer, true);
    scene_end(context->gfx);
    scene_begin(context->gfx, plot.view, matrix, false);
    draw_way(state, context, &plot, o, layer, GHOST);
    scene_end(context->gfx);
    scene_begin(context->gfx, plot.view, matrix, true);
    draw_way(state, context, &plot, o, layer, 1);
    scene_end(context->gfx);
}

void landscapes_draw_cells(LandscapesState *state, const ViewContext *context,
                           const Observation *o) {
    make_maps(state, context->theme);
    bool detailed = true; // all captions or none
    for (int layer = 0; layer < state->n_layers; layer++) {
        detailed = detailed && draw_caption(state, context, layer, true, false);
    }
    for (int layer = 0; layer < state->n_layers; layer++) {
        draw_cell(state, context, o, layer, detailed);
    }
}

/// What the legend says of the colours and the ball, as long as there is room for.
/// @return how much of the strip it takes
static float draw_marks(const LandscapesState *state, const ViewContext *context, Rect strip,
                        float y) {
    const Theme *theme = context->theme;
    Gfx *gfx = context->gfx;
    float scale = context->scale, size = 12.5f, gap = 18, widths[3], total = 0;
    bool pairs = false;
    for (int layer = 0; layer < state->n_layers; layer++)
        pairs = pairs || state->surfaces[(size_t)layer * NEURONS_SEEN + 1].there;
    const char *const names[2][3] = {
        {view_text(context, "first neuron", "第一个神经元"),
         view_text(context, "second neuron", "第二个神经元"), view_text(context, "now", "当前")},
        {view_text(context, "first", "第一个"), view_text(context, "second", "第二个"),
         view_text(context, "now", "当前")}};
    TextStyle style = {.color = theme->text};
    int brief = 0;
    for (int tries = 0; tries < 3; tries++) { // as it is, smaller, with fewer words
        if (tries == 1) {
            size = 11;
            gap = 10;
        }
        brief = tries == 2;
        style.size = size * scale;
        total = 6 * scale;
        for (int i = 0; i < 3; i++) {
            if (i == 1 && !pairs) continue;
            widths[i] = text_width(gfx, &style, names[brief][i]);
            total += widths[i] + (20 + (i < 2 ? gap : 0)) * scale;
        }
        if (total <= strip.w) break;
    }
    float x = strip.x + 6 * scale;
    for (int i = 0; i < 3; i++) {
        if (i == 1 && !pairs) continue;
        if (x + 20 * scale + widths[i] > strip.x + strip.w) break;
        Rect swatch = {x, y - 5 * scale, 14 * scale, 10 * scale};
        if (i < NEURONS_SEEN) {
            draw_rect(gfx, swatch, 2 * scale, landscapes_color(theme, i));
        } else {
            draw_circle(gfx, x + 7 * scale, y, 6 * scale, theme->halo);
            draw_circle(gfx, x + 7 * scale, y, 4.6f * scale, theme->ball);
        }
        draw_text(gfx, &style, x + 20 * scale, y, names[brief][i]);
        x += widths[i] + (20 + gap) * scale;
    }
    return total;
}

void landscapes_draw_legend(const LandscapesState *state, const ViewContext *context, Rect strip) {
    if (strip.h <= 0) return;
    Gfx *gfx = context->gfx;
    float scale = context->scale, y = strip.y + 0.5f * strip.h + 2 * scale;
    float x = strip.x + draw_marks(state, context, strip, y) + 18 * scale, end = strip.x + strip.w;
    char text[160], reach[32];
    number_print_short(state->reach, 3, reach, sizeof reach);
    snprintf(text, sizeof text,
             view_text(context, "level: weights, ±%s about now · height: %s%s%s",
                       "水平：权重，当前值 ±%s · 高度：%s%s%s"),
             reach, view_loss(context),
             state->z.clipped ? view_text(context, ", cut off at the top", "，顶部截断") : "",
             state->holes ? view_text(context, ", holes: not finite", "，空洞：非有限数") : "");
    TextStyle note = {.size = 12 * scale, .align = TEXT_RIGHT, .color = context->theme->muted};
    if (x + text_width(gfx, &note, text) > end) return;
    draw_text(gfx, &note, end - 6 * scale, y, text);
}
