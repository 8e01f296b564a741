/// A small landscape for every layer: in each the loss over two weights of the layer's first neuron
/// in one colour, and over two of its second in another. Both are seen as changes from the present
/// weights, so that the surfaces of a cell cross where the network is; all cells share one loss
/// axis and one camera, so that they compare.
///
/// What it does not do: measure (train/observe_neurons.c), draw (landscapes_draw.c).
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plot/marks.h"
#include "views/landscapes_state.h"
#include "views/orbit.h"

enum {
    FEW_SURFACES = 8, // each of which has time for a finer grid,
    FINE_GRID = 64,   // where there is room
    LONG_CHAIN = 7,
    PRIORITY = -12, // much work: others' surveys come first several times
    GRID = 32,
    SURFACES_MAX = NETWORK_LAYERS_MAX * NEURONS_SEEN
};

#define REACH        5.0
#define LEGEND       24.0f
#define LEGEND_LEAST 17.0f  // less would cut its text
#define FINE_ROOM    190.0f // pixels, the side of a cell from which on a finer grid shows
#define ASPECT       1.3f   // a cell's width by its height where its plot fills it
#define WIDEST       1.7f   // cells by their height and
#define HIGHEST      0.9f   // by their width, at most
#define WORTH        1.05f  // by which more rows must make plots larger
#define NEAR_UNITS   9.0f   // how near to the ball the pointer must be
#define LONG_TITLE   270.0f // the least width that it is for
/// The axis ends a little above what this share of the surfaces reach, or one parabola of an
/// output's weights would flatten all others.
#define HELD  0.85
#define ABOVE 0.10
/// Where the losses differ by a smaller share than this the axis begins at zero: a plateau is to
/// look like one.
#define PLATEAU    0.02
#define LOG_LEAST  1e-9 // of its upper end, the least that a logarithmic axis begins with
#define AXIS_SLACK 0.04
#define AXIS_USED  0.6

static float aspect(const Experiment *experiment) {
    const int cells = experiment->n_layers;
    const int columns = cells <= 3 ? cells : (int)ceilf(sqrtf((float)cells));
    const int rows = (cells + columns - 1) / columns;
    const float height = VIEW_FIGURE_WIDTH / (float)columns / ASPECT;
    return VIEW_FIGURE_WIDTH / ((float)rows * height + LEGEND);
}

static void release_surfaces(LandscapesState *state) {
    for (int s = 0; state->surfaces && s < state->n_layers * NEURONS_SEEN; s++) {
        if (state->surfaces[s].mesh) surface_mesh_destroy(state->surfaces[s].mesh);
    }
    free(state->surfaces);
    free(state->heights);
    free(state->params);
    state->surfaces = NULL;
    state->heights = state->params = NULL;
    state->n_layers = state->columns = 0;
    state->serial = 0;
    state->z.set = false;
    state->read.valid = false;
}

static void init(void *state_, const Experiment *experiment) {
    LandscapesState *state = state_;
    (void)experiment;
    state->reach = REACH;
    state->camera = orbit_default();
}

static void deinit(void *state_) {
    LandscapesState *state = state_;
    release_surfaces(state);
    probe_deinit(&state->probe);
}

static void weights(const Experiment *experiment, float *width, float *height) {
    *width = 1;
    *height = experiment->n_layers > LONG_CHAIN ? 0.58f : 0.29f;
}

/// How many points a side the surfaces have.
static int grid_of(const ViewContext *context) {
    const Rect area = context->area;
    const int layers = context->run->net.n_layers;
    const bool room = context->numbers || area.w * area.h >= FINE_ROOM * FINE_ROOM * (float)layers;
    return room && layers * NEURONS_SEEN <= FEW_SURFACES ? FINE_GRID : GRID;
}

static bool has_surfaces(const Snapshot *run) {
    ParamRef axes[2];
    for (int layer = 0; layer < run->net.n_layers; layer++) {
        if (neuron_axes(&run->net, run->data, layer, 0, axes)) return true;
    }
    return false;
}

