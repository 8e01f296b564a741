/// Weights through .safetensors files: what is written is, byte for byte, what the reference
/// implementation writes (a fixture holds that); what others write is read; and whatever a hostile
/// header may claim gives one clear line and leaves the network as it was.
#include "nn/files/safetensors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "nn/weights.h"

#include "support.h"

// --- The network: 3 inputs, 2 units, 1 unit without a bias; 10 parameters ---

enum { PARAMS = 10, DATA_SIZE = 4 * PARAMS };
static const float fixture_values[PARAMS] = {0.5f,  -1.25f, 3.0f,   1e-3f, 0x1p-20f,
                                             -7.0f, 0.125f, -0.25f, 0.0f,  2.0f / 3.0f};

/// The entries of its arrays, as the reference implementation orders them.
#define BIAS_0   "\"layers.0.bias\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}"
#define WEIGHT_0 "\"layers.0.weight\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[8,32]}"
#define WEIGHT_1 "\"layers.1.weight\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[32,40]}"

static Network small_network(void) {
    const LayerDesc layers[] = {{.units = 2}, {.units = 1, .no_bias = true}};
    Network net;
    assert_true(network_init(&net, 3, layers, 2, NULL));
    assert_int_equal(net.n_params, PARAMS);
    for (int i = 0; i < PARAMS; i++) net.params[i] = (float)i - 4.5f;
    return net;
}

/// A file's bytes.
typedef struct File {
    unsigned char bytes[4096];
    size_t size;
} File;

/// A header, with its true length, and values.
static File file_of(const char *header, const void *values, size_t size) {
    size_t length = strlen(header);
    File file = {.size = 8 + length + size};
    assert_true(file.size <= sizeof file.bytes);
    for (int i = 0; i < 8; i++) file.bytes[i] = (unsigned char)((uint64_t)length >> (8 * i));
    memcpy(file.bytes + 8, header, length);
    if (size) memcpy(file.bytes + 8 + length, values, size);
    return file;
}

/// Reading must fail, say so with these words, and change nothing.
static void assert_refused(const File *file, const char *words) {
    Network net = small_network(), before = small_network();
    Error error = {""};
    // In memory of exactly its size, so that a sanitizer sees a byte read beyond it.
    unsigned char *exact = malloc(file->size ? file->size : 1);
    memcpy(exact, file->bytes, file->size);
    bool taken = weights_read(&net, WEIGHTS_SAFETENSORS, exact, file->size, &error);
    free(exact);
    if (taken) fail_msg("accepted; expected \"%s\"", words);
    if (!strstr(error.text, words)) fail_msg("\"%s\" does not say \"%s\"", error.text, words);
    assert_memory_equal(net.params, before.params, PARAMS * sizeof(float));
    network_deinit(&net);
    network_deinit(&before);
}

static void assert_header_refused(const char *header, const char *words) {
    const float values[PARAMS] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    File file = file_of(header, values, sizeof values);
    assert_refused(&file, words);
}

static void assert_reads(const File *file, const float *expected) {
    Network net = small_network();
    Error error = {""};
    if (!weights_read(&net, WEIGHTS_SAFETENSORS, file->bytes, file->size, &error)) {
        fail_msg("%s", error.text);
    }
    assert_memory_equal(net.params, expected, PARAMS * sizeof(float));
    network_deinit(&net);
}

// --- Tests ---

static void test_writes_what_the_reference_writes(void **state) {
    (void)state;
    Network net = small_network();
    memcpy(net.params, fixture_values, sizeof fixture_values);
    char path[64];
    snprintf(path, sizeof path, "/tmp/saddle-weights-%ld.safetensors", (long)getpid());
    Error error = {""};
    if (!weights_save(&net, path, &error)) fail_msg("%s", error.text);
    size_t size = 0, expected_size = 0;
    char *bytes = file_read(path, 1 << 20, &size, NULL);
    char *expected = file_read(SADDLE_TEST_DATA "/fixtures/weights.safetensors", 1 << 20,
                               &expected_size, &error);
    remove(path);
    if (!expected) fail_msg("%s", error.text);
    assert_int_equal(size, expected_size);
    assert_memory_equal(bytes, expected, size);
    free(bytes);
    free(expected);
    network_deinit(&net);
}

