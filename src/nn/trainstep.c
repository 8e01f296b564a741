// Runs of batches: which loop suits which network. What limits narrow networks is latency, the way
// of one sample through the layers and back, so pairs.c and narrow.c fuse the passes and the step,
// in layouts of their own that they fill once a call. Wide networks are limited by arithmetic, so
// they go through whole batches, layer by layer, in the matrix products of dense.c; so do networks
// that normalise or drop. Which loop is taken depends on the network, the loss and the optimizer's
// settings, never on how a run is split into calls.
#include "nn/trainstep.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "nn/floats.h"
#include "nn/kernels/bytes.h"
#include "nn/kernels/fixed.h"
#include "nn/kernels/narrow.h"
#include "nn/kernels/pairs.h"
#include "nn/kernels/sparse.h"

bool train_buffers_init(TrainBuffers *buffers, const Network *net, int max_batch) {
    *buffers = (TrainBuffers){0};
    size_t batch = (size_t)max_batch;
    buffers->grad = malloc(net->n_params * sizeof *buffers->grad);
    buffers->x = floats_create(batch * (size_t)net->n_inputs);
    buffers->t = malloc(batch * (size_t)net->n_outputs * sizeof *buffers->t);
    bool made = workspace_init(&buffers->ws, net, max_batch);
    if (narrow_fits(net)) {
        buffers->narrow = narrow_create(net);
        made = made && buffers->narrow;
    }
    if (made && buffers->grad && buffers->x && buffers->t) return true;
    train_buffers_deinit(buffers);
    return false;
}

static void forget(TrainBuffers *buffers) {
    sparse_map_destroy(buffers->map);
    free(buffers->bytes);
    buffers->map = NULL;
    buffers->bytes = NULL;
    buffers->known = NULL;
}

void train_buffers_deinit(TrainBuffers *buffers) {
    workspace_deinit(&buffers->ws);
    narrow_destroy(buffers->narrow);
    forget(buffers);
    free(buffers->grad);
    free(buffers->x);
    free(buffers->t);
    *buffers = (TrainBuffers){0};
}

bool train_buffers_know(TrainBuffers *buffers, const Network *net, const float *x, size_t n) {
    if (!buffers->ws.sparse) return true;
    const size_t size = n * (size_t)net->n_inputs;
    forget(buffers);
    buffers->known = x;
    buffers->map = sparse_map_create(x, n, net->n_inputs);
    buffers->bytes = memory_calloc(size, 1);
    if (!buffers->map || !buffers->bytes) {
        forget(buffers);
        return false;
    }
    if (bytes_pack(x, size, buffers->bytes)) return true;
    free(buffers->bytes);
    buffers->bytes = NULL;
    return true;
}

/// Asks for memory that will be read soon.
static void fetch_ahead(const void *from, size_t bytes) {
    enum { LINE = 64 };
    const char *at = from;
    for (size_t i = 0; i < bytes; i += LINE) __builtin_prefetch(at + i, 0, 2);
}

/// Copies the rows numbered order[0…n-1] of a (N, width) array, while `next` more are on their way.
static void gather(const float *from, size_t width, const uint32_t *order, size_t n, size_t next,
                   float *to) {
    for (size_t i = 0; i < n; i++) {
        memcpy(to + i * width, from + order[i] * width, width * sizeof *to);
        if (i < next) fetch_ahead(from + order[n + i] * width, width * sizeof *from);
    }
}

/// The same from bytes.
static void unpack(const uint8_t *from, size_t width, const uint32_t *order, size_t n, size_t next,
                   float *to) {
    for (size_t i = 0; i < n; i++) {
        bytes_unpack(from + order[i] * width, width, to + i * width);
        if (i < next) fetch_ahead(from + order[n + i] * width, width);
    }
}

/// Copies a batch's samples, and marks their zeros where they are known.
/// @param left  how many samples follow in order
static void draw(const Network *net, TrainBuffers *buffers, const float *x, const float *t,
                 const uint32_t *order, size_t n, size_t left) {
    const size_t inputs = (size_t)net->n_inputs, outputs = (size_t)net->n_outputs;
    const size_t next = left < n ? left : n;
    const bool known = x == buffers->known;
    if (known && buffers->bytes) {
        unpack(buffers->bytes, inputs, order, n, next, buffers->x);
    } else {
        gather(x, inputs, order, n, next, buffers->x);
    }
    gather(t, outputs, order, n, next, buffers->t);
    if (!known || !buffers->map) return;
    buffers->ws.zeros = sparse_mark_known(buffers->ws.sparse, buffers->map, order, (int)n);
    buffers->ws.looked = true;
}

