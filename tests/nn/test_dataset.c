/// Data sets: what the table of experiments promises of each, the split, and every way in which a
/// CSV file can be wrong.
#include "nn/dataset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support.h"

static const Dataset *make(const DatasetDesc *desc, uint64_t seed) {
    Error error = {""};
    const Dataset *data = dataset_create(desc, seed, &error);
    if (!data) fail_msg("%s", error.text);
    return data;
}

static void assert_refused(const DatasetDesc *desc, const char *words) {
    Error error = {""};
    const Dataset *data = dataset_create(desc, 1, &error);
    if (data) fail_msg("accepted; expected \"%s\"", words);
    if (!strstr(error.text, words)) fail_msg("\"%s\" does not say \"%s\"", error.text, words);
}

static void test_every_kind_makes_its_default(void **state) {
    (void)state;
    int kinds = 0;
    for (const DatasetKind *const *kind = dataset_kinds; (*kind)->name; kind++, kinds++) {
        assert_ptr_equal(dataset_kind_find((*kind)->name), *kind);
        assert_true((*kind)->description[0] != '\0');
        if ((*kind)->default_samples == 0) continue;
        DatasetDesc desc = {.samples = 0};
        memcpy(desc.kind, (*kind)->name, strlen((*kind)->name) + 1);
        const Dataset *data = make(&desc, 3), *again = make(&desc, 3), *other = make(&desc, 4);
        assert_int_equal(data->n, (*kind)->default_samples);
        assert_int_equal(data->n_inputs, (*kind)->n_inputs);
        assert_int_equal(data->n_outputs, (*kind)->n_outputs);
        size_t bytes = data->n * (size_t)data->n_inputs * sizeof *data->x;
        assert_memory_equal(data->x, again->x, bytes);
        if (strcmp((*kind)->name, "paraboloid") != 0) { // which no seed changes
            assert_true(memcmp(data->x, other->x, bytes) != 0);
        }
        for (size_t i = 0; i < data->n; i++) {
            for (int k = 0; k < 2 && k < data->n_inputs; k++) {
                float x = data->x[i * (size_t)data->n_inputs + (size_t)k];
                assert_true(x >= data->x_min[k] && x <= data->x_max[k]);
            }
            assert_true(data->t[i] >= data->t_min && data->t[i] <= data->t_max);
        }
        dataset_release(data);
        dataset_release(again);
        dataset_release(other);
    }
    assert_int_equal(kinds, 4);
    assert_null(dataset_kind_find("spirals"));
    assert_refused(&(DatasetDesc){.kind = "spirals"},
                   "data.kind: no data set is called \"spirals\"");
}

static void test_xor(void **state) {
    (void)state;
    const Dataset *data = make(&(DatasetDesc){.kind = "xor"}, 1);
    size_t ones = 0;
    double sum[2] = {0, 0};
    for (size_t i = 0; i < data->n; i++) {
        float x1 = data->x[2 * i], x2 = data->x[2 * i + 1];
        assert_true(x1 >= 0 && x1 < 1 && x2 >= 0 && x2 < 1);
        assert_true(data->t[i] == ((x1 > 0.5f) != (x2 > 0.5f) ? 1.0f : 0.0f));
        ones += data->t[i] == 1.0f;
        sum[0] += (double)x1;
        sum[1] += (double)x2;
    }
    assert_true(data->classes);
    assert_int_equal(data->n_train, 500);
    assert_true(ones > 200 && ones < 300);
    assert_close(sum[0] / 500, 0.5, 0.05);
    assert_close(sum[1] / 500, 0.5, 0.05);
    dataset_release(data);
}

static void test_xor_noise_moves_points_but_not_their_class(void **state) {
    (void)state;
    DatasetDesc noisy = {.kind = "xor", .has_noise = true, .noise = 0.1f};
    noisy.has_samples = true;
    noisy.samples = 4000;
    const Dataset *data = make(&noisy, 1);
    int wrong = 0, outside = 0;
    for (size_t i = 0; i < data->n; i++) {
        float x1 = data->x[2 * i], x2 = data->x[2 * i + 1];
        wrong += data->t[i] != ((x1 > 0.5f) != (x2 > 0.5f) ? 1.0f : 0.0f);
        outside += x1 < 0 || x1 > 1 || x2 < 0 || x2 > 1;
    }
    // A normal shift by 0.1 crosses a border with 2 x 0.0399 a coordinate, or leaves with as much.
    assert_close(wrong / 4000.0, 0.147, 0.03);
    assert_close(outside / 4000.0, 0.153, 0.03);
    assert_true(data->classes);
    dataset_release(data);
}

