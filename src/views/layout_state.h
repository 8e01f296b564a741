/// The layout's own structs and what its files share: the panels (layout.c), how they are drawn
/// (layout_draw.c) and how they answer the mouse (layout_input.c).
#ifndef VIEWS_LAYOUT_STATE_H
#define VIEWS_LAYOUT_STATE_H

#include "views/layout.h"

enum { PANELS_MAX = SURVEYOR_SLOTS_MAX / VIEW_OBSERVATIONS_MAX };

/// What a kept picture shows.
typedef struct Key {
    int width, height;
    const Theme *theme;
    float scale;
    bool chinese;
    uint64_t generation, run; // run: 0 where the view does not follow the snapshot
    uint64_t observations[VIEW_OBSERVATIONS_MAX];
    uint64_t rivals[RIVALS_MAX]; // 0 where the view does not show them
    uint64_t digests;            // what the view made of observations, counted
    uint64_t revision;
} Key;

typedef struct Panel {
    const ViewType *type;
    void *state, *before; // before: a copy to notice what widgets change
    uint64_t revision;    // of state, as events and widgets change it
    uint64_t digests;     // and as observations do
    Rect frame, title, body;
    float title_end; // the title's text ends there: two clicks on it make the view large
    Target *target;
    bool drawn;
    Key key; // of the drawn picture
    int n_requests;
    ObservationRequest asked[VIEW_OBSERVATIONS_MAX]; // last, of the run of that generation,
    uint64_t asked_of;
    double asked_at; // by the frame's time
    const Observation *observations[VIEW_OBSERVATIONS_MAX];
    Observation own[VIEW_OBSERVATIONS_MAX]; // made by layout_survey_now
} Panel;

typedef struct Node {
    LayoutKind kind;
    int panel; // LAYOUT_VIEW
    int first_child, next_sibling;
    float width, height; // weights
} Node;

struct Layout {
    Node nodes[LAYOUT_NODES_MAX];
    int n_nodes;
    Panel panels[PANELS_MAX];
    int n_panels;
    int enlarged;  // -1: none
    int toggled;   // the panel whose button for that was pressed, -1: none
    int exchanged; // the panel for which another view was chosen from its menu, -1: none
    const ViewType *chosen;
    int64_t pictures; // drawn so far
    bool changed;     // something was drawn with a state that has changed since
    int turn;         // which pictures the next frame draws, while they take turns
    bool deferred;    // a picture waits for the next frame

    float mouse_x, mouse_y;
    bool mouse_over; // over the layout and not taken by widgets
    int held;        // the panel that the mouse drags, -1: none
    int held_button;
    float pressed_x, pressed_y;
    bool dragged;
};

/// Gives every panel its place in the frame's area.
void layout_place(Layout *layout, const LayoutFrame *frame);
/// Whether a panel is to be seen.
bool layout_shows(const Layout *layout, int panel);
/// Whether one view is the whole picture: then its panel has no border.
bool layout_bare(const Layout *layout, const LayoutFrame *frame);
/// What a view is told, with the panel's body at that place of the target.
ViewContext layout_context(const Layout *layout, const Panel *panel, const LayoutFrame *frame,
                           Rect area);
/// Whether a panel's picture shows no longer what is to be seen.
bool layout_stale(const Panel *panel, const LayoutFrame *frame);

#endif