/// Adds the penalties' gradient.
static void add_penalties(const Network *net, const TrainDesc *desc, float *grad) {
    if (desc->l1 == 0.0f && desc->l2 == 0.0f) return;
    for (int l = 0; l < net->n_layers; l++) {
        const Layer *layer = &net->layers[l];
        size_t n = (size_t)layer->inputs * (size_t)layer->units;
        penalties_add(net->params + layer->weight_at, n, desc->l1, desc->l2,
                      grad + layer->weight_at);
    }
}

/// One batch layer by layer.  @return its sum of losses
static double train_batch(Network *net, Optimizer *optimizer, TrainBuffers *buffers,
                          const TrainDesc *desc, const float *x, const float *t, int size) {
    Workspace *ws = &buffers->ws;
    const float *scores = network_forward_training(net, ws, desc->loss, x, size, &buffers->dropout);
    double sum = loss_sum(desc->loss, scores, t, size, net->n_outputs);
    if (optimizer->desc.kind == OPTIMIZER_PERCEPTRON) {
        size_t n = (size_t)size * (size_t)net->n_outputs;
        for (size_t i = 0; i < n; i++) ws->delta[0][i] = scores[i] - t[i];
        network_backward(net, ws, x, ws->delta[0], true, size, buffers->grad);
    } else {
        loss_gradient(desc->loss, scores, t, size, net->n_outputs, ws->delta[0]);
        network_backward(net, ws, x, ws->delta[0], loss_takes_logits(desc->loss), size,
                         buffers->grad);
    }
    add_penalties(net, desc, buffers->grad);
    optimizer_step(optimizer, net->params, buffers->grad);
    return sum;
}

/// In one of the loops that fuse passes and step.
static double train_fused(Network *net, Optimizer *optimizer, TrainBuffers *buffers,
                          const TrainDesc *desc, const float *x, const float *t,
                          const uint32_t *order, size_t n, size_t *done) {
    const bool penalised = desc->l1 != 0.0f || desc->l2 != 0.0f;
    if (pairs_fit(net) && !penalised && optimizer_is_plain(&optimizer->desc)) {
        return pairs_train_batches(net, optimizer, desc, x, t, order, n, done);
    }
    if (fixed_fits(net, optimizer, desc)) {
        return fixed_train_batches(net, optimizer, desc, x, t, order, n, done);
    }
    return narrow_train_batches(buffers->narrow, net, optimizer, desc, x, t, order, n, done);
}

static double train_layers(Network *net, Optimizer *optimizer, TrainBuffers *buffers,
                           const TrainDesc *desc, const float *x, const float *t,
                           const uint32_t *order, size_t n, size_t *done) {
    size_t inputs = (size_t)net->n_inputs, outputs = (size_t)net->n_outputs;
    double sum = 0;
    size_t at = 0, batch = (size_t)desc->batch;
    while (at < n && isfinite(sum)) {
        size_t size = n - at < batch ? n - at : batch;
        const float *batch_x = x + at * inputs, *batch_t = t + at * outputs;
        if (order) {
            draw(net, buffers, x, t, order + at, size, n - at - size + desc->follow);
            batch_x = buffers->x;
            batch_t = buffers->t;
        }
        sum += train_batch(net, optimizer, buffers, desc, batch_x, batch_t, (int)size);
        at += size;
    }
    *done = at;
    return sum;
}

double train_batches(Network *net, Optimizer *optimizer, TrainBuffers *buffers,
                     const TrainDesc *desc, const float *x, const float *t, const uint32_t *order,
                     size_t n, size_t *done) {
    assert(desc->batch >= 1 && desc->batch <= buffers->ws.max_batch);
    const bool fusible = buffers->narrow && !loss_couples(desc->loss) &&
                         optimizer->desc.kind != OPTIMIZER_PERCEPTRON;
    if (!fusible) return train_layers(net, optimizer, buffers, desc, x, t, order, n, done);
    const int64_t steps = optimizer->steps;
    double sum = train_fused(net, optimizer, buffers, desc, x, t, order, n, done);
    // Where steps are plain, the loops have no use for their number.
    const size_t batch = (size_t)desc->batch;
    optimizer->steps = steps + (int64_t)((*done + batch - 1) / batch);
    return sum;
}
