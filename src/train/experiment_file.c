/// Experiment files as documents: reading, printing, and setting one key. Scalars go by the tables
/// of experiment_keys.h; only the layers' arrays and the layout have code of their own.
#include <ctype.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "train/experiment_keys.h"
#include "train/json_text.h"

enum { FILE_BYTES_MAX = 16 << 20 };

// --- Reading lists of numbers, layers and the layout ---

/// Reads a list of numbers into out.
static bool read_floats(const json_t *list, const char *path, float *out, Error *error) {
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        char item_path[KEY_PATH_SIZE];
        key_join_index(item_path, path, i);
        if (!json_is_number(item)) return key_wrong_type(item_path, "a number", item, error);
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
    if (!json_is_array(rows))
        return key_wrong_type(path, "a list of rows, one a unit", rows, error);
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
        char row_path[KEY_PATH_SIZE];
        key_join_index(row_path, path, row);
        if (!json_is_array(item)) return key_wrong_type(row_path, "a list of numbers", item, error);
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
    if (!json_is_object(json)) return key_wrong_type(path, "an object", json, error);
    const char *name;
    json_t *value;
    json_object_foreach(json, name, value) {
        char key_path[KEY_PATH_SIZE];
        key_join(key_path, path, name);
        const Key *key = key_find(experiment_layer_keys, name);
        bool good;
        if (strcmp(name, "weight") == 0) {
            good = read_weight(value, key_path, layer, error);
        } else if (!key) {
            good = unknown_key(key_path, error);
        } else if (key->type == KEY_BIAS && json_is_array(value)) {
            good = read_bias(value, key_path, layer, error);
        } else {
            good = key_read(key, key_path, value, layer, error);
        }
        if (!good) return false;
    }
    if (layer->desc.units == 0) return error_set(error, "%s.units: missing", path);
    return true;
}

static bool read_layers(const json_t *json, Experiment *experiment, Error *error) {
    const char *path = "network.layers";
    if (!json_is_array(json)) return key_wrong_type(path, "a list", json, error);
    size_t n = json_array_size(json);
    if (n < 1 || n > NETWORK_LAYERS_MAX) {
        return error_set(error, "%s: %zu layers, out of range [1, %d]", path, n,
                         NETWORK_LAYERS_MAX);
    }
    for (size_t i = 0; i < n; i++) {
        char layer_path[KEY_PATH_SIZE];
        key_join_index(layer_path, path, i);
        experiment->n_layers = (int)i + 1;
        if (!read_layer(json_array_get(json, i), layer_path, &experiment->layers[i], error)) {
            return false;
        }
    }
    return true;
}

static bool read_rival(json_t *json, const char *path, Rival *rival, Error *error) {
    if (!json_is_object(json)) return key_wrong_type(path, "an object", json, error);
    *rival = (Rival){.optimizer = optimizer_desc_default(OPTIMIZER_SGD)};
    const char *name;
    json_t *value;
    json_object_foreach(json, name, value) {
        char key_path[KEY_PATH_SIZE];
        key_join(key_path, path, name);
        const Key *key = key_find(experiment_rival_keys, name);
        if (!key) return unknown_key(key_path, error);
        if (!key_read(key, key_path, value, rival, error)) return false;
    }
    return true;
}

