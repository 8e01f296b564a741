// The gradient check. Everything of the reference's side is in 64 bits: the parameters as the
// network has them, widened, and one of them moved at a time.
#include "nn/gradcheck.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nn/reference.h"
#include "nn/trainstep.h"

/// 2^60, a power of two so that scaling by it rounds nothing: beside it the weights vanish.
#define RATE 0x1p60f

typedef struct GradcheckState {
    TrainBuffers buffers; // hold the masks
    ReferenceMode mode;
    double *params;  // (n_values)
    double *x, *t;   // (n, n_inputs), (n, n_outputs)
    bool *sides;     // (kinks) of the pass at the present parameters
    bool *moved;     // (kinks) of a pass beside them
    size_t kinks;    // of all units in all samples
    uint32_t *order; // (n_params) a permutation, for random samples
    double *slopes;  // (n_params) n of each parameter drawn; NaN: left out
    int disputed;    // layers about whose units' sides 32 and 64 bits disagree, and those before
} GradcheckState;

static size_t array_size(const NetworkArray *array) {
    return (size_t)array->rows * (size_t)(array->cols > 0 ? array->cols : 1);
}

static size_t sample_size(size_t size, int most) {
    return most > 0 && (size_t)most < size ? (size_t)most : size;
}

size_t gradcheck_losses(const Network *net, int most) {
    NetworkArray array;
    size_t losses = 0;
    for (int i = 0; network_array(net, i, &array) && array.trained; i++) {
        losses += 2 * sample_size(array_size(&array), most);
    }
    return losses;
}

static double *widen(const float *values, size_t n) {
    double *wide = malloc((n > 0 ? n : 1) * sizeof *wide);
    for (size_t i = 0; wide && i < n; i++) wide[i] = (double)values[i];
    return wide;
}

/// Trains a copy for one step, and writes what the step was into check->grad.
static bool take_step(Gradcheck *check) {
    const GradcheckDesc *desc = &check->desc;
    const size_t n_params = desc->net->n_params, n = (size_t)desc->n;
    TrainBuffers *buffers = &check->state->buffers;
    Network net;
    Optimizer optimizer = {0};
    OptimizerDesc plain = optimizer_desc_default(OPTIMIZER_SGD);
    plain.learning_rate = RATE;
    if (!network_copy(&net, desc->net)) return false;
    bool made =
        optimizer_init(&optimizer, &plain, n_params) && train_buffers_init(buffers, &net, desc->n);
    if (made) {
        const TrainDesc train = {
            .loss = desc->loss, .batch = desc->n, .l1 = desc->l1, .l2 = desc->l2};
        double squares = 0;
        size_t done;
        buffers->dropout = rng_create(desc->seed, RNG_DROPOUT);
        check->loss =
            train_batches(&net, &optimizer, buffers, &train, desc->x, desc->t, NULL, n, &done) /
            (double)n;
        for (size_t i = 0; i < n_params; i++) {
            double step = (double)desc->net->params[i] - (double)net.params[i];
            check->grad[i] = (float)(step / (double)RATE);
            squares += (double)check->grad[i] * (double)check->grad[i];
        }
        check->norm = sqrt(squares);
    }
    optimizer_deinit(&optimizer);
    network_deinit(&net);
    return made;
}

/// The loss that is trained, at the state's parameters.
static long double loss_here(const Gradcheck *check, bool *sides) {
    const GradcheckDesc *desc = &check->desc;
    const GradcheckState *state = check->state;
    return reference_mode_loss(desc->net, state->params, &state->mode, desc->loss, state->x,
                               state->t, (size_t)desc->n, sides) +
           reference_penalty(desc->net, state->params, (double)desc->l1, (double)desc->l2);
}

