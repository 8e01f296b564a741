#include "cli/options.h"

#include <assert.h>
#include <errno.h>
#include <float.h>
#include <getopt.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/figure.h"
#include "gfx/theme.h"
#include "nn/weights.h"
#include "train/experiment.h"

enum {
    SIZE_MIN = 64,
    SIZE_MAX_SIDE = 16384,
    GRID_MIN = 2,
    GRID_MAX = 16384,
    SEEDS_MAX = 1000000,
};

const OptionInfo option_table[OPTION_COUNT] = {
    [OPTION_SEED] = {"seed", "N", "the seed of data, split, initial weights and shuffling", 0},
    [OPTION_EPOCHS] = {"epochs", "N", "how far to train; 0: the untrained network", 0},
    [OPTION_SET] = {"set", "KEY=VALUE",
                    "change one value of the experiment file by its path, e.g.\n"
                    "training.optimizer.learning_rate=0.1; may be repeated",
                    0},
    [OPTION_DATA] = {"data", "FILE.csv",
                     "own data in place of generated: columns x1,x2,… and y (or y1,y2,…\n"
                     "or label), optionally split",
                     0},
    [OPTION_INIT] = {"init", "FILE", "start from these weights (.npz or .safetensors)", 0},
    [OPTION_WEIGHTS_USE] = {"weights", "FILE", "use these weights and don't train", 0},
    [OPTION_WEIGHTS_WRITE] = {"weights", "FILE",
                              "write the trained weights there (.npz or .safetensors)", 0},
    [OPTION_LOG] = {"log", "FILE.csv", "write the metrics of every epoch (-: standard output)", 0},
    [OPTION_FAIL_ON_DIVERGENCE] = {"fail-on-divergence", NULL,
                                   "exit with 1 where the loss stops being finite", 0},
    [OPTION_POINTS] = {"points", "FILE.csv", "where to predict: columns x1,x2,…", 0},
    [OPTION_AXES] = {"axes", "A,B",
                     "two parameters, each LAYER:ROW:COL or LAYER:ROW:b (a bias); layers\n"
                     "count from 0 at the input, negative ones from the end",
                     0},
    [OPTION_PLANE] = {"plane", "NAME",
                      "instead of two weights, directions in which all weights move:\n"
                      "random   two random ones, each neuron's part of them as long as its\n"
                      "         weights (filter-normalised)\n"
                      "pca      the two main directions of the path that training took\n"
                      "hessian  the two in which the training loss bends most (the\n"
                      "         eigenvectors of its largest eigenvalues)\n"
                      "between  from the present weights to those of --to, and a random one",
                      0},
    [OPTION_TO] = {"to", "FILE", "--plane between: the weights at a = 1 (.npz or .safetensors)", 0},
    [OPTION_RANGE] = {"range", "A0:A1,B0:B1",
                      "the values to span; both ends are grid points (default: the\n"
                      "experiment's; of a plane, what fits the path)",
                      0},
    [OPTION_RELATIVE] = {"relative", NULL,
                         "two weights: the range is offsets from their present values", 0},
    [OPTION_GRID] = {"grid", "NxM",
                     "points along A and along B, 2 to 16384 each (default: the\n"
                     "experiment's)",
                     0},
    [OPTION_SPLIT] = {"split", "train|test",
                      "the samples whose loss is measured (default: the experiment's)", 0},
    [OPTION_PATH] = {"path", "FILE.csv",
                     "also write the path that training took, a row an epoch: epoch,a,b,loss\n"
                     "(-: standard output)",
                     0},
    [OPTION_VIEW] = {"view", "ID[,ID…]",
                     "these views alone (see saddle list views; default: the experiment's\n"
                     "layout)",
                     0},
    [OPTION_SIZE] = {"size", "WxH", "pixels, 64x64 to 16384x16384", 0},
    [OPTION_THEME] = {"theme", "NAME", "dark or light", 0},
    [OPTION_LANG] = {"lang", "CODE", "en or zh_CN", 0},
    [OPTION_SCALE] = {"scale", "F", "size of text and lines, 0.25 to 8", 0},
    [OPTION_COMPARE] = {"compare", "EXPERIMENT", "a second run beside the first", 0},
    [OPTION_FIGURE] = {"figure", NULL,
                       "one view as a book wants it: in print's colours, on white, finely drawn;\n"
                       "FILE may also be .svg or .pdf, which have real text and lines",
                       0},
    [OPTION_WIDTH] = {"width", "MM", "of a figure, in millimetres, 20 to 1000 (default: 120)", 0},
    [OPTION_HEIGHT] = {"height", "MM", "of a figure (default: as suits the view)", 0},
    [OPTION_DPI] = {"dpi", "N",
                    "a figure's pixels an inch, 50 to 2400 (default: 300); in .svg and .pdf of\n"
                    "its pictures",
                    0},
    [OPTION_TRANSPARENT] = {"transparent", NULL, "a figure without its white ground", 0},
    [OPTION_FPS] = {"fps", "F", "pictures a second (default: 25)", 0},
    [OPTION_EVERY] = {"every", "N",
                      "a picture every N epochs (default: so that there are about 240)", 0},
    [OPTION_CADENCE] = {"cadence", "tutorial",
                        "a picture every epoch at first, then every 10, 25, 50, 250", 0},
    [OPTION_TURN] = {"turn", "DEGREES", "how far the camera turns over the film (default: 0)", 0},
    [OPTION_HOLD] = {"hold", "SECONDS",
                     "how long the last picture stays (default: 2); where nothing is trained,\n"
                     "how long the film is",
                     0},
    [OPTION_SEEDS] = {"seeds", "N",
                      "how many seeds each setting is run from, --seed on (default: 1)", 0},
    [OPTION_VARY] = {"vary", "KEY=V1,V2,…",
                     "the values of a key of the experiment file (see --set) to run; where\n"
                     "it is repeated: all combinations",
                     0},
    [OPTION_OUTPUT_CSV] = {"output", "FILE.csv", "where to write (default and -: standard output)",
                           'o'},
    [OPTION_OUTPUT_SWEEP] = {"output", "FILE.csv",
                             "write a row a run (-: standard output) in place of the table", 'o'},
    [OPTION_OUTPUT_PNG] = {"output", "FILE",
                           "where to write: .png; .svg or .pdf for a figure (see --figure);\n"
                           ".csv for the numbers behind one view",
                           'o'},
    [OPTION_OUTPUT_FILM] = {"output", "FILE",
                            "where to write: .gif; .mp4, .webm or .webp (by ffmpeg); or numbered\n"
                            "pictures, as frames/%04d.png",
                            'o'},
    [OPTION_QUIET] = {"quiet", NULL, "no progress, no summary", 'q'},
    [OPTION_HELP] = {"help", NULL, "this text", 'h'},
    [OPTION_VERSION] = {"version", NULL, "the version", 0},
};

