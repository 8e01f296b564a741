// Changed copies of an experiment: whatever is changed, a run can be made of the copy, or the error
// says why not; the original stays as it is.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/edits.h"
#include "base/rng.h"
#include "nn/weights.h"
#include "support.h"

/// A run at epoch 0, as the panel sees it.
typedef struct Bench {
    Session *session;
    History *history;
    Snapshot run;
} Bench;

static void open_experiment(Bench *bench, const Experiment *experiment) {
    Error error = {""};
    bench->session = session_create(experiment, &error);
    if (!bench->session) fail_msg("%s", error.text);
    bench->history = history_create(bench->session);
    Metrics metrics = {0};
    session_measure(bench->session, &metrics);
    history_record(bench->history, bench->session, &metrics);
    bench->run = (Snapshot){0};
    assert_true(snapshot_fill(&bench->run, bench->session, bench->history));
}

/// Images of these tests, a few, in place of seventy thousand.
static void use_fixture(Experiment *experiment) {
    if (strcmp(experiment->data.kind, "digits") != 0) return;
    snprintf(experiment->data.file, sizeof experiment->data.file, "%s",
             SADDLE_TEST_DATA "/fixtures/digits");
}

static void open_run(Bench *bench, const char *name) {
    Error error = {""};
    Experiment *experiment = experiment_load(name, &error);
    if (!experiment) fail_msg("%s", error.text);
    use_fixture(experiment);
    open_experiment(bench, experiment);
    experiment_release(experiment);
}

static void close_run(Bench *bench) {
    snapshot_deinit(&bench->run);
    history_destroy(bench->history);
    session_destroy(bench->session);
}

/// Ends an edit, which must succeed.
static void ends(Experiment *edited, const Bench *bench) {
    Error error = {""};
    if (!edit_end(edited, &bench->run, &error)) fail_msg("%s", error.text);
    use_fixture(edited);
}

/// The same, and makes a session of it.
static void runs(Experiment *edited, const Bench *bench) {
    Error error = {""};
    ends(edited, bench);
    Session *session = session_create(edited, &error);
    if (!session) fail_msg("%s", error.text);
    session_destroy(session);
    experiment_release(edited);
}

static void every_built_in_takes_every_edit(void **state) {
    (void)state;
    for (const char *const *name = experiment_names(); *name; name++) {
        Bench bench;
        open_run(&bench, *name);
        const Snapshot *run = &bench.run;
        for (int i = 0; dataset_kinds[i] && dataset_kinds[i]->name; i++) {
            if (!edit_data_fits(run, dataset_kinds[i])) continue;
            Experiment *edited = edit_begin(run);
            edit_data(edited, dataset_kinds[i]->name);
            runs(edited, &bench);
        }
        for (int a = 0; a < ACTIVATION_COUNT; a++) {
            Activation activation = (Activation)a;
            Experiment *edited = edit_begin(run);
            if (edit_activation_hidden(activation)) edit_hidden_activation(edited, activation);
            if (edit_activation_fits(run, activation)) edit_output_activation(edited, activation);
            runs(edited, &bench);
        }
        for (int loss = 0; loss < LOSS_COUNT; loss++) {
            if (!edit_loss_fits(run, (Loss)loss)) continue;
            Experiment *edited = edit_begin(run);
            edit_loss(edited, (Loss)loss);
            assert_int_equal(edited->loss, loss);
            runs(edited, &bench);
        }
        for (int kind = 0; kind < OPTIMIZER_COUNT; kind++) {
            Experiment *edited = edit_begin(run);
            edit_optimizer(edited, (OptimizerKind)kind);
            assert_int_equal(edited->optimizer.kind, kind);
            runs(edited, &bench);
        }
        for (int norm = 0; norm < NORM_COUNT; norm++) {
            Experiment *edited = edit_begin(run);
            edit_norm(edited, (Norm)norm);
            edit_residual(edited, norm == 0, run->data->n_inputs);
            runs(edited, &bench);
        }
        for (int init = 0; init < INIT_COUNT; init++) {
            Experiment *edited = edit_begin(run);
            edit_init(edited, (Init)init);
            runs(edited, &bench);
        }
        for (int count = 0; count <= EDIT_HIDDEN_MAX; count++) {
            Experiment *edited = edit_begin(run);
            edit_hidden_count(edited, count);
            assert_int_equal(edited->n_layers, count + 1);
            runs(edited, &bench);
        }
        for (int layer = 0; layer + 1 < run->experiment->n_layers; layer++) {
            Experiment *edited = edit_begin(run);
            edit_units(edited, layer, 1);
            runs(edited, &bench);
            edited = edit_begin(run);
            edit_units(edited, layer, EDIT_UNITS_MAX);
            runs(edited, &bench);
        }
        close_run(&bench);
    }
}

