/// The experiment's file: each key is one line in a table (path, type, where it lies in the struct,
/// range). Reading, writing and --set all go by that table, so that they cannot disagree. Only the
/// layers' arrays and the layout, which are no scalars, have code of their own.
#include <assert.h>
#include <ctype.h>
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "train/experiment.h"
#include "train/json_text.h"

enum { FORMAT_VERSION = 1, FILE_BYTES_MAX = 16 << 20, PATH_SIZE = 128 };

// --- The table ---

typedef enum KeyType {
    KEY_VERSION, // the format's number
    KEY_STRING,  // char[hi]
    KEY_BOOL,    // bool
    KEY_BIAS,    // bool, the opposite of what the file says; or an array
    KEY_INT,     // int
    KEY_LONG,    // int64_t
    KEY_FLOAT,   // float
    KEY_DOUBLE,  // double
    KEY_NAME,    // an enum, by its name in a list
    KEY_SPLIT,   // bool: "train" or "test"
    KEY_KIND,    // char[hi], the name of a kind of data
    KEY_AXIS,    // ParamRef
    KEY_LATER,   // for a later version: only the value that means nothing is taken
} KeyType;

/// A family of names, as the enums of nn have them.
typedef struct NameList {
    const char *(*name)(int value);
    int count;
} NameList;

