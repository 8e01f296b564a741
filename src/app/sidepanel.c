/// The side panel: what the run is made of. The optimizer's settings change live; all else starts
/// the run anew with a changed copy of its experiment, when the slider is let go.
#include <math.h>

#include "app/panel.h"
#include "gfx/text.h"

static void seed_row(Chrome *chrome, Rect *r) {
    Rect control = panel_labelled(chrome, r, chrome_text(chrome, "seed", "种子"));
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
    panel_finish(chrome, edited);
}

/// Which of two runs the panel is about.
static void name_row(Chrome *chrome, Rect *r) {
    Rect place = panel_row(chrome, r, UI_ROW);
    Gfx *gfx = ui_gfx(chrome->ui);
    const char *which = chrome_text(chrome, "the run at the left", "左边的运行");
    TextStyle bold = {
        .size = 15 * chrome->scale, .weight = TEXT_BOLD, .color = chrome->theme->text};
    TextStyle muted = {.size = 13 * chrome->scale, .color = chrome->theme->muted};
    float y = place.y + place.h / 2, gap = 10 * chrome->scale;
    float width = draw_text_fit(gfx, &bold, place.x, y, place.w, chrome->run->experiment->name);
    if (width + gap + text_width(gfx, &muted, which) > place.w) return;
    muted.align = TEXT_RIGHT;
    draw_text(gfx, &muted, place.x + place.w, y, which);
}

static void panel_window(Chrome *chrome, Rect *r) {
    bool reduced = chrome->reduced_motion;
    if (ui_toggle(chrome->ui, "window.reduced_motion", panel_row(chrome, r, UI_ROW),
                  chrome_text(chrome, "reduced motion", "减少动态效果"), &reduced)) {
        chrome->wishes.next_motion = true;
    }
    ui_tip(chrome->ui, chrome_text(chrome, "nothing moves by itself, and nothing eases",
                                   "没有自行移动和渐变的东西"));
}

/// The seed and all sections, from the top of r.  @return how high they are
static float contents(Chrome *chrome, Rect r, Layout *layout, const LayoutFrame *frame) {
    float top = r.y;
    static const char *const ids[CHROME_SECTIONS] = {
        "section.data",           "section.network", "section.training", "section.race",
        "section.regularisation", "section.capture", "section.window"};
    const char *titles[CHROME_SECTIONS] = {chrome_text(chrome, "Data", "数据"),
                                           chrome_text(chrome, "Network", "网络"),
                                           chrome_text(chrome, "Training", "训练"),
                                           chrome_text(chrome, "Race", "赛跑"),
                                           chrome_text(chrome, "Regularisation", "正则化"),
                                           chrome_text(chrome, "Capture", "录制"),
                                           chrome_text(chrome, "Window", "窗口")};
    static void (*const draw[CHROME_SECTIONS])(Chrome *, Rect *) = {
        panel_data,           panel_network, panel_training, panel_race,
        panel_regularisation, panel_capture, panel_window};
    rect_cut_top(&r, 4 * chrome->scale);
    if (chrome->compared) name_row(chrome, &r);
    seed_row(chrome, &r);
    for (int i = 0; i < CHROME_SECTIONS; i++) {
        if (i == SECTION_CAPTURE) layout_panels(layout, frame, &r, chrome->actions);
        bool open = !chrome->sections[i];
        Rect header = panel_row(chrome, &r, UI_SECTION);
        if (ui_section(chrome->ui, ids[i], header, titles[i], &open)) draw[i](chrome, &r);
        chrome->sections[i] = !open;
        rect_cut_top(&r, 4 * chrome->scale);
    }
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
