/// What the landscape says is what the network has: read-outs against the 64-bit reference, a loss
/// axis that shows neither noise as mountains nor jitters, and a picture that does not flip between
/// coarse and fine surveys.
#include "view_runs.h"

#include <stdlib.h>
#include <string.h>

#include "nn/landscape.h"
#include "nn/reference.h"
#include "train/history.h"
#include "views/landscape_state.h"

static double *widen(const float *from, size_t n) {
    double *out = malloc(n * sizeof *out);
    for (size_t i = 0; i < n; i++) out[i] = (double)from[i];
    return out;
}

static void test_read_outs_are_computed(void **state) {
    (void)state;
    Run run = run_create("xor-shallow", 20);
    const Snapshot *s = &run.snapshot;
    const Dataset *data = s->data;
    Probe probe = {0};
    double *params = widen(s->net.params, s->net.n_params);
    double *x = widen(data->x, data->n * 2), *t = widen(data->t, data->n);
    LandscapeState view = {0};
    ParamRef *axes = view.survey.request.surface.axes;
    axes[0] = (ParamRef){1, 0, 0};
    axes[1] = (ParamRef){2, 1, PARAM_BIAS};
    static const double places[][2] = {{0, 0}, {-4.5, 3.25}, {5, -5}};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        double changed[64];
        memcpy(changed, params, s->net.n_params * sizeof *params);
        for (int k = 0; k < 2; k++) {
            size_t at;
            assert_true(network_locate(&s->net, axes[k], &at, NULL));
            changed[at] = places[i][k];
        }
        double expected =
            reference_loss(&s->net, changed, s->experiment->loss, x, t, data->n_train);
        const float *weights = landscape_weights_at(&view, s, places[i]);
        assert_close(probe_loss(&probe, s, weights, false), expected, 1e-6);
    }
    // Nothing is left changed behind.
    float point[2] = {0.3f, 0.8f};
    double wide[2] = {(double)point[0], (double)point[1]}, y;
    reference_forward(&s->net, params, wide, 1, &y);
    assert_close((double)*probe_outputs(&probe, s, point), y, 1e-6);

    // What does not exist has no loss.
    assert_true(isnan(probe_loss(&probe, s, s->net.params, true))); // no test part
    axes[1] = (ParamRef){9, 0, 0};
    assert_null(landscape_weights_at(&view, s, places[0]));
    free(view.moved);
    free(params);
    free(x);
    free(t);
    probe_deinit(&probe);
    run_destroy(&run);
}

// ---- surveys made by hand -----------------------------------------------------------------------

enum { GRID = 8 };

typedef struct Survey8 {
    Observation observation;
    float values[GRID * GRID];
    double a[GRID], b[GRID];
} Survey8;

/// A survey of that view's request whose losses rise evenly from lo to hi.
static void survey_fill(Survey8 *out, LandscapeState *view, const Snapshot *run, int grid,
                        double lo, double hi, uint64_t snapshot) {
    ViewContext context = {.run = run};
    memset(out, 0, sizeof *out);
    Observation *o = &out->observation;
    assert_int_equal(view_type_landscape.observe(view, &context, &o->request), 1);
    o->generation = run->generation;
    o->snapshot = o->serial = snapshot;
    o->epoch = run->epoch;
    o->grid[0] = o->grid[1] = grid;
    o->values_a = out->a;
    o->values_b = out->b;
    landscape_axis(o->request.surface.range[0][0], o->request.surface.range[0][1], grid,
                   o->values_a);
    landscape_axis(o->request.surface.range[1][0], o->request.surface.range[1][1], grid,
                   o->values_b);
    o->values = out->values;
    for (int i = 0; i < grid * grid; i++) {
        out->values[i] = (float)(lo + (hi - lo) * i / (grid * grid - 1));
    }
    o->min = lo;
    o->max = hi;
    o->here_loss = lo;
}

/// A view whose complete surveys are GRID by GRID, of a run whose path plays no part.
static LandscapeState *view_create(Run *run) {
    LandscapeState *view = calloc(1, sizeof *view);
    view_type_landscape.init(view, run->snapshot.experiment);
    view->grid[0] = view->grid[1] = GRID;
    view->log = false;
    view->clip = 0;
    run->snapshot.path_count = 0;
    return view;
}

static void view_destroy(LandscapeState *view) {
    view_type_landscape.deinit(view);
    free(view);
}

static bool digest(LandscapeState *view, const Snapshot *run, const Survey8 *survey) {
    ViewContext context = {.run = run, .observations = {&survey->observation}};
    return view_type_landscape.digest(view, &context);
}

