/// Where every layer takes the samples, laid into a plane, and the lines of a grid over two inputs
/// likewise. Two units are a plane already. More are seen along the two directions in which they
/// vary most (the principal components, of a block of samples); outputs of several classes in a
/// polygon that has a class at each corner.
#include "train/observe_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 256, ROUNDS = 40 };

/// How a layer's values become a point: (value - mean) on two axes.
typedef struct Flattening {
    const float *mean;    // (width)
    const float *axes[2]; // (width) each; NULL: the first two values as they are
} Flattening;

typedef struct Flattenings {
    Flattening of[NETWORK_LAYERS_MAX + 1]; // the input first
    float *memory;
} Flattenings;

static int width_of(const Network *net, int cell) {
    return cell == 0 ? net->n_inputs : net->layers[cell - 1].units;
}

bool cloud_start(const Survey *survey, Observation *out) {
    const Dataset *data = survey->source.data;
    size_t layers = (size_t)survey->source.net->n_layers + 1;
    size_t points = data->n_train < CLOUD_POINTS_MAX ? data->n_train : CLOUD_POINTS_MAX;
    size_t lines = data->n_inputs == 2 ? 2 * CLOUD_LINES * CLOUD_LINE_POINTS * 2 : 0;
    if (!observation_reserve(out, points + layers * (points * 2 + lines))) return false;
    out->n_layers = (int)layers;
    out->n_points = (int)points;
    out->target = out->memory;
    out->points = out->target + points;
    out->lines = lines ? out->points + layers * points * 2 : NULL;
    return true;
}

size_t cloud_sample(const Observation *out, const Dataset *data, int point) {
    return (size_t)point * data->n_train / (size_t)out->n_points;
}

// ---- planes ---------------------------------------------------------------------------------

static double dot(const float *a, const float *b, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) sum += (double)a[i] * (double)b[i];
    return sum;
}

/// Makes v a unit vector, or where it is none (zero, not finite) the unit vector along `along`.
static void normalise(float *v, int n, int along) {
    double length = sqrt(dot(v, v, n));
    bool fine = isfinite(length) && length > 1e-30;
    for (int i = 0; i < n; i++) {
        v[i] = fine ? (float)((double)v[i] / length) : i == along ? 1.0f : 0.0f;
    }
}

/// One round of subspace iteration: axis <- covariance * axis, but for a factor.
/// @param centred  (n, width)
static void multiply(const float *centred, int n, int width, float *axis, float *next) {
    memset(next, 0, (size_t)width * sizeof *next);
    for (int i = 0; i < n; i++) {
        const float *row = centred + (size_t)i * (size_t)width;
        float along = (float)dot(row, axis, width);
        for (int k = 0; k < width; k++) next[k] += along * row[k];
    }
    memcpy(axis, next, (size_t)width * sizeof *axis);
}

/// The two directions in which n samples vary most. They start from the same vectors each time and
/// keep to their side, so that a picture does not turn over from one moment to the next.
/// @param scratch  n * width + width floats
/// @return false where it was cancelled
static bool find_principal(const float *values, int n, int width, float *mean, float *axes[2],
                           float *scratch, const Cancel *cancel) {
    float *centred = scratch, *next = scratch + (size_t)n * (size_t)width;
    for (int k = 0; k < width; k++) {
        double sum = 0;
        for (int i = 0; i < n; i++) sum += (double)values[(size_t)i * (size_t)width + (size_t)k];
        mean[k] = (float)(sum / n);
    }
    if (is_cancelled(cancel)) return false;
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < width; k++) {
            size_t at = (size_t)i * (size_t)width + (size_t)k;
            centred[at] = values[at] - mean[k];
        }
    }
    for (int k = 0; k < width; k++) {
        axes[0][k] = 1;
        axes[1][k] = k % 2 ? -1.0f : 1.0f;
    }
    double side[2] = {1, 1};
    for (int round = 0; round < ROUNDS; round++) {
        for (int a = 0; a < 2; a++) {
            if (is_cancelled(cancel)) return false;
            multiply(centred, n, width, axes[a], next);
            if (a == 1) {
                double shared = dot(axes[0], axes[1], width);
                for (int k = 0; k < width; k++) axes[1][k] -= (float)shared * axes[0][k];
            }
            normalise(axes[a], width, a);
        }
    }
    for (int k = 0; k < width; k++) {
        side[0] += (double)axes[0][k];
        side[1] += (double)(k % 2 ? -axes[1][k] : axes[1][k]);
    }
    for (int a = 0; a < 2; a++) {
        if (side[a] >= 1) continue;
        for (int k = 0; k < width; k++) axes[a][k] = -axes[a][k];
    }
    return true;
}

/// Class 0 at the top, the others clockwise.
static void polygon(int corners, float *mean, float *axes[2]) {
    for (int k = 0; k < corners; k++) {
        double angle = 2 * acos(-1) * k / corners;
        mean[k] = 0;
        axes[0][k] = (float)sin(angle);
        axes[1][k] = (float)cos(angle);
    }
}

