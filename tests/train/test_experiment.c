/// Experiment files: every key read, checked, set and printed by the same rules, every error naming
/// its key; and networks built as the file says.
#include "train/experiment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/rng.h"

#include "support.h"

static Experiment *parse(const char *text) {
    Error error = {""};
    Experiment *experiment = experiment_parse(text, strlen(text), "test.json", &error);
    if (!experiment) fail_msg("%s", error.text);
    return experiment;
}

static void assert_says(const Error *error, const char *words) {
    if (!strstr(error->text, words)) fail_msg("\"%s\" does not say \"%s\"", error->text, words);
}

static void assert_refused(const char *text, const char *words) {
    Error error = {""};
    Experiment *experiment = experiment_parse(text, strlen(text), "test.json", &error);
    if (experiment) fail_msg("accepted; expected \"%s\"", words);
    assert_says(&error, words);
    assert_ptr_equal(strstr(error.text, "test.json: "), error.text);
}

/// A whole experiment with `part` in place of one of its keys' values.
#define WITH_DATA(part)                                                                            \
    "{\"saddle\": 1, \"data\": {" part "}, \"network\": {\"layers\": [{\"units\": 1}]}}"
#define WITH_LAYER(part)                                                                           \
    "{\"saddle\": 1, \"data\": {\"kind\": \"xor\"}, \"network\": {\"layers\": [{" part "}]}}"
#define WITH_LAYERS(list, training)                                                                \
    "{\"saddle\": 1, \"data\": {\"kind\": \"xor\"}, \"network\": {\"layers\": [" list              \
    "]}, \"training\": " training "}"
#define WITH(part)                                                                                 \
    "{\"saddle\": 1, \"data\": {\"kind\": \"xor\"}, \"network\": {\"layers\": [{\"units\": "       \
    "1}]}, " part "}"

static const char contract_example[] =
    "{\"saddle\": 1, \"name\": \"xor-deep\", \"title\": {\"en\": \"Deep\", \"zh_CN\": \"深\"}, "
    "\"seed\": 7,"
    "\"data\": {\"kind\": \"xor\", \"samples\": 400, \"noise\": 0, \"test_fraction\": 0},"
    "\"network\": {\"init\": \"torch_linear\","
    "\"layers\": [{\"units\": 2, \"activation\": \"tanh\", \"bias\": true},"
    "{\"units\": 1, \"activation\": \"linear\"}]},"
    "\"training\": {\"loss\": \"mse\", \"optimizer\": {\"kind\": \"sgd\", \"learning_rate\": "
    "0.005, "
    "\"momentum\": 0.3},"
    "\"schedule\": {\"kind\": \"constant\"}, \"batch_size\": 1, \"shuffle\": false, \"epochs\": "
    "1001, "
    "\"l1\": 0, \"l2\": 0},"
    "\"landscape\": {\"axes\": [\"-1:0:0\", \"-1:0:b\"], \"range\": [[-5, 5], [-0.1, 4e1]], "
    "\"relative\": false, \"grid\": [64, 32],"
    "\"split\": \"train\"},"
    "\"layout\": [[[\"mse\", \"predictions\"], \"landscape\"], [\"layers\"]]}";

static void test_every_key_of_the_contract(void **state) {
    (void)state;
    Experiment *e = parse(contract_example);
    assert_string_equal(e->name, "xor-deep");
    assert_string_equal(e->title_en, "Deep");
    assert_string_equal(e->title_zh, "深");
    assert_int_equal(e->seed, 7);
    assert_string_equal(e->data.kind, "xor");
    assert_true(e->data.has_samples && e->data.has_noise && e->data.has_test_fraction);
    assert_int_equal(e->data.samples, 400);
    assert_int_equal(e->init, INIT_TORCH_LINEAR);
    assert_int_equal(e->n_layers, 2);
    assert_int_equal(e->layers[0].desc.units, 2);
    assert_int_equal(e->layers[0].desc.activation, ACTIVATION_TANH);
    assert_false(e->layers[0].desc.no_bias);
    assert_int_equal(e->layers[1].desc.activation, ACTIVATION_LINEAR);
    assert_int_equal(e->loss, LOSS_MSE);
    assert_true(e->optimizer.learning_rate == 0.005f);
    assert_true(e->optimizer.momentum == 0.3f);
    assert_int_equal(e->batch_size, 1);
    assert_false(e->shuffle);
    assert_int_equal(e->epochs, 1001);
    assert_int_equal(e->landscape.axes[0].layer, -1);
    assert_int_equal(e->landscape.axes[1].col, PARAM_BIAS);
    assert_true(e->landscape.has_axes);
    assert_true(e->landscape.range[1][0] == -0.1 && e->landscape.range[1][1] == 40);
    assert_int_equal(e->landscape.grid[0], 64);
    assert_int_equal(e->landscape.grid[1], 32);
    assert_false(e->landscape.test_split);
    // The layout: rows of columns of rows.
    const LayoutNode *n = e->layout;
    assert_int_equal(e->n_layout, 8);
    assert_int_equal(n[0].kind, LAYOUT_ROWS);
    int row = n[0].first_child, other = n[row].next_sibling;
    assert_int_equal(n[row].kind, LAYOUT_COLUMNS);
    int column = n[row].first_child;
    assert_int_equal(n[column].kind, LAYOUT_ROWS);
    assert_string_equal(n[n[column].first_child].view, "mse");
    assert_string_equal(n[n[n[column].first_child].next_sibling].view, "predictions");
    assert_string_equal(n[n[column].next_sibling].view, "landscape");
    assert_int_equal(n[n[column].next_sibling].kind, LAYOUT_VIEW);
    assert_int_equal(n[n[column].next_sibling].next_sibling, -1);
    assert_string_equal(n[n[other].first_child].view, "layers");
    assert_int_equal(n[other].next_sibling, -1);
    experiment_release(e);
}

