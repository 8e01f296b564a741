// The landscape's planes: chosen, made anew, offered by files, and left for two weights again.
#include <stdlib.h>
#include <string.h>

#include "views/landscape_state.h"

#include "view_runs.h"

typedef struct Fixture {
    Run run;
    LandscapeState *view;
    Observation surface, plane;
} Fixture;

static Fixture start(const char *name, int epochs) {
    Fixture f = {.run = run_create(name, epochs), .view = calloc(1, sizeof *f.view)};
    view_type_landscape.init(f.view, f.run.snapshot.experiment);
    return f;
}

static void stop(Fixture *f) {
    observation_deinit(&f->surface);
    observation_deinit(&f->plane);
    view_type_landscape.deinit(f->view);
    free(f->view);
    run_destroy(&f->run);
}

/// Asks, observes and tells until nothing new is asked for.  @return the last request of a surface
static ObservationRequest settle(Fixture *f) {
    ObservationRequest requests[VIEW_OBSERVATIONS_MAX];
    for (int round = 0; round < 3; round++) {
        ViewContext context = {.run = &f->run.snapshot};
        memset(requests, 0, sizeof requests);
        int n = view_type_landscape.observe(f->view, &context, requests);
        Observation *const results[2] = {&f->surface, &f->plane};
        for (int i = 0; i < n && i < 2; i++) {
            if (requests[i].kind == OBSERVE_NOTHING) continue;
            Error error;
            requests[i].surface.refine = false;
            if (!observe(&requests[i], &f->run.snapshot, 1, results[i], &error)) {
                fail_msg("%s", error.text);
            }
            context.observations[i] = results[i];
        }
        view_type_landscape.digest(f->view, &context);
    }
    return requests[0];
}

static bool within(const double range[2], double value) {
    return range[0] <= value && value <= range[1];
}

static void test_every_plane(void **state) {
    (void)state;
    Fixture f = start("xor-shallow", 40);
    double range[2][2];
    memcpy(range, f.view->range, sizeof range);
    for (int kind = PLANE_WEIGHTS + 1; kind < PLANE_COUNT; kind++) {
        landscape_plane_choose(f.view, (PlaneKind)kind);
        const ObservationRequest request = settle(&f);
        const Plane *plane = request.surface.plane;
        assert_non_null(plane);
        assert_int_equal(plane->kind, kind);
        assert_false(f.view->plane.waiting);
        // Through the present weights, which lie within the ranges.
        double here[2];
        const Network *net = &f.run.snapshot.net;
        assert_true(landscape_place(&request, net, net->params, here));
        for (int axis = 0; axis < 2; axis++) {
            assert_close(here[axis], 0, 1e-12);
            assert_true(within(request.surface.range[axis], here[axis]));
            char label[32];
            landscape_axis_label(&request, axis, label, sizeof label);
            assert_true(strlen(label) > 0);
        }
        assert_int_equal(f.view->survey.request.surface.plane_serial, f.view->plane.serial);
        assert_close(f.view->survey.here_loss, f.run.snapshot.metrics.train_loss, 1e-5);
    }
    landscape_plane_choose(f.view, PLANE_WEIGHTS);
    assert_memory_equal(f.view->range, range, sizeof range);
    assert_null(settle(&f).surface.plane);
    stop(&f);
}

static void test_files_are_offered(void **state) {
    (void)state;
    Fixture f = start("xor-shallow", 3);
    const Network *net = &f.run.snapshot.net;
    ParamVector *params = param_vector_create(net->n_params);
    for (size_t i = 0; i < params->n; i++) params->values[i] = 0.25f * (float)i - 1;
    view_type_landscape.offer(f.view, params, "other.npz");
    const ObservationRequest request = settle(&f);
    assert_non_null(request.surface.plane);
    double at[2];
    assert_true(landscape_place(&request, net, params->values, at));
    assert_close(at[0], 1, 1e-6);
    assert_close(at[1], 0, 1e-6);
    param_vector_release(params); // the view has its own reference
    f.view->plane.waiting = true; // made anew
    assert_non_null(settle(&f).surface.plane);

    ParamVector *wrong = param_vector_create(net->n_params + 1);
    view_type_landscape.offer(f.view, wrong, "wrong.npz");
    param_vector_release(wrong);
    settle(&f);
    assert_true(strlen(f.view->plane.why) > 0);
    stop(&f);
}

static void test_a_path_is_waited_for(void **state) {
    (void)state;
    Fixture f = start("xor-shallow", 12);
    f.run.snapshot.path_count = 1;
    landscape_plane_choose(f.view, PLANE_PCA);
    assert_null(settle(&f).surface.plane);
    assert_true(strlen(f.view->plane.why) > 0);
    f.run.snapshot.path_count = 7;
    assert_non_null(settle(&f).surface.plane);
    assert_int_equal(strlen(f.view->plane.why), 0);
    const uint64_t serial = f.view->plane.serial;
    f.run.snapshot.path_count = 8; // a little further: the same directions
    settle(&f);
    assert_int_equal(f.view->plane.serial, serial);
    f.run.snapshot.path_count = 13;
    settle(&f);
    assert_int_equal(f.view->plane.serial, serial + 1);
    f.run.snapshot.generation++; // another run
    settle(&f);
    assert_int_equal(f.view->plane.serial, serial + 2);
    stop(&f);
}

static void test_weights_are_picked(void **state) {
    (void)state;
    Fixture f = start("xor-shallow", 3);
    const ViewContext context = {.run = &f.run.snapshot};
    landscape_plane_choose(f.view, PLANE_RANDOM);
    settle(&f);
    view_type_landscape.pick(f.view, &context, (ParamRef){2, 1, 0});
    view_type_landscape.pick(f.view, &context, (ParamRef){0, 0, PARAM_BIAS});
    const ObservationRequest request = settle(&f);
    assert_null(request.surface.plane);
    assert_int_equal(request.surface.axes[0].layer, 2);
    assert_int_equal(request.surface.axes[0].row, 1);
    assert_int_equal(request.surface.axes[1].layer, 0);
    assert_int_equal(request.surface.axes[1].col, PARAM_BIAS);
    view_type_landscape.pick(f.view, &context, (ParamRef){1, 0, 1}); // the first one again
    assert_int_equal(f.view->axes[0].layer, 1);
    assert_int_equal(f.view->axes[1].layer, 0);
    stop(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_plane),
        cmocka_unit_test(test_files_are_offered),
        cmocka_unit_test(test_a_path_is_waited_for),
        cmocka_unit_test(test_weights_are_picked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
