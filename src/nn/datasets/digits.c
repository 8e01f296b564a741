/// Images of 28 x 28 pixels in ten classes, from the four files that MNIST and its relatives come
/// in. Without a folder of one's own, Fashion-MNIST where Debian's package puts it. The files say
/// which samples are for testing.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "nn/datasets/kinds.h"
#include "nn/files/idx.h"

enum { SIDE = 28, PIXELS = SIDE * SIDE, CLASSES = 10, PATH_BYTES = 1200 };

/// Where the data set is looked for.
static const char *const folders[] = {
    "/usr/share/datasets/fashion-mnist",
    "/usr/local/share/datasets/fashion-mnist",
};

enum { TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS, FILES };
static const char *const names[FILES] = {
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
};

static bool find_file(const char *folder, const char *name, char path[PATH_BYTES]) {
    struct stat status;
    snprintf(path, PATH_BYTES, "%s/%s.gz", folder, name);
    if (stat(path, &status) == 0) return true;
    snprintf(path, PATH_BYTES, "%s/%s", folder, name);
    return stat(path, &status) == 0;
}

/// @return the folder that desc names, or the first in the list that has such files, or NULL
static const char *find_folder(const DatasetDesc *desc) {
    char path[PATH_BYTES];
    if (desc->file[0]) return desc->file;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        if (find_file(folders[i], names[TRAIN_IMAGES], path)) return folders[i];
    }
    return NULL;
}

static uint64_t version(const DatasetDesc *desc) {
    const char *folder = find_folder(desc);
    uint64_t mixed = 0;
    for (int i = 0; folder && i < FILES; i++) {
        char path[PATH_BYTES];
        find_file(folder, names[i], path);
        mixed = mixed * 31 + dataset_file_version(path);
    }
    return mixed;
}

static bool not_found(Error *error) {
    char looked[256] = "";
    size_t used = 0;
    for (size_t i = 0; i < sizeof folders / sizeof *folders && used < sizeof looked; i++) {
        used += (size_t)snprintf(looked + used, sizeof looked - used, "%s%s", i ? " or " : "",
                                 folders[i]);
    }
    return error_set(error,
                     "digits: no images in %s: apt install dataset-fashion-mnist, or set data.file "
                     "to a folder with %s.gz, %s.gz, %s.gz and %s.gz",
                     looked, names[0], names[1], names[2], names[3]);
}

static bool locate(const DatasetDesc *desc, char paths[FILES][PATH_BYTES], Error *error) {
    const char *folder = find_folder(desc);
    if (!folder) return not_found(error);
    struct stat status;
    if (stat(folder, &status) == 0 && !S_ISDIR(status.st_mode)) {
        return error_set(error, "%s: is a file; data.file must name the folder with %s.gz", folder,
                         names[0]);
    }
    for (int i = 0; i < FILES; i++) {
        if (!find_file(folder, names[i], paths[i])) {
            return error_set(error,
                             "%s: has no %s (nor .gz), one of the four files of images; without "
                             "data.file, those of the package dataset-fashion-mnist are taken",
                             folder, names[i]);
        }
    }
    return true;
}

/// Reads a file of class numbers.  @return memory that the caller frees, as idx_read's
static unsigned char *read_labels(const char *path, const unsigned char **labels, size_t *n,
                                  Error *error) {
    IdxShape shape;
    unsigned char *memory = idx_read(path, &shape, labels, error);
    if (!memory) return NULL;
    bool good = true;
    if (shape.rank != 1) {
        good = error_set(error, "%s: has %d dimensions, and labels have 1", path, shape.rank);
    } else if (shape.count < 1 || shape.count > DATASET_SAMPLES_MAX) {
        good = error_set(error, "%s: %zu labels, and not 1 to %d", path, shape.count,
                         DATASET_SAMPLES_MAX);
    }
    for (size_t i = 0; good && i < shape.count; i++) {
        if ((*labels)[i] >= CLASSES) {
            good = error_set(error, "%s: label %zu is %d, and not 0 to %d", path, i + 1,
                             (*labels)[i], CLASSES - 1);
        }
    }
    *n = shape.count;
    if (good) return memory;
    free(memory);
    return NULL;
}

