// The gradient check itself: that every combination of what a network can be made of passes it, and
// that it fails what is wrong.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"
#include "nn/gradcheck.h"
#include "nn/pass.h"

#include "nets.h"

/// A batch of random samples; for cross-entropy each target is a class.
typedef struct Batch {
    int n;
    float *x, *t;
} Batch;

static Batch batch_create(const Network *net, Loss loss, int n, uint64_t seed) {
    Batch batch = {.n = n};
    double *unused;
    random_values((size_t)n * (size_t)net->n_inputs, -1.5, 1.5, seed, &batch.x, &unused);
    free(unused);
    random_values((size_t)n * (size_t)net->n_outputs, 0, 1, seed + 1, &batch.t, &unused);
    free(unused);
    for (int s = 0; loss == LOSS_CROSS_ENTROPY && s < n; s++) {
        for (int k = 0; k < net->n_outputs; k++) {
            batch.t[s * net->n_outputs + k] = k == s % net->n_outputs ? 1.0f : 0.0f;
        }
    }
    return batch;
}

static void batch_free(Batch *batch) {
    free(batch->x), free(batch->t);
}

static GradcheckDesc desc_of(const Network *net, Loss loss, const Batch *batch) {
    return (GradcheckDesc){
        .net = net, .loss = loss, .x = batch->x, .t = batch->t, .n = batch->n, .seed = 5};
}

/// What a whole check came to.
typedef struct Total {
    size_t checked, left_out;
    int arrays, vanished; // arrays, and those of them without any gradient
    double worst;         // error
} Total;

static Total check_all(const GradcheckDesc *desc, const char *what) {
    Total total = {0};
    Gradcheck *check = gradcheck_create(desc);
    GradcheckRow row;
    assert_non_null(check);
    if (!(fabs(check->loss - check->reference_loss) <= 1e-5 * fmax(1, check->reference_loss))) {
        fail_msg("%s: the loss is %g, not %g", what, check->loss, check->reference_loss);
    }
    for (; gradcheck_row(check, total.arrays, &row); total.arrays++) {
        total.checked += row.checked;
        total.left_out += row.left_out;
        total.vanished += row.numerical < 1e-9;
        total.worst = fmax(total.worst, row.error);
        if (!row.good) {
            fail_msg("%s: %s is %g off (%g, %g)", what, row.array.name, row.error, row.analytic,
                     row.numerical);
        }
    }
    gradcheck_destroy(check);
    return total;
}

/// Networks that go through each of the training loops: pairs, narrow ones whose layers' vectors
/// run either way, and whole batches.
typedef struct Shape {
    int widths[6];
    int most; // parameters checked of an array
} Shape;
static const Shape shapes[] = {
    {{2, 2, 2, 1, 0}, 0}, {{1, 1, 2, 0}, 0},      {{2, 12, 5, 5, 1, 0}, 9},
    {{9, 4, 4, 5, 0}, 9}, {{3, 20, 20, 2, 0}, 9},
};
enum { SHAPES = sizeof shapes / sizeof *shapes };

/// Layers of that shape; where `residual`, all that can be are, but for a last one.
static int layers_of(const int *widths, LayerDesc every, Activation last, LayerDesc *layers) {
    int n = 0;
    for (; widths[n + 1] > 0; n++) {
        const bool ends = widths[n + 2] == 0;
        layers[n] = every;
        layers[n].units = widths[n + 1];
        if (widths[n] != widths[n + 1] || ends) layers[n].residual = false;
        if (ends) {
            layers[n].activation = last;
            layers[n].dropout = 0;
            layers[n].norm = NORM_NONE;
        }
        // A norm takes scale away: of a single weight, or of two units, it leaves next to no
        // gradient, too little for 32 bits.
        if (layers[n].norm == NORM_LAYER && widths[n + 1] <= 2) layers[n].norm = NORM_NONE;
        if (layers[n].norm == NORM_BATCH && widths[n] == 1) layers[n].norm = NORM_NONE;
    }
    return n;
}

