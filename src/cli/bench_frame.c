// The bench's frames: how long they take, and the first one.
#include "base/clock.h"
#include "cli/bench.h"
#include "cli/bench_stage.h"
#include "cli/interrupt.h"

enum { FRAMES = 150, WARM_UP = 20 };

/// The median of many frames, paced at most 60 a second as a display would.
static bool frames(float drag, BenchResult *result, Error *error) {
    Stage stage;
    bool good = stage_open(&stage, "xor-shallow", NULL, error);
    double seconds[FRAMES] = {0};
    if (good) trainer_post(stage.trainer, stage.run, (Command){.kind = COMMAND_PLAY});
    for (int i = -WARM_UP; good && i < FRAMES && !interrupted(); i++) {
        double start = clock_seconds();
        // To and fro, so that the pointer stays over the view.
        stage_frame(&stage, i % 40 < 20 ? drag : -drag);
        double took = clock_seconds() - start;
        if (i >= 0) seconds[i] = took;
        stage_wait_for_display(start);
    }
    double median = bench_median(seconds, FRAMES);
    *result = (BenchResult){median, 1 / median, "frames/s", "median of 150", 0};
    stage_close(&stage);
    return good;
}

bool bench_frame_training(BenchResult *result, Error *error) {
    return frames(0, result, error);
}

bool bench_frame_turning(BenchResult *result, Error *error) {
    return frames(4, result, error);
}

/// From nothing to the first frame: context, shaders, fonts, data, threads.
bool bench_first_frame(BenchResult *result, Error *error) {
    enum { STARTS = 5 };
    double seconds[STARTS] = {0};
    for (int i = 0; i < STARTS && !interrupted(); i++) {
        Stage stage;
        double start = clock_seconds();
        bool good = stage_open(&stage, "xor-shallow", NULL, error);
        if (good) stage_frame(&stage, 0);
        seconds[i] = clock_seconds() - start;
        stage_close(&stage);
        if (!good) return false;
    }
    double median = bench_median(seconds, STARTS);
    *result = (BenchResult){median, 1 / median, "starts/s", "median of 5", 0};
    return true;
}
