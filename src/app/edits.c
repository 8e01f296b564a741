#include "app/edits.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "nn/weights.h"

Experiment *edit_begin(const Snapshot *run) {
    Experiment *edited = experiment_copy(run->experiment);
    if (edited) edited->optimizer = run->optimizer;
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

bool edit_end(Experiment *edited, const Snapshot *run, Error *error) {
    drop_misfits(edited, run->data->n_inputs);
    LayerDesc layers[NETWORK_LAYERS_MAX];
    for (int l = 0; l < edited->n_layers; l++) layers[l] = edited->layers[l].desc;
    Network shape;
    if (!network_init(&shape, run->data->n_inputs, layers, edited->n_layers, error)) {
        experiment_release(edited);
        return false;
    }
    ParamRef axes[2];
    experiment_axes(edited, &shape, axes);
    for (int axis = 0; axis < 2; axis++) {
        size_t at;
        if (!network_locate(&shape, axes[axis], &at, NULL)) edited->landscape.has_axes = false;
    }
    network_deinit(&shape);
    if (edited->landscape.test_split && edited->data.has_test_fraction &&
        edited->data.test_fraction == 0)
        edited->landscape.test_split = false;
    Network net = {0};
    const Dataset *data = dataset_create(&edited->data, edited->seed, error);
    bool good = data && experiment_network(edited, data, &net, error);
    network_deinit(&net);
    dataset_release(data);
    if (!good) experiment_release(edited);
    return good;
}

void edit_data(Experiment *edited, const char *kind) {
    const DatasetKind *found = dataset_kind_find(kind);
    assert(found);
    DatasetDesc desc = {.has_test_fraction = true,
                        .test_fraction =
                            edited->landscape.test_split && edited->data.test_fraction > 0
                                ? edited->data.test_fraction
                                : found->default_test_fraction};
    size_t length = strlen(kind);
    assert(length < sizeof desc.kind);
    memcpy(desc.kind, kind, length + 1);
    edited->data = desc;
}

bool edit_data_fits(const Snapshot *run, const DatasetKind *kind) {
    if (strcmp(kind->name, run->experiment->data.kind) == 0) return true;
    if (strcmp(kind->name, "csv") == 0) return false; // needs a file
    return kind->n_inputs == run->data->n_inputs && kind->n_outputs == run->data->n_outputs;
}

void edit_hidden_activation(Experiment *edited, Activation activation) {
    for (int l = 0; l < edited->n_layers - 1; l++) edited->layers[l].desc.activation = activation;
}

void edit_output_activation(Experiment *edited, Activation activation) {
    edited->layers[edited->n_layers - 1].desc.activation = activation;
    // Binary cross-entropy needs outputs in (0, 1).
    if (activation != ACTIVATION_SIGMOID && edited->loss == LOSS_BCE) edited->loss = LOSS_MSE;
}

void edit_init(Experiment *edited, Init init) {
    edited->init = init;
    for (int l = 0; l < edited->n_layers; l++) forget_given(&edited->layers[l]);
}

void edit_loss(Experiment *edited, Loss loss) {
    edited->loss = loss;
    if (loss == LOSS_BCE) edited->layers[edited->n_layers - 1].desc.activation = ACTIVATION_SIGMOID;
}

void edit_hidden_count(Experiment *edited, int count) {
    assert(count >= 0 && count < NETWORK_LAYERS_MAX);
    int hidden = edited->n_layers - 1;
    ExperimentLayer output = edited->layers[hidden];
    for (int l = count; l < hidden; l++) forget_given(&edited->layers[l]);
    for (int l = hidden; l < count; l++) {
        LayerDesc like = {.units = 4, .activation = ACTIVATION_TANH};
        if (l > 0) like = edited->layers[l - 1].desc;
        edited->layers[l] = (ExperimentLayer){.desc = like};
    }
    edited->layers[count] = output;
    edited->n_layers = count + 1;
}

void edit_units(Experiment *edited, int layer, int units) {
    assert(layer >= 0 && layer < edited->n_layers);
    edited->layers[layer].desc.units = units;
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
