/// The experiments that ship show what they are there for: their settings are the published ones,
/// the run from the shipped seed does what it should, its path and its descent fill a good part of
/// the landscape, and that landscape is the reference's.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nn/landscape.h"
#include "nn/reference.h"

#include "runs.h"

enum { GRID = 24, CHECKED = 12 };

/// A run from start to end.
typedef struct Run {
    Experiment *experiment;
    Session *session;
    int epochs;
    double *loss;         // (epochs + 1), of the landscape's split
    double *accuracy;     // (epochs + 1), of the train split
    double test_accuracy; // in the end
    double *weight[2];    // (epochs + 1), of the landscape's axes
    double range[2][2];
    size_t at[2];
    const float *x, *t; // of the landscape's split
    size_t n;
} Run;

static void record(Run *run, int epoch) {
    Metrics metrics;
    session_measure(run->session, &metrics);
    bool test = run->experiment->landscape.test_split;
    run->loss[epoch] = test ? metrics.test_loss : metrics.train_loss;
    run->accuracy[epoch] = metrics.train_accuracy;
    run->test_accuracy = metrics.test_accuracy;
    for (int i = 0; i < 2; i++) {
        run->weight[i][epoch] = (double)run->session->net.params[run->at[i]];
    }
}

static Run run_with(const char *name, const char *const *settings) {
    Run run = {.experiment = make_experiment(name, settings),
               .session = make_session(name, settings)};
    const Experiment *e = run.experiment;
    const Dataset *data = run.session->data;
    run.epochs = (int)e->epochs;
    size_t points = (size_t)run.epochs + 1;
    run.loss = malloc(points * sizeof *run.loss);
    run.accuracy = malloc(points * sizeof *run.accuracy);
    ParamRef axes[2];
    experiment_axes(e, &run.session->net, axes);
    for (int i = 0; i < 2; i++) {
        run.weight[i] = malloc(points * sizeof *run.weight[i]);
        assert_true(network_locate(&run.session->net, axes[i], &run.at[i], NULL));
    }
    memcpy(run.range, e->landscape.range, sizeof run.range);
    size_t first = e->landscape.test_split ? data->n_train : 0;
    run.n = (e->landscape.test_split ? data->n : data->n_train) - first;
    run.x = data->x + first * (size_t)data->n_inputs;
    run.t = data->t + first * (size_t)data->n_outputs;
    record(&run, 0);
    for (int epoch = 1; epoch <= run.epochs; epoch++) {
        double loss;
        assert_true(session_step(run.session, STEP_EPOCH, &loss));
        record(&run, epoch);
    }
    return run;
}

static Run run_of(const char *name) {
    return run_with(name, NULL);
}

static void run_free(Run *run) {
    session_destroy(run->session);
    experiment_release(run->experiment);
    free(run->loss);
    free(run->accuracy);
    free(run->weight[0]);
    free(run->weight[1]);
}

static void measure_grid(const Run *run, ParamRef a, ParamRef b, const float *x, const float *t,
                         size_t n, const double *va, const double *vb, float *out) {
    LandscapeDesc desc = {.net = &run->session->net,
                          .a = a,
                          .b = b,
                          .loss = run->experiment->loss,
                          .x = x,
                          .t = t,
                          .n = n};
    Landscape *land = landscape_create(&desc, NULL);
    assert_non_null(land);
    assert_true(landscape_rows(land, va, vb, 0, GRID, GRID, out, NULL, NULL));
    landscape_destroy(land);
}

static void extent(const double *values, int n, double *lo, double *hi) {
    *lo = *hi = values[0];
    for (int i = 1; i < n; i++) {
        *lo = fmin(*lo, values[i]);
        *hi = fmax(*hi, values[i]);
    }
}

