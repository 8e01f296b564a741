/// Panels in nested rows and columns, each with a view that keeps its picture in a texture.
///
/// A picture is drawn again only when its key changes: size, theme, scale, the observations it was
/// handed, the snapshot where it follows it, and its own state (events and widgets). Hover
/// read-outs are drawn over the kept picture every frame. Widgets change a view's state behind the
/// layout's back, so states are compared byte for byte around them.
#include "views/layout_state.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gfx/text.h"

enum { SAMPLES_RESTING = 4, ROUNDS_MAX = 3 };

#define GAP       12.0f
#define TITLE_BAR 34.0f
#define PADDING   10.0f

// ---- making one ---------------------------------------------------------------------------------

/// Gives a panel a view's state. What it had is forgotten, not freed.
static bool begin_view(Panel *panel, const ViewType *type, const Experiment *experiment) {
    size_t size = type->state_size > 0 ? type->state_size : 1;
    void *state = calloc(1, size), *before = calloc(1, size);
    if (!state || !before) {
        free(state);
        free(before);
        return false;
    }
    panel->type = type;
    panel->state = state;
    panel->before = before;
    if (type->init) type->init(state, experiment);
    return true;
}

static void end_view(Panel *panel) {
    if (panel->type->deinit) panel->type->deinit(panel->state);
    free(panel->state);
    free(panel->before);
}

static bool add_panel(Layout *layout, const ViewType *type, const Experiment *experiment) {
    Panel *panel = &layout->panels[layout->n_panels];
    *panel = (Panel){0};
    if (!begin_view(panel, type, experiment)) return false;
    layout->n_panels++;
    return true;
}

static void own_weights(const ViewType *type, const Experiment *experiment, Node *node) {
    node->width = 0.37f;
    node->height = 0.355f;
    if (type->weights) type->weights(experiment, &node->width, &node->height);
}

/// A node's weight in one direction, from its views': what lies along it adds up, of what lies
/// across the largest counts.
/// @param turned  its rows are drawn as columns and its columns as rows
static float weight_of(const Layout *layout, int at, bool turned, bool vertical) {
    const Node *node = &layout->nodes[at];
    if (node->kind == LAYOUT_VIEW) return vertical ? node->height : node->width;
    bool along = ((node->kind == LAYOUT_ROWS) != turned) == vertical;
    float weight = 0;
    for (int child = node->first_child; child >= 0; child = layout->nodes[child].next_sibling) {
        float own = weight_of(layout, child, turned, vertical);
        weight = along ? weight + own : fmaxf(weight, own);
    }
    return weight;
}

static Layout *allocate(Error *error) {
    Layout *layout = calloc(1, sizeof *layout);
    if (!layout) {
        error_set(error, "layout: out of memory");
        return NULL;
    }
    layout->enlarged = -1;
    layout->exchanged = -1;
    layout->toggled = -1;
    layout->held = -1;
    return layout;
}

/// The layout where the experiment names none: every view that has something to show.
static void default_nodes(const Experiment *experiment, LayoutNode *nodes, int *count) {
    static const LayoutNode tree[] = {
        {LAYOUT_ROWS, "", 1, -1},    {LAYOUT_COLUMNS, "", 2, 6},
        {LAYOUT_ROWS, "", 3, 5},     {LAYOUT_VIEW, "mse", -1, 4},
        {LAYOUT_VIEW, "", -1, -1},   {LAYOUT_VIEW, "landscape", -1, -1},
        {LAYOUT_COLUMNS, "", 7, -1}, {LAYOUT_VIEW, "layers", -1, -1},
    };
    enum { OUTPUT = 4 };
    *count = (int)(sizeof tree / sizeof tree[0]);
    memcpy(nodes, tree, sizeof tree);
    bool on_grid = strcmp(experiment->data.kind, "paraboloid") == 0;
    snprintf(nodes[OUTPUT].view, sizeof nodes[OUTPUT].view, "%s",
             on_grid ? "surface_fit" : "predictions");
}

