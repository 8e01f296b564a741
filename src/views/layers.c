/// What every layer does to the data: one square a layer, the points where its two units put them,
/// and the input plane's grid as it is bent by then. More than two units are seen along the two
/// directions in which they vary most. The output, one number, lies on its axis, spread in the
/// other direction so that its density shows; several classes lie in a star with a class at each
/// corner. For one input, each square shows its units, or directions, as curves over the input.
///
/// Axes keep still: tanh and sigmoid have theirs by nature, the others widen with their data and
/// narrow only when they have become far too wide. What lies in a square is layers_cell.c's.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gfx/text.h"
#include "plot/axes.h"
#include "plot/marks.h"
#include "views/classes.h"
#include "views/key.h"
#include "views/layers_cell.h"

enum {
    CELLS_MAX = NETWORK_LAYERS_MAX + 1,
    PLANE_UNITS = 2, // wider layers are seen along two directions
};

#define NEAR_UNITS 12.0f // how near to a point the pointer must be
#define WORDS_GAP  12.0f // between captions
#define CAPTION    24.0f
#define CELL_GAP   12.0f
#define LONG_CHAIN 8     // cells from which on two rows read better than one
#define CELL_WIDE  1.15f // a cell may be that much wider than high,
#define CELL_HIGH  1.25f // or higher than wide
#define STAR_REACH 1.6   // how far a star's axes go, with room for names

/// The range that a cell's axes have, in x and y.
typedef struct Range {
    double lo[2], hi[2];
    bool set;
} Range;

/// How much a caption says: all; without the units' number; without norm and dropout; the layer's
/// name alone.
typedef enum Words { WORDS_ALL, WORDS_MOST, WORDS_FEW, WORDS_NAME } Words;

typedef struct State {
    Range *ranges;      // (CELLS_MAX), kept from picture to picture
    CurvePoint *sorted; // (CLOUD_POINTS_MAX), by x
    uint64_t generation;
    int columns, rows; // as drawn
    Rect first;        // the first cell, relative to the area
    float step_x, step_y;
    Words words; // of the captions
    bool drawn;
} State;

/// Of cells in one row, a long chain in two, and a key below.
static float aspect(const Experiment *experiment) {
    const int cells = experiment->n_layers + 1;
    const int columns = cells <= 5 ? cells : (cells + 1) / 2 < 7 ? (cells + 1) / 2 : 7;
    const int rows = (cells + columns - 1) / columns;
    const float side = (VIEW_FIGURE_WIDTH - CELL_GAP * (float)(columns + 1)) / (float)columns;
    const bool names =
        experiment->layers[experiment->n_layers - 1].desc.units > 5; // two rows of them
    const float key = names ? 40 : 23;
    return VIEW_FIGURE_WIDTH / ((float)rows * (side + CAPTION) + CELL_GAP + key);
}

static void deinit(void *state_) {
    State *state = state_;
    free(state->ranges);
    free(state->sorted);
}

static void weights(const Experiment *experiment, float *width, float *height) {
    *width = 1;
    *height = experiment->n_layers + 1 > 8 ? 0.58f : 0.29f;
}

static int request(void *state, const ViewContext *context, ObservationRequest *requests) {
    (void)state;
    (void)context;
    requests[0].kind = OBSERVE_LAYERS;
    requests[0].priority = 2;
    return 1;
}

// ---- where the cells lie ------------------------------------------------------------------------

