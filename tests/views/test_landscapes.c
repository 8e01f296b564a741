/// The view of all layers' landscapes: what it reads out is what the network has, at the place that
/// the pointer shows; its cells fill the view apart from each other; its axis shows a plateau flat.
#include <stdlib.h>
#include <string.h>

#include "nn/reference.h"
#include "views/landscapes_state.h"

enum { WIDTH = 640, HEIGHT = 480 };

#include "view_runs.h"
#include "view_stage.h"

static int open_window(void **state) {
    (void)state;
    return open_stage(true);
}

/// A run, and the view of it with a finished survey.
typedef struct Scene {
    Run run;
    Observation observation;
    LandscapesState *state;
    ViewContext context;
} Scene;

static void scene_draw(Scene *scene, void (*draw)(void *state, const ViewContext *context)) {
    gfx_begin(gfx, canvas, WIDTH, HEIGHT, themes[0].background);
    draw(scene->state, &scene->context);
    gfx_end(gfx);
    assert_no_gl_errors();
}

static Scene scene_create(const char *name, int epochs) {
    Scene scene = {.run = run_create(name, epochs)};
    scene.state = calloc(1, sizeof *scene.state);
    view_type_landscapes.init(scene.state, scene.run.snapshot.experiment);
    return scene;
}

/// Surveys and draws.  @param scene  where it stays
static void scene_show(Scene *scene) {
    scene->context = (ViewContext){.run = &scene->run.snapshot,
                                   .gfx = gfx,
                                   .theme = &themes[0],
                                   .scale = 1,
                                   .area = {0, 0, WIDTH, HEIGHT}};
    ObservationRequest request;
    memset(&request, 0, sizeof request);
    assert_int_equal(view_type_landscapes.observe(scene->state, &scene->context, &request), 1);
    Error error = {""};
    if (!observe(&request, &scene->run.snapshot, 1, &scene->observation, &error)) {
        fail_msg("%s", error.text);
    }
    scene->context.observations[0] = &scene->observation;
    scene_draw(scene, view_type_landscapes.draw);
}

static void scene_destroy(Scene *scene) {
    view_type_landscapes.deinit(scene->state);
    free(scene->state);
    observation_deinit(&scene->observation);
    run_destroy(&scene->run);
}

static double *widen(const float *from, size_t n) {
    double *out = malloc(n * sizeof *out);
    for (size_t i = 0; i < n; i++) out[i] = (double)from[i];
    return out;
}

/// The loss with a surface's weights put there, in 64 bits.
static double true_loss(const Scene *scene, int surface, const double at[2]) {
    const Snapshot *s = &scene->run.snapshot;
    double *params = widen(s->net.params, s->net.n_params);
    double *x = widen(s->data->x, s->data->n * (size_t)s->data->n_inputs);
    double *t = widen(s->data->t, s->data->n * (size_t)s->data->n_outputs);
    for (int i = 0; i < 2; i++) {
        size_t index;
        assert_true(network_locate(&s->net, scene->state->surfaces[surface].axes[i], &index, NULL));
        params[index] = (double)(float)at[i];
    }
    double loss = reference_loss(&s->net, params, s->experiment->loss, x, t, s->data->n_train);
    free(params);
    free(x);
    free(t);
    return loss;
}

static void test_reads_what_the_network_has(void **state) {
    (void)state;
    Scene scene = scene_create("xor-shallow", 300);
    scene_show(&scene);
    const LandscapesState *view = scene.state;
    const Observation *o = &scene.observation;
    int hits[8] = {0}, near = 0, all = 0;
    for (int y = 20; y < HEIGHT; y += 23) {
        for (int x = 10; x < WIDTH; x += 17) {
            scene.context.hover = true;
            scene.context.x = (float)x;
            scene.context.y = (float)y;
            scene.state->read.valid = scene.state->read.hit = false;
            scene_draw(&scene, view_type_landscapes.overlay);
            if (!view->read.hit) continue; // beside the surfaces, or on the ball
            int s = view->read.surface;
            hits[s]++;
            Rect cell = landscapes_cell(view, scene.context.area, 1, s / NEURONS_SEEN);
            assert_true(rect_contains(cell, (float)x, (float)y));
            assert_close(view->read.loss, true_loss(&scene, s, view->read.at), 1e-5);
            // The place read out is under the pointer, but for the grid's coarseness on slopes.
            Plot3d plot = landscapes_plot(view, &scene.context, s / NEURONS_SEEN);
            float world[3], screen[2];
            double change[2];
            for (int i = 0; i < 2; i++) {
                change[i] = view->read.at[i] - (double)o->centres[2 * s + i];
                assert_true(fabs(change[i]) <= view->reach + 1e-9);
            }
            plot3d_world(&plot, change[0], change[1], view->read.loss, world);
            camera_project(&plot.camera, plot.view, world, screen, NULL);
            near += hypotf(screen[0] - (float)x, screen[1] - (float)y) < 6;
            all++;
        }
    }
    for (int s = 0; s < 7; s++) assert_true(hits[s] > 0); // each surface is to be seen somewhere
    assert_int_equal(hits[7], 0);                         // there is no second output
    assert_true(all > 100);
    assert_true(near > 0.95 * all);
    scene_destroy(&scene);
}

