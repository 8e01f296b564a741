/// The plot's inside depends on how wide the labels are, and which ticks are labelled on how wide
/// the inside is. Two rounds settle it: margins are measured for the ticks of the whole rectangle,
/// then for those of the inside that this leaves.
#include "plot/axes.h"

#include <math.h>
#include <string.h>

// Sizes in units.
#define TEXT_SIZE         12.0f
#define TICK_LENGTH       4.0f
#define LABEL_GAP         7.0f  // from the area to a tick's label
#define NAME_GAP          3.0f  // from the ticks' labels to the axis label
#define BETWEEN_X         12.0f // least space between neighbouring labels
#define BETWEEN_Y         4.0f
#define SLACK             1.0f  // beside labels at the ends: rounded to pixels they reach farther
#define WANTED_X          84.0f // space for a tick
#define WANTED_Y          44.0f
#define LOWEST_WITH_NAMES 7.0f // lines: lower plots leave their axes' labels out

enum { WANTED_MAX = 6 };

typedef struct Painter {
    Gfx *gfx;
    const Theme *theme;
    float scale, line; // line: the height of a line of labels
    TextStyle text;
} Painter;

/// What stands around the inside.
typedef struct Margins {
    float left, right, top, bottom;
} Margins;

/// An axis under construction: its ticks and the labels' widths in pixels.
typedef struct Scale {
    Ticks ticks;
    float widths[TICKS_MAX];
    float widest;
} Scale;

// ---- the mapping -------------------------------------------------------------------------------

static double fraction(const AxisDesc *axis, double v) {
    if (axis->log) {
        if (!(v > 0.0)) return (double)NAN;
        double lo = log10(axis->lo);
        return (log10(v) - lo) / (log10(axis->hi) - lo);
    }
    return (v * 0.5 - axis->lo * 0.5) / (axis->hi * 0.5 - axis->lo * 0.5);
}

static double value_at(const AxisDesc *axis, double t) {
    if (axis->log) return pow(10.0, log10(axis->lo) * (1.0 - t) + log10(axis->hi) * t);
    return axis->lo * (1.0 - t) + axis->hi * t;
}

float axes_x(const Axes *axes, double x) {
    return axes->area.x + (float)fraction(&axes->x, x) * axes->area.w;
}

float axes_y(const Axes *axes, double y) {
    return axes->area.y + (1.0f - (float)fraction(&axes->y, y)) * axes->area.h;
}

double axes_x_at(const Axes *axes, float px) {
    return value_at(&axes->x, (double)((px - axes->area.x) / axes->area.w));
}

double axes_y_at(const Axes *axes, float py) {
    return value_at(&axes->y, (double)(1.0f - (py - axes->area.y) / axes->area.h));
}

/// An axis whose range can be mapped.
static AxisDesc usable(AxisDesc axis) {
    if (axis.lo > axis.hi) {
        double swap = axis.lo;
        axis.lo = axis.hi;
        axis.hi = swap;
    }
    if (!isfinite(axis.lo) || !isfinite(axis.hi)) {
        axis.lo = 0.0;
        axis.hi = 1.0;
    }
    if (axis.log) {
        if (!(axis.hi > 0.0)) axis.hi = 1.0;
        if (!(axis.lo > 0.0)) axis.lo = axis.hi * 1e-3;
        if (!(axis.hi / axis.lo > 1.0 + 1e-9)) {
            axis.lo *= 0.5;
            axis.hi *= 2.0;
        }
    } else if (!(axis.hi * 0.5 - axis.lo * 0.5 > fmax(fabs(axis.lo), fabs(axis.hi)) * 1e-12)) {
        double pad = axis.lo != 0.0 ? fabs(axis.lo) * 0.1 : 0.5;
        axis.lo -= pad;
        axis.hi += pad;
    }
    return axis;
}

// ---- which ticks -------------------------------------------------------------------------------

