/// Loss landscapes: the loss over any two weights or biases of a network, the rest held fixed. What
/// the two do not touch is computed once (prefix caching): the layers before them for every sample,
/// and the other units of the layers they lie in. The network computes as it does when it is used:
/// batch norms by their running statistics, nothing dropped.
///
/// What it does not do: threads (callers spread ranges of rows), time, drawing.
#ifndef NN_LANDSCAPE_H
#define NN_LANDSCAPE_H

#include <stdbool.h>

#include "nn/loss.h"
#include "nn/network.h"

/// What to measure. All pointers are borrowed by landscape_create, and only while it runs.
typedef struct LandscapeDesc {
    const Network *net;
    ParamRef a, b;      // may be of the same layer, row, or even the same parameter (b wins)
    Loss loss;          // suits the last layer (loss_suits)
    const float *x, *t; // (n, n_inputs), (n, n_outputs)
    size_t n;
} LandscapeDesc;

typedef struct Landscape Landscape;

/// Computes what the two parameters do not touch.
/// @return NULL with error set where the network lacks a parameter or memory is short
Landscape *landscape_create(const LandscapeDesc *desc, Error *error);
void landscape_destroy(Landscape *landscape);

/// The loss at values (a[i], b[j]) for i in [first, last) and all j < n_b.
/// @param a, b  absolute parameter values
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
