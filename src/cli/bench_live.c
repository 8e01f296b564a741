// What stays live while training runs as fast as it goes, with everything drawn beside it: how
// often surfaces are surveyed anew, how soon a resting one is fine, how much speed training loses.
#include <time.h>

#include "base/clock.h"
#include "cli/bench.h"
#include "cli/bench_stage.h"
#include "cli/interrupt.h"

#define WARM_UP_SECONDS 1.0
#define SECONDS         4.0

static void post(Stage *stage, CommandKind kind, double value) {
    trainer_post(stage->trainer, stage->run, (Command){.kind = kind, .value = value});
}

static void play_at_full_speed(Stage *stage) {
    post(stage, COMMAND_SET_PACE, PACE_MAX);
    post(stage, COMMAND_PLAY, 0);
}

/// A frame as a display takes it.
static void show(Stage *stage) {
    const double start = clock_seconds();
    stage_frame(stage, 0);
    stage_wait_for_display(start);
}

static void show_for(Stage *stage, double seconds) {
    const double end = clock_seconds() + seconds;
    while (clock_seconds() < end && !interrupted()) show(stage);
}

/// How often a view's observation is made anew, complete.  @param side  of a complete one
static bool surveys(const char *experiment, const char *only, const char *view, int side,
                    BenchResult *result, Error *error) {
    Stage stage;
    const bool good = stage_open(&stage, experiment, only, error);
    int count = 0;
    if (good) {
        play_at_full_speed(&stage);
        show_for(&stage, WARM_UP_SECONDS);
        uint64_t seen = 0;
        const double end = clock_seconds() + SECONDS;
        while (clock_seconds() < end && !interrupted()) {
            show(&stage);
            const Observation *o = layout_observation(stage.layout, view);
            if (!o || o->serial == seen || o->grid[0] < side || o->grid[1] < side) continue;
            seen = o->serial;
            count++;
        }
    }
    stage_close(&stage);
    *result = (BenchResult){count ? SECONDS / count : SECONDS, count / SECONDS, "surveys/s",
                            "seen in 4 s", 0};
    return good;
}

bool bench_live_landscape(BenchResult *result, Error *error) {
    return surveys("xor-shallow", NULL, "landscape", 64, result, error);
}

bool bench_live_landscapes(BenchResult *result, Error *error) {
    return surveys("xor-deep", "landscapes", "landscapes", 32, result, error);
}

/// From the pause to the finest surface on the display.
bool bench_live_refine(BenchResult *result, Error *error) {
    enum { PAUSES = 9 };
    double seconds[PAUSES] = {0};
    Stage stage;
    const bool good = stage_open(&stage, "xor-shallow", NULL, error);
    for (int i = 0; good && i < PAUSES && !interrupted(); i++) {
        play_at_full_speed(&stage);
        show_for(&stage, 0.3);
        const double start = clock_seconds();
        post(&stage, COMMAND_PAUSE, 0);
        for (bool fine = false; !fine && !interrupted();) {
            show(&stage);
            const Snapshot *run = trainer_snapshot(stage.trainer, stage.run);
            const Observation *o = layout_observation(stage.layout, "landscape");
            fine = run->state == RUN_PAUSED && o && o->snapshot >= run->serial &&
                   o->grid[0] == SURFACE_GRID_MAX;
            if (clock_seconds() - start > 5) break;
        }
        seconds[i] = clock_seconds() - start;
    }
    stage_close(&stage);
    const double median = bench_median(seconds, PAUSES);
    *result = (BenchResult){median, 1 / median, "refinements/s", "median of 9", 0};
    return good;
}

/// What is left of training's speed when all is surveyed and drawn beside it.
bool bench_live_training(BenchResult *result, Error *error) {
    Stage stage;
    const bool good = stage_open(&stage, "xor-shallow", NULL, error);
    double speeds[2] = {0}; // steps a second
    for (int drawn = 0; good && drawn < 2; drawn++) {
        play_at_full_speed(&stage);
        const double begin = clock_seconds();
        const int64_t before = trainer_snapshot(stage.trainer, stage.run)->step;
        double now = begin;
        while (now < begin + SECONDS && !interrupted()) {
            if (drawn) show(&stage);
            if (!drawn) nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
            now = clock_seconds();
        }
        const int64_t after = trainer_snapshot(stage.trainer, stage.run)->step;
        speeds[drawn] = (double)(after - before) / (now - begin);
    }
    stage_close(&stage);
    const double share = speeds[0] > 0 ? speeds[1] / speeds[0] : 0;
    *result = (BenchResult){SECONDS, share, "of its speed alone", "4 s each", 0};
    return good;
}
