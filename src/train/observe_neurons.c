/// The small landscapes of all layers: of each layer's first two neurons the loss over two weights
/// of theirs, around what these are now, everything else held fixed. One observation holds them
/// all, so that they are of one moment. Its rows of work are the surfaces' rows, one surface after
/// another.
#include "train/observe_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/// What the finest pass over all surfaces may take, in multiplications: of larger data evenly
/// picked samples are looked at, but not fewer than the least.
#define PASS_COST     2e9
#define SAMPLES_LEAST 500
/// Measured on one core of a common machine: what a multiplication takes where samples fill the
/// vectors.
#define NEURON_SECONDS 0.05e-9

enum { COARSEST = 8, LOOKED_AT = 256, COUNTED = 64, NEURON_COST = 8 };

// ---- which weights --------------------------------------------------------------------------

/// Of how many in so many samples inputs are not zero.
/// @param first  the first of COUNTED inputs, or of as many as there are
static void count_nonzero(const Dataset *data, int first, size_t samples, int counts[COUNTED]) {
    const size_t inputs = (size_t)data->n_inputs, left = inputs - (size_t)first;
    const size_t n = left < COUNTED ? left : COUNTED;
    memset(counts, 0, COUNTED * sizeof *counts);
    for (size_t i = 0; i < samples; i++) {
        const float *x = data->x + i * data->n_train / samples * inputs + (size_t)first;
        for (size_t k = 0; k < n; k++) counts[k] += x[k] != 0;
    }
}

/// The first input that is not zero in half of the samples or more; where there is none such, the
/// one that is zero least often.
/// @param besides  another one than that
static int pick_input(const Dataset *data, int besides) {
    const size_t samples = data->n_train < LOOKED_AT ? data->n_train : LOOKED_AT;
    const int enough = (int)(samples + 1) / 2;
    int best = 0, most = -1, counts[COUNTED];
    for (int k = 0; k < data->n_inputs && most < enough; k++) {
        if (k % COUNTED == 0) count_nonzero(data, k, samples, counts);
        if (k == besides || counts[k % COUNTED] <= most) continue;
        best = k;
        most = counts[k % COUNTED];
    }
    return best;
}

bool neuron_axes(const Network *net, const Dataset *data, int layer, int neuron, ParamRef axes[2]) {
    if (layer < 0 || layer >= net->n_layers || neuron < 0 || neuron >= NEURONS_SEEN ||
        neuron >= net->layers[layer].units) {
        return false;
    }
    const Layer *l = &net->layers[layer];
    int first = 0, second = 1;
    if (l->inputs == 1) {
        if (!l->has_bias) return false;
        second = PARAM_BIAS;
    } else if (layer == 0) {
        int one = pick_input(data, -1), other = pick_input(data, one);
        first = one < other ? one : other;
        second = one < other ? other : one;
    }
    axes[0] = (ParamRef){layer, neuron, first};
    axes[1] = (ParamRef){layer, neuron, second};
    return true;
}

// ---- the survey -----------------------------------------------------------------------------

static int surfaces_of(const Network *net) {
    return net->n_layers * NEURONS_SEEN;
}

/// Multiplications, about, for a point of each surface and one sample.
static double point_cost(const Survey *survey) {
    const Network *net = survey->source.net;
    double cost = 0;
    for (int s = 0; s < surfaces_of(net); s++) {
        ParamRef axes[2];
        int layer = s / NEURONS_SEEN;
        if (!neuron_axes(net, survey->source.data, layer, s % NEURONS_SEEN, axes)) continue;
        cost += NEURON_COST + forward_cost(net, layer + 1);
    }
    return cost;
}

static void plan_passes(Survey *survey) {
    const int finest = survey->request.neurons.grid;
    for (int side = COARSEST; side < finest && survey->n_passes < SURVEY_PASSES_MAX - 1;
         side *= 2) {
        int *pass = survey->grids[survey->n_passes++];
        pass[0] = pass[1] = side;
    }
    int *last = survey->grids[survey->n_passes++];
    last[0] = last[1] = finest;
}

/// @param centre  written: the two weights as they are
static bool find_centre(const Survey *survey, int surface, ParamRef axes[2], double centre[2]) {
    const Network *net = survey->source.net;
    if (!neuron_axes(net, survey->source.data, surface / NEURONS_SEEN, surface % NEURONS_SEEN,
                     axes)) {
        return false;
    }
    for (int i = 0; i < 2; i++) {
        size_t at;
        if (!network_locate(net, axes[i], &at, NULL)) return false;
        centre[i] = (double)net->params[at];
    }
    return true;
}

