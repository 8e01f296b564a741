/// The training thread: a loop over runs that takes each one's commands, gives it a slice, and
/// publishes what is new. Windows and trainer meet in two places only: a queue of commands under a
/// lock that is held to copy one command, and a mailbox of three snapshots, which has no lock.
#include "train/trainer.h"

#include <assert.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/mailbox.h"
#include "base/thread.h"
#include "train/run.h"

#define PUBLISH_SECONDS (1.0 / 120)
#define PUBLISH_SHARE   5    // a huge network's copies take at most a fifth of the time
#define SLEEP_SECONDS   0.05 // at most, while a run waits for its pace

enum { QUEUE_MAX = 64 };

/// A run with what belongs to its two ends.
typedef struct Entry {
    Run run;            // the thread's
    bool fresh, urgent; // something to publish; at once
    double published_at, publish_interval;

    Command queue[QUEUE_MAX]; // under the lock, oldest first
    int queued;

    Mailbox mailbox;
    Snapshot snapshots[3];
} Entry;

struct Trainer {
    TrainerDesc desc;
    pthread_t thread;
    pthread_mutex_t lock; // of n_entries, entries, the queues and stop
    pthread_cond_t posted;
    bool stop;
    int n_entries;
    Entry *entries[TRAINER_RUNS_MAX];
    atomic_uint_fast64_t serial;
};

// ---- the queue of commands ------------------------------------------------------------------

static void drop(Entry *entry, int at) {
    entry->queued--;
    memmove(&entry->queue[at], &entry->queue[at + 1],
            (size_t)(entry->queued - at) * sizeof *entry->queue);
}

/// Of some commands only the last one counts: a slider that is dragged sends many.
static bool replaces(const Entry *entry, CommandKind kind) {
    if (entry->queued == 0 || entry->queue[entry->queued - 1].kind != kind) return false;
    return kind == COMMAND_SEEK || kind == COMMAND_SET_PACE || kind == COMMAND_SET_UNIT ||
           command_sets(kind);
}

void trainer_post(Trainer *trainer, int run, Command command) {
    const Experiment *dropped = NULL;
    pthread_mutex_lock(&trainer->lock);
    assert(run >= 0 && run < trainer->n_entries);
    Entry *entry = trainer->entries[run];
    if (replaces(entry, command.kind)) {
        entry->queue[entry->queued - 1] = command;
    } else {
        if (entry->queued == QUEUE_MAX) { // no person is that fast: give up the oldest
            if (entry->queue[0].kind == COMMAND_LOAD) dropped = entry->queue[0].experiment;
            drop(entry, 0);
        }
        entry->queue[entry->queued++] = command;
    }
    pthread_cond_signal(&trainer->posted);
    pthread_mutex_unlock(&trainer->lock);
    experiment_release(dropped);
}

/// The oldest command, unless it has to wait for what the run is about, and nothing later ends
/// that.
static bool next_command(Trainer *trainer, Entry *entry, Command *command) {
    bool found = false;
    pthread_mutex_lock(&trainer->lock);
    if (entry->queued > 0) {
        bool waits = run_occupied(&entry->run) && command_waits(entry->queue[0].kind);
        for (int i = 1; i < entry->queued && waits; i++) {
            if (command_interrupts(entry->queue[i].kind)) waits = false;
        }
        if (!waits) {
            *command = entry->queue[0];
            drop(entry, 0);
            found = true;
        }
    }
    pthread_mutex_unlock(&trainer->lock);
    return found;
}

// ---- publishing -----------------------------------------------------------------------------

static bool publish(Trainer *trainer, Entry *entry, double start) {
    Snapshot *snapshot = &entry->snapshots[mailbox_writing(&entry->mailbox)];
    if (!run_snapshot(&entry->run, snapshot)) return false;
    snapshot->generation = entry->run.generation;
    snapshot->serial = atomic_fetch_add(&trainer->serial, 1) + 1;
    mailbox_publish(&entry->mailbox);
    double end = trainer->desc.now();
    entry->fresh = entry->urgent = false;
    entry->published_at = end;
    entry->publish_interval = fmax(PUBLISH_SECONDS, PUBLISH_SHARE * (end - start));
    return true;
}

/// Publishes where there is something new and it is time.  @return seconds until it will be
static double publish_when_due(Trainer *trainer, Entry *entry) {
    // A look back shows where it arrives, not what it passes; a step, what it has done; a
    // beginning, epoch 0 as measured.
    if (entry->run.seeking >= 0 || run_begins(&entry->run) || !entry->fresh)
        return (double)INFINITY;
    double now = trainer->desc.now();
    double due = entry->published_at + entry->publish_interval - now;
    bool at_once = entry->urgent && !run_occupied(&entry->run);
    if (!at_once && due > 0 && due <= entry->publish_interval) return due;
    if (!publish(trainer, entry, now)) return SLEEP_SECONDS; // out of memory: perhaps later
    trainer->desc.wake(trainer->desc.context);
    return (double)INFINITY;
}

// ---- the thread -----------------------------------------------------------------------------