/// The last layer, and those before, with a unit that the 32-bit pass saw on another side of its
/// kink than the reference; all layers where that unit jumps.
static int disputed_layers(const Gradcheck *check) {
    const GradcheckDesc *desc = &check->desc;
    const bool *side = check->state->sides;
    Workspace *ws = &check->state->buffers.ws;
    Network net = *desc->net; // only read: without an Rng no statistics move
    network_forward_training(&net, ws, desc->loss, desc->x, desc->n, NULL);
    int disputed = 0;
    for (int l = 0; l < net.n_layers; l++) {
        const Layer *layer = &net.layers[l];
        if (!activation_has_kink(layer->activation)) continue;
        bool differ = false;
        for (size_t i = 0; i < (size_t)desc->n * (size_t)layer->units; i++) {
            differ |= *side++ != (ws->records[l].activated[i] > 0.0f);
        }
        if (differ) disputed = layer->activation == ACTIVATION_STEP ? net.n_layers : l + 1;
    }
    return disputed;
}

static bool make(Gradcheck *check) {
    const GradcheckDesc *desc = &check->desc;
    const Network *net = desc->net;
    const size_t n = (size_t)desc->n;
    GradcheckState *state = check->state = calloc(1, sizeof *state);
    check->grad = malloc(net->n_params * sizeof *check->grad);
    if (!state || !check->grad || !take_step(check)) return false;
    state->kinks = reference_kinks(net) * n;
    state->params = widen(net->params, net->n_values);
    state->x = widen(desc->x, n * (size_t)net->n_inputs);
    state->t = widen(desc->t, n * (size_t)net->n_outputs);
    state->sides = malloc(state->kinks + 1);
    state->moved = malloc(state->kinks + 1);
    state->order = malloc(net->n_params * sizeof *state->order);
    state->slopes = malloc(net->n_params * sizeof *state->slopes);
    if (!state->params || !state->x || !state->t || !state->sides || !state->moved ||
        !state->order || !state->slopes) {
        return false;
    }
    state->mode.training = true;
    for (int l = 0; l < net->n_layers; l++) {
        state->mode.masks[l] = state->buffers.ws.records[l].mask;
    }
    check->reference_loss = (double)reference_mode_loss(
        net, state->params, &state->mode, desc->loss, state->x, state->t, n, state->sides);
    state->disputed = state->kinks > 0 ? disputed_layers(check) : 0;
    return true;
}

Gradcheck *gradcheck_create(const GradcheckDesc *desc) {
    Gradcheck *check = calloc(1, sizeof *check);
    if (!check) return NULL;
    check->desc = *desc;
    if (make(check)) return check;
    gradcheck_destroy(check);
    return NULL;
}

void gradcheck_destroy(Gradcheck *check) {
    if (!check) return;
    GradcheckState *state = check->state;
    if (state) {
        train_buffers_deinit(&state->buffers);
        free(state->params);
        free(state->x);
        free(state->t);
        free(state->sides);
        free(state->moved);
        free(state->order);
        free(state->slopes);
        free(state);
    }
    free(check->grad);
    free(check);
}

/// The loss with one parameter moved.  @param crossed  set where a unit's side changed
static long double loss_beside(Gradcheck *check, size_t param, double step, bool *crossed) {
    GradcheckState *state = check->state;
    double kept = state->params[param];
    state->params[param] = kept + step;
    long double loss = loss_here(check, state->moved);
    state->params[param] = kept;
    if (memcmp(state->moved, state->sides, state->kinks) != 0) *crossed = true;
    return loss;
}

/// dL/dparam by central differences.  @param crossed  set where the parameter lies at a kink
static double difference(Gradcheck *check, size_t param, bool *crossed) {
    long double above = loss_beside(check, param, GRADCHECK_STEP, crossed);
    long double below = loss_beside(check, param, -GRADCHECK_STEP, crossed);
    return (double)((above - below) / (2 * (long double)GRADCHECK_STEP));
}

/// @return false where the parameter lies at a kink
static bool smooth_difference(Gradcheck *check, const NetworkArray *array, size_t param,
                              double *slope) {
    const GradcheckState *state = check->state;
    bool is_weight = array->at == check->desc.net->layers[array->layer].weight_at;
    bool at_zero = fabs(state->params[param]) <= GRADCHECK_STEP;
    bool crossed =
        array->layer < state->disputed || (is_weight && check->desc.l1 != 0.0f && at_zero);
    if (!crossed) *slope = difference(check, param, &crossed);
    return !crossed;
}

