// 3-D primitives: surfaces, their contour lines and holes, and lines and balls in front of and
// behind them.
#include "canvas.h"
#include "gfx/camera.h"
#include "gfx/scene.h"

enum { W = 300, H = 240, N = 65 };

static Canvas canvas;
static SurfaceMesh *mesh;
static Camera camera;
static const Rect view = {20, 10, 260, 220};
static Color gray[256], blue[256];
static float heights[N * N], values[N * N];

static int setup(void **state) {
    (void)state;
    canvas_open(&canvas, W, H, 0, true);
    mesh = surface_mesh_create(canvas.gfx);
    assert_non_null(mesh);
    camera = camera_default();
    for (int i = 0; i < 256; i++) {
        float t = (float)i / 255;
        gray[i] = (Color){t, t, t, 1};
        blue[i] = color_hex(0x0000ff);
    }
    return 0;
}

static int teardown(void **state) {
    (void)state;
    surface_mesh_destroy(mesh);
    canvas_close(&canvas);
    return 0;
}

/// Fills the grid with z = a + b x + c y and the same as value.
static void plane(float a, float b, float c) {
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            float x = -1 + 2 * (float)i / (N - 1), y = -1 + 2 * (float)j / (N - 1);
            heights[i * N + j] = values[i * N + j] = a + b * x + c * y;
        }
    }
}

static void begin(void) {
    mat4 matrix;
    camera_matrix(&camera, view, matrix);
    canvas_begin(&canvas, color_hex(0x000000));
    scene_begin(canvas.gfx, view, matrix, true);
}

static void end(void) {
    scene_end(canvas.gfx);
    canvas_end(&canvas);
}

static const uint8_t *pixel_of(float x, float y, float z) {
    float screen[2];
    camera_project(&camera, view, (float[]){x, y, z}, screen, NULL);
    return canvas_at(&canvas, (int)screen[0], (int)screen[1]);
}

/// Unlit colours are the map's, at the place where the camera says they are.
static void colours_follow_values(void **state) {
    (void)state;
    plane(0.5f, 0.3f, -0.15f);
    surface_mesh_update(mesh, heights, values, N, N);
    for (int flat = 0; flat < 2; flat++) {
        begin();
        scene_surface(canvas.gfx, mesh,
                      &(SurfaceStyle){.map = gray, .alpha = 1, .is_flat = flat, .flat_z = 0.1f});
        end();
        for (float x = -0.9f; x < 1; x += 0.3f) {
            for (float y = -0.9f; y < 1; y += 0.3f) {
                float value = 0.5f + 0.3f * x - 0.15f * y;
                assert_close(pixel_of(x, y, flat ? 0.1f : value)[0] / 255.0, (double)value, 0.02);
            }
        }
        assert_pixel(&canvas, 1, 1, 0);
    }
}

static void light_shapes_the_surface(void **state) {
    (void)state;
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            float x = -1 + 2 * (float)i / (N - 1), y = -1 + 2 * (float)j / (N - 1);
            heights[i * N + j] = 0.5f * expf(-6 * (x * x + y * y));
            values[i * N + j] = 0.6f;
        }
    }
    surface_mesh_update(mesh, heights, values, N, N);
    begin();
    scene_surface(canvas.gfx, mesh, &(SurfaceStyle){.map = gray, .alpha = 1, .lit = true});
    end();
    float left[2] = {sinf(camera.yaw), -cosf(camera.yaw)}; // of the eye, on the floor
    float z = 0.5f * expf(-6 * 0.09f);
    int bright = pixel_of(0.3f * left[0], 0.3f * left[1], z)[0];
    int dark = pixel_of(-0.3f * left[0], -0.3f * left[1], z)[0];
    assert_true(bright > dark + 25);
}

