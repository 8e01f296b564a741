// Builds what the graphics card draws of a height field: a mesh of at most 128x128 cells, and a
// texture of values and slopes that carries colour, contour lines and light at a finer resolution:
// so the mesh need only have as many triangles as its outline asks for.
// Coarse grids are refined by cubics through their points, or contour lines would show the cells.
#include "gfx/surface.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gfx/rtin.h"

#define HOLE      1e30f // what a NaN becomes in the texture: filtered with anything, it stays huge
#define VALUE_MAX 1e6f
// How far the mesh may lie off, in world units: a quarter of a pixel in a view 700 pixels wide; and
// where there are many small plots, in which two surfaces cut each other.
#define FLAT_ENOUGH       1e-3f
#define FLAT_ENOUGH_SMALL 2.5e-4f
enum {
    FINE_TEXELS = 200, // grids are refined to about as many texels a side
    FINE_CELLS = 64,   // and to at least as many cells
};

/// The next part of a block of memory; NULL where there is none yet and parts are only counted.
static void *take(char *memory, size_t *used, size_t bytes) {
    void *part = memory ? memory + *used : NULL;
    *used += (bytes + 15) & ~(size_t)15;
    return part;
}

/// Gives a mesh its arrays.  @return how many bytes of memory they take
static size_t place_arrays(SurfaceMesh *mesh, char *memory) {
    size_t cells = (size_t)mesh->cells_max, points = cells + 1;
    size_t texels = (size_t)mesh->texels_max * (size_t)mesh->texels_max, around = 4 * cells + 1;
    size_t indices = SURFACE_FLAT_INDICES + cells * cells * 6, used = 0;
    mesh->border = take(memory, &used, around * sizeof *mesh->border);
    mesh->border_values = take(memory, &used, around * sizeof *mesh->border_values);
    mesh->vertices = take(memory, &used, points * points * sizeof *mesh->vertices);
    mesh->indices = take(memory, &used, indices * sizeof *mesh->indices);
    mesh->grid = take(memory, &used, texels * sizeof *mesh->grid);
    mesh->heights = take(memory, &used, texels * sizeof *mesh->heights);
    mesh->values = take(memory, &used, texels * sizeof *mesh->values);
    mesh->half_way = take(memory, &used, texels * sizeof *mesh->half_way);
    mesh->errors = take(memory, &used, points * points * sizeof *mesh->errors);
    mesh->leaf = take(memory, &used, cells * cells * sizeof *mesh->leaf);
    mesh->z = take(memory, &used, points * points * sizeof *mesh->z);
    return used;
}

SurfaceMesh *surface_mesh_create(Gfx *gfx) {
    return surface_mesh_create_small(gfx, SURFACE_CELLS_MAX, SURFACE_TEXELS_MAX);
}