static void test_defaults(void **state) {
    (void)state;
    Experiment *e = parse(WITH("\"title\": {}"));
    assert_string_equal(e->name, "test");
    assert_int_equal(e->seed, 1);
    assert_false(e->data.has_samples || e->data.has_noise || e->data.has_test_fraction);
    assert_int_equal(e->init, INIT_XAVIER_UNIFORM);
    assert_int_equal(e->layers[0].desc.activation, ACTIVATION_LINEAR);
    assert_false(e->layers[0].desc.no_bias);
    assert_int_equal(e->loss, LOSS_MSE);
    assert_int_equal(e->optimizer.kind, OPTIMIZER_SGD);
    assert_true(e->optimizer.learning_rate == 0.01f && e->optimizer.momentum == 0);
    assert_int_equal(e->schedule.kind, SCHEDULE_CONSTANT);
    assert_true(e->l1 == 0 && e->l2 == 0 && e->early_stopping.patience == 0);
    assert_int_equal(e->layers[0].desc.norm, NORM_NONE);
    assert_true(e->layers[0].desc.dropout == 0 && !e->layers[0].desc.residual);
    assert_int_equal(e->batch_size, 1);
    assert_int_equal(e->epochs, 100);
    assert_false(e->landscape.has_axes || e->landscape.relative || e->landscape.log_loss);
    assert_true(e->landscape.range[0][0] == -5 && e->landscape.range[1][1] == 5);
    assert_int_equal(e->landscape.grid[0], 64);
    assert_true(e->landscape.clip == 0);
    assert_int_equal(e->n_layout, 0);
    experiment_release(e);
}

