/// A run's path over the landscape and its ball. The path lies at the losses that the network
/// really had, so it may leave the surface, which is measured with the other weights as they are
/// now. Other runs' paths and balls are drawn on the same plot by the same means.
#include <math.h>
#include <string.h>

#include "views/landscape_state.h"

enum {
    PATH_DRAWN = 1024,
    FIRST_DRAWN = 192, // of these, always: training goes farthest at first
    PIECE_MAX = 256,
    STEMS_MAX = 64
};

#define BALL          7.0f
#define BALL_OUTSIDE  0.6f // of its size: it waits, small, at the border
#define PATH_WIDTH    3.2f
#define PATH_HALO     1.6f
#define BIAS_PATH     3e-3f
#define BIAS_BALL     1.2e-2f
#define AGE_BY_EPOCHS 0.25f
#define STEM_WIDTH    1.25f
#define STEM_LEAST    4.0f  // units on the screen: a smaller gap is not marked
#define LENGTH_MOVING 40.0f // of a path that is drawn while things move, in the world
#define STEM_FOOT     3.6f
#define STEM_LIGHT    0.45f // of white, or old ones would drown
#define STEM_SPACE    0.06f // in the world, along the way
#define STEM_OLD      0.45f // how strong the oldest one is, and the newest
#define STEM_NEW      0.90f

// ---- a run's way --------------------------------------------------------------------------------

bool landscape_track(const LandscapeState *state, const ViewContext *context, const Snapshot *run,
                     LandscapeTrack *track) {
    const Survey *survey = &state->survey;
    *track = (LandscapeTrack){
        .run = run, .request = &survey->request, .jumped = run->jumped, .thinned = 1};
    bool test = survey->request.surface.test_split;
    int64_t epoch = INT64_MAX;
    if (run == context->run) { // as it was when the surface was measured
        if (run->generation != survey->generation) return false;
        memcpy(track->here, survey->here, sizeof track->here);
        track->here_loss = survey->here_loss;
        epoch = survey->epoch;
        if (state->held.valid) {
            memcpy(track->here, state->held.at, sizeof track->here);
            track->here_loss = state->held.loss;
        }
    } else {
        if (!landscape_place(track->request, &run->net, run->net.params, track->here)) return false;
        track->here_loss = test ? run->metrics.test_loss : run->metrics.train_loss;
    }
    if (!run->path) return true;
    track->loss = test ? run->path->test_loss : run->path->loss;
    int lo = 0, hi = run->path_count;
    while (lo < hi) { // the first point after that epoch
        int middle = (lo + hi) / 2;
        if (run->path->epoch[middle] <= epoch) {
            lo = middle + 1;
        } else {
            hi = middle;
        }
    }
    track->count = lo;
    track->stride = (lo + PATH_DRAWN - 1) / PATH_DRAWN;
    if (track->stride < 1) track->stride = 1;
    return true;
}

LandscapePoint landscape_track_point(const LandscapeTrack *track, int i) {
    if (i >= track->count)
        return (LandscapePoint){track->here[0], track->here[1], track->here_loss, 1};
    const Path *path = track->run->path;
    double at[2] = {(double)NAN, (double)NAN};
    landscape_place(track->request, &track->run->net, path->weights + (size_t)i * path->n_params,
                    at);
    return (LandscapePoint){.a = at[0], .b = at[1], .z = track->loss[i]};
}

int landscape_track_next(const LandscapeTrack *track, int i) {
    int step = track->stride * (i < FIRST_DRAWN * track->stride ? 1 : track->thinned);
    return i + step < track->count ? i + step : track->count;
}

bool landscape_track_joined(const LandscapeTrack *track, int i) {
    int next = landscape_track_next(track, i);
    if (next == track->count && track->jumped) return false;
    const bool *jumped = track->run->path->jumped;
    for (int k = i + 1; jumped && k <= next && k < track->count; k++) {
        if (jumped[k]) return false;
    }
    return true;
}

