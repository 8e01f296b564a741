// Losses and their gradients: known values, the reference's formulas, and numbers that overflow
// where a formula is taken as it is written.
#include "nn/loss.h"

#include <stdlib.h>
#include <string.h>

#include "nn/reference.h"

#include "nets.h"

static void test_known_values(void **state) {
    (void)state;
    const float y[] = {0.25f, 0.5f, 0.75f, 0.5f}, t[] = {0, 1, 1, 0.5f};
    const double squares = 0.0625 + 0.25 + 0.0625;
    assert_close(loss_sum(LOSS_MSE, y, t, 4, 1), squares, 1e-15);
    assert_close(loss_sum(LOSS_MSE, y, t, 2, 2), squares / 2, 1e-15);
    assert_close(loss_sum(LOSS_HALF_MSE, y, t, 4, 1), squares / 2, 1e-15);
    // The sigmoids of these logits are 1/4, 1/2, 3/4, 1/2.
    const float z[] = {-logf(3), 0, logf(3), 0};
    assert_close(loss_sum(LOSS_BCE, z, t, 4, 1), -2 * log(0.75) - 2 * log(0.5), 1e-6);
    assert_close(loss_sum(LOSS_BCE, z, t, 2, 2), -log(0.75) - log(0.5), 1e-6);
    // Their softmaxes in pairs are 1/4 3/4 and 3/4 1/4.
    const float classes[] = {0, 1, 0, 1};
    assert_close(loss_sum(LOSS_CROSS_ENTROPY, z, classes, 2, 2), -log(0.75) - log(0.25), 1e-6);
    const float shares[] = {0.5f, 0.5f};
    assert_close(loss_sum(LOSS_CROSS_ENTROPY, z, shares, 1, 2), -(log(0.25) + log(0.75)) / 2, 1e-6);
    // All pairs of {1/4, 1/2} with {0, 1}.
    const double pairs = 0.0625 + 0.5625 + 0.25 + 0.25;
    assert_close(loss_sum(LOSS_MSE_BROADCAST, y, t, 2, 1), pairs / 2, 1e-12);
}

static void test_known_gradients(void **state) {
    (void)state;
    const float y[] = {0.25f, 0.5f}, t[] = {0, 1}, z[] = {-logf(3), 0};
    float d[2];
    loss_gradient(LOSS_MSE, y, t, 2, 1, d);
    assert_close(d[0], 0.25, 1e-7);
    assert_close(d[1], -0.5, 1e-7);
    loss_gradient(LOSS_HALF_MSE, y, t, 1, 2, d);
    assert_close(d[0], 0.125, 1e-7);
    assert_close(d[1], -0.25, 1e-7);
    loss_gradient(LOSS_BCE, z, t, 2, 1, d);
    assert_close(d[0], 0.125, 1e-7);
    assert_close(d[1], -0.25, 1e-7);
    loss_gradient(LOSS_CROSS_ENTROPY, z, t, 1, 2, d);
    assert_close(d[0], 0.25, 1e-7);
    assert_close(d[1], 0.75 - 1, 1e-7);
    // Towards the mean target, 1/2.
    loss_gradient(LOSS_MSE_BROADCAST, y, t, 2, 1, d);
    assert_close(d[0], -0.25, 1e-7);
    assert_close(d[1], 0, 1e-7);
}

/// Scores as they are, through the reference: outputs of a network that passes its inputs on.
static double reference_sum(Loss loss, const float *scores, const float *t, int batch,
                            int outputs) {
    Activation last = loss == LOSS_BCE             ? ACTIVATION_SIGMOID
                      : loss == LOSS_CROSS_ENTROPY ? ACTIVATION_SOFTMAX
                                                   : ACTIVATION_LINEAR;
    Network net;
    const LayerDesc layer = {.units = outputs, .activation = last, .no_bias = true};
    assert_true(network_init(&net, outputs, &layer, 1, NULL));
    for (int k = 0; k < outputs; k++) net.params[k * outputs + k] = 1;
    size_t n = (size_t)batch * (size_t)outputs;
    double *params = wide_params(&net), *x = malloc(n * sizeof *x), *t64 = malloc(n * sizeof *t64);
    for (size_t i = 0; i < n; i++) {
        x[i] = (double)scores[i];
        t64[i] = (double)t[i];
    }
    double sum = reference_loss(&net, params, loss, x, t64, (size_t)batch) * batch;
    free(params), free(x), free(t64);
    network_deinit(&net);
    return sum;
}

