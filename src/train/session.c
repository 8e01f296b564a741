/// Training as pure steps. Everything that the next step depends on (weights, the optimizer's state
/// and settings, generators, the cursor, the best epoch) is the state that is saved and loaded
/// here.
///
/// The losses that are met are summed in cells: fixed runs of whole batches, each summed from zero,
/// in order, before it joins the epoch's sum. A slice takes cells as wholes and what it cuts batch
/// by batch, so that the running loss, too, has the same bits however the steps are cut.
#include "train/session.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nn/metrics.h"

enum {
    CELL_SAMPLES = 256,
    BLOCK_SAMPLES = 256,
    BLOCK_FLOATS = 1 << 18,
    MEASURE_PART = 1200000,
    FORESEE_PART = 1 << 20, // samples times parameters of about a millisecond of training
};

typedef struct StateHeader {
    OptimizerDesc optimizer;
    int64_t optimizer_steps;
    Rng shuffle_before, dropout;
    int64_t epoch, step;
    size_t cursor, pending;
    double loss_sum, cell_sum, running_loss;
    bool judged, stopped;
    BestEpoch best;
} StateHeader;

int session_block(const Network *net) {
    size_t width = (size_t)net->n_inputs;
    for (int l = 0; l < net->n_layers; l++) width += (size_t)net->layers[l].units;
    size_t block = BLOCK_FLOATS / width;
    return block < 8 ? 8 : block > BLOCK_SAMPLES ? BLOCK_SAMPLES : (int)block;
}

static void draw_order(Session *session) {
    session->shuffle_before = session->shuffle;
    if (session->order) {
        rng_permutation(&session->shuffle, session->order, (uint32_t)session->data->n_train);
    }
}

static void start_epoch(Session *session) {
    session->cursor = session->pending = 0;
    session->loss_sum = session->cell_sum = 0;
}

void session_reset(Session *session) {
    memcpy(session->net.params, session->initial, session->net.n_values * sizeof(float));
    optimizer_reset(&session->optimizer);
    session->shuffle = rng_create(session->experiment->seed, RNG_SHUFFLE);
    session->buffers.dropout = rng_create(session->experiment->seed, RNG_DROPOUT);
    session->epoch = session->step = 0;
    session->running_loss = (double)NAN;
    session->diverged = session->stopped = false;
    session->judged = true; // the untrained network is no candidate
    session->best = (BestEpoch){.loss = (double)INFINITY};
    if (session->best_values) {
        memset(session->best_values, 0, session->net.n_values * sizeof(float));
    }
    start_epoch(session);
    draw_order(session);
}

static bool allocate(Session *session) {
    size_t n_params = session->net.n_params, n_train = session->data->n_train;
    const Experiment *experiment = session->experiment;
    if (!optimizer_init(&session->optimizer, &experiment->optimizer, n_params)) return false;
    if (!train_buffers_init(&session->buffers, &session->net, session->batch)) return false;
    if (!workspace_init(&session->measure, &session->net, session_block(&session->net))) {
        return false;
    }
    if (experiment->shuffle) {
        session->order = malloc(n_train * sizeof *session->order);
        if (!session->order) return false;
        const float *x = session->data->x;
        if (!train_buffers_know(&session->buffers, &session->net, x, n_train)) return false;
    }
    size_t n_values = session->net.n_values;
    session->initial = malloc(n_values * sizeof(float));
    if (experiment->early_stopping.patience > 0) {
        session->best_values = calloc(n_values, sizeof(float));
        if (!session->best_values) return false;
    }
    if ((size_t)session->batch * (n_params + 20) <= FORESEE_PART) {
        session->aside = malloc((n_values + session->optimizer.n_state) * sizeof(float));
        if (!session->aside) return false;
    }
    session->good = malloc(session_state_size(session));
    session->older = malloc(session_state_size(session));
    return session->initial && session->good && session->older;
}

/// @param data  takes the reference; NULL: they could not be made, and error says why
static Session *create(const Experiment *experiment, const Dataset *data, Error *error) {
    if (!data) return NULL;
    Session *session = calloc(1, sizeof *session);
    if (!session) {
        error_set(error, "not enough memory");
        dataset_release(data);
        return NULL;
    }
    session->experiment = experiment_retain(experiment);
    session->data = data;
    if (!experiment_network(experiment, session->data, &session->net, error)) goto failed;
    size_t n_train = session->data->n_train;
    if (n_train == 0) {
        error_set(error, "data: there are no samples to train on");
        goto failed;
    }
    bool whole = experiment->batch_size <= 0 || (size_t)experiment->batch_size > n_train;
    session->batch = whole ? (int)n_train : experiment->batch_size;
    size_t batch = (size_t)session->batch;
    session->cell = (CELL_SAMPLES + batch - 1) / batch * batch;
    if (!allocate(session)) {
        error_set(error, "not enough memory for the network and its batches");
        goto failed;
    }
    memcpy(session->initial, session->net.params, session->net.n_values * sizeof(float));
    session_reset(session);
    session_save_state(session, session->good);
    session_save_state(session, session->older);
    return session;
failed:
    session_destroy(session);
    return NULL;
}

