#include "views/race.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

#include "gfx/text.h"
#include "plot/ticks.h"

int race_count(const ViewContext *context) {
    return context->n_rivals > 0 ? 1 + context->n_rivals : 0;
}

const Snapshot *race_run(const ViewContext *context, int i) {
    assert(i >= 0 && i <= context->n_rivals);
    return i == 0 ? context->run : context->rivals[i - 1];
}

Color race_color(const ViewContext *context, int i) {
    return i == 0 ? context->theme->ball : context->theme->rivals[i - 1];
}

void race_name(const ViewContext *context, int i, char *text, size_t size) {
    static const char *const names[OPTIMIZER_COUNT] = {
        [OPTIMIZER_SGD] = "SGD",         [OPTIMIZER_EMA_MOMENTUM] = "EMA momentum",
        [OPTIMIZER_RMSPROP] = "RMSprop", [OPTIMIZER_ADAM] = "Adam",
        [OPTIMIZER_ADAMW] = "AdamW",     [OPTIMIZER_PERCEPTRON] = "perceptron",
    };
    const Experiment *experiment = context->run->experiment;
    if (i > 0 && experiment->race[i - 1].name[0]) {
        snprintf(text, size, "%s", experiment->race[i - 1].name);
        return;
    }
    const OptimizerDesc *own = &race_run(context, i)->optimizer;
    bool heavy =
        (own->kind == OPTIMIZER_SGD || own->kind == OPTIMIZER_RMSPROP) && own->momentum > 0;
    const char *more = !heavy          ? ""
                       : own->nesterov ? " Nesterov"
                                       : view_text(context, " momentum", " 动量");
    snprintf(text, size, "%s%s", names[own->kind], more);
}

double race_loss(const ViewContext *context, int i, bool test) {
    const Metrics *metrics = &race_run(context, i)->metrics;
    return test ? metrics->test_loss : metrics->train_loss;
}

// ---- the table ----------------------------------------------------------------------------------

enum { COLUMNS = 3, CELL = 48, ROWS = 2 + RIVALS_MAX }; // name, rate, loss; a head and the runs

static void fill_table(const ViewContext *context, bool test, char cells[ROWS][COLUMNS][CELL]) {
    snprintf(cells[0][0], CELL, "%s", "");
    snprintf(cells[0][1], CELL, "%s", view_text(context, "rate", "学习率"));
    snprintf(cells[0][2], CELL, "%s", view_loss(context));
    for (int i = 0; i < race_count(context); i++) {
        race_name(context, i, cells[1 + i][0], CELL);
        const Snapshot *run = race_run(context, i);
        number_print_short((double)run->optimizer.learning_rate, 3, cells[1 + i][1], CELL);
        if (run->state == RUN_DIVERGED) {
            snprintf(cells[1 + i][2], CELL, "%s", view_text(context, "diverged", "发散"));
        } else {
            number_print(race_loss(context, i, test), 4, cells[1 + i][2], CELL);
        }
    }
}

/// The table as it is set where there is room for so much of it.
typedef struct Standings {
    char cells[ROWS][COLUMNS][CELL];
    float widths[COLUMNS], w, h, line;
    bool shown[COLUMNS];
} Standings;

// Units.
#define MARK        18.0f
#define COLUMN_GAP  14.0f
#define PAD         8.0f

#define LEGEND_MOST 0.3f // of a figure's height

static TextStyle table_style(const ViewContext *context) {
    return (TextStyle){.size = 12 * context->scale, .color = context->theme->text, .tabular = true};
}