static int request(void *state_, const ViewContext *context, ObservationRequest *requests) {
    const LandscapesState *state = state_;
    if (!has_surfaces(context->run)) return 0;
    requests[0].kind = OBSERVE_NEURONS;
    requests[0].priority = PRIORITY;
    requests[0].neurons.reach = state->reach;
    requests[0].neurons.grid = grid_of(context);
    return 1;
}

const Observation *landscapes_shown(const LandscapesState *state, const ViewContext *context) {
    const Observation *o = view_observation(context, 0, OBSERVE_NEURONS);
    bool fine = o && o->values && o->centres && state->surfaces &&
                state->generation == o->generation && state->n_layers == o->n_layers &&
                state->side == o->grid[0];
    return fine ? o : NULL;
}

// ---- surfaces -----------------------------------------------------------------------------------

/// Makes the surfaces of this run's layers, where they are another's or have another grid.
static bool follow(LandscapesState *state, const ViewContext *context, int side) {
    const Snapshot *run = context->run;
    if (state->surfaces && state->generation == run->generation && state->side == side) return true;
    release_surfaces(state);
    size_t n = (size_t)run->net.n_layers * NEURONS_SEEN, points = (size_t)side * (size_t)side;
    state->surfaces = calloc(n, sizeof *state->surfaces);
    state->heights = malloc((n + 3) * points * sizeof *state->heights);
    state->params = malloc(run->net.n_params * sizeof *state->params);
    if (!state->surfaces || !state->heights || !state->params) {
        release_surfaces(state);
        return false;
    }
    state->scratch = state->heights + n * points;
    state->n_layers = run->net.n_layers;
    state->side = side;
    state->generation = run->generation;
    for (size_t s = 0; s < n; s++) {
        NeuronSurface *surface = &state->surfaces[s];
        surface->heights = state->heights + s * points;
        surface->there = neuron_axes(&run->net, run->data, (int)s / NEURONS_SEEN,
                                     (int)s % NEURONS_SEEN, surface->axes);
        if (!surface->there) continue;
        surface->mesh = surface_mesh_create_small(context->gfx, side, 2 * side);
        if (!surface->mesh) surface->there = false;
    }
    return true;
}

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/// What most of the surfaces stay below; NaN where none has a finite loss.
static double usual_top(const Observation *o) {
    double tops[SURFACES_MAX];
    int n = 0;
    size_t points = (size_t)o->grid[0] * (size_t)o->grid[1];
    for (int s = 0; s < o->n_layers * NEURONS_SEEN; s++) {
        double top = -HUGE_VAL;
        const float *values = o->values + (size_t)s * points;
        for (size_t i = 0; i < points; i++) {
            if (isfinite(values[i])) top = fmax(top, (double)values[i]);
        }
        if (isfinite(top)) tops[n++] = top;
    }
    if (n == 0) return (double)NAN;
    qsort(tops, (size_t)n, sizeof tops[0], compare_doubles);
    return tops[(int)(HELD * (n - 1))];
}

/// The distance of two values on the axis, in its own measure.
static double axis_span(bool log, double lo, double hi) {
    return log ? log10(hi / lo) : hi - lo;
}

