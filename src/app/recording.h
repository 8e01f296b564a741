/// A film of the window while it runs: reads the drawn pictures back and hands them to the thread
/// that packs them. Thread: the window's. `now` is a clock's time; the film's own stands still
/// while the window cannot be seen.
#ifndef APP_RECORDING_H
#define APP_RECORDING_H

#include "capture/recorder.h"
#include "gfx/readback.h"

typedef struct Recording Recording;

/// @param now  seconds: when it begins  @return NULL with error set: nothing was begun
Recording *recording_start(Gfx *gfx, const RecorderDesc *desc, double now, Error *error);
/// Whether the frame of that moment is to be in it.
bool recording_wants(const Recording *recording, double now);
/// Whether the window can be seen. What passes while it cannot does not come into the film.
void recording_see(Recording *recording, bool visible, double now);
/// Takes a picture of a part of what was just drawn; see readback_begin.
void recording_shoot(Recording *recording, const Target *source, int source_height, Rect part,
                     Color ground, double now);
/// Whether a picture taken is still on its way.
bool recording_pending(const Recording *recording);
/// Passes it on.
void recording_collect(Recording *recording);
/// Whether it was not stopped yet.
bool recording_goes_on(const Recording *recording);
void recording_stop(Recording *recording, double now);
/// How long it is so far, or was in the end; seconds.
double recording_seconds(const Recording *recording, double now);
/// What becomes of it.
Recorder *recording_recorder(Recording *recording);
/// Gives up what is not finished. NULL is fine.
void recording_destroy(Recording *recording);

#endif