static Standings set_table(const ViewContext *context, Rect area, bool test) {
    float scale = context->scale, gap = COLUMN_GAP * scale;
    int n = race_count(context);
    // A figure's numbers stand in its caption.
    Standings table = {.shown = {true, !context->figure, !context->figure}};
    TextStyle style = table_style(context);
    fill_table(context, test, table.cells);
    for (int row = 0; row <= n; row++) {
        for (int k = 0; k < COLUMNS; k++) {
            float width = text_width(context->gfx, &style, table.cells[row][k]);
            table.widths[k] = fmaxf(table.widths[k], width);
        }
    }
    const float *widths = table.widths;
    table.line = text_line_height(context->gfx, style.size) + 2 * scale;
    table.w = (2 * PAD + MARK) * scale + widths[0];
    table.h = (float)(n + 1) * table.line + PAD * scale;
    for (int k = 1; k < COLUMNS; k++) {
        if (table.shown[k]) table.w += widths[k] + gap;
    }
    float room = 0.5f * area.w; // the rest is the picture's
    for (int k = 1; k < COLUMNS; k++) {
        if (!table.shown[k] || table.w <= room) continue;
        table.shown[k] = false;
        table.w -= widths[k] + gap;
    }
    if (!table.shown[2]) table.h -= table.line; // without a head
    if (table.w > area.w || table.h > 0.6f * area.h) table.w = table.h = 0;
    return table;
}

Rect race_legend_box(const ViewContext *context, Rect area, bool test) {
    if (race_count(context) == 0) return (Rect){area.x, area.y, 0, 0};
    Standings table = set_table(context, area, test);
    return (Rect){area.x, area.y, table.w, table.h};
}

/// A run's mark and name, with its middle at x, y.
static void draw_name(const ViewContext *context, const TextStyle *style, int run, float x, float y,
                      const char *name) {
    const float scale = context->scale;
    draw_circle(context->gfx, x + 5 * scale, y, 5.5f * scale, context->theme->halo);
    draw_circle(context->gfx, x + 5 * scale, y, 4.2f * scale, race_color(context, run));
    draw_text(context->gfx, style, x + MARK * scale, y, name);
}

void race_cut_legend(const ViewContext *context, Rect *area) {
    const float scale = context->scale, gap = COLUMN_GAP * scale;
    const TextStyle style = table_style(context);
    const float line = text_line_height(context->gfx, style.size) + 2 * scale;
    char names[1 + RIVALS_MAX][48];
    float xs[1 + RIVALS_MAX], ys[1 + RIVALS_MAX], x = 0, y = line / 2;
    const int n = race_count(context);
    for (int run = 0; run < n; run++) {
        race_name(context, run, names[run], sizeof names[run]);
        const float width = MARK * scale + text_width(context->gfx, &style, names[run]);
        if (run > 0 && x + width > area->w) {
            x = 0;
            y += line;
        }
        xs[run] = x;
        ys[run] = y;
        x += width + gap;
    }
    if (y + line / 2 > LEGEND_MOST * area->h) return; // the picture is too small for any
    for (int run = 0; run < n; run++)
        draw_name(context, &style, run, area->x + xs[run], area->y + ys[run], names[run]);
    rect_cut_top(area, y + line / 2);
}

void race_legend(const ViewContext *context, Rect area, float left, float top, bool test) {
    int n = race_count(context);
    if (n == 0) return;
    Standings table = set_table(context, area, test);
    if (table.w <= 0) return;
    float scale = context->scale, gap = COLUMN_GAP * scale, pad = PAD * scale;
    float line = table.line;
    TextStyle style = table_style(context);
    Rect box = rect_round((Rect){left, top, table.w, table.h});
    draw_rect(context->gfx, box, 5 * scale, color_alpha(context->theme->panel, 0.92f));
    float y = box.y + pad / 2 + line / 2;
    for (int row = table.shown[2] ? 0 : 1; row <= n; row++) {
        float x = box.x + pad;
        style.color = row > 0 ? context->theme->text : context->theme->muted;
        style.align = TEXT_LEFT;
        if (row > 0)
            draw_name(context, &style, row - 1, x, y, table.cells[row][0]);
        else
            draw_text(context->gfx, &style, x + MARK * scale, y, table.cells[row][0]);
        style.align = TEXT_RIGHT;
        x = box.x + box.w - pad;
        for (int k = COLUMNS - 1; k > 0; k--) {
            if (!table.shown[k]) continue;
            if (k == 1) style.color = context->theme->muted;
            draw_text(context->gfx, &style, x, y, table.cells[row][k]);
            x -= table.widths[k] + gap;
        }
        y += line;
    }
}