static void test_errors_name_the_key(void **state) {
    (void)state;
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"", "test.json: line 1, column 0: "},
        {"{\n  \"saddle\": 1,\n  \"seed\" 3\n}", "line 3, column 10: ':' expected"},
        {"{\"saddle\": 1, \"saddle\": 1}", "duplicate object key"},
        {"{\"saddle\": 1, \"seed\": 1e999}", "line 1, column "},
        {"{\"saddle\": 1, \"seed\": NaN}", "line 1, column "},
        {"[1]", "must be an object, not a list"},
        {"{}", "saddle: missing"},
        {"{\"saddle\": 2}", "saddle: format 2 is not known (known: 1)"},
        {"{\"saddle\": true}", "saddle: must be a whole number, not true or false"},
        {"{\"saddle\": 1}", "data.kind: missing"},
        {"{\"saddle\": 1, \"data\": {\"kind\": \"xor\"}}", "network.layers: missing"},
        {"{\"saddle\": 1, \"data\": 3}", "data: must be an object, not a whole number"},
        {WITH("\"sead\": 3"), "sead: no such key"},
        {WITH("\"training.loss\": \"bce\""), "training.loss: no such key"},
        {WITH("\"training\": {\"\": 3}"), "training.: no such key"},
        {WITH("\"name\": 3"), "name: must be a string, not a whole number"},
        {WITH("\"name\": \"0123456789012345678901234567890123456789012345678901234567890123\""),
         "name: 64 bytes are too long (at most 63)"},
        {WITH("\"title\": {\"de\": \"Titel\"}"), "title.de: no such key"},
        {WITH("\"seed\": -1"), "seed: -1 is out of range [0, 9223372036854775807]"},
        {WITH("\"seed\": 1.5"), "seed: must be a whole number, not a number with a fraction"},
        {WITH("\"seed\": \"1\""), "seed: must be a whole number, not a string"},
        {WITH_DATA("\"kind\": \"xor\", \"samples\": 0"), "data.samples: 0 is out of range [1, "},
        {WITH_DATA("\"kind\": \"xnor\""), "data.kind: \"xnor\" is not known (known: xor, "},
        {WITH_DATA("\"kind\": \"xor\", \"noise\": -0.5"), "data.noise: -0.5 is out of range [0, "},
        {WITH_DATA("\"kind\": \"xor\", \"test_fraction\": 1"),
         "data.test_fraction: 1 is out of range [0, 1)"},
        {WITH_DATA("\"kind\": \"xor\", \"test_fraction\": 0.99999999999"),
         "data.test_fraction: 1 is out of range [0, 1)"},
        {WITH_DATA("\"kind\": \"xor\", \"factor\": 1"), "data.factor: no such key"},
        {WITH_LAYER("\"activation\": \"tanh\""), "network.layers.0.units: missing"},
        {WITH_LAYER("\"units\": 0"), "network.layers.0.units: 0 is out of range [1, 4096]"},
        {WITH_LAYER("\"units\": 1, \"activation\": \"swish\""),
         "network.layers.0.activation: \"swish\" is not known (known: linear, tanh, sigmoid, "
         "relu, leaky_relu, step, softmax)"},
        {WITH_LAYER("\"units\": 1, \"bias\": 1"),
         "network.layers.0.bias: must be true, false or a list, not a whole number"},
        {WITH_LAYER("\"units\": 1, \"bias\": []"), "network.layers.0.bias: 0 numbers"},
        {WITH_LAYER("\"units\": 1, \"bias\": [1, null]"),
         "network.layers.0.bias.1: must be a number, not null"},
        {WITH_LAYER("\"units\": 1, \"bias\": [1e39]"),
         "network.layers.0.bias.0: 1e+39 is too large for 32 bits"},
        {WITH_LAYER("\"units\": 1, \"weight\": 3"),
         "network.layers.0.weight: must be a list of rows, one a unit, not a whole number"},
        {WITH_LAYER("\"units\": 1, \"weight\": [1, 2]"),
         "network.layers.0.weight: must be a list of"},
        {WITH_LAYER("\"units\": 1, \"weight\": [[1, 2], [3]]"),
         "network.layers.0.weight.1: 1 numbers, but the first row has 2"},
        {WITH_LAYER("\"units\": 1, \"weight\": [[1, 2], [3, true]]"),
         "network.layers.0.weight.1.1: must be a number, not true or false"},
        {WITH_LAYER("\"units\": 1, \"size\": 3"), "network.layers.0.size: no such key"},
        {WITH_LAYER("\"units\": 1, \"dropout\": 1"),
         "network.layers.0.dropout: 1 is out of range [0, 1)"},
        {WITH_LAYER("\"units\": 1, \"norm\": \"group\""),
         "network.layers.0.norm: \"group\" is not known (known: none, batch, layer)"},
        {WITH_LAYER("\"units\": 1, \"norm\": true"),
         "network.layers.0.norm: must be a string, not true or false"},
        {WITH_LAYER("\"units\": 1, \"activation\": null"),
         "network.layers.0.activation: must be a string, not null"},
        {WITH_LAYER("\"units\": 1, \"residual\": 1"),
         "network.layers.0.residual: must be true or false, not a whole number"},
        {"{\"saddle\": 1, \"network\": {\"layers\": {}}}",
         "network.layers: must be a list, not an object"},
        {"{\"saddle\": 1, \"network\": {\"layers\": []}}",
         "network.layers: 0 layers, out of range"},
        {"{\"saddle\": 1, \"network\": {\"layers\": [3]}}", "network.layers.0: must be an object"},
        {"{\"saddle\": 1, \"network\": {\"init\": \"lecun\"}}",
         "network.init: \"lecun\" is not known (known: zeros, "},
        {WITH("\"training\": {\"loss\": \"hinge\"}"),
         "training.loss: \"hinge\" is not known (known: mse, half_mse, bce, cross_entropy, "
         "mse_broadcast)"},
        {WITH("\"training\": {\"optimizer\": {\"momentum\": 1.5}}"),
         "training.optimizer.momentum: 1.5 is out of range [0, 1)"},
        {WITH("\"training\": {\"optimizer\": {\"momentum\": \"0.5\"}}"),
         "training.optimizer.momentum: must be a number, not a string"},
        {WITH("\"training\": {\"optimizer\": {\"kind\": \"adan\"}}"),
         "training.optimizer.kind: \"adan\" is not known (known: sgd, ema_momentum, rmsprop, adam, "
         "adamw, perceptron)"},
        {WITH("\"training\": {\"optimizer\": {\"beta1\": 1}}"),
         "training.optimizer.beta1: 1 is out of range [0, 1)"},
        {WITH("\"training\": {\"optimizer\": {\"eps\": 0}}"),
         "training.optimizer.eps: 0 is out of range [1e-30, 1]"},
        {WITH("\"training\": {\"optimizer\": {\"nesterov\": 1}}"),
         "training.optimizer.nesterov: must be true or false"},
        {WITH("\"training\": {\"optimizer\": {\"beta3\": 0.9}}"),
         "training.optimizer.beta3: no such key"},
        {WITH("\"training\": {\"optimizer\": {\"learning_rate\": -1}}"),
         "training.optimizer.learning_rate: -1 is out of range"},
        {WITH("\"training\": {\"schedule\": {\"kind\": \"linear\"}}"),
         "training.schedule.kind: \"linear\" is not known (known: constant, step, exponential, "
         "cosine, warmup_cosine)"},
        {WITH("\"training\": {\"schedule\": \"cosine\"}"),
         "training.schedule: must be an object, not a string"},
        {WITH("\"training\": {\"schedule\": {\"step_size\": 0}}"),
         "training.schedule.step_size: 0 is out of range [1, 1000000000]"},
        {WITH("\"training\": {\"schedule\": {\"gamma\": -0.5}}"),
         "training.schedule.gamma: -0.5 is out of range [0, 10]"},
        {WITH("\"training\": {\"schedule\": {\"warmup\": 1.5}}"),
         "training.schedule.warmup: must be a whole number"},
        {WITH("\"training\": {\"l2\": -0.1}"), "training.l2: -0.1 is out of range [0, 1000000]"},
        {WITH("\"training\": {\"early_stopping\": 3}"),
         "training.early_stopping: must be an object, not a whole number"},
        {WITH("\"training\": {\"early_stopping\": {\"patience\": -1}}"),
         "training.early_stopping.patience: -1 is out of range [0, "},
        {WITH("\"training\": {\"epochs\": 1000000001}"),
         "training.epochs: 1000000001 is out of range [0, 1000000000]"},
        {WITH("\"training\": {\"batch_size\": -1}"),
         "training.batch_size: -1 is out of range [0, "},
        {WITH("\"training\": {\"shuffle\": 0}"),
         "training.shuffle: must be true or false, not a whole"},
        {WITH("\"landscape\": {\"axes\": [\"0:0:0\"]}"),
         "landscape.axes: 1 items, but 2 are needed"},
        {WITH("\"landscape\": {\"axes\": [\"0:0:0\", \"0:0\"]}"),
         "landscape.axes.1: \"0:0\" is not LAYER:ROW:COL"},
        {WITH("\"landscape\": {\"range\": [[-5, 5], [0, 1, 2]]}"),
         "landscape.range.1: 3 items, but 2 are needed"},
        {WITH("\"landscape\": {\"range\": {\"a\": 1}}"),
         "landscape.range: must be a list, not an object"},
        {WITH("\"landscape\": {\"grid\": [64, 1]}"), "landscape.grid.1: 1 is out of range [2, "},
        {WITH("\"landscape\": {\"split\": \"all\"}"),
         "landscape.split: \"all\" is not known (known: train, test)"},
        {WITH("\"landscape\": {\"clip\": -1}"), "landscape.clip: -1 is out of range [0, "},
        {WITH("\"layout\": \"mse\""), "layout: must be a list, not a string"},
        {WITH("\"layout\": []"), "layout: a list is empty"},
        {WITH("\"layout\": [[\"mse\", []]]"), "layout.0.1: a list is empty"},
        {WITH("\"layout\": [[\"mse\", 3]]"), "layout.0.1: must be a view's name or a list"},
        {WITH("\"layout\": [\"\"]"), "layout.0: a view's name is empty"},
        {WITH("\"layout\": [\"0123456789012345678901234567890123456789\"]"),
         "layout.0: 40 bytes are too long"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_refused(cases[i].text, cases[i].words);
    }
}