/// Reads a file of images and keeps the first ones.
/// @param in_file  how many there must be
/// @param x        (kept, PIXELS), in [0, 1]
static bool read_images(const char *path, size_t in_file, size_t kept, float *x, Error *error) {
    IdxShape shape;
    const unsigned char *pixels;
    unsigned char *memory = idx_read(path, &shape, &pixels, error);
    if (!memory) return false;
    bool good = true;
    if (shape.rank != 3 || shape.sizes[1] != SIDE || shape.sizes[2] != SIDE) {
        good = error_set(error, "%s: does not hold images of %d x %d pixels", path, SIDE, SIDE);
    } else if (shape.sizes[0] != in_file) {
        good = error_set(error, "%s: %zu images, but %zu labels beside them", path, shape.sizes[0],
                         in_file);
    }
    if (good) {
        for (size_t i = 0; i < kept * PIXELS; i++) x[i] = (float)pixels[i] / 255.0f;
    }
    free(memory);
    return good;
}

/// How many samples are taken of those in the files.
static bool choose_counts(const DatasetDesc *desc, size_t *n_train, size_t *n_test, Error *error) {
    if (!desc->has_samples) return true;
    size_t wanted = (size_t)desc->samples;
    if (wanted > *n_train) {
        return error_set(error, "data.samples: %zu are more than the %zu samples for training",
                         wanted, *n_train);
    }
    *n_train = wanted;
    size_t test = wanted / 6 > 0 ? wanted / 6 : 1;
    if (test < *n_test) *n_test = test;
    return true;
}

static bool fill(const DatasetDesc *desc, char paths[FILES][PATH_BYTES],
                 const unsigned char *const labels[2], const size_t n[2], Dataset *data,
                 Error *error) {
    size_t n_train = n[0], n_test = n[1];
    if (!choose_counts(desc, &n_train, &n_test, error)) return false;
    if (!dataset_alloc(data, n_train + n_test, PIXELS, CLASSES, error)) return false;
    data->n_train = n_train;
    for (size_t i = 0; i < data->n; i++) {
        int label = i < n_train ? labels[0][i] : labels[1][i - n_train];
        data->t[i * CLASSES + (size_t)label] = 1.0f;
    }
    return read_images(paths[TRAIN_IMAGES], n[0], n_train, data->x, error) &&
           read_images(paths[TEST_IMAGES], n[1], n_test, data->x + n_train * PIXELS, error);
}

static bool generate(const DatasetDesc *desc, uint64_t seed, Dataset *data, Error *error) {
    (void)seed;
    if (desc->test_fraction > 0.0f) {
        return error_set(error, "data.test_fraction: must be 0 for digits, whose files say which "
                                "samples are for testing");
    }
    if (desc->noise > 0.0f) return error_set(error, "data.noise: must be 0 for digits");
    char paths[FILES][PATH_BYTES];
    if (!locate(desc, paths, error)) return false;
    const unsigned char *labels[2];
    size_t n[2];
    unsigned char *train = read_labels(paths[TRAIN_LABELS], &labels[0], &n[0], error);
    unsigned char *test = train ? read_labels(paths[TEST_LABELS], &labels[1], &n[1], error) : NULL;
    bool good = train && test && fill(desc, paths, labels, n, data, error);
    free(train);
    free(test);
    return good;
}

const DatasetKind dataset_digits = {
    .name = "digits",
    .description = "28 x 28 pixels in ten classes: MNIST's format, by default Fashion-MNIST",
    .min_samples = 1,
    .n_inputs = PIXELS,
    .n_outputs = CLASSES,
    .seedless = true,
    .version = version,
    .generate = generate,
};