SurfaceMesh *surface_mesh_create_small(Gfx *gfx, int cells, int texels) {
    (void)gfx;
    assert(cells >= 2 && cells <= SURFACE_CELLS_MAX);
    assert(texels >= 3 && texels <= SURFACE_TEXELS_MAX);
    SurfaceMesh *mesh = calloc(1, sizeof *mesh);
    if (!mesh) return NULL;
    mesh->cells_max = cells;
    mesh->texels_max = texels;
    mesh->memory = calloc(1, place_arrays(mesh, NULL));
    if (!mesh->memory) {
        free(mesh);
        return NULL;
    }
    place_arrays(mesh, mesh->memory);
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
    free(mesh->memory);
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

/// The change per point at point i of a line, from the neighbours that are there; none beside a
/// plateau, which the cubic would overshoot.
static float change_at(const float *in, size_t n, size_t step, size_t i) {
    const float *at = in + i * step;
    float before = i > 0 ? at[0] - *(at - step) : NAN;
    float after = i + 1 < n ? at[step] - at[0] : NAN;
    if (!isfinite(before)) before = after;
    if (!isfinite(after)) after = before;
    return before == 0 || after == 0 ? 0 : (before + after) / 2;
}

/// Puts k - 1 points between each two of a line of n, by cubic Hermite interpolation.
static void refine_line(const float *in, size_t n, size_t in_step, size_t k, float *out,
                        size_t out_step) {
    float change = change_at(in, n, in_step, 0);
    for (size_t i = 0; i + 1 < n; i++) {
        float from = in[i * in_step], to = in[(i + 1) * in_step];
        float next = change_at(in, n, in_step, i + 1);
        out[0] = from;
        for (size_t s = 1; s < k; s++) {
            float t = (float)s / (float)k, u = 1 - t;
            out[s * out_step] = u * u * (1 + 2 * t) * from + t * t * (1 + 2 * u) * to +
                                t * u * (u * change - t * next);
        }
        out += k * out_step;
        change = next;
    }
    out[0] = in[(n - 1) * in_step];
}

/// How many points stand for n along a side, so that there are about `wanted`.
static int refined(int n, int wanted, int most) {
    int factor = wanted / (n - 1);
    int points = (n - 1) * (factor > 1 ? factor : 1) + 1;
    return points < most ? points : most;
}

/// A grid (n_x, n_y) as texels.
static void resample(SurfaceMesh *mesh, const float *in, int n_x, int n_y, float *out) {
    int t_x = mesh->texels[0], t_y = mesh->texels[1];
    if (n_x > t_x || n_y > t_y) { // too fine already
        float to_x = (float)(n_x - 1) / (float)(t_x - 1);
        float to_y = (float)(n_y - 1) / (float)(t_y - 1);
        for (int i = 0; i < t_x; i++) {
            for (int j = 0; j < t_y; j++) {
                out[i * t_y + j] = sample(in, n_x, n_y, (float)i * to_x, (float)j * to_y);
            }
        }
        return;
    }
    size_t from_x = (size_t)n_x, from_y = (size_t)n_y, to_y = (size_t)t_y;
    size_t k_x = (size_t)(t_x - 1) / (from_x - 1), k_y = (to_y - 1) / (from_y - 1);
    for (size_t i = 0; i < from_x; i++) {
        refine_line(in + i * from_y, from_y, 1, k_y, mesh->half_way + i * to_y, 1);
    }
    for (size_t j = 0; j < to_y; j++) {
        refine_line(mesh->half_way + j, from_x, to_y, k_x, out + j, to_y);
    }
}

/// How many cells a side: at least as many as the finer side of the grid has, where there is room.
static int cells_of(const SurfaceMesh *mesh, int n_x, int n_y) {
    int cells = 2, wanted = (n_x > n_y ? n_x : n_y) - 1;
    if (wanted < FINE_CELLS) wanted = FINE_CELLS;
    while (cells < wanted && 2 * cells <= mesh->cells_max) cells *= 2;
    return cells;
}

static void fill_vertices(SurfaceMesh *mesh) {
    int cells = mesh->cells, n_x = mesh->texels[0], n_y = mesh->texels[1];
    float to_x = (float)(n_x - 1) / (float)cells, to_y = (float)(n_y - 1) / (float)cells;
    for (int i = 0, k = 0; i <= cells; i++) {
        for (int j = 0; j <= cells; j++, k++) {
            mesh->z[k] = sample(mesh->heights, n_x, n_y, (float)i * to_x, (float)j * to_y);
            mesh->vertices[k] = (SurfaceVertex){
                .x = -1 + 2 * (float)i / (float)cells,
                .y = -1 + 2 * (float)j / (float)cells,
                // A missing vertex is not drawn, but some drivers look at all of them.
                .z = isfinite(mesh->z[k]) ? mesh->z[k] : 0,
            };
        }
    }
}

static void fill_indices(SurfaceMesh *mesh) {
    const int n = mesh->cells, side = n + 1;
    const int square[SURFACE_FLAT_INDICES] = {0, n * side, n * side + n, 0, n * side + n, n};
    for (int i = 0; i < SURFACE_FLAT_INDICES; i++) mesh->indices[i] = (uint16_t)square[i];
    const Rtin rtin = {.cells = n, .errors = mesh->errors, .leaf = mesh->leaf};
    float tolerance = mesh->cells_max < SURFACE_CELLS_MAX ? FLAT_ENOUGH_SMALL : FLAT_ENOUGH;
    mesh->n_indices =
        SURFACE_FLAT_INDICES +
        (int)rtin_triangulate(&rtin, mesh->z, tolerance, mesh->indices + SURFACE_FLAT_INDICES);
}

/// Slope along one direction from the neighbours that are there.
static float slope_of(float before, float here, float after, float step) {
    if (!isfinite(here)) return 0;
    if (isfinite(before) && isfinite(after)) return (after - before) / (2 * step);
    if (isfinite(before)) return (here - before) / step;
    if (isfinite(after)) return (after - here) / step;
    return 0;
}

static void fill_grid(SurfaceMesh *mesh) {
    int t_x = mesh->texels[0], t_y = mesh->texels[1];
    float step_x = 2.0f / (float)(t_x - 1), step_y = 2.0f / (float)(t_y - 1);
    for (int i = 0; i < t_x; i++) {
        for (int j = 0; j < t_y; j++) {
            const float *z = &mesh->heights[i * t_y + j];
            float value = mesh->values[i * t_y + j];
            mesh->grid[i * t_y + j] = (SurfaceTexel){
                .value = isnan(value) ? HOLE : fminf(fmaxf(value, -VALUE_MAX), VALUE_MAX),
                .slope_x =
                    slope_of(i > 0 ? z[-t_y] : NAN, z[0], i < t_x - 1 ? z[t_y] : NAN, step_x),
                .slope_y = slope_of(j > 0 ? z[-1] : NAN, z[0], j < t_y - 1 ? z[1] : NAN, step_y),
            };
        }
    }
}

/// Walks around the square's border.
static void fill_border(SurfaceMesh *mesh) {
    const int n_x = mesh->texels[0], n_y = mesh->texels[1], cells = mesh->cells;
    const int corners[5][2] = {{0, 0}, {cells, 0}, {cells, cells}, {0, cells}, {0, 0}};
    int n = 0;
    for (int side = 0; side < 4; side++) {
        int i = corners[side][0], j = corners[side][1];
        int to_i = corners[side + 1][0], to_j = corners[side + 1][1];
        do {
            const int at = i * (cells + 1) + j;
            int t_i = i * (n_x - 1) / cells, t_j = j * (n_y - 1) / cells;
            mesh->border[n][0] = mesh->vertices[at].x;
            mesh->border[n][1] = mesh->vertices[at].y;
            mesh->border[n][2] = mesh->z[at];
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
    int texels = mesh->texels_max <= FINE_TEXELS ? mesh->texels_max - 1 : FINE_TEXELS;
    mesh->cells = cells_of(mesh, n_x, n_y);
    mesh->texels[0] = refined(n_x, texels, mesh->texels_max);
    mesh->texels[1] = refined(n_y, texels, mesh->texels_max);
    resample(mesh, heights, n_x, n_y, mesh->heights);
    resample(mesh, values, n_x, n_y, mesh->values);
    fill_vertices(mesh);
    fill_indices(mesh);
    fill_grid(mesh);
    fill_border(mesh);
    const int n_points = (mesh->cells + 1) * (mesh->cells + 1);
    glBindVertexArray(mesh->vao);
    glBindBuffer(GL_ARRAY_BUFFER, mesh->buffers[0]);
    glBufferData(GL_ARRAY_BUFFER, (GLsizeiptr)((size_t)n_points * sizeof *mesh->vertices),
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
