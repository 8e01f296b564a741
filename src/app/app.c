/// The window's loop. It sleeps until there is an event, a new snapshot or a finished survey; then
/// it takes the newest snapshot, draws, and hands what widgets and views asked for to the trainer.
#include "app/app.h"

#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/display_loss.h"
#include "app/edits.h"
#include "app/state.h"
#include "app/title.h"
#include "base/clock.h"
#include "base/log.h"
#include "capture/film.h"

#define PRESENTING 1.6f

enum { NARROW_WIDTH = 960, NARROW_FOR_TWO = 1440, NARROW_HEIGHT = 600 };

// ---- what the other threads say

/// A snapshot or a survey is ready. Thread: any.
void app_wake(void *context) {
    App *app = context;
    if (atomic_exchange(&app->awake, true)) return;
    SDL_Event event = {.type = app->wake_event};
    if (SDL_PushEvent(&event) != 1) atomic_store(&app->awake, false);
}

// ---- a frame

static void take_snapshot(App *app) {
    Chrome *chrome = &app->chrome;
    const Snapshot *run = trainer_race(app->trainer, app->run, chrome->rivals, &chrome->n_rivals);
    uint64_t serial = run->serial;
    for (int i = 0; i < chrome->n_rivals; i++) {
        if (chrome->rivals[i]->serial > serial) serial = chrome->rivals[i]->serial;
    }
    uint64_t beside = app->beside ? beside_take(app->beside) : 0;
    if (beside > serial) serial = beside;
    if (serial != app->serial) app->moved_at = app->now;
    app->serial = serial;
    chrome->run = run;
    Error error;
    if (!app_make_layout(app, &error)) app_say(app, true, error.text);
}

static float text_scale(const App *app) {
    return (float)app->settings.text_size * (app->presenting ? PRESENTING : 1.0f);
}

