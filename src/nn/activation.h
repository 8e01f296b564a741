/// Activations: elementwise functions between a layer's affine map and its output, with their
/// derivatives. Derivatives are written in terms of the output y = f(z), which is what a backward
/// pass has at hand.
#ifndef NN_ACTIVATION_H
#define NN_ACTIVATION_H

#include <stddef.h>

/// X(constant, name, description). To add one: a line here and its functions in activation.c.
#define ACTIVATION_LIST(X)                                                                         \
    X(ACTIVATION_LINEAR, "linear", "f(z) = z")                                                     \
    X(ACTIVATION_TANH, "tanh", "hyperbolic tangent, between -1 and 1")                             \
    X(ACTIVATION_SIGMOID, "sigmoid", "1 / (1 + exp(-z)), between 0 and 1")                         \
    X(ACTIVATION_RELU, "relu", "max(0, z)")

#define X(constant, name, description) constant,
typedef enum Activation { ACTIVATION_LIST(X) ACTIVATION_COUNT } Activation;
#undef X

const char *activation_name(Activation activation);
const char *activation_description(Activation activation);
/// @return ACTIVATION_COUNT where no activation has that name
Activation activation_find(const char *name);

/// z[i] <- f(z[i]) for i < n, in place.  NaN stays NaN.
void activation_forward(Activation activation, float *z, size_t n);
/// d[i] <- d[i] * f'(z[i]), given y[i] = f(z[i]).
void activation_backward(Activation activation, const float *y, float *d, size_t n);

/// The vectorisable functions themselves, for kernels that inline them: see nn/math32.h.

#endif