static void test_the_axis_never_shows_noise(void **state) {
    (void)state;
    Run run = run_create("xor-shallow", 1);
    LandscapeState *view = view_create(&run);
    Survey8 survey;
    survey_fill(&survey, view, &run.snapshot, GRID, 0.25, 0.25 + 1e-8, 1);
    assert_true(digest(view, &run.snapshot, &survey));
    assert_true(view->z.flat);
    assert_true(view->z.hi - view->z.lo >= 0.25e-3 * 0.99);
    // Half a percent is no noise.
    survey_fill(&survey, view, &run.snapshot, GRID, 0.25, 0.25125, 2);
    assert_true(digest(view, &run.snapshot, &survey));
    assert_false(view->z.flat);
    // All zero, all one value.
    survey_fill(&survey, view, &run.snapshot, GRID, 0, 0, 3);
    view->z.set = false;
    assert_true(digest(view, &run.snapshot, &survey));
    assert_true(view->z.hi > view->z.lo);
    view_destroy(view);
    run_destroy(&run);
}

static void test_the_axis_keeps_still(void **state) {
    (void)state;
    Run run = run_create("xor-shallow", 1);
    LandscapeState *view = view_create(&run);
    Survey8 survey;
    survey_fill(&survey, view, &run.snapshot, GRID, 0.1, 0.9, 1);
    digest(view, &run.snapshot, &survey);
    double lo = view->z.lo, hi = view->z.hi;
    assert_true(lo <= 0.1 && hi >= 0.9);
    // Small changes leave it alone; larger values widen it; a much smaller range narrows it.
    survey_fill(&survey, view, &run.snapshot, GRID, 0.12, 0.85, 2);
    assert_true(digest(view, &run.snapshot, &survey));
    assert_true(view->z.lo == lo && view->z.hi == hi);
    survey_fill(&survey, view, &run.snapshot, GRID, 0.12, 1.5, 3);
    digest(view, &run.snapshot, &survey);
    assert_true(view->z.hi >= 1.5);
    survey_fill(&survey, view, &run.snapshot, GRID, 0.1, 0.3, 4);
    digest(view, &run.snapshot, &survey);
    assert_true(view->z.hi < 0.5);
    view_destroy(view);
    run_destroy(&run);
}

static void test_clipping_bounds_the_axis(void **state) {
    (void)state;
    Run run = run_create("xor-shallow", 1);
    LandscapeState *view = view_create(&run);
    view->clip = 0.5;
    Survey8 survey;
    survey_fill(&survey, view, &run.snapshot, GRID, 0.1, 40, 1);
    digest(view, &run.snapshot, &survey);
    assert_true(view->z.clipped);
    assert_close(view->z.hi, 0.5, 1e-12);
    view_destroy(view);
    run_destroy(&run);
}

static void test_coarse_surveys_wait_for_fine_ones(void **state) {
    (void)state;
    Run run = run_create("xor-shallow", 1);
    LandscapeState *view = view_create(&run);
    Survey8 coarse, fine;
    survey_fill(&coarse, view, &run.snapshot, GRID / 2, 0.1, 0.9, 1);
    assert_true(digest(view, &run.snapshot, &coarse)); // the first one: better than nothing
    assert_false(digest(view, &run.snapshot, &coarse));
    survey_fill(&fine, view, &run.snapshot, GRID, 0.1, 0.9, 1);
    assert_true(digest(view, &run.snapshot, &fine));
    assert_int_equal(view->survey.n_a, GRID);
    // Later, coarse ones of newer snapshots: the fine one stays, unless no fine one comes at all.
    int taken = 0;
    for (int i = 2; i < 5 && !taken; i++) {
        survey_fill(&coarse, view, &run.snapshot, GRID / 2, 0.1, 0.9, (uint64_t)i);
        taken = digest(view, &run.snapshot, &coarse) ? i : 0;
        assert_int_equal(view->survey.n_a, taken ? GRID / 2 : GRID);
    }
    assert_int_equal(taken, 4);
    // Other weights: what is coarse is taken at once.
    survey_fill(&fine, view, &run.snapshot, GRID, 0.1, 0.9, 6);
    assert_true(digest(view, &run.snapshot, &fine));
    view->axes[0] = (ParamRef){0, 1, 1};
    survey_fill(&coarse, view, &run.snapshot, GRID / 2, 0.1, 0.9, 7);
    assert_true(digest(view, &run.snapshot, &coarse));
    // Another run's survey is not.
    run.snapshot.generation += 1;
    survey_fill(&coarse, view, &run.snapshot, GRID, 0.1, 0.9, 8);
    run.snapshot.generation += 1;
    assert_false(digest(view, &run.snapshot, &coarse));
    view_destroy(view);
    run_destroy(&run);
}

