/// The side panel: what the run is made of. The learning rate and the momentum change live; all
/// else starts the run anew with a changed copy of its experiment, when the slider is let go.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/chrome.h"
#include "app/edits.h"
#include "plot/ticks.h"

enum { ITEMS_MAX = 64 };

#define RATE_LO     1e-5
#define RATE_HI     1.0
#define MOMENTUM_HI 0.99

/// The next row of that height, in units; the gap below it is cut off too.
static Rect row(Chrome *chrome, Rect *r, float units) {
    Rect place = rect_cut_top(r, units * chrome->scale);
    rect_cut_top(r, UI_GAP * chrome->scale);
    return place;
}

/// Draws the row's label and returns the place of its control.
static Rect labelled(Chrome *chrome, Rect *r, const char *label) {
    Rect place = row(chrome, r, UI_ROW);
    Rect control = rect_cut_right(&place, place.w * UI_CONTROL_SHARE);
    ui_label(chrome->ui, place, TEXT_LEFT, true, label);
    return control;
}

/// A menu in a row of its own.  @return true where another item was chosen
static bool menu_row(Chrome *chrome, Rect *r, const char *id, const char *label,
                     const char *const *items, int n, int *index) {
    char texts[ITEMS_MAX][40];
    const char *shown[ITEMS_MAX];
    for (int i = 0; i < n; i++) {
        chrome_name(items[i], texts[i], sizeof texts[i]);
        shown[i] = texts[i];
    }
    return ui_menu(chrome->ui, id, labelled(chrome, r, label), shown, n, index);
}

/// Hands a finished edit to the loop, or says why it cannot be.
static void finish(Chrome *chrome, Experiment *edited) {
    ChromeWishes *wishes = &chrome->wishes;
    if (!edited) {
        error_set(&wishes->error, "out of memory");
    } else if (edit_end(edited, chrome->run, &wishes->error)) {
        experiment_release(wishes->edited);
        wishes->edited = edited;
    }
}

/// A slider whose edit restarts the run: it shows the draft until it is let go.
/// @return true in the frame in which it was let go with another value
static bool drafted_slider(Chrome *chrome, Rect *r, const char *id, UiSlider desc, Draft *draft,
                           double *value) {
    if (!draft->on) draft->value = *value;
    char text[TICK_LABEL_MAX];
    if (desc.step >= 1)
        count_print((int64_t)draft->value, text, sizeof text);
    else
        chrome_number(draft->value, text, sizeof text);
    desc.value = text;
    if (ui_slider(chrome->ui, id, row(chrome, r, UI_SLIDER), &desc, &draft->value))
        draft->on = true;
    if (!draft->on || (ui_held(chrome->ui, id) && !ui_committed(chrome->ui, id))) return false;
    draft->on = false;
    if (draft->value == *value) return false;
    *value = draft->value;
    return true;
}

// ---- data

static void data_section(Chrome *chrome, Rect *r) {
    const Snapshot *run = chrome->run;
    const DatasetKind *kinds[ITEMS_MAX];
    const char *items[ITEMS_MAX];
    int n = 0, index = -1;
    for (int i = 0; dataset_kinds[i] && dataset_kinds[i]->name && n < ITEMS_MAX; i++) {
        if (!edit_data_fits(run, dataset_kinds[i])) continue;
        kinds[n] = dataset_kinds[i];
        items[n] = dataset_kinds[i]->name;
        if (strcmp(items[n], run->experiment->data.kind) == 0) index = n;
        n++;
    }
    if (menu_row(chrome, r, "data.kind", chrome_text(chrome, "set", "数据集"), items, n, &index)) {
        Experiment *edited = edit_begin(run);
        if (edited) edit_data(edited, kinds[index]->name);
        finish(chrome, edited);
        return;
    }
    const DatasetKind *kind = index >= 0 ? kinds[index] : NULL;
    if (!kind || kind->default_samples == 0) return; // all samples are the file's
    double samples = (double)run->data->n;
    double least = fmax(kind->min_samples, 20),
           most = fmax(2000, 2 * (double)kind->default_samples);
    UiSlider desc = {.lo = fmin(least, samples),
                     .hi = fmax(most, samples),
                     .step = samples > 2000 ? 100 : 10,
                     .log = true,
                     .label = chrome_text(chrome, "samples", "样本数")};
    if (drafted_slider(chrome, r, "data.samples", desc, &chrome->samples, &samples)) {
        Experiment *edited = edit_begin(run);
        if (edited) {
            edited->data.samples = (int)samples;
            edited->data.has_samples = true;
        }
        finish(chrome, edited);
    }
    const DatasetDesc *data = &run->experiment->data;
    double noise = (double)(data->has_noise ? data->noise : kind->default_noise);
    noise = round(noise * 1e6) / 1e6; // 0.1f is 0.1
    desc = (UiSlider){
        .hi = fmax(kind->default_noise > 0 ? 4.0 * (double)kind->default_noise : 0.5, noise),
        .step = kind->default_noise > 0.5f ? 0.1 : 0.01,
        .label = chrome_text(chrome, "noise", "噪声")};
    if (drafted_slider(chrome, r, "data.noise", desc, &chrome->noise, &noise)) {
        Experiment *edited = edit_begin(run);
        if (edited) {
            edited->data.noise = (float)noise;
            edited->data.has_noise = true;
        }
        finish(chrome, edited);
    }
}

