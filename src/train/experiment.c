/// Experiments as counted structs: where they come from, how they are copied, and the network that
/// one describes. The file's form is in experiment_file.c.
#include "train/experiment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pthread.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/resource.h"
#include "base/rng.h"
#include "train/experiment_keys.h"

enum { FILE_BYTES_MAX = 16 << 20, NAMES_MAX = 256 };

#define FOLDER "assets/experiments/"
#define SUFFIX ".json"

static char names[NAMES_MAX][64];
static const char *name_list[NAMES_MAX + 1];

/// Where a name stands in menus: what a person should see first, then the rest by alphabet.
static int rank(const char *name) {
    static const char *const first[] = {"xor-shallow",
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
    int count = (int)(sizeof first / sizeof *first);
    for (int i = 0; i < count; i++) {
        if (strcmp(name, first[i]) == 0) return i;
    }
    return count;
}

static int compare_names(const void *a, const void *b) {
    int difference = rank(a) - rank(b);
    return difference ? difference : strcmp(a, b);
}

static void collect_names(void) {
    size_t count = 0;
    for (const Resource *r = resource_table; r->name && count < NAMES_MAX; r++) {
        const size_t folder = sizeof FOLDER - 1, suffix = sizeof SUFFIX - 1;
        size_t length = strlen(r->name);
        if (length <= folder + suffix || strncmp(r->name, FOLDER, folder) != 0) continue;
        if (strcmp(r->name + length - suffix, SUFFIX) != 0) continue;
        size_t kept = length - folder - suffix;
        if (kept >= sizeof names[0]) continue;
        memcpy(names[count++], r->name + folder, kept);
    }
    qsort(names, count, sizeof names[0], compare_names);
    for (size_t i = 0; i < count; i++) name_list[i] = names[i];
}

const char *const *experiment_names(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, collect_names);
    return name_list;
}

static bool is_built_in(const char *name) {
    for (const char *const *n = experiment_names(); *n; n++) {
        if (strcmp(*n, name) == 0) return true;
    }
    return false;
}

static Experiment *load_built_in(const char *name, Error *error) {
    char path[sizeof FOLDER + sizeof names[0] + sizeof SUFFIX];
    snprintf(path, sizeof path, FOLDER "%s" SUFFIX, name);
    char *text = resource_text(path);
    if (!text) {
        error_set(error, "%s: out of memory", name);
        return NULL;
    }
    Experiment *experiment = experiment_parse(text, strlen(text), path, error);
    free(text);
    return experiment;
}

/// A data file named in an experiment file lies beside it.
static bool place_data_file(Experiment *experiment, const char *path, Error *error) {
    const char *slash = strrchr(path, '/');
    char *file = experiment->data.file;
    if (!slash || file[0] == '\0' || file[0] == '/') return true;
    size_t folder = (size_t)(slash - path) + 1, length = strlen(file);
    if (folder + length >= sizeof experiment->data.file) {
        return error_set(error, "%s: data.file: the path is too long", path);
    }
    memmove(file + folder, file, length + 1);
    memcpy(file, path, folder);
    return true;
}

Experiment *experiment_load(const char *name_or_path, Error *error) {
    if (is_built_in(name_or_path)) return load_built_in(name_or_path, error);
    size_t length = strlen(name_or_path), suffix = sizeof SUFFIX - 1;
    bool is_path = strchr(name_or_path, '/') != NULL ||
                   (length > suffix && strcmp(name_or_path + length - suffix, SUFFIX) == 0);
    if (!is_path) {
        error_set(error,
                  "%s: no such experiment; `saddle list experiments` shows the built-in ones",
                  name_or_path);
        return NULL;
    }
    size_t size = 0;
    char *text = file_read(name_or_path, FILE_BYTES_MAX, &size, error);
    if (!text) return NULL;
    Experiment *experiment = experiment_parse(text, size, name_or_path, error);
    free(text);
    if (experiment && !place_data_file(experiment, name_or_path, error)) {
        experiment_release(experiment);
        return NULL;
    }
    return experiment;
}

