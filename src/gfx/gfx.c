// The device: shaders, the debug callback, targets, and beginning and ending to draw.
#include "gfx/gfx.h"

#include <assert.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/resource.h"
#include "gfx/internal.h"

static void APIENTRY on_message(GLenum source, GLenum type, GLuint id, GLenum severity,
                                GLsizei length, const GLchar *text, const void *user) {
    (void)source, (void)id, (void)severity, (void)length;
    if (type != GL_DEBUG_TYPE_ERROR && type != GL_DEBUG_TYPE_UNDEFINED_BEHAVIOR &&
        type != GL_DEBUG_TYPE_PORTABILITY && type != GL_DEBUG_TYPE_DEPRECATED_BEHAVIOR) {
        return;
    }
    Gfx *gfx = memory_unconst(user);
    if (gfx->errors++ == 0) {
        snprintf(gfx->message, sizeof gfx->message, "%s", text);
    }
}

static GLuint compile(GLenum kind, const char *name, const char *extension, Error *error) {
    char path[128];
    snprintf(path, sizeof path, "shaders/%s.%s", name, extension);
    char *text = resource_text(path);
    if (!text) {
        error_set(error, "%s: the shader is missing", path);
        return 0;
    }
    GLuint shader = glCreateShader(kind);
    const char *source = text;
    glShaderSource(shader, 1, &source, NULL);
    glCompileShader(shader);
    free(text);
    GLint good = 0;
    glGetShaderiv(shader, GL_COMPILE_STATUS, &good);
    if (good) return shader;
    char log[384];
    glGetShaderInfoLog(shader, sizeof log, NULL, log);
    glDeleteShader(shader);
    error_set(error, "%s: the graphics driver does not compile it: %s", path, log);
    return 0;
}

GLuint gfx_program(const char *name, Error *error) {
    GLuint vertex = compile(GL_VERTEX_SHADER, name, "vert", error);
    if (!vertex) return 0;
    GLuint fragment = compile(GL_FRAGMENT_SHADER, name, "frag", error);
    if (!fragment) {
        glDeleteShader(vertex);
        return 0;
    }
    GLuint program = glCreateProgram();
    glAttachShader(program, vertex);
    glAttachShader(program, fragment);
    glLinkProgram(program);
    glDeleteShader(vertex);
    glDeleteShader(fragment);
    GLint good = 0;
    glGetProgramiv(program, GL_LINK_STATUS, &good);
    if (good) return program;
    char log[384];
    glGetProgramInfoLog(program, sizeof log, NULL, log);
    glDeleteProgram(program);
    error_set(error, "shaders/%s: the graphics driver does not link it: %s", name, log);
    return 0;
}

static void describe(Gfx *gfx) {
    const char *vendor = (const char *)glGetString(GL_VENDOR);
    const char *renderer = (const char *)glGetString(GL_RENDERER);
    const char *version = (const char *)glGetString(GL_VERSION);
    snprintf(gfx->renderer, sizeof gfx->renderer, "%s %s %s", vendor ? vendor : "?",
             renderer ? renderer : "?", version ? version : "?");
    gfx->software = strstr(gfx->renderer, "llvmpipe") || strstr(gfx->renderer, "softpipe") ||
                    strstr(gfx->renderer, "SWR") || strstr(gfx->renderer, "Software Rasterizer");
}

/// A software renderer allocates and frees megabytes in every frame; that the C library would hand
/// back to the system each time, and a third of a frame would go to getting fresh pages.
static void keep_freed_memory(void) {
#if defined(__GLIBC__)
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 64 << 20);
#endif
}

