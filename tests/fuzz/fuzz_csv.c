/// CSV data: as a data set with targets, and as points to predict at.
#include <math.h>

#include "nn/datasets/csv.h"

#include "fuzz.h"

static void check_finite(const float *values, size_t n) {
    for (size_t i = 0; i < n; i++) fuzz_check(isfinite(values[i]));
}

static void check_dataset(const char *text, size_t size) {
    Dataset data = {.n = 0};
    Error error = {""};
    if (csv_read(text, size, "data.csv", &data, &error)) {
        fuzz_check(data.n >= 1 && data.n <= size && data.n_train <= data.n);
        fuzz_check(data.n_inputs >= 1 && data.n_outputs >= 1);
        check_finite(data.x, data.n * (size_t)data.n_inputs);
        check_finite(data.t, data.n * (size_t)data.n_outputs);
    } else {
        fuzz_check_error(&error);
    }
    free(data.x);
    free(data.t);
}

static void check_inputs(const char *text, size_t size, int n_inputs) {
    float *x = NULL;
    size_t n = 0;
    Error error = {""};
    if (csv_read_inputs(text, size, "points.csv", n_inputs, &x, &n, &error)) {
        fuzz_check(n >= 1 && n <= size);
        check_finite(x, n * (size_t)n_inputs);
        free(x);
    } else {
        fuzz_check_error(&error);
        fuzz_check(!x && n == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    check_dataset((const char *)data, size);
    check_inputs((const char *)data, size, 2);
    return 0;
}