static void test_ranges_fit_the_path(void **state) {
    (void)state;
    Run run = run_create("paraboloid", 60);
    LandscapeState *view = calloc(1, sizeof *view);
    view_type_landscape.init(view, run.snapshot.experiment);
    ViewContext context = {.run = &run.snapshot};
    landscape_fit_path(view, &context);
    for (int axis = 0; axis < 2; axis++) {
        size_t at;
        assert_true(network_locate(&run.snapshot.net, view->axes[axis], &at, NULL));
        double lo = HUGE_VAL, hi = -HUGE_VAL;
        for (int i = 0; i < run.snapshot.path_count; i++) {
            const Path *path = run.snapshot.path;
            double w = (double)path->weights[(size_t)i * path->n_params + at];
            lo = fmin(lo, w);
            hi = fmax(hi, w);
        }
        double share = (hi - lo) / (view->range[axis][1] - view->range[axis][0]);
        assert_true(view->range[axis][0] < lo && view->range[axis][1] > hi);
        assert_true(share > 0.2 && share < 0.4);
    }
    view_destroy(view);
    run_destroy(&run);
}

/// In a race the rivals' paths count, for the ranges and for the loss axis.
static void test_ranges_fit_a_race(void **state) {
    (void)state;
    Run run = run_create("xor-shallow", 20), rival = run_create("xor-shallow", 20);
    LandscapeState *view = view_create(&run);
    Survey8 survey;
    survey_fill(&survey, view, &run.snapshot, GRID, 0.1, 0.3, 1);
    size_t at[2];
    Snapshot *other = &rival.snapshot;
    for (int k = 0; k < 2; k++) {
        assert_true(network_locate(&other->net, view->axes[k], &at[k], NULL));
    }
    int last = other->path_count - 1;
    float *weights = other->path->weights + (size_t)last * other->path->n_params;
    weights[at[0]] = 3.5f;
    weights[at[1]] = -3.5f;
    other->path->loss[last] = 0.9;
    ViewContext context = {.run = &run.snapshot,
                           .rivals = {other},
                           .n_rivals = 1,
                           .observations = {&survey.observation}};
    assert_true(view_type_landscape.digest(view, &context));
    assert_true(view->z.hi >= 0.9);
    other->path->loss[last] = 1e30; // it is about to diverge
    view->z.set = false;
    view->refit = true;
    assert_true(view_type_landscape.digest(view, &context));
    assert_true(view->z.hi >= 0.9 && view->z.hi < 10);
    run.snapshot.path_count = run.snapshot.path ? last + 1 : 0;
    landscape_fit_path(view, &context);
    assert_true(view->range[0][0] < 3.5 && view->range[0][1] > 3.5);
    assert_true(view->range[1][0] < -3.5 && view->range[1][1] > -3.5);
    view_destroy(view);
    run_destroy(&run);
    run_destroy(&rival);
}

// ---- the path and the surface -------------------------------------------------------------------

/// With no weights beside the two of the axes nothing can move the surface: every point of the path
/// lies on it.
static void test_paths_of_two_weights_lie_on_the_surface(void **state) {
    (void)state;
    Run run = run_create("error-surface", 12);
    const Snapshot *s = &run.snapshot;
    const Dataset *data = s->data;
    assert_int_equal(s->net.n_params, 2);
    ObservationRequest request = {0};
    experiment_axes(s->experiment, &s->net, request.surface.axes);
    Error error;
    for (int test = 0; test < 2; test++) {
        size_t first = test ? data->n_train : 0;
        LandscapeDesc desc = {.net = &s->net,
                              .a = request.surface.axes[0],
                              .b = request.surface.axes[1],
                              .loss = s->experiment->loss,
                              .x = data->x + first * (size_t)data->n_inputs,
                              .t = data->t + first * (size_t)data->n_outputs,
                              .n = test ? data->n - first : data->n_train};
        Landscape *landscape = landscape_create(&desc, &error);
        assert_non_null(landscape);
        assert_int_equal(s->path_count, 13);
        for (int i = 0; i < s->path_count; i++) {
            double at[2], then = (test ? s->path->test_loss : s->path->loss)[i];
            assert_true(landscape_place(&request, &s->net, s->path->weights + 2 * (size_t)i, at));
            float here;
            assert_true(landscape_rows(landscape, &at[0], &at[1], 0, 1, 1, &here, NULL, NULL));
            assert_close((double)here, then, 1e-5 * then);
        }
        landscape_destroy(landscape);
    }
    run_destroy(&run);
}

