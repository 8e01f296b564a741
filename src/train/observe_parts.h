/// The parts of observe.c that lie in files of their own: the layers' clouds (observe_layers.c) and
/// the classes that samples are put into (observe_classes.c). For these three files alone.
#ifndef TRAIN_OBSERVE_PARTS_H
#define TRAIN_OBSERVE_PARTS_H

#include "train/survey.h"

/// Makes room for that many floats in out->memory.  @return false where memory is short
bool observation_reserve(Observation *out, size_t floats);

/// Whether each sample belongs to one of two or more classes, with an output each.
static inline bool has_several_classes(const Dataset *data) {
    return data->classes && data->n_outputs > 1;
}

/// The number of the largest value, the first one of equals; 0 where all are NaN.
static inline int largest_of(const float *values, int n) {
    int best = 0;
    for (int i = 1; i < n; i++) {
        if (values[i] > values[best] || values[best] != values[best]) best = i;
    }
    return best;
}

bool cloud_start(const Survey *survey, Observation *out);
bool cloud_work(const Survey *survey, Observation *out);

/// Sets the survey's passes; rows are blocks of samples.
bool verdicts_plan(Survey *survey, Error *error);
int verdicts_rows(const Survey *survey, int pass);
bool verdicts_start(const Survey *survey, int pass, Observation *out);
bool verdicts_work(const Survey *survey, Observation *out, int first, int last,
                   bool (*cancel)(void *context), void *context);

#endif