// ---- network

static int activation_items(const char **items) {
    for (int i = 0; i < ACTIVATION_COUNT; i++) items[i] = activation_name((Activation)i);
    return ACTIVATION_COUNT;
}

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
    ui_label(chrome->ui, r, TEXT_CENTER, true, text);
}

/// Every layer's width as a small box, input and output too, in as many rows as they need.
static void width_boxes(Chrome *chrome, Rect *r) {
    const Snapshot *run = chrome->run;
    const Experiment *experiment = run->experiment;
    float unit = chrome->scale, gap = 4 * unit;
    int n = experiment->n_layers + 1;
    Rect line = row(chrome, r, UI_ROW);
    Rect label = rect_cut_left(&line, 64 * unit);
    ui_label(chrome->ui, label, TEXT_LEFT, true, chrome_text(chrome, "units", "单元"));
    float side = UI_ROW * unit;
    int per_row = (int)((line.w + gap) / (side + gap));
    if (per_row < 1) per_row = 1;
    for (int i = 0; i < n; i++) {
        if (i > 0 && i % per_row == 0) {
            line = row(chrome, r, UI_ROW);
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
        finish(chrome, edited);
    }
}

static void network_section(Chrome *chrome, Rect *r) {
    const Snapshot *run = chrome->run;
    const Experiment *experiment = run->experiment;
    const char *items[ITEMS_MAX];
    int n = activation_items(items), last = experiment->n_layers - 1;
    if (last > 0) {
        int index = (int)experiment->layers[0].desc.activation;
        if (menu_row(chrome, r, "network.activation", chrome_text(chrome, "activation", "激活函数"),
                     items, n, &index)) {
            Experiment *edited = edit_begin(run);
            if (edited) edit_hidden_activation(edited, (Activation)index);
            finish(chrome, edited);
        }
    }
    int output = (int)experiment->layers[last].desc.activation;
    if (menu_row(chrome, r, "network.output", chrome_text(chrome, "output", "输出"), items, n,
                 &output)) {
        Experiment *edited = edit_begin(run);
        if (edited) edit_output_activation(edited, (Activation)output);
        finish(chrome, edited);
    }
    for (int i = 0; i < INIT_COUNT; i++) items[i] = init_name((Init)i);
    int init = (int)experiment->init, n_init = INIT_COUNT;
    if (experiment->layers[0].weight) { // the file gives the weights to start from
        init = n_init;
        items[n_init++] = chrome_text(chrome, "given", "给定");
    }
    if (menu_row(chrome, r, "network.init", chrome_text(chrome, "initialiser", "初始化"), items,
                 n_init, &init) &&
        init < INIT_COUNT) {
        Experiment *edited = edit_begin(run);
        if (edited) edit_init(edited, (Init)init);
        finish(chrome, edited);
    }
    Rect control = labelled(chrome, r, chrome_text(chrome, "hidden layers", "隐藏层"));
    int most = last > EDIT_HIDDEN_MAX ? last : EDIT_HIDDEN_MAX;
    int hidden = stepper(chrome, control, "network.layers", last, 0, most);
    if (hidden != last) {
        Experiment *edited = edit_begin(run);
        if (edited) edit_hidden_count(edited, hidden);
        finish(chrome, edited);
    }
    if (last > 0) width_boxes(chrome, r);
}

// ---- training

static void loss_menu(Chrome *chrome, Rect *r) {
    const Snapshot *run = chrome->run;
    const char *items[ITEMS_MAX];
    Loss losses[ITEMS_MAX];
    int n = 0, index = -1;
    bool shares = run->data->t_min >= 0 && run->data->t_max <= 1; // what bce can be asked to meet
    for (int i = 0; i < LOSS_COUNT; i++) {
        if (i == LOSS_BCE && !shares) continue;
        if (i == (int)run->experiment->loss) index = n;
        losses[n] = (Loss)i;
        items[n++] = loss_label((Loss)i);
    }
    if (!menu_row(chrome, r, "training.loss", chrome_text(chrome, "loss", "损失"), items, n,
                  &index))
        return;
    Experiment *edited = edit_begin(run);
    if (edited) edit_loss(edited, losses[index]);
    finish(chrome, edited);
}

static void batch_menu(Chrome *chrome, Rect *r) {
    const Snapshot *run = chrome->run;
    char texts[ITEMS_MAX][16];
    const char *items[ITEMS_MAX];
    int sizes[ITEMS_MAX], n = 0, index = -1;
    int now = run->experiment->batch_size, train = (int)run->data->n_train;
    bool listed = now == 0;
    for (int size = 1; size < train && size <= 1024; size *= 2) {
        if (!listed && now < size) sizes[n++] = now; // an odd size keeps its place
        listed = listed || now <= size;
        sizes[n++] = size;
    }
    if (!listed) sizes[n++] = now;
    sizes[n++] = 0;
    for (int i = 0; i < n; i++) {
        snprintf(texts[i], sizeof texts[i], "%d", sizes[i]);
        items[i] = sizes[i] ? texts[i] : chrome_text(chrome, "all samples", "全部样本");
        if (sizes[i] == now) index = i;
    }
    if (!menu_row(chrome, r, "training.batch", chrome_text(chrome, "batch", "批大小"), items, n,
                  &index))
        return;
    Experiment *edited = edit_begin(run);
    if (edited) edited->batch_size = sizes[index];
    finish(chrome, edited);
}

static void training_section(Chrome *chrome, Rect *r) {
    const Snapshot *run = chrome->run;
    loss_menu(chrome, r);
    const char *items[ITEMS_MAX];
    for (int i = 0; i < OPTIMIZER_COUNT; i++) items[i] = optimizer_name((OptimizerKind)i);
    int kind = (int)run->optimizer.kind;
    if (menu_row(chrome, r, "training.optimizer", chrome_text(chrome, "optimizer", "优化器"), items,
                 OPTIMIZER_COUNT, &kind)) {
        Experiment *edited = edit_begin(run);
        if (edited) edited->optimizer.kind = (OptimizerKind)kind;
        finish(chrome, edited);
    }
    char text[TICK_LABEL_MAX];
    double rate = (double)run->optimizer.learning_rate;
    chrome_number(rate, text, sizeof text);
    UiSlider desc = {.lo = rate > 0 ? fmin(RATE_LO, rate) : RATE_LO,
                     .hi = fmax(RATE_HI, rate),
                     .log = true,
                     .label = chrome_text(chrome, "learning rate", "学习率"),
                     .value = text};
    if (ui_slider(chrome->ui, "training.learning_rate", row(chrome, r, UI_SLIDER), &desc, &rate))
        view_emit(chrome->actions, (Command){.kind = COMMAND_SET_LEARNING_RATE, .value = rate});
    double momentum = (double)run->optimizer.momentum;
    snprintf(text, sizeof text, "%.2f", momentum);
    desc = (UiSlider){.hi = fmax(MOMENTUM_HI, momentum),
                      .step = 0.01,
                      .label = chrome_text(chrome, "momentum", "动量"),
                      .value = text};
    if (ui_slider(chrome->ui, "training.momentum", row(chrome, r, UI_SLIDER), &desc, &momentum))
        view_emit(chrome->actions, (Command){.kind = COMMAND_SET_MOMENTUM, .value = momentum});
    batch_menu(chrome, r);
}

static void seed_row(Chrome *chrome, Rect *r) {
    Rect control = labelled(chrome, r, chrome_text(chrome, "seed", "种子"));
    float unit = chrome->scale;
    Rect next = rect_cut_right(&control, 52 * unit);
    rect_cut_right(&control, 4 * unit);
    uint64_t before = chrome->run->experiment->seed;
    int64_t seed = before > INT64_MAX ? INT64_MAX : (int64_t)before;
    bool changed = ui_number(chrome->ui, "seed", control, 0, INT64_MAX, &seed);
    if (ui_button(chrome->ui, "seed.next", next, chrome_text(chrome, "next", "下一个"),
                  seed < INT64_MAX)) {
        seed++;
        changed = true;
    }
    ui_tip(chrome->ui,
           chrome_text(chrome, "start again with the next seed", "用下一个种子重新开始"));
    if (!changed || (uint64_t)seed == before) return;
    Experiment *edited = edit_begin(chrome->run);
    if (edited) edited->seed = (uint64_t)seed;
    finish(chrome, edited);
}

/// All sections, from the top of r.  @return how high they are
static float contents(Chrome *chrome, Rect r, Layout *layout, const LayoutFrame *frame) {
    float top = r.y;
    static const char *const ids[] = {"section.data", "section.network", "section.training"};
    const char *titles[] = {chrome_text(chrome, "Data", "数据"),
                            chrome_text(chrome, "Network", "网络"),
                            chrome_text(chrome, "Training", "训练")};
    static void (*const draw[])(Chrome *, Rect *) = {data_section, network_section,
                                                     training_section};
    for (int i = 0; i < 3; i++) {
        bool open = !chrome->sections[i];
        Rect header = row(chrome, &r, UI_SECTION);
        if (ui_section(chrome->ui, ids[i], header, titles[i], &open)) draw[i](chrome, &r);
        chrome->sections[i] = !open;
        rect_cut_top(&r, 4 * chrome->scale);
    }
    layout_panels(layout, frame, &r, chrome->actions);
    rect_cut_top(&r, 8 * chrome->scale);
    seed_row(chrome, &r);
    return r.y - top;
}

void sidepanel_draw(Chrome *chrome, Rect r, Layout *layout, const LayoutFrame *frame) {
    Ui *ui = chrome->ui;
    const UiInput *input = ui_input(ui);
    float unit = chrome->scale, pad = 8 * unit;
    draw_rect(ui_gfx(ui), r, 0, chrome->theme->panel);
    chrome_hairline(chrome, r, EDGE_RIGHT);
    Rect focused;
    if (ui_focus_moved(ui, &focused)) {
        float low = focused.y + focused.h + pad - (r.y + r.h), high = r.y + pad - focused.y;
        bool inside = focused.x >= r.x && focused.x + focused.w <= r.x + r.w;
        if (inside && low > 0) chrome->panel_scroll += low;
        if (inside && high > 0) chrome->panel_scroll -= high;
    }
    if (rect_contains(r, input->mouse_x, input->mouse_y) && input->mouse_inside)
        chrome->panel_scroll -= input->wheel * 48 * unit;
    chrome->panel_scroll = fmaxf(0, fminf(chrome->panel_scroll, chrome->panel_overflow));

    Rect inside = {r.x + 16 * unit, r.y + pad - chrome->panel_scroll, r.w - 32 * unit, 1e5f};
    Rect clip = r;
    clip.w -= fmaxf(1, unit);
    ui_clip_push(ui, clip);
    float height = contents(chrome, inside, layout, frame) + 2 * pad;
    ui_clip_pop(ui);
    chrome->panel_overflow = fmaxf(0, height - r.h);
    if (chrome->panel_overflow > 0) { // how much lies outside
        float size = r.h * r.h / height;
        float at = (r.h - size) * fminf(1, chrome->panel_scroll / chrome->panel_overflow);
        Rect bar = {r.x + r.w - 6 * unit, r.y + at + 2 * unit, 3 * unit, size - 4 * unit};
        draw_rect(ui_gfx(ui), bar, 1.5f * unit, color_alpha(chrome->theme->muted, 0.45f));
    }
}