/// The slope under the mouse against differences of the 64-bit reference's losses.
static void test_slopes_are_computed(void **state) {
    (void)state;
    Run run = run_create("xor-shallow", 60);
    const Snapshot *s = &run.snapshot;
    const Dataset *data = s->data;
    LandscapeState *view = calloc(1, sizeof *view);
    Survey *survey = &view->survey;
    ParamRef *axes = survey->request.surface.axes;
    axes[0] = (ParamRef){3, 0, 0};
    axes[1] = (ParamRef){2, 0, PARAM_BIAS};
    for (int i = 0; i < 2; i++) {
        survey->a[i] = i ? 5 : -5;
        survey->b[i] = i ? 3 : -1;
    }
    double *params = widen(s->net.params, s->net.n_params);
    double *x = widen(data->x, data->n * 2), *t = widen(data->t, data->n);
    static const double places[][2] = {{0.5, 0.25}, {-2, 1.5}, {1.25, -0.5}};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        size_t at[2];
        double gradient[2], step = 1e-5;
        for (int k = 0; k < 2; k++) {
            assert_true(network_locate(&s->net, axes[k], &at[k], NULL));
            params[at[k]] = places[i][k];
        }
        for (int k = 0; k < 2; k++) {
            double loss[2];
            for (int side = 0; side < 2; side++) {
                params[at[k]] = places[i][k] + (side ? step : -step);
                loss[side] =
                    reference_loss(&s->net, params, s->experiment->loss, x, t, data->n_train);
            }
            params[at[k]] = places[i][k];
            gradient[k] = (loss[1] - loss[0]) / (2 * step);
        }
        double expected = hypot(gradient[0], gradient[1]);
        const LandscapeReading *read = landscape_read(view, s, places[i]);
        assert_true(expected > 1e-3); // else this says nothing
        assert_close(read->slope / expected, 1, 2e-3);
        assert_true(landscape_read(view, s, places[i]) == read);
    }
    free(params);
    free(x);
    free(t);
    view_destroy(view);
    run_destroy(&run);
}

static void test_the_drawn_height_is_the_meshs(void **state) {
    (void)state;
    float heights[] = {0, 1, 2, 3, 4, NAN};
    Survey survey = {.n_a = 3, .n_b = 2, .a = {-1, 1}, .b = {10, 30}, .heights = heights};
    assert_close((double)landscape_height(&survey, (double[2]){-1, 10}), 0, 1e-6);
    assert_close((double)landscape_height(&survey, (double[2]){-1, 30}), 1, 1e-6);
    assert_close((double)landscape_height(&survey, (double[2]){-0.5, 20}), 1.5, 1e-6);
    assert_true(isnan(landscape_height(&survey, (double[2]){0.5, 25}))); // beside a hole
    assert_true(isnan(landscape_height(&survey, (double[2]){-1.1, 20})));
    assert_true(isnan(landscape_height(&survey, (double[2]){0, 31})));
}

// ---- touch --------------------------------------------------------------------------------------

enum { PLACE = 400 };

/// A level surface seen from above in a square, so that the middle is the middle.
static void make_touchable(LandscapeState *view, const Snapshot *run, SurfaceMesh *mesh) {
    static float heights[4] = {0.5f, 0.5f, 0.5f, 0.5f};
    Survey *survey = &view->survey;
    survey->valid = true;
    survey->generation = run->generation;
    survey->request.surface.axes[0] = (ParamRef){3, 0, 0};
    survey->request.surface.axes[1] = (ParamRef){2, 0, PARAM_BIAS};
    survey->n_a = survey->n_b = 2;
    survey->heights = heights;
    survey->a[0] = -5;
    survey->a[1] = 3;
    survey->b[0] = 10;
    survey->b[1] = 12;
    view->z = (LossAxis){.set = true, .lo = 0, .hi = 1};
    landscape_look(view, LANDSCAPE_TOP);
    view->mesh = mesh;
    view->mesh_revision = view->revision;
}

static ViewEvent mouse(ViewEventKind kind, const float at[2]) {
    return (ViewEvent){.kind = kind, .x = at[0], .y = at[1], .area = {0, 0, PLACE, PLACE}};
}

