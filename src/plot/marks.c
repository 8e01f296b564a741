/// Marks are drawn straight from the caller's arrays, in chunks on the stack: nothing is allocated
/// but a contour's bookkeeping. A band is painted column by column, so that its overlapping ranges
/// do not add up where they are dense.
#include "plot/marks.h"

#include <math.h>
#include <stddef.h>

#include "plot/contour.h"

enum {
    CHUNK = 256,        // points drawn in one call
    COLUMNS_MAX = 2048, // of a band
};

// ---- points ------------------------------------------------------------------------------------

/// The side of a square as large as a circle of diameter 1.
#define SQUARE_SIDE 0.886f

static void draw_point(Gfx *gfx, bool square, float x, float y, float size, Color c) {
    if (square) {
        float side = size * SQUARE_SIDE;
        draw_rect(gfx, (Rect){x - side / 2.0f, y - side / 2.0f, side, side}, 0.0f, c);
    } else {
        draw_circle(gfx, x, y, size / 2.0f, c);
    }
}

void marks_points(Gfx *gfx, const Theme *theme, const Axes *axes, const float *xy,
                  const float *target, int n, float size) {
    Rect a = axes->area;
    float slack = 0.5f, rim = fmaxf(size * 0.14f, 0.5f);
    bool rims = size >= 4.0f; // they keep points apart that touch; in few pixels they don't show
    Color rim_color = color_alpha(theme->background, 0.75f);
    for (int i = 0; i < n; i++) {
        float x = axes_x(axes, (double)*xy++), y = axes_y(axes, (double)*xy++);
        if (!(x >= a.x - slack && x <= a.x + a.w + slack && y >= a.y - slack &&
              y <= a.y + a.h + slack))
            continue;
        bool one = target != NULL && target[i] >= 0.5f;
        if (rims) draw_point(gfx, one, x, y, size + 2.0f * rim, rim_color);
        draw_point(gfx, one, x, y, size, one ? theme->class1 : theme->class0);
    }
}

// ---- curves ------------------------------------------------------------------------------------

/// The band's upper and lower border in each column of pixels, so that overlapping ranges are
/// painted once.
typedef struct Band {
    Rect area;
    float column; // width in pixels
    int columns;
    float top[COLUMNS_MAX], bottom[COLUMNS_MAX];
} Band;

static float mix(float a, float b, float t) {
    return a + (b - a) * t;
}

static int column_of(const Band *band, float x) {
    float c = floorf((x - band->area.x) / band->column);
    return c < 0.0f ? 0 : c >= (float)band->columns ? band->columns - 1 : (int)c;
}

/// Widens the columns between two points' ranges, (x, top, bottom) each.
static void band_between(Band *band, const float from[3], const float to[3]) {
    if (to[0] < band->area.x || from[0] > band->area.x + band->area.w) return;
    int last = column_of(band, to[0]);
    for (int c = column_of(band, from[0]); c <= last; c++) {
        float left = band->area.x + (float)c * band->column;
        for (int side = 0; side < 2; side++) {
            float x = fminf(fmaxf(left + (float)side * band->column, from[0]), to[0]);
            float t = to[0] > from[0] ? (x - from[0]) / (to[0] - from[0]) : (float)side;
            band->top[c] = fminf(band->top[c], mix(from[1], to[1], t));
            band->bottom[c] = fmaxf(band->bottom[c], mix(from[2], to[2], t));
        }
    }
}

static void draw_band(Gfx *gfx, const Band *band, Color color) {
    for (int c = 0; c < band->columns; c++) {
        float height = band->bottom[c] - band->top[c];
        if (!(height > 0.5f)) continue;
        float x = band->area.x + (float)c * band->column;
        draw_rect(gfx, (Rect){x, band->top[c], band->column, height}, 0.0f, color);
    }
}

/// Pixels of a value, kept near the plot: what is far outside must not overflow.
static float pixel_y(const Axes *axes, float value) {
    float far = 1e5f, y = axes_y(axes, (double)value);
    return isnan(y) ? y : fminf(fmaxf(y, -far), far);
}

