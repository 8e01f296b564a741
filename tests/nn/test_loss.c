#include "nn/loss.h"

#include <string.h>

#include "support.h"

static void test_known_values(void **state) {
    (void)state;
    const float y[] = {0.25f, 0.5f, 0.75f, 0.5f}, t[] = {0, 1, 1, 0.5f};
    const double squares = 0.0625 + 0.25 + 0.0625;
    assert_close(loss_sum(LOSS_MSE, y, t, 4, 1), squares, 1e-15);
    assert_close(loss_sum(LOSS_MSE, y, t, 2, 2), squares / 2, 1e-15);
    assert_close(loss_sum(LOSS_HALF_MSE, y, t, 4, 1), squares / 2, 1e-15);
    assert_close(loss_sum(LOSS_BCE, y, t, 4, 1), -2 * log(0.75) - 2 * log(0.5), 1e-6);
    assert_close(loss_sum(LOSS_BCE, y, t, 2, 2), -log(0.75) - log(0.5), 1e-6);
}

static void test_known_gradients(void **state) {
    (void)state;
    const float y[] = {0.25f, 0.5f}, t[] = {0, 1};
    float dy[2];
    loss_gradient(LOSS_MSE, y, t, 2, 1, dy);
    assert_close((double)dy[0], 0.25, 1e-7);
    assert_close((double)dy[1], -0.5, 1e-7);
    loss_gradient(LOSS_HALF_MSE, y, t, 1, 2, dy);
    assert_close((double)dy[0], 0.125, 1e-7);
    loss_gradient(LOSS_BCE, y, t, 2, 1, dy);
    assert_close((double)dy[0], 0.5 / 0.75, 1e-6);
    assert_close((double)dy[1], -1, 1e-6);
}

/// As PyTorch: log is clamped at -100, the gradient's denominator at 1e-12.
static void test_bce_clamps(void **state) {
    (void)state;
    const float y[] = {0, 1, 0, 1}, t[] = {1, 0, 0, 1};
    float dy[4];
    assert_close(loss_sum(LOSS_BCE, y, t, 4, 1), 200, 1e-12);
    loss_gradient(LOSS_BCE, y, t, 4, 1, dy);
    assert_close((double)dy[0] / -0.25e12, 1, 1e-6);
    assert_close((double)dy[1] / 0.25e12, 1, 1e-6);
    assert_true(dy[2] == 0 && dy[3] == 0);
}

static void test_not_finite_stays(void **state) {
    (void)state;
    float y[20] = {0}, t[20] = {0};
    for (int i = 0; i < 20; i++) {
        for (int loss = 0; loss < LOSS_COUNT; loss++) {
            y[i] = NAN;
            assert_true(isnan(loss_sum((Loss)loss, y, t, 20, 1)));
            y[i] = 0;
        }
        y[i] = INFINITY;
        assert_true(isinf(loss_sum(LOSS_MSE, y, t, 20, 1)));
        y[i] = 0;
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
        cmocka_unit_test(test_known_values),    cmocka_unit_test(test_known_gradients),
        cmocka_unit_test(test_bce_clamps),      cmocka_unit_test(test_not_finite_stays),
        cmocka_unit_test(test_sums_in_64_bits), cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
