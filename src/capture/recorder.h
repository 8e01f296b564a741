/// Films of what is drawn while it is drawn: the thread that draws hands pictures over, each with
/// the time at which it was seen, and a thread of the recorder's own packs them. Drawing never
/// waits. Where packing falls behind, pictures are left out and others stay longer; the film keeps
/// time.
///
/// What it does not do: draw, read a clock. Thread: all functions, the one that created it.
#ifndef CAPTURE_RECORDER_H
#define CAPTURE_RECORDER_H

#include "capture/film.h"

enum {
    RECORDER_PICTURES = 4, // at most so many wait to be packed
    RECORDER_PATH_MAX = 4096,
};

typedef struct RecorderDesc {
    const FilmType *type;
    const char *folder, *name; // where it is to lie, as "saddle-NAME-N"; borrowed for the call
    int width, height;         // of every picture
    double fps;
    // Called when it has ended, by its thread, under its lock: it must call none of these
    // functions. May be NULL.
    void (*wake)(void *context);
    void *context;
} RecorderDesc;

typedef enum RecorderState {
    RECORDER_RECORDS,
    RECORDER_FINISHES, // stopped, and still packing
    RECORDER_DONE,     // the film has its name
    RECORDER_FAILED,   // nothing was left behind
} RecorderState;

typedef struct Recorder Recorder;

/// @return NULL with error set: a program is missing, the folder cannot be written to…
Recorder *recorder_create(const RecorderDesc *desc, Error *error);
/// Whether a picture of that moment would come into the film, and not fall together with the last.
/// @param time  seconds, from any moment on
bool recorder_wants(const Recorder *recorder, double time);
/// Room for a picture, (height, width) RGBA, rows from the top; recorder_add hands it over.
/// @return NULL: too many wait already, or it has ended; this picture is left out
uint8_t *recorder_room(Recorder *recorder);
/// @param time  when it was seen, later than the one before
void recorder_add(Recorder *recorder, double time);
/// No more pictures come; the last one stays until then.
void recorder_stop(Recorder *recorder, double time);
RecorderState recorder_state(Recorder *recorder);
/// How many pictures were taken, and how many left out for want of room.
void recorder_count(Recorder *recorder, int *taken, int *left_out);
/// Where the finished film lies, or the first of its pictures' folder.
const char *recorder_path(const Recorder *recorder);
/// Why it failed.
const Error *recorder_error(const Recorder *recorder);
/// Waits until it has ended.
/// @param seconds  how long it may be without coming on: no picture is packed, and no program that
///                 packs has used the processor  @return false where that takes longer
bool recorder_wait(Recorder *recorder, double seconds);
/// Gives up what is not finished, within some seconds: what packs it is stopped (all programs that
/// were started, see process_kill_all). The film may still have been finished: recorder_state says
/// so.  @return false: it hangs all the same (a disk), and its draft lies where it lay
bool recorder_give_up(Recorder *recorder);
/// Gives up what is not finished, leaving nothing behind, and frees all. NULL is fine. One that
/// hangs is abandoned: its thread frees all if ever it goes on. wake is not called any more.
void recorder_destroy(Recorder *recorder);

#endif
