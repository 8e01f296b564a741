/// Turning, zooming and panning a 3-D plot by the mouse.
#include "views/orbit.h"

#include <math.h>

#define ZOOM_A_NOTCH 1.15f

bool orbit_event(Camera *camera, const ViewEvent *event) {
    switch (event->kind) {
    case VIEW_DRAG:
        if (event->button == 0) {
            camera_turn(camera, event->dx, event->dy, event->area);
        } else {
            camera_pan(camera, event->dx, event->dy, event->area);
        }
        return true;
    case VIEW_WHEEL: camera_zoom(camera, powf(ZOOM_A_NOTCH, event->wheel)); return true;
    case VIEW_DOUBLE_CLICK: *camera = camera_default(); return true;
    case VIEW_CLICK: break;
    }
    return false;
}
