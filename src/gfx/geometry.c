// Rectangles and colours as plain values.
#include "gfx/geometry.h"

#include <math.h>

Color color_hex(uint32_t rgb) {
    return (Color){
        .r = (float)((rgb >> 16) & 0xff) / 255.0f,
        .g = (float)((rgb >> 8) & 0xff) / 255.0f,
        .b = (float)(rgb & 0xff) / 255.0f,
        .a = 1.0f,
    };
}

Color color_alpha(Color c, float alpha) {
    c.a = alpha;
    return c;
}

Color color_mix(Color a, Color b, float t) {
    return (Color){
        .r = a.r + (b.r - a.r) * t,
        .g = a.g + (b.g - a.g) * t,
        .b = a.b + (b.b - a.b) * t,
        .a = a.a + (b.a - a.a) * t,
    };
}

bool rect_contains(Rect r, float x, float y) {
    return x >= r.x && x < r.x + r.w && y >= r.y && y < r.y + r.h;
}

Rect rect_inset(Rect r, float d) {
    float dx = fminf(d, r.w / 2), dy = fminf(d, r.h / 2);
    return (Rect){r.x + dx, r.y + dy, r.w - 2 * dx, r.h - 2 * dy};
}

Rect rect_intersect(Rect a, Rect b) {
    float x0 = fmaxf(a.x, b.x), y0 = fmaxf(a.y, b.y);
    float x1 = fminf(a.x + a.w, b.x + b.w), y1 = fminf(a.y + a.h, b.y + b.h);
    return (Rect){x0, y0, fmaxf(x1 - x0, 0), fmaxf(y1 - y0, 0)};
}

bool rect_equal(Rect a, Rect b) {
    return a.x == b.x && a.y == b.y && a.w == b.w && a.h == b.h;
}

bool rect_holds(Rect outer, Rect inner) {
    return inner.x >= outer.x && inner.y >= outer.y && inner.x + inner.w <= outer.x + outer.w &&
           inner.y + inner.h <= outer.y + outer.h;
}

Rect rect_cut_top(Rect *r, float h) {
    h = fmaxf(0, fminf(h, r->h));
    Rect strip = {r->x, r->y, r->w, h};
    r->y += h;
    r->h -= h;
    return strip;
}

Rect rect_cut_bottom(Rect *r, float h) {
    h = fmaxf(0, fminf(h, r->h));
    r->h -= h;
    return (Rect){r->x, r->y + r->h, r->w, h};
}

Rect rect_cut_left(Rect *r, float w) {
    w = fmaxf(0, fminf(w, r->w));
    Rect strip = {r->x, r->y, w, r->h};
    r->x += w;
    r->w -= w;
    return strip;
}

Rect rect_cut_right(Rect *r, float w) {
    w = fmaxf(0, fminf(w, r->w));
    r->w -= w;
    return (Rect){r->x + r->w, r->y, w, r->h};
}

Rect rect_round(Rect r) {
    float x0 = roundf(r.x), y0 = roundf(r.y);
    return (Rect){x0, y0, roundf(r.x + r.w) - x0, roundf(r.y + r.h) - y0};
}
