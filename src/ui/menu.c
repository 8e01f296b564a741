/// Drop-down menus. The button is a widget like others; its open list lies on top of everything, is
/// worked by the mouse (click and click, or press, drag and let go), the wheel and the keys, and is
/// drawn at the end of the frame. What follows a tab in an item is set in a second column, muted.
#include "ui/internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { DETAIL_GAP = 20 };

static int clamp_index(int index, int n) {
    return index < 0 ? 0 : index >= n ? n - 1 : index;
}

/// An item's text up to its tab.  @return item where it has none, else text
static const char *head_of(const char *item, char *text, size_t size) {
    const char *tab = strchr(item, '\t');
    if (!tab) return item;
    snprintf(text, size, "%.*s", (int)(tab - item), item);
    return text;
}

/// What follows the tab, or NULL.
static const char *detail_of(const char *item) {
    const char *tab = strchr(item, '\t');
    return tab ? tab + 1 : NULL;
}

/// Where the list lies: below its button, above it where there is more room, and within the window.
static void place(Ui *ui, Rect anchor, const char *const *items, int n) {
    UiPopup *popup = &ui->popup;
    TextStyle style = ui_style(ui, 14, ui->theme->text);
    TextStyle small = ui_style(ui, 13, ui->theme->muted);
    float widest = 0, details = 0, pad = ui_px(ui, 4);
    for (int i = 0; i < n; i++) {
        char text[UI_TIP_MAX];
        const char *head = head_of(items[i], text, sizeof text), *detail = detail_of(items[i]);
        widest = fmaxf(widest, ceilf(text_width(ui->gfx, &style, head)));
        if (detail) details = fmaxf(details, ceilf(text_width(ui->gfx, &small, detail)));
    }
    popup->details = details > 0 ? widest + ui_px(ui, DETAIL_GAP) : 0;
    float width = details > 0 ? popup->details + details : widest;
    width = fmaxf(anchor.w, width + ui_px(ui, 40));
    popup->row = roundf(ui_px(ui, UI_ROW));
    float wanted = popup->row * (float)n + 2 * pad, gap = ui_px(ui, 4);
    float below = (float)ui->height - (anchor.y + anchor.h) - 2 * gap, above = anchor.y - 2 * gap;
    bool down = wanted <= below || below >= above;
    float height = fminf(wanted, fmaxf(popup->row + 2 * pad, down ? below : above));
    width = fminf(width, (float)ui->width - 2 * gap);
    popup->anchor = anchor;
    popup->r = rect_round((Rect){
        .x = fmaxf(gap, fminf(anchor.x, (float)ui->width - width - gap)),
        .y = down ? anchor.y + anchor.h + gap : anchor.y - gap - height,
        .w = width,
        .h = height,
    });
}

static float scroll_end(const Ui *ui, int n) {
    const UiPopup *popup = &ui->popup;
    return fmaxf(0, popup->row * (float)n + 2 * ui_px(ui, 4) - popup->r.h);
}

static void show_item(Ui *ui, int index, int n) {
    UiPopup *popup = &ui->popup;
    float top = popup->row * (float)index, view = popup->r.h - 2 * ui_px(ui, 4);
    popup->scroll = fmaxf(popup->scroll, top + popup->row - view);
    popup->scroll = fminf(popup->scroll, top);
    popup->scroll = fmaxf(0, fminf(popup->scroll, scroll_end(ui, n)));
}

static int item_at(const Ui *ui, float x, float y, int n) {
    const UiPopup *popup = &ui->popup;
    if (!rect_contains(popup->r, x, y)) return -1;
    int index = (int)floorf((y - popup->r.y - ui_px(ui, 4) + popup->scroll) / popup->row);
    return clamp_index(index, n);
}

static void open_list(Ui *ui, UiId id, Rect r, const char *const *items, int n, int index,
                      bool by_keys) {
    ui->popup = (UiPopup){.id = id,
                          .by_keys = by_keys,
                          .current = index,
                          .hover = by_keys ? index : -1,
                          .press_x = ui->input.mouse_x,
                          .press_y = ui->input.mouse_y};
    ui->active = 0;
    place(ui, r, items, n);
    show_item(ui, clamp_index(index - 2, n), n); // some of what lies before it stays in sight
    show_item(ui, clamp_index(index, n), n);
}

