/// Optimizers: how a gradient becomes a step.
#ifndef NN_OPTIMIZER_H
#define NN_OPTIMIZER_H

#include <stdbool.h>
#include <stddef.h>

/// X(constant, name, description). To add one: a line here and its step in optimizer.c.
#define OPTIMIZER_LIST(X)                                                                          \
    X(OPTIMIZER_SGD, "sgd", "gradient descent; momentum as PyTorch: v <- m v + g, w <- w - lr v")

#define X(constant, name, description) constant,
typedef enum OptimizerKind { OPTIMIZER_LIST(X) OPTIMIZER_COUNT } OptimizerKind;
#undef X

const char *optimizer_name(OptimizerKind kind);
const char *optimizer_description(OptimizerKind kind);
/// @return OPTIMIZER_COUNT where no optimizer has that name
OptimizerKind optimizer_find(const char *name);

/// Settings; they may change between steps.
typedef struct OptimizerDesc {
    OptimizerKind kind;
    float learning_rate;
    float momentum;
} OptimizerDesc;

/// Settings and state. Zeroed is valid and empty.
typedef struct Optimizer {
    OptimizerDesc desc;
    size_t n;        // parameters
    float *velocity; // n; zero at the start; owned
} Optimizer;

bool optimizer_init(Optimizer *optimizer, const OptimizerDesc *desc, size_t n);
void optimizer_deinit(Optimizer *optimizer);

/// One step: changes params by the gradient.  @param params, grad  (n)  Allocates: never.
void optimizer_step(Optimizer *optimizer, float *params, const float *grad);

#endif
