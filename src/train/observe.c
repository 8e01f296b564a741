/// What is observed, computed. A surface's and a field's rows are independent, and so are blocks of
/// samples whose classes are told; the layers' clouds and lines are one piece of work, small beside
/// the others.
#include "train/observe_parts.h"

#include <assert.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/parallel.h"

/// Measured on one core of a common machine: what a multiplication takes in a pass of a small
/// network, and of a wide one.
#define FIELD_SECONDS 2.2e-9

#define WIDE_SECONDS  0.1e-9

enum { ACTIVATION_COST = 8, WIDE_COST = 2000, BLOCK = 256 };

// ---- surveys --------------------------------------------------------------------------------

double forward_cost(const Network *net, int first) {
    double cost = 0;
    for (int l = first; l < net->n_layers; l++) {
        const Layer *layer = &net->layers[l];
        cost += (double)layer->units * (layer->inputs + ACTIVATION_COST);
    }
    return cost;
}

/// What a sample's forward pass takes: wide layers go through the blocked kernels.
static double pass_of_sample_seconds(const Network *net) {
    double seconds = 0;
    for (int l = 0; l < net->n_layers; l++) {
        const Layer *layer = &net->layers[l];
        double cost = (double)layer->units * (layer->inputs + ACTIVATION_COST);
        seconds += cost * (cost > WIDE_COST ? WIDE_SECONDS : FIELD_SECONDS);
    }
    return seconds;
}

void survey_plan_grids(Survey *survey, const int grid[2]) {
    enum { LEVELS = 3 };
    const int levels[LEVELS] = {16, 32, 64};
    int finest = grid[0] > grid[1] ? grid[0] : grid[1];
    for (int i = 0; i < LEVELS; i++) {
        if (levels[i] >= finest) continue;
        int *pass = survey->grids[survey->n_passes++];
        for (int axis = 0; axis < 2; axis++) {
            pass[axis] = grid[axis] < levels[i] ? grid[axis] : levels[i];
        }
    }
    memcpy(survey->grids[survey->n_passes++], grid, 2 * sizeof *grid);
}

/// What the inputs other than the first two are held at: the train samples' mean.
/// @return false with error set: cancelled, or no memory
static bool find_base(Survey *survey, Error *error) {
    const Dataset *data = survey->source.data;
    const Cancel cancel = {survey->source.cancel, survey->source.context};
    const size_t inputs = (size_t)data->n_inputs;
    survey->base = calloc(inputs, sizeof *survey->base);
    double *sums = calloc(inputs, sizeof *sums);
    bool made = survey->base && sums ? true : error_set(error, "not enough memory");
    for (size_t i = 0; made && inputs > 2 && i < data->n_train; i++) {
        if (i % BLOCK == 0 && is_cancelled(&cancel)) made = error_set(error, "cancelled");
        const float *x = data->x + i * inputs;
        for (size_t k = 2; k < inputs; k++) sums[k] += (double)x[k];
    }
    for (size_t k = 2; made && k < inputs; k++) {
        survey->base[k] = (float)(sums[k] / (double)data->n_train);
    }
    free(sums);
    return made;
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
    if (!find_base(survey, error)) return false;
    survey->point_seconds = pass_of_sample_seconds(survey->source.net);
    if (inputs == 1) { // a line is quickly done at once
        memcpy(survey->grids[survey->n_passes++], grid, sizeof grid);
    } else {
        survey_plan_grids(survey, grid);
    }
    return true;
}

bool survey_init(Survey *survey, const ObservationRequest *request, const SurveySource *source,
                 Error *error) {
    *survey = (Survey){.request = *request, .source = *source};
    bool made = false;
    switch (request->kind) {
    case OBSERVE_NOTHING: error_set(error, "nothing to observe"); break;
    case OBSERVE_SURFACE: made = surface_plan(survey, error); break;
    case OBSERVE_PLANE: made = plane_plan(survey, error); break;
    case OBSERVE_FIELD: made = init_field(survey, error); break;
    case OBSERVE_LAYERS:
        survey->n_passes = 1;
        survey->grids[0][0] = survey->grids[0][1] = 1;
        survey->point_seconds = pass_of_sample_seconds(source->net) * CLOUD_POINTS_MAX;
        made = true;
        break;
    case OBSERVE_CLASSES:
        survey->point_seconds = pass_of_sample_seconds(source->net);
        made = verdicts_plan(survey, error);
        break;
    case OBSERVE_NEURONS: made = neurons_plan(survey, error); break;
    }
    if (!made) survey_deinit(survey);
    return made;
}

void survey_deinit(Survey *survey) {
    landscape_destroy(survey->landscape);
    neurons_deinit(survey);
    free(survey->base);
    free(survey->picked);
    network_deinit(&survey->past);
    survey->landscape = NULL;
    survey->base = survey->picked = NULL;
}

static double pass_seconds(const Survey *survey, int pass) {
    const int *grid = survey->grids[pass];
    return survey->point_seconds * grid[0] * grid[1] + survey->line_seconds * (grid[0] + grid[1]);
}

int survey_pass_within(const Survey *survey, double seconds) {
    if (survey->request.kind == OBSERVE_NEURONS) seconds = fmax(seconds, NEURONS_PATIENCE);
    int pass = survey->n_passes - 1;
    while (pass > 0 && pass_seconds(survey, pass) > seconds) pass--;
    return pass;
}

/// A surface's rows lie along a, grid[0] of them; a field's along x2, grid[1].
int survey_rows(const Survey *survey, int pass) {
    if (survey->request.kind == OBSERVE_CLASSES) return verdicts_rows(survey, pass);
    if (survey->request.kind == OBSERVE_NEURONS) return neurons_rows(survey, pass);
    return survey->grids[pass][survey->request.kind == OBSERVE_FIELD ? 1 : 0];
}

