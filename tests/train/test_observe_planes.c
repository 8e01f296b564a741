// Surfaces on planes, planes that are found from a snapshot, surfaces of earlier epochs, finer last
// passes, and picked samples: against the 64-bit reference and the functions of the core.
#include <stdlib.h>
#include <string.h>

#include "nn/curvature.h"
#include "nn/reference.h"
#include "train/surveyor.h"

#include "runs.h"

enum { EPOCHS = 6 };

/// A run with its path, as a snapshot.
typedef struct Fixture {
    Session *session;
    History *history;
    Snapshot snapshot;
} Fixture;

static Fixture start(const char *name, const char *const *settings) {
    Fixture fixture = {.session = make_session(name, settings)};
    Metrics metrics = {0};
    fixture.history = history_create(fixture.session);
    for (int i = 0; i <= EPOCHS; i++) {
        if (i > 0) session_step(fixture.session, STEP_EPOCH, NULL);
        session_measure(fixture.session, &metrics);
        history_record(fixture.history, fixture.session, &metrics);
    }
    assert_true(snapshot_fill(&fixture.snapshot, fixture.session, fixture.history));
    fixture.snapshot.serial = 5;
    fixture.snapshot.generation = 6;
    return fixture;
}

static void stop(Fixture *fixture) {
    snapshot_deinit(&fixture->snapshot);
    history_destroy(fixture->history);
    session_destroy(fixture->session);
}

static ObservationRequest surface(const Plane *plane, int rows, int columns) {
    ObservationRequest request;
    memset(&request, 0, sizeof request);
    request.kind = OBSERVE_SURFACE;
    request.surface.plane = plane;
    request.surface.plane_serial = plane ? 1 : 0;
    request.surface.axes[1].col = 1;
    const double range[2][2] = {{-1, 1}, {-0.5, 2}};
    memcpy(request.surface.range, range, sizeof range);
    request.surface.grid[0] = rows;
    request.surface.grid[1] = columns;
    return request;
}

static void observe_or_fail(const ObservationRequest *request, const Fixture *fixture,
                            Observation *out) {
    Error error;
    if (!observe(request, &fixture->snapshot, 2, out, &error)) fail_msg("%s", error.text);
}

/// The reference's train loss at these parameters.
static double reference_at(const Fixture *fixture, const double *params) {
    const Dataset *data = fixture->snapshot.data;
    const size_t inputs = data->n_train * (size_t)data->n_inputs;
    const size_t targets = data->n_train * (size_t)data->n_outputs;
    double *x = malloc((inputs + targets) * sizeof *x), *t = x + inputs;
    for (size_t i = 0; i < inputs; i++) x[i] = (double)data->x[i];
    for (size_t i = 0; i < targets; i++) t[i] = (double)data->t[i];
    double loss = reference_loss(&fixture->snapshot.net, params, fixture->snapshot.experiment->loss,
                                 x, t, data->n_train);
    free(x);
    return loss;
}

static void test_surface_on_a_plane(void **state) {
    (void)state;
    Fixture fixture = start("xor-shallow", NULL);
    const Network *net = &fixture.snapshot.net;
    const Plane *plane = plane_random(net, 3, NULL);
    // Measured later than the plane was made: through the weights as they are then.
    session_step(fixture.session, STEP_EPOCH, NULL);
    assert_true(snapshot_fill(&fixture.snapshot, fixture.session, fixture.history));
    double here[2], params[64];
    plane_project(plane, net->params, here);
    ObservationRequest request = surface(plane, 5, 4);
    Observation out = {0};
    observe_or_fail(&request, &fixture, &out);
    assert_true(out.here[0] == here[0] && out.here[1] == here[1]);
    assert_int_equal(out.samples, fixture.snapshot.data->n_train);
    for (int i = 0; i < 5; i++) {
        for (int j = 0; j < 4; j++) {
            for (size_t k = 0; k < net->n_params; k++) {
                params[k] = (double)net->params[k] +
                            (out.values_a[i] - here[0]) * (double)plane->a[k] +
                            (out.values_b[j] - here[1]) * (double)plane->b[k];
            }
            assert_close((double)out.values[i * 4 + j], reference_at(&fixture, params), 1e-5);
        }
    }
    for (size_t k = 0; k < net->n_params; k++) params[k] = (double)net->params[k];
    assert_close(out.here_loss, reference_at(&fixture, params), 1e-6);
    observation_deinit(&out);
    plane_release(plane);
    stop(&fixture);
}