Session *session_create(const Experiment *experiment, Error *error) {
    const Dataset *data = dataset_create(&experiment->data, experiment->seed, error);
    return create(experiment, data, error);
}

Session *session_create_beside(const Session *other, const Experiment *experiment, Error *error) {
    return create(experiment, dataset_retain(other->data), error);
}

void session_destroy(Session *session) {
    if (!session) return;
    free(session->good);
    free(session->older);
    free(session->initial);
    free(session->aside);
    free(session->best_values);
    free(session->order);
    workspace_deinit(&session->measure);
    train_buffers_deinit(&session->buffers);
    optimizer_deinit(&session->optimizer);
    network_deinit(&session->net);
    dataset_release(session->data);
    experiment_release(session->experiment);
    free(session);
}

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

/// Trains on the n samples from the cursor on.  @return false where the loss is no longer finite
static bool train_span(Session *session, size_t n) {
    const uint32_t *order = session->order ? session->order + session->cursor : NULL;
    const float *x = session->data->x, *t = session->data->t;
    if (!order) {
        x += session->cursor * (size_t)session->data->n_inputs;
        t += session->cursor * (size_t)session->data->n_outputs;
    }
    size_t done = 0;
    const Experiment *experiment = session->experiment;
    const TrainDesc desc = {.loss = experiment->loss,
                            .batch = session->batch,
                            .l1 = experiment->l1,
                            .l2 = experiment->l2,
                            .follow = session->data->n_train - session->cursor - n};
    session->optimizer.learning_rate = session_learning_rate(session, session->epoch);
    session->cell_sum += train_batches(&session->net, &session->optimizer, &session->buffers, &desc,
                                       x, t, order, n, &done);
    size_t batch = (size_t)session->batch;
    session->cursor += done;
    session->step += (int64_t)((done + batch - 1) / batch);
    return isfinite(session->cell_sum);
}

/// A sum of zeros is zero only where all are finite: NaN and infinity times zero are NaN.
static bool all_finite(const float *v, size_t n) {
    float sum = 0;
    for (size_t i = 0; i < n; i++) sum += v[i] * 0.0f;
    return sum == 0.0f;
}

static void keep_good_state(Session *session) {
    void *kept = session->older;
    session->older = session->good;
    session->good = kept;
    session_save_state(session, kept);
}

/// Takes the older state for the good one, where it is the one just before.
static void give_up_good_state(Session *session) {
    StateHeader older;
    memcpy(&older, session->older, sizeof older);
    if (older.epoch + 1 != session->epoch) return;
    memcpy(session->good, session->older, session_state_size(session));
}

void session_diverge(Session *session) {
    OptimizerDesc settings = session->optimizer.desc;
    session_load_state(session, session->good);
    session->optimizer.desc = settings;
    session->diverged = true;
}

float session_learning_rate(const Session *session, int64_t epoch) {
    const ScheduleDesc schedule = experiment_schedule(session->experiment);
    return schedule_rate(&schedule, session->optimizer.desc.learning_rate, epoch);
}

// --- Early stopping ---

bool session_watches(const Session *session) {
    return session->best_values != NULL;
}

bool session_judge(Session *session, const Metrics *metrics) {
    if (session->judged) return false;
    session->judged = true;
    if (!session_watches(session)) return false;
    const Experiment *experiment = session->experiment;
    bool tests = session->data->n > session->data->n_train;
    double loss = tests ? metrics->test_loss : metrics->train_loss;
    size_t bytes = session->net.n_values * sizeof(float);
    BestEpoch *best = &session->best;
    if (loss < best->loss - experiment->early_stopping.min_delta) {
        best->epoch = session->epoch;
        best->loss = loss;
        best->metrics = *metrics;
        best->metrics.running_loss = session->running_loss;
        memcpy(session->best_values, session->net.params, bytes);
        return false;
    }
    int64_t since = best->epoch > best->since ? best->epoch : best->since;
    if (session->epoch - since < experiment->early_stopping.patience) return false;
    session->stopped = true;
    if (best->epoch > 0) memcpy(session->net.params, session->best_values, bytes);
    return true;
}