double survey_row_seconds(const Survey *survey, int pass) {
    return pass_seconds(survey, pass) / survey_rows(survey, pass);
}

// ---- memory ---------------------------------------------------------------------------------

bool observation_reserve(Observation *out, size_t floats) {
    if (out->capacity >= floats) return true;
    float *memory = realloc(out->memory, floats * sizeof *memory);
    if (!memory) return false;
    out->memory = memory;
    out->capacity = floats;
    return true;
}

bool observation_reserve_axes(Observation *out, int n_a, int n_b) {
    const size_t n = (size_t)n_a + (size_t)n_b;
    if (out->axes_capacity < n) {
        double *axes = realloc(out->axes, n * sizeof *axes);
        if (!axes) return false;
        out->axes = axes;
        out->axes_capacity = n;
    }
    out->values_a = out->axes;
    out->values_b = out->axes + n_a;
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
    out->samples = survey->samples;
    plane_release(out->plane);
    out->plane = NULL;
    out->min = out->max = (double)NAN;
    out->n_layers = out->n_points = 0;
    out->values = out->points = out->target = out->winner = out->lines = NULL;
    out->centres = NULL;
    out->values_a = out->values_b = NULL;
    if (request->kind == OBSERVE_PLANE) return true;
    if (request->kind == OBSERVE_LAYERS) return cloud_start(survey, out);
    if (request->kind == OBSERVE_CLASSES) return verdicts_start(survey, pass, out);
    if (request->kind == OBSERVE_NEURONS) return neurons_start(survey, pass, out);

    size_t points = (size_t)grid[0] * (size_t)grid[1];
    bool classes = request->kind == OBSERVE_FIELD && has_several_classes(source->data);
    if (!observation_reserve(out, classes ? 2 * points : points) ||
        !observation_reserve_axes(out, grid[0], grid[1]))
        return false;
    out->values = out->memory;
    out->winner = classes ? out->memory + points : NULL;
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
    if (!surface_work(work->survey, work->out, work->first + first, work->first + last,
                      work->cancel, work->context)) {
        atomic_store_explicit(&work->failed, true, memory_order_relaxed);
    }
}

static void field_rows(void *arg, int first, int last) {
    Work *work = arg;
    // A step's two values would hide how far a point lies from the line between them.
    Network smooth = *work->survey->source.net;
    Layer *last_layer = &smooth.layers[smooth.n_layers - 1];
    if (last_layer->activation == ACTIVATION_STEP) last_layer->activation = ACTIVATION_SIGMOID;
    const Network *net = &smooth;
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
            if (!out->winner) {
                for (int i = 0; i < n; i++) values[i] = y[(size_t)i * outputs];
                continue;
            }
            float *winner = out->winner + (values - out->values);
            for (int i = 0; i < n; i++) {
                const float *of_point = y + (size_t)i * outputs;
                int best = largest_of(of_point, (int)outputs);
                winner[i] = (float)best;
                values[i] = of_point[best];
            }
        }
        if (work->cancel && work->cancel(work->context)) {
            atomic_store_explicit(&work->failed, true, memory_order_relaxed);
            break;
        }
    }
    workspace_deinit(&ws);
    free(x);
}

static void verdict_rows(void *arg, int first, int last) {
    Work *work = arg;
    if (!verdicts_work(work->survey, work->out, work->first + first, work->first + last,
                       work->cancel, work->context)) {
        atomic_store_explicit(&work->failed, true, memory_order_relaxed);
    }
}

static void neuron_rows(void *arg, int first, int last) {
    Work *work = arg;
    if (!neurons_work(work->survey, work->out, work->first + first, work->first + last,
                      work->cancel, work->context)) {
        atomic_store_explicit(&work->failed, true, memory_order_relaxed);
    }
}

bool survey_work(const Survey *survey, Observation *out, int first, int last, int threads,
                 bool (*cancel)(void *context), void *context) {
    if (survey->request.kind == OBSERVE_LAYERS) return cloud_work(survey, out, cancel, context);
    if (survey->request.kind == OBSERVE_PLANE) return plane_work(survey, out, cancel, context);
    Work work = {
        .survey = survey, .out = out, .first = first, .cancel = cancel, .context = context};
    atomic_init(&work.failed, false);
    int rows = last - first, chunk = threads == 1 ? rows : (rows + 15) / 16;
    void (*work_on)(void *, int, int) = verdict_rows;
    if (survey->request.kind == OBSERVE_SURFACE) work_on = surface_rows;
    if (survey->request.kind == OBSERVE_FIELD) work_on = field_rows;
    if (survey->request.kind == OBSERVE_NEURONS) work_on = neuron_rows;
    parallel_for(rows, chunk, threads, work_on, &work);
    return !atomic_load_explicit(&work.failed, memory_order_relaxed);
}

void survey_finish(Observation *out) {
    if (!out->values || out->request.kind == OBSERVE_CLASSES) return;
    double min = (double)INFINITY, max = -(double)INFINITY;
    size_t n = (size_t)out->grid[0] * (size_t)out->grid[1];
    if (out->request.kind == OBSERVE_NEURONS) n *= (size_t)out->n_layers * NEURONS_SEEN;
    for (size_t i = 0; i < n; i++) {
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
                           .epoch = snapshot->epoch,
                           .path = snapshot->path,
                           .path_count = snapshot->path_count};
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
    free(observation->axes);
    plane_release(observation->plane);
    memset(observation, 0, sizeof *observation);
}
