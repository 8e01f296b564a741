/// What the subcommands share: from options to an experiment, to a session, to a trained one.
/// Whatever goes wrong is reported here, once; callers only pass the exit code on.
#ifndef CLI_JOB_H
#define CLI_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/options.h"
#include "train/experiment.h"
#include "train/session.h"

/// Loads the experiment that the first argument names and changes it as the common options say.
/// @param fallback  its name where there is no argument; NULL: an argument is there
/// @return with one reference, or NULL with *code set
Experiment *job_experiment(const Options *options, const char *fallback, int *code);

/// Reports what an experiment asks for and cannot have, as the fault of who asked: --set, or the
/// file.
/// @param message  begins with the key's path
/// @return the exit code
int job_fail(const Options *options, const char *message);

/// Loads it and makes a session with the weights of --init, or of --weights where that means use.
/// @return NULL with *code set
Session *job_session(const Options *options, int *code);

/// How many rivals the session's experiment names. Where weights are given to be shown, there is no
/// race: it would not have begun.
int job_rivals(const Session *first, const Options *options);
/// The session of a rival: from the weights that the first one has now, whether drawn, given or
/// from a file.  @return NULL with *code set
Session *job_rival(const Session *first, int rival, int *code);

/// What training came to.
typedef struct JobTraining {
    bool diverged;
    int64_t diverged_epoch; // the epoch in which it did; the session is back at the one before
    bool stopped;           // early: the session has the best epoch's weights
} JobTraining;

/// Called before training (running_loss NaN) and at every epoch's end.  @return false: stop
typedef bool (*JobEpoch)(void *context, Session *session, double running_loss);

/// Trains to the experiment's last epoch, or until it stops early and says so. Where the loss stops
/// being finite, goes back to the last good epoch's end and says so.
/// @param epoch   may be NULL
/// @param result  may be NULL
/// @return EXIT_DONE, EXIT_INTERRUPTED, or EXIT_FAILED (divergence under --fail-on-divergence)
int job_train(Session *session, const Options *options, JobEpoch epoch, void *context,
              JobTraining *result);
/// The same where what epoch() does takes longer than training.
/// @param share  what part of all work is done, for the time left
int job_train_with(Session *session, const Options *options, JobEpoch epoch,
                   double (*share)(const void *context), void *context, JobTraining *result);

/// Trains in the same way, to learn how that goes, and takes the session back to where it was.
/// Reports neither divergence nor an early end: the training that follows does. Its line of
/// progress says that it is a rehearsal.
/// @param last  written: the epoch that it came to
/// @return EXIT_DONE, EXIT_INTERRUPTED, or the exit code of what it reported
int job_rehearse(Session *session, const Options *options, JobEpoch epoch, void *context,
                 int64_t *last, JobTraining *result);

/// The inputs and targets of one part of the data.
typedef struct JobSplit {
    const float *x, *t;
    size_t n;
} JobSplit;
JobSplit job_split(const Dataset *data, bool test);

#endif
