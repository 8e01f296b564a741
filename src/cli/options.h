/// Options: what the command line may say, as one table, and what it said, as one struct. Parsing,
/// the help texts and the messages about wrong options all derive from the table.
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "cli/cli.h"
#include "nn/network.h"
#include "nn/plane.h"

/// Each entry of the table in options.c. Where a name means two things there are two entries, of
/// which a subcommand takes one.
typedef enum OptionId {
    OPTION_SEED,
    OPTION_EPOCHS,
    OPTION_SET,
    OPTION_DATA,
    OPTION_INIT,
    OPTION_WEIGHTS_USE,   // --weights of all but train: instead of training
    OPTION_WEIGHTS_WRITE, // --weights of train
    OPTION_LOG,
    OPTION_FAIL_ON_DIVERGENCE,
    OPTION_POINTS,
    OPTION_AXES,
    OPTION_PLANE,
    OPTION_TO,
    OPTION_RANGE,
    OPTION_RELATIVE,
    OPTION_GRID,
    OPTION_SPLIT,
    OPTION_PATH,
    OPTION_VIEW,
    OPTION_SIZE,
    OPTION_THEME,
    OPTION_LANG,
    OPTION_SCALE,
    OPTION_COMPARE,
    OPTION_FIGURE,
    OPTION_WIDTH,
    OPTION_HEIGHT,
    OPTION_DPI,
    OPTION_TRANSPARENT,
    OPTION_FPS,
    OPTION_EVERY,
    OPTION_CADENCE,
    OPTION_TURN,
    OPTION_HOLD,
    OPTION_SEEDS,
    OPTION_VARY,
    OPTION_OUTPUT_CSV,
    OPTION_OUTPUT_SWEEP,
    OPTION_OUTPUT_PNG,
    OPTION_OUTPUT_FILM,
    OPTION_QUIET,
    OPTION_HELP,
    OPTION_VERSION,
    OPTION_COUNT,
} OptionId;

#define OPTION_BIT(id) (UINT64_C(1) << (id))

/// Those that every subcommand with an experiment takes, but for --weights.
#define OPTIONS_COMMON                                                                             \
    (OPTION_BIT(OPTION_SEED) | OPTION_BIT(OPTION_EPOCHS) | OPTION_BIT(OPTION_SET) |                \
     OPTION_BIT(OPTION_DATA) | OPTION_BIT(OPTION_INIT) | OPTION_BIT(OPTION_QUIET) |                \
     OPTION_BIT(OPTION_HELP))
#define OPTIONS_TRAINING (OPTIONS_COMMON | OPTION_BIT(OPTION_FAIL_ON_DIVERGENCE))

enum { OPTIONS_SETS_MAX = 256, OPTIONS_VARIES_MAX = 16, OPTIONS_ARGUMENTS_MAX = 64 };

/// What the command line said. Strings are argv's own.
typedef struct Options {
    const char *arguments[OPTIONS_ARGUMENTS_MAX]; // all that are not options
    int n_arguments;
    uint64_t given; // OPTION_BITs of what was there
    uint64_t seed;
    int64_t epochs;
    const char *sets[OPTIONS_SETS_MAX]; // KEY=VALUE, in order
    int n_sets;
    const char *varies[OPTIONS_VARIES_MAX]; // KEY=V1,V2,…, in order
    int n_varies;
    int seeds; // 1 where it is not given
    const char *data, *init, *weights, *log, *points, *to, *path, *output;
    ParamRef axes[2];
    PlaneKind plane; // zero: two weights
    double range[2][2];
    int grid[2];
    bool test_split;
    const char *view, *theme, *compare;
    int size[2];
    bool chinese;
    float scale;
    double width, height, dpi; // millimetres; 0 where not given
    double fps, turn, hold;    // turn: degrees; hold: seconds
    int64_t every;
    bool tutorial_cadence;
} Options;

static inline bool options_has(const Options *options, OptionId id) {
    return (options->given & OPTION_BIT(id)) != 0;
}

typedef struct Subcommand {
    const char *name;      // NULL: the window
    const char *arguments; // as the usage line shows them
    const char *summary;   // a few words for the list of subcommands
    const char *details;   // paragraphs of its help, ended by a newline
    void (*more)(void);    // prints more help, from a list; may be NULL
    uint64_t options;      // those it takes
    int arguments_min, arguments_max;
    int (*run)(const Options *options);
} Subcommand;

/// Every subcommand, ended by one with neither name nor run. The first is the window.
extern const Subcommand subcommands[];

/// Reads the arguments after the subcommand's name.
/// @return false with "WHAT: WHY" in error. --help and --version end parsing.
bool options_parse(Options *options, const Subcommand *subcommand, int argc, char **argv,
                   Error *error);

/// Prints help: of all (NULL or the window) or of one subcommand.
int help_print(const Subcommand *subcommand);
int version_print(void);

/// One entry's name, argument and text, for the help.
typedef struct OptionInfo {
    const char *name;     // without dashes
    const char *argument; // NULL: takes none
    const char *help;
    char letter; // a short form, or 0
} OptionInfo;
extern const OptionInfo option_table[OPTION_COUNT];

#endif