static void collect_band(Band *band, const Axes *axes, const double *x, const float *min,
                         const float *max, int n) {
    band->area = axes->area;
    band->column = fmaxf(1.0f, ceilf(axes->area.w / (float)COLUMNS_MAX));
    band->columns = (int)ceilf(axes->area.w / band->column);
    for (int c = 0; c < band->columns; c++) {
        band->top[c] = INFINITY;
        band->bottom[c] = -INFINITY;
    }
    float floor_y = axes->area.y + axes->area.h + 1.0f;
    float before[3] = {NAN};
    for (int i = 0; i < n; i++) {
        float here[3] = {axes_x(axes, x[i]), pixel_y(axes, max[i]), pixel_y(axes, min[i])};
        bool off_log = isnan(here[2]) && !isnan(min[i]) && !isnan(here[1]);
        if (off_log) here[2] = floor_y; // a log axis has no place for 0
        bool broken = isnan(here[0]) || isnan(here[1]) || isnan(here[2]);
        if (!broken) band_between(band, isnan(before[0]) ? here : before, here);
        for (int k = 0; k < 3; k++) before[k] = broken ? NAN : here[k];
    }
}

/// A line drawn in chunks, and without the points that it passes anyway: a point waits as long as
/// the straight way on from the last one kept, to whatever follows, passes it and all that waited
/// before closely enough. So a long smooth curve costs few segments, and no peak is lost.
typedef struct Stroke {
    Gfx *gfx;
    float width;
    Color color;
    float points[CHUNK][2];
    int n;
    bool fresh;             // nothing of this line is drawn yet
    bool waits;             // the point below
    float x, y;             // the last point, not in the line yet
    float steepest, lowest; // slopes that pass what waits
} Stroke;

static void stroke_flush(Stroke *s) {
    if (s->n > 1) draw_polyline(s->gfx, s->points[0], s->n, s->width, s->color);
    if (s->n == 1 && s->fresh)
        draw_circle(s->gfx, s->points[0][0], s->points[0][1], s->width, s->color);
    s->n = 0;
}

static void stroke_keep(Stroke *s, float x, float y) {
    if (s->n == CHUNK) {
        float last_x = s->points[CHUNK - 1][0], last_y = s->points[CHUNK - 1][1];
        stroke_flush(s);
        s->points[0][0] = last_x;
        s->points[0][1] = last_y;
        s->n = 1;
        s->fresh = false;
    }
    s->points[s->n][0] = x;
    s->points[s->n][1] = y;
    s->n++;
    s->waits = false;
    s->steepest = INFINITY;
    s->lowest = -INFINITY;
}

static void stroke_break(Stroke *s) {
    if (s->waits) stroke_keep(s, s->x, s->y);
    stroke_flush(s);
    s->fresh = true;
}

static void stroke_to(Stroke *s, float x, float y) {
    const float close = 0.12f; // pixels
    if (s->n == 0) {
        stroke_keep(s, x, y);
        return;
    }
    float dx = x - s->points[s->n - 1][0], dy = y - s->points[s->n - 1][1];
    if (s->waits && !(dy >= s->lowest * dx && dy <= s->steepest * dx)) {
        stroke_keep(s, s->x, s->y);
        dx = x - s->points[s->n - 1][0];
        dy = y - s->points[s->n - 1][1];
    }
    if (dx > 0.0f) {
        s->lowest = fmaxf(s->lowest, (dy - close) / dx);
        s->steepest = fminf(s->steepest, (dy + close) / dx);
    } else if (fabsf(dy) > close) {
        stroke_keep(s, x, y);
        return;
    }
    s->x = x;
    s->y = y;
    s->waits = true;
}

static void draw_curve(Gfx *gfx, const Axes *axes, const double *x, const float *y, int n,
                       float width, Color color) {
    Stroke s = {.gfx = gfx, .width = width, .color = color, .fresh = true};
    for (int i = 0; i < n; i++) {
        float px = axes_x(axes, x[i]), py = pixel_y(axes, y[i]);
        if (isnan(px) || isnan(py))
            stroke_break(&s);
        else
            stroke_to(&s, px, py);
    }
    stroke_break(&s);
}

void marks_band_line(Gfx *gfx, const Axes *axes, const double *x, const float *min,
                     const float *max, const float *end, int n, float width, Color color) {
    Rect a = axes->area;
    gfx_clip_push(gfx, (Rect){a.x - width, a.y - width, a.w + 2.0f * width, a.h + 2.0f * width});
    Band band;
    collect_band(&band, axes, x, min, max, n);
    draw_band(gfx, &band, color_alpha(color, color.a * 0.28f));
    draw_curve(gfx, axes, x, end, n, width, color);
    gfx_clip_pop(gfx);
}

