// One list holds all pictures in the order in which they came: first those that have ended and
// whose news nobody took yet, then the one that is being written, then those that wait.
#include "capture/picture_queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/paths.h"
#include "base/thread.h"
#include "capture/new_name.h"
#include "capture/png_file.h"

typedef struct Job {
    struct Job *next;
    uint8_t *rgba; // (height, width); the thread's until it has ended
    int width, height;
    char *name;
    PictureNews news;
} Job;

struct PictureQueue {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;

    // Under the lock
    void (*wake)(void *context);
    void *context;
    Job *first, *last; // all
    Job *next;         // the first that has not ended; NULL: none
    int open;          // how many have not
    bool closes;
    bool abandoned; // the thread is the one that frees it
};

static void release_job(Job *job) {
    free(job->rgba);
    free(job->name);
    free(job);
}

static void release(PictureQueue *queue) {
    for (Job *job = queue->first, *next; job; job = next) {
        next = job->next;
        release_job(job);
    }
    pthread_mutex_destroy(&queue->lock);
    pthread_cond_destroy(&queue->changed);
    free(queue);
}

// ---- the thread

static bool write_png(void *context, const char *draft, Error *error) {
    const Job *job = context;
    return png_save(draft, job->rgba, job->width, job->height, error);
}

static void save(Job *job) {
    char folder[PICTURE_PATH_MAX];
    PictureNews *news = &job->news;
    news->saved = paths_pictures(folder, sizeof folder, &news->error) &&
                  new_name_save(folder, job->name, ".png", write_png, job, news->path,
                                sizeof news->path, &news->error);
    free(job->rgba);
    job->rgba = NULL;
}

static void *run(void *arg) {
    PictureQueue *queue = arg;
    pthread_mutex_lock(&queue->lock);
    for (;;) {
        while (!queue->next && !queue->closes) pthread_cond_wait(&queue->changed, &queue->lock);
        if (queue->closes) break;
        Job *job = queue->next;
        pthread_mutex_unlock(&queue->lock);
        save(job);
        pthread_mutex_lock(&queue->lock);
        queue->next = job->next;
        queue->open--;
        pthread_cond_broadcast(&queue->changed);
        if (queue->wake) queue->wake(queue->context);
    }
    const bool abandoned = queue->abandoned;
    pthread_mutex_unlock(&queue->lock);
    if (abandoned) release(queue);
    return NULL;
}

// ---- the owner

PictureQueue *picture_queue_create(void (*wake)(void *context), void *context, Error *error) {
    PictureQueue *queue = calloc(1, sizeof *queue);
    if (!queue) {
        error_set(error, "saving a picture: out of memory");
        return NULL;
    }
    queue->wake = wake;
    queue->context = context;
    pthread_mutex_init(&queue->lock, NULL);
    condition_init(&queue->changed);
    // Of the drawing's own priority: on a busy machine a picture would take its time else.
    if (thread_start(&queue->thread, run, queue, "pictures", THREAD_NORMAL)) return queue;
    release(queue);
    error_set(error, "saving a picture: the system starts no more threads");
    return NULL;
}

bool picture_queue_add(PictureQueue *queue, uint8_t *rgba, int width, int height, const char *name,
                       Error *error) {
    Job *job = calloc(1, sizeof *job);
    char *copy = strdup(name);
    if (!job || !copy) {
        free(rgba);
        free(job);
        free(copy);
        return error_set(error, "saving a picture: out of memory");
    }
    *job = (Job){.rgba = rgba, .width = width, .height = height, .name = copy};
    pthread_mutex_lock(&queue->lock);
    if (queue->last)
        queue->last->next = job;
    else
        queue->first = job;
    queue->last = job;
    if (!queue->next) queue->next = job;
    queue->open++;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
    return true;
}

bool picture_queue_take(PictureQueue *queue, PictureNews *news) {
    pthread_mutex_lock(&queue->lock);
    Job *job = queue->first != queue->next ? queue->first : NULL;
    if (job) {
        queue->first = job->next;
        if (!queue->first) queue->last = NULL;
    }
    pthread_mutex_unlock(&queue->lock);
    if (!job) return false;
    *news = job->news;
    release_job(job);
    return true;
}

int picture_queue_wait(PictureQueue *queue, double seconds) {
    enum { STEPS = 50 };
    pthread_mutex_lock(&queue->lock);
    int open = queue->open;
    for (int i = 0; i < STEPS && open > 0; i++) {
        condition_wait(&queue->changed, &queue->lock, seconds / STEPS);
        if (queue->open < open) i = 0;
        open = queue->open;
    }
    pthread_mutex_unlock(&queue->lock);
    return open;
}

void picture_queue_destroy(PictureQueue *queue) {
    if (!queue) return;
    pthread_mutex_lock(&queue->lock);
    queue->closes = true;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
    pthread_join(queue->thread, NULL);
    release(queue);
}

void picture_queue_abandon(PictureQueue *queue) {
    pthread_detach(queue->thread);
    pthread_mutex_lock(&queue->lock);
    queue->wake = NULL;
    queue->closes = queue->abandoned = true;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
}
