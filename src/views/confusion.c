/// Which classes the network takes for which: a row for each true class, a column for each that it
/// says. Right answers lie on the diagonal.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "gfx/text.h"
#include "plot/marks.h"
#include "views/classes.h"
#include "views/key.h"

enum { CLASSES_MAX = 64 };

#define LEAST_NAMED  16.0f // a narrower cell gives its names' room up
#define SLANT        0.8f  // radians
#define SLANT_ACROSS 0.72f // its sine: how far apart slanted lines lie

typedef struct State {
    int counts[CLASSES_MAX][CLASSES_MAX], totals[CLASSES_MAX]; // [true][said]
    int classes;
    bool numbers;               // names find no room: classes are called by their numbers
    float x, y, side_x, side_y; // of the cells, relative to the area
    bool drawn;
} State;

static float aspect(const Experiment *experiment) {
    (void)experiment;
    return 1.25f;
}

static void weights(const Experiment *experiment, float *width, float *height) {
    (void)experiment;
    *width = 0.37f;
    *height = 0.45f;
}

static int request(void *state, const ViewContext *context, ObservationRequest *requests) {
    (void)state;
    if (!context->run->data->classes) return 0;
    requests[0].kind = OBSERVE_CLASSES;
    requests[0].priority = 2;
    return 1;
}

/// Why there is nothing to show; NULL: there is something.
static const char *lacks(const ViewContext *context) {
    const Dataset *data = context->run->data;
    if (!data->classes) return view_text(context, "needs data in classes", "需要分类数据");
    if (classes_count(data) > CLASSES_MAX) {
        return view_text(context, "too many classes to tell apart here", "类别太多，无法在此分辨");
    }
    const Observation *o = view_observation(context, 0, OBSERVE_CLASSES);
    return o && o->n_points > 0 ? NULL : view_text(context, "measuring…", "正在测量…");
}

static void count(State *state, const Observation *o) {
    memset(state->counts, 0, sizeof state->counts);
    memset(state->totals, 0, sizeof state->totals);
    for (int i = 0; i < o->n_points; i++) {
        int truth = (int)o->target[i], said = (int)o->winner[i];
        if (truth < 0 || truth >= state->classes || said < 0 || said >= state->classes) continue;
        state->counts[truth][said]++;
        state->totals[truth]++;
    }
}

static void name_class(const State *state, const ViewContext *context, int k, char *text,
                       size_t size) {
    snprintf(text, size, "%d", k);
    if (!state->numbers) classes_name(context, k, text, size);
}

static float widest_name(const State *state, const ViewContext *context, const TextStyle *style) {
    float widest = 0;
    for (int k = 0; k < state->classes; k++) {
        char name[32];
        name_class(state, context, k, name, sizeof name);
        widest = fmaxf(widest, text_width(context->gfx, style, name));
    }
    return widest;
}

/// Room for names at the left and, upright or slanted, above; the rest is the matrix.
static Rect place(State *state, const ViewContext *context, const TextStyle *style, bool *slanted) {
    float scale = context->scale, names = widest_name(state, context, style);
    Rect r = context->area;
    float line = text_line_height(context->gfx, style->size);
    rect_cut_left(&r, names + line + 14 * scale);
    rect_cut_bottom(&r, 4 * scale);
    rect_cut_right(&r, 8 * scale);
    float n = (float)state->classes;
    *slanted = names > 0.92f * r.w / n;
    float above = *slanted ? SLANT_ACROSS * names + line : line;
    if (*slanted) rect_cut_right(&r, 0.55f * names); // the last name leans over the edge
    rect_cut_top(&r, line + above + 6 * scale);
    state->side_x = state->side_y = 0;
    if (r.w < 4 || r.h < 4) return (Rect){0, 0, 0, 0};
    state->side_x = floorf(r.w / n);
    state->side_y = floorf(r.h / n);
    // Nearly square cells.
    state->side_x = fminf(state->side_x, 2.2f * state->side_y);
    state->side_y = fminf(state->side_y, 1.3f * state->side_x);
    float spare_x = r.w - n * state->side_x, spare_y = r.h - n * state->side_y;
    r.x = roundf(r.x + spare_x / 2);
    r.y = roundf(r.y + fmaxf(0, spare_y) / 2);
    return r;
}

