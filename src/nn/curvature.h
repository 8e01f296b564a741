/// How the loss bends: products of its Hessian with vectors, in 64 bits, and the plane of the two
/// directions in which it bends most. The network computes as it does when it is used: batch norms
/// by their running statistics, nothing dropped.
///
/// A product is the exact derivative of the gradient along v (Pearlmutter, "Fast Exact
/// Multiplication by the Hessian", 1994).
///
/// What it does not do: threads of its own, time, choosing data.
#ifndef NN_CURVATURE_H
#define NN_CURVATURE_H

#include "nn/loss.h"
#include "nn/network.h"
#include "nn/plane.h"

/// What bends. All is borrowed; the network is read by curvature_create alone.
typedef struct CurvatureDesc {
    const Network *net;
    Loss loss;          // suits the last layer (loss_suits)
    const float *x, *t; // (n, n_inputs), (n, n_outputs)
    size_t n;           // at least 1
    /// Looked at between blocks of samples and a plane's vectors; true stops early. May be NULL.
    bool (*cancel)(void *context);
    void *context;
} CurvatureDesc;

/// Where that takes at most 32 MB, what all products have in common is computed once and kept.
typedef struct Curvature Curvature;

/// Thread: a curvature has one owner at a time.
/// @return NULL where memory is short
Curvature *curvature_create(const CurvatureDesc *desc);
void curvature_destroy(Curvature *curvature);

/// The gradient of the mean loss, in 64 bits.  @param gradient  (n_params), written
/// @return false where it was cancelled
bool curvature_gradient(Curvature *curvature, double *gradient);
/// product = H v.  @param v, product  (n_params)  @return false where it was cancelled
bool curvature_product(Curvature *curvature, const double *v, double *product);

/// The plane of the two largest eigenvalues of the Hessian, through the network's weights. Unit
/// directions; each so that its component of the largest magnitude is positive.
/// @param tolerance  of the residuals, as in lanczos.h; zero: 1e-4
/// @return NULL with error set: cancelled, one parameter alone, no samples, weights that are not
/// finite, no memory
const Plane *curvature_plane(const CurvatureDesc *desc, double tolerance, Error *error);

#endif
