#include "views/compare.h"

#include <math.h>
#include <stdio.h>

#include "gfx/text.h"
#include "plot/ticks.h"

#define NAME_LINE 26.0f
#define GAP       16.0f

void compare_places(Rect area, float scale, Rect names[COMPARED], Rect views[COMPARED]) {
    float gap = fminf(GAP * scale, 0.1f * area.w);
    float line = fminf(roundf(NAME_LINE * scale), 0.2f * area.h);
    float width = floorf((area.w - gap) / 2);
    for (int i = 0; i < COMPARED; i++) {
        Rect half = rect_cut_left(&area, width);
        rect_cut_left(&area, gap);
        names[i] = rect_cut_top(&half, line);
        views[i] = half;
    }
}

void compare_name(Gfx *gfx, const Theme *theme, float scale, Rect r, const Snapshot *run,
                  bool chinese) {
    const Experiment *experiment = run->experiment;
    char epoch[TICK_LABEL_MAX], loss[TICK_LABEL_MAX], figures[3 * TICK_LABEL_MAX];
    bool test = experiment->landscape.test_split;
    count_print(run->epoch, epoch, sizeof epoch);
    number_print(test ? run->metrics.test_loss : run->metrics.train_loss, 4, loss, sizeof loss);
    snprintf(figures, sizeof figures, "%s %s   %s %s", chinese ? "轮次" : "epoch", epoch,
             test      ? chinese ? "测试损失" : "test loss"
             : chinese ? "损失"
                       : "loss",
             loss);
    TextStyle bold = {.size = 15 * scale, .weight = TEXT_BOLD, .color = theme->text};
    TextStyle muted = {.size = 13 * scale, .color = theme->muted, .tabular = true};
    float y = r.y + 0.4f * r.h, gap = 12 * scale;
    rect_cut_left(&r, 4 * scale);
    float width = draw_text_fit(gfx, &bold, r.x, y, r.w, experiment->name);
    rect_cut_left(&r, width + gap);
    float room = text_width(gfx, &muted, figures);
    if (room > r.w) return;
    Rect right = rect_cut_right(&r, room + gap);
    draw_text(gfx, &muted, right.x + gap, y, figures);
    const char *title = chinese ? experiment->title_zh : experiment->title_en;
    if (title[0] && text_width(gfx, &muted, title) <= r.w) draw_text(gfx, &muted, r.x, y, title);
}
