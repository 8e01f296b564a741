#include "train/experiment_keys.h"

#include <ctype.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "train/json_text.h"

#define NAME_LIST(variable, type, function, length)                                                \
    static const char *variable##_name(int value) {                                                \
        return function((type)value);                                                              \
    }                                                                                              \
    static const NameList variable = {variable##_name, length};

static const char *camera_name(LandscapeCamera camera) {
#define X(constant, name) name,
    static const char *const names[] = {LANDSCAPE_CAMERA_LIST(X)};
#undef X
    return names[camera];
}

NAME_LIST(cameras, LandscapeCamera, camera_name, LANDSCAPE_CAMERAS)
NAME_LIST(activations, Activation, activation_name, ACTIVATION_COUNT)
NAME_LIST(initialisers, Init, init_name, INIT_COUNT)
NAME_LIST(losses, Loss, loss_name, LOSS_COUNT)
NAME_LIST(optimizers, OptimizerKind, optimizer_name, OPTIMIZER_COUNT)
NAME_LIST(schedules, ScheduleKind, schedule_name, SCHEDULE_COUNT)
NAME_LIST(norms, Norm, norm_name, NORM_COUNT)
NAME_LIST(planes, PlaneKind, plane_name, PLANE_COUNT)

#define AT(member)       .at = offsetof(Experiment, member)
#define HAS(member)      .has = offsetof(Experiment, member)
#define LAYER_AT(member) .at = offsetof(ExperimentLayer, member)
#define STRING(member)   AT(member), .hi = sizeof(((Experiment *)0)->member)
#define SHARE            .lo = 0, .hi = 1, .open_hi = true

// The keys of an optimizer, in a struct that has `optimizer` and `given`. A root of zero needs
// something to be added: eps.
#define OPTIMIZER_NUMBER(prefix, name, type)                                                       \
    prefix #name, KEY_FLOAT, .at = offsetof(type, optimizer.name), .has = offsetof(type, given.name)
#define OPTIMIZER_KEYS(prefix, type)                                                               \
    {prefix "kind", KEY_NAME, .at = offsetof(type, optimizer.kind), .names = &optimizers},         \
        {OPTIMIZER_NUMBER(prefix, learning_rate, type), .lo = 0, .hi = 1e6},                       \
        {prefix "momentum", KEY_FLOAT, .at = offsetof(type, optimizer.momentum), SHARE,            \
         .quiet = true},                                                                           \
        {prefix "nesterov", KEY_BOOL, .at = offsetof(type, optimizer.nesterov), .quiet = true},    \
        {OPTIMIZER_NUMBER(prefix, beta, type), SHARE},                                             \
        {OPTIMIZER_NUMBER(prefix, alpha, type), SHARE},                                            \
        {OPTIMIZER_NUMBER(prefix, beta1, type), SHARE},                                            \
        {OPTIMIZER_NUMBER(prefix, beta2, type), SHARE},                                            \
        {OPTIMIZER_NUMBER(prefix, eps, type), .lo = 1e-30, .hi = 1}, {                             \
        OPTIMIZER_NUMBER(prefix, weight_decay, type), .lo = 0, .hi = 1e6                           \
    }

const Key experiment_keys[] = {
    {"saddle", KEY_VERSION, .at = 0},
    {"name", KEY_STRING, STRING(name)},
    {"title.en", KEY_STRING, STRING(title_en)},
    {"title.zh_CN", KEY_STRING, STRING(title_zh)},
    {"seed", KEY_LONG, AT(seed), .lo = 0, .hi = 0x1p63},

    {"data.kind", KEY_KIND, STRING(data.kind)},
    {"data.samples", KEY_INT, AT(data.samples), HAS(data.has_samples), .lo = 1,
     .hi = DATASET_SAMPLES_MAX},
    {"data.noise", KEY_FLOAT, AT(data.noise), HAS(data.has_noise), .lo = 0, .hi = 1e6},
    {"data.test_fraction", KEY_FLOAT, AT(data.test_fraction), HAS(data.has_test_fraction), .lo = 0,
     .hi = 1, .open_hi = true},
    {"data.file", KEY_STRING, STRING(data.file)},

    {"network.init", KEY_NAME, AT(init), .names = &initialisers},

    {"training.loss", KEY_NAME, AT(loss), .names = &losses},
    OPTIMIZER_KEYS("training.optimizer.", Experiment),
    {"training.schedule.kind", KEY_NAME, AT(schedule.kind), .names = &schedules},
    {"training.schedule.step_size", KEY_LONG, AT(schedule.step_size), HAS(given.step_size), .lo = 1,
     .hi = EPOCHS_MAX},
    {"training.schedule.gamma", KEY_FLOAT, AT(schedule.gamma), HAS(given.gamma), .lo = 0, .hi = 10},
    {"training.schedule.epochs", KEY_LONG, AT(schedule.epochs), .lo = 0, .hi = EPOCHS_MAX,
     .quiet = true},
    {"training.schedule.min_learning_rate", KEY_FLOAT, AT(schedule.minimum_learning_rate), .lo = 0,
     .hi = 1e6, .quiet = true},
    {"training.schedule.warmup", KEY_LONG, AT(schedule.warmup), HAS(given.warmup), .lo = 0,
     .hi = EPOCHS_MAX},
    {"training.batch_size", KEY_INT, AT(batch_size), .lo = 0, .hi = DATASET_SAMPLES_MAX},
    {"training.shuffle", KEY_BOOL, AT(shuffle)},
    {"training.epochs", KEY_LONG, AT(epochs), .lo = 0, .hi = EPOCHS_MAX},
    {"training.l1", KEY_FLOAT, AT(l1), .lo = 0, .hi = 1e6, .quiet = true},
    {"training.l2", KEY_FLOAT, AT(l2), .lo = 0, .hi = 1e6, .quiet = true},
    {"training.early_stopping.patience", KEY_LONG, AT(early_stopping.patience), .lo = 0,
     .hi = EPOCHS_MAX, .quiet = true},
    {"training.early_stopping.min_delta", KEY_DOUBLE, AT(early_stopping.min_delta), .lo = 0,
     .hi = 1e6, .quiet = true},

    {"landscape.axes.0", KEY_AXIS, AT(landscape.axes[0]), HAS(landscape.has_axes)},
    {"landscape.axes.1", KEY_AXIS, AT(landscape.axes[1]), HAS(landscape.has_axes)},
    {"landscape.plane", KEY_NAME, AT(landscape.plane), .names = &planes, .quiet = true},
    {"landscape.range.0.0", KEY_DOUBLE, AT(landscape.range[0][0]), .lo = -1e6, .hi = 1e6},
    {"landscape.range.0.1", KEY_DOUBLE, AT(landscape.range[0][1]), .lo = -1e6, .hi = 1e6},
    {"landscape.range.1.0", KEY_DOUBLE, AT(landscape.range[1][0]), .lo = -1e6, .hi = 1e6},
    {"landscape.range.1.1", KEY_DOUBLE, AT(landscape.range[1][1]), .lo = -1e6, .hi = 1e6},
    {"landscape.relative", KEY_BOOL, AT(landscape.relative)},
    {"landscape.grid.0", KEY_INT, AT(landscape.grid[0]), .lo = 2, .hi = 4096},
    {"landscape.grid.1", KEY_INT, AT(landscape.grid[1]), .lo = 2, .hi = 4096},
    {"landscape.split", KEY_SPLIT, AT(landscape.test_split)},
    {"landscape.log", KEY_BOOL, AT(landscape.log_loss)},
    {"landscape.clip", KEY_DOUBLE, AT(landscape.clip), .lo = 0, .hi = 1e30},
    {"landscape.camera", KEY_NAME, AT(landscape.camera), .names = &cameras, .quiet = true},
    {"landscape.stems", KEY_BOOL, AT(landscape.stems)},
    {"landscape.arrows", KEY_BOOL, AT(landscape.arrows), .quiet = true},
    {.path = NULL},
};

const Key experiment_layer_keys[] = {
    {"units", KEY_INT, LAYER_AT(desc.units), .lo = 1, .hi = NETWORK_UNITS_MAX},
    {"activation", KEY_NAME, LAYER_AT(desc.activation), .names = &activations},
    {"bias", KEY_BIAS, LAYER_AT(desc.no_bias)},
    {"dropout", KEY_FLOAT, LAYER_AT(desc.dropout), SHARE, .quiet = true},
    {"norm", KEY_NAME, LAYER_AT(desc.norm), .names = &norms, .nullable = true, .quiet = true},
    {"residual", KEY_BOOL, LAYER_AT(desc.residual), .quiet = true},
    {.path = NULL},
};

const Key experiment_rival_keys[] = {
    {"name", KEY_STRING, .at = offsetof(Rival, name), .hi = RIVAL_NAME_SIZE},
    OPTIMIZER_KEYS("", Rival),
    {.path = NULL},
};

const Key *key_find(const Key *table, const char *path) {
    for (const Key *key = table; key->path; key++) {
        if (strcmp(key->path, path) == 0) return key;
    }
    return NULL;
}

void key_join(char out[KEY_PATH_SIZE], const char *path, const char *name) {
    int length = snprintf(out, KEY_PATH_SIZE, "%s%s%s", path, *path ? "." : "", name);
    if (length >= KEY_PATH_SIZE) out[KEY_PATH_SIZE - 1] = '\0';
}

void key_join_index(char out[KEY_PATH_SIZE], const char *path, size_t index) {
    char name[24];
    snprintf(name, sizeof name, "%zu", index);
    key_join(out, path, name);
}

int key_items(const char *path) {
    size_t length = strlen(path);
    int items = -1;
    for (const Key *key = experiment_keys; key->path; key++) {
        if (strncmp(key->path, path, length) != 0 || key->path[length] != '.') continue;
        const char *next = key->path + length + 1;
        int here = isdigit((unsigned char)*next) ? *next - '0' + 1 : 0;
        if (here > items) items = here;
    }
    return items;
}

bool key_takes_text(const Key *key) {
    return key->type == KEY_STRING || key->type == KEY_KIND || key->type == KEY_NAME ||
           key->type == KEY_SPLIT || key->type == KEY_AXIS;
}

// --- Reading scalars ---

const char *key_type_name(const json_t *json) {
    switch (json_typeof(json)) {
    case JSON_OBJECT: return "an object";
    case JSON_ARRAY: return "a list";
    case JSON_STRING: return "a string";
    case JSON_INTEGER: return "a whole number";
    case JSON_REAL: return "a number with a fraction";
    case JSON_TRUE:
    case JSON_FALSE: return "true or false";
    default: return "null";
    }
}

bool key_wrong_type(const char *path, const char *wanted, const json_t *json, Error *error) {
    return error_set(error, "%s: must be %s, not %s", path, wanted, key_type_name(json));
}

static bool check_range(const Key *key, const char *path, double value, Error *error) {
    bool low = value >= key->lo, high = key->open_hi ? value < key->hi : value <= key->hi;
    if (low && high) return true;
    return error_set(error, "%s: %.9g is out of range [%.9g, %.9g%c", path, value, key->lo, key->hi,
                     key->open_hi ? ')' : ']');
}

static bool read_string(const Key *key, const char *path, const json_t *json, char *out,
                        Error *error) {
    if (!json_is_string(json)) return key_wrong_type(path, "a string", json, error);
    size_t length = json_string_length(json), room = (size_t)key->hi;
    if (length >= room) {
        return error_set(error, "%s: %zu bytes are too long (at most %zu)", path, length, room - 1);
    }
    memset(out, 0, room);
    memcpy(out, json_string_value(json), length);
    return true;
}

static bool read_name(const Key *key, const char *path, const json_t *json, void *out,
                      Error *error) {
    if (key->nullable && json_is_null(json)) {
        memset(out, 0, sizeof(int));
        return true;
    }
    if (!json_is_string(json)) return key_wrong_type(path, "a string", json, error);
    char known[256] = "";
    for (int i = 0; i < key->names->count; i++) {
        const char *name = key->names->name(i);
        if (strcmp(name, json_string_value(json)) == 0) {
            memcpy(out, &i, sizeof i);
            return true;
        }
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "", name);
    }
    return error_set(error, "%s: \"%.40s\" is not known (known: %s)", path, json_string_value(json),
                     known);
}