/// The open list's answer to the mouse.  @return the item chosen, or -1
static int list_mouse(Ui *ui, int n) {
    UiPopup *popup = &ui->popup;
    const UiInput *input = &ui->input;
    int over = item_at(ui, input->mouse_x, input->mouse_y, n);
    if (input->wheel != 0) {
        popup->scroll -= input->wheel * popup->row * 2;
        popup->scroll = fmaxf(0, fminf(popup->scroll, scroll_end(ui, n)));
        over = item_at(ui, input->mouse_x, input->mouse_y, n);
    }
    float moved = hypotf(input->mouse_x - popup->press_x, input->mouse_y - popup->press_y);
    bool dragged = moved > ui_px(ui, 4);
    if (over >= 0 && (dragged || input->pressed[0] || input->wheel != 0)) {
        popup->hover = over;
        popup->by_keys = false;
    } else if (over < 0 && !popup->by_keys) {
        popup->hover = -1;
    }
    if (input->pressed[0]) {
        popup->armed = over >= 0;
        if (over < 0) popup->id = 0; // the click outside only closes
    }
    if (input->released[0]) {
        if (over >= 0 && (popup->armed || dragged)) return over;
        popup->armed = false;
    }
    return -1;
}

static int list_keys(Ui *ui, int n) {
    UiPopup *popup = &ui->popup;
    for (int i = 0; i < ui->input.n_keys && popup->id; i++) {
        int at = popup->hover >= 0 ? popup->hover : popup->current;
        bool moves = true;
        switch (ui->input.keys[i]) {
        case UI_KEY_UP: at--; break;
        case UI_KEY_DOWN: at++; break;
        case UI_KEY_HOME: at = 0; break;
        case UI_KEY_END: at = n - 1; break;
        case UI_KEY_ENTER:
        case UI_KEY_SPACE: return clamp_index(at, n);
        case UI_KEY_ESCAPE:
        case UI_KEY_TAB:
        case UI_KEY_BACKTAB:
            popup->id = 0;
            moves = false;
            break;
        default: moves = false;
        }
        if (!moves) continue;
        popup->hover = clamp_index(at, n);
        popup->by_keys = true;
        popup->press_x = ui->input.mouse_x; // a resting pointer does not take it back
        popup->press_y = ui->input.mouse_y;
        show_item(ui, popup->hover, n);
    }
    return -1;
}

/// Copies the items for ui_popup_draw.
static void keep_items(Ui *ui, const char *const *items, int n) {
    UiPopup *popup = &ui->popup;
    const UiWidget *menu = &ui->widgets.items[ui->widgets.count - 1];
    popup->n = 0;
    popup->name = menu->name;
    popup->items = ui->text_used;
    if (popup->name == (size_t)-1) return;
    for (int i = 0; i < n; i++) {
        if (ui_keep(ui, items[i], strlen(items[i]) + 1) == (size_t)-1) break;
        popup->n++;
    }
}

/// What came of a menu's frame.
typedef struct Answer {
    UiId id;
    int shown; // the item that its button shows, -1: none
    bool changed;
} Answer;

/// A menu but for its looks.
/// @param steps  whether Up and Down change the choice of a closed one; else they open it
static Answer answer(Ui *ui, const char *name, Rect r, const char *const *items, int n, bool steps,
                     int *index) {
    bool enabled = n > 0;
    UiId id = ui_add(ui, name, UI_KIND_MENU, r, enabled);
    int shown = n > 0 ? clamp_index(*index, n) : -1, before = *index;
    bool was_open = ui->popup.id == id;
    if (was_open) {
        place(ui, r, items, n);
        int chosen = list_mouse(ui, n);
        if (chosen < 0) chosen = list_keys(ui, n);
        if (chosen >= 0) {
            *index = shown = chosen;
            ui->popup.id = 0;
            ui->committed = id;
        }
    } else if (enabled) {
        int down = ui_keys(ui, id, UI_KEY_DOWN), up = ui_keys(ui, id, UI_KEY_UP);
        if (steps && down != up) {
            *index = shown = clamp_index(shown + down - up, n);
            ui->committed = id;
        }
        bool by_keys = ui_keys(ui, id, UI_KEY_ENTER) + ui_keys(ui, id, UI_KEY_SPACE) > 0 ||
                       (!steps && down + up > 0);
        if (ui_press(ui, id) || by_keys) open_list(ui, id, r, items, n, shown, by_keys);
    }
    if (ui->popup.id == id) {
        ui->popup.drawn = true;
        ui->popup.current = shown;
        keep_items(ui, items, n);
    }
    return (Answer){.id = id, .shown = shown, .changed = *index != before};
}

bool ui_menu(Ui *ui, const char *name, Rect r, const char *const *items, int n, int *index) {
    r = rect_round(r);
    bool enabled = n > 0;
    const Answer answered = answer(ui, name, r, items, n, true, index);
    int shown = answered.shown;
    const Theme *theme = ui->theme;
    ui_surface(ui, answered.id, r, false, enabled);
    TextStyle style = ui_style(ui, 14, enabled ? theme->text : theme->muted);
    float y = r.y + r.h / 2, room = r.w - ui_px(ui, 32);
    if (shown >= 0) {
        float width = text_width(ui->gfx, &style, items[shown]);
        if (width > room) style.size *= fmaxf(12.0f / 14, 0.98f * room / width); // before it is cut
        draw_text_fit(ui->gfx, &style, r.x + ui_px(ui, 10), y, room, items[shown]);
    }
    ui_chevron(ui, r.x + r.w - ui_px(ui, 13), y, ui_px(ui, 4), true, theme->muted);
    return answered.changed;
}

