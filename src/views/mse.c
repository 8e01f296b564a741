/// The loss curve: every epoch's loss, train and test, in as many bins as there are pixels, with
/// the peaks of merged epochs as a band. Looking back, the curve beyond the present is muted. Of a
/// race, one curve a run.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "gfx/text.h"
#include "plot/axes.h"
#include "plot/legend.h"
#include "plot/marks.h"
#include "views/race.h"

typedef struct State {
    bool log, running;
    Axes axes; // as drawn, relative to the view's area
    bool has_axes;
} State;

/// One series made ready to draw: bins merged to about one a pixel.
typedef struct Series {
    int n;
    double x[CURVE_BINS];
    float min[CURVE_BINS], max[CURVE_BINS], end[CURVE_BINS];
} Series;

static float aspect(const Experiment *experiment) {
    (void)experiment;
    return 1.6f;
}

static const char *heading(const void *state, const ViewContext *context) {
    (void)state;
    return view_loss(context);
}

static bool has_series(const Curve *curve, CurveSeries series) {
    for (int i = 0; i < curve->count; i++) {
        if (isfinite(curve->bins[i].end[series])) return true;
    }
    return false;
}

/// Adds a bin's range to the last one of the series.
static void merge(Series *out, const CurveBin *bin, CurveSeries series) {
    int last = out->n - 1;
    out->x[last] = (double)bin->last;
    out->min[last] = fminf(out->min[last], bin->min[series]);
    out->max[last] = fmaxf(out->max[last], bin->max[series]);
    out->end[last] = bin->end[series];
}

/// Epochs in [first, last] of one series, at most about `bins` points.
static void collect(Series *out, const Curve *curve, CurveSeries series, int64_t first,
                    int64_t last, double epochs, float bins) {
    out->n = 0;
    double width = fmax(1, epochs / fmax(16, (double)bins));
    double group = -1;
    for (int i = 0; i < curve->count; i++) {
        const CurveBin *bin = &curve->bins[i];
        if (bin->last < first || bin->first > last || !isfinite(bin->end[series])) continue;
        double own = floor((double)bin->last / width);
        if (own == group && out->n > 0) {
            merge(out, bin, series);
            continue;
        }
        group = own;
        int at = out->n++;
        out->x[at] = (double)bin->last;
        out->min[at] = bin->min[series];
        out->max[at] = bin->max[series];
        out->end[at] = bin->end[series];
    }
}

enum { LINES_MAX = 1 + RIVALS_MAX };
_Static_assert((int)LINES_MAX >= (int)CURVE_SERIES, "a run's series are lines, too");

/// The lines that are drawn, the most important last, so that it lies on top.
typedef struct Shown {
    const Snapshot *run[LINES_MAX];
    CurveSeries series[LINES_MAX];
    char names[LINES_MAX][48];
    Color colors[LINES_MAX];
    int n;
} Shown;

static void add_line(Shown *shown, const Snapshot *run, CurveSeries series, const char *name,
                     Color color) {
    int at = shown->n++;
    shown->run[at] = run;
    shown->series[at] = series;
    shown->colors[at] = color;
    snprintf(shown->names[at], sizeof shown->names[at], "%s", name);
}

/// One line a run, of the split that the landscape shows.
static void show_race(const State *state, const ViewContext *context, Shown *shown) {
    bool test = context->run->experiment->landscape.test_split;
    CurveSeries series = state->running ? CURVE_RUNNING : test ? CURVE_TEST : CURVE_TRAIN;
    for (int i = race_count(context) - 1; i >= 0; i--) {
        char name[sizeof shown->names[0]];
        race_name(context, i, name, sizeof name);
        add_line(shown, race_run(context, i), series, name, race_color(context, i));
    }
}

static Shown shown_lines(const State *state, const ViewContext *context) {
    const Snapshot *run = context->run;
    const Theme *theme = context->theme;
    Shown shown;
    shown.n = 0;
    if (race_count(context) > 0) {
        show_race(state, context, &shown);
        return shown;
    }
    if (state->running && has_series(&run->curve, CURVE_RUNNING)) {
        add_line(&shown, run, CURVE_RUNNING, view_text(context, "running mean", "滑动均值"),
                 theme->muted);
    }
    if (has_series(&run->curve, CURVE_TEST)) {
        add_line(&shown, run, CURVE_TEST, view_text(context, "test", "测试"), theme->test);
    }
    add_line(&shown, run, CURVE_TRAIN, view_text(context, "train", "训练"), theme->train);
    return shown;
}