Layout *layout_create(const Experiment *experiment, Error *error) {
    LayoutNode nodes[LAYOUT_NODES_MAX];
    int count = experiment->n_layout;
    if (count > 0) {
        memcpy(nodes, experiment->layout, sizeof nodes[0] * (size_t)count);
    } else {
        default_nodes(experiment, nodes, &count);
    }
    Layout *layout = allocate(error);
    if (!layout) return NULL;
    layout->n_nodes = count;
    for (int i = 0; i < count; i++) {
        Node *node = &layout->nodes[i];
        *node = (Node){.kind = nodes[i].kind,
                       .panel = -1,
                       .first_child = nodes[i].first_child,
                       .next_sibling = nodes[i].next_sibling};
        if (node->kind != LAYOUT_VIEW) continue;
        const ViewType *type = view_find(nodes[i].view);
        bool fine = type != NULL;
        if (!fine) {
            error_set(error, "layout: there is no view “%s”", nodes[i].view);
        } else if (layout->n_panels == PANELS_MAX) {
            fine = error_set(error, "layout: at most %d views", PANELS_MAX);
        } else if (!add_panel(layout, type, experiment)) {
            fine = error_set(error, "layout: out of memory");
        }
        if (!fine) {
            layout_destroy(layout);
            return NULL;
        }
        node->panel = layout->n_panels - 1;
        own_weights(type, experiment, node);
    }
    return layout;
}

/// Adds a view as the next child of a node, after `last` (-1: it is the first).  @return its node
static int add_view(Layout *layout, const ViewType *type, const Experiment *experiment, int parent,
                    int last) {
    if (!add_panel(layout, type, experiment)) return -1;
    const int at = layout->n_nodes++;
    Node *node = &layout->nodes[at];
    *node = (Node){LAYOUT_VIEW, layout->n_panels - 1, -1, -1, 1, 1};
    own_weights(type, experiment, node);
    if (last >= 0)
        layout->nodes[last].next_sibling = at;
    else
        layout->nodes[parent].first_child = at;
    return at;
}

Layout *layout_create_views(const Experiment *experiment, const ViewType *const *types, int n) {
    assert(n >= 1 && n <= PANELS_MAX);
    Layout *layout = allocate(NULL);
    if (!layout) return NULL;
    // Up to three side by side, more in two rows; and what wants all the width below the others.
    Node last_one;
    own_weights(types[n - 1], experiment, &last_one);
    const bool below = n == 3 && last_one.width >= 1;
    const int rows = n <= 3 && !below ? 1 : 2;
    layout->nodes[layout->n_nodes++] = (Node){LAYOUT_ROWS, -1, -1, -1, 0, 0};
    for (int row = 0, first = 0, above = -1; row < rows; row++) {
        const int at = layout->n_nodes++, end = row == rows - 1 ? n : (n + 1) / 2;
        layout->nodes[at] = (Node){LAYOUT_COLUMNS, -1, -1, -1, 0, 0};
        if (above >= 0)
            layout->nodes[above].next_sibling = at;
        else
            layout->nodes[0].first_child = at;
        above = at;
        for (int last = -1; first < end; first++) {
            last = add_view(layout, types[first], experiment, at, last);
            if (last >= 0) continue;
            layout_destroy(layout);
            return NULL;
        }
    }
    return layout;
}

void layout_destroy(Layout *layout) {
    if (!layout) return;
    for (int i = 0; i < layout->n_panels; i++) {
        Panel *panel = &layout->panels[i];
        end_view(panel);
        for (int k = 0; k < VIEW_OBSERVATIONS_MAX; k++) observation_deinit(&panel->own[k]);
        if (panel->target) target_destroy(panel->target);
    }
    free(layout);
}

int layout_count(const Layout *layout) {
    return layout->n_panels;
}

const ViewType *layout_type(const Layout *layout, int view) {
    assert(view >= 0 && view < layout->n_panels);
    return layout->panels[view].type;
}

/// Another view was put there: nothing of the former one's picture holds, and its place may want
/// another size.
static void settle_view(Layout *layout, int view, const Experiment *experiment) {
    Panel *panel = &layout->panels[view];
    memset(panel->observations, 0, sizeof panel->observations);
    if (panel->target) target_destroy(panel->target); // with or without depth, as the view has it
    panel->target = NULL;
    panel->drawn = false;
    panel->revision++;
    for (int i = 0; i < layout->n_nodes; i++) {
        Node *node = &layout->nodes[i];
        if (node->kind == LAYOUT_VIEW && node->panel == view) {
            own_weights(panel->type, experiment, node);
        }
    }
}

