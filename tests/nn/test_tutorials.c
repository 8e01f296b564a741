// The tutorials' worked examples, computed by the engine: by hand where the text works them by
// hand, else against NumPy's walk by the text's own formulas (tests/fixtures/record_tutorials.py).
// Where a text errs, the right number is tested and the comment says what the text has.
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"
#include "nn/dataset.h"
#include "nn/trainstep.h"

#include "fixtures/tutorials.h"
#include "support.h"

/// A network with what trains and passes it.
typedef struct Example {
    Network net;
    Optimizer optimizer;
    TrainBuffers buffers;
    TrainDesc train;
    float *grad;
} Example;

/// @param activations  a layer each; softmax is not among them
static Example example_create(const int *widths, const Activation *activations, Loss loss,
                              float learning_rate, int batch) {
    Example example = {.train = {.loss = loss, .batch = batch}};
    LayerDesc layers[4] = {{0}};
    int n = 0;
    thread_flush_denormals();
    for (; widths[n + 1] > 0; n++) {
        layers[n] = (LayerDesc){.units = widths[n + 1], .activation = activations[n]};
    }
    assert_true(network_init(&example.net, widths[0], layers, n, NULL));
    OptimizerDesc desc = optimizer_desc_default(OPTIMIZER_SGD);
    desc.learning_rate = learning_rate;
    assert_true(optimizer_init(&example.optimizer, &desc, example.net.n_params));
    assert_true(train_buffers_init(&example.buffers, &example.net, batch));
    example.grad = calloc(example.net.n_params, sizeof *example.grad);
    return example;
}

static void example_free(Example *example) {
    free(example->grad);
    train_buffers_deinit(&example->buffers);
    optimizer_deinit(&example->optimizer);
    network_deinit(&example->net);
}

static void start_at(Example *example, const float *start, size_t n) {
    assert_int_equal(example->net.n_params, n);
    memcpy(example->net.params, start, n * sizeof *start);
}

#define START_AT(example, start) start_at(example, start, sizeof(start) / sizeof *(start))

/// One pass over the data.  @return the mean of the samples' losses as they were met
static double train_epoch(Example *example, const float *x, const float *t, size_t n) {
    size_t done;
    double sum = train_batches(&example->net, &example->optimizer, &example->buffers,
                               &example->train, x, t, NULL, n, &done);
    assert_int_equal(done, n);
    return sum / (double)n;
}

static void gradient(Example *example, const float *x, const float *t, int n) {
    network_gradient(&example->net, &example->buffers.ws, example->train.loss, x, t, n,
                     example->grad);
}

static void assert_all_close(const float *actual, const double *expected, size_t n,
                             double tolerance) {
    for (size_t i = 0; i < n; i++) assert_close(actual[i], expected[i], tolerance);
}

static const Activation sigmoids[] = {ACTIVATION_SIGMOID, ACTIVATION_SIGMOID, ACTIVATION_SIGMOID};

/// Tutorial 2, 1.2: x = (0.5, 0.8), w = (0.4, 0.6), b = -0.5.
static void test_neuron(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        Activation activation = i == 0 ? ACTIVATION_LINEAR : ACTIVATION_SIGMOID;
        Example neuron = example_create((int[]){2, 1, 0}, &activation, LOSS_MSE, 0, 1);
        START_AT(&neuron, ((const float[]){0.4f, 0.6f, -0.5f}));
        const float *y = network_forward(&neuron.net, &neuron.buffers.ws, (float[]){0.5f, 0.8f}, 1);
        assert_close(y[0], i == 0 ? neuron_z : neuron_a, 1e-7);
        // As the cell prints it.
        assert_close(y[0], i == 0 ? 0.18 : 0.5449, 5e-5);
        example_free(&neuron);
    }
}

/// Tutorial 2, 2.1 and 2.3: the 2-3-1 network forward, and cross-entropy's gradients towards 1.
static void test_three_hidden_units(void **state) {
    (void)state;
    Example example = example_create((int[]){2, 3, 1, 0}, sigmoids, LOSS_BCE, 0, 1);
    START_AT(&example, ((const float[]){0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f, 0, 0, 0, //
                                        0.7f, 0.8f, 0.9f, 0}));
    const float x[] = {1, 2}, t[] = {1};
    const float *y = network_forward(&example.net, &example.buffers.ws, x, 1);
    assert_all_close(example.buffers.ws.outputs[0], three_hidden, 3, 1e-7);
    assert_close(y[0], three_output, 2e-7);
    // By hand: sigmoid of 0.5, 1.1 and 1.7, and of 0.7, 0.8 and 0.9 times those.
    assert_close(example.buffers.ws.outputs[0][1], 1 / (1 + exp(-1.1)), 2e-7);
    assert_close(y[0], 0.8578, 5e-5);
    gradient(&example, x, t, 1);
    assert_all_close(example.grad, three_gradient, example.net.n_params, 1e-7);
    // The output's error is simply y - t.
    assert_close(example.grad[example.net.layers[1].bias_at], 0.8578 - 1, 5e-5);
    example_free(&example);
}

