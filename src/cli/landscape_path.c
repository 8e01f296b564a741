#include "cli/landscape_path.h"

#include <math.h>

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
                      double loss, Table *table) {
    double at[2];
    table_integer(table, epoch);
    if (coordinates->plane) plane_project(coordinates->plane, params, at);
    for (int k = 0; k < 2; k++) {
        if (coordinates->plane)
            table_double(table, at[k]);
        else
            table_float(table, params[coordinates->at[k]]);
    }
    table_double(table, loss);
    table_end_row(table);
}

void landscape_write_path(const History *history, const Session *session,
                          const Coordinates *coordinates, bool test_split, double loss,
                          Table *table) {
    table_header(table, "epoch,a,b,loss");
    int count;
    const Path *path = history_path(history, &count);
    int64_t last = -1;
    for (int i = 0; i < count && !table_failed(table); i++) {
        last = path->epoch[i];
        write_row(coordinates, last, path->weights + (size_t)i * path->n_params,
                  test_split ? path->test_loss[i] : path->loss[i], table);
    }
    // A thinned path may end before the run does.
    int64_t present = landscape_epoch(session);
    if (last < present) write_row(coordinates, present, session->net.params, loss, table);
}
