/// Kernels of landscapes: loops over a block of samples. Samples are the fast axis: an array of
/// (rows, n) holds row after row n samples of each, so that vectors run along samples and even one
/// unit fills them.
///
/// n is a multiple of BLOCK_CHUNK everywhere; samples beyond the data are computed too, and left
/// out of sums by `count`. Every sample's operations, and the order of the sums over samples, are
/// the same on all processors.
#ifndef NN_KERNELS_LANDSCAPE_KERNELS_H
#define NN_KERNELS_LANDSCAPE_KERNELS_H

#include <stddef.h>

enum { BLOCK_CHUNK = 64, BLOCK_MAX = 512 };

/// out += in
void block_add(size_t n, const float *in, float *out);
/// out = base + w in, the three apart
void block_add_scaled(size_t n, const float *base, float w, const float *in, float *out);

/// out = base + u in_u + v in_v, the four apart
void block_add_two(size_t n, const float *base, float u, const float *in_u, float v,
                   const float *in_v, float *out);

/// The sums of a layer: z_j = bias_j + sum over k of weight[j, k] in_k, in order of k.
/// @param weight  (units, inputs)  @param bias  (units)  @param in  (inputs, n)
/// @param z  (units, n), apart from in
void block_sums(size_t n, const float *weight, const float *bias, int inputs, int units,
                const float *in, float *z);

/// Layer norm: each sample's column of z over its units, then scaled by gamma and moved by beta.
/// @param z  (units, n), in place  @param scratch  (2, n)
void block_layer_norm(size_t n, int units, const float *gamma, const float *beta, float *z,
                      float *scratch);

/// What a quadratic loss needs: the sums of (z - t)^2, (z - t) in and in^2.
typedef struct Moments {
    double rest, cross, square;
} Moments;

/// Adds those of the first `count` samples.
void block_moments(int count, const float *z, const float *in, const float *t, Moments *sums);

/// Sums over the first `count` samples of an output: (y - t)^2; bce of a logit.
double block_squares(int count, const float *y, const float *t);
double block_binary(int count, const float *logit, const float *t);
/// The sum of the first `count` samples' cross-entropies.
/// @param logits, t  (outputs, n)  @param scratch  (2, n)
double block_cross_entropy(size_t n, int count, int outputs, const float *logits, const float *t,
                           float *scratch);

#endif