/// Tutorial 2, 2.3: the chain of two weights, 0.5 and 0.8, with half the squared error, from x = 1
/// towards 1.
static void test_chain_of_two_weights(void **state) {
    (void)state;
    Example example = example_create((int[]){1, 1, 1, 0}, sigmoids, LOSS_HALF_MSE, 0.5f, 1);
    const float start[] = {0.5f, 0, 0.8f, 0}, x[] = {1}, t[] = {1};
    START_AT(&example, start);
    const float *y = network_forward(&example.net, &example.buffers.ws, x, 1);
    assert_close(example.buffers.ws.outputs[0][0], chain_activations[0], 1e-7);
    assert_close(y[0], chain_activations[1], 1e-7);
    assert_close(loss_sum(LOSS_HALF_MSE, y, t, 1, 1), chain_loss, 1e-7);
    gradient(&example, x, t, 1);
    assert_all_close(example.grad, chain_gradient, 4, 1e-7);
    // What the cell prints, to four digits: a1, a2, the loss, then w1 and b1, w2, b2.
    assert_close(y[0], 0.6220, 5e-5);
    assert_close(example.grad[0], -0.0167, 5e-5);
    assert_close(example.grad[1], -0.0167, 5e-5);
    assert_close(example.grad[2], -0.0553, 5e-5);
    assert_close(example.grad[3], -0.0889, 5e-5);
    // And a step of gradient descent goes down them, in the loop that training takes.
    assert_close(train_epoch(&example, x, t, 1), chain_loss, 1e-7);
    for (int i = 0; i < 4; i++) {
        assert_close(example.net.params[i], (double)start[i] - 0.5 * chain_gradient[i], 1e-7);
    }
    example_free(&example);
}

/// Tutorial 2, 5.2, exercise 1; the text gives no answer.
static void test_exercise_1(void **state) {
    (void)state;
    Example example = example_create((int[]){2, 2, 1, 0}, sigmoids, LOSS_BCE, 0, 1);
    START_AT(&example, ((const float[]){0.1f, 0.2f, 0.3f, 0.4f, 0, 0, 0.5f, 0.6f, 0}));
    const float *y = network_forward(&example.net, &example.buffers.ws, (float[]){1, 2}, 1);
    assert_close(y[0], exercise, 1e-7);
    double a1 = 1 / (1 + exp(-0.5)), a2 = 1 / (1 + exp(-1.1));
    assert_close(y[0], 1 / (1 + exp(-(0.5 * a1 + 0.6 * a2))), 2e-7);
    example_free(&example);
}

/// The counts of parameters in the texts. Tutorial 4 says 203 of its network, which has 193;
/// tutorial 3's has two weights, and biases would double them.
static void test_parameter_counts(void **state) {
    (void)state;
    static const struct {
        int widths[6];
        bool no_bias;
        size_t params;
    } nets[] = {
        {{3, 16, 1}, false, 81},    {{3, 4, 4, 4, 1}, false, 61},
        {{2, 4, 3, 1}, false, 31},  {{2, 16, 8, 1}, false, 193},
        {{1, 1, 1}, true, 2},       {{1, 1, 1}, false, 4},
        {{2, 12, 2, 1}, false, 65}, {{784, 128, 64, 10}, false, 100480 + 8256 + 650},
    };
    for (size_t i = 0; i < sizeof nets / sizeof *nets; i++) {
        LayerDesc layers[5];
        int n = 0;
        for (; nets[i].widths[n + 1] > 0; n++) {
            layers[n] = (LayerDesc){.units = nets[i].widths[n + 1], .no_bias = nets[i].no_bias};
        }
        Network net;
        assert_true(network_init(&net, nets[i].widths[0], layers, n, NULL));
        assert_int_equal(net.n_params, nets[i].params);
        network_deinit(&net);
    }
}