bool layout_set_view(Layout *layout, int view, const ViewType *type, const Experiment *experiment) {
    assert(view >= 0 && view < layout->n_panels);
    Panel *panel = &layout->panels[view];
    if (panel->type == type) return true;
    int other = -1; // the next one of that type
    for (int k = 1; k < layout->n_panels && other < 0; k++) {
        int i = (view + k) % layout->n_panels;
        if (layout->panels[i].type == type) other = i;
    }
    if (other >= 0) {
        Panel *from = &layout->panels[other];
        Panel swap = *panel;
        panel->type = from->type;
        panel->state = from->state;
        panel->before = from->before;
        from->type = swap.type;
        from->state = swap.state;
        from->before = swap.before;
        settle_view(layout, other, experiment);
    } else {
        Panel fresh = *panel;
        if (!begin_view(&fresh, type, experiment)) return false;
        end_view(panel);
        *panel = fresh;
    }
    settle_view(layout, view, experiment);
    layout->held = -1;
    layout->changed = true;
    return true;
}

void layout_enlarge(Layout *layout, int view) {
    layout->enlarged = view >= 0 && view < layout->n_panels ? view : -1;
    layout->held = -1;
    layout->changed = true;
}

int64_t layout_pictures(const Layout *layout) {
    return layout->pictures;
}

int layout_enlarged(const Layout *layout) {
    return layout->enlarged;
}

// ---- placing ------------------------------------------------------------------------------------

static void place_panel(Panel *panel, Rect r, float scale) {
    panel->frame = rect_round(r);
    Rect inner = panel->frame;
    float bar = fminf(TITLE_BAR * scale, roundf(0.4f * inner.h));
    panel->title = rect_cut_top(&inner, bar);
    float pad = fminf(PADDING * scale, 0.08f * fminf(inner.w, inner.h));
    rect_cut_left(&inner, pad);
    rect_cut_right(&inner, pad);
    rect_cut_bottom(&inner, pad);
    panel->body = rect_round(inner);
}

/// A row of views that is higher than wide is turned: what lay side by side lies stacked.
#define TURN_BELOW 1.15f

/// What a column beside one that is widened keeps at least.
#define COLUMN_LEAST 272.0f

/// Widens views that would else be too high for what they show, at the expense of their neighbours.
/// @param shares  the children's widths
static void widen(const Layout *layout, const Node *node, float height, float scale,
                  float *shares) {
    float body = height - (TITLE_BAR + PADDING) * scale, lacks = 0, spare = 0;
    float want[LAYOUT_NODES_MAX], over[LAYOUT_NODES_MAX];
    int n = 0;
    for (int c = node->first_child; c >= 0; c = layout->nodes[c].next_sibling, n++) {
        const Node *child = &layout->nodes[c];
        float aspect =
            child->kind == LAYOUT_VIEW ? layout->panels[child->panel].type->least_aspect : 0;
        want[n] = aspect > 0 ? fmaxf(0, aspect * body + 2 * PADDING * scale - shares[n]) : 0;
        over[n] = aspect > 0 ? 0 : fmaxf(0, shares[n] - COLUMN_LEAST * scale);
        lacks += want[n];
        spare += over[n];
    }
    float moved = fminf(lacks, spare);
    if (moved <= 0) return;
    for (int i = 0; i < n; i++) shares[i] += moved * (want[i] / lacks - over[i] / spare);
}

#define SLIVER        0.49f  // of its height: a narrower view is one
#define STACKED_LEAST 110.0f // high

/// Two views side by side in a row of more that are slivers, and would have room one above the
/// other.  @return the first one's place among the children, -1: there are none
static int slivers(const Layout *layout, const Node *node, float height, float gap, float scale,
                   const float *shares) {
    int n = 0, pair = -1, views = 0;
    for (int c = node->first_child; c >= 0; c = layout->nodes[c].next_sibling, n++) {
        bool sliver = layout->nodes[c].kind == LAYOUT_VIEW && shares[n] < SLIVER * height;
        views = sliver ? views + 1 : 0;
        if (views == 2 && pair < 0) pair = n - 1;
    }
    return n > 2 && (height - gap) / 2 >= STACKED_LEAST * scale ? pair : -1;
}