static void test_every_key_of_training(void **state) {
    (void)state;
    Experiment *e = parse(WITH(
        "\"training\": {\"optimizer\": {\"beta\": 0.8, \"alpha\": 0.7, \"eps\": 1e-7, \"beta1\": "
        "0.6, "
        "\"beta2\": 0.5, \"weight_decay\": 0.4, \"nesterov\": true, \"momentum\": 0.3, "
        "\"learning_rate\": 0.2, \"kind\": \"adamw\"}, \"schedule\": {\"min_learning_rate\": 1e-5, "
        "\"warmup\": 3, \"epochs\": 40, \"gamma\": 0.9, \"step_size\": 7, \"kind\": "
        "\"warmup_cosine\"}, "
        "\"l1\": 0.001, \"l2\": 0.002, \"early_stopping\": {\"patience\": 12, \"min_delta\": "
        "1e-4}}"));
    const OptimizerDesc *o = &e->optimizer;
    assert_int_equal(o->kind, OPTIMIZER_ADAMW);
    assert_true(o->learning_rate == 0.2f && o->momentum == 0.3f && o->nesterov);
    assert_true(o->beta == 0.8f && o->alpha == 0.7f && o->eps == 1e-7f && o->beta1 == 0.6f);
    assert_true(o->beta2 == 0.5f && o->weight_decay == 0.4f);
    const ScheduleDesc *schedule = &e->schedule;
    assert_int_equal(schedule->kind, SCHEDULE_WARMUP_COSINE);
    assert_true(schedule->step_size == 7 && schedule->gamma == 0.9f && schedule->epochs == 40);
    assert_true(schedule->minimum_learning_rate == 1e-5f && schedule->warmup == 3);
    assert_true(e->l1 == 0.001f && e->l2 == 0.002f);
    assert_true(e->early_stopping.patience == 12 && e->early_stopping.min_delta == 1e-4);
    experiment_release(e);

    e = parse(
        WITH_LAYER("\"units\": 2, \"dropout\": 0.25, \"norm\": \"layer\", \"residual\": true"));
    const LayerDesc *layer = &e->layers[0].desc;
    assert_true(layer->dropout == 0.25f && layer->norm == NORM_LAYER && layer->residual);
    experiment_release(e);
    e = parse(WITH_LAYER("\"units\": 1, \"norm\": null"));
    assert_int_equal(e->layers[0].desc.norm, NORM_NONE);
    experiment_release(e);
}

static void set(Experiment *e, const char *key_value) {
    Error error = {""};
    if (!experiment_set(e, key_value, &error)) fail_msg("%s", error.text);
}

static void test_defaults_follow_the_kind(void **state) {
    (void)state;
    Experiment *e = parse(WITH("\"seed\": 1"));
    for (int kind = 0; kind < OPTIMIZER_COUNT; kind++) {
        char text[64];
        snprintf(text, sizeof text, "training.optimizer.kind=%s",
                 optimizer_name((OptimizerKind)kind));
        set(e, text);
        OptimizerDesc usual = optimizer_desc_default((OptimizerKind)kind);
        assert_memory_equal(&e->optimizer, &usual, sizeof usual);
    }
    // What is given stays, in whatever order it came.
    set(e, "training.optimizer.learning_rate=0.01");
    set(e, "training.optimizer.kind=adamw");
    assert_true(e->optimizer.learning_rate == 0.01f && e->optimizer.weight_decay == 0.01f);
    set(e, "training.optimizer.kind=adam");
    assert_true(e->optimizer.learning_rate == 0.01f && e->optimizer.weight_decay == 0);
    set(e, "training.optimizer.weight_decay=0.5");
    set(e, "training.optimizer.kind=adamw");
    assert_true(e->optimizer.weight_decay == 0.5f);
    experiment_release(e);

    e = parse(WITH("\"training\": {\"optimizer\": {\"kind\": \"adam\", \"eps\": 1e-7}}"));
    assert_true(e->optimizer.learning_rate == 0.001f && e->optimizer.eps == 1e-7f);
    // A copy and a file written and read again know what was given.
    char *text = experiment_print(e);
    Experiment *again = parse(text), *copy = experiment_copy(e);
    free(text);
    Experiment *const all[] = {e, again, copy};
    for (int i = 0; i < 3; i++) {
        set(all[i], "training.optimizer.kind=perceptron");
        assert_true(all[i]->optimizer.learning_rate == 1 && all[i]->optimizer.eps == 1e-7f);
        set(all[i], "training.schedule.kind=step");
        assert_true(all[i]->schedule.gamma == 0.1f && all[i]->schedule.step_size == 30);
        set(all[i], "training.schedule.kind=exponential");
        assert_true(all[i]->schedule.gamma == 0.95f);
        set(all[i], "training.schedule.gamma=0.5");
        set(all[i], "training.schedule.kind=step");
        assert_true(all[i]->schedule.gamma == 0.5f);
        experiment_release(all[i]);
    }
}

static void test_the_schedule_ends_with_training(void **state) {
    (void)state;
    Experiment *e = parse(WITH("\"training\": {\"schedule\": {\"kind\": \"cosine\"}}"));
    assert_int_equal(experiment_schedule(e).epochs, 100);
    set(e, "training.epochs=30");
    assert_int_equal(experiment_schedule(e).epochs, 30);
    set(e, "training.schedule.epochs=7");
    assert_int_equal(experiment_schedule(e).epochs, 7);
    experiment_release(e);
}

static void test_set_switches_off(void **state) {
    (void)state;
    Experiment *e = parse(
        WITH_LAYER("\"units\": 1, \"dropout\": 0.5, \"norm\": \"batch\", \"residual\": true"));
    set(e, "network.layers.0.norm=none");
    set(e, "network.layers.0.dropout=0");
    set(e, "network.layers.0.residual=false");
    char *text = experiment_print(e);
    // Nothing is left of it in the file.
    assert_null(strstr(text, "norm"));
    assert_null(strstr(text, "dropout"));
    assert_null(strstr(text, "residual"));
    free(text);
    experiment_release(e);
}

/// `open` repeated n times, then a view, then `close` as often.
static char *nested(const char *before, char open, char close, size_t n, const char *after) {
    size_t length = strlen(before);
    char *text = malloc(length + 2 * n + strlen(after) + 8);
    memcpy(text, before, length);
    memset(text + length, open, n);
    memcpy(text + length + n, "\"mse\"", 5);
    memset(text + length + n + 5, close, n);
    memcpy(text + length + 2 * n + 5, after, strlen(after) + 1);
    return text;
}

