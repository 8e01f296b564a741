#include "app/edits.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "nn/weights.h"

enum { PROBE_SAMPLES = 2000, FILE_BATCH = 128, NORM_BATCH_SIZE = 32 };

/// Settings that were changed live count as given.
static void take_settings(Experiment *edited, const OptimizerDesc *now) {
    const OptimizerDesc *before = &edited->optimizer;
    ExperimentGiven *given = &edited->given;
    given->learning_rate |= now->learning_rate != before->learning_rate;
    given->beta |= now->beta != before->beta;
    given->alpha |= now->alpha != before->alpha;
    given->beta1 |= now->beta1 != before->beta1;
    given->beta2 |= now->beta2 != before->beta2;
    given->weight_decay |= now->weight_decay != before->weight_decay;
    edited->optimizer = *now;
}

Experiment *edit_begin(const Snapshot *run) {
    Experiment *edited = experiment_copy(run->experiment);
    if (edited) take_settings(edited, &run->optimizer);
    return edited;
}

static void forget_given(ExperimentLayer *layer) {
    free(layer->weight);
    free(layer->bias);
    layer->weight = layer->bias = NULL;
    layer->weight_rows = layer->weight_cols = layer->bias_count = 0;
}

/// Weights to start from that no longer have their layer's shape.
static void drop_misfits(Experiment *edited, int n_inputs) {
    int inputs = n_inputs;
    for (int l = 0; l < edited->n_layers; l++) {
        ExperimentLayer *layer = &edited->layers[l];
        int units = layer->desc.units;
        bool fits =
            (!layer->weight || (layer->weight_rows == units && layer->weight_cols == inputs)) &&
            (!layer->bias || layer->bias_count == units);
        if (!fits) forget_given(layer);
        inputs = units;
    }
}

// ---- what belongs together

static LayerDesc *last_layer(Experiment *edited) {
    return &edited->layers[edited->n_layers - 1].desc;
}

/// The last layer's activation gives way to the loss.
static void suit_activation(Experiment *edited) {
    LayerDesc *last = last_layer(edited);
    if (edited->optimizer.kind == OPTIMIZER_PERCEPTRON) {
        last->activation = ACTIVATION_STEP;
    } else if (edited->loss == LOSS_BCE) {
        last->activation = ACTIVATION_SIGMOID;
    } else if (edited->loss == LOSS_CROSS_ENTROPY) {
        last->activation = ACTIVATION_SOFTMAX;
    } else if (last->activation == ACTIVATION_SOFTMAX || last->activation == ACTIVATION_STEP) {
        last->activation = ACTIVATION_SIGMOID;
    }
    if (loss_takes_logits(edited->loss)) {
        last->dropout = 0;
        last->residual = false;
    }
}

/// The loss gives way to the last layer's activation.
static void suit_loss(Experiment *edited) {
    Activation activation = last_layer(edited)->activation;
    if (activation == ACTIVATION_SOFTMAX) {
        edited->loss = LOSS_CROSS_ENTROPY;
    } else if (!loss_suits(edited->loss, activation)) {
        edited->loss = activation == ACTIVATION_SIGMOID ? LOSS_BCE : LOSS_MSE;
    }
    suit_activation(edited);
}

/// Any other optimizer than the perceptron rule.
static void leave_perceptron(Experiment *edited) {
    if (edited->optimizer.kind != OPTIMIZER_PERCEPTRON) return;
    edited->optimizer.kind = OPTIMIZER_SGD;
    experiment_fill_defaults(edited);
}

void edit_output_activation(Experiment *edited, Activation activation) {
    if (activation == ACTIVATION_STEP) {
        edit_optimizer(edited, OPTIMIZER_PERCEPTRON);
        return;
    }
    leave_perceptron(edited);
    last_layer(edited)->activation = activation;
    suit_loss(edited);
}

void edit_loss(Experiment *edited, Loss loss) {
    edited->loss = loss;
    if (loss_takes_logits(loss)) leave_perceptron(edited);
    suit_activation(edited);
}

/// Without the hidden layers from number `count` on, if there are so many.
static void cut_hidden(Experiment *edited, int count) {
    int hidden = edited->n_layers - 1;
    if (count >= hidden) return;
    for (int l = count; l < hidden; l++) forget_given(&edited->layers[l]);
    edited->layers[count] = edited->layers[hidden];
    edited->n_layers = count + 1;
}

