#include "fuzz_weights.h"

#include <math.h>

#include "fuzz.h"

void fuzz_network(Network *net) {
    const LayerDesc layers[] = {{.units = 2, .norm = NORM_BATCH}, {.units = 1, .no_bias = true}};
    fuzz_check(network_init(net, 3, layers, 2, NULL));
    for (size_t i = 0; i < net->n_values; i++) net->params[i] = (float)i + 0.5f;
}

static void check_round_trip(const Network *net, WeightsFormat format) {
    char *bytes = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&bytes, &size);
    Network read;
    fuzz_network(&read);
    fuzz_check(stream && weights_write(net, format, stream, NULL) && fclose(stream) == 0);
    fuzz_check(weights_read(&read, format, bytes, size, NULL));
    fuzz_check(memcmp(read.params, net->params, net->n_values * sizeof *net->params) == 0);
    network_deinit(&read);
    free(bytes);
}

void fuzz_weights(WeightsFormat format, const uint8_t *data, size_t size) {
    Network net, before;
    fuzz_network(&net);
    fuzz_network(&before);
    Error error = {""};
    if (weights_read(&net, format, data, size, &error)) {
        for (size_t i = 0; i < net.n_values; i++) fuzz_check(isfinite(net.params[i]));
        check_round_trip(&net, format);
    } else {
        fuzz_check_error(&error);
        fuzz_check(memcmp(net.params, before.params, net.n_values * sizeof *net.params) == 0);
    }
    network_deinit(&net);
    network_deinit(&before);
}