static void check_combination(const Shape *shape, LayerDesc every, Activation last, Loss loss,
                              int samples, Total *total) {
    LayerDesc layers[NETWORK_LAYERS_MAX] = {0};
    char what[160];
    int n = layers_of(shape->widths, every, last, layers);
    Network net = random_layers(shape->widths[0], layers, n, 3);
    Batch batch = batch_create(&net, loss, samples, 1);
    GradcheckDesc desc = desc_of(&net, loss, &batch);
    desc.most = shape->most;
    snprintf(what, sizeof what, "%d-%d-%d…, %s, %s, %s, norm %s, dropout %g%s%s, batch %d",
             shape->widths[0], shape->widths[1], shape->widths[2],
             activation_name(every.activation), activation_name(last), loss_name(loss),
             norm_name(every.norm), (double)every.dropout, every.residual ? ", residual" : "",
             every.no_bias ? ", no bias" : "", samples);
    Total one = check_all(&desc, what);
    total->checked += one.checked;
    total->left_out += one.left_out;
    total->arrays += one.arrays;
    total->vanished += one.vanished;
    total->worst = fmax(total->worst, one.worst);
    batch_free(&batch);
    network_deinit(&net);
}

/// Every activation, hidden and last, loss, norm, residual and dropout that go together, alone and
/// in batches, with and without biases: of all combinations the fifth part in which any three of
/// hidden activation, last one with its loss, form of layers and shape still meet.
static void test_every_combination(void **state) {
    (void)state;
    thread_flush_denormals();
    enum { FORMS = NORM_COUNT * 4, PART = 5 };
    Total total = {0};
    Rng rng = rng_create(1, RNG_TEST);
    int end = 0;
    for (int last = 0; last < ACTIVATION_COUNT; last++) {
        for (int loss = 0; loss < LOSS_COUNT; loss++) {
            if (!loss_suits((Loss)loss, (Activation)last)) continue;
            end++;
            for (int k = 0; k < ACTIVATION_SOFTMAX * FORMS * SHAPES; k++) {
                const int hidden = k / (FORMS * SHAPES), form = k / SHAPES % FORMS, s = k % SHAPES;
                if ((end + hidden + form + s) % PART != 0) continue;
                LayerDesc every = {.activation = (Activation)hidden,
                                   .norm = (Norm)(form / 4),
                                   .dropout = form % 2 ? 0.3f : 0.0f,
                                   .residual = form / 2 % 2 != 0,
                                   .no_bias = rng_below(&rng, 3) == 0};
                int samples = every.norm != NORM_NONE || rng_below(&rng, 2) ? 7 : 1;
                check_combination(&shapes[s], every, (Activation)last, (Loss)loss, samples, &total);
            }
        }
    }
    // A third have none: what comes before units that step.
    print_message("%zu parameters of %d arrays checked, %d without gradient; the worst is %g off\n",
                  total.checked, total.arrays, total.vanished, total.worst);
    assert_true(total.checked > 40000);
    assert_true(total.left_out < total.checked / 100);
    assert_true(total.vanished < total.arrays * 2 / 5);
}

/// Products of large matrices, and batches of any size through every loop.
static void test_wide_networks_and_any_batch(void **state) {
    (void)state;
    Total total = {0};
    const LayerDesc every = {.activation = ACTIVATION_RELU};
    const Shape digits = {{784, 64, 64, 10, 0}, 5}, wide = {{3, 600, 2, 0}, 5};
    check_combination(&digits, every, ACTIVATION_SOFTMAX, LOSS_CROSS_ENTROPY, 8, &total);
    check_combination(&digits, every, ACTIVATION_SIGMOID, LOSS_BCE, 3, &total);
    check_combination(&wide, every, ACTIVATION_TANH, LOSS_MSE, 40, &total);
    for (int n = 2; n <= 40; n += 3) {
        for (int s = 0; s < SHAPES; s++) {
            check_combination(&shapes[s], (LayerDesc){.activation = ACTIVATION_TANH},
                              ACTIVATION_SIGMOID, LOSS_BCE, n, &total);
        }
    }
    assert_int_equal(total.vanished, 0);
}

