/// A run without a thread: data, network, optimizer and a cursor, with pure steps. Same experiment
/// and seed, same bits, however the steps are cut.
#ifndef TRAIN_SESSION_H
#define TRAIN_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/rng.h"
#include "nn/network.h"
#include "nn/optimizer.h"
#include "nn/trainstep.h"
#include "train/experiment.h"

/// What a step is. A sample step only moves the cursor until its batch is complete.
typedef enum StepUnit { STEP_SAMPLE, STEP_BATCH, STEP_EPOCH } StepUnit;

/// What is known of the run at an epoch's end (or before training). NaN where it has no meaning.
typedef struct Metrics {
    double running_loss; // mean of the sample losses as they were met during the epoch
    double train_loss, train_accuracy, test_loss,
        test_accuracy; // measured with the weights as they are
} Metrics;

/// The epoch with the lowest loss so far, where early stopping watches.
typedef struct BestEpoch {
    int64_t epoch;   // 0: none yet
    int64_t since;   // the epoch from which on it watches: of the last move, else 0
    double loss;     // that is watched: the test loss, or without test samples the train loss
    Metrics metrics; // of that epoch
} BestEpoch;

typedef struct Session {
    const Experiment *experiment; // counted
    const Dataset *data;          // counted
    Network net;
    Optimizer optimizer;
    TrainBuffers buffers;
    Workspace measure;   // for blocks of samples
    Rng shuffle;         // draws the next epoch's order
    Rng shuffle_before;  // as it was before it drew this epoch's
    uint32_t *order;     // (n_train) this epoch's order; NULL: as they lie
    int batch;           // samples a batch, resolved
    size_t cell;         // samples whose losses are summed on their own, whole batches
    int64_t epoch;       // completed
    int64_t step;        // optimizer steps made
    size_t cursor;       // samples trained on, in this epoch
    size_t pending;      // samples of the next batch that sample steps have passed
    double loss_sum;     // of this epoch's complete cells
    double cell_sum;     // of the cell that the cursor is in
    double running_loss; // of the epoch that ended last, NaN: none
    bool diverged;       // it trains no more until this is cleared, or reset or loaded
    bool judged;         // whether session_judge has seen this epoch's end
    bool stopped;        // early, and trains no more until reset or loaded: best.epoch's weights
    BestEpoch best;
    float *best_values; // (n_values) that epoch's weights; NULL without early stopping
    float *initial;     // (n_values) the weights to start from
    float *aside;       // (n_values, then the optimizer's state) for a step that is taken back;
                        // NULL where one batch takes too long for that
    void *good, *older; // the states at the starts of the epoch last trained in, and of one before
} Session;

/// @return at epoch 0, or NULL with error set
Session *session_create(const Experiment *experiment, Error *error);
/// The same beside another session, whose data it shares: those of experiment must be the same.
Session *session_create_beside(const Session *other, const Experiment *experiment, Error *error);
void session_destroy(Session *session);
/// Back to the initial weights. The optimizer's settings stay as they are now.
void session_reset(Session *session);

/// Trains on at least n samples (whole batches), but not beyond the end of the epoch. At the
/// epoch's end the epoch counts up, and the next one's order is drawn.
/// @param running_loss  where an epoch ended: the epoch's running loss is written
/// @return true where an epoch ended. Where the loss or a weight is no longer finite the session
///         diverges, as below, and false is returned; so it is where training has stopped early.
bool session_train(Session *session, size_t n, double *running_loss);
/// Takes a run that has gone wrong back to the last good state and sets diverged. The last good
/// state is the one at the start of the epoch in which it went wrong, or, where that epoch's very
/// first batch was wrong already, at the start of the epoch before: so it does not depend on how
/// the steps were cut. Settings stay as they are now. session_train calls it; a caller may, at an
/// epoch's end, who finds that the measured loss is not finite.
void session_diverge(Session *session);
/// Early stopping at an epoch's end: keeps the weights where the loss is the lowest so far, and
/// where it has not been for `patience` epochs, takes the best epoch's weights and sets stopped.
/// Whoever has measured an epoch's end tells it here; before training goes on from one that nobody
/// has judged, session_train measures and judges it itself, to the same bits. (So the last epoch of
/// all is to be judged by the caller.) Without early stopping, or where judged, it does nothing.
/// @param metrics  as session_measure says them now
/// @return whether it stopped the session now
bool session_judge(Session *session, const Metrics *metrics);
/// Whether early stopping watches this session.
bool session_watches(const Session *session);
/// "stopped early at epoch 57: …", for a stopped session.
void session_describe_stop(const Session *session, char *text, size_t size);
/// Puts the trained parameters elsewhere, at any moment. The optimizer's velocities and means start
/// from zero, running statistics stay. A session that had stopped or diverged can train again.
/// Early stopping watches anew: the weights are its first candidate once they are judged (unless no
/// epoch is complete), and patience counts from here.  @param params  (n_params), finite
void session_move(Session *session, const float *params);
/// Whether the next step can be foreseen: the batch and network are so small that it takes about a
/// millisecond at most, and training may go on.
bool session_foresees(const Session *session);
/// What the very next step of the optimizer would change the parameters by: it is made and taken
/// back, to the bit.  @param change  (n_params)
/// @return false where it cannot be, or the step is not finite; change is then undefined
/// Allocates: never.
bool session_foresee(Session *session, float *change);
/// The learning rate that holds in an epoch, counted from 0, with the settings as they are now.
float session_learning_rate(const Session *session, int64_t epoch);

/// One step of that unit; an epoch's is what is left of it.  @return as session_train
bool session_step(Session *session, StepUnit unit, double *running_loss);

/// Measures the losses and accuracies with the weights as they are; running_loss is left alone.
void session_measure(Session *session, Metrics *metrics);

/// Measuring under way. Zeroed, it begins.
typedef struct Measuring {
    size_t at;                   // samples measured, test samples after train samples
    double loss[2], accuracy[2]; // sums over train and test samples
} Measuring;

/// Measures for about half a millisecond, the weights being as they were when it began. The same
/// bits as session_measure.
/// @return true when done: metrics are then written as by session_measure
bool session_measure_part(Session *session, Measuring *measuring, Metrics *metrics);

/// How many samples such a part has.
size_t session_measure_samples(const Session *session);

/// How many samples a block of a forward pass should have, for its outputs to stay in the cache.
int session_block(const Network *net);

/// The whole training state as bytes, for checkpoints: parameters, optimizer with its settings,
/// generators, cursor, the best epoch. Loading clears diverged.
size_t session_state_size(const Session *session);
void session_save_state(const Session *session, void *state);
void session_load_state(Session *session, const void *state);

#endif