/// Reads a whole decimal integer within [lo, hi] from text up to `end` (NULL: to its end).
static bool read_integer(const char *text, const char *end, int64_t lo, int64_t hi, int64_t *out) {
    if (!(text[0] >= '0' && text[0] <= '9') &&
        !(text[0] == '-' && text[1] >= '0' && text[1] <= '9')) {
        return false; // strtoll would skip blanks
    }
    char *stop;
    errno = 0;
    long long value = strtoll(text, &stop, 10);
    if (errno || (end ? stop != end : *stop != '\0') || value < lo || value > hi) return false;
    *out = value;
    return true;
}

/// The same for a finite number in C notation.
static bool read_number(const char *text, const char *end, double *out) {
    // strtod would skip blanks, and take hexadecimal digits.
    if (!strchr("+-.0123456789", text[0]) || strpbrk(text, "xX")) return false;
    char *stop;
    double value = strtod(text, &stop);
    if (stop == text || (end ? stop != end : *stop != '\0') || !isfinite(value)) return false;
    *out = value;
    return true;
}

static bool read_pair(const char *text, int lo, int hi, int out[2]) {
    const char *x = strchr(text, 'x');
    int64_t a, b;
    if (!x || !read_integer(text, x, lo, hi, &a) || !read_integer(x + 1, NULL, lo, hi, &b)) {
        return false;
    }
    out[0] = (int)a;
    out[1] = (int)b;
    return true;
}

/// "LO:HI" from text up to end.
static bool read_range(const char *text, const char *end, double out[2]) {
    const char *colon = strchr(text, ':');
    if (!colon || !read_number(text, colon, &out[0]) || !read_number(colon + 1, end, &out[1])) {
        return false;
    }
    // The weights are 32-bit floats: a range must be finite there, too.
    return out[0] < out[1] && fabs(out[0]) <= (double)FLT_MAX && fabs(out[1]) <= (double)FLT_MAX;
}

static bool read_ranges(const char *text, double out[2][2]) {
    const char *comma = strchr(text, ',');
    return comma && read_range(text, comma, out[0]) && read_range(comma + 1, NULL, out[1]);
}

static bool read_axes(const char *text, ParamRef out[2]) {
    const char *comma = strchr(text, ',');
    char first[64];
    if (!comma || (size_t)(comma - text) >= sizeof first) return false;
    memcpy(first, text, (size_t)(comma - text));
    first[comma - text] = '\0';
    return param_ref_parse(first, &out[0]) && param_ref_parse(comma + 1, &out[1]);
}

