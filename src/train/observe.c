/// What is observed, computed. A surface's and a field's rows are independent; the layers' clouds
/// and lines are one piece of work, small beside the other two.
#include "train/survey.h"

#include <assert.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/parallel.h"

/// Measured on one core of a common machine: what a multiplication takes where samples fill the
/// vectors (surfaces), and in a pass of a small network (fields).
#define SURFACE_SECONDS 0.15e-9
#define FIELD_SECONDS   2.2e-9

enum { ACTIVATION_COST = 8, BLOCK = 256 };

// ---- surveys --------------------------------------------------------------------------------

/// Multiplications, about, for one sample through the layers from `first` on.
static double forward_cost(const Network *net, int first) {
    double cost = 0;
    for (int l = first; l < net->n_layers; l++) {
        const Layer *layer = &net->layers[l];
        cost += (double)layer->units * (layer->inputs + ACTIVATION_COST);
    }
    return cost;
}

/// Passes with ever finer grids, the last with the grid that was asked for.
static void plan_grids(Survey *survey, const int grid[2]) {
    const int levels[SURVEY_PASSES_MAX - 1] = {16, 32, 64};
    int finest = grid[0] > grid[1] ? grid[0] : grid[1];
    for (int i = 0; i < SURVEY_PASSES_MAX - 1; i++) {
        if (levels[i] >= finest) continue;
        int *pass = survey->grids[survey->n_passes++];
        for (int axis = 0; axis < 2; axis++) {
            pass[axis] = grid[axis] < levels[i] ? grid[axis] : levels[i];
        }
    }
    memcpy(survey->grids[survey->n_passes++], grid, 2 * sizeof *grid);
}

static bool init_surface(Survey *survey, Error *error) {
    const ObservationRequest *request = &survey->request;
    const Dataset *data = survey->source.data;
    const Network *net = survey->source.net;
    const int *grid = request->surface.grid;
    for (int axis = 0; axis < 2; axis++) {
        if (grid[axis] < 2 || grid[axis] > SURFACE_GRID_MAX) {
            return error_set(error, "a surface has 2 to %d points a side", SURFACE_GRID_MAX);
        }
    }
    size_t first = request->surface.test_split ? data->n_train : 0;
    size_t n = request->surface.test_split ? data->n - data->n_train : data->n_train;
    if (n == 0) return error_set(error, "the data has no test samples");

    size_t at[2];
    int lowest = net->n_layers, highest = 0;
    for (int axis = 0; axis < 2; axis++) {
        ParamRef ref = request->surface.axes[axis];
        if (!network_locate(net, ref, &at[axis], error)) return false;
        survey->here[axis] = (double)net->params[at[axis]];
        int layer = ref.layer < 0 ? net->n_layers + ref.layer : ref.layer;
        if (layer < lowest) lowest = layer;
        if (layer > highest) highest = layer;
    }
    LandscapeDesc desc = {.net = net,
                          .a = request->surface.axes[0],
                          .b = request->surface.axes[1],
                          .loss = survey->source.loss,
                          .x = data->x + first * (size_t)data->n_inputs,
                          .t = data->t + first * (size_t)data->n_outputs,
                          .n = n};
    survey->landscape = landscape_create(&desc, error);
    if (!survey->landscape) return false;
    float loss;
    landscape_rows(survey->landscape, &survey->here[0], &survey->here[1], 0, 1, 1, &loss, NULL,
                   NULL);
    survey->here_loss = (double)loss;
    double pass = (double)n * (ACTIVATION_COST + forward_cost(net, lowest + 1)) * SURFACE_SECONDS;
    // Over a linear output's weight a squared loss is a parabola, had at once for a whole line.
    Loss loss_kind = survey->source.loss;
    bool parabola = highest == net->n_layers - 1 &&
                    net->layers[highest].activation == ACTIVATION_LINEAR &&
                    (loss_kind == LOSS_MSE || loss_kind == LOSS_HALF_MSE);
    *(parabola ? &survey->line_seconds : &survey->point_seconds) = pass;
    plan_grids(survey, grid);
    return true;
}

