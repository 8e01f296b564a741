// The table of subcommands, and the way from argv to one of them.
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/app.h"
#include "base/log.h"
#include "base/thread.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/subcommands.h"
#include "train/experiment.h"

const Subcommand subcommands[] = {
    {
        .name = NULL,
        .arguments = "[EXPERIMENT]",
        .summary = "open the window (default: xor-shallow)",
        .options = OPTIONS_COMMON | OPTION_BIT(OPTION_WEIGHTS_USE) | OPTION_BIT(OPTION_THEME) |
                   OPTION_BIT(OPTION_LANG) | OPTION_BIT(OPTION_SCALE) | OPTION_BIT(OPTION_COMPARE) |
                   OPTION_BIT(OPTION_VERSION),
        .arguments_max = OPTIONS_ARGUMENTS_MAX, // counted when the first is known to be none
        .run = cli_run,
    },
    {
        .name = "train",
        .arguments = "EXPERIMENT",
        .summary = "train with no window",
        .details =
            "Trains to the experiment's last epoch (or --epochs) and prints one line about the\n"
            "result. --log writes a row an epoch, row 0 being the untrained network: running_loss\n"
            "is the mean loss of the samples as they were met, train_loss is measured afterwards,\n"
            "grad_norm_L is the L2 norm of the full-batch gradient of weight layer L's matrix.\n",
        .options = OPTIONS_TRAINING | OPTION_BIT(OPTION_WEIGHTS_WRITE) | OPTION_BIT(OPTION_LOG),
        .arguments_min = 1,
        .arguments_max = 1,
        .run = cli_train,
    },
    {
        .name = "data",
        .arguments = "EXPERIMENT",
        .summary = "write the data set that the experiment generates",
        .details =
            "Writes columns x1,x2,…, y (or y1,y2,…) and, where there is a test part, split.\n"
            "--data reads such a file back to the same data.\n",
        .options = OPTIONS_COMMON | OPTION_BIT(OPTION_WEIGHTS_USE) | OPTION_BIT(OPTION_OUTPUT_CSV),
        .arguments_min = 1,
        .arguments_max = 1,
        .run = cli_data,
    },
    {
        .name = "predict",
        .arguments = "EXPERIMENT",
        .summary = "the network's outputs at a file's points",
        .details =
            "Trains first, unless --weights gives a trained network. Writes the points with\n"
            "their outputs: x1,x2,…,y (or y1,y2,…). Targets in the points' file are passed\n"
            "over, so what saddle data writes can be given as it is.\n",
        .options = OPTIONS_TRAINING | OPTION_BIT(OPTION_WEIGHTS_USE) | OPTION_BIT(OPTION_POINTS) |
                   OPTION_BIT(OPTION_OUTPUT_CSV),
        .arguments_min = 1,
        .arguments_max = 1,
        .run = cli_predict,
    },
    {
        .name = "landscape",
        .arguments = "EXPERIMENT",
        .summary = "measure a loss surface over two weights or a plane",
        .details =
            "Trains first, unless --weights gives a trained network. Writes a,b,loss, b fastest:\n"
            "a and b are the values that the two weights are given (with --relative too), all\n"
            "other weights staying as they are.\n"
            "\n"
            "With --plane all weights move, by a times one direction plus b times another: the\n"
            "present weights are at (0, 0). What belongs to the plane goes to standard output as\n"
            "one JSON object (to standard error where the table goes there): the range, the loss\n"
            "at (0, 0) and, of pca, the shares of the path's variance that the directions "
            "explain;\n"
            "of hessian, the eigenvalues and the largest stable learning rate of full batches (2 "
            "/\n"
            "the first, more with momentum; null where the optimizer has no such bound, as adam);\n"
            "of between, how far apart the two sets of weights are. The running statistics of\n"
            "batch norms stay those of the present weights all over a plane.\n"
            "\n"
            "--path writes where on the plane (or which two values) training was at the end of\n"
            "every epoch, 0 being the start, and the loss that it really had there, with all its\n"
            "weights as they were: a point of the path may lie above or below the surface. Of a\n"
            "run of more than 4096 epochs it has every 2nd, 4th, … (of large networks, fewer).\n",
        .options = OPTIONS_TRAINING | OPTION_BIT(OPTION_WEIGHTS_USE) | OPTION_BIT(OPTION_AXES) |
                   OPTION_BIT(OPTION_PLANE) | OPTION_BIT(OPTION_TO) | OPTION_BIT(OPTION_RANGE) |
                   OPTION_BIT(OPTION_RELATIVE) | OPTION_BIT(OPTION_GRID) |
                   OPTION_BIT(OPTION_SPLIT) | OPTION_BIT(OPTION_PATH) |
                   OPTION_BIT(OPTION_OUTPUT_CSV),
        .arguments_min = 1,
        .arguments_max = 1,
        .run = cli_landscape,
    },
    {
        .name = "gradcheck",
        .arguments = "EXPERIMENT",
        .summary = "analytic against numerical gradients",
        .details =
            "Holds the gradient of one training step, an array of parameters a row, against\n"
            "central differences of a plain 64-bit forward pass: the network as it starts, as\n"
            "--weights has it, or after --epochs. The error is |a-n| / (|a|+|n|), 0/0 being 0; it\n"
            "exits with 1 where one is above 1e-4. Of large arrays some hundred parameters are\n"
            "checked, picked by the seed, and of large batches the first samples. Left out are\n"
            "parameters that move a unit across a kink (relu, leaky_relu, step).\n",
        .options = OPTIONS_TRAINING | OPTION_BIT(OPTION_WEIGHTS_USE),
        .arguments_min = 1,
        .arguments_max = 1,
        .run = cli_gradcheck,
    },
    {
        .name = "sweep",
        .arguments = "EXPERIMENT",
        .summary = "the same run from many seeds and settings",
        .details =
            "Trains the experiment from --seeds seeds with every combination of the values\n"
            "that --vary gives, many runs at once. Prints a line for each setting: how many of\n"
            "its runs solve their task, and the quartiles of their losses. -o writes a row for\n"
            "each run instead: the varied keys, seed, train_loss, train_accuracy, test_loss,\n"
            "test_accuracy, diverged. A row depends on its setting and seed alone. The key\n"
            "network.layers.*.units is the width of all layers but the last.\n",
        .options = OPTIONS_COMMON | OPTION_BIT(OPTION_SEEDS) | OPTION_BIT(OPTION_VARY) |
                   OPTION_BIT(OPTION_OUTPUT_SWEEP),
        .arguments_min = 1,
        .arguments_max = 1,
        .run = cli_sweep,
    },
    {
        .name = "shot",
        .arguments = "EXPERIMENT",
        .summary = "one picture, no window",
        .details = "Trains first, unless --weights gives a trained network, then draws the\n"
                   "experiment's whole layout, or one view. Needs no display. The same run on the\n"
                   "same machine gives the same bytes.\n"
                   "\n"
                   "With --figure, or where FILE is an .svg or .pdf, it draws one view for print.\n"
                   "\n"
                   "-o X.csv with --view ID writes the numbers that the view draws in place of a\n"
                   "picture, a row a point, its columns named in the first line.\n",
        .options = OPTIONS_TRAINING | OPTION_BIT(OPTION_WEIGHTS_USE) | OPTION_BIT(OPTION_VIEW) |
                   OPTION_BIT(OPTION_SIZE) | OPTION_BIT(OPTION_THEME) | OPTION_BIT(OPTION_LANG) |
                   OPTION_BIT(OPTION_SCALE) | OPTION_BIT(OPTION_COMPARE) |
                   OPTION_BIT(OPTION_FIGURE) | OPTION_BIT(OPTION_WIDTH) |
                   OPTION_BIT(OPTION_HEIGHT) | OPTION_BIT(OPTION_DPI) |
                   OPTION_BIT(OPTION_TRANSPARENT) | OPTION_BIT(OPTION_OUTPUT_PNG),
        .arguments_min = 1,
        .arguments_max = 1,
        .run = cli_shot,
    },
    {
        .name = "record",
        .arguments = "EXPERIMENT",
        .summary = "an animation, no window",
        .details =
            "Trains, and draws the experiment's whole layout, or one view, as it goes: the\n"
            "untrained network, every so many epochs, and the end. Needs no display. The\n"
            "same run on the same machine gives the same bytes.\n"
            "\n"
            "A .gif needs nothing else. An .mp4 (which browsers play: H.264, yuv420p), .webm\n"
            "or .webp is made by the program ffmpeg. Sides that are odd get a line more in\n"
            ".mp4 and .webm. A film gets its name when it is complete; where it is given up,\n"
            "by Ctrl+C or a full disk, what was there stays. Numbered pictures take the place\n"
            "of those of an earlier film; what that has beyond them stays, and is told.\n"
            "\n"
            "--weights films a trained network instead, as it is: --turn goes round it for as\n"
            "long as --hold says, 360 without a jerk where the film begins again.\n"
            "\n"
            "  saddle record xor-shallow --view landscape --turn 90 -o landscape.gif\n"
            "  saddle record xor-deep --cadence tutorial --fps 10 --theme light -o deep.mp4\n"
            "  saddle record xor-shallow --weights run.npz --view landscape --turn 360 --hold 8 "
            "\\\n"
            "      -o round.mp4\n",
        .options = OPTIONS_TRAINING | OPTION_BIT(OPTION_WEIGHTS_USE) | OPTION_BIT(OPTION_VIEW) |
                   OPTION_BIT(OPTION_SIZE) | OPTION_BIT(OPTION_THEME) | OPTION_BIT(OPTION_LANG) |
                   OPTION_BIT(OPTION_SCALE) | OPTION_BIT(OPTION_FPS) | OPTION_BIT(OPTION_EVERY) |
                   OPTION_BIT(OPTION_CADENCE) | OPTION_BIT(OPTION_TURN) | OPTION_BIT(OPTION_HOLD) |
                   OPTION_BIT(OPTION_OUTPUT_FILM),
        .arguments_min = 1,
        .arguments_max = 1,
        .run = cli_record,
    },
    {
        .name = "list",
        .arguments = "[KIND]",
        .summary = "what there is: experiments, views, …",
        .details = "One entry a line, its name first. Without KIND it lists the kinds.\n",
        .options = OPTION_BIT(OPTION_HELP),
        .arguments_max = 1,
        .run = cli_list,
    },
    {
        .name = "bench",
        .arguments = "[JOB…]",
        .summary = "timings, one JSON object a line",
        .details = "Without JOB it runs all. Training and landscapes run on one core.\n",
        .more = bench_print_jobs,
        .options = OPTION_BIT(OPTION_HELP),
        .arguments_max = OPTIONS_ARGUMENTS_MAX,
        .run = cli_bench,
    },
    {0},
};

