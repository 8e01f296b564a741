// Sweeps. Settings are sorted into classes of networks that can share vectors; each class's runs
// are cut into jobs of up to a vector's lanes, and threads take jobs as they become free.
//
// A session is made for every run: it draws data, split, initial weights and the order of samples
// from the seed, as ever, and measures in the end; only the training between is the ensemble's. A
// lane that goes wrong is trained again by its session alone, which knows the last good state.
#include "train/sweep.h"

#include <assert.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <pthread.h>

#include "base/parallel.h"
#include "nn/ensemble.h"
#include "nn/weights.h"
#include "train/session.h"

enum { LANES = ENSEMBLE_LANES, SLICE_NANOSECONDS = 5000000 };

/// What the sweep's work is as a number of parts.
#define WHOLE 0x1p60

/// Settings whose runs are trained alike.
typedef struct Class {
    Network shape;     // without parameters
    EnsembleDesc desc; // its shape is the one above
    ScheduleDesc schedule;
    int64_t epochs;
    bool together; // in lanes; else the class is one setting's
    int *settings; // (n_settings) their numbers
    int n_settings;
    double cost; // of a run, in nanoseconds or so
} Class;

/// Runs that one thread trains at a time: numbers first…first+n-1 of a class, by setting, then
/// seed.
typedef struct Job {
    const Class *class;
    int64_t first;
    int n;
} Job;

typedef struct Sweep {
    const SweepDesc *desc;
    SweepRow *rows;
    Class *classes;
    int n_classes;
    Job *jobs;
    int n_jobs;
    double cost;        // of all runs
    atomic_ullong done; // of it; WHOLE: all
    atomic_bool stop;
    atomic_bool failed;
    pthread_mutex_t lock; // held while progress is told, and where the first failure is noted
    int failed_setting;
    Error error;
} Sweep;

// --- Sessions ---

/// A session for one run.  @return NULL with error set
static Session *open_session(const SweepDesc *desc, int setting, uint64_t seed, Error *error) {
    Experiment *experiment = experiment_copy(desc->settings[setting]);
    if (!experiment) {
        error_set(error, "out of memory");
        return NULL;
    }
    experiment->seed = seed;
    Session *session = session_create(experiment, error);
    experiment_release(experiment);
    if (!session || !desc->init || weights_load(&session->net, desc->init, error)) return session;
    session_destroy(session);
    return NULL;
}

static void fail(Sweep *sweep, int setting, const Error *error) {
    pthread_mutex_lock(&sweep->lock);
    if (!sweep->failed) {
        sweep->failed = true;
        sweep->failed_setting = setting;
        sweep->error = *error;
    }
    pthread_mutex_unlock(&sweep->lock);
    sweep->stop = true;
}

/// Counts work as done, and tells of it unless another thread is just doing so.
/// @return false where all is to stop
static bool go_on(Sweep *sweep, double cost) {
    double part = cost > 0 ? cost / sweep->cost : 0; // what is left may be a rounding below 0
    unsigned long long step = (unsigned long long)(part * WHOLE);
    unsigned long long done = atomic_fetch_add(&sweep->done, step) + step;
    const SweepDesc *desc = sweep->desc;
    if (desc->progress && pthread_mutex_trylock(&sweep->lock) == 0) {
        double share = (double)done / WHOLE;
        if (!desc->progress(desc->context, share < 1 ? share : 1)) sweep->stop = true;
        pthread_mutex_unlock(&sweep->lock);
    }
    return !sweep->stop;
}

static bool measure(Sweep *sweep, Session *session, Metrics *metrics) {
    Measuring measuring = {0};
    while (!session_measure_part(session, &measuring, metrics)) {
        if (!go_on(sweep, 0)) return false;
    }
    return true;
}

/// Measures and writes the row.
/// @param own  the session has trained: a loss that is not finite takes it back, and early stopping
///             judges its last epoch
/// @return false where all is to stop, or where the loss is not finite and the session has no own
///         past; nothing is written then
static bool report(Sweep *sweep, Session *session, SweepRow *row, bool own) {
    Metrics metrics;
    if (!measure(sweep, session, &metrics)) return false;
    bool finite = isfinite(metrics.train_loss);
    if (!own && !finite) return false;
    if (own && !session->diverged) {
        bool changed = finite && session_judge(session, &metrics);
        if (!finite) session_diverge(session);
        if ((changed || !finite) && !measure(sweep, session, &metrics)) return false;
    }
    *row = (SweepRow){.train_loss = metrics.train_loss,
                      .train_accuracy = metrics.train_accuracy,
                      .test_loss = metrics.test_loss,
                      .test_accuracy = metrics.test_accuracy,
                      .diverged = session->diverged};
    return true;
}