static void touch(LandscapeState *view, const Snapshot *run, ViewEvent event, ViewActions *out) {
    ViewContext context = {.run = run, .scale = 1, .theme = &themes[0]};
    *out = (ViewActions){0};
    landscape_touch(view, &context, &event, out);
}

/// Where a place of the surface lies on the screen.
static void project(LandscapeState *view, const Snapshot *run, double a, double b, float at[2]) {
    ViewContext context = {.run = run, .scale = 1, .theme = &themes[0]};
    char labels[2][32];
    Plot3d plot = landscape_plot(view, &context, (Rect){0, 0, PLACE, PLACE}, labels);
    float world[3];
    plot3d_world(&plot, a, b, 0.5, world);
    world[2] = 0.5f;
    camera_project(&plot.camera, plot.view, world, at, NULL);
}

static void moves_to(const Snapshot *run, const ViewActions *actions, double a, double b) {
    assert_int_equal(actions->count, 1);
    const Command *command = &actions->commands[0];
    assert_int_equal(command->kind, COMMAND_MOVE);
    assert_int_equal(command->params->n, run->net.n_params);
    size_t at[2];
    network_locate(&run->net, (ParamRef){3, 0, 0}, &at[0], NULL);
    network_locate(&run->net, (ParamRef){2, 0, PARAM_BIAS}, &at[1], NULL);
    for (size_t i = 0; i < run->net.n_params; i++) {
        float expected = i == at[0] ? (float)a : i == at[1] ? (float)b : run->net.params[i];
        assert_close((double)command->params->values[i], (double)expected, 2e-3);
    }
    command_release(command);
}

static void test_clicks_and_drags_move_the_weights(void **state) {
    (void)state;
    Run run = run_create("xor-shallow", 1);
    const Snapshot *s = &run.snapshot;
    LandscapeState *view = calloc(1, sizeof *view);
    view_type_landscape.init(view, s->experiment);
    make_touchable(view, s, (SurfaceMesh *)(void *)&run);
    ViewActions actions;
    float at[2], to[2];

    project(view, s, 1.25, 10.5, at);
    touch(view, s, mouse(VIEW_CLICK, at), &actions);
    moves_to(s, &actions, 1.25, 10.5);
    // A second click is for the camera: the first one's move is taken back, its own is none.
    touch(view, s, mouse(VIEW_DOUBLE_CLICK, at), &actions);
    assert_int_equal(actions.count, 1);
    assert_int_equal(actions.commands[0].kind, COMMAND_UNDO);
    touch(view, s, mouse(VIEW_CLICK, at), &actions);
    assert_int_equal(actions.count, 0);
    // Beside the surface there is nowhere to go.
    touch(view, s, mouse(VIEW_CLICK, (float[2]){1, 1}), &actions);
    assert_int_equal(actions.count, 0);

    // A drag that begins on the ball takes it along; elsewhere it is the camera's.
    view->survey.here[0] = -2;
    view->survey.here[1] = 11;
    view->survey.here_loss = 0.5;
    project(view, s, -2, 11, at);
    project(view, s, 0, 11.5, to);
    ViewEvent drag = mouse(VIEW_DRAG, to);
    drag.dx = to[0] - at[0];
    drag.dy = to[1] - at[1];
    drag.begins = true;
    touch(view, s, drag, &actions);
    assert_false(actions.commands[0].again);
    moves_to(s, &actions, 0, 11.5);
    drag = mouse(VIEW_DRAG, at);
    touch(view, s, drag, &actions);
    assert_true(actions.commands[0].again);
    moves_to(s, &actions, -2, 11);
    drag.ends = true;
    touch(view, s, drag, &actions);
    assert_int_equal(actions.count, 0);
    drag = mouse(VIEW_DRAG, to);
    drag.begins = true;
    touch(view, s, drag, &actions);
    assert_int_equal(actions.count, 0);

    view->mesh = NULL;
    view->survey.heights = NULL;
    view_destroy(view);
    run_destroy(&run);
}

