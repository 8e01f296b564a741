/// Drawing runs with no window: what `shot` and `record` have in common.
#ifndef CLI_STUDIO_H
#define CLI_STUDIO_H

#include "app/window.h"
#include "cli/options.h"
#include "train/snapshot.h"
#include "views/layout.h"

/// What a picture is to look like.
typedef struct Look {
    const ViewType *views[LAYOUT_VIEWS_MAX];
    int n_views; // 0: the experiment's layout
    const Theme *theme;
    int width, height; // pixels
    float scale;
    bool chinese;
} Look;

/// @return EXIT_DONE, or the exit code of what it reported
int look_read(const Options *options, Look *look);

/// A run, the rivals of its race, and its views.
typedef struct Subject {
    Snapshot run, rivals[RIVALS_MAX];
    int n_rivals;
    Layout *layout;
    LayoutFrame frame;
    Rect name; // where there are several
} Subject;

void subject_deinit(Subject *subject);

/// Where pictures are drawn.
typedef struct Studio {
    const Options *options;
    Look look;
    Window *window;
    Gfx *gfx;
    Target *target;
    uint8_t *rgba; // (height, width), rows from the top: the picture drawn last
} Studio;

/// @return EXIT_DONE, or the exit code of what it reported; close it all the same
int studio_open(Studio *studio, const Options *options, const Look *look);
void studio_close(Studio *studio);
/// Gives subjects with filled snapshots their views, side by side.
/// @return as studio_open
int studio_place(Studio *studio, Subject *subjects, int n);
/// Draws them as their snapshots are now, surveyed completely.  @param time  seconds, of the film
/// @return false with error set
bool studio_draw(Studio *studio, Subject *subjects, int n, double time, Error *error);

#endif