#define NAME_LIST(variable, type, function, length)                                                \
    static const char *variable##_name(int value) {                                                \
        return function((type)value);                                                              \
    }                                                                                              \
    static const NameList variable = {variable##_name, length};

NAME_LIST(activations, Activation, activation_name, ACTIVATION_COUNT)
NAME_LIST(initialisers, Init, init_name, INIT_COUNT)
NAME_LIST(losses, Loss, loss_name, LOSS_COUNT)
NAME_LIST(optimizers, OptimizerKind, optimizer_name, OPTIMIZER_COUNT)

/// One key. lo and hi are inclusive but for open_hi.
typedef struct Key {
    const char *path;
    KeyType type;
    size_t at;  // in Experiment, or in ExperimentLayer
    size_t has; // of the bool that says that the file gives it; 0: there is none
    double lo, hi;
    bool open_hi;
    const NameList *names;
    const char *neutral; // KEY_LATER: its JSON text
} Key;

#define AT(member)       .at = offsetof(Experiment, member)
#define HAS(member)      .has = offsetof(Experiment, member)
#define LAYER_AT(member) .at = offsetof(ExperimentLayer, member)
#define STRING(member)   AT(member), .hi = sizeof(((Experiment *)0)->member)

static const Key keys[] = {
    {"saddle", KEY_VERSION, .at = 0},
    {"name", KEY_STRING, STRING(name)},
    {"title.en", KEY_STRING, STRING(title_en)},
    {"title.zh_CN", KEY_STRING, STRING(title_zh)},
    {"seed", KEY_LONG, AT(seed), .lo = 0, .hi = 9223372036854775807.0},

    {"data.kind", KEY_KIND, STRING(data.kind)},
    {"data.samples", KEY_INT, AT(data.samples), HAS(data.has_samples), .lo = 1,
     .hi = DATASET_SAMPLES_MAX},
    {"data.noise", KEY_FLOAT, AT(data.noise), HAS(data.has_noise), .lo = 0, .hi = 1e6},
    {"data.test_fraction", KEY_FLOAT, AT(data.test_fraction), HAS(data.has_test_fraction), .lo = 0,
     .hi = 1, .open_hi = true},
    {"data.file", KEY_STRING, STRING(data.file)},

    {"network.init", KEY_NAME, AT(init), .names = &initialisers},

    {"training.loss", KEY_NAME, AT(loss), .names = &losses},
    {"training.optimizer.kind", KEY_NAME, AT(optimizer.kind), .names = &optimizers},
    {"training.optimizer.learning_rate", KEY_FLOAT, AT(optimizer.learning_rate), .lo = 0,
     .hi = 1e6},
    {"training.optimizer.momentum", KEY_FLOAT, AT(optimizer.momentum), .lo = 0, .hi = 1,
     .open_hi = true},
    {"training.optimizer.nesterov", KEY_LATER, .neutral = "false"},
    {"training.optimizer.weight_decay", KEY_LATER, .neutral = "0"},
    {"training.schedule.kind", KEY_LATER, .neutral = "\"constant\""},
    {"training.batch_size", KEY_INT, AT(batch_size), .lo = 0, .hi = DATASET_SAMPLES_MAX},
    {"training.shuffle", KEY_BOOL, AT(shuffle)},
    {"training.epochs", KEY_LONG, AT(epochs), .lo = 0, .hi = EPOCHS_MAX},
    {"training.l1", KEY_LATER, .neutral = "0"},
    {"training.l2", KEY_LATER, .neutral = "0"},

    {"landscape.axes.0", KEY_AXIS, AT(landscape.axes[0]), HAS(landscape.has_axes)},
    {"landscape.axes.1", KEY_AXIS, AT(landscape.axes[1]), HAS(landscape.has_axes)},
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
    {.path = NULL},
};

/// Of one entry of network.layers.
static const Key layer_keys[] = {
    {"units", KEY_INT, LAYER_AT(desc.units), .lo = 1, .hi = NETWORK_UNITS_MAX},
    {"activation", KEY_NAME, LAYER_AT(desc.activation), .names = &activations},
    {"bias", KEY_BIAS, LAYER_AT(desc.no_bias)},
    {"dropout", KEY_LATER, .neutral = "0"},
    {"norm", KEY_LATER, .neutral = "null"},
    {"residual", KEY_LATER, .neutral = "false"},
    {.path = NULL},
};

static const Key *find_key(const Key *table, const char *path) {
    for (const Key *key = table; key->path; key++) {
        if (strcmp(key->path, path) == 0) return key;
    }
    return NULL;
}

/// Writes "PATH.NAME", cut where it is longer than any key's.
static void join(char out[PATH_SIZE], const char *path, const char *name) {
    int length = snprintf(out, PATH_SIZE, "%s%s%s", path, *path ? "." : "", name);
    if (length >= PATH_SIZE) out[PATH_SIZE - 1] = '\0';
}

static void join_index(char out[PATH_SIZE], const char *path, size_t index) {
    char name[24];
    snprintf(name, sizeof name, "%zu", index);
    join(out, path, name);
}

// --- Reading scalars ---

static const char *type_name(const json_t *json) {
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

static bool wrong_type(const char *path, const char *wanted, const json_t *json, Error *error) {
    return error_set(error, "%s: must be %s, not %s", path, wanted, type_name(json));
}

static bool check_range(const Key *key, const char *path, double value, Error *error) {
    bool low = value >= key->lo, high = key->open_hi ? value < key->hi : value <= key->hi;
    if (low && high) return true;
    return error_set(error, "%s: %.9g is out of range [%.9g, %.9g%c", path, value, key->lo, key->hi,
                     key->open_hi ? ')' : ']');
}

static bool read_string(const Key *key, const char *path, const json_t *json, char *out,
                        Error *error) {
    if (!json_is_string(json)) return wrong_type(path, "a string", json, error);
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
    if (!json_is_string(json)) return wrong_type(path, "a string", json, error);
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
    if (!json_is_string(json)) return wrong_type(path, "a string", json, error);
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
    if (!json_is_integer(json)) return wrong_type(path, "a whole number", json, error);
    *value = json_integer_value(json);
    return check_range(key, path, (double)*value, error);
}

static bool read_number(const Key *key, const char *path, const json_t *json, double *value,
                        Error *error) {
    if (!json_is_number(json)) return wrong_type(path, "a number", json, error);
    *value = json_number_value(json);
    return check_range(key, path, *value, error);
}

static bool read_later(const Key *key, const char *path, const json_t *json, Error *error) {
    json_t *neutral = json_loads(key->neutral, JSON_DECODE_ANY, NULL);
    bool same = json_equal(json, neutral) ||
                (json_is_number(json) && json_is_number(neutral) && json_number_value(json) == 0.0);
    json_decref(neutral);
    if (same) return true;
    return error_set(error, "%s: this version knows only %s", path, key->neutral);
}

/// Reads one scalar into its place. On failure the place is unchanged.
static bool read_scalar(const Key *key, const char *path, const json_t *json, void *base,
                        Error *error) {
    char *at = (char *)base + key->at;
    int64_t whole = 0;
    double number = 0.0;
    switch (key->type) {
    case KEY_VERSION:
        if (!json_is_integer(json)) return wrong_type(path, "a whole number", json, error);
        if (json_integer_value(json) == FORMAT_VERSION) return true;
        return error_set(error, "%s: format %" JSON_INTEGER_FORMAT " is not known (known: %d)",
                         path, json_integer_value(json), FORMAT_VERSION);
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
            return wrong_type(path, wanted, json, error);
        }
        *(bool *)at = key->type == KEY_BOOL ? json_is_true(json) : json_is_false(json);
        break;
    case KEY_SPLIT:
        if (!json_is_string(json)) return wrong_type(path, "\"train\" or \"test\"", json, error);
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
        if (!json_is_string(json)) return wrong_type(path, "a string", json, error);
        if (!param_ref_parse(json_string_value(json), (ParamRef *)(void *)at)) {
            return error_set(error,
                             "%s: \"%.40s\" is not LAYER:ROW:COL or LAYER:ROW:b (as in 0:1:0)",
                             path, json_string_value(json));
        }
        break;
    case KEY_LATER: return read_later(key, path, json, error);
    }
    if (key->has) *((bool *)base + key->has) = true;
    return true;
}

// --- Reading lists of numbers, layers and the layout ---

/// Reads a list of numbers into out.
static bool read_floats(const json_t *list, const char *path, float *out, Error *error) {
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        char item_path[PATH_SIZE];
        join_index(item_path, path, i);
        if (!json_is_number(item)) return wrong_type(item_path, "a number", item, error);
        double value = json_number_value(item);
        if (!(fabs(value) <= (double)FLT_MAX)) {
            return error_set(error, "%s: %g is too large for 32 bits", item_path, value);
        }
        out[i] = (float)value;
    }
    return true;
}

