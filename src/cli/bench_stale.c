// How soon the surveyor drops what is no longer wanted: from the moment when something else is
// asked for to its result, or to the thread's end. The other thing is so small that it adds
// nothing.
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/rng.h"
#include "cli/bench.h"
#include "cli/interrupt.h"
#include "train/history.h"
#include "train/snapshot.h"
#include "train/surveyor.h"

enum {
    TRIES = 200,
    CLOSE_EACH = 10, // tries after which one is to end the thread
    EPOCHS = 8,      // of a path
    LONG_SLOT = 0,
    SHORT_SLOT,
};

#define LONGEST 0.4 // seconds of long work, after which it is interrupted at the latest

/// A run that stands, as the surveyor gets it.
typedef struct Standing {
    Session *session;
    History *history;
    Snapshot snapshot;
} Standing;

typedef struct Bench {
    Surveyor *surveyor;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int results; // of the thread
    Standing run, small;
    ObservationRequest wanted, quick;
} Bench;

static bool stand(Standing *run, const char *name, int epochs, uint64_t serial, Error *error) {
    Metrics metrics = {0};
    run->session = bench_session(name, NULL, error);
    run->history = run->session ? history_create(run->session) : NULL;
    if (!run->history) return run->session && error_set(error, "out of memory");
    for (int i = 0; i <= epochs; i++) {
        if (i > 0) session_step(run->session, STEP_EPOCH, NULL);
        history_record(run->history, run->session, &metrics);
    }
    if (!snapshot_fill(&run->snapshot, run->session, run->history)) {
        return error_set(error, "out of memory");
    }
    run->snapshot.serial = run->snapshot.generation = serial;
    run->snapshot.pace = 20;
    return true;
}

static void leave(Standing *run) {
    snapshot_deinit(&run->snapshot);
    history_destroy(run->history);
    session_destroy(run->session);
}

static void wake(void *context) {
    Bench *bench = context;
    pthread_mutex_lock(&bench->lock);
    bench->results++;
    pthread_cond_signal(&bench->changed);
    pthread_mutex_unlock(&bench->lock);
}

static int count_results(Bench *bench) {
    pthread_mutex_lock(&bench->lock);
    const int results = bench->results;
    pthread_mutex_unlock(&bench->lock);
    return results;
}

/// Waits for the next result after so many.  @return false: none came
static bool wait_for_result(Bench *bench, int after, double seconds) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += (time_t)ceil(seconds);
    int late = 0;
    pthread_mutex_lock(&bench->lock);
    while (bench->results == after && late == 0) {
        late = pthread_cond_timedwait(&bench->changed, &bench->lock, &until);
    }
    pthread_mutex_unlock(&bench->lock);
    return late == 0;
}

static void rest(double seconds) {
    const double whole = floor(seconds);
    nanosleep(&(struct timespec){(time_t)whole, (long)((seconds - whole) * 1e9)}, NULL);
}

static void ask(Bench *bench) {
    surveyor_post(bench->surveyor, LONG_SLOT, &bench->wanted, &bench->run.snapshot);
}

/// Asks for nothing there any more, and elsewhere for something quick.
/// @return seconds until that is there
static double ask_other(Bench *bench) {
    ObservationRequest nothing;
    memset(&nothing, 0, sizeof nothing);
    bench->small.snapshot.serial++;
    bench->small.snapshot.generation++; // as after a restart: none has seen it yet
    const double start = clock_seconds();
    surveyor_post(bench->surveyor, LONG_SLOT, &nothing, &bench->small.snapshot);
    surveyor_post(bench->surveyor, SHORT_SLOT, &bench->quick, &bench->small.snapshot);
    for (;;) {
        const int results = count_results(bench);
        const Observation *o = surveyor_take(bench->surveyor, SHORT_SLOT);
        if (o && o->generation == bench->small.snapshot.generation) break;
        if (!wait_for_result(bench, results, 10) || interrupted()) break;
    }
    return clock_seconds() - start;
}

/// How long the work takes if nobody interrupts it, at most LONGEST.
static double duration(Bench *bench) {
    const double start = clock_seconds();
    double last = start;
    ask(bench);
    for (int results = 0; clock_seconds() - start < LONGEST; results++) {
        if (!wait_for_result(bench, results, LONGEST)) break;
        last = clock_seconds();
        const Observation *o = surveyor_take(bench->surveyor, LONG_SLOT);
        if (o && (o->plane || o->grid[0] >= SURFACE_GRID_MAX)) break;
        if (o && o->request.kind == OBSERVE_NEURONS && o->grid[0] == o->request.neurons.grid) break;
    }
    return last > start ? last - start : LONGEST;
}