static bool images_init(Gfx *gfx, Error *error) {
    gfx->image_program = gfx_program("image", error);
    if (!gfx->image_program) return false;
    gfx->image_rect = glGetUniformLocation(gfx->image_program, "rect");
    gfx->image_flip = glGetUniformLocation(gfx->image_program, "flip");
    glGenVertexArrays(1, &gfx->image_vao);
    glGenSamplers(2, gfx->samplers);
    for (int i = 0; i < 2; i++) {
        GLint filter = i ? GL_LINEAR : GL_NEAREST;
        glSamplerParameteri(gfx->samplers[i], GL_TEXTURE_MIN_FILTER, filter);
        glSamplerParameteri(gfx->samplers[i], GL_TEXTURE_MAG_FILTER, filter);
        glSamplerParameteri(gfx->samplers[i], GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
        glSamplerParameteri(gfx->samplers[i], GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
    }
    return true;
}

Gfx *gfx_create(const GfxDesc *desc, Error *error) {
    if (!epoxy_is_desktop_gl() || epoxy_gl_version() < 33) {
        int version = epoxy_gl_version();
        error_set(error, "OpenGL: 3.3 is needed, this display offers %s%d.%d",
                  epoxy_is_desktop_gl() ? "" : "OpenGL ES ", version / 10, version % 10);
        return NULL;
    }
    Gfx *gfx = calloc(1, sizeof *gfx);
    if (!gfx) {
        error_set(error, "graphics: out of memory");
        return NULL;
    }
    describe(gfx);
    if (gfx->software) keep_freed_memory();
    gfx->uses_canvas = desc->canvas || !gfx->software;
    if (desc->debug && (epoxy_gl_version() >= 43 || epoxy_has_gl_extension("GL_KHR_debug"))) {
        glEnable(GL_DEBUG_OUTPUT);
        glEnable(GL_DEBUG_OUTPUT_SYNCHRONOUS);
        glDebugMessageCallback(on_message, gfx);
    }
    glGetIntegerv(GL_MAX_SAMPLES, &gfx->samples_max);
    glGetIntegerv(GL_MAX_TEXTURE_SIZE, &gfx->size_max);
    glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
    glPixelStorei(GL_PACK_ALIGNMENT, 1);
    if (batch_init(gfx, error) && images_init(gfx, error) && scene_init(gfx, error)) {
        gfx->text = text_create(gfx, desc->fonts, error);
        if (gfx->text) return gfx;
    }
    gfx_destroy(gfx);
    return NULL;
}

void gfx_destroy(Gfx *gfx) {
    if (!gfx) return;
    text_destroy(gfx->text);
    scene_deinit(gfx);
    batch_deinit(gfx);
    for (int i = 0; i < IMAGE_SLOTS; i++) glDeleteTextures(1, &gfx->images[i].texture);
    glDeleteSamplers(2, gfx->samplers);
    glDeleteVertexArrays(1, &gfx->image_vao);
    glDeleteProgram(gfx->image_program);
    if (epoxy_gl_version() >= 43 || epoxy_has_gl_extension("GL_KHR_debug")) {
        glDebugMessageCallback(NULL, NULL);
    }
    target_destroy(gfx->window.canvas);
    free(gfx->image_pixels);
    free(gfx);
}

int gfx_errors(const Gfx *gfx, const char **message) {
    if (message) *message = gfx->message;
    return gfx->errors;
}

const char *gfx_renderer(const Gfx *gfx) {
    return gfx->renderer;
}

bool gfx_is_software(const Gfx *gfx) {
    return gfx->software;
}

// ---- targets

static GLuint render_buffer(int samples, GLenum format, int width, int height) {
    GLuint buffer;
    glGenRenderbuffers(1, &buffer);
    glBindRenderbuffer(GL_RENDERBUFFER, buffer);
    glRenderbufferStorageMultisample(GL_RENDERBUFFER, samples > 1 ? samples : 0, format, width,
                                     height);
    return buffer;
}

Target *target_create(Gfx *gfx, int width, int height, int samples, bool depth) {
    assert(width > 0 && height > 0 && !gfx->drawing);
    // Asked for more, Mesa 22.3 does not report an error but crashes.
    if (width > gfx->size_max || height > gfx->size_max) return NULL;
    Target *target = calloc(1, sizeof *target);
    if (!target) return NULL;
    if (samples > gfx->samples_max) samples = gfx->samples_max;
    if (samples < 2) samples = 1;
    target->gfx = gfx;
    target->width = width;
    target->height = height;
    target->samples = samples;

    glGenTextures(1, &target->texture);
    glBindTexture(GL_TEXTURE_2D, target->texture);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, width, height, 0, GL_RGBA, GL_UNSIGNED_BYTE, NULL);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAX_LEVEL, 0);
    glGenFramebuffers(1, &target->framebuffer);
    glBindFramebuffer(GL_FRAMEBUFFER, target->framebuffer);
    glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, target->texture, 0);
    target->drawn = target->framebuffer;
    if (samples > 1) {
        glGenFramebuffers(1, &target->drawn);
        glBindFramebuffer(GL_FRAMEBUFFER, target->drawn);
        target->color = render_buffer(samples, GL_RGBA8, width, height);
        glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_RENDERBUFFER,
                                  target->color);
    }
    if (depth) {
        target->depth = render_buffer(samples, GL_DEPTH_COMPONENT24, width, height);
        glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_DEPTH_ATTACHMENT, GL_RENDERBUFFER,
                                  target->depth);
    }
    bool complete = glCheckFramebufferStatus(GL_FRAMEBUFFER) == GL_FRAMEBUFFER_COMPLETE;
    glBindFramebuffer(GL_FRAMEBUFFER, 0);
    if (complete) return target;
    target_destroy(target);
    return NULL;
}

