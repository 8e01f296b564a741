/// What holds of every data set in the list, the split, and how data sets are shared.
#include <stdio.h>
#include <unistd.h>

#include <pthread.h>

#include "datasets.h"

static char csv_path[64];

static int write_csv(void **state) {
    (void)state;
    snprintf(csv_path, sizeof csv_path, "/tmp/saddle-data-%ld.csv", (long)getpid());
    FILE *file = fopen(csv_path, "wb");
    if (!file) return 1;
    fputs("x1,x2,y\n", file);
    for (int i = 0; i < 40; i++) fprintf(file, "%d,%g,%g\n", i, i * 0.5, i * 0.25 - 1);
    return fclose(file);
}

static int remove_csv(void **state) {
    (void)state;
    return remove(csv_path);
}

/// Calls test for every kind, described by its defaults and, where it reads files, with some.
static void for_every_kind(void (*test)(const DatasetKind *kind, DatasetDesc desc)) {
    for (const DatasetKind *const *kind = dataset_kinds; (*kind)->name; kind++) {
        DatasetDesc desc = described((*kind)->name);
        if (strcmp((*kind)->name, "csv") == 0) memcpy(desc.file, csv_path, sizeof csv_path);
        test(*kind, desc);
    }
}

static void check_kind(const DatasetKind *kind, DatasetDesc desc) {
    assert_ptr_equal(dataset_kind_find(kind->name), kind);
    assert_true(strlen(kind->name) < sizeof desc.kind);
    assert_true(kind->description[0] != '\0' && strlen(kind->description) < 80);
    const Dataset *data = make(&desc, 3);
    if (kind->default_samples > 0) assert_int_equal(data->n, kind->default_samples);
    if (kind->n_inputs > 0) assert_int_equal(data->n_inputs, kind->n_inputs);
    if (kind->n_outputs > 0) assert_int_equal(data->n_outputs, kind->n_outputs);
    assert_true(data->n_train >= 1 && data->n_train <= data->n);
    float x_min[2] = {INFINITY, INFINITY}, x_max[2] = {-INFINITY, -INFINITY};
    for (size_t i = 0; i < input_count(data); i++) {
        assert_true(isfinite(data->x[i]) && fabsf(data->x[i]) < 100);
        size_t k = i % (size_t)data->n_inputs;
        if (k > 1) continue;
        x_min[k] = fminf(x_min[k], data->x[i]);
        x_max[k] = fmaxf(x_max[k], data->x[i]);
    }
    for (int k = 0; k < 2 && k < data->n_inputs; k++) {
        assert_true(data->x_min[k] == x_min[k] && data->x_max[k] == x_max[k]);
    }
    float t_min = INFINITY, t_max = -INFINITY;
    bool classes = true;
    for (size_t i = 0; i < data->n; i++) {
        float sum = 0;
        for (int k = 0; k < data->n_outputs; k++) {
            float t = data->t[i * (size_t)data->n_outputs + (size_t)k];
            assert_true(isfinite(t) && fabsf(t) < 1e4f);
            t_min = fminf(t_min, t);
            t_max = fmaxf(t_max, t);
            classes = classes && (t == 0 || t == 1);
            sum += t;
        }
        if (data->n_outputs > 1 && sum != 1) classes = false;
    }
    assert_true(data->t_min == t_min && data->t_max == t_max && t_min < t_max);
    assert_int_equal(data->classes, classes);
    dataset_release(data);
}

static void test_every_kind_makes_its_default(void **state) {
    (void)state;
    for_every_kind(check_kind);
    assert_null(dataset_kind_find("spirals"));
    assert_refused(&(DatasetDesc){.kind = "spirals"},
                   "data.kind: no data set is called \"spirals\"");
}

/// A copy of the inputs, then the targets.
static float *copy_of(const Dataset *data) {
    size_t x = input_count(data), t = target_count(data);
    float *copy = malloc((x + t) * sizeof *copy);
    assert_non_null(copy);
    memcpy(copy, data->x, x * sizeof *copy);
    memcpy(copy + x, data->t, t * sizeof *copy);
    return copy;
}

