#include "cli/landscape_path.h"

#include <inttypes.h>
#include <math.h>

#include "cli/output.h"

bool landscape_record(void *context, Session *session, double running_loss) {
    History *history = context;
    Metrics metrics = {.running_loss = running_loss};
    session_measure(session, &metrics);
    if (session->epoch > 0 && !isfinite(metrics.train_loss)) {
        session_diverge(session); // the epoch is not one of the run
        return true;
    }
    history_record(history, session, &metrics);
    session_judge(session, &metrics);
    return true;
}

int64_t landscape_epoch(const Session *session) {
    return session->stopped && session->best.epoch > 0 ? session->best.epoch : session->epoch;
}

static void write_row(const Coordinates *coordinates, int64_t epoch, const float *params,
                      double loss, FILE *stream) {
    double at[2];
    fprintf(stream, "%" PRId64, epoch);
    if (coordinates->plane) plane_project(coordinates->plane, params, at);
    for (int k = 0; k < 2; k++) {
        fputc(',', stream);
        if (coordinates->plane)
            output_double(stream, at[k]);
        else
            output_float(stream, params[coordinates->at[k]]);
    }
    fputc(',', stream);
    output_double(stream, loss);
    fputc('\n', stream);
}

void landscape_write_path(const History *history, const Session *session,
                          const Coordinates *coordinates, bool test_split, double loss,
                          FILE *stream) {
    fputs("epoch,a,b,loss\n", stream);
    int count;
    const Path *path = history_path(history, &count);
    int64_t last = -1;
    for (int i = 0; i < count && !ferror(stream); i++) {
        last = path->epoch[i];
        write_row(coordinates, last, path->weights + (size_t)i * path->n_params,
                  test_split ? path->test_loss[i] : path->loss[i], stream);
    }
    // A thinned path may end before the run does.
    int64_t present = landscape_epoch(session);
    if (last < present) write_row(coordinates, present, session->net.params, loss, stream);
}
