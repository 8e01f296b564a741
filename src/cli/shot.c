// `saddle shot`: trains, draws one picture with no window, and saves it; or saves its numbers.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "app/figure.h"
#include "base/file.h"
#include "capture/png_file.h"
#include "capture/vector.h"
#include "cli/interrupt.h"
#include "cli/job.h"
#include "cli/output.h"
#include "cli/shot_table.h"
#include "cli/studio.h"
#include "cli/subcommands.h"
#include "train/history.h"
#include "train/snapshot.h"
#include "views/compare.h"

static int draw(const char *path, Studio *studio, Subject *subjects, int n) {
    int code = studio_place(studio, subjects, n);
    if (code != EXIT_DONE) return code;
    Error error;
    bool good = studio_draw(studio, subjects, n, 0, &error);
    if (interrupted()) return EXIT_INTERRUPTED;
    good = good && png_save(path, studio->rgba, studio->look.width, studio->look.height, &error);
    return good ? EXIT_DONE : cli_fail(EXIT_FAILED, "%s", error.text);
}

// ---- figures

static bool wants_figure(const Options *options, const char *path) {
    return options_has(options, OPTION_FIGURE) || vector_wanted(path);
}

static FigureDesc figure_of(const Options *options) {
    return (FigureDesc){.width = options->width,
                        .height = options->height,
                        .dpi = options->dpi,
                        .scale = options_has(options, OPTION_SCALE) ? options->scale : 0,
                        .theme = options->theme ? theme_find(options->theme) : NULL,
                        .transparent = options_has(options, OPTION_TRANSPARENT),
                        .author = "saddle " SADDLE_VERSION};
}

/// Whether the options ask for a figure that can be, or for none.
/// @return EXIT_DONE, or the exit code of what it reported
static int check_figure(const Options *options, const char *path, Look *look) {
    if (!wants_figure(options, path)) {
        static const OptionId only[] = {OPTION_WIDTH, OPTION_HEIGHT, OPTION_DPI,
                                        OPTION_TRANSPARENT};
        for (size_t i = 0; i < sizeof only / sizeof *only; i++) {
            if (!options_has(options, only[i])) continue;
            return cli_fail(EXIT_USAGE, "--%s: goes with --figure", option_table[only[i]].name);
        }
        return EXIT_DONE;
    }
    static const OptionId never[] = {OPTION_SIZE, OPTION_COMPARE};
    static const char *const why[] = {"a figure's size is set by --width, --height and --dpi",
                                      "a figure shows one run"};
    for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
        if (!options_has(options, never[i])) continue;
        return cli_fail(EXIT_USAGE, "--%s: %s", option_table[never[i]].name, why[i]);
    }
    if (look->n_views != 1) {
        return cli_fail(EXIT_USAGE, "shot: a figure shows one view: %s (see saddle list views)",
                        look->n_views ? "name one alone with --view" : "name it with --view ID");
    }
    Error error;
    if (strcmp(options->output, "-") != 0 && !figure_named(path, &error))
        return cli_fail(EXIT_USAGE, "%s", error.text);
    look->width = look->height = 64; // the figure brings its own target
    return EXIT_DONE;
}

static int draw_figure(const char *path, Studio *studio, Subject *subject) {
    const FigureDesc desc = figure_of(studio->options);
    const int code = studio_place(studio, subject, 1);
    if (code != EXIT_DONE) return code;
    Error error;
    LayoutFrame frame;
    bool good = figure_frame(subject->layout, 0, &subject->frame, &desc, &frame, &error) &&
                layout_survey_now(subject->layout, &frame, 0, &error);
    if (interrupted()) return EXIT_INTERRUPTED;
    good = good && figure_save(subject->layout, 0, &subject->frame, &desc, path, &error);
    return good ? EXIT_DONE : cli_fail(EXIT_FAILED, "%s", error.text);
}

// ---- training

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

static int train_rivals(const Session *first, const Options *options, Subject *subject) {
    const int wanted = job_rivals(first, options);
    int code = EXIT_DONE;
    for (int i = 0; i < wanted && code == EXIT_DONE; i++) {
        Session *session = job_rival(first, i, &code);
        if (!session) return code;
        subject->n_rivals = i + 1;
        code = train_to_snapshot(session, options, &subject->rivals[i]);
        session_destroy(session);
    }
    return code;
}

/// The rivals first: they start from where the session is now.
/// @param figure  the view that is to be one; NULL: none
static int train_shot(const Options *options, const ViewType *figure, Subject *subject) {
    int code;
    Session *session = job_session(options, &code);
    if (!session) return code;
    const FigureDesc desc = figure_of(options);
    Error error;
    if (figure && !figure_possible(&desc, figure, session->experiment, &error)) {
        session_destroy(session);
        return cli_fail(EXIT_USAGE, "%s", error.text);
    }
    code = train_rivals(session, options, subject);
    if (code == EXIT_DONE) code = train_to_snapshot(session, options, &subject->run);
    session_destroy(session);
    return code;
}

/// Whether a file's name ends in another kind of file than this writes: a GIF that holds a PNG
/// helps nobody.
static bool is_other_kind(const char *path) {
    static const char *const kinds[] = {".png", ".svg", ".pdf", ".csv"};
    const char *slash = strrchr(path, '/'), *dot = strrchr(slash ? slash : path, '.');
    if (!dot || dot == path || strncmp(path, "/dev/", 5) == 0) return false;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (file_ends_in(path, kinds[i])) return false;
    }
    return true;
}

int cli_shot(const Options *options) {
    if (!options->output)
        return cli_fail(EXIT_USAGE, "shot: needs -o FILE (see saddle shot --help)");
    const char *path = strcmp(options->output, "-") == 0 ? "/dev/stdout" : options->output;
    if (is_other_kind(path)) {
        return cli_fail(EXIT_USAGE,
                        "-o %.300s: shot writes .png, .svg, .pdf and .csv (films: saddle record)",
                        path);
    }
    Look look;
    int code = look_read(options, &look);
    if (code == EXIT_DONE) code = check_figure(options, path, &look);
    if (code != EXIT_DONE) return code;
    const bool numbers = shot_is_table(path);
    if (numbers) code = shot_table_check(options, &look);
    if (code != EXIT_DONE) return code;
    Error error;
    if (!output_probe(path, &error)) return cli_fail(EXIT_FAILED, "%s", error.text);
    const int n = options->compare ? COMPARED : 1;
    Subject *subjects = calloc((size_t)n, sizeof *subjects);
    if (!subjects) return cli_fail(EXIT_FAILED, "shot: out of memory");
    Options each = *options;
    for (int i = 0; i < n && code == EXIT_DONE; i++) {
        if (i > 0) { // files of weights are the first one's
            each.arguments[0] = options->compare;
            each.given &= ~(OPTION_BIT(OPTION_WEIGHTS_USE) | OPTION_BIT(OPTION_INIT));
            each.weights = each.init = NULL;
        }
        code = train_shot(&each, wants_figure(options, path) ? look.views[0] : NULL, &subjects[i]);
    }
    Studio studio = {0};
    if (code == EXIT_DONE && numbers) code = shot_table(options, &look, subjects);
    if (code == EXIT_DONE && !numbers) code = studio_open(&studio, options, &look);
    if (code == EXIT_DONE && !numbers) {
        code = wants_figure(options, path) ? draw_figure(path, &studio, subjects)
                                           : draw(path, &studio, subjects, n);
    }
    for (int i = 0; i < n; i++) subject_deinit(&subjects[i]);
    studio_close(&studio);
    free(subjects);
    return code;
}
