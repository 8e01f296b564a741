// The camera: its ray undoes its projection, plots fit at any angle, and its limits hold.
#include <math.h>

#include <cglm/cglm.h>

#include "gfx/camera.h"
#include "support.h"

static const Rect view = {40, 25, 700, 500};

static void ray_undoes_projection(void **state) {
    (void)state;
    for (int k = 0; k < 200; k++) {
        float t = (float)k;
        Camera camera = {
            .yaw = 0.7f * t,
            .pitch = 0.06f + 1.5f * fabsf(sinf(t)),
            .zoom = 0.4f + 3 * fabsf(cosf(3 * t)),
            .pan = {0.3f * sinf(5 * t), 0.2f * cosf(7 * t)},
        };
        float world[3] = {sinf(11 * t), cosf(13 * t), 0.6f + 0.6f * sinf(17 * t)};
        float screen[2], origin[3], direction[3];
        camera_project(&camera, view, world, screen, NULL);
        camera_ray(&camera, view, screen[0], screen[1], origin, direction);
        assert_close(glm_vec3_norm(direction), 1, 1e-5);
        vec3 along, off;
        glm_vec3_sub((float *)world, origin, along);
        float distance = glm_vec3_dot(along, direction);
        assert_true(distance > 0);
        glm_vec3_copy(along, off);
        glm_vec3_muladds(direction, -distance, off);
        assert_true(glm_vec3_norm(off) < 2e-5f);
    }
}

/// From straight above a flat camera's picture is a map: heights move nothing, lengths are true,
/// and a ray finds its place.
static void a_flat_camera_draws_maps(void **state) {
    (void)state;
    Camera camera = {.yaw = -1.57079633f, .pitch = 1.57079633f, .zoom = 1.3f, .flat = 1};
    float origin[2], unit[2][2];
    camera_project(&camera, view, (float[3]){0, 0, 0}, origin, NULL);
    camera_project(&camera, view, (float[3]){1, 0, 0}, unit[0], NULL);
    camera_project(&camera, view, (float[3]){0, 1, 0}, unit[1], NULL);
    float length = unit[0][0] - origin[0];
    assert_true(length > 50);
    assert_close(unit[0][1], origin[1], 1e-3);
    assert_close(unit[1][0], origin[0], 1e-3);
    assert_close(origin[1] - unit[1][1], length, 1e-3);
    for (int k = 0; k < 50; k++) {
        float x = sinf((float)k), y = cosf(3 * (float)k), screen[2], depth, from[3], direction[3];
        for (int top = 0; top < 2; top++) {
            camera_project(&camera, view, (float[3]){x, y, top ? 1.15f : 0}, screen, &depth);
            assert_true(fabsf(depth) < 1);
            assert_true(fabsf(screen[0] - origin[0] - x * length) < 0.6f);
            assert_true(fabsf(origin[1] - screen[1] - y * length) < 0.6f);
        }
        camera_ray(&camera, view, screen[0], screen[1], from, direction);
        float t = (1.15f - from[2]) / direction[2];
        assert_true(fabsf(from[0] + t * direction[0] - x) < 2e-3f);
        assert_true(fabsf(from[1] + t * direction[1] - y) < 2e-3f);
    }
}

