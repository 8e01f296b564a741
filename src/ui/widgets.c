/// Labels, buttons, switches, sliders and section headers.
#include "ui/internal.h"

#include <math.h>
#include <string.h>

#define CORNER 6.0f

void ui_focus_ring(Ui *ui, UiId id, Rect r, float radius) {
    if (ui->focus != id || !ui->focus_visible) return;
    draw_rect_outline(ui->gfx, rect_inset(r, -ui_px(ui, 2)), radius + ui_px(ui, 2), ui_px(ui, 2),
                      ui->theme->accent);
}

void ui_surface(Ui *ui, UiId id, Rect r, bool primary, bool enabled) {
    const Theme *theme = ui->theme;
    bool held = ui->active == id && ui->hot == id;
    float hover = ui_ease(ui, id, enabled && (ui->hot == id || ui->active == id));
    Color fill = primary ? theme->accent : theme->raised;
    Color light = primary ? theme->on_accent : theme->text;
    fill = color_mix(fill, light, (primary ? 0.12f : 0.07f) * hover + (held ? 0.08f : 0.0f));
    float radius = ui_px(ui, CORNER);
    if (!enabled) fill = color_mix(theme->panel, fill, 0.5f);
    draw_rect(ui->gfx, r, radius, fill);
    if (!primary) {
        Color line = color_mix(theme->hairline, theme->muted, 0.45f * hover);
        draw_rect_outline(ui->gfx, r, radius, fmaxf(1, ui_px(ui, 1)),
                          enabled ? line : color_alpha(line, 0.6f));
    }
    ui_focus_ring(ui, id, r, radius);
}

void ui_label(Ui *ui, Rect r, TextAlign align, bool muted, const char *text) {
    TextStyle style = ui_style(ui, 14, muted ? ui->theme->muted : ui->theme->text);
    float width = text_width(ui->gfx, &style, text);
    float x = r.x;
    if (width < r.w && align == TEXT_CENTER) x += (r.w - width) / 2;
    if (width < r.w && align == TEXT_RIGHT) x += r.w - width;
    draw_text_fit(ui->gfx, &style, x, r.y + r.h / 2, r.w, text);
}

float ui_text_button_width(Ui *ui, const char *text) {
    TextStyle style = ui_style(ui, 14, ui->theme->text);
    return ceilf(text_width(ui->gfx, &style, text) + ui_px(ui, 10 + 26));
}

bool ui_button(Ui *ui, const char *name, Rect r, const char *label, bool enabled) {
    r = rect_round(r);
    UiId id = ui_add(ui, name, UI_KIND_BUTTON, r, enabled);
    bool clicked = ui_click(ui, id, enabled);
    ui_surface(ui, id, r, false, enabled);
    Color color = enabled ? ui->theme->text : color_alpha(ui->theme->muted, 0.6f);
    TextStyle style = ui_style(ui, 14, color);
    float room = r.w - ui_px(ui, 8), width = text_width(ui->gfx, &style, label);
    draw_text_fit(ui->gfx, &style, r.x + (r.w - fminf(room, width)) / 2, r.y + r.h / 2, room,
                  label);
    return clicked;
}

bool ui_link(Ui *ui, const char *name, Rect r, const TextStyle *style, const char *text) {
    const float width = fminf(r.w, text_width(ui->gfx, style, text));
    Rect place = {r.x, r.y, width, r.h};
    UiId id = ui_add(ui, name, UI_KIND_BUTTON, place, true);
    bool clicked = ui_click(ui, id, true);
    float hover = ui_ease(ui, id, ui->hot == id || ui->active == id);
    float y = r.y + r.h / 2;
    float end = draw_text_fit(ui->gfx, style, r.x, y, r.w, text);
    Rect line = {r.x, roundf(y + 0.62f * style->size), end, fmaxf(1, ui_px(ui, 1))};
    draw_rect(ui->gfx, line, 0, color_alpha(style->color, 0.35f + 0.65f * hover));
    ui_focus_ring(ui, id, rect_inset(place, ui_px(ui, 2)), ui_px(ui, 4));
    return clicked;
}

bool ui_icon_button(Ui *ui, const char *name, Rect r, UiIcon icon, bool primary, bool enabled,
                    const char *tip) {
    r = rect_round(r);
    UiId id = ui_add(ui, name, UI_KIND_BUTTON, r, enabled);
    ui_tip(ui, tip);
    bool clicked = ui_click(ui, id, enabled);
    primary = primary && enabled;
    ui_surface(ui, id, r, primary, enabled);
    const Theme *theme = ui->theme;
    Color color = primary ? theme->on_accent : theme->text;
    if (!enabled) color = color_alpha(theme->muted, 0.5f);
    ui_icon(ui, icon, r, color);
    return clicked;
}

