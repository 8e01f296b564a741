/// Samples that are images, in a grid: each with what the network takes it for, and how sure it is.
#include "views/images.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gfx/text.h"
#include "views/classes.h"

enum { IMAGE_SLOT = 1, SIDE_MIN = 8, FEW = 24 };

#define LINE       13.0f // a caption's line
#define BAR        3.0f  // its bar of confidence

#define SIDE_LEAST 27.9f // of an image, where there is a choice

bool images_square(const Dataset *data, int *side) {
    int n = (int)lround(sqrt((double)data->n_inputs));
    if (n < SIDE_MIN || n * n != data->n_inputs) return false;
    *side = n;
    return true;
}

// ---- which --------------------------------------------------------------------------------------

static bool is_wrong(const Observation *o, int point) {
    return o->winner[point] != o->target[point];
}

/// The n that the network is surest of among those that it gets wrong.
static int pick_wrong(const Observation *o, int *points, int n) {
    int found = 0;
    for (int i = 0; i < o->n_points; i++) {
        if (!is_wrong(o, i)) continue;
        int at = found < n ? found : n - 1;
        if (found == n && !(o->values[i] > o->values[points[at]])) continue;
        while (at > 0 && o->values[i] > o->values[points[at - 1]]) {
            points[at] = points[at - 1];
            at--;
        }
        points[at] = i;
        if (found < n) found++;
    }
    return found;
}

// ---- where --------------------------------------------------------------------------------------

/// Lays out tiles of that size.  @return how many there are
static int lay_out(ImageGrid *grid, const ViewContext *context, float side) {
    const float scale = context->scale;
    grid->side = side;
    grid->columns = (int)(context->area.w / fmaxf(side + 10 * scale, 78 * scale));
    grid->rows = (int)(context->area.h / (side + (BAR + 2 * LINE + 12) * scale));
    return grid->columns * grid->rows;
}

/// Tiles of a whole number of screen pixels to an image's pixel (or one and a half), as large as
/// still leaves a few dozen of them, or as many as there can be of which one sees something.
static void arrange(ImageGrid *grid, const ViewContext *context, int side) {
    static const float factors[] = {32, 24, 16, 12, 8, 6, 5, 4, 3, 2, 1.5f, 1};
    float scale = context->scale;
    Rect area = context->area;
    float largest = fmaxf(64 * scale, sqrtf(area.w * area.h / 200));
    const size_t n = sizeof factors / sizeof factors[0];
    int most = 1;
    for (size_t i = 0; i < n && factors[i] * (float)side >= SIDE_LEAST * scale; i++) {
        const int fit = lay_out(grid, context, factors[i] * (float)side);
        if (fit > most) most = fit;
    }
    const int wanted = most < FEW ? most : FEW;
    for (size_t i = 0; i < n; i++) {
        const int fit = lay_out(grid, context, factors[i] * (float)side);
        if (fit >= wanted && grid->side <= largest) break;
    }
    if (grid->columns < 1) grid->columns = 1;
    if (grid->rows < 1) grid->rows = 1;
    while (grid->columns * grid->rows > IMAGES_SHOWN_MAX) grid->rows--;
    grid->step_x = area.w / (float)grid->columns;
    grid->step_y = fminf(area.h / (float)grid->rows, grid->side + 64 * scale);
    grid->left = roundf((grid->step_x - grid->side) / 2);
    grid->top = roundf(4 * scale + (area.h - grid->step_y * (float)grid->rows) / 2);
}

static Rect tile_rect(const ImageGrid *grid, Rect area, int i) {
    int column = i % grid->columns, row = i / grid->columns;
    return (Rect){roundf(area.x + grid->left + grid->step_x * (float)column),
                  roundf(area.y + grid->top + grid->step_y * (float)row), grid->side, grid->side};
}

// ---- drawing ------------------------------------------------------------------------------------

/// A sample's image, the strongest ink as dark as text.
/// @param width  of the picture in which it lies, in pixels
static void fill_tile(const ViewContext *context, const Observation *o, int point, int side,
                      uint8_t *rgba, size_t width) {
    const Dataset *data = context->run->data;
    const float *x = data->x + verdict_sample(o, data, point) * (size_t)data->n_inputs;
    float most = 0;
    for (int k = 0; k < data->n_inputs; k++) most = fmaxf(most, x[k]);
    for (int k = 0; k < data->n_inputs; k++) {
        float ink = most > 0 ? fminf(1, fmaxf(0, x[k] / most)) : 0;
        Color c = color_mix(context->theme->background, context->theme->text, ink);
        uint8_t *p = rgba + ((size_t)(k / side) * width + (size_t)(k % side)) * 4;
        p[0] = (uint8_t)lrintf(c.r * 255);
        p[1] = (uint8_t)lrintf(c.g * 255);
        p[2] = (uint8_t)lrintf(c.b * 255);
        p[3] = 255;
    }
}