/// Fits the axis to the data where it must: where the data leave it, or use too little of it.
/// @return whether it has changed
static bool fit_axis(LandscapesState *state, const Observation *o) {
    SharedAxis *z = &state->z;
    double lo = o->min, hi = o->max, top = usual_top(o);
    if (state->log) {
        if (!(hi > 0)) hi = 1;
        lo = fmax(lo, LOG_LEAST * hi);
        top = lo * pow(fmax(top, lo) / lo, 1 + ABOVE);
    } else {
        top += ABOVE * (top - lo);
    }
    if (hi > top && top > lo) hi = top;
    if (hi - lo < PLATEAU * fmax(fabs(lo), fabs(hi))) {
        lo = state->log ? lo / 4 : lo > 0 ? 0 : 2 * lo;
        hi = state->log ? hi * 2 : hi > 0 ? 1.5 * hi : 0;
    }
    if (!(hi > lo)) hi = lo + 1;
    bool clipped = o->max > hi;
    bool within = z->set && lo >= z->lo && hi <= z->hi && clipped == z->clipped &&
                  axis_span(state->log, lo, hi) >= AXIS_USED * axis_span(state->log, z->lo, z->hi);
    if (within) return false;
    *z = (SharedAxis){.set = true, .clipped = clipped};
    if (state->log) {
        double room = pow(hi / lo, AXIS_SLACK / 2);
        z->lo = lo / room;
        z->hi = hi * room;
    } else {
        double room = AXIS_SLACK * (hi - lo);
        z->lo = lo >= 0 ? fmax(0, lo - room) : lo - room;
        z->hi = hi + room;
    }
    return true;
}

// ---- where the cells lie ------------------------------------------------------------------------

Rect landscapes_cut_legend(Rect *area, float scale) {
    const float least = LEGEND_LEAST * scale;
    const float height = fminf(LEGEND * scale, fmaxf(0.15f * area->h, least));
    return rect_cut_bottom(area, least < 0.3f * area->h ? height : 0);
}

/// As many rows as make the plots largest.
static void arrange(LandscapesState *state, Rect area) {
    int cells = state->n_layers;
    float best = 0;
    for (int rows = 1; rows <= cells; rows++) {
        int columns = (cells + rows - 1) / rows;
        if ((columns - 1) * rows >= cells && columns > 1) continue; // fewer columns would do
        float size = fminf(area.w / (float)columns / ASPECT, area.h / (float)rows);
        if (size <= WORTH * best) continue;
        best = size;
        state->columns = columns;
        state->rows = rows;
    }
}

Rect landscapes_cell(const LandscapesState *state, Rect area, float scale, int layer) {
    landscapes_cut_legend(&area, scale);
    int row = layer / state->columns, column = layer % state->columns;
    int left = state->n_layers - row * state->columns;
    int in_row = left < state->columns ? left : state->columns;
    float step_x = area.w / (float)state->columns, step_y = area.h / (float)state->rows;
    float start = (area.w - step_x * (float)in_row) / 2;
    // No wider and no higher than the plot needs, so that the caption stays beside it.
    float w = fminf(step_x, WIDEST * step_y), h = fminf(step_y, HIGHEST * step_x);
    return (Rect){area.x + start + step_x * (float)column + (step_x - w) / 2,
                  area.y + step_y * (float)row + (step_y - h) / 2, w, h};
}

static int cell_at(const LandscapesState *state, const ViewContext *context) {
    for (int layer = 0; layer < state->n_layers; layer++) {
        Rect cell = landscapes_cell(state, context->area, context->scale, layer);
        if (rect_contains(cell, context->x, context->y)) return layer;
    }
    return -1;
}

// ---- the picture --------------------------------------------------------------------------------

/// @param why  set where there is nothing to show
static bool has_losses(const ViewContext *context, const Observation *o, const char **why) {
    if (!has_surfaces(context->run)) {
        *why = view_text(context, "no neuron here has two weights to look along",
                         "这里没有具有两个权重的神经元");
        return false;
    }
    if (!o || !o->values || !o->centres) {
        *why = view_text(context, "surveying…", "正在测量…");
        return false;
    }
    if (isfinite(o->min)) return true;
    *why = view_text(context, "the loss is not a finite number anywhere here",
                     "此处的损失都不是有限数");
    return false;
}

