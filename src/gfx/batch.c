// The batch of 2-D primitives: collected as quads and fans in drawing order, drawn by one shader
// that knows only rounded boxes and the glyph atlas, so that nothing but a change of clip breaks a
// batch. Anti-aliasing is the box's distance, half a pixel to each side of the edge.
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gfx/internal.h"

bool batch_init(Gfx *gfx, Error *error) {
    gfx->vertices = malloc(BATCH_VERTICES * sizeof *gfx->vertices);
    gfx->indices = malloc(BATCH_INDICES * sizeof *gfx->indices);
    if (!gfx->vertices || !gfx->indices) return error_set(error, "graphics: out of memory");
    gfx->batch_program = gfx_program("batch", error);
    if (!gfx->batch_program) return false;
    gfx->batch_size = glGetUniformLocation(gfx->batch_program, "size");
    gfx->batch_atlas_size = glGetUniformLocation(gfx->batch_program, "atlas_size");

    glGenVertexArrays(1, &gfx->batch_vao);
    glGenBuffers(2, gfx->batch_buffers);
    glBindVertexArray(gfx->batch_vao);
    glBindBuffer(GL_ARRAY_BUFFER, gfx->batch_buffers[0]);
    glBindBuffer(GL_ELEMENT_ARRAY_BUFFER, gfx->batch_buffers[1]);
    static const struct {
        GLint count;
        GLenum type;
        GLboolean normalized;
        size_t offset;
    } layout[] = {
        {3, GL_FLOAT, GL_FALSE, offsetof(Vertex, x)},
        {2, GL_FLOAT, GL_FALSE, offsetof(Vertex, local)},
        {4, GL_FLOAT, GL_FALSE, offsetof(Vertex, shape)},
        {2, GL_UNSIGNED_SHORT, GL_FALSE, offsetof(Vertex, texel)},
        {4, GL_UNSIGNED_BYTE, GL_TRUE, offsetof(Vertex, color)},
    };
    for (GLuint i = 0; i < sizeof layout / sizeof *layout; i++) {
        glEnableVertexAttribArray(i);
        glVertexAttribPointer(i, layout[i].count, layout[i].type, layout[i].normalized,
                              sizeof(Vertex), (const char *)0 + layout[i].offset);
    }
    glBindVertexArray(0);
    return true;
}

void batch_deinit(Gfx *gfx) {
    glDeleteBuffers(2, gfx->batch_buffers);
    glDeleteVertexArrays(1, &gfx->batch_vao);
    glDeleteProgram(gfx->batch_program);
    free(gfx->vertices);
    free(gfx->indices);
}

void gfx_flush(Gfx *gfx) {
    assert(gfx->drawing);
    if (gfx->n_indices > 0) {
        glUseProgram(gfx->batch_program);
        glActiveTexture(GL_TEXTURE0);
        int atlas = text_atlas_bind(gfx->text);
        glUniform2f(gfx->batch_size, (float)gfx->width, (float)gfx->height);
        glUniform1f(gfx->batch_atlas_size, (float)atlas);
        glBindVertexArray(gfx->batch_vao);
        glBindBuffer(GL_ARRAY_BUFFER, gfx->batch_buffers[0]);
        glBufferData(GL_ARRAY_BUFFER, (GLsizeiptr)((size_t)gfx->n_vertices * sizeof(Vertex)),
                     gfx->vertices, GL_STREAM_DRAW);
        glBufferData(GL_ELEMENT_ARRAY_BUFFER,
                     (GLsizeiptr)((size_t)gfx->n_indices * sizeof(uint16_t)), gfx->indices,
                     GL_STREAM_DRAW);
        glDrawElements(GL_TRIANGLES, gfx->n_indices, GL_UNSIGNED_SHORT, NULL);
    }
    gfx->n_vertices = 0;
    gfx->n_indices = 0;
}

Vertex *batch_reserve(Gfx *gfx, int n_vertices) {
    assert(gfx->drawing && n_vertices <= BATCH_VERTICES);
    if (gfx->n_vertices + n_vertices > BATCH_VERTICES ||
        gfx->n_indices + 3 * n_vertices > BATCH_INDICES) {
        gfx_flush(gfx);
    }
    Vertex *first = gfx->vertices + gfx->n_vertices;
    gfx->n_vertices += n_vertices;
    return first;
}

void batch_quad(Gfx *gfx) {
    batch_fan(gfx, 4);
}

void batch_fan(Gfx *gfx, int n) {
    uint16_t first = (uint16_t)(gfx->n_vertices - n);
    for (int i = 1; i + 1 < n; i++) {
        uint16_t *index = gfx->indices + gfx->n_indices;
        index[0] = first;
        index[1] = (uint16_t)(first + i);
        index[2] = (uint16_t)(first + i + 1);
        gfx->n_indices += 3;
    }
}

static uint8_t byte(float value) {
    return (uint8_t)(fminf(fmaxf(value, 0.0f), 1.0f) * 255.0f + 0.5f);
}

