// Everything is drawn with the whole target as viewport: the matrix is moved to the view's place,
// which need not lie on whole pixels. Lines are projected here and drawn by the 2-D batch with
// their depth.
#include "gfx/scene.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cglm/cglm.h>

#include "gfx/internal.h"
#include "gfx/surface.h"

#define CUT_LEVEL    1.0f
#define SURFACE_HOLE 1e9f // values beyond are no values
#define BORDER_WIDTH 1.5f
#define BORDER_SHADE 0.93f // about what light makes of level ground
#define BORDER_BIAS  1e-3f

enum {
    U_MATRIX,
    U_FLAT_Z,
    U_TO_TEXEL,
    U_LIGHT,
    U_EYE,
    U_TINT,
    U_LOOK,
    U_TOP,
    U_CONTOUR,
    U_CONTOUR_COLOR,
    U_GRID,
    U_MAP,
    U_COUNT
};
enum { U_CENTER, U_EXTENT, U_RADIUS, U_FILL, U_RIM, U_BALL_COUNT };

static void locate(GLuint program, const char *const *names, int n, GLint *locations) {
    for (int i = 0; i < n; i++) locations[i] = glGetUniformLocation(program, names[i]);
}

bool scene_init(Gfx *gfx, Error *error) {
    static const char *const surface[U_COUNT] = {"matrix",  "flat_z",        "to_texel", "light",
                                                 "eye",     "tint",          "look",     "top",
                                                 "contour", "contour_color", "grid",     "map"};
    static const char *const ball[U_BALL_COUNT] = {"center", "extent", "radius", "fill", "rim"};
    static_assert(U_COUNT <= sizeof gfx->surface_uniforms / sizeof *gfx->surface_uniforms, "room");
    static_assert(U_BALL_COUNT <= sizeof gfx->ball_uniforms / sizeof *gfx->ball_uniforms, "room");
    gfx->surface_program = gfx_program("surface", error);
    if (!gfx->surface_program) return false;
    gfx->ball_program = gfx_program("ball", error);
    if (!gfx->ball_program) return false;
    locate(gfx->surface_program, surface, U_COUNT, gfx->surface_uniforms);
    locate(gfx->ball_program, ball, U_BALL_COUNT, gfx->ball_uniforms);
    glUseProgram(gfx->surface_program);
    glUniform1i(gfx->surface_uniforms[U_GRID], 0);
    glUniform1i(gfx->surface_uniforms[U_MAP], 1);
    glGenTextures(1, &gfx->map_texture);
    return true;
}

void scene_deinit(Gfx *gfx) {
    glDeleteProgram(gfx->surface_program);
    glDeleteProgram(gfx->ball_program);
    glDeleteTextures(1, &gfx->map_texture);
    free(gfx->scene_points);
}

void scene_begin(Gfx *gfx, Rect view, mat4 matrix, bool depth_test) {
    assert(gfx->drawing && !gfx->in_scene);
    gfx_clip_push(gfx, view);
    gfx->in_scene = true;
    gfx->scene_flat = !depth_test;
    gfx_flush(gfx); // what was collected lies behind; the clip is the view's
    if (gfx->sink) sink_note_scene(gfx);

    // From the view's device coordinates to the target's.
    mat4 place = GLM_MAT4_IDENTITY_INIT;
    float w = (float)gfx->width, h = (float)gfx->height;
    place[0][0] = view.w / w;
    place[1][1] = view.h / h;
    place[3][0] = (2 * view.x + view.w) / w - 1;
    place[3][1] = 1 - (2 * view.y + view.h) / h;
    glm_mat4_mul(place, matrix, gfx->scene_matrix);

    // Where the eye looks from: the light comes over its left shoulder, so that a plot that is
    // turned keeps its shading.
    mat4 back;
    glm_mat4_inv(matrix, back);
    vec3 near, far, left;
    vec4 point;
    glm_mat4_mulv(back, (vec4){0, 0, -1, 1}, point);
    glm_vec3_scale(point, 1 / point[3], near);
    glm_mat4_mulv(back, (vec4){0, 0, 1, 1}, point);
    glm_vec3_scale(point, 1 / point[3], far);
    glm_vec3_sub(near, far, gfx->scene_eye);
    glm_vec3_normalize(gfx->scene_eye);
    glm_vec3_cross(gfx->scene_eye, (vec3){0, 0, 1}, left);
    glm_vec3_normalize(left);
    for (int i = 0; i < 3; i++) {
        gfx->scene_light[i] = 0.62f * left[i] + 0.25f * gfx->scene_eye[i] + (i == 2 ? 0.65f : 0);
    }
    glm_vec3_normalize(gfx->scene_light);

    if (depth_test) {
        glEnable(GL_DEPTH_TEST);
        glDepthFunc(GL_LEQUAL);
    }
}