static void keep(float *value, bool given, float fallback) {
    if (!given) *value = fallback;
}

static void fill_optimizer(OptimizerDesc *optimizer, const ExperimentGiven *given) {
    const OptimizerDesc usual = optimizer_desc_default(optimizer->kind);
    keep(&optimizer->learning_rate, given->learning_rate, usual.learning_rate);
    keep(&optimizer->beta, given->beta, usual.beta);
    keep(&optimizer->alpha, given->alpha, usual.alpha);
    keep(&optimizer->eps, given->eps, usual.eps);
    keep(&optimizer->beta1, given->beta1, usual.beta1);
    keep(&optimizer->beta2, given->beta2, usual.beta2);
    keep(&optimizer->weight_decay, given->weight_decay, usual.weight_decay);
}

void experiment_fill_defaults(Experiment *experiment) {
    const ExperimentGiven *given = &experiment->given;
    fill_optimizer(&experiment->optimizer, given);
    for (int i = 0; i < experiment->n_race; i++) {
        fill_optimizer(&experiment->race[i].optimizer, &experiment->race[i].given);
    }
    ScheduleDesc *schedule = &experiment->schedule;
    keep(&schedule->gamma, given->gamma, schedule->kind == SCHEDULE_EXPONENTIAL ? 0.95f : 0.1f);
    if (!given->step_size) schedule->step_size = 30;
    if (!given->warmup) schedule->warmup = 5;
}

ScheduleDesc experiment_schedule(const Experiment *experiment) {
    ScheduleDesc schedule = experiment->schedule;
    if (schedule.epochs == 0) schedule.epochs = experiment->epochs;
    return schedule;
}

static bool copy_array(float **array, size_t n) {
    if (!*array) return true;
    float *copy = malloc(n * sizeof *copy);
    if (copy) memcpy(copy, *array, n * sizeof *copy);
    *array = copy;
    return copy != NULL;
}

Experiment *experiment_copy(const Experiment *experiment) {
    Experiment *copy = malloc(sizeof *copy);
    if (!copy) return NULL;
    memcpy(copy, experiment, sizeof *copy);
    atomic_init(&copy->references, 1);
    bool good = true;
    for (int i = 0; i < copy->n_layers; i++) {
        ExperimentLayer *layer = &copy->layers[i];
        good &= copy_array(&layer->weight, (size_t)layer->weight_rows * (size_t)layer->weight_cols);
        good &= copy_array(&layer->bias, (size_t)layer->bias_count);
    }
    if (good) return copy;
    experiment_release(copy);
    return NULL;
}

Experiment *experiment_rival(const Experiment *experiment, int rival) {
    Experiment *copy = experiment_copy(experiment);
    if (!copy) return NULL;
    const Rival *own = &experiment->race[rival];
    ExperimentGiven *given = &copy->given;
    copy->optimizer = own->optimizer;
    given->learning_rate = own->given.learning_rate;
    given->beta = own->given.beta;
    given->alpha = own->given.alpha;
    given->eps = own->given.eps;
    given->beta1 = own->given.beta1;
    given->beta2 = own->given.beta2;
    given->weight_decay = own->given.weight_decay;
    copy->n_race = 0;
    return copy;
}

/// The count is not part of what const promises.
static Experiment *counted(const Experiment *experiment) {
    return memory_unconst(experiment);
}

const Experiment *experiment_retain(const Experiment *experiment) {
    atomic_fetch_add_explicit(&counted(experiment)->references, 1, memory_order_relaxed);
    return experiment;
}

void experiment_release(const Experiment *experiment) {
    if (!experiment) return;
    Experiment *shared = counted(experiment);
    if (atomic_fetch_sub_explicit(&shared->references, 1, memory_order_acq_rel) > 1) return;
    for (int i = 0; i < shared->n_layers; i++) {
        free(shared->layers[i].weight);
        free(shared->layers[i].bias);
    }
    free(shared);
}