static bool read_kind(const Key *key, const char *path, const json_t *json, char *out,
                      Error *error) {
    if (!json_is_string(json)) return key_wrong_type(path, "a string", json, error);
    if (dataset_kind_find(json_string_value(json))) return read_string(key, path, json, out, error);
    char known[256] = "";
    for (const DatasetKind *const *kind = dataset_kinds; (*kind)->name; kind++) {
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", used ? ", " : "", (*kind)->name);
    }
    return error_set(error, "%s: \"%.40s\" is not known (known: %s)", path, json_string_value(json),
                     known);
}

static bool read_whole(const Key *key, const char *path, const json_t *json, int64_t *value,
                       Error *error) {
    if (!json_is_integer(json)) return key_wrong_type(path, "a whole number", json, error);
    *value = json_integer_value(json);
    // The table's doubles hold every limit exactly but the largest.
    int64_t lo = (int64_t)key->lo, hi = key->hi < 0x1p63 ? (int64_t)key->hi : INT64_MAX;
    if (*value >= lo && *value <= hi) return true;
    return error_set(error, "%s: %" PRId64 " is out of range [%" PRId64 ", %" PRId64 "]", path,
                     *value, lo, hi);
}

static bool read_number(const Key *key, const char *path, const json_t *json, double *value,
                        Error *error) {
    if (!json_is_number(json)) return key_wrong_type(path, "a number", json, error);
    *value = json_number_value(json);
    return check_range(key, path, *value, error);
}