/// About a third of each axis, and about a quarter of the height that is drawn.
static void assert_fills_the_landscape(const Run *run) {
    for (int i = 0; i < 2; i++) {
        double lo, hi, width = run->range[i][1] - run->range[i][0];
        extent(run->weight[i], run->epochs + 1, &lo, &hi);
        assert_true(lo > run->range[i][0] && hi < run->range[i][1]);
        assert_in_range((long)(100 * (hi - lo) / width), 20, 50);
    }
    ParamRef axes[2];
    experiment_axes(run->experiment, &run->session->net, axes);
    double va[GRID], vb[GRID], values[GRID * GRID], lo, hi, path_lo, path_hi;
    float out[GRID * GRID];
    landscape_axis(run->range[0][0], run->range[0][1], GRID, va);
    landscape_axis(run->range[1][0], run->range[1][1], GRID, vb);
    measure_grid(run, axes[0], axes[1], run->x, run->t, run->n, va, vb, out);
    for (int i = 0; i < GRID * GRID; i++) values[i] = (double)out[i];
    extent(values, GRID * GRID, &lo, &hi);
    extent(run->loss, run->epochs + 1, &path_lo, &path_hi);
    double height = fmax(hi, path_hi) - fmin(lo, path_lo);
    double descent = run->loss[0] - run->loss[run->epochs];
    assert_in_range((long)(100 * descent / height), 15, 50);
}

static int first_epoch_below(const Run *run, double loss) {
    int epoch = 0;
    while (epoch <= run->epochs && run->loss[epoch] >= loss) epoch++;
    return epoch;
}

static void assert_xor(const Run *run, int layers, Init init, int epochs) {
    const Experiment *e = run->experiment;
    assert_string_equal(e->data.kind, "xor");
    assert_int_equal(run->n, 500);
    assert_int_equal(e->n_layers, layers);
    for (int l = 0; l < layers; l++) {
        assert_int_equal(e->layers[l].desc.units, l < layers - 1 ? 2 : 1);
        assert_int_equal(e->layers[l].desc.activation,
                         l < layers - 1 ? ACTIVATION_TANH : ACTIVATION_LINEAR);
    }
    assert_int_equal(e->init, init);
    assert_int_equal(e->loss, LOSS_MSE);
    assert_true(e->optimizer.learning_rate == 0.005f && e->optimizer.momentum == 0.3f);
    assert_int_equal(e->batch_size, 1);
    assert_int_equal(e->epochs, epochs);
}

static void test_xor_shallow(void **state) {
    (void)state;
    Run run = run_of("xor-shallow");
    assert_xor(&run, 4, INIT_TORCH_LINEAR, 601);
    assert_fills_the_landscape(&run);
    // A plateau at chance, the break within half a minute at 20 epochs a second, and the solution.
    for (int epoch = 5; epoch <= 100; epoch++) assert_close(run.loss[epoch], 0.25, 0.01);
    assert_in_range(first_epoch_below(&run, 0.2), 100, 400);
    assert_true(run.accuracy[run.epochs] > 0.97);
    run_free(&run);
}

static void test_xor_deep(void **state) {
    (void)state;
    Run run = run_of("xor-deep");
    assert_xor(&run, 12, INIT_TORCH_LINEAR, 1001);
    assert_fills_the_landscape(&run); // its last bias, all that it learns
    for (int epoch = 5; epoch <= run.epochs; epoch++) assert_close(run.loss[epoch], 0.25, 0.01);
    assert_close(run.accuracy[run.epochs], 0.5, 0.05);
    run_free(&run);
}

static void test_xor_deep_xavier(void **state) {
    (void)state;
    Run run = run_of("xor-deep-xavier");
    assert_xor(&run, 12, INIT_XAVIER_UNIFORM, 1001);
    assert_fills_the_landscape(&run);
    assert_true(run.accuracy[run.epochs] > 0.97);
    run_free(&run);
}

static void test_paraboloid(void **state) {
    (void)state;
    Run run = run_of("paraboloid");
    const Experiment *e = run.experiment;
    assert_int_equal(run.n, 144);
    assert_int_equal(e->n_layers, 3);
    static const int units[] = {12, 2, 1};
    for (int l = 0; l < 3; l++) {
        assert_int_equal(e->layers[l].desc.units, units[l]);
        assert_int_equal(e->layers[l].desc.activation, ACTIVATION_TANH);
    }
    assert_int_equal(e->init, INIT_XAVIER_UNIFORM);
    assert_true(e->optimizer.learning_rate == 0.005f && e->optimizer.momentum == 0);
    assert_int_equal(e->epochs, 301);
    assert_fills_the_landscape(&run);
    assert_true(run.loss[0] > 0.16 && run.loss[0] < 0.40);
    assert_true(run.loss[300] > 0.005 && run.loss[300] < 0.0135);
    run_free(&run);
}

