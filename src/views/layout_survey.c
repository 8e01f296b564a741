/// What the views ask about the run, and what they are told: by a surveyor meanwhile, or at once.
#include <assert.h>
#include <string.h>

#include "views/layout_state.h"

enum { ROUNDS_MAX = 3 };

static int requests_of(Layout *layout, Panel *panel, const LayoutFrame *frame,
                       ObservationRequest *requests) {
    memset(requests, 0, sizeof *requests * VIEW_OBSERVATIONS_MAX);
    if (!panel->type->observe) return 0;
    ViewContext context = layout_context(layout, panel, frame, panel->body);
    int n = panel->type->observe(panel->state, &context, requests);
    assert(n >= 0 && n <= VIEW_OBSERVATIONS_MAX);
    return n;
}

static void digest(Layout *layout, Panel *panel, const LayoutFrame *frame) {
    if (!panel->type->digest) return;
    ViewContext context = layout_context(layout, panel, frame, panel->body);
    if (panel->type->digest(panel->state, &context)) panel->digests++;
}

/// Whether a view may ask again: where it wants something else, or its pause is over.
static bool may_ask(const Panel *panel, const LayoutFrame *frame,
                    const ObservationRequest *requests) {
    const double since = frame->time - panel->asked_at;
    return frame->run->state != RUN_RUNNING || panel->asked_of != frame->run->generation ||
           !(since > 0 && since < panel->type->pause) ||
           // NOLINTNEXTLINE(bugprone-suspicious-memory-comparison,cert-exp42-c,cert-flp37-c)
           memcmp(panel->asked, requests, (size_t)panel->n_requests * sizeof *requests) != 0;
}

static void note_asked(Panel *panel, const LayoutFrame *frame, const ObservationRequest *requests) {
    memcpy(panel->asked, requests, (size_t)panel->n_requests * sizeof *requests);
    panel->asked_of = frame->run->generation;
    panel->asked_at = frame->time;
}

bool layout_survey(Layout *layout, const LayoutFrame *frame, Surveyor *surveyor) {
    layout_place(layout, frame);
    bool again = layout->changed;
    for (int i = 0; i < layout->n_panels; i++) {
        if (!layout_shows(layout, i)) continue;
        Panel *panel = &layout->panels[i];
        ObservationRequest requests[VIEW_OBSERVATIONS_MAX];
        int before = panel->n_requests;
        panel->n_requests = requests_of(layout, panel, frame, requests);
        const bool asks = may_ask(panel, frame, requests);
        if (asks) note_asked(panel, frame, requests);
        for (int k = 0; k < VIEW_OBSERVATIONS_MAX; k++) {
            int slot = i * VIEW_OBSERVATIONS_MAX + k;
            if (k >= panel->n_requests) {
                panel->observations[k] = NULL;
                // Another view was there: what it asked for is no longer wanted.
                if (k < before) surveyor_post(surveyor, slot, &requests[k], frame->run);
                continue;
            }
            if (asks) surveyor_post(surveyor, slot, &requests[k], frame->run);
            panel->observations[k] = surveyor_take(surveyor, slot);
        }
        digest(layout, panel, frame);
        again = again || layout_stale(panel, frame);
    }
    return again;
}

/// Makes a panel's observations. What it asks for may follow from what it was told: a surface on
/// a plane from the plane.
static bool survey_panel_now(Layout *layout, Panel *panel, const LayoutFrame *frame, int threads,
                             Error *error) {
    ObservationRequest made[VIEW_OBSERVATIONS_MAX] = {0}, requests[VIEW_OBSERVATIONS_MAX];
    bool again = true;
    for (int round = 0; again && round < ROUNDS_MAX; round++) {
        panel->n_requests = requests_of(layout, panel, frame, requests);
        again = false;
        for (int k = 0; k < panel->n_requests; k++) {
            // NOLINTNEXTLINE(bugprone-suspicious-memory-comparison,cert-exp42-c,cert-flp37-c)
            if (memcmp(&made[k], &requests[k], sizeof *made) == 0) continue;
            made[k] = requests[k];
            panel->observations[k] = NULL;
            if (requests[k].kind == OBSERVE_NOTHING) continue;
            if (frame->numbers && requests[k].kind != OBSERVE_PLANE) continue;
            if (!observe(&requests[k], frame->run, threads, &panel->own[k], error)) return false;
            panel->observations[k] = &panel->own[k];
            again = true;
        }
        digest(layout, panel, frame);
    }
    return true;
}

bool layout_survey_now(Layout *layout, const LayoutFrame *frame, int threads, Error *error) {
    layout_place(layout, frame);
    for (int i = 0; i < layout->n_panels; i++) {
        if (!layout_shows(layout, i)) continue;
        Panel *panel = &layout->panels[i];
        memset(panel->observations, 0, sizeof panel->observations);
        if (!survey_panel_now(layout, panel, frame, threads, error)) return false;
        // Serials start anew with every call: never take the last picture for this one.
        panel->drawn = false;
    }
    return true;
}

const Observation *layout_observation(const Layout *layout, const char *id) {
    for (int i = 0; i < layout->n_panels; i++) {
        if (strcmp(layout->panels[i].type->id, id) == 0) return layout->panels[i].observations[0];
    }
    return NULL;
}

ViewNumbers *layout_numbers(Layout *layout, int view, const LayoutFrame *frame, Error *error) {
    assert(view >= 0 && view < layout->n_panels);
    Panel *panel = &layout->panels[view];
    LayoutFrame whole = *frame;
    whole.numbers = true;
    ObservationRequest requests[VIEW_OBSERVATIONS_MAX];
    const int n = requests_of(layout, panel, &whole, requests);
    const ViewContext context = layout_context(layout, panel, &whole, panel->body);
    return view_numbers_create(panel->type, panel->state, &context, requests, n, error);
}
