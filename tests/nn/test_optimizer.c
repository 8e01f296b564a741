// Optimizers one step at a time: settings, state, and the definitions that are not PyTorch's.
// Trajectories: test_pytorch_steps.c.
#include "nn/optimizer.h"

#include <stdlib.h>
#include <string.h>

#include "fixtures/definitions.h"
#include "support.h"

enum { N_DEFAULTS = sizeof recorded_defaults / sizeof *recorded_defaults };

static void test_defaults_are_pytorchs(void **state) {
    (void)state;
    for (int i = 0; i < N_DEFAULTS; i++) {
        const OptimizerDesc *is = &recorded_defaults[i];
        OptimizerDesc ours = optimizer_desc_default(is->kind);
        assert_true(ours.learning_rate == is->learning_rate && ours.momentum == is->momentum);
        assert_true(ours.eps == is->eps && ours.weight_decay == is->weight_decay);
        if (is->kind == OPTIMIZER_RMSPROP) {
            assert_true(ours.alpha == is->alpha);
        } else {
            assert_true(ours.beta1 == is->beta1 && ours.beta2 == is->beta2);
        }
    }
}

/// The second tutorial's momentum, v <- beta v + (1 - beta) g, in 64 bits beside ours.
static void test_ema_momentum(void **state) {
    (void)state;
    OptimizerDesc desc = optimizer_desc_default(OPTIMIZER_EMA_MOMENTUM);
    assert_true(desc.beta == 0.9f);
    desc.learning_rate = 0.125f;
    Optimizer optimizer;
    assert_true(optimizer_init(&optimizer, &desc, 1));
    float w = 1;
    double v = 0, expected = 1;
    for (int step = 0; step < 100; step++) {
        double g = sin(step);
        v = 0.9 * v + 0.1 * g;
        expected -= 0.125 * v;
        optimizer_step(&optimizer, &w, (float[]){(float)g});
        assert_close(w, expected, 1e-6);
        assert_close(optimizer.velocity[0], v, 1e-6);
    }
    optimizer_deinit(&optimizer);
}

/// Without bias correction a first step is a tenth; with it, as adam has it, it is whole.
static void test_first_steps(void **state) {
    (void)state;
    for (int kind = 0; kind < OPTIMIZER_COUNT; kind++) {
        OptimizerDesc desc = optimizer_desc_default((OptimizerKind)kind);
        desc.learning_rate = 0.5f;
        desc.weight_decay = 0;
        Optimizer optimizer;
        assert_true(optimizer_init(&optimizer, &desc, 2));
        float params[2] = {0, 0};
        optimizer_step(&optimizer, params, (float[]){-0.25f, 4});
        const double expected[OPTIMIZER_COUNT][2] = {
            [OPTIMIZER_SGD] = {0.125, -2},   [OPTIMIZER_EMA_MOMENTUM] = {0.0125, -0.2},
            [OPTIMIZER_RMSPROP] = {5, -5},   [OPTIMIZER_ADAM] = {0.5, -0.5},
            [OPTIMIZER_ADAMW] = {0.5, -0.5}, [OPTIMIZER_PERCEPTRON] = {0.125, -2},
        };
        assert_close(params[0], expected[kind][0], 1e-6);
        assert_close(params[1], expected[kind][1], 1e-6);
        assert_int_equal(optimizer.steps, 1);
        optimizer_deinit(&optimizer);
    }
}

