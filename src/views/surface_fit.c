/// Truth and prediction as two surfaces over the two inputs, for a regression whose samples lie on
/// a grid: the network's surface as it bends toward the one that it is to learn.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plot/legend.h"
#include "plot/marks.h"
#include "plot/plot3d.h"
#include "views/orbit.h"
#include "views/probe.h"
#include "views/view.h"

enum { FIT_CELLS = 48, CONTOURS = 10, GRID_LINE_MAX = 128 };

#define SLACK 0.05

typedef struct State {
    Camera camera;
    SurfaceMesh *truth, *prediction;
    float *memory;  // heights and levels of the prediction, each (FIT_CELLS, FIT_CELLS)
    float *heights; // of the prediction, as drawn
    double z_lo, z_hi;
    bool shown;
    uint64_t generation; // that z belongs to
    Probe probe;
} State;

static float aspect(const Experiment *experiment) {
    (void)experiment;
    return 1.38f;
}

static void init(void *state_, const Experiment *experiment) {
    (void)experiment;
    State *state = state_;
    state->camera = orbit_default();
}

static void deinit(void *state_) {
    State *state = state_;
    if (state->truth) surface_mesh_destroy(state->truth);
    if (state->prediction) surface_mesh_destroy(state->prediction);
    probe_deinit(&state->probe);
    free(state->memory);
}

static void weights(const Experiment *experiment, float *width, float *height) {
    (void)experiment;
    *width = 0.45f;
    *height = 0.45f;
}

/// Whether there is a truth to draw.
static bool on_grid(const Dataset *data) {
    return data->n_inputs == 2 && data->n_outputs == 1 && data->grid[0] >= 2 &&
           data->grid[1] >= 2 && (size_t)data->grid[0] * (size_t)data->grid[1] == data->n;
}

/// Why there is nothing to show; NULL: there is something.
static const char *lacks(const ViewContext *context) {
    if (!on_grid(context->run->data)) {
        return view_text(context, "needs a regression over two inputs on a grid",
                         "需要两个输入、位于网格上的回归数据");
    }
    const Observation *field = view_observation(context, 0, OBSERVE_FIELD);
    if (!field || !field->values || field->grid[0] < 2 || field->grid[1] < 2) {
        return view_text(context, "measuring…", "正在测量…");
    }
    if (!isfinite(field->min) || !isfinite(field->max)) {
        return view_text(context, "the outputs are not finite numbers", "输出不是有限数");
    }
    return NULL;
}

static int request(void *state, const ViewContext *context, ObservationRequest *requests) {
    (void)state;
    const Dataset *data = context->run->data;
    if (!on_grid(data)) return 0;
    ObservationRequest *r = &requests[0];
    r->kind = OBSERVE_FIELD;
    r->priority = 3;
    for (int i = 0; i < 2; i++) {
        r->field.lo[i] = data->x_min[i];
        r->field.hi[i] = data->x_max[i];
        r->field.grid[i] = FIT_CELLS;
    }
    return 1;
}

// ---- the two surfaces ---------------------------------------------------------------------------

static Plot3d plot_of(const State *state, const ViewContext *context) {
    const Dataset *data = context->run->data;
    return (Plot3d){
        .view = context->area,
        .scale = context->scale,
        .camera = orbit_camera(&state->camera, context->area, context->scale),
        .a = {.lo = (double)data->x_min[0], .hi = (double)data->x_max[0], .label = "x₁"},
        .b = {.lo = (double)data->x_min[1], .hi = (double)data->x_max[1], .label = "x₂"},
        .z = {.lo = state->z_lo, .hi = state->z_hi, .label = "y"}};
}

/// The truth's range; it widens where the prediction leaves it.
static void fit_axis(State *state, const Snapshot *run, const Observation *field) {
    const Dataset *data = run->data;
    if (!state->shown || state->generation != run->generation) {
        double slack = SLACK * (double)(data->t_max - data->t_min);
        state->z_lo = (double)data->t_min - slack;
        state->z_hi = (double)data->t_max + slack;
        if (!(state->z_hi > state->z_lo)) {
            state->z_lo -= 0.5;
            state->z_hi += 0.5;
        }
        state->generation = run->generation;
    }
    double slack = SLACK * (state->z_hi - state->z_lo);
    if (field->min < state->z_lo) state->z_lo = field->min - slack;
    if (field->max > state->z_hi) state->z_hi = field->max + slack;
}

static float level_of(const State *state, double z) {
    return (float)fmin(1, fmax(0, (z - state->z_lo) / (state->z_hi - state->z_lo)));
}

