/// Weights of a network with norms, in both formats: what PyTorch's state_dict holds is read, with
/// the batch norm's counter that means nothing here, and gives PyTorch's outputs; what is written
/// is read back to the bit.
#include "nn/pass.h"
#include "nn/weights.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"

#include "fixtures/state_dict.h"
#include "support.h"

enum { POINTS = sizeof state_dict_y / sizeof *state_dict_y };

static const WeightsFormat formats[] = {WEIGHTS_NPZ, WEIGHTS_SAFETENSORS};

/// The network of record_state_dict.py.
static Network torch_network(void) {
    const LayerDesc layers[] = {
        {.units = 3, .activation = ACTIVATION_TANH, .norm = NORM_BATCH},
        {.units = 3, .activation = ACTIVATION_RELU, .residual = true},
        {.units = 4, .activation = ACTIVATION_SIGMOID, .norm = NORM_LAYER, .no_bias = true},
        {.units = 1},
    };
    Network net;
    assert_true(network_init(&net, 2, layers, 4, NULL));
    return net;
}

typedef struct Bytes {
    char *data;
    size_t size;
} Bytes;

static Bytes written(const Network *net, WeightsFormat format) {
    Bytes bytes = {.size = 0};
    FILE *stream = open_memstream(&bytes.data, &bytes.size);
    assert_non_null(stream);
    assert_true(weights_write(net, format, stream, NULL));
    assert_int_equal(fclose(stream), 0);
    return bytes;
}

static void test_state_dicts_give_torch_outputs(void **state) {
    (void)state;
    static const char *const paths[] = {SADDLE_TEST_DATA "/fixtures/state_dict.npz",
                                        SADDLE_TEST_DATA "/fixtures/state_dict.safetensors"};
    Network nets[2];
    for (int i = 0; i < 2; i++) {
        nets[i] = torch_network();
        Error error = {""};
        if (!weights_load(&nets[i], paths[i], &error)) fail_msg("%s", error.text);
        Workspace ws;
        assert_true(workspace_init(&ws, &nets[i], POINTS));
        float y[POINTS];
        network_predict(&nets[i], &ws, state_dict_x, POINTS, y);
        for (int k = 0; k < POINTS; k++) assert_close(y[k], state_dict_y[k], 1e-6);
        workspace_deinit(&ws);
    }
    assert_memory_equal(nets[0].params, nets[1].params, nets[0].n_values * sizeof(float));
    network_deinit(&nets[0]);
    network_deinit(&nets[1]);
}

static void test_round_trip_is_exact(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        Network net = torch_network(), read = torch_network();
        assert_true(net.n_values == net.n_params + 6);
        for (size_t k = 0; k < net.n_values; k++) net.params[k] = 1.0f / (float)(k + 3);
        Bytes bytes = written(&net, formats[i]);
        Error error = {""};
        if (!weights_read(&read, formats[i], bytes.data, bytes.size, &error)) {
            fail_msg("%s", error.text);
        }
        assert_memory_equal(net.params, read.params, net.n_values * sizeof(float));
        free(bytes.data);
        network_deinit(&net);
        network_deinit(&read);
    }
}

/// Reading must fail with these words and change nothing, running statistics neither.
static void assert_refused(const Network *net, WeightsFormat format, Bytes bytes,
                           const char *words) {
    Network read, before;
    assert_true(network_copy(&read, net) && network_copy(&before, net));
    Error error = {""};
    assert_false(weights_read(&read, format, bytes.data, bytes.size, &error));
    if (!strstr(error.text, words)) fail_msg("\"%s\" does not say \"%s\"", error.text, words);
    assert_memory_equal(read.params, before.params, net->n_values * sizeof(float));
    network_deinit(&read);
    network_deinit(&before);
}

static void test_variances_are_not_negative(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        Network net = torch_network(), bad = torch_network();
        bad.params[bad.layers[0].variance_at + 2] = -1e-3f;
        Bytes bytes = written(&bad, formats[i]);
        assert_refused(&net, formats[i], bytes,
                       "norms.0.running_var: value 2 (-0.001) is negative");
        free(bytes.data);
        network_deinit(&net);
        network_deinit(&bad);
    }
}