/// While the ball is held its place and loss are the newest snapshot's, and no survey's.
static void test_a_held_ball_is_where_the_run_is(void **state) {
    (void)state;
    Run run = run_create("xor-shallow", 3);
    Snapshot *s = &run.snapshot;
    LandscapeState *view = view_create(&run);
    Survey8 survey;
    survey_fill(&survey, view, s, GRID, 0.1, 0.9, 1);
    assert_true(digest(view, s, &survey));
    assert_false(view->held.valid);
    view->holds = HOLDS_BALL;
    view->ball_moved = true;
    size_t at[2];
    for (int k = 0; k < 2; k++) assert_true(network_locate(&s->net, view->axes[k], &at[k], NULL));
    s->net.params[at[0]] = 1.25f;
    s->net.params[at[1]] = -0.5f;
    s->serial = 2;
    assert_true(digest(view, s, &survey));
    assert_true(view->held.valid);
    double *params = widen(s->net.params, s->net.n_params);
    double *x = widen(s->data->x, s->data->n * 2), *t = widen(s->data->t, s->data->n);
    double expected = reference_loss(&s->net, params, s->experiment->loss, x, t, s->data->n_train);
    assert_close(view->held.at[0], 1.25, 1e-6);
    assert_close(view->held.at[1], -0.5, 1e-6);
    assert_close(view->held.loss, expected, 1e-6);
    assert_false(digest(view, s, &survey));
    // It stays there when it is let go, until a survey has come as far.
    view->holds = HOLDS_NOTHING;
    assert_false(digest(view, s, &survey));
    assert_true(view->held.valid);
    survey_fill(&survey, view, s, GRID, 0.1, 0.9, 2);
    assert_true(digest(view, s, &survey));
    assert_false(view->held.valid);
    free(params);
    free(x);
    free(t);
    view_destroy(view);
    run_destroy(&run);
}

/// A surface of the past is read, and gone to, with the weights of then; going there ends the look
/// back.
static void test_the_past_is_read_with_its_weights(void **state) {
    (void)state;
    Run run = run_create("xor-shallow", 60);
    const Snapshot *s = &run.snapshot;
    LandscapeState *view = calloc(1, sizeof *view);
    view_type_landscape.init(view, s->experiment);
    make_touchable(view, s, (SurfaceMesh *)(void *)&run);
    view->survey.request.surface.past = view->past = true;
    view->survey.epoch = s->path->epoch[5];
    const float *then = s->path->weights + 5 * s->path->n_params;
    const float *weights = landscape_weights_at(view, s, (double[2]){1.25, 10.5});
    int same = 0;
    for (size_t i = 0; i < s->net.n_params; i++) same += weights[i] == then[i] ? 1 : 0;
    assert_int_equal(same, s->net.n_params - 2);
    float at[2];
    ViewActions actions;
    project(view, s, 1.25, 10.5, at);
    touch(view, s, mouse(VIEW_CLICK, at), &actions);
    assert_int_equal(actions.count, 1);
    const float *moved = actions.commands[0].params->values;
    same = 0;
    for (size_t i = 0; i < s->net.n_params; i++) same += moved[i] == then[i] ? 1 : 0;
    assert_int_equal(same, s->net.n_params - 2);
    command_release(&actions.commands[0]);
    assert_false(view->past);
    view->mesh = NULL;
    view->survey.heights = NULL;
    view_destroy(view);
    run_destroy(&run);
}

static void test_ranges_stay_ranges(void **state) {
    (void)state;
    Run run = run_create("xor-shallow", 0);
    LandscapeState *view = calloc(1, sizeof *view);
    view_type_landscape.init(view, run.snapshot.experiment);
    double middle = (view->range[0][0] + view->range[0][1]) / 2;
    for (int i = 0; i < 40; i++) landscape_grow(view, 1.5);
    assert_close(view->range[0][1] - view->range[0][0], 2 * LANDSCAPE_HALF_MOST, 1e-9);
    for (int i = 0; i < 80; i++) {
        landscape_grow(view, 1 / 1.5);
        for (int axis = 0; axis < 2; axis++) {
            assert_true(view->range[axis][0] < view->range[axis][1]);
            assert_true((float)view->range[axis][0] < (float)view->range[axis][1]);
        }
    }
    assert_close(view->range[0][1] - view->range[0][0], 2 * LANDSCAPE_HALF_LEAST, 1e-9);
    assert_close((view->range[0][0] + view->range[0][1]) / 2, middle, 1e-9);
    view->range[0][0] = 99990;
    view->range[0][1] = 100010;
    for (int i = 0; i < 40; i++) landscape_grow(view, 1 / 1.5);
    assert_true((float)view->range[0][0] < (float)view->range[0][1]);
    view_destroy(view);
    run_destroy(&run);
}

