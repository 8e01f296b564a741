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

enum {
    POINTS_MAX = SURFACE_CELLS_MAX + 1,
    BLOCKS_MAX = SURFACE_CELLS_MAX / 2,
    FLAT_INDICES = 6, // the whole square as one quad, for its flat copy; before the cells' indices
};

#define HOLE         1e30f // what a NaN becomes in the texture: filtered with anything, it stays huge
#define VALUE_MAX    1e6f
#define BORDER_WIDTH 1.5f
#define BORDER_SHADE 0.93f // about what light makes of level ground
#define BORDER_BIAS  1e-3f
#define FLAT_ENOUGH  1e-3f // world units: a quarter of a pixel in a view 700 pixels wide

typedef struct SurfaceVertex {
    float x, y, z;
} SurfaceVertex;

/// Value and slopes at a grid point, filtered together by the texture unit.
typedef struct Texel {
    float value, slope_x, slope_y, unused;
} Texel;

struct SurfaceMesh {
    GLuint vao, buffers[2], texture;
    int n_indices;
    int texels[2]; // along x, y
    SurfaceVertex vertices[POINTS_MAX * POINTS_MAX];
    uint16_t indices[FLAT_INDICES + SURFACE_CELLS_MAX * SURFACE_CELLS_MAX * 6];
    float border[4 * POINTS_MAX][3]; // around the square, closed; NaN at holes
    float border_values[4 * POINTS_MAX];
    int n_border;
    bool flat[BLOCKS_MAX + 2][BLOCKS_MAX + 2]; // which blocks of 2x2 cells are, with a border
    Texel grid[SURFACE_TEXELS_MAX * SURFACE_TEXELS_MAX];
};

