/// Turning, zooming and panning a 3-D plot by the mouse, the same in every view that has one.
#ifndef VIEWS_ORBIT_H
#define VIEWS_ORBIT_H

#include "gfx/camera.h"
#include "views/view.h"

/// Drag turns, wheel zooms, middle drag pans, double click resets.
/// @return true where the camera moved
bool orbit_event(Camera *camera, const ViewEvent *event);

#endif
