// Matrices whose eigenvalues are known: a diagonal seen through a rotation, so that no vector of
// the basis is special.
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "nn/lanczos.h"

#include "support.h"

enum { N_MAX = 300, REFLECTIONS = 3 };

/// A = Q diag(values) Q', Q a product of Householder's reflections.
typedef struct Matrix {
    size_t n;
    double values[N_MAX];
    double mirrors[REFLECTIONS][N_MAX]; // unit vectors
    int products, stop_after;
} Matrix;

static double dot(size_t n, const double *a, const double *b) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

static void reflect(const Matrix *matrix, int which, double *v) {
    const double *mirror = matrix->mirrors[which];
    double twice = 2 * dot(matrix->n, mirror, v);
    for (size_t i = 0; i < matrix->n; i++) v[i] -= twice * mirror[i];
}

static bool multiply(void *context, const double *v, double *product) {
    Matrix *matrix = context;
    if (matrix->products++ == matrix->stop_after) return false;
    memcpy(product, v, matrix->n * sizeof *v);
    for (int i = 0; i < REFLECTIONS; i++) reflect(matrix, i, product);
    for (size_t i = 0; i < matrix->n; i++) product[i] *= matrix->values[i];
    for (int i = REFLECTIONS; i-- > 0;) reflect(matrix, i, product);
    return true;
}

static Matrix turned(size_t n, const double *values) {
    Matrix matrix = {.n = n, .stop_after = -1};
    Rng rng = rng_create(5, RNG_TEST);
    memcpy(matrix.values, values, n * sizeof *values);
    for (int k = 0; k < REFLECTIONS; k++) {
        double *mirror = matrix.mirrors[k];
        for (size_t i = 0; i < n; i++) mirror[i] = rng_normal(&rng);
        double size = sqrt(dot(n, mirror, mirror));
        for (size_t i = 0; i < n; i++) mirror[i] /= size;
    }
    return matrix;
}

/// Finds the two largest and checks that they are `first` and `second`, with vectors that are
/// orthonormal and eigenvectors indeed.
/// @return products that it took
static int check(size_t n, const double *spectrum, double first, double second, double tolerance) {
    Matrix matrix = turned(n, spectrum);
    const LanczosDesc desc = {
        .n = n, .product = multiply, .context = &matrix, .tolerance = tolerance, .seed = 1};
    const double expected[2] = {first, second};
    const int wanted = n > 1 ? 2 : 1;
    static double vectors[2 * N_MAX];
    double values[2], residuals[2], product[N_MAX], largest = 0;
    assert_true(lanczos(&desc, wanted, values, vectors, residuals));
    const int products = matrix.products;
    for (size_t i = 0; i < n; i++) largest = fmax(largest, fabs(spectrum[i]));
    for (int k = 0; k < wanted; k++) {
        const double *vector = vectors + (size_t)k * n;
        double off = 0;
        multiply(&matrix, vector, product);
        for (size_t i = 0; i < n; i++) off = hypot(off, product[i] - values[k] * vector[i]);
        // An eigenvalue is off by at most its residual.
        assert_true(fabs(values[k] - expected[k]) <= tolerance * largest + 1e-15);
        assert_true(off <= tolerance * fmax(fabs(expected[k]), 1e-6 * largest) + 1e-14 * largest);
        assert_true(fabs(off - residuals[k]) <= 1e-14 * largest);
        assert_close(dot(n, vector, vector), 1, 1e-13);
    }
    if (wanted == 2) assert_close(dot(n, vectors, vectors + n), 0, 1e-13);
    return products;
}

static void test_small(void **state) {
    (void)state;
    check(1, (double[]){3}, 3, 0, 1e-12);
    check(1, (double[]){-3}, -3, 0, 1e-12);
    check(2, (double[]){1, 5}, 5, 1, 1e-12);
    check(2, (double[]){-1, -5}, -1, -5, 1e-12);
    check(2, (double[]){2, 2}, 2, 2, 1e-12);
    check(3, (double[]){1, 7, -20}, 7, 1, 1e-12);
    check(3, (double[]){4, -1, 4}, 4, 4, 1e-12);
    check(3, (double[]){4, 1, 1}, 4, 1, 1e-12);
}

