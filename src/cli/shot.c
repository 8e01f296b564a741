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

/// Draws into a target and saves what it then holds.
static bool draw(const Picture *picture, Gfx *gfx, Layout *layout, const Snapshot *run,
                 Error *error) {
    LayoutFrame frame = {.gfx = gfx,
                         .theme = picture->theme,
                         .scale = picture->scale,
                         .area = {0, 0, (float)picture->width, (float)picture->height},
                         .run = run,
                         .chinese = picture->chinese,
                         .resting = true};
    if (!layout_survey_now(layout, &frame, 0, error)) return false;
    size_t bytes = (size_t)picture->width * (size_t)picture->height * 4;
    uint8_t *rgba = bytes ? malloc(bytes) : NULL;
    Target *target = target_create(gfx, picture->width, picture->height, 0, false);
    bool good = rgba && target;
    if (!good) {
        error_set(error, "%dx%d: a picture of this size does not fit into graphics memory",
                  picture->width, picture->height);
    } else {
        ViewActions actions = {0};
        layout_prepare(layout, &frame);
        gfx_begin(gfx, target, picture->width, picture->height, picture->theme->background);
        layout_draw(layout, &frame, &actions);
        gfx_end(gfx);
        gfx_read(gfx, target, picture->width, picture->height, rgba);
        if (!interrupted())
            good = png_save(picture->path, rgba, picture->width, picture->height, error);
    }
    target_destroy(target);
    free(rgba);
    return good;
}

static int draw_run(const Picture *picture, Gfx *gfx, const Snapshot *run) {
    Error error;
    Layout *layout = picture->view ? layout_create_single(gfx, run->experiment, picture->view)
                                   : layout_create(gfx, run->experiment, &error);
    if (!layout) return job_fail(picture->options, error.text);
    bool good = draw(picture, gfx, layout, run, &error);
    layout_destroy(layout);
    if (interrupted()) return EXIT_INTERRUPTED;
    return good ? EXIT_DONE : cli_fail(EXIT_FAILED, "%s", error.text);
}

static int draw_headless(const Picture *picture, const Snapshot *run) {
    Error error;
    WindowDesc desc = {.title = "saddle", .width = 64, .height = 64, .headless = true};
    Window *window = window_create(&desc, &error);
    if (!window) return cli_fail(EXIT_NO_DISPLAY, "%s", error.text);
    Gfx *gfx = gfx_create(&(GfxDesc){.fonts = "DejaVu Sans"}, &error);
    int code = gfx ? draw_run(picture, gfx, run) : cli_fail(EXIT_NO_DISPLAY, "%s", error.text);
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

static int shoot(const Picture *picture, Session *session, const Options *options) {
    History *history = history_create(session);
    if (!history) return cli_fail(EXIT_FAILED, "%s: out of memory", session->experiment->name);
    JobTraining training;
    int code = job_train(session, options, record, history, &training);
    if (training.diverged) history_truncate(history, session->epoch);
    Snapshot snapshot = {0};
    if (code == EXIT_DONE && !snapshot_fill(&snapshot, session, history))
        code = cli_fail(EXIT_FAILED, "%s: out of memory", session->experiment->name);
    if (code == EXIT_DONE) {
        snapshot.state = training.diverged ? RUN_DIVERGED : RUN_DONE;
        snapshot.diverged_epoch = training.diverged_epoch;
        code = draw_headless(picture, &snapshot);
    }
    snapshot_deinit(&snapshot);
    history_destroy(history);
    return code;
}

int cli_shot(const Options *options) {
    Picture picture;
    int code = read_picture(&picture, options);
    if (code != EXIT_DONE) return code;
    Error error;
    if (!output_probe(picture.path, &error)) return cli_fail(EXIT_FAILED, "%s", error.text);
    Session *session = job_session(options, &code);
    if (!session) return code;
    code = shoot(&picture, session, options);
    session_destroy(session);
    return code;
}
