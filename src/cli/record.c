// `saddle record`: trains, and draws a film of it with no window.
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "capture/film.h"
#include "cli/interrupt.h"
#include "cli/job.h"
#include "cli/output.h"
#include "cli/studio.h"
#include "cli/subcommands.h"
#include "train/history.h"

enum { FRAMES_WANTED = 240 }; // about, where nothing is said

#define FPS_DEFAULT  25
#define HOLD_DEFAULT 2
#define DEGREE       0.017453292519943295

/// Which epochs are shown.
typedef struct Cadence {
    int64_t every; // 0: every epoch at first, then fewer, as the tutorial does
} Cadence;

static bool is_shown(Cadence cadence, int64_t epoch) {
    static const struct {
        int64_t until, every;
    } tutorial[] = {{24, 1}, {100, 10}, {500, 25}, {1000, 50}, {INT64_MAX, 250}};
    if (cadence.every > 0) return epoch % cadence.every == 0;
    for (size_t i = 0; i < sizeof tutorial / sizeof *tutorial; i++) {
        if (epoch <= tutorial[i].until && epoch % tutorial[i].every == 0) return true;
    }
    return false;
}

/// A session with what is remembered of it.
typedef struct Actor {
    Session *session;
    History *history;
} Actor;

typedef struct Filming {
    const Options *options;
    FilmDesc desc;
    Cadence cadence;
    int64_t steps; // from the first picture to the last, should training come to its last epoch
    float turn;    // radians a picture
    Studio studio;
    Subject subject;
    Film *film;
    Actor actors[1 + RIVALS_MAX]; // the run, and the rivals of its race
    int n_actors;
    int64_t frames; // taken
    int64_t shown;  // the epoch of the last one; -1: none
    Error error;    // what went wrong
    int code;       // EXIT_DONE: nothing
} Filming;

static bool measure(Actor *actor, double running_loss, Metrics *metrics) {
    session_measure(actor->session, metrics);
    metrics->running_loss = running_loss;
    history_record(actor->history, actor->session, metrics);
    return isfinite(metrics->train_loss);
}

/// Takes a rival to an epoch's end.
static void follow(Actor *actor, int64_t epoch) {
    Session *session = actor->session;
    while (session->epoch < epoch && !session->diverged && !session->stopped && !interrupted()) {
        double running_loss;
        Metrics metrics;
        if (!session_train(session, SIZE_MAX, &running_loss)) continue;
        if (measure(actor, running_loss, &metrics))
            session_judge(session, &metrics);
        else
            session_diverge(session);
    }
    if (session->diverged) history_truncate(actor->history, session->epoch);
}

static bool fill(Filming *filming, int i, Snapshot *out, RunState state) {
    const Actor *actor = &filming->actors[i];
    if (!snapshot_fill(out, actor->session, actor->history)) return false;
    out->serial = (uint64_t)filming->frames + 1;
    out->generation = (uint64_t)i + 1;
    out->state = actor->session->diverged ? RUN_DIVERGED : state;
    if (actor->session->diverged) out->diverged_epoch = actor->session->epoch + 1;
    return true;
}

/// Takes a picture of all as they are now.  @return false with code or error set
static bool take(Filming *filming, RunState state) {
    Subject *subject = &filming->subject;
    subject->n_rivals = filming->n_actors - 1;
    bool filled = fill(filming, 0, &subject->run, state);
    for (int i = 1; i < filming->n_actors && filled; i++) {
        filled = fill(filming, i, &subject->rivals[i - 1], state);
    }
    if (!filled) return error_set(&filming->error, "record: out of memory");
    if (subject->run.experiment->landscape.arrows && !filming->actors[0].session->diverged)
        snapshot_add_next_step(&subject->run, filming->actors[0].session);
    if (!subject->layout) {
        filming->code = studio_place(&filming->studio, subject, 1);
        if (filming->code != EXIT_DONE) return false;
    }
    if (filming->frames > 0) layout_turn(subject->layout, filming->turn);
    const double time = (double)filming->frames / filming->desc.fps;
    if (!studio_draw(&filming->studio, subject, 1, time, &filming->error)) return false;
    filming->frames++;
    filming->shown = filming->actors[0].session->epoch;
    return interrupted() || film_add(filming->film, filming->studio.rgba, &filming->error);
}

static bool at_epoch(void *context, Session *session, double running_loss) {
    Filming *filming = context;
    Metrics metrics;
    if (!measure(&filming->actors[0], running_loss, &metrics)) return true; // and that ends it
    for (int i = 1; i < filming->n_actors; i++) follow(&filming->actors[i], session->epoch);
    return interrupted() || !is_shown(filming->cadence, session->epoch) ||
           take(filming, RUN_RUNNING);
}

static int add_actor(Filming *filming, Session *session) {
    Actor *actor = &filming->actors[filming->n_actors++];
    *actor = (Actor){.session = session, .history = history_create(session)};
    return actor->history ? EXIT_DONE : cli_fail(EXIT_FAILED, "record: out of memory");
}