#define LEAST_SPAN 0.01
#define FAR_EPOCHS 20000.0

/// The y axis holds every value drawn; after a divergence it stops at a few times the first value,
/// or all that came before would be a flat line. In a race those that go on say where it ends.
static void y_range(const State *state, const Snapshot *run, const Shown *shown, double *lo,
                    double *hi) {
    double least = HUGE_VAL, most = -HUGE_VAL, first = (double)NAN;
    bool diverged = false, all = true;
    for (int k = 0; k < shown->n; k++) all = all && shown->run[k]->diverged_epoch >= 0;
    for (int k = 0; k < shown->n; k++) {
        const Curve *curve = &shown->run[k]->curve;
        if (!all && shown->run[k]->diverged_epoch >= 0) continue;
        diverged = diverged || shown->run[k]->diverged_epoch >= 0;
        for (int i = 0; i < curve->count; i++) {
            const CurveBin *bin = &curve->bins[i];
            double low = (double)bin->min[shown->series[k]];
            double high = (double)bin->max[shown->series[k]];
            if (isfinite(high)) most = fmax(most, high);
            if (isfinite(low) && (low > 0 || !state->log)) least = fmin(least, low);
            if (isnan(first) && isfinite(high)) first = high;
        }
    }
    if (!isfinite(most) || most <= 0) most = 1;
    if (state->log) {
        if (!isfinite(least) || least >= most) least = most / 10;
        *lo = least / 1.15;
        *hi = most * 1.15;
        // At least a decade, or noise fills the plot.
        double middle = sqrt(*lo * *hi);
        if (*hi / *lo < 10) {
            *lo = middle / sqrt(10);
            *hi = middle * sqrt(10);
        }
        return;
    }
    if (diverged && isfinite(first) && most > 4 * first) most = 4 * first;
    *lo = 0;
    *hi = most * 1.04;
    // Classes are right or wrong: their loss is read from zero. A regression's may lie on a level
    // that nothing can take away; then the axis spans what changes, but never only the level's last
    // percent.
    double span = fmax(most - least, LEAST_SPAN * most);
    if (!run->data->classes && isfinite(least) && least > 0.5 * most && span < 0.5 * most) {
        double middle = (least + most) / 2;
        *lo = middle - 0.62 * span;
        *hi = middle + 0.62 * span;
    }
}

static void vertical(const ViewContext *context, const Axes *axes, double epoch, Color color,
                     float width) {
    float x = axes_x(axes, epoch);
    draw_line(context->gfx, x, axes->area.y, x, axes->area.y + axes->area.h, width, color);
}

static void draw_marks(const ViewContext *context, const Axes *axes) {
    const Snapshot *run = context->run;
    const Theme *theme = context->theme;
    if (run->diverged_epoch >= 0) {
        vertical(context, axes, (double)run->diverged_epoch, theme->warning, 1.5f * context->scale);
        char text[64], epoch[32];
        count_print(run->diverged_epoch, epoch, sizeof epoch);
        snprintf(text, sizeof text, view_text(context, "diverged at epoch %s", "在第 %s 轮发散"),
                 epoch);
        float x = axes_x(axes, (double)run->diverged_epoch);
        bool left = x > axes->area.x + axes->area.w / 2;
        TextStyle style = {.size = 12 * context->scale,
                           .align = left ? TEXT_RIGHT : TEXT_LEFT,
                           .color = theme->warning};
        float beside = 6 * context->scale * (left ? -1.0f : 1.0f);
        draw_text(context->gfx, &style, x + beside, axes->area.y + 10 * context->scale, text);
    }
    if (run->epoch < run->last_epoch) {
        vertical(context, axes, (double)run->epoch, theme->accent, 1.5f * context->scale);
    }
}

