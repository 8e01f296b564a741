// Planes that take long to find: training's main directions, and those of the largest curvature.
#include "nn/curvature.h"
#include "train/observe_parts.h"

/// Products until Lanczos' method has two eigenvalues, about; multiplications of a product, for
/// each weight and sample.
enum { PRODUCTS = 30, PRODUCT_COST = 12 };
// Measured, in 64 bits: of a multiplication with the Hessian, and with a path.
#define PRODUCT_SECONDS 0.02e-9
#define PATH_SECONDS    0.5e-9

bool plane_plan(Survey *survey, Error *error) {
    const PlaneKind kind = survey->request.plane.kind;
    if (kind != PLANE_PCA && kind != PLANE_HESSIAN) {
        return error_set(error, "that plane is not surveyed");
    }
    survey->n_passes = 1;
    survey->grids[0][0] = survey->grids[0][1] = 1;
    const double params = (double)survey->source.net->n_params;
    if (kind == PLANE_PCA) {
        survey->point_seconds = params * survey->source.path_count * PRODUCTS * PATH_SECONDS;
        return true;
    }
    const double cost = PRODUCT_COST * params;
    if (!survey_pick_samples(survey, false, PLANE_PRODUCT_COST / cost, &survey->bending, error)) {
        return false;
    }
    survey->point_seconds = (double)survey->samples * cost * PRODUCTS * PRODUCT_SECONDS;
    return true;
}

bool plane_work(const Survey *survey, Observation *out, bool (*cancel)(void *), void *context) {
    const SurveySource *source = &survey->source;
    if (survey->request.plane.kind == PLANE_PCA) {
        const size_t n = source->path ? (size_t)source->path_count : 0;
        const PathDesc desc = {.weights = n ? source->path->weights : NULL,
                               .n = n,
                               .n_params = source->net->n_params,
                               .origin = source->net->params,
                               .cancel = cancel,
                               .context = context};
        out->plane = plane_pca(&desc, &out->why);
    } else {
        const CurvatureDesc desc = {.net = source->net,
                                    .loss = source->loss,
                                    .x = survey->bending.x,
                                    .t = survey->bending.t,
                                    .n = survey->bending.n,
                                    .cancel = cancel,
                                    .context = context};
        out->plane = curvature_plane(&desc, 0, &out->why);
    }
    // That there is none is an answer, too.
    return !cancel || !cancel(context);
}