// A toggle, in units.
#define TOGGLE_TEXT 13.0f
#define TOGGLE_SIDE 13.0f
#define TOGGLE_GAP  7.0f // between label and box
#define TOGGLE_EDGE 2.0f // behind the box

float ui_toggle_width(Ui *ui, const char *label) {
    TextStyle style = ui_style(ui, TOGGLE_TEXT, ui->theme->text);
    return ceilf(text_width(ui->gfx, &style, label) + ui_px(ui, TOGGLE_GAP) +
                 roundf(ui_px(ui, TOGGLE_SIDE)) + ui_px(ui, TOGGLE_EDGE));
}

bool ui_toggle(Ui *ui, const char *name, Rect r, const char *label, bool *on) {
    UiId id = ui_add(ui, name, UI_KIND_BUTTON, r, true);
    bool clicked = ui_click(ui, id, true);
    if (clicked) *on = !*on;
    const Theme *theme = ui->theme;
    float hover = ui_ease(ui, id, ui->hot == id || ui->active == id);
    float side = roundf(ui_px(ui, TOGGLE_SIDE)), gap = ui_px(ui, TOGGLE_GAP);
    float x = r.x + r.w - side - ui_px(ui, TOGGLE_EDGE);
    Rect box = rect_round((Rect){x, r.y + (r.h - side) / 2, side, side});
    float radius = ui_px(ui, 3);
    draw_rect(ui->gfx, box, radius, *on ? theme->accent : theme->raised);
    Color line = color_mix(*on ? theme->accent : theme->muted, theme->text, 0.5f * hover);
    draw_rect_outline(ui->gfx, box, radius, fmaxf(1, ui_px(ui, 1)), line);
    if (*on) {
        float tick[6] = {box.x + 0.24f * side, box.y + 0.53f * side, box.x + 0.43f * side,
                         box.y + 0.72f * side, box.x + 0.77f * side, box.y + 0.29f * side};
        draw_polyline(ui->gfx, tick, 3, ui_px(ui, 1.8f), theme->on_accent);
    }
    ui_focus_ring(ui, id, box, radius);
    TextStyle style = ui_style(ui, TOGGLE_TEXT,
                               color_mix(theme->muted, theme->text, fmaxf(hover, *on ? 0.5f : 0)));
    float room = box.x - gap - r.x, width = fminf(room, text_width(ui->gfx, &style, label));
    draw_text_fit(ui->gfx, &style, box.x - gap - width, r.y + r.h / 2, room, label);
    return clicked;
}

bool ui_section(Ui *ui, const char *name, Rect r, const char *title, bool *open) {
    UiId id = ui_add(ui, name, UI_KIND_BUTTON, r, true);
    if (ui_click(ui, id, true)) *open = !*open;
    const Theme *theme = ui->theme;
    float hover = ui_ease(ui, id, ui->hot == id || ui->active == id);
    float y = r.y + r.h / 2;
    ui_chevron(ui, r.x + ui_px(ui, 5), y, ui_px(ui, 4), *open,
               color_mix(theme->muted, theme->text, 0.5f + 0.5f * hover));
    TextStyle style = ui_style(ui, 15, theme->text);
    style.weight = TEXT_BOLD;
    draw_text_fit(ui->gfx, &style, r.x + ui_px(ui, 18), y, r.w - ui_px(ui, 18), title);
    ui_focus_ring(ui, id, rect_inset(r, ui_px(ui, 3)), ui_px(ui, 4));
    return *open;
}

// ---- sliders

static double fraction_of(const UiSlider *desc, double value) {
    double t = desc->log ? log(value / desc->lo) / log(desc->hi / desc->lo)
                         : (value - desc->lo) / (desc->hi - desc->lo);
    return isfinite(t) ? fmax(0, fmin(t, 1)) : 0;
}

static double two_digits(double value) {
    if (value == 0) return 0;
    double unit = pow(10, floor(log10(fabs(value))) - 1);
    return round(value / unit) * unit;
}

/// A value that the slider can show: snapped, and within its ends.
static double settle(const UiSlider *desc, double value) {
    if (desc->step > 0)
        value = round(value / desc->step) * desc->step;
    else if (desc->log)
        value = two_digits(value);
    return fmax(desc->lo, fmin(value, desc->hi));
}

