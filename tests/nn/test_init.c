#include "nn/init.h"

#include <stdlib.h>
#include <string.h>

#include "fixtures/definitions.h"
#include "nets.h"

typedef struct Moments {
    double mean, deviation, least, most;
} Moments;

static Moments moments(const float *values, size_t n) {
    Moments m = {.least = (double)INFINITY, .most = -(double)INFINITY};
    for (size_t i = 0; i < n; i++) {
        m.mean += (double)values[i] / (double)n;
        m.least = fmin(m.least, (double)values[i]);
        m.most = fmax(m.most, (double)values[i]);
    }
    for (size_t i = 0; i < n; i++) m.deviation += pow((double)values[i] - m.mean, 2) / (double)n;
    m.deviation = sqrt(m.deviation);
    return m;
}

static Network made(Init init, uint64_t seed) {
    const LayerDesc layers[] = {{.units = 200, .activation = ACTIVATION_RELU},
                                {.units = 300, .activation = ACTIVATION_LINEAR}};
    Network net;
    assert_true(network_init(&net, 100, layers, 2, NULL));
    for (size_t i = 0; i < net.n_params; i++) net.params[i] = NAN; // all must be overwritten
    Rng rng = rng_create(seed, RNG_INIT);
    init_network(init, &net, &rng);
    return net;
}

static void assert_zero_bias(const Network *net) {
    for (int l = 0; l < net->n_layers; l++) {
        for (int o = 0; o < net->layers[l].units; o++) {
            assert_true(net->params[net->layers[l].bias_at + (size_t)o] == 0);
        }
    }
}

/// Uniform on ±bound: it fills the interval, stays in it, and has its deviation.
static void assert_uniform(const float *values, size_t n, double bound) {
    Moments m = moments(values, n);
    assert_true(m.least >= -bound * (1 + 1e-6) && m.most <= bound * (1 + 1e-6));
    assert_true(m.least < -bound * (1 - 20 / (double)n) && m.most > bound * (1 - 20 / (double)n));
    assert_close(m.mean / bound, 0, 4 / sqrt((double)n));
    assert_close(m.deviation / bound, 1 / sqrt(3), 2 / sqrt((double)n));
}

static void test_xavier_uniform(void **state) {
    (void)state;
    Network net = made(INIT_XAVIER_UNIFORM, 1);
    assert_uniform(net.params + net.layers[0].weight_at, 20000, sqrt(6.0 / 300));
    assert_uniform(net.params + net.layers[1].weight_at, 60000, sqrt(6.0 / 500));
    assert_zero_bias(&net);
    network_deinit(&net);
}

static void test_torch_linear(void **state) {
    (void)state;
    Network net = made(INIT_TORCH_LINEAR, 1);
    assert_uniform(net.params + net.layers[0].weight_at, 20000, 0.1);
    assert_uniform(net.params + net.layers[0].bias_at, 200, 0.1);
    assert_uniform(net.params + net.layers[1].weight_at, 60000, 1 / sqrt(200));
    assert_uniform(net.params + net.layers[1].bias_at, 300, 1 / sqrt(200));
    network_deinit(&net);
}

static void test_he_normal(void **state) {
    (void)state;
    Network net = made(INIT_HE_NORMAL, 1);
    Moments m = moments(net.params + net.layers[1].weight_at, 60000);
    double deviation = sqrt(2.0 / 200);
    assert_close(m.mean / deviation, 0, 0.02);
    assert_close(m.deviation / deviation, 1, 0.02);
    assert_in_range((int)(m.most / deviation * 10), 35, 60); // a normal's tail, in tenths
    assert_zero_bias(&net);
    network_deinit(&net);
}

