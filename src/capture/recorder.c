// The queue is a ring of pictures: the owner fills the one after the last, the thread packs the
// first. Only the numbers are under the lock, not the pictures.
#include "capture/recorder.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/process.h"
#include "base/thread.h"

#define PATIENCE 2.0   // seconds for a film that is given up to end: by itself, then by force
#define WORK     0.002 // seconds of the processor's time that pass for coming on

struct Recorder {
    RecorderDesc desc;
    char *folder, *name;
    char path[RECORDER_PATH_MAX];
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;

    // The owner's
    uint8_t *pictures[RECORDER_PICTURES]; // (height, width) RGBA
    bool any;
    double began;    // the first picture's time
    int64_t last_at; // the last one's number in the film

    // Under the lock
    RecorderState state;
    bool stopped, given_up;
    bool stopping;    // a thread is about to stop the program that packs
    int users;        // whoever leaves last frees all
    int64_t progress; // counts what was packed
    int first, waiting, taken, left_out;
    int64_t at[RECORDER_PICTURES]; // each one's number in the film
    int64_t end;                   // the number that would follow the film's last
    void (*wake)(void *context);

    // The owner's until the thread starts, and when it has ended
    Film *film;
    int64_t written;
    Error error;
};

static int64_t number_at(const Recorder *recorder, double time) {
    return (int64_t)floor((time - recorder->began) * recorder->desc.fps + 1e-6);
}

static void release(Recorder *recorder) {
    pthread_mutex_destroy(&recorder->lock);
    pthread_cond_destroy(&recorder->changed);
    for (int i = 0; i < RECORDER_PICTURES; i++) free(recorder->pictures[i]);
    free(recorder->folder);
    free(recorder->name);
    free(recorder);
}

/// @param recorder  locked; unlocked or freed then
static void leave(Recorder *recorder) {
    const bool last = --recorder->users == 0;
    pthread_mutex_unlock(&recorder->lock);
    if (last) release(recorder);
}

// ---- the thread

static void note_progress(Recorder *recorder) {
    pthread_mutex_lock(&recorder->lock);
    recorder->progress++;
    pthread_cond_broadcast(&recorder->changed);
    pthread_mutex_unlock(&recorder->lock);
}

static bool is_given_up(Recorder *recorder) {
    pthread_mutex_lock(&recorder->lock);
    const bool given_up = recorder->given_up;
    pthread_mutex_unlock(&recorder->lock);
    return given_up;
}

/// The last picture stays up to that number. It may be long: one at a time, lest a slow program
/// passes for one that hangs.
static bool hold(Recorder *recorder, int64_t until) {
    while (recorder->written < until) {
        if (is_given_up(recorder)) return error_set(&recorder->error, "given up");
        if (!film_repeat(recorder->film, 1, &recorder->error)) return false;
        recorder->written++;
        note_progress(recorder);
    }
    return true;
}

static bool pack(Recorder *recorder, const uint8_t *rgba, int64_t at) {
    if (!hold(recorder, at) || !film_add(recorder->film, rgba, &recorder->error)) return false;
    recorder->written = at + 1;
    note_progress(recorder);
    return true;
}

static bool finish(Recorder *recorder, int64_t end) {
    Error *error = &recorder->error;
    if (recorder->written == 0) return error_set(error, "nothing was recorded");
    if (!hold(recorder, end) || !film_finish(recorder->film, 0, error)) return false;
    snprintf(recorder->path, sizeof recorder->path, "%s", film_path(recorder->film));
    return true;
}

static bool take_pictures(Recorder *recorder) {
    for (;;) {
        pthread_mutex_lock(&recorder->lock);
        while (recorder->waiting == 0 && !recorder->stopped && !recorder->given_up)
            pthread_cond_wait(&recorder->changed, &recorder->lock);
        const bool given_up = recorder->given_up, any = recorder->waiting > 0;
        const int first = recorder->first;
        const int64_t at = recorder->at[first], end = recorder->end;
        pthread_mutex_unlock(&recorder->lock);
        if (given_up) return error_set(&recorder->error, "given up");
        if (!any) return finish(recorder, end);
        if (!pack(recorder, recorder->pictures[first], at)) return false;
        pthread_mutex_lock(&recorder->lock);
        recorder->first = (first + 1) % RECORDER_PICTURES;
        recorder->waiting--;
        pthread_mutex_unlock(&recorder->lock);
    }
}