/// One of all that can be chosen; what does not fit the run is not offered.
static void choose_something(Experiment *edited, const Snapshot *run, Rng *rng) {
    int kinds = 0, at = 0;
    while (dataset_kinds[kinds] && dataset_kinds[kinds]->name) kinds++;
    Activation activation = (Activation)rng_below(rng, ACTIVATION_COUNT);
    Loss loss = (Loss)rng_below(rng, LOSS_COUNT);
    static const int batches[] = {0, 1, 2, 16};
    switch (rng_below(rng, 13)) {
    case 0:
        at = (int)rng_below(rng, (uint32_t)kinds);
        if (edit_data_fits(run, dataset_kinds[at])) edit_data(edited, dataset_kinds[at]->name);
        break;
    case 1:
        if (edit_activation_hidden(activation)) edit_hidden_activation(edited, activation);
        break;
    case 2:
        if (edit_activation_fits(run, activation)) edit_output_activation(edited, activation);
        break;
    case 3: edit_norm(edited, (Norm)rng_below(rng, NORM_COUNT)); break;
    case 4: edit_residual(edited, rng_below(rng, 2) == 0, run->data->n_inputs); break;
    case 5: edit_dropout(edited, rng_below(rng, 2) ? 0.5f : 0); break;
    case 6: edit_init(edited, (Init)rng_below(rng, INIT_COUNT)); break;
    case 7:
        if (edit_loss_fits(run, loss)) edit_loss(edited, loss);
        break;
    case 8: edit_optimizer(edited, (OptimizerKind)rng_below(rng, OPTIMIZER_COUNT)); break;
    case 9: edit_schedule(edited, (ScheduleKind)rng_below(rng, SCHEDULE_COUNT)); break;
    case 10: edit_batch(edited, batches[rng_below(rng, 4)]); break;
    case 11: edit_hidden_count(edited, (int)rng_below(rng, 5)); break;
    default:
        if (edited->n_layers == 1) break;
        edit_units(edited, (int)rng_below(rng, (uint32_t)edited->n_layers - 1),
                   1 + (int)rng_below(rng, 6));
        break;
    }
}

static void whatever_is_chosen_one_after_the_other_runs(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 12; seed++) {
        Rng rng = rng_create(seed, RNG_TEST);
        Bench bench;
        open_run(&bench, seed % 2 ? "xor-shallow" : "digits");
        for (int i = 0; i < 60; i++) {
            Experiment *edited = edit_begin(&bench.run);
            choose_something(edited, &bench.run, &rng);
            ends(edited, &bench);
            close_run(&bench);
            open_experiment(&bench, edited);
            for (int k = 0; k < 2; k++) session_step(bench.session, STEP_BATCH, NULL);
            // What is written of it is read as the same.
            char *text = experiment_print(edited);
            Error error = {""};
            Experiment *again = experiment_parse(text, strlen(text), "edited", &error);
            if (!again) fail_msg("%s", error.text);
            experiment_release(again);
            free(text);
            experiment_release(edited);
        }
        close_run(&bench);
    }
}

static void an_edit_starts_from_the_present_settings(void **state) {
    (void)state;
    Bench bench;
    open_run(&bench, "xor-shallow");
    bench.run.optimizer.learning_rate = 0.25f;
    bench.run.optimizer.momentum = 0.75f;
    Experiment *edited = edit_begin(&bench.run);
    assert_close((double)edited->optimizer.learning_rate, 0.25, 0);
    assert_close((double)edited->optimizer.momentum, 0.75, 0);
    assert_true((double)bench.run.experiment->optimizer.learning_rate < 0.1);
    runs(edited, &bench);
    close_run(&bench);
}

