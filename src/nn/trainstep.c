// Runs of batches: which loop suits which network. What limits narrow networks is latency, the way
// of one sample through the layers and back, so pairs.c and narrow.c fuse the passes and the step,
// in layouts of their own that they fill once a call. Wide networks are limited by arithmetic, so
// they go through whole batches, layer by layer, in the matrix products of dense.c. Which loop is
// taken depends on the network alone, never on how a run is split into calls.
#include "nn/trainstep.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nn/narrow.h"
#include "nn/pairs.h"

bool train_buffers_init(TrainBuffers *buffers, const Network *net, int max_batch) {
    *buffers = (TrainBuffers){0};
    size_t batch = (size_t)max_batch;
    buffers->grad = malloc(net->n_params * sizeof *buffers->grad);
    buffers->x = malloc(batch * (size_t)net->n_inputs * sizeof *buffers->x);
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

void train_buffers_deinit(TrainBuffers *buffers) {
    workspace_deinit(&buffers->ws);
    narrow_destroy(buffers->narrow);
    free(buffers->grad);
    free(buffers->x);
    free(buffers->t);
    *buffers = (TrainBuffers){0};
}

/// Copies the rows numbered order[0…n-1] of a (N, width) array.
static void gather(const float *from, size_t width, const uint32_t *order, size_t n, float *to) {
    for (size_t i = 0; i < n; i++) {
        memcpy(to + i * width, from + order[i] * width, width * sizeof *to);
    }
}

double train_batches(Network *net, Optimizer *optimizer, TrainBuffers *buffers, Loss loss,
                     const float *x, const float *t, const uint32_t *order, size_t n, int batch,
                     size_t *done) {
    assert(batch >= 1 && batch <= buffers->ws.max_batch);
    if (pairs_fit(net))
        return pairs_train_batches(net, optimizer, loss, x, t, order, n, batch, done);
    if (buffers->narrow) {
        return narrow_train_batches(buffers->narrow, net, optimizer, loss, x, t, order, n, batch,
                                    done);
    }
    size_t inputs = (size_t)net->n_inputs, outputs = (size_t)net->n_outputs;
    double sum = 0;
    size_t at = 0;
    while (at < n && isfinite(sum)) {
        size_t size = n - at < (size_t)batch ? n - at : (size_t)batch;
        const float *batch_x = x + at * inputs, *batch_t = t + at * outputs;
        if (order) {
            gather(x, inputs, order + at, size, buffers->x);
            gather(t, outputs, order + at, size, buffers->t);
            batch_x = buffers->x;
            batch_t = buffers->t;
        }
        const float *y = network_forward(net, &buffers->ws, batch_x, (int)size);
        sum += loss_sum(loss, y, batch_t, (int)size, net->n_outputs);
        network_gradient(net, &buffers->ws, loss, batch_x, batch_t, (int)size, buffers->grad);
        optimizer_step(optimizer, net->params, buffers->grad);
        at += size;
    }
    *done = at;
    return sum;
}