bool ui_title_menu(Ui *ui, const char *name, Rect r, const char *const *items, int n, int *index,
                   const char *tip) {
    r = rect_round(r);
    const Answer answered = answer(ui, name, r, items, n, false, index);
    ui_tip(ui, tip);
    const UiId id = answered.id;
    const Theme *theme = ui->theme;
    float hover = ui_ease(ui, id, ui->hot == id || ui->active == id || ui->popup.id == id);
    draw_rect(ui->gfx, r, ui_px(ui, 4), color_alpha(theme->text, 0.10f * hover));
    ui_focus_ring(ui, id, rect_inset(r, ui_px(ui, 2)), ui_px(ui, 4));
    ui_chevron(ui, r.x + r.w / 2, r.y + r.h / 2, ui_px(ui, 4), true,
               color_mix(theme->muted, theme->text, hover));
    return answered.changed;
}

static void draw_shadow(Ui *ui, Rect r, float radius) {
    float strength = ui->theme->dark ? 0.10f : 0.035f;
    for (int i = 1; i <= 5; i++) {
        float d = ui_px(ui, 1.6f * (float)i);
        Rect s = rect_inset(r, -d);
        s.y += ui_px(ui, 3);
        draw_rect(ui->gfx, s, radius + d, (Color){0, 0, 0, strength});
    }
}

void ui_popup_draw(Ui *ui) {
    const UiPopup *popup = &ui->popup;
    const Theme *theme = ui->theme;
    float radius = ui_px(ui, 6), pad = ui_px(ui, 4), line = fmaxf(1, ui_px(ui, 1));
    draw_shadow(ui, popup->r, radius);
    draw_rect(ui->gfx, popup->r, radius, theme->raised);
    draw_rect_outline(ui->gfx, popup->r, radius, line, theme->hairline);
    ui_clip_push(ui, rect_inset(popup->r, pad / 2));
    size_t at = popup->items;
    for (int i = 0; i < popup->n; i++) {
        Rect row = {popup->r.x + pad, popup->r.y + pad + popup->row * (float)i - popup->scroll,
                    popup->r.w - 2 * pad, popup->row};
        char name[UI_TIP_MAX];
        snprintf(name, sizeof name, "%.100s/%d", ui->text + popup->name, i);
        ui_mark(ui, name, row); // it may move the strings: they are looked up after it
        const char *item = ui->text + at;
        at += strlen(item) + 1;
        if (row.y + row.h < popup->r.y || row.y > popup->r.y + popup->r.h) continue;
        if (i == popup->hover)
            draw_rect(ui->gfx, row, ui_px(ui, 4), color_mix(theme->raised, theme->accent, 0.28f));
        TextStyle style = ui_style(ui, 14, theme->text);
        if (i == popup->current) style.weight = TEXT_BOLD;
        float x = row.x + ui_px(ui, 6), y = row.y + row.h / 2;
        char text[UI_TIP_MAX];
        const char *head = head_of(item, text, sizeof text), *detail = detail_of(item);
        float room = row.w - ui_px(ui, 28);
        draw_text_fit(ui->gfx, &style, x, y, room, head);
        if (detail && popup->details < room) {
            TextStyle small = ui_style(ui, 13, theme->muted);
            draw_text_fit(ui->gfx, &small, x + popup->details, y, room - popup->details, detail);
        }
        if (i == popup->current) {
            float s = ui_px(ui, 4.5f), cx = row.x + row.w - ui_px(ui, 12);
            float tick[6] = {cx - s, y, cx - 0.3f * s, y + 0.7f * s, cx + s, y - 0.75f * s};
            draw_polyline(ui->gfx, tick, 3, ui_px(ui, 1.8f), theme->accent);
        }
    }
    ui_clip_pop(ui);
    float end = scroll_end(ui, popup->n);
    if (end > 0) { // a thin bar says how much lies outside
        float reach = popup->r.h - 2 * pad, size = reach * reach / (reach + end);
        Rect bar = {popup->r.x + popup->r.w - ui_px(ui, 5),
                    popup->r.y + pad + (reach - size) * popup->scroll / end, ui_px(ui, 3), size};
        draw_rect(ui->gfx, bar, ui_px(ui, 1.5f), color_alpha(theme->muted, 0.6f));
    }
}