static void bce_and_its_activation_go_together(void **state) {
    (void)state;
    Bench bench;
    open_run(&bench, "xor-shallow");
    Experiment *edited = edit_begin(&bench.run);
    edit_loss(edited, LOSS_BCE);
    assert_int_equal(edited->layers[edited->n_layers - 1].desc.activation, ACTIVATION_SIGMOID);
    edit_output_activation(edited, ACTIVATION_TANH);
    assert_int_equal(edited->loss, LOSS_MSE);
    runs(edited, &bench);
    close_run(&bench);
}

static LayerDesc last_of(const Experiment *edited) {
    return edited->layers[edited->n_layers - 1].desc;
}

static void digits_bring_ten_classes_and_take_them_along(void **state) {
    (void)state;
    Bench bench;
    open_run(&bench, "xor-shallow");
    Experiment *edited = edit_begin(&bench.run);
    edit_data(edited, "digits");
    ends(edited, &bench);
    assert_int_equal(last_of(edited).units, 10);
    assert_int_equal(last_of(edited).activation, ACTIVATION_SOFTMAX);
    assert_int_equal(edited->loss, LOSS_CROSS_ENTROPY);
    assert_int_equal(edited->batch_size, 128);
    close_run(&bench);

    open_experiment(&bench, edited);
    experiment_release(edited);
    // Another loss, and back.
    edited = edit_begin(&bench.run);
    edit_loss(edited, LOSS_MSE);
    assert_int_equal(last_of(edited).activation, ACTIVATION_SIGMOID);
    edit_loss(edited, LOSS_CROSS_ENTROPY);
    assert_int_equal(last_of(edited).activation, ACTIVATION_SOFTMAX);
    edit_output_activation(edited, ACTIVATION_SIGMOID);
    assert_int_equal(edited->loss, LOSS_BCE);
    edit_output_activation(edited, ACTIVATION_SOFTMAX);
    assert_int_equal(edited->loss, LOSS_CROSS_ENTROPY);
    // Two classes in one output, then a regression.
    edit_data(edited, "moons");
    ends(edited, &bench);
    assert_int_equal(last_of(edited).units, 1);
    assert_int_equal(last_of(edited).activation, ACTIVATION_SIGMOID);
    assert_int_equal(edited->loss, LOSS_BCE);
    edit_data(edited, "plane");
    ends(edited, &bench);
    assert_int_equal(last_of(edited).activation, ACTIVATION_LINEAR);
    assert_int_equal(edited->loss, LOSS_MSE);
    experiment_release(edited);
    close_run(&bench);
}

static void the_perceptron_rule_brings_its_layer(void **state) {
    (void)state;
    Bench bench;
    open_run(&bench, "xor-shallow");
    Experiment *edited = edit_begin(&bench.run);
    edit_loss(edited, LOSS_BCE);
    edit_optimizer(edited, OPTIMIZER_PERCEPTRON);
    ends(edited, &bench);
    assert_int_equal(edited->n_layers, 1);
    assert_int_equal(last_of(edited).activation, ACTIVATION_STEP);
    assert_int_equal(edited->loss, LOSS_MSE);
    // So does a step; hidden layers or another activation end it.
    Experiment *other = edit_begin(&bench.run);
    edit_output_activation(other, ACTIVATION_STEP);
    ends(other, &bench);
    assert_int_equal(other->optimizer.kind, OPTIMIZER_PERCEPTRON);
    edit_hidden_count(other, 2);
    ends(other, &bench);
    assert_int_equal(other->optimizer.kind, OPTIMIZER_SGD);
    assert_int_equal(last_of(other).activation, ACTIVATION_SIGMOID);
    edit_output_activation(edited, ACTIVATION_TANH);
    ends(edited, &bench);
    assert_int_equal(edited->optimizer.kind, OPTIMIZER_SGD);
    experiment_release(edited);
    experiment_release(other);
    close_run(&bench);
}

static void settings_follow_the_optimizer_unless_given(void **state) {
    (void)state;
    Bench bench;
    open_run(&bench, "xor-shallow");
    Experiment *edited = edit_begin(&bench.run);
    edit_optimizer(edited, OPTIMIZER_ADAM);
    assert_true(edited->optimizer.learning_rate == 0.005f); // its file gives it
    edited->given.learning_rate = false;
    experiment_fill_defaults(edited);
    assert_true(edited->optimizer.learning_rate == 0.001f);
    experiment_release(edited);
    // What was changed live is as good as given.
    bench.run.optimizer.beta1 = 0.5f;
    edited = edit_begin(&bench.run);
    edit_optimizer(edited, OPTIMIZER_ADAMW);
    assert_true(edited->optimizer.beta1 == 0.5f && edited->optimizer.beta2 == 0.999f);
    assert_true(edited->optimizer.weight_decay == 0.01f);
    runs(edited, &bench);
    close_run(&bench);
}

