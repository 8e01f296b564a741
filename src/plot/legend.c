/// The area is divided into small cells; those that any ink touches count once, however much of it
/// lies in them. A table of sums tells for every place how many a box there would cover.
#include "plot/legend.h"

#include <math.h>

#include "gfx/text.h"

enum { COLUMNS = 64, ROWS = 48, STEPS_MAX = 256 };

// Sizes in units.
#define TEXT_SIZE  12.0f
#define LINE_GAP   1.0f
#define PADDING    6.0f
#define SAMPLE     18.0f
#define SAMPLE_GAP 6.0f
#define APART      4.0f // from the plot's edges and from the ink
#define ROW_GAP    12.0f
// In plots narrower than that.
#define NARROW       190.0f
#define SMALL_TEXT   11.0f
#define SMALL_SAMPLE 12.0f
/// A row is taken where it covers that much less of the area.
#define ROW_COST 0.004f
/// How many covered cells a cell's way off the corners is worth: a box in the middle of a plot
/// looks lost.
#define PER_CELL 0.1f

typedef struct Cells {
    Rect area;
    int columns, rows;
    bool inked[ROWS][COLUMNS];
    int sums[ROWS + 1][COLUMNS + 1]; // of the cells above and to the left
} Cells;

static void touch(Cells *cells, float x, float y) {
    if (!rect_contains(cells->area, x, y)) return;
    int column = (int)((x - cells->area.x) / cells->area.w * (float)cells->columns);
    int row = (int)((y - cells->area.y) / cells->area.h * (float)cells->rows);
    if (column < cells->columns && row < cells->rows) cells->inked[row][column] = true;
}

static void touch_line(Cells *cells, const float *from, const float *to) {
    float dx = (to[0] - from[0]) / cells->area.w * COLUMNS;
    float dy = (to[1] - from[1]) / cells->area.h * ROWS;
    float length = fmaxf(fabsf(dx), fabsf(dy));
    if (!isfinite(length)) return;
    int steps = (int)fminf(2 * length, STEPS_MAX) + 1;
    for (int i = 0; i <= steps; i++) {
        float t = (float)i / (float)steps;
        touch(cells, from[0] + t * (to[0] - from[0]), from[1] + t * (to[1] - from[1]));
    }
}

static void fill(Cells *cells, const LegendInk *ink, int n_ink) {
    for (int k = 0; k < n_ink; k++) {
        for (int i = 0; i < ink[k].n; i++) {
            const float *at = ink[k].xy + 2 * (size_t)i;
            if (ink[k].joined && i > 0) {
                touch_line(cells, at - 2, at);
            } else {
                touch(cells, at[0], at[1]);
            }
        }
    }
    for (int row = 0; row < cells->rows; row++) {
        for (int column = 0, sum = 0; column < cells->columns; column++) {
            sum += cells->inked[row][column] ? 1 : 0;
            cells->sums[row + 1][column + 1] = cells->sums[row][column + 1] + sum;
        }
    }
}

static int covered(const Cells *cells, int column, int row, int w, int h) {
    return cells->sums[row + h][column + w] - cells->sums[row][column + w] -
           cells->sums[row + h][column] + cells->sums[row][column];
}

/// How far a place is from a corner, in cells; the upper right one is nearest.
static float off_corner(int column, int row, int last_column, int last_row) {
    bool left = 2 * column<last_column, low = 2 * row> last_row;
    int across = left ? column : last_column - column, along = low ? last_row - row : row;
    return (float)(across + along) + (left ? 0.5f : 0) + (low ? 0.25f : 0);
}

