/// Memory: large arrays, and what is shared as constant.
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

/// As calloc(). Large arrays are asked for in huge pages where the system has them: rows picked
/// from all over an array then miss the translation of their address far less often.
/// @return to be freed with free(); NULL where memory is short
void *memory_calloc(size_t count, size_t size);

/// The same address without const, for what const does not promise: the count of those who hold
/// what is shared.
static inline void *memory_unconst(const void *constant) {
    union {
        const void *constant;
        void *variable;
    } pointer = {.constant = constant};
    return pointer.variable;
}

#endif