static void batches_and_batch_norm_go_together(void **state) {
    (void)state;
    Bench bench;
    open_run(&bench, "xor-shallow");
    Experiment *edited = edit_begin(&bench.run);
    assert_int_equal(edited->batch_size, 1);
    edit_norm(edited, NORM_BATCH);
    assert_true(edited->batch_size > 1);
    ends(edited, &bench);
    edit_batch(edited, 1);
    assert_int_equal(edited->layers[0].desc.norm, NORM_NONE);
    runs(edited, &bench);
    close_run(&bench);
}

static void residual_layers_keep_one_width(void **state) {
    (void)state;
    Bench bench;
    open_run(&bench, "moons"); // 2-16-8-1
    Experiment *edited = edit_begin(&bench.run);
    edit_hidden_count(edited, 1);
    assert_false(edit_residual(edited, true, 2)); // 2-16-1 has no place for one
    edit_hidden_count(edited, 3);
    assert_true(edit_residual(edited, true, 2));
    ends(edited, &bench);
    for (int l = 0; l < 3; l++) {
        assert_int_equal(edited->layers[l].desc.units, 16);
        assert_int_equal(edited->layers[l].desc.residual, l > 0);
    }
    edit_units(edited, 1, 5);
    ends(edited, &bench);
    for (int l = 0; l < 3; l++) {
        assert_int_equal(edited->layers[l].desc.units, 5);
        assert_int_equal(edited->layers[l].desc.residual, l > 0);
    }
    edit_residual(edited, false, 2);
    for (int l = 0; l < 4; l++) assert_false(edited->layers[l].desc.residual);
    runs(edited, &bench);
    close_run(&bench);
}

static void a_test_part_stays_where_it_can(void **state) {
    (void)state;
    Bench bench;
    open_run(&bench, "error-surface"); // its landscape is of the test part
    Experiment *edited = edit_begin(&bench.run);
    edited->data.test_fraction = 0.25f;
    edited->data.has_test_fraction = true;
    edit_data(edited, "moons");
    ends(edited, &bench);
    assert_true(edited->data.test_fraction == 0.25f && edited->landscape.test_split);
    edited->data.test_fraction = 0;
    ends(edited, &bench);
    assert_false(edited->landscape.test_split);
    runs(edited, &bench);
    close_run(&bench);
}

static void given_weights_stay_where_they_fit(void **state) {
    (void)state;
    Bench bench;
    open_run(&bench, "error-surface");
    Experiment *edited = edit_begin(&bench.run);
    edited->data.samples = 200;
    edited->data.has_samples = true;
    Error error;
    assert_true(edit_end(edited, &bench.run, &error));
    assert_non_null(edited->layers[0].weight);
    edit_units(edited, 0, 3);
    assert_true(edit_end(edited, &bench.run, &error));
    assert_null(edited->layers[0].weight); // 3 units are not the 1 that is given
    assert_null(edited->layers[1].weight);
    assert_non_null(bench.run.experiment->layers[0].weight);
    experiment_release(edited);
    close_run(&bench);
}

static void what_cannot_be_is_an_error(void **state) {
    (void)state;
    Bench bench;
    open_run(&bench, "xor-shallow");
    Experiment *edited = edit_begin(&bench.run);
    edit_units(edited, 0, NETWORK_UNITS_MAX + 1);
    Error error = {""};
    assert_false(edit_end(edited, &bench.run, &error));
    assert_true(error.text[0] != '\0');
    close_run(&bench);
}

static void weights_come_from_a_file(void **state) {
    (void)state;
    Bench bench;
    open_run(&bench, "xor-shallow");
    Network net;
    assert_true(network_copy(&net, &bench.run.net));
    for (size_t i = 0; i < net.n_params; i++) net.params[i] = (float)i / 8;
    char path[64];
    snprintf(path, sizeof path, "/tmp/saddle-test-edits-%ld.npz", (long)getpid());
    Error error = {""};
    assert_true(weights_save(&net, path, &error));
    Experiment *edited = edit_with_weights(bench.run.experiment, path, &error);
    unlink(path);
    assert_non_null(edited);
    Session *session = session_create(edited, &error);
    assert_non_null(session);
    assert_memory_equal(session->net.params, net.params, net.n_params * sizeof(float));
    session_destroy(session);
    experiment_release(edited);
    assert_null(edit_with_weights(bench.run.experiment, path, &error));
    network_deinit(&net);
    close_run(&bench);
}

