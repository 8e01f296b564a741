/// The data over what the network says about every point of the plane: its output as a field of
/// colour, and the line where it is 0.5; of several classes, the winner's colour. For one input,
/// the curve of the output over the data. Images are shown with what they are taken for; for any
/// other data, outputs are drawn against targets.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "gfx/text.h"
#include "plot/axes.h"
#include "plot/colorbar.h"
#include "plot/legend.h"
#include "plot/marks.h"
#include "views/classes.h"
#include "views/images.h"
#include "views/key.h"
#include "views/probe.h"

enum {
    FIELD_CELLS = 96,
    CURVE_CELLS = 256,
    POINTS_SHOWN = 2000,
    LEGEND_POINTS = 512,
    CHUNK = 256,
    FEW_POINTS = 40, // that large marks suit, with room around them
    IMAGE_SLOT = 0,
    LIKELY = 3 // classes that a read-out names
};

// Of a figure, in units: between its plot and what stands beside and above.
#define BAR_GAP    16.0f
#define BAR_WIDTH  12.0f
#define NAME_SPACE 28.0f // for the upright axis' name beside the key
#define LINE       14.0f
#define BAR_MOST   0.4f // of the width
#define KEY_MOST   0.2f // of the height, for a key's rows above the name's

typedef struct State {
    Axes axes; // as drawn, relative to the view's area
    bool has_axes;
    uint8_t *image; // (FIELD_CELLS * FIELD_CELLS) RGBA
    Probe *probe;
    ImageGrid *images;
    bool wrong_only; // images: those that the network gets wrong
} State;

/// What of a run there is to draw.
typedef enum Kind { KIND_CURVE, KIND_FIELD, KIND_IMAGES, KIND_CLASSES, KIND_VALUES } Kind;

static float aspect(const Experiment *experiment) {
    (void)experiment;
    return 1.25f;
}

static Kind kind_of(const Dataset *data) {
    int side;
    if (data->n_inputs <= 2) return data->n_inputs == 1 ? KIND_CURVE : KIND_FIELD;
    if (!data->classes) return KIND_VALUES;
    return images_square(data, &side) ? KIND_IMAGES : KIND_CLASSES;
}

static void deinit(void *state_) {
    State *state = state_;
    if (state->probe) probe_deinit(state->probe);
    free(state->probe);
    free(state->image);
    free(state->images);
}

static bool classed(const Snapshot *run) {
    return run->data->classes && run->data->n_outputs == 1;
}

/// Every stride-th sample is drawn, so that a frame never draws more than POINTS_SHOWN.
static size_t stride_of(const Dataset *data) {
    return data->n > 0 ? (data->n + POINTS_SHOWN - 1) / POINTS_SHOWN : 1;
}

/// The inputs that the plot spans: those of all samples, or for curves of the drawn ones, among
/// which no lone extreme squeezes the rest.
static void input_range(const Dataset *data, int axis, double *lo, double *hi) {
    *lo = (double)data->x_min[axis];
    *hi = (double)data->x_max[axis];
    if (data->n_inputs == 1) {
        *lo = HUGE_VAL;
        *hi = -HUGE_VAL;
        for (size_t i = 0, stride = stride_of(data); i < data->n; i += stride) {
            *lo = fmin(*lo, (double)data->x[i]);
            *hi = fmax(*hi, (double)data->x[i]);
        }
    } else if (data->n <= FEW_POINTS) {
        double room = 0.25 * (*hi - *lo);
        *lo -= room;
        *hi += room;
    }
    view_round_range(lo, hi);
}

static void target_range(const Dataset *data, double *lo, double *hi) {
    *lo = HUGE_VAL;
    *hi = -HUGE_VAL;
    for (size_t i = 0, stride = stride_of(data); i < data->n; i += stride) {
        double t = (double)data->t[i * (size_t)data->n_outputs];
        *lo = fmin(*lo, t);
        *hi = fmax(*hi, t);
    }
    view_round_range(lo, hi);
}