Rect legend_place(Rect area, float w, float h, const LegendInk *ink, int n_ink, float *cost) {
    *cost = INFINITY;
    if (!(w > 0 && h > 0 && w <= area.w && h <= area.h)) return (Rect){area.x, area.y, 0, 0};
    Cells cells = {.area = area, .columns = COLUMNS, .rows = ROWS};
    fill(&cells, ink, n_ink);
    int wide = (int)fminf(ceilf(w / area.w * COLUMNS), COLUMNS);
    int high = (int)fminf(ceilf(h / area.h * ROWS), ROWS);
    int last_column = COLUMNS - wide, last_row = ROWS - high;
    Rect best = area;
    for (int row = 0; row <= last_row; row++) {
        for (int column = 0; column <= last_column; column++) {
            float own = (float)covered(&cells, column, row, wide, high) +
                        PER_CELL * off_corner(column, row, last_column, last_row);
            if (!(own < *cost)) continue;
            *cost = own;
            // Between the first place and the last, so that corners are the area's own.
            best.x = last_column ? (area.w - w) * (float)column / (float)last_column : 0;
            best.y = last_row ? (area.h - h) * (float)row / (float)last_row : 0;
        }
    }
    *cost /= COLUMNS * ROWS;
    return (Rect){area.x + best.x, area.y + best.y, w, h};
}

/// How a legend is set: in a column or a row, and smaller where the plot is narrow.
typedef struct Setting {
    bool row;
    TextStyle text;
    float sample, gap, pad, line, widest; // widest: of the names
    float w, h;
} Setting;

static Setting measure(Gfx *gfx, const Theme *theme, float scale, Rect area,
                       const char *const *names, int n, bool row) {
    bool small = area.w < NARROW * scale;
    Setting s = {.row = row,
                 .text = {.size = (small ? SMALL_TEXT : TEXT_SIZE) * scale, .color = theme->text},
                 .sample = (small ? SMALL_SAMPLE : SAMPLE) * scale,
                 .gap = SAMPLE_GAP * scale,
                 .pad = PADDING * scale};
    s.line = text_line_height(gfx, s.text.size) + LINE_GAP * scale;
    float sum = 0;
    for (int i = 0; i < n; i++) {
        float width = text_width(gfx, &s.text, names[i]);
        s.widest = fmaxf(s.widest, width);
        sum += width + s.sample + s.gap;
    }
    s.w = row ? sum + (float)(n - 1) * ROW_GAP * scale : s.sample + s.gap + s.widest;
    s.w = ceilf(s.w + 2 * s.pad);
    s.h = ceilf((row ? 1 : (float)n) * s.line + s.pad);
    return s;
}

static void draw_entries(Gfx *gfx, const Setting *s, float scale, Rect box,
                         const char *const *names, const Color *colors, int n) {
    float x = box.x + s->pad, y = box.y + s->pad / 2 + 0.5f * s->line;
    for (int i = 0; i < n; i++) {
        draw_line(gfx, x, y, x + s->sample, y, 2 * scale, colors[i]);
        float width = draw_text(gfx, &s->text, x + s->sample + s->gap, y, names[i]);
        if (s->row) {
            x += s->sample + s->gap + width + ROW_GAP * scale;
        } else {
            y += s->line;
        }
    }
}

void legend_draw(Gfx *gfx, const Theme *theme, float scale, Rect area, const char *const *names,
                 const Color *colors, int n, const LegendInk *ink, int n_ink) {
    float apart = APART * scale, least = INFINITY;
    Setting best = {0};
    Rect box = {0};
    for (int row = 0; row < 2; row++) {
        Setting s = measure(gfx, theme, scale, area, names, n, row > 0);
        float cost;
        Rect place = legend_place(area, s.w + 2 * apart, s.h + 2 * apart, ink, n_ink, &cost);
        if (row > 0) cost += ROW_COST;
        if (!(cost < least)) continue;
        least = cost;
        best = s;
        box = (Rect){place.x + apart, place.y + apart, s.w, s.h};
    }
    if (!isfinite(least)) return;
    box = rect_round(box);
    draw_rect(gfx, box, 4 * scale, color_alpha(theme->panel, 0.85f));
    draw_entries(gfx, &best, scale, box, names, colors, n);
}
