/// The top bar: experiment, restart, play, step, pace; then epoch, loss and accuracy; then the
/// buttons of the window. In a narrow window the least important goes first, step by step, until
/// the rest fits.
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/chrome.h"
#include "plot/ticks.h"
#include "train/experiment.h"

enum { EXPERIMENTS_MAX = 64, NAME_MAX_BYTES = 96 };

#define PACE_SLIDER_END 1500.0 // beyond 1000 the slider means "as fast as it goes"
#define PACE_SLIDER_MAX 1000.0

static const double paces[] = {0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, PACE_MAX};

double pace_step(double pace, int direction) {
    enum { N = sizeof paces / sizeof *paces };
    if (direction > 0) {
        for (int i = 0; i < N; i++) {
            if (paces[i] > pace * 1.0001) return paces[i];
        }
        return PACE_MAX;
    }
    for (int i = N; i-- > 0;) {
        if (paces[i] < pace * 0.9999) return paces[i];
    }
    return PACE_MIN;
}

void pace_print(const Chrome *chrome, double pace, StepUnit unit, char *text, size_t size) {
    static const char *const en[] = {"samples/s", "batches/s", "epochs/s"};
    static const char *const zh[] = {"样本/秒", "批/秒", "轮/秒"};
    char number[TICK_LABEL_MAX];
    if (pace >= PACE_MAX) {
        snprintf(text, size, "%s", chrome_text(chrome, "as fast as it goes", "全速"));
        return;
    }
    number_print(pace, 2, number, sizeof number);
    snprintf(text, size, "%s %s", number, chrome_text(chrome, en[unit], zh[unit]));
}

#define FILM_MENU_WIDTH 18.0f // units

/// What there is room for.
typedef struct Plan {
    float pace_width; // units; 0: no slider
    bool wordmark, unit_menu, pace_text, long_labels, labels, test_loss, accuracy, loss, epoch;
    bool camera, record, film_menu, help, theme, restart, step;
    float menu_width;
} Plan;

/// Each level gives up one more thing.
static Plan plan_of(int level) {
    Plan plan = {
        .pace_width = level < 1    ? 168
                      : level < 3  ? 112
                      : level < 11 ? 72
                                   : 0,
        .long_labels = level < 2,
        .unit_menu = level < 5,
        .wordmark = level < 4,
        .camera = level < 6,
        .record = level < 17,
        .film_menu = level < 11,
        .menu_width = level < 7    ? 168
                      : level < 15 ? 128
                                   : 84,
        .test_loss = level < 8,
        .pace_text = level < 9,
        .accuracy = level < 10,
        .labels = level < 13,
        .theme = level < 12,
        .help = level < 14,
        .loss = level < 16,
        .restart = level < 18,
        .step = level < 19,
        .epoch = level < 20,
    };
    return plan;
}
enum { PLAN_LEVELS = 22, WHOLE_NAME_LEVELS = 5, MENU_MOST = 232 };

/// One number with its name.
typedef struct Figure {
    const char *id, *label;
    char value[32];
    const char *room; // the width kept for the value, so that nothing shifts while it runs
} Figure;

static TextStyle value_style(const Chrome *chrome) {
    return (TextStyle){.size = 16 * chrome->scale,
                       .weight = TEXT_BOLD,
                       .color = chrome->theme->text,
                       .tabular = true};
}

static TextStyle label_style(const Chrome *chrome) {
    return (TextStyle){.size = 14 * chrome->scale, .color = chrome->theme->muted, .tabular = true};
}

static void print_percent(double share, char *text, size_t size) {
    snprintf(text, size, "%.1f %%", 100 * share);
}

