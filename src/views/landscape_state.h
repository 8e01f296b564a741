/// The landscape view's state, shared by its files: what it measures and keeps (landscape.c), how
/// it draws that (landscape_draw.c) and runs' paths and balls over it (landscape_path.c), what it
/// says under the mouse (landscape_read.c), and its controls (landscape_panel.c).
#ifndef VIEWS_LANDSCAPE_STATE_H
#define VIEWS_LANDSCAPE_STATE_H

#include "plot/plot3d.h"
#include "views/probe.h"
#include "views/view.h"

#define LANDSCAPE_CLIPPED 0x8E97A4 // what is clipped: outside of the map, the same in both themes

// Half of an axis's length that a person can choose.
#define LANDSCAPE_HALF_LEAST 0.01
#define LANDSCAPE_HALF_MOST  100.0

/// A copy of the newest survey that is worth showing.
typedef struct Survey {
    bool valid;
    ObservationRequest request;
    uint64_t generation, snapshot;
    int64_t epoch;
    int n_a, n_b;
    double a[2], b[2]; // the ranges surveyed
    double here[2], here_loss;
    double min, max; // of the finite losses
    size_t samples;  // whose mean they are
    float *loss;     // (n_a, n_b), b fastest
    float *heights;  // (n_a, n_b) in the world, as drawn
    float *levels;   // (n_a, n_b) 0…1 along the loss axis, as drawn
    size_t capacity; // of each array
} Survey;

/// The loss axis: it follows the data with some slack, so that it keeps still while training goes
/// on.
typedef struct LossAxis {
    bool set;
    double lo, hi;
    bool flat;    // the surface varies by less than a thousandth of its level
    bool clipped; // losses above hi exist
} LossAxis;

/// What was computed for a place of the surface.
typedef struct LandscapeReading {
    bool valid;
    uint64_t snapshot, revision; // of the run, and of what is shown
    double at[2], loss;
    double slope; // the norm of the loss's gradient within the plane; NaN: not known
} LandscapeReading;

typedef struct LandscapeMenus LandscapeMenus;

/// On what the landscape is measured, where not over two weights.
typedef struct LandscapePlane {
    PlaneKind kind;          // zero: over two weights
    const Plane *plane;      // counted; NULL: not found yet, or there is none
    uint64_t serial;         // another for every plane
    uint64_t asked;          // counts how often it was to be made anew
    bool waiting;            // for it to be found
    char why[96];            // there is none
    int to;                  // between: 0 where training began, k rival k - 1, TO_FILE
    const ParamVector *file; // counted: weights that a file brought; NULL: none
    char file_name[48];
    uint64_t draw;           // random ones: how many were drawn before
    uint64_t generation;     // of the run that it was made for,
    int path_count;          // its path then,
    size_t samples;          // and of how many samples; 0: of none
    const Plane *shown;      // counted: what the kept survey was measured on
    double kept_range[2][2]; // of the two weights, while others are shown
    bool kept_relative;
} LandscapePlane;

typedef struct LandscapeState {
    // What is asked for
    bool has_axes; // false: not yet asked of the run
    ParamRef axes[2];
    int next_pick; // which of them the next weight that is pointed out becomes
    LandscapePlane plane;
    double range[2][2]; // [axis][lo, hi]; offsets from the present weights where relative
    bool relative, log, test_split;
    bool past; // the surface as it was when the weights were those of past_epoch
    int64_t past_epoch;
    bool stems;  // from the path to the surface
    bool arrows; // down the slope
    double clip; // 0: none
    int grid[2];

    Survey survey;
    int coarse_in_a_row; // coarse surveys that came since the last complete one
    LossAxis z;
    bool refit;        // the axis is to be fitted anew, though no survey came
    uint64_t revision; // of survey and z: what the mesh is made from
    Camera camera;     // or where it goes, see landscape_camera
    bool choose_side;  // look from where ball and path are seen, with the next picture
    bool turning;      // the camera circles slowly
    double turned_at;  // the time of the frame that it last did; 0: it begins
    bool eases;        // the camera is on its way
    Camera left;       // from there
    double left_at;    // at the time of that frame; 0: with the next one
    float way;         // the share of it that lies behind, 0…1

    SurfaceMesh *mesh;
    Color clipped_map[256]; // viridis with another top; kept, since textures know it by its address
    uint64_t mesh_revision;
    bool holes;           // in the mesh: losses that are no finite numbers
    uint64_t step_serial; // of the snapshot whose next step is shown; 0: none is
    Probe probe;
    float *moved; // (n_moved) weights at a place that is pointed at
    size_t n_moved;
    LandscapeReading read;                                  // the one computed last
    enum { HOLDS_NOTHING, HOLDS_CAMERA, HOLDS_BALL } holds; // what a drag moves
    bool ball_moved;                                        // by that drag
    // Where a ball that is dragged has come to, while no survey is as new
    struct {
        bool valid;
        uint64_t snapshot;
        double at[2], loss; // NaN: measuring it would take too long for a frame
    } held;
    bool clicked;       // the click before moved the weights: a second one takes that back
    bool click_resumes; // and the run was running then
    bool second_click;  // the button is down for the second time

    bool open; // the side panel's section
    LandscapeMenus *menus;
} LandscapeState;