static void the_box_fits_with_a_margin(void **state) {
    (void)state;
    const Rect views[] = {{0, 0, 700, 500}, {0, 0, 1200, 600}, {0, 0, 300, 600}, {0, 0, 400, 400}};
    for (size_t v = 0; v < sizeof views / sizeof *views; v++) {
        for (int k = 0; k < 72; k++) {
            Camera camera = camera_default();
            camera.yaw += (float)k * 0.0873f;
            float least_x = INFINITY, most_x = -INFINITY, least_y = INFINITY, most_y = -INFINITY;
            for (int corner = 0; corner < 8; corner++) {
                float world[3] = {corner & 1 ? 1 : -1, corner & 2 ? 1 : -1, corner & 4 ? 1.15f : 0};
                float screen[2], depth;
                camera_project(&camera, views[v], world, screen, &depth);
                assert_true(fabsf(depth) < 1);
                least_x = fminf(least_x, screen[0]);
                most_x = fmaxf(most_x, screen[0]);
                least_y = fminf(least_y, screen[1]);
                most_y = fmaxf(most_y, screen[1]);
            }
            float margin = 0.05f * fminf(views[v].w, views[v].h);
            assert_true(least_x > margin && most_x < views[v].w - margin);
            assert_true(least_y > margin && most_y < views[v].h - margin);
            // And it fills one of the two directions.
            assert_true(most_x - least_x > 0.6f * views[v].w ||
                        most_y - least_y > 0.6f * views[v].h);
        }
    }
}

static void matrix_agrees_with_projection(void **state) {
    (void)state;
    Camera camera = camera_default();
    camera.pan[0] = 0.1f;
    mat4 matrix;
    camera_matrix(&camera, view, matrix);
    vec4 clip;
    glm_mat4_mulv(matrix, (vec4){0.3f, -0.4f, 0.5f, 1}, clip);
    float screen[2], depth;
    camera_project(&camera, view, (float[]){0.3f, -0.4f, 0.5f}, screen, &depth);
    assert_close(screen[0], view.x + (clip[0] / clip[3] + 1) / 2 * view.w, 1e-5);
    assert_close(screen[1], view.y + (1 - clip[1] / clip[3]) / 2 * view.h, 1e-5);
    assert_close(depth, clip[2] / clip[3], 1e-6);
}

static void up_is_up_and_near_is_near(void **state) {
    (void)state;
    Camera camera = camera_default();
    float low[2], high[2], near_depth, far_depth, screen[2];
    camera_project(&camera, view, (float[]){0, 0, 0}, low, NULL);
    camera_project(&camera, view, (float[]){0, 0, 1}, high, NULL);
    assert_true(high[1] < low[1]);
    float toward[3] = {cosf(camera.yaw), sinf(camera.yaw), 0};
    float away[3] = {-toward[0], -toward[1], 0};
    camera_project(&camera, view, toward, screen, &near_depth);
    camera_project(&camera, view, away, screen, &far_depth);
    assert_true(near_depth < far_depth);
}

static void a_drag_moves_what_is_under_it(void **state) {
    (void)state;
    Camera camera = camera_default();
    float front[3] = {cosf(camera.yaw), sinf(camera.yaw), 0}, before[2], after[2];
    camera_project(&camera, view, front, before, NULL);
    camera_turn(&camera, 20, 0, view);
    camera_project(&camera, view, front, after, NULL);
    assert_true(after[0] > before[0] + 5);
    camera_pan(&camera, 12, -7, view);
    camera_project(&camera, view, front, before, NULL);
    assert_close(before[0], after[0] + 12, 1e-4);
    assert_close(before[1], after[1] - 7, 1e-4);
}

static void limits_hold(void **state) {
    (void)state;
    Camera camera = camera_default();
    camera_turn(&camera, 0, 1e6f, view);
    assert_close(camera.pitch, 1.5707963, 1e-6);
    camera_turn(&camera, 0, -1e6f, view);
    assert_close(camera.pitch, 0.05, 1e-6);
    camera_zoom(&camera, 1e6f);
    assert_close(camera.zoom, 8, 1e-6);
    camera_zoom(&camera, 1e-6f);
    assert_close(camera.zoom, 0.3, 1e-6);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ray_undoes_projection),
        cmocka_unit_test(a_flat_camera_draws_maps),
        cmocka_unit_test(the_box_fits_with_a_margin),
        cmocka_unit_test(matrix_agrees_with_projection),
        cmocka_unit_test(up_is_up_and_near_is_near),
        cmocka_unit_test(a_drag_moves_what_is_under_it),
        cmocka_unit_test(limits_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