enum {
    U_MATRIX,
    U_FLAT_Z,
    U_TO_TEXEL,
    U_LIGHT,
    U_EYE,
    U_TINT,
    U_LOOK,
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
    static const char *const surface[U_COUNT] = {"matrix",        "flat_z", "to_texel", "light",
                                                 "eye",           "tint",   "look",     "contour",
                                                 "contour_color", "grid",   "map"};
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

// ---- meshes

SurfaceMesh *surface_mesh_create(Gfx *gfx) {
    (void)gfx;
    SurfaceMesh *mesh = calloc(1, sizeof *mesh);
    if (!mesh) return NULL;
    glGenVertexArrays(1, &mesh->vao);
    glGenBuffers(2, mesh->buffers);
    glGenTextures(1, &mesh->texture);
    glBindVertexArray(mesh->vao);
    glBindBuffer(GL_ARRAY_BUFFER, mesh->buffers[0]);
    glBindBuffer(GL_ELEMENT_ARRAY_BUFFER, mesh->buffers[1]);
    glEnableVertexAttribArray(0);
    glVertexAttribPointer(0, 3, GL_FLOAT, GL_FALSE, sizeof(SurfaceVertex), NULL);
    glBindVertexArray(0);
    return mesh;
}

void surface_mesh_destroy(SurfaceMesh *mesh) {
    if (!mesh) return;
    glDeleteTextures(1, &mesh->texture);
    glDeleteBuffers(2, mesh->buffers);
    glDeleteVertexArrays(1, &mesh->vao);
    free(mesh);
}

/// The grid at fractional indices, bilinearly; NaN where a neighbour with any weight is.
static float sample(const float *grid, int n_x, int n_y, float x, float y) {
    int i = (int)x < n_x - 2 ? (int)x : n_x - 2, j = (int)y < n_y - 2 ? (int)y : n_y - 2;
    float fx = x - (float)i, fy = y - (float)j;
    const float *at = grid + (size_t)i * (size_t)n_y + (size_t)j, *up = at + n_y;
    float low = fy <= 0 ? at[0] : fy >= 1 ? at[1] : at[0] + (at[1] - at[0]) * fy;
    float high = fy <= 0 ? up[0] : fy >= 1 ? up[1] : up[0] + (up[1] - up[0]) * fy;
    return fx <= 0 ? low : fx >= 1 ? high : low + (high - low) * fx;
}

static void fill_vertices(SurfaceMesh *mesh, const float *heights, int n_x, int n_y, int m_x,
                          int m_y) {
    float to_x = (float)(n_x - 1) / (float)(m_x - 1), to_y = (float)(n_y - 1) / (float)(m_y - 1);
    for (int i = 0; i < m_x; i++) {
        for (int j = 0; j < m_y; j++) {
            mesh->vertices[i * m_y + j] = (SurfaceVertex){
                .x = -1 + 2 * (float)i / (float)(m_x - 1),
                .y = -1 + 2 * (float)j / (float)(m_y - 1),
                .z = sample(heights, n_x, n_y, (float)i * to_x, (float)j * to_y),
            };
        }
    }
}

/// Triangles of a polygon around one vertex; a quad is split along its flatter diagonal, so that
/// ridges stay sharp.
/// @param ring  (n) vertices; n > 4: around the vertex in the middle
static uint16_t *emit(const SurfaceMesh *mesh, uint16_t *index, const int *ring, int n,
                      int middle) {
    const SurfaceVertex *v = mesh->vertices;
    if (n == 4) {
        bool flatter = fabsf(v[ring[0]].z - v[ring[2]].z) <= fabsf(v[ring[1]].z - v[ring[3]].z);
        int a = flatter ? 0 : 1;
        int order[6] = {ring[a], ring[a + 1], ring[a + 2], ring[a], ring[a + 2], ring[(a + 3) % 4]};
        for (int k = 0; k < 6; k++) *index++ = (uint16_t)order[k];
        return index;
    }
    for (int k = 0; k < n; k++) {
        *index++ = (uint16_t)middle;
        *index++ = (uint16_t)ring[k];
        *index++ = (uint16_t)ring[(k + 1) % n];
    }
    return index;
}

static uint16_t *emit_cell(const SurfaceMesh *mesh, uint16_t *index, int m_y, int i, int j) {
    int a = i * m_y + j, b = a + m_y;
    int ring[4] = {a, b, b + 1, a + 1};
    float sum = 0;
    for (int k = 0; k < 4; k++) sum += mesh->vertices[ring[k]].z;
    return isfinite(sum) ? emit(mesh, index, ring, 4, 0) : index; // a missing corner: a hole
}

/// Whether a block of 2x2 cells is so flat that its corners alone draw the same.
static bool is_flat_block(const SurfaceMesh *mesh, int m_y, int i, int j) {
    const SurfaceVertex *v = mesh->vertices + i * m_y + j;
    float z[3][3];
    for (int k = 0; k < 3; k++) {
        for (int l = 0; l < 3; l++) z[k][l] = v[k * m_y + l].z;
    }
    float off = fabsf(z[1][1] - (z[0][0] + z[2][2]) / 2);
    off = fmaxf(off, fabsf(z[1][1] - (z[0][2] + z[2][0]) / 2));
    for (int k = 0; k < 3; k += 2) {
        off = fmaxf(off, fabsf(z[k][1] - (z[k][0] + z[k][2]) / 2));
        off = fmaxf(off, fabsf(z[1][k] - (z[0][k] + z[2][k]) / 2));
    }
    float sum = 0; // fmaxf drops NaN
    for (int k = 0; k < 9; k++) sum += z[k / 3][k % 3];
    return isfinite(sum) && off < FLAT_ENOUGH;
}

/// Two triangles a cell, or a block of four cells where that is flat; a flat block beside another
/// keeps the vertex between them, or there would be cracks.
static void fill_indices(SurfaceMesh *mesh, int m_x, int m_y) {
    int square[4] = {0, (m_x - 1) * m_y, m_x * m_y - 1, m_y - 1};
    uint16_t *index = emit(mesh, mesh->indices, square, 4, 0);
    int blocks_x = (m_x - 1) / 2, blocks_y = (m_y - 1) / 2;
    bool(*flat)[BLOCKS_MAX + 2] = mesh->flat;
    for (int i = 0; i < BLOCKS_MAX + 2; i++) {
        for (int j = 0; j < BLOCKS_MAX + 2; j++) {
            bool inside = i >= 1 && i <= blocks_x && j >= 1 && j <= blocks_y;
            flat[i][j] = inside && is_flat_block(mesh, m_y, 2 * (i - 1), 2 * (j - 1));
        }
    }
    for (int i = 0; i < m_x - 1; i++) {
        for (int j = 0; j < m_y - 1; j++) {
            int b_i = i / 2 + 1, b_j = j / 2 + 1;
            if (!flat[b_i][b_j]) {
                index = emit_cell(mesh, index, m_y, i, j);
                continue;
            }
            if (i % 2 != 0 || j % 2 != 0) continue; // drawn with its block's first cell
            int at = i * m_y + j, right = 2 * m_y, ring[8], n = 0;
            ring[n++] = at;
            if (!flat[b_i][b_j - 1]) ring[n++] = at + m_y;
            ring[n++] = at + right;
            if (!flat[b_i + 1][b_j]) ring[n++] = at + right + 1;
            ring[n++] = at + right + 2;
            if (!flat[b_i][b_j + 1]) ring[n++] = at + m_y + 2;
            ring[n++] = at + 2;
            if (!flat[b_i - 1][b_j]) ring[n++] = at + 1;
            index = emit(mesh, index, ring, n, at + m_y + 1);
        }
    }
    mesh->n_indices = (int)(index - mesh->indices);
}

/// Slope along one direction from the neighbours that are there.
static float slope_of(float before, float here, float after, float step) {
    if (!isfinite(here)) return 0;
    if (isfinite(before) && isfinite(after)) return (after - before) / (2 * step);
    if (isfinite(before)) return (here - before) / step;
    if (isfinite(after)) return (after - here) / step;
    return 0;
}

static void fill_grid(SurfaceMesh *mesh, const float *heights, const float *values, int n_x,
                      int n_y) {
    int t_x = n_x < SURFACE_TEXELS_MAX ? n_x : SURFACE_TEXELS_MAX;
    int t_y = n_y < SURFACE_TEXELS_MAX ? n_y : SURFACE_TEXELS_MAX;
    float to_x = (float)(n_x - 1) / (float)(t_x - 1), to_y = (float)(n_y - 1) / (float)(t_y - 1);
    float step_x = 2.0f / (float)(t_x - 1), step_y = 2.0f / (float)(t_y - 1);
    // Heights rest in the unused fourth channel while slopes are taken.
    for (int i = 0; i < t_x; i++) {
        for (int j = 0; j < t_y; j++) {
            float x = (float)i * to_x, y = (float)j * to_y;
            float value = sample(values, n_x, n_y, x, y);
            mesh->grid[i * t_y + j] = (Texel){
                .value = isnan(value) ? HOLE : fminf(fmaxf(value, -VALUE_MAX), VALUE_MAX),
                .unused = sample(heights, n_x, n_y, x, y),
            };
        }
    }
    for (int i = 0; i < t_x; i++) {
        for (int j = 0; j < t_y; j++) {
            Texel *t = &mesh->grid[i * t_y + j];
            t->slope_x = slope_of(i > 0 ? t[-t_y].unused : NAN, t->unused,
                                  i < t_x - 1 ? t[t_y].unused : NAN, step_x);
            t->slope_y = slope_of(j > 0 ? t[-1].unused : NAN, t->unused,
                                  j < t_y - 1 ? t[1].unused : NAN, step_y);
        }
    }
    for (int i = 0; i < t_x * t_y; i++) mesh->grid[i].unused = 0;
    mesh->texels[0] = t_x;
    mesh->texels[1] = t_y;
}

/// Walks around the square's border.
static void fill_border(SurfaceMesh *mesh, int m_x, int m_y) {
    int n_x = mesh->texels[0], n_y = mesh->texels[1], n = 0;
    int corners[5][2] = {{0, 0}, {m_x - 1, 0}, {m_x - 1, m_y - 1}, {0, m_y - 1}, {0, 0}};
    for (int side = 0; side < 4; side++) {
        int i = corners[side][0], j = corners[side][1];
        int to_i = corners[side + 1][0], to_j = corners[side + 1][1];
        do {
            const SurfaceVertex *v = &mesh->vertices[i * m_y + j];
            int t_i = i * (n_x - 1) / (m_x - 1), t_j = j * (n_y - 1) / (m_y - 1);
            mesh->border[n][0] = v->x;
            mesh->border[n][1] = v->y;
            mesh->border[n][2] = v->z;
            mesh->border_values[n++] = mesh->grid[t_i * n_y + t_j].value;
            i += (to_i > i) - (to_i < i);
            j += (to_j > j) - (to_j < j);
        } while (i != to_i || j != to_j);
    }
    memcpy(mesh->border[n], mesh->border[0], sizeof mesh->border[n]);
    mesh->border_values[n] = mesh->border_values[0];
    mesh->n_border = n + 1;
}

void surface_mesh_update(SurfaceMesh *mesh, const float *heights, const float *values, int n_x,
                         int n_y) {
    assert(n_x >= 2 && n_y >= 2);
    int m_x = n_x < POINTS_MAX ? n_x : POINTS_MAX, m_y = n_y < POINTS_MAX ? n_y : POINTS_MAX;
    fill_vertices(mesh, heights, n_x, n_y, m_x, m_y);
    fill_indices(mesh, m_x, m_y);
    fill_grid(mesh, heights, values, n_x, n_y);
    fill_border(mesh, m_x, m_y);
    // A missing vertex is not drawn, but some drivers look at all of them.
    for (int i = 0; i < m_x * m_y; i++) {
        if (!isfinite(mesh->vertices[i].z)) mesh->vertices[i].z = 0;
    }
    glBindVertexArray(mesh->vao);
    glBindBuffer(GL_ARRAY_BUFFER, mesh->buffers[0]);
    glBufferData(GL_ARRAY_BUFFER, (GLsizeiptr)((size_t)(m_x * m_y) * sizeof *mesh->vertices),
                 mesh->vertices, GL_DYNAMIC_DRAW);
    glBufferData(GL_ELEMENT_ARRAY_BUFFER,
                 (GLsizeiptr)((size_t)mesh->n_indices * sizeof *mesh->indices), mesh->indices,
                 GL_DYNAMIC_DRAW);
    glBindVertexArray(0);

    glActiveTexture(GL_TEXTURE0);
    glBindTexture(GL_TEXTURE_2D, mesh->texture);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA32F, mesh->texels[1], mesh->texels[0], 0, GL_RGBA,
                 GL_FLOAT, mesh->grid);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAX_LEVEL, 0);
}

