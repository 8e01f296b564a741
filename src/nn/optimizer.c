// Optimizers: elementwise over the one parameter vector.
#include "nn/optimizer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clones.h"

#define X(constant, name, description) name,
static const char *const names[] = {OPTIMIZER_LIST(X)};
#undef X
#define X(constant, name, description) description,
static const char *const descriptions[] = {OPTIMIZER_LIST(X)};
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

bool optimizer_init(Optimizer *optimizer, const OptimizerDesc *desc, size_t n) {
    *optimizer = (Optimizer){.desc = *desc, .n = n};
    optimizer->velocity = calloc(n ? n : 1, sizeof *optimizer->velocity);
    if (!optimizer->velocity) *optimizer = (Optimizer){0};
    return optimizer->velocity != NULL;
}

void optimizer_deinit(Optimizer *optimizer) {
    free(optimizer->velocity);
    *optimizer = (Optimizer){0};
}

CLONES static void sgd_step(float *restrict params, const float *restrict grad, size_t n,
                            float learning_rate) {
    for (size_t i = 0; i < n; i++) params[i] -= learning_rate * grad[i];
}

CLONES static void sgd_momentum_step(float *restrict params, float *restrict velocity,
                                     const float *restrict grad, size_t n, float learning_rate,
                                     float momentum) {
    for (size_t i = 0; i < n; i++) {
        velocity[i] = momentum * velocity[i] + grad[i];
        params[i] -= learning_rate * velocity[i];
    }
}

void optimizer_step(Optimizer *optimizer, float *params, const float *grad) {
    const OptimizerDesc *desc = &optimizer->desc;
    // With no momentum the velocity is the gradient itself, and need not be kept.
    if (desc->momentum == 0.0f) {
        sgd_step(params, grad, optimizer->n, desc->learning_rate);
    } else {
        sgd_momentum_step(params, optimizer->velocity, grad, optimizer->n, desc->learning_rate,
                          desc->momentum);
    }
}