static void test_ranges_grow_and_shrink_back(void **state) {
    (void)state;
    const double ranges[][2] = {{-5, 5}, {-2.4, 2.1}, {-5.5, 2.75}, {0.1, 0.7}, {-7, 7}, {2, 3}};
    for (size_t k = 0; k < sizeof ranges / sizeof *ranges; k++) {
        LandscapeState view = {0};
        for (int axis = 0; axis < 2; axis++)
            memcpy(view.range[axis], ranges[k], 2 * sizeof(double));
        for (int first = 0; first < 2; first++) {
            const double there = first ? 1 / 1.5 : 1.5;
            for (int i = 0; i < 4; i++) landscape_grow(&view, there);
            for (int i = 0; i < 4; i++) landscape_grow(&view, 1 / there);
            assert_true(view.range[0][0] == ranges[k][0] && view.range[0][1] == ranges[k][1]);
        }
    }
}

static void test_the_camera_turns_by_the_frames_time(void **state) {
    (void)state;
    Run run = run_create("xor-shallow", 0);
    LandscapeState *view = calloc(1, sizeof *view);
    view_type_landscape.init(view, run.snapshot.experiment);
    ViewContext context = {.run = &run.snapshot, .time = 5};
    float yaw = view->camera.yaw;
    assert_false(view_type_landscape.animates(view, &context));
    view->turning = true;
    assert_true(view_type_landscape.animates(view, &context));
    assert_true(view_type_landscape.digest(view, &context)); // it begins
    assert_true(view->camera.yaw == yaw);
    context.time += 0.02;
    assert_true(view_type_landscape.digest(view, &context));
    float turned = view->camera.yaw - yaw;
    assert_true(turned > 0);
    context.time += 0.04;
    view_type_landscape.digest(view, &context);
    assert_close((double)(view->camera.yaw - yaw), 3 * (double)turned, 1e-5);
    // Not where motion is to be reduced, nor a map.
    context.reduced_motion = true;
    assert_false(view_type_landscape.animates(view, &context));
    assert_false(view_type_landscape.digest(view, &context));
    context.reduced_motion = false;
    landscape_look(view, LANDSCAPE_TOP);
    assert_int_equal(landscape_looks_from(view), LANDSCAPE_TOP);
    assert_false(view_type_landscape.animates(view, &context));
    view_destroy(view);
    run_destroy(&run);
}

static void test_the_camera_eases_to_presets(void **state) {
    (void)state;
    Run run = run_create("xor-shallow", 0);
    LandscapeState *view = calloc(1, sizeof *view);
    view_type_landscape.init(view, run.snapshot.experiment);
    ViewContext context = {.run = &run.snapshot, .time = 5, .scale = 1};
    const Camera before = landscape_camera(view);
    landscape_go(view, &context, LANDSCAPE_TOP);
    assert_int_equal(landscape_looks_from(view), LANDSCAPE_TOP);
    assert_true(view_type_landscape.animates(view, &context));
    assert_true(view_type_landscape.digest(view, &context)); // it sets out
    assert_true(landscape_camera(view).pitch == before.pitch);
    float pitch = before.pitch;
    for (int i = 0; i < 4; i++) {
        context.time += 0.05;
        assert_true(view_type_landscape.digest(view, &context));
        assert_true(landscape_camera(view).pitch > pitch);
        assert_false(landscape_is_map(view));
        pitch = landscape_camera(view).pitch;
    }
    context.time += 0.06;
    assert_true(view_type_landscape.digest(view, &context));
    assert_true(landscape_is_map(view));
    assert_false(view_type_landscape.animates(view, &context));
    assert_false(view_type_landscape.digest(view, &context));

    // A hand on the camera takes over where it is; what is half a map is turned as a body.
    landscape_go(view, &context, LANDSCAPE_SIDE_A);
    view_type_landscape.digest(view, &context);
    context.time += 0.1;
    view_type_landscape.digest(view, &context);
    pitch = landscape_camera(view).pitch;
    ViewEvent drag = {.kind = VIEW_DRAG, .dx = 20, .area = {0, 0, PLACE, PLACE}};
    assert_true(landscape_orbit(view, &context, &drag));
    assert_false(view_type_landscape.animates(view, &context));
    assert_close((double)landscape_camera(view).pitch, (double)pitch, 1e-5);
    assert_int_equal(landscape_looks_from(view), LANDSCAPE_3D);

    // Where motion is to be reduced it is there at once.
    context.reduced_motion = true;
    landscape_go(view, &context, LANDSCAPE_TOP);
    assert_true(landscape_is_map(view));
    assert_false(view_type_landscape.animates(view, &context));
    view_destroy(view);
    run_destroy(&run);
}

// ---- lines --------------------------------------------------------------------------------------

/// In a part of the surface, from what is drawn: does a line run there?
static bool has_line(LandscapeContours lines, float from, float to) {
    float first = ceilf((from - lines.offset) / lines.step);
    return lines.offset + first * lines.step <= to;
}