static void check_repeats(const DatasetKind *kind, DatasetDesc desc) {
    if (kind->default_samples > 0) { // some have no noise by default, and then no seed matters
        desc.has_noise = true;
        desc.noise = 0.1f;
    }
    const Dataset *data = make(&desc, 3);
    size_t bytes = (input_count(data) + target_count(data)) * sizeof(float);
    float *before = copy_of(data);
    dataset_release(data); // the last one: nothing is left to be shared
    data = make(&desc, 3);
    float *after = copy_of(data);
    dataset_release(data);
    assert_memory_equal(before, after, bytes);
    free(after);
    data = make(&desc, 4);
    after = copy_of(data);
    dataset_release(data);
    assert_int_equal(memcmp(before, after, bytes) != 0, !kind->seedless);
    free(after);
    free(before);
}

static void test_the_seed_decides_every_bit(void **state) {
    (void)state;
    for_every_kind(check_repeats);
}

static void check_sizes(const DatasetKind *kind, DatasetDesc desc) {
    if (kind->default_samples == 0) return;
    desc.has_samples = true;
    desc.samples = kind->min_samples;
    const Dataset *data = make(&desc, 1);
    assert_int_equal(data->n, kind->min_samples);
    for (size_t i = 0; i < input_count(data); i++) assert_true(isfinite(data->x[i]));
    dataset_release(data);
    desc.samples = kind->min_samples - 1;
    char words[64];
    snprintf(words, sizeof words, "data.samples: %d is out of range [%d, 16777216]", desc.samples,
             kind->min_samples);
    assert_refused(&desc, words);
    desc.samples = DATASET_SAMPLES_MAX + 1;
    assert_refused(&desc, "data.samples: 16777217 is out of range");
    desc.samples = 2500; // the square of 50
    data = make(&desc, 1);
    assert_int_equal(data->n, 2500);
    dataset_release(data);
}

static void test_every_kind_makes_as_many_as_asked_for(void **state) {
    (void)state;
    for_every_kind(check_sizes);
}

static void check_split(const DatasetKind *kind, DatasetDesc desc) {
    if (strcmp(kind->name, "digits") == 0) return; // its files say
    desc.has_test_fraction = true;
    desc.test_fraction = 0.25f;
    const Dataset *data = make(&desc, 1);
    size_t tests = (size_t)(0.25 * (double)data->n + 0.5);
    assert_int_equal(data->n_train, data->n - tests);
    dataset_release(data);
}

