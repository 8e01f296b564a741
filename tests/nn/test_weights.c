/// Weights through .npz files: what is written is read back to the bit, NumPy's own file is read,
/// and whatever else a file may hold gives one clear line and leaves the network as it was. Zip
/// files are made by hand here, so that every field can lie.
#include "nn/weights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

#include "support.h"

// --- A zip file by hand ---

/// What an entry says of itself that is not so; zero: the truth.
typedef struct Lie {
    uint32_t size, packed_size, crc;
    uint16_t method, flags;
} Lie;

enum { ENTRIES_MAX = 16, ZIP_ROOM = 1 << 18 };

typedef struct Zip {
    unsigned char data[ZIP_ROOM];
    size_t size;
    int n;
    struct {
        char name[64];
        size_t at;
        uint32_t size, packed_size, crc;
        uint16_t method, flags;
    } entries[ENTRIES_MAX];
} Zip;

static void put(Zip *zip, uint32_t value, int bytes) {
    for (int i = 0; i < bytes; i++) zip->data[zip->size++] = (unsigned char)(value >> (8 * i));
}

static void put_bytes(Zip *zip, const void *bytes, size_t n) {
    memcpy(zip->data + zip->size, bytes, n);
    zip->size += n;
}

static uint32_t crc32_of(const unsigned char *data, size_t n) {
    uint32_t crc = 0xffffffffu;
    for (size_t i = 0; i < n; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0xedb88320u & (0u - (crc & 1u)));
    }
    return ~crc;
}

static void put_common(Zip *zip, int i) {
    put(zip, 20, 2);
    put(zip, zip->entries[i].flags, 2);
    put(zip, zip->entries[i].method, 2);
    put(zip, 0, 2);
    put(zip, 33, 2);
    put(zip, zip->entries[i].crc, 4);
    put(zip, zip->entries[i].packed_size, 4);
    put(zip, zip->entries[i].size, 4);
    put(zip, (uint32_t)strlen(zip->entries[i].name), 2);
    put(zip, 0, 2);
}

static void zip_entry(Zip *zip, const char *name, const void *data, size_t n, Lie lie) {
    int i = zip->n++;
    snprintf(zip->entries[i].name, sizeof zip->entries[i].name, "%s", name);
    zip->entries[i].at = zip->size;
    zip->entries[i].size = lie.size ? lie.size : (uint32_t)n;
    zip->entries[i].packed_size = lie.packed_size ? lie.packed_size : (uint32_t)n;
    zip->entries[i].crc = lie.crc ? lie.crc : crc32_of(data, n);
    zip->entries[i].method = lie.method;
    zip->entries[i].flags = lie.flags;
    put(zip, 0x04034b50, 4);
    put_common(zip, i);
    put_bytes(zip, name, strlen(name));
    put_bytes(zip, data, n);
}

static void zip_write(Zip *zip, const char *path) {
    size_t start = zip->size;
    for (int i = 0; i < zip->n; i++) {
        put(zip, 0x02014b50, 4);
        put(zip, 20, 2);
        put_common(zip, i);
        put(zip, 0, 2); // comment
        put(zip, 0, 2); // disk
        put(zip, 0, 2);
        put(zip, 0, 4);
        put(zip, (uint32_t)zip->entries[i].at, 4);
        put_bytes(zip, zip->entries[i].name, strlen(zip->entries[i].name));
    }
    size_t directory = zip->size - start;
    put(zip, 0x06054b50, 4);
    put(zip, 0, 4);
    put(zip, (uint32_t)zip->n, 2);
    put(zip, (uint32_t)zip->n, 2);
    put(zip, (uint32_t)directory, 4);
    put(zip, (uint32_t)start, 4);
    put(zip, 0, 2);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(zip->data, 1, zip->size, file), zip->size);
    assert_int_equal(fclose(file), 0);
}

// --- Arrays ---

typedef struct Npy {
    unsigned char data[4096];
    size_t size;
} Npy;

static Npy npy_text(const char *header, const void *values, size_t n) {
    Npy npy = {.size = 0};
    size_t length = strlen(header);
    memcpy(npy.data, "\x93NUMPY\x01\x00", 8);
    npy.data[8] = (unsigned char)(length & 0xff);
    npy.data[9] = (unsigned char)(length >> 8);
    memcpy(npy.data + 10, header, length);
    if (n) memcpy(npy.data + 10 + length, values, n);
    npy.size = 10 + length + n;
    return npy;
}

