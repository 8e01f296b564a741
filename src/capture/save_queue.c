// One list holds all jobs in the order in which they came: first those that have ended and whose
// news nobody took yet, then the one that is being saved, then those that wait.
#include "capture/save_queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/paths.h"
#include "capture/new_name.h"

typedef struct Job {
    struct Job *next;
    SaveJob what; // its context is the thread's until it has ended, then NULL
    char *name;
    SaveNews news;
    atomic_llong progress; // of writing
} Job;

struct SaveQueue {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;

    // Under the lock
    void (*wake)(void *context);
    void *context;
    Job *first, *last; // all
    Job *next;         // the first that has not ended; NULL: none
    int open;          // how many have not
    bool prepares;     // the thread does, rather than to write
    bool closes;
    bool abandoned; // the thread is the one that frees it
};

static void release_job(Job *job) {
    if (job->what.context) job->what.release(job->what.context);
    free(job->name);
    free(job);
}

static void release(SaveQueue *queue) {
    for (Job *job = queue->first, *next; job; job = next) {
        next = job->next;
        release_job(job);
    }
    pthread_mutex_destroy(&queue->lock);
    pthread_cond_destroy(&queue->changed);
    free(queue);
}

// ---- the thread

static void set_prepares(SaveQueue *queue, bool prepares) {
    pthread_mutex_lock(&queue->lock);
    queue->prepares = prepares;
    pthread_mutex_unlock(&queue->lock);
}

static bool prepare(SaveQueue *queue, const SaveJob *job, Error *error) {
    if (!job->prepare) return true;
    set_prepares(queue, true);
    const bool good = job->prepare(job->context, error);
    set_prepares(queue, false);
    return good;
}

static bool write_job(void *context, const char *draft, Error *error) {
    Job *job = context;
    return job->what.write(job->what.context, draft, &job->progress, error);
}

static void save(SaveQueue *queue, Job *job) {
    char folder[SAVE_PATH_MAX];
    SaveJob *what = &job->what;
    SaveNews *news = &job->news;
    news->saved = prepare(queue, what, &news->error) &&
                  paths_pictures(folder, sizeof folder, &news->error) &&
                  new_name_save(folder, job->name, what->suffix, write_job, job, news->path,
                                sizeof news->path, &news->error);
    what->release(what->context);
    what->context = NULL;
}

static void *run(void *arg) {
    SaveQueue *queue = arg;
    pthread_mutex_lock(&queue->lock);
    for (;;) {
        while (!queue->next && !queue->closes) pthread_cond_wait(&queue->changed, &queue->lock);
        if (queue->closes) break;
        Job *job = queue->next;
        pthread_mutex_unlock(&queue->lock);
        save(queue, job);
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

SaveQueue *save_queue_create(ThreadPriority priority, void (*wake)(void *context), void *context,
                             Error *error) {
    SaveQueue *queue = calloc(1, sizeof *queue);
    if (!queue) {
        error_set(error, "saving a file: out of memory");
        return NULL;
    }
    queue->wake = wake;
    queue->context = context;
    pthread_mutex_init(&queue->lock, NULL);
    condition_init(&queue->changed);
    if (thread_start(&queue->thread, run, queue, "saving", priority)) return queue;
    release(queue);
    error_set(error, "saving a file: the system starts no more threads");
    return NULL;
}

bool save_queue_add(SaveQueue *queue, const SaveJob *what, Error *error) {
    Job *job = calloc(1, sizeof *job);
    char *name = strdup(what->name);
    if (!job || !name) {
        what->release(what->context);
        free(job);
        free(name);
        return error_set(error, "saving %s: out of memory", what->name);
    }
    *job = (Job){.what = *what, .name = name};
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

bool save_queue_take(SaveQueue *queue, SaveNews *news) {
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

int save_queue_wait(SaveQueue *queue, double seconds) {
    enum { STEPS = 50 };
    pthread_mutex_lock(&queue->lock);
    int open = queue->open;
    long long progress = 0;
    for (int i = 0; i < STEPS && open > 0; i++) {
        condition_wait(&queue->changed, &queue->lock, seconds / STEPS);
        const long long now = queue->next ? atomic_load(&queue->next->progress) : 0;
        if (queue->open < open || queue->prepares || now != progress) i = 0;
        open = queue->open;
        progress = now;
    }
    pthread_mutex_unlock(&queue->lock);
    return open;
}

void save_queue_destroy(SaveQueue *queue) {
    if (!queue) return;
    pthread_mutex_lock(&queue->lock);
    queue->closes = true;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
    pthread_join(queue->thread, NULL);
    release(queue);
}

void save_queue_abandon(SaveQueue *queue) {
    pthread_detach(queue->thread);
    pthread_mutex_lock(&queue->lock);
    queue->wake = NULL;
    queue->closes = queue->abandoned = true;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
}