static void test_cells_fill_the_view(void **state) {
    (void)state;
    static const char *const names[] = {"perceptron", "circles", "xor-shallow", "xor-deep"};
    static const Rect areas[] = {{0, 0, 640, 480}, {10, 20, 1200, 150}, {5, 5, 90, 400}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        Scene scene = scene_create(names[i], 1);
        scene_show(&scene);
        for (size_t k = 0; k < sizeof areas / sizeof areas[0]; k++) {
            scene.context.area = areas[k];
            scene_draw(&scene, view_type_landscapes.draw);
            Rect area = areas[k], strip = landscapes_cut_legend(&area, 1);
            assert_true(strip.h > 0);
            int n = scene.state->n_layers;
            for (int a = 0; a < n; a++) {
                Rect cell = landscapes_cell(scene.state, areas[k], 1, a);
                Rect within = rect_intersect(cell, area);
                assert_close(within.w * within.h, cell.w * cell.h, 1.0);
                for (int b = 0; b < a; b++) {
                    Rect shared =
                        rect_intersect(cell, landscapes_cell(scene.state, areas[k], 1, b));
                    assert_true(shared.w * shared.h < 1);
                }
            }
            // No row of cells could be left out.
            assert_true(scene.state->columns * (scene.state->rows - 1) < n);
        }
        scene_destroy(&scene);
    }
}

static void test_a_plateau_is_flat(void **state) {
    (void)state;
    Scene scene = scene_create("xor-deep", 1000); // its gradient has vanished
    scene_show(&scene);
    const LandscapesState *view = scene.state;
    assert_true(view->z.lo == 0);
    assert_true(view->z.hi > scene.observation.here_loss);
    size_t points = 32 * 32;
    for (int s = 0; s < 20; s++) {
        float lo = HUGE_VALF, hi = -HUGE_VALF;
        for (size_t i = 0; i < points; i++) {
            lo = fminf(lo, view->surfaces[s].heights[i]);
            hi = fmaxf(hi, view->surfaces[s].heights[i]);
        }
        assert_true(hi - lo < 0.05f * PLOT3D_HEIGHT);
        assert_true(lo > 0.3f * PLOT3D_HEIGHT);
    }
    scene_destroy(&scene);
}

static void test_the_axis_keeps_still(void **state) {
    (void)state;
    Scene scene = scene_create("xor-shallow", 300);
    scene_show(&scene);
    const SharedAxis before = scene.state->z;
    assert_true(before.clipped); // the output's parabola is far higher than the rest
    assert_true(scene.observation.max > before.hi && scene.observation.min >= before.lo);
    run_train(&scene.run, 1);
    scene_show(&scene);
    assert_true(scene.state->z.lo == before.lo && scene.state->z.hi == before.hi);
    scene.state->log = true; // as its switch does
    scene_draw(&scene, view_type_landscapes.draw);
    assert_true(scene.state->z.lo > 0 && scene.state->z.hi > scene.observation.here_loss);
    assert_true(scene.state->z.lo <= scene.observation.min);
    scene_destroy(&scene);
}

static void test_all_cells_turn_together(void **state) {
    (void)state;
    Scene scene = scene_create("xor-shallow", 2);
    scene_show(&scene);
    Plot3d first = landscapes_plot(scene.state, &scene.context, 0);
    ViewEvent drag = {
        .kind = VIEW_DRAG, .x = 500, .y = 400, .dx = 40, .dy = 9, .area = scene.context.area};
    ViewActions actions = {0};
    assert_true(view_type_landscapes.event(scene.state, &scene.context, &drag, &actions));
    for (int layer = 0; layer < 4; layer++) {
        Plot3d plot = landscapes_plot(scene.state, &scene.context, layer);
        assert_true(plot.camera.yaw != first.camera.yaw);
        assert_true(plot.camera.yaw == scene.state->camera.yaw);
    }
    ViewEvent reset = {.kind = VIEW_DOUBLE_CLICK, .area = scene.context.area};
    assert_true(view_type_landscapes.event(scene.state, &scene.context, &reset, &actions));
    Plot3d again = landscapes_plot(scene.state, &scene.context, 0);
    assert_true(again.camera.yaw == first.camera.yaw && again.camera.zoom == first.camera.zoom);
    assert_int_equal(actions.count, 0);
    scene_destroy(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_what_the_network_has),
        cmocka_unit_test(test_cells_fill_the_view),
        cmocka_unit_test(test_a_plateau_is_flat),
        cmocka_unit_test(test_the_axis_keeps_still),
        cmocka_unit_test(test_all_cells_turn_together),
    };
    return cmocka_run_group_tests(tests, open_window, close_stage);
}