static Npy npy_floats(const char *shape, const float *values, size_t n) {
    char header[128];
    snprintf(header, sizeof header, "{'descr': '<f4', 'fortran_order': False, 'shape': %s, }\n",
             shape);
    return npy_text(header, values, n * sizeof *values);
}

// --- The network: 3 inputs, 2 units, 1 unit without a bias; 10 parameters ---

enum { PARAMS = 10 };
static const float numpy_values[PARAMS] = {0.5f,  -1.25f, 3.0f,   1e-3f, 0x1p-20f,
                                           -7.0f, 0.125f, -0.25f, 0.0f,  2.0f / 3.0f};

static Network small_network(void) {
    const LayerDesc layers[] = {{.units = 2, .activation = ACTIVATION_TANH},
                                {.units = 1, .activation = ACTIVATION_LINEAR, .no_bias = true}};
    Network net;
    assert_true(network_init(&net, 3, layers, 2, NULL));
    assert_int_equal(net.n_params, PARAMS);
    for (int i = 0; i < PARAMS; i++) net.params[i] = (float)i - 4.5f;
    return net;
}

static char path[64];

static int set_up(void **state) {
    (void)state;
    snprintf(path, sizeof path, "/tmp/saddle-weights-%ld.npz", (long)getpid());
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    remove(path);
    return 0;
}

/// Loading must fail, say so with these words, name the file, and change nothing.
static void assert_refused(const char *words) {
    Network net = small_network(), before = small_network();
    Error error = {""};
    if (weights_load(&net, path, &error)) fail_msg("accepted; expected \"%s\"", words);
    if (!strstr(error.text, words)) fail_msg("\"%s\" does not say \"%s\"", error.text, words);
    assert_ptr_equal(strstr(error.text, path), error.text);
    assert_memory_equal(net.params, before.params, PARAMS * sizeof(float));
    network_deinit(&net);
    network_deinit(&before);
}

/// A file that is right but for the first array.
static void write_with_first(const char *name, const Npy *npy, Lie lie) {
    static Zip zip;
    zip = (Zip){.size = 0};
    const float values[2] = {1, 2};
    Npy bias = npy_floats("(2,)", values, 2), weight = npy_floats("(1, 2)", values, 2);
    zip_entry(&zip, name, npy->data, npy->size, lie);
    zip_entry(&zip, "layers.0.bias.npy", bias.data, bias.size, (Lie){0});
    zip_entry(&zip, "layers.1.weight.npy", weight.data, weight.size, (Lie){0});
    zip_write(&zip, path);
}

static void assert_first_refused(const Npy *npy, const char *words) {
    write_with_first("layers.0.weight.npy", npy, (Lie){0});
    assert_refused(words);
}

static const float six[6] = {1, 2, 3, 4, 5, 6};

// --- Tests ---

static void test_round_trip_is_exact(void **state) {
    (void)state;
    const LayerDesc layers[] = {{.units = 5, .activation = ACTIVATION_TANH},
                                {.units = 1, .activation = ACTIVATION_RELU, .no_bias = true},
                                {.units = 3, .activation = ACTIVATION_LINEAR}};
    Network net, read;
    assert_true(network_init(&net, 4, layers, 3, NULL));
    assert_true(network_init(&read, 4, layers, 3, NULL));
    for (size_t i = 0; i < net.n_params; i++) net.params[i] = 1.0f / (float)(i + 3) - 0.1f;
    net.params[3] = -0.0f;
    net.params[4] = 0x1p-140f;
    Error error = {""};
    if (!weights_save(&net, path, &error)) fail_msg("%s", error.text);
    if (!weights_load(&read, path, &error)) fail_msg("%s", error.text);
    assert_memory_equal(net.params, read.params, net.n_params * sizeof(float));

    size_t size, again_size;
    char *bytes = file_read(path, 1 << 20, &size, NULL);
    assert_true(weights_save(&net, path, &error));
    char *again = file_read(path, 1 << 20, &again_size, NULL);
    assert_int_equal(size, again_size);
    assert_memory_equal(bytes, again, size);
    free(bytes);
    free(again);
    network_deinit(&net);
    network_deinit(&read);
}