static bool init_field(Survey *survey, Error *error) {
    const Dataset *data = survey->source.data;
    int inputs = data->n_inputs;
    int grid[2] = {survey->request.field.grid[0], inputs == 1 ? 1 : survey->request.field.grid[1]};
    for (int axis = 0; axis < 2; axis++) {
        if (grid[axis] < 1 || grid[axis] > FIELD_GRID_MAX) {
            return error_set(error, "a field has 1 to %d points a side", FIELD_GRID_MAX);
        }
    }
    survey->base = calloc((size_t)inputs, sizeof *survey->base);
    if (!survey->base) return error_set(error, "not enough memory");
    for (int k = 2; k < inputs; k++) { // the train samples' mean
        double sum = 0;
        for (size_t i = 0; i < data->n_train; i++)
            sum += (double)data->x[i * (size_t)inputs + (size_t)k];
        survey->base[k] = (float)(sum / (double)data->n_train);
    }
    survey->point_seconds = forward_cost(survey->source.net, 0) * FIELD_SECONDS;
    if (inputs == 1) { // a line is quickly done at once
        memcpy(survey->grids[survey->n_passes++], grid, sizeof grid);
    } else {
        plan_grids(survey, grid);
    }
    return true;
}

bool survey_init(Survey *survey, const ObservationRequest *request, const SurveySource *source,
                 Error *error) {
    *survey = (Survey){.request = *request, .source = *source};
    bool made = false;
    switch (request->kind) {
    case OBSERVE_NOTHING: error_set(error, "nothing to observe"); break;
    case OBSERVE_SURFACE: made = init_surface(survey, error); break;
    case OBSERVE_FIELD: made = init_field(survey, error); break;
    case OBSERVE_LAYERS:
        survey->n_passes = 1;
        survey->grids[0][0] = survey->grids[0][1] = 1;
        survey->point_seconds = forward_cost(source->net, 0) * FIELD_SECONDS * CLOUD_POINTS_MAX;
        made = true;
        break;
    }
    if (!made) survey_deinit(survey);
    return made;
}

void survey_deinit(Survey *survey) {
    landscape_destroy(survey->landscape);
    free(survey->base);
    survey->landscape = NULL;
    survey->base = NULL;
}

static double pass_seconds(const Survey *survey, int pass) {
    const int *grid = survey->grids[pass];
    return survey->point_seconds * grid[0] * grid[1] + survey->line_seconds * (grid[0] + grid[1]);
}

int survey_pass_within(const Survey *survey, double seconds) {
    int pass = survey->n_passes - 1;
    while (pass > 0 && pass_seconds(survey, pass) > seconds) pass--;
    return pass;
}

/// A surface's rows lie along a, grid[0] of them; a field's along x2, grid[1].
int survey_rows(const Survey *survey, int pass) {
    return survey->grids[pass][survey->request.kind == OBSERVE_FIELD ? 1 : 0];
}

double survey_row_seconds(const Survey *survey, int pass) {
    return pass_seconds(survey, pass) / survey_rows(survey, pass);
}

// ---- memory ---------------------------------------------------------------------------------

static bool reserve(Observation *out, size_t floats) {
    if (out->capacity >= floats) return true;
    float *memory = realloc(out->memory, floats * sizeof *memory);
    if (!memory) return false;
    out->memory = memory;
    out->capacity = floats;
    return true;
}

static bool start_layers(const Survey *survey, Observation *out) {
    const Dataset *data = survey->source.data;
    size_t layers = (size_t)survey->source.net->n_layers + 1;
    size_t points = data->n_train < CLOUD_POINTS_MAX ? data->n_train : CLOUD_POINTS_MAX;
    size_t lines = data->n_inputs == 2 ? 2 * CLOUD_LINES * CLOUD_LINE_POINTS * 2 : 0;
    if (!reserve(out, points + layers * (points * 2 + lines))) return false;
    out->n_layers = (int)layers;
    out->n_points = (int)points;
    out->target = out->memory;
    out->points = out->target + points;
    out->lines = lines ? out->points + layers * points * 2 : NULL;
    return true;
}