// --- One by one ---

/// @param cost  what is counted as done with it
static void train_alone(Sweep *sweep, Session *session, double cost, SweepRow *row) {
    const int64_t target = session->experiment->epochs;
    const size_t n_train = session->data->n_train;
    const size_t slice = SLICE_NANOSECONDS / (session->net.n_params + 100) + 1;
    double counted = 0;
    while (session->epoch < target && !session->diverged && !session->stopped) {
        session_train(session, slice, NULL);
        double share =
            ((double)session->epoch + (double)session->cursor / (double)n_train) / (double)target;
        double step = share * cost - counted;
        if (step < 0) step = 0; // it has diverged, and is back at an earlier epoch
        counted += step;
        if (!go_on(sweep, step)) return;
    }
    if (report(sweep, session, row, true)) go_on(sweep, cost - counted);
}

// --- Together ---

/// Runs in the lanes of an ensemble.
typedef struct Together {
    const Class *class;
    Ensemble *ensemble;
    Session *sessions[LANES]; // untrained
    Rng shuffle[LANES];
    uint32_t *order; // (n_samples)
    int n;
} Together;

/// Whether any lane is still worth training.
static bool any_finite(const Together *all) {
    for (int lane = 0; lane < all->n; lane++) {
        if (ensemble_is_finite(all->ensemble, lane)) return true;
    }
    return false;
}

/// Draws the order of a lane's samples, as its session would.
static void shuffle(Together *all, int lane, int64_t epoch) {
    const Session *session = all->sessions[lane];
    const Dataset *data = session->data;
    const uint32_t *order = session->order; // drawn for its first epoch already
    if (epoch > 0) {
        rng_permutation(&all->shuffle[lane], all->order, (uint32_t)data->n_train);
        order = all->order;
    }
    ensemble_set_samples(all->ensemble, lane, data->x, data->t, order);
}

static void start_epoch(Together *all, int64_t epoch) {
    for (int lane = 0; lane < all->n; lane++) {
        const Session *session = all->sessions[lane];
        if (epoch == 0 || session->order) shuffle(all, lane, epoch);
        if (session->experiment->schedule.kind == SCHEDULE_CONSTANT) continue;
        ensemble_set_learning_rate(all->ensemble, lane, session_learning_rate(session, epoch));
    }
}

/// @return false where all is to stop
static bool train_lanes(Sweep *sweep, Together *all) {
    const Class *class = all->class;
    const size_t n = class->desc.n_samples, batch = (size_t) class->desc.train.batch;
    const double runs_cost = class->cost * all->n;
    double cost = runs_cost / ((double)class->epochs * (double)n); // of a sample of each
    size_t slice = (size_t)(SLICE_NANOSECONDS / (2 * (double)class->shape.n_params + 100));
    slice = slice < batch ? batch : slice / batch * batch;
    size_t pending = 0;
    double left = runs_cost;
    for (int64_t epoch = 0; epoch < class->epochs; epoch++) {
        start_epoch(all, epoch);
        for (size_t at = 0; at < n;) {
            size_t end = n - at < slice ? n : at + slice;
            ensemble_train(all->ensemble, at, end);
            pending += end - at;
            at = end;
            if (pending < slice) continue;
            left -= cost * (double)pending;
            if (!go_on(sweep, cost * (double)pending)) return false;
            pending = 0;
            if (!any_finite(all)) return go_on(sweep, left);
        }
    }
    return go_on(sweep, left);
}

static int setting_of(const Sweep *sweep, const Job *job, int i, uint64_t *seed) {
    int64_t run = job->first + i;
    *seed = sweep->desc->first_seed + (uint64_t)(run % sweep->desc->n_seeds);
    return job->class->settings[run / sweep->desc->n_seeds];
}

static SweepRow *row_of(const Sweep *sweep, int setting, uint64_t seed) {
    return &sweep->rows[(int64_t)setting * sweep->desc->n_seeds +
                        (int64_t)(seed - sweep->desc->first_seed)];
}

