#include "nn/kernels/math32.h"

#include <math.h>

#include "support.h"

typedef struct Worst {
    double absolute, relative;
} Worst;

/// The worst errors over every `step`-th float from lo to hi, both above 0, and their negatives.
static Worst measure(float (*actual)(float), double (*expected)(double), float lo, float hi,
                     uint32_t step, bool negative) {
    Worst worst = {0, 0};
    for (uint32_t bits = math32_bits(lo); bits <= math32_bits(hi); bits += step) {
        for (int sign = 0; sign <= negative; sign++) {
            float x = math32_from_bits(bits | (sign ? 0x80000000u : 0));
            double right = expected((double)x), error = fabs((double)actual(x) - right);
            if (error > worst.absolute) worst.absolute = error;
            if (error / fabs(right) > worst.relative) worst.relative = error / fabs(right);
            if (isnan(error)) fail_msg("NaN at %.9g", (double)x);
        }
    }
    return worst;
}

static float tanh_function(float x) {
    return tanh32(x);
}
static float sigmoid_function(float x) {
    return sigmoid32(x);
}
static float exp_function(float x) {
    return exp32(x);
}
static float log_function(float x) {
    return log32(x);
}
static double sigmoid(double x) {
    return 1 / (1 + exp(-x));
}

static void test_tanh(void **state) {
    (void)state;
    // 509 is odd, so that over the binades all low bits are met.
    assert_true(measure(tanh_function, tanh, 0x1p-40f, 1e30f, 509, true).absolute <= 3e-7);
    assert_true(measure(tanh_function, tanh, 1, 10, 13, true).absolute <= 3e-7);
    assert_true(measure(tanh_function, tanh, 0x1p-126f, 1, 509, true).relative <= 3e-7);
}

/// A unit's output never leaves [-1, 1], nor falls as its input grows by more than rounding.
static void test_tanh_stays_in_range(void **state) {
    (void)state;
    float before = -1;
    for (float x = -12; x <= 12; x += 1e-4f) {
        float y = tanh32(x);
        assert_true(y >= -1 && y <= 1);
        assert_true((double)y >= (double)before - 4e-7);
        assert_true(y == -tanh32(-x));
        before = y;
    }
}

static void test_sigmoid(void **state) {
    (void)state;
    Worst worst = measure(sigmoid_function, sigmoid, 0x1p-40f, 87, 509, true);
    assert_true(worst.absolute <= 3e-7);
    assert_true(worst.relative <= 4e-7); // the tail towards 0 keeps its digits
}

static void test_exp(void **state) {
    (void)state;
    assert_true(measure(exp_function, exp, 0x1p-40f, 87, 509, true).relative <= 3e-7);
}

static void test_log(void **state) {
    (void)state;
    assert_true(measure(log_function, log, 0x1p-126f, 3e38f, 509, false).relative <= 3e-7);
    assert_true(measure(log_function, log, 0.9f, 1.1f, 3, false).relative <= 3e-7);
    assert_close((double)log32(0x1p-140f), log(0x1p-140), 1e-6);
}

static void test_limits(void **state) {
    (void)state;
    assert_true(tanh32(INFINITY) == 1 && tanh32(-INFINITY) == -1);
    assert_true(sigmoid32(INFINITY) == 1 && sigmoid32(-INFINITY) == 0);
    assert_true(exp32(INFINITY) == INFINITY && exp32(-INFINITY) == 0);
    assert_true(exp32(89) == INFINITY && exp32(-150) == 0);
    assert_true(log32(INFINITY) == INFINITY && log32(0) == -INFINITY);
    assert_true(tanh32(0) == 0 && sigmoid32(0) == 0.5f && exp32(0) == 1 && log32(1) == 0);
    assert_true(relu32(-1) == 0 && relu32(INFINITY) == INFINITY && relu32(-INFINITY) == 0);
}

static void test_nan_stays(void **state) {
    (void)state;
    assert_true(isnan(tanh32(NAN)) && isnan(sigmoid32(NAN)) && isnan(exp32(NAN)));
    assert_true(isnan(log32(NAN)) && isnan(log32(-1)) && isnan(log32(-INFINITY)));
    assert_true(isnan(relu32(NAN)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tanh),      cmocka_unit_test(test_tanh_stays_in_range),
        cmocka_unit_test(test_sigmoid),   cmocka_unit_test(test_exp),
        cmocka_unit_test(test_log),       cmocka_unit_test(test_limits),
        cmocka_unit_test(test_nan_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
