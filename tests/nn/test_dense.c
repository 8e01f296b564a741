// The three products to the bit against sums that run in order, over all shapes of tiles, with and
// without zeros to pass over.
#include "nn/kernels/dense.h"

#include <math.h>
#include <stdlib.h>

#include "base/rng.h"

#include "support.h"

static float *random_values(size_t n, double share_of_zeros, uint64_t seed) {
    float *values = malloc(n * sizeof *values);
    Rng rng = rng_create(seed, RNG_DATA);
    for (size_t i = 0; i < n; i++) {
        const bool zero = rng_uniform(&rng, 0, 1) < share_of_zeros;
        values[i] = zero ? 0.0f : (float)rng_uniform(&rng, -1, 1);
    }
    return values;
}

/// The sum over k of a[k a_stride] b[k b_stride].
static float sum_in_order(const float *a, int a_stride, const float *b, int b_stride, int n) {
    float sum = 0;
    for (int k = 0; k < n; k++) sum += a[k * a_stride] * b[k * b_stride];
    return sum;
}

static void compare(int batch, int inputs, int units, double zeros) {
    const size_t n_x = (size_t)batch * (size_t)inputs, n_z = (size_t)batch * (size_t)units;
    const size_t n_weights = (size_t)inputs * (size_t)units;
    float *x = random_values(n_x, zeros, 1), *dz = random_values(n_z, zeros, 2);
    float *weight = random_values(n_weights, 0, 3), *bias = random_values((size_t)units, 0, 4);
    float *z = random_values(n_z, 0, 5), *dx = random_values(n_x, 0, 6);
    float *dweight = random_values(n_weights, 0, 7);
    float *scratch = malloc(dense_scratch_size(batch, units) * sizeof *scratch);

    dense_forward(x, weight, bias, batch, inputs, units, z);
    dense_backward_input(dz, weight, batch, inputs, units, dx);
    dense_backward_weight(dz, x, batch, inputs, units, dweight, scratch);
    for (int b = 0; b < batch; b++) {
        for (int o = 0; o < units; o++) {
            const float sum = sum_in_order(x + b * inputs, 1, weight + o * inputs, 1, inputs);
            assert_true(z[b * units + o] == bias[o] + sum);
        }
        for (int i = 0; i < inputs; i++) {
            const float sum = sum_in_order(dz + b * units, 1, weight + i, inputs, units);
            assert_true(dx[b * inputs + i] == sum);
        }
    }
    for (int o = 0; o < units; o++) {
        for (int i = 0; i < inputs; i++) {
            const float sum = sum_in_order(dz + o, units, x + i, inputs, batch);
            assert_true(dweight[o * inputs + i] == sum);
        }
    }
    free(x), free(dz), free(weight), free(bias), free(z), free(dx), free(dweight), free(scratch);
}

static void test_every_shape(void **state) {
    (void)state;
    const int widths[] = {1, 5, 16, 17, 48, 64, 80, 130, 208};
    for (int batch = 4; batch < 150; batch = batch * 2 + 1) {
        for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
            for (size_t o = i % 2; o < sizeof widths / sizeof *widths; o += 2) {
                compare(batch, widths[i], widths[o], 0);
                compare(batch, widths[i], widths[o], 0.6);
                compare(batch, widths[i], widths[o], 1);
            }
        }
    }
}

/// What is not finite stays so, whatever zeros it meets.
static void test_nan_stays(void **state) {
    (void)state;
    enum { BATCH = 32, INPUTS = 64, UNITS = 48, AT = 5 };
    float *x = random_values(BATCH * INPUTS, 0.6, 1), *dz = random_values(BATCH * UNITS, 0.6, 2);
    float *weight = random_values(INPUTS * UNITS, 0, 3);
    float z[BATCH * UNITS], dx[BATCH * INPUTS], dweight[INPUTS * UNITS], scratch[BATCH * UNITS];
    const float wrong[] = {NAN, INFINITY};
    for (int b = 0; b < BATCH; b++) x[b * INPUTS + AT] = dz[b * UNITS + AT] = 0;
    for (int i = 0; i < 2; i++) {
        weight[AT * INPUTS + AT] = wrong[i]; // meets zeros alone
        dense_forward(x, weight, NULL, BATCH, INPUTS, UNITS, z);
        for (int at = 0; at < BATCH * UNITS; at++) {
            assert_int_equal(isnan(z[at]) != 0, at % UNITS == AT);
        }
        dense_backward_input(dz, weight, BATCH, INPUTS, UNITS, dx);
        for (int at = 0; at < BATCH * INPUTS; at++) {
            assert_int_equal(isnan(dx[at]) != 0, at % INPUTS == AT);
        }
    }
    x[3 * INPUTS + AT] = NAN;
    dense_backward_weight(dz, x, BATCH, INPUTS, UNITS, dweight, scratch);
    for (int at = 0; at < INPUTS * UNITS; at++) {
        assert_int_equal(isnan(dweight[at]) != 0, at % INPUTS == AT);
    }
    free(x), free(dz), free(weight);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_shape),
        cmocka_unit_test(test_nan_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
