/// Planes through weight space on which losses are measured: two directions, and the point from
/// which coordinates are counted. Directions are made of what the field looks along: chance, the
/// path that training took, the curvature, another set of weights.
///
/// A plane's coordinates (a, b) of weights w are those of the point of the plane nearest to them.
/// A surface on it goes through the present weights w: the loss at (a, b) is that of
/// w + (a - a_w) A + (b - b_w) B, so that what of w lies beside the plane stays as it is.
///
/// What it does not do: measure losses (see landscape.h), choose data, threads.
#ifndef NN_PLANE_H
#define NN_PLANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "nn/network.h"

/// X(constant, name, description)
#define PLANE_LIST(X)                                                                              \
    X(PLANE_WEIGHTS, "weights", "two weights or biases")                                           \
    X(PLANE_RANDOM, "random", "two random directions, as long as the filters (Li et al. 2018)")    \
    X(PLANE_PCA, "pca", "the two main directions of the path that training took")                  \
    X(PLANE_HESSIAN, "hessian", "the two directions in which the loss bends most")                 \
    X(PLANE_BETWEEN, "between", "from these weights to others, and a random direction")

#define X(constant, name, description) constant,
typedef enum PlaneKind { PLANE_LIST(X) PLANE_COUNT } PlaneKind;
#undef X

const char *plane_name(PlaneKind kind);
const char *plane_description(PlaneKind kind);
/// @return PLANE_COUNT where no plane has that name
PlaneKind plane_find(const char *name);

/// Two directions in weight space. Immutable once made, and counted.
typedef struct Plane Plane;
struct Plane {
    PlaneKind kind; // never PLANE_WEIGHTS: that needs no directions
    size_t n_params;
    const float *origin; // (n_params) what lies at (0, 0)
    const float *a, *b;  // (n_params) the directions; never parallel
    double gram[3];      // a.a, a.b, b.b, in 64 bits
    double explained[2]; // PLANE_PCA: the shares of the path's variance; else NaN
    // PLANE_HESSIAN: the two largest eigenvalues, and |H v - lambda v| / |lambda|; else NaN
    double eigenvalues[2], residuals[2];
};

/// NULL is fine for both.
const Plane *plane_retain(const Plane *plane);
void plane_release(const Plane *plane);

/// Where weights lie on a plane.  @param params  (n_params)
void plane_project(const Plane *plane, const float *params, double at[2]);
/// The weights w + (to[0] - a_w) A + (to[1] - b_w) B.
/// @param params  (n_params) w  @param moved  (n_params), written; may be params
void plane_move(const Plane *plane, const float *params, const double to[2], float *moved);

/// Two directions drawn from `seed` (generator RNG_PLANE), filter-normalised as in Li et al.,
/// "Visualizing the Loss Landscape of Neural Nets" (2018): each row of a weight matrix is as long
/// as that row of the network's; biases and norms are left where they are. Rows of more than one
/// input are drawn orthogonal to the first direction's.
/// @return through the network's weights; NULL with error set: no memory, weights that are all zero
/// or not all finite, or a network with a single weight
const Plane *plane_random(const Network *net, uint64_t seed, Error *error);

/// A path whose main directions are looked for. All is borrowed.
typedef struct PathDesc {
    const float *weights; // (n, n_params), row-major
    size_t n, n_params;
    const float *origin; // (n_params) what is to lie at (0, 0)
    /// Looked at every fraction of a millisecond; true gives up. May be NULL.
    bool (*cancel)(void *context);
    void *context;
} PathDesc;

/// The two principal components of a path: its points less their mean, unit length, each pointing
/// from the path's first point to its last.
/// @return NULL with error set: cancelled, fewer than three points, all points on a line, or not
/// all finite, no memory
const Plane *plane_pca(const PathDesc *desc, Error *error);

/// From the network's weights at (0, 0) to others at (1, 0); the second direction is drawn from
/// `seed`, orthogonal to the first and as long.
/// @param other  (n_params)
/// @return NULL with error set: both are the same, or there is but one parameter, or no memory
const Plane *plane_between(const Network *net, const float *other, uint64_t seed, Error *error);

/// A plane from any two directions.  @param a, b  (n_params), copied
/// @return what belongs to its kind is NaN, for its maker to fill in before others see it; NULL
/// with error set: parallel, not finite, or no memory
Plane *plane_of(PlaneKind kind, const float *origin, const double *a, const double *b,
                size_t n_params, Error *error);

/// Ranges in which a path spans about a third of each axis, with the network's own place within. An
/// axis along which it hardly moves is at least a fiftieth as long as the other. Where nothing has
/// moved by more than rounding, as far as the directions are long, and huge weights can tell.
/// PLANE_BETWEEN: at least [-0.5, 1.5] by [-1, 1]. PLANE_RANDOM: at least [-1, 1] by [-1, 1], as Li
/// et al. have it. Points that are not finite are passed over.
/// @param weights  (n, n_params) the path; n may be 0  @param range  [axis][lo, hi], written
void plane_fit(const Plane *plane, const float *params, const float *weights, size_t n,
               double range[2][2]);

#endif