/// Each number as it was, with its last bit changed at random.  @param rng  NULL: as it was
static void shake(const float *from, size_t n, Rng *rng, double *values) {
    for (size_t i = 0; i < n; i++) {
        double bit = !rng ? 0 : rng_u32(rng) % 2 ? (double)FLT_EPSILON : -(double)FLT_EPSILON;
        values[i] = (double)from[i] * (1 + bit);
    }
}

static void shake_all(Gradcheck *check, Rng *rng) {
    const GradcheckDesc *desc = &check->desc;
    const size_t n = (size_t)desc->n;
    shake(desc->net->params, desc->net->n_values, rng, check->state->params);
    shake(desc->x, n * (size_t)desc->net->n_inputs, rng, check->state->x);
    shake(desc->t, n * (size_t)desc->net->n_outputs, rng, check->state->t);
}

/// How far last bits move the differences of the parameters drawn: the root of the mean square.
static double rounding_of(Gradcheck *check, const GradcheckRow *row, size_t drawn) {
    enum { REPEATS = 4 };
    const GradcheckState *state = check->state;
    Rng rng = rng_create(check->desc.seed, RNG_TEST);
    double squares = 0;
    for (int repeat = 0; repeat < REPEATS; repeat++) {
        shake_all(check, &rng);
        for (size_t i = 0; i < drawn; i++) {
            if (isnan(state->slopes[i])) continue;
            bool crossed = false;
            double slope = difference(check, row->array.at + state->order[i], &crossed);
            squares += (slope - state->slopes[i]) * (slope - state->slopes[i]);
        }
    }
    shake_all(check, NULL);
    return sqrt(squares / REPEATS);
}

/// Brings a random sample of 0…size-1 to the front of order.
static void draw_sample(uint32_t *order, size_t size, size_t n, Rng *rng) {
    for (size_t i = 0; i < size; i++) order[i] = (uint32_t)i;
    for (size_t i = 0; n < size && i < n; i++) {
        size_t j = i + rng_below(rng, (uint32_t)(size - i));
        uint32_t swapped = order[i];
        order[i] = order[j];
        order[j] = swapped;
    }
}

/// Whether there is no gradient; not where anything is NaN.
static bool is_zero(const Gradcheck *check, const GradcheckRow *row) {
    double noise = GRADCHECK_NOISE * fmax(1, fabs(check->reference_loss));
    double rounding = GRADCHECK_ROUNDING * check->norm;
    return row->numerical <= noise * sqrt((double)row->checked) && row->analytic <= rounding;
}

bool gradcheck_row(Gradcheck *check, int index, GradcheckRow *row) {
    *row = (GradcheckRow){0};
    if (!network_array(check->desc.net, index, &row->array) || !row->array.trained) return false;
    row->size = array_size(&row->array);
    const size_t drawn = sample_size(row->size, check->desc.most);
    Rng rng = rng_create(check->desc.seed + (uint64_t)index, RNG_TEST);
    draw_sample(check->state->order, row->size, drawn, &rng);
    double apart = 0, analytic = 0, numerical = 0;
    for (size_t i = 0; i < drawn; i++) {
        const size_t param = row->array.at + check->state->order[i];
        double a = (double)check->grad[param], n;
        check->state->slopes[i] = (double)NAN;
        if (!smooth_difference(check, &row->array, param, &n)) {
            row->left_out++;
            continue;
        }
        check->state->slopes[i] = n;
        row->checked++;
        apart += (a - n) * (a - n);
        analytic += a * a;
        numerical += n * n;
    }
    row->analytic = sqrt(analytic);
    row->numerical = sqrt(numerical);
    apart = sqrt(apart);
    const double size = row->analytic + row->numerical;
    if (is_zero(check, row)) {
        apart = 0;
    } else if (apart > GRADCHECK_LIMIT * size) {
        double allowed = GRADCHECK_ALLOWANCE * rounding_of(check, row, drawn);
        apart = allowed >= apart ? 0 : apart - allowed;
    }
    row->error = size > 0 ? apart / size : apart;
    row->good = row->error <= GRADCHECK_LIMIT;
    return true;
}