static void test_hostile_shapes(void **state) {
    (void)state;
    // Nesting without end, more views than there is room for, layers without end, a huge text.
    char *deep = nested("{\"saddle\": 1, \"layout\": ", '[', ']', 200, "}");
    assert_refused(deep, "layout: more than 64 views and lists");
    free(deep);
    deep = nested("", '[', ']', 1000000, "");
    assert_refused(deep, "maximum parsing depth reached");
    free(deep);
    static char many[1 << 16];
    size_t used =
        (size_t)snprintf(many, sizeof many, "{\"saddle\": 1, \"network\": {\"layers\": [");
    for (int i = 0; i < 65; i++) {
        used +=
            (size_t)snprintf(many + used, sizeof many - used, "%s{\"units\": 1}", i ? ", " : "");
    }
    snprintf(many + used, sizeof many - used, "]}}");
    assert_refused(many, "network.layers: 65 layers, out of range [1, 64]");
    char *long_key = nested("{\"saddle\": 1, \"", 'k', 'k', 100000, "\": 1}");
    assert_refused(long_key, "");
    free(long_key);
    Error error = {""};
    size_t huge = (16u << 20) + 1;
    char *spaces = malloc(huge);
    memset(spaces, ' ', huge);
    assert_null(experiment_parse(spaces, huge, "huge.json", &error));
    assert_says(&error, "huge.json: larger than the 16777216 bytes that are allowed");
    free(spaces);
}

static void assert_round_trip(const Experiment *e) {
    char *text = experiment_print(e);
    assert_non_null(text);
    Error error = {""};
    Experiment *again = experiment_parse(text, strlen(text), "printed", &error);
    if (!again) fail_msg("%s\n%s", error.text, text);
    assert_string_equal(again->name, e->name);
    assert_string_equal(again->title_en, e->title_en);
    assert_string_equal(again->title_zh, e->title_zh);
    assert_true(again->seed == e->seed);
    assert_memory_equal(&again->data, &e->data, sizeof e->data);
    assert_int_equal(again->init, e->init);
    assert_int_equal(again->n_layers, e->n_layers);
    for (int i = 0; i < e->n_layers; i++) {
        const ExperimentLayer *a = &again->layers[i], *b = &e->layers[i];
        assert_memory_equal(&a->desc, &b->desc, sizeof a->desc);
        assert_int_equal(a->weight_rows, b->weight_rows);
        assert_int_equal(a->weight_cols, b->weight_cols);
        assert_int_equal(a->bias_count, b->bias_count);
        size_t n = (size_t)a->weight_rows * (size_t)a->weight_cols;
        if (n) assert_memory_equal(a->weight, b->weight, n * sizeof *a->weight);
        if (a->bias_count) {
            assert_memory_equal(a->bias, b->bias, (size_t)a->bias_count * sizeof *a->bias);
        }
    }
    assert_int_equal(again->loss, e->loss);
    assert_memory_equal(&again->optimizer, &e->optimizer, sizeof e->optimizer);
    assert_memory_equal(&again->schedule, &e->schedule, sizeof e->schedule);
    assert_memory_equal(&again->given, &e->given, sizeof e->given);
    assert_true(again->l1 == e->l1 && again->l2 == e->l2);
    assert_true(again->early_stopping.patience == e->early_stopping.patience);
    assert_true(again->early_stopping.min_delta == e->early_stopping.min_delta);
    assert_int_equal(again->batch_size, e->batch_size);
    assert_int_equal(again->shuffle, e->shuffle);
    assert_true(again->epochs == e->epochs);
    assert_memory_equal(again->landscape.axes, e->landscape.axes, sizeof e->landscape.axes);
    assert_memory_equal(again->landscape.range, e->landscape.range, sizeof e->landscape.range);
    assert_memory_equal(again->landscape.grid, e->landscape.grid, sizeof e->landscape.grid);
    assert_int_equal(again->landscape.has_axes, e->landscape.has_axes);
    assert_int_equal(again->landscape.relative, e->landscape.relative);
    assert_int_equal(again->landscape.test_split, e->landscape.test_split);
    assert_int_equal(again->landscape.log_loss, e->landscape.log_loss);
    assert_true(again->landscape.clip == e->landscape.clip);
    assert_int_equal(again->n_race, e->n_race);
    assert_memory_equal(again->race, e->race, sizeof e->race);
    assert_int_equal(again->n_layout, e->n_layout);
    assert_memory_equal(again->layout, e->layout, (size_t)e->n_layout * sizeof *e->layout);
    char *text_again = experiment_print(again);
    assert_string_equal(text_again, text);
    free(text_again);
    free(text);
    experiment_release(again);
}

static void test_print_reads_back_to_the_same(void **state) {
    (void)state;
    for (const char *const *name = experiment_names(); *name; name++) {
        Experiment *e = experiment_load(*name, NULL);
        assert_non_null(e);
        assert_string_equal(e->name, *name);
        assert_round_trip(e);
        experiment_release(e);
    }
    Experiment *e = parse(contract_example);
    assert_round_trip(e);
    // Odd values: each of them must come back to the bit.
    static const char *const odd[] = {
        "seed=9223372036854775807",
        "name=a \"quoted\" \\ näme\t",
        "data.noise=1e-30",
        "data.test_fraction=0.99999994",
        "training.optimizer.learning_rate=3.4e-38",
        "training.optimizer.momentum=0.1",
        "landscape.range.0.0=-0.30000000000000004",
        "landscape.range.1.1=123456.78901234567",
        "landscape.clip=1e-7",
        "landscape.log=true",
        "landscape.relative=true",
        "landscape.split=test",
        "training.epochs=1000000000",
        "training.batch_size=0",
        "training.shuffle=true",
        "data.file=/tmp/ä b.csv",
        "network.layers.1.activation=relu",
        "network.layers.0.bias=false",
        "network.layers.1.dropout=0.3",
        "network.layers.0.norm=layer",
        "network.layers.0.residual=true",
        "training.optimizer.kind=rmsprop",
        "training.optimizer.nesterov=true",
        "training.optimizer.alpha=0.1",
        "training.optimizer.eps=1e-30",
        "training.optimizer.weight_decay=0",
        "training.optimizer.beta2=0.99999994",
        "training.schedule.kind=warmup_cosine",
        "training.schedule.warmup=0",
        "training.schedule.epochs=1000000000",
        "training.schedule.gamma=0.1",
        "training.schedule.min_learning_rate=1e-45",
        "training.l1=1e-30",
        "training.l2=0.3",
        "training.early_stopping.patience=3",
        "training.early_stopping.min_delta=0.30000000000000004",
    };
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        Error error = {""};
        if (!experiment_set(e, odd[i], &error)) fail_msg("%s", error.text);
        assert_round_trip(e);
    }
    experiment_release(e);
    e = parse(WITH_LAYER("\"units\": 3, \"bias\": [0.1, -1e-40, 16777217], "
                         "\"weight\": [[1, 2.5], [-3e38, 1e-45], [0.333333333, 0]]"));
    assert_round_trip(e);
    Experiment *copy = experiment_copy(e);
    assert_round_trip(copy);
    experiment_release(e);
    assert_true(copy->layers[0].weight[1] == 2.5f); // its own
    experiment_release(copy);
}

