/// Two runs side by side: where each has its views, and the line above them that says which it is.
#ifndef VIEWS_COMPARE_H
#define VIEWS_COMPARE_H

#include "views/view.h"

enum { COMPARED = 2 };

/// Splits an area, pixels, into two halves, each with a line for its name above the views.
void compare_places(Rect area, float scale, Rect names[COMPARED], Rect views[COMPARED]);
/// The experiment's name and title, the epoch and the loss.
void compare_name(Gfx *gfx, const Theme *theme, float scale, Rect r, const Snapshot *run,
                  bool chinese);

#endif
