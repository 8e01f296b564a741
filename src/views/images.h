/// Samples that are images, in a grid: each with what the network takes it for, and how sure it is.
#ifndef VIEWS_IMAGES_H
#define VIEWS_IMAGES_H

#include "views/view.h"

enum { IMAGES_SHOWN_MAX = 512 };

/// What is shown where. Zeroed is valid and shows nothing.
typedef struct ImageGrid {
    int columns, rows, n;
    float left, top, step_x, step_y, side; // of the tiles, relative to the area
    int points[IMAGES_SHOWN_MAX];          // of the observation of classes
} ImageGrid;

/// Whether the data's inputs are square images (of 8 x 8 pixels or more).
bool images_square(const Dataset *data, int *side);
/// @param verdicts    an observation of classes
/// @param wrong_only  those that the network gets wrong, the surest first
void images_draw(ImageGrid *grid, const ViewContext *context, const Observation *verdicts,
                 bool wrong_only);
/// The point under the pointer and its tile, -1: none.
int images_hit(const ImageGrid *grid, const ViewContext *context, Rect *tile);

#endif
