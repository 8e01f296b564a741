/// Predictions for one or two inputs: the curve of the output over the data, or the field of it
/// behind them; and in figures what the colours mean.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "gfx/text.h"
#include "plot/colorbar.h"
#include "plot/legend.h"
#include "plot/marks.h"
#include "views/classes.h"
#include "views/key.h"
#include "views/predictions_state.h"

enum {
    LEGEND_POINTS = 512,
    CHUNK = 256,
    IMAGE_SLOT = 0,
};

// Of a figure, in units: between its plot and what stands beside and above.
#define BAR_GAP    16.0f
#define NAME_SPACE 28.0f // for the upright axis' name beside the key
#define LINE       14.0f
#define BAR_MOST   0.4f // of the width
#define KEY_MOST   0.2f // of the height, for a key's rows above the name's

static void target_range(const Dataset *data, double *lo, double *hi) {
    *lo = HUGE_VAL;
    *hi = -HUGE_VAL;
    for (size_t i = 0, stride = predictions_stride(data); i < data->n; i += stride) {
        double t = (double)data->t[i * (size_t)data->n_outputs];
        *lo = fmin(*lo, t);
        *hi = fmax(*hi, t);
    }
    view_round_range(lo, hi);
}

/// The largest distance from zero that the diverging colours span.
static double colour_reach(const Dataset *data) {
    double reach = fmax(fabs((double)data->t_min), fabs((double)data->t_max));
    return isfinite(reach) && reach > 0 ? reach : 1;
}

static Color output_color(const Snapshot *run, const Theme *theme, float y) {
    if (isnan(y)) return theme->panel;
    if (predictions_classed(run)) {
        return color_mix(theme->class0, theme->class1, fminf(1, fmaxf(0, y)));
    }
    double reach = colour_reach(run->data);
    return colormap_at(COLORMAP_DIVERGING, (float)(0.5 + 0.5 * (double)y / reach));
}

/// Behind the points the field must step back: how much it keeps of its colours.
static float strength_of(const ViewContext *context) {
    if (classes_count(context->run->data) == 0) return 0.80f;
    return context->theme->dark ? 0.42f : 0.40f;
}

static Color field_color(const ViewContext *context, float y) {
    const Theme *theme = context->theme;
    return color_mix(theme->panel, output_color(context->run, theme, y), strength_of(context));
}

static void fill_image(PredictionsState *state, const ViewContext *context,
                       const Observation *field) {
    const Theme *theme = context->theme;
    int classes = classes_count(context->run->data);
    float strength = strength_of(context);
    int columns = field->grid[0], rows = field->grid[1];
    for (int j = 0; j < rows; j++) {
        size_t at = (size_t)(rows - 1 - j) * (size_t)columns;
        const float *row = field->values + at, *winner = field->winner ? field->winner + at : NULL;
        uint8_t *out = state->image + (size_t)j * (size_t)columns * 4;
        for (int i = 0; i < columns; i++, out += 4) {
            Color c = field_color(context, row[i]);
            if (winner) {
                // Paler where it wins by little.
                float lead = (row[i] * (float)classes - 1) / (float)(classes - 1);
                Color full = classes_color(theme, (int)winner[i], classes);
                lead = fminf(1, fmaxf(0, lead));
                c = color_mix(theme->panel, full, strength * (0.25f + 0.75f * lead));
            }
            out[0] = (uint8_t)lrintf(c.r * 255);
            out[1] = (uint8_t)lrintf(c.g * 255);
            out[2] = (uint8_t)lrintf(c.b * 255);
            out[3] = 255;
        }
    }
}

static Axes draw_axes(const ViewContext *context, Rect area, double y_lo, double y_hi,
                      const char *y_label, bool grid) {
    AxesDesc desc = {.y = {.lo = y_lo, .hi = y_hi, .label = y_label}, .grid = grid};
    predictions_input_range(context->run->data, 0, &desc.x.lo, &desc.x.hi);
    desc.x.label = grid ? "x" : context->figure ? "x₁" : NULL;
    return axes_draw(context->gfx, context->theme, context->scale, area, &desc);
}

// ---- a figure's key -----------------------------------------------------------------------------