void scene_end(Gfx *gfx) {
    assert(gfx->in_scene);
    gfx_clip_pop(gfx);
    gfx->in_scene = false;
    glDisable(GL_DEPTH_TEST);
}

static void bind_map(Gfx *gfx, const Color *map) {
    glActiveTexture(GL_TEXTURE1);
    glBindTexture(GL_TEXTURE_2D, gfx->map_texture);
    glBindSampler(1, gfx->samplers[1]);
    uint8_t bytes[MAP_SIZE][4];
    for (int i = 0; i < MAP_SIZE; i++) color_bytes(map[i], 1, bytes[i]);
    if (memcmp(bytes, gfx->map, sizeof bytes) == 0) return;
    memcpy(gfx->map, bytes, sizeof bytes);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, MAP_SIZE, 1, 0, GL_RGBA, GL_UNSIGNED_BYTE, gfx->map);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAX_LEVEL, 0);
}

/// To device coordinates of the target, after a step toward the eye that is as long as so many
/// pixels seen from it, and nearer by bias.  @return false outside of the lens
static bool project(Gfx *gfx, const float xyz[3], float pixels, float bias, float out[3]) {
    vec4 clip;
    vec4 *m = gfx->scene_matrix;
    glm_mat4_mulv(gfx->scene_matrix, (vec4){xyz[0], xyz[1], xyz[2], 1}, clip);
    if (!(clip[3] > 0) || !(fabsf(clip[2]) <= clip[3])) return false;
    for (int i = 0; i < 3; i++) out[i] = clip[i] / clip[3];
    // A world unit across the line of sight at this depth, in pixels.
    float unit = glm_vec3_norm((vec3){m[0][1], m[1][1], m[2][1]}) / clip[3] * 0.5f;
    float step = pixels / (unit * (float)gfx->height);
    vec3 nearer;
    for (int i = 0; i < 3; i++) nearer[i] = xyz[i] + step * gfx->scene_eye[i];
    glm_mat4_mulv(gfx->scene_matrix, (vec4){nearer[0], nearer[1], nearer[2], 1}, clip);
    if (!(clip[3] > 0)) return false;
    out[2] = fmaxf(clip[2] / clip[3] - bias, -1);
    return true;
}

/// Projects a line into scene_points.  @return false where memory lacks
static bool project_line(Gfx *gfx, const float *xyz, int n, float pixels, float bias) {
    if (gfx->scene_room < n) {
        float *grown = realloc(gfx->scene_points, (size_t)n * 3 * sizeof *grown);
        if (!grown) return false;
        gfx->scene_points = grown;
        gfx->scene_room = n;
    }
    for (size_t i = 0; i < (size_t)n; i++) {
        float at[3], *out = &gfx->scene_points[3 * i];
        bool seen = project(gfx, &xyz[3 * i], pixels, bias, at);
        out[0] = seen ? (at[0] * 0.5f + 0.5f) * (float)gfx->width : NAN;
        out[1] = seen ? (0.5f - at[1] * 0.5f) * (float)gfx->height : NAN;
        out[2] = seen ? at[2] : 0;
    }
    return true;
}

/// A line's breadth would sink into the surface that it lies on, on the side toward the eye: it
/// comes nearer by so many times its half width.
#define LIFT 2.0f

void scene_line(Gfx *gfx, const float *xyz, const Color *colors, int n, float width, Color halo,
                float halo_width, float bias) {
    assert(gfx->in_scene);
    if (n < 1 || !project_line(gfx, xyz, n, LIFT * (width / 2 + halo_width), bias)) return;
    if (sink_draws_flat(gfx, colors, n)) {
        sink_prepare(gfx);
        if (halo_width > 0 && halo.a > 0)
            sink_line(gfx, gfx->scene_points, 3, &halo, 0, n, width + 2 * halo_width);
        sink_line(gfx, gfx->scene_points, 3, colors, 1, n, width);
        return;
    }
    glDepthMask(GL_FALSE);
    if (halo_width > 0 && halo.a > 0) {
        line_stroke(gfx, gfx->scene_points, 3, &halo, 0, n, width + 2 * halo_width);
    }
    line_stroke(gfx, gfx->scene_points, 3, colors, 1, n, width);
    gfx_flush(gfx);
    glDepthMask(GL_TRUE);
}

