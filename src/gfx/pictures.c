// Pictures: targets copied into others, images from memory, and pixels read back.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "gfx/internal.h"

// ---- drawing

static void draw_texture(const Gfx *gfx, const Picture *picture) {
    Rect to = picture->to;
    float sx = 2.0f / (float)gfx->width, sy = 2.0f / (float)gfx->height;
    glUseProgram(gfx->image_program);
    glUniform4f(gfx->image_rect, to.x * sx - 1, 1 - to.y * sy, (to.x + to.w) * sx - 1,
                1 - (to.y + to.h) * sy);
    glUniform1f(gfx->image_flip, picture->flip ? 1.0f : 0.0f);
    glActiveTexture(GL_TEXTURE0);
    glBindTexture(GL_TEXTURE_2D, picture->texture);
    glBindSampler(0, gfx->samplers[picture->smooth]);
    glBindVertexArray(gfx->image_vao);
    glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
    glBindSampler(0, 0);
}

static void copy_pixels(const Gfx *gfx, const Picture *picture) {
    int width = (int)picture->to.w, height = (int)picture->to.h;
    int x = (int)picture->to.x, y = gfx->height - (int)picture->to.y - height;
    glBindFramebuffer(GL_READ_FRAMEBUFFER, picture->framebuffer);
    glBlitFramebuffer(0, 0, width, height, x, y, x + width, y + height, GL_COLOR_BUFFER_BIT,
                      GL_NEAREST);
    glBindFramebuffer(GL_READ_FRAMEBUFFER, gfx->target ? gfx->target->drawn : 0);
}

void picture_draw(Gfx *gfx, const Picture *picture) {
    if (picture->framebuffer) {
        copy_pixels(gfx, picture);
        return;
    }
    if (picture->opaque) glDisable(GL_BLEND);
    draw_texture(gfx, picture);
    if (picture->opaque) glEnable(GL_BLEND);
}

void gfx_blit(Gfx *gfx, const Target *source, Rect to) {
    assert(gfx->drawing && source != gfx->target);
    Rect whole = rect_round(to);
    bool same = (int)whole.w == source->width && (int)whole.h == source->height;
    bool copies = same && (!gfx->target || gfx->target->samples <= 1);
    Picture picture = {.texture = source->texture,
                       .framebuffer = copies ? source->framebuffer : 0,
                       .serial = source->serial,
                       .to = same ? whole : to,
                       .smooth = !same,
                       .flip = true,
                       .opaque = true};
    batch_picture(gfx, &picture);
}

void gfx_read(Gfx *gfx, Target *target, int width, int height, uint8_t *rgba) {
    assert(!gfx->drawing);
    (void)gfx;
    glBindFramebuffer(GL_READ_FRAMEBUFFER, target ? target->framebuffer : 0);
    glReadBuffer(target ? GL_COLOR_ATTACHMENT0 : GL_BACK);
    glReadPixels(0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE, rgba);
    glBindFramebuffer(GL_READ_FRAMEBUFFER, 0);
    size_t row = (size_t)width * 4;
    uint8_t part[1024];
    for (int top = 0, bottom = height - 1; top < bottom; top++, bottom--) {
        uint8_t *a = rgba + (size_t)top * row, *b = rgba + (size_t)bottom * row;
        for (size_t at = 0; at < row; at += sizeof part) {
            size_t size = row - at < sizeof part ? row - at : sizeof part;
            memcpy(part, a + at, size);
            memcpy(a + at, b + at, size);
            memcpy(b + at, part, size);
        }
    }
}

// ---- images from memory

/// A copy with premultiplied alpha, so that filtering does not bleed colours out of holes.
static const uint8_t *premultiplied(Gfx *gfx, const uint8_t *rgba, size_t pixels) {
    if (gfx->image_room < pixels * 4) {
        uint8_t *grown = realloc(gfx->image_pixels, pixels * 4);
        if (!grown) return NULL;
        gfx->image_pixels = grown;
        gfx->image_room = pixels * 4;
    }
    for (size_t i = 0; i < pixels * 4; i += 4) {
        unsigned a = rgba[i + 3];
        for (size_t k = 0; k < 3; k++) {
            gfx->image_pixels[i + k] = (uint8_t)((rgba[i + k] * a + 127) / 255);
        }
        gfx->image_pixels[i + 3] = (uint8_t)a;
    }
    return gfx->image_pixels;
}

/// Whether an item that is not drawn yet shows the texture.
static bool is_awaited(const Gfx *gfx, GLuint texture) {
    for (int i = 0; i < gfx->n_items; i++) {
        const Item *item = &gfx->items[i];
        if (item->kind == ITEM_PICTURE && item->picture.texture == texture) return true;
    }
    return false;
}

void draw_image(Gfx *gfx, int slot, uint64_t version, const uint8_t *rgba, int n, int m, Rect r,
                bool smooth) {
    assert(slot >= 0 && slot < IMAGE_SLOTS && n > 0 && m > 0);
    if (sink_takes(gfx)) {
        const uint8_t *pixels = premultiplied(gfx, rgba, (size_t)n * (size_t)m);
        if (r.w > 0 && r.h > 0) gfx->sink->image(gfx->sink->context, pixels, n, m, r, smooth);
        return;
    }
    Image *image = &gfx->images[slot];
    if (!image->texture || image->version != version || image->n != n || image->m != m) {
        const uint8_t *pixels = premultiplied(gfx, rgba, (size_t)n * (size_t)m);
        if (!pixels) return;
        if (is_awaited(gfx, image->texture)) gfx_flush(gfx);
        if (!image->texture) glGenTextures(1, &image->texture);
        glActiveTexture(GL_TEXTURE0);
        glBindTexture(GL_TEXTURE_2D, image->texture);
        glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, n, m, 0, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
        glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAX_LEVEL, 0);
        image->version = version;
        image->serial = ++gfx->serial;
        image->n = n;
        image->m = m;
    }
    Picture picture = {
        .texture = image->texture, .serial = image->serial, .to = r, .smooth = smooth};
    batch_picture(gfx, &picture);
}