int cli_fail(ExitCode code, const char *format, ...) {
    Error line; // makes one line of whatever the arguments hold
    char text[sizeof line.text];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    error_set(&line, "%s", text);
    log_error("%s", line.text);
    return (int)code;
}

static const Subcommand *find_subcommand(const char *name) {
    for (const Subcommand *s = subcommands; s->run; s++) {
        if (s->name && strcmp(s->name, name) == 0) return s;
    }
    return NULL;
}

static bool names_experiment(const char *text) {
    for (const char *const *name = experiment_names(); *name; name++) {
        if (strcmp(*name, text) == 0) return true;
    }
    const char *dot = strrchr(text, '.');
    return strchr(text, '/') || (dot && strcmp(dot, ".json") == 0) || access(text, F_OK) == 0;
}

/// A standard stream that the caller closed would be the next file that we open. Taken by a
/// descriptor that refuses writing instead, so that errors still show.
static void guard_standard_streams(void) {
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) == -1 && errno == EBADF) (void)open("/dev/null", O_RDONLY);
    }
}

int cli_main(int argc, char **argv) {
    guard_standard_streams();
    thread_flush_denormals();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);

    const Subcommand *subcommand = argc > 1 ? find_subcommand(argv[1]) : NULL;
    if (subcommand) {
        argc--;
        argv++;
    } else {
        subcommand = &subcommands[0];
    }
    Options options;
    Error error;
    if (!options_parse(&options, subcommand, argc, argv, &error))
        return cli_fail(EXIT_USAGE, "%s", error.text);
    if (options_has(&options, OPTION_HELP)) return help_print(subcommand);
    if (options_has(&options, OPTION_VERSION)) return version_print();
    if (subcommand->name)
        interrupt_install();
    else
        interrupt_install_window(app_ask_close);
    if (!subcommand->name && options.n_arguments) {
        const char *name = options.arguments[0];
        if (find_subcommand(name))
            return cli_fail(EXIT_USAGE, "%s: a subcommand comes first: saddle %s …", name, name);
        if (!names_experiment(name)) {
            return cli_fail(EXIT_USAGE,
                            "%.200s: no such subcommand or experiment (see saddle --help)", name);
        }
        if (options.n_arguments > 1) {
            return cli_fail(EXIT_USAGE, "%.200s: one argument too many (see saddle --help)",
                            options.arguments[1]);
        }
    }
    const int code = subcommand->run(&options);
    if (code == EXIT_INTERRUPTED) interrupt_say();
    return code;
}
