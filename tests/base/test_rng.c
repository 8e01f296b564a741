#include "base/rng.h"

#include "support.h"

/// The known sequence of PCG32's reference program (pcg32-demo, seed 42, stream 54).
static void test_matches_reference(void **state) {
    (void)state;
    Rng rng = rng_create(42, (RngStream)54);
    const uint32_t expected[] = {0xa15c02b7, 0x7b47f409, 0xba1d3330,
                                 0x83d2f293, 0xbfa4784b, 0xcbed606e};
    for (size_t i = 0; i < 6; i++) assert_int_equal(rng_u32(&rng), expected[i]);
}

static void test_permutation_holds_each_once(void **state) {
    (void)state;
    Rng rng = rng_create(1, RNG_TEST);
    uint32_t order[1000];
    int seen[1000] = {0};
    rng_permutation(&rng, order, 1000);
    for (int i = 0; i < 1000; i++) seen[order[i]]++;
    for (int i = 0; i < 1000; i++) assert_int_equal(seen[i], 1);
}

static void test_moments(void **state) {
    (void)state;
    Rng rng = rng_create(7, RNG_TEST);
    const int n = 200000;
    double uniform = 0, sum = 0, squares = 0;
    for (int i = 0; i < n; i++) {
        uniform += rng_double(&rng);
        double z = rng_normal(&rng);
        sum += z;
        squares += z * z;
    }
    assert_close(uniform / n, 0.5, 4e-3);
    assert_close(sum / n, 0.0, 1e-2);
    assert_close(squares / n, 1.0, 1.5e-2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matches_reference),
        cmocka_unit_test(test_permutation_holds_each_once),
        cmocka_unit_test(test_moments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