// ---- scenes

void scene_begin(Gfx *gfx, Rect view, mat4 matrix, bool depth_test) {
    assert(gfx->drawing && !gfx->in_scene);
    gfx_clip_push(gfx, view);
    gfx->in_scene = true;

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
    gfx->in_scene = false;
    gfx_clip_pop(gfx);
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
    for (int i = 0; i < n; i++) {
        float at[3], *out = gfx->scene_points + 3 * i;
        bool seen = project(gfx, xyz + 3 * i, pixels, bias, at);
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
    Color colors[4 * POINTS_MAX];
    for (int i = 0; i < mesh->n_border; i++) {
        float t = fminf(fmaxf(mesh->border_values[i], 0), 1);
        Color c = style->map[(int)(t * (MAP_SIZE - 1) + 0.5f)];
        c = color_mix(c, color_alpha(style->tint, 1), style->tint.a);
        float shade = style->lit ? BORDER_SHADE : 1;
        colors[i] = (Color){c.r * shade, c.g * shade, c.b * shade, 1};
    }
    if (!project_line(gfx, mesh->border[0], mesh->n_border, 0, BORDER_BIAS)) return;
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
    int skip = style->is_flat ? 0 : FLAT_INDICES;
    int count = style->is_flat ? FLAT_INDICES : mesh->n_indices - FLAT_INDICES;
    glDrawElements(GL_TRIANGLES, count, GL_UNSIGNED_SHORT,
                   buffer_offset((size_t)skip * sizeof(uint16_t)));
    glBindSampler(0, 0);
    glBindSampler(1, 0);
    bool smooth = gfx->target && gfx->target->samples > 1;
    if (!style->is_flat && style->alpha >= 1 && !smooth) draw_border(gfx, mesh, style);
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
