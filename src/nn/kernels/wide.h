/// Vectors of 64-bit numbers. Sums run in a fixed number of interleaved parts, so that they are the
/// same on every processor.
#ifndef NN_KERNELS_WIDE_H
#define NN_KERNELS_WIDE_H

#include <stddef.h>

/// a.b
double wide_dot(size_t n, const double *a, const double *b);
/// a.b of 32-bit numbers.
double wide_dot_floats(size_t n, const float *a, const float *b);
/// a.b of 32-bit and 64-bit numbers.
double wide_dot_mixed(size_t n, const float *a, const double *b);
/// y += s x
void wide_add(size_t n, double s, const double *x, double *y);
void wide_add_floats(size_t n, double s, const float *x, double *y);
/// x *= s
void wide_scale(size_t n, double s, double *x);
/// |x|. Neither over- nor underflow is taken care of.
double wide_norm(size_t n, const double *x);

#endif
