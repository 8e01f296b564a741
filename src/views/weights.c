/// Every weight of the network as a colour: one matrix a layer, a row a unit, a column an input,
/// the bias beside them. Where the inputs are images, the first layer's units are shown as the
/// images that they look for. Small matrices say their numbers.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gfx/text.h"
#include "plot/colormap.h"
#include "plot/marks.h"
#include "views/images.h"
#include "views/key.h"

enum {
    FIRST_SLOT = 2,
    SLOTS = 14,
    CELLS_MAX = NETWORK_LAYERS_MAX,
    MANY = 1000, // weights, of which a few may leave the colours' range
    BINS = 512,
    NUMBERS = 600 // weights that may say their numbers
};

#define CAPTION      24.0f
#define LEAST_FACTOR 0.4f // smaller images show nothing
#define GAP          20.0f
#define CELL         64.0f // a weight's side, where there is room

/// Where a layer's matrix lies, relative to the area.
typedef struct Cell {
    Rect r;           // the weights, without the bias
    Rect bias;        // one column; no width: none
    int tile_columns; // images: how many in a row; 0: a matrix
    float factor;     // images: screen pixels for a weight
    float slot;       // the width that the layer has for itself
    double reach;     // what the colours span: the largest absolute weight or bias, or in a large
                      // layer the value that all but a few in a thousand stay below
} Cell;

typedef struct State {
    Cell *cells; // (CELLS_MAX)
    int n_cells;
    bool drawn;
} State;

static void deinit(void *state_) {
    State *state = state_;
    free(state->cells);
}

/// Of few layers in one row as high as the highest; of more the usual one.
static float aspect(const Experiment *experiment) {
    static const float usual = 1.4f, most = 3.4f, key = 23;
    int units = 0;
    for (int l = 0; l < experiment->n_layers; l++) {
        if (experiment->layers[l].desc.units > units) units = experiment->layers[l].desc.units;
    }
    const float height = CELL * (float)units + CAPTION + key;
    return experiment->n_layers > 3 ? usual : fminf(most, fmaxf(usual, VIEW_FIGURE_WIDTH / height));
}

static void view_weights(const Experiment *experiment, float *width, float *height) {
    *width = 1;
    *height = experiment->n_layers > 8 ? 0.45f : 0.29f;
}

/// The side of the images that a layer's weights are, 0: they are none.
static int image_side(const Snapshot *run, int l) {
    int side;
    return l == 0 && images_square(run->data, &side) ? side : 0;
}

static Color weight_color(const Cell *cell, double w) {
    if (!isfinite(w)) return (Color){0.5f, 0.5f, 0.5f, 1};
    return colormap_at(COLORMAP_DIVERGING,
                       (float)(0.5 + 0.5 * w / (cell->reach > 0 ? cell->reach : 1)));
}

/// Counts absolute values by size.
static void add_sizes(const float *values, size_t n, double most, int counts[BINS]) {
    for (size_t i = 0; i < n; i++) {
        double share = fabs((double)values[i]) / most;
        if (share <= 1) counts[(int)(share * (BINS - 1))]++;
    }
}

static double largest(const float *values, size_t n) {
    double most = 0;
    for (size_t i = 0; i < n; i++) {
        double size = fabs((double)values[i]);
        if (isfinite(size)) most = fmax(most, size);
    }
    return most;
}

static double reach_of(const Network *net, const Layer *layer) {
    size_t n = (size_t)layer->units * (size_t)layer->inputs;
    size_t n_biases = layer->has_bias ? (size_t)layer->units : 0;
    const float *weights = net->params + layer->weight_at, *biases = net->params + layer->bias_at;
    double most = fmax(largest(weights, n), largest(biases, n_biases));
    if (n + n_biases < MANY || most <= 0) return most;
    int counts[BINS] = {0}, at = BINS - 1;
    add_sizes(weights, n, most, counts);
    add_sizes(biases, n_biases, most, counts);
    for (size_t above = 0; at > 0; at--) {
        above += (size_t)counts[at];
        if (above * 1000 > 4 * (n + n_biases)) break;
    }
    return most * (at + 1) / BINS;
}

