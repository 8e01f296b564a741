/// Data from CSV files: what is read, and every way in which a file can be wrong.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "datasets.h"

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

static void test_csv_of_one_hot_targets(void **state) {
    (void)state;
    // As `saddle data` writes a data set of three classes.
    const Dataset *data = read_csv("x1,x2,y1,y2,y3,split\n1,2,0,0,1,train\n3,4,1,0,0,train\n"
                                   "5,6,0,1,0,test\n");
    assert_int_equal(data->n_outputs, 3);
    assert_int_equal(data->n_train, 2);
    const float t[] = {0, 0, 1, 1, 0, 0, 0, 1, 0};
    assert_memory_equal(data->t, t, sizeof t);
    assert_true(data->classes);
    dataset_release(data);
    data = read_csv("x1,y1,y2\n1,0,1\n2,1,1\n"); // two answers at once are no class
    assert_false(data->classes);
    dataset_release(data);
    data = read_csv("x1,label\n1,1\n2,0\n"); // two classes: two targets, for a softmax
    assert_int_equal(data->n_outputs, 2);
    dataset_release(data);
    data = read_csv("x1,y\n1,1\n2,0\n"); // or one, for a sigmoid
    assert_int_equal(data->n_outputs, 1);
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
    assert_refused(&csv, ".csv: is not plain text (it holds zero bytes): save it in UTF-8");
    // A class number that goes on beyond what is kept of a cell.
    static const char head[] = "x1,label\n1,1";
    char digits[128];
    memset(digits, ' ', sizeof digits);
    memcpy(digits, head, sizeof head - 1);
    digits[sizeof digits - 1] = '2';
    write_bytes(digits, sizeof digits);
    assert_refused(&csv, "is not a class number");
    // A cell of a megabyte is named by its start, cut before a character that would be halved.
    size_t n = 1 << 20;
    char *text = malloc(n);
    memcpy(text, "x1,y\n", 5);
    for (size_t i = 5; i + 1 < n; i += 2) memcpy(text + i, "\xC3\xA9", 2);
    write_bytes(text, n - 1);
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
        cmocka_unit_test_setup_teardown(test_csv_of_a_regression, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_csv_in_other_dress, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_csv_labels_become_one_target_a_class, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_csv_of_one_hot_targets, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_csv_split_by_fraction, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_csv_errors_name_the_place, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_csv_with_bytes_of_any_kind, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