static double value_at(const UiSlider *desc, double t) {
    t = fmax(0, fmin(t, 1));
    double value =
        desc->log ? desc->lo * pow(desc->hi / desc->lo, t) : desc->lo + t * (desc->hi - desc->lo);
    if (t <= 0) return desc->lo;
    return t >= 1 ? desc->hi : settle(desc, value);
}

/// The neighbouring value by keys: one step, or a hundredth of the way; never none.
static double nudged(const UiSlider *desc, double value, int steps) {
    if (desc->step > 0 && !desc->log) return settle(desc, value + steps * desc->step);
    double parts = desc->log ? 60 : 100;
    double next = value_at(desc, fraction_of(desc, value) + steps / parts);
    if (next == value && desc->step > 0) next = settle(desc, value + steps * desc->step);
    return next;
}

static bool slider_keys(Ui *ui, UiId id, const UiSlider *desc, double *value) {
    int steps = ui_keys(ui, id, UI_KEY_RIGHT) + ui_keys(ui, id, UI_KEY_UP) -
                ui_keys(ui, id, UI_KEY_LEFT) - ui_keys(ui, id, UI_KEY_DOWN);
    if (ui->input.shift) steps *= 10;
    double next = steps ? nudged(desc, *value, steps) : *value;
    if (ui_keys(ui, id, UI_KEY_HOME)) next = desc->lo;
    if (ui_keys(ui, id, UI_KEY_END)) next = desc->hi;
    if (next == *value) return false;
    *value = next;
    ui->committed = id;
    return true;
}

bool ui_slider(Ui *ui, const char *name, Rect r, const UiSlider *desc, double *value) {
    const Theme *theme = ui->theme;
    bool enabled = desc->hi > desc->lo;
    float knob = ui_px(ui, 5.5f), thick = fmaxf(2, roundf(ui_px(ui, 4)));
    Rect track = r;
    if (desc->label || desc->value) track.y += r.h * 0.56f, track.h -= r.h * 0.56f;
    UiId id = ui_add(ui, name, UI_KIND_SLIDER, track, enabled);

    float x0 = track.x + knob, x1 = track.x + track.w - knob;
    float reach = fmaxf(1, x1 - x0), y = track.y + track.h / 2;
    bool changed = false;
    if (enabled && ui_press(ui, id)) {
        float at = x0 + reach * (float)fraction_of(desc, *value);
        float off = ui->input.mouse_x - at;
        ui->grab = fabsf(off) <= 1.5f * knob ? off : 0; // a grabbed knob does not jump
    }
    if (ui->active == id) {
        float at = ui->input.mouse_x - ui->grab;
        bool moved = fabsf(at - (x0 + reach * (float)fraction_of(desc, *value))) >= 0.5f;
        double next = moved ? value_at(desc, (double)((at - x0) / reach)) : *value;
        changed = next != *value;
        *value = next;
        if (ui->input.released[0]) ui->committed = id;
    }
    if (enabled && slider_keys(ui, id, desc, value)) changed = true;

    if (desc->label || desc->value) {
        float middle = r.y + r.h * 0.3f;
        TextStyle style = ui_style(ui, 14, theme->text);
        float width = desc->value ? text_width(ui->gfx, &style, desc->value) : 0;
        if (desc->value) draw_text(ui->gfx, &style, r.x + r.w - width, middle, desc->value);
        style.color = theme->muted;
        if (desc->label)
            draw_text_fit(ui->gfx, &style, r.x, middle, r.w - width - ui_px(ui, 8), desc->label);
    }
    float at = x0 + reach * (float)(enabled ? fraction_of(desc, *value) : 0);
    Rect all = {track.x, y - thick / 2, track.w, thick};
    Rect done = {track.x, all.y, at - track.x, thick};
    float hover = ui_ease(ui, id, enabled && (ui->hot == id || ui->active == id));
    draw_rect(ui->gfx, all, thick / 2, theme->hairline);
    if (enabled) {
        draw_rect(ui->gfx, done, thick / 2, theme->accent);
        if (ui->focus == id && ui->focus_visible)
            draw_ring(ui->gfx, at, y, knob + ui_px(ui, 4), ui_px(ui, 2), theme->accent);
        Color halo = color_alpha(theme->accent, 0.25f * hover);
        draw_circle(ui->gfx, at, y, knob + ui_px(ui, 4) * hover, halo);
        draw_circle(ui->gfx, at, y, knob, theme->dark ? theme->text : theme->raised);
        if (!theme->dark) draw_ring(ui->gfx, at, y, knob, ui_px(ui, 1.5f), theme->accent);
    }
    return changed;
}
