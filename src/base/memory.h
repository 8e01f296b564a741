/// Memory for large arrays.
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

/// As calloc(). Large arrays are asked for in huge pages where the system has them: rows picked
/// from all over an array then miss the translation of their address far less often.
/// @return to be freed with free(); NULL where memory is short
void *memory_calloc(size_t count, size_t size);

#endif
