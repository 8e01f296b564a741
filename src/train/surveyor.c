/// The surveying thread: it takes up what was posted to each slot, does a few rows of the most
/// pressing pass, and looks again. So newer posts, and more pressing slots, get in between within
/// milliseconds. First passes of all slots go before anybody's finer ones; a run that rests gets
/// all passes, one that runs the first of each snapshot, as fine as its pace leaves time for.
#include "train/surveyor.h"

#include <assert.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/mailbox.h"
#include "base/thread.h"
#include "train/command.h"
#include "train/survey.h"

#define CHUNK_SECONDS 2e-3
/// What a first pass may take: a part of the time from one snapshot to the next at the run's pace,
/// within limits. A run that was stopped keeps about that, lest its picture get coarser first.
#define FIRST_PASS_SHARE 0.4
static const double running_seconds[2] = {5e-3, 100e-3}, resting_seconds[2] = {12e-3, 25e-3};

/// What is needed of a snapshot. Counted: all slots that look at one snapshot share it.
typedef struct Source {
    atomic_int references;
    Network net;
    const Dataset *data; // counted
    Loss loss;
    uint64_t snapshot, generation;
    int64_t epoch;
    const Path *path; // counted
    int path_count;
    bool running;
    double first_pass_seconds;
} Source;

typedef struct Post {
    ObservationRequest request;
    Source *source; // counted; NULL: no post
} Post;

typedef struct Slot {
    ObservationRequest asked; // the window's: the last post
    uint64_t asked_snapshot, asked_generation;

    Post posted;         // under the lock
    atomic_bool dropped; // what the thread is doing for this slot is no longer wanted

    // The thread's; what it works on, and the first two under the lock as well.
    Post work;
    bool first_pass;
    bool started;
    Survey survey;
    int pass, row;
    unsigned served; // when it last finished a first pass

    Mailbox mailbox;
    bool any; // the window's: a result was taken
    Observation results[3];
} Slot;

struct Surveyor {
    void (*wake)(void *context);
    void *context;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t posted;
    atomic_bool stop;
    Source *latest; // the window's
    unsigned turn;  // the thread's: first passes finished
    uint64_t serial;
    int processors;
    Slot slots[SURVEYOR_SLOTS_MAX];
};

// ---- sources --------------------------------------------------------------------------------

static void source_release(Source *source) {
    if (!source) return;
    if (atomic_fetch_sub_explicit(&source->references, 1, memory_order_acq_rel) > 1) return;
    network_deinit(&source->net);
    dataset_release(source->data);
    path_release(source->path);
    free(source);
}

static Source *source_retain(Source *source) {
    atomic_fetch_add_explicit(&source->references, 1, memory_order_relaxed);
    return source;
}

/// Whether nothing has changed since that would show: snapshots also follow a mere change of pace.
/// (The path grows when an epoch has been measured, some time after its weights were known.)
static bool shows_the_same(const Source *source, const Snapshot *snapshot) {
    if (source->generation != snapshot->generation) return false;
    if (source->snapshot == snapshot->serial) return true;
    bool running = snapshot->state == RUN_RUNNING;
    return source->epoch == snapshot->epoch && source->running == running &&
           source->data == snapshot->data && source->path == snapshot->path &&
           source->path_count == snapshot->path_count &&
           network_same_shape(&source->net, &snapshot->net) &&
           memcmp(source->net.params, snapshot->net.params,
                  source->net.n_values * sizeof *source->net.params) == 0;
}

/// The shared copy of this snapshot, made where there is none. Borrowed. NULL where memory is
/// short.
static Source *source_of(Surveyor *surveyor, const Snapshot *snapshot) {
    Source *latest = surveyor->latest;
    if (latest && shows_the_same(latest, snapshot)) return latest;
    Source *source = calloc(1, sizeof *source);
    if (!source) return NULL;
    if (!network_copy(&source->net, &snapshot->net)) {
        free(source);
        return NULL;
    }
    atomic_init(&source->references, 1);
    source->data = dataset_retain(snapshot->data);
    source->loss = snapshot->experiment->loss;
    source->snapshot = snapshot->serial;
    source->generation = snapshot->generation;
    source->epoch = snapshot->epoch;
    source->path = path_retain(snapshot->path);
    source->path_count = snapshot->path_count;
    source->running = snapshot->state == RUN_RUNNING;
    const double *limits = source->running ? running_seconds : resting_seconds;
    double share = FIRST_PASS_SHARE / fmax(snapshot->pace, PACE_MIN);
    source->first_pass_seconds = fmin(fmax(share, limits[0]), limits[1]);
    source_release(latest);
    surveyor->latest = source;
    return source;
}