static bool read_bias(const json_t *list, const char *path, ExperimentLayer *layer, Error *error) {
    size_t n = json_array_size(list);
    if (n < 1 || n > NETWORK_UNITS_MAX) {
        return error_set(error, "%s: %zu numbers, out of range [1, %d]", path, n,
                         NETWORK_UNITS_MAX);
    }
    layer->bias = malloc(n * sizeof *layer->bias);
    if (!layer->bias) return error_set(error, "%s: out of memory", path);
    layer->bias_count = (int)n;
    return read_floats(list, path, layer->bias, error);
}

static bool read_weight(const json_t *rows, const char *path, ExperimentLayer *layer,
                        Error *error) {
    if (!json_is_array(rows)) return wrong_type(path, "a list of rows, one a unit", rows, error);
    size_t n = json_array_size(rows), columns = json_array_size(json_array_get(rows, 0));
    if (n < 1 || n > NETWORK_UNITS_MAX || columns < 1 || columns > NETWORK_UNITS_MAX) {
        return error_set(error, "%s: must be a list of rows of numbers, one a unit", path);
    }
    layer->weight = malloc(n * columns * sizeof *layer->weight);
    if (!layer->weight) return error_set(error, "%s: out of memory", path);
    layer->weight_rows = (int)n;
    layer->weight_cols = (int)columns;
    for (size_t row = 0; row < n; row++) {
        const json_t *item = json_array_get(rows, row);
        char row_path[PATH_SIZE];
        join_index(row_path, path, row);
        if (!json_is_array(item)) return wrong_type(row_path, "a list of numbers", item, error);
        if (json_array_size(item) != columns) {
            return error_set(error, "%s: %zu numbers, but the first row has %zu", row_path,
                             json_array_size(item), columns);
        }
        if (!read_floats(item, row_path, layer->weight + row * columns, error)) return false;
    }
    return true;
}

