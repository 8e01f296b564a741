/// What keys, widgets and views cause: commands to the run, other experiments, changes of the
/// window.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/edits.h"
#include "app/state.h"
#include "nn/weights.h"

#define NOTICE_SECONDS 8.0
#define PACE_SECONDS   2.0
#define TEXT_SIZE_STEP 1.1

// ---- news

void app_say(App *app, bool is_error, const char *text) {
    snprintf(app->notice, sizeof app->notice, "%s", text);
    app->notice_is_error = is_error;
    app->notice_opens = false;
    app->notice_until = app->now + NOTICE_SECONDS;
    app->frame_due = true;
    if (!app->notice_log) return;
    fprintf(app->notice_log, "%s\n", text);
    fflush(app->notice_log);
}

void app_say_saved(App *app, const char *path, const char *more) {
    const char *slash = strrchr(path, '/');
    const int length = slash && slash > path ? (int)(slash - path) : 1;
    snprintf(app->saved_in, sizeof app->saved_in, "%.*s", length, path);
    // The person's own folder is called as it is in a shell.
    const char *home = getenv("HOME"), *folder = app->saved_in, *tilde = "";
    const size_t own = home ? strlen(home) : 0;
    if (own > 1 && strncmp(folder, home, own) == 0 && (folder[own] == '/' || !folder[own])) {
        folder += own;
        tilde = "~";
    }
    char text[APP_TEXT_BYTES];
    snprintf(text, sizeof text,
             chrome_text(&app->chrome, "saved %.1000s%s%s%s in %s%.1000s",
                         "已保存 %.1000s%s%s%s，位于 %s%.1000s"),
             slash ? slash + 1 : path, *more ? " (" : "", more, *more ? ")" : "", tilde, folder);
    app_say(app, false, text);
    app->notice_opens = true;
}

// ---- the run

const Snapshot *app_snapshot(const App *app) {
    return app->chrome.run;
}

void app_post(App *app, Command command) {
    if (app->beside && beside_post(app->beside, &command, app_snapshot(app))) return;
    trainer_post(app->trainer, app->run, command);
}

bool app_loads(const App *app) {
    return app_snapshot(app)->loaded != app->load_ticket;
}

/// Starts anew with another experiment, playing where the present one does. Takes the reference.
static void start(App *app, const Experiment *experiment) {
    bool playing = app_snapshot(app)->state == RUN_RUNNING;
    app->load_at = app->now;
    app_post(
        app,
        (Command){.kind = COMMAND_LOAD, .experiment = experiment, .ticket = ++app->load_ticket});
    if (playing) app_post(app, (Command){.kind = COMMAND_PLAY});
    app->notice_until = 0;
}

/// Opens an experiment as it was written. Takes the reference.
static void open_experiment(App *app, const Experiment *experiment) {
    app->chrome.edited = false;
    start(app, experiment);
}

/// Whether its views can be made: what cannot be shown is not begun.
static bool can_be_shown(const Experiment *experiment, Error *error) {
    Layout *layout = layout_create(experiment, error);
    layout_destroy(layout);
    return layout != NULL;
}

void app_open(App *app, const char *name_or_path, bool is_file) {
    Error error;
    Experiment *experiment = experiment_load(name_or_path, &error);
    if (!experiment || !can_be_shown(experiment, &error)) {
        experiment_release(experiment);
        app_say(app, true, error.text);
        return;
    }
    if (is_file) {
        experiment_release(app->file);
        app->file = experiment_retain(experiment);
    }
    open_experiment(app, experiment);
}

void app_offer_weights(App *app, const char *path) {
    const Network *net = &app_snapshot(app)->net;
    const char *slash = strrchr(path, '/');
    Network read = {0};
    Error error = {"not enough memory"};
    ParamVector *params = param_vector_create(net->n_params);
    bool good = params && network_copy(&read, net) && weights_load(&read, path, &error);
    if (good) {
        memcpy(params->values, read.params, params->n * sizeof *params->values);
        layout_offer(app->layout, params, slash ? slash + 1 : path);
        app->frame_due = true;
    } else {
        app_say(app, true, error.text);
    }
    network_deinit(&read);
    param_vector_release(params);
}