/// Opens the job's sessions.  @return false with the failure noted
static bool open_sessions(Sweep *sweep, const Job *job, Session **sessions) {
    for (int i = 0; i < job->n; i++) {
        uint64_t seed;
        int setting = setting_of(sweep, job, i, &seed);
        Error error;
        sessions[i] = open_session(sweep->desc, setting, seed, &error);
        if (!sessions[i]) {
            fail(sweep, setting, &error);
            return false;
        }
    }
    return true;
}

static bool make_lanes(Together *all) {
    const EnsembleDesc *desc = &all->class->desc;
    all->ensemble = ensemble_create(desc);
    all->order = malloc(desc->n_samples * sizeof *all->order);
    if (!all->ensemble || !all->order) return false;
    for (int lane = 0; lane < all->n; lane++) {
        const Session *session = all->sessions[lane];
        ensemble_set_network(all->ensemble, lane, session->net.params, &session->optimizer.desc);
        all->shuffle[lane] = session->shuffle;
    }
    return true;
}

/// Trains a run of a job by its session alone.
static void run_alone(Sweep *sweep, const Job *job, int i, double cost) {
    uint64_t seed;
    int setting = setting_of(sweep, job, i, &seed);
    Error error;
    Session *session = open_session(sweep->desc, setting, seed, &error);
    if (session)
        train_alone(sweep, session, cost, row_of(sweep, setting, seed));
    else
        fail(sweep, setting, &error);
    session_destroy(session);
}

static void run_together(Sweep *sweep, const Job *job, Together *all) {
    if (!open_sessions(sweep, job, all->sessions)) return;
    if (!make_lanes(all)) {
        Error error;
        error_set(&error, "out of memory");
        fail(sweep, -1, &error);
        return;
    }
    if (!train_lanes(sweep, all)) return;
    for (int lane = 0; lane < all->n && !sweep->stop; lane++) {
        uint64_t seed;
        int setting = setting_of(sweep, job, lane, &seed);
        Session *session = all->sessions[lane];
        bool good = ensemble_is_finite(all->ensemble, lane);
        if (good) {
            ensemble_get_params(all->ensemble, lane, session->net.params);
            good = report(sweep, session, row_of(sweep, setting, seed), false);
        }
        // What is not finite goes back to its last good state, which its session alone knows.
        if (!good && !sweep->stop) run_alone(sweep, job, lane, 0);
    }
}

/// Does the jobs first…last-1.
static void work(void *context, int first, int last) {
    Sweep *sweep = context;
    for (int i = first; i < last && !sweep->stop; i++) {
        const Job *job = &sweep->jobs[i];
        if (!job->class->together) {
            run_alone(sweep, job, 0, job->class->cost);
            continue;
        }
        Together all = {.class = job->class, .n = job->n};
        run_together(sweep, job, &all);
        ensemble_destroy(all.ensemble);
        free(all.order);
        for (int lane = 0; lane < all.n; lane++) session_destroy(all.sessions[lane]);
    }
}

// --- The plan ---

static bool same_optimizer(const OptimizerDesc *a, const OptimizerDesc *b) {
    return a->kind == b->kind && a->learning_rate == b->learning_rate &&
           a->momentum == b->momentum && a->nesterov == b->nesterov && a->beta == b->beta &&
           a->alpha == b->alpha && a->beta1 == b->beta1 && a->beta2 == b->beta2 &&
           a->eps == b->eps && a->weight_decay == b->weight_decay;
}

static bool same_schedule(const ScheduleDesc *a, const ScheduleDesc *b) {
    return a->kind == b->kind && a->step_size == b->step_size && a->gamma == b->gamma &&
           a->epochs == b->epochs && a->minimum_learning_rate == b->minimum_learning_rate &&
           a->warmup == b->warmup;
}

/// Whether runs of both can be lanes of one ensemble.
static bool same_class(const Class *a, const Class *b) {
    const EnsembleDesc *p = &a->desc, *q = &b->desc;
    if (!a->together || !b->together || a->epochs != b->epochs || p->n_samples != q->n_samples ||
        p->train.loss != q->train.loss || p->train.batch != q->train.batch ||
        !network_same_shape(&a->shape, &b->shape)) {
        return false;
    }
    if (ensemble_mixes(p) && ensemble_mixes(q)) return true;
    return same_optimizer(&p->optimizer, &q->optimizer) &&
           same_schedule(&a->schedule, &b->schedule) && p->train.l1 == q->train.l1 &&
           p->train.l2 == q->train.l2;
}