void target_destroy(Target *target) {
    if (!target) return;
    if (target->gfx->drawing) gfx_flush(target->gfx); // it may be about to be copied
    if (target->drawn != target->framebuffer) glDeleteFramebuffers(1, &target->drawn);
    glDeleteFramebuffers(1, &target->framebuffer);
    glDeleteRenderbuffers(1, &target->color);
    glDeleteRenderbuffers(1, &target->depth);
    glDeleteTextures(1, &target->texture);
    free(target);
}

int target_width(const Target *target) {
    return target->width;
}

int target_height(const Target *target) {
    return target->height;
}

int target_samples(const Target *target) {
    return target->samples;
}

// ---- drawing

void gfx_start(Gfx *gfx, Target *target, int width, int height, Color clear) {
    assert(!gfx->drawing && gfx->n_items == 0);
    gfx->drawing = true;
    gfx->kept = false;
    gfx->spoilt = false;
    gfx->n_regions = 0;
    gfx->first_item = 0;
    gfx->target = target;
    gfx->width = target ? target->width : width;
    gfx->height = target ? target->height : height;
    gfx->clear = clear;
    gfx->clips[0] = (Rect){0, 0, (float)gfx->width, (float)gfx->height};
    gfx->n_clips = 1;
    glBindFramebuffer(GL_FRAMEBUFFER, target ? target->drawn : 0);
    glViewport(0, 0, gfx->width, gfx->height);
    glDisable(GL_DEPTH_TEST);
    glDisable(GL_CULL_FACE);
    glDepthMask(GL_TRUE);
    glEnable(GL_BLEND);
    glBlendFunc(GL_ONE, GL_ONE_MINUS_SRC_ALPHA);
    glEnable(GL_SCISSOR_TEST);
}

void gfx_begin(Gfx *gfx, Target *target, int width, int height, Color clear) {
    gfx_start(gfx, target, width, height, clear);
    if (!target) gfx->window.n_kept = KEPT_NOTHING;
    glDisable(GL_SCISSOR_TEST);
    glClearColor(clear.r * clear.a, clear.g * clear.a, clear.b * clear.a, clear.a);
    glClear(GL_COLOR_BUFFER_BIT | (target && target->depth ? GL_DEPTH_BUFFER_BIT : 0));
    glEnable(GL_SCISSOR_TEST);
}

void gfx_end(Gfx *gfx) {
    assert(gfx->drawing && gfx->n_clips == 1 && !gfx->in_scene);
    if (gfx->in_window)
        regions_end(gfx);
    else
        gfx_flush(gfx);
    if (gfx->sink) sink_end(gfx);
    Target *target = gfx->target;
    if (target) target->serial = ++gfx->serial;
    if (target && target->drawn != target->framebuffer) {
        glDisable(GL_SCISSOR_TEST);
        glBindFramebuffer(GL_READ_FRAMEBUFFER, target->drawn);
        glBindFramebuffer(GL_DRAW_FRAMEBUFFER, target->framebuffer);
        glBlitFramebuffer(0, 0, target->width, target->height, 0, 0, target->width, target->height,
                          GL_COLOR_BUFFER_BIT, GL_NEAREST);
    }
    glBindFramebuffer(GL_FRAMEBUFFER, 0);
    gfx->target = NULL;
    gfx->drawing = false;
}