static void place_node(Layout *layout, int at, Rect r, float scale, bool turned, int depth) {
    const Node *node = &layout->nodes[at];
    if (node->kind == LAYOUT_VIEW) {
        place_panel(&layout->panels[node->panel], r, scale);
        return;
    }
    if (depth == 1) turned = r.w < TURN_BELOW * r.h;
    bool rows = (node->kind == LAYOUT_ROWS) != turned;
    float shares[LAYOUT_NODES_MAX], total = 0;
    int n = 0;
    for (int c = node->first_child; c >= 0; c = layout->nodes[c].next_sibling) {
        shares[n] = weight_of(layout, c, turned, rows);
        total += shares[n++];
    }
    if (n == 0 || total <= 0) return;
    float length = rows ? r.h : r.w;
    float gap = fminf(GAP * scale, 0.2f * length / (float)n);
    float room = fmaxf(0, length - gap * (float)(n - 1));
    for (int i = 0; i < n; i++) shares[i] *= room / total;
    int pair = rows ? -1 : slivers(layout, node, r.h, gap, scale, shares);
    if (pair >= 0) { // they share the wider one's place
        float widest = fmaxf(shares[pair], shares[pair + 1]);
        float least = fminf(shares[pair], shares[pair + 1]);
        shares[pair] = widest;
        shares[pair + 1] = 0;
        for (int i = 0; i < n; i++) shares[i] *= (room + gap) / (room - least);
    }
    if (!rows) widen(layout, node, r.h, scale, shares);
    int i = 0;
    for (int c = node->first_child; c >= 0; c = layout->nodes[c].next_sibling, i++) {
        Rect part = rows ? rect_cut_top(&r, shares[i]) : rect_cut_left(&r, shares[i]);
        if (rows) {
            rect_cut_top(&r, gap);
        } else {
            rect_cut_left(&r, gap);
        }
        if (i == pair) {
            Rect upper = rect_cut_top(&part, (part.h - gap) / 2);
            rect_cut_top(&part, gap);
            place_node(layout, c, upper, scale, turned, depth + 1);
            c = layout->nodes[c].next_sibling;
            i++;
        }
        place_node(layout, c, part, scale, turned, depth + 1);
    }
}

bool layout_bare(const Layout *layout, const LayoutFrame *frame) {
    return !frame->ui && (layout->n_panels == 1 || layout->enlarged >= 0);
}

void layout_place(Layout *layout, const LayoutFrame *frame) {
    // The window keeps its own margin; a picture of several panels has one here.
    Rect area = frame->area;
    if (!frame->ui && !layout_bare(layout, frame)) area = rect_inset(area, GAP * frame->scale);
    if (layout->enlarged >= 0) {
        place_panel(&layout->panels[layout->enlarged], area, frame->scale);
    } else {
        place_node(layout, 0, area, frame->scale, false, 0);
    }
}

bool layout_shows(const Layout *layout, int i) {
    return layout->enlarged < 0 || layout->enlarged == i;
}

bool layout_view_place(const Layout *layout, int view, Rect *place) {
    assert(view >= 0 && view < layout->n_panels);
    *place = layout->panels[view].frame;
    return layout_shows(layout, view) && place->w >= 1 && place->h >= 1;
}

int layout_view_at(const Layout *layout, float x, float y) {
    for (int i = 0; i < layout->n_panels; i++) {
        if (layout_shows(layout, i) && rect_contains(layout->panels[i].frame, x, y)) return i;
    }
    return -1;
}

// ---- pictures -----------------------------------------------------------------------------------

ViewContext layout_context(const Layout *layout, const Panel *panel, const LayoutFrame *frame,
                           Rect area) {
    ViewContext context = {.run = frame->run,
                           .gfx = frame->gfx,
                           .theme = frame->theme,
                           .scale = frame->scale,
                           .area = area,
                           .chinese = frame->chinese,
                           .resting = frame->resting,
                           .time = frame->time,
                           .reduced_motion = frame->reduced_motion,
                           .figure = frame->figure,
                           .numbers = frame->numbers,
                           .n_rivals = frame->n_rivals};
    memcpy(context.rivals, frame->rivals, sizeof context.rivals);
    memcpy(context.observations, panel->observations, sizeof context.observations);
    if (frame->ui && layout->mouse_over && layout->held < 0 &&
        rect_contains(panel->body, layout->mouse_x, layout->mouse_y)) {
        context.hover = true;
        context.x = layout->mouse_x - panel->body.x + area.x;
        context.y = layout->mouse_y - panel->body.y + area.y;
    }
    return context;
}