/// A thin line in the surface's own colours along its border, whose smooth edge stands in for
/// multisampling there.
static void draw_border(Gfx *gfx, const SurfaceMesh *mesh, const SurfaceStyle *style) {
    Color colors[SURFACE_BORDER_MAX];
    for (int i = 0; i < mesh->n_border; i++) {
        float t = fminf(fmaxf(mesh->border_values[i], 0), 1);
        Color c = style->map[(int)(t * (MAP_SIZE - 1) + 0.5f)];
        c = color_mix(c, color_alpha(style->tint, 1), style->tint.a);
        float shade = style->lit ? BORDER_SHADE : 1;
        colors[i] = (Color){c.r * shade, c.g * shade, c.b * shade, 1};
    }
    if (!project_line(gfx, mesh->border[0], mesh->n_border, 0, BORDER_BIAS)) return;
    for (size_t i = 0; style->cut && i < (size_t)mesh->n_border; i++) {
        if (mesh->border_values[i] > CUT_LEVEL) gfx->scene_points[3 * i] = NAN;
    }
    glDepthMask(GL_FALSE);
    line_stroke(gfx, gfx->scene_points, 3, colors, 1, mesh->n_border, BORDER_WIDTH);
    gfx_flush(gfx);
    glDepthMask(GL_TRUE);
}

void scene_surface(Gfx *gfx, SurfaceMesh *mesh, const SurfaceStyle *style) {
    assert(gfx->in_scene);
    if (mesh->texels[0] == 0) return;
    const GLint *u = gfx->surface_uniforms;
    glUseProgram(gfx->surface_program);
    glUniformMatrix4fv(u[U_MATRIX], 1, GL_FALSE, gfx->scene_matrix[0]);
    glUniform2f(u[U_FLAT_Z], style->flat_z, style->is_flat ? 1.0f : 0.0f);
    float n_x = (float)mesh->texels[0], n_y = (float)mesh->texels[1];
    glUniform4f(u[U_TO_TEXEL], (n_y - 1) / (2 * n_y), (n_x - 1) / (2 * n_x), 0.5f, 0.5f);
    glUniform3fv(u[U_LIGHT], 1, gfx->scene_light);
    glUniform3fv(u[U_EYE], 1, gfx->scene_eye);
    glUniform4f(u[U_TINT], style->tint.r, style->tint.g, style->tint.b, style->tint.a);
    glUniform2f(u[U_LOOK], style->alpha, style->lit ? 1.0f : 0.0f);
    glUniform1f(u[U_TOP], style->cut ? CUT_LEVEL : SURFACE_HOLE);
    float density = style->contour_step > 0 ? 1 / style->contour_step : 0;
    float width = style->contour_width;
    glUniform4f(u[U_CONTOUR], density, -style->contour_offset * density, fmaxf(width, 1),
                density > 0 ? style->contour_alpha * fminf(width, 1) : 0);
    glUniform4f(u[U_CONTOUR_COLOR], style->contour_color.r, style->contour_color.g,
                style->contour_color.b, style->contour_in_map ? 0.0f : 1.0f);
    bind_map(gfx, style->map);
    glActiveTexture(GL_TEXTURE0);
    glBindTexture(GL_TEXTURE_2D, mesh->texture);
    glBindSampler(0, gfx->samplers[1]);
    glBindVertexArray(mesh->vao);
    if (style->hidden) {
        glDepthFunc(GL_GREATER);
        glDepthMask(GL_FALSE);
    }
    int skip = style->is_flat ? 0 : SURFACE_FLAT_INDICES;
    int count = style->is_flat ? SURFACE_FLAT_INDICES : mesh->n_indices - SURFACE_FLAT_INDICES;
    glDrawElements(GL_TRIANGLES, count, GL_UNSIGNED_SHORT,
                   buffer_offset((size_t)skip * sizeof(uint16_t)));
    if (style->hidden) {
        glDepthFunc(GL_LEQUAL);
        glDepthMask(GL_TRUE);
    }
    glBindSampler(0, 0);
    glBindSampler(1, 0);
    bool smooth = gfx->target && gfx->target->samples > 1;
    if (!style->is_flat && !style->hidden && style->alpha >= 1 && !smooth)
        draw_border(gfx, mesh, style);
}

void scene_ball(Gfx *gfx, const float xyz[3], float radius, Color color, Color rim, float rim_width,
                float bias) {
    assert(gfx->in_scene);
    float at[3];
    if (!project(gfx, xyz, 1.5f * LIFT * (radius + rim_width), bias, at)) return;
    const GLint *u = gfx->ball_uniforms;
    float half = radius + rim_width + 1;
    glUseProgram(gfx->ball_program);
    glUniform3fv(u[U_CENTER], 1, at);
    glUniform4f(u[U_EXTENT], 2 * half / (float)gfx->width, 2 * half / (float)gfx->height, half, 0);
    glUniform2f(u[U_RADIUS], radius, radius + rim_width);
    glUniform4f(u[U_FILL], color.r, color.g, color.b, color.a);
    glUniform4f(u[U_RIM], rim.r, rim.g, rim.b, rim.a);
    glDepthMask(GL_FALSE);
    glBindVertexArray(gfx->image_vao);
    glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
    glDepthMask(GL_TRUE);
}