/// adamw shrinks the weights beside the step; the others add to the gradient, which adam's root
/// then divides away.
static void test_weight_decay(void **state) {
    (void)state;
    const double expected[OPTIMIZER_COUNT] = {
        [OPTIMIZER_SGD] = 2 - 0.5 * (1 + 0.25 * 2),
        [OPTIMIZER_EMA_MOMENTUM] = 2 - 0.5 * 0.1 * (1 + 0.25 * 2),
        [OPTIMIZER_RMSPROP] = 2 - 0.5 * 10,
        [OPTIMIZER_ADAM] = 2 - 0.5,
        [OPTIMIZER_ADAMW] = 2 * (1 - 0.5 * 0.25) - 0.5,
        [OPTIMIZER_PERCEPTRON] = 2 - 0.5 * (1 + 0.25 * 2),
    };
    for (int kind = 0; kind < OPTIMIZER_COUNT; kind++) {
        OptimizerDesc desc = optimizer_desc_default((OptimizerKind)kind);
        desc.learning_rate = 0.5f;
        desc.weight_decay = 0.25f;
        Optimizer optimizer;
        assert_true(optimizer_init(&optimizer, &desc, 1));
        float w = 2;
        optimizer_step(&optimizer, &w, (float[]){1});
        assert_close(w, expected[kind], 1e-6);
        optimizer_deinit(&optimizer);
    }
}

/// After a reset an optimizer is as it was made, but for its settings.
static void test_reset(void **state) {
    (void)state;
    for (int kind = 0; kind < OPTIMIZER_COUNT; kind++) {
        OptimizerDesc desc = optimizer_desc_default((OptimizerKind)kind);
        desc.momentum = 0.5f;
        Optimizer optimizer;
        float first[3] = {1, 2, 3}, second[3] = {1, 2, 3};
        assert_true(optimizer_init(&optimizer, &desc, 3));
        for (int i = 0; i < 5; i++) optimizer_step(&optimizer, first, (float[]){1, -2, 0.5f});
        optimizer.learning_rate = 7;
        optimizer_reset(&optimizer);
        assert_int_equal(optimizer.steps, 0);
        assert_true(optimizer.learning_rate == desc.learning_rate);
        for (size_t i = 0; i < optimizer.n_state; i++) assert_true(optimizer.state[i] == 0);
        for (int i = 0; i < 5; i++) optimizer_step(&optimizer, second, (float[]){1, -2, 0.5f});
        assert_memory_equal(first, second, sizeof first);
        optimizer_deinit(&optimizer);
    }
}

/// A parameter without a gradient stays where it is, however small eps.
static void test_no_gradient_no_step(void **state) {
    (void)state;
    for (int kind = 0; kind < OPTIMIZER_COUNT; kind++) {
        OptimizerDesc desc = optimizer_desc_default((OptimizerKind)kind);
        desc.weight_decay = 0;
        desc.eps = 1e-30f;
        Optimizer optimizer;
        float w = 0.75f;
        assert_true(optimizer_init(&optimizer, &desc, 1));
        for (int i = 0; i < 10; i++) optimizer_step(&optimizer, &w, (float[]){0});
        assert_true(w == 0.75f);
        optimizer_deinit(&optimizer);
    }
}

/// The same whatever the order and division of the parameters.
static void test_apply_in_parts(void **state) {
    (void)state;
    enum { N = 37 };
    for (int kind = 0; kind < OPTIMIZER_COUNT; kind++) {
        OptimizerDesc desc = optimizer_desc_default((OptimizerKind)kind);
        desc.momentum = 0.9f;
        desc.nesterov = true;
        desc.weight_decay = 0.1f;
        Optimizer optimizer;
        assert_true(optimizer_init(&optimizer, &desc, N));
        float whole[N], parts[N], velocity[N] = {0}, square[N] = {0};
        for (int i = 0; i < N; i++) whole[i] = parts[N - 1 - i] = cosf((float)i);
        for (int step = 1; step <= 10; step++) {
            float grad[N], turned[N];
            for (int i = 0; i < N; i++) {
                grad[i] = turned[N - 1 - i] = sinf((float)(i * step)) + 0.1f;
            }
            optimizer_step(&optimizer, whole, grad);
            for (size_t at = 0, n; at < N; at += n) {
                n = 2 * at + 1 < N ? at + 1 : N - at;
                optimizer_apply(&optimizer, step, parts + at, turned + at, velocity + at,
                                optimizer.square ? square + at : NULL, n);
            }
        }
        for (int i = 0; i < N; i++) assert_true(whole[i] == parts[N - 1 - i]);
        optimizer_deinit(&optimizer);
    }
}