static bool unknown_key(const char *path, Error *error) {
    return error_set(error, "%s: no such key", path);
}

static bool read_layer(json_t *json, const char *path, ExperimentLayer *layer, Error *error) {
    if (!json_is_object(json)) return wrong_type(path, "an object", json, error);
    const char *name;
    json_t *value;
    json_object_foreach(json, name, value) {
        char key_path[PATH_SIZE];
        join(key_path, path, name);
        const Key *key = find_key(layer_keys, name);
        bool good;
        if (strcmp(name, "weight") == 0) {
            good = read_weight(value, key_path, layer, error);
        } else if (!key) {
            good = unknown_key(key_path, error);
        } else if (key->type == KEY_BIAS && json_is_array(value)) {
            good = read_bias(value, key_path, layer, error);
        } else {
            good = read_scalar(key, key_path, value, layer, error);
        }
        if (!good) return false;
    }
    if (layer->desc.units == 0) return error_set(error, "%s.units: missing", path);
    return true;
}

static bool read_layers(const json_t *json, Experiment *experiment, Error *error) {
    const char *path = "network.layers";
    if (!json_is_array(json)) return wrong_type(path, "a list", json, error);
    size_t n = json_array_size(json);
    if (n < 1 || n > NETWORK_LAYERS_MAX) {
        return error_set(error, "%s: %zu layers, out of range [1, %d]", path, n,
                         NETWORK_LAYERS_MAX);
    }
    for (size_t i = 0; i < n; i++) {
        char layer_path[PATH_SIZE];
        join_index(layer_path, path, i);
        experiment->n_layers = (int)i + 1;
        if (!read_layer(json_array_get(json, i), layer_path, &experiment->layers[i], error)) {
            return false;
        }
    }
    return true;
}

/// Adds the node that json describes, and what lies in it, to the tree's array.
/// @return its index, or -1 with error set
static int read_layout(const json_t *json, const char *path, LayoutKind kind,
                       Experiment *experiment, Error *error) {
    if (experiment->n_layout == LAYOUT_NODES_MAX) {
        error_set(error, "layout: more than %d views and lists", LAYOUT_NODES_MAX);
        return -1;
    }
    int index = experiment->n_layout++;
    LayoutNode *node = &experiment->layout[index];
    *node = (LayoutNode){.kind = kind, .first_child = -1, .next_sibling = -1};
    if (json_is_string(json) && index > 0) {
        const Key view = {.hi = VIEW_ID_MAX};
        node->kind = LAYOUT_VIEW;
        if (json_string_length(json) == 0) {
            error_set(error, "%s: a view's name is empty", path);
            return -1;
        }
        return read_string(&view, path, json, node->view, error) ? index : -1;
    }
    if (!json_is_array(json)) {
        wrong_type(path, index ? "a view's name or a list" : "a list", json, error);
        return -1;
    }
    if (json_array_size(json) == 0) {
        error_set(error, "%s: a list is empty", path);
        return -1;
    }
    LayoutKind inner = kind == LAYOUT_ROWS ? LAYOUT_COLUMNS : LAYOUT_ROWS;
    int last = -1;
    for (size_t i = 0; i < json_array_size(json); i++) {
        char item_path[PATH_SIZE];
        join_index(item_path, path, i);
        int child = read_layout(json_array_get(json, i), item_path, inner, experiment, error);
        if (child < 0) return -1;
        if (last < 0) {
            node->first_child = child;
        } else {
            experiment->layout[last].next_sibling = child;
        }
        last = child;
    }
    return index;
}

// --- Reading the document ---