/// The figures that there are, in their order.
static int figures_of(const Chrome *chrome, const Plan *plan, Figure figures[4]) {
    const Snapshot *run = chrome->run;
    bool has_test = run->data->n > run->data->n_train;
    int n = 0;
    if (plan->epoch) {
        Figure *epoch = &figures[n++];
        *epoch = (Figure){.id = "epoch", .label = chrome_text(chrome, "epoch", "轮")};
        snprintf(epoch->value, sizeof epoch->value, "%" PRId64, run->epoch);
        epoch->room = run->target >= 100000 ? "0000000" : run->target >= 1000 ? "00000" : "0000";
    }
    if (plan->loss) {
        Figure *loss = &figures[n++];
        *loss =
            (Figure){.id = "loss", .label = chrome_text(chrome, "loss", "损失"), .room = "0.0000"};
        number_print(run->metrics.train_loss, 3, loss->value, sizeof loss->value);
    }
    if (plan->loss && plan->test_loss && has_test) {
        Figure *loss = &figures[n++];
        *loss = (Figure){
            .id = "test_loss", .label = chrome_text(chrome, "test", "测试"), .room = "0.0000"};
        number_print(run->metrics.test_loss, 3, loss->value, sizeof loss->value);
    }
    if (plan->accuracy && isfinite(run->metrics.train_accuracy)) {
        Figure *accuracy = &figures[n++];
        const char *label = plan->long_labels ? chrome_text(chrome, "accuracy", "正确率")
                                              : chrome_text(chrome, "acc", "正确率");
        *accuracy = (Figure){.id = "accuracy", .label = label, .room = "00.0 %"};
        print_percent(run->metrics.train_accuracy, accuracy->value, sizeof accuracy->value);
    }
    if (!plan->labels) {
        for (int i = 0; i < n; i++) figures[i].label = "";
    }
    return n;
}

static float figure_width(Chrome *chrome, const Figure *figure) {
    Gfx *gfx = ui_gfx(chrome->ui);
    TextStyle value = value_style(chrome), label = label_style(chrome);
    float width =
        fmaxf(text_width(gfx, &value, figure->value), text_width(gfx, &value, figure->room));
    if (*figure->label) width += text_width(gfx, &label, figure->label) + 7 * chrome->scale;
    return width + 20 * chrome->scale;
}

/// The widest text that the pace can have, so that the slider keeps its place.
static float pace_text_width(Chrome *chrome) {
    TextStyle style = label_style(chrome);
    float width = 0;
    char text[64];
    for (int i = 0; i < 3; i++) {
        pace_print(chrome, i < 2 ? 1000 : PACE_MAX, chrome->run->unit, text, sizeof text);
        width = fmaxf(width, text_width(ui_gfx(chrome->ui), &style, text));
    }
    return width;
}

static float wordmark_width(Chrome *chrome) {
    TextStyle style = value_style(chrome);
    style.size = 18 * chrome->scale;
    return text_width(ui_gfx(chrome->ui), &style, "saddle");
}

/// How wide the experiment's menu is with the whole of its name, in units.
static float full_menu(Chrome *chrome) {
    TextStyle style = label_style(chrome);
    style.tabular = false;
    char name[NAME_MAX_BYTES];
    snprintf(name, sizeof name, "%.64s%s", chrome->run->experiment->name,
             chrome->edited ? " *" : "");
    return ceilf(text_width(ui_gfx(chrome->ui), &style, name) / chrome->scale) + 36;
}

/// "1:07", what was recorded so far.
static void print_recorded(const Chrome *chrome, char *text, size_t size) {
    const int seconds = (int)chrome->film_seconds;
    snprintf(text, size, "%d:%02d", seconds / 60, seconds % 60);
}

static TextStyle recorded_style(const Chrome *chrome) {
    return (TextStyle){.size = 14 * chrome->scale,
                       .weight = TEXT_BOLD,
                       .color = chrome->theme->text,
                       .tabular = true};
}

/// The button of films, in units: while one is recorded its time stands in it.
static float record_width(Chrome *chrome) {
    if (chrome->film != FILM_RECORDS) return 32;
    TextStyle style = recorded_style(chrome);
    char text[16];
    print_recorded(chrome, text, sizeof text);
    Gfx *gfx = ui_gfx(chrome->ui);
    const float width = fmaxf(text_width(gfx, &style, text), text_width(gfx, &style, "0:00"));
    return ceilf(width / chrome->scale) + 38;
}