static void test_paraboloid(void **state) {
    (void)state;
    const Dataset *data = make(&(DatasetDesc){.kind = "paraboloid"}, 9);
    assert_int_equal(data->grid[0], 12);
    assert_int_equal(data->grid[1], 12);
    for (int row = 0; row < 12; row++) {
        for (int column = 0; column < 12; column++) {
            const float *x = data->x + 2 * (size_t)(12 * row + column);
            assert_close((double)x[0], -1.0 + column / 5.5, 1e-7);
            assert_close((double)x[1], -1.0 + row / 5.5, 1e-7);
            double z = (double)x[1] * (double)x[1] - (double)x[0] * (double)x[0];
            assert_close((double)data->t[12 * row + column], z, 1e-6);
        }
    }
    assert_false(data->classes);
    dataset_release(data);
    DatasetDesc odd = {.kind = "paraboloid", .has_samples = true, .samples = 150};
    assert_refused(&odd, "data.samples: 150 is not a square number");
    odd.samples = 1;
    assert_refused(&odd, "data.samples: 1 is out of range [4, ");
    odd.samples = 25;
    data = make(&odd, 1);
    assert_int_equal(data->grid[0], 5);
    dataset_release(data);
}

static double error_surface_curve(double x) {
    return x < -2 ? 2 * x + 5 : x < 2 ? 7.3 * sin(x) : -0.03 * pow(x, 3) + 2;
}

static void test_error_surface(void **state) {
    (void)state;
    const Dataset *data = make(&(DatasetDesc){.kind = "error-surface"}, 1);
    assert_int_equal(data->n, 10000);
    assert_int_equal(data->n_train, 7000);
    double sum = 0, squares = 0, noise = 0, noise_squares = 0;
    for (size_t i = 0; i < data->n; i++) {
        double x = (double)data->x[i], rest = (double)data->t[i] - error_surface_curve(x);
        sum += x;
        squares += x * x;
        noise += rest;
        noise_squares += rest * rest;
    }
    double mean = sum / 1e4;
    assert_close(mean, 1.0, 0.15);
    assert_close(sqrt(squares / 1e4 - mean * mean), 4.5, 0.05);
    assert_close(noise / 1e4, 0.0, 0.04);
    assert_close(sqrt(noise_squares / 1e4), 1.0, 0.03);
    dataset_release(data);
}

static void test_split_keeps_both_parts_in_order(void **state) {
    (void)state;
    // Without noise the paraboloid's rows tell their place in the generator's order.
    DatasetDesc desc = {.kind = "paraboloid", .has_test_fraction = true, .test_fraction = 0.25f};
    const Dataset *data = make(&desc, 5), *other = make(&desc, 6);
    assert_int_equal(data->n, 144);
    assert_int_equal(data->n_train, 108);
    assert_int_equal(data->grid[0], 0); // no longer a grid
    bool seen[144] = {false};
    double before = -1;
    for (size_t i = 0; i < data->n; i++) {
        double place = 12 * round(((double)data->x[2 * i + 1] + 1) * 5.5) +
                       round(((double)data->x[2 * i] + 1) * 5.5);
        assert_true(i == data->n_train || place > before);
        assert_false(seen[(int)place]);
        seen[(int)place] = true;
        before = place;
    }
    assert_true(memcmp(data->x, other->x, 288 * sizeof *data->x) != 0);
    dataset_release(data);
    dataset_release(other);

    desc = (DatasetDesc){.kind = "xor", .has_samples = true, .samples = 2};
    desc.has_test_fraction = true;
    desc.test_fraction = 0.01f; // at least one sample each
    data = make(&desc, 1);
    assert_int_equal(data->n_train, 1);
    dataset_release(data);
    desc.test_fraction = 1.0f;
    assert_refused(&desc, "data.test_fraction: must be in [0, 1)");
}