/// The 3-D plot of the survey that is kept, in that rectangle.
Plot3d landscape_plot(const LandscapeState *state, const ViewContext *context, Rect view,
                      char labels[2][32]);
/// The contour lines that are drawn: levels offset + k * step, in shares of the loss axis; step 0:
/// none.
typedef struct LandscapeContours {
    float step, offset;
} LandscapeContours;
LandscapeContours landscape_contours(const LandscapeState *state);
void landscape_draw(void *state, const ViewContext *context);
/// Why there is nothing to show, in the window's language; NULL: there is something.
/// @param error  room for it
const char *landscape_lacks(const LandscapeState *state, const ViewContext *context, Error *error);
/// ViewType.table: the surface, and each run's way and place over it.
bool landscape_table(const void *state, const ViewContext *context, Table *table, Error *error);
/// A click on the surface and a drag of the ball move the run's weights.
/// @return true where the event was of that kind
bool landscape_touch(LandscapeState *state, const ViewContext *context, const ViewEvent *event,
                     ViewActions *actions);
void landscape_header(void *state, Ui *ui, const ViewContext *context, Rect *r,
                      ViewActions *actions);
/// What a map (orbit_is_map) has beside its colours and lines: their losses.
void landscape_draw_map(const LandscapeState *state, const ViewContext *context,
                        const Plot3d *plot);
/// Where an upright map lies on the screen.
Rect landscape_map_area(const Plot3d *plot);
/// Who is who in a race: in a corner of the view; beside a map, or on it out of the way.
void landscape_draw_legend(const LandscapeState *state, const ViewContext *context,
                           const Plot3d *plot);
void landscape_overlay(void *state, const ViewContext *context);
/// Computes loss and slope at a place with the run's present weights beside it; remembered until
/// the place, the run or the surface is another.
const LandscapeReading *landscape_read(LandscapeState *state, const Snapshot *run,
                                       const double at[2]);
/// Room for n weights, used again with the next call.  @return NULL where memory is short
float *landscape_scratch(LandscapeState *state, size_t n);
/// The run's weights, or those of the earlier epoch whose surface is shown, moved to a place.
/// @return (n_params), valid until the next call; NULL where memory is short
const float *landscape_weights_at(LandscapeState *state, const Snapshot *run, const double at[2]);
void landscape_panel(void *state, Ui *ui, const ViewContext *context, Rect *r,
                     ViewActions *actions);
void landscape_menus_destroy(LandscapeMenus *menus);

/// Sets half of a range's length about its middle, to two significant digits and within limits.
void landscape_set_half(LandscapeState *state, int axis, double half);
/// Makes both ranges that many times as long, within limits; so back, they are the same again.
void landscape_grow(LandscapeState *state, double times);
/// Sets the ranges so that training's path, in a race all paths together, spans about a third of
/// each axis.
void landscape_fit_path(LandscapeState *state, const ViewContext *context);

// ---- the camera ---------------------------------------------------------------------------------

/// Where the present picture is seen from.
Camera landscape_camera(const LandscapeState *state);
/// Whether it is seen from straight above, as a map.
bool landscape_is_map(const LandscapeState *state);
LandscapeCamera landscape_looks_from(const LandscapeState *state);
/// Looks at once from one of the places that a person can choose.
void landscape_look(LandscapeState *state, LandscapeCamera from);
/// Goes there within a moment.
void landscape_go(LandscapeState *state, const ViewContext *context, LandscapeCamera to);
/// ViewType.turn.
void landscape_turn(void *state, float radians);
/// The mouse turns, moves and zooms.  @return whether it does
bool landscape_orbit(LandscapeState *state, const ViewContext *context, const ViewEvent *event);
/// With every frame.  @return whether the camera has moved by itself
bool landscape_move_camera(LandscapeState *state, const ViewContext *context);
bool landscape_camera_animates(const LandscapeState *state, const ViewContext *context);

// ---- planes -------------------------------------------------------------------------------------

