/// The status bar: the timeline, what there is to say in words, and how fast training goes.
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/chrome.h"
#include "plot/ticks.h"

/// What to say where neither news nor the run have a message.
static void hint(const Chrome *chrome, char *text, size_t size) {
    const Snapshot *run = chrome->run;
    const Experiment *experiment = run->experiment;
    snprintf(text, size, "%s", chrome_text(chrome, experiment->title_en, experiment->title_zh));
    if (run->state == RUN_RUNNING) return;
    if (run->epoch < run->last_epoch) {
        snprintf(text, size,
                 chrome_text(chrome, "looking back at epoch %" PRId64 " of %" PRId64,
                             "回看第 %" PRId64 " 轮，共 %" PRId64 " 轮"),
                 run->epoch, run->last_epoch);
    } else if (run->state == RUN_DONE) {
        snprintf(text, size,
                 chrome_text(chrome, "done after %" PRId64 " epochs · press ← to look back",
                             "%" PRId64 " 轮后完成 · 按 ← 回看"),
                 run->epoch);
    } else if (run->epoch == 0 && run->cursor == 0) {
        snprintf(text, size, "%s",
                 chrome_text(chrome, "press Space to train · ? shows all keys",
                             "按空格开始训练 · ? 显示所有按键"));
    }
}

void status_message(const Chrome *chrome, char *text, size_t size) {
    const Snapshot *run = chrome->run;
    if (!chrome->chinese) {
        snprintf(text, size, "%s", run->message);
    } else if (run->state == RUN_DIVERGED) {
        snprintf(text, size, "损失在第 %" PRId64 " 轮变为无穷大：请减小学习率（现为 %g）或重新开始",
                 run->diverged_epoch, (double)run->optimizer.learning_rate);
    } else if (run->state == RUN_DONE && !run->warns && run->best_epoch > 0) {
        snprintf(text, size,
                 "在第 %" PRId64 " 轮提前停止：%s损失自第 %" PRId64 " 轮起没有改善，已取该轮权重",
                 run->epoch, run->data->n > run->data->n_train ? "测试" : "训练", run->best_epoch);
    } else {
        snprintf(text, size, "%s", run->message);
    }
}

static void timeline(Chrome *chrome, Rect r) {
    const Snapshot *run = chrome->run;
    Draft *draft = &chrome->seek;
    bool held = ui_held(chrome->ui, "timeline");
    if (!held) draft->on = false;
    double epoch = draft->on ? draft->value : (double)run->epoch;
    UiSlider desc = {.lo = 0, .hi = (double)run->last_epoch, .step = 1};
    if (!ui_slider(chrome->ui, "timeline", r, &desc, &epoch)) return;
    *draft = (Draft){.on = true, .value = epoch};
    view_emit(chrome->actions, (Command){.kind = COMMAND_SEEK, .epoch = (int64_t)epoch});
}

/// On one line, or smaller on two where it is long: what is wrong must be read to its end.
static void draw_message(Gfx *gfx, TextStyle style, Rect r, float unit, const char *text) {
    const float y = r.y + r.h / 2;
    char first[1024];
    snprintf(first, sizeof first, "%s", text);
    if (text_width(gfx, &style, text) <= r.w || r.h < 30 * unit) {
        draw_text_fit(gfx, &style, r.x, y, r.w, text);
        return;
    }
    style.size = 11.5f * unit;
    char *space = NULL;
    while (text_width(gfx, &style, first) > r.w && (space = strrchr(first, ' '))) *space = '\0';
    const char *second = text + strlen(first);
    draw_text_fit(gfx, &style, r.x, y - 7 * unit, r.w, first);
    draw_text_fit(gfx, &style, r.x, y + 7 * unit, r.w, second + (*second == ' '));
}

void statusbar_draw(Chrome *chrome, Rect r) {
    Gfx *gfx = ui_gfx(chrome->ui);
    const Theme *theme = chrome->theme;
    const Snapshot *run = chrome->run;
    float unit = chrome->scale;
    draw_rect(gfx, r, 0, theme->panel);
    chrome_hairline(chrome, r, EDGE_TOP);
    r = (Rect){r.x + 16 * unit, r.y, r.w - 32 * unit, r.h};

    TextStyle style = {.size = 13 * unit, .color = theme->muted, .tabular = true};
    char rate[64] = "";
    if (run->state == RUN_RUNNING && run->samples_per_second > 0)
        rate_print(run->samples_per_second, chrome_text(chrome, "samples/s", "样本/秒"), rate,
                   sizeof rate);
    float beside = r.w - (r.w > 700 * unit ? 140 * unit : 0); // whether or not the rate is there
    float length = beside * (beside > 900 * unit ? 0.46f : 0.4f);
    if (rate[0] && r.w > 700 * unit) {
        Rect place = rect_cut_right(&r, 140 * unit);
        float width = text_width(gfx, &style, rate);
        draw_text(gfx, &style, place.x + place.w - width, r.y + r.h / 2, rate);
    }
    timeline(chrome, rect_cut_left(&r, length));
    rect_cut_left(&r, 18 * unit);

    char text[1024];
    bool warns = false, opens = false;
    if (ui_held(chrome->ui, "pace")) {
        pace_print(chrome, run->pace, run->unit, text, sizeof text);
    } else if (chrome->loading) {
        snprintf(text, sizeof text, "%s", chrome_text(chrome, "loading…", "正在加载…"));
    } else if (chrome->notice) {
        snprintf(text, sizeof text, "%s", chrome->notice);
        warns = chrome->notice_is_error;
        opens = chrome->notice_opens;
    } else if (run->message[0]) {
        status_message(chrome, text, sizeof text);
        warns = run->warns;
    } else {
        hint(chrome, text, sizeof text);
    }
    style.color = warns ? theme->warning : theme->muted;
    if (opens) {
        style.color = theme->accent;
        if (text_width(gfx, &style, text) > r.w) style.size = 11.5f * unit;
        if (ui_link(chrome->ui, "notice", r, &style, text)) chrome->wishes.open_folder = true;
        ui_tip(chrome->ui, chrome_text(chrome, "open its folder", "打开所在文件夹"));
    } else {
        draw_message(gfx, style, r, unit, text);
    }
}
