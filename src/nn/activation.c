// Activations: value and derivative side by side. The loops are elementwise, so every processor
// level gives the same bits.
#include "nn/activation.h"

#include <assert.h>
#include <string.h>

#include "base/clones.h"
#include "nn/math32.h"

#define X(constant, name, description) name,
static const char *const names[] = {ACTIVATION_LIST(X)};
#undef X
#define X(constant, name, description) description,
static const char *const descriptions[] = {ACTIVATION_LIST(X)};
#undef X

const char *activation_name(Activation activation) {
    assert(activation < ACTIVATION_COUNT);
    return names[activation];
}

const char *activation_description(Activation activation) {
    assert(activation < ACTIVATION_COUNT);
    return descriptions[activation];
}

Activation activation_find(const char *name) {
    int i = 0;
    while (i < ACTIVATION_COUNT && strcmp(names[i], name) != 0) i++;
    return (Activation)i;
}

CLONES static void tanh_forward(float *z, size_t n) {
    for (size_t i = 0; i < n; i++) z[i] = tanh32(z[i]);
}

CLONES static void tanh_backward(const float *restrict y, float *restrict d, size_t n) {
    for (size_t i = 0; i < n; i++) d[i] *= tanh32_slope(y[i]);
}

CLONES static void sigmoid_forward(float *z, size_t n) {
    for (size_t i = 0; i < n; i++) z[i] = sigmoid32(z[i]);
}

CLONES static void sigmoid_backward(const float *restrict y, float *restrict d, size_t n) {
    for (size_t i = 0; i < n; i++) d[i] *= sigmoid32_slope(y[i]);
}

CLONES static void relu_forward(float *z, size_t n) {
    for (size_t i = 0; i < n; i++) z[i] = relu32(z[i]);
}

CLONES static void relu_backward(const float *restrict y, float *restrict d, size_t n) {
    for (size_t i = 0; i < n; i++) d[i] *= relu32_slope(y[i]);
}

void activation_forward(Activation activation, float *z, size_t n) {
    switch (activation) {
    case ACTIVATION_TANH: tanh_forward(z, n); break;
    case ACTIVATION_SIGMOID: sigmoid_forward(z, n); break;
    case ACTIVATION_RELU: relu_forward(z, n); break;
    case ACTIVATION_LINEAR:
    case ACTIVATION_COUNT: break;
    }
}

void activation_backward(Activation activation, const float *y, float *d, size_t n) {
    switch (activation) {
    case ACTIVATION_TANH: tanh_backward(y, d, n); break;
    case ACTIVATION_SIGMOID: sigmoid_backward(y, d, n); break;
    case ACTIVATION_RELU: relu_backward(y, d, n); break;
    case ACTIVATION_LINEAR:
    case ACTIVATION_COUNT: break;
    }
}