/// What is drawn over a field of outputs, and where there is room for it what its colours are.
/// @param colors  (256), written
static void fill_field_key(const ViewContext *context, Key *key, Color colors[256], float room) {
    const Theme *theme = context->theme;
    if (!context->run->data->classes) {
        const bool several = context->run->data->n_outputs > 1;
        KeyEntry *data = key_add(key, KEY_DOT, theme->panel,
                                 several ? view_text(context, "first target", "第一个目标")
                                         : view_text(context, "targets", "目标值"));
        data->rim = color_alpha(theme->halo, 0.7f);
        key_add(key, KEY_LINE, theme->halo,
                several ? view_text(context, "first output = 0", "第一个输出 = 0")
                        : view_text(context, "output = 0", "输出 = 0"));
        return;
    }
    key_add_classes(key, context, KEY_CLASS);
    if (!predictions_classed(context->run)) return;
    key_add(key, KEY_LINE, theme->text, view_text(context, "decision boundary", "决策边界"));
    Key more = *key;
    KeyEntry *output = key_add(&more, KEY_RAMP, theme->text, "1");
    snprintf(output->before, sizeof output->before, "%s", view_text(context, "output 0", "输出 0"));
    output->colors = colors;
    for (int i = 0; i < 256; i++) colors[i] = field_color(context, (float)i / 255);
    if (key_width(context, &more) <= room) *key = more;
}

/// How wide the rows of a key may be: beside the upright axis' name, and no farther than the plot.
static float key_room(const ViewContext *context, Rect area) {
    return area.w - 1.5f * NAME_SPACE * context->scale;
}

/// Leaves a key out where it would take too much of the height.
static void drop_large_key(const ViewContext *context, Key *key, Rect area) {
    const float most = KEY_MOST * area.h + key_height(context, key, INFINITY);
    if (!key_fits(context, key, key_room(context, area), most)) key->n = 0;
}

/// The line of the upright axis' name holds the key's last row, too.
/// @return where the plot goes
static Rect leave_key(const ViewContext *context, const Key *key, Rect area) {
    const float rows = key_height(context, key, key_room(context, area));
    if (rows > 0) rect_cut_top(&area, rows - key_height(context, key, INFINITY));
    return area;
}

static void draw_key(const ViewContext *context, const Key *key, const Axes *axes, Rect area) {
    const float room = key_room(context, area), row = key_height(context, key, INFINITY);
    const float x = axes->area.x + axes->area.w - room;
    const float y = area.y + (LINE * context->scale - row) / 2;
    key_draw(context, key, (Rect){x, y, room, 0}, TEXT_RIGHT);
}

/// Outputs that are values: which colour is which.
static ColorbarDesc outputs_bar(const ViewContext *context, Color colors[256]) {
    const double reach = colour_reach(context->run->data);
    for (int i = 0; i < 256; i++)
        colors[i] = field_color(context, (float)(reach * (2 * i - 255) / 255));
    return (ColorbarDesc){.colors = colors, .lo = -reach, .hi = reach};
}

static const char *outputs_name(const ViewContext *context) {
    return context->run->data->n_outputs > 1 ? view_text(context, "first output", "第一个输出")
                                             : view_text(context, "output", "输出");
}

static TextStyle name_style(const ViewContext *context) {
    return (TextStyle){.size = 12 * context->scale, .color = context->theme->muted};
}

/// What it takes beside the plot, its name included.
static float outputs_bar_space(const ViewContext *context, const ColorbarDesc *desc, float height) {
    const TextStyle style = name_style(context);
    return BAR_GAP * context->scale +
           fmaxf(colorbar_width(context->gfx, context->scale, desc, height),
                 text_width(context->gfx, &style, outputs_name(context)));
}

/// Beside the plot, as high, with its name in the line of the axis'.
static void draw_outputs_bar(const ViewContext *context, const Axes *axes, const ColorbarDesc *desc,
                             float name_y) {
    const float scale = context->scale, right = context->area.x + context->area.w;
    const Rect plot = axes->area;
    const Rect bar = rect_round(
        (Rect){plot.x + plot.w + BAR_GAP * scale, plot.y, COLORBAR_WIDTH * scale, plot.h});
    colorbar_draw(context->gfx, context->theme, scale, bar, right, desc);
    const TextStyle style = name_style(context);
    const char *name = outputs_name(context);
    const float x = fminf(bar.x, right - text_width(context->gfx, &style, name));
    draw_text(context->gfx, &style, x, name_y, name);
}

// ---- two inputs ---------------------------------------------------------------------------------

