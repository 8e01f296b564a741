/// An orbiting camera around the origin, with perspective. The plotted box lies in [-1, 1] x [-1,
/// 1] on the floor and [0, height] upward (z up).
#ifndef GFX_CAMERA_H
#define GFX_CAMERA_H

#include <stdbool.h>

#include <cglm/types.h>

#include "gfx/geometry.h"

typedef struct Camera {
    float yaw, pitch; // radians; pitch 0 looks along the floor, pi/2 straight down
    float zoom;       // 1: the box fits the view
    float pan[2];     // in view heights
    float flat;       // 0…1; 1: from so far away that parallels stay parallel, as maps are seen
} Camera;

/// The view that plots start with.
Camera camera_default(void);
/// The camera that share of the way from one to another, 0…1: by the shorter turn.
Camera camera_between(const Camera *from, const Camera *to, float share);
/// Turns by a drag of that many pixels in a view of that size; pitch is kept between 0.05 and pi/2.
void camera_turn(Camera *camera, float dx, float dy, Rect view);
/// factor > 1 comes nearer; kept within 0.3…8.
void camera_zoom(Camera *camera, float factor);
void camera_pan(Camera *camera, float dx, float dy, Rect view);
/// World to clip space for a view of that size. @param out  column-major, as cglm
void camera_matrix(const Camera *camera, Rect view, mat4 out);
/// Where a world point lands, in pixels of the target.
/// @param depth  may be NULL; clip-space depth in -1…1, smaller is nearer
void camera_project(const Camera *camera, Rect view, const float world[3], float screen[2],
                    float *depth);
/// The ray through a pixel: origin and unit direction in world space.
void camera_ray(const Camera *camera, Rect view, float x, float y, float origin[3],
                float direction[3]);

#endif
