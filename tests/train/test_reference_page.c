/// docs/experiments.md says of every key what the program says: its values and its default, a row
/// a key, and no key that there is not. On failure the row that should be there is printed.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "train/experiment_keys.h"

#include "support.h"

enum { CELL = 400 };

/// Defaults that are no value of their own.
static const struct {
    const char *path, *text;
} in_words[] = {
    {"saddle", "needed"},
    {"name", "the file's"},
    {"title.en", "none"},
    {"title.zh_CN", "none"},
    {"data.kind", "needed"},
    {"data.samples", "the kind's"},
    {"data.noise", "the kind's"},
    {"data.test_fraction", "the kind's"},
    {"data.file", "none"},
    {"training.optimizer.learning_rate", "the kind's"},
    {"training.optimizer.weight_decay", "the kind's"},
    {"training.schedule.gamma", "the kind's"},
    {"training.schedule.epochs", "0: all"},
    {"landscape.axes.0", "the first"},
    {"landscape.axes.1", "the second"},
    {"landscape.clip", "0: none"},
    {"units", "needed"},
};

static void values_of(const Key *key, char out[CELL]) {
    *out = '\0';
    switch (key->type) {
    case KEY_VERSION: snprintf(out, CELL, "%d", EXPERIMENT_FORMAT); break;
    case KEY_STRING: snprintf(out, CELL, "text"); break;
    case KEY_KIND: snprintf(out, CELL, "`saddle list datasets`"); break;
    case KEY_BOOL: snprintf(out, CELL, "true, false"); break;
    case KEY_BIAS: snprintf(out, CELL, "true, false, a list"); break;
    case KEY_SPLIT: snprintf(out, CELL, "train, test"); break;
    case KEY_AXIS: snprintf(out, CELL, "LAYER:ROW:COL, LAYER:ROW:b"); break;
    case KEY_INT:
    case KEY_LONG:
        snprintf(out, CELL, "%.0f to %" PRId64, key->lo,
                 key->hi < 0x1p63 ? (int64_t)key->hi : INT64_MAX);
        break;
    case KEY_FLOAT:
    case KEY_DOUBLE:
        snprintf(out, CELL, "%.9g to %s%.9g", key->lo, key->open_hi ? "below " : "", key->hi);
        break;
    case KEY_NAME:
        for (int i = 0; i < key->names->count; i++) {
            size_t used = strlen(out);
            snprintf(out + used, CELL - used, "%s%s", i ? ", " : "", key->names->name(i));
        }
        break;
    }
}

static void default_of(const Key *key, const void *base, char out[CELL]) {
    for (size_t i = 0; i < sizeof in_words / sizeof *in_words; i++) {
        if (strcmp(in_words[i].path, key->path) != 0) continue;
        snprintf(out, CELL, "%s", in_words[i].text);
        return;
    }
    Key plain = *key; // as it lies in the struct, whether or not a file would say it
    plain.has = 0;
    plain.quiet = false;
    json_t *value = key_to_json(&plain, base);
    assert_non_null(value);
    if (json_is_real(value)) {
        snprintf(out, CELL, "%.9g", json_real_value(value));
        json_decref(value);
        return;
    }
    char *text = json_dumps(value, JSON_ENCODE_ANY);
    assert_non_null(text);
    const bool quoted = *text == '"';
    snprintf(out, CELL, "%.*s", (int)strlen(text) - 2 * quoted, text + quoted);
    free(text);
    json_decref(value);
}

static char *read_page(void) {
    Error error;
    size_t size;
    char *page = file_read(SADDLE_TEST_DATA "/../docs/experiments.md", 1 << 20, &size, &error);
    if (!page) fail_msg("%s", error.text);
    return page;
}

static int missing_rows(const char *page, const Key *table, const void *base) {
    int missing = 0;
    for (const Key *key = table; key->path; key++) {
        char values[CELL], usual[CELL], row[3 * CELL];
        values_of(key, values);
        default_of(key, base, usual);
        snprintf(row, sizeof row, "\n| `%s` | %s | %s | ", key->path, values, usual);
        if (strstr(page, row)) continue;
        print_error("docs/experiments.md lacks%s\n", row);
        missing++;
    }
    return missing;
}

static void test_every_key_has_its_row(void **state) {
    (void)state;
    static const char text[] = "{\"saddle\": 1, \"data\": {\"kind\": \"xor\"}, "
                               "\"network\": {\"layers\": [{\"units\": 1}]}}";
    Error error;
    Experiment *e = experiment_parse(text, sizeof text - 1, "usual.json", &error);
    assert_non_null(e);
    char *page = read_page();
    assert_int_equal(missing_rows(page, experiment_keys, e) +
                         missing_rows(page, experiment_layer_keys, &e->layers[0]),
                     0);
    free(page);
    experiment_release(e);
}

static void test_every_row_has_its_key(void **state) {
    (void)state;
    char *page = read_page();
    int rows = 0;
    for (const char *at = strstr(page, "\n| `"); at; at = strstr(at, "\n| `")) {
        at += 4;
        char path[KEY_PATH_SIZE];
        snprintf(path, sizeof path, "%.*s", (int)strcspn(at, "`"), at);
        // These have code of their own, not a line in a table.
        bool known =
            strcmp(path, "weight") == 0 || strcmp(path, "layout") == 0 || strcmp(path, "race") == 0;
        if (!known && !key_find(experiment_keys, path) && !key_find(experiment_layer_keys, path))
            fail_msg("docs/experiments.md speaks of %s, which is no key", path);
        rows++;
    }
    assert_true(rows > 40);
    free(page);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_key_has_its_row),
        cmocka_unit_test(test_every_row_has_its_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
