/// The surveyor against observe(). Its wakes are held back until the test has looked, so that the
/// order of what it does is seen, whatever the machine is busy with.
#include "train/surveyor.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runs.h"

typedef struct Stage {
    Surveyor *surveyor;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int wakes, allowed; // the thread goes on from wake number n once n are allowed
    Session *session;
    History *history;
    Snapshot snapshot;
    uint64_t seen[SURVEYOR_SLOTS_MAX]; // serials of the results
} Stage;

static void wake(void *context) {
    Stage *stage = context;
    pthread_mutex_lock(&stage->lock);
    stage->wakes++;
    pthread_cond_broadcast(&stage->changed);
    while (stage->wakes > stage->allowed) pthread_cond_wait(&stage->changed, &stage->lock);
    pthread_mutex_unlock(&stage->lock);
}

static void allow(Stage *stage, int wakes) {
    pthread_mutex_lock(&stage->lock);
    stage->allowed = wakes;
    pthread_cond_broadcast(&stage->changed);
    pthread_mutex_unlock(&stage->lock);
}

/// Waits until the thread has published `wakes` times (and stands there, if it may not go on).
static void wait_for_wakes(Stage *stage, int wakes) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 120; // only so that a failure ends
    int late = 0;
    pthread_mutex_lock(&stage->lock);
    while (stage->wakes < wakes && late == 0) {
        late = pthread_cond_timedwait(&stage->changed, &stage->lock, &until);
    }
    pthread_mutex_unlock(&stage->lock);
    if (late != 0) fail_msg("no result came");
}

static Stage *stage_create(const char *name) {
    Stage *stage = calloc(1, sizeof *stage);
    Error error;
    pthread_mutex_init(&stage->lock, NULL);
    pthread_cond_init(&stage->changed, NULL);
    stage->session = make_session(name, NULL);
    stage->history = history_create(stage->session);
    session_step(stage->session, STEP_EPOCH, NULL);
    assert_true(snapshot_fill(&stage->snapshot, stage->session, stage->history));
    stage->snapshot.serial = stage->snapshot.generation = 1;
    stage->snapshot.pace = 20;
    stage->surveyor = surveyor_create(wake, stage, &error);
    if (!stage->surveyor) fail_msg("%s", error.text);
    return stage;
}

static void stage_destroy(Stage *stage) {
    allow(stage, 1 << 30);
    surveyor_destroy(stage->surveyor);
    snapshot_deinit(&stage->snapshot);
    history_destroy(stage->history);
    session_destroy(stage->session);
    pthread_cond_destroy(&stage->changed);
    pthread_mutex_destroy(&stage->lock);
    free(stage);
}

/// Training goes on by an epoch.
static void next_snapshot(Stage *stage) {
    session_step(stage->session, STEP_EPOCH, NULL);
    uint64_t serial = stage->snapshot.serial + 1, generation = stage->snapshot.generation;
    RunState state = stage->snapshot.state;
    assert_true(snapshot_fill(&stage->snapshot, stage->session, stage->history));
    stage->snapshot.serial = serial;
    stage->snapshot.generation = generation;
    stage->snapshot.state = state;
    stage->snapshot.pace = 20;
}

static ObservationRequest surface(int layer, int grid) {
    ObservationRequest request;
    memset(&request, 0, sizeof request);
    request.kind = OBSERVE_SURFACE;
    request.surface.axes[0] = (ParamRef){layer, 0, 0};
    request.surface.axes[1] = (ParamRef){layer, 0, 1};
    const double range[2][2] = {{-5, 5}, {-5, 5}};
    memcpy(request.surface.range, range, sizeof range);
    request.surface.grid[0] = request.surface.grid[1] = grid;
    return request;
}

static ObservationRequest field(int grid) {
    ObservationRequest request;
    memset(&request, 0, sizeof request);
    request.kind = OBSERVE_FIELD;
    request.field.hi[0] = request.field.hi[1] = 1;
    request.field.grid[0] = request.field.grid[1] = grid;
    return request;
}

