// The camera circles a point at half the box's height. Zoom narrows the angle of view rather than
// coming nearer, so that the eye never enters the box. The picture's scale does not depend on the
// angles: a box that is turned does not seem to breathe.
#include "gfx/camera.h"

#include <math.h>

#include <cglm/cglm.h>

#define PI_F     3.14159265f
#define CENTER_Z 0.42f // what the eye looks at
#define DISTANCE 7.0f
#define FAR_AWAY 700.0f // of a flat one: across a view of 1000 pixels nothing is off by one
// Half of what a view shows at the centre's distance, in world units: the floor's corners stay
// inside at any yaw, with a margin for labels.
#define HALF_WIDTH  1.75f
#define HALF_HEIGHT 1.55f

enum { X, Y, Z };

typedef struct Frame {
    vec3 eye, right, up, forward;
    float distance;
    float tan_x, tan_y; // of half the angles of view
} Frame;

static Frame frame_of(const Camera *camera, Rect view) {
    Frame f;
    float cy = cosf(camera->yaw), sy = sinf(camera->yaw);
    float cp = cosf(camera->pitch), sp = sinf(camera->pitch);
    glm_vec3_copy((vec3){-cp * cy, -cp * sy, -sp}, f.forward);
    glm_vec3_copy((vec3){-sy, cy, 0}, f.right);
    glm_vec3_cross(f.right, f.forward, f.up);
    f.distance = DISTANCE * powf(FAR_AWAY / DISTANCE, camera->flat);
    glm_vec3_scale(f.forward, -f.distance, f.eye);
    f.eye[Z] += CENTER_Z;
    float aspect = view.w / view.h;
    float half = fmaxf(HALF_HEIGHT, HALF_WIDTH / aspect);
    f.tan_y = half / (f.distance * camera->zoom);
    f.tan_x = f.tan_y * aspect;
    return f;
}

Camera camera_default(void) {
    return (Camera){.yaw = -50.0f / 180 * PI_F, .pitch = 32.0f / 180 * PI_F, .zoom = 1};
}

static float mix(float from, float to, float share) {
    return from + share * (to - from);
}

Camera camera_between(const Camera *from, const Camera *to, float share) {
    Camera out = {.yaw = from->yaw + share * remainderf(to->yaw - from->yaw, 2 * PI_F),
                  .pitch = mix(from->pitch, to->pitch, share),
                  .zoom = from->zoom * powf(to->zoom / from->zoom, share),
                  .flat = mix(from->flat, to->flat, share)};
    for (int i = 0; i < 2; i++) out.pan[i] = mix(from->pan[i], to->pan[i], share);
    return out;
}

void camera_turn(Camera *camera, float dx, float dy, Rect view) {
    float per_pixel = PI_F / fmaxf(fminf(view.w, view.h), 1);
    camera->yaw = remainderf(camera->yaw - dx * per_pixel, 2 * PI_F);
    camera->pitch = glm_clamp(camera->pitch + dy * per_pixel, 0.05f, PI_F / 2);
}

void camera_zoom(Camera *camera, float factor) {
    camera->zoom = glm_clamp(camera->zoom * factor, 0.3f, 8.0f);
}

void camera_pan(Camera *camera, float dx, float dy, Rect view) {
    camera->pan[X] += dx / view.h;
    camera->pan[Y] += dy / view.h;
}

void camera_matrix(const Camera *camera, Rect view, mat4 out) {
    Frame f = frame_of(camera, view);
    const float near = f.distance - 3, far = f.distance + 3;
    mat4 look, lens = GLM_MAT4_ZERO_INIT;
    glm_look(f.eye, f.forward, f.up, look);
    lens[0][0] = 1 / f.tan_x;
    lens[1][1] = 1 / f.tan_y;
    lens[2][0] = -2 * camera->pan[X] * view.h / view.w; // pan shifts the finished picture
    lens[2][1] = 2 * camera->pan[Y];
    lens[2][2] = -(far + near) / (far - near);
    lens[2][3] = -1;
    lens[3][2] = -2 * far * near / (far - near);
    glm_mat4_mul(lens, look, out);
}

void camera_project(const Camera *camera, Rect view, const float world[3], float screen[2],
                    float *depth) {
    mat4 matrix;
    camera_matrix(camera, view, matrix);
    vec4 clip;
    glm_mat4_mulv(matrix, (vec4){world[X], world[Y], world[Z], 1}, clip);
    screen[X] = view.x + (clip[X] / clip[3] * 0.5f + 0.5f) * view.w;
    screen[Y] = view.y + (0.5f - clip[Y] / clip[3] * 0.5f) * view.h;
    if (depth) *depth = clip[Z] / clip[3];
}

void camera_ray(const Camera *camera, Rect view, float x, float y, float origin[3],
                float direction[3]) {
    Frame f = frame_of(camera, view);
    float across = (2 * (x - view.x) / view.w - 1 - 2 * camera->pan[X] * view.h / view.w) * f.tan_x;
    float upward = (1 - 2 * (y - view.y) / view.h + 2 * camera->pan[Y]) * f.tan_y;
    for (int i = 0; i < 3; i++) {
        origin[i] = f.eye[i];
        direction[i] = f.forward[i] + across * f.right[i] + upward * f.up[i];
    }
    glm_vec3_normalize(direction);
}