void session_describe_stop(const Session *session, char *text, size_t size) {
    bool tests = session->data->n > session->data->n_train;
    snprintf(text, size,
             "stopped early at epoch %" PRId64 ": no better %s loss than epoch %" PRId64
             "'s, whose weights were taken",
             session->epoch, tests ? "test" : "train", session->best.epoch);
}

/// Whether training may go on, after a look at the epoch that has ended.
static bool may_train(Session *session) {
    if (!session->judged && session_watches(session)) {
        Metrics metrics;
        session_measure(session, &metrics);
        // A place where a person has put it is no divergence before training has tried.
        bool put = session->best.since == session->epoch;
        if (put || isfinite(metrics.train_loss)) {
            session_judge(session, &metrics);
        } else {
            session_diverge(session);
        }
    }
    return !session->diverged && !session->stopped;
}

// --- Moves ---

void session_move(Session *session, const float *params) {
    memcpy(session->net.params, params, session->net.n_params * sizeof *params);
    optimizer_reset(&session->optimizer);
    session->diverged = session->stopped = false;
    session->best = (BestEpoch){.since = session->epoch, .loss = (double)INFINITY};
    if (session->best_values) {
        memset(session->best_values, 0, session->net.n_values * sizeof(float));
    }
    session->judged = session->epoch == 0;
}

bool session_foresees(const Session *session) {
    bool judged = session->judged || !session_watches(session); // else it may yet stop
    return session->aside && judged && !session->diverged && !session->stopped;
}

bool session_foresee(Session *session, float *change) {
    if (!session_foresees(session)) return false;
    const Optimizer optimizer = session->optimizer;
    const Rng dropout = session->buffers.dropout;
    const size_t cursor = session->cursor, n_params = session->net.n_params;
    const int64_t step = session->step;
    const double cell_sum = session->cell_sum;
    float *values = session->aside, *state = values + session->net.n_values;
    const size_t values_size = session->net.n_values * sizeof *values;
    const size_t state_size = optimizer.n_state * sizeof *state;
    memcpy(values, session->net.params, values_size);
    memcpy(state, optimizer.state, state_size);

    bool good = train_span(
        session, smaller((size_t)session->batch, session->data->n_train - session->cursor));
    for (size_t i = 0; i < n_params; i++) change[i] = session->net.params[i] - values[i];
    good = good && all_finite(change, n_params);

    memcpy(session->net.params, values, values_size);
    memcpy(optimizer.state, state, state_size);
    session->optimizer = optimizer;
    session->buffers.dropout = dropout;
    session->cursor = cursor;
    session->step = step;
    session->cell_sum = cell_sum;
    return good;
}

// --- Steps ---

bool session_train(Session *session, size_t n, double *running_loss) {
    if (session->diverged || !may_train(session)) return false;
    size_t n_train = session->data->n_train;
    session->pending = 0;
    if (session->cursor == 0) keep_good_state(session);

    size_t end = session->cursor + smaller(n, n_train - session->cursor);
    while (session->cursor < end) {
        bool at_cell = session->cursor % session->cell == 0;
        size_t cell = smaller(session->cell, n_train - session->cursor);
        size_t batch = smaller((size_t)session->batch, n_train - session->cursor);
        if (!train_span(session, at_cell && end - session->cursor >= cell ? cell : batch)) {
            // The weights that the epoch started from were too large already.
            if (session->cursor <= (size_t)session->batch) give_up_good_state(session);
            session_diverge(session);
            return false;
        }
        if (session->cursor % session->cell == 0) {
            session->loss_sum += session->cell_sum;
            session->cell_sum = 0;
        }
    }
    if (session->cursor < n_train) return false;

    if (!all_finite(session->net.params, session->net.n_values)) {
        session_diverge(session);
        return false;
    }
    session->running_loss = (session->loss_sum + session->cell_sum) / (double)n_train;
    if (running_loss) *running_loss = session->running_loss;
    session->epoch++;
    session->judged = false;
    start_epoch(session);
    draw_order(session);
    return true;
}

bool session_step(Session *session, StepUnit unit, double *running_loss) {
    if (session->diverged || !may_train(session)) return false;
    size_t left = session->data->n_train - session->cursor;
    if (unit == STEP_EPOCH) return session_train(session, left, running_loss);
    size_t batch = smaller((size_t)session->batch, left);
    if (unit == STEP_SAMPLE && session->pending + 1 < batch) {
        session->pending++;
        return false;
    }
    return session_train(session, batch, running_loss);
}

