// Norms on their own: known values, PyTorch's definitions spelt out in 64 bits, running statistics
// over many batches, and ways back against differences.
#include "nn/kernels/norm.h"
#include "nn/pass.h"

#include <stdlib.h>
#include <string.h>

#include "nets.h"

enum { MOST = 64 };

static void test_known_values(void **state) {
    (void)state;
    // Two units over four samples: means 1 and 2, variances 5 and 0.
    float z[4][2] = {{-2, 2}, {0, 2}, {2, 2}, {4, 2}}, normal[4][2], inverse[2];
    const float gamma[] = {2, 3}, beta[] = {0.5f, -1};
    float mean[] = {10, 20}, variance[] = {1, 1};
    const NormParams params = {gamma, beta, mean, variance};
    norm_batch_training(&z[0][0], 4, 2, &params, true, &normal[0][0], inverse);
    const double by = 1 / sqrt(5 + 1e-5);
    for (int s = 0; s < 4; s++) {
        assert_close(normal[s][0], (2 * s - 3) * by, 1e-6);
        assert_close(z[s][0], 2 * (2 * s - 3) * by + 0.5, 1e-6);
        assert_true(normal[s][1] == 0 && z[s][1] == -1);
    }
    assert_close(inverse[0], by, 1e-6);
    assert_close(inverse[1] * (float)sqrt(1e-5), 1, 1e-6);
    // A tenth of the way to the mean, and to the unbiased variance, 20/3.
    assert_close(mean[0], 9.1, 1e-6);
    assert_close(mean[1], 18.2, 1e-6);
    assert_close(variance[0], 0.9 + 2.0 / 3, 1e-6);
    assert_close(variance[1], 0.9, 1e-6);

    float row[] = {1, 3, 5, 7};
    const float ones[] = {1, 1, 1, 1}, zeros[] = {0, 0, 0, 0};
    const NormParams plain = {ones, zeros, NULL, NULL};
    norm_layer(row, 1, 4, &plain, NULL, NULL);
    for (int o = 0; o < 4; o++) assert_close(row[o], (2 * o - 3) * by, 1e-6);
}

/// A batch of random sums and parameters.
typedef struct Problem {
    int batch, units;
    float z[MOST * MOST], gamma[MOST], beta[MOST], mean[MOST], variance[MOST];
} Problem;

static Problem problem_of(int batch, int units, double center, uint64_t seed) {
    Problem p = {.batch = batch, .units = units};
    Rng rng = rng_create(seed, RNG_TEST);
    for (int i = 0; i < batch * units; i++) p.z[i] = (float)(center + rng_normal(&rng));
    for (int o = 0; o < units; o++) {
        p.gamma[o] = (float)rng_uniform(&rng, -2, 2);
        p.beta[o] = (float)rng_uniform(&rng, -1, 1);
        p.mean[o] = (float)rng_uniform(&rng, -1, 1);
        p.variance[o] = (float)rng_uniform(&rng, 0.1, 3);
    }
    return p;
}

static NormParams params_of(Problem *p) {
    return (NormParams){p->gamma, p->beta, p->mean, p->variance};
}

/// The mean and biased variance of n numbers, `apart` from each other.
static void moments(const double *z, int n, int apart, double *mean, double *variance) {
    *mean = *variance = 0;
    for (int i = 0; i < n; i++) *mean += z[i * apart] / n;
    for (int i = 0; i < n; i++) *variance += pow(z[i * apart] - *mean, 2) / n;
}

/// What the three norms are to give, by their formulas.
typedef enum Kind { BATCH_TRAINING, BATCH_RUNNING, LAYER } Kind;

static void expected_output(const Problem *p, Kind kind, const double *z, double *out) {
    for (int s = 0; s < p->batch; s++) {
        for (int o = 0; o < p->units; o++) {
            double mean = (double)p->mean[o], variance = (double)p->variance[o];
            if (kind == BATCH_TRAINING) moments(z + o, p->batch, p->units, &mean, &variance);
            if (kind == LAYER) moments(z + s * p->units, p->units, 1, &mean, &variance);
            out[s * p->units + o] =
                (double)p->gamma[o] * (z[s * p->units + o] - mean) / sqrt(variance + 1e-5) +
                (double)p->beta[o];
        }
    }
}

