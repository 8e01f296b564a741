/// The largest eigenvalues of a symmetric operator that is only known by its products: Lanczos'
/// method with full reorthogonalisation (Golub and Van Loan, "Matrix Computations", 10.3).
#ifndef NN_LANCZOS_H
#define NN_LANCZOS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// product = A v.  @param v, product  (n)  @return false to stop
typedef bool LanczosProduct(void *context, const double *v, double *product);

typedef struct LanczosDesc {
    size_t n; // dimensions
    LanczosProduct *product;
    void *context;
    double tolerance; // |A v - lambda v| at most, as a share of the largest |lambda|; zero: 1e-6
    int steps_max;    // zero: 128, or n where that is less
    uint64_t seed;    // of the first vector
} LanczosDesc;

/// The `wanted` algebraically largest eigenvalues, in falling order, with their unit vectors.
/// @param wanted    1 or 2, at most n
/// @param values    (wanted)  @param vectors  (wanted, n) row-major
/// @param residuals (wanted) |A v - lambda v|, by one more product each
/// @return false where a product said so or memory is short
bool lanczos(const LanczosDesc *desc, int wanted, double *values, double *vectors,
             double *residuals);

#endif
