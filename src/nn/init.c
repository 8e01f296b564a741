// Initialisers: which distribution a layer's weights and biases are drawn from. Values are drawn in
// 64 bits and rounded once.
#include "nn/init.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "nn/network.h"

#define X(constant, name, description) name,
static const char *const names[] = {INIT_LIST(X)};
#undef X
#define X(constant, name, description) description,
static const char *const descriptions[] = {INIT_LIST(X)};
#undef X

const char *init_name(Init init) {
    assert(init < INIT_COUNT);
    return names[init];
}

const char *init_description(Init init) {
    assert(init < INIT_COUNT);
    return descriptions[init];
}

Init init_find(const char *name) {
    int i = 0;
    while (i < INIT_COUNT && strcmp(names[i], name) != 0) i++;
    return (Init)i;
}

static void fill_uniform(float *values, size_t n, double bound, Rng *rng) {
    for (size_t i = 0; i < n; i++) values[i] = (float)rng_uniform(rng, -bound, bound);
}

static void fill_normal(float *values, size_t n, double deviation, Rng *rng) {
    for (size_t i = 0; i < n; i++) values[i] = (float)(deviation * rng_normal(rng));
}

void init_network(Init init, Network *net, Rng *rng) {
    for (int l = 0; l < net->n_layers; l++) {
        const Layer *layer = &net->layers[l];
        float *weight = net->params + layer->weight_at, *bias = net->params + layer->bias_at;
        size_t n = (size_t)layer->inputs * (size_t)layer->units;
        double fan_in = layer->inputs, fan_out = layer->units;
        memset(weight, 0, n * sizeof *weight);
        if (layer->has_bias) memset(bias, 0, (size_t)layer->units * sizeof *bias);
        switch (init) {
        case INIT_NORMAL: fill_normal(weight, n, 1, rng); break;
        case INIT_XAVIER_NORMAL: fill_normal(weight, n, sqrt(2 / (fan_in + fan_out)), rng); break;
        case INIT_HE_UNIFORM: fill_uniform(weight, n, sqrt(6 / fan_in), rng); break;
        case INIT_XAVIER_UNIFORM: fill_uniform(weight, n, sqrt(6 / (fan_in + fan_out)), rng); break;
        case INIT_HE_NORMAL: fill_normal(weight, n, sqrt(2 / fan_in), rng); break;
        case INIT_TORCH_LINEAR:
            fill_uniform(weight, n, 1 / sqrt(fan_in), rng);
            if (layer->has_bias) {
                fill_uniform(bias, (size_t)layer->units, 1 / sqrt(fan_in), rng);
            }
            break;
        case INIT_ZEROS:
        case INIT_COUNT: break;
        }
    }
}