static void post(Stage *stage, int slot, const ObservationRequest *request) {
    surveyor_post(stage->surveyor, slot, request, &stage->snapshot);
}

/// Which slot has a new result, -1: none. The thread must stand in its wake.
static int new_result(Stage *stage) {
    int found = -1;
    for (int slot = 0; slot < SURVEYOR_SLOTS_MAX; slot++) {
        const Observation *result = surveyor_take(stage->surveyor, slot);
        if (!result || result->serial == stage->seen[slot]) continue;
        assert_int_equal(found, -1); // one at a time
        assert_true(result->serial > stage->seen[slot]);
        stage->seen[slot] = result->serial;
        found = slot;
    }
    return found;
}

/// What observe() makes of the stage's present snapshot.
static void assert_as_observed(Stage *stage, const Observation *result) {
    Observation expected = {0};
    Error error;
    if (!observe(&result->request, &stage->snapshot, 1, &expected, &error)) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(result->grid[0], expected.grid[0]);
    assert_int_equal(result->grid[1], expected.grid[1]);
    assert_int_equal(result->snapshot, stage->snapshot.serial);
    assert_int_equal(result->generation, stage->snapshot.generation);
    assert_int_equal(result->epoch, stage->snapshot.epoch);
    assert_true(result->min == expected.min && result->max == expected.max);
    assert_true(result->here_loss == expected.here_loss);
    assert_same_floats(result->values, expected.values,
                       (size_t)expected.grid[0] * (size_t)expected.grid[1]);
    observation_deinit(&expected);
}

/// Lets the thread go on until that slot has its finest result.
static const Observation *finish(Stage *stage, int slot, int grid) {
    for (int wakes = 1;; wakes++) {
        wait_for_wakes(stage, wakes);
        const Observation *result = surveyor_take(stage->surveyor, slot);
        if (result && result->grid[0] == grid && result->snapshot == stage->snapshot.serial) {
            return result;
        }
        allow(stage, wakes);
    }
}

static void test_refines_a_run_that_rests(void **state) {
    (void)state;
    Stage *stage = stage_create("xor-deep");
    ObservationRequest request = surface(3, 80);
    assert_null(surveyor_take(stage->surveyor, 3));
    post(stage, 3, &request);
    int before = 0, results = 0;
    for (int grid = 0; grid < 80; before = grid) {
        wait_for_wakes(stage, ++results);
        assert_int_equal(new_result(stage), 3);
        const Observation *result = surveyor_take(stage->surveyor, 3);
        grid = result->grid[0];
        assert_true(grid > before); // each pass finer than the one before
        assert_memory_equal(&result->request, &request, sizeof request);
        if (before == 0) assert_true(grid <= 32); // a quick one first
        if (grid == 80) assert_as_observed(stage, result);
        allow(stage, results);
    }
    assert_true(results >= 3);
    stage_destroy(stage);
}

static void test_running_runs_get_one_pass_a_snapshot(void **state) {
    (void)state;
    Stage *stage = stage_create("xor-deep");
    ObservationRequest request = surface(3, 80), other = field(20);
    stage->snapshot.state = RUN_RUNNING;
    for (int i = 1; i <= 5; i++) {
        post(stage, 0, &request);
        post(stage, 1, &other);
        for (int k = 1; k <= 2; k++) { // one result each
            wait_for_wakes(stage, 2 * (i - 1) + k);
            assert_in_range(new_result(stage), 0, 1);
            allow(stage, 2 * (i - 1) + k);
        }
        const Observation *result = surveyor_take(stage->surveyor, 0);
        assert_int_equal(result->snapshot, stage->snapshot.serial);
        assert_true(result->grid[0] < 80);
        next_snapshot(stage);
    }
    // When it stops, the picture becomes fine.
    stage->snapshot.state = RUN_PAUSED;
    post(stage, 0, &request);
    allow(stage, 1 << 30);
    for (int wakes = 11;; wakes++) {
        wait_for_wakes(stage, wakes);
        const Observation *result = surveyor_take(stage->surveyor, 0);
        if (result->grid[0] == 80) {
            assert_as_observed(stage, result);
            break;
        }
    }
    stage_destroy(stage);
}

