/// The side panel's section of the race: which optimizers run beside the experiment's own.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/panel.h"

#define RATE_LO 1e-5
#define RATE_HI 1.0

/// What a rival can be: each kind but the perceptron rule, and sgd with momentum.
typedef struct Choice {
    OptimizerKind kind;
    bool heavy;
} Choice;

static const Choice choices[] = {
    {OPTIMIZER_SGD, false},     {OPTIMIZER_SGD, true},   {OPTIMIZER_EMA_MOMENTUM, false},
    {OPTIMIZER_RMSPROP, false}, {OPTIMIZER_ADAM, false}, {OPTIMIZER_ADAMW, false},
};
enum { CHOICES = sizeof choices / sizeof *choices };

static int choice_of(const OptimizerDesc *optimizer) {
    bool heavy = optimizer->kind == OPTIMIZER_SGD && optimizer->momentum > 0;
    for (int i = 0; i < CHOICES; i++) {
        if (choices[i].kind == optimizer->kind && choices[i].heavy == heavy) return i;
    }
    return -1;
}

static void finish(Chrome *chrome, Experiment *edited) {
    panel_finish(chrome, edited);
    for (int i = 0; i < RIVALS_MAX; i++) chrome->rates[i].on = false;
}

/// The colour that the views give it, a menu of optimizers, and a button that takes it out.
static void kind_row(Chrome *chrome, Rect *r, int i) {
    float unit = chrome->scale;
    char id[40], texts[CHOICES][40];
    const char *items[CHOICES];
    for (int k = 0; k < CHOICES; k++) {
        chrome_item(chrome, optimizer_name(choices[k].kind), texts[k], sizeof texts[k]);
        if (choices[k].heavy)
            snprintf(texts[k], sizeof texts[k], "%s",
                     chrome_text(chrome, "SGD momentum", "SGD 动量"));
        items[k] = texts[k];
    }
    Rect row = panel_row(chrome, r, UI_ROW);
    Rect dot = rect_cut_left(&row, 20 * unit);
    draw_circle(ui_gfx(chrome->ui), dot.x + 6 * unit, dot.y + dot.h / 2, 5 * unit,
                chrome->theme->rivals[i]);
    Rect remove = rect_cut_right(&row, UI_ROW * unit);
    rect_cut_right(&row, 4 * unit);
    int index = choice_of(&chrome->run->experiment->race[i].optimizer), before = index;
    snprintf(id, sizeof id, "race.%d.kind", i);
    if (ui_menu(chrome->ui, id, row, items, CHOICES, &index) && index != before) {
        Experiment *edited = edit_begin(chrome->run);
        if (edited) edit_rival_kind(edited, i, choices[index].kind, choices[index].heavy);
        finish(chrome, edited);
    }
    snprintf(id, sizeof id, "race.%d.remove", i);
    if (ui_button(chrome->ui, id, remove, "×", true)) {
        Experiment *edited = edit_begin(chrome->run);
        if (edited) edit_rival_remove(edited, i);
        finish(chrome, edited);
    }
    ui_tip(chrome->ui, chrome_text(chrome, "take it out of the race", "退出赛跑"));
}

static void rate_row(Chrome *chrome, Rect *r, int i) {
    double rate = (double)chrome->run->experiment->race[i].optimizer.learning_rate;
    UiSlider desc = {.lo = fmin(RATE_LO, fmax(rate, 1e-12)),
                     .hi = fmax(RATE_HI, rate),
                     .log = true,
                     .label = chrome_text(chrome, "learning rate", "学习率")};
    char id[40];
    snprintf(id, sizeof id, "race.%d.rate", i);
    if (!panel_drafted(chrome, r, id, desc, &chrome->rates[i], &rate)) return;
    Experiment *edited = edit_begin(chrome->run);
    if (edited) edit_rival_rate(edited, i, (float)rate);
    finish(chrome, edited);
}

/// Switched off, a race is kept for when it is switched on again.
static void toggle(Chrome *chrome, bool on) {
    Experiment *edited = edit_begin(chrome->run);
    if (edited && on) {
        memcpy(edited->race, chrome->race, sizeof edited->race);
        edited->n_race = chrome->n_race;
        edit_race(edited);
    } else if (edited) {
        memcpy(chrome->race, edited->race, sizeof edited->race);
        chrome->n_race = edited->n_race;
        edited->n_race = 0;
    }
    finish(chrome, edited);
}

void panel_race(Chrome *chrome, Rect *r) {
    int n = chrome->run->experiment->n_race;
    if (!edit_race_fits(chrome->run)) {
        ui_label(chrome->ui, panel_row(chrome, r, UI_ROW), TEXT_LEFT, true,
                 chrome_text(chrome, "the perceptron rule runs alone", "感知机规则独自训练"));
        return;
    }
    bool on = n > 0;
    if (ui_toggle(chrome->ui, "race.on", panel_row(chrome, r, UI_ROW),
                  chrome_text(chrome, "several optimizers at once", "多个优化器同时训练"), &on)) {
        toggle(chrome, on);
    }
    for (int i = 0; i < n; i++) {
        kind_row(chrome, r, i);
        rate_row(chrome, r, i);
    }
    if (n == 0) return;
    if (ui_button(chrome->ui, "race.add", panel_row(chrome, r, UI_ROW),
                  chrome_text(chrome, "add an optimizer", "增加一个优化器"), n < RIVALS_MAX)) {
        Experiment *edited = edit_begin(chrome->run);
        if (edited) edit_rival_add(edited);
        finish(chrome, edited);
    }
}