void edit_optimizer(Experiment *edited, OptimizerKind kind) {
    if (kind == OPTIMIZER_PERCEPTRON) {
        cut_hidden(edited, 0);
        if (loss_takes_logits(edited->loss)) edited->loss = LOSS_MSE;
        edited->n_race = 0;
    }
    edited->optimizer.kind = kind;
    experiment_fill_defaults(edited);
    suit_activation(edited);
}

// ---- races

/// With momentum a step sums up to ten gradients: it takes a tenth of the rate.
#define HEAVY_MOMENTUM 0.9f

void edit_rival_kind(Experiment *edited, int rival, OptimizerKind kind, bool heavy) {
    Rival *own = &edited->race[rival];
    *own = (Rival){.optimizer = optimizer_desc_default(kind)};
    const OptimizerDesc *first = &edited->optimizer;
    bool alike = kind == OPTIMIZER_SGD && first->kind == OPTIMIZER_SGD;
    if (alike && first->momentum == 0) own->optimizer.learning_rate = first->learning_rate;
    if (heavy) {
        own->optimizer.momentum = HEAVY_MOMENTUM;
        own->optimizer.learning_rate *= 1 - HEAVY_MOMENTUM;
    }
    own->given.learning_rate = alike || heavy;
}

void edit_rival_rate(Experiment *edited, int rival, float learning_rate) {
    edited->race[rival].optimizer.learning_rate = learning_rate;
    edited->race[rival].given.learning_rate = true;
}

void edit_rival_add(Experiment *edited) {
    if (edited->n_race == RIVALS_MAX) return;
    edit_rival_kind(edited, edited->n_race++, OPTIMIZER_ADAM, false);
}

void edit_rival_remove(Experiment *edited, int rival) {
    edited->n_race--;
    memmove(&edited->race[rival], &edited->race[rival + 1],
            (size_t)(edited->n_race - rival) * sizeof *edited->race);
}

void edit_race(Experiment *edited) {
    if (edited->n_race > 0) return;
    edited->n_race = 3;
    edit_rival_kind(edited, 0, OPTIMIZER_SGD, true);
    edit_rival_kind(edited, 1, OPTIMIZER_RMSPROP, false);
    edit_rival_kind(edited, 2, OPTIMIZER_ADAM, false);
}

bool edit_race_fits(const Snapshot *run) {
    return run->optimizer.kind != OPTIMIZER_PERCEPTRON;
}

void edit_schedule(Experiment *edited, ScheduleKind kind) {
    edited->schedule.kind = kind;
    experiment_fill_defaults(edited);
}

static void drop_batch_norm(Experiment *edited) {
    for (int l = 0; l < edited->n_layers; l++) {
        LayerDesc *layer = &edited->layers[l].desc;
        if (layer->norm == NORM_BATCH) layer->norm = NORM_NONE;
    }
}

void edit_batch(Experiment *edited, int size) {
    edited->batch_size = size;
    if (size == 1) drop_batch_norm(edited);
}

void edit_norm(Experiment *edited, Norm norm) {
    for (int l = 0; l < edited->n_layers - 1; l++) edited->layers[l].desc.norm = norm;
    if (norm == NORM_BATCH && edited->batch_size == 1) edited->batch_size = NORM_BATCH_SIZE;
}

bool edit_residual(Experiment *edited, bool on, int n_inputs) {
    bool any = false;
    int inputs = n_inputs, units = edited->layers[0].desc.units;
    for (int l = 0; l < edited->n_layers - 1; l++) {
        LayerDesc *layer = &edited->layers[l].desc;
        if (on) layer->units = units;
        layer->residual = on && layer->units == inputs;
        any |= layer->residual;
        inputs = layer->units;
    }
    if (!on) last_layer(edited)->residual = false;
    return any;
}

void edit_dropout(Experiment *edited, float share) {
    for (int l = 0; l < edited->n_layers - 1; l++) edited->layers[l].desc.dropout = share;
}

// ---- data

