/// Networks with their data as tests/fixtures/record_planes.py writes them.
#ifndef TESTS_NN_PLANE_NETS_H
#define TESTS_NN_PLANE_NETS_H

#include <stdint.h>
#include <stdlib.h>

#include "nn/loss.h"
#include "nn/network.h"

#include "support.h"

typedef struct PlaneNet {
    const char *name;
    int n_inputs, n_layers;
    LayerDesc layers[4];
    Loss loss;
    int n_samples, n_params, n_values;
    const int16_t *x, *t, *values; // in units of 2^-12; values: parameters, then statistics
} PlaneNet;

/// n numbers that were written as counts of 2^-12; the caller frees them.
static inline float *plane_floats(const int16_t *counts, int n) {
    float *values = malloc((size_t)n * sizeof *values);
    for (int i = 0; i < n; i++) values[i] = (float)counts[i] * 0x1p-12f;
    return values;
}

static inline double *plane_doubles(const int16_t *counts, int n) {
    double *values = malloc((size_t)n * sizeof *values);
    for (int i = 0; i < n; i++) values[i] = (double)counts[i] * 0x1p-12;
    return values;
}

/// The network itself.
/// @param x, t  its data, for the caller to free
static inline Network plane_net_init(const PlaneNet *is, float **x, float **t) {
    Network net;
    Error error;
    if (!network_init(&net, is->n_inputs, is->layers, is->n_layers, &error)) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(net.n_params, is->n_params);
    assert_int_equal(net.n_values, is->n_values);
    for (int i = 0; i < is->n_values; i++) net.params[i] = (float)is->values[i] * 0x1p-12f;
    *x = plane_floats(is->x, is->n_samples * is->n_inputs);
    *t = plane_floats(is->t, is->n_samples * net.n_outputs);
    return net;
}

#endif