/// Shows the way from the run's weights to those.
void landscape_plane_offer(void *state, const ParamVector *params, const char *name);
/// Shows another kind of plane, and the ranges that go with it.
void landscape_plane_choose(LandscapeState *state, PlaneKind kind);
/// What an error of those that make planes says, in the window's language.
const char *landscape_why(const ViewContext *context, const Error *error);
void landscape_plane_deinit(LandscapePlane *plane);
/// Makes the plane where it is to be made and that is quick.
void landscape_plane_follow(LandscapeState *state, const ViewContext *context);
/// Asks the surveyor for it where it is not.  @return whether it does
bool landscape_plane_request(const LandscapeState *state, ObservationRequest *request);
void landscape_plane_take(LandscapeState *state, const ViewContext *context, const Observation *o);
/// Whether a surface was measured on what is shown now; then its plane is kept.
bool landscape_plane_shows(LandscapeState *state, const Observation *o);
void landscape_plane_label(const Plane *plane, int axis, char *text, size_t size);
/// The choice of axes in the side panel.  @return false where two weights are to be chosen
bool landscape_plane_panel(LandscapeState *state, Ui *ui, const ViewContext *context, Rect *r);

// ---- where weights lie, and runs' ways ----------------------------------------------------------

/// Where a network's weights lie on the axes of a surface.
/// @param params  (net->n_params)
/// @return false where the network lacks what the axes show; at is then unchanged
bool landscape_place(const ObservationRequest *request, const Network *net, const float *params,
                     double at[2]);
/// The weights at a place of a surface: a network's, moved there within what the axes show.
/// @param base, params  (net->n_params); may be the same
/// @return false where the network lacks what the axes show; params is then unchanged
bool landscape_move(const ObservationRequest *request, const Network *net, const float *base,
                    const double to[2], float *params);
/// What an axis (0: a, 1: b) of a surface is called.
void landscape_axis_label(const ObservationRequest *request, int axis, char *text, size_t size);
bool landscape_inside(const Survey *survey, const double at[2]);

typedef struct LandscapePoint {
    double a, b, z; // z: the loss that the network had there
    float t;        // its age: 0 the oldest … 1 the present
} LandscapePoint;

/// A run's way as it is shown: every stride-th point of its path, up to the epoch in which the
/// surface was measured, then the present. Beyond the first of them may be fewer, every
/// `thinned`-th one. Borrows from state and run.
typedef struct LandscapeTrack {
    const ObservationRequest *request;
    const Snapshot *run;
    const double *loss; // of the path's points, on the surface's split
    int count, stride;  // count: points of the path; 0: only the present is known
    int thinned;
    bool jumped; // to the present by hand
    double here[2], here_loss;
} LandscapeTrack;

/// @param run  the view's own (context->run), or another one with a network of the same shape: its
/// whole path, and its present weights at the loss that was measured last
/// @return false where the run has no place on the surface
bool landscape_track(const LandscapeState *state, const ViewContext *context, const Snapshot *run,
                     LandscapeTrack *track);
/// Point i of the path; the present from i = count on. t is not set but for the present.
LandscapePoint landscape_track_point(const LandscapeTrack *track, int i);
/// The point shown after point i.
int landscape_track_next(const LandscapeTrack *track, int i);
/// Whether training went from point i to the next one shown, and nobody put the weights elsewhere
/// between.
bool landscape_track_joined(const LandscapeTrack *track, int i);

/// The height in the world of the surface as it is drawn; NaN outside and in holes.
float landscape_height(const Survey *survey, const double at[2]);

/// A run's path within the plot, and its ball, between scene_begin and scene_end. Draw both twice:
/// without depth test and with a small alpha what shines through the surface, then with it and
/// alpha 1.
void landscape_draw_path(const LandscapeState *state, const ViewContext *context,
                         const Plot3d *plot, const Snapshot *run, Color old_color, Color new_color,
                         float alpha);
void landscape_draw_ball(const LandscapeState *state, const ViewContext *context,
                         const Plot3d *plot, const Snapshot *run, Color color, float alpha);
/// The same for all rivals of a race.
void landscape_draw_rivals(const LandscapeState *state, const ViewContext *context,
                           const Plot3d *plot, float path_alpha, float ball_alpha);
/// Arrows against the gradient, on the floor.
void landscape_draw_gradient(const LandscapeState *state, const ViewContext *context, float alpha);
/// The step that the optimizer takes next, on the axes; its arrow is so many times as long.
typedef struct LandscapeStep {
    double step[2], times;
} LandscapeStep;
/// @return false where it is not known, or too short for any arrow
bool landscape_find_step(LandscapeState *state, const ViewContext *context, const Plot3d *plot,
                         LandscapeStep *step);
void landscape_draw_step(const LandscapeState *state, const ViewContext *context,
                         const Plot3d *plot, const LandscapeStep *step, float alpha);
/// Upright lines from points of the path to the surface as it is now, for the loss has changed
/// there since; older ones are fainter.
void landscape_draw_stems(const LandscapeState *state, const ViewContext *context,
                          const Plot3d *plot, const Snapshot *run, float alpha);

#endif
