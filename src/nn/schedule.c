// Schedules, in 64 bits and rounded once.
#include "nn/schedule.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define X(constant, name, description) name,
static const char *const names[] = {SCHEDULE_LIST(X)};
#undef X
#define X(constant, name, description) description,
static const char *const descriptions[] = {SCHEDULE_LIST(X)};
#undef X

const char *schedule_name(ScheduleKind kind) {
    assert(kind < SCHEDULE_COUNT);
    return names[kind];
}

const char *schedule_description(ScheduleKind kind) {
    assert(kind < SCHEDULE_COUNT);
    return descriptions[kind];
}

ScheduleKind schedule_find(const char *name) {
    int i = 0;
    while (i < SCHEDULE_COUNT && strcmp(names[i], name) != 0) i++;
    return (ScheduleKind)i;
}

/// CosineAnnealingLR from epoch 0 to `epochs`.
static double cosine(double base, double minimum, int64_t epoch, int64_t epochs) {
    const double pi = 3.14159265358979323846;
    if (epoch >= epochs) return minimum;
    double part = (double)epoch / (double)epochs;
    return minimum + (base - minimum) * (1 + cos(pi * part)) / 2;
}

float schedule_rate(const ScheduleDesc *schedule, float base, int64_t epoch) {
    double rate = (double)base, minimum = (double)schedule->minimum_learning_rate;
    double gamma = (double)schedule->gamma;
    switch (schedule->kind) {
    case SCHEDULE_STEP: {
        assert(schedule->step_size > 0);
        const int64_t times = epoch / schedule->step_size;
        rate *= pow(gamma, (double)times);
        break;
    }
    case SCHEDULE_EXPONENTIAL: rate *= pow(gamma, (double)epoch); break;
    case SCHEDULE_COSINE: rate = cosine(rate, minimum, epoch, schedule->epochs); break;
    case SCHEDULE_WARMUP_COSINE:
        // As LinearLR from base / (warmup + 1) to base, then CosineAnnealingLR.
        if (epoch < schedule->warmup) {
            rate *= (double)(epoch + 1) / (double)(schedule->warmup + 1);
        } else {
            rate = cosine(rate, minimum, epoch - schedule->warmup,
                          schedule->epochs - schedule->warmup);
        }
        break;
    case SCHEDULE_CONSTANT:
    case SCHEDULE_COUNT: break;
    }
    return (float)rate;
}
