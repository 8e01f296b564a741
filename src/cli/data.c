// `saddle data`: writes the data set that an experiment trains on, as the CSV that --data reads.
#include "cli/interrupt.h"
#include "cli/job.h"
#include "cli/output.h"
#include "cli/subcommands.h"

static bool write_data(const Dataset *data, Output *output) {
    FILE *stream = output->stream;
    bool split = data->n_train < data->n;
    output_names(stream, "x", data->n_inputs, true);
    fputc(',', stream);
    output_names(stream, "y", data->n_outputs, false);
    fputs(split ? ",split\n" : "\n", stream);
    for (size_t i = 0; i < data->n && !interrupted() && !output_failed(output); i++) {
        const float *x = data->x + i * (size_t)data->n_inputs;
        const float *t = data->t + i * (size_t)data->n_outputs;
        for (int j = 0; j < data->n_inputs; j++) {
            if (j) fputc(',', stream);
            output_float(stream, x[j]);
        }
        for (int k = 0; k < data->n_outputs; k++) {
            fputc(',', stream);
            output_float(stream, t[k]);
        }
        fputs(!split ? "\n" : i < data->n_train ? ",train\n" : ",test\n", stream);
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
