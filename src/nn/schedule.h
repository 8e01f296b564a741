/// Schedules: how the learning rate goes down (and up) over the epochs. Closed forms of PyTorch's,
/// stepped once an epoch, so that a rate depends on nothing but the epoch.
#ifndef NN_SCHEDULE_H
#define NN_SCHEDULE_H

#include <stdint.h>

/// X(constant, name, description). To add one: a line here and its case in schedule.c.
#define SCHEDULE_LIST(X)                                                                           \
    X(SCHEDULE_CONSTANT, "constant", "the same rate throughout")                                   \
    X(SCHEDULE_STEP, "step", "times gamma every step_size epochs")                                 \
    X(SCHEDULE_EXPONENTIAL, "exponential", "times gamma every epoch")                              \
    X(SCHEDULE_COSINE, "cosine", "down to the minimum along half a cosine")                        \
    X(SCHEDULE_WARMUP_COSINE, "warmup_cosine", "up in a line for some epochs, then as cosine")

#define X(constant, name, description) constant,
typedef enum ScheduleKind { SCHEDULE_LIST(X) SCHEDULE_COUNT } ScheduleKind;
#undef X

const char *schedule_name(ScheduleKind kind);
const char *schedule_description(ScheduleKind kind);
/// @return SCHEDULE_COUNT where no schedule has that name
ScheduleKind schedule_find(const char *name);

typedef struct ScheduleDesc {
    ScheduleKind kind;
    int64_t step_size;           // epochs, from 1 on
    float gamma;                 // of step and exponential
    int64_t epochs;              // where the cosines end; beyond it the rate stays
    float minimum_learning_rate; // of the cosines, at that end
    int64_t warmup;              // epochs on the way up
} ScheduleDesc;

/// The rate in an epoch, counted from 0.
/// @param base  the rate that the schedule scales
float schedule_rate(const ScheduleDesc *schedule, float base, int64_t epoch);

#endif
