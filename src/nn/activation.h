/// Activations: elementwise functions between a layer's affine map and its output, with their
/// derivatives. Derivatives are written in terms of the output y = f(z), which is what a backward
/// pass has at hand. softmax alone is not elementwise: it lies on last layers only, beneath a loss
/// that is computed from its logits, so it needs no derivative.
#ifndef NN_ACTIVATION_H
#define NN_ACTIVATION_H

#include <stdbool.h>
#include <stddef.h>

/// X(constant, name, description). To add one: a line here, its function and slope in
/// nn/kernels/math32.h, and its line in MATH32_ELEMENTWISE there.
#define ACTIVATION_LIST(X)                                                                         \
    X(ACTIVATION_LINEAR, "linear", "f(z) = z")                                                     \
    X(ACTIVATION_TANH, "tanh", "hyperbolic tangent, between -1 and 1")                             \
    X(ACTIVATION_SIGMOID, "sigmoid", "1 / (1 + exp(-z)), between 0 and 1")                         \
    X(ACTIVATION_RELU, "relu", "max(0, z)")                                                        \
    X(ACTIVATION_LEAKY_RELU, "leaky_relu", "z where it is above 0, else 0.01 z")                   \
    X(ACTIVATION_STEP, "step", "1 where z is above 0, else 0; learns by the perceptron rule")      \
    X(ACTIVATION_SOFTMAX, "softmax",                                                               \
      "exp(z) over the layer's sum of them: the last layer of a classifier, with cross_entropy")

#define X(constant, name, description) constant,
typedef enum Activation { ACTIVATION_LIST(X) ACTIVATION_COUNT } Activation;
#undef X

const char *activation_name(Activation activation);
const char *activation_description(Activation activation);
/// @return ACTIVATION_COUNT where no activation has that name
Activation activation_find(const char *name);

/// z[i] <- f(z[i]) for i < n, in place.  NaN stays NaN.  Not for softmax.
void activation_forward(Activation activation, float *z, size_t n);
/// d[i] <- d[i] * f'(z[i]), given y[i] = f(z[i]).  Not for softmax.
void activation_backward(Activation activation, const float *y, float *d, size_t n);

/// Each row of z becomes its softmax.  @param z  (rows, width), in place
void activation_softmax(float *z, size_t rows, int width);

/// Whether f has kinks or jumps, where no derivative exists.
bool activation_has_kink(Activation activation);

#endif
