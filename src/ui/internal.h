/// What the widgets' files share: the state between frames and the few questions that each widget
/// asks (is the pointer over me, am I held, which keys are mine).
#ifndef UI_INTERNAL_H
#define UI_INTERNAL_H

#include <stddef.h>

#include "ui/ui.h"

typedef uint32_t UiId; // a hash of the id's text; 0: none

/// What a widget does with the keyboard.
typedef enum UiKind {
    UI_KIND_MARK,
    UI_KIND_BUTTON,
    UI_KIND_SLIDER,
    UI_KIND_MENU,
    UI_KIND_NUMBER
} UiKind;

typedef struct UiWidget {
    UiId id;
    UiKind kind;
    bool enabled;
    Rect r, visible; // as placed; within the clip
    size_t name;     // in Ui.text
} UiWidget;

/// A frame's widgets, in the order in which they were drawn. Grows, never shrinks.
typedef struct UiList {
    UiWidget *items;
    int count, room;
} UiList;

/// How far a widget has eased toward being hovered, kept between frames.
typedef struct UiEase {
    UiId id;
    float hover;
    uint32_t frame; // last used
} UiEase;

enum { UI_EASES = 256, UI_CLIPS_MAX = 16, UI_EDIT_MAX = 24, UI_TIP_MAX = 128 };

/// An open menu. Its items are copied, for it is drawn at the frame's end.
typedef struct UiPopup {
    UiId id; // 0: none
    bool drawn;
    bool armed; // pressed inside, or dragged since it opened: a release chooses
    bool by_keys;
    Rect anchor, r;
    float scroll, row; // pixels
    float details;     // where the items' second column starts; 0: there is none
    float press_x, press_y;
    int n, current, hover; // hover -1: none
    size_t name, items;    // in Ui.text: the menu's id; n strings, one after the other
} UiPopup;

struct Ui {
    Gfx *gfx;
    const Theme *theme;
    float scale;
    int width, height;
    const char *scope; // before all ids; NULL: none
    UiInput input;
    double last_time;
    uint32_t frame;
    bool easing; // something eased in this frame

    UiList widgets, before; // this frame's and the last one's
    char *text;             // this frame's strings
    size_t text_used, text_room;
    UiEase eases[UI_EASES];
    Rect clips[UI_CLIPS_MAX];
    int n_clips;

    UiId hot, active, focus; // under the pointer, held by the mouse, owner of the keyboard
    UiId committed;          // let go in this frame
    bool focus_visible;      // it came by the keyboard: show a ring
    bool focus_moved;
    Rect focus_rect;
    UiKind focus_kind;
    float grab; // slider: from the knob's middle to the pointer when it was taken

    UiPopup popup;
    double hot_since;
    char tip[UI_TIP_MAX];
    Rect tip_anchor;
    bool has_tip;

    UiId editing; // the number field whose text is being edited
    char edit[UI_EDIT_MAX];
    int edit_length;
    bool edit_selected; // all of it: typing replaces
    UiId left;          // the field that was left in this frame, with its text
    char left_text[UI_EDIT_MAX];
};

enum { UI_NAME_MAX = 96 };
/// A widget's id with its scope.
void ui_name(const Ui *ui, const char *id, char name[UI_NAME_MAX]);
/// Registers a widget in this frame.
UiId ui_add(Ui *ui, const char *name, UiKind kind, Rect r, bool enabled);
/// Copies bytes into this frame's text.  @return where, or (size_t)-1 where memory is short
size_t ui_keep(Ui *ui, const char *text, size_t length);
float ui_px(const Ui *ui, float units);
TextStyle ui_style(const Ui *ui, float units, Color color);
/// 0…1, eased toward 1 while `on`.
float ui_ease(Ui *ui, UiId id, bool on);
/// How often that key was pressed in this frame, where the widget has the focus and no menu is
/// open.
int ui_keys(const Ui *ui, UiId id, UiKey key);
/// Takes the mouse for a widget that was just pressed, with or without the keyboard's focus.
bool ui_press(Ui *ui, UiId id);
/// The common click: pressed and let go over it, or Enter/Space.
bool ui_click(Ui *ui, UiId id, bool enabled);
/// A raised or plain surface as buttons have it, with its focus ring.
void ui_surface(Ui *ui, UiId id, Rect r, bool primary, bool enabled);
void ui_focus_ring(Ui *ui, UiId id, Rect r, float radius);
/// A small triangle: down (open) or to the right (folded).
void ui_chevron(Ui *ui, float x, float y, float size, bool down, Color color);
/// The icon in the middle of r, within about 16 units.
void ui_icon(Ui *ui, UiIcon icon, Rect r, Color color);
/// Starts and ends an open menu's frame, in ui_begin and ui_end.
void ui_popup_draw(Ui *ui);

#endif