/// Ten layers and more: "layers.10" comes before "layers.2", and headers of every length are
/// padded.
static void test_round_trip_is_exact(void **state) {
    (void)state;
    for (int n_layers = 1; n_layers <= 13; n_layers++) {
        LayerDesc layers[13];
        for (int l = 0; l < n_layers; l++)
            layers[l] = (LayerDesc){.units = 1 + l, .no_bias = l % 3};
        Network net, read;
        assert_true(network_init(&net, 2, layers, n_layers, NULL));
        assert_true(network_init(&read, 2, layers, n_layers, NULL));
        for (size_t i = 0; i < net.n_params; i++) net.params[i] = 1.0f / (float)(i + 3) - 0.1f;
        net.params[0] = -0.0f;
        net.params[1] = 0x1p-140f;
        char *bytes = NULL;
        size_t size = 0;
        FILE *stream = open_memstream(&bytes, &size);
        Error error = {""};
        assert_true(weights_write(&net, WEIGHTS_SAFETENSORS, stream, &error));
        assert_int_equal(fclose(stream), 0);
        assert_int_equal(bytes[0] % 8, 0);
        assert_int_equal(bytes[8], '{');
        if (!weights_read(&read, WEIGHTS_SAFETENSORS, bytes, size, &error)) {
            fail_msg("%s", error.text);
        }
        assert_memory_equal(net.params, read.params, net.n_params * sizeof(float));
        if (n_layers == 13) {
            assert_true(strstr(bytes + 8, "layers.10.") < strstr(bytes + 8, "layers.2."));
        }
        free(bytes);
        network_deinit(&net);
        network_deinit(&read);
    }
}

static void test_reads_other_forms(void **state) {
    (void)state;
    // Another order of names and places, remarks, blanks, keys that are not known, no padding.
    const float values[PARAMS] = {7, 8, 1, 2, 3, 4, 5, 6, 9, 10};
    const float expected[PARAMS] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    File file = file_of("{\"__metadata__\":{\"format\":\"pt\"}, " WEIGHT_1 ",\n" WEIGHT_0
                        ", " BIAS_0 "}   ",
                        values, sizeof values);
    assert_reads(&file, expected);
    file = file_of("{" WEIGHT_1 ",\"layers.0.weight\":{\"data_offsets\":[8,32],\"shape\":[2,3],"
                   "\"layout\":\"C\",\"dtype\":\"F32\"}," BIAS_0 "}",
                   values, sizeof values);
    assert_reads(&file, expected);
}

static void test_reads_other_types(void **state) {
    (void)state;
    unsigned char values[6 * 8 + 2 * 2 + 2 * 2];
    const double wide[6] = {0.1, 1e-300, -2.5, 16777217.0, 4, 5};
    const uint16_t half[2] = {0x3800, 0xc100}, brain[2] = {0x3fc0, 0xc2c8};
    memcpy(values, wide, sizeof wide);
    memcpy(values + 48, half, sizeof half);
    memcpy(values + 52, brain, sizeof brain);
    const char *header =
        "{\"layers.0.weight\":{\"dtype\":\"F64\",\"shape\":[2,3],\"data_offsets\":[0,48]},"
        "\"layers.0.bias\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[48,52]},"
        "\"layers.1.weight\":{\"dtype\":\"BF16\",\"shape\":[1,2],\"data_offsets\":[52,56]}}";
    File file = file_of(header, values, sizeof values);
    const float expected[PARAMS] = {0.1f, 0, -2.5f, 16777216.0f, 4, 5, 0.5f, -2.5f, 1.5f, -100.0f};
    assert_reads(&file, expected);
}