/// Tutorial 2, 4.2: momentum as a moving average, on the bowl x^2 + 10 y^2.
static void test_ema_momentum_on_a_bowl(void **state) {
    (void)state;
    OptimizerDesc desc = optimizer_desc_default(OPTIMIZER_EMA_MOMENTUM);
    desc.learning_rate = 0.05f;
    Optimizer optimizer;
    assert_true(optimizer_init(&optimizer, &desc, 2));
    float w[2] = {1, 1};
    for (int step = 0; step < 50; step++) {
        optimizer_step(&optimizer, w, (float[]){2 * w[0], 20 * w[1]});
        assert_all_close(w, &bowl_walk[2 * step], 2, 1e-6);
    }
    optimizer_deinit(&optimizer);
}

/// Tutorial 2, 1.1: the perceptron's points, and its rule w <- w + (t - y) x from the line that the
/// tutorial draws. It says nothing of it, but that line has two of the seven points wrong.
static void test_perceptron(void **state) {
    (void)state;
    Error error;
    const Dataset *data = dataset_create(&(DatasetDesc){.kind = "perceptron"}, 1, &error);
    assert_non_null(data);
    assert_int_equal(data->n, 7);
    for (size_t i = 0; i < 7; i++) {
        assert_true(data->x[2 * i] == perceptron_points[3 * i] &&
                    data->x[2 * i + 1] == perceptron_points[3 * i + 1] &&
                    data->t[i] == perceptron_points[3 * i + 2]);
    }
    const LayerDesc layer = {.units = 1, .activation = ACTIVATION_STEP};
    const OptimizerDesc desc = optimizer_desc_default(OPTIMIZER_PERCEPTRON);
    const TrainDesc train = {.loss = LOSS_MSE, .batch = 1};
    assert_true(desc.learning_rate == 1);
    // Sample by sample, then a pass at once.
    for (size_t at_once = 1; at_once <= 7; at_once += 6) {
        Network net;
        Optimizer optimizer;
        TrainBuffers buffers;
        assert_true(network_init(&net, 2, &layer, 1, NULL));
        assert_true(optimizer_init(&optimizer, &desc, net.n_params));
        assert_true(train_buffers_init(&buffers, &net, 1));
        memcpy(net.params, (float[]){1, 2, -1}, 3 * sizeof(float));
        Workspace ws;
        assert_true(workspace_init(&ws, &net, 7));
        const float *y = network_forward(&net, &ws, data->x, 7);
        assert_true(loss_sum(LOSS_MSE, y, data->t, 7, 1) == PERCEPTRON_WRONG);
        for (int epoch = 0; epoch < PERCEPTRON_EPOCHS; epoch++) {
            double mistakes = 0;
            for (size_t i = 0; i < 7; i += at_once) {
                size_t done;
                mistakes += train_batches(&net, &optimizer, &buffers, &train, data->x + 2 * i,
                                          data->t + i, NULL, at_once, &done);
                assert_int_equal(done, at_once);
                // Halves and whole numbers: the walk is exact.
                size_t step = (size_t)epoch * 7 + i + at_once - 1;
                assert_memory_equal(net.params, perceptron_walk + 3 * step, 3 * sizeof(float));
            }
            assert_true(mistakes == perceptron_mistakes[epoch]);
        }
        y = network_forward(&net, &ws, data->x, 7);
        assert_true(loss_sum(LOSS_MSE, y, data->t, 7, 1) == 0);
        workspace_deinit(&ws);
        train_buffers_deinit(&buffers);
        optimizer_deinit(&optimizer);
        network_deinit(&net);
    }
    dataset_release(data);
}

/// Tutorial 1: the sample (0.5, 0.5) through a 2-3-1 network towards 1, and the errors on the way
/// back. It prints the mean square; the errors are those of half of it.
static void test_single_sample(void **state) {
    (void)state;
    Example example = example_create((int[]){2, 3, 1, 0}, sigmoids, LOSS_HALF_MSE, 0, 1);
    START_AT(&example, sample_start);
    const float x[] = {0.5f, 0.5f}, t[] = {1};
    const float *y = network_forward(&example.net, &example.buffers.ws, x, 1);
    assert_all_close(example.buffers.ws.outputs[0], sample_hidden, 3, 1e-7);
    assert_close(y[0], sample_output, 1e-7);
    assert_close(loss_sum(LOSS_MSE, y, t, 1, 1), sample_loss, 1e-7);
    gradient(&example, x, t, 1);
    // A bias's gradient is its unit's error.
    assert_all_close(example.grad + example.net.layers[0].bias_at, sample_deltas, 3, 1e-8);
    assert_close(example.grad[example.net.layers[1].bias_at], sample_deltas[3], 1e-8);
    example_free(&example);
}

