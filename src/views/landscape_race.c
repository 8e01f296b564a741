/// A race on the landscape: the rivals' paths and balls over the run's own surface, each in its
/// colour, and who is who.
#include "views/landscape_state.h"
#include "views/race.h"

/// How much of a rival's colour its oldest epochs keep, against the path's grey.
#define OLD_SHARE 0.45f

void landscape_draw_rivals(const LandscapeState *state, const ViewContext *context,
                           const Plot3d *plot, float path_alpha, float ball_alpha) {
    for (int i = context->n_rivals; i > 0; i--) { // the first on top
        Color color = race_color(context, i);
        landscape_draw_path(state, context, plot, race_run(context, i),
                            color_mix(context->theme->path_old, color, OLD_SHARE), color,
                            path_alpha);
    }
    for (int i = context->n_rivals; i > 0; i--) {
        landscape_draw_ball(state, context, plot, race_run(context, i), race_color(context, i),
                            ball_alpha);
    }
}
