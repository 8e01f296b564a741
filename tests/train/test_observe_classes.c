/// Which classes samples are put into, and how wide layers are laid into a plane, against what the
/// network itself says.
#include "train/surveyor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runs.h"

#define IMAGES "data.file=" SADDLE_TEST_DATA "/fixtures/digits"

/// A 2-5-1 net whose hidden layer is linear: its outputs lie in a plane, whatever the weights.
#define FLAT                                                                                       \
    "{\"saddle\": 1, \"data\": {\"kind\": \"xor\", \"samples\": 120, \"test_fraction\": 0.25},"    \
    " \"network\": {\"init\": \"xavier_uniform\", \"layers\": ["                                   \
    "  {\"units\": 5}, {\"units\": 1, \"activation\": \"sigmoid\"}]},"                             \
    " \"training\": {\"loss\": \"bce\"}}"

typedef struct Seen {
    Session *session;
    History *history;
    Snapshot snapshot;
    Observation observation;
} Seen;

static Seen look(const char *text, const char *const *settings, const ObservationRequest *request,
                 int threads) {
    Seen seen = {.session = make_session(text, settings)};
    Error error = {""};
    seen.history = history_create(seen.session);
    assert_non_null(seen.history);
    assert_true(snapshot_fill(&seen.snapshot, seen.session, seen.history));
    if (!observe(request, &seen.snapshot, threads, &seen.observation, &error)) {
        fail_msg("%s", error.text);
    }
    return seen;
}

static void forget(Seen *seen) {
    observation_deinit(&seen->observation);
    snapshot_deinit(&seen->snapshot);
    history_destroy(seen->history);
    session_destroy(seen->session);
}

static ObservationRequest ask_for(ObservationKind kind) {
    ObservationRequest request;
    memset(&request, 0, sizeof request);
    request.kind = kind;
    return request;
}

/// @return (n, n_outputs) for all samples; the caller frees it
static float *outputs_of(const Session *session) {
    const Dataset *data = session->data;
    float *y = malloc(data->n * (size_t)data->n_outputs * sizeof *y);
    Workspace ws;
    assert_true(workspace_init(&ws, &session->net, 256));
    network_predict(&session->net, &ws, data->x, data->n, y);
    workspace_deinit(&ws);
    return y;
}

static void check_classes(const char *text, const char *const *settings) {
    ObservationRequest request = ask_for(OBSERVE_CLASSES);
    for (int threads = 1; threads <= 3; threads += 2) {
        Seen seen = look(text, settings, &request, threads);
        const Observation *o = &seen.observation;
        const Dataset *data = seen.session->data;
        int outputs = data->n_outputs;
        float *y = outputs_of(seen.session);
        size_t test = data->n - data->n_train;
        assert_int_equal(o->n_points, test);
        int right = 0;
        for (int i = 0; i < o->n_points; i++) {
            size_t sample = verdict_sample(o, data, i);
            assert_int_equal(sample, data->n_train + (size_t)i);
            const float *of_sample = y + sample * (size_t)outputs;
            int winner = outputs == 1 && of_sample[0] >= 0.5f;
            for (int k = 1; k < outputs; k++) {
                if (of_sample[k] > of_sample[winner]) winner = k;
            }
            float sure = outputs > 1 ? of_sample[winner] : winner ? of_sample[0] : 1 - of_sample[0];
            assert_true(o->winner[i] == (float)winner);
            assert_close((double)o->values[i], (double)sure, 1e-6);
            right += o->winner[i] == o->target[i];
        }
        Metrics metrics;
        session_measure(seen.session, &metrics);
        assert_close((double)right / o->n_points, metrics.test_accuracy, 1e-12);
        free(y);
        forget(&seen);
    }
}

static void test_classes_are_the_network_s(void **state) {
    (void)state;
    static const char *const images[] = {IMAGES, NULL};
    check_classes(FLAT, NULL);
    check_classes("digits", images);
}

static void test_numbers_have_no_classes(void **state) {
    (void)state;
    Session *session = make_session("paraboloid", NULL);
    History *history = history_create(session);
    Snapshot snapshot = {0};
    assert_true(snapshot_fill(&snapshot, session, history));
    ObservationRequest request = ask_for(OBSERVE_CLASSES);
    Observation out = {0};
    Error error = {""};
    assert_false(observe(&request, &snapshot, 1, &out, &error));
    assert_non_null(strstr(error.text, "no classes"));
    observation_deinit(&out);
    snapshot_deinit(&snapshot);
    history_destroy(history);
    session_destroy(session);
}

static double distance(const float *a, const float *b, int n) {
    double sum = 0;
    for (int k = 0; k < n; k++)
        sum += ((double)a[k] - (double)b[k]) * ((double)a[k] - (double)b[k]);
    return sqrt(sum);
}

