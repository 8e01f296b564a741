/// Optimizers: how a gradient g becomes a step of the parameters w. Definitions are PyTorch's, but
/// for ema_momentum and the perceptron rule.
#ifndef NN_OPTIMIZER_H
#define NN_OPTIMIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// X(constant, name, description, learning rate, weight decay): the last two are defaults. To add
/// one: a line here and its case in optimizer.c.
#define OPTIMIZER_LIST(X)                                                                          \
    X(OPTIMIZER_SGD, "sgd", "gradient descent; momentum as PyTorch: v <- m v + g, w <- w - lr v",  \
      0.01f, 0)                                                                                    \
    X(OPTIMIZER_EMA_MOMENTUM, "ema_momentum", "v <- beta v + (1 - beta) g, w <- w - lr v", 0.01f,  \
      0)                                                                                           \
    X(OPTIMIZER_RMSPROP, "rmsprop", "g over the root of its mean square", 0.01f, 0)                \
    X(OPTIMIZER_ADAM, "adam", "mean of g over the root of its mean square (Kingma 2015)", 0.001f,  \
      0)                                                                                           \
    X(OPTIMIZER_ADAMW, "adamw", "adam with decoupled weight decay (Loshchilov 2019)", 0.001f,      \
      0.01f)                                                                                       \
    X(OPTIMIZER_PERCEPTRON, "perceptron", "w <- w + lr (t - y) x for one layer of step units", 1, 0)

#define X(constant, name, description, rate, decay) constant,
typedef enum OptimizerKind { OPTIMIZER_LIST(X) OPTIMIZER_COUNT } OptimizerKind;
#undef X

const char *optimizer_name(OptimizerKind kind);
const char *optimizer_description(OptimizerKind kind);
/// @return OPTIMIZER_COUNT where no optimizer has that name
OptimizerKind optimizer_find(const char *name);
/// Defaults that depend on the kind.
float optimizer_default_learning_rate(OptimizerKind kind);
float optimizer_default_weight_decay(OptimizerKind kind);

/// Settings; they may change between steps, but for the kind.
typedef struct OptimizerDesc {
    OptimizerKind kind;
    float learning_rate;
    float momentum;     // sgd, rmsprop
    bool nesterov;      // sgd: the step looks ahead, g + m v
    float beta;         // ema_momentum
    float alpha;        // rmsprop: of the mean square
    float beta1, beta2; // adam, adamw: of the mean and the mean square
    float eps;          // rmsprop, adam, adamw: added to the root
    float weight_decay; // adamw: w <- w - lr decay w; the others: g <- g + decay w
} OptimizerDesc;

/// PyTorch's defaults for that kind.
OptimizerDesc optimizer_desc_default(OptimizerKind kind);

/// Whether that kind keeps the mean of g^2.
bool optimizer_has_square(OptimizerKind kind);

/// Settings and state. Zeroed is valid and empty.
typedef struct Optimizer {
    OptimizerDesc desc;
    float learning_rate; // what the next step takes: desc's, unless a schedule has changed it
    size_t n;            // parameters
    int64_t steps;       // taken so far
    size_t n_state;      // floats of state: n for each array that the kind has
    float *state;        // velocity, then square; zero at the start; owned
    float *velocity;     // (n) sgd, ema_momentum, rmsprop, adam, adamw: the mean of g, or velocity
    float *square;       // (n) rmsprop, adam, adamw: the mean of g^2; else NULL
} Optimizer;

bool optimizer_init(Optimizer *optimizer, const OptimizerDesc *desc, size_t n);
void optimizer_deinit(Optimizer *optimizer);
/// As it was made: no steps, zero state. Settings stay.
void optimizer_reset(Optimizer *optimizer);

/// One step: changes params by the gradient.  @param params  (n)  @param grad  (n), changed
/// Allocates: never.
void optimizer_step(Optimizer *optimizer, float *params, float *grad);

/// The same over arrays that may lie in another order than the optimizer's own, any n; elements are
/// independent of each other. Neither optimizer->steps nor its state is touched.
/// @param step    the step's number, from 1 on
/// @param square  NULL where the kind has none
void optimizer_apply(const Optimizer *optimizer, int64_t step, float *params, float *grad,
                     float *velocity, float *square, size_t n);

/// grad[i] += l1 sign(w[i]) + l2 w[i]: the gradient of l1 |w| + l2/2 w^2.
void penalties_add(const float *w, size_t n, float l1, float l2, float *grad);

/// The learning rate above which full-batch steps on a quadratic of that curvature grow: 2 / lambda
/// of plain gradient descent, 2 (1 + m) / lambda with momentum m, 2 (1 + m) / ((1 + 2 m) lambda)
/// with Nesterov's (Cohen et al., "Gradient Descent on Neural Networks Typically Occurs at the Edge
/// of Stability", 2021, appendix B).
/// @param curvature  the largest eigenvalue of the Hessian of what is trained, above 0
/// @return NaN for kinds whose steps do not follow the gradient's length alone
double optimizer_stable_rate(const OptimizerDesc *desc, double curvature);

/// Whether a step is w <- w - lr v with v = momentum v + g and nothing else: fused loops can do it.
bool optimizer_is_plain(const OptimizerDesc *desc);

#endif