/// Overwrites the drawn initial values with those that the file gives.
static bool start_from_given(const Experiment *experiment, Network *net, Error *error) {
    for (int l = 0; l < net->n_layers; l++) {
        const ExperimentLayer *given = &experiment->layers[l];
        const Layer *layer = &net->layers[l];
        if (given->weight) {
            if (given->weight_rows != layer->units || given->weight_cols != layer->inputs) {
                return error_set(error,
                                 "network.layers.%d.weight: %d x %d numbers, but the layer has %d "
                                 "units with %d inputs",
                                 l, given->weight_rows, given->weight_cols, layer->units,
                                 layer->inputs);
            }
            memcpy(net->params + layer->weight_at, given->weight,
                   (size_t)layer->units * (size_t)layer->inputs * sizeof(float));
        }
        if (given->bias) {
            if (given->bias_count != layer->units) {
                return error_set(error,
                                 "network.layers.%d.bias: %d numbers, but the layer has %d units",
                                 l, given->bias_count, layer->units);
            }
            memcpy(net->params + layer->bias_at, given->bias, (size_t)layer->units * sizeof(float));
        }
    }
    return true;
}

static bool check_loss(const Experiment *experiment, const Dataset *data, Error *error) {
    const Loss loss = experiment->loss;
    const int last = experiment->n_layers - 1;
    const LayerDesc *layer = &experiment->layers[last].desc;
    if (!loss_suits(loss, layer->activation)) {
        if (loss == LOSS_BCE) {
            return error_set(error,
                             "training.loss: bce needs outputs between 0 and 1: set "
                             "network.layers.%d.activation to sigmoid",
                             last);
        }
        return error_set(error,
                         "training.loss: cross_entropy and softmax need each other: set "
                         "network.layers.%d.activation to softmax and training.loss to "
                         "cross_entropy, or neither",
                         last);
    }
    if (!loss_takes_logits(loss)) return true;
    if (layer->dropout > 0.0f || layer->residual) {
        return error_set(error,
                         "network.layers.%d.%s: %s is computed from what comes before it: the last "
                         "layer can have neither dropout nor a residual connection",
                         last, layer->residual ? "residual" : "dropout", loss_name(loss));
    }
    if (data->t_min < 0.0f || data->t_max > 1.0f) {
        return error_set(error,
                         "training.loss: %s needs targets from 0 to 1; the data's go from %g to %g",
                         loss_name(loss), (double)data->t_min, (double)data->t_max);
    }
    return true;
}

/// What belongs together: step units and the perceptron rule, residual layers' widths, batches and
/// batch norm.
static bool check_layers(const Experiment *experiment, const Dataset *data, Error *error) {
    bool perceptron = experiment->optimizer.kind == OPTIMIZER_PERCEPTRON;
    if (perceptron && experiment->n_layers > 1) {
        return error_set(error,
                         "training.optimizer.kind: perceptron trains a single layer, but "
                         "network.layers has %d",
                         experiment->n_layers);
    }
    if (perceptron && experiment->layers[0].desc.activation != ACTIVATION_STEP) {
        return error_set(error, "training.optimizer.kind: perceptron needs step units: set "
                                "network.layers.0.activation to step");
    }
    for (int i = 0; i < experiment->n_race; i++) {
        if ((experiment->race[i].optimizer.kind == OPTIMIZER_PERCEPTRON) == perceptron) continue;
        return error_set(error, "race.%d.kind: the perceptron rule races only against itself", i);
    }
    int inputs = data->n_inputs;
    bool single = experiment->batch_size == 1 || data->n_train == 1;
    for (int l = 0; l < experiment->n_layers; l++) {
        const LayerDesc *layer = &experiment->layers[l].desc;
        if (layer->activation == ACTIVATION_STEP && !perceptron) {
            return error_set(error,
                             "network.layers.%d.activation: step has no slope, so that only the "
                             "perceptron rule trains it: set training.optimizer.kind to perceptron",
                             l);
        }
        if (layer->activation == ACTIVATION_SOFTMAX && l < experiment->n_layers - 1) {
            return error_set(error,
                             "network.layers.%d.activation: softmax is for the last layer only", l);
        }
        if (layer->residual && layer->units != inputs) {
            return error_set(error,
                             "network.layers.%d.residual: needs as many units as inputs, but the "
                             "layer has %d and %d",
                             l, layer->units, inputs);
        }
        if (layer->norm == NORM_BATCH && single) {
            return error_set(error,
                             "network.layers.%d.norm: batch norm needs batches of two samples or "
                             "more: set training.batch_size to 2 or more, or to 0 for all samples",
                             l);
        }
        inputs = layer->units;
    }
    return true;
}