/// Samples lie row by row over x2, then x1; a mesh wants x1 first, x2 fastest.
static bool update_truth(State *state, const ViewContext *context, const Plot3d *plot) {
    const Dataset *data = context->run->data;
    int rows = data->grid[0], columns = data->grid[1];
    float *memory = malloc(2 * sizeof *memory * data->n);
    if (!memory) return false;
    float *heights = memory, *levels = memory + data->n;
    for (int j = 0; j < rows; j++) {
        for (int i = 0; i < columns; i++) {
            double t = (double)data->t[j * columns + i];
            heights[i * rows + j] = plot3d_height(plot, t);
            levels[i * rows + j] = level_of(state, t);
        }
    }
    surface_mesh_update(state->truth, heights, levels, columns, rows);
    free(memory);
    return true;
}

static bool update_prediction(State *state, const Plot3d *plot, const Observation *field) {
    int columns = field->grid[0], rows = field->grid[1];
    size_t room = (size_t)FIT_CELLS * FIT_CELLS;
    if (columns > FIT_CELLS || rows > FIT_CELLS) return false;
    if (!state->memory) state->memory = malloc(2 * room * sizeof *state->memory);
    if (!state->memory) return false;
    state->heights = state->memory;
    float *levels = state->memory + room;
    for (int j = 0; j < rows; j++) {
        for (int i = 0; i < columns; i++) {
            double y = (double)field->values[j * columns + i];
            bool fine = isfinite(y);
            state->heights[i * rows + j] = fine ? plot3d_height(plot, y) : NAN;
            levels[i * rows + j] = fine ? level_of(state, y) : NAN;
        }
    }
    surface_mesh_update(state->prediction, state->heights, levels, columns, rows);
    return true;
}

/// The samples' grid, so that the truth is told from the prediction where both coincide.
static void draw_truth_grid(const ViewContext *context, const Plot3d *plot) {
    const Dataset *data = context->run->data;
    int n[2] = {data->grid[0], data->grid[1]};
    Color colors[GRID_LINE_MAX];
    float xyz[GRID_LINE_MAX][3];
    for (int i = 0; i < GRID_LINE_MAX; i++) colors[i] = context->theme->truth;
    for (int along = 0; along < 2; along++) {
        int points = n[along], lines = n[1 - along];
        if (points > GRID_LINE_MAX || lines > GRID_LINE_MAX) return;
        for (int k = 0; k < lines; k++) {
            for (int i = 0; i < points; i++) {
                size_t sample = (size_t)(along == 0 ? i * n[1] + k : k * n[1] + i);
                const float *x = data->x + 2 * sample;
                plot3d_world(plot, (double)x[0], (double)x[1], (double)data->t[sample], xyz[i]);
            }
            scene_line(context->gfx, xyz[0], colors, points, 1.3f * context->scale,
                       context->theme->halo, 0, 1e-3f);
        }
    }
}

static void draw_surfaces(const State *state, const ViewContext *context, const Plot3d *plot) {
    const Theme *theme = context->theme;
    mat4 matrix;
    camera_matrix(&plot->camera, context->area, matrix);
    SurfaceStyle style = {.map = colormap_table(COLORMAP_VIRIDIS),
                          .lit = true,
                          .contour_step = 1.0f / (float)CONTOURS,
                          .contour_offset = 0.5f / (float)CONTOURS,
                          .contour_width = context->scale,
                          .contour_alpha = 0.35f,
                          .contour_color = {1, 1, 1, 1}};
    scene_begin(context->gfx, context->area, matrix, true);
    style.tint = color_alpha(theme->prediction, 1);
    style.alpha = 0.85f;
    scene_surface(context->gfx, state->prediction, &style);
    style.tint = color_alpha(theme->truth, 1);
    style.alpha = 0.35f;
    style.contour_step = 0;
    scene_surface(context->gfx, state->truth, &style);
    draw_truth_grid(context, plot);
    scene_end(context->gfx);
}

static void draw(void *state_, const ViewContext *context) {
    State *state = state_;
    state->shown = state->shown && state->generation == context->run->generation;
    const char *why = lacks(context);
    if (why) {
        view_say(context, why);
        return;
    }
    const Observation *field = view_observation(context, 0, OBSERVE_FIELD);
    if (context->area.w < 16 || context->area.h < 16) return;
    fit_axis(state, context->run, field);
    Plot3d plot = plot_of(state, context);
    if (!state->truth) state->truth = surface_mesh_create(context->gfx);
    if (!state->prediction) state->prediction = surface_mesh_create(context->gfx);
    if (!state->truth || !state->prediction) return;
    if (!update_truth(state, context, &plot) || !update_prediction(state, &plot, field)) return;
    state->shown = true;
    plot3d_box(context->gfx, context->theme, &plot);
    draw_surfaces(state, context, &plot);
    const char *names[] = {view_text(context, "truth", "真值"),
                           view_text(context, "prediction", "预测")};
    Color colors[] = {context->theme->truth, context->theme->prediction};
    legend_draw(context->gfx, context->theme, context->scale, context->area, names, colors, 2, NULL,
                0);
}

