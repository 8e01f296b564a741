#include "cli/bench_stage.h"

#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

enum { WIDTH = 1280, HEIGHT = 720 };

static void wake(void *context) {
    (void)context; // frames follow each other without sleep here
}

void stage_close(Stage *stage) {
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

bool stage_open(Stage *stage, const char *experiment, const char *view, Error *error) {
    *stage = (Stage){.pixels = malloc((size_t)WIDTH * HEIGHT * 4)};
    if (!stage->pixels) return error_set(error, "out of memory");
    stage->experiment = experiment_load(experiment, error);
    // Without an end that it would come to.
    if (!stage->experiment ||
        !experiment_set(stage->experiment, "training.epochs=1000000000", error)) {
        return false;
    }
    stage->window = window_create(
        &(WindowDesc){.title = "saddle", .width = 64, .height = 64, .headless = true}, error);
    if (!stage->window) return false;
    stage->gfx = gfx_create(&(GfxDesc){.fonts = "DejaVu Sans"}, error);
    if (!stage->gfx) return false;
    stage->target = target_create(stage->gfx, WIDTH, HEIGHT, 0, false);
    if (!stage->target) return error_set(error, "no memory for a picture of %dx%d", WIDTH, HEIGHT);
    const ViewType *type = view ? view_find(view) : NULL;
    stage->layout = view ? layout_create_views(stage->experiment, &type, 1)
                         : layout_create(stage->experiment, error);
    if (!stage->layout) return false;
    stage->trainer = trainer_create(&(TrainerDesc){.now = clock_seconds, .wake = wake}, error);
    if (!stage->trainer) return false;
    stage->surveyor = surveyor_create(wake, NULL, error);
    if (!stage->surveyor) return false;
    stage->run = trainer_add(stage->trainer, stage->experiment, error);
    return stage->run >= 0;
}

void stage_frame(Stage *stage, float drag) {
    LayoutFrame frame = {.gfx = stage->gfx,
                         .theme = &themes[0],
                         .scale = 1,
                         .area = {0, 0, WIDTH, HEIGHT},
                         .run = trainer_snapshot(stage->trainer, stage->run),
                         .time = clock_seconds()};
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

void stage_wait_for_display(double start) {
    double rest = 1.0 / 60 - (clock_seconds() - start);
    if (rest > 0) nanosleep(&(struct timespec){.tv_nsec = (long)(rest * 1e9)}, NULL);
}