static void *run(void *arg) {
    Recorder *recorder = arg;
    const bool good = take_pictures(recorder);
    film_destroy(recorder->film);
    pthread_mutex_lock(&recorder->lock);
    recorder->state = good ? RECORDER_DONE : RECORDER_FAILED;
    pthread_cond_broadcast(&recorder->changed);
    if (recorder->wake) recorder->wake(recorder->desc.context);
    leave(recorder);
    return NULL;
}

// ---- the owner

static Recorder *allocate(const RecorderDesc *desc) {
    Recorder *recorder = calloc(1, sizeof *recorder);
    if (!recorder) return NULL;
    recorder->desc = *desc;
    recorder->wake = desc->wake;
    recorder->folder = strdup(desc->folder);
    recorder->name = strdup(desc->name);
    bool good = recorder->folder && recorder->name;
    for (int i = 0; i < RECORDER_PICTURES; i++) {
        recorder->pictures[i] = malloc((size_t)desc->width * (size_t)desc->height * 4);
        good = good && recorder->pictures[i];
    }
    pthread_mutex_init(&recorder->lock, NULL);
    condition_init(&recorder->changed);
    if (good) return recorder;
    release(recorder);
    return NULL;
}

static bool begin(Recorder *recorder) {
    const RecorderDesc *desc = &recorder->desc;
    const FilmDesc film = {.folder = recorder->folder,
                           .name = recorder->name,
                           .type = desc->type,
                           .width = desc->width,
                           .height = desc->height,
                           .fps = desc->fps,
                           .live = true};
    recorder->film = film_create(&film, &recorder->error);
    return recorder->film != NULL;
}

Recorder *recorder_create(const RecorderDesc *desc, Error *error) {
    assert(desc->width > 0 && desc->height > 0 && desc->fps > 0);
    Recorder *recorder = allocate(desc);
    if (!recorder) {
        error_set(error, "record: out of memory");
        return NULL;
    }
    bool good = begin(recorder);
    recorder->users = 2; // the owner and the thread
    // Of the drawing's own priority: on a busy machine there would be hardly any pictures else.
    if (good && !thread_start(&recorder->thread, run, recorder, "recorder", THREAD_NORMAL)) {
        good = error_set(&recorder->error, "record: the system starts no more threads");
        film_destroy(recorder->film);
    }
    if (good) return recorder;
    if (error) *error = recorder->error;
    release(recorder);
    return NULL;
}

bool recorder_wants(const Recorder *recorder, double time) {
    return !recorder->any || number_at(recorder, time) > recorder->last_at;
}

uint8_t *recorder_room(Recorder *recorder) {
    pthread_mutex_lock(&recorder->lock);
    const bool takes = recorder->state == RECORDER_RECORDS && !recorder->stopped;
    const bool room = recorder->waiting < RECORDER_PICTURES;
    const int next = (recorder->first + recorder->waiting) % RECORDER_PICTURES;
    if (takes && !room) recorder->left_out++;
    pthread_mutex_unlock(&recorder->lock);
    return takes && room ? recorder->pictures[next] : NULL;
}

void recorder_add(Recorder *recorder, double time) {
    if (!recorder->any) recorder->began = time;
    recorder->any = true;
    recorder->last_at = number_at(recorder, time);
    pthread_mutex_lock(&recorder->lock);
    assert(recorder->waiting < RECORDER_PICTURES);
    recorder->at[(recorder->first + recorder->waiting) % RECORDER_PICTURES] = recorder->last_at;
    recorder->waiting++;
    recorder->taken++;
    pthread_cond_signal(&recorder->changed);
    pthread_mutex_unlock(&recorder->lock);
}