// ---- where --------------------------------------------------------------------------------------

/// The layer's matrix within r, as large as its cells may be.
static void place_matrix(Cell *cell, const Layer *layer, Rect r, float scale) {
    float columns = (float)layer->inputs, rows = (float)layer->units;
    float extra = layer->has_bias ? 1 : 0, gap = layer->has_bias ? 6 * scale : 0;
    float most = fmaxf(CELL * scale, 0.3f * fminf(r.w, r.h));
    float side_x = fminf((r.w - gap) / (columns + extra), most);
    float side_y = fminf(r.h / rows, most);
    side_x = fminf(side_x, 2 * side_y); // neither lies too flat
    side_y = fminf(side_y, 2 * side_x);
    if (side_x * columns < 2 * scale) side_x = 2 * scale / columns;
    float w = side_x * columns, bias = extra * fmaxf(side_x, fminf(4 * scale, 0.1f * r.w));
    float h = side_y * rows, left = r.x + fmaxf(0, (r.w - w - gap - bias) / 2);
    cell->tile_columns = 0;
    cell->factor = 0;
    cell->r = rect_round((Rect){left, r.y + (r.h - h) / 2, w, h});
    cell->bias = (Rect){0, 0, 0, 0};
    if (layer->has_bias) {
        cell->bias = rect_round((Rect){cell->r.x + cell->r.w + gap, cell->r.y, bias, cell->r.h});
    }
}

/// The units' images in as many rows as make them largest.  @return false: too small to see
static bool place_images(Cell *cell, const Layer *layer, Rect r, int side) {
    float best = 0;
    int columns = 1;
    for (int c = 1; c <= layer->units; c++) {
        int rows = (layer->units + c - 1) / c;
        float factor =
            fminf(r.w / (float)(c * (side + 1) - 1), r.h / (float)(rows * (side + 1) - 1));
        if (factor > best) {
            best = factor;
            columns = c;
        }
    }
    if (best < LEAST_FACTOR) return false;
    best = best >= 1 ? floorf(2 * best) / 2 : best; // whole and half pixels stay sharp
    int rows = (layer->units + columns - 1) / columns;
    float w = best * (float)(columns * (side + 1) - 1);
    float h = best * (float)(rows * (side + 1) - 1);
    cell->tile_columns = columns;
    cell->factor = best;
    cell->bias = (Rect){0, 0, 0, 0};
    cell->r = rect_round((Rect){r.x + (r.w - w) / 2, r.y + (r.h - h) / 2, w, h});
    return true;
}

/// A share of the width for each layer: images want most, wide matrices more than small ones.
static float share_of(const Snapshot *run, int l) {
    if (image_side(run, l)) return 3;
    const Layer *layer = &run->net.layers[l];
    float wide = (float)(layer->inputs + 1) / (float)layer->units;
    return fminf(1.6f, fmaxf(0.7f, sqrtf(wide)));
}

static int rows_for(const ViewContext *context, int n) {
    float best = 0;
    int rows = 1;
    for (int k = 1; k <= n; k++) {
        int columns = (n + k - 1) / k;
        float w = context->area.w / (float)columns - GAP * context->scale;
        float h = context->area.h / (float)k - CAPTION * context->scale;
        if (fminf(w, h) > 1.1f * best) {
            best = fminf(w, h);
            rows = k;
        }
    }
    return rows;
}

