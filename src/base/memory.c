// Huge pages are Linux's; elsewhere this is calloc.
#if defined(__linux__)
#define _DEFAULT_SOURCE // NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): madvise
#endif
#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__linux__)
#include <sys/mman.h>
#endif

enum { HUGE_PAGE = 2 << 20 };

void *memory_calloc(size_t count, size_t size) {
    if (size > 0 && count > (SIZE_MAX - HUGE_PAGE) / size) return NULL;
#if defined(MADV_HUGEPAGE)
    if (count * size >= 4 * HUGE_PAGE) {
        size_t bytes = (count * size + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
        void *memory = aligned_alloc(HUGE_PAGE, bytes);
        if (!memory) return NULL;
        madvise(memory, bytes, MADV_HUGEPAGE); // where it is refused, pages stay small
        memset(memory, 0, bytes);
        return memory;
    }
#endif
    return calloc(count, size);
}
