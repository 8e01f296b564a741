/// Random networks and data for tests of the numeric core.
#ifndef TESTS_NN_NETS_H
#define TESTS_NN_NETS_H

#include <stdlib.h>

#include "base/rng.h"
#include "nn/init.h"
#include "nn/network.h"

#include "support.h"

/// A network of these layers with parameters of any value, so that a misplaced one shows; its
/// norms' gammas and running variances are about 1, their betas and running means about 0.
static inline Network random_layers(int n_inputs, const LayerDesc *layers, int n, uint64_t seed) {
    Network net;
    Error error;
    if (!network_init(&net, n_inputs, layers, n, &error)) fail_msg("%s", error.text);
    Rng rng = rng_create(seed, RNG_TEST);
    init_network(INIT_TORCH_LINEAR, &net, &rng);
    for (int l = 0; l < n; l++) {
        const Layer *layer = &net.layers[l];
        const size_t units = (size_t)layer->units;
        for (size_t o = 0; layer->norm != NORM_NONE && o < units; o++) {
            net.params[layer->gamma_at + o] = (float)rng_uniform(&rng, 0.5, 1.5);
            net.params[layer->beta_at + o] = (float)rng_uniform(&rng, -0.5, 0.5);
        }
        for (size_t o = 0; layer->norm == NORM_BATCH && o < units; o++) {
            net.params[layer->mean_at + o] = (float)rng_uniform(&rng, -0.5, 0.5);
            net.params[layer->variance_at + o] = (float)rng_uniform(&rng, 0.25, 1.5);
        }
    }
    return net;
}

/// A plain network.
/// @param widths  inputs, then each layer's units, ended by 0
static inline Network random_network(const int *widths, Activation hidden, Activation last,
                                     bool bias, uint64_t seed) {
    LayerDesc layers[NETWORK_LAYERS_MAX] = {0};
    int n = 0;
    for (; widths[n + 1] > 0; n++) {
        layers[n] = (LayerDesc){.units = widths[n + 1],
                                .activation = widths[n + 2] > 0 ? hidden : last,
                                .no_bias = !bias};
    }
    return random_layers(widths[0], layers, n, seed);
}

/// n values uniform on [lo, hi), each a 32-bit number, in both precisions.
static inline void random_values(size_t n, double lo, double hi, uint64_t seed, float **floats,
                                 double **doubles) {
    Rng rng = rng_create(seed, RNG_DATA);
    *floats = malloc((n + 1) * sizeof **floats);
    *doubles = malloc((n + 1) * sizeof **doubles);
    for (size_t i = 0; i < n; i++) {
        (*floats)[i] = (float)rng_uniform(&rng, lo, hi);
        (*doubles)[i] = (double)(*floats)[i];
    }
}

/// The parameters in 64 bits; the caller frees them.
static inline double *wide_params(const Network *net) {
    double *params = malloc(net->n_values * sizeof *params);
    for (size_t i = 0; i < net->n_values; i++) params[i] = (double)net->params[i];
    return params;
}

#endif