/// How many items the table knows in the list at that path; 0: it is an object.
/// @return -1 where the table has nothing below it
static int table_items(const char *path) {
    size_t length = strlen(path);
    int items = -1;
    for (const Key *key = keys; key->path; key++) {
        if (strncmp(key->path, path, length) != 0 || key->path[length] != '.') continue;
        const char *next = key->path + length + 1;
        int here = isdigit((unsigned char)*next) ? *next - '0' + 1 : 0;
        if (here > items) items = here;
    }
    return items;
}

static bool read_value(json_t *json, const char *path, Experiment *experiment, Error *error);

static bool read_members(json_t *json, const char *path, int items, Experiment *experiment,
                         Error *error) {
    char inner[PATH_SIZE];
    if (items == 0) {
        if (!json_is_object(json)) return wrong_type(path, "an object", json, error);
        const char *name;
        json_t *value;
        json_object_foreach(json, name, value) {
            join(inner, path, name);
            if (strchr(name, '.')) return unknown_key(inner, error); // it is no path
            if (!read_value(value, inner, experiment, error)) return false;
        }
        return true;
    }
    if (!json_is_array(json)) return wrong_type(path, "a list", json, error);
    if (json_array_size(json) != (size_t)items) {
        return error_set(error, "%s: %zu items, but %d are needed", path, json_array_size(json),
                         items);
    }
    for (size_t i = 0; i < json_array_size(json); i++) {
        join_index(inner, path, i);
        if (!read_value(json_array_get(json, i), inner, experiment, error)) return false;
    }
    return true;
}

static bool read_value(json_t *json, const char *path, Experiment *experiment, Error *error) {
    if (strcmp(path, "network.layers") == 0) return read_layers(json, experiment, error);
    if (strcmp(path, "layout") == 0) {
        return read_layout(json, path, LAYOUT_ROWS, experiment, error) == 0;
    }
    const Key *key = find_key(keys, path);
    if (key) return read_scalar(key, path, json, experiment, error);
    int items = table_items(path);
    if (items < 0) return unknown_key(path, error);
    return read_members(json, path, items, experiment, error);
}

static void set_defaults(Experiment *experiment) {
    atomic_init(&experiment->references, 1);
    experiment->seed = 1;
    experiment->init = INIT_XAVIER_UNIFORM;
    experiment->loss = LOSS_MSE;
    experiment->optimizer = (OptimizerDesc){.kind = OPTIMIZER_SGD, .learning_rate = 0.01f};
    experiment->batch_size = 1;
    experiment->epochs = 100;
    for (int axis = 0; axis < 2; axis++) {
        experiment->landscape.range[axis][0] = -5.0;
        experiment->landscape.range[axis][1] = 5.0;
        experiment->landscape.grid[axis] = 64;
    }
}

/// The first two parameters, as far as they are known before the data is: see experiment_axes.
static void guess_axes(Experiment *experiment) {
    if (experiment->landscape.has_axes || experiment->n_layers == 0) return;
    const DatasetKind *kind = dataset_kind_find(experiment->data.kind);
    const LayerDesc *first = &experiment->layers[0].desc;
    ParamRef *axes = experiment->landscape.axes;
    axes[0] = axes[1] = (ParamRef){0, 0, 0};
    if (kind && kind->n_inputs > 1) {
        axes[1].col = 1;
    } else if (first->units > 1) {
        axes[1].row = 1;
    } else if (!first->no_bias) {
        axes[1].col = PARAM_BIAS;
    } else if (experiment->n_layers > 1) {
        axes[1].layer = 1;
    }
}

/// Without a name in the file, the file's own.
static void name_after(Experiment *experiment, const char *source) {
    const char *slash = strrchr(source, '/');
    const char *base = slash ? slash + 1 : source;
    size_t length = strlen(base);
    if (length > 5 && strcmp(base + length - 5, ".json") == 0) length -= 5;
    if (length >= sizeof experiment->name) length = sizeof experiment->name - 1;
    memcpy(experiment->name, base, length);
}

