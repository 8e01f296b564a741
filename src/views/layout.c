/// Panels in nested rows and columns, each with a view that keeps its picture in a texture.
///
/// A picture is drawn again only when its key changes: size, theme, scale, the observations it was
/// handed, the snapshot where it follows it, and its own state (events and widgets). Hover
/// read-outs are drawn over the kept picture every frame. Widgets change a view's state behind the
/// layout's back, so states are compared byte for byte around them.
#include "views/layout_state.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLES_RESTING = 4 };

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

bool layout_stale(const Panel *panel, const LayoutFrame *frame) {
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
        if (!layout_stale(panel, frame)) continue;
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
