/// A frame of widgets: whose the mouse and the keyboard are, clips, easing, tips. The widgets
/// themselves are in widgets.c, menu.c and number.c.
///
/// The pointer belongs to the last widget drawn in the previous frame that contains it, so that
/// widgets may overlap; an open menu takes it all.
#include "ui/internal.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

#define EASE_SECONDS 0.15
#define TIP_SECONDS  0.5

Ui *ui_create(void) {
    return calloc(1, sizeof(Ui));
}

void ui_destroy(Ui *ui) {
    if (!ui) return;
    free(ui->widgets.items);
    free(ui->before.items);
    free(ui->text);
    free(ui);
}

static UiId hash_of(const char *name) {
    uint32_t hash = 2166136261U; // FNV-1a
    for (; *name; name++) hash = (hash ^ (unsigned char)*name) * 16777619U;
    return hash ? hash : 1;
}

void ui_scope(Ui *ui, const char *scope) {
    ui->scope = scope;
}

void ui_name(const Ui *ui, const char *id, char name[UI_NAME_MAX]) {
    snprintf(name, UI_NAME_MAX, "%s%s%s", ui->scope ? ui->scope : "", ui->scope ? "." : "", id);
}

static UiId id_of(const Ui *ui, const char *id) {
    char name[UI_NAME_MAX];
    ui_name(ui, id, name);
    return hash_of(name);
}

size_t ui_keep(Ui *ui, const char *text, size_t length) {
    if (ui->text_used + length > ui->text_room) {
        size_t room = ui->text_room ? ui->text_room : 4096;
        while (room < ui->text_used + length) room *= 2;
        char *grown = realloc(ui->text, room);
        if (!grown) return (size_t)-1;
        ui->text = grown;
        ui->text_room = room;
    }
    size_t at = ui->text_used;
    memcpy(ui->text + at, text, length);
    ui->text_used += length;
    return at;
}

static Rect clip_now(const Ui *ui) {
    return ui->n_clips > 0 ? ui->clips[ui->n_clips - 1]
                           : (Rect){0, 0, (float)ui->width, (float)ui->height};
}

static UiId add_hashed(Ui *ui, UiId id, const char *name, UiKind kind, Rect r, bool enabled) {
    UiList *list = &ui->widgets;
    if (list->count == list->room) {
        int room = list->room ? 2 * list->room : 64;
        UiWidget *grown = realloc(list->items, (size_t)room * sizeof *grown);
        if (!grown) return id;
        list->items = grown;
        list->room = room;
    }
    list->items[list->count++] = (UiWidget){
        .id = id,
        .kind = kind,
        .enabled = enabled,
        .r = r,
        .visible = rect_intersect(r, clip_now(ui)),
        .name = ui_keep(ui, name, strlen(name) + 1),
    };
    return id;
}

UiId ui_add(Ui *ui, const char *name, UiKind kind, Rect r, bool enabled) {
    char whole[UI_NAME_MAX];
    ui_name(ui, name, whole);
    return add_hashed(ui, hash_of(whole), whole, kind, r, enabled);
}

void ui_mark(Ui *ui, const char *id, Rect r) {
    ui_add(ui, id, UI_KIND_MARK, r, false);
}

float ui_px(const Ui *ui, float units) {
    return units * ui->scale;
}

TextStyle ui_style(const Ui *ui, float units, Color color) {
    return (TextStyle){.size = units * ui->scale, .color = color, .tabular = true};
}

static bool focusable(const UiWidget *widget) {
    return widget->enabled && widget->kind != UI_KIND_MARK;
}

static void set_focus(Ui *ui, const UiWidget *widget, bool by_keys) {
    ui->focus = widget->id;
    ui->focus_kind = widget->kind;
    ui->focus_rect = widget->r;
    ui->focus_visible = by_keys;
    ui->focus_moved = by_keys;
}

/// Moves the focus over the last frame's widgets, in their order and round about.
static void move_focus(Ui *ui, int direction) {
    const UiList *list = &ui->before;
    int at = -1;
    for (int i = 0; i < list->count; i++) {
        if (list->items[i].id == ui->focus && focusable(&list->items[i])) at = i;
    }
    if (at < 0 && direction < 0) at = list->count;
    for (int k = 0; k < list->count; k++) {
        at = (at + direction + list->count) % list->count;
        if (focusable(&list->items[at])) {
            set_focus(ui, &list->items[at], true);
            return;
        }
    }
}

static const UiWidget *find_hot(const Ui *ui) {
    if (ui->popup.id || !ui->input.mouse_inside) return NULL;
    for (int i = ui->before.count; i-- > 0;) {
        const UiWidget *widget = &ui->before.items[i];
        if (widget->kind == UI_KIND_MARK) continue;
        if (rect_contains(widget->visible, ui->input.mouse_x, ui->input.mouse_y)) return widget;
    }
    return NULL;
}