static bool make_landscapes(Survey *survey, const SurveySamples *samples, Error *error) {
    const Network *net = survey->source.net;
    survey->neurons = calloc((size_t)surfaces_of(net), sizeof *survey->neurons);
    if (!survey->neurons) return error_set(error, "not enough memory");
    survey->here_loss = (double)NAN;
    for (int s = 0; s < surfaces_of(net); s++) {
        ParamRef axes[2];
        double centre[2];
        if (!find_centre(survey, s, axes, centre)) continue;
        LandscapeDesc desc = {.net = net,
                              .a = axes[0],
                              .b = axes[1],
                              .loss = survey->source.loss,
                              .x = samples->x,
                              .t = samples->t,
                              .n = samples->n,
                              .cancel = survey->source.cancel,
                              .context = survey->source.context};
        survey->neurons[s] = landscape_create(&desc, error);
        if (!survey->neurons[s]) return false;
        if (!isnan(survey->here_loss)) continue;
        float loss = NAN;
        if (!landscape_rows(survey->neurons[s], &centre[0], &centre[1], 0, 1, 1, &loss, desc.cancel,
                            desc.context)) {
            return error_set(error, "cancelled, or not enough memory");
        }
        survey->here_loss = (double)loss;
    }
    return true;
}

bool neurons_plan(Survey *survey, Error *error) {
    const int grid = survey->request.neurons.grid;
    const double reach = survey->request.neurons.reach;
    if (grid < 2 || grid > NEURON_GRID_MAX) {
        return error_set(error, "a neuron's surface has 2 to %d points a side", NEURON_GRID_MAX);
    }
    if (!(reach > 0) || !isfinite(reach)) return error_set(error, "a surface without extent");
    const double cost = point_cost(survey);
    if (cost <= 0) return error_set(error, "no neuron has two weights");
    const double most = fmax(SAMPLES_LEAST, PASS_COST / (cost * grid * grid));
    SurveySamples samples;
    if (!survey_pick_samples(survey, false, most, &samples, error) ||
        !make_landscapes(survey, &samples, error)) {
        return false;
    }
    survey->point_seconds = (double)samples.n * cost * NEURON_SECONDS;
    plan_passes(survey);
    return true;
}

void neurons_deinit(Survey *survey) {
    if (!survey->neurons) return;
    for (int s = 0; s < surfaces_of(survey->source.net); s++) {
        landscape_destroy(survey->neurons[s]);
    }
    free(survey->neurons);
    survey->neurons = NULL;
}

int neurons_rows(const Survey *survey, int pass) {
    return surfaces_of(survey->source.net) * survey->grids[pass][0];
}

bool neurons_start(const Survey *survey, int pass, Observation *out) {
    const Network *net = survey->source.net;
    const int side = survey->grids[pass][0], surfaces = surfaces_of(net);
    const size_t points = (size_t)surfaces * (size_t)side * (size_t)side;
    if (!observation_reserve(out, points + (size_t)surfaces * 2) ||
        !observation_reserve_axes(out, side, side))
        return false;
    out->n_layers = net->n_layers;
    out->values = out->memory;
    out->centres = out->memory + points;
    for (int s = 0; s < surfaces; s++) {
        ParamRef axes[2];
        double centre[2] = {0, 0};
        find_centre(survey, s, axes, centre);
        for (int i = 0; i < 2; i++) out->centres[2 * s + i] = (float)centre[i];
    }
    const double reach = survey->request.neurons.reach;
    landscape_axis(-reach, reach, side, out->values_a);
    landscape_axis(-reach, reach, side, out->values_b);
    return true;
}

bool neurons_work(const Survey *survey, Observation *out, int first, int last,
                  bool (*cancel)(void *context), void *context) {
    const int side = out->grid[0];
    double a[NEURON_GRID_MAX], b[NEURON_GRID_MAX];
    for (int row = first; row < last;) {
        const int surface = row / side, from = row % side;
        const int to = side - from < last - row ? side : from + last - row;
        float *values = out->values + (size_t)row * (size_t)side;
        const Landscape *landscape = survey->neurons[surface];
        if (landscape) {
            for (int i = 0; i < side; i++) {
                a[i] = (double)out->centres[2 * surface] + out->values_a[i];
                b[i] = (double)out->centres[2 * surface + 1] + out->values_b[i];
            }
            if (!landscape_rows(landscape, a, b, from, to, side, values, cancel, context)) {
                return false;
            }
        } else {
            for (int i = 0; i < (to - from) * side; i++) values[i] = NAN;
        }
        row += to - from;
    }
    return true;
}