static void test_reads_what_numpy_writes(void **state) {
    (void)state;
    Network net = small_network();
    Error error = {""};
    if (!weights_load(&net, SADDLE_TEST_DATA "/fixtures/weights.npz", &error)) {
        fail_msg("%s", error.text);
    }
    assert_memory_equal(net.params, numpy_values, sizeof numpy_values);
    network_deinit(&net);
}

static void test_versions_of_the_header(void **state) {
    (void)state;
    for (unsigned char version = 1; version <= 3; version++) {
        const char *header = "{\"shape\":(2,3),\"descr\":\"<f4\",\"fortran_order\":False}  \n";
        Npy npy = npy_text(header, six, sizeof six);
        if (version > 1) {
            memmove(npy.data + 12, npy.data + 10, npy.size - 10);
            npy.data[6] = version;
            npy.data[10] = npy.data[11] = 0;
            npy.size += 2;
        }
        write_with_first("layers.0.weight.npy", &npy, (Lie){0});
        Network net = small_network();
        Error error = {""};
        if (!weights_load(&net, path, &error)) fail_msg("%s", error.text);
        assert_memory_equal(net.params, six, sizeof six);
        network_deinit(&net);
    }
}

static void test_float64_is_rounded(void **state) {
    (void)state;
    const double values[6] = {0.1, 1e-300, -2.5, 16777217.0, 4, 5};
    Npy npy = npy_text("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }\n", values,
                       sizeof values);
    write_with_first("layers.0.weight.npy", &npy, (Lie){0});
    Network net = small_network();
    assert_true(weights_load(&net, path, NULL));
    for (int i = 0; i < 6; i++) assert_true(net.params[i] == (float)values[i]);
    network_deinit(&net);
}

static void test_float16_is_exact(void **state) {
    (void)state;
    // 1, the largest, the smallest, the smallest normal, -0, -1/3
    const uint16_t bits[6] = {0x3c00, 0x7bff, 0x0001, 0x0400, 0x8000, 0xb555};
    const float values[6] = {1.0f, 65504.0f, 0x1p-24f, 0x1p-14f, -0.0f, -0x1.554p-2f};
    Npy npy = npy_text("{'descr': '<f2', 'fortran_order': False, 'shape': (2, 3), }\n", bits,
                       sizeof bits);
    write_with_first("layers.0.weight.npy", &npy, (Lie){0});
    Network net = small_network();
    Error error = {""};
    if (!weights_load(&net, path, &error)) fail_msg("%s", error.text);
    assert_memory_equal(net.params, values, sizeof values);
    network_deinit(&net);
    const uint16_t infinite[6] = {0, 0, 0xfc00, 0, 0, 0};
    npy = npy_text("{'descr': '<f2', 'fortran_order': False, 'shape': (2, 3), }\n", infinite,
                   sizeof infinite);
    assert_first_refused(&npy, "value 2 (-inf) is not a finite");
}

static void test_wrong_arrays(void **state) {
    (void)state;
    Npy good = npy_floats("(2, 3)", six, 6);
    write_with_first("layers.0.weights.npy", &good, (Lie){0});
    assert_refused("the array \"layers.0.weights\" is none of the network's");
    write_with_first("layers.0.weight", &good, (Lie){0});
    assert_refused("\"layers.0.weight\" in it is none of the network's arrays");
    write_with_first(".npy", &good, (Lie){0});
    assert_refused("the array \"\" is none of the network's");
    write_with_first("norms.0.num_batches_tracked.npy", &good, (Lie){0});
    assert_refused("the array \"norms.0.num_batches_tracked\" is none of the network's");
    write_with_first("layers.0.bias.npy", &good, (Lie){0});
    assert_refused("the array layers.0.bias is there twice");
    static Zip zip;
    zip = (Zip){.size = 0};
    zip_entry(&zip, "layers.0.weight.npy", good.data, good.size, (Lie){0});
    zip_write(&zip, path);
    assert_refused("the array layers.0.bias is missing");
}

