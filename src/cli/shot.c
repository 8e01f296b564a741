// `saddle shot`: trains, draws one picture with no window, and saves it.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "app/window.h"
#include "capture/png_file.h"
#include "cli/interrupt.h"
#include "cli/job.h"
#include "cli/output.h"
#include "cli/subcommands.h"
#include "train/history.h"
#include "train/snapshot.h"
#include "views/compare.h"
#include "views/layout.h"

enum { LAYOUT_WIDTH = 1440, LAYOUT_HEIGHT = 900, VIEW_WIDTH = 960, VIEW_HEIGHT = 720 };

/// What the picture is to be.
typedef struct Picture {
    const char *path;
    const Options *options;
    const ViewType *view; // NULL: the layout
    const Theme *theme;
    int width, height;
    float scale;
    bool chinese;
} Picture;

static int no_such_view(const char *id) {
    char ids[256] = "";
    for (const ViewType *const *type = view_types; *type; type++) {
        strncat(ids, type == view_types ? "" : ", ", sizeof ids - strlen(ids) - 1);
        strncat(ids, (*type)->id, sizeof ids - strlen(ids) - 1);
    }
    return cli_fail(EXIT_USAGE, "--view %.100s: no such view; there are %s", id, ids);
}

static int read_picture(Picture *picture, const Options *options) {
    *picture =
        (Picture){.options = options, .theme = &themes[0], .scale = 1, .chinese = options->chinese};
    if (!options->output) {
        return cli_fail(EXIT_USAGE, "shot: needs -o FILE.png (see saddle shot --help)");
    }
    picture->path = strcmp(options->output, "-") == 0 ? "/dev/stdout" : options->output;
    if (options->view && !(picture->view = view_find(options->view)))
        return no_such_view(options->view);
    if (options->theme) picture->theme = theme_find(options->theme);
    if (options_has(options, OPTION_SCALE)) picture->scale = options->scale;
    picture->width = picture->view ? VIEW_WIDTH : LAYOUT_WIDTH;
    picture->height = picture->view ? VIEW_HEIGHT : LAYOUT_HEIGHT;
    if (options_has(options, OPTION_SIZE)) {
        picture->width = options->size[0];
        picture->height = options->size[1];
    }
    return EXIT_DONE;
}

/// A run, the rivals of its race, and its views.
typedef struct Shot {
    Snapshot run, rivals[RIVALS_MAX];
    int n_rivals;
    Layout *layout;
    LayoutFrame frame;
    Rect name; // where there are two
} Shot;

static bool make_views(const Picture *picture, Gfx *gfx, Shot *shot, Rect area, Error *error) {
    const Experiment *experiment = shot->run.experiment;
    shot->layout = picture->view ? layout_create_single(gfx, experiment, picture->view)
                                 : layout_create(gfx, experiment, error);
    shot->frame = (LayoutFrame){.gfx = gfx,
                                .theme = picture->theme,
                                .scale = picture->scale,
                                .area = area,
                                .run = &shot->run,
                                .n_rivals = shot->n_rivals,
                                .chinese = picture->chinese,
                                .resting = true};
    for (int i = 0; i < shot->n_rivals; i++) shot->frame.rivals[i] = &shot->rivals[i];
    return shot->layout != NULL;
}

/// Draws into a target and saves what it then holds.
static bool draw(const Picture *picture, Gfx *gfx, Shot *shots, int n, Error *error) {
    for (int i = 0; i < n; i++) {
        if (!layout_survey_now(shots[i].layout, &shots[i].frame, 0, error)) return false;
    }
    size_t bytes = (size_t)picture->width * (size_t)picture->height * 4;
    uint8_t *rgba = bytes ? malloc(bytes) : NULL;
    Target *target = target_create(gfx, picture->width, picture->height, 0, false);
    bool good = rgba && target;
    if (!good) {
        error_set(error, "%dx%d: a picture of this size does not fit into graphics memory",
                  picture->width, picture->height);
    } else {
        ViewActions actions = {0};
        for (int i = 0; i < n; i++) layout_prepare(shots[i].layout, &shots[i].frame);
        gfx_begin(gfx, target, picture->width, picture->height, picture->theme->background);
        for (int i = 0; i < n; i++) {
            layout_draw(shots[i].layout, &shots[i].frame, &actions);
            if (n > 1) {
                compare_name(gfx, picture->theme, picture->scale, shots[i].name, &shots[i].run,
                             picture->chinese);
            }
        }
        gfx_end(gfx);
        gfx_read(gfx, target, picture->width, picture->height, rgba);
        if (!interrupted())
            good = png_save(picture->path, rgba, picture->width, picture->height, error);
    }
    target_destroy(target);
    free(rgba);
    return good;
}

