// Shapes as quads and fans for the one shader that knows only rounded boxes and the glyph atlas.
// Anti-aliasing is the box's distance, half a pixel to each side of the edge.
#include <math.h>

#include "gfx/internal.h"

static uint8_t byte(float value) {
    return (uint8_t)(fminf(fmaxf(value, 0.0f), 1.0f) * 255.0f + 0.5f);
}

void color_bytes(Color c, float alpha, uint8_t out[4]) {
    out[0] = byte(c.r);
    out[1] = byte(c.g);
    out[2] = byte(c.b);
    out[3] = byte(c.a * alpha);
}

// ---- shapes

enum { FILL_MIN = 48 }; // pixels; larger opaque rectangles are filled at once

typedef struct Box {
    float x, y;   // its middle
    float ux, uy; // unit vector along its width
    float half_w, half_h;
    Vertex corner; // what all its vertices share
} Box;

/// @param stroke  of an outline inside the edge, or SHAPE_FILLED
/// @return false where nothing can be seen of it
static bool box_init(Box *box, float x, float y, float half_w, float half_h, float radius,
                     float stroke, Color color) {
    if (!(half_w > 0 && half_h > 0 && stroke > 0)) return false;
    if (!isfinite(x + y + half_w + half_h)) return false;
    // What is thinner than a pixel is drawn a pixel wide and fainter.
    float alpha = fminf(2 * half_w, 1.0f) * fminf(2 * half_h, 1.0f) * fminf(stroke, 1.0f);
    half_w = fmaxf(half_w, 0.5f);
    half_h = fmaxf(half_h, 0.5f);
    radius = fminf(fmaxf(radius, 0.0f), fminf(half_w, half_h));
    *box = (Box){
        .x = x,
        .y = y,
        .ux = 1,
        .half_w = half_w,
        .half_h = half_h,
        .corner = {.shape = {half_w, half_h, radius, fmaxf(stroke, 1.0f)},
                   .texel = {WHITE_TEXEL, WHITE_TEXEL}},
    };
    color_bytes(color, alpha, box->corner.color);
    return box->corner.color[3] > 0;
}

/// The part of a box between two corners, measured from its middle.
static void box_part(Gfx *gfx, const Box *box, float x0, float y0, float x1, float y1) {
    const float corners[4][2] = {{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}};
    Vertex *out = batch_reserve(gfx, 4);
    for (int i = 0; i < 4; i++) {
        float u = corners[i][0], v = corners[i][1];
        out[i] = box->corner;
        out[i].local[0] = u;
        out[i].local[1] = v;
        out[i].x = box->x + box->ux * u - box->uy * v;
        out[i].y = box->y + box->uy * u + box->ux * v;
    }
    batch_quad(gfx);
}

static void box_whole(Gfx *gfx, const Box *box) {
    float w = box->half_w + 0.5f, h = box->half_h + 0.5f;
    box_part(gfx, box, -w, -h, w, h);
}

/// An upright box without what lies within (x0, y0)…(x1, y1).
static void box_frame(Gfx *gfx, const Box *box, float x0, float y0, float x1, float y1) {
    float w = box->half_w + 0.5f, h = box->half_h + 0.5f;
    box_part(gfx, box, -w, -h, w, y0);
    box_part(gfx, box, -w, y0, x0, y1);
    box_part(gfx, box, x1, y0, w, y1);
    box_part(gfx, box, -w, y1, w, h);
}

void draw_rect(Gfx *gfx, Rect r, float radius, Color fill) {
    if (sink_takes(gfx)) {
        sink_fill_box(gfx, r, radius, fill);
        return;
    }
    Box box;
    if (!box_init(&box, r.x + r.w / 2, r.y + r.h / 2, r.w / 2, r.h / 2, radius, SHAPE_FILLED, fill))
        return;
    float inset = fmaxf(radius, 0.0f) + 0.5f;
    float x0 = ceilf(r.x + inset), y0 = ceilf(r.y + inset);
    float x1 = floorf(r.x + r.w - inset), y1 = floorf(r.y + r.h - inset);
    if (box.corner.color[3] < 255 || x1 - x0 < FILL_MIN || y1 - y0 < FILL_MIN) {
        box_whole(gfx, &box);
        return;
    }
    batch_fill(gfx, (Rect){x0, y0, x1 - x0, y1 - y0}, fill);
    box_frame(gfx, &box, x0 - box.x, y0 - box.y, x1 - box.x, y1 - box.y);
}

void draw_rect_outline(Gfx *gfx, Rect r, float radius, float width, Color stroke) {
    if (sink_takes(gfx)) {
        sink_stroke_box(gfx, r, radius, width, stroke);
        return;
    }
    Box box;
    if (!box_init(&box, r.x + r.w / 2, r.y + r.h / 2, r.w / 2, r.h / 2, radius, width, stroke))
        return;
    float inset = fmaxf(radius, width) + 1;
    float w = box.half_w - inset, h = box.half_h - inset;
    if (w > 0 && h > 0)
        box_frame(gfx, &box, -w, -h, w, h);
    else
        box_whole(gfx, &box);
}

void draw_circle(Gfx *gfx, float x, float y, float radius, Color fill) {
    if (sink_takes(gfx)) {
        sink_fill_box(gfx, (Rect){x - radius, y - radius, 2 * radius, 2 * radius}, radius, fill);
        return;
    }
    Box box;
    if (box_init(&box, x, y, radius, radius, radius, SHAPE_FILLED, fill)) box_whole(gfx, &box);
}

void draw_ring(Gfx *gfx, float x, float y, float radius, float width, Color stroke) {
    float outer = radius + width / 2;
    if (sink_takes(gfx)) {
        Rect r = {x - outer, y - outer, 2 * outer, 2 * outer};
        sink_stroke_box(gfx, r, outer, width, stroke);
        return;
    }
    Box box;
    if (box_init(&box, x, y, outer, outer, outer, width, stroke)) box_whole(gfx, &box);
}

void draw_line(Gfx *gfx, float x0, float y0, float x1, float y1, float width, Color c) {
    if (sink_takes(gfx)) {
        sink_line(gfx, (float[]){x0, y0, x1, y1}, 2, &c, 0, 2, width);
        return;
    }
    float dx = x1 - x0, dy = y1 - y0, length = hypotf(dx, dy);
    float half = fmaxf(width, 1.0f) / 2; // thinner ones are fainter, but not shorter
    Box box;
    if (!(width > 0) || !box_init(&box, (x0 + x1) / 2, (y0 + y1) / 2, length / 2 + half, half, half,
                                  SHAPE_FILLED, color_alpha(c, c.a * fminf(width, 1.0f)))) {
        return;
    }
    if (length > 0) {
        box.ux = dx / length;
        box.uy = dy / length;
    }
    box_whole(gfx, &box);
}

void draw_triangle(Gfx *gfx, const float xy[6], Color fill) {
    if (sink_takes(gfx)) {
        sink_triangle(gfx, xy, fill);
        return;
    }
    Vertex v = {
        .shape = {SHAPE_ENDLESS, SHAPE_ENDLESS, 0, SHAPE_FILLED},
        .texel = {WHITE_TEXEL, WHITE_TEXEL},
    };
    color_bytes(fill, 1.0f, v.color);
    Vertex *out = batch_reserve(gfx, 3);
    for (size_t i = 0; i < 3; i++) {
        out[i] = v;
        out[i].x = xy[2 * i];
        out[i].y = xy[2 * i + 1];
    }
    batch_fan(gfx, 3);
}
