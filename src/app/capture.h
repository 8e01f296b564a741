/// What the window saves of itself: pictures (files, the clipboard) and films. Asked for by keys
/// and widgets, done at the end of the frame, when everything is drawn.
#ifndef APP_CAPTURE_H
#define APP_CAPTURE_H

#include "app/chrome.h"
#include "app/copy_picture.h"
#include "app/recording.h"
#include "capture/save_queue.h"

typedef struct Capture {
    // Asked for
    bool saves_window, saves_view; // a picture
    bool copies;                   // one for the clipboard
    bool starts;                   // a film
    bool exports;                  // a view as the chrome's export_desc says

    Recording *recording; // the film under way or being finished, or NULL
    FilmShows shows;      // what it shows; view: of which type
    const ViewType *view;
    bool out_of_sight;    // the view that it shows was not drawn last: it stands still
    CopyPicture *copying; // or NULL
    // What is being saved: pictures; figures and numbers, which may take longer. NULL: nothing was
    // so far.
    SaveQueue *pictures, *exported;
    int exporting; // how many of the latter there are no news of
    Target *plain; // views without widgets, as large as the window; NULL: none yet
} Capture;

struct App;

/// Whether a picture is to be made of this frame, as fine as can be.
bool capture_wants_still(const Capture *capture);
FilmState capture_film_state(const struct App *app);
/// Starts a film, or stops the one under way.
void capture_toggle_film(struct App *app);
/// Makes what was asked for of the frame just drawn, before the swap.
/// @param frame  as the layout was drawn  @param views  where
void capture_frame(struct App *app, const LayoutFrame *frame, Rect views);
/// Passes on a film's picture that is on its way.  @return false: there was none
bool capture_collect(struct App *app);
/// Whether the window can be seen. A film stands still while it cannot, nor the view that it shows:
/// there is nothing to show.
void capture_see(struct App *app, bool visible);
/// When the window is to be drawn again on its account; seconds from now, maybe infinite.
double capture_wake_after(const struct App *app);
/// Opens the folder of what was saved last.
void capture_open_folder(struct App *app);
/// The window closes: a film under way and pictures are finished as long as they come on, else
/// given up. Takes some seconds at most where a disk hangs.
void capture_close(struct App *app);

#endif