static Key key_of(const Panel *panel, const LayoutFrame *frame) {
    Key key = {.width = (int)panel->body.w,
               .height = (int)panel->body.h,
               .theme = frame->theme,
               .scale = frame->scale,
               .chinese = frame->chinese,
               .generation = frame->run->generation,
               .run = panel->type->follows_run ? frame->run->serial : 0,
               .digests = panel->digests,
               .revision = panel->revision};
    for (int i = 0; i < VIEW_OBSERVATIONS_MAX && !panel->type->digest; i++) {
        if (panel->observations[i]) key.observations[i] = panel->observations[i]->serial;
    }
    for (int i = 0; i < frame->n_rivals && panel->type->shows_rivals; i++) {
        key.rivals[i] = frame->rivals[i]->serial;
    }
    return key;
}

static bool same_frame(const Key *a, const Key *b) {
    return a->width == b->width && a->height == b->height && a->theme == b->theme &&
           a->scale == b->scale && a->chinese == b->chinese;
}

static bool same_look(const Key *a, const Key *b) {
    return same_frame(a, b) && a->revision == b->revision;
}

static bool same_key(const Key *a, const Key *b) {
    return same_look(a, b) && a->generation == b->generation && a->run == b->run &&
           a->digests == b->digests &&
           memcmp(a->observations, b->observations, sizeof a->observations) == 0 &&
           memcmp(a->rivals, b->rivals, sizeof a->rivals) == 0;
}

/// Whether what the view asked for is not there yet, after a restart: the old picture stays for
/// these few milliseconds, rather than an empty one that flashes up.
static bool awaiting(const Panel *panel, const LayoutFrame *frame) {
    for (int i = 0; i < panel->n_requests; i++) {
        const Observation *observation = panel->observations[i];
        if (!observation || observation->generation != frame->run->generation) return true;
    }
    return false;
}

/// Multisampling costs a software renderer two thirds of a frame: it waits until nothing moves.
static int samples_wanted(const Panel *panel, const LayoutFrame *frame) {
    if (!panel->type->depth) return 0;
    return frame->resting || !gfx_is_software(frame->gfx) ? SAMPLES_RESTING : 0;
}

static bool stale(const Panel *panel, const LayoutFrame *frame) {
    if (panel->body.w < 1 || panel->body.h < 1) return false;
    if (!panel->target || !panel->drawn) return true;
    Key key = key_of(panel, frame);
    if (same_key(&key, &panel->key)) {
        return target_samples(panel->target) <= 1 && samples_wanted(panel, frame) > 1 &&
               panel->type->depth;
    }
    return !(same_look(&key, &panel->key) && key.digests == panel->key.digests &&
             awaiting(panel, frame));
}

static void draw_panel(Layout *layout, Panel *panel, const LayoutFrame *frame) {
    int width = (int)panel->body.w, height = (int)panel->body.h;
    int samples = samples_wanted(panel, frame);
    if (panel->target &&
        (target_width(panel->target) != width || target_height(panel->target) != height ||
         (target_samples(panel->target) > 1) != (samples > 1))) {
        target_destroy(panel->target);
        panel->target = NULL;
    }
    if (!panel->target) {
        panel->target = target_create(frame->gfx, width, height, samples, panel->type->depth);
        if (!panel->target) return;
    }
    ViewContext context =
        layout_context(layout, panel, frame, (Rect){0, 0, (float)width, (float)height});
    context.hover = false;
    gfx_begin(frame->gfx, panel->target, width, height, frame->theme->panel);
    panel->type->draw(panel->state, &context);
    gfx_end(frame->gfx);
    panel->key = key_of(panel, frame);
    panel->drawn = true;
    layout->pictures++;
}

/// Whether pictures take turns: while a run goes on, as all of them at once would take a software
/// renderer too long.
static bool take_turns(const LayoutFrame *frame) {
    return frame->ui && frame->run->state == RUN_RUNNING && gfx_is_software(frame->gfx);
}

