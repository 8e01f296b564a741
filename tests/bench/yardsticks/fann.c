// The yardstick for per-sample training: the same networks, data, activations and rates in FANN
// (Debian's libfann, its 32-bit build), as fast as it honestly goes: its own loop over the epoch
// (fann_train_epoch) and one call a sample (fann_train) are both tried, with denormals flushed.
//
// Prints one JSON object a job: job, rate in samples a second, and the loss that it came to, by
// which one sees that it learns the same thing.
//
// FANN's gradient leaves out the mean square's factor 2, and halves the error of outputs between
// -1 and 1: the rates are scaled for it.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <floatfann.h>
#if defined(__SSE__)
#include <xmmintrin.h>
#endif

enum { REPEATS = 5 };

typedef struct Job {
    const char *name;
    unsigned widths[5], layers; // inputs first
    enum fann_activationfunc_enum last;
    float rate, momentum;
    void (*sample)(unsigned i, float *x, float *t);
    unsigned samples;
    float weight; // initial weights lie within this of 0
} Job;

static void paraboloid(unsigned i, float *x, float *t) {
    x[0] = (float)(i % 12) / 5.5f - 1.0f;
    x[1] = (float)(i / 12) / 5.5f - 1.0f;
    t[0] = x[1] * x[1] - x[0] * x[0];
}

static void xor_points(unsigned i, float *x, float *t) {
    (void)i;
    x[0] = (float)rand() / (float)RAND_MAX;
    x[1] = (float)rand() / (float)RAND_MAX;
    t[0] = (x[0] > 0.5f) != (x[1] > 0.5f) ? 1.0f : 0.0f;
}

static const Job jobs[] = {
    {"train-paraboloid",
     {2, 12, 2, 1},
     4,
     FANN_SIGMOID_SYMMETRIC,
     4 * 0.005f,
     0,
     paraboloid,
     144,
     0.6f},
    {"train-xor-shallow", {2, 2, 2, 2, 1}, 5, FANN_LINEAR, 2 * 0.005f, 0.3f, xor_points, 500, 0.7f},
};

// Of the processor, as saddle bench counts.
static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static struct fann *network_of(const Job *job) {
    struct fann *net = fann_create_standard_array(job->layers, job->widths);
    if (!net) return NULL;
    fann_set_training_algorithm(net, FANN_TRAIN_INCREMENTAL);
    fann_set_train_error_function(net, FANN_ERRORFUNC_LINEAR);
    fann_set_activation_function_hidden(net, FANN_SIGMOID_SYMMETRIC); // tanh(steepness * sum)
    fann_set_activation_function_output(net, job->last);
    fann_set_activation_steepness_hidden(net, 1.0f);
    fann_set_activation_steepness_output(net, 1.0f);
    fann_set_learning_rate(net, job->rate);
    fann_set_learning_momentum(net, job->momentum);
    fann_randomize_weights(net, -job->weight, job->weight);
    return net;
}

static void epoch(struct fann *net, struct fann_train_data *data, int by_sample) {
    if (!by_sample) {
        fann_train_epoch(net, data);
        return;
    }
    for (unsigned i = 0; i < data->num_data; i++) fann_train(net, data->input[i], data->output[i]);
}

static int measure(const Job *job) {
    struct fann_train_data *data = fann_create_train(job->samples, 2, 1);
    if (!data) return 1;
    for (unsigned i = 0; i < job->samples; i++) job->sample(i, data->input[i], data->output[i]);
    double best = 0, loss = HUGE_VAL;
    const char *way = "";
    for (int repeat = 0; repeat < 2 * REPEATS; repeat++) {
        struct fann *net = network_of(job);
        if (!net) return 1;
        double start = seconds(), took = 0, samples = 0;
        while (took < 0.1) {
            for (int i = 0; i < 10; i++) epoch(net, data, repeat % 2);
            samples += 10.0 * job->samples;
            took = seconds() - start;
        }
        if (samples / took > best) {
            best = samples / took;
            way = repeat % 2 ? "fann_train" : "fann_train_epoch";
        }
        loss = fmin(loss, (double)fann_test_data(net, data));
        fann_destroy(net);
    }
    fann_destroy_train(data);
    // fann_test_data halves the errors of outputs between -1 and 1, too.
    if (job->last == FANN_SIGMOID_SYMMETRIC) loss *= 4;
    printf("{\"job\": \"%s\", \"by\": \"fann\", \"rate\": %.6g, \"way\": \"%s\", \"loss\": %.4g}\n",
           job->name, best, way, loss);
    return 0;
}

int main(int argc, char **argv) {
#if defined(__SSE__)
    _mm_setcsr(_mm_getcsr() | 0x8040); // flush denormals, as saddle does
#endif
    int worst = 0;
    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
        if (argc < 2 || strcmp(argv[1], jobs[i].name) == 0) worst |= measure(&jobs[i]);
    }
    return worst;
}