static int draw_shots(const Picture *picture, Gfx *gfx, Shot *shots, int n) {
    Error error;
    Rect whole = {0, 0, (float)picture->width, (float)picture->height}, names[2], views[2];
    float margin = 12 * picture->scale;
    compare_places((Rect){whole.x, whole.y + margin, whole.w, whole.h - margin}, picture->scale,
                   names, views);
    bool made = true;
    for (int i = 0; i < n && made; i++) {
        shots[i].name =
            (Rect){names[i].x + margin, names[i].y, names[i].w - 2 * margin, names[i].h};
        made = make_views(picture, gfx, &shots[i], n > 1 ? views[i] : whole, &error);
    }
    bool good = made && draw(picture, gfx, shots, n, &error);
    for (int i = 0; i < n; i++) layout_destroy(shots[i].layout);
    if (!made) return job_fail(picture->options, error.text);
    if (interrupted()) return EXIT_INTERRUPTED;
    return good ? EXIT_DONE : cli_fail(EXIT_FAILED, "%s", error.text);
}

static int draw_headless(const Picture *picture, Shot *shots, int n) {
    Error error;
    WindowDesc desc = {.title = "saddle", .width = 64, .height = 64, .headless = true};
    Window *window = window_create(&desc, &error);
    if (!window) return cli_fail(EXIT_NO_DISPLAY, "%s", error.text);
    Gfx *gfx = gfx_create(&(GfxDesc){.fonts = "DejaVu Sans"}, &error);
    int code =
        gfx ? draw_shots(picture, gfx, shots, n) : cli_fail(EXIT_NO_DISPLAY, "%s", error.text);
    gfx_destroy(gfx);
    window_destroy(window);
    return code;
}

static bool record(void *context, Session *session, double running_loss) {
    Metrics metrics;
    session_measure(session, &metrics);
    metrics.running_loss = running_loss;
    history_record(context, session, &metrics);
    return true;
}

/// Trains a session as far as it goes.  @param out  zeroed
static int train_to_snapshot(Session *session, const Options *options, Snapshot *out) {
    History *history = history_create(session);
    if (!history) return cli_fail(EXIT_FAILED, "%s: out of memory", session->experiment->name);
    JobTraining training;
    int code = job_train(session, options, record, history, &training);
    if (training.diverged) history_truncate(history, session->epoch);
    if (code == EXIT_DONE && !snapshot_fill(out, session, history))
        code = cli_fail(EXIT_FAILED, "%s: out of memory", session->experiment->name);
    if (code == EXIT_DONE) {
        out->state = training.diverged ? RUN_DIVERGED : RUN_DONE;
        out->diverged_epoch = training.diverged_epoch;
        if (session->experiment->landscape.arrows && !training.diverged)
            snapshot_add_next_step(out, session);
    }
    history_destroy(history);
    return code;
}

/// The session of a rival: from the same weights, whether drawn, given or from a file.
static Session *rival_session(const Session *first, int rival, Error *error) {
    Experiment *experiment = experiment_rival(first->experiment, rival);
    if (!experiment) {
        error_set(error, "out of memory");
        return NULL;
    }
    Session *session = session_create_beside(first, experiment, error);
    experiment_release(experiment);
    if (session)
        memcpy(session->net.params, first->net.params, first->net.n_values * sizeof(float));
    return session;
}

/// Trains all rivals that the session's experiment names. Where weights are given to be shown,
/// there is no race: it would not have begun.
static int train_rivals(const Session *first, const Options *options, Shot *shot) {
    int wanted = options_has(options, OPTION_WEIGHTS_USE) ? 0 : first->experiment->n_race;
    int code = EXIT_DONE;
    for (int i = 0; i < wanted && code == EXIT_DONE; i++) {
        Error error;
        Session *session = rival_session(first, i, &error);
        if (!session) return cli_fail(EXIT_FAILED, "race.%d: %s", i, error.text);
        shot->n_rivals = i + 1;
        code = train_to_snapshot(session, options, &shot->rivals[i]);
        session_destroy(session);
    }
    return code;
}

/// The rivals first: they start from where the session is now.
static int train_shot(const Options *options, Shot *shot) {
    int code;
    Session *session = job_session(options, &code);
    if (!session) return code;
    code = train_rivals(session, options, shot);
    if (code == EXIT_DONE) code = train_to_snapshot(session, options, &shot->run);
    session_destroy(session);
    return code;
}

int cli_shot(const Options *options) {
    Picture picture;
    int code = read_picture(&picture, options);
    if (code != EXIT_DONE) return code;
    Error error;
    if (!output_probe(picture.path, &error)) return cli_fail(EXIT_FAILED, "%s", error.text);
    int n = options->compare ? COMPARED : 1;
    Shot *shots = calloc((size_t)n, sizeof *shots);
    if (!shots) return cli_fail(EXIT_FAILED, "shot: out of memory");
    Options each = *options;
    for (int i = 0; i < n && code == EXIT_DONE; i++) {
        if (i > 0) { // files of weights are the first one's
            each.arguments[0] = options->compare;
            each.given &= ~(OPTION_BIT(OPTION_WEIGHTS_USE) | OPTION_BIT(OPTION_INIT));
            each.weights = each.init = NULL;
        }
        code = train_shot(&each, &shots[i]);
    }
    if (code == EXIT_DONE) code = draw_headless(&picture, shots, n);
    for (int i = 0; i < n; i++) {
        snapshot_deinit(&shots[i].run);
        for (int k = 0; k < shots[i].n_rivals; k++) snapshot_deinit(&shots[i].rivals[k]);
    }
    free(shots);
    return code;
}