static void test_planes_are_those_of_the_core(void **state) {
    (void)state;
    Fixture fixture = start("xor-shallow", NULL);
    const Snapshot *run = &fixture.snapshot;
    const Plane *planes[2] = {plane_pca(&(PathDesc){.weights = run->path->weights,
                                                    .n = (size_t)run->path_count,
                                                    .n_params = run->net.n_params,
                                                    .origin = run->net.params},
                                        NULL),
                              curvature_plane(&(CurvatureDesc){.net = &run->net,
                                                               .loss = run->experiment->loss,
                                                               .x = run->data->x,
                                                               .t = run->data->t,
                                                               .n = run->data->n_train},
                                              0, NULL)};
    const PlaneKind kinds[2] = {PLANE_PCA, PLANE_HESSIAN};
    Observation out = {0};
    for (int i = 0; i < 2; i++) {
        ObservationRequest request;
        memset(&request, 0, sizeof request);
        request.kind = OBSERVE_PLANE;
        request.plane.kind = kinds[i];
        request.plane.serial = 7;
        observe_or_fail(&request, &fixture, &out);
        assert_non_null(out.plane);
        assert_int_equal(out.plane->kind, kinds[i]);
        const size_t size = run->net.n_params * sizeof(float);
        assert_memory_equal(out.plane->a, planes[i]->a, size);
        assert_memory_equal(out.plane->b, planes[i]->b, size);
        assert_memory_equal(out.plane->origin, run->net.params, size);
        plane_release(planes[i]);
    }
    observation_deinit(&out);
    stop(&fixture);
}

static void test_no_path_is_an_answer(void **state) {
    (void)state;
    Fixture fixture = start("xor-shallow", NULL);
    fixture.snapshot.path_count = 1;
    ObservationRequest request;
    memset(&request, 0, sizeof request);
    request.kind = OBSERVE_PLANE;
    request.plane.kind = PLANE_PCA;
    Observation out = {0};
    observe_or_fail(&request, &fixture, &out);
    assert_null(out.plane);
    assert_true(strlen(out.why.text) > 0);
    fixture.snapshot.path_count = EPOCHS + 1;
    observation_deinit(&out);
    stop(&fixture);
}

static void test_an_earlier_epochs_surface(void **state) {
    (void)state;
    Fixture fixture = start("xor-shallow", NULL);
    ObservationRequest request = surface(NULL, 5, 5);
    request.surface.past = true;
    request.surface.epoch = 2;
    Observation out = {0};
    observe_or_fail(&request, &fixture, &out);
    assert_int_equal(out.epoch, 2);
    // As if the run had stopped there.
    Session *session = make_session("xor-shallow", NULL);
    for (int i = 0; i < 2; i++) session_step(session, STEP_EPOCH, NULL);
    Snapshot then = {0};
    History *history = history_create(session);
    assert_true(snapshot_fill(&then, session, history));
    request.surface.past = false;
    request.surface.epoch = 0;
    Observation expected = {0};
    Error error;
    assert_true(observe(&request, &then, 1, &expected, &error));
    assert_memory_equal(out.values, expected.values, 25 * sizeof(float));
    assert_true(out.here[0] == expected.here[0] && out.here_loss == expected.here_loss);
    observation_deinit(&expected);
    observation_deinit(&out);
    snapshot_deinit(&then);
    history_destroy(history);
    session_destroy(session);
    stop(&fixture);
}

static void test_refined_where_affordable(void **state) {
    (void)state;
    const char *const names[] = {"xor-shallow", "error-surface"};
    for (int i = 0; i < 2; i++) {
        Fixture fixture = start(names[i], NULL);
        ObservationRequest request = surface(NULL, 8, 8);
        if (i == 1) request.surface.axes[1] = (ParamRef){1, 0, 0};
        request.surface.refine = true;
        Observation out = {0};
        observe_or_fail(&request, &fixture, &out);
        assert_int_equal(out.grid[0], SURFACE_GRID_MAX);
        assert_int_equal(out.grid[1], SURFACE_GRID_MAX);
        observation_deinit(&out);
        stop(&fixture);
    }
}

/// A wide network on many samples: of them some are picked, evenly.
static void test_large_data_are_thinned(void **state) {
    (void)state;
    Fixture fixture =
        start("circles", (const char *const[]){"data.samples=4000", "network.layers.0.units=64",
                                               "network.layers.1.units=128", NULL});
    const Plane *plane = plane_random(&fixture.snapshot.net, 1, NULL);
    ObservationRequest request = surface(plane, 2, 2);
    Observation out = {0};
    observe_or_fail(&request, &fixture, &out);
    assert_true(out.samples > 100 && out.samples < fixture.snapshot.data->n_train);
    const double cost = 2.0 * 64 + 128 * (64 + 8) + (128 + 8);
    assert_true((double)out.samples * cost <= PLANE_POINT_COST);
    // A part stands for the whole, about.
    double *params = malloc(fixture.snapshot.net.n_params * sizeof *params);
    for (size_t k = 0; k < fixture.snapshot.net.n_params; k++) {
        params[k] = (double)fixture.snapshot.net.params[k];
    }
    assert_close(out.here_loss, reference_at(&fixture, params), 0.05);
    free(params);
    observation_deinit(&out);
    plane_release(plane);
    stop(&fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_surface_on_a_plane),
        cmocka_unit_test(test_planes_are_those_of_the_core),
        cmocka_unit_test(test_no_path_is_an_answer),
        cmocka_unit_test(test_an_earlier_epochs_surface),
        cmocka_unit_test(test_refined_where_affordable),
        cmocka_unit_test(test_large_data_are_thinned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
