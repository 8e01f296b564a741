/// The first layer's products over inputs with many zeros, such as images: pairs of inputs that are
/// zero in a sample are passed over, and so are samples in which a unit's gradient is zero.
///
/// B samples, I inputs, O units, arrays row-major.
#ifndef NN_KERNELS_SPARSE_H
#define NN_KERNELS_SPARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Which pairs of inputs of each of many samples are not zero: found once, for data that batches
/// are taken from again and again.
typedef struct SparseMap SparseMap;

/// @param x  (n, inputs)  @param inputs  as sparse_suits  @return NULL where memory is short
SparseMap *sparse_map_create(const float *x, size_t n, int inputs);
void sparse_map_destroy(SparseMap *map);

/// Where a batch is not zero. Buffers for one batch after another.
typedef struct Sparse Sparse;

/// Whether products of a layer of that shape can be done here: wide, and in whole vectors.
bool sparse_suits(int inputs, int units, int max_batch);
/// @return NULL where memory is short
Sparse *sparse_create(int inputs, int units, int max_batch);
void sparse_destroy(Sparse *sparse);

/// Marks a batch's nonzero pairs.  @param x  (B, I)
/// @return whether there are so many zeros that the products are worth doing here
bool sparse_mark(Sparse *sparse, const float *x, int batch);
/// The same from what is known.  @param order  the batch's samples in the map's data
bool sparse_mark_known(Sparse *sparse, const SparseMap *map, const uint32_t *order, int batch);

/// z = x W^T + b of the batch that is marked. A unit with a weight that is not finite is NaN.
/// @param bias  (O) or NULL  @param z  (B, O), written
void sparse_forward(Sparse *sparse, const float *x, const float *weight, const float *bias,
                    float *z);
/// dW = dz^T x of the batch that is marked.  @param dweight  (O, I), written
void sparse_backward_weight(Sparse *sparse, const float *x, const float *dz, float *dweight);

#endif
