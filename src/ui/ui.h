/// Immediate-mode widgets: called every frame, they draw themselves and return edits. They own no
/// state of the program; what they keep between frames (hover, focus, an open menu, a fold) is
/// keyed by id. Thread: the window's.
#ifndef UI_UI_H
#define UI_UI_H

#include <stdbool.h>
#include <stdint.h>

#include "gfx/gfx.h"
#include "gfx/text.h"
#include "gfx/theme.h"

typedef enum UiKey {
    UI_KEY_NONE,
    UI_KEY_TAB,
    UI_KEY_BACKTAB,
    UI_KEY_ENTER,
    UI_KEY_ESCAPE,
    UI_KEY_SPACE,
    UI_KEY_LEFT,
    UI_KEY_RIGHT,
    UI_KEY_UP,
    UI_KEY_DOWN,
    UI_KEY_HOME,
    UI_KEY_END,
    UI_KEY_BACKSPACE,
    UI_KEY_DELETE,
} UiKey;

enum { UI_KEYS_MAX = 32, UI_TEXT_MAX = 256 };

/// Sizes in units that rows of widgets share, so that all panels look alike: a row with a button or
/// menu, a slider with its label, a section's header, and the space below each. In a row with a
/// label the control takes the right UI_CONTROL_SHARE of the width.
enum { UI_ROW = 28, UI_GAP = 4, UI_SLIDER = 32, UI_SECTION = 32 };
#define UI_CONTROL_SHARE 0.56f

/// What happened since the last frame. Pixels.
typedef struct UiInput {
    float mouse_x, mouse_y;
    bool mouse_inside;
    bool down[3];     // left, middle, right: held now
    bool pressed[3];  // went down in this frame
    bool released[3]; // went up in this frame
    int clicks;       // with pressed[0]: 1 single, 2 double
    float wheel;      // notches, away from the person positive
    bool shift, ctrl;
    UiKey keys[UI_KEYS_MAX];
    int n_keys;
    char text[UI_TEXT_MAX]; // UTF-8 typed
    double time;            // seconds, for the caret and for easing
    bool reduced_motion;    // nothing eases
} UiInput;

typedef enum UiIcon {
    UI_ICON_NONE,
    UI_ICON_RESTART,
    UI_ICON_PLAY,
    UI_ICON_PAUSE,
    UI_ICON_STEP,
    UI_ICON_ENLARGE,
    UI_ICON_SHRINK,
    UI_ICON_HELP,
    UI_ICON_THEME,
    UI_ICON_CAMERA,
    UI_ICON_RECORD,
    UI_ICON_PANEL,
    UI_ICON_SLOWER,
    UI_ICON_FASTER,
} UiIcon;

typedef struct Ui Ui;

Ui *ui_create(void);
void ui_destroy(Ui *ui);

/// Starts a frame that draws into gfx's current target.  @param scale  pixels a unit
void ui_begin(Ui *ui, Gfx *gfx, const Theme *theme, float scale, int width, int height,
              const UiInput *input);
/// Draws what lies on top (open menus, tips) and ends the frame.
void ui_end(Ui *ui);
/// Whether another frame is needed at once (easing) though nothing happens.
bool ui_animating(const Ui *ui);
/// Seconds from the frame's time until ui wants to be drawn again (a tip that is due); 0 while
/// animating, infinity where nothing is awaited.
double ui_wake_after(const Ui *ui);
/// Whether the mouse belongs to the widgets: a menu is open, a widget is held, or the pointer is
/// over one. Views stay out. Valid from ui_begin on.
bool ui_wants_mouse(const Ui *ui);
bool ui_text_focus(const Ui *ui); // a text or number field has the focus: letter keys belong to it
/// Whether the widget with the focus uses this key itself (Space on a button…): no shortcut then.
bool ui_uses_key(const Ui *ui, UiKey key);
void ui_clear_focus(Ui *ui);
/// Where the widget that the keyboard just gave the focus to lay in the last frame, unclipped, so
/// that a scrolled panel can bring it into sight.  @return false where it did not move
bool ui_focus_moved(const Ui *ui, Rect *r);
/// Closes an open menu and drops what is held or focused (another experiment, a lost window).
void ui_reset(Ui *ui);