static void test_slower_runs_get_finer_passes(void **state) {
    (void)state;
    int grids[2];
    for (int i = 0; i < 2; i++) {
        Stage *stage = stage_create("xor-deep");
        ObservationRequest request = surface(3, 80);
        stage->snapshot.state = RUN_RUNNING;
        stage->snapshot.pace = i == 0 ? 1e9 : 0.5;
        post(stage, 0, &request);
        wait_for_wakes(stage, 1);
        grids[i] = surveyor_take(stage->surveyor, 0)->grid[0];
        stage_destroy(stage);
    }
    assert_true(grids[1] > grids[0]);
}

static void test_the_same_post_does_nothing(void **state) {
    (void)state;
    Stage *stage = stage_create("xor-shallow");
    ObservationRequest request = field(8), other = field(9);
    allow(stage, 1 << 30);
    post(stage, 0, &request);
    wait_for_wakes(stage, 1);
    uint64_t serial = surveyor_take(stage->surveyor, 0)->serial;
    for (int i = 0; i < 10; i++) {
        if (i > 5) stage->snapshot.serial++; // the pace was changed, say
        post(stage, 0, &request);
    }
    other.priority = -100;
    post(stage, 1, &other);
    wait_for_wakes(stage, 2);
    assert_non_null(surveyor_take(stage->surveyor, 1));
    assert_true(surveyor_take(stage->surveyor, 0)->serial == serial);
    next_snapshot(stage);
    post(stage, 0, &request);
    wait_for_wakes(stage, 3);
    assert_true(surveyor_take(stage->surveyor, 0)->serial > serial);
    serial = surveyor_take(stage->surveyor, 0)->serial;
    stage->snapshot.serial++;
    stage->snapshot.state = RUN_RUNNING; // it gets what running runs get
    post(stage, 0, &request);
    wait_for_wakes(stage, 4);
    assert_true(surveyor_take(stage->surveyor, 0)->serial > serial);
    stage_destroy(stage);
}

static void test_first_passes_go_first_then_priority(void **state) {
    (void)state;
    Stage *stage = stage_create("xor-deep");
    ObservationRequest fine = surface(3, 80), low = field(8), high = field(9), middle = field(10);
    fine.priority = 100;
    low.priority = 1;
    middle.priority = 10;
    high.priority = 20;
    post(stage, 0, &fine);
    wait_for_wakes(stage, 1); // its first pass; the thread stands there
    assert_int_equal(new_result(stage), 0);
    post(stage, 1, &low);
    post(stage, 2, &high);
    post(stage, 3, &middle);
    const int order[] = {2, 3, 1, 0};
    for (int i = 0; i < 4; i++) {
        allow(stage, i + 1);
        wait_for_wakes(stage, i + 2);
        assert_int_equal(new_result(stage), order[i]);
    }
    stage_destroy(stage);
}

static void test_newer_requests_replace_older_ones(void **state) {
    (void)state;
    Stage *stage = stage_create("xor-deep");
    ObservationRequest older = surface(1, 256), newer = surface(8, 40);
    post(stage, 0, &older);
    wait_for_wakes(stage, 1);
    post(stage, 0, &newer); // its finer passes are not wanted any more
    for (int wakes = 1;; wakes++) {
        allow(stage, wakes);
        wait_for_wakes(stage, wakes + 1);
        const Observation *result = surveyor_take(stage->surveyor, 0);
        assert_memory_equal(&result->request, &newer, sizeof newer);
        if (result->grid[0] == 40) {
            assert_as_observed(stage, result);
            break;
        }
    }
    // Another experiment's generation, and nothing at all.
    int wakes = stage->wakes;
    next_snapshot(stage);
    stage->snapshot.generation = 9;
    post(stage, 0, &newer);
    allow(stage, wakes);
    wait_for_wakes(stage, wakes + 1);
    assert_int_equal(surveyor_take(stage->surveyor, 0)->generation, 9);
    ObservationRequest nothing;
    memset(&nothing, 0, sizeof nothing);
    post(stage, 0, &nothing);
    post(stage, 1, &newer);
    uint64_t serial = surveyor_take(stage->surveyor, 0)->serial;
    finish(stage, 1, 40);
    assert_true(surveyor_take(stage->surveyor, 0)->serial == serial);
    stage_destroy(stage);
}

