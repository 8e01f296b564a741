#include "train/surveyor.h"

#include <stdlib.h>
#include <string.h>

#include "nn/reference.h"

#include "runs.h"

/// A run some epochs on, as a snapshot.
typedef struct Fixture {
    Session *session;
    History *history;
    Snapshot snapshot;
    double *params, *x, *t; // in 64 bits, for the reference
} Fixture;

static double *doubled(const float *values, size_t n) {
    double *copy = malloc(n * sizeof *copy);
    for (size_t i = 0; i < n; i++) copy[i] = (double)values[i];
    return copy;
}

static Fixture start(const char *name, const char *const *settings) {
    Fixture fixture = {.session = make_session(name, settings)};
    Session *session = fixture.session;
    fixture.history = history_create(session);
    for (int i = 0; i < 3; i++) session_step(session, STEP_EPOCH, NULL);
    assert_true(snapshot_fill(&fixture.snapshot, session, fixture.history));
    fixture.snapshot.serial = 5;
    fixture.snapshot.generation = 6;
    fixture.params = doubled(session->net.params, session->net.n_params);
    fixture.x = doubled(session->data->x, session->data->n * (size_t)session->data->n_inputs);
    fixture.t = doubled(session->data->t, session->data->n * (size_t)session->data->n_outputs);
    return fixture;
}

static void stop(Fixture *fixture) {
    snapshot_deinit(&fixture->snapshot);
    history_destroy(fixture->history);
    session_destroy(fixture->session);
    free(fixture->params);
    free(fixture->x);
    free(fixture->t);
}

static void check(bool made, const Error *error) {
    if (!made) fail_msg("%s", error->text);
}

static ObservationRequest surface(ParamRef a, ParamRef b, int rows, int columns) {
    ObservationRequest request;
    memset(&request, 0, sizeof request);
    request.kind = OBSERVE_SURFACE;
    request.surface.axes[0] = a;
    request.surface.axes[1] = b;
    const double range[2][2] = {{-2, 3}, {-4, 1}};
    memcpy(request.surface.range, range, sizeof range);
    request.surface.grid[0] = rows;
    request.surface.grid[1] = columns;
    return request;
}

/// The reference's loss with two parameters changed.
static double loss_at(Fixture *fixture, ParamRef refs[2], double a, double b, bool test) {
    const Network *net = &fixture->session->net;
    const Dataset *data = fixture->session->data;
    size_t at[2];
    double kept[2], values[2] = {a, b};
    for (int i = 0; i < 2; i++) {
        assert_true(network_locate(net, refs[i], &at[i], NULL));
        kept[i] = fixture->params[at[i]];
    }
    for (int i = 0; i < 2; i++) fixture->params[at[i]] = (double)(float)values[i];
    size_t first = test ? data->n_train : 0, n = test ? data->n - data->n_train : data->n_train;
    double loss = reference_loss(net, fixture->params, fixture->session->experiment->loss,
                                 fixture->x + first * (size_t)data->n_inputs,
                                 fixture->t + first * (size_t)data->n_outputs, n);
    for (int i = 0; i < 2; i++) fixture->params[at[i]] = kept[i];
    return loss;
}

static void check_surface(const char *name, ParamRef a, ParamRef b, bool test) {
    Fixture fixture = start(name, NULL);
    ObservationRequest request = surface(a, b, 7, 9);
    request.surface.test_split = test;
    Observation out = {0};
    Error error;
    check(observe(&request, &fixture.snapshot, 2, &out, &error), &error);
    assert_memory_equal(&out.request, &request, sizeof request);
    assert_int_equal(out.serial, 1);
    assert_int_equal(out.snapshot, 5);
    assert_int_equal(out.generation, 6);
    assert_int_equal(out.epoch, 3);
    assert_int_equal(out.grid[0], 7);
    assert_int_equal(out.grid[1], 9);
    assert_true(out.values_a[0] == -2 && out.values_a[6] == 3); // both ends are grid points
    assert_true(out.values_b[0] == -4 && out.values_b[8] == 1);
    double min = (double)INFINITY, max = -min;
    for (int i = 0; i < 7; i++) {
        for (int j = 0; j < 9; j++) {
            double loss = (double)out.values[i * 9 + j];
            double expected =
                loss_at(&fixture, request.surface.axes, out.values_a[i], out.values_b[j], test);
            assert_close(loss, expected, 1e-5);
            min = fmin(min, loss);
            max = fmax(max, loss);
        }
    }
    assert_true(out.min == min && out.max == max);
    size_t at;
    for (int i = 0; i < 2; i++) {
        assert_true(network_locate(&fixture.session->net, request.surface.axes[i], &at, NULL));
        assert_true(out.here[i] == (double)fixture.session->net.params[at]);
    }
    double here = loss_at(&fixture, request.surface.axes, out.here[0], out.here[1], test);
    assert_close(out.here_loss, here, 1e-5);
    observation_deinit(&out);
    stop(&fixture);
}

