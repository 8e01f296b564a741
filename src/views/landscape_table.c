/// The landscape's numbers: the surface as `saddle landscape` writes it, and each run's way over
/// it.
#include <math.h>

#include "nn/landscape.h"
#include "views/landscape_state.h"
#include "views/race.h"

const char *landscape_lacks(const LandscapeState *state, const ViewContext *context, Error *error) {
    const bool weights = state->plane.kind == PLANE_WEIGHTS;
    for (int i = 0; weights && i < 2; i++) {
        size_t at;
        if (network_locate(&context->run->net, state->axes[i], &at, error)) continue;
        return view_text(context, error->text, "此网络没有这个权重");
    }
    if (!weights && state->plane.why[0]) return state->plane.why;
    const Survey *survey = &state->survey;
    if (!survey->valid || survey->generation != context->run->generation)
        return view_text(context, "surveying…", "正在测量…");
    if (!isfinite(survey->min) || !isfinite(survey->max)) {
        return view_text(context, "the loss is not a finite number anywhere here",
                         "此处的损失都不是有限数");
    }
    return NULL;
}

static void write_surface(const Survey *survey, const char *run, Table *out) {
    double a[SURFACE_GRID_MAX], b[SURFACE_GRID_MAX];
    landscape_axis(survey->a[0], survey->a[1], survey->n_a, a);
    landscape_axis(survey->b[0], survey->b[1], survey->n_b, b);
    for (int i = 0; i < survey->n_a && !table_failed(out); i++) {
        for (int j = 0; j < survey->n_b; j++) {
            table_text(out, "surface");
            table_text(out, run);
            table_integer(out, survey->epoch);
            table_double(out, a[i]);
            table_double(out, b[j]);
            table_float(out, survey->loss[i * survey->n_b + j]);
            table_end_row(out);
        }
    }
}

/// Weights as the floats that they are, as `saddle landscape --path` writes them.
static void write_place(const LandscapeTrack *track, double at, Table *out) {
    if (track->request->surface.plane)
        table_double(out, at);
    else
        table_float(out, (float)at);
}

static void write_track(const LandscapeTrack *track, int64_t epoch, const char *run, Table *out) {
    for (int i = 0; i < track->count + track->stride && !table_failed(out);) {
        const bool here = i >= track->count;
        const LandscapePoint p = landscape_track_point(track, i);
        table_text(out, here ? "here" : "path");
        table_text(out, run);
        table_integer(out, here ? epoch : track->run->path->epoch[i]);
        write_place(track, p.a, out);
        write_place(track, p.b, out);
        table_double(out, p.z);
        table_end_row(out);
        if (here) return;
        i = landscape_track_next(track, i);
    }
}

bool landscape_table(const void *state_, const ViewContext *context, Table *out, Error *error) {
    const LandscapeState *state = state_;
    Error room;
    const char *why = landscape_lacks(state, context, &room);
    if (why) return error_set(error, "%s", why);
    table_header(out, "part,run,epoch,a,b,loss");
    const int runs = context->n_rivals > 0 ? race_count(context) : 1;
    for (int i = 0; i < runs; i++) {
        const Snapshot *run = race_run(context, i);
        char name[48] = "";
        if (context->n_rivals > 0) race_name(context, i, name, sizeof name);
        if (i == 0) write_surface(&state->survey, name, out);
        LandscapeTrack track;
        if (landscape_track(state, context, run, &track))
            write_track(&track, i == 0 ? state->survey.epoch : run->epoch, name, out);
    }
    return true;
}
