/// The landscape's section of the side panel: which two weights, how far around, and how.
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plot/ticks.h"
#include "views/landscape_state.h"

#define GROW 1.5

/// The menus' texts: a list of numbers long enough for the widest layer, made once.
struct LandscapeMenus {
    char numbers[NETWORK_UNITS_MAX + 1][8];
    const char *number_items[NETWORK_UNITS_MAX + 1];
    char layers[NETWORK_LAYERS_MAX][16];
    const char *layer_items[NETWORK_LAYERS_MAX];
    const char *input_items[NETWORK_UNITS_MAX + 1]; // numbers, and the bias at the end
};

void landscape_menus_destroy(LandscapeMenus *menus) {
    free(menus);
}

static LandscapeMenus *menus_create(void) {
    LandscapeMenus *menus = malloc(sizeof *menus);
    if (!menus) return NULL;
    for (int i = 0; i <= NETWORK_UNITS_MAX; i++) {
        snprintf(menus->numbers[i], sizeof menus->numbers[i], "%d", i);
        menus->number_items[i] = menus->numbers[i];
    }
    for (int i = 0; i < NETWORK_LAYERS_MAX; i++) {
        char index[12];
        view_subscript(i, index, sizeof index);
        snprintf(menus->layers[i], sizeof menus->layers[i], "w%s", index);
        menus->layer_items[i] = menus->layers[i];
    }
    return menus;
}

/// The strip for the next row of the panel.
static Rect next_row(Ui *ui, Rect *r, float height) {
    Rect row = rect_cut_top(r, height * ui_scale(ui));
    rect_cut_top(r, UI_GAP * ui_scale(ui));
    return row;
}

static int clamp_int(int v, int hi) {
    return v < 0 ? 0 : v > hi ? hi : v;
}

/// Layer, neuron and input of one weight.
static void weight_row(LandscapeState *state, Ui *ui, const ViewContext *context, int axis,
                       Rect *r) {
    const Network *net = &context->run->net;
    const char *const names[] = {view_text(context, "weight a", "权重 a"),
                                 view_text(context, "weight b", "权重 b")};
    static const char *const ids[2][3] = {
        {"landscape.a.layer", "landscape.a.neuron", "landscape.a.input"},
        {"landscape.b.layer", "landscape.b.neuron", "landscape.b.input"}};
    LandscapeMenus *menus = state->menus;
    ParamRef *ref = &state->axes[axis];
    float gap = UI_GAP * ui_scale(ui);
    Rect row = next_row(ui, r, UI_ROW);
    Rect controls = rect_cut_right(&row, 0.72f * row.w);
    ui_label(ui, row, TEXT_LEFT, true, names[axis]);
    float width = (controls.w - 2 * gap) / 3;

    int layer = clamp_int(ref->layer, net->n_layers - 1);
    ui_menu(ui, ids[axis][0], rect_cut_left(&controls, width), menus->layer_items, net->n_layers,
            &layer);
    ui_tip(ui, view_text(context, "layer", "层"));
    const Layer *l = &net->layers[layer];
    rect_cut_left(&controls, gap);

    int neuron = clamp_int(ref->row, l->units - 1);
    ui_menu(ui, ids[axis][1], rect_cut_left(&controls, width), menus->number_items, l->units,
            &neuron);
    ui_tip(ui, view_text(context, "neuron", "神经元"));
    rect_cut_left(&controls, gap);

    int inputs = l->inputs;
    memcpy(menus->input_items, menus->number_items, sizeof menus->input_items);
    if (l->has_bias && inputs <= NETWORK_UNITS_MAX) menus->input_items[inputs++] = "b";
    int input =
        ref->col == PARAM_BIAS && l->has_bias ? l->inputs : clamp_int(ref->col, l->inputs - 1);
    ui_menu(ui, ids[axis][2], controls, menus->input_items, inputs, &input);
    ui_tip(ui, view_text(context, "input, or the neuron's bias", "输入，或该神经元的偏置"));
    *ref = (ParamRef){layer, neuron, input == l->inputs ? PARAM_BIAS : input};
}