static void test_spectra(void **state) {
    (void)state;
    double spectrum[N_MAX];
    for (int i = 0; i < 50; i++) spectrum[i] = i;
    check(50, spectrum, 49, 48, 1e-10);
    for (int i = 0; i < 50; i++) spectrum[i] = -1 - i;
    check(50, spectrum, -1, -2, 1e-10);
    // The largest in magnitude is not asked for.
    spectrum[0] = -1e4;
    spectrum[7] = 3;
    spectrum[8] = 2;
    check(50, spectrum, 3, 2, 1e-10);
    memset(spectrum, 0, sizeof spectrum);
    check(50, spectrum, 0, 0, 1e-10);
    spectrum[30] = 1;
    check(50, spectrum, 1, 0, 1e-10);
    // Many magnitudes, as Hessians have them.
    for (int i = 0; i < N_MAX; i++) spectrum[i] = 10 * pow(0.8, i);
    check(N_MAX, spectrum, 10, 8, 1e-10);
    spectrum[0] = 1e3;
    check(N_MAX, spectrum, 1e3, 8, 1e-6);
    spectrum[0] = 1e6;
    spectrum[1] = 100;
    check(N_MAX, spectrum, 1e6, 100, 1e-8);
}

static void test_eigenvalues_that_come_more_than_once(void **state) {
    (void)state;
    double spectrum[N_MAX] = {0};
    for (int i = 0; i < 40; i++) spectrum[i] = i % 4;
    check(40, spectrum, 3, 3, 1e-10);
    for (int i = 0; i < 40; i++) spectrum[i] = i < 2 ? 9 : 1.0 / i;
    check(40, spectrum, 9, 9, 1e-10);
    for (int i = 0; i < 40; i++) spectrum[i] = -2;
    check(40, spectrum, -2, -2, 1e-10);
    // All but the same.
    for (int i = 0; i < 40; i++) spectrum[i] = i < 2 ? 1 + i * 1e-9 : 0.5;
    check(40, spectrum, 1 + 1e-9, 1, 1e-8);
}

static void test_few_products_are_needed(void **state) {
    (void)state;
    double spectrum[N_MAX];
    for (int i = 0; i < N_MAX; i++) spectrum[i] = i < 5 ? 10 - i : 1.0 / i;
    assert_true(check(N_MAX, spectrum, 10, 9, 1e-6) < 60);
}

static void test_steps_have_a_limit(void **state) {
    (void)state;
    double spectrum[N_MAX], values[2], vectors[2 * N_MAX], residuals[2];
    for (int i = 0; i < N_MAX; i++) spectrum[i] = i;
    Matrix matrix = turned(N_MAX, spectrum);
    const LanczosDesc desc = {
        .n = N_MAX, .product = multiply, .context = &matrix, .tolerance = 1e-12, .steps_max = 10};
    assert_true(lanczos(&desc, 2, values, vectors, residuals));
    assert_int_equal(matrix.products, 22);
    // What is said of their goodness holds.
    for (int k = 0; k < 2; k++) {
        double nearest = (double)INFINITY;
        for (int i = 0; i < N_MAX; i++) nearest = fmin(nearest, fabs(values[k] - i));
        assert_true(residuals[k] > 1e-3 && nearest <= residuals[k] && values[k] > 250);
    }
}

static void test_same_seed_same_bits(void **state) {
    (void)state;
    double spectrum[40], values[3][2], vectors[3][80], residuals[3][2];
    for (int i = 0; i < 40; i++) spectrum[i] = 1.0 / (1 + i);
    Matrix matrix = turned(40, spectrum);
    for (int i = 0; i < 3; i++) {
        const LanczosDesc desc = {
            .n = 40, .product = multiply, .context = &matrix, .seed = i < 2 ? 7 : 8};
        assert_true(lanczos(&desc, 2, values[i], vectors[i], residuals[i]));
    }
    assert_memory_equal(vectors[0], vectors[1], sizeof vectors[0]);
    assert_memory_equal(values[0], values[1], sizeof values[0]);
    assert_memory_not_equal(vectors[0], vectors[2], sizeof vectors[0]);
}

static bool multiply_by_nan(void *context, const double *v, double *product) {
    const Matrix *matrix = context;
    for (size_t i = 0; i < matrix->n; i++) product[i] = i == 3 ? (double)NAN : v[i];
    return true;
}

static void test_stops(void **state) {
    (void)state;
    double spectrum[40], values[2], vectors[80], residuals[2];
    for (int i = 0; i < 40; i++) spectrum[i] = i;
    Matrix matrix = turned(40, spectrum);
    LanczosDesc desc = {.n = 40, .product = multiply, .context = &matrix};
    for (matrix.stop_after = 0; matrix.stop_after < 30; matrix.stop_after++) {
        matrix.products = 0;
        assert_false(lanczos(&desc, 2, values, vectors, residuals));
        assert_int_equal(matrix.products, matrix.stop_after + 1);
    }
    desc.product = multiply_by_nan;
    assert_false(lanczos(&desc, 2, values, vectors, residuals));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small),
        cmocka_unit_test(test_spectra),
        cmocka_unit_test(test_eigenvalues_that_come_more_than_once),
        cmocka_unit_test(test_few_products_are_needed),
        cmocka_unit_test(test_steps_have_a_limit),
        cmocka_unit_test(test_same_seed_same_bits),
        cmocka_unit_test(test_stops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
