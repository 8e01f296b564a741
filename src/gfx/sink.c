// Hands primitives to a sink, with the clip before them and what OpenGL has drawn of scenes by
// then.
#include "gfx/sink.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gfx/internal.h"

void gfx_begin_sink(Gfx *gfx, const GfxSink *sink, Target *scenes) {
    gfx_begin(gfx, scenes, 0, 0, (Color){0, 0, 0, 0});
    gfx->sink = sink;
    gfx->sink_clip = gfx->clips[0];
    gfx->sink_scene = (Rect){0, 0, 0, 0};
}

static Rect clip_now(const Gfx *gfx) {
    return gfx->clips[gfx->n_clips - 1];
}

static void send_clip(Gfx *gfx, Rect r) {
    if (rect_equal(gfx->sink_clip, r)) return;
    gfx->sink_clip = r;
    gfx->sink->clip(gfx->sink->context, r);
}

// ---- scenes

static Rect rect_around(Rect a, Rect b) {
    if (!(a.w > 0 && a.h > 0)) return b;
    if (!(b.w > 0 && b.h > 0)) return a;
    const float x0 = fminf(a.x, b.x), y0 = fminf(a.y, b.y);
    const float x1 = fmaxf(a.x + a.w, b.x + b.w), y1 = fmaxf(a.y + a.h, b.y + b.h);
    return (Rect){x0, y0, x1 - x0, y1 - y0};
}

void sink_note_scene(Gfx *gfx) {
    gfx->sink_scene = rect_around(gfx->sink_scene, rect_round(clip_now(gfx)));
}

/// Reads what was drawn there, rows from the top.
/// @return (h, w) RGBA that the caller frees, or NULL
static uint8_t *read_scene(Gfx *gfx, Rect r) {
    const size_t w = (size_t)r.w, h = (size_t)r.h;
    uint8_t *rgba = malloc(w * h * 4);
    uint8_t *row = malloc(w * 4);
    if (rgba && row) {
        const Target *target = gfx->target;
        if (target->drawn != target->framebuffer) {
            glDisable(GL_SCISSOR_TEST);
            glBindFramebuffer(GL_DRAW_FRAMEBUFFER, target->framebuffer);
            glBlitFramebuffer(0, 0, target->width, target->height, 0, 0, target->width,
                              target->height, GL_COLOR_BUFFER_BIT, GL_NEAREST);
            glBindFramebuffer(GL_DRAW_FRAMEBUFFER, target->drawn);
            glEnable(GL_SCISSOR_TEST);
        }
        glBindFramebuffer(GL_READ_FRAMEBUFFER, target->framebuffer);
        glReadPixels((GLint)r.x, gfx->height - (GLint)(r.y + r.h), (GLsizei)w, (GLsizei)h, GL_RGBA,
                     GL_UNSIGNED_BYTE, rgba);
        glBindFramebuffer(GL_READ_FRAMEBUFFER, target->drawn);
        for (size_t top = 0, bottom = h - 1; top < bottom; top++, bottom--) {
            memcpy(row, rgba + top * w * 4, w * 4);
            memcpy(rgba + top * w * 4, rgba + bottom * w * 4, w * 4);
            memcpy(rgba + bottom * w * 4, row, w * 4);
        }
    } else {
        free(rgba);
        rgba = NULL;
    }
    free(row);
    return rgba;
}

/// The part of an image that is not empty, in its pixels.
static Rect inked(const uint8_t *rgba, int w, int h) {
    int x0 = w, x1 = -1, y0 = h, y1 = -1;
    for (int y = 0; y < h; y++) {
        const uint8_t *row = rgba + (size_t)y * (size_t)w * 4;
        for (int x = 0; x < w; x++) {
            if (row[4 * (size_t)x + 3] == 0) continue;
            if (x < x0) x0 = x;
            if (x > x1) x1 = x;
            if (y < y0) y0 = y;
            y1 = y;
        }
    }
    return (Rect){(float)x0, (float)y0, (float)(x1 - x0 + 1), (float)(y1 - y0 + 1)};
}

