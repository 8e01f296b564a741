/// Computes what a read-out says, exactly, from a snapshot's network: outputs at a point, and the
/// loss with two weights set to other values. Nothing that is read off a picture is interpolated.
#ifndef VIEWS_PROBE_H
#define VIEWS_PROBE_H

#include "train/snapshot.h"

/// Keeps a scratch network and buffers between frames. Zeroed is valid and empty.
typedef struct Probe {
    uint64_t snapshot; // what net was copied from
    Network net;
    Workspace ws;
} Probe;

void probe_deinit(Probe *probe);

/// The outputs at one input.
/// @param x  (n_inputs)
/// @return (n_outputs), valid until the next call; NULL where memory is short
const float *probe_outputs(Probe *probe, const Snapshot *run, const float *x);

/// The loss over the train or test part with parameters a and b set to these values.
/// @return NaN where the network lacks them, the part is empty, or it would take too long for a
/// frame
double probe_loss(Probe *probe, const Snapshot *run, const ParamRef axes[2], const double at[2],
                  bool test_split);

#endif