/// As many rows as make the cells largest, evenly filled: 13 cells become rows of seven and six.
static void arrange(State *state, const ViewContext *context, int cells) {
    float gap = CELL_GAP * context->scale, caption = CAPTION * context->scale;
    Rect area = context->area;
    gap = fminf(gap, 0.15f * area.w / (float)cells);
    float best = 0;
    state->columns = cells;
    state->rows = 1;
    for (int rows = 1; rows <= cells; rows++) {
        int columns = (cells + rows - 1) / rows;
        float w = (area.w - gap * (float)(columns + 1)) / (float)columns;
        float h = area.h / (float)rows - caption;
        // What such a cell would be as a square.
        float side = sqrtf(fminf(w, h * CELL_WIDE) * fminf(h, w * CELL_HIGH));
        // Another row must be worth it; a long chain reads better in two even where that costs a
        // little.
        float worth = rows == 2 && cells > LONG_CHAIN ? 0.75f : 1.1f;
        if (w > 0 && h > 0 && side > worth * best) {
            best = side;
            state->columns = columns;
            state->rows = rows;
        }
    }
    float columns = (float)state->columns, rows = (float)state->rows;
    float w = (area.w - gap * (columns + 1)) / columns, h = area.h / rows - caption;
    if (h < 0.5f * area.h / rows) { // no room for captions
        h = 0.9f * area.h / rows;
        caption = 0.1f * area.h / rows;
    }
    float wide = fminf(w, h * CELL_WIDE), high = fminf(h, w * CELL_HIGH);
    float spread = fminf((area.w - wide * columns) / (columns + 1), 4 * gap);
    state->step_x = wide + spread;
    state->step_y = area.h / rows;
    float used = wide * columns + spread * (columns - 1);
    float slack = fmaxf(0, state->step_y - high - caption);
    state->first = (Rect){(area.w - used) / 2, slack / 2, wide, high};
}

static Rect cell_rect(const State *state, const ViewContext *context, int cell) {
    Rect r = state->first;
    int column = cell % state->columns, row = cell / state->columns;
    r.x += context->area.x + state->step_x * (float)column;
    r.y += context->area.y + state->step_y * (float)row;
    return rect_round(r);
}

// ---- ranges -------------------------------------------------------------------------------------

/// Widens at once to hold [lo, hi] with a margin; narrows where less than half is used.
static void keep_range(Range *range, int axis, double lo, double hi) {
    if (!isfinite(lo) || !isfinite(hi) || hi < lo) {
        lo = -1;
        hi = 1;
    }
    double used = hi - lo, kept = range->hi[axis] - range->lo[axis];
    if (range->set && lo >= range->lo[axis] && hi <= range->hi[axis] && used >= 0.4 * kept) return;
    double margin = fmax(0.12 * used, 1e-3 * fmax(fabs(lo), fabs(hi)));
    if (margin <= 0) margin = 0.5;
    range->lo[axis] = lo - margin;
    range->hi[axis] = hi + margin;
}

static void data_extent(const Observation *o, int cell, int axis, double *lo, double *hi) {
    *lo = HUGE_VAL;
    *hi = -HUGE_VAL;
    const float *points = o->points + (size_t)cell * (size_t)o->n_points * 2;
    for (int i = 0; i < o->n_points; i++) {
        double v = (double)points[2 * i + axis];
        if (!isfinite(v)) continue;
        *lo = fmin(*lo, v);
        *hi = fmax(*hi, v);
    }
}

/// Outputs of three classes or more, as the observation lays them out.
static bool is_star(const Snapshot *run, const Observation *o, int cell) {
    return layers_is_output(o, cell) && run->data->classes && run->data->n_outputs > PLANE_UNITS;
}

/// Whether the cell shows directions rather than units.
static bool is_projected(const Snapshot *run, int cell) {
    return layers_units(run, cell) > PLANE_UNITS;
}

/// Whether an activation alone bounds a layer's outputs.
static bool is_bounded(const Snapshot *run, int cell) {
    if (cell == 0 || is_projected(run, cell)) return false;
    const Layer *layer = &run->net.layers[cell - 1];
    if (layer->residual) return false;
    return layer->activation == ACTIVATION_TANH || layer->activation == ACTIVATION_SIGMOID ||
           layer->activation == ACTIVATION_STEP || layer->activation == ACTIVATION_SOFTMAX;
}