/// Lines lie at whole levels and keep their width on steep and on gentle slopes; where they would
/// lie closer than a few pixels there are none.
static void contours_are_even(void **state) {
    (void)state;
    camera.pitch = 1.5707963f;
    plane(0.5f, 0.4f, 0);
    surface_mesh_update(mesh, heights, values, N, N);
    SurfaceStyle style = {
        .map = blue,
        .alpha = 1,
        .is_flat = true,
        .contour_alpha = 1,
        .contour_width = 1,
        .contour_color = {1, 1, 1, 1},
    };
    const float steps[] = {0.05f, 0.1f, 0.2f};
    for (int k = 0; k < 3; k++) {
        style.contour_step = steps[k];
        style.contour_offset = 0.03f;
        begin();
        scene_surface(canvas.gfx, mesh, &style);
        end();
        // Along the slope, through the middle: x in world is one direction on the screen.
        double sum = 0;
        int n = 400, lines = 0;
        float from[2], to[2];
        camera_project(&camera, view, (float[]){-0.95f, 0, 0}, from, NULL);
        camera_project(&camera, view, (float[]){0.95f, 0, 0}, to, NULL);
        float length = hypotf(to[0] - from[0], to[1] - from[1]);
        for (int i = 0; i < n; i++) {
            float t = ((float)i + 0.5f) / (float)n;
            const uint8_t *p = canvas_at(&canvas, (int)(from[0] + t * (to[0] - from[0])),
                                         (int)(from[1] + t * (to[1] - from[1])));
            sum += p[0] / 255.0 * (double)length / n;
        }
        for (int level = -100; level < 100; level++) {
            float value = 0.03f + (float)level * steps[k];
            lines += value > 0.12f && value < 0.88f;
        }
        assert_true(lines > 2);
        assert_close(sum, lines, 0.15);
    }
    style.contour_step = 0.001f;
    begin();
    scene_surface(canvas.gfx, mesh, &style);
    end();
    assert_int_equal(pixel_of(0.2f, 0.3f, 0)[0], 0);
    plane(0.5f, 0, 0); // a plateau exactly at a level
    surface_mesh_update(mesh, heights, values, N, N);
    style.contour_step = 0.5f;
    style.contour_offset = 0;
    begin();
    scene_surface(canvas.gfx, mesh, &style);
    end();
    assert_int_equal(pixel_of(0.2f, 0.3f, 0)[0], 0);
    camera = camera_default();
}

static void nan_is_a_hole(void **state) {
    (void)state;
    plane(0.5f, 0, 0);
    for (int i = 28; i <= 36; i++) {
        for (int j = 28; j <= 36; j++) heights[i * N + j] = values[i * N + j] = NAN;
    }
    surface_mesh_update(mesh, heights, values, N, N);
    for (int flat = 0; flat < 2; flat++) {
        begin();
        scene_surface(canvas.gfx, mesh,
                      &(SurfaceStyle){.map = blue, .alpha = 1, .lit = true, .is_flat = flat});
        end();
        float z = flat ? 0 : 0.5f;
        assert_int_equal(pixel_of(0, 0, z)[2], 0);
        assert_true(pixel_of(0.4f, 0, z)[2] > 100);
        assert_true(pixel_of(0, -0.4f, z)[2] > 100);
    }
    for (int i = 0; i < N * N; i++) heights[i] = values[i] = NAN;
    surface_mesh_update(mesh, heights, values, N, N);
    begin();
    scene_surface(canvas.gfx, mesh, &(SurfaceStyle){.map = blue, .alpha = 1, .lit = true});
    end();
    for (int i = 0; i < W * H; i++) assert_int_equal(canvas.pixels[4 * i + 2], 0);
}

/// A finer grid than the mesh has cells, a small one, an uneven one; flat parts merged with curved
/// ones leave no crack.
static void any_grid_covers_the_square(void **state) {
    (void)state;
    const int sizes[][2] = {{2, 2}, {3, 2}, {64, 65}, {129, 129}, {200, 300}, {130, 7}};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        int n_x = sizes[k][0], n_y = sizes[k][1];
        float *z = malloc((size_t)(n_x * n_y) * sizeof *z);
        assert_non_null(z);
        for (int i = 0; i < n_x; i++) {
            for (int j = 0; j < n_y; j++) {
                float x = -1 + 2 * (float)i / (float)(n_x - 1);
                float y = -1 + 2 * (float)j / (float)(n_y - 1);
                z[i * n_y + j] = 0.3f + 0.3f * expf(-20 * ((x - 0.2f) * (x - 0.2f) + y * y));
            }
        }
        surface_mesh_update(mesh, z, z, n_x, n_y);
        free(z);
        camera.pitch = 1.5f;
        begin();
        scene_surface(canvas.gfx, mesh, &(SurfaceStyle){.map = blue, .alpha = 1});
        end();
        float corner[2], opposite[2];
        camera_project(&camera, view, (float[]){-1, -1, 0.3f}, corner, NULL);
        camera_project(&camera, view, (float[]){1, 1, 0.3f}, opposite, NULL);
        for (float x = -0.97f; x < 0.98f; x += 0.01f) {
            for (float y = -0.97f; y < 0.98f; y += 0.01f) {
                assert_int_equal(pixel_of(x, y, 0.3f)[2], 255);
            }
        }
    }
    camera = camera_default();
}

