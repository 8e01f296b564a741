/// Pictures of one size read back from what was drawn, for films: reading begins in one frame and
/// ends in a later one, so that drawing does not wait for the graphics card. Thread: as gfx.h.
#ifndef GFX_READBACK_H
#define GFX_READBACK_H

#include "gfx/gfx.h"

typedef struct Readback Readback;

/// @param width, height  of every picture  @return NULL where memory is short
Readback *readback_create(Gfx *gfx, int width, int height);
void readback_destroy(Readback *readback);

/// Begins to read a part of a finished target, outside of gfx_begin and gfx_end. A part of another
/// size is made to fit, whole and undistorted, in the middle of a ground.
/// @param source         NULL: the window, before its swap
/// @param source_height  of the whole source
/// @param part           within the source, pixels; not empty
void readback_begin(Readback *readback, const Target *source, int source_height, Rect part,
                    Color ground);
/// Whether one was begun and not ended. Only one is at a time.
bool readback_pending(const Readback *readback);
/// Ends it, waiting where the graphics card is behind.
/// @param rgba  (height, width), rows from the top, written; NULL: it is thrown away
/// @return false where none was begun, or memory is short
bool readback_end(Readback *readback, uint8_t *rgba);

#endif