/// @param column  which coordinate of the points lies along the axis
static void unit_range(const Snapshot *run, const Observation *o, int cell, Range *range, int axis,
                       int column) {
    double lo, hi;
    if (is_star(run, o, cell)) {
        range->lo[axis] = -STAR_REACH;
        range->hi[axis] = STAR_REACH;
        return;
    }
    if (is_bounded(run, cell)) {
        bool tanh = run->net.layers[cell - 1].activation == ACTIVATION_TANH;
        range->lo[axis] = tanh ? -1.1 : -0.08;
        range->hi[axis] = tanh ? 1.1 : 1.08;
        return;
    }
    data_extent(o, cell, column, &lo, &hi);
    if (layers_is_output(o, cell) && run->data->classes) {
        lo = fmin(lo, 0);
        hi = fmax(hi, 1);
    }
    keep_range(range, axis, lo, hi);
}

// ---- drawing ------------------------------------------------------------------------------------

static void draw_line_at(const ViewContext *context, const Axes *axes, double x, Color color) {
    float px = axes_x(axes, x);
    draw_line(context->gfx, px, axes->area.y, px, axes->area.y + axes->area.h,
              1.5f * context->scale, color);
}

/// "h₂ = h₁ + tanh", "h₁ = relu · batch norm · dropout 0.5, 64 units"
static void caption(const ViewContext *context, int cell, int cells, Words words, char *text,
                    size_t size) {
    const Network *net = &context->run->net;
    int units = layers_units(context->run, cell);
    size_t used = 0;
#define APPEND(...)                                                                                \
    used += used < size ? (size_t)snprintf(text + used, size - used, __VA_ARGS__) : 0
    char index[32];
    const Layer *layer = cell > 0 ? &net->layers[cell - 1] : NULL;
    view_subscript(cell, index, sizeof index);
    bool inner = cell > 0 && cell < cells - 1;
    if (inner) {
        APPEND("h%s", index);
        if (words != WORDS_NAME) APPEND(" = ");
    } else {
        APPEND("%s", cell == 0 ? view_text(context, "input", "输入")
                               : view_text(context, "output", "输出"));
    }
    if (inner && words != WORDS_NAME) {
        view_subscript(cell - 1, index, sizeof index);
        if (layer->residual && cell == 1) APPEND("x + ");
        if (layer->residual && cell > 1) APPEND("h%s + ", index);
        APPEND("%s", activation_name(layer->activation));
    }
    if (inner && words <= WORDS_MOST && layer->norm == NORM_BATCH) {
        APPEND(" · %s", view_text(context, "batch norm", "批归一化"));
    }
    if (inner && words <= WORDS_MOST && layer->norm == NORM_LAYER) {
        APPEND(" · %s", view_text(context, "layer norm", "层归一化"));
    }
    if (inner && words <= WORDS_MOST && layer->dropout > 0) {
        APPEND(" · %s %.2g", view_text(context, "dropout", "丢弃"), (double)layer->dropout);
    }
    if (words == WORDS_ALL && units > PLANE_UNITS) {
        APPEND(view_text(context, ", %d %s", "，%d %s"), units,
               cell == 0 ? view_text(context, "values", "个值")
                         : view_text(context, "units", "个单元"));
    }
#undef APPEND
}

/// The range of the targets of the samples shown.
static void target_extent(const Observation *o, double *lo, double *hi) {
    *lo = HUGE_VAL;
    *hi = -HUGE_VAL;
    for (int i = 0; i < o->n_points; i++) {
        *lo = fmin(*lo, (double)o->target[i]);
        *hi = fmax(*hi, (double)o->target[i]);
    }
}

/// For one input: curves over it, the data and the output against the target's axis.
static void curve_ranges(const Snapshot *run, const Observation *o, int cell, Range *range) {
    double lo, hi;
    data_extent(o, 0, 0, &lo, &hi);
    keep_range(range, 0, lo, hi);
    if (cell != 0 && !layers_is_output(o, cell)) {
        if (is_bounded(run, cell) || layers_units(run, cell) == 1) {
            unit_range(run, o, cell, range, 1, 0);
            return;
        }
        double other_lo, other_hi; // of the second curve
        data_extent(o, cell, 0, &lo, &hi);
        data_extent(o, cell, 1, &other_lo, &other_hi);
        keep_range(range, 1, fmin(lo, other_lo), fmax(hi, other_hi));
        return;
    }
    target_extent(o, &lo, &hi);
    keep_range(range, 1, lo, hi);
}