static void test_wrong_shapes(void **state) {
    (void)state;
    static const struct {
        const char *shape, *words;
    } cases[] = {
        {"(3, 2)", "layers.0.weight: shape (3, 2), but the network needs (2, 3)"},
        {"(6,)", "shape (6), but"},
        {"()", "shape (), but"},
        {"(2, 3, 1)", "shape (2, 3, 1), but"},
        {"(0, 3)", "shape (0, 3), but"},
        {"(18446744073709551615, 3)", "header is not one that NumPy writes"},
        {"(100000000000000000, 3)", "shape (100000000000000000, 3), but"},
        {"(1,1,1,1,1,1,1,1,1)", "header is not one that NumPy writes"},
        {"(-2, 3)", "header is not one that NumPy writes"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Npy npy = npy_floats(cases[i].shape, six, 6);
        assert_first_refused(&npy, cases[i].words);
    }
}

static void test_wrong_headers(void **state) {
    (void)state;
    static const struct {
        const char *header, *words;
    } cases[] = {
        {"{'descr': '>f4', 'fortran_order': False, 'shape': (2, 3), }", "type \">f4\" is none"},
        {"{'descr': '|O', 'fortran_order': False, 'shape': (2, 3), }", "type \"|O\" is none"},
        {"{'descr': '<i4', 'fortran_order': False, 'shape': (2, 3), }", "(<f2, <f4, <f8)"},
        {"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 3), }", "type \"record\""},
        {"{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", "Fortran order"},
        {"{'descr': '<f4', 'fortran_order': 1, 'shape': (2, 3), }", "not one that NumPy writes"},
        {"{'descr': '<f4', 'fortran_order': False}", "not one that NumPy writes"},
        {"{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}",
         "not one that NumPy writes"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), 'x': 1}",
         "not one that NumPy writes"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } 0", "not one that"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)", "not one that NumPy writes"},
        {"{'descr': '<f4", "not one that NumPy writes"},
        {"", "not one that NumPy writes"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Npy npy = npy_text(cases[i].header, six, sizeof six);
        assert_first_refused(&npy, cases[i].words);
    }
}

static void test_lying_arrays(void **state) {
    (void)state;
    Npy npy = npy_floats("(2, 3)", six, 5);
    assert_first_refused(&npy, "holds 20 bytes of values, but its shape needs 24");
    npy = npy_floats("(2, 3)", six, 6);
    npy.size++;
    assert_first_refused(&npy, "holds 25 bytes");
    npy = npy_floats("(2, 3)", six, 6);
    npy.data[9] = 0x7f;
    assert_first_refused(&npy, "ends inside its header");
    npy = npy_floats("(2, 3)", six, 6);
    npy.data[6] = 2;
    assert_first_refused(&npy, "its header claims");
    npy.data[6] = 9;
    assert_first_refused(&npy, "NumPy format 9.0 is not known");
    npy.data[0] = 'P';
    assert_first_refused(&npy, "is not a NumPy array");
    npy.size = 3;
    assert_first_refused(&npy, "is not a NumPy array");
    npy.size = 0;
    assert_first_refused(&npy, "is not a NumPy array");
}

static void test_not_finite_values(void **state) {
    (void)state;
    const float bad[3] = {NAN, INFINITY, -INFINITY};
    for (int i = 0; i < 3; i++) {
        float values[6] = {1, 2, 3, 4, 5, bad[i]};
        Npy npy = npy_floats("(2, 3)", values, 6);
        assert_first_refused(&npy, "layers.0.weight: value 5 (");
    }
    const double large[6] = {1e39, 0, 0, 0, 0, 0};
    Npy npy = npy_text("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }", large,
                       sizeof large);
    assert_first_refused(&npy, "value 0 (1e+39) is not a finite 32-bit number");
}

static void test_lying_archives(void **state) {
    (void)state;
    const char *name = "layers.0.weight.npy";
    Npy good = npy_floats("(2, 3)", six, 6);
    write_with_first(name, &good, (Lie){.size = 0x70000000});
    assert_refused("1879048192 bytes, more than the network's 6 values can need");
    write_with_first(name, &good, (Lie){.crc = 1});
    assert_refused("damaged: ");
    write_with_first(name, &good, (Lie){.flags = 1});
    assert_refused("is encrypted");
    write_with_first(name, &good, (Lie){.method = 97});
    assert_refused("cannot read: ");
    write_with_first(name, &good, (Lie){.method = 8});
    assert_refused("damaged: ");
    write_with_first(name, &good, (Lie){.packed_size = 0x00ffffff});
    assert_refused("layers.0.weight");
}

