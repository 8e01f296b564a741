/// The landscape's numbers: the surface as `saddle landscape` writes it, and each run's way over
/// it.
#include <math.h>

#include "nn/landscape.h"
#include "views/landscape_state.h"
#include "views/race.h"

/// Why no surface can be measured; NULL: one can.
static const char *cannot_be(const LandscapeState *state, const ViewContext *context,
                             Error *error) {
    const bool weights = state->plane.kind == PLANE_WEIGHTS;
    for (int i = 0; weights && state->has_axes && i < 2; i++) {
        size_t at;
        if (network_locate(&context->run->net, state->axes[i], &at, error)) continue;
        return view_text(context, error->text, "此网络没有这个权重");
    }
    return !weights && state->plane.why[0] ? state->plane.why : NULL;
}

static const char *is_nowhere_finite(const ViewContext *context, double min, double max) {
    if (isfinite(min) && isfinite(max)) return NULL;
    return view_text(context, "the loss is not a finite number anywhere here",
                     "此处的损失都不是有限数");
}

static const char *is_awaited(const ViewContext *context) {
    return view_text(context, "surveying…", "正在测量…");
}

const char *landscape_lacks(const LandscapeState *state, const ViewContext *context, Error *error) {
    const char *why = cannot_be(state, context, error);
    if (why) return why;
    const Survey *survey = &state->survey;
    if (!survey->valid || survey->generation != context->run->generation)
        return is_awaited(context);
    return is_nowhere_finite(context, survey->min, survey->max);
}

static void write_surface(const Observation *o, const char *run, Table *out) {
    for (int i = 0; i < o->grid[0] && !table_failed(out); i++) {
        for (int j = 0; j < o->grid[1]; j++) {
            table_text(out, "surface");
            table_text(out, run);
            table_integer(out, o->epoch);
            table_double(out, o->values_a[i]);
            table_double(out, o->values_b[j]);
            table_float(out, o->values[(size_t)i * (size_t)o->grid[1] + (size_t)j]);
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

/// The state as if what is kept were that observation, for landscape_track. Owns nothing.
static LandscapeState state_at(const LandscapeState *state, const Observation *o) {
    LandscapeState at = *state;
    at.held.valid = false;
    at.survey = (Survey){.request = o->request,
                         .generation = o->generation,
                         .epoch = o->epoch,
                         .here = {o->here[0], o->here[1]},
                         .here_loss = o->here_loss};
    return at;
}

bool landscape_table(const void *state_, const ViewContext *context, Table *out, Error *error) {
    const LandscapeState *state = state_;
    const Observation *o = view_observation(context, 0, OBSERVE_SURFACE);
    Error room;
    const char *why = cannot_be(state, context, &room);
    if (!why && (!o || !o->values)) why = is_awaited(context);
    if (!why) why = is_nowhere_finite(context, o->min, o->max);
    if (why) return error_set(error, "%s", why);
    table_header(out, "part,run,epoch,a,b,loss");
    const LandscapeState at = state_at(state, o);
    const int runs = context->n_rivals > 0 ? race_count(context) : 1;
    for (int i = 0; i < runs; i++) {
        const Snapshot *run = race_run(context, i);
        char name[48] = "";
        if (context->n_rivals > 0) race_name(context, i, name, sizeof name);
        if (i == 0) write_surface(o, name, out);
        LandscapeTrack track;
        if (!landscape_track(&at, context, run, &track)) continue;
        track.stride = 1; // every point, though not all are drawn
        write_track(&track, i == 0 ? o->epoch : run->epoch, name, out);
    }
    return true;
}