static void cell_ranges(State *state, const Snapshot *run, const Observation *o, int cell) {
    Range *range = &state->ranges[cell];
    if (run->data->n_inputs == 1) {
        curve_ranges(run, o, cell, range);
        range->set = true;
        return;
    }
    unit_range(run, o, cell, range, 0, 0);
    if (!layers_is_output(o, cell) || layers_units(run, cell) > 1) {
        unit_range(run, o, cell, range, 1, layers_units(run, cell) > 1 ? 1 : 0);
    } else if (layers_one_class(run)) { // spread within a band
        range->lo[1] = -1;
        range->hi[1] = 1;
    } else {
        double lo, hi;
        target_extent(o, &lo, &hi);
        keep_range(range, 1, lo, hi);
    }
    range->set = true;
}

static Axes cell_axes(const State *state, const ViewContext *context, int cell) {
    const Range *range = &state->ranges[cell];
    return (Axes){.area = cell_rect(state, context, cell),
                  .x = {.lo = range->lo[0], .hi = range->hi[0]},
                  .y = {.lo = range->lo[1], .hi = range->hi[1]}};
}

/// All captions are of one kind, the longest that leaves room for each.
static void choose_words(State *state, const ViewContext *context, int cells) {
    TextStyle style = {.size = 13 * context->scale};
    const float room =
        context->figure ? state->step_x - WORDS_GAP * context->scale : 0.94f * state->step_x;
    for (state->words = WORDS_ALL; state->words < WORDS_NAME; state->words++) {
        bool fits = true;
        for (int cell = 0; cell < cells && fits; cell++) {
            char text[128];
            caption(context, cell, cells, state->words, text, sizeof text);
            fits = text_width(context->gfx, &style, text) <= room;
        }
        if (fits) return;
    }
}

static void draw_cell(State *state, const ViewContext *context, const Observation *o, int cell) {
    const Snapshot *run = context->run;
    const Theme *theme = context->theme;
    Rect r = cell_rect(state, context, cell);
    if (r.w < 4 || r.h < 4) return;
    cell_ranges(state, run, o, cell);
    Axes axes = cell_axes(state, context, cell);
    if (!context->figure) draw_rect(context->gfx, r, 0, theme->background);
    gfx_clip_push(context->gfx, r);
    bool line = layers_is_output(o, cell) && layers_units(run, cell) == 1;
    if (run->data->n_inputs == 1) {
        layers_draw_curves(context, o, cell, &axes, state->sorted);
    } else {
        if (is_star(run, o, cell)) {
            layers_draw_star(context, &axes);
        } else if (!line) {
            layers_draw_grid(context, o, cell, &axes);
        }
        if (line && !layers_one_class(run)) { // the diagonal: an output that equals its target
            double lo = fmax(axes.x.lo, axes.y.lo), hi = fmin(axes.x.hi, axes.y.hi);
            if (hi > lo) {
                draw_line(context->gfx, axes_x(&axes, lo), axes_y(&axes, lo), axes_x(&axes, hi),
                          axes_y(&axes, hi), context->scale, color_alpha(theme->text, 0.6f));
            }
        }
        layers_draw_points(context, o, cell, &axes);
        if (line && layers_one_class(run)) draw_line_at(context, &axes, 0.5, theme->text);
    }
    gfx_clip_pop(context->gfx);
    draw_rect_outline(context->gfx, r, 0, fmaxf(1, roundf(context->scale)), theme->hairline);
    char text[128];
    TextStyle style = {.size = 13 * context->scale, .align = TEXT_CENTER, .color = theme->muted};
    caption(context, cell, o->n_layers, state->words, text, sizeof text);
    if (text_width(context->gfx, &style, text) > state->step_x) style.size = 11 * context->scale;
    if (state->step_y - r.h >= 12 * context->scale) {
        draw_text_fit(context->gfx, &style, r.x + r.w / 2, r.y + r.h + 12 * context->scale,
                      state->step_x, text);
    }
}