static void draw(void *state_, const ViewContext *context) {
    LandscapesState *state = state_;
    const Observation *o = NULL, *found = view_observation(context, 0, OBSERVE_NEURONS);
    bool ready = found && found->generation == context->run->generation &&
                 has_surfaces(context->run) && follow(state, context, found->grid[0]);
    if (ready) o = landscapes_shown(state, context);
    const char *why;
    if (!has_losses(context, o, &why)) {
        view_say(context, why);
        return;
    }
    Rect area = context->area;
    if (area.w < 32 || area.h < 32) return;
    // At rest it is fitted to what is there, whatever it was while things moved; not in a film.
    const bool still = context->resting && context->run->state != RUN_RUNNING;
    if (state->drawn_log != state->log || still) state->z.set = false;
    bool fitted = fit_axis(state, o);
    bool stale = fitted || state->serial != o->serial;
    state->drawn_log = state->log;
    state->serial = o->serial;
    Rect strip = landscapes_cut_legend(&area, context->scale);
    arrange(state, area);
    if (stale) landscapes_update(state, o);
    landscapes_draw_cells(state, context, o);
    landscapes_draw_legend(state, context, strip);
}

// ---- read-outs ----------------------------------------------------------------------------------

static bool same_camera(const Camera *a, const Camera *b) {
    return a->yaw == b->yaw && a->pitch == b->pitch && a->zoom == b->zoom &&
           a->pan[0] == b->pan[0] && a->pan[1] == b->pan[1];
}

/// The loss with the two weights of the read-out as it says, computed.
static double loss_there(LandscapesState *state, const Snapshot *run, size_t samples) {
    const Network *net = &run->net;
    memcpy(state->params, net->params, net->n_params * sizeof *state->params);
    for (int i = 0; i < 2; i++) {
        size_t at;
        ParamRef ref = state->surfaces[state->read.surface].axes[i];
        if (!network_locate(net, ref, &at, NULL)) return (double)NAN;
        state->params[at] = (float)state->read.at[i];
    }
    return probe_loss_picked(&state->probe, run, state->params, samples);
}

/// Finds the surface under the pointer, the nearer one of two, and computes the loss there.
static void read_surface(LandscapesState *state, const ViewContext *context, const Observation *o,
                         int layer) {
    Plot3d plot = landscapes_plot(state, context, layer);
    float nearest = HUGE_VALF;
    state->read.hit = false;
    for (int k = 0; k < NEURONS_SEEN; k++) {
        int s = layer * NEURONS_SEEN + k;
        const NeuronSurface *surface = &state->surfaces[s];
        double at[2];
        if (!surface->there || !plot3d_pick(&plot, surface->heights, o->grid[0], o->grid[1],
                                            context->x, context->y, &at[0], &at[1])) {
            continue;
        }
        float world[3], screen[2], depth;
        int i = (int)lrint((at[0] / state->reach + 1) / 2 * (o->grid[0] - 1));
        int j = (int)lrint((at[1] / state->reach + 1) / 2 * (o->grid[1] - 1));
        plot3d_world(&plot, at[0], at[1], 0, world);
        world[2] = surface->heights[i * o->grid[1] + j];
        camera_project(&plot.camera, plot.view, world, screen, &depth);
        if (!(depth < nearest)) continue;
        nearest = depth;
        state->read.hit = true;
        state->read.surface = s;
        for (int axis = 0; axis < 2; axis++) {
            state->read.at[axis] = (double)o->centres[2 * s + axis] + at[axis];
        }
    }
    if (state->read.hit) state->read.loss = loss_there(state, context->run, o->samples);
}

static bool on_ball(const LandscapesState *state, const ViewContext *context, const Observation *o,
                    int layer, float screen[2]) {
    Plot3d plot = landscapes_plot(state, context, layer);
    float world[3];
    if (!isfinite(o->here_loss) || !state->surfaces[(size_t)layer * NEURONS_SEEN].there)
        return false;
    plot3d_world(&plot, 0, 0, o->here_loss, world);
    camera_project(&plot.camera, plot.view, world, screen, NULL);
    return hypotf(screen[0] - context->x, screen[1] - context->y) < NEAR_UNITS * context->scale;
}

static void mark(const ViewContext *context, float x, float y, Color color) {
    draw_circle(context->gfx, x, y, 4.5f * context->scale, context->theme->halo);
    draw_circle(context->gfx, x, y, 3 * context->scale, color);
}

