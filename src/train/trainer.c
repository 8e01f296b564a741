/// The training thread: a loop over runs that takes each one's commands, gives it a slice, and
/// publishes what is new. Windows and trainer meet in two places only: a queue of commands under a
/// lock that is held to copy one command, and a mailbox of three snapshots, which has no lock.
#include "train/trainer.h"

#include <assert.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mailbox.h"
#include "base/thread.h"
#include "train/run.h"

#define PUBLISH_SECONDS (1.0 / 120)
#define PUBLISH_SHARE   5    // a huge network's copies take at most a fifth of the time
#define SLEEP_SECONDS   0.05 // at most, while a run waits for its pace

enum { QUEUE_MAX = 64 };

/// A run and where its snapshots go. The window takes them from those that race; what a runner
/// that no longer does has left there is cleared by the window.
typedef struct Runner {
    Run run;            // the thread's
    bool fresh, urgent; // something to publish; at once
    Mailbox mailbox;
    Snapshot snapshots[3];
} Runner;

/// What the window calls a run: the first runner, and its rivals.
typedef struct Entry {
    Runner *runners[1 + RIVALS_MAX]; // made when needed, and kept
    int n_runners;                   // changed by the thread alone, under the lock
    double published_at, publish_interval;

    Command queue[QUEUE_MAX]; // under the lock, oldest first
    int queued;
} Entry;