static int compare_floats(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/// How many of n sorted values lie below a bound.
static size_t count_below(const float *sorted, size_t n, double bound) {
    size_t count = 0;
    while (count < n && (double)sorted[count] < bound) count++;
    return count;
}

/// The same shares of the values lie below the same bounds as for PyTorch, to within four standard
/// errors of both; and none lies outside what PyTorch's bounds are.
static void assert_drawn_alike(const RecordedInit *is, float *values, size_t n) {
    const double recorded = is->of_biases ? RECORDED_DRAWS / 100 : RECORDED_DRAWS;
    qsort(values, n, sizeof *values, compare_floats);
    for (int i = 0; i < RECORDED_SHARES; i++) {
        double share = recorded_shares[i];
        double error = sqrt(share * (1 - share) * (1 / (double)n + 1 / recorded));
        double ours = (double)count_below(values, n, is->quantiles[i]) / (double)n;
        if (!(fabs(ours - share) <= 4 * error)) {
            fail_msg("%s: %g of the values, not %g, lie below %g", init_name(is->init), ours, share,
                     is->quantiles[i]);
        }
    }
    assert_close(moments(values, n).deviation / is->deviation, 1, 4 / sqrt(2 * (double)n));
    bool bounded = is->most < 3 * is->deviation;
    if (bounded) assert_true((double)values[n - 1] <= is->most * 1.001);
    if (bounded) assert_true((double)values[0] >= is->least * 1.001);
}

/// PyTorch's own initialisers, by the quantiles of four million draws: record_definitions.py.
static void test_distributions_are_pytorchs(void **state) {
    (void)state;
    enum { INPUTS = 100, UNITS = 200, NETWORKS = 10, WEIGHTS = INPUTS * UNITS };
    bool recorded[INIT_COUNT] = {[INIT_ZEROS] = true};
    float *values = malloc((size_t)NETWORKS * WEIGHTS * sizeof *values);
    for (size_t i = 0; i < sizeof recorded_inits / sizeof *recorded_inits; i++) {
        const RecordedInit *is = &recorded_inits[i];
        const size_t n = is->of_biases ? UNITS : WEIGHTS;
        recorded[is->init] = true;
        for (size_t k = 0; k < NETWORKS; k++) {
            Network net;
            assert_true(network_init(&net, INPUTS, &(LayerDesc){.units = UNITS}, 1, NULL));
            Rng rng = rng_create(k, RNG_INIT);
            init_network(is->init, &net, &rng);
            size_t at = is->of_biases ? net.layers[0].bias_at : net.layers[0].weight_at;
            memcpy(values + k * n, net.params + at, n * sizeof *values);
            network_deinit(&net);
        }
        assert_drawn_alike(is, values, NETWORKS * n);
    }
    for (int init = 0; init < INIT_COUNT; init++) assert_true(recorded[init]);
    free(values);
}

/// All but torch_linear leave biases at zero, and norms as network_init makes them.
static void test_biases_and_norms(void **state) {
    (void)state;
    const LayerDesc layers[] = {{.units = 5, .norm = NORM_BATCH}, {.units = 3, .norm = NORM_LAYER}};
    for (int init = 0; init < INIT_COUNT; init++) {
        Network net;
        assert_true(network_init(&net, 4, layers, 2, NULL));
        Rng rng = rng_create(2, RNG_INIT);
        init_network((Init)init, &net, &rng);
        if (init != INIT_TORCH_LINEAR) assert_zero_bias(&net);
        for (int l = 0; l < 2; l++) {
            for (size_t o = 0; o < (size_t)net.layers[l].units; o++) {
                assert_true(net.params[net.layers[l].gamma_at + o] == 1);
                assert_true(net.params[net.layers[l].beta_at + o] == 0);
            }
        }
        for (size_t o = 0; o < 5; o++) {
            assert_true(net.params[net.layers[0].mean_at + o] == 0);
            assert_true(net.params[net.layers[0].variance_at + o] == 1);
        }
        network_deinit(&net);
    }
}

static void test_zeros(void **state) {
    (void)state;
    Network net = made(INIT_ZEROS, 1);
    for (size_t i = 0; i < net.n_params; i++) assert_true(net.params[i] == 0);
    network_deinit(&net);
}

static void test_seed_decides(void **state) {
    (void)state;
    for (int init = 1; init < INIT_COUNT; init++) {
        Network a = made((Init)init, 5), b = made((Init)init, 5), c = made((Init)init, 6);
        assert_memory_equal(a.params, b.params, a.n_params * sizeof(float));
        assert_memory_not_equal(a.params, c.params, a.n_params * sizeof(float));
        network_deinit(&a);
        network_deinit(&b);
        network_deinit(&c);
    }
}

static void test_names(void **state) {
    (void)state;
    for (int i = 0; i < INIT_COUNT; i++) {
        assert_int_equal(init_find(init_name((Init)i)), i);
        assert_true(strlen(init_description((Init)i)) > 0);
    }
    assert_int_equal(init_find("xavier"), INIT_COUNT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_xavier_uniform),
        cmocka_unit_test(test_torch_linear),
        cmocka_unit_test(test_he_normal),
        cmocka_unit_test(test_zeros),
        cmocka_unit_test(test_distributions_are_pytorchs),
        cmocka_unit_test(test_biases_and_norms),
        cmocka_unit_test(test_seed_decides),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
