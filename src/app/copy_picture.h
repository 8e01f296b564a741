/// Pictures for the clipboard: SDL takes text alone, so the program wl-copy or xclip takes them, as
/// PNG. It may take its time, on a thread of its own.
#ifndef APP_COPY_PICTURE_H
#define APP_COPY_PICTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef struct CopyPicture CopyPicture;

/// Begins to copy a picture.
/// @param rgba  (height, width), rows from the top; taken over in any case, freed
/// @param wake  called when it has ended, by its thread
/// @return NULL with error set: it says what to install where nothing takes pictures
CopyPicture *copy_picture_start(uint8_t *rgba, int width, int height, void (*wake)(void *context),
                                void *context, Error *error);
/// Whether it has ended.  @param good  then: whether the clipboard has it
/// @param error  then: why not
bool copy_picture_ended(CopyPicture *copy, bool *good, Error *error);
/// Gives it a moment to end, and up where that has passed. NULL is fine.
void copy_picture_destroy(CopyPicture *copy);

#endif