void ui_begin(Ui *ui, Gfx *gfx, const Theme *theme, float scale, int width, int height,
              const UiInput *input) {
    assert(ui->n_clips == 0);
    ui->gfx = gfx;
    ui->theme = theme;
    ui->scale = scale;
    ui->width = width;
    ui->height = height;
    ui->last_time = ui->frame ? ui->input.time : input->time;
    ui->input = *input;
    ui->frame++;
    ui->easing = false;
    ui->committed = 0;
    ui->has_tip = false;
    ui->focus_moved = false;
    ui->popup.drawn = false;

    UiList swap = ui->before;
    ui->before = ui->widgets;
    ui->widgets = swap;
    ui->widgets.count = 0;
    ui->text_used = 0;

    const UiWidget *hot = find_hot(ui);
    bool dragging = input->down[0] && !input->pressed[0]; // begun elsewhere: over nothing
    UiId id = hot && (!dragging || hot->id == ui->active) ? hot->id : 0;
    if (id != ui->hot || input->pressed[0]) ui->hot_since = input->time;
    ui->hot = id;
    if (input->pressed[0] && !ui->popup.id) {
        ui->focus_visible = false;
        // A click moves the focus to what keeps being edited by keys; elsewhere it gives it up, so
        // that Space after a click on Restart does not restart again.
        if (hot && focusable(hot) && (hot->kind == UI_KIND_SLIDER || hot->kind == UI_KIND_NUMBER))
            set_focus(ui, hot, false);
        else
            ui->focus = 0;
    }
    for (int i = 0; i < input->n_keys && !ui->popup.id; i++) {
        if (input->keys[i] == UI_KEY_TAB) move_focus(ui, 1);
        if (input->keys[i] == UI_KEY_BACKTAB) move_focus(ui, -1);
    }
    ui->left = ui->editing != ui->focus ? ui->editing : 0;
    if (ui->left) {
        memcpy(ui->left_text, ui->edit, sizeof ui->left_text);
        ui->editing = 0;
    }
}

static void draw_tip(Ui *ui) {
    const Theme *theme = ui->theme;
    TextStyle style = ui_style(ui, 12.5f, theme->text);
    float width = text_width(ui->gfx, &style, ui->tip) + ui_px(ui, 16);
    float height = ui_px(ui, 24), gap = ui_px(ui, 6);
    Rect r = {ui->tip_anchor.x + (ui->tip_anchor.w - width) / 2,
              ui->tip_anchor.y + ui->tip_anchor.h + gap, width, height};
    r.x = fmaxf(gap, fminf(r.x, (float)ui->width - width - gap));
    if (r.y + height > (float)ui->height) r.y = ui->tip_anchor.y - height - gap;
    r = rect_round(r);
    draw_rect(ui->gfx, r, ui_px(ui, 5), theme->raised);
    draw_rect_outline(ui->gfx, r, ui_px(ui, 5), fmaxf(1, ui_px(ui, 1)), theme->hairline);
    style.align = TEXT_CENTER;
    draw_text(ui->gfx, &style, r.x + r.w / 2, r.y + r.h / 2, ui->tip);
}

void ui_end(Ui *ui) {
    assert(ui->n_clips == 0);
    if (ui->popup.id && !ui->popup.drawn) ui->popup.id = 0; // its widget is gone
    if (ui->popup.id) ui_popup_draw(ui);
    bool due = ui->input.time - ui->hot_since >= TIP_SECONDS;
    if (ui->has_tip && due && !ui->active && !ui->popup.id) draw_tip(ui);

    bool focus_there = false, active_there = false;
    for (int i = 0; i < ui->widgets.count; i++) {
        const UiWidget *widget = &ui->widgets.items[i];
        if (widget->id == ui->focus && focusable(widget)) focus_there = true;
        if (widget->id == ui->active) active_there = true;
    }
    if (!focus_there) ui->focus = 0;
    if (!active_there || !ui->input.down[0]) ui->active = 0;
}

bool ui_animating(const Ui *ui) {
    return ui->easing;
}

double ui_wake_after(const Ui *ui) {
    if (ui->easing) return 0;
    double rested = ui->input.time - ui->hot_since;
    if (ui->has_tip && !ui->active && rested < TIP_SECONDS) return TIP_SECONDS - rested;
    return (double)INFINITY;
}

bool ui_wants_mouse(const Ui *ui) {
    return ui->popup.id || ui->active || ui->hot;
}

bool ui_text_focus(const Ui *ui) {
    return ui->focus && ui->focus_kind == UI_KIND_NUMBER;
}

bool ui_uses_key(const Ui *ui, UiKey key) {
    if (key == UI_KEY_TAB || key == UI_KEY_BACKTAB) return true;
    if (ui->popup.id) return true;
    if (!ui->focus) return false;
    bool activates = key == UI_KEY_ENTER || key == UI_KEY_SPACE;
    bool moves = key == UI_KEY_UP || key == UI_KEY_DOWN;
    switch (ui->focus_kind) {
    case UI_KIND_BUTTON: return activates;
    case UI_KIND_MENU: return activates || moves;
    case UI_KIND_SLIDER:
        return moves || key == UI_KEY_LEFT || key == UI_KEY_RIGHT || key == UI_KEY_HOME ||
               key == UI_KEY_END;
    case UI_KIND_NUMBER: return true;
    case UI_KIND_MARK: break;
    }
    return false;
}