/// Between its points a coarse grid curves as its points do, but a cut-off top stays flat.
static void coarse_grids_are_refined(void **state) {
    (void)state;
    enum { COARSE = 9 };
    float z[COARSE * COARSE];
    for (int cut = 0; cut < 2; cut++) {
        for (int i = 0; i < COARSE; i++) {
            for (int j = 0; j < COARSE; j++) {
                float x = -1 + 0.25f * (float)i, y = -1 + 0.25f * (float)j;
                float value = 0.2f + 0.35f * x * x + 0.2f * y * y;
                z[i * COARSE + j] = cut ? fminf(value, 0.5f) : value;
            }
        }
        surface_mesh_update(mesh, z, z, COARSE, COARSE);
        begin();
        scene_surface(canvas.gfx, mesh, &(SurfaceStyle){.map = gray, .alpha = 1, .is_flat = true});
        end();
        for (float x = -0.7f; x < 0.71f; x += 0.1f) { // the outermost cells know one side only
            for (float y = -0.7f; y < 0.71f; y += 0.1f) {
                float value = 0.2f + 0.35f * x * x + 0.2f * y * y;
                double seen = pixel_of(x, y, 0)[0] / 255.0;
                if (cut)
                    assert_true(seen < 0.505);
                else
                    assert_close(seen, value, 0.012);
            }
        }
    }
}

static void depth_orders_lines_balls_and_surfaces(void **state) {
    (void)state;
    plane(0.5f, 0, 0);
    surface_mesh_update(mesh, heights, values, N, N);
    const Color red = color_hex(0xff0000), green = color_hex(0x00ff00);
    Color colors[2] = {red, red};
    float on[] = {-0.6f, 0, 0.5f, 0.6f, 0, 0.5f}, under[] = {-0.6f, 0, 0.2f, 0.6f, 0, 0.2f};
    begin();
    scene_surface(canvas.gfx, mesh, &(SurfaceStyle){.map = blue, .alpha = 1});
    scene_line(canvas.gfx, on, colors, 2, 3, color_hex(0x202020), 2, 2e-3f);
    scene_line(canvas.gfx, under, colors, 2, 3, red, 0, 2e-3f);
    scene_ball(canvas.gfx, (float[]){0, 0.6f, 0.5f}, 5, green, color_hex(0x202020), 2, 5e-3f);
    scene_ball(canvas.gfx, (float[]){0.5f, 0.5f, 0.1f}, 5, green, red, 2, 5e-3f);
    end();
    const uint8_t *line = pixel_of(0.1f, 0, 0.5f), *hidden = pixel_of(0.1f, 0, 0.2f);
    assert_true(line[0] > 200 && line[2] < 60);
    assert_true(hidden[0] < 20 && hidden[2] > 200);
    const uint8_t *ball = pixel_of(0, 0.6f, 0.5f), *sunk = pixel_of(0.5f, 0.5f, 0.1f);
    assert_true(ball[1] > 150 && ball[2] < 200);
    assert_true(sunk[1] < 20 && sunk[2] > 200);
    float screen[2];
    camera_project(&camera, view, (float[]){0.1f, 0, 0.5f}, screen, NULL);
    bool halo = false;
    for (int dy = -6; dy <= 6; dy++) {
        const uint8_t *p = canvas_at(&canvas, (int)screen[0], (int)screen[1] + dy);
        halo = halo || (abs(p[0] - 0x20) < 8 && abs(p[2] - 0x20) < 8);
    }
    assert_true(halo);
}

static void a_line_over_nowhere_does_no_harm(void **state) {
    (void)state;
    Color colors[3] = {{1, 0, 0, 1}, {1, 0, 0, 1}, {1, 0, 0, 1}};
    float wild[] = {0, 0, 0, NAN, 0, 0, 1e9f, -1e9f, 1e20f};
    begin();
    scene_line(canvas.gfx, wild, colors, 3, 2, colors[0], 1, 0);
    scene_line(canvas.gfx, wild, colors, 0, 2, colors[0], 1, 0);
    scene_ball(canvas.gfx, wild + 3, 4, colors[0], colors[0], 1, 0);
    end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(colours_follow_values),
        cmocka_unit_test(light_shapes_the_surface),
        cmocka_unit_test(contours_are_even),
        cmocka_unit_test(nan_is_a_hole),
        cmocka_unit_test(any_grid_covers_the_square),
        cmocka_unit_test(coarse_grids_are_refined),
        cmocka_unit_test(depth_orders_lines_balls_and_surfaces),
        cmocka_unit_test(a_line_over_nowhere_does_no_harm),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
