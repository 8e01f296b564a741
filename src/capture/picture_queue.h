/// Pictures into PNG files while drawing goes on: a thread of the queue's own packs and writes
/// them, in the order in which they came. None is left out, however many wait.
///
/// Thread: all functions, the one that created it.
#ifndef CAPTURE_PICTURE_QUEUE_H
#define CAPTURE_PICTURE_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum { PICTURE_PATH_MAX = 4096 };

/// What became of a picture.
typedef struct PictureNews {
    bool saved;
    char path[PICTURE_PATH_MAX]; // where it lies, if saved
    Error error;                 // else why not: nothing was left behind
} PictureNews;

typedef struct PictureQueue PictureQueue;

/// @param wake  called when a picture has ended, by the queue's thread, under the queue's lock: it
///              must call none of these functions; may be NULL
/// @return NULL with error set
PictureQueue *picture_queue_create(void (*wake)(void *context), void *context, Error *error);
/// Hands a picture over. It comes into the folder for pictures (paths_pictures), as
/// "saddle-NAME-N.png".
/// @param rgba  (height, width), rows from the top; taken over in any case, freed
/// @return false with error set where memory is short
bool picture_queue_add(PictureQueue *queue, uint8_t *rgba, int width, int height, const char *name,
                       Error *error);
/// Takes the news of the next picture that has ended.  @return false: there is none
bool picture_queue_take(PictureQueue *queue, PictureNews *news);
/// Waits until all are written.
/// @param seconds  what one of them may take, about
/// @return how many are not, because one takes longer
int picture_queue_wait(PictureQueue *queue, double seconds);
/// Ends the picture that is being written, drops what waits, and frees all. NULL is fine.
void picture_queue_destroy(PictureQueue *queue);
/// In its place where a picture hangs (a disk): waits for nothing. No other picture is begun, and
/// wake is not called again; the thread frees all if ever it goes on.
void picture_queue_abandon(PictureQueue *queue);

#endif