/// The twelve-layer net, whose first layer's gradient is a part in 10^5 to 10^8 of the last's.
static void test_vanishing_gradients(void **state) {
    (void)state;
    static const int deep[] = {2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 0};
    double least = 1;
    for (uint64_t seed = 1; seed <= 30; seed++) {
        Network net = random_network(deep, ACTIVATION_TANH, ACTIVATION_LINEAR, true, seed);
        Batch batch = batch_create(&net, LOSS_MSE, seed % 2 ? 1 : 20, seed);
        GradcheckDesc desc = desc_of(&net, LOSS_MSE, &batch);
        Total total = check_all(&desc, "the deep net");
        assert_int_equal(total.left_out, 0);
        assert_int_equal(total.checked, net.n_params);
        Gradcheck *check = gradcheck_create(&desc);
        GradcheckRow first, last;
        assert_non_null(check);
        assert_true(gradcheck_row(check, 0, &first) && gradcheck_row(check, 22, &last));
        assert_true(first.error > 0); // it was told from no gradient at all
        least = fmin(least, first.numerical / last.numerical);
        gradcheck_destroy(check);
        batch_free(&batch);
        network_deinit(&net);
    }
    assert_true(least < 1e-6);
}

/// Every array that is off by a part in a thousand is found, and no other.
static void test_wrong_gradients_fail(void **state) {
    (void)state;
    const LayerDesc layers[] = {
        {.units = 5, .activation = ACTIVATION_TANH, .norm = NORM_LAYER, .dropout = 0.25f},
        {.units = 5, .activation = ACTIVATION_RELU, .residual = true},
        {.units = 5, .activation = ACTIVATION_LEAKY_RELU, .norm = NORM_BATCH},
        {.units = 3, .activation = ACTIVATION_SOFTMAX}};
    Network net = random_layers(4, layers, 4, 8);
    Batch batch = batch_create(&net, LOSS_CROSS_ENTROPY, 20, 3);
    GradcheckDesc desc = desc_of(&net, LOSS_CROSS_ENTROPY, &batch);
    Total total = check_all(&desc, "as it is");
    assert_int_equal(total.arrays, 12);
    for (int wrong = 0; wrong < total.arrays; wrong++) {
        Gradcheck *check = gradcheck_create(&desc);
        GradcheckRow row;
        assert_non_null(check);
        assert_true(gradcheck_row(check, wrong, &row));
        for (size_t i = 0; i < row.size; i++) {
            check->grad[row.array.at + i] += (float)(1e-3 * check->norm);
        }
        for (int i = 0; i < total.arrays; i++) {
            assert_true(gradcheck_row(check, i, &row));
            assert_int_equal(row.good, i != wrong);
        }
        gradcheck_destroy(check);
    }
    batch_free(&batch);
    network_deinit(&net);
}

/// Also where there should be no gradient, and where it should not be a number.
static void test_no_gradient(void **state) {
    (void)state;
    const LayerDesc layers[] = {{.units = 4, .activation = ACTIVATION_TANH, .norm = NORM_BATCH},
                                {.units = 1, .activation = ACTIVATION_LINEAR}};
    Network net = random_layers(3, layers, 2, 8);
    Batch batch = batch_create(&net, LOSS_MSE, 12, 3);
    GradcheckDesc desc = desc_of(&net, LOSS_MSE, &batch);
    Gradcheck *check = gradcheck_create(&desc);
    GradcheckRow row;
    assert_non_null(check);
    assert_true(gradcheck_row(check, 1, &row)); // the bias before the norm
    assert_string_equal(row.array.name, "layers.0.bias");
    assert_true(row.error == 0 && row.good && row.checked == 4);
    check->grad[row.array.at] = 1e-4f * (float)check->norm;
    assert_true(gradcheck_row(check, 1, &row));
    assert_true(row.error > 0.9 && !row.good);
    check->grad[row.array.at] = NAN;
    assert_true(gradcheck_row(check, 1, &row));
    assert_true(isnan(row.error) && !row.good);
    assert_true(gradcheck_row(check, 5, &row));
    assert_false(gradcheck_row(check, 6, &row)); // running statistics are not trained
    gradcheck_destroy(check);

    net.params[0] = NAN;
    check = gradcheck_create(&desc);
    assert_non_null(check);
    for (int i = 0; gradcheck_row(check, i, &row); i++) assert_false(row.good);
    gradcheck_destroy(check);
    batch_free(&batch);
    network_deinit(&net);
}

