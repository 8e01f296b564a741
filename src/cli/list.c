// `saddle list`: what can be named, from the lists that the program itself works with.
#include <stdlib.h>
#include <string.h>

#include "cli/output.h"
#include "cli/subcommands.h"
#include "nn/activation.h"
#include "nn/dataset.h"
#include "nn/init.h"
#include "nn/loss.h"
#include "nn/network.h"
#include "nn/optimizer.h"
#include "nn/schedule.h"
#include "train/experiment.h"
#include "views/view.h"

static void entry(FILE *stream, const char *name, const char *description) {
    fprintf(stream, "%s %s\n", name, description);
}

static void list_experiments(FILE *stream) {
    for (const char *const *name = experiment_names(); *name; name++) {
        Experiment *experiment = experiment_load(*name, NULL);
        entry(stream, *name, experiment ? experiment->title_en : "");
        experiment_release(experiment);
    }
}

static void list_datasets(FILE *stream) {
    for (const DatasetKind *const *kind = dataset_kinds; (*kind)->name; kind++) {
        entry(stream, (*kind)->name, (*kind)->description);
    }
}

static void list_activations(FILE *stream) {
    for (int i = 0; i < ACTIVATION_COUNT; i++) {
        entry(stream, activation_name((Activation)i), activation_description((Activation)i));
    }
}

static void list_initialisers(FILE *stream) {
    for (int i = 0; i < INIT_COUNT; i++)
        entry(stream, init_name((Init)i), init_description((Init)i));
}

static void list_losses(FILE *stream) {
    for (int i = 0; i < LOSS_COUNT; i++)
        entry(stream, loss_name((Loss)i), loss_description((Loss)i));
}

static void list_optimizers(FILE *stream) {
    for (int i = 0; i < OPTIMIZER_COUNT; i++) {
        entry(stream, optimizer_name((OptimizerKind)i), optimizer_description((OptimizerKind)i));
    }
}

static void list_schedules(FILE *stream) {
    for (int i = 0; i < SCHEDULE_COUNT; i++) {
        entry(stream, schedule_name((ScheduleKind)i), schedule_description((ScheduleKind)i));
    }
}

static void list_norms(FILE *stream) {
    for (int i = 0; i < NORM_COUNT; i++)
        entry(stream, norm_name((Norm)i), norm_description((Norm)i));
}

static void list_views(FILE *stream) {
    for (const ViewType *const *type = view_types; *type; type++) {
        entry(stream, (*type)->id, (*type)->description);
    }
}

typedef struct ListKind {
    const char *name, *description;
    void (*list)(FILE *stream);
} ListKind;

static const ListKind kinds[] = {
    {"experiments", "built-in runs, ready to start", list_experiments},
    {"datasets", "data.kind of an experiment", list_datasets},
    {"activations", "a layer's activation", list_activations},
    {"initialisers", "network.init: where weights start", list_initialisers},
    {"losses", "training.loss", list_losses},
    {"optimizers", "training.optimizer.kind", list_optimizers},
    {"schedules", "training.schedule.kind: how the learning rate changes", list_schedules},
    {"norms", "a layer's norm: how its sums are normalised", list_norms},
    {"views", "ways to look at a run, for layouts and shot --view", list_views},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

int cli_list(const Options *options) {
    const char *wanted = options->n_arguments ? options->arguments[0] : NULL;
    bool found = !wanted;
    for (int i = 0; i < KINDS; i++) {
        if (!wanted) {
            entry(stdout, kinds[i].name, kinds[i].description);
        } else if (strcmp(wanted, kinds[i].name) == 0) {
            kinds[i].list(stdout);
            found = true;
        }
    }
    if (!found) {
        char names[256] = "";
        for (int i = 0; i < KINDS; i++) {
            strncat(names, i ? ", " : "", sizeof names - strlen(names) - 1);
            strncat(names, kinds[i].name, sizeof names - strlen(names) - 1);
        }
        return cli_fail(EXIT_USAGE, "list %.100s: no such kind; there are %s", wanted, names);
    }
    Error error;
    Output standard = {.stream = stdout};
    return output_commit(&standard, &error) ? EXIT_DONE : cli_fail(EXIT_FAILED, "%s", error.text);
}