static void draw_names(const ViewContext *context, const State *state, const TextStyle *style,
                       Rect r, bool slanted) {
    const Theme *theme = context->theme;
    float scale = context->scale, names = widest_name(state, context, style);
    float line = text_line_height(context->gfx, style->size);
    bool room = state->side_y >= 0.85f * line;
    TextStyle text = *style;
    for (int k = 0; k < state->classes && room; k++) {
        char name[32];
        name_class(state, context, k, name, sizeof name);
        text.color = classes_color(theme, k, state->classes);
        text.align = TEXT_RIGHT;
        draw_text(context->gfx, &text, r.x - 8 * scale, r.y + state->side_y * ((float)k + 0.5f),
                  name);
        // Slanted names need room across; where there is none, the rows tell the order.
        if (slanted && SLANT_ACROSS * state->side_x < 0.85f * style->size) continue;
        float x = r.x + state->side_x * ((float)k + 0.5f), y = r.y - 6 * scale;
        if (slanted) {
            text.align = TEXT_LEFT;
            draw_text_turned(context->gfx, &text, x - 2 * scale, y - 2 * scale, -SLANT, name);
        } else {
            text.align = TEXT_CENTER;
            draw_text(context->gfx, &text, x, y - line / 2, name);
        }
    }
    text.color = theme->muted;
    text.align = TEXT_CENTER;
    float above = slanted ? SLANT_ACROSS * names + line : line;
    float width = state->side_x * (float)state->classes;
    float height = state->side_y * (float)state->classes;
    draw_text_fit(context->gfx, &text, r.x + width / 2, r.y - above - 6 * scale - line / 2,
                  width + 2 * names,
                  context->figure ? view_text(context, "predicted class", "预测类别")
                                  : view_text(context, "what it says", "判断为"));
    draw_text_turned(context->gfx, &text, r.x - names - 8 * scale - line * 0.75f, r.y + height / 2,
                     -1.5708f,
                     context->figure ? view_text(context, "true class", "真实类别")
                                     : view_text(context, "what it is", "实际为"));
}

/// The share of the row that lies in a cell, as strong a colour: right answers in the accent,
/// mistakes, which are fewer, in the warning's colour and rising faster.
static Color cell_color(const Theme *theme, float share, bool right) {
    float strength = right ? 0.08f + 0.67f * share : fminf(0.8f, 1.9f * sqrtf(share) * 0.55f);
    if (!right && share <= 0) return theme->background;
    return color_mix(theme->background, right ? theme->accent : theme->warning, strength);
}

/// Whether the counts find room in their cells.  @param style  its size is made smaller for that
static bool counts_fit(const ViewContext *context, const State *state, TextStyle *style) {
    const float scale = context->scale;
    char most[32] = "";
    int largest = 0;
    for (int i = 0; i < state->classes; i++) {
        for (int j = 0; j < state->classes; j++) {
            if (state->counts[i][j] > largest) largest = state->counts[i][j];
        }
    }
    count_print(largest, most, sizeof most);
    float needed = text_width(context->gfx, style, most) + 4 * scale;
    const float least = context->figure ? 0.9f : 0.7f; // 7 points
    if (state->side_x < needed) style->size *= fmaxf(least, state->side_x / needed);
    return text_width(context->gfx, style, most) + 2 * scale <= state->side_x &&
           state->side_y >= 1.15f * style->size;
}

static TextStyle count_style(const ViewContext *context) {
    return (TextStyle){.size = 12 * context->scale, .align = TEXT_CENTER, .tabular = true};
}

static void draw_cells(const ViewContext *context, const State *state, Rect r) {
    const Theme *theme = context->theme;
    float gap = fmaxf(1, roundf(context->scale));
    TextStyle style = count_style(context);
    const bool room = counts_fit(context, state, &style);
    for (int i = 0; i < state->classes; i++) {
        for (int j = 0; j < state->classes; j++) {
            int n = state->counts[i][j];
            float share = state->totals[i] > 0 ? (float)n / (float)state->totals[i] : 0;
            Rect cell = {r.x + state->side_x * (float)j, r.y + state->side_y * (float)i,
                         state->side_x - gap, state->side_y - gap};
            draw_rect(context->gfx, cell, 0, cell_color(theme, share, i == j));
            if (!room || (n == 0 && i != j)) continue;
            char text[32];
            count_print(n, text, sizeof text);
            style.color = share >= 0.02f || i == j ? theme->text : theme->muted;
            draw_text(context->gfx, &style, cell.x + cell.w / 2, cell.y + cell.h / 2, text);
        }
    }
}

/// What the colours of cells without counts mean.
/// @param colors  (2, 256), written
static void fill_key(const ViewContext *context, Key *key, Color colors[2][256]) {
    const char *const names[2] = {view_text(context, "right: 0", "判对：0"),
                                  view_text(context, "wrong: 0", "判错：0")};
    for (int k = 0; k < 2; k++) {
        for (int i = 0; i < 256; i++)
            colors[k][i] = cell_color(context->theme, (float)i / 255, k == 0);
        KeyEntry *ramp = key_add(key, KEY_RAMP, context->theme->text, "100 %");
        snprintf(ramp->before, sizeof ramp->before, "%s", names[k]);
        ramp->colors = colors[k];
    }
    key_add(key, KEY_WORDS, context->theme->text, view_text(context, "of the row", "占本行"));
}

