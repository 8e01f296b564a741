// `saddle record`: trains, and draws a film of it with no window.
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "capture/cadence.h"
#include "capture/film.h"
#include "cli/interrupt.h"
#include "cli/job.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/studio.h"
#include "cli/subcommands.h"
#include "train/history.h"

enum { FRAMES_WANTED = 240 }; // about, where nothing is said

#define FPS_DEFAULT  25
#define HOLD_DEFAULT 2
#define DEGREE       0.017453292519943295

/// A session with what is remembered of it.
typedef struct Actor {
    Session *session;
    History *history;
} Actor;

typedef struct Filming {
    const Options *options;
    FilmDesc desc;
    Cadence cadence;
    bool still;    // nothing is trained
    double hold;   // seconds
    int64_t steps; // from the first picture to the last; of a still film, to its end
    float turn;    // radians a step
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

/// Takes a picture of the snapshots.  @return as take
static bool shoot(Filming *filming) {
    Subject *subject = &filming->subject;
    if (filming->frames > 0) layout_turn(subject->layout, filming->turn);
    const double time = (double)filming->frames / filming->desc.fps;
    if (!studio_draw(&filming->studio, subject, 1, time, &filming->error)) return false;
    filming->frames++;
    return interrupted() || film_add(filming->film, filming->studio.rgba, &filming->error);
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
    filming->shown = filming->actors[0].session->epoch;
    return shoot(filming);
}

static bool at_epoch(void *context, Session *session, double running_loss) {
    Filming *filming = context;
    Metrics metrics;
    if (!measure(&filming->actors[0], running_loss, &metrics)) return true; // and that ends it
    for (int i = 1; i < filming->n_actors; i++) follow(&filming->actors[i], session->epoch);
    const bool ends = filming->still || session->epoch >= session->experiment->epochs;
    return interrupted() || !cadence_shows(filming->cadence, session->epoch) ||
           take(filming, ends ? RUN_DONE : RUN_RUNNING);
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

/// The rest of a still film that turns.  @return as take
static bool go_round(Filming *filming) {
    Progress progress;
    progress_begin(&progress, "picture", options_has(filming->options, OPTION_QUIET));
    bool good = true;
    while (good && filming->frames < filming->steps && !interrupted()) {
        good = shoot(filming);
        progress_share(&progress, (double)filming->frames / (double)filming->steps, filming->steps);
    }
    progress_end(&progress);
    return good;
}

/// Whether how training ended is another picture: the last one shown is not of that.
/// @param shown  its epoch  @param last  the epoch that training came to
static bool ends_otherwise(const JobTraining *training, int64_t shown, int64_t last) {
    return training->diverged || training->stopped || shown != last;
}

/// Numbered pictures that follow the film's own would be taken for its end.
static void report_beyond(const Filming *filming) {
    char names[1024];
    const int beyond = film_beyond(filming->film, names, sizeof names);
    if (beyond > 0 && !options_has(filming->options, OPTION_QUIET))
        cli_fail(EXIT_DONE, "%s %s there before and stay%s", names, beyond > 1 ? "were" : "was",
                 beyond > 1 ? "" : "s");
}

/// Trains and films to the end.
static int make_film(Filming *filming) {
    Actor *actor = &filming->actors[0];
    JobTraining training;
    filming->shown = -1;
    int code =
        job_train_with(actor->session, filming->options, at_epoch, share_done, filming, &training);
    if (filming->error.text[0] != '\0' || filming->code != EXIT_DONE) return fail(filming);
    if (code != EXIT_DONE) return code;
    if (training.diverged) history_truncate(actor->history, actor->session->epoch);
    bool good = !ends_otherwise(&training, filming->shown, actor->session->epoch) ||
                take(filming, RUN_DONE);
    if (good && filming->still) good = go_round(filming);
    if (interrupted()) return EXIT_INTERRUPTED;
    // The last picture's own time is part of it; of a still film, that of all.
    const double shown = (double)(filming->still ? filming->frames : 1) / filming->desc.fps;
    good = good && film_finish(filming->film, fmax(0, filming->hold - shown), &filming->error);
    if (!good) return fail(filming);
    report_beyond(filming);
    return EXIT_DONE;
}

// ---- how many pictures there will be

/// What a rehearsal has come to.
typedef struct Rehearsal {
    Cadence cadence;
    int64_t pictures, shown; // the epoch of the last one
} Rehearsal;

static bool count_picture(void *context, Session *session, double running_loss) {
    (void)running_loss;
    Rehearsal *rehearsal = context;
    Metrics metrics;
    if (!cadence_shows(rehearsal->cadence, session->epoch)) return true;
    session_measure(session, &metrics);
    if (!isfinite(metrics.train_loss)) return true; // as at_epoch
    rehearsal->pictures++;
    rehearsal->shown = session->epoch;
    return true;
}

/// From how many pictures to the next one it goes. Whoever turns the camera by equal parts must
/// know it to the picture, and training may stop early or diverge: so that is tried.
static int count_steps(Filming *filming) {
    Session *session = filming->actors[0].session;
    if (filming->still) {
        const bool turns = filming->options->turn < 0 || filming->options->turn > 0;
        filming->steps = turns ? llround(filming->hold * filming->desc.fps) : 1;
    } else if (options_has(filming->options, OPTION_TURN)) {
        Rehearsal rehearsal = {.cadence = filming->cadence, .shown = -1};
        JobTraining training;
        int64_t last;
        const int code =
            job_rehearse(session, filming->options, count_picture, &rehearsal, &last, &training);
        if (code != EXIT_DONE) return code;
        filming->steps = rehearsal.pictures - !ends_otherwise(&training, rehearsal.shown, last);
    } else {
        filming->steps = cadence_count(filming->cadence, session->experiment->epochs);
    }
    if (filming->steps < 1) filming->steps = 1;
    filming->turn = (float)(filming->options->turn * DEGREE / (double)filming->steps);
    return EXIT_DONE;
}

static int film(Filming *filming, const Look *look) {
    const Options *options = filming->options;
    // First of all, for a program may be missing, or the file impossible.
    filming->film = film_create(&filming->desc, &filming->error);
    if (!filming->film) return fail(filming);
    int code = studio_open(&filming->studio, options, look);
    if (code == EXIT_DONE) code = add_actors(filming);
    if (code != EXIT_DONE) return code;
    const int64_t epochs = filming->actors[0].session->experiment->epochs;
    filming->still = options_has(options, OPTION_WEIGHTS_USE) || epochs == 0;
    filming->hold = options_has(options, OPTION_HOLD) ? options->hold : HOLD_DEFAULT;
    if (filming->cadence.every < 0)
        filming->cadence.every = (epochs + FRAMES_WANTED - 1) / FRAMES_WANTED;
    if (filming->cadence.every < 1 && !options->tutorial_cadence) filming->cadence.every = 1;
    code = count_steps(filming);
    return code == EXIT_DONE ? make_film(filming) : code;
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