static bool read_document(json_t *root, Experiment *experiment, Error *error) {
    if (!json_is_object(root))
        return error_set(error, "must be an object, not %s", type_name(root));
    if (!json_object_get(root, "saddle")) {
        return error_set(error, "saddle: missing; an experiment starts with \"saddle\": %d",
                         FORMAT_VERSION);
    }
    if (!read_members(root, "", 0, experiment, error)) return false;
    if (!experiment->data.kind[0]) return error_set(error, "data.kind: missing");
    if (experiment->n_layers == 0) return error_set(error, "network.layers: missing");
    return true;
}

Experiment *experiment_parse(const char *text, size_t length, const char *source, Error *error) {
    if (length > FILE_BYTES_MAX) {
        error_set(error, "%s: larger than the %d bytes that are allowed", source, FILE_BYTES_MAX);
        return NULL;
    }
    json_error_t syntax;
    json_t *root = json_loadb(text, length, JSON_REJECT_DUPLICATES, &syntax);
    if (!root) {
        error_set(error, "%s: line %d, column %d: %s", source, syntax.line, syntax.column,
                  syntax.text);
        return NULL;
    }
    Experiment *experiment = calloc(1, sizeof *experiment);
    bool good = experiment != NULL;
    if (good) {
        set_defaults(experiment);
        good = read_document(root, experiment, error);
        if (!good) error_prefix(error, source);
    } else {
        error_set(error, "%s: out of memory", source);
    }
    json_decref(root);
    if (!good) {
        experiment_release(experiment);
        return NULL;
    }
    if (!experiment->name[0]) name_after(experiment, source);
    guess_axes(experiment);
    return experiment;
}

// --- Setting one scalar ---

/// The layer that "network.layers.3.units" speaks of, and the rest of the path.
static const Key *find_layer_key(Experiment *experiment, const char *path,
                                 ExperimentLayer **layer) {
    static const char prefix[] = "network.layers.";
    if (strncmp(path, prefix, sizeof prefix - 1) != 0) return NULL;
    const char *text = path + sizeof prefix - 1;
    int index = 0;
    if (!isdigit((unsigned char)*text)) return NULL;
    for (; isdigit((unsigned char)*text) && index <= NETWORK_LAYERS_MAX; text++) {
        index = 10 * index + (*text - '0');
    }
    if (*text != '.' || index >= experiment->n_layers) return NULL;
    *layer = &experiment->layers[index];
    return find_key(layer_keys, text + 1);
}

static bool takes_text(const Key *key) {
    return key->type == KEY_STRING || key->type == KEY_KIND || key->type == KEY_NAME ||
           key->type == KEY_SPLIT || key->type == KEY_AXIS;
}

/// The value as JSON: text where the key wants text, else number, true, false or null.
static json_t *scalar_from_text(const Key *key, const char *path, const char *text, Error *error) {
    json_t *json = NULL;
    if (takes_text(key)) {
        json = json_string(text);
        if (!json) error_set(error, "%s: the value is not UTF-8", path);
        return json;
    }
    json = json_loads(text, JSON_DECODE_ANY, NULL);
    if (!json && key->type == KEY_LATER) json = json_string(text);
    if (!json) error_set(error, "%s: \"%.60s\" is no number, true or false", path, text);
    return json;
}

bool experiment_set(Experiment *experiment, const char *key_value, Error *error) {
    const char *equals = strchr(key_value, '=');
    if (!equals || equals == key_value) {
        return error_set(error, "\"%.100s\": must be KEY=VALUE", key_value);
    }
    char path[PATH_SIZE];
    size_t length = (size_t)(equals - key_value);
    if (length >= sizeof path) return error_set(error, "%.60s…: no such key", key_value);
    memcpy(path, key_value, length);
    path[length] = '\0';

    ExperimentLayer *layer = NULL;
    const Key *key = find_key(keys, path);
    if (!key) key = find_layer_key(experiment, path, &layer);
    if (!key) {
        bool group = table_items(path) >= 0 || strcmp(path, "network.layers") == 0;
        return error_set(
            error, group ? "%s: is a group of keys; set one inside it" : "%s: no such key", path);
    }
    json_t *value = scalar_from_text(key, path, equals + 1, error);
    if (!value) return false;
    bool good = read_scalar(key, path, value, layer ? (void *)layer : (void *)experiment, error);
    json_decref(value);
    if (!good) return false;
    if (layer && layer->desc.no_bias) {
        free(layer->bias);
        layer->bias = NULL;
        layer->bias_count = 0;
    }
    guess_axes(experiment);
    return true;
}