// ---- read-outs ----------------------------------------------------------------------------------

/// The sample nearest to a point: where the truth is known.
static size_t nearest_sample(const Dataset *data, double x1, double x2) {
    int rows = data->grid[0], columns = data->grid[1];
    double u = (x1 - (double)data->x_min[0]) / (double)(data->x_max[0] - data->x_min[0]);
    double v = (x2 - (double)data->x_min[1]) / (double)(data->x_max[1] - data->x_min[1]);
    int i = (int)lround(fmin(1, fmax(0, u)) * (columns - 1));
    int j = (int)lround(fmin(1, fmax(0, v)) * (rows - 1));
    return (size_t)j * (size_t)columns + (size_t)i;
}

static void overlay(void *state_, const ViewContext *context) {
    State *state = state_;
    if (!context->hover || !state->shown || !state->heights || !on_grid(context->run->data)) return;
    Plot3d plot = plot_of(state, context);
    double a, b;
    if (!plot3d_pick(&plot, state->heights, FIT_CELLS, FIT_CELLS, context->x, context->y, &a, &b)) {
        return;
    }
    // The nearest sample, where both truth and prediction are known exactly.
    const Dataset *data = context->run->data;
    size_t sample = nearest_sample(data, a, b);
    const float *x = data->x + 2 * sample;
    const float *y = probe_outputs(&state->probe, context->run, x);
    if (!y) return;
    char text[4][32];
    const char *labels[] = {"x₁", "x₂", view_text(context, "truth", "真值"),
                            view_text(context, "prediction", "预测")};
    const double numbers[] = {(double)x[0], (double)x[1], (double)data->t[sample], (double)y[0]};
    const char *values[4];
    for (int i = 0; i < 4; i++) {
        number_print(numbers[i], 3, text[i], sizeof text[i]);
        values[i] = text[i];
    }
    const Theme *theme = context->theme;
    Color swatch[] = {color_alpha(theme->muted, 0), color_alpha(theme->muted, 0), theme->truth,
                      theme->prediction};
    float screen[2][2];
    for (int i = 0; i < 2; i++) {
        float world[3];
        plot3d_world(&plot, numbers[0], numbers[1], numbers[2 + i], world);
        camera_project(&plot.camera, plot.view, world, screen[i], NULL);
    }
    float scale = context->scale;
    draw_line(context->gfx, screen[0][0], screen[0][1], screen[1][0], screen[1][1], 1.5f * scale,
              theme->text);
    for (int i = 0; i < 2; i++) {
        draw_circle(context->gfx, screen[i][0], screen[i][1], 5 * scale, theme->halo);
        draw_circle(context->gfx, screen[i][0], screen[i][1], 3.5f * scale, swatch[2 + i]);
    }
    marks_readout(context->gfx, theme, scale, context->area, screen[1][0], screen[1][1], labels,
                  values, swatch, 4);
}

static bool event(void *state_, const ViewContext *context, const ViewEvent *e,
                  ViewActions *actions) {
    (void)context;
    (void)actions;
    State *state = state_;
    return orbit_event(&state->camera, e);
}

static void turn_camera(void *state, float radians) {
    orbit_turn(&((State *)state)->camera, radians);
}

// ---- numbers ------------------------------------------------------------------------------------

static void write_point(Table *out, const char *part, float x1, float x2, float y) {
    table_text(out, part);
    table_float(out, x1);
    table_float(out, x2);
    table_float(out, y);
    table_end_row(out);
}

static bool table(const void *state, const ViewContext *context, Table *out, Error *error) {
    (void)state;
    const char *why = lacks(context);
    if (why) return error_set(error, "%s", why);
    const Dataset *data = context->run->data;
    table_header(out, "part,x1,x2,y");
    for (size_t i = 0; i < data->n; i++)
        write_point(out, "truth", data->x[2 * i], data->x[2 * i + 1], data->t[i]);
    const Observation *field = view_observation(context, 0, OBSERVE_FIELD);
    for (int j = 0; j < field->grid[1]; j++) {
        for (int i = 0; i < field->grid[0]; i++) {
            write_point(out, "prediction", (float)field->values_a[i], (float)field->values_b[j],
                        field->values[j * field->grid[0] + i]);
        }
    }
    return true;
}

const ViewType view_type_surface_fit = {
    .id = "surface_fit",
    .title = "Surface fit",
    .title_zh = "曲面拟合",
    .description = "truth and prediction as two surfaces over the inputs",
    .description_zh = "真值与预测：输入之上的两个曲面",
    .aspect = aspect,
    .state_size = sizeof(State),
    .depth = true,
    .weights = weights,
    .init = init,
    .deinit = deinit,
    .observe = request,
    .draw = draw,
    .table = table,
    .overlay = overlay,
    .turn = turn_camera,
    .event = event,
};