static void test_printed_numbers_are_short(void **state) {
    (void)state;
    Experiment *e = parse(contract_example);
    char *text = experiment_print(e);
    assert_non_null(strstr(text, "\"learning_rate\": 0.005, \"momentum\": 0.3}"));
    assert_non_null(strstr(text, "\"range\": [[-5, 5], [-0.1, 40]]"));
    free(text);
    experiment_release(e);
}

static void test_set(void **state) {
    (void)state;
    Experiment *e = parse(contract_example);
    Error error = {""};
    assert_true(experiment_set(e, "training.optimizer.learning_rate=0.1", &error));
    assert_true(e->optimizer.learning_rate == 0.1f);
    assert_true(experiment_set(e, "network.layers.1.units=3", &error));
    assert_int_equal(e->layers[1].desc.units, 3);
    assert_true(experiment_set(e, "network.layers.*.units=4", &error));
    assert_int_equal(e->layers[0].desc.units, 4);
    assert_int_equal(e->layers[1].desc.units, 3); // the last layer keeps what the data ask for
    assert_true(experiment_set(e, "landscape.axes.1=0:1:0", &error));
    assert_int_equal(e->landscape.axes[1].row, 1);
    assert_true(experiment_set(e, "training.optimizer.momentum=.5", &error));
    assert_close((double)e->optimizer.momentum, 0.5, 0);
    assert_true(experiment_set(e, "landscape.range.0.0=-2.", &error));
    assert_true(experiment_set(e, "landscape.range.0.1=+2e0", &error));
    assert_close(e->landscape.range[0][0], -2, 0);
    assert_close(e->landscape.range[0][1], 2, 0);
    assert_true(experiment_set(e, "name=a=b", &error));
    assert_string_equal(e->name, "a=b");
    assert_true(experiment_set(e, "title.zh_CN=", &error));
    assert_string_equal(e->title_zh, "");

    static const struct {
        const char *text, *words;
    } cases[] = {
        {"training.optimizer.momentum=1.5",
         "training.optimizer.momentum: 1.5 is out of range [0, 1)"},
        {"training.epochs=ten", "training.epochs: \"ten\" is no number, true or false"},
        {"training.epochs=1e3", "training.epochs: must be a whole number"},
        {"training.epochs=", "training.epochs: \"\" is no number, true or false"},
        {"training.epochs=1 2", "training.epochs: \"1 2\" is no number"},
        {"training.l1=1e400", "training.l1: \"1e400\" is no number"},
        {"training.l1=-", "training.l1: \"-\" is no number"},
        {"training.l1=.5.5", "training.l1: \".5.5\" is no number"},
        {"training.l1=0x1", "training.l1: \"0x1\" is no number"},
        {"training.shuffle=yes", "training.shuffle: \"yes\" is no number, true or false"},
        {"training.schedule.kind=steps", "training.schedule.kind: \"steps\" is not known"},
        {"training.schedule=step", "training.schedule: is a group of keys"},
        {"network.layers.0.norm=null",
         "network.layers.0.norm: \"null\" is not known (known: none, "},
        {"network.layers.2.units=3", "network.layers.2.units: no such key"},
        {"network.layers.-1.units=3", "network.layers.-1.units: no such key"},
        {"network.layers.0.weight=3", "network.layers.0.weight: no such key"},
        {"network.layers.*.units=0", "network.layers.*.units: 0 is out of range"},
        {"network.layers.*units=3", "network.layers.*units: no such key"},
        {"network.layers.*=3", "network.layers.*: no such key"},
        {"network.layers.99999999999999999999.units=3", ": no such key"},
        {"network.layers=3", "network.layers: is a group of keys"},
        {"training=3", "training: is a group of keys"},
        {"landscape.range.0=3", "landscape.range.0: is a group of keys"},
        {"landscape.range.0.2=3", "landscape.range.0.2: no such key"},
        {"layout=mse", "layout: no such key"},
        {"seed", "\"seed\": must be KEY=VALUE"},
        {"=3", "\"=3\": must be KEY=VALUE"},
        {"name=\xff", "name: the value is not UTF-8"},
        {"data.kind=csvs", "data.kind: \"csvs\" is not known"},
    };
    char *before = experiment_print(e);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (experiment_set(e, cases[i].text, &error)) fail_msg("accepted: %s", cases[i].text);
        assert_says(&error, cases[i].words);
        char *after = experiment_print(e);
        assert_string_equal(after, before);
        free(after);
    }
    free(before);
    experiment_release(e);

    e = parse(WITH_LAYER("\"units\": 1"));
    assert_false(experiment_set(e, "network.layers.*.activation=relu", &error));
    assert_says(&error, "network.layers.*.activation: the network has no layer but the last");
    experiment_release(e);
}

#define THREE_RIVALS                                                                               \
    "\"race\": [{\"name\": \"heavy\", \"kind\": \"sgd\", \"momentum\": 0.9, \"nesterov\": true}, " \
    "{}, "                                                                                         \
    "{\"kind\": \"adam\", \"learning_rate\": 0.25, \"beta2\": 0.5, \"eps\": 1e-7}]"