Gfx *ui_gfx(Ui *ui);
const Theme *ui_theme(const Ui *ui);
float ui_scale(const Ui *ui);
const UiInput *ui_input(const Ui *ui);

/// Limits both drawing and the mouse to r; pop restores. Nested ones intersect.
void ui_clip_push(Ui *ui, Rect r);
void ui_clip_pop(Ui *ui);

/// Puts a name before the ids of all widgets from now on in this frame, so that something may be
/// shown twice. NULL: none.  @param scope  a literal
void ui_scope(Ui *ui, const char *scope);

// ---- widgets: id is unique in a frame, without spaces; r in pixels

void ui_label(Ui *ui, Rect r, TextAlign align, bool muted, const char *text);
/// @return true in the frame in which it is activated (mouse or Enter/Space)
bool ui_button(Ui *ui, const char *id, Rect r, const char *label, bool enabled);
/// Text that is clicked like a button, cut to r; where the pointer is over it, it is underlined.
bool ui_link(Ui *ui, const char *id, Rect r, const TextStyle *style, const char *text);
/// An icon; primary ones are filled with the accent.  @param tip  shown after a rest of the pointer
bool ui_icon_button(Ui *ui, const char *id, Rect r, UiIcon icon, bool primary, bool enabled,
                    const char *tip);
/// A small labelled switch, "log ▢".  @return true where *on changed
bool ui_toggle(Ui *ui, const char *id, Rect r, const char *label, bool *on);
/// How wide one is whose label begins at its left edge.
float ui_toggle_width(Ui *ui, const char *label);
/// A drop-down of n items; the open list scrolls where it does not fit. What follows a tab in an
/// item stands in a second column of the list, muted.  @return true where *index changed
bool ui_menu(Ui *ui, const char *id, Rect r, const char *const *items, int n, int *index);
/// The same as a small triangle beside a title, which already says what is chosen.
bool ui_title_menu(Ui *ui, const char *id, Rect r, const char *const *items, int n, int *index,
                   const char *tip);
/// The natural width of such a menu or button for a text.
float ui_text_button_width(Ui *ui, const char *text);

typedef struct UiSlider {
    double lo, hi;
    double step;       // values snap to multiples; 0: free
    bool log;          // equal ratios are equally long
    const char *label; // drawn above left; NULL: bare track
    const char *value; // drawn above right, as text; NULL: none
} UiSlider;
/// @return true while it is dragged or keyed to another value
bool ui_slider(Ui *ui, const char *id, Rect r, const UiSlider *desc, double *value);
/// A field for a whole number in lo…hi: typed digits, Up/Down by one (with Shift by ten); Enter or
/// leaving it takes the value, Escape drops it.  @return true where *value changed
bool ui_number(Ui *ui, const char *id, Rect r, int64_t lo, int64_t hi, int64_t *value);
/// Whether the widget with that id is held by the mouse: edits that restart a run wait for its
/// release.
bool ui_held(const Ui *ui, const char *id);
/// Whether the widget was let go in this frame (mouse up, or a key edit).
bool ui_committed(const Ui *ui, const char *id);

/// A section's header that folds; *open is kept by the caller.  @return *open
bool ui_section(Ui *ui, const char *id, Rect r, const char *title, bool *open);

/// A tip for the widget just drawn, shown after the pointer rested on it for half a second.
void ui_tip(Ui *ui, const char *text);
/// Names a rectangle for ui_write_map alone.
void ui_mark(Ui *ui, const char *id, Rect r);

/// The rectangles of all widgets of the frame, for tests that drive the window: writes lines "ID X
/// Y W H", what is visible of each; the items of an open menu are ID/0, ID/1, ….
bool ui_write_map(const Ui *ui, const char *path);
/// Changes when that map does.
uint32_t ui_map_version(const Ui *ui);

#endif