// --- Writing ---

/// Puts a value at a path of names and numbers, making the objects and lists on the way.
static void put(json_t *root, const char *path, json_t *value) {
    json_t *at = root;
    for (;;) {
        size_t length = strcspn(path, ".");
        char name[PATH_SIZE];
        snprintf(name, sizeof name, "%.*s", (int)length, path);
        bool last = path[length] == '\0';
        const char *rest = path + length + 1;
        json_t *next = value;
        if (!last) {
            next = json_is_array(at) ? json_array_get(at, (size_t)(*name - '0'))
                                     : json_object_get(at, name);
            if (next) {
                at = next;
                path = rest;
                continue;
            }
            next = isdigit((unsigned char)*rest) ? json_array() : json_object();
        }
        if (json_is_array(at)) {
            json_array_append_new(at, next);
        } else {
            json_object_set_new(at, name, next);
        }
        if (last) return;
        at = next;
        path = rest;
    }
}

/// @return NULL where the file need not say it
static json_t *scalar_to_json(const Key *key, const void *base) {
    const char *at = (const char *)base + key->at;
    if (key->has && !*((const bool *)base + key->has)) return NULL;
    int value = 0;
    int64_t whole = 0;
    switch (key->type) {
    case KEY_VERSION: return json_integer(FORMAT_VERSION);
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
    case KEY_LATER: break;
    }
    return NULL;
}

static json_t *floats_to_json(const float *values, int n) {
    json_t *list = json_array();
    for (int i = 0; i < n; i++) json_array_append_new(list, json_float(values[i]));
    return list;
}

static json_t *layer_to_json(const ExperimentLayer *layer) {
    json_t *json = json_object();
    for (const Key *key = layer_keys; key->path; key++) {
        json_t *value = scalar_to_json(key, layer);
        if (value) json_object_set_new(json, key->path, value);
    }
    if (layer->bias) {
        json_object_set_new(json, "bias", floats_to_json(layer->bias, layer->bias_count));
    }
    if (layer->weight) {
        json_t *rows = json_array();
        for (int row = 0; row < layer->weight_rows; row++) {
            const float *values = layer->weight + (size_t)row * (size_t)layer->weight_cols;
            json_array_append_new(rows, floats_to_json(values, layer->weight_cols));
        }
        json_object_set_new(json, "weight", rows);
    }
    return json;
}

static json_t *layout_to_json(const LayoutNode *nodes, int index) {
    if (nodes[index].kind == LAYOUT_VIEW) return json_string(nodes[index].view);
    json_t *list = json_array();
    for (int child = nodes[index].first_child; child >= 0; child = nodes[child].next_sibling) {
        json_array_append_new(list, layout_to_json(nodes, child));
    }
    return list;
}

char *experiment_print(const Experiment *experiment) {
    json_t *root = json_object();
    for (const Key *key = keys; key->path; key++) {
        json_t *value = scalar_to_json(key, experiment);
        if (value) put(root, key->path, value);
        if (strcmp(key->path, "network.init") != 0) continue;
        json_t *layers = json_array();
        for (int i = 0; i < experiment->n_layers; i++) {
            json_array_append_new(layers, layer_to_json(&experiment->layers[i]));
        }
        put(root, "network.layers", layers);
    }
    if (experiment->n_layout > 0) put(root, "layout", layout_to_json(experiment->layout, 0));
    char *text = json_text(root);
    json_decref(root);
    return text;
}