static void test_race(void **state) {
    (void)state;
    Experiment *e = parse(WITH(THREE_RIVALS));
    assert_int_equal(e->n_race, 3);
    assert_string_equal(e->race[0].name, "heavy");
    assert_close((double)e->race[0].optimizer.momentum, 0.9, 1e-7);
    assert_true(e->race[0].optimizer.nesterov);
    OptimizerDesc usual = optimizer_desc_default(OPTIMIZER_SGD);
    assert_memory_equal(&e->race[1].optimizer, &usual, sizeof usual);
    assert_int_equal(e->race[2].optimizer.kind, OPTIMIZER_ADAM);
    assert_close((double)e->race[2].optimizer.beta1, 0.9, 1e-7);
    assert_close((double)e->race[2].optimizer.beta2, 0.5, 1e-7);
    assert_round_trip(e);

    // A default follows the kind; what is given stays.
    Error error = {""};
    assert_true(experiment_set(e, "race.1.kind=adamw", &error));
    assert_close((double)e->race[1].optimizer.weight_decay, 0.01, 1e-7);
    assert_true(experiment_set(e, "race.2.kind=adamw", &error));
    assert_close((double)e->race[2].optimizer.learning_rate, 0.25, 1e-7);
    assert_true(experiment_set(e, "race.0.name=light", &error));
    assert_string_equal(e->race[0].name, "light");
    assert_round_trip(e);
    static const char *const refused[][2] = {
        {"race.3.kind=sgd", "race.3.kind: no such key"},
        {"race.0.rate=1", "race.0.rate: no such key"},
        {"race.0.momentum=1", "race.0.momentum: 1 is out of range"},
        {"race=1", "race: is a group of keys"},
        {"race.=1", "race.: no such key"},
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        assert_false(experiment_set(e, refused[i][0], &error));
        assert_says(&error, refused[i][1]);
    }

    Experiment *rival = experiment_rival(e, 2);
    assert_non_null(rival);
    assert_int_equal(rival->n_race, 0);
    assert_memory_equal(&rival->optimizer, &e->race[2].optimizer, sizeof rival->optimizer);
    assert_true(rival->given.learning_rate && !rival->given.beta1);
    assert_true(rival->seed == e->seed);
    experiment_release(rival);
    experiment_release(e);
}

static void test_races_that_cannot_be(void **state) {
    (void)state;
    assert_refused(WITH("\"race\": {}"), "race: must be a list, not an object");
    assert_refused(WITH("\"race\": [1]"), "race.0: must be an object, not a whole number");
    assert_refused(WITH("\"race\": [{}, {\"units\": 1}]"), "race.1.units: no such key");
    assert_refused(WITH("\"race\": [{\"kind\": \"fast\"}]"), "race.0.kind: \"fast\" is not known");
    assert_refused(WITH("\"race\": [{}, {}, {}, {}, {}, {}, {}, {}]"),
                   "race: 8 optimizers, but at most 7 race");
    Experiment *e = parse(WITH("\"race\": [{\"kind\": \"perceptron\"}]"));
    Error error = {""};
    const Dataset *data = dataset_create(&e->data, e->seed, &error);
    assert_non_null(data);
    Network net;
    assert_false(experiment_network(e, data, &net, &error));
    assert_says(&error, "race.0.kind: the perceptron rule races only against itself");
    dataset_release(data);
    experiment_release(e);
}

static void test_names(void **state) {
    (void)state;
    const char *const *names = experiment_names();
    static const char *const shipped[] = {"xor-shallow",
                                          "xor-deep",
                                          "xor-deep-xavier",
                                          "xor-deep-residual",
                                          "xor-corners",
                                          "perceptron",
                                          "circles",
                                          "moons",
                                          "spiral",
                                          "gaussians",
                                          "plane",
                                          "paraboloid",
                                          "error-surface",
                                          "error-surface-published",
                                          "race",
                                          "digits"};
    int count = (int)(sizeof shipped / sizeof *shipped);
    for (int i = 0; i < count; i++) assert_string_equal(names[i], shipped[i]);
    assert_null(names[count]);
}

static void test_load(void **state) {
    (void)state;
    Error error = {""};
    assert_null(experiment_load("xor-shalow", &error));
    assert_string_equal(error.text, "xor-shalow: no such experiment; `saddle list experiments` "
                                    "shows the built-in ones");
    assert_null(experiment_load("/nonexistent/x.json", &error));
    assert_says(&error, "/nonexistent/x.json: cannot read: ");
    // A data file's name is taken from where the experiment lies.
    char path[64];
    snprintf(path, sizeof path, "/tmp/saddle-%ld.json", (long)getpid());
    FILE *file = fopen(path, "w");
    fputs(WITH_DATA("\"kind\": \"csv\", \"file\": \"points.csv\""), file);
    fclose(file);
    Experiment *e = experiment_load(path, &error);
    if (!e) fail_msg("%s", error.text);
    assert_string_equal(e->data.file, "/tmp/points.csv");
    assert_true(strncmp(e->name, "saddle-", 7) == 0 && !strchr(e->name, '.'));
    experiment_release(e);
    file = fopen(path, "w");
    fputs("{\"saddle\": 1,\n}", file);
    fclose(file);
    assert_null(experiment_load(path, &error));
    assert_says(&error, path);
    assert_says(&error, ": line 2, column 1: ");
    remove(path);
}

// --- Networks ---

static const Dataset *data_of(const Experiment *e) {
    Error error = {""};
    const Dataset *data = dataset_create(&e->data, e->seed, &error);
    if (!data) fail_msg("%s", error.text);
    return data;
}

static void assert_no_network(const char *text, const char *words) {
    Experiment *e = parse(text);
    const Dataset *data = data_of(e);
    Network net;
    Error error = {""};
    assert_false(experiment_network(e, data, &net, &error));
    assert_says(&error, words);
    assert_null(net.params);
    dataset_release(data);
    experiment_release(e);
}

static void test_network_starts_as_told(void **state) {
    (void)state;
    const char *text =
        "{\"saddle\": 1, \"seed\": 5, \"data\": {\"kind\": \"xor\"}, \"network\": {\"layers\": ["
        "{\"units\": 3}, {\"units\": 2, \"weight\": [[1, 2, 3], [4, 5, 6]], \"bias\": [7, 8]},"
        "{\"units\": 1, \"bias\": false}]}}";
    Experiment *e = parse(text);
    const Dataset *data = data_of(e);
    Network net, drawn;
    assert_true(experiment_network(e, data, &net, NULL));
    assert_int_equal(net.n_params, 9 + 8 + 2);
    for (int i = 0; i < 8; i++) assert_true(net.params[9 + i] == (float)(i + 1));
    // The others are drawn from the seed's own stream, as without the given ones.
    assert_true(network_copy(&drawn, &net));
    Rng rng = rng_create(5, RNG_INIT);
    init_network(INIT_XAVIER_UNIFORM, &drawn, &rng);
    assert_memory_equal(net.params, drawn.params, 9 * sizeof(float));
    assert_memory_equal(net.params + 17, drawn.params + 17, 2 * sizeof(float));
    ParamRef axes[2];
    experiment_axes(e, &net, axes);
    assert_true(axes[0].layer == 0 && axes[0].row == 0 && axes[0].col == 0);
    assert_true(axes[1].layer == 0 && axes[1].row == 0 && axes[1].col == 1);
    network_deinit(&net);
    network_deinit(&drawn);
    dataset_release(data);
    experiment_release(e);
}

