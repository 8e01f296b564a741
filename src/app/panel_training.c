/// The side panel's sections of how the network is trained.
#include <math.h>
#include <stdio.h>

#include "app/panel.h"

#define RATE_LO  1e-5
#define RATE_HI  1.0
#define SHARE_HI 0.99

/// A copy to change, or NULL; then what is changed in it, and its end.
#define EDIT(change)                                                                               \
    do {                                                                                           \
        Experiment *edited = edit_begin(chrome->run);                                              \
        if (edited) change;                                                                        \
        panel_finish(chrome, edited);                                                              \
    } while (0)

static void loss_menu(Chrome *chrome, Rect *r) {
    const Snapshot *run = chrome->run;
    const char *items[PANEL_ITEMS_MAX];
    Loss losses[PANEL_ITEMS_MAX];
    int n = 0, index = -1;
    for (int i = 0; i < LOSS_COUNT; i++) {
        bool now = i == (int)run->experiment->loss;
        if (!now && !edit_loss_fits(run, (Loss)i)) continue;
        if (now) index = n;
        losses[n] = (Loss)i;
        items[n++] = loss_name((Loss)i);
    }
    if (panel_menu(chrome, r, "training.loss", chrome_text(chrome, "loss", "损失"), items, n,
                   &index)) {
        EDIT(edit_loss(edited, losses[index]));
    }
}

// ---- optimizer

/// The base rate, and what a schedule makes of it at present.
static void print_rate(const Chrome *chrome, char *text, size_t size) {
    const Snapshot *run = chrome->run;
    char base[32], now[32];
    chrome_number((double)run->optimizer.learning_rate, base, sizeof base);
    snprintf(now, sizeof now, "%.3g", (double)run->learning_rate);
    if (run->experiment->schedule.kind == SCHEDULE_CONSTANT) {
        snprintf(text, size, "%s", base);
    } else {
        snprintf(text, size, "%s → %s", base, now);
    }
}

/// The settings that this kind of optimizer has.
static void optimizer_settings(Chrome *chrome, Rect *r) {
    const OptimizerDesc *now = &chrome->run->optimizer;
    UiSlider share = {.hi = SHARE_HI, .step = 0.01};
    UiSlider near_one = {.hi = 0.9999, .step = 0.0001};
    bool is_sgd = now->kind == OPTIMIZER_SGD, is_adamw = now->kind == OPTIMIZER_ADAMW;
    if (is_sgd || now->kind == OPTIMIZER_RMSPROP) {
        share.label = chrome_text(chrome, "momentum", "动量");
        panel_live(chrome, r, "training.momentum", share, COMMAND_SET_MOMENTUM,
                   (double)now->momentum);
    }
    if (is_sgd && (now->momentum > 0 || now->nesterov)) {
        bool nesterov = now->nesterov;
        if (ui_toggle(chrome->ui, "training.nesterov", panel_row(chrome, r, UI_ROW), "Nesterov",
                      &nesterov)) {
            EDIT(edited->optimizer.nesterov = nesterov);
        }
    }
    if (now->kind == OPTIMIZER_EMA_MOMENTUM) {
        share.label = "beta";
        panel_live(chrome, r, "training.beta", share, COMMAND_SET_BETA, (double)now->beta);
    }
    if (now->kind == OPTIMIZER_RMSPROP) {
        near_one.label = "alpha";
        panel_live(chrome, r, "training.alpha", near_one, COMMAND_SET_ALPHA, (double)now->alpha);
    }
    if (now->kind == OPTIMIZER_ADAM || is_adamw) {
        share.label = "beta 1";
        panel_live(chrome, r, "training.beta1", share, COMMAND_SET_BETA1, (double)now->beta1);
        near_one.label = "beta 2";
        panel_live(chrome, r, "training.beta2", near_one, COMMAND_SET_BETA2, (double)now->beta2);
    }
}

static void optimizer_rows(Chrome *chrome, Rect *r) {
    const Snapshot *run = chrome->run;
    const char *items[OPTIMIZER_COUNT];
    for (int i = 0; i < OPTIMIZER_COUNT; i++) items[i] = optimizer_name((OptimizerKind)i);
    int kind = (int)run->optimizer.kind;
    if (panel_menu(chrome, r, "training.optimizer", chrome_text(chrome, "optimizer", "优化器"),
                   items, OPTIMIZER_COUNT, &kind)) {
        EDIT(edit_optimizer(edited, (OptimizerKind)kind));
    }
    char text[80];
    print_rate(chrome, text, sizeof text);
    UiSlider rate = {.lo = RATE_LO,
                     .hi = RATE_HI,
                     .log = true,
                     .label = chrome_text(chrome, "learning rate", "学习率"),
                     .value = text};
    panel_live(chrome, r, "training.learning_rate", rate, COMMAND_SET_LEARNING_RATE,
               (double)run->optimizer.learning_rate);
    optimizer_settings(chrome, r);
}

// ---- schedule

