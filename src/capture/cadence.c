#include "capture/cadence.h"

/// Up to an epoch the multiples of one number or of another are shown.
typedef struct Stretch {
    int64_t until, a, b;
    int64_t both; // their least common multiple
} Stretch;

static const Stretch tutorial[] = {{24, 1, 1, 1},
                                   {100, 10, 25, 50},
                                   {500, 25, 25, 25},
                                   {1000, 50, 50, 50},
                                   {INT64_MAX, 250, 250, 250}};

bool cadence_shows(Cadence cadence, int64_t epoch) {
    if (cadence.every > 0) return epoch % cadence.every == 0;
    const Stretch *stretch = tutorial;
    while (epoch > stretch->until) stretch++;
    return epoch % stretch->a == 0 || epoch % stretch->b == 0;
}

/// How many multiples of n lie above lo, up to hi.
static int64_t multiples(int64_t n, int64_t lo, int64_t hi) {
    return hi / n - lo / n;
}

int64_t cadence_count(Cadence cadence, int64_t epochs) {
    int64_t count = 0, lo = 0;
    if (cadence.every > 0) {
        count = multiples(cadence.every, 0, epochs);
    } else {
        for (const Stretch *stretch = tutorial; lo < epochs; stretch++) {
            const int64_t hi = epochs < stretch->until ? epochs : stretch->until;
            count += multiples(stretch->a, lo, hi) + multiples(stretch->b, lo, hi) -
                     multiples(stretch->both, lo, hi);
            lo = hi;
        }
    }
    return count + (epochs > 0 && !cadence_shows(cadence, epochs));
}