void recorder_stop(Recorder *recorder, double time) {
    pthread_mutex_lock(&recorder->lock);
    if (!recorder->stopped && recorder->state == RECORDER_RECORDS) {
        recorder->stopped = true;
        recorder->end = recorder->any ? number_at(recorder, time) : 0;
        recorder->state = RECORDER_FINISHES;
        pthread_cond_signal(&recorder->changed);
    }
    pthread_mutex_unlock(&recorder->lock);
}

RecorderState recorder_state(Recorder *recorder) {
    pthread_mutex_lock(&recorder->lock);
    const RecorderState state = recorder->state;
    pthread_mutex_unlock(&recorder->lock);
    return state;
}

void recorder_count(Recorder *recorder, int *taken, int *left_out) {
    pthread_mutex_lock(&recorder->lock);
    *taken = recorder->taken;
    *left_out = recorder->left_out;
    pthread_mutex_unlock(&recorder->lock);
}

const char *recorder_path(const Recorder *recorder) {
    return recorder->path;
}

const Error *recorder_error(const Recorder *recorder) {
    return &recorder->error;
}

static bool has_ended(const Recorder *recorder) {
    return recorder->state == RECORDER_DONE || recorder->state == RECORDER_FAILED;
}

bool recorder_wait(Recorder *recorder, double seconds) {
    enum { STEPS = 50 };
    pthread_mutex_lock(&recorder->lock);
    int64_t progress = recorder->progress;
    double used = process_seconds_used();
    for (int i = 0; i < STEPS && !has_ended(recorder); i++) {
        condition_wait(&recorder->changed, &recorder->lock, seconds / STEPS);
        // The program that packs may work for long on one picture, or on the film's end.
        const double now = process_seconds_used();
        if (recorder->progress == progress && fabs(now - used) < WORK) continue;
        progress = recorder->progress;
        used = now;
        i = 0;
    }
    const bool ended = has_ended(recorder);
    pthread_mutex_unlock(&recorder->lock);
    return ended;
}

/// Stops the program that packs. It may wait for a disk itself, and whoever stops it for that.
static void *stop_program(void *arg) {
    Recorder *recorder = arg;
    process_kill_all();
    pthread_mutex_lock(&recorder->lock);
    recorder->stopping = false;
    pthread_cond_broadcast(&recorder->changed);
    leave(recorder);
    return NULL;
}

static void start_to_stop_program(Recorder *recorder) {
    pthread_mutex_lock(&recorder->lock);
    recorder->stopping = true;
    recorder->users++;
    pthread_mutex_unlock(&recorder->lock);
    pthread_t thread;
    if (thread_start(&thread, stop_program, recorder, "stop", THREAD_NORMAL))
        pthread_detach(thread);
    else
        stop_program(recorder);
}

/// Waits until nothing of it runs any more.  @return false where that takes longer
static bool wait_for_end(Recorder *recorder, double seconds) {
    enum { STEPS = 50 };
    pthread_mutex_lock(&recorder->lock);
    for (int i = 0; i < STEPS && !(has_ended(recorder) && !recorder->stopping); i++)
        condition_wait(&recorder->changed, &recorder->lock, seconds / STEPS);
    const bool ended = has_ended(recorder) && !recorder->stopping;
    pthread_mutex_unlock(&recorder->lock);
    return ended;
}

bool recorder_give_up(Recorder *recorder) {
    pthread_mutex_lock(&recorder->lock);
    recorder->given_up = true;
    pthread_cond_broadcast(&recorder->changed);
    pthread_mutex_unlock(&recorder->lock);
    if (wait_for_end(recorder, PATIENCE)) return true;
    start_to_stop_program(recorder);
    return wait_for_end(recorder, PATIENCE);
}

void recorder_destroy(Recorder *recorder) {
    if (!recorder) return;
    const bool ended = recorder->given_up ? wait_for_end(recorder, 0) : recorder_give_up(recorder);
    if (ended)
        pthread_join(recorder->thread, NULL);
    else
        pthread_detach(recorder->thread); // it hangs: it frees all if ever it goes on
    pthread_mutex_lock(&recorder->lock);
    recorder->wake = NULL;
    leave(recorder);
}
