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
    bool (*cancel)(void *context); // looked at between vectors; true stops. May be NULL
    void *context;                 // of both
    // |A v - lambda v| at most, as a share of |lambda| (or of a millionth of the largest |lambda|
    // where that is more); zero: 1e-6
    double tolerance;
    int steps_max; // for each eigenvalue, and vectors kept; zero: 128, or a gigabyte's worth
    uint64_t seed; // of the first vectors
} LanczosDesc;

/// The `wanted` algebraically largest eigenvalues, in falling order, with their unit vectors.
/// @param wanted    1 or 2, at most n
/// Where steps_max came first, residuals say how good they are.
/// @param values    (wanted)  @param vectors  (wanted, n) row-major
/// @param residuals (wanted) |A v - lambda v|, by one more product each
/// @return false where a product or cancel said so, a product was not finite, or memory is short
bool lanczos(const LanczosDesc *desc, int wanted, double *values, double *vectors,
             double *residuals);

#endif