// ---- the thread -----------------------------------------------------------------------------

static bool cancelled(void *context) {
    Slot *slot = context;
    return atomic_load_explicit(&slot->dropped, memory_order_relaxed);
}

/// Requests are zeroed before they are filled in, so that their bytes tell.
static bool same_request(const ObservationRequest *a, const ObservationRequest *b) {
    // NOLINTNEXTLINE(bugprone-suspicious-memory-comparison,cert-exp42-c,cert-flp37-c)
    return memcmp(a, b, sizeof *a) == 0;
}

static void post_release(Post *post) {
    if (!post->source) return;
    plane_release(post->request.surface.plane);
    source_release(post->source);
    post->source = NULL;
}

/// Whether finishing the first pass under way also serves that post: so a stream of snapshots
/// faster than the passes does not starve the picture.
static bool serves(const Slot *slot, const Post *post) {
    return slot->first_pass && slot->work.source && post->source &&
           slot->work.source->generation == post->source->generation &&
           same_request(&slot->work.request, &post->request);
}

static void stop_work(Slot *slot) {
    if (slot->started) survey_deinit(&slot->survey);
    slot->started = false;
    post_release(&slot->work);
}

/// Takes up newer posts.  Under the lock.
static void take_posts(Surveyor *surveyor) {
    for (int i = 0; i < SURVEYOR_SLOTS_MAX; i++) {
        Slot *slot = &surveyor->slots[i];
        bool dropped = atomic_load_explicit(&slot->dropped, memory_order_relaxed);
        bool newer = slot->posted.source && !serves(slot, &slot->posted);
        if (!dropped && !newer) continue;
        stop_work(slot);
        slot->work = slot->posted;
        slot->posted.source = NULL;
        slot->first_pass = true;
        atomic_store_explicit(&slot->dropped, false, memory_order_relaxed);
    }
}

/// First passes before others, then by priority, which grows while a slot waits.
static Slot *most_pressing(Surveyor *surveyor) {
    Slot *best = NULL;
    long best_rank = 0;
    for (int i = 0; i < SURVEYOR_SLOTS_MAX; i++) {
        Slot *slot = &surveyor->slots[i];
        if (!slot->work.source) continue;
        long waited = slot->first_pass ? (long)(surveyor->turn - slot->served) : 0;
        long rank = slot->work.request.priority + waited;
        bool better = !best || slot->first_pass > best->first_pass ||
                      (slot->first_pass == best->first_pass && rank > best_rank);
        if (better) {
            best = slot;
            best_rank = rank;
        }
    }
    return best;
}

static bool start(Slot *slot) {
    Source *source = slot->work.source;
    SurveySource what = {.net = &source->net,
                         .data = source->data,
                         .loss = source->loss,
                         .snapshot = source->snapshot,
                         .generation = source->generation,
                         .epoch = source->epoch,
                         .path = source->path,
                         .path_count = source->path_count,
                         .cancel = cancelled,
                         .context = slot};
    if (!survey_init(&slot->survey, &slot->work.request, &what, NULL)) return false;
    slot->started = true;
    slot->pass = survey_pass_within(&slot->survey, source->first_pass_seconds);
    slot->row = 0;
    return true;
}

/// Does some rows.  Without the lock.  @return true where the pass is finished
static bool work(Surveyor *surveyor, Slot *slot) {
    Observation *out = &slot->results[mailbox_writing(&slot->mailbox)];
    if (!slot->started && !start(slot)) goto failed;
    const Survey *survey = &slot->survey;
    if (slot->row == 0 && !survey_start(survey, slot->pass, out)) goto failed;

    // While training runs it has the other processors.
    int spare = surveyor->processors - 1;
    int threads = slot->work.source->running || spare < 1 ? 1 : spare;
    int rows = survey_rows(survey, slot->pass);
    double fit = threads * CHUNK_SECONDS / survey_row_seconds(survey, slot->pass);
    int chunk = fit < threads ? threads : fit < rows ? (int)fit : rows;
    int last = rows - slot->row < chunk ? rows : slot->row + chunk;
    bool done = survey_work(survey, out, slot->row, last, threads, cancelled, slot);
    if (!done) goto failed;
    slot->row = last;
    if (last < rows) return false;
    survey_finish(out);
    out->serial = ++surveyor->serial;
    mailbox_publish(&slot->mailbox);
    surveyor->wake(surveyor->context);
    return true;
failed: // dropped, an impossible request, or no memory: wait for the next post
    atomic_store_explicit(&slot->dropped, true, memory_order_relaxed);
    return false;
}