static bool read_race(const json_t *json, Experiment *experiment, Error *error) {
    const char *path = "race";
    if (!json_is_array(json)) return key_wrong_type(path, "a list", json, error);
    size_t n = json_array_size(json);
    if (n > RIVALS_MAX) {
        return error_set(error, "%s: %zu optimizers, but at most %d race", path, n, RIVALS_MAX);
    }
    for (size_t i = 0; i < n; i++) {
        char rival_path[KEY_PATH_SIZE];
        key_join_index(rival_path, path, i);
        if (!read_rival(json_array_get(json, i), rival_path, &experiment->race[i], error)) {
            return false;
        }
    }
    experiment->n_race = (int)n;
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
        const Key view = {.type = KEY_STRING, .hi = VIEW_ID_MAX};
        node->kind = LAYOUT_VIEW;
        if (json_string_length(json) == 0) {
            error_set(error, "%s: a view's name is empty", path);
            return -1;
        }
        return key_read(&view, path, json, node->view, error) ? index : -1;
    }
    if (!json_is_array(json)) {
        key_wrong_type(path, index ? "a view's name or a list" : "a list", json, error);
        return -1;
    }
    if (json_array_size(json) == 0) {
        error_set(error, "%s: a list is empty", path);
        return -1;
    }
    LayoutKind inner = kind == LAYOUT_ROWS ? LAYOUT_COLUMNS : LAYOUT_ROWS;
    int last = -1;
    for (size_t i = 0; i < json_array_size(json); i++) {
        char item_path[KEY_PATH_SIZE];
        key_join_index(item_path, path, i);
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

static bool read_value(json_t *json, const char *path, Experiment *experiment, Error *error);

static bool read_members(json_t *json, const char *path, int items, Experiment *experiment,
                         Error *error) {
    char inner[KEY_PATH_SIZE];
    if (items == 0) {
        if (!json_is_object(json)) return key_wrong_type(path, "an object", json, error);
        const char *name;
        json_t *value;
        json_object_foreach(json, name, value) {
            key_join(inner, path, name);
            if (strchr(name, '.')) return unknown_key(inner, error); // it is no path
            if (!read_value(value, inner, experiment, error)) return false;
        }
        return true;
    }
    if (!json_is_array(json)) return key_wrong_type(path, "a list", json, error);
    if (json_array_size(json) != (size_t)items) {
        return error_set(error, "%s: %zu items, but %d are needed", path, json_array_size(json),
                         items);
    }
    for (size_t i = 0; i < json_array_size(json); i++) {
        key_join_index(inner, path, i);
        if (!read_value(json_array_get(json, i), inner, experiment, error)) return false;
    }
    return true;
}

static bool read_value(json_t *json, const char *path, Experiment *experiment, Error *error) {
    if (strcmp(path, "network.layers") == 0) return read_layers(json, experiment, error);
    if (strcmp(path, "race") == 0) return read_race(json, experiment, error);
    if (strcmp(path, "layout") == 0) {
        return read_layout(json, path, LAYOUT_ROWS, experiment, error) == 0;
    }
    const Key *key = key_find(experiment_keys, path);
    if (key) return key_read(key, path, json, experiment, error);
    int items = key_items(path);
    if (items < 0) return unknown_key(path, error);
    return read_members(json, path, items, experiment, error);
}

static void set_defaults(Experiment *experiment) {
    atomic_init(&experiment->references, 1);
    experiment->seed = 1;
    experiment->init = INIT_XAVIER_UNIFORM;
    experiment->loss = LOSS_MSE;
    experiment->optimizer = optimizer_desc_default(OPTIMIZER_SGD);
    experiment->batch_size = 1;
    experiment->epochs = 100;
    for (int axis = 0; axis < 2; axis++) {
        experiment->landscape.range[axis][0] = -5.0;
        experiment->landscape.range[axis][1] = 5.0;
        experiment->landscape.grid[axis] = 64;
    }
    experiment->landscape.stems = true;
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
        return error_set(error, "must be an object, not %s", key_type_name(root));
    if (!json_object_get(root, "saddle")) {
        return error_set(error, "saddle: missing; an experiment starts with \"saddle\": %d",
                         EXPERIMENT_FORMAT);
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
    experiment_fill_defaults(experiment);
    experiment_guess_axes(experiment);
    return experiment;
}

// --- Setting one scalar ---

/// The layers first…end-1 that "network.layers.3.units" speaks of, and the rest of the path; "*"
/// stands for every layer but the last.
static const Key *find_layer_key(const Experiment *experiment, const char *path, int *first,
                                 int *end) {
    static const char prefix[] = "network.layers.";
    if (strncmp(path, prefix, sizeof prefix - 1) != 0) return NULL;
    const char *text = path + sizeof prefix - 1;
    if (*text == '*') {
        text++;
        *first = 0;
        *end = experiment->n_layers - 1;
    } else {
        if (!isdigit((unsigned char)*text)) return NULL;
        int index = 0;
        for (; isdigit((unsigned char)*text) && index <= NETWORK_LAYERS_MAX; text++) {
            index = 10 * index + (*text - '0');
        }
        *first = index;
        *end = index + 1;
    }
    if (*text != '.' || *end > experiment->n_layers) return NULL;
    return key_find(experiment_layer_keys, text + 1);
}

static bool set_layer(ExperimentLayer *layer, const Key *key, const char *path, const json_t *value,
                      Error *error) {
    if (!key_read(key, path, value, layer, error)) return false;
    if (layer->desc.no_bias) {
        free(layer->bias);
        layer->bias = NULL;
        layer->bias_count = 0;
    }
    return true;
}

/// The rival that "race.2.learning_rate" speaks of, and the rest of the path.
static const Key *find_rival_key(Experiment *experiment, const char *path, Rival **rival) {
    static const char prefix[] = "race.";
    if (strncmp(path, prefix, sizeof prefix - 1) != 0) return NULL;
    const char *text = path + sizeof prefix - 1;
    int index = *text - '0';
    if (index < 0 || index >= experiment->n_race || text[1] != '.') return NULL;
    *rival = &experiment->race[index];
    return key_find(experiment_rival_keys, text + 2);
}

/// A number that C takes and JSON does not: .5, 1., +1.  @return NULL where the text is none
static json_t *number_from_text(const char *text) {
    if (text[strspn(text, "+-.0123456789eE")] != '\0' || !strpbrk(text, "0123456789")) return NULL;
    char *end;
    double value = strtod(text, &end);
    return *end == '\0' && isfinite(value) ? json_real(value) : NULL;
}

/// The value as JSON: text where the key wants text, else number, true, false or null.
static json_t *scalar_from_text(const Key *key, const char *path, const char *text, Error *error) {
    json_t *json = NULL;
    if (key_takes_text(key)) {
        json = json_string(text);
        if (!json) error_set(error, "%s: the value is not UTF-8", path);
        return json;
    }
    json = json_loads(text, JSON_DECODE_ANY, NULL);
    if (!json) json = number_from_text(text);
    if (!json) error_set(error, "%s: \"%.60s\" is no number, true or false", path, text);
    return json;
}

bool experiment_set(Experiment *experiment, const char *key_value, Error *error) {
    const char *equals = strchr(key_value, '=');
    if (!equals || equals == key_value) {
        return error_set(error, "\"%.100s\": must be KEY=VALUE", key_value);
    }
    char path[KEY_PATH_SIZE];
    size_t length = (size_t)(equals - key_value);
    if (length >= sizeof path) return error_set(error, "%.60s…: no such key", key_value);
    memcpy(path, key_value, length);
    path[length] = '\0';

    int layer = 0, end = 0;
    const Key *key = key_find(experiment_keys, path);
    void *base = experiment;
    Rival *rival;
    if (!key && (key = find_rival_key(experiment, path, &rival))) base = rival;
    bool of_layers = !key;
    if (!key) key = find_layer_key(experiment, path, &layer, &end);
    if (!key) {
        bool group = key_items(path) >= 0 || strcmp(path, "network.layers") == 0 ||
                     strcmp(path, "race") == 0;
        return error_set(
            error, group ? "%s: is a group of keys; set one inside it" : "%s: no such key", path);
    }
    if (of_layers && layer == end) {
        return error_set(error, "%s: the network has no layer but the last", path);
    }
    json_t *value = scalar_from_text(key, path, equals + 1, error);
    if (!value) return false;
    bool good = of_layers || key_read(key, path, value, base, error);
    // What one layer takes, all take.
    for (; layer < end && good; layer++) {
        good = set_layer(&experiment->layers[layer], key, path, value, error);
    }
    json_decref(value);
    if (!good) return false;
    experiment_fill_defaults(experiment);
    experiment_guess_axes(experiment);
    return true;
}

// --- Writing ---

/// Puts a value at a path of names and numbers, making the objects and lists on the way.
static void put(json_t *root, const char *path, json_t *value) {
    json_t *at = root;
    for (;;) {
        size_t length = strcspn(path, ".");
        char name[KEY_PATH_SIZE];
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

static json_t *floats_to_json(const float *values, int n) {
    json_t *list = json_array();
    for (int i = 0; i < n; i++) json_array_append_new(list, json_float(values[i]));
    return list;
}

static json_t *layer_to_json(const ExperimentLayer *layer) {
    json_t *json = json_object();
    for (const Key *key = experiment_layer_keys; key->path; key++) {
        json_t *value = key_to_json(key, layer);
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

static json_t *rival_to_json(const Rival *rival) {
    json_t *json = json_object();
    for (const Key *key = experiment_rival_keys; key->path; key++) {
        json_t *value = key_to_json(key, rival);
        if (value) json_object_set_new(json, key->path, value);
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
    for (const Key *key = experiment_keys; key->path; key++) {
        json_t *value = key_to_json(key, experiment);
        if (value) put(root, key->path, value);
        if (strcmp(key->path, "network.init") != 0) continue;
        json_t *layers = json_array();
        for (int i = 0; i < experiment->n_layers; i++) {
            json_array_append_new(layers, layer_to_json(&experiment->layers[i]));
        }
        put(root, "network.layers", layers);
    }
    if (experiment->n_race > 0) {
        json_t *race = json_array();
        for (int i = 0; i < experiment->n_race; i++) {
            json_array_append_new(race, rival_to_json(&experiment->race[i]));
        }
        put(root, "race", race);
    }
    if (experiment->n_layout > 0) put(root, "layout", layout_to_json(experiment->layout, 0));
    char *text = json_text(root);
    json_decref(root);
    return text;
}