static int add_actors(Filming *filming) {
    int code;
    Session *first = job_session(filming->options, &code);
    if (!first) return code;
    code = add_actor(filming, first);
    for (int i = 0; i < job_rivals(first, filming->options) && code == EXIT_DONE; i++) {
        Session *rival = job_rival(first, i, &code);
        if (rival) code = add_actor(filming, rival);
    }
    for (int i = 1; i < filming->n_actors && code == EXIT_DONE; i++) {
        Metrics metrics;
        measure(&filming->actors[i], (double)NAN, &metrics);
    }
    return code;
}

static int fail(const Filming *filming) {
    if (filming->code != EXIT_DONE) return filming->code;
    return cli_fail(EXIT_FAILED, "%s", filming->error.text);
}

static double share_done(const void *context) {
    const Filming *filming = context;
    return (double)(filming->frames - 1) / (double)filming->steps;
}

/// Trains and films to the end.
static int shoot(Filming *filming) {
    Actor *actor = &filming->actors[0];
    JobTraining training;
    filming->shown = -1;
    int code =
        job_train_with(actor->session, filming->options, at_epoch, share_done, filming, &training);
    if (filming->error.text[0] != '\0' || filming->code != EXIT_DONE) return fail(filming);
    if (code != EXIT_DONE) return code;
    if (training.diverged) history_truncate(actor->history, actor->session->epoch);
    const bool ends = training.diverged || filming->shown != actor->session->epoch;
    bool good = !ends || take(filming, RUN_DONE);
    if (interrupted()) return EXIT_INTERRUPTED;
    const bool held = options_has(filming->options, OPTION_HOLD);
    const double hold = held ? filming->options->hold : HOLD_DEFAULT;
    // Its own time is part of it.
    good =
        good && film_finish(filming->film, fmax(0, hold - 1 / filming->desc.fps), &filming->error);
    return good ? EXIT_DONE : fail(filming);
}

/// From how many pictures to the next one it goes, should training come to its last epoch.
static int64_t count_steps(const Filming *filming, int64_t epochs) {
    int64_t steps = 0;
    for (int64_t epoch = 1; epoch <= epochs; epoch++) {
        steps += epoch == epochs || is_shown(filming->cadence, epoch);
    }
    return steps > 0 ? steps : 1;
}

static int film(Filming *filming, const Look *look) {
    // First of all, for a program may be missing, or the file impossible.
    filming->film = film_create(&filming->desc, &filming->error);
    if (!filming->film) return fail(filming);
    int code = studio_open(&filming->studio, filming->options, look);
    if (code == EXIT_DONE) code = add_actors(filming);
    if (code != EXIT_DONE) return code;
    const int64_t epochs = filming->actors[0].session->experiment->epochs;
    if (filming->cadence.every < 0)
        filming->cadence.every = (epochs + FRAMES_WANTED - 1) / FRAMES_WANTED;
    if (filming->cadence.every < 1 && !filming->options->tutorial_cadence)
        filming->cadence.every = 1;
    filming->steps = count_steps(filming, epochs);
    filming->turn = (float)(filming->options->turn * DEGREE / (double)filming->steps);
    return shoot(filming);
}

int cli_record(const Options *options) {
    if (!options->output)
        return cli_fail(EXIT_USAGE, "record: needs -o FILE (see saddle record --help)");
    if (options->tutorial_cadence && options_has(options, OPTION_EVERY))
        return cli_fail(EXIT_USAGE, "--every %" PRId64 ": leave it out with --cadence",
                        options->every);
    Look look;
    int code = look_read(options, &look);
    if (code != EXIT_DONE) return code;
    Filming *filming = calloc(1, sizeof *filming);
    if (!filming) return cli_fail(EXIT_FAILED, "record: out of memory");
    *filming = (Filming){
        .options = options,
        .desc = {.path = options->output,
                 .width = look.width,
                 .height = look.height,
                 .fps = options_has(options, OPTION_FPS) ? options->fps : FPS_DEFAULT},
        .cadence = {options->tutorial_cadence            ? 0
                    : options_has(options, OPTION_EVERY) ? options->every
                                                         : -1},
    };
    const FilmType *type = film_type_of(options->output, &filming->error);
    if (!type) {
        code = cli_fail(EXIT_USAGE, "-o %s", filming->error.text);
    } else if (filming->desc.fps > type->fps_max) {
        code = cli_fail(EXIT_USAGE, "--fps %g: %s shows at most %g pictures a second",
                        filming->desc.fps, type->suffix, type->fps_max);
    } else if (!output_probe(options->output, &filming->error)) {
        code = cli_fail(EXIT_FAILED, "%s", filming->error.text);
    } else {
        code = film(filming, &look);
    }
    film_destroy(filming->film);
    subject_deinit(&filming->subject);
    studio_close(&filming->studio);
    for (int i = 0; i < filming->n_actors; i++) {
        history_destroy(filming->actors[i].history);
        session_destroy(filming->actors[i].session);
    }
    free(filming);
    return code;
}
