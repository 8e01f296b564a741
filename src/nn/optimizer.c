// Optimizers: elementwise over the one parameter vector.
#include "nn/optimizer.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clones.h"

#define X(constant, name, description, rate, decay) name,
static const char *const names[] = {OPTIMIZER_LIST(X)};
#undef X
#define X(constant, name, description, rate, decay) description,
static const char *const descriptions[] = {OPTIMIZER_LIST(X)};
#undef X
#define X(constant, name, description, rate, decay) rate,
static const float rates[] = {OPTIMIZER_LIST(X)};
#undef X
#define X(constant, name, description, rate, decay) decay,
static const float decays[] = {OPTIMIZER_LIST(X)};
#undef X

const char *optimizer_name(OptimizerKind kind) {
    assert(kind < OPTIMIZER_COUNT);
    return names[kind];
}

const char *optimizer_description(OptimizerKind kind) {
    assert(kind < OPTIMIZER_COUNT);
    return descriptions[kind];
}

OptimizerKind optimizer_find(const char *name) {
    int i = 0;
    while (i < OPTIMIZER_COUNT && strcmp(names[i], name) != 0) i++;
    return (OptimizerKind)i;
}

float optimizer_default_learning_rate(OptimizerKind kind) {
    assert(kind < OPTIMIZER_COUNT);
    return rates[kind];
}

float optimizer_default_weight_decay(OptimizerKind kind) {
    assert(kind < OPTIMIZER_COUNT);
    return decays[kind];
}

OptimizerDesc optimizer_desc_default(OptimizerKind kind) {
    return (OptimizerDesc){.kind = kind,
                           .learning_rate = optimizer_default_learning_rate(kind),
                           .beta = 0.9f,
                           .alpha = 0.99f,
                           .beta1 = 0.9f,
                           .beta2 = 0.999f,
                           .eps = 1e-8f,
                           .weight_decay = optimizer_default_weight_decay(kind)};
}

bool optimizer_has_square(OptimizerKind kind) {
    return kind == OPTIMIZER_RMSPROP || kind == OPTIMIZER_ADAM || kind == OPTIMIZER_ADAMW;
}

bool optimizer_init(Optimizer *optimizer, const OptimizerDesc *desc, size_t n) {
    bool square = optimizer_has_square(desc->kind);
    *optimizer = (Optimizer){
        .desc = *desc, .learning_rate = desc->learning_rate, .n = n, .n_state = square ? 2 * n : n};
    optimizer->state = calloc(n ? optimizer->n_state : 1, sizeof *optimizer->state);
    if (!optimizer->state) {
        *optimizer = (Optimizer){0};
        return false;
    }
    optimizer->velocity = optimizer->state;
    if (square) optimizer->square = optimizer->state + n;
    return true;
}

void optimizer_deinit(Optimizer *optimizer) {
    free(optimizer->state);
    *optimizer = (Optimizer){0};
}

void optimizer_reset(Optimizer *optimizer) {
    memset(optimizer->state, 0, optimizer->n_state * sizeof *optimizer->state);
    optimizer->steps = 0;
    optimizer->learning_rate = optimizer->desc.learning_rate;
}

CLONES static void decay_step(const float *restrict params, float *restrict grad, size_t n,
                              float decay) {
    for (size_t i = 0; i < n; i++) grad[i] += decay * params[i];
}

CLONES static void shrink_step(float *restrict params, size_t n, float by) {
    for (size_t i = 0; i < n; i++) params[i] *= by;
}

CLONES static void sgd_step(float *restrict params, const float *restrict grad, size_t n,
                            float learning_rate) {
    for (size_t i = 0; i < n; i++) params[i] -= learning_rate * grad[i];
}

CLONES static void momentum_step(float *restrict params, float *restrict velocity,
                                 const float *restrict grad, size_t n, float learning_rate,
                                 float momentum, float share) {
    for (size_t i = 0; i < n; i++) {
        velocity[i] = momentum * velocity[i] + share * grad[i];
        params[i] -= learning_rate * velocity[i];
    }
}

CLONES static void nesterov_step(float *restrict params, float *restrict velocity,
                                 const float *restrict grad, size_t n, float learning_rate,
                                 float momentum) {
    for (size_t i = 0; i < n; i++) {
        velocity[i] = momentum * velocity[i] + grad[i];
        params[i] -= learning_rate * (grad[i] + momentum * velocity[i]);
    }
}