static float wanted_width(Chrome *chrome, const Plan *plan) {
    float unit = chrome->scale, button = (32 + 6) * unit;
    float width = (12 + 12) * unit + button; // edges, the panel's button
    if (plan->wordmark) width += wordmark_width(chrome) + 14 * unit;
    width += (plan->menu_width + 16) * unit;
    width += (44 + 6) * unit + (plan->restart ? button : 0) + (plan->step ? button : 0);
    if (plan->unit_menu) width += (88 + 6) * unit;
    if (plan->pace_width > 0) width += (plan->pace_width + 16) * unit;
    if (plan->pace_text) width += pace_text_width(chrome) + 10 * unit;
    width += button * (float)(plan->camera + plan->help + plan->theme);
    if (plan->film_menu) width += (FILM_MENU_WIDTH + 6) * unit;
    if (plan->record) width += (record_width(chrome) + 6) * unit;
    Figure figures[4];
    int n = figures_of(chrome, plan, figures);
    for (int i = 0; i < n; i++) width += figure_width(chrome, &figures[i]);
    return width;
}

static void experiment_menu(Chrome *chrome, Rect r) {
    const char *items[EXPERIMENTS_MAX + 2];
    char edited[NAME_MAX_BYTES];
    const Experiment *now = chrome->run->experiment;
    const char *const *names = experiment_names();
    int n = 0, index = -1;
    for (; names[n] && n < EXPERIMENTS_MAX; n++) {
        items[n] = names[n];
        if (strcmp(names[n], now->name) == 0) index = n;
    }
    int file = -1;
    if (chrome->file) {
        file = n;
        items[n++] = chrome->file->name;
        if (now == chrome->file || strcmp(chrome->file->name, now->name) == 0) index = file;
    }
    int changed = -1;
    if (chrome->edited || index < 0) {
        snprintf(edited, sizeof edited, "%.64s%s", now->name, chrome->edited ? " *" : "");
        index = changed = n;
        items[n++] = edited;
    }
    if (!ui_menu(chrome->ui, "experiment", r, items, n, &index) || index == changed) return;
    if (index == file)
        chrome->wishes.reload_file = true;
    else
        chrome->wishes.experiment = names[index];
}

static void pace_slider(Chrome *chrome, Rect r) {
    const Snapshot *run = chrome->run;
    double value = run->pace >= PACE_MAX ? PACE_SLIDER_END : run->pace;
    UiSlider desc = {.lo = PACE_MIN, .hi = PACE_SLIDER_END, .log = true};
    if (!ui_slider(chrome->ui, "pace", r, &desc, &value)) return;
    double pace = value > PACE_SLIDER_MAX ? PACE_MAX : value;
    if (pace != run->pace)
        view_emit(chrome->actions, (Command){.kind = COMMAND_SET_PACE, .value = pace});
}

static void unit_menu(Chrome *chrome, Rect r) {
    const char *items[] = {chrome_text(chrome, "sample", "样本"),
                           chrome_text(chrome, "batch", "批"), chrome_text(chrome, "epoch", "轮")};
    int index = (int)chrome->run->unit;
    if (ui_menu(chrome->ui, "unit", r, items, 3, &index))
        view_emit(chrome->actions, (Command){.kind = COMMAND_SET_UNIT, .unit = (StepUnit)index});
}

/// A button's place at the left of *r, or at its right; r keeps the rest.
static Rect place_left(Chrome *chrome, Rect *r, float units, float gap) {
    Rect cut = rect_cut_left(r, (units + gap) * chrome->scale);
    float height = UI_ROW * chrome->scale;
    return (Rect){cut.x, cut.y + (cut.h - height) / 2, units * chrome->scale, height};
}

static Rect place_right(Chrome *chrome, Rect *r, float units) {
    Rect cut = rect_cut_right(r, (units + 6) * chrome->scale);
    float height = UI_ROW * chrome->scale;
    return (Rect){cut.x + 6 * chrome->scale, cut.y + (cut.h - height) / 2, units * chrome->scale,
                  height};
}

