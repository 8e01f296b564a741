/// Which class the network puts samples into: those of the test part, or where there is none of the
/// train part. A class of one output is what lies above a half.
#include "train/observe_parts.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK = 256, FIRST_PASS = 1024 };

bool verdicts_plan(Survey *survey, Error *error) {
    const Dataset *data = survey->source.data;
    if (!data->classes) return error_set(error, "the data has no classes");
    size_t n = data->n > data->n_train ? data->n - data->n_train : data->n_train;
    int samples = n < VERDICTS_MAX ? (int)n : VERDICTS_MAX;
    if (samples > FIRST_PASS) survey->grids[survey->n_passes++][0] = FIRST_PASS;
    survey->grids[survey->n_passes++][0] = samples;
    for (int pass = 0; pass < survey->n_passes; pass++) survey->grids[pass][1] = 1;
    return true;
}

int verdicts_rows(const Survey *survey, int pass) {
    return (survey->grids[pass][0] + BLOCK - 1) / BLOCK;
}

bool verdicts_start(const Survey *survey, int pass, Observation *out) {
    size_t n = (size_t)survey->grids[pass][0];
    if (!observation_reserve(out, 3 * n)) return false;
    out->n_points = (int)n;
    out->target = out->memory;
    out->winner = out->memory + n;
    out->values = out->memory + 2 * n;
    return true;
}

size_t verdict_sample(const Observation *out, const Dataset *data, int point) {
    bool test = data->n > data->n_train;
    size_t first = test ? data->n_train : 0, n = test ? data->n - data->n_train : data->n_train;
    return first + (size_t)point * n / (size_t)out->n_points;
}

bool verdicts_work(const Survey *survey, Observation *out, int first, int last,
                   bool (*cancel)(void *context), void *context) {
    const Network *net = survey->source.net;
    const Dataset *data = survey->source.data;
    size_t inputs = (size_t)data->n_inputs, outputs = (size_t)data->n_outputs;
    Workspace ws;
    float *x = malloc(BLOCK * inputs * sizeof *x);
    bool made = workspace_init(&ws, net, BLOCK), going = x && made;
    for (int row = first; going && row < last; row++) {
        int at = row * BLOCK, n = out->n_points - at < BLOCK ? out->n_points - at : BLOCK;
        for (int i = 0; i < n; i++) {
            size_t sample = verdict_sample(out, data, at + i);
            const float *t = data->t + sample * outputs;
            memcpy(x + (size_t)i * inputs, data->x + sample * inputs, inputs * sizeof *x);
            out->target[at + i] = outputs > 1 ? (float)largest_of(t, (int)outputs) : t[0];
        }
        const float *y = network_outputs(net, &ws, x, n);
        for (int i = 0; i < n; i++) {
            const float *of_sample = y + (size_t)i * outputs;
            if (outputs > 1) {
                int best = largest_of(of_sample, (int)outputs);
                out->winner[at + i] = (float)best;
                out->values[at + i] = of_sample[best];
            } else {
                bool one = of_sample[0] >= 0.5f;
                out->winner[at + i] = one ? 1.0f : 0.0f;
                out->values[at + i] = one ? of_sample[0] : 1 - of_sample[0];
            }
        }
        going = !cancel || !cancel(context);
    }
    if (made) workspace_deinit(&ws);
    free(x);
    return going;
}