static bool store(Options *options, OptionId id, const char *value, Error *error) {
    const char *wanted = NULL; // where the value is wrong: what it should be
    int64_t integer;
    double number;
    switch (id) {
    case OPTION_SEED:
        if (read_integer(value, NULL, 0, INT64_MAX, &integer))
            options->seed = (uint64_t)integer;
        else
            wanted = "a whole number from 0 to 9223372036854775807";
        break;
    case OPTION_EPOCHS:
        if (!read_integer(value, NULL, 0, EPOCHS_MAX, &options->epochs))
            wanted = "a whole number from 0 to 1000000000";
        break;
    case OPTION_SET:
        if (!strchr(value, '='))
            wanted = "KEY=VALUE";
        else if (options->n_sets == OPTIONS_SETS_MAX)
            wanted = "given at most 256 times";
        else
            options->sets[options->n_sets++] = value;
        break;
    case OPTION_SEEDS:
        if (read_integer(value, NULL, 1, SEEDS_MAX, &integer))
            options->seeds = (int)integer;
        else
            wanted = "a whole number from 1 to 1000000";
        break;
    case OPTION_VARY:
        if (!strchr(value, '=') || value[0] == '=')
            wanted = "KEY=V1,V2,…";
        else if (options->n_varies == OPTIONS_VARIES_MAX)
            wanted = "given at most 16 times";
        else
            options->varies[options->n_varies++] = value;
        break;
    case OPTION_DATA: options->data = value; break;
    case OPTION_INIT: options->init = value; break;
    case OPTION_WEIGHTS_USE: options->weights = value; break;
    case OPTION_WEIGHTS_WRITE: {
        WeightsFormat format;
        if (weights_format(value, &format, NULL))
            options->weights = value;
        else
            wanted = "a file name that ends in .npz or .safetensors";
        break;
    }
    case OPTION_LOG: options->log = value; break;
    case OPTION_POINTS: options->points = value; break;
    case OPTION_AXES:
        if (!read_axes(value, options->axes))
            wanted = "two parameters A,B, each LAYER:ROW:COL or LAYER:ROW:b";
        break;
    case OPTION_PLANE:
        options->plane = plane_find(value);
        if (options->plane == PLANE_WEIGHTS || options->plane == PLANE_COUNT)
            wanted = "random, pca, hessian or between";
        break;
    case OPTION_TO: options->to = value; break;
    case OPTION_PATH: options->path = value; break;
    case OPTION_RANGE:
        if (!read_ranges(value, options->range)) wanted = "A0:A1,B0:B1 with A0 < A1 and B0 < B1";
        break;
    case OPTION_GRID:
        if (!read_pair(value, GRID_MIN, GRID_MAX, options->grid))
            wanted = "NxM, each from 2 to 16384";
        break;
    case OPTION_SPLIT:
        options->test_split = strcmp(value, "test") == 0;
        if (!options->test_split && strcmp(value, "train") != 0) wanted = "train or test";
        break;
    case OPTION_VIEW: options->view = value; break;
    case OPTION_SIZE:
        if (!read_pair(value, SIZE_MIN, SIZE_MAX_SIDE, options->size))
            wanted = "WxH, from 64x64 to 16384x16384";
        break;
    case OPTION_COMPARE: options->compare = value; break;
    case OPTION_THEME:
        options->theme = value;
        if (!theme_find(value)) wanted = "dark or light";
        break;
    case OPTION_LANG:
        options->chinese = strcmp(value, "zh_CN") == 0;
        if (!options->chinese && strcmp(value, "en") != 0) wanted = "en or zh_CN";
        break;
    case OPTION_SCALE:
        if (read_number(value, NULL, &number) && number >= 0.25 && number <= 8)
            options->scale = (float)number;
        else
            wanted = "a number from 0.25 to 8";
        break;
    case OPTION_WIDTH:
        if (!read_number(value, NULL, &options->width) || !(options->width >= FIGURE_MM_MIN) ||
            options->width > FIGURE_MM_MAX)
            wanted = "a number of millimetres from 20 to 1000";
        break;
    case OPTION_HEIGHT:
        if (!read_number(value, NULL, &options->height) || !(options->height >= FIGURE_MM_MIN) ||
            options->height > FIGURE_MM_MAX)
            wanted = "a number of millimetres from 20 to 1000";
        break;
    case OPTION_DPI:
        if (!read_number(value, NULL, &options->dpi) || !(options->dpi >= FIGURE_DPI_MIN) ||
            options->dpi > FIGURE_DPI_MAX)
            wanted = "a number from 50 to 2400";
        break;
    case OPTION_FPS:
        if (!read_number(value, NULL, &options->fps) || !(options->fps >= 0.1) ||
            options->fps > 120)
            wanted = "a number from 0.1 to 120";
        break;
    case OPTION_TURN:
        if (!read_number(value, NULL, &options->turn) || !(fabs(options->turn) <= 36000))
            wanted = "a number from -36000 to 36000";
        break;
    case OPTION_HOLD:
        if (!read_number(value, NULL, &options->hold) || !(options->hold >= 0) ||
            options->hold > 600)
            wanted = "a number from 0 to 600";
        break;
    case OPTION_EVERY:
        if (!read_integer(value, NULL, 1, EPOCHS_MAX, &options->every))
            wanted = "a whole number from 1 to 1000000000";
        break;
    case OPTION_CADENCE:
        options->tutorial_cadence = strcmp(value, "tutorial") == 0;
        if (!options->tutorial_cadence) wanted = "tutorial";
        break;
    case OPTION_OUTPUT_CSV:
    case OPTION_OUTPUT_SWEEP:
    case OPTION_OUTPUT_PNG:
    case OPTION_OUTPUT_FILM: options->output = value; break;
    default: break; // flags: being there is all they say
    }
    if (!wanted && (value && value[0] == '\0')) wanted = "not empty";
    if (wanted) {
        return error_set(error, "--%s %.200s: must be %s", option_table[id].name, value, wanted);
    }
    options->given |= OPTION_BIT(id);
    return true;
}