/// Away from the curves.
static void draw_legend(const ViewContext *context, const Axes *axes, const Shown *shown) {
    const char *names[LINES_MAX];
    Color colors[LINES_MAX];
    for (int k = 0; k < shown->n; k++) { // the most important first
        names[k] = shown->names[shown->n - 1 - k];
        colors[k] = shown->colors[shown->n - 1 - k];
    }
    enum { LOOKED_AT = 128 }; // of each line
    float xy[LINES_MAX][LOOKED_AT][2];
    LegendInk ink[LINES_MAX];
    for (int k = 0; k < shown->n; k++) {
        const Curve *curve = &shown->run[k]->curve;
        int n = 0, stride = curve->count / LOOKED_AT + 1;
        for (int i = 0; i < curve->count && n < LOOKED_AT; i += stride, n++) {
            xy[k][n][0] = axes_x(axes, (double)curve->bins[i].last);
            xy[k][n][1] = axes_y(axes, (double)curve->bins[i].end[shown->series[k]]);
        }
        ink[k] = (LegendInk){xy[k][0], n, true};
    }
    legend_draw(context->gfx, context->theme, context->scale, axes->area, names, colors, shown->n,
                ink, shown->n);
}

/// The x axis goes to the run's last epoch, so that it stands still; where that is very far away,
/// to a tenth of it, a hundredth…, as long as the curve fits.
static double x_range(const Snapshot *run) {
    double last = (double)run->last_epoch, epochs = fmax(1, fmax((double)run->target, last));
    while (epochs > FAR_EPOCHS && epochs / 10 > last) epochs /= 10;
    return epochs;
}

static void draw(void *state_, const ViewContext *context) {
    State *state = state_;
    state->has_axes = false;
    const Snapshot *run = context->run;
    Shown shown = shown_lines(state, context);
    double epochs = x_range(run);
    AxesDesc desc = {
        .x = {.lo = 0, .hi = epochs, .whole = true, .label = view_text(context, "epoch", "轮次")},
        .y = {.log = state->log, .label = context->figure ? view_loss(context) : NULL},
        .grid = true};
    y_range(state, run, &shown, &desc.y.lo, &desc.y.hi);
    Axes axes = axes_draw(context->gfx, context->theme, context->scale, context->area, &desc);
    if (axes.area.w < 4 || axes.area.h < 4) return;

    static const float muted_alpha = 0.35f;
    Rect clip = rect_inset(axes.area, -context->scale);
    gfx_clip_push(context->gfx, clip);
    for (int k = 0; k < shown.n; k++) {
        const Snapshot *own = shown.run[k];
        Series part;
        float width = 2 * context->scale, bins = axes.area.w / context->scale;
        bool back = own->epoch < own->last_epoch;
        if (back) {
            collect(&part, &own->curve, shown.series[k], own->epoch, INT64_MAX, epochs, bins);
            marks_band_line(context->gfx, &axes, part.x, part.min, part.max, part.end, part.n,
                            width, color_alpha(shown.colors[k], muted_alpha));
        }
        collect(&part, &own->curve, shown.series[k], 0, back ? own->epoch : INT64_MAX, epochs,
                bins);
        marks_band_line(context->gfx, &axes, part.x, part.min, part.max, part.end, part.n, width,
                        shown.colors[k]);
        if (part.n == 1) { // a line of one point shows nothing
            draw_circle(context->gfx, axes_x(&axes, part.x[0]), axes_y(&axes, (double)part.end[0]),
                        2.5f * context->scale, shown.colors[k]);
        }
    }
    gfx_clip_pop(context->gfx);
    draw_marks(context, &axes);
    if (shown.n > 1) draw_legend(context, &axes, &shown);
    state->axes = axes;
    state->axes.area.x -= context->area.x;
    state->axes.area.y -= context->area.y;
    state->has_axes = true;
}

/// "0.0188", or "0.0181 – 0.0192" where several epochs lie in one bin.
static void print_values(const CurveBin *bin, CurveSeries series, char *text, size_t size) {
    char low[32], high[32];
    if (bin->first == bin->last || bin->min[series] == bin->max[series]) {
        number_print((double)bin->end[series], 4, text, size);
        return;
    }
    number_print((double)bin->min[series], 4, low, sizeof low);
    number_print((double)bin->max[series], 4, high, sizeof high);
    snprintf(text, size, "%s – %s", low, high);
}

/// The bin whose epochs lie nearest.
static const CurveBin *bin_at(const Curve *curve, double epoch) {
    int lo = 0, hi = curve->count - 1;
    if (hi < 0) return NULL;
    while (lo < hi) {
        int middle = (lo + hi) / 2;
        if ((double)curve->bins[middle].last + 0.5 < epoch) {
            lo = middle + 1;
        } else {
            hi = middle;
        }
    }
    return &curve->bins[lo];
}