static void test_wrong_arrays(void **state) {
    (void)state;
    assert_header_refused("{" BIAS_0 "," WEIGHT_0 "}", "the array layers.1.weight is missing");
    assert_header_refused("{}", "the array layers.0.weight is missing");
    assert_header_refused("{\"layers.2.weight\":{\"dtype\":\"F32\",\"shape\":[2],"
                          "\"data_offsets\":[0,8]}}",
                          "the array \"layers.2.weight\" is none of the network's");
    assert_header_refused("{\"norms.0.num_batches_tracked\":{\"dtype\":\"I64\",\"shape\":[],"
                          "\"data_offsets\":[0,8]}}",
                          "the array \"norms.0.num_batches_tracked\" is none of the network's");
    assert_header_refused("{" BIAS_0 "," BIAS_0 "," WEIGHT_0 "," WEIGHT_1 "}",
                          "duplicate object key");
}

/// Entries of layers.0.weight that are wrong by themselves.
static void test_wrong_entries(void **state) {
    (void)state;
    static const struct {
        const char *entry, *words;
    } cases[] = {
        {"5", "dtype is missing, or no text"},
        {"null", "dtype is missing, or no text"},
        {"[]", "dtype is missing, or no text"},
        {"{\"dtype\":4,\"shape\":[2,3],\"data_offsets\":[8,32]}", "dtype is missing, or no text"},
        {"{\"dtype\":\"F32\",\"data_offsets\":[8,32]}", "shape must be a list"},
        {"{\"dtype\":\"F32\",\"shape\":6,\"data_offsets\":[8,32]}", "shape must be a list"},
        {"{\"dtype\":\"F32\",\"shape\":[2.0,3],\"data_offsets\":[8,32]}", "shape must be a list"},
        {"{\"dtype\":\"F32\",\"shape\":[-2,-3],\"data_offsets\":[8,32]}", "shape must be a list"},
        {"{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,2,3],\"data_offsets\":[8,32]}",
         "shape must be a list of at most 8 sizes"},
        {"{\"dtype\":\"F32\",\"shape\":[3,2],\"data_offsets\":[8,32]}",
         "layers.0.weight: shape (3, 2), but the network needs (2, 3)"},
        {"{\"dtype\":\"F32\",\"shape\":[6],\"data_offsets\":[8,32]}", "shape (6), but"},
        {"{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[8,32]}", "shape (), but"},
        {"{\"dtype\":\"F32\",\"shape\":[0,3],\"data_offsets\":[8,8]}", "shape (0, 3), but"},
        {"{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[8,32]}",
         "shape (4611686018427387904, 4), but"},
        {"{\"dtype\":\"I32\",\"shape\":[2,3],\"data_offsets\":[8,32]}",
         "type \"I32\" is none of F16, BF16, F32, F64"},
        {"{\"dtype\":\"\",\"shape\":[2,3],\"data_offsets\":[8,32]}", "type \"\" is none"},
        {"{\"dtype\":\"F64\",\"shape\":[2,3],\"data_offsets\":[8,32]}",
         "holds 24 bytes of values, but its shape needs 48"},
        {"{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[8,33]}", "holds 25 bytes"},
        {"{\"dtype\":\"F32\",\"shape\":[2,3]}", "data_offsets must be two numbers"},
        {"{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[8]}", "must be two numbers"},
        {"{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[8,32,40]}", "must be two numbers"},
        {"{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[8.0,32]}", "must be two numbers"},
        {"{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[-8,16]}", "must be two numbers"},
        {"{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[32,8]}", "must be two numbers"},
        {"{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[20,44]}",
         "claims bytes 20 to 44, but the file has only 40"},
        {"{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[9223372036854775783,"
         "9223372036854775807]}",
         "claims bytes 9223372036854775783 to 9223372036854775807"},
        {"{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[8,99999999999999999999]}",
         "too big integer"},
        {"{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[4,28]}", "two arrays share byte 4"},
        {"{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[12,36]}",
         "bytes 8 to 12 belong to no array"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char header[1024];
        snprintf(header, sizeof header, "{" BIAS_0 "," WEIGHT_1 ",\"layers.0.weight\":%s}",
                 cases[i].entry);
        assert_header_refused(header, cases[i].words);
    }
}

static void test_places_cover_the_file(void **state) {
    (void)state;
    const float values[PARAMS + 1] = {0};
    File file = file_of("{" BIAS_0 "," WEIGHT_0 "," WEIGHT_1 "}", values, sizeof values);
    assert_refused(&file, "bytes 40 to 44 belong to no array");
    file.size -= 5;
    assert_refused(&file, "claims bytes 32 to 40, but the file has only 39");
}

static void test_wrong_headers(void **state) {
    (void)state;
    assert_header_refused("", "it has no header");
    assert_header_refused(" {" BIAS_0 "," WEIGHT_0 "," WEIGHT_1 "}", "does not start with {");
    assert_header_refused("[]", "does not start with {");
    assert_header_refused("{" BIAS_0 "," WEIGHT_0 "," WEIGHT_1, "its header, byte ");
    assert_header_refused("{" BIAS_0 "," WEIGHT_0 "," WEIGHT_1 "}}", "end of file expected");
    assert_header_refused("{\"layers.0.bias\xff\":1}", "its header, byte ");
    assert_header_refused("{\"layers.0.bias\\u0000\":1}", "its header, byte ");
    assert_header_refused("{\"__metadata__\":1}", "__metadata__ must be an object of texts");
    assert_header_refused("{\"__metadata__\":{\"epoch\":1}}", "must be an object of texts");
    static char deep[3000] = "{\"__metadata__\":";
    memset(deep + strlen(deep), '[', sizeof deep - 1 - strlen(deep));
    assert_header_refused(deep, "maximum parsing depth reached");
}

static void test_lying_lengths(void **state) {
    (void)state;
    const float values[PARAMS] = {0};
    const File good = file_of("{" BIAS_0 "," WEIGHT_0 "," WEIGHT_1 "}", values, sizeof values);
    assert_reads(&good, values);
    File file = good;
    file.bytes[7] = 0x80;
    assert_refused(&file, "more than the 1048576 that are allowed");
    memset(file.bytes, 0xff, 8);
    assert_refused(&file, "its header claims 18446744073709551615 bytes, more than");
    file = good;
    file.bytes[2] = 1;
    assert_refused(&file, "bytes, but the file ends after");
    file = good;
    file.bytes[0]++;
    assert_refused(&file, "end of file expected");
    file.bytes[0] -= 2;
    assert_refused(&file, "its header, byte ");
    for (file = good; file.size > 0;) {
        file.size--;
        assert_refused(&file, "");
    }
    // Any one byte changed: refused, or still finite numbers.
    for (size_t at = 0; at < good.size; at++) {
        file = good;
        file.bytes[at] ^= 0x41;
        Network net = small_network();
        Error error = {""};
        if (weights_read(&net, WEIGHTS_SAFETENSORS, file.bytes, file.size, &error)) {
            for (int i = 0; i < PARAMS; i++) assert_true(isfinite(net.params[i]));
        } else {
            assert_true(strlen(error.text) > 0);
        }
        network_deinit(&net);
    }
}

static void test_not_finite_values(void **state) {
    (void)state;
    const float bad[3] = {NAN, INFINITY, -INFINITY};
    for (int i = 0; i < 3; i++) {
        float values[PARAMS] = {0};
        values[9] = bad[i];
        File file = file_of("{" BIAS_0 "," WEIGHT_0 "," WEIGHT_1 "}", values, sizeof values);
        assert_refused(&file, "layers.1.weight: value 1 (");
    }
}

/// A name in messages is cut, and cannot end the line or the message's buffer.
static void test_hostile_names(void **state) {
    (void)state;
    char header[2048] = "{\"";
    memset(header + 2, 'n', 1500);
    snprintf(header + 1502, sizeof header - 1502, "\\n\":1}");
    assert_header_refused(header, "is none of the network's");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_writes_what_the_reference_writes),
        cmocka_unit_test(test_round_trip_is_exact),
        cmocka_unit_test(test_reads_other_forms),
        cmocka_unit_test(test_reads_other_types),
        cmocka_unit_test(test_wrong_arrays),
        cmocka_unit_test(test_wrong_entries),
        cmocka_unit_test(test_places_cover_the_file),
        cmocka_unit_test(test_wrong_headers),
        cmocka_unit_test(test_lying_lengths),
        cmocka_unit_test(test_not_finite_values),
        cmocka_unit_test(test_hostile_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
