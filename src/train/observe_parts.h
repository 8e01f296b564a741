/// The parts of observe.c that lie in files of their own, one a kind of observation
/// (observe_*.c). For these files alone.
#ifndef TRAIN_OBSERVE_PARTS_H
#define TRAIN_OBSERVE_PARTS_H

#include "train/survey.h"

/// Who says when to give up, between pieces of work of about a millisecond.
typedef struct Cancel {
    bool (*asked)(void *context); // NULL: never
    void *context;
} Cancel;

static inline bool is_cancelled(const Cancel *cancel) {
    return cancel->asked && cancel->asked(cancel->context);
}

/// Makes room for that many floats in out->memory.  @return false where memory is short
bool observation_reserve(Observation *out, size_t floats);
/// Makes room for so many values along a and b.  @return as above
bool observation_reserve_axes(Observation *out, int n_a, int n_b);

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

/// Multiplications, about, for one sample through the layers from `first` on.
double forward_cost(const Network *net, int first);
/// Passes with ever finer grids, the last with the grid that was asked for.
void survey_plan_grids(Survey *survey, const int grid[2]);
/// The samples of a split, or evenly picked ones where there are more than `most`.
/// @return false with error set: there are none, or memory is short
bool survey_pick_samples(Survey *survey, bool test_split, double most, SurveySamples *samples,
                         Error *error);

bool surface_plan(Survey *survey, Error *error);
bool surface_work(const Survey *survey, Observation *out, int first, int last,
                  bool (*cancel)(void *context), void *context);

bool plane_plan(Survey *survey, Error *error);
bool plane_work(const Survey *survey, Observation *out, bool (*cancel)(void *context),
                void *context);

bool cloud_start(const Survey *survey, Observation *out);
bool cloud_work(const Survey *survey, Observation *out, bool (*cancel)(void *context),
                void *context);

/// Sets the survey's passes; rows are blocks of samples.
bool verdicts_plan(Survey *survey, Error *error);
int verdicts_rows(const Survey *survey, int pass);
bool verdicts_start(const Survey *survey, int pass, Observation *out);
bool verdicts_work(const Survey *survey, Observation *out, int first, int last,
                   bool (*cancel)(void *context), void *context);

/// Makes the survey's landscapes and sets its passes; rows are the surfaces' one after another.
bool neurons_plan(Survey *survey, Error *error);
void neurons_deinit(Survey *survey);
/// The seconds that its first pass may take, if the run's pace is faster too: five pictures a
/// second of so many surfaces are enough, and finer ones better than more.
#define NEURONS_PATIENCE 0.1
int neurons_rows(const Survey *survey, int pass);
bool neurons_start(const Survey *survey, int pass, Observation *out);
bool neurons_work(const Survey *survey, Observation *out, int first, int last,
                  bool (*cancel)(void *context), void *context);

#endif