/// All tiles' pixels, as they lie in the grid but without gaps.
static uint8_t *fill_mosaic(const ImageGrid *grid, const ViewContext *context, const Observation *o,
                            int side) {
    size_t width = (size_t)grid->columns * (size_t)side;
    size_t height = (size_t)grid->rows * (size_t)side;
    uint8_t *rgba = calloc(width * height, 4);
    for (int i = 0; rgba && i < grid->n; i++) {
        size_t left = (size_t)(i % grid->columns) * (size_t)side;
        size_t top = (size_t)(i / grid->columns) * (size_t)side;
        fill_tile(context, o, grid->points[i], side, rgba + (top * width + left) * 4, width);
    }
    return rgba;
}

/// The mosaic lies under each tile's window in turn, so that this tile shows through.
static void draw_tiles(const ImageGrid *grid, const ViewContext *context, const Observation *o,
                       int side) {
    uint8_t *rgba = fill_mosaic(grid, context, o, side);
    if (!rgba) return;
    const int columns = grid->columns * side, rows = grid->rows * side;
    const uint64_t version = view_pixels_version(rgba, (size_t)columns * (size_t)rows * 4);
    for (int i = 0; i < grid->n; i++) {
        Rect tile = tile_rect(grid, context->area, i);
        int column = i % grid->columns, row = i / grid->columns;
        Rect whole = {tile.x - grid->side * (float)column, tile.y - grid->side * (float)row,
                      grid->side * (float)grid->columns, grid->side * (float)grid->rows};
        gfx_clip_push(context->gfx, tile);
        draw_image(context->gfx, IMAGE_SLOT, version, rgba, columns, rows, whole, false);
        gfx_clip_pop(context->gfx);
    }
    free(rgba);
}

/// Each tile by itself: in vector files what is clipped away is there all the same, and shows at
/// the edges where they are smoothed.
static void draw_tiles_apart(const ImageGrid *grid, const ViewContext *context,
                             const Observation *o, int side) {
    const size_t pixels = (size_t)side * (size_t)side;
    uint8_t *rgba = malloc(pixels * 4);
    for (int i = 0; rgba && i < grid->n; i++) {
        fill_tile(context, o, grid->points[i], side, rgba, (size_t)side);
        draw_image(context->gfx, IMAGE_SLOT, view_pixels_version(rgba, pixels * 4), rgba, side,
                   side, tile_rect(grid, context->area, i), false);
    }
    free(rgba);
}

/// A bar as long as the network is sure, and what it says; where that is wrong, what it is.
static void draw_verdict(const ViewContext *context, const Observation *o, int point, Rect tile,
                         float room) {
    const Theme *theme = context->theme;
    float scale = context->scale, middle = tile.x + tile.w / 2;
    bool wrong = is_wrong(o, point);
    Color color = wrong ? theme->warning : theme->accent;
    float sure = fminf(1, fmaxf(0, o->values[point]));
    Rect bar = {tile.x, tile.y + tile.h + 2 * scale, tile.w, BAR * scale};
    draw_rect(context->gfx, bar, 0, theme->hairline);
    bar.w *= sure;
    draw_rect(context->gfx, bar, 0, color);
    if (wrong) {
        draw_rect_outline(context->gfx, rect_inset(tile, -scale), 0, 1.5f * scale, theme->warning);
    }
    char text[48], name[32];
    TextStyle style = {
        .size = 11.5f * scale, .align = TEXT_CENTER, .color = wrong ? theme->warning : theme->text};
    float y = bar.y + bar.h + 8.5f * scale;
    classes_name(context, (int)o->winner[point], text, sizeof text);
    draw_text_fit(context->gfx, &style, middle, y, room, text);
    float bottom = context->area.y + context->area.h;
    if (!wrong || y + 1.5f * LINE * scale > bottom + scale) return;
    classes_name(context, (int)o->target[point], name, sizeof name);
    snprintf(text, sizeof text, view_text(context, "is %s", "应为%s"), name);
    style.color = theme->muted;
    draw_text_fit(context->gfx, &style, middle, y + LINE * scale, room, text);
}

void images_draw(ImageGrid *grid, const ViewContext *context, const Observation *verdicts,
                 bool wrong_only) {
    int side;
    grid->n = 0;
    if (context->area.w < 16 || context->area.h < 16) return;
    if (!images_square(context->run->data, &side)) return;
    arrange(grid, context, side);
    int room = grid->columns * grid->rows;
    if (wrong_only) {
        grid->n = pick_wrong(verdicts, grid->points, room);
    } else {
        grid->n = verdicts->n_points < room ? verdicts->n_points : room;
        for (int i = 0; i < grid->n; i++) grid->points[i] = i;
    }
    if (grid->n == 0) {
        view_say(context, view_text(context, "none is wrong", "没有错误"));
        return;
    }
    (context->figure ? draw_tiles_apart : draw_tiles)(grid, context, verdicts, side);
    for (int i = 0; i < grid->n; i++) {
        draw_verdict(context, verdicts, grid->points[i], tile_rect(grid, context->area, i),
                     grid->step_x - 4 * context->scale);
    }
}

int images_hit(const ImageGrid *grid, const ViewContext *context, Rect *tile) {
    for (int i = 0; i < grid->n; i++) {
        *tile = tile_rect(grid, context->area, i);
        if (rect_contains(*tile, context->x, context->y)) return grid->points[i];
    }
    return -1;
}