static bool same_layout(const Experiment *a, const Experiment *b) {
    if (strcmp(a->name, b->name) != 0 || a->n_layout != b->n_layout) return false;
    for (int i = 0; i < a->n_layout; i++) {
        const LayoutNode *x = &a->layout[i], *y = &b->layout[i];
        if (x->kind != y->kind || x->first_child != y->first_child ||
            x->next_sibling != y->next_sibling || strcmp(x->view, y->view) != 0)
            return false;
    }
    return true;
}

static bool same_widths(const Experiment *a, const Experiment *b) {
    if (a->n_layers != b->n_layers) return false;
    for (int i = 0; i < a->n_layers; i++) {
        const LayerDesc *x = &a->layers[i].desc, *y = &b->layers[i].desc;
        if (x->units != y->units || x->no_bias != y->no_bias) return false;
    }
    return strcmp(a->data.kind, b->data.kind) == 0;
}

/// Makes the layout that the run's experiment wants. Where only a setting was changed the views
/// stay as they are, turned and chosen as the person left them; so they do where memory is short.
bool app_make_layout(App *app, Error *error) {
    const Experiment *experiment = app_snapshot(app)->experiment;
    if (app->layout && app->shown == experiment) return true;
    const Experiment *before = app->shown;
    app->shown = experiment_retain(experiment);
    bool same = app->layout && same_layout(before, experiment);
    bool fits = same && same_widths(before, experiment);
    if (!fits && app->layout) arrangements_keep(&app->arrangements, app->layout, before);
    experiment_release(before);
    if (!fits) {
        int enlarged = same ? layout_enlarged(app->layout) : -1;
        Layout *layout = layout_create(experiment, error);
        if (!layout) return false;
        arrangements_restore(&app->arrangements, layout, experiment);
        layout_destroy(app->layout);
        app->layout = layout;
        layout_enlarge(layout, enlarged);
        if (!same) {
            ui_reset(app->ui);
            app->chrome.sections[SECTION_RACE] = experiment->n_race == 0;
            app->chrome.n_race = 0;
        }
    }
    return true;
}

// ---- shortcuts

static void resize_text(App *app, int by) {
    double size = app->settings.text_size;
    size = by == 0 ? 1 : by > 0 ? size * TEXT_SIZE_STEP : size / TEXT_SIZE_STEP;
    if (fabs(size - 1) < 0.02) size = 1;
    app->settings.text_size = fmax(TEXT_SIZE_MIN, fmin(size, TEXT_SIZE_MAX));
}

static void seek_by(App *app, int by) {
    const Snapshot *run = app_snapshot(app);
    // Keys may come faster than the run can follow: they count from where they asked it to go.
    int64_t from = app->now - app->seek_at < 0.5 ? app->seek_to : run->epoch;
    int64_t to = from + by;
    to = to < 0 ? 0 : to > run->last_epoch ? run->last_epoch : to;
    app->seek_to = to;
    app->seek_at = app->now;
    app_post(app, (Command){.kind = COMMAND_SEEK, .epoch = to});
}

static void change_pace(App *app, int by) {
    const Snapshot *run = app_snapshot(app);
    double from = app->now - app->pace_at < 0.5 ? app->pace_to : run->pace;
    app->pace_to = pace_step(from, by);
    app->pace_at = app->now;
    app_post(app, (Command){.kind = COMMAND_SET_PACE, .value = app->pace_to});
    char text[64];
    pace_print(&app->chrome, app->pace_to, run->unit, text, sizeof text);
    app_say(app, false, text);
    app->notice_until = app->now + PACE_SECONDS;
}

static void toggle_full_screen(App *app) {
    SDL_Window *window = window_sdl(app->window);
    bool full = (SDL_GetWindowFlags(window) & SDL_WINDOW_FULLSCREEN) != 0;
    if (SDL_SetWindowFullscreen(window, full ? 0 : SDL_WINDOW_FULLSCREEN_DESKTOP) != 0)
        app_say(app, true, SDL_GetError());
}

static void go_back(App *app) {
    if (layout_enlarged(app->layout) >= 0)
        layout_enlarge(app->layout, -1);
    else
        ui_clear_focus(app->ui);
}