static void overlay(void *state_, const ViewContext *context) {
    State *state = state_;
    if (!context->hover || !state->has_axes) return;
    Axes axes = state->axes;
    axes.area.x += context->area.x;
    axes.area.y += context->area.y;
    if (!rect_contains(rect_inset(axes.area, -6 * context->scale), context->x, context->y)) return;
    const CurveBin *bin = bin_at(&context->run->curve, axes_x_at(&axes, context->x));
    if (!bin) return;

    Shown shown = shown_lines(state, context);
    const char *labels[LINES_MAX + 1], *values[LINES_MAX + 1];
    Color swatch[LINES_MAX + 1];
    char epochs[80], text[LINES_MAX][80], first[32], last[32];
    count_print(bin->first, first, sizeof first);
    count_print(bin->last, last, sizeof last);
    if (bin->first == bin->last) {
        snprintf(epochs, sizeof epochs, "%s", last);
    } else {
        snprintf(epochs, sizeof epochs, "%s – %s", first, last);
    }
    labels[0] = view_text(context, "epoch", "轮次");
    values[0] = epochs;
    swatch[0] = color_alpha(context->theme->muted, 0);
    int n = 1;
    float x = axes_x(&axes, (double)bin->last), y = context->y;
    vertical(context, &axes, (double)bin->last, color_alpha(context->theme->muted, 0.6f),
             context->scale);
    for (int k = shown.n - 1; k >= 0; k--) {
        const CurveBin *own = bin_at(&shown.run[k]->curve, (double)bin->last);
        if (!own || !isfinite(own->end[shown.series[k]])) continue;
        const float value = own->end[shown.series[k]];
        print_values(own, shown.series[k], text[k], sizeof text[k]);
        labels[n] = shown.n > 1 ? shown.names[k] : view_loss(context);
        values[n] = text[k];
        swatch[n++] = shown.colors[k];
        float at = axes_y(&axes, (double)value);
        if (at < axes.area.y || !isfinite(at)) continue;
        draw_circle(context->gfx, x, at, 5 * context->scale, context->theme->panel);
        draw_circle(context->gfx, x, at, 3.5f * context->scale, shown.colors[k]);
        y = at;
    }
    marks_readout(context->gfx, context->theme, context->scale, context->area, x, y, labels, values,
                  shown.n > 1 ? swatch : NULL, n);
}

static void header(void *state_, Ui *ui, const ViewContext *context, Rect *r,
                   ViewActions *actions) {
    (void)actions;
    State *state = state_;
    const char *log = view_text(context, "log", "对数");
    const char *running = view_text(context, "running mean", "滑动均值");
    float gap = 8 * ui_scale(ui), width = view_toggle_width(ui, log);
    if (r->w < width) return;
    ui_toggle(ui, "mse.log", rect_cut_right(r, width), log, &state->log);
    width = view_toggle_width(ui, running);
    if (r->w < width + gap) return;
    rect_cut_right(r, gap);
    ui_toggle(ui, "mse.running", rect_cut_right(r, width), running, &state->running);
}

// ---- numbers ------------------------------------------------------------------------------------

static bool table(const void *state, const ViewContext *context, Table *out, Error *error) {
    (void)error;
    Shown shown = shown_lines(state, context);
    table_header(out, "series,epoch,loss,first_epoch,min,max");
    for (int k = shown.n - 1; k >= 0; k--) { // the most important first
        const Curve *curve = &shown.run[k]->curve;
        const CurveSeries series = shown.series[k];
        for (int i = 0; i < curve->count; i++) {
            const CurveBin *bin = &curve->bins[i];
            if (isnan(bin->end[series])) continue;
            table_text(out, shown.names[k]);
            table_integer(out, bin->last);
            table_float(out, bin->end[series]);
            table_integer(out, bin->first);
            table_float(out, bin->min[series]);
            table_float(out, bin->max[series]);
            table_end_row(out);
        }
    }
    return true;
}

const ViewType view_type_mse = {
    .id = "mse",
    .title = "Loss",
    .title_zh = "损失",
    .description = "the loss at every epoch, train and test",
    .description_zh = "每一轮的损失：训练与测试",
    .aspect = aspect,
    .state_size = sizeof(State),
    .follows_run = true,
    .shows_rivals = true,
    .heading = heading,
    .header = header,
    .draw = draw,
    .table = table,
    .overlay = overlay,
};
