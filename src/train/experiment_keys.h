/// The keys of experiment files, each one line in a table: its path, type, range and where it lies
/// in the struct. Reading, printing and --set go by these tables, so that they cannot disagree.
#ifndef TRAIN_EXPERIMENT_KEYS_H
#define TRAIN_EXPERIMENT_KEYS_H

#include <jansson.h>

#include "train/experiment.h"

enum { EXPERIMENT_FORMAT = 1, KEY_PATH_SIZE = 128 };

typedef enum KeyType {
    KEY_VERSION, // the format's number
    KEY_STRING,  // char[hi]
    KEY_BOOL,    // bool
    KEY_BIAS,    // bool, the opposite of what the file says; or an array
    KEY_INT,     // int
    KEY_LONG,    // int64_t
    KEY_FLOAT,   // float
    KEY_DOUBLE,  // double
    KEY_NAME,    // an enum, by its name in a list
    KEY_SPLIT,   // bool: "train" or "test"
    KEY_KIND,    // char[hi], the name of a kind of data
    KEY_AXIS,    // ParamRef
} KeyType;

/// A family of names, as the enums of nn have them.
typedef struct NameList {
    const char *(*name)(int value);
    int count;
} NameList;

/// One key. lo and hi are inclusive but for open_hi.
typedef struct Key {
    const char *path;
    KeyType type;
    size_t at;  // in Experiment, ExperimentLayer or Rival
    size_t has; // of the bool that says that the file gives it; 0: there is none
    double lo, hi;
    bool open_hi;
    const NameList *names;
    bool nullable; // KEY_NAME: null stands for the first name
    bool quiet;    // printed only where it is not zero, which is its default
} Key;

/// All scalars but those of layers and of the race, ended by a NULL path. A number in a path is a
/// place in a list.
extern const Key experiment_keys[];
/// Of one entry of network.layers: places are in ExperimentLayer.
extern const Key experiment_layer_keys[];
/// Of one entry of race: places are in Rival.
extern const Key experiment_rival_keys[];

/// @return NULL where the table has no such path
const Key *key_find(const Key *table, const char *path);
/// How many items experiment_keys knows in the list at that path; 0: it is an object.
/// @return -1 where the table has nothing below it
int key_items(const char *path);
/// Whether the value is text, not a number or true or false.
bool key_takes_text(const Key *key);

/// Reads one scalar into its place, checked. On failure the place is unchanged.
/// @param path  the whole path, for messages
/// @param base  the Experiment, ExperimentLayer or Rival
bool key_read(const Key *key, const char *path, const json_t *json, void *base, Error *error);
/// @return NULL where the file need not say it
json_t *key_to_json(const Key *key, const void *base);

/// Writes "PATH.NAME", cut where it is longer than any key's.
void key_join(char out[KEY_PATH_SIZE], const char *path, const char *name);
void key_join_index(char out[KEY_PATH_SIZE], const char *path, size_t index);

/// For messages: "an object", "a string", …
const char *key_type_name(const json_t *json);
/// "PATH: must be WANTED, not …"
bool key_wrong_type(const char *path, const char *wanted, const json_t *json, Error *error);

/// Where no axes are given: the first two parameters, as far as they are known before the data is.
void experiment_guess_axes(Experiment *experiment);

#endif