void edit_data(Experiment *edited, const char *kind) {
    const DatasetKind *found = dataset_kind_find(kind);
    assert(found);
    DatasetDesc desc = {0};
    size_t length = strlen(kind);
    assert(length < sizeof desc.kind);
    memcpy(desc.kind, kind, length + 1);
    bool from_files = found->version != NULL;
    // A test part that was asked for is kept, where it is not the files' own.
    if (!from_files && edited->data.has_test_fraction && edited->data.test_fraction > 0) {
        desc.test_fraction = edited->data.test_fraction;
        desc.has_test_fraction = true;
    }
    edited->data = desc;
    // Tens of thousands of images are not for single samples, nor for one batch.
    if (from_files && (edited->batch_size == 0 || edited->batch_size < NORM_BATCH_SIZE))
        edited->batch_size = FILE_BATCH;
}

bool edit_data_fits(const Snapshot *run, const DatasetKind *kind) {
    return strcmp(kind->name, run->experiment->data.kind) == 0 || strcmp(kind->name, "csv") != 0;
}

bool edit_activation_hidden(Activation activation) {
    return activation != ACTIVATION_SOFTMAX && activation != ACTIVATION_STEP;
}

/// What several classes need: a softmax of a single output is always one.
static bool has_several_classes(const Dataset *data) {
    return data->classes && data->n_outputs > 1;
}

bool edit_activation_fits(const Snapshot *run, Activation activation) {
    return activation != ACTIVATION_SOFTMAX || has_several_classes(run->data);
}

bool edit_loss_fits(const Snapshot *run, Loss loss) {
    if (loss == LOSS_CROSS_ENTROPY) return has_several_classes(run->data);
    return loss != LOSS_BCE || (run->data->t_min >= 0.0f && run->data->t_max <= 1.0f);
}

/// What an edit needs to know of the data: where it is cheap, the data themselves; of files, what
/// their kind says; else the run's, or some samples of what was asked for.
/// @return false with error set
static bool learn_data(const Experiment *edited, const Snapshot *run, const Dataset **made,
                       Dataset *facts, Error *error) {
    const DatasetDesc *desc = &edited->data, *before = &run->experiment->data;
    const DatasetKind *kind = dataset_kind_find(desc->kind);
    *made = NULL;
    bool same_kind = strcmp(desc->kind, before->kind) == 0;
    if (same_kind && kind->version) {
        *facts = *run->data;
    } else if (kind->version) {
        *facts = (Dataset){.n_inputs = kind->n_inputs,
                           .n_outputs = kind->n_outputs,
                           .n = 2,
                           .n_train = 1,
                           .classes = true,
                           .t_max = 1};
    } else {
        DatasetDesc probe = *desc;
        if (probe.has_samples && probe.samples > PROBE_SAMPLES) probe.samples = PROBE_SAMPLES;
        *made = dataset_create(&probe, edited->seed, error);
        if (!*made) return false;
        *facts = **made;
    }
    return true;
}

/// The last layer and the loss of a network that meets other data than before.
static void suit_data(Experiment *edited, const Dataset *data) {
    LayerDesc *last = last_layer(edited);
    last->units = data->n_outputs;
    bool perceptron = edited->optimizer.kind == OPTIMIZER_PERCEPTRON;
    if (!data->classes) {
        leave_perceptron(edited);
        if (loss_takes_logits(edited->loss)) edited->loss = LOSS_MSE;
        bool within =
            last->activation == ACTIVATION_TANH && data->t_min >= -1.0f && data->t_max <= 1.0f;
        if (!within) last->activation = ACTIVATION_LINEAR;
    } else if (data->n_outputs > 1 && !perceptron) {
        last->activation = ACTIVATION_SOFTMAX;
    } else if (last->activation == ACTIVATION_SOFTMAX) {
        last->activation = ACTIVATION_SIGMOID;
    }
    suit_loss(edited);
}

// ---- ends of edits

static void drop_misfit_residuals(Experiment *edited, int n_inputs) {
    int inputs = n_inputs;
    for (int l = 0; l < edited->n_layers; l++) {
        LayerDesc *layer = &edited->layers[l].desc;
        if (layer->units != inputs) layer->residual = false;
        inputs = layer->units;
    }
}

/// Axes that the network does not have, a test part that the data do not have.
static bool mend_landscape(Experiment *edited, const Dataset *data, Error *error) {
    LayerDesc layers[NETWORK_LAYERS_MAX];
    for (int l = 0; l < edited->n_layers; l++) layers[l] = edited->layers[l].desc;
    Network shape;
    if (!network_init(&shape, data->n_inputs, layers, edited->n_layers, error)) return false;
    ParamRef axes[2];
    experiment_axes(edited, &shape, axes);
    for (int axis = 0; axis < 2; axis++) {
        size_t at;
        if (!network_locate(&shape, axes[axis], &at, NULL)) edited->landscape.has_axes = false;
    }
    network_deinit(&shape);
    if (data->n_train == data->n) edited->landscape.test_split = false;
    return true;
}

