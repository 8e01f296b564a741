// Why there is no plane can be told from the error, whatever language a front speaks.
#include <math.h>
#include <string.h>

#include "nets.h"
#include "nn/curvature.h"
#include "nn/plane.h"
#include "nn/plane_fault.h"
#include "support.h"

static void errors_name_their_fault(void **state) {
    (void)state;
    for (int fault = PLANE_FAULT_OTHER + 1; fault < PLANE_FAULTS; fault++) {
        Error error;
        assert_false(plane_fault_set(&error, (PlaneFault)fault));
        assert_int_equal(strncmp(error.text, "plane: ", 7), 0);
        assert_int_equal(plane_fault_of(&error), fault);
    }
    static const char *const others[] = {"", "plane: ", "plane: too far", "out of memory"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        Error error;
        error_set(&error, "%s", others[i]);
        assert_int_equal(plane_fault_of(&error), PLANE_FAULT_OTHER);
    }
}

static void assert_fault(const Plane *plane, const Error *error, PlaneFault fault) {
    assert_null(plane);
    assert_int_equal(plane_fault_of(error), fault);
}

static void what_cannot_be_made_names_its_fault(void **state) {
    (void)state;
    const int widths[] = {2, 3, 1, 0};
    Network net = random_network(widths, ACTIVATION_TANH, ACTIVATION_LINEAR, true, 5);
    Error error;
    assert_fault(plane_between(&net, net.params, 1, &error), &error, PLANE_FAULT_SAME);

    float *other = calloc(net.n_values, sizeof *other);
    other[1] = NAN;
    assert_fault(plane_between(&net, other, 1, &error), &error, PLANE_FAULT_OTHER_WEIGHTS);
    free(other);

    const float sample[3] = {0, 0, INFINITY};
    CurvatureDesc desc = {.net = &net, .loss = LOSS_MSE, .x = sample, .t = sample + 2, .n = 0};
    assert_fault(curvature_plane(&desc, 0, &error), &error, PLANE_FAULT_SAMPLES);
    desc.n = 1;
    assert_fault(curvature_plane(&desc, 0, &error), &error, PLANE_FAULT_LOSS);
    net.params[0] = INFINITY;
    assert_fault(curvature_plane(&desc, 0, &error), &error, PLANE_FAULT_WEIGHTS);
    assert_fault(plane_random(&net, 1, &error), &error, PLANE_FAULT_WEIGHTS);
    memset(net.params, 0, net.n_values * sizeof *net.params);
    assert_fault(plane_random(&net, 1, &error), &error, PLANE_FAULT_ZERO);
    network_deinit(&net);

    const LayerDesc single = {.units = 1, .no_bias = true};
    Network one = random_layers(1, &single, 1, 5);
    const float elsewhere[4] = {7};
    assert_fault(plane_between(&one, elsewhere, 1, &error), &error, PLANE_FAULT_ONE_WEIGHT);
    assert_fault(plane_random(&one, 1, &error), &error, PLANE_FAULT_ONE_ROW);
    desc.net = &one;
    assert_fault(curvature_plane(&desc, 0, &error), &error, PLANE_FAULT_ONE_WEIGHT);
    network_deinit(&one);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_name_their_fault),
        cmocka_unit_test(what_cannot_be_made_names_its_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