/// Targets from 0 to 1; for cross-entropy shares that add up to 1, among them classes.
static void random_targets(Loss loss, int batch, int outputs, float *t, Rng *rng) {
    for (int b = 0; b < batch; b++, t += outputs) {
        float sum = 0;
        for (int k = 0; k < outputs; k++) {
            t[k] = b % 3 ? (float)(k == b % outputs) : (float)rng_uniform(rng, 0, 1);
            sum += t[k];
        }
        for (int k = 0; loss == LOSS_CROSS_ENTROPY && k < outputs; k++) t[k] /= sum;
    }
}

/// Sums and gradients are the reference's, for batches and outputs of any number, and scores from
/// small to very large.
static void test_against_the_reference(void **state) {
    (void)state;
    enum { MOST = 30 };
    Rng rng = rng_create(3, RNG_TEST);
    float y[MOST * 12], t[MOST * 12], d[MOST * 12];
    for (int loss = 0; loss < LOSS_COUNT; loss++) {
        for (int batch = 1; batch <= MOST; batch++) {
            const int outputs = batch * 7 % 12 + 1, n = batch * outputs;
            const double size = (double[]){1, 10, 100, 1e4}[batch % 4];
            for (int i = 0; i < n; i++) y[i] = (float)rng_uniform(&rng, -size, size);
            random_targets((Loss)loss, batch, outputs, t, &rng);
            double expected = reference_sum((Loss)loss, y, t, batch, outputs);
            assert_close(loss_sum((Loss)loss, y, t, batch, outputs), expected, 1e-6);
            loss_gradient((Loss)loss, y, t, batch, outputs, d);
            for (int i = 0; i < n; i += 5) {
                // Steps that 32 bits represent; the loss is a mean.
                float kept = y[i], step = (float)size * 0x1p-9f;
                y[i] = kept + step;
                double change = reference_sum((Loss)loss, y, t, batch, outputs),
                       width = (double)y[i];
                y[i] = kept - step;
                change -= reference_sum((Loss)loss, y, t, batch, outputs);
                width -= (double)y[i];
                y[i] = kept;
                if (size > 10 && loss_takes_logits((Loss)loss)) continue; // too curved for that
                assert_close(d[i], change / width / batch, 2e-4);
            }
        }
    }
}

/// Logits whose exponentials overflow and whose sigmoids are 0 or 1.
static void test_any_logits(void **state) {
    (void)state;
    const float sizes[] = {20, 50, 90, 200, 1e4f, 1e30f};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const float z = sizes[i], logits[] = {z, -z}, reversed[] = {-z, z};
        const float zero[] = {0}, one[] = {1}, class_0[] = {1, 0};
        const float half[] = {0.5f};
        float d[2];
        // A wrong answer costs its logit, a right one next to nothing; the slope is 1 or 0.
        assert_close(loss_sum(LOSS_BCE, logits, zero, 1, 1) / (double)z, 1, 1e-7);
        assert_close(loss_sum(LOSS_BCE, reversed, one, 1, 1) / (double)z, 1, 1e-7);
        double right = loss_sum(LOSS_BCE, logits, one, 1, 1);
        if (z < 80) assert_close(right / exp(-(double)z), 1, 1e-6);
        assert_true(right >= 0 && right < 3e-9);
        assert_close(loss_sum(LOSS_BCE, logits, half, 1, 1) / (double)(z / 2), 1, 1e-7);
        loss_gradient(LOSS_BCE, logits, zero, 1, 1, d);
        assert_close(d[0], 1, 1e-7);
        loss_gradient(LOSS_BCE, reversed, one, 1, 1, d);
        assert_close(d[0], -1, 1e-7);
        loss_gradient(LOSS_BCE, reversed, zero, 1, 1, d);
        assert_true(d[0] >= 0 && d[0] < 3e-9f);
        assert_close(loss_sum(LOSS_CROSS_ENTROPY, reversed, class_0, 1, 2) / (2 * (double)z), 1,
                     1e-7);
        assert_close(loss_sum(LOSS_CROSS_ENTROPY, logits, class_0, 1, 2), 0, 1e-15);
        loss_gradient(LOSS_CROSS_ENTROPY, reversed, class_0, 1, 2, d);
        assert_close(d[0], -1, 1e-7);
        assert_close(d[1], 1, 1e-7);
        loss_gradient(LOSS_CROSS_ENTROPY, logits, class_0, 1, 2, d);
        assert_true(d[0] == 0 && d[1] >= 0 && d[1] < 1e-15f);
    }
}

