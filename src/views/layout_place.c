/// Where the panels of nested rows and columns lie: by the shares that the views would like, turned
/// and stacked where the window's shape asks for it.
#include <assert.h>
#include <math.h>

#include "views/layout_state.h"

#define GAP       12.0f
#define TITLE_BAR 34.0f
#define PADDING   10.0f

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