static void arrange(State *state, const ViewContext *context) {
    const Network *net = &context->run->net;
    float scale = context->scale;
    int n = net->n_layers, rows = rows_for(context, n), columns = (n + rows - 1) / rows;
    float gap = fminf(GAP * scale, 0.15f * context->area.w / (float)columns);
    float caption = fminf(CAPTION * scale, 0.4f * context->area.h / (float)rows);
    for (int row = 0; row < rows; row++) {
        int first = row * columns, last = first + columns < n ? first + columns : n;
        float total = 0;
        for (int l = first; l < last; l++) total += share_of(context->run, l);
        if (rows > 1) total = (float)columns * share_of(context->run, first); // aligned
        float room = context->area.w - gap * (float)(columns + 1), x = gap;
        for (int l = first; l < last; l++) {
            const Layer *layer = &net->layers[l];
            Cell *cell = &state->cells[l];
            float share = rows > 1 ? share_of(context->run, first) : share_of(context->run, l);
            Rect r = {x, context->area.h / (float)rows * (float)row, share / total * room,
                      context->area.h / (float)rows - caption};
            x += r.w + gap;
            int side = image_side(context->run, l);
            if (!side || !place_images(cell, layer, r, side)) place_matrix(cell, layer, r, scale);
            cell->reach = reach_of(net, layer);
            cell->slot = r.w + 0.8f * gap;
        }
    }
    state->n_cells = n;
}

// ---- drawing ------------------------------------------------------------------------------------

static void put(uint8_t *p, Color c) {
    p[0] = (uint8_t)lrintf(c.r * 255);
    p[1] = (uint8_t)lrintf(c.g * 255);
    p[2] = (uint8_t)lrintf(c.b * 255);
    p[3] = (uint8_t)lrintf(c.a * 255);
}

/// A hash of the pixels (FNV-1a): the texture is uploaded again when it changes.
/// More weights a row or column than screen pixels: the picture shows every so-manieth.
static int thinned(int n, float pixels) {
    int most = (int)fmaxf(1, ceilf(pixels));
    return n < most ? n : most;
}

static void draw_image_of(const ViewContext *context, const Cell *cell, int l, Rect at) {
    const Network *net = &context->run->net;
    const Layer *layer = &net->layers[l];
    const float *w = net->params + layer->weight_at;
    int side = cell->tile_columns ? image_side(context->run, l) : 0;
    int rows =
        (layer->units + (side ? cell->tile_columns : 1) - 1) / (side ? cell->tile_columns : 1);
    int width = side ? cell->tile_columns * (side + 1) - 1 : thinned(layer->inputs, at.w);
    int height = side ? rows * (side + 1) - 1 : thinned(layer->units, at.h);
    uint8_t *rgba = calloc((size_t)width * (size_t)height, 4);
    if (!rgba) return;
    for (int v = 0; v < height; v++) {
        for (int u = 0; u < width; u++) {
            int unit = (int)((int64_t)v * layer->units / height);
            int input = (int)((int64_t)u * layer->inputs / width);
            if (side) {
                int tile = v / (side + 1) * cell->tile_columns + u / (side + 1);
                bool between = u % (side + 1) == side || v % (side + 1) == side;
                if (between || tile >= layer->units) continue; // transparent
                unit = tile;
                input = v % (side + 1) * side + u % (side + 1);
            }
            double value = (double)w[(size_t)unit * (size_t)layer->inputs + (size_t)input];
            put(rgba + ((size_t)v * (size_t)width + (size_t)u) * 4, weight_color(cell, value));
        }
    }
    draw_image(context->gfx, FIRST_SLOT + l % SLOTS,
               view_pixels_version(rgba, (size_t)width * (size_t)height * 4), rgba, width, height,
               at, side && cell->factor != floorf(cell->factor));
    free(rgba);
}

static Rect shifted(Rect r, Rect area) {
    r.x += area.x;
    r.y += area.y;
    return r;
}

/// The part of r that belongs to row i of n and column j of m.
static Rect part_of(Rect r, int i, int n, int j, int m) {
    float w = r.w / (float)m, h = r.h / (float)n;
    return (Rect){r.x + w * (float)j, r.y + h * (float)i, w, h};
}

/// How a layer's numbers are written: all alike, or none where one finds no room.
typedef struct Numbers {
    int decimals; // -1: none
    float size;
} Numbers;

static void number_text(const Numbers *numbers, double w, char *text, size_t size) {
    char plain[32];
    snprintf(plain, sizeof plain, "%.*f", numbers->decimals, fabs(w));
    bool zero = strtod(plain, NULL) == 0; // no "-0.00"
    snprintf(text, size, "%s%s", w < 0 && !zero ? "−" : "", plain);
}

