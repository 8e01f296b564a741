/// Where weights lie on a landscape's axes, which weights lie at a place of it, and what the axes
/// are called: two weights, or the directions of a plane in which all weights move.
#include <string.h>

#include "views/landscape_state.h"

/// Which parameters the axes are.
static bool locate(const ObservationRequest *request, const Network *net, size_t index[2]) {
    return network_locate(net, request->surface.axes[0], &index[0], NULL) &&
           network_locate(net, request->surface.axes[1], &index[1], NULL);
}

bool landscape_place(const ObservationRequest *request, const Network *net, const float *params,
                     double at[2]) {
    const Plane *plane = request->surface.plane;
    if (plane) {
        if (plane->n_params != net->n_params) return false;
        plane_project(plane, params, at);
        return true;
    }
    size_t index[2];
    if (!locate(request, net, index)) return false;
    for (int i = 0; i < 2; i++) at[i] = (double)params[index[i]];
    return true;
}

bool landscape_move(const ObservationRequest *request, const Network *net, const float *base,
                    const double to[2], float *params) {
    const Plane *plane = request->surface.plane;
    if (plane) {
        if (plane->n_params != net->n_params) return false;
        plane_move(plane, base, to, params);
        return true;
    }
    size_t index[2];
    if (!locate(request, net, index)) return false;
    memmove(params, base, net->n_params * sizeof *params);
    for (int i = 0; i < 2; i++) params[index[i]] = (float)to[i];
    return true;
}

void landscape_axis_label(const ObservationRequest *request, int axis, char *text, size_t size) {
    const Plane *plane = request->surface.plane;
    if (plane) {
        landscape_plane_label(plane, axis, text, size);
        return;
    }
    view_param_label(request->surface.axes[axis], text, size);
}

bool landscape_inside(const Survey *survey, const double at[2]) {
    return at[0] >= survey->a[0] && at[0] <= survey->a[1] && at[1] >= survey->b[0] &&
           at[1] <= survey->b[1];
}
