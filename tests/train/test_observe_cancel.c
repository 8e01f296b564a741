// Work in the making is given up wherever it has come to: at each look at the cancel callback, or
// at many, with no result and no more than a few looks afterwards.
#include <string.h>

#include "train/survey.h"

#include "runs.h"

enum { EPOCHS = 6, MANY = 1 << 30 };

typedef struct Fixture {
    Session *session;
    History *history;
} Fixture;

static Fixture start(const char *name, const char *const *settings) {
    Fixture fixture = {.session = make_session(name, settings)};
    Metrics metrics = {0};
    fixture.history = history_create(fixture.session);
    for (int i = 0; i <= EPOCHS; i++) {
        if (i > 0) session_step(fixture.session, STEP_EPOCH, NULL);
        history_record(fixture.history, fixture.session, &metrics);
    }
    return fixture;
}

static void stop(Fixture *fixture) {
    history_destroy(fixture->history);
    session_destroy(fixture->session);
}

/// Says to stop after some looks, and from then on.
static bool cancel_at_zero(void *context) {
    int *looks = context;
    return (*looks)-- <= 0;
}

/// All passes.  @return false where it gave up
static bool survey_all(const Fixture *fixture, const ObservationRequest *request, int *looks,
                       Observation *out) {
    int count;
    const Path *path = history_path(fixture->history, &count);
    const Session *session = fixture->session;
    const SurveySource source = {.net = &session->net,
                                 .data = session->data,
                                 .loss = session->experiment->loss,
                                 .path = path,
                                 .path_count = count,
                                 .cancel = cancel_at_zero,
                                 .context = looks};
    Survey survey;
    if (!survey_init(&survey, request, &source, NULL)) return false;
    bool done = true;
    for (int pass = 0; done && pass < survey.n_passes; pass++) {
        done = survey_start(&survey, pass, out) &&
               survey_work(&survey, out, 0, survey_rows(&survey, pass), 1, cancel_at_zero, looks);
    }
    survey_deinit(&survey);
    return done;
}

static void give_up_everywhere(const Fixture *fixture, const ObservationRequest *request,
                               int at_least) {
    Observation out = {0};
    int looks = MANY;
    assert_true(survey_all(fixture, request, &looks, &out));
    const int all = MANY - looks;
    assert_true(all >= at_least);
    for (int at = 0; at < all; at += at < 20 ? 1 : 1 + all / 30) {
        looks = at;
        assert_false(survey_all(fixture, request, &looks, &out));
        assert_true(looks >= -8);
    }
    observation_deinit(&out);
}

static ObservationRequest request_of(ObservationKind kind) {
    ObservationRequest request;
    memset(&request, 0, sizeof request);
    request.kind = kind;
    return request;
}

static ObservationRequest surface(const Plane *plane) {
    ObservationRequest request = request_of(OBSERVE_SURFACE);
    request.surface.plane = plane;
    request.surface.axes[1].col = 1;
    for (int axis = 0; axis < 2; axis++) {
        request.surface.range[axis][0] = -1;
        request.surface.range[axis][1] = 1;
        request.surface.grid[axis] = 20;
    }
    return request;
}

static void test_surfaces(void **state) {
    (void)state;
    Fixture fixture = start("xor-deep", NULL);
    ObservationRequest request = surface(NULL);
    give_up_everywhere(&fixture, &request, 20 * 20);
    const Plane *plane = plane_random(&fixture.session->net, 1, NULL);
    request = surface(plane);
    give_up_everywhere(&fixture, &request, 20 * 20);
    plane_release(plane);
    stop(&fixture);
}

static void test_small_landscapes(void **state) {
    (void)state;
    Fixture fixture = start("xor-deep", NULL);
    ObservationRequest request = request_of(OBSERVE_NEURONS);
    request.neurons.reach = 2;
    request.neurons.grid = 8;
    give_up_everywhere(&fixture, &request, 24 * 8 * 8);
    stop(&fixture);
}

static void test_planes(void **state) {
    (void)state;
    Fixture fixture = start("spiral", NULL);
    const PlaneKind kinds[2] = {PLANE_PCA, PLANE_HESSIAN};
    for (int i = 0; i < 2; i++) {
        ObservationRequest request = request_of(OBSERVE_PLANE);
        request.plane.kind = kinds[i];
        give_up_everywhere(&fixture, &request, 30);
    }
    stop(&fixture);
}

static void test_layers_classes_and_fields(void **state) {
    (void)state;
    Fixture fixture = start("spiral", (const char *const[]){"data.samples=2000", NULL});
    ObservationRequest request = request_of(OBSERVE_LAYERS);
    give_up_everywhere(&fixture, &request, 50);
    request = request_of(OBSERVE_CLASSES);
    give_up_everywhere(&fixture, &request, 2);
    request = request_of(OBSERVE_FIELD);
    request.field.hi[0] = request.field.hi[1] = 1;
    request.field.grid[0] = request.field.grid[1] = 40;
    give_up_everywhere(&fixture, &request, 40);
    stop(&fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_surfaces),
        cmocka_unit_test(test_small_landscapes),
        cmocka_unit_test(test_planes),
        cmocka_unit_test(test_layers_classes_and_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