static void say_ball(const ViewContext *context, const Observation *o, const float screen[2]) {
    const char *labels[2] = {view_text(context, "epoch", "轮次"), view_loss(context)};
    const char *values[2];
    char text[2][48];
    count_print(o->epoch, text[0], sizeof text[0]);
    number_print(o->here_loss, 4, text[1], sizeof text[1]);
    for (int i = 0; i < 2; i++) values[i] = text[i];
    mark(context, screen[0], screen[1], context->theme->text);
    marks_readout(context->gfx, context->theme, context->scale, context->area, screen[0], screen[1],
                  labels, values, NULL, 2);
}

static void say_surface(const LandscapesState *state, const ViewContext *context,
                        const Observation *o) {
    int s = state->read.surface, layer = s / NEURONS_SEEN, neuron = s % NEURONS_SEEN;
    const NeuronSurface *surface = &state->surfaces[s];
    Color color = landscapes_color(context->theme, neuron);
    Color clear = {0, 0, 0, 0}, swatch[4] = {color, clear, clear, clear};
    const char *labels[4], *values[4];
    char names[3][48], text[4][48];
    landscapes_layer_name(context, layer, names[2], sizeof names[2]);
    labels[0] = names[2];
    snprintf(text[0], sizeof text[0], view_text(context, "neuron %d", "神经元 %d"), neuron + 1);
    for (int i = 0; i < 2; i++) {
        view_param_label(surface->axes[i], names[i], sizeof names[i]);
        labels[1 + i] = names[i];
        number_print(state->read.at[i], 4, text[1 + i], sizeof text[1 + i]);
    }
    labels[3] = view_loss(context);
    number_print(state->read.loss, 4, text[3], sizeof text[3]);
    for (int i = 0; i < 4; i++) values[i] = text[i];
    float x = context->x, y = context->y;
    if (isfinite(state->read.loss)) {
        Plot3d plot = landscapes_plot(state, context, layer);
        float world[3], screen[2];
        plot3d_world(&plot, state->read.at[0] - (double)o->centres[2 * (size_t)s],
                     state->read.at[1] - (double)o->centres[2 * (size_t)s + 1], state->read.loss,
                     world);
        camera_project(&plot.camera, plot.view, world, screen, NULL);
        x = screen[0];
        y = screen[1];
    }
    mark(context, x, y, context->theme->text);
    marks_readout(context->gfx, context->theme, context->scale, context->area, x, y, labels, values,
                  swatch, 4);
}

static void overlay(void *state_, const ViewContext *context) {
    LandscapesState *state = state_;
    const Observation *o = landscapes_shown(state, context);
    if (!context->hover || !o || state->serial != o->serial || !isfinite(o->min)) return;
    int layer = cell_at(state, context);
    if (layer < 0) return;
    float ball[2];
    if (on_ball(state, context, o, layer, ball)) {
        say_ball(context, o, ball);
        return;
    }
    bool known = state->read.valid && state->read.x == context->x && state->read.y == context->y &&
                 state->read.snapshot == context->run->serial && state->read.serial == o->serial &&
                 same_camera(&state->read.camera, &state->camera);
    if (!known) {
        state->read.valid = true;
        state->read.x = context->x;
        state->read.y = context->y;
        state->read.snapshot = context->run->serial;
        state->read.serial = o->serial;
        state->read.camera = state->camera;
        read_surface(state, context, o, layer);
    }
    if (state->read.hit) say_surface(state, context, o);
}

// ---- the rest of a view -------------------------------------------------------------------------

static const char *heading(const void *state, const ViewContext *context) {
    (void)state;
    if (context->area.w < LONG_TITLE * context->scale)
        return view_text(context, "All layers", "各层地形");
    return view_text(context, view_type_landscapes.title, view_type_landscapes.title_zh);
}