static void draw_controls(Chrome *chrome, const Plan *plan, Rect *r) {
    Ui *ui = chrome->ui;
    Gfx *gfx = ui_gfx(ui);
    const Snapshot *run = chrome->run;
    ViewActions *actions = chrome->actions;
    if (ui_icon_button(ui, "panel", place_left(chrome, r, 32, 6), UI_ICON_PANEL, false, true,
                       chrome_text(chrome, "settings of the run", "运行设置")))
        chrome->wishes.fold_panel = true;
    if (plan->wordmark) {
        TextStyle style = value_style(chrome);
        style.size = 18 * chrome->scale;
        r->x += 4 * chrome->scale;
        draw_text(gfx, &style, r->x, r->y + r->h / 2, "saddle");
        rect_cut_left(r, wordmark_width(chrome) + 10 * chrome->scale);
    }
    experiment_menu(chrome, place_left(chrome, r, plan->menu_width, 16));
    if (plan->restart &&
        ui_icon_button(ui, "restart", place_left(chrome, r, 32, 6), UI_ICON_RESTART, false, true,
                       chrome_text(chrome, "back to the start (Home)", "回到开始 (Home)")))
        view_emit(actions, (Command){.kind = COMMAND_RESTART});
    bool running = run->state == RUN_RUNNING;
    if (ui_icon_button(ui, "play", place_left(chrome, r, 44, 6),
                       running ? UI_ICON_PAUSE : UI_ICON_PLAY, true, true,
                       running ? chrome_text(chrome, "pause (Space)", "暂停 (空格)")
                               : chrome_text(chrome, "train (Space)", "训练 (空格)")))
        view_emit(actions, (Command){.kind = running ? COMMAND_PAUSE : COMMAND_PLAY});
    if (plan->step && ui_icon_button(ui, "step", place_left(chrome, r, 32, 6), UI_ICON_STEP, false,
                                     true, chrome_text(chrome, "one step (.)", "一步 (.)")))
        view_emit(actions, (Command){.kind = COMMAND_STEP, .unit = run->unit});
    if (plan->unit_menu) unit_menu(chrome, place_left(chrome, r, 88, 6));
    if (plan->pace_text) {
        char text[64];
        TextStyle style = label_style(chrome);
        pace_print(chrome, run->pace, run->unit, text, sizeof text);
        rect_cut_left(r, 10 * chrome->scale);
        float width = pace_text_width(chrome);
        style.align = TEXT_RIGHT;
        draw_text(gfx, &style, r->x + width, r->y + r->h / 2, text);
        ui_mark(ui, "pace.text", (Rect){r->x, r->y, width, r->h});
        rect_cut_left(r, width);
    }
    if (plan->pace_width > 0) {
        rect_cut_left(r, 10 * chrome->scale);
        pace_slider(chrome, place_left(chrome, r, plan->pace_width, 6));
        ui_tip(ui, chrome_text(chrome, "pace ( [ ] )", "速度 ( [ ] )"));
    }
}

static void record_button(Chrome *chrome, Rect r) {
    const bool records = chrome->film == FILM_RECORDS;
    const char *tip = records ? chrome_text(chrome, "stop recording (F9)", "停止录制 (F9)")
                      : chrome->film == FILM_FINISHES
                          ? chrome_text(chrome, "the film is being finished", "正在完成影片")
                          : chrome_text(chrome, "record a film (F9)", "录制影片 (F9)");
    if (ui_icon_button(chrome->ui, "record", r, records ? UI_ICON_NONE : UI_ICON_RECORD, false,
                       chrome->film != FILM_FINISHES, tip))
        chrome->wishes.film = true;
    if (!records) return;
    char text[16];
    print_recorded(chrome, text, sizeof text);
    Gfx *gfx = ui_gfx(chrome->ui);
    TextStyle style = recorded_style(chrome);
    const float unit = chrome->scale, y = r.y + r.h / 2;
    const Rect mark = {r.x + 11 * unit, y - 5 * unit, 10 * unit, 10 * unit};
    if (chrome->film_waits)
        draw_rect_outline(gfx, mark, 1.6f * unit, 1.5f * unit, chrome->theme->recording);
    else
        draw_rect(gfx, mark, 1.6f * unit, chrome->theme->recording);
    draw_text(gfx, &style, r.x + 28 * unit, y, text);
}