static void update_title(App *app) {
    const Snapshot *run = app_snapshot(app);
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
    float least = scale * (float)(app->beside ? NARROW_FOR_TWO : NARROW_WIDTH);
    bool narrow = (float)width < least || (float)height < NARROW_HEIGHT * scale;
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
    gfx_begin_window(app->gfx, app->width, app->height, chrome->theme->background);
    gfx_region(app->gfx, places->top);
    topbar_draw(chrome, places->top);
    if (places->panel.w > 0) {
        gfx_region(app->gfx, places->panel);
        sidepanel_draw(chrome, places->panel, app->layout, frame);
    }
    layout_draw(app->layout, frame, &app->actions);
    if (app->beside) beside_draw(app->beside, frame);
    gfx_region(app->gfx, places->status);
    statusbar_draw(chrome, places->status);
    gfx_over(app->gfx);
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

/// From the input's arrival at the loop to the finished picture on the display.
static void log_frame(const App *app) {
    if (app->frame_log) fprintf(app->frame_log, "%.6f\n", clock_seconds() - app->now);
}

/// What the chrome says of films: what can be recorded, and the one under way.
static void update_film(App *app) {
    Chrome *chrome = &app->chrome;
    chrome->film = capture_film_state(app);
    chrome->film_seconds =
        chrome->film == FILM_NONE ? 0 : recording_seconds(app->capture.recording, app->now);
    chrome->film_waits = chrome->film == FILM_RECORDS && app->capture.out_of_sight;
    chrome->n_views = 0;
    for (int i = 0; i < layout_count(app->layout) && i < LAYOUT_VIEWS_MAX; i++)
        chrome->views[chrome->n_views++] = layout_type(app->layout, i);
    bool there = false; // the view chosen
    for (int i = 0; i < chrome->n_views; i++)
        there = there || chrome->views[i] == chrome->film_view;
    if (chrome->film_shows == FILM_VIEW && !there) chrome->film_shows = FILM_VIEWS;
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
    input.reduced_motion = app->settings.reduced_motion;
    if (app->help) {
        forget_input(&input);
        input.mouse_inside = false;
    }
    bool acts = input_acts(&input);
    if (acts || input.down[0] || input.down[1] || input.down[2]) app->moved_at = app->now;
    app->rested = app->now - app->moved_at >= REST_SECONDS;
    chrome->notice = app->notice_until > app->now ? app->notice : NULL;
    chrome->notice_is_error = app->notice_is_error;
    chrome->notice_opens = app->notice_opens;
    chrome->file = app->file;
    update_film(app);
    chrome->reduced_motion = app->settings.reduced_motion;
    chrome->loading = app_loads(app) && app->now - app->load_at >= LOAD_SECONDS;

    Places places = places_of(app);
    ui_begin(app->ui, app->gfx, chrome->theme, chrome->scale, app->width, app->height, &input);
    LayoutFrame layout = {
        .gfx = app->gfx,
        .theme = chrome->theme,
        .scale = chrome->scale,
        .area = app->beside ? beside_place(app->beside, places.views, chrome->scale) : places.views,
        .run = chrome->run,
        .n_rivals = chrome->n_rivals,
        .chinese = chrome->chinese,
        .ui = app->ui,
        .time = app->now,
        .reduced_motion = app->settings.reduced_motion,
        .resting = app->rested || capture_wants_still(&app->capture)};
    memcpy(layout.rivals, chrome->rivals, sizeof layout.rivals);
    for (int i = 0; i < chrome->n_views; i++)
        chrome->titles[i] = layout_title(app->layout, i, &layout);
    layout_input(app->layout, &layout, &input, &app->actions);
    layout_survey(app->layout, &layout, app->surveyor);
    layout_prepare(app->layout, &layout);
    if (app->beside) beside_prepare(app->beside, &layout, &input);
    draw(app, &places, &layout);
    capture_frame(app, &layout, places.views);
    window_swap(app->window);
    log_frame(app);
    write_map(app);
    app_carry_out(app);
    forget_input(&app->input);
    // What a click or a key changed in a widget may show elsewhere: in the next frame.
    bool animates = ui_animating(app->ui) || layout_animating(app->layout, &layout) ||
                    (app->beside && beside_animates(app->beside));
    if (animates || acts) app->frame_due = true;
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
    for (int i = 0; film_types[i]; i++) {
        if (strcmp(film_types[i]->suffix + 1, app->settings.film) == 0) app->chrome.film_type = i;
    }
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
    snprintf(now->film, sizeof now->film, "%s", film_types[app->chrome.film_type]->suffix + 1);
    Error error;
    if (!settings_save(now, &error)) log_error("%s", error.text);
}

/// Whether it is a built-in one, as it ships (*edited: or changed by the command line).
static bool is_built_in(const Experiment *experiment, bool *edited) {
    *edited = false;
    for (const char *const *name = experiment_names(); *name; name++) {
        if (strcmp(*name, experiment->name) != 0) continue;
        Experiment *shipped = experiment_load(*name, NULL);
        char *mine = experiment_print(experiment);
        char *original = shipped ? experiment_print(shipped) : NULL;
        *edited = mine && original && strcmp(mine, original) != 0;
        free(mine);
        free(original);
        experiment_release(shipped);
        return true;
    }
    return false;
}

/// The experiment to start with: the given one, or a copy with weights from a file.
static const Experiment *first_experiment(const AppDesc *desc, Error *error) {
    if (!desc->weights) return experiment_retain(desc->experiment);
    return edit_with_weights(desc->experiment, desc->weights, error);
}

static bool set_up(App *app, const AppDesc *desc, Error *error) {
    const char *frame_log = getenv("SADDLE_FRAME_LOG");
    if (frame_log && *frame_log) app->frame_log = fopen(frame_log, "w");
    if (app->frame_log) setvbuf(app->frame_log, NULL, _IOLBF, 0); // read while it grows
    const char *notice_log = getenv("SADDLE_NOTICE_LOG");
    if (notice_log && *notice_log) app->notice_log = fopen(notice_log, "a");
    GfxDesc gfx = {.debug = debugging()};
    app->gfx = gfx_create(&gfx, error);
    if (!app->gfx) return false;
    app->ui = ui_create();
    if (!app->ui) return error_set(error, "out of memory");
    app->wake_event = SDL_RegisterEvents(1);
    app->surveyor = surveyor_create(app_wake, app, error);
    if (!app->surveyor) return false;
    TrainerDesc trainer = {.now = clock_seconds, .wake = app_wake, .context = app};
    app->trainer = trainer_create(&trainer, error);
    if (!app->trainer) return false;
    const Experiment *first = first_experiment(desc, error);
    if (!first) return false;
    app->run = trainer_add(app->trainer, first, error);
    if (!is_built_in(first, &app->chrome.edited)) app->file = experiment_retain(first);
    experiment_release(first);
    if (app->run < 0) return false;
    app->chrome.ui = app->ui;
    app->chrome.sections[SECTION_REGULARISATION] = true; // few look for that first
    app->chrome.sections[SECTION_CAPTURE] = true;
    app->chrome.sections[SECTION_WINDOW] = true;
    app->chrome.export_desc = (ExportDesc){.width = 120, .dpi = 300};
    app->chrome.chinese = desc->chinese;
    app->chrome.actions = &app->actions;
    app->chrome.run = trainer_snapshot(app->trainer, app->run);
    if (!app_make_layout(app, error)) return false;
    if (desc->compare) {
        app->beside = beside_create(app->trainer, desc->compare, app_wake, app, error);
        if (!app->beside) return false;
        app->chrome.compared = true;
    }
    if (desc->play) app_post(app, (Command){.kind = COMMAND_PLAY});
    return true;
}

/// Frees all. Where the trainer is in the midst of loading data nothing is freed: the process ends
/// with it, sooner than the person would wait for.
static void tear_down(App *app) {
    SDL_HideWindow(window_sdl(app->window));
    capture_close(app);
    if (app->frame_log) fclose(app->frame_log);
    if (app->notice_log) fclose(app->notice_log);
    if (!trainer_destroy_within(app->trainer, LEAVE_SECONDS)) return;
    layout_destroy(app->layout);
    beside_destroy(app->beside);
    surveyor_destroy(app->surveyor);
    experiment_release(app->shown);
    experiment_release(app->file);
    ui_destroy(app->ui);
    gfx_destroy(app->gfx);
    window_destroy(app->window);
    free(app);
}

static atomic_bool gathers; // the loop runs, so that what is pushed is seen

static AppResult run(App *app, Error *error) {
    app->now = clock_seconds();
    app->frame_due = true;
    atomic_store(&gathers, true);
    while (!app->quit) {
        if (app->frame_due && !app_visible(app)) app->frame_due = false;
        app_gather(app);
        capture_see(app, app_visible(app));
        if (app->quit) break;
        if (app->frame_due && app_visible(app)) frame(app);
    }
    atomic_store(&gathers, false);
    write_settings(app);
    const char *message;
    if (debugging() && gfx_errors(app->gfx, &message) > 0) {
        error_set(error, "OpenGL: %d errors, the first: %s", gfx_errors(app->gfx, NULL), message);
        return APP_FAILED;
    }
    return APP_DONE;
}

bool app_ask_close(void) {
    SDL_Event event = {.type = SDL_QUIT};
    return atomic_load(&gathers) && SDL_PushEvent(&event) == 1;
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
    display_loss_expect();
    window_vsync(app->window, true);
    fit_display(app);
    SDL_StartTextInput();
    AppResult result = set_up(app, desc, error) ? run(app, error) : APP_FAILED;
    tear_down(app);
    return result;
}