static void test_every_kind_can_be_split(void **state) {
    (void)state;
    for_every_kind(check_split);
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

// --- Sharing ---

static void test_the_same_data_are_shared_while_held(void **state) {
    (void)state;
    DatasetDesc desc = described("xor");
    const Dataset *data = make(&desc, 1), *again = make(&desc, 1), *other = make(&desc, 2);
    assert_ptr_equal(again, data);
    assert_ptr_not_equal(other, data);
    dataset_release(other);
    desc.has_samples = desc.has_noise = desc.has_test_fraction = true;
    desc.samples = 500;
    again = make(&desc, 1); // the defaults, spelled out
    assert_ptr_equal(again, data);
    dataset_release(again);
    const DatasetDesc changes[] = {
        {.kind = "xor", .has_samples = true, .samples = 499},
        {.kind = "xor", .has_noise = true, .noise = 0.1f},
        {.kind = "xor", .has_test_fraction = true, .test_fraction = 0.1f},
        {.kind = "circles"},
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        other = make(&changes[i], 1);
        assert_ptr_not_equal(other, data);
        dataset_release(other);
    }
    dataset_release(data);
    again = make(&desc, 1); // one reference is left, of the first `again`
    assert_ptr_equal(again, data);
    dataset_release(again);
    dataset_release(again);
}

static void test_files_are_read_once_until_they_change(void **state) {
    (void)state;
    DatasetDesc desc = described("csv");
    memcpy(desc.file, csv_path, sizeof csv_path);
    const Dataset *data = make(&desc, 1), *again = make(&desc, 2);
    assert_ptr_equal(again, data); // no seed changes what is read
    dataset_release(again);
    desc.has_test_fraction = true;
    desc.test_fraction = 0.5f;
    const Dataset *split = make(&desc, 1), *other = make(&desc, 2);
    assert_ptr_not_equal(split, data);
    assert_ptr_not_equal(other, split); // but it does change the split
    dataset_release(split);
    dataset_release(other);
    desc.has_test_fraction = false;
    FILE *file = fopen(csv_path, "ab");
    assert_non_null(file);
    fputs("1,2,3\n", file);
    assert_int_equal(fclose(file), 0);
    again = make(&desc, 1);
    assert_ptr_not_equal(again, data);
    assert_int_equal(again->n, data->n + 1);
    dataset_release(again);
    dataset_release(data);
}

enum { THREADS = 4, ROUNDS = 50 };

typedef struct Asker {
    pthread_t thread;
    pthread_barrier_t *barrier;
    DatasetDesc desc;
    const Dataset *got[ROUNDS];
    char error[ROUNDS][32];
} Asker;

/// Asks for a data set when all the others do, and holds it until all have got theirs.
static void *ask(void *arg) {
    Asker *asker = arg;
    for (int i = 0; i < ROUNDS; i++) {
        Error error = {""};
        pthread_barrier_wait(asker->barrier);
        const Dataset *data = dataset_create(&asker->desc, (uint64_t)i, &error);
        asker->got[i] = data;
        memcpy(asker->error[i], error.text, sizeof asker->error[i] - 1);
        pthread_barrier_wait(asker->barrier);
        if (data && i % 2) dataset_retain(data);
        dataset_release(data);
        if (i % 2) dataset_release(data);
    }
    return NULL;
}

static void ask_together(Asker *askers, const DatasetDesc *desc) {
    pthread_barrier_t barrier;
    assert_int_equal(pthread_barrier_init(&barrier, NULL, THREADS), 0);
    for (int i = 0; i < THREADS; i++) {
        askers[i] = (Asker){.barrier = &barrier, .desc = *desc};
        assert_int_equal(pthread_create(&askers[i].thread, NULL, ask, &askers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) pthread_join(askers[i].thread, NULL);
    pthread_barrier_destroy(&barrier);
}

static void test_threads_that_ask_together_get_one(void **state) {
    (void)state;
    static Asker askers[THREADS];
    DatasetDesc desc = described("error-surface");
    ask_together(askers, &desc);
    for (int round = 0; round < ROUNDS; round++) {
        assert_non_null(askers[0].got[round]);
        for (int i = 1; i < THREADS; i++) {
            assert_ptr_equal(askers[i].got[round], askers[0].got[round]);
        }
    }
}

static void test_threads_that_ask_together_all_hear_of_a_failure(void **state) {
    (void)state;
    static Asker askers[THREADS];
    DatasetDesc desc = described("csv");
    memcpy(desc.file, "/nonexistent.csv", 17);
    ask_together(askers, &desc);
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < THREADS; i++) {
            assert_null(askers[i].got[round]);
            assert_string_equal(askers[i].error[round], "/nonexistent.csv: cannot read: ");
        }
    }
}

/// Takes a small data set and gives it back, again and again, so that one thread's last reference
/// often goes while another looks for the data.
static void *come_and_go(void *arg) {
    bool *good = arg;
    DatasetDesc desc = described("xor-corners");
    for (int i = 0; i < 50000; i++) {
        const Dataset *data = dataset_create(&desc, 1, NULL);
        *good = *good && data && data->n == 4 && data->x[3] == 1 && data->t[1] == 1;
        dataset_release(data);
    }
    return NULL;
}

static void test_threads_that_come_and_go(void **state) {
    (void)state;
    pthread_t threads[THREADS];
    bool good[THREADS];
    for (int i = 0; i < THREADS; i++) {
        good[i] = true;
        assert_int_equal(pthread_create(&threads[i], NULL, come_and_go, &good[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_true(good[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind_makes_its_default),
        cmocka_unit_test(test_the_seed_decides_every_bit),
        cmocka_unit_test(test_every_kind_makes_as_many_as_asked_for),
        cmocka_unit_test(test_every_kind_can_be_split),
        cmocka_unit_test(test_split_keeps_both_parts_in_order),
        cmocka_unit_test(test_references),
        cmocka_unit_test(test_the_same_data_are_shared_while_held),
        cmocka_unit_test(test_threads_that_ask_together_get_one),
        cmocka_unit_test(test_threads_that_ask_together_all_hear_of_a_failure),
        cmocka_unit_test(test_threads_that_come_and_go),
        cmocka_unit_test(test_files_are_read_once_until_they_change),
    };
    return cmocka_run_group_tests(tests, write_csv, remove_csv);
}