static void test_not_finite_stays(void **state) {
    (void)state;
    enum { N = 20 };
    float y[N] = {0}, t[N], d[N];
    for (int outputs = 1; outputs <= 4; outputs += 3) {
        for (int i = 0; i < N; i++) t[i] = outputs == 1 || i % 4 == 1 ? 1.0f : 0.0f;
        for (int i = 0; i < N; i++) {
            for (int loss = 0; loss < LOSS_COUNT; loss++) {
                y[i] = NAN;
                assert_true(isnan(loss_sum((Loss)loss, y, t, N / outputs, outputs)));
                loss_gradient((Loss)loss, y, t, N / outputs, outputs, d);
                assert_true(isnan(d[i]));
                y[i] = 0;
            }
            y[i] = INFINITY;
            assert_true(isinf(loss_sum(LOSS_MSE, y, t, N / outputs, outputs)));
            y[i] = 0;
        }
    }
}

/// 32-bit sums would lose this many small terms beside a large one.
static void test_sums_in_64_bits(void **state) {
    (void)state;
    enum { N = 100001 };
    static float y[N], t[N];
    y[0] = 64;
    for (int i = 1; i < N; i++) y[i] = 0.001f;
    double small = (double)0.001f * (double)0.001f;
    assert_close(loss_sum(LOSS_MSE, y, t, N, 1) - 64.0 * 64.0, small * (N - 1), 1e-6);
}

/// mse_broadcast is mse towards the mean target and the targets' variance, in parts and as a whole.
static void test_coupled_loss_in_parts(void **state) {
    (void)state;
    enum { N = 50, K = 3 };
    float y[N * K], t[N * K], mean[K], towards[N * K];
    Rng rng = rng_create(4, RNG_TEST);
    for (int i = 0; i < N * K; i++) {
        y[i] = (float)rng_uniform(&rng, -2, 2);
        t[i] = (float)rng_uniform(&rng, -1, 3);
    }
    assert_true(loss_couples(LOSS_MSE_BROADCAST) && !loss_couples(LOSS_MSE));
    assert_int_equal(loss_uncoupled(LOSS_MSE_BROADCAST), LOSS_MSE);
    assert_int_equal(loss_uncoupled(LOSS_BCE), LOSS_BCE);
    double constant = loss_mean_target(t, N, K, mean);
    for (int i = 0; i < N * K; i++) towards[i] = mean[i % K];
    double sum = constant * N;
    for (int at = 0; at < N; at += 20) {
        sum += loss_sum(LOSS_MSE, y + at * K, towards + at * K, at + 20 < N ? 20 : N - at, K);
    }
    assert_close(sum, loss_sum(LOSS_MSE_BROADCAST, y, t, N, K), 1e-6);
    assert_close(sum, reference_sum(LOSS_MSE_BROADCAST, y, t, N, K), 1e-6);
}

static void test_what_suits(void **state) {
    (void)state;
    for (int a = 0; a < ACTIVATION_COUNT; a++) {
        const bool softmax = a == ACTIVATION_SOFTMAX;
        assert_int_equal(loss_suits(LOSS_BCE, (Activation)a), a == ACTIVATION_SIGMOID);
        assert_int_equal(loss_suits(LOSS_CROSS_ENTROPY, (Activation)a), softmax);
        assert_int_equal(loss_suits(LOSS_MSE, (Activation)a), !softmax);
        assert_int_equal(loss_suits(LOSS_HALF_MSE, (Activation)a), !softmax);
        assert_int_equal(loss_suits(LOSS_MSE_BROADCAST, (Activation)a), !softmax);
    }
    for (int loss = 0; loss < LOSS_COUNT; loss++) {
        const bool logits = loss == LOSS_BCE || loss == LOSS_CROSS_ENTROPY;
        assert_int_equal(loss_takes_logits((Loss)loss), logits);
        if (!logits) assert_close(loss_threshold((Loss)loss), 0.5, 0);
    }
    assert_close(loss_threshold(LOSS_BCE), 0, 0);
    assert_true(loss_threshold(LOSS_CROSS_ENTROPY) == -INFINITY);
}

static void test_names(void **state) {
    (void)state;
    for (int i = 0; i < LOSS_COUNT; i++) {
        assert_int_equal(loss_find(loss_name((Loss)i)), i);
        assert_true(strlen(loss_label((Loss)i)) > 0 && strlen(loss_description((Loss)i)) > 0);
    }
    assert_int_equal(loss_find("MSE"), LOSS_COUNT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_values),
        cmocka_unit_test(test_known_gradients),
        cmocka_unit_test(test_against_the_reference),
        cmocka_unit_test(test_any_logits),
        cmocka_unit_test(test_not_finite_stays),
        cmocka_unit_test(test_sums_in_64_bits),
        cmocka_unit_test(test_coupled_loss_in_parts),
        cmocka_unit_test(test_what_suits),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