struct Trainer {
    TrainerDesc desc;
    pthread_t thread;
    pthread_mutex_t lock; // of n_entries, entries, the queues, stop and ended
    pthread_cond_t posted;
    bool stop, ended; // the thread is to end; it has
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
static bool replaces(const Entry *entry, const Command *command) {
    CommandKind kind = command->kind;
    if (entry->queued == 0 || entry->queue[entry->queued - 1].kind != kind) return false;
    bool puts = kind == COMMAND_MOVE || (kind == COMMAND_RESTART && command->params);
    if (puts) return command->again;
    return kind == COMMAND_SEEK || kind == COMMAND_SET_PACE || kind == COMMAND_SET_UNIT ||
           command_sets(kind);
}

void trainer_post(Trainer *trainer, int run, Command command) {
    Command dropped = {.kind = COMMAND_NONE};
    pthread_mutex_lock(&trainer->lock);
    assert(run >= 0 && run < trainer->n_entries);
    Entry *entry = trainer->entries[run];
    if (replaces(entry, &command)) {
        Command *last = &entry->queue[entry->queued - 1];
        dropped = *last;
        command.again = last->again; // it stands for both
        *last = command;
    } else {
        if (entry->queued == QUEUE_MAX) { // no person is that fast: give up the oldest
            dropped = entry->queue[0];
            drop(entry, 0);
        }
        entry->queue[entry->queued++] = command;
    }
    pthread_cond_signal(&trainer->posted);
    pthread_mutex_unlock(&trainer->lock);
    command_release(&dropped);
}

static bool defers(const Entry *entry, CommandKind kind) {
    for (int i = 0; i < entry->n_runners; i++) {
        if (run_defers(&entry->runners[i]->run, kind)) return true;
    }
    return false;
}

static bool is_occupied(const Entry *entry) {
    for (int i = 0; i < entry->n_runners; i++) {
        if (run_occupied(&entry->runners[i]->run)) return true;
    }
    return false;
}

/// The oldest command, unless it has to wait for what the run is about, and nothing later ends
/// that.
static bool next_command(Trainer *trainer, Entry *entry, Command *command) {
    bool found = false;
    pthread_mutex_lock(&trainer->lock);
    if (entry->queued > 0 && !trainer->stop) {
        bool waits = defers(entry, entry->queue[0].kind);
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

static bool publish(Trainer *trainer, Entry *entry, Runner *runner) {
    Snapshot *snapshot = &runner->snapshots[mailbox_writing(&runner->mailbox)];
    if (!run_snapshot(&runner->run, snapshot)) return false;
    snapshot->generation = runner->run.generation;
    snapshot->race = entry->runners[0]->run.generation;
    snapshot->serial = atomic_fetch_add(&trainer->serial, 1) + 1;
    mailbox_publish(&runner->mailbox);
    runner->fresh = runner->urgent = false;
    return true;
}

/// Publishes what is new; the first runner last, so that who has its snapshot finds its rivals'.
/// @return false where memory is short
static bool publish_all(Trainer *trainer, Entry *entry, double start) {
    for (int i = entry->n_runners - 1; i >= 0; i--) {
        if (entry->runners[i]->fresh && !publish(trainer, entry, entry->runners[i])) return false;
    }
    entry->published_at = trainer->desc.now();
    entry->publish_interval = fmax(PUBLISH_SECONDS, PUBLISH_SHARE * (entry->published_at - start));
    return true;
}

/// Publishes where there is something new and it is time.  @return seconds until it will be
static double publish_when_due(Trainer *trainer, Entry *entry) {
    // A look back shows where it arrives, not what it passes; a step, what it has done; a
    // beginning, epoch 0 as measured.
    bool fresh = false, urgent = false;
    for (int i = 0; i < entry->n_runners; i++) {
        const Runner *runner = entry->runners[i];
        if (runner->run.seeking >= 0 || run_begins(&runner->run)) return (double)INFINITY;
        fresh = fresh || runner->fresh;
        urgent = urgent || runner->urgent;
    }
    if (!fresh) return (double)INFINITY;
    double now = trainer->desc.now();
    double due = entry->published_at + entry->publish_interval - now;
    bool at_once = urgent && !is_occupied(entry);
    if (!at_once && due > 0 && due <= entry->publish_interval) return due;
    if (!publish_all(trainer, entry, now)) return SLEEP_SECONDS; // out of memory: perhaps later
    trainer->desc.wake(trainer->desc.context);
    return (double)INFINITY;
}

// ---- races ----------------------------------------------------------------------------------

static Runner *runner_create(uint64_t generation) {
    Runner *runner = calloc(1, sizeof *runner);
    if (!runner) return NULL;
    mailbox_init(&runner->mailbox);
    runner->run.generation = generation;
    return runner;
}

static void set_runners(Trainer *trainer, Entry *entry, int n) {
    pthread_mutex_lock(&trainer->lock);
    entry->n_runners = n;
    pthread_mutex_unlock(&trainer->lock);
}

/// Makes runner i, from 1 on, run the rival.  @return false with error set
static bool take_rival(Trainer *trainer, Entry *entry, int i, Error *error) {
    const Run *first = &entry->runners[0]->run;
    Runner *runner = entry->runners[i];
    if (!runner) { // no two runs share a generation
        runner = runner_create((uint64_t)i << 56 | first->generation >> 32 << 32);
        if (!runner) return error_set(error, "not enough memory");
        pthread_mutex_lock(&trainer->lock);
        entry->runners[i] = runner;
        pthread_mutex_unlock(&trainer->lock);
    }
    Experiment *rival = experiment_rival(first->session->experiment, i - 1);
    if (!rival) return error_set(error, "not enough memory");
    uint64_t generation = runner->run.generation;
    run_deinit(&runner->run);
    bool good = run_init_rival(&runner->run, first, rival, error);
    runner->run.generation += generation;
    runner->fresh = true;
    experiment_release(rival);
    return good;
}

/// Gives a run the rivals that its experiment names; none where memory is short, as its message
/// then says.
static void gather_rivals(Trainer *trainer, Entry *entry) {
    Run *first = &entry->runners[0]->run;
    int wanted = first->session->experiment->n_race, made = 0, before = entry->n_runners - 1;
    Error error;
    while (made < wanted && take_rival(trainer, entry, made + 1, &error)) made++;
    if (made < wanted) {
        snprintf(first->message, sizeof first->message, "race.%d: %.200s", made, error.text);
        first->warns = true;
        before = made > before ? made : before;
        made = 0;
    }
    set_runners(trainer, entry, 1 + made);
    for (int i = made; i < before; i++) {
        uint64_t generation = entry->runners[1 + i]->run.generation;
        run_deinit(&entry->runners[1 + i]->run);
        entry->runners[1 + i]->run.generation = generation;
    }
}

/// Lets no runner that plays begin an epoch before all others that play have ended the one before.
static void keep_step(Entry *entry) {
    int64_t slowest = INT64_MAX;
    for (int i = 0; i < entry->n_runners; i++) {
        const Run *run = &entry->runners[i]->run;
        bool plays = run->state == RUN_RUNNING && run->session->epoch < slowest;
        if (plays) slowest = run->session->epoch;
    }
    for (int i = 0; i < entry->n_runners; i++) entry->runners[i]->run.leash = slowest;
}

// ---- the thread -----------------------------------------------------------------------------

static void obey(Trainer *trainer, Entry *entry, const Command *command) {
    Run *first = &entry->runners[0]->run;
    const Session *session = first->session;
    bool shared = command->kind != COMMAND_LOAD && !command_sets(command->kind);
    double now = trainer->desc.now();
    bool keeps = run_obey(first, command, now);
    for (int i = 1; i < entry->n_runners; i++) {
        run_obey_along(&entry->runners[i]->run, shared ? command : NULL, now, keeps);
    }
    command_release(command);
    if (first->session != session) gather_rivals(trainer, entry);
    for (int i = 0; i < entry->n_runners; i++) {
        entry->runners[i]->fresh = entry->runners[i]->urgent = true;
    }
}

/// Whose state is larger forgets sooner what it was: what not all can undo, none does, or they
/// would part.
static void keep_what_all_have(Entry *entry) {
    int undos = UNDO_MOMENTS, redos = UNDO_MOMENTS;
    for (int i = 0; i < entry->n_runners; i++) {
        const Run *run = &entry->runners[i]->run;
        undos = run->undos.count < undos ? run->undos.count : undos;
        redos = run->redos.count < redos ? run->redos.count : redos;
    }
    for (int i = 0; i < entry->n_runners; i++) {
        moments_keep(&entry->runners[i]->run.undos, undos);
        moments_keep(&entry->runners[i]->run.redos, redos);
    }
}

/// Trains a slice.  @return seconds until there is more to do
static double advance(Trainer *trainer, Runner *runner) {
    Run *run = &runner->run;
    run_tick(run, trainer->desc.now());
    if (run_ready(run)) {
        RunState state = run->state;
        bool asked = run->stepping || run->seeking >= 0;
        run_slice(run, trainer->desc.now);
        runner->fresh = true;
        bool still = run->stepping || run->seeking >= 0;
        if (run->state != state || (asked && !still)) runner->urgent = true;
        run_tick(run, trainer->desc.now());
    }
    return run_wait(run);
}

/// Takes a run's commands, trains a slice of it and of its rivals, publishes.
/// @return seconds until there is more to do
static double serve(Trainer *trainer, Entry *entry) {
    Command command;
    while (next_command(trainer, entry, &command)) {
        if (entry->n_runners > 1) keep_what_all_have(entry);
        obey(trainer, entry, &command);
    }
    if (entry->n_runners > 1) keep_what_all_have(entry);
    if (entry->n_runners > 1) keep_step(entry);
    double wait = (double)INFINITY;
    for (int i = 0; i < entry->n_runners; i++) {
        wait = fmin(wait, advance(trainer, entry->runners[i]));
    }
    if (entry->n_runners > 1) { // who has waited for others may go on now
        keep_step(entry);
        for (int i = 0; i < entry->n_runners; i++) {
            wait = fmin(wait, run_wait(&entry->runners[i]->run));
        }
    }
    return fmin(wait, publish_when_due(trainer, entry));
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
    trainer->ended = true;
    pthread_cond_signal(&trainer->posted);
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
    for (int i = 0; i < entry->queued; i++) command_release(&entry->queue[i]);
    for (int i = 0; i < 1 + RIVALS_MAX && entry->runners[i]; i++) {
        Runner *runner = entry->runners[i];
        for (int k = 0; k < 3; k++) snapshot_deinit(&runner->snapshots[k]);
        run_deinit(&runner->run);
        free(runner);
    }
    free(entry);
}

bool trainer_destroy_within(Trainer *trainer, double seconds) {
    if (!trainer) return true;
    pthread_mutex_lock(&trainer->lock);
    trainer->stop = true;
    pthread_cond_signal(&trainer->posted);
    for (double left = seconds; !trainer->ended && left > 0; left -= SLEEP_SECONDS) {
        condition_wait(&trainer->posted, &trainer->lock, fmin(left, SLEEP_SECONDS));
    }
    const bool ended = trainer->ended;
    pthread_mutex_unlock(&trainer->lock);
    if (!ended) return false;
    pthread_join(trainer->thread, NULL);
    for (int i = 0; i < trainer->n_entries; i++) entry_destroy(trainer->entries[i]);
    pthread_cond_destroy(&trainer->posted);
    pthread_mutex_destroy(&trainer->lock);
    free(trainer);
    return true;
}

void trainer_destroy(Trainer *trainer) {
    trainer_destroy_within(trainer, (double)INFINITY);
}

int trainer_add(Trainer *trainer, const Experiment *experiment, Error *error) {
    int number = trainer->n_entries; // only this thread changes it
    if (number == TRAINER_RUNS_MAX) {
        error_set(error, "there are %d runs already", TRAINER_RUNS_MAX);
        return -1;
    }
    Entry *entry = calloc(1, sizeof *entry);
    Runner *first = entry ? runner_create(0) : NULL;
    if (!first) {
        free(entry);
        error_set(error, "not enough memory");
        return -1;
    }
    entry->runners[0] = first;
    entry->n_runners = 1;
    if (!run_init(&first->run, experiment, error)) {
        entry_destroy(entry);
        return -1;
    }
    first->run.accrued_at = first->run.speed_at = trainer->desc.now();
    first->run.generation += (uint64_t)(number + 1) << 32; // no two runs share one
    if (!publish(trainer, entry, first)) {
        entry_destroy(entry);
        error_set(error, "not enough memory");
        return -1;
    }
    gather_rivals(trainer, entry);

    pthread_mutex_lock(&trainer->lock);
    trainer->entries[number] = entry;
    trainer->n_entries++;
    pthread_cond_signal(&trainer->posted); // rivals are to be measured
    pthread_mutex_unlock(&trainer->lock);
    return number;
}

static const Snapshot *take(Runner *runner) {
    mailbox_take(&runner->mailbox);
    return &runner->snapshots[mailbox_reading(&runner->mailbox)];
}

const Snapshot *trainer_snapshot(Trainer *trainer, int run) {
    assert(run >= 0 && run < trainer->n_entries);
    return take(trainer->entries[run]->runners[0]);
}

/// Takes the rivals' snapshots, and frees what former rivals have left. The lock keeps the thread
/// from making those rivals again in the meantime.
/// @return how many there are
static int take_rivals(Trainer *trainer, Entry *entry, const Snapshot **rivals) {
    pthread_mutex_lock(&trainer->lock);
    int n = entry->n_runners - 1;
    for (int i = 0; i < RIVALS_MAX && entry->runners[1 + i]; i++) {
        Runner *runner = entry->runners[1 + i];
        if (i < n) {
            rivals[i] = take(runner);
        } else {
            for (int k = 0; k < 3; k++) snapshot_deinit(&runner->snapshots[k]);
        }
    }
    pthread_mutex_unlock(&trainer->lock);
    return n;
}

const Snapshot *trainer_race(Trainer *trainer, int run, const Snapshot **rivals, int *n) {
    const Snapshot *first = trainer_snapshot(trainer, run);
    *n = 0;
    // Between two takes a new race may be published: then the first one's is there, too, at once.
    for (int tries = 0; tries < 50; tries++) {
        int count = take_rivals(trainer, trainer->entries[run], rivals), matching = 0;
        for (int i = 0; i < count; i++) matching += rivals[i]->race == first->race;
        if (matching == count) {
            *n = count;
            break;
        }
        first = trainer_snapshot(trainer, run);
    }
    return first;
}