/// Outputs that all but equal their targets: 32 bits hold no more than the first digits of their
/// difference. What is wrong beyond that is still found.
static void test_lost_digits(void **state) {
    (void)state;
    Network net = random_network((int[]){1, 3, 1, 0}, ACTIVATION_TANH, ACTIVATION_LINEAR, true, 3);
    float x[] = {0.5f, -1, 2}, t[3];
    Workspace ws;
    assert_true(workspace_init(&ws, &net, 3));
    memcpy(t, network_forward(&net, &ws, x, 3), sizeof t);
    for (int s = 0; s < 3; s++) t[s] *= 1 + 4e-5f;
    workspace_deinit(&ws);
    const Batch batch = {.n = 3, .x = x, .t = t};
    GradcheckDesc desc = desc_of(&net, LOSS_MSE, &batch);
    Gradcheck *check = gradcheck_create(&desc);
    GradcheckRow row;
    assert_non_null(check);
    for (int spoilt = 0; spoilt < 2; spoilt++) {
        double apart = 0;
        int i = 0;
        for (; gradcheck_row(check, i, &row); i++) {
            assert_int_equal(row.good, !spoilt);
            apart = fmax(apart, fabs(row.analytic - row.numerical) / row.numerical);
        }
        assert_int_equal(i, 4);
        assert_true(apart > GRADCHECK_LIMIT);
        for (size_t k = 0; k < net.n_params; k++) check->grad[k] *= 1.1f;
    }
    gradcheck_destroy(check);
    network_deinit(&net);
}