/// Whether a picture can wait for a later frame: not where there is none yet.
static bool can_wait(const Panel *panel, const LayoutFrame *frame) {
    const Key key = key_of(panel, frame);
    return panel->target && panel->drawn && same_frame(&key, &panel->key);
}

/// Draws the pictures that are stale, those that can wait only if it is their turn: each one in
/// three dimensions has its own, and all others share the last.  @return whether any was drawn
static bool draw_turn(Layout *layout, const LayoutFrame *frame, int turn, int last) {
    bool drawn = false;
    int next = 0; // the next one in three dimensions has this turn
    layout->deferred = false;
    for (int i = 0; i < layout->n_panels; i++) {
        Panel *panel = &layout->panels[i];
        if (!layout_shows(layout, i)) continue;
        const int its = panel->type->depth ? next++ : last;
        if (!stale(panel, frame)) continue;
        if (turn >= 0 && its != turn && can_wait(panel, frame)) {
            layout->deferred = true;
            continue;
        }
        draw_panel(layout, panel, frame);
        drawn = true;
    }
    return drawn;
}

void layout_prepare(Layout *layout, const LayoutFrame *frame) {
    layout_place(layout, frame);
    int n_deep = 0;
    for (int i = 0; i < layout->n_panels; i++) {
        n_deep += layout_shows(layout, i) && layout->panels[i].type->depth ? 1 : 0;
    }
    if (take_turns(frame) && n_deep > 0) {
        const int turns = n_deep > 1 ? n_deep : 2;
        bool drawn = false;
        for (int n = 0; n < turns && !drawn; n++) {
            layout->turn = (layout->turn + 1) % turns;
            drawn = draw_turn(layout, frame, layout->turn, turns - 1);
        }
    } else {
        draw_turn(layout, frame, -1, 0);
    }
    layout->changed = false;
}

// ---- observations -------------------------------------------------------------------------------

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

bool layout_animating(const Layout *layout, const LayoutFrame *frame) {
    if (layout->deferred) return true;
    for (int i = 0; i < layout->n_panels; i++) {
        const Panel *panel = &layout->panels[i];
        if (!layout_shows(layout, i) || !panel->type->animates) continue;
        ViewContext context = layout_context(layout, panel, frame, panel->body);
        if (panel->type->animates(panel->state, &context)) return true;
    }
    return false;
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
        again = again || stale(panel, frame);
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

bool layout_table(Layout *layout, int view, const LayoutFrame *frame, int threads, Table *table,
                  Error *error) {
    assert(view >= 0 && view < layout->n_panels);
    Panel *panel = &layout->panels[view];
    LayoutFrame whole = *frame;
    whole.numbers = true;
    ObservationRequest requests[VIEW_OBSERVATIONS_MAX];
    Observation observations[VIEW_OBSERVATIONS_MAX] = {0};
    const int n = requests_of(layout, panel, &whole, requests);
    ViewContext context = layout_context(layout, panel, &whole, panel->body);
    memset(context.observations, 0, sizeof context.observations);
    Error why;
    bool good = true;
    for (int k = 0; k < n && good; k++) {
        if (requests[k].kind == OBSERVE_NOTHING || requests[k].kind == OBSERVE_PLANE) continue;
        good = observe(&requests[k], frame->run, threads, &observations[k], &why);
        context.observations[k] = &observations[k];
    }
    good = good && panel->type->table(panel->state, &context, table, &why);
    for (int k = 0; k < n; k++) observation_deinit(&observations[k]);
    return good || error_set(error, "%s: %s", panel->type->id, why.text);
}

void layout_offer(Layout *layout, const ParamVector *params, const char *name) {
    for (int i = 0; i < layout->n_panels; i++) {
        Panel *panel = &layout->panels[i];
        if (!panel->type->offer) continue;
        panel->type->offer(panel->state, params, name);
        panel->revision++;
    }
}

void layout_turn(Layout *layout, float radians) {
    for (int i = 0; i < layout->n_panels; i++) {
        Panel *panel = &layout->panels[i];
        if (!panel->type->turn) continue;
        panel->type->turn(panel->state, radians);
        panel->revision++;
    }
}
