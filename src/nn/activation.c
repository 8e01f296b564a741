// Activations over arrays. The loops are elementwise, so every processor level gives the same bits.
#include "nn/activation.h"

#include <assert.h>
#include <string.h>

#include "base/clones.h"
#include "nn/kernels/math32.h"

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

bool activation_has_kink(Activation activation) {
    return activation == ACTIVATION_RELU || activation == ACTIVATION_LEAKY_RELU ||
           activation == ACTIVATION_STEP;
}

CLONES static void forward_clone(Activation activation, float *z, size_t n) {
#define FORWARD(constant, function, slope)                                                         \
    case constant:                                                                                 \
        for (size_t i = 0; i < n; i++) z[i] = function(z[i]);                                      \
        break;
    switch (activation) {
        MATH32_ELEMENTWISE(FORWARD)
    case ACTIVATION_LINEAR:
    case ACTIVATION_SOFTMAX:
    case ACTIVATION_COUNT: break;
    }
}

CLONES static void backward_clone(Activation activation, const float *restrict y, float *restrict d,
                                  size_t n) {
#define BACKWARD(constant, function, slope)                                                        \
    case constant:                                                                                 \
        for (size_t i = 0; i < n; i++) d[i] *= slope(y[i]);                                        \
        break;
    switch (activation) {
        MATH32_ELEMENTWISE(BACKWARD)
    case ACTIVATION_LINEAR:
    case ACTIVATION_SOFTMAX:
    case ACTIVATION_COUNT: break;
    }
}

void activation_forward(Activation activation, float *z, size_t n) {
    assert(activation != ACTIVATION_SOFTMAX);
    forward_clone(activation, z, n);
}

void activation_backward(Activation activation, const float *y, float *d, size_t n) {
    assert(activation != ACTIVATION_SOFTMAX);
    backward_clone(activation, y, d, n);
}

CLONES static void exp_clone(float *z, size_t n) {
    for (size_t i = 0; i < n; i++) z[i] = exp32(z[i]);
}

void activation_softmax(float *z, size_t rows, int width) {
    const size_t n = (size_t)width;
    // Less the largest, so that exp() cannot overflow. A NaN is never left behind: it fails the
    // comparison, and exp() of a difference with it is NaN.
    for (float *row = z; row < z + rows * n; row += n) {
        float most = row[0];
        for (size_t k = 1; k < n; k++) most = row[k] <= most ? most : row[k];
        for (size_t k = 0; k < n; k++) row[k] -= most;
    }
    exp_clone(z, rows * n);
    for (float *row = z; row < z + rows * n; row += n) {
        float sum = 0;
        for (size_t k = 0; k < n; k++) sum += row[k];
        for (size_t k = 0; k < n; k++) row[k] /= sum;
    }
}