/// Tutorial 1: XOR's four corners. The error y - t at the output is that of bce, while the tutorial
/// prints the MSE after the step. (From this seed it learns nothing, as the plateau at 1/4 shows.)
static void test_xor_corners(void **state) {
    (void)state;
    const float x[] = {0, 0, 0, 1, 1, 0, 1, 1}, t[] = {0, 1, 1, 0};
    Example example = example_create((int[]){2, 4, 1, 0}, sigmoids, LOSS_BCE, 0.1f, 4);
    START_AT(&example, corners_start);
    for (int epoch = 0; epoch < 5000; epoch++) {
        train_epoch(&example, x, t, 4);
        if (epoch == 99) {
            assert_all_close(example.net.params, corners_after_100, example.net.n_params, 1e-6);
        }
        if (epoch % 1000 != 0) continue;
        const float *y = network_forward(&example.net, &example.buffers.ws, x, 4);
        assert_close(loss_sum(LOSS_MSE, y, t, 4, 1) / 4, corners_mse[epoch / 1000], 1e-6);
    }
    assert_all_close(example.net.params, corners_after_5000, example.net.n_params, 1e-4);
    example_free(&example);
}

/// Tutorial 1: what is left of a gradient after 2 to 10 sigmoids, each at z = 1, and that ReLUs
/// leave it whole.
static void test_vanishing_gradient(void **state) {
    (void)state;
    for (int depth = 2; depth <= 10; depth++) {
        for (int relu = 0; relu < 2; relu++) {
            const Activation activation = relu ? ACTIVATION_RELU : ACTIVATION_SIGMOID;
            LayerDesc layers[10];
            for (int l = 0; l < depth; l++) {
                layers[l] = (LayerDesc){.units = 1, .activation = activation};
            }
            Network net;
            Workspace ws;
            float grad[20], x[] = {1};
            assert_true(network_init(&net, 1, layers, depth, NULL));
            assert_true(workspace_init(&ws, &net, 1));
            // Weights of 1, and biases that bring every sum to 1.
            double a = relu ? 1 : 1 / (1 + exp(-1));
            for (int l = 0; l < depth; l++) {
                net.params[net.layers[l].weight_at] = 1;
                net.params[net.layers[l].bias_at] = l > 0 ? (float)(1 - a) : 0;
            }
            const float *y = network_forward(&net, &ws, x, 1);
            float t[] = {y[0] - 1}; // dL/dy is 1
            network_gradient(&net, &ws, LOSS_HALF_MSE, x, t, 1, grad);
            double left = (double)grad[net.layers[0].bias_at];
            assert_close(left / (relu ? 1 : vanishing[depth - 2]), 1, 2e-6);
            workspace_deinit(&ws);
            network_deinit(&net);
        }
    }
}

/// Tutorial 0, from the very weights that it starts from (NumPy's seed 0): 301 epochs over the
/// paraboloid, sample by sample. The text prints 3.0033681391919607 and 0.16213374967702018 for the
/// first epoch and the last; it divides each sum of 144 losses by 12.
static void test_paraboloid(void **state) {
    (void)state;
    static const Activation tanhs[] = {ACTIVATION_TANH, ACTIVATION_TANH, ACTIVATION_TANH};
    Error error;
    const Dataset *data = dataset_create(&(DatasetDesc){.kind = "paraboloid"}, 1, &error);
    assert_non_null(data);
    assert_int_equal(data->n, 144);
    Example example = example_create((int[]){2, 12, 2, 1, 0}, tanhs, LOSS_MSE, 0.005f, 1);
    START_AT(&example, paraboloid_start);
    double mean = train_epoch(&example, data->x, data->t, 144);
    assert_close(paraboloid_first, 3.0033681391919607, 1e-11);
    assert_close(mean, 3.0033681391919607 / 12, 1e-7);
    for (int epoch = 1; epoch < 301; epoch++) {
        mean = train_epoch(&example, data->x, data->t, 144);
    }
    assert_close(paraboloid_last, 0.16213374967702018, 1e-11);
    assert_close(mean, 0.16213374967702018 / 12, 1e-6);
    assert_all_close(example.net.params, paraboloid_after, example.net.n_params, 1e-4);
    example_free(&example);
    dataset_release(data);
}

