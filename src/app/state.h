/// The window's state, shared by its loop (app.c), its events (events.c) and what they cause
/// (actions.c).
#ifndef APP_STATE_H
#define APP_STATE_H

#include <SDL.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "app/arrangements.h"
#include "app/beside.h"
#include "app/capture.h"
#include "app/chrome.h"
#include "app/settings.h"
#include "app/shortcuts.h"
#include "app/window.h"
#include "train/trainer.h"

#define FRAME_SECONDS (1.0 / 62)
#define REST_SECONDS  0.2 // after which what moved counts as resting
#define TITLE_SECONDS 0.1 // between two titles
#define LOAD_SECONDS  0.2 // after which loading is said
#define LEAVE_SECONDS 0.5 // what the trainer has to end in

enum { APP_TEXT_BYTES = 4096 };

typedef struct App {
    Window *window;
    Gfx *gfx;
    Ui *ui;
    Surveyor *surveyor;
    Trainer *trainer;
    int run;
    Layout *layout;
    const Experiment *shown; // what the layout was made for; counted
    Beside *beside;          // a second run, or NULL
    Arrangements arrangements;

    const Experiment *file;         // the experiment last opened from a file, or NULL; counted
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
    Capture capture;
    int64_t seek_to; // the epoch that the arrow keys last asked for, and when
    double seek_at;
    double pace_to, pace_at; // the same for the keys of the pace
    uint64_t load_ticket;    // of the load asked for last, and when
    double load_at;
    char title[192], notice[APP_TEXT_BYTES];
    bool notice_is_error, notice_opens; // opens: a click on it opens the folder saved_in
    char saved_in[APP_TEXT_BYTES];
    double notice_until;

    Uint32 wake_event;
    atomic_bool awake; // an event of ours is queued
    FILE *frame_log;   // each frame's seconds, for measuring the real window; NULL: none
    FILE *notice_log;  // each news, for tests; NULL: none
    const char *map_path;
    uint32_t map_version;
} App;

// ---- app.c

/// Makes the loop look after what other threads have done; the context is the App.  Thread: any.
void app_wake(void *context);

// ---- actions.c

/// Shows news in the status bar for some seconds.
void app_say(App *app, bool is_error, const char *text);
/// Says where something was saved, and opens its folder on a click.
/// @param more  what else there is to say of it, or ""
void app_say_saved(App *app, const char *path, const char *more);
const Snapshot *app_snapshot(const App *app);
/// To the run, and what is for both to the one beside it.
void app_post(App *app, Command command);
/// Whether the run that was asked for last is not there yet.
bool app_loads(const App *app);
/// Opens an experiment by its name or path; says why where it cannot.
void app_open(App *app, const char *name_or_path, bool is_file);
/// Shows the views the weights in a file; says why where it cannot.
void app_offer_weights(App *app, const char *path);
/// Makes the layout that the run's experiment wants, where it is another than the one shown.
bool app_make_layout(App *app, Error *error);
void app_obey(App *app, Shortcut shortcut);
/// Does what widgets and views asked for in this frame.
void app_carry_out(App *app);

// ---- events.c

/// Whether anything of the window can be seen.
bool app_visible(const App *app);
/// Sleeps until there is something to do, and gathers what happened since the last frame.
void app_gather(App *app);

#endif
