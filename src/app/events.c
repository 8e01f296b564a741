/// SDL's events as the input of one frame.
///
/// No frame sees more than one thing happen to the same button: a press and its release, or two
/// keys, that arrive together are shown to consecutive frames, in order.
#include <math.h>
#include <string.h>

#include "app/state.h"
#include "base/clock.h"
#include "nn/weights.h"

bool app_visible(const App *app) {
    Uint32 flags = SDL_GetWindowFlags(window_sdl(app->window));
    return (flags & (SDL_WINDOW_MINIMIZED | SDL_WINDOW_HIDDEN)) == 0;
}

/// Whether a shortcut counts from what the frame before it has shown. The others may come as fast
/// as keys repeat, and a slow display does not hold up what follows them.
static bool awaits_frame(ShortcutKind kind) {
    return kind != SHORTCUT_NONE && kind != SHORTCUT_SEEK && kind != SHORTCUT_UNDO &&
           kind != SHORTCUT_REDO;
}

/// @return true where the frame must be drawn before more is gathered
static bool on_key(App *app, const SDL_KeyboardEvent *event) {
    bool ctrl = (event->keysym.mod & KMOD_CTRL) != 0, shift = (event->keysym.mod & KMOD_SHIFT) != 0;
    Shortcut shortcut = shortcut_of_key(event->keysym.sym, ctrl, shift);
    if (app->help) { // any key closes it; quitting and pictures still work
        bool modifier = event->keysym.sym >= SDLK_LCTRL && event->keysym.sym <= SDLK_RGUI;
        if (modifier || event->repeat) return false;
        if (shortcut.kind == SHORTCUT_QUIT || shortcut.kind == SHORTCUT_SCREENSHOT ||
            shortcut.kind == SHORTCUT_FULL_SCREEN)
            app_obey(app, shortcut);
        else
            app->help = false;
        app->frame_due = true;
        return true;
    }
    UiKey key = ctrl ? UI_KEY_NONE : shortcut_ui_key(event->keysym.sym, shift);
    if (key != UI_KEY_NONE && ui_uses_key(app->ui, key)) {
        if (app->input.n_keys < UI_KEYS_MAX) app->input.keys[app->input.n_keys++] = key;
        app->input.shift = shift;
        app->input.ctrl = ctrl;
        return !event->repeat;
    }
    // Held down, a key repeats only what moves along.
    bool repeats = shortcut.kind == SHORTCUT_SEEK || shortcut.kind == SHORTCUT_TEXT_SIZE ||
                   shortcut.kind == SHORTCUT_UNDO || shortcut.kind == SHORTCUT_REDO;
    if (!event->repeat || repeats) app_obey(app, shortcut);
    return !event->repeat && awaits_frame(shortcut.kind);
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
    app_obey(app, shortcut_of_text(text));
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
    WeightsFormat format;
    if (weights_format(event->file, &format, NULL)) {
        app_offer_weights(app, event->file);
    } else {
        app_open(app, event->file, true);
    }
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
    case SDL_KEYDOWN: app->frame_due = true; return on_key(app, &event->key);
    case SDL_TEXTINPUT: on_text(app, event->text.text); return false;
    case SDL_DROPFILE: on_drop(app, &event->drop); return false;
    default: return false;
    }
}

/// When something will be due though nothing happens, in seconds from now.
static double seconds_to_wait(const App *app) {
    if (!app_visible(app)) return (double)INFINITY;
    double until = app->now + ui_wake_after(app->ui);
    double said = app->load_at + LOAD_SECONDS;
    if (app_loads(app) && !app->chrome.loading) until = fmin(until, said);
    if (app->notice_until > app->now) until = fmin(until, app->notice_until);
    if (app->title_pending) until = fmin(until, app->title_at + TITLE_SECONDS);
    until = fmin(until, app->now + capture_wake_after(app));
    if (!app->rested) until = fmin(until, app->moved_at + REST_SECONDS);
    return fmax(0, until - app->now);
}

/// Sleeps until there is something to do, and gathers what happened.
void app_gather(App *app) {
    SDL_Event event;
    bool stop = false;
    app->now = clock_seconds(); // the last frame took its time
    double wait = seconds_to_wait(app);
    if (!app->frame_due && wait > 0) {
        int milliseconds = isinf(wait) ? -1 : (int)ceil(wait * 1000);
        bool came = SDL_WaitEventTimeout(&event, milliseconds) != 0;
        app->now = clock_seconds();
        if (came) stop = handle(app, &event);
        if (!came) app->frame_due = !capture_collect(app);
        if (app->frame_due && !stop) { // let more of the same arrive, up to the next frame's time
            double early = app->last_frame + FRAME_SECONDS - app->now;
            if (early > 0) SDL_Delay((Uint32)(early * 1000));
        }
    } else {
        double early = app->last_frame + FRAME_SECONDS - app->now;
        if (early > 0) SDL_Delay((Uint32)(early * 1000));
        if (!app->frame_due) app->frame_due = !capture_collect(app);
    }
    app->now = clock_seconds();
    while (!stop && SDL_PollEvent(&event)) stop = handle(app, &event);
}