static void test_references(void **state) {
    (void)state;
    const Dataset *data = make(&(DatasetDesc){.kind = "xor"}, 1);
    assert_ptr_equal(dataset_retain(data), data);
    dataset_release(data);
    assert_true(data->x[0] >= 0); // still there
    dataset_release(data);
    dataset_release(NULL);
}

// --- CSV ---

static DatasetDesc csv;

static int set_up(void **state) {
    (void)state;
    csv = (DatasetDesc){.kind = "csv"};
    snprintf(csv.file, sizeof csv.file, "/tmp/saddle-points-%ld.csv", (long)getpid());
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    remove(csv.file);
    return 0;
}

static void write_bytes(const char *text, size_t length) {
    FILE *file = fopen(csv.file, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static const Dataset *read_csv(const char *text) {
    write_bytes(text, strlen(text));
    return make(&csv, 1);
}

static void test_csv_of_a_regression(void **state) {
    (void)state;
    const Dataset *data = read_csv("x1,x2,y\n1,2.5,-3e-1\n-4,+5,.5\n");
    assert_int_equal(data->n, 2);
    assert_int_equal(data->n_train, 2);
    assert_int_equal(data->n_inputs, 2);
    assert_int_equal(data->n_outputs, 1);
    const float x[] = {1, 2.5f, -4, 5}, t[] = {-0.3f, 0.5f};
    assert_memory_equal(data->x, x, sizeof x);
    assert_memory_equal(data->t, t, sizeof t);
    assert_false(data->classes);
    dataset_release(data);
}

static void test_csv_in_other_dress(void **state) {
    (void)state;
    // Byte order mark, CRLF, quotes, blanks, blank lines, columns in another order, no last break.
    const Dataset *data =
        read_csv("\xEF\xBB\xBF\"y2\", x2 ,split,x1,y1\r\n\r\n"
                 "0,\"2\",train,1,1\r\n  \r\n1, 4 ,\"test\",3,0\r\n0,6,train,5,1");
    assert_int_equal(data->n, 3);
    assert_int_equal(data->n_train, 2);
    const float x[] = {1, 2, 5, 6, 3, 4}, t[] = {1, 0, 1, 0, 0, 1};
    assert_memory_equal(data->x, x, sizeof x);
    assert_memory_equal(data->t, t, sizeof t);
    assert_true(data->classes);
    dataset_release(data);
}

static void test_csv_labels_become_one_target_a_class(void **state) {
    (void)state;
    const Dataset *data = read_csv("x1,label\n1,2\n2,0\n3,1\n");
    assert_int_equal(data->n_outputs, 3);
    const float t[] = {0, 0, 1, 1, 0, 0, 0, 1, 0};
    assert_memory_equal(data->t, t, sizeof t);
    assert_true(data->classes);
    dataset_release(data);
}

static void test_csv_split_by_fraction(void **state) {
    (void)state;
    csv.has_test_fraction = true;
    csv.test_fraction = 0.5f;
    const Dataset *data = read_csv("x1,y\n1,1\n2,2\n3,3\n4,4\n");
    assert_int_equal(data->n_train, 2);
    dataset_release(data);
    data = read_csv("x1,y,split\n1,1,train\n2,2,train\n3,3,test\n4,4,train\n"); // the file's own
    assert_int_equal(data->n_train, 3);
    dataset_release(data);
}

static void test_csv_errors_name_the_place(void **state) {
    (void)state;
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"x1,x2,y\n1,2,3\n1,abc,3\n", ": line 3, column x2: \"abc\" is not a number"},
        {"x1,x2,y\n\n\n1,2,3\n1,2,\n", ": line 5, column y: \"\" is not a number"},
        {"x1,x2,y\n1,2\n", ": line 2, column y: missing (the line has 2 of 3 cells)"},
        {"x1,x2,y\n1,2,3,4\n", ": line 2: more than the header's 3 cells"},
        {"x1,x2,y\n1,2,3,\n", ": line 2: more than the header's 3 cells"},
        {"x1,y\nnan,2\n", ": line 2, column x1: \"nan\" is not a finite number"},
        {"x1,y\n1,-inf\n", ": line 2, column y: \"-inf\" is not a finite number"},
        {"x1,y\n1,1e999\n", ": line 2, column y: \"1e999\" is not a finite number"},
        {"x1,y\n1,1e39\n", ": line 2, column y: \"1e39\" is too large for 32 bits"},
        {"x1,y\n1,2 3\n", ": line 2, column y: \"2 3\" is not a number"},
        {"x1,y\n1,2,5\n", ": line 2: more than the header's 2 cells"},
        {"x1,y\n1,\"2\n3\"\n", ": line 2, column 2: a quote is not closed"},
        {"x1,y\n1,\"2\"3\n", ": line 2, column 2: text after a closing quote"},
        {"x1,y,split\n1,2,maybe\n", ": line 2, column split: \"maybe\" is neither train nor test"},
        {"x1,y,split\n1,2,test\n", ": column split: no sample is for training"},
        {"x1,label\n1,1.5\n", ": line 2, column label: \"1.5\" is not a class number"},
        {"x1,label\n1,-1\n", ": line 2, column label: \"-1\" is out of range"},
        {"x1,label\n1,99999999999999999999\n", "is out of range for a class number"},
        {"x1,label\n1,0\n2,0\n", ": column label: all samples are of class 0"},
        {"x1,y\n", ": no samples after the header"},
        {"", ": line 1: no header"},
        {"1,2\n3,4\n", ": line 1, column 1: \"1\" is no column that is known"},
        {"x1,z,y\n", ": line 1, column 2: \"z\" is no column that is known"},
        {"x0,y\n", "\"x0\" is no column that is known"},
        {"x1,x3,y\n", ": line 1, column x3: columns before it are missing"},
        {"x1,x1,y\n", ": line 1, column x1: there are two x columns of that number"},
        {"x1,y,y1\n", "there are two y columns of that number"},
        {"x1,y,label\n", ": line 1: both y and label columns"},
        {"x1,label,label\n", "column label: there are two label columns"},
        {"x1,x2\n", ": line 1: no target column"},
        {"y\n", ": line 1: no input column"},
        {"x1;y\n1;2\n", "\"x1;y\" is no column that is known"},
        {"x99999999999999999999,y\n", "is no column that is known"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_bytes(cases[i].text, strlen(cases[i].text));
        assert_refused(&csv, cases[i].words);
        assert_refused(&csv, csv.file);
    }
}

static void test_csv_with_bytes_of_any_kind(void **state) {
    (void)state;
    write_bytes("x1,y\n1,2\0003\n", 11);
    assert_refused(&csv, ": line 2, column y: \"2\" is not a number");
    // A cell of a megabyte is named by its start, cut before a character that would be halved.
    size_t n = 1 << 20;
    char *text = malloc(n);
    memcpy(text, "x1,y\n", 5);
    for (size_t i = 5; i + 1 < n; i += 2) memcpy(text + i, "\xC3\xA9", 2);
    write_bytes(text, n);
    assert_refused(&csv, ": line 2, column x1: \"");
    Error error;
    dataset_create(&csv, 1, &error);
    assert_true(strlen(error.text) < 200);
    free(text);
    csv.file[0] = '\0';
    assert_refused(&csv, "data.file: csv data needs a file");
    memcpy(csv.file, "/nonexistent.csv", 17);
    assert_refused(&csv, "/nonexistent.csv: cannot read: ");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind_makes_its_default),
        cmocka_unit_test(test_xor),
        cmocka_unit_test(test_xor_noise_moves_points_but_not_their_class),
        cmocka_unit_test(test_paraboloid),
        cmocka_unit_test(test_error_surface),
        cmocka_unit_test(test_split_keeps_both_parts_in_order),
        cmocka_unit_test(test_references),
        cmocka_unit_test_setup_teardown(test_csv_of_a_regression, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_csv_in_other_dress, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_csv_labels_become_one_target_a_class, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_csv_split_by_fraction, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_csv_errors_name_the_place, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_csv_with_bytes_of_any_kind, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