// ---- a figure's key -----------------------------------------------------------------------------

static void add_curves(const ViewContext *context, Key *key) {
    const Snapshot *run = context->run;
    const Theme *theme = context->theme;
    bool units = false, pairs = false, directions = false;
    for (int cell = 1; cell < run->net.n_layers; cell++) {
        units = units || !is_projected(run, cell);
        pairs = pairs || layers_units(run, cell) == PLANE_UNITS;
        directions = directions || is_projected(run, cell);
    }
    key_add(key, KEY_DOT, theme->muted, view_text(context, "data", "数据"));
    if (!pairs && !directions) {
        key_add(key, KEY_LINE, theme->prediction,
                view_text(context, "the layer's output", "该层输出"));
        return;
    }
    key_add(key, KEY_LINE, theme->prediction,
            !directions ? view_text(context, "first unit", "第一个单元")
            : units     ? view_text(context, "first unit or direction", "第一个单元或方向")
                        : view_text(context, "first direction", "第一方向"));
    key_add(key, KEY_LINE, theme->class0,
            !directions ? view_text(context, "second unit", "第二个单元")
            : pairs     ? view_text(context, "second unit or direction", "第二个单元或方向")
                        : view_text(context, "second direction", "第二方向"));
    key_add(key, KEY_LINE, theme->prediction,
            is_projected(run, run->net.n_layers)
                ? view_text(context, "the output's first direction", "输出的第一方向")
            : run->data->n_outputs > 1 ? view_text(context, "first output", "第一个输出")
                                       : view_text(context, "output", "输出"));
}

/// Points' colours by their targets.
static void add_targets(const ViewContext *context, Key *key) {
    const Dataset *data = context->run->data;
    char number[32];
    number_print_short((double)data->t_max, 3, number, sizeof number);
    KeyEntry *ramp = key_add(key, KEY_RAMP, context->theme->text, number);
    number_print_short((double)data->t_min, 3, number, sizeof number);
    snprintf(ramp->before, sizeof ramp->before, "%s %s", view_text(context, "target", "目标"),
             number);
    ramp->colors = colormap_table(COLORMAP_VIRIDIS);
}

static void fill_key(const ViewContext *context, Key *key) {
    const Snapshot *run = context->run;
    const Theme *theme = context->theme;
    const bool line = layers_units(run, run->net.n_layers) == 1;
    if (run->data->n_inputs == 1) {
        add_curves(context, key);
    } else if (run->data->classes) {
        key_add_classes(key, context, classes_count(run->data) == 2 ? KEY_CLASS : KEY_DOT);
        if (line && layers_one_class(run))
            key_add(key, KEY_LINE, theme->text, view_text(context, "output = 0.5", "输出 = 0.5"));
    } else {
        add_targets(context, key);
        if (line)
            key_add(key, KEY_LINE, color_alpha(theme->text, 0.6f),
                    view_text(context, "output = target", "输出 = 目标"));
    }
}

static void draw(void *state_, const ViewContext *outer) {
    State *state = state_;
    ViewContext inner = *outer;
    const ViewContext *context = &inner;
    const Snapshot *run = context->run;
    const Observation *o = view_observation(context, 0, OBSERVE_LAYERS);
    state->drawn = false;
    if (!state->ranges) state->ranges = calloc(CELLS_MAX, sizeof *state->ranges);
    if (!state->sorted) state->sorted = malloc(CLOUD_POINTS_MAX * sizeof *state->sorted);
    if (!state->ranges || !state->sorted || !o || !o->points ||
        o->n_layers != run->net.n_layers + 1 || o->n_layers > CELLS_MAX) {
        view_say(context, view_text(context, "looking at the layers…", "正在观察各层…"));
        return;
    }
    if (state->generation != run->generation) { // other data, other network: other ranges
        memset(state->ranges, 0, sizeof *state->ranges * CELLS_MAX);
        state->generation = run->generation;
    }
    Key key = {0};
    if (outer->figure) fill_key(outer, &key);
    inner.area = key_at_foot(outer, &key);
    arrange(state, context, o->n_layers);
    choose_words(state, context, o->n_layers);
    for (int cell = 0; cell < o->n_layers; cell++) draw_cell(state, context, o, cell);
    state->drawn = true;
}

