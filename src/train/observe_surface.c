// Surfaces: what they look along, on which samples, and how long that takes. Over two weights all
// samples of the split are looked at, as caching makes that quick; on a plane, where every weight
// moves, so many that a point stays affordable.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "train/observe_parts.h"

/// Measured on one core of a common machine: what a multiplication takes where samples fill the
/// vectors.
#define SURFACE_SECONDS 0.15e-9
#define REFINE_SECONDS  1.0

enum { PICKED_AT_ONCE = 128 };

bool survey_pick_samples(Survey *survey, bool test_split, double most, SurveySamples *samples,
                         Error *error) {
    const Dataset *data = survey->source.data;
    const size_t first = test_split ? data->n_train : 0;
    const size_t n = test_split ? data->n - data->n_train : data->n_train;
    const size_t inputs = (size_t)data->n_inputs, outputs = (size_t)data->n_outputs;
    if (n == 0) return error_set(error, "the data has no test samples");
    *samples = (SurveySamples){data->x + first * inputs, data->t + first * outputs, n};
    survey->samples = n;
    if ((double)n <= most) return true;
    const size_t picked = most < 1 ? 1 : (size_t)most;
    survey->picked = malloc(picked * (inputs + outputs) * sizeof *survey->picked);
    if (!survey->picked) return error_set(error, "not enough memory");
    float *x = survey->picked, *t = x + picked * inputs;
    const Cancel cancel = {survey->source.cancel, survey->source.context};
    for (size_t i = 0; i < picked; i++) {
        if (i % PICKED_AT_ONCE == 0 && is_cancelled(&cancel)) return error_set(error, "cancelled");
        const size_t at = i * n / picked;
        memcpy(x + i * inputs, samples->x + at * inputs, inputs * sizeof *x);
        memcpy(t + i * outputs, samples->t + at * outputs, outputs * sizeof *t);
    }
    *samples = (SurveySamples){x, t, picked};
    survey->samples = picked;
    return true;
}

/// Whether the loss is a parabola over both parameters' lines, had at once for a whole line.
static bool is_parabola(const Survey *survey, int highest) {
    const Network *net = survey->source.net;
    const Loss loss = survey->source.loss;
    return highest == net->n_layers - 1 && net->layers[highest].activation == ACTIVATION_LINEAR &&
           (loss == LOSS_MSE || loss == LOSS_HALF_MSE);
}

/// Where the present weights lie, and what a point costs.  @return false: no such parameter
static bool locate(Survey *survey, size_t samples, Error *error) {
    const Network *net = survey->source.net;
    const Plane *plane = survey->request.surface.plane;
    if (plane) {
        plane_project(plane, net->params, survey->here);
        survey->point_seconds =
            (double)samples * (2.0 * net->layers[0].units + forward_cost(net, 1)) * SURFACE_SECONDS;
        return true;
    }
    int lowest = net->n_layers, highest = 0;
    for (int axis = 0; axis < 2; axis++) {
        const ParamRef ref = survey->request.surface.axes[axis];
        size_t at;
        if (!network_locate(net, ref, &at, error)) return false;
        survey->here[axis] = (double)net->params[at];
        const int layer = ref.layer < 0 ? net->n_layers + ref.layer : ref.layer;
        if (layer < lowest) lowest = layer;
        if (layer > highest) highest = layer;
    }
    const double seconds =
        (double)samples * (1.0 + forward_cost(net, lowest + 1)) * SURFACE_SECONDS;
    *(is_parabola(survey, highest) ? &survey->line_seconds : &survey->point_seconds) = seconds;
    return true;
}

/// Takes the weights of an earlier epoch in place of the present ones. Running statistics are not
/// part of a path: they stay the present ones.
static bool go_back(Survey *survey, Error *error) {
    SurveySource *source = &survey->source;
    const Path *path = source->path;
    int i = path ? source->path_count - 1 : -1;
    while (i > 0 && path->epoch[i] > survey->request.surface.epoch) i--;
    if (i < 0 || path->n_params != source->net->n_params) {
        return error_set(error, "there is no path to look back on");
    }
    if (!network_copy(&survey->past, source->net)) return error_set(error, "not enough memory");
    memcpy(survey->past.params, path->weights + (size_t)i * path->n_params,
           path->n_params * sizeof *survey->past.params);
    source->net = &survey->past;
    source->epoch = path->epoch[i];
    return true;
}

/// One more pass, where it takes no longer than a person would wait.
static void refine(Survey *survey) {
    const int *finest = survey->grids[survey->n_passes - 1];
    if (finest[0] >= SURFACE_GRID_MAX && finest[1] >= SURFACE_GRID_MAX) return;
    const double points = (double)SURFACE_GRID_MAX * SURFACE_GRID_MAX;
    const double seconds =
        points * survey->point_seconds + 2 * SURFACE_GRID_MAX * survey->line_seconds;
    if (seconds > REFINE_SECONDS) return;
    int *pass = survey->grids[survey->n_passes++];
    pass[0] = pass[1] = SURFACE_GRID_MAX;
}

bool surface_plan(Survey *survey, Error *error) {
    const ObservationRequest *request = &survey->request;
    if (request->surface.past && !go_back(survey, error)) return false;
    const Network *net = survey->source.net;
    const int *grid = request->surface.grid;
    for (int axis = 0; axis < 2; axis++) {
        if (grid[axis] < 2 || grid[axis] > SURFACE_SIDE_MAX) {
            return error_set(error, "a surface has 2 to %d points a side", SURFACE_SIDE_MAX);
        }
    }
    const Plane *plane = request->surface.plane;
    if (plane && plane->n_params != net->n_params) {
        return error_set(error, "the plane is another network's");
    }
    const double cost = forward_cost(net, 1) + 2.0 * net->layers[0].units;
    const double most = plane ? PLANE_POINT_COST / cost : HUGE_VAL;
    SurveySamples samples = {0};
    if (!survey_pick_samples(survey, request->surface.test_split, most, &samples, error) ||
        !locate(survey, samples.n, error)) {
        return false;
    }
    LandscapeDesc desc = {.net = net,
                          .a = request->surface.axes[0],
                          .b = request->surface.axes[1],
                          .plane = plane,
                          .loss = survey->source.loss,
                          .x = samples.x,
                          .t = samples.t,
                          .n = samples.n,
                          .cancel = survey->source.cancel,
                          .context = survey->source.context};
    survey->landscape = landscape_create(&desc, error);
    if (!survey->landscape) return false;
    float loss;
    if (!landscape_rows(survey->landscape, &survey->here[0], &survey->here[1], 0, 1, 1, &loss,
                        desc.cancel, desc.context)) {
        return error_set(error, "cancelled, or not enough memory");
    }
    survey->here_loss = (double)loss;
    survey_plan_grids(survey, grid);
    if (request->surface.refine) refine(survey);
    return true;
}

bool surface_work(const Survey *survey, Observation *out, int first, int last,
                  bool (*cancel)(void *), void *context) {
    const int columns = out->grid[1];
    return landscape_rows(survey->landscape, out->values_a, out->values_b, first, last, columns,
                          out->values + (size_t)first * (size_t)columns, cancel, context);
}