static void test_surface_agrees_with_the_reference(void **state) {
    (void)state;
    check_surface("xor-shallow", (ParamRef){1, 0, 0}, (ParamRef){1, 0, 1}, false);
    check_surface("xor-shallow", (ParamRef){0, 1, PARAM_BIAS}, (ParamRef){-1, 0, 1}, false);
    check_surface("error-surface", (ParamRef){0, 0, 0}, (ParamRef){1, 0, 0}, true);
    check_surface("error-surface", (ParamRef){0, 0, 0}, (ParamRef){1, 0, 0}, false);
}

static void test_threads_change_no_bit(void **state) {
    (void)state;
    Fixture fixture = start("xor-deep", NULL);
    ObservationRequest requests[2] = {
        surface((ParamRef){3, 0, 0}, (ParamRef){5, 1, 0}, 33, 20),
        {.kind = OBSERVE_FIELD, .field = {.lo = {-1, -1}, .hi = {2, 2}, .grid = {31, 45}}}};
    for (int k = 0; k < 2; k++) {
        Observation one = {0}, more = {0};
        Error error;
        check(observe(&requests[k], &fixture.snapshot, 1, &one, &error), &error);
        check(observe(&requests[k], &fixture.snapshot, 5, &more, &error), &error);
        assert_same_floats(one.values, more.values, (size_t)one.grid[0] * (size_t)one.grid[1]);
        observation_deinit(&one);
        observation_deinit(&more);
    }
    stop(&fixture);
}

static void test_impossible_requests_are_errors(void **state) {
    (void)state;
    Fixture fixture = start("xor-shallow", NULL);
    Observation out = {0};
    Error error = {""};
    ObservationRequest request = surface((ParamRef){1, 0, 0}, (ParamRef){1, 0, 9}, 7, 9);
    assert_false(observe(&request, &fixture.snapshot, 1, &out, &error));
    assert_true(error.text[0] != '\0');
    request = surface((ParamRef){1, 0, 0}, (ParamRef){1, 0, 1}, 1, 9);
    assert_false(observe(&request, &fixture.snapshot, 1, &out, &error));
    request = surface((ParamRef){1, 0, 0}, (ParamRef){1, 0, 1}, 9, SURFACE_SIDE_MAX + 1);
    assert_false(observe(&request, &fixture.snapshot, 1, &out, &error));
    request = surface((ParamRef){1, 0, 0}, (ParamRef){1, 0, 1}, 9, 9);
    request.surface.test_split = true; // it has no test part
    assert_false(observe(&request, &fixture.snapshot, 1, &out, &error));
    assert_non_null(strstr(error.text, "test"));
    request.kind = OBSERVE_NOTHING;
    assert_false(observe(&request, &fixture.snapshot, 1, &out, &error));
    observation_deinit(&out);
    stop(&fixture);
}

static double output_at(Fixture *fixture, const double *x) {
    double y[8];
    reference_forward(&fixture->session->net, fixture->params, x, 1, y);
    return y[0];
}

static void test_field_agrees_with_the_reference(void **state) {
    (void)state;
    Fixture fixture = start("xor-shallow", NULL);
    ObservationRequest request = {.kind = OBSERVE_FIELD,
                                  .field = {.lo = {-1, 0}, .hi = {2, 0.5f}, .grid = {11, 5}}};
    Observation out = {0};
    Error error;
    check(observe(&request, &fixture.snapshot, 1, &out, &error), &error);
    assert_int_equal(out.grid[0], 11);
    assert_int_equal(out.grid[1], 5);
    for (int row = 0; row < 5; row++) { // x2 upward
        for (int column = 0; column < 11; column++) {
            const double x[2] = {-1 + 3.0 * column / 10, 0.5 * row / 4};
            assert_close((double)out.values[row * 11 + column], output_at(&fixture, x), 1e-5);
        }
    }
    observation_deinit(&out);
    stop(&fixture);
}

static void test_field_of_one_input_is_a_line(void **state) {
    (void)state;
    Fixture fixture = start("error-surface", NULL);
    ObservationRequest request = {.kind = OBSERVE_FIELD,
                                  .field = {.lo = {-10}, .hi = {15}, .grid = {201, 64}}};
    Observation out = {0};
    Error error;
    check(observe(&request, &fixture.snapshot, 1, &out, &error), &error);
    assert_int_equal(out.grid[0], 201);
    assert_int_equal(out.grid[1], 1);
    for (int i = 0; i <= 200; i++) {
        assert_close((double)out.values[i], output_at(&fixture, &(double){-10 + 25.0 * i / 200}),
                     1e-5);
    }
    assert_true(out.min < out.max);
    observation_deinit(&out);
    stop(&fixture);
}

static void test_range_passes_over_what_is_not_finite(void **state) {
    (void)state;
    Fixture fixture = start("xor-shallow", NULL);
    ObservationRequest request = surface((ParamRef){3, 0, 0}, (ParamRef){3, 0, 1}, 5, 5);
    request.surface.range[0][0] = -1e25; // its square is beyond 32 bits
    request.surface.range[0][1] = 1e25;
    Observation out = {0};
    Error error;
    check(observe(&request, &fixture.snapshot, 1, &out, &error), &error);
    assert_true(isfinite(out.min) && isfinite(out.max)); // of the middle row
    int infinite = 0;
    for (int i = 0; i < 25; i++) infinite += !isfinite(out.values[i]);
    assert_int_equal(infinite, 20);
    observation_deinit(&out);
    stop(&fixture);
}