static Rect place_named(State *state, const ViewContext *context, const TextStyle *style,
                        bool *slanted) {
    state->numbers = false;
    const Rect r = place(state, context, style, slanted);
    if (!classes_have_names(context->run) || state->side_x >= LEAST_NAMED * context->scale)
        return r;
    state->numbers = true;
    return place(state, context, style, slanted);
}

static void draw(void *state_, const ViewContext *outer) {
    State *state = state_;
    ViewContext inner = *outer;
    const ViewContext *context = &inner;
    state->drawn = false;
    const char *why = lacks(context);
    if (why) {
        view_say(context, why);
        return;
    }
    state->classes = classes_count(context->run->data);
    count(state, view_observation(context, 0, OBSERVE_CLASSES));
    TextStyle style = {.size = 12 * context->scale}, counts = count_style(context);
    bool slanted;
    Rect r = place_named(state, context, &style, &slanted);
    Color colors[2][256];
    if (context->figure && !counts_fit(context, state, &counts)) {
        Key key = {0};
        fill_key(outer, &key, colors);
        inner.area = key_at_foot(outer, &key);
        r = place_named(state, context, &style, &slanted);
    }
    if (r.w < 1 || state->side_x < 2 || state->side_y < 2) return;
    draw_names(context, state, &style, r, slanted);
    draw_cells(context, state, r);
    state->x = r.x - context->area.x;
    state->y = r.y - context->area.y;
    state->drawn = true;
}

static void overlay(void *state_, const ViewContext *context) {
    const State *state = state_;
    if (!context->hover || !state->drawn) return;
    int column = (int)floorf((context->x - context->area.x - state->x) / state->side_x);
    int row = (int)floorf((context->y - context->area.y - state->y) / state->side_y);
    if (row < 0 || row >= state->classes || column < 0 || column >= state->classes) return;
    char truth[32], said[32], text[96], part[32], all[32];
    classes_name(context, row, truth, sizeof truth);
    classes_name(context, column, said, sizeof said);
    int n = state->counts[row][column], total = state->totals[row];
    count_print(n, part, sizeof part);
    count_print(total, all, sizeof all);
    snprintf(text, sizeof text, "%s / %s = %.1f %%", part, all,
             total > 0 ? 100.0 * n / total : 0.0);
    const char *labels[] = {view_text(context, "is", "实际为"),
                            view_text(context, "taken for", "判断为"), ""};
    const char *values[] = {truth, said, text};
    Rect cell = {context->area.x + state->x + state->side_x * (float)column,
                 context->area.y + state->y + state->side_y * (float)row, state->side_x,
                 state->side_y};
    draw_rect_outline(context->gfx, cell, 0, 1.5f * context->scale, context->theme->text);
    marks_readout(context->gfx, context->theme, context->scale, context->area, cell.x + cell.w,
                  cell.y, labels, values, NULL, 3);
}

static void subtitle(const void *state, const ViewContext *context, char *text, size_t size) {
    (void)state;
    const Observation *o = view_observation(context, 0, OBSERVE_CLASSES);
    if (!o || o->n_points < 1 || !context->run->data->classes) return;
    int right = 0;
    for (int i = 0; i < o->n_points; i++) right += o->winner[i] == o->target[i];
    char all[32];
    count_print(o->n_points, all, sizeof all);
    bool test = context->run->data->n > context->run->data->n_train;
    snprintf(
        text, size,
        test ? view_text(context, "%.1f %% right   of %s test samples",
                         "%.1f %% 正确   共 %s 个测试样本")
             : view_text(context, "%.1f %% right   of %s samples", "%.1f %% 正确   共 %s 个样本"),
        100.0 * right / o->n_points, all);
}

// ---- numbers ------------------------------------------------------------------------------------

static bool table(const void *state, const ViewContext *context, Table *out, Error *error) {
    (void)state;
    const char *why = lacks(context);
    if (why) return error_set(error, "%s", why);
    State counted = {.classes = classes_count(context->run->data)};
    count(&counted, view_observation(context, 0, OBSERVE_CLASSES));
    table_header(out, "target,class,count");
    for (int i = 0; i < counted.classes; i++) {
        for (int j = 0; j < counted.classes; j++) {
            table_integer(out, i);
            table_integer(out, j);
            table_integer(out, counted.counts[i][j]);
            table_end_row(out);
        }
    }
    return true;
}

const ViewType view_type_confusion = {
    .id = "confusion",
    .title = "Confusion",
    .title_zh = "混淆矩阵",
    .description = "which classes are taken for which",
    .description_zh = "哪些类被当作哪些类",
    .aspect = aspect,
    .state_size = sizeof(State),
    .weights = weights,
    .subtitle = subtitle,
    .observe = request,
    .draw = draw,
    .table = table,
    .overlay = overlay,
};