void ui_clear_focus(Ui *ui) {
    ui->focus = 0;
}

bool ui_focus_moved(const Ui *ui, Rect *r) {
    *r = ui->focus_rect;
    return ui->focus && ui->focus_moved;
}

void ui_reset(Ui *ui) {
    ui->popup.id = 0;
    ui->hot = ui->active = ui->focus = ui->editing = 0;
}

Gfx *ui_gfx(Ui *ui) {
    return ui->gfx;
}

const Theme *ui_theme(const Ui *ui) {
    return ui->theme;
}

float ui_scale(const Ui *ui) {
    return ui->scale;
}

const UiInput *ui_input(const Ui *ui) {
    return &ui->input;
}

void ui_clip_push(Ui *ui, Rect r) {
    assert(ui->n_clips < UI_CLIPS_MAX);
    Rect clip = rect_intersect(clip_now(ui), r);
    ui->clips[ui->n_clips++] = clip;
    gfx_clip_push(ui->gfx, clip);
}

void ui_clip_pop(Ui *ui) {
    assert(ui->n_clips > 0);
    ui->n_clips--;
    gfx_clip_pop(ui->gfx);
}

float ui_ease(Ui *ui, UiId id, bool on) {
    UiEase *slot = NULL, *oldest = NULL;
    for (unsigned probe = 0; probe < 8 && !slot; probe++) {
        UiEase *at = &ui->eases[(id + probe) % UI_EASES];
        if (at->id == id) slot = at;
        if (!oldest || ui->frame - at->frame > ui->frame - oldest->frame) oldest = at;
    }
    float goal = on ? 1.0f : 0.0f;
    if (!slot) {
        if (!on) return 0;
        slot = oldest;
        *slot = (UiEase){.id = id};
    }
    // What was not drawn for a while is where it belongs.
    if (ui->frame - slot->frame > 1 && !on) slot->hover = 0;
    slot->frame = ui->frame;
    float step = (float)((ui->input.time - ui->last_time) / EASE_SECONDS);
    step = ui->input.reduced_motion ? 1 : fmaxf(0, fminf(step, 1));
    slot->hover = on ? fminf(goal, slot->hover + step) : fmaxf(goal, slot->hover - step);
    if (slot->hover != goal) ui->easing = true;
    return slot->hover;
}

int ui_keys(const Ui *ui, UiId id, UiKey key) {
    if (ui->focus != id || ui->popup.id) return 0;
    int count = 0;
    for (int i = 0; i < ui->input.n_keys; i++) count += ui->input.keys[i] == key;
    return count;
}

bool ui_press(Ui *ui, UiId id) {
    if (ui->popup.id || ui->hot != id || !ui->input.pressed[0]) return false;
    ui->active = id;
    return true;
}

bool ui_click(Ui *ui, UiId id, bool enabled) {
    if (!enabled) return false;
    ui_press(ui, id);
    bool clicked = ui->active == id && ui->input.released[0] && ui->hot == id;
    clicked = clicked || ui_keys(ui, id, UI_KEY_ENTER) + ui_keys(ui, id, UI_KEY_SPACE) > 0;
    if (clicked) ui->committed = id;
    return clicked;
}

bool ui_held(const Ui *ui, const char *id) {
    return ui->active == id_of(ui, id);
}

bool ui_committed(const Ui *ui, const char *id) {
    return ui->committed == id_of(ui, id);
}

void ui_tip(Ui *ui, const char *text) {
    if (!text || ui->widgets.count == 0) return;
    const UiWidget *widget = &ui->widgets.items[ui->widgets.count - 1];
    if (widget->id != ui->hot) return;
    snprintf(ui->tip, sizeof ui->tip, "%s", text);
    ui->tip_anchor = widget->visible;
    ui->has_tip = true;
}

bool ui_write_map(const Ui *ui, const char *path) {
    FileWriter writer;
    if (!file_open(&writer, path, NULL)) return false;
    for (int i = 0; i < ui->widgets.count; i++) {
        const UiWidget *widget = &ui->widgets.items[i];
        Rect r = widget->visible;
        if (r.w <= 0 || r.h <= 0 || widget->name == (size_t)-1) continue;
        fprintf(writer.stream, "%s %.0f %.0f %.0f %.0f\n", ui->text + widget->name, (double)r.x,
                (double)r.y, (double)r.w, (double)r.h);
    }
    return file_commit(&writer, NULL);
}

uint32_t ui_map_version(const Ui *ui) {
    uint32_t hash = 2166136261U;
    for (int i = 0; i < ui->widgets.count; i++) {
        const UiWidget *widget = &ui->widgets.items[i];
        const uint32_t parts[5] = {
            widget->id, (uint32_t)(int32_t)widget->visible.x, (uint32_t)(int32_t)widget->visible.y,
            (uint32_t)(int32_t)widget->visible.w, (uint32_t)(int32_t)widget->visible.h};
        for (int k = 0; k < 5; k++) hash = (hash ^ parts[k]) * 16777619U;
    }
    return hash;
}