/// The kinds of films, behind a small triangle at the button's side.
static void film_menu(Chrome *chrome, Rect r) {
    const char *items[CHROME_FILMS_MAX];
    const int n = chrome_films(chrome, items);
    ui_title_menu(chrome->ui, "record.kind", r, items, n, &chrome->film_type,
                  chrome_text(chrome, "what kind of film", "影片格式"));
}

static void draw_buttons(Chrome *chrome, const Plan *plan, Rect *r) {
    Ui *ui = chrome->ui;
    // From the right; the order of Tab is that of drawing, hence places first.
    Rect theme = plan->theme ? place_right(chrome, r, 32) : (Rect){0};
    Rect help = plan->help ? place_right(chrome, r, 32) : (Rect){0};
    Rect camera = plan->camera ? place_right(chrome, r, 32) : (Rect){0};
    if (plan->film_menu) film_menu(chrome, place_right(chrome, r, FILM_MENU_WIDTH));
    if (plan->record) record_button(chrome, place_right(chrome, r, record_width(chrome)));
    if (plan->camera &&
        ui_icon_button(ui, "screenshot", camera, UI_ICON_CAMERA, false, true,
                       chrome_text(chrome, "save a picture (F12)", "保存图片 (F12)")))
        chrome->wishes.screenshot = true;
    if (plan->help && ui_icon_button(ui, "help", help, UI_ICON_HELP, false, true,
                                     chrome_text(chrome, "all keys (?)", "所有按键 (?)")))
        chrome->wishes.help = true;
    if (plan->theme && ui_icon_button(ui, "theme", theme, UI_ICON_THEME, false, true,
                                      chrome_text(chrome, "dark or light", "深色或浅色")))
        chrome->wishes.next_theme = true;
}

static void draw_figures(Chrome *chrome, const Plan *plan, Rect r) {
    Figure figures[4];
    Gfx *gfx = ui_gfx(chrome->ui);
    TextStyle value = value_style(chrome), label = label_style(chrome);
    int n = figures_of(chrome, plan, figures);
    float y = r.y + r.h / 2;
    for (int i = n; i-- > 0;) {
        Rect place = rect_cut_right(&r, figure_width(chrome, &figures[i]));
        float x = place.x + 10 * chrome->scale;
        if (*figures[i].label)
            x += draw_text(gfx, &label, x, y, figures[i].label) + 7 * chrome->scale;
        x += draw_text(gfx, &value, x, y, figures[i].value);
        ui_mark(chrome->ui, figures[i].id, (Rect){place.x, r.y, x - place.x, r.h});
    }
}

void topbar_draw(Chrome *chrome, Rect r) {
    draw_rect(ui_gfx(chrome->ui), r, 0, chrome->theme->panel);
    chrome_hairline(chrome, r, EDGE_BOTTOM);
    // The whole name of the experiment matters more than a long slider, but not more than the rest.
    float whole = fminf(full_menu(chrome), MENU_MOST), spare = 0;
    Plan plan;
    for (int level = 0; level < PLAN_LEVELS; level++) {
        plan = plan_of(level);
        if (chrome->film == FILM_RECORDS) { // it must be seen, and be stopped
            plan.record = true;
            plan.film_menu = false;
        }
        if (level < WHOLE_NAME_LEVELS) plan.menu_width = fmaxf(plan.menu_width, whole);
        spare = r.w - wanted_width(chrome, &plan);
        if (spare >= 0) break;
    }
    if (spare > 0 && plan.menu_width < whole)
        plan.menu_width = fminf(whole, plan.menu_width + spare / chrome->scale);
    r = (Rect){r.x + 12 * chrome->scale, r.y, r.w - 24 * chrome->scale, r.h};
    draw_controls(chrome, &plan, &r);
    draw_buttons(chrome, &plan, &r);
    draw_figures(chrome, &plan, r);
}