static void test_networks_that_do_not_fit(void **state) {
    (void)state;
    assert_no_network(
        WITH_LAYER("\"units\": 2"),
        "network.layers.0.units: the last layer has 2 units, but the data has 1 target");
    assert_no_network(
        WITH_LAYER("\"units\": 1, \"weight\": [[1, 2, 3]]"),
        "network.layers.0.weight: 1 x 3 numbers, but the layer has 1 units with 2 inputs");
    assert_no_network(WITH_LAYER("\"units\": 1, \"bias\": [1, 2]"),
                      "network.layers.0.bias: 2 numbers, but the layer has 1 units");
    assert_no_network(WITH("\"training\": {\"loss\": \"bce\"}"),
                      "training.loss: bce needs outputs between 0 and 1");
    assert_no_network(
        "{\"saddle\": 1, \"data\": {\"kind\": \"paraboloid\"}, \"network\": {\"layers\": "
        "[{\"units\": 1, \"activation\": \"sigmoid\"}]}, \"training\": {\"loss\": \"bce\"}}",
        "training.loss: bce needs targets from 0 to 1");
    assert_no_network(WITH("\"training\": {\"loss\": \"cross_entropy\"}"),
                      "training.loss: cross_entropy and softmax need each other: set "
                      "network.layers.0.activation to softmax and");
    assert_no_network(WITH_LAYER("\"units\": 1, \"activation\": \"softmax\""),
                      "training.loss: cross_entropy and softmax need each other");
    assert_no_network(
        WITH_LAYERS("{\"units\": 2, \"activation\": \"softmax\"}, {\"units\": 1}", "{}"),
        "network.layers.0.activation: softmax is for the last layer only");
    assert_no_network(WITH_LAYERS("{\"units\": 1, \"activation\": \"sigmoid\", \"dropout\": 0.5}",
                                  "{\"loss\": \"bce\"}"),
                      "network.layers.0.dropout: bce is computed from what comes before");
    assert_no_network(
        WITH_LAYERS("{\"units\": 2}, {\"units\": 1, \"residual\": true}", "{}"),
        "network.layers.1.residual: needs as many units as inputs, but the layer has 1 "
        "and 2");
    assert_no_network(WITH_LAYER("\"units\": 1, \"norm\": \"batch\""),
                      "network.layers.0.norm: batch norm needs batches of two samples or more: set "
                      "training.batch_size to 2 or more");
    assert_no_network(WITH_LAYER("\"units\": 1, \"activation\": \"step\""),
                      "network.layers.0.activation: step has no slope, so that only the perceptron "
                      "rule trains it: set training.optimizer.kind to perceptron");
    assert_no_network(WITH("\"training\": {\"optimizer\": {\"kind\": \"perceptron\"}}"),
                      "training.optimizer.kind: perceptron needs step units: set "
                      "network.layers.0.activation to step");
    assert_no_network(WITH_LAYERS("{\"units\": 2, \"activation\": \"step\"}, {\"units\": 1}",
                                  "{\"optimizer\": {\"kind\": \"perceptron\"}}"),
                      "training.optimizer.kind: perceptron trains a single layer, but "
                      "network.layers has 2");
    assert_no_network(WITH("\"landscape\": {\"axes\": [\"0:0:0\", \"1:0:0\"]}"),
                      "landscape.axes.1: layer 1: ");
    assert_no_network(WITH("\"landscape\": {\"range\": [[-5, 5], [2, 2]]}"),
                      "landscape.range.1: the low end 2 is not below the high end 2");
    assert_no_network(WITH("\"landscape\": {\"split\": \"test\"}"),
                      "landscape.split: the data has no test samples");
}

static void test_default_axes_are_the_first_two_parameters(void **state) {
    (void)state;
    static const struct {
        const char *layers;
        ParamRef second;
    } cases[] = {
        {"{\"units\": 2}, {\"units\": 1}", {0, 1, 0}},
        {"{\"units\": 1}, {\"units\": 1}", {0, 0, PARAM_BIAS}},
        {"{\"units\": 1, \"bias\": false}, {\"units\": 1}", {1, 0, 0}},
        {"{\"units\": 1, \"bias\": false}", {0, 0, 0}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[256];
        snprintf(text, sizeof text,
                 "{\"saddle\": 1, \"data\": {\"kind\": \"error-surface\", \"samples\": 9}, "
                 "\"network\": {\"layers\": [%s]}}",
                 cases[i].layers);
        Experiment *e = parse(text);
        const Dataset *data = data_of(e);
        Network net;
        Error error = {""};
        if (!experiment_network(e, data, &net, &error)) fail_msg("%s", error.text);
        ParamRef axes[2];
        experiment_axes(e, &net, axes);
        assert_memory_equal(&axes[1], &cases[i].second, sizeof axes[1]);
        assert_memory_equal(axes, e->landscape.axes, sizeof axes);
        network_deinit(&net);
        dataset_release(data);
        experiment_release(e);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_key_of_the_contract),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_errors_name_the_key),
        cmocka_unit_test(test_every_key_of_training),
        cmocka_unit_test(test_defaults_follow_the_kind),
        cmocka_unit_test(test_the_schedule_ends_with_training),
        cmocka_unit_test(test_set_switches_off),
        cmocka_unit_test(test_hostile_shapes),
        cmocka_unit_test(test_print_reads_back_to_the_same),
        cmocka_unit_test(test_printed_numbers_are_short),
        cmocka_unit_test(test_set),
        cmocka_unit_test(test_race),
        cmocka_unit_test(test_races_that_cannot_be),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_load),
        cmocka_unit_test(test_network_starts_as_told),
        cmocka_unit_test(test_networks_that_do_not_fit),
        cmocka_unit_test(test_default_axes_are_the_first_two_parameters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