/// "± 5", or both ends where the range is not about zero.
static void print_range(const LandscapeState *state, int axis, char *text, size_t size) {
    double lo = state->range[axis][0], hi = state->range[axis][1];
    char low[32], high[32];
    number_print_short(hi, 3, high, sizeof high);
    if (fabs(lo + hi) < 1e-6 * (hi - lo)) {
        snprintf(text, size, "± %s", high);
        return;
    }
    number_print_short(lo, 3, low, sizeof low);
    snprintf(text, size, "%s … %s", low, high);
}

static void range_row(LandscapeState *state, Ui *ui, const ViewContext *context, int axis,
                      Rect *r) {
    const char *const labels[2][2] = {
        {view_text(context, "range a", "范围 a"), view_text(context, "range b", "范围 b")},
        {view_text(context, "range a, about now", "范围 a（以当前值为中心）"),
         view_text(context, "range b, about now", "范围 b（以当前值为中心）")}};
    static const char *const ids[] = {"landscape.a.range", "landscape.b.range"};
    char value[80];
    print_range(state, axis, value, sizeof value);
    UiSlider slider = {.lo = LANDSCAPE_HALF_LEAST,
                       .hi = LANDSCAPE_HALF_MOST,
                       .log = true,
                       .label = labels[state->relative ? 1 : 0][axis],
                       .value = value};
    double *range = state->range[axis];
    double half = (range[1] - range[0]) / 2;
    if (!ui_slider(ui, ids[axis], next_row(ui, r, UI_SLIDER), &slider, &half)) return;
    landscape_set_half(state, axis, half);
}

/// The surface as it was at an epoch of the path.
static void past_rows(LandscapeState *state, Ui *ui, const ViewContext *context, Rect *r) {
    const Snapshot *run = context->run;
    if (run->path_count < 2) return;
    const int64_t last = run->path->epoch[run->path_count - 1];
    bool past = state->past;
    if (ui_toggle(ui, "landscape.past", next_row(ui, r, UI_ROW),
                  view_text(context, "as it was", "回到过去的曲面"), &past)) {
        state->past = past;
        state->past_epoch = last;
    }
    ui_tip(ui, view_text(context, "the surface that an earlier epoch's weights lay on",
                         "较早一轮的权重所在的曲面"));
    if (!state->past) return;
    char value[32];
    snprintf(value, sizeof value, "%" PRId64, state->past_epoch);
    const UiSlider slider = {.lo = 0,
                             .hi = (double)last,
                             .step = 1,
                             .label = view_text(context, "at epoch", "轮次"),
                             .value = value};
    double epoch = (double)state->past_epoch;
    if (ui_slider(ui, "landscape.past.epoch", next_row(ui, r, UI_SLIDER), &slider, &epoch)) {
        state->past_epoch = (int64_t)epoch;
    }
}

/// Both ranges, nearer and farther, at the right end of r.
static void grow_buttons(LandscapeState *state, Ui *ui, const ViewContext *context, Rect *r) {
    float gap = UI_GAP * ui_scale(ui), side = 26 * ui_scale(ui);
    Rect wider = rect_cut_right(r, side);
    rect_cut_right(r, gap);
    Rect narrower = rect_cut_right(r, side);
    rect_cut_right(r, gap);
    if (ui_button(ui, "landscape.narrower", narrower, "−", true)) {
        landscape_grow(state, 1 / GROW);
    }
    ui_tip(ui, view_text(context, "smaller ranges", "缩小范围"));
    if (ui_button(ui, "landscape.wider", wider, "+", true)) landscape_grow(state, GROW);
    ui_tip(ui, view_text(context, "larger ranges", "扩大范围"));
}

/// What is drawn beside the surface.
static void extras_row(LandscapeState *state, Ui *ui, const ViewContext *context, Rect *r) {
    Rect row = next_row(ui, r, UI_ROW);
    float gap = 4 * UI_GAP * ui_scale(ui);
    const char *name = view_text(context, "gradient", "梯度");
    ui_toggle(ui, "landscape.arrows", rect_cut_left(&row, ui_toggle_width(ui, name)), name,
              &state->arrows);
    ui_tip(ui, view_text(context, "arrows down the slope, and the optimizer's next step",
                         "沿负梯度的箭头，以及优化器的下一步"));
    rect_cut_left(&row, gap);
    name = view_text(context, "stems", "垂线");
    ui_toggle(ui, "landscape.stems", rect_cut_left(&row, ui_toggle_width(ui, name)), name,
              &state->stems);
    ui_tip(ui, view_text(context, "from the path to the surface, where they are apart",
                         "路径与曲面分离处的连线"));
}