/// @param x       (n, n_inputs) samples to go by
/// @param planes  zeroed; its memory is the caller's to free, whatever comes of it
static bool find_planes(const Survey *survey, Workspace *ws, const float *x, int n,
                        Flattenings *planes, const Cancel *cancel) {
    const Network *net = survey->source.net;
    size_t floats = 1, widest = (size_t)network_widest(net);
    for (int cell = 0; cell <= net->n_layers; cell++) floats += 3 * (size_t)width_of(net, cell);
    planes->memory = malloc(floats * sizeof *planes->memory);
    float *scratch = malloc(((size_t)n + 1) * widest * sizeof *scratch);
    bool made = planes->memory && scratch;
    float *at = planes->memory;
    if (made) network_forward(net, ws, x, n);
    for (int cell = 0; made && cell <= net->n_layers; cell++) {
        int width = width_of(net, cell);
        if (width <= 2) continue;
        float *mean = at, *axes[2] = {mean + width, mean + width + width};
        at = axes[1] + width;
        if (cell == net->n_layers && has_several_classes(survey->source.data)) {
            polygon(width, mean, axes);
        } else {
            const float *values = cell == 0 ? x : ws->outputs[cell - 1];
            made = find_principal(values, n, width, mean, axes, scratch, cancel);
        }
        planes->of[cell] = (Flattening){.mean = mean, .axes = {axes[0], axes[1]}};
    }
    free(scratch);
    return made;
}

// ---- points ---------------------------------------------------------------------------------

static void place(const Flattening *plane, const float *values, int n, int width, float *xy) {
    for (size_t i = 0; i < (size_t)n; i++) {
        const float *value = values + i * (size_t)width;
        if (!plane->axes[0]) { // one value is a point on a line
            xy[2 * i] = value[0];
            xy[2 * i + 1] = width > 1 ? value[1] : 0;
            continue;
        }
        for (int axis = 0; axis < 2; axis++) {
            double sum = 0;
            for (int k = 0; k < width; k++) {
                sum += (double)(value[k] - plane->mean[k]) * (double)plane->axes[axis][k];
            }
            xy[2 * i + (size_t)axis] = (float)sum;
        }
    }
}

/// Where each layer takes n inputs x, to xy[layer * stride + 2 * i], the input itself first.
static void trace(const Network *net, const Flattenings *planes, Workspace *ws, const float *x,
                  int n, float *xy, size_t stride) {
    network_forward(net, ws, x, n);
    for (int cell = 0; cell <= net->n_layers; cell++) {
        place(&planes->of[cell], cell == 0 ? x : ws->outputs[cell - 1], n, width_of(net, cell),
              xy + (size_t)cell * stride);
    }
}

/// Copies the inputs of points [first, first + n) of so many that are evenly picked.
static void pick(const Dataset *data, size_t first, int n, size_t of, float *x) {
    size_t inputs = (size_t)data->n_inputs;
    for (size_t i = 0; i < (size_t)n; i++) {
        size_t sample = (first + i) * data->n_train / of;
        memcpy(x + i * inputs, data->x + sample * inputs, inputs * sizeof *x);
    }
}

/// @return false where it was cancelled
static bool trace_cloud(const Survey *survey, const Flattenings *planes, Workspace *ws, float *x,
                        Observation *out, const Cancel *cancel) {
    const Dataset *data = survey->source.data;
    size_t points = (size_t)out->n_points, outputs = (size_t)data->n_outputs;
    for (size_t at = 0; at < points; at += BLOCK) {
        if (is_cancelled(cancel)) return false;
        int n = points - at < BLOCK ? (int)(points - at) : BLOCK;
        pick(data, at, n, points, x);
        for (size_t i = at; i < at + (size_t)n; i++) {
            const float *t = data->t + i * data->n_train / points * outputs;
            out->target[i] =
                has_several_classes(data) ? (float)largest_of(t, data->n_outputs) : t[0];
        }
        trace(survey->source.net, planes, ws, x, n, out->points + at * 2, points * 2);
    }
    return true;
}

/// The lines of a grid over the data's rectangle: CLOUD_LINES along the first input, then as many
/// along the second.
static void trace_lines(const Survey *survey, const Flattenings *planes, Workspace *ws, float *x,
                        Observation *out) {
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
        trace(survey->source.net, planes, ws, x, CLOUD_LINE_POINTS,
              out->lines + (size_t)line * line_floats, lines * line_floats);
    }
}

bool cloud_work(const Survey *survey, Observation *out, bool (*cancel)(void *), void *context) {
    const Cancel asked = {cancel, context};
    const Network *net = survey->source.net;
    size_t n = (size_t)out->n_points < BLOCK ? (size_t)out->n_points : BLOCK;
    Workspace ws;
    Flattenings planes = {.memory = NULL};
    float *x = malloc(BLOCK * (size_t)net->n_inputs * sizeof *x);
    bool made = workspace_init(&ws, net, BLOCK), done = false;
    if (x && made) {
        pick(survey->source.data, 0, (int)n, n, x);
        done = find_planes(survey, &ws, x, (int)n, &planes, &asked) &&
               trace_cloud(survey, &planes, &ws, x, out, &asked);
    }
    if (done && out->lines) trace_lines(survey, &planes, &ws, x, out);
    free(planes.memory);
    if (made) workspace_deinit(&ws);
    free(x);
    return done;
}
