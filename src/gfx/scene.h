/// 3-D primitives for plots: lit height fields with contour lines, lines of constant width in
/// pixels, balls. Draw them between gfx_begin and gfx_end into a target with depth.
#ifndef GFX_SCENE_H
#define GFX_SCENE_H

#include <cglm/types.h>

#include "gfx/gfx.h"

typedef struct SurfaceMesh SurfaceMesh;

enum { SURFACE_CELLS_MAX = 128, SURFACE_TEXELS_MAX = 256 };

SurfaceMesh *surface_mesh_create(Gfx *gfx);
/// One for a small plot, of at most so many cells and texels a side, in accordingly little memory.
/// @param cells, texels  2…SURFACE_CELLS_MAX, 3…SURFACE_TEXELS_MAX
SurfaceMesh *surface_mesh_create_small(Gfx *gfx, int cells, int texels);
void surface_mesh_destroy(SurfaceMesh *mesh);

/// Sets the heights. The mesh has at most SURFACE_CELLS_MAX cells a side (resampled); colour and
/// contour lines come from the full grid, as a texture.
/// @param heights  (n_x, n_y) with y fastest: world heights at x, y from -1 to 1; NaN: a hole
/// @param values   (n_x, n_y): 0…1 along the colour map, and in `levels` units for contours; NaN: a
/// hole
void surface_mesh_update(SurfaceMesh *mesh, const float *heights, const float *values, int n_x,
                         int n_y);

typedef struct SurfaceStyle {
    const Color *map; // 256 colours
    float alpha;
    float flat_z; // drawn flat at z where is_flat (the floor's copy of the colours)
    bool is_flat;
    bool lit;
    float contour_step; // between contour lines, in units of values; 0: none
    float contour_offset;
    float contour_alpha; // counts for itself, not times the surface's
    float contour_width; // pixels
    Color contour_color; // alpha unused
    bool contour_in_map; // lines in the map's own colours instead: bright on a translucent floor
    Color tint;          // mixed over the map by tint.a (surfaces of one colour)
    bool cut;            // where values are above 1 there is nothing: a bowl stays open
    bool hidden;         // only what lies behind things drawn already, to let it shine through them
} SurfaceStyle;

void scene_begin(Gfx *gfx, Rect view, mat4 matrix, bool depth_test);
void scene_end(Gfx *gfx);

void scene_surface(Gfx *gfx, SurfaceMesh *mesh, const SurfaceStyle *style);
/// A line through n world points, width in pixels, anti-aliased; with a halo of halo_width more on
/// each side.
/// @param colors  (n)
/// @param bias  clip-space depth offset toward the eye, to lie on a surface without fighting it
/// (e.g. 2e-3)
void scene_line(Gfx *gfx, const float *xyz, const Color *colors, int n, float width, Color halo,
                float halo_width, float bias);
/// A lit ball of constant size in pixels with a dark rim.
void scene_ball(Gfx *gfx, const float xyz[3], float radius, Color color, Color rim, float rim_width,
                float bias);

#endif
