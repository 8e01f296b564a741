// `saddle data`: writes the data set that an experiment trains on, as the CSV that --data reads.
#include "cli/interrupt.h"
#include "cli/job.h"
#include "cli/output.h"
#include "cli/subcommands.h"

static bool write_data(const Dataset *data, Output *output) {
    const bool split = data->n_train < data->n;
    Table table = output_table(output);
    output_sample_columns(&table, data->n_inputs, data->n_outputs);
    if (split) table_column(&table, "split");
    table_end_header(&table);
    for (size_t i = 0; i < data->n && !interrupted() && !table_failed(&table); i++) {
        const float *x = data->x + i * (size_t)data->n_inputs;
        const float *t = data->t + i * (size_t)data->n_outputs;
        for (int j = 0; j < data->n_inputs; j++) table_float(&table, x[j]);
        for (int k = 0; k < data->n_outputs; k++) table_float(&table, t[k]);
        if (split) table_text(&table, i < data->n_train ? "train" : "test");
        table_end_row(&table);
    }
    return !interrupted();
}

int cli_data(const Options *options) {
    int code;
    Experiment *experiment = job_experiment(options, NULL, &code);
    if (!experiment) return code;
    Error error;
    Output output = {0};
    const Dataset *data = dataset_create(&experiment->data, experiment->seed, &error);
    bool good = data && output_open(&output, options->output, &error);
    if (good && !write_data(data, &output))
        code = EXIT_INTERRUPTED;
    else if (good)
        good = output_commit(&output, &error);
    if (!data)
        code = job_fail(options, error.text);
    else if (!good)
        code = cli_fail(EXIT_FAILED, "%s", error.text);
    output_discard(&output);
    dataset_release(data);
    experiment_release(experiment);
    return code;
}
