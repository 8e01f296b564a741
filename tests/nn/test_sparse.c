// Products that pass over zeros against the dense ones.
#include "nn/kernels/sparse.h"

#include <stdlib.h>
#include <string.h>

#include "nn/kernels/dense.h"
#include "nn/trainstep.h"

#include "nets.h"

/// n values, of which runs are zero; `share` of all, roughly.
static float *runs_of_zeros(size_t n, double share, uint64_t seed) {
    float *values = malloc(n * sizeof *values);
    Rng rng = rng_create(seed, RNG_DATA);
    bool zero = false;
    for (size_t i = 0; i < n; i++) {
        if (i % 5 == 0) zero = rng_uniform(&rng, 0, 1) < share;
        values[i] = zero ? 0.0f : (float)rng_uniform(&rng, -1, 1);
    }
    return values;
}

typedef struct Product {
    int batch, inputs, units;
    float *x, *weight, *bias, *dz, *z, *dense, *dweight, *dense_dweight, *scratch;
    uint32_t *order;
} Product;

static Product product_create(int batch, int inputs, int units, double share) {
    Product p = {.batch = batch, .inputs = inputs, .units = units};
    size_t b = (size_t)batch, i = (size_t)inputs, o = (size_t)units;
    p.x = runs_of_zeros(b * i, share, 1);
    p.weight = runs_of_zeros(o * i, 0, 2);
    p.bias = runs_of_zeros(o, 0, 3);
    p.dz = runs_of_zeros(b * o, 0.3, 4);
    p.z = malloc(b * o * sizeof(float));
    p.dense = malloc(b * o * sizeof(float));
    p.dweight = malloc(o * i * sizeof(float));
    p.dense_dweight = malloc(o * i * sizeof(float));
    p.scratch = malloc(b * (i > o ? i : o) * sizeof(float));
    p.order = malloc(b * sizeof *p.order);
    Rng rng = rng_create(5, RNG_SHUFFLE);
    rng_permutation(&rng, p.order, (uint32_t)batch);
    return p;
}

static void product_free(Product *p) {
    free(p->x), free(p->weight), free(p->bias), free(p->dz), free(p->z), free(p->dense);
    free(p->dweight), free(p->dense_dweight), free(p->scratch), free(p->order);
}

/// The rows of x in the order of the batch; the caller frees them.
static float *ordered(const Product *p) {
    size_t i = (size_t)p->inputs;
    float *x = malloc((size_t)p->batch * i * sizeof *x);
    for (size_t b = 0; b < (size_t)p->batch; b++) {
        memcpy(x + b * i, p->x + p->order[b] * i, i * sizeof *x);
    }
    return x;
}

static void compare(int batch, int inputs, int units, double share) {
    Product p = product_create(batch, inputs, units, share);
    float *x = ordered(&p);
    assert_true(sparse_suits(inputs, units, batch < 16 ? 16 : batch));
    Sparse *sparse = sparse_create(inputs, units, batch < 16 ? 16 : batch);
    dense_forward(x, p.weight, p.bias, batch, inputs, units, p.dense);
    dense_backward_weight(p.dz, x, batch, inputs, units, p.dense_dweight, p.scratch);
    SparseMap *map = sparse_map_create(p.x, (size_t)batch, inputs);
    // Twice: what a batch leaves behind must not reach the next; then by what is known of the data.
    for (int again = 0; again < 3; again++) {
        if (again == 2 && !sparse_mark_known(sparse, map, p.order, batch)) break;
        if (again < 2) sparse_mark(sparse, x, batch);
        memset(p.dweight, 0xff, (size_t)inputs * (size_t)units * sizeof(float));
        sparse_forward(sparse, x, p.weight, p.bias, p.z);
        sparse_backward_weight(sparse, x, p.dz, p.dweight);
    }
    for (int i = 0; i < batch * units; i++) {
        assert_close((double)p.z[i], (double)p.dense[i], 2e-5);
    }
    for (int i = 0; i < inputs * units; i++) {
        assert_close((double)p.dweight[i], (double)p.dense_dweight[i], 2e-5);
    }
    free(x);
    sparse_map_destroy(map);
    sparse_destroy(sparse);
    product_free(&p);
}

static void test_every_size(void **state) {
    (void)state;
    for (int batch = 1; batch <= 200; batch = batch * 2 + 1) {
        for (int units = 16; units <= 144; units += 32) {
            compare(batch, 128, units, 0.5);
            compare(batch, 144, units, 0.7);
            compare(batch, 784, units, 0.9);
        }
    }
    compare(64, 144, 64, 0);
    compare(64, 144, 64, 1);
    compare(130, 2064, 16, 0.6);
}

