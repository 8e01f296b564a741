/// What drawing a surface needs of its mesh. Only surface.c and scene.c look inside.
#ifndef GFX_SURFACE_H
#define GFX_SURFACE_H

#include "gfx/internal.h"
#include "gfx/scene.h"

enum {
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
    int cells;            // of the mesh, a side: a power of two
    int texels[2];        // of the texture
    float (*border)[3];   // (4 * cells_max + 1) around the square, closed; NaN at holes
    float *border_values; // likewise
    int cells_max;        // a side
    int texels_max;       // a side
    // Room for building
    SurfaceVertex *vertices;
    uint16_t *indices;
    SurfaceTexel *grid;
    float *heights, *values, *half_way;
    float *z; // the vertices' heights, NaN at holes
    float *errors;
    uint8_t *leaf;
    char *memory; // all the arrays'
};

#endif