static void draw_points(const ViewContext *context, const Axes *axes) {
    const Dataset *data = context->run->data;
    size_t stride = predictions_stride(data);
    // Smaller where the plot is, or the field behind the points would be covered.
    float side = fminf(axes->area.w, axes->area.h);
    float size = fminf((data->n > 800 ? 3.6f : 4.4f) * view_mark_scale(context), 0.025f * side);
    if (data->n <= PREDICTIONS_FEW) size = fminf(12 * view_mark_scale(context), 0.05f * side);
    float xy[CHUNK][2], target[CHUNK];
    int n = 0;
    for (size_t i = 0; i < data->n; i += stride) {
        const float *x = data->x + i * (size_t)data->n_inputs;
        float t = data->t[i * (size_t)data->n_outputs];
        if (!predictions_classed(context->run)) {
            float px = axes_x(axes, (double)x[0]), py = axes_y(axes, (double)x[1]);
            if (data->classes) {
                classes_mark(context->gfx, context->theme, classes_of(data, i), data->n_outputs, px,
                             py, 1.2f * size);
                continue;
            }
            draw_circle(context->gfx, px, py, 0.5f * size + context->scale,
                        color_alpha(context->theme->halo, 0.7f));
            draw_circle(context->gfx, px, py, 0.5f * size,
                        output_color(context->run, context->theme, t));
            continue;
        }
        xy[n][0] = x[0];
        xy[n][1] = x[1];
        target[n++] = t;
        if (n == CHUNK) {
            marks_points(context->gfx, context->theme, axes, xy[0], target, n, size);
            n = 0;
        }
    }
    if (n > 0) marks_points(context->gfx, context->theme, axes, xy[0], target, n, size);
}

void predictions_draw_field(PredictionsState *state, const ViewContext *context) {
    double lo, hi;
    predictions_input_range(context->run->data, 1, &lo, &hi);
    const Dataset *data = context->run->data;
    Rect area = context->area;
    Key key = {0};
    Color colors[256];
    ColorbarDesc bar = {0};
    if (context->figure) {
        fill_field_key(context, &key, colors, key_room(context, area));
        if (!data->classes) {
            bar = outputs_bar(context, colors);
            const float wide = outputs_bar_space(context, &bar, area.h);
            if (wide < BAR_MOST * area.w)
                rect_cut_right(&area, wide);
            else
                bar.colors = NULL;
        }
    }
    drop_large_key(context, &key, area);
    Axes axes = draw_axes(context, leave_key(context, &key, area), lo, hi,
                          context->figure ? "x₂" : NULL, false);
    if (axes.area.w < 4 || axes.area.h < 4) return;
    gfx_clip_push(context->gfx, axes.area);
    const Observation *field = view_observation(context, 0, OBSERVE_FIELD);
    bool fits = field && field->values && field->grid[0] <= PREDICTIONS_CELLS &&
                field->grid[1] <= PREDICTIONS_CELLS && field->grid[1] > 1;
    if (fits && !state->image)
        state->image = malloc((size_t)PREDICTIONS_CELLS * PREDICTIONS_CELLS * 4);
    if (fits && state->image) {
        fill_image(state, context, field);
        size_t size = (size_t)field->grid[0] * (size_t)field->grid[1] * 4;
        draw_image(context->gfx, IMAGE_SLOT, view_pixels_version(state->image, size), state->image,
                   field->grid[0], field->grid[1], axes.area, true);
    }
    draw_points(context, &axes);
    if (fits && !field->winner) {
        float level = predictions_classed(context->run) ? 0.5f : 0.0f;
        const float *from = field->request.field.lo, *to = field->request.field.hi;
        float width = context->scale;
        // Between the classes' colours a light line shows, on the pale middle of the map a dark
        // one.
        const Theme *theme = context->theme;
        Color line = predictions_classed(context->run) ? theme->text : theme->halo;
        Color halo = predictions_classed(context->run) && theme->dark ? theme->halo : theme->panel;
        marks_contour(context->gfx, &axes, field->values, field->grid[0], field->grid[1], from, to,
                      level, 5 * width, color_alpha(halo, 0.45f));
        marks_contour(context->gfx, &axes, field->values, field->grid[0], field->grid[1], from, to,
                      level, 1.8f * width, line);
    }
    gfx_clip_pop(context->gfx);
    draw_rect_outline(context->gfx, axes.area, 0, fmaxf(1, context->scale),
                      context->theme->hairline);
    draw_key(context, &key, &axes, area);
    if (bar.colors)
        draw_outputs_bar(context, &axes, &bar,
                         leave_key(context, &key, area).y + LINE / 2 * context->scale);
    state->axes = axes;
    state->has_axes = true;
}