// ---- contour lines -----------------------------------------------------------------------------

typedef struct ContourPen {
    Gfx *gfx;
    const Axes *axes;
    double origin[2], step[2]; // data coordinates of grid point (0, 0), and between grid points
    float width;
    Color color;
} ContourPen;

static void draw_contour_piece(void *context, const float *points, int n) {
    const ContourPen *pen = context;
    float xy[CHUNK][2];
    for (int from = 0; from < n - 1; from += CHUNK - 1) {
        int count = n - from < CHUNK ? n - from : CHUNK;
        for (int i = 0; i < count; i++) {
            const float *p = points + 2 * (size_t)(from + i);
            xy[i][0] = axes_x(pen->axes, pen->origin[0] + (double)p[0] * pen->step[0]);
            xy[i][1] = axes_y(pen->axes, pen->origin[1] + (double)p[1] * pen->step[1]);
        }
        draw_polyline(pen->gfx, xy[0], count, pen->width, pen->color);
    }
}

void marks_contour(Gfx *gfx, const Axes *axes, const float *values, int columns, int rows,
                   const float lo[2], const float hi[2], float level, float width, Color color) {
    if (columns < 2 || rows < 2) return;
    ContourPen pen = {
        .gfx = gfx,
        .axes = axes,
        .origin = {(double)lo[0], (double)lo[1]},
        .step = {((double)hi[0] - (double)lo[0]) / (columns - 1),
                 ((double)hi[1] - (double)lo[1]) / (rows - 1)},
        .width = width,
        .color = color,
    };
    gfx_clip_push(gfx, axes->area);
    contour_trace(values, columns, rows, level, draw_contour_piece, &pen);
    gfx_clip_pop(gfx);
}

// ---- read-outs and legends ---------------------------------------------------------------------

static bool has_text(const char *const *labels, int i) {
    return labels != NULL && labels[i] != NULL && labels[i][0] != '\0';
}

static Rect kept_within(Rect r, Rect bounds) {
    r.x = fmaxf(fminf(r.x, bounds.x + bounds.w - r.w), bounds.x);
    r.y = fmaxf(fminf(r.y, bounds.y + bounds.h - r.h), bounds.y);
    return r;
}

void marks_readout(Gfx *gfx, const Theme *theme, float scale, Rect bounds, float x, float y,
                   const char *const *labels, const char *const *values, const Color *swatch,
                   int n) {
    TextStyle label = {.size = 12.0f * scale, .color = theme->muted};
    TextStyle value = {
        .size = 12.0f * scale, .align = TEXT_RIGHT, .color = theme->text, .tabular = true};
    float line = text_line_height(gfx, label.size) + 2.0f * scale, pad = 8.0f * scale;
    float mark = swatch != NULL ? 14.0f * scale : 0.0f;
    float label_width = 0.0f, value_width = 0.0f;
    for (int i = 0; i < n; i++) {
        if (has_text(labels, i))
            label_width = fmaxf(label_width, text_width(gfx, &label, labels[i]));
        value_width = fmaxf(value_width, text_width(gfx, &value, values[i]));
    }
    float gap = label_width > 0.0f ? 12.0f * scale : 0.0f, away = 14.0f * scale;
    Rect box = {x + away, y, mark + label_width + gap + value_width + 2.0f * pad,
                (float)n * line + pad};
    box.y -= box.h + away * 0.5f;
    if (box.x + box.w > bounds.x + bounds.w) box.x = x - away - box.w;
    if (box.y < bounds.y) box.y = y + away;
    box = rect_round(kept_within(box, rect_inset(bounds, 2.0f * scale)));

    draw_rect(gfx, box, 6.0f * scale, color_alpha(theme->raised, 0.96f));
    draw_rect_outline(gfx, box, 6.0f * scale, fmaxf(1.0f, floorf(scale)),
                      color_mix(theme->hairline, theme->muted, 0.35f));
    for (int i = 0; i < n; i++) {
        float middle = box.y + pad / 2.0f + ((float)i + 0.5f) * line;
        if (swatch != NULL)
            draw_circle(gfx, box.x + pad + 4.0f * scale, middle, 4.0f * scale, swatch[i]);
        if (has_text(labels, i)) draw_text(gfx, &label, box.x + pad + mark, middle, labels[i]);
        draw_text(gfx, &value, box.x + box.w - pad, middle, values[i]);
    }
}