/// Cuts the part of a segment that lies within the plotted ranges (Liang and Barsky 1984).
/// @return false where none does
static bool cut_segment(const Survey *survey, LandscapePoint *from, LandscapePoint *to) {
    double d[2] = {to->a - from->a, to->b - from->b};
    double p[4] = {-d[0], d[0], -d[1], d[1]};
    double q[4] = {from->a - survey->a[0], survey->a[1] - from->a, from->b - survey->b[0],
                   survey->b[1] - from->b};
    double first = 0, last = 1;
    for (int i = 0; i < 4; i++) {
        if (p[i] == 0) {
            if (q[i] < 0) return false;
        } else if (p[i] < 0) {
            first = fmax(first, q[i] / p[i]);
        } else {
            last = fmin(last, q[i] / p[i]);
        }
    }
    if (!(first <= last)) return false;
    LandscapePoint a = *from, b = *to;
    double dz = b.z - a.z;
    float dt = b.t - a.t;
    *from = (LandscapePoint){a.a + first * d[0], a.b + first * d[1], a.z + first * dz,
                             a.t + (float)first * dt};
    *to = (LandscapePoint){a.a + last * d[0], a.b + last * d[1], a.z + last * dz,
                           a.t + (float)last * dt};
    return true;
}

/// Connected points of the path, handed to the scene when full or when the path leaves the plot.
typedef struct Piece {
    float xyz[PIECE_MAX][3];
    Color colors[PIECE_MAX];
    Color from, to; // the path's colours, old and new
    int n;
    LandscapePoint end;
} Piece;

static void put_point(Piece *piece, const Plot3d *plot, LandscapePoint p, float alpha) {
    plot3d_world(plot, p.a, p.b, p.z, piece->xyz[piece->n]);
    piece->colors[piece->n++] = color_alpha(color_mix(piece->from, piece->to, p.t), alpha);
    piece->end = p;
}

static void flush_piece(Piece *piece, const ViewContext *context, float alpha) {
    if (piece->n > 1) {
        bool ghost = alpha < 1;
        scene_line(context->gfx, piece->xyz[0], piece->colors, piece->n,
                   PATH_WIDTH * view_mark_scale(context),
                   color_alpha(context->theme->halo, ghost ? 0 : 0.75f),
                   ghost ? 0 : PATH_HALO * context->scale, BIAS_PATH);
    }
    piece->n = 0;
}

/// The distance between two of its points as drawn.
static float drawn_distance(const Plot3d *plot, const LandscapePoint *from,
                            const LandscapePoint *to) {
    float a[3], b[3];
    plot3d_world(plot, from->a, from->b, from->z, a);
    plot3d_world(plot, to->a, to->b, to->z, b);
    float d = hypotf(hypotf(b[0] - a[0], b[1] - a[1]), b[2] - a[2]);
    return isfinite(d) ? d : 0;
}

/// How far the path gets from its start, as drawn.
static float path_reach(const LandscapeTrack *track, const Plot3d *plot) {
    LandscapePoint start = landscape_track_point(track, 0);
    float reach = 0;
    for (int i = 0; i < track->count; i = landscape_track_next(track, i)) {
        LandscapePoint p = landscape_track_point(track, landscape_track_next(track, i));
        reach = fmaxf(reach, drawn_distance(plot, &start, &p));
    }
    return reach;
}

/// Fewer points where the way is so long that drawing it would take longer than all else: a step
/// size that is too large throws it to and fro. At rest all are drawn.
static void thin_out(LandscapeTrack *track, const Plot3d *plot) {
    float length = 0;
    for (int i = 0; i < track->count; i = landscape_track_next(track, i)) {
        LandscapePoint from = landscape_track_point(track, i);
        LandscapePoint to = landscape_track_point(track, landscape_track_next(track, i));
        length += drawn_distance(plot, &from, &to);
    }
    // By powers of two, so that the points drawn stay the same ones for long.
    for (; length > LENGTH_MOVING; length /= 2) track->thinned *= 2;
}