bool survey_start(const Survey *survey, int pass, Observation *out) {
    const SurveySource *source = &survey->source;
    const ObservationRequest *request = &survey->request;
    const int *grid = survey->grids[pass];
    out->request = *request;
    out->snapshot = source->snapshot;
    out->generation = source->generation;
    out->epoch = source->epoch;
    memcpy(out->grid, grid, sizeof out->grid);
    memcpy(out->here, survey->here, sizeof out->here);
    out->here_loss = survey->here_loss;
    out->min = out->max = (double)NAN;
    out->n_layers = out->n_points = 0;
    out->values = out->points = out->target = out->lines = NULL;
    if (request->kind == OBSERVE_LAYERS) return start_layers(survey, out);

    if (!reserve(out, (size_t)grid[0] * (size_t)grid[1])) return false;
    out->values = out->memory;
    if (request->kind == OBSERVE_SURFACE) {
        const double(*range)[2] = request->surface.range;
        landscape_axis(range[0][0], range[0][1], grid[0], out->values_a);
        landscape_axis(range[1][0], range[1][1], grid[1], out->values_b);
    } else {
        const float *lo = request->field.lo, *hi = request->field.hi;
        landscape_axis((double)lo[0], (double)hi[0], grid[0], out->values_a);
        landscape_axis((double)lo[1], (double)hi[1], grid[1], out->values_b);
    }
    return true;
}

// ---- work -----------------------------------------------------------------------------------

typedef struct Work {
    const Survey *survey;
    Observation *out;
    int first;
    bool (*cancel)(void *context);
    void *context;
    atomic_bool failed;
} Work;

static void surface_rows(void *arg, int first, int last) {
    Work *work = arg;
    const Survey *survey = work->survey;
    Observation *out = work->out;
    int from = work->first + first, to = work->first + last, columns = out->grid[1];
    if (!landscape_rows(survey->landscape, out->values_a, out->values_b, from, to, columns,
                        out->values + (size_t)from * (size_t)columns, work->cancel,
                        work->context)) {
        atomic_store_explicit(&work->failed, true, memory_order_relaxed);
    }
}

static void field_rows(void *arg, int first, int last) {
    Work *work = arg;
    const Network *net = work->survey->source.net;
    Observation *out = work->out;
    size_t inputs = (size_t)net->n_inputs, outputs = (size_t)net->n_outputs;
    Workspace ws;
    float *x = malloc(BLOCK * inputs * sizeof *x);
    bool made = workspace_init(&ws, net, BLOCK);
    if (!x || !made) {
        atomic_store_explicit(&work->failed, true, memory_order_relaxed);
        if (made) workspace_deinit(&ws);
        free(x);
        return;
    }
    for (int i = 0; i < BLOCK; i++) {
        memcpy(x + (size_t)i * inputs, work->survey->base, inputs * sizeof *x);
    }
    for (int row = work->first + first; row < work->first + last; row++) {
        for (int at = 0; at < out->grid[0]; at += BLOCK) {
            int n = out->grid[0] - at < BLOCK ? out->grid[0] - at : BLOCK;
            for (int i = 0; i < n; i++) {
                x[(size_t)i * inputs] = (float)out->values_a[at + i];
                if (inputs > 1) x[(size_t)i * inputs + 1] = (float)out->values_b[row];
            }
            const float *y = network_forward(net, &ws, x, n);
            float *values = out->values + (size_t)row * (size_t)out->grid[0] + (size_t)at;
            for (int i = 0; i < n; i++) values[i] = y[(size_t)i * outputs];
        }
        if (work->cancel && work->cancel(work->context)) {
            atomic_store_explicit(&work->failed, true, memory_order_relaxed);
            break;
        }
    }
    workspace_deinit(&ws);
    free(x);
}

/// The first two of each sample's `width` values; one value is a point on a line.
static void place(const float *values, int n, int width, float *xy) {
    for (size_t i = 0; i < (size_t)n; i++) {
        const float *value = values + i * (size_t)width;
        xy[2 * i] = value[0];
        xy[2 * i + 1] = width > 1 ? value[1] : 0;
    }
}

/// Where each layer takes n inputs x, to xy[layer * stride + 2 * i], the input itself first.
static void trace(const Network *net, Workspace *ws, const float *x, int n, float *xy,
                  size_t stride) {
    network_forward(net, ws, x, n);
    place(x, n, net->n_inputs, xy);
    for (int l = 0; l < net->n_layers; l++) {
        place(ws->outputs[l], n, net->layers[l].units, xy + (size_t)(l + 1) * stride);
    }
}

