/// What the tests of data sets share.
#ifndef TESTS_NN_DATASETS_H
#define TESTS_NN_DATASETS_H

#include <stdlib.h>
#include <string.h>

#include "nn/dataset.h"
#include "support.h"

#define DIGITS_FOLDER SADDLE_TEST_DATA "/fixtures/digits"

static inline const Dataset *make(const DatasetDesc *desc, uint64_t seed) {
    Error error = {""};
    const Dataset *data = dataset_create(desc, seed, &error);
    if (!data) fail_msg("%s", error.text);
    return data;
}

static inline void assert_refused(const DatasetDesc *desc, const char *words) {
    Error error = {""};
    const Dataset *data = dataset_create(desc, 1, &error);
    if (data) fail_msg("accepted; expected \"%s\"", words);
    if (!strstr(error.text, words)) fail_msg("\"%s\" does not say \"%s\"", error.text, words);
}

/// A description of a kind with its defaults; digits are those of the fixtures.
static inline DatasetDesc described(const char *kind) {
    DatasetDesc desc = {.samples = 0};
    memcpy(desc.kind, kind, strlen(kind) + 1);
    if (strcmp(kind, "digits") == 0) memcpy(desc.file, DIGITS_FOLDER, sizeof DIGITS_FOLDER);
    return desc;
}

static inline size_t input_count(const Dataset *data) {
    return data->n * (size_t)data->n_inputs;
}

static inline size_t target_count(const Dataset *data) {
    return data->n * (size_t)data->n_outputs;
}

#endif