static void test_error_surface(void **state) {
    (void)state;
    Run run = run_of("error-surface");
    const Experiment *e = run.experiment;
    assert_int_equal(run.n, 3000);
    assert_int_equal(run.session->data->n_train, 7000);
    assert_int_equal(run.session->net.n_params, 2);
    assert_int_equal(e->batch_size, 128);
    assert_true(e->optimizer.learning_rate == 0.01f && e->optimizer.momentum == 0);
    assert_int_equal(e->epochs, 25);
    assert_fills_the_landscape(&run);
    assert_true(run.weight[0][0] == -1 && run.weight[1][0] == -1);
    assert_close(run.weight[0][25], -2.2, 0.05);
    assert_close(run.weight[1][25], -0.35, 0.05);
    run_free(&run);
}

/// Whether the images are where the program looks for them; says so where they are not.
static bool has_images(void) {
    Error error = {""};
    const char *const few[] = {"data.samples=6", NULL};
    Experiment *experiment = make_experiment("digits", few);
    const Dataset *data = dataset_create(&experiment->data, experiment->seed, &error);
    experiment_release(experiment);
    if (!data) print_message("skipped: %s\n", error.text);
    dataset_release(data);
    return data != NULL;
}

static void test_xor_deep_residual(void **state) {
    (void)state;
    Run run = run_of("xor-deep-residual");
    assert_xor(&run, 12, INIT_TORCH_LINEAR, 1001);
    for (int l = 0; l < 12; l++) {
        assert_int_equal(run.experiment->layers[l].desc.residual, l < 11);
    }
    assert_fills_the_landscape(&run);
    assert_true(run.accuracy[run.epochs] > 0.97);
    run_free(&run);
}

/// What xor-deep never does, its residual connections bring about: measured, 20 of 20 seeds above
/// 90 % and 19 above 95 %; here ten.
static void test_residual_connections_let_deep_nets_learn(void **state) {
    (void)state;
    int solved = 0;
    for (int seed = 1; seed <= 10; seed++) {
        char text[32];
        snprintf(text, sizeof text, "seed=%d", seed);
        const char *const settings[] = {text, NULL};
        Run run = run_with("xor-deep-residual", settings);
        solved += run.accuracy[run.epochs] > 0.95;
        run_free(&run);
    }
    assert_int_equal(solved, 10);
}

static void test_xor_corners(void **state) {
    (void)state;
    Run run = run_of("xor-corners");
    const Experiment *e = run.experiment;
    assert_int_equal(run.n, 4);
    assert_int_equal(run.session->net.n_params, 17);
    assert_int_equal(e->loss, LOSS_BCE);
    assert_int_equal(e->batch_size, 0);
    assert_int_equal(e->epochs, 5000);
    assert_true(e->optimizer.learning_rate == 0.1f);
    assert_fills_the_landscape(&run);
    assert_true(run.accuracy[run.epochs] == 1);
    run_free(&run);
}

static void test_circles(void **state) {
    (void)state;
    Run run = run_of("circles");
    const Experiment *e = run.experiment;
    assert_int_equal(run.n, 500);
    assert_int_equal(run.session->net.n_params, 193);
    assert_int_equal(e->optimizer.kind, OPTIMIZER_ADAM);
    assert_true(e->optimizer.learning_rate == 0.001f && e->optimizer.eps == 1e-7f);
    assert_int_equal(e->batch_size, 32);
    assert_true(e->shuffle);
    assert_int_equal(e->epochs, 100);
    assert_fills_the_landscape(&run);
    assert_true(run.accuracy[run.epochs] > 0.99);
    run_free(&run);
}

static void test_moons(void **state) {
    (void)state;
    Run run = run_of("moons");
    const Experiment *e = run.experiment;
    assert_int_equal(run.n, 300);
    assert_int_equal(run.session->net.n_params, 193);
    assert_int_equal(e->loss, LOSS_HALF_MSE);
    assert_int_equal(e->init, INIT_HE_NORMAL);
    assert_true(e->optimizer.learning_rate == 0.5f);
    assert_int_equal(e->batch_size, 0);
    assert_int_equal(e->epochs, 2000);
    assert_fills_the_landscape(&run);
    assert_true(run.accuracy[run.epochs] == 1);
    run_free(&run);
}

