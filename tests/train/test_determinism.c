/// Every shipped experiment's weights after a few epochs, to the bit: against hashes recorded for
/// this processor architecture, however the steps are cut, whoever watches with however many
/// threads, and through the trainer with pauses and looks back at random.
#include "train/trainer.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/rng.h"
#include "train/surveyor.h"

#include "runs.h"

enum { EPOCHS = 4 }; // the hashes' and the trainer's

/// Where kernels are meant to sum in another order, the test prints the lines that belong here. The
/// same for every compiler, and with or without clones by CPU.
typedef struct Golden {
    const char *name;
    uint64_t hash; // of the weights after EPOCHS epochs, on x86_64
} Golden;

static const Golden golden[] = {
    {"xor-shallow", 0x7A4CBBBB7B5C5316},
    {"xor-deep", 0x3E9F7A182339DF92},
    {"xor-deep-xavier", 0x66CB6334010D603C},
    {"xor-deep-residual", 0xB092249E6061902F},
    {"xor-corners", 0x003FE61F9E071944},
    {"perceptron", 0x4E48B2F645A8A055},
    {"circles", 0x6144DE5DE7F0ED04},
    {"moons", 0x3319E73044CE8070},
    {"spiral", 0xC8FDB44D692EECF0},
    {"gaussians", 0x5DE76249AF5F734B},
    {"plane", 0xE67E080868FC5CF1},
    {"paraboloid", 0x16F8E3C0D1D7F6DC},
    {"error-surface", 0xBB9712DBC09D7D80},
    {"error-surface-published", 0x58F098B83F7DDACA},
    {"race", 0x9BB844C24B037FD8},
    {"digits", 0x6A0FC8B4D9B6A16D},
};

/// digits takes a part of its images.
static const char *const some_images[] = {"data.samples=600", NULL};

static const char *const *settings_of(const char *name) {
    return strcmp(name, "digits") == 0 ? some_images : NULL;
}

/// Whether its data is there; says so where it is not.
static bool available(const char *name) {
    Error error = {""};
    Experiment *experiment = make_experiment(name, settings_of(name));
    const Dataset *data = dataset_create(&experiment->data, experiment->seed, &error);
    experiment_release(experiment);
    if (!data) print_message("skipped: %s\n", error.text);
    dataset_release(data);
    return data != NULL;
}

/// FNV-1a of the values' bytes.
static uint64_t hash_of(const Network *net) {
    uint64_t hash = 14695981039346656037u;
    const unsigned char *bytes = (const unsigned char *)net->params;
    for (size_t i = 0; i < net->n_values * sizeof *net->params; i++) {
        hash = (hash ^ bytes[i]) * 1099511628211u;
    }
    return hash;
}

/// The hash of a session that trains by whole epochs and does nothing else.
static uint64_t plain_hash(const char *name) {
    Session *session = make_session(name, settings_of(name));
    double loss;
    while (session->epoch < EPOCHS) session_step(session, STEP_EPOCH, &loss);
    uint64_t hash = hash_of(&session->net);
    session_destroy(session);
    return hash;
}

static void test_golden_hashes(void **state) {
    (void)state;
    int listed = (int)(sizeof golden / sizeof *golden), shipped = 0, wrong = 0;
    for (const char *const *name = experiment_names(); *name; name++, shipped++) {
        uint64_t expected = 0;
        for (int i = 0; i < listed; i++) {
            if (strcmp(golden[i].name, *name) == 0) expected = golden[i].hash;
        }
        if (!available(*name)) continue;
        uint64_t hash = plain_hash(*name);
#if defined(__x86_64__)
        if (hash == expected) continue;
        wrong++;
#else
        (void)expected;
#endif
        print_message("    {\"%s\", 0x%016" PRIX64 "},\n", *name, hash);
    }
    assert_int_equal(listed, shipped);
#if !defined(__x86_64__)
    print_message("no hashes are recorded for this architecture: those above are its own\n");
    skip();
#endif
    assert_int_equal(wrong, 0);
}

static void test_odd_slices(void **state) {
    (void)state;
    Rng rng = rng_create(11, RNG_TEST);
    for (const char *const *name = experiment_names(); *name; name++) {
        if (!available(*name)) continue;
        uint64_t expected = plain_hash(*name);
        Session *session = make_session(*name, settings_of(*name));
        while (session->epoch < EPOCHS) {
            double loss;
            switch (rng_below(&rng, 4)) {
            case 0: session_step(session, STEP_SAMPLE, &loss); break;
            case 1: session_step(session, STEP_BATCH, &loss); break;
            case 2: session_train(session, 1 + rng_below(&rng, 97), &loss); break;
            default: session_train(session, 1 + rng_below(&rng, 1000), &loss); break;
            }
        }
        if (hash_of(&session->net) != expected) fail_msg("%s: other weights", *name);
        session_destroy(session);
    }
}