/// Where on the way from old to new a point lies: by how far the path had got from its start, since
/// most epochs pass near the end, and a little by epochs, so that it never stands still.
static float age(float gone, float reach, int i, int count) {
    float by_epochs = (float)i / (float)count;
    return reach > 0 ? (1 - AGE_BY_EPOCHS) * gone / reach + AGE_BY_EPOCHS * by_epochs : by_epochs;
}

void landscape_draw_path(const LandscapeState *state, const ViewContext *context,
                         const Plot3d *plot, const Snapshot *run, Color old_color, Color new_color,
                         float alpha) {
    LandscapeTrack track;
    if (!landscape_track(state, context, run, &track) || track.count == 0) return;
    if (!view_has_time(context)) thin_out(&track, plot);
    LandscapePoint start = landscape_track_point(&track, 0);
    float reach = path_reach(&track, plot), gone = 0;
    Piece piece;
    piece.n = 0;
    piece.from = old_color;
    piece.to = new_color;
    for (int i = 0, next; i < track.count; i = next) {
        next = landscape_track_next(&track, i);
        LandscapePoint from = landscape_track_point(&track, i);
        LandscapePoint to = landscape_track_point(&track, next);
        from.t = age(gone, reach, i, track.count);
        gone = fmaxf(gone, drawn_distance(plot, &start, &to));
        to.t = age(gone, reach, next, track.count);
        bool fine = landscape_track_joined(&track, i) && isfinite(from.z) && isfinite(to.z) &&
                    cut_segment(&state->survey, &from, &to);
        bool joins = fine && piece.n > 0 && piece.end.a == from.a && piece.end.b == from.b;
        if (!joins || piece.n == PIECE_MAX) {
            LandscapePoint end = piece.end;
            flush_piece(&piece, context, alpha);
            if (!fine) continue;
            put_point(&piece, plot, joins ? end : from, alpha);
        }
        put_point(&piece, plot, to, alpha);
    }
    flush_piece(&piece, context, alpha);
}

// ---- stems --------------------------------------------------------------------------------------

float landscape_height(const Survey *survey, const double at[2]) {
    double s = (at[0] - survey->a[0]) / (survey->a[1] - survey->a[0]) * (survey->n_a - 1);
    double t = (at[1] - survey->b[0]) / (survey->b[1] - survey->b[0]) * (survey->n_b - 1);
    if (!(s >= 0 && t >= 0 && s <= survey->n_a - 1 && t <= survey->n_b - 1)) return NAN;
    int i = s < survey->n_a - 1 ? (int)s : survey->n_a - 2;
    int j = t < survey->n_b - 1 ? (int)t : survey->n_b - 2;
    float u = (float)(s - i), v = (float)(t - j);
    const float *near = survey->heights + (size_t)i * (size_t)survey->n_b + (size_t)j;
    const float *far = near + survey->n_b;
    return (1 - u) * ((1 - v) * near[0] + v * near[1]) + u * ((1 - v) * far[0] + v * far[1]);
}

/// Upright lines and the dots that they stand on, handed to the scene as broken lines.
typedef struct Stems {
    float lines[3 * STEMS_MAX][3], feet[2 * STEMS_MAX][3];
    Color line_colors[3 * STEMS_MAX], foot_colors[2 * STEMS_MAX];
    int n;
} Stems;