static Numbers choose_numbers(const ViewContext *context, const Cell *cell, const Layer *layer,
                              Rect at) {
    Numbers numbers = {.decimals = cell->reach < 10 ? 2 : cell->reach < 100 ? 1 : 0};
    char text[40];
    number_text(&numbers, -cell->reach, text, sizeof text);
    float w = at.w / (float)layer->inputs, h = at.h / (float)layer->units;
    static const float sizes[] = {13, 12, 11, 10};
    const size_t n = sizeof sizes / sizeof sizes[0] - (context->figure ? 1 : 0); // 7 points
    for (size_t i = 0; i < n; i++) {
        TextStyle style = {.size = sizes[i] * context->scale, .tabular = true};
        if (text_width(context->gfx, &style, text) + 3 * context->scale > w) continue;
        if (h < 1.25f * style.size) continue;
        numbers.size = style.size;
        return numbers;
    }
    numbers.decimals = -1;
    return numbers;
}

static void print_weight(const ViewContext *context, const Numbers *numbers, Rect r, double w,
                         Color under) {
    if (numbers->decimals < 0 || !isfinite(w)) return;
    char text[40];
    number_text(numbers, w, text, sizeof text);
    float light = 0.30f * under.r + 0.59f * under.g + 0.11f * under.b;
    TextStyle style = {.size = numbers->size,
                       .align = TEXT_CENTER,
                       .tabular = true,
                       .color = light > 0.5f ? (Color){0.06f, 0.08f, 0.11f, 1}
                                             : (Color){0.96f, 0.97f, 0.98f, 1}};
    draw_text(context->gfx, &style, r.x + r.w / 2, r.y + r.h / 2, text);
}

/// Each weight as a rectangle, with its number: for matrices that are small.
static void draw_rectangles(const ViewContext *context, const Cell *cell, const Numbers *numbers,
                            int l, Rect at) {
    const Network *net = &context->run->net;
    const Layer *layer = &net->layers[l];
    for (int i = 0; i < layer->units; i++) {
        for (int j = 0; j < layer->inputs; j++) {
            double w = (double)net->params[layer->weight_at + (size_t)(i * layer->inputs + j)];
            Rect r = part_of(at, i, layer->units, j, layer->inputs);
            Color color = weight_color(cell, w);
            draw_rect(context->gfx, rect_round(r), 0, color);
            print_weight(context, numbers, r, w, color);
        }
    }
}

static void draw_bias(const ViewContext *context, const Cell *cell, const Numbers *numbers, int l,
                      Rect at) {
    const Network *net = &context->run->net;
    const Layer *layer = &net->layers[l];
    int shown = thinned(layer->units, at.h);
    for (int i = 0; i < shown; i++) {
        int unit = (int)((int64_t)i * layer->units / shown);
        double b = (double)net->params[layer->bias_at + (size_t)unit];
        Rect r = part_of(at, i, shown, 0, 1);
        Color color = weight_color(cell, b);
        draw_rect(context->gfx, rect_round(r), 0, color);
        print_weight(context, numbers, r, b, color);
    }
}