/// Takes a run's commands, trains a slice, publishes.  @return seconds until there is more to do
static double serve(Trainer *trainer, Entry *entry) {
    Run *run = &entry->run;
    Command command;
    while (next_command(trainer, entry, &command)) {
        run_obey(run, &command, trainer->desc.now());
        entry->fresh = entry->urgent = true;
    }
    run_tick(run, trainer->desc.now());
    if (run_ready(run)) {
        RunState state = run->state;
        bool asked = run->stepping || run->seeking >= 0;
        run_slice(run, trainer->desc.now);
        entry->fresh = true;
        bool still = run->stepping || run->seeking >= 0;
        if (run->state != state || (asked && !still)) entry->urgent = true;
        run_tick(run, trainer->desc.now());
    }
    double publication = publish_when_due(trainer, entry);
    return fmin(run_wait(run), publication);
}

/// Sleeps until a command is posted, at most that long.
static void sleep_until_posted(Trainer *trainer, double seconds) {
    if (isinf(seconds)) {
        pthread_cond_wait(&trainer->posted, &trainer->lock);
        return;
    }
    condition_wait(&trainer->posted, &trainer->lock, fmin(seconds, SLEEP_SECONDS));
}

static bool has_commands(const Trainer *trainer) {
    for (int i = 0; i < trainer->n_entries; i++) {
        if (trainer->entries[i]->queued > 0) return true;
    }
    return false;
}

static void *train_all(void *arg) {
    Trainer *trainer = arg;
    double wait = 0;
    pthread_mutex_lock(&trainer->lock);
    for (;;) {
        // Commands that wait for a step or a look back: then wait is zero, and this does not sleep.
        if (wait > 0 && !trainer->stop && !has_commands(trainer)) sleep_until_posted(trainer, wait);
        if (trainer->stop) break;
        int n = trainer->n_entries;
        pthread_mutex_unlock(&trainer->lock);
        wait = (double)INFINITY;
        for (int i = 0; i < n; i++) wait = fmin(wait, serve(trainer, trainer->entries[i]));
        pthread_mutex_lock(&trainer->lock);
    }
    pthread_mutex_unlock(&trainer->lock);
    return NULL;
}

// ---- the window's side ----------------------------------------------------------------------

Trainer *trainer_create(const TrainerDesc *desc, Error *error) {
    assert(desc->now && desc->wake);
    Trainer *trainer = calloc(1, sizeof *trainer);
    if (!trainer) {
        error_set(error, "not enough memory");
        return NULL;
    }
    trainer->desc = *desc;
    pthread_mutex_init(&trainer->lock, NULL);
    condition_init(&trainer->posted);
    if (thread_start(&trainer->thread, train_all, trainer, "trainer", THREAD_BACKGROUND)) {
        return trainer;
    }
    error_set(error, "the system refuses another thread");
    pthread_cond_destroy(&trainer->posted);
    pthread_mutex_destroy(&trainer->lock);
    free(trainer);
    return NULL;
}

static void entry_destroy(Entry *entry) {
    for (int i = 0; i < entry->queued; i++) {
        if (entry->queue[i].kind == COMMAND_LOAD) experiment_release(entry->queue[i].experiment);
    }
    for (int i = 0; i < 3; i++) snapshot_deinit(&entry->snapshots[i]);
    run_deinit(&entry->run);
    free(entry);
}

void trainer_destroy(Trainer *trainer) {
    if (!trainer) return;
    pthread_mutex_lock(&trainer->lock);
    trainer->stop = true;
    pthread_cond_signal(&trainer->posted);
    pthread_mutex_unlock(&trainer->lock);
    pthread_join(trainer->thread, NULL);
    for (int i = 0; i < trainer->n_entries; i++) entry_destroy(trainer->entries[i]);
    pthread_cond_destroy(&trainer->posted);
    pthread_mutex_destroy(&trainer->lock);
    free(trainer);
}

int trainer_add(Trainer *trainer, const Experiment *experiment, Error *error) {
    int number = trainer->n_entries; // only this thread changes it
    if (number == TRAINER_RUNS_MAX) {
        error_set(error, "there are %d runs already", TRAINER_RUNS_MAX);
        return -1;
    }
    Entry *entry = calloc(1, sizeof *entry);
    if (!entry) {
        error_set(error, "not enough memory");
        return -1;
    }
    mailbox_init(&entry->mailbox);
    if (!run_init(&entry->run, experiment, error)) {
        free(entry);
        return -1;
    }
    entry->run.generation += (uint64_t)(number + 1) << 32; // no two runs share one
    Snapshot *first = &entry->snapshots[mailbox_writing(&entry->mailbox)];
    if (!run_snapshot(&entry->run, first)) {
        entry_destroy(entry);
        error_set(error, "not enough memory");
        return -1;
    }
    first->generation = entry->run.generation;
    first->serial = atomic_fetch_add(&trainer->serial, 1) + 1;
    mailbox_publish(&entry->mailbox);
    entry->run.accrued_at = entry->run.speed_at = trainer->desc.now();

    pthread_mutex_lock(&trainer->lock);
    trainer->entries[number] = entry;
    trainer->n_entries++;
    pthread_mutex_unlock(&trainer->lock);
    return number;
}

const Snapshot *trainer_snapshot(Trainer *trainer, int run) {
    assert(run >= 0 && run < trainer->n_entries);
    Entry *entry = trainer->entries[run];
    mailbox_take(&entry->mailbox);
    return &entry->snapshots[mailbox_reading(&entry->mailbox)];
}