static void schedule_settings(Chrome *chrome, Rect *r) {
    const Experiment *experiment = chrome->run->experiment;
    const ScheduleDesc *now = &experiment->schedule;
    bool is_step = now->kind == SCHEDULE_STEP, is_warmup = now->kind == SCHEDULE_WARMUP_COSINE;
    int64_t epochs = is_step ? now->step_size : now->warmup;
    if (is_step &&
        panel_number(chrome, r, "schedule.step_size", chrome_text(chrome, "step size", "步长 (轮)"),
                     1, EPOCHS_MAX, &epochs)) {
        EDIT((edited->schedule.step_size = epochs, edited->given.step_size = true));
    }
    if (is_warmup &&
        panel_number(chrome, r, "schedule.warmup", chrome_text(chrome, "warmup", "预热 (轮)"), 0,
                     EPOCHS_MAX, &epochs)) {
        EDIT((edited->schedule.warmup = epochs, edited->given.warmup = true));
    }
    if (is_step || now->kind == SCHEDULE_EXPONENTIAL) {
        double gamma = round((double)now->gamma * 1e6) / 1e6;
        UiSlider desc = {.lo = 0.01,
                         .hi = fmax(1, gamma),
                         .step = is_step ? 0.01 : 0.001,
                         .label = chrome_text(chrome, "times", "乘以")};
        if (panel_drafted(chrome, r, "schedule.gamma", desc, &chrome->gamma, &gamma)) {
            EDIT((edited->schedule.gamma = (float)gamma, edited->given.gamma = true));
        }
    }
    bool ends = now->kind == SCHEDULE_COSINE || is_warmup;
    int64_t end = experiment->epochs;
    if (ends && now->epochs == 0 &&
        panel_number(chrome, r, "training.epochs", chrome_text(chrome, "epochs", "轮数"), 1,
                     EPOCHS_MAX, &end)) {
        EDIT(edited->epochs = end);
    }
}

static void schedule_rows(Chrome *chrome, Rect *r) {
    const char *items[SCHEDULE_COUNT];
    for (int i = 0; i < SCHEDULE_COUNT; i++) items[i] = schedule_name((ScheduleKind)i);
    int kind = (int)chrome->run->experiment->schedule.kind;
    if (panel_menu(chrome, r, "training.schedule", chrome_text(chrome, "schedule", "学习率调度"),
                   items, SCHEDULE_COUNT, &kind)) {
        EDIT(edit_schedule(edited, (ScheduleKind)kind));
    }
    schedule_settings(chrome, r);
}

// ---- batches

static void batch_menu(Chrome *chrome, Rect *r) {
    const Snapshot *run = chrome->run;
    char texts[PANEL_ITEMS_MAX][16];
    const char *items[PANEL_ITEMS_MAX];
    int sizes[PANEL_ITEMS_MAX], n = 0, index = -1;
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
    bool shuffle = run->experiment->shuffle, toggled;
    bool chosen = panel_menu_toggle(chrome, r, "training.batch", chrome_text(chrome, "batch", "批"),
                                    items, n, &index, "training.shuffle",
                                    chrome_text(chrome, "shuffle", "打乱"), &shuffle, &toggled);
    if (chosen)
        EDIT(edit_batch(edited, sizes[index]));
    else if (toggled)
        EDIT(edited->shuffle = shuffle);
}

void panel_training(Chrome *chrome, Rect *r) {
    loss_menu(chrome, r);
    optimizer_rows(chrome, r);
    schedule_rows(chrome, r);
    batch_menu(chrome, r);
}

// ---- regularisation

static const double strengths[] = {0, 1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1};
static const double patiences[] = {0, 3, 5, 10, 20, 50, 100, 200};

static void print_strength(const Chrome *chrome, double value, char *text, size_t size) {
    if (value == 0) {
        snprintf(text, size, "%s", chrome_text(chrome, "none", "无"));
    } else {
        chrome_number(value, text, size);
    }
}

static void print_patience(const Chrome *chrome, double value, char *text, size_t size) {
    if (value == 0) {
        snprintf(text, size, "%s", chrome_text(chrome, "never", "从不"));
    } else {
        snprintf(text, size, chrome_text(chrome, "after %.0f epochs", "%.0f 轮后"), value);
    }
}

/// A penalty of the weights.  @return true where another strength was chosen
static bool strength_menu(Chrome *chrome, Rect *r, const char *id, const char *label,
                          double *strength) {
    enum { N = sizeof strengths / sizeof *strengths };
    *strength = round(*strength * 1e9) / 1e9; // 0.1f is 0.1
    return panel_values(chrome, r, id, label, strengths, N, print_strength, strength);
}

void panel_regularisation(Chrome *chrome, Rect *r) {
    const Experiment *experiment = chrome->run->experiment;
    double l1 = (double)experiment->l1, l2 = (double)experiment->l2;
    if (strength_menu(chrome, r, "training.l1", "L1", &l1)) EDIT(edited->l1 = (float)l1);
    if (strength_menu(chrome, r, "training.l2", "L2", &l2)) EDIT(edited->l2 = (float)l2);
    const OptimizerDesc *optimizer = &chrome->run->optimizer;
    if (optimizer->kind == OPTIMIZER_ADAMW || optimizer->weight_decay > 0) {
        UiSlider decay = {
            .hi = 0.5, .step = 0.001, .label = chrome_text(chrome, "weight decay", "权重衰减")};
        panel_live(chrome, r, "training.weight_decay", decay, COMMAND_SET_WEIGHT_DECAY,
                   (double)optimizer->weight_decay);
    }
    if (experiment->n_layers > 1) {
        double dropout = round((double)experiment->layers[0].desc.dropout * 1e6) / 1e6;
        UiSlider desc = {.hi = fmax(0.9, dropout),
                         .step = 0.05,
                         .label = chrome_text(chrome, "dropout", "随机失活")};
        if (panel_drafted(chrome, r, "network.dropout", desc, &chrome->dropout, &dropout))
            EDIT(edit_dropout(edited, (float)dropout));
    }
    double patience = (double)experiment->early_stopping.patience;
    if (panel_values(chrome, r, "training.patience", chrome_text(chrome, "stop early", "提前停止"),
                     patiences, sizeof patiences / sizeof *patiences, print_patience, &patience)) {
        EDIT(edited->early_stopping.patience = (int64_t)patience);
    }
}