static bool explain(int result, const char *argument, const Subcommand *subcommand, Error *error) {
    const char *sub = subcommand->name ? subcommand->name : "";
    const char *space = subcommand->name ? " " : "";
    if (result == ':') {
        return error_set(error, "%.200s: needs a value (see saddle%s%s --help)", argument, space,
                         sub);
    }
    return error_set(error, "%.200s: no such option (see saddle%s%s --help)", argument, space, sub);
}

bool options_parse(Options *options, const Subcommand *subcommand, int argc, char **argv,
                   Error *error) {
    *options = (Options){.seeds = 1};
    // getopt's tables, of the options that this subcommand takes.
    struct option longs[OPTION_COUNT + 1] = {0};
    char shorts[2 * OPTION_COUNT + 2] = ":";
    OptionId letters[128] = {0};
    int n = 0;
    for (int id = 0; id < OPTION_COUNT; id++) {
        if (!(subcommand->options & OPTION_BIT(id))) continue;
        const OptionInfo *info = &option_table[id];
        bool takes = info->argument != NULL;
        longs[n++] = (struct option){.name = info->name,
                                     .has_arg = takes ? required_argument : no_argument,
                                     .val = 256 + id};
        if (!info->letter) continue;
        char letter[3] = {info->letter, takes ? ':' : '\0', '\0'};
        strncat(shorts, letter, sizeof shorts - strlen(shorts) - 1);
        letters[(int)info->letter] = (OptionId)id;
    }
    opterr = 0;
    optind = 1;
    for (;;) {
        int at = optind;
        int result = getopt_long(argc, argv, shorts, longs, NULL);
        if (result == -1) break;
        if (result == '?' || result == ':') {
            // In a bundle of letters (-xy) optind has not moved on: name the letter alone.
            char letter[3] = {'-', (char)optopt, '\0'};
            bool is_letter = optopt > 0 && optopt < 256;
            const char *argument = is_letter ? letter : argv[optind > at ? optind - 1 : at];
            char name[64];
            size_t length = strcspn(argument, "=");
            if (argument[0] == '-' && argument[1] == '-' && optopt >= 256 && result == '?' &&
                length < sizeof name && argument[length] == '=') {
                memcpy(name, argument, length);
                name[length] = '\0';
                return error_set(error, "%s: takes no value", name);
            }
            return explain(result, argument, subcommand, error);
        }
        OptionId id = result >= 256 ? (OptionId)(result - 256) : letters[result];
        if (!store(options, id, optarg, error)) return false;
        if (id == OPTION_HELP || id == OPTION_VERSION) return true;
    }
    for (int i = optind; i < argc; i++) {
        if (options->n_arguments == OPTIONS_ARGUMENTS_MAX) {
            return error_set(error, "%.200s: too many arguments", argv[i]);
        }
        options->arguments[options->n_arguments++] = argv[i];
    }
    const char *name = subcommand->name ? subcommand->name : "";
    if (options->n_arguments < subcommand->arguments_min) {
        return error_set(error, "%s: needs %s (see saddle %s --help)", name, subcommand->arguments,
                         name);
    }
    if (options->n_arguments > subcommand->arguments_max) {
        return error_set(error, "%.200s: one argument too many (see saddle%s%s --help)",
                         options->arguments[subcommand->arguments_max], *name ? " " : "", name);
    }
    return true;
}
