#include "app/panel.h"

#include <math.h>
#include <stdio.h>

#include "plot/ticks.h"

Rect panel_row(Chrome *chrome, Rect *r, float units) {
    Rect place = rect_cut_top(r, units * chrome->scale);
    rect_cut_top(r, UI_GAP * chrome->scale);
    return place;
}

Rect panel_labelled(Chrome *chrome, Rect *r, const char *label) {
    Rect place = panel_row(chrome, r, UI_ROW);
    Rect control = rect_cut_right(&place, place.w * UI_CONTROL_SHARE);
    ui_label(chrome->ui, place, TEXT_LEFT, true, label);
    return control;
}

/// A menu whose items are shown as names of the experiment file are.
static bool name_menu(Chrome *chrome, Rect control, const char *id, const char *const *items, int n,
                      int *index) {
    char texts[PANEL_ITEMS_MAX][40];
    const char *shown[PANEL_ITEMS_MAX];
    for (int i = 0; i < n; i++) {
        chrome_item(chrome, items[i], texts[i], sizeof texts[i]);
        shown[i] = texts[i];
    }
    return ui_menu(chrome->ui, id, control, shown, n, index);
}

bool panel_menu(Chrome *chrome, Rect *r, const char *id, const char *label,
                const char *const *items, int n, int *index) {
    return name_menu(chrome, panel_labelled(chrome, r, label), id, items, n, index);
}

bool panel_menu_toggle(Chrome *chrome, Rect *r, const char *id, const char *label,
                       const char *const *items, int n, int *index, const char *toggle_id,
                       const char *toggle_label, bool *on, bool *toggled) {
    Rect place = panel_row(chrome, r, UI_ROW);
    Rect control = rect_cut_right(&place, 118 * chrome->scale);
    rect_cut_right(&place, 8 * chrome->scale);
    Rect toggle = rect_cut_right(&place, 78 * chrome->scale);
    ui_label(chrome->ui, place, TEXT_LEFT, true, label);
    *toggled = ui_toggle(chrome->ui, toggle_id, toggle, toggle_label, on);
    return name_menu(chrome, control, id, items, n, index);
}

bool panel_values(Chrome *chrome, Rect *r, const char *id, const char *label, const double *values,
                  int n, void (*print)(const Chrome *chrome, double value, char *text, size_t size),
                  double *value) {
    char texts[PANEL_ITEMS_MAX][32];
    const char *items[PANEL_ITEMS_MAX];
    double all[PANEL_ITEMS_MAX];
    int count = 0, index = -1;
    for (int i = 0; i <= n; i++) {
        bool own = index < 0 && (i == n || *value <= values[i]);
        if (own) all[index = count++] = *value;
        if (i < n && !(own && *value == values[i])) all[count++] = values[i];
    }
    for (int i = 0; i < count; i++) {
        print(chrome, all[i], texts[i], sizeof texts[i]);
        items[i] = texts[i];
    }
    if (!ui_menu(chrome->ui, id, panel_labelled(chrome, r, label), items, count, &index))
        return false;
    *value = all[index];
    return true;
}

bool panel_number(Chrome *chrome, Rect *r, const char *id, const char *label, int64_t lo,
                  int64_t hi, int64_t *value) {
    return ui_number(chrome->ui, id, panel_labelled(chrome, r, label), lo, hi, value);
}

void panel_finish(Chrome *chrome, Experiment *edited) {
    ChromeWishes *wishes = &chrome->wishes;
    if (!edited) {
        error_set(&wishes->error, "out of memory");
    } else if (edit_end(edited, chrome->run, &wishes->error)) {
        experiment_release(wishes->edited);
        wishes->edited = edited;
    }
}

bool panel_drafted(Chrome *chrome, Rect *r, const char *id, UiSlider desc, Draft *draft,
                   double *value) {
    if (!draft->on) draft->value = *value;
    char text[TICK_LABEL_MAX];
    if (desc.step >= 1)
        count_print((int64_t)draft->value, text, sizeof text);
    else
        chrome_number(draft->value, text, sizeof text);
    desc.value = text;
    if (ui_slider(chrome->ui, id, panel_row(chrome, r, UI_SLIDER), &desc, &draft->value))
        draft->on = true;
    if (!draft->on || (ui_held(chrome->ui, id) && !ui_committed(chrome->ui, id))) return false;
    draft->on = false;
    if (draft->value == *value) return false;
    *value = draft->value;
    return true;
}

void panel_live(Chrome *chrome, Rect *r, const char *id, UiSlider desc, CommandKind command,
                double value) {
    char text[TICK_LABEL_MAX];
    if (!desc.value) {
        chrome_number(value, text, sizeof text);
        desc.value = text;
    }
    desc.hi = fmax(desc.hi, value);
    if (desc.log && value > 0) desc.lo = fmin(desc.lo, value);
    if (ui_slider(chrome->ui, id, panel_row(chrome, r, UI_SLIDER), &desc, &value))
        view_emit(chrome->actions, (Command){.kind = command, .value = value});
}