/// Hands over what scenes have drawn since the last time. Depth stays: a later scene may hide
/// behind it.
static void send_scene(Gfx *gfx) {
    Rect r = rect_intersect(gfx->sink_scene, gfx->clips[0]);
    gfx->sink_scene = (Rect){0, 0, 0, 0};
    gfx_flush(gfx);
    if (!(r.w >= 1 && r.h >= 1)) return;
    uint8_t *rgba = read_scene(gfx, r);
    if (!rgba) {
        gfx->sink->image(gfx->sink->context, NULL, (int)r.w, (int)r.h, r, true);
        return;
    }
    const Rect part = inked(rgba, (int)r.w, (int)r.h);
    if (part.w >= 1 && part.h >= 1) {
        // Its rows moved together at the start.
        const size_t w = (size_t)part.w, h = (size_t)part.h;
        for (size_t y = 0; y < h; y++) {
            memmove(rgba + y * w * 4,
                    rgba + (((size_t)part.y + y) * (size_t)r.w + (size_t)part.x) * 4, w * 4);
        }
        const Rect at = {r.x + part.x, r.y + part.y, part.w, part.h};
        send_clip(gfx, gfx->clips[0]); // scenes have clipped already
        gfx->sink->image(gfx->sink->context, rgba, (int)w, (int)h, at, true);
    }
    free(rgba);
    glDisable(GL_SCISSOR_TEST);
    glClearColor(0, 0, 0, 0);
    glClear(GL_COLOR_BUFFER_BIT);
    glEnable(GL_SCISSOR_TEST);
}

void sink_prepare(Gfx *gfx) {
    if (gfx->sink_scene.w > 0) send_scene(gfx);
    if (gfx->in_scene) sink_note_scene(gfx); // it may go on in OpenGL
    send_clip(gfx, clip_now(gfx));
}

void sink_end(Gfx *gfx) {
    if (gfx->sink_scene.w > 0) send_scene(gfx);
    gfx->sink = NULL;
}

// ---- primitives

static bool is_box(Rect r, Color c) {
    return r.w > 0 && r.h > 0 && c.a > 0 && isfinite(r.x + r.y + r.w + r.h);
}

void sink_fill_box(Gfx *gfx, Rect r, float radius, Color fill) {
    if (!is_box(r, fill)) return;
    radius = fminf(fmaxf(radius, 0), fminf(r.w, r.h) / 2);
    gfx->sink->fill_box(gfx->sink->context, r, radius, fill);
}

void sink_stroke_box(Gfx *gfx, Rect r, float radius, float width, Color stroke) {
    // The stroke lies inside r; the sink wants to know where its middle runs.
    Rect middle = {r.x + width / 2, r.y + width / 2, r.w - width, r.h - width};
    if (!(width > 0) || !isfinite(width) || !is_box(r, stroke)) return;
    if (!(middle.w > 0 && middle.h > 0)) { // nothing is left inside it
        sink_fill_box(gfx, r, radius, stroke);
        return;
    }
    radius = fminf(fmaxf(radius - width / 2, 0), fminf(middle.w, middle.h) / 2);
    gfx->sink->stroke_box(gfx->sink->context, middle, radius, width, stroke);
}

void sink_triangle(Gfx *gfx, const float xy[6], Color fill) {
    float sum = 0;
    for (int i = 0; i < 6; i++) sum += xy[i];
    if (isfinite(sum) && fill.a > 0) gfx->sink->fill_triangle(gfx->sink->context, xy, fill);
}

void sink_line(Gfx *gfx, const float *xyz, int stride, const Color *colors, int color_step, int n,
               float width) {
    if (!(width > 0)) return;
    for (int i = 0; i < n;) {
        const int first = i;
        while (i < n && isfinite(xyz[(size_t)i * (size_t)stride]) &&
               isfinite(xyz[(size_t)i * (size_t)stride + 1])) {
            i++;
        }
        if (i > first) {
            gfx->sink->line(gfx->sink->context, xyz + (size_t)first * (size_t)stride, stride,
                            colors + (size_t)first * (size_t)color_step, color_step, i - first,
                            width);
        } else {
            i++;
        }
    }
}

bool sink_draws_flat(const Gfx *gfx, const Color *colors, int n) {
    if (!gfx->sink || !gfx->scene_flat) return false;
    for (int i = 0; i < n; i++) {
        if (colors[i].a < 1) return false;
    }
    return true;
}
