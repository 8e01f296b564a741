/// Sums of products in 64 bits over a block of WIDE_BLOCK samples, one a lane: an array of (U)
/// units is (U, WIDE_BLOCK) numbers. O units of a layer, I its inputs.
#ifndef NN_KERNELS_WIDE_BLOCKS_H
#define NN_KERNELS_WIDE_BLOCKS_H

#include <stddef.h>

enum { WIDE_BLOCK = 64 };

/// Each unit's lanes become its value.  @param values  (units); NULL: zeros
void wide_block_fill(int units, const double *values, double *z);
/// z += W x.  @param w  (O, I)  @param x  (I) units  @param z  (O) units
void wide_block_forward(int inputs, int units, const double *w, const double *x, double *z);
/// dx += W' dz.
void wide_block_backward(int inputs, int units, const double *w, const double *dz, double *dx);
/// dw += dz x', summed over the samples.  @param dw  (O, I)
void wide_block_outer(int inputs, int units, const double *dz, const double *x, double *dw);
/// sums += a b, unit for unit, summed over the samples.  @param b  NULL: ones  @param sums  (O)
void wide_block_products(int units, const double *a, const double *b, double *sums);

#endif