static int request(void *state, const ViewContext *context, ObservationRequest *requests) {
    (void)state;
    const Dataset *data = context->run->data;
    ObservationRequest *r = &requests[0];
    Kind kind = kind_of(data);
    if (kind != KIND_CURVE && kind != KIND_FIELD) {
        r->kind = kind == KIND_VALUES ? OBSERVE_LAYERS : OBSERVE_CLASSES;
        r->priority = 3;
        return 1;
    }
    r->kind = OBSERVE_FIELD;
    r->priority = 3;
    for (int i = 0; i < data->n_inputs; i++) {
        double lo, hi;
        input_range(data, i, &lo, &hi);
        r->field.lo[i] = (float)lo;
        r->field.hi[i] = (float)hi;
    }
    r->field.grid[0] = data->n_inputs == 1 ? CURVE_CELLS : FIELD_CELLS;
    r->field.grid[1] = data->n_inputs == 1 ? 1 : FIELD_CELLS;
    return 1;
}

/// The largest distance from zero that the diverging colours span.
static double colour_reach(const Dataset *data) {
    double reach = fmax(fabs((double)data->t_min), fabs((double)data->t_max));
    return isfinite(reach) && reach > 0 ? reach : 1;
}

static Color output_color(const Snapshot *run, const Theme *theme, float y) {
    if (isnan(y)) return theme->panel;
    if (classed(run)) {
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

static void fill_image(State *state, const ViewContext *context, const Observation *field) {
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

/// A hash of the pixels (FNV-1a): the texture is uploaded again when it changes.
static uint64_t image_version(const uint8_t *image, size_t size) {
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < size; i++) hash = (hash ^ image[i]) * 1099511628211u;
    return hash;
}

static Axes draw_axes(const ViewContext *context, Rect area, double y_lo, double y_hi,
                      const char *y_label, bool grid) {
    AxesDesc desc = {.y = {.lo = y_lo, .hi = y_hi, .label = y_label}, .grid = grid};
    input_range(context->run->data, 0, &desc.x.lo, &desc.x.hi);
    desc.x.label = grid ? "x" : context->figure ? "x₁" : NULL;
    return axes_draw(context->gfx, context->theme, context->scale, area, &desc);
}

// ---- a figure's key -----------------------------------------------------------------------------

/// What is drawn over a field of outputs, and where there is room for it what its colours are.
/// @param colors  (256), written
static void fill_field_key(const ViewContext *context, Key *key, Color colors[256], float room) {
    const Theme *theme = context->theme;
    if (!context->run->data->classes) {
        KeyEntry *data =
            key_add(key, KEY_DOT, theme->panel, view_text(context, "targets", "目标值"));
        data->rim = color_alpha(theme->halo, 0.7f);
        if (context->run->data->n_outputs == 1)
            key_add(key, KEY_LINE, theme->halo, view_text(context, "output = 0", "输出 = 0"));
        return;
    }
    key_add_classes(key, context, KEY_CLASS);
    if (!classed(context->run)) return;
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

/// Beside the plot, as high, with its name in the line of the axis'.
static void draw_outputs_bar(const ViewContext *context, const Axes *axes, const ColorbarDesc *desc,
                             float name_y) {
    const float scale = context->scale, right = context->area.x + context->area.w;
    const Rect plot = axes->area;
    const Rect bar =
        rect_round((Rect){plot.x + plot.w + BAR_GAP * scale, plot.y, BAR_WIDTH * scale, plot.h});
    colorbar_draw(context->gfx, context->theme, scale, bar, right, desc);
    TextStyle style = {.size = 12 * scale, .color = context->theme->muted};
    const char *name = view_text(context, "output", "输出");
    const float x = fminf(bar.x, right - text_width(context->gfx, &style, name));
    draw_text(context->gfx, &style, x, name_y, name);
}

// ---- two inputs ---------------------------------------------------------------------------------

static void draw_points(const ViewContext *context, const Axes *axes) {
    const Dataset *data = context->run->data;
    size_t stride = stride_of(data);
    // Smaller where the plot is, or the field behind the points would be covered.
    float side = fminf(axes->area.w, axes->area.h);
    float size = fminf((data->n > 800 ? 3.6f : 4.4f) * view_mark_scale(context), 0.025f * side);
    if (data->n <= FEW_POINTS) size = fminf(12 * view_mark_scale(context), 0.05f * side);
    float xy[CHUNK][2], target[CHUNK];
    int n = 0;
    for (size_t i = 0; i < data->n; i += stride) {
        const float *x = data->x + i * (size_t)data->n_inputs;
        float t = data->t[i * (size_t)data->n_outputs];
        if (!classed(context->run)) {
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

static void draw_field(State *state, const ViewContext *context) {
    double lo, hi;
    input_range(context->run->data, 1, &lo, &hi);
    const Dataset *data = context->run->data;
    Rect area = context->area;
    Key key = {0};
    Color colors[256];
    ColorbarDesc bar = {0};
    if (context->figure) {
        fill_field_key(context, &key, colors, key_room(context, area));
        if (!data->classes && data->n_outputs == 1) {
            bar = outputs_bar(context, colors);
            const float wide = BAR_GAP * context->scale +
                               colorbar_width(context->gfx, context->scale, &bar, area.h);
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
    bool fits = field && field->values && field->grid[0] <= FIELD_CELLS &&
                field->grid[1] <= FIELD_CELLS && field->grid[1] > 1;
    if (fits && !state->image) state->image = malloc((size_t)FIELD_CELLS * FIELD_CELLS * 4);
    if (fits && state->image) {
        fill_image(state, context, field);
        size_t size = (size_t)field->grid[0] * (size_t)field->grid[1] * 4;
        draw_image(context->gfx, IMAGE_SLOT, image_version(state->image, size), state->image,
                   field->grid[0], field->grid[1], axes.area, true);
    }
    draw_points(context, &axes);
    if (fits && !field->winner) {
        float level = classed(context->run) ? 0.5f : 0.0f;
        const float *from = field->request.field.lo, *to = field->request.field.hi;
        float width = context->scale;
        // Between the classes' colours a light line shows, on the pale middle of the map a dark
        // one.
        const Theme *theme = context->theme;
        Color line = classed(context->run) ? theme->text : theme->halo;
        Color halo = classed(context->run) && theme->dark ? theme->halo : theme->panel;
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

/// Away from the data and from the output's curve.
/// @param curve  (n_curve, 2) pixels
static void draw_curve_legend(const ViewContext *context, const Axes *axes,
                              const char *const *names, const Color *colors, int n,
                              const float *curve, int n_curve) {
    const Dataset *data = context->run->data;
    float xy[LEGEND_POINTS][2];
    int count = 0;
    for (size_t i = 0, stride = data->n / LEGEND_POINTS + 1; i < data->n; i += stride) {
        xy[count][0] = axes_x(axes, (double)data->x[i]);
        xy[count++][1] = axes_y(axes, (double)data->t[i * (size_t)data->n_outputs]);
    }
    const LegendInk ink[] = {{xy[0], count, false}, {curve, n_curve, true}};
    legend_draw(context->gfx, context->theme, context->scale, axes->area, names, colors, n, ink, 2);
}

static void draw_curve(State *state, const ViewContext *context) {
    const Snapshot *run = context->run;
    const Dataset *data = run->data;
    const Theme *theme = context->theme;
    double lo, hi;
    const Observation *field = view_observation(context, 0, OBSERVE_FIELD);
    target_range(data, &lo, &hi);
    const bool has_test = data->n_train < data->n;
    Key key = {0};
    if (context->figure) {
        key_add(&key, KEY_LINE, theme->prediction, view_text(context, "output", "输出"));
        key_add(&key, KEY_DOT, theme->muted,
                has_test ? view_text(context, "train", "训练")
                         : view_text(context, "data", "数据"));
        if (has_test) key_add(&key, KEY_DOT, theme->test, view_text(context, "test", "测试"));
    }
    drop_large_key(context, &key, context->area);
    Axes axes = draw_axes(context, leave_key(context, &key, context->area), lo, hi, "y", true);
    draw_key(context, &key, &axes, context->area);
    if (axes.area.w < 4 || axes.area.h < 4) return;
    gfx_clip_push(context->gfx, axes.area);
    size_t stride = stride_of(data);
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
    const char *names[3];
    Color colors[3];
    int n = 0;
    names[n] = view_text(context, "output", "输出");
    colors[n++] = theme->prediction;
    names[n] = has_test ? view_text(context, "train", "训练") : view_text(context, "data", "数据");
    colors[n++] = theme->muted;
    if (has_test) {
        names[n] = view_text(context, "test", "测试");
        colors[n++] = theme->test;
    }
    if (!context->figure) draw_curve_legend(context, &axes, names, colors, n, xy[0], n_curve);
    state->axes = axes;
    state->has_axes = true;
}

// ---- other data ---------------------------------------------------------------------------------

/// A number in [-1, 1] that belongs to a sample, the same in every picture.
static float jitter(int sample) {
    uint32_t h = (uint32_t)sample * 2654435761u;
    h ^= h >> 15;
    h *= 2246822519u;
    h ^= h >> 13;
    return (float)(h & 0xFFFF) / 32767.5f - 1;
}

/// A column for each class, its samples as high as the network is sure of what it takes them for,
/// in that class's colour.
static void draw_verdicts(State *state, const ViewContext *context, const Observation *o) {
    int classes = classes_count(context->run->data);
    AxesDesc desc = {.x = {.lo = -0.5, .hi = classes - 0.5, .whole = true},
                     .y = {.lo = 0, .hi = 1.02},
                     .grid = false};
    desc.x.label = view_text(context, "true class", "真实类别");
    desc.y.label = view_text(context, "confidence in what it says", "对判断的把握");
    Key key = {0};
    key_add(&key, KEY_WORDS, context->theme->text, view_text(context, "it says:", "判断为："));
    key_add_classes(&key, context, KEY_CLASS);
    Axes axes =
        axes_draw(context->gfx, context->theme, context->scale, key_at_foot(context, &key), &desc);
    if (axes.area.w < 4 || axes.area.h < 4) return;
    int stride = (o->n_points + POINTS_SHOWN - 1) / POINTS_SHOWN;
    gfx_clip_push(context->gfx, axes.area);
    for (int k = 1; k < classes; k++) {
        float x = axes_x(&axes, k - 0.5);
        draw_line(context->gfx, x, axes.area.y, x, axes.area.y + axes.area.h, context->scale,
                  context->theme->hairline);
    }
    for (int i = 0; i<o->n_points; i += stride> 0 ? stride : 1) {
        float x = axes_x(&axes, (double)(o->target[i] + 0.38f * jitter(i)));
        classes_mark(context->gfx, context->theme, (int)o->winner[i], classes, x,
                     axes_y(&axes, (double)o->values[i]), 4.4f * context->scale);
    }
    gfx_clip_pop(context->gfx);
    state->axes = axes;
}

/// Outputs over targets, and the line where they are equal.
static void draw_values(State *state, const ViewContext *context, const Observation *o) {
    const Theme *theme = context->theme;
    const float *outputs = o->points + (size_t)(o->n_layers - 1) * (size_t)o->n_points * 2;
    bool plane = context->run->data->n_outputs <= 2;
    if (!plane) {
        view_say(context, view_text(context, "needs data with one or two targets",
                                    "需要一个或两个目标的数据"));
        return;
    }
    double lo = HUGE_VAL, hi = -HUGE_VAL;
    for (int i = 0; i < o->n_points; i++) {
        lo = fmin(lo, (double)o->target[i]);
        hi = fmax(hi, (double)o->target[i]);
    }
    view_round_range(&lo, &hi);
    AxesDesc desc = {.x = {.lo = lo, .hi = hi}, .y = {.lo = lo, .hi = hi}, .grid = true};
    desc.x.label = view_text(context, "target", "目标");
    desc.y.label = view_text(context, "output", "输出");
    Axes axes = axes_draw(context->gfx, theme, context->scale, context->area, &desc);
    if (axes.area.w < 4 || axes.area.h < 4) return;
    gfx_clip_push(context->gfx, axes.area);
    draw_line(context->gfx, axes_x(&axes, lo), axes_y(&axes, lo), axes_x(&axes, hi),
              axes_y(&axes, hi), 1.5f * context->scale, color_alpha(theme->truth, 0.8f));
    for (int i = 0; i < o->n_points; i++) {
        draw_circle(context->gfx, axes_x(&axes, (double)o->target[i]),
                    axes_y(&axes, (double)outputs[2 * (size_t)i]), 1.8f * context->scale,
                    color_alpha(theme->prediction, 0.8f));
    }
    gfx_clip_pop(context->gfx);
    state->axes = axes;
}

static void draw_many_inputs(State *state, const ViewContext *context) {
    Kind kind = kind_of(context->run->data);
    const Observation *o =
        view_observation(context, 0, kind == KIND_VALUES ? OBSERVE_LAYERS : OBSERVE_CLASSES);
    if (!o || o->n_points < 1) {
        view_say(context, view_text(context, "measuring…", "正在测量…"));
        return;
    }
    if (kind == KIND_VALUES) {
        draw_values(state, context, o);
        return;
    }
    if (kind == KIND_CLASSES) {
        draw_verdicts(state, context, o);
        return;
    }
    if (!state->images) state->images = calloc(1, sizeof *state->images);
    if (!state->images) return;
    Key key = {0};
    key_add(&key, KEY_BAR, context->theme->accent, view_text(context, "right", "判对"));
    key_add(&key, KEY_BAR, context->theme->warning, view_text(context, "wrong", "判错"));
    key_add(&key, KEY_WORDS, context->theme->text,
            view_text(context, "length of the bar: confidence", "横条长度：把握"));
    ViewContext above = *context;
    above.area = key_at_foot(context, &key);
    images_draw(state->images, &above, o, state->wrong_only);
}

// ---- all ----------------------------------------------------------------------------------------

static void draw(void *state_, const ViewContext *context) {
    State *state = state_;
    state->has_axes = false;
    Kind kind = kind_of(context->run->data);
    if (kind == KIND_CURVE) {
        draw_curve(state, context);
    } else if (kind == KIND_FIELD) {
        draw_field(state, context);
    } else {
        draw_many_inputs(state, context);
        return;
    }
    state->axes.area.x -= context->area.x;
    state->axes.area.y -= context->area.y;
}

/// The likeliest classes of an image, what it is, and a mark at its tile.
static void read_image(State *state, const ViewContext *context) {
    const Snapshot *run = context->run;
    const Observation *o = view_observation(context, 0, OBSERVE_CLASSES);
    Rect tile;
    int point = state->images && o ? images_hit(state->images, context, &tile) : -1;
    if (point < 0 || point >= o->n_points) return;
    if (!state->probe) state->probe = calloc(1, sizeof *state->probe);
    if (!state->probe) return;
    size_t sample = verdict_sample(o, run->data, point);
    const float *y =
        probe_outputs(state->probe, run, run->data->x + sample * (size_t)run->data->n_inputs);
    if (!y) return;
    const char *labels[LIKELY + 1], *values[LIKELY + 1];
    char names[LIKELY][32], text[LIKELY][16], class[32];
    Color swatch[LIKELY + 1];
    int order[LIKELY], n = 0, classes = run->data->n_outputs;
    for (; n < LIKELY && n < classes && classes > 1; n++) {
        int best = -1;
        for (int k = 0; k < classes; k++) {
            bool taken = false;
            for (int i = 0; i < n; i++) taken = taken || order[i] == k;
            if (!taken && (best < 0 || y[k] > y[best])) best = k;
        }
        order[n] = best;
        classes_name(context, best, names[n], sizeof names[n]);
        snprintf(text[n], sizeof text[n], "%.1f %%", 100 * (double)y[best]);
        labels[n] = names[n];
        values[n] = text[n];
        swatch[n] = classes_color(context->theme, best, classes);
    }
    int truth = classes_of(run->data, sample);
    classes_name(context, truth, class, sizeof class);
    labels[n] = view_text(context, "truth", "真值");
    values[n] = class;
    swatch[n++] = color_alpha(context->theme->muted, 0);
    draw_rect_outline(context->gfx, rect_inset(tile, -2 * context->scale), 0, 2 * context->scale,
                      context->theme->text);
    marks_readout(context->gfx, context->theme, context->scale, context->area, tile.x + tile.w,
                  tile.y, labels, values, swatch, n);
}

static void overlay(void *state_, const ViewContext *context) {
    State *state = state_;
    if (context->hover && kind_of(context->run->data) == KIND_IMAGES) read_image(state, context);
    if (!context->hover || !state->has_axes || context->run->data->n_inputs > 2) return;
    Axes axes = state->axes;
    axes.area.x += context->area.x;
    axes.area.y += context->area.y;
    if (!rect_contains(axes.area, context->x, context->y)) return;
    if (!state->probe) state->probe = calloc(1, sizeof *state->probe);
    if (!state->probe) return;
    float x[2] = {(float)axes_x_at(&axes, context->x), (float)axes_y_at(&axes, context->y)};
    const float *y = probe_outputs(state->probe, context->run, x);
    if (!y) return;
    bool plane = context->run->data->n_inputs == 2;
    const char *labels[4], *values[4];
    char text[4][32];
    int n = 0, classes = context->run->data->classes ? context->run->data->n_outputs : 0;
    labels[n] = plane ? "x₁" : "x";
    number_print((double)x[0], 3, text[n], sizeof text[n]);
    n++;
    if (plane) {
        labels[n] = "x₂";
        number_print((double)x[1], 3, text[n], sizeof text[n]);
        n++;
    }
    int best = 0;
    for (int k = 1; k < classes; k++) best = y[k] > y[best] ? k : best;
    if (classes > 1) {
        labels[n] = view_text(context, "class", "类别");
        classes_name(context, best, text[n], sizeof text[n]);
        n++;
    }
    labels[n] = view_text(context, "output", "输出");
    number_print((double)y[best], 4, text[n], sizeof text[n]);
    n++;
    for (int i = 0; i < n; i++) values[i] = text[i];
    float at = context->y;
    if (!plane) {
        float curve = axes_y(&axes, (double)y[0]);
        if (curve >= axes.area.y && curve <= axes.area.y + axes.area.h) {
            at = curve;
            draw_circle(context->gfx, context->x, at, 5 * context->scale, context->theme->panel);
            draw_circle(context->gfx, context->x, at, 3.5f * context->scale,
                        context->theme->prediction);
        }
    }
    marks_readout(context->gfx, context->theme, context->scale, context->area, context->x, at,
                  labels, values, NULL, n);
}

/// Whether the data is drawn over a step's line, and the field over the sigmoid of its sum.
static bool shows_sigmoid(const Snapshot *run) {
    return run->net.layers[run->net.n_layers - 1].activation == ACTIVATION_STEP;
}

static void print_verdicts(const ViewContext *context, char *text, size_t size) {
    const Observation *o = view_observation(context, 0, OBSERVE_CLASSES);
    if (!o || o->n_points < 1) return;
    int wrong = 0;
    for (int i = 0; i < o->n_points; i++) wrong += o->winner[i] != o->target[i];
    char part[32], all[32];
    count_print(wrong, part, sizeof part);
    count_print(o->n_points, all, sizeof all);
    bool test = context->run->data->n > context->run->data->n_train;
    snprintf(
        text, size,
        test ? view_text(context, "%s wrong   of %s test samples", "%s 个判错   共 %s 个测试样本")
             : view_text(context, "%s wrong   of %s samples", "%s 个判错   共 %s 个样本"),
        part, all);
}

static void subtitle(const void *state, const ViewContext *context, char *text, size_t size) {
    (void)state;
    const Dataset *data = context->run->data;
    Kind kind = kind_of(data);
    if (kind == KIND_IMAGES || kind == KIND_CLASSES) print_verdicts(context, text, size);
    if (data->n_inputs > 2) return;
    size_t stride = stride_of(data);
    if (stride > 1) {
        char part[32], all[32];
        count_print((int64_t)((data->n + stride - 1) / stride), part, sizeof part);
        count_print((int64_t)data->n, all, sizeof all);
        snprintf(text, size, view_text(context, "%s of %s points", "%s / %s 个点"), part, all);
    } else if (data->n_inputs == 2 && data->n_outputs == 1) {
        const char *words = shows_sigmoid(context->run)
                                ? view_text(context, "shown with sigmoid", "以 sigmoid 显示")
                            : classed(context->run) ? view_text(context, "0.5 line", "0.5 等值线")
                                                    : view_text(context, "zero line", "零等值线");
        snprintf(text, size, "%s", words);
    }
}

static void header(void *state_, Ui *ui, const ViewContext *context, Rect *r,
                   ViewActions *actions) {
    (void)actions;
    State *state = state_;
    if (kind_of(context->run->data) != KIND_IMAGES) return;
    const char *name = view_text(context, "only wrong ones", "仅判错");
    float width = view_toggle_width(ui, name);
    if (r->w < width) return;
    ui_toggle(ui, "predictions.wrong", rect_cut_right(r, width), name, &state->wrong_only);
}

// ---- numbers ------------------------------------------------------------------------------------

/// The field or curve of outputs, then the points that lie on it: those that are drawn.
static void write_plane(const ViewContext *context, const Observation *field, Table *out) {
    const Dataset *data = context->run->data;
    const bool plane = data->n_inputs == 2;
    table_header(out, plane ? "part,x1,x2,output,class,target" : "part,x1,output,class,target");
    for (int j = 0; j < field->grid[1]; j++) {
        for (int i = 0; i < field->grid[0]; i++) {
            const int at = j * field->grid[0] + i;
            table_text(out, "field");
            table_float(out, (float)field->values_a[i]);
            if (plane) table_float(out, (float)field->values_b[j]);
            table_float(out, field->values[at]);
            table_float(out, field->winner ? field->winner[at] : NAN);
            table_empty(out);
            table_end_row(out);
        }
    }
    for (size_t i = 0, stride = stride_of(data); i < data->n && !table_failed(out); i += stride) {
        const float *x = data->x + i * (size_t)data->n_inputs;
        table_text(out, i < data->n_train ? "train" : "test");
        for (int k = 0; k < data->n_inputs; k++) table_float(out, x[k]);
        table_empty(out);
        table_empty(out);
        if (data->classes)
            table_integer(out, classes_of(data, i));
        else
            table_float(out, data->t[i * (size_t)data->n_outputs]);
        table_end_row(out);
    }
}

/// Samples with what the network takes them for; where only wrong ones are shown, these.
static void write_verdicts(const State *state, const ViewContext *context, const Observation *o,
                           Table *out) {
    const bool wrong_only = state->wrong_only && kind_of(context->run->data) == KIND_IMAGES;
    table_header(out, "sample,target,class,output");
    for (int i = 0; i < o->n_points; i++) {
        if (wrong_only && o->winner[i] == o->target[i]) continue;
        table_integer(out, (int64_t)verdict_sample(o, context->run->data, i));
        table_float(out, o->target[i]);
        table_float(out, o->winner[i]);
        table_float(out, o->values[i]);
        table_end_row(out);
    }
}

static void write_values(const ViewContext *context, const Observation *o, Table *out) {
    const float *outputs = o->points + (size_t)(o->n_layers - 1) * (size_t)o->n_points * 2;
    table_header(out, "sample,target,output");
    for (int i = 0; i < o->n_points; i++) {
        table_integer(out, (int64_t)cloud_sample(o, context->run->data, i));
        table_float(out, o->target[i]);
        table_float(out, outputs[2 * (size_t)i]);
        table_end_row(out);
    }
}

static bool table(const void *state, const ViewContext *context, Table *out, Error *error) {
    static const ObservationKind kinds[] = {[KIND_CURVE] = OBSERVE_FIELD,
                                            [KIND_FIELD] = OBSERVE_FIELD,
                                            [KIND_IMAGES] = OBSERVE_CLASSES,
                                            [KIND_CLASSES] = OBSERVE_CLASSES,
                                            [KIND_VALUES] = OBSERVE_LAYERS};
    const Kind kind = kind_of(context->run->data);
    if (kind == KIND_VALUES && context->run->data->n_outputs > 2) {
        return error_set(
            error, "%s",
            view_text(context, "needs data with one or two targets", "需要一个或两个目标的数据"));
    }
    const Observation *o = view_observation(context, 0, kinds[kind]);
    const bool there = o && (kinds[kind] == OBSERVE_FIELD ? o->values != NULL : o->n_points > 0);
    if (!there) return error_set(error, "%s", view_text(context, "measuring…", "正在测量…"));
    if (kind == KIND_VALUES)
        write_values(context, o, out);
    else if (kind == KIND_CURVE || kind == KIND_FIELD)
        write_plane(context, o, out);
    else
        write_verdicts(state, context, o, out);
    return true;
}

const ViewType view_type_predictions = {
    .id = "predictions",
    .title = "Predictions",
    .title_zh = "预测",
    .description = "the data over the network's output",
    .description_zh = "网络输出之上的数据",
    .aspect = aspect,
    .state_size = sizeof(State),
    .deinit = deinit,
    .subtitle = subtitle,
    .header = header,
    .observe = request,
    .draw = draw,
    .table = table,
    .overlay = overlay,
};