/// Every layer's first two outputs for one sample, by hand.
static void trace_by_hand(Fixture *fixture, const double *x, int layer, double xy[2]) {
    Network part = fixture->session->net; // cut after that layer
    double y[64];
    if (layer == 0) {
        xy[0] = x[0];
        xy[1] = part.n_inputs > 1 ? x[1] : 0;
        return;
    }
    part.n_layers = layer;
    part.n_outputs = part.layers[layer - 1].units;
    reference_forward(&part, fixture->params, x, 1, y);
    xy[0] = y[0];
    xy[1] = part.n_outputs > 1 ? y[1] : 0;
}

static void test_layers_agree_with_the_reference(void **state) {
    (void)state;
    Fixture fixture = start("xor-deep", NULL);
    const Dataset *data = fixture.session->data;
    ObservationRequest request = {.kind = OBSERVE_LAYERS};
    Observation out = {0};
    Error error;
    check(observe(&request, &fixture.snapshot, 1, &out, &error), &error);
    assert_int_equal(out.n_layers, 13);
    assert_int_equal(out.n_points, 500);
    for (int layer = 0; layer < 13; layer++) {
        double xy[2];
        for (int i = 0; i < 500; i += 7) {
            trace_by_hand(&fixture, &fixture.x[2 * i], layer, xy);
            const float *point = out.points + (layer * 500 + i) * 2;
            assert_close((double)point[0], xy[0], 1e-5);
            assert_close((double)point[1], xy[1], 1e-5);
            assert_true(out.target[i] == data->t[i]);
        }
        for (int line = 0; line < 2 * CLOUD_LINES; line += 3) {
            for (int i = 0; i < CLOUD_LINE_POINTS; i += 8) {
                double part[2] = {(double)i / (CLOUD_LINE_POINTS - 1),
                                  (double)line / (CLOUD_LINES - 1)};
                if (line >= CLOUD_LINES) {
                    part[1] = part[0];
                    part[0] = (double)(line - CLOUD_LINES) / (CLOUD_LINES - 1);
                }
                double x[2];
                for (int k = 0; k < 2; k++) {
                    double lo = (double)data->x_min[k], hi = (double)data->x_max[k];
                    x[k] = lo + part[k] * (hi - lo);
                }
                trace_by_hand(&fixture, x, layer, xy);
                const float *point =
                    out.lines + ((layer * 2 * CLOUD_LINES + line) * CLOUD_LINE_POINTS + i) * 2;
                assert_close((double)point[0], xy[0], 1e-5);
                assert_close((double)point[1], xy[1], 1e-5);
            }
        }
    }
    observation_deinit(&out);
    stop(&fixture);
}

static void test_clouds_are_thinned_and_one_input_has_no_lines(void **state) {
    (void)state;
    Fixture fixture = start("error-surface", NULL); // 7000 train samples, one unit a layer
    const Dataset *data = fixture.session->data;
    ObservationRequest request = {.kind = OBSERVE_LAYERS};
    Observation out = {0};
    Error error;
    check(observe(&request, &fixture.snapshot, 1, &out, &error), &error);
    assert_int_equal(out.n_layers, 3);
    assert_int_equal(out.n_points, CLOUD_POINTS_MAX);
    assert_null(out.lines);
    for (size_t i = 0; i < CLOUD_POINTS_MAX; i += 111) {
        size_t sample = i * data->n_train / CLOUD_POINTS_MAX;
        for (int layer = 0; layer < 3; layer++) {
            double xy[2];
            trace_by_hand(&fixture, &fixture.x[sample], layer, xy);
            const float *point = out.points + ((size_t)layer * CLOUD_POINTS_MAX + i) * 2;
            assert_close((double)point[0], xy[0], 1e-5);
            assert_true(point[1] == 0);
        }
        assert_true(out.target[i] == data->t[sample]);
    }

    // Its memory serves another kind of request.
    request = surface((ParamRef){0, 0, 0}, (ParamRef){1, 0, 0}, 30, 30);
    check(observe(&request, &fixture.snapshot, 1, &out, &error), &error);
    assert_int_equal(out.serial, 2);
    assert_int_equal(out.n_points, 0);
    assert_null(out.points);
    observation_deinit(&out);
    stop(&fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_surface_agrees_with_the_reference),
        cmocka_unit_test(test_threads_change_no_bit),
        cmocka_unit_test(test_impossible_requests_are_errors),
        cmocka_unit_test(test_field_agrees_with_the_reference),
        cmocka_unit_test(test_field_of_one_input_is_a_line),
        cmocka_unit_test(test_range_passes_over_what_is_not_finite),
        cmocka_unit_test(test_layers_agree_with_the_reference),
        cmocka_unit_test(test_clouds_are_thinned_and_one_input_has_no_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