// ---- read-outs ----------------------------------------------------------------------------------

/// The sample in a cell that is nearest to the pointer, -1: none is near.
static int nearest_sample(const ViewContext *context, const Observation *o, int cell,
                          const Axes *axes) {
    int nearest = -1;
    float best = NEAR_UNITS * context->scale;
    for (int i = 0; i < o->n_points; i++) {
        double at[2];
        layers_sample_at(context->run, o, cell, i, at);
        float distance = hypotf(axes_x(axes, at[0]) - context->x, axes_y(axes, at[1]) - context->y);
        if (distance < best) {
            best = distance;
            nearest = i;
        }
    }
    return nearest;
}

static void read_sample(const ViewContext *context, const Observation *o, int cell, int sample,
                        const Axes *axes) {
    const Snapshot *run = context->run;
    const float *p = o->points + ((size_t)cell * (size_t)o->n_points + (size_t)sample) * 2;
    const char *labels[3], *values[3];
    char text[3][32], names[2][40];
    int n = 0, shown = layers_units(run, cell) > 1 ? 2 : 1;
    if (is_projected(run, cell)) shown = 0; // a direction's values say nothing
    for (; n < shown; n++) {
        if (layers_is_output(o, cell) && shown == 1) {
            snprintf(names[n], sizeof names[n], "%s", view_text(context, "output", "输出"));
        } else {
            char index[32];
            view_subscript(cell == 0 ? n + 1 : cell, index, sizeof index);
            if (cell == 0) {
                snprintf(names[n], sizeof names[n], "x%s", index);
            } else {
                snprintf(names[n], sizeof names[n], "h%s[%d]", index, n);
            }
        }
        labels[n] = names[n];
        number_print((double)p[n], 3, text[n], sizeof text[n]);
    }
    int classes = classes_count(run->data);
    labels[n] =
        classes ? view_text(context, "class", "类别") : view_text(context, "target", "目标");
    if (classes > 2) {
        classes_name(context, (int)o->target[sample], text[n], sizeof text[n]);
    } else {
        number_print_short((double)o->target[sample], 3, text[n], sizeof text[n]);
    }
    n++;
    for (int i = 0; i < n; i++) values[i] = text[i];
    double at[2];
    layers_sample_at(run, o, cell, sample, at);
    marks_readout(context->gfx, context->theme, context->scale, context->area, axes_x(axes, at[0]),
                  axes_y(axes, at[1]), labels, values, NULL, n);
}

static void mark_sample(const ViewContext *context, const Observation *o, int sample, float x,
                        float y) {
    const Theme *theme = context->theme;
    float scale = context->scale;
    Color color = layers_target_color(context->run, theme, o->target[sample]);
    draw_circle(context->gfx, x, y, 7 * scale, theme->background);
    draw_ring(context->gfx, x, y, 6 * scale, 1.8f * scale, theme->text);
    draw_circle(context->gfx, x, y, 3 * scale, color);
}

/// The sample under the pointer, marked in every cell: one sees where each layer sends it.
static void overlay(void *state_, const ViewContext *context) {
    const State *state = state_;
    const Observation *o = view_observation(context, 0, OBSERVE_LAYERS);
    if (!context->hover || !state->drawn || !o || !o->points ||
        o->n_layers != context->run->net.n_layers + 1 ||
        state->generation != context->run->generation) {
        return;
    }
    for (int cell = 0; cell < o->n_layers; cell++) {
        Axes axes = cell_axes(state, context, cell);
        if (!rect_contains(axes.area, context->x, context->y)) continue;
        int sample = nearest_sample(context, o, cell, &axes);
        if (sample < 0) return;
        for (int other = 0; other < o->n_layers; other++) {
            Axes there = cell_axes(state, context, other);
            double at[2];
            layers_sample_at(context->run, o, other, sample, at);
            float x = axes_x(&there, at[0]), y = axes_y(&there, at[1]);
            if (!rect_contains(there.area, x, y)) continue;
            mark_sample(context, o, sample, x, y);
        }
        read_sample(context, o, cell, sample, &axes);
        return;
    }
}

