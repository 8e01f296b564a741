// The bench's frames: the whole layout at 1280x720 without a window, while a trainer and a surveyor
// work beside it as they do in the program.
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "app/window.h"
#include "base/clock.h"
#include "cli/bench.h"
#include "cli/interrupt.h"
#include "train/surveyor.h"
#include "train/trainer.h"
#include "views/layout.h"

enum { WIDTH = 1280, HEIGHT = 720, FRAMES = 150, WARM_UP = 20 };

/// Everything that a frame needs.
typedef struct Stage {
    Window *window;
    Gfx *gfx;
    Target *target;
    Layout *layout;
    Trainer *trainer;
    Surveyor *surveyor;
    Experiment *experiment;
    uint8_t *pixels;
    int run;
    float x; // where the pointer turns the landscape
} Stage;

static void wake(void *context) {
    (void)context; // frames follow each other without sleep here
}

static void stage_close(Stage *stage) {
    surveyor_destroy(stage->surveyor);
    trainer_destroy(stage->trainer);
    layout_destroy(stage->layout);
    target_destroy(stage->target);
    gfx_destroy(stage->gfx);
    window_destroy(stage->window);
    experiment_release(stage->experiment);
    free(stage->pixels);
    *stage = (Stage){0};
}

static bool stage_open(Stage *stage, Error *error) {
    *stage = (Stage){.pixels = malloc((size_t)WIDTH * HEIGHT * 4)};
    if (!stage->pixels) return error_set(error, "out of memory");
    stage->experiment = experiment_load("xor-shallow", error);
    if (!stage->experiment) return false;
    stage->window = window_create(
        &(WindowDesc){.title = "saddle", .width = 64, .height = 64, .headless = true}, error);
    if (!stage->window) return false;
    stage->gfx = gfx_create(&(GfxDesc){.fonts = "DejaVu Sans"}, error);
    if (!stage->gfx) return false;
    stage->target = target_create(stage->gfx, WIDTH, HEIGHT, 0, false);
    if (!stage->target) return error_set(error, "no memory for a picture of %dx%d", WIDTH, HEIGHT);
    stage->layout = layout_create(stage->gfx, stage->experiment, error);
    if (!stage->layout) return false;
    stage->trainer = trainer_create(&(TrainerDesc){.now = clock_seconds, .wake = wake}, error);
    if (!stage->trainer) return false;
    stage->surveyor = surveyor_create(wake, NULL, error);
    if (!stage->surveyor) return false;
    stage->run = trainer_add(stage->trainer, stage->experiment, error);
    return stage->run >= 0;
}

/// One frame, drawn to its last pixel.  @param drag  pixels by which the landscape is turned
static void frame(Stage *stage, float drag) {
    LayoutFrame frame = {.gfx = stage->gfx,
                         .theme = &themes[0],
                         .scale = 1,
                         .area = {0, 0, WIDTH, HEIGHT},
                         .run = trainer_snapshot(stage->trainer, stage->run)};
    ViewActions actions = {0};
    if (drag != 0) {
        // Near the right edge of the upper half lies the landscape.
        UiInput input = {.mouse_x = stage->x + drag,
                         .mouse_y = 0.3f * HEIGHT,
                         .mouse_inside = true,
                         .down = {true},
                         .pressed = {stage->x == 0}};
        if (stage->x == 0) input.mouse_x = 0.75f * WIDTH;
        stage->x = input.mouse_x;
        layout_input(stage->layout, &frame, &input, &actions);
    }
    layout_survey(stage->layout, &frame, stage->surveyor);
    layout_prepare(stage->layout, &frame);
    gfx_begin(stage->gfx, stage->target, WIDTH, HEIGHT, frame.theme->background);
    layout_draw(stage->layout, &frame, &actions);
    gfx_end(stage->gfx);
    gfx_read(stage->gfx, stage->target, WIDTH, HEIGHT, stage->pixels); // waits for the drawing
}

/// The median of many frames, paced at most 60 a second as a display would.
static bool frames(float drag, BenchResult *result, Error *error) {
    Stage stage;
    bool good = stage_open(&stage, error);
    double seconds[FRAMES] = {0};
    if (good) trainer_post(stage.trainer, stage.run, (Command){.kind = COMMAND_PLAY});
    for (int i = -WARM_UP; good && i < FRAMES && !interrupted(); i++) {
        double start = clock_seconds();
        // To and fro, so that the pointer stays over the view.
        frame(&stage, i % 40 < 20 ? drag : -drag);
        double took = clock_seconds() - start;
        if (i >= 0) seconds[i] = took;
        double rest = 1.0 / 60 - took;
        if (rest > 0) nanosleep(&(struct timespec){.tv_nsec = (long)(rest * 1e9)}, NULL);
    }
    double median = bench_median(seconds, FRAMES);
    *result = (BenchResult){median, 1 / median, "frames/s", "median of 150"};
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
        bool good = stage_open(&stage, error);
        if (good) frame(&stage, 0);
        seconds[i] = clock_seconds() - start;
        stage_close(&stage);
        if (!good) return false;
    }
    double median = bench_median(seconds, STARTS);
    *result = (BenchResult){median, 1 / median, "starts/s", "median of 5"};
    return true;
}