static void run(Problem *p, Kind kind, float *z, float *normal, float *inverse) {
    const NormParams params = params_of(p);
    memcpy(z, p->z, sizeof p->z);
    if (kind == BATCH_TRAINING)
        norm_batch_training(z, p->batch, p->units, &params, false, normal, inverse);
    else if (kind == BATCH_RUNNING)
        norm_batch(z, p->batch, p->units, &params, normal, inverse);
    else
        norm_layer(z, p->batch, p->units, &params, normal, inverse);
}

static void test_formulas(void **state) {
    (void)state;
    static float z[MOST * MOST], again[MOST * MOST], normal[MOST * MOST], inverse[MOST];
    static double wide[MOST * MOST], expected[MOST * MOST];
    for (int batch = 1; batch <= MOST; batch = batch * 2 + 1) {
        for (int units = 1; units <= MOST; units += 7) {
            for (int kind = BATCH_TRAINING; kind <= LAYER; kind++) {
                // Sums far from 0 keep their variance: it is not mean of squares less mean squared.
                const double center = units % 2 ? 0 : 100;
                Problem p = problem_of(batch, units, center, 5), kept = p;
                for (int i = 0; i < batch * units; i++) wide[i] = (double)p.z[i];
                expected_output(&p, (Kind)kind, wide, expected);
                run(&p, (Kind)kind, z, normal, inverse);
                for (int i = 0; i < batch * units; i++) {
                    assert_close(z[i], expected[i], center > 0 ? 2e-4 : 5e-6);
                    int o = i % units;
                    assert_close(z[i], p.gamma[o] * normal[i] + p.beta[o], 1e-6);
                }
                assert_memory_equal(&p, &kept, sizeof p); // nothing moved
                if (kind == BATCH_TRAINING) continue;
                run(&p, (Kind)kind, again, NULL, NULL); // as a network is used
                assert_memory_equal(again, z, (size_t)(batch * units) * sizeof *z);
            }
        }
    }
}

/// After k batches: m_k = 0.9 m_(k-1) + 0.1 mean_k, and likewise with the unbiased variance,
/// through a network; whatever follows, they are what use normalises by.
static void test_running_statistics(void **state) {
    (void)state;
    enum { BATCHES = 30, B = 8, UNITS = 3 };
    const LayerDesc layers[] = {
        {.units = UNITS, .activation = ACTIVATION_TANH, .norm = NORM_BATCH, .dropout = 0.5f}};
    Network net = random_layers(2, layers, 1, 4);
    const Layer *layer = &net.layers[0];
    Workspace ws;
    Rng rng = rng_create(1, RNG_DROPOUT);
    double mean[UNITS], variance[UNITS];
    float *x;
    double *x64;
    assert_true(workspace_init(&ws, &net, B));
    random_values((size_t)BATCHES * B * 2, -2, 2, 3, &x, &x64);
    for (int o = 0; o < UNITS; o++) {
        mean[o] = (double)net.params[layer->mean_at + (size_t)o];
        variance[o] = (double)net.params[layer->variance_at + (size_t)o];
    }
    for (int k = 0; k < BATCHES; k++) {
        const int size = k == BATCHES - 1 ? 5 : B; // the last batch is smaller
        for (int o = 0; o < UNITS; o++) {
            double z[B], m, v;
            for (int s = 0; s < size; s++) {
                const double *sample = x64 + (k * B + s) * 2;
                z[s] = (double)net.params[layer->bias_at + (size_t)o] +
                       (double)net.params[layer->weight_at + (size_t)(2 * o)] * sample[0] +
                       (double)net.params[layer->weight_at + (size_t)(2 * o + 1)] * sample[1];
            }
            moments(z, size, 1, &m, &v);
            mean[o] = 0.9 * mean[o] + 0.1 * m;
            variance[o] = 0.9 * variance[o] + 0.1 * v * size / (size - 1);
        }
        network_forward_training(&net, &ws, LOSS_MSE, x + k * B * 2, size, &rng);
        network_forward_training(&net, &ws, LOSS_MSE, x + k * B * 2, size, NULL); // moves nothing
        network_forward(&net, &ws, x, B);                                         // nor does use
    }
    for (size_t o = 0; o < UNITS; o++) {
        assert_close(net.params[layer->mean_at + o], mean[o], 1e-6);
        assert_close(net.params[layer->variance_at + o], variance[o], 1e-6);
    }
    // A single sample has a mean, but no variance.
    network_forward_training(&net, &ws, LOSS_MSE, x, 1, &rng);
    for (size_t o = 0; o < UNITS; o++) {
        assert_true(fabs((double)net.params[layer->mean_at + o] - mean[o]) > 1e-3);
        assert_close(net.params[layer->variance_at + o], variance[o], 1e-6);
        assert_true(isfinite(ws.outputs[0][o]));
    }
    workspace_deinit(&ws);
    free(x), free(x64);
    network_deinit(&net);
}

