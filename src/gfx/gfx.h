/// Drawing through OpenGL 3.3 core: a device, targets to draw into, and a batch of 2-D primitives.
/// It is the only folder that calls OpenGL; it neither opens windows nor knows what it draws.
///
/// 2-D primitives are anti-aliased by their own shaders (no multisampling needed), collected in
/// order, and drawn in few calls. Coordinates are pixels of the current target, y down. Thread: all
/// functions, the one whose OpenGL context is current.
#ifndef GFX_GFX_H
#define GFX_GFX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "gfx/geometry.h"

typedef struct Gfx Gfx;
typedef struct Target Target;

typedef struct GfxDesc {
    bool debug; // the context is a debug one: OpenGL errors are counted, and printed by gfx_errors
    const char *fonts; // pin a font family ("DejaVu Sans"), for pictures that must repeat; NULL:
                       // the first found of Inter, Noto Sans, DejaVu Sans
    bool canvas;       // keep the window's picture beside the window even where a processor draws,
                       // as it is with a graphics card
} GfxDesc;

/// Needs a current OpenGL 3.3 core context.  @return NULL with error set (GL too old, shaders, no
/// font)
Gfx *gfx_create(const GfxDesc *desc, Error *error);
void gfx_destroy(Gfx *gfx);
/// How many OpenGL errors and warnings were reported so far; the first one's text in *message.
int gfx_errors(const Gfx *gfx, const char **message);
/// "vendor renderer version", and whether it is a software renderer (no GPU).
const char *gfx_renderer(const Gfx *gfx);
bool gfx_is_software(const Gfx *gfx);

/// A picture to draw into: colour, and depth where asked for.
/// @param samples  multisampling: 0 or 1 none; clamped to what there is
/// @return NULL where it is larger than the driver allows, or than memory
Target *target_create(Gfx *gfx, int width, int height, int samples, bool depth);
void target_destroy(Target *target);
int target_width(const Target *target);
int target_height(const Target *target);
int target_samples(const Target *target);

/// Starts drawing into a target (NULL: the window, whose size in pixels is given). Not nested.
void gfx_begin(Gfx *gfx, Target *target, int width, int height, Color clear);
/// Starts drawing into the window, of that size in pixels, whose picture is kept from frame to
/// frame. What is drawn must lie in regions (gfx_region). At gfx_end those are drawn again whose
/// content is another than in the last frame; all of them where their places or the clear colour
/// have changed.
void gfx_begin_window(Gfx *gfx, int width, int height, Color clear);
/// What follows, up to the next region, lies in r, rounded to whole pixels, and is clipped to it.
/// Regions do not overlap. In other targets than the window this does nothing.
void gfx_region(Gfx *gfx, Rect r);
/// What follows, up to the end of the frame, lies over all regions, and is not kept.
void gfx_over(Gfx *gfx);
/// How many regions of the window's last frame were drawn again.
int gfx_regions_drawn(const Gfx *gfx);
/// Draws what is still collected and resolves multisampling.
void gfx_end(Gfx *gfx);
/// Draws what was collected so far, before OpenGL calls of other primitives (3-D) go in between.
/// The window is drawn whole where it is flushed before its end.
void gfx_flush(Gfx *gfx);
/// Copies a finished target over what the current one holds there; nothing blends.
void gfx_blit(Gfx *gfx, const Target *source, Rect to);
/// Reads the pixels of a finished target (NULL: the window), RGBA, rows from the top.
/// @param rgba  width * height * 4 bytes, written
void gfx_read(Gfx *gfx, Target *target, int width, int height, uint8_t *rgba);

/// Limits drawing to the intersection of r and the present clip; pop restores.
void gfx_clip_push(Gfx *gfx, Rect r);
void gfx_clip_pop(Gfx *gfx);

// ---- 2-D primitives

void draw_rect(Gfx *gfx, Rect r, float radius, Color fill);
/// The outline lies inside r.
void draw_rect_outline(Gfx *gfx, Rect r, float radius, float width, Color stroke);
void draw_circle(Gfx *gfx, float x, float y, float radius, Color fill);
/// The stroke's middle lies on the radius.
void draw_ring(Gfx *gfx, float x, float y, float radius, float width, Color stroke);
/// Any triangle, with anti-aliased edges not guaranteed (fills behind lines, icons get them from
/// lines).
void draw_triangle(Gfx *gfx, const float xy[6], Color fill);
void draw_line(Gfx *gfx, float x0, float y0, float x1, float y1, float width, Color c);
/// A connected line with round joins through n points; NaN points break it.
void draw_polyline(Gfx *gfx, const float *xy, int n, float width, Color c);
/// The same with a colour a point.
void draw_polyline_colors(Gfx *gfx, const float *xy, const Color *colors, int n, float width);

/// A picture of n columns by m rows of RGBA bytes (rows from the top) stretched over r, smoothly or
/// not. The pixels are copied into a texture kept under `slot` (0…15) until other pixels are drawn
/// with it.
/// @param version  redraw with the same version and size reuses the texture without upload: it must
/// mean the same pixels
void draw_image(Gfx *gfx, int slot, uint64_t version, const uint8_t *rgba, int n, int m, Rect r,
                bool smooth);

#endif
