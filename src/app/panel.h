/// Rows of the side panel: a label at the left, a control at the right. What changes the experiment
/// ends in panel_finish.
#ifndef APP_PANEL_H
#define APP_PANEL_H

#include "app/chrome.h"
#include "app/edits.h"

enum { PANEL_ITEMS_MAX = 64 };

/// The next row of that height, in units, cut off *r with the gap below it.
Rect panel_row(Chrome *chrome, Rect *r, float units);
/// Draws the row's label and returns the place of its control.
Rect panel_labelled(Chrome *chrome, Rect *r, const char *label);
/// A menu in a row of its own.  @return true where another item was chosen
bool panel_menu(Chrome *chrome, Rect *r, const char *id, const char *label,
                const char *const *items, int n, int *index);
/// The same with a switch between the label and the menu.
/// @param toggled  set where the switch was worked
bool panel_menu_toggle(Chrome *chrome, Rect *r, const char *id, const char *label,
                       const char *const *items, int n, int *index, const char *toggle_id,
                       const char *toggle_label, bool *on, bool *toggled);
/// A menu of ascending numbers; one that is not among them has its place between them.
/// @param print  how an item says its number  @return true where another one was chosen
bool panel_values(Chrome *chrome, Rect *r, const char *id, const char *label, const double *values,
                  int n, void (*print)(const Chrome *chrome, double value, char *text, size_t size),
                  double *value);
/// A field for a whole number.  @return true where it was changed
bool panel_number(Chrome *chrome, Rect *r, const char *id, const char *label, int64_t lo,
                  int64_t hi, int64_t *value);
/// A slider whose edit restarts the run: it shows the draft until it is let go.
/// @return true in the frame in which it was let go with another value
bool panel_drafted(Chrome *chrome, Rect *r, const char *id, UiSlider desc, Draft *draft,
                   double *value);
/// A slider of an optimizer's setting, which changes live.
void panel_live(Chrome *chrome, Rect *r, const char *id, UiSlider desc, CommandKind command,
                double value);
/// Hands a finished edit to the loop, or says why it cannot be. Takes edited, NULL for no memory.
void panel_finish(Chrome *chrome, Experiment *edited);

/// The sections.
void panel_data(Chrome *chrome, Rect *r);
void panel_network(Chrome *chrome, Rect *r);
void panel_training(Chrome *chrome, Rect *r);
void panel_race(Chrome *chrome, Rect *r);
void panel_regularisation(Chrome *chrome, Rect *r);
void panel_capture(Chrome *chrome, Rect *r);

#endif