/// In whole blocks.
size_t session_measure_samples(const Session *session) {
    size_t block = (size_t)session->measure.max_batch;
    size_t samples = MEASURE_PART / (session->net.n_params + 20);
    return samples < block ? block : samples / block * block;
}

bool session_measure_part(Session *session, Measuring *measuring, Metrics *metrics) {
    const Dataset *data = session->data;
    const size_t first[2] = {0, data->n_train}, n[2] = {data->n_train, data->n - data->n_train};
    if (measuring->at < data->n) {
        int split = measuring->at < data->n_train ? 0 : 1;
        size_t at = measuring->at - first[split];
        size_t part = smaller(session_measure_samples(session), n[split] - at);
        double accuracy = 0;
        double loss =
            metrics_measure_part(&session->net, &session->measure, session->experiment->loss,
                                 data->x + first[split] * (size_t)data->n_inputs,
                                 data->t + first[split] * (size_t)data->n_outputs, n[split], at,
                                 part, data->classes ? &accuracy : NULL);
        measuring->loss[split] += loss * (double)part;
        measuring->accuracy[split] += accuracy * (double)part;
        measuring->at += part;
    }
    if (measuring->at < data->n) return false;
    // Of no samples: 0/0, NaN.
    metrics->train_loss = measuring->loss[0] / (double)n[0];
    metrics->test_loss = measuring->loss[1] / (double)n[1];
    metrics->train_accuracy = metrics->test_accuracy = (double)NAN;
    if (data->classes) {
        metrics->train_accuracy = measuring->accuracy[0] / (double)n[0];
        metrics->test_accuracy = measuring->accuracy[1] / (double)n[1];
    }
    return true;
}

void session_measure(Session *session, Metrics *metrics) {
    Measuring measuring = {0};
    while (!session_measure_part(session, &measuring, metrics)) continue;
}

size_t session_state_size(const Session *session) {
    return sizeof(StateHeader) + (session->net.n_values + session->optimizer.n_state +
                                  (session->best_values ? session->net.n_values : 0)) *
                                     sizeof(float);
}

void session_save_state(const Session *session, void *state) {
    StateHeader header;
    memset(&header, 0, sizeof header); // padding too: equal states have equal bytes
    header.optimizer = session->optimizer.desc;
    header.optimizer_steps = session->optimizer.steps;
    header.shuffle_before = session->shuffle_before;
    header.dropout = session->buffers.dropout;
    header.epoch = session->epoch;
    header.step = session->step;
    header.cursor = session->cursor;
    header.pending = session->pending;
    header.loss_sum = session->loss_sum;
    header.cell_sum = session->cell_sum;
    header.running_loss = session->running_loss;
    header.judged = session->judged;
    header.stopped = session->stopped;
    header.best = session->best;
    char *at = state;
    memcpy(at, &header, sizeof header);
    at += sizeof header;
    size_t bytes = session->net.n_values * sizeof(float);
    memcpy(at, session->net.params, bytes);
    at += bytes;
    memcpy(at, session->optimizer.state, session->optimizer.n_state * sizeof(float));
    at += session->optimizer.n_state * sizeof(float);
    if (session->best_values) memcpy(at, session->best_values, bytes);
}

void session_load_state(Session *session, const void *state) {
    StateHeader header;
    size_t bytes = session->net.n_values * sizeof(float);
    const char *at = state;
    memcpy(&header, at, sizeof header);
    at += sizeof header;
    memcpy(session->net.params, at, bytes);
    at += bytes;
    memcpy(session->optimizer.state, at, session->optimizer.n_state * sizeof(float));
    at += session->optimizer.n_state * sizeof(float);
    if (session->best_values) memcpy(session->best_values, at, bytes);
    session->optimizer.desc = header.optimizer;
    session->optimizer.steps = header.optimizer_steps;
    session->shuffle = header.shuffle_before;
    draw_order(session);
    session->buffers.dropout = header.dropout;
    session->epoch = header.epoch;
    session->step = header.step;
    session->cursor = header.cursor;
    session->pending = header.pending;
    session->loss_sum = header.loss_sum;
    session->cell_sum = header.cell_sum;
    session->running_loss = header.running_loss;
    session->judged = header.judged;
    session->stopped = header.stopped;
    session->best = header.best;
    session->diverged = false;
}
