/// Turning, zooming and panning a 3-D plot by the mouse, the same in every view that has one.
#ifndef VIEWS_ORBIT_H
#define VIEWS_ORBIT_H

#include "gfx/camera.h"
#include "views/view.h"

/// Where plots start: a little from above, so that valleys are seen into.
Camera orbit_default(void);
/// Drag turns, wheel zooms, middle drag pans, double click resets.
/// @return true where the camera moved
bool orbit_event(Camera *camera, const ViewEvent *event);

/// The camera to draw with: the person's, nearer and shifted so that in the default attitude box
/// and labels fill the view. Turning changes neither, so a turned plot does not seem to breathe.
Camera orbit_camera(const Camera *camera, Rect view, float scale);
/// The same with the box filling `room`, a part of the view.
Camera orbit_camera_within(const Camera *camera, Rect view, Rect room);

#endif