/// sum(out * d) as a function of z, gamma and beta has the gradients that the ways back give.
static void test_ways_back(void **state) {
    (void)state;
    enum { B = 9, UNITS = 6, N = B * UNITS };
    static float z[MOST * MOST];
    for (int kind = BATCH_TRAINING; kind <= LAYER; kind++) {
        Problem p = problem_of(B, UNITS, 0.5, 2);
        float normal[N], inverse[B], d[N], dz[N], dgamma[UNITS], dbeta[UNITS];
        double wide[N], above[N], below[N];
        Rng rng = rng_create(9, RNG_TEST);
        for (int i = 0; i < N; i++) dz[i] = d[i] = (float)rng_normal(&rng);
        for (int i = 0; i < N; i++) wide[i] = (double)p.z[i];
        run(&p, (Kind)kind, z, normal, inverse);
        if (kind == BATCH_TRAINING)
            norm_batch_training_backward(dz, normal, inverse, p.gamma, B, UNITS, dgamma, dbeta);
        else if (kind == BATCH_RUNNING)
            norm_batch_backward(dz, normal, inverse, p.gamma, B, UNITS, dgamma, dbeta);
        else
            norm_layer_backward(dz, normal, inverse, p.gamma, B, UNITS, dgamma, dbeta);
        for (int i = 0; i < N; i++) {
            double slope = 0, kept = wide[i];
            wide[i] = kept + 1e-5;
            expected_output(&p, (Kind)kind, wide, above);
            wide[i] = kept - 1e-5;
            expected_output(&p, (Kind)kind, wide, below);
            wide[i] = kept;
            for (int k = 0; k < N; k++) slope += (above[k] - below[k]) / 2e-5 * (double)d[k];
            assert_close(dz[i], slope, 1e-5);
        }
        for (int o = 0; o < UNITS; o++) {
            double of_gamma = 0, of_beta = 0;
            for (int s = 0; s < B; s++) {
                of_gamma += (double)d[s * UNITS + o] * (double)normal[s * UNITS + o];
                of_beta += (double)d[s * UNITS + o];
            }
            assert_close(dgamma[o], of_gamma, 1e-6);
            assert_close(dbeta[o], of_beta, 1e-6);
        }
    }
}

static void test_names(void **state) {
    (void)state;
    for (int i = 0; i < NORM_COUNT; i++) {
        assert_int_equal(norm_find(norm_name((Norm)i)), i);
        assert_true(strlen(norm_description((Norm)i)) > 0);
    }
    assert_int_equal(norm_find("group"), NORM_COUNT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_values),
        cmocka_unit_test(test_formulas),
        cmocka_unit_test(test_running_statistics),
        cmocka_unit_test(test_ways_back),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
