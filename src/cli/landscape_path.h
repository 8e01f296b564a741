/// The path that training took, for `saddle landscape`: recorded while it trains, and written as a
/// table of where each epoch's weights lie.
#ifndef CLI_LANDSCAPE_PATH_H
#define CLI_LANDSCAPE_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/table.h"
#include "nn/plane.h"
#include "train/history.h"
#include "train/session.h"

/// Records an epoch's end in a History: a JobEpoch for job_train, with the History as its context.
/// Measures every epoch, which training alone does not.
bool landscape_record(void *history, Session *session, double running_loss);

/// The epoch whose weights a trained session holds: after early stopping, the best one.
int64_t landscape_epoch(const Session *session);

/// What two numbers say about weights.
typedef struct Coordinates {
    const Plane *plane; // where they lie on it; NULL: two parameters' values
    size_t at[2];       // then: which, in the parameters
} Coordinates;

/// Writes epoch,a,b,loss: a row for every epoch that the history holds, up to the session's, and
/// for its present weights where they are later. The loss is of the whole network as it was then.
/// @param loss  the present weights' loss on that split
void landscape_write_path(const History *history, const Session *session,
                          const Coordinates *coordinates, bool test_split, double loss,
                          Table *table);

#endif
