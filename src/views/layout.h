/// Places the views of an experiment and draws them: panels with titles, each view in its own
/// texture that is drawn again only when something that it shows has changed. Both the window and
/// `shot` use it.
#ifndef VIEWS_LAYOUT_H
#define VIEWS_LAYOUT_H

#include "views/numbers.h"
#include "views/view.h"

typedef struct Layout Layout;

typedef struct LayoutFrame {
    Gfx *gfx;
    const Theme *theme;
    float scale;
    Rect area; // pixels of the target
    const Snapshot *run;
    const Snapshot *rivals[RIVALS_MAX]; // see ViewContext
    int n_rivals;
    bool chinese;
    Ui *ui;            // NULL: a picture, without widgets
    const char *scope; // of the widgets' ids, where there are two layouts; NULL: none
    bool resting;      // see ViewContext
    double time;
    bool reduced_motion;
    bool figure, numbers; // see ViewContext
} LayoutFrame;

/// Views for an experiment's layout; where it names none, all that have something to show.
/// @return NULL with error set (it names a view that does not exist)
Layout *layout_create(const Experiment *experiment, Error *error);
enum { LAYOUT_VIEWS_MAX = 8 };

/// A layout of these views: up to three side by side (a third one that wants all the width lies
/// below the others), more in two rows.
/// @param n  1…LAYOUT_VIEWS_MAX  @return NULL where memory is short
Layout *layout_create_views(const Experiment *experiment, const ViewType *const *types, int n);
void layout_destroy(Layout *layout);

int layout_count(const Layout *layout);
const ViewType *layout_type(const Layout *layout, int view);
/// A view's title as it is seen, in the frame's language: a constant.
const char *layout_title(const Layout *layout, int view, const LayoutFrame *frame);
/// Puts another view where that one is, as its experiment begins it. Where the other one is shown
/// already the two change places.  @return false where memory is short: all stays as it was
bool layout_set_view(Layout *layout, int view, const ViewType *type, const Experiment *experiment);
/// -1: all; else that view large.
void layout_enlarge(Layout *layout, int view);
int layout_enlarged(const Layout *layout);

/// Posts what the shown views want observed, from the run's snapshot, and takes what is finished.
/// @return true where a picture must be drawn again
bool layout_survey(Layout *layout, const LayoutFrame *frame, Surveyor *surveyor);
/// The same on this thread, completely (`shot`); where the frame is for numbers, only the planes
/// without which no view can say what else it wants.
bool layout_survey_now(Layout *layout, const LayoutFrame *frame, int threads, Error *error);

/// Whether a shown view goes on moving by itself: another frame is due.
bool layout_animating(const Layout *layout, const LayoutFrame *frame);

/// The newest result of the first request of the view with that id; NULL: there is none. What views
/// draw from it they keep: this is for measuring.
const Observation *layout_observation(const Layout *layout, const char *id);

/// The numbers behind a view, to be measured anew with the frame's run: they are the same whatever
/// was drawn or surveyed before, and what is shown stays. A plane that takes long to find must have
/// been found, by layout_survey or layout_survey_now. The frame's gfx, area and ui may be empty.
/// @param view  0…layout_count-1
/// @return NULL with error set where memory is short
ViewNumbers *layout_numbers(Layout *layout, int view, const LayoutFrame *frame, Error *error);

/// Tells the views of other weights for the run's network.
/// @param params  borrowed  @param name  of the file that they come from
void layout_offer(Layout *layout, const ParamVector *params, const char *name);

/// Turns the cameras of all views that have one, for films.
void layout_turn(Layout *layout, float radians);
/// Redraws stale views into their textures. Call outside gfx_begin/gfx_end.
void layout_prepare(Layout *layout, const LayoutFrame *frame);
/// Draws panels, textures and overlays into the current target; with ui, also the views' header
/// widgets.
void layout_draw(Layout *layout, const LayoutFrame *frame, ViewActions *actions);
/// Width by height of a good figure of a view.
float layout_figure_aspect(const ViewType *type, const Experiment *experiment);
/// Draws one view alone, without title, into the frame's area of the current target (which has
/// depth where the view is in three dimensions) or sink. Its observations are those it has.
void layout_draw_figure(Layout *layout, int view, const LayoutFrame *frame);
/// Draws what layout_draw drew last once more, as a picture: without widgets and read-outs.
/// @param view  -1: all; else that one alone, without its border
void layout_draw_plain(Layout *layout, const LayoutFrame *frame, int view);
/// Where a view's panel was drawn last.  @return false where it is not shown
bool layout_view_place(const Layout *layout, int view, Rect *place);
/// The shown view at a point of the target; -1: none.
int layout_view_at(const Layout *layout, float x, float y);
/// How many pictures of views were drawn so far: by it tests see what is drawn again, and what not.
int64_t layout_pictures(const Layout *layout);
/// Hands the mouse of this frame to the views (drags, wheel, double clicks; on a title: enlarge).
/// @return true where something must be drawn again
bool layout_input(Layout *layout, const LayoutFrame *frame, const UiInput *input,
                  ViewActions *actions);
/// Views' sections of the side panel, from r's top.
void layout_panels(Layout *layout, const LayoutFrame *frame, Rect *r, ViewActions *actions);

#endif
