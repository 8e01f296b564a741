/// A field for a whole number. While it has the focus its text is edited; the value is taken by
/// Enter, by leaving it, or by each step of the arrow keys.
#include "ui/internal.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void show(Ui *ui, int64_t value) {
    ui->edit_length = snprintf(ui->edit, sizeof ui->edit, "%" PRId64, value);
    ui->edit_selected = true;
}

static int64_t clamp(int64_t value, int64_t lo, int64_t hi) {
    return value < lo ? lo : value > hi ? hi : value;
}

/// The value that the text stands for, or `otherwise` where it stands for none.
static int64_t parsed(const char *text, int64_t lo, int64_t hi, int64_t otherwise) {
    const char *digits = text + (text[0] == '-');
    return *digits ? clamp(strtoll(text, NULL, 10), lo, hi) : otherwise;
}

static void type(Ui *ui, bool negative) {
    for (const char *c = ui->input.text; *c; c++) {
        bool sign = *c == '-' && negative && (ui->edit_selected || ui->edit_length == 0);
        if (!sign && !(*c >= '0' && *c <= '9')) continue;
        if (ui->edit_selected) ui->edit_length = 0, ui->edit_selected = false;
        if (ui->edit_length < 19) ui->edit[ui->edit_length++] = *c;
        ui->edit[ui->edit_length] = '\0';
    }
}

static void erase(Ui *ui, int times) {
    if (times == 0) return;
    ui->edit_length = ui->edit_selected || times > ui->edit_length ? 0 : ui->edit_length - times;
    ui->edit_selected = false;
    ui->edit[ui->edit_length] = '\0';
}

static bool edit(Ui *ui, UiId id, int64_t lo, int64_t hi, int64_t *value) {
    int64_t before = *value;
    type(ui, lo < 0);
    erase(ui, ui_keys(ui, id, UI_KEY_BACKSPACE));
    if (ui_keys(ui, id, UI_KEY_DELETE)) erase(ui, UI_EDIT_MAX);
    int steps = ui_keys(ui, id, UI_KEY_UP) - ui_keys(ui, id, UI_KEY_DOWN);
    if (steps) {
        *value = clamp(
            parsed(ui->edit, lo, hi, *value) + (int64_t)steps * (ui->input.shift ? 10 : 1), lo, hi);
        show(ui, *value);
    }
    if (ui_keys(ui, id, UI_KEY_ENTER)) {
        *value = parsed(ui->edit, lo, hi, *value);
        show(ui, *value);
    }
    if (ui_keys(ui, id, UI_KEY_ESCAPE)) ui->focus = ui->editing = 0;
    if (*value == before) return false;
    ui->committed = id;
    return true;
}

bool ui_number(Ui *ui, const char *name, Rect r, int64_t lo, int64_t hi, int64_t *value) {
    r = rect_round(r);
    UiId id = ui_add(ui, name, UI_KIND_NUMBER, r, true);
    bool changed = false;
    if (ui->left == id) { // by Tab or by a click elsewhere
        int64_t next = parsed(ui->left_text, lo, hi, *value);
        changed = next != *value;
        if (changed) ui->committed = id;
        *value = next;
    }
    if (ui->focus == id && ui->editing != id) {
        ui->editing = id;
        show(ui, *value);
    }
    ui_press(ui, id);
    if (ui->editing == id && edit(ui, id, lo, hi, value)) changed = true;

    const Theme *theme = ui->theme;
    bool editing = ui->editing == id;
    float radius = ui_px(ui, 6), hover = ui_ease(ui, id, ui->hot == id);
    draw_rect(ui->gfx, r, radius, editing ? theme->background : theme->raised);
    Color line = color_mix(theme->hairline, theme->muted, 0.45f * hover);
    draw_rect_outline(ui->gfx, r, radius, fmaxf(1, ui_px(ui, editing ? 1.5f : 1)),
                      editing ? theme->accent : line);
    ui_focus_ring(ui, id, r, radius);
    char text[UI_EDIT_MAX];
    if (!editing) snprintf(text, sizeof text, "%" PRId64, *value);
    const char *shown = editing ? ui->edit : text;
    TextStyle style = ui_style(ui, 14, theme->text);
    float room = r.w - ui_px(ui, 8), width = text_width(ui->gfx, &style, shown);
    if (width > room) { // a digit too many: 256 in a box for 64
        style = ui_style(ui, 11, theme->text);
        room = r.w - ui_px(ui, 4);
        width = text_width(ui->gfx, &style, shown);
    }
    // A number too long even so shows its last digits while it is edited.
    float x = editing && width > room ? r.x + r.w - ui_px(ui, 4) - width
                                      : r.x + (r.w - fminf(width, room)) / 2;
    float y = r.y + r.h / 2, half = ui_px(ui, 9);
    ui_clip_push(ui, rect_inset(r, ui_px(ui, 2)));
    if (editing && ui->edit_selected)
        draw_rect(ui->gfx, (Rect){x - ui_px(ui, 1), y - half, width + ui_px(ui, 2), 2 * half},
                  ui_px(ui, 2), color_alpha(theme->accent, 0.35f));
    if (editing)
        draw_text(ui->gfx, &style, x, y, shown);
    else
        draw_text_fit(ui->gfx, &style, x, y, room, shown);
    if (editing && !ui->edit_selected)
        draw_rect(ui->gfx,
                  (Rect){x + width + ui_px(ui, 1), y - half, fmaxf(1, ui_px(ui, 1.5f)), 2 * half},
                  0, theme->accent);
    ui_clip_pop(ui);
    return changed;
}
