// What lies in one square of the layers view. Points that nobody could tell apart are drawn once,
// and lines without the points that do not show.
#include "views/layers_cell.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gfx/text.h"
#include "plot/marks.h"
#include "views/classes.h"

enum {
    POINTS_SMALL = 500, // in small cells
    CHUNK = 256,
    CORNERS_MAX = 24, // of a star, with names
    FEW_POINTS = 40,  // that large marks suit
    TAKEN_SIDE = 512, // larger cells draw every point
};

bool layers_is_output(const Observation *o, int cell) {
    return cell == o->n_layers - 1;
}

int layers_units(const Snapshot *run, int cell) {
    return cell == 0 ? run->net.n_inputs : run->net.layers[cell - 1].units;
}

Color layers_target_color(const Snapshot *run, const Theme *theme, float t) {
    int classes = classes_count(run->data);
    if (classes > 0) {
        int class = classes > 2 ? (int)t : t >= 0.5f ? 1 : 0;
        return classes_color(theme, class, classes);
    }
    float span = run->data->t_max - run->data->t_min;
    return colormap_at(COLORMAP_VIRIDIS, span > 0 ? (t - run->data->t_min) / span : 0.5f);
}

bool layers_one_class(const Snapshot *run) {
    return run->data->classes && run->data->n_outputs == 1;
}

void layers_sample_at(const Snapshot *run, const Observation *o, int cell, int sample,
                      double at[2]) {
    const float *p = o->points + ((size_t)cell * (size_t)o->n_points + (size_t)sample) * 2;
    at[0] = (double)p[0];
    at[1] = (double)p[1];
    if (run->data->n_inputs == 1) { // over the input
        at[0] = (double)o->points[2 * (size_t)sample];
        at[1] = cell == 0 ? (double)o->target[sample] : (double)p[0];
    } else if (layers_is_output(o, cell) && layers_units(run, cell) == 1) {
        at[1] = layers_one_class(run) ? (double)(0.5f * view_jitter(sample))
                                      : (double)o->target[sample];
    }
}

/// Which pixels have a point of a class (its number modulo four) already: clouds shrink to a few
/// pixels in a deep net, and points that nobody could tell apart are drawn once.
typedef struct Taken {
    uint8_t bits[4][TAKEN_SIDE * TAKEN_SIDE / 8];
} Taken;

static bool take(Taken *taken, Rect cell, float x, float y, int class) {
    int i = (int)(x - cell.x), j = (int)(y - cell.y);
    if (i < 0 || j < 0 || i >= TAKEN_SIDE || j >= TAKEN_SIDE) return true;
    int bit = j * TAKEN_SIDE + i;
    uint8_t mask = (uint8_t)(1 << (bit & 7)), *byte = &taken->bits[class & 3][bit >> 3];
    if (*byte & mask) return false;
    *byte |= mask;
    return true;
}

void layers_draw_points(const ViewContext *context, const Observation *o, int cell,
                        const Axes *axes) {
    const Snapshot *run = context->run;
    int classes = classes_count(run->data);
    float side = fminf(axes->area.w, axes->area.h) / context->scale;
    int most = classes > 2 ? 2 * POINTS_SMALL : POINTS_SMALL;
    int stride = o->n_points > most && side < 260 ? (o->n_points + most - 1) / most : 1;
    float size = (side < 130 ? 2.6f : side < 260 ? 3.4f : 4.4f) * context->scale;
    if (o->n_points <= FEW_POINTS) size = fminf(9 * context->scale, 0.06f * side * context->scale);
    Taken taken;
    memset(&taken, 0, sizeof taken);
    float xy[CHUNK][2], target[CHUNK];
    int n = 0;
    for (int i = 0; i < o->n_points; i += stride) {
        double at[2];
        layers_sample_at(run, o, cell, i, at);
        float x = axes_x(axes, at[0]), y = axes_y(axes, at[1]);
        if (!isfinite(x) || !isfinite(y)) continue;
        int class = classes == 0 ? 0 : classes > 2 ? (int)o->target[i] : o->target[i] >= 0.5f;
        if (!take(&taken, axes->area, x, y, class)) continue;
        if (classes != 2) {
            Color color = layers_target_color(run, context->theme, o->target[i]);
            draw_circle(context->gfx, x, y, 0.5f * size, color);
            continue;
        }
        xy[n][0] = (float)at[0];
        xy[n][1] = (float)at[1];
        target[n++] = o->target[i];
        if (n == CHUNK) {
            marks_points(context->gfx, context->theme, axes, xy[0], target, n, size);
            n = 0;
        }
    }
    if (n > 0) marks_points(context->gfx, context->theme, axes, xy[0], target, n, size);
}

/// A class's name beside its corner, on the side that the corner points to.
/// @return whether it lies within the cell; drawn only where `drawn`
static bool name_corner(const ViewContext *context, const Axes *axes, int class, bool words,
                        bool drawn) {
    int corners = context->run->data->n_outputs;
    double angle = 2 * acos(-1) * class / corners, side_x = sin(angle), side_y = cos(angle);
    char name[32];
    snprintf(name, sizeof name, "%d", class);
    if (words) classes_name(context, class, name, sizeof name);
    float side = fminf(axes->area.w, axes->area.h) / context->scale;
    TextStyle style = {.size = fminf(13, 0.08f * side) * context->scale,
                       .align = TEXT_CENTER,
                       .color = classes_color(context->theme, class, corners)};
    float width = text_width(context->gfx, &style, name), gap = 6 * context->scale;
    float x = axes_x(axes, 1.04 * side_x), y = axes_y(axes, 1.04 * side_y);
    float left = x - width / 2;
    if (fabs(side_x) > 0.2) {
        style.align = side_x > 0 ? TEXT_LEFT : TEXT_RIGHT;
        x += side_x > 0 ? gap : -gap;
        left = side_x > 0 ? x : x - width;
    }
    y -= (float)side_y * 0.8f * style.size;
    if (drawn) draw_text(context->gfx, &style, x, y, name);
    return left >= axes->area.x + 2 && left + width <= axes->area.x + axes->area.w - 2;
}