bool key_read(const Key *key, const char *path, const json_t *json, void *base, Error *error) {
    char *at = (char *)base + key->at;
    int64_t whole = 0;
    double number = 0.0;
    switch (key->type) {
    case KEY_VERSION:
        if (!json_is_integer(json)) return key_wrong_type(path, "a whole number", json, error);
        if (json_integer_value(json) == EXPERIMENT_FORMAT) return true;
        return error_set(error, "%s: format %" JSON_INTEGER_FORMAT " is not known (known: %d)",
                         path, json_integer_value(json), EXPERIMENT_FORMAT);
    case KEY_STRING:
        if (!read_string(key, path, json, at, error)) return false;
        break;
    case KEY_KIND:
        if (!read_kind(key, path, json, at, error)) return false;
        break;
    case KEY_NAME:
        if (!read_name(key, path, json, at, error)) return false;
        break;
    case KEY_BOOL:
    case KEY_BIAS:
        if (!json_is_boolean(json)) {
            const char *wanted = key->type == KEY_BOOL ? "true or false" : "true, false or a list";
            return key_wrong_type(path, wanted, json, error);
        }
        *(bool *)at = key->type == KEY_BOOL ? json_is_true(json) : json_is_false(json);
        break;
    case KEY_SPLIT:
        if (!json_is_string(json))
            return key_wrong_type(path, "\"train\" or \"test\"", json, error);
        if (strcmp(json_string_value(json), "train") != 0 &&
            strcmp(json_string_value(json), "test") != 0) {
            return error_set(error, "%s: \"%.40s\" is not known (known: train, test)", path,
                             json_string_value(json));
        }
        *(bool *)at = strcmp(json_string_value(json), "test") == 0;
        break;
    case KEY_INT:
        if (!read_whole(key, path, json, &whole, error)) return false;
        *(int *)(void *)at = (int)whole;
        break;
    case KEY_LONG:
        if (!read_whole(key, path, json, &whole, error)) return false;
        memcpy(at, &whole, sizeof whole);
        break;
    case KEY_FLOAT: {
        if (!read_number(key, path, json, &number, error)) return false;
        float narrow = (float)number;
        // What rounds up to an open end is out of range too.
        if (!check_range(key, path, (double)narrow, error)) return false;
        *(float *)(void *)at = narrow;
        break;
    }
    case KEY_DOUBLE:
        if (!read_number(key, path, json, &number, error)) return false;
        *(double *)(void *)at = number;
        break;
    case KEY_AXIS:
        if (!json_is_string(json)) return key_wrong_type(path, "a string", json, error);
        if (!param_ref_parse(json_string_value(json), (ParamRef *)(void *)at)) {
            return error_set(error,
                             "%s: \"%.40s\" is not LAYER:ROW:COL or LAYER:ROW:b (as in 0:1:0)",
                             path, json_string_value(json));
        }
        break;
    }
    if (key->has) *((bool *)base + key->has) = true;
    return true;
}

