#include "nn/network.h"

#include <string.h>

#include "nets.h"

static void test_layout(void **state) {
    (void)state;
    const LayerDesc layers[] = {{.units = 3, .activation = ACTIVATION_TANH},
                                {.units = 2, .activation = ACTIVATION_RELU, .no_bias = true},
                                {.units = 1, .activation = ACTIVATION_LINEAR}};
    Network net;
    assert_true(network_init(&net, 2, layers, 3, NULL));
    assert_int_equal(net.n_params, 6 + 3 + 6 + 2 + 1);
    assert_int_equal(net.n_outputs, 1);
    assert_int_equal(net.layers[0].bias_at, 6);
    assert_int_equal(net.layers[1].weight_at, 9);
    assert_false(net.layers[1].has_bias);
    assert_int_equal(net.layers[2].weight_at, 15);
    assert_int_equal(network_widest(&net), 3);
    assert_int_equal((uintptr_t)net.params % 64, 0);
    for (size_t i = 0; i < net.n_params; i++) assert_true(net.params[i] == 0);
    network_deinit(&net);
    network_deinit(&net); // an empty one is fine
}

static void test_sizes_out_of_range(void **state) {
    (void)state;
    LayerDesc layers[NETWORK_LAYERS_MAX + 1];
    for (int l = 0; l <= NETWORK_LAYERS_MAX; l++) layers[l] = (LayerDesc){.units = 1};
    Network net;
    Error error;
    assert_true(network_init(&net, 1, layers, NETWORK_LAYERS_MAX, &error));
    network_deinit(&net);
    assert_false(network_init(&net, 1, layers, NETWORK_LAYERS_MAX + 1, &error));
    assert_non_null(strstr(error.text, "64"));
    assert_null(net.params);
    assert_false(network_init(&net, 1, layers, 0, &error));
    assert_false(network_init(&net, 0, layers, 1, &error));
    assert_false(network_init(&net, NETWORK_UNITS_MAX + 1, layers, 1, &error));
    layers[1].units = NETWORK_UNITS_MAX + 1;
    assert_false(network_init(&net, 1, layers, 2, &error));
    assert_non_null(strstr(error.text, "layer 1"));
    assert_non_null(strstr(error.text, "4097"));
    layers[1].units = -1;
    assert_false(network_init(&net, 1, layers, 2, NULL));
    for (int l = 0; l < 5; l++) layers[l].units = NETWORK_UNITS_MAX; // 5 x 2^24 weights
    assert_false(network_init(&net, NETWORK_UNITS_MAX, layers, 5, &error));
    assert_non_null(strstr(error.text, "parameters"));
}

static void test_copy(void **state) {
    (void)state;
    Network net = random_network((int[]){2, 3, 1, 0}, ACTIVATION_TANH, ACTIVATION_TANH, true, 1);
    Network other = random_network((int[]){2, 3, 2, 0}, ACTIVATION_TANH, ACTIVATION_TANH, true, 1);
    Network relu = random_network((int[]){2, 3, 1, 0}, ACTIVATION_RELU, ACTIVATION_TANH, true, 1);
    Network bare = random_network((int[]){2, 3, 1, 0}, ACTIVATION_TANH, ACTIVATION_TANH, false, 1);
    Network copy;
    assert_true(network_copy(&copy, &net));
    assert_ptr_not_equal(copy.params, net.params);
    assert_memory_equal(copy.params, net.params, net.n_params * sizeof(float));
    assert_true(network_same_shape(&copy, &net));
    assert_false(network_same_shape(&other, &net));
    assert_false(network_same_shape(&relu, &net));
    assert_false(network_same_shape(&bare, &net));
    network_deinit(&net);
    network_deinit(&copy);
    network_deinit(&other);
    network_deinit(&relu);
    network_deinit(&bare);
}

static void test_locate(void **state) {
    (void)state;
    const LayerDesc layers[] = {{.units = 3, .activation = ACTIVATION_TANH},
                                {.units = 2, .activation = ACTIVATION_TANH, .no_bias = true}};
    Network net;
    Error error;
    size_t at;
    assert_true(network_init(&net, 2, layers, 2, NULL));
    assert_true(network_locate(&net, (ParamRef){0, 2, 1}, &at, &error));
    assert_int_equal(at, 5);
    assert_true(network_locate(&net, (ParamRef){0, 1, PARAM_BIAS}, &at, &error));
    assert_int_equal(at, 7);
    assert_true(network_locate(&net, (ParamRef){-1, 1, 2}, &at, &error));
    assert_int_equal(at, 14);
    assert_true(network_locate(&net, (ParamRef){-2, 0, 0}, &at, &error));
    assert_int_equal(at, 0);
    static const struct {
        ParamRef ref;
        const char *says;
    } wrong[] = {
        {{2, 0, 0}, "layers 0 to 1"},  {{-3, 0, 0}, "layer -3"},  {{0, 3, 0}, "neurons 0 to 2"},
        {{1, 0, 3}, "weights 0 to 2"}, {{0, -1, 0}, "neuron -1"}, {{1, 0, PARAM_BIAS}, "no bias"},
        {{0, 0, -2}, "weight -2"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(network_locate(&net, wrong[i].ref, &at, &error));
        assert_non_null(strstr(error.text, wrong[i].says));
        assert_false(network_locate(&net, wrong[i].ref, &at, NULL));
    }
    network_deinit(&net);
}

static void test_param_refs_as_text(void **state) {
    (void)state;
    static const char *const right[] = {"0:0:0", "1:0:b", "-1:12:3", "63:4095:4095"};
    static const char *const wrong[] = {
        "",       "1",       "1:0",    "1:0:",   "1:0:c",
        "1:0:b ", " 1:0:0",  "1:-1:0", "1:0:-1", "--1:0:0",
        "1:0:0:", "1:0:0x0", "+1:0:0", "1:0:bb", "1e3:0:0",
        ":0:0",   "1::0",    "1 :0:0", "-:0:0",  "99999999999999999999:0:0"};
    ParamRef ref = {7, 7, 7};
    char text[32];
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        assert_true(param_ref_parse(right[i], &ref));
        param_ref_print(ref, text, sizeof text);
        assert_string_equal(text, right[i]);
    }
    assert_true(param_ref_parse("-1:2:b", &ref));
    assert_true(ref.layer == -1 && ref.row == 2 && ref.col == PARAM_BIAS);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        if (param_ref_parse(wrong[i], &ref)) fail_msg("\"%s\" was taken", wrong[i]);
    }
    assert_true(ref.layer == -1 && ref.row == 2 && ref.col == PARAM_BIAS); // unchanged
    param_ref_print((ParamRef){12, 34, 56}, text, 5);
    assert_string_equal(text, "12:3"); // cut, not overrun
}

static void test_activation_names(void **state) {
    (void)state;
    for (int i = 0; i < ACTIVATION_COUNT; i++) {
        assert_int_equal(activation_find(activation_name((Activation)i)), i);
        assert_true(strlen(activation_description((Activation)i)) > 0);
    }
    assert_int_equal(activation_find("softmax!"), ACTIVATION_COUNT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layout),
        cmocka_unit_test(test_sizes_out_of_range),
        cmocka_unit_test(test_copy),
        cmocka_unit_test(test_locate),
        cmocka_unit_test(test_param_refs_as_text),
        cmocka_unit_test(test_activation_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