void app_obey(App *app, Shortcut shortcut) {
    const Snapshot *run = app_snapshot(app);
    switch (shortcut.kind) {
    case SHORTCUT_NONE: return;
    case SHORTCUT_PLAY: {
        CommandKind kind = run->state == RUN_RUNNING ? COMMAND_PAUSE : COMMAND_PLAY;
        app_post(app, (Command){.kind = kind});
        break;
    }
    case SHORTCUT_STEP: app_post(app, (Command){.kind = COMMAND_STEP, .unit = run->unit}); break;
    case SHORTCUT_PACE: change_pace(app, shortcut.by); break;
    case SHORTCUT_RESTART: app_post(app, (Command){.kind = COMMAND_RESTART}); break;
    case SHORTCUT_UNDO: app_post(app, (Command){.kind = COMMAND_UNDO}); break;
    case SHORTCUT_REDO: app_post(app, (Command){.kind = COMMAND_REDO}); break;
    case SHORTCUT_SEEK: seek_by(app, shortcut.by); break;
    case SHORTCUT_VIEW: {
        bool large = layout_enlarged(app->layout) == shortcut.by;
        if (shortcut.by < layout_count(app->layout))
            layout_enlarge(app->layout, large ? -1 : shortcut.by);
        break;
    }
    case SHORTCUT_BACK: go_back(app); break;
    case SHORTCUT_FULL_SCREEN: toggle_full_screen(app); break;
    case SHORTCUT_PRESENT: app->presenting = !app->presenting; break;
    case SHORTCUT_SCREENSHOT:
        if (shortcut.by)
            app->capture.saves_view = true;
        else
            app->capture.saves_window = true;
        break;
    case SHORTCUT_COPY: app->capture.copies = true; break;
    case SHORTCUT_RECORD: capture_toggle_film(app); break;
    case SHORTCUT_TEXT_SIZE: resize_text(app, shortcut.by); break;
    case SHORTCUT_HELP: app->help = true; break;
    case SHORTCUT_QUIT: app->quit = true; break;
    }
    app->frame_due = true;
}

// ---- what widgets and views ask for

static void fold_panel(App *app) {
    if (app->narrow || app->presenting)
        app->panel_in_narrow = !app->panel_in_narrow;
    else
        app->settings.panel_folded = !app->settings.panel_folded;
}

void app_carry_out(App *app) {
    ChromeWishes *wishes = &app->chrome.wishes;
    for (int i = 0; i < app->actions.count; i++) {
        Command command = app->actions.commands[i];
        // Who is put elsewhere in a race begins a new one there, or the others were unfairly ahead.
        if (command.kind == COMMAND_MOVE && app_snapshot(app)->experiment->n_race > 0)
            command.kind = COMMAND_RESTART;
        if (command.kind == COMMAND_LOAD)
            start(app, command.experiment);
        else
            app_post(app, command);
    }
    if (app->beside) beside_carry_out(app->beside);
    if (wishes->screenshot) app->capture.saves_window = app->frame_due = true;
    if (wishes->export_view) app->capture.exports = app->frame_due = true;
    if (wishes->film) capture_toggle_film(app);
    if (wishes->open_folder) capture_open_folder(app);
    if (wishes->help) app->help = true;
    if (wishes->fold_panel) fold_panel(app);
    if (wishes->next_theme) {
        const Theme *next = app->chrome.theme + 1;
        app->chrome.theme = next->name ? next : &themes[0];
        snprintf(app->settings.theme, sizeof app->settings.theme, "%s", app->chrome.theme->name);
    }
    if (wishes->next_motion) {
        app->settings.reduced_motion = !app->settings.reduced_motion;
        app->settings.motion_chosen = true;
    }
    if (wishes->experiment) app_open(app, wishes->experiment, false);
    if (wishes->reload_file) open_experiment(app, experiment_retain(app->file));
    if (wishes->edited) {
        app->chrome.edited = true;
        start(app, wishes->edited);
    }
    if (wishes->error.text[0]) app_say(app, true, wishes->error.text);
    *wishes = (ChromeWishes){0};
    app->actions.count = 0;
}
