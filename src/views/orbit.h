/// Turning, zooming and panning a 3-D plot by the mouse, the same in every view that has one.
#ifndef VIEWS_ORBIT_H
#define VIEWS_ORBIT_H

#include "gfx/camera.h"
#include "views/view.h"

/// Where plots start: a little from above, so that valleys are seen into.
Camera orbit_default(void);
/// Where a person can look from at once.
typedef enum OrbitPreset {
    ORBIT_BOX, // orbit_default
    ORBIT_MAP, // from straight above: a to the right, b upward
    ORBIT_A,   // along b: the heights over a
    ORBIT_B,   // along a: the heights over b
    ORBIT_PRESETS
} OrbitPreset;
Camera orbit_preset(OrbitPreset preset);
/// Whether it looks straight down, as upon a map.
bool orbit_is_map(const Camera *camera);

/// Drag turns (pans a map), wheel zooms, middle drag and Shift drag pan, double click resets.
/// @return true where the camera moved
bool orbit_event(Camera *camera, const ViewEvent *event);

/// The camera to draw with: the person's, nearer and shifted so that in the default attitude (a
/// flat one: in its own) box and labels fill the view. Turning changes neither, so a turned plot
/// does not seem to breathe.
Camera orbit_camera(const Camera *camera, Rect view, float scale);
/// The same; a map leaves so many pixels free at the left of its axis, where it is not much smaller
/// for that.
Camera orbit_camera_beside(const Camera *camera, Rect view, float scale, float beside);
/// The room at the left of an unmoved map that its axis takes, pixels.
float orbit_map_left(Rect view, float scale);
/// The same with the box filling `room`, a part of the view.
Camera orbit_camera_within(const Camera *camera, Rect view, Rect room);

/// Turns a camera about the upright axis; a map's stays.
void orbit_turn(Camera *camera, float radians);

#endif