/// All that a window might ask to see, with that many threads.
static void watch(const Session *session, int threads, Observation *out) {
    Snapshot snapshot = {0};
    History *history = history_create(session);
    assert_non_null(history);
    assert_true(snapshot_fill(&snapshot, session, history));
    ObservationRequest requests[4];
    memset(requests, 0, sizeof requests);
    requests[0].kind = OBSERVE_SURFACE;
    experiment_axes(session->experiment, &session->net, requests[0].surface.axes);
    memcpy(requests[0].surface.range, session->experiment->landscape.range,
           sizeof requests[0].surface.range);
    requests[0].surface.grid[0] = requests[0].surface.grid[1] = 5;
    requests[1].kind = OBSERVE_FIELD;
    requests[1].field.hi[0] = requests[1].field.hi[1] = 1;
    requests[1].field.grid[0] = requests[1].field.grid[1] = 9;
    requests[2].kind = OBSERVE_LAYERS;
    requests[3].kind = OBSERVE_CLASSES;
    for (int i = 0; i < (session->data->classes ? 4 : 3); i++) {
        Error error = {""};
        if (!observe(&requests[i], &snapshot, threads, out, &error)) fail_msg("%s", error.text);
    }
    snapshot_deinit(&snapshot);
    history_destroy(history);
}

static void test_watched_by_any_number_of_threads(void **state) {
    (void)state;
    Observation seen = {0};
    for (const char *const *name = experiment_names(); *name; name++) {
        if (!available(*name)) continue;
        uint64_t expected = plain_hash(*name);
        for (int threads = 1; threads <= 4; threads += 3) {
            Session *session = make_session(*name, settings_of(*name));
            while (session->epoch < EPOCHS) {
                double loss;
                Metrics metrics;
                if (session->epoch % 2 == 0) watch(session, threads, &seen);
                session_measure(session, &metrics);
                session_train(session, session->data->n_train * 2 / 3 + 1, &loss);
            }
            if (hash_of(&session->net) != expected) fail_msg("%s: other weights", *name);
            session_destroy(session);
        }
    }
    observation_deinit(&seen);
}

// ---- through the trainer ------------------------------------------------------------------------

static _Atomic double now;

/// Time passes a little with every look at it.
static double clock_of_test(void) {
    double passed = atomic_load(&now) + 0.0005;
    atomic_store(&now, passed);
    return passed;
}

static void wake(void *context) {
    (void)context;
}

/// Waits until the run rests at an epoch: nothing but the trainer's own speed decides how long.
static const Snapshot *wait_for(Trainer *trainer, int run, int64_t epoch) {
    for (int tries = 0; tries < 120000; tries++) {
        const Snapshot *snapshot = trainer_snapshot(trainer, run);
        if (snapshot->epoch == epoch && snapshot->cursor == 0 && snapshot->state != RUN_RUNNING) {
            return snapshot;
        }
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    fail_msg("epoch %d never came", (int)epoch);
    return NULL;
}

static void post_any(Trainer *trainer, int run, Rng *rng) {
    static const CommandKind kinds[] = {COMMAND_PLAY, COMMAND_PAUSE, COMMAND_STEP,    COMMAND_SEEK,
                                        COMMAND_PLAY, COMMAND_PAUSE, COMMAND_SET_PACE};
    Command command = {.kind = kinds[rng_below(rng, sizeof kinds / sizeof *kinds)]};
    command.unit = (StepUnit)rng_below(rng, 3);
    command.epoch = rng_below(rng, EPOCHS + 1);
    command.value = rng_below(rng, 2) ? PACE_MAX : 50;
    trainer_post(trainer, run, command);
}

static void test_paused_sought_and_stepped(void **state) {
    (void)state;
    Rng rng = rng_create(12, RNG_TEST);
    for (const char *const *name = experiment_names(); *name; name++) {
        if (!available(*name)) continue;
        uint64_t expected = plain_hash(*name);
        Error error = {""};
        Trainer *trainer =
            trainer_create(&(TrainerDesc){.now = clock_of_test, .wake = wake}, &error);
        if (!trainer) fail_msg("%s", error.text);
        Experiment *experiment = make_experiment(*name, settings_of(*name));
        experiment_set(experiment, "training.epochs=4", &error);
        int run = trainer_add(trainer, experiment, &error);
        experiment_release(experiment);
        if (run < 0) fail_msg("%s", error.text);
        for (int i = 0; i < 25; i++) {
            post_any(trainer, run, &rng);
            if (rng_below(&rng, 3) == 0) {
                nanosleep(&(struct timespec){.tv_nsec = 300000}, NULL);
                trainer_snapshot(trainer, run);
            }
        }
        trainer_post(trainer, run, (Command){.kind = COMMAND_PAUSE});
        trainer_post(trainer, run, (Command){.kind = COMMAND_SEEK, .epoch = 0});
        trainer_post(trainer, run, (Command){.kind = COMMAND_SET_PACE, .value = PACE_MAX});
        wait_for(trainer, run, 0);
        for (int epoch = 1; epoch <= EPOCHS; epoch++) {
            trainer_post(trainer, run, (Command){.kind = COMMAND_STEP, .unit = STEP_EPOCH});
            wait_for(trainer, run, epoch);
        }
        if (hash_of(&wait_for(trainer, run, EPOCHS)->net) != expected) {
            fail_msg("%s: other weights", *name);
        }
        trainer_destroy(trainer);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden_hashes),
        cmocka_unit_test(test_odd_slices),
        cmocka_unit_test(test_watched_by_any_number_of_threads),
        cmocka_unit_test(test_paused_sought_and_stepped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