static void draw_cell(const ViewContext *context, const Cell *cell, int l, float caption_y) {
    const Theme *theme = context->theme;
    const Layer *layer = &context->run->net.layers[l];
    Rect at = shifted(cell->r, context->area), bias = shifted(cell->bias, context->area);
    if (at.w < 1 || at.h < 1) return;
    Numbers numbers = {.decimals = -1};
    bool small = !cell->tile_columns && layer->units * layer->inputs <= NUMBERS &&
                 at.w / (float)layer->inputs >= 3 && at.h / (float)layer->units >= 3;
    if (small) {
        numbers = choose_numbers(context, cell, layer, at);
        draw_rectangles(context, cell, &numbers, l, at);
    } else {
        draw_image_of(context, cell, l, at);
    }
    if (bias.w > 0) draw_bias(context, cell, &numbers, l, bias);
    float line = fmaxf(1, roundf(context->scale));
    if (cell->factor == 0.0f)
        draw_rect_outline(context->gfx, rect_inset(at, -line), 0, line, theme->hairline);
    if (bias.w > 0)
        draw_rect_outline(context->gfx, rect_inset(bias, -line), 0, line, theme->hairline);
    char text[96], index[32], reach[32];
    view_subscript(l, index, sizeof index);
    number_print(cell->reach, 2, reach, sizeof reach);
    TextStyle style = {
        .size = 13 * context->scale, .align = TEXT_CENTER, .color = theme->muted, .tabular = true};
    float width = cell->slot;
    snprintf(text, sizeof text, "w%s  %d×%d  ±%s", index, layer->units, layer->inputs, reach);
    if (text_width(context->gfx, &style, text) > width) {
        snprintf(text, sizeof text, "w%s  ±%s", index, reach);
    }
    if (text_width(context->gfx, &style, text) > width) snprintf(text, sizeof text, "w%s", index);
    float right = bias.w > 0 ? bias.x + bias.w : at.x + at.w;
    draw_text_fit(context->gfx, &style, (at.x + right) / 2, caption_y, width, text);
}

/// What the subtitle says.
static void fill_key(const ViewContext *context, Key *key) {
    const Network *net = &context->run->net;
    const Color text = context->theme->text;
    KeyEntry *ramp = key_add(key, KEY_RAMP, text, view_text(context, "positive", "正"));
    snprintf(ramp->before, sizeof ramp->before, "%s", view_text(context, "negative", "负"));
    ramp->colors = colormap_table(COLORMAP_DIVERGING);
    bool biases = false;
    for (int l = 0; l < net->n_layers; l++) biases = biases || net->layers[l].has_bias;
    if (biases) key_add(key, KEY_WORDS, text, view_text(context, "right: bias", "右侧：偏置"));
}

static void draw(void *state_, const ViewContext *outer) {
    State *state = state_;
    Key key = {0};
    if (outer->figure) fill_key(outer, &key);
    ViewContext inner = *outer;
    inner.area = key_at_foot(outer, &key);
    const ViewContext *context = &inner;
    state->drawn = false;
    if (!state->cells) state->cells = calloc(CELLS_MAX, sizeof *state->cells);
    if (!state->cells || context->area.w < 16 || context->area.h < 16) return;
    arrange(state, context);
    int n = state->n_cells, rows = rows_for(context, n), columns = (n + rows - 1) / rows;
    float step_y = context->area.h / (float)rows;
    for (int l = 0; l < n; l++) {
        int row = l / columns;
        float y = context->area.y + step_y * (float)(row + 1) - 11 * context->scale;
        draw_cell(context, &state->cells[l], l, y);
    }
    state->drawn = true;
}

// ---- read-outs ----------------------------------------------------------------------------------

static void read(const ViewContext *context, ParamRef ref, double value, Rect at) {
    char name[48], text[32];
    view_param_label(ref, name, sizeof name);
    number_print(value, 4, text, sizeof text);
    const char *labels[] = {name}, *values[] = {text};
    if (at.w >= 3 && at.h >= 3) {
        draw_rect_outline(context->gfx, at, 0, 1.5f * context->scale, context->theme->text);
    }
    marks_readout(context->gfx, context->theme, context->scale, context->area, context->x,
                  context->y, labels, values, NULL, 1);
}

