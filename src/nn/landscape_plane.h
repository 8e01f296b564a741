/// A loss landscape on a plane through weight space. Only landscape.c includes it.
#ifndef NN_LANDSCAPE_PLANE_H
#define NN_LANDSCAPE_PLANE_H

#include "nn/landscape.h"

typedef struct PlaneSurface PlaneSurface;

/// @param desc  with a plane, which is retained  @return NULL where memory is short or it was
/// cancelled
PlaneSurface *plane_surface_create(const LandscapeDesc *desc);
void plane_surface_destroy(PlaneSurface *surface);

/// As landscape_rows.
bool plane_surface_rows(const PlaneSurface *surface, const double *a, const double *b, int first,
                        int last, int n_b, float *out, bool (*cancel)(void *context),
                        void *context);

#endif
