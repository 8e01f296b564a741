/// Turning, zooming and panning a 3-D plot by the mouse.
#include "views/orbit.h"

#include <math.h>

#include "plot/plot3d.h"

#define PITCH        0.63f // 36 degrees
#define ZOOM_A_NOTCH 1.15f
// Units around the box that ticks and labels need.
#define LEFT        34.0f
#define RIGHT       84.0f
#define TOP         6.0f
#define BOTTOM      40.0f
#define MAP_LEFT    60.0f // a map's: its upright axis is at the left, the colours' at the right
#define MAP_RIGHT   80.0f
#define MAP_BOTTOM  56.0f // below its axis there is a line for notes
#define MARGIN_MOST 0.2f  // of the view, where it is small
#define MAP_LEAST   0.85f // of what it could be, where something stands beside it
#define QUARTER     1.57079633f
#define NEAR_MAP    0.3f  // radians off straight above
#define SIDE_PITCH  0.03f // all but level: the axis along which one looks has no ticks

Camera orbit_default(void) {
    Camera camera = camera_default();
    camera.pitch = PITCH;
    return camera;
}

Camera orbit_preset(OrbitPreset preset) {
    Camera camera = orbit_default();
    if (preset == ORBIT_BOX) return camera;
    camera.flat = 1;
    camera.yaw = preset == ORBIT_B ? 0 : -QUARTER;
    camera.pitch = preset == ORBIT_MAP ? QUARTER : SIDE_PITCH;
    return camera;
}

bool orbit_is_map(const Camera *camera) {
    return camera->flat == 1 && camera->pitch > 0.99f * QUARTER;
}

bool orbit_event(Camera *camera, const ViewEvent *event) {
    switch (event->kind) {
    case VIEW_DRAG:
        if (event->dx == 0 && event->dy == 0) return false;
        if (event->button == 0 && !event->shift && !orbit_is_map(camera)) {
            camera->flat = 0;
            camera_turn(camera, event->dx, event->dy, event->area);
        } else {
            camera_pan(camera, event->dx, event->dy, event->area);
        }
        return true;
    case VIEW_WHEEL: camera_zoom(camera, powf(ZOOM_A_NOTCH, event->wheel)); return true;
    case VIEW_DOUBLE_CLICK:
        if (camera->flat == 1) {
            camera->zoom = 1;
            camera->pan[0] = camera->pan[1] = 0;
        } else {
            *camera = orbit_default();
        }
        return true;
    case VIEW_CLICK: break;
    }
    return false;
}

/// How far a camera is a map's, 0…1, so that one on its way there comes to it smoothly.
static float map_share(const Camera *camera) {
    return camera->flat * fmaxf(0, 1 - (QUARTER - camera->pitch) / NEAR_MAP);
}

float orbit_map_left(Rect view, float scale) {
    return fminf(MAP_LEFT * scale, MARGIN_MOST * view.w);
}

Camera orbit_camera(const Camera *camera, Rect view, float scale) {
    return orbit_camera_beside(camera, view, scale, 0);
}

Camera orbit_camera_beside(const Camera *camera, Rect view, float scale, float beside) {
    Rect room = view;
    float map = map_share(camera);
    float left = fminf(LEFT * scale, MARGIN_MOST * view.w);
    rect_cut_left(&room, left + map * (orbit_map_left(view, scale) - left));
    rect_cut_right(&room, fminf((RIGHT + map * (MAP_RIGHT - RIGHT)) * scale, MARGIN_MOST * view.w));
    rect_cut_top(&room, TOP * scale);
    float bottom = BOTTOM + map * (MAP_BOTTOM - BOTTOM);
    rect_cut_bottom(&room, fminf(bottom * scale, MARGIN_MOST * view.h));
    // A map is square.
    if (room.w - beside >= MAP_LEAST * fminf(room.w, room.h)) rect_cut_left(&room, map * beside);
    return orbit_camera_within(camera, view, room);
}

Camera orbit_camera_within(const Camera *camera, Rect view, Rect room) {
    Camera usual = orbit_default();
    Camera own = {.yaw = camera->yaw, .pitch = camera->pitch, .zoom = 1, .flat = 1};
    Camera fitted = camera_between(&usual, &own, camera->flat);
    float lo[2] = {INFINITY, INFINITY}, hi[2] = {-INFINITY, -INFINITY};
    for (int corner = 0; corner < 8; corner++) {
        float world[3] = {corner & 1 ? 1 : -1, corner & 2 ? 1 : -1, corner & 4 ? PLOT3D_HEIGHT : 0};
        float screen[2];
        camera_project(&fitted, view, world, screen, NULL);
        for (int i = 0; i < 2; i++) {
            lo[i] = fminf(lo[i], screen[i]);
            hi[i] = fmaxf(hi[i], screen[i]);
        }
    }
    float zoom = fminf(room.w / (hi[0] - lo[0]), room.h / (hi[1] - lo[1]));
    float center[2] = {view.x + view.w / 2, view.y + view.h / 2};
    float box[2] = {center[0] + zoom * ((lo[0] + hi[0]) / 2 - center[0]),
                    center[1] + zoom * ((lo[1] + hi[1]) / 2 - center[1])};
    Camera out = *camera;
    out.zoom *= zoom;
    // The person's zoom is about the middle of the room, not of the view.
    float offset[2] = {room.x + room.w / 2 - box[0], room.y + room.h / 2 - box[1]};
    camera_pan(&out, offset[0], offset[1], view);
    return out;
}

void orbit_turn(Camera *camera, float radians) {
    if (!orbit_is_map(camera)) camera->yaw = remainderf(camera->yaw + radians, 4 * QUARTER);
}
