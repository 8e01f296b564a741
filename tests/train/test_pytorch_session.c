// PyTorch's trajectories again (tests/nn/test_pytorch_steps.c), but asked for as a user asks: by an
// experiment's keys, with data from a file, step by step through a session, which sets the rate.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/thread.h"

#include "fixtures/steps.h"
#include "runs.h"

enum { N_CASES = sizeof cases / sizeof *cases, TEXT_MAX = 8192 };

#define TOLERANCE 1e-5

/// Text that grows by printf.
typedef struct Text {
    char chars[TEXT_MAX];
    size_t length;
} Text;

__attribute__((format(printf, 2, 3))) static void add(Text *text, const char *form, ...) {
    va_list values;
    va_start(values, form);
    int n = vsnprintf(text->chars + text->length, TEXT_MAX - text->length, form, values);
    va_end(values);
    assert_in_range(n, 0, TEXT_MAX - text->length - 1);
    text->length += (size_t)n;
}

/// "KEY": VALUE, where it is not zero.
static void add_number(Text *text, const char *key, double value) {
    if (value != 0) add(text, ", \"%s\": %.9g", key, value);
}

/// The case's samples as a data file, whose place the caller frees.
static void write_data(const Case *is, Text *text) {
    const int inputs = is->n_inputs, outputs = is->layers[is->n_layers - 1].units;
    for (int k = 0; k < inputs; k++) add(text, "x%d,", k + 1);
    for (int k = 0; k < outputs; k++) add(text, "y%d%s", k + 1, k < outputs - 1 ? "," : "\n");
    for (int i = 0; i < SAMPLES; i++) {
        for (int k = 0; k < inputs; k++) add(text, "%.17g,", is->x[i * inputs + k] * 0x1p-12);
        for (int k = 0; k < outputs; k++) {
            add(text, "%.17g%s", is->t[i * outputs + k] * 0x1p-12, k < outputs - 1 ? "," : "\n");
        }
    }
}

static void write_experiment(const Case *is, const char *data_file, Text *text) {
    const OptimizerDesc *by = &is->optimizer;
    const ScheduleDesc *schedule = &is->schedule;
    add(text, "{\"saddle\": 1, \"data\": {\"kind\": \"csv\", \"file\": \"%s\"},", data_file);
    add(text, " \"network\": {\"layers\": [");
    for (int l = 0; l < is->n_layers; l++) {
        const LayerDesc *layer = &is->layers[l];
        add(text, "%s{\"units\": %d, \"activation\": \"%s\"", l > 0 ? ", " : "", layer->units,
            activation_name(layer->activation));
        if (layer->no_bias) add(text, ", \"bias\": false");
        if (layer->norm != NORM_NONE) add(text, ", \"norm\": \"%s\"", norm_name(layer->norm));
        if (layer->residual) add(text, ", \"residual\": true");
        add(text, "}");
    }
    add(text, "]}, \"training\": {\"loss\": \"%s\", \"batch_size\": %d, \"epochs\": 100",
        loss_name(is->train.loss), is->train.batch);
    add_number(text, "l1", (double)is->train.l1);
    add_number(text, "l2", (double)is->train.l2);
    add(text, ", \"optimizer\": {\"kind\": \"%s\"", optimizer_name(by->kind));
    add_number(text, "learning_rate", (double)by->learning_rate);
    add_number(text, "momentum", (double)by->momentum);
    add_number(text, "beta", (double)by->beta);
    add_number(text, "alpha", (double)by->alpha);
    add_number(text, "beta1", (double)by->beta1);
    add_number(text, "beta2", (double)by->beta2);
    add_number(text, "eps", (double)by->eps);
    add_number(text, "weight_decay", (double)by->weight_decay);
    if (by->nesterov) add(text, ", \"nesterov\": true");
    add(text, "}, \"schedule\": {\"kind\": \"%s\"", schedule_name(schedule->kind));
    add_number(text, "step_size", (double)schedule->step_size);
    add_number(text, "gamma", (double)schedule->gamma);
    add_number(text, "epochs", (double)schedule->epochs);
    add_number(text, "min_learning_rate", (double)schedule->minimum_learning_rate);
    add_number(text, "warmup", (double)schedule->warmup);
    add(text, "}}}");
}

/// A session of the case, at its start.
static Session *open_case(const Case *is) {
    char path[] = "/tmp/saddle-steps-XXXXXX";
    Text data = {.length = 0}, experiment = {.length = 0};
    write_data(is, &data);
    int file = mkstemp(path);
    assert_true(file >= 0 && write(file, data.chars, data.length) == (ssize_t)data.length);
    close(file);
    write_experiment(is, path, &experiment);
    Session *session = make_session(experiment.chars, NULL);
    unlink(path);
    assert_int_equal(session->data->n_train, SAMPLES);
    for (size_t i = 0; i < session->net.n_values; i++) {
        session->net.params[i] = (float)is->start[i] * 0x1p-12f;
    }
    return session;
}

static double worst_of(const Case *is, const Session *session, int checkpoint) {
    const size_t n = session->net.n_values;
    double worst = 0;
    for (size_t i = 0; i < n; i++) {
        double expected = is->after[(size_t)checkpoint * n + i] * 1e-7;
        double off = fabs((double)session->net.params[i] - expected) / fmax(1, fabs(expected));
        if (!(off <= worst)) worst = off;
    }
    return worst;
}

static void test_sessions_follow_pytorch(void **state) {
    (void)state;
    double worst = 0;
    thread_flush_denormals();
    for (int c = 0; c < N_CASES; c++) {
        const Case *is = &cases[c];
        if (is->kept) continue; // recorded masks have no key
        Session *session = open_case(is);
        for (int checkpoint = 0, step = 0; checkpoint < CHECKPOINTS; checkpoint++) {
            double running_loss;
            for (; step < checkpoints[checkpoint]; step++) {
                session_step(session, STEP_BATCH, &running_loss);
            }
            assert_int_equal(session->step, step);
            double off = worst_of(is, session, checkpoint);
            if (!(off <= TOLERANCE)) fail_msg("%s, %s: %g off", is->group, is->name, off);
            worst = fmax(worst, off);
        }
        session_destroy(session);
    }
    print_message("sessions: %.1e from 64 bits\n", worst);
}

/// Nothing but the kind is said: the trajectories by PyTorch's defaults are those of ours.
static void test_keys_left_out(void **state) {
    (void)state;
    int n = 0;
    for (int c = 0; c < N_CASES; c++) {
        const Case *is = &cases[c];
        const OptimizerDesc *by = &is->optimizer;
        OptimizerDesc defaults = optimizer_desc_default(by->kind);
        if (is->kept || by->kind == OPTIMIZER_SGD || by->learning_rate != defaults.learning_rate ||
            by->momentum != 0 || by->weight_decay != defaults.weight_decay ||
            by->eps != defaults.eps) {
            continue;
        }
        Case bare = *is;
        bare.optimizer = (OptimizerDesc){.kind = by->kind};
        Session *session = open_case(&bare);
        double running_loss;
        for (int step = 0; step < 20; step++) session_step(session, STEP_BATCH, &running_loss);
        double off = worst_of(is, session, CHECKPOINTS - 1);
        if (!(off <= TOLERANCE)) fail_msg("%s, %s: %g off", is->group, is->name, off);
        session_destroy(session);
        n++;
    }
    assert_true(n > 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sessions_follow_pytorch),
        cmocka_unit_test(test_keys_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