/// A deflated entry that holds more than it claims (a bomb's trick).
static void test_entry_larger_than_it_claims(void **state) {
    (void)state;
    Npy good = npy_floats("(2, 3)", six, 6);
    Npy packed = {.size = 0};
    size_t long_size = good.size + 1000;
    packed.data[0] = 1; // one last block, not compressed
    packed.data[1] = (unsigned char)(long_size & 0xff);
    packed.data[2] = (unsigned char)(long_size >> 8);
    packed.data[3] = (unsigned char)~packed.data[1];
    packed.data[4] = (unsigned char)~packed.data[2];
    memcpy(packed.data + 5, good.data, good.size);
    packed.size = 5 + long_size;
    Lie lie = {.method = 8, .size = (uint32_t)good.size, .crc = crc32_of(good.data, good.size)};
    write_with_first("layers.0.weight.npy", &packed, lie);
    assert_refused("layers.0.weight");
}

static void test_damaged_files(void **state) {
    (void)state;
    assert_refused("cannot read"); // there is none
    Network net = small_network();
    assert_true(weights_save(&net, path, NULL));
    size_t size;
    char *bytes = file_read(path, 1 << 20, &size, NULL);
    // Cut anywhere it is refused; with any one byte changed it is refused or still finite numbers.
    for (size_t cut = 0; cut < size; cut += 7) {
        FILE *file = fopen(path, "wb");
        fwrite(bytes, 1, cut, file);
        fclose(file);
        assert_refused("");
    }
    for (size_t at = 0; at < size; at++) {
        bytes[at] ^= 0x41;
        FILE *file = fopen(path, "wb");
        fwrite(bytes, 1, size, file);
        fclose(file);
        bytes[at] ^= 0x41;
        Error error = {""};
        if (weights_load(&net, path, &error)) {
            for (int i = 0; i < PARAMS; i++) assert_true(isfinite(net.params[i]));
        } else {
            assert_true(strlen(error.text) > strlen(path));
        }
    }
    free(bytes);
    network_deinit(&net);
}

static void test_saving_nowhere_is_an_error(void **state) {
    (void)state;
    Network net = small_network();
    Error error = {""};
    assert_false(weights_save(&net, "/nonexistent/folder/w.npz", &error));
    assert_non_null(strstr(error.text, "/nonexistent/folder/w.npz: "));
    static const char *const suffixes[] = {".npz", ".safetensors"};
    for (int i = 0; i < 2; i++) {
        char full[80];
        snprintf(full, sizeof full, "/tmp/saddle-full-%ld%s", (long)getpid(), suffixes[i]);
        assert_int_equal(symlink("/dev/full", full), 0);
        assert_false(weights_save(&net, full, &error));
        remove(full);
        assert_ptr_equal(strstr(error.text, full), error.text);
        assert_non_null(strstr(error.text, ": cannot write: "));
    }
    network_deinit(&net);
}

static void test_names_choose_the_format(void **state) {
    (void)state;
    static const char *const bad[] = {"w.txt", "w.npz.gz", "npz", "w.NPZ", ""};
    Network net = small_network();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        Error error = {""};
        assert_false(weights_save(&net, bad[i], &error));
        assert_non_null(strstr(error.text, ": weights are .npz or .safetensors files"));
        assert_false(weights_load(&net, bad[i], &error));
        assert_non_null(strstr(error.text, ": weights are .npz or .safetensors files"));
    }
    WeightsFormat format;
    assert_true(weights_format("a.npz/b.safetensors", &format, NULL));
    assert_int_equal(format, WEIGHTS_SAFETENSORS);
    assert_true(weights_format("b.safetensors.npz", &format, NULL));
    assert_int_equal(format, WEIGHTS_NPZ);
    network_deinit(&net);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_round_trip_is_exact, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_reads_what_numpy_writes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_versions_of_the_header, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_float64_is_rounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_float16_is_exact, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_wrong_arrays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_wrong_shapes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_wrong_headers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lying_arrays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_not_finite_values, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lying_archives, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_entry_larger_than_it_claims, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_damaged_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_saving_nowhere_is_an_error, set_up, tear_down),
        cmocka_unit_test(test_names_choose_the_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