void color_bytes(Color c, float alpha, uint8_t out[4]) {
    out[0] = byte(c.r);
    out[1] = byte(c.g);
    out[2] = byte(c.b);
    out[3] = byte(c.a * alpha);
}

// ---- clips

void batch_scissor(Gfx *gfx) {
    Rect r = rect_round(gfx->clips[gfx->n_clips - 1]);
    glScissor((GLint)r.x, gfx->height - (GLint)(r.y + r.h), (GLsizei)r.w, (GLsizei)r.h);
}

void gfx_clip_push(Gfx *gfx, Rect r) {
    assert(gfx->drawing && gfx->n_clips < CLIP_DEPTH);
    gfx_flush(gfx);
    gfx->clips[gfx->n_clips] = rect_intersect(gfx->clips[gfx->n_clips - 1], r);
    gfx->n_clips++;
    batch_scissor(gfx);
}

void gfx_clip_pop(Gfx *gfx) {
    assert(gfx->drawing && gfx->n_clips > 1);
    gfx_flush(gfx);
    gfx->n_clips--;
    batch_scissor(gfx);
}

// ---- shapes

/// A rounded box about (x, y), turned so that its width runs along the unit vector (ux, uy).
static void add_box(Gfx *gfx, float x, float y, float half_w, float half_h, float radius,
                    float stroke, float ux, float uy, Color color) {
    if (!(half_w > 0 && half_h > 0) || !isfinite(x + y + half_w + half_h)) return;
    // What is thinner than a pixel is drawn a pixel wide and fainter.
    float alpha = 1.0f;
    if (half_w < 0.5f) alpha *= 2 * half_w, half_w = 0.5f;
    if (half_h < 0.5f) alpha *= 2 * half_h, half_h = 0.5f;
    if (stroke < 1.0f) alpha *= stroke, stroke = 1.0f;
    float least = fminf(half_w, half_h);
    radius = fminf(fmaxf(radius, 0.0f), least);

    Vertex v = {
        .shape = {half_w, half_h, radius, stroke},
        .texel = {WHITE_TEXEL, WHITE_TEXEL},
    };
    color_bytes(color, alpha, v.color);
    if (v.color[3] == 0) return;
    static const float corners[4][2] = {{-1, -1}, {1, -1}, {1, 1}, {-1, 1}};
    float out_w = half_w + 0.5f, out_h = half_h + 0.5f;
    Vertex *out = batch_reserve(gfx, 4);
    for (int i = 0; i < 4; i++) {
        v.local[0] = corners[i][0] * out_w;
        v.local[1] = corners[i][1] * out_h;
        v.x = x + ux * v.local[0] - uy * v.local[1];
        v.y = y + uy * v.local[0] + ux * v.local[1];
        out[i] = v;
    }
    batch_quad(gfx);
}

void draw_rect(Gfx *gfx, Rect r, float radius, Color fill) {
    add_box(gfx, r.x + r.w / 2, r.y + r.h / 2, r.w / 2, r.h / 2, radius, SHAPE_FILLED, 1, 0, fill);
}

void draw_rect_outline(Gfx *gfx, Rect r, float radius, float width, Color stroke) {
    if (!(width > 0)) return;
    add_box(gfx, r.x + r.w / 2, r.y + r.h / 2, r.w / 2, r.h / 2, radius, width, 1, 0, stroke);
}

void draw_circle(Gfx *gfx, float x, float y, float radius, Color fill) {
    add_box(gfx, x, y, radius, radius, radius, SHAPE_FILLED, 1, 0, fill);
}

void draw_ring(Gfx *gfx, float x, float y, float radius, float width, Color stroke) {
    if (!(width > 0)) return;
    float outer = radius + width / 2;
    add_box(gfx, x, y, outer, outer, outer, width, 1, 0, stroke);
}

void draw_line(Gfx *gfx, float x0, float y0, float x1, float y1, float width, Color c) {
    float dx = x1 - x0, dy = y1 - y0, length = hypotf(dx, dy);
    float ux = length > 0 ? dx / length : 1, uy = length > 0 ? dy / length : 0;
    float alpha = fminf(width, 1.0f), half = fmaxf(width, 1.0f) / 2;
    add_box(gfx, (x0 + x1) / 2, (y0 + y1) / 2, length / 2 + half, half, half, SHAPE_FILLED, ux, uy,
            color_alpha(c, c.a * alpha));
}

void draw_triangle(Gfx *gfx, const float xy[6], Color fill) {
    Vertex v = {
        .shape = {SHAPE_ENDLESS, SHAPE_ENDLESS, 0, SHAPE_FILLED},
        .texel = {WHITE_TEXEL, WHITE_TEXEL},
    };
    color_bytes(fill, 1.0f, v.color);
    Vertex *out = batch_reserve(gfx, 3);
    for (int i = 0; i < 3; i++) {
        out[i] = v;
        out[i].x = xy[2 * i];
        out[i].y = xy[2 * i + 1];
    }
    batch_fan(gfx, 3);
}
