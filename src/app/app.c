/// The window's loop. It sleeps until there is an event, a new snapshot or a finished survey; then
/// it takes the newest snapshot, draws, and hands what widgets and views asked for to the trainer.
///
/// Input is gathered so that no frame sees more than one thing happen to the same button: a press
/// and its release, or two keys, that arrive together are shown to consecutive frames, in order.
#include "app/app.h"

#include <SDL.h>
#include <assert.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/chrome.h"
#include "app/edits.h"
#include "app/screenshot.h"
#include "app/settings.h"
#include "app/shortcuts.h"
#include "app/title.h"
#include "app/window.h"
#include "base/clock.h"
#include "base/log.h"
#include "train/trainer.h"

#define FRAME_SECONDS  (1.0 / 62)
#define REST_SECONDS   0.2
#define TITLE_SECONDS  0.1
#define NOTICE_SECONDS 8.0
#define PRESENTING     1.6f
#define TEXT_SIZE_STEP 1.1

enum { NARROW_WIDTH = 960, NARROW_HEIGHT = 600, PATH_BYTES = 4096 };

typedef struct App {
    Window *window;
    Gfx *gfx;
    Ui *ui;
    Surveyor *surveyor;
    Trainer *trainer;
    int run;
    Layout *layout;
    const Experiment *shown; // what the layout was made for; counted
    uint64_t generation;     // of the snapshot shown

    const Experiment *file;   // the experiment last opened from a file, or NULL; counted
    const Experiment *loaded; // the one last loaded; its edited copies differ from it; counted
    Settings settings, read, begun; // now; as the file had them; as this start began
    Chrome chrome;
    ViewActions actions;
    bool presenting, help, quit;
    bool narrow, panel_in_narrow; // a narrow window; its panel was asked for

    UiInput input;
    double now, last_frame, moved_at, title_at;
    uint64_t serial; // of the snapshot last drawn
    int width, height;
    float density;
    bool frame_due, rested, title_pending;
    bool screenshot;
    int64_t seek_to; // the epoch that the arrow keys last asked for, and when
    double seek_at;
    double pace_to, pace_at; // the same for the keys of the pace
    char title[192], notice[PATH_BYTES];
    bool notice_is_error;
    double notice_until;

    Uint32 wake_event;
    atomic_bool awake; // an event of ours is queued
    const char *map_path;
    uint32_t map_version;
} App;

// ---- what the other threads say

/// A snapshot or a survey is ready. Thread: any.
static void wake(void *context) {
    App *app = context;
    if (atomic_exchange(&app->awake, true)) return;
    SDL_Event event = {.type = app->wake_event};
    if (SDL_PushEvent(&event) != 1) atomic_store(&app->awake, false);
}

// ---- news

static void say(App *app, bool is_error, const char *text) {
    snprintf(app->notice, sizeof app->notice, "%s", text);
    app->notice_is_error = is_error;
    app->notice_until = app->now + NOTICE_SECONDS;
    app->frame_due = true;
}

// ---- the run

static const Snapshot *snapshot(const App *app) {
    return app->chrome.run;
}

static void post(App *app, Command command) {
    trainer_post(app->trainer, app->run, command);
}

/// Starts anew with another experiment, playing where the present one does. Takes the reference.
static void start(App *app, const Experiment *experiment) {
    bool playing = snapshot(app)->state == RUN_RUNNING;
    post(app, (Command){.kind = COMMAND_LOAD, .experiment = experiment});
    if (playing) post(app, (Command){.kind = COMMAND_PLAY});
    app->notice_until = 0;
}

/// Opens an experiment as it was written. Takes the reference.
static void open_experiment(App *app, const Experiment *experiment) {
    experiment_release(app->loaded);
    app->loaded = experiment_retain(experiment);
    app->chrome.edited = false;
    start(app, experiment);
}

/// Whether its views can be made: what cannot be shown is not begun.
static bool can_be_shown(const App *app, const Experiment *experiment, Error *error) {
    Layout *layout = layout_create(app->gfx, experiment, error);
    layout_destroy(layout);
    return layout != NULL;
}