// --- Printing scalars ---

static bool is_zero(const Key *key, const char *at) {
    int64_t whole = 0;
    int value = 0;
    switch (key->type) {
    case KEY_BOOL: return !*(const bool *)at;
    case KEY_FLOAT: return *(const float *)(const void *)at == 0.0f;
    case KEY_DOUBLE: return *(const double *)(const void *)at == 0.0;
    case KEY_LONG: memcpy(&whole, at, sizeof whole); return whole == 0;
    default: memcpy(&value, at, sizeof value); return value == 0;
    }
}

json_t *key_to_json(const Key *key, const void *base) {
    const char *at = (const char *)base + key->at;
    if (key->has && !*((const bool *)base + key->has)) return NULL;
    if (key->quiet && is_zero(key, at)) return NULL;
    int value = 0;
    int64_t whole = 0;
    switch (key->type) {
    case KEY_VERSION: return json_integer(EXPERIMENT_FORMAT);
    case KEY_STRING:
    case KEY_KIND: return *at ? json_string(at) : NULL;
    case KEY_BOOL: return json_boolean(*(const bool *)at);
    case KEY_BIAS: return json_boolean(!*(const bool *)at);
    case KEY_SPLIT: return json_string(*(const bool *)at ? "test" : "train");
    case KEY_INT: return json_integer(*(const int *)(const void *)at);
    case KEY_LONG: memcpy(&whole, at, sizeof whole); return json_integer(whole);
    case KEY_FLOAT: return json_float(*(const float *)(const void *)at);
    case KEY_DOUBLE: return json_real(*(const double *)(const void *)at);
    case KEY_NAME: memcpy(&value, at, sizeof value); return json_string(key->names->name(value));
    case KEY_AXIS: {
        char text[48];
        param_ref_print(*(const ParamRef *)(const void *)at, text, sizeof text);
        return json_string(text);
    }
    }
    return NULL;
}