static Ticks ticks_of(const AxisDesc *axis, int wanted) {
    if (axis->log) return ticks_log(axis->lo, axis->hi, wanted);
    double range = axis->hi - axis->lo;
    if (axis->whole && range < wanted) wanted = range < 1.0 ? 1 : (int)range;
    Ticks ticks = ticks_linear(axis->lo, axis->hi, wanted);
    if (!axis->whole) return ticks;
    int kept = 0;
    for (int i = 0; i < ticks.count; i++) {
        double whole = floor(ticks.at[i].value + 0.5);
        if (whole != ticks.at[i].value) continue;
        ticks.at[kept] = ticks.at[i];
        if (range < 2.0) number_print_short(whole, 7, ticks.at[kept].label, TICK_LABEL_MAX);
        kept++;
    }
    ticks.count = kept;
    return ticks;
}

/// Whether neighbouring labels keep their distance when the axis is that long.
static bool labels_fit(const AxisDesc *axis, const Scale *s, float length, float height,
                       float gap) {
    float end = -INFINITY;
    for (int i = 0; i < s->ticks.count; i++) {
        if (s->ticks.at[i].label[0] == '\0') continue;
        float at = (float)fraction(axis, s->ticks.at[i].value) * length;
        float half = (height > 0.0f ? height : s->widths[i]) / 2.0f;
        if (at - half < end + gap) return false;
        end = at + half;
    }
    return true;
}

static void measure(const Painter *p, Scale *s) {
    s->widest = 0.0f;
    for (int i = 0; i < s->ticks.count; i++) {
        const char *label = s->ticks.at[i].label;
        s->widths[i] = label[0] != '\0' ? text_width(p->gfx, &p->text, label) : 0.0f;
        s->widest = fmaxf(s->widest, s->widths[i]);
    }
}

static int count_labels(const Ticks *ticks) {
    int n = 0;
    for (int i = 0; i < ticks->count; i++) n += ticks->at[i].label[0] != '\0';
    return n;
}

/// @param height  of the labels where they stand above each other; 0: side by side
static bool try_ticks(const Painter *p, const AxisDesc *axis, float length, float height, float gap,
                      int wanted, Scale *s) {
    s->ticks = ticks_of(axis, wanted);
    measure(p, s);
    return labels_fit(axis, s, length, height, gap * p->scale);
}

/// As many ticks as have room on an axis of that length, and rather a few more than only two.
static void choose_ticks(const Painter *p, const AxisDesc *axis, float length, float space,
                         float height, float gap, Scale *s) {
    *s = (Scale){0};
    if (axis->hidden) return;
    int wanted = (int)(length / (space * p->scale));
    wanted = wanted < 2 ? 2 : wanted > WANTED_MAX ? WANTED_MAX : wanted;
    for (int more = wanted; more < wanted + 3; more++)
        if (try_ticks(p, axis, length, height, gap, more, s) && count_labels(&s->ticks) > 2) return;
    while (!try_ticks(p, axis, length, height, gap, wanted, s) && wanted > 1) wanted--;
}

// ---- layout ------------------------------------------------------------------------------------

/// Labels of y would else leave a narrow plot too little.
static bool y_labels_fit(const Painter *p, const Scale *y, Rect r) {
    return LABEL_GAP * p->scale + y->widest <= r.w * 0.4f;
}

static Margins margins_of(const Painter *p, const Axes *axes, const Scale *x, const Scale *y,
                          Rect r) {
    Margins m = {0};
    float length = axes->area.w, unit = p->scale;
    if (!axes->x.hidden) {
        m.bottom = LABEL_GAP * unit + p->line * 0.75f;
        if (axes->x.label != NULL) m.bottom += NAME_GAP * unit + p->line;
    }
    if (!axes->y.hidden) {
        m.left = (y_labels_fit(p, y, r) ? LABEL_GAP * unit + y->widest : TICK_LENGTH * unit);
        if (axes->y.label != NULL) m.top = p->line + NAME_GAP * unit;
        // Half of the labels at the ends stands out.
        m.top += p->line * 0.5f;
        m.bottom = fmaxf(m.bottom, p->line * 0.5f);
    }
    for (int i = 0; i < x->ticks.count; i++) {
        float at = (float)fraction(&axes->x, x->ticks.at[i].value) * length;
        float half = x->widths[i] / 2.0f + SLACK * unit;
        m.left = fmaxf(m.left, half - at);
        m.right = fmaxf(m.right, half - (length - at));
    }
    return m;
}