static void trace_cloud(const Survey *survey, Workspace *ws, float *x, Observation *out) {
    const Network *net = survey->source.net;
    const Dataset *data = survey->source.data;
    size_t inputs = (size_t)data->n_inputs, outputs = (size_t)data->n_outputs;
    size_t points = (size_t)out->n_points;
    for (size_t at = 0; at < points; at += BLOCK) {
        int n = points - at < BLOCK ? (int)(points - at) : BLOCK;
        for (size_t i = 0; i < (size_t)n; i++) {
            size_t sample = (at + i) * data->n_train / points; // evenly picked
            memcpy(x + i * inputs, data->x + sample * inputs, inputs * sizeof *x);
            out->target[at + i] = data->t[sample * outputs];
        }
        trace(net, ws, x, n, out->points + at * 2, points * 2);
    }
}

/// The lines of a grid over the data's rectangle: CLOUD_LINES along the first input, then as many
/// along the second.
static void trace_lines(const Survey *survey, Workspace *ws, float *x, Observation *out) {
    const Dataset *data = survey->source.data;
    const size_t lines = (size_t)2 * CLOUD_LINES, line_floats = (size_t)2 * CLOUD_LINE_POINTS;
    for (int line = 0; line < 2 * CLOUD_LINES; line++) {
        int along = line < CLOUD_LINES ? 0 : 1, across = 1 - along;
        float part = (float)(line % CLOUD_LINES) / (CLOUD_LINES - 1);
        for (int i = 0; i < CLOUD_LINE_POINTS; i++) {
            float way = (float)i / (CLOUD_LINE_POINTS - 1);
            x[2 * i + along] = data->x_min[along] + way * (data->x_max[along] - data->x_min[along]);
            x[2 * i + across] =
                data->x_min[across] + part * (data->x_max[across] - data->x_min[across]);
        }
        trace(survey->source.net, ws, x, CLOUD_LINE_POINTS, out->lines + (size_t)line * line_floats,
              lines * line_floats);
    }
}

static bool layers_work(const Survey *survey, Observation *out) {
    const Network *net = survey->source.net;
    Workspace ws;
    float *x = malloc(BLOCK * (size_t)net->n_inputs * sizeof *x);
    bool made = workspace_init(&ws, net, BLOCK);
    if (x && made) {
        trace_cloud(survey, &ws, x, out);
        if (out->lines) trace_lines(survey, &ws, x, out);
    }
    bool done = x && made;
    if (made) workspace_deinit(&ws);
    free(x);
    return done;
}

bool survey_work(const Survey *survey, Observation *out, int first, int last, int threads,
                 bool (*cancel)(void *context), void *context) {
    if (survey->request.kind == OBSERVE_LAYERS) return layers_work(survey, out);
    Work work = {
        .survey = survey, .out = out, .first = first, .cancel = cancel, .context = context};
    atomic_init(&work.failed, false);
    bool surface = survey->request.kind == OBSERVE_SURFACE;
    int rows = last - first, chunk = threads == 1 ? rows : (rows + 15) / 16;
    parallel_for(rows, chunk, threads, surface ? surface_rows : field_rows, &work);
    return !atomic_load_explicit(&work.failed, memory_order_relaxed);
}

void survey_finish(Observation *out) {
    if (!out->values) return;
    double min = (double)INFINITY, max = -(double)INFINITY;
    for (size_t i = 0; i < (size_t)out->grid[0] * (size_t)out->grid[1]; i++) {
        double value = (double)out->values[i];
        if (!isfinite(value)) continue;
        min = fmin(min, value);
        max = fmax(max, value);
    }
    out->min = min <= max ? min : (double)NAN;
    out->max = min <= max ? max : (double)NAN;
}

// ---- on the caller's thread -----------------------------------------------------------------

bool observe(const ObservationRequest *request, const Snapshot *snapshot, int threads,
             Observation *out, Error *error) {
    SurveySource source = {.net = &snapshot->net,
                           .data = snapshot->data,
                           .loss = snapshot->experiment->loss,
                           .snapshot = snapshot->serial,
                           .generation = snapshot->generation,
                           .epoch = snapshot->epoch};
    Survey survey;
    if (!survey_init(&survey, request, &source, error)) return false;
    int pass = survey.n_passes - 1;
    bool made = survey_start(&survey, pass, out) &&
                survey_work(&survey, out, 0, survey_rows(&survey, pass), threads, NULL, NULL);
    if (made) {
        survey_finish(out);
        out->serial++;
    } else {
        error_set(error, "not enough memory");
    }
    survey_deinit(&survey);
    return made;
}

void observation_deinit(Observation *observation) {
    free(observation->memory);
    memset(observation, 0, sizeof *observation);
}