// ---- one input ----------------------------------------------------------------------------------

/// What is drawn: for the key of a figure, for the legend otherwise.
static void fill_curve_key(const ViewContext *context, Key *key) {
    const Theme *theme = context->theme;
    const Dataset *data = context->run->data;
    const bool has_test = data->n_train < data->n;
    key_add(key, KEY_LINE, theme->prediction, view_text(context, "output", "输出"));
    key_add(key, KEY_DOT, theme->muted,
            has_test ? view_text(context, "train", "训练") : view_text(context, "data", "数据"));
    if (has_test) key_add(key, KEY_DOT, theme->test, view_text(context, "test", "测试"));
}

/// Away from the data and from the output's curve.
/// @param curve  (n_curve, 2) pixels
static void draw_curve_legend(const ViewContext *context, const Axes *axes, const Key *key,
                              const float *curve, int n_curve) {
    const Dataset *data = context->run->data;
    const char *names[KEY_ENTRIES_MAX];
    Color colors[KEY_ENTRIES_MAX];
    for (int i = 0; i < key->n; i++) {
        names[i] = key->entries[i].after;
        colors[i] = key->entries[i].color;
    }
    float xy[LEGEND_POINTS][2];
    int count = 0;
    for (size_t i = 0, stride = data->n / LEGEND_POINTS + 1; i < data->n; i += stride) {
        xy[count][0] = axes_x(axes, (double)data->x[i]);
        xy[count++][1] = axes_y(axes, (double)data->t[i * (size_t)data->n_outputs]);
    }
    const LegendInk ink[] = {{xy[0], count, false}, {curve, n_curve, true}};
    legend_draw(context->gfx, context->theme, context->scale, axes->area, names, colors, key->n,
                ink, 2);
}

void predictions_draw_curve(PredictionsState *state, const ViewContext *context) {
    const Snapshot *run = context->run;
    const Dataset *data = run->data;
    const Theme *theme = context->theme;
    double lo, hi;
    const Observation *field = view_observation(context, 0, OBSERVE_FIELD);
    target_range(data, &lo, &hi);
    Key names = {0}, key = {0};
    fill_curve_key(context, &names);
    if (context->figure) key = names;
    drop_large_key(context, &key, context->area);
    Axes axes = draw_axes(context, leave_key(context, &key, context->area), lo, hi, "y", true);
    draw_key(context, &key, &axes, context->area);
    if (axes.area.w < 4 || axes.area.h < 4) return;
    gfx_clip_push(context->gfx, axes.area);
    size_t stride = predictions_stride(data);
    float radius = (data->n > 800 ? 1.5f : 2.2f) * view_mark_scale(context);
    for (size_t i = 0; i < data->n; i += stride) {
        bool test = i >= data->n_train;
        Color c = test ? theme->test : theme->muted;
        draw_circle(context->gfx, axes_x(&axes, (double)data->x[i]),
                    axes_y(&axes, (double)data->t[i * (size_t)data->n_outputs]), radius,
                    color_alpha(c, test ? 0.7f : 0.6f));
    }
    float xy[FIELD_GRID_MAX][2];
    int n_curve = 0;
    if (field && field->values && field->grid[1] == 1) {
        int n = field->grid[0] < FIELD_GRID_MAX ? field->grid[0] : FIELD_GRID_MAX;
        const float *from = field->request.field.lo, *to = field->request.field.hi;
        for (int i = 0; i < n; i++) {
            float t = n > 1 ? (float)i / (float)(n - 1) : 0;
            xy[i][0] = axes_x(&axes, (double)(from[0] + (to[0] - from[0]) * t));
            xy[i][1] = axes_y(&axes, (double)field->values[i]);
        }
        n_curve = n;
        draw_polyline(context->gfx, xy[0], n, 5 * context->scale, color_alpha(theme->panel, 0.8f));
        draw_polyline(context->gfx, xy[0], n, 2.5f * context->scale, theme->prediction);
    }
    gfx_clip_pop(context->gfx);
    if (!context->figure) draw_curve_legend(context, &axes, &names, xy[0], n_curve);
    state->axes = axes;
    state->has_axes = true;
}
