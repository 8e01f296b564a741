/// A sink takes the 2-D primitives in place of OpenGL: so the same drawing becomes a vector file.
/// Text stays text, lines stay lines. Scenes in three dimensions are still drawn by OpenGL; each
/// goes to the sink as one image at its place in the order.
///
/// Coordinates are pixels of the target, as everywhere in gfx. What arrives is finite and not
/// empty.
#ifndef GFX_SINK_H
#define GFX_SINK_H

#include "gfx/fonts.h"
#include "gfx/gfx.h"

/// One character of a line of text, as it stands there.
typedef struct SinkGlyph {
    uint32_t code; // Unicode
    int face;      // in the chain
    float along;   // where its origin stands on the baseline, from the start
} SinkGlyph;

typedef struct SinkText {
    const SinkGlyph *glyphs;
    int n;
    float x, y;   // where the baseline starts
    float ux, uy; // unit vector along it
    float width;  // of the line
    float size;   // of the em
    TextStyle style;
    const FontChain *fonts; // of the style's weight
} SinkText;

typedef struct GfxSink {
    void *context; // handed to each
    /// What follows is to be seen within r alone.
    void (*clip)(void *context, Rect r);
    /// @param radius  of the corners, at most half of the shorter side
    void (*fill_box)(void *context, Rect r, float radius, Color color);
    /// @param r  where the middle of the stroke runs
    void (*stroke_box)(void *context, Rect r, float radius, float width, Color color);
    void (*fill_triangle)(void *context, const float xy[6], Color color);
    /// A connected line with round joins and ends; a line of one point is a dot.
    /// @param xy  (n, stride) of which the first two are x and y; none is NaN
    /// @param color_step  0: one colour for all, 1: a colour a point
    void (*line)(void *context, const float *xy, int stride, const Color *colors, int color_step,
                 int n, float width);
    /// @param rgba  (m, n) premultiplied, rows from the top; NULL: memory was short for it
    void (*image)(void *context, const uint8_t *rgba, int n, int m, Rect r, bool smooth);
    void (*text)(void *context, const SinkText *text);
} GfxSink;

/// gfx_begin for a sink, up to gfx_end.
/// @param sink  borrowed
/// @param scenes  with depth, of the size in which the sink is drawn: where scenes are drawn
void gfx_begin_sink(Gfx *gfx, const GfxSink *sink, Target *scenes);

#endif
