/// Digits: the small files of the fixtures, Fashion-MNIST where it is installed, and folders that
/// are not what they should be.
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "datasets.h"
#include "fixtures/datasets.h"

enum { PIXELS = 784, CLASSES = 10 };

static void assert_label(const Dataset *data, size_t i, int label) {
    for (int k = 0; k < CLASSES; k++) {
        assert_true(data->t[i * CLASSES + (size_t)k] == (k == label ? 1.0f : 0.0f));
    }
}

static void test_reads_the_four_files(void **state) {
    (void)state;
    DatasetDesc desc = described("digits");
    const Dataset *data = make(&desc, 1);
    assert_int_equal(data->n, 17);
    assert_int_equal(data->n_train, 12);
    assert_int_equal(data->n_inputs, PIXELS);
    assert_int_equal(data->n_outputs, CLASSES);
    assert_true(data->classes);
    for (int i = 0; i < 17; i++) { // as record_datasets.py wrote them
        int number = i < 12 ? i : i - 12, offset = i < 12 ? 0 : 100;
        for (int k = 0; k < PIXELS; k++) {
            float pixel = (float)((k * (number + 1) + offset) % 256);
            assert_true(data->x[i * PIXELS + k] == pixel / 255.0f);
        }
        assert_label(data, (size_t)i, (3 * number + 1) % 10);
    }
    dataset_release(data);
}

static void test_takes_the_first_samples(void **state) {
    (void)state;
    DatasetDesc desc = described("digits");
    const Dataset *all = make(&desc, 1);
    desc.has_samples = true;
    static const int wanted[] = {12, 11, 6, 5, 1}, tests[] = {2, 1, 1, 1, 1};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        desc.samples = wanted[i];
        const Dataset *data = make(&desc, 1);
        size_t train = (size_t)wanted[i], test = (size_t)tests[i];
        assert_int_equal(data->n_train, train);
        assert_int_equal(data->n, train + test);
        assert_memory_equal(data->x, all->x, train * PIXELS * sizeof(float));
        assert_memory_equal(data->x + train * PIXELS, all->x + 12 * PIXELS,
                            test * PIXELS * sizeof(float));
        assert_memory_equal(data->t, all->t, train * CLASSES * sizeof(float));
        assert_memory_equal(data->t + train * CLASSES, all->t + 12 * CLASSES,
                            test * CLASSES * sizeof(float));
        dataset_release(data);
    }
    dataset_release(all);
    desc.samples = 13;
    assert_refused(&desc, "data.samples: 13 are more than the 12 samples for training");
    desc.samples = 0;
    assert_refused(&desc, "data.samples: 0 is out of range [1, ");
}

static void test_are_shared_by_all_seeds(void **state) {
    (void)state;
    DatasetDesc desc = described("digits");
    const Dataset *data = make(&desc, 1), *other = make(&desc, 2);
    assert_ptr_equal(other, data);
    dataset_release(other);
    desc.has_samples = true;
    desc.samples = 2;
    other = make(&desc, 1);
    assert_ptr_not_equal(other, data);
    dataset_release(other);
    dataset_release(data);
}

static void test_refuses_what_does_not_apply(void **state) {
    (void)state;
    DatasetDesc desc = described("digits");
    desc.has_test_fraction = desc.has_noise = true;
    desc.test_fraction = 0.3f;
    assert_refused(&desc, "data.test_fraction: must be 0 for digits");
    desc.test_fraction = 0;
    desc.noise = 0.1f;
    assert_refused(&desc, "data.noise: must be 0 for digits");
    desc.noise = 0;
    dataset_release(make(&desc, 1));
}

// --- Fashion-MNIST ---

static void check_part(const Dataset *data, size_t first, size_t n, const double sums[3],
                       const int counts[10], const int labels[10]) {
    double sum = 0, by_pixel = 0, by_image = 0;
    int counted[CLASSES] = {0};
    for (size_t i = 0; i < n; i++) {
        const float *x = data->x + (first + i) * PIXELS;
        double image = 0;
        for (int k = 0; k < PIXELS; k++) {
            double pixel = rint((double)x[k] * 255);
            image += pixel;
            by_pixel += pixel * (k + 1);
        }
        sum += image;
        by_image += image * (double)(i + 1);
        for (size_t k = 0; k < CLASSES; k++) {
            counted[k] += data->t[(first + i) * CLASSES + k] == 1;
        }
        if (i < 10) assert_label(data, first + i, labels[i]);
    }
    assert_true(sum == sums[0] && by_pixel == sums[1] && by_image == sums[2]);
    assert_memory_equal(counted, counts, sizeof counted);
}

static void test_fashion_mnist_is_what_numpy_reads(void **state) {
    (void)state;
    if (access("/usr/share/datasets/fashion-mnist", R_OK) != 0) skip();
    const Dataset *data = make(&(DatasetDesc){.kind = "digits"}, 1);
    assert_int_equal(data->n_train, FASHION_TRAIN_N);
    assert_int_equal(data->n, FASHION_TRAIN_N + FASHION_TEST_N);
    const double train[] = {FASHION_TRAIN_PIXELS, FASHION_TRAIN_BY_PIXEL, FASHION_TRAIN_BY_IMAGE};
    const double test[] = {FASHION_TEST_PIXELS, FASHION_TEST_BY_PIXEL, FASHION_TEST_BY_IMAGE};
    check_part(data, 0, FASHION_TRAIN_N, train, fashion_train_counts, fashion_train_first);
    check_part(data, FASHION_TRAIN_N, FASHION_TEST_N, test, fashion_test_counts,
               fashion_test_first);
    assert_true(data->t_min == 0 && data->t_max == 1);
    dataset_release(data);
}