static void test_lines_stay_off_plateaus(void **state) {
    (void)state;
    float levels[64];
    LandscapeState view = {.z = {.set = true, .lo = 0, .hi = 2.4}};
    view.survey = (Survey){.n_a = 8, .n_b = 8, .levels = levels, .min = 0.2, .max = 2.4};
    for (int i = 0; i < 64; i++) levels[i] = (float)(0.2 + 2.2 * i / 63) / 2.4f;
    LandscapeContours even = landscape_contours(&view);
    assert_close((double)even.step * 2.4, 0.1, 1e-6);
    assert_close((double)even.offset * 2.4, 0.05, 1e-6);
    // Half of it lies at 0.55, where a line would be.
    for (int i = 0; i < 32; i++) levels[i] = 0.55f / 2.4f + (i % 2 ? 1e-6f : -1e-6f);
    LandscapeContours plateau = landscape_contours(&view);
    assert_true(has_line(even, 0.549f / 2.4f, 0.551f / 2.4f));
    assert_false(has_line(plateau, 0.54f / 2.4f, 0.56f / 2.4f));
    // The ground lies at 0.249, right below one.
    for (int i = 0; i < 64; i++) levels[i] = (float)(0.249 + 2.151 * i / 63) / 2.4f;
    view.survey.min = 0.249;
    assert_false(has_line(landscape_contours(&view), 0.249f / 2.4f, 0.27f / 2.4f));
    // A map's lie at round losses.
    view.camera = (Camera){.yaw = -1.57079633f, .pitch = 1.57079633f, .zoom = 1, .flat = 1};
    LandscapeContours map = landscape_contours(&view);
    assert_true(has_line(map, 0.999f / 2.4f, 1.001f / 2.4f));
}

// ---- names and numbers --------------------------------------------------------------------------

static void test_names_of_weights(void **state) {
    (void)state;
    char text[32];
    view_param_label((ParamRef){1, 0, 2}, text, sizeof text);
    assert_string_equal(text, "w₁[0,2]");
    view_param_label((ParamRef){12, 3, PARAM_BIAS}, text, sizeof text);
    assert_string_equal(text, "b₁₂[3]");
    view_subscript(907, text, sizeof text);
    assert_string_equal(text, "₉₀₇");
    view_subscript(907, text, 5); // room for one digit only
    assert_string_equal(text, "₉");
}

static void test_round_ranges(void **state) {
    (void)state;
    static const double cases[][4] = {
        {0.002, 0.997, 0, 1}, {-1, 1, -1, 1}, {-14.7, 17.2, -16, 18}, {3, 3, 1, 5}, {0, 0, -1, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double lo = cases[i][0], hi = cases[i][1];
        view_round_range(&lo, &hi);
        assert_true(lo <= cases[i][0] && hi >= cases[i][1] && hi > lo);
        if (cases[i][0] < cases[i][1]) {
            assert_close(lo, cases[i][2], 1e-9);
            assert_close(hi, cases[i][3], 1e-9);
        }
    }
    double lo = (double)NAN, hi = 1;
    view_round_range(&lo, &hi);
    assert_true(isfinite(lo) && hi > lo);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_outs_are_computed),
        cmocka_unit_test(test_the_axis_never_shows_noise),
        cmocka_unit_test(test_the_axis_keeps_still),
        cmocka_unit_test(test_clipping_bounds_the_axis),
        cmocka_unit_test(test_coarse_surveys_wait_for_fine_ones),
        cmocka_unit_test(test_ranges_fit_the_path),
        cmocka_unit_test(test_paths_of_two_weights_lie_on_the_surface),
        cmocka_unit_test(test_slopes_are_computed),
        cmocka_unit_test(test_the_drawn_height_is_the_meshs),
        cmocka_unit_test(test_clicks_and_drags_move_the_weights),
        cmocka_unit_test(test_ranges_stay_ranges),
        cmocka_unit_test(test_ranges_grow_and_shrink_back),
        cmocka_unit_test(test_the_camera_turns_by_the_frames_time),
        cmocka_unit_test(test_the_camera_eases_to_presets),
        cmocka_unit_test(test_lines_stay_off_plateaus),
        cmocka_unit_test(test_ranges_fit_a_race),
        cmocka_unit_test(test_a_held_ball_is_where_the_run_is),
        cmocka_unit_test(test_the_past_is_read_with_its_weights),
        cmocka_unit_test(test_names_of_weights),
        cmocka_unit_test(test_round_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
