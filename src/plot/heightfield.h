/// Where a ray meets a height field: the picking of 3-D plots, apart from any camera.
#ifndef PLOT_HEIGHTFIELD_H
#define PLOT_HEIGHTFIELD_H

#include <stdbool.h>

/// The nearest point of a surface along a ray. Each cell of the grid is two triangles, split along
/// its flatter diagonal as gfx draws them; one with a corner that is not finite is a hole.
/// @param heights  (n_x, n_y), y fastest, at x and y from -1 to 1
/// @param origin, direction  (3) in the same space; direction of any length but 0
/// @param point  (3) written: where it hits
/// @return false where it misses
/// Takes time in proportion to the cells below the ray, about n_x + n_y.
bool heightfield_hit(const float *heights, int n_x, int n_y, const float origin[3],
                     const float direction[3], float point[3]);

#endif