// --- Folders that are not what they should be ---

static const char *const names[] = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                    "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};
static DatasetDesc own;

static int set_up(void **state) {
    (void)state;
    own = described("digits");
    snprintf(own.file, sizeof own.file, "/tmp/saddle-digits-%ld", (long)getpid());
    return mkdir(own.file, 0700);
}

static void in_folder(char path[160], const char *name) {
    snprintf(path, 160, "%.100s/%s", own.file, name);
}

static void remove_file(const char *name) {
    char path[160];
    in_folder(path, name);
    remove(path);
}

static int tear_down(void **state) {
    (void)state;
    for (int i = 0; i < 4; i++) remove_file(names[i]);
    return rmdir(own.file);
}

/// Writes an IDX file of zeros, with the sizes given (those that are not 0) and bytes more.
static void write_idx(const char *name, const unsigned sizes[3], int more) {
    char path[160];
    in_folder(path, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    int rank = 0;
    long n = 1;
    while (rank < 3 && sizes[rank] > 0) n *= sizes[rank++];
    const unsigned char magic[] = {0, 0, 8, (unsigned char)rank};
    fwrite(magic, 1, 4, file);
    for (int i = 0; i < rank; i++) {
        const unsigned char size[] = {0, 0, (unsigned char)(sizes[i] >> 8),
                                      (unsigned char)sizes[i]};
        fwrite(size, 1, 4, file);
    }
    for (long i = 0; i < n + more; i++) fputc(0, file);
    assert_int_equal(fclose(file), 0);
}

/// Four files of two and one images.
static void write_good(void) {
    static const unsigned sizes[4][3] = {{2, 28, 28}, {2}, {1, 28, 28}, {1}};
    for (int i = 0; i < 4; i++) write_idx(names[i], sizes[i], 0);
}

static void assert_says(const char *name, const char *words) {
    char text[320];
    if (name) {
        char path[160];
        in_folder(path, name);
        snprintf(text, sizeof text, "%s: %s", path, words);
    } else {
        snprintf(text, sizeof text, "%.100s: %s", own.file, words);
    }
    assert_refused(&own, text);
}

static void test_missing_files(void **state) {
    (void)state;
    for (int i = 0; i < 4; i++) {
        write_good();
        const Dataset *data = make(&own, 1);
        assert_int_equal(data->n, 3);
        assert_int_equal(data->n_train, 2);
        dataset_release(data);
        remove_file(names[i]);
        char words[80];
        snprintf(words, sizeof words, "has no %s (nor .gz)", names[i]);
        assert_says(NULL, words);
    }
    DatasetDesc desc = described("digits");
    memcpy(desc.file, "/nonexistent", 13);
    assert_refused(&desc, "/nonexistent: has no train-images-idx3-ubyte (nor .gz)");
    memcpy(desc.file, "/etc/passwd", 12);
    assert_refused(&desc, "/etc/passwd: is a file; data.file must name the folder with ");
}

static void test_wrong_files(void **state) {
    (void)state;
    write_good();
    write_idx(names[0], (unsigned[]){2, 28, 27}, 0);
    assert_says(names[0], "does not hold images of 28 x 28 pixels");
    write_idx(names[0], (unsigned[]){2, 784, 0}, 0);
    assert_says(names[0], "does not hold images of 28 x 28 pixels");
    write_idx(names[0], (unsigned[]){3, 28, 28}, 0);
    assert_says(names[0], "3 images, but 2 labels beside them");
    write_idx(names[0], (unsigned[]){2, 28, 28}, -1);
    assert_says(names[0], "is cut off: its header promises 1584 bytes, and there are 1583");
    write_idx(names[0], (unsigned[]){2, 28, 28}, 1);
    assert_says(names[0], "goes on after the 1584 bytes");
    write_good();
    write_idx(names[2], (unsigned[]){2, 28, 28}, 0);
    assert_says(names[2], "2 images, but 1 labels beside them");
    write_good();
    write_idx(names[1], (unsigned[]){2, 28, 28}, 0);
    assert_says(names[1], "has 3 dimensions, and labels have 1");
    write_idx(names[1], (unsigned[]){0, 0, 0}, -1);
    assert_says(names[1], "is an IDX file of 0 dimensions");
    write_good();
    char path[160];
    in_folder(path, names[3]);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    const unsigned char ten[] = {0, 0, 8, 1, 0, 0, 0, 1, 10}, none[] = {0, 0, 8, 1, 0, 0, 0, 0};
    fwrite(ten, 1, sizeof ten, file);
    fclose(file);
    assert_says(names[3], "label 1 is 10, and not 0 to 9");
    file = fopen(path, "wb");
    assert_non_null(file);
    fwrite(none, 1, sizeof none, file);
    fclose(file);
    assert_says(names[3], "0 labels, and not 1 to");
    write_good();
    dataset_release(make(&own, 1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_the_four_files),
        cmocka_unit_test(test_takes_the_first_samples),
        cmocka_unit_test(test_are_shared_by_all_seeds),
        cmocka_unit_test(test_refuses_what_does_not_apply),
        cmocka_unit_test(test_fashion_mnist_is_what_numpy_reads),
        cmocka_unit_test_setup_teardown(test_missing_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_wrong_files, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
