/// Figures for books: one view of a layout as it now is, in print's colours, at a size on paper.
#ifndef APP_FIGURE_H
#define APP_FIGURE_H

#include <stdatomic.h>

#include "views/layout.h"

/// What a figure is to be. Zeroed is a figure of the usual size.
typedef struct FigureDesc {
    double width, height; // millimetres, FIGURE_MM_MIN…MAX; 0: 120, and as suits the view, in
                          // whole pixels
    double dpi;           // of pixels, in vector files of what are pictures there; 0: 300
    float scale;          // of text and lines; 0: 1, with axes labelled in 8 points
    const Theme *theme;   // NULL: print
    bool transparent;     // no ground
    const char *author;   // the program, e.g. "saddle 1.0"; NULL: saddle
} FigureDesc;

enum { FIGURE_MM_MIN = 20, FIGURE_MM_MAX = 1000, FIGURE_DPI_MIN = 50, FIGURE_DPI_MAX = 2400 };

/// Whether a file's name asks for a figure's kind of file: .png, .svg or .pdf.
/// @return false with "NAME: WHY" in error
bool figure_named(const char *path, Error *error);

/// Whether a figure of that description can be drawn of a view: its size in pixels.
/// @return false with why in error
bool figure_possible(const FigureDesc *desc, const ViewType *type, const Experiment *experiment,
                     Error *error);

/// One that is drawn, and yet to be written.
typedef struct Figure Figure;

/// Draws a view of a layout, with the state and the observations that it has now.
/// @param frame  the window's or the picture's own: its run, rivals, language, reduced motion;
/// where and how it draws is the figure's. Only its gfx draws: call outside of gfx_begin/gfx_end
/// @param name  of the file that it will be, or its end: .svg or .pdf, else it is a PNG
/// @return NULL with why in error
/// Thread: the one with the OpenGL context. Takes up to a second or two on software rendering.
Figure *figure_draw(Layout *layout, int view, const LayoutFrame *frame, const FigureDesc *desc,
                    const char *name, Error *error);
/// Writes it into a file of the kind that it was drawn for. Then it can only be destroyed.
/// @param progress  see PngDesc; may be NULL
/// @return false with "NAME: WHY" in error: nothing was left behind.  Thread: any.
bool figure_write(Figure *figure, const char *path, atomic_llong *progress, Error *error);
/// NULL is fine.  Thread: any.
void figure_destroy(Figure *figure);
/// All three at once.
bool figure_save(Layout *layout, int view, const LayoutFrame *frame, const FigureDesc *desc,
                 const char *path, Error *error);

/// The frame in which figure_draw draws, for observing (layout_survey_now) beforehand.
/// @return false with why in error
bool figure_frame(const Layout *layout, int view, const LayoutFrame *frame, const FigureDesc *desc,
                  LayoutFrame *out, Error *error);

#endif