static void assert_race_trains(const Experiment *experiment) {
    for (int i = 0; i < experiment->n_race; i++) {
        Experiment *rival = experiment_rival(experiment, i);
        Error error = {""};
        Session *session = session_create(rival, &error);
        if (!session) fail_msg("%s", error.text);
        session_destroy(session);
        experiment_release(rival);
    }
}

static void a_race_is_made_and_changed(void **state) {
    (void)state;
    Bench bench;
    open_run(&bench, "xor-corners");
    assert_true(edit_race_fits(&bench.run));
    Experiment *edited = edit_begin(&bench.run);
    edit_race(edited);
    assert_int_equal(edited->n_race, 3);
    // sgd with momentum, at a tenth of the run's own rate
    assert_int_equal(edited->race[0].optimizer.kind, OPTIMIZER_SGD);
    assert_close((double)edited->race[0].optimizer.momentum, 0.9, 1e-6);
    assert_close((double)edited->race[0].optimizer.learning_rate,
                 0.1 * (double)edited->optimizer.learning_rate, 1e-7);
    edit_rival_rate(edited, 1, 0.25f);
    edit_race(edited); // there is one
    assert_int_equal(edited->n_race, 3);
    for (int i = 0; i < 10; i++) edit_rival_add(edited);
    assert_int_equal(edited->n_race, RIVALS_MAX);
    edit_rival_kind(edited, 6, OPTIMIZER_ADAMW, false);
    edit_rival_remove(edited, 0);
    assert_int_equal(edited->n_race, RIVALS_MAX - 1);
    assert_true(edited->race[0].optimizer.learning_rate == 0.25f);
    assert_int_equal(edited->race[5].optimizer.kind, OPTIMIZER_ADAMW);
    ends(edited, &bench);
    assert_race_trains(edited);

    // What the panel has made, the file says.
    char *text = experiment_print(edited);
    Error error = {""};
    Experiment *again = experiment_parse(text, strlen(text), "race", &error);
    if (!again) fail_msg("%s", error.text);
    assert_int_equal(again->n_race, edited->n_race);
    for (int i = 0; i < again->n_race; i++) {
        assert_int_equal(again->race[i].optimizer.kind, edited->race[i].optimizer.kind);
        assert_true(again->race[i].optimizer.learning_rate ==
                    edited->race[i].optimizer.learning_rate);
    }
    free(text);
    experiment_release(again);
    experiment_release(edited);
    close_run(&bench);
}

static void the_perceptron_rule_runs_alone(void **state) {
    (void)state;
    Bench bench;
    open_run(&bench, "race");
    Experiment *edited = edit_begin(&bench.run);
    assert_int_equal(edited->n_race, 3);
    edit_optimizer(edited, OPTIMIZER_PERCEPTRON);
    assert_int_equal(edited->n_race, 0);
    ends(edited, &bench);
    close_run(&bench);
    open_experiment(&bench, edited);
    assert_false(edit_race_fits(&bench.run));
    experiment_release(edited);
    close_run(&bench);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_built_in_takes_every_edit),
        cmocka_unit_test(an_edit_starts_from_the_present_settings),
        cmocka_unit_test(bce_and_its_activation_go_together),
        cmocka_unit_test(whatever_is_chosen_one_after_the_other_runs),
        cmocka_unit_test(digits_bring_ten_classes_and_take_them_along),
        cmocka_unit_test(the_perceptron_rule_brings_its_layer),
        cmocka_unit_test(settings_follow_the_optimizer_unless_given),
        cmocka_unit_test(batches_and_batch_norm_go_together),
        cmocka_unit_test(residual_layers_keep_one_width),
        cmocka_unit_test(a_test_part_stays_where_it_can),
        cmocka_unit_test(given_weights_stay_where_they_fit),
        cmocka_unit_test(what_cannot_be_is_an_error),
        cmocka_unit_test(weights_come_from_a_file),
        cmocka_unit_test(a_race_is_made_and_changed),
        cmocka_unit_test(the_perceptron_rule_runs_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