/// Adds the stem of a point where its gap can be seen.
static void add_stem(Stems *stems, const LandscapeState *state, const ViewContext *context,
                     const Plot3d *plot, const LandscapePoint *p, Color color) {
    static const float broken[3] = {NAN, NAN, NAN};
    float top[3], foot[3], at_top[2], at_foot[2];
    plot3d_world(plot, p->a, p->b, p->z, top);
    memcpy(foot, top, sizeof foot);
    foot[2] = landscape_height(&state->survey, (double[2]){p->a, p->b});
    if (!isfinite(top[2]) || !isfinite(foot[2]) || stems->n == STEMS_MAX) return;
    camera_project(&plot->camera, plot->view, top, at_top, NULL);
    camera_project(&plot->camera, plot->view, foot, at_foot, NULL);
    float gap = hypotf(at_top[0] - at_foot[0], at_top[1] - at_foot[1]);
    if (!(gap >= STEM_LEAST * context->scale)) return;
    const float *corners[3] = {top, foot, broken};
    for (int i = 0; i < 3; i++) {
        memcpy(stems->lines[3 * stems->n + i], corners[i], sizeof top);
        stems->line_colors[3 * stems->n + i] = color;
    }
    for (int i = 0; i < 2; i++) {
        memcpy(stems->feet[2 * stems->n + i], corners[1 + i], sizeof foot);
        stems->foot_colors[2 * stems->n + i] = color;
    }
    stems->n++;
}

void landscape_draw_stems(const LandscapeState *state, const ViewContext *context,
                          const Plot3d *plot, const Snapshot *run, float alpha) {
    LandscapeTrack track;
    // Where the axes are all there is, nothing beside them can have moved.
    if (run->net.n_params <= 2 || !landscape_track(state, context, run, &track)) return;
    LandscapePoint start = landscape_track_point(&track, 0), before = start;
    float reach = path_reach(&track, plot), gone = 0, way = 0;
    for (int i = 0; i < track.count; i += track.stride) {
        LandscapePoint p = landscape_track_point(&track, i);
        way += drawn_distance(plot, &before, &p);
        before = p;
    }
    float space = fmaxf(STEM_SPACE, way / (STEMS_MAX - 1)), since = space;
    before = start;
    Stems stems;
    stems.n = 0;
    for (int i = 0; i < track.count; i += track.stride) {
        LandscapePoint p = landscape_track_point(&track, i);
        gone = fmaxf(gone, drawn_distance(plot, &start, &p));
        since += drawn_distance(plot, &before, &p);
        before = p;
        if (since < space) continue;
        since = 0;
        float t = age(gone, reach, i, track.count);
        Color color = color_mix(context->theme->path_old, context->theme->path_new, t);
        color = color_mix(color, (Color){1, 1, 1, 1}, STEM_LIGHT);
        float strength = STEM_OLD + (STEM_NEW - STEM_OLD) * t;
        add_stem(&stems, state, context, plot, &p, color_alpha(color, alpha * strength));
    }
    if (stems.n == 0) return;
    float scale = context->scale;
    Color halo = color_alpha(context->theme->halo, alpha < 1 ? 0 : 0.35f);
    scene_line(context->gfx, stems.lines[0], stems.line_colors, 3 * stems.n, STEM_WIDTH * scale,
               halo, 0.7f * scale, BIAS_PATH);
    scene_line(context->gfx, stems.feet[0], stems.foot_colors, 2 * stems.n, STEM_FOOT * scale, halo,
               0.7f * scale, BIAS_PATH);
}

// ---- the ball -----------------------------------------------------------------------------------

void landscape_draw_ball(const LandscapeState *state, const ViewContext *context,
                         const Plot3d *plot, const Snapshot *run, Color color, float alpha) {
    LandscapeTrack track;
    if (!landscape_track(state, context, run, &track)) return;
    const bool held = run == context->run && state->held.valid;
    if (!held && !isfinite(track.here_loss)) return;
    float at[3], radius = BALL * view_mark_scale(context);
    plot3d_world(plot, track.here[0], track.here[1], track.here_loss, at);
    if (!isfinite(track.here_loss)) at[2] = landscape_height(&state->survey, track.here);
    if (!isfinite(at[2])) return;
    if (!landscape_inside(&state->survey, track.here)) radius *= BALL_OUTSIDE;
    scene_ball(context->gfx, at, radius, color_alpha(color, alpha),
               color_alpha(context->theme->halo, alpha), 1.6f * context->scale, BIAS_BALL);
}
