// Changed copies of an experiment: whatever is changed, a run can be made of the copy, or the error
// says why not; the original stays as it is.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/edits.h"
#include "nn/weights.h"
#include "support.h"

/// A run at epoch 0, as the panel sees it.
typedef struct Bench {
    Session *session;
    History *history;
    Snapshot run;
} Bench;

static void open_run(Bench *bench, const char *name) {
    Error error;
    Experiment *experiment = experiment_load(name, &error);
    assert_non_null(experiment);
    bench->session = session_create(experiment, &error);
    experiment_release(experiment);
    assert_non_null(bench->session);
    bench->history = history_create(bench->session);
    Metrics metrics = {0};
    session_measure(bench->session, &metrics);
    history_record(bench->history, bench->session, &metrics);
    bench->run = (Snapshot){0};
    assert_true(snapshot_fill(&bench->run, bench->session, bench->history));
}

static void close_run(Bench *bench) {
    snapshot_deinit(&bench->run);
    history_destroy(bench->history);
    session_destroy(bench->session);
}

/// Ends an edit that must succeed, and makes a session of it.
static void runs(Experiment *edited, const Bench *bench) {
    Error error = {""};
    bool good = edit_end(edited, &bench->run, &error);
    if (!good) print_error("%s\n", error.text);
    assert_true(good);
    Session *session = session_create(edited, &error);
    if (!session) print_error("%s\n", error.text);
    assert_non_null(session);
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
            Experiment *edited = edit_begin(run);
            edit_hidden_activation(edited, (Activation)a);
            edit_output_activation(edited, (Activation)a);
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
    char path[] = "/tmp/saddle-test-edits-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_built_in_takes_every_edit),
        cmocka_unit_test(an_edit_starts_from_the_present_settings),
        cmocka_unit_test(bce_and_its_activation_go_together),
        cmocka_unit_test(given_weights_stay_where_they_fit),
        cmocka_unit_test(what_cannot_be_is_an_error),
        cmocka_unit_test(weights_come_from_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