static void test_norms_must_match(void **state) {
    (void)state;
    const LayerDesc plain[] = {{.units = 2}, {.units = 1}};
    const LayerDesc batch[] = {{.units = 2, .norm = NORM_BATCH}, {.units = 1}};
    const LayerDesc layer[] = {{.units = 2, .norm = NORM_LAYER}, {.units = 1}};
    Network nets[3];
    assert_true(network_init(&nets[0], 3, plain, 2, NULL));
    assert_true(network_init(&nets[1], 3, batch, 2, NULL));
    assert_true(network_init(&nets[2], 3, layer, 2, NULL));
    static const struct {
        int file, net;
        const char *words;
    } cases[] = {
        {0, 1, "the array norms.0.weight is missing"},
        {0, 2, "the array norms.0.weight is missing"},
        {1, 0, " is none of the network's"},
        {2, 1, "the array norms.0.running_mean is missing"},
        {1, 2, "the array \"norms.0.running_mean\" is none of the network's"},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        for (int i = 0; i < 2; i++) {
            Bytes bytes = written(&nets[cases[c].file], formats[i]);
            assert_refused(&nets[cases[c].net], formats[i], bytes, cases[c].words);
            free(bytes.data);
        }
    }
    for (int i = 0; i < 3; i++) network_deinit(&nets[i]);
}

/// A counter is one whole number, of a batch norm.
static void test_counters(void **state) {
    (void)state;
    static const struct {
        const char *name, *type, *shape;
        int size;
        const char *words; // NULL: taken
    } cases[] = {
        {"norms.0.num_batches_tracked", "I64", "", 8, NULL},
        {"norms.0.num_batches_tracked", "I64", "", 4, "holds 4 bytes of values"},
        {"norms.0.num_batches_tracked", "F32", "", 4, "must be one number of type I64"},
        {"norms.0.num_batches_tracked", "I64", "1", 8, "must be one number of type I64"},
        {"norms.1.num_batches_tracked", "I64", "", 8, "none of the network's"},
        {"norms.0.num_batches_tracked.", "I64", "", 8, "none of the network's"},
        {"layers.0.num_batches_tracked", "I64", "", 8, "none of the network's"},
        {"num_batches_tracked", "I64", "", 8, "none of the network's"},
    };
    const LayerDesc layers[] = {{.units = 1, .norm = NORM_BATCH}};
    Network net;
    assert_true(network_init(&net, 1, layers, 1, NULL));
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        char header[1024] = "{", *at = header + 1;
        static const char *const names[] = {"layers.0.bias",       "layers.0.weight",
                                            "norms.0.bias",        "norms.0.running_mean",
                                            "norms.0.running_var", "norms.0.weight"};
        for (int i = 0; i < 6; i++) {
            at += sprintf(at, "\"%s\":{\"dtype\":\"F32\",\"shape\":[%s],\"data_offsets\":[%d,%d]},",
                          names[i], i == 1 ? "1,1" : "1", 4 * i, 4 * i + 4);
        }
        sprintf(at, "\"%s\":{\"dtype\":\"%s\",\"shape\":[%s],\"data_offsets\":[24,%d]}}",
                cases[c].name, cases[c].type, cases[c].shape, 24 + cases[c].size);
        size_t length = strlen(header);
        char file[2048] = {(char)(length & 0xff), (char)(length >> 8)};
        memcpy(file + 8, header, length);
        Bytes bytes = {file, 8 + length + 24 + (size_t)cases[c].size};
        if (cases[c].words) {
            assert_refused(&net, WEIGHTS_SAFETENSORS, bytes, cases[c].words);
        } else {
            assert_true(weights_read(&net, WEIGHTS_SAFETENSORS, file, bytes.size, NULL));
        }
    }
    network_deinit(&net);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_state_dicts_give_torch_outputs),
        cmocka_unit_test(test_round_trip_is_exact),
        cmocka_unit_test(test_variances_are_not_negative),
        cmocka_unit_test(test_norms_must_match),
        cmocka_unit_test(test_counters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
