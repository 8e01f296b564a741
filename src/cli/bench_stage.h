/// The window's work without a window: a layout drawn at 1280x720 while a trainer and a surveyor
/// work beside it as they do in the program.
#ifndef CLI_BENCH_STAGE_H
#define CLI_BENCH_STAGE_H

#include "app/window.h"
#include "train/surveyor.h"
#include "train/trainer.h"
#include "views/layout.h"

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

/// @param view  that one alone; NULL: the experiment's layout
/// @return false with error set; close it all the same
bool stage_open(Stage *stage, const char *experiment, const char *view, Error *error);
void stage_close(Stage *stage);
/// One frame, drawn to its last pixel.  @param drag  pixels by which the landscape is turned
void stage_frame(Stage *stage, float drag);
/// Sleeps until a display of 60 Hz would take the next frame.  @param start  when this one began
void stage_wait_for_display(double start);

#endif