static Rect inside(Rect r, Margins m) {
    rect_cut_left(&r, m.left);
    rect_cut_right(&r, m.right);
    rect_cut_top(&r, m.top);
    rect_cut_bottom(&r, m.bottom);
    return r;
}

/// The largest part of the area in which a unit is as long in x as in y, in its middle.
static Rect square_part(Rect area, const Axes *axes) {
    double x = axes->x.hi - axes->x.lo, y = axes->y.hi - axes->y.lo;
    float unit = fminf(area.w / (float)x, area.h / (float)y);
    float w = unit * (float)x, h = unit * (float)y;
    return (Rect){area.x + (area.w - w) / 2.0f, area.y + (area.h - h) / 2.0f, w, h};
}

static void choose_both(const Painter *p, const Axes *axes, bool square, Scale *x, Scale *y) {
    float space = square ? WANTED_X : WANTED_Y; // a square with two steps looks odd
    choose_ticks(p, &axes->x, axes->area.w, WANTED_X, 0.0f, BETWEEN_X, x);
    choose_ticks(p, &axes->y, axes->area.h, space, p->line * 0.8f, BETWEEN_Y, y);
}

// ---- drawing -----------------------------------------------------------------------------------

static float hairline(const Painter *p) {
    return fmaxf(1.0f, floorf(p->scale));
}

static void vertical(const Painter *p, float x, float y0, float y1, Color c) {
    float w = hairline(p);
    draw_rect(p->gfx, (Rect){floorf(x - w / 2.0f + 0.5f), y0, w, y1 - y0}, 0.0f, c);
}

static void horizontal(const Painter *p, float y, float x0, float x1, Color c) {
    float w = hairline(p);
    draw_rect(p->gfx, (Rect){x0, floorf(y - w / 2.0f + 0.5f), x1 - x0, w}, 0.0f, c);
}

static void draw_x_ticks(const Painter *p, const Axes *axes, const Scale *s, Rect r, bool grid) {
    Rect a = axes->area;
    Color line = p->theme->hairline, mark = color_mix(line, p->theme->muted, 0.5f);
    float end = -INFINITY, bottom = a.y + a.h;
    for (int i = 0; i < s->ticks.count; i++) {
        const Tick *tick = &s->ticks.at[i];
        bool minor = tick->label[0] == '\0';
        float x = fminf(fmaxf(axes_x(axes, tick->value), a.x), a.x + a.w);
        float length = TICK_LENGTH * p->scale * (minor ? 0.6f : 1.0f);
        if (grid && x > a.x + 1.0f)
            vertical(p, x, a.y, bottom, minor ? color_alpha(line, 0.35f) : line);
        vertical(p, x, bottom, bottom + length, mark);
        if (minor) continue;
        // Wide labels at an end are moved a little, rather than cut.
        float half = s->widths[i] / 2.0f + SLACK * p->scale;
        float middle = fmaxf(fminf(x, r.x + r.w - half), r.x + half);
        if (middle - half < end || 2.0f * half > r.w) continue;
        draw_text(p->gfx, &p->text, middle, bottom + LABEL_GAP * p->scale + p->line * 0.35f,
                  tick->label);
        end = middle + half + BETWEEN_X * 0.5f * p->scale;
    }
}

