/// A race on the landscape: the rivals' paths and balls over the run's own surface, each in its
/// colour, and who is who.
#include "plot/legend.h"
#include "views/landscape_state.h"
#include "views/orbit.h"
#include "views/race.h"

/// How much of a rival's colour its oldest epochs keep, against the path's grey.
#define OLD_SHARE 0.45f

enum { INK_MAX = 256 }; // points of each path that a legend on the map makes way for

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

// ---- who is who ---------------------------------------------------------------------------------

/// One run's path and ball on the screen.  @return how many points
static int path_ink(const LandscapeState *state, const ViewContext *context, const Plot3d *plot,
                    const Snapshot *run, float xy[INK_MAX][2]) {
    LandscapeTrack track;
    if (!landscape_track(state, context, run, &track)) return 0;
    int n = 0;
    const int step = track.count / (INK_MAX - 1) + 1;
    for (int i = 0; n < INK_MAX; i = i + step < track.count ? i + step : track.count) {
        LandscapePoint p = landscape_track_point(&track, i);
        float world[3];
        plot3d_world(plot, p.a, p.b, p.z, world);
        camera_project(&plot->camera, plot->view, world, xy[n++], NULL);
        if (i == track.count) break; // the ball
    }
    return n;
}

/// On the map, where it covers the least of paths and balls.
static Rect place_on_map(const LandscapeState *state, const ViewContext *context,
                         const Plot3d *plot, Rect map, Rect box) {
    float xy[1 + RIVALS_MAX][INK_MAX][2];
    LegendInk ink[1 + RIVALS_MAX];
    for (int i = 0; i <= context->n_rivals; i++) {
        int n = path_ink(state, context, plot, race_run(context, i), xy[i]);
        ink[i] = (LegendInk){.xy = xy[i][0], .n = n, .joined = true};
    }
    float cost, edge = 6 * context->scale;
    Rect room = {map.x + edge, map.y + edge, map.w - 2 * edge, map.h - 2 * edge};
    Rect place = legend_place(room, box.w, box.h, ink, 1 + context->n_rivals, &cost);
    return place.w > 0 ? place : box;
}

void landscape_draw_legend(const LandscapeState *state, const ViewContext *context,
                           const Plot3d *plot) {
    bool test = state->survey.request.surface.test_split;
    Rect view = plot->view, box = race_legend_box(context, view, test);
    if (box.w <= 0) return;
    if (landscape_is_map(state)) {
        Rect map = landscape_map_area(plot);
        float beside = map.x - orbit_map_left(view, context->scale) - view.x;
        if (beside < box.w - 1) box = place_on_map(state, context, plot, map, box);
    }
    race_legend(context, view, box.x, box.y, test);
}
