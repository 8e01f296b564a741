/// Colours are drawn as steps on whole pixels, so that no ground shows between them.
#include "plot/colorbar.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "gfx/text.h"
#include "plot/ticks.h"

enum { STEPS = 128, LABEL_SIZE_MAX = 64, TICKS_MOST = 6 };

// Units.
#define TEXT_SIZE  12.0f
#define TICK       4.0f
#define TICK_GAP   4.0f
#define TICK_SPACE 60.0f
#define LABEL_GAP  12.0f // from the bar to the middle of its label
#define LINE       14.0f
#define CAP        8.0f

/// As many as suit its height, and more where fewer than two were left with a label.
static Ticks ticks_of(const ColorbarDesc *desc, float height, float scale) {
    int wanted = (int)fmaxf(2, fminf(TICKS_MOST, height / (TICK_SPACE * scale)));
    for (;; wanted++) {
        const Ticks ticks = desc->log ? ticks_log(desc->lo, desc->hi, wanted)
                                      : ticks_linear(desc->lo, desc->hi, wanted);
        int labelled = 0;
        for (int i = 0; i < ticks.count; i++) labelled += ticks.at[i].label[0] != '\0';
        if (labelled >= 2 || wanted >= TICKS_MOST) return ticks;
    }
}

static TextStyle style_of(float scale) {
    return (TextStyle){.size = TEXT_SIZE * scale, .align = TEXT_LEFT, .tabular = true};
}

float colorbar_width(Gfx *gfx, float scale, const ColorbarDesc *desc, float height) {
    const Ticks ticks = ticks_of(desc, height, scale);
    const TextStyle style = style_of(scale);
    float widest = 0;
    for (int i = 0; i < ticks.count; i++)
        widest = fmaxf(widest, text_width(gfx, &style, ticks.at[i].label));
    return ceilf((COLORBAR_WIDTH + TICK + TICK_GAP) * scale + widest);
}

/// Where a label breaks that has no room in one line; NULL: in none or nowhere.
static const char *break_of(Gfx *gfx, float scale, const char *label, float room) {
    const TextStyle style = style_of(scale);
    if (!label || text_width(gfx, &style, label) <= room) return NULL;
    const char *at = strpbrk(label, " -");
    return at && at[1] && strlen(label) < LABEL_SIZE_MAX ? at + 1 : NULL;
}

float colorbar_above(Gfx *gfx, float scale, const ColorbarDesc *desc, float room) {
    const float cap = desc->beyond ? CAP : 0;
    if (!desc->label) return cap * scale;
    const bool two = break_of(gfx, scale, desc->label, room) != NULL;
    return (cap + 2 * LABEL_GAP + (two ? LINE : 0)) * scale;
}

static void draw_label(Gfx *gfx, const Theme *theme, float scale, float x, float y, float room,
                       const char *label) {
    TextStyle style = style_of(scale);
    style.color = color_mix(theme->muted, theme->text, 0.35f);
    const char *rest = break_of(gfx, scale, label, room);
    if (rest) {
        char first[LABEL_SIZE_MAX];
        snprintf(first, sizeof first, "%.*s", (int)(rest - label), label);
        draw_text_fit(gfx, &style, x, y - LINE * scale, room, first);
    }
    draw_text_fit(gfx, &style, x, y, room, rest ? rest : label);
}

void colorbar_draw(Gfx *gfx, const Theme *theme, float scale, Rect bar, float right,
                   const ColorbarDesc *desc) {
    for (int i = 0; i < STEPS; i++) {
        float y0 = roundf(bar.y + bar.h * (float)i / STEPS);
        float y1 = roundf(bar.y + bar.h * (float)(i + 1) / STEPS);
        int at = (int)(255.0f * (1 - ((float)i + 0.5f) / STEPS) + 0.5f);
        draw_rect(gfx, (Rect){bar.x, y0, bar.w, y1 - y0}, 0, desc->colors[at]);
    }
    float cap = desc->beyond ? roundf(CAP * scale) : 0;
    if (cap > 0) draw_rect(gfx, (Rect){bar.x, bar.y - cap, bar.w, cap}, 0, *desc->beyond);
    TextStyle style = style_of(scale);
    style.color = theme->muted;
    const Ticks ticks = ticks_of(desc, bar.h, scale);
    const double span = desc->log ? log(desc->hi / desc->lo) : desc->hi - desc->lo;
    for (int i = 0; i < ticks.count; i++) {
        double v = ticks.at[i].value;
        double share = (desc->log ? log(v / desc->lo) : v - desc->lo) / span;
        if (!ticks.at[i].label[0] || !(share >= 0 && share <= 1)) continue;
        float y = bar.y + bar.h * (1 - (float)share), x = bar.x + bar.w;
        draw_line(gfx, x, y, x + TICK * scale, y, fmaxf(1, scale), theme->hairline);
        draw_text(gfx, &style, x + (TICK + TICK_GAP) * scale, y, ticks.at[i].label);
    }
    if (desc->label)
        draw_label(gfx, theme, scale, bar.x, bar.y - cap - LABEL_GAP * scale, right - bar.x,
                   desc->label);
}

void colorbar_strip(Gfx *gfx, Rect bar, const Color *colors) {
    for (int i = 0; i < STEPS; i++) {
        float x0 = roundf(bar.x + bar.w * (float)i / STEPS);
        float x1 = roundf(bar.x + bar.w * (float)(i + 1) / STEPS);
        if (x1 > x0) draw_rect(gfx, (Rect){x0, bar.y, x1 - x0, bar.h}, 0, colors[2 * i + 1]);
    }
}