static Class class_of(const Session *session) {
    const Experiment *experiment = session->experiment;
    Class class = {.shape = session->net,
                   .schedule = experiment_schedule(experiment),
                   .epochs = experiment->epochs};
    class.shape.params = NULL;
    class.desc = (EnsembleDesc){.shape = &class.shape,
                                .train = {.loss = experiment->loss,
                                          .batch = session->batch,
                                          .l1 = experiment->l1,
                                          .l2 = experiment->l2},
                                .optimizer = experiment->optimizer,
                                .n_samples = session->data->n_train};
    // What stops early stops at an epoch of its own.
    class.together = ensemble_suits(&class.desc) && experiment->early_stopping.patience == 0;
    double sample = (double)class.shape.n_params * (class.together ? 0.3 : 4) + 50;
    class.cost = sample * (double)class.desc.n_samples * (double)class.epochs + 1;
    class.desc.shape = NULL; // until the class lies where it stays
    return class;
}

/// Puts a setting into the class of its like, or into a new one.
static bool classify(Sweep *sweep, int setting, const Session *session) {
    Class class = class_of(session);
    int at = 0;
    while (at < sweep->n_classes && !same_class(&sweep->classes[at], &class)) at++;
    if (at == sweep->n_classes) {
        Class *classes = realloc(sweep->classes, ((size_t)at + 1) * sizeof *classes);
        if (!classes) return false;
        sweep->classes = classes;
        classes[at] = class;
        sweep->n_classes++;
    }
    Class *to = &sweep->classes[at];
    int *settings = realloc(to->settings, ((size_t)to->n_settings + 1) * sizeof *settings);
    if (!settings) return false;
    to->settings = settings;
    settings[to->n_settings++] = setting;
    return true;
}

/// Tries every setting with the first seed.
static SweepEnd classify_all(Sweep *sweep) {
    const SweepDesc *desc = sweep->desc;
    for (int i = 0; i < desc->n_settings; i++) {
        Session *session = open_session(desc, i, desc->first_seed, &sweep->error);
        if (!session) {
            sweep->failed_setting = i;
            return SWEEP_FAILED;
        }
        bool good = classify(sweep, i, session);
        session_destroy(session);
        if (!good) {
            error_set(&sweep->error, "out of memory");
            return SWEEP_FAILED;
        }
        if (!go_on(sweep, 0)) return SWEEP_STOPPED;
    }
    return SWEEP_DONE;
}

static bool plan(Sweep *sweep) {
    const int64_t seeds = sweep->desc->n_seeds;
    int64_t n = 0;
    for (int c = 0; c < sweep->n_classes; c++) {
        const Class *class = &sweep->classes[c];
        int64_t runs = class->n_settings * seeds, lanes = class->together ? LANES : 1;
        n += (runs + lanes - 1) / lanes;
        sweep->cost += class->cost * (double)runs;
    }
    sweep->jobs = malloc((size_t)(n > 0 ? n : 1) * sizeof *sweep->jobs);
    if (!sweep->jobs) return error_set(&sweep->error, "out of memory");
    for (int c = 0; c < sweep->n_classes; c++) {
        Class *class = &sweep->classes[c];
        class->desc.shape = &class->shape;
        int64_t runs = class->n_settings * seeds, lanes = class->together ? LANES : 1;
        for (int64_t first = 0; first < runs; first += lanes) {
            int64_t left = runs - first;
            sweep->jobs[sweep->n_jobs++] =
                (Job){.class = class, .first = first, .n = (int)(left < lanes ? left : lanes)};
        }
    }
    return true;
}

SweepEnd sweep_run(const SweepDesc *desc, SweepRow *rows, int *setting, Error *error) {
    Sweep sweep = {.desc = desc, .rows = rows, .failed_setting = -1, .cost = 1};
    pthread_mutex_init(&sweep.lock, NULL);
    SweepEnd end = classify_all(&sweep);
    if (end == SWEEP_DONE && !plan(&sweep)) end = SWEEP_FAILED;
    if (end == SWEEP_DONE) {
        parallel_for(sweep.n_jobs, 1, desc->threads, work, &sweep);
        end = sweep.failed ? SWEEP_FAILED : sweep.stop ? SWEEP_STOPPED : SWEEP_DONE;
    }
    if (end == SWEEP_FAILED) {
        *error = sweep.error;
        *setting = sweep.failed_setting;
    }
    for (int c = 0; c < sweep.n_classes; c++) free(sweep.classes[c].settings);
    free(sweep.classes);
    free(sweep.jobs);
    pthread_mutex_destroy(&sweep.lock);
    return end;
}
