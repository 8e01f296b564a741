/// Batch norm (Ioffe 2015) and layer norm (Ba 2016), as PyTorch's BatchNorm1d and LayerNorm define
/// them: biased variances divide, eps is 1e-5, running statistics move by a tenth and take the
/// unbiased variance.
///
/// B samples, O units, arrays row-major.
#ifndef NN_KERNELS_NORM_H
#define NN_KERNELS_NORM_H

#include <stdbool.h>

/// A norm's parameters and, for batch norm, its running statistics; all (O), borrowed.
typedef struct NormParams {
    const float *gamma, *beta;
    float *mean, *variance;
} NormParams;

/// Normalises each unit over the batch.
/// @param z        (B, O): replaced by gamma normal + beta
/// @param normal   (B, O), written  @param inverse  (O), written
/// @param moves    whether the running statistics move
void norm_batch_training(float *z, int batch, int units, const NormParams *params, bool moves,
                         float *normal, float *inverse);
/// Normalises each unit by the running statistics.
/// @param normal, inverse  as above; both may be NULL
void norm_batch(float *z, int batch, int units, const NormParams *params, float *normal,
                float *inverse);
/// Normalises each sample over the units.
/// @param inverse  (B), written; normal and inverse may both be NULL
void norm_layer(float *z, int batch, int units, const NormParams *params, float *normal,
                float *inverse);

/// Ways back: d (B, O) is dL/doutput and becomes dL/dz; dgamma and dbeta (O) are written.
void norm_batch_training_backward(float *d, const float *normal, const float *inverse,
                                  const float *gamma, int batch, int units, float *dgamma,
                                  float *dbeta);
void norm_batch_backward(float *d, const float *normal, const float *inverse, const float *gamma,
                         int batch, int units, float *dgamma, float *dbeta);
void norm_layer_backward(float *d, const float *normal, const float *inverse, const float *gamma,
                         int batch, int units, float *dgamma, float *dbeta);

#endif