static void test_what_is_worth_it(void **state) {
    (void)state;
    Sparse *sparse = sparse_create(784, 64, 64);
    float *dense = runs_of_zeros((size_t)64 * 784, 0, 1);
    float *half = runs_of_zeros((size_t)64 * 784, 0.5, 1);
    assert_false(sparse_mark(sparse, dense, 64));
    assert_true(sparse_mark(sparse, half, 64));
    SparseMap *dense_map = sparse_map_create(dense, 64, 784);
    SparseMap *half_map = sparse_map_create(half, 64, 784);
    uint32_t order[64];
    for (uint32_t i = 0; i < 64; i++) order[i] = 63 - i;
    assert_false(sparse_mark_known(sparse, dense_map, order, 64));
    assert_true(sparse_mark_known(sparse, half_map, order, 64));
    sparse_map_destroy(dense_map);
    sparse_map_destroy(half_map);
    sparse_destroy(sparse);
    free(dense), free(half);
    assert_false(sparse_suits(2, 64, 128));
    assert_false(sparse_suits(784, 60, 128));
    assert_false(sparse_suits(780, 64, 128));
    assert_false(sparse_suits(784, 64, 1));
}

static void test_nan_stays(void **state) {
    (void)state;
    Product p = product_create(32, 128, 64, 0.5);
    Sparse *sparse = sparse_create(128, 64, 32);
    for (int i = 0; i < 128; i++) p.x[i] = 0;
    // A weight that only zeros meet, and an input.
    p.weight[7 * 128 + 3] = NAN;
    p.weight[9 * 128 + 3] = INFINITY;
    p.x[5 * 128 + 20] = NAN;
    sparse_mark(sparse, p.x, 32);
    sparse_forward(sparse, p.x, p.weight, p.bias, p.z);
    for (int o = 0; o < 64; o++) {
        assert_int_equal(isnan(p.z[o]), o == 7 || o == 9);
        assert_true(isnan(p.z[5 * 64 + o]));
    }
    sparse_backward_weight(sparse, p.x, p.dz, p.dweight);
    assert_true(isnan(p.dweight[20]));
    assert_true(!isnan(p.dweight[21]));
    sparse_destroy(sparse);
    product_free(&p);
}

/// Training on images, whether batches are drawn or lie in order, and whether the data are known.
static void check_training(bool bytes) {
    enum { N = 100, INPUTS = 144, WAYS = 3, COPIED = 1, KNOWN = 2 };
    float *x = runs_of_zeros((size_t)N * INPUTS, 0.5, 1);
    for (size_t i = 0; bytes && i < (size_t)N * INPUTS; i++) {
        x[i] = (float)(int)fabsf(x[i] * 255.0f) / 255.0f;
    }
    float *t = malloc((size_t)N * sizeof *t);
    float *sorted_x = malloc((size_t)N * INPUTS * sizeof *x),
          *sorted_t = malloc((size_t)N * sizeof *t);
    uint32_t order[N];
    Rng rng = rng_create(8, RNG_SHUFFLE);
    rng_permutation(&rng, order, N);
    for (size_t i = 0; i < N; i++) t[i] = (float)(i % 2);
    for (size_t i = 0; i < N; i++) {
        memcpy(sorted_x + i * INPUTS, x + order[i] * INPUTS, INPUTS * sizeof *x);
        sorted_t[i] = t[order[i]];
    }
    Network nets[WAYS];
    for (int k = 0; k < WAYS; k++) {
        nets[k] =
            random_network((int[]){INPUTS, 32, 1, 0}, ACTIVATION_RELU, ACTIVATION_SIGMOID, true, 4);
        Optimizer optimizer;
        TrainBuffers buffers;
        assert_true(
            optimizer_init(&optimizer, &(OptimizerDesc){.learning_rate = 0.1f}, nets[k].n_params));
        assert_true(train_buffers_init(&buffers, &nets[k], 32));
        if (k == KNOWN) {
            assert_true(train_buffers_know(&buffers, &nets[k], x, N));
            assert_int_equal(buffers.bytes != NULL, bytes);
        }
        const size_t slice = k == KNOWN ? 64 : N;
        for (size_t at = 0; at < 3 * N;) {
            const size_t begin = at % N, n = N - begin < slice ? N - begin : slice;
            const TrainDesc desc = {.loss = LOSS_BCE, .batch = 32, .follow = N - begin - n};
            size_t done;
            train_batches(&nets[k], &optimizer, &buffers, &desc, k == COPIED ? sorted_x : x,
                          k == COPIED ? sorted_t : t, k == COPIED ? NULL : order + begin, n, &done);
            assert_true(buffers.ws.zeros);
            at += n;
        }
        train_buffers_deinit(&buffers);
        optimizer_deinit(&optimizer);
    }
    for (int k = 1; k < WAYS; k++) {
        assert_memory_equal(nets[0].params, nets[k].params, nets[0].n_params * sizeof(float));
    }
    for (int k = 0; k < WAYS; k++) network_deinit(&nets[k]);
    free(x), free(t), free(sorted_x), free(sorted_t);
}

static void test_training(void **state) {
    (void)state;
    check_training(false);
    check_training(true);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_size),
        cmocka_unit_test(test_what_is_worth_it),
        cmocka_unit_test(test_nan_stays),
        cmocka_unit_test(test_training),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
