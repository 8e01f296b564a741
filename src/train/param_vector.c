/// Counted parameters: nothing but the count ever changes.
#include "train/param_vector.h"

#include <stdlib.h>

#include "base/memory.h"

ParamVector *param_vector_create(size_t n) {
    ParamVector *vector = calloc(1, sizeof *vector + n * sizeof *vector->values);
    if (!vector) return NULL;
    atomic_init(&vector->references, 1);
    vector->n = n;
    return vector;
}

/// The count is not part of what const promises.
static ParamVector *counted(const ParamVector *vector) {
    return memory_unconst(vector);
}

const ParamVector *param_vector_retain(const ParamVector *vector) {
    if (vector) atomic_fetch_add_explicit(&counted(vector)->references, 1, memory_order_relaxed);
    return vector;
}

void param_vector_release(const ParamVector *vector) {
    if (!vector) return;
    ParamVector *shared = counted(vector);
    if (atomic_fetch_sub_explicit(&shared->references, 1, memory_order_acq_rel) > 1) return;
    free(shared);
}