static void subtitle(const void *state, const ViewContext *context, char *text, size_t size) {
    (void)state;
    const Dataset *data = context->run->data;
    const char *points = data->classes ? view_text(context, "points by class", "按类别着色的点")
                                       : view_text(context, "points by target", "按目标值着色的点");
    bool projected = false;
    for (int cell = 0; cell < context->run->net.n_layers; cell++) {
        projected = projected || is_projected(context->run, cell);
    }
    const char *directions =
        projected ? view_text(context, "   more than two units: where they vary most",
                              "   超过两个单元：沿变化最大的两个方向")
                  : "";
    if (data->n_inputs == 1) {
        snprintf(text, size, "%s%s",
                 view_text(context, "each layer's units over the input", "各层单元随输入的变化"),
                 directions);
        return;
    }
    const char *grid = data->n_inputs == 2
                           ? view_text(context, "   the input's grid as each layer bends it",
                                       "   各层对输入网格的弯曲")
                           : "";
    // What goes first where room is short stands last.
    snprintf(text, size, "%s%s%s", points, grid, directions);
}

// ---- numbers ------------------------------------------------------------------------------------

static bool has_table(const ViewContext *context, const Observation *o) {
    return o && o->points && o->n_layers == context->run->net.n_layers + 1;
}

static void write_points(const Observation *o, const Snapshot *run, int cell, Table *out) {
    const float *points = o->points + (size_t)cell * (size_t)o->n_points * 2;
    for (int i = 0; i < o->n_points && !table_failed(out); i++) {
        table_text(out, "sample");
        table_integer(out, cell);
        table_empty(out);
        table_integer(out, (int64_t)cloud_sample(o, run->data, i));
        const float *at = points + 2 * (size_t)i;
        table_float(out, at[0]);
        table_float(out, layers_units(run, cell) > 1 ? at[1] : NAN);
        table_float(out, o->target[i]);
        table_end_row(out);
    }
}

/// The input's grid as the layer leaves it, where that is drawn.
static void write_grid(const Observation *o, const Snapshot *run, int cell, Table *out) {
    const bool line = layers_is_output(o, cell) && layers_units(run, cell) == 1;
    if (!o->lines || line || is_star(run, o, cell)) return;
    const float *at = o->lines + (size_t)cell * 2 * CLOUD_LINES * CLOUD_LINE_POINTS * 2;
    for (int i = 0; i < 2 * CLOUD_LINES * CLOUD_LINE_POINTS; i++, at += 2) {
        table_text(out, "grid");
        table_integer(out, cell);
        table_integer(out, i / CLOUD_LINE_POINTS);
        table_integer(out, i % CLOUD_LINE_POINTS);
        table_float(out, at[0]);
        table_float(out, layers_units(run, cell) > 1 ? at[1] : NAN);
        table_empty(out);
        table_end_row(out);
    }
}

static bool table(const void *state, const ViewContext *context, Table *out, Error *error) {
    (void)state;
    const Observation *o = view_observation(context, 0, OBSERVE_LAYERS);
    if (!has_table(context, o)) {
        return error_set(error, "%s",
                         view_text(context, "looking at the layers…", "正在观察各层…"));
    }
    table_header(out, "part,layer,line,point,u1,u2,target");
    for (int cell = 0; cell < o->n_layers; cell++) {
        write_points(o, context->run, cell, out);
        write_grid(o, context->run, cell, out);
    }
    return true;
}

const ViewType view_type_layers = {
    .id = "layers",
    .title = "Layers",
    .title_zh = "各层",
    .description = "what every layer does to the data",
    .description_zh = "每一层对数据的作用",
    .aspect = aspect,
    .state_size = sizeof(State),
    .weights = weights,
    .deinit = deinit,
    .subtitle = subtitle,
    .observe = request,
    .draw = draw,
    .table = table,
    .overlay = overlay,
};