static bool mend(Experiment *edited, const Snapshot *run, const Dataset *data, Error *error) {
    bool other = strcmp(edited->data.kind, run->experiment->data.kind) != 0;
    if (other || last_layer(edited)->units != data->n_outputs) suit_data(edited, data);
    drop_misfit_residuals(edited, data->n_inputs);
    drop_misfits(edited, data->n_inputs);
    if (!mend_landscape(edited, data, error)) return false;
    Network net = {0};
    bool good = experiment_network(edited, data, &net, error);
    network_deinit(&net);
    return good;
}

bool edit_end(Experiment *edited, const Snapshot *run, Error *error) {
    Dataset facts;
    const Dataset *made;
    bool good = learn_data(edited, run, &made, &facts, error) && mend(edited, run, &facts, error);
    dataset_release(made);
    if (!good) experiment_release(edited);
    return good;
}

// ---- the network

void edit_hidden_activation(Experiment *edited, Activation activation) {
    for (int l = 0; l < edited->n_layers - 1; l++) edited->layers[l].desc.activation = activation;
}

void edit_init(Experiment *edited, Init init) {
    edited->init = init;
    for (int l = 0; l < edited->n_layers; l++) forget_given(&edited->layers[l]);
}

void edit_hidden_count(Experiment *edited, int count) {
    assert(count >= 0 && count < NETWORK_LAYERS_MAX);
    cut_hidden(edited, count);
    if (count == 0) return;
    int hidden = edited->n_layers - 1;
    ExperimentLayer output = edited->layers[hidden];
    for (int l = hidden; l < count; l++) {
        LayerDesc like = {.units = 4, .activation = ACTIVATION_TANH};
        if (l > 0) like = edited->layers[l - 1].desc;
        edited->layers[l] = (ExperimentLayer){.desc = like};
    }
    edited->layers[count] = output;
    edited->n_layers = count + 1;
    leave_perceptron(edited);
    suit_activation(edited);
}

void edit_units(Experiment *edited, int layer, int units) {
    assert(layer >= 0 && layer < edited->n_layers);
    int hidden = edited->n_layers - 1;
    edited->layers[layer].desc.units = units;
    for (int l = layer; l > 0 && edited->layers[l].desc.residual; l--) {
        edited->layers[l - 1].desc.units = units;
    }
    for (int l = layer + 1; l < hidden && edited->layers[l].desc.residual; l++) {
        edited->layers[l].desc.units = units;
    }
}

static float *copied(const float *values, size_t n) {
    float *copy = malloc(n * sizeof *copy);
    if (copy) memcpy(copy, values, n * sizeof *copy);
    return copy;
}

/// Gives a copy of the experiment the network's parameters to start from.
static bool give(Experiment *edited, const Network *net) {
    for (int l = 0; l < net->n_layers; l++) {
        const Layer *layer = &net->layers[l];
        ExperimentLayer *given = &edited->layers[l];
        forget_given(given);
        given->weight =
            copied(net->params + layer->weight_at, (size_t)layer->units * (size_t)layer->inputs);
        if (!given->weight) return false;
        given->weight_rows = layer->units;
        given->weight_cols = layer->inputs;
        if (!layer->has_bias) continue;
        given->bias = copied(net->params + layer->bias_at, (size_t)layer->units);
        if (!given->bias) return false;
        given->bias_count = layer->units;
    }
    return true;
}

Experiment *edit_with_weights(const Experiment *experiment, const char *path, Error *error) {
    const Dataset *data = dataset_create(&experiment->data, experiment->seed, error);
    if (!data) return NULL;
    Network net;
    Experiment *edited = NULL;
    if (experiment_network(experiment, data, &net, error) && weights_load(&net, path, error)) {
        edited = experiment_copy(experiment);
        if (edited && !give(edited, &net)) {
            experiment_release(edited);
            edited = NULL;
        }
        if (!edited) error_set(error, "out of memory");
    }
    network_deinit(&net);
    dataset_release(data);
    return edited;
}