static void test_penalties(void **state) {
    (void)state;
    const float w[] = {2, -3, 0, -0.0f, 1e-30f, -1e30f};
    const double expected[] = {1 + 0.5 + 0.5, 1 - 0.5 - 0.75, 1, 1, 1 + 0.5, -2.5e29};
    float grad[] = {1, 1, 1, 1, 1, 1};
    penalties_add(w, 6, 0.5f, 0.25f, grad);
    for (int i = 0; i < 6; i++) assert_close(grad[i], expected[i], 1e-6);
}

static void test_plain(void **state) {
    (void)state;
    for (int kind = 0; kind < OPTIMIZER_COUNT; kind++) {
        OptimizerDesc desc = optimizer_desc_default((OptimizerKind)kind);
        desc.momentum = 0.5f;
        assert_true(optimizer_is_plain(&desc) == (kind == OPTIMIZER_SGD));
        OptimizerDesc ahead = desc, decaying = desc;
        ahead.nesterov = true;
        decaying.weight_decay = 0.1f;
        assert_false(optimizer_is_plain(&ahead) || optimizer_is_plain(&decaying));
    }
}

static void test_names(void **state) {
    (void)state;
    for (int i = 0; i < OPTIMIZER_COUNT; i++) {
        assert_int_equal(optimizer_find(optimizer_name((OptimizerKind)i)), i);
        assert_true(strlen(optimizer_description((OptimizerKind)i)) > 0);
        assert_true(optimizer_default_learning_rate((OptimizerKind)i) > 0);
    }
    assert_int_equal(optimizer_find("SGD"), OPTIMIZER_COUNT);
}

/// Full batches on w^2 lambda/2 grow above that rate, and shrink below it.
static void test_the_largest_stable_rate(void **state) {
    (void)state;
    const float lambda = 3;
    const OptimizerDesc descs[] = {
        {.kind = OPTIMIZER_SGD},
        {.kind = OPTIMIZER_SGD, .momentum = 0.9f},
        {.kind = OPTIMIZER_SGD, .momentum = 0.9f, .nesterov = true},
        {.kind = OPTIMIZER_SGD, .momentum = 0.3f, .weight_decay = 2},
        {.kind = OPTIMIZER_EMA_MOMENTUM, .beta = 0.8f},
    };
    for (size_t i = 0; i < sizeof descs / sizeof *descs; i++) {
        for (int above = 0; above < 2; above++) {
            OptimizerDesc desc = descs[i];
            desc.learning_rate =
                (float)(optimizer_stable_rate(&desc, (double)lambda) * (above ? 1.03 : 0.97));
            Optimizer optimizer;
            assert_true(optimizer_init(&optimizer, &desc, 1));
            float w = 1;
            for (int step = 0; step < 2000 && fabsf(w) < 1e6f; step++) {
                float grad = lambda * w;
                optimizer_step(&optimizer, &w, &grad);
            }
            if (above)
                assert_true(fabsf(w) >= 1e6f);
            else
                assert_true(fabsf(w) < 0.1f);
            optimizer_deinit(&optimizer);
        }
    }
    const OptimizerDesc adam = optimizer_desc_default(OPTIMIZER_ADAM);
    assert_true(isnan(optimizer_stable_rate(&adam, 3)));
    assert_true(isnan(optimizer_stable_rate(&descs[0], -1)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults_are_pytorchs),
        cmocka_unit_test(test_ema_momentum),
        cmocka_unit_test(test_first_steps),
        cmocka_unit_test(test_weight_decay),
        cmocka_unit_test(test_reset),
        cmocka_unit_test(test_no_gradient_no_step),
        cmocka_unit_test(test_apply_in_parts),
        cmocka_unit_test(test_penalties),
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_the_largest_stable_rate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