/// On the tutorial's own 300 points every start ends with all of them right. (Of ours some seeds'
/// moons overlap by a point or two.)
static void test_moons_of_the_tutorial(void **state) {
    (void)state;
    for (int seed = 1; seed <= 10; seed++) {
        char text[32];
        snprintf(text, sizeof text, "seed=%d", seed);
        const char *const settings[] = {text, "data.kind=csv",
                                        "data.file=" SADDLE_TEST_DATA "/fixtures/moons.csv", NULL};
        Run run = run_with("moons", settings);
        assert_true(run.accuracy[run.epochs] == 1);
        run_free(&run);
    }
}

static void test_spiral(void **state) {
    (void)state;
    Run run = run_of("spiral");
    assert_int_equal(run.experiment->epochs, 500);
    assert_int_equal(run.experiment->batch_size, 10);
    assert_fills_the_landscape(&run);
    assert_true(run.accuracy[run.epochs] > 0.99);
    run_free(&run);
}

static void test_gaussians(void **state) {
    (void)state;
    Run run = run_of("gaussians");
    assert_fills_the_landscape(&run);
    assert_in_range(first_epoch_below(&run, 0.3), 5, 100); // slow enough to see
    assert_true(run.accuracy[run.epochs] == 1);
    run_free(&run);
}

static void test_plane(void **state) {
    (void)state;
    Run run = run_of("plane");
    assert_fills_the_landscape(&run);
    assert_true(run.loss[run.epochs] < 2e-4); // the targets' variance is 0.24
    run_free(&run);
}

static void test_perceptron(void **state) {
    (void)state;
    Run run = run_of("perceptron");
    const Experiment *e = run.experiment;
    assert_int_equal(run.n, 7);
    assert_int_equal(e->optimizer.kind, OPTIMIZER_PERCEPTRON);
    assert_int_equal(e->layers[0].desc.activation, ACTIVATION_STEP);
    assert_true(run.weight[0][0] == 1 && run.weight[1][0] == 2);
    assert_fills_the_landscape(&run);
    // As the tutorial draws it, two of the seven points lie on the wrong side; the rule mends that.
    assert_close(run.accuracy[0], 5.0 / 7, 1e-12);
    assert_true(run.accuracy[run.epochs] == 1);
    run_free(&run);
}

/// The mean over all pairs, from the outputs alone.
static double mean_over_pairs(const Run *run, size_t n) {
    float *y = malloc(n * sizeof *y);
    Workspace ws;
    assert_true(workspace_init(&ws, &run->session->net, 256));
    network_predict(&run->session->net, &ws, run->x, n, y);
    workspace_deinit(&ws);
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            double d = (double)y[i] - (double)run->t[j];
            sum += d * d;
        }
    }
    free(y);
    return sum / ((double)n * (double)n);
}

/// The published surface and the true one, from the same data and start: they part, and so do the
/// paths. Only the loss differs between the two experiments.
static void test_error_surface_published(void **state) {
    (void)state;
    Run run = run_of("error-surface-published"), true_run = run_of("error-surface");
    assert_int_equal(run.experiment->loss, LOSS_MSE_BROADCAST);
    assert_int_equal(run.experiment->seed, true_run.experiment->seed);
    assert_same_floats(run.x, true_run.x, run.n);
    assert_same_floats(run.t, true_run.t, run.n);
    assert_fills_the_landscape(&run);
    assert_close(run.loss[run.epochs] / mean_over_pairs(&run, run.n), 1, 1e-6);
    assert_true(fabs(run.weight[0][25] - true_run.weight[0][25]) > 1);

    double va[GRID], vb[GRID];
    float published[GRID * GRID], truth[GRID * GRID];
    ParamRef axes[2];
    experiment_axes(run.experiment, &run.session->net, axes);
    landscape_axis(-2, 2, GRID, va);
    landscape_axis(-2, 2, GRID, vb);
    measure_grid(&run, axes[0], axes[1], run.x, run.t, run.n, va, vb, published);
    measure_grid(&true_run, axes[0], axes[1], run.x, run.t, run.n, va, vb, truth);
    double lo = (double)truth[0], hi = lo, apart = 0;
    for (int i = 0; i < GRID * GRID; i++) {
        lo = fmin(lo, (double)truth[i]);
        hi = fmax(hi, (double)truth[i]);
        apart = fmax(apart, fabs((double)published[i] - (double)truth[i]));
    }
    assert_true(apart > 0.2 * (hi - lo));
    run_free(&run);
    run_free(&true_run);
}