/// y = relu(w x + b) with w x + b exactly at the kink, or beside it.
static void test_kinks_are_left_out(void **state) {
    (void)state;
    const struct {
        Activation activation;
        float bias;
        size_t left_out;
    } cases[] = {{ACTIVATION_RELU, -1, 1},          {ACTIVATION_LEAKY_RELU, -1, 1},
                 {ACTIVATION_STEP, -1, 1},          {ACTIVATION_TANH, -1, 0},
                 {ACTIVATION_RELU, -0.9999997f, 1}, {ACTIVATION_RELU, -1.0000002f, 1},
                 {ACTIVATION_RELU, -0.99999f, 0},   {ACTIVATION_RELU, -1.00001f, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Network net =
            random_network((int[]){1, 1, 1, 0}, cases[i].activation, ACTIVATION_LINEAR, true, 1);
        const float params[] = {2, cases[i].bias, 3, 0.5f};
        memcpy(net.params, params, sizeof params);
        float x[] = {0.5f, -3}, t[] = {1, 1};
        const Batch batch = {.n = 2, .x = x, .t = t};
        GradcheckDesc desc = desc_of(&net, LOSS_MSE, &batch);
        Gradcheck *check = gradcheck_create(&desc);
        GradcheckRow row;
        assert_non_null(check);
        for (int a = 0; gradcheck_row(check, a, &row); a++) {
            // What follows the unit is checked all the same.
            assert_int_equal(row.left_out, a < 2 ? cases[i].left_out : 0);
            assert_int_equal(row.checked, row.size - row.left_out);
            assert_true(row.good);
        }
        gradcheck_destroy(check);
        network_deinit(&net);
    }
}

/// Where rounding to 32 bits moves a sum across a kink, what lies before it cannot be compared.
static void test_disputed_sides(void **state) {
    (void)state;
    Network net = random_network((int[]){1, 1, 1, 0}, ACTIVATION_RELU, ACTIVATION_LINEAR, true, 1);
    // w x = 65568 + 2^-8, which is 65568 in 32 bits.
    const float params[] = {65552, -65568, 0.5f, 0};
    memcpy(net.params, params, sizeof params);
    float x[] = {1 + 0x1p-12f, 1.5f}, t[] = {1, 1};
    const Batch batch = {.n = 2, .x = x, .t = t};
    GradcheckDesc desc = desc_of(&net, LOSS_MSE, &batch);
    Gradcheck *check = gradcheck_create(&desc);
    GradcheckRow row;
    assert_non_null(check);
    assert_true(gradcheck_row(check, 0, &row));
    assert_true(row.left_out == 1 && row.checked == 0 && row.good);
    assert_true(gradcheck_row(check, 2, &row));
    assert_true(row.left_out == 0 && row.checked == 1 && row.good);
    gradcheck_destroy(check);
    network_deinit(&net);
}

static void test_penalties(void **state) {
    (void)state;
    for (int shape = 0; shape < SHAPES; shape++) {
        Network net =
            random_network(shapes[shape].widths, ACTIVATION_TANH, ACTIVATION_SIGMOID, true, 9);
        Batch batch = batch_create(&net, LOSS_BCE, 5, 3);
        GradcheckDesc desc = desc_of(&net, LOSS_BCE, &batch);
        desc.most = shapes[shape].most;
        desc.l1 = 0.25f;
        desc.l2 = 0.5f;
        check_all(&desc, "penalties");
        // |w| has a kink of its own.
        net.params[0] = 0;
        net.params[net.layers[0].bias_at] = 0;
        desc.most = 0;
        Total total = check_all(&desc, "a weight of 0");
        assert_int_equal(total.left_out, 1);
        desc.l1 = 0;
        total = check_all(&desc, "l2 alone");
        assert_int_equal(total.left_out, 0);
        batch_free(&batch);
        network_deinit(&net);
    }
}

/// A seeded sample of each array, without repetition.
static void test_samples_of_large_arrays(void **state) {
    (void)state;
    Network net =
        random_network((int[]){30, 20, 2, 0}, ACTIVATION_TANH, ACTIVATION_LINEAR, true, 9);
    Batch batch = batch_create(&net, LOSS_MSE, 4, 3);
    GradcheckDesc desc = desc_of(&net, LOSS_MSE, &batch);
    GradcheckRow row, again, all;
    desc.most = 25;
    assert_int_equal(gradcheck_losses(&net, 25), 2 * (25 + 20 + 25 + 2));
    Gradcheck *check = gradcheck_create(&desc);
    assert_non_null(check);
    assert_true(gradcheck_row(check, 0, &row) && gradcheck_row(check, 0, &again));
    assert_int_equal(row.size, 600);
    assert_int_equal(row.checked, 25);
    assert_true(row.analytic == again.analytic && row.numerical == again.numerical);
    assert_true(gradcheck_row(check, 1, &row));
    assert_int_equal(row.checked, 20);
    gradcheck_destroy(check);

    desc.seed++;
    check = gradcheck_create(&desc);
    assert_non_null(check);
    assert_true(gradcheck_row(check, 0, &row));
    assert_true(row.analytic != again.analytic); // others
    gradcheck_destroy(check);

    desc.most = 0;
    check = gradcheck_create(&desc);
    assert_non_null(check);
    assert_true(gradcheck_row(check, 0, &all));
    assert_int_equal(all.checked, 600);
    assert_true(all.analytic > row.analytic);
    gradcheck_destroy(check);
    batch_free(&batch);
    network_deinit(&net);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_combination),
        cmocka_unit_test(test_wide_networks_and_any_batch),
        cmocka_unit_test(test_vanishing_gradients),
        cmocka_unit_test(test_wrong_gradients_fail),
        cmocka_unit_test(test_no_gradient),
        cmocka_unit_test(test_lost_digits),
        cmocka_unit_test(test_kinks_are_left_out),
        cmocka_unit_test(test_disputed_sides),
        cmocka_unit_test(test_penalties),
        cmocka_unit_test(test_samples_of_large_arrays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
