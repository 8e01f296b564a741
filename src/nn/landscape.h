/// Loss landscapes: the loss over any two weights or biases of a network, the rest held fixed, or
/// over a plane in which all of them move. What two weights do not touch is computed once (prefix
/// caching): the layers before them for every sample, and the other units of the layers they lie
/// in. On a plane only the first layer's sums are cached. The network computes as it does when it
/// is used: batch norms by their running statistics, nothing dropped.
///
/// What it does not do: threads (callers spread ranges of rows), time, drawing.
#ifndef NN_LANDSCAPE_H
#define NN_LANDSCAPE_H

#include <stdbool.h>

#include "nn/loss.h"
#include "nn/network.h"
#include "nn/plane.h"

/// What to measure. All pointers are borrowed by landscape_create, and only while it runs.
typedef struct LandscapeDesc {
    const Network *net;
    ParamRef a, b;      // may be of the same layer, row, or even the same parameter (b wins)
    const Plane *plane; // instead of a and b, where it is not NULL; of the network's size
    Loss loss;          // suits the last layer (loss_suits)
    const float *x, *t; // (n, n_inputs), (n, n_outputs)
    size_t n;
    /// Looked at between blocks of samples while the landscape is made; true gives up. May be NULL.
    bool (*cancel)(void *context);
    void *context;
} LandscapeDesc;

typedef struct Landscape Landscape;

/// Computes what the two parameters do not touch.
/// @return NULL with error set where the network lacks a parameter, memory is short, or it was
/// cancelled
Landscape *landscape_create(const LandscapeDesc *desc, Error *error);
void landscape_destroy(Landscape *landscape);

/// The loss at values (a[i], b[j]) for i in [first, last) and all j < n_b.
/// @param a, b  absolute parameter values; coordinates on the plane
/// @param out   (last - first, n_b) row-major: out[(i - first) * n_b + j]; NaN and Inf are kept
/// @param cancel  may be NULL; looked at between points, true stops early
/// @return false where that or a lack of memory stopped it: out is then partly stale
///
/// Thread: any number at once on one landscape, with rows apart.
/// Allocates: its scratch, once a call.
bool landscape_rows(const Landscape *landscape, const double *a, const double *b, int first,
                    int last, int n_b, float *out, bool (*cancel)(void *context), void *context);

/// n grid points from lo to hi, both ends included (n = 1: the middle).
void landscape_axis(double lo, double hi, int n, double *values);

#endif
