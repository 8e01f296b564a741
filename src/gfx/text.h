/// Text: one raster atlas of glyphs, added when first needed; runs are split between the text font
/// and a Chinese one. Digits are tabular where asked for: each advances by the widest one.
#ifndef GFX_TEXT_H
#define GFX_TEXT_H

#include "gfx/gfx.h"

typedef enum TextWeight { TEXT_REGULAR, TEXT_BOLD } TextWeight;
typedef enum TextAlign { TEXT_LEFT, TEXT_CENTER, TEXT_RIGHT } TextAlign;

typedef struct TextStyle {
    float size; // pixels of the em
    TextWeight weight;
    TextAlign align; // what x means
    Color color;
    bool tabular;
} TextStyle;

/// Draws one line of UTF-8; bytes that are not UTF-8 show as U+FFFD.
/// @param x  the left edge, centre or right edge, by align
/// @param y  the middle of the line: centred on capital letters' height
/// @return the width in pixels
float draw_text(Gfx *gfx, const TextStyle *style, float x, float y, const char *text);
/// The same turned by an angle in radians, clockwise, about (x, y).
float draw_text_turned(Gfx *gfx, const TextStyle *style, float x, float y, float angle,
                       const char *text);
/// As draw_text, cut with "…" where it would be wider than max_width.
float draw_text_fit(Gfx *gfx, const TextStyle *style, float x, float y, float max_width,
                    const char *text);
float text_width(Gfx *gfx, const TextStyle *style, const char *text);
/// The line height that belongs to a size.
float text_line_height(Gfx *gfx, float size);

#endif