/// Four go the same way, in full sight: past the saddle at the origin and down the ravine behind
/// it, Adam the furthest and gradient descent the least far.
static void test_race(void **state) {
    (void)state;
    Experiment *race = make_experiment("race", NULL);
    assert_int_equal(race->n_race, 3);
    assert_int_equal(race->race[2].optimizer.kind, OPTIMIZER_ADAM);
    double before = HUGE_VAL;
    for (int i = -1; i < race->n_race; i++) {
        Experiment *own = i < 0 ? experiment_copy(race) : experiment_rival(race, i);
        char *text = experiment_print(own);
        Run run = run_of(text);
        for (int k = 0; k < 2; k++) {
            double lo, hi, width = run.range[k][1] - run.range[k][0];
            extent(run.weight[k], run.epochs + 1, &lo, &hi);
            assert_true(lo > run.range[k][0] && hi < run.range[k][1]);
            assert_in_range((long)(100 * (hi - lo) / width), 30, 85);
        }
        assert_true(run.weight[1][0] > 0 && run.weight[1][run.epochs] < -1);
        assert_true(run.weight[0][run.epochs] > 0 && run.weight[0][run.epochs] < 0.3);
        assert_true(run.loss[run.epochs] < before - 0.4);
        before = run.loss[run.epochs];
        run_free(&run);
        free(text);
        experiment_release(own);
    }
    experiment_release(race);
}

static void test_digits(void **state) {
    (void)state;
    if (!has_images()) skip();
#ifdef __SANITIZE_ADDRESS__
    skip(); // minutes of arithmetic; a few images are trained on below
#endif
    Run run = run_of("digits");
    const Experiment *e = run.experiment;
    assert_int_equal(run.session->data->n_train, 60000);
    assert_int_equal(run.n, 10000);
    assert_int_equal(run.session->net.n_params, 784 * 64 + 64 + 64 * 64 + 64 + 64 * 10 + 10);
    assert_int_equal(e->loss, LOSS_CROSS_ENTROPY);
    assert_int_equal(e->init, INIT_HE_NORMAL);
    assert_true(e->optimizer.learning_rate == 0.1f && e->optimizer.momentum == 0);
    assert_int_equal(e->batch_size, 128);
    assert_true(e->shuffle);
    assert_int_equal(e->epochs, 10);
    // One of 55,000 weights moves little: the descent alone fills the landscape.
    double height = 0, va[GRID], vb[GRID];
    float out[GRID * GRID];
    ParamRef axes[2];
    experiment_axes(e, &run.session->net, axes);
    landscape_axis(run.range[0][0], run.range[0][1], GRID, va);
    landscape_axis(run.range[1][0], run.range[1][1], GRID, vb);
    measure_grid(&run, axes[0], axes[1], run.x, run.t, 1000, va, vb, out);
    for (int i = 0; i < GRID * GRID; i++) height = fmax(height, (double)out[i]);
    double descent = run.loss[0] - run.loss[run.epochs];
    assert_in_range((long)(100 * descent / (height - run.loss[run.epochs])), 20, 60);
    print_message("digits: test accuracy %.4f\n", run.test_accuracy);
    assert_true(run.test_accuracy >= 0.867 && run.test_accuracy <= 0.871);
    run_free(&run);
}

/// A parameter of every kind that a network has, from its ends and its middle.
static int some_params(const Network *net, ParamRef refs[8]) {
    int n = 0, middle = net->n_layers / 2;
    refs[n++] = (ParamRef){0, 0, 0};
    refs[n++] = (ParamRef){-1, 0, 0};
    if (net->layers[0].inputs > 1) refs[n++] = (ParamRef){0, 0, 1};
    if (net->layers[0].has_bias) refs[n++] = (ParamRef){0, 0, PARAM_BIAS};
    if (net->layers[middle].units > 1) refs[n++] = (ParamRef){middle, 1, 0};
    if (net->layers[net->n_layers - 1].has_bias) refs[n++] = (ParamRef){-1, 0, PARAM_BIAS};
    return n;
}

