/// Rectangles, points and colours in pixels: x to the right, y down, origin at the target's top
/// left.
#ifndef GFX_GEOMETRY_H
#define GFX_GEOMETRY_H

#include <stdbool.h>
#include <stdint.h>

typedef struct Rect {
    float x, y, w, h;
} Rect;

/// sRGB with straight (not premultiplied) alpha, 0…1.
typedef struct Color {
    float r, g, b, a;
} Color;

/// 0xRRGGBB
Color color_hex(uint32_t rgb);
Color color_alpha(Color c, float alpha);
/// Between two colours, t in 0…1.
Color color_mix(Color a, Color b, float t);

bool rect_contains(Rect r, float x, float y);
/// r made smaller by d on every side, never below zero size.
Rect rect_inset(Rect r, float d);
Rect rect_intersect(Rect a, Rect b);
bool rect_equal(Rect a, Rect b);
/// Whether no part of the inner one lies outside of the outer one.
bool rect_holds(Rect outer, Rect inner);
/// Cuts a strip of that size off and returns it; *r keeps the rest.
Rect rect_cut_top(Rect *r, float h);
Rect rect_cut_bottom(Rect *r, float h);
Rect rect_cut_left(Rect *r, float w);
Rect rect_cut_right(Rect *r, float w);
/// The rectangle with its edges on whole pixels.
Rect rect_round(Rect r);

#endif
