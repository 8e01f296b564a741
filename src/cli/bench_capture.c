// The bench's films: how long a GIF of 300 pictures takes to encode.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "capture/film.h"
#include "cli/bench.h"
#include "cli/interrupt.h"
#include "cli/studio.h"
#include "train/history.h"
#include "train/session.h"

enum { PICTURES = 300, WIDTH = 640, HEIGHT = 360 };

#define CIRCLE 6.28318531f

/// Draws the next epoch.
static bool draw_next(Studio *studio, Subject *subject, Session *session, History *history,
                      Error *error) {
    Metrics metrics;
    session_measure(session, &metrics);
    history_record(history, session, &metrics);
    if (!snapshot_fill(&subject->run, session, history)) return error_set(error, "out of memory");
    subject->run.serial++;
    if (!subject->layout && studio_place(studio, subject, 1) != EXIT_DONE)
        return error_set(error, "no views");
    if (!studio_draw(studio, subject, 1, 0, error)) return false;
    while (!session_train(session, SIZE_MAX, &metrics.running_loss) && !session->diverged) continue;
    return true;
}

/// @param seconds  what the film alone took
static bool film_landscape(const char *path, float turn, double *seconds, Error *error) {
    const Options options = {0};
    const Look look = {.views = {view_find("landscape")},
                       .n_views = 1,
                       .theme = &themes[0],
                       .width = WIDTH,
                       .height = HEIGHT,
                       .scale = 1};
    Studio studio;
    Subject subject = {0};
    Session *session = bench_session("error-surface", NULL, error);
    History *history = session ? history_create(session) : NULL;
    Film *film = NULL;
    bool good = history && studio_open(&studio, &options, &look) == EXIT_DONE;
    if (good) {
        film = film_create(&(FilmDesc){.path = path, .width = WIDTH, .height = HEIGHT, .fps = 25},
                           error);
        good = film != NULL;
    }
    for (int i = 0; good && i < PICTURES && !interrupted(); i++) {
        good = draw_next(&studio, &subject, session, history, error);
        if (!good) break;
        layout_turn(subject.layout, turn / PICTURES);
        const double start = bench_seconds();
        good = film_add(film, studio.rgba, error);
        *seconds += bench_seconds() - start;
    }
    const double start = bench_seconds();
    good = good && film_finish(film, 0, error);
    *seconds += bench_seconds() - start;
    film_destroy(film);
    subject_deinit(&subject);
    if (history) studio_close(&studio);
    history_destroy(history);
    session_destroy(session);
    return good;
}

static bool bench_film(float turn, BenchResult *result, Error *error) {
    char folder[] = "/tmp/saddle-bench-XXXXXX", path[64];
    if (!mkdtemp(folder)) return error_set(error, "/tmp: cannot write");
    snprintf(path, sizeof path, "%s/a.gif", folder);
    double seconds = 0;
    const bool good = film_landscape(path, turn, &seconds, error);
    unlink(path);
    rmdir(folder);
    *result = (BenchResult){seconds, PICTURES / seconds, "pictures/s", "one run", 0};
    return good;
}

bool bench_encode_gif(BenchResult *result, Error *error) {
    return bench_film(0, result, error);
}

bool bench_encode_gif_turning(BenchResult *result, Error *error) {
    return bench_film(CIRCLE, result, error);
}