/// A dozen points of a landscape over those two, spread over its rows and columns, against the
/// reference.
static void check_against_reference(const Run *run, ParamRef a, ParamRef b, bool test_split) {
    const Dataset *data = run->session->data;
    const Network *net = &run->session->net;
    size_t first = test_split ? data->n_train : 0;
    size_t n = test_split ? data->n - data->n_train : data->n_train;
    if (n > 700) n = 700; // the reference takes its time
    const float *x = data->x + first * (size_t)data->n_inputs;
    const float *t = data->t + first * (size_t)data->n_outputs;
    size_t inputs = n * (size_t)data->n_inputs, targets = n * (size_t)data->n_outputs;
    double *x64 = malloc(inputs * sizeof *x64), *t64 = malloc(targets * sizeof *t64);
    double *params = malloc(net->n_params * sizeof *params);
    for (size_t i = 0; i < inputs; i++) x64[i] = (double)x[i];
    for (size_t i = 0; i < targets; i++) t64[i] = (double)t[i];
    for (size_t i = 0; i < net->n_params; i++) params[i] = (double)net->params[i];
    size_t at_a, at_b;
    assert_true(network_locate(net, a, &at_a, NULL) && network_locate(net, b, &at_b, NULL));
    double va[GRID], vb[GRID];
    float out[GRID * GRID];
    landscape_axis(-5, 4.5, GRID, va);
    landscape_axis(-4, 5, GRID, vb);
    measure_grid(run, a, b, x, t, n, va, vb, out);
    for (int k = 0; k < CHECKED; k++) {
        const int i = 7 * k % GRID, j = (GRID - 1 + 11 * k) % GRID;
        params[at_a] = (double)(float)va[i];
        params[at_b] = (double)(float)vb[j];
        double expected = reference_loss(net, params, run->experiment->loss, x64, t64, n);
        // A loss near zero is what rounding leaves of it.
        assert_close((double)out[i * GRID + j], expected, 1e-5 * expected + 1e-7);
    }
    free(x64);
    free(t64);
    free(params);
}

static void test_landscapes_are_the_reference_s(void **state) {
    (void)state;
    for (const char *const *name = experiment_names(); *name; name++) {
        bool images = strcmp(*name, "digits") == 0;
        const char *const little[] = {"data.samples=60", "training.epochs=2", NULL};
        if (images && !has_images()) continue;
        Run run = run_with(*name, images ? little : NULL);
        ParamRef refs[8], axes[2];
        int n = images ? 0 : some_params(&run.session->net, refs); // the reference takes its time
        experiment_axes(run.experiment, &run.session->net, axes);
        bool has_test = run.session->data->n > run.session->data->n_train;
        for (int split = 0; split <= (int)has_test; split++) {
            check_against_reference(&run, axes[0], axes[1], split == 1);
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < n; j++) {
                    check_against_reference(&run, refs[i], refs[j], split == 1);
                }
            }
        }
        run_free(&run);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_xor_shallow),
        cmocka_unit_test(test_xor_deep),
        cmocka_unit_test(test_xor_deep_xavier),
        cmocka_unit_test(test_paraboloid),
        cmocka_unit_test(test_error_surface),
        cmocka_unit_test(test_xor_deep_residual),
        cmocka_unit_test(test_residual_connections_let_deep_nets_learn),
        cmocka_unit_test(test_xor_corners),
        cmocka_unit_test(test_circles),
        cmocka_unit_test(test_moons),
        cmocka_unit_test(test_moons_of_the_tutorial),
        cmocka_unit_test(test_spiral),
        cmocka_unit_test(test_gaussians),
        cmocka_unit_test(test_plane),
        cmocka_unit_test(test_perceptron),
        cmocka_unit_test(test_error_surface_published),
        cmocka_unit_test(test_race),
        cmocka_unit_test(test_digits),
        cmocka_unit_test(test_landscapes_are_the_reference_s),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
