/// A survey: how one observation is made, in passes from coarse to fine and in rows of each, so
/// that a caller may stop, interleave and spread the work. observe() and the surveyor's thread are
/// two such callers.
///
/// What it does not do: threads of its own but for parallel_for, queues, snapshots.
#ifndef TRAIN_SURVEY_H
#define TRAIN_SURVEY_H

#include "nn/landscape.h"
#include "train/surveyor.h"

enum { SURVEY_PASSES_MAX = 5 };

/// What is observed. All is borrowed and must outlive the survey.
typedef struct SurveySource {
    const Network *net;
    const Dataset *data;
    Loss loss;
    uint64_t snapshot, generation;
    int64_t epoch;
    const Path *path; // may be NULL
    int path_count;
    /// Looked at while the survey is prepared; true gives up. May be NULL.
    bool (*cancel)(void *context);
    void *context;
} SurveySource;

/// Samples that a survey looks at.
typedef struct SurveySamples {
    const float *x, *t;
    size_t n;
} SurveySamples;

typedef struct Survey {
    ObservationRequest request;
    SurveySource source;
    Landscape *landscape; // surfaces
    Landscape **neurons;  // neurons: (n_layers, NEURONS_SEEN), NULL for those that there are not
    double here[2], here_loss;
    size_t samples;
    SurveySamples bending; // of the Hessian
    Network past;          // surfaces: of an earlier epoch, where one was asked for
    float *picked;         // samples of larger data, inputs then targets; NULL: all of a split's
    float *base; // (n_inputs) fields: what the inputs other than the first two are held at
    int n_passes, grids[SURVEY_PASSES_MAX][2];
    double point_seconds, line_seconds; // about what a grid point takes, and a row or column
} Survey;

/// Computes what all passes share.
/// @return false with error set: no such parameter, no test samples, a grid out of range, no memory
bool survey_init(Survey *survey, const ObservationRequest *request, const SurveySource *source,
                 Error *error);
void survey_deinit(Survey *survey);

/// The finest pass that takes about that many seconds on one processor or less; else the coarsest.
/// Reckoned from sizes, not measured: what is done does not depend on a clock.
int survey_pass_within(const Survey *survey, double seconds);
/// Makes out ready for a pass.  @return false where memory is short
bool survey_start(const Survey *survey, int pass, Observation *out);
/// How many rows of work that pass has, and about how long one takes.
int survey_rows(const Survey *survey, int pass);
double survey_row_seconds(const Survey *survey, int pass);
/// Works on rows [first, last) of the pass that out was made ready for.
/// @param cancel  may be NULL; true stops early
/// @return false where it was cancelled or memory is short
bool survey_work(const Survey *survey, Observation *out, int first, int last, int threads,
                 bool (*cancel)(void *context), void *context);
/// When all rows are done: the range of the values.
void survey_finish(Observation *out);

#endif