/// Which weight or bias lies at a point of the target.
/// @param part  written: where its cell is, or, of an image, its unit's
static bool find(const State *state, const ViewContext *context, float x, float y, ParamRef *ref,
                 Rect *part) {
    const Network *net = &context->run->net;
    if (!state->drawn || state->n_cells != net->n_layers) return false;
    for (int l = 0; l < state->n_cells; l++) {
        const Cell *cell = &state->cells[l];
        const Layer *layer = &net->layers[l];
        Rect at = shifted(cell->r, context->area), bias = shifted(cell->bias, context->area);
        if (bias.w > 0 && rect_contains(bias, x, y)) {
            int i = (int)((y - bias.y) / bias.h * (float)layer->units);
            *ref = (ParamRef){l, i, PARAM_BIAS};
            *part = part_of(bias, i, layer->units, 0, 1);
            return i < layer->units;
        }
        if (!rect_contains(at, x, y)) continue;
        int i = (int)((y - at.y) / at.h * (float)layer->units);
        int j = (int)((x - at.x) / at.w * (float)layer->inputs);
        *part = part_of(at, i, layer->units, j, layer->inputs);
        int side = cell->tile_columns ? image_side(context->run, l) : 0;
        if (side) {
            int u = (int)((x - at.x) / cell->factor);
            int v = (int)((y - at.y) / cell->factor);
            int column = u / (side + 1), row = v / (side + 1);
            i = row * cell->tile_columns + column;
            if (u % (side + 1) == side || v % (side + 1) == side) return false;
            j = v % (side + 1) * side + u % (side + 1);
            float size = (float)side * cell->factor, step = (float)(side + 1) * cell->factor;
            *part = (Rect){at.x + step * (float)column, at.y + step * (float)row, size, size};
        }
        *ref = (ParamRef){l, i, j};
        return i < layer->units && j < layer->inputs;
    }
    return false;
}

static void overlay(void *state, const ViewContext *context) {
    ParamRef ref;
    Rect part;
    size_t at;
    if (!context->hover || !find(state, context, context->x, context->y, &ref, &part)) return;
    if (!network_locate(&context->run->net, ref, &at, NULL)) return;
    read(context, ref, (double)context->run->net.params[at], part);
}

/// A click makes the weight the landscape's next axis.
static bool event(void *state, const ViewContext *context, const ViewEvent *e,
                  ViewActions *actions) {
    ParamRef ref;
    Rect part;
    if (e->kind != VIEW_CLICK || e->button != 0 || !find(state, context, e->x, e->y, &ref, &part)) {
        return false;
    }
    actions->picks = true;
    actions->picked = ref;
    return false;
}

static void subtitle(const void *state, const ViewContext *context, char *text, size_t size) {
    (void)state;
    bool images = image_side(context->run, 0) > 0;
    snprintf(
        text, size, "%s%s%s", view_text(context, "blue negative, red positive", "蓝为负，红为正"),
        view_text(context, "   a row a unit, its bias at the right", "   每行一个单元，右侧为偏置"),
        images ? view_text(context, "   the first layer's units as images",
                           "   第一层各单元的权重显示为图像")
               : "");
}

// ---- numbers ------------------------------------------------------------------------------------

static void write_value(Table *out, const char *part, int layer, int row, int col, float value) {
    table_text(out, part);
    table_integer(out, layer);
    table_integer(out, row);
    if (col == PARAM_BIAS)
        table_empty(out);
    else
        table_integer(out, col);
    table_float(out, value);
    table_end_row(out);
}

static bool table(const void *state, const ViewContext *context, Table *out, Error *error) {
    (void)state, (void)error;
    const Network *net = &context->run->net;
    table_header(out, "part,layer,row,col,value");
    for (int l = 0; l < net->n_layers; l++) {
        const Layer *layer = &net->layers[l];
        const float *weights = net->params + layer->weight_at, *bias = net->params + layer->bias_at;
        for (int i = 0; i < layer->units && !table_failed(out); i++) {
            for (int j = 0; j < layer->inputs; j++) {
                const size_t at = (size_t)i * (size_t)layer->inputs + (size_t)j;
                write_value(out, "weight", l, i, j, weights[at]);
            }
        }
        for (int i = 0; i < layer->units && layer->has_bias; i++) {
            write_value(out, "bias", l, i, PARAM_BIAS, bias[i]);
        }
    }
    return true;
}

const ViewType view_type_weights = {
    .id = "weights",
    .title = "Weights",
    .title_zh = "权重",
    .description = "every weight of the network as a colour, a matrix a layer",
    .description_zh = "网络的每个权重用颜色表示，每层一个矩阵",
    .aspect = aspect,
    .state_size = sizeof(State),
    .follows_run = true,
    .deinit = deinit,
    .weights = view_weights,
    .subtitle = subtitle,
    .draw = draw,
    .table = table,
    .overlay = overlay,
    .event = event,
};