void layers_draw_star(const ViewContext *context, const Axes *axes) {
    const Theme *theme = context->theme;
    int corners = context->run->data->n_outputs;
    float px = axes_x(axes, 0), py = axes_y(axes, 0), around[CORNERS_MAX + 1][2];
    if (corners > CORNERS_MAX) return;
    for (int k = 0; k <= corners; k++) {
        double angle = 2 * acos(-1) * k / corners;
        around[k][0] = axes_x(axes, sin(angle));
        around[k][1] = axes_y(axes, cos(angle));
        draw_line(context->gfx, px, py, around[k][0], around[k][1], context->scale,
                  theme->hairline);
    }
    draw_polyline(context->gfx, around[0], corners + 1, context->scale, theme->hairline);
    if (fminf(axes->area.w, axes->area.h) < 90 * context->scale) return;
    bool words = true;
    for (int k = 0; k < corners; k++) words = words && name_corner(context, axes, k, true, false);
    for (int k = 0; k < corners; k++) name_corner(context, axes, k, words, true);
}

/// Leaves out points of a line that lie within a third of a pixel of it without them.
/// @return how many are left; xy is overwritten
static int straighten(float (*xy)[2], int n) {
    int kept = 0;
    for (int from = 0; from < n;) {
        xy[kept][0] = xy[from][0];
        xy[kept++][1] = xy[from][1];
        int to = from + 1;
        for (bool straight = true; straight && to + 1 < n; to += straight ? 1 : 0) {
            float dx = xy[to + 1][0] - xy[from][0], dy = xy[to + 1][1] - xy[from][1];
            float length = hypotf(dx, dy);
            for (int k = from + 1; k <= to && straight; k++) {
                float px = xy[k][0] - xy[from][0], py = xy[k][1] - xy[from][1];
                float along = length > 0 ? (px * dx + py * dy) / length : 0;
                float off = length > 0 ? fabsf(px * dy - py * dx) / length : hypotf(px, py);
                straight = off < 0.33f && along > -0.33f && along < length + 0.33f; // NaN: false
            }
        }
        from = to;
    }
    return kept;
}

void layers_draw_grid(const ViewContext *context, const Observation *o, int cell,
                      const Axes *axes) {
    if (!o->lines) return;
    size_t per_line = (size_t)CLOUD_LINE_POINTS * 2;
    const float *lines = o->lines + (size_t)cell * 2 * CLOUD_LINES * per_line;
    float side = fminf(axes->area.w, axes->area.h) / context->scale;
    int skip = side < 130 ? 2 : 1; // thumbnails: every other line
    Color color = color_alpha(context->theme->muted, 0.45f);
    float xy[CLOUD_LINE_POINTS][2];
    for (int k = 0; k < 2 * CLOUD_LINES; k++) {
        if ((k % CLOUD_LINES) % skip) continue;
        for (int i = 0; i < CLOUD_LINE_POINTS; i++) {
            const float *p = lines + (size_t)k * per_line + 2 * (size_t)i;
            xy[i][0] = axes_x(axes, (double)p[0]);
            xy[i][1] = axes_y(axes, (double)p[1]);
        }
        int n = straighten(xy, CLOUD_LINE_POINTS);
        draw_polyline(context->gfx, xy[0], n, context->scale, color);
    }
}

// ---- one input: curves --------------------------------------------------------------------------

static int by_x(const void *a, const void *b) {
    float x = ((const CurvePoint *)a)->x, y = ((const CurvePoint *)b)->x;
    return x < y ? -1 : x > y;
}

void layers_draw_curves(const ViewContext *context, const Observation *o, int cell,
                        const Axes *axes, CurvePoint *sorted) {
    const Snapshot *run = context->run;
    const float *points = o->points + (size_t)cell * (size_t)o->n_points * 2;
    int units = layers_units(run, cell);
    if (cell == 0 || layers_is_output(o, cell)) {
        for (int i = 0; i < o->n_points; i += 2) {
            double at[2];
            layers_sample_at(run, o, 0, i, at);
            draw_circle(context->gfx, axes_x(axes, at[0]), axes_y(axes, (double)o->target[i]),
                        1.2f * context->scale,
                        color_alpha(context->theme->muted, cell == 0 ? 0.9f : 0.45f));
        }
    }
    if (cell == 0) return;
    int n = 0;
    for (int i = 0; i < o->n_points && n < CLOUD_POINTS_MAX; i++) {
        const float *p = points + (size_t)i * 2;
        sorted[n++] = (CurvePoint){o->points[(size_t)i * 2], {p[0], p[1]}};
    }
    qsort(sorted, (size_t)n, sizeof sorted[0], by_x);
    const Color colors[2] = {context->theme->prediction, context->theme->class0};
    for (int k = 0; k < (units > 1 && !layers_is_output(o, cell) ? 2 : 1); k++) {
        float xy[CHUNK][2];
        int count = 0, stride = n / CHUNK + 1;
        for (int i = 0; i < n; count++) {
            xy[count][0] = axes_x(axes, (double)sorted[i].x);
            xy[count][1] = axes_y(axes, (double)sorted[i].y[k]);
            i += stride;
        }
        draw_polyline(context->gfx, xy[0], count, 2 * context->scale, colors[k]);
    }
}
