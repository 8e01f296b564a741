/// The side panel's section of the network.
#include <math.h>
#include <stdio.h>

#include "app/panel.h"

/// "− 3 +": a button at either side of a number.  @return the number to have
static int stepper(Chrome *chrome, Rect r, const char *id, int value, int lo, int hi) {
    char name[64], text[16];
    float side = UI_ROW * chrome->scale;
    snprintf(name, sizeof name, "%s.less", id);
    if (ui_button(chrome->ui, name, rect_cut_left(&r, side), "−", value > lo)) value--;
    snprintf(name, sizeof name, "%s.more", id);
    if (ui_button(chrome->ui, name, rect_cut_right(&r, side), "+", value < hi)) value++;
    snprintf(text, sizeof text, "%d", value);
    ui_label(chrome->ui, r, TEXT_CENTER, false, text);
    return value;
}

/// A layer's width that cannot be chosen: the data's.
static void fixed_box(Chrome *chrome, Rect r, int units) {
    Gfx *gfx = ui_gfx(chrome->ui);
    char text[16];
    snprintf(text, sizeof text, "%d", units);
    draw_rect_outline(gfx, rect_round(r), 6 * chrome->scale, fmaxf(1, chrome->scale),
                      chrome->theme->hairline);
    TextStyle style = {.size = 14 * chrome->scale, .color = chrome->theme->muted};
    float width = text_width(gfx, &style, text), room = r.w - 6 * chrome->scale;
    if (width > room) style.size *= room / width; // 784 in a box for 64
    style.align = TEXT_CENTER;
    draw_text(gfx, &style, r.x + r.w / 2, r.y + r.h / 2, text);
}

/// Every layer's width as a small box, input and output too, in as many rows as they need.
static void width_boxes(Chrome *chrome, Rect *r) {
    const Snapshot *run = chrome->run;
    const Experiment *experiment = run->experiment;
    float unit = chrome->scale, gap = 4 * unit;
    int n = experiment->n_layers + 1;
    Rect line = panel_row(chrome, r, UI_ROW);
    Rect label = rect_cut_left(&line, 64 * unit);
    ui_label(chrome->ui, label, TEXT_LEFT, true, chrome_text(chrome, "units", "单元"));
    float side = UI_ROW * unit;
    int per_row = (int)((line.w + gap) / (side + gap));
    if (per_row < 1) per_row = 1;
    for (int i = 0; i < n; i++) {
        if (i > 0 && i % per_row == 0) {
            line = panel_row(chrome, r, UI_ROW);
            rect_cut_left(&line, 64 * unit);
        }
        // The first row is flush right where it is the only one, as menus are.
        if (i == 0 && n <= per_row) rect_cut_left(&line, line.w - (float)n * (side + gap) + gap);
        Rect box = rect_cut_left(&line, side);
        rect_cut_left(&line, gap);
        bool fixed = i == 0 || i == n - 1;
        if (fixed) {
            fixed_box(chrome, box, i == 0 ? run->data->n_inputs : run->data->n_outputs);
            continue;
        }
        char id[32];
        snprintf(id, sizeof id, "network.units.%d", i - 1);
        int64_t units = experiment->layers[i - 1].desc.units;
        if (!ui_number(chrome->ui, id, box, 1, EDIT_UNITS_MAX, &units)) continue;
        Experiment *edited = edit_begin(run);
        if (edited) edit_units(edited, i - 1, (int)units);
        panel_finish(chrome, edited);
    }
}

/// The activations that one of them may have, by name.  @return how many
static int activation_items(const Chrome *chrome, bool hidden, const char **items,
                            Activation *activations, Activation now, int *index) {
    int n = 0;
    *index = -1;
    for (int i = 0; i < ACTIVATION_COUNT; i++) {
        Activation activation = (Activation)i;
        bool fits = hidden ? edit_activation_hidden(activation)
                           : edit_activation_fits(chrome->run, activation);
        if (!fits && activation != now) continue;
        if (activation == now) *index = n;
        activations[n] = activation;
        items[n++] = activation_name(activation);
    }
    return n;
}

