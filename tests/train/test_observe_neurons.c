/// The small landscapes of all layers, to the bit against landscapes made one by one, at once and
/// through the surveyor; and which weights and samples they are over.
#include "train/surveyor.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "nn/landscape.h"
#include "nn/metrics.h"
#include "runs.h"

#define IMAGES "data.file=" SADDLE_TEST_DATA "/fixtures/digits"

/// Widths of three, two and one, a layer of one input, and no bias where there is one input.
#define WIDTHS                                                                                     \
    "{\"saddle\": 1, \"data\": {\"kind\": \"xor\", \"samples\": 60, \"test_fraction\": 0.25},"     \
    " \"network\": {\"init\": \"xavier_uniform\", \"layers\": ["                                   \
    "  {\"units\": 3, \"activation\": \"tanh\"}, {\"units\": 1, \"activation\": \"tanh\"},"        \
    "  {\"units\": 2, \"activation\": \"tanh\"}, {\"units\": 1, \"activation\": \"tanh\"},"        \
    "  {\"units\": 1, \"bias\": false}]}}"

typedef struct Run {
    Session *session;
    History *history;
    Snapshot snapshot;
} Run;

static Run run_start(const char *text, const char *const *settings) {
    Run run = {.session = make_session(text, settings)};
    run.history = history_create(run.session);
    assert_non_null(run.history);
    session_step(run.session, STEP_EPOCH, NULL);
    assert_true(snapshot_fill(&run.snapshot, run.session, run.history));
    run.snapshot.serial = run.snapshot.generation = 1;
    run.snapshot.pace = 20;
    return run;
}

static void run_end(Run *run) {
    snapshot_deinit(&run->snapshot);
    history_destroy(run->history);
    session_destroy(run->session);
}

static ObservationRequest ask_for(double reach, int grid) {
    ObservationRequest request;
    memset(&request, 0, sizeof request);
    request.kind = OBSERVE_NEURONS;
    request.neurons.reach = reach;
    request.neurons.grid = grid;
    return request;
}

/// The picked samples, inputs then targets; the caller frees them.
static float *pick(const Dataset *data, size_t samples) {
    size_t inputs = (size_t)data->n_inputs, outputs = (size_t)data->n_outputs;
    float *x = malloc(samples * (inputs + outputs) * sizeof *x), *t = x + samples * inputs;
    for (size_t i = 0; i < samples; i++) {
        size_t at = i * data->n_train / samples;
        memcpy(x + i * inputs, data->x + at * inputs, inputs * sizeof *x);
        memcpy(t + i * outputs, data->t + at * outputs, outputs * sizeof *t);
    }
    return x;
}

/// One surface against its own landscape, and its place in the observation's range.
static void check_surface(const Run *run, const Observation *o, int layer, int neuron,
                          const float *x, double *min, double *max) {
    const Network *net = &run->snapshot.net;
    const Dataset *data = run->snapshot.data;
    int side = o->grid[0], s = layer * NEURONS_SEEN + neuron;
    size_t points = (size_t)side * (size_t)side;
    const float *values = o->values + (size_t)s * points;
    ParamRef axes[2];
    if (!neuron_axes(net, data, layer, neuron, axes)) {
        for (size_t i = 0; i < points; i++) assert_true(isnan(values[i]));
        return;
    }
    double a[NEURON_GRID_MAX], b[NEURON_GRID_MAX];
    for (int i = 0; i < 2; i++) {
        size_t at;
        assert_int_equal(axes[i].layer, layer);
        assert_int_equal(axes[i].row, neuron);
        assert_true(network_locate(net, axes[i], &at, NULL));
        assert_true(o->centres[2 * s + i] == net->params[at]);
        double reach = o->request.neurons.reach;
        double *axis = i == 0 ? a : b;
        landscape_axis(-reach, reach, side, axis);
        for (int k = 0; k < side; k++) axis[k] += (double)net->params[at];
    }
    LandscapeDesc desc = {.net = net,
                          .a = axes[0],
                          .b = axes[1],
                          .loss = run->snapshot.experiment->loss,
                          .x = x,
                          .t = x + o->samples * (size_t)data->n_inputs,
                          .n = o->samples};
    Error error = {""};
    Landscape *landscape = landscape_create(&desc, &error);
    if (!landscape) fail_msg("%s", error.text);
    float *expected = malloc(points * sizeof *expected);
    assert_true(landscape_rows(landscape, a, b, 0, side, side, expected, NULL, NULL));
    assert_same_floats(values, expected, points);
    for (size_t i = 0; i < points; i++) {
        if (!isfinite(expected[i])) continue;
        *min = fmin(*min, (double)expected[i]);
        *max = fmax(*max, (double)expected[i]);
    }
    free(expected);
    landscape_destroy(landscape);
}