void landscape_header(void *state_, Ui *ui, const ViewContext *context, Rect *r,
                      ViewActions *actions) {
    (void)actions;
    LandscapeState *state = state_;
    const char *const names[LANDSCAPE_CAMERAS] = {
        [LANDSCAPE_3D] = view_text(context, "3-D", "三维"),
        [LANDSCAPE_TOP] = view_text(context, "map", "等高线图"),
        [LANDSCAPE_SIDE_A] = view_text(context, "along a", "沿 a"),
        [LANDSCAPE_SIDE_B] = view_text(context, "along b", "沿 b")};
    float width = 0, gap = 8 * ui_scale(ui);
    for (int i = 0; i < LANDSCAPE_CAMERAS; i++) {
        width = fmaxf(width, ui_text_button_width(ui, names[i]));
    }
    if (r->w < width) return;
    LandscapeCamera from = landscape_looks_from(state);
    int choice = (int)from;
    if (ui_menu(ui, "landscape.camera", rect_cut_right(r, width), names, LANDSCAPE_CAMERAS,
                &choice)) {
        landscape_go(state, context, (LandscapeCamera)choice);
    }
    ui_tip(ui, view_text(context, "from where", "视角"));
    const char *turn = view_text(context, "turn", "旋转");
    width = view_toggle_width(ui, turn);
    if (r->w < width + gap || context->reduced_motion || from != LANDSCAPE_3D) return;
    rect_cut_right(r, gap);
    ui_toggle(ui, "landscape.turn", rect_cut_right(r, width), turn, &state->turning);
}

void landscape_panel(void *state_, Ui *ui, const ViewContext *context, Rect *r,
                     ViewActions *actions) {
    (void)actions;
    const Snapshot *run = context->run;
    LandscapeState *state = state_;
    if (!state->menus) state->menus = menus_create();
    if (!state->menus) return;
    float scale = ui_scale(ui);
    if (!ui_section(ui, "landscape.section", rect_cut_top(r, UI_SECTION * scale),
                    view_text(context, "Landscape", "地形"), &state->open)) {
        return;
    }
    if (!landscape_plane_panel(state, ui, context, r)) {
        for (int axis = 0; axis < 2; axis++) weight_row(state, ui, context, axis, r);
    }
    for (int axis = 0; axis < 2; axis++) range_row(state, ui, context, axis, r);
    past_rows(state, ui, context, r);

    Rect row = next_row(ui, r, UI_ROW);
    Rect controls = rect_cut_right(&row, UI_CONTROL_SHARE * row.w);
    grow_buttons(state, ui, context, &controls);
    if (ui_button(ui, "landscape.fit", controls, view_text(context, "fit to path", "适应路径"),
                  run->path_count > 1)) {
        landscape_fit_path(state, context);
    }
    ui_tip(ui, view_text(context, "ranges in which the path spans about a third",
                         "使路径约占范围的三分之一"));
    bool log = state->log;
    const char *name = view_text(context, "log", "对数");
    Rect toggle = rect_cut_left(&row, ui_toggle_width(ui, name));
    if (ui_toggle(ui, "landscape.log", toggle, name, &log)) {
        state->log = log;
        state->z.set = false;
        state->refit = true;
    }
    extras_row(state, ui, context, r);
    if (run->data->n > run->data->n_train) {
        const char *const splits[] = {view_text(context, "train", "训练"),
                                      view_text(context, "test", "测试")};
        row = next_row(ui, r, UI_ROW);
        controls = rect_cut_right(&row, UI_CONTROL_SHARE * row.w);
        ui_label(ui, row, TEXT_LEFT, true, view_text(context, "loss over", "损失数据"));
        int split = state->test_split ? 1 : 0;
        if (ui_menu(ui, "landscape.split", controls, splits, 2, &split)) {
            state->test_split = split == 1;
        }
    }
}
