/// A view: one way to look at a run, in one file. It says what it wants observed, draws into the
/// rectangle it is given, and answers input by changing its own state or by emitting commands; it
/// owns no run, opens no window, reads no clock.
#ifndef VIEWS_VIEW_H
#define VIEWS_VIEW_H

#include <stdbool.h>

#include "base/table.h"
#include "gfx/gfx.h"
#include "gfx/theme.h"
#include "train/command.h"
#include "train/snapshot.h"
#include "train/surveyor.h"
#include "ui/ui.h"

enum { VIEW_OBSERVATIONS_MAX = 4 };

#define VIEW_FIGURE_WIDTH 510.0f // of the usual figure, in units

/// What a view may look at while it observes, draws or answers.
typedef struct ViewContext {
    const Snapshot *run;
    /// In a race: the other optimizers' runs, in the order of run->experiment->race.
    const Snapshot *rivals[RIVALS_MAX];
    int n_rivals; // 0: there is no race, or it is being made
    /// The newest result of each request made by observe(), or NULL. May answer an older request:
    /// check its generation and its request before use.
    const Observation *observations[VIEW_OBSERVATIONS_MAX];
    Gfx *gfx;
    const Theme *theme;
    float scale;  // pixels a unit
    Rect area;    // where to draw, in pixels of the current target
    bool chinese; // labels in Chinese where there are any
    bool hover;   // the pointer is over area, at x, y (pixels of the same target)
    float x, y;
    bool resting;        // nothing moves: draw as finely as can be
    double time;         // seconds, of this frame: what moves by itself goes by it
    bool reduced_motion; // nothing is to move by itself
    bool figure;         // alone in print, with no title above: axes say in full what they are
    bool numbers;        // for a table: what is observed depends on no picture
} ViewContext;

typedef enum ViewEventKind { VIEW_DRAG, VIEW_WHEEL, VIEW_DOUBLE_CLICK, VIEW_CLICK } ViewEventKind;

typedef struct ViewEvent {
    ViewEventKind kind;
    int button;   // 0 left, 1 middle, 2 right
    float x, y;   // pointer, pixels
    float dx, dy; // VIEW_DRAG: since the last event
    float wheel;  // VIEW_WHEEL: notches
    bool shift;   // held
    bool begins;  // VIEW_DRAG: the first one since the button went down, at x - dx, y - dy
    bool ends;    // VIEW_DRAG: the button went up; dx and dy are 0
    Rect area;    // as drawn
} ViewEvent;

/// What a view's widgets and events may ask for.
typedef struct ViewActions {
    Command commands[8];
    int count;
    bool picks; // a weight or bias was pointed out, for views that can show it
    ParamRef picked;
} ViewActions;
void view_emit(ViewActions *actions, Command command);