static void *survey_all(void *arg) {
    Surveyor *surveyor = arg;
    pthread_mutex_lock(&surveyor->lock);
    while (!atomic_load(&surveyor->stop)) {
        take_posts(surveyor);
        Slot *slot = most_pressing(surveyor);
        if (!slot) {
            pthread_cond_wait(&surveyor->posted, &surveyor->lock);
            continue;
        }
        pthread_mutex_unlock(&surveyor->lock);
        bool finished = work(surveyor, slot);
        pthread_mutex_lock(&surveyor->lock);
        if (!finished) continue;
        if (slot->first_pass) slot->served = ++surveyor->turn;
        slot->first_pass = false;
        slot->row = 0;
        // While it runs a next snapshot comes soon: a finer picture of this one would only flicker.
        bool last = slot->work.source->running || ++slot->pass == slot->survey.n_passes;
        if (last) stop_work(slot);
    }
    pthread_mutex_unlock(&surveyor->lock);
    return NULL;
}

// ---- the window's side ----------------------------------------------------------------------

Surveyor *surveyor_create(void (*wake)(void *context), void *context, Error *error) {
    Surveyor *surveyor = calloc(1, sizeof *surveyor);
    if (!surveyor) {
        error_set(error, "not enough memory");
        return NULL;
    }
    surveyor->wake = wake;
    surveyor->context = context;
    surveyor->processors = thread_count();
    for (int i = 0; i < SURVEYOR_SLOTS_MAX; i++) mailbox_init(&surveyor->slots[i].mailbox);
    pthread_mutex_init(&surveyor->lock, NULL);
    pthread_cond_init(&surveyor->posted, NULL);
    if (thread_start(&surveyor->thread, survey_all, surveyor, "surveyor", THREAD_BACKGROUND)) {
        return surveyor;
    }
    error_set(error, "the system refuses another thread");
    pthread_cond_destroy(&surveyor->posted);
    pthread_mutex_destroy(&surveyor->lock);
    free(surveyor);
    return NULL;
}

void surveyor_destroy(Surveyor *surveyor) {
    if (!surveyor) return;
    pthread_mutex_lock(&surveyor->lock);
    atomic_store(&surveyor->stop, true);
    for (int i = 0; i < SURVEYOR_SLOTS_MAX; i++) {
        atomic_store_explicit(&surveyor->slots[i].dropped, true, memory_order_relaxed);
    }
    pthread_cond_signal(&surveyor->posted);
    pthread_mutex_unlock(&surveyor->lock);
    pthread_join(surveyor->thread, NULL);
    for (int i = 0; i < SURVEYOR_SLOTS_MAX; i++) {
        Slot *slot = &surveyor->slots[i];
        stop_work(slot);
        post_release(&slot->posted);
        for (int k = 0; k < 3; k++) observation_deinit(&slot->results[k]);
    }
    source_release(surveyor->latest);
    pthread_cond_destroy(&surveyor->posted);
    pthread_mutex_destroy(&surveyor->lock);
    free(surveyor);
}

void surveyor_post(Surveyor *surveyor, int number, const ObservationRequest *request,
                   const Snapshot *snapshot) {
    assert(number >= 0 && number < SURVEYOR_SLOTS_MAX);
    Slot *slot = &surveyor->slots[number];
    Source *source = source_of(surveyor, snapshot);
    if (!source) return;
    if (same_request(&slot->asked, request) && slot->asked_snapshot == source->snapshot &&
        slot->asked_generation == source->generation) {
        return;
    }
    slot->asked = *request;
    slot->asked_snapshot = source->snapshot;
    slot->asked_generation = source->generation;
    Post post = {.request = *request};
    if (request->kind != OBSERVE_NOTHING) {
        post.source = source_retain(source);
        plane_retain(request->surface.plane);
    }

    pthread_mutex_lock(&surveyor->lock);
    Post replaced = slot->posted;
    slot->posted = post;
    if (!serves(slot, &post)) atomic_store_explicit(&slot->dropped, true, memory_order_relaxed);
    pthread_cond_signal(&surveyor->posted);
    pthread_mutex_unlock(&surveyor->lock);
    post_release(&replaced);
}

const Observation *surveyor_take(Surveyor *surveyor, int number) {
    assert(number >= 0 && number < SURVEYOR_SLOTS_MAX);
    Slot *slot = &surveyor->slots[number];
    if (mailbox_take(&slot->mailbox)) slot->any = true;
    return slot->any ? &slot->results[mailbox_reading(&slot->mailbox)] : NULL;
}
