/// The hot loop: runs of batches, each a forward pass, a backward pass and a step; fused per sample
/// for narrow networks, blocked for wide ones.
#ifndef NN_TRAINSTEP_H
#define NN_TRAINSTEP_H

#include <stdint.h>

#include "base/rng.h"
#include "nn/loss.h"
#include "nn/network.h"
#include "nn/optimizer.h"
#include "nn/pass.h"

/// What a step minimises, and over how many samples.
typedef struct TrainDesc {
    Loss loss;
    int batch;
    // The penalties l1 |W| + l2/2 W^2 of the weight matrices join the loss that is trained, never
    // the one that is reported.
    float l1, l2;
    size_t
        follow; // how many samples of `order` come after those of a call: memory is asked for them
} TrainDesc;

/// What training needs beside the network, allocated once.
typedef struct TrainBuffers {
    Workspace ws;
    struct Narrow *narrow; // NULL for wide networks
    // What is known of data that batches are drawn from.
    const float *known;    // they; borrowed
    uint8_t *bytes;        // a byte a value; NULL where they are not such
    struct SparseMap *map; // their zeros; NULL for narrow networks
    float *grad;           // n_params
    float *x;              // (max_batch, n_inputs): batches gathered in shuffled order
    float *t;              // (max_batch, n_outputs), likewise
    Rng dropout;           // draws the masks: part of the training state
} TrainBuffers;

bool train_buffers_init(TrainBuffers *buffers, const Network *net, int max_batch);
void train_buffers_deinit(TrainBuffers *buffers);
/// Takes a closer look at data that batches will be drawn from, which makes wide networks faster;
/// sums may be rounded otherwise.
/// @param x  (n, n_inputs), borrowed: it must stay as it is
/// @return false where memory is short
bool train_buffers_know(TrainBuffers *buffers, const Network *net, const float *x, size_t n);

/// Trains on samples order[0…n-1], in batches of desc->batch (the last may be smaller): forward,
/// backward and an optimizer step for each.
/// @param desc   batch in 1…buffers->ws.max_batch; the loss suits the last layer (loss_suits)
/// @param x, t   whole data arrays, (N, n_inputs) and (N, n_outputs)
/// @param order  sample numbers below N; NULL: 0…n-1 as they lie
/// @return the sum of the samples' losses as they were met, in 64 bits. It stops early after the
/// batch in which that sum stopped being finite; *done says how many samples were trained on.
/// Allocates: never.  The same bits whatever the split into calls, as long as splits fall between
/// batches.
double train_batches(Network *net, Optimizer *optimizer, TrainBuffers *buffers,
                     const TrainDesc *desc, const float *x, const float *t, const uint32_t *order,
                     size_t n, size_t *done);

#endif