static void test_snapshots_faster_than_passes_still_show(void **state) {
    (void)state;
    Stage *stage = stage_create("xor-deep");
    ObservationRequest request = surface(0, 64);
    stage->snapshot.state = RUN_RUNNING;
    allow(stage, 1 << 30);
    const struct timespec moment = {.tv_nsec = 100000};
    int results = 0;
    uint64_t serial = 0;
    for (int posts = 0; results < 3; posts++) {
        assert_in_range(posts, 0, 100000); // some ten seconds
        stage->snapshot.serial++;
        stage->snapshot.net.params[0] += 1e-3f;
        post(stage, 0, &request);
        const Observation *result = surveyor_take(stage->surveyor, 0);
        if (result && result->serial != serial) {
            serial = result->serial;
            results++;
        }
        nanosleep(&moment, NULL);
    }
    stage_destroy(stage);
}

static void test_impossible_requests_harm_nothing(void **state) {
    (void)state;
    Stage *stage = stage_create("xor-shallow");
    ObservationRequest impossible = surface(77, 20), possible = surface(1, 20);
    post(stage, 0, &impossible);
    post(stage, 1, &possible);
    assert_as_observed(stage, finish(stage, 1, 20));
    assert_null(surveyor_take(stage->surveyor, 0));
    post(stage, 0, &possible);
    allow(stage, 1 << 30);
    for (int wakes = stage->wakes; !surveyor_take(stage->surveyor, 0); wakes++) {
        wait_for_wakes(stage, wakes);
    }
    stage_destroy(stage);
}

static void test_layers_and_many_slots(void **state) {
    (void)state;
    Stage *stage = stage_create("xor-deep");
    ObservationRequest layers;
    memset(&layers, 0, sizeof layers);
    layers.kind = OBSERVE_LAYERS;
    allow(stage, 1 << 30);
    for (int round = 1; round <= 3; round++) {
        for (int slot = 0; slot < SURVEYOR_SLOTS_MAX; slot++) post(stage, slot, &layers);
        wait_for_wakes(stage, SURVEYOR_SLOTS_MAX * round);
        for (int slot = 0; slot < SURVEYOR_SLOTS_MAX; slot++) {
            const Observation *result = surveyor_take(stage->surveyor, slot);
            assert_int_equal(result->snapshot, stage->snapshot.serial);
            assert_int_equal(result->n_layers, 13);
        }
        next_snapshot(stage);
    }
    stage_destroy(stage);
}

static void test_stops_in_the_middle(void **state) {
    (void)state;
    for (int i = 0; i < 10; i++) {
        Stage *stage = stage_create("xor-deep");
        allow(stage, 1 << 30);
        for (int slot = 0; slot < 8; slot++) {
            ObservationRequest request = surface(slot, 256);
            post(stage, slot, &request);
        }
        if (i % 2) wait_for_wakes(stage, 1);
        stage_destroy(stage);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refines_a_run_that_rests),
        cmocka_unit_test(test_running_runs_get_one_pass_a_snapshot),
        cmocka_unit_test(test_slower_runs_get_finer_passes),
        cmocka_unit_test(test_the_same_post_does_nothing),
        cmocka_unit_test(test_first_passes_go_first_then_priority),
        cmocka_unit_test(test_newer_requests_replace_older_ones),
        cmocka_unit_test(test_snapshots_faster_than_passes_still_show),
        cmocka_unit_test(test_impossible_requests_harm_nothing),
        cmocka_unit_test(test_layers_and_many_slots),
        cmocka_unit_test(test_stops_in_the_middle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
