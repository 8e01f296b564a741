/// What drawing a surface needs of its mesh. Only surface.c and scene.c look inside.
#ifndef GFX_SURFACE_H
#define GFX_SURFACE_H

#include "gfx/internal.h"
#include "gfx/scene.h"

enum {
    SURFACE_POINTS_MAX = SURFACE_CELLS_MAX + 1,
    SURFACE_BLOCKS_MAX = SURFACE_CELLS_MAX / 2,
    SURFACE_BORDER_MAX = 4 * SURFACE_CELLS_MAX + 1,
    SURFACE_FLAT_INDICES = 6, // the whole square as one quad, for its flat copy; these come first
};

typedef struct SurfaceVertex {
    float x, y, z;
} SurfaceVertex;

/// Value and slopes at a grid point, filtered together by the texture unit.
typedef struct SurfaceTexel {
    float value, slope_x, slope_y, unused;
} SurfaceTexel;

struct SurfaceMesh {
    GLuint vao, buffers[2], texture;
    int n_indices, n_border;
    int points[2];                       // of the mesh along x, y
    int texels[2];                       // of the texture
    float border[SURFACE_BORDER_MAX][3]; // around the square, closed; NaN at holes
    float border_values[SURFACE_BORDER_MAX];

    // Room for building
    SurfaceVertex vertices[SURFACE_POINTS_MAX * SURFACE_POINTS_MAX];
    uint16_t indices[SURFACE_FLAT_INDICES + SURFACE_CELLS_MAX * SURFACE_CELLS_MAX * 6];
    bool flat[SURFACE_BLOCKS_MAX + 2][SURFACE_BLOCKS_MAX + 2]; // blocks of 2x2 cells, and a border
    SurfaceTexel grid[SURFACE_TEXELS_MAX * SURFACE_TEXELS_MAX];
    float heights[SURFACE_TEXELS_MAX * SURFACE_TEXELS_MAX];
    float values[SURFACE_TEXELS_MAX * SURFACE_TEXELS_MAX];
    float half_way[SURFACE_TEXELS_MAX * SURFACE_TEXELS_MAX];
};

#endif