static void activation_menus(Chrome *chrome, Rect *r) {
    const Experiment *experiment = chrome->run->experiment;
    const char *items[PANEL_ITEMS_MAX];
    Activation activations[PANEL_ITEMS_MAX];
    int last = experiment->n_layers - 1, index;
    if (last > 0) {
        Activation now = experiment->layers[0].desc.activation;
        int n = activation_items(chrome, true, items, activations, now, &index);
        if (panel_menu(chrome, r, "network.activation",
                       chrome_text(chrome, "activation", "激活函数"), items, n, &index)) {
            Experiment *edited = edit_begin(chrome->run);
            if (edited) edit_hidden_activation(edited, activations[index]);
            panel_finish(chrome, edited);
        }
    }
    Activation now = experiment->layers[last].desc.activation;
    int n = activation_items(chrome, false, items, activations, now, &index);
    if (panel_menu(chrome, r, "network.output", chrome_text(chrome, "output", "输出"), items, n,
                   &index)) {
        Experiment *edited = edit_begin(chrome->run);
        if (edited) edit_output_activation(edited, activations[index]);
        panel_finish(chrome, edited);
    }
}

static void init_menu(Chrome *chrome, Rect *r) {
    const Experiment *experiment = chrome->run->experiment;
    const char *items[PANEL_ITEMS_MAX];
    for (int i = 0; i < INIT_COUNT; i++) items[i] = init_name((Init)i);
    int init = (int)experiment->init, n = INIT_COUNT;
    if (experiment->layers[0].weight) { // the file gives the weights to start from
        init = n;
        items[n++] = chrome_text(chrome, "given", "给定");
    }
    if (!panel_menu(chrome, r, "network.init", chrome_text(chrome, "initialiser", "初始化"), items,
                    n, &init) ||
        init == INIT_COUNT) {
        return;
    }
    Experiment *edited = edit_begin(chrome->run);
    if (edited) edit_init(edited, (Init)init);
    panel_finish(chrome, edited);
}

/// Norm and residual connections of the hidden layers.
static void norm_menu(Chrome *chrome, Rect *r) {
    const Snapshot *run = chrome->run;
    const Experiment *experiment = run->experiment;
    const char *items[NORM_COUNT];
    for (int i = 0; i < NORM_COUNT; i++) items[i] = norm_name((Norm)i);
    int norm = (int)experiment->layers[0].desc.norm;
    bool residual = false, toggled;
    for (int l = 0; l < experiment->n_layers; l++) residual |= experiment->layers[l].desc.residual;
    bool chosen = panel_menu_toggle(chrome, r, "network.norm", chrome_text(chrome, "norm", "归一"),
                                    items, NORM_COUNT, &norm, "network.residual",
                                    chrome_text(chrome, "residual", "残差"), &residual, &toggled);
    if (!chosen && !toggled) return;
    Experiment *edited = edit_begin(run);
    if (edited && chosen) edit_norm(edited, (Norm)norm);
    if (edited && toggled && !edit_residual(edited, residual, run->data->n_inputs) && residual) {
        experiment_release(edited);
        error_set(&chrome->wishes.error, "%s",
                  chrome_text(chrome,
                              "A residual connection needs two hidden layers, or as many units as "
                              "inputs",
                              "残差连接需要两个隐藏层，或单元数与输入数相同"));
        return;
    }
    panel_finish(chrome, edited);
}

void panel_network(Chrome *chrome, Rect *r) {
    int last = chrome->run->experiment->n_layers - 1;
    activation_menus(chrome, r);
    init_menu(chrome, r);
    if (last > 0) norm_menu(chrome, r);
    Rect control = panel_labelled(chrome, r, chrome_text(chrome, "hidden layers", "隐藏层"));
    int most = last > EDIT_HIDDEN_MAX ? last : EDIT_HIDDEN_MAX;
    int hidden = stepper(chrome, control, "network.layers", last, 0, most);
    if (hidden != last) {
        Experiment *edited = edit_begin(chrome->run);
        if (edited) edit_hidden_count(edited, hidden);
        panel_finish(chrome, edited);
    }
    if (last > 0) width_boxes(chrome, r);
}
