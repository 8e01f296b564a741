/// Which epochs a film of a run shows: the untrained network, every N-th, or fewer and fewer; and
/// the last.
#ifndef CAPTURE_CADENCE_H
#define CAPTURE_CADENCE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct Cadence {
    int64_t every; // 0: every epoch at first, then fewer, as the tutorial does
} Cadence;

/// Whether an epoch is shown, be it the last or not.  @param epoch  0 or more
bool cadence_shows(Cadence cadence, int64_t epoch);
/// How many of the epochs 1 to `epochs` are shown, the last in any case.  @param epochs  0 or more
int64_t cadence_count(Cadence cadence, int64_t epochs);

#endif
