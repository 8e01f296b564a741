// `saddle [EXPERIMENT]`: the window.
#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "cli/interrupt.h"
#include "cli/job.h"
#include "cli/subcommands.h"

/// Whether the environment asks for Chinese, in gettext's order.
static bool environment_chinese(void) {
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (int i = 0; i < 3; i++) {
        const char *value = getenv(names[i]);
        if (value && *value) return strncmp(value, "zh", 2) == 0;
    }
    return false;
}

int cli_run(const Options *options) {
    int code;
    Experiment *experiment = job_experiment(options, "xor-shallow", &code);
    if (!experiment) return code;
    Experiment *compare = NULL;
    if (options->compare) {
        Options other = *options;
        other.arguments[0] = options->compare;
        other.n_arguments = 1;
        compare = job_experiment(&other, NULL, &code);
        if (!compare) {
            experiment_release(experiment);
            return code;
        }
    }
    bool given = options_has(options, OPTION_WEIGHTS_USE); // shown as they are, so not trained
    AppDesc desc = {.experiment = experiment,
                    .compare = compare,
                    .weights = given ? options->weights : options->init,
                    .theme = options->theme,
                    .chinese = options_has(options, OPTION_LANG) ? options->chinese
                                                                 : environment_chinese(),
                    .scale = options->scale,
                    .play = !given && experiment->epochs > 0};
    Error error;
    AppResult result = app_run(&desc, &error);
    experiment_release(experiment);
    experiment_release(compare);
    switch (result) {
    case APP_DONE: return interrupted() ? EXIT_INTERRUPTED : EXIT_DONE;
    case APP_NO_DISPLAY: return cli_fail(EXIT_NO_DISPLAY, "%s", error.text);
    default: return job_fail(options, error.text);
    }
}