static void subtitle(const void *state_, const ViewContext *context, char *text, size_t size) {
    const LandscapesState *state = state_;
    const Observation *o = landscapes_shown(state, context);
    snprintf(text, size, "%s",
             view_text(context, "each layer's first two neurons", "各层的前两个神经元"));
    if (!o) return;
    size_t used = strlen(text);
    snprintf(text + used, size - used, "   %s %d×%d", view_text(context, "surveyed", "测量"),
             o->grid[0], o->grid[1]);
    used = strlen(text);
    view_samples(context, o->samples, context->run->data->n_train, text + used, size - used);
}

static void header(void *state_, Ui *ui, const ViewContext *context, Rect *r,
                   ViewActions *actions) {
    (void)actions;
    LandscapesState *state = state_;
    const char *log = view_text(context, "log", "对数");
    float width = view_toggle_width(ui, log);
    if (r->w < width) return;
    ui_toggle(ui, "landscapes.log", rect_cut_right(r, width), log, &state->log);
}

/// The camera is turned as if the cell under the pointer were the whole view.
static bool event(void *state_, const ViewContext *context, const ViewEvent *e,
                  ViewActions *actions) {
    (void)actions;
    LandscapesState *state = state_;
    ViewEvent in_cell = *e;
    if (state->columns > 0) in_cell.area = landscapes_cell(state, e->area, context->scale, 0);
    return orbit_event(&state->camera, &in_cell);
}

static void turn_camera(void *state, float radians) {
    orbit_turn(&((LandscapesState *)state)->camera, radians);
}

// ---- numbers ------------------------------------------------------------------------------------

static void write_surface(const Observation *o, int layer, int neuron, const ParamRef axes[2],
                          Table *out) {
    const int s = layer * NEURONS_SEEN + neuron, rows = o->grid[0], columns = o->grid[1];
    const float *values = o->values + (size_t)s * (size_t)rows * (size_t)columns;
    const float *centre = o->centres + 2 * (size_t)s;
    char names[2][32];
    for (int k = 0; k < 2; k++) param_ref_print(axes[k], names[k], sizeof names[k]);
    // The last one is where the network is.
    for (int i = 0; i <= rows * columns && !table_failed(out); i++) {
        const bool here = i == rows * columns;
        const double a = here ? 0 : o->values_a[i / columns],
                     b = here ? 0 : o->values_b[i % columns];
        table_text(out, here ? "here" : "surface");
        table_integer(out, layer);
        table_integer(out, neuron);
        for (int k = 0; k < 2; k++) table_text(out, names[k]);
        table_double(out, (double)centre[0] + a);
        table_double(out, (double)centre[1] + b);
        if (here)
            table_double(out, o->here_loss);
        else
            table_float(out, values[i]);
        table_end_row(out);
    }
}

static bool table(const void *state, const ViewContext *context, Table *out, Error *error) {
    (void)state;
    const Observation *o = view_observation(context, 0, OBSERVE_NEURONS);
    const char *why;
    if (!has_losses(context, o, &why)) return error_set(error, "%s", why);
    table_header(out, "part,layer,neuron,axis_a,axis_b,a,b,loss");
    for (int s = 0; s < o->n_layers * NEURONS_SEEN; s++) {
        ParamRef axes[2];
        const int layer = s / NEURONS_SEEN, neuron = s % NEURONS_SEEN;
        if (neuron_axes(&context->run->net, context->run->data, layer, neuron, axes))
            write_surface(o, layer, neuron, axes, out);
    }
    return true;
}

const ViewType view_type_landscapes = {
    .id = "landscapes",
    .title = "Landscapes of all layers",
    .title_zh = "各层的损失地形",
    .description = "the loss over two weights of every layer's first two neurons",
    .description_zh = "每层前两个神经元的两个权重上的损失",
    .aspect = aspect,
    .state_size = sizeof(LandscapesState),
    .depth = true,
    .weights = weights,
    .heading = heading,
    .init = init,
    .deinit = deinit,
    .subtitle = subtitle,
    .header = header,
    .observe = request,
    .pause = 0.12,
    .draw = draw,
    .table = table,
    .overlay = overlay,
    .turn = turn_camera,
    .event = event,
};
