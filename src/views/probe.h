/// Computes what a read-out says, exactly, from a snapshot's network: outputs at a point, and the
/// loss with other weights. Nothing that is read off a picture is interpolated.
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

/// The loss over the train or test part, were the parameters these.
/// @param params  (n_params)
/// @return NaN where the part is empty, or it would take too long for a frame (probe_affords)
double probe_loss(Probe *probe, const Snapshot *run, const float *params, bool test_split);
/// The same over so many evenly picked samples of the train part: number i * n_train / samples.
double probe_loss_picked(Probe *probe, const Snapshot *run, const float *params, size_t samples);
/// Whether so many losses can be computed within a frame.
bool probe_affords(const Snapshot *run, bool test_split, int losses);

#endif
