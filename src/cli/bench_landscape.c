// The jobs of `saddle bench` that measure landscapes: on one core, preparation included.
#include "cli/bench.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/interrupt.h"
#include "nn/landscape.h"
#include "train/session.h"
#include "train/survey.h"

enum { REPEATS = 7 };

/// A surface of all samples over the first weights of a neuron of one layer, or of two.
/// @param changes  of the experiment, as bench_session takes them
static bool surface(const char *name, const char *const *changes, int layer, int second_layer,
                    int grid, BenchResult *result, Error *error) {
    Session *session = bench_session(name, changes, error);
    if (!session) return false;
    size_t points = (size_t)grid * (size_t)grid;
    float *loss = malloc(points * sizeof *loss);
    double *axis = malloc((size_t)grid * sizeof *axis);
    bool good = loss && axis ? true : error_set(error, "bench: out of memory");
    double best = HUGE_VAL;
    if (good) landscape_axis(-5, 5, grid, axis);
    for (int repeat = 0; good && repeat < REPEATS && !interrupted(); repeat++) {
        LandscapeDesc desc = {.net = &session->net,
                              .a = {layer, 0, 0},
                              .b = {second_layer, 0, layer == second_layer ? 1 : 0},
                              .loss = session->experiment->loss,
                              .x = session->data->x,
                              .t = session->data->t,
                              .n = session->data->n};
        double start = bench_seconds();
        Landscape *landscape = landscape_create(&desc, error);
        good = landscape && landscape_rows(landscape, axis, axis, 0, grid, grid, loss, NULL, NULL);
        best = fmin(best, bench_seconds() - start);
        landscape_destroy(landscape);
    }
    *result = (BenchResult){best, (double)points / best, "points/s", "best of 7", 0};
    free(axis);
    free(loss);
    session_destroy(session);
    return good;
}

bool bench_landscape_output(BenchResult *result, Error *error) {
    return surface("xor-shallow", NULL, -1, -1, 256, result, error);
}

bool bench_landscape_first(BenchResult *result, Error *error) {
    return surface("xor-shallow", NULL, 0, 0, 256, result, error);
}

bool bench_landscape_residual(BenchResult *result, Error *error) {
    return surface("xor-deep-residual", NULL, 1, 1, 64, result, error);
}

bool bench_landscape_error_surface(BenchResult *result, Error *error) {
    const char *const changes[] = {"landscape.split=train", "data.test_fraction=0", NULL};
    return surface("error-surface", changes, 0, 1, 80, result, error);
}

bool bench_landscape_layers(BenchResult *result, Error *error) {
    Session *session = bench_session("xor-deep", NULL, error);
    if (!session) return false;
    const SurveySource source = {
        .net = &session->net, .data = session->data, .loss = session->experiment->loss};
    ObservationRequest request;
    memset(&request, 0, sizeof request);
    request.kind = OBSERVE_NEURONS;
    request.neurons.reach = 5;
    request.neurons.grid = 32;
    Observation out = {0};
    double best = HUGE_VAL, points = 0;
    bool good = true;
    for (int repeat = 0; good && repeat < REPEATS && !interrupted(); repeat++) {
        Survey survey;
        double start = bench_seconds();
        good = survey_init(&survey, &request, &source, error);
        if (!good) break;
        int pass = survey.n_passes - 1, rows = survey_rows(&survey, pass);
        good = (survey_start(&survey, pass, &out) &&
                survey_work(&survey, &out, 0, rows, 1, NULL, NULL)) ||
               error_set(error, "bench: out of memory");
        best = fmin(best, bench_seconds() - start);
        points = (double)rows * request.neurons.grid;
        survey_deinit(&survey);
    }
    *result = (BenchResult){best, points / best, "points/s", "best of 7", 0};
    observation_deinit(&out);
    session_destroy(session);
    return good;
}
