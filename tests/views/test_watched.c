/// Training gives the same bits with a window that watches as without one: a trainer whose runs are
/// surveyed and drawn while they train, against bare sessions.
#include "support.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/window.h"
#include "train/trainer.h"
#include "views/layout.h"

enum { WIDTH = 640, HEIGHT = 400, EPOCHS = 4 };

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

static Experiment *load(const char *name) {
    Error error = {""};
    Experiment *experiment = experiment_load(name, &error);
    if (!experiment) fail_msg("%s", error.text);
    assert_true(experiment_set(experiment, "training.epochs=4", &error));
    if (strcmp(name, "digits") == 0) {
        assert_true(experiment_set(experiment, "data.samples=600", &error));
    }
    return experiment;
}

/// One frame of the window's loop.
static void frame_of(Layout *layout, Gfx *gfx, Target *canvas, const Snapshot *run,
                     Surveyor *surveyor) {
    LayoutFrame frame = {
        .gfx = gfx, .theme = &themes[0], .scale = 0.7f, .area = {0, 0, WIDTH, HEIGHT}, .run = run};
    ViewActions actions = {0};
    layout_survey(layout, &frame, surveyor);
    layout_prepare(layout, &frame);
    gfx_begin(gfx, canvas, WIDTH, HEIGHT, frame.theme->background);
    layout_draw(layout, &frame, &actions);
    gfx_end(gfx);
}

static void check(const char *name, Gfx *gfx, Target *canvas) {
    Error error = {""};
    Experiment *experiment = load(name);
    Session *session = session_create(experiment, &error);
    if (!session) {
        print_message("skipped: %s\n", error.text);
        experiment_release(experiment);
        return;
    }
    double loss;
    while (session->epoch < EPOCHS) session_step(session, STEP_EPOCH, &loss);

    Trainer *trainer = trainer_create(&(TrainerDesc){.now = clock_of_test, .wake = wake}, &error);
    Surveyor *surveyor = surveyor_create(wake, NULL, &error);
    Layout *layout = layout_create(experiment, &error);
    if (!trainer || !surveyor || !layout) fail_msg("%s", error.text);
    int run = trainer_add(trainer, experiment, &error);
    if (run < 0) fail_msg("%s", error.text);
    trainer_post(trainer, run, (Command){.kind = COMMAND_PLAY});
    const Snapshot *snapshot = trainer_snapshot(trainer, run);
    for (int i = 0; i < 20000 && snapshot->state != RUN_DONE; i++) {
        frame_of(layout, gfx, canvas, snapshot, surveyor);
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        snapshot = trainer_snapshot(trainer, run);
    }
    assert_int_equal(snapshot->state, RUN_DONE);
    assert_int_equal(snapshot->epoch, EPOCHS);
    assert_memory_equal(snapshot->net.params, session->net.params,
                        session->net.n_values * sizeof(float));
    surveyor_destroy(surveyor);
    trainer_destroy(trainer);
    layout_destroy(layout);
    session_destroy(session);
    experiment_release(experiment);
}

static void test_a_window_changes_nothing(void **state) {
    (void)state;
    Error error = {""};
    WindowDesc desc = {.title = "test", .width = 64, .height = 64, .headless = true};
    Window *window = window_create(&desc, &error);
    if (!window) fail_msg("%s", error.text);
    Gfx *gfx = gfx_create(&(GfxDesc){.fonts = "DejaVu Sans"}, &error);
    if (!gfx) fail_msg("%s", error.text);
    Target *canvas = target_create(gfx, WIDTH, HEIGHT, 0, false);
    assert_non_null(canvas);
    for (const char *const *name = experiment_names(); *name; name++) check(*name, gfx, canvas);
    target_destroy(canvas);
    gfx_destroy(gfx);
    window_destroy(window);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_a_window_changes_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
