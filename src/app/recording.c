#include "app/recording.h"

#include <stdlib.h>

struct Recording {
    Recorder *recorder;
    Readback *readback;
    double began, ended; // the film's times; ended: negative while it goes on
    double shot;         // when the picture on its way was seen, the film's time
    double unseen;       // seconds so far that are not in the film
    double unseen_since; // a clock's time; negative: the window is seen
};

/// The film's time.
static double time_of(const Recording *recording, double now) {
    return (recording->unseen_since < 0 ? now : recording->unseen_since) - recording->unseen;
}

Recording *recording_start(Gfx *gfx, const RecorderDesc *desc, double now, Error *error) {
    Recording *recording = calloc(1, sizeof *recording);
    if (recording) recording->readback = readback_create(gfx, desc->width, desc->height);
    if (!recording || !recording->readback) {
        free(recording);
        error_set(error, "record: out of memory");
        return NULL;
    }
    recording->began = now;
    recording->ended = recording->unseen_since = -1;
    recording->recorder = recorder_create(desc, error);
    if (recording->recorder) return recording;
    recording_destroy(recording);
    return NULL;
}

void recording_destroy(Recording *recording) {
    if (!recording) return;
    recorder_destroy(recording->recorder);
    readback_destroy(recording->readback);
    free(recording);
}

bool recording_wants(const Recording *recording, double now) {
    return recording->ended < 0 && !readback_pending(recording->readback) &&
           recorder_wants(recording->recorder, time_of(recording, now));
}

void recording_see(Recording *recording, bool visible, double now) {
    const bool seen = recording->unseen_since < 0;
    if (visible == seen) return;
    if (visible) {
        recording->unseen += now - recording->unseen_since;
        recording->unseen_since = -1;
    } else {
        recording_collect(recording);
        recording->unseen_since = now;
    }
}

void recording_shoot(Recording *recording, const Target *source, int source_height, Rect part,
                     Color ground, double now) {
    readback_begin(recording->readback, source, source_height, part, ground);
    recording->shot = time_of(recording, now);
}

bool recording_pending(const Recording *recording) {
    return readback_pending(recording->readback);
}

void recording_collect(Recording *recording) {
    if (!readback_pending(recording->readback)) return;
    uint8_t *room = recorder_room(recording->recorder);
    if (readback_end(recording->readback, room) && room)
        recorder_add(recording->recorder, recording->shot);
}

bool recording_goes_on(const Recording *recording) {
    return recording->ended < 0;
}

void recording_stop(Recording *recording, double now) {
    if (recording->ended >= 0) return;
    recording_collect(recording);
    recording->ended = time_of(recording, now);
    recorder_stop(recording->recorder, recording->ended);
}

double recording_seconds(const Recording *recording, double now) {
    return (recording->ended < 0 ? time_of(recording, now) : recording->ended) - recording->began;
}

Recorder *recording_recorder(Recording *recording) {
    return recording->recorder;
}
