/// An experiment: everything about a run, as one JSON file and one struct (data, network, training,
/// landscape, layout, seed). The same file, seed and machine give the same bits.
/// The file's form is the contract with the outside; every key is one line in experiment_keys.c.
#ifndef TRAIN_EXPERIMENT_H
#define TRAIN_EXPERIMENT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "nn/dataset.h"
#include "nn/init.h"
#include "nn/loss.h"
#include "nn/network.h"
#include "nn/optimizer.h"
#include "nn/plane.h"
#include "nn/schedule.h"

/// X(constant, name): where a landscape is looked at from: as a body, straight from above, from the
/// side over the first axis or over the second.
#define LANDSCAPE_CAMERA_LIST(X)                                                                   \
    X(LANDSCAPE_3D, "3d")                                                                          \
    X(LANDSCAPE_TOP, "top")                                                                        \
    X(LANDSCAPE_SIDE_A, "a")                                                                       \
    X(LANDSCAPE_SIDE_B, "b")

#define X(constant, name) constant,
typedef enum LandscapeCamera { LANDSCAPE_CAMERA_LIST(X) LANDSCAPE_CAMERAS } LandscapeCamera;
#undef X

enum { LAYOUT_NODES_MAX = 64, VIEW_ID_MAX = 32, EPOCHS_MAX = 1000000000 };
enum { RIVALS_MAX = 7, RIVAL_NAME_SIZE = 32 };

/// The layout as a tree in an array: node 0 is the root, a column of rows; odd depths are rows.
typedef enum LayoutKind { LAYOUT_ROWS, LAYOUT_COLUMNS, LAYOUT_VIEW } LayoutKind;
typedef struct LayoutNode {
    LayoutKind kind;
    char view[VIEW_ID_MAX];        // LAYOUT_VIEW: the view's id
    int first_child, next_sibling; // -1: none
} LayoutNode;

typedef struct ExperimentLayer {
    LayerDesc desc;
    float *weight; // (weight_rows, weight_cols) to start from, or NULL; owned
    float *bias;   // (bias_count) to start from, or NULL; owned
    int weight_rows, weight_cols, bias_count; // as given: experiment_network checks them
} ExperimentLayer;

/// Which keys have been given, among those whose defaults hang on the kind of optimizer or schedule
/// or are not zero: the others hold what experiment_fill_defaults puts there.
typedef struct ExperimentGiven {
    bool learning_rate, beta, alpha, eps, beta1, beta2, weight_decay;
    bool step_size, gamma, warmup;
} ExperimentGiven;

/// Another optimizer for the same data, network and initial weights: a race's.
typedef struct Rival {
    char name[RIVAL_NAME_SIZE]; // empty: the optimizer's kind
    OptimizerDesc optimizer;    // complete: see given
    ExperimentGiven given;      // of the optimizer's keys
} Rival;

typedef struct Experiment {
    atomic_int references;
    char name[64];
    char title_en[128], title_zh[128];
    uint64_t seed;
    DatasetDesc data;

    Init init;
    int n_layers;
    ExperimentLayer layers[NETWORK_LAYERS_MAX];

    Loss loss;
    OptimizerDesc optimizer; // complete: see given
    ScheduleDesc schedule;   // likewise; epochs 0: the training's (experiment_schedule says them)
    ExperimentGiven given;
    float l1, l2; // penalties of the weight matrices
    struct {
        int64_t patience; // epochs without a better loss until training stops; 0: it never does
        double min_delta; // by how much a loss must be lower to be better
    } early_stopping;
    int batch_size; // 0: the full batch
    bool shuffle;
    int64_t epochs;

    Rival race[RIVALS_MAX]; // beside the experiment's own optimizer
    int n_race;             // 0: there is no race

    struct {
        ParamRef axes[2];   // the default is the network's first two parameters
        bool has_axes;      // false: that default
        PlaneKind plane;    // what is shown at first; zero: the axes
        double range[2][2]; // [axis][lo, hi]
        bool relative;      // ranges are offsets from the present weights
        int grid[2];
        bool test_split;
        bool log_loss; // the loss axis is logarithmic
        double clip;   // draw losses up to this; 0: no clipping
        // How it is shown at first
        LandscapeCamera camera;
        bool stems, arrows;
    } landscape;

    LayoutNode layout[LAYOUT_NODES_MAX];
    int n_layout;
} Experiment;

/// Reads JSON text. Errors name the key's path ("training.optimizer.momentum: …") or, for syntax,
/// line and column.
/// @param source  what to call it in messages (a file's name)
/// @return with one reference, or NULL with error set
Experiment *experiment_parse(const char *text, size_t length, const char *source, Error *error);
/// Finds it by name among the built-in ones, else reads the .json file at that path.
Experiment *experiment_load(const char *name_or_path, Error *error);
/// Writes it back as JSON text that experiment_parse reads to the same struct.
/// @return text that the caller frees; NULL where memory is short
char *experiment_print(const Experiment *experiment);
/// Changes one scalar by its path, "training.optimizer.learning_rate=0.1" or
/// "network.layers.0.activation=relu", with the checks of the file. "network.layers.*.units=4" sets
/// every layer but the last.
/// @return false with error set; the experiment is then unchanged
bool experiment_set(Experiment *experiment, const char *key_value, Error *error);

/// Sets the optimizers' and the schedule's keys that are not given to the defaults of their kinds.
/// Reading and experiment_set do it; one who changes a kind in the struct must.
void experiment_fill_defaults(Experiment *experiment);
/// The schedule with its epochs resolved.
ScheduleDesc experiment_schedule(const Experiment *experiment);

/// A deep copy with one reference, for changes. NULL where memory is short.
Experiment *experiment_copy(const Experiment *experiment);
/// The experiment as a rival of its race runs it: a copy with that optimizer and without a race.
/// @param rival  0…n_race-1  @return with one reference, or NULL where memory is short
Experiment *experiment_rival(const Experiment *experiment, int rival);
/// Counted and, once shared, never changed.  Thread: any.
const Experiment *experiment_retain(const Experiment *experiment);
void experiment_release(const Experiment *experiment);

/// The names of the built-in experiments, in the order of menus, ended by NULL.
const char *const *experiment_names(void);

/// The landscape's axes for a network that it describes: the given ones, else the network's first
/// two parameters (one with a single parameter: that one twice). experiment->landscape.axes alone
/// holds a guess where none are given and the data's width is not known.
void experiment_axes(const Experiment *experiment, const Network *net, ParamRef axes[2]);

/// Builds the network that it describes for data of that width, with its initial weights.
/// @return false with error set, naming the key's path
bool experiment_network(const Experiment *experiment, const Dataset *data, Network *net,
                        Error *error);

#endif