typedef struct ViewType {
    const char *id, *title, *description;
    const char *title_zh, *description_zh;
    size_t state_size;
    bool depth;         // draws in three dimensions: its target has depth, and samples at rest
    float least_aspect; // width by height: in a higher place it would waste room; 0: in none
    /// Width by height of a good figure of it; NULL: 1.4.
    float (*aspect)(const Experiment *experiment);
    bool follows_run;  // its picture shows the snapshot itself, not only observations of it
    bool shows_rivals; // its picture shows their snapshots
    /// The share of width among columns and of height among rows that it would like; the shares of
    /// look.md's picture add up to 1. NULL: 0.37 by 0.355.
    void (*weights)(const Experiment *experiment, float *width, float *height);
    /// The title where it depends on the run; NULL: title or title_zh.
    const char *(*heading)(const void *state, const ViewContext *context);
    /// State from an experiment (also when another one is loaded). state is zeroed.
    void (*init)(void *state, const Experiment *experiment);
    void (*deinit)(void *state); // may be NULL
    /// A word or two beside the title, in muted text ("w₁[0,0] × w₁[0,1]"). Parts set apart by
    /// three spaces are left out, the last first, where there is no room. May be NULL.
    void (*subtitle)(const void *state, const ViewContext *context, char *text, size_t size);
    /// Widgets in the title bar, right-aligned within r; shrinks r by what it used. May be NULL.
    void (*header)(void *state, Ui *ui, const ViewContext *context, Rect *r, ViewActions *actions);
    /// Its section in the side panel, from r's top; r keeps the rest. May be NULL.
    void (*panel)(void *state, Ui *ui, const ViewContext *context, Rect *r, ViewActions *actions);
    /// Requests for this moment, at most VIEW_OBSERVATIONS_MAX.  @return how many. May be NULL.
    int (*observe)(void *state, const ViewContext *context, ObservationRequest *requests);
    /// Seconds from one request to the next for the same thing while a run goes on, to leave time
    /// for training and other views; 0: with every snapshot.
    double pause;
    /// Takes over what it needs of new observations, for views that keep a copy; called whenever
    /// the observations may have changed.  @return true where its picture must be drawn again.
    /// NULL: the picture is drawn again with every new observation.
    bool (*digest)(void *state, const ViewContext *context);
    void (*draw)(void *state, const ViewContext *context);
    /// Writes the numbers that it draws, from the run and the observations of the context, which is
    /// one for numbers: the header, then the rows. What columns there are is docs/numbers.md's.
    /// Needs neither context->gfx nor a picture drawn before. state is a copy of the view's, byte
    /// by byte: what its pointers lead to may be gone. Thread: any.
    /// @return false with the reason in error where it has nothing to show; nothing is written then
    bool (*table)(const void *state, const ViewContext *context, Table *table, Error *error);
    /// Whether its picture goes on changing with time alone: it is asked to digest in every frame.
    /// May be NULL.
    bool (*animates)(const void *state, const ViewContext *context);
    /// What hovers above the picture (read-outs); drawn every frame, over the kept texture. May be
    /// NULL.
    void (*overlay)(void *state, const ViewContext *context);
    /// Shows a weight or bias that another view pointed out. May be NULL.
    void (*pick)(void *state, const ViewContext *context, ParamRef ref);
    /// Takes notice of other weights for the run's network, from a file of that name. May be NULL.
    void (*offer)(void *state, const ParamVector *params, const char *name);
    /// Turns its camera about the upright axis, for films. May be NULL.
    void (*turn)(void *state, float radians);
    /// @return true where its picture must be drawn again. May be NULL.
    bool (*event)(void *state, const ViewContext *context, const ViewEvent *event,
                  ViewActions *actions);
} ViewType;

#define VIEW(name) extern const ViewType view_type_##name;
#include "views/list.def"
#undef VIEW
/// Every view (view_type_ID in ID.c), in the order of the list, ended by NULL.
extern const ViewType *const view_types[];
const ViewType *view_find(const char *id);

/// en or zh, by the context.
const char *view_text(const ViewContext *context, const char *en, const char *zh);
/// What the run's loss is called on axes and in titles.
const char *view_loss(const ViewContext *context);
/// Observation `slot` where it is of the present generation and of that kind, else NULL.
const Observation *view_observation(const ViewContext *context, int slot, ObservationKind kind);
/// "w₁[0,2]" or "b₁[0]": how a person writes a parameter.
void view_param_label(ParamRef ref, char *text, size_t size);
/// "   over 1,099 of 60,000 samples", a part of a subtitle; nothing where it is over all.
void view_samples(const ViewContext *context, size_t some, size_t all, char *text, size_t size);
/// A number written in subscript digits, "₁₂".
void view_subscript(int n, char *text, size_t size);
/// lo and hi moved outward to round numbers, at most about a tenth of the span; widened where they
/// are equal or not finite.
void view_round_range(double *lo, double *hi);

/// A version for draw_image: equal pixels have the same, others another.
uint64_t view_pixels_version(const uint8_t *rgba, size_t size);
/// Pixels a unit for marks in the picture: more in a large one, in which they would get lost.
float view_mark_scale(const ViewContext *context);
/// A number in [-1, 1] that belongs to a sample, the same in every picture: to spread points by.
float view_jitter(int sample);
/// Whether there is time for costly detail: at rest, or where a graphics card draws.
bool view_has_time(const ViewContext *context);
/// The width that a toggle with that label needs.
float view_toggle_width(Ui *ui, const char *label);

/// A heading for views that have nothing to show: the reason, centred, muted.
void view_say(const ViewContext *context, const char *why);

#endif