static void check(const Run *run, const Observation *o) {
    const Snapshot *snapshot = &run->snapshot;
    assert_int_equal(o->n_layers, snapshot->net.n_layers);
    assert_int_equal(o->grid[0], o->grid[1]);
    float *x = pick(snapshot->data, o->samples);
    double min = HUGE_VAL, max = -HUGE_VAL;
    for (int layer = 0; layer < o->n_layers; layer++) {
        for (int neuron = 0; neuron < NEURONS_SEEN; neuron++) {
            check_surface(run, o, layer, neuron, x, &min, &max);
        }
    }
    assert_true(o->min == min && o->max == max);
    Workspace ws;
    assert_true(workspace_init(&ws, &snapshot->net, 64));
    const float *t = x + o->samples * (size_t)snapshot->data->n_inputs;
    double loss =
        metrics_measure(&snapshot->net, &ws, snapshot->experiment->loss, x, t, o->samples, NULL);
    assert_close(o->here_loss, loss, 1e-6 * fmax(1, loss));
    workspace_deinit(&ws);
    free(x);
}

static void check_run(const char *text, const char *const *settings, int grid) {
    Run run = run_start(text, settings);
    ObservationRequest request = ask_for(2.5, grid);
    Observation o = {0};
    for (int threads = 1; threads <= 3; threads += 2) { // the second reuses the first one's memory
        Error error = {""};
        if (!observe(&request, &run.snapshot, threads, &o, &error)) fail_msg("%s", error.text);
        assert_int_equal(o.grid[0], grid);
        check(&run, &o);
    }
    observation_deinit(&o);
    run_end(&run);
}

static void test_each_surface_is_its_landscape(void **state) {
    (void)state;
    const char *const classes[] = {IMAGES, NULL};
    check_run("xor-deep", NULL, 32);
    check_run("xor-shallow", NULL, 9);
    check_run(RICH, NULL, 12);
    check_run(WIDTHS, NULL, 7);
    check_run("digits", classes, 4);
}

static void test_looks_at_fewer_of_many_samples(void **state) {
    (void)state;
    const char *const many[] = {"data.samples=20000", NULL};
    Run run = run_start("xor-deep", many);
    ObservationRequest request = ask_for(5, 16);
    Observation o = {0};
    Error error = {""};
    if (!observe(&request, &run.snapshot, 2, &o, &error)) fail_msg("%s", error.text);
    assert_in_range(o.samples, 500, 19999);
    check(&run, &o);
    observation_deinit(&o);
    run_end(&run);
}

static void test_which_weights(void **state) {
    (void)state;
    Run run = run_start(WIDTHS, NULL);
    const Network *net = &run.snapshot.net;
    const Dataset *data = run.snapshot.data;
    ParamRef axes[2];
    assert_true(neuron_axes(net, data, 0, 1, axes)); // two inputs
    assert_int_equal(axes[0].col, 0);
    assert_int_equal(axes[1].col, 1);
    assert_false(neuron_axes(net, data, 1, 1, axes)); // a single unit
    assert_true(neuron_axes(net, data, 2, 1, axes));  // a single input
    assert_int_equal(axes[0].col, 0);
    assert_int_equal(axes[1].col, PARAM_BIAS);
    assert_false(neuron_axes(net, data, 4, 0, axes)); // a single weight
    assert_false(neuron_axes(net, data, 5, 0, axes)); // no such layer
    assert_false(neuron_axes(net, data, 0, NEURONS_SEEN, axes));
    run_end(&run);

    const char *const images[] = {IMAGES, NULL};
    run = run_start("digits", images);
    data = run.snapshot.data;
    assert_true(neuron_axes(&run.snapshot.net, data, 0, 0, axes));
    assert_true(axes[0].col < axes[1].col);
    for (int i = 0; i < 2; i++) { // not the dark border of the images
        size_t lit = 0;
        for (size_t k = 0; k < data->n_train; k++) {
            lit += data->x[k * (size_t)data->n_inputs + (size_t)axes[i].col] != 0;
        }
        assert_true(lit > 0);
    }
    run_end(&run);
}