static double close_and_open(Bench *bench, Error *error) {
    const double start = clock_seconds();
    surveyor_destroy(bench->surveyor);
    const double took = clock_seconds() - start;
    bench->surveyor = surveyor_create(wake, bench, error);
    return took;
}

static bool try_all(Bench *bench, BenchResult *result, Error *error) {
    double seconds[TRIES] = {0};
    Rng rng = rng_create(1, RNG_TEST);
    const double takes = duration(bench);
    for (int i = 0; i < TRIES && !interrupted(); i++) {
        ask(bench);
        rest(rng_uniform(&rng, 0, 0.95 * takes));
        const bool ends = i % CLOSE_EACH == CLOSE_EACH - 1;
        seconds[i] = ends ? close_and_open(bench, error) : ask_other(bench);
        if (!bench->surveyor) return false;
    }
    bench_median(seconds, TRIES); // sorts
    const double late = seconds[TRIES * 99 / 100 - 1];
    *result =
        (BenchResult){late, 1 / late, "drops/s", "99th percentile of 200", seconds[TRIES - 1]};
    return true;
}

static bool drop(const char *name, int epochs, const ObservationRequest *wanted,
                 BenchResult *result, Error *error) {
    Bench bench = {.wanted = *wanted};
    bench.quick.kind = OBSERVE_FIELD;
    bench.quick.field.hi[0] = bench.quick.field.hi[1] = 1;
    bench.quick.field.grid[0] = bench.quick.field.grid[1] = 2;
    pthread_mutex_init(&bench.lock, NULL);
    pthread_cond_init(&bench.changed, NULL);
    bool good = stand(&bench.run, name, epochs, 1, error) &&
                stand(&bench.small, "error-surface", 0, 1 << 20, error) &&
                (bench.surveyor = surveyor_create(wake, &bench, error)) &&
                try_all(&bench, result, error);
    surveyor_destroy(bench.surveyor);
    leave(&bench.small);
    leave(&bench.run);
    pthread_cond_destroy(&bench.changed);
    pthread_mutex_destroy(&bench.lock);
    return good;
}

static ObservationRequest request_of(ObservationKind kind) {
    ObservationRequest request;
    memset(&request, 0, sizeof request);
    request.kind = kind;
    return request;
}

/// A surface over the first two weights of a layer's first neuron.
static ObservationRequest surface(int layer) {
    ObservationRequest request = request_of(OBSERVE_SURFACE);
    request.surface.axes[0] = (ParamRef){layer, 0, 0};
    request.surface.axes[1] = (ParamRef){layer, 0, 1};
    for (int axis = 0; axis < 2; axis++) {
        request.surface.range[axis][0] = -5;
        request.surface.range[axis][1] = 5;
        request.surface.grid[axis] = SURFACE_GRID_MAX;
    }
    return request;
}

bool bench_stale_surface(BenchResult *result, Error *error) {
    const ObservationRequest wanted = surface(0);
    return drop("xor-shallow", 1, &wanted, result, error);
}

bool bench_stale_layers(BenchResult *result, Error *error) {
    ObservationRequest wanted = request_of(OBSERVE_NEURONS);
    wanted.neurons.reach = 5;
    wanted.neurons.grid = 64;
    return drop("xor-deep", 1, &wanted, result, error);
}

bool bench_stale_digits(BenchResult *result, Error *error) {
    const ObservationRequest wanted = surface(0);
    return drop("digits", 0, &wanted, result, error);
}

bool bench_stale_clouds(BenchResult *result, Error *error) {
    const ObservationRequest wanted = request_of(OBSERVE_LAYERS);
    return drop("digits", 0, &wanted, result, error);
}

bool bench_stale_pca(BenchResult *result, Error *error) {
    ObservationRequest wanted = request_of(OBSERVE_PLANE);
    wanted.plane.kind = PLANE_PCA;
    return drop("digits", EPOCHS, &wanted, result, error);
}

bool bench_stale_hessian(BenchResult *result, Error *error) {
    ObservationRequest wanted = request_of(OBSERVE_PLANE);
    wanted.plane.kind = PLANE_HESSIAN;
    return drop("digits", 1, &wanted, result, error);
}