static void open_named(App *app, const char *name_or_path, bool is_file) {
    Error error;
    Experiment *experiment = experiment_load(name_or_path, &error);
    if (!experiment || !can_be_shown(app, experiment, &error)) {
        experiment_release(experiment);
        say(app, true, error.text);
        return;
    }
    if (is_file) {
        experiment_release(app->file);
        app->file = experiment_retain(experiment);
    }
    open_experiment(app, experiment);
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
static bool make_layout(App *app, Error *error) {
    const Experiment *experiment = snapshot(app)->experiment;
    if (app->layout && app->shown == experiment) return true;
    const Experiment *before = app->shown;
    app->shown = experiment_retain(experiment);
    bool same = app->layout && same_layout(before, experiment);
    bool fits = same && same_widths(before, experiment);
    experiment_release(before);
    if (!fits) {
        int enlarged = same ? layout_enlarged(app->layout) : -1;
        Layout *layout = layout_create(app->gfx, experiment, error);
        if (!layout) return false;
        layout_destroy(app->layout);
        app->layout = layout;
        layout_enlarge(layout, enlarged);
        if (!same) ui_reset(app->ui);
    }
    return true;
}

static void take_snapshot(App *app) {
    const Snapshot *run = trainer_snapshot(app->trainer, app->run);
    if (run->serial != app->serial) app->moved_at = app->now;
    app->serial = run->serial;
    app->chrome.run = run;
    Error error;
    if (!make_layout(app, &error)) say(app, true, error.text);
}

// ---- shortcuts

static float text_scale(const App *app) {
    return (float)app->settings.text_size * (app->presenting ? PRESENTING : 1.0f);
}

static void resize_text(App *app, int by) {
    double size = app->settings.text_size;
    size = by == 0 ? 1 : by > 0 ? size * TEXT_SIZE_STEP : size / TEXT_SIZE_STEP;
    if (fabs(size - 1) < 0.02) size = 1;
    app->settings.text_size = fmax(TEXT_SIZE_MIN, fmin(size, TEXT_SIZE_MAX));
}

static void seek_by(App *app, int by) {
    const Snapshot *run = snapshot(app);
    // Keys may come faster than the run can follow: they count from where they asked it to go.
    int64_t from = app->now - app->seek_at < 0.5 ? app->seek_to : run->epoch;
    int64_t to = from + by;
    to = to < 0 ? 0 : to > run->last_epoch ? run->last_epoch : to;
    app->seek_to = to;
    app->seek_at = app->now;
    post(app, (Command){.kind = COMMAND_SEEK, .epoch = to});
}

static void change_pace(App *app, int by) {
    const Snapshot *run = snapshot(app);
    double from = app->now - app->pace_at < 0.5 ? app->pace_to : run->pace;
    app->pace_to = pace_step(from, by);
    app->pace_at = app->now;
    post(app, (Command){.kind = COMMAND_SET_PACE, .value = app->pace_to});
    char text[64];
    pace_print(&app->chrome, app->pace_to, run->unit, text, sizeof text);
    say(app, false, text);
}

static void toggle_full_screen(App *app) {
    SDL_Window *window = window_sdl(app->window);
    bool full = (SDL_GetWindowFlags(window) & SDL_WINDOW_FULLSCREEN) != 0;
    if (SDL_SetWindowFullscreen(window, full ? 0 : SDL_WINDOW_FULLSCREEN_DESKTOP) != 0)
        say(app, true, SDL_GetError());
}

static void go_back(App *app) {
    if (layout_enlarged(app->layout) >= 0)
        layout_enlarge(app->layout, -1);
    else
        ui_clear_focus(app->ui);
}

static void obey(App *app, Shortcut shortcut) {
    const Snapshot *run = snapshot(app);
    switch (shortcut.kind) {
    case SHORTCUT_NONE: return;
    case SHORTCUT_PLAY: {
        CommandKind kind = run->state == RUN_RUNNING ? COMMAND_PAUSE : COMMAND_PLAY;
        post(app, (Command){.kind = kind});
        break;
    }
    case SHORTCUT_STEP: post(app, (Command){.kind = COMMAND_STEP, .unit = run->unit}); break;
    case SHORTCUT_PACE: change_pace(app, shortcut.by); break;
    case SHORTCUT_RESTART: post(app, (Command){.kind = COMMAND_RESTART}); break;
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
    case SHORTCUT_SCREENSHOT: app->screenshot = true; break;
    case SHORTCUT_TEXT_SIZE: resize_text(app, shortcut.by); break;
    case SHORTCUT_HELP: app->help = true; break;
    case SHORTCUT_QUIT: app->quit = true; break;
    }
    app->frame_due = true;
}

// ---- events

static void on_key(App *app, const SDL_KeyboardEvent *event) {
    bool ctrl = (event->keysym.mod & KMOD_CTRL) != 0, shift = (event->keysym.mod & KMOD_SHIFT) != 0;
    Shortcut shortcut = shortcut_of_key(event->keysym.sym, ctrl, shift);
    if (app->help) { // any key closes it; quitting and pictures still work
        bool modifier = event->keysym.sym >= SDLK_LCTRL && event->keysym.sym <= SDLK_RGUI;
        if (modifier || event->repeat) return;
        if (shortcut.kind == SHORTCUT_QUIT || shortcut.kind == SHORTCUT_SCREENSHOT ||
            shortcut.kind == SHORTCUT_FULL_SCREEN)
            obey(app, shortcut);
        else
            app->help = false;
        app->frame_due = true;
        return;
    }
    UiKey key = ctrl ? UI_KEY_NONE : shortcut_ui_key(event->keysym.sym, shift);
    if (key != UI_KEY_NONE && ui_uses_key(app->ui, key)) {
        if (app->input.n_keys < UI_KEYS_MAX) app->input.keys[app->input.n_keys++] = key;
        app->input.shift = shift;
        app->input.ctrl = ctrl;
        return;
    }
    // Held down, a key repeats only what moves along.
    bool repeats = shortcut.kind == SHORTCUT_SEEK || shortcut.kind == SHORTCUT_TEXT_SIZE;
    if (!event->repeat || repeats) obey(app, shortcut);
}

static void on_text(App *app, const char *text) {
    if (app->help) return;
    if (ui_text_focus(app->ui)) {
        size_t used = strlen(app->input.text), length = strlen(text);
        if (used + length < sizeof app->input.text)
            memcpy(app->input.text + used, text, length + 1);
        app->frame_due = true;
        return;
    }
    obey(app, shortcut_of_text(text));
}

static void on_button(App *app, const SDL_MouseButtonEvent *event) {
    int button = event->button == SDL_BUTTON_LEFT     ? 0
                 : event->button == SDL_BUTTON_MIDDLE ? 1
                 : event->button == SDL_BUTTON_RIGHT  ? 2
                                                      : -1;
    if (button < 0) return;
    UiInput *input = &app->input;
    bool down = event->state == SDL_PRESSED;
    if (app->help) {
        if (!down) return;
        app->help = false; // the click goes no further
        return;
    }
    input->mouse_x = (float)event->x * app->density;
    input->mouse_y = (float)event->y * app->density;
    if (down) input->mouse_inside = true;
    if (down && button == 0) input->clicks = event->clicks;
    input->pressed[button] = input->pressed[button] || down;
    input->released[button] = input->released[button] || (!down && input->down[button]);
    input->down[button] = down;
    SDL_Keymod mod = SDL_GetModState();
    input->shift = (mod & KMOD_SHIFT) != 0;
    input->ctrl = (mod & KMOD_CTRL) != 0;
}

static void on_window(App *app, const SDL_WindowEvent *event) {
    switch (event->event) {
    case SDL_WINDOWEVENT_ENTER: app->input.mouse_inside = true; break;
    case SDL_WINDOWEVENT_LEAVE: app->input.mouse_inside = false; break;
    case SDL_WINDOWEVENT_CLOSE: app->quit = true; break;
    default: break;
    }
    app->frame_due = true;
}

static void on_drop(App *app, SDL_DropEvent *event) {
    open_named(app, event->file, true);
    SDL_free(event->file);
}

/// @return true where the frame must be drawn before more is gathered
static bool handle(App *app, SDL_Event *event) {
    if (event->type == app->wake_event) {
        atomic_store(&app->awake, false);
        app->frame_due = true;
        return false;
    }
    switch (event->type) {
    case SDL_QUIT: app->quit = true; return true;
    case SDL_WINDOWEVENT: on_window(app, &event->window); return false;
    case SDL_MOUSEMOTION:
        app->input.mouse_x = (float)event->motion.x * app->density;
        app->input.mouse_y = (float)event->motion.y * app->density;
        app->input.mouse_inside = true;
        app->frame_due = true;
        return false;
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP:
        on_button(app, &event->button);
        app->frame_due = true;
        app->moved_at = app->now;
        return true;
    case SDL_MOUSEWHEEL: {
        float turned = event->wheel.preciseY;
        if (event->wheel.direction == SDL_MOUSEWHEEL_FLIPPED) turned = -turned;
        if (!app->help) app->input.wheel += turned;
        app->frame_due = true;
        app->moved_at = app->now;
        return false;
    }
    case SDL_KEYDOWN:
        on_key(app, &event->key);
        app->frame_due = true;
        return !event->key.repeat;
    case SDL_TEXTINPUT: on_text(app, event->text.text); return false;
    case SDL_DROPFILE: on_drop(app, &event->drop); return false;
    default: return false;
    }
}

static bool visible(const App *app) {
    Uint32 flags = SDL_GetWindowFlags(window_sdl(app->window));
    return (flags & (SDL_WINDOW_MINIMIZED | SDL_WINDOW_HIDDEN)) == 0;
}

/// When something will be due though nothing happens, in seconds from now.
static double seconds_to_wait(const App *app) {
    if (!visible(app)) return (double)INFINITY;
    double until = app->now + ui_wake_after(app->ui);
    if (app->notice_until > app->now) until = fmin(until, app->notice_until);
    if (app->title_pending) until = fmin(until, app->title_at + TITLE_SECONDS);
    if (!app->rested) until = fmin(until, app->moved_at + REST_SECONDS);
    return fmax(0, until - app->now);
}

/// Sleeps until there is something to do, and gathers what happened.
static void gather(App *app) {
    SDL_Event event;
    bool stop = false;
    double wait = seconds_to_wait(app);
    if (!app->frame_due && wait > 0) {
        int milliseconds = isinf(wait) ? -1 : (int)ceil(wait * 1000);
        bool came = SDL_WaitEventTimeout(&event, milliseconds) != 0;
        app->now = clock_seconds();
        if (came) stop = handle(app, &event);
        if (!came) app->frame_due = true;
        if (app->frame_due && !stop) { // let more of the same arrive, up to the next frame's time
            double early = app->last_frame + FRAME_SECONDS - app->now;
            if (early > 0) SDL_Delay((Uint32)(early * 1000));
        }
    } else {
        double early = app->last_frame + FRAME_SECONDS - app->now;
        if (early > 0) SDL_Delay((Uint32)(early * 1000));
        app->frame_due = true;
    }
    app->now = clock_seconds();
    while (!stop && SDL_PollEvent(&event)) stop = handle(app, &event);
}

// ---- a frame

static void update_title(App *app) {
    const Snapshot *run = snapshot(app);
    char title[sizeof app->title];
    snprintf(title, sizeof title, "saddle – %s – epoch %" PRId64 " – %s", run->experiment->name,
             run->epoch, run_state_name(run->state));
    app->title_pending = false;
    if (strcmp(title, app->title) == 0) return;
    app->title_pending = app->now - app->title_at < TITLE_SECONDS;
    if (app->title_pending) return;
    app->title_at = app->now;
    memcpy(app->title, title, sizeof title);
    title_set(window_sdl(app->window), title);
}

static bool panel_open(const App *app) {
    if (app->presenting) return app->panel_in_narrow;
    return app->narrow ? app->panel_in_narrow : !app->settings.panel_folded;
}

static void fold_panel(App *app) {
    if (app->narrow || app->presenting)
        app->panel_in_narrow = !app->panel_in_narrow;
    else
        app->settings.panel_folded = !app->settings.panel_folded;
}

static void measure_window(App *app) {
    int width, height;
    window_pixels(app->window, &width, &height);
    if (width != app->width || height != app->height) app->moved_at = app->now;
    app->width = width;
    app->height = height;
    app->density = window_density(app->window);
    Chrome *chrome = &app->chrome;
    float scale = app->density * text_scale(app);
    if (scale != chrome->scale) app->moved_at = app->now;
    chrome->scale = scale;
    bool narrow = (float)width < NARROW_WIDTH * scale || (float)height < NARROW_HEIGHT * scale;
    if (narrow != app->narrow) app->panel_in_narrow = false;
    app->narrow = narrow;
}

/// Where everything lies.
typedef struct Places {
    Rect window, top, panel, views, status;
} Places;

static Places places_of(const App *app) {
    float scale = app->chrome.scale, gap = 12 * scale;
    Places places = {.window = {0, 0, (float)app->width, (float)app->height}};
    Rect r = places.window;
    places.top = rect_cut_top(&r, roundf(TOPBAR_HEIGHT * scale));
    places.status = rect_cut_bottom(&r, roundf(STATUSBAR_HEIGHT * scale));
    if (panel_open(app)) places.panel = rect_cut_left(&r, roundf(PANEL_WIDTH * scale));
    places.views = rect_inset(r, fminf(gap, 0.1f * fminf(r.w, r.h)));
    return places;
}

static void draw(App *app, const Places *places, const LayoutFrame *frame) {
    Chrome *chrome = &app->chrome;
    gfx_begin(app->gfx, NULL, app->width, app->height, chrome->theme->background);
    topbar_draw(chrome, places->top);
    if (places->panel.w > 0) sidepanel_draw(chrome, places->panel, app->layout, frame);
    layout_draw(app->layout, frame, &app->actions);
    statusbar_draw(chrome, places->status);
    ui_mark(app->ui, "views", places->views);
    ui_end(app->ui);
    if (app->help) shortcuts_draw(chrome, places->window);
    gfx_end(app->gfx);
}

static void write_map(App *app) {
    if (!app->map_path || ui_map_version(app->ui) == app->map_version) return;
    app->map_version = ui_map_version(app->ui);
    if (!ui_write_map(app->ui, app->map_path)) log_error("%s: cannot write", app->map_path);
}

static void save_screenshot(App *app) {
    app->screenshot = false;
    char path[PATH_BYTES], text[PATH_BYTES];
    Error error;
    if (!screenshot_save(app->gfx, app->width, app->height, snapshot(app)->experiment->name, path,
                         sizeof path, &error)) {
        say(app, true, error.text);
        return;
    }
    snprintf(text, sizeof text, "%s %.4000s", chrome_text(&app->chrome, "saved", "已保存"), path);
    say(app, false, text);
}

static void carry_out(App *app) {
    ChromeWishes *wishes = &app->chrome.wishes;
    for (int i = 0; i < app->actions.count; i++) {
        if (app->actions.commands[i].kind == COMMAND_LOAD)
            start(app, app->actions.commands[i].experiment);
        else
            post(app, app->actions.commands[i]);
    }
    if (wishes->screenshot) app->screenshot = app->frame_due = true;
    if (wishes->help) app->help = true;
    if (wishes->fold_panel) fold_panel(app);
    if (wishes->next_theme) {
        const Theme *next = app->chrome.theme + 1;
        app->chrome.theme = next->name ? next : &themes[0];
        snprintf(app->settings.theme, sizeof app->settings.theme, "%s", app->chrome.theme->name);
    }
    if (wishes->experiment) open_named(app, wishes->experiment, false);
    if (wishes->reload_file) open_experiment(app, experiment_retain(app->file));
    if (wishes->edited) {
        app->chrome.edited = true;
        start(app, wishes->edited);
    }
    if (wishes->error.text[0]) say(app, true, wishes->error.text);
    *wishes = (ChromeWishes){0};
    app->actions.count = 0;
}

/// Whether more than the pointer's place has changed.
static bool input_acts(const UiInput *input) {
    bool acts = input->n_keys > 0 || input->text[0] || input->wheel != 0;
    for (int i = 0; i < 3; i++) acts = acts || input->pressed[i] || input->released[i];
    return acts;
}

static void forget_input(UiInput *input) {
    memset(input->pressed, 0, sizeof input->pressed);
    memset(input->released, 0, sizeof input->released);
    input->clicks = 0;
    input->wheel = 0;
    input->n_keys = 0;
    input->text[0] = '\0';
}

static void frame(App *app) {
    app->frame_due = false;
    app->last_frame = app->now;
    measure_window(app);
    take_snapshot(app);
    update_title(app);
    Chrome *chrome = &app->chrome;
    UiInput input = app->input;
    input.time = app->now;
    if (app->help) {
        forget_input(&input);
        input.mouse_inside = false;
    }
    bool acts = input_acts(&input);
    if (acts || input.down[0] || input.down[1] || input.down[2]) app->moved_at = app->now;
    app->rested = app->now - app->moved_at >= REST_SECONDS;
    chrome->notice = app->notice_until > app->now ? app->notice : NULL;
    chrome->notice_is_error = app->notice_is_error;
    chrome->panel_open = panel_open(app);
    chrome->file = app->file;

    Places places = places_of(app);
    ui_begin(app->ui, app->gfx, chrome->theme, chrome->scale, app->width, app->height, &input);
    LayoutFrame layout = {.gfx = app->gfx,
                          .theme = chrome->theme,
                          .scale = chrome->scale,
                          .area = places.views,
                          .run = chrome->run,
                          .chinese = chrome->chinese,
                          .ui = app->ui,
                          .resting = app->rested || app->screenshot};
    layout_input(app->layout, &layout, &input, &app->actions);
    layout_survey(app->layout, &layout, app->surveyor);
    layout_prepare(app->layout, &layout);
    draw(app, &places, &layout);
    if (app->screenshot) save_screenshot(app);
    window_swap(app->window);
    write_map(app);
    carry_out(app);
    forget_input(&app->input);
    // What a click or a key changed in a widget may show elsewhere: in the next frame.
    if (ui_animating(app->ui) || acts) app->frame_due = true;
}

// ---- start and end

static bool debugging(void) {
    const char *wanted = getenv("SADDLE_GL_DEBUG");
    return wanted && strcmp(wanted, "1") == 0;
}

static void fit_display(App *app) {
    SDL_Window *window = window_sdl(app->window);
    SDL_Rect usable;
    int width, height;
    SDL_GetWindowSize(window, &width, &height);
    int display = SDL_GetWindowDisplayIndex(window);
    if (display < 0 || SDL_GetDisplayUsableBounds(display, &usable) != 0) return;
    if (width <= usable.w && height <= usable.h) return;
    SDL_SetWindowSize(window, SDL_min(width, usable.w), SDL_min(height, usable.h));
    SDL_SetWindowPosition(window, SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED);
}

static void read_settings(App *app, const AppDesc *desc) {
    Error error;
    app->settings = settings_default();
    if (!settings_load(&app->settings, &error)) log_error("%s", error.text);
    app->read = app->settings;
    if (desc->scale > 0)
        app->settings.text_size = fmax(TEXT_SIZE_MIN, fmin((double)desc->scale, TEXT_SIZE_MAX));
    const Theme *theme = theme_find(desc->theme ? desc->theme : app->settings.theme);
    app->chrome.theme = theme ? theme : &themes[0];
    snprintf(app->settings.theme, sizeof app->settings.theme, "%s", app->chrome.theme->name);
    app->begun = app->settings;
}

static void write_settings(App *app) {
    SDL_Window *window = window_sdl(app->window);
    Uint32 flags = SDL_GetWindowFlags(window);
    if ((flags & (SDL_WINDOW_FULLSCREEN | SDL_WINDOW_MAXIMIZED)) == 0)
        SDL_GetWindowSize(window, &app->settings.width, &app->settings.height);
    // What the command line asked for holds for this start alone.
    Settings *now = &app->settings;
    if (now->text_size == app->begun.text_size) now->text_size = app->read.text_size;
    if (strcmp(now->theme, app->begun.theme) == 0)
        memcpy(now->theme, app->read.theme, sizeof now->theme);
    Error error;
    if (!settings_save(now, &error)) log_error("%s", error.text);
}

static bool is_built_in(const Experiment *experiment) {
    for (const char *const *name = experiment_names(); *name; name++) {
        if (strcmp(*name, experiment->name) == 0) return true;
    }
    return false;
}

/// The experiment to start with: the given one, or a copy with weights from a file.
static const Experiment *first_experiment(const AppDesc *desc, Error *error) {
    if (!desc->weights) return experiment_retain(desc->experiment);
    return edit_with_weights(desc->experiment, desc->weights, error);
}

static bool set_up(App *app, const AppDesc *desc, Error *error) {
    GfxDesc gfx = {.debug = debugging()};
    app->gfx = gfx_create(&gfx, error);
    if (!app->gfx) return false;
    app->ui = ui_create();
    if (!app->ui) return error_set(error, "out of memory");
    app->loaded = first_experiment(desc, error);
    if (!app->loaded) return false;
    if (!is_built_in(app->loaded)) app->file = experiment_retain(app->loaded);
    app->wake_event = SDL_RegisterEvents(1);
    app->surveyor = surveyor_create(wake, app, error);
    if (!app->surveyor) return false;
    TrainerDesc trainer = {.now = clock_seconds, .wake = wake, .context = app};
    app->trainer = trainer_create(&trainer, error);
    if (!app->trainer) return false;
    app->run = trainer_add(app->trainer, app->loaded, error);
    if (app->run < 0) return false;
    app->chrome.ui = app->ui;
    app->chrome.chinese = desc->chinese;
    app->chrome.actions = &app->actions;
    app->chrome.run = trainer_snapshot(app->trainer, app->run);
    if (!make_layout(app, error)) return false;
    if (desc->play) post(app, (Command){.kind = COMMAND_PLAY});
    return true;
}

static void tear_down(App *app) {
    layout_destroy(app->layout);
    trainer_destroy(app->trainer);
    surveyor_destroy(app->surveyor);
    experiment_release(app->shown);
    experiment_release(app->loaded);
    experiment_release(app->file);
    ui_destroy(app->ui);
    gfx_destroy(app->gfx);
    window_destroy(app->window);
    free(app);
}

static AppResult run(App *app, Error *error) {
    app->now = clock_seconds();
    app->frame_due = true;
    while (!app->quit) {
        if (app->frame_due && !visible(app)) app->frame_due = false;
        gather(app);
        if (app->quit) break;
        if (visible(app)) frame(app);
    }
    write_settings(app);
    const char *message;
    if (debugging() && gfx_errors(app->gfx, &message) > 0) {
        error_set(error, "OpenGL: %d errors, the first: %s", gfx_errors(app->gfx, NULL), message);
        return APP_FAILED;
    }
    return APP_DONE;
}

AppResult app_run(const AppDesc *desc, Error *error) {
    App *app = calloc(1, sizeof *app);
    if (!app) {
        error_set(error, "out of memory");
        return APP_FAILED;
    }
    app->map_path = getenv("SADDLE_UI_MAP");
    setlocale(LC_CTYPE, ""); // what input methods need; numbers stay as in "C"
    read_settings(app, desc);
    WindowDesc window = {.title = "saddle",
                         .width = app->settings.width,
                         .height = app->settings.height,
                         .debug = debugging()};
    app->window = window_create(&window, error);
    if (!app->window) {
        free(app);
        return APP_NO_DISPLAY;
    }
    window_vsync(app->window, true);
    fit_display(app);
    SDL_StartTextInput();
    AppResult result = set_up(app, desc, error) ? run(app, error) : APP_FAILED;
    tear_down(app);
    return result;
}
