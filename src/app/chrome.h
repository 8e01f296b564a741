/// The chrome around the views: top bar, side panel, status bar, help. Each draws itself from the
/// run's snapshot and answers with commands and wishes; the loop in app.c carries them out.
#ifndef APP_CHROME_H
#define APP_CHROME_H

#include <stdbool.h>
#include <stddef.h>

#include "app/export.h"
#include "app/settings.h"
#include "train/snapshot.h"
#include "ui/ui.h"
#include "views/layout.h"

/// Heights and the panel's width, in units.
enum { TOPBAR_HEIGHT = 44, STATUSBAR_HEIGHT = 32, PANEL_WIDTH = 280 };
/// The side panel's sections, beside the views' own.
enum {
    SECTION_DATA,
    SECTION_NETWORK,
    SECTION_TRAINING,
    SECTION_RACE,
    SECTION_REGULARISATION,
    SECTION_CAPTURE, // these below the views' own
    SECTION_WINDOW,
    CHROME_SECTIONS
};

/// What a film shows, and what becomes of it.
typedef enum FilmShows { FILM_VIEWS, FILM_WINDOW, FILM_VIEW } FilmShows;
typedef enum FilmState { FILM_NONE, FILM_RECORDS, FILM_FINISHES } FilmState;

/// What the chrome wants of the loop.
typedef struct ChromeWishes {
    bool film; // to start or to stop
    bool export_view;
    bool open_folder;
    bool screenshot, help, next_theme, fold_panel, next_motion;
    const char *experiment; // the name of a built-in one to open; NULL: none
    bool reload_file;       // the experiment of the file that was opened, as it was
    Experiment *edited;     // a changed copy to start anew with, owned; NULL: none
    Error error;            // what could not be done; empty text: nothing
} ChromeWishes;

/// Values that a slider shows while it is held, before the run has them.
typedef struct Draft {
    bool on;
    double value;
} Draft;

/// All that the chrome needs for a frame, and what it keeps between frames.
typedef struct Chrome {
    Ui *ui;
    const Theme *theme;
    float scale; // pixels a unit
    bool chinese, reduced_motion;
    const Snapshot *run;
    const Snapshot *rivals[RIVALS_MAX]; // of the run's race
    int n_rivals;
    const Experiment *file; // the experiment of the file that was opened, or NULL
    bool compared;          // another run stands beside this one
    bool edited;            // the run's experiment is a changed copy
    const char *notice; // news ("saved …", an error) that stand before the run's message; or NULL
    bool notice_is_error, notice_opens; // opens: a folder, on a click
    FilmState film;
    double film_seconds;
    bool film_waits;                         // the view that it shows is not in sight
    const ViewType *views[LAYOUT_VIEWS_MAX]; // those that there are,
    const char *titles[LAYOUT_VIEWS_MAX];    // as they are called now
    int n_views;
    bool loading; // what was asked for is not there yet, and takes more than a moment
    ViewActions *actions;
    ChromeWishes wishes;

    // kept between frames
    bool sections[CHROME_SECTIONS];     // folded
    float panel_scroll, panel_overflow; // pixels; how far it can scroll
    Draft samples, noise, test_share, dropout, gamma, seek, rates[RIVALS_MAX];
    int film_type; // of film_types
    FilmShows film_shows;
    const ViewType *film_view; // FILM_VIEW: which
    ExportDesc export_desc;
    const ViewType *export_type; // of which view
    Rival race[RIVALS_MAX];      // that was switched off last
    int n_race;
} Chrome;

/// English or Chinese, by the settings.
const char *chrome_text(const Chrome *chrome, const char *en, const char *zh);
/// A number as a setting has it: digits as needed, no trailing zeros.
void chrome_number(double value, char *text, size_t size);
/// A name of the experiment file as a person would write it: "torch linear", "XOR".
void chrome_name(const char *name, char *text, size_t size);
/// The same as an item of a menu: in Chinese, what is not a proper name has its Chinese word.
void chrome_item(const Chrome *chrome, const char *name, char *text, size_t size);
/// What the kinds of films are called, in the order of film_types.  @return how many
enum { CHROME_FILMS_MAX = 16 };
int chrome_films(const Chrome *chrome, const char *items[CHROME_FILMS_MAX]);
/// A hairline along an edge of r.
typedef enum Edge { EDGE_TOP, EDGE_BOTTOM, EDGE_RIGHT } Edge;
void chrome_hairline(Chrome *chrome, Rect r, Edge edge);

void topbar_draw(Chrome *chrome, Rect r);
/// @param layout  its views' sections stand in the panel too
void sidepanel_draw(Chrome *chrome, Rect r, Layout *layout, const LayoutFrame *frame);
void statusbar_draw(Chrome *chrome, Rect r);
/// The run's message in the window's language; what a file has wrong stays in English.
void status_message(const Chrome *chrome, char *text, size_t size);

/// The paces that `[` and `]` step through.  @param direction  -1 slower, 1 faster
double pace_step(double pace, int direction);
/// "20 epochs/s", "as fast as it goes".
void pace_print(const Chrome *chrome, double pace, StepUnit unit, char *text, size_t size);

#endif