CLONES static void rmsprop_step(float *restrict params, float *restrict velocity,
                                float *restrict square, const float *restrict grad, size_t n,
                                float learning_rate, const OptimizerDesc *desc) {
    const float alpha = desc->alpha, eps = desc->eps, momentum = desc->momentum;
    for (size_t i = 0; i < n; i++) {
        square[i] = alpha * square[i] + (1.0f - alpha) * (grad[i] * grad[i]);
        velocity[i] = momentum * velocity[i] + grad[i] / (sqrtf(square[i]) + eps);
        params[i] -= learning_rate * velocity[i];
    }
}

/// @param rate  the learning rate over the mean's correction  @param root  of the square's
CLONES static void adam_step(float *restrict params, float *restrict mean, float *restrict square,
                             const float *restrict grad, size_t n, float rate, float root,
                             const OptimizerDesc *desc) {
    const float beta1 = desc->beta1, beta2 = desc->beta2, eps = desc->eps;
    for (size_t i = 0; i < n; i++) {
        mean[i] = beta1 * mean[i] + (1.0f - beta1) * grad[i];
        square[i] = beta2 * square[i] + (1.0f - beta2) * (grad[i] * grad[i]);
        params[i] -= rate * mean[i] / (sqrtf(square[i]) / root + eps);
    }
}

static void adam(const OptimizerDesc *desc, float learning_rate, int64_t step, float *params,
                 const float *grad, float *mean, float *square, size_t n) {
    double correction1 = 1 - pow((double)desc->beta1, (double)step);
    double correction2 = 1 - pow((double)desc->beta2, (double)step);
    adam_step(params, mean, square, grad, n, (float)((double)learning_rate / correction1),
              (float)sqrt(correction2), desc);
}

void optimizer_apply(const Optimizer *optimizer, int64_t step, float *params, float *grad,
                     float *velocity, float *square, size_t n) {
    const OptimizerDesc *desc = &optimizer->desc;
    const float rate = optimizer->learning_rate;
    if (desc->kind == OPTIMIZER_ADAMW) {
        shrink_step(params, n, 1.0f - rate * desc->weight_decay);
    } else if (desc->weight_decay != 0.0f) {
        decay_step(params, grad, n, desc->weight_decay);
    }
    switch (desc->kind) {
    case OPTIMIZER_SGD:
        if (desc->momentum == 0.0f) {
            // The velocity is the gradient itself, and need not be kept.
            sgd_step(params, grad, n, rate);
        } else if (desc->nesterov) {
            nesterov_step(params, velocity, grad, n, rate, desc->momentum);
        } else {
            momentum_step(params, velocity, grad, n, rate, desc->momentum, 1.0f);
        }
        break;
    case OPTIMIZER_EMA_MOMENTUM:
        momentum_step(params, velocity, grad, n, rate, desc->beta, 1.0f - desc->beta);
        break;
    case OPTIMIZER_RMSPROP: rmsprop_step(params, velocity, square, grad, n, rate, desc); break;
    case OPTIMIZER_ADAM:
    case OPTIMIZER_ADAMW: adam(desc, rate, step, params, grad, velocity, square, n); break;
    case OPTIMIZER_PERCEPTRON: sgd_step(params, grad, n, rate); break;
    case OPTIMIZER_COUNT: assert(false && "an optimizer"); break;
    }
}

void optimizer_step(Optimizer *optimizer, float *params, float *grad) {
    optimizer->steps++;
    optimizer_apply(optimizer, optimizer->steps, params, grad, optimizer->velocity,
                    optimizer->square, optimizer->n);
}

CLONES static void penalties_add_clone(const float *restrict w, size_t n, float l1, float l2,
                                       float *restrict grad) {
    for (size_t i = 0; i < n; i++) {
        float sign = w[i] > 0.0f ? 1.0f : w[i] < 0.0f ? -1.0f : 0.0f;
        grad[i] += l1 * sign + l2 * w[i];
    }
}

void penalties_add(const float *w, size_t n, float l1, float l2, float *grad) {
    penalties_add_clone(w, n, l1, l2, grad);
}

double optimizer_stable_rate(const OptimizerDesc *desc, double curvature) {
    const double m = (double)desc->momentum, beta = (double)desc->beta;
    curvature += (double)desc->weight_decay; // sgd's is part of the gradient
    if (!(curvature > 0)) return (double)NAN;
    switch (desc->kind) {
    case OPTIMIZER_SGD: return 2 * (1 + m) / ((desc->nesterov ? 1 + 2 * m : 1) * curvature);
    // Momentum whose gradients count 1 - beta.
    case OPTIMIZER_EMA_MOMENTUM: return 2 * (1 + beta) / ((1 - beta) * curvature);
    default: return (double)NAN;
    }
}

bool optimizer_is_plain(const OptimizerDesc *desc) {
    return desc->kind == OPTIMIZER_SGD && !desc->nesterov && desc->weight_decay == 0.0f;
}
