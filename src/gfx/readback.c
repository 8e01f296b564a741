// A pixel buffer object takes the pixels, which are fetched from it when the next frame is drawn.
#include "gfx/readback.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gfx/internal.h"

struct Readback {
    Gfx *gfx;
    int width, height;
    GLuint buffer;
    Target *fitted; // what had another size; NULL: nothing had so far
    bool pending;
};

Readback *readback_create(Gfx *gfx, int width, int height) {
    assert(width > 0 && height > 0);
    Readback *readback = calloc(1, sizeof *readback);
    if (!readback) return NULL;
    *readback = (Readback){.gfx = gfx, .width = width, .height = height};
    glGenBuffers(1, &readback->buffer);
    glBindBuffer(GL_PIXEL_PACK_BUFFER, readback->buffer);
    glBufferData(GL_PIXEL_PACK_BUFFER, (GLsizeiptr)width * height * 4, NULL, GL_STREAM_READ);
    glBindBuffer(GL_PIXEL_PACK_BUFFER, 0);
    return readback;
}

void readback_destroy(Readback *readback) {
    if (!readback) return;
    glDeleteBuffers(1, &readback->buffer);
    target_destroy(readback->fitted);
    free(readback);
}

/// The part in the middle of our own target, whose framebuffer is read from then on. OpenGL's rows,
/// from the bottom.
static void fit(const Readback *readback, int x, int y, int w, int h, Color ground) {
    const int width = readback->width, height = readback->height;
    const double scale = fmin((double)width / w, (double)height / h);
    const int to_w = (int)lround(scale * w), to_h = (int)lround(scale * h);
    const int to_x = (width - to_w) / 2, to_y = (height - to_h) / 2;
    glBindFramebuffer(GL_DRAW_FRAMEBUFFER, readback->fitted->framebuffer);
    glDisable(GL_SCISSOR_TEST);
    glClearColor(ground.r, ground.g, ground.b, 1);
    glClear(GL_COLOR_BUFFER_BIT);
    glBlitFramebuffer(x, y, x + w, y + h, to_x, to_y, to_x + to_w, to_y + to_h, GL_COLOR_BUFFER_BIT,
                      GL_LINEAR);
    glBindFramebuffer(GL_READ_FRAMEBUFFER, readback->fitted->framebuffer);
}

void readback_begin(Readback *readback, const Target *source, int source_height, Rect part,
                    Color ground) {
    assert(!readback->gfx->drawing && !readback->pending);
    part = rect_round(part);
    int x = (int)part.x, y = source_height - (int)(part.y + part.h);
    const int w = (int)part.w, h = (int)part.h;
    assert(w > 0 && h > 0);
    const bool fits = w == readback->width && h == readback->height;
    if (!fits && !readback->fitted) {
        readback->fitted =
            target_create(readback->gfx, readback->width, readback->height, 0, false);
        if (!readback->fitted) return;
    }
    glBindFramebuffer(GL_READ_FRAMEBUFFER, source ? source->framebuffer : 0);
    glReadBuffer(source ? GL_COLOR_ATTACHMENT0 : GL_BACK);
    if (!fits) {
        fit(readback, x, y, w, h, ground);
        x = y = 0;
    }
    glBindBuffer(GL_PIXEL_PACK_BUFFER, readback->buffer);
    glReadPixels(x, y, readback->width, readback->height, GL_RGBA, GL_UNSIGNED_BYTE,
                 NULL); // from the buffer's beginning
    glBindBuffer(GL_PIXEL_PACK_BUFFER, 0);
    glBindFramebuffer(GL_FRAMEBUFFER, 0);
    readback->pending = true;
}

bool readback_pending(const Readback *readback) {
    return readback->pending;
}

bool readback_end(Readback *readback, uint8_t *rgba) {
    if (!readback->pending) return false;
    readback->pending = false;
    if (!rgba) return true;
    const size_t row = (size_t)readback->width * 4, rows = (size_t)readback->height;
    glBindBuffer(GL_PIXEL_PACK_BUFFER, readback->buffer);
    const uint8_t *pixels =
        glMapBufferRange(GL_PIXEL_PACK_BUFFER, 0, (GLsizeiptr)(row * rows), GL_MAP_READ_BIT);
    for (size_t y = 0; pixels && y < rows; y++)
        memcpy(rgba + y * row, pixels + (rows - 1 - y) * row, row);
    if (pixels) glUnmapBuffer(GL_PIXEL_PACK_BUFFER);
    glBindBuffer(GL_PIXEL_PACK_BUFFER, 0);
    return pixels != NULL;
}