/// @param n_inputs  0: not known yet
static void first_two_params(const Experiment *experiment, int n_inputs, ParamRef axes[2]) {
    const LayerDesc *first = &experiment->layers[0].desc;
    axes[0] = axes[1] = (ParamRef){0, 0, 0};
    if (n_inputs > 1) {
        axes[1].col = 1;
    } else if (first->units > 1) {
        axes[1].row = 1;
    } else if (!first->no_bias) {
        axes[1].col = PARAM_BIAS;
    } else if (experiment->n_layers > 1) {
        axes[1].layer = 1;
    }
}

void experiment_guess_axes(Experiment *experiment) {
    if (experiment->landscape.has_axes) return;
    const DatasetKind *kind = dataset_kind_find(experiment->data.kind);
    first_two_params(experiment, kind ? kind->n_inputs : 0, experiment->landscape.axes);
}

void experiment_axes(const Experiment *experiment, const Network *net, ParamRef axes[2]) {
    if (experiment->landscape.has_axes) {
        memcpy(axes, experiment->landscape.axes, 2 * sizeof *axes);
    } else {
        first_two_params(experiment, net->n_inputs, axes);
    }
}

static bool check_landscape(const Experiment *experiment, const Dataset *data, const Network *net,
                            Error *error) {
    ParamRef axes[2];
    experiment_axes(experiment, net, axes);
    for (int axis = 0; axis < 2; axis++) {
        char key[32];
        size_t at;
        snprintf(key, sizeof key, "landscape.axes.%d", axis);
        if (!network_locate(net, axes[axis], &at, error)) {
            return error_prefix(error, key);
        }
        const double *range = experiment->landscape.range[axis];
        if (!(range[0] < range[1])) {
            return error_set(error,
                             "landscape.range.%d: the low end %g is not below the high end %g",
                             axis, range[0], range[1]);
        }
    }
    if (experiment->landscape.test_split && data->n_train == data->n) {
        return error_set(error, "landscape.split: the data has no test samples");
    }
    return true;
}

bool experiment_network(const Experiment *experiment, const Dataset *data, Network *net,
                        Error *error) {
    *net = (Network){0};
    const int last = experiment->n_layers - 1, units = experiment->layers[last].desc.units;
    if (units != data->n_outputs) {
        return error_set(error,
                         "network.layers.%d.units: the last layer has %d unit%s, but the data "
                         "has %d target%s a sample",
                         last, units, units == 1 ? "" : "s", data->n_outputs,
                         data->n_outputs == 1 ? "" : "s");
    }
    if (!check_layers(experiment, data, error)) return false;
    LayerDesc layers[NETWORK_LAYERS_MAX];
    for (int l = 0; l <= last; l++) layers[l] = experiment->layers[l].desc;
    if (!network_init(net, data->n_inputs, layers, experiment->n_layers, error)) {
        return error_prefix(error, "network.layers");
    }
    Rng rng = rng_create(experiment->seed, RNG_INIT);
    init_network(experiment->init, net, &rng);
    if (start_from_given(experiment, net, error) && check_loss(experiment, data, error) &&
        check_landscape(experiment, data, net, error)) {
        return true;
    }
    network_deinit(net);
    *net = (Network){0};
    return false;
}