static void draw_y_ticks(const Painter *p, const Axes *axes, const Scale *s, bool grid,
                         bool labels) {
    Rect a = axes->area;
    Color line = p->theme->hairline, mark = color_mix(line, p->theme->muted, 0.5f);
    TextStyle text = p->text;
    text.align = TEXT_RIGHT;
    float end = INFINITY;
    for (int i = 0; i < s->ticks.count; i++) {
        const Tick *tick = &s->ticks.at[i];
        bool minor = tick->label[0] == '\0';
        float y = fminf(fmaxf(axes_y(axes, tick->value), a.y), a.y + a.h);
        float length = TICK_LENGTH * p->scale * (minor ? 0.6f : 1.0f);
        if (grid && y < a.y + a.h - 1.0f)
            horizontal(p, y, a.x, a.x + a.w, minor ? color_alpha(line, 0.35f) : line);
        horizontal(p, y, a.x - length, a.x, mark);
        if (minor || !labels || y + p->line * 0.4f > end) continue;
        draw_text(p->gfx, &text, a.x - LABEL_GAP * p->scale, y, tick->label);
        end = y - p->line * 0.4f;
    }
}

static void draw_names(const Painter *p, const Axes *axes, const Scale *y, Rect r) {
    Rect a = axes->area;
    TextStyle text = p->text;
    text.tabular = false;
    text.align = TEXT_LEFT;
    if (!axes->x.hidden && axes->x.label != NULL) {
        float half = fminf(text_width(p->gfx, &text, axes->x.label), r.w) / 2.0f;
        float x = fmaxf(fminf(a.x + a.w / 2.0f, r.x + r.w - half), r.x + half);
        float below = a.y + a.h + (LABEL_GAP + NAME_GAP) * p->scale + p->line * 1.2f;
        draw_text_fit(p->gfx, &text, x - half, below, r.w, axes->x.label);
    }
    if (!axes->y.hidden && axes->y.label != NULL) {
        float left = fmaxf(r.x, a.x - LABEL_GAP * p->scale - y->widest);
        draw_text_fit(p->gfx, &text, left, a.y - p->line * 1.0f - NAME_GAP * p->scale,
                      r.x + r.w - left, axes->y.label);
    }
}

Axes axes_draw(Gfx *gfx, const Theme *theme, float scale, Rect r, const AxesDesc *desc) {
    Painter p = {
        .gfx = gfx,
        .theme = theme,
        .scale = scale,
        .line = text_line_height(gfx, TEXT_SIZE * scale),
        .text = {.size = TEXT_SIZE * scale,
                 .align = TEXT_CENTER,
                 .color = theme->muted,
                 .tabular = true},
    };
    Axes axes = {.area = r, .x = usable(desc->x), .y = usable(desc->y)};
    if (r.h < LOWEST_WITH_NAMES * p.line) axes.x.label = axes.y.label = NULL;
    Scale x, y;
    for (int round = 0; round < 2; round++) {
        choose_both(&p, &axes, desc->square, &x, &y);
        axes.area = inside(r, margins_of(&p, &axes, &x, &y, r));
        if (desc->square) axes.area = square_part(axes.area, &axes);
    }
    axes.area = rect_round(axes.area);
    axes.area.w = fmaxf(axes.area.w, 1.0f);
    axes.area.h = fmaxf(axes.area.h, 1.0f);

    Rect a = axes.area;
    Color mark = color_mix(theme->hairline, theme->muted, 0.5f);
    if (desc->frame) draw_rect(gfx, a, 0.0f, theme->background);
    draw_x_ticks(&p, &axes, &x, r, desc->grid);
    draw_y_ticks(&p, &axes, &y, desc->grid, y_labels_fit(&p, &y, r));
    if (desc->frame) {
        draw_rect_outline(gfx, a, 0.0f, hairline(&p), theme->hairline);
    } else {
        if (!axes.x.hidden) horizontal(&p, a.y + a.h, a.x, a.x + a.w, mark);
        if (!axes.y.hidden) vertical(&p, a.x, a.y, a.y + a.h, mark);
    }
    draw_names(&p, &axes, &y, r);
    return axes;
}
