// Losses and their gradients against PyTorch's in 64 bits, extreme logits among them:
// tests/fixtures/record_definitions.py.
#include "fixtures/definitions.h"
#include "support.h"

enum { N_LOSSES = sizeof recorded_losses / sizeof *recorded_losses };

static void test_values(void **state) {
    (void)state;
    bool recorded[LOSS_COUNT] = {0};
    double worst = 0;
    for (int i = 0; i < N_LOSSES; i++) {
        const RecordedLoss *is = &recorded_losses[i];
        recorded[is->loss] = true;
        double value =
            loss_sum(is->loss, is->scores, is->targets, is->batch, is->outputs) / is->batch;
        worst = fmax(worst, fabs(value / is->value - 1));
        assert_close(value / is->value, 1, 2e-7);
    }
    for (int loss = 0; loss < LOSS_COUNT; loss++) assert_true(recorded[loss]);
    print_message("worst relative difference of a loss: %.1e\n", worst);
}

static void test_gradients(void **state) {
    (void)state;
    double worst = 0;
    for (int i = 0; i < N_LOSSES; i++) {
        const RecordedLoss *is = &recorded_losses[i];
        float d[64];
        loss_gradient(is->loss, is->scores, is->targets, is->batch, is->outputs, d);
        for (int k = 0; k < is->batch * is->outputs; k++) {
            worst = fmax(worst, fabs((double)d[k] - is->gradient[k]));
            assert_close(d[k], is->gradient[k], 1e-7);
        }
    }
    print_message("worst difference of a gradient: %.1e\n", worst);
}

/// Where a unit is all but sure and right, what is left of its loss still has all its digits.
static void test_small_losses_keep_their_digits(void **state) {
    (void)state;
    for (int z = 1; z <= 80; z++) {
        const float right[] = {(float)z}, wrong[] = {(float)-z}, one[] = {1}, zero[] = {0};
        const float rows[] = {(float)z, 0}, first[] = {1, 0};
        double expected = log1p(exp(-z));
        assert_close(loss_sum(LOSS_BCE, right, one, 1, 1) / expected, 1, 1e-6);
        assert_close(loss_sum(LOSS_BCE, wrong, zero, 1, 1) / expected, 1, 1e-6);
        assert_close(loss_sum(LOSS_CROSS_ENTROPY, rows, first, 1, 2) / expected, 1, 1e-6);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_gradients),
        cmocka_unit_test(test_small_losses_keep_their_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