static void test_refuses_what_cannot_be(void **state) {
    (void)state;
    Run run = run_start("xor-shallow", NULL), single = run_start("error-surface", NULL);
    const struct {
        const Run *run;
        double reach;
        int grid;
    } wrong[] = {{&run, 5, 1},
                 {&run, 5, NEURON_GRID_MAX + 1},
                 {&run, 0, 8},
                 {&run, (double)NAN, 8},
                 {&run, (double)INFINITY, 8},
                 {&single, 5, 8}}; // no neuron with two weights
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        ObservationRequest request = ask_for(wrong[i].reach, wrong[i].grid);
        Observation o = {0};
        Error error = {""};
        assert_false(observe(&request, &wrong[i].run->snapshot, 1, &o, &error));
        assert_true(error.text[0] != '\0');
        observation_deinit(&o);
    }
    run_end(&run);
    run_end(&single);
}

// ---- through the surveyor -----------------------------------------------------------------------

typedef struct Bell {
    pthread_mutex_t lock;
    pthread_cond_t rung;
    int wakes;
} Bell;

static void ring(void *context) {
    Bell *bell = context;
    pthread_mutex_lock(&bell->lock);
    bell->wakes++;
    pthread_cond_broadcast(&bell->rung);
    pthread_mutex_unlock(&bell->lock);
}

static void wait_for(Bell *bell, int wakes) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 120; // only so that a failure ends
    int late = 0;
    pthread_mutex_lock(&bell->lock);
    while (bell->wakes < wakes && late == 0) {
        late = pthread_cond_timedwait(&bell->rung, &bell->lock, &until);
    }
    pthread_mutex_unlock(&bell->lock);
    if (late != 0) fail_msg("no result came");
}

static void test_the_surveyor_makes_the_same(void **state) {
    (void)state;
    Run run = run_start("xor-deep", NULL);
    Bell bell = {.wakes = 0};
    pthread_mutex_init(&bell.lock, NULL);
    pthread_cond_init(&bell.rung, NULL);
    Error error = {""};
    Surveyor *surveyor = surveyor_create(ring, &bell, &error);
    if (!surveyor) fail_msg("%s", error.text);
    ObservationRequest request = ask_for(5, 32);
    int wakes = 0;
    for (int running = 0; running <= 1; running++) { // while it trains, all at once as well
        run.snapshot.state = running ? RUN_RUNNING : RUN_PAUSED;
        run.snapshot.pace = running ? 1e9 : 20;
        run.snapshot.serial++;
        surveyor_post(surveyor, 2, &request, &run.snapshot);
        const Observation *o = NULL;
        for (;;) {
            wait_for(&bell, ++wakes);
            o = surveyor_take(surveyor, 2);
            if (o && o->snapshot == run.snapshot.serial && o->grid[0] == 32) break;
            assert_false(running && o && o->snapshot == run.snapshot.serial);
        }
        check(&run, o);
    }
    surveyor_destroy(surveyor);
    pthread_cond_destroy(&bell.rung);
    pthread_mutex_destroy(&bell.lock);
    run_end(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_surface_is_its_landscape),
        cmocka_unit_test(test_looks_at_fewer_of_many_samples),
        cmocka_unit_test(test_which_weights),
        cmocka_unit_test(test_refuses_what_cannot_be),
        cmocka_unit_test(test_the_surveyor_makes_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
