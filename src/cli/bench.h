/// `saddle bench`: what its files share.
#ifndef CLI_BENCH_H
#define CLI_BENCH_H

#include "base/error.h"

/// What a job measured. The unit says what is counted a second.
typedef struct BenchResult {
    double seconds;        // of one repetition
    double rate;           // units a second
    const char *unit;      // "samples/s"
    const char *statistic; // which of the repetitions: "best of 5", "median of 200"
    double worst;          // seconds of the slowest repetition; 0: of no interest
} BenchResult;

/// @return false with error set
typedef bool (*BenchJob)(BenchResult *result, Error *error);

bool bench_train_paraboloid(BenchResult *result, Error *error);
bool bench_train_xor_shallow(BenchResult *result, Error *error);
bool bench_train_xor_deep(BenchResult *result, Error *error);
bool bench_sweep_xor_shallow(BenchResult *result, Error *error);
bool bench_train_digits(BenchResult *result, Error *error);
bool bench_landscape_output(BenchResult *result, Error *error);
bool bench_landscape_first(BenchResult *result, Error *error);
bool bench_landscape_residual(BenchResult *result, Error *error);
bool bench_landscape_error_surface(BenchResult *result, Error *error);
bool bench_landscape_layers(BenchResult *result, Error *error);
bool bench_frame_training(BenchResult *result, Error *error);
bool bench_frame_turning(BenchResult *result, Error *error);
bool bench_first_frame(BenchResult *result, Error *error);
bool bench_live_landscape(BenchResult *result, Error *error);
bool bench_live_landscapes(BenchResult *result, Error *error);
bool bench_live_refine(BenchResult *result, Error *error);
bool bench_live_training(BenchResult *result, Error *error);
bool bench_stale_surface(BenchResult *result, Error *error);
bool bench_stale_layers(BenchResult *result, Error *error);
bool bench_stale_digits(BenchResult *result, Error *error);
bool bench_stale_clouds(BenchResult *result, Error *error);
bool bench_stale_pca(BenchResult *result, Error *error);
bool bench_stale_hessian(BenchResult *result, Error *error);
bool bench_encode_gif(BenchResult *result, Error *error);
bool bench_encode_gif_turning(BenchResult *result, Error *error);

/// A session of a built-in experiment, perhaps with changes.
/// @param changes  KEY=VALUE each, ended by NULL; or NULL for none
/// @return owned by the caller, or NULL with error set
struct Session *bench_session(const char *name, const char *const *changes, Error *error);

/// The processor's seconds that the program has used: for jobs on one core. What else the machine
/// does disturbs them less than the time of day.
double bench_seconds(void);

/// Sorts and returns the middle one.  @param n  at least 1
double bench_median(double *values, int n);

#endif
