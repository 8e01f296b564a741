/// A network's trained parameters as a value that threads hand to each other: counted, and from the
/// moment that it is given away immutable.
#ifndef TRAIN_PARAM_VECTOR_H
#define TRAIN_PARAM_VECTOR_H

#include <stdatomic.h>
#include <stddef.h>

typedef struct ParamVector {
    atomic_int references;
    size_t n;
    float values[]; // (n), in the order of Network.params
} ParamVector;

/// With one reference, its values zero: to be filled before anybody else gets it.
/// @return NULL where memory is short
ParamVector *param_vector_create(size_t n);
/// NULL is fine for both.  Thread: any.
const ParamVector *param_vector_retain(const ParamVector *vector);
void param_vector_release(const ParamVector *vector);

#endif