static void test_a_plane_keeps_distances(void **state) {
    (void)state;
    ObservationRequest request = ask_for(OBSERVE_LAYERS);
    Seen seen = look(FLAT, NULL, &request, 1);
    const Observation *o = &seen.observation;
    const Network *net = &seen.session->net;
    Workspace ws;
    assert_int_equal(o->n_points, 90);
    assert_true(workspace_init(&ws, net, 90));
    network_forward(net, &ws, seen.session->data->x, 90);
    const float *hidden = ws.outputs[0], *seen_at = o->points + 2 * (size_t)o->n_points;
    double spread[2] = {0, 0};
    for (int i = 0; i < 90; i++) {
        for (int j = 0; j < i; j++) {
            assert_close(distance(seen_at + 2 * i, seen_at + 2 * j, 2),
                         distance(hidden + 5 * i, hidden + 5 * j, 5), 1e-4);
        }
        for (int axis = 0; axis < 2; axis++) {
            spread[axis] += (double)seen_at[2 * i + axis] * (double)seen_at[2 * i + axis];
        }
    }
    assert_true(spread[0] >= spread[1]); // the first direction is the one of the largest variance
    workspace_deinit(&ws);
    forget(&seen);
}

static void test_outputs_of_several_classes_lie_in_a_polygon(void **state) {
    (void)state;
    static const char *const images[] = {IMAGES, NULL};
    ObservationRequest request = ask_for(OBSERVE_LAYERS);
    Seen seen = look("digits", images, &request, 1);
    const Observation *o = &seen.observation;
    float *y = outputs_of(seen.session);
    const float *last = o->points + (size_t)(o->n_layers - 1) * (size_t)o->n_points * 2;
    assert_int_equal(o->n_points, seen.session->data->n_train);
    for (int i = 0; i < o->n_points; i++) {
        double expected[2] = {0, 0};
        for (int k = 0; k < 10; k++) {
            double share = (double)y[10 * i + k], angle = 2 * acos(-1) * k / 10;
            expected[0] += share * sin(angle);
            expected[1] += share * cos(angle);
        }
        for (int axis = 0; axis < 2; axis++) {
            assert_close((double)last[2 * i + axis], expected[axis], 1e-5);
        }
        assert_true(seen.session->data->t[10 * i + (int)o->target[i]] == 1);
    }
    free(y);
    forget(&seen);
}

/// Three classes over two inputs, in a file.
static void test_a_field_of_several_classes_names_the_winner(void **state) {
    (void)state;
    char path[] = "/tmp/saddle-classes-XXXXXX", text[400];
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    FILE *file = fdopen(descriptor, "w");
    fprintf(file, "x1,x2,label\n0,0,0\n1,0,1\n0,1,2\n");
    fclose(file);
    snprintf(text, sizeof text,
             "{\"saddle\": 1, \"data\": {\"kind\": \"csv\", \"file\": \"%s\"},"
             " \"network\": {\"init\": \"xavier_uniform\", \"layers\": [{\"units\": 3,"
             " \"activation\": \"softmax\"}]}, \"training\": {\"loss\": \"cross_entropy\"}}",
             path);
    ObservationRequest request = ask_for(OBSERVE_FIELD);
    request.field.lo[0] = request.field.lo[1] = -1;
    request.field.hi[0] = request.field.hi[1] = 2;
    request.field.grid[0] = request.field.grid[1] = 7;
    Seen seen = look(text, NULL, &request, 2);
    remove(path);
    const Observation *o = &seen.observation;
    assert_non_null(o->winner);
    Workspace ws;
    assert_true(workspace_init(&ws, &seen.session->net, 1));
    for (int row = 0; row < 7; row++) {
        for (int column = 0; column < 7; column++) {
            const float x[2] = {(float)o->values_a[column], (float)o->values_b[row]};
            const float *y = network_forward(&seen.session->net, &ws, x, 1);
            int winner = (int)o->winner[row * 7 + column];
            for (int k = 0; k < 3; k++) assert_true(y[winner] >= y[k]);
            assert_close((double)o->values[row * 7 + column], (double)y[winner], 1e-6);
        }
    }
    workspace_deinit(&ws);
    forget(&seen);
}

/// A step is shown with the sigmoid of its sum: its line is where that is a half.
static void test_a_step_s_field_is_its_sum_s_sigmoid(void **state) {
    (void)state;
    ObservationRequest request = ask_for(OBSERVE_FIELD);
    request.field.hi[0] = request.field.hi[1] = 1.5f;
    request.field.grid[0] = request.field.grid[1] = 5;
    Seen seen = look("perceptron", NULL, &request, 1);
    const Observation *o = &seen.observation;
    for (int row = 0; row < 5; row++) {
        for (int column = 0; column < 5; column++) {
            double z = o->values_a[column] + 2 * o->values_b[row] - 1; // as the experiment gives it
            assert_close((double)o->values[row * 5 + column], 1 / (1 + exp(-z)), 1e-6);
        }
    }
    forget(&seen);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classes_are_the_network_s),
        cmocka_unit_test(test_numbers_have_no_classes),
        cmocka_unit_test(test_a_plane_keeps_distances),
        cmocka_unit_test(test_outputs_of_several_classes_lie_in_a_polygon),
        cmocka_unit_test(test_a_field_of_several_classes_names_the_winner),
        cmocka_unit_test(test_a_step_s_field_is_its_sum_s_sigmoid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