/// Tutorial 3: predictions (B, 1) less targets (B) make every pair of samples an error. Its walk
/// over 25 epochs in batches of 128, the last smaller, and the surface that it draws, the mean over
/// batches.
static void test_published_error_surface(void **state) {
    (void)state;
    enum { N = 1000, BATCH = 128, BATCHES = (N + BATCH - 1) / BATCH, GRID = 5 };
    static float x[N], t[N];
    for (int i = 0; i < N; i++) {
        x[i] = (float)surface_x[i] * 0x1p-9f;
        t[i] = (float)surface_t[i] * 0x1p-9f;
    }
    const LayerDesc layers[] = {{.units = 1, .activation = ACTIVATION_TANH, .no_bias = true},
                                {.units = 1, .no_bias = true}};
    const TrainDesc train = {.loss = LOSS_MSE_BROADCAST, .batch = BATCH};
    Network net;
    Optimizer optimizer;
    TrainBuffers buffers;
    assert_true(network_init(&net, 1, layers, 2, NULL));
    OptimizerDesc desc = optimizer_desc_default(OPTIMIZER_SGD);
    assert_true(desc.learning_rate == 0.01f);
    assert_true(optimizer_init(&optimizer, &desc, 2));
    assert_true(train_buffers_init(&buffers, &net, BATCH));
    net.params[0] = net.params[1] = -1;
    for (int at = 0; at < 25 + GRID * GRID; at++) {
        const bool training = at < 25;
        if (training) {
            size_t done;
            train_batches(&net, &optimizer, &buffers, &train, x, t, NULL, N, &done);
            assert_all_close(net.params, &surface_walk[3 * at], 2, 1e-5);
        } else {
            net.params[0] = (float)((at - 25) / GRID - 2);
            net.params[1] = (float)((at - 25) % GRID - 2);
        }
        double mean = 0;
        for (int first = 0; first < N; first += BATCH) {
            int size = N - first < BATCH ? N - first : BATCH;
            const float *y = network_scores(&net, &buffers.ws, LOSS_MSE_BROADCAST, x + first, size);
            mean += loss_sum(LOSS_MSE_BROADCAST, y, t + first, size, 1) / size / BATCHES;
        }
        assert_close(mean, training ? surface_walk[3 * at + 2] : surface[at - 25], 1e-6);
    }
    train_buffers_deinit(&buffers);
    optimizer_deinit(&optimizer);
    network_deinit(&net);
}

/// Tutorial 4: two moons, half the mean square, all samples at once. Each array's gradient norm at
/// the start, the losses and weights of twenty steps, and all points right after 2000.
static void test_moons(void **state) {
    (void)state;
    enum { N = 300 };
    static const Activation activations[] = {ACTIVATION_RELU, ACTIVATION_RELU, ACTIVATION_SIGMOID};
    static float x[2 * N], t[N], start[193];
    for (int i = 0; i < 2 * N; i++) x[i] = (float)moons_x[i] * 0x1p-12f;
    for (int i = 0; i < N; i++) t[i] = (float)moons_t[i];
    for (int i = 0; i < 193; i++) start[i] = (float)moons_start[i] * 0x1p-12f;
    Example example = example_create((int[]){2, 16, 8, 1, 0}, activations, LOSS_HALF_MSE, 0.5f, N);
    START_AT(&example, start);
    gradient(&example, x, t, N);
    NetworkArray array;
    for (int i = 0; network_array(&example.net, i, &array); i++) {
        double squares = 0;
        for (int k = 0; k < array.rows * (array.cols > 0 ? array.cols : 1); k++) {
            squares += pow((double)example.grad[array.at + (size_t)k], 2);
        }
        assert_close(sqrt(squares), moons_gradient_norms[i], 1e-7);
    }
    for (int epoch = 0; epoch < 2000; epoch++) {
        double loss = train_epoch(&example, x, t, N);
        if (epoch <= 20) assert_close(loss, moons_losses[epoch], 1e-6);
        if (epoch == 19) assert_all_close(example.net.params, moons_after_20, 193, 1e-5);
        if (epoch == 1999) assert_close(loss, moons_last_loss, 1e-4);
    }
    const float *y = network_forward(&example.net, &example.buffers.ws, x, N);
    int right = 0;
    for (int i = 0; i < N; i++) right += (y[i] > 0.5f) == (t[i] > 0.5f);
    assert_close((double)right / N, moons_accuracy, 1e-12);
    example_free(&example);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_neuron),
        cmocka_unit_test(test_three_hidden_units),
        cmocka_unit_test(test_chain_of_two_weights),
        cmocka_unit_test(test_exercise_1),
        cmocka_unit_test(test_parameter_counts),
        cmocka_unit_test(test_ema_momentum_on_a_bowl),
        cmocka_unit_test(test_perceptron),
        cmocka_unit_test(test_single_sample),
        cmocka_unit_test(test_xor_corners),
        cmocka_unit_test(test_vanishing_gradient),
        cmocka_unit_test(test_paraboloid),
        cmocka_unit_test(test_published_error_surface),
        cmocka_unit_test(test_moons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
